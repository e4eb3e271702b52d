"""The smallest Wagtail site that holds wagtail-lms: `wagtail_site.py FOLDER PORT`, in the environment of the LMSs.

Everything lies in FOLDER: `db.sqlite3` and the packages. An empty database, which takes a while to make, is kept in the
environment for the next time. What an administrator does by hand in Wagtail's pages before
there is anything to launch is one request here: `POST /place/PACKAGE` makes a course page with a lesson page of that
package and answers their numbers; `POST /move/LESSON/PACKAGE` gives the lesson another package.
"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import django
import wagtail
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application

BASE = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>{% block title %}{{ page.title }}{% endblock %}</title>
<body>{% for message in messages %}<p class="message">{{ message }}</p>{% endfor %}
{% block content %}{{ page.title }}{% endblock %}</body></html>"""

FOLDER, PORT = Path(sys.argv[1]), int(sys.argv[2])

settings.configure(
    SECRET_KEY="only for this run, on loopback",
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "db.sqlite3",
            "OPTIONS": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "wagtail_lms",
        "wagtail.users",
        "wagtail.snippets",
        "wagtail.documents",
        "wagtail.images",
        "wagtail.admin",
        "wagtail",
        "modelsearch",
        "taggit",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"base.html": BASE}),
                    "django.template.loaders.app_directories.Loader",
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
    ROOT_URLCONF=__name__,
    LOGIN_URL="/admin/login/",
    MEDIA_ROOT=str(FOLDER / "media"),
    STATIC_URL="/static/",
    USE_TZ=True,
    WAGTAIL_SITE_NAME="Test",
    WAGTAILADMIN_BASE_URL="http://127.0.0.1",
    # Passwords are not what is tested here, and the slow hash costs each login a second.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402
from wagtail_lms.models import CoursePage, SCORMLessonPage, SCORMPackage  # noqa: E402


@csrf_exempt
def place(request: HttpRequest, package: int) -> JsonResponse:
    """Make the pages that lead to a package."""
    scorm = SCORMPackage.objects.get(pk=package)
    course = Site.objects.get().root_page.add_child(instance=CoursePage(title=f"Course {package}"))
    lesson = course.add_child(instance=SCORMLessonPage(title=scorm.title, scorm_package=scorm))
    return JsonResponse({"course": course.pk, "lesson": lesson.pk})


@csrf_exempt
def move(request: HttpRequest, lesson: int, package: int) -> JsonResponse:
    """Let a lesson play another package."""
    SCORMLessonPage.objects.filter(pk=lesson).update(scorm_package=package)
    return JsonResponse({"lesson": lesson})


urlpatterns = [
    path("admin/", include("wagtail.admin.urls")),
    path("documents/", include("wagtail.documents.urls")),
    path("lms/", include("wagtail_lms.urls")),
    path("place/<int:package>", place),
    path("move/<int:lesson>/<int:package>", move),
    path("", include("wagtail.urls")),
]


def main() -> None:
    """Make the database and serve it until the process is ended."""
    empty = Path(sys.prefix) / f"wagtail-{wagtail.__version__}-{django.__version__}-{version('wagtail-lms')}.sqlite3"
    if empty.is_file():
        shutil.copyfile(empty, FOLDER / "db.sqlite3")
    else:
        call_command("migrate", verbosity=0)
        connection.close()
        # Whole or not at all: another run may look for it now.
        unfinished = empty.with_name(f"{empty.name}.{PORT}")
        shutil.copyfile(FOLDER / "db.sqlite3", unfinished)
        unfinished.replace(empty)
    Site.objects.update(port=PORT, hostname="127.0.0.1", root_page=Page.objects.get(depth=2))
    User.objects.create_superuser("admin", "admin@example.com", "un mot long")
    for number in range(1, 13):
        User.objects.create_user(f"learner{number}", "", "un mot long", first_name="Jeanne", last_name="Martin")
    run("127.0.0.1", PORT, get_wsgi_application(), threading=True)


if __name__ == "__main__":
    main()

"""`carabin new`: a course, a lesson or a question that builds and passes check as it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option
from builder.cli.source import DEFAULT, save
from builder.seams import features

if TYPE_CHECKING:
    from builder.model import Course

LANGUAGES = {"fr": "fr-FR"}
"""The tag that a new course gets where it is not the language itself."""

PICTURE = re.compile(r"\]\((media/[a-z0-9-]+\.svg)\)")
BLANK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900">
  <rect width="1600" height="900" fill="#dfe3e6"/>
  <path d="M0 0 1600 900M1600 0 0 900" stroke="#8b949b" stroke-width="4"/>
</svg>
"""
"""What stands for a picture that the author has still to draw."""


@click.group(short_help=COMMANDS["new"])
def new() -> None:
    """Start a course, a lesson or a question. Nothing that exists is overwritten."""


@new.command(short_help="A folder with course.yml and a first lesson.")
@click.argument("name")
@language_option
def course(name: str, language: str) -> None:
    """Start a course called NAME in course_src, or in another folder: `carabin new course training/NAME`."""
    from builder.load import slug

    folder, title = split(name)
    identity = slug(title)
    root = (folder or DEFAULT) / identity
    if root.exists():
        raise Problem(f"{root} exists already.")
    words = texts(language)
    first = words["new_lesson_title"]
    values = {"id": identity, "title": quoted(title), "language": LANGUAGES.get(language, language)}
    write(root / "course.yml", Template(words["new_course"]).substitute(values), root, words)
    write(root / ".gitattributes", "course.lock merge=union\n", root, words)
    lesson_text = lesson_of(first, slug(first), f"q-{slug(first)}", words)
    write(root / f"01-{slug(first)}.md", lesson_text, root, words)
    click.echo(words["next_step"].format(path=root))


@new.command(short_help="A lesson with a first question.")
@click.argument("name")
@click.option("--in", "place", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Course or module.")
@language_option
def lesson(name: str, place: Path | None, language: str) -> None:
    """Start a lesson called NAME, the last one of its folder."""
    from builder.load import slug

    folder, title = split(name)
    place = place or folder or lesson_folder()
    course = course_around(place)
    identity, question = slug(title), f"q-{slug(title)}"
    taken = {lesson.id for lesson in course.lessons} | ids_of(course)
    if identity in taken or question in taken:
        raise Problem(f"This course has a lesson or question called {identity} already.")
    numbers = [int(match[0]) for path in place.glob("*.md") if (match := re.match(r"\d+", path.name))]
    words = texts(language)
    path = place / f"{max(numbers, default=0) + 1:02}-{identity}.md"
    write(path, lesson_of(title, identity, question, texts(course.settings.language)), place, words)
    click.echo(words["next_step"].format(path=path))


@new.command(short_help="A question at the end of a lesson.")
@click.argument("name")
@click.option("--type", "kind", type=click.Choice(features("questions")), help="The type (default: choice).")
@click.option("--in", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The lesson.")
@language_option
def question(name: str, kind: str | None, path: Path | None, language: str) -> None:
    """Add a question called NAME at the end of a lesson. NAME may be a type: `carabin new question fill`."""
    from builder.load import slug

    path = path or only_lesson()
    course = course_around(path.parent)
    bare = slug(name).removeprefix("q-")
    identity = f"q-{bare}"
    if identity in ids_of(course):
        raise Problem(f"This course has a question called {identity} already.")
    words = texts(language)
    content = path.read_bytes()
    end = b"\r\n" if b"\r\n" in content else b"\n"
    kind = kind or (name if name in features("questions") else "choice")
    block = Template(texts(course.settings.language)[f"new_{kind}"]).substitute(id=identity)
    for picture in dict.fromkeys(PICTURE.findall(block)):
        if not (path.parent / picture).exists():
            write(path.parent / picture, BLANK, path.parent, words)
    save(path, content.rstrip() + end * 2 + block.encode().replace(b"\n", end), path.parent)
    click.echo(words["completed"].format(file=path, id=identity))
    click.echo(words["next_step"].format(path=path))


def split(name: str) -> tuple[Path | None, str]:
    """Return the folder of `training/NAME`, None when there is none, and the title; `fire-safety` is "Fire safety"."""
    folder, _, title = " ".join(name.split()).rpartition("/")
    if not any(character.isalnum() for character in title):
        raise Problem("A name needs at least one letter or digit.")
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", title):
        title = title.replace("-", " ").capitalize()
    return Path(folder) if folder else None, title


def texts(language: str) -> dict[str, str]:
    """Return the words of the command line, skeletons of new files among them."""
    from builder.strings import strings

    return dict(strings(language, "cli"))


def quoted(text: str) -> str:
    """Return a YAML scalar, in quotes only where it needs them."""
    return text if re.fullmatch(r"\w[^:#]*", text) else "'" + text.replace("'", "''") + "'"


def lesson_of(title: str, identity: str, question: str, words: dict[str, str]) -> str:
    """Return the text of a new lesson with one question."""
    block = Template(words["new_choice"]).substitute(id=question)
    return Template(words["new_lesson"]).substitute(title=quoted(title), id=identity, question=block)


def write(path: Path, text: str, tree: Path, words: dict[str, str]) -> None:
    """Write a file that must not exist yet, and say so."""
    if path.exists():
        raise Problem(f"{path} exists already.")
    save(path, text.encode(), tree)
    click.echo(words["created"].format(file=path))


def course_around(folder: Path) -> Course:
    """Return the course that a folder belongs to."""
    from builder import load, pipeline

    for parent in (folder.resolve(), *folder.resolve().parents):
        if (parent / "course.yml").is_file():
            checked = pipeline.check(load.load(parent), pipeline.Options())
            if checked.course is None:
                raise Problem(f"The course has errors: mend them first (carabin check {folder}).")
            return replace(checked.course, lessons=checked.lessons)
    raise Problem(f"{folder} lies in no course: a course is a folder with course.yml.")


def ids_of(course: Course) -> set[str]:
    """Return the ids of all questions."""
    return {question.id for lesson in course.lessons for question in lesson.questions}


def only_course() -> Path:
    """Return the course that the current folder belongs to, else the only one below."""
    from builder.load import find_courses, shown

    here = Path.cwd()
    if any((parent / "course.yml").is_file() for parent in (here, *here.parents)):
        return here
    roots, _ = find_courses((DEFAULT if DEFAULT.is_dir() else here,))
    if len(roots) != 1:
        known = ", ".join(shown(root) for root in roots) or "none here"
        raise Problem(f"Which course? Name it with --in ({known}).")
    return roots[0]


def lesson_folder() -> Path:
    """Return the folder of the last lesson: a new one goes beside it."""
    from builder import load

    folder = only_course()
    if not (folder / "course.yml").is_file():
        return folder
    lessons = load.load(folder).lessons
    return Path(lessons[-1].file).parent if lessons else folder


def only_lesson() -> Path:
    """Return the only lesson of the only course."""
    from builder import load

    roots, _ = load.find_courses((only_course(),))
    lessons = [lesson.file for root in roots for lesson in load.load(root).lessons]
    if len(lessons) != 1:
        raise Problem(f"Which lesson? Name it with --in ({', '.join(lessons) or 'none here'}).")
    return Path(lessons[0])

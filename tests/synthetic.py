"""Courses made of values, without source files: for tests of the phases that come after the check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from builder.diagnostics import Span
from builder.model import (
    Asset,
    Author,
    Competency,
    CompleteWhen,
    Component,
    Course,
    CourseSettings,
    Domain,
    Framework,
    Interaction,
    Launchable,
    Lesson,
    Link,
    Member,
    Module,
    Objective,
    Question,
    Site,
)
from builder.targets import Build

HERE = Span("cyber/course.yml")
OBJECTIVES = (
    Objective("D2.C1.O1", "Reconnaître un message d'hameçonnage", "reconnaître", HERE),
    Objective("D2.C1.O2", "Alerter sans délai", "alerter", HERE),
)
FRAMEWORK = Framework(
    "socle",
    "Référentiel « socle » & compétences",
    "fr",
    "2022",
    "arrêté",
    (
        Domain("D1", "Données", "V2", 360, (), HERE),
        Domain("D2", "Cybersécurité", "V2", 300, (Competency("D2.C1", "Réagir", "P", OBJECTIVES, HERE),), HERE),
    ),
    HERE,
)
SETTINGS = CourseSettings(
    id="cyber",
    title="La cybersécurité en santé : <réagir> & « alerter »",
    version="1.2.0",
    language="fr-FR",
    region="FR",
    iri="https://carabin.example/cyber",
    licence="CC-BY-4.0",
    minutes=90,
    span=HERE,
    spans={"title": Span("cyber/course.yml", 2, 8), "packaging": Span("cyber/course.yml", 9, 1)},
    description="Deux leçons.",
    framework="socle",
    domain="D2",
    mastery=0.8,
    complete_when=CompleteWhen(None, True, None),
    authors=(Author("Marie Dupont; DSI"),),
)
QUESTION = Question(
    id="urgence",
    was=(),
    type="choice",
    span=HERE,
    parts=(),
    points=2,
    tries=1,
    partial="none",
    is_scored=True,
    is_required=True,
    shuffle=False,
    objectives=("D2.C1.O2",),
    title="Que faites-vous en premier ?",
)
CHOICE = Interaction(
    "urgence", "choice", components=(Component("a", "Je réponds."), Component("b", "J'alerte.")), right=("b",)
)
GAPS = (
    Interaction("doses.a", "fill-in", "a", accept=("MSSanté",)),
    Interaction("doses.b", "numeric", "b", ranges=((3.4, 3.6),)),
)
TABLE = {
    "initial": "incomplete",
    "states": {
        "incomplete": [
            {"when": ["lessons", "mastery"], "to": "passed"},
            {"when": ["everything", "!mastery"], "to": "failed"},
        ],
        "failed": [{"when": ["lessons", "mastery"], "to": "passed"}],
        "passed": [],
        "completed": [],
    },
}


def lesson(name: str, title: str, *questions: Question, **changes: object) -> Lesson:
    """Return a lesson of the kind `lesson` that counts, unless `changes` say otherwise."""
    made = Lesson(
        id=name,
        was=(),
        has_id=True,
        path=f"cyber/01-agir/{name}.md",
        title=title,
        kind="lesson",
        minutes=45,
        objectives=("D2.C1.O1",),
        audience=(),
        module="agir",
        is_graded=True,
        words=900,
        headings=(),
        anchors=(),
        links=(
            Link(
                "../media/plan.svg", "asset", "cyber/media/plan.svg", "", Span(f"cyber/01-agir/{name}.md", 12, 3), True
            ),
        ),
        questions=questions,
        includes=(),
        silences=(),
        span=Span(f"cyber/01-agir/{name}.md"),
        spans={},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def course(*lessons: Lesson, assets: Iterable[str] = ("media/plan.svg",), **settings: object) -> Course:
    """Return a course of these lessons, else of two with three questions' interactions; `settings` replace its own."""
    doses = replace(QUESTION, id="doses", type="fill", partial="each", points=1.5, title="Complétez")
    lessons = lessons or (lesson("reconnaitre", "Reconnaître", QUESTION, doses), lesson("alerter", "Alerter"))
    media = tuple(Asset(name, f"cyber/{name}", 10, "0" * 64) for name in assets)
    module = Module("agir", "Agir", tuple(one.id for one in lessons))
    return Course(replace(SETTINGS, **settings), (module,), lessons, FRAMEWORK, media)  # type: ignore[arg-type]


def site(course: Course) -> Site:
    """Return pages that say their names, in the shape that rendering gives."""
    pages = ["index.html", "_accessibility.html", "player.js", "style.css"]
    names = sorted([*pages, *(f"{one.id}.html" for one in course.lessons), *(asset.name for asset in course.assets)])
    launchable = Launchable(
        course.settings.id, course.settings.title, "index.html", tuple(x.id for x in course.lessons)
    )
    return Site((launchable,), tuple(names), (Member(name, f"{name}\n".encode() * 9) for name in names))


def build(**changes: object) -> Build:
    """Return what a target learns of a build of `course()`."""
    made = Build(
        variant="",
        revision=3,
        lock="revision 3\n1 lesson reconnaitre\n",
        slots={"urgence": 2, "doses": 3},
        interactions={"urgence": (CHOICE,), "doses": GAPS},
        completion=TABLE,
        worst_state=1234,
    )
    return replace(made, **changes)  # type: ignore[arg-type]

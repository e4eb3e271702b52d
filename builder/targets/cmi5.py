"""Target `cmi5` (Quartz, 1st edition): a course structure with one assignable unit, the course, or one a lesson.

Learners' records hang on the ids of units, which are IRIs: `IRI/_au`, or `IRI/_au-SLOT` of a lesson, whose slot
`course.lock` keeps for life. A unit says when the LMS holds it satisfied (`moveOn`), and which grade passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isclose
from typing import Literal

from lxml import etree

from builder.diagnostics import Diagnostic, Diagnostics, error, note, warning
from builder.frameworks import competencies, named_objectives
from builder.model import Course, Launchable, Lesson, Member, MoveOn, Package, Site
from builder.targets import Build, common, package_name
from builder.targets._activities import check_iri, check_title, plain, quoted
from builder.targets._activities import reports as reports
from builder.targets._files import chain, check_files, href_of
from builder.targets._lessons import check_alone, check_links
from builder.targets._xml import check_characters, written
from builder.xapi import vocabulary

NAME = "cmi5"
DRIVERS: tuple[str, ...] = ("cmi5", "local")
STATE_LIMIT: int | None = 32_000
"""The last save travels beside its statements while the page goes away: browsers hold 64 KiB under way."""
SPLITS = True
LRS: Literal["driver"] = "driver"

SPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
EMPTY_STRUCTURE = f'<courseStructure xmlns="{SPACE}"/>'
STRUCTURE = "cmi5.xml"
WANTS_PASS: tuple[MoveOn, ...] = ("Passed", "CompletedAndPassed")
"""What no unit satisfies in which nothing can be passed."""
DECIMALS = 4
"""cmi5 §13.1.4, `masteryScore`."""


def check(course: Course) -> Diagnostics:
    """Return what cmi5, its schema or an LRS would refuse or lose."""
    settings = course.settings
    is_split = settings.sco == "lesson"
    return (
        *check_iri(settings),
        *check_title(settings.title, settings.spans.get("title", settings.span)),
        *_check_passing(course),
        *(_check_lessons(course) if is_split else ()),
        *check_characters(quoted(course)),
        *check_files(course, 2 if is_split else 1),
    )


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: the course structure first, then what all have, then the site as it is made."""
    slots = {sco.lesson: sco.slot for sco in build.scos}
    own = (
        Member(STRUCTURE, manifest(course, site.launchables, slots)),
        *common(course, build, NAME, STATE_LIMIT),
    )
    name = package_name(course, NAME, build.variant)
    return Package(f"{name}.zip", chain(own, site), f"{name}.html")


def manifest(course: Course, launchables: Sequence[Launchable], slots: Mapping[str, int]) -> bytes:
    """Return `cmi5.xml`; `slots` are those of lessons where each is a unit, by id, else empty.

    `moveOn` is always written: without it an LMS holds the unit satisfied before it is opened.

    Source: cmi5 §13.1, §13.2 and its schema; standards d.1.
    """
    settings = course.settings
    root = etree.fromstring(EMPTY_STRUCTURE)
    whole = _child(root, "course", id=settings.iri)
    description = settings.description or settings.title
    _texts(whole, settings.title, description, settings.language)
    _objectives(root, course)
    if settings.sco == "lesson":
        _organize(root, course, {one.lessons[0]: one for one in launchables}, slots)
    else:
        (one,) = launchables
        name = vocabulary.launched(settings.iri, NAME)
        unit = _unit(root, name, vocabulary.COURSE, move_on(course), mastery_score(course))
        _texts(unit, one.title, description, settings.language)
        _references(unit, course, course.lessons)
        _child(unit, "url").text = href_of(one.href)
    return written(root)


def move_on(course: Course, lesson: Lesson | None = None) -> MoveOn:
    """Return what satisfies the course as one unit: what its author says, else what completes it; or what satisfies a
    lesson that is a unit: an optional one nothing, one in which nothing can be passed its end."""
    wanted = course.settings.move_on
    if lesson is not None and (lesson.audience or wanted == "NotApplicable"):
        return "NotApplicable"
    can_pass = course.settings.complete_when.mastery if lesson is None else _is_passed(course, lesson)
    if not can_pass:
        return wanted if wanted and lesson is None else "Completed"
    return wanted or "CompletedAndPassed"


def mastery_score(course: Course, lesson: Lesson | None = None) -> str:
    """Return the mastery score of the course as one unit, or of a lesson: 0 to 1, at most four decimals; empty where no
    grade is asked for."""
    mastery, when = course.settings.mastery, course.settings.complete_when
    if mastery is None or not (when.mastery if lesson is None else _is_passed(course, lesson)):
        return ""
    return f"{mastery:.{DECIMALS}f}".rstrip("0").rstrip(".")


def _is_passed(course: Course, lesson: Lesson) -> bool:
    """Tell whether a lesson by itself can be passed (`completion.alone`)."""
    return course.settings.complete_when.mastery and lesson.is_scored


def _organize(
    root: etree._Element, course: Course, launchables: Mapping[str, Launchable], slots: Mapping[str, int]
) -> None:
    """Add the blocks of modules and, inside them, the units of lessons; those without module stand at the top.

    An LMS keeps no progress of a block, so that its id may go by its place.
    """
    settings = course.settings
    lessons = {lesson.id: lesson for lesson in course.lessons}
    for number, module in enumerate(course.modules, 1):
        parent = root
        if module.title:
            parent = _child(root, "block", id=vocabulary.module_id(settings.iri, number))
            _texts(parent, module.title, module.title, settings.language)
            _references(parent, course, (lessons[name] for name in module.lessons))
        for name in module.lessons:
            lesson, one = lessons[name], launchables[name]
            identifier = vocabulary.launched(settings.iri, NAME, name, slots[name])
            mastery = mastery_score(course, lesson)
            unit = _unit(parent, identifier, vocabulary.LESSON, move_on(course, lesson), mastery)
            _texts(unit, one.title, one.title, settings.language)
            _references(unit, course, (lesson,))
            _child(unit, "url").text = href_of(one.href)


def _unit(parent: etree._Element, identifier: str, kind: str, satisfied: MoveOn, mastery: str) -> etree._Element:
    """Add an assignable unit; `mastery` as `mastery_score` gives it."""
    unit = _child(parent, "au", id=identifier, moveOn=satisfied)
    if mastery:
        unit.set("masteryScore", mastery)
    unit.set("launchMethod", "AnyWindow")
    unit.set("activityType", kind)
    return unit


def _objectives(root: etree._Element, course: Course) -> None:
    """Add the objectives of the framework that the course names, in the framework's words and language."""
    found = named_objectives(course, course.lessons)
    if not found or course.framework is None:
        return
    holder = _child(root, "objectives")
    labels = {one.id: group.label for group in competencies(course.framework) for one in group.objectives}
    for one in found:
        objective = _child(holder, "objective", id=vocabulary.objective_id(course.settings.iri, one.id))
        _texts(objective, one.text, f"{one.id} ({labels[one.id]})", course.framework.language)


def _references(parent: etree._Element, course: Course, lessons: Iterable[Lesson]) -> None:
    """Add references to the objectives that lessons name."""
    found = named_objectives(course, lessons)
    if found:
        holder = _child(parent, "objectives")
        for one in found:
            _child(holder, "objective", idref=vocabulary.objective_id(course.settings.iri, one.id))


def _check_passing(course: Course) -> Iterator[Diagnostic]:
    """Report a condition that nobody meets, one that everybody meets at once, and a grade that cmi5 cannot write."""
    settings = course.settings
    place = settings.spans.get("packaging.move_on", settings.spans.get("packaging", settings.span))
    is_split = settings.sco == "lesson"
    can_pass = any(_is_passed(course, lesson) for lesson in course.lessons)
    if settings.move_on in WANTS_PASS and not (can_pass if is_split else settings.complete_when.mastery):
        yield error("T228", place, move_on=settings.move_on or "")
    if settings.move_on == "NotApplicable":
        yield note("T229", place)
    mastery = mastery_score(course)
    if mastery and not isclose(float(mastery), settings.mastery or 0, abs_tol=1e-9):
        percent = f"{100 * float(mastery):.2f}".rstrip("0").rstrip(".")
        yield warning("T227", settings.spans.get("mastery", settings.span), percent=percent)


def _check_lessons(course: Course) -> Iterator[Diagnostic]:
    """Report what units, which are blind to each other, cannot know, do or show."""
    yield from check_alone(course)
    for lesson in course.lessons:
        yield from check_title(lesson.title, lesson.spans.get("title", lesson.span))
        yield from check_links(lesson)


def _texts(parent: etree._Element, title: str, description: str, language: str) -> None:
    """Add title and description, which cmi5 wants everywhere."""
    for name, text in (("title", title), ("description", description)):
        _child(_child(parent, name), "langstring", lang=language).text = plain(text)


def _child(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{SPACE}}}{tag}", attributes)

"""Target `scorm2004`: a SCORM 2004 4th edition content aggregation with one SCO, the course, or one SCO a lesson.

Identifiers of items are those of the target `scorm12`, and for the same reasons. Sequencing says what is free (choice
and flow everywhere) and what adds up: with one SCO a lesson, progress and scores of the lessons become those of the
course by rollup alone, without a rule that an LMS may leave out (standards c.4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from lxml import etree

from builder.diagnostics import Diagnostic, Diagnostics, note
from builder.frameworks import named_objectives
from builder.lom import LOM, lom2004
from builder.model import Course, Interaction, Launchable, Lesson, Objective, Package, Question, Site
from builder.questions import quiz
from builder.targets import Build, Report
from builder.targets._files import check_files, href_of
from builder.targets._lessons import check_alone, check_links
from builder.targets._manifest import (
    XSI,
    add_item,
    add_resources,
    begin,
    check_titles,
    media_type,
    organization_of,
    organize,
    packed,
    quoted,
    written,
    xml_id,
)
from builder.targets._xml import check_characters

NAME = "scorm2004"
DRIVERS: tuple[str, ...] = ("scorm2004", "local")
STATE_LIMIT: int | None = 64_000
SPLITS = True
LRS: Literal["recorder"] = "recorder"

IMSCP = "http://www.imsglobal.org/xsd/imscp_v1p1"
ADLCP = "http://www.adlnet.org/xsd/adlcp_v1p3"
ADLSEQ = "http://www.adlnet.org/xsd/adlseq_v1p3"
ADLNAV = "http://www.adlnet.org/xsd/adlnav_v1p3"
IMSSS = "http://www.imsglobal.org/xsd/imsss"

SCHEMAS = (
    (IMSCP, "imscp_v1p1.xsd"),
    (ADLCP, "adlcp_v1p3.xsd"),
    (ADLSEQ, "adlseq_v1p3.xsd"),
    (ADLNAV, "adlnav_v1p3.xsd"),
    (IMSSS, "imsss_v1p0.xsd"),
)
"""Each namespace with its schema file at the root of the package (standards c.1)."""

EMPTY_MANIFEST = (
    f'<manifest xmlns="{IMSCP}" xmlns:adlcp="{ADLCP}" xmlns:adlseq="{ADLSEQ}" xmlns:adlnav="{ADLNAV}"'
    f' xmlns:imsss="{IMSSS}" xmlns:lom="{LOM}" xmlns:xsi="{XSI}"/>'
)
"""Prefixes to the letter: Moodle and Totara match them as text, not by namespace (standards f.1)."""

ALONE = ("previous", "continue", "exit", "abandon", "abandonAll")
LOSING = ("abandon", "abandonAll")
"""Buttons of the LMS that would lead nowhere beside one SCO; those that throw away what was done in this session."""

DELIVERY = {"completionSetByContent": "true", "objectiveSetByContent": "true"}
"""Otherwise an LMS holds a SCO that said nothing for completed and passed when it ends (SN, UP.4)."""


def check(course: Course) -> Diagnostics:
    """Return what SCORM 2004, its schemas or the LMSs that read it would refuse, cut or lose."""
    pages = 2 if course.settings.sco == "lesson" else 1
    return (
        *check_titles(course),
        *(_check_lessons(course) if course.settings.sco == "lesson" else ()),
        *check_characters(quoted(course)),
        *check_files(course, pages),
    )


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: manifest and schema files first, then what all have, then the site as it is made."""
    return packed(course, site, build, NAME, STATE_LIMIT, manifest)


def reports(interaction: Interaction) -> Report:
    """Return the type and the form of responses in `cmi.interactions`, which the driver writes.

    Source: SCORM 2004 4th edition RTE §4.2.9 (standards c.3).
    """
    if interaction.type == "long-fill-in" and interaction.limit == 0:
        return Report(interaction.type, "device")
    form = {"true-false": "words", "matching": "pairs", "performance": "path", "sequencing": "sequence"}
    form |= {"choice": "set" if interaction.multiple else "choice", "fill-in": "line", "long-fill-in": "long"}
    return Report(interaction.type, form.get(interaction.type, interaction.type))


def manifest(course: Course, launchables: Sequence[Launchable], files: Sequence[str]) -> bytes:
    """Return `imsmanifest.xml`; `files` are the names of all files that the package's pages may read.

    Source: IMS CP 1.1.4, IMS SS 1.0, ADL CP, SEQ and NAV 1.3 schemas; SCORM 2004 4th edition CAM; standards c.1, c.4.
    """
    root = begin(EMPTY_MANIFEST, course, "2004 4th Edition", SCHEMAS)
    root[0].append(lom2004(course, href_of(launchables[0].href), map(media_type, files)))
    organization = organization_of(root, course)
    organization.set(f"{{{ADLSEQ}}}objectivesGlobalToSystem", "false")
    weights = {lesson.id: weight(lesson) for lesson in course.lessons}
    if course.settings.sco == "lesson":
        _add_lessons(organization, course, {one.lessons[0]: one for one in launchables}, weights)
    else:
        (one,) = launchables
        item = add_item(organization, one)
        sequencing = _add(item, IMSSS, "sequencing")
        _add_objectives(
            sequencing, one.id, _threshold(course, weights.values()), named_objectives(course, course.lessons)
        )
        _add(sequencing, IMSSS, "deliveryControls", **DELIVERY)
        _add_presentation(item, ALONE)
        _add_cluster(organization)
    add_resources(root, course, launchables, files, f"{{{ADLCP}}}scormType")
    return written(root)


def weight(lesson: Lesson) -> Decimal:
    """Return the points that a learner can win in a lesson that counts; of a pool, its share in what is drawn."""
    if not lesson.is_graded:
        return Decimal(0)
    found = _points(question for question in lesson.questions if not question.quiz)
    for question in lesson.questions:
        for count, pool in quiz.groups(question, lesson.questions) if question.type == quiz.NAME else ():
            found += _points(pool) * min(count, len(pool)) / max(1, len(pool))
    return found


def _points(questions: Iterable[Question]) -> Decimal:
    return sum((Decimal(str(question.points)) for question in questions if question.is_scored), Decimal(0))


def _threshold(course: Course, weights: Iterable[Decimal]) -> str:
    """Return the measure that satisfies, rounded as the player rounds scores: percent of two decimals, halves up; empty
    where no score decides."""
    settings = course.settings
    if settings.mastery is None or not settings.complete_when.mastery or not any(weights):
        return ""
    return f"{math.floor(settings.mastery * 10_000 + 0.5 + 1e-9) / 10_000:g}"


def _add_lessons(
    organization: etree._Element,
    course: Course,
    launchables: Mapping[str, Launchable],
    weights: Mapping[str, Decimal],
) -> None:
    """Add an item a lesson, and what each adds to the module or course around it.

    Points become weights, all divided by the same power of ten, so that no share is rounded. What scores nothing weighs
    nothing and satisfies nothing; what is optional completes and satisfies nothing, unless all is. The course is
    satisfied once every other lesson is that scores: by its measure it would be too soon, since not all LMSs count what
    is unknown as 0.

    Source: SN, RB.1.1 to RB.1.5, with the default rules for completion and satisfaction: all that take part.
    """
    lessons = {lesson.id: lesson for lesson in course.lessons}
    asked = {lesson.id for lesson in course.lessons if not lesson.audience} or lessons.keys()
    scored = {name for name in lessons if weights[name]}
    judged = scored & asked or scored
    scale = Decimal(1)
    while scale < sum(weights.values()):
        scale *= 10

    def rollup(sequencing: etree._Element, names: Sequence[str]) -> None:
        weighs = sum((weights[name] for name in names), Decimal(0)) / scale
        rules = {"rollupObjectiveSatisfied": "false"} if judged.isdisjoint(names) else {}
        if asked.isdisjoint(names):
            rules["rollupProgressCompletion"] = "false"
        _add(
            sequencing,
            IMSSS,
            "rollupRules",
            **rules,
            objectiveMeasureWeight=f"{weighs:f}".rstrip("0").rstrip(".") or "0",
        )

    def add_lesson(parent: etree._Element, name: str) -> None:
        item = add_item(parent, launchables[name])
        sequencing = _add(item, IMSSS, "sequencing")
        rollup(sequencing, (name,))
        named = named_objectives(course, (lessons[name],))
        _add_objectives(sequencing, launchables[name].id, _threshold(course, (weights[name],)), named)
        _add(sequencing, IMSSS, "deliveryControls", **DELIVERY)
        _add_presentation(item, LOSING)

    organize(organization, course, add_lesson, lambda item, module: rollup(_add_cluster(item), module.lessons))
    _add_cluster(organization)


def _add_cluster(parent: etree._Element) -> etree._Element:
    """Add the sequencing of what holds others: choose freely, or go on one by one. Without `flow` no LMS goes on."""
    sequencing = _add(parent, IMSSS, "sequencing")
    _add(sequencing, IMSSS, "controlMode", choice="true", flow="true")
    return sequencing


def _add_objectives(sequencing: etree._Element, slug: str, threshold: str, named: Iterable[Objective]) -> None:
    """Add the primary objective, which is the score, and those of the framework, whose ids begin with a capital."""
    holder = _add(sequencing, IMSSS, "objectives")
    primary = _add(holder, IMSSS, "primaryObjective", objectiveID=xml_id("p", slug))
    if threshold:
        primary.set("satisfiedByMeasure", "true")
        _add(primary, IMSSS, "minNormalizedMeasure").text = threshold
    for objective in named:
        _add(holder, IMSSS, "objective", objectiveID=objective.id)


def _add_presentation(item: etree._Element, hidden: Iterable[str]) -> None:
    interface = _add(_add(item, ADLNAV, "presentation"), ADLNAV, "navigationInterface")
    for button in hidden:
        _add(interface, ADLNAV, "hideLMSUI").text = button


def _check_lessons(course: Course) -> Iterator[Diagnostic]:
    """Report what SCOs, which are blind to each other, cannot know or do, and what few LMSs carry out."""
    yield from check_alone(course)
    for lesson in course.lessons:
        if lesson.audience:
            yield note("T217", lesson.spans.get("audience", lesson.span), id=lesson.id)
        yield from check_links(lesson)


def _add(parent: etree._Element, namespace: str, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)

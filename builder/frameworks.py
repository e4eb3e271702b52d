"""Competency frameworks as data: domain > competency > objective, each with its certainty.

Certainty says how sure a label is: V1 read in the official text, V2 in a named secondary source, M from memory (shown
as "to be verified"), P written by the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from builder.diagnostics import Diagnostic, Diagnostics, error
from builder.load import Source
from builder.model import (
    Competency,
    Course,
    Crosswalk,
    Domain,
    Ects,
    Framework,
    Lesson,
    LessonSize,
    Objective,
    Programme,
    Question,
)
from builder.seams import features
from builder.settings import ID, IRI, Table, read_yaml

CERTAINTIES = ("V1", "V2", "M", "P")
UNVERIFIED = "M"
"""Certainty of what was written from memory: shown as to be verified."""
TEACHING = ("lesson", "practice")
"""Kinds of lessons that teach the objectives that they name; others only test them."""
ENOUGH = 2
"""Scored questions that an objective wants: one alone may be guessed."""
VERBS = ("savoir", "appliquer", "agir")
_WHOLE = re.compile(r"[0-9]{1,6}")
_AREA = re.compile(r"[A-Z]*\d+(\.\d+)*")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(\.[A-Z]?\d+)*")


def read_framework(source: Source) -> tuple[Framework | None, Diagnostics]:
    """Return a framework file typed; objective ids are unique over the whole framework (S042)."""
    table, problems = read_yaml(source.text, source.file)
    if table is None:
        return None, problems
    framework = framework_of(table)
    return framework, (*table.found, *_twice(framework))


def framework_of(table: Table) -> Framework:
    """Return a table of a framework typed; what else the file keeps, such as references to its sources, is not read."""
    table.require("id", "title", "language", "domains")
    domains = tuple(_domain(one) for one in table.tables("domains"))
    minutes = table.number("minutes", 0, 100_000)
    ects = table.table("ects")
    activities, lessons = table.table("activities"), table.table("lessons")
    framework = Framework(
        id=table.text("id"),
        title=table.text("title"),
        language=table.text("language"),
        version=table.text("version"),
        legal_basis=table.text("legal_basis"),
        domains=domains,
        span=table.span,
        minutes=None if minutes is None else int(minutes),
        ects=_ects(ects) if ects else None,
        activities=_activities(activities) if activities else {},
        lessons=_lessons(lessons) if lessons else None,
        legal_url=table.matching("legal_url", IRI, "https://…"),
        retrieved=table.date("retrieved"),
        crosswalks=tuple(_crosswalk(one, domains) for one in table.tables("crosswalks")),
    )
    table.ignore_rest()
    table.found += _adds_up(framework, table)
    return framework


def competencies(framework: Framework) -> Iterator[Competency]:
    """Yield every competency, in order."""
    for domain in framework.domains:
        yield from domain.competencies


def objectives(framework: Framework) -> Iterator[Objective]:
    """Yield every objective, in order."""
    for competency in competencies(framework):
        yield from competency.objectives


def named_objectives(course: Course, lessons: Iterable[Lesson]) -> tuple[Objective, ...]:
    """Return the objectives of the framework that lessons or their questions name, in the framework's order."""
    named: set[str] = set()
    for lesson in lessons:
        named.update(lesson.objectives, *(question.objectives for question in lesson.questions))
    found = objectives(course.framework) if course.framework is not None else ()
    return tuple(one for one in found if one.id in named)


def taught(lessons: Iterable[Lesson]) -> dict[str, tuple[Lesson, ...]]:
    """Return by objective the lessons that teach it: those that name it and do not only test."""
    found: dict[str, tuple[Lesson, ...]] = {}
    for lesson in lessons:
        for name in dict.fromkeys(lesson.objectives) if lesson.kind in TEACHING else ():
            found[name] = (*found.get(name, ()), lesson)
    return found


def assessed(lessons: Iterable[Lesson]) -> dict[str, tuple[tuple[Lesson, Question], ...]]:
    """Return by objective the questions that assess it, each with its lesson: those that count in a grade."""
    found: dict[str, tuple[tuple[Lesson, Question], ...]] = {}
    for lesson in lessons:
        for question in lesson.questions if lesson.is_graded else ():
            for name in dict.fromkeys(question.objectives) if question.is_scored else ():
                found[name] = (*found.get(name, ()), (lesson, question))
    return found


def owed(course: Course, programme: Programme | None) -> tuple[Objective, ...]:
    """Return the objectives that a programme wants of a course: those of its domain, unless other courses share it."""
    alone = programme.alone_in(course.settings.domain) if programme else None
    if alone is None or alone.id != course.settings.id or course.framework is None:
        return ()
    domains = [one for one in course.framework.domains if one.id == alone.domain]
    return tuple(one for domain in domains for each in domain.competencies for one in each.objectives)


def _ects(table: Table) -> Ects:
    table.require("value", "basis")
    return Ects(
        value=table.number("value", 0, 300) or 0,
        basis=table.text("basis"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
    )


def _activities(table: Table) -> dict[str, float]:
    """Return minutes by type of question; S020 for what is none."""
    minutes = {}
    known = features("questions")
    for name in table.names(ID, "choice", "activities"):
        value = table.number(name, 0, 600)
        if name in known and value is not None:
            minutes[name] = value
    table.read = {*known}
    table.finish()
    return minutes


def _lessons(table: Table) -> LessonSize:
    size = LessonSize(_range(table, "words"), _range(table, "activities"))
    table.finish()
    return size


def _range(table: Table, key: str) -> tuple[int, int] | None:
    """Return two whole numbers, the least and the most; S022 otherwise."""
    texts = table.texts(key)
    if not texts:
        return None
    if len(texts) != 2 or not all(_WHOLE.fullmatch(one) for one in texts) or int(texts[0]) > int(texts[1]):
        table.found.append(error("S022", table.place(key), key=key, value=", ".join(texts)[:60], wanted="[10, 14]"))
        return None
    return int(texts[0]), int(texts[1])


def _domain(table: Table) -> Domain:
    table.require("id", "label")
    minutes = table.number("minutes", 0, 100_000)
    return Domain(
        id=table.matching("id", _CODE, "D1"),
        label=table.text("label"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
        minutes=None if minutes is None else int(minutes),
        competencies=tuple(_competency(one) for one in table.tables("competencies")),
        span=table.place("id"),
    )


def _competency(table: Table) -> Competency:
    table.require("id", "label")
    return Competency(
        id=table.matching("id", _CODE, "D1.C1"),
        label=table.text("label"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
        objectives=tuple(_objective(one) for one in table.tables("objectives")),
        span=table.place("id"),
    )


def _objective(table: Table) -> Objective:
    table.require("id", "text")
    return Objective(
        id=table.matching("id", _CODE, "D1.C1.O1"),
        text=table.text("text"),
        verb=table.one_of("verb", VERBS, "savoir"),
        span=table.place("id"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
    )


def _crosswalk(table: Table, domains: tuple[Domain, ...]) -> Crosswalk:
    """Return a mapping to another framework; S051 about domains and areas that are none."""
    table.require("title", "certainty", "areas", "domains")
    labels, inner = table.table("areas"), table.table("domains")
    areas = {code: labels.text(code) for code in labels.names(_AREA, "1", "areas")} if labels else {}
    mapped = {}
    for name in inner.names(_CODE, "D1", "domains") if inner else ():
        assert inner is not None
        texts = inner.texts_with_spans(name)
        known = {one.id for one in domains}
        wrong = [(text, span) for text, span in texts if text not in areas]
        if name not in known and known:
            wrong.append((name, inner.key_place(name)))
        table.found += [error("S051", span, id=text) for text, span in wrong]
        mapped[name] = tuple(text for text, _ in texts if text in areas)
    crosswalk = Crosswalk(
        title=table.text("title"),
        source=table.text("source"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
        areas=areas,
        domains=mapped,
    )
    table.finish()
    return crosswalk


def _adds_up(framework: Framework, table: Table) -> Iterator[Diagnostic]:
    """Yield that the minutes of the domains are not those of the framework; nothing while one of them is unsaid."""
    parts = [domain.minutes for domain in framework.domains]
    total = sum(part or 0 for part in parts)
    if framework.minutes and parts and None not in parts and total != framework.minutes:
        yield error("S050", table.place("minutes"), minutes=framework.minutes, sum=total)


def _twice(framework: Framework) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for objective in objectives(framework):
        if objective.id in seen:
            yield error("S042", objective.span, id=objective.id)
        seen.add(objective.id)

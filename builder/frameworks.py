"""Competency frameworks as data: domain > competency > objective, each with its certainty.

Certainty says how sure a label is: V1 read in the official text, V2 in a named secondary source, M from memory (shown
as "to be verified"), P written by the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from builder.diagnostics import Diagnostic, Diagnostics, error
from builder.load import Source
from builder.model import Competency, Course, Domain, Ects, Framework, Lesson, Objective
from builder.settings import Table, read_yaml

CERTAINTIES = ("V1", "V2", "M", "P")
UNVERIFIED = "M"
"""Certainty of what was written from memory: shown as to be verified."""
VERBS = ("savoir", "appliquer", "agir")
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
    )
    table.ignore_rest()
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


def _ects(table: Table) -> Ects:
    table.require("value", "basis")
    return Ects(
        value=table.number("value", 0, 300) or 0,
        basis=table.text("basis"),
        certainty=table.one_of("certainty", CERTAINTIES, "P"),
    )


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


def _twice(framework: Framework) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for objective in objectives(framework):
        if objective.id in seen:
            yield error("S042", objective.span, id=objective.id)
        seen.add(objective.id)

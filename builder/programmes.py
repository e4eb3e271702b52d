"""Programmes as data: courses in order, and the time they must add up to (product, "Words").

A programme may name courses that nobody has written yet: what is missing is told by who reads the courses too.
"""

from __future__ import annotations

from builder.diagnostics import Diagnostic, Diagnostics, Span, error
from builder.load import Source
from builder.model import Programme
from builder.settings import ID, LANGUAGE, Table, read_yaml


def read_programme(source: Source) -> tuple[Programme | None, Diagnostics]:
    """Return a programme file typed; reports as all settings do, and a course that stands twice (S043)."""
    table, problems = read_yaml(source.text, source.file)
    return (None, problems) if table is None else (programme_of(table), tuple(table.found))


def programme_of(table: Table) -> Programme:
    """Return a table of a programme typed."""
    table.require("id", "title", "language", "duration", "courses")
    programme = Programme(
        id=table.matching("id", ID, "basics-of-digital-health"),
        title=table.text("title"),
        language=table.matching("language", LANGUAGE, "fr-FR"),
        minutes=table.minutes("duration") or 0,
        courses=table.all_matching("courses", ID, "fire-safety"),
        span=table.span,
        description=table.text("description"),
        framework=table.matching("framework", ID, "fr-numsante-socle-2022"),
    )
    table.finish()
    table.found += _twice(programme)
    return programme


def _twice(programme: Programme) -> list[Diagnostic]:
    first: dict[str, Span] = {}
    found = []
    for course, span in programme.courses:
        if course in first:
            found.append(error("S043", span, id=course, line=first[course].line))
        first.setdefault(course, span)
    return found

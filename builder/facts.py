"""Facts: dated statements with source and certainty, cited as footnotes (language, "Variables, links, facts")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from builder.diagnostics import Diagnostic, Diagnostics, error, note
from builder.frameworks import CERTAINTIES, UNVERIFIED
from builder.load import Source
from builder.model import Course, Fact
from builder.settings import IRI, Table, read_tables

FACT = re.compile(r"F(-[A-Z0-9]+)+")
"""The id of a fact, which tells it from other footnotes."""

VOLATILE = "X"
"""Validity of what changes often: not to be asked in a scored question."""

_YEARLY = "A"


def read_facts(
    own: Source | None, shared: Source | None, ours: Mapping[str, Fact] | None = None
) -> tuple[Mapping[str, Fact], Diagnostics]:
    """Return the facts by id; those of the course win over `_shared/`, and `ours`, of an overlay, over both.

    Reports an id that stands twice (S176).
    """
    facts: dict[str, Fact] = {}
    found: Diagnostics = ()
    for source in (own, shared):
        if source is None:
            continue
        tables, problems = read_tables(source.text, source.file)
        facts = facts_of(tables, problems) | facts
        found += tuple(problems)
    return {**facts, **(ours or {})}, found


def facts_of(tables: Iterable[Table], found: list[Diagnostic]) -> dict[str, Fact]:
    """Return the facts of one file by id; what is wrong with them is added to `found`."""
    facts: dict[str, Fact] = {}
    for table in tables:
        fact = _fact(table)
        if fact.id in facts:
            found.append(error("S176", fact.span, id=fact.id, line=facts[fact.id].span.line))
        if fact.id:
            facts.setdefault(fact.id, fact)
    return facts


def overdue(course: Course, today: str) -> Iterator[Diagnostic]:
    """Yield a note for each fact that should have been reviewed by `today`, an ISO date, with the lessons that cite it
    (S179)."""
    for fact in course.facts:
        if fact.review_by and fact.review_by < today:
            lessons = ", ".join(lesson.id for lesson in course.lessons if fact.id in lesson.facts)
            yield note("S179", fact.review_span, id=fact.id, date=fact.review_by, lessons=lessons)


def _fact(table: Table) -> Fact:
    table.require("id", "source", "certainty")
    validity = table.one_of("validity", ("S", "A", VOLATILE), "S")
    if validity == _YEARLY:
        table.require("review_by")
    table.require_one("note", "text")
    text = table.text("text")
    fact = Fact(
        id=table.matching("id", FACT, "F-CYB-8"),
        note=table.text("note") or text,
        source=table.text("source"),
        url=table.matching("url", IRI, "https://…"),
        certainty=table.one_of("certainty", CERTAINTIES, UNVERIFIED),
        validity=validity,
        review_by=table.date("review_by"),
        span=table.place("id"),
        review_span=table.place("review_by"),
    )
    table.finish()
    return fact

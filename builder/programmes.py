"""Programmes as data: courses in order, and the time they must add up to (product, "Words").

A programme names courses that nobody has written yet, too, and says so: `written: false`. What it says of the others is
held against the tree by `differences`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isclose
from pathlib import Path

from builder.diagnostics import Diagnostic, Diagnostics, Span, error
from builder.frameworks import read_framework
from builder.load import Source, framework_file, programme_files, settings_in
from builder.model import CourseSettings, Framework, Programme, ProgrammeCourse
from builder.settings import ID, LANGUAGE, Table, read_yaml


def read_programmes(tree: Path) -> tuple[tuple[Programme, ...], Diagnostics]:
    """Return the programmes of a tree; reports as `read_programme`, and files that cannot be read."""
    sources, problems = programme_files(tree)
    read = [read_programme(source) for source in sources]
    found = [*problems, *(one for _, more in read for one in more)]
    return tuple(one for one, _ in read if one), tuple(found)


def check_programme(programme: Programme, tree: Path) -> tuple[Framework | None, Diagnostics]:
    """Return the framework of a programme, what is wrong with it, and the `differences` between programme and tree."""
    framework, found = None, list[Diagnostic]()
    source, problems = framework_file(tree, programme.framework) if programme.framework else (None, ())
    found += problems
    if source is not None:
        framework, problems = read_framework(source)
        found += problems
    found += differences(programme, framework, settings_in(tree), is_read=source is not None)
    return framework, tuple(found)


def read_programme(source: Source) -> tuple[Programme | None, Diagnostics]:
    """Return a programme file typed; reports as all settings do, a course that stands twice (S043), and minutes that do
    not add up (S044)."""
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
        courses=tuple(_course(one) for one in table.tables("courses")),
        span=table.span,
        spans={key: table.place(key) for key in table.nodes},
        description=table.text("description"),
        framework=table.matching("framework", ID, "fr-numsante-socle-2022"),
    )
    table.finish()
    table.found += [*_twice(programme), *_sums(programme)]
    return programme


def differences(
    programme: Programme, framework: Framework | None, written: Mapping[str, CourseSettings], *, is_read: bool = True
) -> Iterator[Diagnostic]:
    """Yield what a programme says of courses and the tree does not: a framework that is not there (S004), a domain that
    it does not have (S047), a course that is missing (S045) or there after all (S046), and one that teaches another
    domain (S048) or takes another time (S049). `is_read`: whether the file of the framework could be read."""
    if programme.framework and not is_read:
        yield error("S004", programme.spans.get("framework", programme.span), framework=programme.framework)
    domains = [domain.id for domain in framework.domains] if framework else []
    for one in programme.courses:
        settings = written.get(one.id)
        place = one.spans.get("id", one.span)
        if domains and one.domain and one.domain not in domains:
            allowed = ", ".join(domains)
            yield error("S047", one.spans["domain"], domain=one.domain, framework=programme.framework, allowed=allowed)
        if settings is None:
            if one.is_written and one.id:
                yield error("S045", place, id=one.id)
            continue
        if not one.is_written:
            yield error("S046", one.spans.get("written", place), id=one.id)
            continue
        theirs = (settings.framework, settings.domain)
        ours = (programme.framework if is_read and programme.framework else settings.framework, one.domain)
        if one.domain and theirs != ours:
            said = " ".join(filter(None, theirs)) or "–"
            yield error("S048", one.spans["domain"], id=one.id, domain=one.domain, other=said)
        if one.minutes and settings.minutes and not same(one.minutes, settings.minutes):
            minutes = {"minutes": f"{one.minutes:g}", "other": f"{settings.minutes:g}"}
            yield error("S049", one.spans["duration"], id=one.id, **minutes)


def with_course(programmes: Iterable[Programme], course: str) -> Programme | None:
    """Return the first programme that says of a course that it is written; None when there is none."""
    return next((one for one in programmes if any(each.id == course and each.is_written for each in one.courses)), None)


def same(minutes: float, others: float) -> bool:
    """Return whether two times are the same: hours may have decimals."""
    return isclose(minutes, others, abs_tol=0.01)


def _course(table: Table) -> ProgrammeCourse:
    table.require("id", "duration")
    course = ProgrammeCourse(
        id=table.matching("id", ID, "fire-safety"),
        domain=table.text("domain"),
        minutes=table.minutes("duration") or 0,
        is_written=table.flag("written", True),
        span=table.span,
        spans={key: table.place(key) for key in table.nodes},
    )
    table.finish()
    return course


def _twice(programme: Programme) -> Iterator[Diagnostic]:
    first: dict[str, Span] = {}
    for one in programme.courses:
        span = one.spans.get("id", one.span)
        if one.id and one.id in first:
            yield error("S043", span, id=one.id, line=first[one.id].line)
        first.setdefault(one.id, span)


def _sums(programme: Programme) -> Iterator[Diagnostic]:
    """Yield that the minutes of the courses are not those of the programme; nothing while one of them is unsaid."""
    parts = [one.minutes for one in programme.courses]
    if programme.minutes and parts and all(parts) and not same(sum(parts), programme.minutes):
        minutes = {"minutes": f"{programme.minutes:g}", "sum": f"{sum(parts):g}"}
        yield error("S044", programme.spans["duration"], **minutes)

"""Coverage: which lessons teach each objective of a framework, which scored questions assess it, what is missing.

Of a programme or of one course, as data (`of_programme`, `of_course`), and as what people and machines read:
`as_schema` (JSON), `as_csv`, `as_text`, `page` (HTML).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from builder.diagnostics import Span
from builder.frameworks import ENOUGH, UNVERIFIED, assessed, taught
from builder.model import Competency, Course, Domain, Framework, Lesson, Objective, Programme
from builder.render import page_beside
from builder.strings import counted, language_of, strings
from builder.theme import find_theme, our_themes
from builder.typography import typeset

Words = Mapping[str, str]

SEPARATOR = ";"
"""Between the cells of the table for spreadsheets: French ones read it as it is, and texts are full of commas."""
BOM = "\ufeff"
"""Before that table: Excel takes a file without it for Windows-1252."""
SHOWN = 60
"""Most characters of an objective in a terminal."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson that teaches an objective."""

    course: str
    lesson: str
    title: str
    span: Span

    @property
    def name(self) -> str:
        """Return `course/lesson`."""
        return f"{self.course}/{self.lesson}"


@dataclass(frozen=True, slots=True)
class Assessed:
    """A scored question that assesses an objective; `lesson` is the title of the lesson around it."""

    course: str
    question: str
    lesson: str
    span: Span

    @property
    def name(self) -> str:
        """Return `course/question`."""
        return f"{self.course}/{self.question}"


@dataclass(frozen=True, slots=True)
class Row:
    """One objective. `waits`: no course that teaches its domain is written yet."""

    objective: Objective
    taught: tuple[Taught, ...]
    assessed: tuple[Assessed, ...]
    waits: bool

    @property
    def is_covered(self) -> bool:
        """Return whether a lesson teaches it and enough scored questions assess it."""
        return bool(self.taught) and len(self.assessed) >= ENOUGH

    @property
    def is_gap(self) -> bool:
        """Return whether a course that is written does not cover it."""
        return not self.is_covered and not self.waits


@dataclass(frozen=True, slots=True)
class Group:
    """A competency and its objectives."""

    competency: Competency
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CourseTime:
    """A course and its minutes: what the programme counts (0: nothing), what the course says, what its lessons add up
    to; None as long as it is not written. `domain` may be empty."""

    id: str
    title: str
    domain: str
    counted: float
    declared: float | None
    lessons: float | None

    @property
    def is_written(self) -> bool:
        """Return whether there is a course."""
        return self.declared is not None


@dataclass(frozen=True, slots=True)
class Part:
    """A domain of the framework, the courses that teach it, and its competencies."""

    domain: Domain
    courses: tuple[CourseTime, ...]
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return all objectives of the domain."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered. `title`, `language`: of the programme or the course; `minutes`: what the programme declares,
    else the course; `framework` None: there is nothing to cover."""

    title: str
    language: str
    minutes: float
    framework: Framework | None
    courses: tuple[CourseTime, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return all objectives, in order."""
        return tuple(row for part in self.parts for row in part.rows)


# --- data ------------------------------------------------------------------------------------------------------------


def of_programme(programme: Programme, framework: Framework | None, courses: Sequence[Course]) -> Coverage:
    """Return what the courses of a programme cover, those of them that are written; others are left out.

    `framework`: the one that the programme names; without one, that of its first course.
    """
    known = {one.settings.id: one for one in courses}
    written = {one.id: known[one.id] for one in programme.courses if one.id in known}
    times = []
    for one in programme.courses:
        course = written.get(one.id)
        times.append(_time(course, one.minutes, one.domain) if course else _unwritten(one.id, one.domain, one.minutes))
    framework = framework or next((one.framework for one in written.values() if one.framework), None)
    return _coverage(programme.title, programme.language, programme.minutes, framework, times, list(written.values()))


def of_course(course: Course, programme: Programme | None = None) -> Coverage:
    """Return what one course covers of its domain; without domain, of the domains whose objectives it names.

    `programme`: the one that names the course, for its minutes (`programmes.with_course`).
    """
    settings = course.settings
    minutes = next((one.minutes for one in programme.courses if one.id == settings.id), 0.0) if programme else 0.0
    times = [_time(course, minutes, settings.domain)]
    return _coverage(settings.title, settings.language, minutes or settings.minutes, course.framework, times, [course])


def gaps(coverage: Coverage) -> tuple[str, ...]:
    """Return the objectives that are not covered, those that wait for a course included."""
    return tuple(row.objective.id for row in coverage.rows if not row.is_covered)


def _time(course: Course, counted: float, domain: str) -> CourseTime:
    settings = course.settings
    lessons = sum(lesson.minutes for lesson in course.lessons)
    return CourseTime(settings.id, settings.title, domain or settings.domain, counted, settings.minutes, lessons)


def _unwritten(name: str, domain: str, counted: float) -> CourseTime:
    return CourseTime(name, "", domain, counted, None, None)


def _coverage(
    title: str,
    language: str,
    minutes: float,
    framework: Framework | None,
    times: Sequence[CourseTime],
    courses: Sequence[Course],
) -> Coverage:
    teaching: dict[str, tuple[Taught, ...]] = {}
    assessing: dict[str, tuple[Assessed, ...]] = {}
    for course in courses:
        for name, lessons in taught(course.lessons).items():
            teaching[name] = (*teaching.get(name, ()), *(_taught(course, one) for one in lessons))
        for name, questions in assessed(course.lessons).items():
            found = (Assessed(course.settings.id, one.id, lesson.title, one.span) for lesson, one in questions)
            assessing[name] = (*assessing.get(name, ()), *found)
    named = {one.domain for one in times}
    parts = []
    for domain in framework.domains if framework else ():
        ids = {one.id for competency in domain.competencies for one in competency.objectives}
        if domain.id not in named and (any(named) or not ids & (teaching.keys() | assessing.keys())):
            continue
        its = tuple(one for one in times if one.domain in (domain.id, ""))
        waits = not any(one.is_written for one in its)
        groups = (
            Group(
                each,
                tuple(Row(one, teaching.get(one.id, ()), assessing.get(one.id, ()), waits) for one in each.objectives),
            )
            for each in domain.competencies
        )
        parts.append(Part(domain, its, tuple(groups)))
    return Coverage(title, language, minutes, framework, tuple(times), tuple(parts))


def _taught(course: Course, lesson: Lesson) -> Taught:
    return Taught(course.settings.id, lesson.id, lesson.title, lesson.spans.get("objectives", lesson.span))


# --- for machines and spreadsheets -----------------------------------------------------------------------------------


def as_schema(coverage: Coverage) -> dict[str, Any]:
    """Return `coverage --format json`, schema 1 (product, "Machine-readable output"); nothing depends on a language."""
    objectives = [
        {
            "id": row.objective.id,
            "taught": [one.name for one in row.taught],
            "assessed": [one.name for one in row.assessed],
        }
        for row in coverage.rows
    ]
    minutes = int(coverage.minutes) if coverage.minutes == int(coverage.minutes) else coverage.minutes
    return {"schema": 1, "minutes": minutes, "objectives": objectives, "gaps": list(gaps(coverage))}


def as_csv(coverage: Coverage, language: str) -> str:
    """Return a table with one line an objective that French spreadsheets open by a double click; a byte order mark
    begins it. A cell that a spreadsheet would calculate is quoted (product, "The source")."""
    words = strings(language, "cli")
    keys = ("domain", "competency", "objective", "objective", "level", "course", "taught", "csv_taught", "assessed")
    text = StringIO()
    writer = csv.writer(text, delimiter=SEPARATOR, lineterminator="\r\n")
    head = [words[f"coverage_{key}"] for key in (*keys, "csv_assessed", "result")]
    head[2] = f"{head[2]} (id)"
    writer.writerow(head)
    for part in coverage.parts:
        for group in part.groups:
            for row in group.rows:
                cells = (
                    f"{part.domain.id} {part.domain.label}",
                    f"{group.competency.id} {_label(group.competency, words)}",
                    row.objective.id,
                    row.objective.text,
                    row.objective.verb,
                    ", ".join(one.id for one in part.courses),
                    ", ".join(one.name for one in row.taught),
                    str(len(row.taught)),
                    ", ".join(one.name for one in row.assessed),
                    str(len(row.assessed)),
                    _result(row, words),
                )
                writer.writerow(
                    [f"'{one}" if one.startswith(("=", "+", "-", "@", "\t", "\r")) else one for one in cells]
                )
    return BOM + text.getvalue()


# --- for a terminal --------------------------------------------------------------------------------------------------


def as_text(coverage: Coverage, language: str) -> str:
    """Return a line a course, then the gaps of courses that are written."""
    words = strings(language, "cli")
    title = words["coverage_title"].format(title=coverage.title)
    if not coverage.parts:
        return f"{title}\n{words['coverage_nothing']}\n"
    lines = [title, _counts(coverage.rows, words, language), ""]
    keys = ("domain", "course", "counted", "declared", "text_objectives", "text_lessons", "text_questions", "text_gaps")
    table = [[words[f"coverage_{key}"] for key in keys]]
    for part in coverage.parts:
        rows = part.rows
        waits = not any(one.is_written for one in part.courses)
        counts = [str(len(rows)), str(sum(bool(row.taught) for row in rows))]
        counts += [str(sum(len(row.assessed) >= ENOUGH for row in rows))]
        counts += [words["coverage_unwritten"] if waits else str(sum(row.is_gap for row in rows))]
        for number, one in enumerate(part.courses):
            times = [_duration(one.counted, words), _duration(one.declared, words)]
            table.append([part.domain.id, one.id, *times, *(counts if not number else ["", "", "", ""])])
    if len(coverage.courses) > 1:
        total = _total(coverage, words)
        table.append(["", total.name, *total.times[:2], "", "", "", ""])
    lines += _aligned(table)
    found = [row for row in coverage.rows if row.is_gap]
    lines += ["", words["coverage_gaps" if found else "coverage_no_gaps"]]
    lines += _aligned([[row.objective.id, _result(row, words), _cut(row.objective.text)] for row in found])
    return "\n".join(lines) + "\n"


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


# --- for a browser ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A line of the card at the top; `href` may be empty."""

    term: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A course in the table of courses: its domain, name, the three times, and in words whether it is written."""

    domain: str
    name: str
    times: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class ShownQuestions:
    """The scored questions of one lesson: their ids. `lesson` is empty when it is the only one that teaches it."""

    lesson: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """An objective; `count`: of its questions; `kind` is `covered`, `gap` or `waits`."""

    id: str
    text: str
    level: str
    lessons: tuple[str, ...]
    count: int
    questions: tuple[ShownQuestions, ...]
    result: str
    kind: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A competency; `id` is that of its caption."""

    id: str
    caption: str
    note: str
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A domain, with a line on its courses and lines on what it corresponds to in other frameworks."""

    id: str
    heading: str
    summary: str
    notes: tuple[str, ...]
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """What `coverage.html.j2` gets. `language`: of our words, `source_language`: of titles, labels and objectives;
    `words`: those of the section `cli` that begin with `coverage_`, without that."""

    language: str
    source_language: str
    title: str
    lead: str
    notes: tuple[str, ...]
    facts: tuple[ShownFact, ...]
    times: tuple[ShownTime, ...]
    total: ShownTime | None
    parts: tuple[ShownPart, ...]
    words: Words


def page(coverage: Coverage, language: str) -> str:
    """Return a page of its own, style inside, without script."""
    theme, _ = find_theme("sobre", our_themes().parent, Span(""))
    assert theme is not None
    return page_beside(theme, "coverage.html.j2", page=_page(coverage, language))


def _page(coverage: Coverage, language: str) -> CoveragePage:
    words = strings(language, "cli")
    source = coverage.framework.language if coverage.framework else coverage.language
    labels = {part.domain.id: typeset(part.domain.label, source) for part in coverage.parts}
    is_wording_ours = bool(coverage.rows) and all(row.objective.certainty == "P" for row in coverage.rows)
    return CoveragePage(
        language=language_of(language),
        source_language=source,
        title=words["coverage_title"].format(title=typeset(coverage.title, coverage.language)),
        lead=_counts(coverage.rows, words, language) if coverage.parts else words["coverage_nothing"],
        notes=(words["coverage_rule"], *((words["coverage_own_words"],) if is_wording_ours else ())),
        facts=tuple(_facts(coverage, words)),
        times=tuple(_shown_time(one, labels.get(one.domain, ""), words) for one in coverage.courses),
        total=_total(coverage, words) if len(coverage.courses) > 1 else None,
        parts=tuple(_shown_part(part, coverage, words, source, language) for part in coverage.parts),
        words={key.removeprefix("coverage_"): text for key, text in words.items() if key.startswith("coverage_")},
    )


def _counts(rows: Sequence[Row], words: Words, language: str) -> str:
    """Return in one sentence how many objectives are covered, are not, and wait."""
    waiting = sum(row.waits and not row.is_covered for row in rows)
    return words["coverage_lead" if waiting else "coverage_lead_written"].format(
        objectives=counted(words, "coverage_objectives", len(rows), language),
        covered=sum(row.is_covered for row in rows),
        gaps=sum(row.is_gap for row in rows),
        waiting=waiting,
    )


def _facts(coverage: Coverage, words: Words) -> Iterator[ShownFact]:
    framework, rows = coverage.framework, coverage.rows
    of = words["coverage_of"]
    written = sum(one.is_written for one in coverage.courses)
    if len(coverage.courses) > 1:
        yield ShownFact(words["coverage_fact_courses"], of.format(count=written, total=len(coverage.courses)))
    covered = sum(row.is_covered for row in rows)
    if rows:
        yield ShownFact(words["coverage_fact_covered"], of.format(count=covered, total=len(rows)))
    yield ShownFact(words["coverage_fact_duration"], _duration(coverage.minutes, words))
    if framework is None:
        return
    version = f" ({framework.version})" if framework.version else ""
    yield ShownFact(words["coverage_fact_framework"], typeset(framework.title, framework.language) + version)
    if framework.legal_basis:
        year, month, day = (*framework.retrieved.split("-"), "", "", "")[:3]
        read = words["coverage_read_on"].format(year=year, month=month, day=day) if year else ""
        text = typeset(framework.legal_basis, framework.language) + (f" ({read})" if read else "")
        yield ShownFact(words["coverage_fact_legal"], text, framework.legal_url)


def _shown_time(one: CourseTime, label: str, words: Words) -> ShownTime:
    """Return a course; one that is not written is called by the `label` of its domain."""
    times = tuple(_duration(minutes, words) for minutes in (one.counted, one.declared, one.lessons))
    state = words["coverage_written" if one.is_written else "coverage_unwritten"]
    return ShownTime(one.domain or "–", one.title or label or one.id, times, state)


def _total(coverage: Coverage, words: Words) -> ShownTime:
    sums = [sum(getattr(one, key) or 0 for one in coverage.courses) for key in ("counted", "declared", "lessons")]
    written = sum(one.is_written for one in coverage.courses)
    state = words["coverage_of"].format(count=written, total=len(coverage.courses))
    return ShownTime("", words["coverage_total"], tuple(_duration(one, words) for one in sums), state)


def _shown_part(part: Part, coverage: Coverage, words: Words, language: str, page: str) -> ShownPart:
    """Return a domain; `language` is that of the framework, `page` that of our words."""
    assert coverage.framework is not None
    names = ", ".join(typeset(one.title, coverage.language) for one in part.courses if one.is_written)
    summary = [words["coverage_taught_by"].format(courses=names)] if names else [words["coverage_waits"]]
    summary += [_counts(part.rows, words, page)] if names else []
    notes = []
    for one in coverage.framework.crosswalks:
        codes = one.domains.get(part.domain.id, ())
        areas = typeset(", ".join(f"{code} ({one.areas[code]})" for code in codes), language)
        if areas:
            certainty = words[f"coverage_certainty_{one.certainty}"]
            notes.append(words["coverage_crosswalk"].format(title=one.title, areas=areas, certainty=certainty))
    return ShownPart(
        id=f"domain-{part.domain.id.lower()}",
        heading=words["coverage_heading"].format(id=part.domain.id, label=_label(part.domain, words, language)),
        summary=" ".join(summary),
        notes=tuple(notes),
        tables=tuple(_shown_table(group, words, language) for group in part.groups),
    )


def _shown_table(group: Group, words: Words, language: str) -> ShownTable:
    competency = group.competency
    rows = tuple(_shown_row(row, words, language) for row in group.rows)
    note = words["coverage_unverified"] if competency.certainty == UNVERIFIED else ""
    caption = f"{competency.id} {typeset(competency.label, language)}"
    return ShownTable(f"competency-{competency.id.lower()}", caption, note, rows)


def _shown_row(row: Row, words: Words, language: str) -> ShownRow:
    lessons = tuple(dict.fromkeys(typeset(one.title, language) for one in row.taught))
    by_lesson: dict[str, list[str]] = {}
    for one in row.assessed:
        by_lesson.setdefault(typeset(one.lesson, language), []).append(one.question)
    is_obvious = tuple(by_lesson) == lessons
    return ShownRow(
        id=row.objective.id,
        text=typeset(row.objective.text, language),
        level=row.objective.verb,
        lessons=lessons,
        count=len(row.assessed),
        questions=tuple(ShownQuestions("" if is_obvious else name, tuple(ids)) for name, ids in by_lesson.items()),
        result=_result(row, words),
        kind="covered" if row.is_covered else "gap" if row.is_gap else "waits",
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _result(row: Row, words: Words) -> str:
    """Return whether an objective is covered, else what is missing."""
    if row.is_covered:
        return words["coverage_ok"]
    if row.waits:
        return words["coverage_waiting"]
    missing = [words["coverage_gap_taught"]] if not row.taught else []
    if len(row.assessed) < ENOUGH:
        missing.append(words["coverage_gap_assessed"].format(count=len(row.assessed), least=ENOUGH))
    return ", ".join(missing)


def _label(one: Domain | Competency, words: Words, language: str = "") -> str:
    """Return a label; one that was written from memory says so."""
    text = typeset(one.label, language)
    return f"{text} ({words['coverage_unverified']})" if one.certainty == UNVERIFIED else text


def _duration(minutes: float | None, words: Words) -> str:
    """Return minutes in words; a dash for what nobody says."""
    if not minutes:
        return "–"
    hours, rest = divmod(round(minutes), 60)
    key = "hours_minutes" if hours and rest else "hours" if hours else "minutes"
    return words[f"coverage_{key}"].format(hours=hours, minutes=f"{rest:02d}" if hours else rest)

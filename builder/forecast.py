"""What an update does, in words: for a terminal, as a page, and in the administrator's sheet of the new version.

The same sections for all three; words are those of the section `cli`, in whatever language the reader wants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from builder.model import Course
from builder.sheet import SheetCell, SheetFact, SheetPage, SheetSection, SheetTable
from builder.strings import counted, strings
from builder.update import FATES, Change, Learner, Update, Verdict

SHOWN = 12
"""Most ids that one line names; the JSON has them all."""


def as_schema(update: Update) -> dict[str, Any]:
    """Return `diff --format json`, schema 1 (product, "Machine-readable output"); nothing depends on a language.

    `change` is a code, and after it the values that changed where there are any: `points 1 → 2`.
    """
    items = [
        {"kind": one.kind, "id": one.id, "change": _with_values(one), "effect": one.effect} for one in update.changes
    ]
    return {"schema": 1, "verdict": update.verdict, "items": items, "next_version": update.next_version or None}


def _with_values(change: Change) -> str:
    values = f" {change.old or '-'} → {change.new or '-'}" if change.old or change.new else ""
    return f"{change.change}{values}"


def forecast_page(update: Update, back: Update, language: str) -> SheetPage:
    """Return the whole report as a page in `language`; `back` is the update from the new version to the old one."""
    words = strings(language, "cli")
    old, new = _names(update, words)
    return SheetPage(
        language=language,
        title=title(update, language),
        lead=words["diff_lead"].format(old=old, new=new, title=update.new.title),
        contents=words["diff_contents"],
        facts=tuple(_facts(update, words, language)),
        sections=tuple(map(_without_marks, sections(update, back, language))),
    )


def _facts(update: Update, words: Mapping[str, str], language: str) -> Iterator[SheetFact]:
    old, new = update.old, update.new
    names = strings(language, "sheet")
    keys = (f"{'sco_' if one.is_split else ''}target_{one.target}" for one in (old, new))
    targets = (names.get(key, key) for key in keys)
    values = {
        "course": new.title,
        "versions": words["diff_step"].format(old=old.version, new=new.version),
        "verdict": words[f"diff_verdict_{update.verdict}"],
        "target": ", ".join(dict.fromkeys(targets)),
        "revisions": words["diff_step"].format(old=old.revision, new=new.revision),
    }
    for name, value in values.items():
        yield SheetFact(words[f"diff_fact_{name}"], SheetCell((value,)))


def _without_marks(section: SheetSection) -> SheetSection:
    """Return a section for a page, which has no use for the marks that set code apart in a terminal."""
    paragraphs = tuple(text.replace("`", "") for text in section.paragraphs)
    return replace(section, paragraphs=paragraphs, bullets=tuple(text.replace("`", "") for text in section.bullets))


def title(update: Update, language: str) -> str:
    """Return the verdict in one line."""
    words = strings(language, "cli")
    verdict = words[f"diff_verdict_{update.verdict}"]
    old, new = _names(update, words)
    return words["diff_title"].format(course=update.new.course, old=old, new=new, verdict=verdict)


def _names(update: Update, words: Mapping[str, str]) -> tuple[str, str]:
    """Return what the two versions are called, apart from each other."""
    old, new = update.old.version, update.new.version
    if old != new:
        return old, new
    return words["diff_version_old"].format(version=old), words["diff_version_new"].format(version=new)


def sections(update: Update, back: Update, language: str) -> Iterator[SheetSection]:
    """Yield what is to be said, one subject a section."""
    words = strings(language, "cli")
    made_of = words["diff_lead_target"].format(
        target=update.new.target, before=update.old.revision, after=update.new.revision
    )
    yield SheetSection("summary", words["diff_summary"], (*_summary(update, words, language), made_of))
    for verdict in ("breaks", "notes", "safe"):
        bullets = tuple(_bullets(update, verdict, words))
        if bullets:
            yield SheetSection(verdict, words[f"diff_{verdict}"], bullets=bullets)
    if update.changes:
        yield SheetSection("learners", words["diff_learners"], tables=(_learners(update, words, language),))
    yield SheetSection("back", words["diff_back"], tuple(_back(update, back, words)))
    if update.next_version and not update.is_back:
        yield SheetSection("version", words["diff_version"], (_version(update, words),))


def since(update: Update, course: Course) -> SheetSection:
    """Return the section of the administrator's sheet about the update from an earlier version."""
    language = course.settings.language
    words = strings(language, "cli")
    names = {"old": _names(update, words)[0], "verdict": words[f"diff_verdict_{update.verdict}"]}
    bullets = [one for verdict in ("breaks", "notes", "safe") for one in _bullets(update, verdict, words)]
    section = SheetSection(
        "since",
        words["diff_since"].format(**names),
        (words["diff_since_lead"].format(**names), *_summary(update, words, language)),
        tuple(bullets),
        (_learners(update, words, language),) if update.changes else (),
    )
    return _without_marks(section)


def _summary(update: Update, words: Mapping[str, str], language: str) -> Iterator[str]:
    if update.is_back:
        yield words["diff_is_back"].format(new=update.new.version)
    if update.answers:
        counts = ((update.fates[fate], f"diff_fate_{_key(fate)}") for fate in FATES)
        fates = ", ".join(words[key].format(count=count) for count, key in counts if count)
        questions = counted(words, "diff_answers", update.answers, language)
        yield words["diff_answers"].format(questions=questions, fates=fates)
    else:
        yield words["diff_no_answers"]
    if not update.changes:
        yield words["diff_same"]
    for edition, name in zip((update.old, update.new), _names(update, words), strict=True):
        if not edition.is_released:
            yield words["diff_unreleased"].format(version=name)
    whole = "lost" if any(one.kind == "course" and one.effect == "lost" for one in update.changes) else "records"
    yield words[
        "diff_passes_kept" if update.keeps_passes else f"diff_{'passes' if whole == 'lost' else 'records'}_lost"
    ]


def _bullets(update: Update, verdict: Verdict, words: Mapping[str, str]) -> Iterator[str]:
    """Yield one sentence for each thing that happened, with all to which it happened; learners have a table."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in update.changes:
        if one.verdict == verdict and one.kind != "learner":
            key = f"diff_{one.kind}_{_key(one.change)}"
            if one.kind == "item" and update.new.is_named_by_iri:
                key = f"{key}_told"
            if one.kind == "item":
                groups.setdefault((key, "", ""), []).append(f"{one.id} ({one.old or one.new})")
            else:
                groups.setdefault((key, one.old, one.new), []).append(one.id)
    for (key, old, new), ids in groups.items():
        shown = ", ".join(ids[:SHOWN]) + (f"… ({len(ids)})" if len(ids) > SHOWN else "")
        yield words[key].format(ids=shown, old=old or "-", new=new or "-")


def _key(code: str) -> str:
    return code.replace("-", "_")


def _learners(update: Update, words: Mapping[str, str], language: str) -> SheetTable:
    columns = tuple(words[f"diff_column_{name}"] for name in ("learner", "answers", "lessons", "grade", "status"))
    rows = tuple(_learner(one, words, language) for one in update.learners)
    old, new = _names(update, words)
    caption = words["diff_learners_caption"].format(old=old, new=new)
    return SheetTable(caption, columns, rows)


def _learner(one: Learner, words: Mapping[str, str], language: str) -> tuple[SheetCell, ...]:
    def step(old: str, new: str) -> str:
        shown = (old or words["diff_gone"], new or words["diff_gone"])
        return shown[0] if old == new else words["diff_step"].format(old=shown[0], new=shown[1])

    def percent(grade: str) -> str:
        mark = words["decimal_mark"]
        return words["diff_percent"].format(grade=grade.replace(".", mark)) if grade else ""

    cells = (
        words[f"diff_who_{_key(one.id)}"],
        words["diff_of"].format(kept=one.kept, count=one.answers),
        step(str(one.lessons_old), str(one.lessons_new)),
        step(percent(one.grade_old), percent(one.grade_new)),
        step(one.status_old, one.status_new),
    )
    return tuple(SheetCell((cell,)) for cell in cells)


def _back(update: Update, back: Update, words: Mapping[str, str]) -> Iterator[str]:
    """Yield what happens when the old version is put back; that it is an earlier release is no news here."""
    told = [one for one in back.changes if one.change != "revision" and one.kind != "learner"]
    verdict = "breaks" if back.verdict == "breaks" else "notes" if told or back.verdict == "notes" else "safe"
    old, new = _names(update, words)
    yield words[f"diff_back_{verdict}"].format(old=old, new=new)
    if update.fates["put-aside"] and verdict != "breaks":
        yield words["diff_back_returns"]
    if verdict != "safe":
        yield words["diff_back_more"]


def _version(update: Update, words: Mapping[str, str]) -> str:
    key = "low" if update.is_low else "deserved" if update.verdict == "safe" else "fits"
    return words[f"diff_version_{key}"].format(next=update.next_version, new=update.new.version)


def as_text(update: Update, back: Update, language: str) -> str:
    """Return the report for a terminal; tables are aligned in columns."""
    lines = [title(update, language)]
    for section in sections(update, back, language):
        lines += ["", *(() if section.id == "summary" else (section.heading,)), *section.paragraphs]
        lines += [f"  - {bullet}" for bullet in section.bullets]
        for table in section.tables:
            rows = [table.columns, *(tuple(" ".join(cell.lines) for cell in row) for row in table.rows)]
            widths = [max(len(row[n]) for row in rows) for n in range(len(table.columns))]
            for row in rows:
                lines.append(
                    "  " + "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
                )
    return "\n".join(lines) + "\n"

"""The administrator's sheet of a package, as data: what it reports, how to set the LMS, what an update does.

Where no LMS stands behind (the browser's own driver comes first) it says instead how to publish the folder and what the
browser keeps. Nothing here is written by hand for one course: statuses come from the completion table that the player
interprets, the item dictionary from the interactions that it reports. Words come from the section `sheet` of
`locales/`; the template places them. The sheet names no right answer: it may lie on a public page.

Where each lesson is a SCO of its own, words that begin with `sco_` stand in for those without, and the same sections
tell of lessons instead of the course; one more says how LMSs add them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from builder.frameworks import named_objectives
from builder.model import Course, Interaction, Lesson, Question
from builder.products import FOLDERS, Product, products
from builder.questions import quiz
from builder.recorder import Lrs
from builder.strings import strings
from builder.targets import Build, Target, cmi5, scorm2004
from builder.write import Written
from builder.xapi import vocabulary
from builder.xapi.activities import about, component_text

Words = Mapping[str, str]

NONE = "–"
"""A cell of a table where there is nothing to say."""
CODE_FACTS = frozenset({"id", "file", "sha256", "digest"})


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell of a table, or the value of a fact. `lines` are shown under each other; code in a fixed font."""

    lines: tuple[str, ...]
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class SheetFact:
    """A line of the card at the top: course, version, file, size, check sums."""

    term: str
    value: SheetCell


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table with its caption; the first cell of a row is the row's header."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[SheetCell, ...], ...]


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A section: paragraphs, then bullets, then tables, any of them empty."""

    id: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    tables: tuple[SheetTable, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The sheet. `language` is a BCP 47 tag; `contents` the heading of the table of contents, one link a section."""

    language: str
    title: str
    lead: str
    contents: str
    facts: tuple[SheetFact, ...]
    sections: tuple[SheetSection, ...]


class _Special(Mapping[str, str]):
    """Words of a standard, or of a package of one SCO a lesson: `sco_scorm2004_x`, else `scorm2004_x`, else `sco_x`
    instead of `x`, where it is there."""

    def __init__(self, words: Words, starts: tuple[str, ...]) -> None:
        self._words = words
        self._starts = (*starts, "")

    def __getitem__(self, key: str) -> str:
        for found in self._names(key):
            if found in self._words:
                return self._words[found]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(found in self._words for found in self._names(key))

    def _names(self, key: object) -> Iterator[str]:
        return (f"{start}{key}" for start in self._starts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def sheet(
    course: Course,
    build: Build,
    target: Target,
    written: Written,
    language: str,
    words: Words,
    since: SheetSection | None = None,
) -> SheetPage:
    """Return the sheet of a package that has been written, in the language of `words`; `since`, about the update from
    an earlier version, stands after what is said of updates."""
    is_alone = target.DRIVERS[0] == "local"
    words = _Special(words, tuple(_starts(build, target)))
    if is_alone:
        sections = _alone(course, build, words)
    elif target.LRS == "driver":
        sections = _told(course, build, target, language, words)
    else:
        sections = _in_an_lms(course, build, target, language, words)
    verify = SheetSection("verify", words["verify"], (words["verify_sha256"], words["verify_digest"]))
    return SheetPage(
        language=language,
        title=words["title"].format(course=course.settings.title, version=course.settings.version),
        lead=words["alone_lead" if is_alone else "lead"],
        contents=words["contents"],
        facts=tuple(_facts(course, build, target, written, words)),
        sections=(*(one for section in sections for one in _followed(section, since)), verify),
    )


def _starts(build: Build, target: Target) -> Iterator[str]:
    """Yield what words begin with that stand instead of others."""
    for standard in (f"{target.NAME}_" if target.NAME == scorm2004.NAME else "", ""):
        if build.scos:
            yield f"sco_{standard}"
        if standard:
            yield standard


def _followed(section: SheetSection, since: SheetSection | None) -> tuple[SheetSection, ...]:
    """Return a section, and after that on updates the one about this update."""
    return (section, since) if since is not None and section.id == "update" else (section,)


def _in_an_lms(course: Course, build: Build, target: Target, language: str, words: Words) -> tuple[SheetSection, ...]:
    return (
        *((_contracts(course, build, words), _adds_up(words)) if build.scos else (_contract(course, build, words),)),
        _settings(course, build, words),
        *((_recorder(build, build.lrs, language, words),) if build.lrs else ()),
        _update(course, build, words),
        _items(course, build, target, words),
        _limits(course, build, target, language, words),
        SheetSection("privacy", words["privacy"], tuple(_privacy(course, build, words))),
        SheetSection("keys", words["keys"], (words["keys_travel"], words["keys_sheet"])),
    )


def _facts(course: Course, build: Build, target: Target, written: Written, words: Words) -> Iterator[SheetFact]:
    settings = course.settings
    questions = sum(quiz.asked(lesson.questions) for lesson in course.lessons)
    limit = words["no_limit"] if target.STATE_LIMIT is None else _number(target.STATE_LIMIT, words)
    is_told = target.LRS == "driver"
    state = words["alone_state" if target.DRIVERS[0] == "local" else "told_state" if is_told else "state"]
    values = {
        "course": settings.title,
        "id": settings.id,
        "version": settings.version,
        "language": settings.language,
        "licence": settings.licence,
        "duration": minutes_in_words(settings.minutes, words),
        "counts": words["counts"].format(lessons=len(course.lessons), questions=questions),
        "target": words[f"target_{target.NAME}"],
        "variant": _variant(build, words),
        "file": written.path.name,
        "size": _size(written.bytes, words),
        "sha256": written.sha256,
        "digest": written.digest,
        "revision": str(build.revision),
        "state": state.format(worst=_number(build.worst_state, words), limit=limit),
    }
    for key, value in values.items():
        if not value and key == "variant":
            continue
        yield SheetFact(words[f"fact_{key}"], SheetCell((value,), key in CODE_FACTS))


def _variant(build: Build, words: Words) -> str:
    key = "variant_trainer" if build.is_for_trainer else "variant_lrs" if build.lrs else ""
    return words[key].format(variant=build.variant) if key else build.variant


# --- completion and score --------------------------------------------------------------------------------------------


def _contract(course: Course, build: Build, words: Words) -> SheetSection:
    statuses = _statuses(build.completion)
    is_judged = "passed" in statuses and "status_judged" in words
    keys = ["status_first", "status_judged" if is_judged else "status_never", "status_kept"]
    keys += ["score_when", "score_how"] if _is_scored(course) else ["score_none"]
    keys += ["failed_again", "failed_review"] if {"failed", "passed"} <= set(statuses) else []
    more = ("objectives", "leaving") if named_objectives(course, course.lessons) else ("leaving",)
    keys += [key for key in more if key in words]
    rows = tuple(_status_rows(course, build, words))
    return SheetSection(
        "contract",
        words["contract"],
        (words["contract_intro"], words["lesson_done"]),
        tuple(words[key] for key in (*keys, "review")),
        (SheetTable(words["statuses"], _columns(words, "status", "when"), rows),),
    )


def _contracts(course: Course, build: Build, words: Words) -> SheetSection:
    """Return the contract of a package of one SCO a lesson: the lessons, then each kind of completion table once."""
    tables = {_statuses(sco.completion): replace(build, completion=sco.completion) for sco in build.scos}
    rows = tuple(_sco_rows(course, build, words))
    columns = _columns(words, "item", "lesson", "statuses", "score", "state")
    kinds = sorted(tables, key=lambda statuses: "passed" not in statuses)
    contracts = [_contract(course, tables[kind], words) for kind in kinds]
    captions = [words["statuses_scored" if "passed" in kind else "statuses_read"] for kind in kinds]
    status_tables = (replace(one.tables[0], caption=caption) for one, caption in zip(contracts, captions, strict=True))
    bullets = dict.fromkeys(bullet for one in contracts for bullet in one.bullets)
    return replace(
        contracts[0], bullets=tuple(bullets), tables=(SheetTable(words["lessons"], columns, rows), *status_tables)
    )


def _sco_rows(course: Course, build: Build, words: Words) -> Iterator[tuple[SheetCell, ...]]:
    titles = {lesson.id: lesson for lesson in course.lessons}
    for sco in build.scos:
        lesson = titles[sco.lesson]
        scored = lesson.is_graded and any(question.is_scored for question in lesson.questions)
        yield (
            SheetCell((_item(course, build, lesson),), is_code=True),
            SheetCell((lesson.title,)),
            SheetCell((", ".join(_statuses(sco.completion)),), is_code=True),
            SheetCell((words["has_score" if scored else "has_no_score"],)),
            SheetCell((words["characters"].format(worst=_number(sco.worst_state, words)),)),
        )


def _item(course: Course, build: Build, lesson: Lesson) -> str:
    """Return the identifier of a lesson's item in the LMS; empty where the lesson is not an item."""
    slots = {sco.lesson: sco.slot for sco in build.scos}
    return f"I-{course.settings.id}-{slots[lesson.id]}" if lesson.id in slots else ""


def _adds_up(words: Words) -> SheetSection:
    keys = ("moodle", "grade", "rustici", "openedx", "360learning", "other")
    return SheetSection("adds-up", words["adds"], (words["adds_intro"],), tuple(words[f"adds_{key}"] for key in keys))


def _status_rows(course: Course, build: Build, words: Words) -> Iterator[tuple[SheetCell, ...]]:
    for status in _statuses(build.completion):
        conditions = tuple(_conditions(course, build.completion, status, words))
        outcome = f"outcome_{status}"
        yield SheetCell((words.get(outcome, status),), is_code=True), SheetCell(conditions)


def _statuses(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every status that the completion table can reach, its initial one first."""
    reached = [str(table["initial"])]
    for state in reached:
        reached += [row["to"] for row in table["states"].get(state, ()) if row["to"] not in reached]
    return tuple(reached)


def _conditions(course: Course, table: Mapping[str, Any], status: str, words: Words) -> Iterator[str]:
    """Yield a sentence for each way to come to `status`."""
    if status == table["initial"]:
        yield words["from_start"]
    for state in _statuses(table):
        way = "from_initial" if state == table["initial"] else "from_other"
        for row in table["states"].get(state, ()):
            if row["to"] == status:
                facts = words["and"].join(_fact(course, fact, words) for fact in row["when"])
                yield words[way].format(state=state, facts=facts)


def _fact(course: Course, fact: str, words: Words) -> str:
    """Return a fact of the completion table in words; `!` before it denies it."""
    when = course.settings.complete_when
    key = "when_" + fact.replace("!", "not_")
    titles = ""
    if fact.removeprefix("!") == "lessons" and when.lessons is not None:
        key += "_named"
        named = (lesson.title for lesson in course.lessons if lesson.id in when.lessons)
        titles = ", ".join(words["quoted"].format(title=title) for title in named)
    percent = _number(100 * (course.settings.mastery or 0), words)
    return words[key].format(titles=titles, percent=percent, minutes=_number(when.minutes or 0, words))


def _is_scored(course: Course) -> bool:
    return any(question.is_scored for lesson in course.lessons if lesson.is_graded for question in lesson.questions)


# --- settings of the LMS ---------------------------------------------------------------------------------------------

MOODLE = (
    "size",
    "window",
    "structure",
    "skip",
    "preview",
    "attempts",
    "lock",
    "force_new",
    "force_completed",
    "commit",
    "mastery",
)
OTHERS = (
    "totara",
    "openedx",
    "rustici",
    "blackboard",
    "canvas",
    "brightspace",
    "cornerstone",
    "successfactors",
    "ilias",
    "chamilo",
    "360learning",
    "knowbe4",
    "other",
)


def _settings(course: Course, build: Build, words: Words) -> SheetSection:
    tables = [sco.completion for sco in build.scos] or [build.completion]
    goals = {"passed" if "passed" in _statuses(table) else "completed" for table in tables}
    keys = (
        *MOODLE,
        *(("auto",) if build.scos else ()),
        "grade" if _is_scored(course) else "no_grade",
        "completion_both" if len(goals) > 1 else f"completion_{goals.pop()}",
        *(("completion_all",) if build.scos else ()),
    )
    moodle = tuple(_row(words, f"moodle_{key}", "name", "value", "why") for key in keys)
    others = tuple(_row(words, f"lms_{key}", "name", "value") for key in OTHERS)
    return SheetSection(
        "settings",
        words["settings"],
        (words["settings_intro"],),
        tables=(
            SheetTable(words["moodle"], _columns(words, "setting", "choose", "why"), moodle),
            SheetTable(words["others"], _columns(words, "lms", "know"), others),
        ),
    )


EXAMPLE = {
    "endpoint": "https://lrs.example.org/xapi",
    "auth": "Basic bmFtZTpzZWNyZXQ=",
    "home_page": "https://lms.example.org",
    "salt": "aVeryLongRandomText",
}


def _recorder(build: Build, lrs: Lrs, language: str, words: Words) -> SheetSection:
    """Return what the administrator has to know of an LRS that is told beside the LMS, and `lrs` holds of it."""
    values = {"endpoint": lrs.endpoint, "auth": lrs.auth, "home_page": lrs.home_page, "salt": lrs.salt}
    filled = [words[f"lrs_filled_{key}"].format(**values) for key, value in values.items() if value]
    told = words["lrs_filled"].format(values=", ".join(filled)) if filled else words["lrs_empty"]
    who = ("lrs_pseudonymous", "lrs_salt") if build.is_pseudonymous else ("lrs_named",)
    example = {name: value for name, value in EXAMPLE.items() if name != "salt" or build.is_pseudonymous}
    query = (f"{name}={quote(value, safe='')}" for name, value in example.items())
    members = (f'"{"homePage" if name == "home_page" else name}": "{value}"' for name, value in example.items())
    written = {
        "launch": SheetCell(tuple(f"{'&' if n else '?'}{pair}" for n, pair in enumerate(query)), is_code=True),
        "data": SheetCell((words["lrs_as_file"],)),
        "file": SheetCell(tuple(members), is_code=True),
    }
    places = tuple((*_row(words, f"lrs_place_{place}", "where", "how"), cell) for place, cell in written.items())
    signs = ("silent", *(("nameless",) if build.is_pseudonymous else ()), "waiting", "refused")
    return SheetSection(
        "lrs",
        words["lrs"],
        (words["lrs_intro"], words["lrs_lms"]),
        (told, *(words[key] for key in ("lrs_values", "lrs_key", "lrs_with", "lrs_server", *who, "lrs_looking"))),
        (
            SheetTable(words["lrs_places"], _columns(words, "place", "how", "written"), places),
            SheetTable(
                words["lrs_signs"],
                _columns(words, "sign", "cause"),
                tuple(_row(words, f"lrs_sign_{sign}", "what", "why") for sign in signs),
            ),
            _statements("lrs", language, words),
        ),
    )


def _row(words: Words, key: str, *ends: str) -> tuple[SheetCell, ...]:
    return tuple(SheetCell((words[f"{key}_{end}"],)) for end in ends)


# --- updates ---------------------------------------------------------------------------------------------------------


def _update(course: Course, build: Build, words: Words) -> SheetSection:
    lessons = ("added", "removed", "moved") if build.scos else ()
    keys = ("how", "identifier", *lessons, "answers", "passed", "open", "back", "rustici", "breaks", "revision")
    bullets = tuple(words[f"update_{key}"].format(id=course.settings.id, revision=build.revision) for key in keys)
    return SheetSection("update", words["update"], (words["update_intro"],), bullets)


# --- the item dictionary ---------------------------------------------------------------------------------------------


def _items(course: Course, build: Build, target: Target, words: Words) -> SheetSection:
    columns = _columns(words, "id", "question", "slot", "type", "points", "reported", "response")
    tables = tuple(
        SheetTable(
            _caption(course, build, target, lesson, words),
            columns,
            tuple(_item_rows(course, lesson, build, target, words)),
        )
        for lesson in course.lessons
        if lesson.questions
    )
    intro = ("items_intro", "items_letters", "items_index") if tables else ("items_none",)
    if target.LRS == "driver":
        intro = ("told_items_intro", "items_letters", "told_items_tries") if tables else ("told_items_none",)
    paragraphs = tuple(words[key].format(iri=course.settings.iri) for key in intro)
    return SheetSection("items", words["items"], paragraphs, tables=tables)


def _caption(course: Course, build: Build, target: Target, lesson: Lesson, words: Words) -> str:
    text = words["lesson_graded" if lesson.is_graded else "lesson_not_graded"]
    is_unit = target.NAME == cmi5.NAME and build.scos
    item = _unit_id(course, build, lesson) if is_unit else _item(course, build, lesson)
    return text.format(title=lesson.title, kind=words[f"kind_{lesson.kind}"], item=item)


def _item_rows(
    course: Course, lesson: Lesson, build: Build, target: Target, words: Words
) -> Iterator[tuple[SheetCell, ...]]:
    for question in lesson.questions:
        parts = sum(not one.is_extra for one in build.interactions[question.id])
        for interaction in build.interactions[question.id]:
            if interaction.type == "other":
                continue  # the player's own notes, of which no LMS is told
            report = target.reports(interaction)
            is_withheld = report.form == "open" and not course.settings.open_text
            form = words["form_withheld" if is_withheld else f"form_{report.form}"]
            yield (
                SheetCell((interaction.id,), is_code=True),
                SheetCell((question.title, *_about(interaction, question, lesson, course, words))),
                SheetCell((str(build.slots[question.id]),)),
                SheetCell((question.type,), is_code=True),
                SheetCell((words["not_scored"] if interaction.is_extra else _points(lesson, question, parts, words),)),
                SheetCell((report.type,), is_code=True),
                SheetCell((form, *_legend(interaction, question, course))),
            )


def _points(lesson: Lesson, question: Question, parts: int, words: Words) -> str:
    if not (question.is_scored and lesson.is_graded):
        return words["not_scored"]
    shared = words["points_shared"] if parts > 1 else "{points}"
    return shared.format(points=_number(question.points, words), parts=parts)


def _about(interaction: Interaction, question: Question, lesson: Lesson, course: Course, words: Words) -> Iterator[str]:
    """Yield what one part of a question asks, where it has words of its own, and what it is drawn for."""
    if said := about(interaction, question, course, words):
        yield said
    for around in lesson.questions:
        size, pool = (around.settings.get(key, 0) for key in ("size", "pool"))
        if around.id == question.quiz and size < pool:
            yield words["drawn"].format(title=around.title, count=size, pool=pool)


def _legend(interaction: Interaction, question: Question, course: Course) -> Iterator[str]:
    """Yield what letters of a response and steps of a path stand for."""
    for component in (*interaction.components, *interaction.targets):
        yield f"{'.'.join(component.letter)} = {component_text(component, interaction, question, course)}"


# --- what is not tracked ---------------------------------------------------------------------------------------------


def _limits(course: Course, build: Build, target: Target, language: str, words: Words) -> SheetSection:
    lessons = ("course", "again") if build.scos else ()
    has_gaps = any(one.type == "fill-in" for asked in build.interactions.values() for one in asked)
    texts = ("texts",) if has_gaps else ()
    keys = (*lessons, "visits", "tries", *texts, "time", "preview", "alone", "believed")
    bullets = [words[f"limit_{key}"] for key in keys]
    apart = [words["quoted"].format(title=lesson.title) for lesson in course.lessons if not lesson.is_graded]
    if apart:
        bullets.insert(0, words["limit_not_graded"].format(titles=", ".join(apart)))
    rows = tuple((SheetCell((one.name,)), SheetCell((one.cannot,))) for one in _forgetful(target, language))
    table = SheetTable(words["products"], _columns(words, "lms", "lost"), rows)
    return SheetSection("limits", words["limits"], (words["limits_intro"],), tuple(bullets), (table,) if rows else ())


def _privacy(course: Course, build: Build, words: Words) -> Iterator[str]:
    """Yield what is read of learners, and where what they write in words of their own goes."""
    who = "pseudonymous" if build.is_pseudonymous else "named"
    yield words[f"lrs_privacy_{who}" if build.lrs else "privacy_actor"]
    yield words["privacy_browser"]
    if build.lrs:
        yield words["lrs_privacy_browser"]
    written: dict[str, list[str]] = {"privacy_texts": [], "privacy_device": []}
    for lesson in course.lessons:
        for question in lesson.questions:
            for one in build.interactions.get(question.id, ()):
                if one.type == "long-fill-in":
                    written["privacy_texts" if one.limit else "privacy_device"].append(one.id)
    for key, ids in written.items():
        if ids:
            yield words[key].format(ids=", ".join(ids))
    if build.lrs and (ids := written["privacy_texts"]):
        what = "sent" if course.settings.open_text else "kept"
        yield words[f"lrs_privacy_texts_{what}"].format(ids=", ".join(ids))


def _forgetful(target: Target, language: str) -> tuple[Product, ...]:
    """Return what is known of LMSs that do not keep all of what a standard's driver tells."""
    return products(language, target.DRIVERS[0]) if target.DRIVERS[0] in FOLDERS else ()


# --- told in statements ----------------------------------------------------------------------------------------------

LAUNCHERS = {
    "cmi5": ("moodle", "cloud", "oracle", "talentlms", "totara", "other"),
    "xapi": ("moodle", "cloud", "talentlms", "totara", "link", "other"),
}
"""What launches packages of each target; words that both share begin with `told_`."""


def _told(course: Course, build: Build, target: Target, language: str, words: Words) -> tuple[SheetSection, ...]:
    """Return the sections of a package that tells an LRS what happens, and nobody else."""
    return (
        _told_contract(course, build, target, language, words),
        _told_settings(build, target, words),
        _told_update(course, build, target, words),
        _items(course, build, target, words),
        SheetSection(
            "limits", words["limits"], (words["told_limits_intro"],), tuple(_told_limits(course, build, target, words))
        ),
        SheetSection("privacy", words["privacy"], tuple(_told_privacy(course, build, target, words))),
        SheetSection("keys", words["keys"], (words["told_keys_travel"], words["keys_sheet"])),
    )


def _told_contract(course: Course, build: Build, target: Target, language: str, words: Words) -> SheetSection:
    kinds = _kinds(build)
    can_fail = any("failed" in _statuses(table) for table in kinds.values())
    units = tuple(_units(course, build)) if target.NAME == cmi5.NAME else ()
    has_mastery = any(cell.lines != (NONE,) for *_, cell in units)
    is_at_once = any(cell.lines == ("NotApplicable",) for _, _, cell, _ in units)
    keys = ["told_first", "told_kept", "told_score_how" if _is_scored(course) else "score_none"]
    keys += ["told_failed_again"] * can_fail + ["cmi5_mastery"] * has_mastery
    keys += ["cmi5_not_applicable"] * is_at_once + ["told_waits"] + ["cmi5_review"] * bool(units)
    captions = {True: "told_reached_scored", False: "told_reached_read"}
    reached = (
        SheetTable(
            words[captions[can_pass] if build.scos else "told_reached"],
            _columns(words, "verb", "when"),
            tuple(_reached_rows(course, table, words)),
        )
        for can_pass, table in kinds.items()
    )
    launched = SheetTable(words["cmi5_units"], _columns(words, "unit", "title", "move_on", "mastery"), units)
    statements = _statements(target.NAME, language, words)
    return SheetSection(
        "contract",
        words["contract"],
        (words[f"{target.NAME}_contract_intro"].format(iri=course.settings.iri), words["lesson_done"]),
        tuple(words[key] for key in keys),
        (*((launched,) if units else ()), *reached, statements),
    )


def _kinds(build: Build) -> Mapping[bool, Mapping[str, Any]]:
    """Return the completion tables, one of each kind: whether something can be passed, such ones first."""
    tables = [sco.completion for sco in build.scos] or [build.completion]
    kinds = {"passed" in _statuses(table): table for table in tables}
    return {can_pass: kinds[can_pass] for can_pass in (True, False) if can_pass in kinds}


def _units(course: Course, build: Build) -> Iterator[tuple[SheetCell, ...]]:
    """Yield the assignable units: id, title, `moveOn`, mastery score."""
    lessons = {lesson.id: lesson for lesson in course.lessons}
    presented: Sequence[Lesson | None] = [lessons[sco.lesson] for sco in build.scos] or [None]
    for lesson in presented:
        yield (
            SheetCell((_unit_id(course, build, lesson),), is_code=True),
            SheetCell((lesson.title if lesson else course.settings.title,)),
            SheetCell((cmi5.move_on(course, lesson),), is_code=True),
            SheetCell((cmi5.mastery_score(course, lesson) or NONE,), is_code=True),
        )


def _unit_id(course: Course, build: Build, lesson: Lesson | None) -> str:
    slots = {sco.lesson: sco.slot for sco in build.scos}
    name = lesson.id if lesson else ""
    return vocabulary.launched(course.settings.iri, cmi5.NAME, name, slots.get(name, 0))


def _reached_rows(course: Course, table: Mapping[str, Any], words: Words) -> Iterator[tuple[SheetCell, ...]]:
    """Yield what can be told once, and what leads to it: `completed` is what is wanted beside the mastery score."""
    rows = [row for state in _statuses(table) for row in table["states"].get(state, ()) if row["to"] != "failed"]
    wanted = dict.fromkeys(tuple(fact for fact in row["when"] if "mastery" not in fact) for row in rows)
    facts = (words["and"].join(_fact(course, fact, words) for fact in when) for when in wanted)
    conditions = tuple(words["from_initial"].format(facts=each) for each in facts)
    yield SheetCell(("completed",), is_code=True), SheetCell(conditions)
    for status in ("passed", "failed"):
        if status in _statuses(table):
            conditions = tuple(_conditions(course, table, status, words))
            yield SheetCell((status,), is_code=True), SheetCell(conditions)


def _statements(standard: str, language: str, words: Words) -> SheetTable:
    """Return the table of every statement: verb, what it is about, when. `standard`: see `vocabulary.STANDARDS`."""
    texts = strings(language, "xapi")
    rows = []
    for told in vocabulary.TOLD:
        if standard in told.standards:
            cells = (texts[f"about_{told.about}"], texts[f"when_{told.key}"].replace("`", ""))
            rows.append((SheetCell((told.key,), is_code=True), *(SheetCell((cell,)) for cell in cells)))
    return SheetTable(words["told_statements"], _columns(words, "verb", "about", "when"), tuple(rows))


def _told_settings(build: Build, target: Target, words: Words) -> SheetSection:
    verb = vocabulary.VERBS + ("passed" if True in _kinds(build) else "completed")
    rows = tuple(tuple(SheetCell((text,)) for text in row) for row in launchers(target.NAME, verb, words))
    table = SheetTable(words["told_settings"], _columns(words, "lms", "know"), rows)
    return SheetSection("settings", words["settings"], (words[f"{target.NAME}_settings_intro"],), tables=(table,))


def launchers(target: str, verb: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what launches packages of a target, and what to do and to know; `verb` is that of success."""
    for key in LAUNCHERS[target]:
        start = target if f"{target}_lms_{key}_name" in words else "told"
        yield words[f"{start}_lms_{key}_name"], words[f"{start}_lms_{key}_value"].format(verb=verb)


def _told_update(course: Course, build: Build, target: Target, words: Words) -> SheetSection:
    name = target.NAME
    lessons = ("cmi5_update_added", "cmi5_update_removed", "update_moved") if build.scos else ()
    kept = ("update_answers", "alone_update_passed", "update_open", "update_back")
    keys = (f"{name}_update_identifier", "told_update_registration", f"{name}_update_moodle", *lessons, *kept)
    values = {"iri": course.settings.iri, "id": course.settings.id, "revision": build.revision}
    bullets = tuple(words[key].format(**values) for key in (*keys, f"{name}_update_breaks", "update_revision"))
    return SheetSection("update", words["update"], (words["told_update_intro"],), bullets)


def _told_limits(course: Course, build: Build, target: Target, words: Words) -> Iterator[str]:
    apart = [words["quoted"].format(title=lesson.title) for lesson in course.lessons if not lesson.is_graded]
    if apart:
        yield words["limit_not_graded"].format(titles=", ".join(apart))
    has_gaps = any(one.type == "fill-in" for asked in build.interactions.values() for one in asked)
    keys = ["limit_course"] * bool(build.scos) + ["told_limit_visits"] + ["told_limit_texts"] * has_gaps
    keys += ["told_limit_time"] + ["cmi5_limit_preview"] * (target.NAME == cmi5.NAME) + ["limit_alone"]
    yield from (words[key] for key in keys)


def _told_privacy(course: Course, build: Build, target: Target, words: Words) -> Iterator[str]:
    """Yield who is told of learners, and where what they write in words of their own goes."""
    yield from (words[key] for key in (f"{target.NAME}_privacy_actor", "told_privacy_calls", "told_privacy_browser"))
    sent = "told_privacy_texts" if course.settings.open_text else "told_privacy_withheld"
    for key, is_kept in ((sent, False), ("privacy_device", True)):
        if ids := _texts(course, build, is_kept=is_kept):
            yield words[key].format(ids=", ".join(ids))


def _texts(course: Course, build: Build, *, is_kept: bool) -> list[str]:
    """Return the ids of open texts, of those kept on the device or of the others."""
    asked = (build.interactions.get(question.id, ()) for lesson in course.lessons for question in lesson.questions)
    return [one.id for each in asked for one in each if one.type == "long-fill-in" and is_kept == (not one.limit)]


# --- without LMS -----------------------------------------------------------------------------------------------------


def _alone(course: Course, build: Build, words: Words) -> tuple[SheetSection, ...]:
    """Return the sections of a package that no LMS plays."""
    key = f"carabin:{course.settings.id}::0"
    again = ["failed_again"] if {"failed", "passed"} <= set(_statuses(build.completion)) else []
    score = ["alone_score_how"] if _is_scored(course) else ["alone_score_none"]
    contract = ("alone_status_kept", *score, *again, "alone_score_claim")
    publish = ("host", "disk", "offline", "frame", "origin", "print")
    kept = ("what", "where", "until", "shared", "windows", "blocked")
    kept_by = ("alone_update_identifier", "update_answers", "alone_update_passed", "alone_update_open", "update_back")
    update = (*kept_by, "alone_update_breaks", "update_revision")
    limits = ("alone_limit_visits", "limit_tries", "alone_limit_texts")
    table = SheetTable(
        words["alone_statuses"],
        (words["column_status"], words["alone_column_when"]),
        tuple(_status_rows(course, build, words)),
    )
    return (
        SheetSection(
            "publish",
            words["alone_publish"],
            (words["alone_publish_intro"],),
            tuple(words[f"alone_publish_{name}"] for name in publish),
        ),
        SheetSection(
            "contract",
            words["contract"],
            (words["alone_contract_intro"], words["lesson_done"]),
            tuple(words[name] for name in contract),
            (table,),
        ),
        SheetSection(
            "kept",
            words["alone_kept"],
            (words["alone_kept_intro"].format(key=key),),
            tuple(words[f"alone_kept_{name}"] for name in kept),
        ),
        SheetSection(
            "update",
            words["alone_update"],
            (words["alone_update_intro"],),
            tuple(words[name].format(id=course.settings.id, revision=build.revision) for name in update),
        ),
        SheetSection(
            "limits",
            words["alone_limits"],
            (words["alone_limits_intro"],),
            tuple(words[name] for name in limits),
        ),
        SheetSection("privacy", words["privacy"], (words["alone_privacy_calls"], words["alone_privacy_host"])),
        SheetSection("keys", words["keys"], (words["alone_keys_travel"], words["keys_sheet"])),
    )


# --- numbers ---------------------------------------------------------------------------------------------------------


def _columns(words: Words, *keys: str) -> tuple[str, ...]:
    return tuple(words[f"column_{key}"] for key in keys)


def _number(number: float, words: Words) -> str:
    """Return a number with at most two decimals, and its thousands apart."""
    text = f"{round(number, 2):,.2f}".rstrip("0").rstrip(".")
    return text.translate({ord(","): words["thousands"], ord("."): words["decimal"]})


def _size(size: int, words: Words) -> str:
    unit, name = (1_000_000, "megabytes") if size >= 1_000_000 else (1_000, "kilobytes")
    return words[name].format(number=_number(round(size / unit, 1), words), bytes=_number(size, words))


def minutes_in_words(minutes: float, words: Words) -> str:
    """Return a duration in the words of the section `sheet`: `1 h 30 min`."""
    hours, rest = divmod(round(minutes), 60)
    key = "hours_minutes" if hours and rest else "hours" if hours else "minutes"
    return words[key].format(hours=hours, minutes=rest)

"""When a course is completed, failed or passed: a table that the player interprets (`runtime/completion.js`, our twin).

`completion_table` makes the table of a course; `prove` plays every order of events on it before it ships (language,
"When a lesson is done, and what the grade is").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

from builder.codec import STATUSES, Status
from builder.diagnostics import Diagnostics, Span, error
from builder.model import CompleteWhen, Course, Lesson

Fact = Literal["lessons", "everything", "mastery", "minutes"]
"""What a row asks: all named lessons are done; all lessons that are not optional are; the grade reaches the mastery
score; the minutes are spent."""
FACTS: tuple[Fact, ...] = ("lessons", "everything", "mastery", "minutes")
Facts = Mapping[str, bool]
Problem = Literal["downgrade", "circle", "unreachable", "opening"]

_BETTER: Mapping[Status, frozenset[Status]] = {
    "incomplete": frozenset(STATUSES),
    "failed": frozenset({"failed", "completed", "passed"}),
    "completed": frozenset({"completed", "passed"}),
    "passed": frozenset({"passed"}),
}
"""Where a status may lead: never down."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step: `when` holds facts that must hold, or must not (`!mastery`)."""

    when: tuple[str, ...]
    to: Status


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of each status. `lessons`: the ids that the fact `lessons` means, None for all that are not optional."""

    initial: Status
    states: Mapping[Status, tuple[Row, ...]]
    lessons: tuple[str, ...] | None = None
    minutes: float | None = None


def completion_table(course: Course) -> Table:
    """Return the table of a course's `complete_when`.

    With mastery: passed once the lessons are done with a sufficient grade; failed only when everything is done, and
    `failed` may still become `passed`. Without: completed. Minutes, where wanted, hold back all three.
    """
    wanted = course.settings.complete_when
    time = ("minutes",) if wanted.minutes is not None else ()
    if wanted.mastery:
        passed = Row(("lessons", *time, "mastery"), "passed")
        failed = Row(("everything", *time, "!mastery"), "failed")
        rows: dict[Status, tuple[Row, ...]] = {"incomplete": (passed, failed), "failed": (passed,)}
    else:
        # A learner who failed under an earlier version of the course, with mastery, is not left behind.
        completed = Row(("lessons", *time), "completed")
        rows = {"incomplete": (completed,), "failed": (completed,)}
    states = {status: rows.get(status, ()) for status in STATUSES}
    return Table("incomplete", states, wanted.lessons, wanted.minutes)


def alone(course: Course, lesson: Lesson) -> Course:
    """Return the course that one SCO is where each lesson is one: this lesson, not optional, judged by itself.

    A graded lesson with scored questions reports passed or failed when the course counts its mastery score; another
    one completed. Lessons and minutes that `complete_when` names are refused where they are written (T210, T211).
    """
    settings = course.settings
    when = CompleteWhen(None, settings.complete_when.mastery and lesson.is_scored, None)
    mastery = settings.mastery if lesson.is_scored else None
    changed = replace(settings, mastery=mastery, complete_when=when)
    return replace(course, settings=changed, lessons=(replace(lesson, audience=()),))


def as_data(table: Table) -> dict[str, Any]:
    """Return the table as the player reads it (`CompletionTable` in `runtime/types.d.ts`)."""
    states = {
        status: [{"when": list(row.when), "to": row.to} for row in table.states[status]] for status in table.states
    }
    data: dict[str, Any] = {"initial": table.initial, "states": states}
    if table.lessons is not None:
        data["lessons"] = list(table.lessons)
    if table.minutes is not None:
        data["minutes"] = table.minutes
    return data


def step(table: Table, status: Status, facts: Facts) -> Status:
    """Return the status that facts lead to: rows are tried in order, and again from the new status, until none applies
    (or as often as there are statuses: more would be a circle, which `prove` refuses)."""
    for _ in STATUSES:
        rows = _rows(table, status, facts)
        if not rows:
            break
        status = rows[0].to
    return status


def facts_of(course: Course, table: Table, done: Iterable[str], is_mastered: bool, minutes: float) -> dict[str, bool]:
    """Return the facts when some lessons are done; a lesson for some audiences only is optional for the course."""
    finished = frozenset(done)
    asked = frozenset(lesson.id for lesson in course.lessons if not lesson.audience)
    return {
        "lessons": finished >= (asked if table.lessons is None else frozenset(table.lessons)),
        "everything": finished >= asked,
        "mastery": is_mastered,
        "minutes": minutes >= (table.minutes or 0),
    }


def check_completion(course: Course, table: Table, span: Span) -> Diagnostics:
    """Report a course that ends by being opened: nothing has to be done in it. `span` is the place of `complete_when`,
    or of the course. That nothing else is wrong with a table of ours is asserted."""
    opening = facts_of(course, table, (), False, 0)
    problems = prove(table, opening)
    assert problems <= {"opening"}, problems
    return (error("T110", span, status=step(table, table.initial, opening)),) if problems else ()


def prove(table: Table, opening: Facts) -> frozenset[Problem]:
    """Play every order of events on a table and return what must not be.

    Facts come and go freely (a new version adds lessons, a new try changes the grade), except those that hold from the
    `opening` on, when nothing is done. `downgrade`: a status leads to a lower one; `circle`: steps without end;
    `unreachable`: no learner gets to the good end; `opening`: opening and closing is reported as more than incomplete.
    """
    always = {name for name in FACTS if opening[name] and name != "mastery"}
    values = product(*((True,) if name in always else (False, True) for name in FACTS))
    events: list[Facts] = [dict(zip(FACTS, event, strict=True)) for event in values]
    problems: set[Problem] = set()
    reached: dict[Status, None] = {table.initial: None}
    for status in STATUSES:
        for facts in events:
            end = step(table, status, facts)
            problems |= {"downgrade"} if end not in _BETTER[status] else set()
            problems |= {"circle"} if any(row.to != end for row in _rows(table, end, facts)) else set()
    waiting = [table.initial]
    while waiting:
        status = waiting.pop()
        following = {step(table, status, facts) for facts in events} - reached.keys()
        reached.update(dict.fromkeys(following))
        waiting += following
    wanted = {row.to for rows in table.states.values() for row in rows}
    if not reached.keys() & ({"passed"} if "passed" in wanted else {"completed"}):
        problems.add("unreachable")
    if step(table, table.initial, opening) != "incomplete":
        problems.add("opening")
    return frozenset(problems)


def _rows(table: Table, status: Status, facts: Facts) -> list[Row]:
    return [
        row
        for row in table.states.get(status, ())
        if all(not facts.get(name[1:]) if name.startswith("!") else facts.get(name) for name in row.when)
    ]

"""When a course is over: the table is proved before it ships, and both languages read it alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from twin import VECTORS, Player, player

from builder.codec import STATUSES, Status
from builder.completion import (
    FACTS,
    Facts,
    Row,
    Table,
    as_data,
    check_completion,
    completion_table,
    facts_of,
    prove,
    step,
)
from builder.diagnostics import Span
from builder.model import CompleteWhen, Course

__all__ = ["player"]

NOTHING: Facts = dict.fromkeys(FACTS, False)
PLACE = Span("course.yml", 12)
WHEN = {
    "all lessons": CompleteWhen(None, False, None),
    "all lessons and mastery": CompleteWhen(None, True, None),
    "some lessons and mastery": CompleteWhen(("alerter",), True, None),
    "all lessons and minutes": CompleteWhen(None, False, 90),
    "some lessons, mastery and minutes": CompleteWhen(("alerter",), True, 90),
}


def course(when: CompleteWhen, audience: tuple[str, ...] = ()) -> Course:
    lessons = (
        synthetic.lesson("reconnaitre", "Reconnaître", synthetic.QUESTION, audience=audience),
        synthetic.lesson("alerter", "Alerter"),
    )
    return synthetic.course(*lessons, complete_when=when)


def table(name: str) -> Table:
    return completion_table(course(WHEN[name]))


def play(table: Table, *events: str) -> list[Status]:
    """The statuses after each event; an event names the facts that hold, separated by spaces."""
    status, seen = table.initial, []
    for event in events:
        status = step(table, status, {name: name in event.split() for name in FACTS})
        seen.append(status)
    return seen


# --- what is sent, and when ------------------------------------------------------------------------------------------


def test_the_table_is_data() -> None:
    assert as_data(table("all lessons and mastery")) == synthetic.TABLE
    assert as_data(table("some lessons, mastery and minutes")) == {
        "initial": "incomplete",
        "states": {
            "incomplete": [
                {"when": ["lessons", "minutes", "mastery"], "to": "passed"},
                {"when": ["everything", "minutes", "!mastery"], "to": "failed"},
            ],
            "completed": [],
            "failed": [{"when": ["lessons", "minutes", "mastery"], "to": "passed"}],
            "passed": [],
        },
        "lessons": ["alerter"],
        "minutes": 90,
    }


def test_without_mastery_a_course_is_completed() -> None:
    assert play(table("all lessons"), "", "mastery", "lessons everything") == ["incomplete", "incomplete", "completed"]


def test_a_pass_stays() -> None:
    events = ("lessons mastery", "lessons", "", "everything lessons")
    assert play(table("all lessons and mastery"), *events) == ["passed"] * 4


def test_failed_only_when_everything_is_done_and_it_may_become_passed() -> None:
    events = ("lessons", "lessons everything", "lessons", "lessons everything mastery")
    expected = ["incomplete", "failed", "failed", "passed"]
    assert play(table("some lessons and mastery"), *events) == expected


def test_minutes_hold_back_what_is_final() -> None:
    events = ("lessons everything", "lessons everything minutes", "lessons everything minutes mastery")
    expected = ["incomplete", "failed", "passed"]
    assert play(table("some lessons, mastery and minutes"), *events) == expected


def test_who_failed_under_an_earlier_version_is_not_left_behind() -> None:
    assert step(table("all lessons"), "failed", {**NOTHING, "lessons": True}) == "completed"


def test_facts() -> None:
    optional = course(WHEN["some lessons and mastery"], audience=("infirmier",))
    made = completion_table(optional)
    assert facts_of(optional, made, (), False, 0) == {**NOTHING, "minutes": True}
    assert facts_of(optional, made, ("alerter",), True, 0) == dict.fromkeys(FACTS, True)
    everyone = course(WHEN["some lessons, mastery and minutes"])
    made = completion_table(everyone)
    assert facts_of(everyone, made, ("alerter",), False, 89) == {**NOTHING, "lessons": True}
    assert facts_of(everyone, made, ("reconnaitre",), False, 90) == {**NOTHING, "minutes": True}


# --- the proof -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHEN)
def test_our_tables_are_sound(name: str) -> None:
    assert check_completion(course(WHEN[name]), table(name), PLACE) == ()


def rows(*steps: tuple[Status, str, Status]) -> Table:
    states: dict[Status, tuple[Row, ...]] = {
        status: tuple(Row(tuple(when.split()), to) for source, when, to in steps if source == status)
        for status in STATUSES
    }
    return Table("incomplete", states)


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (rows(("incomplete", "lessons", "passed"), ("passed", "!mastery", "failed")), "downgrade"),
        (rows(("incomplete", "lessons", "completed"), ("completed", "!lessons", "incomplete")), "downgrade"),
        (rows(("incomplete", "lessons", "completed"), ("completed", "lessons", "completed")), ""),
        (rows(("incomplete", "lessons", "failed"), ("failed", "lessons !lessons", "passed")), "unreachable"),
        (rows(("incomplete", "lessons !lessons", "completed")), "unreachable"),
        (rows(("incomplete", "!mastery", "completed")), "opening"),
    ],
)
def test_what_the_proof_finds(broken: Table, problem: str) -> None:
    assert prove(broken, NOTHING) == ({problem} if problem else set())


def test_the_proof_finds_a_circle() -> None:
    turning = rows(
        ("incomplete", "lessons", "failed"), ("failed", "lessons", "passed"), ("passed", "lessons", "failed")
    )
    assert prove(turning, NOTHING) == {"circle"}


def test_a_course_that_ends_by_being_opened() -> None:
    """Every lesson is for some audience only: nothing has to be done."""
    nobody = synthetic.course(
        synthetic.lesson("alerter", "Alerter", audience=("infirmier",)), complete_when=WHEN["all lessons"]
    )
    (found,) = check_completion(nobody, completion_table(nobody), PLACE)
    assert (found.code, found.span, dict(found.arguments)) == ("T110", PLACE, {"status": "completed"})


# --- both languages --------------------------------------------------------------------------------------------------


def run(table: Table, start: Status, events: Sequence[Facts]) -> list[Status]:
    status, seen = start, []
    for facts in events:
        status = step(table, status, facts)
        seen.append(status)
    return seen


def vectors() -> str:
    """From every status, every combination of facts; and one long sequence."""
    events: list[Facts] = [dict(zip(FACTS, event, strict=True)) for event in product((False, True), repeat=len(FACTS))]
    cases: list[dict[str, Any]] = []
    for name in WHEN:
        made = table(name)
        steps = [[status, facts, step(made, status, facts)] for status in STATUSES for facts in events]
        sequence = {"facts": events, "statuses": run(made, made.initial, events)}
        cases.append({"name": name, "table": as_data(made), "steps": steps, "sequence": sequence})
    return "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n"


def test_the_vectors_are_what_python_does(update: bool) -> None:
    path = VECTORS / "completion.json"
    if update:
        path.write_text(vectors(), "utf-8")
    assert path.read_text("utf-8") == vectors()


STATUS = st.sampled_from(STATUSES)
ROW = st.builds(
    Row, st.lists(st.sampled_from((*FACTS, *(f"!{name}" for name in FACTS), "unknown", "!unknown"))).map(tuple), STATUS
)
TABLES = st.builds(
    Table, STATUS, st.dictionaries(STATUS, st.lists(ROW, max_size=3).map(tuple), max_size=4)
) | st.sampled_from(list(WHEN)).map(table)
EVENTS = st.lists(st.fixed_dictionaries(dict.fromkeys(FACTS, st.booleans())), max_size=12)


@pytest.mark.needs("node")
@given(TABLES, STATUS, EVENTS)
def test_the_player_interprets_alike(player: Player, table: Table, start: Status, events: list[Facts]) -> None:
    """Any table, any start, any sequence of events: circles included."""
    theirs, status = [], start
    for facts in events:
        status = player.ask("step", table=as_data(table), status=status, facts=facts)
        theirs.append(status)
    assert theirs == run(table, start, events)


@given(st.sampled_from(list(WHEN)), EVENTS)
def test_no_sequence_of_events_goes_down(name: str, events: list[Facts]) -> None:
    statuses = ["incomplete", *run(table(name), "incomplete", events)]
    ranks = [STATUSES.index(status) if status != "completed" else 9 for status in statuses]
    assert ranks == sorted(ranks)

"""The saved state: nothing is lost, whatever the version that wrote it, and both languages write the same bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin import VECTORS, Player, lessons_data, player, received_data, state_data

from builder.codec import (
    Asked,
    Decoded,
    Pool,
    Record,
    Slots,
    State,
    Visit,
    decode,
    encode,
    receive,
    state_fits,
    worst_case,
)
from builder.diagnostics import Span
from builder.lock import Entry
from builder.model import EXTRAS, LETTERS, Component, Interaction
from builder.score import Response, Text, interaction_fraction

__all__ = ["player"]

ATTEMPT = 0xC0FFEE01


def letters(text: str) -> tuple[Component, ...]:
    return tuple(Component(letter, "") for letter in text)


ONE = Interaction("q2", "choice", components=letters("abc"), right=("b",))
SEVERAL = Interaction("q3", "choice", components=letters("abcdefgh9"), multiple=True, right=("a", "h", "9"))
TYPED = Interaction("q4.a", "fill-in", "a", accept=("MSSanté", "messagerie sécurisée"), typos=1)
NUMBER = Interaction("q4.b", "numeric", "b", ranges=((3.4, 3.6),))
SELECT = Interaction("q4.c", "choice", "c", components=letters("ab"), right=("a",))
OPEN = Interaction("q5", "long-fill-in")
ORDER = Interaction("q6", "sequencing", components=letters("abcd"))
PAIRS = Interaction("q7", "matching", components=letters("ab"), targets=letters("xy"))
PATH = Interaction("q8", "performance", steps=(("ab", 2), ("ca", 1)), best=3, ends=("ca",), limit=6)
SHORT = Interaction("q9", "long-fill-in", limit=6)
SURE = Interaction("q9.confidence", "likert", "confidence", components=letters("abcd"))
DRAWN = Interaction("q10", "other", limit=3)

SLOTS: Slots = {
    1: None,
    2: Asked(2, 1, (ONE,)),
    3: Asked(3, 1, (SEVERAL,)),
    40: None,
    5: Asked(5, 1, (OPEN,)),
    # The source shows the gaps in another order than that of their letters.
    4: Asked(4, 2, (NUMBER, TYPED, SELECT)),
    6: Asked(6, 1, (ORDER,)),
    7: Asked(7, 1, (PAIRS,)),
    21: Asked(21, 1, (PATH,)),
    22: Asked(22, 1, (SURE, SHORT)),
    23: Asked(23, 1, (DRAWN,)),
}
EVERYTHING = State(
    revision=2,
    counter=300,
    attempt=ATTEMPT,
    status="failed",
    next=9,
    place=40,
    lessons={1: Visit(True, True), 40: Visit(True, False)},
    questions={
        2: Record(1, 0, 0, (("b",),), 2),
        3: Record(2, 1, 1, (("a", "h", "9"),), 1),
        4: Record(1, 3, 2, (Text("3,55"), Text("Messagerie Securisee !"), ("b",)), 2),
        5: Record(1, 0, 5, (Text("J'ai appelé le RSSI, puis prévenu ma cadre de santé."),), 2),
        6: Record(3, 0, 6, (("c", "a", "b", "d"),), 2),
        7: Record(1, 0, -1, (("ay", "bx"),), 2),
        21: Record(0, 0, -1, (("ab", "bc", "ab"),), 2),
        22: Record(1, 0, 8, (("c",), Text("appelé")), 2),
        23: Record(1, 0, -1, (("2", "7", "300"),), 2),
    },
)


def raw(*content: int | bytes) -> str:
    """A state from its bytes; numbers stand for one byte each."""
    joined = b"".join(bytes([one]) if isinstance(one, int) else one for one in content)
    return base64.urlsafe_b64encode(joined).decode().rstrip("=")


HEADER = (1, 2, 7, b"\xc0\xff\xee\x01")
COURSE = (0x13, 0, 0, 0)


# --- vectors ---------------------------------------------------------------------------------------------------------


def typed(*texts: str | Text) -> State:
    given = tuple(text if isinstance(text, Text) else Text(text) for text in texts)
    return State(2, 1, ATTEMPT, questions={4: Record(1, 0, 0, (Text("3,5"), *given, None)[:3], 2)})


CASES: Mapping[str, tuple[str, int, int | None]] = {
    "a new state": (encode(State(2, 0, 1), SLOTS), 2, 4096),
    "everything": (encode(EVERYTHING, SLOTS), 2, 4096),
    "a typed text that is wrong": (encode(typed("messagrie"), SLOTS), 2, None),
    "a typed text that is wrong and too long": (encode(typed("pas du tout sécurisé"), SLOTS), 2, None),
    "an open text longer than its limit": (
        encode(State(2, 1, 9, questions={22: Record(1, 0, 0, (None, Text("prévenu")), 2)}), SLOTS),
        2,
        None,
    ),
    "an answer given before its question asked how sure": (raw(*HEADER, *COURSE, 0x04, 22, 8, 1, 7, 97), 2, None),
    "a text is cut between letters": (encode(typed("aaaaaaaaaaaéé"), SLOTS), 2, None),
    "a typed text that is right by a typo": (encode(typed("messagerie sécurisé"), SLOTS), 2, None),
    "a short text that is right by a typo": (encode(typed("MSSante9"), SLOTS), 2, None),
    "texts that were not kept": (encode(typed(Text("", cut=True)), SLOTS), 2, None),
    "room is short": (encode(typed("faux"), SLOTS), 2, 32),
    "room is very short": (encode(EVERYTHING, SLOTS), 2, 20),
    "reopened": (encode(State(2, 1, 9, questions={2: Record(0, 0, 0, (("a",),), 2)}), SLOTS), 2, None),
    "hints before any answer": (encode(State(2, 1, 9, questions={4: Record(0, 2, -1, None, 2)}), SLOTS), 2, None),
    "tries without an answer": (raw(*HEADER, *COURSE, 0x23, 8, 1, 0), 2, None),
    "an older state is stamped anew": (encode(replace(EVERYTHING, revision=1), SLOTS), 2, None),
    "an answer older than its key": (encode(State(1, 1, 9, questions={4: Record(1, 0, 0, None, 1)}), SLOTS), 2, None),
    "an answer older than its key, of other parts": (
        raw(1, 1, 7, b"\xc0\xff\xee\x01", *COURSE, 0x43, 8, 1, 0),
        2,
        None,
    ),
    "an answer whose key changed later": (encode(EVERYTHING, SLOTS), 3, None),
    "a newer state keeps its revision": (encode(replace(EVERYTHING, revision=3), SLOTS), 2, None),
    "a newer record that reads differently": (
        raw(1, 3, 7, b"\xc0\xff\xee\x01", *COURSE, 0x45, 8, 1, 33, 7, 2),
        2,
        None,
    ),
    "an alternative that is gone": (raw(*HEADER, *COURSE, 0x45, 8, 1, 33, 1, 0), 2, None),
    "slots of another version": (
        raw(*HEADER, *COURSE, 0x82, 1, 2, 0x03, 99, b"abc", 0x0F, 15, 16, b"sixteen bytes ok"),
        2,
        None,
    ),
    "a later format appends to records": (
        raw(*HEADER, 0x15, 0, 0, 0, 7, 7, 0x13, 3, 9, 9, 0x15, 8, 1, 2, 8, 8),
        2,
        None,
    ),
    "a record that cannot be read": (raw(*HEADER, *COURSE, 0x11, 3, 0x12, 8, 1), 2, None),
    "a text that is not UTF-8": (raw(*HEADER, *COURSE, 0x46, 8, 1, 7, 255, 1, 0), 2, None),
    "a letter that does not exist": (raw(*HEADER, *COURSE, 0x28, 8, 1, 128, 128, 128, 128, 128, 2), 2, None),
    "a course record that cannot be read": (raw(*HEADER, 0x11, 0, 0x11, 3), 2, None),
    "no record at all": (raw(*HEADER), 2, None),
    "not base64url": ("AQIH*", 2, None),
    "padded": ("AQIHwP_uAQ==", 2, None),
    "a length that base64 cannot have": ("AQIHw", 2, None),
    "nothing": ("", 2, None),
    "another format": (raw(2, 2, 7, b"\xc0\xff\xee\x01"), 2, None),
    "attempt 0": (raw(1, 2, 7, b"\0\0\0\0"), 2, None),
    "a header that ends too soon": (raw(1, 2, 7, b"\xc0\xff"), 2, None),
    "a record that ends too soon": (raw(*HEADER, 0x13, 0, 0), 2, None),
    "a slot twice": (raw(*HEADER, *COURSE, 0x01, 0, 3), 2, None),
    "a number beyond all measure": (raw(1, b"\xff" * 9, 1, 7, b"\xc0\xff\xee\x01"), 2, None),
}


def vectors() -> str:
    lessons = lessons_data(SLOTS)
    cases = [
        {
            "name": name,
            "text": text,
            "revision": revision,
            "limit": limit,
            "expected": received_data(text, SLOTS, revision, limit),
        }
        for name, (text, revision, limit) in CASES.items()
    ]
    return json.dumps({"lessons": lessons, "cases": cases}, ensure_ascii=False, indent=1) + "\n"


def test_the_vectors_are_what_python_does(update: bool) -> None:
    path = VECTORS / "state.json"
    if update:
        path.write_text(vectors(), "utf-8")
    assert path.read_text("utf-8") == vectors()


@pytest.mark.needs("node")
@pytest.mark.parametrize("name", CASES)
def test_the_player_does_the_same(player: Player, name: str) -> None:
    text, revision, limit = CASES[name]
    theirs = player.ask("receive", text=text, lessons=lessons_data(SLOTS), revision=revision, limit=limit)
    assert theirs == received_data(text, SLOTS, revision, limit)


# --- what a vector means ---------------------------------------------------------------------------------------------


def received(name: str) -> State:
    text, revision, _ = CASES[name]
    found = receive(text, SLOTS, revision)
    assert found is not None
    return found.state


def again(state: State) -> State:
    found = decode(encode(state, SLOTS), SLOTS)
    assert found is not None
    return found.state


def gap(name: str) -> Response:
    response = received(name).questions[4].response
    assert response is not None
    return response[1]


def test_bytes_of_a_small_state() -> None:
    """The contract, byte by byte: header; course; lesson 1, done; question 2, answered b at the first try."""
    state = State(2, 300, ATTEMPT, "passed", 1, 1, b"", {1: Visit(True, True)}, {2: Record(1, 0, 0, (("b",),), 2)})
    content = bytes((1, 2, 0xAC, 2, 0xC0, 0xFF, 0xEE, 1, 0x13, 6, 1, 1, 0x11, 3, 0x13, 8, 1, 2))
    assert encode(state, SLOTS) == raw(content)


def test_what_is_kept_of_typed_texts() -> None:
    assert gap("everything") == Text("messagerie sécurisée")
    assert gap("a typed text that is wrong") == Text("messagrie")
    assert gap("a typed text that is wrong and too long") == Text("pas du tout ", cut=True)
    assert gap("a text is cut between letters") == Text("aaaaaaaaaaa", cut=True)
    assert gap("a typed text that is right by a typo") == Text("", right=True)
    assert gap("a short text that is right by a typo") == Text("MSSante9")
    assert gap("an alternative that is gone") == Text("messagerie sécurisée")


def test_an_open_text_is_kept_whole() -> None:
    for name in ("everything", "room is very short"):
        response = received(name).questions[5].response
        assert response == (Text("J'ai appelé le RSSI, puis prévenu ma cadre de santé."),)
    assert "RSSI" in str(again(EVERYTHING).questions[5].response)


def test_when_room_is_short_the_longest_words_go_first() -> None:
    state = typed("messagrie")
    assert gap_of(encode(state, SLOTS, 36)) == (Text("3,5"), Text("", cut=True))
    assert gap_of(encode(state, SLOTS, 1)) == (Text("", right=True), Text("", cut=True))
    assert gap_of(encode(state, SLOTS, 4096)) == (Text("3,5"), Text("messagrie"))


def gap_of(text: str) -> tuple[Response, ...]:
    found = decode(text, SLOTS)
    assert found is not None
    return (found.state.questions[4].response or ())[:2]


def test_an_older_state_is_stamped_anew_and_old_keys_are_asked_again() -> None:
    state = received("an older state is stamped anew")
    assert state.revision == 2
    assert {slot: record.revision for slot, record in state.questions.items()} == dict.fromkeys(EVERYTHING.questions, 2)
    assert received("an answer older than its key").questions == {}
    text, revision, _ = CASES["an answer older than its key, of other parts"]
    assert receive(text, SLOTS, revision) == Decoded(State(2, 7, ATTEMPT), ())


def test_a_newer_state_is_written_back_untouched() -> None:
    """progress, "Old state": after a roll-back nothing of the newer version is lost, even where it reads oddly."""
    for name in ("a newer state keeps its revision", "a newer record that reads differently"):
        text, revision, _ = CASES[name]
        found = receive(text, SLOTS, revision)
        assert found is not None
        assert encode(found.state, SLOTS) == text
    state = received("a newer state keeps its revision")
    assert (state.revision, state.questions[2].revision, state.questions[3].revision) == (3, 2, 1)


def test_an_answer_given_after_a_roll_back_says_so() -> None:
    state = received("a newer state keeps its revision")
    fresh = Record(1, 0, 0, (("a",),), revision=2)
    written = encode(replace(state, questions={**state.questions, 2: fresh}), SLOTS)
    found = receive(written, {**SLOTS, 2: Asked(2, 3, (ONE,))}, 3)
    assert found is not None
    assert 2 not in found.state.questions


@pytest.mark.parametrize("name", [name for name in CASES if received_data(*CASES[name][:1], SLOTS, 2, None) is None])
def test_what_is_unreadable(name: str) -> None:
    assert name in {
        "not base64url",
        "padded",
        "a length that base64 cannot have",
        "nothing",
        "another format",
        "attempt 0",
        "a header that ends too soon",
        "a record that ends too soon",
        "a slot twice",
        "a number beyond all measure",
    }


def test_what_cannot_be_read_stays_aside_and_is_written_back() -> None:
    for name, aside in (
        ("slots of another version", ()),
        ("a record that cannot be read", (2,)),
        ("a text that is not UTF-8", (4,)),
        ("a letter that does not exist", (2,)),
        ("a course record that cannot be read", (0,)),
    ):
        text, revision, _ = CASES[name]
        found = receive(text, SLOTS, revision)
        assert found is not None
        assert found.aside == aside
        assert found.state.opaque
        assert encode(found.state, SLOTS) == text


# --- properties ------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.sampled_from(
    ("MSSanté", "mssante", "MSSant", "msante", "3,5", "−3.5", "3 500", "œuf", "é" * 9, "messagerie  sécurisée.")
)


@st.composite
def interactions(draw: st.DrawFn) -> tuple[Interaction, ...]:
    own = draw(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4, unique=True))
    extras = draw(st.lists(st.sampled_from(EXTRAS), unique=True))
    kinds = ("choice", "true-false", "likert", "fill-in", "long-fill-in", "numeric", "sequencing", "matching")
    made = []
    for letter in draw(st.permutations(own + extras)):
        kind = "likert" if letter in extras else draw(st.sampled_from((*kinds, "performance", "other")))
        options = draw(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=6, unique=True))
        made.append(
            Interaction(
                f"q.{letter}",
                kind,
                letter if len(own) > 1 or letter in extras else "",
                components=letters("".join(options)),
                targets=letters("xyz"),
                multiple=draw(st.booleans()),
                right=tuple(draw(st.lists(st.sampled_from(options), unique=True))),
                accept=tuple(draw(st.lists(TEXTS, max_size=3))) if kind == "fill-in" else (),
                ranges=((3.4, 3.6), (-5.0, -3.5)) if kind == "numeric" else (),
                strict_case=draw(st.booleans()),
                strict_accents=draw(st.booleans()),
                typos=draw(st.integers(0, 2)),
                steps=tuple((step, 1) for step in STEPS),
                best=2,
                limit=draw(st.integers(0, 80)) if kind == "long-fill-in" else 9,
            )
        )
    return tuple(made)


STEPS = ("ab", "ca", "9z")


@st.composite
def packages(draw: st.DrawFn) -> Slots:
    numbers = draw(st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True))
    return {
        slot: Asked(slot, draw(st.integers(1, 2)), draw(interactions())) if draw(st.booleans()) else None
        for slot in numbers
    }


@st.composite
def given_to(draw: st.DrawFn, interaction: Interaction) -> Response:
    if draw(st.integers(0, 5)) == 0:
        return None
    options = [component.letter for component in interaction.components]
    if interaction.type in ("choice", "true-false", "likert"):
        picked = draw(st.lists(st.sampled_from(options), min_size=1, unique=True))
        return tuple(sorted(picked, key=LETTERS.index))
    if interaction.type == "sequencing":
        return tuple(draw(st.permutations(options)))
    if interaction.type == "matching":
        return tuple(letter + draw(st.sampled_from("xyz")) for letter in options)
    if interaction.type == "performance":
        return tuple(draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=9)))
    if interaction.type == "other":
        return tuple(map(str, draw(st.lists(st.integers(0, 2**14 - 1), min_size=1, max_size=9))))
    return Text(draw(TEXTS.filter(bool)))


@st.composite
def states(draw: st.DrawFn, slots: Slots, revision: int) -> State:
    """A state as a player of this package makes it; answers are of any revision from their key's to the header's."""
    visits: dict[int, Visit] = {}
    records: dict[int, Record] = {}
    for slot, asked in slots.items():
        if draw(st.booleans()):
            continue
        if asked is None:
            visits[slot] = Visit(draw(st.booleans()), draw(st.booleans()))
            continue
        responses = tuple(draw(given_to(one)) for one in asked.interactions)
        tries = draw(st.integers(0, 40))
        known = tries or any(response is not None for response in responses)
        own = draw(st.integers(min(asked.keyed_at, revision), revision))
        records[slot] = Record(
            tries, draw(st.integers(0, 3)), draw(st.integers(-1, 300)), responses if known else None, own
        )
    unknown = draw(st.dictionaries(st.integers(61, 90), st.binary(max_size=20), max_size=3))
    numbers = st.integers(0, 2**40)
    return State(
        revision,
        draw(numbers),
        draw(st.integers(1, 2**32 - 1)),
        draw(st.sampled_from(("incomplete", "completed", "failed", "passed"))),
        draw(numbers),
        draw(numbers),
        draw(st.binary(max_size=3)),
        visits,
        records,
        unknown,
    )


def worth(state: State, slots: Slots) -> dict[int, list[float]]:
    """What every answer of a state is worth."""
    return {
        slot: [interaction_fraction(one, record.response[n]) for n, one in enumerate(asked.interactions)]
        for slot, record in state.questions.items()
        if (asked := slots[slot]) is not None and record.response is not None
    }


@given(st.data())
def test_a_state_survives_saving(data: st.DataObject) -> None:
    """Letters, open texts and short texts stay as they were; of a longer text, at least what it is worth."""
    slots = data.draw(packages())
    state = data.draw(states(slots, 3))
    text = encode(state, slots)
    found = decode(text, slots)
    assert found is not None
    assert found.aside == ()
    assert worth(found.state, slots) == worth(state, slots)
    assert encode(found.state, slots) == text
    blind = {slot: replace(record, response=None, payload=None) for slot, record in found.state.questions.items()}
    assert replace(found.state, questions=blind) == replace(
        state, questions={slot: replace(record, response=None) for slot, record in state.questions.items()}
    )
    for slot, record in state.questions.items():
        read = found.state.questions[slot].response or ()
        assert [one for one in read if not isinstance(one, Text)] == [
            one for one in record.response or () if not isinstance(one, Text)
        ]


@given(st.data(), st.integers(20, 400))
def test_room_that_is_short_costs_words_but_no_point(data: st.DataObject, limit: int) -> None:
    slots = data.draw(packages())
    state = data.draw(states(slots, 3))
    full, text = encode(state, slots), encode(state, slots, limit)
    assert len(text) <= max(limit, len(encode(state, slots, 0)))
    assert (text == full) or len(full) > limit
    found = decode(text, slots)
    assert found is not None
    assert worth(found.state, slots) == worth(state, slots)


@given(st.data())
def test_the_state_of_an_earlier_version_is_read_after_any_edit(data: st.DataObject) -> None:
    """Questions come, go and change; every answer whose question and key stayed is still there, with its worth."""
    old = data.draw(packages())
    state = data.draw(states(old, 2))
    new: dict[int, Asked | None] = {}
    for slot, asked in old.items():
        fate = data.draw(st.sampled_from(("stays", "goes", "changes")))
        if asked is not None and fate == "changes":
            new[slot] = Asked(slot, 3, data.draw(interactions()))
        elif fate != "goes":
            new[slot] = asked
    new.update({slot + 100: asked for slot, asked in data.draw(packages()).items()})
    found = receive(encode(state, old), new, 3)
    assert found is not None
    kept = {
        slot: record
        for slot, record in state.questions.items()
        if (asked := new.get(slot)) is not None and record.revision >= asked.keyed_at
    }
    assert found.state.questions.keys() == kept.keys()
    assert worth(found.state, new) == worth(replace(state, questions=kept), new)
    assert all(record.revision == 3 for record in found.state.questions.values())
    assert {slot: visit for slot, visit in state.lessons.items() if slot in new} == found.state.lessons
    gone = {slot for slot in (*state.lessons, *state.questions, *state.opaque) if slot not in new}
    assert found.state.opaque.keys() == gone


@given(st.data())
def test_an_old_package_loses_nothing_of_a_newer_state(data: st.DataObject) -> None:
    """Rolled back, read, written, and read again by the newer package: as if nothing had happened."""
    new = {slot: asked and replace(asked, keyed_at=1) for slot, asked in data.draw(packages()).items()}
    state = data.draw(states(new, 5))
    old: dict[int, Asked | None] = {}
    for slot, asked in new.items():
        fate = data.draw(st.sampled_from(("same", "unknown", "different")))
        if fate != "unknown":
            old[slot] = Asked(slot, 1, data.draw(interactions())) if asked and fate == "different" else asked
    text = encode(state, new)
    found = receive(text, old, 4)
    assert found is not None
    assert encode(found.state, old) == text


@given(st.data())
def test_bytes_at_random_never_raise(data: st.DataObject) -> None:
    slots = data.draw(packages())
    text = raw(1, 2, 7, b"\1\2\3\4", data.draw(st.binary(max_size=40)))
    found = receive(text, slots, 2)
    assert found is None or decode(encode(found.state, slots), slots) is not None


@pytest.mark.needs("node")
@given(st.data())
def test_the_player_writes_and_reads_the_same(player: Player, data: st.DataObject) -> None:
    slots = data.draw(packages())
    state = data.draw(states(slots, 3))
    limit = data.draw(st.none() | st.integers(20, 400))
    text = encode(state, slots, limit)
    lessons = lessons_data(slots)
    assert player.ask("encode", state=state_data(state), lessons=lessons, limit=limit) == text
    revision = data.draw(st.integers(1, 5))
    other = data.draw(st.just(slots) | packages())
    theirs = player.ask("receive", text=text, lessons=lessons_data(other), revision=revision, limit=limit)
    assert theirs == received_data(text, other, revision, limit)


@pytest.mark.needs("node")
@given(st.data())
def test_the_player_reads_bytes_at_random_alike(player: Player, data: st.DataObject) -> None:
    slots = data.draw(packages())
    content = data.draw(st.binary(max_size=40))
    text = raw(1, 2, 7, b"\1\2\3\4", content)
    theirs = player.ask("receive", text=text, lessons=lessons_data(slots), revision=2, limit=None)
    assert theirs == received_data(text, slots, 2, None)


# --- the worst case --------------------------------------------------------------------------------------------------


def course(lessons: int, choices: int, gaps: int, opens: int, open_bytes: int | None = None) -> Slots:
    """A course as progress, "Saved state", has it: questions of up to seven answers, spread over its lessons."""
    kinds = [Interaction("q", "choice", components=letters("abcdefg"), multiple=True, right=("a",))] * choices
    kinds += [Interaction("q", "fill-in", accept=("messagerie sécurisée", "MSSanté"))] * gaps
    kinds += [replace(OPEN, limit=open_bytes)] * opens
    slots: dict[int, Asked | None] = {}
    per_lesson = -(-len(kinds) // lessons)
    for n in range(lessons):
        slots[len(slots) + 1] = None
        for interaction in kinds[n * per_lesson : (n + 1) * per_lesson]:
            slots[len(slots) + 1] = Asked(len(slots) + 1, 1, (interaction,))
    return slots


def named(slots: Slots) -> dict[int, str]:
    return {slot: f"{'l' if asked is None else 'q'}{slot}" for slot, asked in slots.items()}


def test_sixty_lessons_and_three_hundred_questions_fit() -> None:
    """progress: "60 lessons and 300 questions, 40 of them typed gaps, with eight open of 150 bytes, fit 4,096"."""
    slots = course(60, 252, 40, 8)
    assert len(slots) == 360
    worst = worst_case(slots, named(slots), 12)
    assert worst.characters <= 4096
    assert state_fits(worst, "scorm12", 4096, Span("course.yml")) == ()
    assert [name[0] for name, _ in worst.contributors[:9]] == ["q"] * 8 + worst.contributors[8][0][:1].split()
    assert worst.contributors[0][1] > 150 > worst.contributors[8][1]


def test_a_course_that_is_too_big_is_refused_with_its_biggest_contributors() -> None:
    slots = course(60, 252, 40, 8, 400)
    worst = worst_case(slots, named(slots), 12)
    (found,) = state_fits(worst, "scorm12", 4096, Span("course.yml"))
    assert (found.code, found.severity.value, found.arguments["limit"]) == ("T101", "error", 4096)
    assert str(found.arguments["biggest"]).count("(4") == 5
    assert state_fits(worst, "web", None, Span("course.yml")) == ()


def test_what_learners_of_earlier_versions_carry_is_a_warning() -> None:
    slots = course(10, 200, 0, 0)
    retired = [Entry(500 + n, "choice", f"old{n}", "0" * 6, since="1.0.0", is_retired=True) for n in range(20)]
    worst = worst_case(slots, named(slots), 12, retired)
    assert worst.with_retired > 4096 > worst.characters
    (found,) = state_fits(worst, "scorm12", 4096, Span("course.yml"))
    assert (found.code, found.severity.value) == ("T102", "warning")
    assert worst_case(slots, named(slots), 12, [replace(entry, since=None) for entry in retired]).with_retired < 4096


def test_of_a_pool_what_can_be_drawn_counts() -> None:
    """Ten of sixty are saved whole; those of an earlier take were cleared; the others were never seen."""
    slots: Slots = {n: Asked(n, 1, (OPEN,)) for n in range(1, 61)}
    whole = worst_case(slots, named(slots), 12)
    pool = tuple(slots)
    once = worst_case(slots, named(slots), 12, (), [Pool(pool, 10, 1)])
    twice = worst_case(slots, named(slots), 12, (), [Pool(pool, 10, 2)])
    ten = {n: slots[n] for n in pool[:10]}
    assert once.characters == worst_case(ten, named(slots), 12).characters
    assert once.characters < twice.characters < once.characters + 100 < whole.characters
    assert len(once.contributors) == 10


@given(st.data())
def test_no_state_is_longer_than_the_worst_case(data: st.DataObject) -> None:
    """Whatever learners do, what they type included, the state fits into what the compiler announced."""
    slots = {slot: asked and replace(asked, tries=40) for slot, asked in data.draw(packages()).items()}
    state = data.draw(states(slots, 3))
    count = sum(len(asked.interactions) for asked in slots.values() if asked)
    records = {slot: replace(record, index=min(record.index, count - 1)) for slot, record in state.questions.items()}
    state = replace(
        state,
        questions=records,
        counter=state.counter % 2**21,
        next=min(state.next, count),
        place=1,
        rest=b"",
        opaque={},
    )
    worst = worst_case(slots, named(slots), 3)
    assert len(encode(state, slots, worst.characters)) <= worst.characters


def test_every_case_has_a_name_of_its_own() -> None:
    cases: list[dict[str, Any]] = json.loads((VECTORS / "state.json").read_text("utf-8"))["cases"]
    assert [case["name"] for case in cases] == list(CASES)

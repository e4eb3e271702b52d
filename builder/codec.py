"""The saved state, byte by byte, format 1: the twin of `runtime/codec.js` and of the reader in `runtime/state.js`.

`tests/vectors/state.json` binds the two. A header (format, revision, counter, attempt) and records, sorted by slot,
each of which tells its length; base64url without padding. Whole numbers are LEB128. What a package cannot read is kept
and written back at its place (progress, "Saved state").
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from builder.diagnostics import Diagnostics, Span, error, warning
from builder.lock import Entry, flat
from builder.model import EXTRAS, LETTERS, Interaction
from builder.score import Response, Text, alternative, interaction_fraction

FORMAT = 1
KEPT = 12
"""Bytes that are kept of a typed text which is not one of the alternatives."""
KEPT_WHOLE = frozenset({"long-fill-in"})
"""Types whose texts are kept up to the interaction's limit and never given up: they are the learner's own words."""
OPEN_BYTES = 150
"""Bytes of an open text where its interaction has no limit (language, `open`)."""

Status = Literal["incomplete", "completed", "failed", "passed"]
STATUSES: tuple[Status, ...] = ("incomplete", "completed", "failed", "passed")

_PICKED = frozenset({"choice", "true-false", "likert"})
_WIDTHS = {"sequencing": 1, "matching": 2, "performance": 2}
_RANKS = {letter: rank for rank, letter in enumerate(("", *LETTERS, *EXTRAS))}
"""The order in which responses are stored: that of the letters, which outlives that of the source."""
_BASE64 = re.compile(r"[A-Za-z0-9_-]+")
_GREATEST = 2**53 - 1
"""The greatest whole number that both languages hold exactly."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the saved state sees it. `tries` serves the worst case only."""

    slot: int
    keyed_at: int
    interactions: tuple[Interaction, ...]
    tries: int = 1


Slots = Mapping[int, Asked | None]
"""What each slot of a package is, in reading order; None: a lesson."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The record of a lesson."""

    visited: bool
    end: bool
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class Record:
    """The record of a question: `response` has one entry an interaction, in the order of the package, or is None.

    `index` is that of its first interaction in the LMS's list, −1 for none. `payload` is what a newer package wrote; it
    is written back as long as nothing is answered anew.
    """

    tries: int
    hints: int
    index: int
    response: tuple[Response, ...] | None
    revision: int
    rest: bytes = b""
    payload: bytes | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """The saved state, decoded; mappings are keyed by slot. `attempt` is 1 … 2³²−1."""

    revision: int
    counter: int
    attempt: int
    status: Status = "incomplete"
    next: int = 0
    place: int = 0
    rest: bytes = b""
    lessons: Mapping[int, Visit] = field(default_factory=dict)
    questions: Mapping[int, Record] = field(default_factory=dict)
    opaque: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A state, and the known slots whose payload could not be read: they stay among the opaque ones."""

    state: State
    aside: tuple[int, ...]


class _Unreadable(Exception):
    """Says that bytes are not what they claim to be; never leaves this module."""


# --- reading ---------------------------------------------------------------------------------------------------------


def decode(text: str, slots: Slots) -> Decoded | None:
    """Read a saved state, without answers older than their question's key; None when it is unreadable as a whole."""
    try:
        reader = _Reader(_from_base64(text))
        if reader.number() != FORMAT:
            return None
        state = State(reader.number(), reader.number(), int.from_bytes(reader.take(4)))
        if not state.attempt:
            return None
        aside: list[int] = []
        slot = -1
        while reader.more():
            token = reader.take(1)[0]
            delta = token >> 4 or reader.number()
            length = reader.number() if token & 15 == 15 else token & 15
            if not delta:
                return None
            slot += delta
            payload = reader.take(length)
            read = _with_record(state, slot, payload, slots)
            if read is None:
                if slot in slots or not slot:
                    aside.append(slot)
                read = replace(state, opaque={**state.opaque, slot: payload})
            state = read
    except _Unreadable:
        return None
    return Decoded(state, tuple(aside))


def receive(text: str, slots: Slots, revision: int) -> Decoded | None:
    """Read a saved state as a package of `revision` does: an older one is stamped anew; after a roll-back (the state is
    newer) nothing is stamped, and payloads are kept to be written back untouched."""
    found = decode(text, slots)
    if found is None or found.state.revision > revision:
        return found
    state = found.state
    is_older = state.revision < revision
    records = {
        slot: replace(record, revision=revision if is_older else record.revision, payload=None)
        for slot, record in state.questions.items()
    }
    return Decoded(replace(state, revision=revision, questions=records), found.aside)


def _with_record(state: State, slot: int, payload: bytes, slots: Slots) -> State | None:
    """Return the state with one record more; None when the payload is not for us."""
    reader = _Reader(payload)
    try:
        if not slot:
            flags, following, place = reader.number(), reader.number(), reader.number()
            status = STATUSES[flags >> 1 & 3]
            return replace(state, status=status, next=following, place=place, rest=reader.rest())
        if slot not in slots:
            return None
        asked = slots[slot]
        if asked is None:
            flags = reader.number()
            visit = Visit(bool(flags & 1), bool(flags & 2), reader.rest())
            return replace(state, lessons={**state.lessons, slot: visit})
        record = _record(reader, asked, state.revision, payload)
        return replace(state, questions={**state.questions, slot: record}) if record else state
    except _Unreadable:
        return None


def _record(reader: _Reader, asked: Asked, inherited: int, payload: bytes) -> Record | None:
    """Return the record of a question; None for an answer older than the question's key, which may have other parts."""
    flags = reader.number()
    revision = reader.number() if flags & 4 else inherited
    if revision < asked.keyed_at:
        return None
    index = reader.number() - 1
    given = {n: _response(reader, asked.interactions[n]) for n in _by_letter(asked.interactions)}
    responses = tuple(given[n] for n in range(len(given)))
    is_given = flags >> 3 or any(response is not None for response in responses)
    return Record(flags >> 3, flags & 3, index, responses if is_given else None, revision, reader.rest(), payload)


def _by_letter(interactions: Sequence[Interaction]) -> list[int]:
    return sorted(range(len(interactions)), key=lambda n: _RANKS[interactions[n].letter])


def _response(reader: _Reader, interaction: Interaction) -> Response:
    if interaction.is_extra and not reader.more():
        return None  # answered before the question had it
    if interaction.type in _PICKED:
        bits = reader.bits()
        if bits >> len(LETTERS):
            raise _Unreadable
        return tuple(letter for n, letter in enumerate(LETTERS) if bits >> n & 1) or None
    if width := _WIDTHS.get(interaction.type):
        items = reader.take(reader.number() * width)
        if any(one >= len(LETTERS) for one in items):
            raise _Unreadable
        letters = "".join(LETTERS[one] for one in items)
        return tuple(letters[at : at + width] for at in range(0, len(letters), width)) or None
    if interaction.type == "other":
        return tuple(str(reader.number()) for _ in range(reader.number())) or None
    code = reader.number()
    if code < 3:
        return (None, Text("", cut=True), Text("", right=True))[code]
    n, kind = divmod(code - 3, 3)
    if kind:
        return Text(reader.utf8(n), cut=kind == 2)
    accept = interaction.accept
    return Text(accept[min(n, len(accept) - 1)]) if accept else Text("", right=True)


class _Reader:
    """A place in bytes; every read moves it or raises."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def more(self) -> bool:
        return self._at < len(self._content)

    def take(self, length: int) -> bytes:
        if self._at + length > len(self._content):
            raise _Unreadable
        self._at += length
        return self._content[self._at - length : self._at]

    def rest(self) -> bytes:
        return self.take(len(self._content) - self._at)

    def bits(self) -> int:
        value, shift, byte = 0, 0, 128
        while byte & 128:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
        return value

    def number(self) -> int:
        value = self.bits()
        if value > _GREATEST:
            raise _Unreadable
        return value

    def utf8(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise _Unreadable from None


# --- writing ---------------------------------------------------------------------------------------------------------


def encode(state: State, slots: Slots, limit: int | None = None) -> str:
    """Write a state. To keep to `limit` characters, words of typed texts are given up, longest first, else in reading
    order; where that is not enough, the text is too long (the compiler's worst case excludes it)."""
    dropped: set[tuple[int, int]] = set()
    text = _write(state, slots, dropped)
    if limit is None or len(text) <= limit:
        return text
    for place in _droppable(state, slots):
        dropped.add(place)
        text = _write(state, slots, dropped)
        if len(text) <= limit:
            break
    return text


def _droppable(state: State, slots: Slots) -> list[tuple[int, int]]:
    """Return the places (slot, number of the interaction) of the texts whose words may be given up."""
    sizes: list[tuple[int, tuple[int, int]]] = []
    for slot, asked in slots.items():
        record = state.questions.get(slot)
        if asked is None or record is None or record.payload is not None:
            continue
        for n in _by_letter(asked.interactions):
            response = record.response[n] if record.response else None
            interaction = asked.interactions[n]
            if isinstance(response, Text) and interaction.type not in KEPT_WHOLE:
                _, words, _ = _text_code(response, interaction)
                sizes += [(len(words), (slot, n))] if words else []
    return [place for _, place in sorted(sizes, key=lambda one: -one[0])]


def _write(state: State, slots: Slots, dropped: set[tuple[int, int]]) -> str:
    payloads = dict(state.opaque)
    course = (STATUSES.index(state.status) << 1, state.next, state.place)
    payloads.setdefault(0, b"".join(map(_varint, course)) + state.rest)
    for slot, visit in state.lessons.items():
        payloads[slot] = _varint(visit.visited + 2 * visit.end) + visit.rest
    for slot, record in state.questions.items():
        asked = slots[slot]
        assert asked is not None
        payloads[slot] = _payload(record, asked, state.revision, dropped)
    content = b"".join(map(_varint, (FORMAT, state.revision, state.counter))) + state.attempt.to_bytes(4)
    previous = -1
    for slot, payload in sorted(payloads.items()):
        content += _prefix(slot - previous, len(payload)) + payload
        previous = slot
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _prefix(delta: int, length: int) -> bytes:
    token = bytes([(delta if delta < 15 else 0) << 4 | min(length, 15)])
    return token + (_varint(delta) if delta > 14 else b"") + (_varint(length) if length > 14 else b"")


def _payload(record: Record, asked: Asked, inherited: int, dropped: set[tuple[int, int]]) -> bytes:
    if record.payload is not None:
        return record.payload
    own = record.revision != inherited
    flags = min(record.hints, 3) + 4 * own + 8 * record.tries
    head = [flags, *([record.revision] if own else []), record.index + 1]
    responses = record.response or (None,) * len(asked.interactions)
    body = (
        _given(responses[n], asked.interactions[n], (asked.slot, n) in dropped) for n in _by_letter(asked.interactions)
    )
    return b"".join((*map(_varint, head), *body, record.rest))


def _given(response: Response, interaction: Interaction, is_dropped: bool) -> bytes:
    if response is None:
        return b"\0"
    if isinstance(response, Text):
        code, words, is_right = _text_code(response, interaction)
        return _varint(1 + is_right) if words and is_dropped else _varint(code) + words
    if interaction.type == "other":
        return b"".join(map(_varint, (len(response), *map(int, response))))
    indexes = [LETTERS.index(letter) for item in response for letter in item]
    if interaction.type in _WIDTHS:
        return _varint(len(response)) + bytes(indexes)
    return _varint(sum(1 << index for index in set(indexes)))


def _text_code(response: Text, interaction: Interaction) -> tuple[int, bytes, bool]:
    """Return the code of a typed response, the words that follow it, and whether it is right."""
    is_right = interaction_fraction(interaction, response) == 1
    if not response.text:
        return 2 if is_right else 1 if response.cut else 0, b"", is_right
    if not response.cut and interaction.type != "numeric":
        known = alternative(interaction, response.text)
        if known is not None:
            return 3 + 3 * known, b"", is_right
    words = unicodedata.normalize("NFC", response.text).encode()
    most = (
        (interaction.limit if interaction.limit is not None else len(words)) if interaction.type in KEPT_WHOLE else KEPT
    )
    if not response.cut and len(words) <= most:
        return 4 + 3 * len(words), words, is_right
    if is_right:
        return 2, b"", is_right
    words = words[:most].decode(errors="ignore").encode()
    return (5 + 3 * len(words) if words else 1), words, is_right


def _varint(value: int) -> bytes:
    content = bytearray()
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    return bytes((*content, value))


def _from_base64(text: str) -> bytes:
    if not _BASE64.fullmatch(text) or len(text) % 4 == 1:
        raise _Unreadable
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- the worst case --------------------------------------------------------------------------------------------------

_TRIES = 15
"""Tries that fit the record's first byte: a question that is answered again after `failed` counts on."""
_COUNTER = 2**21 - 1
_LATE = str(2**14 - 1)
"""A slot of a big course: two bytes."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The longest text that saved progress can take. `contributors`: ids and bytes of their records, biggest first.

    `with_retired` counts also what a learner of earlier versions may still carry along, about.
    """

    characters: int
    contributors: tuple[tuple[str, int], ...]
    with_retired: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions of a quiz, of which `count` are drawn for a take; `takes`: the first one and the retakes."""

    slots: tuple[int, ...]
    count: int
    takes: int


def worst_case(
    slots: Slots,
    names: Mapping[int, str],
    revision: int,
    retired: Iterable[Entry] = (),
    pools: Iterable[Pool] = (),
) -> Worst:
    """Return the most characters of a state of this package; `names` gives the ids of slots.

    Every lesson is done and every question answered with its longest response, after a roll-back (so that each answer
    carries its revision), with late interaction indexes, hints, tries and counter. Words of typed texts do not count,
    as `encode` gives them up; open texts count whole. Of a pool the longest responses that can be drawn count; those of
    earlier takes were cleared, and keep their interaction index.
    """
    order = sorted((asked for asked in slots.values() if asked), key=lambda asked: -len(asked.interactions))
    questions: dict[int, Record] = {}
    index = 0
    for asked in order:
        longest = tuple(_longest(interaction) for interaction in asked.interactions)
        questions[asked.slot] = Record(max(_TRIES, asked.tries), 3, index, longest, revision + 1)
        index += len(asked.interactions)
    for pool in pools:
        by_size = sorted(
            pool.slots, key=lambda slot: (-len(_payload(questions[slot], _asked(slots, slot), 0, set())), slot)
        )
        for place, slot in enumerate(by_size):
            if place >= pool.count * pool.takes:
                del questions[slot]
            elif place >= pool.count:
                questions[slot] = replace(questions[slot], tries=0, hints=0, response=None)
    visits = {slot: Visit(True, True) for slot, asked in slots.items() if asked is None}
    place = max(visits, default=0)
    state = State(revision + 2, _COUNTER, 2**32 - 1, "passed", index, place, b"", visits, questions)
    dropped = {(asked.slot, n) for asked in order for n, one in enumerate(asked.interactions) if _gives_up(one)}
    sizes: dict[str, int] = {}
    previous = 0
    for slot in sorted(slots):
        found = slots[slot]
        if found is not None and slot not in questions:
            continue
        payload = b"\3" if found is None else _payload(questions[slot], found, state.revision, dropped)
        sizes[names[slot]] = len(_prefix(slot - previous, len(payload))) + len(payload)
        previous = slot
    contributors = tuple(sorted(sizes.items(), key=lambda one: (-one[1], one[0])))
    carried = {entry.slot: bytes(_carried(entry)) for entry in retired if entry.since and entry.slot not in slots}
    characters = len(_write(state, slots, dropped))
    if not carried:
        return Worst(characters, contributors, characters)
    return Worst(characters, contributors, len(_write(replace(state, opaque=carried), slots, dropped)))


def state_fits(worst: Worst, target: str, limit: int | None, span: Span) -> Diagnostics:
    """Report a course whose saved state can pass the limit of a target; `span` is the place of the course's id."""
    if limit is None or worst.with_retired <= limit:
        return ()
    if worst.characters <= limit:
        return (warning("T102", span, characters=worst.with_retired, limit=limit, target=target),)
    biggest = ", ".join(f"{name} ({size})" for name, size in worst.contributors[:5])
    return (error("T101", span, characters=worst.characters, limit=limit, target=target, biggest=biggest),)


def _asked(slots: Slots, slot: int) -> Asked:
    asked = slots[slot]
    assert asked is not None
    return asked


def sco_fits(worst: Worst, lesson: str, target: str, limit: int | None, span: Span) -> Diagnostics:
    """Report a lesson that is a SCO of its own, and whose saved state can pass the limit; `span` is the lesson's."""
    if limit is None or worst.with_retired <= limit:
        return ()
    if worst.characters <= limit:
        return (warning("T214", span, id=lesson, characters=worst.with_retired, limit=limit, target=target),)
    biggest = ", ".join(f"{name} ({size})" for name, size in worst.contributors[:5])
    return (error("T213", span, id=lesson, characters=worst.characters, limit=limit, target=target, biggest=biggest),)


def _gives_up(interaction: Interaction) -> bool:
    return interaction.type not in (_PICKED | _WIDTHS.keys() | KEPT_WHOLE | {"other"})


def _longest(interaction: Interaction) -> Response:
    letters = tuple(sorted((one.letter for one in interaction.components), key=LETTERS.index))
    if interaction.type in _PICKED or interaction.type == "sequencing":
        return letters
    if interaction.type == "matching":
        return tuple(letter + letter for letter in letters)
    if interaction.type in KEPT_WHOLE:
        most = OPEN_BYTES if interaction.limit is None else interaction.limit
        return Text("x" * most) if most else Text("", cut=True)
    if interaction.type == "performance":
        return ("aa",) * (interaction.limit or 0)
    if interaction.type == "other":
        return (_LATE,) * (interaction.limit or 0)
    # The number of an alternative takes more than one byte beyond the 41st only.
    return Text(interaction.accept[-1]) if len(interaction.accept) > 41 else Text("", right=True)


def _carried(entry: Entry) -> int:
    """Return about how many bytes the record of a retired entry holds: its type's module may be gone."""
    return 1 if entry.is_lesson else 5 + (len(tuple(flat(entry.parts))) or OPEN_BYTES)

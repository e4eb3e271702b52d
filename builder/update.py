"""What a new version of a course does to learners half-way through the old one (progress, "Old state").

Nothing is guessed: states of typical learners are written as the old package writes them and read as the new one reads
them, by the twins of the player's code; what differs afterwards is what they will see. Locks only say why. Pure: two
editions in, an `Update` out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from builder.codec import Decoded, Pool, Record, State, Visit, encode, receive, worst_case
from builder.diagnostics import Diagnostic, Diagnostics, error, note, warning
from builder.editions import Edition
from builder.lock import Entry
from builder.model import CourseSettings, Interaction
from builder.progress import (
    PlayedLesson,
    PlayedQuestion,
    Unit,
    fraction,
    is_answered,
    is_done,
    present,
    status,
    won,
)
from builder.score import Response, Text, grade, raw

Verdict = Literal["safe", "notes", "breaks"]
VERDICTS: tuple[Verdict, ...] = ("safe", "notes", "breaks")
"""From good to bad."""
Kind = Literal["course", "item", "lesson", "question", "learner"]
KINDS: tuple[Kind, ...] = ("course", "item", "lesson", "question", "learner")

Effect = Literal[
    "kept", "moved", "asked-again", "put-aside", "lost", "misread", "regraded", "no-room", "new", "changed"
]
"""What becomes of what learners had. `put-aside`: carried along unread, there again when its question comes back;
`misread`: taken for an answer to another question; `regraded`: kept, and worth something else; `no-room`: may pass
what the LMS keeps; `new`: nothing yet; `changed`: what is to be done is."""

FATES: tuple[Effect, ...] = ("kept", "moved", "asked-again", "put-aside", "lost", "misread")
"""What can become of an answer."""

_NAMED = 8
"""Most ids that one finding names."""
_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(-.*)?")
_ATTEMPT = 1
_WRONG = "§?"
"""A text that no author accepts."""
_MINUTES = math.inf
"""Minutes that a learner who has done everything has spent: as many as any version wants."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different. `change` is a code: the locales have the words (`diff_<kind>_<change>`); `old` and
    `new` are the values that changed, empty where there are none. `id`: that of the new version, where it is there."""

    kind: Kind
    id: str
    change: str
    effect: Effect
    verdict: Verdict
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Learner:
    """What a typical learner of the old version finds. Grades are percents as an LMS is told them, empty without any.

    `id`: `half` and `half-wrong` have gone half of the way, all right or all wrong; `right`, `mixed` (every other
    question wrong) and `wrong` all of it. Counts are answers, `lessons_*` lessons that are done, `status_*` one status,
    or several with their counts where each lesson is a SCO.
    """

    id: str
    answers: int
    kept: int
    lessons_old: int
    lessons_new: int
    grade_old: str
    grade_new: str
    status_old: str
    status_new: str


@dataclass(frozen=True, slots=True)
class Update:
    """What an update does. `answers`: how many questions can have a saved answer; `fates`: what becomes of them.

    `next_version` is what the new version should at least be called, empty when the old one has no number; `is_low`: it
    is called less. `is_back`: the new edition is an earlier release.
    """

    old: Edition
    new: Edition
    verdict: Verdict
    changes: tuple[Change, ...]
    answers: int
    fates: Mapping[Effect, int]
    learners: tuple[Learner, ...]
    next_version: str
    is_low: bool
    is_back: bool

    @property
    def keeps_passes(self) -> bool:
        """Return whether whoever passed or completed stays so: their records are still there."""
        return not any(change.kind in ("course", "item") and change.effect == "lost" for change in self.changes)


def compare(old: Edition, new: Edition) -> Update:
    """Return what `new`, imported over `old`, does to learners who have begun."""
    both = _Both(_side(old), _side(new), _homes(old, new))
    fates: dict[str, Effect] = {}
    changes = list(_course_changes(both))
    replaced: set[int] = set()
    if both.homes:
        for unit in old.units:
            changes += _unit_changes(both, unit, fates, replaced)
        changes += _additions(both, replaced)
    else:
        asked = (question for unit in old.units for question in unit.questions)
        fates = {question.id: "lost" for question in asked if question.is_reported}
    learners = tuple(_learners(both))
    changes += _learner_changes(learners) if both.homes else ()
    ordered = tuple(sorted(changes, key=lambda one: (-VERDICTS.index(one.verdict), KINDS.index(one.kind))))
    found = {change.verdict for change in changes}
    verdict: Verdict = "breaks" if "breaks" in found else "notes" if "notes" in found else "safe"
    deserved = next_version(old.version, verdict)
    is_back = new.revision < old.revision
    least = old.version if verdict == "safe" else deserved
    is_low = not is_back and _age(new.version) < _age(least)
    counts = {fate: sum(one == fate for one in fates.values()) for fate in FATES}
    return Update(old, new, verdict, ordered, len(fates), counts, learners, deserved, is_low, is_back)


def next_version(version: str, verdict: Verdict) -> str:
    """Return the version that follows: the first number rises when progress breaks, the second when learners notice.

    Empty when `version` has no numbers.

    Source: Semantic Versioning 2.0.0, §6–§8; §9 for what has a label.
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return ""
    major, minor, patch = (int(number or 0) for number in match.groups()[:3])
    if verdict == "breaks":
        return f"{major + 1}.0.0"
    if verdict == "notes":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch if match[4] else patch + 1}"


def _age(version: str) -> tuple[tuple[int, ...], str]:
    """Return what versions are compared by: their numbers, then a pre-release before its release."""
    numbers, _, label = version.partition("-")
    return tuple(int(number) for number in numbers.split(".") if number.isdigit()), label or "~"


@dataclass(frozen=True, slots=True)
class _Side:
    """An edition, to be looked things up in: entries of the lock by slot; slots of lessons (True) and of questions, by
    id; ids of both by slot; and those of one type with the same words."""

    edition: Edition
    entries: Mapping[int, Entry]
    slots: Mapping[bool, Mapping[str, int]]
    ids: Mapping[int, str]
    alike: Mapping[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Both:
    """The two editions; `homes`: the units of the new one that an LMS has records for, by identifier."""

    old: _Side
    new: _Side
    homes: Mapping[str, Unit]

    def are_one(self, slot: int) -> bool:
        """Return whether a slot is the same lesson or question in both: of one kind, and one of its ids in both."""
        before, after = self.old.entries.get(slot), self.new.entries.get(slot)
        if before is None or after is None or before.kind != after.kind:
            return False
        return not {before.id, *before.was}.isdisjoint({after.id, *after.was})


def _side(edition: Edition) -> _Side:
    entries = {entry.slot: entry for entry in edition.lock.entries}
    lessons = [lesson for unit in edition.units for lesson in unit.lessons]
    questions = {question.id: question.slot for lesson in lessons for question in lesson.questions}
    slots = {True: {lesson.id: lesson.slot for lesson in lessons}, False: questions}
    ids = {slot: name for names in slots.values() for name, slot in names.items()}
    alike: dict[tuple[str, str], tuple[int, ...]] = {}
    for slot in ids:
        if entry := entries.get(slot):
            alike[entry.kind, entry.text] = (*alike.get((entry.kind, entry.text), ()), slot)
    return _Side(edition, entries, slots, ids, alike)


def _homes(old: Edition, new: Edition) -> dict[str, Unit]:
    """Return the units of the new edition that an LMS has records for; none when it sees a stranger."""
    if (old.course, old.target, old.is_split) != (new.course, new.target, new.is_split) or _is_renamed(old, new):
        return {}
    known = {unit.identifier for unit in old.units}
    return {unit.identifier: unit for unit in new.units if unit.identifier in known}


# --- the course and what an LMS has records of -----------------------------------------------------------------------


def _course_changes(both: _Both) -> Iterator[Change]:
    old, new = both.old.edition, both.new.edition
    course = new.course
    if old.course != course:
        yield Change("course", course, "id", "lost", "breaks", old.course, course)
    if old.target != new.target:
        yield Change("course", course, "target", "lost", "breaks", old.target, new.target)
    if old.is_split != new.is_split:
        yield Change("course", course, "sco", "lost", "breaks", *(_packaging(one) for one in (old, new)))
    is_renamed = _is_renamed(old, new)
    if is_renamed:
        yield Change("course", course, "iri", "lost", "breaks", old.iri, new.iri)
    elif old.iri and new.iri and old.iri != new.iri:
        yield Change("course", course, "iri-told", "changed", "notes", old.iri, new.iri)
    here = {unit.identifier: unit for unit in new.units if not is_renamed}
    there = {unit.identifier: unit for unit in old.units if not is_renamed}
    for name, unit in there.items():
        if name not in here:
            yield Change("item", name, "removed", "lost", "breaks", _title(unit, old))
    for name, unit in here.items():
        if name not in there:
            yield Change("item", name, "added", "new", "notes", "", _title(unit, new))
    if old.contract != new.contract:
        yield Change("course", course, "contract", "changed", "notes", str(old.contract), str(new.contract))
    if new.revision < old.revision:
        yield Change("course", course, "revision", "kept", "notes", str(old.revision), str(new.revision))
    for name, home in both.homes.items():
        kind: Kind = "lesson" if new.is_split else "course"
        yield from (replace(one, kind=kind, id=_title(home, new)) for one in _unit_rules(both, there[name], home))
        wanted = [one.move_on.get(name, "") for one in (old, new)]
        if wanted[0] != wanted[1]:
            yield Change(kind, _title(home, new), "move-on", "changed", "notes", *wanted)


def _is_renamed(old: Edition, new: Edition) -> bool:
    """Return whether the records of the one are about something else than those of the other."""
    return old.is_named_by_iri and new.is_named_by_iri and old.iri != new.iri


def _packaging(edition: Edition) -> str:
    return "lesson" if edition.is_split else "course"


def _title(unit: Unit, edition: Edition) -> str:
    """Return what people call a unit: the id of its lesson, or of the course."""
    return unit.lessons[0].id if edition.is_split and unit.lessons else edition.course


def _unit_rules(both: _Both, unit: Unit, home: Unit) -> Iterator[Change]:
    """Yield what changed in mastery and completion, and where the progress of those who began finds no room."""
    if unit.mastery != home.mastery:
        yield Change("course", "", "mastery", "regraded", "notes", *(_percent(one.mastery) for one in (unit, home)))
    if _rule(unit) != _rule(home):
        yield Change("course", "", "completion", "changed", "notes")
    if home.limit is not None:
        old, new = both.old.edition, both.new.edition
        carried = [one for one in new.lock.entries if not new.is_split or one.slot in unit.slots]
        before, after = _most(unit, old, ()), _most(home, new, carried)
        if after > home.limit >= before:
            yield Change("course", "", "state", "no-room", "breaks", str(after), str(home.limit))


def _percent(value: float | None) -> str:
    return "-" if value is None else raw(value)


def _rule(unit: Unit) -> object:
    """Return the completion rule, the lessons that it names by slot: a lesson may be renamed."""
    slots = {lesson.id: lesson.slot for lesson in unit.lessons}
    table = unit.table
    named = None if table.lessons is None else frozenset(slots.get(name, 0) for name in table.lessons)
    return table.states, named, table.minutes


def _most(unit: Unit, edition: Edition, retired: Iterable[Entry]) -> int:
    """Return the most characters that a saved state of a unit takes."""
    names = {lesson.slot: lesson.id for lesson in unit.lessons}
    names |= {question.slot: question.id for question in unit.questions}
    pools = [Pool(slots, count, 1 + quiz.retakes) for quiz in unit.questions for count, slots in quiz.groups if count]
    return worst_case(unit.slots, names, edition.revision, retired, pools).with_retired


# --- lessons and questions -------------------------------------------------------------------------------------------


def _unit_changes(both: _Both, unit: Unit, fates: dict[str, Effect], replaced: set[int]) -> Iterator[Change]:
    """Yield what becomes of each lesson and question; notes the fate of answers by question id, and the slots of the
    new edition that stand for something which lost its own."""
    home = both.homes.get(unit.identifier)
    played = _Played(home, tuple(_readings(both, unit, home))) if home else None
    for lesson in unit.lessons:
        if home:
            yield from _lesson_changes(both, lesson, home, replaced)
        elif (gone := _gone(both, "lesson", lesson.slot, lesson.id, replaced)).verdict == "breaks":
            yield gone  # why the item has gone
        for question in lesson.questions:
            fate, changes = _question_fate(both, played, lesson, question, replaced) if played else ("lost", [])
            if question.is_reported:
                fates[question.id] = fate
            yield from changes


def _lesson_changes(both: _Both, lesson: PlayedLesson, home: Unit, replaced: set[int]) -> Iterator[Change]:
    there = next((one for one in home.lessons if one.slot == lesson.slot), None)
    if there is not None and both.are_one(lesson.slot):
        if lesson.id != there.id:
            yield Change("lesson", there.id, "renamed", "kept", "safe", lesson.id, there.id)
        if lesson.is_graded != there.is_graded:
            yield Change("lesson", there.id, "graded" if there.is_graded else "ungraded", "regraded", "notes")
        elif lesson.kind != there.kind:
            yield Change("lesson", there.id, "kind", "changed", "notes", lesson.kind, there.kind)
        if lesson.is_optional != there.is_optional:
            yield Change("lesson", there.id, "optional" if there.is_optional else "required", "changed", "notes")
        return
    yield _gone(both, "lesson", lesson.slot, lesson.id, replaced)


def _gone(both: _Both, kind: Kind, slot: int, name: str, replaced: set[int]) -> Change:
    """Say why a slot of the old edition leads nowhere, and note in `replaced` the new slot that stands for it."""
    old, new = both.old, both.new
    before, after = old.entries.get(slot), new.entries.get(slot)
    is_one = both.are_one(slot)
    own = new.slots[kind == "lesson"].get(name)
    if slot in new.ids and not is_one and own != slot:
        replaced.update(() if own is None else (own,))
        return Change(kind, name, "taken", "misread", "breaks", name, new.ids[slot])
    if own is not None and (own == slot or own not in old.ids):
        replaced.add(own)
        types = [one.kind if one else "" for one in (before, new.entries.get(own))]
        if types[0] != types[1]:
            return Change(kind, name, "type", "lost", "breaks", *types)
        return Change(kind, name, "renumbered", "lost", "breaks", str(slot), str(own))
    if is_one and after is not None and not after.is_retired:
        return Change(kind, name, "variant", "put-aside", "notes")
    words = (before.kind, before.text) if before else ("", "")
    heirs = [one for one in new.alike.get(words, ()) if one not in old.ids]
    lost = [one for one in old.alike.get(words, ()) if one not in new.ids]
    if len(heirs) == len(lost) == 1:
        replaced.update(heirs)
        return Change(kind, name, "unlinked", "lost", "breaks", name, new.ids[heirs[0]])
    return Change(kind, name, "removed", "put-aside", "notes")


@dataclass(frozen=True, slots=True)
class _Played:
    """A unit of the new edition, and what it read of states of the old one."""

    home: Unit
    readings: tuple[_Reading, ...]

    def find(self, slot: int) -> tuple[PlayedLesson, PlayedQuestion] | None:
        """Return the question at a slot, and its lesson."""
        found = ((lesson, one) for lesson in self.home.lessons for one in lesson.questions if one.slot == slot)
        return next(found, None)

    def outcomes(self, was: PlayedQuestion, now: PlayedQuestion) -> frozenset[str]:
        """Return what became of answers: see `_Reading.outcome`."""
        return frozenset(found for one in self.readings if (found := one.outcome(was, now)))


def _question_fate(
    both: _Both, played: _Played, lesson: PlayedLesson, question: PlayedQuestion, replaced: set[int]
) -> tuple[Effect, list[Change]]:
    """Return what becomes of the answers to a question, and what is to be said of it."""
    found = played.find(question.slot)
    if not both.are_one(question.slot) or (found is None and question.slot not in both.new.ids):
        change = _gone(both, "question", question.slot, question.id, replaced)
        if change.effect == "misread" and not (
            found and played.outcomes(question, found[1]) - {"dropped", "unreadable"}
        ):
            change = replace(change, change="displaced", effect="lost")
        return change.effect, [change]
    if found is None:  # in another unit: what is kept of it stays where it was
        return "asked-again", [Change("question", question.id, "parted", "asked-again", "notes", lesson.id)]
    there, now = found
    is_moved = lesson.slot != there.slot and there.slot not in replaced
    outcomes = played.outcomes(question, now)
    fate: Effect = "moved" if is_moved else "kept"
    fate = "lost" if "unreadable" in outcomes else "asked-again" if "dropped" in outcomes else fate
    changes = []
    if question.id != now.id:
        followed: Effect = "kept" if fate == "moved" else fate
        changes.append(Change("question", now.id, "renamed", followed, "safe", question.id, now.id))
    if is_moved:
        changes.append(Change("question", now.id, "moved", fate, "safe", lesson.id, there.id))
    if fate == "lost":
        return fate, [*changes, Change("question", now.id, "unreadable", fate, "breaks")]
    if fate == "asked-again":
        return fate, [*changes, Change("question", now.id, "key", fate, "notes")]
    keys = {side.entries[question.slot].key for side in (both.old, both.new)}
    if len(keys) > 1 and now.is_reported:
        # Both editions have the revision of one release, or the later one is put back: nothing is dropped.
        is_worth_else = "partly" in outcomes or "worth" in outcomes
        changes.append(Change("question", now.id, "judged", "regraded" if is_worth_else else "kept", "notes"))
    elif "partly" in outcomes:
        changes.append(Change("question", now.id, "parts", "changed", "notes"))
    elif _strictness(question) != _strictness(now) or ("worth" in outcomes and question.partial == now.partial):
        changes.append(Change("question", now.id, "scoring", "regraded", "notes"))
    elif "words" in outcomes:
        changes.append(Change("question", now.id, "words", "kept", "notes"))
    changes += _settings(question, now)
    return fate, changes


def _settings(was: PlayedQuestion, now: PlayedQuestion) -> Iterator[Change]:
    """Yield what a question asks or is worth beside its key."""

    def changed(change: str, effect: Effect, old: object = "", new: object = "") -> Change:
        return Change("question", now.id, change, effect, "notes", str(old), str(new))

    if was.is_scored != now.is_scored:
        yield changed("scored" if now.is_scored else "unscored", "regraded")
    elif was.points != now.points and now.is_scored:
        yield changed("points", "regraded", f"{was.points:g}", f"{now.points:g}")
    if was.partial != now.partial and now.is_scored:
        yield changed("partial", "regraded", was.partial, now.partial)
    if was.tries != now.tries:
        yield changed("tries", "changed", was.tries, now.tries)
    if was.is_required != now.is_required:
        yield changed("required" if now.is_required else "optional", "changed")
    if was.retakes != now.retakes:
        yield changed("retakes", "changed", was.retakes, now.retakes)
    if _draw(was) != _draw(now):
        yield changed("draw", "changed", *(sum(count for count, _ in one.groups) for one in (was, now)))


def _strictness(question: PlayedQuestion) -> frozenset[object]:
    """Return how narrowly typed words are compared, by letter."""
    typed = (one for one in question.interactions if one.accept)
    return frozenset((one.letter, one.strict_case, one.strict_accents, one.typos) for one in typed)


def _draw(question: PlayedQuestion) -> list[tuple[int, list[int]]]:
    """Return what a quiz draws from, whatever the order in which its questions stand."""
    return [(count, sorted(slots)) for count, slots in question.groups]


def _additions(both: _Both, replaced: set[int]) -> Iterator[Change]:
    """Yield what is new and stands for nothing that was there."""
    known = both.old.ids.keys() | replaced
    for unit in both.new.edition.units:
        for lesson in unit.lessons:
            if lesson.slot not in known:
                change = "added-optional" if lesson.is_optional else "added"
                yield Change("lesson", lesson.id, change, "new", "notes")
            for question in lesson.questions:
                if question.slot not in known:
                    change = "added" if question.is_required else "added-optional"
                    yield Change("question", question.id, change, "new", "notes")


# --- feeding states --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """A state of the old package, and what the new one read; None: nothing at all."""

    given: State
    found: Decoded | None

    def outcome(self, was: PlayedQuestion, now: PlayedQuestion) -> str | None:
        """Return what became of the answer that this state holds: `same`, `words` (shown with other words), `worth`
        (worth something else), `partly`, `dropped` or `unreadable`; None without answer."""
        record = self.given.questions.get(was.slot)
        if record is None or record.response is None:
            return None
        if self.found is None or was.slot in self.found.aside:
            return "unreadable"
        received = self.found.state.questions.get(was.slot)
        if received is None:
            return "dropped"
        before = _by_letter(was, record)
        after = _by_letter(now, received)
        if any(after.get(letter) is None for letter, given in before.items() if given is not None):
            return "partly"
        if not math.isclose(fraction(self.given, was), fraction(self.found.state, now), abs_tol=1e-9):
            return "worth"
        return "same" if all(_is_same(after[one], before[one]) for one in before) else "words"


def _by_letter(question: PlayedQuestion, record: Record) -> dict[str, Response]:
    responses = record.response or (None,) * len(question.interactions)
    letters = (one.letter for one in question.interactions)
    return {letter: response for letter, response in zip(letters, responses, strict=True) if letter != "confidence"}


def _is_same(one: Response, other: Response) -> bool:
    """Return whether two responses show the same; words that are kept by their beginning do."""
    if isinstance(one, Text) and isinstance(other, Text):
        return one.text == other.text or not one.text or other.text.startswith(one.text)
    return one == other


def _readings(both: _Both, unit: Unit, home: Unit) -> Iterator[_Reading]:
    """Yield states that together hold every answer worth trying, each as old and as new package have it."""
    old, new = both.old.edition.revision, both.new.edition.revision
    there = {question.slot: question for question in home.questions}
    samples = {one.slot: _samples(one, there.get(one.slot)) for one in unit.questions if one.is_reported}
    for n in range(max((len(tried) for tried in samples.values()), default=1)):
        records = {}
        index = 0
        for question in unit.questions:
            if question.is_reported:
                tried = samples[question.slot]
                records[question.slot] = Record(1, 0, index, tried[n % len(tried)], old)
                index += len(question.interactions)
            else:
                records[question.slot] = _drawn(question, old, is_finished=True)
        visits = {lesson.slot: Visit(True, True) for lesson in unit.lessons}
        state = replace(_blank(unit, old), next=index, lessons=visits, questions=records)
        text = encode(state, unit.slots)
        given = receive(text, unit.slots, old)
        assert given is not None, "a state of ours is readable"
        yield _Reading(given.state, receive(text, home.slots, new))


def _blank(unit: Unit, revision: int) -> State:
    return State(revision, 1, _ATTEMPT, unit.table.initial)


def _samples(question: PlayedQuestion, now: PlayedQuestion | None = None) -> tuple[tuple[Response, ...], ...]:
    """Return responses to a question: all right, all wrong, then every other one to each interaction, the rest right.

    `now`: the question at its slot in the new version, whose words are tried too: they may have been wrong so far.
    """
    words = {one.letter: one.accept for one in now.interactions} if now else {}
    each = [_tried(one, words.get(one.letter, ())) for one in question.interactions]
    right = tuple(tried[0] for tried in each)
    wrong = tuple(tried[min(1, len(tried) - 1)] for tried in each)
    single = ((*right[:n], response, *right[n + 1 :]) for n, tried in enumerate(each) for response in tried[1:])
    return tuple(dict.fromkeys((right, wrong, *single)))


def _tried(one: Interaction, words: Sequence[str]) -> list[Response]:
    """Return responses to an interaction: a right one, a wrong one, then every other one that is one part long; `words`
    are typed too."""
    letters = [component.letter for component in one.components]
    if one.type in ("choice", "true-false", "likert"):
        right = tuple(sorted(one.right)) if one.multiple else one.right[:1]
        wrong = tuple(letter for letter in letters if letter not in one.right)
        picked = [right or tuple(letters[:1]), wrong if one.multiple else wrong[:1], *((letter,) for letter in letters)]
        return _unlike([tuple(sorted(given)) or None for given in picked])
    if one.type == "sequencing":
        return _unlike([one.right or tuple(letters), tuple(reversed(one.right or letters))])
    if one.type == "matching":
        targets = [component.letter for component in one.targets]
        right = tuple(next((pair for pair in one.right if pair[0] == letter), "") for letter in letters)
        pairs = [tuple(letter + target for letter in letters) for target in targets]
        return _unlike([tuple(pair for pair in right if pair) or None, *pairs])
    if one.type == "performance":
        return _unlike([one.right or None, *((step,) for step, _ in one.steps)])
    if one.type == "numeric":
        return [Text(f"{one.ranges[0][0]:.12g}" if one.ranges else "1"), Text("-987654")]
    if one.type == "other":
        return [None]
    first = one.accept[0] if one.accept else _WRONG
    return _unlike([*map(Text, (first, _WRONG, *one.accept, *(words if one.accept else ())))])


def _unlike(responses: Iterable[Response]) -> list[Response]:
    """Return each response once; what is None among them only where there is nothing else."""
    found = [response for response in dict.fromkeys(responses) if response is not None]
    return list(found) or [None]


def _drawn(quiz: PlayedQuestion, revision: int, *, is_finished: bool) -> Record:
    """Return the record of a quiz in its first take, the first questions of each group drawn."""
    slots = [slot for count, pool in quiz.groups for slot in pool[:count]]
    return Record(int(is_finished), 0, -1, (tuple(map(str, (1, 60, *slots))),), revision)


# --- typical learners ------------------------------------------------------------------------------------------------

LEARNERS = ("half", "half-wrong", "right", "mixed", "wrong")


def _learners(both: _Both) -> Iterator[Learner]:
    """Yield what typical learners find: the same state, as the old and as the new package understand it."""
    old, new = both.old.edition, both.new.edition
    steps = [slot for unit in old.units for lesson in unit.lessons for slot in _steps(lesson)]
    for name in LEARNERS:
        taken = frozenset(steps[: len(steps) // 2] if name.startswith("half") else steps)
        wrong = _wrong(name, old)
        before: list[tuple[State, Unit]] = []
        after: list[tuple[State, Unit]] = []
        answers = kept = 0
        for unit in old.units:
            minutes = _MINUTES if taken.issuperset(unit.slots) else 0
            state = _learnt(unit, old.revision, taken, wrong)
            state = replace(state, status=status(state, unit, minutes))
            given = [question for question in unit.questions if question.is_reported and is_answered(state, question)]
            answers += len(given)
            before.append((state, unit))
            home = both.homes.get(unit.identifier)
            found = receive(encode(state, unit.slots), home.slots, new.revision) if home else None
            if home is None or found is None:
                continue
            there = {question.slot: question for question in home.questions if both.are_one(question.slot)}
            kept += sum(one.slot in there and is_answered(found.state, there[one.slot]) for one in given)
            after.append((replace(found.state, status=status(found.state, home, minutes)), home))
        yield Learner(
            name,
            answers,
            kept,
            _done(before),
            _done(after),
            _grade(before),
            _grade(after),
            _statuses(before),
            _statuses(after),
        )


def _steps(lesson: PlayedLesson) -> Iterator[int]:
    """Yield what a learner does in a lesson, by slot: its questions, a quiz after those inside, then its end."""
    quizzes = [question for question in lesson.questions if question.is_quiz]
    yield from (question.slot for question in lesson.questions if not question.is_quiz)
    yield from (quiz.slot for quiz in quizzes)
    yield lesson.slot


def _wrong(name: str, old: Edition) -> frozenset[int]:
    """Return the slots of questions that a typical learner answers wrong."""
    slots = [question.slot for unit in old.units for question in unit.questions if question.is_reported]
    return frozenset(slots[1::2] if name == "mixed" else slots if "wrong" in name else ())


def _learnt(unit: Unit, revision: int, taken: frozenset[int], wrong: frozenset[int]) -> State:
    """Return the state of a learner who has taken these steps, and answered some questions wrong."""
    visits: dict[int, Visit] = {}
    records: dict[int, Record] = {}
    index = 0
    for lesson in unit.lessons:
        if taken.isdisjoint(_steps(lesson)):
            continue
        visits[lesson.slot] = Visit(True, lesson.slot in taken)
        for quiz in (question for question in lesson.questions if question.is_quiz):
            records[quiz.slot] = _drawn(quiz, revision, is_finished=quiz.slot in taken)
        for question in present(replace(_blank(unit, revision), questions=records), lesson):
            if question.is_reported and question.slot in taken:
                tried = _samples(question)
                given = tried[min(1, len(tried) - 1) if question.slot in wrong else 0]
                records[question.slot] = Record(1, 0, index, given, revision)
                index += len(question.interactions)
    return replace(_blank(unit, revision), next=index, lessons=visits, questions=records)


def _done(states: Iterable[tuple[State, Unit]]) -> int:
    return sum(is_done(state, lesson) for state, unit in states for lesson in unit.lessons)


def _grade(states: Iterable[tuple[State, Unit]]) -> str:
    """Return the grade as an LMS is told it, over all units; empty where nothing is scored."""
    value = grade(one for state, unit in states for one in won(state, unit))
    return "" if value is None else raw(value)


def _statuses(states: Sequence[tuple[State, Unit]]) -> str:
    """Return the status, or each status with the number of units that have it: `2 passed, 1 incomplete`."""
    found = [state.status for state, _ in states]
    if len(found) == 1:
        return found[0]
    return ", ".join(f"{found.count(one)} {one}" for one in dict.fromkeys(found))


def _learner_changes(learners: Iterable[Learner]) -> Iterator[Change]:
    for one in learners:
        if one.status_old != one.status_new:
            yield Change("learner", one.id, "status", "changed", "notes", one.status_old, one.status_new)
        if one.lessons_new < one.lessons_old:
            yield Change("learner", one.id, "lessons", "changed", "notes", str(one.lessons_old), str(one.lessons_new))
        if one.grade_old != one.grade_new:
            yield Change("learner", one.id, "grade", "regraded", "notes", one.grade_old or "-", one.grade_new or "-")


# --- findings --------------------------------------------------------------------------------------------------------


def findings(update: Update, revision: str, settings: CourseSettings) -> Diagnostics:
    """Return what `check --against` says of an update, at the places of `course.yml`; `revision`: what it is against.

    That progress breaks is an error as long as the version does not announce it.
    """
    place = settings.spans.get("id", settings.span)
    found: list[Diagnostic] = []
    for verdict in VERDICTS[:0:-1]:
        ids = [one.id for one in update.changes if one.verdict == verdict and one.kind != "learner"]
        names = list(dict.fromkeys(ids))
        shown = ", ".join(names[:_NAMED]) + ("…" if len(names) > _NAMED else "")
        values: dict[str, str | int] = {"revision": revision, "old": update.old.version, "ids": shown}
        if names and verdict == "breaks":
            found.append((error if update.is_low else warning)("S086", place, **values))
        elif names:
            found.append(note("S087", place, **values))
    if update.is_low:
        version = settings.spans.get("version", settings.span)
        found.append(warning("S088", version, version=settings.version, next=update.next_version, revision=revision))
    return tuple(found)


def incomparable(errors: int, revision: str, settings: CourseSettings) -> Diagnostics:
    """Return the finding about a course that had errors in the revision that it is to be compared with."""
    return (warning("S089", settings.spans.get("id", settings.span), count=errors, revision=revision),)

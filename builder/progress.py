"""What a package makes of a saved state: which answers count, what is done, the grade, the status.

Twin of the player's `runtime/state.js`, on the same data (`course-data` of a launch document); `tests/test_diff.py`
binds the two. A `Unit` is what an LMS keeps one record of: the course, or a lesson that is a SCO of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder import completion
from builder.codec import Asked, Record, Slots, State, Status
from builder.completion import Table
from builder.model import Interaction, Partial
from builder.score import grade, is_mastered, question_fraction


@dataclass(frozen=True, slots=True)
class PlayedQuestion:
    """A question as the player has it. `weights`: the share of each interaction, together 1.

    `quiz` is the id of the quiz around it; `groups`, of a quiz, how many are drawn from which slots, and `retakes`.
    """

    id: str
    slot: int
    type: str
    points: float
    tries: int
    partial: Partial
    is_scored: bool
    is_required: bool
    keyed_at: int
    interactions: tuple[Interaction, ...]
    weights: tuple[float, ...]
    quiz: str = ""
    groups: tuple[tuple[int, tuple[int, ...]], ...] = ()
    retakes: int = 0

    @property
    def is_quiz(self) -> bool:
        """Return whether it holds other questions: its own record says which were drawn."""
        return bool(self.groups)

    @property
    def is_reported(self) -> bool:
        """Return whether an LMS is told of it."""
        return any(one.type != "other" for one in self.interactions)


@dataclass(frozen=True, slots=True)
class PlayedLesson:
    """A lesson as the player has it; an optional one is not waited for."""

    id: str
    slot: int
    kind: str
    is_graded: bool
    is_optional: bool
    questions: tuple[PlayedQuestion, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """What an LMS keeps one record of, under `identifier`. `mastery` is 0–1 or None, `limit` characters or None."""

    identifier: str
    lessons: tuple[PlayedLesson, ...]
    mastery: float | None
    table: Table
    limit: int | None

    @property
    def questions(self) -> tuple[PlayedQuestion, ...]:
        """Return all questions, in reading order."""
        return tuple(question for lesson in self.lessons for question in lesson.questions)

    @property
    def slots(self) -> Slots:
        """Return its slots as the saved state sees them."""
        found: dict[int, Asked | None] = {}
        for lesson in self.lessons:
            found[lesson.slot] = None
            for one in lesson.questions:
                found[one.slot] = Asked(one.slot, one.keyed_at, one.interactions, one.tries)
        return found


@dataclass(frozen=True, slots=True)
class Take:
    """What is known of a quiz: takes begun and finished, the slots drawn for the last one."""

    begun: int
    finished: int
    slots: tuple[int, ...]


def is_given(record: Record | None) -> bool:
    """Return whether a response was submitted."""
    return record is not None and (record.tries > 0 or (record.response is not None and record.index >= 0))


def is_answered(state: State, question: PlayedQuestion) -> bool:
    """Return whether a question was ever answered."""
    return is_given(state.questions.get(question.slot))


def fraction(state: State, question: PlayedQuestion) -> float:
    """Return the share of a question's points that is won, 0–1."""
    record = state.questions.get(question.slot)
    if record is None or record.response is None or not is_given(record):
        return 0.0
    return question_fraction(question.interactions, record.response, question.partial, question.weights)


def take_of(state: State, quiz: PlayedQuestion) -> Take:
    """Return the last take of a quiz."""
    record = state.questions.get(quiz.slot)
    response = record.response[0] if record and record.response else None
    begun, _, *slots = map(int, response) if isinstance(response, tuple) and len(response) > 1 else (0, 0)
    return Take(begun, record.tries if record else 0, tuple(slots))


def present(state: State, lesson: PlayedLesson) -> tuple[PlayedQuestion, ...]:
    """Return the questions that exist for this learner: of a quiz those drawn, before it begins as many others."""
    away: set[int] = set()
    for quiz in lesson.questions:
        drawn = take_of(state, quiz).slots if quiz.is_quiz else ()
        for count, slots in quiz.groups:
            away |= {slot for n, slot in enumerate(slots) if (slot not in drawn if drawn else n >= count)}
    return tuple(question for question in lesson.questions if question.slot not in away)


def is_done(state: State, lesson: PlayedLesson) -> bool:
    """Return whether a lesson's end was reached and everything required was answered."""
    visit = state.lessons.get(lesson.slot)
    required = (question for question in present(state, lesson) if question.is_required)
    return bool(visit and visit.end) and all(_is_done_with(state, lesson, question) for question in required)


def _is_done_with(state: State, lesson: PlayedLesson, question: PlayedQuestion) -> bool:
    if question.is_quiz:
        return take_of(state, question).finished > 0
    if question.quiz:  # a quiz is waited for as a whole
        return any(other.id == question.quiz for other in lesson.questions)
    return is_answered(state, question)


def won(state: State, unit: Unit) -> Iterator[tuple[float, float]]:
    """Yield points and fraction of each question that counts in the grade."""
    for lesson in unit.lessons:
        for question in present(state, lesson) if lesson.is_graded else ():
            if question.is_scored:
                yield question.points, fraction(state, question)


def status(state: State, unit: Unit, minutes: float) -> Status:
    """Return the status that a learner has as soon as the unit is opened."""
    return completion.step(unit.table, state.status, facts(state, unit, minutes))


def facts(state: State, unit: Unit, minutes: float) -> Mapping[str, bool]:
    """Return what the completion table asks; `minutes` were spent."""
    table = unit.table
    asked = [lesson for lesson in unit.lessons if not lesson.is_optional]
    named = asked if table.lessons is None else [one for one in unit.lessons if one.id in table.lessons]
    return {
        "lessons": all(is_done(state, lesson) for lesson in named),
        "everything": all(is_done(state, lesson) for lesson in asked),
        "mastery": unit.mastery is not None and is_mastered(grade(won(state, unit)), unit.mastery),
        "minutes": minutes >= (table.minutes or 0),
    }

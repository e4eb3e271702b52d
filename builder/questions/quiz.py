"""`quiz`: a test made of questions, of which some may be drawn (language, "Quiz").

It holds questions instead of asking one: `CONTAINS` says so. Its own record in the saved state is a list of whole
numbers: takes begun, seconds spent, slots drawn (`runtime/questions/quiz.js`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from builder.attributes import Value, number
from builder.diagnostics import Diagnostic, error, warning
from builder.model import Interaction, Lesson, Question
from builder.questions import Draft, Letters, Pieces, Reading
from builder.strings import counted, language_of

NAME = "quiz"
ATTRIBUTES = frozenset("title draw retakes feedback pass minutes timed".split())
CONTAINS = True
"""It holds other questions."""

FEEDBACK = ("now", "end", "never")
_DRAW = re.compile(r"(?:([A-Za-z0-9.-]+):)?([0-9]+)")
_OVERHEAD = 2
"""Numbers that are saved beside the slots drawn: takes begun, seconds spent."""


def read(reading: Reading) -> Draft | None:
    """Read the rules, which are attributes: what stands inside are questions of their own."""
    attributes = reading.attributes
    feedback = attributes.text("feedback", "now")
    if feedback not in FEEDBACK:
        reading.report("Q835", attributes.values["feedback"].span, value=feedback)
        feedback = "now"
    minutes = _number(reading, "minutes", 1, 600)
    if attributes.flag("timed") and minutes is None:
        reading.report("Q837", attributes.values["timed"].span)
    rules = {
        "draw": list(_draw(reading)),
        "retakes": int(_number(reading, "retakes", 0, 100, is_whole=True) or 0),
        "feedback": feedback,
        "pass": _number(reading, "pass", 1, 100),
        "minutes": minutes,
        "timed": attributes.flag("timed"),
    }
    return Draft("", (), {"title": attributes.text("title")}, rules, is_scored=False)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return what the player saves of the quiz itself, which no LMS is told."""
    return (Interaction(question.id, "other", limit=_OVERHEAD + question.settings["size"]),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return the rules in a few words."""
    rules = question.settings
    parts = [counted(words, "quiz", rules["size"], language)]
    if rules["pool"] > rules["size"]:
        parts.append(words["quiz_pool"].format(count=rules["pool"]))
    if rules["retakes"]:
        parts.append(counted(words, "quiz_retakes", rules["retakes"], language))
    if rules["pass"] is not None:
        parts.append(words["quiz_pass"].format(percent=_shown(rules["pass"], language)))
    if rules["minutes"] is not None:
        key = "quiz_timed" if rules["timed"] else "quiz_minutes"
        parts.append(words[key].format(minutes=_shown(rules["minutes"], language)))
    return words["separator"].join(parts)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the title and what is said of feedback."""
    return {
        "title": pieces.data["title"] or words["quiz_title"],
        "about": words[f"quiz_feedback_{question.settings['feedback']}"],
    }


def groups(quiz: Question, questions: Sequence[Question]) -> tuple[tuple[int, tuple[Question, ...]], ...]:
    """Return how many are drawn from which of the questions inside; one belongs to the first prefix that it matches."""
    inside = tuple(question for question in questions if question.quiz == quiz.id)
    wanted = quiz.settings["draw"]
    if not wanted:
        return ((len(inside), inside),) if inside else ()
    result, left = [], list(inside)
    for prefix, count in wanted:
        mine = tuple(question for question in left if _matches(question, prefix))
        left = [question for question in left if question not in mine]
        result.append((count, mine))
    return tuple(result)


def settle(quiz: Question, questions: Sequence[Question]) -> Mapping[str, Any]:
    """Return the rules with `size` and `pool`: how many questions are asked, of how many in this variant."""
    counts = [(min(count, len(pool)), len(pool)) for count, pool in groups(quiz, questions)]
    sizes = {"size": sum(count for count, _ in counts), "pool": sum(count for _, count in counts)}
    return {**quiz.settings, **sizes}


def asked(questions: Sequence[Question]) -> int:
    """Return how many questions one learner meets: of a quiz those that are drawn."""
    return sum(question.settings["size"] if question.type == NAME else not question.quiz for question in questions)


def problems(lesson: Lesson) -> Iterator[Diagnostic]:
    """Report quizzes that cannot be drawn as their author says."""
    for quiz in lesson.questions:
        if quiz.type != NAME:
            continue
        inside = [question for question in lesson.questions if question.quiz == quiz.id]
        if not inside:
            yield error("Q830", quiz.span)
            continue
        drawn = groups(quiz, lesson.questions)
        for (prefix, _), (count, pool) in zip(quiz.settings["draw"], drawn, strict=False):
            if len(pool) < count:
                yield error("Q832", quiz.span, prefix=prefix or quiz.id, wanted=count, count=len(pool))
            yield from _unequal(count, pool)
        known = {question.id for _, pool in drawn for question in pool}
        for question in inside:
            if question.id not in known:
                yield warning("Q834", question.span, id=question.id)
            if quiz.settings["feedback"] != "now" and question.tries > 1:
                yield warning("Q836", question.span, id=question.id)


def _shown(value: float, language: str) -> str:
    return f"{value:g}".replace(".", "," if language_of(language) == "fr" else ".")


def _unequal(count: int, pool: Sequence[Question]) -> Iterator[Diagnostic]:
    """Questions drawn from one group have equal points, or the grade would be a matter of luck."""
    if count >= len(pool):
        return
    worth = [question.points if question.is_scored else 0 for question in pool]
    for question, points in zip(pool, worth, strict=True):
        if points != worth[0]:
            yield error("Q833", question.span, points=f"{points:g}", other=f"{worth[0]:g}", id=pool[0].id)


def _matches(question: Question, prefix: str) -> bool:
    return not prefix or any(f"{objective}.".startswith(f"{prefix}.") for objective in question.objectives)


def _draw(reading: Reading) -> Iterator[list[Any]]:
    """Yield prefix and count of each group; an empty prefix is everything."""
    value = reading.attributes.values.get("draw")
    if value is None:
        return
    words = value.text.split()
    matches = [_DRAW.fullmatch(word) for word in words]
    for word, match in zip(words, matches, strict=True):
        if match is None or int(match[2]) == 0 or (match[1] is None and len(words) > 1):
            reading.report("Q831", value.span, text=word)
            return
    if not words or value.is_flag:
        reading.report("Q831", value.span, text=value.text)
        return
    for match in matches:
        assert match is not None
        yield [match[1] or "", int(match[2])]


def _number(reading: Reading, key: str, lowest: float, highest: float, *, is_whole: bool = False) -> float | None:
    value: Value | None = reading.attributes.values.get(key)
    if value is None:
        return None
    read = number(value.text)
    if read is None or not lowest <= read <= highest or (is_whole and read != int(read)):
        reading.report("Q103", value.span, key=key, value=value.text)
        return None
    return read

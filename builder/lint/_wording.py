"""What rules about wording share: the questions of a course with their words, and words as they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from builder.diagnostics import Span
from builder.lint import Subject
from builder.model import Lesson, Passage, Question, Role

_SIGNS = str.maketrans({"’": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " ", "\n": " "})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its words."""

    lesson: Lesson
    question: Question
    passages: tuple[Passage, ...]

    def of(self, *roles: Role) -> tuple[Passage, ...]:
        """Return its passages of some roles, in order."""
        return tuple(passage for passage in self.passages if passage.role in roles)


def asked(subject: Subject) -> Iterator[Asked]:
    """Yield the questions of the lessons whose words are known; one that is included twice comes once a lesson."""
    for lesson in subject.course.lessons:
        words: dict[object, list[Passage]] = {}
        for passage in subject.prose.get(lesson.path, ()):
            if passage.question is not None:
                words.setdefault(passage.question, []).append(passage)
        for question in lesson.questions:
            if question.span in words:
                yield Asked(lesson, question, tuple(words[question.span]))


def read(subject: Subject) -> Iterator[Lesson]:
    """Yield the lessons whose words are known."""
    return (lesson for lesson in subject.course.lessons if lesson.path in subject.prose)


def choices(subject: Subject) -> Iterator[Question]:
    """Yield the scored choices, of the lessons whose words are known, with one right answer among three or more."""
    for lesson in read(subject):
        for question in lesson.questions:
            is_single = question.type == "choice" and not question.settings["multiple"]
            if is_single and question.is_scored and len(question.parts) > 2 and any(one.key for one in question.parts):
                yield question


def title(subject: Subject) -> Span:
    """Return the place of findings about the whole course: its title."""
    settings = subject.course.settings
    return settings.spans.get("title", settings.span)


def language(subject: Subject) -> str:
    """Return the course's language without region: `fr`."""
    return subject.course.settings.language.split("-")[0].lower()


def flat(text: str) -> str:
    """Return a text with plain apostrophes and spaces, of the same length."""
    return text.translate(_SIGNS)


def compared(text: str) -> str:
    """Return a text as two texts are compared: without accents, capitals, punctuation."""
    plain = unicodedata.normalize("NFD", flat(text).casefold()).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain))

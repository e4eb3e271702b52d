"""Grades that can be reached, answers that teach."""

from __future__ import annotations

from collections.abc import Iterator

from builder.diagnostics import Diagnostic, error, warning
from builder.lint import Rule, Subject
from builder.questions import quiz


def unreachable_mastery(subject: Subject) -> Iterator[Diagnostic]:
    """A course sets a mastery score but no graded lesson asks a scored question.

    Source: cmi5 (Quartz) §9.3.4.
    """
    course = subject.course
    if course.settings.mastery is None:
        return
    scored = (question for lesson in course.lessons if lesson.is_graded for question in lesson.questions)
    if not any(question.is_scored for question in scored):
        yield error("A201", course.settings.spans["mastery"])


def missing_feedback(subject: Subject) -> Iterator[Diagnostic]:
    """A scored choice has an answer without feedback."""
    for lesson in subject.course.lessons:
        for question in lesson.questions:
            if question.is_scored and question.settings.get("without_feedback"):
                yield warning("A202", question.span, count=question.settings["without_feedback"])


def quizzes(subject: Subject) -> Iterator[Diagnostic]:
    """A quiz cannot be drawn as its author says."""
    for lesson in subject.course.lessons:
        if any(question.quiz or question.type == quiz.NAME for question in lesson.questions):
            yield from quiz.problems(lesson)


RULES: tuple[Rule, ...] = (unreachable_mastery, missing_feedback, quizzes)

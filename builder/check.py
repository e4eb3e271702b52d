"""Runs the rules of `lint/` over a course, and honours silencing comments."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from builder.diagnostics import Diagnostic, Diagnostics, Severity
from builder.lint import Rule, Subject
from builder.model import Course
from builder.seams import features


def check(subject: Subject) -> Diagnostics:
    """Return what the rules find."""
    return tuple(found for rule in rules() for found in rule(subject))


def rules() -> tuple[Rule, ...]:
    """Return every rule of the seam, in the order of files and of their lists."""
    return tuple(rule for name in features("lint") for rule in import_module(f"builder.lint.{name}").RULES)


def heard(diagnostics: Iterable[Diagnostic], course: Course | None) -> Diagnostics:
    """Return the diagnostics that no comment silences; errors cannot be silenced (style §5)."""
    silences = [silence for lesson in course.lessons for silence in lesson.silences] if course else []
    if not silences:
        return tuple(diagnostics)
    return tuple(
        found
        for found in diagnostics
        if found.severity is Severity.ERROR
        or not any(
            silence.code == found.code
            and silence.file == found.span.file
            and silence.first_line <= found.span.line <= silence.last_line
            for silence in silences
        )
    )

"""What lessons that are launched one by one (`packaging: {sco: lesson}`) cannot know or do, whatever the standard."""

from __future__ import annotations

from collections.abc import Iterator

from builder.diagnostics import Diagnostic, error, note
from builder.model import Course, Lesson


def check_alone(course: Course) -> Iterator[Diagnostic]:
    """Report a completion rule that no lesson can judge by itself."""
    settings = course.settings
    place = settings.spans.get("complete_when", settings.span)
    when = settings.complete_when
    if when.lessons is not None:
        yield error("T210", settings.spans.get("complete_when.lessons", place), ids=", ".join(when.lessons))
    if when.minutes:
        yield error("T211", settings.spans.get("complete_when.minutes", place), minutes=f"{when.minutes:g}")


def check_links(lesson: Lesson) -> Iterator[Diagnostic]:
    """Report links to other lessons, once: content cannot launch what stands beside it."""
    others = [link for link in lesson.links if link.kind == "lesson" and link.path != lesson.path]
    if others:
        yield note("T216", others[0].span, destination=others[0].destination, count=len(others))

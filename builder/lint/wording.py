"""What a course may promise: an attestation, nothing more. The text of lessons is looked at while it is read."""

from __future__ import annotations

from collections.abc import Iterator

from builder.diagnostics import Diagnostic, Span, warning
from builder.lint import Rule, Subject
from builder.wording import titles

CODE = "A401"


def promises(subject: Subject) -> Iterator[Diagnostic]:
    """A title or description promises a certification."""
    settings = subject.course.settings
    texts: list[tuple[str, Span]] = [
        (settings.title, settings.spans.get("title", settings.span)),
        (settings.description, settings.spans.get("description", settings.span)),
        *((keyword, settings.spans.get("keywords", settings.span)) for keyword in settings.keywords),
        *((lesson.title, lesson.spans.get("title", lesson.span)) for lesson in subject.course.lessons),
    ]
    for text, span in texts:
        for word in titles(text):
            yield warning(CODE, span, word=word)


RULES: tuple[Rule, ...] = (promises,)

"""What stands in the words of lessons beside text: images, and links with the words that they are made of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from builder.diagnostics import Span
from builder.lint import Subject
from builder.model import Lesson, Link, Passage, Run


def passages(subject: Subject) -> Iterator[tuple[Lesson, Passage]]:
    """Yield the passages of the course with their lesson; none in a build."""
    for lesson in subject.course.lessons:
        for passage in subject.prose.get(lesson.path, ()):
            yield lesson, passage


def images(subject: Subject) -> Iterator[tuple[Lesson, Run]]:
    """Yield the images of the course that have an alternative, which is the text of the run."""
    for lesson, passage in passages(subject):
        for run in passage.runs:
            if run.kind == "image":
                yield lesson, run


def links(subject: Subject) -> Iterator[tuple[Link, str, Passage]]:
    """Yield the links of the course with their text and the passage in which they stand."""
    for lesson in subject.course.lessons:
        yield from links_of(subject, lesson)


def links_of(subject: Subject, lesson: Lesson) -> Iterator[tuple[Link, str, Passage]]:
    """Yield the links of a lesson, as `links` does; in a message of an inbox, links open nothing and are left out."""
    known = sorted((link for link in lesson.links if not link.is_image), key=_start)
    for passage in subject.prose.get(lesson.path, ()) if known else ():
        texts: dict[Span, list[str]] = {}
        found: dict[Span, Link] = {}
        for run in passage.runs:
            if run.is_link:
                place = run.span.file, run.span.line, run.span.column
                link = known[max(0, bisect_right(known, place, key=_start) - 1)]
                if _start(link) <= place < (link.span.file, *link.span.end()):
                    texts.setdefault(link.span, []).append(run.text)
                    found[link.span] = link
        for span, parts in texts.items():
            yield found[span], " ".join("".join(parts).split()), passage


def _start(link: Link) -> tuple[str, int, int]:
    return link.span.file, link.span.line, link.span.column

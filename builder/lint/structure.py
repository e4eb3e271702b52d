"""Ids, objectives, audiences and durations: what must agree over the whole course."""

from __future__ import annotations

from collections.abc import Iterator

from builder.diagnostics import Diagnostic, Span, error, note, warning
from builder.frameworks import objectives
from builder.lint import Rule, Subject
from builder.model import Lesson
from builder.seams import features
from builder.strings import languages


def lesson_ids(subject: Subject) -> Iterator[Diagnostic]:
    """Two lessons share an id."""
    seen: dict[str, Lesson] = {}
    for lesson in subject.course.lessons:
        if lesson.id in seen:
            yield error("S101", lesson.spans.get("id", lesson.span), id=lesson.id, other=seen[lesson.id].span.file)
        seen.setdefault(lesson.id, lesson)


def question_ids(subject: Subject) -> Iterator[Diagnostic]:
    """Two questions of the course share an id, or a question has the id of a lesson."""
    seen = {lesson.id: lesson.span for lesson in subject.course.lessons}
    for lesson in subject.course.lessons:
        for question in lesson.questions:
            other: Span | None = seen.get(question.id)
            if other is not None and other.file != question.span.file:
                yield error("Q102", question.span, id=question.id, other=f"{other.file}:{other.line}")
            seen.setdefault(question.id, question.span)


def included_once(subject: Subject) -> Iterator[Diagnostic]:
    """Two lessons include the same file with the same prefix: its questions would have the same ids."""
    seen: set[tuple[str, str]] = set()
    for lesson in subject.course.lessons:
        for one in lesson.includes:
            if (one.path, one.prefix) in seen:
                yield error("S127", one.span, path=one.path)
        seen |= {(one.path, one.prefix) for one in lesson.includes}


def known_objectives(subject: Subject) -> Iterator[Diagnostic]:
    """An objective is not in the framework, or the course has none."""
    course = subject.course
    known = {objective.id for objective in objectives(course.framework)} if course.framework else set()
    for lesson in course.lessons:
        used = [(lesson.spans.get("objectives", lesson.span), name) for name in lesson.objectives]
        used += [(question.span, name) for question in lesson.questions for name in question.objectives]
        for span, name in dict.fromkeys(used):
            if not course.settings.framework:
                yield error("S103", span, id=name)
            elif course.framework is not None and name not in known:
                yield error("S102", span, id=name, framework=course.settings.framework)


def known_domain(subject: Subject) -> Iterator[Diagnostic]:
    """The course names a domain that its framework does not have."""
    settings, framework = subject.course.settings, subject.course.framework
    if settings.domain and framework and settings.domain not in {domain.id for domain in framework.domains}:
        yield error("S104", settings.spans["domain"], id=settings.domain, framework=framework.id)


def known_audiences(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson, an insert or a label is for an audience that the course does not list."""
    settings = subject.course.settings
    allowed = settings.audiences
    for name in settings.audience_labels:
        if name not in allowed:
            yield error("S105", settings.spans[f"audience_labels.{name}"], name=name, allowed=", ".join(allowed) or "-")
    for lesson in subject.course.lessons:
        for name in lesson.audience:
            if name not in allowed:
                span = lesson.spans.get("audience", lesson.span)
                yield error("S105", span, name=name, allowed=", ".join(allowed) or "-")
        for one in lesson.inserts:
            for name in one.audience:
                if name not in allowed:
                    yield error("S105", one.span, name=name, allowed=", ".join(allowed) or "-")


def named_lessons(subject: Subject) -> Iterator[Diagnostic]:
    """`complete_when` names a lesson that does not exist."""
    settings = subject.course.settings
    known = {lesson.id for lesson in subject.course.lessons}
    for name in settings.complete_when.lessons or ():
        if name not in known:
            yield error("S106", settings.spans["complete_when"], id=name, known=", ".join(sorted(known)))


def known_targets(subject: Subject) -> Iterator[Diagnostic]:
    """The course asks for a target that Carabin does not have."""
    settings = subject.course.settings
    for name in settings.targets:
        if name not in features("targets"):
            yield error("S107", settings.spans["targets"], name=name, known=", ".join(features("targets")))


def declared_minutes(subject: Subject) -> Iterator[Diagnostic]:
    """The lessons' minutes do not add up to the course's duration."""
    settings = subject.course.settings
    total = sum(lesson.minutes for lesson in subject.course.lessons)
    if settings.minutes and total and abs(total - settings.minutes) > 0.5:
        yield warning("A104", settings.spans["duration"], declared=f"{settings.minutes:g}", total=f"{total:g}")


def known_language(subject: Subject) -> Iterator[Diagnostic]:
    """The course's language is one in which Carabin itself has no words: buttons and labels are English."""
    settings = subject.course.settings
    primary = settings.language.split("-")[0]
    if primary not in languages():
        yield note("S184", settings.spans["language"], language=primary, known=", ".join(languages()))


RULES: tuple[Rule, ...] = (
    lesson_ids,
    question_ids,
    included_once,
    known_objectives,
    known_domain,
    known_audiences,
    named_lessons,
    known_targets,
    declared_minutes,
    known_language,
)

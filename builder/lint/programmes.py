"""Objectives that a programme gives to a course: each is taught, and assessed more than once.

All of it speaks in `check` alone, where programmes are known: a course can be built and tried before it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from builder.diagnostics import Diagnostic, error
from builder.frameworks import ENOUGH, assessed, owed, taught
from builder.lint import Rule, Subject


def programme_taught(subject: Subject) -> Iterator[Diagnostic]:
    """No lesson teaches an objective of the domain that a programme gives to the course alone.

    Why: the programme promises it, and no other course will teach it.
    Instead: name it in `objectives:` of the lesson that teaches it, or write that lesson.
    Source: Biggs, "Enhancing teaching through constructive alignment", Higher Education 32, 1996.
    """
    course = subject.course
    known = taught(course.lessons)
    for one in owed(course, subject.programme):
        if one.id not in known:
            place = course.settings.spans.get("domain", course.settings.span)
            yield error("A220", place, id=one.id, text=one.text)


def programme_assessed(subject: Subject) -> Iterator[Diagnostic]:
    """Fewer than two scored questions assess an objective of that domain, which a lesson teaches.

    Why: one question alone may have been guessed, or misread.
    Instead: ask another scored question with `objective=`, in a lesson that counts in the grade.
    Source: Haladyna and Rodriguez, "Developing and Validating Test Items", 2013.
    """
    course = subject.course
    teaching, asking = taught(course.lessons), assessed(course.lessons)
    for one in owed(course, subject.programme):
        count = len(asking.get(one.id, ()))
        if one.id in teaching and count < ENOUGH:
            lesson = teaching[one.id][0]
            place = lesson.spans.get("objectives", lesson.span)
            yield error("A221", place, id=one.id, text=one.text, count=count, least=ENOUGH)


RULES: tuple[Rule, ...] = (programme_taught, programme_assessed)

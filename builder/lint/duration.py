"""Minutes, words and activities of a lesson, where the course's framework says what it wants of them.

All of it speaks in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from builder.diagnostics import Diagnostic, note, warning
from builder.lint import Rule, Subject
from builder.lint._wording import read
from builder.model import Condition, Framework, Lesson, LessonSize, Passage, Question, Role
from builder.questions import quiz

PACE = 180
"""Words that a learner reads in a minute."""

MARGIN = 0.15
"""Share of its duration by which a lesson may take less or more."""

_READ: frozenset[Role] = frozenset(("heading", "text", "cell", "item", "note"))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a lesson takes: `words` outside of questions, `activities` that one learner meets, and the minutes of each;
    `away` are those that its author says are spent away from the screen."""

    words: int
    activities: int
    reading: float
    answering: float
    away: float

    @property
    def minutes(self) -> float:
        """Return what it takes altogether."""
        return self.reading + self.answering + self.away


def estimate(lesson: Lesson, prose: Sequence[Passage], framework: Framework, region: str) -> Estimate:
    """Return what a lesson takes in a region.

    Of inserts for some audiences, those of the audience that has most to read count; of a quiz that draws, the mean
    minutes of what it draws from; a type of question that the framework does not name takes no minutes.
    """
    count = _most([(one.where, _words(one.text)) for one in prose if one.role in _READ and not one.question], region)
    here = [one for one in lesson.questions if _is_in(lesson.places.get(one.id, ()), region)]
    drawn = [(size, pool) for one in here if one.type == quiz.NAME for size, pool in quiz.groups(one, here)]
    alone = [one for one in here if one.type != quiz.NAME and not one.quiz]
    answering = _most([(lesson.places.get(one.id, ()), _minutes(one, framework)) for one in alone], region)
    answering += sum(
        min(size, len(pool)) * sum(_minutes(one, framework) for one in pool) / len(pool) for size, pool in drawn if pool
    )
    activities = _most([(lesson.places.get(one.id, ()), 1) for one in alone], region)
    activities += sum(min(size, len(pool)) for size, pool in drawn)
    return Estimate(int(count), int(activities), count / PACE, answering, lesson.away)


def counted_minutes(subject: Subject) -> Iterator[Diagnostic]:
    """What a lesson asks for does not come within 15 % of its duration.

    Only where the course's framework gives `activities`, minutes by type of question; A208 and A209 are then silent.
    Counted: words outside of questions at 180 a minute (a transcript stands for its recording), questions at the
    framework's minutes, of a quiz those that are drawn, and the minutes `away` of the front matter. Hints, feedback,
    explanations and the trainer's notes are not: they lie inside the minutes of a question, or are not for learners.
    Why: durations add up to what a programme promises and an institution grants.
    Instead: correct `duration`, write more or less, ask more or fewer questions, or declare the time `away`.
    Source: Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019: 180 is slow
    reading, for study.
    """
    framework = subject.course.framework
    for lesson, one, _ in _estimates(subject, False) if framework and framework.activities else ():
        place = lesson.spans.get("duration", lesson.span)
        least, most = (1 - MARGIN) * lesson.minutes, (1 + MARGIN) * lesson.minutes
        if lesson.minutes and not least <= one.minutes <= most:
            yield warning(
                "A216",
                place,
                estimate=_shown(one.minutes),
                minutes=f"{lesson.minutes:g}",
                words=one.words,
                reading=_shown(one.reading),
                activities=one.activities,
                answering=_shown(one.answering),
                away=_shown(one.away),
                least=f"{round(least, 1):g}",
                most=f"{round(most, 1):g}",
            )


def wanted_words(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson has fewer or more words outside of questions than its framework wants.

    Only where the framework says `lessons: {words: [least, most]}`, and for lessons of the kind `lesson`.
    Why: lessons of one programme that are much alike in length are easier to plan, to give and to take.
    Instead: write more or less, or make two lessons of it.
    """
    for lesson, one, size in _estimates(subject, True):
        if size.words and not size.words[0] <= one.words <= size.words[1]:
            place = lesson.spans.get("title", lesson.span)
            yield note("A217", place, count=one.words, least=size.words[0], most=size.words[1])


def wanted_activities(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson asks fewer or more questions than its framework wants.

    Only where the framework says `lessons: {activities: [least, most]}`, and for lessons of the kind `lesson`. Of a
    quiz, the questions count that are drawn.
    Why: too few leave the learner passive, too many make a test of a lesson.
    Instead: ask more or fewer, or make two lessons of it.
    """
    for lesson, one, size in _estimates(subject, True):
        if size.activities and not size.activities[0] <= one.activities <= size.activities[1]:
            place = lesson.spans.get("title", lesson.span)
            yield note("A218", place, count=one.activities, least=size.activities[0], most=size.activities[1])


def _estimates(subject: Subject, sized: bool) -> Iterator[tuple[Lesson, Estimate, LessonSize]]:
    """Yield what each lesson takes whose words are known; `sized`: only the kind of lesson that has a size."""
    framework, region = subject.course.framework, subject.course.settings.region
    for lesson in read(subject) if framework else ():
        if framework and (lesson.kind == "lesson" or not sized):
            counted = estimate(lesson, subject.prose[lesson.path], framework, region)
            yield lesson, counted, framework.lessons or LessonSize(None, None)


def _minutes(question: Question, framework: Framework) -> float:
    return framework.activities.get(question.type, 0)


def _most(counted: Sequence[tuple[tuple[Condition, ...], float]], region: str) -> float:
    """Return the sum for the audience that has most of it, without what is for other regions."""
    here = [(where, count) for where, count in counted if _is_in(where, region)]
    audiences = {name for where, _ in here for one in where for name in one.audience} | {""}
    return max(sum(count for where, count in here if _is_for(where, audience)) for audience in audiences)


def _is_in(where: tuple[Condition, ...], region: str) -> bool:
    return all(not one.region or region in one.region for one in where)


def _is_for(where: tuple[Condition, ...], audience: str) -> bool:
    return all(not one.audience or audience in one.audience for one in where)


def _words(text: str) -> int:
    """Return how many words stand between spaces, as word processors count."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def _shown(minutes: float) -> str:
    """Return minutes as people say them: below ten with one decimal."""
    return f"{minutes:.0f}" if minutes >= 10 else f"{round(minutes, 1):g}"


RULES: tuple[Rule, ...] = (counted_minutes, wanted_words, wanted_activities)

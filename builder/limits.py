"""What stays below the limits of a target today and may not tomorrow; asked for by `check` alone.

What a target refuses, cuts or loses now is told by `targets/` and `codec.py`, in builds too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from builder.codec import Worst
from builder.diagnostics import Diagnostic, Span, note
from builder.model import Interaction, Question

FULL = 0.8
"""Share of the saved state from which the next questions may not fit."""

INTERACTIONS = {"scorm2004": 250}
"""Records of answers in one attempt that an LMS has to keep, by target. SCORM 1.2 sets no limit, xAPI has none."""


def nearly_full(worst: Worst, target: str, limit: int | None, span: Span) -> Iterator[Diagnostic]:
    """Note a saved state that fits, and can take 80 % and more of what a target gives.

    Why: a course in use cannot be split without its learners losing their place; better before than after.
    Source: SCORM 1.2 RTE §3.4.4 (`cmi.suspend_data`: CMIString4096).
    """
    if limit is not None and limit * FULL <= worst.with_retired <= limit:
        percent = 100 * worst.with_retired // limit
        yield note("T240", span, characters=worst.with_retired, limit=limit, target=target, percent=percent)


def many_interactions(
    questions: Sequence[Question], interactions: Mapping[str, tuple[Interaction, ...]], target: str, span: Span
) -> Iterator[Diagnostic]:
    """Note more answers in one attempt than an LMS has to keep: each try of each interaction is one record.

    Why: what comes after may be missing in the reports of the LMS; grade and resumption do not depend on it.
    Source: SCORM 2004 4th edition RTE §4.2.9 (smallest permitted maximum of `cmi.interactions`: 250).
    """
    limit = INTERACTIONS.get(target)
    if limit is None:
        return
    told = {question.id: sum(one.type != "other" for one in interactions[question.id]) for question in questions}
    tries = {question.id: question.tries for question in questions}
    count = sum(number * tries[name] for name, number in told.items())
    if count > limit:
        yield note("T241", span, count=count, limit=limit, target=target)

"""Templates of the statements that a package makes: everything of them that is known when it is built.

The player adds id, time, actor, result and what the launch gave (`runtime/xapi/teller.js`). Shape: `StatementTemplates`
in `runtime/types.d.ts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from builder.xapi import vocabulary
from builder.xapi.activities import Activities, Activity, Packaged, is_told, launches

KNOWN: Mapping[str, Mapping[str, Any]] = {
    "completed": {"completion": True},
    "passed": {"success": True},
    "failed": {"success": False},
}
"""What the result of a statement says whatever happened."""
SAYS_RESPONSE: Mapping[str, Any] = {"response": ""}
"""As the result of a template of `answered`: the player says the response. Without: it leaves the response out."""


def document(packaged: Packaged, known: Activities) -> dict[str, Any]:
    """Return `xapi/statements.json`: templates by launch, by lesson and by interaction."""
    return {
        "schema": 1,
        "launches": dict(_launches(packaged, known)),
        "statements": dict((*_experienced(packaged, known), *_answered(packaged, known))),
    }


def _launches(packaged: Packaged, known: Activities) -> Iterator[tuple[str, Any]]:
    kinds = [told.key for told in vocabulary.TOLD if told.about == "launch"]
    for launch, name in launches(packaged):
        statements = {key: _template(packaged, known, key, known[name]) for key in kinds}
        yield launch, {"activity": name, "statements": statements}


def _experienced(packaged: Packaged, known: Activities) -> Iterator[tuple[str, Any]]:
    for lesson in packaged.course.lessons:
        activity = known[f"{packaged.course.settings.iri}/{lesson.id}"]
        yield f"experienced:{lesson.id}", _template(packaged, known, "experienced", activity)


def _answered(packaged: Packaged, known: Activities) -> Iterator[tuple[str, Any]]:
    """Yield a template for each interaction of which something is told; words of learners only when the course says so.

    Source: product, "Accessibility and privacy are features".
    """
    settings = packaged.course.settings
    for lesson in packaged.course.lessons:
        for question in lesson.questions:
            for one in packaged.interactions.get(question.id, ()):
                if is_told(one):
                    template = _template(packaged, known, "answered", known[f"{settings.iri}/{one.id}"])
                    if one.type != "long-fill-in" or settings.open_text:
                        template["result"] = dict(SAYS_RESPONSE)
                    yield f"answered:{one.id}", template


def _template(packaged: Packaged, known: Activities, key: str, activity: Activity) -> dict[str, Any]:
    """Return the template of one statement about an activity.

    Source: xAPI Data 1.0.3 §2.4.6 (context); xAPI Profiles 1.0 (the version of the profile is a category).
    """
    settings = packaged.course.settings
    told = next(one for one in vocabulary.TOLD if one.key == key)
    above = tuple(_above(activity, known))
    around = {
        "parent": _briefs(above[:1]),
        "grouping": _briefs(above[1:]),
        "category": _briefs((known[vocabulary.profile_id(settings.iri, settings.version)],)),
        "other": _briefs(known[name] for name in activity.objectives) if told.about != "launch" else [],
    }
    return {
        "verb": {"id": told.verb, "display": dict(vocabulary.in_languages(f"verb_{key}", settings.language))},
        "object": activity.whole(),
        **({"result": dict(KNOWN[key])} if key in KNOWN else {}),
        "context": {
            "contextActivities": {name: found for name, found in around.items() if found},
            "language": settings.language,
            "revision": settings.version,
        },
    }


def _above(activity: Activity, known: Activities) -> Iterator[Activity]:
    """Yield what an activity is part of, the nearest first."""
    while activity.parent:
        activity = known[activity.parent]
        yield activity


def _briefs(found: Iterable[Activity]) -> list[dict[str, Any]]:
    return [one.brief() for one in found]

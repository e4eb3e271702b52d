"""The xAPI profile of a course: its statements as templates with rules, and the order in which they come.

A build knows no day: `generatedAtTime` is that of the entries of our zips. Verbs and types of activities are those of
ADL and cmi5, which their own profiles define; the concepts of this one are the activities of the course.

Source: xAPI Profiles 1.0 (ADL), part two (standards e.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from builder.xapi import vocabulary
from builder.xapi.activities import Activities, Activity, Packaged, launches

CONTEXT = "https://w3id.org/xapi/profiles/context"
ACTIVITY_CONTEXT = "https://w3id.org/xapi/profiles/activity-context"
CONFORMS_TO = "https://w3id.org/xapi/profiles#1.0"
TIME = "1980-01-01T00:00:00Z"
DOING = ("experienced", "answered", "progressed", "completed", "passed", "failed")
"""What may come between the first and the last statement of a session. A learner may go on after `passed`."""


def document(packaged: Packaged, known: Activities) -> dict[str, Any]:
    """Return `xapi/profile.jsonld`."""
    settings = packaged.course.settings
    names = ", ".join(author.name for author in settings.authors) or settings.institution or settings.title
    return {
        "@context": CONTEXT,
        "id": vocabulary.profile_id(settings.iri),
        "type": "Profile",
        "conformsTo": CONFORMS_TO,
        "prefLabel": _words("profile_label", packaged),
        "definition": _words("profile_definition", packaged),
        "versions": [{"id": _scheme(packaged), "generatedAtTime": TIME}],
        "author": {"type": "Organization", "name": names},
        "concepts": [
            *(_concept(one, packaged) for one in known.values() if one.type in CONTAINERS),
            _resource(packaged),
        ],
        "templates": [_template(told, packaged, known) for told in vocabulary.TOLD],
        "patterns": list(_patterns(packaged)),
    }


def template_id(iri: str, key: str) -> str:
    """Return the id of a statement template."""
    return f"{iri}/_template/{key}"


def pattern_id(iri: str, name: str) -> str:
    """Return the id of a pattern."""
    return f"{iri}/_pattern/{name}"


CONTAINERS = frozenset(
    {vocabulary.COURSE, vocabulary.MODULE, vocabulary.LESSON, vocabulary.ASSESSMENT, vocabulary.OBJECTIVE}
)
"""The types that the profile names: interactions, with their answers, stand in `activities.json` alone."""


def _concept(activity: Activity, packaged: Packaged) -> dict[str, Any]:
    definition = activity.whole()["definition"]
    return {
        "id": activity.id,
        "type": "Activity",
        "inScheme": _scheme(packaged),
        "activityDefinition": {"@context": ACTIVITY_CONTEXT, **definition},
    }


def _resource(packaged: Packaged) -> dict[str, Any]:
    """Return what `carabin xapi push` puts into an LRS beside each activity."""
    return {
        "id": vocabulary.resource_id(packaged.course.settings.iri),
        "type": "ActivityProfileResource",
        "inScheme": _scheme(packaged),
        "prefLabel": _words("resource_label", packaged),
        "definition": _words("resource_definition", packaged),
        "contentType": "application/json",
    }


def _template(told: vocabulary.Told, packaged: Packaged, known: Activities) -> dict[str, Any]:
    """Return the template of one kind of statement. The verb alone determines it: each has its own."""
    rules: list[dict[str, Any]] = [
        {"location": f"$.{field.location}", "presence": field.presence} for field in told.fields
    ]
    rules += [
        {"location": "$.timestamp", "presence": "included"},
        {"location": "$.context.contextActivities.category[*].id", "any": [_scheme(packaged)]},
    ]
    types = {
        "launch": {known[name].type for _, name in launches(packaged)},
        "lesson": {vocabulary.LESSON, vocabulary.ASSESSMENT},
        "interaction": {vocabulary.INTERACTION},
    }[told.about]
    rules.append({"location": "$.object.definition.type", "presence": "recommended", "all": sorted(types)})
    return {
        "id": template_id(packaged.course.settings.iri, told.key),
        "type": "StatementTemplate",
        "inScheme": _scheme(packaged),
        "prefLabel": dict(vocabulary.in_languages(f"verb_{told.key}", packaged.course.settings.language)),
        "definition": dict(vocabulary.in_languages(f"when_{told.key}", packaged.course.settings.language)),
        "verb": told.verb,
        "rules": rules,
    }


def _patterns(packaged: Packaged) -> Iterator[dict[str, Any]]:
    """Yield the patterns, the primary one first: a registration is one session after another, as one learner has them.

    A page that is killed ends its session without a word, so `terminated` may be missing.
    """
    iri = packaged.course.settings.iri
    first, last = template_id(iri, "initialized"), template_id(iri, "terminated")
    session, work, doing, end = (pattern_id(iri, name) for name in ("session", "work", "doing", "end"))
    whole = {"primary": True, "prefLabel": _words("pattern_label", packaged)}
    yield _pattern(
        "registration", packaged, oneOrMore=session, definition=_words("pattern_definition", packaged), **whole
    )
    yield _pattern("session", packaged, sequence=[first, work, end])
    yield _pattern("work", packaged, zeroOrMore=doing)
    yield _pattern("doing", packaged, alternates=[template_id(iri, key) for key in DOING])
    yield _pattern("end", packaged, optional=last)


def _pattern(name: str, packaged: Packaged, **more: Any) -> dict[str, Any]:
    iri = packaged.course.settings.iri
    return {"id": pattern_id(iri, name), "type": "Pattern", "inScheme": _scheme(packaged), **more}


def _scheme(packaged: Packaged) -> str:
    settings = packaged.course.settings
    return vocabulary.profile_id(settings.iri, settings.version)


def _words(key: str, packaged: Packaged) -> Mapping[str, str]:
    """Return words of ours about the course as a language map."""
    settings = packaged.course.settings
    found = vocabulary.in_languages(key, settings.language)
    return {tag: text.format(title=settings.title) for tag, text in found.items()}

"""What an LRS refuses in a statement: every problem, with its place as a JSON pointer (RFC 6901).

Each check takes a value that is not null and its pointer, and yields problems; a table of checks by key is an object.
Source: xAPI Data 1.0.3 §2 and §4; for version 2 IEEE 9274.1.1 as ADL's conformance suite tests it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import chain
from typing import Any

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
IFIS = ("mbox", "mbox_sha1sum", "openid", "account")
"""Inverse functional identifiers: what says who an agent is (§2.4.2.3)."""
COMPONENTS = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
"""The interaction types, and the component lists of each (§2.4.4.1)."""
LISTS = ("choices", "scale", "source", "target", "steps")
DEEPEST = 100
"""Levels of arrays and objects in what is read: a defence, no rule of xAPI."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_IRI = re.compile(
    r'(?!.*%(?![0-9A-Fa-f]{2}))(?!https?:(?!//[^/?#]))[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f\s<>"{}|\\^`]+'
)
_MAIL = re.compile(r"mailto:[^\s@<>\x00-\x20]+@[^\s@<>\x00-\x20]+")
_SHA1 = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_SHA2 = re.compile(r"[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_VERSIONS = {1: re.compile(r"1\.0(?:\.\d+)?", re.ASCII), 2: re.compile(r"[12]\.0(?:\.\d+)?", re.ASCII)}
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?"
    r"|x(?:-[a-z\d]{1,8})+"
    r"|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|en-gb-oed|sgn-(?:be-fr|be-nl|ch-de)",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"(?!.*[.,]\d+[A-Z].)P(?:{_NUMBER}W|(?!$)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_PARAMETERS = re.compile(r"(?:\{\w+=[^}]*\})*")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `pointer`: where, `""` is the whole; `message`: what, a clause without full stop."""

    pointer: str
    message: str


Problems = Iterator[Problem]
Check = Callable[[Any, str], Problems]


def statement_problems(statement: object, version: str = "1.0.3") -> tuple[Problem, ...]:
    """Return what is wrong with a statement that a client sends; `version` is the one that its request names."""
    return tuple(_STATEMENTS[major(version)](statement, ""))


def batch_problems(body: object, version: str = "1.0.3") -> tuple[Problem, ...]:
    """Return what is wrong with a request that stores statements: one, or an array of them with different ids."""
    if not isinstance(body, list):
        return statement_problems(body, version)
    check = _STATEMENTS[major(version)]
    found = list(chain.from_iterable(check(one, f"/{number}") for number, one in enumerate(body)))
    seen: dict[str, int] = {}
    for number, one in enumerate(body):
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str) and (first := seen.setdefault(name.lower(), number)) != number:
            found.append(Problem(f"/{number}/id", f"is the id of statement {first} of this batch, too"))
    return tuple(found)


def actor_problems(value: object, *, or_group: bool = False) -> tuple[Problem, ...]:
    """Return what is wrong with an agent, or an agent or identified group, that stands in a parameter."""
    found = tuple(_actor(value, "") if or_group else _agent(value, ""))
    if or_group and not found and isinstance(value, dict) and not set(IFIS) & set(value):
        return (Problem("", f"is a group without any of {', '.join(IFIS)}"),)
    return found


def extremes(value: object) -> tuple[Problem, ...]:
    """Return what of a JSON value could not be stored or answered: too many levels, halves of surrogate pairs."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        one, level = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return (Problem("", "holds half of a surrogate pair, which is no character"),)
        elif isinstance(one, dict | list):
            if level > DEEPEST:
                return (Problem("", f"has more than {DEEPEST} levels of arrays and objects"),)
            inner = chain(one, one.values()) if isinstance(one, dict) else one
            waiting.extend((each, level + 1) for each in inner)
    return ()


def major(version: str) -> int:
    """Return 1 or 2: the major version that a version header names."""
    return 2 if version.startswith("2") else 1


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID in its standard form."""
    return _UUID.fullmatch(text) is not None


def is_iri(text: str) -> bool:
    """Return whether a text is an IRI with a scheme. Source: RFC 3987 §2.2, best effort as §2.2 of xAPI Data allows."""
    return _IRI.fullmatch(text) is not None


def instant(text: str, *, is_strict: bool = False) -> datetime | None:
    """Return the moment of a timestamp in UTC, at most microseconds; None when it is none, or has the offset -00.

    A time zone may be missing (then UTC is meant) and be written short, unless `is_strict`.
    Source: xAPI Data 1.0.3 §4.5; RFC 3339 §5.6 where strict.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    minute, second, fraction, zone = match.groups()
    sign, digits = ("+", "0000") if zone in (None, "Z") else (zone[0], zone[1:].replace(":", "").ljust(4, "0"))
    if sign == "-" and digits == "0000":
        return None
    if is_strict and zone != "Z" and (zone is None or len(zone) != len("+00:00")):
        return None
    if int(digits[:2]) > 23 or int(digits[2:]) > 59 or int(second) > 60:
        return None
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    past = timedelta(seconds=min(int(second), 59), microseconds=int((fraction or "0")[:6].ljust(6, "0")))
    try:
        return datetime.fromisoformat(minute).replace(tzinfo=UTC) + past + (away if sign == "-" else -away)
    except (ValueError, OverflowError):
        return None


# --- kinds of values -------------------------------------------------------------------------------------------------


def at(pointer: str, key: str | int) -> str:
    """Return the pointer of a member."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _kind(kind: type, name: str) -> Check:
    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, kind):
            yield Problem(where, f"must be {name}, not {_named(value)}")

    return check


def _named(value: Any) -> str:
    """Return what a JSON value is, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {dict: "an object", list: "an array", str: "a string", int: "a number", float: "a number"}
    return kinds.get(type(value), "null")


def _number(value: Any, where: str) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Problem(where, f"must be a number, not {_named(value)}")


def _matching(test: Callable[[str], Any], name: str) -> Check:
    """Return the check of a string with a format."""

    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, str):
            yield Problem(where, f"must be {name}, not {_named(value)}")
        elif not test(value):
            yield Problem(where, f"{_quoted(value)} is not {name}")

    return check


def _quoted(text: str) -> str:
    return f'"{text[:80]}…"' if len(text) > 80 else f'"{text}"'


def _one_of(names: Iterable[str]) -> Check:
    known = tuple(names)

    def check(value: Any, where: str) -> Problems:
        if value not in known:
            shown = _quoted(value) if isinstance(value, str) else _named(value)
            yield Problem(where, f"{shown} is not one of {', '.join(known)}")

    return check


def _array(inner: Check, least: int = 0) -> Check:
    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, list):
            yield Problem(where, f"must be an array, not {_named(value)}")
            return
        if len(value) < least:
            yield Problem(where, "must not be empty")
        for number, one in enumerate(value):
            yield from _not_null(inner)(one, at(where, number))

    return check


def _not_null(inner: Check) -> Check:
    def check(value: Any, where: str) -> Problems:
        if value is None:
            yield Problem(where, "is null")
        else:
            yield from inner(value, where)

    return check


def _object(known: Mapping[str, Check], *required: str) -> Check:
    """Return the check of an object with these keys and no others."""

    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem(where, f"must be an object, not {_named(value)}")
            return
        for key in required:
            if key not in value:
                yield Problem(where, f'has no "{key}"')
        for key, inner in value.items():
            if key in known:
                yield from _not_null(known[key])(inner, at(where, key))
            else:
                near = [name for name in known if name.lower() == key.lower()] or get_close_matches(key, known, 1)
                hint = f': is "{near[0]}" meant?' if near else ""
                yield Problem(at(where, key), f"is no property that belongs here{hint}")

    return check


def _map(test: Callable[[str], Any], name: str, inner: Check) -> Check:
    """Return the check of an object whose keys all have one format."""

    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem(where, f"must be an object, not {_named(value)}")
            return
        for key, one in value.items():
            if not test(key):
                yield Problem(at(where, key), f"{_quoted(key)} is not {name}")
            yield from inner(one, at(where, key))

    return check


def _anything(value: Any, where: str) -> Problems:
    return iter(())


_text = _kind(str, "a string")
_boolean = _kind(bool, "true or false")
_uuid = _matching(_UUID.fullmatch, "a UUID in its standard form")
_iri = _matching(is_iri, "an IRI with a scheme")
_media_type = _matching(_MEDIA_TYPE.fullmatch, "a media type")
_sha2 = _matching(_SHA2.fullmatch, "a SHA-2 in hexadecimal digits")
_language = _matching(_LANGUAGE.fullmatch, "a language tag (RFC 5646)")
_duration = _matching(_DURATION.fullmatch, "a duration (ISO 8601, such as PT12.5S)")
_timestamps = {
    1: _matching(instant, "a timestamp (such as 2027-01-31T08:00:00.000Z; -00:00 is no offset)"),
    2: _matching(lambda text: instant(text, is_strict=True), "a timestamp (RFC 3339; -00:00 is no offset)"),
}
_language_map = _map(_LANGUAGE.fullmatch, "a language tag (RFC 5646)", _not_null(_text))
_extensions = _map(is_iri, "an IRI with a scheme", _anything)


# --- who -------------------------------------------------------------------------------------------------------------

_IDENTIFIED: dict[str, Check] = {
    "name": _text,
    "mbox": _matching(_MAIL.fullmatch, "a mailto IRI"),
    "mbox_sha1sum": _matching(_SHA1.fullmatch, "a SHA-1 in hexadecimal digits"),
    "openid": _iri,
    "account": _object({"homePage": _iri, "name": _text}, "homePage", "name"),
}
_agent_parts = _object({"objectType": _one_of(["Agent"]), **_IDENTIFIED})


def _agent(value: Any, where: str) -> Problems:
    """Exactly one IFI (§2.4.2.1)."""
    yield from _agent_parts(value, where)
    if isinstance(value, dict):
        yield from _one_ifi(value, where)


_group_parts = _object({"objectType": _one_of(["Group"]), "member": _array(_agent), **_IDENTIFIED}, "objectType")


def _group(value: Any, where: str) -> Problems:
    """One IFI, or none and members; members are agents (§2.4.2.2)."""
    yield from _group_parts(value, where)
    if not isinstance(value, dict):
        return
    if set(IFIS) & set(value):
        yield from _one_ifi(value, where)
    elif not value.get("member"):
        yield Problem(where, f"is a group with neither members nor any of {', '.join(IFIS)}")


def _one_ifi(value: Mapping[str, Any], where: str) -> Problems:
    given = [key for key in IFIS if key in value]
    if len(given) != 1:
        number = " and ".join(given) if given else "none"
        yield Problem(where, f"needs exactly one of {', '.join(IFIS)}, and has {number}")


def _actor(value: Any, where: str) -> Problems:
    is_group = isinstance(value, dict) and value.get("objectType") == "Group"
    yield from (_group if is_group else _agent)(value, where)


def _authority(value: Any, where: str) -> Problems:
    """An agent, or the two agents of OAuth (§2.4.9)."""
    yield from _actor(value, where)
    if isinstance(value, dict) and value.get("objectType") == "Group":
        members = value.get("member")
        if set(IFIS) & set(value) or not isinstance(members, list) or len(members) != 2:
            yield Problem(where, "must be an agent, or an anonymous group of two")


# --- what ------------------------------------------------------------------------------------------------------------

_verb = _object({"id": _iri, "display": _language_map}, "id")
_components = _array(_object({"id": _matching(bool, "a name"), "description": _language_map}, "id"))
_definition_parts = _object(
    {
        "name": _language_map,
        "description": _language_map,
        "type": _iri,
        "moreInfo": _iri,
        "extensions": _extensions,
        "interactionType": _one_of(COMPONENTS),
        "correctResponsesPattern": _array(_text),
        **dict.fromkeys(LISTS, _components),
    }
)


def _definition(value: Any, where: str) -> Problems:
    """Of an interaction, too: its lists, and patterns that name members of these (§2.4.4.1)."""
    found = tuple(_definition_parts(value, where))
    yield from found
    if not isinstance(value, dict):
        return
    kind = value.get("interactionType")
    allowed = COMPONENTS.get(kind, ()) if isinstance(kind, str) else ()
    for key in (*LISTS, "correctResponsesPattern"):
        if key in value and kind is None:
            yield Problem(at(where, key), 'needs an "interactionType"')
        elif key in LISTS and key in value and kind in COMPONENTS and key not in allowed:
            yield Problem(at(where, key), f"has no meaning for an interaction of type {kind}")
    if not found and kind is not None:
        yield from _distinct(value, where)
        for number, pattern in enumerate(value.get("correctResponsesPattern", ())):
            problem = _pattern_problem(pattern, value)
            if problem:
                yield Problem(at(at(where, "correctResponsesPattern"), number), f"{_quoted(pattern)} {problem}")


def _distinct(definition: Mapping[str, Any], where: str) -> Problems:
    for key in LISTS:
        seen: set[str] = set()
        for number, one in enumerate(definition.get(key, ())):
            if one["id"] in seen:
                yield Problem(f"{at(at(where, key), number)}/id", f"{_quoted(one['id'])} stands twice in this list")
            seen.add(one["id"])


def _pattern_problem(pattern: str, definition: Mapping[str, Any]) -> str:
    """Return why a pattern is none for its type of interaction; empty when it is one. A list not given is not asked."""
    kind = definition["interactionType"]
    ids = {key: {one["id"] for one in definition[key]} for key in LISTS if key in definition}
    text = pattern[_PARAMETERS.match(pattern).end() :]  # type: ignore[union-attr]
    items = text.split("[,]")
    if kind == "true-false":
        return "" if pattern in ("true", "false") else "is neither true nor false"
    if kind == "numeric":
        ends = text.split("[:]")
        good = len(ends) <= 2 and any(ends) and all(not end or _DECIMAL.fullmatch(end) for end in ends)
        return "" if good else "is neither a number nor a range such as 1[:]2"
    if kind in ("choice", "sequencing", "likert"):
        known = ids.get(COMPONENTS[kind][0])
        wrong = [] if known is None else [one for one in ([text] if kind == "likert" else items) if one not in known]
        return f"names {_quoted(wrong[0])}, which is not in {COMPONENTS[kind][0]}" if wrong else ""
    if kind in ("matching", "performance"):
        lists = (*COMPONENTS[kind], "")
        for item in items:
            pair = item.split("[.]")
            if len(pair) != 2:
                return "is not made of pairs such as a[.]b[,]c[.]d"
            for name, one in zip(lists, pair, strict=False):
                if name in ids and one not in ids[name]:
                    return f"names {_quoted(one)}, which is not in {name}"
    return ""


_activity = _object({"objectType": _one_of(["Activity"]), "id": _iri, "definition": _definition}, "id")
_reference = _object({"objectType": _one_of(["StatementRef"]), "id": _uuid}, "objectType", "id")


def _activities(value: Any, where: str) -> Problems:
    """One activity, or an array of them (§2.4.6.2)."""
    yield from (_array(_activity) if isinstance(value, list) else _activity)(value, where)


def _target(nested: Check | None) -> Check:
    """Return the check of an object of a statement; `nested`: that of a SubStatement, where one may stand (§2.4.4)."""
    kinds: dict[str, Check] = {"Activity": _activity, "Agent": _agent, "Group": _group, "StatementRef": _reference}
    if nested is not None:
        kinds["SubStatement"] = nested

    def check(value: Any, where: str) -> Problems:
        if not isinstance(value, dict):
            yield Problem(where, f"must be an object, not {_named(value)}")
            return
        kind = value.get("objectType", "Activity")
        if isinstance(kind, str) and kind in kinds:
            yield from kinds[kind](value, where)
        else:
            yield from _one_of(kinds)(kind, at(where, "objectType"))

    return check


# --- how, where, when ------------------------------------------------------------------------------------------------

_score_parts = _object(dict.fromkeys(("scaled", "raw", "min", "max"), _number))


def _score(value: Any, where: str) -> Problems:
    """Bounds of §2.4.5.1."""
    found = tuple(_score_parts(value, where))
    yield from found
    if found:
        return
    scaled, raw, low, high = (value.get(key) for key in ("scaled", "raw", "min", "max"))
    if scaled is not None and not -1 <= scaled <= 1:
        yield Problem(at(where, "scaled"), f"{scaled} is not between -1 and 1")
    if low is not None and high is not None and low >= high:
        yield Problem(at(where, "min"), f"{low} is not less than max, {high}")
    if raw is not None and low is not None and raw < low:
        yield Problem(at(where, "raw"), f"{raw} is less than min, {low}")
    if raw is not None and high is not None and raw > high:
        yield Problem(at(where, "raw"), f"{raw} is more than max, {high}")


_result = _object(
    {
        "score": _score,
        "success": _boolean,
        "completion": _boolean,
        "response": _text,
        "duration": _duration,
        "extensions": _extensions,
    }
)
_CONTEXT: dict[str, Check] = {
    "registration": _uuid,
    "instructor": _actor,
    "team": _group,
    "contextActivities": _object(dict.fromkeys(("parent", "grouping", "category", "other"), _activities)),
    "revision": _text,
    "platform": _text,
    "language": _language,
    "statement": _reference,
    "extensions": _extensions,
}
_relevant = _array(_iri, 1)
_contexts = {
    1: _object(_CONTEXT),
    2: _object(
        {
            **_CONTEXT,
            "contextAgents": _array(
                _object(
                    {"objectType": _one_of(["contextAgent"]), "agent": _agent, "relevantTypes": _relevant},
                    "objectType",
                    "agent",
                )
            ),
            "contextGroups": _array(
                _object(
                    {"objectType": _one_of(["contextGroup"]), "group": _group, "relevantTypes": _relevant},
                    "objectType",
                    "group",
                )
            ),
        }
    ),
}


def _length(value: Any, where: str) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield Problem(where, "must be a whole number of octets")


_attachment = _object(
    {
        "usageType": _iri,
        "display": _language_map,
        "description": _language_map,
        "contentType": _media_type,
        "length": _length,
        "sha2": _sha2,
        "fileUrl": _iri,
    },
    "usageType",
    "display",
    "contentType",
    "length",
    "sha2",
)


def _statement(version: int, *, is_nested: bool) -> Check:
    """Return the check of statements, or of SubStatements, which have no id, stored, version, authority (§2.4.4.3)."""
    parts: dict[str, Check] = {
        "actor": _actor,
        "verb": _verb,
        "object": _target(None if is_nested else _statement(version, is_nested=True)),
        "result": _result,
        "context": _contexts[version],
        "timestamp": _timestamps[version],
        "attachments": _array(_attachment),
    }
    if is_nested:
        parts["objectType"] = _one_of(["SubStatement"])
    else:
        parts |= {
            "id": _uuid,
            "stored": _timestamps[version],
            "authority": _authority,
            "version": _matching(_VERSIONS[version].fullmatch, f"a version that begins with {version}.0"),
        }
    check = _object(parts, "actor", "verb", "object")

    def whole(value: Any, where: str) -> Problems:
        yield from _not_null(check)(value, where)
        if isinstance(value, dict):
            yield from _agreement(value, where)

    return whole


def _agreement(statement: Mapping[str, Any], where: str) -> Problems:
    """What the object allows elsewhere: revision and platform (§2.4.6), voiding (§2.3.2)."""
    target, context, verb = (statement.get(key) for key in ("object", "context", "verb"))
    kind = target.get("objectType", "Activity") if isinstance(target, dict) else None
    is_other = kind in ("Agent", "Group", "StatementRef", "SubStatement")
    if isinstance(context, dict) and is_other:
        for key in ("revision", "platform"):
            if key in context:
                yield Problem(f"{where}/context/{key}", "is for statements about an activity only")
    if isinstance(verb, dict) and verb.get("id") == VOIDED and kind not in ("StatementRef", None):
        yield Problem(f"{where}/object", "must be a StatementRef, as the verb is voided")


_STATEMENTS = {version: _statement(version, is_nested=False) for version in (1, 2)}

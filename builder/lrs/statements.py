"""Statements as values: what an LRS adds on arrival, when two are the same, what they mention, how they go out.

All functions take statements that `validate` found nothing wrong with, and change none of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from builder.lrs.validate import IFIS, LISTS, VOIDED, instant

Statement = Mapping[str, Any]

ASSIGNED = ("id", "stored", "authority", "version", "timestamp")
"""What the LRS sets or may set: no part of what is compared (Data §2.3.1), but for a timestamp that both have."""
_FRACTION = re.compile(r"(\d+)[.,](\d+)S$")
_ROLES = ("actor", "object", "authority")


def moment(when: datetime) -> str:
    """Return a moment in UTC as it is stored: microseconds always, so that texts sort as moments do."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if when.year > 999 else f"0{when:%Y-%m-%dT%H:%M:%S.%fZ}"


def received(statement: Statement, name: str, stored: str, authority: Statement, version: str) -> dict[str, Any]:
    """Return a statement as it is kept: with id, stored, authority, version and timestamp, lists of context activities.

    Source: Data §2.4.1, §2.4.6.2, §2.4.7–2.4.10. In version 2 the timestamp is brought to UTC.
    """
    is_first = version.startswith("1")
    kept = {**_with_lists(statement), "id": statement.get("id", name), "stored": stored, "authority": authority}
    kept.setdefault("version", "1.0.0" if is_first else "2.0.0")
    when = instant(statement["timestamp"]) if "timestamp" in statement else None
    if when is None:
        kept["timestamp"] = stored
    elif not is_first and not statement["timestamp"].endswith("Z"):
        kept["timestamp"] = moment(when)
    return kept


def _with_lists(statement: Statement) -> dict[str, Any]:
    """Return a statement whose context activities are arrays, in a SubStatement too (Data §2.4.6.2)."""
    made = dict(statement)
    context = made.get("context")
    if context and "contextActivities" in context:
        lists = {key: _listed(value) for key, value in context["contextActivities"].items()}
        made["context"] = {**context, "contextActivities": lists}
    if is_nested(made):
        made["object"] = _with_lists(made["object"])
    return made


def is_nested(statement: Statement) -> bool:
    """Return whether a statement is about a SubStatement."""
    return bool(statement["object"].get("objectType") == "SubStatement")


def target(statement: Statement) -> str | None:
    """Return the id, in lower case, of the statement that this one is about; None when it is about something else."""
    what = statement["object"]
    return what["id"].lower() if what.get("objectType") == "StatementRef" else None


def voids(statement: Statement) -> bool:
    """Return whether a statement voids another (Data §2.3.2)."""
    return bool(statement["verb"]["id"] == VOIDED)


# --- comparison ------------------------------------------------------------------------------------------------------


def is_same(kept: Statement, sent: Statement) -> bool:
    """Return whether a statement that is sent again says what is kept under its id.

    Ignored are what an LRS may assign, the display of verbs, definitions of activities, the order of members, the case
    of UUIDs and how a moment is written. Durations count to hundredths of a second. Source: Data §2.3.1, §4.6.
    """
    if _comparable(kept) != _comparable(sent):
        return False
    return "timestamp" not in sent or instant(kept["timestamp"]) == instant(sent["timestamp"])


def _comparable(statement: Statement) -> str:
    """Return a text that two statements share when they say the same."""
    return _canonical(_essence({key: one for key, one in statement.items() if key not in ASSIGNED}))


def _essence(statement: Statement) -> dict[str, Any]:
    """Return the parts of a statement or SubStatement that count."""
    made = _with_lists(statement)
    made["actor"] = _who(made["actor"])
    made["verb"] = made["verb"]["id"]
    what = made["object"]
    kind = what.get("objectType", "Activity")
    if kind == "SubStatement":
        made["object"] = _essence(what)
        if "timestamp" in what:
            made["object"]["timestamp"] = str(instant(what["timestamp"]))
    elif kind in ("Agent", "Group"):
        made["object"] = _who(what)
    else:
        made["object"] = [kind, what["id"].lower() if kind == "StatementRef" else what["id"]]
    if "context" in made:
        made["context"] = _context(made["context"])
    if "duration" in made.get("result", ()):
        made["result"] = {**made["result"], "duration": _FRACTION.sub(_hundredths, made["result"]["duration"])}
    if "attachments" in made:
        made["attachments"] = [one["sha2"].lower() for one in made["attachments"]]
    return made


def _context(context: Statement) -> dict[str, Any]:
    made = dict(context)
    for key in ("instructor", "team"):
        if key in made:
            made[key] = _who(made[key])
    if "registration" in made:
        made["registration"] = made["registration"].lower()
    if "statement" in made:
        made["statement"] = made["statement"]["id"].lower()
    if "contextActivities" in made:
        made["contextActivities"] = {
            key: [one["id"] for one in value] for key, value in made["contextActivities"].items() if value
        }
    return made


def _who(actor: Statement) -> dict[str, Any]:
    made = {"objectType": "Agent", **actor}
    if "member" in made:
        made["member"] = sorted((_who(one) for one in made["member"]), key=_canonical)
    return made


def _hundredths(match: re.Match[str]) -> str:
    fraction = match[2][:2].rstrip("0")
    return f"{match[1]}.{fraction}S" if fraction else f"{match[1]}S"


def _canonical(value: Any) -> str:
    """Return JSON with sorted keys, in which 1.0 and 1 are the same and true is not."""
    return json.dumps(_numbers(value), sort_keys=True, separators=(",", ":"))


def _numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    return [_numbers(one) for one in value] if isinstance(value, list) else value


# --- mentions --------------------------------------------------------------------------------------------------------


def agent_key(agent: Statement) -> str:
    """Return what two agents share who are the same: their identifier (Comm. §2.1.3, `agent`); empty without any."""
    if "mbox" in agent:
        local, _, domain = agent["mbox"].rpartition("@")
        return f"{local}@{domain.lower()}"
    if "mbox_sha1sum" in agent:
        return f"sha1:{agent['mbox_sha1sum'].lower()}"
    if "openid" in agent:
        return f"openid:{agent['openid']}"
    account = agent.get("account")
    return f"account:{json.dumps([account['homePage'], account['name']])}" if account else ""


def mentions(statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield kinds and keys by which a statement is found.

    Kinds: `agent` (actor or object, or their members), `related agent`, `activity` (object), `related activity`.
    """
    for role in ("actor", "object"):
        yield from (("agent", agent_key(one)) for one in people(statement[role]))
    if _kind(statement["object"]) == "Activity":
        yield "activity", statement["object"]["id"]
    for part in (statement, *([statement["object"]] if is_nested(statement) else ())):
        context = part.get("context", {})
        for one in (*(part.get(role, {}) for role in _ROLES), *_others(context)):
            yield from (("related agent", agent_key(agent)) for agent in people(one))
        yield from (("related activity", one["id"]) for one in activities(part))


def _others(context: Statement) -> Iterator[Statement]:
    yield from (context[key] for key in ("instructor", "team") if key in context)
    yield from (one["agent"] for one in context.get("contextAgents", ()))
    yield from (one["group"] for one in context.get("contextGroups", ()))


def people(one: Statement) -> Iterator[Statement]:
    """Yield an agent, or a group and its members, that can be told apart; nothing for other objects."""
    if _kind(one) in ("Agent", "Group") or (not one.get("objectType") and "id" not in one):
        if agent_key(one):
            yield one
        yield from (member for member in one.get("member", ()) if agent_key(member))


def activities(statement: Statement) -> Iterator[Statement]:
    """Yield the activities of a statement or SubStatement: its object, and those of its context."""
    if _kind(statement["object"]) == "Activity":
        yield statement["object"]
    for value in statement.get("context", {}).get("contextActivities", {}).values():
        yield from _listed(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _kind(one: Statement) -> str:
    """Return the type of an object; without `objectType` it is an activity when it has an id."""
    return str(one.get("objectType", "Activity" if "id" in one else ""))


# --- formats ---------------------------------------------------------------------------------------------------------


def with_ids(statement: Statement) -> dict[str, Any]:
    """Return a statement in the format `ids`: what names agents, activities and verbs, no more (Comm. §2.1.3)."""
    made = {**statement, "verb": {"id": statement["verb"]["id"]}}
    for role in _ROLES:
        if role in made:
            made[role] = with_ids(made[role]) if _kind(made[role]) == "SubStatement" else _bare(made[role])
    context = dict(made.get("context", {}))
    for key in ("instructor", "team"):
        if key in context:
            context[key] = _bare(context[key])
    if "contextActivities" in context:
        context["contextActivities"] = {
            key: [_bare(one) for one in value] for key, value in context["contextActivities"].items()
        }
    return {**made, "context": context} if context else made


def _bare(one: Statement) -> dict[str, Any]:
    """Return an agent, group or activity with its identifier alone; of an anonymous group, its members'."""
    if _kind(one) == "Activity":
        return {"id": one["id"]}
    keys = {"objectType", "id", *IFIS}
    made = {key: value for key, value in one.items() if key in keys}
    if "member" in one and not agent_key(one):
        made["member"] = [_bare(member) for member in one["member"]]
    return made


def canonical(
    statement: Statement, definitions: Mapping[str, Statement], displays: Mapping[str, Statement], languages: list[str]
) -> dict[str, Any]:
    """Return a statement in the format `canonical`: with the definitions and displays that the LRS has gathered, one
    language in each map. `languages`: ranges in order of preference (Comm. §2.1.3)."""

    def one_language(texts: Statement) -> Statement:
        return chosen(texts, languages)

    def activity(one: Statement) -> Statement:
        definition = dict(definitions.get(one["id"], one.get("definition", {})))
        for key in ("name", "description"):
            if key in definition:
                definition[key] = one_language(definition[key])
        for key in LISTS:
            if key in definition:
                definition[key] = [
                    {**part, "description": one_language(part["description"])} if "description" in part else part
                    for part in definition[key]
                ]
        return {**one, "definition": definition} if definition else one

    def whole(part: Statement) -> dict[str, Any]:
        display = displays.get(part["verb"]["id"], part["verb"].get("display"))
        made = {**part, "verb": {**part["verb"], "display": one_language(display)} if display else part["verb"]}
        if is_nested(made):
            made["object"] = whole(made["object"])
        elif _kind(made["object"]) == "Activity":
            made["object"] = activity(made["object"])
        context = made.get("context", {})
        if "contextActivities" in context:
            lists = {key: [activity(one) for one in value] for key, value in context["contextActivities"].items()}
            made["context"] = {**context, "contextActivities": lists}
        return made

    return whole(statement)


def chosen(texts: Mapping[str, Any], languages: list[str]) -> dict[str, Any]:
    """Return the one entry of a language map that a reader of these languages is best served with; `{}` of an empty
    map. Source: RFC 4647 §3.3.1 (basic filtering), else the first."""
    for wanted in languages:
        for tag, text in texts.items():
            if wanted == "*" or f"{tag.lower()}-".startswith(f"{wanted.lower()}-"):
                return {tag: text}
    return dict(list(texts.items())[:1])


def merged(old: Statement, new: Statement) -> dict[str, Any]:
    """Return the definition of an activity after one more has come: the newer one rules, languages are gathered, and
    what makes it an interaction is that of one of them, not a mixture."""
    replaced = (*LISTS, "correctResponsesPattern") if "interactionType" in new else ()
    made = {**{key: value for key, value in old.items() if key not in replaced}, **new}
    for key in ("name", "description"):
        if key in old and key in new:
            made[key] = {**old[key], **new[key]}
    return made

"""Requests of xAPI and their answers, without any network: `answer(store, credentials, request)`.

Whatever is wrong with a request is answered, never raised. Source: xAPI Communication 1.0.3; for version 2 ADL's
conformance suite.
"""

# Deviates: Comm. §1.3, requests in disguise (a form posted with `?method=PUT`), are refused. A page of any origin can
# make a browser post a form, with credentials that it remembers; all else asks first (CORS). 2.0 dropped them.
# Deviates: Data §2.6, statements with a signature are refused, as nothing here would check it.

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from builder.lrs.attachments import BadParts, Part, joined, split
from builder.lrs.statements import activities, agent_key, canonical, is_nested, moment, with_ids
from builder.lrs.store import PAGE, Change, Conflict, Document, Key, Query, Store
from builder.lrs.validate import (
    SIGNATURE,
    Problem,
    actor_problems,
    batch_problems,
    extremes,
    instant,
    is_iri,
    is_uuid,
    major,
    statement_problems,
)

ROOT = "/xAPI"
VERSION = "X-Experience-API-Version"
CONSISTENT = "X-Experience-API-Consistent-Through"
VERSIONS = ("1.0.3", "2.0.0")
"""What we speak, by major version (§2.8)."""
JSON = "application/json"
PARAMETERS = 40
"""Query parameters of one request, at most."""
HOME = "http://localhost/carabin-lrs"
"""Home page of the accounts that our credentials name as authority."""
_VERSION = re.compile(r"1\.0(?:\.\d+)?|2\.0(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `path` begins with `/xAPI`; `query` is what stands after `?`; names of headers are in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. To HEAD, `body` is what GET would bring."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a request with a status and the reason."""

    def __init__(self, status: int, reason: str, problems: tuple[Problem, ...] = (), **headers: str) -> None:
        """Headers are given with underscores for hyphens."""
        super().__init__(reason)
        self.answer = told(status, reason, problems, {name.replace("_", "-"): one for name, one in headers.items()})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in: with its parameters read, each once, and the name of who asks."""

    store: Store
    request: Request
    version: str
    user: str
    given: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a parameter that must be there and not be empty."""
        if not self.given.get(name):
            raise Refusal(400, f"the parameter {name} is missing")
        return self.given[name]

    def checked(self, name: str, test: Callable[[str], Any], kind: str) -> str:
        """Return a parameter that has a format when it is there; empty when it is not."""
        if name not in self.given:
            return ""
        if not test(self.given[name]):
            raise Refusal(400, f"the parameter {name} is not {kind}")
        return self.given[name]

    def iri(self, name: str) -> str:
        """Return an IRI, empty when it is not there."""
        return self.checked(name, is_iri, "an IRI with a scheme")

    def uuid(self, name: str) -> str:
        """Return a UUID, empty when it is not there."""
        return self.checked(name, is_uuid, "a UUID")

    def boolean(self, name: str) -> bool:
        """Return whether a parameter says `true`."""
        return self.checked(name, ("true", "false").__contains__, "true or false") == "true"

    def time(self, name: str) -> str:
        """Return a moment as the store writes it, empty when the parameter is not there."""
        when = instant(self.checked(name, instant, "a timestamp"))
        return moment(when) if when else ""

    def agent(self, name: str, *, or_group: bool = False) -> dict[str, Any]:
        """Return an agent (or identified group) that stands in a parameter as JSON."""
        agent = loaded(self.text(name), f"the parameter {name}")
        if problems := actor_problems(agent, or_group=or_group):
            raise Refusal(400, f"the parameter {name} is no agent", problems)
        assert isinstance(agent, dict)
        return agent


Handler = Callable[[Call], Answer]


def answer(store: Store, credentials: Mapping[str, str], request: Request) -> Answer:
    """Answer a request. `credentials`: the secret of each key that may use everything here."""
    try:
        made = _answer(store, credentials, request)
    except Refusal as refusal:
        made = refusal.answer
    spoken = VERSIONS[1] if request.headers.get(VERSION.lower(), "").startswith("2") else VERSIONS[0]
    extra = {CONSISTENT: moment(store.clock())} if request.path == f"{ROOT}/statements" else {}
    return Answer(made.status, made.body, {VERSION: spoken, **extra, **made.headers})


def _answer(store: Store, credentials: Mapping[str, str], request: Request) -> Answer:
    if request.path == f"{ROOT}/about":
        return about(request)
    if request.path not in RESOURCES:
        raise Refusal(404, f"there is no resource {request.path}")
    user = _user(credentials, request.headers.get("authorization", ""))
    version = request.headers.get(VERSION.lower(), "")
    if not _VERSION.fullmatch(version):
        raise Refusal(400, f"the header {VERSION} must be 1.0.x or 2.0.x, and is {version or 'missing'}")
    methods = RESOURCES[request.path]
    handler = methods.get("GET" if request.method == "HEAD" else request.method)
    if handler is None:
        allowed = ", ".join((*methods, "HEAD"))
        raise Refusal(405, f"{request.method} is none of {allowed}", Allow=allowed)
    return handler(Call(store, request, version, user, _parameters(request.query)))


def authorized(credentials: Mapping[str, str], request: Request) -> Answer | None:
    """Return the refusal of a request without right credentials; None when they are right."""
    try:
        _user(credentials, request.headers.get("authorization", ""))
    except Refusal as refusal:
        return refusal.answer
    return None


def _user(credentials: Mapping[str, str], header: str) -> str:
    """Return the key of a request's Basic credentials (RFC 7617)."""
    scheme, _, token = header.partition(" ")
    try:
        key, _, secret = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        key = secret = ""
    known = credentials.get(key, "")
    is_right = hmac.compare_digest(secret.encode(), known.encode())
    if scheme.lower() != "basic" or not known or not is_right:
        reason = "the credentials are wrong" if header else "credentials are wanted (Basic)"
        raise Refusal(401, reason, WWW_Authenticate='Basic realm="carabin lrs", charset="UTF-8"')
    return key


def _parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query, each once."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS)
    except ValueError:
        raise Refusal(400, f"the query is not UTF-8, or has more than {PARAMETERS} parameters") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise Refusal(400, f"the parameter {name} stands twice")
        found[name] = value
    return found


def known(call: Call, *names: str) -> None:
    """Refuse parameters of other names (§3.2)."""
    for name in call.given:
        if name not in names:
            raise Refusal(400, f"{name} is no parameter of this request: {', '.join(names)}")


def loaded(text: str | bytes, what: str) -> object:
    """Read JSON that can be stored: UTF-8, no key twice, numbers that are numbers."""

    def refuse(reason: str) -> NoReturn:
        raise Refusal(400, f"{what} is no JSON: {reason}")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            refuse("a key stands twice in one object")
        return made

    def number(digits: str) -> float:
        value = float(digits)
        return value if abs(value) != float("inf") else refuse(f"{digits[:20]} is out of range")

    try:
        value: object = json.loads(
            text if isinstance(text, str) else text.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_float=number,
            parse_constant=lambda name: refuse(f"{name} is no number"),
        )
    except UnicodeDecodeError:
        refuse("it is not UTF-8")
    except RecursionError:
        refuse("it has too many levels")
    except ValueError as problem:
        refuse(str(problem)[:200])
    if problems := extremes(value):
        raise Refusal(400, f"{what} cannot be kept", problems)
    return value


def told(
    status: int, reason: str, problems: tuple[Problem, ...] = (), headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an answer that says what was wrong: `error`, and `problems` with pointers."""
    listed = [{"pointer": one.pointer, "message": one.message} for one in problems]
    return sent({"error": reason, **({"problems": listed} if listed else {})}, status, headers)


def sent(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer in JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": JSON, **(headers or {})})


def media_type(call: Call) -> str:
    """Return the media type of a request's body, in lower case, without parameters."""
    return call.request.headers.get("content-type", "").partition(";")[0].strip().lower()


def dated(when: str) -> dict[str, str]:
    """Return the header of when something was changed, from a moment of the store."""
    parsed = instant(when)
    assert parsed is not None
    return {"Last-Modified": format_datetime(parsed, usegmt=True)}


# --- about -----------------------------------------------------------------------------------------------------------


def about(request: Request) -> Answer:
    """Say which versions we speak: to anybody, whatever the version header (§2.8)."""
    if request.method not in ("GET", "HEAD"):
        raise Refusal(405, "about is read", Allow="GET, HEAD")
    return sent({"version": list(VERSIONS)})


# --- statements ------------------------------------------------------------------------------------------------------

_FILTERS = (
    *("agent", "verb", "activity", "registration", "related_activities", "related_agents"),
    *("since", "until", "limit", "ascending", "after"),
)
_BOTH = ("format", "attachments")
_FORMATS = ("ids", "exact", "canonical")


def get_statements(call: Call) -> Answer:
    """One statement by its id, or a page of those that are asked for (§2.1.3)."""
    one = [name for name in ("statementId", "voidedStatementId") if name in call.given]
    known(call, *(one[:1] or _FILTERS), *_BOTH)
    if one:
        name = call.checked(one[0], is_uuid, "a UUID")
        is_voided = one[0] == "voidedStatementId"
        statement = call.store.statement(name, is_voided=is_voided)
        if statement is None:
            raise Refusal(404, f"there is no {'voided ' if is_voided else ''}statement {name}")
        return _shown(call, (statement,), None)
    page = call.store.find(_query(call))
    more = f"{ROOT}/statements?{urlencode({**call.given, 'after': str(page.more)})}" if page.more else ""
    return _shown(call, page.statements, more)


def _query(call: Call) -> Query:
    whole = re.compile(r"\d{1,9}", re.ASCII).fullmatch
    return Query(
        agent=agent_key(call.agent("agent", or_group=True)) if "agent" in call.given else "",
        verb=call.iri("verb"),
        activity=call.iri("activity"),
        registration=call.uuid("registration"),
        related_agents=call.boolean("related_agents"),
        related_activities=call.boolean("related_activities"),
        since=call.time("since"),
        until=call.time("until"),
        limit=min(int(call.checked("limit", whole, "a whole number") or 0) or PAGE, PAGE),
        is_ascending=call.boolean("ascending"),
        after=int(call.checked("after", whole, "a number of ours") or 0),
    )


def _shown(call: Call, statements: tuple[dict[str, Any], ...], more: str | None) -> Answer:
    """Return a page of statements in the format that is asked for, or one alone where there is no `more`; with
    attachments in parts (§1.5.2)."""
    form = call.checked("format", _FORMATS.__contains__, f"one of {', '.join(_FORMATS)}")
    made = [_formatted(call, one, form) for one in statements]
    answer = sent(made[0] if more is None else {"statements": made, "more": more})
    headers = dated(max(one["stored"] for one in statements)) if statements else {}
    if not call.boolean("attachments"):
        return Answer(200, answer.body, {**answer.headers, **headers})
    hashes = dict.fromkeys(one["sha2"].lower() for statement in statements for one in attached(statement))
    parts = [part for name in hashes if (part := call.store.attachment(name))]
    kind, whole = joined(answer.body, parts)
    return Answer(200, whole, {"Content-Type": kind, **headers})


def _formatted(call: Call, statement: dict[str, Any], form: str) -> dict[str, Any]:
    if form == "ids":
        return with_ids(statement)
    if form != "canonical":
        return statement
    parts = [statement, *([statement["object"]] if is_nested(statement) else ())]
    definitions = call.store.definitions({one["id"] for part in parts for one in activities(part)})
    displays = call.store.displays({part["verb"]["id"] for part in parts})
    return canonical(statement, definitions, displays, languages(call.request.headers.get("accept-language", "")))


def languages(header: str) -> list[str]:
    """Return the language ranges of an Accept-Language header in order of preference (RFC 9110 §12.5.4)."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(",")[:PARAMETERS]:
        tag, _, weight = part.partition(";")
        match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        rank = float(match[1]) if match else 1.0
        if tag.strip() and rank:
            ranked.append((-rank, tag.strip()))
    return [tag for _, tag in sorted(ranked, key=lambda one: one[0])]


def post_statements(call: Call) -> Answer:
    """Store one statement or several, all or none; the ids in order (§2.1.2)."""
    known(call)
    body, parts = _body(call)
    if problems := batch_problems(body, call.version):
        raise Refusal(400, "nothing was stored: a statement breaks a rule of xAPI", problems)
    return sent(_stored(call, body if isinstance(body, list) else [body], parts))


def put_statement(call: Call) -> Answer:
    """Store one statement under the id of the parameter (§2.1.1)."""
    known(call, "statementId")
    name = call.checked("statementId", is_uuid, "a UUID") or call.text("statementId")
    body, parts = _body(call)
    if problems := statement_problems(body, call.version):
        raise Refusal(400, "nothing was stored: the statement breaks a rule of xAPI", problems)
    assert isinstance(body, dict)
    if body.get("id", name).lower() != name.lower():
        raise Refusal(400, "the statement has another id than the parameter statementId")
    _stored(call, [{**body, "id": body.get("id", name)}], parts)
    return Answer(204)


def _body(call: Call) -> tuple[object, Mapping[str, Part]]:
    """Return the JSON of a request that stores statements, and the data of attachments by their SHA-2."""
    kind = media_type(call)
    if kind == JSON:
        return loaded(call.request.body, "the body"), {}
    if kind != "multipart/mixed":
        raise Refusal(400, f"the media type must be {JSON} or multipart/mixed, and is {kind or 'missing'}")
    try:
        first, parts = split(call.request.headers["content-type"], call.request.body)
    except BadParts as problem:
        raise Refusal(400, f"the parts of the body cannot be read: {problem}") from None
    return loaded(first, "the first part of the body"), parts


def _stored(call: Call, statements: list[Any], parts: Mapping[str, Part]) -> tuple[str, ...]:
    """Store valid statements with the data of their attachments."""
    wanted: set[str] = set()
    for number, statement in enumerate(statements):
        for one in attached(statement):
            wanted.add(one["sha2"].lower())
            where = (Problem(f"/{number}/attachments", f"is about the attachment {one['sha2']}"),)
            if one["usageType"] == SIGNATURE:
                raise Refusal(400, "signed statements are not taken here", where)
            if "fileUrl" not in one and one["sha2"].lower() not in parts:
                raise Refusal(400, "an attachment has neither data in this request nor a fileUrl", where)
    if orphans := [name for name in parts if name not in wanted]:
        raise Refusal(400, f"no statement has the attachment {orphans[0]}")
    authority = {"objectType": "Agent", "account": {"homePage": HOME, "name": call.user}}
    try:
        return call.store.add(statements, authority, call.version, parts)
    except Conflict as conflict:
        raise Refusal(409, f"nothing was stored: statement {conflict} is here, and says something else") from None


def attached(statement: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the attachments of a statement and of its SubStatement."""
    yield from statement.get("attachments", ())
    if is_nested(statement):
        yield from statement["object"].get("attachments", ())


# --- documents -------------------------------------------------------------------------------------------------------

_PLACES = {
    f"{ROOT}/activities/state": ("state", "stateId", ("activityId", "agent", "registration")),
    f"{ROOT}/activities/profile": ("activity", "profileId", ("activityId",)),
    f"{ROOT}/agents/profile": ("agent", "profileId", ("agent",)),
}
"""The document resources: what names a document in its place, and what names the place (§2.3, §2.6, §2.7)."""

_CONDITIONS = frozenset(("if-match", "if-none-match"))
"""Headers with preconditions; in version 1 a state needs none (§3.1)."""


def _key(call: Call, *others: str) -> Key:
    """Return what a request's parameters name: one document, or all of a place."""
    resource, name, place = _PLACES[call.request.path]
    known(call, name, *place, *others)
    if "activityId" in place:
        call.text("activityId")
    return Key(
        resource,
        activity=call.iri("activityId"),
        agent=agent_key(call.agent("agent")) if "agent" in place else "",
        registration=call.uuid("registration"),
        id=call.text(name) if name in call.given else "",
    )


def get_document(call: Call) -> Answer:
    """One document, or the ids of all of a place that were updated `since`."""
    is_one = _PLACES[call.request.path][1] in call.given
    key = _key(call, *(() if is_one else ("since",)))
    if not is_one:
        listed = call.store.documents(key, call.time("since"))
        return sent([name for name, _ in listed], headers=dated(max(when for _, when in listed)) if listed else {})
    document = call.store.document(key)
    if document is None:
        raise Refusal(404, f"there is no document {key.id}")
    return Answer(200, document.body, {"Content-Type": document.type, **_tag(document), **dated(document.updated)})


def _tag(document: Document) -> dict[str, str]:
    return {"ETag": f'"{document.etag}"'}


def put_document(call: Call) -> Answer:
    """Put a document in the place of what is there."""
    kind = call.request.headers.get("content-type", "application/octet-stream")
    if media_type(call) == JSON:
        loaded(call.request.body, "the document")

    def change(old: Document | None) -> tuple[bytes, str]:
        is_state = call.request.path == f"{ROOT}/activities/state"
        _matches(call, old, is_wanted=not is_state or major(call.version) == 2)
        if not is_state and old is None and not _CONDITIONS & set(call.request.headers):
            raise Refusal(400, "a profile is put with If-None-Match: * (new) or If-Match (changed)")
        return call.request.body, kind

    return _changed(call, change)


def post_document(call: Call) -> Answer:
    """Merge a JSON object into the one that is there, key by key (§2.2, "JSON Procedure")."""
    if media_type(call) != JSON:
        raise Refusal(400, f"what is merged must be {JSON}")
    new = _object_of(call.request.body, "the document")

    def change(old: Document | None) -> tuple[bytes, str]:
        _matches(call, old)
        if old is None:
            return call.request.body, call.request.headers["content-type"]
        if old.type.partition(";")[0].strip().lower() != JSON:
            raise Refusal(400, f"the document that is there is {old.type}, which is not merged")
        merged = {**_object_of(old.body, "the document that is there"), **new}
        return json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode(), JSON

    return _changed(call, change)


def _object_of(body: bytes, what: str) -> dict[str, Any]:
    value = loaded(body, what)
    if not isinstance(value, dict):
        raise Refusal(400, f"{what} is no JSON object, and only these are merged")
    return value


def delete_document(call: Call) -> Answer:
    """Delete a document; of a state, without its id, all of the place."""
    if _PLACES[call.request.path][1] not in call.given and call.request.path == f"{ROOT}/activities/state":
        call.store.delete_all(_key(call))
        return Answer(204)

    def change(old: Document | None) -> None:
        _matches(call, old)

    return _changed(call, change)


def _changed(call: Call, change: Change) -> Answer:
    call.text(_PLACES[call.request.path][1])
    made = call.store.change(_key(call), change)
    return Answer(204, headers=_tag(made) if made else {})


def _matches(call: Call, old: Document | None, *, is_wanted: bool = False) -> None:
    """Check the preconditions of a change (§3.1, RFC 9110 §13.1): 412, or 409 where one is wanted and none is given."""
    match, none_match = (call.request.headers.get(name) for name in ("if-match", "if-none-match"))
    if match is not None and (old is None or not _names(match, old)):
        raise Refusal(412, "the document is no longer the one of If-Match: read it again")
    if none_match is not None and old is not None and _names(none_match, old):
        raise Refusal(412, "there is a document already: read it, and send its ETag in If-Match")
    if is_wanted and old is not None and not _CONDITIONS & set(call.request.headers):
        reason = "there is a document already: check its state, and set the header If-Match with its ETag"
        raise Refusal(409, reason)


def _names(header: str, document: Document) -> bool:
    """Return whether a list of entity tags holds that of a document. Weak tags name none."""
    return header.strip() == "*" or document.etag in re.findall(r'(?<!W/)"([^"]*)"', header)


# --- people and activities -------------------------------------------------------------------------------------------


def get_person(call: Call) -> Answer:
    """What is known of an agent, as a Person (§2.4)."""
    known(call, "agent")
    agent = call.agent("agent")
    names = dict.fromkeys((*([agent["name"]] if "name" in agent else ()), *call.store.names(agent_key(agent))))
    person = {key: [value] for key, value in agent.items() if key not in ("objectType", "name")}
    return sent({"objectType": "Person", **({"name": list(names)} if names else {}), **person})


def get_activity(call: Call) -> Answer:
    """An activity with all that is known of it (§2.5)."""
    known(call, "activityId")
    call.text("activityId")
    name = call.iri("activityId")
    definition = call.store.definitions([name]).get(name)
    return sent({"objectType": "Activity", "id": name, **({"definition": definition} if definition else {})})


_DOCUMENTS: dict[str, Handler] = {
    "GET": get_document,
    "PUT": put_document,
    "POST": post_document,
    "DELETE": delete_document,
}
RESOURCES: dict[str, dict[str, Handler]] = {
    f"{ROOT}/statements": {"GET": get_statements, "POST": post_statements, "PUT": put_statement},
    f"{ROOT}/activities": {"GET": get_activity},
    f"{ROOT}/agents": {"GET": get_person},
    **dict.fromkeys(_PLACES, _DOCUMENTS),
}
"""What answers each method of each resource; HEAD is GET without its body."""

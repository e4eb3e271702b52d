"""The LMS side of cmi5, and the launch of Tin Can, for one package and one learner: on loopback, in front of an LRS.

An `Lms` gives launch URLs, answers what content asks and records it (`log`), for rules to judge. It lets content say
what it likes and refuses what no LMS can take: a token that was not given or has ended (401), statements of a session
that is over (403), a change of LMS.LaunchData (403), and what its LRS refuses. It has no network: a `Launcher` is one
behind a server of its own, which also serves the package.

    with Launcher(package) as lms:
        page.goto(lms.launch(mode="Normal", mastery=0.8))
        lms.left()
        page.goto("about:blank")
        lms.statements(), lms.satisfied(), list(judge(lms.log))

Source: cmi5 (Quartz) §8 to §11 for the LMS; standards d.5 for Tin Can.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Lock, Thread
from types import MappingProxyType, TracebackType
from typing import Literal, Protocol, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from lxml import etree

from builder.inspect import Entry, Package
from builder.inspect.archive import open_package
from builder.inspect.cmi5_rules import (
    ADL,
    CMI5,
    COMPLETED,
    MASTERY,
    PASSED,
    SESSION,
    TERMINATED,
    W3ID,
)
from builder.inspect.detect import CMI5 as CMI5_FILE
from builder.inspect.detect import TINCAN as TINCAN_FILE
from builder.inspect.exchange import (
    LAUNCH_DATA,
    PREFERENCES,
    End,
    Json,
    Launch,
    Log,
    Request,
    Told,
    mapping,
    read_json,
    sent_statements,
    text_at,
)
from builder.inspect.references import is_absolute
from builder.inspect.xml import children, local, read_xml
from builder.lrs import api
from builder.lrs.api import Answer
from builder.lrs.store import Store, utc

Mode = Literal["Normal", "Browse", "Review"]

VERSION = "1.0.3"
LMS = "https://lms.invalid"
"""Where this LMS would be, were it one: the start of ids that it makes."""
CONTEXT = "https://w3id.org/xapi/cmi5/context/extensions/"
TYPE = "https://w3id.org/xapi/cmi5/activitytype/"
GRACE = 2000
"""Milliseconds after `terminated` in which requests that were under way still arrive (§9.3.8)."""

TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".vtt": "text/vtt",
    ".wasm": "application/wasm",
    ".xml": "text/xml",
    ".yml": "text/plain",
}
"""Media types of what packages hold, by the end of the name."""
LARGEST = 16 << 20
"""Bytes of one request, at most."""
BLANK = b"<!doctype html><html lang='en'><title>Elsewhere</title><p>Elsewhere.</p></html>"


class Kept:
    """A package of which each file is read once, whoever asks for it and how often: for servers, whose threads would
    disturb each other, and who would use up what may be read of a package."""

    def __init__(self, package: Package) -> None:
        self._package, self._lock = package, Lock()
        self._files: dict[str, bytes | None] = {}

    @property
    def name(self) -> str:
        """Name of the package."""
        return self._package.name

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Its files."""
        return self._package.entries

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None where the package gives none."""
        with self._lock:
            if name not in self._files:
                self._files[name] = self._package.read(name)
            return self._files[name]


# --- what is in the package ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unit:
    """Something to launch. `blocks`: publishers' ids of the blocks that it lies in, outermost first; `mastery`: 0–1."""

    id: str
    title: str
    url: str
    move_on: str = "NotApplicable"
    mastery: float | None = None
    parameters: str = ""
    entitlement: str = ""
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """The publisher's id of a course, and its units in order. A Tin Can package is one without blocks."""

    id: str
    units: tuple[Unit, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Publishers' ids of all blocks."""
        return tuple(dict.fromkeys(block for unit in self.units for block in unit.blocks))


def structure_of(package: Package) -> Structure:
    """Return what a `cmi5.xml`, else a `tincan.xml`, offers to launch; nothing where neither can be read."""
    document, _ = read_xml(package, CMI5_FILE)
    if document is not None:
        course = next(iter(children(document.root, "course")), None)
        return Structure(_attribute(course, "id"), tuple(_units(document.root, ())))
    document, _ = read_xml(package, TINCAN_FILE)
    if document is None:
        return Structure("", ())
    activities = [one for holder in children(document.root, "activities") for one in children(holder, "activity")]
    units = tuple(
        Unit(_attribute(one, "id"), _text(one, "name"), _text(one, "launch"))
        for one in activities
        if _text(one, "launch")
    )
    return Structure(units[0].id if units else "", units)


def _units(element: etree._Element, blocks: tuple[str, ...]) -> Iterator[Unit]:
    for child in children(element, "block", "au"):
        if local(child) == "block":
            yield from _units(child, (*blocks, _attribute(child, "id")))
            continue
        mastery = None
        with suppress(ValueError):
            mastery = float(_attribute(child, "masteryScore") or "-")
        yield Unit(
            _attribute(child, "id"),
            _text(next(iter(children(child, "title")), None), "langstring"),
            _text(child, "url"),
            _attribute(child, "moveOn") or "NotApplicable",
            mastery,
            _text(child, "launchParameters"),
            _text(child, "entitlementKey"),
            blocks,
        )


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else (element.get(name) or "").strip()


def _text(element: etree._Element | None, name: str) -> str:
    found = [] if element is None else children(element, name)
    return "".join(map(str, found[0].itertext())).strip() if found else ""


# --- what is behind it -----------------------------------------------------------------------------------------------


class Lrs(Protocol):
    """A learning record store: takes a request of which the credentials have been checked."""

    def __call__(
        self, method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer a request to a resource (`statements`, `activities/state` …) as xAPI 1.0.3 says."""


@contextmanager
def embedded(now: Callable[[], datetime]) -> Iterator[Lrs]:
    """Yield an LRS of ours, in memory."""
    store = Store(clock=now)
    key = "Basic " + base64.b64encode(b"lms:lms").decode()

    def ask(method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        request = api.Request(
            method, f"{api.ROOT}/{resource}", urlencode(query), {**headers, "authorization": key}, body
        )
        return api.answer(store, {"lms": "lms"}, request)

    try:
        yield ask
    finally:
        store.close()


# --- the launcher ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Session:
    """What the LMS knows of a launch: whether its token was given, and when and how it ended."""

    launch: Launch
    unit: Unit
    is_given: bool = False
    ended: int | None = None
    is_abandoned: bool = False


class Lms:
    """One package, one learner, one registration. Faults, which may be changed at any time:

    - `offline`: requests of content are dropped (those for the package's own files are not)
    - `status`: what each request is answered with instead, 503 for instance, and `retry_after` seconds with it
    - `unanswered`: requests are carried out, and no answer comes
    """

    def __init__(
        self,
        package: Package | Path,
        lrs: Lrs | None = None,
        *,
        actor: Mapping[str, Json] | None = None,
        registration: str = "",
        preferences: Mapping[str, str] | None = None,
        address: str = "",
        content: str = "",
        now: Callable[[], datetime] = utc,
    ) -> None:
        """`address`: where this LMS is asked, without a slash at the end; `content`: where the package's files are
        served, when not there; ends with a slash."""
        self._stack = ExitStack()
        self._given, self._chosen, self._now = package, lrs, now
        self.preferences = preferences
        self.content = content
        account = {"homePage": f"{LMS}/", "name": "jmartin"}
        self.actor: Mapping[str, Json] = actor or {"objectType": "Agent", "name": "Jeanne Martin", "account": account}
        self.registration = registration or named("registration")
        self.address = address
        self.offline = self.unanswered = False
        self.status = self.retry_after = 0
        self._is_over = self._is_registered = False
        self._changed = Condition()
        self._sessions: list[_Session] = []
        self._requests: list[Request] = []
        self._ends: dict[int, End] = {}
        self._reached: set[tuple[str, str]] = set()
        self._satisfied: set[str] = set()
        self._own: dict[str, Mapping[str, Json]] = {}
        self._places: dict[tuple[str, int], int] = {}
        self._numbers: tuple[int, ...] = ()

    def __enter__(self) -> Self:
        given = self._given
        self.take(self._stack.enter_context(open_package(given)) if isinstance(given, Path) else given)
        self._lrs = self._chosen or self._stack.enter_context(embedded(self._now))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_over = True
        self._stack.close()

    def take(self, package: Package) -> None:
        """Launch another version of the package from now on. What the LMS knows of a unit stays as long as the
        publisher's id does."""
        with self._changed:
            self.package = package if isinstance(package, Kept) else Kept(package)
            self.structure = structure_of(self.package)
            self.is_cmi5 = CMI5_FILE in self.package.entries
            ids = [unit.id for unit in self.structure.units]
            keys = ((name, ids[:place].count(name)) for place, name in enumerate(ids))
            self._numbers = tuple(self._places.setdefault(key, len(self._places)) for key in keys)

    def renew(self, registration: str) -> None:
        """Register the learner again: nothing is reached yet."""
        with self._changed:
            self._abandon(self._time())
            self.registration = registration
            self._reached.clear()
            self._satisfied.clear()
            self._is_registered = False

    # - what tests and play ask -

    @property
    def log(self) -> Log:
        """What was recorded until now."""
        with self._changed:
            launches = tuple(session.launch for session in self._sessions)
            return Log(launches, tuple(self._requests), dict(self._ends))

    def statements(self, by_content: bool = False) -> list[Mapping[str, Json]]:
        """Return the statements of this registration that the LRS has, oldest first; only those of content if asked."""
        found: list[Mapping[str, Json]] = []
        query: Mapping[str, str] = {"registration": self.registration, "ascending": "true"}
        while query:
            page = mapping(read_json(self._ask("GET", "statements", query).body.decode()))
            found += page.get("statements", [])
            query = dict(parse_qsl(urlsplit(text_at(page, "more")).query))
        return [one for one in found if not by_content or text_at(one, "id") not in self._own]

    def own(self) -> tuple[Mapping[str, Json], ...]:
        """Return the statements that the LMS itself has made, oldest first."""
        with self._changed:
            return tuple(self._own.values())

    def has_ended(self) -> bool:
        """Tell whether the session of the last launch is over, or there was none."""
        with self._changed:
            return not self._sessions or self._sessions[-1].ended is not None

    def forget(self) -> None:
        """Drop the requests that were noted until now."""
        with self._changed:
            self._requests.clear()

    def state(self, name: str, unit: int = 0) -> str | None:
        """Return a document of content's state, as text; None where there is none."""
        answer = self._ask("GET", "activities/state", self._place(name, self.activity(unit)))
        return answer.body.decode() if answer.status == 200 else None

    def satisfied(self) -> set[str]:
        """Return publishers' ids of units, blocks and course whose moveOn criteria are met."""
        with self._changed:
            return set(self._satisfied)

    def until(self, condition: Callable[[], bool], seconds: float = 5) -> bool:
        """Wait until something holds, looking after each request; tell whether it does."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def left(self, how: str = "closed") -> None:
        """Say that the page of the last launch is about to go: `closed` as learners do, or `killed`."""
        with self._changed:
            if self._sessions:
                self._ends[self._sessions[-1].launch.number] = End(self._time(), how)

    def activity(self, unit: int = 0) -> str:
        """Return the activity id that launches of a unit are given: of cmi5 one that the LMS makes (§8.1.5)."""
        return f"{LMS}/activities/{self._numbers[unit]}" if self.is_cmi5 else self.structure.units[unit].id

    def launch(
        self,
        unit: int | str = 0,
        mode: Mode = "Normal",
        *,
        mastery: float | None = None,
        move_on: str = "",
        return_url: str | None = None,
        parameters: str | None = None,
    ) -> str:
        """Launch a unit, by place or publisher's id, and return the URL to open. What is not given is as the course
        structure says; `return_url` is a page of ours, none where empty."""
        with self._changed:
            ids = [one.id for one in self.structure.units]
            place = ids.index(unit) if isinstance(unit, str) else unit
            chosen = self.structure.units[place]
            url = chosen.url if is_absolute(chosen.url) else (self.content or f"{self.address}/package/") + chosen.url
            number = len(self._sessions)
            token = "Basic " + base64.b64encode(f"carabin:{number}".encode()).decode()
            href = chosen.url.partition("?")[0]
            if not self.is_cmi5:
                self._sessions.append(
                    _Session(
                        Launch(number, chosen.id, self.registration, self.actor, token, at=self._time(), href=href),
                        chosen,
                        is_given=True,
                    )
                )
                given = {"auth": token, "activity_id": chosen.id}
            else:
                given = {"fetch": f"{self.address}/fetch/{number}", "activityId": self.activity(place)}
                self._prepare(
                    Launch(
                        number,
                        given["activityId"],
                        self.registration,
                        self.actor,
                        token,
                        session=named(f"{self.registration}/{number}"),
                        mode=mode,
                        mastery=chosen.mastery if mastery is None else mastery,
                        return_url=f"{self.address}/return/{number}" if return_url is None else return_url,
                        at=self._time(),
                        href=href,
                    ),
                    chosen,
                    move_on or chosen.move_on,
                    chosen.parameters if parameters is None else parameters,
                    url,
                )
            query = {
                "endpoint": f"{self.address}/lrs/",
                "actor": json.dumps(self.actor),
                "registration": self.registration,
                **given,
            }
            address, mark, fragment = url.partition("#")
            return f"{address}{'&' if '?' in address else '?'}{urlencode(query, quote_via=quote)}{mark}{fragment}"

    # - the LMS's part in cmi5 -

    def _prepare(self, launch: Launch, unit: Unit, move_on: str, parameters: str, url: str) -> None:
        """Do what goes before a launch: end the session that is open, write the launch data, say `launched`."""
        if not self._is_registered:
            self._is_registered = True
            self._judge(None)
        self._abandon(launch.at)
        template = {
            "contextActivities": {"grouping": [{"id": unit.id}]},
            "extensions": {SESSION: launch.session},
        }
        launch = replace(launch, template=template)
        data: dict[str, Json] = {
            "contextTemplate": template,
            "launchMode": launch.mode,
            "moveOn": move_on,
            "launchMethod": "AnyWindow",
        }
        optional = {"masteryScore": launch.mastery, "launchParameters": parameters, "returnURL": launch.return_url}
        data |= {name: value for name, value in optional.items() if value not in (None, "")}
        if unit.entitlement:
            data["entitlementKey"] = {"courseStructure": unit.entitlement}
        self._ask("PUT", "activities/state", self._place(LAUNCH_DATA, launch.activity), data)
        if self.preferences is not None:
            query = {"agent": json.dumps(self.actor), "profileId": PREFERENCES}
            known = self._ask("GET", "agents/profile", query).headers.get("etag", "")
            self._ask("PUT", "agents/profile", query, self.preferences, {"if-match": known} if known else NEW)
        session = _Session(launch, replace(unit, move_on=move_on))
        self._sessions.append(session)
        extensions = {"launchmode": launch.mode, "launchurl": url, "moveon": move_on}
        if parameters:
            extensions["launchparameters"] = parameters
        more: dict[str, Json] = {f"{CONTEXT}{name}": value for name, value in extensions.items()}
        self._tell(session, f"{ADL}launched", more | ({} if launch.mastery is None else {MASTERY: launch.mastery}))

    def _abandon(self, now: int) -> None:
        """End the sessions that have not ended (§9.3.6); `now` in milliseconds."""
        for earlier in self._sessions:
            if self.is_cmi5 and earlier.ended is None:
                earlier.ended, earlier.is_abandoned = now, True
                self._tell(earlier, f"{W3ID}abandoned", duration=now - earlier.launch.at)

    def _heard(self, session: _Session, request: Request) -> None:
        """Take note of statements that were stored: what is reached, what is satisfied, whether the session is over."""
        for statement in sent_statements(request):
            told = Told(session.launch, request.at, statement, request.status)
            if CMI5 not in told.categories or told.activity != session.launch.activity:
                continue
            if told.verb == TERMINATED and session.ended is None:
                session.ended = request.at
            if told.verb in (COMPLETED, PASSED) and session.launch.mode == "Normal":
                self._reached.add((session.unit.id, told.verb))
        self._judge(session)

    def _judge(self, session: _Session | None) -> None:
        """Work out what is satisfied (§6.1, §9.3.9): units by moveOn, blocks and course when all in them are."""
        units = [
            session.unit if session is not None and one.id == session.unit.id else one for one in self.structure.units
        ]
        done = {one.id for one in units if one.id in self._satisfied or self._is_met(one)}
        inside = {block: [one.id for one in units if block in one.blocks] for block in self.structure.blocks}
        inside[self.structure.id] = [one.id for one in units]
        fresh = {holder for holder, all_of in inside.items() if done.issuperset(all_of)} - self._satisfied
        self._satisfied |= done | fresh
        for number, holder in enumerate(inside):
            if holder in fresh:
                kind = "course" if holder == self.structure.id else "block"
                self._tell(session, f"{W3ID}satisfied", about=(f"{LMS}/{kind}s/{number}", f"{TYPE}{kind}", holder))

    def _is_met(self, unit: Unit) -> bool:
        """Tell whether a unit's moveOn criterion is met."""
        has_passed, has_completed = ((unit.id, verb) in self._reached for verb in (PASSED, COMPLETED))
        return {
            "Passed": has_passed,
            "Completed": has_completed,
            "CompletedAndPassed": has_passed and has_completed,
            "CompletedOrPassed": has_passed or has_completed,
        }.get(unit.move_on, True)

    def _tell(
        self,
        session: _Session | None,
        verb: str,
        extensions: Mapping[str, Json] = MappingProxyType({}),
        about: tuple[str, str, str] | None = None,
        duration: int | None = None,
    ) -> None:
        """Store a statement of the LMS's own; `about`: id, type and publisher's id of what it is about, else the unit;
        `duration` in milliseconds."""
        name = named(f"{self.registration}/statements/{len(self._own)}")
        mine = session.launch.session if session else named(self.registration)
        if about is not None:
            target: Json = {"id": about[0], "definition": {"type": about[1]}}
        else:
            assert session is not None
            target = {"id": session.launch.activity}
        publisher = about[2] if about is not None else session.unit.id if session is not None else ""
        category = [{"id": CMI5}]
        statement = {
            "id": name,
            "timestamp": self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "actor": self.actor,
            "verb": {"id": verb, "display": {"en": verb.rpartition("/")[2]}},
            "object": {"objectType": "Activity", **target},
            **({} if duration is None else {"result": {"duration": f"PT{duration / 1000:.2f}S"}}),
            "context": {
                "registration": self.registration,
                "contextActivities": {"grouping": [{"id": publisher}], "category": category},
                "extensions": {SESSION: mine, **extensions},
            },
        }
        self._own[name] = statement
        answer = self._ask("POST", "statements", {}, [statement])
        assert answer.status == 200, answer.body

    def _place(self, name: str, activity: str) -> Mapping[str, str]:
        """Return the query that names a document of the learner's state."""
        agent = json.dumps(self.actor)
        return {"stateId": name, "activityId": activity, "agent": agent, "registration": self.registration}

    def _ask(
        self,
        method: str,
        resource: str,
        query: Mapping[str, str],
        content: Json = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """Ask the LRS as the LMS."""
        body = b"" if content is None else json.dumps(content).encode()
        kind = {"x-experience-api-version": VERSION, "content-type": "application/json", **headers}
        return self._lrs(method, resource, query, kind, body)

    def _time(self) -> int:
        return round(self._now().timestamp() * 1000)

    # - requests -

    def serve(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Answer a request of a browser; None: with nothing, the connection is cut."""
        return self.exchange(method, target, headers, body)[0]

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Answer | None, Request | None]:
        """Do as `serve` does, and also return what was noted; None of a file of the package."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        area, _, rest = path.removeprefix("/").partition("/")
        if area not in ("fetch", "lrs", "return"):
            return self._file(path), None
        if method == "OPTIONS":
            return None if self.offline else Answer(204), None
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if area == "lrs" and method == "POST" and "method" in query:
            method, query, headers, body = unfolded(query["method"], headers, body)
        named = int(rest) if rest.isdecimal() and len(rest) < 9 else -1
        number = self._whose(headers) if area == "lrs" else named
        with self._changed:
            request = Request(
                self._time(),
                number,
                method,
                rest.strip("/") if area == "lrs" else area,
                query,
                {name.lower(): value for name, value in headers.items()},
                body.decode("utf-8", "replace"),
            )
            answer = self._answered(request, body)
            status = 0 if answer is None else answer.status
            text = "" if answer is None else answer.body.decode("utf-8", "replace")[:2000]
            request = replace(request, status=status, answer=text)
            self._requests.append(request)
            session = self._session(number)
            is_told = request.resource == "statements" and request.is_write and request.is_taken
            if session is not None and self.is_cmi5 and is_told:
                self._heard(session, request)
            self._changed.notify_all()
        return None if self.unanswered and area != "return" else answer, request

    def _answered(self, request: Request, body: bytes) -> Answer | None:
        if self._is_over:
            return None
        session = self._session(request.launch)
        if request.resource == "return":
            return Answer(200, BLANK, {"content-type": "text/html"})
        if self.offline:
            return None
        if self.status:
            return Answer(self.status, b"", {"retry-after": str(self.retry_after)} if self.retry_after else {})
        if session is None:
            return Answer(404)
        if request.resource == "fetch":
            return self._fetched(session, request)
        is_over = session.ended is not None and (session.is_abandoned or request.at - session.ended > GRACE)
        is_known = session.is_given and request.headers.get("authorization") == session.launch.token
        if request.resource != "about" and (is_over or not is_known):
            return Answer(401, b"this is not the token of a session that goes on")
        if session.launch.session:
            if request.is_write and request.query.get("stateId") == LAUNCH_DATA:
                return Answer(403, b"LMS.LaunchData is the LMS's (cmi5 10.2.1)")
            earlier = {one.launch.session for one in self._sessions[: request.launch]}
            if any(mapping(one.get("context")) and _session_of(one) in earlier for one in sent_statements(request)):
                return Answer(403, b"the session of this statement is over (cmi5 9.3.6, 9.3.8)")
        return self._lrs(request.method, request.resource, request.query, request.headers, body)

    def _fetched(self, session: _Session, request: Request) -> Answer:
        """Give the token once (§8.2)."""
        if request.method != "POST":
            said = {"error-code": "3", "error-text": "The token is given to a POST."}
        elif session.is_given or session.ended is not None:
            said = {"error-code": "1", "error-text": "The token has been given already."}
        else:
            session.is_given = True
            said = {"auth-token": session.launch.token.partition(" ")[2]}
        return Answer(200, json.dumps(said).encode(), {"content-type": "application/json"})

    def _session(self, number: int) -> _Session | None:
        return self._sessions[number] if 0 <= number < len(self._sessions) else None

    def _whose(self, headers: Mapping[str, str]) -> int:
        """Return the launch that a token is of; the last one for any other."""
        given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        tokens = [session.launch.token for session in self._sessions]
        return tokens.index(given) if given in tokens else len(tokens) - 1

    def _file(self, path: str) -> Answer:
        if path == "/favicon.ico":
            return Answer(204)
        if path == "/blank":
            return Answer(200, BLANK, {"content-type": "text/html"})
        content = self.package.read(path.removeprefix("/package/")) if path.startswith("/package/") else None
        kind = TYPES.get("." + path.rpartition(".")[2].lower(), "application/octet-stream")
        return Answer(404) if content is None else Answer(200, content, {"content-type": kind})


class Launcher(Lms):
    """An LMS at an address of its own on loopback, from which browsers get the package too."""

    def __enter__(self) -> Self:
        super().__enter__()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        server.block_on_close = False
        self.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)
        return self


NEW: Mapping[str, str] = MappingProxyType({"if-none-match": "*"})
"""Headers of a document that must not be there yet."""
CORS: Mapping[str, str] = MappingProxyType(
    {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, PUT, POST, DELETE, HEAD, OPTIONS",
        "access-control-allow-headers": "Authorization, Content-Type, If-Match, If-None-Match,"
        " X-Experience-API-Version",
        "access-control-expose-headers": "ETag, Last-Modified, Retry-After, X-Experience-API-Consistent-Through,"
        " X-Experience-API-Version",
    }
)


def named(name: str) -> str:
    """Return a UUID that is always the same for a name (RFC 9562 §5.5, version 5)."""
    digest = sha1(f"{LMS}/{name}".encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _session_of(statement: Mapping[str, Json]) -> str:
    return text_at(statement, "context", "extensions", SESSION)


def unfolded(method: str, headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, str], dict[str, str], bytes]:
    """Return method, query, headers and body of a request in xAPI's alternate syntax (1.0.3 Communication §1.3): all of
    it lies in the form that is posted."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    content = form.pop("content", "")
    known = ("authorization", "content-type", "if-match", "if-none-match", "x-experience-api-version")
    inner = {name: form.pop(name) for name in tuple(form) if name.lower() in known}
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return method.upper(), form, {"content-type": "application/json", **kept, **inner}, content.encode()


def _handler(launcher: Launcher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if size > LARGEST:
                self.send_error(413)
                return
            answer = launcher.serve(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {**CORS, **answer.headers}.items():
                if name != "content-length":
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            with suppress(ConnectionError):  # the page went away meanwhile
                self.wfile.write(answer.body if self.command != "HEAD" else b"")

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    return Handler

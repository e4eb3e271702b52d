"""The LMS side of cmi5 for the course on the desk: one learner, registered anew for each attempt, an LRS in memory.

It asks nothing of disk or network: the application brings what content asks, and carries the answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from builder.inspect import Entry
from builder.inspect.cmi5_rules import CMI5, COMPLETED, FAILED, PASSED
from builder.inspect.exchange import LAUNCH_DATA, Json, Request, Told, mapping, read_json, sent_statements, text_at
from builder.inspect.launcher import Lms, Mode
from builder.lrs.api import Answer
from builder.serve import clauses
from builder.serve.desk import Shown

MODES: Mapping[str, Mode] = {"": "Normal", "normal": "Normal", "browse": "Browse", "review": "Review"}
"""By the word of the desk."""
STATE = "carabin"
"""The document in which our player keeps what it saves (`runtime/xapi/launch.js`)."""
LAST_WORDS = 1.0
"""Seconds that a launch waits for the session before it to end: its page has just gone away."""
SLOW = 0.8
"""Seconds that each request takes while the LMS is slow."""
LONGEST = 8000
"""Characters of a body that are told, at most."""
SILENT, LOST = 504, 401
"""What a gateway says of an LMS that does not answer; what an LMS says of a session that is lost."""


@dataclass(frozen=True, slots=True)
class Members:
    """The files of a course that is on the desk, as a package."""

    name: str
    files: Mapping[str, bytes]

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Its files."""
        return {name: Entry(name, len(content), len(content)) for name, content in self.files.items()}

    def read(self, name: str) -> bytes | None:
        """Return the content of a file."""
        return self.files.get(name)


@dataclass(slots=True)
class Heard:
    """What the statements of one unit say that the learner has reached."""

    is_completed: bool = False
    success: str = ""
    score: float | None = None

    def take(self, statement: Mapping[str, Json]) -> None:
        """Take note of a statement that was stored."""
        verb, result = text_at(statement, "verb", "id"), mapping(statement.get("result"))
        if verb == COMPLETED:
            self.is_completed = True
        elif verb in (PASSED, FAILED):
            self.success = verb.rpartition("/")[2]
            scaled = mapping(result.get("score")).get("scaled")
            self.score = scaled if isinstance(scaled, int | float) else None


@dataclass(slots=True)
class Cmi5:
    """One learner of the course. Not for several threads at once, but for `ask`."""

    slow: bool = False
    _lms: Lms | None = None
    _heard: dict[str, Heard] = field(default_factory=dict)
    _unit: int = 0
    _told: int = 0

    def launch(self, shown: Shown, origin: str, href: str, mode: str, registration: str) -> str:
        """Launch the unit that begins with a document of the package, and return the address to open.

        `origin`: where the desk is; `registration`: a UUID for who is not registered yet, or is to be registered anew.
        Faults end. Raises `ValueError` where the package offers no such unit.
        """
        package = Members(f"{shown.course}.zip", shown.members)
        if self._lms is None:
            self._lms = Lms(package, registration=registration).__enter__()
        lms = self._lms
        self.fault()
        lms.until(lms.has_ended, LAST_WORDS)
        lms.address, lms.content = f"{origin}/cmi5", f"{origin}/package/"
        lms.take(package)
        if registration and registration != lms.registration:
            lms.renew(registration)
            self._heard.clear()
        lms.forget()
        self._unit = [one.url.partition("?")[0] for one in lms.structure.units].index(href)
        return lms.launch(self._unit, MODES[mode])

    @property
    def is_open(self) -> bool:
        """Return whether something has been launched."""
        return self._lms is not None

    def close(self) -> None:
        """End the LRS."""
        if self._lms is not None:
            self._lms.__exit__(None, None, None)
            self._lms = None

    def fault(self, *, silent: bool = False, offline: bool = False, session: bool = False, slow: bool = False) -> None:
        """Let go wrong what is true, and nothing else: no answer but that of a gateway, no network, the session lost,
        slow."""
        self.slow = slow
        if self._lms is not None:
            self._lms.offline = offline
            self._lms.status = SILENT if silent else LOST if session else 0

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Answer | None, Mapping[str, Any] | None]:
        """Answer what content asks, and return what the desk shows of it; answer None: there is no network."""
        if self._lms is None:
            return Answer(404), None
        answer, request = self._lms.exchange(method, target, headers, body)
        if request is None:
            return Answer(404), None
        told = sent_statements(request)
        for one in told if request.is_taken else ():
            launch = self._lms.log.launches[request.launch]
            if CMI5 in Told(launch, request.at, one, request.status).categories:
                self._heard.setdefault(launch.activity, Heard()).take(one)
        return answer, entry(request) | {"statements": [listed(one, request.is_taken) for one in told] + self.own()}

    def own(self) -> list[Mapping[str, Any]]:
        """Return the statements that the LMS itself has made since it was asked last, as the desk shows them."""
        made = self._lms.own() if self._lms else ()
        fresh, self._told = made[self._told :], len(made)
        return [listed(one, True) | {"is_own": True} for one in fresh]

    def record(self) -> Mapping[str, Any]:
        """Return what is on record: the outcome, what stands in documents, and the saved state as text."""
        lms = self._lms
        if lms is None:
            return {}
        heard = self._heard.get(lms.activity(self._unit), Heard())
        data = mapping(read_json(lms.state(LAUNCH_DATA, self._unit) or ""))
        kept = dict(mapping(read_json(lms.state(STATE, self._unit) or "")))
        state = kept.pop("state", "")
        fields = {
            "registration": lms.registration,
            **{f"{LAUNCH_DATA} {name}": _plain(value) for name, value in data.items()},
            **{f"{STATE} {name}": _plain(value) for name, value in kept.items()},
        }
        return {
            "status": "completed" if heard.is_completed else "",
            "success": heard.success,
            "score": "" if heard.score is None else f"{heard.score:.12g}",
            "completion": lms.structure.units[self._unit].id in lms.satisfied(),
            "location": _plain(kept.get("location") or ""),
            "fields": fields,
            "state": state if isinstance(state, str) else "",
        }


def entry(request: Request) -> dict[str, Any]:
    """Return a request as the desk lists it. `error` is empty where it was taken, or found nothing to read."""
    has_none = request.status == 404 and request.method == "GET"
    is_refused = request.status >= 400 and not has_none
    reason = request.answer if is_refused else ""
    if request.resource == "fetch" and (read := mapping(read_json(request.answer))).get("error-code"):
        is_refused, reason = True, text_at(read, "error-text")
    name = request.query.get("stateId") or request.query.get("profileId") or request.query.get("statementId") or ""
    query = {key: value for key, value in request.query.items() if key not in ("stateId", "profileId", "statementId")}
    lost = request.status == 0
    return {
        "call": " ".join(part for part in (request.method, request.resource, name) if part),
        "query": urlencode(query),
        "sent": request.body[:LONGEST],
        "got": request.answer,
        "status": request.status,
        "phrase": "" if lost else HTTPStatus(request.status).phrase,
        "failed": lost or is_refused,
        "error": reason,
        "clause": clauses.of_request(request),
        "error_clause": clauses.of_refusal(request) if is_refused else "",
    }


def listed(statement: Mapping[str, Json], is_stored: bool) -> dict[str, Any]:
    """Return a statement as the desk lists it: verb, object, result and time in short, and the whole as JSON."""
    target = text_at(statement, "object", "id")
    named = mapping(mapping(mapping(statement.get("object")).get("definition")).get("name"))
    return {
        "verb": text_at(statement, "verb", "id").rpartition("/")[2] or "?",
        "object": next((one for one in named.values() if isinstance(one, str)), "") or target,
        "id": target,
        "result": _outcome(mapping(statement.get("result"))),
        "time": text_at(statement, "timestamp"),
        "stored": is_stored,
        "is_own": False,
        "json": json.dumps(statement, ensure_ascii=False, indent=2),
    }


def _outcome(result: Mapping[str, Json]) -> str:
    """Return a result in a line: its values by name, those of a score and of extensions by theirs."""
    parts: dict[str, Json] = {}
    for name, value in result.items():
        inner = mapping(value)
        parts |= {key.rpartition("/")[2]: one for key, one in inner.items()} if inner else {name: value}
    return ", ".join(f"{name} {_plain(value)}" for name, value in parts.items())


def _plain(value: Json) -> str:
    """Return a text as it is, another value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

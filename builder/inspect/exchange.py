"""What a launch gave to content and what the content asked of the LMS: values that rules judge, whoever recorded them.

The times of one log are of one clock, in milliseconds since the epoch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Any
"""A value as `json.loads` makes it."""

LAUNCH_DATA = "LMS.LaunchData"
PREFERENCES = "cmi5LearnerPreferences"


@dataclass(frozen=True, slots=True)
class Launch:
    """What content was given. `token`: the whole value of the header Authorization that it is to send; `session`,
    `mode`, `mastery` (0–1), `return_url`, `template`: as in LMS.LaunchData of cmi5, empty for Tin Can; `href`: the file
    that was launched; `at`: milliseconds."""

    number: int
    activity: str
    registration: str
    actor: Mapping[str, Json]
    token: str
    session: str = ""
    mode: str = ""
    mastery: float | None = None
    return_url: str = ""
    template: Mapping[str, Json] = field(default_factory=dict)
    at: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of content. `launch`: the number of the one that it belongs to; `resource`: `statements`,
    `activities/state` …, or `fetch`, `return`; `status` 0: no answer was given (the network was away)."""

    at: int
    launch: int
    method: str
    resource: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200
    answer: str = ""

    @property
    def is_taken(self) -> bool:
        """Tell whether the LMS took it."""
        return 200 <= self.status < 300

    @property
    def is_write(self) -> bool:
        """Tell whether it changes something."""
        return self.method in ("PUT", "POST", "DELETE")


@dataclass(frozen=True, slots=True)
class End:
    """The moment when a page was taken from content: `closed` as learners do, or `killed`."""

    at: int
    how: str = "closed"


@dataclass(frozen=True, slots=True)
class Log:
    """All launches of one learner in order, the requests in the order of arrival, and how pages ended, by launch."""

    launches: tuple[Launch, ...]
    requests: tuple[Request, ...]
    ends: Mapping[int, End] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as it was sent. `status`: of the request that brought it, of the one that was taken where several
    did."""

    launch: Launch
    at: int
    statement: Mapping[str, Json]
    status: int

    @property
    def verb(self) -> str:
        """IRI of its verb; empty where there is none."""
        return text_at(self.statement, "verb", "id")

    @property
    def name(self) -> str:
        """The last part of its verb's IRI, for people."""
        return self.verb.rpartition("/")[2]

    @property
    def activity(self) -> str:
        """Id of its object; empty where there is none."""
        return text_at(self.statement, "object", "id")

    @property
    def result(self) -> Mapping[str, Json]:
        """Its result; empty where there is none."""
        return mapping(self.statement.get("result"))

    @property
    def context(self) -> Mapping[str, Json]:
        """Its context; empty where there is none."""
        return mapping(self.statement.get("context"))

    @property
    def categories(self) -> frozenset[str]:
        """Ids of the activities that categorise it."""
        listed = mapping(self.context.get("contextActivities")).get("category", [])
        return frozenset(text_at(mapping(one), "id") for one in (listed if isinstance(listed, list) else [listed]))

    @property
    def when(self) -> int:
        """Its timestamp in milliseconds; the time of arrival where it has none that can be read."""
        stamp = self.statement.get("timestamp")
        try:
            read = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        except ValueError:
            read = None
        if read is None:
            return self.at
        return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


def mapping(value: Json) -> Mapping[str, Json]:
    """Return a value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_at(value: Mapping[str, Json], *path: str) -> str:
    """Return the text at a path of keys; empty where there is none."""
    found: Json = value
    for key in path:
        found = mapping(found).get(key)
    return found if isinstance(found, str) else ""


def read_json(text: str) -> Json:
    """Return what a body holds; None where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def identity(actor: Json) -> tuple[tuple[str, str], ...]:
    """Return what identifies an agent: the one of the four identifiers that it has, as text; empty for none."""
    found = mapping(actor)
    keys = ("mbox", "mbox_sha1sum", "openid", "account")
    return tuple((key, json.dumps(found[key], sort_keys=True)) for key in keys if key in found)


def names_agent(request: Request) -> bool:
    """Tell whether a request that was answered is about a document of an agent."""
    return bool(request.status) and request.resource in ("activities/state", "agents/profile")


def agent_of(request: Request) -> Json:
    """Return the agent that a request names in its query."""
    return read_json(request.query.get("agent", ""))


def sent_statements(request: Request) -> list[Mapping[str, Json]]:
    """Return the statements that a request brings; none where it is no such request, or no JSON. Of a request with
    attachments they are the first part (xAPI 1.0.3 Communication §1.5.2); its URL may tell the id of the only one."""
    if request.resource != "statements" or request.method not in ("POST", "PUT"):
        return []
    text = request.body
    if request.headers.get("content-type", "").startswith("multipart/"):
        text = text.partition("\r\n\r\n")[2].partition("\r\n--")[0]
    body = read_json(text)
    named = request.query.get("statementId")
    known = {"id": named} if named else {}
    return [{**known, **one} for one in (body if isinstance(body, list) else [body]) if isinstance(one, dict)]


def statements_of(log: Log) -> Iterator[Told]:
    """Yield each statement once, by launch, then by time: as it was taken, else as it was refused for what it says.

    What met no answer, a token that had ended (401) or a session that is over (403) is left out: it may come again.
    """
    launches = {launch.number: launch for launch in log.launches}
    found: dict[tuple[int, str], Told] = {}
    for number, request in enumerate(log.requests):
        launch = launches.get(request.launch)
        if launch is None or request.status in (0, 401, 403, 429) or request.status >= 500:
            continue
        for place, statement in enumerate(sent_statements(request)):
            name = text_at(statement, "id") or f"{number}.{place}"
            earlier = found.get((launch.number, name))
            if earlier is None or (request.is_taken and not 200 <= earlier.status < 300):
                found[launch.number, name] = Told(launch, request.at, statement, request.status)
    yield from sorted(found.values(), key=lambda told: (told.launch.number, told.when))

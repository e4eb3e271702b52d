"""Statements, and a client of the LRS that needs no network: what its tests share."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from builder.lrs.api import Answer, Request, answer
from builder.lrs.store import Store

CREDENTIALS = {"key": "secret"}
BASIC = f"Basic {b64encode(b'key:secret').decode()}"
VERBS = "http://adlnet.gov/expapi/verbs"
ADA = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "ada"}}
BOB = {"mbox": "mailto:bob@example.org"}
COURSE = "https://carabin.example/fire"
GONE = "~gone"
"""In a change: the member is taken away."""

PLAIN: dict[str, Any] = {
    "actor": ADA,
    "verb": {"id": f"{VERBS}/experienced", "display": {"en": "experienced", "fr": "a vu"}},
    "object": {"objectType": "Activity", "id": COURSE},
}
FULL: dict[str, Any] = {
    **PLAIN,
    "id": "3f1c2a44-5a53-4a3c-8f4e-1d2b3c4d5e6f",
    "object": {
        "objectType": "Activity",
        "id": f"{COURSE}/q",
        "definition": {
            "name": {"en": "Doors", "fr": "Portes"},
            "description": {"en": "Which door is wrong?"},
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "moreInfo": f"{COURSE}/more",
            "extensions": {f"{COURSE}/extension": None},
            "interactionType": "choice",
            "correctResponsesPattern": ["a[,]b"],
            "choices": [{"id": "a", "description": {"en": "The open one"}}, {"id": "b"}],
        },
    },
    "result": {
        "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "a[,]b",
        "duration": "PT12.5S",
        "extensions": {f"{COURSE}/progress": 50},
    },
    "context": {
        "registration": "8c3f3f4c-6f0e-4d43-9a0a-6d5c6f3b2a10",
        "instructor": BOB,
        "team": {"objectType": "Group", "name": "Night shift", "member": [ADA]},
        "contextActivities": {"parent": [{"id": COURSE}], "category": {"id": f"{COURSE}/_profile/1"}},
        "revision": "1.0.0",
        "platform": "Carabin",
        "language": "fr-FR",
        "statement": {"objectType": "StatementRef", "id": "00000000-0000-4000-8000-000000000000"},
        "extensions": {f"{COURSE}/session": {"anything": [None, ""]}},
    },
    "timestamp": "2027-01-31T08:00:00.123Z",
    "authority": BOB,
    "version": "1.0.0",
    "stored": "2027-01-31T08:00:01Z",
    "attachments": [
        {
            "usageType": f"{COURSE}/certificate",
            "display": {"en": "Certificate"},
            "contentType": "text/plain; charset=utf-8",
            "length": 4,
            "sha2": sha256(b"data").hexdigest(),
            "fileUrl": f"{COURSE}/certificate.txt",
        }
    ],
}
NESTED: dict[str, Any] = {**PLAIN, "object": {**PLAIN, "objectType": "SubStatement"}}
REFERENCE = {"objectType": "StatementRef", "id": "00000000-0000-4000-8000-000000000000"}


def changed(statement: Mapping[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """Return a copy with one member put in, replaced, or taken away (`GONE`)."""
    made: dict[str, Any] = json.loads(json.dumps(statement))
    *path, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    place: Any = made
    for part in path:
        place = place[int(part) if isinstance(place, list) else part]
    key: Any = int(last) if isinstance(place, list) else last
    if value == GONE:
        del place[key]
    elif isinstance(place, list) and key == len(place):
        place.append(value)
    else:
        place[key] = value
    return made


def interaction(kind: str, **parts: object) -> dict[str, Any]:
    return changed(PLAIN, "/object/definition", {"interactionType": kind, **parts})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
STATE: dict[str, object] = {"activityId": COURSE, "agent": ADA, "stateId": "carabin"}
NEW = {"If-None-Match": "*"}


class Client:
    """Asks a store without a network."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or Store()

    def __call__(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, **query: object
    ) -> Answer:
        given = {"authorization": BASIC, "x-experience-api-version": "1.0.3"}
        if body is not None and not isinstance(body, bytes):
            given["content-type"] = "application/json"
            body = json.dumps(body).encode()
        given |= {name.lower().replace("_", "-"): value for name, value in (headers or {}).items()}
        texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in query.items()}
        assert body is None or isinstance(body, bytes)
        asked = Request(method, f"/xAPI/{path}", urlencode(texts), {k: v for k, v in given.items() if v}, body or b"")
        return answer(self.store, CREDENTIALS, asked)

    def post(self, *statements: Mapping[str, Any]) -> list[str]:
        """Store statements that are good; return their ids."""
        made = self("POST", "statements", list(statements))
        assert made.status == 200, made.body
        ids: list[str] = json.loads(made.body)
        return ids

    def found(self, **query: object) -> list[str]:
        """Return the ids of the first page."""
        made = self("GET", "statements", **query)
        assert made.status == 200, made.body
        return [one["id"] for one in json.loads(made.body)["statements"]]

"""Statements and documents in one SQLite file, or in memory: whole batches or nothing, conditions checked in the same
transaction as the change, safe for threads and for several processes on one file.

Usable without HTTP: `Store().add([statement], authority)`. It trusts what it is given: `validate` comes before.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from builder.lrs.attachments import Part
from builder.lrs.statements import (
    Statement,
    activities,
    agent_key,
    is_nested,
    is_same,
    mentions,
    merged,
    moment,
    people,
    received,
    target,
    voids,
)

PAGE = 500
"""Statements in one answer, at most."""
PATIENCE = 10.0
"""Seconds to wait while another program writes to the file."""
FORM = 1
"""Number of the form of the file (`user_version`)."""
OURS = 0x43524253
"""What tells our files from other SQLite files (`application_id`): CRBS."""
_SCHEMA = """
CREATE TABLE statement (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, stored TEXT NOT NULL, body TEXT NOT NULL, verb TEXT NOT NULL,
  registration TEXT, target TEXT, voids INTEGER NOT NULL
);
CREATE INDEX by_target ON statement (target) WHERE target IS NOT NULL;
CREATE TABLE mention (kind TEXT, key TEXT, number INTEGER, PRIMARY KEY (kind, key, number)) WITHOUT ROWID;
CREATE TABLE activity (id TEXT PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE verb (id TEXT PRIMARY KEY, display TEXT NOT NULL);
CREATE TABLE persona (key TEXT, name TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID;
CREATE TABLE attachment (sha2 TEXT PRIMARY KEY, type TEXT NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE document (
  resource TEXT, activity TEXT, agent TEXT, registration TEXT, id TEXT, type TEXT NOT NULL, body BLOB NOT NULL,
  etag TEXT NOT NULL, updated TEXT NOT NULL, PRIMARY KEY (resource, activity, agent, registration, id)
);
"""
_VOIDED = "EXISTS (SELECT 1 FROM statement v WHERE v.target = s.id AND v.voids) AND NOT s.voids"


class Conflict(Exception):
    """Nothing was stored: a statement of the batch has the id of a stored one, which says something else."""


class NotOurs(Exception):
    """The file is not one of ours, or of a newer form."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which statements are wanted. Empty texts want all. `since`, `until`: as `moment` writes them; `after`: the number
    at which the page before ended, 0 for the first page; `limit`: at least 1. `agent` is a key of `agent_key`."""

    agent: str = ""
    verb: str = ""
    activity: str = ""
    registration: str = ""
    related_agents: bool = False
    related_activities: bool = False
    since: str = ""
    until: str = ""
    limit: int = PAGE
    is_ascending: bool = False
    after: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A page of statements; `more` is the number after which the next one begins, 0 when there is none."""

    statements: tuple[dict[str, Any], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Key:
    """What names a document. `resource`: state, agent or activity; what does not apply is empty, as is `id` where all
    documents are meant. `agent` is a key of `agent_key`."""

    resource: str
    activity: str = ""
    agent: str = ""
    registration: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `etag`: SHA-1 of the body in hexadecimal digits, without quotes; `updated`: as `moment` writes."""

    body: bytes
    type: str
    etag: str
    updated: str


Change = Callable[[Document | None], tuple[bytes, str] | None]
"""Given what is there, the body and type to put in its place; None deletes. What it raises leaves all as it was."""


def utc() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class Store:
    """A Learning Record Store without its protocol. `file`: a path, or `:memory:`."""

    def __init__(
        self, file: Path | str = ":memory:", clock: Callable[[], datetime] = utc, patience: float = PATIENCE
    ) -> None:
        """Open or make the file. `patience`: seconds to wait while another program writes to it.

        Raises `NotOurs`, which leaves the file as it was, or `sqlite3.Error` where it cannot be opened.
        """
        self.clock = clock
        self._lock = RLock()
        self._base = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
        try:
            self._is_empty()
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            with self._changing():
                if self._is_empty():
                    self._make()
        except (NotOurs, sqlite3.Error) as problem:
            self._base.close()
            if getattr(problem, "sqlite_errorname", "") == "SQLITE_NOTADB":
                raise NotOurs("it is no SQLite file") from None
            raise

    def _is_empty(self) -> bool:
        """Return whether the file is new. Raises `NotOurs` where it is neither new nor ours."""
        mark, form, tables = (
            self._rows(command)[0][0]
            for command in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
        if mark == 0 and tables == 0:
            return True
        if mark != OURS:
            raise NotOurs("it holds the data of another program")
        if form != FORM:
            raise NotOurs(f"it has form {form}, and this version knows {FORM}")
        return False

    def _make(self) -> None:
        for command in _SCHEMA.split(";"):
            self._base.execute(command)
        self._base.execute(f"PRAGMA application_id = {OURS}")
        self._base.execute(f"PRAGMA user_version = {FORM}")

    def close(self) -> None:
        """Close the file. Nothing else may be called then."""
        with self._lock:
            self._base.close()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A transaction: all or nothing."""
        with self._lock:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise

    def _rows(self, command: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._base.execute(command, values).fetchall()

    # --- statements --------------------------------------------------------------------------------------------------

    def add(
        self,
        statements: Sequence[Statement],
        authority: Statement,
        version: str = "1.0.3",
        attachments: Mapping[str, Part] | None = None,
    ) -> tuple[str, ...]:
        """Store a batch with its attachments, all of it or nothing; return the ids in order. What is there already and
        says the same is left.

        Statements are valid, and their ids differ. Raises `Conflict`.
        """
        with self._changing():
            stored = self._next_moment()
            names = tuple(self._add(one, stored, authority, version) for one in statements)
            data = [(part.sha2, part.type, part.data) for part in (attachments or {}).values()]
            self._base.executemany("INSERT OR IGNORE INTO attachment VALUES (?, ?, ?)", data)
        return names

    def _next_moment(self) -> str:
        """Return the time of day, later than that of any statement: a clock that goes back hides none from `since`."""
        now = moment(self.clock())
        last = self._rows("SELECT stored FROM statement ORDER BY number DESC LIMIT 1")
        if not last or now > last[0][0]:
            return now
        return moment(datetime.fromisoformat(last[0][0]) + timedelta(microseconds=1))

    def _add(self, sent: Statement, stored: str, authority: Statement, version: str) -> str:
        name = str(sent.get("id") or uuid4())
        there = self._rows("SELECT body FROM statement WHERE id = ?", (name.lower(),))
        if there:
            if not is_same(json.loads(there[0][0]), sent):
                raise Conflict(name)
            return name
        kept = received(sent, name, stored, authority, version)
        registration = kept.get("context", {}).get("registration")
        cursor = self._base.execute(
            "INSERT INTO statement (id, stored, body, verb, registration, target, voids) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                name.lower(),
                stored,
                json.dumps(kept, separators=(",", ":")),
                kept["verb"]["id"],
                registration and registration.lower(),
                target(kept),
                voids(kept),
            ),
        )
        self._base.executemany(
            "INSERT OR IGNORE INTO mention VALUES (?, ?, ?)",
            [(kind, key, cursor.lastrowid) for kind, key in mentions(kept)],
        )
        for part in (kept, *([kept["object"]] if is_nested(kept) else ())):
            self._gather(part)
        return name

    def _gather(self, part: Statement) -> None:
        """Keep what a statement says of activities, verbs and people."""
        for activity in activities(part):
            known = self._texts("activity", "definition", [activity["id"]]).get(activity["id"], {})
            new = merged(known, activity.get("definition", {}))
            self._base.execute("INSERT OR REPLACE INTO activity VALUES (?, ?)", (activity["id"], json.dumps(new)))
        if display := part["verb"].get("display"):
            known = self._texts("verb", "display", [part["verb"]["id"]]).get(part["verb"]["id"], {})
            new = {**known, **display}
            self._base.execute("INSERT OR REPLACE INTO verb VALUES (?, ?)", (part["verb"]["id"], json.dumps(new)))
        for role in ("actor", "object"):
            named = [(agent_key(one), one["name"]) for one in people(part[role]) if "name" in one]
            self._base.executemany("INSERT OR IGNORE INTO persona VALUES (?, ?)", named)

    def statement(self, name: str, *, is_voided: bool = False) -> dict[str, Any] | None:
        """Return a statement by its id; a voided one only where it is asked for, and then no other."""
        test = _VOIDED if is_voided else f"NOT ({_VOIDED})"
        rows = self._rows(f"SELECT body FROM statement s WHERE id = ? AND {test}", (name.lower(),))
        return json.loads(rows[0][0]) if rows else None

    def attachment(self, sha2: str) -> Part | None:
        """Return the data of an attachment, where it was sent."""
        rows = self._rows("SELECT sha2, type, data FROM attachment WHERE sha2 = ?", (sha2.lower(),))
        return Part(*rows[0]) if rows else None

    def find(self, query: Query) -> Found:
        """Return a page of statements, the newest first unless `is_ascending`; never a voided one.

        A statement about another one is found where that one is (Comm. §2.1.3, "Filter Conditions for StatementRefs").
        """
        tests, values = _tests(query)
        source = "statement s"
        if tests:
            source = (
                "(WITH RECURSIVE hit (number, id) AS ("
                f"SELECT number, id FROM statement s WHERE {' AND '.join(tests)}"
                " UNION SELECT a.number, a.id FROM statement a JOIN hit ON a.target = hit.id)"
                " SELECT * FROM statement WHERE number IN (SELECT number FROM hit)) s"
            )
        bounds = [f"NOT ({_VOIDED})"]
        for test, value in (
            ("stored > ?", query.since),
            ("stored <= ?", query.until),
            ("number > ?" if query.is_ascending else "number < ?", query.after),
        ):
            if value:
                bounds.append(test)
                values.append(value)
        rows = self._rows(
            f"SELECT number, body FROM {source} WHERE {' AND '.join(bounds)}"
            f" ORDER BY number {'ASC' if query.is_ascending else 'DESC'} LIMIT ?",
            (*values, query.limit + 1),
        )
        page = rows[: query.limit]
        return Found(tuple(json.loads(body) for _, body in page), page[-1][0] if len(rows) > len(page) else 0)

    def count(self) -> int:
        """Return how many statements there are, voided ones too."""
        return int(self._rows("SELECT count(*) FROM statement")[0][0])

    def definitions(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return what is known of activities, by id; of one without definition, nothing."""
        return self._texts("activity", "definition", ids)

    def displays(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return how verbs are shown, by id."""
        return self._texts("verb", "display", ids)

    def names(self, agent: str) -> tuple[str, ...]:
        """Return the names under which an agent was seen, by the key of `agent_key`."""
        return tuple(row[0] for row in self._rows("SELECT name FROM persona WHERE key = ? ORDER BY name", (agent,)))

    def _texts(self, table: str, column: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for name in ids:
            rows = self._rows(f"SELECT {column} FROM {table} WHERE id = ?", (name,))
            if rows and (text := json.loads(rows[0][0])):
                found[name] = text
        return found

    # --- documents ---------------------------------------------------------------------------------------------------

    def document(self, key: Key) -> Document | None:
        """Return a document, or None."""
        test, values = _place(key)
        rows = self._rows(f"SELECT body, type, etag, updated FROM document WHERE {test}", values)
        return Document(*rows[0]) if rows else None

    def documents(self, key: Key, since: str = "") -> tuple[tuple[str, str], ...]:
        """Return ids of documents and when each was updated, in order; without registration, those of all."""
        test, values = _place(key, is_any=True)
        rows = self._rows(
            f"SELECT id, max(updated) FROM document WHERE {test} AND updated > ? GROUP BY id ORDER BY id",
            (*values, since),
        )
        return tuple(rows)

    def change(self, key: Key, change: Change) -> Document | None:
        """Put a document in the place of what is there, or delete that; return what is there then."""
        with self._changing():
            old = self.document(key)
            new = change(old)
            if new is None:
                test, values = _place(key)
                self._base.execute(f"DELETE FROM document WHERE {test}", values)
                return None
            body, kind = new
            made = Document(body, kind, sha1(body, usedforsecurity=False).hexdigest(), moment(self.clock()))
            self._base.execute(
                "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*_parts(key).values(), made.type, made.body, made.etag, made.updated),
            )
            return made

    def delete_all(self, key: Key) -> None:
        """Delete all documents of a place; without registration, those of all."""
        test, values = _place(key, is_any=True)
        with self._changing():
            self._base.execute(f"DELETE FROM document WHERE {test}", values)

    def last_documents(self, limit: int) -> tuple[tuple[Key, Document], ...]:
        """Return the documents that were updated last."""
        rows = self._rows(
            "SELECT resource, activity, agent, registration, id, body, type, etag, updated FROM document"
            " ORDER BY updated DESC LIMIT ?",
            (limit,),
        )
        return tuple((Key(*row[:5]), Document(*row[5:])) for row in rows)


def _tests(query: Query) -> tuple[list[str], list[Any]]:
    """Return the conditions that hold for a statement or for the one that it is about."""
    tests: list[str] = []
    values: list[Any] = []
    for kind, key, is_broad in (
        ("agent", query.agent, query.related_agents),
        ("activity", query.activity, query.related_activities),
    ):
        if key:
            tests.append("number IN (SELECT number FROM mention WHERE kind = ? AND key = ?)")
            values += [f"related {kind}" if is_broad else kind, key]
    for column, value in (("verb", query.verb), ("registration", query.registration.lower())):
        if value:
            tests.append(f"{column} = ?")
            values.append(value)
    return tests, values


def _parts(key: Key) -> dict[str, str]:
    """Return what names a document, by column, in the order of the table."""
    return {
        "resource": key.resource,
        "activity": key.activity,
        "agent": key.agent,
        "registration": key.registration.lower(),
        "id": key.id,
    }


def _place(key: Key, *, is_any: bool = False) -> tuple[str, list[str]]:
    """Return the condition for one document; `is_any`: for all, of any registration where none is given."""
    parts = _parts(key)
    if is_any:
        del parts["id"]
        if not key.registration:
            del parts["registration"]
    return " AND ".join(f"{name} = ?" for name in parts), list(parts.values())

"""The page of the LRS for people: the last statements in words, and the documents; in the form of the sheet."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from builder.diagnostics import Span
from builder.lrs.statements import Statement, chosen, moment
from builder.lrs.store import Query, Store
from builder.lrs.validate import instant
from builder.render import page_beside
from builder.sheet import SheetCell, SheetFact, SheetPage, SheetSection, SheetTable
from builder.strings import strings
from builder.theme import find_theme, our_themes

SHOWN = 100
"""Statements on the page, and documents, at most."""
LONGEST = 120
"""Characters of one text, at most."""

Words = Mapping[str, str]


def page(store: Store, language: str) -> tuple[str, str]:
    """Return the page as HTML, and the hash of its style as Content-Security-Policy wants it (CSP 3 §2.3.1)."""
    theme, _ = find_theme("sobre", our_themes().parent, Span(""))
    assert theme is not None
    shown = SimpleNamespace(**strings(language, "page"))
    text = page_beside(theme, "sheet.html.j2", page=contents(store, language), strings=shown, direction="ltr")
    return text, f"sha256-{base64.b64encode(sha256(theme.sheet.encode()).digest()).decode()}"


def contents(store: Store, language: str) -> SheetPage:
    """Return what the page says."""
    words = strings(language, "cli")
    told = [_statement(one, words, language) for one in store.find(Query(limit=SHOWN)).statements]
    kept = [
        _row(
            document.updated[:19].replace("T", " "),
            words[f"lrs_{key.resource}"],
            key.id,
            _called(key.agent),
            key.activity,
            words["lrs_octets"].format(count=len(document.body)),
        )
        for key, document in store.last_documents(SHOWN)
    ]
    return SheetPage(
        language,
        words["lrs_title"],
        words["lrs_lead"],
        words["lrs_contents"],
        (SheetFact(words["lrs_statements"], SheetCell((str(store.count()),))),),
        (
            _section("statements", ("when", "who", "did", "what", "result"), told, words),
            _section("documents", ("when", "kind", "id", "who", "what", "size"), kept, words),
        ),
    )


def _section(name: str, columns: tuple[str, ...], rows: list[tuple[SheetCell, ...]], words: Words) -> SheetSection:
    table = SheetTable(words[f"lrs_{name}_table"], tuple(words[f"lrs_{one}"] for one in columns), tuple(rows))
    none = (words[f"lrs_no_{name}"],)
    return SheetSection(name, words[f"lrs_{name}"], () if rows else none, (), (table,) if rows else ())


def _row(*texts: str) -> tuple[SheetCell, ...]:
    return tuple(SheetCell((text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…",)) for text in texts)


def _statement(statement: Statement, words: Words, language: str) -> tuple[SheetCell, ...]:
    verb = statement["verb"]
    return _row(
        moment(_when(statement))[:19].replace("T", " "),
        _name(statement["actor"], words),
        _text(verb.get("display"), language) or _tail(verb["id"]),
        _object(statement["object"], words, language),
        " · ".join(_result(statement.get("result", {}), words)),
    )


def _when(statement: Statement) -> datetime:
    when = instant(statement["timestamp"])
    assert when is not None
    return when


def _object(what: Mapping[str, Any], words: Words, language: str) -> str:
    kind = what.get("objectType", "Activity")
    if kind == "Activity":
        return _text(what.get("definition", {}).get("name"), language) or str(what["id"])
    if kind == "StatementRef":
        return words["lrs_statement"].format(id=what["id"])
    if kind == "SubStatement":
        return _object(what["object"], words, language)
    return _name(what, words)


def _name(actor: Mapping[str, Any], words: Words) -> str:
    """Return how a person or group is called: by name, else by what identifies it."""
    account = actor.get("account", {}).get("name", "")
    mail = actor.get("mbox", "").removeprefix("mailto:")
    known = (actor.get("name"), mail, account, actor.get("openid"), actor.get("mbox_sha1sum"))
    return next((str(one) for one in known if one), words["lrs_nobody"])


def _called(key: str) -> str:
    """Return how an agent is called of whom only the key is known."""
    kind, _, rest = key.partition(":")
    return str(json.loads(rest)[1]) if kind == "account" else rest


def _result(result: Mapping[str, Any], words: Words) -> Iterator[str]:
    if "success" in result:
        yield words["lrs_passed" if result["success"] else "lrs_failed"]
    if (scaled := result.get("score", {}).get("scaled")) is not None:
        percent = f"{scaled * 100:.1f}".removesuffix(".0").replace(".", words["decimal_mark"])
        yield words["lrs_percent"].format(count=percent)
    if result.get("response"):
        yield words["lrs_response"].format(text=result["response"])


def _text(texts: Mapping[str, str] | None, language: str) -> str:
    return next(iter(chosen(texts, [language, "en"]).values()), "") if texts else ""


def _tail(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]

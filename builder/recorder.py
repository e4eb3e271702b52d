"""The recorder of a SCORM package that tells an LRS too (`--lrs`): its address, its key, whom it names.

A package holds them in `lrs.json`, which is empty unless an overlay fills it: whoever can open a package can read it.
The learner's browser reads the same four from the launch's address and from the LMS first (`recorders/lrs.js`).
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from builder.diagnostics import Diagnostic, Span, error, note, warning
from builder.settings import IRI, Table

PIECE = "lrs"
FILE = "lrs.json"
"""The member at the root of the package, beside the document that the LMS launches."""

LOOPBACK = ("localhost", "127.0.0.1")
"""Where an LRS may answer without TLS; the pages' policy names the same."""

SALT_LENGTH = 16
"""Fewer characters are found by trying: what they protect, ids of learners, is short and often known."""

_AUTH = re.compile(r"[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]* +[!-~][ -~]*")
"""RFC 9110 §11.4: a scheme and its credentials."""


@dataclass(frozen=True, slots=True)
class Lrs:
    """Where statements go and whom they name, as an overlay says it; any of the four may be empty. `spans`: theirs."""

    span: Span
    endpoint: str = ""
    auth: str = ""
    home_page: str = ""
    salt: str = ""
    spans: tuple[tuple[str, Span], ...] = ()

    def place(self, key: str) -> Span:
        """Return the place of a value, or of the table where it has none."""
        return dict(self.spans).get(key, self.span)


def read_lrs(overlay: Table) -> Lrs | None:
    """Return the table `lrs` of an overlay, None without one.

    Reported: an endpoint that is no address of an LRS (T233), a key that is no value of `Authorization` (T234), a home
    page that is no absolute address (T235), a salt that is soon found (T239).
    """
    table = overlay.table("lrs")
    if table is None:
        return None
    keys = ("endpoint", "auth", "home_page", "salt")
    values = {key: table.text(key) for key in keys}
    lrs = Lrs(overlay.key_place("lrs"), **values, spans=tuple((key, table.place(key)) for key in keys if values[key]))
    if lrs.endpoint and not is_endpoint(lrs.endpoint):
        table.found.append(error("T233", lrs.place("endpoint"), endpoint=lrs.endpoint[:100]))
    if lrs.auth and not is_auth(lrs.auth):
        table.found.append(error("T234", lrs.place("auth")))
    if lrs.home_page and not IRI.fullmatch(lrs.home_page):
        table.found.append(error("T235", lrs.place("home_page"), value=lrs.home_page[:100]))
    if lrs.salt and len(lrs.salt) < SALT_LENGTH:
        table.found.append(warning("T239", lrs.place("salt"), count=len(lrs.salt), least=SALT_LENGTH))
    table.finish()
    return lrs


def is_endpoint(text: str) -> bool:
    """Return whether a text is the address of an LRS: over TLS or on this machine, and nothing after its path."""
    if not IRI.fullmatch(text) or any(mark in text for mark in "?#"):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or parts.hostname in LOOPBACK
    return is_safe and bool(parts.hostname) and "@" not in parts.netloc and port != 0


def is_auth(text: str) -> bool:
    """Return whether a text is a value of the header `Authorization`; after `Basic`, a coded name and password."""
    if not _AUTH.fullmatch(text):
        return False
    scheme, _, credentials = text.partition(" ")
    if scheme.lower() != "basic":
        return True
    try:
        return b":" in b64decode(credentials.strip(), validate=True)
    except ValueError:
        return False


def consequences(lrs: Lrs | None, has_lrs: bool, is_pseudonymous: bool) -> Iterator[Diagnostic]:
    """Report what enters a package for all to read, the key (T236) and the salt (T237), and a table that is not used
    (T238)."""
    if lrs is None:
        return
    if not has_lrs:
        yield note("T238", lrs.span)
    elif is_auth(lrs.auth):
        yield warning("T236", lrs.place("auth"))
    if has_lrs and is_pseudonymous and lrs.salt:
        yield warning("T237", lrs.place("salt"))


def packaged(lrs: Lrs | None, is_pseudonymous: bool) -> Lrs:
    """Return what enters a package: what an overlay gives, without a salt that nothing would use."""
    given = lrs or Lrs(Span(""))
    return given if is_pseudonymous else replace(given, salt="")


def configuration(lrs: Lrs) -> bytes:
    """Return `lrs.json`: the four values, empty where an overlay gives none."""
    values = {"endpoint": lrs.endpoint, "auth": lrs.auth, "homePage": lrs.home_page, "salt": lrs.salt}
    return json.dumps(values, ensure_ascii=False, indent=1).encode() + b"\n"

"""Statements and the data of their attachments in one body: `multipart/mixed` (xAPI Communication 1.0.3 §1.5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import new as hashed

ALGORITHMS = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""The SHA-2 of so many hexadecimal digits."""
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))""", re.IGNORECASE)


class BadParts(Exception):
    """The body does not have the form of statements with attachments; the text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """The data of an attachment: `sha2` in lower case, its media type, its octets."""

    sha2: str
    type: str
    data: bytes


def split(content_type: str, body: bytes) -> tuple[bytes, Mapping[str, Part]]:
    """Return the statements' JSON and the data of attachments by SHA-2. Raises `BadParts`."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise BadParts("the header Content-Type names no boundary")
    mark = b"\r\n--" + (match[1] or match[2]).encode("latin-1", "replace")
    _, *pieces = (b"\r\n" + body).split(mark)
    if len(pieces) < 2 or pieces[-1][:2] != b"--":
        raise BadParts("the boundary does not stand before and after each part")
    (kind, statements), *attachments = (_part(one) for one in pieces[:-1])
    if kind.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadParts("the first part is not application/json")
    parts = [_attachment(headers, data) for headers, data in attachments]
    return statements, {part.sha2: part for part in parts}


def _part(raw: bytes) -> tuple[dict[str, str], bytes]:
    """Return the headers, their names in lower case, and the data of a part."""
    head, mark, data = raw.partition(b"\r\n\r\n")
    if not mark:
        raise BadParts("a part has no empty line after its headers")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n") if line.strip())
    return {name.strip().lower(): value.strip() for name, _, value in lines}, data


def _attachment(headers: Mapping[str, str], data: bytes) -> Part:
    name = headers.get("x-experience-api-hash", "").lower()
    if not name:
        raise BadParts("an attachment has no X-Experience-API-Hash")
    if headers.get("content-transfer-encoding", "").lower() != "binary":
        raise BadParts("an attachment has no Content-Transfer-Encoding: binary")
    if len(name) not in ALGORITHMS or hashed(ALGORITHMS[len(name)], data).hexdigest() != name:
        raise BadParts(f"the data of an attachment do not have the SHA-2 {name[:128]}")
    return Part(name, headers.get("content-type", "application/octet-stream"), data)


def joined(statements: bytes, parts: Iterable[Part]) -> tuple[str, bytes]:
    """Return media type and body of statements with the data of attachments. The boundary occurs in none of them."""
    parts = tuple(parts)
    number = 0
    while any(_mark(number) in data for data in (statements, *(part.data for part in parts))):
        number += 1
    heads = [b"Content-Type: application/json"]
    heads += [
        b"Content-Type: %b\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: %b"
        % (part.type.encode("latin-1", "replace"), part.sha2.encode())
        for part in parts
    ]
    pieces = zip(heads, (statements, *(part.data for part in parts)), strict=True)
    body = b"".join(b"--%b\r\n%b\r\n\r\n%b\r\n" % (_mark(number), head, data) for head, data in pieces)
    return f"multipart/mixed; boundary={_mark(number).decode()}", body + b"--%b--\r\n" % _mark(number)


def _mark(number: int) -> bytes:
    return b"carabin-%d" % number

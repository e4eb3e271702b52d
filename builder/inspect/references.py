"""What manifests point at: files of the package by URL, activities and the like by IRI."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_UNSAFE = re.compile(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


class Kind(Enum):
    """What a URL of a manifest is for the package."""

    FILE = "a file of the package"
    CASE = "a file of the package, were it not for capitals"
    MISSING = "no file of the package"
    OUTSIDE = "a path that leaves the package"
    REMOTE = "an absolute URL"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads. `name`: the member as it is named there, or as it would have to be; the URL when REMOTE."""

    kind: Kind
    name: str


class Files:
    """The files of a package, to be found by relative URL."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._folded = {name.casefold(): name for name in sorted(self._names, reverse=True)}

    def find(self, url: str, base: str = "") -> Place:
        """Return where a URL leads; `base` is the `xml:base` it stands in, or the folder of the manifest with its
        final slash. Query and fragment are left out, percent escapes undone; backslashes read as slashes.

        Source: RFC 3986 §5.2.4 (dot segments); standards a.4 (exact case, UTF-8 in escapes).
        """
        whole = url.strip() if is_absolute(url) else base.strip() + url.strip()
        if is_absolute(whole):
            return Place(Kind.REMOTE, whole)
        path = re.split(r"[?#]", whole, maxsplit=1)[0]
        places = [self._place(path), self._place(unquote(path))]
        return next((place for place in places if place.kind is Kind.FILE), places[-1])

    def _place(self, path: str) -> Place:
        parts: list[str] = []
        for part in path.replace("\\", "/").split("/"):
            if part == ".." and not parts:
                return Place(Kind.OUTSIDE, path)
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        name = "/".join(parts)
        if name in self._names:
            return Place(Kind.FILE, name)
        other = self._folded.get(name.casefold())
        return Place(Kind.CASE, other) if other else Place(Kind.MISSING, name)


class Fault(Enum):
    """What is wrong with the address of something that an LMS opens."""

    MALFORMED = "it holds what may not stand in a URL"
    RESERVED = "a parameter has the name of one that the launch adds"
    RELATIVE = "it is relative, and there is no package"
    CASE = "a file of the package, were it not for capitals"
    MISSING = "no file of the package"


def faults(url: str, reserved: Container[str], files: Files | None) -> Iterator[tuple[Fault, str]]:
    """Yield what is wrong with an address that is not empty, each with what it is about: the parameter, or the file as
    the package has it. `reserved` are names of launch parameters; `files` is None where a description comes alone."""
    if not is_url(url):
        yield Fault.MALFORMED, ""
    yield from ((Fault.RESERVED, name) for name in dict.fromkeys(parameters(url)) if name in reserved)
    if is_absolute(url):
        return
    if files is None:
        yield Fault.RELATIVE, ""
        return
    place = files.find(url)
    if place.kind is Kind.CASE:
        yield Fault.CASE, place.name
    elif place.kind is not Kind.FILE:
        yield Fault.MISSING, ""


def is_absolute(url: str) -> bool:
    """Tell whether a URL names its scheme or its host. A single letter and a colon is a drive, not a scheme."""
    return bool(_SCHEME.match(url.strip())) or url.strip().startswith("//")


def is_iri(text: str) -> bool:
    """Tell whether a text is a whole IRI, scheme and all: cmi5 §3.0, xAPI 1.0.3 Data §2.4.4.1 want no less.

    Source: RFC 3987 §2.2, as far as it tells a slip from an identifier: a scheme, then something, no space.
    """
    return bool(_IRI.fullmatch(text))


def is_url(text: str) -> bool:
    """Tell whether a relative or absolute URL holds only what may stand in one: RFC 1738 §2.2, non-ASCII let pass."""
    return bool(text) and not _UNSAFE.search(text)


def is_language(text: str) -> bool:
    """Tell whether a text looks like a language tag: RFC 5646, as `xs:language` reads it."""
    return bool(_LANGUAGE.fullmatch(text))


def parameters(url: str) -> list[str]:
    """Return the names of a URL's query parameters, decoded, in order."""
    query = url.partition("#")[0].partition("?")[2]
    return [name for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=None)]


def shown(text: str | None, limit: int = 120) -> str:
    """Return a value of a manifest as findings show it: on one line, not endless, a dash where there is nothing."""
    line = " ".join((text or "")[: 8 * limit].split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or "-"

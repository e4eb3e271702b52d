"""The one attribute grammar: `{#id .class key=value key="a value" flag}` (language, "Attributes").

A bare value is anything without space, quote or brace. No-break spaces separate like spaces. Nothing passes through to
HTML: callers name the keys that they accept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.diagnostics import Diagnostic, Diagnostics, Span, error, warning

TRAILING = re.compile(r"\{(?:[^{}\"']|\"[^\"]*\"|'[^']*')*\}[ \t\u00a0\u202f]*$")
"""An attribute list at the end of a line; `{{ variable }}` is none."""

VARIABLE = re.compile(r"\{\{[ \t\u00a0\u202f]*([a-z0-9_]+)[ \t\u00a0\u202f]*\}\}")
"""`{{ name }}`: works in running text only (language, "Variables")."""

_ID = re.compile(r"[a-z][a-z0-9-]*")
_TOKEN = re.compile(
    r"(?P<space>[ \t\n\u00a0\u202f]+)"
    r"|\#(?P<id>[^\s\u00a0\u202f\"'{}=]+)"
    r"|\.(?P<class>[\w-]+)"
    r"|(?P<curly>[a-z][a-z-]*=[“”„«][^“”„«»\"'{}]*[“”»])(?=[ \t\n\u00a0\u202f]|$)"
    r"|(?P<key>[a-z][a-z-]*)(?:=(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\u00a0\u202f\"'{}]+)))?"
    r"(?=[ \t\n\u00a0\u202f]|$)"
)

_QUOTED = ("double", "single", "bare")
"""How a value may be written."""


@dataclass(frozen=True, slots=True)
class Value:
    """One attribute as written; a key alone is a flag and reads `true`."""

    text: str
    span: Span
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Attributes:
    """What stood between the braces. `id` is empty when none was given."""

    span: Span
    id: str = ""
    id_span: Span | None = None
    classes: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)

    def text(self, key: str, default: str = "") -> str:
        """Return the value as written, no-break spaces as spaces."""
        value = self.values.get(key)
        return default if value is None else value.text

    def flag(self, key: str) -> bool:
        """Return whether the key stands alone, or reads `true`."""
        value = self.values.get(key)
        return value is not None and value.text != "false"

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list value: its words, separated by spaces."""
        return tuple(self.text(key).split())


def parse_attributes(text: str, span: Span) -> tuple[Attributes, Diagnostics]:
    """Read the inside of the braces.

    `span` is the place of the opening brace. Reports stray words (S141), once where several follow each other, values
    in curly quotes, which are read (S141), duplicates (S142), bad ids (S143) and variables (S153).
    """
    found: list[Diagnostic] = []
    identity, identity_span = "", None
    classes: list[str] = []
    values: dict[str, Value] = {}
    position = 0
    while position < len(text):
        here = Span(span.file, span.line, span.column + 1 + position)
        match = _TOKEN.match(text, position)
        if match is None:
            end = _stray_end(text, position)
            found.append(error("S141", _wide(here, end - position), text=text[position:end]))
            position = end
            continue
        here = _wide(here, match.end() - position)
        position = match.end()
        if match["space"]:
            continue
        if match["id"]:
            if identity:
                found.append(error("S142", here, key="#" + match["id"]))
            elif not is_id(match["id"]):
                found.append(error("S143", here, id=match["id"]))
            else:
                identity, identity_span = match["id"], here
            continue
        if match["class"]:
            classes.append(match["class"])
            continue
        key, given = match["key"], next((match[kind] for kind in _QUOTED if match[kind] is not None), None)
        if match["curly"]:
            found.append(error("S141", here, text=match["curly"]))
            key, _, given = match["curly"].partition("=")
            given = given[1:-1].strip()
        if key in values:
            found.append(error("S142", here, key=key))
        else:
            value = "true" if given is None else given.replace("\u00a0", " ").replace("\u202f", " ")
            values[key] = Value(value, here, given is None)
            if variable := VARIABLE.search(value):
                found.append(error("S153", here, name=variable[1]))
    return Attributes(span, identity, identity_span, tuple(classes), values), tuple(found)


def _stray_end(text: str, start: int) -> int:
    """Return where the words end that begin at `start` and are no attributes."""
    while True:
        end = next((n for n in range(start + 1, len(text)) if text[n].isspace()), len(text))
        start = next((n for n in range(end, len(text)) if not text[n].isspace()), len(text))
        if start == len(text) or _TOKEN.match(text, start):
            return end


def is_id(text: str) -> bool:
    """Return whether a text can be the id of a lesson, a question or a heading."""
    return len(text) <= 64 and _ID.fullmatch(text) is not None


def number(text: str) -> float | None:
    """Read a number with `.` or `,` as its decimal mark; None when it is none."""
    return float(text.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", text) else None


def unknown_keys(attributes: Attributes, known: frozenset[str], where: str, *, takes_id: bool = True) -> Diagnostics:
    """Report keys and ids that nothing reads (S144), with the nearest known key, and classes (S145)."""
    found: list[Diagnostic] = []
    if takes_id:
        known |= {"#id"}
    elif attributes.id:
        place, key = attributes.id_span or attributes.span, "#" + attributes.id
        found.append(error("S144", place, key=key, where=where, suggestion="`, `".join(sorted(known)) or "-"))
    for key, value in attributes.values.items():
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, sorted(known), 1, 0.6)
            if not near and takes_id and value.is_flag and "-" in key and not attributes.id:
                near = [f"#{key}"]  # an id that lacks its sign
            suggestion = near[0] if near else "`, `".join(sorted(known)) or "-"
            found.append(error("S144", value.span, key=key, where=where, suggestion=suggestion))
    if attributes.classes:
        found.append(warning("S145", attributes.span, name="." + attributes.classes[0]))
    return tuple(found)


def _wide(span: Span, width: int) -> Span:
    return Span(span.file, span.line, span.column, span.line, span.column + max(1, width))

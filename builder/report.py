"""Diagnostics for readers: text with a caret, JSON schema 1, SARIF 2.1.0, GitHub annotations.

Everything here is a function from values to text; `cli/` prints it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import click

from builder import __version__
from builder.diagnostics import Diagnostic, Severity, Span, in_order
from builder.strings import counted, diagnostic_texts, strings

WIDTH = 100
"""Columns of a source line that are shown; a longer line is cut around the caret."""
TAB = 4
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


SECRETS = frozenset("T234 T236 T237 T238 T239".split())
"""Findings about an LRS's key, or a salt, or the table where they stand."""


@dataclass(frozen=True, slots=True)
class Located:
    """A diagnostic and the source line that it points at, empty when there is none to show."""

    diagnostic: Diagnostic
    source: str = ""


def locate(diagnostics: Iterable[Diagnostic], excerpt: Callable[[str], Sequence[str] | None]) -> tuple[Located, ...]:
    """Put each diagnostic, in order of place, beside its source line; `excerpt` gives the lines of a span's file.

    A line that holds a key or a salt is not shown: reports lie in logs that many can read.
    """
    files: dict[str, Sequence[str]] = {}
    found = []
    for diagnostic in in_order(diagnostics):
        file, number = diagnostic.span.file, diagnostic.span.line
        if file not in files:
            files[file] = excerpt(file) or ()
        is_shown = number <= len(files[file]) and diagnostic.code not in SECRETS
        found.append(Located(diagnostic, files[file][number - 1] if is_shown else ""))
    return tuple(found)


def message_of(diagnostic: Diagnostic, language: str) -> str:
    """Return what is wrong here, in words, on one line."""
    return _filled(diagnostic_texts(language)[diagnostic.code].message, diagnostic.arguments, language)


def hint_of(diagnostic: Diagnostic, language: str) -> str:
    """Return the one thing to do, on one line."""
    return _filled(diagnostic_texts(language)[diagnostic.code].hint, diagnostic.arguments, language)


def as_text(found: Iterable[Located], language: str, colour: bool) -> str:
    """Return one block a diagnostic, in the shape of style §5, each followed by an empty line."""
    return "".join(_block(one, language, colour) + "\n" for one in found)


def summary(diagnostics: Iterable[Diagnostic], language: str) -> str:
    """Return how many there are of each severity, in words; those of which there is none are left out."""
    words = strings(language, "cli")
    severities = [diagnostic.severity for diagnostic in diagnostics]
    counts = [(severity, severities.count(severity)) for severity in Severity]
    said = [counted(words, severity.value, count, language) for severity, count in counts if count]
    return ", ".join(said) or words["nothing"]


def json_entries(found: Iterable[Located], language: str) -> list[dict[str, object]]:
    """Return `diagnostics` of schema 1 (product, "Machine-readable output")."""
    entries: list[dict[str, object]] = []
    for one in found:
        diagnostic = one.diagnostic
        end_line, end_column = diagnostic.span.end()
        entries.append(
            {
                "file": diagnostic.span.file,
                "line": diagnostic.span.line,
                "column": diagnostic.span.column,
                "end_line": end_line,
                "end_column": end_column,
                "code": diagnostic.code,
                "severity": diagnostic.severity.value,
                "message": message_of(diagnostic, language),
                "arguments": dict(sorted(diagnostic.arguments.items())),
                "hint": hint_of(diagnostic, language),
            }
        )
    return entries


def as_json(found: Iterable[Located], language: str, lessons: Sequence[object] = ()) -> str:
    """Return `check --format json`, schema 1; `lessons` are what each takes, where that is counted."""
    counted_lessons = {"lessons": lessons} if lessons else {}
    return dump({"schema": 1, "diagnostics": json_entries(found, language), **counted_lessons})


def dump(value: object) -> str:
    """Return JSON in ASCII, which every terminal and pipe carries unharmed."""
    return json.dumps(value, indent=2) + "\n"


def as_sarif(found: Sequence[Located], language: str) -> str:
    """Return a SARIF log with one run; addresses are relative to the current folder, columns count characters.

    Source: SARIF 2.1.0 §3.14 (run), §3.19 (toolComponent), §3.27 (result), §3.30 (region).
    """
    texts = diagnostic_texts(language)
    codes = sorted({one.diagnostic.code for one in found})
    rules = [
        {
            "id": code,
            "name": texts[code].name,
            "shortDescription": {"text": plain(texts[code].message)},
            "fullDescription": {"text": texts[code].explain.format()},
            "help": {"text": plain(texts[code].hint)},
        }
        for code in codes
    ]
    results = [
        {
            "ruleId": one.diagnostic.code,
            "ruleIndex": codes.index(one.diagnostic.code),
            "level": one.diagnostic.severity.value,
            "message": {"text": f"{message_of(one.diagnostic, language)}\n{hint_of(one.diagnostic, language)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(one.diagnostic.span.file, errors="surrogateescape")},
                        "region": _region(one.diagnostic.span),
                    }
                }
            ],
        }
        for one in found
    ]
    driver = {"name": "carabin", "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dump({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def as_github(found: Iterable[Located], language: str) -> str:
    """Return workflow commands, one a line, which GitHub shows beside the lines of a pull request."""
    lines = []
    for one in found:
        diagnostic = one.diagnostic
        end_line, end_column = diagnostic.span.end()
        place = {"file": plain(diagnostic.span.file), "line": diagnostic.span.line, "endLine": end_line}
        if end_line == diagnostic.span.line:
            place |= {"col": diagnostic.span.column, "endColumn": end_column}
        place["title"] = diagnostic.code
        level = "notice" if diagnostic.severity is Severity.NOTE else diagnostic.severity.value
        values = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in place.items())
        words = f"{message_of(diagnostic, language)}\n{hint_of(diagnostic, language)}"
        lines.append(f"::{level} {values}::{_escaped(words)}\n")
    return "".join(lines)


def plain(text: str) -> str:
    """Return the text on one line without control characters: what an author typed must not steer a terminal."""
    spaced = text.replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
    return "".join(character if _is_shown(character) else "�" for character in spaced)


def _filled(template: str, arguments: Mapping[str, str | int], language: str) -> str:
    """Fill a text in; a list of names that is empty, `-`, is told in words."""
    empty = {key: strings(language, "cli")["none_known"] for key in LISTS if arguments.get(key) == "-"}
    return plain(template.format_map({**arguments, **empty}))


def _is_shown(character: str) -> bool:
    """Return whether a character is harmless on a terminal: no control, no surrogate, no change of direction."""
    return unicodedata.category(character) not in ("Cc", "Cs") and unicodedata.bidirectional(character) not in BIDI


LISTS = ("known", "allowed", "suggestion")
"""Arguments that hold the names to choose among."""

BIDI = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _block(one: Located, language: str, colour: bool) -> str:
    words, diagnostic = strings(language, "cli"), one.diagnostic
    span, severity = diagnostic.span, diagnostic.severity

    def paint(text: str, **how: str | bool) -> str:
        return click.style(text, **how) if colour else text  # type: ignore[arg-type]

    label = paint(f"{severity.value}[{diagnostic.code}]", fg=COLOURS[severity], bold=True)
    message = paint(message_of(diagnostic, language), bold=True)
    margin = " " * (len(str(span.line)) + 1)
    bar = paint("|", fg="blue")
    rows = [f"{plain(span.file)}:{span.line}:{span.column}: {label}: {message}"]
    if one.source.strip():
        source, start, width = _window(one.source, span)
        caret = paint("^" * width, fg=COLOURS[severity], bold=True)
        rows += [f"{margin}{bar}", f"{paint(str(span.line), fg='blue')} {bar} {source}".rstrip()]
        rows += [f"{margin}{bar} {' ' * start}{caret}"]
    rows += [
        f"{margin}= {words['hint']} {hint_of(diagnostic, language)}",
        f"{margin}= {words['more']} carabin explain {diagnostic.code}",
    ]
    return "\n".join(rows) + "\n"


def _window(source: str, span: Span) -> tuple[str, int, int]:
    """Return the part of a line to show, and where the caret starts and how many columns it spans, in it."""
    end_line, end_column = span.end()
    first = min(span.column - 1, len(source))
    last = end_column - 1 if end_line == span.line else len(source.rstrip())
    last = max(first + 1, min(last, len(source)))
    cells = _cells(source)
    before = sum(_width(cell) for cell in cells)
    if before > WIDTH:
        low, high = _cut(cells, first)
        cells = (["…"] if low else []) + cells[low:high] + (["…"] if high < len(cells) else [])
        shift = low - bool(low)
        first, last = first - shift, min(last, high) - shift
    start = sum(_width(cell) for cell in cells[:first])
    return "".join(cells), start, max(1, sum(_width(cell) for cell in cells[first:last]))


def _cut(cells: Sequence[str], first: int) -> tuple[int, int]:
    """Return the range of cells to show: at most a third of the room before the caret, unless the line ends sooner."""
    low = high = first
    room = WIDTH - 2
    while low and room - _width(cells[low - 1]) >= WIDTH * 2 // 3:
        low -= 1
        room -= _width(cells[low])
    while high < len(cells) and room >= _width(cells[high]):
        room -= _width(cells[high])
        high += 1
    while low and room >= _width(cells[low - 1]):
        low -= 1
        room -= _width(cells[low])
    return low, high


def _cells(source: str) -> list[str]:
    """Return what stands on the screen for each character: tabs as spaces, control characters as a sign."""
    cells, column = [], 0
    for character in source:
        cell = " " * (TAB - column % TAB) if character == "\t" else character if _is_shown(character) else "�"
        cells.append(cell)
        column += _width(cell)
    return cells


def _width(cell: str) -> int:
    """Return the columns that a terminal gives to a cell.

    Source: UAX #11 (East Asian Width); combining marks and joiners take none.
    """
    if len(cell) != 1:
        return len(cell)
    if unicodedata.category(cell) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(cell) in "WF" else 1


def _region(span: Span) -> dict[str, int]:
    end_line, end_column = span.end()
    return {"startLine": span.line, "startColumn": span.column, "endLine": end_line, "endColumn": end_column}


def _escaped(text: str, also: str = "") -> str:
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text

"""`check --fix`: edits for findings that have one remedy, each a value to show before it is applied.

Only what the diagnostics name is touched; line ends and a byte order mark stay as they are. A finding that has been
mended is not found again, so that a second run changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import count

from builder.diagnostics import Diagnostic
from builder.markdown import OPEN

Lines = Sequence[str]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LIST_MARK = re.compile(r"[-*+]|\d{1,9}[.)]")
_KEY = re.compile(r"[a-z_]+:|---")
"""A line of front matter that begins something new."""
_ID = re.compile(r"#[a-z][a-z0-9-]*")
_CURLY = re.compile(r"([a-z][a-z-]*=)[“”„«][ \t\u00a0\u202f]*([^“”„«»]*?)[ \t\u00a0\u202f]*[“”»]")
"""An attribute whose value stands in the quotes of a word processor."""
_TICKS = re.compile(r"`+")
_WAS = re.compile(r"[\s{]was=")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """At a place of a file (1-based, columns in characters), `old` gives way to `new`; a line end is written `\\n`."""

    file: str
    line: int
    column: int
    old: str
    new: str


def edits(
    diagnostics: Iterable[Diagnostic], excerpt: Callable[[str], Lines | None], ids: Iterable[str]
) -> tuple[Edit, ...]:
    """Return the edits that mend what can be mended, in order of place.

    `excerpt` gives the lines of a span's file; `ids` are those that the course uses already.
    """
    taken, found = set(ids), set[Edit]()
    # A file that is included twice is found wrong twice, and mended once.
    places = {(diagnostic.span, diagnostic.code): diagnostic for diagnostic in diagnostics}
    for (span, code), diagnostic in sorted(places.items(), key=lambda item: item[0]):
        mend = MENDERS.get(code)
        lines = excerpt(span.file) if mend else None
        made = mend(diagnostic, lines, taken) if mend and lines else None
        found.update((made,) if isinstance(made, Edit) else made or ())
    return tuple(sorted(found))


def apply(content: bytes, changes: Iterable[Edit]) -> bytes:
    """Return a file's content after the edits, which all belong to it."""
    text = content.decode()
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = _LINE.findall(text.removeprefix(mark))
    for edit in sorted(changes, reverse=True):
        line, start = lines[edit.line - 1], edit.column - 1
        assert line.startswith(edit.old, start), edit
        end = _end(line) or _end(lines[0]) or "\n"
        lines[edit.line - 1] = line[:start] + edit.new.replace("\n", end) + line[start + len(edit.old) :]
    return (mark + "".join(lines)).encode()


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def diff(file: str, before: bytes, after: bytes) -> str:
    """Return a unified diff of a file; line ends and byte order marks, which never change, are not shown."""
    old, new = (
        [line.rstrip("\r\n") for line in _LINE.findall(content.decode("utf-8-sig"))] for content in (before, after)
    )
    return "".join(f"{line}\n" for line in unified_diff(old, new, file, file, lineterm=""))


def lesson_id(file: str, lines: Lines, identity: str) -> Edit | None:
    """Return the edit that writes a lesson's id into its front matter, below the title; None without front matter."""
    return _setting(file, lines, "title", f"id: {identity}\n")


def _question_id(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit | None:
    """Write the suggested id, `{#q-…}`, on the opening line of a question or message; a number makes it unique."""
    span = diagnostic.span
    at, opening = _opening(lines, span.line)
    if opening is None:
        return None
    identity = next(name for name in _numbered(str(diagnostic.arguments["suggestion"])) if name not in taken)
    taken.add(identity)
    if opening[2]:
        space = "" if opening[2][1] in " \t\u00a0\u202f}" else " "
        return Edit(span.file, span.line, at + opening.start(2) + 1, "{", f"{{#{identity}{space}")
    return Edit(span.file, span.line, at + opening.end(1) + 1, "", f" {{#{identity}}}")


def _renamed(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit | None:
    """Write `was` for an id that has changed: on a question's opening line, or in a lesson's front matter."""
    span, old = diagnostic.span, str(diagnostic.arguments["old"])
    at, opening = _opening(lines, span.line)
    if opening is None:
        return _setting(span.file, lines, "id", f"was: [{old}]\n") if not _has_was(lines) else None
    identity = _ID.search(opening[2] or "")
    if identity is None or _WAS.search(opening[2]):
        return None
    return Edit(span.file, span.line, at + opening.start(2) + identity.end() + 1, "", f" was={old}")


def _blank_after(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit:
    """Add a blank line after an opening fence, within the quote or list that it stands in."""
    span = diagnostic.span
    return Edit(span.file, span.line + 1, 1, "", _blank(lines[span.line - 1]) + "\n")


def _blank_before(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit:
    """Add a blank line before a closing fence."""
    span = diagnostic.span
    return Edit(span.file, span.line, 1, "", _blank(lines[span.line - 1]) + "\n")


def _bar(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit:
    """Put a backslash before a bar that ends a cell inside a gap."""
    return Edit(diagnostic.span.file, diagnostic.span.line, diagnostic.span.column, "|", "\\|")


def _indented(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> tuple[Edit, ...]:
    """Move feedback below the words of its answer; a line `>` keeps it apart from a quote right above it.

    Right below a hint it stays: indented, it would be a part of the hint.
    """
    span, margin = diagnostic.span, " " * int(diagnostic.arguments["indent"])
    above = span.line - 2
    while above >= 0 and (quote := lines[above].strip(" \t\u00a0\u202f")):
        if quote.startswith(">") and quote.lstrip("> \t\u00a0\u202f").startswith("[!"):
            return ()
        above -= 1
    made = []
    for number, line in enumerate(lines[span.line - 1 : span.line - 1 + int(diagnostic.arguments["lines"])], span.line):
        bare = line.lstrip(" \t\u00a0\u202f")
        # A line that goes on without `>` keeps its no-break spaces: there they are text.
        old = line[: len(line) - len(bare if bare.startswith(">") else line.lstrip(" \t"))]
        new = f"{margin}>\n{margin}" if number == span.line and diagnostic.arguments["follows"] else margin
        if old != new and line.strip():
            made.append(Edit(span.file, number, 1, old, new))
    return tuple(made)


def _straightened(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> Edit | None:
    """Give a value the straight quotes that attributes want."""
    span = diagnostic.span
    found = _CURLY.match(lines[span.line - 1], span.column - 1)
    return Edit(span.file, span.line, span.column, found[0], f'{found[1]}"{found[2]}"') if found else None


def _fenced(diagnostic: Diagnostic, lines: Lines, taken: set[str]) -> tuple[Edit, ...]:
    """Put indented code between fences, four columns to the left; code behind tabs or marks of a quote stays."""
    first, count = diagnostic.span.line, int(diagnostic.arguments["lines"])
    block = lines[first - 1 : first - 1 + count]
    margin = int(diagnostic.arguments["indent"])
    if len(block) < count or not all(line.startswith(" " * (margin + 4)) or not line.strip() for line in block):
        return ()
    longest = max((len(run[0]) for line in block for run in _TICKS.finditer(line)), default=0)
    fence = " " * margin + "`" * max(3, longest + 1)
    new = [line[:margin] + line[margin + 4 :] for line in block]
    new[0] = f"{fence}\n{new[0]}"
    new[-1] = f"{new[-1]}\n{fence}"
    return tuple(
        Edit(diagnostic.span.file, first + number, 1, old, text)
        for number, (old, text) in enumerate(zip(block, new, strict=True))
        if old != text
    )


MENDERS: dict[str, Callable[[Diagnostic, Lines, set[str]], Edit | tuple[Edit, ...] | None]] = {
    "Q101": _question_id,
    "Q309": _bar,
    "Q772": _question_id,
    "S131": _blank_after,
    "S132": _blank_before,
    "S140": _fenced,
    "S141": _straightened,
    "S180": _indented,
    "S211": _renamed,
}


def _opening(lines: Lines, number: int) -> tuple[int, re.Match[str] | None]:
    """Return where the fence of a line starts, and what it opens."""
    at = lines[number - 1].find(":::")
    return at, OPEN.match(lines[number - 1][at:]) if at >= 0 else None


def _setting(file: str, lines: Lines, key: str, new: str) -> Edit | None:
    """Return the edit that puts a line of front matter below the setting `key`, or first; None without front matter."""
    if not lines or lines[0].rstrip() != "---":
        return None
    starts = _settings(lines)
    above = [place for place, number in enumerate(starts[:-1]) if lines[number - 1].startswith(f"{key}:")]
    return Edit(file, starts[above[0] + 1] if above else 2, 1, "", new)


def _settings(lines: Lines) -> list[int]:
    """Return the 1-based lines at which the settings of front matter start, and that of its end."""
    starts = []
    for number, line in enumerate(lines[1:], 2):
        if _KEY.match(line):
            starts.append(number)
        if line.rstrip() == "---":
            break
    return starts


def _has_was(lines: Lines) -> bool:
    return any(lines[number - 1].startswith("was:") for number in _settings(lines))


def _blank(source: str) -> str:
    """Return what a blank line needs to stay in the same quote: the marks before the fence, without list marks."""
    before = source[: source.index(":::")]
    return _LIST_MARK.sub(lambda mark: " " * len(mark[0]), before).rstrip()


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))

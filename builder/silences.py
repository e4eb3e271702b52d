"""What authors have asked not to be told: comments of lessons, read with them, and comments of YAML files, read here.

    # carabin: allow A251 the word comes with the next lesson

Behind a value it reaches over its line; on a line of its own, over the entry below it; in `course.yml`, over the whole
file, over files that hold no comments, and over advice about media wherever these are shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from builder.diagnostics import Diagnostic, Diagnostics, Severity, Span, note, warning
from builder.load import Source
from builder.model import Silence
from builder.strings import diagnostic_texts

MEDIA = re.compile(r"A3[12]\d")
"""Codes of the advice about media files."""

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*(carabin\b(?::[ \t]*allow[ \t]+([A-Z]\d{3})\b)?(.*))")
_TEXTS = (".md", ".yml")
"""Endings of files that hold comments."""


def of_yaml(source: Source, *, is_course: bool = False) -> tuple[tuple[Silence, ...], Diagnostics]:
    """Return what the comments of a YAML file silence; `is_course`: it is `course.yml`.

    Reports comments without a reason (S152), and those that are not understood (S165).
    """
    silences: list[Silence] = []
    found: list[Diagnostic] = []
    lines = source.text.split("\n")
    ends = _ends(lines)
    starts = tuple(ends)
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line)
        if match is None or _is_quoted(line[: match.start()]):
            continue
        span = Span(source.file, number, match.start() + 1, number, len(line.rstrip()) + 1)
        code, reason = match[2] or "", match[3].strip()
        if code not in diagnostic_texts("en"):
            found.append(warning("S165", span, text=(code or match[1]).strip()[:40]))
            continue
        if not reason:
            found.append(warning("S152", span, silenced=code))
        is_alone = not line[: match.start()].strip()
        first = last = number
        if is_course:
            first, last = 1, len(lines)
        elif is_alone and starts[-1:] > (number,):
            first = starts[bisect_right(starts, number)]
            last = ends[first]
        silences.append(Silence(code, source.file, first, last, span, is_course))
    return tuple(silences), tuple(found)


def _is_quoted(before: str) -> bool:
    """Return whether a sign stands inside of quotes that opened before it on its line."""
    return any(before.count(quote) % 2 and re.search(rf"[:\[,{{-][ \t]*{quote}", before) for quote in "\"'")


def _ends(lines: Sequence[str]) -> Mapping[int, int]:
    """Return by number of each line that says something, in order, the last line of the entry that begins there.

    The items of a list belong to the key above them, whether or not they are indented.
    """
    ends: dict[int, int] = {}
    around: list[tuple[int, tuple[int, bool]]] = []
    last = 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text[0] == "#":
            continue
        depth = (len(line) - len(line.lstrip(" \t")), text == "-" or text.startswith("- "))
        while around and around[-1][1] >= depth:
            ends[around.pop()[0]] = last
        around.append((number, depth))
        ends[number] = last = number
    return ends | {number: last for number, _ in around}


def heard(diagnostics: Iterable[Diagnostic], silences: Iterable[Silence]) -> Diagnostics:
    """Return the diagnostics that no comment silences; errors cannot be silenced (style §5)."""
    by_code = _by_code(silences)
    return tuple(one for one in diagnostics if not any(_reaches(silence, one) for silence in by_code.get(one.code, ())))


def unused(diagnostics: Iterable[Diagnostic], silences: Iterable[Silence]) -> Iterator[Diagnostic]:
    """Yield a note for each comment that silences none of the diagnostics (S169)."""
    by_code = _by_code(silences)
    places = {(one.code, one.span) for same in by_code.values() for one in same}
    for found in diagnostics:
        places -= {(one.code, one.span) for one in by_code.get(found.code, ()) if _reaches(one, found)}
    for code, span in places:
        yield note("S169", span, silenced=code)


def _by_code(silences: Iterable[Silence]) -> dict[str, list[Silence]]:
    found: dict[str, list[Silence]] = {}
    for silence in silences:
        found.setdefault(silence.code, []).append(silence)
    return found


def _reaches(silence: Silence, found: Diagnostic) -> bool:
    if found.severity is Severity.ERROR or silence.code != found.code:
        return False
    if silence.is_whole and (MEDIA.fullmatch(found.code) or not found.span.file.endswith(_TEXTS)):
        return True
    return silence.file == found.span.file and silence.first_line <= found.span.line <= silence.last_line

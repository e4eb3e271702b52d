"""What the pages of the manual hold: fences, and what a reader's files hold who does what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

FENCE = re.compile(r"^(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=mark)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence of a page: `line` is that of its opening, `options` what stands after the word."""

    line: int
    word: str
    options: dict[str, str]
    text: str


def fences(path: Path) -> Iterator[Fence]:
    """Yield the fences of a page in their order."""
    page = path.read_text("utf-8")
    for match in FENCE.finditer(page):
        word, *options = match["info"].split() or [""]
        line = page.count("\n", 0, match.start()) + 1
        pairs = (option.partition("=") for option in options)
        yield Fence(line, word, {key: value for key, _, value in pairs}, match["text"])


def edited(before: str, how: str, text: str) -> str:
    """Return what a file holds after the reader has done what a fence shows: `file`, `append`, `line` or `end`."""
    if how == "file":
        return text
    if how == "append":
        return f"{before}\n{text}"
    if how == "line":
        key = text.partition(":")[0]
        after, count = re.subn(rf"^{key}:.*\n", text, before, flags=re.MULTILINE)
        assert count == 1, text
        return after
    assert how == "end", how
    kept, first, _ = before.partition(text[: text.index("\n")])
    assert first, text
    return kept + text


def written(page: Path) -> str:
    """Return the lesson that the reader of a tutorial has written at its end."""
    lesson = ""
    for fence in fences(page):
        for how, name in fence.options.items():
            lesson = edited(lesson, how, fence.text) if name.endswith(".md") else lesson
    return lesson

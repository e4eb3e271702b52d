"""The floor: what parsing and rendering the same lessons costs when nothing else is done.

`python -m benchmarks.floor FOLDER` reads every lesson below the folder, and lets markdown-it-py (CommonMark and
tables, the parser that the compiler uses too) parse and render it, one after the other, in one process.
"""

from __future__ import annotations

import sys
from pathlib import Path

from markdown_it import MarkdownIt


def main(folder: str) -> int:
    """Render all lessons; print how many lessons and characters of HTML, so that nothing can be left undone."""
    parser = MarkdownIt("commonmark").enable("table")
    lessons = sorted(Path(folder).rglob("*.md"))
    size = sum(len(parser.render(path.read_text(encoding="utf-8").split("\n---\n", 1)[1])) for path in lessons)
    print(len(lessons), size)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""The peer: MkDocs on the same Markdown, course by course, in one process and in an environment of its own.

Why MkDocs: it is the generator with which most Markdown courses are published today, it is written in Python like ours,
and its work is comparable: parse, render through templates, check links, write a site. It leaves out what is ours
alone (questions, saved state, manifest, zip), and its search index, which we do not make, is switched off.
`python -m benchmarks.peer FOLDER OUT`, run by the Python that has MkDocs.
"""

from __future__ import annotations

import sys
from pathlib import Path

REQUIREMENT = "mkdocs==1.6.1"


def main(folder: str, out: str) -> int:
    """Build a site for each course below `folder`."""
    from mkdocs.commands.build import build  # type: ignore[import-not-found]
    from mkdocs.config import load_config  # type: ignore[import-not-found]

    configuration = Path(out) / "mkdocs.yml"
    for course in sorted(path.parent for path in Path(folder).glob("*/course.yml")):
        text = f"site_name: {course.name}\ndocs_dir: {course}\nsite_dir: {Path(out) / course.name}\nplugins: []\n"
        configuration.write_text(text, encoding="utf-8")
        build(load_config(str(configuration)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

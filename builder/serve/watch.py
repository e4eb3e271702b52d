"""What the preview looks at: the files that a course is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import Change, awatch

from builder.load import load
from builder.theme import our_themes

IGNORED = frozenset("dist node_modules __pycache__ venv".split())
"""Folders in which nothing of a course lies; so are those whose name begins with a dot."""
QUIET = 30
"""Milliseconds without a further change after which a burst is over; a file is often written in several steps."""
LONGEST = 400
"""Milliseconds after which a burst is told of all the same."""


def is_of_interest(tree: Path, path: Path) -> bool:
    """Return whether a changed file may matter: no hidden or temporary ones, nothing of a folder that is ignored."""
    try:
        parts = path.relative_to(tree).parts
    except ValueError:
        parts = (path.name,)
    return not any(part.startswith(".") or part in IGNORED for part in parts) and not path.name.endswith(("~", ".swp"))


async def changes(root: Path, overlay: Path | None) -> AsyncIterator[object]:
    """Yield after each burst of changes to the tree of the course at `root`, to themes, or to the overlay."""
    tree = load(root).tree
    places = {tree, our_themes(), *({overlay.resolve().parent} if overlay else ())}

    def matters(change: Change, name: str) -> bool:
        path = Path(name)
        if overlay is not None and path == overlay.resolve():
            return True
        return any(path.is_relative_to(one) and is_of_interest(one, path) for one in (tree, our_themes()))

    async for burst in awatch(*sorted(places), watch_filter=matters, step=QUIET, debounce=LONGEST):
        yield burst

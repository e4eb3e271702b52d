"""The built player: classic scripts that register themselves, and SCORM's schema files.

`tools/player.py` leaves in `builder/_player/`: `core.js`, `drivers/NAME.js`, `questions/NAME.js`,
`recorders/NAME.js`, `schemas/EDITION/*.xsd` and `pieces.json` (what they were built from). A package's script is the
concatenation of the pieces that its course and target use; the core comes last and starts the player (architecture,
decision 5).
A wheel carries the pieces without their sources; with sources beside them, pieces that do not match are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

SOURCES = Path(__file__).parent / "runtime"
PIECES = Path(__file__).parent / "_player"


class PlayerError(Exception):
    """The installation cannot play courses. The message is for a person, and names what to run."""


class MissingPlayer(PlayerError):
    """The pieces, one of them, or a schema file were never built."""


class StalePlayer(PlayerError):
    """The sources of the player have changed since the pieces were built."""


def pieces(question_types: Iterable[str], drivers: Iterable[str], recorders: Iterable[str] = ()) -> bytes:
    """Return the script of a package, in ASCII: drivers, questions, then recorders, each sorted, then the core.

    Raises `MissingPlayer` or `StalePlayer`.
    """
    if is_stale():
        raise StalePlayer("the player's pieces are older than builder/runtime: run `make player`")
    names = [f"drivers/{name}.js" for name in sorted(set(drivers))]
    names += [f"questions/{name}.js" for name in sorted(set(question_types))]
    names += [f"recorders/{name}.js" for name in sorted(set(recorders))]
    return b"".join(_read(name) for name in (*names, "core.js"))


def live(script: bytes) -> bytes:
    """Return the script of a package with what lets the preview show edits in place. Raises `MissingPlayer`."""
    return _read("live/desk.js") + script


def schemas(edition: str) -> tuple[tuple[str, bytes], ...]:
    """Return the (name, content) pairs of a SCORM edition's schema files, sorted. `edition`: `scorm12`, `scorm2004`.

    Raises `MissingPlayer`.
    """
    folder = PIECES / "schemas" / edition
    found = tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.*")))
    if not found:
        raise MissingPlayer(f"the schema files of {edition} are missing: run `make player`, or install carabin again")
    return found


def is_stale() -> bool:
    """Tell whether the pieces were built from other sources than those beside them. Without sources: never.

    Raises `MissingPlayer` when there are no pieces at all.
    """
    built = json.loads(_read("pieces.json"))
    return SOURCES.is_dir() and built["sources"] != fingerprint()


def fingerprint() -> str:
    """Return a SHA-256 of all that decides the pieces: the player's sources, and how and with what they are built."""
    root = SOURCES.parent.parent
    digest = hashlib.sha256()
    for path in (*sorted(SOURCES.rglob("*.js")), root / "package.json", root / "tools" / "player.py"):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _read(name: str) -> bytes:
    try:
        return (PIECES / name).read_bytes()
    except FileNotFoundError:
        what = f"the player's piece {name} is missing" if PIECES.is_dir() else "the player has not been built"
        raise MissingPlayer(f"{what}: run `make player`, or install carabin again") from None

"""What `diff`, `check --against` and `build --since` compare: packages, unpacked ones, courses, and git revisions.

Nothing is unpacked and no work tree is touched: of a zip only the members that are needed are read, and a course of a
revision is written, file by file, into a folder of its own that goes away.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from builder.cli import Problem

if TYPE_CHECKING:
    from builder.diagnostics import Diagnostics
    from builder.editions import Edition, Read
    from builder.load import Sources
    from builder.variants import Variant

SHARED = ("_shared", "frameworks", "programmes", "themes")
"""Folders beside a course that it may use."""

SETTINGS = "course.yml"
BATCH = 32
"""Files of a revision that are read at once."""

LINK = "120000"
"""The mode of a symbolic link, whose content is where it leads."""

_ID = re.compile(rb"^id:\s*[\"']?([a-z][a-z0-9-]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A course compiled in memory: without edition after an error; findings as the author sees their files. Without
    sources it was a package."""

    edition: Edition | None
    diagnostics: Diagnostics = ()
    sources: Sources | None = None


def course_id(root: Path) -> str:
    """Return the id in the settings of a course, empty when they do not say; what is wrong with them is told later."""
    try:
        match = _ID.search((root / SETTINGS).read_bytes())
    except OSError:
        return ""
    return match[1].decode() if match else ""


def package(path: Path, words: Mapping[str, str]) -> Edition:
    """Return the edition in a zip, or in a folder that holds an unpacked one. What is wrong is a `Problem`."""
    from builder.editions import Unreadable, read_edition

    try:
        if path.is_dir():
            found = read_edition(_from_folder(path))
        else:
            with zipfile.ZipFile(path) as archive:
                found = read_edition(_from_zip(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as problem:
        raise Problem(words["diff_not_zip"].format(path=path)) from problem
    except OSError as problem:
        raise Problem(f"{path}: {problem.strerror}") from problem
    if isinstance(found, Unreadable):
        raise Problem(words[f"diff_{found.reason}"].format(path=path, where=found.where))
    return found


def _from_zip(archive: zipfile.ZipFile) -> Read:
    from builder.editions import MEMBER_LIMIT

    def read(name: str) -> bytes | None:
        try:
            with archive.open(name) as member:
                content = member.read(MEMBER_LIMIT + 1)
        except KeyError:
            return None
        return content if len(content) <= MEMBER_LIMIT else None

    return read


def _from_folder(folder: Path) -> Read:
    from builder.editions import MEMBER_LIMIT
    from builder.load import inside

    def read(name: str) -> bytes | None:
        place = inside(folder.resolve(), name)
        is_small = place is not None and place.is_file() and place.stat().st_size <= MEMBER_LIMIT
        return place.read_bytes() if place is not None and is_small else None

    return read


def compiled(root: Path, variant: Variant, target: str) -> Compiled:
    """Compile a course in memory, for one target: pages, but no media. What the machine lacks is a `Problem`."""
    from builder import pipeline
    from builder.editions import Unreadable, read_edition
    from builder.load import load
    from builder.player import PlayerError
    from builder.render import INDEX

    sources = load(root)
    made: dict[str, bytes] = {}
    diagnostics: Diagnostics = ()
    try:
        for built in pipeline.build(sources, pipeline.Options(targets=(target,), variant=variant)):
            diagnostics += built.diagnostics
            for member in built.package.members if built.package else ():
                made[member.name] = member.content
                if member.name == INDEX:  # launch documents and carabin.json stand before it, media after it
                    break
    except PlayerError as problem:
        raise Problem(f"{problem}.") from problem
    if not made:
        return Compiled(None, diagnostics, sources)
    edition = read_edition(made.get)
    assert not isinstance(edition, Unreadable), edition
    return Compiled(edition, diagnostics, sources)


# --- git -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the repository at `top`, under the name that was asked for; `blobs`: mode and object of each file."""

    top: Path
    name: str
    blobs: Mapping[str, tuple[str, str]]


def top_folder(place: Path, words: Mapping[str, str]) -> Path:
    """Return the top folder of the git repository around a place; without one there is a `Problem`."""
    above = next(one for one in (place.absolute(), *place.absolute().parents) if one.is_dir())
    done = run_git(above, words, "rev-parse", "--show-toplevel")
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").partition("\n")[0]
        raise Problem(f"{words['diff_no_repository'].format(path=place)} ({reason})")
    return Path(os.fsdecode(done.stdout.rstrip(b"\n"))).resolve()


def revision(top: Path, name: str, words: Mapping[str, str]) -> Revision | None:
    """Return a commit; None when git knows none by this name."""
    if not name or name.startswith("-") or "\0" in name:
        return None
    found = git(top, words, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    listing = git(top, words, "ls-tree", "-r", "-z", "--full-tree", found.decode().strip()) if found else None
    return Revision(top, name, dict(_blobs(listing))) if listing is not None else None


@contextmanager
def checked_out(revision: Revision, place: str, identity: str, words: Mapping[str, str]) -> Iterator[Path | None]:
    """Give the folder of a course as a revision had it, with what it shares; None when the revision has no such course.

    `place` is that of the course in the repository, with slashes, empty for its top; when no course stands there, the
    one with this `identity` is looked for.
    """
    home: str | None = place
    if _below(place, SETTINGS) not in revision.blobs:
        settings = [name for name in revision.blobs if name == SETTINGS or name.endswith(f"/{SETTINGS}")]
        texts = dict(_contents(revision, settings, words)) if identity else {}
        found = (name for name, text in texts.items() if (match := _ID.search(text)) and match[1].decode() == identity)
        home = next((name.removesuffix(SETTINGS).rstrip("/") for name in found), None)
    if home is None:
        yield None
        return
    beside = home.rpartition("/")[0]
    wanted = tuple(f"{one}/" for one in (home, *(_below(beside, name) for name in SHARED))) if home else ("",)
    with tempfile.TemporaryDirectory(prefix="carabin-") as folder:
        for name, content in _contents(revision, [name for name in revision.blobs if name.startswith(wanted)], words):
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        yield Path(folder, home).resolve()


def of_revision(
    name: str, root: Path, identity: str, variant: Variant, target: str, words: Mapping[str, str]
) -> Compiled | None:
    """Compile the course of a folder as a revision of its repository had it; None when the revision had no such course.

    Without repository, or without such a revision, there is a `Problem`.
    """
    top = top_folder(root, words)
    commit = revision(top, name, words)
    if commit is None:
        raise Problem(words["diff_no_revision"].format(name=name, path=top.name))
    with checked_out(commit, place_in(top, root, words), identity, words) as folder:
        return compiled(folder, variant, target) if folder else None


def place_in(top: Path, root: Path, words: Mapping[str, str]) -> str:
    """Return the place of a folder in its repository, with slashes; empty for the repository itself."""
    place = root.resolve()
    if not place.is_relative_to(top):
        raise Problem(words["diff_no_repository"].format(path=root))
    inner = place.relative_to(top).as_posix()
    return "" if inner == "." else inner


def git(folder: Path, words: Mapping[str, str], *arguments: str, given: bytes = b"") -> bytes | None:
    """Run git in a folder and return what it printed; None when it refused."""
    done = run_git(folder, words, *arguments, given=given)
    return done.stdout if done.returncode == 0 else None


def run_git(
    folder: Path, words: Mapping[str, str], *arguments: str, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder; it changes nothing, and asks nobody anything."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ("git", "-C", str(folder), *arguments)
    try:
        return subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    except FileNotFoundError as problem:
        raise Problem(words["diff_no_git"]) from problem


def _blobs(listing: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each file and link of a tree, as git lists it; names that could leave a folder are left out."""
    for line in listing.split(b"\0"):
        head, _, name = line.partition(b"\t")
        mode, kind, blob = head.decode().split() if head else ("", "", "")
        path = os.fsdecode(name)
        if kind == "blob" and not {"", ".", "..", ".git"} & set(path.split("/")):
            yield path, (mode, blob)


def _contents(revision: Revision, names: Sequence[str], words: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of files, a few in memory at a time; a link has that of the file of the tree that it leads to,
    or is left out."""
    for start in range(0, len(names), BATCH):
        for name, content in _read(revision, names[start : start + BATCH], words).items():
            if revision.blobs[name][0] != LINK:
                yield name, content
                continue
            end = normpath(f"{name}/../{os.fsdecode(content)}")
            if revision.blobs.get(end, (LINK, ""))[0] != LINK:
                yield name, _read(revision, [end], words)[end]


def _read(revision: Revision, names: Sequence[str], words: Mapping[str, str]) -> dict[str, bytes]:
    """Return files by name, read by one `git cat-file --batch`."""
    asked = "".join(f"{revision.blobs[name][1]}\n" for name in names).encode()
    answer = git(revision.top, words, "cat-file", "--batch", given=asked)
    if answer is None:
        raise Problem(words["diff_no_revision"].format(name=revision.name, path=revision.top))
    found, at = {}, 0
    for name in names:
        end = answer.index(b"\n", at)
        size = int(answer[at:end].split()[2])
        found[name] = answer[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name

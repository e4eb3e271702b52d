"""The author's disk → `Sources`. The only place that reads the author's files.

Sources are not trusted (product, "The source"): nothing outside the tree is read, whatever links or paths say; files
have a size limit; what is not UTF-8 is a diagnostic. The *tree* is the folder that holds `_shared/`, `frameworks/` or
`programmes/` beside the course, else the course itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from builder.diagnostics import Diagnostic, Diagnostics, Span, error, warning
from builder.model import Asset, CourseSettings
from builder.settings import ModuleSettings, read_course, read_module

_COURSE_ID = re.compile(r"^id:[ \t\u00a0\u202f]*[\"']?([a-z][a-z0-9-]*)", re.MULTILINE)
_COURSE_IRI = re.compile(r"^iri:[ \t\u00a0\u202f]*[\"']?(https?://[^\s\"']+)", re.MULTILINE)
TEXT_LIMIT = 4 * 1024 * 1024
"""Largest text file that is read, in bytes."""

_TREE_FOLDERS = ("_shared", "frameworks", "programmes")
_SKIPPED = frozenset({"node_modules", "__pycache__", "dist"})


@dataclass(frozen=True, slots=True)
class Source:
    """One text file. `path` lies in the tree, with slashes; `file` is how the author sees it from where they stand."""

    path: str
    file: str
    text: str


@dataclass(slots=True)
class Sources:
    """A course's files. `root` is the course's folder, `tree` the folder that nothing may leave.

    `glossaries` and `facts`: the course's own file, then that of `_shared/`.
    """

    root: Path
    tree: Path
    settings: CourseSettings | None
    lock: Source | None
    lock_file: str
    lessons: tuple[Source, ...]
    modules: Mapping[str, ModuleSettings]
    framework: Source | None
    found: Diagnostics
    _texts: dict[str, Source | None] = field(default_factory=dict)
    _assets: dict[str, Asset | None] = field(default_factory=dict)
    glossaries: tuple[Source | None, Source | None] = (None, None)
    facts: tuple[Source | None, Source | None] = (None, None)

    @property
    def base(self) -> str:
        """Return the course's folder relative to the tree, empty when they are one."""
        path = self.root.relative_to(self.tree).as_posix()
        return "" if path == "." else path

    def text(self, path: str) -> Source | None:
        """Return a text file of the tree, for includes; None when it is missing, outside or unreadable, which `found`
        then says too."""
        if path not in self._texts:
            place = inside(self.tree, path)
            source, problems = read_text(place, self.tree) if place and place.is_file() else (None, ())
            self._texts[path] = source
            self.found += problems
        return self._texts[path]

    def exists(self, path: str) -> bool:
        """Return whether a file of the tree exists, with exactly this spelling."""
        place = inside(self.tree, path)
        return place is not None and place.is_file() and place.name in os.listdir(place.parent)

    def leaves(self, path: str) -> bool:
        """Return whether a path of the tree is a link, or lies behind one, that leads out of it; what lies there, if
        anything, is not looked at."""
        return inside(self.tree, path) is None

    def asset(self, path: str) -> Asset | None:
        """Return a media file of the tree, hashed; None when it is missing or outside."""
        if path not in self._assets:
            self._assets[path] = self._read_asset(path) if self.exists(path) else None
        return self._assets[path]

    def _read_asset(self, path: str) -> Asset | None:
        place = inside(self.tree, path)
        if place is None:
            return None
        size = place.stat().st_size
        digest = hashlib.sha256()
        with place.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return Asset(self.asset_name(path), path, size, digest.hexdigest())

    def asset_name(self, path: str) -> str:
        """Return the place of a media file in the package: below `media/`, ASCII, stable, of no other file.

        What does not lie in the course's own `media/` carries a digest of its place.
        """
        own = f"{self.base}/media/" if self.base else "media/"
        if path.startswith(own):
            return "media/" + portable(path.removeprefix(own))
        return "media/" + _with_digest(_plain(PurePosixPath(path).name), path)

    def media(self) -> tuple[tuple[str, str], ...]:
        """Return the files in folders `media` of the course, links left out: path in the tree, and as shown."""
        found: list[tuple[str, str]] = []
        for parent, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
            place = Path(parent)
            if "media" in place.relative_to(self.root).parts:
                own = (place / name for name in sorted(files) if not name.startswith("."))
                found += [(one.relative_to(self.tree).as_posix(), shown(one)) for one in own if not one.is_symlink()]
        return tuple(found)

    def overlays(self) -> Mapping[str, Path]:
        """Return the overlays that lie in a folder `overlays` of the course or the tree, by their path in the tree."""
        places = dict.fromkeys((self.root / "overlays", self.tree / "overlays"))
        found = [path for place in places if place.is_dir() for path in sorted(place.glob("*.yml"))]
        named = ((path.relative_to(self.tree).as_posix(), path) for path in found)
        return {name: path for name, path in named if inside(self.tree, name) and path.is_file()}

    def read_asset(self, asset: Asset) -> bytes:
        """Return the content of an asset that `asset` has found."""
        place = inside(self.tree, asset.path)
        assert place is not None
        return place.read_bytes()

    def excerpt(self, file: str) -> Sequence[str] | None:
        """Return the lines of a file as the author sees it, to show them in a report.

        None when it cannot be read, or when links lead out of the tree: a report must not show what a build refuses.
        """
        return excerpt(file) if Path(os.path.realpath(file)).is_relative_to(self.tree) else None


def excerpt(file: str) -> Sequence[str] | None:
    """Return the lines of a file that the command line names; None when it cannot be read, or is no text."""
    try:
        data = Path(file).read_bytes()[:TEXT_LIMIT]
    except OSError:
        return None
    if b"\0" in data:
        return None  # a picture has no lines
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def find_courses(paths: Sequence[Path]) -> tuple[tuple[Path, ...], Diagnostics]:
    """Return the course folders that the paths name: a course, a lesson of one, or a tree of courses."""
    roots: dict[Path, None] = {}
    found: list[Diagnostic] = []
    for path in paths:
        place = Path(os.path.realpath(path))
        if not place.exists():
            found.append(error("S001", Span(shown(path)), path=shown(path)))
            continue
        folder = place if place.is_dir() else place.parent
        above = next((parent for parent in (folder, *folder.parents) if (parent / "course.yml").is_file()), None)
        if above is not None:
            roots[above] = None
            continue
        below = sorted(_courses_below(folder))
        if not below:
            found.append(error("S002", Span(shown(path)), path=shown(path)))
        for root in below:
            roots[root] = None
    chosen: dict[str, Path] = {}
    named: dict[str, Path] = {}
    for root in roots:
        identity = _course_id(root) or str(root)
        if identity in chosen:
            other = shown(chosen[identity] / "course.yml")
            found.append(error("S108", Span(shown(root / "course.yml")), id=identity, other=other))
        elif (there := _course_iri(root)) and named.setdefault(there[0], root) is not root:
            found.append(warning("T232", there[1], iri=there[0], other=shown(named[there[0]] / "course.yml")))
        chosen.setdefault(identity, root)
    return tuple(chosen.values()), tuple(found)


def _course_id(root: Path) -> str:
    """Return the id of a course, empty when `course.yml` says none; what is wrong with it is told when it is loaded."""
    source, _ = read_text(root / "course.yml", root)
    match = _COURSE_ID.search(source.text) if source else None
    return match[1] if match else ""


def _course_iri(root: Path) -> tuple[str, Span] | None:
    """Return the `iri` of a course and its place."""
    source, _ = read_text(root / "course.yml", root)
    match = _COURSE_IRI.search(source.text) if source else None
    if match is None or source is None:
        return None
    line, column = source.text.count("\n", 0, match.start(1)) + 1, match.start(1) - match.start() + 1
    return match[1].rstrip("/"), Span(shown(root / "course.yml"), line, column, line, column + len(match[1]))


def load(root: Path) -> Sources:
    """Read the course under `root`. Media are looked up when a lesson asks for them."""
    root = root.resolve()
    tree = tree_of(root)
    found: list[Diagnostic] = []
    settings = None
    main, problems = read_text(root / "course.yml", tree)
    found += problems
    if main is not None:
        settings, problems = read_course(main.text, main.file)
        found += problems
    lessons: list[Source] = []
    modules: dict[str, ModuleSettings] = {}
    places, stray = _lesson_files(root)
    found += [error("S009", Span(shown(place))) for place in stray]
    for place in places:
        source, problems = read_text(place, tree)
        found += problems
        if source is None:
            continue
        if place.name == "_module.yml":
            folder = place.parent.relative_to(root).as_posix()
            modules[folder], problems = read_module(source.text, source.file, slug(place.parent.name))
            found += problems
        else:
            lessons.append(source)
    if settings is not None and all(place.name == "_module.yml" for place in places):
        found.append(error("S003", Span(shown(root / "course.yml"))))
    lock_path = root / "course.lock"
    lock = None
    if lock_path.is_file():
        lock, problems = read_text(lock_path, tree)
        found += problems
    framework = None
    if settings is not None and settings.framework:
        place = tree / "frameworks" / f"{settings.framework}.yml"
        if place.is_file():
            framework, problems = read_text(place, tree)
            found += problems
        else:
            span = settings.spans.get("framework", settings.span)
            found.append(error("S004", span, framework=settings.framework))
    pairs = []
    for name in ("glossary.yml", "facts.yml"):
        own, problems = _read_optional(root / name, tree)
        found += problems
        shared, problems = _read_optional(tree / "_shared" / name, tree)
        found += problems
        pairs.append((own, shared))
    return Sources(
        root,
        tree,
        settings,
        lock,
        shown(lock_path),
        tuple(lessons),
        modules,
        framework,
        tuple(found),
        glossaries=pairs[0],
        facts=pairs[1],
    )


def tree_of(root: Path) -> Path:
    """Return the tree around a course."""
    return root.parent if any((root.parent / name).is_dir() for name in _TREE_FOLDERS) else root


def programme_files(tree: Path) -> tuple[tuple[Source, ...], Diagnostics]:
    """Return the programmes of a tree, in order of their names; reports as `read_text`."""
    read = [read_text(place, tree) for place in sorted((tree / "programmes").glob("*.yml"))]
    return tuple(source for source, _ in read if source), tuple(one for _, problems in read for one in problems)


def framework_file(tree: Path, name: str) -> tuple[Source | None, Diagnostics]:
    """Return the framework of a tree by its id, None when there is none; reports as `read_text`."""
    return _read_optional(tree / "frameworks" / f"{name}.yml", tree)


def settings_in(tree: Path) -> dict[str, CourseSettings]:
    """Return the settings of the courses in a tree by id; what is wrong with them is told when they are loaded."""
    found: dict[str, CourseSettings] = {}
    for place in sorted(tree.glob("*/course.yml")):
        source, _ = read_text(place, tree)
        settings = read_course(source.text, source.file)[0] if source else None
        if settings is not None:
            found.setdefault(settings.id, settings)
    return found


def _read_optional(place: Path, tree: Path) -> tuple[Source | None, Diagnostics]:
    return read_text(place, tree) if place.is_file() else (None, ())


def source_at(path: Path) -> tuple[Source | None, Diagnostics]:
    """Read a file that the command line names, wherever it lies; reports as `read_text`."""
    place = path.resolve()
    return read_text(place, place.parent)


def read_text(place: Path, tree: Path) -> tuple[Source | None, Diagnostics]:
    """Read a UTF-8 file; BOM and CRLF are accepted, U+0000 becomes U+FFFD. Reports S005–S008."""
    file = shown(place)
    try:
        if not Path(os.path.realpath(place)).is_relative_to(tree):
            return None, (error("S006", Span(file), path=file),)
        status = place.stat()
        if not stat.S_ISREG(status.st_mode):
            return None, (error("S005", Span(file), reason="not a regular file"),)
        if status.st_size > TEXT_LIMIT:
            return None, (error("S007", Span(file), size=status.st_size, limit=TEXT_LIMIT),)
        data = place.read_bytes()
    except OSError as problem:
        return None, (error("S005", Span(file), reason=problem.strerror or type(problem).__name__),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = data[: problem.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        return None, (error("S008", Span(file, line, column), byte=f"0x{data[problem.start]:02x}"),)
    found: Diagnostics = ()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return Source(place.relative_to(tree).as_posix(), file, text), found


def inside(tree: Path, path: str) -> Path | None:
    """Return the place of a path of the tree, links resolved; None when it leaves the tree."""
    try:
        place = Path(os.path.realpath(tree / path))
    except (OSError, ValueError):
        return None
    return place if place.is_relative_to(tree) else None


def shown(place: Path) -> str:
    """Return a path as the author sees it: relative to where they stand when it lies below."""
    try:
        return Path(os.path.abspath(place)).relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return place.as_posix()


def joined(base: str, destination: str) -> str | None:
    """Return the path of a link's destination seen from a file of the tree; None when it leaves the tree."""
    parts: list[str] = []
    for part in (*PurePosixPath(base).parent.parts, *PurePosixPath(destination).parts):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part == "/":
            return None
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def slug(name: str) -> str:
    """Return an id made of a file's name: `01-Réagir.md` gives `reagir`."""
    bare = unicodedata.normalize("NFD", PurePosixPath(name).name.removesuffix(".md").lower())
    words = re.sub(r"[^a-z0-9]+", "-", bare.encode("ascii", "ignore").decode()).strip("-")
    words = re.sub(r"^[\d-]+", "", words) or ("l-" + words if words else "lesson")
    return words[:64].strip("-")


def portable(path: str) -> str:
    """Return a file name that every LMS stores: ASCII letters, digits, `-_./` (standards a.4)."""
    kept = _plain(path)
    return kept if kept == path else _with_digest(kept, path)


def _plain(path: str) -> str:
    plain = unicodedata.normalize("NFD", path).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._/-]+", "-", plain)


def _with_digest(kept: str, path: str) -> str:
    stem, dot, ending = kept.rpartition(".")
    mark = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{stem}-{mark}{dot}{ending}" if dot else f"{kept}-{mark}"


def _courses_below(folder: Path) -> list[Path]:
    result = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        if "course.yml" in files:
            result.append(Path(parent))
            folders.clear()
    return result


def _lesson_files(root: Path) -> tuple[list[Path], list[Path]]:
    """Return lessons and module files in reading order, and the Markdown files that lie too deep to be lessons.

    A folder's own files come by name, modules by folder name. Folders `media` and names that begin with `_` or `.` are
    the author's own.
    """
    result: list[Path] = []
    stray: list[Path] = []
    entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    for entry in entries:
        if not _is_module(entry.name):
            continue
        if _is_lesson(entry.name) and not os.path.isdir(entry.path):
            result.append(Path(entry.path))
        elif os.path.isdir(entry.path):
            inner = sorted(os.scandir(entry.path), key=lambda item: item.name)
            for item in inner:
                is_lesson = _is_lesson(item.name) and not item.name.startswith((".", "_"))
                if (is_lesson or item.name == "_module.yml") and not os.path.isdir(item.path):
                    result.append(Path(item.path))
                elif item.is_dir(follow_symlinks=False) and _is_module(item.name):
                    stray += _markdown_below(Path(item.path))
    return result, stray


def _markdown_below(folder: Path) -> list[Path]:
    result = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_module(name))
        result += [Path(parent) / name for name in sorted(files) if _is_lesson(name) and name[0] not in "._"]
    return result


def _is_module(name: str) -> bool:
    return not name.startswith((".", "_")) and name != "media" and name not in _SKIPPED


def _is_lesson(name: str) -> bool:
    return name.endswith(".md") and name.lower() not in ("readme.md", "license.md", "review.md")

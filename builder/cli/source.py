"""What commands share: PATH (courses, lessons, programmes, trees; without one `course_src`), and saving a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import Problem, said

if TYPE_CHECKING:
    from builder.diagnostics import Diagnostic, Diagnostics
    from builder.load import Sources

DEFAULT = Path("course_src")
PROGRAMMES, ENDING = "programmes", ".yml"
"""The folder of programmes in a tree, and how their files end."""


class Place(click.Path):
    """A path that exists; where it does not, the lesson or course of that name is pointed at."""

    def __init__(self) -> None:
        """Give paths."""
        super().__init__(exists=True, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """Return the path; `BadParameter` where there is none."""
        path = Path(os.fspath(value))
        if not path.exists():
            near = _lesson(path) or _course(path)
            self.fail(said("no_path", path=path) + (" " + said("near_path", path=near) if near else ""), param, ctx)
        return super().convert(value, param, ctx)


def _lesson(path: Path) -> Path | None:
    """Return the Markdown file that a path may mean: of that name beside it, else the only one below `course_src`."""
    name = path.name.removesuffix(".md") + ".md"
    if name == ".md":
        return None
    beside = path.with_name(name)
    if beside.is_file():
        return beside
    found = sorted(one for one in DEFAULT.rglob("*.md") if one.name == name)
    return found[0] if len(found) == 1 else None


def _course(path: Path) -> Path | None:
    """Return the course below `course_src` that a path may mean: of that name, else of the nearest."""
    from difflib import get_close_matches

    names = [one.parent.name for one in DEFAULT.glob("*/course.yml")]
    near = get_close_matches(path.name, names, 1)
    return DEFAULT / near[0] if near else None


paths_argument = click.argument("paths", nargs=-1, metavar="[PATH]...", type=Place())


def find(paths: Sequence[Path]) -> tuple[tuple[Path, ...], Diagnostics]:
    """Return the roots of the courses at `paths`, and what is wrong with the paths; of a programme, the written courses
    in its order, and those that are not there (S045).

    Without paths: `course_src`, else the course around the current folder, else those just below it.
    """
    from builder.load import find_courses

    if paths or DEFAULT.exists():
        found: list[Diagnostic] = []
        places = [place for path in paths for place in _courses_of(path, found)]
        if paths and not places:
            return (), tuple(found)
        roots, wrong = find_courses(places or (DEFAULT,))
        return roots, (*found, *wrong)
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "course.yml").is_file()), None)
    if root is None and not any(here.glob("*/course.yml")):
        raise Problem(said("no_courses", folder=DEFAULT))
    return find_courses((Path() if root in (here, None) else Path(os.path.relpath(root)),))


def _courses_of(path: Path, found: list[Diagnostic]) -> Sequence[Path]:
    """Return the folders of the written courses of a programme that are there, and report the others (S045); of
    anything else, the path itself."""
    if not path.is_file() or path.suffix != ENDING or path.parent.name != PROGRAMMES:
        return (path,)
    from builder.diagnostics import has_errors
    from builder.load import read_text, settings_in
    from builder.programmes import differences, read_programme

    tree = path.resolve().parent.parent
    source, problems = read_text(path.resolve(), tree)
    programme, wrong = read_programme(source) if source else (None, ())
    if programme is None or has_errors((*problems, *wrong)):
        found += (*problems, *wrong)
        return ()
    known = settings_in(tree)
    found += (one for one in differences(programme, None, known) if one.code == "S045")
    return [Path(known[one.id].span.file).parent for one in programme.courses if one.is_written and one.id in known]


def of_these(paths: Sequence[Path], sources: Sources, diagnostics: Diagnostics) -> Diagnostics:
    """Leave out the findings about other lessons when the paths name single lessons of this course."""
    mine = [path.resolve() for path in paths if path.resolve().is_relative_to(sources.root)]
    if not mine or any(path.is_dir() for path in mine):
        return diagnostics
    others = {lesson.file for lesson in sources.lessons if sources.tree / lesson.path not in mine}
    return tuple(found for found in diagnostics if found.span.file not in others)


def save(path: Path, content: bytes, tree: Path) -> bool:
    """Replace a file of the tree at once; return whether it changed. What the machine refuses is a `Problem`."""
    from builder.write import write_bytes

    try:
        return write_bytes(path, content, tree)
    except OSError as problem:
        raise Problem(f"{path}: {problem.strerror}") from problem

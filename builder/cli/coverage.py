"""`carabin coverage`: every objective, the lessons that teach it, the scored questions that assess it, and the gaps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, wants_colour
from builder.cli.source import DEFAULT, ENDING, PROGRAMMES, save

if TYPE_CHECKING:
    from builder.coverage import Coverage
    from builder.diagnostics import Diagnostics
    from builder.model import Course

FORMATS = ("html", "csv", "json")
SETTINGS = ("course.yml", "_module.yml")
"""Files with that ending that belong to a course."""


@click.command(short_help=COMMANDS["coverage"])
@click.argument("path", required=False, metavar="[PROGRAMME]", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), help="What to write (default: a summary).")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write into this file; its ending may say the format.",
)
@language_option
@click.pass_context
def coverage(context: click.Context, path: Path | None, form: str | None, out: Path | None, language: str) -> None:
    """Say which lessons teach each objective of a programme, which scored questions assess it, and what is missing.

    PROGRAMME: a file of programmes/, its id, or a tree with one programme; else the folder of one course (default: the
    programme of course_src). Gaps do not change the exit status: `carabin check` reports them as errors.
    """
    from builder.coverage import as_csv, as_schema, as_text, page
    from builder.diagnostics import has_errors
    from builder.report import dump
    from builder.strings import strings

    words = strings(language, "cli")
    place = find(path, words)
    whole, found, notes = (of_programme if place.suffix == ENDING else of_course)(place, words)
    tell(found, notes, place.parent.parent if place.suffix == ENDING else place.parent, language)
    if whole is None:
        context.exit(1)
    form = form or (out.suffix[1:] if out and out.suffix[1:] in FORMATS else None)
    if form == "json":
        text = dump(as_schema(whole))
    elif form == "csv":
        text = as_csv(whole, language)
    else:
        text = page(whole, language) if form == "html" else as_text(whole, language)
    if out is not None:
        if save(out, text.encode(), out.resolve().parent):
            click.echo(words["created"].format(file=out), err=True)
    else:
        # Files are bytes whatever the terminal's encoding.
        click.echo(text.encode() if form else plain_lines(text), nl=False)
    context.exit(1 if has_errors(found) else 0)


def plain_lines(text: str) -> str:
    """Return a text that cannot steer a terminal."""
    from builder.report import plain

    return "".join(f"{plain(line)}\n" for line in text.split("\n")[:-1])


def find(path: Path | None, words: Mapping[str, str]) -> Path:
    """Return what is asked for: the file of a programme, or the folder of a course."""
    from builder.load import find_courses, shown

    tree = path or (DEFAULT if DEFAULT.is_dir() else Path())
    if path is not None and not path.exists():
        named = DEFAULT / PROGRAMMES / f"{path}{ENDING}"
        if path.parent == Path() and named.is_file():
            return named
        raise Problem(words["coverage_no_such"].format(path=path))
    if tree.is_file() and tree.suffix == ENDING and tree.name not in SETTINGS:
        return tree
    files = sorted((tree / PROGRAMMES).glob(f"*{ENDING}")) if tree.is_dir() else []
    if len(files) > 1:
        raise Problem(words["coverage_several"].format(names=", ".join(map(shown, files))))
    if files:
        return files[0]
    roots, _ = find_courses((tree,))
    if len(roots) != 1:
        raise Problem(words["coverage_no_programme"])
    return roots[0]


def of_programme(file: Path, words: Mapping[str, str]) -> tuple[Coverage | None, Diagnostics, tuple[str, ...]]:
    """Return what the courses of a programme cover, what is wrong with programme and framework, and what to say of
    courses; no coverage when the programme cannot be read."""
    from builder import coverage, load
    from builder.programmes import check_programme, read_programme

    folder = file.resolve().parent
    tree = folder.parent if folder.name == PROGRAMMES else folder
    source, problems = load.read_text(file.resolve(), tree)
    programme, found = read_programme(source) if source else (None, ())
    if programme is None:
        return None, (*problems, *found), ()
    framework, wrong = check_programme(programme, tree)
    wanted = {one.id for one in programme.courses if one.is_written}
    courses, notes = [], list[str]()
    for place in sorted(tree.glob("*/course.yml")):
        course, said = read(place.parent, words, wanted)
        notes += said
        courses += [course] if course else []
    whole = coverage.of_programme(programme, framework, courses)
    return whole, (*problems, *found, *wrong), tuple(notes)


def of_course(root: Path, words: Mapping[str, str]) -> tuple[Coverage | None, Diagnostics, tuple[str, ...]]:
    """Return what one course covers, as `of_programme`."""
    from builder import coverage
    from builder.load import tree_of
    from builder.programmes import read_programmes, with_course

    course, notes = read(root, words)
    if course is None:
        return None, (), notes
    programmes, found = read_programmes(tree_of(root.resolve()))
    return coverage.of_course(course, with_course(programmes, course.settings.id)), found, notes


def read(root: Path, words: Mapping[str, str], wanted: Container[str] = ()) -> tuple[Course | None, tuple[str, ...]]:
    """Return a course as everybody gets it, and what to say of its errors; nothing of one that is not `wanted`."""
    from builder import pipeline
    from builder.diagnostics import has_errors
    from builder.load import load, shown

    sources = load(root)
    if wanted and (sources.settings is None or sources.settings.id not in wanted):
        return None, ()
    checked = pipeline.check(sources, pipeline.Options())
    if checked.course is None:
        return None, (words["coverage_unread"].format(course=shown(root)),)
    said = words["coverage_has_errors"].format(course=checked.course.settings.id)
    return checked.course, (said,) if has_errors(checked.diagnostics) else ()


def tell(found: Diagnostics, notes: Iterable[str], tree: Path, language: str) -> None:
    """Say on standard error what is wrong."""
    from builder import report
    from builder.load import excerpt

    def lines(file: str) -> Sequence[str] | None:
        return excerpt(file) if Path(file).resolve().is_relative_to(tree.resolve()) else None

    if found:
        shown = report.as_text(report.locate(found, lines), language, wants_colour(err=True))
        click.echo(shown, err=True, nl=False)
    for note in notes:
        click.echo(report.plain(note), err=True)

"""`carabin diff`: what a new version of a course does to learners who are half-way through the old one."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, wants_colour
from builder.cli.variant import check_audience, read_region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from builder.cli.edition import Compiled
    from builder.editions import Edition
    from builder.update import Update
    from builder.variants import Variant

TARGET = "scorm12"
"""The target for which courses are compiled when neither side is a package, and a course asks for none we have."""


@click.command(short_help=COMMANDS["diff"])
@click.argument("old")
@click.argument("new")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    help="What to write (default: text).",
)
@click.option("--strict", is_flag=True, help="Exit status 1 for what learners will notice, too.")
@click.option("--audience", metavar="NAME", default="", help="Compare the variants of courses for this audience.")
@click.option("--region", metavar="XX", callback=read_region, help="Compare the variants of courses for this region.")
@language_option
@click.pass_context
def diff(
    context: click.Context,
    old: str,
    new: str,
    path: Path | None,
    form: str,
    strict: bool,
    audience: str,
    region: str,
    language: str,
) -> None:
    """Say what learners who are half-way through OLD will find in NEW: what is kept, asked again, put aside or lost.

    OLD and NEW: packages, unpacked packages, folders of a course, or git revisions, in which PATH says where the course
    is (default: the other one's folder, else the one course of course_src). Exit status: 1 when progress breaks.
    """
    from builder.strings import strings
    from builder.update import compare
    from builder.variants import Variant

    words = strings(language, "cli")
    sides = [read_side(name, words) for name in (old, new)]
    if path and all(side.edition or side.root for side in sides):
        raise click.UsageError("PATH says where the course is in a git revision, and neither OLD nor NEW is one.")
    variant = Variant(audience, region)
    editions = both(sides, path, variant, words, language)
    if editions is None:
        context.exit(1)
    update, back = compare(*editions), compare(*reversed(editions))
    click.echo(written(update, back, form, language), nl=False)
    context.exit(1 if update.verdict == "breaks" or (strict and update.verdict == "notes") else 0)


def written(update: Update, back: Update, form: str, language: str) -> str:
    """Return the report in one of the formats."""
    from builder.forecast import as_schema, as_text, forecast_page
    from builder.report import dump, plain

    if form == "json":
        return dump(as_schema(update))
    if form == "text":
        return "".join(f"{plain(line)}\n" for line in as_text(update, back, language).split("\n")[:-1])
    from types import SimpleNamespace

    from builder.diagnostics import Span
    from builder.render import page_beside
    from builder.strings import strings
    from builder.theme import find_theme, our_themes

    theme, _ = find_theme("sobre", our_themes().parent, Span(""))
    assert theme is not None
    page = forecast_page(update, back, language)
    shown = SimpleNamespace(**strings(language, "page"))
    return page_beside(theme, "sheet.html.j2", page=page, strings=shown, direction="ltr")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a package (`edition`), the folder of a course (`root`), or else the name of a revision."""

    name: str
    edition: Edition | None = None
    root: Path | None = None


def read_side(name: str, words: Mapping[str, str]) -> Side:
    """Return what an argument names: a file or folder that exists, else a revision."""
    from builder.cli.edition import package
    from builder.targets import INFORMATION

    if not os.path.exists(name):
        return Side(name)
    path = Path(name)
    is_source = path.suffix in (".md", ".yml")
    if (path.is_file() and not is_source) or (path / INFORMATION).is_file():
        return Side(name, edition=package(path, words))
    return Side(name, root=only_course(path, words))


def only_course(path: Path, words: Mapping[str, str]) -> Path:
    """Return the one course at a path."""
    from builder.load import find_courses, shown

    roots, _ = find_courses((path,))
    if len(roots) == 1:
        return roots[0]
    names = ", ".join(map(shown, roots))
    raise Problem(words["diff_several" if roots else "diff_no_course_here"].format(path=path, names=names))


def both(
    sides: list[Side], path: Path | None, variant: Variant, words: Mapping[str, str], language: str
) -> tuple[Edition, Edition] | None:
    """Return the two editions; None when a course has errors, which are told.

    Courses are compiled for the target of the package on the other side, else for the first one of their settings; two
    whose `iri` differs, for the first one where that matters.
    """
    from builder.cli.edition import compiled
    from builder.editions import named_by_iri
    from builder.load import load
    from builder.pipeline import targets

    known = [side.edition for side in sides if side.edition]
    with ExitStack() as stack:
        folders = [side.root or (None if side.edition else of_side(side, sides, path, words, stack)) for side in sides]
        if variant.audience:
            check_audience([folder for folder in folders if folder], variant.audience)
        settings = [load(folder).settings for folder in reversed(folders) if folder]
        wanted = [name for one in settings if one for name in one.targets if name in targets()]
        iris = {one.iri for one in settings if one}
        first = (named_by_iri(wanted) if len(iris) > 1 else "") or next(iter(wanted), TARGET)
        target = next((edition.target for edition in known), first)
        found: list[Edition | None] = []
        for side, folder in zip(sides, folders, strict=True):
            made = compiled(folder, variant, target) if folder else None
            if made and not made.edition:
                tell(made, side, words, language)
            found.append(made.edition if made else side.edition)
    old, new = found
    return (old, new) if old and new else None


def of_side(side: Side, sides: list[Side], path: Path | None, words: Mapping[str, str], stack: ExitStack) -> Path:
    """Return the folder of the course in a revision: at PATH, where the other side is, that of the package on the other
    side, or the one course here."""
    from builder.cli.edition import checked_out, course_id, place_in, revision, top_folder
    from builder.cli.source import DEFAULT

    root = path or next((one.root for one in sides if one.root), None)
    known = next((one.edition.course for one in sides if one.edition), "")
    top = top_folder(root or Path(), words)
    commit = revision(top, side.name, words)
    if commit is None:
        raise Problem(words["diff_no_revision"].format(name=side.name, path=top.name))
    if root is None and not known:
        is_here = Path("course.yml").is_file() or not DEFAULT.exists()
        root = only_course(Path() if is_here else DEFAULT, words)
    home = place_in(top, root, words) if root else ""
    folder = stack.enter_context(checked_out(commit, home, known or (course_id(root) if root else ""), words))
    if folder is None:
        raise Problem(words["diff_no_course"].format(name=side.name, path=home or known))
    return folder


def tell(made: Compiled, side: Side, words: Mapping[str, str], language: str) -> None:
    """Say what is wrong in a course."""
    from builder import report
    from builder.diagnostics import Severity

    errors = tuple(one for one in made.diagnostics if one.severity is Severity.ERROR)
    if side.root and made.sources:
        found = report.locate(errors, made.sources.excerpt)
        click.echo(report.as_text(found, language, wants_colour(err=True)), err=True, nl=False)
    codes = ", ".join(sorted({one.code for one in errors}))
    click.echo(f"{words['diff_has_errors'].format(name=side.name)} ({codes})", err=True)

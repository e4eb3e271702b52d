"""`carabin check`: diagnostics of courses, for people and for machines; `--fix` mends what has one remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, language_option, wants_colour
from builder.cli.source import find, of_these, paths_argument, save

if TYPE_CHECKING:
    from builder.load import Sources
    from builder.pipeline import Checked, Options
    from builder.report import Located

FORMATS = ("text", "json", "sarif", "github")
ROUNDS = 5
"""Most rounds of `--fix`: an edit may bring to light what another one mends."""


@click.command(short_help=COMMANDS["check"])
@paths_argument
@click.option("--fix", is_flag=True, help="Mend what has one remedy, and show the changes.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="text, json, sarif or github.")
@click.option("--locked", is_flag=True, help="A lesson or question without slot in course.lock is an error.")
@language_option
@click.pass_context
def check(context: click.Context, paths: tuple[Path, ...], fix: bool, form: str, locked: bool, language: str) -> None:
    """Report what is wrong in the courses at PATH (a course, a lesson or a tree; default: course_src)."""
    from builder import load, pipeline, report
    from builder.diagnostics import has_errors

    options = pipeline.Options(locked=locked)
    roots, problems = find(paths)
    found = list(report.locate(problems, lambda file: None))
    for root in roots:
        sources = load.load(root)
        checked = pipeline.check(sources, options)
        if fix:
            sources, checked = mend(sources, checked, options, err=form != "text")
        found += report.locate(of_these(paths, sources, checked.diagnostics), sources.excerpt)
    click.echo(written(found, form, language), nl=False)
    diagnostics = [one.diagnostic for one in found]
    if form == "text":
        click.echo(report.summary(diagnostics, language))
    context.exit(1 if has_errors(diagnostics) else 0)


def written(found: list[Located], form: str, language: str) -> str:
    """Return the report in one of `FORMATS`."""
    from builder import report

    if form == "text":
        return "".join(f"{block}\n" for block in [report.as_text(found, language, wants_colour())] if block)
    return {"json": report.as_json, "sarif": report.as_sarif, "github": report.as_github}[form](found, language)


def mend(sources: Sources, checked: Checked, options: Options, *, err: bool) -> tuple[Sources, Checked]:
    """Apply the edits that findings ask for, show them, and check again until there are none left."""
    from builder import fix, load, pipeline

    for _ in range(ROUNDS):
        changes = fix.edits(checked.diagnostics, sources.excerpt, known_ids(checked))
        if not changes:
            break
        for file in sorted({edit.file for edit in changes}):
            before = Path(file).read_bytes()
            after = fix.apply(before, [edit for edit in changes if edit.file == file])
            click.echo(fix.diff(file, before, after), nl=False, err=err)
            save(Path(file), after, sources.tree)
        sources = load.load(sources.root)
        checked = pipeline.check(sources, options)
    return sources, checked


def known_ids(checked: Checked) -> set[str]:
    """Return the ids that questions, lessons and headings of the course have."""
    lessons = checked.course.lessons if checked.course else ()
    ids = {question.id for lesson in lessons for question in lesson.questions}
    return ids | {name for lesson in lessons for name in (lesson.id, *lesson.anchors)}

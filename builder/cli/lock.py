"""`carabin lock`: the only writer of `course.lock`; says what it did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, language_option, wants_colour
from builder.cli.source import find, paths_argument, save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from builder.diagnostics import Diagnostics
    from builder.load import Sources
    from builder.model import Lesson


@click.command(short_help=COMMANDS["lock"])
@paths_argument
@click.option("--release", is_flag=True, help="Give the course's version to all that is unreleased.")
@language_option
@click.pass_context
def lock(context: click.Context, paths: tuple[Path, ...], release: bool, language: str) -> None:
    """Give slots to what is new in the courses at PATH, follow renames, settle merges (default: course_src).

    The first run also writes each lesson's id into its front matter: from then on its file may be renamed freely.
    """
    from builder import load, report
    from builder.diagnostics import has_errors

    roots, problems = find(paths)
    found = list(report.locate(problems, lambda file: None))
    for root in roots:
        sources = load.load(root)
        found += report.locate(update(sources, release, language), sources.excerpt)
    if found:
        summary = report.summary([one.diagnostic for one in found], language)
        click.echo(report.as_text(found, language, wants_colour(err=True)) + summary, err=True)
    context.exit(1 if has_errors(one.diagnostic for one in found) else 0)


def update(sources: Sources, release: bool, language: str) -> Diagnostics:
    """Bring one course's lock up to date on disk and print the changes; with errors nothing is written.

    What a merge left in the lock is settled here. Any other error may hide lessons or questions, and retire them.
    """
    from builder import pipeline, slots
    from builder.diagnostics import has_errors
    from builder.lock import parse_lock, write_lock
    from builder.strings import strings
    from builder.variants import GRADED_FOR_SOME

    words = strings(language, "cli")
    checked = pipeline.check(sources, pipeline.Options())
    problems = tuple(
        found for found in checked.diagnostics if found.span.file != sources.lock_file and found.code != GRADED_FOR_SOME
    )
    if has_errors(problems) or checked.course is None:
        return problems
    settings, lessons = checked.course.settings, checked.lessons
    text = sources.lock.text if sources.lock else ""
    before, _ = parse_lock(text, sources.lock_file, settings.id)
    named = [
        replace(lesson, questions=tuple(question for question in lesson.questions if question.is_named))
        for lesson in lessons
    ]
    after, changes, found = slots.update(before, named)
    if release and not has_errors(found):
        after, refused = slots.release(after, settings.version, settings.spans["version"])
        found += refused
    if has_errors(found):
        return found
    write_ids(sources, lessons, words["lock_id"])
    for change in changes:
        click.echo(words[f"lock_{change.code}"].format_map(change.arguments))
    is_changed = save(sources.root / "course.lock", write_lock(after).encode(), sources.tree)
    said = words["lock_written" if is_changed else "lock_unchanged"]
    click.echo(said.format(file=sources.lock_file, revision=after.revision))
    return found


def write_ids(sources: Sources, lessons: Iterable[Lesson], said: str) -> None:
    """Write the id of each lesson that has none into its front matter."""
    from builder.fix import apply, lesson_id

    for lesson in lessons:
        file = lesson.span.file
        edit = None if lesson.has_id else lesson_id(file, sources.excerpt(file) or (), lesson.id)
        if edit:
            save(Path(file), apply(Path(file).read_bytes(), [edit]), sources.tree)
            click.echo(said.format(id=lesson.id, file=file))

"""`carabin check`: diagnostics of courses, for people and for machines; `--fix` mends what has one remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, wants_colour
from builder.cli.source import find, of_these, paths_argument, save
from builder.cli.variant import read_variant, variant_options

if TYPE_CHECKING:
    from builder.diagnostics import Diagnostics
    from builder.load import Sources
    from builder.pipeline import Checked, Options
    from builder.variants import Variant

ROUNDS = 5
"""Most rounds of `--fix`: an edit may bring to light what another one mends."""


@click.command(short_help=COMMANDS["check"])
@paths_argument
@click.option("--fix", is_flag=True, help="Mend what has one remedy, and show the changes.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="What to write (default: text).",
)
@click.option("--locked", is_flag=True, help="A lesson or question without slot in course.lock is an error.")
@click.option("--against", metavar="REV", help="Also say what learners of this git revision will find: `carabin diff`.")
@click.option("--spelling", is_flag=True, help="Also look words up in French and English dictionaries.")
@click.option("--online", is_flag=True, help="Also ask the web whether external links still lead somewhere.")
@variant_options
@language_option
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[Path, ...],
    fix: bool,
    form: str,
    locked: bool,
    against: str | None,
    spelling: bool,
    online: bool,
    audience: str,
    region: str,
    values: Mapping[str, str],
    overlay: Path | None,
    language: str,
) -> None:
    """Report what is wrong in the courses at PATH (a course, a lesson, a programme or a tree;
    default: course_src)."""
    from builder import pipeline, report
    from builder.diagnostics import has_errors
    from builder.load import excerpt

    if spelling and find_spec("spellchecker") is None:
        raise Problem("`--spelling` wants the dictionaries of pyspellchecker: pip install 'carabin[spelling]'.")
    roots, problems = find(paths)
    variant, unread = read_variant(roots, audience, region, values, overlay)
    today = date.today().isoformat()
    options = pipeline.Options(locked=locked, variant=variant, today=today, advises=True, spells=spelling)
    found = list(report.locate((*problems, *unread), excerpt))
    trees: dict[Path, list[Sources]] = {}
    lessons: list[dict[str, object]] = []
    for root in roots:
        sources, checked = read(root, options)
        rounds = ROUNDS if fix else 0
        while rounds and mend(paths, sources, checked, err=form != "text"):
            sources, checked = read(root, options)
            rounds -= 1
        diagnostics = checked.diagnostics
        if against is not None:
            diagnostics += compared(root, sources, checked, against, variant, language)
        if online:
            diagnostics += asked(root, checked, today)
        found += report.locate(of_these(paths, sources, diagnostics), sources.excerpt)
        lessons += taken(checked)
        trees.setdefault(sources.tree, []).append(sources)
    for tree, courses in trees.items():
        fresh = (one for one in promised(tree, courses) if one not in problems)
        found += report.locate(fresh, courses[0].excerpt)
    whole = [one.diagnostic for one in found]
    if form == "text":
        click.echo(report.as_text(found, language, wants_colour()) + report.summary(whole, language))
    elif form == "json":
        click.echo(report.as_json(found, language, lessons), nl=False)
    else:
        write = {"sarif": report.as_sarif, "github": report.as_github}[form]
        click.echo(write(found, language), nl=False)
    context.exit(1 if has_errors(whole) else 0)


def taken(checked: Checked) -> list[dict[str, object]]:
    """Return what each lesson takes, where the framework says what activities take (A216)."""
    from builder.lint.duration import estimate

    course = checked.course
    if course is None or course.framework is None or not course.framework.activities:
        return []
    result: list[dict[str, object]] = []
    for lesson in course.lessons:
        one = estimate(lesson, checked.prose.get(lesson.path, ()), course.framework, course.settings.region)
        minutes = {"reading": one.reading, "activities": one.answering, "away": one.away, "sum": one.minutes}
        rounded = {name: round(value, 1) for name, value in minutes.items()}
        counts = {"duration": lesson.minutes, "words": one.words, "activities": one.activities}
        result.append({"course": course.settings.id, "lesson": lesson.id, **counts, "minutes": rounded})
    return result


def promised(tree: Path, courses: Sequence[Sources]) -> Diagnostics:
    """Return what is wrong with the programmes of a tree, but for those that name none of these courses."""
    from builder.programmes import check_programme, read_programmes

    programmes, found = read_programmes(tree)
    ids = {one.settings.id for one in courses if one.settings}
    told = {one.framework.file for one in courses if one.framework}
    for programme in programmes:
        if ids & {one.id for one in programme.courses}:
            found += tuple(one for one in check_programme(programme, tree)[1] if one.span.file not in told)
        else:
            found = tuple(one for one in found if one.span.file != programme.span.file)
    return found


def asked(root: Path, checked: Checked, today: str) -> Diagnostics:
    """Return what the web says of the external links of a course; names that exist in texts alone are not asked."""
    from urllib.parse import urlsplit

    from builder.cli.online import Web, ask, findings, is_public, page, read_cache, write_cache
    from builder.lint.links import EXAMPLES, external
    from builder.silences import heard

    def is_asked(address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return True  # which tells that it is none
        return parts.scheme in ("http", "https") and not f".{parts.hostname or ''}".endswith(EXAMPLES)

    if checked.course is None:
        return ()
    wanted = [(address, span) for address, span in external(checked.course) if is_asked(address)]
    answers = ask([page(address) for address, _ in wanted], Web(is_public), read_cache(root, today))
    if wanted:
        write_cache(root, today, answers)
    return heard(findings(wanted, answers), checked.silences)


def compared(
    root: Path, sources: Sources, checked: Checked, against: str, variant: Variant, language: str
) -> Diagnostics:
    """Return what an update from a git revision to this course does to learners.

    Nothing for a course with errors, which cannot be imported, and for one that the revision did not have.
    """
    from builder.cli.edition import compiled, of_revision
    from builder.diagnostics import Severity, has_errors
    from builder.editions import named_by_iri
    from builder.strings import strings
    from builder.update import compare, findings, incomparable

    words = strings(language, "cli")
    settings = sources.settings
    if settings is None or has_errors(checked.diagnostics):
        return ()
    target = checked.targets[0]
    before = of_revision(against, root, settings.id, variant, target, words)
    if before is None:
        return ()
    if before.edition and before.edition.iri != settings.iri and (named := named_by_iri(checked.targets)):
        target = named
        before = of_revision(against, root, settings.id, variant, target, words) or before
    if before.edition is None:
        errors = sum(one.severity is Severity.ERROR for one in before.diagnostics)
        return incomparable(errors, against, settings)
    now = compiled(root, variant, target).edition
    assert now is not None, "a course without errors can be built"
    return findings(compare(before.edition, now), against, settings)


def read(root: Path, options: Options) -> tuple[Sources, Checked]:
    """Return a course and what is wrong with it."""
    from builder import load, pipeline

    sources = load.load(root)
    return sources, pipeline.check(sources, options)


def mend(paths: Sequence[Path], sources: Sources, checked: Checked, *, err: bool) -> bool:
    """Apply the edits that findings ask for, and show them; return whether there were any."""
    from builder import fix
    from builder.report import plain

    changes = fix.edits(of_these(paths, sources, checked.diagnostics), sources.excerpt, known_ids(checked))
    for file in sorted({edit.file for edit in changes}):
        before = Path(file).read_bytes()
        after = fix.apply(before, [edit for edit in changes if edit.file == file])
        for line in fix.diff(file, before, after).split("\n")[:-1]:
            click.echo(plain(line), err=err)
        save(Path(file), after, sources.tree)
    return bool(changes)


def known_ids(checked: Checked) -> set[str]:
    """Return the ids that questions, lessons and headings of the course have."""
    ids = {question.id for lesson in checked.lessons for question in lesson.questions}
    return ids | {name for lesson in checked.lessons for name in (lesson.id, *lesson.anchors)}

"""`carabin build`: packages with their sheets, the catalogue, check sums."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, wants_colour
from builder.cli.source import find, paths_argument, save
from builder.cli.variant import read_variant, variant_options

if TYPE_CHECKING:
    from builder.catalog import Entry
    from builder.cli.edition import Compiled
    from builder.diagnostics import Diagnostics
    from builder.editions import Edition
    from builder.model import Course
    from builder.pipeline import Built, Options
    from builder.report import Located
    from builder.sheet import SheetSection
    from builder.write import Written


@click.command(short_help=COMMANDS["build"])
@paths_argument
@click.option("-t", "--target", "targets", multiple=True, help="A standard, for example scorm12; may be repeated.")
@click.option("--out", type=click.Path(path_type=Path), default="dist", help="Where packages go (default: dist).")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="How many courses are built at once (default: 1).")
@click.option("--locked", is_flag=True, help="A lesson or question without slot in course.lock is an error.")
@click.option("--json", "as_json", is_flag=True, help="Print what was built, and what was found, as JSON.")
@click.option(
    "--since",
    metavar="PACKAGE|REV",
    default="",
    help="Tell in the sheet what this package, or the course of this git revision, becomes: see `carabin diff`.",
)
@click.option("--trainer", is_flag=True, help="With -t web: show the trainer's notes, in a package for trainers only.")
@click.option("--lrs", is_flag=True, help="SCORM packages tell an LRS too: `lrs.json` in the package says which.")
@click.option("--pseudonymous", is_flag=True, help="With --lrs: name learners by a salted hash of the LMS's id.")
@variant_options
@language_option
@click.pass_context
def build(
    context: click.Context,
    paths: tuple[Path, ...],
    targets: tuple[str, ...],
    out: Path,
    jobs: int,
    locked: bool,
    as_json: bool,
    since: str,
    trainer: bool,
    lrs: bool,
    pseudonymous: bool,
    audience: str,
    region: str,
    values: Mapping[str, str],
    overlay: Path | None,
    language: str,
) -> None:
    """Build the packages of the courses at PATH (a course, a programme or a tree; default: course_src).

    A course with errors does not stop the others, and leaves its last package in place.
    """
    from builder import pipeline, report
    from builder.diagnostics import has_errors
    from builder.load import excerpt
    from builder.player import PlayerError
    from builder.recorder import consequences
    from builder.strings import strings

    # What a build makes holds no circles: looking for them would take a tenth of its time.
    gc.disable()
    check_targets(targets)
    if trainer and set(targets) != {"web"}:
        raise click.BadParameter(
            "the trainer's notes are for the target web alone: write `-t web --trainer`. No LMS gets them.",
            param_hint="--trainer",
        )
    roots, problems = find(paths)
    check_lrs(targets, roots, lrs, pseudonymous)
    variant, unread = read_variant(roots, audience, region, values, overlay)
    variant = replace(variant, is_for_trainer=trainer, has_lrs=lrs, is_pseudonymous=pseudonymous)
    if variant.overlay:
        unread = (*unread, *consequences(variant.overlay.lrs, lrs, pseudonymous))
    options = pipeline.Options(targets=targets, locked=locked, variant=variant)
    found = list(report.locate((*problems, *unread), excerpt))
    roots = () if has_errors(unread) else roots
    if since:
        check_since(since, roots, language)
    entries: list[tuple[Entry, bool]] = []
    label = strings(language, "cli")["building"]
    is_hidden = as_json or not sys.stderr.isatty()
    steps = build_all(roots, options, out, jobs, since)
    try:
        with click.progressbar(steps, len(roots), label, file=sys.stderr, hidden=is_hidden) as courses:
            for made, wrong in courses:
                entries += made
                found += wrong
    except PlayerError as problem:
        raise Problem(f"{problem}.") from problem
    if entries:
        write_catalog([entry for entry, _ in entries], out)
    if as_json:
        click.echo(as_schema(entries, found, out, language), nl=False)
    else:
        for entry, _ in entries:
            click.echo(line(entry, out, language))
        if found:
            summary = report.summary([one.diagnostic for one in found], language)
            click.echo(report.as_text(found, language, wants_colour(err=True)) + summary, err=True)
    context.exit(1 if has_errors(one.diagnostic for one in found) else 0)


def check_targets(targets: Iterable[str]) -> None:
    """Refuse a target that does not exist, and name the nearest."""
    from builder.pipeline import targets as known_targets

    known = known_targets()
    for name in targets:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.3)
            suggestion = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
            raise click.BadParameter(f"no target is called {name!r}. {suggestion}", param_hint="--target")


def check_lrs(targets: Sequence[str], roots: Sequence[Path], has_lrs: bool, is_pseudonymous: bool) -> None:
    """Refuse `--lrs` and `--pseudonymous` where they mean nothing, and say why; without `-t`, courses name targets."""
    from builder.load import load
    from builder.pipeline import target_of
    from builder.pipeline import targets as known_targets

    if is_pseudonymous and not has_lrs:
        raise click.BadParameter(
            "without --lrs nothing is told to an LRS: write `--lrs --pseudonymous`.", param_hint="--pseudonymous"
        )
    if not has_lrs:
        return
    wanted = dict.fromkeys(targets, "")
    if not wanted:
        courses = [settings for root in roots if (settings := load(root).settings)]
        known = known_targets()
        wanted = {name: settings.id for settings in courses for name in settings.targets if name in known}
    for name, course in wanted.items():
        kind = target_of(name).LRS
        if kind == "recorder":
            continue
        why = (
            "it speaks to the LRS of its launch, and names the learner as that does"
            if kind == "driver"
            else "it knows no learner"
        )
        whose = f" of course {course!r}" if course else ""
        raise click.BadParameter(
            f"the target {name!r}{whose} takes no recorder: {why}. Write `-t scorm12 --lrs`.", param_hint="--lrs"
        )


Made = tuple[tuple[tuple["Entry", bool], ...], tuple["Located", ...]]
"""Packages, each with whether the same bytes were there before; findings."""


def check_since(since: str, roots: Sequence[Path], language: str) -> None:
    """Refuse, before anything is built, a package of no course that is built, and a revision that does not exist."""
    from builder.cli.edition import course_id, package, revision, top_folder
    from builder.strings import strings

    words = strings(language, "cli")
    if os.path.exists(since):
        old = package(Path(since), words)
        if old.course not in map(course_id, roots):
            raise Problem(words["diff_other_course"].format(name=since, old=old.course))
        return
    for root in roots:
        top = top_folder(root, words)
        if revision(top, since, words) is None:
            raise Problem(words["diff_no_revision"].format(name=since, path=top.name))


def build_all(roots: Sequence[Path], options: Options, out: Path, jobs: int, since: str) -> Iterator[Made]:
    """Build the courses, `jobs` at a time; yield what each gave, in order."""
    if min(jobs, len(roots)) < 2:
        yield from (build_course(root, options, out, since) for root in roots)
        return
    from concurrent.futures import ProcessPoolExecutor

    # Ctrl-C is for this process: it lets the courses under way end, and starts no other.
    with ProcessPoolExecutor(min(jobs, len(roots)), initializer=deaf) as pool:
        try:
            yield from pool.map(build_course, roots, *([one] * len(roots) for one in (options, out, since)))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def deaf() -> None:
    """Ignore Ctrl-C in a process that only works for another one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def build_course(root: Path, options: Options, out: Path, since: str) -> Made:
    """Build one course for each target, and write what has no errors."""
    from builder import load, pipeline, report

    sources = load.load(root)
    entries: list[tuple[Entry, bool]] = []
    found: list[Located] = []
    for built in pipeline.build(sources, options):
        # Plain dictionaries travel between processes, views do not.
        diagnostics = [replace(one, arguments=dict(one.arguments)) for one in built.diagnostics]
        found += report.locate(diagnostics, sources.excerpt)
        if built.package is not None:
            old = earlier(built, since, root, options) if since else None
            if old and not old.edition:
                found += report.locate(without_earlier(old, since, built), sources.excerpt)
            entries.append(write(built, out, old.edition if old else None))
    return tuple(entries), tuple(found)


def earlier(built: Built, since: str, root: Path, options: Options) -> Compiled | None:
    """Return the earlier version of a course that is built; None where there was none, or for another target."""
    from builder.cli.edition import Compiled, of_revision, package
    from builder.strings import FALLBACK, strings

    assert built.course is not None
    assert built.target is not None
    words = strings(FALLBACK, "cli")  # what can be wrong was told by `check_since`
    course, target = built.course.settings.id, built.target.NAME
    if not os.path.exists(since):
        return of_revision(since, root, course, options.variant, target, words)
    edition = package(Path(since), words)
    return Compiled(edition) if (edition.course, edition.target) == (course, target) else None


def without_earlier(old: Compiled, since: str, built: Built) -> Diagnostics:
    """Return the finding about an earlier version that has errors, of which the sheet says nothing."""
    from builder.diagnostics import Severity
    from builder.update import incomparable

    assert built.course is not None
    errors = sum(one.severity is Severity.ERROR for one in old.diagnostics)
    return incomparable(errors, since, built.course.settings)


def since_section(old: Edition, written: Written, course: Course) -> SheetSection:
    """Return what the sheet says of the update from an earlier version to a package that has been written."""
    from builder.cli.edition import package
    from builder.forecast import since
    from builder.strings import FALLBACK, strings
    from builder.update import compare

    return since(compare(old, package(written.path, strings(FALLBACK, "cli"))), course)


def write(built: Built, out: Path, old: Edition | None) -> tuple[Entry, bool]:
    """Write a package and its sheet, in which an earlier version may be told of; return its line of the catalogue, and
    whether the same bytes were there before."""
    from builder import pipeline
    from builder.catalog import Entry
    from builder.render import objectives_in_words
    from builder.strings import strings
    from builder.write import write_package

    assert built.course is not None
    assert built.target is not None
    assert built.package is not None
    try:
        written = write_package(built.package, out)
    except OSError as problem:
        raise Problem(f"{out}: {problem.strerror}") from problem
    sheet = written.path.with_suffix(".html")
    since = since_section(old, written, built.course) if old else None
    save(sheet, pipeline.sheet(built, written, since).encode(), out)
    settings = built.course.settings
    entry = Entry(
        course=settings.id,
        title=settings.title,
        description=settings.description,
        language=settings.language,
        version=settings.version,
        target=built.target.NAME,
        variant=built.build.variant if built.build else "",
        path=written.path.name,
        sheet=sheet.name,
        sha256=written.sha256,
        digest=written.digest,
        bytes=written.bytes,
        licence=settings.licence,
        minutes=settings.minutes,
        objectives=tuple(objectives_in_words(built.course, strings(settings.language, "page"))),
        audiences=tuple(map(settings.audience_label, settings.audiences)),
    )
    return entry, written.was_there


def write_catalog(entries: Iterable[Entry], out: Path) -> None:
    """Bring `catalog.json`, `index.html` and `SHA256SUMS` up to date; a package whose file has gone leaves them."""
    from builder import catalog

    old = (out / catalog.JSON).read_bytes() if (out / catalog.JSON).is_file() else b""
    kept = [entry for entry in catalog.read_catalog(old) if (out / entry.path).is_file()]
    merged = catalog.merge(kept, entries)
    save(out / catalog.JSON, catalog.catalog_json(merged).encode(), out)
    save(out / catalog.PAGE, catalog.catalog_html(merged).encode(), out)
    save(out / catalog.SUMS, catalog.sums(merged).encode(), out)


def line(entry: Entry, out: Path, language: str) -> str:
    """Return the line that says what was written."""
    from builder.catalog import size
    from builder.load import shown
    from builder.strings import strings

    return f"{shown(out / entry.path)}  {size(entry.bytes, strings(language, 'cli'))}"


def as_schema(entries: Iterable[tuple[Entry, bool]], found: Iterable[Located], out: Path, language: str) -> str:
    """Return `build --json`, schema 1 (product, "Machine-readable output"); paths start where the user stands."""
    from builder.load import shown
    from builder.report import dump, json_entries

    names = ("course", "version", "target", "variant", "path", "sha256", "digest", "bytes", "cached")
    packages = []
    for entry, was_there in entries:
        values = {**asdict(entry), "path": shown(out / entry.path), "cached": was_there}
        packages.append({name: values[name] for name in names})
    return dump({"schema": 1, "packages": packages, "diagnostics": json_entries(found, language)})

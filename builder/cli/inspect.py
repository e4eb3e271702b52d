"""`carabin inspect`: what any package will do on import, in words; `--receipt`: what a completion receipt claims."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, wants_colour

if TYPE_CHECKING:
    from builder.inspect import Inspected
    from builder.inspect.xml import Schemas


@click.command(short_help=COMMANDS["inspect"])
@click.argument("packages", metavar="PACKAGE...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--receipt", metavar="CODE", help="Say what a completion receipt claims; needs no package.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "html"]),
    default="text",
    help="What to write (default: text).",
)
@click.option("--strict", is_flag=True, help="Exit status 1 for risky packages, too.")
@click.option("--play", "is_played", is_flag=True, help="Also play it in Chromium, as LMSs would (carabin[play]).")
@click.option(
    "--profile",
    "profiles",
    metavar="NAME,...",
    default="strict,moodle",
    show_default=True,
    help="With --play of SCORM: the LMSs to be, or all.",
)
@language_option
@click.pass_context
def inspect(
    context: click.Context,
    packages: tuple[Path, ...],
    receipt: str | None,
    form: str,
    strict: bool,
    is_played: bool,
    profiles: str,
    language: str,
) -> None:
    """Say what each PACKAGE will do on import, play and score, in any LMS, and why not.

    PACKAGE: a zip of SCORM 1.2, SCORM 2004, cmi5 or Tin Can, whoever made it, or the folder that it was unpacked into.
    Nothing of it is unpacked to disk or fetched, and it is run with --play only. Official schemas of the standards but
    SCORM 1.2 are read from the folder that CARABIN_SCHEMAS names. Exit status: 1 when a package is broken, or a receipt
    does not hold.
    """
    if receipt is not None:
        if packages:
            raise click.UsageError("--receipt is read by itself, without a package.")
        if form not in ("text", "json"):
            raise click.UsageError(f"a receipt has no --format {form}.")
        context.exit(0 if told(receipt, form, language) else 1)
    if not packages:
        raise click.UsageError("Missing argument 'PACKAGE...'.")
    from builder.inspect import Verdict
    from builder.inspect.xml import Schemas

    folder = os.environ.get("CARABIN_SCHEMAS")
    schemas = Schemas(Path(folder) if folder else None)
    found = [opened(path, schemas, chosen(profiles) if is_played else ()) for path in packages]
    click.echo(written(found, form, language), nl=False)
    bad = (Verdict.BROKEN, Verdict.RISKY) if strict else (Verdict.BROKEN,)
    context.exit(1 if any(one.verdict in bad for one in found) else 0)


def chosen(profiles: str) -> tuple[str, ...]:
    """Return the names of the LMSs that a package is played in. Raises `UsageError` for one that nobody knows."""
    from builder.inspect.play import PROFILES

    if profiles == "all":
        return PROFILES
    names = tuple(dict.fromkeys(name.strip() for name in profiles.split(",")))
    for name in names:
        if name not in PROFILES:
            from difflib import get_close_matches

            near = get_close_matches(name, PROFILES, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(PROFILES)}, all."
            raise click.UsageError(f"no LMS profile {name!r}.{hint}")
    return names


def opened(path: Path, schemas: Schemas, profiles: tuple[str, ...] = ()) -> Inspected:
    """Return what is found about a package; played in each of the LMSs. Raises `Problem` where it cannot be opened."""
    from builder.inspect.archive import open_package
    from builder.inspect.run import inspect_opened, with_play

    try:
        with open_package(path) as package:
            found = inspect_opened(package, schemas, path.as_posix())
            if not profiles:
                return found
            from builder.inspect.play import judged
            from builder.inspect.visit import PlayError

            try:
                chromium = os.environ.get("CARABIN_CHROMIUM", "")
                return with_play(found, judged(package, found, profiles, chromium))
            except PlayError as problem:
                raise Problem(str(problem)) from None
    except OSError as problem:
        raise Problem(f"{path}: {problem.strerror or problem}") from None


def written(found: list[Inspected], form: str, language: str) -> str:
    """Return the report in one of the formats."""
    from builder.inspect import report

    if form == "text":
        return report.as_text(found, language, wants_colour())
    if form == "json":
        return report.as_json(found, language)
    if form == "sarif":
        return report.as_sarif(found, language)
    from types import SimpleNamespace

    from builder.diagnostics import Span
    from builder.render import page_beside
    from builder.strings import strings
    from builder.theme import find_theme, our_themes

    theme, _ = find_theme("sobre", our_themes().parent, Span(""))
    assert theme is not None
    page = report.page_of(found, language)
    shown = SimpleNamespace(**strings(language, "page"))
    return page_beside(theme, "sheet.html.j2", page=page, strings=shown, direction="ltr")


def told(code: str, form: str, language: str) -> bool:
    """Say what a receipt claims; return whether it is one and its check sum holds."""
    from builder.inspect import report
    from builder.inspect.receipt import read_receipt

    receipt = read_receipt(code)
    text = report.receipt_text(receipt, language) if form == "text" else report.receipt_json(receipt)
    click.echo(text, nl=False)
    return receipt is not None and receipt.holds

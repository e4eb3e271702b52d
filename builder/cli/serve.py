"""`carabin serve`: a course in the browser, as an LMS plays it, while it is written."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option
from builder.cli.variant import read_variant, variant_options

if TYPE_CHECKING:
    from builder.serve.desk import Report

TARGETS = ("scorm12", "scorm2004")


@click.command(short_help=COMMANDS["serve"])
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("-t", "--target", type=click.Choice(TARGETS), default="scorm12", show_default=True, help="The standard.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any that is free.")
@click.option("--no-open", is_flag=True, help="Print the address, and open no browser.")
@variant_options
@language_option
def serve(
    path: Path | None,
    target: str,
    port: int,
    no_open: bool,
    audience: str,
    region: str,
    values: Mapping[str, str],
    overlay: Path | None,
    language: str,
) -> None:
    """Show the course at PATH in a simulated LMS, until Ctrl-C; what is saved is seen at once, where one is.

    Beside it stand what `carabin build` would find, and every call that the LMS gets; `carabin check` advises about
    more. Only this machine, and only who has the address that is printed, can see it. Nothing is written.
    """
    from secrets import token_urlsafe

    from builder.lrs.app import listening
    from builder.report import summary
    from builder.serve import watch
    from builder.serve.app import Preview, application
    from builder.serve.desk import Desk
    from builder.serve.server import server
    from builder.strings import strings

    root = course_at(path)
    variant, _ = read_variant((root,), audience, region, values, overlay)
    words = strings(language, "cli")
    try:
        listener = listening("127.0.0.1", port)
    except OSError as problem:
        raise Problem(
            f"port {port}: {problem.strerror or problem}. Try another with --port, or --port 0 for any."
        ) from None

    def told(report: Report) -> None:
        said = report.trouble or summary([one.diagnostic for one in report.found], language)
        click.echo(words["serve_built"].format(number=report.number, found=said))

    with listener:
        number = listener.getsockname()[1]
        desk = Desk(root, target, variant, overlay)
        told(desk.build())
        address = f"http://127.0.0.1:{number}/?token={(token := token_urlsafe(24))}"
        click.echo(words["serve_address"].format(url=address))
        click.echo(words["serve_stop"])
        preview = Preview(desk, token, number, language, lambda: watch.changes(root, overlay), told=told)
        running = server(application(preview))
        preview.stops = lambda: bool(running.should_exit)
        if not no_open:
            click.launch(address)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            running.run([listener])
        click.echo(words["serve_stopped"])


def course_at(path: Path | None) -> Path:
    """Return the root of the one course at a path. Raises `Problem` where there is none, or several."""
    from builder.cli.source import find

    roots, _ = find((path,) if path else ())
    if len(roots) == 1:
        return roots[0]
    if not roots:
        raise Problem(f"There is no course at {path or 'this place'}: name a folder with a course.yml.")
    names = ", ".join(sorted(root.name for root in roots))
    raise Problem(f"There are several courses here ({names}): name the one to show.")

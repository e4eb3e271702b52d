"""`carabin serve`: a course in the browser, as an LMS plays it, while it is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from errno import EADDRINUSE
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option, said
from builder.cli.source import Place, find
from builder.cli.variant import read_variant, variant_options

if TYPE_CHECKING:
    from builder.serve.desk import Report

TARGETS = ("scorm12", "scorm2004", "cmi5")
SEVERAL = 8
"""So many courses are named to choose from."""


@click.command(short_help=COMMANDS["serve"])
@click.argument("path", required=False, type=Place())
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

    Beside it stand what `carabin build` and `carabin check` find, and every call that the LMS gets; pages list lessons,
    questions, coverage, glossary and facts, and name zones of a picture. Only this machine, and only who has the
    address that is printed, can see it. Nothing is written.
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
    freshen(language)
    variant, _ = read_variant((root,), audience, region, values, overlay)
    words = strings(language, "cli")
    try:
        listener = listening("127.0.0.1", port)
    except OSError as problem:
        if problem.errno == EADDRINUSE:
            raise Problem(said("port_taken", port=port, other=port % 65535 + 1)) from None
        raise Problem(said("port_refused", port=port, reason=problem.strerror or problem)) from None

    def today() -> str:
        return date.today().isoformat()

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
        preview = Preview(desk, token, number, language, lambda: watch.changes(root, overlay), told=told, today=today)
        running = server(application(preview))
        preview.stops = lambda: bool(running.should_exit)
        if not no_open:
            click.launch(address)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            running.run([listener])
        click.echo(words["serve_stopped"])


def freshen(language: str) -> None:
    """In a working copy whose player is not made of the sources beside it, make it anew where node is found; else say
    what to run. What is wrong then is also told by the build."""
    from builder import player
    from builder.strings import strings

    root = player.SOURCES.parent.parent
    try:
        is_wanted = player.is_stale()
    except player.MissingPlayer:
        is_wanted = True
    if not is_wanted or not (root / "tools" / "player.py").is_file():
        return
    words = strings(language, "cli")
    if which("node") is None:
        click.echo(words["serve_stale_no_node"], err=True)
        return
    click.echo(words["serve_stale"])
    made = subprocess.run((sys.executable, "-m", "tools.player"), cwd=root, capture_output=True, check=False)
    if made.returncode:
        click.echo(words["serve_stale_failed"], err=True)


def course_at(path: Path | None) -> Path:
    """Return the root of the one course at a path. Raises `Problem` where there is none, or several."""
    roots, _ = find((path,) if path else ())
    if len(roots) == 1:
        return roots[0]
    if not roots:
        raise Problem(said("no_course", path=path or Path.cwd()))
    places = sorted(os.path.relpath(root) for root in roots)
    more = ["…"] if len(places) > SEVERAL else []
    raise Problem(said("several_courses", names=", ".join(places[:SEVERAL] + more), first=places[0]))

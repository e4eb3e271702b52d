"""The command line: the only place that prints or exits.

Each command is a module of this package, imported when it is called: `--version` and `--help` cost click and no more.
Exit status: 0 good, 1 diagnostics of severity error, 2 wrong usage or an error of our own (style §6).
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, cast

import click

from builder import __version__

if TYPE_CHECKING:
    from io import TextIOWrapper

COMMANDS = {
    "build": "Build the packages that an LMS imports.",
    "check": "Report what is wrong in the sources, and mend what has one remedy.",
    "coverage": "Say which lessons and questions cover each objective, and what is missing.",
    "diff": "Say what a new version does to learners half-way through the old one.",
    "explain": "Say what a diagnostic means and what to do about it.",
    "inspect": "Say what any package will do in an LMS, and why not.",
    "lock": "Give slots to new lessons and questions in course.lock.",
    "lrs": "Run a Learning Record Store on this machine, to try packages out.",
    "new": "Start a course, a lesson, a question or a theme.",
    "schema": "Print the JSON Schema of a file of settings, for editors.",
    "serve": "Show a course in the browser, as an LMS plays it, while it is written.",
    "xapi": "Show what packages say in xAPI, and give it to an LRS.",
}
SHAPING = ("markdown-it-py", "mdit-py-plugins", "jinja2", "pygments", "latex2mathml", "deflate")
"""The wheels that shape the bytes of a package (architecture, decision 8)."""


class Problem(click.ClickException):
    """The command line or the machine is wrong: one sentence, exit status 2."""

    exit_code = 2


class Commands(click.Group):
    """The commands, imported on demand; their one-line helps are known without them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"builder.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first argument; an unknown one is answered with the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1)
            raise click.UsageError(f"No such command {name!r}." + "".join(f" Did you mean {n!r}?" for n in near), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    name="carabin",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 good, 1 the course has errors, 2 wrong usage.",
)
@click.option("--version", is_flag=True, help="Show the version and exit.")
@click.option("--verbose", is_flag=True, help="With --version: also name the packages that shape the bytes of a build.")
@click.pass_context
def carabin(context: click.Context, version: bool, verbose: bool) -> None:
    """Compile Markdown courses into packages that any LMS plays."""
    if version:
        click.echo(f"carabin {__version__}")
        if verbose:
            from importlib.metadata import version as version_of

            for name in SHAPING:
                click.echo(f"{name} {version_of(name)}")
        context.exit()
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


def read_language(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return the language of messages for `--lang`: the option, else the locale's, else English."""
    from builder.strings import chosen_language, languages

    if value is not None and value not in languages():
        raise click.BadParameter(f"{value!r} is not one of {', '.join(languages())}.")
    return chosen_language(value, os.environ)


language_option = click.option(
    "--lang",
    "language",
    metavar="LANGUAGE",
    callback=read_language,
    is_eager=True,
    help="Language of messages, en or fr; the locale's when not given.",
)


def said(key: str, **values: object) -> str:
    """Return a sentence of the command line in the language of the command that runs: `--lang`, else the locale's."""
    from builder.strings import chosen_language, strings

    context = click.get_current_context(silent=True)
    language = context.params.get("language") if context else None
    return strings(language or chosen_language(None, os.environ), "cli")[key].format(**values)


def wants_colour(*, err: bool = False) -> bool:
    """Return whether a stream is a terminal that shows colours.

    Source: no-color.org: NO_COLOR counts when it is not empty.
    """
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def main() -> NoReturn:
    """Run the command line and exit; whatever nobody expected shows its traceback and exits with 2, not Python's 1."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows its number; it never ends a command.
        cast("TextIOWrapper", stream).reconfigure(errors="backslashreplace")
    try:
        status = carabin.main(prog_name="carabin", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except Exception:
        sys.excepthook(*sys.exc_info())
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)

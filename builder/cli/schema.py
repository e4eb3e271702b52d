"""`carabin schema`: JSON Schemas of the files of settings, by which editors complete and check them."""

from __future__ import annotations

from pathlib import Path

import click

from builder.cli import COMMANDS, Problem, language_option
from builder.cli.source import save


@click.command(short_help=COMMANDS["schema"])
@click.argument("name", required=False)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write it, or all of them, into this folder."
)
@language_option
def schema(name: str | None, out: Path | None, language: str) -> None:
    """Print the JSON Schema of a file of settings; without NAME, list them.

    NAME is course, lesson (its front matter), module, characters, facts, glossary, framework, programme or overlay.
    """
    from builder.schema import FORMATS, format_named, text_of, title_of
    from builder.strings import strings

    words = strings(language, "cli")
    chosen = format_named(name) if name else None
    if name and chosen is None:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), [one.name for one in FORMATS], 1, 0.5)
        names = ", ".join(near or [one.name for one in FORMATS])
        raise Problem(words["unknown_schema"].format(name=name) + " " + words["did_you_mean"].format(names=names))
    if out is not None:
        for path in write_schemas(out, name):
            click.echo(words["created"].format(file=path))
    elif chosen is not None:
        click.echo(text_of(chosen), nl=False)
    else:
        width = max(len(one.name) for one in FORMATS)
        for one in FORMATS:
            click.echo(f"{one.name:{width}}  {title_of(one)}")


def write_schemas(folder: Path, name: str | None = None) -> list[Path]:
    """Write the schema of one format, or of all, into a folder; return the files that have changed."""
    from builder.schema import ENDING, FORMATS, text_of

    files = {folder / f"{one.name}{ENDING}": text_of(one).encode() for one in FORMATS if name in (None, one.name)}
    return [path for path, content in files.items() if save(path, content, folder)]

"""Write the reference pages that come from the code: `docs/reference/diagnostics.md` and `commands.md`.

python tools/generate_docs.py            writes what has changed
python tools/generate_docs.py --check    writes nothing; exit status 1 when a page is out of date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from builder.cli import carabin
from builder.strings import diagnostic_texts

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
AREAS = {
    "S": "Sources and settings",
    "Q": "Questions",
    "A": "Advice",
    "L": "Links and assets",
    "T": "Limits of targets",
}
WIDTH = 100
"""Columns of a command's help on the page, whatever the terminal."""


def pages() -> Mapping[str, str]:
    """Return the generated pages by file name."""
    return {"commands.md": commands(), "diagnostics.md": diagnostics()}


def commands() -> str:
    """Return the page of all commands: the help of each, as the terminal shows it."""
    lines = ["# Commands", "", "What `carabin COMMAND --help` says. This page is generated.", ""]
    whole = click.Context(carabin, info_name="carabin", max_content_width=WIDTH, **carabin.context_settings)
    for path, text in helps(carabin, whole):
        lines += [f"## {path}", "", "```text", text, "```", ""]
    return "\n".join(lines)


def helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield the path and the help of a command and of those below it."""
    context.terminal_width = WIDTH
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from helps(inner, click.Context(inner, info_name=name, parent=context))


def diagnostics() -> str:
    """Return the page of all diagnostics, by area and code."""
    texts = diagnostic_texts("en")
    lines = ["# Diagnostics", "", "What `carabin explain CODE` says. This page is generated.", ""]
    for letter, title in AREAS.items():
        codes = [code for code in texts if code.startswith(letter)]
        lines += [f"## {title}", ""] if codes else []
        for code in codes:
            text = texts[code]
            lines += [
                f"### {code}: {text.name}",
                "",
                f"> {literal(text.message)}",
                "",
                paragraphs(text.explain.format()),
                "",
            ]
            lines += [f"Hint: {literal(text.hint)}.", ""]
    return "\n".join(lines)


def literal(text: str) -> str:
    """Return a message or hint as Markdown: what Markdown would read as marks is shown as it is."""
    unfilled = text.replace("{{", "{").replace("}}", "}")
    return re.sub(r"[\\<>*_\[\]|]", r"\\\g<0>", unfilled) if "`" not in unfilled else unfilled


def paragraphs(text: str) -> str:
    """Return a manual page with each labelled line (`Why:`, `Source:`) as a paragraph of its own."""
    return re.sub(r"\n(?=[A-Z][a-z]+: )", "\n\n", text)


def main() -> None:
    """Write the pages, or only compare them."""
    stale = [name for name, text in pages().items() if not is_current(REFERENCE / name, text)]
    for name in stale:
        print(f"{name} {'is out of date' if '--check' in sys.argv else 'written'}")
        if "--check" not in sys.argv:
            (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
            (REFERENCE / name).write_text(pages()[name], "utf-8")
    sys.exit(1 if stale and "--check" in sys.argv else 0)


def is_current(path: Path, text: str) -> bool:
    """Return whether a file holds this text."""
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    main()

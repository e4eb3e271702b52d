"""Write what comes from the code: `diagnostics.md`, `commands.md`, `settings.md`, JSON Schemas, tables of other pages.

python tools/generate_docs.py            writes what has changed
python tools/generate_docs.py --check    writes nothing; exit status 1 when a page is out of date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from builder import sheet
from builder.cli import carabin
from builder.products import products
from builder.schema import ENDING, FORMATS, text_of
from builder.strings import diagnostic_texts, finding_texts, strings
from builder.xapi.vocabulary import VERBS
from tools import interactions, settings_page, statements

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
AREAS = {
    "S": "Sources and settings",
    "Q": "Questions",
    "A": "Advice",
    "L": "Links and assets",
    "T": "Limits of targets",
}
FINDINGS = {
    "P1": "The archive",
    "P2": "Any manifest",
    "P3": "SCORM 1.2",
    "P4": "SCORM 2004",
    "P5": "cmi5",
    "P6": "Tin Can",
    "P7": "Pages and scripts",
    "P8": "Play",
}
IMPORT = "../how-to/import-into-an-lms.md"
"""Between `<!-- generated: NAME -->` and `<!-- end -->` stand its tables: the words of the administrator's sheet."""
LAUNCH = "../how-to/cmi5-and-xapi.md"
"""As `IMPORT`, for packages that speak in statements."""
INTERACTIONS = "interactions.md"
WIDTH = 100
"""Columns of a command's help on the page, whatever the terminal."""


def pages() -> Mapping[str, Callable[[], str]]:
    """Return by file name what makes each generated page; that of the interactions runs Node."""
    return {
        "commands.md": commands,
        "diagnostics.md": diagnostics,
        "findings.md": findings,
        INTERACTIONS: interactions.page,
        "settings.md": settings_page.page,
        "statements.md": statements.page,
        **{f"schemas/{one.name}{ENDING}": partial(text_of, one) for one in FORMATS},
        IMPORT: importing,
        LAUNCH: launching,
    }


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


def findings() -> str:
    """Return the page of all findings about packages, by area and code."""
    texts = finding_texts("en")
    lines = [
        "# Findings",
        "",
        "What `carabin inspect` finds in packages, and `carabin explain CODE` says. This page is generated.",
        "",
    ]
    for start, title in FINDINGS.items():
        codes = [code for code in texts if code.startswith(start)]
        lines += [f"## {title}", ""] if codes else []
        for code in codes:
            text = texts[code]
            lines += [f"### {code}: {text.name}", "", f"> {literal(text.message)}", ""]
            lines += [f"Consequence: {literal(text.consequence)}.", "", paragraphs(text.explain), ""]
            lines += [f"Hint: {literal(text.hint)}.", ""]
    return "\n".join(lines)


def importing() -> str:
    """Return the page about importing, with its tables made anew."""
    return with_tables(IMPORT, {"moodle": moodle(), "products": others(), "losses": losses()})


def launching() -> str:
    """Return the page about packages that an LMS launches with an LRS, with its tables made anew."""
    verb = f"{VERBS}passed (without mastery {VERBS}completed)"
    words = strings("en", "sheet")
    told = {name: sheet.launchers(name, verb, words) for name in sheet.LAUNCHERS}
    rows = {name: [(one, text.replace("|", "\\|")) for one, text in pairs] for name, pairs in told.items()}
    return with_tables(LAUNCH, {name: table(("LMS", "know"), found) for name, found in rows.items()})


def with_tables(name: str, tables: Mapping[str, str]) -> str:
    """Return a page with these tables in their places."""
    page = (REFERENCE / name).read_text("utf-8")

    def made(match: re.Match[str]) -> str:
        return f"{match[1]}\n\n{tables[match[2]]}\n\n<!-- end -->"

    return re.sub(r"(<!-- generated: (\w+) -->)\n.*?<!-- end -->", made, page, flags=re.DOTALL)


def moodle() -> str:
    """Return the settings of Moodle: those of the sheet, for every kind of course."""
    english, french = strings("en", "sheet"), strings("fr", "sheet")
    rows = []
    for key in (*sheet.MOODLE, "grade", "no_grade", "completion_passed", "completion_completed"):
        when = WHEN.get(key, "")
        name, value, why = (english[f"moodle_{key}_{end}"] for end in ("name", "value", "why"))
        rows.append((f"{name}{when}", french[f"moodle_{key}_name"], value, french[f"moodle_{key}_value"], why))
    return table(("setting", "in French, about", "choose", "in French, about", "why"), rows)


WHEN = {
    "grade": ", course with points",
    "no_grade": ", course without points",
    "completion_passed": ", course with a threshold",
    "completion_completed": ", course without",
}
"""What of the sheet holds for some courses only."""


def others() -> str:
    """Return what the sheet says of the other products."""
    words = strings("en", "sheet")
    return table(("LMS", "know"), [(words[f"lms_{key}_name"], words[f"lms_{key}_value"]) for key in sheet.OTHERS])


def losses() -> str:
    """Return what products cannot keep: the profiles of the simulated LMS say so; its tests, that there is no more."""
    return table(("LMS", "what it cannot keep"), [(one.name, one.cannot) for one in products("en")])


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def literal(text: str) -> str:
    """Return a message or hint as Markdown: what Markdown would read as marks is shown as it is."""
    unfilled = text.replace("{{", "{").replace("}}", "}")
    return re.sub(r"[\\<>*_\[\]|]", r"\\\g<0>", unfilled) if "`" not in unfilled else unfilled


def paragraphs(text: str) -> str:
    """Return a manual page with each labelled line (`Why:`, `Source:`) as a paragraph of its own."""
    return re.sub(r"\n(?=[A-Z][a-z]+: )", "\n\n", text)


def main() -> None:
    """Write the pages, or only compare them."""
    made = {name: make() for name, make in pages().items()}
    stale = [name for name, text in made.items() if not is_current(REFERENCE / name, text)]
    for name in stale:
        print(f"{name} {'is out of date' if '--check' in sys.argv else 'written'}")
        if "--check" not in sys.argv:
            (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
            (REFERENCE / name).write_text(made[name], "utf-8")
    sys.exit(1 if stale and "--check" in sys.argv else 0)


def is_current(path: Path, text: str) -> bool:
    """Return whether a file holds this text."""
    return path.is_file() and path.read_text("utf-8") == text


if __name__ == "__main__":
    main()

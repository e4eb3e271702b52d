"""`carabin explain CODE`: the manual page of a diagnostic."""

from __future__ import annotations

import click

from builder.cli import COMMANDS, Problem, language_option


@click.command(short_help=COMMANDS["explain"])
@click.argument("code")
@language_option
def explain(code: str, language: str) -> None:
    """Say what a diagnostic means and what to do about it. CODE is a code (Q102) or the name of a rule."""
    from builder.strings import diagnostic_texts, strings

    texts, words = diagnostic_texts(language), strings(language, "cli")
    wanted = {text.name: name for name, text in texts.items()}.get(code.lower(), code.upper())
    if wanted not in texts:
        from difflib import get_close_matches

        near = get_close_matches(wanted, texts, 3, 0.5)
        suggestion = " " + words["did_you_mean"].format(names=", ".join(near)) if near else ""
        raise Problem(words["unknown_code"].format(code=code) + suggestion)
    text = texts[wanted]
    page = f"{wanted} ({text.name})\n\n{text.message}\n\n{text.explain}\n\n= {words['hint']} {text.hint}"
    click.echo(page.replace("{{", "{").replace("}}", "}"))

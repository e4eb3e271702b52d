"""`carabin explain CODE`: the manual page of a diagnostic, or of a finding of `carabin inspect`."""

from __future__ import annotations

import click

from builder.cli import COMMANDS, Problem, language_option


@click.command(short_help=COMMANDS["explain"])
@click.argument("code")
@language_option
def explain(code: str, language: str) -> None:
    """Say what a diagnostic means and what to do about it. CODE is a code (Q102, P301) or the name of a rule."""
    from builder.strings import FindingText, Text, diagnostic_texts, finding_texts, strings

    words = strings(language, "cli")
    texts: dict[str, Text | FindingText] = {**diagnostic_texts(language), **finding_texts(language)}
    wanted = {text.name: name for name, text in texts.items()}.get(code.lower(), code.upper())
    if wanted not in texts:
        from difflib import get_close_matches

        near = get_close_matches(wanted, texts, 3, 0.5)
        suggestion = " " + words["did_you_mean"].format(names=", ".join(near)) if near else ""
        raise Problem(words["unknown_code"].format(code=code) + suggestion)
    text = texts[wanted]
    then = f"= {words['inspect_consequence']} {text.consequence}\n\n" if isinstance(text, FindingText) else ""
    page = f"{wanted} ({text.name})\n\n{text.message}\n\n{then}{text.explain}\n\n= {words['hint']} {text.hint}"
    click.echo(page.replace("{{", "{").replace("}}", "}"))

"""What `build` and `check` share: which variant of the courses is meant, and in whose words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from builder.diagnostics import Diagnostics
    from builder.variants import Variant


def read_region(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return `--region`, two capital letters, or nothing."""
    if value is not None and not (len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
        raise click.BadParameter(f"{value!r} is not a region: write two capitals, such as FR or QC.")
    return value or ""


def read_values(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> Mapping[str, str]:
    """Return what `--set` gives, by name; the last one counts."""
    result = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or not name.isascii() or not name.replace("_", "a").isalnum() or name != name.lower():
            raise click.BadParameter(f"{value!r} is not of the form name=value.")
        result[name] = text
    return result


def variant_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--audience`, `--region`, `--set` and `--overlay` to a command."""
    overlay = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option("--overlay", type=overlay, help="A YAML file with the words of one institution."),
        click.option(
            "--set", "values", metavar="NAME=VALUE", multiple=True, callback=read_values, help="A variable's value."
        ),
        click.option("--region", metavar="XX", callback=read_region, help="The variant for a region, such as QC."),
        click.option("--audience", metavar="NAME", default="", help="The variant for one of the course's audiences."),
    ):
        command = option(command)
    return command


def read_variant(
    roots: Sequence[Path], audience: str, region: str, values: Mapping[str, str], overlay: Path | None
) -> tuple[Variant, Diagnostics]:
    """Return the variant that the options ask for, and what is wrong with the overlay."""
    from builder.overlay import load_overlay
    from builder.variants import Variant

    if audience:
        check_audience(roots, audience)
    words, problems = load_overlay(overlay) if overlay else (None, ())
    return Variant(audience, region, values, words), problems


def check_audience(roots: Sequence[Path], audience: str) -> None:
    """Refuse an audience that a course with audiences does not list, and name those it does."""
    from difflib import get_close_matches

    from builder.load import load

    courses = [settings for root in roots if (settings := load(root).settings)]
    for settings in sorted(courses, key=lambda one: not one.audiences):
        known = settings.audiences
        if audience in known:
            continue
        if known:
            near = get_close_matches(audience, known, 1, 0.5)
            suggestion = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
            raise click.BadParameter(
                f"course {settings.id!r} has no audience {audience!r}. {suggestion}", param_hint="--audience"
            )
        if not any(one.audiences for one in courses):
            raise click.BadParameter(f"course {settings.id!r} lists no audiences.", param_hint="--audience")

"""What xAPI says of an interaction: the definition of its activity, and a response to it.

Letters of parts are the ids of components. Source: xAPI Data 1.0.3 §2.4.4.1 (interaction activities), §2.4.5 (result).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice, product
from typing import Any

from builder.model import Component, Interaction, Partial
from builder.score import Response, Text, has_key, interaction_fraction, is_full, number
from builder.xapi.vocabulary import INTERACTION

ITEM, PAIR, RANGE = "[,]", "[.]", "[:]"
"""What stands between the items of a response, inside a pair, and inside a range of numbers."""
MATCHINGS = 12
"""Patterns of one interaction that accept other targets: beyond some, reports are none the wiser."""

_COMPONENTS = {
    "choice": ("choices",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "matching": ("source", "target"),
    "performance": ("steps",),
}
"""The names of the component lists of each type; the others have none."""
_TRUTH = {"t": "true", "f": "false"}
_PARAMETER = re.compile(r"\{(case_matters|order_matters|lang)=")
"""What begins a pattern and is no part of the text."""


def interaction_definition(interaction: Interaction, language: str) -> dict[str, Any]:
    """Return the definition of an interaction activity, without name; texts of components are taken as they are.

    `language` is that of the texts (RFC 5646). Where nothing is right or wrong, there is no pattern.
    """
    definition: dict[str, Any] = {"type": INTERACTION, "interactionType": interaction.type}
    if patterns := list(_patterns(interaction)):
        definition["correctResponsesPattern"] = patterns
    lists = zip(_COMPONENTS.get(interaction.type, ()), (interaction.components, interaction.targets), strict=False)
    for name, components in lists:
        if components:
            definition[name] = [_component(one, language) for one in components]
    return definition


def response(interaction: Interaction, given: Response) -> str | None:
    """Return a response as `result.response` holds it; None when there is nothing to say, or words that are lost."""
    if isinstance(given, Text):
        if interaction.type != "numeric":
            return given.text or None
        value = number(given.text)
        return None if value is None else _decimal(value)
    if not given:
        return None
    if interaction.type == "true-false":
        return _TRUTH[given[0]]
    return ITEM.join(PAIR.join(letters) for letters in given)


def result(
    interaction: Interaction, given: Response, partial: Partial = "each", *, says_response: bool = True
) -> dict[str, Any]:
    """Return the result of one try: `response`, and where something is right or wrong `success` and `score.scaled`.

    `says_response`: what the template of the statement tells the player (`statements.SAYS_RESPONSE`).
    """
    made: dict[str, Any] = {}
    if says_response and (text := response(interaction, given)) is not None:
        made["response"] = text
    if has_key(interaction):
        fraction = interaction_fraction(interaction, given, partial)
        made |= {"success": is_full(fraction), "score": {"scaled": float(_fixed(fraction, 4))}}
    return made


def _component(component: Component, language: str) -> dict[str, Any]:
    named = {"description": {language: component.text}} if component.text else {}
    return {"id": component.letter, **named}


def _patterns(interaction: Interaction) -> Iterator[str]:
    """Yield the alternatives, each of them complete.

    The standard has no escape: a text that reads like a delimiter or a parameter is left out.
    """
    for low, high in interaction.ranges:
        yield _decimal(low) if low == high else f"{_decimal(low)}{RANGE}{_decimal(high)}"
    start = "{case_matters=true}" if interaction.strict_case else ""
    for text in interaction.accept:
        if not any(delimiter in text for delimiter in (ITEM, PAIR, RANGE)) and not _PARAMETER.match(text):
            yield f"{start}{text}"
    for letters in _alternatives(interaction):
        yield response(interaction, letters) or ""


def _alternatives(interaction: Interaction) -> Iterator[tuple[str, ...]]:
    """Yield what is right, in every way in which all of it can be given."""
    right = interaction.right
    if not right:
        return
    if interaction.type == "matching":
        sources = dict.fromkeys(pair[0] for pair in right)
        yield from islice(product(*([pair for pair in right if pair[0] == one] for one in sources)), MATCHINGS)
    elif interaction.multiple or interaction.type in ("sequencing", "performance"):
        yield right
    else:
        yield from ((letter,) for letter in right)


def _decimal(value: float) -> str:
    text = _fixed(value, 10).rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _fixed(value: float, digits: int) -> str:
    """Return a number with so many decimals, as ECMAScript's `toFixed` does: of two as near, the one further from 0."""
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"

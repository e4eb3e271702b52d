"""What a learner may answer: to each interaction of a question a right response, and one that is as wrong as can be.

For what plays courses by itself: tests in the browser, and the pages of the manual that are made from the code.
"""

from __future__ import annotations

from builder.model import Interaction
from builder.score import Response, Text, has_key

LOST = "something else"
"""Words that no question of ours expects."""


def response(interaction: Interaction, is_right: bool) -> Response:
    """Return a right or a wrong response; where nothing is right or wrong, one of two.

    A path (`performance`) is the best one, or None for one that only the scenario knows. Of a `choice` whose
    components are all right together, a part is the worst that can be given.
    """
    if interaction.type in ("fill-in", "long-fill-in"):
        return Text(interaction.accept[0] if interaction.accept and is_right else LOST)
    if interaction.type == "numeric":
        return Text(_number(interaction, is_right))
    if interaction.type == "performance":
        return interaction.right if is_right and interaction.right else None
    if interaction.type == "sequencing":
        return interaction.right if is_right else (*interaction.right[1:], *interaction.right[:1])
    if interaction.type == "matching":
        return tuple(_pairs(interaction, is_right))
    letters = tuple(component.letter for component in interaction.components)
    if not has_key(interaction):
        return letters[:1] if is_right else letters[-1:]
    if is_right:
        return interaction.right if interaction.multiple else interaction.right[:1]
    wrong = tuple(letter for letter in letters if letter not in interaction.right)
    return (wrong if interaction.multiple else wrong[:1]) or interaction.right[:1]


def _number(interaction: Interaction, is_right: bool) -> str:
    low, high = interaction.ranges[0]
    return f"{(low + high) / 2:g}" if is_right else f"{max(high for _, high in interaction.ranges) + 1:g}"


def _pairs(interaction: Interaction, is_right: bool) -> list[str]:
    """Return each source with one of its targets, or with another one: sources that belong nowhere stay out, if right.

    Wrong targets are spread, so that terms of a `match` do not all get the same definition.
    """
    pairs = []
    targets = [target.letter for target in interaction.targets]
    for number, source in enumerate(component.letter for component in interaction.components):
        right = [pair[1] for pair in interaction.right if pair[0] == source]
        start = targets.index(right[0]) + 1 if right else number
        others = [*targets[start % len(targets) :], *targets[: start % len(targets)]]
        wanted = right if is_right else [target for target in others if target not in right]
        pairs += [source + wanted[0]] if wanted else []
    return pairs

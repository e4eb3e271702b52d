"""What a response is worth: the twin of `runtime/score.js`, bound to it by `tests/vectors/score.json`.

Everything is computed by interaction type; no question type is known here (architecture, decision 1).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from builder.model import Interaction, Partial

SLACK = 1e-9
"""What rounding may take from a fraction, a grade or the end of a range."""
SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space as ECMAScript's `\\s` has it, so that both languages agree."""

_SPACE = re.compile(f"[{SPACES}]+")
_OUTER = re.compile(f"^[{SPACES}]+|[{SPACES}]+$")
_END = re.compile(f"[{SPACES}.,;:!?…]+$")
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ‘´`", "'"))
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "OE", "Æ": "AE"})
_MARKS = re.compile("[\u0300-\u036f]")
_GROUPS = re.compile(f"(?<=[0-9])[{SPACES}]+(?=[0-9])")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True, slots=True)
class Text:
    """A typed response. `cut`: only its beginning is known, it was wrong; `right`: it was right, its words are lost."""

    text: str
    cut: bool = False
    right: bool = False


Letters = tuple[str, ...]
"""Picked letters, sorted; in the learner's order for `sequencing`; pairs of letters (`ab`) for `matching`, and in their
order for `performance`; whole numbers in decimal digits for `other`."""
Response = Letters | Text | None
"""What was given to one interaction; None: left blank."""


def normalise(text: str, case: bool = False, accents: bool = False) -> str:
    """Return what two typed texts are compared by; `case` and `accents` make the comparison strict."""
    text = unicodedata.normalize("NFC", text).translate(_APOSTROPHES)
    text = _END.sub("", _SPACE.sub(" ", text)).strip(" ")
    if not case:
        text = text.lower()
    if not accents:
        text = _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_LIGATURES)
    return text


def number(text: str) -> float | None:
    """Return the number that a learner typed (`1 234,5`, `−3`), None when it is none."""
    text = _OUTER.sub("", _GROUPS.sub("", text)).replace(",", ".").replace("−", "-")
    return float(text) if _NUMBER.fullmatch(text) else None


def alternative(interaction: Interaction, text: str) -> int | None:
    """Return the lowest index in `accept` that a text equals once normalised."""
    case, accents = interaction.strict_case, interaction.strict_accents
    given = normalise(text, case, accents)
    found = (index for index, accept in enumerate(interaction.accept) if normalise(accept, case, accents) == given)
    return next(found, None)


def interaction_fraction(interaction: Interaction, response: Response, partial: Partial = "each") -> float:
    """Return what a response to one interaction is worth, 0–1; types that have no key are worth 0."""
    if isinstance(response, Text):
        return float(response.right or (not response.cut and _is_right(interaction, response.text)))
    if response is None:
        return 0.0
    if interaction.type == "matching" and interaction.right and response:
        sources = [component.letter for component in interaction.components]
        return _share([_is_placed(interaction.right, source, response) for source in sources], partial)
    if interaction.type == "sequencing":
        places = zip_longest(interaction.right, response[: len(interaction.right)])
        return _share([right == given for right, given in places], partial)
    if interaction.type == "performance":
        worth = sum(points for step, points in interaction.steps if step in response)
        return min(1.0, max(0.0, worth / interaction.best)) if interaction.best else 0.0
    if interaction.type not in ("choice", "true-false"):
        return 0.0
    if not interaction.multiple:
        return float(len(response) == 1 and response[0] in interaction.right)
    picked, right = set(response), set(interaction.right)
    if partial == "none" or not right:
        return float(picked == right)
    return max(0.0, (len(picked & right) - len(picked - right)) / len(right))


def _is_placed(right: Letters, source: str, response: Letters) -> bool:
    """Return whether a source has one target, which is one of its right ones, or none where none is right."""
    accepted = {pair for pair in right if pair[0] == source}
    given = {pair for pair in response if pair[0] == source}
    return len(given) == 1 and given <= accepted if accepted else not given


def _share(rights: Sequence[bool], partial: Partial) -> float:
    if partial == "none" or not rights:
        return float(bool(rights) and all(rights))
    return sum(rights) / len(rights)


def has_key(interaction: Interaction) -> bool:
    """Return whether something is right or wrong in it."""
    return bool(interaction.right or interaction.accept or interaction.ranges or interaction.best)


def question_fraction(
    interactions: Sequence[Interaction],
    responses: Sequence[Response],
    partial: Partial,
    weights: Sequence[float] | None = None,
) -> float:
    """Return the share of a question's points that was won, 0–1.

    `weights` sum to 1; by default all interactions weigh the same, but for extras, which weigh nothing.
    """
    fractions = [
        interaction_fraction(interaction, response, partial)
        for interaction, response in zip(interactions, responses, strict=True)
    ]
    asked = [not interaction.is_extra for interaction in interactions]
    if partial == "none":
        return float(all(is_full(fraction) for fraction, counts in zip(fractions, asked, strict=True) if counts))
    shares = weights or [counts / sum(asked) for counts in asked]
    return sum(share * fraction for share, fraction in zip(shares, fractions, strict=True))


def is_full(fraction: float) -> bool:
    """Return whether a fraction means right."""
    return fraction >= 1 - SLACK


def grade(won: Iterable[tuple[float, float]]) -> float | None:
    """Return points won over possible ones, 0–1, from (points, fraction) of each scored question; None without any."""
    pairs = tuple(won)
    possible = sum(points for points, _ in pairs)
    return sum(points * fraction for points, fraction in pairs) / possible if possible > 0 else None


def is_mastered(grade: float | None, mastery: float) -> bool:
    """Return whether a grade reaches the mastery score, both 0–1."""
    return grade is not None and grade + SLACK >= mastery


def raw(grade: float) -> str:
    """Return a grade as percent for the LMS: at most two decimals, halves rounded up, no trailing zeros (`86.67`)."""
    whole, hundredths = divmod(math.floor(grade * 10000 + 0.5 + SLACK), 100)
    return f"{whole}.{hundredths:02}".rstrip("0").rstrip(".") if hundredths else str(whole)


def _is_right(interaction: Interaction, text: str) -> bool:
    if interaction.type == "numeric":
        value = number(text)
        return value is not None and any(_is_within(value, low, high) for low, high in interaction.ranges)
    if alternative(interaction, text) is not None:
        return True
    case, accents = interaction.strict_case, interaction.strict_accents
    given = normalise(text, case, accents)
    expected = (normalise(accept, case, accents) for accept in interaction.accept)
    return any(len(accept) >= 4 and _edits(given, accept, interaction.typos) for accept in expected)


def _is_within(value: float, low: float, high: float) -> bool:
    return low - SLACK * abs(low) <= value <= high + SLACK * abs(high)


def _edits(given: str, expected: str, most: int) -> bool:
    """Return whether `most` edits of one letter (insert, delete, replace, swap neighbours) lead from text to text."""
    if abs(len(given) - len(expected)) > most:
        return False
    before: list[int] = []
    row = list(range(len(expected) + 1))
    for i, letter in enumerate(given, 1):
        before, previous = row, before
        row = [i]
        for j, other in enumerate(expected, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == expected[j - 2] and given[i - 2] == other:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1] <= most

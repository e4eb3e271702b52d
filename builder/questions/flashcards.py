"""`flashcards`: recalls; never scored: bullets, each with one indented bullet, its back (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builder.model import Component, Interaction, Question
from builder.questions import UNGRADED, Draft, Letters, Pieces, Reading, feedback_html
from builder.questions._lists import (
    BULLETS,
    Codes,
    PairCodes,
    check_parts,
    check_texts,
    holds_list,
    read_list,
    read_pairs,
)
from builder.strings import counted

NAME = "flashcards"
ATTRIBUTES = frozenset[str]()
UNUSED = UNGRADED
_CODES = Codes(none="Q740", twice="Q741", marked="Q742")
_PAIR_CODES = PairCodes("Q743", "Q744", alone="Q745", several="Q746", stray="Q747")


def read(reading: Reading) -> Draft | None:
    """Read the bullets at the end as the fronts of cards, and the one below each as its back.

    The lock knows fronts only: a back that is reworded makes no other card.
    """
    found = read_list(reading, BULLETS, holds_list, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    pairs = read_pairs(reading, entries, _CODES, _PAIR_CODES)
    cards = [
        {
            "front": {"html": writer.inline(pair.inline)},
            "back": {"html": writer.inline(pair.item.inline)},
            "rest": {"html": writer.html([token for block in pair.item.rest for token in block])},
            "feedback": feedback_html(writer, pair.item.feedback),
        }
        for pair in pairs
    ]
    terms = [pair.term for pair in pairs]
    check_texts(reading, terms, twice="Q748")
    check_parts(reading, terms)
    return Draft(writer.html(prompt), tuple(terms), {"cards": cards}, is_scored=False)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` without key: the cards that the learner knew."""
    components = tuple(Component(letter, part.text) for part, letter in zip(question.parts, letters.parts, strict=True))
    return (Interaction(question.id, "choice", components=components, multiple=True),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many cards there are."""
    return counted(words, "flashcards", len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the cards with their letters."""
    cards = zip(letters.parts, pieces.data["cards"], strict=True)
    return {"cards": [{"letter": letter, **one} for letter, one in cards]}

"""`match`: pairs terms with definitions: bullets, each with one indented bullet (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from builder.model import Interaction, Question
from builder.questions import Draft, Letters, Pieces, Reading, feedback_html
from builder.questions._lists import (
    BULLETS,
    Codes,
    PairCodes,
    check_parts,
    check_texts,
    holds_list,
    matching,
    mixed,
    read_list,
    read_pairs,
    text_of,
)
from builder.strings import counted

NAME = "match"
ATTRIBUTES = frozenset[str]()
_CODES = Codes(none="Q501", twice="Q502", marked="Q503")
_PAIR_CODES = PairCodes("Q504", "Q505", alone="Q506", several="Q507", stray="Q510")


def read(reading: Reading) -> Draft | None:
    """Read the bullets at the end as terms, and the one below each as its definition."""
    found = read_list(reading, BULLETS, holds_list, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    pairs = read_pairs(reading, entries, _CODES, _PAIR_CODES)
    shown_terms, shown_definitions = list[dict[str, Any]](), list[dict[str, Any]]()
    for pair in pairs:
        rest = [token for block in pair.item.rest for token in block]
        shown_terms.append({"html": writer.inline(pair.inline), "feedback": feedback_html(writer, pair.item.feedback)})
        shown_definitions.append({"html": writer.inline(pair.item.inline), "rest": {"html": writer.html(rest)}})
    if len(entries) < 2:
        reading.report("Q508", writer.document.line_span(entries[0].line))
    check_texts(reading, [pair.term for pair in pairs], twice="Q509")
    check_texts(reading, [pair.definition for pair in pairs], twice="Q511")
    count = len(pairs)
    paired = (replace(pair.term, key="=", pairs=(count + index,)) for index, pair in enumerate(pairs))
    parts = (*paired, *(pair.definition for pair in pairs))
    check_parts(reading, parts)
    data = {"terms": shown_terms, "definitions": shown_definitions}
    return Draft(writer.html(prompt), parts, data, {"sources": count}, is_shuffled=True)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `matching` interaction: terms are its sources, definitions its targets."""
    return (matching(question, letters),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many pairs there are."""
    return counted(words, "match", question.settings["sources"], language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return terms and definitions with their letters; definitions in an order that gives nothing away."""
    count = question.settings["sources"]
    definitions = [
        {"letter": letters.parts[count + index], "text": text_of(one["html"] + " " + one["rest"]["html"]), **one}
        for index, one in enumerate(pieces.data["definitions"])
    ]
    terms = [{"letter": letter, **one} for letter, one in zip(letters.parts[:count], pieces.data["terms"], strict=True)]
    return {"terms": terms, "definitions": [definitions[index] for index in mixed(question.parts[count:])]}

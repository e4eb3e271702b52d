"""`match`: pairs terms with definitions: bullets, each with one indented bullet (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from builder.model import Interaction, Part, Question
from builder.questions import Draft, Letters, Pieces, Reading, feedback_html
from builder.questions._lists import (
    BULLETS,
    Codes,
    check_parts,
    check_texts,
    holds_list,
    inner_items,
    matching,
    mixed,
    part_of,
    read_list,
    shown,
    text_of,
)
from builder.strings import counted

NAME = "match"
ATTRIBUTES = frozenset[str]()
_CODES = Codes(none="Q501", twice="Q502", marked="Q503")


def read(reading: Reading) -> Draft | None:
    """Read the bullets at the end as terms, and the one below each as its definition."""
    found = read_list(reading, BULLETS, holds_list, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    terms, definitions = list[Part](), list[Part]()
    shown_terms, shown_definitions = list[dict[str, Any]](), list[dict[str, Any]]()
    for entry in entries:
        inner, stray = inner_items(entry)
        for block in stray:
            reading.report("Q510", reading.place(block))
        term = part_of(reading, entry.inline, entry.line, "Q504", _CODES)
        below = [part_of(reading, item.inline, item.line, "Q505", _CODES) for item in inner]
        if term is not None and not inner and not stray:
            reading.report("Q506", term.span, text=shown(term))
        if term is not None and len(inner) > 1:
            reading.report("Q507", writer.document.line_span(inner[1].line), text=shown(term), count=len(inner))
        if term is None or len(below) != 1 or below[0] is None:
            continue
        terms.append(term)
        definitions.append(below[0])
        rest = [token for block in inner[0].rest for token in block]
        shown_terms.append({"html": writer.inline(entry.inline), "feedback": feedback_html(writer, inner[0].feedback)})
        shown_definitions.append({"html": writer.inline(inner[0].inline), "rest": {"html": writer.html(rest)}})
    if len(entries) < 2:
        reading.report("Q508", writer.document.line_span(entries[0].line))
    check_texts(reading, terms, twice="Q509")
    check_texts(reading, definitions, twice="Q511")
    count = len(terms)
    paired = (replace(term, key="=", pairs=(count + index,)) for index, term in enumerate(terms))
    parts = (*paired, *definitions)
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

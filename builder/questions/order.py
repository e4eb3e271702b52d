"""`order`: puts steps in order: an ordered list in the right order, whatever its numbers (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from builder.model import Component, Interaction, Part, Question
from builder.questions import Draft, Letters, Pieces, Reading, feedback_html, is_quote
from builder.questions._lists import (
    NUMBERS,
    Codes,
    check_parts,
    check_texts,
    mixed,
    part_of,
    read_list,
    text_of,
)
from builder.strings import counted

NAME = "order"
ATTRIBUTES = frozenset[str]()
_CODES = Codes(none="Q701", twice="Q702", marked="Q703")


def read(reading: Reading) -> Draft | None:
    """Read the ordered list at the end as steps."""
    found = read_list(reading, NUMBERS, lambda _: True, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    parts, steps = list[Part](), list[dict[str, Any]]()
    for entry in entries:
        part = part_of(reading, entry.inline, entry.line, "Q704", _CODES)
        if part is None:
            continue
        parts.append(replace(part, key="x"))
        rest = [token for block in entry.blocks if not is_quote(block) for token in block]
        quotes = [block for block in entry.blocks if is_quote(block)]
        steps.append(
            {
                "html": writer.inline(entry.inline),
                "rest": {"html": writer.html(rest)},
                "feedback": feedback_html(writer, quotes),
            }
        )
    if len(entries) < 2:
        reading.report("Q705", writer.document.line_span(entries[0].line))
    check_texts(reading, parts, twice="Q706")
    check_parts(reading, parts)
    return Draft(writer.html(prompt), tuple(parts), {"steps": steps}, key_order=True, is_shuffled=True)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `sequencing` interaction."""
    components = tuple(Component(letter, part.text) for part, letter in zip(question.parts, letters.parts, strict=True))
    return (Interaction(question.id, "sequencing", components=components, right=letters.parts),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many steps there are."""
    return counted(words, "order", len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the steps with their letters, in an order that gives nothing away."""
    steps = [
        {
            "letter": letter,
            "up": words["order_up_label"].format(text=text_of(one["html"])),
            "down": words["order_down_label"].format(text=text_of(one["html"])),
            **one,
        }
        for letter, one in zip(letters.parts, pieces.data["steps"], strict=True)
    ]
    return {"steps": [steps[index] for index in mixed(question.parts)]}

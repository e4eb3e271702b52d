"""`scale`: rates; never scored: an ordered list of labels, from one end to the other (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builder.model import Component, Interaction, Part, Question
from builder.questions import UNGRADED, Draft, Letters, Pieces, Reading
from builder.questions._lists import NUMBERS, Codes, check_parts, check_texts, part_of, read_list, text_of

NAME = "scale"
ATTRIBUTES = frozenset[str]()
UNUSED = UNGRADED | {"shuffle"}
_CODES = Codes(none="Q735", twice="Q736", marked="Q737")
_ROW = 60
"""Letters that stand in a row where the page is as wide as a text."""
_GAP = 3
"""What a label in a row takes beside its longest word, in letters."""
_LONGEST = 40
"""Letters of a label that still is no paragraph in its column."""


def read(reading: Reading) -> Draft | None:
    """Read the ordered list at the end as labels."""
    found = read_list(reading, NUMBERS, lambda _: True, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    parts, labels = list[Part](), list[dict[str, Any]]()
    for entry in entries:
        for block in entry.blocks:
            reading.report("Q737", reading.place(block))
        part = part_of(reading, entry.inline, entry.line, "Q737", _CODES)
        if part is not None:
            parts.append(part)
            labels.append({"html": writer.inline(entry.inline)})
    if len(entries) < 2:
        reading.report("Q738", writer.document.line_span(entries[0].line))
    check_texts(reading, parts, twice="Q739")
    check_parts(reading, parts)
    return Draft(writer.html(prompt), tuple(parts), {"labels": labels}, is_scored=False)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `likert` interaction, without key."""
    components = tuple(Component(letter, part.text) for part, letter in zip(question.parts, letters.parts, strict=True))
    return (Interaction(question.id, "likert", components=components),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return that a point of the scale is to be chosen."""
    return words["scale_how"]


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the labels with their letters, and whether they are short enough for a row."""
    labels = [{"letter": letter, **one} for letter, one in zip(letters.parts, pieces.data["labels"], strict=True)]
    texts = [text_of(one["html"]) for one in labels]
    word = max(len(word) for text in texts for word in text.split() or ("",))
    return {"labels": labels, "is_row": len(texts) * (word + _GAP) <= _ROW and max(map(len, texts)) <= _LONGEST}

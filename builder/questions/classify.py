"""`classify`: sorts items into categories: bullets, each with its items as indented bullets (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it.token import Token

from builder.model import Interaction, Part, Question
from builder.questions import Draft, Item, Letters, Pieces, Reading, feedback_html
from builder.questions._lists import (
    BULLETS,
    Codes,
    Entry,
    check_parts,
    check_texts,
    holds_list,
    inner_items,
    matching,
    mixed,
    part_of,
    read_list,
    same,
    shown,
    text_of,
)
from builder.strings import counted

NAME = "classify"
ATTRIBUTES = frozenset[str]()
NOWHERE = frozenset({"…", "..."})
"""The outer bullet that holds what belongs nowhere."""
_CODES = Codes(none="Q601", twice="Q602", marked="Q603")


@dataclass(slots=True)
class _Sorted:
    """An item while its categories are gathered; `places` are their indexes, −1 for `…`."""

    part: Part
    inline: Token
    rest: Sequence[Token]
    places: list[int] = field(default_factory=list)
    feedback: list[Sequence[Token]] = field(default_factory=list)


def read(reading: Reading) -> Draft | None:
    """Read the bullets at the end as categories, and those below each as its items."""
    found = read_list(reading, BULLETS, holds_list, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    categories, shown_categories = list[Part](), list[dict[str, Any]]()
    sorted_items: dict[str, _Sorted] = {}
    nowhere = list[Part]()
    for entry in entries:
        category = part_of(reading, entry.inline, entry.line, "Q604", _CODES)
        place = -1
        if category is not None and category.text.strip() in NOWHERE:
            nowhere.append(category)
        elif category is not None:
            place = len(categories)
            categories.append(category)
            shown_categories.append({"html": writer.inline(entry.inline)})
        for item in _items(reading, entry, category):
            _sort(reading, sorted_items, item, place)
    _check(reading, entries, categories, nowhere, tuple(sorted_items.values()))
    count = len(sorted_items)
    parts = (*(_part(one, count) for one in sorted_items.values()), *categories)
    check_parts(reading, parts)
    data = {
        "items": [
            {
                "html": writer.inline(one.inline),
                "rest": {"html": writer.html(one.rest)},
                "feedback": feedback_html(writer, one.feedback),
            }
            for one in sorted_items.values()
        ],
        "categories": shown_categories,
        "has_nowhere": bool(nowhere),
    }
    return Draft(writer.html(prompt), parts, data, {"sources": count}, is_shuffled=True)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `matching` interaction: items are its sources, categories its targets."""
    return (matching(question, letters),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many items there are."""
    return counted(words, "classify", question.settings["sources"], language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return items and categories with their letters; items in an order that gives nothing away."""
    count = question.settings["sources"]
    items = [{"letter": letter, **one} for letter, one in zip(letters.parts, pieces.data["items"], strict=False)]
    categories = [
        {"letter": letter, "text": text_of(one["html"]), **one}
        for letter, one in zip(letters.parts[count:], pieces.data["categories"], strict=True)
    ]
    has_nowhere = pieces.data["has_nowhere"]
    return {
        "cards": [items[index] for index in mixed(question.parts[:count])],
        "categories": categories,
        "has_nowhere": has_nowhere,
    }


def _items(reading: Reading, entry: Entry, category: Part | None) -> list[Item]:
    inner, stray = inner_items(entry)
    for block in stray:
        reading.report("Q610", reading.place(block))
    if category is not None and not inner and not stray:
        reading.report("Q605", category.span, text=shown(category))
    return inner


def _sort(reading: Reading, known: dict[str, _Sorted], item: Item, place: int) -> None:
    """Add an item, or the category to an item that stands under another one already."""
    part = part_of(reading, item.inline, item.line, "Q606", _CODES)
    if part is None:
        return
    rest = [token for block in item.rest for token in block]
    one = known.setdefault(same(part), _Sorted(part, item.inline, rest))
    if place in one.places:
        reading.report("Q607", part.span, text=shown(part))
    elif one.places and -1 in (place, *one.places):
        reading.report("Q608", part.span, text=shown(part))
    else:
        one.places.append(place)
    one.feedback += item.feedback
    one.part = replace(one.part, name=one.part.name or part.name)


def _part(one: _Sorted, count: int) -> Part:
    """Return an item with its categories, whose parts follow those of all items."""
    places = tuple(count + place for place in one.places if place >= 0)
    return replace(one.part, key="=" if places else "-", pairs=places)


def _check(
    reading: Reading,
    entries: Sequence[Entry],
    categories: Sequence[Part],
    nowhere: Sequence[Part],
    items: Sequence[_Sorted],
) -> None:
    first = reading.writer.document.line_span(entries[0].line)
    if not categories or len(entries) < 2:
        reading.report("Q609", first)
    if len(items) < 2:
        reading.report("Q611", items[0].part.span if items else first)
    check_texts(reading, categories, twice="Q612")
    check_texts(reading, nowhere, twice="Q612")

"""`hotspot`: finds zones of an image: an image, then a task list of zones with their places (language, "Questions")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from builder.attributes import Value, number, unknown_keys
from builder.diagnostics import Span, warning
from builder.markdown import plain
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Draft, Item, Letters, Pieces, Reading, feedback_html, gather, is_list, is_quote
from builder.questions._lists import check_parts, check_texts, shown

NAME = "hotspot"
ATTRIBUTES = frozenset({"multiple"})
_ZONE_ATTRIBUTES = frozenset({"at"})
_NARROWEST = 280
"""Width of an image on the narrowest page, in CSS pixels."""
_TARGET = 24
"""The least width and height of what a finger hits, in CSS pixels: WCAG 2.2, 2.5.8."""
_Picture = tuple[int, Token, Token]
"""The index of a block, the inline token in it, the image in that."""
_NEGATIVE = re.compile(r"[-−](?=[\d.,])")


@dataclass(frozen=True, slots=True)
class _Place:
    """A zone's rectangle, in percent of the image from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    span: Span

    @property
    def size(self) -> tuple[float, float, float, float]:
        return self.x, self.y, self.width, self.height

    def meets(self, other: _Place) -> bool:
        """Return whether two rectangles have more than an edge in common."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return across > 0 and down > 0


@dataclass(frozen=True, slots=True)
class _Zone:
    """A zone as read; `place` is None when it was reported."""

    part: Part
    item: Item
    place: _Place | None


def read(reading: Reading) -> Draft | None:
    """Read the task list at the end as zones of the image just before it; the rest is the prompt."""
    body, writer = reading.body, reading.writer
    lists = [_is_zones(block) for block in body]
    last = max((index for index, is_zones in enumerate(lists) if is_zones), default=None)
    if last is None:
        found = [block for block in body if is_list(block)]
        reading.report("Q720", reading.place(found[-1]) if found else reading.span)
        return None
    end = last + 1
    while end < len(body) and (is_quote(body[end]) or is_list(body[end])):
        end += 1
    first, items = gather(body, end, _is_zones)
    for position, is_zones in enumerate(lists[:first]):
        if is_zones:
            reading.twice(position, "Q721")
    below = () if _pictures(body[:first]) else _pictures(body[end:])
    if end < len(body) and not below:
        reading.after_answers(body[end])
    image, before = _image(reading, body[:first], below)
    prompt = [token for block in before for token in block]
    if not prompt:
        reading.report("Q113", reading.span)
    zones = [zone for item in items if (zone := _zone(reading, item)) is not None]
    parts = tuple(zone.part for zone in zones)
    check_parts(reading, parts)
    check_texts(reading, parts, twice="Q733")
    _check_places(reading, zones)
    right = sum(bool(part.key) for part in parts)
    if len(zones) == len(items) and (not right or len(zones) < 2):
        reading.report("Q734", parts[0].span, count=len(parts), right=right)
    multiple = right > 1 or reading.attributes.flag("multiple")
    said = [
        {
            "html": writer.inline(zone.item.inline),
            "rest": {"html": writer.html([token for block in zone.item.rest for token in block])},
            "feedback": feedback_html(writer, zone.item.feedback),
            "place": zone.place.size if zone.place else (0, 0, 0, 0),
        }
        for zone in zones
    ]
    data = {
        "image": {"html": writer.inline(image) if image is not None else ""},
        "multiple": multiple,
        "zones": said,
    }
    settings = {"multiple": multiple, "without_feedback": sum(not one["feedback"] for one in said)}
    return Draft(writer.html(prompt), parts, data, settings, "each" if multiple else "none")


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` interaction: zones are what can be chosen, wherever they lie."""
    pairs = tuple(zip(question.parts, letters.parts, strict=True))
    return (
        Interaction(
            question.id,
            "choice",
            components=tuple(Component(letter, part.text) for part, letter in pairs),
            multiple=bool(question.settings["multiple"]),
            right=tuple(sorted((letter for part, letter in pairs if part.key), key=LETTERS.index)),
        ),
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return whether one or several zones are to be found."""
    return words["hotspot_multiple" if question.settings["multiple"] else "hotspot_single"]


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the image and the zones with their letters; `areas` begins with the largest, the smallest lies on top."""
    zones = [{"letter": letter, **zone} for letter, zone in zip(letters.parts, pieces.data["zones"], strict=True)]
    areas = sorted(zones, key=lambda zone: -zone["place"][2] * zone["place"][3])
    return {
        "is_multiple": pieces.data["multiple"],
        "image": pieces.data["image"],
        "zones": zones,
        "areas": [{"letter": zone["letter"], "at": " ".join(f"{one:g}" for one in zone["place"])} for zone in areas],
    }


def _is_zones(block: Sequence[Token]) -> bool:
    """Return whether a block is a list with marks or places."""
    if not is_list(block):
        return False
    level = block[0].level + 3
    return any(
        token.type == "inline" and token.level == level and (_is_marked(token) or _at(token) is not None)
        for token in block
    )


def _is_marked(inline: Token) -> bool:
    return "task" in inline.meta or "task_error" in inline.meta


def _at(inline: Token) -> Value | None:
    attributes = inline.meta.get("attributes")
    return attributes.values.get("at") if attributes is not None else None


def _image(
    reading: Reading, body: Sequence[Sequence[Token]], below: Sequence[_Picture]
) -> tuple[Token | None, Sequence[Sequence[Token]]]:
    """Return the image's inline token, None after reporting why there is none, and the blocks of the prompt.

    `below` are the images that follow the zones, where none stands before them.
    """
    pictures = _pictures(body)
    if below:
        reading.report("Q723", _span(reading, below[0]))
        return None, body
    if len(pictures) != 1:
        span = reading.span
        if pictures:
            span = _span(reading, pictures[1])
        reading.report("Q722", span, count=len(pictures))
        return None, body
    index, token, child = pictures[0]
    span = _span(reading, pictures[0])
    if index < len(body) - 1 or body[index][0].type != "paragraph_open" or token.children != [child]:
        reading.report("Q723", span)
        return None, body
    if not plain(child.children).strip():
        reading.report("Q724", span)
        return None, body[:-1]
    return token, body[:-1]


def _pictures(body: Sequence[Sequence[Token]]) -> list[_Picture]:
    """Return the images of blocks."""
    return [
        (index, token, child)
        for index, block in enumerate(body)
        for token in block
        for child in (token.children or () if token.type == "inline" else ())
        if child.type == "image"
    ]


def _span(reading: Reading, picture: _Picture) -> Span:
    """Return the place of an image."""
    _, token, child = picture
    return reading.writer.document.span(token, child.meta["offset"], child.meta["length"])


def _zone(reading: Reading, item: Item) -> _Zone | None:
    """Return a zone, or None after reporting that it has no mark or no name."""
    document = reading.writer.document
    line = document.line_span(item.line)
    name, attributes = "", item.inline.meta.get("attributes")
    if attributes is not None:
        name = attributes.id
        document.found += unknown_keys(attributes, _ZONE_ATTRIBUTES, "zone")
    if "task" not in item.inline.meta or not item.inline.content.strip():
        reading.report("Q732", line)
        return None
    part = Part(name, item.inline.content, "x" if item.inline.meta["task"] == "x" else "", line)
    value = _at(item.inline)
    if value is None:
        reading.report("Q725", line, text=shown(part))
        return _Zone(part, item, None)
    return _Zone(part, item, _place(reading, value))


def _place(reading: Reading, value: Value) -> _Place | None:
    """Return the rectangle that `at` names, or None after reporting what is wrong with it."""
    numbers = [_number(text) for text in value.text.split()]
    known = [one for one in numbers if one is not None]
    if len(known) != 4 or len(numbers) != 4:
        reading.report("Q726", value.span, value=value.text[:40])
        return None
    x, y, width, height = known
    if min(known) < 0 or round(max(x + width, y + height), 6) > 100:
        reading.report("Q727", value.span, value=value.text[:40])
        return None
    if not width or not height:
        reading.report("Q728", value.span)
        return None
    if (least := _NARROWEST * min(width, height) / 100) < _TARGET:
        found = warning("Q731", value.span, size=int(least), least=_TARGET)
        reading.writer.document.found.append(found)
    return _Place(x, y, width, height, value.span)


def _number(text: str) -> float | None:
    """Read a number that may be below zero."""
    is_negative = _NEGATIVE.match(text) is not None
    found = number(text[1:] if is_negative else text)
    return -found if found is not None and is_negative else found


def _check_places(reading: Reading, zones: Sequence[_Zone]) -> None:
    """Report zones with one place, and right zones that share some of theirs with wrong ones."""
    placed = [(zone, zone.place) for zone in zones if zone.place is not None]
    for index, (zone, place) in enumerate(placed):
        for other, before in placed[:index]:
            if place.size == before.size:
                reading.report("Q729", place.span, text=shown(other.part))
                break
            if zone.part.key != other.part.key and place.meets(before):
                found = warning("Q730", place.span, text=shown(zone.part), other=shown(other.part))
                reading.writer.document.found.append(found)

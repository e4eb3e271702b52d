"""What types read alike whose answers are a list: the list, its items, and what stands below them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from html import unescape

from markdown_it.token import Token

from builder.attributes import unknown_keys
from builder.diagnostics import Span
from builder.markdown import blocks
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Item, Letters, Reading, belongs, is_list, is_quote, items
from builder.score import normalise

BULLETS, NUMBERS = "bullet_list_open", "ordered_list_open"
_UNSEEN = re.compile(r'<sup class="footnote-ref">.*?</sup>|<span class="visually-hidden">.*?</span>', re.DOTALL)
_BREAK = re.compile(r"<br>|</(?:p|li|h\d|td|th|tr|pre|div)>")
_TAG = re.compile(r"<[^>]+>")
_PICTURE = re.compile(r'<img [^>]*?alt="([^"]*)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of the answer list: its first line, and the blocks that follow it, quotes among them."""

    inline: Token
    line: int
    blocks: tuple[Sequence[Token], ...]


@dataclass(frozen=True, slots=True)
class Codes:
    """What a type reports about its list: there is none; there are two; an item is empty, or has `[ ]`."""

    none: str
    twice: str
    marked: str = ""


@dataclass(frozen=True, slots=True)
class PairCodes:
    """What a type reports about terms and definitions: one is empty; a term has none or several; a block is neither."""

    empty_term: str
    empty_definition: str
    alone: str
    several: str
    stray: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A term and its definition: as the lock sees them, the term's first line, and the bullet of the definition."""

    term: Part
    definition: Part
    inline: Token
    item: Item


Starts = Callable[[Sequence[Token]], bool]


def read_list(reading: Reading, kind: str, starts: Starts, codes: Codes) -> tuple[list[Token], list[Entry]] | None:
    """Return the prompt and the entries of the last list of a kind; None after reporting that there is none.

    A quote ends a list for Markdown, not for us: lists of the kind and quotes that follow each other are one list. Only
    a list that `starts` may be its first part where there are several.
    """
    body = reading.body
    last = max((index for index, block in enumerate(body) if is_list(block, kind)), default=None)
    if last is None:
        lists = [block for block in body if block[0].type in (BULLETS, NUMBERS)]
        reading.report(codes.none, reading.place(lists[-1]) if lists else reading.span)
        return None
    end = last + 1
    while end < len(body) and is_quote(body[end]):
        end += 1
    if end < len(body):
        reading.after_answers(body[end])
    first = last
    while first > 0 and _goes_on(body[first - 1], body[first], kind):
        first -= 1
    while first < last and not (is_list(body[first], kind) and starts(body[first])):
        first += 1
    for position, block in enumerate(body[:first]):
        if is_list(block, kind) and starts(block):
            reading.twice(position, codes.twice)
    prompt = [token for block in body[:first] for token in block]
    if not prompt:
        reading.report("Q113", reading.span)
    entries: list[Entry] = []
    for block in body[first:end]:
        if is_quote(block):
            entries[-1] = replace(entries[-1], blocks=(*entries[-1].blocks, belongs(block, entries[-1].line)))
        else:
            entries += [_entry(item) for item in blocks(block[1:-1])]
    return prompt, entries


def holds_list(block: Sequence[Token]) -> bool:
    """Return whether an item of a list has a list of its own."""
    return any(token.type in (BULLETS, NUMBERS) for token in block[1:])


def inner_items(entry: Entry) -> tuple[list[Item], list[Sequence[Token]]]:
    """Return the bullets below an entry, each with the quotes that follow it, and the blocks that are neither."""
    found: list[Item] = []
    stray: list[Sequence[Token]] = []
    for block in entry.blocks:
        if is_list(block):
            found += items(block)
        elif is_quote(block) and found:
            if len(found) > 1:
                belongs(block, found[-1].line)
            found[-1] = replace(found[-1], feedback=(*found[-1].feedback, block))
        else:
            stray.append(block)
    stray += [block for item in found for block in item.rest if block[0].type in (BULLETS, NUMBERS)]
    return found, stray


def read_pairs(reading: Reading, entries: Sequence[Entry], codes: Codes, pair_codes: PairCodes) -> list[Pair]:
    """Return the entries that are a term with one bullet below it, its definition; report the others."""
    pairs: list[Pair] = []
    found = [inner_items(entry) for entry in entries]
    # Where no bullet is indented that is one slip, told once.
    is_flat = not any(inner or stray for inner, stray in found)
    for number, (entry, (inner, stray)) in enumerate(zip(entries, found, strict=True)):
        for block in stray:
            reading.report(pair_codes.stray, reading.place(block))
        term = part_of(reading, entry.inline, entry.line, pair_codes.empty_term, codes)
        below = [part_of(reading, item.inline, item.line, pair_codes.empty_definition, codes) for item in inner]
        if term is not None and not inner and not stray and not (is_flat and number):
            reading.report(pair_codes.alone, term.span, text=shown(term))
        if term is not None and len(inner) > 1:
            second = reading.writer.document.line_span(inner[1].line)
            reading.report(pair_codes.several, second, text=shown(term), count=len(inner))
        if term is not None and len(below) == 1 and below[0] is not None:
            pairs.append(Pair(term, below[0], entry.inline, inner[0]))
    return pairs


def is_tasks(block: Sequence[Token]) -> bool:
    """Return whether a block is a bullet list with an item that begins with `[ ]` or `[x]`, or tries to."""
    if not is_list(block):
        return False
    level = block[0].level + 3
    return any(
        token.type == "inline" and token.level == level and ("task" in token.meta or "task_error" in token.meta)
        for token in block
    )


def bracket(line: Span, source: str) -> Span:
    """Return the place of the brackets with which an item begins; `line` is that of the item, `source` its text."""
    column = source.find("[", line.column - 1) + 1
    return Span(line.file, line.line, column, line.line, source.find("]", column) + 2)


def part_of(reading: Reading, inline: Token, line: int, empty: str, codes: Codes) -> Part | None:
    """Return an item as the lock sees it, without key; None after reporting that it is `empty` or has `[ ]`."""
    document = reading.writer.document
    span, name = document.line_span(line), ""
    attributes = inline.meta.get("attributes")
    if attributes is not None:
        name = attributes.id
        document.found += unknown_keys(attributes, frozenset(), reading.name)
    if "task" in inline.meta or "task_error" in inline.meta:
        reading.report(codes.marked, span)
        return None
    if not inline.content.strip():
        reading.report(empty, span)
        return None
    return Part(name, inline.content, "", span)


def check_parts(reading: Reading, parts: Sequence[Part]) -> None:
    """Report a name that two parts have, and parts for which there is no letter."""
    names = set[str]()
    for part in parts:
        if part.name in names:
            reading.report("S139", part.span, id=part.name)
        names |= {part.name} - {""}
    if len(parts) > len(LETTERS):
        reading.report("Q114", parts[len(LETTERS)].span, count=len(parts), most=len(LETTERS))


def check_texts(reading: Reading, parts: Sequence[Part], *, twice: str) -> None:
    """Report parts that learners could not tell apart."""
    seen = set[str]()
    for part in parts:
        if same(part) in seen:
            reading.report(twice, part.span, text=shown(part))
        seen.add(same(part))


def same(part: Part) -> str:
    """Return what two parts of the same words have in common."""
    return normalise(part.text, case=True, accents=True) or part.text


def shown(part: Part) -> str:
    """Return the words of a part as a diagnostic quotes them."""
    return part.text.strip().split("\n")[0][:60]


def matching(question: Question, letters: Letters) -> Interaction:
    """Return the interaction of a question whose first `sources` parts go with others."""
    pairs = tuple(zip(question.parts, letters.parts, strict=True))
    components = tuple(Component(letter, part.text) for part, letter in pairs)
    count = question.settings["sources"]
    right = (letter + letters.parts[index] for part, letter in pairs for index in part.pairs)
    return Interaction(
        question.id, "matching", components=components[:count], targets=components[count:], right=tuple(right)
    )


def mixed(parts: Sequence[Part]) -> list[int]:
    """Return an order that gives nothing away and never changes: by a hash of the texts, not that of the source."""
    order = sorted(range(len(parts)), key=lambda index: sha256(same(parts[index]).encode()).digest())
    return order if order != sorted(order) else order[1:] + order[:1]


def text_of(html: str) -> str:
    """Return the words of HTML, for a name that cannot hold any: descriptions stand for images."""
    words = _PICTURE.sub(r"\1", _UNSEEN.sub("", html))
    return " ".join(re.split("[ \t\n]+", unescape(_TAG.sub("", _BREAK.sub(" ", words))))).strip()


def _goes_on(before: Sequence[Token], block: Sequence[Token], kind: str) -> bool:
    if is_list(before, kind) and is_list(block, kind):
        return before[0].markup == block[0].markup
    return is_quote(before) or is_list(before, kind)


def _entry(item: Sequence[Token]) -> Entry:
    inner, line = blocks(item[1:-1]), (item[0].map or [0])[0]
    for block in inner:
        if is_quote(block):
            belongs(block, line)
    if inner and inner[0][0].type == "paragraph_open":
        return Entry(inner[0][1], line, tuple(inner[1:]))
    if inner and inner[0][0].type == "heading_open" and inner[0][0].markup == "-":
        # An empty bullet below a line makes that line a heading for Markdown.
        return Entry(inner[0][1], line, (_empty_list((inner[0][0].map or [0, 1])[1] - 1), *inner[1:]))
    return Entry(Token("inline", "", 0, map=[line, line + 1], children=[]), line, tuple(inner))


def _empty_list(line: int) -> Sequence[Token]:
    """Return a list of one empty bullet."""
    place = [line, line + 1]
    return [
        Token("bullet_list_open", "ul", 1, map=place),
        Token("list_item_open", "li", 1, map=place),
        Token("list_item_close", "li", -1),
        Token("bullet_list_close", "ul", -1),
    ]

"""SEAM: one file a question type. What a type gets from the parser and what it hands over.

A type is a module with the names of `QuestionType`; beside it lie `x.html.j2`, `x.css` and `x.yml`, and
`runtime/questions/x.js` plays it. `read_common` takes what all types share out of the directive's body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from markdown_it.token import Token

from builder.attributes import Attributes, Value
from builder.diagnostics import Span, error, note
from builder.markdown import Document, blocks, closing
from builder.model import LETTERS, Component, Interaction, Part, Partial, Question
from builder.seams import feature

COMMON_ATTRIBUTES = frozenset("points tries shuffle objective optional required partial confidence was".split())
"""Attributes of every question (language, "Attributes of all")."""

FLAGS = frozenset("shuffle optional required confidence".split())
"""Those that stand alone: yes or no."""

GROUP_ATTRIBUTES = frozenset("shuffle objective optional required was".split())
"""Those of a directive that holds questions."""

UNGRADED = frozenset("points tries partial confidence".split())
"""Those that mean nothing where nothing is right or wrong: what a type names as its `UNUSED` is reported (Q115)."""

HINT, EXPLANATION, ANSWER = "hint", "explanation", "answer"

_BLANKS = " \t\u00a0\u202f"
_NEAR_MARKER = re.compile(r">\s*\[[A-ZÀ-Þ]+\]\s*$")
_ITEM = re.compile(rf" *(?:[-*+]|\d{{1,9}}[.)])(?:[{_BLANKS}]{{1,4}}(?=[^{_BLANKS}])|(?=$))")
"""What stands before the words of an item of a list that no quote holds."""


@dataclass(frozen=True, slots=True)
class Letters:
    """What the lock says of a question's parts: one letter a part, and a tuple of letters for its children."""

    parts: tuple[str, ...]
    children: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """A question's words as HTML: plain data, so that a body can be stored and read back.

    `prompt`, `hints` and `explanation` are common; `data` is what the type needs of its own (JSON values only).
    """

    id: str
    type: str
    prompt: str
    hints: tuple[str, ...]
    explanation: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a type has read: its part of the question. `is_shuffled`: whether or not the author wrote `shuffle`;
    `points`: what it is worth unless the author says so."""

    prompt: str
    parts: tuple[Part, ...]
    data: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    partial: Partial = "each"
    is_scored: bool = True
    key_order: bool = False
    is_shuffled: bool = False
    points: float = 1


def settled(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions of a lesson with what types that hold others know once all of them are known."""
    return tuple(_settled(question, questions) for question in questions)


def _settled(question: Question, questions: Sequence[Question]) -> Question:
    settle = getattr(feature("questions", question.type), "settle", None)
    return replace(question, settings=settle(question, questions)) if settle else question


CONFIDENCE = ("confidence_none", "confidence_little", "confidence_fair", "confidence_full")
"""Words of the degrees of confidence, from the least, in the section `page`."""


def interactions_of(question: Question, letters: Letters, words: Mapping[str, str]) -> tuple[Interaction, ...]:
    """Return a question as the standards see it, with how sure the learner is where the author asks."""
    kind = feature("questions", question.type)
    made: tuple[Interaction, ...] = kind.interactions(question, letters)
    if not question.asks_confidence:
        return made
    scale = tuple(Component(letter, words[key]) for letter, key in zip(LETTERS, CONFIDENCE, strict=False))
    return (*made, Interaction(f"{question.id}.confidence", "likert", "confidence", components=scale))


Conditions = Callable[[Value], str]
"""Reads a condition on what the learner did, and returns it as JSON for the player; empty after reporting."""


class Writer(Protocol):
    """How a type turns tokens into HTML; findings go to `document.found`."""

    document: Document
    words: Mapping[str, str]

    def html(
        self,
        tokens: Sequence[Token],
        *,
        takes_gaps: bool = False,
        is_feedback: bool = False,
        conditions: Conditions | None = None,
        shows_links: bool = False,
    ) -> str:
        """Return blocks as HTML; a gap is an error unless `takes_gaps`; only feedback links to the glossary.

        `conditions` reads those of `only {if=…}` inside, which is an error without. With `shows_links`, links open
        nothing: their words are a `.shown-link` with `data-address`, and `.shown-address` follows.
        """

    def opening(self, token: Token) -> tuple[Attributes, Span]:
        """Return the attributes and the line of a directive that opens; report what is wrong with its fences."""

    def inline(self, token: Token) -> str:
        """Return an inline token as HTML; a gap becomes `mark_gap(n)`."""

    def read_gaps(self) -> list[tuple[Token, Token]]:
        """Return the gaps met since the last call, each with the inline token that holds it."""

    def read_links(self) -> list[tuple[str, Span]]:
        """Return the destinations of the links that were only shown since the last call, and their places."""

    def text(self, words: str) -> str:
        """Return plain words as HTML, with the typography of the course's language."""


@dataclass(frozen=True, slots=True)
class Inner:
    """A directive that only its question type knows, as `read` meets it: a scene, a message; `body` is its blocks."""

    name: str
    attributes: Attributes
    span: Span
    body: tuple[Sequence[Token], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A question directive while it is being read. `body` holds blocks without hints and explanation.

    `level` is that of the heading that the question stands under, `answer` the model answer as HTML.
    """

    name: str
    attributes: Attributes
    span: Span
    body: tuple[Sequence[Token], ...]
    writer: Writer
    level: int = 1
    answer: str = ""

    def report(self, code: str, span: Span, **arguments: str | int) -> None:
        """Report an error of the source."""
        self.writer.document.found.append(error(code, span, **arguments))

    def after_answers(self, block: Sequence[Token]) -> None:
        """Report a block that follows the answers: an alert that nobody knows or another question by its own name, all
        else as text."""
        found = self.writer.document.found
        before = len(found)
        if block[0].type in ("alert_open", "directive_open"):
            self.writer.html(block)
        if len(found) == before:
            self.report("Q112", self.place(block))

    def twice(self, position: int, code: str) -> None:
        """Report a block of the body that is one list of answers too many: as `code`, unless the next block is the same
        kind of list with another mark, which tears it apart (Q116)."""
        block, after = self.body[position], self.body[position + 1]
        if block[0].type == after[0].type and block[0].markup != after[0].markup:
            start = "1" if block[0].type.startswith("ordered") else ""
            self.report("Q116", self.place(after), mark=start + after[0].markup, other=start + block[0].markup)
        else:
            self.report(code, self.place(block))

    def place(self, block: Sequence[Token]) -> Span:
        """Return the first line of a block."""
        return self.writer.document.line_span((block[0].map or [0])[0])

    def inner(self, block: Sequence[Token], name: str) -> Inner | None:
        """Return a block of the body as the inner directive of that name, None when it is none.

        Reports what is wrong with its fences; the type says which attributes it takes.
        """
        if block[0].type != "directive_open" or block[0].info != name:
            return None
        attributes, span = self.writer.opening(block[0])
        tokens = [token for token in block[1:-1] if token.type != "html_block"]
        return Inner(name, attributes, span, tuple(blocks(tokens)))


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap as the page shows it, once the lock has given letters."""

    letter: str
    kind: str
    unit: str
    width: int
    options: tuple[tuple[str, str], ...]
    label: str


class QuestionType(Protocol):
    """What a module of this seam offers.

    One that takes `[!ANSWER]` has `TAKES_ANSWER = True`. One with directives of its own names them in `INNER`, a
    frozenset: `read` finds them in the body as they are, and everywhere else they are reported (Q118).
    """

    NAME: str
    ATTRIBUTES: frozenset[str]

    def read(self, reading: Reading) -> Draft | None:
        """Return what the source says, or None after reporting why not."""

    def interactions(self, question: Question, letters: Letters) -> tuple[Interaction, ...]:
        """Return the question as the standards see it."""

    def instruction(self, question: Question, words: Mapping[str, str], language: str) -> str:
        """Return what the learner is asked to do, in a few words."""

    def view(self, question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what the type's template wants beside the common values: keys `html` and `feedback` hold HTML, a list
        `gaps` of `Gap`s takes the place of the marks in the prompt."""


@dataclass(frozen=True, slots=True)
class Common:
    """What `read_common` found."""

    body: tuple[Sequence[Token], ...]
    hints: tuple[str, ...]
    explanation: str
    answer: str


def read_common(
    tokens: Sequence[Token], writer: Writer, *, takes_answer: bool = False, inner: frozenset[str] = frozenset()
) -> Common:
    """Take hints, explanation and model answer out of a directive's body, wherever they stand in it; drop comments.

    An alert of another kind stays in the prompt; one inside an answer's list item belongs to the question too. The
    directives named by `inner` stay as they are.
    """
    kept: list[Token] = []
    special: dict[str, list[Sequence[Token]]] = {HINT: [], EXPLANATION: [], ANSWER: []}
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "alert_open" and token.info in special:
            end = closing(tokens, position)
            inside = tokens[position + 1 : end]
            span = writer.document.line_span((token.map or [0])[0])
            if not inside:
                writer.document.found.append(error("Q110", span, kind=token.info.upper()))
            if token.info == ANSWER and not takes_answer:
                writer.document.found.append(error("S135", span, kind=token.info.upper(), where="open"))
            special[token.info].append(inside)
            position = end + 1
            continue
        if token.type == "directive_open" and token.info in inner:
            end = closing(tokens, position) + 1
            kept += tokens[position:end]
            position = end
            continue
        if token.type != "html_block":
            kept.append(token)
        position += 1
    for kind in (EXPLANATION, ANSWER):
        for extra in special[kind][1:]:
            span = writer.document.line_span((extra[0].map or [0])[0] if extra else 0)
            writer.document.found.append(error("Q111", span, kind=kind.upper()))
    return Common(
        tuple(blocks(kept)),
        tuple(writer.html(hint) for hint in special[HINT]),
        writer.html(special[EXPLANATION][0], is_feedback=True) if special[EXPLANATION] else "",
        writer.html(special[ANSWER][0]) if special[ANSWER] else "",
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an answer list: its first line, what follows it, and the plain quotes that are its feedback."""

    inline: Token
    rest: tuple[Sequence[Token], ...]
    feedback: tuple[Sequence[Token], ...]
    line: int


def is_list(block: Sequence[Token], kind: str = "bullet_list_open") -> bool:
    """Return whether a block is a list of that kind."""
    return block[0].type == kind


def is_quote(block: Sequence[Token]) -> bool:
    """Return whether a block is a quote without `[!…]`."""
    return block[0].type == "blockquote_open"


def items(block: Sequence[Token]) -> list[Item]:
    """Return the items of a list; quotes inside an item are its feedback."""
    result = []
    for item in blocks(block[1:-1]):
        inner = blocks(item[1:-1])
        line = (item[0].map or [0])[0]
        first = inner[0] if inner else ()
        if first and first[0].type == "paragraph_open":
            inline, inner = first[1], inner[1:]
        else:
            inline = Token("inline", "", 0, map=[line, line + 1], children=[])
        feedback = tuple(belongs(part, line) for part in inner if is_quote(part))
        result.append(Item(inline, tuple(part for part in inner if not is_quote(part)), feedback, line))
    return result


def gather(
    body: Sequence[Sequence[Token]], end: int, starts: Callable[[Sequence[Token]], bool]
) -> tuple[int, list[Item]]:
    """Return the first block and the items of the answer list that ends before block `end`.

    A quote whose line is not indented ends the list for Markdown, not for us, and so does a hint: lists and quotes that
    follow each other are one list, each quote the feedback of the item before it. `starts` says which block may be the
    first.
    """
    first = end
    while first > 0 and (is_quote(body[first - 1]) or is_list(body[first - 1])):
        if first < end and _are_two(body[first - 1], body[first]):
            break
        first -= 1
    while first < end and not starts(body[first]):
        first += 1
    result: list[Item] = []
    for block in body[first:end]:
        if is_quote(block):
            last = result[-1]
            result[-1] = Item(last.inline, last.rest, (*last.feedback, belongs(block, last.line)), last.line)
        else:
            result += items(block)
    return first, result


def _are_two(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Return whether two blocks are lists with other marks; with the same marks, a hint stood between them."""
    return is_list(one) and is_list(other) and one[0].markup != other[0].markup


def belongs(quote: Sequence[Token], line: int) -> Sequence[Token]:
    """Return a quote that is the feedback of the item which begins on a 0-based line, and remember that it is."""
    quote[0].meta["item"] = line
    return quote


def _note_indentation(document: Document, quote: Sequence[Token], ends: Collection[int]) -> None:
    """Note feedback that other viewers show outside of its answer: it begins left of it, or so far right that it is
    code (S180). `ends` are the lines at which other feedback ends."""
    place, item = quote[0].map, quote[0].meta.get("item")
    mark = _ITEM.match(document.lines[item]) if item is not None and place else None
    if not mark or not place:
        return
    first, last = place
    source, column = document.lines[first], len(mark[0])
    if _NEAR_MARKER.search(source):  # S189 tells
        return
    if not source.lstrip(_BLANKS).startswith(">") or column <= len(source) - len(source.lstrip(_BLANKS)) < column + 4:
        return
    while last > first + 1 and not document.lines[last - 1].strip():
        last -= 1
    follows = first in ends or document.lines[first - 1].lstrip(_BLANKS).startswith(">")
    origin, start = document.origin(first), source.index(">") + 1
    span = Span(origin.file, origin.line, start, origin.line, max(len(source), start) + 1)
    document.found.append(note("S180", span, lines=last - first, indent=column, follows=int(follows)))


def feedback_html(writer: Writer, quotes: Sequence[Sequence[Token]]) -> str:
    """Return feedback as HTML, without the quote around it; notes quotes that stand outside of their answer (S180)."""
    ends = [quote[0].map[1] for quote in quotes if quote[0].map]
    for quote in quotes:
        _note_indentation(writer.document, quote, ends)
    return "".join(writer.html(quote[1:-1], is_feedback=True) for quote in quotes)


def mark_gap(number: int) -> str:
    """Return what stands for a gap in a prompt's HTML; U+0000 never occurs in a source."""
    return f"\0gap {number}\0"

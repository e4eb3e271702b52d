"""SEAM: one file a question type. What a type gets from the parser and what it hands over.

A type is a module with the names of `QuestionType`; beside it lie `x.html.j2`, `x.css` and `x.yml`, and
`runtime/questions/x.js` plays it. `read_common` takes what all types share out of the directive's body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from markdown_it.token import Token

from builder.attributes import Attributes
from builder.diagnostics import Span, error
from builder.markdown import Document, blocks, closing
from builder.model import Interaction, Part, Partial, Question

COMMON_ATTRIBUTES = frozenset("points tries shuffle objective optional required partial was".split())
"""Attributes of every question (language, "Attributes of all")."""

HINT, EXPLANATION, ANSWER = "hint", "explanation", "answer"


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
    """What a type has read: its part of the question. `is_shuffled`: whether or not the author wrote `shuffle`."""

    prompt: str
    parts: tuple[Part, ...]
    data: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    partial: Partial = "each"
    is_scored: bool = True
    key_order: bool = False
    is_shuffled: bool = False


class Writer(Protocol):
    """How a type turns tokens into HTML; findings go to `document.found`."""

    document: Document

    def html(self, tokens: Sequence[Token], *, takes_gaps: bool = False, is_feedback: bool = False) -> str:
        """Return blocks as HTML; a gap is an error unless `takes_gaps`; only feedback links to the glossary."""

    def inline(self, token: Token) -> str:
        """Return an inline token as HTML; a gap becomes `mark_gap(n)`."""

    def read_gaps(self) -> list[tuple[Token, Token]]:
        """Return the gaps met since the last call, each with the inline token that holds it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question directive while it is being read. `body` holds blocks without hints and explanation."""

    name: str
    attributes: Attributes
    span: Span
    body: tuple[Sequence[Token], ...]
    writer: Writer

    def report(self, code: str, span: Span, **arguments: str | int) -> None:
        """Report an error of the source."""
        self.writer.document.found.append(error(code, span, **arguments))

    def after_answers(self, block: Sequence[Token]) -> None:
        """Report a block that follows the answers: an alert that nobody knows by its own name, all else as text."""
        found = self.writer.document.found
        before = len(found)
        if block[0].type == "alert_open":
            self.writer.html(block)
        if len(found) == before:
            self.report("Q112", self.place(block))

    def place(self, block: Sequence[Token]) -> Span:
        """Return the first line of a block."""
        return self.writer.document.line_span((block[0].map or [0])[0])


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
    """What a module of this seam offers."""

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


def read_common(tokens: Sequence[Token], writer: Writer, *, takes_answer: bool = False) -> Common:
    """Take hints, explanation and model answer out of a directive's body, wherever they stand in it; drop comments.

    An alert of another kind stays in the prompt; one inside an answer's list item belongs to the question too.
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
        feedback = tuple(part for part in inner if is_quote(part))
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
            result[-1] = Item(last.inline, last.rest, (*last.feedback, block), last.line)
        else:
            result += items(block)
    return first, result


def _are_two(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Return whether two blocks are lists with other marks; with the same marks, a hint stood between them."""
    return is_list(one) and is_list(other) and one[0].markup != other[0].markup


def feedback_html(writer: Writer, quotes: Sequence[Sequence[Token]]) -> str:
    """Return feedback as HTML, without the quote around it."""
    return "".join(writer.html(quote[1:-1], is_feedback=True) for quote in quotes)


def mark_gap(number: int) -> str:
    """Return what stands for a gap in a prompt's HTML; U+0000 never occurs in a source."""
    return f"\0gap {number}\0"

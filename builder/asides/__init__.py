"""SEAM: one file an aside, a directive that is not answered (language, "Other directives")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from markdown_it.token import Token

from builder.attributes import Attributes, Value
from builder.diagnostics import Span, error
from builder.markdown import Document
from builder.model import Character, Condition


class BlockWriter(Protocol):
    """How an aside writes: text goes out in order, between what its body writes."""

    document: Document
    words: Mapping[str, str]
    language: str
    characters: Mapping[str, Character]

    def write(self, html: str) -> None:
        """Write HTML as it is."""

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Write the body's blocks, questions included."""

    def inline(self, token: Token) -> str:
        """Return an inline token as HTML."""

    def text(self, words: str) -> str:
        """Return plain words as HTML, with the typography of the course's language."""

    def unlisted_heading(self, heading: Token, words: Token) -> None:
        """Write a heading that stays out of the table of contents."""

    def file(self, destination: str, span: Span, line: int) -> str:
        """Return what stands in an attribute for a file in `media/`, which enters the package.

        `line` is the 0-based line, after includes, of the one who names it.
        """

    def condition(self, value: Value) -> str | None:
        """Return a condition on what the learner did as JSON, empty after reporting; None where nothing is known."""

    def insert(self, condition: Condition, tokens: Sequence[Token]) -> None:
        """Write blocks that are shown under a condition; inside a question that is an error (Q474)."""


@dataclass(frozen=True, slots=True)
class Directive:
    """An aside while it is being written."""

    name: str
    attributes: Attributes
    span: Span
    tokens: Sequence[Token]

    def report(self, writer: BlockWriter, code: str, span: Span, **arguments: str | int) -> None:
        """Report an error of the source."""
        writer.document.found.append(error(code, span, **arguments))


class Aside(Protocol):
    """What a module of this seam offers."""

    NAME: str
    ATTRIBUTES: frozenset[str]

    def write(self, directive: Directive, writer: BlockWriter) -> None:
        """Write the aside as HTML."""

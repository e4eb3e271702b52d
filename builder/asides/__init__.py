"""SEAM: one file an aside, a directive that is not answered (language, "Other directives")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from markdown_it.token import Token

from builder.attributes import Attributes
from builder.diagnostics import Span, error
from builder.markdown import Document


class BlockWriter(Protocol):
    """How an aside writes: text goes out in order, between what its body writes."""

    document: Document
    words: Mapping[str, str]

    def write(self, html: str) -> None:
        """Write HTML as it is."""

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Write the body's blocks, questions included."""


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

"""`trainer`: notes for whoever teaches with the course; only `build --trainer` shows them."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive
from builder.model import Condition
from builder.seams import features

NAME = "trainer"
ATTRIBUTES: frozenset[str] = frozenset()


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write the notes under a condition that only a trainer fulfils; a question in them is an error (Q460)."""
    for token in directive.tokens:
        if token.type == "directive_open" and token.info in features("questions"):
            directive.report(writer, "Q460", writer.document.line_span((token.map or [0])[0]), name=token.info)
    writer.insert(Condition(directive.span, is_for_trainer=True), directive.tokens)

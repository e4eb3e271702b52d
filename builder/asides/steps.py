"""`steps`: an ordered list, shown as what to do one after the other."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive
from builder.markdown import blocks

NAME = "steps"
ATTRIBUTES: frozenset[str] = frozenset()


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write the list; anything but one ordered list is an error (Q430)."""
    body = [block for block in blocks(directive.tokens) if block[0].type != "html_block"]
    if len(body) != 1 or body[0][0].type != "ordered_list_open":
        directive.report(writer, "Q430", directive.span)
    writer.write('<div class="steps">\n')
    writer.blocks(directive.tokens)
    writer.write("</div>\n")

"""`compare`: columns side by side where there is room, one below the other where there is not."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive
from builder.asides._panels import panels

NAME = "compare"
ATTRIBUTES: frozenset[str] = frozenset()


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a column a heading."""
    writer.write('<div class="compare">\n')
    for panel in panels(directive, writer):
        writer.write('<div class="compare-column">\n')
        writer.unlisted_heading(panel.heading, panel.words)
        writer.blocks(panel.tokens)
        writer.write("</div>\n")
    writer.write("</div>\n")

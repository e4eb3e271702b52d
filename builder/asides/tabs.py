"""`tabs`: panels of which one is open at a time, each below its heading.

Native disclosures that share a name: they work by keyboard and without script, and all are printed. A tablist would
need script to be readable at all.
"""

from __future__ import annotations

from builder.asides import BlockWriter, Directive
from builder.asides._panels import panels

NAME = "tabs"
ATTRIBUTES: frozenset[str] = frozenset()


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write an exclusive accordion whose first panel is open."""
    group = f"tabs-{(directive.tokens[0].map or [0])[0] + 1}" if directive.tokens else "tabs"
    writer.write('<div class="tabs">\n')
    for number, panel in enumerate(panels(directive, writer)):
        is_open = "" if number else " open"
        writer.write(f'<details class="details tab" name="{group}"{is_open}><summary>')
        writer.unlisted_heading(panel.heading, panel.words)
        writer.write("</summary>\n")
        writer.blocks(panel.tokens)
        writer.write("</details>\n")
    writer.write("</div>\n")

"""`details {title="…"}`: text that the learner opens when they want it."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive

NAME = "details"
ATTRIBUTES = frozenset({"title"})


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a native disclosure; a missing title is an error (Q401)."""
    title = directive.attributes.text("title").strip()
    if not title:
        directive.report(writer, "Q401", directive.span)
    writer.write(f'<details class="details"><summary>{writer.text(title)}</summary>\n')
    writer.blocks(directive.tokens)
    writer.write("</details>\n")

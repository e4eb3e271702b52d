"""`figure`: an image, then its caption."""

from __future__ import annotations

from copy import copy

from builder.asides import BlockWriter, Directive
from builder.markdown import blocks

NAME = "figure"
ATTRIBUTES: frozenset[str] = frozenset()


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a figure. Reports a missing image (Q431) and a missing caption (Q432).

    The caption may be a paragraph of its own, or the lines below the image.
    """
    body = [block for block in blocks(directive.tokens) if block[0].type != "html_block"]
    words = body[0][1] if body and body[0][0].type == "paragraph_open" else None
    children = words.children or [] if words else []
    if words is None or not children or children[0].type != "image":
        directive.report(writer, "Q431", directive.span)
        writer.blocks(directive.tokens)
        return
    image, rest = copy(words), copy(words)
    image.children = children[:1]
    rest.children = children[2:] if len(children) > 1 and children[1].type == "softbreak" else children[1:]
    writer.write(f"<figure>{writer.inline(image)}")
    below = [token for block in body[1:] for token in block]
    if not rest.children and not below:
        directive.report(writer, "Q432", directive.span)
    writer.write("<figcaption>")
    if rest.children:
        writer.write(f"<p>{writer.inline(rest)}</p>\n" if below else writer.inline(rest))
    if len(body) == 2 and not rest.children and below[0].type == "paragraph_open":
        writer.write(writer.inline(below[1]))
    else:
        writer.blocks(below)
    writer.write("</figcaption></figure>\n")

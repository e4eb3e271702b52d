"""What `tabs` and `compare` share: headings of one level cut their text into panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from builder.asides import BlockWriter, Directive
from builder.diagnostics import Span
from builder.markdown import blocks


@dataclass(frozen=True, slots=True)
class Panel:
    """A tab or column: its heading, and the blocks below it."""

    heading: Token
    words: Token
    tokens: tuple[Token, ...]


def panels(directive: Directive, writer: BlockWriter) -> tuple[Panel, ...]:
    """Cut the aside at the headings of the level used first.

    Reports fewer than two of them (Q420), something before the first (Q421), a heading above them (Q422).
    """
    found: list[tuple[Sequence[Token], list[Token]]] = []
    before: list[Span] = []
    level, name = "", directive.name
    for block in blocks(directive.tokens):
        first = block[0]
        if first.type == "html_block":
            continue
        place = writer.document.line_span((first.map or [0])[0])
        if first.type == "heading_open" and (not level or first.tag <= level):
            if level and first.tag < level:
                directive.report(writer, "Q422", place, name=name)
            level = level or first.tag
            found.append((block, []))
        elif found:
            found[-1][1].extend(block)
        else:
            before.append(place)
    for place in before if found else ():
        directive.report(writer, "Q421", place, name=name)
    if len(found) < 2:
        directive.report(writer, "Q420", directive.span, name=name)
    return tuple(Panel(block[0], block[1], tuple(below)) for block, below in found)

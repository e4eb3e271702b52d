"""`only`: text for some, chosen by `audience=` and `region=` when the course is built (language, "Variants"), by `if=`
while a scenario is played (language, "Scenario")."""

from __future__ import annotations

import re
from html import escape

from builder.asides import BlockWriter, Directive
from builder.attributes import Value
from builder.model import Condition

NAME = "only"
ATTRIBUTES = frozenset({"audience", "region", "if"})

_REGION = re.compile(r"[A-Z]{2}")


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write an insert. Reports one without condition (Q470), a region that is none (Q472), `if` where no state is known
    (Q473). That an audience is one of the course's is checked where the whole course is known."""
    attributes = directive.attributes
    audience, region = attributes.words("audience"), attributes.words("region")
    if (state := attributes.values.get("if")) is not None:
        _by_state(directive, state, writer)
        return
    if not audience and not region:
        directive.report(writer, "Q470", directive.span)
    for name in region:
        if not _REGION.fullmatch(name):
            directive.report(writer, "Q472", attributes.values["region"].span, region=name[:20])
    value = attributes.values.get("audience")
    writer.insert(Condition(value.span if value else directive.span, audience, region), directive.tokens)


def _by_state(directive: Directive, state: Value, writer: BlockWriter) -> None:
    """Write text that the player shows in some states; a question is the same in every variant (Q474)."""
    condition = writer.condition(state)
    if condition is None:
        directive.report(writer, "Q473", state.span)
    elif len(directive.attributes.values) > 1:
        directive.report(writer, "Q474", directive.span)
    title = escape(writer.words["only_when"])
    writer.write(
        f'<div class="scene-when" data-if="{escape(condition or "")}"><p class="scene-when-title">{title}</p>\n'
    )
    writer.blocks(directive.tokens)
    writer.write("</div>\n")

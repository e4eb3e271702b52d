"""`only {audience=… region=…}`: text of one variant, chosen when the course is built (language, "Variants")."""

from __future__ import annotations

import re

from builder.asides import BlockWriter, Directive
from builder.model import Condition

NAME = "only"
ATTRIBUTES = frozenset({"audience", "region", "if"})

_REGION = re.compile(r"[A-Z]{2}")


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write an insert. Reports one without condition (Q470), a region that is none (Q472), `if` outside a scenario
    (Q473). That an audience is one of the course's is checked where the whole course is known."""
    attributes = directive.attributes
    audience, region = attributes.words("audience"), attributes.words("region")
    if "if" in attributes.values:
        directive.report(writer, "Q473", attributes.values["if"].span)
    elif not audience and not region:
        directive.report(writer, "Q470", directive.span)
    for name in region:
        if not _REGION.fullmatch(name):
            directive.report(writer, "Q472", attributes.values["region"].span, region=name[:20])
    value = attributes.values.get("audience")
    condition = Condition(value.span if value else directive.span, audience, region)
    writer.insert(condition, directive.tokens)

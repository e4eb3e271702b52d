"""What manifests share: how they are written, and that XML cannot write all characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from builder.diagnostics import Diagnostic, Span, error

XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_characters(quoted: Iterable[tuple[str, Span]]) -> Iterator[Diagnostic]:
    """Report control characters in what a manifest quotes: XML has no way to write them."""
    for text, span in quoted:
        if found := NOT_XML.search(text):
            yield error("T208", span, character=f"U+{ord(found[0]):04X}")


def written(root: etree._Element) -> bytes:
    """Return a document in UTF-8, indented, without character references: Moodle mangles them (standards f.1)."""
    etree.indent(root)
    return XML_DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + b"\n"

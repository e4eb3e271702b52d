"""LaTeX → MathML at build: what a learner's browser shows without any script.

The converter is imported when the first formula is met. What it does not understand it writes as text or drops, so its
tree is judged here: a command that is left over, or a fraction without denominator, is the author's to mend. Only the
elements and attributes of `_CHILDREN` and `_ATTRIBUTES` go out: no link, no style, no colour of a formula's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 4000
"""Longest formula that is read, in characters."""

_CHILDREN = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
    **dict.fromkeys(("math", "mrow", "msqrt", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"), -1),
    **dict.fromkeys(("mi", "mn", "mo", "ms", "mtext", "mspace"), 0),
}
"""How many children an element has; −1: any number."""
_ATTRIBUTES = frozenset(
    "mathvariant stretchy fence form minsize maxsize accent linethickness width height depth displaystyle scriptlevel"
    " movablelimits largeop columnalign columnspacing rowspacing".split()
)
_REFUSED = {
    "href": r"\href",
    "style": r"\style",
    "class": r"\class",
    "id": r"\cssId",
    "mathcolor": r"\color",
    "linebreak": r"\\",
    "notation": r"\cancel",
}
"""Attributes that a formula may not set or that no browser draws, and the command that most likely did."""
_SCRIPTS = frozenset({"msub", "msup", "msubsup"})
_COMMAND = re.compile(r"\\[A-Za-z]+")
_ESCAPED = re.compile(r"\\([$%&#_{}])")
_SPACED_COMMA = re.compile(r"(?<=\d),(?=\s+\d)")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as `<math>`; or else `command`: one that is not known, or nothing when the formula is not complete."""

    html: str
    command: str = ""


class _Unknown(Exception):
    """A command that the converter did not understand, or that we do not let through."""


@lru_cache(1024)
def mathml(latex: str, is_display: bool, language: str) -> Formula:
    """Return a formula as MathML. `html` is empty when it is not understood.

    In French a comma between two digits is a decimal mark, not a separator with space after it. The source goes along
    as `alttext` for whoever reads without MathML.

    Source: MathML Core §2.1 (elements), §2.2.1 (`alttext`).
    """
    if not latex.strip() or len(latex) > LONGEST:
        return Formula("")
    is_french = language.startswith("fr")
    source = _SPACED_COMMA.sub(",{}", latex) if is_french else latex
    try:
        tree = _tree(source, is_display)
        if tree is None:
            return Formula("")
        _tidy(tree, is_display, is_french)
        inner = "".join(_written(tree))
    except _Unknown as problem:
        return Formula("", str(problem))
    except (RecursionError, _Incomplete):
        return Formula("")
    display = ' display="block"' if is_display else ""
    return Formula(f'<math{display} alttext="{escape(" ".join(latex.split()))}">{inner}</math>')


class _Incomplete(Exception):
    """A command lacks what it wants."""


def _tree(latex: str, is_display: bool) -> Element | None:
    """Return the converter's tree; None when it gives up.

    It stops at bad input with whatever its code meets first, `IndexError` and `KeyError` among them, so every exception
    of its is taken for a formula that is not understood.
    """
    from latex2mathml.converter import convert_to_element

    try:
        return convert_to_element(latex, display="block" if is_display else "inline")
    except Exception:
        return None


def _tidy(element: Element, is_display: bool, is_french: bool) -> None:
    r"""Make one number of `3{,}5`, in French of `3,5` too, and one word of letters that stand upright.

    The letter of `\mathrm{m}`, which the converter writes as a bare symbol, is set upright too; where a formula stands
    apart, what `\lim` tends to stands below it.
    """
    for child in element:
        _tidy(child, is_display, is_french)
    if element.tag == "mi" and (element.text or "").startswith("&#x000"):
        element.set("mathvariant", "normal")
    base = element[0] if is_display and element.tag == "msub" and len(element) else None
    if base is not None and base.tag == "mo" and (base.text or "").isalpha():
        element.tag = "munder"
    position = 0
    while position + 2 < len(element):
        whole, mark, rest = element[position], element[position + 1], element[position + 2]
        number = rest[0] if rest.tag in _SCRIPTS and len(rest) else rest
        if whole.tag == number.tag == "mn" and _is_comma(mark, is_french):
            number.text = f"{whole.text},{number.text}"
            element.remove(whole)
            element.remove(mark)
        else:
            position += 1
    if element.tag == "mrow" and len(element) > 1 and all(_is_upright(child) for child in element):
        element.tag, element.text = "mi", "".join(child.text or "" for child in element)
        element[:] = []


def _is_comma(element: Element, is_french: bool) -> bool:
    is_braced = element.tag == "mrow" and len(element) == 1
    mark = element[0] if is_braced else element
    return (is_braced or is_french) and mark.tag == "mo" and unescape(mark.text or "") == ","


def _is_upright(element: Element) -> bool:
    return element.tag == "mi" and element.get("mathvariant") == "normal" and (element.text or "").isalpha()


def _written(element: Element) -> Iterator[str]:
    """Yield what stands inside an element."""
    children = list(element)
    wanted = _CHILDREN[element.tag]
    if wanted > 0 and len(children) != wanted:
        raise _Incomplete
    raw = element.text or ""
    if raw in ("&", "{", "}"):
        raise _Incomplete
    if command := _COMMAND.match(raw):
        raise _Unknown(command[0])
    if raw == "\\":
        raise _Incomplete
    yield escape(_ESCAPED.sub(r"\1", unescape(raw)), quote=False)
    for child in children:
        yield from _element(child)


def _element(element: Element) -> Iterator[str]:
    if refused := next((name for name in element.attrib if name in _REFUSED), None):
        raise _Unknown(r"\boxed" if element.attrib[refused] == "box" else _REFUSED[refused])
    if element.tag not in _CHILDREN:
        raise _Incomplete
    attributes = "".join(
        f' {name}="{escape(str(value))}"' for name, value in element.attrib.items() if name in _ATTRIBUTES
    )
    yield f"<{element.tag}{attributes}>"
    yield from _written(element)
    yield f"</{element.tag}>"

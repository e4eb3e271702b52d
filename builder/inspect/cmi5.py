"""cmi5: the course structure against its schema, and the rules that the schema leaves out.

An LMS must refuse a structure that breaks most of them: of ADL's 16 deliberately invalid structures the schema sees
one. Clauses are those of cmi5 (Quartz, 1st edition).

A package is a zip with `cmi5.xml` at its root, or that file alone (§14): then all its URLs are absolute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from builder.inspect import Finding, Grammars, Package
from builder.inspect.archive import broken, note, risky
from builder.inspect.detect import CMI5
from builder.inspect.references import Fault, Files, Kind, faults, is_iri, is_language, shown
from builder.inspect.xml import children, line_of, local, read_xml, space, validate

SPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"

XSI_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"

RESERVED = frozenset("endpoint fetch actor registration activityId".split())
"""Names of the launch parameters: §8.1.1 to §8.1.5."""

MOVE_ON = frozenset("NotApplicable Passed Completed CompletedAndPassed CompletedOrPassed".split())
LAUNCH_METHODS = frozenset(("AnyWindow", "OwnWindow"))
SCORE = re.compile(r"\+?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})")
PLACEHOLDER = re.compile(
    r"https?://(?:[^/?#]*\.)?(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost)(?::\d+)?(?:[/?#]|$)",
    re.IGNORECASE,
)
"""Hosts that nobody owns: RFC 2606."""

ORDER = {
    "courseStructure": ("course", "objectives", "au|block"),
    "course": ("title", "description"),
    "block": ("title", "description", "objectives", "au|block"),
    "au": ("title", "description", "objectives", "url", "launchParameters", "entitlementKey"),
}
"""Children in order: §13.2, the schema."""


def check(package: Package, schemas: Grammars) -> Iterator[Finding]:
    """Yield what is wrong with a cmi5 package."""
    document, _ = read_xml(package, CMI5)
    if document is None:
        return
    root = document.root
    yield note("P526", CMI5)
    if local(root) != "courseStructure" or space(root) != SPACE:
        yield broken("P501", CMI5, line_of(root), element=shown(local(root)), namespace=shown(space(root)))
        return
    yield from validate(document, schemas.get("cmi5"))
    elements = _elements(root)
    files = None if is_alone(package) else Files(package.entries)
    yield from _structure(root, elements)
    yield from _identifiers(elements)
    for element in elements:
        if local(element) in ("course", "block", "au") or _is_objective(element):
            yield from _texts(element)
        if local(element) == "au":
            yield from _url(element, files)
            yield from _values(element)
    units = [one for one in elements if local(one) == "au"]
    if units and all(one.get("moveOn", "NotApplicable").strip() == "NotApplicable" for one in units):
        yield note("P519", CMI5, line_of(units[0]), count=len(units))
    yield from _extensions(root, package)


def launches(package: Package) -> tuple[tuple[str, str], ...]:
    """Return the files of the package that an LMS opens, with the titles of their assignable units, in order."""
    document, _ = read_xml(package, CMI5)
    if document is None:
        return ()
    files = Files(package.entries)
    found: dict[str, str] = {}
    for element in _elements(document.root):
        if local(element) == "au":
            place = files.find(_text(element, "url"))
            if place.kind in (Kind.FILE, Kind.CASE):
                found.setdefault(place.name, _title(element))
    return tuple(found.items())


def is_alone(package: Package) -> bool:
    """Tell whether a package is a course structure without a zip (§14.2)."""
    return package.name.lower().endswith(".xml") and len(package.entries) == 1


def _elements(root: etree._Element) -> list[etree._Element]:
    """Return all elements of cmi5's own namespace, in order."""
    return [one for one in root.iter() if isinstance(one.tag, str) and space(one) == SPACE]


def _is_objective(element: etree._Element) -> bool:
    """Tell whether an element is the definition of an objective, not a reference to one."""
    parent = element.getparent()
    holder = parent.getparent() if parent is not None else None
    return local(element) == "objective" and holder is not None and local(holder) == "courseStructure"


def _text(element: etree._Element, name: str) -> str:
    """Return the text of the first child of a name, without spaces around it (§13.1: the LMS removes them)."""
    found = children(element, name)
    return "".join(map(str, found[0].itertext())).strip() if found else ""


def _title(element: etree._Element) -> str:
    """Return the first title of an element, else its id."""
    words = [one for holder in children(element, "title")[:1] for one in children(holder, "langstring")]
    return shown(next((one.text for one in words if (one.text or "").strip()), None) or element.get("id"))


def _structure(root: etree._Element, elements: list[etree._Element]) -> Iterator[Finding]:
    """What must be there, in order (§13.2)."""
    if not children(root, "course"):
        yield broken("P502", CMI5, line_of(root), element="courseStructure", missing="course")
    for element in elements:
        name = local(element)
        if name in ("courseStructure", "block") and not children(element, "au", "block"):
            yield broken("P502", CMI5, line_of(element), element=name, missing="au")
        if name in ORDER:
            yield from _order(element, ORDER[name])


def _order(element: etree._Element, order: tuple[str, ...]) -> Iterator[Finding]:
    ranks = {name: rank for rank, names in enumerate(order) for name in names.split("|")}
    highest, before = -1, ""
    for child in children(element):
        is_ours = space(child) == space(element)
        if is_ours and local(child) not in ranks:
            yield broken("P503", CMI5, line_of(child), element=shown(local(child)), parent=local(element))
            return
        rank = ranks[local(child)] if is_ours else len(order)
        if rank < highest:
            yield broken("P504", CMI5, line_of(child), element=shown(local(child)), after=shown(before))
            return
        if rank > highest:
            highest, before = rank, local(child)


def _identifiers(elements: list[etree._Element]) -> Iterator[Finding]:
    """Identifiers are whole IRIs, each once (§3.0, §13.1.1 to §13.1.4); references to objectives lead somewhere."""
    seen: dict[str, str] = {}
    objectives = {one.get("id", "").strip() for one in elements if _is_objective(one)}
    for element in elements:
        name = local(element)
        reference = element.get("idref") if name == "objective" else None
        if reference is not None and reference.strip() not in objectives:
            yield risky("P512", CMI5, line_of(element), value=shown(reference))
        if name not in ("course", "block", "au") and not _is_objective(element):
            continue
        value = element.get("id", "").strip()
        if not is_iri(value):
            yield broken("P505", CMI5, line_of(element), element=name, value=shown(value))
            continue
        other = seen.get(value)
        if other == name:
            yield broken("P506", CMI5, line_of(element), element=name, value=shown(value))
        elif other is not None:
            yield risky("P507", CMI5, line_of(element), element=name, other=other, value=shown(value))
        seen.setdefault(value, name)
        if PLACEHOLDER.match(value):
            yield note("P508", CMI5, line_of(element), value=shown(value))


def _texts(element: etree._Element) -> Iterator[Finding]:
    """A title and a description, in words, each with its language (§13.1)."""
    for name in ("title", "description"):
        holders = children(element, name)
        words = [one for holder in holders for one in children(holder, "langstring")]
        if not words:
            yield broken("P509", CMI5, line_of(element), element=local(element), missing=name, item=_title(element))
        elif not any((one.text or "").strip() for one in words):
            yield risky("P510", CMI5, line_of(words[0]), element=local(element), missing=name)
        for one in words:
            if not is_language((one.get("lang") or "").strip()):
                yield risky("P511", CMI5, line_of(one), value=shown(one.get("lang")))


def _url(unit: etree._Element, files: Files | None) -> Iterator[Finding]:
    """Where an assignable unit is opened (§8.1, §13.1.4, §14.1, §14.2). `files` is None without a zip."""
    holder = next(iter(children(unit, "url")), None)
    url, item = _text(unit, "url"), _title(unit)
    line = line_of(unit if holder is None else holder)
    if not url:
        yield broken("P513", CMI5, line, item=item)
        return
    for fault, about in faults(url, RESERVED, files):
        if fault is Fault.MALFORMED:
            yield broken("P514", CMI5, line, value=shown(url))
        elif fault is Fault.RESERVED:
            yield broken("P515", CMI5, line, value=shown(url), parameter=about)
        elif fault is Fault.RELATIVE:
            yield broken("P516", CMI5, line, value=shown(url))
        elif fault is Fault.CASE:
            yield broken("P518", CMI5, line, href=shown(url), name=shown(about))
        else:
            yield broken("P517", CMI5, line, href=shown(url), item=item)


def _values(unit: etree._Element) -> Iterator[Finding]:
    """`moveOn`, `launchMethod`, `masteryScore`, `activityType` (§13.1.4)."""
    line = line_of(unit)
    for name, words in (("moveOn", MOVE_ON), ("launchMethod", LAUNCH_METHODS)):
        value = unit.get(name)
        if value is not None and value not in words:
            yield broken("P520", CMI5, line, attribute=name, value=shown(value))
    score = (unit.get("masteryScore") or "").strip()
    if unit.get("masteryScore") is not None:
        if not SCORE.fullmatch(score) or float(score) > 1:
            yield broken("P521", CMI5, line, value=shown(score))
        elif len(score.partition(".")[2].rstrip("0")) > 4:
            yield risky("P522", CMI5, line, value=shown(score))
    kind = unit.get("activityType")
    if kind is not None and not is_iri(kind.strip()):
        yield risky("P523", CMI5, line, value=shown(kind))


def _extensions(root: etree._Element, package: Package) -> Iterator[Finding]:
    """Elements of others, whose schema must come along or be named (§13.1.5)."""
    foreign = [one for one in root.iter() if isinstance(one.tag, str) and space(one) != SPACE]
    named = set((root.get(XSI_LOCATION) or "").split()[::2])
    wanting = [one for one in foreign if space(one) not in named]
    if wanting and not any(name.lower().endswith(".xsd") for name in package.entries):
        yield risky("P524", CMI5, line_of(wanting[0]), namespace=shown(space(wanting[0])))

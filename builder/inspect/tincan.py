"""Tin Can packages: `tincan.xml`, what it launches, and what an LRS would refuse of its activities.

There is no schema to be had from its authors any more; the rules are those of the format's description, "Packaging" and
"Activity Definition" of Rustici's *Incorporating a TinCan LRS into an LMS* (named LMS below), and of xAPI 1.0.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from builder.inspect import Finding, Grammars, Package
from builder.inspect.archive import broken, note, risky
from builder.inspect.detect import TINCAN
from builder.inspect.references import Fault, Files, Kind, faults, is_iri, is_language, shown
from builder.inspect.xml import children, line_of, local, read_xml, space, validate

SPACE = "http://projecttincan.com/tincan.xsd"

RESERVED = frozenset(
    "endpoint auth actor registration activity_id activity_platform Accept-Language grouping content_token "
    "content_endpoint".split()
)
"""Names of the launch parameters: LMS, "Launch" and "Private Content Access"."""


def check(package: Package, schemas: Grammars) -> Iterator[Finding]:
    """Yield what is wrong with a Tin Can package."""
    document, _ = read_xml(package, TINCAN)
    if document is None:
        return
    root = document.root
    yield note("P615", TINCAN)
    if local(root) != "tincan":
        yield broken("P601", TINCAN, line_of(root), element=shown(local(root)))
        return
    yield from validate(document, schemas.get("tincan"))
    if space(root) != SPACE:
        yield risky("P602", TINCAN, line_of(root), namespace=shown(space(root)))
    others = sorted(name for name in package.entries if name.endswith(f"/{TINCAN}"))
    if others:
        yield risky("P603", others[0])
    activities = _activities(root)
    if not activities:
        yield broken("P604", TINCAN, line_of(root))
        return
    yield from _launch(activities)
    files = None if is_alone(package) else Files(package.entries)
    seen: set[str] = set()
    for activity in activities:
        value = activity.get("id", "").strip()
        if not is_iri(value):
            yield broken("P605", TINCAN, line_of(activity), value=shown(value))
        elif value in seen:
            yield risky("P606", TINCAN, line_of(activity), value=shown(value))
        seen.add(value)
        yield from _definition(activity)
        for element in children(activity, "launch", "resource"):
            yield from _url(element, files)


def launches(package: Package) -> tuple[tuple[str, str], ...]:
    """Return the files of the package that an LMS opens, with the names of their activities, in order."""
    document, _ = read_xml(package, TINCAN)
    if document is None:
        return ()
    files = Files(package.entries)
    found: dict[str, str] = {}
    for activity in _activities(document.root):
        for element in children(activity, "launch"):
            place = files.find(_text(element))
            if place.kind in (Kind.FILE, Kind.CASE):
                found.setdefault(place.name, _name(activity))
    return tuple(found.items())


def is_alone(package: Package) -> bool:
    """Tell whether a package is a `tincan.xml` without a zip, which describes what lies elsewhere."""
    return package.name.lower().endswith(".xml") and len(package.entries) == 1


def _activities(root: etree._Element) -> list[etree._Element]:
    return [one for holder in children(root, "activities") for one in children(holder, "activity")]


def _text(element: etree._Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _name(activity: etree._Element) -> str:
    """Return the first name of an activity, else its id."""
    return shown(next((_text(one) for one in children(activity, "name") if _text(one)), activity.get("id")))


def _launch(activities: list[etree._Element]) -> Iterator[Finding]:
    """Something to open, in one activity alone (LMS, "Activity Definition"), which is normally the first."""
    launched = [one for one in activities if any(_text(each) for each in children(one, "launch"))]
    linked = [one for one in activities if children(one, "launch", "resource")]
    if not launched:
        yield broken("P607", TINCAN, line_of(activities[0]), count=len(activities))
    if len(linked) > 1:
        yield risky("P608", TINCAN, line_of(linked[1]), count=len(linked), item=_name(linked[1]))
    elif launched and launched[0] is not activities[0]:
        yield note("P609", TINCAN, line_of(launched[0]), item=_name(launched[0]))


def _definition(activity: etree._Element) -> Iterator[Finding]:
    """Name, description, type, languages, as an LRS takes them (xAPI 1.0.3 Data §2.4.4.1, §4.2)."""
    line = line_of(activity)
    for name in ("name", "description"):
        if not any(_text(one) for one in children(activity, name)):
            yield risky("P610", TINCAN, line, missing=name, item=_name(activity))
    kind = activity.get("type")
    if kind is not None and not is_iri(kind.strip()):
        yield risky("P611", TINCAN, line, value=shown(kind))
    languages = [(one.get("lang") or "").strip().lower() for one in children(activity, "launch")]
    if len(set(languages)) < len(languages):
        yield risky("P619", TINCAN, line, count=len(languages), item=_name(activity))
    for element in children(activity, "name", "description", "launch", "resource"):
        language = element.get("lang")
        if language is not None and language.strip() and not is_language(language.strip()):
            yield risky("P612", TINCAN, line_of(element), value=shown(language))


def _url(element: etree._Element, files: Files | None) -> Iterator[Finding]:
    """Where an activity is opened (LMS, "Packaging": what is packed lies under the folder of `tincan.xml`)."""
    url, line = _text(element), line_of(element)
    report = broken if local(element) == "launch" else risky
    if not url:
        if local(element) == "resource":
            yield risky("P613", TINCAN, line, value="-")
        return
    for fault, about in faults(url, RESERVED, files):
        if fault is Fault.MALFORMED:
            yield risky("P613", TINCAN, line, value=shown(url))
        elif fault is Fault.RESERVED:
            yield risky("P614", TINCAN, line, value=shown(url), parameter=about)
        elif fault is Fault.RELATIVE:
            yield report("P616", TINCAN, line, value=shown(url))
        elif fault is Fault.CASE:
            yield report("P618", TINCAN, line, href=shown(url), name=shown(about))
        else:
            yield report("P617", TINCAN, line, href=shown(url))

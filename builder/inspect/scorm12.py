"""SCORM 1.2: what its schemas find in a manifest, and the rules that no schema holds (P3xx).

Consequences are those that LMSs are known to draw: `moodle.md`, "Import"; standards a.2–a.5, f.1–f.2.

Source: SCORM 1.2 CAM §2.3 (content packaging); IMS CP 1.1.2; ADL CP 1.2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from lxml import etree

from builder.inspect import Finding, Grammars, Package
from builder.inspect.archive import broken, note, risky
from builder.inspect.detect import CMI5, MANIFEST, SCORM12_SPACE, TINCAN
from builder.inspect.xml import Document, children, line_of, local, read_xml, space, text_of, validate

ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XSI_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"

TITLE_LIMIT = 200
COLUMN = 255
"""Characters: IMS CP's limit of a title; the width of Moodle's columns for titles and identifiers."""

HREF_LIMIT = 2000
"""Characters of an address: IMS CP 1.1.2."""

TIMESPAN = re.compile(r"\d{2,4}:[0-5]\d:[0-5]\d(?:\.\d{1,2})?")
TERM = re.compile(r"[^&|~=<>{}()*,\s\"]+")
RANDOM = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24}|\d{12}", re.IGNORECASE)
"""What random numbers and times look like in an identifier."""

STATES = frozenset(
    "passed completed failed incomplete browsed not attempted p c f i b n complete pass fail browse".split()
)
"""What may stand in an AICC script beside identifiers."""

DOTS = re.compile(r"(?:^|/)\.{0,2}(?:/|$)")
"""A segment of a path that is empty, `.` or `..`."""

OUTSIDE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|(?:javascript|data|mailto|file):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """A reference of the manifest to a file: as written, and the path in the package that it comes to (without query
    and fragment; empty where it leaves the package)."""

    written: str
    path: str


@dataclass(frozen=True)
class Manifest:
    """A SCORM 1.2 manifest with what is asked of it more than once."""

    document: Document

    @property
    def root(self) -> etree._Element:
        """The element `manifest`."""
        return self.document.root

    @cached_property
    def bases(self) -> dict[etree._Element | None, str]:
        """What `xml:base` of an element and all around it makes together, for each element that was asked for."""
        return {}

    @cached_property
    def resources(self) -> list[etree._Element]:
        """All resources of the manifest itself, in order."""
        return [one for group in children(self.root, "resources") for one in children(group, "resource")]

    @cached_property
    def by_identifier(self) -> dict[str, etree._Element]:
        """Resources by identifier, the first of each."""
        found: dict[str, etree._Element] = {}
        for one in self.resources:
            found.setdefault(identifier(one), one)
        return found

    @cached_property
    def organizations(self) -> list[etree._Element]:
        """All organizations, in order."""
        return [one for group in children(self.root, "organizations") for one in children(group, "organization")]

    @cached_property
    def items(self) -> list[etree._Element]:
        """All items of all organizations, in order."""
        return [
            one
            for group in self.organizations
            for one in group.iter("{*}item")
            if nearest(one, "manifest") is self.root
        ]

    @cached_property
    def launched(self) -> list[tuple[str, etree._Element]]:
        """What an LMS opens: titles and resources; without items, every resource with an address (as Moodle does)."""
        if not self.items:
            return [(identifier(one), one) for one in self.resources if one.get("href")]
        first = self.default_organization
        ordered = sorted(self.items, key=lambda one: nearest(one, "organization") is not first)
        pairs = ((text_of(one, "title") or "", one.get("identifierref")) for one in ordered)
        return [(title, self.by_identifier[key]) for title, key in pairs if key in self.by_identifier]

    @cached_property
    def item_identifiers(self) -> frozenset[str]:
        """The identifiers of all items."""
        return frozenset(identifier(one) for one in self.items)

    @cached_property
    def launched_resources(self) -> tuple[etree._Element, ...]:
        """The resources that an LMS opens, each once."""
        return tuple(dict.fromkeys(one for _, one in self.launched))

    @cached_property
    def default_organization(self) -> etree._Element | None:
        """The organization that `default` names, else the first."""
        wanted = next((group.get("default") for group in children(self.root, "organizations")), None)
        named = [one for one in self.organizations if identifier(one) == wanted]
        return next(iter((*named, *self.organizations)), None)

    def target(self, resource: etree._Element, href: str) -> Target:
        """Return the file that an address of a resource comes to: `xml:base` of all around it composed, decoded."""
        written = href.strip()[:HREF_LIMIT]
        if OUTSIDE.match(written):
            return Target(written, "")
        parent = resource.getparent()
        if parent not in self.bases:
            around = reversed(tuple(resource.iterancestors()))
            self.bases[parent] = "".join(str(one.get(XML_BASE) or "")[:HREF_LIMIT] for one in around)
        base = self.bases[parent] + (resource.get(XML_BASE) or "")
        path = re.split(r"[?#]", (base + written).replace("\\", "/"), maxsplit=1)[0]
        return Target(written, resolved(unquote(path)))


def check(package: Package, schemas: Grammars) -> Iterator[Finding]:
    """Yield what is wrong with a SCORM 1.2 package: its manifest against the schemas and beyond, its files."""
    document, _ = read_xml(package, MANIFEST)
    if document is None:
        return
    yield from validate(document, schemas.get("scorm12"))
    manifest = Manifest(document)
    yield from _check_names(manifest)
    yield from _check_identifiers(manifest)
    yield from _check_organizations(manifest)
    for item in manifest.items:
        yield from _check_item(manifest, item)
    yield from _check_launches(package, manifest)
    launched = frozenset(manifest.launched_resources)
    for resource in manifest.resources:
        yield from _check_resource(package, manifest, resource, resource in launched)
    yield from _check_files(package, manifest)


def launches(package: Package) -> tuple[tuple[str, str], ...]:
    """Return the files that an LMS opens, each once, with the title of its first item."""
    document, _ = read_xml(package, MANIFEST)
    if document is None:
        return ()
    manifest = Manifest(document)
    found: dict[str, str] = {}
    for title, resource in manifest.launched:
        path = manifest.target(resource, resource.get("href") or "").path
        if path in package.entries:
            found.setdefault(path, title)
    return tuple(found.items())


# --- the manifest as a whole -----------------------------------------------------------------------------------------


def _check_names(manifest: Manifest) -> Iterator[Finding]:
    """Namespaces and prefixes: Moodle and Totara compare prefixes as text, others namespaces."""
    root = manifest.root
    if space(root) != SCORM12_SPACE:
        yield risky("P341", MANIFEST, line_of(root), namespace=space(root) or "-", right=SCORM12_SPACE)
    if root.prefix:
        yield broken("P342", MANIFEST, line_of(root), prefix=root.prefix)
    for one in children(root, "manifest"):
        yield risky("P339", MANIFEST, line_of(one))
    typed = [one for one in manifest.resources if one.get(f"{{{ADLCP}}}scormtype") is not None]
    literal = len(re.findall(r"\sadlcp:scormtype\s*=", manifest.document.text, re.IGNORECASE))
    if typed and literal < len(typed):
        yield broken("P308", MANIFEST, line_of(typed[0]))
    for one in (root, *children(root, "resources")):
        if one.get(XML_BASE):
            yield risky("P326", MANIFEST, line_of(one), base=one.get(XML_BASE) or "")


def _check_identifiers(manifest: Manifest) -> Iterator[Finding]:
    named = (*manifest.organizations, *manifest.items, *manifest.resources)
    counts = Counter(identifier(one) for one in named if identifier(one))
    seen: set[str] = set()
    for one in named:
        key = identifier(one)
        if counts[key] > 1 and key in seen:
            yield broken("P314", MANIFEST, line_of(one), identifier=key)
        seen.add(key)
        if local(one) == "item" and RANDOM.search(key):
            yield note("P348", MANIFEST, line_of(one), identifier=key)
        if len(key) > COLUMN:
            yield broken("P313", MANIFEST, line_of(one), characters=len(key), limit=COLUMN)


def _check_organizations(manifest: Manifest) -> Iterator[Finding]:
    root = manifest.root
    for group in children(root, "organizations"):
        wanted = (group.get("default") or "").strip()
        if wanted and wanted not in {identifier(one) for one in manifest.organizations}:
            yield risky("P306", MANIFEST, line_of(group), identifier=wanted)
    if not manifest.launched:
        yield broken("P305", MANIFEST, line_of(root))
    elif not manifest.items:
        yield risky("P304", MANIFEST, line_of(root), count=len(manifest.launched))
    for one in manifest.organizations:
        yield from _check_title(one)
    shown = [one for one in manifest.items if (one.get("isvisible") or "true").strip() not in ("false", "0")]
    if manifest.items and not shown:
        yield risky("P336", MANIFEST, line_of(manifest.items[0]))
    types = [type_of(one) for one in manifest.launched_resources]
    if manifest.items and types and set(types) == {"asset"}:
        yield risky("P316", MANIFEST, line_of(manifest.launched[0][1]))
    if types.count("sco") > 1:
        yield note("P335", MANIFEST, line_of(root), count=types.count("sco"))


def _check_title(element: etree._Element) -> Iterator[Finding]:
    title = text_of(element, "title")
    name = identifier(element)
    if not title:
        yield risky("P311", MANIFEST, line_of(element), element=local(element), identifier=name or "-")
    elif len(title) > COLUMN:
        yield broken("P312", MANIFEST, line_of(element), characters=len(title), limit=COLUMN)
    elif len(title) > TITLE_LIMIT:
        yield risky("P312", MANIFEST, line_of(element), characters=len(title), limit=TITLE_LIMIT)


def _check_item(manifest: Manifest, item: etree._Element) -> Iterator[Finding]:
    line, name = line_of(item), identifier(item) or "-"
    yield from _check_title(item)
    reference = item.get("identifierref")
    if reference is None:
        if not children(item, "item"):
            yield risky("P315", MANIFEST, line, identifier=name)
    elif reference.strip() not in manifest.by_identifier:
        yield broken("P303", MANIFEST, line, identifier=name, reference=reference)
    else:
        resource = manifest.by_identifier[reference.strip()]
        if "?" in (resource.get("href") or "") and (item.get("parameters") or "").strip("?&"):
            yield risky("P327", MANIFEST, line, identifier=name)
    if item.get("isvisible") is None and nearest(item, "item") is not None:
        yield risky("P337", MANIFEST, line, identifier=name)
    score = text_of(item, "masteryscore")
    if score is not None and score:
        if re.fullmatch(r"\d{1,3}(?:\.\d+)?", score) and float(score) <= 100:
            yield note("P318", MANIFEST, line, score=score)
        else:
            yield risky("P317", MANIFEST, line, score=score)
    allowed = text_of(item, "maxtimeallowed")
    if allowed and not TIMESPAN.fullmatch(allowed):
        yield risky("P330", MANIFEST, line, value=allowed)
    script = text_of(item, "prerequisites")
    if script:
        for term in TERM.findall(script):
            if term not in manifest.item_identifiers and term.lower() not in STATES and not term.isdigit():
                yield risky("P328", MANIFEST, line, term=term)
                break


# --- resources and files ---------------------------------------------------------------------------------------------


def _check_launches(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """What is launched: has it an address, does the file exist, will the LMS track it, and is it the first."""
    folded = {name.casefold(): name for name in package.entries}
    for resource in manifest.launched_resources:
        line, name = line_of(resource), identifier(resource)
        href = resource.get("href")
        if not (href or "").strip():
            yield broken("P302", MANIFEST, line, identifier=name)
            continue
        target = manifest.target(resource, href or "")
        yield from _check_target(package, target, line, folded)
        kind = type_of(resource)
        if not kind:
            yield broken("P307", MANIFEST, line, identifier=name)
        elif kind not in ("sco", "asset"):
            yield risky("P309", MANIFEST, line, value=kind)
    addressed = [one for one in manifest.resources if one.get("href")]
    firsts = [one for _, one in manifest.launched if one.get("href")]
    if manifest.items and firsts and addressed[0] is not firsts[0]:
        other, right = addressed[0].get("href") or "", firsts[0].get("href") or ""
        yield risky("P338", MANIFEST, line_of(addressed[0]), other=other, right=right)


def _check_target(package: Package, target: Target, line: int, folded: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the address of what is launched leads to a file; `folded` gives names by their small letters."""
    if OUTSIDE.match(target.written):
        yield broken("P321", MANIFEST, line, href=target.written)
        return
    if target.written.startswith(("/", "\\")):
        yield broken("P322", MANIFEST, line, href=target.written)
        return
    if not target.path:
        yield broken("P325", MANIFEST, line, href=target.written)
        return
    if "\\" in target.written:
        yield risky("P323", MANIFEST, line, href=target.written)
    if target.path not in package.entries:
        if other := folded.get(target.path.casefold()):
            yield broken("P324", MANIFEST, line, href=target.written, other=other)
        else:
            yield broken("P301", MANIFEST, line, href=target.written)


def _check_resource(
    package: Package, manifest: Manifest, resource: etree._Element, is_launched: bool
) -> Iterator[Finding]:
    line, name = line_of(resource), identifier(resource) or "-"
    if not type_of(resource) and not is_launched:
        yield risky("P310", MANIFEST, line, identifier=name)
    if (resource.get("type") or "webcontent").strip() != "webcontent":
        yield risky("P343", MANIFEST, line, type=resource.get("type") or "")
    for one in children(resource, "dependency"):
        reference = (one.get("identifierref") or "").strip()
        if reference not in manifest.by_identifier:
            yield risky("P333", MANIFEST, line_of(one), reference=reference or "-")
    for one in children(resource, "file"):
        target = manifest.target(resource, one.get("href") or "")
        if OUTSIDE.match(target.written):
            continue
        if target.path not in package.entries:
            yield risky("P319", MANIFEST, line_of(one), href=target.written or "-")


def _check_files(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """Files that are not listed; control documents and metadata that are named and not there."""
    listed = {MANIFEST, CMI5, TINCAN}
    for resource in manifest.resources:
        addresses = [resource.get("href"), *(one.get("href") for one in children(resource, "file"))]
        listed |= {manifest.target(resource, one).path for one in addresses if one}
    for one in manifest.root.iter("{*}location"):
        address = "".join(map(str, one.itertext())).strip()
        target = manifest.target(one, address)
        listed.add(target.path)
        if not OUTSIDE.match(address) and target.path not in package.entries:
            yield risky("P347", MANIFEST, line_of(one), href=address or "-")
    pairs = (manifest.root.get(XSI_LOCATION) or "").split()
    wanting = [file for file in pairs[1::2] if not OUTSIDE.match(file) and file not in package.entries]
    if wanting:
        yield note("P334", MANIFEST, line_of(manifest.root), file=wanting[0])
    unlisted = sorted(name for name in package.entries if name not in listed and not is_beside(name))
    if unlisted:
        yield note("P320", unlisted[0], count=len(unlisted))


def is_beside(name: str) -> bool:
    """Tell whether a file belongs to the package and not to its content: control documents, what systems leave."""
    return bool(re.search(r"\.(?:xsd|dtd|mod)$|(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", name, re.IGNORECASE))


def identifier(element: etree._Element) -> str:
    """Return the identifier of an element, white space round it taken off as XML does with an ID."""
    return (element.get("identifier") or "").strip()


def type_of(resource: etree._Element) -> str:
    """Return what `scormtype` says, whatever its namespace and case of letters; empty without it."""
    for name, value in resource.attrib.items():
        if etree.QName(name).localname.lower() == "scormtype":
            return str(value).strip()
    return ""


def nearest(element: etree._Element, name: str) -> etree._Element | None:
    """Return the nearest element of a name around one."""
    return next(iter(element.iterancestors(f"{{*}}{name}")), None)


def resolved(path: str) -> str:
    """Return a relative path without `.` and `..`; empty where it leaves the package."""
    if not DOTS.search(path):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)

"""XML of strangers: read without document types, entities, network or huge trees; held against official schemas.

`read_xml` is the only way in. What it reports is about XML as such; the module of a standard reports what it says.

Source: XML 1.0 §2.8, §4.3.3; Namespaces in XML 1.0; standards a.2, a.4, f.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lxml import etree

from builder import player
from builder.inspect import Finding, Package
from builder.inspect.archive import broken, note, risky

BYTES_LIMIT = 8 << 20
MARKS_LIMIT = 200_000
"""Tags and attributes in all: each costs some hundred bytes once parsed, however short it is in the file."""

SCHEMA_FINDINGS = 5
"""Most findings from a schema for one document; the first is mostly the cause of the others."""

DOCTYPE = re.compile(r"<!DOCTYPE\s[^<>\[]*(\[)?")
"""A document type; the group is there where it declares something itself, entities for one."""

REFERENCE = re.compile(r"&#(?:\d+|x[0-9a-f]+);", re.IGNORECASE)
NEEDED = frozenset("&#38; &#60; &#x26; &#x3c; &#9; &#10; &#13; &#x9; &#xa; &#xd; &#34; &#39; &#x22; &#x27;".split())
"""References to what cannot stand for itself everywhere."""


@dataclass(frozen=True, slots=True)
class Document:
    """A well-formed document of a package: `name` of its file, `text` as decoded, its root element."""

    name: str
    text: str
    root: etree._Element


def read_xml(package: Package, name: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return a document and what is wrong with it as XML; None where it cannot be read."""
    content = package.read(name)
    if content is None:
        return None, (broken("P201", name, limit=BYTES_LIMIT >> 20),)
    if len(content) > BYTES_LIMIT or content.count(b"<") + content.count(b"=") > MARKS_LIMIT:
        return None, (broken("P201", name, limit=BYTES_LIMIT >> 20),)
    text = decoded(content)
    if text is None:
        return None, (broken("P204", name),)
    doctype = DOCTYPE.search(without_comments(text[: 64 * 1024]))
    if doctype and doctype[1]:
        return None, (broken("P203", name),)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        line = problem.lineno or 0
        return None, (broken("P202", name, line, reason=str(problem.msg or "").partition(", line")[0] or "-"),)
    found = list(_references(name, text))
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        found.append(risky("P203", name))
        root = deepcopy(root)  # without its document type: libxml2 cannot validate one that has it
    return Document(name, text, root), tuple(found)


def without_comments(text: str) -> str:
    """Return a text without the comments of XML, in one pass whatever it holds; one without end takes all the rest."""
    kept, *others = text.split("<!--")
    rest = (other.partition("-->")[2] for other in others)
    return " ".join((kept, *rest))


def decoded(content: bytes) -> str | None:
    """Return a document's text by its mark or declaration, UTF-8 without; None where its bytes are something else."""
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "")
    if not encoding:
        declared = DECLARED.match(content[:400])
        encoding = declared[1].decode("ascii").lower().replace("_", "-") if declared else "utf-8"
        if encoding not in KNOWN:
            return None
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
"""First bytes that decide the encoding: byte order marks, and a declaration in UTF-16 without one."""

DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")

KNOWN = frozenset("utf-8 utf8 us-ascii ascii iso-8859-1 iso-8859-15 latin1 windows-1252 cp1252".split())
"""Encodings that parsers in wide use know; a document in another one is refused somewhere."""


def _references(name: str, text: str) -> Iterator[Finding]:
    """Report the first character written as a number that could be written as itself."""
    for found in REFERENCE.finditer(text):
        if found[0].lower() not in NEEDED:
            yield risky("P207", name, 1 + text.count("\n", 0, found.start()), reference=found[0])
            return


# --- schemas ---------------------------------------------------------------------------------------------------------

XML = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">
<xs:attribute name="lang" type="xs:language"/><xs:attribute name="base" type="xs:anyURI"/>
<xs:attribute name="space" type="xs:string"/>
<xs:attributeGroup name="x"><xs:attribute ref="xml:lang" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>
<xs:attribute ref="xml:base" xmlns:xml="http://www.w3.org/XML/1998/namespace"/></xs:attributeGroup></xs:schema>"""
"""What stands for `xml:lang` and its like: as published, `ims_xml.xsd` is not namespace-well-formed."""

ENTRIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "scorm12": (
        ("http://www.imsproject.org/xsd/imscp_rootv1p1p2", "imscp_rootv1p1p2.xsd"),
        ("http://www.adlnet.org/xsd/adlcp_rootv1p2", "adlcp_rootv1p2.xsd"),
        ("http://www.imsglobal.org/xsd/imsmd_rootv1p2p1", "imsmd_rootv1p2p1.xsd"),
    ),
    "scorm2004_3rd": (),
    "scorm2004_4th": (),
    "cmi5": (),
    "tincan": (),
}
"""Each set of schemas, with the namespaces that one schema imports; empty where its folder holds `_all.xsd` or a single
schema that does."""


@dataclass(slots=True)
class Schemas:
    """The official schemas that are at hand: SCORM 1.2's are ours, those of other standards lie in `folder`, in one
    folder a set (named as in `ENTRIES`), or are missing."""

    folder: Path | None = None
    loaded: dict[str, etree.XMLSchema | None] = field(default_factory=dict)

    def get(self, edition: str) -> etree.XMLSchema | None:
        """Return a set as one schema; None where it is missing or cannot be loaded."""
        if edition not in self.loaded:
            try:
                self.loaded[edition] = self._load(edition)
            except (OSError, etree.Error, player.PlayerError):
                self.loaded[edition] = None
        return self.loaded[edition]

    def _load(self, edition: str) -> etree.XMLSchema | None:
        if edition == "scorm12":
            files = dict(player.schemas(edition))
            imports = "".join(
                f'<xs:import namespace="{space}" schemaLocation="{file}"/>' for space, file in ENTRIES[edition]
            )
            files["_all.xsd"] = (
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:carabin:all">'
                f"{imports}</xs:schema>"
            ).encode()
        elif self.folder is None or not (self.folder / edition).is_dir():
            return None
        else:
            root = self.folder / edition
            files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.xsd"))}
        first = next((name for name in ("_all.xsd", "CourseStructure.xsd", "tincan-local.xsd") if name in files), None)
        return schema(files, first) if first else None


def schema(files: Mapping[str, bytes], first: str) -> etree.XMLSchema:
    """Compile schemas that lie in memory, by path; `first` imports the others.

    Two things are mended in memory: the schema of `xml:lang` (see `XML`), and wildcards that libxml2 finds ambiguous.
    Raises `etree.Error`.
    """
    mended = dict(files)
    for name in mended:
        if name.endswith("ims_xml.xsd"):
            mended[name] = XML
        elif name.endswith("imsmd_rootv1p2p1.xsd"):
            mended[name] = mended[name].replace(b'namespace="##any"', b'namespace="##other"')
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(Offline(mended))
    return etree.XMLSchema(etree.fromstring(mended[first], parser, base_url=f"{BASE}{first}"))


BASE = "memory:/"


class Offline(etree.Resolver):
    """Answers every import from memory, wherever it points; what is not there is an error, never a download."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files = files

    def resolve(self, system_url: str, public_id: str, context: object) -> object:  # type: ignore[override]
        """Return the file that a schema imports, by its path below the first one, else by its last name."""
        path = system_url.removeprefix(BASE)
        last = system_url.rpartition("/")[2]
        found = self.files.get(path, self.files.get(last))
        if found is None:
            found = next((one for name, one in self.files.items() if name.endswith(f"/{last}")), None)
        if found is None:
            found = XML if last == "xml.xsd" else b"<missing/>"
        return self.resolve_string(found, context, base_url=system_url)


def validate(document: Document, official: etree.XMLSchema | None) -> Iterator[Finding]:
    """Yield what an official schema finds wrong, the first few; or a note that it was not at hand."""
    if official is None:
        yield note("P209", document.name)
        return
    if official.validate(document.root):
        return
    entries: Iterable[etree._LogEntry] = official.error_log  # type: ignore[assignment]
    for entry in islice(entries, SCHEMA_FINDINGS):
        yield risky("P208", document.name, entry.line, reason=readable(entry.message))


def readable(message: str) -> str:
    """Return a message of libxml2 without the namespaces of elements, short enough for a line."""
    short = re.sub(r"\{[a-z]+:[^{}]*\}", "", message).strip()
    return short if len(short) <= 300 else short[:299] + "…"


def line_of(element: etree._Element) -> int:
    """Return the line of an element, 0 where it is not known."""
    line = element.sourceline
    return line if isinstance(line, int) else 0


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def space(element: etree._Element) -> str:
    """Return the namespace of an element, empty where it has none."""
    return etree.QName(element).namespace or ""


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Return the child elements with one of these names, whatever their namespace; all of them without names."""
    return [one for one in element if isinstance(one.tag, str) and (not names or local(one) in names)]


def text_of(element: etree._Element, name: str) -> str | None:
    """Return the text of the first child of a name on one line, whatever its namespace; None without such a child."""
    found = children(element, name)
    return " ".join("".join(map(str, found[0].itertext())).split()) if found else None

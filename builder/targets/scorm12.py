"""Target `scorm12`: a SCORM 1.2 content aggregation with one SCO, the course.

Learners' progress hangs on the item's identifier: it depends on the course's id and on nothing else (standards j.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from lxml import etree

from builder import player
from builder.diagnostics import Diagnostic, Diagnostics, Span, error, warning
from builder.lom import IMSMD, lom
from builder.model import Course, Interaction, Member, Package, Site
from builder.targets import INFORMATION, Build, Report, information, package_name
from builder.targets._files import check_files

NAME = "scorm12"
DRIVERS: tuple[str, ...] = ("scorm12", "local")
STATE_LIMIT: int | None = 4096

IMSCP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

SCHEMAS = ((IMSCP, "imscp_rootv1p1p2.xsd"), (IMSMD, "imsmd_rootv1p2p1.xsd"), (ADLCP, "adlcp_rootv1p2.xsd"))
"""Each namespace with its schema file at the root of the package (standards a.1)."""

MANIFEST = "imsmanifest.xml"
XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
EMPTY_MANIFEST = f'<manifest xmlns="{IMSCP}" xmlns:adlcp="{ADLCP}" xmlns:imsmd="{IMSMD}" xmlns:xsi="{XSI}"/>'
"""Prefixes to the letter: Moodle and Totara match them as text, not by namespace (standards a.1)."""

TITLE_LIMIT = 200
VERSION_LIMIT = 20
"""IMS CP 1.1.2 schema."""

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MEDIA_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Python's own table depends on the machine's."""


def check(course: Course) -> Diagnostics:
    """Return what SCORM 1.2, its schemas or the LMSs that read it would refuse, cut or lose."""
    return (*_check_settings(course), *_check_characters(course), *check_files(course))


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: manifest and schema files first, then `carabin.json`, then the site as it is made."""
    (sco,) = site.launchables
    files = sorted((*site.names, INFORMATION))
    schemas = player.schemas(NAME) if course.settings.schemas else ()
    own = (
        Member(MANIFEST, manifest(course, sco.href, files)),
        *(Member(name, content) for name, content in sorted(schemas)),
        information(course, build, NAME, STATE_LIMIT),
    )
    name = package_name(course, NAME, build.variant)
    return Package(f"{name}.zip", _chain(own, site), f"{name}.html")


def reports(interaction: Interaction) -> Report:
    """Return the type and the form of responses in `cmi.interactions`, which the driver writes.

    SCORM 1.2 knows eight types: `long-fill-in` is reported as `fill-in`, `other` as `performance`.

    Source: SCORM 1.2 RTE §3.4.7 (standards b.6).
    """
    kind = {"long-fill-in": "fill-in", "other": "performance"}.get(interaction.type, interaction.type)
    return Report(kind, "choices" if kind == "choice" and interaction.multiple else kind)


def manifest(course: Course, href: str, files: Iterable[str]) -> bytes:
    """Return `imsmanifest.xml` for one SCO launched at `href`; `files` are the names of all files it may read.

    UTF-8 and no character references: Moodle mangles them. The launch resource comes first: Open edX launches that.

    Source: IMS CP 1.1.2 and ADL CP 1.2 schemas; SCORM 1.2 CAM; standards a.1–a.5, f.1, f.2.
    """
    settings = course.settings
    slug, title = settings.id, short_title(settings.title)
    root = etree.fromstring(EMPTY_MANIFEST)
    root.set("identifier", xml_id("M", slug))
    if len(settings.version) <= VERSION_LIMIT:
        root.set("version", settings.version)
    if settings.schemas:
        root.set(f"{{{XSI}}}schemaLocation", " ".join(f"{namespace} {file}" for namespace, file in SCHEMAS))
    metadata = _child(root, "metadata")
    _child(metadata, "schema").text = "ADL SCORM"
    _child(metadata, "schemaversion").text = "1.2"
    metadata.append(lom(course, _href(href), map(_media_type, files)))
    organizations = _child(root, "organizations", default=xml_id("O", slug))
    organization = _child(organizations, "organization", identifier=xml_id("O", slug))
    _child(organization, "title").text = title
    reference = {"identifier": xml_id("I", slug), "identifierref": xml_id("R", slug), "isvisible": "true"}
    _child(_child(organization, "item", **reference), "title").text = title
    sco = _child(_child(root, "resources"), "resource", identifier=xml_id("R", slug), type="webcontent")
    sco.set(f"{{{ADLCP}}}scormtype", "sco")
    sco.set("href", _href(href))
    for name in files:
        _child(sco, "file", href=_href(name))
    etree.indent(root)
    return XML_DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + b"\n"


def xml_id(prefix: str, slug: str) -> str:
    """Return an identifier legal in a manifest: `I-3-doors`, never `3-doors`.

    `slug` is an id of the author's: lower-case ASCII letters, digits and hyphens, at most 64 (the settings see to it).

    Source: IMS CP 1.1.2 schema, `identifier` is an `xs:ID`, unique over organizations, items and resources together.
    """
    return f"{prefix}-{slug}"


def short_title(title: str) -> str:
    """Return a title on one line in at most 200 characters, cut between words where it has to be.

    Source: IMS CP 1.1.2 schema, `title`; Moodle imports nothing when a title passes its column (255).
    """
    title = " ".join(title.split())
    if len(title) <= TITLE_LIMIT:
        return title
    start, space, _ = title[:TITLE_LIMIT].rpartition(" ")
    return (start if space else title[: TITLE_LIMIT - 1]).rstrip(" ,;:.–—-") + "…"


def _chain(own: Iterable[Member], site: Site) -> Iterator[Member]:
    """Yield the package's own members, then the site's, which must be those it announced: the manifest lists them."""
    yield from own
    made = []
    for member in site.members:
        made.append(member.name)
        yield member
    assert sorted(made) == sorted(site.names), "the site made other files than it announced"


def _check_settings(course: Course) -> Iterator[Diagnostic]:
    settings = course.settings
    if settings.sco == "lesson":
        yield error("T209", settings.spans.get("packaging", settings.span))
    if len(" ".join(settings.title.split())) > TITLE_LIMIT:
        cut = short_title(settings.title)
        yield warning("T207", settings.spans.get("title", settings.span), limit=TITLE_LIMIT, title=cut)


def _check_characters(course: Course) -> Iterator[Diagnostic]:
    """Report control characters in what the manifest quotes: XML has no way to write them."""
    for text, span in _quoted(course):
        if found := NOT_XML.search(text):
            yield error("T208", span, character=f"U+{ord(found[0]):04X}")


def _quoted(course: Course) -> Iterator[tuple[str, Span]]:
    """Yield the author's texts that the manifest quotes."""
    settings = course.settings
    for key in ("title", "version", "language", "iri", "licence", "description"):
        yield getattr(settings, key), settings.spans.get(key, settings.span)
    for keyword in settings.keywords:
        yield keyword, settings.spans.get("keywords", settings.span)
    for author in settings.authors:
        yield author.name, settings.spans.get("authors", settings.span)
    if course.framework is None:
        return
    yield course.framework.title, course.framework.span
    for domain in course.framework.domains:
        yield domain.id + domain.label, domain.span
        for competency in domain.competencies:
            yield competency.id + competency.label, competency.span
            for objective in competency.objectives:
                yield objective.id + objective.text, objective.span


def _media_type(name: str) -> str:
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def _href(name: str) -> str:
    """Return a member's name as a relative URL: what is not portable ASCII is percent-encoded UTF-8 (standards a.4)."""
    return quote(name, safe="/")


def _imscp(tag: str) -> str:
    return f"{{{IMSCP}}}{tag}"


def _child(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, _imscp(tag), attributes)

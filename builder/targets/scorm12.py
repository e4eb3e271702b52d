"""Target `scorm12`: a SCORM 1.2 content aggregation with one SCO, the course, or (`sco: lesson`) one SCO a lesson.

Learners' progress hangs on the items' identifiers (standards j.1). With one SCO it depends on the course's id and on
nothing else. With one a lesson it is `I-COURSE-SLOT`: the slot is what `course.lock` keeps for a lesson for life, when
its title, its place, its file or (with `was`) its id changes, and what no other lesson is ever given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote

from lxml import etree

from builder import player
from builder.diagnostics import Diagnostic, Diagnostics, Span, error, note, warning
from builder.lom import IMSMD, lom
from builder.model import Course, Interaction, Launchable, Member, Package, Site
from builder.targets import INFORMATION, Build, Report, information, package_name
from builder.targets._files import check_files

NAME = "scorm12"
DRIVERS: tuple[str, ...] = ("scorm12", "local")
STATE_LIMIT: int | None = 4096
SPLITS = True

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
    pages = 2 if course.settings.sco == "lesson" else 1
    return (
        *_check_settings(course),
        *(_check_lessons(course) if course.settings.sco == "lesson" else ()),
        *_check_characters(course),
        *check_files(course, pages),
    )


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: manifest and schema files first, then `carabin.json`, then the site as it is made."""
    files = sorted((*site.names, INFORMATION))
    schemas = player.schemas(NAME) if course.settings.schemas else ()
    own = (
        Member(MANIFEST, manifest(course, site.launchables, files)),
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
    if interaction.type == "long-fill-in" and interaction.limit == 0:
        return Report(kind, "device")
    return Report(kind, "choices" if kind == "choice" and interaction.multiple else kind)


def manifest(course: Course, launchables: Sequence[Launchable], files: Sequence[str]) -> bytes:
    """Return `imsmanifest.xml`; `files` are the names of all files that the package's pages may read.

    UTF-8 and no character references: Moodle mangles them. The launch resource comes first: Open edX launches that.
    Several SCOs share their files: an asset holds them, on which each SCO depends. Modules become items around those of
    their lessons; they have no resource and no progress, so their identifiers may go by their place.

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
    metadata.append(lom(course, _href(launchables[0].href), map(_media_type, files)))
    organizations = _child(root, "organizations", default=xml_id("O", slug))
    organization = _child(organizations, "organization", identifier=xml_id("O", slug))
    _child(organization, "title").text = title
    resources = _child(root, "resources")
    if settings.sco == "lesson":
        _organize(organization, course, {one.lessons[0]: one for one in launchables})
        launched = {one.href for one in launchables}
        for one in launchables:
            sco = _resource(resources, xml_id("R", one.id), "sco", (one.href,), one.href)
            _child(sco, "dependency", identifierref=xml_id("A", slug))
        _resource(resources, xml_id("A", slug), "asset", [name for name in files if name not in launched])
    else:
        (one,) = launchables
        _item(organization, one)
        _resource(resources, xml_id("R", one.id), "sco", files, one.href)
    etree.indent(root)
    return XML_DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + b"\n"


def _organize(organization: etree._Element, course: Course, launchables: Mapping[str, Launchable]) -> None:
    """Add the items of modules and, inside them, of lessons; lessons without module stand at the top."""
    for number, module in enumerate(course.modules, 1):
        parent = organization
        if module.title:
            identifier = xml_id("G", f"{course.settings.id}-{number}")
            parent = _child(organization, "item", identifier=identifier, isvisible="true")
            _child(parent, "title").text = short_title(module.title)
        for lesson in module.lessons:
            _item(parent, launchables[lesson])


def _item(parent: etree._Element, launchable: Launchable) -> None:
    """Add the item of a SCO. `isvisible` is written out: Open edX shows nested items only then (standards a.3)."""
    names = {"identifier": xml_id("I", launchable.id), "identifierref": xml_id("R", launchable.id), "isvisible": "true"}
    _child(_child(parent, "item", **names), "title").text = short_title(launchable.title)


def _resource(
    resources: etree._Element, identifier: str, kind: str, files: Iterable[str], href: str = ""
) -> etree._Element:
    resource = _child(resources, "resource", identifier=identifier, type="webcontent")
    resource.set(f"{{{ADLCP}}}scormtype", kind)
    if href:
        resource.set("href", _href(href))
    for name in files:
        _child(resource, "file", href=_href(name))
    return resource


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
    if len(" ".join(settings.title.split())) > TITLE_LIMIT:
        cut = short_title(settings.title)
        yield warning("T207", settings.spans.get("title", settings.span), limit=TITLE_LIMIT, title=cut)


def _check_lessons(course: Course) -> Iterator[Diagnostic]:
    """Report what SCOs, which are blind to each other, cannot know, do or show."""
    settings = course.settings
    place = settings.spans.get("complete_when", settings.span)
    when = settings.complete_when
    if when.lessons is not None:
        yield error("T210", settings.spans.get("complete_when.lessons", place), ids=", ".join(when.lessons))
    if when.minutes:
        yield error("T211", settings.spans.get("complete_when.minutes", place), minutes=f"{when.minutes:g}")
    spans = {lesson.id: lesson.span for lesson in course.lessons}
    for module in course.modules:
        if len(" ".join(module.title.split())) > TITLE_LIMIT:
            yield warning("T215", spans[module.lessons[0]], limit=TITLE_LIMIT, title=short_title(module.title))
    for lesson in course.lessons:
        if lesson.audience:
            yield warning("T212", lesson.spans.get("audience", lesson.span), id=lesson.id)
        if len(" ".join(lesson.title.split())) > TITLE_LIMIT:
            span = lesson.spans.get("title", lesson.span)
            yield warning("T215", span, limit=TITLE_LIMIT, title=short_title(lesson.title))
        others = [link for link in lesson.links if link.kind == "lesson" and link.path != lesson.path]
        if others:
            yield note("T216", others[0].span, destination=others[0].destination, count=len(others))


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
    if settings.sco == "lesson":
        for lesson in course.lessons:
            yield lesson.title, lesson.spans.get("title", lesson.span)
        for module in course.modules:
            yield module.title, next(one.span for one in course.lessons if one.id == module.lessons[0])
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

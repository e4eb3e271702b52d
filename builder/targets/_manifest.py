"""What the manifests of SCORM 1.2 and 2004 share: IMS Content Packaging, item by item, whatever its edition.

Both bind its namespace as the default one, so that `child` needs no prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from lxml import etree

from builder import player
from builder.diagnostics import Diagnostic, Span, warning
from builder.model import Course, Launchable, Member, Module, Package, Site
from builder.targets import COMMON, Build, common, package_name
from builder.targets._files import chain, href_of
from builder.targets._xml import written as written

MANIFEST = "imsmanifest.xml"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TITLE_LIMIT = 200
VERSION_LIMIT = 20
"""IMS CP 1.1.2 schema. Content Packaging 1.1.4 has no limits, but Moodle's column for titles ends at 255."""

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
    ".jsonld": "application/ld+json",
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


def child(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    """Add an element of IMS Content Packaging, and return it."""
    return etree.SubElement(parent, f"{{{parent.nsmap[None]}}}{tag}", attributes)


def begin(empty: str, course: Course, version: str, schemas: Iterable[tuple[str, str]]) -> etree._Element:
    """Return the root with the metadata that come first. `schemas`: each namespace with its file in the package."""
    root = etree.fromstring(empty)
    root.set("identifier", xml_id("M", course.settings.id))
    if len(course.settings.version) <= VERSION_LIMIT:
        root.set("version", course.settings.version)
    if course.settings.schemas:
        root.set(f"{{{XSI}}}schemaLocation", " ".join(f"{namespace} {file}" for namespace, file in schemas))
    metadata = child(root, "metadata")
    child(metadata, "schema").text = "ADL SCORM"
    child(metadata, "schemaversion").text = version
    return root


def organization_of(root: etree._Element, course: Course) -> etree._Element:
    """Add the one organization, with its title, and return it."""
    identifier = xml_id("O", course.settings.id)
    organization = child(child(root, "organizations", default=identifier), "organization", identifier=identifier)
    child(organization, "title").text = short_title(course.settings.title)
    return organization


def organize(
    organization: etree._Element,
    course: Course,
    add_lesson: Callable[[etree._Element, str], object],
    end_module: Callable[[etree._Element, Module], None] = lambda item, module: None,
) -> None:
    """Add the items of modules and, inside them, of lessons, by id; lessons without module stand at the top.

    Modules have no resource and no progress of their own, so their identifiers may go by their place.
    """
    for number, module in enumerate(course.modules, 1):
        parent = organization
        if module.title:
            identifier = xml_id("G", f"{course.settings.id}-{number}")
            parent = child(organization, "item", identifier=identifier, isvisible="true")
            child(parent, "title").text = short_title(module.title)
        for lesson in module.lessons:
            add_lesson(parent, lesson)
        if module.title:
            end_module(parent, module)


def add_item(parent: etree._Element, launchable: Launchable) -> etree._Element:
    """Add the item of a SCO. `isvisible` is written out: Open edX shows nested items only then (standards a.3)."""
    names = {"identifier": xml_id("I", launchable.id), "identifierref": xml_id("R", launchable.id), "isvisible": "true"}
    item = child(parent, "item", **names)
    child(item, "title").text = short_title(launchable.title)
    return item


def add_resources(
    root: etree._Element, course: Course, launchables: Sequence[Launchable], files: Sequence[str], kind: str
) -> None:
    """Add the resources, the one to launch first: Open edX launches that. `kind` is the attribute that tells SCOs.

    Several SCOs share their files: an asset holds them, on which each SCO depends.
    """
    resources = child(root, "resources")
    slug = course.settings.id
    if course.settings.sco != "lesson":
        (one,) = launchables
        _resource(resources, xml_id("R", one.id), {kind: "sco"}, files, one.href)
        return
    launched = {one.href for one in launchables}
    for one in launchables:
        sco = _resource(resources, xml_id("R", one.id), {kind: "sco"}, (one.href,), one.href)
        child(sco, "dependency", identifierref=xml_id("A", slug))
    _resource(resources, xml_id("A", slug), {kind: "asset"}, [name for name in files if name not in launched])


def packed(
    course: Course,
    site: Site,
    build: Build,
    target: str,
    limit: int | None,
    manifest: Callable[[Course, Sequence[Launchable], Sequence[str]], bytes],
) -> Package:
    """Return a package: manifest and schema files first, then what all have, then the site as it is made."""
    files = sorted((*site.names, *COMMON))
    schemas = player.schemas(target) if course.settings.schemas else ()
    own = (
        Member(MANIFEST, manifest(course, site.launchables, files)),
        *(Member(name, content) for name, content in sorted(schemas)),
        *common(course, build, target, limit),
    )
    name = package_name(course, target, build.variant)
    return Package(f"{name}.zip", chain(own, site), f"{name}.html")


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


def media_type(name: str) -> str:
    """Return the media type of a file by the end of its name."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def check_titles(course: Course) -> Iterator[Diagnostic]:
    """Report titles that the manifest cuts: of the course, and of what becomes items."""
    settings = course.settings
    if _is_long(settings.title):
        cut = short_title(settings.title)
        yield warning("T207", settings.spans.get("title", settings.span), limit=TITLE_LIMIT, title=cut)
    if settings.sco != "lesson":
        return
    spans = {lesson.id: lesson.span for lesson in course.lessons}
    for module in course.modules:
        if _is_long(module.title):
            yield warning("T215", spans[module.lessons[0]], limit=TITLE_LIMIT, title=short_title(module.title))
    for lesson in course.lessons:
        if _is_long(lesson.title):
            span = lesson.spans.get("title", lesson.span)
            yield warning("T215", span, limit=TITLE_LIMIT, title=short_title(lesson.title))


def quoted(course: Course) -> Iterator[tuple[str, Span]]:
    """Yield the author's texts that a manifest quotes."""
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


def _is_long(title: str) -> bool:
    return len(" ".join(title.split())) > TITLE_LIMIT


def _resource(
    resources: etree._Element, identifier: str, kind: Mapping[str, str], files: Iterable[str], href: str = ""
) -> etree._Element:
    resource = child(resources, "resource", identifier=identifier, type="webcontent")
    for name, value in kind.items():
        resource.set(name, value)
    if href:
        resource.set("href", href_of(href))
    for name in files:
        child(resource, "file", href=href_of(name))
    return resource

"""Links that lead somewhere, media that exist and do no harm."""

from __future__ import annotations

import posixpath
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from urllib.parse import SplitResult, parse_qsl, urlsplit

from lxml import etree

from builder.diagnostics import Diagnostic, Span, error, note, warning
from builder.lint import Rule, Subject
from builder.model import Course, Lesson

MEDIA = frozenset(
    "svg png jpg jpeg gif webp avif mp3 m4a ogg oga mp4 webm vtt pdf csv txt docx xlsx pptx odt ods".split()
)
IMAGES = frozenset("svg png jpg jpeg gif webp avif".split())
HEAVY = 2 * 1024 * 1024
"""Bytes above which an image is slow on a ward's network."""

COMPARED = 50
"""Most names that a misspelt one is compared with."""

_ACTIVE = frozenset({"script", "foreignobject", "handler", "listener", "iframe", "set", "animate"})
"""Elements that run code, or can write an attribute that does, in lower case."""

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hsenc|_hsmi|at_medium|at_campaign"
)
"""Parameters that serve statistics alone."""

EXAMPLES = (".localhost", ".example", ".test", ".invalid", ".example.com", ".example.org", ".example.net")
"""How hosts end that exist in texts alone, or on the reader's machine (RFC 2606, RFC 6761)."""

_BARE = re.compile(r"<?(?:https?://|www\.)\S+?>?[.]?", re.IGNORECASE)

_INSIDE = ("#", *(f"data:image/{kind}" for kind in ("png;", "jpeg;", "gif;", "webp;", "avif;")))
"""How a reference begins that stays in its file; a picture within may not be a vector one, which could run code."""


def lesson_links(subject: Subject) -> Iterator[Diagnostic]:
    """A link names a lesson or an anchor that does not exist."""
    lessons = {lesson.path: lesson for lesson in subject.course.lessons}
    for lesson in subject.course.lessons:
        for link in lesson.links:
            if link.kind == "anchor":
                if link.anchor and link.anchor not in lesson.anchors:
                    yield error("L106", link.span, anchor=link.anchor, known=_nearest(link.anchor, lesson.anchors))
            elif link.kind == "lesson":
                target = lessons.get(link.path)
                if target is None:
                    yield error("L105", link.span, path=link.destination, suggestion=_near(lesson, link.path, lessons))
                elif link.anchor and link.anchor not in target.anchors:
                    yield error("L106", link.span, anchor=link.anchor, known=_nearest(link.anchor, target.anchors))


def media_files(subject: Subject) -> Iterator[Diagnostic]:
    """A picture or download is missing, of an unknown type, outside `media/`, or heavy."""
    for lesson in subject.course.lessons:
        for link in lesson.links:
            if link.kind != "asset":
                continue
            ending = PurePosixPath(link.path).suffix.lower().removeprefix(".")
            accepted = IMAGES if link.is_image else MEDIA
            asset = subject.asset(link.path)
            if "media" not in link.path.split("/")[:-1]:
                yield error("L108", link.span, path=link.destination)
            elif asset is None and subject.leaves(link.path):
                yield error("L112", link.span, path=link.destination)
            elif asset is None:
                yield error("L107", link.span, path=link.destination)
            elif ending not in accepted:
                yield error("L109", link.span, path=link.destination, accepted=", ".join(sorted(accepted)))
            elif link.is_image and asset.bytes > HEAVY:
                yield warning("L111", link.span, path=link.destination, size=f"{asset.bytes / 1048576:.1f}")


def harmless_pictures(subject: Subject) -> Iterator[Diagnostic]:
    """A vector picture holds script, or refers to something outside itself (product, "The source")."""
    seen: set[str] = set()
    for lesson in subject.course.lessons:
        for link in lesson.links:
            if link.kind != "asset" or not link.path.lower().endswith(".svg") or link.path in seen:
                continue
            seen.add(link.path)
            asset = subject.asset(link.path)
            if asset is not None:
                reason = svg_harm(subject.read(asset))
                if reason:
                    yield error("L110", link.span, path=link.destination, reason=reason)


def readable_captions(subject: Subject) -> Iterator[Diagnostic]:
    """Captions are no WebVTT, or hold none: browsers show nothing and say nothing.

    Source: WebVTT §4.1: the file begins with `WEBVTT`, times are joined by `-->`.
    """
    for lesson in subject.course.lessons:
        for link in lesson.links:
            if link.kind != "asset" or not link.path.lower().endswith(".vtt"):
                continue
            asset = subject.asset(link.path)
            if asset is not None:
                content = subject.read(asset).removeprefix(BOM_UTF8)
                if not content.startswith(b"WEBVTT") or b"-->" not in content:
                    yield error("Q447", link.span, path=link.destination)


def unprotected_links(subject: Subject) -> Iterator[Diagnostic]:
    """A link, or the source of a fact, begins with `http://`. Loopback and names for examples are left alone.

    Why: on the way anybody can read and change the page; browsers warn, and networks of hospitals block it.
    Instead: write `https://`; nearly every site answers it.
    Source: RFC 9110 §4.2.2; ANSSI, recommandations pour la mise en œuvre d'un site web (TLS).
    """
    for address, span in _addresses(subject, ("http",)):
        host = (address.hostname or "").lower()
        if not f".{host}".endswith(EXAMPLES) and host not in ("127.0.0.1", "::1"):
            yield note("A360", span, host=host)


def tracking_links(subject: Subject) -> Iterator[Diagnostic]:
    """A link, or the source of a fact, carries parameters that only tell a site where its visitors come from.

    Why: they tell others about learners, and a link with them is a second address of the same page.
    Instead: cut them off.
    Source: RGPD, article 25; RFC 3986 §6.
    """
    for address, span in _addresses(subject, ("http", "https")):
        names = [name for name, _ in parse_qsl(address.query, keep_blank_values=True) if _TRACKING.fullmatch(name)]
        if names:
            yield note("A361", span, names=", ".join(dict.fromkeys(names)))


def bare_footnotes(subject: Subject) -> Iterator[Diagnostic]:
    """A footnote holds an address and nothing else.

    Why: when the page moves nobody knows what was cited, and a screen reader spells the address.
    Instead: write author, title and date, and make a link of the title.
    Source: ISO 690, "Information and documentation"; RGAA 4.1, criterion 6.1.
    """
    for passages in subject.prose.values():
        for passage in passages:
            text = passage.text.strip()
            if passage.role == "note" and _BARE.fullmatch(text):
                yield note("A362", passage.span, text=text[:60])


def _addresses(subject: Subject, schemes: Collection[str]) -> Iterator[tuple[SplitResult, Span]]:
    """Yield the addresses of the web that lessons and facts lead to, by scheme; nothing in a build."""
    if not subject.advises:
        return
    for address, span in external(subject.course):
        try:
            parts = urlsplit(address)
        except ValueError:
            continue  # nothing opens it, which `--online` says
        if parts.scheme.lower() in schemes:
            yield parts, span


def external(course: Course) -> Iterator[tuple[str, Span]]:
    """Yield the addresses outside of the course that links and facts lead to, with their places."""
    for lesson in course.lessons:
        yield from ((link.destination, link.span) for link in lesson.links if link.kind == "external")
    yield from ((fact.url, fact.span) for fact in course.facts if fact.url)


def svg_harm(content: bytes) -> str:
    """Return what in an SVG could run code or reach outside, empty when nothing does."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return "XML"
    if root.getroottree().docinfo.internalDTD is not None:
        return "<!DOCTYPE>"
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        return f"<{etree.QName(root).localname}>"
    for element in (*root.itersiblings(preceding=True), *root.iter(), *root.itersiblings()):
        if not isinstance(element.tag, str):
            if isinstance(element, etree._ProcessingInstruction):
                return "<?" + str(element.target)
            continue
        name = etree.QName(element).localname
        if name.lower() in _ACTIVE:
            return f"<{name}>"
        for key, value in element.attrib.items():
            local = etree.QName(key).localname.lower()
            text = str(value).strip()
            if local.startswith("on"):
                return str(local)
            if local == "href" and not text.startswith(_INSIDE):
                return text[:60]
            if _reaches_out(text):
                return text[:60]
        if name == "style" and (_reaches_out(element.text or "") or "@import" in (element.text or "")):
            return "<style>"
    return ""


def _reaches_out(text: str) -> bool:
    """Return whether a style or attribute refers to something outside the file, or hides what it refers to."""
    compact = "".join(text.split()).lower().replace("'", "").replace('"', "")
    start = compact.find("url(")
    while start >= 0:
        if not compact.startswith(_INSIDE, start + 4):
            return True
        start = compact.find("url(", start + 4)
    return "javascript:" in compact or ("\\" in compact and "(" in compact)


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return up to five known names, the nearest first; comparing all of many with all of many would take minutes."""
    names = list(known)
    if len(names) > COMPARED:
        names = ([one for one in names if one[:1] == name[:1]] or names)[:COMPARED]
    near = get_close_matches(name, names, 5, 0.4)
    return ", ".join([*near, *(one for one in names if one not in near)][:5]) or "-"


def _near(lesson: Lesson, path: str, known: Iterable[str]) -> str:
    """Return the lesson whose file is most like `path`, as a link from `lesson` writes it."""
    near = get_close_matches(path, list(known), 1, 0.4)
    return posixpath.relpath(near[0], posixpath.dirname(lesson.path) or ".") if near else "-"


RULES: tuple[Rule, ...] = (
    lesson_links,
    media_files,
    harmless_pictures,
    readable_captions,
    unprotected_links,
    tracking_links,
    bare_footnotes,
)

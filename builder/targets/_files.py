"""What every package asks of its files: a zip is unpacked by servers and people of all systems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from builder.diagnostics import Diagnostic, Span, error
from builder.model import Asset, Course, Member, Site

NAME_LIMIT = 255
FILES_LIMIT = 65_534
BYTES_LIMIT = 4_000_000_000
"""Names (bytes of the whole path): the columns of Moodle's tables; files and bytes: what a zip holds without Zip64,
which some importers lack."""

OWN_FILES = 64
"""More than what a package holds beside lessons and media."""

REFUSED_NAME = re.compile(r"\.(?:/|$)|(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:/|$)", re.IGNORECASE)
"""What Windows cannot unpack: a final dot, the names of devices. The loader replaces other signs."""


def chain(own: Iterable[Member], site: Site) -> Iterator[Member]:
    """Yield the package's own members, then the site's, which must be those it announced: a manifest lists them."""
    yield from own
    made = []
    for member in site.members:
        made.append(member.name)
        yield member
    assert sorted(made) == sorted(site.names), "the site made other files than it announced"


def href_of(name: str) -> str:
    """Return a member's name as a relative URL: what is not portable ASCII is percent-encoded UTF-8 (standards a.4)."""
    return quote(name, safe="/")


def check_files(course: Course, pages: int = 1) -> Iterator[Diagnostic]:
    """Report what a zip or an importer cannot take; a lesson makes as many files as `pages`."""
    files = len(course.assets) + pages * len(course.lessons) + OWN_FILES
    if files > FILES_LIMIT:
        yield error("T205", course.settings.span, files=files, limit=FILES_LIMIT)
    size = sum(asset.bytes for asset in course.assets)
    if size > BYTES_LIMIT:
        yield error("T206", course.settings.span, megabytes=size // 1_000_000, limit=BYTES_LIMIT // 1_000_000)
    by_folded: dict[str, Asset] = {}
    for asset in sorted(course.assets, key=lambda asset: asset.path):
        span = _first_use(course, asset)
        if REFUSED_NAME.search(asset.name):
            yield error("T202", span, name=asset.path)
        if len(asset.name) > NAME_LIMIT:
            yield error("T203", span, name=asset.path, bytes=len(asset.name), limit=NAME_LIMIT)
        other = by_folded.setdefault(asset.name.casefold(), asset)
        if other is not asset:
            yield error("T204", span, name=asset.path, other=other.path)


def _first_use(course: Course, asset: Asset) -> Span:
    """Return the first link or image that names a media file, else the course's settings."""
    uses = (link.span for lesson in course.lessons for link in lesson.links if link.path == asset.path)
    return next(uses, course.settings.span)

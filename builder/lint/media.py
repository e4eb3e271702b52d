"""Advice about media files: of the kind that their name says, used, once, and not larger than anybody can see.

Given by `check` alone: a build reads no header of a picture.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import PurePosixPath

from builder.diagnostics import Diagnostic, Span, note, warning
from builder.lint import Rule, Subject
from builder.lint._pictures import KINDS, kind_of, moves, size_of
from builder.model import Asset, Link

WIDEST = 2560
"""Pixels on the longer side that a page can show: its measure, zoomed to 200 %, on a screen with two pixels for one."""

HEAVIEST = 100 * 1024 * 1024
"""Bytes of a recording above which many LMSs refuse the package: their limits for uploads start there."""

MEDIA = frozenset({*KINDS, "svg", "vtt"})
"""Endings of what lessons show or offer."""

_RECORDINGS = frozenset("mp3 m4a ogg oga mp4 webm".split())
_PICTURES = frozenset("png jpg jpeg gif webp".split())
_PAPERS = ("licen", "readme", "credit", "copying", "notice", "source")
"""How the names of files begin that accompany media and are not shown."""


def unused_media(subject: Subject) -> Iterator[Diagnostic]:
    """A file in a `media/` folder of the course is used by no lesson.

    Licences and credits, hidden files, endings that no lesson can use, and what lies in `_shared/` are left alone.
    Why: it is in no package, and whoever cleans up later does not know whether it may go.
    Instead: show it, or delete it.
    """
    used = {link.path for lesson in subject.course.lessons for link in lesson.links}
    for path, file in subject.media:
        name = PurePosixPath(path).name.lower()
        if path not in used and _ending(path) in MEDIA and not name.startswith(_PAPERS):
            yield note("A310", Span(file), path=path)


def wrong_type(subject: Subject) -> Iterator[Diagnostic]:
    """The content of a media file is of another kind than its ending says, or of none.

    Why: servers tell browsers the type that the ending names; with `nosniff`, as in many LMSs, nothing is shown.
    Instead: rename the file, or save it again in the format of its name.
    Source: WHATWG Fetch, "X-Content-Type-Options"; RFC 9110 §8.3.
    """
    for link, asset in _used(subject, KINDS):
        expected = KINDS[_ending(asset.path)]
        found = kind_of(subject.read(asset))
        if found and found != expected:
            yield warning("A311", link.span, path=link.destination, found=found, expected=expected)
        elif not found:
            yield warning("A312", link.span, path=link.destination, expected=expected)


def large_pictures(subject: Subject) -> Iterator[Diagnostic]:
    """A picture has more pixels than the widest page can show. Its weight is the matter of L111.

    Why: every learner downloads what nobody sees.
    Instead: scale it down to 2,560 pixels or fewer.
    Source: W3C Web Sustainability Guidelines, "Optimize media".
    """
    for link, asset in _used(subject, _PICTURES):
        size = size_of(subject.read(asset))
        if size and max(size) > WIDEST:
            yield note("A313", link.span, path=link.destination, width=size[0], height=size[1], most=WIDEST)


def heavy_recordings(subject: Subject) -> Iterator[Diagnostic]:
    """A video or sound recording is so heavy that many LMSs refuse the package.

    Why: limits of uploads start at 100 MB, and a recording in a package is not streamed in several qualities.
    Instead: encode it anew, cut it, or link to the institution's video service.
    Source: PHP manual, `upload_max_filesize`; Moodle, "File upload size".
    """
    for link, asset in _used(subject, _RECORDINGS):
        if asset.bytes > HEAVIEST:
            megabytes = round(asset.bytes / 1048576)
            yield warning("A314", link.span, path=link.destination, size=megabytes, most=HEAVIEST // 1048576)


def same_media(subject: Subject) -> Iterator[Diagnostic]:
    """Two media files of the course have the same content.

    Why: learners download it twice, and the next correction reaches one of the two.
    Instead: keep one file and link to it from both places.
    """
    first: dict[str, str] = {}
    for link, asset in _used(subject, MEDIA):
        other = first.setdefault(asset.sha256, asset.path)
        if other != asset.path:
            yield note("A315", link.span, path=link.destination, other=other)


def moving_pictures(subject: Subject) -> Iterator[Diagnostic]:
    """A picture moves by itself: an animated GIF, WebP or PNG.

    Why: nobody can stop it, and it keeps some readers from reading on.
    Instead: use `::: video`, which has controls and captions, or pictures one after another in `::: steps`.
    Source: WCAG 2.2, success criterion 2.2.2; RGAA 4.1, criterion 13.8.
    """
    for link, asset in _used(subject, _PICTURES):
        if link.is_image and moves(subject.read(asset)):
            yield warning("A316", link.span, path=link.destination)


def _used(subject: Subject, endings: Container[str]) -> Iterator[tuple[Link, Asset]]:
    """Yield each media file of some endings with the first link that leads to it; nothing in a build."""
    seen = set[str]()
    for lesson in subject.course.lessons if subject.advises else ():
        for link in lesson.links:
            if link.kind == "asset" and link.path not in seen and _ending(link.path) in endings:
                seen.add(link.path)
                asset = subject.asset(link.path)
                if asset is not None:
                    yield link, asset


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower().removeprefix(".")


RULES: tuple[Rule, ...] = (unused_media, wrong_type, large_pictures, heavy_recordings, same_media, moving_pictures)

"""SEAM: rules about a whole course; one function a rule, one file a subject. They see summaries only, never bodies.

A module offers `RULES`. What a rule means to an author stands in the locales, where `carabin explain` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from builder.diagnostics import Diagnostic
from builder.load import Source
from builder.model import Asset, Course, Passage, Programme


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule may look at: the course, and the files that it names.

    `asset` returns a media file of the tree, hashed, or None; `read` its content; `leaves` whether a path of the tree
    is a link out of it. `prose` are the plain words of each lesson, by its path: empty in a build, so that rules which
    advise about wording speak in `check` alone; so do those that look into media files, when it `advises`.

    `media` are the files in folders `media` of the course: path in the tree, and as the author sees it; `text` returns
    a text file of the tree, or None; `base` is the course's folder in the tree, ends with a slash or is empty.
    `spells`: whether spelling is looked at. `programme`: the one that counts on the course; None in a build.
    `built`: in a variant for another region than the course's own, what it shows of each lesson by path, as HTML; then
    `course` is that variant, and `prose` known in a build too.
    """

    course: Course
    asset: Callable[[str], Asset | None]
    read: Callable[[Asset], bytes]
    leaves: Callable[[str], bool] = lambda path: False
    prose: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    advises: bool = False
    spells: bool = False
    media: tuple[tuple[str, str], ...] = ()
    text: Callable[[str], Source | None] = lambda path: None
    base: str = ""
    programme: Programme | None = None
    built: Mapping[str, str] = field(default_factory=dict)


Rule = Callable[[Subject], Iterator[Diagnostic]]

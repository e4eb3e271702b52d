"""SEAM: rules about a whole course; one function a rule, one file a subject. They see summaries only, never bodies.

A module offers `RULES`. What a rule means to an author stands in the locales, where `carabin explain` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from builder.diagnostics import Diagnostic
from builder.model import Asset, Course


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule may look at: the course, and the files that it names.

    `asset` returns a media file of the tree, hashed, or None; `read` its content; `leaves` whether a path of the tree
    is a link out of it.
    """

    course: Course
    asset: Callable[[str], Asset | None]
    read: Callable[[Asset], bytes]
    leaves: Callable[[str], bool] = lambda path: False


Rule = Callable[[Subject], Iterator[Diagnostic]]

"""What cmi5 and Tin Can share: activities named by IRIs, and what an LRS is told of an interaction.

The ids of a course begin with its `iri`; learners' records hang on them for life.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from builder.diagnostics import Diagnostic, Span, error, warning
from builder.frameworks import named_objectives
from builder.model import Course, CourseSettings, Interaction
from builder.targets import Report

LIMIT = 255
"""Characters of ids and titles that the columns of Moodle's launch plug-ins hold (mod_cmi5launch, table
`cmi5launch_aus`; mod_tincanlaunch, table `tincanlaunch`)."""
LONGEST_END = len("/_au-99999")
"""Most characters that the id of what is launched adds to the IRI."""

_IRI = re.compile(r"https?://([^/?#]+)([^?#]*)(\?[^#]*)?(#.*)?")
_HOST = re.compile(r"(?:[^\[\]@]*@)?(?:[^\[\]@:]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?")
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f<>\"{}|\\^`\[\]]|%(?![0-9A-Fa-f]{2})|#.*#")
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs")
"""General categories of what no IRI holds, or nobody sees."""
_NO_CHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")


def plain(text: str) -> str:
    """Return text on one line."""
    return " ".join(text.split())


def reports(interaction: Interaction) -> Report:
    """Return the type and the form of responses in a statement `answered`.

    Source: xAPI 1.0.3 Data §2.4.4.1 (interaction activities).
    """
    if interaction.type == "long-fill-in" and interaction.limit == 0:
        return Report(interaction.type, "device")
    forms = {"true-false": "words", "matching": "pairs", "performance": "path", "sequencing": "sequence"}
    forms |= {"choice": "set" if interaction.multiple else "choice", "fill-in": "text", "long-fill-in": "open"}
    return Report(interaction.type, forms.get(interaction.type, interaction.type))


def check_iri(settings: CourseSettings) -> Iterator[Diagnostic]:
    """Report an `iri` that an LRS would refuse, or that makes ids nobody expects.

    Source: RFC 3987 §2.2; xAPI 1.0.3 Data §2.4.4.1; cmi5 §3.0.
    """
    place, iri = settings.spans.get("iri", settings.span), settings.iri
    match = _IRI.fullmatch(iri)
    unseen = (one for one in iri if not one.isascii() and unicodedata.category(one) in _UNSEEN)
    unfit = next(unseen, "") or "".join(_NO_CHARACTER.findall(iri)[:1])
    if match is None or not _HOST.fullmatch(match[1]):
        yield error("T225", place, part=(match[1] if match else iri) or "-")
    elif unfit:
        yield error("T225", place, part=f"U+{ord(unfit):04X}")
    elif wrong := _UNFIT.search("".join(part or "" for part in match.groups()[1:])):
        yield error("T225", place, part=wrong[0][0])
    elif match[3] or match[4]:
        yield warning("T226", place, part=(match[3] or match[4])[0])
    elif len(iri) + LONGEST_END > LIMIT:
        yield warning("T231", place, limit=LIMIT - LONGEST_END, characters=len(iri))


def check_title(title: str, span: Span) -> Iterator[Diagnostic]:
    """Report a title that a launch plug-in of Moodle cannot store."""
    if len(plain(title)) > LIMIT:
        yield warning("T230", span, limit=LIMIT, characters=len(plain(title)))


def quoted(course: Course) -> Iterator[tuple[str, Span]]:
    """Yield the author's texts that a description of the course quotes."""
    settings = course.settings
    for key in ("title", "description"):
        yield getattr(settings, key), settings.spans.get(key, settings.span)
    for lesson in course.lessons:
        yield lesson.title, lesson.spans.get("title", lesson.span)
    for module in course.modules:
        yield module.title, next(one.span for one in course.lessons if one.id == module.lessons[0])
    for objective in named_objectives(course, course.lessons):
        yield objective.text, objective.span

"""Target `scorm12`: a SCORM 1.2 content aggregation with one SCO, the course, or (`sco: lesson`) one SCO a lesson.

Learners' progress hangs on the items' identifiers (standards j.1). With one SCO it depends on the course's id and on
nothing else. With one a lesson it is `I-COURSE-SLOT`: the slot is what `course.lock` keeps for a lesson for life, when
its title, its place, its file or (with `was`) its id changes, and what no other lesson is ever given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from builder.diagnostics import Diagnostic, Diagnostics, warning
from builder.lom import IMSMD, lom
from builder.model import Course, Interaction, Launchable, Package, Site
from builder.targets import Build, Report
from builder.targets._files import check_files, href_of
from builder.targets._lessons import check_alone, check_links
from builder.targets._manifest import (
    XSI,
    add_item,
    add_resources,
    begin,
    check_titles,
    media_type,
    organization_of,
    organize,
    packed,
    quoted,
    written,
)
from builder.targets._xml import check_characters

NAME = "scorm12"
DRIVERS: tuple[str, ...] = ("scorm12", "local")
STATE_LIMIT: int | None = 4096
SPLITS = True
LRS: Literal["recorder"] = "recorder"

IMSCP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADLCP = "http://www.adlnet.org/xsd/adlcp_rootv1p2"

SCHEMAS = ((IMSCP, "imscp_rootv1p1p2.xsd"), (IMSMD, "imsmd_rootv1p2p1.xsd"), (ADLCP, "adlcp_rootv1p2.xsd"))
"""Each namespace with its schema file at the root of the package (standards a.1)."""

EMPTY_MANIFEST = f'<manifest xmlns="{IMSCP}" xmlns:adlcp="{ADLCP}" xmlns:imsmd="{IMSMD}" xmlns:xsi="{XSI}"/>'
"""Prefixes to the letter: Moodle and Totara match them as text, not by namespace (standards a.1)."""


def check(course: Course) -> Diagnostics:
    """Return what SCORM 1.2, its schemas or the LMSs that read it would refuse, cut or lose."""
    pages = 2 if course.settings.sco == "lesson" else 1
    return (
        *check_titles(course),
        *(_check_lessons(course) if course.settings.sco == "lesson" else ()),
        *check_characters(quoted(course)),
        *check_files(course, pages),
    )


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: manifest and schema files first, then what all have, then the site as it is made."""
    return packed(course, site, build, NAME, STATE_LIMIT, manifest)


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

    Source: IMS CP 1.1.2 and ADL CP 1.2 schemas; SCORM 1.2 CAM; standards a.1–a.5, f.1, f.2.
    """
    root = begin(EMPTY_MANIFEST, course, "1.2", SCHEMAS)
    root[0].append(lom(course, href_of(launchables[0].href), map(media_type, files)))
    organization = organization_of(root, course)
    if course.settings.sco == "lesson":
        by_lesson = {one.lessons[0]: one for one in launchables}
        organize(organization, course, lambda parent, lesson: add_item(parent, by_lesson[lesson]))
    else:
        add_item(organization, launchables[0])
    add_resources(root, course, launchables, files, f"{{{ADLCP}}}scormtype")
    return written(root)


def _check_lessons(course: Course) -> Iterator[Diagnostic]:
    """Report what SCOs, which are blind to each other, cannot know, do or show."""
    yield from check_alone(course)
    for lesson in course.lessons:
        if lesson.audience:
            yield warning("T212", lesson.spans.get("audience", lesson.span), id=lesson.id)
        yield from check_links(lesson)

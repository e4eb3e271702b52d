"""Target `xapi`: a Tin Can package, which an LMS launches with the address of an LRS, or anybody by a link.

`tincan.xml` names one activity to launch, the course, and describes those that statements speak of. Learners' records
hang on the id of that activity, the course's `iri`.
"""

from __future__ import annotations

from typing import Literal

from lxml import etree

from builder.diagnostics import Diagnostics
from builder.model import Course, Member, Package, Site
from builder.targets import Build, common, package_name, packaged
from builder.targets._activities import check_iri, check_title, quoted
from builder.targets._activities import reports as reports
from builder.targets._files import chain, check_files, href_of
from builder.targets._xml import NOT_XML, check_characters, written
from builder.xapi.activities import Activity, activities

NAME = "xapi"
DRIVERS: tuple[str, ...] = ("xapi", "local")
STATE_LIMIT: int | None = 32_000
"""As in cmi5: the last save travels beside its statements, and browsers hold 64 KiB under way."""
SPLITS = False
LRS: Literal["driver"] = "driver"

SPACE = "http://projecttincan.com/tincan.xsd"
EMPTY = f'<tincan xmlns="{SPACE}"/>'
DESCRIPTION = "tincan.xml"


def check(course: Course) -> Diagnostics:
    """Return what an LRS or an LMS that launches Tin Can packages would refuse or lose."""
    settings = course.settings
    return (
        *check_iri(settings),
        *check_title(settings.title, settings.spans.get("title", settings.span)),
        *check_characters(quoted(course)),
        *check_files(course),
    )


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: `tincan.xml` first, then what every package has, then the site as it is made."""
    own = (
        Member(DESCRIPTION, manifest(course, site, build)),
        *common(course, build, NAME, STATE_LIMIT),
    )
    name = package_name(course, NAME, build.variant)
    return Package(f"{name}.zip", chain(own, site), f"{name}.html")


def manifest(course: Course, site: Site, build: Build) -> bytes:
    """Return `tincan.xml`. The activity that is launched stands first: Moodle's plug-in launches the first one.

    Definitions of interactions with their components and correct responses stand in `xapi/activities.json`: the format
    has no agreed place for them.

    Source: Rustici, *Incorporating a TinCan LRS into an LMS*, "Packaging", "Activity Definition"; standards d.5.
    """
    (one,) = site.launchables
    root = etree.fromstring(EMPTY)
    holder = _child(root, "activities")
    for activity in activities(packaged(course, build, NAME)).values():
        if activity.name:
            element = _activity(holder, activity)
            if activity.id == course.settings.iri:
                _text(element, "launch", href_of(one.href), course.settings.language)
    return written(root)


def _activity(holder: etree._Element, activity: Activity) -> etree._Element:
    """Add an activity. What the author gave no description is described by its name: reports show one or the other."""
    element = _child(holder, "activity", id=activity.id, type=activity.type)
    _text(element, "name", activity.name, activity.language)
    _text(element, "description", activity.description or activity.name, activity.language)
    if kind := activity.parts.get("interactionType"):
        _child(element, "interactionType").text = kind
    return element


def _text(parent: etree._Element, tag: str, text: str, language: str) -> None:
    """Add words in a language; a control character in the middle of a lesson stops no package."""
    _child(parent, tag, lang=language).text = NOT_XML.sub("", text)


def _child(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{SPACE}}}{tag}", attributes)

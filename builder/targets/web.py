"""Target `web`: a folder for any static host, which also plays from disk. No LMS: progress stays in the browser.

Browsers refuse `fetch` from disk, so each page that the player shows is there once more as a classic script,
`lessons/ID.js`, whose one call hands the same text to the player (progress, "The shell").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

from builder.diagnostics import Diagnostics
from builder.model import Course, Interaction, Member, Package, Site
from builder.targets import Build, Report, common, package_name
from builder.targets._files import check_files

NAME = "web"
PAGE, PRINT = ".html", "_print.html"
DRIVERS: tuple[str, ...] = ("local",)
STATE_LIMIT: int | None = None
SPLITS = False
LRS: Literal[""] = ""


def check(course: Course) -> Diagnostics:
    """Return what cannot be unpacked everywhere: there is no standard and no LMS to refuse anything else."""
    return tuple(check_files(course, pages=2))


def package(course: Course, site: Site, build: Build) -> Package:
    """Return the package: what all have, then the site as it is made, each page's script after it."""
    name = package_name(course, NAME, build.variant)
    return Package(f"{name}.zip", _members(common(course, build, NAME, STATE_LIMIT), site), f"{name}.html")


def reports(interaction: Interaction) -> Report:
    """Return the type of an interaction as it is: nobody is told."""
    return Report(interaction.type, interaction.type)


def page_script(name: str, page: bytes) -> Member:
    """Return `lessons/NAME.js`, in ASCII, so that no server's or disk's charset garbles it."""
    arguments = ", ".join(json.dumps(text) for text in (name, page.decode()))
    return Member(f"lessons/{name}.js", f"carabinLesson({arguments});\n".encode())


def _members(own: Iterable[Member], site: Site) -> Iterator[Member]:
    yield from own
    opened = {PRINT, *(launchable.href for launchable in site.launchables)}
    for member in site.members:
        yield member
        if member.name.endswith(PAGE) and "/" not in member.name and member.name not in opened:
            yield page_script(member.name.removesuffix(PAGE), member.content)

"""SEAM: one file a target, the standard that a package is made for. `Target` says what each file has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from builder import CONTRACT
from builder.diagnostics import Diagnostics
from builder.model import Course, Interaction, Keep, Member, Package, Site, anew
from builder.recorder import Lrs
from builder.xapi import MEMBERS, Packaged, members

INFORMATION = "carabin.json"
"""The member of every package that `diff` and `inspect` read."""
COMMON = (INFORMATION, *MEMBERS)
"""The members that a package of any target has beside its site and its standard's own."""


@dataclass(frozen=True, slots=True)
class Sco:
    """One lesson of a course that is packaged lesson by lesson: its id and slot, its completion table, and the most
    characters that its own saved progress can take."""

    lesson: str
    slot: int
    completion: Mapping[str, Any]
    worst_state: int


@dataclass(frozen=True, slots=True)
class Build:
    """What a target learns of one build beside the course and its pages.

    `variant` is empty, or the suffix of the package's name (`infirmier`, `QC`, `infirmier-QC-trainer`);
    `is_for_trainer`: it holds the trainer's notes, so that only a target for people takes it; `lrs`: beside the LMS it
    tells an LRS, with what the package says of it; where it `is_pseudonymous`, without the LMS's id of the learner;
    `revision` that of the lock; `lock` the text of `course.lock` as used, provisional slots included; `slots` and
    `interactions` those of each question by its id; `completion` the table that the player interprets; `worst_state`
    the most characters that saved progress can take. `scos`: one a lesson where each lesson is packaged by itself
    (`completion` is then that of none of them, `worst_state` that of the largest); empty where the course is one.
    `keep`: of members that take long to make.
    """

    variant: str
    revision: int
    lock: str
    slots: Mapping[str, int]
    interactions: Mapping[str, tuple[Interaction, ...]]
    completion: Mapping[str, Any]
    worst_state: int
    is_for_trainer: bool = False
    lrs: Lrs | None = None
    is_pseudonymous: bool = False
    scos: tuple[Sco, ...] = ()
    keep: Keep = anew


@dataclass(frozen=True, slots=True)
class Report:
    """How a target reports an interaction: the type it writes; the form of responses (a key of the sheet)."""

    type: str
    form: str


class Target(Protocol):
    """What a module of this folder offers.

    `DRIVERS` are the player's drivers in a package, the first one speaks the standard; `STATE_LIMIT` is the most
    characters of saved progress, or None; `SPLITS` tells whether `packaging: {sco: lesson}` means something here. `LRS`
    says who tells an LRS what happens: the driver, whose standard it is, a recorder that a build may add, or nobody,
    since no learner is known.
    """

    @property
    def NAME(self) -> str: ...

    @property
    def DRIVERS(self) -> tuple[str, ...]: ...

    @property
    def STATE_LIMIT(self) -> int | None: ...

    @property
    def SPLITS(self) -> bool: ...

    @property
    def LRS(self) -> Literal["", "driver", "recorder"]: ...

    def check(self, course: Course) -> Diagnostics:
        """Return what this standard or its LMSs would refuse, cut or lose."""
        ...

    def package(self, course: Course, site: Site, build: Build) -> Package:
        """Return the package as a stream; takes the members of `site` as they are made."""
        ...

    def reports(self, interaction: Interaction) -> Report:
        """Return what the LMS is told of an interaction (the sheet's item dictionary)."""
        ...


def package_name(course: Course, target: str, variant: str) -> str:
    """Return `<course>-<version>-<target>[-<variant>]`, the name of package and sheet without their ending."""
    parts = (course.settings.id, course.settings.version, target, variant)
    return "-".join(part for part in parts if part)


def common(course: Course, build: Build, target: str, limit: int | None) -> tuple[Member, ...]:
    """Return the members of `COMMON`, in their order; `limit` is the target's for saved progress, in characters."""
    return (information(course, build, target, limit), *members(packaged(course, build, target), build.keep))


def packaged(course: Course, build: Build, target: str) -> Packaged:
    """Return what there is to tell in xAPI of a package."""
    return Packaged(course, build.interactions, target, tuple((sco.lesson, sco.slot) for sco in build.scos))


def information(course: Course, build: Build, target: str, limit: int | None) -> Member:
    """Return `carabin.json`, `"schema": 1`; `limit` is the target's for saved progress, in characters.

    Lesson by lesson, `scos` holds the completion table of each and stands instead of `completion`.
    """
    settings = course.settings
    scos = [
        {
            "lesson": sco.lesson,
            "slot": sco.slot,
            "completion": sco.completion,
            "state": {"worst": sco.worst_state, "limit": limit},
        }
        for sco in build.scos
    ]
    document = {
        "schema": 1,
        "course": {
            "id": settings.id,
            "version": settings.version,
            "title": settings.title,
            "language": settings.language,
            "iri": settings.iri,
        },
        "contract": CONTRACT,
        "revision": build.revision,
        "lock": build.lock,
        **({"scos": scos} if scos else {"completion": build.completion}),
        "state": {"worst": build.worst_state, "limit": limit},
        "target": target,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return Member(INFORMATION, text.encode() + b"\n")

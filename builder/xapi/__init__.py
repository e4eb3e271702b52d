"""What packages say in xAPI: activities with their definitions, templates of statements, a profile.

`vocabulary` holds ids and the table of what is told, `interactions` the syntax of responses, `activities`, `statements`
and `profile` make one member of a package each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from builder.model import Keep, Member, anew, outline
from builder.xapi import activities, profile, statements
from builder.xapi.activities import Packaged
from builder.xapi.interactions import interaction_definition, response, result

__all__ = ["DOCUMENTS", "MEMBERS", "Packaged", "interaction_definition", "members", "response", "result"]

DOCUMENTS: Mapping[str, Callable[[Packaged, activities.Activities], dict[str, Any]]] = {
    "xapi/activities.json": activities.document,
    "xapi/profile.jsonld": profile.document,
    "xapi/statements.json": statements.document,
}
MEMBERS = tuple(DOCUMENTS)
"""The members of every package that tell of xAPI, sorted; the player reads the last one."""


def members(packaged: Packaged, keep: Keep = anew) -> tuple[Member, ...]:
    """Return the members: JSON in ASCII, without spaces, its keys sorted."""
    course = packaged.course
    told = (packaged.target, packaged.scos, packaged.interactions)
    made_of = (course.settings, course.modules, course.framework, outline(course.lessons), told)
    known = cache(lambda: activities.activities(packaged))

    def made(make: Callable[[Packaged, activities.Activities], dict[str, Any]]) -> bytes:
        return json.dumps(make(packaged, known()), sort_keys=True, separators=(",", ":")).encode() + b"\n"

    return tuple(Member(name, keep(name, made_of, partial(made, make))) for name, make in DOCUMENTS.items())

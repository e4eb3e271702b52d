"""An edition: one version of a course as its package tells it, for `carabin diff`.

All comes from the package itself: `carabin.json`, the data in its launch documents (`course-data`), and what the
manifest of its standard calls what is launched: items of SCORM, assignable units of cmi5, the activity of Tin Can.
Whether the package lies in a zip, in a folder or in memory makes no difference. It may be damaged or hostile: what
cannot be understood is `Unreadable`, never an exception, and nothing is unpacked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args
from urllib.parse import unquote

from lxml import etree

from builder.codec import STATUSES, Status
from builder.completion import FACTS, Row, Table
from builder.lock import Lock, parse_lock
from builder.model import EXTRAS, LETTERS, Component, Interaction, InteractionType
from builder.progress import PlayedLesson, PlayedQuestion, Unit
from builder.render import INDEX, launch_name
from builder.targets import INFORMATION

MANIFEST = "imsmanifest.xml"
STRUCTURE, TINCAN = "cmi5.xml", "tincan.xml"
MANIFESTS = {"cmi5": STRUCTURE, "xapi": TINCAN}
"""The member that names what is launched, by target; in the others `MANIFEST`."""
MEMBER_LIMIT = 64 << 20
"""Most bytes of a member that are read: beyond what a course of a thousand lessons takes."""

MANIFEST_LIMIT = 8 << 20
TEXT_LIMIT = 1 << 16
"""Most bytes of a text, or steps of a path, that a saved state may hold."""

_DATA = re.compile(r'<script\b[^>]*\bid="course-data"[^>]*>(.*?)</script>', re.DOTALL)
_COURSE = re.compile(r"[a-z][a-z0-9-]*")
_SCHEMA = 1

Read = Callable[[str], bytes | None]
"""Returns the content of a member by name; None when it is missing, or larger than `MEMBER_LIMIT`."""
Reason = Literal["foreign", "newer", "damaged"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a course. `units` hold what an LMS keeps records of; `lock` is the one it was built with.

    `iri` is that of the course, empty where the package is older than its being told; `move_on` is what cmi5 asks of
    each unit, by identifier.
    """

    course: str
    title: str
    version: str
    language: str
    target: str
    contract: int
    revision: int
    lock: Lock
    units: tuple[Unit, ...]
    is_split: bool
    iri: str = ""
    move_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_named_by_iri(self) -> bool:
        """Return whether records hang on the course's IRI, as in cmi5 and Tin Can."""
        return self.target in MANIFESTS

    @property
    def is_released(self) -> bool:
        """Return whether the lock was released: only then a changed key can be told from an unchanged one."""
        return self.revision == self.lock.revision


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a package cannot be compared: `foreign`, not one of ours; `newer`, of a later Carabin; `damaged`, `where`."""

    reason: Reason
    where: str = ""


def read_edition(read: Read) -> Edition | Unreadable:
    """Return the edition that a package holds."""
    content = read(INFORMATION)
    if content is None:
        return Unreadable("foreign")
    where = INFORMATION
    try:
        document = json.loads(content)
        if not isinstance(document, dict) or "course" not in document or "lock" not in document:
            return Unreadable("foreign")
        if document.get("schema") != _SCHEMA:
            return Unreadable("newer")
        course = document["course"]
        pages = [launch_name(_whole(sco["slot"])) for sco in document.get("scos", ())]
        units = []
        for where in pages or [INDEX]:
            page = _DATA.search((read(where) or b"").decode())
            if page is None:
                return Unreadable("damaged", where)
            units.append((where, json.loads(page[1])))
        where = MANIFESTS.get(document["target"], MANIFEST)
        launched = _launched(read(where), where) if document["target"] != "web" else _Launched({INDEX: course["id"]})
        made = []
        for where, data in units:
            made.append(_unit(data, _text(launched.identifiers[where])))
        where = INFORMATION
        lock, found = parse_lock(_text(document["lock"]), "course.lock", _text(course["id"]))
        if found:
            return Unreadable("damaged", where)
        return Edition(
            course=_course(course["id"]),
            title=_text(course["title"]),
            version=_text(course["version"]),
            language=_text(course["language"]),
            target=_text(document["target"]),
            contract=_whole(document["contract"]),
            revision=_whole(document["revision"]),
            lock=lock,
            units=tuple(made),
            is_split=bool(pages),
            iri=launched.iri or _text(course.get("iri", "")),
            move_on=launched.move_on,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, etree.XMLSyntaxError):
        return Unreadable("damaged", where)


@dataclass(frozen=True, slots=True)
class _Launched:
    """What a manifest says: the identifier of what launches each page; `iri` and `move_on` as in `Edition`."""

    identifiers: Mapping[str, str]
    iri: str = ""
    move_on: Mapping[str, str] = field(default_factory=dict)


def named_by_iri(targets: Iterable[str]) -> str:
    """Return the first of these targets in which records hang on the course's IRI; empty where there is none."""
    return next((target for target in targets if target in MANIFESTS), "")


def _launched(manifest: bytes | None, name: str) -> _Launched:
    """Return what a manifest of that name says.

    Source: IMS CP 1.1.2, `item/@identifierref` → `resource/@href`; cmi5 §13.1.4, `au/url`; Tin Can, `activity/launch`;
    standards j.1.
    """
    if manifest is None or len(manifest) > MANIFEST_LIMIT:
        raise ValueError("no manifest, or one that is larger than any of ours")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(manifest, parser)
    if name == STRUCTURE:
        units = [(unquote(one.findtext("{*}url") or ""), one) for one in root.iter("{*}au")]
        iri = next((one.get("id") for one in root.iter("{*}course")), None)
        move_on = {_text(one.get("id")): _text(one.get("moveOn")) for _, one in units}
        return _Launched({page: _text(one.get("id")) for page, one in units}, _text(iri), move_on)
    if name == TINCAN:
        activities = [(one.findtext("{*}launch"), one.get("id")) for one in root.iter("{*}activity")]
        identifiers = {unquote(page): _text(identifier) for page, identifier in activities if page}
        return _Launched(identifiers, next(iter(identifiers.values()), ""))
    resources = {one.get("identifier"): unquote(one.get("href") or "") for one in root.iter("{*}resource")}
    items = ((resources.get(one.get("identifierref")), one.get("identifier")) for one in root.iter("{*}item"))
    return _Launched({page: _text(identifier) for page, identifier in items if page})


def _unit(data: Mapping[str, Any], identifier: str) -> Unit:
    mastery = data["mastery"]
    limit = data["state"]["limit"]
    unit = Unit(
        identifier=identifier,
        lessons=tuple(_lesson(lesson) for lesson in data["lessons"]),
        mastery=None if mastery is None else _number(mastery),
        table=_table(data["completion"]),
        limit=None if limit is None else _whole(limit),
    )
    slots = [lesson.slot for lesson in unit.lessons] + [question.slot for question in unit.questions]
    drawn = [slot for question in unit.questions for _, pool in question.groups for slot in pool]
    if len(slots) != len(set(slots)) or len(drawn) != len(set(drawn)) or not set(drawn) <= set(slots):
        raise ValueError("a slot stands twice, or a quiz draws what is not there")
    return unit


def _lesson(data: Mapping[str, Any]) -> PlayedLesson:
    return PlayedLesson(
        id=_text(data["id"]),
        slot=_slot(data["slot"]),
        kind=_text(data["kind"]),
        is_graded=bool(data["graded"]),
        is_optional=bool(data["optional"]),
        questions=tuple(_question(question) for question in data["questions"]),
    )


def _question(data: Mapping[str, Any]) -> PlayedQuestion:
    rules = data.get("rules") or {}
    interactions = tuple(_interaction(one) for one in data["interactions"])
    if not interactions or data["partial"] not in ("none", "each"):
        raise ValueError("a question without interaction, or with an unknown kind of partial credit")
    return PlayedQuestion(
        id=_text(data["id"]),
        slot=_slot(data["slot"]),
        type=_text(data["type"]),
        points=_number(data["points"]),
        tries=_whole(data["tries"]),
        partial=data["partial"],
        is_scored=bool(data["scored"]),
        is_required=bool(data["required"]),
        keyed_at=_whole(data["keyedAt"]),
        interactions=interactions,
        weights=tuple(_number(one["weight"]) for one in data["interactions"]),
        quiz=_text(data.get("quiz", "")),
        groups=tuple(
            (_whole(group["count"]), tuple(_slot(slot) for slot in group["slots"])) for group in rules.get("groups", ())
        ),
        retakes=_whole(rules.get("retakes", 0)),
    )


def _interaction(data: Mapping[str, Any]) -> Interaction:
    """Return an interaction as `render.interaction_data` wrote it; what is empty was left out."""
    letter = _text(data["letter"])
    if data["type"] not in get_args(InteractionType) or letter not in ("", *LETTERS, *EXTRAS):
        raise ValueError("an unknown interaction")
    limit = data.get("limit")
    if limit is not None and _whole(limit) > TEXT_LIMIT:
        raise ValueError("more than any state holds")
    return Interaction(
        _text(data["id"]),
        cast(InteractionType, data["type"]),
        letter,
        components=_components(data.get("choices", ())),
        targets=_components(data.get("targets", ())),
        multiple=bool(data.get("multiple")),
        right=_marks(data.get("right", ())),
        accept=tuple(_text(one) for one in data.get("accept", ())),
        ranges=tuple((_number(low), _number(high)) for low, high in data.get("ranges", ())),
        strict_case=bool(data.get("case")),
        strict_accents=bool(data.get("accents")),
        typos=_whole(data.get("typos", 0)),
        steps=tuple((_text(step), _number(points)) for step, points in data.get("steps", {}).items()),
        best=_number(data.get("best", 0)),
        ends=_marks(data.get("ends", ())),
        limit=limit,
    )


def _components(letters: Any) -> tuple[Component, ...]:
    found = _marks(letters)
    if any(len(letter) != 1 for letter in found):
        raise ValueError("not a letter")
    return tuple(Component(letter, "") for letter in found)


def _marks(marks: Any) -> tuple[str, ...]:
    """Return letters, or pairs of letters."""
    found = tuple(_text(mark) for mark in marks)
    if any(letter not in LETTERS for mark in found for letter in mark) or "" in found:
        raise ValueError("not letters")
    return found


def _table(data: Mapping[str, Any]) -> Table:
    states: dict[Status, tuple[Row, ...]] = dict.fromkeys(STATUSES, ())
    for name, rows in data["states"].items():
        states[_status(name)] = tuple(Row(tuple(map(_fact, row["when"])), _status(row["to"])) for row in rows)
    lessons, minutes = data.get("lessons"), data.get("minutes")
    return Table(
        _status(data["initial"]),
        states,
        None if lessons is None else tuple(_text(one) for one in lessons),
        None if minutes is None else _number(minutes),
    )


def _course(value: Any) -> str:
    if not _COURSE.fullmatch(_text(value)):
        raise ValueError("not the id of a course")
    return cast(str, value)


def _status(value: Any) -> Status:
    if value not in STATUSES:
        raise ValueError("an unknown status")
    return cast(Status, value)


def _fact(value: Any) -> str:
    if _text(value).removeprefix("!") not in FACTS:
        raise ValueError("an unknown fact")
    return cast(str, value)


def _slot(value: Any) -> int:
    if not 0 < _whole(value) < 2**31:
        raise ValueError("not a slot")
    return cast(int, value)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("not a whole number")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not -1e15 < value < 1e15:
        raise ValueError("not a number")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value

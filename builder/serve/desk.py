"""A course in memory that is built again and again: what can be shown of it, and what is wrong with it now.

A lesson with errors does not stop the others: it is shown as it was when it was last good. Slots, once given, stay as
long as the desk lives, so that an answer never moves to another question; nothing is written to disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from builder import codec, player
from builder.diagnostics import Diagnostics, Severity, has_errors, in_order
from builder.load import Source, Sources, load
from builder.memory import Memory
from builder.model import Course
from builder.overlay import load_overlay
from builder.pipeline import Built, Options, build
from builder.regions import FILE as REGIONS
from builder.regions import read_regions
from builder.render import INDEX, SCRIPT, STYLE, launch_name
from builder.report import Located, locate
from builder.targets import Build
from builder.theme import known_themes
from builder.variants import Variant

TARGETS = ("scorm12", "scorm2004", "cmi5")
"""Standards that the desk speaks."""

_MAIN = re.compile(r"<main\b.*?</main>", re.DOTALL)
_DATA = re.compile(r'(<script type="application/json" id="course-data">)(.*?)(</script>)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Launch:
    """A document that the LMS launches; `sco` is empty where there is one alone."""

    sco: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be played. `launch` changes when only a new launch shows what has changed; `style` with the style alone.
    `slots` and `names`, by slot, read saved states of `revision`; `limit` is the most characters of one."""

    target: str
    members: Mapping[str, bytes]
    launches: tuple[Launch, ...]
    launch: str
    style: str
    course: str
    title: str
    mastery: float | None
    limit: int | None
    revision: int
    slots: codec.Slots
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build found. `number` counts builds; `changed` names the members that are not what they were; `behind`:
    files of lessons that are shown as they were, or `*` for the whole course; `trouble`: what the machine refused."""

    number: int
    found: tuple[Located, ...] = ()
    changed: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen for the course as it was last read: audiences and regions that it knows, overlays by name,
    themes; `theme` is the one that the course names."""

    audiences: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    overlays: Mapping[str, Path] = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    theme: str = ""


@dataclass(slots=True)
class Desk:
    """One course, played for one target at a time. `root` is its folder; `overlay` is read again at each build; `theme`
    takes the place of the course's own where it is not empty. Not for several threads at once."""

    root: Path
    target: str = TARGETS[0]
    variant: Variant = field(default_factory=Variant)
    overlay: Path | None = None
    theme: str = ""
    choices: Choices = field(default_factory=Choices)
    memory: Memory = field(default_factory=Memory)
    shown: Shown | None = None
    report: Report = field(default_factory=lambda: Report(0))
    _good: dict[str, Source] = field(default_factory=dict)
    _given: Path | None = None

    def __post_init__(self) -> None:
        """Remember the overlay of the command line: it can always be chosen."""
        self._given = self.overlay

    def build(self) -> Report:
        """Read and build the course; what can be shown, is. Never raises on what an author or a disk can do."""
        number = self.report.number + 1
        try:
            self.report = self._built(number)
        except (OSError, player.PlayerError) as problem:
            reason = getattr(problem, "strerror", None) or str(problem)
            self.report = Report(number, self.report.found, (), ("*",), reason)
        return self.report

    def _built(self, number: int) -> Report:
        sources = load(self.root)
        variant, unread = self._variant()
        own = sources.settings.theme if sources.settings else ""
        if sources.settings and self.theme:
            sources = replace(sources, settings=replace(sources.settings, theme=self.theme))
        options = Options(targets=(self.target,), variant=variant, is_draft=True)
        built = next(build(sources, options, self.memory))
        self.choices = self._choices(sources, own)
        found = in_order((*unread, *built.diagnostics))
        if not has_errors(found):
            return Report(number, locate(found, sources.excerpt), self._show(built, sources, ()))
        bad = {one.span.file for one in found if one.severity is Severity.ERROR}
        mended, behind = self._mended(sources, bad)
        changed: tuple[str, ...] = ()
        if behind and not has_errors(unread):
            again = next(build(mended, options, self.memory))
            if again.package is None:
                behind = ("*",)
            else:
                changed = self._show(again, sources, behind)
        return Report(number, locate(found, sources.excerpt), changed, behind or ("*",))

    def _choices(self, sources: Sources, theme: str) -> Choices:
        settings = sources.settings
        if settings is None:
            return self.choices
        lists = (sources.text(path) for path in (f"_shared/{REGIONS}", f"{sources.base}/{REGIONS}".lstrip("/")))
        named = {name for one in lists if one for name in read_regions(one.text, one.file)[0]}
        regions = {*self.memory.regions(), *named, settings.region, self.variant.region} - {""}
        overlays = dict(sources.overlays())
        given = self._given
        if given is not None and given.resolve() not in {path.resolve() for path in overlays.values()}:
            overlays[given.name] = given
        return Choices(settings.audiences, tuple(sorted(regions)), overlays, known_themes(sources.tree), theme)

    def chosen(self) -> Mapping[str, str]:
        """Return what is chosen, by the names of the choices; empty is what the course says."""
        overlay = self.overlay.resolve() if self.overlay else None
        names = (name for name, path in self.choices.overlays.items() if path.resolve() == overlay)
        return {
            "audience": self.variant.audience,
            "region": self.variant.region,
            "overlay": next(names, ""),
            "theme": self.theme,
        }

    def choose(self, choice: Mapping[str, str]) -> bool:
        """Take over what is chosen, for the next build; return False, and change nothing, where it is not offered."""
        known = self.choices
        offered: Mapping[str, Collection[str]] = {
            "audience": known.audiences,
            "region": known.regions,
            "overlay": known.overlays,
            "theme": known.themes,
        }
        if any(name not in offered or (value and value not in offered[name]) for name, value in choice.items()):
            return False
        wanted = {**self.chosen(), **choice}
        self.variant = replace(self.variant, audience=wanted["audience"], region=wanted["region"])
        self.overlay = known.overlays.get(wanted["overlay"])
        self.theme = wanted["theme"]
        return True

    def read(self) -> tuple[Sources, Variant, Diagnostics]:
        """Return the sources as they are now, the variant that is chosen, and what is wrong with its overlay."""
        return load(self.root), *self._variant()

    def _variant(self) -> tuple[Variant, Diagnostics]:
        if self.overlay is None:
            return self.variant, ()
        words, problems = load_overlay(self.overlay)
        return replace(self.variant, overlay=words), problems

    def _mended(self, sources: Sources, bad: set[str]) -> tuple[Sources, tuple[str, ...]]:
        """Return the sources with lessons that have errors as they were when they had none, and the files of these."""
        lessons = []
        behind = []
        known = {one.path for one in sources.lessons}
        for one in sources.lessons:
            good = self._good.get(one.path)
            if one.file in bad and good is not None and good != one:
                behind.append(one.file)
                one = good
            lessons.append(one)
        # A lesson that cannot even be read is there all the same.
        unread = [one for path, one in self._good.items() if path not in known and one.file in bad]
        behind += [one.file for one in unread]
        whole = tuple(sorted((*lessons, *unread), key=lambda one: one.path)) if unread else tuple(lessons)
        left = tuple(one for one in sources.found if one.span.file not in behind)
        return replace(sources, lessons=whole, found=left), tuple(behind)

    def _show(self, built: Built, sources: Sources, behind: tuple[str, ...]) -> tuple[str, ...]:
        """Take a package over; return the names of the members that are not what they were."""
        assert built.package is not None
        assert built.course is not None
        assert built.build is not None
        assert built.target is not None
        members = {member.name: member.content for member in built.package.members}
        members[SCRIPT] = player.live(members[SCRIPT])
        before = self.shown.members if self.shown and self.shown.target == self.target else {}
        launches = tuple(_launches(built.course, built.build))
        slots, names = _asked((members[one.href] for one in launches), built.build)
        self.shown = Shown(
            target=self.target,
            members=members,
            launches=launches,
            launch=_digest(*(frame(members[one.href]) for one in launches), members[SCRIPT], _said(self.chosen())),
            style=_digest(members[STYLE]),
            course=built.course.settings.id,
            title=built.course.settings.title,
            mastery=built.course.settings.mastery,
            limit=built.target.STATE_LIMIT,
            revision=built.build.revision,
            slots=slots,
            names=names,
        )
        self._good = {one.path: one if one.file not in behind else self._good[one.path] for one in sources.lessons} | {
            path: one for path, one in self._good.items() if one.file in behind
        }
        return tuple(sorted(name for name in members.keys() | before.keys() if members.get(name) != before.get(name)))


@lru_cache(maxsize=512)
def frame(page: bytes) -> bytes:
    """Return what of a launch document the player cannot change while it runs: all but the cover, which is shown anew,
    and the questions of lessons, which lessons bring along."""
    text = _MAIN.sub("", page.decode())

    def without(match: re.Match[str]) -> str:
        data: dict[str, Any] = json.loads(match[2])
        for lesson in data["lessons"]:
            lesson["questions"] = []
        return match[1] + json.dumps(data) + match[3]

    return _DATA.sub(without, text).encode()


def saved(shown: Shown, text: str) -> dict[str, Any]:
    """Return a saved state in words for the inspector: its size, and each record by name; `readable` false where it is
    none of this course."""
    read = codec.receive(text, shown.slots, shown.revision)
    facts: dict[str, Any] = {"characters": len(text), "limit": shown.limit, "readable": read is not None}
    if read is None:
        return facts
    state = read.state
    name = {0: "", **shown.names}
    return facts | {
        "revision": state.revision,
        "counter": state.counter,
        "attempt": state.attempt,
        "status": state.status,
        "place": name.get(state.place, str(state.place)),
        "lessons": [
            {"id": name.get(slot, str(slot)), "slot": slot, "visited": visit.visited, "end": visit.end}
            for slot, visit in sorted(state.lessons.items())
        ],
        "questions": [
            {
                "id": name.get(slot, str(slot)),
                "slot": slot,
                "tries": record.tries,
                "hints": record.hints,
                "response": _plain(record.response),
            }
            for slot, record in sorted(state.questions.items())
        ],
        "unknown": sorted(state.opaque),
    }


def _plain(response: object) -> str:
    """Return a response in a few characters: letters as they are, `–` for none."""
    if response is None:
        return "–"
    if isinstance(response, tuple):
        return " ".join(map(_plain, response))
    return str(getattr(response, "text", response)) or "–"


def _launches(course: Course, made: Build) -> Iterator[Launch]:
    titles = {lesson.id: lesson.title for lesson in course.lessons}
    for sco in made.scos:
        yield Launch(str(sco.slot), titles[sco.lesson], launch_name(sco.slot))
    if not made.scos:
        yield Launch("", course.settings.title, INDEX)


def _asked(pages: Iterable[bytes], made: Build) -> tuple[codec.Slots, Mapping[int, str]]:
    """Return what each slot of a package is to a saved state, and its id, as launch documents have them."""
    asked: dict[int, codec.Asked | None] = {}
    names: dict[int, str] = {}
    for page in pages:
        for lesson in _lessons(page):
            asked[lesson["slot"]] = None
            names[lesson["slot"]] = lesson["id"]
            for one in lesson["questions"]:
                asked[one["slot"]] = codec.Asked(one["slot"], one["keyedAt"], made.interactions[one["id"]])
                names[one["slot"]] = one["id"]
    return asked, names


@lru_cache(maxsize=512)
def _lessons(page: bytes) -> tuple[Mapping[str, Any], ...]:
    """Return the lessons that a launch document tells of."""
    match = _DATA.search(page.decode())
    return tuple(json.loads(match[2])["lessons"]) if match else ()


def _said(choice: Mapping[str, str]) -> bytes:
    return repr(sorted(choice.items())).encode()


def _digest(*contents: bytes) -> str:
    """Return a hash of contents, in order."""
    return sha256(b"".join(sha256(one).digest() for one in contents)).hexdigest()

"""What a process that builds a course again and again keeps of it: lessons read and members made, each with all that
it was made of. What it gives is what a build without it would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.diagnostics import Diagnostics
from builder.load import Source
from builder.lock import Lock
from builder.model import Lesson, outline
from builder.parse import LessonContext, ParsedLesson, parse_lesson
from builder.slots import Assigned, assign


@dataclass(slots=True)
class Memory:
    """Knows of each lesson and each member the last one. `parsed` and `made`: how often one had to be made.
    `numbering`: the text of a lock, and that lock with all the slots given since, none of which changes."""

    parsed: int = 0
    made: int = 0
    numbering: tuple[str, Lock] | None = None
    _assigned: tuple[object, Assigned] | None = None
    _numbered: tuple[object, Assigned] | None = None
    _lessons: dict[str, _Known] = field(default_factory=dict)
    _members: dict[str, tuple[object, bytes]] = field(default_factory=dict)

    def parse(self, source: Source, context: LessonContext) -> ParsedLesson:
        """Return what `parse_lesson` would: anew where the lesson, what it includes or the context has changed."""
        bare = replace(context, include=_nothing)
        known = self._lessons.get(source.path)
        is_same = known and (known.source, known.context) == (source, bare)
        if known and is_same and all(context.include(path) == text for path, text in known.includes.items()):
            return known.parsed
        includes: dict[str, Source | None] = {}

        def include(path: str) -> Source | None:
            includes[path] = context.include(path)
            return includes[path]

        self.parsed += 1
        parsed = parse_lesson(source, replace(context, include=include))
        self._lessons[source.path] = _Known(source, bare, includes, parsed)
        return parsed

    def assign(self, text: str, lock: Lock, lessons: Sequence[Lesson]) -> tuple[Assigned, Diagnostics]:
        """Return what `slots.assign` does; `text` is that of the lock."""
        key = (text, outline(lessons))
        if self._assigned is not None and self._assigned[0] == key:
            return self._assigned[1], ()
        assigned, found = assign(lock, lessons)
        self._assigned = None if found else (key, assigned)
        return assigned, found

    def number(self, text: str, lock: Lock, lessons: Sequence[Lesson]) -> Assigned:
        """Return what `slots.assign` does, with the slots that the lock lacks as they were given before, as long as its
        text stays what it is."""
        if self.numbering is not None and self.numbering[0] == text:
            lock = self.numbering[1]
        known = outline(lessons)
        if self._numbered is not None and self._numbered[0] == (lock, known):
            return self._numbered[1]
        assigned, _ = assign(lock, lessons)
        self.numbering = (text, assigned.lock)
        # What is numbered already keeps its numbers.
        self._numbered = ((assigned.lock, known), assigned)
        return assigned

    def regions(self) -> tuple[str, ...]:
        """Return the regions for which lessons that were read have text of their own, sorted."""
        lessons = (known.parsed.lesson for known in self._lessons.values())
        return tuple(sorted({name for lesson in lessons for one in lesson.inserts for name in one.region}))

    def keep(self, name: str, made_of: object, make: Callable[[], bytes]) -> bytes:
        """Return the member of a name, as `builder.model.Keep` says."""
        known = self._members.get(name)
        if known and known[0] == made_of:
            return known[1]
        self.made += 1
        content = make()
        self._members[name] = (made_of, content)
        return content


@dataclass(frozen=True, slots=True)
class _Known:
    """A lesson that was read, what it was read from, and the files that it asked for."""

    source: Source
    context: LessonContext
    includes: Mapping[str, Source | None]
    parsed: ParsedLesson


def _nothing(path: str) -> Source | None:
    return None

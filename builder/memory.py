"""What a process that builds a course again and again keeps of it: lessons read and members made, each with all that
it was made of. What it gives is what a build without it would make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from builder.load import Source
from builder.lock import Lock
from builder.model import Lesson
from builder.parse import LessonContext, ParsedLesson, parse_lesson
from builder.slots import Assigned, assign


@dataclass(slots=True)
class Memory:
    """Knows of each lesson and each member the last one. `parsed` and `made`: how often one had to be made.
    `numbering`: the text of a lock, and that lock with all the slots given since, none of which changes."""

    parsed: int = 0
    made: int = 0
    numbering: tuple[str, Lock] | None = None
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

    def number(self, text: str, lock: Lock, lessons: Sequence[Lesson]) -> Assigned:
        """Return what `slots.assign` does, with the slots that the lock lacks as they were given before, as long as its
        text stays what it is."""
        if self.numbering is not None and self.numbering[0] == text:
            lock = self.numbering[1]
        assigned, _ = assign(lock, lessons)
        self.numbering = (text, assigned.lock)
        return assigned

    def keep(self, name: str, made_of: object, make: Callable[[], bytes]) -> bytes:
        """Return the member of a name, as `builder.render.Keep` says."""
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

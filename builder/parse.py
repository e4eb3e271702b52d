"""Sources → Course: lessons as summaries, bodies apart.

`parse_lesson` is a pure function of a lesson's text, the files it includes and the settings used; it never raises on
what an author can write, and reports everything at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from builder.attributes import is_id, parse_attributes, unknown_keys
from builder.body import Body, BodyWriter
from builder.diagnostics import Diagnostic, Diagnostics, Span, error, has_errors
from builder.glossary import Glossary
from builder.load import Source, joined, slug
from builder.markdown import FENCE, OPEN, SPACE, Document, Origin, parse_markdown
from builder.model import Character, Fact, Include, Lesson, Module, Passage
from builder.prose import prose
from builder.questions import settled
from builder.settings import RESERVED, LessonSettings, ModuleSettings, read_front_matter

INCLUDE_DEPTH = 16
"""How deep includes may nest (product, "The source")."""

INCLUDES = 200
"""How many includes one lesson may have, nested ones counted: each may hold others, which multiply."""

LINE_LIMIT = 100_000
"""Longest line that is read, in characters: beyond it Markdown's rules take minutes."""

_FRONT = re.compile(r"---[ \t]*\n(.*?\n|)---[ \t]*(?:\n|$)", re.DOTALL)
_INCLUDE_CLOSE = re.compile(rf":{{3,}}{SPACE}*$")


@dataclass(frozen=True, slots=True)
class LessonContext:
    """What a lesson's body depends on beside its text. `words` are the page's words in the course's language;
    `wants_prose`: whether somebody reads the plain words, on which the body does not depend."""

    variables: Mapping[str, str]
    words: Mapping[str, str]
    language: str
    graded: tuple[str, ...]
    module: str
    include: Callable[[str], Source | None]
    characters: Mapping[str, Character] = field(default_factory=dict)
    glossary: Glossary | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    wants_prose: bool = False


@dataclass(frozen=True, slots=True)
class ParsedLesson:
    """A lesson: its summary, its body, what was found, and its plain words where somebody reads them."""

    lesson: Lesson
    body: Body
    found: Diagnostics
    prose: tuple[Passage, ...] = ()


def parse_lesson(source: Source, context: LessonContext) -> ParsedLesson:
    """Read one lesson (language, "A lesson")."""
    found: list[Diagnostic] = []
    settings, first, problems = _front_matter(source)
    found += problems
    lines, origins, includes, problems = _assemble(source, first, context.include)
    found += problems
    document = Document(source.file, source.path, lines, origins, context.variables, facts=context.facts)
    writer = BodyWriter(
        document,
        context.words,
        context.language,
        settings.objectives,
        is_scored_kind=settings.kind not in ("practice", "positioning"),
        characters=context.characters,
        glossary=context.glossary,
        has_parts=settings.parts,
        facts=context.facts,
    )
    tokens = parse_markdown(document)
    body = writer.finish(tokens)
    found += document.found
    if not body.chunks and not has_errors(found):
        found.append(error("S120", Span(source.file)))
    name = slug(source.path)
    if not settings.id and name in RESERVED:
        found.append(error("S028", Span(source.file), id=name))
    lesson = Lesson(
        id=settings.id or name,
        was=settings.was,
        has_id=bool(settings.id),
        path=source.path,
        title=settings.title or name,
        kind=settings.kind,
        minutes=settings.minutes,
        objectives=settings.objectives,
        audience=settings.audience,
        module=context.module,
        is_graded=settings.kind in context.graded,
        words=writer.word_count,
        headings=tuple(writer.headings),
        anchors=tuple(writer.anchors),
        links=tuple(writer.links),
        questions=settled(writer.questions),
        includes=includes,
        silences=tuple(writer.silences),
        terms=tuple(writer.terms.items()),
        facts=tuple(writer.cited),
        parts=tuple(writer.parts),
        span=settings.span,
        spans=settings.spans,
        inserts=tuple(writer.inserts),
        places=writer.places,
        away=settings.away,
    )
    words = prose(document, tokens, lesson.questions) if context.wants_prose else ()
    return ParsedLesson(lesson, body, tuple(found), words)


def modules_of(lessons: Sequence[Lesson], settings: Mapping[str, ModuleSettings]) -> tuple[Module, ...]:
    """Return the modules in reading order; lessons at the course's root that follow each other form one without id."""
    result = []
    for folder, inside in groupby(lessons, key=lambda lesson: lesson.module):
        ids = [lesson.id for lesson in inside]
        known = settings.get(folder)
        name = known.id if known else slug(folder) if folder else ""
        result.append(Module(name, known.title if known else folder, tuple(ids)))
    return tuple(result)


def _front_matter(source: Source) -> tuple[LessonSettings, int, Diagnostics]:
    """Return the settings, the 0-based line after the front matter, and what was found."""
    match = _FRONT.match(source.text)
    if not match:
        code = "S121" if source.text.startswith("---") else "S122"
        return LessonSettings(Span(source.file)), 0, (error(code, Span(source.file)),)
    settings, problems = read_front_matter(match[1], source.file, 2)
    return settings, match[0].count("\n"), problems


def _assemble(
    source: Source, first: int, include: Callable[[str], Source | None]
) -> tuple[list[str], list[Origin] | None, tuple[Include, ...], Diagnostics]:
    """Put included files in the place of their directive. Front matter leaves blank lines: numbers stay right."""
    lines = source.text.split("\n")
    lines[:first] = [""] * first
    found: list[Diagnostic] = []
    for number, line in enumerate(lines):
        if len(line) > LINE_LIMIT:
            found.append(error("S123", Span(source.file, number + 1, LINE_LIMIT), limit=LINE_LIMIT))
            lines[number] = line[:LINE_LIMIT]
    if not any(":::" in line and "include" in line for line in lines):
        return lines, None, (), tuple(found)
    origins = [Origin(source.file, source.path, number + 1, "") for number in range(len(lines))]
    used: list[Include] = []
    whole, places = _spliced(lines, origins, include, found, used, (source.path,))
    return whole, places, tuple(used), tuple(found)


def _spliced(
    lines: Sequence[str],
    origins: Sequence[Origin],
    include: Callable[[str], Source | None],
    found: list[Diagnostic],
    used: list[Include],
    stack: tuple[str, ...],
) -> tuple[list[str], list[Origin]]:
    result: list[str] = []
    places: list[Origin] = []
    code, position = "", 0
    while position < len(lines):
        line, origin = lines[position], origins[position]
        bare = line.lstrip(" \t>")
        opening = None
        if code:
            if bare.startswith(code) and not bare.strip(code[0]).strip():
                code = ""
        elif fence := FENCE.match(bare):
            code = fence[1]
        elif bare.startswith(":::"):
            opening = OPEN.match(bare)
        if opening is None or opening[1] != "include":
            result.append(line)
            places.append(origin)
            position += 1
            continue
        column = len(line) - len(bare) + 1
        span = Span(origin.file, origin.line, column, origin.line, len(line.rstrip()) + 1)
        place = Span(origin.file, origin.line, column + max(0, opening.start(2)))
        if bare != line:
            found.append(error("S164", span))
        end = next((n for n in range(position + 1, len(lines)) if lines[n].strip()), len(lines))
        if end < len(lines) and _INCLUDE_CLOSE.match(lines[end].strip()):
            position = end + 1
        else:
            found.append(error("S130", span, name="include"))
            position += 1
        inner = _included(opening[2], span, place, origin, include, found, used, stack) if bare == line else None
        if inner is not None:
            result += ["", *inner[0], ""]
            places += [origin, *inner[1], origin]
    return result, places


def _included(
    raw: str | None,
    span: Span,
    place: Span,
    origin: Origin,
    include: Callable[[str], Source | None],
    found: list[Diagnostic],
    used: list[Include],
    stack: tuple[str, ...],
) -> tuple[list[str], list[Origin]] | None:
    attributes, problems = parse_attributes((raw or "{}").strip()[1:-1], place)
    problems += unknown_keys(attributes, frozenset({"src", "prefix"}), "include", takes_id=False)
    found += problems
    source_path, prefix = attributes.text("src"), attributes.text("prefix")
    if prefix and not is_id(prefix):
        found.append(error("S143", attributes.values["prefix"].span, id=prefix))
        return None
    if not source_path:
        if not problems:
            found.append(error("S124", span))
        return None
    path = joined(origin.path, source_path)
    if path is None:
        found.append(error("S006", span, path=source_path))
        return None
    if path in stack:
        found.append(error("S125", span, path=source_path))
        return None
    if len(stack) > INCLUDE_DEPTH:
        found.append(error("S126", span, limit=INCLUDE_DEPTH))
        return None
    whole = origin.prefix + (f"{prefix}-" if prefix and not prefix.endswith("-") else prefix)
    if len(used) >= INCLUDES:
        if len(used) == INCLUDES:
            found.append(error("S167", span, limit=INCLUDES))
            used.append(Include(path, whole, span))
        return None
    if any((one.path, one.prefix) == (path, whole) for one in used):
        found.append(error("S127", span, path=source_path))
        return None
    source = include(path)
    if source is None:
        found.append(error("S128", span, path=source_path))
        return None
    if _FRONT.match(source.text):
        found.append(error("S129", Span(source.file)))
        return None
    used.append(Include(path, whole, span))
    lines = source.text.split("\n")
    origins = [Origin(source.file, source.path, number + 1, whole) for number in range(len(lines))]
    return _spliced(lines, origins, include, found, used, (*stack, path))

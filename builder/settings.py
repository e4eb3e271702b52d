"""YAML as text, typed by us: `course.yml`, front matter, `_module.yml` and frameworks, each value with its place.

PyYAML's scanner only composes nodes; no tag is resolved, so `no`, `12:30` and `1e3` stay what the author typed.
Aliases are refused: nobody needs them here and they multiply (language, "Forgiving"; product, "The source").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast, get_args

import yaml

from builder.attributes import VARIABLE
from builder.diagnostics import Diagnostic, Diagnostics, Span, error, warning
from builder.model import Author, Character, CompleteWhen, CourseSettings, LessonKind, MoveOn

if TYPE_CHECKING:
    from yaml.nodes import Node

ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
VARIABLE_NAME = re.compile(r"[a-z0-9_]+")
REGION = re.compile(r"[A-Z]{2}")
RESERVED = frozenset({"index"})
TRAINER, LRS, PSEUDONYMOUS = "trainer", "lrs", "pseudonymous"
"""What the name of a package ends with that holds the trainer's notes, that tells an LRS too, that does so without the
learner's id; hence the name of no audience."""
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
IRI = re.compile(r'https?://[^\s<>"{}|\\^`]+')
DEPTH = 100
"""Deepest nesting of a YAML file; the C composer recurses without a guard of its own."""

SUGGESTIONS = 50
"""How many unknown settings of one mapping are compared with the known ones, which takes its time."""

AWAY = 0.2
"""Largest share of a lesson's duration that may be spent away from the screen."""

KINDS: tuple[str, ...] = get_args(LessonKind)
MOVE_ON: tuple[str, ...] = get_args(MoveOn)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNQUOTED = re.compile(
    r"^([ \t-]*(?:title|description|definition|note|text|source):[ \t]+)([^\s\"'|>&*!%@`\[{#].*:[ \t].*?)[ \t]*$",
    re.MULTILINE,
)
_GLUED = re.compile(r"^[ \t-]*([a-z_]+):(?=[^\s:/\"'])", re.MULTILINE)
_BREAKS = {0x85: " ", 0x2028: " ", 0x2029: " "}
"""Line breaks for YAML 1.1, for nobody else: they would shift the lines of all that follows."""

_NESTING = ("[", "{", "- ", "? ", "-\n", "?\n")
_NO_BREAK = re.compile("[\u00a0\u202f]")
DURATION = re.compile(r"(?:(\d+(?:[.,]\d+)?)\s*h(?:\s*(\d{1,2}))?(?:\s*min)?|(\d+(?:[.,]\d+)?)\s*(?:min|minutes?))")


@dataclass(frozen=True, slots=True)
class LessonSettings:
    """Front matter, typed."""

    span: Span
    title: str = ""
    id: str = ""
    was: tuple[str, ...] = ()
    minutes: float = 0
    objectives: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    kind: LessonKind = "lesson"
    parts: bool = False
    spans: dict[str, Span] = field(default_factory=dict)
    away: float = 0


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """`_module.yml`, typed."""

    id: str
    title: str


@dataclass(slots=True)
class Table:
    """A mapping of a YAML file while it is being read: each key once, what is left over is unknown."""

    file: str
    first_line: int
    span: Span
    nodes: dict[str, tuple[Span, Node]]
    found: list[Diagnostic]
    read: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        """Return whether the key was written."""
        return key in self.nodes

    def is_table(self, key: str) -> bool:
        """Return whether the key's value is a mapping."""
        return key in self.nodes and isinstance(self.nodes[key][1], yaml.MappingNode)

    def is_empty(self, key: str) -> bool:
        """Return whether the key was written without a value."""
        node = self.nodes.get(key, (self.span, None))[1]
        return isinstance(node, yaml.ScalarNode) and not node.value.strip()

    def place(self, key: str) -> Span:
        """Return the place of a key's value, or of the whole table when the key is missing."""
        if key not in self.nodes:
            return self.span
        return _span(self.file, self.nodes[key][1], self.first_line)

    def text(self, key: str, default: str = "") -> str:
        """Return a scalar as written, no-break spaces kept."""
        node = self._node(key)
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.found.append(error("S021", self.place(key), key=key, wanted="text"))
            return default
        return str(node.value).strip()

    def matching(
        self,
        key: str,
        pattern: re.Pattern[str],
        wanted: str,
        default: str = "",
        reserved: frozenset[str] = frozenset(),
    ) -> str:
        """Return a scalar of a certain form; S022 when it has another, S028 when it is one of the `reserved` words."""
        value = self.text(key)
        if not value:
            return default
        if value in reserved:
            self.found.append(error("S028", self.place(key), id=value))
            return default
        if not pattern.fullmatch(value):
            self.found.append(error("S022", self.place(key), key=key, value=value, wanted=wanted))
            return default
        return value

    def one_of(self, key: str, allowed: Iterable[str], default: str) -> str:
        """Return one of a closed list of words; S023 otherwise."""
        value = self.text(key)
        if not value:
            return default
        if value not in allowed:
            self.found.append(_choice_error(self.place(key), key, value, allowed))
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of scalars; a lone value is a list of one."""
        return tuple(text for text, _ in self.texts_with_spans(key))

    def texts_with_spans(self, key: str) -> tuple[tuple[str, Span], ...]:
        """Return a list of scalars, each with its place."""
        node = self._node(key)
        if node is None:
            return ()
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: list[tuple[str, Span]] = []
        for item in items:
            span = _span(self.file, item, self.first_line)
            if not isinstance(item, yaml.ScalarNode):
                self.found.append(error("S021", span, key=key, wanted="text"))
            elif item.value.strip():
                result.append((item.value.strip(), span))
        return tuple(result)

    def all_matching(self, key: str, pattern: re.Pattern[str], wanted: str) -> tuple[tuple[str, Span], ...]:
        """Return a list of scalars of a certain form, each with its place; S022 about those of another."""
        texts = self.texts_with_spans(key)
        self.found += [
            error("S022", span, key=key, value=text, wanted=wanted)
            for text, span in texts
            if not pattern.fullmatch(text)
        ]
        return tuple(one for one in texts if pattern.fullmatch(one[0]))

    def some_of(self, key: str, allowed: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of words from a closed list."""
        result = []
        for value, span in self.texts_with_spans(key):
            if value in allowed:
                result.append(value)
            else:
                self.found.append(_choice_error(span, key, value, allowed))
        return tuple(result) if self.has(key) else default

    def flag(self, key: str, default: bool) -> bool:
        """Return `true` or `false`; nothing else is a flag."""
        return self.one_of(key, ("true", "false"), "true" if default else "false") == "true"

    def minutes(self, key: str) -> float | None:
        """Return a duration in minutes: `45 min`, `5 h`, `1 h 30`."""
        value = self.text(key)
        if not value:
            return None
        minutes = duration(value)
        if minutes is None:
            self.found.append(error("S024", self.place(key), key=key, value=value))
        return minutes

    def number(self, key: str, lowest: float, highest: float) -> float | None:
        """Return a number within bounds; `.` or `,` as decimal mark."""
        value = self.text(key).replace("%", "").strip()
        if not value:
            return None
        if not re.fullmatch(r"\d+([.,]\d+)?", value) or not lowest <= float(value.replace(",", ".")) <= highest:
            arguments = {"lowest": f"{lowest:g}", "highest": f"{highest:g}"}
            self.found.append(error("S025", self.place(key), key=key, value=value, **arguments))
            return None
        return float(value.replace(",", "."))

    def date(self, key: str) -> str:
        """Return a date as ISO 8601 writes it, `2027-06-30`; S022 otherwise."""
        value = self.text(key)
        if not value or is_date(value):
            return value
        self.found.append(error("S022", self.place(key), key=key, value=value, wanted="2027-06-30"))
        return ""

    def table(self, key: str) -> Table | None:
        """Return a nested mapping."""
        node = self._node(key)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.found.append(error("S021", self.place(key), key=key, wanted="mapping"))
            return None
        return _table(node, self.file, self.first_line, self.found)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return a list of mappings."""
        node = self._node(key)
        if node is None:
            return ()
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result = []
        for item in items:
            if isinstance(item, yaml.MappingNode):
                result.append(_table(item, self.file, self.first_line, self.found))
            else:
                self.found.append(error("S021", _span(self.file, item, self.first_line), key=key, wanted="mapping"))
        return tuple(result)

    def words(self, key: str, name: re.Pattern[str]) -> dict[str, str]:
        """Return a mapping of names to texts."""
        inner = self.table(key)
        return {word: inner.text(word) for word in inner.names(name, "emergency_number", key)} if inner else {}

    def names(self, pattern: re.Pattern[str] | None = None, wanted: str = "", key: str = "") -> tuple[str, ...]:
        """Return the keys of a mapping whose keys are the author's own names; S022 about those of another form."""
        for name, (span, _) in self.nodes.items():
            if pattern and not pattern.fullmatch(name):
                self.found.append(error("S022", span, key=key or name, value=name, wanted=wanted))
        return tuple(self.nodes)

    def places(self, key: str) -> dict[str, Span]:
        """Return the place of each key of a nested mapping, empty when there is none."""
        node = self.nodes.get(key, (self.span, None))[1]
        if not isinstance(node, yaml.MappingNode):
            return {}
        return {name: span for name, (span, _) in _table(node, self.file, self.first_line, []).nodes.items()}

    def key_place(self, key: str) -> Span:
        """Return the place of a key itself, or of the whole table when it is missing."""
        return self.nodes[key][0] if key in self.nodes else self.span

    def ignore_rest(self) -> None:
        """Accept keys that nothing here reads."""
        self.read.update(self.nodes)

    def finish(self) -> None:
        """Report the keys that nothing has read (S020), with the nearest known one."""
        unknown = [(key, span) for key, (span, _) in self.nodes.items() if key not in self.read]
        for number, (key, span) in enumerate(unknown):
            near: list[str] = []
            if number < SUGGESTIONS:
                near = get_close_matches(key, sorted(self.read - set(self.nodes)), 1, 0.6)
                near = near or get_close_matches(key, sorted(self.read), 1, 0.8)
            suggestion = near[0] if near else ", ".join(sorted(self.read))
            self.found.append(error("S020", span, key=key, suggestion=suggestion))

    def require(self, *keys: str) -> None:
        """Report required keys that are missing or empty (S026)."""
        for key in keys:
            node = self.nodes.get(key, (None, None))[1]
            if node is None or (isinstance(node, yaml.ScalarNode) and not node.value.strip()):
                self.found.append(error("S026", self.place(key) if node is not None else self.span, key=key))

    def require_one(self, key: str, other: str) -> None:
        """Report that neither of two keys has a value, as if the first one were missing (S026)."""
        if all(one not in self.nodes or self.is_empty(one) for one in (key, other)):
            self.found.append(error("S026", self.span, key=key))

    def _node(self, key: str) -> Node | None:
        self.read.add(key)
        node = self.nodes.get(key, (self.span, None))[1]
        return None if isinstance(node, yaml.ScalarNode) and not node.value.strip() else node


def read_yaml(text: str, file: str, first_line: int = 1) -> tuple[Table | None, Diagnostics]:
    """Return the mapping that a YAML text holds.

    `first_line` is the line of the file at which `text` starts. Reports bad YAML (S010), something other than a mapping
    (S011), aliases (S012), keys that stand twice (S013) and variables, which work in running text only (S153).
    """
    found: list[Diagnostic] = []
    is_read, node = _composed(text, file, first_line, found)
    if not is_read:
        return None, tuple(found)
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return Table(file, first_line, Span(file, first_line), {}, found), ()
    if not isinstance(node, yaml.MappingNode):
        return None, (*found, error("S011", _span(file, node, first_line)))
    table = _table(node, file, first_line, found)
    table.span = Span(file, first_line)
    return table, ()


def read_tables(text: str, file: str) -> tuple[tuple[Table, ...], list[Diagnostic]]:
    """Return the mappings of which a YAML text is a list; reports as `read_yaml`, and what is no list (S174).

    The tables add what they find to the list that is returned.
    """
    found: list[Diagnostic] = []
    is_read, node = _composed(text, file, 1, found)
    if not is_read or node is None:
        return (), found
    if not isinstance(node, yaml.SequenceNode):
        found.append(error("S174", Span(file)))
        return (), found
    tables = []
    for item in node.value:
        if isinstance(item, yaml.MappingNode):
            tables.append(_table(item, file, 1, found))
        else:
            found.append(error("S021", _span(file, item, 1), key="-", wanted="mapping"))
    return tuple(tables), found


def _composed(text: str, file: str, first_line: int, found: list[Diagnostic]) -> tuple[bool, Node | None]:
    """Return whether a YAML text could be read, and its root node; None when it holds nothing."""
    lines = text.split("\n")
    for match in VARIABLE.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        if not text[start : match.start()].lstrip().startswith("#"):
            line, column = first_line + text.count("\n", 0, start), match.start() - start + 1
            found.append(error("S153", Span(file, line, column, line, column + len(match[0])), name=match[1]))
    text = VARIABLE.sub(lambda match: "x" * len(match[0]), text).translate(_BREAKS)
    text = _UNQUOTED.sub(lambda match: match[1] + "'" + match[2].replace("'", "''") + "'", text)
    if "\u00a0" in text or "\u202f" in text:
        text = re.sub(r"^([ \t]*-|[\w-]+:)[\u00a0\u202f]", r"\1 ", text, flags=re.MULTILINE)
    if "\t" in text:
        text = re.sub(r"^\t+", lambda match: " " * len(match[0]), text, flags=re.MULTILINE)
    if "*" in text or " " * DEPTH in text or sum(text.count(mark) for mark in _NESTING) > DEPTH:
        depth = 0
        try:
            for event in yaml.parse(text, _LOADER):
                if isinstance(event, yaml.AliasEvent):
                    found.append(error("S012", _mark(file, event.start_mark, first_line)))
                    return False, None
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                if depth > DEPTH:
                    found.append(error("S014", _mark(file, event.start_mark, first_line)))
                    return False, None
        except yaml.YAMLError:
            pass  # reported below, where the same text is composed
    try:
        return True, yaml.compose(text, _LOADER)
    except yaml.YAMLError as problem:
        if glued := _GLUED.search(text):
            row = text.count("\n", 0, glued.start())
            found.append(error("S015", Span(file, first_line + row, len(glued[0]) + 1), key=glued[1]))
            return False, None
        mark = getattr(problem, "problem_mark", None)
        reason = str(getattr(problem, "problem", None) or problem).split("\n", 1)[0]
        place = _mark(file, mark, first_line) if mark else Span(file, first_line)
        row = min(place.line - first_line, len(lines) - 1)  # the end of a text lies past its last line
        column = place.column if place.line == first_line + row else len(lines[row]) + 1
        found.append(error("S010", Span(file, first_line + row, min(column, len(lines[row]) + 1)), reason=reason))
    except (RecursionError, ValueError) as problem:
        found.append(error("S010", Span(file, first_line), reason=type(problem).__name__))
    return False, None


def read_course(text: str, file: str) -> tuple[CourseSettings | None, Diagnostics]:
    """Return `course.yml` typed (product, "The source"); None when what every later phase needs is missing."""
    table, problems = read_yaml(text, file)
    return (None, problems) if table is None else (course_of(table), tuple(table.found))


def course_of(table: Table) -> CourseSettings | None:
    """Return a table of `course.yml` typed, None when what every later phase needs is missing."""
    table.require("id", "title", "version", "language", "iri", "licence", "duration")
    spans = {key: table.place(key) for key in table.nodes}
    mastery = table.number("mastery", 0, 100)
    complete = table.table("complete_when")
    when = CompleteWhen(None, mastery is not None, None)
    if complete is not None:
        lessons = complete.texts("lessons")
        when = CompleteWhen(
            None if lessons in ((), ("all",)) else lessons,
            complete.flag("mastery", False),
            complete.number("minutes", 0, 100_000),
        )
        spans |= {f"complete_when.{key}": complete.place(key) for key in complete.nodes}
        complete.finish()
    xapi, packaging = table.table("xapi"), table.table("packaging")
    if packaging is not None:
        spans |= {f"packaging.{key}": packaging.place(key) for key in packaging.nodes}
    audiences = table.all_matching("audiences", ID, "infirmier")
    settings = CourseSettings(
        id=table.matching("id", ID, "close-the-doors"),
        title=table.text("title"),
        version=table.matching("version", VERSION, "1.0.0"),
        language=table.matching("language", LANGUAGE, "fr-FR"),
        region=table.matching("region", REGION, "FR", "FR"),
        iri=table.matching("iri", IRI, "https://…").rstrip("/"),
        licence=table.text("licence"),
        minutes=table.minutes("duration") or 0,
        span=table.span,
        spans=spans,
        description=table.text("description"),
        framework=table.matching("framework", ID, "fr-numsante-socle-2022"),
        domain=table.text("domain"),
        audiences=tuple(audience for audience, _ in audiences),
        mastery=None if mastery is None else mastery / 100,
        graded=cast(
            tuple[LessonKind, ...],
            table.some_of("graded", ("lesson", "assessment"), ("lesson", "assessment")),
        ),
        complete_when=when,
        theme=table.matching("theme", ID, "sobre", "sobre"),
        targets=table.texts("targets") or ("scorm12",),
        open_text=xapi.flag("open_text", False) if xapi else False,
        sco="lesson" if packaging and packaging.one_of("sco", ("course", "lesson"), "course") == "lesson" else "course",
        schemas=packaging.flag("schemas", True) if packaging else True,
        move_on=cast(MoveOn, packaging.one_of("move_on", MOVE_ON, "")) or None if packaging else None,
        authors=tuple(_author(author) for author in table.tables("authors")),
        variables=table.words("variables", VARIABLE_NAME),
        keywords=table.texts("keywords"),
        audience_labels=table.words("audience_labels", ID),
    )
    spans |= {f"audience_labels.{name}": place for name, place in table.places("audience_labels").items()}
    for inner in (xapi, packaging):
        if inner is not None:
            inner.finish()
    for audience, span in audiences:
        for ending in (TRAINER, f"-{LRS}", f"-{PSEUDONYMOUS}"):
            if f"-{audience}".endswith(ending):
                table.found.append(error("Q495", span, audience=audience, ending=ending.removeprefix("-")))
    table.finish()
    if mastery is not None and 0 < mastery <= 1:
        table.found.append(warning("S016", table.place("mastery"), value=f"{mastery:g}", percent=f"{mastery * 100:g}"))
    if when.mastery and mastery is None:
        table.found.append(error("S027", complete.place("mastery") if complete else table.span))
    usable = settings.id and settings.version and settings.language and settings.iri
    return settings if usable else None


def read_front_matter(text: str, file: str, first_line: int) -> tuple[LessonSettings, Diagnostics]:
    """Return a lesson's front matter typed (language, "A lesson")."""
    table, problems = read_yaml(text, file, first_line)
    return (LessonSettings(Span(file)), problems) if table is None else (lesson_of(table), tuple(table.found))


def lesson_of(table: Table) -> LessonSettings:
    """Return a table of front matter typed."""
    table.require("title", "duration")
    settings = LessonSettings(
        span=table.span,
        title=table.text("title"),
        id=table.matching("id", ID, "close-the-doors", reserved=RESERVED),
        was=table.texts("was"),
        minutes=table.minutes("duration") or 0,
        objectives=table.texts("objectives"),
        audience=table.texts("audience"),
        kind=cast(LessonKind, table.one_of("kind", KINDS, "lesson")),
        parts=table.flag("parts", False),
        spans={key: table.place(key) for key in table.nodes},
        away=table.minutes("away") or 0,
    )
    table.finish()
    if settings.minutes and settings.away > AWAY * settings.minutes:
        most = f"{AWAY * settings.minutes:g}"
        table.found.append(error("S185", table.place("away"), away=f"{settings.away:g}", most=most))
    return settings


def read_module(text: str, file: str, folder: str) -> tuple[ModuleSettings, Diagnostics]:
    """Return `_module.yml` typed; without an id the folder's name serves."""
    table, problems = read_yaml(text, file)
    if table is None:
        return ModuleSettings(folder, folder), problems
    return module_of(table, folder), tuple(table.found)


def module_of(table: Table, folder: str) -> ModuleSettings:
    """Return a table of `_module.yml` typed."""
    table.require("title")
    settings = ModuleSettings(table.matching("id", ID, "close-the-doors") or folder, table.text("title") or folder)
    table.finish()
    return settings


def read_characters(text: str, file: str) -> tuple[dict[str, Character], Diagnostics]:
    """Return `characters.yml` typed: by its name, who appears in stories."""
    table, problems = read_yaml(text, file)
    return ({}, problems) if table is None else (characters_of(table), tuple(table.found))


def characters_of(table: Table) -> dict[str, Character]:
    """Return a table of `characters.yml` typed."""
    characters = {}
    for key in table.names(ID, "jeanne"):
        one = table.table(key)
        if one is not None:
            one.require("name")
            name = one.text("name") or key
            characters[key] = Character(name, one.text("age"), one.text("role"), one.text("dates"))
            one.finish()
    return characters


def duration(text: str) -> float | None:
    """Return minutes: `60 min`, `5 h`, `1 h 30`, `1,5 h`; None for anything else, zero included."""
    match = DURATION.fullmatch(_NO_BREAK.sub(" ", text.strip()))
    if not match:
        return None
    hours, rest, minutes = match.groups()
    total = float(minutes.replace(",", ".")) if minutes else float(hours.replace(",", ".")) * 60 + float(rest or 0)
    return total or None


def is_date(text: str) -> bool:
    """Return whether a text is a day of the calendar as ISO 8601 writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _author(table: Table) -> Author:
    table.require("name")
    author = Author(table.text("name"))
    table.finish()
    return author


def _choice_error(span: Span, key: str, value: str, allowed: Iterable[str]) -> Diagnostic:
    options = tuple(allowed)
    near = get_close_matches(value, options, 1, 0.5)
    return error("S023", span, key=key, value=value, allowed=", ".join(options), suggestion=(near or options)[0])


def _table(node: yaml.MappingNode, file: str, first_line: int, found: list[Diagnostic]) -> Table:
    nodes: dict[str, tuple[Span, Node]] = {}
    for key, value in node.value:
        span = _span(file, key, first_line)
        if not isinstance(key, yaml.ScalarNode):
            found.append(error("S021", span, key="-", wanted="text"))
        elif key.value in nodes:
            found.append(error("S013", span, key=key.value))
        else:
            nodes[key.value] = (span, value)
    return Table(file, first_line, _span(file, node, first_line), nodes, found)


def _span(file: str, node: Node, first_line: int) -> Span:
    start, end = node.start_mark, node.end_mark
    if end.line > start.line:
        return Span(file, start.line + first_line, start.column + 1)
    last = max(end.column, start.column + 1)
    return Span(file, start.line + first_line, start.column + 1, end.line + first_line, last + 1)


def _mark(file: str, mark: object, first_line: int) -> Span:
    line, column = getattr(mark, "line", 0), getattr(mark, "column", 0)
    return Span(file, line + first_line, column + 1)

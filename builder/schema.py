"""JSON Schemas of the files of settings, for editors: made from the readers of those files, and so never behind them.

A `Probe` stands in for a table while a reader runs over it, and notes what is asked of each key: its kind, form, words,
bounds, whether it must be there. A reader that asks more of one key when another has a certain value, or reads a value
in two ways, is run once for each.

What a schema cannot say, or leaves to `carabin check`:

- a key without a value counts as absent for Carabin; here, a value is wanted;
- YAML gives editors numbers, booleans and null where Carabin reads text: a word such as `true` where a name is wanted,
  a quoted `"true"` where a flag is, and spaces inside quotes are refused here;
- bounds hold for numbers, not for numbers in words (`80 %`, `2,5`);
- what two keys say together (`complete_when.mastery` without `mastery`), what stands twice in a list, what another file
  knows (objectives, themes, targets), addresses of an LRS, days of the calendar, variables in values, aliases.

Source: JSON Schema, draft 2020-12; patterns are of ECMA-262, as its §6.4 wants.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from builder.diagnostics import Span
from builder.facts import facts_of
from builder.frameworks import framework_of
from builder.glossary import terms_of
from builder.overlay import overlay_of
from builder.programmes import programme_of
from builder.regions import regions_of
from builder.seams import features
from builder.settings import DURATION, Table, characters_of, course_of, lesson_of, module_of
from builder.strings import settings_texts

Schema = dict[str, Any]
"""A JSON Schema, or a part of one."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENDING = ".schema.json"
ANY = "*"
"""Stands in a path for a key that is the author's own name, such as that of a variable."""

_SCALAR = ["string", "number", "boolean"]
_DECIMAL = r"^\d+([.,]\d+)?\s*%?$"
_DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"

Place = tuple[str, ...]
"""The path of a key, or of a table."""

Choice = tuple[Place, str, str]
"""A table, one of its keys, and what a reader shall find there: a word, or `{}` for a mapping."""

MAPPING = "{}"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its name as authors know it, what reads one table of it, whether the file is a list of them.

    `words`: by key, closed lists that a rule of `carabin check` knows, and not the reader.
    """

    name: str
    file: str
    read: Callable[[Table], object]
    is_list: bool = False
    words: Mapping[Place, tuple[str, ...]] = field(default_factory=dict)


FORMATS = (
    Format("course", "course.yml", course_of, words={("targets",): features("targets")}),
    Format("lesson", "front matter", lesson_of),
    Format("module", "_module.yml", lambda table: module_of(table, "")),
    Format("characters", "characters.yml", characters_of),
    Format("facts", "facts.yml", lambda table: facts_of((table,), table.found), is_list=True),
    Format("glossary", "glossary.yml", lambda table: terms_of((table,), table.found, is_shared=False), is_list=True),
    Format("framework", "frameworks/*.yml", framework_of),
    Format("programme", "programmes/*.yml", programme_of),
    Format("overlay", "an overlay", overlay_of),
    Format("regions", "regions.yml", regions_of),
)


@dataclass(slots=True)
class Page:
    """The schema of a format while it is written: definitions, and what people read about keys (`schema.yml`)."""

    format: Format
    definitions: dict[str, Schema] = field(default_factory=dict)

    def key(self, path: Place, kind: Schema) -> Schema:
        """Return what a key holds, with its description and examples."""
        texts, name = self._texts(path)
        words = self.format.words.get(path)
        if words:
            kind = _several({"enum": list(words)})
        examples = texts.get("examples", {}).get(name)
        return {"description": texts["keys"][name], **kind, **({"examples": examples} if examples else {})}

    def rank(self, path: Place) -> int:
        """Return where a key stands among those that are described, which is the order for people."""
        texts, name = self._texts(path)
        return list(texts["keys"]).index(name)

    def _texts(self, path: Place) -> tuple[Mapping[str, Any], str]:
        """Return the texts of a format and a key in them: parts of an overlay are as in files of their own."""
        home, *rest = path
        if rest and home in settings_texts():
            return settings_texts()[home], ".".join(rest)
        return settings_texts()[self.format.name], ".".join(path)


@dataclass(slots=True)
class Probe(Table):
    """A table that has every key, and notes what a reader asks of it.

    `kinds`: by key, the ways in which it is read, schemas or tables; `pairs`: keys one of which must be there; `rules`:
    a key, a word, and the keys that must be there where it has that word; `form`: the pattern of keys that are names;
    `asked`: what the reader may decide by, over the whole tree of tables.
    """

    path: Place = ()
    chosen: Choice | None = None
    asked: list[Choice] = field(default_factory=list)
    kinds: dict[str, list[Schema | Probe]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    rules: list[tuple[str, str, list[str]]] = field(default_factory=list)
    form: str = ""
    is_closed: bool = False
    in_list: bool = False

    def has(self, key: str) -> bool:
        """Return that the key was written."""
        return True

    def is_table(self, key: str) -> bool:
        """Return whether the key's value shall be a mapping."""
        return self._decide(key, (MAPPING,)) == MAPPING

    def is_empty(self, key: str) -> bool:
        """Return that the key has a value."""
        return False

    def text(self, key: str, default: str = "") -> str:
        """Note a scalar."""
        self._note(key, {"type": _SCALAR})
        return default

    def matching(
        self,
        key: str,
        pattern: re.Pattern[str],
        wanted: str,
        default: str = "",
        reserved: frozenset[str] = frozenset(),
    ) -> str:
        """Note a scalar of a certain form, with an example of it."""
        barred: Schema = {"not": {"enum": sorted(reserved)}} if reserved else {}
        examples = {"examples": [wanted]} if pattern.fullmatch(wanted) else {}
        self._note(key, {**_text(_ecma(pattern)), **barred, **_default(default), **examples})
        return default

    def one_of(self, key: str, allowed: Iterable[str], default: str) -> str:
        """Note a closed list of words."""
        words = tuple(allowed)
        self._note(key, {"enum": list(words), **_default(default)})
        return self._decide(key, words) or default

    def flag(self, key: str, default: bool) -> bool:
        """Note `true` or `false`."""
        self._note(key, {"type": "boolean", "default": default})
        return default

    def texts_with_spans(self, key: str) -> tuple[tuple[str, Span], ...]:
        """Note a list of scalars."""
        self._note(key, _several({"type": _SCALAR}))
        return ()

    def all_matching(self, key: str, pattern: re.Pattern[str], wanted: str) -> tuple[tuple[str, Span], ...]:
        """Note a list of scalars of a certain form."""
        self._note(key, _several(_text(_ecma(pattern))))
        return ()

    def some_of(self, key: str, allowed: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
        """Note a list of words from a closed list."""
        self._note(key, {**_several({"enum": list(allowed)}), "default": list(default)})
        return default

    def minutes(self, key: str) -> float | None:
        """Note a duration; a digit other than 0 must be in it."""
        self._note(key, _text(rf"^\s*(?=.*[1-9])(?:{DURATION.pattern})\s*$"))
        return None

    def number(self, key: str, lowest: float, highest: float) -> float | None:
        """Note a number within bounds, or one in words: with a comma, with a sign of percent."""
        number = {"type": "number", "minimum": lowest, "maximum": highest}
        self._note(key, {"anyOf": [number, _text(_DECIMAL)]})
        return None

    def date(self, key: str) -> str:
        """Note a date."""
        self._note(key, {**_text(_DAY), "format": "date"})
        return ""

    def table(self, key: str) -> Probe:
        """Note a nested mapping, and return what notes the rest."""
        inner = self._inner(key)
        self._note(key, inner)
        return inner

    def tables(self, key: str) -> tuple[Table, ...]:
        """Note a list of mappings, and return one of them."""
        inner = self._inner(key)
        inner.in_list = True
        self._note(key, inner)
        return (inner,)

    def words(self, key: str, name: re.Pattern[str]) -> dict[str, str]:
        """Note a mapping of names to texts."""
        inner = self.table(key)
        inner.names(name)
        inner.text(ANY)
        return {}

    def names(self, pattern: re.Pattern[str] | None = None, wanted: str = "", key: str = "") -> tuple[str, ...]:
        """Note that keys are names, and return one that stands for all."""
        self.form = _ecma(pattern) if pattern else ""
        return (ANY,)

    def finish(self) -> None:
        """Note that other keys are refused."""
        self.is_closed = True

    def require(self, *keys: str) -> None:
        """Note keys that must be there."""
        self.required |= dict.fromkeys(keys)

    def require_one(self, key: str, other: str) -> None:
        """Note two keys of which one must be there."""
        self.pairs.append((key, other))

    def tree(self) -> Iterator[Probe]:
        """Yield this table and all below it."""
        yield self
        for kind in (kind for kinds in self.kinds.values() for kind in kinds):
            if isinstance(kind, Probe):
                yield from kind.tree()

    def schema(self, page: Page) -> Schema:
        """Return the schema of the table; that of a table in a list is put among the definitions of the page."""
        whole: Schema = {"type": "object"}
        own = {key: page.key((*self.path, key), self._kind(key, page)) for key in self.kinds if key != ANY}
        if own:
            whole["properties"] = {key: own[key] for key in sorted(own, key=lambda key: page.rank((*self.path, key)))}
        if ANY in self.kinds:
            whole["additionalProperties"] = page.key((*self.path, ANY), self._kind(ANY, page))
        elif self.is_closed:
            whole["additionalProperties"] = False
        if self.form:
            whole["propertyNames"] = {"pattern": self.form}
        if self.required:
            whole["required"] = list(self.required)
        also: list[Schema] = [{"anyOf": [{"required": [key]} for key in pair]} for pair in self.pairs]
        for key, word, keys in self.rules:
            when = {"properties": {key: {"const": word}}, "required": [key]}
            also.append({"if": when, "then": {"required": keys}})
        return {**whole, "allOf": also} if also else whole

    def _kind(self, key: str, page: Page) -> Schema:
        """Return what a key holds, said once or as alternatives; what must be there is not empty."""
        found = []
        for kind in self.kinds[key]:
            if not isinstance(kind, Probe):
                found.append(kind)
            elif kind.in_list:
                page.definitions[key] = kind.schema(page)
                found.append(_several({"$ref": f"#/$defs/{key}"}))
            else:
                found.append(kind.schema(page))
        if key in self.required or any(key in pair for pair in self.pairs):
            found = [{**one, "pattern": r"\S"} if one == {"type": _SCALAR} else one for one in found]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def _inner(self, key: str) -> Probe:
        path = (*self.path, key)
        return Probe(self.file, 1, self.span, {}, self.found, path=path, chosen=self.chosen, asked=self.asked)

    def _note(self, key: str, kind: Schema | Probe) -> None:
        kinds = self.kinds.setdefault(key, [])
        if kind not in kinds:
            kinds.append(kind)

    def _decide(self, key: str, words: Iterable[str]) -> str:
        """Return the word that this run is about, empty in all others."""
        self.asked += [(self.path, key, word) for word in words]
        return self.chosen[2] if self.chosen and self.chosen[:2] == (self.path, key) else ""


def format_named(name: str) -> Format | None:
    """Return a format by its name, None when there is none."""
    return next((one for one in FORMATS if one.name == name), None)


def text_of(one: Format) -> str:
    """Return the file of a format's schema."""
    return json.dumps(schema_of(one), ensure_ascii=False, indent=2) + "\n"


def schema_of(one: Format) -> Schema:
    """Return the JSON Schema of a format."""
    page = Page(one)
    table = _probed(one).schema(page)
    whole: Schema = {"$schema": DIALECT, "$id": f"urn:carabin:schema:{one.name}", "title": title_of(one)}
    whole |= {"type": "array", "items": table} if one.is_list else table
    return {**whole, "$defs": page.definitions} if page.definitions else whole


def places_of(one: Format) -> Iterator[Place]:
    """Yield the path of every key of a format."""
    for table in _probed(one).tree():
        yield from ((*table.path, key) for key in table.kinds)


def title_of(one: Format) -> str:
    """Return what a format is, and its file."""
    return str(settings_texts()[one.name]["title"])


def _probed(one: Format) -> Probe:
    """Return what a reader asks, over all that it may decide by."""
    base = _run(one)
    tables = {table.path: table for table in base.tree()}
    for choice in dict.fromkeys(base.asked):
        for table in _run(one, choice).tree():
            known = tables.get(table.path)
            if known is None or table.path != choice[0]:
                continue
            if choice[2] == MAPPING:
                known.kinds[choice[1]] += table.kinds[choice[1]]
            elif more := [key for key in table.required if key not in known.required]:
                known.rules.append((choice[1], choice[2], more))
    return base


def _run(one: Format, choice: Choice | None = None) -> Probe:
    """Return what one run of a reader asks."""
    probe = Probe(one.file, 1, Span(one.file), {}, [], chosen=choice)
    one.read(probe)
    return probe


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


def _several(kind: Schema) -> Schema:
    """Return a list; a lone value is a list of one."""
    return {"anyOf": [kind, {"type": "array", "items": kind}]}


def _default(value: str) -> Schema:
    return {"default": value} if value else {}


def _ecma(pattern: re.Pattern[str]) -> str:
    """Return a pattern that matches the whole text."""
    return f"^(?:{pattern.pattern})$"

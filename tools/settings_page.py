"""The page of settings: every key of every file of settings, from the schemas."""

from __future__ import annotations

from collections.abc import Iterator

from builder.schema import ENDING, FORMATS, Schema, schema_of, title_of
from builder.settings import DURATION, ID, IRI, LANGUAGE, REGION, VERSION

LEAD = """\
# Settings

Every key of every file of settings. What `carabin check` takes is what stands here: this page and the
[schemas for editors](../how-to/editor.md) are generated from the code that reads the files.

A *text* is what you type, in quotes only where YAML needs them. An *id* is lower-case letters, digits and hyphens, the
first one a letter, 64 at most. A *duration* has its unit: `45 min`, `5 h`, `1 h 30`. One value where a list is wanted
is a list of one. `*` stands for a name of your own.
"""
FORMS = {
    f"^(?:{pattern.pattern})$": words
    for pattern, words in (
        (ID, "id"),
        (IRI, "address"),
        (LANGUAGE, "language tag"),
        (REGION, "two capitals"),
        (VERSION, "version"),
    )
}
"""What people call texts of a certain form; others are codes."""

COLUMNS = ("key", "value", "what it says")


def page() -> str:
    """Return the page, one section a file."""
    sections = [LEAD]
    for one in FORMATS:
        schema = schema_of(one)
        lead = f"`carabin schema {one.name}`, [{one.name}{ENDING}](schemas/{one.name}{ENDING})."
        table = schema["items"] if one.is_list else schema
        if one.is_list:
            lead += " The file is a list; each item has these keys."
        rows = [COLUMNS, tuple("---" for _ in COLUMNS), *_rows(table, schema.get("$defs", {}), "")]
        lines = "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
        sections.append(f"## {title_of(one)}\n\n{lead}\n\n{lines}\n")
    return "\n".join(sections)


def _rows(table: Schema, definitions: Schema, before: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and meaning of each key of a table and of those inside it."""
    for key, kind in _keys(table):
        name = f"{before}{key}"
        default, is_required = kind.get("default"), key in table.get("required", ())
        usual = f" Without it: {_shown(default)}." if default is not None and not is_required else ""
        examples = [one for one in kind.get("examples", ()) if one != default and "{" not in str(one)]
        example = f" Example: {_shown(examples[0])}." if examples else ""
        yield (
            f"`{name}`",
            _value(kind),
            kind["description"] + (" **Required.**" if is_required else "") + usual + example,
        )
        for inner in _alternatives(kind, definitions):
            if inner.get("type") == "object":
                yield from _rows(inner, definitions, f"{name}.")


def _keys(table: Schema) -> Iterator[tuple[str, Schema]]:
    yield from table.get("properties", {}).items()
    if isinstance(table.get("additionalProperties"), dict):
        yield "*", table["additionalProperties"]


def _alternatives(kind: Schema, definitions: Schema) -> Iterator[Schema]:
    """Yield the kinds of values that a key takes, definitions in their places, lists aside."""
    for one in kind.get("anyOf", [kind]):
        if one.get("type") != "array":
            yield definitions[one["$ref"].rpartition("/")[2]] if "$ref" in one else one


def _value(kind: Schema) -> str:
    """Return in words what a key takes."""
    if "anyOf" not in kind:
        return _one(kind)
    first, second = kind["anyOf"]
    if second.get("type") == "array":
        return f"{_one(first)}, or a list of it" if "$ref" not in first else "list of tables"
    return _one(first) if first.get("type") == "number" else f"{_one(first)}, or {_one(second)}"


def _one(kind: Schema) -> str:
    if "enum" in kind:
        return ", ".join(f"`{word}`" for word in kind["enum"])
    if kind["type"] == "number":
        return f"number, {kind['minimum']:g} to {kind['maximum']:g}"
    if kind["type"] == "boolean":
        return "`true` or `false`"
    if kind["type"] == "object":
        return "table"
    if kind.get("format") == "date":
        return "date"
    pattern = kind.get("pattern", "")
    if DURATION.pattern in pattern:
        return "duration"
    return FORMS.get(pattern, "code") if pattern.startswith("^") else "text"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "`[" + ", ".join(str(one) for one in value) + "]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"

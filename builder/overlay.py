"""Overlays: the words and colours of one institution, from a file beside any course (language, "Variants").

An overlay is not trusted more than a course: it is read under the limits of all YAML (`settings.py`), and what enters a
stylesheet is a colour, a length or names of fonts, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from builder.diagnostics import Diagnostic, Diagnostics, Span, error, has_errors, in_order
from builder.facts import facts_of
from builder.glossary import terms_of
from builder.load import source_at
from builder.model import Character, Fact, Term
from builder.recorder import Lrs, read_lrs
from builder.settings import REGION, VARIABLE_NAME, Table, characters_of, read_yaml
from builder.theme import HEX, Theme, Token, faint, repaint, resolved

LENGTH = re.compile(r"0|(?:[0-9]{1,3}|[0-9]{0,3}\.[0-9]{1,4})(?:rem|em|px|ch)")
TEXT_SIZE = re.compile(r"([0-9]{1,2}|[0-9]{0,2}\.[0-9]{1,4})rem")
LEAST_SIZE = 0.75
"""Least size of text, in rem: units that do not follow the learner's own size are refused (WCAG 2.2 §1.4.4)."""

FONT = re.compile(r"[^\W\d_][\w .-]{0,60}")
GENERIC = frozenset("serif sans-serif monospace system-ui ui-serif ui-sans-serif ui-monospace ui-rounded".split())
SYSTEM = "-apple-system"

COLOUR_WANTED = "'#1a4fa3'"
LENGTH_WANTED = ".375rem"
SIZE_WANTED = "1rem (.75rem at least)"
FONT_WANTED = "Marianne, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay, typed. `region` and `institution` may be empty; `spans` are those of the variables.

    A term without definition changes what a course says of it; `characters` take the place of the course's; `tokens`
    are custom properties of the theme by name without dashes, each for light and for dark, None where the theme's own
    stays. `lrs`: where packages with a recorder send statements.
    """

    span: Span
    variables: Mapping[str, str] = field(default_factory=dict)
    institution: str = ""
    region: str = ""
    spans: Mapping[str, Span] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    characters: Mapping[str, Character] = field(default_factory=dict)
    tokens: Mapping[str, tuple[Token | None, Token | None]] = field(default_factory=dict)
    lrs: Lrs | None = None


def load_overlay(path: Path) -> tuple[Overlay | None, Diagnostics]:
    """Read an overlay, wherever it lies."""
    source, problems = source_at(path)
    if source is None:
        return None, problems
    overlay, found = read_overlay(source.text, source.file)
    return overlay, (*problems, *found)


def read_overlay(text: str, file: str) -> tuple[Overlay | None, Diagnostics]:
    """Return an overlay typed; reports as all settings do, and tokens without value (Q498)."""
    table, problems = read_yaml(text, file)
    return (None, problems) if table is None else (overlay_of(table), tuple(table.found))


def overlay_of(table: Table) -> Overlay:
    """Return a table of an overlay typed."""
    theme = table.table("theme")
    characters = table.table("characters")
    overlay = Overlay(
        table.span,
        table.words("variables", VARIABLE_NAME),
        table.text("institution"),
        table.matching("region", REGION, "FR"),
        table.places("variables"),
        terms_of(table.tables("glossary"), table.found, is_shared=True, is_whole=False),
        facts_of(table.tables("facts"), table.found),
        characters_of(characters) if characters else {},
        dict(_tokens(theme)) if theme else {},
        read_lrs(table),
    )
    if theme:
        theme.finish()
    table.finish()
    return overlay


def repainted(theme: Theme, overlay: Overlay | None) -> tuple[Theme | None, Diagnostics]:
    """Return a theme with the tokens of an overlay, None after an error.

    Reported: tokens that the theme does not have (Q492) or that no overlay changes (Q497), values that are not of the
    token's kind (Q493), colours that can no longer be told apart (Q494).
    """
    if overlay is None or not overlay.tokens:
        return theme, ()
    found: list[Diagnostic] = []
    light: dict[str, Token] = {}
    dark: dict[str, Token] = {}
    for name, (day, night) in overlay.tokens.items():
        place = day or night
        assert place is not None
        if name not in theme.light:
            near = get_close_matches(name, [one for one in theme.light if _kind(theme, one)], 1, 0.5)
            found.append(error("Q492", place.span, name=name, suggestion=near[0] if near else "color-accent"))
            continue
        kind = _kind(theme, name)
        if not kind:
            found.append(error("Q497", place.span, name=name))
            continue
        for token, values in ((day, light), (night, dark)):
            if token is None:
                continue
            value, wanted = _value(token.value, kind)
            if value:
                values[name] = Token(value, token.span)
            else:
                found.append(error("Q493", token.span, name=name, value=token.value[:60], wanted=wanted))
    if has_errors(found):
        return None, in_order(found)
    result = repaint(theme, light, dark)
    found += _faint(theme, result, light, dark)
    return (None if has_errors(found) else result), in_order(found)


def _tokens(theme: Table) -> Iterator[tuple[str, tuple[Token | None, Token | None]]]:
    """Yield the tokens: a value for light, or `{light: …, dark: …}`."""
    table = theme.table("tokens")
    for name in table.names() if table else ():
        assert table is not None
        both = table.table(name) if table.is_table(name) else None
        day = _token(both, "light", name) if both else None if table.is_table(name) else _token(table, name, name)
        night = _token(both, "dark", name) if both else None
        if both:
            both.finish()
            if not both.nodes:
                both.found.append(error("Q498", both.span, name=name))
        if day or night:
            yield name, (day, night)


def _token(table: Table, key: str, name: str) -> Token | None:
    """Return a value as written; an empty one, most often a colour that YAML takes for a comment, is Q498."""
    value = table.text(key)
    if not value and table.has(key):
        if table.is_empty(key):
            table.found.append(error("Q498", table.place(key), name=name))
        return None
    return Token(value, table.place(key)) if value else None


def _kind(theme: Theme, name: str) -> str:
    """Return what a token holds: `colour`, `font`, `size` (of text) or `length`; empty when no overlay changes it."""
    value = resolved(name, theme.light)
    if HEX.fullmatch(value):
        return "colour"
    if name.startswith("font-"):
        return "font"
    if LENGTH.fullmatch(value):
        return "size" if name.startswith("size-") else "length"
    return ""


def _value(written: str, kind: str) -> tuple[str, str]:
    """Return what enters the stylesheet, empty when it is not of its kind, and what is wanted."""
    if kind == "colour":
        return (written.lower() if HEX.fullmatch(written) else ""), COLOUR_WANTED
    if kind == "length":
        return (written if LENGTH.fullmatch(written) else ""), LENGTH_WANTED
    if kind == "size":
        size = TEXT_SIZE.fullmatch(written)
        return (written if size and float(size[1]) >= LEAST_SIZE else ""), SIZE_WANTED
    return _fonts(written), FONT_WANTED


def _fonts(written: str) -> str:
    """Return names of fonts of the learner's machine, quoted; empty unless the last one is generic."""
    names = [" ".join(name.strip().strip("'\"").split()) for name in written.split(",")]
    if names[-1] not in GENERIC or any(name not in (SYSTEM, *GENERIC) and not FONT.fullmatch(name) for name in names):
        return ""
    return ", ".join(name if name in GENERIC or name == SYSTEM else f'"{name}"' for name in names)


def _faint(before: Theme, after: Theme, light: Mapping[str, Token], dark: Mapping[str, Token]) -> Iterator[Diagnostic]:
    """Yield the pairs of colours that could be told apart before, and no longer can."""
    known = {(one.front, one.ground, one.scheme) for one in faint(before)}
    for one in faint(after):
        if (one.front, one.ground, one.scheme) in known:
            continue
        given = light if one.scheme == "light" else {**light, **dark}
        token = given.get(one.front) or given.get(one.ground) or next(iter({**dark, **light}.values()))
        yield error(
            "Q494",
            token.span,
            front=one.front,
            ground=one.ground,
            scheme=one.scheme,
            ratio=one.ratio,
            least=one.least,
        )

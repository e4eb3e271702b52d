"""The catalogue of `dist/`: `catalog.json` for machines, `index.html` for people, `SHA256SUMS` for both.

Packages of earlier builds stay in it as long as their files do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from math import inf
from types import SimpleNamespace

from builder.diagnostics import Span
from builder.render import page_beside
from builder.sheet import minutes_in_words
from builder.strings import FALLBACK, language_of, strings
from builder.theme import find_theme, our_themes
from builder.typography import typeset

JSON, PAGE, SUMS = "catalog.json", "index.html", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Entry:
    """A package of the catalogue. `path` and `sheet` are names in its folder; `digest` as in `write.Written`;
    `objectives` are the words of those that its lessons name, `audiences` the course's groups, empty for everybody.

    What has a default came with a later version, and is missing in catalogues of earlier ones.
    """

    course: str
    title: str
    description: str
    language: str
    version: str
    target: str
    variant: str
    path: str
    sheet: str
    sha256: str
    digest: str
    bytes: int
    licence: str = ""
    minutes: float = 0
    objectives: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A package as people see it; `standard` and `size` are in words."""

    entry: Entry
    standard: str
    size: str


@dataclass(frozen=True, slots=True)
class CatalogCourse:
    """A course of the catalogue and its packages, the latest version first; `facts` are terms and what they say,
    `summary` and `objectives` those of the latest version."""

    id: str
    title: str
    description: str
    language: str
    duration: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    objectives: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """`index.html`. `language` is the one that all courses share, else English; contents lead to several courses."""

    language: str
    courses: tuple[CatalogCourse, ...]
    has_contents: bool


def merge(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries of both, the new one where both have a package of that name, in order of course and name."""
    entries = {entry.path: entry for entry in (*old, *new)}
    return tuple(sorted(entries.values(), key=lambda entry: (entry.course, entry.path)))


def read_catalog(content: bytes) -> tuple[Entry, ...]:
    """Return the entries of a `catalog.json`; none when it is not one of ours."""
    try:
        entries = tuple(_entry(entry) for entry in json.loads(content)["packages"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    is_ours = all(_is_of(_KINDS.get(key, str), value) for one in entries for key, value in asdict(one).items())
    return entries if is_ours else ()


_KINDS: Mapping[str, object] = {"bytes": int, "minutes": float, "objectives": tuple, "audiences": tuple}
"""Fields of an entry that hold something else than text."""


def _entry(values: Mapping[str, object]) -> Entry:
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    return Entry(**{**values, **lists})  # type: ignore[arg-type]


def _is_of(kind: object, value: object) -> bool:
    """Return whether a value is what its field holds."""
    if kind is tuple:
        return isinstance(value, tuple) and all(type(one) is str for one in value)
    if kind is float:
        return type(value) in (int, float) and 0 <= value < inf  # type: ignore[operator]
    return type(value) is kind


def catalog_json(entries: Iterable[Entry]) -> str:
    """Return `catalog.json`, schema 1."""
    content = {"schema": 1, "packages": [asdict(entry) for entry in entries]}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def sums(entries: Iterable[Entry]) -> str:
    """Return what `sha256sum --check` reads."""
    return "".join(f"{entry.sha256}  {entry.path}\n" for entry in entries)


def catalog_language(entries: Iterable[Entry]) -> str:
    """Return the language of the page: the one that all courses share, else English."""
    shared = {language_of(entry.language) for entry in entries}
    return shared.pop() if len(shared) == 1 else FALLBACK


def catalog_page(entries: tuple[Entry, ...]) -> CatalogPage:
    """Return `index.html` as data; the title of a course is that of its latest version."""
    language = catalog_language(entries)
    words, names = strings(language, "cli"), strings(language, "sheet")
    courses = []
    for course, group in groupby(entries, key=lambda entry: entry.course):
        packages = sorted(group, key=lambda entry: (_age(entry.version), entry.path), reverse=True)
        latest = packages[0]
        rows = tuple(
            Row(entry, names.get(f"target_{entry.target}", entry.target), _whole(size(entry.bytes, words)))
            for entry in packages
        )
        duration = _whole(minutes_in_words(latest.minutes, names)) if latest.minutes else ""
        count = len(latest.objectives)
        summary = words["catalog_objectives_one" if count == 1 else "catalog_objectives_other"].format(count=count)
        courses.append(
            CatalogCourse(
                course,
                typeset(latest.title, latest.language),
                typeset(latest.description, latest.language),
                latest.language,
                duration,
                tuple(_facts(latest, duration, words, names)),
                summary if count else "",
                tuple(typeset(text, latest.language) for text in latest.objectives),
                rows,
            )
        )
    return CatalogPage(language, tuple(courses), len(courses) > 1)


def _facts(
    latest: Entry, duration: str, words: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what is told of a course at a glance; what is not known is left out."""
    is_known = bool(latest.licence)  # an entry of an earlier version knows no audiences either
    told = {
        names["fact_duration"]: duration,
        words["catalog_audience"]: ", ".join(latest.audiences) or words["catalog_everybody"] if is_known else "",
        names["fact_language"]: latest.language,
        names["fact_licence"]: latest.licence,
        names["fact_version"]: latest.version,
    }
    yield from ((term, value) for term, value in told.items() if value)


def catalog_html(entries: tuple[Entry, ...]) -> str:
    """Return `index.html`: our default theme's words and colours, whatever themes the courses have."""
    theme, _ = find_theme("sobre", our_themes().parent, Span(PAGE))
    assert theme is not None
    words = strings(catalog_language(entries), "cli")
    return page_beside(theme, "catalog.html.j2", page=catalog_page(entries), words=SimpleNamespace(**words))


def size(count: int, words: Mapping[str, str]) -> str:
    """Return a file's size in kB or, from 1 MB on, in MB with one decimal (1 kB is 1,000 bytes)."""
    if count < 1_000_000:
        return words["kilobytes"].format(count=max(1, round(count / 1000)))
    return words["megabytes"].format(count=f"{count / 1_000_000:.1f}".replace(".", words["decimal_mark"]))


def _whole(text: str) -> str:
    """Return a number with its unit so that no line breaks between them."""
    return text.replace(" ", "\u00a0")


def _age(version: str) -> tuple[tuple[int, ...], str]:
    """Return what versions are compared by: their numbers, then a pre-release before its release."""
    numbers, _, label = version.partition("-")
    return tuple(int(number) for number in numbers.split(".") if number.isdecimal()), label or "~"

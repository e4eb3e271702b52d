"""The catalogue of `dist/`: `catalog.json` for machines, `index.html` for people, `SHA256SUMS` for both.

Packages of earlier builds stay in it as long as their files do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from types import SimpleNamespace

from builder.diagnostics import Span
from builder.render import page_beside
from builder.strings import FALLBACK, language_of, strings
from builder.theme import find_theme, our_themes

JSON, PAGE, SUMS = "catalog.json", "index.html", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Entry:
    """A package of the catalogue. `path` and `sheet` are names in its folder; `digest` as in `write.Written`."""

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


@dataclass(frozen=True, slots=True)
class Row:
    """A package as people see it; `standard` and `size` are in words."""

    entry: Entry
    standard: str
    size: str


@dataclass(frozen=True, slots=True)
class CatalogCourse:
    """A course of the catalogue and its packages, the latest version first."""

    id: str
    title: str
    description: str
    language: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """`index.html`. `language` is the one that all courses share, else English."""

    language: str
    courses: tuple[CatalogCourse, ...]


def merge(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries of both, the new one where both have a package of that name, in order of course and name."""
    entries = {entry.path: entry for entry in (*old, *new)}
    return tuple(sorted(entries.values(), key=lambda entry: (entry.course, entry.path)))


def read_catalog(content: bytes) -> tuple[Entry, ...]:
    """Return the entries of a `catalog.json`; none when it is not one of ours."""
    try:
        entries = tuple(Entry(**entry) for entry in json.loads(content)["packages"])
    except (ValueError, KeyError, TypeError):
        return ()
    is_ours = all(
        type(value) is (int if key == "bytes" else str) for one in entries for key, value in asdict(one).items()
    )
    return entries if is_ours else ()


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
            Row(entry, names.get(f"target_{entry.target}", entry.target), size(entry.bytes, words))
            for entry in packages
        )
        courses.append(CatalogCourse(course, latest.title, latest.description, latest.language, rows))
    return CatalogPage(language, tuple(courses))


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


def _age(version: str) -> tuple[tuple[int, ...], str]:
    """Return what versions are compared by: their numbers, then a pre-release before its release."""
    numbers, _, label = version.partition("-")
    return tuple(int(number) for number in numbers.split(".") if number.isdigit()), label or "~"

"""Pages and scripts of a package, as text: what they ask for, where they point, how they speak to the LMS (P7xx).

Nothing is executed. Links are followed from the launch files; scripts are searched for words, all of the package's,
since many load others while they run. What is told from words is likely and not certain, and the texts say so.

Source: standards a.4, b.1–b.2, f.1–f.2; moodle.md, "Where the content runs"; lms-quirks.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join
from urllib.parse import unquote

from lxml import etree

from builder.inspect import Finding, Package, Standard
from builder.inspect.archive import MIB, broken, note, risky
from builder.inspect.scorm12 import resolved

PAGES_LIMIT = 300
PAGE_BYTES = 2 * MIB
MARKS_LIMIT = 200_000
SCRIPTS_LIMIT = 2_000
TEXT_BYTES = 48 * MIB
"""Pages that are followed, their size and their tags; scripts that are searched, and the size of all."""

PAGE = re.compile(r"\.x?html?$", re.IGNORECASE)
SCRIPT = re.compile(r"\.(?:m?js|x?html?)$", re.IGNORECASE)
OTHER_CODE = re.compile(r"\.(?:swf|wasm|jar|class)$", re.IGNORECASE)
OUTSIDE = re.compile(r"(?:https?:)?//[^/]", re.IGNORECASE)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

LOADED = {
    "script": ("src",),
    "img": ("src",),
    "iframe": ("src",),
    "frame": ("src",),
    "embed": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
    "source": ("src",),
    "track": ("src",),
    "object": ("data",),
    "link": ("href",),
    "input": ("src",),
}
"""Elements that load a file by themselves, and from which attribute."""

STYLES = frozenset("stylesheet preload modulepreload".split())
"""Values of `rel` with which `link` loads what a page in a frame needs; its icon is not shown there."""

FOLLOWED = {"a": "href", "area": "href", "iframe": "src", "frame": "src"}


@dataclass(frozen=True, slots=True)
class Calls:
    """The words of a standard's API: where the object is found, how a visit begins, ends and says how far it came."""

    api: re.Pattern[bytes]
    begin: re.Pattern[bytes]
    end: re.Pattern[bytes]
    status: re.Pattern[bytes]


CALLS: Mapping[Standard, Calls] = {
    "scorm12": Calls(
        re.compile(rb"\bAPI\b(?!_1484_11)"),
        re.compile(rb"LMSInitialize|[\"']LMS[\"']"),
        re.compile(rb"LMSFinish|[\"']LMS[\"']"),
        re.compile(rb"lesson_status"),
    ),
    "scorm2004": Calls(
        re.compile(rb"API_1484_11"),
        re.compile(rb"\bInitialize\b"),
        re.compile(rb"\bTerminate\b"),
        re.compile(rb"completion_status|success_status"),
    ),
}

UNLOAD = re.compile(rb"onunload\s*=|[\"']unload[\"']|onbeforeunload\s*=|[\"']beforeunload[\"']")
PAGEHIDE = re.compile(rb"pagehide|visibilitychange")
POPUP = re.compile(rb"\bwindow\.open\s*\(")
WRITES = re.compile(rb"\bdocument\.write(?:ln)?\s*\(")
CLIMBS = re.compile(rb"\.parent\b")
GUARDS = re.compile(rb"\btry\s*\{")


def check_pages(package: Package, standard: Standard, launches: list[str]) -> Iterator[Finding]:
    """Yield what the pages that an LMS opens, those behind them and the scripts of the package will run into."""
    yield from _check_links(package, launches)
    yield from _check_scripts(package, standard, launches)


# --- links -----------------------------------------------------------------------------------------------------------


def _check_links(package: Package, launches: list[str]) -> Iterator[Finding]:
    folded = {name.casefold(): name for name in package.entries}
    waiting = list(dict.fromkeys(name for name in launches if PAGE.search(name)))
    seen = set(waiting)
    followed = 0
    while waiting:
        name = waiting.pop(0)
        followed += 1
        root = parsed(package, name) if followed <= PAGES_LIMIT else None
        if root is None:
            yield note("P716", name)
            if followed > PAGES_LIMIT:
                return
            continue
        for element, value, is_loaded in links(root):
            line = element.sourceline if isinstance(element.sourceline, int) else 0
            finding, target = judged(package, name, line, element, value, is_loaded, folded)
            if finding:
                yield finding
            is_page = element.tag in FOLLOWED and PAGE.search(target)
            if is_page and target in package.entries and target not in seen:
                seen.add(target)
                waiting.append(target)


def parsed(package: Package, name: str) -> etree._Element | None:
    """Return a page as a tree, however badly it is written; None where it is missing or beyond the limits."""
    content = package.read(name) if package.entries[name].size <= PAGE_BYTES else None
    if not content or content.count(b"<") + content.count(b"=") > MARKS_LIMIT:
        return None
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(content, parser)
    except (etree.Error, ValueError):
        return None


def links(root: etree._Element) -> Iterator[tuple[etree._Element, str, bool]]:
    """Yield elements with the address that they point to, and whether the page loads it by itself."""
    for element in root.iter("*"):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag == "link" and not STYLES & set((element.get("rel") or "").lower().split()):
            continue
        for attribute in LOADED.get(tag, ()):
            if value := (element.get(attribute) or "").strip():
                yield element, value, True
        if tag in ("a", "area") and (value := (element.get("href") or "").strip()):
            yield element, value, False


def judged(
    package: Package,
    page: str,
    line: int,
    element: etree._Element,
    value: str,
    is_loaded: bool,
    folded: Mapping[str, str],
) -> tuple[Finding | None, str]:
    """Return what is wrong with one address of a page, and the file of the package that it leads to, if any."""
    tag = str(element.tag)
    if OUTSIDE.match(value):
        is_plain = value.lower().startswith("http://")
        if is_loaded and is_plain:
            return risky("P704", page, line, address=shown(value)), ""
        return (risky("P703", page, line, address=shown(value)) if is_loaded else None), ""
    if SCHEME.match(value) or value.startswith("#"):
        return None, ""
    if value.startswith("/"):
        return risky("P705", page, line, address=shown(value)), ""
    path = unquote(re.split(r"[?#]", value[:2000], maxsplit=1)[0].replace("\\", "/"))
    if not path:
        return None, page
    target = resolved(join(dirname(page), path))
    if target.lower().endswith(".mjs") and tag == "script":
        return broken("P706", page, line, address=shown(value)), target
    if target.lower().endswith(".swf") and is_loaded:
        return broken("P714", page, line, address=shown(value)), target
    if target in package.entries or (path.endswith("/") and f"{target}/index.html".lstrip("/") in package.entries):
        return None, target
    if other := folded.get(target.casefold()):
        return risky("P702", page, line, address=shown(value), other=other), target
    if any(sign in value for sign in "{}$<>+'\""):
        return None, ""  # filled in by a script
    return risky("P701", page, line, address=shown(value)), target


def shown(value: str) -> str:
    """Return an address short enough for a line."""
    return value if len(value) <= 120 else value[:119] + "…"


# --- scripts ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Words:
    """What the scripts of a package hold: for each kind of word, the first file with it; whether all were read."""

    first: dict[str, str] = field(default_factory=dict)
    unguarded: str = ""
    is_whole: bool = True


def _check_scripts(package: Package, standard: Standard, launches: list[str]) -> Iterator[Finding]:
    for name in launches:
        if not PAGE.search(name) and standard in CALLS:
            yield risky("P717", name)
    words = searched(package, standard, launches)
    first = words.first
    if "unload" in first and "pagehide" not in first:
        yield risky("P707", first["unload"])
    if "popup" in first:
        tell = risky if first["popup"] in launches else note
        yield tell("P708", first["popup"])
    if words.unguarded:
        yield risky("P709", words.unguarded)
    if "write" in first:
        yield note("P710", first["write"])
    if standard in CALLS and any(PAGE.search(name) for name in launches):
        yield from _check_calls(standard, launches, words)


def _check_calls(standard: Standard, launches: list[str], words: Words) -> Iterator[Finding]:
    """Whether what is launched can speak to the LMS at all, and says what counts."""
    first = words.first
    page = next(name for name in launches if PAGE.search(name))
    if "begin" not in first:
        if "other" in first:
            yield broken("P715", first["other"])
        elif words.is_whole:
            yield broken("P711", page)
        else:
            yield risky("P711", page)
        return
    if "end" not in first:
        yield risky("P712", page)
    if "status" not in first:
        yield risky("P713", page)


def searched(package: Package, standard: Standard, launches: list[str]) -> Words:
    """Return which words the scripts hold, those of the launch files first, within the limits."""
    words, calls = Words(), CALLS.get(standard)
    patterns = {"unload": UNLOAD, "pagehide": PAGEHIDE, "popup": POPUP, "write": WRITES}
    if calls:
        patterns |= {"begin": calls.begin, "end": calls.end, "status": calls.status}
        others = [other for name, other in CALLS.items() if name != standard]
        patterns["other"] = others[0].api
    names = [*launches, *sorted(name for name in package.entries if SCRIPT.search(name) and name not in launches)]
    words.is_whole = not any(OTHER_CODE.search(name) for name in package.entries)
    left = TEXT_BYTES
    for number, name in enumerate(names):
        if not SCRIPT.search(name):
            continue
        size = package.entries[name].size
        content = package.read(name) if number < SCRIPTS_LIMIT and size <= left else None
        if content is None:
            words.is_whole = False
            continue
        left -= size
        for key, pattern in patterns.items():
            if key not in words.first and pattern.search(content):
                words.first[key] = name
        is_search = calls and calls.api.search(content) and CLIMBS.search(content)
        if is_search and not words.unguarded and not GUARDS.search(content):
            words.unguarded = name
    return words

"""One package, looked at from all sides: its archive, its manifests, the rules of its standards, its pages.

What has no bound of its own is bounded here: findings of one code are told `SHOWN` times and then counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import cast

from builder.inspect import Checker, Finding, Inspected, Verdict
from builder.inspect.archive import Opened, note
from builder.inspect.detect import detect
from builder.inspect.pages import check_pages
from builder.inspect.xml import Schemas

SHOWN = 5
"""Most findings of one code that are told one by one."""

CODES_LIMIT = 100_000
"""Most findings of one package that are even counted."""

ORDER = (Verdict.BROKEN, Verdict.RISKY, Verdict.GOOD)


def inspect_opened(package: Opened, schemas: Schemas, path: str) -> Inspected:
    """Return what is found about a package that is open; `path` as it is to be told."""
    detected = detect(package)
    checkers = [
        cast(Checker, import_module(f"builder.inspect.{standard}")) for standard, _ in detected.manifests if standard
    ]
    launches = checkers[0].launches(package) if checkers else ()

    def all_findings() -> Iterator[Finding]:
        yield from package.check()
        yield from detected.findings
        for checker in checkers:
            yield from checker.check(package, schemas)
        if detected.standard:
            yield from check_pages(package, detected.standard, [file for file, _ in launches])

    return Inspected(path, detected.standard, ordered(all_findings()), launches)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings worst first, then by code; of many of one code, the first few and a count."""
    return tuple(sorted(capped(findings), key=lambda one: (ORDER.index(one.verdict), one.code)))


def with_play(inspected: Inspected, findings: Iterable[Finding]) -> Inspected:
    """Return an inspection with what playing the package found."""
    found = sorted((*inspected.findings, *capped(findings)), key=lambda one: (ORDER.index(one.verdict), one.code))
    return replace(inspected, findings=tuple(found))


def capped(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the first few findings of each code, then how many more there were; what is said twice, once."""
    counts: Counter[str] = Counter()
    told: set[tuple[str, str, int, tuple[tuple[str, str | int], ...]]] = set()
    for number, one in enumerate(findings):
        key = (one.code, one.path, one.line, tuple(sorted(one.arguments.items())))
        if number >= CODES_LIMIT:
            break
        if key in told:
            continue
        counts[one.code] += 1
        if counts[one.code] <= SHOWN:
            told.add(key)
            yield one
    for code, count in sorted(counts.items()):
        if count > SHOWN:
            yield note("P199", which=code, count=count - SHOWN)

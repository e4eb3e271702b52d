"""Conformance of packages that we may not have written: what will this zip do on import, in words and for each LMS.

`Finding`s are values, as diagnostics are; their texts lie in `findings.yml` beside this file, in each language, by
code. Nothing of a package is ever executed, extracted or fetched here; every read is bounded (`archive.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from lxml import etree

Standard = Literal["scorm12", "scorm2004", "cmi5", "tincan", ""]
"""What a package is made for; empty when nothing says so."""


class Verdict(Enum):
    """What a package is, as its worst finding says.

    `BROKEN`: some LMS refuses it, does not launch it or does not record. `RISKY`: it breaks a clause, or fails in a
    named LMS under a condition. `GOOD`: neither.
    """

    GOOD = "good"
    RISKY = "risky"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about a package.

    `code` is permanent, a `P` and three digits: 1xx the archive, 2xx any manifest, 3xx SCORM 1.2, 4xx SCORM 2004,
    5xx cmi5, 6xx Tin Can, 7xx pages and scripts, 8xx play. `verdict` is what it makes of the package, GOOD for a mere
    note; `path` the member it is about, empty for the package, with `line` (1-based) where it is known, else 0.
    `arguments` fill the texts.
    """

    code: str
    verdict: Verdict
    path: str = ""
    line: int = 0
    arguments: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a package: its name as written, decoded; sizes in bytes."""

    name: str
    size: int
    compressed: int


class Package(Protocol):
    """A package that can be read: a zip, or a folder as unpacked. Reading more than the limits allow returns None."""

    @property
    def name(self) -> str:
        """Name of the file or folder, without its path."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Files by name, forward slashes, those that a careful unpacker writes."""

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None when there is none of this exact name, or it is beyond the limits."""


class Grammars(Protocol):
    """The official schemas that are at hand (`xml.Schemas`)."""

    def get(self, edition: str) -> etree.XMLSchema | None:
        """Return a set of schemas (`scorm12`, `scorm2004_3rd`, `scorm2004_4th`, `cmi5`, `tincan`) as one; None where it
        is missing."""


class Checker(Protocol):
    """What the module of a standard offers."""

    def check(self, package: Package, schemas: Grammars) -> Iterator[Finding]:
        """Yield what is wrong with a package of this standard: manifest against schema, rules that no schema holds,
        files, launch. Whether the manifest is XML has been said before (`detect`): without one, yield nothing."""

    def launches(self, package: Package) -> tuple[tuple[str, str], ...]:
        """Return the files of the package that an LMS opens, each with its title, in order."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found about one package, worst first. `launches`: the files that an LMS opens, with their titles."""

    path: str
    standard: Standard
    findings: tuple[Finding, ...]
    launches: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Return the worst that was found."""
        order = (Verdict.GOOD, Verdict.RISKY, Verdict.BROKEN)
        return max((finding.verdict for finding in self.findings), key=order.index, default=Verdict.GOOD)

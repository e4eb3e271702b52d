"""Word lists of regions: what a course for one region must not say in another (docs, "Localise a course").

`regions.yml`, in `_shared/` and in the course, names by region the words that are foreign there: authorities, laws,
numbers to call. A build for that region which still says one of them is stopped by `lint/region.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from builder.diagnostics import Diagnostics, Span
from builder.settings import REGION, Table, read_yaml
from builder.typography import UNITS

FILE = "regions.yml"


@dataclass(frozen=True, slots=True)
class Foreign:
    """Words that are foreign in a region, in all their `forms`; `instead` may be empty."""

    forms: tuple[str, ...]
    instead: str
    span: Span


def read_regions(text: str, file: str) -> tuple[Mapping[str, tuple[Foreign, ...]], Diagnostics]:
    """Return `regions.yml` typed: by region, what is foreign there."""
    table, problems = read_yaml(text, file)
    return ({}, problems) if table is None else (regions_of(table), tuple(table.found))


def regions_of(table: Table) -> dict[str, tuple[Foreign, ...]]:
    """Return a table of `regions.yml` typed."""
    regions = {}
    for name in table.names(REGION, "QC"):
        one = table.table(name)
        if one is not None:
            one.require("foreign")
            regions[name] = tuple(_foreign(word) for word in one.tables("foreign"))
            one.finish()
    return regions


def pattern(foreign: Foreign) -> re.Pattern[str]:
    """Return what finds the words in a text with plain spaces and apostrophes.

    Words in small letters are found in capitals too; a number is not found in a date, a time, an amount or a longer
    number.
    """
    return re.compile("|".join(_form(form) for form in foreign.forms))


def _form(form: str) -> str:
    words = r"\s+".join(re.escape(word) for word in form.translate(_PLAIN).split())
    words = (_NO_TAIL if form[0].isdigit() else r"(?<![\w-])") + words
    words += _NO_DATE if form[-1].isdigit() else r"(?![\w-])"
    return f"(?i:{words})" if form == form.lower() else words


_PLAIN = str.maketrans({"’": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})
_NO_TAIL = r"(?<![\w$€£=+-])(?<!\d[.,: ])(?<!\dh )(?<!\d h )"
_NO_DATE = (
    r"(?![\w-]|[.,:/]\d| ?(?:er\b|\d|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre"
    r"|décembre|january|february|march|april|may|june|july|august|september|october|november|december)"
    rf"| ?(?-i:{UNITS}|years?|days?|hours?|seconds?)(?![\w'-]))"
)


def _foreign(table: Table) -> Foreign:
    table.require("term")
    term, forms = table.text("term"), table.texts("forms")
    foreign = Foreign((term, *forms) if term else forms, table.text("instead"), table.place("term"))
    table.finish()
    return foreign

"""Completion receipts, read back: what a learner copied from the last page of a course (`runtime/receipt.js`).

A receipt is a claim that helps to find a missing record. Its check sum finds a slip of the hand, and no more: whoever
knows the format can make one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FORMAT = "CARABIN1"
LENGTH_LIMIT = 1000
PATTERN = re.compile(
    rf"{FORMAT}/(?P<course>[a-z0-9][a-z0-9-]*)/(?P<version>[0-9A-Za-z.+-]+)/(?P<status>completed|failed|passed)"
    r"/(?P<score>-|\d{1,3}(?:\.\d+)?)/(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))/(?P<sum>[0-9a-f]{8})"
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt claims. `status`: `completed`, `failed` or `passed`; `score` in percent as written, empty where
    nothing is scored; `date`: ISO 8601, by the learner's clock; `holds`: whether the check sum does."""

    course: str
    version: str
    status: str
    score: str
    date: str
    holds: bool


def read_receipt(code: str) -> Receipt | None:
    """Return what a receipt claims, white space in and round it left out; None where it is none."""
    text = "".join(code[:LENGTH_LIMIT].split())
    found = PATTERN.fullmatch(text)
    if found is None:
        return None
    holds = f"{fnv1a(text.rpartition('/')[0]):08x}" == found["sum"]
    score = "" if found["score"] == "-" else found["score"]
    return Receipt(found["course"], found["version"], found["status"], score, found["date"], holds)


def fnv1a(text: str) -> int:
    """Return the FNV-1a of a text in UTF-8, 32 bits, as the player computes it."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value

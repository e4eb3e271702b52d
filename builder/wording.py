"""The wording guard: what a course gives is an attestation, never called a certification, a diploma, or Pix."""

from __future__ import annotations

import re
from collections.abc import Iterator

TITLES = r"certifi\w*|certificat\w*|dipl[oô]m\w*|Pix"
_TITLE = re.compile(rf"\b(?:{TITLES})\b", re.IGNORECASE)
_CLAIM = re.compile(
    rf"\b(?:attestation|formation|cours|parcours|module|course|training)\b[^.!?;:\n]{{0,80}}?\b(?P<title>{TITLES})\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(r"\b(?:pas|ni|jamais|aucune?|sans|not|no|never|neither|nor|isn)\b", re.IGNORECASE)
_SIGNS = ("ertif", "ERTIF", "ipl", "IPL", "Pix", "pix")


def claims(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset and words where a text says that a course or its attestation certifies; saying that it does not is
    fine."""
    if any(sign in text for sign in _SIGNS):
        for match in _CLAIM.finditer(text):
            if not _DENIAL.search(match[0]):
                yield match.start("title"), match["title"]


def titles(text: str) -> Iterator[str]:
    """Yield the words of a title that promise what an attestation is not."""
    if not _DENIAL.search(text):
        for match in _TITLE.finditer(text):
            yield match[0]

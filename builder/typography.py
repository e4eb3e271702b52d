"""What a language asks of a text: in French no-break spaces and the apostrophe of printers, which authors do not type,
and its direction (language, "Forgiving where nothing is ambiguous")."""

from __future__ import annotations

import re

NO_BREAK, NARROW = "\u00a0", "\u202f"
UNITS = (
    "%|‰|€|°C|°|kg|hg|g|mg|µg|μg|ng|kcal|cal|kJ|J|ml|mL|cl|cL|dl|dL|l|L|km|m|cm|mm|µm|nm|h|min|s|ms|ans?|mois|jours?|j"
    "|heures?|minutes?|secondes?|octets?|ko|Ko|Mo|Go|To|bits?|mmHg|cmH2O|hPa|kPa|bpm|UI|mol|mmol|µmol|mEq|Hz|kHz|MHz"
    "|Gy|mGy|mSv|Sv|W|kW|V|mV|A|mA|pts?|points?|patients?|fois"
)
_PLACES = re.compile(rf"(?<! ) +(?=[;:!?»])|(?<=«) +|(?<=\d) +(?=(?:{UNITS})(?![\w-]))|(?<=\d h) +(?=\d\d(?!\d))")
_CANDIDATE = re.compile(r"[;:!?»«']|\d ")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W_]| ?«)|(?:(?<=\b[cdjlmnst])|(?<=qu))'$", re.I)
"""Between letters; at the end of a text, behind what French elides, since emphasis may follow."""

_THIN = frozenset(";!?")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def direction(tag: str) -> str:
    """Return the direction of a language's script, `ltr` or `rtl`."""
    return "rtl" if tag.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def typeset(text: str, language: str) -> str:
    """Return a text with no-break spaces before `; : ! ? »`, after `«` and between number and unit, and with the
    apostrophe of printers between letters, when it is French.

    Source: Lexique des règles typographiques en usage à l'Imprimerie nationale (narrow before `;`, `!` and `?`).
    """
    if not language.startswith("fr") or not _CANDIDATE.search(text):
        return text

    def space(match: re.Match[str]) -> str:
        return NARROW if text[match.end() : match.end() + 1] in _THIN else NO_BREAK

    return _APOSTROPHE.sub("’", _PLACES.sub(space, text))

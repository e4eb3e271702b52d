"""Dated statements and the facts that they rest on.

Spoken in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from builder.diagnostics import Diagnostic, note
from builder.lint import Rule, Subject
from builder.lint._wording import flat, language, read
from builder.load import Source
from builder.model import Passage
from builder.prose import sentences
from builder.settings import read_characters

_MONTHS: Mapping[str, str] = {
    "fr": "(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)",
    "en": "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
}
_YEAR = r"(?:19|20)\d\d\b"
_DATED: Mapping[str, re.Pattern[str]] = {
    "fr": re.compile(
        rf"\b(?:[Dd]epuis (?:le )?(?:\d{{1,2}}(?:er)? )?(?:{_MONTHS['fr']} )?{_YEAR}|[Aa]u \d{{1,2}}(?:er)? "
        rf"{_MONTHS['fr']} {_YEAR}|[ÀàAa] (?:compter|partir) du \d{{1,2}}(?:er)? {_MONTHS['fr']} {_YEAR}|[Ee]n {_YEAR}|"
        r"(?:décret|ordonnance|délibération) n° ?\d[\d-]*|(?:loi|arrêté|ordonnance|décret) du \d{1,2}(?:er)? "
        rf"{_MONTHS['fr']} {_YEAR}|(?:articles?|art\.) [LRD]\. ?\d[\d-]*|(?:directive|règlement) \((?:UE|CE)\))",
    ),
    "en": re.compile(
        rf"\b(?:[Ss]ince (?:\d{{1,2}} )?(?:{_MONTHS['en']} )?(?:\d{{1,2}}, )?{_YEAR}|[Aa]s of (?:\d{{1,2}} )?"
        rf"(?:{_MONTHS['en']} )?(?:\d{{1,2}}, )?{_YEAR}|[Ii]n {_YEAR}|\bAct (?:of )?{_YEAR}|"
        r"(?:[Dd]irective|[Rr]egulation) \((?:EU|EC)\))",
    ),
}
"""How statements are dated, or name the text of law that they come from, by language."""

_FILES = ("_shared/facts.yml", "_shared/characters.yml")


def dated_statements(subject: Subject) -> Iterator[Diagnostic]:
    """A statement is dated, or names a text of law, and no fact is cited in its section.

    Looked at in courses that keep a `facts.yml`; a section ends at the next heading. Sentences about a character of
    `characters.yml` are of a story, and left alone. French and English.
    Why: what was true on a day must be verified again, and nobody finds it who does not know where it stands.
    Instead: write the fact into `facts.yml` with its source, and cite it: `[^F-FIRE-1]`.
    """
    pattern = _DATED.get(language(subject))
    if pattern is None or not any(subject.text(path) for path in (_FILES[0], f"{subject.base}facts.yml")):
        return
    names = _names(subject.text(path) for path in (_FILES[1], f"{subject.base}characters.yml"))
    for lesson in read(subject):
        for section in _sections(subject.prose[lesson.path]):
            if any(passage.facts for passage in section):
                continue
            for passage in section:
                if passage.role in ("trainer", "note", "heading"):
                    continue
                for start, sentence in sentences(passage.text):
                    match = pattern.search(flat(sentence))
                    if match and not (names and names.search(flat(sentence))):
                        place = passage.place(start + match.start(), len(match[0]))
                        yield note("A232", place, text=match[0])


def _sections(prose: tuple[Passage, ...]) -> Iterator[list[Passage]]:
    """Yield the passages between two headings; a question belongs to the section that it stands in."""
    section: list[Passage] = []
    for passage in prose:
        if passage.role == "heading":
            yield section
            section = []
        section.append(passage)
    yield section


def _names(sources: Iterable[Source | None]) -> re.Pattern[str] | None:
    """Return what finds a character's name in a text; None without characters."""
    found = set[str]()
    for source in sources:
        for one in read_characters(source.text, source.file)[0].values() if source else ():
            found |= {word for word in re.findall(r"[^\W\d_][\w'-]{2,}", flat(one.name)) if word[0].isupper()}
    names = "|".join(map(re.escape, sorted(found - {"Mme", "Mrs"})))
    return re.compile(rf"\b(?:{names})\b") if names else None


RULES: tuple[Rule, ...] = (dated_statements,)

"""Who appears in the lessons: people of whom `characters.yml` says nothing, or something else.

All of it speaks in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from builder.diagnostics import Diagnostic, warning
from builder.lint import Rule, Subject
from builder.lint._wording import flat, language
from builder.model import Character, Course, Passage
from builder.settings import read_characters

_TITLES: Mapping[str, str] = {
    "fr": r"(?:Mmes?|Mlle|MM?\.|Mme|Dre?|Pre?|Madame|Monsieur|Mademoiselle|Docteure?|Professeure?)",
    "en": r"(?:Mrs?\.?|Ms\.?|Miss|Dr\.?|Prof\.?|Professor|Doctor)",
}
_NAME = r"[A-ZÀ-Ý][a-zà-ÿœ]*(?:['-][A-ZÀ-Ý]?[a-zà-ÿœ]+)*(?<=\w\w)(?![\w@])(?!\.\w)"
_YEARS = r"(?:1[01]\d|\d{1,2})"
_AGES: Mapping[str, str] = {
    "fr": rf"(?:,? (?:âgée? de|a) |, )(?P<age>{_YEARS}) ans\b(?! (?:d'|de |plus |après|avant|auparavant))",
    "en": rf"(?:,? (?:aged|is) |, )(?P<age>{_YEARS})(?: years? old\b|(?=[;)]|[,.](?!\d)))",
}
"""Ages that somebody has now: what people were or will be is another story, as are years of service or in between."""
_BIRTHS: Mapping[str, str] = {
    "fr": r"[^.;!?]{0,30}?\bnée? le (?P<born>\d{1,2}(?:er)? [a-zéû]+ \d{4}|\d{1,2}/\d{1,2}/\d{4})",
    "en": r"[^.;!?]{0,30}?\bborn on (?P<born>(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2},) \d{4})",
}
_FUNCTION: Mapping[str, frozenset[str]] = {
    "fr": frozenset(
        "Le La Les Un Une Des Du De Et Ou Il Elle Ils Elles On Je Tu Nous Vous Ce Cet Cette Ces Son Sa Ses Votre Vos En"
        " À Au Aux Dans Sur Pour Par Avec Sans Qui Que Quand Si Ne Pas Oui Non".split()
    ),
    "en": frozenset("The A An And Or He She It They We You This That In On At For By With No Not Yes If When".split()),
}

_SHORT: Mapping[str, str] = {"Madame": "Mme", "Monsieur": "M.", "Docteur": "Dr", "Docteure": "Dr", "Dre": "Dr"}
"""Titles written out, and as they are most often."""

_SMALL = re.compile(r"\b[a-zà-ÿœ]{2,}\b")
_GOES_ON = re.compile(r"[\w,;:)'-] ?$")
"""The end of what stands before a word that does not begin a sentence."""


@dataclass(frozen=True, slots=True)
class _People:
    """The characters of a course, each with the words of its name and its title; `small`: words that the course writes
    in small letters too."""

    names: tuple[tuple[Character, frozenset[str], str], ...]
    firsts: frozenset[str]
    surnames: frozenset[str]
    small: frozenset[str]

    def of(self, words: Iterable[str], title: str = "") -> tuple[Character, ...]:
        """Return whom some words of a name may mean; a title tells those of one name apart."""
        found = [(one, its) for one, known, its in self.names if known.issuperset(words)]
        same = [one for one, its in found if title and _SHORT.get(its, its) == _SHORT.get(title, title)]
        bare = [one for one, its in found if title and not its]
        return tuple(same or bare or [one for one, _ in found])

    def takes(self, words: Sequence[str], *, is_first: bool) -> bool:
        """Return whether two words are a name of which one belongs to a character: a first name with another surname;
        or, unless they begin a sentence, a surname with another first name. Words that are no names elsewhere are none
        here: a Fire Warden does not make a person of a Fire Door."""
        if len(words) < 2 or self.are_common(words):
            return False
        return words[0] in self.firsts or (words[1] in self.surnames and not is_first)

    def are_common(self, words: Iterable[str]) -> bool:
        """Return whether one of some words is an ordinary one."""
        return any(word.lower() in self.small for word in words)


def known_people(subject: Subject) -> Iterator[Diagnostic]:
    """Somebody appears in a lesson who is not in `characters.yml`, or bears another name there.

    People are known by a title before their name (Mme, M., Dr, Docteur…), an age behind it, or the first name or
    surname of a character beside another name, unless the course writes one of the words in small letters too, or in a
    heading. Silent where no characters are written; French and English.
    Why: the same patient under two names is two patients, and stories of several lessons no longer fit together.
    Instead: write the name as `characters.yml` has it, or add the person there.
    """
    tongue = language(subject)
    people = _people(subject, tongue)
    if not people.names or tongue not in _TITLES:
        return
    titled = re.compile(rf"\b(?P<title>{_TITLES[tongue]}) (?P<name>{_NAME}(?: {_NAME}){{0,2}})")
    aged = re.compile(rf"(?<![\w'-])(?P<name>{_NAME}(?: {_NAME}){{0,2}}){_AGES[tongue]}")
    paired = re.compile(rf"(?<![\w'-])(?=(?P<name>{_NAME} {_NAME})){_NAME}")
    title = re.compile(_TITLES[tongue])
    for passage in _passages(subject.course, subject.prose):
        text, seen = flat(passage.plain), set[int]()
        for pattern in (titled, aged, paired):
            for match in pattern.finditer(text):
                words, start = _words(match["name"], tongue), match.start("name")
                if not words or title.fullmatch(words[0]) or start in seen:
                    continue
                name = " ".join(words)
                whole = range(start, start + len(name))
                if pattern is not paired:
                    seen.update(whole)
                if people.of(words) or (pattern is titled and words[0] in people.surnames):
                    continue
                if pattern is paired and passage.role == "heading":
                    continue  # in English, "Tom Opens the Door"
                if pattern is paired and not people.takes(
                    words, is_first=not _GOES_ON.search(text[max(0, start - 2) : start])
                ):
                    continue
                if pattern is aged and (people.are_common(words) or (tongue == "en" and not people.of(words[:1]))):
                    continue  # "Section, 12," is nobody
                seen.update(whole)
                yield warning("A230", passage.place(start, len(name)), name=name)


def ages_of_people(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson gives a character another age, or another day of birth, than `characters.yml`.

    Why: in a file of a patient, another age is another patient; learners who are attentive look for the trick.
    Instead: write the age of `characters.yml`, or correct it there and everywhere.
    """
    tongue = language(subject)
    people = _people(subject, tongue)
    if not people.names or tongue not in _TITLES:
        return
    head = rf"(?:(?P<title>{_TITLES[tongue]}) )?(?<![\w'-])(?P<name>{_NAME}(?: {_NAME}){{0,2}})"
    aged, born = re.compile(head + _AGES[tongue]), re.compile(head + _BIRTHS[tongue])
    for passage in _passages(subject.course, subject.prose):
        text = flat(passage.plain)
        for pattern, key in ((aged, "age"), (born, "born")):
            for match in pattern.finditer(text):
                them = people.of(_words(match["name"], tongue) or ("",), match["title"] or "")
                told = [_day(one.dates, tongue) if key == "born" else _number(one.age) for one in them]
                wanted = [flat(one) for one in told if one]
                if wanted and match[key] not in wanted and len(wanted) == len(told):
                    place = passage.place(match.start(key), len(match[key]))
                    yield warning("A231", place, name=them[0].name, written=match[key], known=wanted[0])


def _people(subject: Subject, tongue: str) -> _People:
    """Return the characters of `_shared/` and of the course."""
    characters = dict[str, Character]()
    for path in dict.fromkeys(("_shared/characters.yml", f"{subject.base}characters.yml")):
        source = subject.text(path) if subject.prose else None
        characters |= read_characters(source.text, source.file)[0] if source else {}
    title = re.compile(rf"(?P<title>{_TITLES.get(tongue, '(?!)')}) ")
    names, firsts, surnames = [], set[str](), set[str]()
    for one in characters.values():
        its = title.match(flat(one.name))
        words = re.findall(_NAME, flat(one.name)[its.end() if its else 0 :])
        names.append((one, frozenset(words), its["title"] if its else ""))
        if len(words) > 1:
            firsts.add(words[0])
        if len(words) > 1 or its:
            surnames |= {*words[-1:]}
    texts = (passage.plain for passage in _passages(subject.course, subject.prose)) if names else ()
    small = frozenset(word for text in texts for word in _SMALL.findall(text))
    return _People(tuple(names), frozenset(firsts), frozenset(surnames), small)


def _passages(course: Course, prose: Mapping[str, tuple[Passage, ...]]) -> Iterator[Passage]:
    for lesson in course.lessons:
        yield from (one for one in prose.get(lesson.path, ()) if one.role != "trainer")


def _words(name: str, tongue: str) -> tuple[str, ...]:
    """Return the words of a name up to the first one that begins a sentence."""
    words = []
    for word in name.split(" "):
        if word in _FUNCTION[tongue]:
            break
        words.append(word)
    return tuple(words)


def _number(age: str) -> str:
    """Return the years that an age tells, `74` or `74 ans`, or nothing."""
    match = re.search(r"\d+", age)
    return match[0] if match else ""


def _day(dates: str, tongue: str) -> str:
    """Return the day of birth that `dates` tells, or nothing."""
    match = re.search(_BIRTHS[tongue], f" {flat(dates)}")
    return match["born"] if match else ""


RULES: tuple[Rule, ...] = (known_people, ages_of_people)

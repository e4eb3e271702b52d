"""Spelling, on demand: `carabin check --spelling`. French and English, from the dictionaries of pyspellchecker.

Known are also the words of the glossary, the names of characters, and the project's own list, `words.txt` beside
course.yml and in `_shared/`: one word a line, `#` begins a comment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from builder.diagnostics import Diagnostic, Span, note, warning
from builder.lint import Rule, Subject
from builder.lint._wording import flat, language
from builder.model import Passage

if TYPE_CHECKING:
    from spellchecker import SpellChecker

LANGUAGES = ("en", "fr")
LIST = "words.txt"
SUGGESTIONS = 3

_MORE: Mapping[str, frozenset[str]] = {
    "fr": frozenset(
        "clic clics cliquer clique cliques cliquent cliquez cliquant cliqué cliqués cliquée cliquées double-cliquer"
        " scanner scanne scannez scanné scannés e-mail e-mails courriel courriels wi-fi quiz auto-évaluation"
        " aujourd'hui ex".split()
    ),
    "en": frozenset("e-mail e-mails e-learning wi-fi online offline quiz quizzes".split()),
}
"""Common words of courses that the dictionaries lack."""

_BRITISH = (
    (re.compile("our"), "or"),
    (re.compile("is(?=e|ing|ation|able)"), "iz"),
    (re.compile("ys(?=e|ing)"), "yz"),
    (re.compile("re(?=s?$)"), "er"),
    (re.compile("ll(?=ed|er|ing)"), "l"),
    (re.compile("ae|oe"), "e"),
    (re.compile("ce(?=s?$)"), "se"),
    (re.compile("ogue"), "og"),
    (re.compile("mme(?=s?$)"), "m"),
)
"""How the spelling of Britain becomes that of the dictionary, which is of the United States."""

_CHUNK = re.compile(r"[^\s…—–()\[\]{}<>«»“”\"|=+*]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_NO_WORDS = re.compile(r"[\d@/\\_·#&~^]|[^\W\d_]\.[^\W\d_]|://")
"""What makes a chunk something else than words: a number, an address, a name of a file, an inclusive form."""

_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu)'")
_ENCLITIC = re.compile(
    r"(?:-t)?-(?:je|tu|ils?|elles?|on|nous|vous|les?|la|lui|leur|moi|toi|y|en|ce|ci|là|mêmes?)(?![^\W\d_])"
)
_ENDING = re.compile(r"'(?:s|re|ve|ll|d|m)?$")


def unknown_words(subject: Subject) -> Iterator[Diagnostic]:
    """A word is neither in the dictionary of its language, nor in the glossary, nor in `words.txt`.

    Words in capitals, names inside of a sentence, code, addresses, and what holds a figure are left alone; words marked
    `{lang=en}` are looked up in that language. Each word is told once a lesson.
    Why: a slip of the pen in a lesson on phishing is what the lesson warns of.
    Instead: correct it; add a true word to `words.txt`, which all check with; mark words of another language.
    """
    if not subject.spells:
        return
    own = _own_words(subject, _lists(subject.base))
    names = {
        word
        for passages in subject.prose.values()
        for passage in passages
        for _, word, is_first in _words(flat(passage.plain))
        if word[0].isupper() and not is_first
    }
    for lesson in subject.course.lessons:
        told = set[str]()
        for passage in subject.prose.get(lesson.path, ()):
            for tongue, text in _texts(passage, language(subject)):
                for start, word, is_first in _words(text):
                    if word in told or (word[0].isupper() and (not is_first or word in names)):
                        continue
                    wrong = _unknown(word, tongue, own)
                    if wrong:
                        told.add(word)
                        near = ", ".join(_suggestions(wrong, tongue)) or "-"
                        yield note("A280", passage.place(start, len(word)), word=word, suggestions=near)


def word_lists(subject: Subject) -> Iterator[Diagnostic]:
    """A line of `words.txt` holds something else than one word.

    Why: it makes nothing known.
    Instead: write one word a line, without spaces or figures; what follows `#` is a comment.
    """
    for path in _lists(subject.base) if subject.spells else ():
        source = subject.text(path)
        for number, line in enumerate(source.text.split("\n") if source else (), 1):
            word = line.partition("#")[0].strip()
            if source and word and not _WORD.fullmatch(flat(word)):
                first = len(line) - len(line.lstrip()) + 1
                place = Span(source.file, number, first, number, first + len(word))
                yield warning("A281", place, text=word[:40])


def known_language(subject: Subject) -> Iterator[Diagnostic]:
    """The course is in a language for which there is no dictionary.

    Why: only words marked as French or English are looked up.
    """
    settings = subject.course.settings
    if subject.spells and language(subject) not in LANGUAGES:
        place = settings.spans.get("language", settings.span)
        yield note("A282", place, language=settings.language, known=", ".join(LANGUAGES))


@cache
def _dictionary(tongue: str) -> SpellChecker:
    from spellchecker import SpellChecker

    return SpellChecker(language=tongue, distance=1)


def _lists(base: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((f"_shared/{LIST}", f"{base}{LIST}")))


def _own_words(subject: Subject, lists: Iterable[str]) -> frozenset[str]:
    """Return the words that the project knows: a small one in any case, a name with its capital alone."""
    texts = [text for term in subject.course.glossary for text in (term.term, *term.forms, term.english)]
    for path in lists:
        source = subject.text(path)
        texts += [line.partition("#")[0] for line in source.text.split("\n")] if source else []
    for path in dict.fromkeys(("_shared/characters.yml", f"{subject.base}characters.yml")):
        source = subject.text(path)
        texts += [source.text] if source else []
    words = {match[0] for text in texts for match in _WORD.finditer(flat(unicodedata.normalize("NFC", text)))}
    return frozenset(words | {part for word in words for part in word.split("-")})


def _texts(passage: Passage, tongue: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a passage by language, each text as long as the passage, other words blank."""
    tongues = dict.fromkeys(run.language.split("-")[0].lower() or tongue for run in passage.runs)
    for one in tongues:
        if one in LANGUAGES:
            parts = (
                run.text
                if run.kind == "text" and (run.language.split("-")[0].lower() or tongue) == one
                else " " * (1 if run.kind == "gap" else len(run.text))
                for run in passage.runs
            )
            yield one, flat("".join(parts))


def _words(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the words that are looked up: start, word, whether it begins a sentence."""
    is_first = True
    for chunk in _CHUNK.finditer(text):
        bare = chunk[0].strip(".,;:!?'’-")
        if not _NO_WORDS.search(bare):
            for match in _WORD.finditer(chunk[0]):
                word = match[0]
                rest = _ELISION.sub("", word)
                if len(word) > 1 and rest and (rest[1:].islower() or len(rest) == 1):
                    yield chunk.start() + match.start(), word, is_first
                is_first = False
        elif bare:
            is_first = False
        between = text[chunk.end() : chunk.end() + 3]
        if chunk[0].rstrip("'").endswith((".", "!", "?", ":", ";")) or any(sign in between for sign in '«“"…—–(|'):
            is_first = True


def _unknown(word: str, tongue: str, own: frozenset[str]) -> str:
    """Return the part of a word that nothing knows, empty when all of it is known."""
    if _is_known(word, tongue, own):
        return ""
    bare = word
    if tongue == "fr":
        bare = _ELISION.sub("", word[:1].lower() + word[1:])
        bare = _ENCLITIC.sub("", bare) or bare
    else:
        bare = _ENDING.sub("", word)
    if _is_known(bare, tongue, own):
        return ""
    parts = [part for part in re.split("[-']", bare) if len(part) > 1]
    return next((part for part in parts if not _is_known(part, tongue, own)), "")


def _is_known(word: str, tongue: str, own: frozenset[str]) -> bool:
    small = word.lower()
    if word in own or small in own or small in _MORE[tongue]:
        return True
    dictionary = _dictionary(tongue)
    if small in dictionary or small.replace("œ", "oe").replace("æ", "ae") in dictionary:
        return True
    return tongue == "en" and any(pattern.sub(other, small) in dictionary for pattern, other in _BRITISH)


@cache
def _suggestions(word: str, tongue: str) -> tuple[str, ...]:
    """Return up to three known words that one letter or their accents set apart, the most frequent first."""
    dictionary = _dictionary(tongue)
    near = {*(dictionary.candidates(word.lower()) or ()), *_by_letters(tongue).get(_bare(word), ())} - {word.lower()}
    return tuple(sorted(near, key=lambda one: (-dictionary[one], one))[:SUGGESTIONS])


@cache
def _by_letters(tongue: str) -> Mapping[str, tuple[str, ...]]:
    """Return the words of a dictionary that have accents, by their letters without them."""
    result: dict[str, tuple[str, ...]] = {}
    for word in _dictionary(tongue).word_frequency.words():
        if not word.isascii():
            result[_bare(word)] = (*result.get(_bare(word), ()), word)
    return result


def _bare(word: str) -> str:
    return unicodedata.normalize("NFD", word.lower()).encode("ascii", "ignore").decode()


RULES: tuple[Rule, ...] = (unknown_words, word_lists, known_language)

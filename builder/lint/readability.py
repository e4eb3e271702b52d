"""Advice about reading: long sentences, and lessons that are hard to read. French and English; others are left alone.

All of it speaks in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from builder.diagnostics import Diagnostic, Span, note
from builder.lint import Rule, Subject
from builder.lint._wording import language
from builder.model import Passage, Role
from builder.prose import sentences, words

LONG = 25
"""Words above which a sentence is long."""

ENDLESS = 45
"""Words above which a sentence is told by itself."""

SHARE = 0.25
"""Share of long sentences that a lesson bears."""

ENOUGH = 20
"""Sentences below which a lesson's share and score say nothing."""

HARD = 30
"""Reading ease below which a text is very hard: that of scientific journals (Flesch)."""

_READ: frozenset[Role] = frozenset(("text", "item", "note", "prompt", "hint", "feedback", "explanation"))


@dataclass(frozen=True, slots=True)
class Ease:
    """A formula of reading ease: `base` less `sentence` times the words a sentence, less `word` times the syllables a
    word. 100 is very easy, 0 very hard."""

    base: float
    sentence: float
    word: float


EASES: Mapping[str, Ease] = {
    # Flesch, "A new readability yardstick", Journal of Applied Psychology 32, 1948.
    "en": Ease(206.835, 1.015, 84.6),
    # Kandel and Moles, "Application de l'indice de Flesch à la langue française", Cahiers d'études de
    # radio-télévision 19, 1958.
    "fr": Ease(207, 1.015, 73.6),
}


def long_sentences(subject: Subject) -> Iterator[Diagnostic]:
    """A sentence has more than 45 words.

    Why: its beginning is forgotten before its end; who reads in another language than their own is lost.
    Instead: make two of it, or a list.
    Source: Flesch, "A new readability yardstick", Journal of Applied Psychology 32, 1948.
    """
    for _, found in _sentences(subject, _READ):
        for passage, start, length, count in found:
            if count > ENDLESS:
                yield note("A270", passage.place(start, length), count=count, most=ENDLESS)


def many_long_sentences(subject: Subject) -> Iterator[Diagnostic]:
    """More than a quarter of a lesson's sentences have more than 25 words. Lessons below 20 sentences are left alone.

    Why: one long sentence is a rhythm, many are a wall.
    Instead: cut the longest ones; the finding stands at the first.
    Source: GOV.UK, "Content design: writing for GOV.UK" (25 words).
    """
    for _, found in _sentences(subject, _READ):
        long = [one for one in found if one[3] > LONG]
        if len(found) >= ENOUGH and len(long) > SHARE * len(found):
            passage, start, length, _ = long[0]
            share = round(100 * len(long) / len(found))
            yield note("A271", passage.place(start, length), share=share, count=len(long), most=LONG)


def reading_ease(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson is as hard to read as a scientific article: its reading ease is below 30 of 100.

    French is measured by the formula of Kandel and Moles, English by that of Flesch; syllables are estimated. Lessons
    below 20 sentences are left alone.
    Why: attention goes into the sentences instead of the matter.
    Instead: write shorter sentences and commoner words, and say what is done by whom.
    Source: Flesch, "A new readability yardstick", Journal of Applied Psychology 32, 1948; Kandel and Moles,
    "Application de l'indice de Flesch à la langue française", Cahiers d'études de radio-télévision 19, 1958.
    """
    tongue = language(subject)
    for place, found in _sentences(subject, _READ):
        if len(found) >= ENOUGH:
            texts = [passage.plain[start : start + length] for passage, start, length, _ in found]
            score = ease(texts, tongue)
            if score < HARD:
                yield note("A272", place, score=max(0, round(score)), least=HARD)


def ease(texts: list[str], tongue: str) -> float:
    """Return the reading ease of sentences in a language of `EASES`."""
    formula = EASES[tongue]
    spoken = [word for text in texts for word in words(text)]
    if not spoken:
        return 100
    beats = sum(syllables(word, tongue) for word in spoken)
    return formula.base - formula.sentence * len(spoken) / len(texts) - formula.word * beats / len(spoken)


def syllables(word: str, tongue: str) -> int:
    """Return how many syllables a word has, roughly: groups of vowels, without a mute ending."""
    text = word.lower()
    if word.isupper() and 1 < len(word) < 6:
        return len(word) if not _VOWELS.search(text) else max(1, len(_VOWELS.findall(text)))
    count = len(_VOWELS.findall(text))
    if count > 1 and _MUTE[tongue].search(text):
        count -= 1
    return max(1, count)


_VOWELS = re.compile("[aeiouyàâäéèêëîïôöùûüÿœæ]+")
_MUTE = {
    # « tasse », « tasses », « banque » ; the ending of « parlent » cannot be told from that of « moment ».
    "fr": re.compile("(?:[^aeiouyàâäéèêëîïôöùûüÿœæ]|[qg]u)(?:e|es)$"),
    # "made", "makes", "asked", but not "table", "wanted", "boxes".
    "en": re.compile(r"(?:[^aeiouyl]e|[aeiouy]le|[^aeioutdy]ed|[^aeiouyscxzgh]es)$"),
}


def _sentences(subject: Subject, roles: Collection[Role]) -> Iterator[tuple[Span, list[tuple[Passage, int, int, int]]]]:
    """Yield the sentences of each lesson in a language that we can read: passage, start, length, words."""
    if language(subject) not in EASES:
        return
    for lesson in subject.course.lessons:
        found = []
        for passage in subject.prose.get(lesson.path, ()):
            if passage.role in roles:
                plain = passage.plain
                for start, sentence in sentences(passage.text):
                    count = len(words(plain[start : start + len(sentence)]))
                    found.append((passage, start, len(sentence), count))
        yield lesson.spans.get("title", lesson.span), found


RULES: tuple[Rule, ...] = (long_sentences, many_long_sentences, reading_ease)

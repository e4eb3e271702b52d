"""Advice about terms: acronyms that are explained, words of the glossary that are used, and spelt in one way.

All of it speaks in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from builder.diagnostics import Diagnostic, note
from builder.lint import Rule, Subject
from builder.lint._wording import flat, language
from builder.model import Passage, Term

SHORTEST = 6
"""Letters from which two words that differ in an accent, a hyphen or a capital are two spellings of one."""

NEAR = 200
"""Characters before and after an acronym in which it may be explained."""

KNOWN: Mapping[str, frozenset[str]] = {
    "": frozenset("PDF URL USB SMS QR GPS CD DVD HTML HTTP HTTPS PC TV OK SOS VIP CV PIN PS FAQ".split()),
    "fr": frozenset(
        "ADN ARN SAMU SMUR VIH SIDA IRM UE USA ONU CHU CH WC TGV SNCF RSA HLM PME TVA CDI CDD BD SVP".split()
    ),
    "en": frozenset("DNA RNA HIV AIDS MRI EU USA UK UN BBC NHS AM PM ASAP ID VAT".split()),
}
"""Acronyms that everyone knows, in any language and in one."""

_ACRONYM = re.compile(r"(?<![\w./@_&+-])[A-ZÀ-Ý]{2,8}(?=s?(?![\w/@_&+-])(?!\.\w))")
_LOUD = re.compile(r"\b([A-ZÀ-Ý]{2,}) $")
_SHOUTED = re.compile(r"(?<!\w)[A-ZÀ-Ý]+(?:[ '-][A-ZÀ-Ý0-9]+){2,}(?!\w)")
"""Three words or more in capitals, one after the other."""
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_WORD = re.compile(r"[^\W_]+")


def explained_acronyms(subject: Subject) -> Iterator[Diagnostic]:
    """An acronym is neither in the glossary nor explained in the lesson that uses it first.

    Explained: "your security officer (CISO)", "CISO (your security officer)", "CISO: …". An acronym is two to eight
    capitals; Roman numbers, words that stand in small letters elsewhere, titles in capitals, three words in capitals or
    more that follow each other, and a few acronyms that everyone knows are left alone.
    Why: who does not know it reads on without it, or stops.
    Instead: write it out at its first use, or put it into the glossary.
    Source: WCAG 2.2, success criterion 3.1.4.
    """
    tongue = language(subject)
    known = set(KNOWN[""] | KNOWN.get(tongue, frozenset()))
    for term in subject.course.glossary:
        for form in (term.term, *term.forms, term.english):
            known.update(_ACRONYM.findall(form))
    small = {
        word
        for passages in subject.prose.values()
        for passage in passages
        for word in _WORD.findall(passage.plain)
        if word.islower()
    }
    for lesson in subject.course.lessons:
        passages = subject.prose.get(lesson.path, ())
        explained = set[str]()
        first: dict[str, tuple[Passage, int]] = {}
        for passage in passages:
            text = flat(passage.plain)
            if text.upper() == text:
                # In a table or a list of its own, an acronym is what is being explained.
                explained |= {text.strip()} if passage.role in ("cell", "item", "answer") else set()
                continue
            shouted = {position for match in _SHOUTED.finditer(text) for position in range(*match.span())}
            for match in _ACRONYM.finditer(text):
                name = match[0]
                if match.start() in shouted:
                    continue
                if name in known or name.lower() in small or _ROMAN.fullmatch(name):
                    continue
                before = _LOUD.search(text, max(0, match.start() - 20), match.start())
                if before and before[1].lower() in small:
                    continue  # two words that shout
                first.setdefault(name, (passage, match.start()))
                if _is_explained(text, match.start(), match.end()):
                    explained.add(name)
        for name, (passage, start) in first.items():
            if name not in explained:
                yield note("A250", passage.place(start, len(name)), name=name)
        known.update(first)


def used_terms(subject: Subject) -> Iterator[Diagnostic]:
    """A word of the course's glossary stands in no lesson, nor in another definition.

    What comes from `_shared/` is left alone: other courses may use it.
    Why: the glossary's page teaches words that the course does not use, or the course spells them otherwise.
    Instead: use the word, add the form that you use, or take it out.
    """
    course = subject.course
    if not subject.prose:
        return
    linked = {anchor for lesson in course.lessons for anchor, _ in lesson.terms}
    waiting = [term for term in course.glossary if not term.is_shared and term.anchor not in linked]
    texts = [_key(passage.text) for passages in subject.prose.values() for passage in passages] if waiting else []
    for term in waiting:
        others = (_key(one.definition) for one in course.glossary if one is not term)
        pattern = re.compile(
            "|".join(rf"(?<!\w){re.escape(_key(form))}(?!\w)" for form in (term.term, *term.forms)), re.IGNORECASE
        )
        if not any(pattern.search(text) for text in (*texts, *others)):
            yield note("A251", term.span, term=term.term)


def spelt_terms(subject: Subject) -> Iterator[Diagnostic]:
    """A word of the glossary is spelt otherwise: an accent, a hyphen, a space or a capital differs.

    Words of fewer than six letters, headings, code and links are left alone.
    Why: the same thing under two names looks like two things, and the glossary does not know the second.
    Instead: write it as the glossary does, or add the spelling to its `forms`.
    """
    forms: dict[str, set[str]] = {}
    owners: dict[str, Term] = {}
    for term in subject.course.glossary:
        for form in (term.term, *term.forms):
            key = _bare(form)
            if len(key) >= SHORTEST:
                forms.setdefault(key, set()).add(_key(form))
                owners.setdefault(key, term)
    longest = max((len(_WORD.findall(form)) for spelt in forms.values() for form in spelt), default=0)
    lengths = {len(key) for key in forms}
    for lesson in subject.course.lessons if forms else ():
        seen = set[str]()
        for passage in subject.prose.get(lesson.path, ()):
            if passage.role in ("heading", "trainer"):
                continue
            for start, text, key in _stretches(passage, longest + 1, lengths):
                known = forms.get(key)
                if not known or _key(text) in known or text in seen or _is_another_word(text, known):
                    continue
                seen.add(text)
                yield note("A252", passage.place(start, len(text)), text=text, term=_spelling(key, owners[key]))


def _is_explained(text: str, start: int, end: int) -> bool:
    """Return whether an acronym stands in brackets behind words, before words in brackets, or as another name; or
    begins a sentence that defines it, before a colon or a dash."""
    before, after = text[max(0, start - NEAR) : start].rstrip(), text[end : end + NEAR].lstrip()
    if re.search(r"\w\W*\($|, (?:ou|or)$|\b(?:soit|dite?s?|called|c'est-à-dire|that is),?$", before):
        return True
    if re.match(r"\([^)]*[^\W\d]{4,}|,? ?(?:c'est-à-dire|that is)\b", after):
        return True
    is_first = len(before) < SHORTEST or before[-1] in ".!?…"
    return is_first and bool(re.match(r"[:=]|[–—]\s", after))


def _stretches(passage: Passage, longest: int, lengths: set[int]) -> Iterator[tuple[int, str, str]]:
    """Yield the stretches of up to `longest` words whose key may be one: start, text, key."""
    text = flat(passage.plain)
    found = [(match.start(), match.end(), _bare(match[0])) for match in _WORD.finditer(text)]
    for first, (start, _, _) in enumerate(found):
        key = ""
        for last in range(first, min(first + longest, len(found))):
            if last > first and not _GLUE.fullmatch(text, found[last - 1][1], found[last][0]):
                break
            key += found[last][2]
            if len(key) in lengths:
                yield start, text[start : found[last][1]], key


_GLUE = re.compile(r" |-| ?' ?|‑")


def _is_another_word(text: str, forms: set[str]) -> bool:
    """Return whether a text differs from the forms by what makes it another word: « sécurise » is not « sécurisé »; or
    by capitals alone where it is all in capitals."""
    if text.isupper() or any(form.upper() == form for form in forms):
        return True
    plain = text.casefold()
    if not plain.isalpha():
        return False
    return any(
        len(form) == len(plain) and form.casefold()[:-2] == plain[:-2] and form[-2:] != plain[-2:] for form in forms
    )


def _spelling(key: str, term: Term) -> str:
    """Return how the glossary spells it."""
    return next(form for form in (term.term, *term.forms) if _bare(form) == key)


def _key(form: str) -> str:
    """Return a form as it is compared: plain signs, its first letter small."""
    text = " ".join(flat(unicodedata.normalize("NFC", form)).split())
    return text[:1].lower() + text[1:]


def _bare(form: str) -> str:
    """Return the letters and digits of a form, small, without accents."""
    plain = unicodedata.normalize("NFD", form.casefold()).encode("ascii", "ignore").decode()
    return "".join(_WORD.findall(plain))


RULES: tuple[Rule, ...] = (explained_acronyms, used_terms, spelt_terms)

"""Advice about accessibility, as far as the source decides: alternatives of pictures, links, capitals, lists.

Headings that jump (A101), images without alternative (A102) and tables without header (A336) are seen where the body is
written, recordings without captions or transcript (Q44x) by their directives. All of this speaks in `check` alone,
where the words of lessons are known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import pairwise

from builder.diagnostics import Diagnostic, note, warning
from builder.lint import Rule, Subject
from builder.lint._marks import images, links, links_of, passages
from builder.lint._wording import compared, flat, language
from builder.model import Link, Passage
from builder.prose import sentences, words

LONGEST = 250
"""Characters of an alternative, two long sentences: beyond them a description in the text serves better."""

CAPITALS = 4
"""Words in capitals from which a text is more than a name or a title."""

LABEL = 80
"""Most characters of a paragraph in bold that may be meant as a heading."""

_FILE = re.compile(r"\S+\.(?:png|jpe?g|gif|webp|avif|svg)", re.IGNORECASE)
_PREFIX = re.compile(
    r"(?:une |an? )?(?:image|photo(?:graphie)?|picture|illustration|icône|icon|graphic|screenshot|capture(?: d'écran)?)"
    r" (?:de la |du |des |de |d'|qui |montrant |représentant |of (?:an? |the )?|showing )",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_COLOUR: Mapping[str, re.Pattern[str]] = {
    "fr": re.compile(r"\b(?:en|de couleur) (?:rouge|vert|verte|bleu|bleue|jaune|orange|gris|grise)\b(?! (?:et|clair))"),
    "en": re.compile(
        r"\b(?:marked|shown|highlighted|written|displayed|printed) in (?:red|green|blue|yellow|orange|gr[ae]y)\b"
    ),
}
_SHOUTED = re.compile(r"[A-ZÀ-Ý]{3}\W+[A-ZÀ-Ý]")
_SIGN = re.compile(r"[•▪▫◦‣⁃●■□➢➤✓✔✗✘→–—]\s")
VAGUE = frozenset(
    compared(text)
    for text in (
        "ici|cliquez ici|cliquer ici|cliquez|clic|lien|ce lien|le lien|voir|voir ici|voir plus|en savoir plus"
        "|savoir plus|lire la suite|la suite|suite|plus d'informations|plus d'infos|plus|télécharger|cette page|ce site"
        "|here|click here|click|link|this link|the link|see here|see more|more|learn more|read more|more information"
        "|more info|download|this page|this site|this"
    ).split("|")
)
"""Texts of links that say nothing by themselves, as they are compared."""


def file_names(subject: Subject) -> Iterator[Diagnostic]:
    """The text alternative of an image is a file name.

    Why: a screen reader spells it, and says nothing of what is shown.
    Instead: say what the image tells.
    Source: WCAG 2.2, success criterion 1.1.1, failure F30; RGAA 4.1, criterion 1.3.
    """
    for _, run in images(subject):
        if _FILE.fullmatch(run.text.strip()):
            yield warning("A330", run.span, text=run.text.strip()[:60])


def long_alternatives(subject: Subject) -> Iterator[Diagnostic]:
    """The text alternative of an image is longer than 250 characters.

    Why: it is read in one breath, without structure, and cannot be read again word by word.
    Instead: keep what matters in the alternative, and describe the rest in the text below the image.
    Source: RGAA 4.1, criterion 1.3 (short and concise); WCAG 2.2, technique G92.
    """
    for _, run in images(subject):
        if len(run.text) > LONGEST:
            yield note("A331", run.span, count=len(run.text), most=LONGEST)


def redundant_alternatives(subject: Subject) -> Iterator[Diagnostic]:
    """The text alternative of an image begins with "image of".

    Why: a screen reader has just said that it is an image.
    Instead: begin with what is shown.
    Source: W3C, WAI tutorial "Images", "Tips and tricks".
    """
    for _, run in images(subject):
        if match := _PREFIX.match(flat(run.text).strip()):
            yield note("A332", run.span, text=match[0].strip())


def vague_links(subject: Subject) -> Iterator[Diagnostic]:
    """The text of a link says nothing by itself: "here", "click here", "read more".

    Why: screen readers list the links of a page, each without its sentence.
    Instead: make a link of the words that name what it leads to.
    Source: WCAG 2.2, success criteria 2.4.4 and 2.4.9, failure F84; RGAA 4.1, criterion 6.1.
    """
    for link, text, _ in links(subject):
        if compared(text) in VAGUE:
            yield warning("A333", link.span, text=text)


def bare_addresses(subject: Subject) -> Iterator[Diagnostic]:
    """The text of a link is its address. Addresses in footnotes have A362.

    Why: a screen reader spells it sign by sign, and nobody learns what is there.
    Instead: write `[what it is](address)`.
    Source: WCAG 2.2, success criterion 2.4.4; RGAA 4.1, criterion 6.1.
    """
    for link, text, passage in links(subject):
        if link.kind == "external" and _ADDRESS.fullmatch(text) and passage.role != "note":
            yield note("A334", link.span, text=text[:60])


def same_link_texts(subject: Subject) -> Iterator[Diagnostic]:
    """Two links of a lesson have the same text and lead to different places.

    Why: in a list of links nobody can tell them apart.
    Instead: say in each what it leads to.
    Source: WCAG 2.2, success criterion 2.4.4; RGAA 4.1, criterion 6.1.
    """
    for lesson in subject.course.lessons:
        first: dict[str, Link] = {}
        for link, text, _ in links_of(subject, lesson):
            key = compared(text)
            if not key or key in VAGUE:
                continue
            other = first.setdefault(key, link)
            if _target(other) != _target(link):
                yield note("A335", link.span, text=text[:60], line=other.span.line, other=other.destination[:60])


def capitals(subject: Subject) -> Iterator[Diagnostic]:
    """A sentence of four words and more stands in capitals.

    Why: words lose their shape and are read more slowly; some screen readers spell them.
    Instead: write it in small letters; where it matters, make it strong.
    Source: W3C, "Making content usable for people with cognitive and learning disabilities", 4.4.
    """
    for _, passage in passages(subject):
        plain = passage.plain
        if not _SHOUTED.search(plain):
            continue
        for start, sentence in sentences(passage.text):
            own = plain[start : start + len(sentence)]
            long = [word for word in words(own) if len(word) > 2]
            if len(long) >= CAPITALS and own.isupper():
                yield note("A337", passage.place(start, len(sentence)), text=sentence[:40].rstrip())


def bold_headings(subject: Subject) -> Iterator[Diagnostic]:
    """A short paragraph in bold, without a full stop, stands before a text: it looks like a heading and is none.

    Why: it is missing in the table of contents and for those who move from heading to heading.
    Instead: make it a heading, with `##` or `###`.
    Source: WCAG 2.2, success criterion 1.3.1, failure F2; RGAA 4.1, criterion 9.1.
    """
    for lesson in subject.course.lessons:
        words_of = subject.prose.get(lesson.path, ())
        for passage, after in pairwise(words_of):
            text = passage.text.strip()
            is_label = passage.role == "text" and _is_strong(passage) and len(text) <= LABEL
            if is_label and text[-1:].isalnum() and after.role in ("text", "item") and words(text):
                yield note("A338", passage.span, text=text)


def colour_alone(subject: Subject) -> Iterator[Diagnostic]:
    """A text points at something by its colour.

    Why: who does not see the colour, or sees another one, does not find it.
    Instead: name it as well: its title, its place, its sign.
    Source: WCAG 2.2, success criteria 1.3.3 and 1.4.1; RGAA 4.1, criteria 3.1 and 10.9.
    """
    pattern = _COLOUR.get(language(subject))
    for _, passage in passages(subject):
        for match in pattern.finditer(flat(passage.plain)) if pattern else ():
            yield note("A339", passage.place(match.start(), len(match[0])), text=match[0])


def signs_as_bullets(subject: Subject) -> Iterator[Diagnostic]:
    """Two lines of a paragraph and more begin with a sign that stands for a bullet, such as "•" or an emoji.

    Why: it is a list to the eye alone; a screen reader reads the signs, and does not say how many items there are.
    Instead: begin each line with `- `.
    Source: WCAG 2.2, success criterion 1.3.1, technique H48; RGAA 4.1, criterion 9.3.
    """
    for _, passage in passages(subject):
        begins = [
            run
            for before, run in zip((None, *passage.runs), passage.runs, strict=False)
            if run.kind == "text" and (before is None or before.text in (" ", "\n")) and _is_sign(run.text.lstrip())
        ]
        if len(begins) > 1 and len({run.span.line for run in begins}) > 1:
            yield note("A340", begins[0].span, sign=begins[0].text.lstrip()[0], count=len(begins))


def _is_sign(text: str) -> bool:
    """Return whether a text begins with a sign that stands for a bullet."""
    return bool(_SIGN.match(text)) or (bool(text) and ord(text[0]) > 0x2600 and unicodedata.category(text[0]) == "So")


def _is_strong(passage: Passage) -> bool:
    """Return whether all of a passage is strong: `**` stands before its first word, where `*` would be one sign."""
    filled = [run for run in passage.runs if run.text.strip()]
    is_whole = bool(filled) and all(run.is_stressed and run.kind in ("text", "value") for run in filled)
    return is_whole and filled[0].span.column - passage.span.column >= 2


def _target(link: Link) -> str:
    """Return where a link leads, however it is written."""
    return f"{link.path}#{link.anchor}" if link.path else link.destination.rstrip("/")


RULES: tuple[Rule, ...] = (
    file_names,
    long_alternatives,
    redundant_alternatives,
    vague_links,
    bare_addresses,
    same_link_texts,
    capitals,
    bold_headings,
    colour_alone,
    signs_as_bullets,
)

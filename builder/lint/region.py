"""What a course says in a region that is not its own: no word that is foreign there.

Spoken in `check` and in `build` of a variant for another region than that of `course.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from builder.diagnostics import Diagnostic, Span, error
from builder.frameworks import objectives
from builder.lint import Rule, Subject
from builder.lint._wording import flat
from builder.model import Lesson
from builder.regions import FILE, Foreign, pattern, read_regions

_TEXT_FILES = (".svg", ".vtt", ".txt", ".csv", ".html")
_SPOKEN = re.compile(r"""\b(?:alt|title|aria-label|href|label|content)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*+)[^<>]*>")
_INLINE = frozenset("a abbr b bdi cite code em i mark q s small span strong tspan u var".split())


@dataclass(frozen=True, slots=True)
class _Word:
    """Words that are foreign in the region, and what finds them."""

    foreign: Foreign
    found: re.Pattern[str]

    def told(self, span: Span, text: str, region: str) -> Diagnostic:
        """Return the finding about words at their place."""
        if self.foreign.instead:
            return error("A240", span, text=text, region=region, instead=self.foreign.instead)
        return error("A241", span, text=text, region=region)


def foreign_words(subject: Subject) -> Iterator[Diagnostic]:
    """A variant for another region still says what is foreign there: an authority, a law, a number to call.

    The words come from `regions.yml`, in `_shared/` and in the course. Looked at are all words that the package shows:
    text, questions, hints, feedback, descriptions of pictures and the words in them, subtitles, notes of facts, the
    glossary, titles, the framework's objectives. What the variant leaves out is left alone.
    Why: a learner who calls a number or quotes a law of another country is misled, by what others trust.
    Instead: put the passage into `::: only {region=…}` and write another for the region; say it by a variable, a fact
    or a word of the glossary, and let an overlay change it.
    """
    region = subject.course.settings.region
    words: list[_Word] = []
    for path in dict.fromkeys((f"_shared/{FILE}", f"{subject.base}{FILE}")):
        source = subject.text(path) if subject.built or subject.advises else None
        if source is not None:
            regions, problems = read_regions(source.text, source.file)
            yield from problems
            words += [_Word(one, pattern(one)) for one in regions.get(region, ()) if one.forms and subject.built]
    seen = set[tuple[str, Span]]()
    for word, span, text in _places(subject, words) if words else ():
        if (text, span) not in seen:
            seen.add((text, span))
            yield word.told(span, text, region)


def _places(subject: Subject, words: Sequence[_Word]) -> Iterator[tuple[_Word, Span, str]]:
    """Yield each foreign word with its place and as it is written."""
    course = subject.course
    settings = course.settings
    for key, text in (("title", settings.title), ("description", settings.description)):
        yield from _in(words, text, settings.spans.get(key, settings.span))
    for keyword in settings.keywords:
        yield from _in(words, keyword, settings.spans.get("keywords", settings.span))
    for module in course.modules:
        yield from _in(words, module.title, settings.span)
    for lesson in course.lessons:
        yield from _in(words, lesson.title, lesson.spans.get("title", lesson.span))
        yield from _in_lesson(subject, lesson, words)
    for term in course.glossary:
        yield from _in(words, "\n".join((term.term, term.definition, term.english, term.source)), term.span)
    named = {name: lesson for lesson in course.lessons for name in lesson.objectives}
    for one in objectives(course.framework) if course.framework else ():
        if one.id in named:
            yield from _in(words, one.text, one.span)
    for asset in course.assets:
        if asset.path.lower().endswith(_TEXT_FILES):
            yield from _in_file(subject, asset.path, words)


def _in(words: Sequence[_Word], text: str, span: Span) -> Iterator[tuple[_Word, Span, str]]:
    for word in words:
        for match in word.found.finditer(flat(text)):
            yield word, span, match[0]


def _in_lesson(subject: Subject, lesson: Lesson, words: Sequence[_Word]) -> Iterator[tuple[_Word, Span, str]]:
    """Yield the words of what the variant shows of a lesson; each where it is written, as far as that can be told."""
    shown = flat(_visible(subject.built.get(lesson.path, "")))
    region = subject.course.settings.region
    passages = [
        passage
        for passage in subject.prose.get(lesson.path, ())
        if passage.role != "trainer" and all(not one.region or region in one.region for one in passage.where)
    ]
    facts = [fact for fact in subject.course.facts if fact.id in lesson.facts]
    for word in words:
        match = word.found.search(shown)
        if match is None:
            continue
        is_placed = False
        for passage in passages:
            for one in word.found.finditer(flat(passage.text)):
                is_placed = True
                yield word, passage.place(one.start(), len(one[0])), one[0]
        for fact in facts:
            told = flat("\n".join((fact.note, fact.source, fact.url)))
            for one in word.found.finditer(told):
                if flat(fact.source) in shown:
                    is_placed = True
                    yield word, fact.span, one[0]
        if not is_placed:
            yield word, _line(subject, lesson.path, word) or lesson.span, match[0]


def _in_file(subject: Subject, path: str, words: Sequence[_Word]) -> Iterator[tuple[_Word, Span, str]]:
    source = subject.text(path)
    shown = flat(_visible(source.text)) if source else ""
    for word in words:
        match = word.found.search(shown)
        if source and match:
            yield word, _line(subject, path, word) or Span(source.file), match[0]


def _line(subject: Subject, path: str, word: _Word) -> Span | None:
    """Return the first place of a file where the words stand as they are."""
    source = subject.text(path)
    for number, line in enumerate(source.text.split("\n") if source else (), 1):
        match = word.found.search(flat(line))
        if source and match:
            return Span(source.file, number, match.start() + 1, number, match.end() + 1)
    return None


def _visible(markup: str) -> str:
    """Return what people and their machines read of HTML or SVG: text, descriptions, addresses."""
    spoken = "\n".join(one or other for one, other in _SPOKEN.findall(markup))
    text = _TAG.sub(lambda tag: "" if tag[2].lower() in _INLINE else "\n", markup)
    return " ".join(unescape(f"{text}\n{spoken}").replace("\n", " \n ").split(" "))


RULES: tuple[Rule, ...] = (foreign_words,)

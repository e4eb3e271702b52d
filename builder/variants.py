"""Course → the course of one audience, region and institution (language, "Variants").

Lessons are parsed and numbered whole, so that all variants of a course share one `course.lock`; only then does `choose`
leave out what is for others. What it leaves out does not exist any more for rules about the grade, pages and packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from html import escape

from builder.body import Body, Chunk, Insert
from builder.diagnostics import Diagnostic, Diagnostics, error, warning
from builder.glossary import PAGE as GLOSSARY
from builder.model import Condition, Course, CourseSettings, Lesson, Module
from builder.overlay import Overlay
from builder.questions import settled
from builder.settings import LRS, PSEUDONYMOUS, TRAINER

GRADED_FOR_SOME = "Q471"
"""A graded question for one audience in a build for all: no reason to refuse it a slot."""

_TERM = re.compile(rf'class="term"[^>]* href="{re.escape(GLOSSARY)}#([^"]+)"')
_NOTES = '<section class="footnotes"'
_NOTE = re.compile(r'<li id="note-(\d+)">(.*?)(?=<li id="note-|</ol></section>)', re.DOTALL)
_REFERENCE = re.compile(r'id="noteref-((\d+)[\d-]*)"')
_TITLES = {"insert": "insert-title", "trainer-notes": "trainer-notes-title"}
_BACK = re.compile(r' <a href="#noteref-((\d+)[\d-]*)" class="footnote-back"[^>]*>↩</a>')


@dataclass(frozen=True, slots=True)
class Variant:
    """What the command line asks for: `region` empty is that of overlay or `course.yml`; `values` are variables.

    `is_for_trainer`: the notes of `trainer` are shown, which no package for learners holds. `has_lrs`: a package for an
    LMS tells an LRS too; `is_pseudonymous`: without the id that the LMS has of the learner.
    """

    audience: str = ""
    region: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    overlay: Overlay | None = None
    is_for_trainer: bool = False
    has_lrs: bool = False
    is_pseudonymous: bool = False

    @property
    def name(self) -> str:
        """Return what enters the package's name: `infirmier`, `QC`, `infirmier-QC-lrs-pseudonymous` or nothing."""
        marks = ((TRAINER, self.is_for_trainer), (LRS, self.has_lrs), (PSEUDONYMOUS, self.is_pseudonymous))
        parts = (self.audience, self.region, *(mark for mark, is_on in marks if is_on))
        return "-".join(part for part in parts if part)


def overlaid(settings: CourseSettings, variant: Variant) -> tuple[CourseSettings, Diagnostics]:
    """Return the settings with the words of the variant; a variable that the course does not have is Q491."""
    overlay = variant.overlay
    found = []
    values = dict(settings.variables)
    known = ", ".join(sorted(values))
    for name, value in {**(overlay.variables if overlay else {}), **variant.values}.items():
        if name in values:
            values[name] = value
        else:
            span = settings.spans.get("variables", settings.span)
            if overlay and name not in variant.values:
                span = overlay.spans[name]
            found.append(warning("Q491", span, name=name, known=known) if known else warning("Q499", span, name=name))
    region = variant.region or (overlay.region if overlay else "") or settings.region
    institution = overlay.institution if overlay else ""
    return replace(settings, variables=values, region=region, institution=institution), tuple(found)


def choose(
    course: Course, bodies: Mapping[str, Body], variant: Variant, words: Mapping[str, str]
) -> tuple[Course, Mapping[str, Body], Diagnostics]:
    """Return the course for the audience of a variant, or for all when it is empty, in the region of its settings.

    For all, inserts stand in a box that says whom they are for, and a graded question inside is an error (Q471). Also
    reports links to what was left out (Q475), and an audience without lessons (Q476).
    """
    settings, audience = course.settings, variant.audience
    reader = _Reader(audience, settings.region, variant.is_for_trainer, settings.audience_labels)
    shown = {lesson.path: _lesson(lesson, reader) for lesson in course.lessons}
    lessons = tuple(shown[lesson.path] for lesson in course.lessons if _is_for(lesson.audience, audience))
    found = [] if audience else list(_graded_for_some(lessons))
    found += _lost_links(course, lessons)
    if course.lessons and not lessons:
        found.append(error("Q476", settings.spans.get("audiences", settings.span), audience=audience))
    ids = {lesson.id for lesson in lessons}
    parts = (Module(one.id, one.title, tuple(name for name in one.lessons if name in ids)) for one in course.modules)
    modules = tuple(module for module in parts if module.lessons)
    if settings.complete_when.lessons is not None and audience:
        named = tuple(name for name in settings.complete_when.lessons if name in ids)
        settings = replace(settings, complete_when=replace(settings.complete_when, lessons=named))
    used = {link.path for lesson in lessons for link in lesson.links}
    assets = tuple(asset for asset in course.assets if asset.path in used)
    texts = {name: _body(body, reader, words) for name, body in bodies.items() if name in ids}
    linked = {anchor for body in texts.values() for anchor in _TERM.findall(markup(body))}
    glossary = tuple(term for term in course.glossary if term.anchor in linked or not term.is_shared)
    chosen = replace(course, settings=settings, modules=modules, lessons=lessons, assets=assets, glossary=glossary)
    return chosen, texts, tuple(found)


def markup(body: Body) -> str:
    """Return all HTML of a body without inserts, with that of questions, whatever they keep it in."""
    return "\n".join(text for chunk in body.chunks for text in _markup(chunk))


def _markup(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _markup(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _markup(inner)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _markup(getattr(value, one.name))


def _is_for(audiences: tuple[str, ...], audience: str) -> bool:
    return not audience or not audiences or audience in audiences


@dataclass(frozen=True, slots=True)
class _Reader:
    """For whom a package is; `audience` empty: for all. `labels`: what audiences are called."""

    audience: str
    region: str
    is_trainer: bool
    labels: Mapping[str, str]

    def sees(self, condition: Condition) -> bool:
        in_region = not condition.region or self.region in condition.region
        is_mine = self.is_trainer or not condition.is_for_trainer
        return in_region and is_mine and _is_for(condition.audience, self.audience)


def _lesson(lesson: Lesson, reader: _Reader) -> Lesson:
    audience = reader.audience
    if not lesson.inserts and not (audience and lesson.audience):
        return lesson

    def is_here(where: Iterable[Condition]) -> bool:
        return all(map(reader.sees, where))

    places = lesson.places
    return replace(
        lesson,
        audience=() if audience else lesson.audience,
        headings=tuple(one for one in lesson.headings if is_here(places.get(one.anchor, ()))),
        anchors=tuple(name for name in lesson.anchors if is_here(places.get(name, ()))),
        links=tuple(link for link in lesson.links if is_here(link.where)),
        questions=settled([one for one in lesson.questions if is_here(places.get(one.id, ()))]),
    )


def _graded_for_some(lessons: Iterable[Lesson]) -> Iterator[Diagnostic]:
    for lesson in lessons:
        for question in lesson.questions:
            names = [name for one in lesson.places.get(question.id, ()) for name in one.audience]
            if names and question.is_scored and lesson.is_graded:
                yield error(GRADED_FOR_SOME, question.span, audience=", ".join(names))


def _lost_links(course: Course, lessons: tuple[Lesson, ...]) -> Iterator[Diagnostic]:
    """Report links to lessons and anchors that the source has, and this variant has not."""
    whole = {lesson.path: lesson for lesson in course.lessons}
    here = {lesson.path: lesson for lesson in lessons}
    for lesson in lessons:
        for link in lesson.links:
            path = lesson.path if link.kind == "anchor" else link.path
            if link.kind not in ("anchor", "lesson") or path not in whole:
                continue
            is_lost = link.anchor in whole[path].anchors and path in here and link.anchor not in here[path].anchors
            if path not in here or is_lost:
                yield error("Q475", link.span, destination=link.destination)


# --- bodies ----------------------------------------------------------------------------------------------------------


def _body(body: Body, reader: _Reader, words: Mapping[str, str]) -> Body:
    if not any(isinstance(chunk, Insert) for chunk in body.chunks):
        return body
    return Body(_without_notes(tuple(_flat(body.chunks, reader, words))))


def _flat(chunks: Iterable[Chunk], reader: _Reader, words: Mapping[str, str]) -> Iterator[Chunk]:
    """Yield chunks without inserts."""
    for chunk in chunks:
        if not isinstance(chunk, Insert):
            yield chunk
        elif reader.sees(chunk.condition):
            kind, label = _box(chunk.condition, reader, words)
            if label:
                yield f'<div class="{kind}" role="group" aria-label="{label}"><p class="{_TITLES[kind]}">{label}</p>\n'
            yield from _flat(chunk.chunks, reader, words)
            if label:
                yield "</div>\n"


def _box(condition: Condition, reader: _Reader, words: Mapping[str, str]) -> tuple[str, str]:
    """Return the class of the box around an insert and what it says, as HTML; empty without box."""
    if condition.is_for_trainer:
        return "trainer-notes", escape(words["insert_for_trainer"])
    names = "" if reader.audience else ", ".join(reader.labels.get(name) or name for name in condition.audience)
    return "insert", escape(words["insert_for"].format(names=names)) if names else ""


def _texts(chunk: Chunk) -> Iterator[str]:
    if isinstance(chunk, str):
        yield chunk
    elif not isinstance(chunk, Insert):
        yield from (chunk.prompt, *chunk.hints, chunk.explanation, str(chunk.data))


def _without_notes(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """Leave out the footnotes to which no text leads, by way of other footnotes or not; the others keep their numbers.

    Only the last chunk holds footnotes.
    """
    if not (chunks and isinstance(last := chunks[-1], str) and _NOTES in last):
        return chunks
    head, _, section = last.partition(_NOTES)
    notes = dict(_NOTE.findall(section))
    seen: set[str] = set()
    waiting = [text for chunk in (*chunks[:-1], head) for text in _texts(chunk)]
    kept: set[str] = set()
    while waiting:
        references = _REFERENCE.findall(waiting.pop())
        seen |= {whole for whole, _ in references}
        new = {number for _, number in references} - kept
        kept |= new
        waiting += [notes[number] for number in new if number in notes]
    if len(kept) == len(notes) and seen >= {whole for whole, _ in _BACK.findall(section)}:
        return chunks
    section = _NOTE.sub(
        lambda one: f'<li id="note-{one[1]}" value="{one[1]}">{one[2]}' if one[1] in kept else "", section
    )
    section = _BACK.sub(lambda one: one[0] if one[1] in seen else "", section)
    rest = _NOTES + section if '<li id="note-' in section else section.partition("</ol></section>\n")[2]
    return (*chunks[:-1], head + rest)

"""Course → the course of one audience, region and institution (language, "Variants").

Lessons are parsed and numbered whole, so that all variants of a course share one `course.lock`; only then does `choose`
leave out what is for others. What it leaves out does not exist any more for rules about the grade, pages and packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape

from builder.body import Body, Chunk, Insert
from builder.diagnostics import Diagnostic, Diagnostics, error, warning
from builder.model import Condition, Course, CourseSettings, Lesson, Module
from builder.settings import Overlay

GRADED_FOR_SOME = "Q471"
"""A graded question for one audience in a build for all: no reason to refuse it a slot."""

_NOTE = re.compile(r'<li id="note-(\d+)">(.*?)(?=<li id="note-|</ol></section>)', re.DOTALL)
_REFERENCE = re.compile(r'id="noteref-(\d+)')


@dataclass(frozen=True, slots=True)
class Variant:
    """What the command line asks for: `region` empty is that of overlay or `course.yml`; `values` are variables."""

    audience: str = ""
    region: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    overlay: Overlay | None = None

    @property
    def name(self) -> str:
        """Return what enters the package's name: `infirmier`, `QC`, `infirmier-QC` or nothing."""
        return "-".join(part for part in (self.audience, self.region) if part)


def overlaid(settings: CourseSettings, variant: Variant) -> tuple[CourseSettings, Diagnostics]:
    """Return the settings with the words of the variant; a variable that the course does not have is Q491."""
    overlay = variant.overlay
    found = []
    values = dict(settings.variables)
    known = ", ".join(sorted(values)) or "-"
    for name, value in {**(overlay.variables if overlay else {}), **variant.values}.items():
        if name in values:
            values[name] = value
        else:
            span = settings.spans.get("variables", settings.span)
            if overlay and name not in variant.values:
                span = overlay.spans[name]
            found.append(warning("Q491", span, name=name, known=known))
    region = variant.region or (overlay.region if overlay else "") or settings.region
    institution = overlay.institution if overlay else ""
    return replace(settings, variables=values, region=region, institution=institution), tuple(found)


def choose(
    course: Course, bodies: Mapping[str, Body], audience: str, words: Mapping[str, str]
) -> tuple[Course, Mapping[str, Body], Diagnostics]:
    """Return the course for an audience, or for all when it is empty, in the region of its settings.

    For all, inserts stand in a box that says whom they are for, and a graded question inside is an error (Q471). Also
    reports links to what was left out (Q475), and an audience without lessons (Q476).
    """
    settings = course.settings
    shown = {lesson.path: _lesson(lesson, audience, settings.region) for lesson in course.lessons}
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
    texts = {name: _body(body, audience, settings.region, words) for name, body in bodies.items() if name in ids}
    chosen = replace(course, settings=settings, modules=modules, lessons=lessons, assets=assets)
    return chosen, texts, tuple(found)


def _is_for(audiences: tuple[str, ...], audience: str) -> bool:
    return not audience or not audiences or audience in audiences


def _holds(condition: Condition, audience: str, region: str) -> bool:
    in_region = not condition.region or region in condition.region
    return in_region and not condition.is_for_trainer and _is_for(condition.audience, audience)


def _lesson(lesson: Lesson, audience: str, region: str) -> Lesson:
    if not lesson.inserts and not (audience and lesson.audience):
        return lesson

    def is_here(where: Iterable[Condition]) -> bool:
        return all(_holds(condition, audience, region) for condition in where)

    places = lesson.places
    return replace(
        lesson,
        audience=() if audience else lesson.audience,
        headings=tuple(one for one in lesson.headings if is_here(places.get(one.anchor, ()))),
        anchors=tuple(name for name in lesson.anchors if is_here(places.get(name, ()))),
        links=tuple(link for link in lesson.links if is_here(link.where)),
        questions=tuple(one for one in lesson.questions if is_here(places.get(one.id, ()))),
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


def _body(body: Body, audience: str, region: str, words: Mapping[str, str]) -> Body:
    if not any(isinstance(chunk, Insert) for chunk in body.chunks):
        return body
    lost: set[str] = set()
    chunks = tuple(_flat(body.chunks, audience, region, words, lost))
    kept = {number for chunk in chunks for html in _texts(chunk) for number in _REFERENCE.findall(html)}
    return Body(tuple(_without_notes(chunk, lost - kept) if isinstance(chunk, str) else chunk for chunk in chunks))


def _flat(
    chunks: Iterable[Chunk], audience: str, region: str, words: Mapping[str, str], lost: set[str]
) -> Iterator[Chunk]:
    """Yield chunks without inserts; `lost` gets the numbers of the footnotes that those left out referred to."""
    for chunk in chunks:
        if not isinstance(chunk, Insert):
            yield chunk
        elif not _holds(chunk.condition, audience, region):
            lost.update(number for html in _texts(chunk) for number in _REFERENCE.findall(html))
        else:
            names = "" if audience else ", ".join(chunk.condition.audience)
            if names:
                label = escape(words["insert_for"].format(names=names))
                yield f'<div class="insert" role="group" aria-label="{label}"><p class="insert-title">{label}</p>\n'
            yield from _flat(chunk.chunks, audience, region, words, lost)
            if names:
                yield "</div>\n"


def _texts(chunk: Chunk) -> Iterator[str]:
    if isinstance(chunk, str):
        yield chunk
    elif isinstance(chunk, Insert):
        for inner in chunk.chunks:
            yield from _texts(inner)
    else:
        yield from (chunk.prompt, *chunk.hints, chunk.explanation, str(chunk.data))


def _without_notes(html: str, lost: set[str]) -> str:
    """Leave out footnotes to which nothing refers any more; those that stay keep their numbers."""
    if not lost or '<section class="footnotes"' not in html:
        return html
    head, section, notes = html.partition('<section class="footnotes"')
    kept = _NOTE.sub(lambda one: "" if one[1] in lost else f'<li id="note-{one[1]}" value="{one[1]}">{one[2]}', notes)
    return head + section + kept if '<li id="note-' in kept else head + kept.partition("</ol></section>\n")[2]

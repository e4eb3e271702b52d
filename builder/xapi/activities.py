"""The activities of a package: what statements are about, each with its definition and what it is part of.

Texts are plain, on one line, in the course's language (objectives: in their framework's). An activity is part of one
other: interaction → question → quiz → lesson → module → course; objective → competency. xAPI has no place for that in a
definition, so it stands beside the definition, as `parent`; a statement says it in `contextActivities`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from builder.frameworks import competencies, named_objectives, objectives
from builder.markdown import plain_text
from builder.model import Component, Course, Interaction, Lesson, Question
from builder.strings import strings
from builder.xapi import vocabulary
from builder.xapi.interactions import interaction_definition

TEXT_LIMIT = 250
"""Most characters of a name or of a component's text: a statement is to stay small; SCORM 2004 keeps as many."""
DESCRIPTION_LIMIT = 1000
_JOINER, _SELECTORS, _SKIN = "\u200d", ("\ufe00", "\ufe0f"), ("\U0001f3fb", "\U0001f3ff")
_FLAGS = ("\U0001f1e6", "\U0001f1ff")


@dataclass(frozen=True, slots=True)
class Packaged:
    """What there is to tell of one package: `interactions` by question, `scos`: id and slot of each lesson where each
    is launched by itself, else empty."""

    course: Course
    interactions: Mapping[str, tuple[Interaction, ...]]
    target: str
    scos: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. `parts`: what the definition of an interaction has more; `parent`: the id of what it is part of;
    `objectives`: the ids of those that it aims at."""

    id: str
    type: str
    name: str
    language: str
    description: str = ""
    parts: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    objectives: tuple[str, ...] = ()

    def brief(self) -> dict[str, Any]:
        """Return it as it stands in a statement's context: what it is called, and what kind of thing it is."""
        named = {"name": {self.language: self.name}} if self.name else {}
        return {"id": self.id, "definition": {"type": self.type, **named}}

    def whole(self) -> dict[str, Any]:
        """Return it as the object of a statement, with its whole definition."""
        brief = self.brief()
        told = {"description": {self.language: self.description}} if self.description else {}
        definition = {**brief["definition"], **told, **self.parts}
        return {"objectType": "Activity", "id": self.id, "definition": definition}


Activities = Mapping[str, Activity]


def activities(packaged: Packaged) -> Activities:
    """Return every activity by its id: from the course to its interactions in reading order, then the framework's."""
    made = (*_course(packaged), *_lessons(packaged), *_launches(packaged), *_framework(packaged.course))
    return {one.id: one for one in made}


def document(packaged: Packaged, known: Activities) -> dict[str, Any]:
    """Return `xapi/activities.json`: a list; each with `id`, `definition`, and `parent` and `objectives` as ids."""
    return {
        "schema": 1,
        "activities": [
            {
                "id": one.id,
                "definition": one.whole()["definition"],
                **({"parent": one.parent} if one.parent else {}),
                **({"objectives": list(one.objectives)} if one.objectives else {}),
            }
            for one in known.values()
        ],
    }


def launches(packaged: Packaged) -> Iterator[tuple[str, str]]:
    """Yield what an LMS launches: the id that its document gives (`course.course.id`), the id of its activity."""
    settings = packaged.course.settings
    for lesson, slot in packaged.scos:
        yield f"{settings.id}/{slot}", vocabulary.launched(settings.iri, packaged.target, lesson, slot)
    if not packaged.scos:
        yield settings.id, vocabulary.launched(settings.iri, packaged.target)


def is_told(interaction: Interaction) -> bool:
    """Return whether answers are told at all: not the player's own notes, not texts that stay on the device."""
    return interaction.type != "other" and not (interaction.type == "long-fill-in" and interaction.limit == 0)


def component_text(component: Component, interaction: Interaction, question: Question, course: Course) -> str:
    """Return what a component of an interaction says, in plain words.

    Parts of a question and what is `about` one are Markdown; options of a gap are not.
    """
    sources = {part.text for part in question.parts}
    is_markdown = bool(interaction.about) or component.text in sources or interaction.type == "performance"
    return plain_text(component.text, course.settings.variables) if is_markdown else component.text


def about(interaction: Interaction, question: Question, course: Course, words: Mapping[str, str]) -> str:
    """Return what one part of a question asks, where it has words of its own; `words`: the section `sheet`."""
    if interaction.is_extra:
        return words[f"about_{interaction.letter}"]
    if interaction.about:
        return plain_text(interaction.about, course.settings.variables)
    return words.get(f"about_{question.type}", "")


def shortened(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return a text on one line, in at most `limit` characters: cut between words, else between letters as people see
    them, never between a letter and its accent or inside an emoji."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    start, space, _ = text[:limit].rpartition(" ")
    if not space:
        end = limit - 1
        while end > 1 and _belongs(text, end):
            end -= 1
        start = text[:end]
    return start.rstrip(" ,;:.–—-") + "…"


def _belongs(text: str, position: int) -> bool:
    """Return whether a character is one letter with the one before it.

    Source: UAX #29, extended grapheme clusters; two flags in a row are kept together, which is never wrong.
    """
    before, here = text[position - 1], text[position]
    is_mark = bool(unicodedata.combining(here)) or unicodedata.category(here) in ("Mn", "Mc", "Me")
    is_part = any(low <= here <= high for low, high in (_SELECTORS, _SKIN, _FLAGS))
    return is_mark or is_part or _JOINER in (before, here)


def _course(packaged: Packaged) -> Iterator[Activity]:
    settings = packaged.course.settings
    description = shortened(settings.description, DESCRIPTION_LIMIT)
    yield Activity(
        settings.iri, vocabulary.COURSE, shortened(settings.title), settings.language, description=description
    )
    for number, module in enumerate(packaged.course.modules, 1):
        if module.title:
            name = vocabulary.module_id(settings.iri, number)
            yield Activity(name, vocabulary.MODULE, shortened(module.title), settings.language, parent=settings.iri)


def _lessons(packaged: Packaged) -> Iterator[Activity]:
    course, settings = packaged.course, packaged.course.settings
    parents = {
        lesson: vocabulary.module_id(settings.iri, number)
        for number, module in enumerate(course.modules, 1)
        for lesson in module.lessons
        if module.title
    }
    for lesson in course.lessons:
        one = Activity(
            f"{settings.iri}/{lesson.id}",
            vocabulary.ASSESSMENT if lesson.kind == "assessment" else vocabulary.LESSON,
            shortened(lesson.title),
            settings.language,
            parent=parents.get(lesson.id, settings.iri),
            objectives=_objectives(course, lesson.objectives),
        )
        yield one
        for question in lesson.questions:
            yield from _question(packaged, lesson, question, one)


def _question(packaged: Packaged, lesson: Lesson, question: Question, around: Activity) -> Iterator[Activity]:
    """Yield the activity of a question, and those of its interactions where they are others than the question."""
    course, settings = packaged.course, packaged.course.settings
    asked = [one for one in packaged.interactions.get(question.id, ()) if one.type != "other"]
    holds = any(other.quiz == question.id for other in lesson.questions)
    whole = Activity(
        f"{settings.iri}/{question.id}",
        vocabulary.ASSESSMENT if holds else vocabulary.QUESTION,
        shortened(question.title),
        settings.language,
        parent=f"{settings.iri}/{question.quiz}" if question.quiz else around.id,
        objectives=_objectives(course, question.objectives) or around.objectives,
    )
    alone = next((one for one in asked if one.id == question.id), None)
    yield _interaction(course, question, alone, whole) if alone else whole
    words = strings(settings.language, "xapi")
    parts = [one for one in asked if not one.is_extra]
    for one in asked:
        if one is alone:
            continue
        said = about(one, question, course, strings(settings.language, "sheet"))
        if said:
            name = words["part_about"].format(title=question.title, about=said)
        else:
            name = words["part"].format(title=question.title, number=parts.index(one) + 1, count=len(parts))
        activity = replace(whole, id=f"{settings.iri}/{one.id}", name=shortened(name.strip(" –")), parent=whole.id)
        yield _interaction(course, question, one, activity)


def _interaction(course: Course, question: Question, interaction: Interaction, activity: Activity) -> Activity:
    """Return the activity of an interaction: its components in plain words, its correct responses."""

    def plain(components: tuple[Component, ...]) -> tuple[Component, ...]:
        texts = (component_text(one, interaction, question, course) for one in components)
        return tuple(replace(one, text=shortened(text)) for one, text in zip(components, texts, strict=True))

    shown = replace(interaction, components=plain(interaction.components), targets=plain(interaction.targets))
    definition = interaction_definition(shown, course.settings.language)
    return replace(activity, type=definition.pop("type"), parts=definition)


def _launches(packaged: Packaged) -> Iterator[Activity]:
    """Yield what is launched, where that is no activity yet: the AUs of cmi5, parts of what they present."""
    settings = packaged.course.settings
    titles = {lesson.id: lesson.title for lesson in packaged.course.lessons}
    for lesson, slot in packaged.scos or (("", 0),):
        name = vocabulary.launched(settings.iri, packaged.target, lesson, slot)
        presented = f"{settings.iri}/{lesson}" if lesson else settings.iri
        if name != presented:
            title = shortened(titles.get(lesson, settings.title))
            kind = vocabulary.LESSON if lesson else vocabulary.COURSE
            yield Activity(name, kind, title, settings.language, parent=presented)


def _framework(course: Course) -> Iterator[Activity]:
    """Yield the competencies and objectives that the course works on, and the profile that its statements follow."""
    settings, framework = course.settings, course.framework
    used = named_objectives(course, course.lessons)
    for competency in competencies(framework) if framework else ():
        mine = [objective for objective in competency.objectives if objective in used]
        if mine and framework:
            around = vocabulary.competency_id(settings.iri, competency.id)
            yield Activity(around, vocabulary.OBJECTIVE, shortened(competency.label), framework.language)
            for one in mine:
                name = vocabulary.objective_id(settings.iri, one.id)
                yield Activity(name, vocabulary.OBJECTIVE, shortened(one.text), framework.language, parent=around)
    yield Activity(vocabulary.profile_id(settings.iri, settings.version), vocabulary.PROFILE, "", settings.language)


def _objectives(course: Course, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of objectives; those that the framework does not know are reported elsewhere."""
    known = {one.id for one in objectives(course.framework)} if course.framework else set()
    return tuple(vocabulary.objective_id(course.settings.iri, name) for name in dict.fromkeys(names) if name in known)

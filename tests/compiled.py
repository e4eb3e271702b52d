"""Courses made of texts, compiled as far as a test wants: what the literate cases and the properties share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from builder import completion
from builder.load import Source, Sources
from builder.pipeline import Checked, Options, check
from builder.render import Look, Play, page_name, render
from builder.settings import read_course
from builder.strings import strings

COURSE = """\
id: course
title: Course
version: 1.0.0
language: en
iri: https://carabin.example/course
licence: CC-BY-4.0
duration: 5 min
variables: {rssi: "your security officer (CISO)", number: "18 & 112"}
"""
FRONT = """\
---
title: Lesson
duration: 5 min
---
"""
LESSON = "lesson.md"


def lesson_alone(text: str, root: Path, included: Mapping[str, str] | None = None) -> Sources:
    """Return the sources of a course with one lesson that never lay on a disk; `root` is an empty folder."""
    settings, problems = read_course(COURSE, "course.yml")
    assert not problems
    source = Source(LESSON, LESSON, text)
    texts: dict[str, Source | None] = {path: Source(path, path, words) for path, words in (included or {}).items()}
    return Sources(root, root, settings, None, "course.lock", (source,), {}, None, (), texts)


def checked(sources: Sources, *, advises: bool = False) -> Checked:
    """Read a course and say what is wrong with it; `advises`: about teaching and wording too."""
    return check(sources, Options(advises=advises))


def lesson_page(sources: Sources, found: Checked, lesson: str = "lesson") -> str:
    """Return the document of a lesson, as a package for SCORM 1.2 holds it; the course may have errors."""
    course = found.course
    assert course is not None
    assert found.numbers is not None
    assert found.theme is not None
    language = course.settings.language
    look = Look(found.theme, strings(language, "page"), strings(language, "player"))
    play = Play("scorm12", ("scorm12",), 4096, completion.as_data(completion.completion_table(course)))
    site = render(course, found.bodies, found.numbers, look, play, sources.read_asset, sources.asset_name)
    name = page_name(lesson)
    return next(member.content.decode() for member in site.members if member.name == name)


def body_of(page: str) -> str:
    """Return what a lesson's document holds between its header and the mark of its end."""
    body = page.partition('<header class="lesson-header">')[2].partition("</header>")[2]
    return body.partition('<p class="lesson-end"')[0].strip() + "\n"

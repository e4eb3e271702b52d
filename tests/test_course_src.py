"""The courses of the project as they stand: nothing to mend, and no rule that takes for a fault what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.diagnostics import Severity
from builder.glossary import Glossary, read_glossary, sort_key
from builder.load import load
from builder.pipeline import Options, check

ROOT = Path(__file__).parent.parent
COURSES = sorted(file.parent for file in ROOT.glob("course_src/*/course.yml"))
WAITING = {"élévation de privilèges", "vidéotransmission"}
"""Words of the shared glossary that no lesson uses yet."""


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
def test_check_finds_nothing_but_notes(course: Path) -> None:
    """With all advice, without the rules that look into dictionaries, the web or the calendar."""
    found = check(load(course), Options(advises=True)).diagnostics
    assert [f"{one.span.file}:{one.span.line}: {one.code}" for one in found if one.severity is not Severity.NOTE] == []


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    """The words that all courses share."""
    found, problems = read_glossary(None, load(COURSES[0]).glossaries[1])
    assert found is not None
    assert problems == ()
    return found


def test_shared_glossary_gives_source_and_english_of_eighty_words(glossary: Glossary) -> None:
    terms = glossary.terms
    assert len(terms) >= 80
    assert [term.term for term in terms if not term.source or not term.english] == []
    assert list(terms) == sorted(terms, key=sort_key)


def test_shared_glossary_has_the_words_of_the_courses(glossary: Glossary) -> None:
    courses = (check(load(course), Options()).course for course in COURSES)
    used = {anchor for course in courses if course for lesson in course.lessons for anchor, _ in lesson.terms}
    assert {term.term for term in glossary.terms if term.anchor not in used} == WAITING

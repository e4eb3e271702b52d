"""Programmes: courses in order, and the time they must add up to."""

from __future__ import annotations

import pytest

from builder.load import Source
from builder.model import Programme
from builder.programmes import read_programme
from builder.report import message_of

GOOD = """\
id: basics
title: Basics for all staff
language: en
duration: 1 h 30
courses:
  - hand-hygiene
  - fire-safety
"""


def read(text: str) -> tuple[Programme | None, list[tuple[str, int, int, str]]]:
    programme, found = read_programme(Source("programmes/basics.yml", "programmes/basics.yml", text))
    return programme, [(one.code, one.span.line, one.span.column, message_of(one, "en")) for one in found]


def test_a_programme_is_courses_in_order_and_their_time() -> None:
    programme, found = read(GOOD)
    assert found == []
    assert programme is not None
    assert (programme.id, programme.title, programme.language) == ("basics", "Basics for all staff", "en")
    assert programme.minutes == 90
    assert [course for course, _ in programme.courses] == ["hand-hygiene", "fire-safety"]
    assert [(span.line, span.column) for _, span in programme.courses] == [(6, 5), (7, 5)]
    assert (programme.description, programme.framework) == ("", "")


def test_a_lone_course_is_a_list_of_one_and_the_rest_is_optional() -> None:
    text = GOOD.partition("courses:")[0] + "courses: fire-safety\nframework: essai\ndescription: For everybody.\n"
    programme, found = read(text)
    assert found == []
    assert programme is not None
    assert [course for course, _ in programme.courses] == ["fire-safety"]
    assert (programme.description, programme.framework) == ("For everybody.", "essai")


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "words"),
    [
        ("title: Basics for all staff\n", "", "S026", (1, 1), "`title` is missing"),
        ("duration: 1 h 30\n", "", "S026", (1, 1), "`duration` is missing"),
        ("courses:\n  - hand-hygiene\n  - fire-safety\n", "", "S026", (1, 1), "`courses` is missing"),
        ("language: en", "language: english", "S022", (3, 11), "english"),
        ("1 h 30", "90", "S024", (4, 11), "is not a duration"),
        ("duration", "duratoin", "S020", (4, 1), "duratoin"),
        ("hand-hygiene", "Hand hygiene", "S022", (6, 5), "Hand hygiene"),
        ("hand-hygiene", "{id: hand-hygiene}", "S021", (6, 5), "courses"),
        ("hand-hygiene", "fire-safety", "S043", (7, 5), "the course `fire-safety` stands twice in this programme"),
        ("id: basics", "id: [basics]", "S021", (1, 5), "id"),
        ("courses:", "- courses:", "S010", (5, 1), ""),
    ],
)
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, code: str, place: tuple[int, int], words: str) -> None:
    _, found = read(GOOD.replace(old, new, 1))
    assert (code, *place) in [one[:3] for one in found], found
    assert any(words in one[3] for one in found if one[0] == code)


@pytest.mark.parametrize("text", ["", "- basics\n", "id: &a [*a]\n", "\t", "id: [", "basics"])
def test_what_is_no_programme_never_raises(text: str) -> None:
    _, found = read(text)
    assert found

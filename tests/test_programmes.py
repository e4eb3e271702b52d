"""Programmes: courses in order, the time they must add up to, and what the tree says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from builder.load import Source
from builder.model import Programme
from builder.programmes import check_programme, read_programme, read_programmes
from builder.report import message_of

GOOD = """\
id: basics
title: Basics for all staff
language: en
duration: 1 h 30
courses:
  - {id: hand-hygiene, domain: D1, duration: 30 min}
  - {id: fire-safety, domain: D2, duration: 1 h, written: false}
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
    assert [(one.id, one.domain, one.minutes, one.is_written) for one in programme.courses] == [
        ("hand-hygiene", "D1", 30, True),
        ("fire-safety", "D2", 60, False),
    ]
    assert [(one.spans["id"].line, one.spans["id"].column) for one in programme.courses] == [(6, 10), (7, 10)]
    assert (programme.description, programme.framework) == ("", "")


def test_a_lone_course_is_a_list_of_one_and_the_rest_is_optional() -> None:
    text = GOOD.partition("courses:")[0]
    text += "courses: {id: fire-safety, duration: 90 min}\nframework: essai\ndescription: For everybody.\n"
    programme, found = read(text)
    assert found == []
    assert programme is not None
    assert [(one.id, one.domain) for one in programme.courses] == [("fire-safety", "")]
    assert (programme.description, programme.framework) == ("For everybody.", "essai")


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "words"),
    [
        ("title: Basics for all staff\n", "", "S026", (1, 1), "`title` is missing"),
        ("duration: 1 h 30\n", "", "S026", (1, 1), "`duration` is missing"),
        (GOOD[GOOD.index("courses:") :], "", "S026", (1, 1), "`courses` is missing"),
        ("language: en", "language: english", "S022", (3, 11), "english"),
        ("1 h 30", "90", "S024", (4, 11), "is not a duration"),
        ("duration", "duratoin", "S020", (4, 1), "duratoin"),
        ("hand-hygiene", "Hand hygiene", "S022", (6, 10), "Hand hygiene"),
        ("{id: hand-hygiene, domain: D1, duration: 30 min}", "hand-hygiene", "S021", (6, 5), "courses"),
        (", duration: 30 min", "", "S026", (6, 5), "`duration` is missing"),
        ("written: false", "written: later", "S023", (7, 59), "later"),
        ("written: false", "writen: false", "S020", (7, 50), "writen"),
        ("hand-hygiene", "fire-safety", "S043", (7, 10), "the course `fire-safety` stands twice in this programme"),
        ("1 h 30", "2 h", "S044", (4, 11), "the courses add up to 90 min, and the programme lasts 120"),
        ("id: basics", "id: [basics]", "S021", (1, 5), "id"),
        ("courses:", "- courses:", "S010", (5, 1), ""),
    ],
)
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, code: str, place: tuple[int, int], words: str) -> None:
    _, found = read(GOOD.replace(old, new, 1))
    assert (code, *place) in [one[:3] for one in found], found
    assert any(words in one[3] for one in found if one[0] == code)


def test_hours_with_decimals_add_up() -> None:
    text = GOOD.replace("1 h 30", "5,3 h").replace("30 min", "5.1 h").replace("1 h,", "0.2 h,")
    assert read(text)[1] == []


@pytest.mark.parametrize("text", ["", "- basics\n", "id: &a [*a]\n", "\t", "id: [", "basics", "courses: [[]]\n"])
def test_what_is_no_programme_never_raises(text: str) -> None:
    _, found = read(text)
    assert found


# --- the programme and its tree --------------------------------------------------------------------------------------

FRAMEWORK = """\
id: essai
title: Essai
language: en
minutes: 90
domains:
  - {id: D1, label: One, minutes: 30}
  - {id: D2, label: Two, minutes: 60}
"""
COURSE = """\
id: hand-hygiene
title: Hands
version: 1.0.0
language: en
iri: https://carabin.example/hands
licence: CC-BY-4.0
duration: 30 min
framework: essai
domain: D1
"""
TREE = {
    "programmes/basics.yml": GOOD + "framework: essai\n",
    "frameworks/essai.yml": FRAMEWORK,
    "hands/course.yml": COURSE,
}


def differences(root: Path, **changes: tuple[str, str]) -> list[tuple[str, str, int, int]]:
    """Return what is said of the programme of a tree; `changes` replace a text in a file: `hands=(old, new)`."""
    for name, text in TREE.items():
        for part, (old, new) in changes.items():
            if part in name:
                assert old in text
                text = text.replace(old, new, 1)
        if text:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
    programmes, found = read_programmes(root)
    (programme,) = programmes
    found += check_programme(programme, root)[1]
    return [(Path(one.span.file).name, one.code, one.span.line, one.span.column) for one in found]


def test_a_programme_that_says_what_the_tree_says(tmp_path: Path) -> None:
    assert differences(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"programmes": ("essai", "other")}, [("basics.yml", "S004", 8, 12)]),
        ({"hands": (COURSE, "")}, [("basics.yml", "S045", 6, 10)]),
        ({"hands": ("hand-hygiene", "hands")}, [("basics.yml", "S045", 6, 10)]),
        ({"hands": ("id: hand-hygiene", "id: fire-safety")}, [("S045", 6, 10), ("S046", 7, 59)]),
        ({"programmes": ("D2", "D3")}, [("basics.yml", "S047", 7, 31)]),
        ({"hands": ("domain: D1", "domain: D2")}, [("basics.yml", "S048", 6, 32)]),
        ({"hands": ("framework: essai\ndomain: D1\n", "")}, [("basics.yml", "S048", 6, 32)]),
        ({"hands": ("duration: 30 min", "duration: 40 min")}, [("basics.yml", "S049", 6, 46)]),
        ({"frameworks": ("minutes: 90", "minutes: 91")}, [("essai.yml", "S050", 4, 10)]),
        ({"frameworks": (", minutes: 60", "")}, []),
        ({"programmes": ("domain: D1, ", "")}, []),
    ],
)
def test_what_the_tree_does_not_say(
    changes: Mapping[str, tuple[str, str]], said: list[tuple[str, ...]], tmp_path: Path
) -> None:
    found = differences(tmp_path, **changes)
    assert [one[4 - len(wanted) :] for one, wanted in zip(found, said, strict=True)] == said


def test_a_framework_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    assert [one[1] for one in differences(tmp_path, frameworks=("title: Essai", "title: ["))] == ["S010"]


def test_a_programme_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "programmes").mkdir()
    (tmp_path / "programmes" / "bad.yml").write_bytes(b"id: \xff\n")
    programmes, found = read_programmes(tmp_path)
    assert programmes == ()
    assert [one.code for one in found] == ["S008"]


CROSSWALK = """\
crosswalks:
  - title: Other
    certainty: P
    areas: {"1": first, "4": fourth}
    domains: {D1: ["1", "4"], D2: "4"}
"""


def crosswalk(root: Path, old: str = "", new: str = "") -> list[tuple[str, int, int]]:
    text = FRAMEWORK + CROSSWALK.replace(old, new, 1)
    return [one[1:] for one in differences(root, frameworks=(FRAMEWORK, text))]


def test_a_crosswalk_names_domains_and_areas(tmp_path: Path) -> None:
    assert crosswalk(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [('D2: "4"', 'D2: "5"', (12, 35)), ("D2:", "D3:", (12, 31)), ('["1"', '["2"', (12, 20))],
)
def test_codes_of_a_crosswalk_that_are_none_are_said(
    old: str, new: str, place: tuple[int, int], tmp_path: Path
) -> None:
    assert crosswalk(tmp_path, old, new) == [("S051", *place)]

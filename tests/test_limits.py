"""What comes near the limits of a target (`builder/limits.py`), and the reports of check for machines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from builder.codec import Worst
from builder.diagnostics import Span
from builder.limits import many_interactions, nearly_full
from builder.load import load
from builder.pipeline import Options, check

COURSE = """\
id: course
title: Course
version: 1.0.0
language: en
iri: https://carabin.example/course
licence: CC-BY-4.0
duration: 5 min
targets: [scorm12, scorm2004, web]
"""
FRONT = "---\ntitle: Lesson\nduration: 5 min\n---\n"
QUESTION = """
::: choice {{#q{number} tries={tries}}}

Which door?

- [x] A
- [ ] B

:::
"""


@pytest.mark.parametrize(
    ("characters", "limit", "percent"),
    [(3276, 4096, None), (3277, 4096, 80), (4096, 4096, 100), (4097, 4096, None), (4000, None, None)],
)
def test_a_state_is_nearly_full_from_eighty_percent_on(characters: int, limit: int | None, percent: int | None) -> None:
    found = tuple(nearly_full(Worst(10, (), characters), "scorm12", limit, Span("course.yml")))
    assert [one.arguments["percent"] for one in found] == ([] if percent is None else [percent])
    assert {one.code for one in found} <= {"T240"}


def codes(folder: Path, lessons: Mapping[str, str], settings: str = "", *, advises: bool = True) -> list[str]:
    """Return the codes from T240 on, each with its file."""
    (folder / "course.yml").write_text(COURSE + settings, "utf-8")
    for name, text in lessons.items():
        (folder / name).write_text(FRONT + text, "utf-8")
    found = check(load(folder), Options(advises=advises)).diagnostics
    return [
        f"{one.code} {Path(one.span.file).name} {one.arguments['target']}" for one in found if one.code[:3] == "T24"
    ]


def questions(numbers: range, tries: int) -> str:
    return "".join(QUESTION.format(number=number, tries=tries) for number in numbers)


def test_each_try_is_one_record(tmp_path: Path) -> None:
    assert codes(tmp_path, {"a.md": questions(range(50), 5)}) == []
    assert codes(tmp_path, {"b.md": questions(range(50, 51), 1)}) == ["T241 course.yml scorm2004"]
    assert codes(tmp_path, {}, advises=False) == []


def test_lesson_by_lesson_each_counts_by_itself(tmp_path: Path) -> None:
    lessons = {"a.md": questions(range(50), 5), "b.md": questions(range(50, 101), 5)}
    assert codes(tmp_path, lessons, "packaging: {sco: lesson}\n") == ["T241 b.md scorm2004"]


def test_what_no_lms_is_told_does_not_count() -> None:
    assert tuple(many_interactions((), {}, "scorm2004", Span("course.yml"))) == ()
    assert tuple(many_interactions((), {}, "scorm12", Span("course.yml"))) == ()

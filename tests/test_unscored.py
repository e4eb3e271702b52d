"""`scale`, `flashcards` and `checklist`: what a rewrite does to letters, what a package says of them, their words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from compiled import FRONT, checked, lesson_alone, lesson_page

from builder import load, pipeline
from builder.codec import Asked, Record, State, decode, encode
from builder.diagnostics import Span
from builder.lock import Lock
from builder.model import Interaction, Lesson
from builder.score import question_fraction
from builder.slots import assign, release, update
from builder.targets import scorm12

COURSE = Path(__file__).parent / "courses" / "unscored"
SCALE = "1. None\n2. Some\n3. All\n"
CARDS = "- A\n  - one\n- B\n  - two\n- C\n  - three\n"
PLAN = "- [ ] Call\n- [ ] Write\n- [ ] Sleep\n"


def lessons(kind: str, answers: str, root: Path) -> tuple[Lesson, ...]:
    found = checked(lesson_alone(f"{FRONT}::: {kind} {{#q}}\n\nWhich?\n\n{answers}\n:::\n", root))
    assert found.course is not None
    assert [one for one in found.diagnostics if one.severity.value == "error"] == []
    return found.course.lessons


@pytest.mark.parametrize(
    ("kind", "before", "after", "letters"),
    [
        pytest.param("scale", SCALE, "7. None\n7. Some\n7. All\n", "abc", id="scale: other numbers"),
        pytest.param("scale", SCALE, "1. All\n2. Some\n3. None\n", "cba", id="scale: turned round"),
        pytest.param("scale", SCALE, "1. None\n2. A few\n3. All\n", "abc", id="scale: reworded"),
        pytest.param("scale", SCALE, "1. None\n2. Few\n3. Some\n4. All\n", "adbc", id="scale: one more"),
        pytest.param("flashcards", CARDS, CARDS.replace("two", "deux"), "abc", id="cards: another back"),
        pytest.param("flashcards", CARDS, "- C\n  - three\n- A\n  - one\n", "ca", id="cards: moved, one less"),
        pytest.param("checklist", PLAN, "- [ ] Sleep\n- [ ] Write\n- [ ] Read\n", "cbd", id="plan: moved, one other"),
    ],
)
def test_no_rewrite_asks_again(kind: str, before: str, after: str, letters: str, tmp_path: Path) -> None:
    """Progress, "Parts": letters are for life; without key, none can change."""
    lock, _, found = update(Lock("course"), lessons(kind, before, tmp_path))
    assert found == ()
    lock, found = release(lock, "1.0.0", Span("course.yml"))
    assert found == ()
    assigned, found = assign(lock, lessons(kind, after, tmp_path))
    assert found == ()
    assert "".join(assigned.questions["q"].letters.parts) == letters
    assert assigned.questions["q"].keyed_at == 1


def test_what_the_package_says() -> None:
    """Worth nothing, without key; as the standard's types `likert` and `choice` (SCORM 1.2 RTE §3.4.7)."""
    sources = load.load(COURSE)
    found = checked(sources)
    assert found.diagnostics == ()
    assert found.numbers is not None
    data = re.search(r'<script[^>]*class="lesson-data"[^>]*>(.*?)</script>', lesson_page(sources, found, "agir"))
    assert data is not None
    said = {}
    for question in json.loads(data[1])["questions"]:
        (interaction,) = question["interactions"]
        (asked,) = found.numbers.interactions[question["id"]]
        keys = sorted(interaction.keys() & {"right", "accept", "ranges", "multiple"})
        report = scorm12.reports(asked)
        flags = [question[name] for name in ("points", "scored", "required")]
        said[question["id"]] = (*flags, keys, report.type, report.form)
    assert said == {
        "q-pret": (0, False, True, [], "likert", "likert"),
        "q-phrase": (0, False, False, [], "likert", "likert"),
        "q-mots": (0, False, True, ["multiple"], "choice", "choices"),
        "q-plan": (0, False, True, ["multiple"], "choice", "choices"),
        "q-appel": (1, True, True, ["right"], "choice", "choice"),
    }


@pytest.mark.parametrize("response", [("a", "c"), None])
@pytest.mark.parametrize("kind", ["likert", "choice"])
def test_saved_and_worth_nothing(kind: str, response: tuple[str, ...] | None) -> None:
    """Also where everything was unticked: then the tries alone say that it was answered."""
    found = pipeline.check(load.load(COURSE), pipeline.Options())
    assert found.numbers is not None
    interactions: tuple[Interaction, ...] = found.numbers.interactions["q-plan" if kind == "choice" else "q-pret"]
    assert interactions[0].type == kind
    slots = {5: Asked(5, 1, interactions)}
    record = Record(1, 0, 3, (response,), 1)
    read = decode(encode(State(1, 1, 1, questions={5: record}), slots), slots)
    assert read is not None
    assert read.state.questions[5] == record
    assert question_fraction(interactions, (response,), "each") == 0

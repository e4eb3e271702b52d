"""What a rewrite of the source does to letters and keys of `match`, `classify` and `order` (progress, "Parts")."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import FRONT, checked, lesson_alone

from builder.diagnostics import Span
from builder.lock import Lock
from builder.model import Lesson
from builder.slots import assign, release, update

MATCH = "- A\n  - one\n- B\n  - two\n- C\n  - three\n"
CLASSIFY = "- X\n  - one\n  - two\n- Y\n  - three\n  - two\n- …\n  - four\n"
ORDER = "1. A\n2. B\n3. C\n"


def lessons(kind: str, answers: str, root: Path) -> tuple[Lesson, ...]:
    found = checked(lesson_alone(f"{FRONT}::: {kind} {{#q}}\n\nWhich?\n\n{answers}\n:::\n", root))
    assert found.course is not None
    assert [one for one in found.diagnostics if one.severity.value == "error"] == []
    return found.course.lessons


@pytest.mark.parametrize(
    ("kind", "before", "after", "letters", "is_changed"),
    [
        pytest.param("match", MATCH, MATCH, "abcdef", False, id="match: nothing"),
        pytest.param(
            "match", MATCH, "- C\n  - three\n- A\n  - one\n- B\n  - two\n", "cabfde", False, id="match: moved"
        ),
        pytest.param("match", MATCH, MATCH.replace("two", "deux"), "abcdef", False, id="match: definition reworded"),
        pytest.param("match", MATCH, MATCH.replace("B", "BB"), "abcdef", False, id="match: term reworded"),
        pytest.param("match", MATCH, MATCH + "    > Well.\n", "abcdef", False, id="match: feedback"),
        pytest.param(
            "match", MATCH, "- A\n  - two\n- B\n  - one\n- C\n  - three\n", "abcedf", True, id="match: crossed"
        ),
        pytest.param("match", MATCH, MATCH + "- D\n  - four\n", "abcgdefh", True, id="match: one pair more"),
        pytest.param("match", MATCH, "- A\n  - one\n- B\n  - two\n", "abde", True, id="match: one pair less"),
        pytest.param("classify", CLASSIFY, CLASSIFY, "abcdef", False, id="classify: nothing"),
        pytest.param(
            "classify",
            CLASSIFY,
            "- …\n  - four\n- Y\n  - two\n  - three\n- X\n  - two\n  - one\n",
            "dbcafe",
            False,
            id="classify: moved",
        ),
        pytest.param(
            "classify", CLASSIFY, CLASSIFY.replace("X", "XX"), "abcdef", False, id="classify: category reworded"
        ),
        pytest.param(
            "classify", CLASSIFY, CLASSIFY.replace("three", "3"), "abcdef", False, id="classify: item reworded"
        ),
        pytest.param(
            "classify", CLASSIFY, CLASSIFY.replace("- …", "  - one\n- …"), "abcdef", True, id="classify: in two"
        ),
        pytest.param("classify", CLASSIFY, CLASSIFY.replace("- …\n", ""), "abcdef", True, id="classify: placed"),
        pytest.param(
            "classify", CLASSIFY, CLASSIFY.replace("\n  - two\n-", "\n-", 1), "acbdef", True, id="classify: in one"
        ),
        pytest.param("order", ORDER, ORDER, "abc", False, id="order: nothing"),
        pytest.param("order", ORDER, "5. A\n5. B\n5. C\n", "abc", False, id="order: other numbers"),
        pytest.param("order", ORDER, "1. A\n2. BB\n3. C\n", "abc", False, id="order: reworded"),
        pytest.param("order", ORDER, "1. B\n2. A\n3. C\n", "bac", True, id="order: moved"),
        pytest.param("order", ORDER, "1. A\n2. D\n3. B\n4. C\n", "adbc", True, id="order: one step more"),
    ],
)
def test_letters_and_keys(kind: str, before: str, after: str, letters: str, is_changed: bool, tmp_path: Path) -> None:
    lock, _, found = update(Lock("course"), lessons(kind, before, tmp_path))
    assert found == ()
    lock, found = release(lock, "1.0.0", Span("course.yml"))
    assert found == ()
    assigned, found = assign(lock, lessons(kind, after, tmp_path))
    assert found == ()
    assert "".join(assigned.questions["q"].letters.parts) == letters
    assert assigned.questions["q"].keyed_at == 1 + is_changed

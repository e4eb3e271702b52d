"""`matrix` and `hotspot`: what a rewrite does to letters and keys (progress, "Parts"), and what rows are worth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from compiled import COURSE, FRONT, LESSON, body_of, checked, lesson_page
from hypothesis import given
from hypothesis import strategies as st

from builder.cli import carabin
from builder.diagnostics import Span
from builder.load import Sources, load
from builder.lock import Lock, write_lock
from builder.model import Component, Interaction, Lesson
from builder.score import question_fraction
from builder.slots import assign, release, update

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>'
IMAGE = "![A message](media/m.svg)\n\n"
MATRIX = "| | Yes | No | > |\n| --- | --- | --- | --- |\n| one | [x] | [ ] | So. |\n| two | [ ] | [x] | |\n"
ADDED = "| | Yes | Maybe | No |\n| --- | --- | --- | --- |\n| one | [x] | [ ] | [ ] |\n| two | [ ] | [ ] | [x] |\n"
WITHOUT = "| | Yes | No |\n| --- | --- | --- |\n| one | [x] | [ ] |\n| two | [ ] | [x] |\n"
HOTSPOT = IMAGE + '- [x] sender {at="0 0 50 50"}\n- [ ] text {at="50 0 50 50"}\n- [x] foot {at="0 50 50 50"}\n'


def tree(kind: str, answers: str, root: Path, lock: str = "") -> Sources:
    """Write a course with this question, and return its sources."""
    text = f"{FRONT}::: {kind} {{#q}}\n\nWhich?\n\n{answers}\n:::\n"
    (root / "media").mkdir(exist_ok=True)
    for name, words in {"course.yml": COURSE, LESSON: text, "course.lock": lock, "media/m.svg": SVG}.items():
        (root / name).write_text(words, "utf-8")
    return load(root)


def lessons(kind: str, answers: str, root: Path) -> tuple[Lesson, ...]:
    found = checked(tree(kind, answers, root))
    assert found.course is not None
    assert [one for one in found.diagnostics if one.severity.value == "error"] == []
    return found.course.lessons


def released(kind: str, answers: str, root: Path, lock: Lock, version: str) -> Lock:
    lock, _, found = update(lock, lessons(kind, answers, root))
    assert found == ()
    lock, found = release(lock, version, Span("course.yml"))
    assert found == ()
    return lock


@pytest.mark.parametrize(
    ("kind", "before", "after", "letters", "is_changed"),
    [
        pytest.param("matrix", MATRIX, MATRIX, "a(ab) b(ab)", False, id="nothing"),
        pytest.param("matrix", MATRIX, MATRIX.replace("Yes", "Indeed"), "a(ab) b(ab)", False, id="column reworded"),
        pytest.param("matrix", MATRIX, MATRIX.replace("one", "first"), "a(ab) b(ab)", False, id="row reworded"),
        pytest.param("matrix", MATRIX, MATRIX.replace("So.", "Well."), "a(ab) b(ab)", False, id="feedback"),
        pytest.param("matrix", MATRIX, WITHOUT, "a(ab) b(ab)", False, id="no feedback"),
        pytest.param("matrix", WITHOUT, ADDED, "a(acb) b(acb)", False, id="a wrong column more"),
        pytest.param("matrix", ADDED, WITHOUT, "a(ac) b(ac)", False, id="a wrong column less"),
        pytest.param(
            "matrix", MATRIX, MATRIX + "| three | [x] | [ ] | |\n", "a(ab) b(ab) c(ab)", True, id="a row more"
        ),
        pytest.param("matrix", MATRIX, MATRIX[: MATRIX.index("| two")], "a(ab)", True, id="a row less"),
        pytest.param(
            "matrix",
            MATRIX,
            "| | No | Yes |\n| --- | --- | --- |\n| two | [x] | [ ] |\n| one | [ ] | [x] |\n",
            "b(ba) a(ba)",
            False,
            id="rows and columns moved",
        ),
        pytest.param(
            "matrix", MATRIX, MATRIX.replace("[x] | [ ] | So", "[ ] | [x] | So"), "a(ab) b(ab)", True, id="another mark"
        ),
        pytest.param("hotspot", HOTSPOT, HOTSPOT.replace("0 0 50", "1 0,5 40"), "a b c", False, id="zone moved"),
        pytest.param("hotspot", HOTSPOT, HOTSPOT.replace("A message", "A mail"), "a b c", False, id="description"),
        pytest.param("hotspot", HOTSPOT, HOTSPOT.replace("sender", "from"), "a b c", False, id="zone renamed"),
        pytest.param("hotspot", HOTSPOT, HOTSPOT + '- [ ] d {at="50 50 50 50"}\n', "a b c d", False, id="a decoy more"),
        pytest.param("hotspot", HOTSPOT, HOTSPOT.replace("[ ]", "[x]"), "a b c", True, id="a decoy that is right"),
    ],
)
def test_letters_and_keys(kind: str, before: str, after: str, letters: str, is_changed: bool, tmp_path: Path) -> None:
    lock = released(kind, before, tmp_path, Lock("course"), "1.0.0")
    assigned, found = assign(lock, lessons(kind, after, tmp_path))
    assert found == ()
    placed = assigned.questions["q"]
    pairs = zip(placed.letters.parts, placed.letters.children, strict=True)
    assert " ".join(part + (f"({''.join(inner)})" if inner else "") for part, inner in pairs) == letters
    assert placed.keyed_at == 1 + is_changed


def test_each_row_has_its_own_letters_for_the_columns(tmp_path: Path) -> None:
    """After a column has gone, older rows keep the letters they had, and a new one begins anew: the page says which."""
    lock = released("matrix", ADDED, tmp_path, Lock("course"), "1.0.0")
    rows = WITHOUT + "| three | [ ] | [x] |\n"
    lock = released("matrix", rows, tmp_path, lock, "2.0.0")
    source = tree("matrix", rows, tmp_path, write_lock(lock))
    found = checked(source)
    assert found.numbers is not None
    old, _, new = found.numbers.interactions["q"]
    assert [(one.letter, one.text) for one in old.components] == [("a", "Yes"), ("c", "No")]
    assert [(one.letter, one.text) for one in new.components] == [("a", "Yes"), ("b", "No")]
    assert (old.right, new.right) == (("a",), ("b",))
    html = body_of(lesson_page(source, found, "lesson"))
    assert 'name="q-b" value="c" aria-labelledby="q-row-b q-column-2"' in html
    assert 'name="q-c" value="b" aria-labelledby="q-row-c q-column-2"' in html


def test_the_sheet_names_the_row_of_each_entry(tmp_path: Path) -> None:
    """Rows and columns are Markdown; the sheet has their words."""
    rows = "| | **Yes** | No |\n| --- | --- | --- |\n| `one` {{ rssi }} | [x] | [ ] |\n| two | [ ] | [x] |\n"
    tree("matrix", rows, tmp_path)
    done = CliRunner().invoke(carabin, ["build", str(tmp_path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    sheet = next((tmp_path / "out").glob("course-*.html")).read_text("utf-8")
    found = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", sheet))
    assert "q.a Which? one your security officer (CISO) 2 matrix" in found
    assert "a = Yes b = No" in found


def row(right: str, multiple: bool = False) -> Interaction:
    components = tuple(Component(letter, "") for letter in "abc")
    return Interaction("q", "choice", right, components=components, right=tuple(right), multiple=multiple)


PICKS = st.lists(
    st.sets(st.sampled_from("abc"), min_size=1).map(lambda one: tuple(sorted(one))), min_size=3, max_size=3
)
ROWS = (row("ab", True), row("c", True), row("abc", True))


@given(PICKS, st.permutations(range(3)), st.sampled_from(range(3)))
def test_what_rows_are_worth(picks: list[tuple[str, ...]], order: list[int], mended: int) -> None:
    """Between nothing and all, in any order of rows, and no less once a row is right."""
    worth = question_fraction(ROWS, picks, "each")
    assert 0 <= worth <= 1
    moved = question_fraction([ROWS[n] for n in order], [picks[n] for n in order], "each")
    assert moved == pytest.approx(worth)
    better = [ROWS[n].right if n == mended else pick for n, pick in enumerate(picks)]
    assert question_fraction(ROWS, better, "each") >= worth - 1e-9
    assert question_fraction(ROWS, picks, "none") == float([one.right for one in ROWS] == picks)

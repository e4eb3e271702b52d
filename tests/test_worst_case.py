"""What the compiler announces of a course's saved progress: nothing that a learner can answer takes more (progress.md).

`test_codec.py` proves it for any interactions; here they are those of courses, compiled from sources of every type.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from compiled import COURSE, FRONT, checked, lesson_alone
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.cli import carabin
from builder.codec import STATUSES, Asked, Record, State, Visit, decode, encode
from builder.diagnostics import has_errors
from builder.model import Interaction, Question
from builder.pipeline import Checked
from builder.questions import quiz
from builder.score import Response, Text
from builder.seams import features

LATE = 9_999
"""A slot, an index or a count of seconds of a course that was used for years."""


@cache
def tree() -> Path:
    """Return a folder that holds one picture and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="carabin-worst-"))
    (folder / "media").mkdir()
    (folder / "media" / "x.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    return folder


# --- sources of any size ---------------------------------------------------------------------------------------------


def lines(count: int, write: Callable[[int], str]) -> str:
    return "\n".join(write(n) for n in range(count))


def tasks(count: int, right: int = 1, is_zone: bool = False) -> str:
    def end(n: int) -> str:
        return f' {{at="{10 * n} 1 9 20"}}' if is_zone else ""

    return lines(count, lambda n: f"- [{'x' if n < right else ' '}] Answer {n}{end(n)}")


def table(count: int, width: int) -> str:
    rows = [["", *(f"Column {n}" for n in range(width))], ["---"] * (width + 1)]
    rows += [[f"Row {row}", *("[x]" if n == row % width else "[ ]" for n in range(width))] for row in range(count)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def scenes(count: int, width: int) -> str:
    text = ""
    for n in range(count):
        choices = lines(width, lambda k, n=n: f"- [Choice {k}](#s{n + 1}){{points={k + 1}}}")  # type: ignore[misc]
        text += f"::: scene {{#s{n}}}\n\nScene {n}.\n\n{choices}\n\n:::\n\n"
    return f"{text}::: scene {{#s{count} outcome=good}}\n\nThe end.\n\n:::"


def messages(count: int) -> str:
    sender = 'from="a@b.example" right=keep'
    return "\n\n".join(f'::: message {{#m{n} subject="S{n}" {sender}}}\n\nText {n}.\n\n:::' for n in range(count))


WRITTEN: Mapping[str, Callable[[int, int], tuple[str, str]]] = {
    "choice": lambda n, k: ("multiple confidence" if k % 2 else "tries=3", f"Which?\n\n{tasks(n, k)}"),
    "fill": lambda n, k: ("", lines(n, lambda i: f"Gap {i}: [[yes|no]] [[=1..{k}]] [[a|*b]].\n")),
    "match": lambda n, k: ("", f"Pair.\n\n{lines(n, lambda i: f'- Term {i}{chr(10)}  - Definition {i}')}"),
    "classify": lambda n, k: ("", f"Sort.\n\n{lines(n, lambda i: f'- Box {i}{chr(10)}  - Item {i}')}"),
    "order": lambda n, k: ("confidence", f"Order.\n\n{lines(n, lambda i: f'{i + 1}. Step {i}')}"),
    "matrix": lambda n, k: ("multiple", f"Judge.\n\n{table(n, k + 1)}"),
    "hotspot": lambda n, k: ("", f"Find.\n\n![A place](media/x.svg)\n\n{tasks(n, k, True)}"),
    "scale": lambda n, k: ("", f"Rate.\n\n{lines(n, lambda i: f'{i + 1}. Point {i}')}"),
    "flashcards": lambda n, k: ("", f"Turn.\n\n{lines(n, lambda i: f'- Front {i}{chr(10)}  - Back {i}')}"),
    "checklist": lambda n, k: ("", f"Plan.\n\n{tasks(n, 0)}"),
    "open": lambda n, k: (f"max={10 * n * k}", "Write.\n\n> [!ANSWER]\n> So."),
    "inbox": lambda n, k: ("confidence", f"Sort.\n\n{messages(n)}"),
    "scenario": lambda n, k: ("tries=2", f"Live.\n\n{scenes(n, k + 1)}"),
}
INTENDED = frozenset({"T101", "Q833"})
"""Progress that cannot fit, a draw from unequal questions: what is announced holds for them too."""


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Draw a lesson: questions of any type, and quizzes that draw some of theirs."""
    text, number = "", 0

    def question() -> str:
        nonlocal number
        number += 1
        kind = draw(st.sampled_from(sorted(WRITTEN)))
        most = draw(st.integers(2, 6))
        attributes, body = WRITTEN[kind](most, draw(st.integers(1, most - 1)))
        return f"::: {kind} {{#q{number} {attributes}}}\n\n{body}\n\n:::\n\n"

    for n in range(draw(st.integers(1, 3))):
        inside = [question() for _ in range(draw(st.integers(1, 4)))]
        if draw(st.booleans()):
            rules = f"draw={draw(st.integers(1, len(inside)))} retakes={draw(st.integers(0, 2))}"
            text += f"::: quiz {{#z{n} {rules}}}\n\n{''.join(inside)}:::\n\n"
        else:
            text += "".join(inside)
    return text


def test_every_type_is_drawn() -> None:
    assert {*WRITTEN, quiz.NAME} == set(features("questions"))


# --- what a learner may answer ---------------------------------------------------------------------------------------


def response(draw: st.DrawFn, interaction: Interaction) -> Response:
    letters = [component.letter for component in interaction.components]
    most = interaction.limit or 0
    if interaction.type == "long-fill-in":
        text = draw(st.text(st.sampled_from("aé €😀"), max_size=most))
        return Text(text.encode()[:most].decode(errors="ignore"))
    if interaction.type in ("fill-in", "numeric"):
        return Text(draw(st.text(st.sampled_from("yesno12,é "), max_size=30)))
    if interaction.type == "sequencing":
        return tuple(draw(st.permutations(letters)))
    if interaction.type == "matching":
        targets = [target.letter for target in interaction.targets]
        return tuple(letter + draw(st.sampled_from(targets)) for letter in letters)
    if interaction.type == "performance":
        return tuple(draw(st.lists(st.sampled_from(["aa", "ba", "9z"]), max_size=most)))
    return tuple(letter for letter in letters if draw(st.booleans())) or None


def asked_in(found: Checked) -> Iterator[tuple[Question, Asked]]:
    assert found.numbers is not None
    numbers = found.numbers
    for lesson in found.lessons:
        for question in lesson.questions:
            slot = numbers.questions[question.id]
            yield question, Asked(slot, numbers.keyed_at[question.id], numbers.interactions[question.id])


def states(draw: st.DrawFn, found: Checked) -> State:
    """Draw a state that the package may write: in a quiz, what was drawn is answered, what was seen has an index."""
    assert found.numbers is not None
    numbers, questions = found.numbers, [question for lesson in found.lessons for question in lesson.questions]
    records: dict[int, Record] = {}
    away, seen = set[str](), set[str]()
    for one in questions:
        if one.type == quiz.NAME:
            for count, pool in quiz.groups(one, questions):
                order = draw(st.permutations([question.id for question in pool]))
                away |= set(order[count:])
                seen |= set(order[count : count * (1 + one.settings["retakes"])])
    for question, asked in asked_in(found):
        head = (draw(st.integers(0, 15)), draw(st.integers(0, 3)), draw(st.integers(-1, LATE // 100)))
        given: tuple[Response, ...] | None
        if question.type == quiz.NAME:
            drawn = [numbers.questions[one.id] for one in questions if one.quiz == question.id and one.id not in away]
            given = ((str(draw(st.integers(0, 99))), str(draw(st.integers(0, LATE))), *map(str, drawn)),)
        elif question.id in away:
            if question.id not in seen:
                continue
            head, given = (0, 0, head[2]), None
        else:
            given = tuple(response(draw, interaction) for interaction in asked.interactions)
        records[asked.slot] = Record(*head, given, numbers.revision + draw(st.integers(0, 1)))
    visits = {slot: Visit(draw(st.booleans()), draw(st.booleans())) for slot in numbers.lessons.values()}
    following = sum(len(numbers.interactions[question.id]) for question in questions)
    return State(
        numbers.revision + draw(st.integers(0, 1)),
        draw(st.integers(0, 2**21 - 1)),
        draw(st.integers(1, 2**32 - 1)),
        draw(st.sampled_from(STATUSES)),
        following,
        max(visits),
        b"",
        visits,
        records,
    )


@settings(deadline=None)
@given(st.data())
def test_no_state_of_a_course_is_longer_than_announced(data: st.DataObject) -> None:
    found = checked(lesson_alone(FRONT + data.draw(sources()), tree()))
    assert not has_errors([one for one in found.diagnostics if one.code not in INTENDED]), found.diagnostics
    assert found.numbers is not None
    state = data.draw(st.composite(lambda draw: states(draw, found))())
    slots: dict[int, Asked | None] = dict.fromkeys(found.numbers.lessons.values())
    slots |= {asked.slot: asked for _, asked in asked_in(found)}
    text = encode(state, slots, found.worst_state)
    assert len(text) <= found.worst_state
    assert decode(text, slots) is not None


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "fits"), [(1, True), (2, False)])
def test_what_a_quiz_can_draw_decides_whether_a_course_is_refused(tmp_path: Path, count: int, fits: bool) -> None:
    (tmp_path / "course.yml").write_text(COURSE, "utf-8")
    texts = (f"::: open {{#o{n} max={1500 + 100 * n}}}\n\nWrite.\n\n> [!ANSWER]\n> So.\n\n:::\n\n" for n in range(3))
    (tmp_path / "lesson.md").write_text(f"{FRONT}::: quiz {{#z draw={count}}}\n\n{''.join(texts)}:::\n", "utf-8")
    done = CliRunner().invoke(carabin, ["build", str(tmp_path), "--out", str(tmp_path / "dist")])
    assert done.exit_code == (0 if fits else 1)
    assert ("T101" in done.output) != fits
    assert ("biggest: o2 (" in done.output) != fits
    assert bool(list(tmp_path.glob("dist/*.zip"))) == fits

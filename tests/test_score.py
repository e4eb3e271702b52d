"""What a response is worth: the same in both languages, to the last point."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin import VECTORS, Player, player, question_data, response_data, responses_data

from builder.codec import Asked
from builder.model import Component, Interaction, Partial
from builder.score import (
    Response,
    Text,
    grade,
    interaction_fraction,
    is_mastered,
    normalise,
    number,
    question_fraction,
    raw,
)

__all__ = ["player"]


def picks(*right: str, multiple: bool = False) -> Interaction:
    components = tuple(Component(letter, "") for letter in "abcd")
    return Interaction("q", "choice", components=components, multiple=multiple, right=right)


def typed(*accept: str, case: bool = False, accents: bool = False, typos: int = 0) -> Interaction:
    return Interaction("q", "fill-in", accept=accept, strict_case=case, strict_accents=accents, typos=typos)


PAIRS = Interaction(
    "q",
    "matching",
    components=tuple(Component(letter, "") for letter in "abc"),
    targets=tuple(Component(letter, "") for letter in "xyz"),
    right=("ax", "az", "by"),
)
"""`a` is right in two places, `c` when left out."""
STEPS = Interaction(
    "q", "sequencing", components=tuple(Component(letter, "") for letter in "abcd"), right=("b", "a", "d", "c")
)


def measured(low: float, high: float) -> Interaction:
    return Interaction("q", "numeric", ranges=((low, high), (-1.0, -1.0)))


NUMBERS = {
    "3,5": 3.5,
    "3.5": 3.5,
    " 1 234,5 ": 1234.5,
    "1\u202f234\u00a0567": 1234567.0,
    "−3": -3.0,
    "+3": 3.0,
    ".5": 0.5,
    "5.": 5.0,
    "": None,
    ".": None,
    "3 ,5": None,
    "3mg": None,
    "1,2,3": None,
    "1e3": None,
    "٣": None,
    "- 3": None,
}
NORMAL = {
    "  Éteindre  ": "eteindre",
    "l’œuf": "l'oeuf",
    "ŒUVRE !": "oeuvre",
    "fin. … ?": "fin",
    "e\u0301teint": "eteint",
    "a\u00a0\u202f\t b": "a b",
    "?!": "",
    "ΣΑΣ": "σας",
}
CASES: Sequence[tuple[Interaction, Response, float]] = [
    (picks("b"), ("b",), 1),
    (picks("b"), ("a",), 0),
    (picks("a", "b"), ("b",), 1),
    (picks("b"), None, 0),
    (picks("a", "b", "c", multiple=True), ("a", "b", "c"), 1),
    (picks("a", "b", "c", multiple=True), ("a", "b"), 2 / 3),
    (picks("a", "b", "c", multiple=True), ("a", "b", "d"), 1 / 3),
    (picks("a", multiple=True), ("b", "c", "d"), 0),
    (typed("MSSanté"), Text("mssante."), 1),
    (typed("MSSanté", case=True), Text("mssanté"), 0),
    (typed("MSSanté", accents=True), Text("MSSante"), 0),
    (typed("messagerie", typos=1), Text("mesagerie"), 1),
    (typed("messagerie", typos=1), Text("messaegrie"), 1),
    (typed("messagerie", typos=1), Text("mesaegrie"), 0),
    (typed("messagerie", typos=2), Text("mesaegrie"), 1),
    (typed("oui", typos=1), Text("ouii"), 0),
    (typed("oui"), Text("", cut=True), 0),
    (typed("oui"), Text("oui", cut=True), 0),
    (typed("oui"), Text("", right=True), 1),
    (measured(3.4, 3.6), Text("3,6"), 1),
    (measured(3.4, 3.6), Text("3,61"), 0),
    (measured(3.4, 3.6), Text("-1"), 1),
    (measured(0.1 + 0.2, 0.1 + 0.2), Text("0,3"), 1),
    (measured(3.4, 3.6), Text("trois"), 0),
    (PAIRS, ("ax", "by"), 1),
    (PAIRS, ("az", "by"), 1),
    (PAIRS, ("ay", "by"), 2 / 3),
    (PAIRS, ("ax", "by", "cx"), 2 / 3),
    (PAIRS, ("ax", "az", "by"), 2 / 3),
    (PAIRS, ("by", "by", "8x"), 2 / 3),
    (PAIRS, ("cx",), 0),
    (PAIRS, (), 0),
    (PAIRS, None, 0),
    (Interaction("q", "matching", components=PAIRS.components, targets=PAIRS.targets), ("ax",), 0),
    (STEPS, ("b", "a", "d", "c"), 1),
    (STEPS, ("b", "a", "c", "d"), 1 / 2),
    (STEPS, ("c", "b", "a", "d"), 0),
    (STEPS, ("b", "a"), 1 / 2),
    (STEPS, ("b", "a", "d", "c", "e"), 1),
    (STEPS, (), 0),
    (STEPS, None, 0),
    (Interaction("q", "sequencing", components=STEPS.components), ("a", "b"), 0),
    (Interaction("q", "long-fill-in"), Text("tout"), 0),
    (Interaction("q", "likert", components=(Component("a", ""),)), ("a",), 0),
]
GRADES: Sequence[tuple[Sequence[tuple[float, float]], str | None]] = [
    ([], None),
    ([(0, 1)], None),
    ([(1, 1)], "100"),
    ([(1, 1), (2, 0)], "33.33"),
    ([(1, 1), (1, 1), (1, 0)], "66.67"),
    ([(1, 0.8)], "80"),
    ([(1, 1), (7, 0)], "12.5"),
    ([(1, 0.00005)], "0.01"),
    ([(1, 0.000049)], "0"),
    ([(1, 0.86665)], "86.67"),
]


@pytest.mark.parametrize(("interaction", "response", "expected"), CASES)
def test_responses(interaction: Interaction, response: Response, expected: float) -> None:
    assert interaction_fraction(interaction, response) == pytest.approx(expected)


def test_all_or_nothing() -> None:
    both = picks("a", "b", multiple=True)
    assert interaction_fraction(both, ("a",), "none") == 0
    gaps = (typed("oui"), typed("non"))
    assert question_fraction(gaps, (Text("oui"), Text("oui")), "each") == 0.5
    assert question_fraction(gaps, (Text("oui"), Text("oui")), "none") == 0
    assert question_fraction(gaps, (Text("oui"), Text("non")), "none") == 1
    assert question_fraction(gaps, (Text("oui"), None), "each", (0.75, 0.25)) == 0.75


def test_what_stands_beside_a_question_is_worth_nothing() -> None:
    sure = Interaction("q.confidence", "likert", "confidence", components=(Component("a", ""), Component("b", "")))
    for partial in ("each", "none"):
        assert question_fraction((typed("oui"), sure), (Text("oui"), ("a",)), partial) == 1
        assert question_fraction((typed("oui"), sure), (Text("non"), ("a",)), partial) == 0


def test_a_step_of_a_path_counts_once() -> None:
    path = Interaction("q", "performance", steps=(("ab", 2), ("ba", 1), ("bb", -1)), best=3)
    assert interaction_fraction(path, ("ab", "ba")) == 1
    assert interaction_fraction(path, ("ab", "bb", "ab")) == pytest.approx(1 / 3)
    assert interaction_fraction(path, ("bb",)) == 0
    assert interaction_fraction(replace(path, best=0), ("ab",)) == 0


@pytest.mark.parametrize(("text", "expected"), NUMBERS.items())
def test_numbers(text: str, expected: float | None) -> None:
    assert number(text) == expected


@pytest.mark.parametrize(("text", "expected"), NORMAL.items())
def test_what_typed_texts_are_compared_by(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(("won", "percent"), GRADES)
def test_grades(won: Sequence[tuple[float, float]], percent: str | None) -> None:
    value = grade(won)
    assert (None if value is None else raw(value)) == percent


def test_a_grade_on_the_mastery_score_is_enough() -> None:
    assert is_mastered(grade([(1, 1)] * 4 + [(1, 0)]), 0.8)
    assert not is_mastered(0.7999, 0.8)
    assert not is_mastered(None, 0)


def vectors() -> str:
    responses = []
    for interaction, response, _ in CASES:
        for partial in ("each", "none"):
            asked = question_data(Asked(1, 1, (interaction,)), partial)
            responses.append(
                {"question": asked, "response": [response_data(response)], **_score(interaction, response, partial)}
            )
    grades = [{"won": won, "percent": percent} for won, percent in GRADES]
    texts = [
        {"text": text, "case": case, "accents": accents, "expected": normalise(text, case, accents)}
        for text in NORMAL
        for case, accents in ((False, False), (True, False), (False, True), (True, True))
    ]
    sections: dict[str, list[dict[str, Any]]] = {"responses": responses, "grades": grades, "normalise": texts}
    lines = (
        f'"{name}": [\n' + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]"
        for name, cases in sections.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _score(interaction: Interaction, response: Response, partial: Partial) -> dict[str, Any]:
    return {
        "each": [interaction_fraction(interaction, response, partial)],
        "fraction": question_fraction((interaction,), (response,), partial),
    }


def test_the_vectors_are_what_python_does(update: bool) -> None:
    path = VECTORS / "score.json"
    if update:
        path.write_text(vectors(), "utf-8")
    assert path.read_text("utf-8") == vectors()


@pytest.mark.needs("node")
def test_the_player_agrees_with_the_vectors(player: Player) -> None:
    cases = json.loads((VECTORS / "score.json").read_text("utf-8"))
    for case in cases["responses"]:
        theirs = player.ask("score", question=case["question"], response=case["response"])
        assert theirs == {"each": case["each"], "fraction": case["fraction"]}, case
    for case in cases["grades"]:
        assert player.ask("grade", won=case["won"], mastery=0.8)["percent"] == case["percent"], case
    for case in cases["normalise"]:
        expected = case.pop("expected")
        assert player.ask("normalise", **case) == expected, case


WORDS = st.text(st.sampled_from("abcéèœÆ’' .,!\u00a0\u202f1239−+SΣİ"), max_size=8)


@pytest.mark.needs("node")
@given(
    st.lists(WORDS, min_size=1, max_size=3),
    st.lists(WORDS, min_size=1, max_size=3),
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("each", "none")),
)
def test_the_player_scores_texts_alike(
    player: Player, accept: list[str], texts: list[str], typos: int, case: bool, accents: bool, partial: Partial
) -> None:
    wanted = typed(*accept, case=case, accents=accents, typos=typos)
    interactions = tuple(wanted if n % 2 == 0 else measured(1.0, 12.5) for n in range(len(texts)))
    responses = tuple(Text(text) for text in texts)
    theirs = player.ask(
        "score", question=question_data(Asked(1, 1, interactions), partial), response=responses_data(responses)
    )
    assert theirs["each"] == [
        interaction_fraction(one, response, partial) for one, response in zip(interactions, responses, strict=True)
    ]
    assert theirs["fraction"] == pytest.approx(question_fraction(interactions, responses, partial))


@pytest.mark.needs("node")
@given(
    st.sampled_from((PAIRS, STEPS)),
    st.lists(st.sampled_from(("ax", "ay", "az", "by", "bz", "cx", "9x", "a", "b", "c", "d")), max_size=6),
    st.sampled_from(("each", "none")),
)
def test_the_player_scores_pairs_and_orders_alike(
    player: Player, asked: Interaction, response: list[str], partial: Partial
) -> None:
    theirs = player.ask("score", question=question_data(Asked(1, 1, (asked,)), partial), response=[response])
    assert theirs["each"] == [interaction_fraction(asked, tuple(response), partial)]


@pytest.mark.needs("node")
@given(st.lists(st.tuples(st.integers(1, 9), st.fractions(0, 1, max_denominator=12).map(float)), max_size=9))
def test_the_player_grades_alike(player: Player, won: list[tuple[int, float]]) -> None:
    value = grade(won)
    theirs = player.ask("grade", won=won, mastery=0.8)
    assert theirs == {"percent": None if value is None else raw(value), "mastered": is_mastered(value, 0.8)}

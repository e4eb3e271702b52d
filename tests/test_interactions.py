"""What is sent of each type of question: legal in SCORM 1.2 (RTE §3.4.7) and xAPI (Data 1.0.3 §2.4.4.1); both agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from builder.model import Component, Interaction
from builder.score import Response, Text
from builder.seams import features
from builder.xapi import interaction_definition, response, result
from tools.interactions import Sent, sent

LETTERS = r"[a-z0-9](,[a-z0-9])*"
PAIRS = r"[a-z0-9]\.[a-z0-9](,[a-z0-9]\.[a-z0-9])*"
FORMS = {
    "choice": LETTERS,
    "sequencing": LETTERS,
    "likert": "[a-z0-9]",
    "matching": PAIRS,
    "performance": PAIRS,
    "fill-in": ".{1,255}",
    "numeric": r"-?\d+(\.\d+)?(:-?\d+(\.\d+)?)?",
}
"""Standards b.6."""
DELIMITERS = {",": "[,]", ".": "[.]", ":": "[:]"}


@pytest.fixture(scope="module")
def rows(tools: dict[str, str]) -> Sequence[Sent]:
    assert tools["node"]
    return sent()


def patterns(row: Sent, target: str = "scorm12") -> list[str]:
    return [value for name, value in row.told[target].items() if name.startswith("correct_responses.")]


@pytest.mark.needs("node")
def test_each_type_has_its_rows(rows: Sequence[Sent]) -> None:
    """A quiz is no interaction itself."""
    assert {row.type for row in rows} == {*features("questions"), "confidence", "judgement"} - {"quiz"}


@pytest.mark.needs("node")
def test_scorm_gets_what_it_takes(rows: Sequence[Sent]) -> None:
    for row in rows:
        told = row.told["scorm12"]
        form = FORMS[told["type"]]
        for text in (told["student_response"], *patterns(row)):
            assert re.fullmatch(form, text), (row.type, text)
        assert told["result"] == {"right": "correct", "wrong": "wrong", "any": "neutral"}[row.answer], row.type
        assert (told["student_response"] in patterns(row)) == (row.answer == "right" and told["type"] != "numeric")
        assert bool(patterns(row)) == (row.answer != "any")
        assert (float(told["weighting"]) > 0) == (row.answer != "any")
        assert (told["time"], told["latency"]) == ("13:40:05", "0000:00:12.34")


@pytest.mark.needs("node")
def test_scorm_2004_says_what_xapi_says(rows: Sequence[Sent]) -> None:
    """The same types and delimiters; a pattern that minds capitals says so first (RTE §4.2.9.1)."""
    for row in rows:
        told = row.told["scorm2004"]
        definition = interaction_definition(row.interaction, "en")
        assert told["type"] == definition["interactionType"]
        assert told["learner_response"] == result(row.interaction, row.given, row.question.partial)["response"]
        assert patterns(row, "scorm2004") == list(definition.get("correctResponsesPattern", ()))
        assert told["result"] == {"right": "correct", "wrong": "incorrect", "any": "neutral"}[row.answer], row.type
        assert (told["timestamp"], told["latency"]) == ("2027-03-02T13:40:05", "PT12.34S")
        assert told["description"]
        assert told["weighting"] == row.told["scorm12"]["weighting"]


@pytest.mark.needs("node")
def test_both_standards_say_the_same(rows: Sequence[Sent]) -> None:
    """But for their delimiters, and for the types that SCORM 1.2 lacks."""
    for row in rows:
        definition = interaction_definition(row.interaction, "en")
        made = result(row.interaction, row.given, row.question.partial)
        kind = definition["interactionType"]
        assert {"long-fill-in": "fill-in"}.get(kind, kind) == row.told["scorm12"]["type"]
        said = [made["response"], *definition.get("correctResponsesPattern", ())]
        for ours, theirs in zip((row.told["scorm12"]["student_response"], *patterns(row)), said, strict=True):
            if kind not in ("fill-in", "long-fill-in"):
                marks = r"[,.:]" if kind != "numeric" else ":"
                ours = re.sub(marks, lambda mark: DELIMITERS[mark[0]], ours)
            assert theirs == ours, row.type
        if row.answer == "any":
            assert made.keys() == {"response"}
        else:
            assert made["success"] is (row.answer == "right")
            assert made["score"] == {"scaled": float(row.answer == "right")}


@pytest.mark.needs("node")
def test_patterns_name_components_only(rows: Sequence[Sent]) -> None:
    for row in rows:
        definition = interaction_definition(row.interaction, "en")
        lists = {
            name: [component["id"] for component in value]
            for name, value in definition.items()
            if name in ("choices", "scale", "source", "target", "steps")
        }
        for ids in lists.values():
            assert len(set(ids)) == len(ids), "ids of components are unique"
        if {"choices", "source"} & lists.keys():
            known = set().union(*lists.values())
            for pattern in definition.get("correctResponsesPattern", ()):
                assert set(re.split(r"\[[,.]\]", pattern)) <= known, row.type


ABC = tuple(Component(letter, letter.upper()) for letter in "abc")
ONE = Interaction("q", "choice", components=ABC, right=("a", "c"))
SOME = Interaction("q", "choice", components=ABC, multiple=True, right=("a", "c"))
ORDER = Interaction("q", "sequencing", components=ABC, right=("b", "a", "c"))
PAIRED = Interaction("q", "matching", components=ABC, targets=(Component("d", "D"), Component("e", "E")), right=())
WORDS = Interaction("q", "fill-in", accept=("the wrist", "wrist"))
STRICT = Interaction("q", "fill-in", accept=("pH",), strict_case=True)
NUMBER = Interaction("q", "numeric", ranges=((-1, 4), (7.25, 7.25)))
PATH = Interaction("q", "performance", steps=(("aa", 2.0), ("bb", 1.0)), best=3, right=("aa", "bb"))
SURE = Interaction("q", "likert", components=ABC)
TRUTH = Interaction("q", "true-false", components=(Component("t", ""), Component("f", "")), right=("t",))


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        (ONE, ["a", "c"]),
        (SOME, ["a[,]c"]),
        (ORDER, ["b[,]a[,]c"]),
        (WORDS, ["the wrist", "wrist"]),
        (STRICT, ["{case_matters=true}pH"]),
        (Interaction("q", "fill-in", accept=("a[,]b", "ab")), ["ab"]),
        (NUMBER, ["-1[:]4", "7.25"]),
        (PATH, ["a[.]a[,]b[.]b"]),
        (TRUTH, ["true"]),
        (Interaction("q", "matching", components=ABC, right=("ad", "ae", "bd")), ["a[.]d[,]b[.]d", "a[.]e[,]b[.]d"]),
        (SURE, None),
        (PAIRED, None),
        (Interaction("q", "long-fill-in"), None),
        (Interaction("q", "choice", components=ABC, multiple=True), None),
    ],
)
def test_correct_responses_patterns(interaction: Interaction, expected: list[str] | None) -> None:
    assert interaction_definition(interaction, "fr").get("correctResponsesPattern") == expected


@pytest.mark.parametrize(
    ("interaction", "given", "expected"),
    [
        (ONE, ("b",), {"response": "b", "success": False, "score": {"scaled": 0.0}}),
        (SOME, ("a",), {"response": "a", "success": False, "score": {"scaled": 0.5}}),
        (ORDER, ("b", "c", "a"), {"response": "b[,]c[,]a", "success": False, "score": {"scaled": 0.3333}}),
        (PAIRED, ("ad", "be"), {"response": "a[.]d[,]b[.]e"}),
        (WORDS, Text("Wrist "), {"response": "Wrist ", "success": True, "score": {"scaled": 1.0}}),
        (WORDS, Text("", right=True), {"success": True, "score": {"scaled": 1.0}}),
        (NUMBER, Text("−0,5"), {"response": "-0.5", "success": True, "score": {"scaled": 1.0}}),
        (NUMBER, Text("a few"), {"success": False, "score": {"scaled": 0.0}}),
        (PATH, ("aa", "bc"), {"response": "a[.]a[,]b[.]c", "success": False, "score": {"scaled": 0.6667}}),
        (SURE, ("b",), {"response": "b"}),
        (SURE, None, {}),
        (TRUTH, ("f",), {"response": "false", "success": False, "score": {"scaled": 0.0}}),
        (Interaction("q", "long-fill-in"), Text("Mine."), {"response": "Mine."}),
        (Interaction("q", "long-fill-in"), Text("", cut=True), {}),
    ],
)
def test_results(interaction: Interaction, given: Response, expected: dict[str, object]) -> None:
    assert result(interaction, given) == expected
    assert response(interaction, given) == expected.get("response")


def test_components_stand_in_the_lists_of_their_type() -> None:
    def ids(interaction: Interaction) -> dict[str, list[str]]:
        made = interaction_definition(interaction, "fr-FR")
        lists = made.keys() - {"type", "interactionType", "correctResponsesPattern"}
        return {name: [one["id"] for one in made[name]] for name in lists}

    three = ["a", "b", "c"]
    assert ids(SURE) == {"scale": three}
    assert ids(PAIRED) == {"source": three, "target": ["d", "e"]}
    assert ids(ORDER) == {"choices": three}
    assert interaction_definition(SURE, "fr-FR")["scale"][0] == {"id": "a", "description": {"fr-FR": "A"}}
    assert interaction_definition(TRUTH, "fr").keys() == {"type", "interactionType", "correctResponsesPattern"}

"""The plain words of lessons: each run is found where it stands, whatever is around it; words and sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from compiled import FRONT, LESSON
from hypothesis import given, settings
from test_properties import BODIES, INCLUDED, MANY, lies_in

from builder.lint.readability import ease, syllables
from builder.load import Source
from builder.model import Passage
from builder.parse import LessonContext, parse_lesson
from builder.prose import sentences, words
from builder.strings import strings

VARIABLES = {"rssi": "your security officer", "number": "18 & 112"}


def prose(body: str) -> tuple[Passage, ...]:
    """Return the words of a lesson."""

    def include(path: str) -> Source | None:
        return Source(path, path, INCLUDED[path]) if path in INCLUDED else None

    context = LessonContext(VARIABLES, strings("en", "page"), "en", ("lesson",), "", include, wants_prose=True)
    return parse_lesson(Source(LESSON, LESSON, FRONT + body), context).prose


def told(body: str) -> Iterator[str]:
    """Yield each passage: its role, its words."""
    return (f"{passage.role}: {passage.text}" for passage in prose(body))


@settings(max_examples=3 * MANY)
@given(BODIES)
def test_any_words_have_their_place(body: str) -> None:
    files = {LESSON: FRONT + body, **INCLUDED}
    for passage in prose(body):
        lies_in(passage.span, files, passage)
        assert len(passage.text) == len(passage.plain)
        for run in passage.runs:
            lies_in(run.span, files, run)
        for start, sentence in sentences(passage.text):
            assert passage.text[start : start + len(sentence)] == sentence
            lies_in(passage.place(start, len(sentence)), files, sentence)
            lies_in(passage.place(start), files, sentence)


def test_words_are_found_where_they_stand() -> None:
    body = (
        "A **door** and a *door*, a [door](#door), `door`, [porte]{lang=fr} and\n"
        "> a door of {{ rssi }} &amp; a \\*door.\n\n"
        "- [x] door\n  - a door {#door}\n\n| door \\| door | a |\n| --- | --- |\n| door | b |\n\n### The door {#d}\n"
    )
    lines = (FRONT + body).split("\n")
    seen = 0
    for passage in prose(body):
        start = passage.text.find("door")
        while start >= 0:
            span = passage.place(start, 4)
            line = lines[span.line - 1]
            assert (line[span.column - 1 :] + " ").startswith("door"), (passage.text, span)
            seen += 1
            start = passage.text.find("door", start + 1)
    assert seen == 12


def test_roles() -> None:
    body = (
        "## Title\n\nText[^a].\n\n- item\n\n| cell |\n| --- |\n\n::: trainer\n\nSecret.\n\n:::\n\n"
        "::: choice {#q}\n\nWhich?\n\n- one\n- two\n\n> [!NOTE]\n> Look.\n\n"
        "- [x] This\n  > Yes.\n  >\n  > - Indeed.\n- [ ] That\n"
        "> No.\n\n> [!HINT]\n> Think.\n\n> [!EXPLANATION]\n> Because.\n\n:::\n\n[^a]: Note.\n"
    )
    assert list(told(body)) == [
        "heading: Title",
        "text: Text.",
        "item: item",
        "cell: cell",
        "trainer: Secret.",
        "prompt: Which?",
        "prompt: one",
        "prompt: two",
        "prompt: Look.",
        "answer: This",
        "feedback: Yes.",
        "feedback: Indeed.",
        "answer: That",
        "feedback: No.",
        "hint: Think.",
        "explanation: Because.",
        "note: Note.",
    ]


def test_what_is_no_word_of_the_course_is_left_out() -> None:
    (passage,) = prose("Call `ls` or [la porte]{lang=fr} or {{ rssi }}.\n")
    assert passage.text == "Call ls or la porte or your security officer."
    assert passage.plain == "Call    or          or your security officer."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("« Un. » Deux : trois.", ["« Un. »", "Deux : trois."]),
        ("Write to Dr. Smith, e.g. at 3.5 m. Then go.", ["Write to Dr. Smith, e.g. at 3.5 m.", "Then go."]),
        ("Wait… and go. Call M. Martin.", ["Wait… and go.", "Call M. Martin."]),
        ("One\ntwo", ["One", "two"]),
        ("…", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [sentence for _, sentence in sentences(text)] == expected


def test_words() -> None:
    assert words("L’hôpital n'a pas 3 porte-clés : don’t!") == ["L", "hôpital", "n", "a", "pas", "porte-clés", "don’t"]


@pytest.mark.parametrize(
    ("tongue", "beats"),
    [
        ("fr", {"porte": 1, "portes": 1, "idée": 2, "banque": 1, "hôpital": 3, "moment": 2, "SMS": 3, "a": 1}),
        ("en", {"door": 1, "make": 1, "makes": 1, "table": 2, "asked": 1, "wanted": 2, "boxes": 2, "hospital": 3}),
    ],
)
def test_syllables(tongue: str, beats: dict[str, int]) -> None:
    assert {word: syllables(word, tongue) for word in beats} == beats


def test_reading_ease_follows_the_published_formulas() -> None:
    """Flesch 1948; Kandel and Moles 1958: four words of one syllable each, in one sentence."""
    assert ease(["You close the door."], "en") == pytest.approx(206.835 - 1.015 * 4 - 84.6)
    assert ease(["On clôt la porte."], "fr") == pytest.approx(207 - 1.015 * 4 - 73.6)
    assert ease([], "fr") == 100


def test_passages_know_the_inserts_around_them_and_the_facts_that_they_cite() -> None:
    """Questions are as far inside as the text around them; a footnote that is no fact is none."""
    body = """One[^F-A-1].

::: only {audience=nurse region="FR QC"}

Two.

::: only {region=QC}

Three[^F-A-1][^F-B-2].

::: choice {#q1}

Which?

- [x] This
- [ ] That

:::

:::

Four.

:::

Five[^1].

[^1]: Six[^F-B-2].
"""
    both, inner = (("nurse",), ("FR", "QC")), ((), ("QC",))
    found = {one.text: ([(each.audience, each.region) for each in one.where], one.facts) for one in prose(body)}
    assert found == {
        "One.": ([], ("F-A-1",)),
        "Two.": ([both], ()),
        "Three.": ([both, inner], ("F-A-1", "F-B-2")),
        "Which?": ([both, inner], ()),
        "This": ([both, inner], ()),
        "That": ([both, inner], ()),
        "Four.": ([both], ()),
        "Five.": ([], ()),
        "Six.": ([], ("F-B-2",)),
    }

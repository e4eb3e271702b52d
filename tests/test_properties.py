"""Properties of the compiler on any text: it never raises, findings have their place, pages are sound, twice the same.

Texts are random, or put together from the language's own marks. U+0000, surrogates and carriage returns do not get past
`load.py` (see test_load.py), so they are left out here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from compiled import COURSE, FRONT, LESSON, body_of, checked, lesson_alone, lesson_page
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markup import read
from test_cases import ALL, SEEN

from builder.attributes import parse_attributes
from builder.diagnostics import Diagnostic, Severity, Span, has_errors
from builder.frameworks import read_framework
from builder.load import Source
from builder.model import Course
from builder.pipeline import Checked
from builder.seams import features
from builder.settings import read_course, read_front_matter, read_module, read_yaml

MANY = settings().max_examples
"""100, or 1000 in `make test-all` (conftest.py)."""

INCLUDED = {
    "_shared/part.md": "Part {{ nobody }} ~x~.\n\n::: choice {#q-part}\n\nWhich?\n\n- [x] A\n- [ ] B\n\n:::\n",
    "_shared/open.md": "::: details {title=Open}\n\n- [ ] text\n\n```\n",
}
_MARKS = r"""
# ¦## ¦### Title⏎¦- ¦* ¦+ ¦1. ¦2) ¦> ¦>¦- [x] ¦- [ ] ¦- [] ¦- [x]¦> [!NOTE]⏎> ¦> [!HINT]⏎¦> [!EXPLANATION]⏎> ¦[!ANSWER]¦
> [!DEBRIEF]⏎¦[!¦]⏎> text⏎¦:::⏎¦⏎:::⏎⏎¦::::⏎¦:::¦::: ¦::: nothing⏎¦::: details {title="a 'b"}⏎⏎¦::: details⏎¦
::: include {src=_shared/part.md}⏎⏎:::⏎¦::: include {src=_shared/open.md prefix=p}⏎⏎:::⏎¦::: include {src=lesson.md}⏎¦
::: choice {#q1 points=2}⏎⏎¦::: fill {#q2}⏎⏎¦::: choice⏎¦[[a|b]]¦[[=3,5 ±0,1 mg]]¦[[a|*b]]¦[[=1..2]]¦[[¦]]¦[[2: a]]¦
- [[a]]⏎  > no⏎¦\|¦|¦{{ rssi }}¦{{ nobody }}¦{{¦}}¦\{{ x }}¦{¦}¦{#id}¦{.class}¦{lang=fr}¦{a="b¦{=}¦[¦]¦](¦)¦![¦[a](b)¦
[a](#id)¦[a]{lang=en}¦![a](media/x.svg)¦[a][b]¦[b]: c⏎¦[a](lesson.md#x)¦<https://x.example>¦[x](javascript:alert(1))¦
[y](data:text/html,x)¦<a@b.example>¦<br>¦<sub>¦</sub>¦<kbd>¦</KBD>¦<b>¦<!--¦-->¦<!-- carabin: allow A102 x -->⏎¦
<!-- carabin: allow -->⏎¦<script>¦</main>¦</script>¦<![CDATA[¦<?x¦"onmouseover="x¦' onload='x¦<¦>¦```⏎¦~~~⏎¦```python⏎¦
`¦``¦~¦~~¦*¦**¦_¦***⏎¦---⏎¦===⏎¦    ¦  ¦| a | b |⏎| --- | --- |⏎| c | d |⏎¦| ¦ |⏎¦|:-:|¦[^a]¦[^a]: ¦[^b]¦[^F-1]¦\¦
&amp;¦&lt;¦⏎¦⏎⏎¦⏎⏎⏎¦é¦👩‍⚕️¦中¦$¦$x$¦$$⏎¦%¦text¦a b¦1¦%00¦carabin-lesson:x¦:¦!¦?¦«¦ »¦12 mg"""
MARKS = _MARKS.replace("\n", "").replace("⏎", "\n").split("¦")
SPACES = list("\t\x0b\x0c\x1c\x85\u00a0\u202f\u2028\u200b\ufeff\ufffd\u0301\ud7ff\U0001f600")
PIECES = [
    "::: choice {#q3}\n\nWhich?\n\n- [x] A\n  > Yes.\n- [ ] B [a](#q3)\n\n> [!HINT]\n> Think.\n\n:::\n\n",
    "::: fill {#q4}\n\nOne [[a|b]], two [[c|*d]], [[=3 ±1 mg]].\n\n- [[2: c]]\n  > No.\n\n:::\n\n",
    "## Title\n\nText[^a].\n\n[^a]: A note.\n\n",
    *(f"::: {name} {{#{name}}}\n" for name in (*features("questions"), *features("asides"))),
]
PLAIN = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=200)
LEAVES = st.lists(st.sampled_from([*MARKS, *SPACES, *PIECES]) | PLAIN.map(lambda text: text[:6]), max_size=20)
MIXED = st.recursive(
    LEAVES.map("".join),
    lambda inner: (
        inner.map(lambda text: "> " + text.replace("\n", "\n> ") + "\n\n")
        | inner.map(lambda text: "- " + text.replace("\n", "\n  ") + "\n")
        | inner.map(lambda text: f"::: details {{title=More}}\n\n{text}\n\n:::\n")
        | inner.map(lambda text: f"::: choice {{#q5}}\n\n{text}\n\n- [x] A\n- [ ] B\n\n:::\n")
        | inner.map(lambda text: f"::: fill {{#q6}}\n\n[[a]]\n\n{text}\n\n:::\n")
        | st.lists(inner, max_size=3).map("\n".join)
    ),
    max_leaves=6,
)
CORPUS = sorted({block.text.translate(SEEN) for case in ALL for block in case.of("lesson")})


@st.composite
def _spoiled(draw: st.DrawFn) -> str:
    """Draw a lesson of the literate cases with a few slips: lines lost, moved, doubled or indented, marks put in."""
    lines = draw(st.sampled_from(CORPUS)).removeprefix("---\ntitle: Lesson\nduration: 5 min\n---\n").split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines)))
        slip = draw(st.sampled_from(["lose", "move", "double", "indent", "quote", "join", *MARKS, *SPACES]))
        if slip == "lose":
            lines[at : at + 1] = [] if len(lines) > 1 else [""]
        elif slip == "move":
            lines.insert(min(to, len(lines) - 1), lines.pop(at))
        elif slip == "double":
            lines.insert(to, lines[at])
        elif slip in ("indent", "quote"):
            lines[at] = ("    " if slip == "indent" else "> ") + lines[at]
        elif slip == "join":
            lines += draw(st.sampled_from(CORPUS)).split("\n")
        else:
            column = draw(st.integers(0, len(lines[at])))
            lines[at : at + 1] = (lines[at][:column] + slip + lines[at][column:]).split("\n")
    return "\n".join(lines)


BODIES = PLAIN | MIXED | _spoiled()
_YAML = r"""
title: ¦id: ¦duration: ¦objectives: ¦was: ¦kind: ¦version: ¦variables: ¦x: ¦a : b¦5 min¦[¦]¦{¦}¦- ¦  ¦⏎¦:¦'¦"¦#¦&a ¦*a¦
!!python/x ¦|¦>¦? ¦---⏎¦...⏎¦%YAML 1.1⏎¦{{ rssi }}¦é¦@¦`¦<<: ¦~¦mastery: ¦80¦authors: ¦domains: """
YAML = st.lists(st.sampled_from([*_YAML.replace("\n", "").replace("⏎", "\n").split("¦"), *SPACES]), max_size=30).map(
    "".join
)
FIELDS = st.lists(st.sampled_from(["#", ".", "a", "=", '"', "'", " ", "b c", "1,5", "\u00a0", "é", "{", "{{ x }}"]))


@cache
def nowhere() -> Path:
    """Return an empty folder, which all examples share: nothing is written."""
    return Path(tempfile.mkdtemp(prefix="carabin-nothing-"))


def places_are_right(found: Iterable[Diagnostic], files: Mapping[str, str]) -> None:
    for one in found:
        lies_in(one.span, files, one)


def lies_in(span: Span, files: Mapping[str, str], what: object) -> None:
    """Assert that the lines of a span exist, and that its columns are at most one past the end of their line."""
    assert span.file in files, what
    lines = files[span.file].split("\n")
    assert 1 <= span.line <= len(lines), what
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1, what
    end_line, end_column = span.end()
    assert (end_line, end_column) > (span.line, span.column), what
    assert end_line <= len(lines), what
    assert end_column <= len(lines[end_line - 1]) + 2, what


def all_spans(course: Course) -> Iterable[Span]:
    for lesson in course.lessons:
        yield from (link.span for link in lesson.links)
        yield from (silence.span for silence in lesson.silences)
        yield from (include.span for include in lesson.includes)
        for question in lesson.questions:
            yield question.span
            yield from (part.span for part in question.parts)


@settings(max_examples=5 * MANY)
@given(BODIES)
@example("[!\n> text\n" * 3)
@example("> - [ ] [[" * 4)
def test_any_lesson_is_read_and_every_finding_has_its_place(body: str) -> None:
    text = FRONT + body
    files = {LESSON: text, "course.yml": COURSE, "course.lock": "", **INCLUDED}
    found = checked(lesson_alone(text, nowhere(), INCLUDED), advises=True)
    places_are_right(found.diagnostics, files)
    assert found.course is not None
    for span in all_spans(found.course):
        lies_in(span, files, span)
    for one in found.diagnostics:
        assert all(isinstance(value, str | int) for value in one.arguments.values())


def page_of(body: str) -> tuple[str, Checked]:
    """Return the page of a lesson, and what was found; questions that share an id, an error, have no page."""
    sources = lesson_alone(FRONT + body, nowhere(), INCLUDED)
    found = checked(sources)
    assert found.course is not None
    names = [question.id for lesson in found.course.lessons for question in lesson.questions]
    assume(len(names) == len(set(names)))
    return lesson_page(sources, found), found


@settings(max_examples=5 * MANY)
@given(BODIES)
def test_any_page_is_sound(body: str) -> None:
    """Balanced, nothing where HTML has none, nothing of the author's that runs, no mark of ours left over."""
    page, found = page_of(body)
    reader = read(body_of(page))
    assert reader.problems == []
    if not has_errors(found.diagnostics):
        assert reader.empty == []
        assert len(reader.ids) == len(set(reader.ids))
        assert set(reader.references) <= set(reader.ids)


@settings(max_examples=MANY)
@given(BODIES)
def test_the_same_bytes_twice(body: str) -> None:
    (page, found), (again, found_again) = page_of(body), page_of(body)
    assert page == again
    assert found.diagnostics == found_again.diagnostics
    assert (found.lock, found.worst_state) == (found_again.lock, found_again.worst_state)


@settings(max_examples=3 * MANY)
@given(PLAIN | MIXED | YAML.map(lambda text: f"---\n{text}\n---\ntext\n"))
def test_any_file_is_read_as_a_lesson(text: str) -> None:
    found = checked(lesson_alone(text, nowhere()))
    places_are_right(found.diagnostics, {LESSON: text, "course.yml": COURSE, "course.lock": ""})


@settings(max_examples=3 * MANY)
@given(PLAIN | YAML)
def test_any_settings_are_read(text: str) -> None:
    files = {"file.yml": text}
    places_are_right(read_yaml(text, "file.yml")[1], files)
    places_are_right(read_course(text, "file.yml")[1], files)
    places_are_right(read_module(text, "file.yml", "folder")[1], files)
    places_are_right(read_front_matter(text, "file.yml", 1)[1], files)
    places_are_right(read_framework(Source("file.yml", "file.yml", text))[1], files)


@given(PLAIN | FIELDS.map("".join))
def test_any_attributes_are_read(text: str) -> None:
    attributes, found = parse_attributes(text, Span("file", 3, 1))
    line = "{" + text.replace("\n", " ") + "}"
    places_are_right(found, {"file": f"\n\n{line}\n"})
    assert all(one.severity is Severity.ERROR for one in found)
    assert all(key and not key.startswith(("#", ".")) for key in attributes.values)

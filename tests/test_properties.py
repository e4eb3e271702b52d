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
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markup import read

from builder.attributes import parse_attributes
from builder.diagnostics import Diagnostic, Severity, Span, has_errors
from builder.frameworks import read_framework
from builder.load import Source
from builder.model import Course
from builder.seams import features
from builder.settings import read_course, read_front_matter, read_module, read_yaml

INCLUDED = {
    "_shared/part.md": "Part {{ nobody }} ~x~.\n\n::: choice {#q-part}\n\nWhich?\n\n- [x] A\n- [ ] B\n\n:::\n",
    "_shared/open.md": "::: details {title=Open}\n\n- [ ] text\n\n```\n",
}
DIRECTIVES = [f"::: {name} {{#{name}}}\n" for name in (*features("questions"), *features("asides"))]
MARKS = [
    *("# ", "## ", "### Title\n", "- ", "* ", "+ ", "1. ", "2) ", "> ", ">", "- [x] ", "- [ ] ", "- [] ", "- [x]"),
    *("> [!NOTE]\n> ", "> [!HINT]\n", "> [!EXPLANATION]\n> ", "[!ANSWER]", "> [!DEBRIEF]\n", "[!", "]\n> text\n"),
    *(
        ":::\n",
        "\n:::\n\n",
        "::::\n",
        ":::",
        "::: ",
        "::: nothing\n",
        '::: details {title="a \'b"}\n\n',
        "::: details\n",
    ),
    *("::: include {src=_shared/part.md}\n\n:::\n", "::: include {src=_shared/open.md prefix=p}\n\n:::\n"),
    *("::: include {src=lesson.md}\n:::\n", "::: choice {#q1 points=2}\n\n", "::: fill {#q2}\n\n", "::: choice\n"),
    *("[[a|b]]", "[[=3,5 ±0,1 mg]]", "[[a|*b]]", "[[=1..2]]", "[[", "]]", "[[2: a]]", "- [[a]]\n  > no\n", "\\|", "|"),
    *(
        "{{ rssi }}",
        "{{ nobody }}",
        "{{",
        "}}",
        "\\{{ x }}",
        "{",
        "}",
        "{#id}",
        "{.class}",
        "{lang=fr}",
        '{a="b',
        "{=}",
    ),
    *("[", "]", "](", ")", "![", "[a](b)", "[a](#id)", "[a]{lang=en}", "![a](media/x.svg)", "[a][b]", "[b]: c\n", "]("),
    *("[a](lesson.md#x)", "<https://x.example>", "[x](javascript:alert(1))", "[y](data:text/html,x)", "<a@b.example>"),
    *(
        "<br>",
        "<sub>",
        "</sub>",
        "<kbd>",
        "</KBD>",
        "<b>",
        "<!--",
        "-->",
        "<!-- carabin: allow A102 x -->\n",
        "<script>",
    ),
    *(
        "</main>",
        "</script>",
        "<!-- carabin: allow -->\n",
        "<![CDATA[",
        "<?x",
        '"onmouseover="x',
        "' onload='x",
        "<",
        ">",
    ),
    *(
        "```\n",
        "~~~\n",
        "```python\n",
        "`",
        "``",
        "~",
        "~~",
        "*",
        "**",
        "_",
        "***\n",
        "---\n",
        "===\n",
        "    ",
        "\t",
        "  ",
    ),
    *(
        "| a | b |\n| --- | --- |\n| c | d |\n",
        "| ",
        " |\n",
        "|:-:|",
        "[^a]",
        "[^a]: ",
        "[^b]",
        "[^F-1]",
        "\\",
        "&amp;",
        "&lt;",
    ),
    *(
        "\n",
        "\n\n",
        "\n\n\n",
        "\u00a0",
        "\u202f",
        "\ufeff",
        "\ufffd",
        "\u2028",
        "\x0b",
        "\x0c",
        "\x1c",
        "\x85",
        "\u200b",
    ),
    *(
        "é",
        "e\u0301",
        "👩‍⚕️",
        "中",
        "\U0001f600",
        "\ud7ff",
        "$",
        "$x$",
        "$$\n",
        "%",
        "text",
        "a b",
        "1",
        "%00",
        "carabin-lesson:x",
    ),
]
PLAIN = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=200)
MIXED = st.lists(st.sampled_from([*MARKS, *DIRECTIVES]) | PLAIN.map(lambda text: text[:6]), max_size=40).map("".join)
BODIES = PLAIN | MIXED
YAML = st.lists(
    st.sampled_from(
        [
            *("title: ", "id: ", "duration: ", "objectives: ", "was: ", "kind: ", "version: ", "variables: ", "x: "),
            *(
                "a : b",
                "5 min",
                "[",
                "]",
                "{",
                "}",
                "- ",
                "  ",
                "\n",
                ":",
                "'",
                '"',
                "#",
                "&a ",
                "*a",
                "!!python/x ",
                "|",
            ),
            *(
                ">",
                "? ",
                "---\n",
                "...\n",
                "%YAML 1.1\n",
                "\t",
                "\u00a0",
                "{{ rssi }}",
                "é",
                "\u2028",
                "@",
                "`",
                "<<: ",
                "~",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@cache
def nowhere() -> Path:
    """Return an empty folder, which all examples share: nothing is written."""
    return Path(tempfile.mkdtemp(prefix="carabin-nothing-"))


def places_are_right(found: Iterable[Diagnostic], files: Mapping[str, str]) -> None:
    """Every span lies in its file: the line exists, the column is at most one past its end."""
    for one in found:
        lies_in(one.span, files, one)


def lies_in(span: Span, files: Mapping[str, str], what: object) -> None:
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


@settings(max_examples=300)
@given(BODIES)
@example("[!\n> text\n" * 3)
@example("> - [ ] [[" * 4)
def test_any_lesson_is_read_and_every_finding_has_its_place(body: str) -> None:
    text = FRONT + body
    files = {LESSON: text, "course.yml": COURSE, "course.lock": "", **INCLUDED}
    found = checked(lesson_alone(text, nowhere(), INCLUDED))
    places_are_right(found.diagnostics, files)
    assert found.course is not None
    for span in all_spans(found.course):
        lies_in(span, files, span)
    for one in found.diagnostics:
        assert all(isinstance(value, str | int) for value in one.arguments.values())


@settings(max_examples=300)
@given(BODIES)
def test_any_page_is_sound(body: str) -> None:
    """Balanced, nothing where HTML has none, nothing of the author's that runs, no mark of ours left over."""
    sources = lesson_alone(FRONT + body, nowhere(), INCLUDED)
    found = checked(sources)
    reader = read(body_of(lesson_page(sources, found)))
    assert reader.problems == []
    if not has_errors(found.diagnostics):
        assert len(reader.ids) == len(set(reader.ids))
        assert set(reader.references) - {""} <= set(reader.ids)


@settings(max_examples=60)
@given(BODIES)
def test_the_same_bytes_twice(body: str) -> None:
    pages = []
    for _ in range(2):
        sources = lesson_alone(FRONT + body, nowhere(), INCLUDED)
        found = checked(sources)
        pages.append((lesson_page(sources, found), found.diagnostics, found.lock, found.worst_state))
    assert pages[0] == pages[1]


@settings(max_examples=200)
@given(PLAIN | MIXED | YAML.map(lambda text: f"---\n{text}\n---\ntext\n"))
def test_any_file_is_read_as_a_lesson(text: str) -> None:
    found = checked(lesson_alone(text, nowhere()))
    places_are_right(found.diagnostics, {LESSON: text, "course.yml": COURSE, "course.lock": ""})


@settings(max_examples=200)
@given(PLAIN | YAML)
def test_any_settings_are_read(text: str) -> None:
    files = {"file.yml": text}
    places_are_right(read_yaml(text, "file.yml")[1], files)
    places_are_right(read_course(text, "file.yml")[1], files)
    places_are_right(read_module(text, "file.yml", "folder")[1], files)
    places_are_right(read_front_matter(text, "file.yml", 1)[1], files)
    places_are_right(read_framework(Source("file.yml", "file.yml", text))[1], files)


@given(
    PLAIN
    | st.lists(st.sampled_from(["#", ".", "a", "=", '"', "'", " ", "b c", "1,5", "\u00a0", "é", "{"])).map("".join)
)
def test_any_attributes_are_read(text: str) -> None:
    attributes, found = parse_attributes(text, Span("file", 3, 1))
    line = "{" + text.replace("\n", " ") + "}"
    places_are_right((one for one in found), {"file": f"\n\n{line}\n"})
    assert all(one.severity is Severity.ERROR for one in found)
    assert all(key and not key.startswith(("#", ".")) for key in attributes.values)

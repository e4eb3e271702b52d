"""Edits of `check --fix`: what they write, what they leave alone. `tests/test_cli.py` runs them on real courses."""

from __future__ import annotations

import pytest

from builder.diagnostics import Diagnostic, Span, error, warning
from builder.fix import Edit, apply, diff, edits, lesson_id


def fixed(text: str, *found: Diagnostic, ids: tuple[str, ...] = ()) -> str:
    changes = edits(found, lambda file: text.split("\n"), ids)
    return apply(text.encode(), changes).decode()


def at(line: int, code: str = "S131") -> Diagnostic:
    return warning(code, Span("a.md", line))


def unnamed(line: int, suggestion: str = "q-why") -> Diagnostic:
    return warning("Q101", Span("a.md", line), name="choice", suggestion=suggestion)


@pytest.mark.parametrize(
    ("opening", "mended"),
    [
        ("::: choice", "::: choice {#q-why}"),
        ("::: choice {points=2}", "::: choice {#q-why points=2}"),
        ("::: choice{ points=2 }", "::: choice{#q-why points=2 }"),
        ("::: choice {}", "::: choice {#q-why}"),
        (":::: choice", ":::: choice {#q-why}"),
        (":::\u00a0choice\u00a0", ":::\u00a0choice {#q-why}\u00a0"),
        ("  ::: choice", "  ::: choice {#q-why}"),
        ("> ::: choice", "> ::: choice {#q-why}"),
        ("- ::: choice", "- ::: choice {#q-why}"),
        ("Only text", "Only text"),
    ],
)
def test_a_missing_id_is_written_on_the_opening_line(opening: str, mended: str) -> None:
    assert fixed(f"{opening}\n\nWhy?\n\n- [x] yes\n:::\n", unnamed(1)).split("\n")[0] == mended


def test_ids_are_unique_in_the_course_and_in_the_run() -> None:
    text = "::: choice\nWhy?\n:::\n::: choice\nWhy?\n:::\n"
    mended = fixed(text, unnamed(4), unnamed(1), ids=("q-why",))
    assert mended == "::: choice {#q-why-2}\nWhy?\n:::\n::: choice {#q-why-3}\nWhy?\n:::\n"


def test_what_is_found_twice_is_mended_once() -> None:
    assert fixed("::: choice\n", unnamed(1), unnamed(1, "q-other")) == "::: choice {#q-other}\n"


@pytest.mark.parametrize(
    ("front", "mended"),
    [
        ("title: Doors\nduration: 5 min", "title: Doors\nid: doors\nduration: 5 min"),
        ("title: Doors", "title: Doors\nid: doors"),
        ("duration: 5 min\ntitle: >-\n  Two\n  lines", "duration: 5 min\ntitle: >-\n  Two\n  lines\nid: doors"),
        ("duration: 5 min", "id: doors\nduration: 5 min"),
    ],
)
def test_a_lesson_id_goes_below_the_title(front: str, mended: str) -> None:
    text = f"---\n{front}\n---\n\n# Words\n"
    edit = lesson_id("a.md", text.split("\n"), "doors")
    assert edit is not None
    assert apply(text.encode(), [edit]).decode() == f"---\n{mended}\n---\n\n# Words\n"


@pytest.mark.parametrize(
    ("text", "line", "mended"),
    [
        ("::: choice {#new}\n", 1, "::: choice {#new was=old}\n"),
        ("> ::: choice {points=2 #new tries=2}\n", 1, "> ::: choice {points=2 #new was=old tries=2}\n"),
        ("::: choice {#new was=older}\n", 1, "::: choice {#new was=older}\n"),
        (
            "---\ntitle: T\nid: new\nduration: 5 min\n---\n",
            2,
            "---\ntitle: T\nid: new\nwas: [old]\nduration: 5 min\n---\n",
        ),
        ("---\ntitle: T\n---\n", 2, "---\nwas: [old]\ntitle: T\n---\n"),
        ("---\nid: new\nwas: older\n---\n", 2, "---\nid: new\nwas: older\n---\n"),
    ],
)
def test_a_rename_is_written_where_the_id_stands(text: str, line: int, mended: str) -> None:
    """An id that remembers older ones is left to the author: an edit there could drop one of them."""
    assert fixed(text, warning("S211", Span("a.md", line), id="new", old="old", slot=3)) == mended


def test_a_lesson_without_front_matter_gets_no_id() -> None:
    assert lesson_id("a.md", ["Words"], "doors") is None


@pytest.mark.parametrize(
    ("text", "found", "mended"),
    [
        ("::: tip\nWords\n", at(1, "S131"), "::: tip\n\nWords\n"),
        ("Words\n:::\n", at(2, "S132"), "Words\n\n:::\n"),
        ("> ::: tip\n> Words\n", at(1, "S131"), "> ::: tip\n>\n> Words\n"),
        ("> Words\n> :::\n", at(2, "S132"), "> Words\n>\n> :::\n"),
        ("- ::: tip\n  Words\n", at(1, "S131"), "- ::: tip\n\n  Words\n"),
        ("- > ::: tip\n  > Words\n", at(1, "S131"), "- > ::: tip\n  >\n  > Words\n"),
        ("Words\n:::", at(2, "S132"), "Words\n\n:::"),
    ],
)
def test_fences_get_their_blank_lines_inside_quotes_and_lists_too(text: str, found: Diagnostic, mended: str) -> None:
    assert fixed(text, found) == mended


def test_several_edits_of_one_line_do_not_disturb_each_other() -> None:
    mended = fixed("::: choice\nWhy?\n:::\n", at(3, "S132"), at(1, "S131"), unnamed(1))
    assert mended == "::: choice {#q-why}\n\nWhy?\n\n:::\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark_stay(end: bytes, mark: bytes) -> None:
    content = mark + end.join([b"::: choice", "Été ?".encode(), b":::"])
    changes = edits([unnamed(1), at(1)], lambda file: ["::: choice", "Été ?", ":::"], ())
    assert apply(content, changes) == mark + end.join([b"::: choice {#q-why}", b"", "Été ?".encode(), b":::"])


def test_other_separators_are_not_line_ends() -> None:
    text = "a\x0bb\u2028c\x85d\n::: tip\n"
    assert apply(text.encode(), [Edit("a.md", 2, 1, "", "\n")]).decode() == "a\x0bb\u2028c\x85d\n\n::: tip\n"


def test_an_edit_that_does_not_fit_its_file_is_refused() -> None:
    with pytest.raises(AssertionError):
        apply(b"other\n", [Edit("a.md", 1, 1, "{", "{#q ")])


def test_a_diff_names_the_file_and_shows_the_lines() -> None:
    before, after = b"\xef\xbb\xbfone\r\ntwo\r\n", b"\xef\xbb\xbfone\r\n\r\ntwo\r\n"
    assert diff("m/a.md", before, after) == "--- m/a.md\n+++ m/a.md\n@@ -1,2 +1,3 @@\n one\n+\n two\n"


def test_findings_without_a_remedy_bring_no_edit() -> None:
    assert edits([at(1, "Q102")], lambda file: ["x"], ()) == ()


@pytest.mark.parametrize(
    ("text", "first", "lines", "indent", "mended"),
    [
        ("Text.\n\n    one\n\n      two\n\nText.\n", 3, 3, 0, "Text.\n\n```\none\n\n  two\n```\n\nText.\n"),
        ("- item\n\n      code", 3, 1, 2, "- item\n\n  ```\n  code\n  ```"),
        ("    a ``` b\n", 1, 1, 0, "````\na ``` b\n````\n"),
        ("\tcode\n", 1, 1, 0, "\tcode\n"),
        (">     code\n", 1, 1, 2, ">     code\n"),
    ],
)
def test_indented_code_is_fenced(text: str, first: int, lines: int, indent: int, mended: str) -> None:
    assert fixed(text, warning("S140", Span("a.md", first), lines=lines, indent=indent)) == mended


def test_a_bar_inside_a_gap_of_a_table_gets_its_backslash() -> None:
    """Language, "Gaps": a bare pipe in a cell is an error that `--fix` mends."""
    found = [error("Q309", Span("a.md", 3, column, 3, column + 1)) for column in (6, 8)]
    assert fixed("| a |\n| --- |\n| [[x|y|z]] |\n", *found) == "| a |\n| --- |\n| [[x\\|y\\|z]] |\n"

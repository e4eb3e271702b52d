"""Edits of `check --fix`: what they write, what they leave alone. `tests/test_cli.py` runs them on real courses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from compiled import COURSE, FRONT, checked
from hypothesis import given
from hypothesis import strategies as st
from test_cases import ALL, SEEN, Case, files_of, name_of

from builder.body import Chunk, Insert
from builder.cli import carabin
from builder.diagnostics import Diagnostic, Span, error, has_errors, note, warning
from builder.fix import MENDERS, Edit, apply, diff, edits, lesson_id
from builder.load import find_courses, load
from builder.pipeline import UNNAMED, Checked
from builder.questions import Pieces


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


@pytest.mark.parametrize(
    ("text", "column", "mended"),
    [
        ("::: details {title=« Pourquoi ? »}", 14, '::: details {title="Pourquoi ?"}'),
        ("::: details {title=“Why?” x}", 14, '::: details {title="Why?" x}'),
        ("- [x] Rails {#a at=„1 2 3 4“}", 17, '- [x] Rails {#a at="1 2 3 4"}'),
        ("::: choice {points:2}", 13, "::: choice {points:2}"),
        ("::: details {title=“Why?}", 14, "::: details {title=“Why?}"),
    ],
)
def test_quotes_of_a_word_processor_become_straight(text: str, column: int, mended: str) -> None:
    assert fixed(text, error("S141", Span("a.md", 1, column), text="")) == mended


def test_a_message_gets_its_id() -> None:
    found = error("Q772", Span("a.md", 1), suggestion="m2")
    assert fixed("::: message {from=a@b.example}", found) == "::: message {#m2 from=a@b.example}"


def test_a_bar_inside_a_gap_of_a_table_gets_its_backslash() -> None:
    """Language, "Gaps": a bare pipe in a cell is an error that `--fix` mends."""
    found = [error("Q309", Span("a.md", 3, column, 3, column + 1)) for column in (6, 8)]
    assert fixed("| a |\n| --- |\n| [[x|y|z]] |\n", *found) == "| a |\n| --- |\n| [[x\\|y\\|z]] |\n"


@pytest.mark.parametrize(
    ("text", "line", "lines", "indent", "follows", "mended"),
    [
        ("- [ ] A\n> Why.\n", 2, 1, 2, 0, "- [ ] A\n  > Why.\n"),
        ("- [ ] A\n\n> Why.\n> More.\n", 3, 2, 2, 0, "- [ ] A\n\n  > Why.\n  > More.\n"),
        ("10. A\n> Why.\nlazy\n", 2, 2, 4, 0, "10. A\n    > Why.\n    lazy\n"),
        ("- [ ] A\n        > Why.\n", 2, 1, 2, 0, "- [ ] A\n  > Why.\n"),
        ("- [ ] A\n\u00a0> Why.\n", 2, 1, 2, 0, "- [ ] A\n  > Why.\n"),
        ("- [ ] A\n\t\t> Why.\n", 2, 1, 2, 0, "- [ ] A\n  > Why.\n"),
        ("- [ ] A\n  > One.\n> Two.\n", 3, 1, 2, 1, "- [ ] A\n  > One.\n  >\n  > Two.\n"),
        ("- [ ] A\r\n> Why.\r\n", 2, 1, 2, 0, "- [ ] A\r\n  > Why.\r\n"),
        ("- [ ] A\n  > [!HINT]\n  > Think.\n> Why.\n", 4, 1, 2, 1, "- [ ] A\n  > [!HINT]\n  > Think.\n> Why.\n"),
    ],
)
def test_feedback_goes_below_the_words_of_its_answer(
    text: str, line: int, lines: int, indent: int, follows: int, mended: str
) -> None:
    """Language, "Questions": a quote after an answer is its feedback, whatever its indentation; `--fix` re-indents."""
    found = note("S180", Span("a.md", line), lines=lines, indent=indent, follows=follows)
    assert fixed(text, found) == mended


# --- on whole courses ------------------------------------------------------------------------------------------------


def check_fix() -> None:
    result = CliRunner().invoke(carabin, ["check", ".", "--fix", "--lang", "en"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def everything() -> list[Checked]:
    return [checked(load(root)) for root in find_courses([Path()])[0]]


def pieces(chunks: tuple[Chunk, ...]) -> Iterator[Pieces]:
    for chunk in chunks:
        if isinstance(chunk, Pieces):
            yield chunk
        elif isinstance(chunk, Insert):
            yield from pieces(chunk.chunks)


def model(found: list[Checked]) -> list[Any]:
    """Return all questions as values without places, and without what `--fix` may write: ids and `was`."""
    return [
        value
        for one in found
        for lesson in one.lessons
        for value in (
            *(bare(asdict(question)) for question in lesson.questions),
            *(bare(asdict(piece)) for piece in pieces(one.bodies[lesson.id].chunks if lesson.id in one.bodies else ())),
        )
    ]


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: bare(one) for key, one in value.items() if key not in ("span", "id", "is_named", "was")}
    return [bare(one) for one in value] if isinstance(value, (list, tuple)) else value


def is_mended(found: list[Checked]) -> bool:
    return any(diagnostic.code in MENDERS for one in found for diagnostic in one.diagnostics)


def contents() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def is_sound(found: list[Checked]) -> bool:
    """Return whether nothing is wrong but ids that are missing: other errors hide questions, or parts of them."""
    return not has_errors(one for each in found for one in each.diagnostics if one.code != UNNAMED)


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_mending_never_changes_what_is_asked(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All cases are a corpus: what `--fix` does to them leaves every question as it was, and is done after one run."""
    monkeypatch.chdir(tmp_path)
    for name, text in files_of(case).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.translate(SEEN).encode())
    before = everything()
    if not is_mended(before):
        return
    check_fix()
    after = everything()
    if is_sound(before):
        assert model(after) == model(before)
    once = contents()
    check_fix()
    assert contents() == once


ANSWERS = {
    "choice": ("- [x] A", "- [ ] B", "- [ ] C"),
    "classify": ("- One\n  - A", "  - B", "- Two\n  - C"),
    "order": ("1. A", "2. B", "10. C"),
    "match": ("- A\n  - a", "- B\n  - b", "- C\n  - c"),
    "fill": ("Type [[a]].\n\n- [[b]]", "- [[c]]", "- [[d]]"),
}
indents = st.sampled_from(["", " ", "  ", "   ", "    ", "      ", "          ", "\u00a0 "])

words = st.sampled_from(["Why.", "Why.\n> More.", "Why.\n>\n> - a\n> - b", "Why.\nlazy"])


@given(
    st.sampled_from(sorted(ANSWERS)),
    st.lists(st.tuples(st.booleans(), indents, words, st.none() | indents), min_size=3, max_size=3),
    st.sampled_from(["", "> [!HINT]\n> Think.\n\n"]),
)
def test_feedback_of_any_indentation_is_mended_without_a_change_of_what_is_asked(
    tmp_path_factory: pytest.TempPathFactory, kind: str, quotes: list[tuple[bool, str, str, str | None]], hint: str
) -> None:
    folder = tmp_path_factory.mktemp("course")
    text = FRONT + f"::: {kind} {{#q1}}\n\nWhich?\n\n"
    for answer, (is_apart, indent, feedback, second) in zip(ANSWERS[kind], quotes, strict=True):
        blank = "\n" if is_apart else ""
        text += f"{answer}\n{blank}" + "".join(f"{indent}{line}\n" for line in f"> {feedback}".split("\n"))
        text += (f"{second}> Second.\n" if second is not None else "") + blank
    text += f"\n{hint}:::\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("course.yml").write_text(COURSE, "utf-8")
        Path("a.md").write_text(text, "utf-8")
        before = everything()
        check_fix()
        after = everything()
        if kind != "classify" or is_sound(before):  # an item below a quote at the margin is a category, and empty
            assert model(after) == model(before)
        assert not [one for found in after for one in found.diagnostics if one.code == "S180"]

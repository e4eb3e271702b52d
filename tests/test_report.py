"""Reports: the shape of style §5, and the contracts for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from builder.diagnostics import Diagnostic, Span, error, note, warning
from builder.report import as_github, as_json, as_sarif, as_text, locate, summary

CASE = "T204"
"""Any code with two arguments, so that the tests need no words of their own."""


def finding(line: int, column: int, end_column: int = 0, file: str = "fire/doors.md", name: str = "a") -> Diagnostic:
    span = Span(file, line, column, line if end_column else 0, end_column)
    return error(CASE, span, name=name, other="B.svg")


def report(source: str, *found: Diagnostic, colour: bool = False, language: str = "en") -> str:
    return as_text(locate(found, lambda file: source.split("\n")), language, colour)


def pointed(source: str, column: int, end_column: int = 0) -> tuple[str, str]:
    """Return the source line and the caret's line as shown, without the margin."""
    rows = report(source, finding(1, column, end_column)).split("\n")
    assert rows[1] == "  |"
    return rows[2].removeprefix("1 | "), rows[3].removeprefix("  | ")


def test_text_reads_as_the_style_page_shows() -> None:
    text = report("\n" * 13 + "- [x] one", finding(14, 3, 6, name="A.svg"))
    assert text == (
        'fire/doors.md:14:3: error[T204]: "A.svg" and "B.svg" are one file on a server that ignores case\n'
        "   |\n"
        "14 | - [x] one\n"
        "   |   ^^^\n"
        "   = hint: rename one of the two\n"
        "   = more: carabin explain T204\n"
        "\n"
    )


def test_words_are_french_and_the_first_line_keeps_its_shape() -> None:
    text = report("x", finding(1, 1, name="A.svg"), language="fr")
    assert text.startswith("fire/doors.md:1:1: error[T204]: « A.svg » et « B.svg » sont un seul fichier")
    assert "  = conseil : renommer l’un des deux\n" in text


def test_findings_stand_in_order_of_place_each_once() -> None:
    text = report("a\nb", finding(2, 1), finding(1, 1), finding(2, 1))
    assert [line for line in text.split("\n") if "error[" in line] == [
        'fire/doors.md:1:1: error[T204]: "a" and "B.svg" are one file on a server that ignores case',
        'fire/doors.md:2:1: error[T204]: "a" and "B.svg" are one file on a server that ignores case',
    ]


@pytest.mark.parametrize(
    ("source", "column", "end_column", "shown", "caret"),
    [
        ("- [x] ", 3, 6, "- [x]", "  ^^^"),
        ("a\tb", 3, 4, "a   b", "    ^"),
        ("\t\tb", 3, 4, "        b", "        ^"),
        ("a\tb", 2, 3, "a   b", " ^^^"),
        ("漢字 ok", 4, 6, "漢字 ok", "     ^^"),
        ("漢字", 2, 3, "漢字", "  ^^"),
        ("e\u0301t\u00e9 x", 6, 7, "e\u0301t\u00e9 x", "    ^"),
        ("short", 3, 99, "short", "  ^^^"),
        ("short", 6, 6, "short", "     ^"),
        ("short", 40, 41, "short", "     ^"),
        ("a\u0007b\u202ec", 3, 4, "a\ufffdb\ufffdc", "  ^"),
    ],
)
def test_caret_stands_under_the_characters_meant(
    source: str, column: int, end_column: int, shown: str, caret: str
) -> None:
    assert pointed(source, column, end_column) == (shown, caret)


def test_a_stretch_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    found = error(CASE, Span("x.md", 1, 3, 3, 2), name="a", other="b")
    assert "1 | ::: choice\n  |   ^^^^^^^^\n" in report("::: choice\n\n:::", found)


@pytest.mark.parametrize("column", [1, 2, 30, 99, 100, 101, 250, 498, 499, 500])
@pytest.mark.parametrize("letter", ["x", "漢"])
def test_a_long_line_is_cut_around_the_caret(column: int, letter: str) -> None:
    source = letter * (column - 1) + "!" + letter * (500 - column)
    shown, caret = pointed(source, column, column + 1)
    widths = [2 if character == "漢" else 1 for character in shown]
    assert sum(widths) <= 100
    assert sum(widths[: shown.index("!")]) == len(caret) - 1
    assert caret.strip() == "^"
    assert shown.startswith("…") == (shown[:1] != source[:1])


def test_a_caret_never_leaves_a_cut_line() -> None:
    shown, caret = pointed("x" * 500, 2, 480)
    assert len(caret) <= len(shown) <= 100


@pytest.mark.parametrize("lines", [None, (), ("",)])
def test_a_finding_without_source_line_has_no_caret(lines: Sequence[str] | None) -> None:
    text = as_text(locate([finding(1, 1)], lambda file: lines), "en", False)
    assert text.split("\n")[1].startswith("  = hint:")


def test_what_an_author_typed_does_not_steer_the_terminal() -> None:
    text = report("x\x1b[2Jy", finding(1, 1, name="\x1b]0;owned\x07", file="a\x1b[31m.md"))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_file_name_that_is_not_utf_8_reaches_every_reader() -> None:
    found = locate([finding(1, 1, file="a\udce9.md")], lambda file: None)
    assert "a\ufffd.md:1:1: error" in as_text(found, "en", False)
    assert json.loads(as_json(found, "en").encode("ascii"))["diagnostics"][0]["file"] == "a\udce9.md"
    assert '"uri": "a%E9.md"' in as_sarif(found, "en").encode().decode()
    assert "file=a\ufffd.md" in as_github(found, "en").encode().decode()


def test_braces_of_an_author_are_text() -> None:
    assert '"{other}" and' in report("x", finding(1, 1, name="{other}"))


def test_colours_only_when_asked() -> None:
    assert "\x1b[" not in report("x", finding(1, 1))
    assert "\x1b[31m" in report("x", finding(1, 1), colour=True)


@pytest.mark.parametrize(
    ("counts", "language", "words"),
    [
        ((0, 0, 0), "en", "nothing to report"),
        ((1, 0, 0), "en", "1 error"),
        ((2, 1, 0), "en", "2 errors, 1 warning"),
        ((0, 2, 3), "en", "2 warnings, 3 notes"),
        ((0, 0, 0), "fr", "rien à signaler"),
        ((1, 2, 1), "fr", "1 erreur, 2 avertissements, 1 remarque"),
    ],
)
def test_summary_counts_each_severity(counts: tuple[int, int, int], language: str, words: str) -> None:
    makers = (error, warning, note)
    found = [
        make(CASE, Span("a.md", n + 1), name="a", other="b")
        for make, count in zip(makers, counts, strict=True)
        for n in range(count)
    ]
    assert summary(found, language) == words


def test_json_schema_1() -> None:
    """Product, "Machine-readable output": `check --format json`."""
    found = warning(CASE, Span("é/a.md", 3, 2, 3, 9), name="A", other="a")
    assert json.loads(as_json(locate([found], lambda file: None), "en")) == {
        "schema": 1,
        "diagnostics": [
            {
                "file": "é/a.md",
                "line": 3,
                "column": 2,
                "end_line": 3,
                "end_column": 9,
                "code": "T204",
                "severity": "warning",
                "message": '"A" and "a" are one file on a server that ignores case',
                "arguments": {"name": "A", "other": "a"},
                "hint": "rename one of the two",
            }
        ],
    }


def test_json_differs_between_languages_in_words_only() -> None:
    found = locate([finding(1, 1)], lambda file: None)
    english, french = (json.loads(as_json(found, language))["diagnostics"][0] for language in ("en", "fr"))
    assert {key for key in english if english[key] != french[key]} == {"message", "hint"}


def test_sarif() -> None:
    """SARIF 2.1.0 §3.27 (result), §3.49 (reportingDescriptor)."""
    found = [finding(2, 3, 6, file="mod 1/é#.md"), note(CASE, Span("b.md"), name="a", other="b")]
    log = json.loads(as_sarif(locate(found, lambda file: None), "en"))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["T204"]
    first, second = run["results"]
    assert (first["level"], first["ruleId"], first["ruleIndex"]) == ("note", "T204", 0)
    assert second["level"] == "error"
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "mod%201/%C3%A9%23.md"},
        "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 6},
    }


def test_github_annotations_are_one_line_each_and_escaped() -> None:
    """GitHub, "Workflow commands": `%`, CR and LF are escaped everywhere, `:` and `,` in properties too."""
    found = [
        finding(2, 3, 6, file="a,b:c.md", name="100 %"),
        warning(CASE, Span("b.md", 1, 1, 3, 4), name="a", other="b"),
        note(CASE, Span("c.md"), name="a", other="b"),
    ]
    lines = as_github(locate(found, lambda file: None), "en").splitlines()
    assert [line.split("::")[1] for line in lines] == [
        "error file=a%2Cb%3Ac.md,line=2,endLine=2,col=3,endColumn=6,title=T204",
        "warning file=b.md,line=1,endLine=3,title=T204",
        "notice file=c.md,line=1,endLine=1,col=1,endColumn=2,title=T204",
    ]
    assert lines[0].endswith('"100 %25" and "B.svg" are one file on a server that ignores case%0Arename one of the two')

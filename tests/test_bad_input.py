"""Bad input: a finding with its place and a hint, or it works; within seconds, whatever it is (product, "The source").

Slips that fit on a few lines are literate cases; here is what is too big, too deep or too strange for them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from compiled import COURSE, FRONT, checked, lesson_alone, lesson_page

from builder.diagnostics import Diagnostics
from builder.lint.links import svg_harm
from builder.load import Source, load
from builder.report import hint_of, message_of
from builder.settings import read_course, read_yaml
from builder.silences import of_yaml
from builder.typography import typeset

SECONDS = 10
"""What any of these may take of a slow processor; of a good one, a second or two."""

MANY, SOME = 10_000, 2_000
LIST = "".join(f"- [{'x' if number == 0 else ' '}] answer {number}\n" for number in range(SOME))
CHOICE = "::: choice {#q%d}\n\nWhich?\n\n- [x] A\n- [ ] B\n\n:::\n\n"
BOMBS = {
    "quotes": "> " * MANY + "x",
    "quotes, line by line": "\n".join("> " * depth + "x" for depth in range(300)),
    "lazy quotes": "> " * 90 + "x\n" * 2000,
    "lists": "- " * MANY + "x",
    "lists, line by line": "\n".join("  " * depth + "- x" for depth in range(1000)),
    "numbered lists": "1. " * SOME + "x",
    "quotes and lists": "> - " * SOME + "x",
    "far quotes": ("- x\n" + " " * 40 + "> y\n") * 2000,
    "opening brackets": "[" * MANY,
    "brackets": "[" * MANY + "]" * MANY,
    "gaps": "[[" * MANY,
    "images": "![" * SOME,
    "images in images": "![" * 2000 + "](x)" * 2000,
    "links": "[a](" * SOME,
    "links in links": "[" * 2000 + "](x)" * 2000,
    "footnote calls": "[^" * SOME,
    "braces": "{" * SOME,
    "variables": "{{ " * SOME,
    "attributes": '{a="' * SOME,
    "words with attributes": "[x]{" * SOME,
    "attributes of words": "[x]{" + 'a="b" ' * SOME + "}",
    "stars": "*" * SOME + "x",
    "emphasis": "*a " * SOME,
    "emphasis both ways": "*a **b " * SOME,
    "underscores": "_a" * SOME,
    "tildes": "~a" * SOME,
    "double tildes": "~~a" * SOME,
    "backticks": "".join("`" * (number % 80 + 1) + "a" for number in range(2000)),
    "backslashes": "\\" * SOME,
    "entities": "&" * SOME,
    "less-than signs": "<" * SOME,
    "tags": "<sub>" * SOME,
    "open tags": "<a b='" * SOME,
    "comments": "<!-- " * SOME,
    "comments, line by line": "<!--\n\n" * SOME,
    "autolinks": "<https://a.b>" * SOME,
    "dollars": "$a" * SOME,
    "double dollars": "$$\n" * SOME,
    "directives": "::: details {title=x}\n" * MANY,
    "directives and ends": "::: details {title=x}\n" * SOME + ":::\n" * SOME,
    "ends of directives": ":::\n\n" * SOME,
    "questions in questions": "::: choice {#q}\n" * SOME,
    "fences": "```\n" * (SOME + 1),
    "columns": "|" * SOME + "\n" + "|-" * SOME + "|\n" + "|" * SOME,
    "rows": "| a | b |\n| --- | --- |\n" + "| a | b |\n" * SOME,
    "headings": "## Title\n\n" * MANY,
    "references": "[a]: b\n" * SOME,
    "definitions of footnotes": "[^a]: b\n" * SOME,
    "a chain of footnotes": "[^0]\n\n" + "".join(f"[^{n}]: a[^{n + 1}]\n\n" for n in range(2000)),
    "calls of one footnote": "[^a]" * SOME + "\n\n[^a]: b",
    "alerts": "> [!NOTE]\n> x\n" * SOME,
    "alerts in alerts": "\n".join("> " * depth + "[!NOTE]" for depth in range(1, 90)),
    "answers": "::: choice {#q}\n\nWhich?\n\n" + LIST + "\n:::\n",
    "gaps in a question": "::: fill {#q}\n\n" + "[[a]] " * SOME + "\n\n:::\n",
    "options": "::: fill {#q}\n\n[[*a|" + "b|" * SOME + "c]]\n\n:::\n",
    "bars and backslashes": "::: fill {#q}\n\n[[" + "\\|" * SOME + "]]\n\n:::\n",
    "digits": "::: fill {#q}\n\n[[=" + "1 000" * SOME + "]]\n\n:::\n",
    "broken links": "".join(f"[a](#x{number})\n\n## Title y{number}\n\n" for number in range(SOME)),
    "one question after the other": "".join(CHOICE % number for number in range(200)),
    "a line of a million characters": "x" * 1_000_000,
    "a line of a million marks": "*[" * 500_000,
    "no-break spaces": "\u00a0" * SOME + "- \u00a0" * SOME,
    "tabs": "\t" * SOME + "x\n\t" * 100,
    "combining marks": "e" + "\u0301" * SOME,
    "blank lines": "\n" * 200_000,
    "a megabyte of prose": "Some words of *prose* with a [link](#title) in them.\n\n## Title\n\n" * 2_000,
    "silences": "<!-- carabin: allow S155 x -->\n" * SOME,
    "acronyms": " ".join(f"Q{''.join(chr(65 + number // 26**n % 26) for n in range(3))} x" for number in range(MANY)),
    "capitals": "AB CD EF x " * 9_000,
    "includes": "::: include {src=x.md}\n:::\n" * SOME,
}


@contextmanager
def in_time() -> Iterator[None]:
    """Counts the processor's time: what else runs on the machine says nothing of the code."""
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def are_helpful(found: Diagnostics) -> None:
    """Every finding says what is wrong and what to do, in both languages."""
    for one in found:
        assert one.span.line >= 1
        assert one.span.column >= 1
        for language in ("en", "fr"):
            assert message_of(one, language)
            assert hint_of(one, language)


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_do_not_go_off(name: str, tmp_path: Path) -> None:
    sources = lesson_alone(FRONT + BOMBS[name] + "\n", tmp_path)
    with in_time():
        found = checked(sources, advises=True)
        lesson_page(sources, found)
    are_helpful(found.diagnostics[:100])


def test_a_line_of_a_million_characters_is_an_error(tmp_path: Path) -> None:
    found = checked(lesson_alone(FRONT + "Text.\n\n" + "x" * 1_000_000 + "\n", tmp_path)).diagnostics
    assert [(one.code, one.span.line) for one in found if one.code == "S123"] == [("S123", 7)]


def test_blocks_that_nest_too_deeply_are_an_error(tmp_path: Path) -> None:
    found = checked(lesson_alone(FRONT + BOMBS["lists"] + "\n", tmp_path)).diagnostics
    assert "S138" in {one.code for one in found}


def test_includes_nest_sixteen_deep(tmp_path: Path) -> None:
    parts = {f"_shared/{n}.md": f"::: include {{src={n + 1}.md}}\n\n:::\n" for n in range(17)}
    good = {**parts, "_shared/15.md": "The end.\n"}
    text = FRONT + "::: include {src=_shared/0.md}\n\n:::\n"
    assert "S126" not in {one.code for one in checked(lesson_alone(text, tmp_path, good)).diagnostics}
    found = [one for one in checked(lesson_alone(text, tmp_path, parts)).diagnostics if one.code == "S126"]
    assert [(one.span.file, one.span.line) for one in found] == [("_shared/15.md", 1)]


def test_includes_that_multiply_end(tmp_path: Path) -> None:
    """Each file includes the next one twice: two to the power of sixteen."""
    twice = "::: include {{src={0}.md prefix=a}}\n:::\n::: include {{src={0}.md prefix=b}}\n:::\n"
    parts = {f"_shared/{n}.md": twice.format(n + 1) for n in range(15)}
    parts["_shared/15.md"] = "Text that takes its time.\n" * 10
    with in_time():
        found = checked(lesson_alone(FRONT + "::: include {src=_shared/0.md}\n\n:::\n", tmp_path, parts)).diagnostics
    assert "S167" in {one.code for one in found}


# --- settings --------------------------------------------------------------------------------------------------------

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]\n" for old, new in pairwise("abcdefghi")
)
SETTINGS = {
    "aliases": (ALIASES, "S012"),
    "aliases of themselves": ("a: &a [*a]\n", "S012"),
    "brackets": ("a: " + "[" * 200_000, "S014"),
    "braces": ("a: " + "{x: " * 200_000, "S014"),
    "dashes": ("- " * 200_000 + "x", "S014"),
    "dashes and marks": ("? - " * 200_000 + "x", "S014"),
    "dashes on lines of their own": ("-\n" + "".join(" " * n + "-\n" for n in range(1, 1500)), "S014"),
    "keys": ("? " * 200_000 + "x", "S014"),
    "indentation": ("".join(" " * n + "a:\n" for n in range(1500)), "S014"),
    "quotes": ('title: "' + "x" * 1_000_000, "S010"),
    "colons": ("title: " + "a: " * 300_000, "S026"),
    "many keys": ("".join(f"key{n}: x\n" for n in range(SOME)), "S020"),
    "python": ("title: !!python/object/apply:os.system [exit]\n", "S021"),
    "a control character": ("title: a\x07b\n", "S010"),
    "two documents": ("title: a\n---\ntitle: b\n", "S010"),
    "a binary": ("id: !!binary aGk=\n", "S022"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_are_bombs(name: str) -> None:
    text, code = SETTINGS[name]
    with in_time():
        _, found = read_course(text, "course.yml")
        read_yaml(text, "course.yml")
    assert code in {one.code for one in found}
    are_helpful(found[:100])


def test_settings_of_a_lesson_are_no_bombs(tmp_path: Path) -> None:
    for text, code in SETTINGS.values():
        with in_time():
            found = checked(lesson_alone(f"---\n{text}\n---\n\nText.\n", tmp_path)).diagnostics
        assert found or code == "S010"
        are_helpful(found[:100])


@pytest.mark.parametrize("text", ["Tom Aa " * 14_000, "Tom Hall, 35, " * 7_000, "A" + "-aa" * 30_000])
def test_names_of_people_are_no_bombs(text: str, tmp_path: Path) -> None:
    people = {"characters.yml": "tom: {name: Tom Hall, age: 34}\n"}
    with in_time():
        found = checked(lesson_alone(f"{FRONT}{text}\n", tmp_path, people), advises=True).diagnostics
    assert {one.code for one in found} & {"A230", "A231"} or "Tom" not in text


def test_spaces_in_french_are_no_bomb() -> None:
    text = f"Ici ;{' ' * 1_000_000}là{' ' * 1_000_000}!"
    with in_time():
        assert typeset(text, "fr") == f"Ici\u202f;{' ' * 1_000_000}là\u202f!"


@pytest.mark.parametrize("below", ["", "a: b\n", "  a:\n" * 1000])
def test_comments_that_silence_are_no_bombs(below: str) -> None:
    text = "# carabin: allow A251 why\n" * MANY + below
    with in_time():
        silences, found = of_yaml(Source("facts.yml", "facts.yml", text))
    assert not found
    assert {(one.first_line, one.last_line) for one in silences[:1]} == {((MANY + 1),) * 2 if below else (1, 1)}


# --- pictures --------------------------------------------------------------------------------------------------------

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">%s</svg>'
HARMLESS = [
    SVG % '<rect width="1" height="1" fill="#fff" style="fill: url(#a)"/><linearGradient id="a"/>',
    SVG % '<use href="#a"/><use xlink:href="#a"/><image href="data:image/png;base64,AAAA"/>',
    SVG % "<title>A &amp; B</title><desc>on the left</desc><style>.a { fill: red }</style>",
    '<?xml version="1.0" encoding="utf-8"?>\n<!-- a comment -->\n' + SVG % "",
]
HARMFUL = {
    "script": SVG % "<script>alert(1)</script>",
    "script elsewhere": '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script href="x.js"/></s:svg>',
    "HTML's script": SVG % '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    "upper-case script": SVG % "<SCRIPT>alert(1)</SCRIPT>",
    "event": SVG % '<rect onload="alert(1)"/>',
    "event of the root": '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "upper-case event": SVG % '<rect ONCLICK="alert(1)"/>',
    "foreign object": SVG % '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
    "link to the web": SVG % '<a href="https://x.example"><rect/></a>',
    "link to script": SVG % '<a xlink:href=" javascript:alert(1)"><rect/></a>',
    "picture from the web": SVG % '<image href="https://x.example/x.png"/>',
    "picture beside": SVG % '<image href="other.svg"/>',
    "picture that is a page": SVG % '<image href="data:text/html,x"/>',
    "picture that is a picture with script": SVG % '<image href="data:image/svg+xml,%3Csvg%20onload=alert(1)%3E"/>',
    "style from the web": SVG % "<style>@import 'https://x.example/x.css';</style>",
    "font from the web": SVG % "<style>@font-face { src: url( 'https://x.example/x.woff' ) }</style>",
    "escaped address": SVG % r"<style>.a { fill: u\72l(https://x.example/x.svg#a) }</style>",
    "fill from the web": SVG % '<rect fill="url(https://x.example/x.svg#a)"/>',
    "animation that writes a link": SVG % '<a><set attributeName="href" to="javascript:alert(1)"/></a>',
    "animation that moves": SVG % '<a><animateMotion/><animate attributeName="href" values="javascript:1"/></a>',
    "handler": SVG % '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    "style sheet": '<?xml-stylesheet href="https://x.example/x.css"?>' + SVG % "",
    "entities": '<!DOCTYPE svg [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>' + SVG % "&b;",
    "outside entity": '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SVG % "&a;",
    "outside document type": '<!DOCTYPE svg SYSTEM "https://x.example/x.dtd">' + SVG % "",
    "no picture": "<html><body/></html>",
    "no XML": "a picture",
    "nothing": "",
    "deep": SVG % ("<g>" * 100_000 + "</g>" * 100_000),
    "other encoding": SVG.replace("<svg", '<?xml version="1.0" encoding="utf-7"?><svg') % "+ADw-script+AD4-",
}


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_pictures(text: str) -> None:
    assert svg_harm(text.encode()) == ""


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_pictures(name: str) -> None:
    with in_time():
        assert svg_harm(HARMFUL[name].encode()) != ""


def test_a_picture_from_outside_the_tree_and_a_heavy_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "course"
    (root / "media").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"x")
    (root / "media" / "heavy.png").write_bytes(b"x" * (2 * 1024 * 1024 + 1))
    os.symlink("../../secret.png", root / "media" / "secret.png")
    os.symlink("../..", root / "media" / "up")
    (root / "course.yml").write_text(COURSE)
    (root / "a.md").write_text(
        FRONT + "![a](media/heavy.png)\n\n![b](media/secret.png)\n\n![c](media/up/gone.png)\n\n![d](media/gone.png)\n"
    )
    monkeypatch.chdir(root)
    found = checked(load(root)).diagnostics
    codes = [(one.code, one.span.line) for one in found if one.code.startswith("L")]
    assert codes == [("L111", 5), ("L112", 7), ("L112", 9), ("L107", 11)]

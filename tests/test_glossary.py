"""The glossary's page, and the facts that are to be reviewed: what a whole course shows of its words and facts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.glossary import read_glossary
from builder.load import Source, load
from builder.pipeline import Options, build, check

COURSE = """\
id: doors
title: Doors
version: 1.0.0
language: en
iri: https://carabin.example/doors
licence: CC-BY-4.0
duration: 10 min
"""
LESSON = """\
---
title: Lesson {n}
id: lesson-{n}
duration: 5 min
---

{text}
"""
OWN = """\
- term: gate
  definition: What closes a garden & a park.
  en: gateway
  source: the gardener
- term: Écluse
  definition: What closes a canal.
"""
SHARED = """\
- term: door
  definition: What closes a room.
- term: lid
  definition: What closes a box.
"""
FACTS = """\
- id: F-DOOR-1
  text: Doors close.
  source: the carpenter
  certainty: V1
  review_by: 2027-03-01
- id: F-DOOR-2
  text: Doors open.
  source: the carpenter
  certainty: V1
  review_by: 2020-01-01
"""


def tree(root: Path, *, glossary: str = OWN, shared: str = SHARED) -> Path:
    """Write a course of two lessons with the words and facts that it shares; return its folder."""
    course = root / "doors"
    files = {
        "course.yml": COURSE,
        "01-one.md": LESSON.format(n=1, text="A gate, a door. Doors close[^F-DOOR-1]."),
        "02-two.md": LESSON.format(n=2, text="A gate again.\n\n::: details {title=More}\n\nA door.\n\n:::"),
    }
    files |= {"glossary.yml": glossary} if glossary else {}
    for folder, texts in ((course, files), (root / "_shared", {"glossary.yml": shared, "facts.yml": FACTS})):
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    return course


def members(course: Path, options: Options | None = None) -> dict[str, bytes]:
    (built,) = build(load(course), options or Options(targets=("scorm12",)))
    assert built.package is not None, built.diagnostics
    return {member.name: member.content for member in built.package.members}


def test_the_page_holds_the_courses_words_and_those_shared_that_it_uses(tmp_path: Path) -> None:
    made = members(tree(tmp_path))
    page = made["_glossary.html"].decode()
    # In the order of a dictionary; the lid of `_shared/` is not used.
    assert re.findall(r"<dfn>(.*?)</dfn>", page) == ["door", "Écluse", "gate"]
    assert "What closes a garden &amp; a park." in page
    assert '<span lang="en">gateway</span>' in page
    assert "Source: the gardener" in page
    assert '<a href="_glossary.html">Glossary</a>' in made["index.html"].decode()
    assert b'href="_glossary.html"' in made["imsmanifest.xml"]
    assert b'"pages":["_accessibility","_glossary"]' in made["index.html"]


def test_terms_lead_to_the_page_and_back_to_their_place(tmp_path: Path) -> None:
    made = members(tree(tmp_path))
    page = made["_glossary.html"].decode()
    ids = {
        name: set(re.findall(r' id="([^"]+)"', content.decode())) for name, content in made.items() if ".html" in name
    }
    for name in ("lesson-1.html", "lesson-2.html"):
        anchors = re.findall(r'<a class="term"[^>]* href="_glossary\.html#([^"]+)"', made[name].decode())
        assert anchors == ["t-gate", "t-door"]
        assert set(anchors) <= ids["_glossary.html"]
    places = re.findall(r'href="(lesson-\d\.html)#([^"]+)"', page)
    assert len(places) == 4
    assert all(anchor in ids[name] for name, anchor in places)


def test_without_words_there_is_no_page(tmp_path: Path) -> None:
    unused = "- term: lid\n  definition: What closes a box.\n"
    made = members(tree(tmp_path, glossary="", shared=unused))
    assert "_glossary.html" not in made
    assert b"_glossary" not in made["index.html"]
    assert b'class="term"' not in made["lesson-1.html"]


def test_check_notes_the_cited_facts_to_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sources = load(tree(tmp_path))

    def noted(today: str) -> list[tuple[str, str, int, str]]:
        found = check(sources, Options(today=today)).diagnostics
        return [
            (one.severity.value, one.span.file, one.span.line, str(one.arguments["id"]))
            for one in found
            if one.code == "S179"
        ]

    # F-DOOR-2 is long overdue, but this course does not cite it.
    assert noted("2027-03-01") == []
    assert noted("2027-03-02") == [("note", "_shared/facts.yml", 5, "F-DOOR-1")]
    assert noted("") == []
    (found,) = (one for one in check(sources, Options(today="2027-03-02")).diagnostics if one.code == "S179")
    assert found.arguments["lessons"] == "lesson-1"


def test_packages_do_not_depend_on_the_day(tmp_path: Path) -> None:
    course = tree(tmp_path)
    assert members(course, Options(("scorm12",))) == members(course, Options(("scorm12",), today="2999-01-01"))


WORD = st.text(
    st.one_of(
        st.sampled_from("aAéÉßſİıǰT\u0308 -'’.+*()[]^$|\\\u00a0\n"), st.characters(exclude_categories=("Cs", "Cc"))
    ),
    min_size=1,
    max_size=6,
)


@given(
    st.lists(st.lists(WORD, min_size=1, max_size=3), min_size=1, max_size=5), st.lists(WORD, max_size=8).map(" ".join)
)
def test_any_words_can_be_looked_for_in_any_text(words: list[list[str]], text: str) -> None:
    """Words are looked for as they are: nothing in them is an expression, and what is found is one of them."""
    entries = [{"term": forms[0], "definition": "d", "forms": forms[1:]} for forms in words]
    glossary, _ = read_glossary(Source("g", "g", json.dumps(entries)), None)
    whole = f"{text} {' '.join(form for forms in words for form in forms)}"
    for match in glossary.pattern.finditer(whole) if glossary else ():
        term = glossary.term(match[0]) if glossary else None
        assert term is None or term in (glossary.terms if glossary else ())


def test_words_with_signs_are_found() -> None:
    entries = [{"term": name, "definition": "d"} for name in ("C++", "S.A.M.U.", "a|b", "rendez-vous", "Œuvre")]
    glossary, found = read_glossary(Source("g", "g", json.dumps(entries)), None)
    assert found == ()
    assert glossary is not None
    text = "Le C++, le S.A.M.U. et SXAXMXUX, a|b, un rendez-vous, une œuvre."
    assert [match[0] for match in glossary.pattern.finditer(text)] == ["C++", "S.A.M.U.", "a|b", "rendez-vous", "œuvre"]

"""The course that uses everything: each directive at least twice, no warning, progress that fits (tests/courses).

`tests/browser/test_everything.py` plays it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import get_args

from builder import load, pipeline
from builder.diagnostics import Severity
from builder.model import LessonKind
from builder.seams import features
from builder.sheet import sheet
from builder.strings import strings
from builder.write import Written

COURSE = Path(__file__).parent / "courses" / "everything"


def test_every_directive_is_used_twice() -> None:
    texts = [path.read_text("utf-8") for path in COURSE.rglob("*.md")]
    used = Counter(name for text in texts for name in re.findall(r"^:::+ ([a-z-]+)", text, re.MULTILINE))
    wanted = (*features("questions"), *features("asides"), "include")
    assert len(wanted) > 20
    assert {name: used[name] for name in wanted if used[name] < 2} == {}


def test_everything_beside_directives_is_used_too() -> None:
    course = pipeline.check(load.load(COURSE), pipeline.Options()).course
    assert course is not None
    assert {lesson.kind for lesson in course.lessons} == set(get_args(LessonKind))
    assert [module.title for module in course.modules] == ["", "Lire", "Répondre", ""]
    assert [name for module in course.modules for name in module.lessons] == [lesson.id for lesson in course.lessons]
    assert [lesson.id for lesson in course.lessons if lesson.parts] == ["parties"]
    assert {term.term for term in course.glossary} == {"hameçonnage", "mot de passe"}
    assert {fact.id for fact in course.facts} == {"F-ESSAI-1", "F-ESSAI-2"}
    assert course.framework
    assert {asset.name.rpartition(".")[2] for asset in course.assets} == {"svg", "webm", "vtt", "mp3"}
    texts = "".join(path.read_text("utf-8") for path in COURSE.rglob("*.md"))
    marks = ("{{ rssi }}", "{{ poste }}", "[^1]:", "$$", "{lang=en}", 'draw="E1.C1:1 E1.C2:1"', "src=_banque.md")
    for mark in marks:
        assert mark in texts, mark
    questions = [question for lesson in course.lessons for question in lesson.questions]
    assert {question.partial for question in questions} == {"none", "each"}
    assert {question.tries for question in questions} == {1, 2}
    for name in ("shuffle", "asks_confidence", "is_scored", "is_required"):
        assert {getattr(question, name) for question in questions} == {False, True}, name


def test_it_builds_without_warning_and_its_progress_fits() -> None:
    found = list(pipeline.build(load.load(COURSE), pipeline.Options()))
    assert [built.target.NAME for built in found if built.target and built.package] == ["scorm12", "web"]
    diagnostics = [one for built in found for one in built.diagnostics]
    assert [one for one in diagnostics if one.severity is not Severity.NOTE] == []
    assert all(built.build and built.build.worst_state < 600 for built in found)


def test_the_sheet_says_what_every_letter_stands_for() -> None:
    """Of each interaction that an LMS may be told of, and of no other; nothing is left in the words of the source."""
    built = next(iter(pipeline.build(load.load(COURSE), pipeline.Options())))
    assert built.course
    assert built.build
    assert built.target
    written = Written(Path("everything.zip"), "0", "0", 1)
    page = sheet(built.course, built.build, built.target, written, "fr-FR", strings("fr-FR", "sheet"))
    (items,) = (section for section in page.sections if section.id == "items")
    rows = {row[0].lines[0]: row for table in items.tables for row in table.rows}
    told = [one for each in built.build.interactions.values() for one in each if one.type != "other"]
    assert list(rows) == [one.id for one in told]
    for one in told:
        legend = rows[one.id][-1].lines[1:]
        if one.type not in ("fill-in", "long-fill-in", "numeric"):
            assert legend, one.id
        assert [line.split(" = ")[0].replace(".", "") for line in legend] == [
            component.letter for component in (*one.components, *one.targets)
        ]
        assert not re.search(r"[*`{}]|keep|report", "".join(legend)), one.id
        if one.is_extra:
            assert rows[one.id][4].lines == ("non notée",)

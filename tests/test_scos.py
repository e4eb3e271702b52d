"""`packaging: {sco: lesson}` from source to package: what each SCO is told, what is refused, what stays for life."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import schemas
import synthetic

from builder import codec
from builder.completion import alone, completion_table
from builder.diagnostics import Severity, Span
from builder.load import load
from builder.lock import parse_lock, write_lock
from builder.model import CompleteWhen, Interaction
from builder.pipeline import Options, build, check
from builder.slots import release, update

COURSE = Path(__file__).parent / "browser" / "courses" / "lecons"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of a course of three lessons in two modules, released."""
    return shutil.copytree(COURSE, tmp_path / "lecons")


def members(course: Path, target: str = "scorm12") -> dict[str, bytes]:
    (built,) = build(load(course), Options((target,)))
    assert built.package is not None, built.diagnostics
    return {member.name: member.content for member in built.package.members}


def data(page: bytes) -> dict[str, Any]:
    """Return the CourseData of a launch document."""
    match = re.search(r'id="course-data">(.*?)</script>', page.decode())
    assert match is not None
    found: dict[str, Any] = json.loads(match[1])
    return found


def items(package: dict[str, bytes]) -> list[str]:
    return re.findall(r'identifier="(I-[^"]*)"', package["imsmanifest.xml"].decode())


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def release_again(course: Path) -> None:
    """Bring the lock up to date with the source, and release it."""
    sources = load(course)
    assert sources.lock is not None
    lock, _ = parse_lock(sources.lock.text, sources.lock_file, "lecons")
    lock, _, problems = update(lock, check(sources, Options()).lessons)
    assert not [one for one in problems if one.severity is Severity.ERROR]
    lock, problems = release(lock, "2.0.0", Span("course.yml"))
    assert not problems
    (course / "course.lock").write_text(write_lock(lock), "utf-8")


def test_each_launch_document_is_a_course_of_one_lesson(course: Path) -> None:
    package = members(course)
    assert schemas.errors(schemas.scorm12(), package["imsmanifest.xml"]) == []
    signs, read = data(package["_sco-1.html"]), data(package["_sco-4.html"])
    assert [lesson["id"] for lesson in signs["lessons"]] == ["signes"]
    assert (signs["sco"], signs["course"]["id"], signs["mastery"]) == (True, "lecons/1", 0.8)
    assert signs["pages"] == ["_accessibility", "_glossary", "lire", "alerter"]
    assert signs["completion"]["states"]["incomplete"] == [
        {"when": ["lessons", "mastery"], "to": "passed"},
        {"when": ["everything", "!mastery"], "to": "failed"},
    ]
    assert (read["course"]["id"], read["mastery"]) == ("lecons/4", None)
    assert read["completion"]["states"]["incomplete"] == [{"when": ["lessons"], "to": "completed"}]
    assert signs["strings"]["status_passed"] == "La leçon est réussie."
    assert not [key for key in signs["strings"] if key.startswith(("sco_", "local_"))]


def test_no_page_leads_nowhere_and_only_scos_open_a_session(course: Path) -> None:
    package = members(course)
    for name in (name for name in package if name.endswith(".html")):
        text = package[name].decode()
        assert ("data-carabin" in text) == name.startswith("_sco-"), name
        links = re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', text)
        assert [link for link in links if link not in package] == [], name
    index = package["index.html"].decode()
    assert "course-data" not in index
    assert "<script" not in index
    assert 'href="signes.html"' in index


def test_what_learners_did_stays_with_the_lesson(course: Path) -> None:
    """Another title, place, file and id (with `was`), a lesson more, one less: slots and launch documents stay."""
    before = members(course)
    assert items(before) == ["I-lecons-1", "I-lecons-4", "I-lecons-5"]
    edit(course / "course.yml", ("version: 1.0.0", "version: 2.0.0"))
    edit(course / "01-reperer" / "01-signes.md", ("id: signes", "id: indices\nwas: [signes]"), ("alertent", "comptent"))
    (course / "01-reperer" / "01-signes.md").rename(course / "02-reagir" / "09-indices.md")
    edit(course / "02-reagir" / "09-indices.md", ("../02-reagir/01-alerter.md", "01-alerter.md"))
    edit(course / "02-reagir" / "01-alerter.md", ("../01-reperer/01-signes.md", "09-indices.md"))
    (course / "01-reperer" / "02-lire.md").unlink()
    (course / "00-avant.md").write_text("---\ntitle: Avant\nid: avant\nduration: 1 min\n---\n\nLire.\n", "utf-8")
    release_again(course)
    after = members(course)
    assert items(after) == ["I-lecons-7", "I-lecons-5", "I-lecons-1"]
    assert data(after["_sco-1.html"])["lessons"][0]["id"] == "indices"
    assert data(after["_sco-1.html"])["course"]["id"] == "lecons/1"


def test_the_bytes_are_the_same_again(course: Path) -> None:
    assert list(members(course).items()) == list(members(course).items())


def test_the_web_ignores_it(course: Path) -> None:
    with_it = members(course, "web")
    edit(course / "course.yml", ("packaging: {sco: lesson}\n", ""))
    assert members(course, "web") == with_it
    assert not [name for name in with_it if "_sco-" in name]


def test_both_targets_in_one_build(course: Path) -> None:
    scorm, web = build(load(course), Options(("scorm12", "web")))
    assert scorm.build is not None
    assert web.build is not None
    assert ([sco.slot for sco in scorm.build.scos], web.build.scos) == ([1, 4, 5], ())
    assert scorm.build.worst_state == max(sco.worst_state for sco in scorm.build.scos) < web.build.worst_state


def test_a_lesson_for_some_is_not_optional_in_its_own_sco(course: Path) -> None:
    edit(course / "course.yml", ("mastery: 80", "mastery: 80\naudiences: [infirmier]"))
    edit(course / "01-reperer" / "02-lire.md", ("duration: 5 min", "duration: 5 min\naudience: [infirmier]"))
    found = check(load(course), Options()).diagnostics
    assert [(one.code, one.span.line, one.span.column) for one in found if one.code == "T212"] == [("T212", 5, 11)]
    assert data(members(course)["_sco-4.html"])["lessons"][0]["optional"] is False


def test_what_a_lesson_cannot_know_is_refused_at_its_place(course: Path) -> None:
    with_it = "mastery: 80\ncomplete_when: {lessons: [lire], mastery: true, minutes: 20}"
    edit(course / "course.yml", ("mastery: 80", with_it))
    found = [one for one in check(load(course), Options()).diagnostics if one.severity is Severity.ERROR]
    assert [(one.code, one.span.line, one.span.column) for one in found] == [("T210", 9, 26), ("T211", 9, 58)]
    web = check(load(course), Options(("web",))).diagnostics
    assert [one for one in web if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("graded", "asks", "counts", "ends"),
    [
        (True, True, True, "passed"),
        (False, True, True, "completed"),
        (True, False, True, "completed"),
        (True, True, False, "completed"),
    ],
)
def test_a_lesson_is_passed_only_where_something_is_scored(graded: bool, asks: bool, counts: bool, ends: str) -> None:
    questions = (synthetic.QUESTION,) if asks else ()
    lesson = synthetic.lesson("a", "A", *questions, is_graded=graded, audience=("x",))
    whole = synthetic.course(lesson, synthetic.lesson("b", "B"), complete_when=CompleteWhen(None, counts, None))
    made = alone(whole, lesson)
    assert [(one.id, one.audience) for one in made.lessons] == [("a", ())]
    assert completion_table(made).states["incomplete"][0].to == ends
    assert (made.settings.mastery is None) == (not (graded and asks))


def test_a_lesson_whose_progress_may_not_fit_is_named() -> None:
    """The limit is each lesson's: 4,096 characters."""
    texts = tuple(Interaction(f"q{n}", "long-fill-in") for n in range(25))
    place = Span("a.md")

    def found(count: int, carried: int = 0) -> list[tuple[str, Severity, Any]]:
        asked: dict[int, codec.Asked | None] = {1: None}
        asked |= {n + 2: codec.Asked(n + 2, 1, (text,)) for n, text in enumerate(texts[:count])}
        worst = codec.worst_case(asked, {n: f"s{n}" for n in asked}, 1)
        worst = codec.Worst(worst.characters, worst.contributors, worst.characters + carried)
        said = codec.sco_fits(worst, "lire", "scorm12", 4096, place)
        return [(one.code, one.severity, one.arguments["id"]) for one in said]

    assert found(2) == []
    assert found(2, 4096) == [("T214", Severity.WARNING, "lire")]
    assert found(25) == [("T213", Severity.ERROR, "lire")]


def test_a_course_that_fits_in_no_state_fits_lesson_by_lesson(course: Path) -> None:
    """Thirty lessons of twenty questions: too much for one SCO, little for each of thirty."""
    answers = "\n".join(f"- [{'x' if n == 0 else ' '}] Réponse {n}\n  > Voici pourquoi." for n in range(30))
    for number in range(30):
        asked = "".join(
            f"::: choice {{#q{number}-{n} multiple}}\n\nQuestion {n} ?\n\n{answers}\n\n:::\n\n" for n in range(20)
        )
        front = f"---\ntitle: Leçon {number}\nid: lecon-{number}\nduration: 1 min\n---\n\n"
        (course / f"03-{number}.md").write_text(front + asked, "utf-8")
    codes = {one.code for one in check(load(course), Options()).diagnostics}
    assert not codes & {"T101", "T102", "T213", "T214"}
    edit(course / "course.yml", ("packaging: {sco: lesson}\n", ""))
    assert "T101" in {one.code for one in check(load(course), Options()).diagnostics}

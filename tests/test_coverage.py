"""`carabin coverage`, and what `carabin check` says of programmes: a tree with a course that is written and one not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from builder.cli import carabin
from builder.coverage import of_programme
from builder.load import Source, load
from builder.model import Course
from builder.pipeline import Options
from builder.pipeline import check as read_course
from builder.programmes import check_programme, read_programme, read_programmes
from builder.strings import languages
from tools.manual import fences

ROOT = Path(__file__).parent.parent

PROGRAMME = """\
id: basics
title: Safety basics
language: en
framework: fire
duration: 2 h
courses:
  - {id: doors, domain: D1, duration: 30 min}
  - {id: hoses, domain: D2, duration: 1 h 30, written: false}
"""
FRAMEWORK = """\
id: fire
title: Fire safety
language: en
version: "1"
legal_basis: Fire act, 2025
legal_url: https://rules.example/fire
retrieved: "2026-11-22"
minutes: 120
crosswalks:
  - title: Other framework
    certainty: P
    areas: {"4": keeping safe}
    domains: {D1: "4"}
domains:
  - id: D1
    label: Doors
    certainty: V1
    minutes: 30
    competencies:
      - id: D1.C1
        label: Closing doors and gates
        certainty: M
        objectives:
          - {id: D1.C1.O1, text: Close a door}
          - {id: D1.C1.O2, text: Close a gate, verb: agir}
          - {id: D1.C1.O3, text: Find the way out}
  - id: D2
    label: Hoses
    minutes: 90
    competencies:
      - id: D2.C1
        label: Unrolling hoses
        objectives:
          - {id: D2.C1.O1, text: Unroll a hose}
"""
COURSE = """\
id: doors
title: Doors & gates
version: 1.0.0
language: en
iri: https://carabin.example/doors
licence: CC-BY-4.0
duration: 30 min
framework: fire
domain: D1
"""
QUESTION = """\
::: choice {{#q-{name} objective={objective}}}

Which one comes first, {name}?

- [x] The one near the fire.
  > Smoke follows the draught.
- [ ] Any of the two.
  > Smoke follows the draught.

:::
"""
LESSON = """\
---
title: Which door
id: which
duration: 30 min
objectives: [D1.C1.O1, D1.C1.O2]
---

{questions}
"""


def question(name: str, objective: str) -> str:
    return QUESTION.format(name=name, objective=objective)


FILES = {
    "programmes/basics.yml": PROGRAMME,
    "frameworks/fire.yml": FRAMEWORK,
    "doors/course.yml": COURSE,
    "doors/which.md": LESSON.format(
        questions="\n".join(
            (question("inner", "D1.C1.O1"), question("outer", '"D1.C1.O1 D2.C1.O1"'), question("gate", "D1.C1.O2"))
        )
    ),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree `course_src` in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        place = tmp_path / "course_src" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")
    return tmp_path / "course_src"


def run(*arguments: str, code: int = 0, command: str = "coverage") -> Result:
    result = CliRunner().invoke(carabin, [command, *arguments])
    assert result.exit_code == code, result.output
    return result


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --- data ------------------------------------------------------------------------------------------------------------

WHOLE = {
    "schema": 1,
    "minutes": 120,
    "objectives": [
        {"id": "D1.C1.O1", "taught": ["doors/which"], "assessed": ["doors/q-inner", "doors/q-outer"]},
        {"id": "D1.C1.O2", "taught": ["doors/which"], "assessed": ["doors/q-gate"]},
        {"id": "D1.C1.O3", "taught": [], "assessed": []},
        {"id": "D2.C1.O1", "taught": [], "assessed": ["doors/q-outer"]},
    ],
    "gaps": ["D1.C1.O2", "D1.C1.O3", "D2.C1.O1"],
}


@pytest.mark.parametrize("path", [[], ["basics"], ["course_src"], ["course_src/programmes/basics.yml"]])
@pytest.mark.parametrize("language", languages())
def test_a_programme_as_json(path: list[str], language: str, tree: Path) -> None:
    result = run(*path, "--format", "json", "--lang", language)
    assert json.loads(result.stdout) == WHOLE
    assert result.stderr == ""


@pytest.mark.parametrize("path", ["course_src/doors", "course_src/doors/course.yml", "course_src/doors/which.md"])
def test_a_course_has_the_minutes_of_its_programme(path: str, tree: Path) -> None:
    found = json.loads(run(path, "--format", "json").stdout)
    assert found["minutes"] == 30
    assert [one["id"] for one in found["objectives"]] == ["D1.C1.O1", "D1.C1.O2", "D1.C1.O3"]
    assert found["gaps"] == ["D1.C1.O2", "D1.C1.O3"]


def test_a_course_of_no_programme_has_its_own_minutes(tree: Path) -> None:
    change(tree / "doors/course.yml", "30 min", "7,5 min")
    change(tree / "programmes/basics.yml", "id: doors", "id: gates")
    assert json.loads(run("course_src/doors", "--format", "json").stdout)["minutes"] == 7.5


def test_a_course_without_domain_covers_what_it_names(tree: Path) -> None:
    change(tree / "doors/course.yml", "domain: D1\n", "")
    change(tree / "programmes/basics.yml", "domain: D1, ", "")
    found = json.loads(run("course_src/doors", "--format", "json").stdout)
    assert [one["id"] for one in found["objectives"]] == ["D1.C1.O1", "D1.C1.O2", "D1.C1.O3", "D2.C1.O1"]


@pytest.mark.parametrize("form", ["text", "html", "csv", "json"])
def test_a_course_without_framework_has_nothing_to_cover(form: str, tree: Path) -> None:
    change(tree / "doors/course.yml", "framework: fire\ndomain: D1\n", "")
    change(tree / "doors/which.md", "objectives: [D1.C1.O1, D1.C1.O2]\n", "")
    change(tree / "programmes/basics.yml", "id: doors", "id: gates")
    options = [] if form == "text" else ["--format", form]
    said = run("course_src/doors", "--lang", "en", *options).stdout
    assert {"text": "Nothing to cover", "html": "Nothing to cover", "csv": "Domain;", "json": '"gaps": []'}[
        form
    ] in said


def test_a_domain_that_two_courses_share_is_covered_by_both(tree: Path) -> None:
    change(
        tree / "programmes/basics.yml",
        "id: hoses, domain: D2, duration: 1 h 30, written: false",
        "id: gates, domain: D1, duration: 1 h 30",
    )
    for name, text in FILES.items():
        if name.startswith("doors/"):
            other = (
                text.replace("doors", "gates")
                .replace("D1.C1.O1", "D1.C1.O3")
                .replace("duration: 30 min\nf", "duration: 90 min\nf")
            )
            (tree / "gates").mkdir(exist_ok=True)
            (tree / name.replace("doors", "gates")).write_text(other, "utf-8")
    found = json.loads(run("--format", "json").stdout)
    assert [one["taught"] for one in found["objectives"]] == [
        ["doors/which"],
        ["doors/which", "gates/which"],
        ["gates/which"],
    ]
    assert found["gaps"] == []
    run("--lang", "en", "course_src/doors", command="check")


# --- for people ------------------------------------------------------------------------------------------------------


def test_a_terminal_shows_what_the_manual_shows(tree: Path) -> None:
    shown = {fence.options.get("file", fence.word): fence.text for fence in fences(ROOT / "docs/how-to/coverage.md")}
    assert (shown["programmes/basics.yml"], shown["frameworks/fire.yml"]) == (PROGRAMME, FRAMEWORK)
    assert shown["console"] == "$ carabin coverage\n" + run("--lang", "en").stdout
    assert "D1      doors     30 min     30 min  3           2       1         2\n" in shown["console"]


def test_a_domain_without_objectives_does_not_wait_for_a_course_that_is_there(tree: Path) -> None:
    (tree / "frameworks/fire.yml").write_text(FRAMEWORK + "  - {id: D3, label: Ladders}\n", "utf-8")
    programme = "  - {id: doors, domain: D1, duration: 30 min}"
    change(tree / "programmes/basics.yml", programme, programme.replace("D1", "D3"))
    line = next(one for one in run("--lang", "en", code=1).stdout.split("\n") if one.startswith("D3 "))
    assert line.split() == ["D3", "doors", "30", "min", "30", "min", "0", "0", "0", "0"]


def test_no_gap_is_said(tree: Path) -> None:
    change(tree / "frameworks/fire.yml", "          - {id: D1.C1.O3, text: Find the way out}\n", "")
    change(tree / "doors/which.md", "objective=D1.C1.O2", 'objective="D1.C1.O2 D1.C1.O1"')
    change(tree / "doors/which.md", "#q-inner objective=D1.C1.O1", '#q-inner objective="D1.C1.O1 D1.C1.O2"')
    assert "No gap in courses that are written." in run("--lang", "en").stdout


@pytest.mark.parametrize(("language", "head"), [("en", "Scored questions"), ("fr", "Questions notées")])
def test_a_table_for_french_spreadsheets(language: str, head: str, tree: Path) -> None:
    change(tree / "frameworks/fire.yml", "Close a gate", '"=2+3; close a gate"')
    data = run("--format", "csv", "--lang", language).stdout_bytes
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 5
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0][8] == head
    assert {len(row) for row in rows} == {11}
    assert [row[2] for row in rows[1:]] == ["D1.C1.O1", "D1.C1.O2", "D1.C1.O3", "D2.C1.O1"]
    assert rows[1][3:10] == [
        "Close a door",
        "savoir",
        "doors",
        "doors/which",
        "1",
        "doors/q-inner, doors/q-outer",
        "2",
    ]
    assert rows[2][3] == "'=2+3; close a gate"


@pytest.mark.parametrize("language", languages())
def test_a_page_shows_every_objective(language: str, tree: Path) -> None:
    change(tree / "frameworks/fire.yml", "text: Close a door", 'text: "Close a door, then <lock> it"')
    text = run("--format", "html", "--lang", language).stdout
    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert " style=" not in text
    assert "Close a door, then &lt;lock&gt; it" in text
    assert "Doors &amp; gates" in text
    assert '<a href="https://rules.example/fire">Fire act, 2025' in text
    assert "Other framework" in text
    for name in ("D1.C1.O1", "D1.C1.O2", "D1.C1.O3", "D2.C1.O1", "q-inner", "q-outer", "q-gate"):
        assert f"<code>{name}</code>" in text
    assert [text.count(f'data-result="{one}"') for one in ("covered", "gap", "waits")] == [1, 2, 1]
    note = {"en": "wording to be verified", "fr": "libellé à vérifier"}[language]
    assert text.count(f"({note})") == 1


def read(root: Path) -> Course:
    course = read_course(load(root), Options()).course
    assert course is not None
    return course


def test_a_programme_without_framework_takes_that_of_its_courses(tree: Path) -> None:
    text = PROGRAMME.replace("framework: fire\n", "").replace("domain: D1, ", "")
    programme, found = read_programme(Source("p.yml", "p.yml", text))
    assert programme is not None
    assert found == ()
    coverage = of_programme(programme, None, [read(tree / "doors")])
    assert [part.domain.id for part in coverage.parts] == ["D1", "D2"]


# --- where it is written, and what is wrong --------------------------------------------------------------------------


def test_a_file_says_its_format_by_its_ending(tree: Path) -> None:
    for name in ("x.html", "x.csv", "x.json", "x.txt"):
        assert run("--out", f"reports/{name}", "--lang", "en").stdout == ""
    starts = {name: Path("reports", name).read_bytes()[:15] for name in ("x.html", "x.csv", "x.json", "x.txt")}
    assert starts == {
        "x.html": b"<!doctype html>",
        "x.csv": b"\xef\xbb\xbfDomain;Compe",
        "x.json": b'{\n  "schema": 1',
        "x.txt": b"Coverage: Safet",
    }
    run("--out", "reports/x.txt", "--format", "json")
    assert json.loads(Path("reports/x.txt").read_text("utf-8")) == WHOLE


@pytest.mark.parametrize("language", languages())
def test_wrong_paths_are_said(language: str, tree: Path) -> None:
    assert "nowhere" in run("nowhere", "--lang", language, code=2).stderr
    (tree / "programmes" / "more.yml").write_text(PROGRAMME, "utf-8")
    assert "course_src/programmes/basics.yml, course_src/programmes/more.yml" in run("--lang", language, code=2).stderr
    for path in (tree / "programmes").iterdir():
        path.unlink()
    (tree / "hoses").mkdir()
    (tree / "hoses" / "course.yml").write_text(COURSE.replace("doors", "hoses"), "utf-8")
    assert run("--lang", language, code=2).stderr.startswith("Error: ")


@pytest.mark.parametrize("content", ["", "[", "- basics\n", "id: basics\n", "\0", "courses: [doors]\n"])
def test_what_is_no_programme_is_told(content: str, tree: Path) -> None:
    (tree / "programmes/basics.yml").write_text(content, "utf-8")
    result = run("--lang", "en", code=1)
    assert "course_src/programmes/basics.yml:1:" in result.stderr
    assert "error[S" in result.stderr


def test_what_programme_and_tree_say_differently_is_told_beside_the_report(tree: Path) -> None:
    change(tree / "doors/course.yml", "30 min", "40 min")
    result = run("--format", "json", "--lang", "en", code=1)
    assert json.loads(result.stdout) == WHOLE
    assert "course_src/programmes/basics.yml:7:39: error[S049]" in result.stderr
    assert "7 |   - {id: doors, domain: D1, duration: 30 min}" in result.stderr


def test_a_course_with_errors_is_told_and_shown(tree: Path) -> None:
    change(tree / "doors/which.md", "Which one comes first, gate?", "[Doors](nowhere.md)")
    result = run("--format", "json", "--lang", "en")
    assert result.stderr == "doors has errors, which `carabin check` tells: what it covers may be incomplete.\n"
    assert json.loads(result.stdout) == WHOLE


def test_a_course_that_cannot_be_read_is_told(tree: Path) -> None:
    change(tree / "doors/course.yml", "version: 1.0.0\n", "")
    assert "course_src/doors cannot be read" in run("course_src/doors", "--lang", "en", code=1).stderr


# --- what `check` says -----------------------------------------------------------------------------------------------


def said(*arguments: str, code: int = 1) -> list[str]:
    """Return the codes of errors that `check` finds, those about slots left out."""
    found = json.loads(run("--format", "json", *arguments, code=code, command="check").stdout)["diagnostics"]
    return [f"{one['file']}:{one['line']} {one['code']}" for one in found if one["severity"] == "error"]


def test_check_reports_gaps_and_build_does_not(tree: Path) -> None:
    assert said() == ["course_src/doors/course.yml:9 A220", "course_src/doors/which.md:5 A221"]
    assert said("course_src/doors") == said()
    run("-t", "web", "--out", "dist", command="build")
    assert list(Path("dist").glob("*.zip"))


def test_check_reports_what_programme_and_tree_say_differently(tree: Path) -> None:
    change(tree / "programmes/basics.yml", "duration: 2 h", "duration: 3 h")
    change(tree / "frameworks/fire.yml", "minutes: 120", "minutes: 100")
    change(tree / "programmes/basics.yml", "id: hoses, domain: D2", "id: hoses, domain: D3")
    codes = [one.rpartition(" ")[2] for one in said()]
    assert sorted(codes) == ["A220", "A221", "S044", "S047", "S050"]


def test_check_of_a_course_leaves_programmes_alone_that_do_not_name_it(tree: Path) -> None:
    other = PROGRAMME.replace("id: doors", "id: gates").replace("duration: 2 h", "duration: 3 h")
    (tree / "programmes/other.yml").write_text(other, "utf-8")
    assert not [one for one in said() if "other.yml" in one]
    (tree / "programmes/other.yml").write_text("[", "utf-8")
    assert [one for one in said() if "other.yml" in one] == ["course_src/programmes/other.yml:1 S010"]


# --- the project's own programme -------------------------------------------------------------------------------------


def test_our_programme_gives_each_domain_its_hours() -> None:
    programmes, found = read_programmes(ROOT / "course_src")
    assert found == ()
    (socle,) = programmes
    assert [(one.domain, one.minutes) for one in socle.courses] == [
        ("D1", 360),
        ("D2", 300),
        ("D3", 300),
        ("D4", 360),
        ("D5", 360),
    ]
    assert {one.id for one in socle.courses if one.is_written} == {"cybersecurite", "telesante"}
    framework, found = check_programme(socle, ROOT / "course_src")
    assert found == ()
    assert framework is not None
    assert {domain.id: domain.minutes for domain in framework.domains} == {
        one.domain: one.minutes for one in socle.courses
    }
    assert sum(len(one.objectives) for domain in framework.domains for one in domain.competencies) == 86
    assert [set(one.domains) for one in framework.crosswalks] == [{"D1", "D2", "D3", "D4", "D5"}]

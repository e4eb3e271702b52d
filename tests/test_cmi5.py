"""Target cmi5: the course structure against its schema and what no schema says (standards d.1), ids for life."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import synthetic
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_scorm12 import SLOTS, by_lesson, site_of

from builder.cli import carabin
from builder.completion import alone, completion_table
from builder.diagnostics import Diagnostics, Severity
from builder.editions import Edition, Unreadable, read_edition
from builder.inspect import Verdict
from builder.inspect.archive import open_package
from builder.inspect.run import inspect_opened
from builder.inspect.xml import Schemas
from builder.load import find_courses, load
from builder.model import CompleteWhen, Course, Interaction, MoveOn
from builder.pipeline import Options, build, check
from builder.targets import Sco, Target, cmi5
from builder.write import write_package

HERE = Path(__file__).parent
EVERYTHING, SEVERAL = HERE / "courses" / "everything", HERE / "browser" / "courses" / "lecons"
GOLDEN = HERE / "golden"
KINDS: tuple[MoveOn, ...] = get_args(MoveOn)
UNGRADED = CompleteWhen(None, False, None)
IRI = "https://carabin.example/cyber"
AS_ADA = ["-c", "user.name=Ada", "-c", "user.email=ada@carabin.example"]
COURSE = """\
id: feu
title: Le feu
version: 1.0.0
language: fr-FR
iri: https://carabin.example/feu
licence: CC-BY-4.0
duration: 5 min
targets: [cmi5]
"""
LESSON = """\
---
title: Les portes
id: portes
duration: 5 min
---

Fermez-les.

::: choice {#q-porte}

Laquelle ?

- [x] Celle-ci.
  > Oui.
- [ ] Celle-là.
  > Non.

:::
"""


def structure(course: Course, slots: Mapping[str, int] | None = None) -> etree._Element:
    """Return the course structure of a course made of values."""
    site = site_of(course, slots) if slots else synthetic.site(course)
    return etree.fromstring(cmi5.manifest(course, site.launchables, slots or {}))


def written(course: Path) -> bytes:
    """Return `cmi5.xml` of a course on disk, which is the first member."""
    (built,) = build(load(course), Options(("cmi5",)))
    assert built.package is not None, built.diagnostics
    first = next(iter(built.package.members))
    assert first.name == "cmi5.xml"
    return first.content


def values(root: etree._Element, attribute: str, tag: str = "au") -> list[str | None]:
    return [one.get(attribute) for one in root.iter(f"{{*}}{tag}")]


def texts(element: etree._Element, name: str) -> dict[str, str]:
    """Return the texts of title or description by language."""
    return {one.get("lang", ""): one.text or "" for one in element.iterfind(f"{{*}}{name}/{{*}}langstring")}


def found_in(folder: Path, settings: str, lesson: str = LESSON) -> Diagnostics:
    """Return what is found in a course of one lesson, beside slots."""
    (folder / "course.yml").write_text(settings, "utf-8")
    (folder / "01-portes.md").write_text(lesson, "utf-8")
    return tuple(one for one in check(load(folder), Options()).diagnostics if not one.code.startswith("S2"))


def test_the_module_is_a_target() -> None:
    target: Target = cmi5
    assert (target.NAME, target.DRIVERS, target.STATE_LIMIT) == ("cmi5", ("cmi5", "local"), 32_000)
    assert (target.SPLITS, target.LRS) == (True, "driver")


# --- the structure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("course", [EVERYTHING, SEVERAL], ids=lambda path: path.name)
def test_the_structure_of_a_course(course: Path, update: bool) -> None:
    content = written(course)
    golden = GOLDEN / f"cmi5-{course.name}.xml"
    if update:
        golden.write_bytes(content)
    assert content.decode() == golden.read_text("utf-8")
    assert b"&#" not in content  # Moodle's plug-in mangles character references
    assert written(course) == content


VALID: dict[str, Course] = {
    "whole": synthetic.course(),
    "bare": replace(synthetic.course(description="", authors=(), domain=""), framework=None),
    "no objective": synthetic.course(synthetic.lesson("seule", "Seule", objectives=())),
    "signs": synthetic.course(title='"<&>]]>', description="山田 & <b>"),
    "other script": synthetic.course(iri="https://carabin.example/sécurité/山", language="zh-Hant-TW"),
    "no grade": synthetic.course(mastery=None, complete_when=UNGRADED),
    "all points": synthetic.course(mastery=1.0),
    **{kind: synthetic.course(move_on=kind) for kind in KINDS},
}


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("name", VALID)
def test_structures_are_valid(name: str, tools: dict[str, str]) -> None:
    """CourseStructure.xsd of the specification."""
    schema = Schemas(Path(tools["schemas"])).get("cmi5")
    assert schema is not None
    assert schema.validate(structure(VALID[name])), schema.error_log
    assert schema.validate(structure(replace(by_lesson(), settings=replace(VALID[name].settings, sco="lesson")), SLOTS))


FAULTS = {
    "no words": (b'<langstring lang="fr-FR">Deux le\xc3\xa7ons.</langstring>', b""),
    "unknown moveOn": (b'moveOn="CompletedAndPassed"', b'moveOn="Done"'),
    "mastery in percent": (b'masteryScore="0.8"', b'masteryScore="80"'),
    "an id left out": (b'<au id="https://carabin.example/cyber/_au" ', b"<au "),
    "url before objectives": (b"<objectives>\n      <objective idref", b"<url>a</url><objectives>\n<objective idref"),
    "other namespace": (b"v1/CourseStructure.xsd", b"v2/CourseStructure.xsd"),
}


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("name", FAULTS)
def test_the_schema_sees_one_fault(name: str, tools: dict[str, str]) -> None:
    """The oracle can say no."""
    schema = Schemas(Path(tools["schemas"])).get("cmi5")
    assert schema is not None
    good = etree.tostring(structure(synthetic.course()), encoding="UTF-8")
    bad = good.replace(*FAULTS[name])
    assert bad != good
    assert schema.validate(etree.fromstring(good))
    assert not schema.validate(etree.fromstring(bad))


@pytest.mark.needs("schemas")
def test_it_uses_what_the_examples_of_the_specification_use(tools: dict[str, str]) -> None:
    """Each element of ours stands below the one where cmi5 §15 shows it."""
    examples = Path(tools["schemas"], "cmi5", "examples").glob("*.xml")
    shown = {place for path in examples for place in places(etree.parse(path).getroot())}
    assert places(structure(by_lesson(), SLOTS)) <= shown


def places(root: etree._Element) -> set[tuple[str, str]]:
    """Return each element's name with its parent's."""
    names = ((one, one.getparent()) for one in root.iter() if isinstance(one.tag, str))
    return {(etree.QName(one).localname, etree.QName(up).localname) for one, up in names if up is not None}


def test_a_course_is_one_unit() -> None:
    root = structure(synthetic.course())
    (course,) = root.iter("{*}course")
    (unit,) = root.iter("{*}au")
    assert course.get("id") == IRI
    assert {name: unit.get(name) for name in map(str, unit.attrib)} == {
        "id": f"{IRI}/_au",
        "moveOn": "CompletedAndPassed",
        "masteryScore": "0.8",
        "launchMethod": "AnyWindow",
        "activityType": "http://adlnet.gov/expapi/activities/course",
    }
    assert unit.findtext("{*}url") == "index.html"
    assert unit.find("{*}launchParameters") is None
    assert texts(course, "description") == texts(unit, "description") == {"fr-FR": "Deux leçons."}
    assert texts(structure(synthetic.course(description="")).find("{*}au"), "description") == texts(unit, "title")  # type: ignore[arg-type]


def test_objectives_are_those_that_the_course_names() -> None:
    """In the framework's words and order; units and blocks refer to them."""
    root = structure(by_lesson(), SLOTS)
    objectives = {one.get("id"): texts(one, "title") for one in root.iterfind("{*}objectives/{*}objective")}
    first, second = (f"{IRI}/_objective/D2.C1.O{number}" for number in (1, 2))
    assert objectives == {first: {"fr": "Reconnaître un message d'hameçonnage"}, second: {"fr": "Alerter sans délai"}}
    named = [[one.get("idref") for one in unit.iterfind("{*}objectives/{*}objective")] for unit in root.iter("{*}au")]
    assert named == [[first, second], [first], [first]]
    (block,) = root.iter("{*}block")
    assert [one.get("idref") for one in block.iterfind("{*}objectives/{*}objective")] == [first, second]
    unknown = synthetic.course(synthetic.lesson("seule", "Seule", objectives=("D9.C9.O9",)))
    assert structure(unknown).find("{*}objectives") is None


def test_lessons_are_units_in_the_blocks_of_their_modules() -> None:
    root = structure(by_lesson(), SLOTS)
    assert [etree.QName(one).localname for one in root] == ["course", "objectives", "block", "au"]
    (block,) = root.iter("{*}block")
    assert (block.get("id"), texts(block, "title")) == (f"{IRI}/_module-1", {"fr-FR": "Agir"})
    assert values(root, "id") == [f"{IRI}/_au-1", f"{IRI}/_au-4", f"{IRI}/_au-12"]
    assert values(root, "moveOn") == ["CompletedAndPassed", "Completed", "Completed"]
    assert values(root, "masteryScore") == ["0.8", None, None]
    assert [one.text for one in root.iter("{*}url")] == ["_sco-1.html", "_sco-4.html", "_sco-12.html"]


def test_units_and_the_completion_that_the_player_follows_agree() -> None:
    """A unit asks for a pass exactly where the lesson by itself can be passed."""
    for when in (CompleteWhen(None, True, None), UNGRADED):
        course = by_lesson(complete_when=when)
        units = dict(zip(SLOTS, structure(course, SLOTS).iter("{*}au"), strict=True))
        for lesson in course.lessons:
            table = completion_table(alone(course, lesson))
            passes = any(row.to == "passed" for rows in table.states.values() for row in rows)
            unit = units[lesson.id]
            assert passes == ("Passed" in unit.get("moveOn", "")) == (unit.get("masteryScore") is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_satisfies_a_unit_is_what_the_author_says(kind: MoveOn) -> None:
    assert values(structure(synthetic.course(move_on=kind)), "moveOn") == [kind]
    split = structure(by_lesson(move_on=kind), SLOTS)
    rest = "NotApplicable" if kind == "NotApplicable" else "Completed"
    assert values(split, "moveOn") == [kind, rest, rest]


def test_an_optional_lesson_holds_nobody_back() -> None:
    optional = synthetic.lesson("seule", "Seule", synthetic.QUESTION, audience=("infirmier",))
    course = by_lesson(optional, synthetic.lesson("pour-tous", "Pour tous"))
    slots = {"seule": 1, "pour-tous": 2}
    assert values(structure(course, slots), "moveOn") == ["NotApplicable", "Completed"]


@pytest.mark.parametrize(
    ("mastery", "score"), [(0.8, "0.8"), (1.0, "1"), (0.0, "0"), (0.66667, "0.6667"), (0.5, "0.5"), (0.00001, "0")]
)
def test_the_mastery_score_has_four_decimals(mastery: float, score: str) -> None:
    assert values(structure(synthetic.course(mastery=mastery)), "masteryScore") == [score]


@given(
    st.permutations(range(5)),
    st.lists(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1), min_size=5, max_size=5),
    st.sets(st.integers(0, 4)),
    st.sets(st.integers(0, 4), max_size=4),
    st.booleans(),
)
def test_units_keep_their_ids_through_every_edit(
    order: list[int], titles: list[str], renamed: set[int], gone: set[int], is_apart: bool
) -> None:
    """Learners' history hangs on them: other titles, order, ids (their slots are kept by `was`) and modules; lessons
    that are added and removed (standards j.1)."""
    slots = {f"lecon-{number}": number + 1 for number in range(5)}
    before = by_lesson(*(synthetic.lesson(name, name) for name in slots))
    ids = dict(zip(slots.values(), values(structure(before, slots), "id"), strict=True))
    kept = [number for number in order if number not in gone]
    names = {number: f"autre-{number}" if number in renamed else f"lecon-{number}" for number in kept}
    lessons = [synthetic.lesson(names[number], titles[number], module="" if is_apart else "agir") for number in kept]
    later = {names[number]: number + 1 for number in kept} | {"nouvelle": 9}
    after = by_lesson(*lessons, synthetic.lesson("nouvelle", "Nouvelle", module=""), version="9.0.0")
    units = {one.findtext("{*}url", ""): one.get("id", "") for one in structure(after, later).iter("{*}au")}
    assert units == {
        **{f"_sco-{number + 1}.html": ids[number + 1] for number in kept},
        "_sco-9.html": f"{IRI}/_au-9",
    }
    assert len(set(units.values())) == len(units)


def test_a_lock_keeps_the_ids_of_a_course_on_disk(tmp_path: Path) -> None:
    """Renamed with `was`, moved and retitled, from source to package."""
    course = shutil.copytree(SEVERAL, tmp_path / "lecons")
    before = values(etree.fromstring(written(course)), "id")
    page = course / "01-reperer" / "01-signes.md"
    text = page.read_text("utf-8")
    assert "id: signes" in text
    page.write_text(text.replace("id: signes", "id: indices\nwas: [signes]").replace("alertent", "comptent"), "utf-8")
    page.rename(course / "01-reperer" / "09-indices.md")
    link = course / "02-reagir" / "01-alerter.md"
    link.write_text(link.read_text("utf-8").replace("01-signes.md", "09-indices.md"), "utf-8")
    after = values(etree.fromstring(written(course)), "id")
    assert after == [before[1], before[0], before[2]]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_good_course_has_no_findings() -> None:
    assert cmi5.check(synthetic.course()) == ()
    assert cmi5.check(by_lesson()) == ()
    assert cmi5.check(replace(synthetic.course(), framework=None)) == ()


@pytest.mark.parametrize(
    ("iri", "code", "part"),
    [
        ("https:///", "T225", "https:"),
        ("https://?a=b", "T225", "https://?a=b"),
        ("https://user@/cours", "T225", "user@"),
        ("https://a:b:c/cours", "T225", "a:b:c"),
        ("https://carabin.example/a[1]", "T225", "["),
        ("https://carabin.example/100%", "T225", "%"),
        ("https://carabin.example/%zz", "T225", "%"),
        ("https://carabin.example/a#b#c", "T225", "#"),
        ("https://carabin.example/a\u200bb", "T225", "U+200B"),
        ("https://carabin.example/a\ue000", "T225", "U+E000"),
        ("https://carabin.example/a\ufdd0", "T225", "U+FDD0"),
        ("https://carabin.example/a?cours=1", "T226", "?"),
        ("https://carabin.example/a#cours", "T226", "#"),
        ("https://carabin.example/" + "a" * 250, "T231", None),
    ],
)
def test_an_iri_that_an_lrs_would_refuse_is_reported_at_its_place(
    tmp_path: Path, iri: str, code: str, part: str | None
) -> None:
    settings = COURSE.replace("https://carabin.example/feu", json.dumps(iri, ensure_ascii=False))
    (one,) = found_in(tmp_path, settings)
    severity = Severity.ERROR if code == "T225" else Severity.WARNING
    assert (one.code, one.severity, one.span.line, one.span.column) == (code, severity, 5, 6)
    assert one.arguments.get("part") == part


@pytest.mark.parametrize(
    "iri", ["http://[::1]:8080/a", "https://élan.example/é~(1)", "https://a.example/%C3%A9;v=1", "https://a.example"]
)
def test_an_iri_that_is_one_is_not_reported(tmp_path: Path, iri: str) -> None:
    assert found_in(tmp_path, COURSE.replace("https://carabin.example/feu", f"'{iri}'")) == ()


@pytest.mark.parametrize("iri", ["urn:cours", "carabin.example/feu", "https://a b", "https://a.example/<b>"])
def test_what_is_no_address_at_all_is_refused_by_the_settings(tmp_path: Path, iri: str) -> None:
    found = found_in(tmp_path, COURSE.replace("https://carabin.example/feu", f"'{iri}'"))
    assert [one.code for one in found] == ["S022"]


MASTERY = "mastery: 80\n"
PLACES = {
    "move_on: Passed": ("", [("T228", Severity.ERROR, 9, 22)]),
    "move_on: CompletedAndPassed": ("", [("T228", Severity.ERROR, 9, 22)]),
    "move_on: CompletedOrPassed": ("", []),
    "move_on: Completed": ("", []),
    "move_on: NotApplicable": ("", [("T229", Severity.NOTE, 9, 22)]),
    "move_on: Passed, sco: lesson": ("", [("T228", Severity.ERROR, 9, 22)]),
    "move_on: passed": ("", [("S023", Severity.ERROR, 9, 22)]),
    "move_on: [Passed]": ("", [("S021", Severity.ERROR, 9, 22)]),
    "move_on: ''": ("", []),
    "move_on: Passed ": (MASTERY, []),
    "sco: lesson, move_on: Passed": (MASTERY, []),
}


@pytest.mark.parametrize("packaging", PLACES)
def test_a_condition_that_nobody_or_everybody_meets_is_reported(tmp_path: Path, packaging: str) -> None:
    more, expected = PLACES[packaging]
    found = found_in(tmp_path, f"{COURSE}packaging: {{{packaging}}}\n{more}")
    assert [(one.code, one.severity, one.span.line, one.span.column) for one in found] == expected


def test_a_pass_wants_a_lesson_that_can_be_passed(tmp_path: Path) -> None:
    """Mastery is asked for, and no lesson by itself has a grade."""
    settings = f"{COURSE}packaging: {{sco: lesson, move_on: Passed}}\n{MASTERY}"
    lesson = LESSON.replace("duration: 5 min", "duration: 5 min\nkind: practice")
    assert {"T228", "A201"} <= {one.code for one in found_in(tmp_path, settings, lesson)}


def test_a_score_of_too_many_decimals_is_said(tmp_path: Path) -> None:
    (one,) = found_in(tmp_path, f"{COURSE}mastery: 66.66667\n")
    assert (one.code, one.severity, one.span.line, one.span.column) == ("T227", Severity.WARNING, 9, 10)
    assert one.arguments == {"percent": "66.67"}
    for fine in ("66.67", "80", "0", "100", "12,34"):
        assert found_in(tmp_path, f"{COURSE}mastery: {fine}\n") == ()


def test_titles_that_a_plug_in_cannot_store_are_said(tmp_path: Path) -> None:
    """Moodle's: 255 characters. Lessons only where they are units."""
    long = "mot " * 70
    lesson = LESSON.replace("Les portes", long)
    assert [(one.code, one.span.line) for one in found_in(tmp_path, COURSE.replace("Le feu", long), lesson)] == [
        ("T230", 2)
    ]
    (one,) = found_in(tmp_path, f"{COURSE}packaging: {{sco: lesson}}\n", lesson)
    assert (one.code, one.span.file.rpartition("/")[2], one.span.line) == ("T230", "01-portes.md", 2)
    assert one.arguments == {"limit": 255, "characters": 279}


def test_control_characters_are_reported_where_they_stand() -> None:
    """XML 1.0 §2.2."""
    (one,) = cmi5.check(synthetic.course(title="Le\x0bfeu"))
    assert (one.code, one.arguments["character"], one.span.line) == ("T208", "U+000B", 2)
    lesson = synthetic.lesson("seule", "Se\x00ule")
    assert [found.code for found in cmi5.check(synthetic.course(lesson))] == ["T208"]


def test_what_lessons_cannot_know_of_each_other_is_refused() -> None:
    found = cmi5.check(by_lesson(complete_when=CompleteWhen(("alerter",), False, 20)))
    assert [one.code for one in found] == ["T210", "T211"]


def test_two_courses_of_one_iri_are_one_to_an_lrs(tmp_path: Path) -> None:
    for name, iri in (("a", "https://x.example/feu/"), ("b", "'https://x.example/feu'"), ("c", "https://x.example/fe")):
        (tmp_path / name).mkdir()
        settings = COURSE.replace("id: feu", f"id: {name}").replace("https://carabin.example/feu", iri)
        (tmp_path / name / "course.yml").write_text(settings, "utf-8")
    roots, (found,) = find_courses([tmp_path])
    assert [root.name for root in roots] == ["a", "b", "c"]
    assert (found.code, found.severity, found.span.file[-12:]) == ("T232", Severity.WARNING, "b/course.yml")
    assert (found.span.line, found.span.column, found.span.end_column) == (5, 7, 28)
    assert str(found.arguments["other"]).endswith("a/course.yml")


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("true-false", "words"),
        ("choice", "choice"),
        ("fill-in", "text"),
        ("long-fill-in", "open"),
        ("matching", "pairs"),
        ("performance", "path"),
        ("sequencing", "sequence"),
        ("likert", "likert"),
        ("numeric", "numeric"),
    ],
)
def test_interactions_keep_their_type(kind: str, form: str) -> None:
    """xAPI 1.0.3 Data §2.4.4.1."""
    report = cmi5.reports(Interaction("q", kind))  # type: ignore[arg-type]
    assert (report.type, report.form) == (kind, form)


def test_several_answers_and_texts_on_the_device_are_told_apart() -> None:
    assert cmi5.reports(Interaction("q", "choice", multiple=True)).form == "set"
    assert cmi5.reports(Interaction("q", "long-fill-in", limit=0)).form == "device"


# --- the package -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("course", [EVERYTHING, SEVERAL, HERE / "courses" / "types"], ids=lambda path: path.name)
def test_packages_of_ours_are_good(course: Path, tmp_path: Path) -> None:
    """Our own checker, which knows what ADL's suite refuses."""
    (built,) = build(load(course), Options(("cmi5",)))
    assert built.package is not None, built.diagnostics
    path = write_package(built.package, tmp_path).path
    with open_package(path) as package:
        found = inspect_opened(package, Schemas(), path.name)
    codes = {one.code for one in found.findings} - {"P199", "P209"}
    assert (found.standard, found.verdict, codes) == ("cmi5", Verdict.GOOD, {"P508", "P526"})
    pages = ["index.html"] if course != SEVERAL else [f"_sco-{slot}.html" for slot in (1, 4, 5)]
    assert [page for page, _ in found.launches] == pages


def test_the_package_tells_what_it_holds() -> None:
    scos = tuple(Sco(name, slot, synthetic.TABLE, 900) for name, slot in SLOTS.items())
    course = by_lesson()
    package = cmi5.package(course, site_of(course, SLOTS), synthetic.build(scos=scos, variant="QC"))
    members = {member.name: member.content for member in package.members}
    assert (package.name, package.sheet) == ("cyber-1.2.0-cmi5-QC.zip", "cyber-1.2.0-cmi5-QC.html")
    assert list(members)[:2] == ["cmi5.xml", "carabin.json"]
    assert {"xapi/activities.json", "xapi/statements.json", "xapi/profile.jsonld"} <= set(members)
    root = etree.fromstring(members["cmi5.xml"])
    units = values(root, "id")
    activities = {one["id"]: one["definition"] for one in json.loads(members["xapi/activities.json"])["activities"]}
    assert [activities[str(name)]["type"] for name in units] == values(root, "activityType")
    named = [*values(root, "id", "block"), *values(root.find("{*}objectives"), "id", "objective")]  # type: ignore[arg-type]
    assert len(named) == 3
    assert set(named) < set(activities)
    launches = json.loads(members["xapi/statements.json"])["launches"]
    assert [launches[f"cyber/{slot}"]["activity"] for slot in SLOTS.values()] == units
    assert json.loads(members["carabin.json"])["target"] == "cmi5"


# --- updates ---------------------------------------------------------------------------------------------------------


def diff(old: Path, new: Path) -> tuple[str, list[tuple[str, str, str]]]:
    """Return verdict and items of `carabin diff`; a learner's are left out."""
    result = CliRunner().invoke(carabin, ["diff", str(old), str(new), "--format", "json"])
    assert result.stdout, result.output
    found = json.loads(result.stdout)
    items = [(one["kind"], one["change"], one["effect"]) for one in found["items"] if one["kind"] != "learner"]
    return found["verdict"], items


def test_diff_says_what_breaks_progress(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    assert found_in(old, COURSE + MASTERY) == ()
    CliRunner().invoke(carabin, ["lock", str(old), "--release"])
    for settings, verdict, items in (
        (COURSE.replace("Le feu", "L’incendie") + MASTERY, "safe", []),
        (
            COURSE.replace("example/feu", "example/incendie") + MASTERY,
            "breaks",
            [("course", "iri https://carabin.example/feu → https://carabin.example/incendie", "lost")],
        ),
        (
            f"{COURSE}{MASTERY}packaging: {{move_on: CompletedOrPassed}}\n",
            "notes",
            [("course", "move-on CompletedAndPassed → CompletedOrPassed", "changed")],
        ),
        (
            f"{COURSE}{MASTERY}packaging: {{sco: lesson}}\n",
            "breaks",
            [
                ("course", "sco course → lesson", "lost"),
                ("item", "removed feu → -", "lost"),
                ("item", "added - → portes", "new"),
            ],
        ),
    ):
        new = shutil.copytree(old, tmp_path / "new")
        (new / "course.yml").write_text(settings, "utf-8")
        assert diff(old, new) == (verdict, items)
        shutil.rmtree(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<au ", b"<ua "),
        (b'id="https://carabin.example/feu/_au" ', b""),
        (b' moveOn="CompletedAndPassed"', b""),
        (b"<url>index.html</url>", b"<url>other.html</url>"),
        (b"<course id", b"<curse id"),
        (b"</courseStructure>", b""),
        (b"<courseStructure", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><courseStructure"),
    ],
)
def test_a_damaged_structure_is_said_with_the_place(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert found_in(tmp_path, COURSE + MASTERY) == ()
    (built,) = build(load(tmp_path), Options(("cmi5",)))
    assert built.package is not None
    members = {member.name: member.content for member in built.package.members}
    edition = read_edition(members.get)
    assert isinstance(edition, Edition)
    assert (edition.iri, edition.move_on) == (
        "https://carabin.example/feu",
        {"https://carabin.example/feu/_au": "CompletedAndPassed"},
    )
    assert old in members["cmi5.xml"]
    damaged = read_edition({**members, "cmi5.xml": members["cmi5.xml"].replace(old, new)}.get)
    if b"DOCTYPE" in new:
        assert damaged == edition  # no entity is read
    else:
        assert isinstance(damaged, Unreadable)
        assert damaged.reason == "damaged"


def test_of_several_targets_the_one_is_compared_where_an_iri_matters(tmp_path: Path) -> None:
    """Also in a pull request, where breaking without saying so is an error."""
    settings = COURSE.replace("[cmi5]", "[scorm12, xapi, cmi5]")
    root = tmp_path / "feu"
    root.mkdir()
    assert found_in(root, settings) == ()
    CliRunner().invoke(carabin, ["lock", str(root), "--release"])
    old = shutil.copytree(root, tmp_path / "old")
    for command in (["init", "-q"], ["add", "."], [*AS_ADA, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    (root / "course.yml").write_text(settings.replace("example/feu", "example/incendie"), "utf-8")
    verdict, items = diff(old, root)
    assert (verdict, [kind for kind, *_ in items]) == ("breaks", ["course"])
    result = CliRunner().invoke(carabin, ["check", str(root), "--against", "HEAD", "--format", "json"])
    assert result.stdout, (result.output, result.exception)
    found = {one["code"]: one["severity"] for one in json.loads(result.stdout)["diagnostics"]}
    assert found["S086"] == "error"
    (root / "course.yml").write_text(settings.replace("Le feu", "L’incendie"), "utf-8")
    assert diff(old, root) == ("safe", [])


def test_another_iri_is_noted_where_records_do_not_hang_on_it(tmp_path: Path) -> None:
    """The LMS keeps what it has; an LRS that was told besides begins anew."""
    old = tmp_path / "old"
    old.mkdir()
    settings = COURSE.replace("[cmi5]", "[scorm12]")
    assert found_in(old, settings) == ()
    CliRunner().invoke(carabin, ["lock", str(old), "--release"])
    new = shutil.copytree(old, tmp_path / "new")
    (new / "course.yml").write_text(settings.replace("example/feu", "example/incendie"), "utf-8")
    change = "iri-told https://carabin.example/feu → https://carabin.example/incendie"
    assert diff(old, new) == ("notes", [("course", change, "changed")])

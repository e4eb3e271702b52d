"""Target xapi: `tincan.xml` against our schema of it, and what LMSs read in it (standards d.5)."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import synthetic
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_cmi5 import COURSE, EVERYTHING, GOLDEN, HERE, MASTERY, SEVERAL, diff, found_in

from builder.cli import carabin
from builder.diagnostics import Severity
from builder.inspect import Verdict
from builder.inspect.archive import open_package
from builder.inspect.run import inspect_opened
from builder.inspect.xml import Schemas
from builder.load import load
from builder.model import Course
from builder.pipeline import Options, build
from builder.targets import Target, xapi
from builder.write import write_package

IRI = "https://carabin.example/cyber"
TYPES = "http://adlnet.gov/expapi/activities/"


def description(course: Course) -> etree._Element:
    """Return `tincan.xml` of a course made of values."""
    return etree.fromstring(xapi.manifest(course, synthetic.site(course), synthetic.build()))


def members(course: Path) -> dict[str, bytes]:
    (built,) = build(load(course), Options(("xapi",)))
    assert built.package is not None, built.diagnostics
    return {member.name: member.content for member in built.package.members}


def test_the_module_is_a_target() -> None:
    target: Target = xapi
    assert (target.NAME, target.DRIVERS, target.STATE_LIMIT) == ("xapi", ("xapi", "local"), 32_000)
    assert (target.SPLITS, target.LRS) == (False, "driver")


def test_the_description_of_a_course(update: bool) -> None:
    made = members(EVERYTHING)
    golden = GOLDEN / "tincan-everything.xml"
    if update:
        golden.write_bytes(made["tincan.xml"])
    assert made["tincan.xml"].decode() == golden.read_text("utf-8")
    assert b"&#" not in made["tincan.xml"]  # Moodle's plug-in mangles character references
    assert next(iter(made)) == "tincan.xml"
    assert list(members(EVERYTHING).items()) == list(made.items())


VALID: dict[str, Course] = {
    "whole": synthetic.course(),
    "bare": replace(synthetic.course(description="", domain=""), framework=None),
    "signs": synthetic.course(title='"<&>]]>', description="山田 & <b>"),
    "other script": synthetic.course(iri="https://carabin.example/sécurité/山", language="zh-Hant-TW"),
    "no question": synthetic.course(synthetic.lesson("lire", "Lire")),
    "control character": synthetic.course(synthetic.lesson("a", "A", replace(synthetic.QUESTION, title="Qu\x0boi ?"))),
}


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("name", VALID)
def test_descriptions_are_valid(name: str, tools: dict[str, str]) -> None:
    schema = Schemas(Path(tools["schemas"])).get("tincan")
    assert schema is not None
    root = description(VALID[name])
    assert schema.validate(root), schema.error_log
    root[0][-1].set("id", "cyber")
    assert not schema.validate(root), "the oracle can say no"


def test_the_course_is_launched_and_stands_first() -> None:
    """Moodle's plug-in takes id and launch of the first activity."""
    first, *others = description(synthetic.course()).iter("{*}activity")
    assert (first.get("id"), first.get("type")) == (IRI, f"{TYPES}course")
    (launch,) = first.iterfind("{*}launch")
    assert (launch.text, launch.get("lang")) == ("index.html", "fr-FR")
    assert (first.findtext("{*}name"), first.findtext("{*}description")) == (
        "La cybersécurité en santé : <réagir> & « alerter »",
        "Deux leçons.",
    )
    assert not [one for other in others for one in other.iterfind("{*}launch")]
    assert description(synthetic.course(description="")).findtext(".//{*}description") == first.findtext("{*}name")


def test_activities_are_those_that_statements_speak_of() -> None:
    """Each id of `xapi/activities.json` that has a name, once, with type and words."""
    made = members(EVERYTHING)
    root = etree.fromstring(made["tincan.xml"])
    told = {one["id"]: one["definition"] for one in json.loads(made["xapi/activities.json"])["activities"]}
    shown = {one.get("id"): one for one in root.iter("{*}activity")}
    assert list(shown) == [name for name in told if name in shown]
    assert len(shown) == len(list(root.iter("{*}activity")))
    assert [name for name in told if name not in shown] == [name for name, one in told.items() if "name" not in one]
    for name, one in shown.items():
        definition = told[str(name)]
        assert one.get("type") == definition["type"]
        assert one.findtext("{*}interactionType") == definition.get("interactionType")
        assert one.findtext("{*}name") in definition["name"].values()
        assert one.findtext("{*}description")


@given(
    st.permutations(("a", "b", "c")),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1),
    st.sampled_from(("0.1.0", "9.0.0-rc.1")),
)
def test_the_launched_id_survives_every_edit(order: list[str], title: str, version: str) -> None:
    lessons = (synthetic.lesson(name, title) for name in order)
    root = description(synthetic.course(*lessons, title=title, version=version))
    launched = [one.get("id") for one in root.iter("{*}activity") if one.find("{*}launch") is not None]
    assert launched == [IRI]
    ids = {one.get("id") for one in root.iter("{*}activity")}
    assert {f"{IRI}/{name}" for name in order} < ids


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_good_course_has_no_findings() -> None:
    assert xapi.check(synthetic.course()) == ()
    assert xapi.check(replace(synthetic.course(sco="lesson"), framework=None)) == ()


def test_what_an_lrs_or_a_plug_in_would_refuse_is_reported_at_its_place(tmp_path: Path) -> None:
    settings = COURSE.replace("[cmi5]", "[xapi]")
    for old, new, code, line in (
        ("https://carabin.example/feu", "'https://carabin.example/[feu]'", "T225", 5),
        ("https://carabin.example/feu", "'https://carabin.example/#feu'", "T226", 5),
        ("https://carabin.example/feu", f"https://carabin.example/{'feu' * 80}", "T231", 5),
        ("Le feu", "feu " * 65, "T230", 2),
    ):
        (one,) = found_in(tmp_path, settings.replace(old, new))
        assert (one.code, one.span.line) == (code, line)
    assert found_in(tmp_path, settings) == ()


def test_both_targets_say_alike_things_once(tmp_path: Path) -> None:
    found = found_in(tmp_path, COURSE.replace("[cmi5]", "[cmi5, xapi]").replace("example/feu", "example/100%"))
    assert [(one.code, one.severity) for one in found] == [("T225", Severity.ERROR)]


def test_what_satisfies_a_unit_of_cmi5_does_not_matter_here(tmp_path: Path) -> None:
    settings = f"{COURSE}packaging: {{move_on: Passed, sco: lesson}}\n"
    assert found_in(tmp_path, settings.replace("[cmi5]", "[xapi]")) == ()


# --- the package -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("course", [EVERYTHING, SEVERAL, HERE / "courses" / "types"], ids=lambda path: path.name)
def test_packages_of_ours_are_good(course: Path, tmp_path: Path) -> None:
    (built,) = build(load(course), Options(("xapi",)))
    assert built.package is not None, built.diagnostics
    path = write_package(built.package, tmp_path).path
    assert path.name == f"{course.name}-1.0.0-xapi.zip"
    with open_package(path) as package:
        found = inspect_opened(package, Schemas(), path.name)
    codes = {one.code for one in found.findings} - {"P209"}
    assert (found.standard, found.verdict, codes) == ("tincan", Verdict.GOOD, {"P615"})
    assert [page for page, _ in found.launches] == ["index.html"]


# --- updates ---------------------------------------------------------------------------------------------------------


def test_diff_says_what_breaks_progress(tmp_path: Path) -> None:
    """Lesson by lesson means nothing here, and the condition is cmi5's."""
    settings = COURSE.replace("[cmi5]", "[xapi]") + MASTERY
    old = tmp_path / "old"
    old.mkdir()
    assert found_in(old, settings) == ()
    CliRunner().invoke(carabin, ["lock", str(old), "--release"])
    renamed = "iri https://carabin.example/feu → https://carabin.example/incendie"
    for later, verdict, items in (
        (settings.replace("Le feu", "L’incendie"), "safe", []),
        (f"{settings}packaging: {{sco: lesson, move_on: Completed}}\n", "safe", []),
        (settings.replace("example/feu", "example/incendie"), "breaks", [("course", renamed, "lost")]),
        (settings.replace("mastery: 80", "mastery: 60"), "notes", [("course", "mastery 80 → 60", "regraded")]),
    ):
        new = shutil.copytree(old, tmp_path / "new")
        (new / "course.yml").write_text(later, "utf-8")
        assert diff(old, new) == (verdict, items)
        shutil.rmtree(new)

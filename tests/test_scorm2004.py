"""Target scorm2004: the manifest against the official schemas, sequencing that adds up, metadata (standards c, g.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import schemas
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_scorm12 import PLACES, SLOTS, by_lesson, site_of

from builder import player
from builder.diagnostics import Severity, Span
from builder.inspect import Verdict
from builder.inspect.archive import from_bytes
from builder.inspect.run import inspect_opened
from builder.inspect.xml import Schemas
from builder.model import Author, CompleteWhen, Course, Interaction, Lesson, Member, Module
from builder.questions import quiz
from builder.targets import COMMON, Target, scorm2004

GOLDEN = Path(__file__).parent / "golden" / "scorm2004-imsmanifest.xml"
SEVERAL = GOLDEN.with_name("scorm2004-imsmanifest-several.xml")
CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
SS = "{http://www.imsglobal.org/xsd/imsss}"
ADLCP = "{http://www.adlnet.org/xsd/adlcp_v1p3}"
NAV = "{http://www.adlnet.org/xsd/adlnav_v1p3}"
LOM = "{http://ltsc.ieee.org/xsd/LOM}"


def members(course: Course, slots: Mapping[str, int] | None = None) -> dict[str, Member]:
    """Return the members of a course's package by name, in order; `slots`: those of its SCOs."""
    site = synthetic.site(course) if slots is None else site_of(course, slots)
    return {member.name: member for member in scorm2004.package(course, site, synthetic.build()).members}


def manifest(course: Course, slots: Mapping[str, int] | None = None) -> bytes:
    return members(course, slots)["imsmanifest.xml"].content


def several(course: Course, slots: Mapping[str, int] = SLOTS) -> bytes:
    return manifest(course, slots)


def attributes(element: etree._Element | None) -> dict[str, str]:
    assert element is not None
    return {str(key): str(value) for key, value in element.attrib.items()}


def item(root: etree._Element, identifier: str) -> etree._Element:
    (found,) = (one for one in root.iter(f"{CP}item") if one.get("identifier") == identifier)
    return found


def sequencing(holder: etree._Element, part: str) -> etree._Element | None:
    return holder.find(f"{SS}sequencing/{SS}{part}")


def test_the_module_is_a_target() -> None:
    target: Target = scorm2004
    assert (target.NAME, target.DRIVERS, target.STATE_LIMIT) == ("scorm2004", ("scorm2004", "local"), 64_000)
    assert (target.SPLITS, target.LRS) == (True, "recorder")


def test_the_manifest_of_a_small_course(update: bool) -> None:
    content = manifest(synthetic.course())
    if update:
        GOLDEN.write_bytes(content)
    assert content.decode() == GOLDEN.read_text("utf-8")


def test_the_manifest_of_several_scos(update: bool) -> None:
    content = several(by_lesson())
    if update:
        SEVERAL.write_bytes(content)
    assert content.decode() == SEVERAL.read_text("utf-8")


COURSES = {
    "whole": synthetic.course(),
    "no schemas": synthetic.course(schemas=False),
    "bare": replace(synthetic.course(description="", authors=(), domain=""), framework=None),
    "no objective": synthetic.course(synthetic.lesson("seule", "Seule", objectives=())),
    "no mastery": synthetic.course(mastery=None, complete_when=CompleteWhen(None, False, None)),
    "long": synthetic.course(title="x" * 300, version="1.0.0-rc.1234567890.12345", language="fr", minutes=0.5),
    "signs": synthetic.course(title='"<&>]]>', authors=(Author("A, B"), Author("山田")), keywords=("é", "&")),
    "names": synthetic.course(assets=("media/a b.png", "media/été.png", "media/100%.png", "media/a&b.png")),
}


@pytest.mark.parametrize("name", COURSES)
def test_manifests_are_valid(name: str) -> None:
    """IMS CP 1.1.4, IMS SS 1.0, ADL CP, SEQ and NAV 1.3 schemas of the 4th edition."""
    assert schemas.errors(schemas.scorm2004(), manifest(COURSES[name])) == []


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("name", COURSES)
def test_metadata_are_valid(name: str, tools: dict[str, str]) -> None:
    """IEEE LOM 1.0 with its strict vocabularies and unique elements, which no package carries."""
    schema = schemas.whole(Path(tools["schemas"]) / "scorm2004_4th")
    assert schemas.errors(schema, manifest(COURSES[name])) == []
    assert schemas.errors(schema, several(by_lesson())) == []


FAULTS = {
    "unknown kind": (b'scormType="sco"', b'scormType="page"'),
    "identifier twice": (b'identifier="R-cyber"', b'identifier="I-cyber"'),
    "resource without type": (b' type="webcontent"', b""),
    "file without href": (b'<file href="style.css"/>', b"<file/>"),
    "button that nobody knows": (b">continue</adlnav", b">next</adlnav"),
    "measure out of range": (b">0.8</imsss", b">80</imsss"),
    "objective without id": (b' objectiveID="D2.C1.O1"', b""),
    "parts out of order": (b"imsss:deliveryControls", b"imsss:controlMode"),
    "not a boolean": (b'flow="true"', b'flow="yes"'),
    "not a word of LOM": (b"<lom:value>exercise", b"<lom:value>Exercise"),
    "no resources": (b"resources>", b"organizations>"),
}


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("name", FAULTS)
def test_the_schemas_see_one_fault(name: str, tools: dict[str, str]) -> None:
    """The oracle can say no."""
    good = manifest(synthetic.course())
    bad = good.replace(*FAULTS[name])
    assert bad != good
    assert schemas.errors(schemas.whole(Path(tools["schemas"]) / "scorm2004_4th"), bad) != []


@pytest.mark.needs("schemas")
def test_the_schema_files_are_the_official_ones(tools: dict[str, str]) -> None:
    """Line endings apart, and but for the file that is imported from the package instead of the network, and DTDs."""
    shipped = player.schemas("scorm2004")
    assert len(shipped) == 17
    differ = set()
    for name, content in shipped:
        official = (Path(tools["schemas"]) / "scorm2004_4th" / name).read_bytes()
        if content.replace(b"\r\n", b"\n") != official.replace(b"\r\n", b"\n"):
            differ.add(name)
    assert differ == {"imscp_v1p1.xsd", "XMLSchema.dtd", "datatypes.dtd"}


@pytest.mark.parametrize("course", [synthetic.course(), by_lesson()], ids=["one SCO", "several"])
def test_our_inspection_finds_nothing_to_mend(course: Course) -> None:
    """Every reference, launch file, value and rollup: only that Moodle does not judge by a passing score is noted."""
    from packages import zipped

    slots = SLOTS if course.settings.sco == "lesson" else None
    content = zipped({name: member.content for name, member in members(course, slots).items()})
    found = inspect_opened(from_bytes("cyber.zip", content), Schemas(None), "cyber.zip")
    manifest_findings = {one.code for one in found.findings if one.path == "imsmanifest.xml"}
    assert manifest_findings <= {"P209", "P445"}
    assert not [one for one in found.findings if one.verdict is Verdict.BROKEN and one.code.startswith("P4")]


def test_what_schemas_do_not_say() -> None:
    """Standards c.1, f.1: references, files, prefixes, words that Moodle compares, identifiers as in SCORM 1.2."""
    course = synthetic.course(assets=("media/plan.svg", "media/été 1.png"))
    package = members(course)
    content = package["imsmanifest.xml"].content
    assert next(iter(package)) == "imsmanifest.xml"
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="http://www.imsglobal.org')
    assert b"&#" not in content
    assert b"<schemaversion>2004 4th Edition</schemaversion>" in content
    assert b' adlcp:scormType="sco"' in content
    assert b'adlseq:objectivesGlobalToSystem="false"' in content
    root = etree.fromstring(content)
    (resource,) = root.iter(f"{CP}resource")
    (one,) = root.iter(f"{CP}item")
    assert (one.get("identifier"), one.get("identifierref")) == ("I-cyber", resource.get("identifier"))
    hrefs = [file.get("href", "") for file in resource.iter(f"{CP}file")]
    control = {"imsmanifest.xml", *(name for name, _ in player.schemas("scorm2004"))}
    assert sorted(map(unquote, hrefs)) == sorted(set(package) - control)
    locations = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split()
    assert set(locations[1::2]) < control
    assert not [name for name in members(synthetic.course(schemas=False)) if name.endswith((".xsd", ".dtd"))]


def test_one_sco_is_judged_by_its_score_and_reports_objectives() -> None:
    root = etree.fromstring(manifest(synthetic.course()))
    one = item(root, "I-cyber")
    objectives = sequencing(one, "objectives")
    delivery = sequencing(one, "deliveryControls")
    assert objectives is not None
    primary, *others = objectives
    assert (primary.tag, primary.get("objectiveID"), primary.get("satisfiedByMeasure")) == (
        f"{SS}primaryObjective",
        "p-cyber",
        "true",
    )
    assert primary.findtext(f"{SS}minNormalizedMeasure") == "0.8"
    assert [other.get("objectiveID") for other in others] == ["D2.C1.O1", "D2.C1.O2"]
    assert attributes(delivery) == {"completionSetByContent": "true", "objectiveSetByContent": "true"}
    assert sequencing(one, "controlMode") is None, "a leaf has no children to choose from"
    hidden = [button.text for button in one.iter(f"{NAV}hideLMSUI")]
    assert hidden == ["previous", "continue", "exit", "abandon", "abandonAll"]
    (organization,) = root.iter(f"{CP}organization")
    assert attributes(sequencing(organization, "controlMode")) == {"choice": "true", "flow": "true"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "0.8"),
        ({"mastery": 2 / 3}, "0.6667"),
        ({"mastery": 0.0}, "0"),
        ({"mastery": 1.0}, "1"),
        ({"complete_when": CompleteWhen(None, False, None)}, None),
        ({"mastery": None, "complete_when": CompleteWhen(None, False, None)}, None),
    ],
)
def test_a_score_satisfies_only_where_mastery_counts(changes: dict[str, Any], expected: str | None) -> None:
    root = etree.fromstring(manifest(synthetic.course(**changes)))
    assert root.findtext(f".//{SS}minNormalizedMeasure") == expected
    bare = synthetic.course(synthetic.lesson("seule", "Seule"), **changes)
    assert etree.fromstring(manifest(bare)).find(f".//{SS}minNormalizedMeasure") is None


def test_lessons_add_up_by_points() -> None:
    """SN §4.5: measures are weighted means, so weights are points over one power of ten, in modules and in the
    course; what scores nothing weighs nothing; what is optional completes nothing."""
    twelve = replace(synthetic.QUESTION, id="a", points=12)
    more = replace(synthetic.QUESTION, id="b", points=0.5)
    lessons = (
        synthetic.lesson("reconnaitre", "Reconnaître", twelve, more),
        synthetic.lesson("alerter", "Alerter", audience=("medecin",)),
        synthetic.lesson("relire", "Relire", replace(synthetic.QUESTION, id="c", points=3), module=""),
        synthetic.lesson("essai", "Essai", replace(synthetic.QUESTION, id="d"), module="", is_graded=False),
    )
    root = etree.fromstring(several(by_lesson(*lessons), {**SLOTS, "essai": 13}))

    def rules(identifier: str) -> dict[str, str]:
        return attributes(sequencing(item(root, identifier), "rollupRules"))

    nothing = {"rollupObjectiveSatisfied": "false", "objectiveMeasureWeight": "0"}
    assert rules("I-cyber-1") == {"objectiveMeasureWeight": "0.125"}
    assert rules("I-cyber-4") == {**nothing, "rollupProgressCompletion": "false"}
    assert rules("G-cyber-1") == {"objectiveMeasureWeight": "0.125"}
    assert rules("I-cyber-12") == {"objectiveMeasureWeight": "0.03"}
    assert rules("I-cyber-13") == nothing
    (organization,) = root.iter(f"{CP}organization")
    assert sequencing(organization, "objectives") is None, "satisfied by its lessons, not by a mean of some"
    judged = {one.get("identifier"): one.find(f".//{SS}minNormalizedMeasure") for one in root.iter(f"{CP}item")}
    assert [name for name, found in judged.items() if found is not None and name != "G-cyber-1"] == [
        "I-cyber-1",
        "I-cyber-12",
    ]


def test_a_module_of_optional_lessons_holds_nothing_up_unless_all_are() -> None:
    some = synthetic.lesson("reconnaitre", "R", audience=("x",))
    rest = synthetic.lesson("relire", "Relire", module="")
    mixed = etree.fromstring(several(by_lesson(some, rest)))
    all_ = etree.fromstring(several(by_lesson(some, replace(rest, audience=("y",)))))
    for root, expected in ((mixed, ["false", "false", None]), (all_, [None, None, None])):
        found = [sequencing(item(root, name), "rollupRules") for name in ("G-cyber-1", "I-cyber-1", "I-cyber-12")]
        assert [one is not None and one.get("rollupProgressCompletion") for one in found] == expected


def test_an_optional_lesson_holds_back_no_pass_though_it_scores() -> None:
    """It counts in the score, as in the grade of one SCO."""

    def satisfies(*optional: str) -> dict[str, str | None]:
        lessons = [
            synthetic.lesson(
                name,
                name,
                replace(synthetic.QUESTION, id=f"q-{name}"),
                audience=("x",) if name in optional else (),
                module="agir" if name != "relire" else "",
            )
            for name in SLOTS
        ]
        root = etree.fromstring(several(by_lesson(*lessons)))
        found = {name: sequencing(item(root, f"I-cyber-{slot}"), "rollupRules") for name, slot in SLOTS.items()}
        assert {attributes(one)["objectiveMeasureWeight"] for one in found.values()} == {"0.2"}
        return {name: attributes(one).get("rollupObjectiveSatisfied") for name, one in found.items()}

    assert satisfies("alerter") == {"reconnaitre": None, "alerter": "false", "relire": None}
    assert satisfies(*SLOTS) == dict.fromkeys(SLOTS)


def test_every_cluster_lets_learners_choose_and_go_on() -> None:
    root = etree.fromstring(several(by_lesson()))
    clusters = [one for one in root.iter(f"{CP}item", f"{CP}organization") if one.find(f"{CP}item") is not None]
    assert len(clusters) == 2
    for cluster in clusters:
        assert attributes(sequencing(cluster, "controlMode")) == {"choice": "true", "flow": "true"}
        assert list(cluster)[-1].tag == f"{SS}sequencing", "after the items"


def test_each_sco_has_the_objectives_of_its_lesson() -> None:
    root = etree.fromstring(several(by_lesson()))
    found = {
        one.get("identifier"): [each.get("objectiveID") for each in one.iterfind(f".//{SS}objective")]
        for one in root.iter(f"{CP}item")
        if one.get("identifierref")
    }
    assert found == {"I-cyber-1": ["D2.C1.O1", "D2.C1.O2"], "I-cyber-4": ["D2.C1.O1"], "I-cyber-12": ["D2.C1.O1"]}


@given(st.lists(st.sampled_from([0.25, 0.5, 1, 1.5, 2, 3, 7, 10, 45]), min_size=1, max_size=6))
def test_no_weight_is_rounded(points: list[float]) -> None:
    lessons = [
        synthetic.lesson(f"l{n}", "L", replace(synthetic.QUESTION, id=f"q{n}", points=one))
        for n, one in enumerate(points)
    ]
    content = several(by_lesson(*lessons), {f"l{n}": n + 1 for n in range(len(points))})
    root = etree.fromstring(content)
    assert schemas.errors(schemas.scorm2004(), content) == []
    found = [sequencing(item(root, f"I-cyber-{n + 1}"), "rollupRules") for n in range(len(points))]
    weights = [Decimal(one.get("objectiveMeasureWeight", "")) for one in found if one is not None]
    scale = {weight / Decimal(str(one)) for weight, one in zip(weights, points, strict=True)}
    assert len(scale) == 1
    assert scale <= {Decimal(1), Decimal("0.1"), Decimal("0.01"), Decimal("0.001")}
    assert sum(weights) <= 1


def test_a_pool_weighs_what_is_drawn_of_it() -> None:
    around = replace(synthetic.QUESTION, id="tirage", type=quiz.NAME, is_scored=False, settings={"draw": [("", 2)]})
    inside = [replace(synthetic.QUESTION, id=f"t{n}", quiz="tirage", points=3) for n in range(5)]
    lesson = synthetic.lesson("a", "A", around, *inside, replace(synthetic.QUESTION, id="hors", points=1))
    assert scorm2004.weight(lesson) == 7
    whole = replace(around, settings={"draw": []})
    assert scorm2004.weight(replace(lesson, questions=(whole, *inside))) == 15
    assert scorm2004.weight(replace(lesson, is_graded=False)) == 0
    empty = replace(lesson, questions=(around,))
    assert scorm2004.weight(empty) == 0


@given(
    st.permutations(["reconnaitre", "alerter", "relire"]),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=300),
)
def test_items_survive_every_edit(order: list[str], title: str) -> None:
    """The slot is for life, as no title, order, module or id is: progress hangs on it (standards j.1)."""
    renamed = {name: f"{name}-2" for name in order}
    lessons = [synthetic.lesson(renamed[name], title, module="agir" if name == order[0] else "") for name in order]
    edited = several(by_lesson(*lessons, title=title), {renamed[name]: SLOTS[name] for name in order})
    assert schemas.errors(schemas.scorm2004(), edited) == []
    found = {one.get("identifier") for one in etree.fromstring(edited).iter(f"{CP}item") if one.get("identifierref")}
    assert found == {"I-cyber-1", "I-cyber-4", "I-cyber-12"}


def test_metadata_says_what_the_course_teaches() -> None:
    """IEEE LOM: a path is a row of taxa, the widest first; durations and vocabularies in their own forms."""
    (lom,) = etree.fromstring(manifest(synthetic.course())).iter(f"{LOM}lom")
    paths = [[taxon.text for taxon in path.iter(f"{LOM}id")] for path in lom.iter(f"{LOM}taxonPath")]
    assert paths == [["D2", "D2.C1", "D2.C1.O1"], ["D2", "D2.C1", "D2.C1.O2"]]
    assert {len(path.findall(f"{LOM}taxon")) for path in lom.iter(f"{LOM}taxonPath")} == {3}
    assert lom.findtext(f"{LOM}educational/{LOM}typicalLearningTime/{LOM}duration") == "PT1H30M"
    assert lom.findtext(f"{LOM}educational/{LOM}context/{LOM}value") == "training"
    assert lom.findtext(f"{LOM}general/{LOM}identifier/{LOM}entry") == "https://carabin.example/cyber"
    title = lom.find(f"{LOM}general/{LOM}title/{LOM}string")
    assert title is not None
    assert title.get("language") == "fr-FR"
    assert lom.findtext(f".//{LOM}contribute/{LOM}entity") == (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Marie Dupont\\; DSI\nN:Marie Dupont\\; DSI;;;;\nEND:VCARD"
    )


@pytest.mark.parametrize(
    ("interaction", "reported"),
    [
        (Interaction("q", "true-false"), ("true-false", "words")),
        (Interaction("q", "choice"), ("choice", "choice")),
        (Interaction("q", "choice", multiple=True), ("choice", "set")),
        (Interaction("q", "fill-in"), ("fill-in", "line")),
        (Interaction("q", "long-fill-in", limit=150), ("long-fill-in", "long")),
        (Interaction("q", "long-fill-in", limit=0), ("long-fill-in", "device")),
        (Interaction("q", "matching"), ("matching", "pairs")),
        (Interaction("q", "performance"), ("performance", "path")),
        (Interaction("q", "sequencing"), ("sequencing", "sequence")),
        (Interaction("q", "likert"), ("likert", "likert")),
        (Interaction("q", "numeric"), ("numeric", "numeric")),
    ],
    ids=lambda value: value.type if isinstance(value, Interaction) else "",
)
def test_the_ten_interaction_types_are_told_as_they_are(interaction: Interaction, reported: tuple[str, str]) -> None:
    """SCORM 2004 4th edition RTE §4.2.9."""
    report = scorm2004.reports(interaction)
    assert (report.type, report.form) == reported


def test_what_is_refused_and_what_is_noted() -> None:
    """What a lesson cannot know is refused, as in SCORM 1.2; what is optional is, where the LMS reads the manifest."""
    assert scorm2004.check(synthetic.course()) == ()
    when = CompleteWhen(("alerter",), True, 30)
    found = scorm2004.check(by_lesson(complete_when=when, spans=PLACES))
    assert [(one.code, one.severity, one.span.column) for one in found] == [
        ("T210", Severity.ERROR, 17),
        ("T211", Severity.ERROR, 40),
    ]
    optional = synthetic.lesson("alerter", "A", audience=("medecin",), spans={"audience": Span("y.md", 5, 1)})
    (found_one,) = scorm2004.check(by_lesson(synthetic.lesson("reconnaitre", "R"), optional))
    assert (found_one.code, found_one.severity, found_one.span) == ("T217", Severity.NOTE, Span("y.md", 5, 1))
    assert scorm2004.check(synthetic.course(optional)) == ()
    long: Lesson = synthetic.lesson("reconnaitre", "mot " * 60, spans={"title": Span("x.md", 2, 8)})
    titled = replace(by_lesson(long, title="mot " * 60), modules=(Module("agir", "mot " * 60, ("reconnaitre",)),))
    assert [one.code for one in scorm2004.check(titled)] == ["T207", "T215", "T215"]
    assert [one.code for one in scorm2004.check(synthetic.course(title="a\x01"))] == ["T208"]


def test_the_site_is_whole_and_the_common_members_follow_the_schemas() -> None:
    names = list(members(synthetic.course()))
    assert names[1] == "XMLSchema.dtd"
    start = 1 + len(player.schemas("scorm2004"))
    assert tuple(names[start : start + len(COMMON)]) == COMMON

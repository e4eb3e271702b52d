"""Target scorm12: the manifest against the official schemas, and what schemas do not say (standards a.2–a.5, j)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
import schemas
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from builder import player
from builder.diagnostics import Diagnostics, Severity, Span
from builder.model import Author, CompleteWhen, Course, Interaction, Launchable, Lesson, Link, Member, Module, Site
from builder.render import launch_name
from builder.targets import COMMON, Sco, Target, information, scorm12
from builder.targets._manifest import short_title

GOLDEN = Path(__file__).parent / "golden" / "scorm12-imsmanifest.xml"
SEVERAL = GOLDEN.with_name("scorm12-imsmanifest-several.xml")
CP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
MD = "{http://www.imsglobal.org/xsd/imsmd_rootv1p2p1}"
ADLCP = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"


def members(course: Course, **build: object) -> dict[str, Member]:
    """Return the members of a course's package by name, in order."""
    package = scorm12.package(course, synthetic.site(course), synthetic.build(**build))
    return {member.name: member for member in package.members}


def manifest(course: Course) -> bytes:
    return members(course)["imsmanifest.xml"].content


def identifiers(course: Course) -> dict[str, str]:
    """Return every identifier of a manifest with the element that carries it."""
    root = etree.fromstring(manifest(course))
    return {element.get("identifier", ""): element.tag for element in root.iter() if element.get("identifier")}


def codes(found: Diagnostics) -> list[tuple[str, Severity]]:
    return [(diagnostic.code, diagnostic.severity) for diagnostic in found]


def test_the_module_is_a_target() -> None:
    target: Target = scorm12
    assert (target.NAME, target.DRIVERS, target.STATE_LIMIT) == ("scorm12", ("scorm12", "local"), 4096)


def test_the_manifest_of_a_small_course(update: bool) -> None:
    content = manifest(synthetic.course())
    if update:
        GOLDEN.write_bytes(content)
    assert content.decode() == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    "course",
    [
        synthetic.course(),
        synthetic.course(schemas=False),
        replace(synthetic.course(description="", authors=(), domain=""), framework=None),
        synthetic.course(synthetic.lesson("seule", "Seule", objectives=())),
        synthetic.course(title="x" * 300, version="1.0.0-rc.1234567890.12345", language="fr", minutes=0.5),
        synthetic.course(title='"<&>]]>', authors=(Author("A, B"), Author("山田")), keywords=("é", "&")),
        synthetic.course(assets=("media/a b.png", "media/été.png", "media/100%.png", "media/a&b.png")),
    ],
    ids=["whole", "no schemas", "bare", "no objective", "long", "signs", "names"],
)
def test_manifests_are_valid(course: Course) -> None:
    """IMS CP 1.1.2, ADL CP 1.2 and IMS MD 1.2.1 schemas."""
    assert schemas.errors(schemas.scorm12(), manifest(course)) == []


FAULTS = {
    "2004 spelling": (b"adlcp:scormtype", b"adlcp:scormType"),
    "unknown kind": (b'scormtype="sco"', b'scormtype="page"'),
    "identifier twice": (b'identifier="R-cyber"', b'identifier="I-cyber"'),
    "identifier with a digit first": (b'identifier="I-cyber"', b'identifier="1-cyber"'),
    "resource without type": (b' type="webcontent"', b""),
    "file without href": (b'<file href="style.css"/>', b"<file/>"),
    "title too long": (
        b'<organization identifier="O-cyber">\n      <title>',
        b'<organization identifier="O-cyber">\n<title>' + b"x" * 200,
    ),
    "visible is not a boolean": (b'isvisible="true"', b'isvisible="yes"'),
    "version too long": (b'version="1.2.0"', b'version="1.2.0-123456789012345"'),
    "metadata before schema": (b"<schemaversion>1.2</schemaversion>", b"<schemaversion>1.2</schemaversion><schema/>"),
    "metadata of the other host": (b'xmlns:imsmd="http://www.imsglobal.org', b'xmlns:imsmd="http://www.imsproject.org'),
    "groups out of order": (b"imsmd:lifecycle>", b"imsmd:rights>"),
    "vocabulary without source": (b"imsmd:source>", b"imsmd:value>"),
    "no resources": (b"resources>", b"organizations>"),
    "document type": (b"<manifest", b"<!DOCTYPE manifest [<!ENTITY a 'b'>]><manifest"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_schemas_see_one_fault(name: str) -> None:
    """The oracle can say no."""
    good = manifest(synthetic.course())
    bad = good.replace(*FAULTS[name])
    assert bad != good
    assert schemas.errors(schemas.scorm12(), bad) != []


@pytest.mark.needs("schemas")
def test_the_schema_files_are_the_official_ones(tools: dict[str, str]) -> None:
    """Line endings apart: what a package carries is what the standards' bodies published."""
    shipped = player.schemas("scorm12")
    assert len(shipped) == 4
    for name, content in shipped:
        official = (Path(tools["schemas"]) / "scorm12" / name).read_bytes()
        assert content.replace(b"\r\n", b"\n") == official.replace(b"\r\n", b"\n")


def test_what_schemas_do_not_say() -> None:
    """Standards a.2, a.3, j: references, files, the launch resource, prefixes, visibility."""
    course = synthetic.course(assets=("media/plan.svg", "media/été 1.png"))
    package = members(course)
    names = list(package)
    assert names[0] == "imsmanifest.xml"
    content = package["imsmanifest.xml"].content
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="http://www.imsproject.org')
    assert b"&#" not in content
    assert b"masteryscore" not in content
    assert b' adlcp:scormtype="sco"' in content
    root = etree.fromstring(content)
    (organizations,) = root.iter(f"{CP}organizations")
    (organization,) = root.iter(f"{CP}organization")
    (item,) = root.iter(f"{CP}item")
    (resource,) = root.iter(f"{CP}resource")
    assert organizations.get("default") == organization.get("identifier")
    assert item.get("identifierref") == resource.get("identifier")
    assert item.get("isvisible") == "true"
    assert resource.get("href") == "index.html"
    hrefs = [file.get("href", "") for file in resource.iter(f"{CP}file")]
    assert resource.get("href") in hrefs
    assert all(href.isascii() and " " not in href for href in hrefs)
    control = {"imsmanifest.xml", *(name for name, _ in player.schemas("scorm12"))}
    assert sorted(map(unquote, hrefs)) == sorted(set(names) - control)
    locations = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split()
    assert set(locations[1::2]) < control


def test_metadata_is_complete() -> None:
    """SCORM 1.2 CAM: mandatory elements of a content aggregation that has metadata (standards a.5)."""
    mandatory = (
        "general/title general/catalogentry/catalog general/catalogentry/entry general/description general/keyword "
        "lifecycle/version lifecycle/status metametadata/metadatascheme technical/format technical/location "
        "rights/cost rights/copyrightandotherrestrictions "
        "classification/purpose classification/description classification/keyword"
    )
    bare = replace(synthetic.course(description="", authors=(), domain=""), framework=None)
    for course in (synthetic.course(), bare):
        (lom,) = etree.fromstring(manifest(course)).iter(f"{MD}lom")
        for path in mandatory.split():
            element = lom.find("/".join(MD + tag for tag in path.split("/")))
            assert element is not None, path
            assert "".join(element.itertext()).strip(), path


def test_metadata_says_what_the_course_teaches() -> None:
    (lom,) = etree.fromstring(manifest(synthetic.course())).iter(f"{MD}lom")
    paths = [[taxon.text for taxon in path.iter(f"{MD}id")] for path in lom.iter(f"{MD}taxonpath")]
    assert paths == [["D2", "D2.C1", "D2.C1.O1"], ["D2", "D2.C1", "D2.C1.O2"]]
    assert lom.findtext(f"{MD}educational/{MD}typicallearningtime/{MD}datetime") == "PT1H30M"
    cards = [card.text for card in lom.iter(f"{MD}vcard")]
    assert cards == ["BEGIN:VCARD\nVERSION:3.0\nFN:Marie Dupont\\; DSI\nN:Marie Dupont\\; DSI;;;;\nEND:VCARD"]
    bare = synthetic.course(synthetic.lesson("seule", "Seule", objectives=()))
    (lom,) = etree.fromstring(manifest(bare)).iter(f"{MD}lom")
    assert [taxon.text for taxon in lom.iter(f"{MD}id")] == ["D2"]


@pytest.mark.parametrize(
    ("minutes", "duration"), [(300, "PT5H"), (90, "PT1H30M"), (45, "PT45M"), (0.5, "PT30S"), (61.25, "PT1H1M15S")]
)
def test_learning_time_is_a_duration_of_iso_8601(minutes: float, duration: str) -> None:
    assert f">{duration}<".encode() in manifest(synthetic.course(minutes=minutes))


@given(
    st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), min_size=1, max_size=5, unique=True),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=300),
    st.sampled_from(("0.1.0", "1.0.0", "2.13.4-rc.1")),
)
def test_identifiers_survive_every_edit(names: list[str], title: str, version: str) -> None:
    """Moodle deletes all that learners did when an item's identifier changes (standards j.1): new lessons, other
    names, order, titles, version and pages change no identifier."""
    lessons = [synthetic.lesson(name, title) for name in names]
    edited = synthetic.course(*lessons, title=title, version=version, assets=())
    assert identifiers(edited) == identifiers(synthetic.course())
    assert identifiers(synthetic.course(id="autre")).keys().isdisjoint(identifiers(edited))


@given(st.text(max_size=600))
def test_titles_fit_the_manifest(title: str) -> None:
    short = short_title(title)
    assert len(short) <= 200
    assert short == " ".join(title.split()) or short.endswith("…")


def test_titles_are_cut_between_words() -> None:
    assert short_title(" un\n deux ") == "un deux"
    assert short_title("mot " * 50 + "fin") == "mot " * 49 + "mot…"
    assert short_title("hameçonnage, " * 20) == "hameçonnage, " * 14 + "hameçonnage…"
    assert short_title("x" * 201) == "x" * 199 + "…"


def test_schema_files_are_there_unless_the_course_says_no() -> None:
    course = synthetic.course()
    assert list(members(course))[1:6] == [
        "adlcp_rootv1p2.xsd",
        "ims_xml.xsd",
        "imscp_rootv1p1p2.xsd",
        "imsmd_rootv1p2p1.xsd",
        "carabin.json",
    ]
    without = members(synthetic.course(schemas=False))
    assert not [name for name in without if name.endswith(".xsd")]
    assert b"schemaLocation" not in without["imsmanifest.xml"].content


def test_carabin_json_tells_diff_and_inspect_what_they_need() -> None:
    course = synthetic.course()
    document = json.loads(members(course)["carabin.json"].content)
    assert document == {
        "schema": 1,
        "course": {
            "id": "cyber",
            "version": "1.2.0",
            "title": course.settings.title,
            "language": "fr-FR",
            "iri": "https://carabin.example/cyber",
        },
        "contract": 1,
        "revision": 3,
        "lock": "revision 3\n1 lesson reconnaitre\n",
        "completion": synthetic.TABLE,
        "state": {"worst": 1234, "limit": 4096},
        "target": "scorm12",
    }


def test_the_name_of_package_and_sheet() -> None:
    course = synthetic.course()
    package = scorm12.package(course, synthetic.site(course), synthetic.build(variant="infirmier"))
    assert (package.name, package.sheet) == ("cyber-1.2.0-scorm12-infirmier.zip", "cyber-1.2.0-scorm12-infirmier.html")


def test_a_site_that_makes_other_files_than_it_announced_is_a_bug() -> None:
    course = synthetic.course()
    site = synthetic.site(course)
    package = scorm12.package(course, replace(site, names=(*site.names, "ghost.html")), synthetic.build())
    with pytest.raises(AssertionError, match="announced"):
        list(package.members)


@pytest.mark.parametrize(
    ("kind", "multiple", "reported"),
    [
        ("true-false", False, ("true-false", "true-false")),
        ("choice", False, ("choice", "choice")),
        ("choice", True, ("choice", "choices")),
        ("fill-in", False, ("fill-in", "fill-in")),
        ("long-fill-in", False, ("fill-in", "fill-in")),
        ("matching", False, ("matching", "matching")),
        ("performance", False, ("performance", "performance")),
        ("sequencing", False, ("sequencing", "sequencing")),
        ("likert", False, ("likert", "likert")),
        ("numeric", False, ("numeric", "numeric")),
        ("other", False, ("performance", "performance")),
    ],
)
def test_the_ten_interaction_types_become_eight(kind: str, multiple: bool, reported: tuple[str, str]) -> None:
    """SCORM 1.2 RTE §3.4.7."""
    report = scorm12.reports(Interaction("q", kind, multiple=multiple))  # type: ignore[arg-type]
    assert (report.type, report.form) == reported


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_good_course_has_no_findings() -> None:
    assert scorm12.check(synthetic.course()) == ()
    assert scorm12.check(replace(synthetic.course(), framework=None)) == ()


def test_a_title_that_is_cut_is_reported_where_it_stands() -> None:
    (found,) = scorm12.check(synthetic.course(title="mot " * 60))
    assert (found.code, found.severity, found.span.line) == ("T207", Severity.WARNING, 2)
    assert found.arguments == {"limit": 200, "title": "mot " * 49 + "mot…"}
    assert scorm12.check(synthetic.course(title="x" * 200)) == ()


# --- one SCO a lesson ------------------------------------------------------------------------------------------------

PLACES = {
    "packaging": Span("cyber/course.yml", 9, 1),
    "complete_when": Span("cyber/course.yml", 7, 1),
    "complete_when.lessons": Span("cyber/course.yml", 7, 17),
    "complete_when.minutes": Span("cyber/course.yml", 7, 40),
}


def by_lesson(*lessons: Lesson, **settings: object) -> Course:
    """Return a course packaged lesson by lesson: two lessons in a module and one outside of any."""
    made = synthetic.course(sco="lesson", **settings)
    lessons = lessons or (*made.lessons, synthetic.lesson("relire", "Relire", module=""))
    inside = tuple(one.id for one in lessons if one.module)
    outside = tuple(one.id for one in lessons if not one.module)
    modules = (Module("agir", "Agir", inside), *([Module("", "", outside)] if outside else []))
    return replace(made, lessons=lessons, modules=modules)


def site_of(course: Course, slots: Mapping[str, int]) -> Site:
    """Return what rendering gives for such a course: a launch document for each slot."""
    names = tuple(sorted((*synthetic.site(course).names, *(launch_name(slot) for slot in slots.values()))))
    launchables = tuple(
        Launchable(f"cyber-{slots[one.id]}", one.title, launch_name(slots[one.id]), (one.id,)) for one in course.lessons
    )
    return Site(launchables, names, (Member(name, name.encode()) for name in names))


SLOTS = {"reconnaitre": 1, "alerter": 4, "relire": 12}


def several(course: Course, slots: Mapping[str, int] = SLOTS) -> bytes:
    package = scorm12.package(course, site_of(course, slots), synthetic.build())
    return next(member.content for member in package.members if member.name == "imsmanifest.xml")


def test_the_manifest_of_several_scos(update: bool) -> None:
    content = several(by_lesson())
    assert schemas.errors(schemas.scorm12(), content) == []
    if update:
        SEVERAL.write_bytes(content)
    assert content.decode() == SEVERAL.read_text("utf-8")


def test_several_scos_keep_what_schemas_do_not_say() -> None:
    """Standards a.2, a.3: every item of a lesson has its resource, every resource its files; modules have neither."""
    course = by_lesson()
    root = etree.fromstring(several(course))
    resources = {one.get("identifier"): one for one in root.iter(f"{CP}resource")}
    items = list(root.iter(f"{CP}item"))
    launched = [one for one in items if one.get("identifierref")]
    assert [one.get("identifier") for one in launched] == ["I-cyber-1", "I-cyber-4", "I-cyber-12"]
    assert all(one.get("isvisible") == "true" for one in items)
    (module,) = (one for one in items if one not in launched)
    assert [one.findtext(f"{CP}title") for one in module.iter(f"{CP}item")] == ["Agir", "Reconnaître", "Alerter"]
    listed: list[str] = []
    for one in launched:
        resource = resources[one.get("identifierref")]
        assert resource.get(f"{ADLCP}scormtype") == "sco"
        assert [file.get("href") for file in resource.iter(f"{CP}file")] == [resource.get("href")]
        assert [link.get("identifierref") for link in resource.iter(f"{CP}dependency")] == ["A-cyber"]
        listed.append(resource.get("href", ""))
    asset = resources["A-cyber"]
    assert asset.get(f"{ADLCP}scormtype") == "asset"
    assert next(iter(resources)) == "R-cyber-1"
    listed += [file.get("href", "") for file in asset.iter(f"{CP}file")]
    assert sorted(map(unquote, listed)) == sorted((*site_of(course, SLOTS).names, *COMMON))
    assert len(set(listed)) == len(listed)
    assert b"masteryscore" not in several(course)


@given(
    st.permutations(["reconnaitre", "alerter", "relire"]),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=300),
)
def test_items_survive_every_edit(order: list[str], title: str) -> None:
    """Moodle deletes what learners did where an item's identifier changes: the slot is for life, as no title, order,
    module or id is."""
    renamed = {name: f"{name}-2" for name in order}
    lessons = [synthetic.lesson(renamed[name], title, module="agir" if name == order[0] else "") for name in order]
    edited = several(by_lesson(*lessons, title=title), {renamed[name]: SLOTS[name] for name in order})
    assert schemas.errors(schemas.scorm12(), edited) == []
    found = {one.get("identifier") for one in etree.fromstring(edited).iter(f"{CP}item") if one.get("identifierref")}
    assert found == {"I-cyber-1", "I-cyber-4", "I-cyber-12"}


def test_what_scos_cannot_know_is_refused_where_it_stands() -> None:
    when = CompleteWhen(("alerter",), True, 30)
    found = scorm12.check(by_lesson(complete_when=when, spans=PLACES))
    assert [(one.code, one.severity, one.span.column) for one in found] == [
        ("T210", Severity.ERROR, 17),
        ("T211", Severity.ERROR, 40),
    ]
    assert scorm12.check(by_lesson()) == ()
    assert scorm12.check(synthetic.course(complete_when=when)) == ()


def test_what_several_scos_do_otherwise_is_said() -> None:
    link = Link("alerter.md#a", "lesson", "cyber/01-agir/alerter.md", "a", Span("cyber/01-agir/reconnaitre.md", 20, 3))
    own = Link("#a", "lesson", "cyber/01-agir/reconnaitre.md", "a", Span("cyber/01-agir/reconnaitre.md", 8, 3))
    first = synthetic.lesson("reconnaitre", "mot " * 60, links=(own, link, link), spans={"title": Span("x.md", 2, 8)})
    second = synthetic.lesson("alerter", "A", audience=("medecin",), spans={"audience": Span("y.md", 5, 1)})
    course = by_lesson(first, second)
    long = replace(course, modules=(replace(course.modules[0], title="mot " * 60),))
    found = scorm12.check(long)
    assert [(one.code, one.severity, one.span) for one in found] == [
        ("T215", Severity.WARNING, first.span),
        ("T215", Severity.WARNING, first.spans["title"]),
        ("T216", Severity.NOTE, link.span),
        ("T212", Severity.WARNING, second.spans["audience"]),
    ]
    assert found[2].arguments == {"destination": "alerter.md#a", "count": 2}
    assert schemas.errors(schemas.scorm12(), several(long)) == []
    assert scorm12.check(replace(long, settings=replace(long.settings, sco="course"))) == ()


def test_titles_of_lessons_and_modules_must_be_xml() -> None:
    course = by_lesson(synthetic.lesson("reconnaitre", "a\x01"))
    assert codes(scorm12.check(course)) == [("T208", Severity.ERROR)]
    odd = replace(by_lesson(), modules=(replace(by_lesson().modules[0], title="\x02"), by_lesson().modules[1]))
    assert codes(scorm12.check(odd)) == [("T208", Severity.ERROR)]


def test_carabin_json_tells_of_each_sco() -> None:
    table = {"initial": "incomplete", "states": {}}
    scos = (Sco("reconnaitre", 1, synthetic.TABLE, 900), Sco("alerter", 4, table, 20))
    document = json.loads(information(by_lesson(), synthetic.build(scos=scos), "scorm12", 4096).content)
    assert "completion" not in document
    assert document["scos"][1] == {
        "lesson": "alerter",
        "slot": 4,
        "completion": table,
        "state": {"worst": 20, "limit": 4096},
    }


CONTROL = [
    {"title": "a\x01b"},
    {"description": "a\x02"},
    {"iri": "https://x.example/\x7f\x02"},
    {"licence": "\ufffe"},
    {"keywords": ("a", "\x00")},
    {"authors": (Author("\ud800"),)},
]


@pytest.mark.parametrize("settings", CONTROL, ids=lambda settings: next(iter(settings)))
def test_what_xml_cannot_hold_is_an_error(settings: dict[str, object]) -> None:
    """XML 1.0 §2.2; otherwise the manifest could not be made at all."""
    course = synthetic.course(**settings)
    assert codes(scorm12.check(course)) == [("T208", Severity.ERROR)]
    with pytest.raises(ValueError, match=r"XML compatible|surrogates|codec"):
        manifest(course)


def test_control_characters_of_the_framework_are_found_too() -> None:
    course = synthetic.course()
    assert course.framework is not None
    (_, domain) = course.framework.domains
    bad = replace(domain, label="a\x1fb", span=Span("frameworks/socle.yml", 7, 5))
    found = scorm12.check(replace(course, framework=replace(course.framework, domains=(bad,))))
    assert [(one.code, one.span, one.arguments["character"]) for one in found] == [("T208", bad.span, "U+001F")]


def files(names: Iterable[str], *lessons: Lesson) -> list[tuple[str, Severity]]:
    return codes(scorm12.check(synthetic.course(*lessons, assets=tuple(names))))


@pytest.mark.parametrize("name", ["media/aux.png", "media/con/x.png", "media/COM1", "media/a.", "media/b./x.png"])
def test_names_that_windows_refuses(name: str) -> None:
    assert files([name]) == [("T202", Severity.ERROR)]


@pytest.mark.parametrize("name", ["media/auxiliaire.png", "media/icon.png", "media/a.b.png", "media/.hidden.png"])
def test_names_that_windows_takes(name: str) -> None:
    assert files([name]) == []


def test_names_that_are_too_long() -> None:
    assert files(["media/" + "x" * 245 + ".png"]) == []
    assert files(["media/" + "x" * 246 + ".png"]) == [("T203", Severity.ERROR)]


def test_names_that_differ_by_case_are_reported_where_the_second_is_used() -> None:
    course = synthetic.course(assets=("media/Plan.svg", "media/plan.svg"))
    (found,) = scorm12.check(course)
    assert (found.code, found.severity) == ("T204", Severity.ERROR)
    assert found.arguments == {"name": "cyber/media/plan.svg", "other": "cyber/media/Plan.svg"}
    assert (found.span.file, found.span.line) == ("cyber/01-agir/reconnaitre.md", 12)
    unused = synthetic.course(assets=("media/A.svg", "media/a.svg"))
    assert [one.span for one in scorm12.check(unused)] == [unused.settings.span]


def test_files_and_bytes_have_limits() -> None:
    assert files(f"media/{number}.png" for number in range(66_000)) == [("T205", Severity.ERROR)]
    course = synthetic.course()
    heavy = replace(course.assets[0], bytes=4_100_000_000)
    (found,) = scorm12.check(replace(course, assets=(heavy,)))
    assert (found.code, found.arguments) == ("T206", {"megabytes": 4100, "limit": 4000})

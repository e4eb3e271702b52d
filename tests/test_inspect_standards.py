"""`carabin inspect` on SCORM 2004, cmi5 and Tin Can: one-fault packages, official schemas, texts, hostile manifests."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from packages import Made, zipped
from packages_others import AU_PAGE, MANIFEST, OTHERS, PAGE, RESOURCE, SEEN, STRUCTURE, TINCAN, two_items

from builder.inspect import Finding, Inspected, Verdict
from builder.inspect.archive import from_bytes, open_package, single
from builder.inspect.references import Files, Kind, is_absolute, is_iri, is_url, parameters, shown
from builder.inspect.run import inspect_opened
from builder.inspect.xml import Schemas
from builder.strings import finding_texts

INSPECT = Path(__file__).parent.parent / "builder" / "inspect"
TEXTS = {language: finding_texts(language) for language in ("en", "fr")}
MODULES = ("scorm2004", "cmi5", "tincan")
ABOUT_SCHEMAS = frozenset(("P208", "P209"))
IS_FULL = os.environ.get("CARABIN_FULL") == "1"
FUZZ = settings(max_examples=20_000 if IS_FULL else 150)


def inspected(content: bytes, name: str = "course.zip", schemas: Path | None = None) -> Inspected:
    """Return what is found about a zip in memory."""
    return inspect_opened(from_bytes(name, content), Schemas(schemas), name)


def codes(found: Inspected) -> frozenset[str]:
    """Return the codes of our own rules."""
    return frozenset(one.code for one in found.findings) - ABOUT_SCHEMAS


@pytest.mark.parametrize("made", OTHERS.values(), ids=lambda made: made.name)
def test_a_package_names_its_fault_and_gets_its_verdict(made: Made) -> None:
    found = inspected(made.make())
    assert (found.standard, found.verdict, codes(found)) == (made.standard, made.verdict, made.codes)


@pytest.mark.needs("schemas")
@pytest.mark.parametrize("made", OTHERS.values(), ids=lambda made: made.name)
def test_official_schemas_agree_where_they_can_see(made: Made, tools: dict[str, str]) -> None:
    found = inspected(made.make(), schemas=Path(tools["schemas"]))
    assert codes(found) == made.codes
    assert ("P208" in {one.code for one in found.findings}) == (made.name in SEEN)


def test_the_corpus_is_whole() -> None:
    """A package for every code of these standards, but those that need no zip; enough of them; right ones for each."""
    source = "".join((INSPECT / f"{name}.py").read_text("utf-8") for name in MODULES)
    shown_codes = {code for made in OTHERS.values() for code in made.codes}
    without_zip = {"P516", "P616"}
    assert set(re.findall(r'"(P[456]\d\d)"', source)) - shown_codes == without_zip
    assert len(OTHERS) >= 30
    for standard in MODULES:
        mine = [made for made in OTHERS.values() if made.standard == standard]
        assert {made.verdict for made in mine} == set(Verdict)
    assert len(SEEN) < len([made for made in OTHERS.values() if made.verdict is not Verdict.GOOD]) / 2


@pytest.mark.parametrize("name", ["scorm2004-good", "cmi5-good", "tincan-good"])
def test_what_an_lms_opens_is_told(name: str) -> None:
    assert [file for file, _ in inspected(OTHERS[name].make()).launches] == ["index.html"]


# --- descriptions without a zip --------------------------------------------------------------------------------------


def alone(tmp_path: Path, content: str, name: str) -> Inspected:
    """Return what is found about a file that is no zip."""
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with open_package(path) as package:
        return inspect_opened(package, Schemas(), name)


@pytest.mark.parametrize(
    ("content", "own", "relative"), [(STRUCTURE, "P526", "P516"), (TINCAN, "P615", "P616")], ids=["cmi5", "tincan"]
)
def test_a_description_alone_names_whole_addresses(tmp_path: Path, content: str, own: str, relative: str) -> None:
    """cmi5 §14.2; Rustici, "Packaging"."""
    assert codes(alone(tmp_path, content, "course.xml")) == {own, relative}
    whole = content.replace(">index.html<", ">https://carabin.dev/index.html<")
    found = alone(tmp_path, whole, "course.xml")
    assert (codes(found), found.verdict) == (frozenset((own,)), Verdict.GOOD)


def test_other_xml_alone_is_no_package(tmp_path: Path) -> None:
    assert codes(alone(tmp_path, MANIFEST, "imsmanifest.xml")) == {"P101"}
    assert single("cmi5.xml", b"no markup: courseStructure ") is None


@pytest.mark.needs("schemas")
@pytest.mark.parametrize(("example", "code"), [("simple", "P519"), ("complex", "P508"), ("extended", "P524")])
def test_examples_of_the_specification(example: str, code: str, tools: dict[str, str]) -> None:
    """cmi5 §15: right ones, the third of which leaves its schema beside it."""
    content = Path(tools["schemas"], "cmi5", "examples", f"{example}-cmi5.xml").read_bytes()
    package = single("cmi5.xml", content)
    assert package is not None
    found = inspect_opened(package, Schemas(Path(tools["schemas"])), "cmi5.xml")
    assert code in codes(found)
    assert found.verdict is (Verdict.RISKY if example == "extended" else Verdict.GOOD)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_text_names_its_source_and_its_consequence(language: str) -> None:
    """What the locales' own contracts leave open."""
    for code, text in TEXTS[language].items():
        if code[1] in "456":
            assert text.consequence, code
            assert re.search(r"Source[\u00a0 ]?: ", text.explain), code
            words = re.sub(r"`[^`]*`", "", " ".join((text.message, text.consequence, text.hint, text.explain)))
            assert language == "en" or not re.search(r"'| [:;?!»]|« ", words), code


def assert_told(finding: Finding) -> None:
    """Every text of a finding can be told with its arguments."""
    for texts in TEXTS.values():
        text = texts[finding.code]
        for template in (text.message, text.consequence, text.hint):
            assert template.format(**finding.arguments)


def test_findings_of_the_corpus_can_be_told() -> None:
    for made in OTHERS.values():
        for finding in inspected(made.make()).findings:
            assert_told(finding)
            assert finding.line > 0 or finding.path != "imsmanifest.xml" or finding.code == "P209", made.name


# --- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "base", "kind", "name"),
    [
        ("a.html", "", Kind.FILE, "a.html"),
        ("a.html?x=1#y", "", Kind.FILE, "a.html"),
        ("b/%C3%A9t%C3%A9.html", "", Kind.FILE, "b/été.html"),
        ("c d.html", "b/", Kind.FILE, "b/c d.html"),
        ("50%25.html", "", Kind.FILE, "50%.html"),
        ("b/../a.html", "", Kind.FILE, "a.html"),
        ("./a.html", "", Kind.FILE, "a.html"),
        ("b\\c d.html", "", Kind.FILE, "b/c d.html"),
        ("A.HTML", "", Kind.CASE, "a.html"),
        ("no.html", "", Kind.MISSING, "no.html"),
        ("", "b/", Kind.MISSING, "b"),
        ("../a.html", "", Kind.OUTSIDE, "../a.html"),
        ("https://carabin.dev/", "b/", Kind.REMOTE, "https://carabin.dev/"),
        ("a.html", "https://carabin.dev/", Kind.REMOTE, "https://carabin.dev/a.html"),
        ("//carabin.dev/a.html", "", Kind.REMOTE, "//carabin.dev/a.html"),
    ],
)
def test_where_a_url_leads(url: str, base: str, kind: Kind, name: str) -> None:
    place = Files(["a.html", "b/été.html", "b/c d.html", "50%.html"]).find(url, base)
    assert (place.kind, place.name) == (kind, name)


def test_iris_and_urls() -> None:
    assert is_iri("https://carabin.dev/é")
    assert is_iri("urn:uuid:1")
    assert not any(map(is_iri, ("carabin.dev/a", "", "https:", "https://carabin.dev/a b", "/a", "1:a")))
    assert is_url("a/b.html?c=%20#d")
    assert not any(map(is_url, ("", "a b", "a%2", "<a>")))
    assert not is_absolute("C:\\course\\a.html")
    assert parameters("a?fetch=1&x&%66oo=2#?actor=3") == ["fetch", "x", "foo"]
    assert shown("a\n b  " + "c" * 500).startswith("a b ccc")
    assert len(shown("c" * 500)) == 120


# --- hostile and broken manifests ------------------------------------------------------------------------------------

SOURCES = {"imsmanifest.xml": (MANIFEST, two_items()), "cmi5.xml": (STRUCTURE,), "tincan.xml": (TINCAN,)}
WORDS = st.sampled_from(
    (
        *(
            "",
            " ",
            "true",
            "1",
            "-1",
            "1e9",
            "9" * 400,
            "\u0663",
            "é",
            "x" * 5000,
            "[",
            "{",
            "{x}",
            "..",
            "/",
            "%",
            "%zz",
        ),
        *("O", "R", "I", "sco", "a:b", "https://carabin.dev/c", "?endpoint=1", "2004 3rd Edition", "CAM 1.3"),
    )
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A manifest of one of the standards with elements moved, removed or repeated, and values exchanged."""
    name = draw(st.sampled_from(sorted(SOURCES)))
    root = etree.fromstring(draw(st.sampled_from(SOURCES[name])).encode())
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter())
        element = elements[draw(st.integers(0, len(elements) - 1))]
        change = draw(st.sampled_from(("remove", "repeat", "move", "rename", "text", "attribute", "drop")))
        parent = element.getparent()
        if change == "remove" and parent is not None:
            parent.remove(element)
        elif change == "repeat" and parent is not None:
            parent.insert(draw(st.integers(0, len(parent))), deepcopy(element))
        elif change == "move" and parent is not None:
            other = elements[draw(st.integers(0, len(elements) - 1))]
            if other is not element and element not in other.iterancestors():
                other.append(element)
        elif change == "rename":
            element.tag = elements[draw(st.integers(0, len(elements) - 1))].tag
        elif change == "text":
            element.text = draw(WORDS)
        elif element.attrib:
            key = draw(st.sampled_from(sorted(map(str, element.attrib))))
            if change == "drop":
                del element.attrib[key]
            else:
                element.set(key, draw(WORDS))
    return name, etree.tostring(root, encoding="utf-8", xml_declaration=True)


@given(mutations())
@FUZZ
def test_a_changed_manifest_is_judged(case: tuple[str, bytes]) -> None:
    name, content = case
    judged(name, content)


@given(st.sampled_from(sorted(SOURCES)), st.data())
@FUZZ
def test_a_damaged_manifest_is_judged(name: str, data: st.DataObject) -> None:
    """Bytes cut out, repeated or exchanged: mostly no XML any more."""
    content = SOURCES[name][0].encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    middle = data.draw(st.one_of(st.just(b""), st.just(content[start:end] * 2), st.binary(max_size=20)))
    judged(name, content[:start] + middle + content[end:])


def judged(name: str, content: bytes) -> None:
    """What is found can be told, is not endless, and is the same each time."""
    package = zipped({name: content, "index.html": PAGE, "sco.js": AU_PAGE})
    found = inspected(package)
    assert len(found.findings) < 500
    for finding in found.findings:
        assert_told(finding)
        if finding.code[1] in "456":
            assert all(len(value) <= 120 for value in finding.arguments.values() if isinstance(value, str))
    assert found == inspected(package)


def shared_sequencing(count: int) -> str:
    """Many items that refer to one sequencing with as many conditions."""
    conditions = '<imsss:ruleCondition condition="satisfied" referencedObjective="X"/>' * count
    rules = (
        f"<imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions>{conditions}</imsss:ruleConditions>"
        '<imsss:ruleAction action="skip"/></imsss:preConditionRule></imsss:sequencingRules>'
    )
    items = "".join(
        f'<item identifier="X{number}" identifierref="R"><title>X</title><imsss:sequencing IDRef="S"/></item>'
        for number in range(count)
    )
    text = MANIFEST.replace("</resources>", f'</resources><imsss:sequencingCollection><imsss:sequencing ID="S">{rules}')
    return text.replace("</manifest>", "</imsss:sequencing></imsss:sequencingCollection></manifest>").replace(
        "</imsss:sequencing></item>", f"</imsss:sequencing></item>{items}"
    )


def backward_rules(count: int) -> str:
    """Many items in one cluster, each with a rule that looks at the cluster's control mode."""
    rules = (
        "<imsss:sequencingRules><imsss:postConditionRule><imsss:ruleConditions>"
        '<imsss:ruleCondition condition="always"/></imsss:ruleConditions>'
        '<imsss:ruleAction action="previous"/></imsss:postConditionRule></imsss:sequencingRules>'
    )
    items = "".join(
        f'<item identifier="X{number}" identifierref="R"><title>X</title><imsss:sequencing>{rules}</imsss:sequencing>'
        "</item>"
        for number in range(count)
    )
    return MANIFEST.replace("</imsss:sequencing></item>", f"</imsss:sequencing></item>{items}")


def many_objectives(count: int) -> str:
    """One activity with many objectives, all called alike and mapped to one."""
    one = '<imsss:objective objectiveID="A"><imsss:mapInfo targetObjectiveID="G"/></imsss:objective>'
    objectives = f"<imsss:objectives>{one * count}</imsss:objectives>"
    return MANIFEST.replace("<imsss:deliveryControls", f"{objectives}<imsss:deliveryControls")


def many_resources(count: int) -> str:
    """Many resources with files that are not there."""
    return MANIFEST.replace(RESOURCE, RESOURCE + '<file href="../x"/><dependency identifierref="Y"/>' * count)


def many_prefixes(count: int) -> str:
    """Many namespaces at the root, and as many attributes of ours."""
    spaces = "".join(f' xmlns:n{number}="urn:{number}"' for number in range(count))
    return MANIFEST.replace(' identifier="M"', f'{spaces} identifier="M"').replace(
        "</resource>", '</resource><resource identifier="Z" type="webcontent" adlcp:scormType="asset"/>' * count
    )


def many_units(count: int) -> str:
    """Many units that share an id and refer to nothing."""
    start, end = STRUCTURE.index("<au"), STRUCTURE.index("</courseStructure>")
    return STRUCTURE[:start] + STRUCTURE[start:end] * count + STRUCTURE[end:]


def many_activities(count: int) -> str:
    """Many activities that share an id."""
    start, end = TINCAN.index("<activity "), TINCAN.index("</activities>")
    return TINCAN[:start] + TINCAN[start:end] * count + TINCAN[end:]


HOSTILE: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("imsmanifest.xml", shared_sequencing),
    ("imsmanifest.xml", backward_rules),
    ("imsmanifest.xml", many_objectives),
    ("imsmanifest.xml", many_resources),
    ("imsmanifest.xml", many_prefixes),
    ("cmi5.xml", many_units),
    ("tincan.xml", many_activities),
)


def work(name: str, content: str) -> int:
    """Return how many functions are called to judge a manifest: a measure of time that no machine changes."""
    package = zipped({name: content, "index.html": PAGE, "sco.js": AU_PAGE})
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        inspected(package)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(("name", "make"), HOSTILE, ids=[make.__name__ for _, make in HOSTILE])
def test_work_grows_no_faster_than_the_manifest(name: str, make: Callable[[int], str]) -> None:
    small, large = work(name, make(100)), work(name, make(400))
    assert large < 6 * small


def depths() -> Iterator[tuple[str, str]]:
    """Manifests nested as deep as the parser takes, and deeper."""
    for depth in (100, 240, 5000):
        yield "imsmanifest.xml", MANIFEST.replace("<title>Lesson</title>", "<item>" * depth + "</item>" * depth)
        start, end = STRUCTURE.index("<au"), STRUCTURE.index("</courseStructure>")
        yield "cmi5.xml", f"{STRUCTURE[:start]}{'<block>' * depth}{'</block>' * depth}{STRUCTURE[end:]}"
        yield "tincan.xml", TINCAN.replace("</activities>", "<a>" * depth + "</a>" * depth + "</activities>")


@pytest.mark.parametrize(("name", "content"), tuple(depths()))
def test_depth_is_no_harm(name: str, content: str) -> None:
    judged(name, content.encode())

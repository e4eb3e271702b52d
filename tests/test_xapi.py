"""What packages say in xAPI, against what an LRS rejects (standards e.1), and against e.3 and e.5."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st
from twin import VECTORS, Player, player, question_data, response_data

from builder import load, pipeline, xapi
from builder.codec import Asked
from builder.diagnostics import has_errors
from builder.model import Component, Interaction, Part
from builder.score import Response, Text
from builder.seams import features
from builder.strings import languages
from builder.targets import COMMON, packaged
from builder.xapi import activities, profile, statements, vocabulary
from builder.xapi.interactions import ITEM, PAIR, RANGE, response, result
from tools.responses import response as possible

__all__ = ["player"]

ROOT = Path(__file__).parent.parent
COURSES = sorted(
    {path.parent for path in (*ROOT.glob("tests/courses/*/course.yml"), *ROOT.glob("course_src/*/course.yml"))}
)
TARGETS = ("scorm12", "cmi5", "xapi")
TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
LISTS = {
    "choice": {"choices"},
    "sequencing": {"choices"},
    "likert": {"scale"},
    "matching": {"source", "target"},
    "performance": {"steps"},
}
"""xAPI Data 1.0.3 §2.4.4.1: the component lists of each type; the others have none."""
DEFINITION = {
    "type",
    "name",
    "description",
    "interactionType",
    "correctResponsesPattern",
    *set().union(*LISTS.values()),
}
DELIMITERS = (ITEM, PAIR, RANGE)
LETTER = "[a-z0-9]"
PATTERNS = {
    "true-false": "true|false",
    "choice": rf"{LETTER}(\[,\]{LETTER})*",
    "sequencing": rf"{LETTER}(\[,\]{LETTER})*",
    "likert": LETTER,
    "matching": rf"{LETTER}\[\.\]{LETTER}(\[,\]{LETTER}\[\.\]{LETTER})*",
    "performance": rf"{LETTER}\[\.\]{LETTER}(\[,\]{LETTER}\[\.\]{LETTER})*",
    "fill-in": r"(\{case_matters=true\})?(?!\{(?:case_matters|order_matters|lang)=)(?:(?!\[[,.:]\]).)+",
    "numeric": r"-?\d+(\.\d+)?(\[:\]-?\d+(\.\d+)?)?",
}
"""Standards e.3."""


@cache
def checked(root: Path) -> pipeline.Checked:
    found = pipeline.check(load.load(root), pipeline.Options(targets=("scorm12",)))
    assert not has_errors(found.diagnostics), root
    return found


def of(root: Path, target: str = "xapi", sco: str = "", **settings: object) -> xapi.Packaged:
    """Return what there is to tell of a course; `sco` and other settings replace its own."""
    found = checked(root)
    assert found.course is not None
    assert found.numbers is not None
    whole = replace(found.course.settings, **settings)  # type: ignore[arg-type]
    lessons = found.course.lessons if (sco or whole.sco) == "lesson" else ()
    scos = tuple((one.id, found.numbers.lessons[one.id]) for one in lessons)
    return xapi.Packaged(replace(found.course, settings=whole), found.numbers.interactions, target, scos)


def documents(told: xapi.Packaged) -> dict[str, Any]:
    """Return the documents as a reader has them, by the last part of their names without ending."""
    return {Path(one.name).stem: json.loads(one.content) for one in xapi.members(told)}


def interactions(told: xapi.Packaged) -> Iterator[Interaction]:
    for lesson in told.course.lessons:
        for question in lesson.questions:
            yield from told.interactions[question.id]


EVERY = [
    pytest.param(root, target, sco, id=f"{root.name}-{target}-{sco}")
    for root in COURSES
    for target in TARGETS
    for sco in ("course", "lesson")
]


# --- activities ------------------------------------------------------------------------------------------------------


def is_language_map(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(TAG.fullmatch(tag) and text for tag, text in value.items())


def check_definition(definition: Mapping[str, Any]) -> None:
    """Standards e.1 and e.3."""
    assert set(definition) <= DEFINITION
    assert definition["type"].startswith("http")
    assert all(is_language_map(definition[key]) for key in ("name", "description") if key in definition)
    kind = definition.get("interactionType", "")
    lists = {name: definition[name] for name in set().union(*LISTS.values()) if name in definition}
    assert bool(kind) == (definition["type"] == vocabulary.INTERACTION)
    assert set(lists) == LISTS.get(kind, set())
    for components in lists.values():
        ids = [one["id"] for one in components]
        assert len(set(ids)) == len(ids) > 0
        assert not any(delimiter in one for one in ids for delimiter in DELIMITERS)
        assert all(set(one) <= {"id", "description"} for one in components)
        assert all(is_language_map(one["description"]) for one in components if "description" in one)
    known = {one["id"] for components in lists.values() for one in components}
    for pattern in definition.get("correctResponsesPattern", ()):
        assert re.fullmatch(PATTERNS[kind], pattern), (kind, pattern)
        if kind in ("choice", "sequencing", "matching"):
            assert set(re.split(r"\[[,.]\]", pattern)) <= known


@pytest.mark.parametrize(("root", "target", "sco"), EVERY)
def test_activities(root: Path, target: str, sco: str) -> None:
    """Ids are absolute IRIs and unique, definitions what an LRS takes; parents and objectives are activities too."""
    told = of(root, target, sco)
    found = documents(told)["activities"]
    assert found["schema"] == 1
    ids = [one["id"] for one in found["activities"]]
    assert len(set(ids)) == len(ids)
    iri = told.course.settings.iri
    for one in found["activities"]:
        assert re.fullmatch(r"https://[^\s<>\"{}|\\^`]+", one["id"])
        assert one["id"] == iri or one["id"].startswith(f"{iri}/")
        assert {one.get("parent", iri), *one.get("objectives", ())} <= set(ids)
        check_definition(one["definition"])
    wanted = {vocabulary.launched(iri, target, *lesson) for lesson in told.scos or ((),)}
    wanted |= {f"{iri}/{lesson.id}" for lesson in told.course.lessons}
    wanted |= {f"{iri}/{one.id}" for one in interactions(told) if one.type != "other"}
    assert wanted <= set(ids)


def test_parts_belong_to_questions_and_objectives_to_competencies() -> None:
    found = {one["id"]: one for one in documents(of(ROOT / "tests/courses/everything"))["activities"]["activities"]}
    iri = "https://carabin.example/everything/"

    def line(name: str) -> list[tuple[str, str]]:
        result = []
        while name:
            kind = found[name]["definition"]["type"].removeprefix(vocabulary.TYPES)
            result.append((name.removeprefix(iri), kind))
            name = found[name].get("parent", "")
        return result

    whole = ("https://carabin.example/everything", "course")
    group = [("classer", "lesson"), ("_module-3", "module"), whole]
    assert line(f"{iri}c-gaps.a") == [("c-gaps.a", "cmi.interaction"), ("c-gaps", "question"), *group]
    assert line(f"{iri}c-alerte") == [("c-alerte", "cmi.interaction"), *group]
    exam = [("examen", "assessment"), whole]
    alone = [("b-support", "cmi.interaction"), ("x-quiz", "assessment"), *exam]
    assert line(f"{iri}b-support.confidence")[1:] == alone
    objective = line(f"{iri}_objective/E1.C2.O1")
    assert objective == [("_objective/E1.C2.O1", "objective"), ("_competency/E1.C2", "objective")]
    assert found[f"{iri}c-alerte"]["objectives"] == found[f"{iri}classer"]["objectives"]


PART = Part("", "", "", synthetic.HERE)


def test_texts_are_plain_and_short() -> None:
    question = replace(
        synthetic.QUESTION,
        parts=(
            replace(PART, text="**Call** the [desk](https://x.example) on {{ number }}"),
            replace(PART, text="a " * 300),
        ),
        title="Who?",
    )
    course = synthetic.course(
        synthetic.lesson("one", "x" * 300, question), title=" Two\n lines ", variables={"number": "18"}
    )
    asked = (Component("a", question.parts[0].text), Component("b", question.parts[1].text), Component("c", "**"))
    told = xapi.Packaged(course, {question.id: (replace(synthetic.CHOICE, components=asked),)}, "xapi")
    known = activities.activities(told)
    first, second, third = known[f"{course.settings.iri}/urgence"].parts["choices"]
    assert first["description"] == {"fr-FR": "Call the desk on 18"}
    assert len(second["description"]["fr-FR"]) == 250
    assert second["description"]["fr-FR"].endswith("a…")
    assert third["description"] == {"fr-FR": "**"}
    assert known[course.settings.iri].name == "Two lines"
    assert known[f"{course.settings.iri}/one"].name == "x" * 249 + "…"


@given(st.text(max_size=80) | st.text("ae\u0301\u200d👩🏽‍🚀🇫🇷", max_size=80), st.integers(4, 60))
def test_texts_are_cut_between_letters(text: str, limit: int) -> None:
    short = activities.shortened(text, limit)
    line = " ".join(text.split())
    assert len(short) <= limit
    if short != line:
        assert short.endswith("…")
        start = short[:-1]
        assert line.startswith(start)
        rest = line[len(start) :]
        if start and len(start) > 1 and " " not in line:
            assert not unicodedata.combining(rest[0])
            assert rest[0] != "\u200d"
            assert start[-1] != "\u200d"


# --- statements ------------------------------------------------------------------------------------------------------


def check_template(template: Mapping[str, Any], told: xapi.Packaged) -> None:
    """Standards e.1: only what an LRS knows, nothing empty but the mark that lets the player say the response."""
    settings = told.course.settings
    assert set(template) <= {"verb", "object", "result", "context"}
    assert set(template["verb"]) == {"id", "display"}
    assert is_language_map(template["verb"]["display"])
    assert {settings.language, "en"} <= set(template["verb"]["display"])
    assert set(template["object"]) == {"objectType", "id", "definition"}
    assert template["object"]["objectType"] == "Activity"
    check_definition(template["object"]["definition"])
    context = template["context"]
    assert set(context) == {"contextActivities", "language", "revision"}
    assert (context["language"], context["revision"]) == (settings.language, settings.version)
    assert set(context["contextActivities"]) <= {"parent", "grouping", "category", "other"}
    for found in context["contextActivities"].values():
        assert found
        for activity in found:
            check_definition(brief(activity))
    (category,) = context["contextActivities"]["category"]
    assert category["id"] == f"{settings.iri}/_profile/{settings.version}"
    assert None not in values(template)


def brief(activity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the definition of an activity of a context, which names it only."""
    assert set(activity) == {"id", "definition"}
    assert set(activity["definition"]) <= {"type", "name"}
    kind = activity["definition"]["type"]
    return {**activity["definition"], "type": vocabulary.QUESTION if kind == vocabulary.INTERACTION else kind}


def values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from values(inner)
    else:
        yield value


@pytest.mark.parametrize(("root", "target", "sco"), EVERY)
def test_statements(root: Path, target: str, sco: str) -> None:
    """There is a template for all that the player asks for, and no other; what stays on the device has none."""
    told = of(root, target, sco)
    found = documents(told)["statements"]
    iri, course = told.course.settings.iri, told.course.settings.id
    launches = {f"{course}/{slot}" for _, slot in told.scos} or {course}
    assert set(found["launches"]) == launches
    kinds = {one.key for one in vocabulary.TOLD if one.about == "launch"}
    for launch in found["launches"].values():
        assert set(launch["statements"]) == kinds
        assert {one["object"]["id"] for one in launch["statements"].values()} == {launch["activity"]}
    untold = {
        one.id for one in interactions(told) if one.type == "other" or (one.type == "long-fill-in" and not one.limit)
    }
    wanted = {f"experienced:{lesson.id}" for lesson in told.course.lessons}
    wanted |= {f"answered:{one.id}" for one in interactions(told) if one.id not in untold}
    assert set(found["statements"]) == wanted
    for key, template in found["statements"].items():
        kind, _, name = key.partition(":")
        assert template["object"]["id"] == f"{iri}/{name}"
        assert template["verb"]["id"] == vocabulary.VERBS + kind
    for template in (
        *found["statements"].values(),
        *(x for y in found["launches"].values() for x in y["statements"].values()),
    ):
        check_template(template, told)


@pytest.mark.parametrize(
    ("target", "sco", "wanted"),
    [
        ("scorm12", "course", {"everything": ""}),
        ("scorm2004", "course", {"everything": ""}),
        ("xapi", "course", {"everything": ""}),
        ("cmi5", "course", {"everything": "/_au"}),
        ("scorm12", "lesson", {"everything/2": "/agir"}),
        ("cmi5", "lesson", {"everything/2": "/_au-2"}),
    ],
)
def test_what_is_launched(target: str, sco: str, wanted: dict[str, str]) -> None:
    told = of(ROOT / "tests/courses/everything", target, sco)
    told = replace(told, scos=(("agir", 2),) if sco == "lesson" else ())
    found = documents(told)["statements"]["launches"]
    assert {key: one["activity"] for key, one in found.items()} == {
        key: f"https://carabin.example/everything{end}" for key, end in wanted.items()
    }


def test_open_texts_are_told_only_where_the_course_says_so() -> None:
    root = ROOT / "tests/courses/open"
    texts = {one.id: one.limit for one in interactions(of(root)) if one.type == "long-fill-in"}
    assert 0 in texts.values()
    assert any(texts.values())
    for open_text in (False, True):
        found = documents(of(root, open_text=open_text))["statements"]["statements"]
        for name, limit in texts.items():
            template = found.get(f"answered:{name}")
            assert (template is not None) == (limit != 0)
            if template is not None:
                assert ("result" in template) == open_text
        others = [one for key, one in found.items() if key.startswith("answered:") and key[9:] not in texts]
        assert others
        assert all(one["result"] == {"response": ""} for one in others)


def test_statements_name_objectives() -> None:
    """Those of the question, else of its lesson; a session has none."""
    course = synthetic.course()
    found = documents(packaged(course, synthetic.build(), "xapi"))["statements"]

    def others(template: Mapping[str, Any]) -> list[str]:
        return [one["id"].rpartition("/")[2] for one in template["context"]["contextActivities"].get("other", ())]

    free = replace(synthetic.QUESTION, objectives=())
    plain = synthetic.course(synthetic.lesson("reconnaitre", "Reconnaître", free))
    inherited = documents(packaged(plain, synthetic.build(), "xapi"))["statements"]
    assert others(found["statements"]["answered:urgence"]) == ["D2.C1.O2"]
    assert others(inherited["statements"]["answered:urgence"]) == ["D2.C1.O1"]
    assert others(found["statements"]["experienced:alerter"]) == ["D2.C1.O1"]
    assert others(found["launches"]["cyber"]["statements"]["passed"]) == []
    unknown = replace(synthetic.QUESTION, objectives=("D9.C9.O9",))
    odd = documents(packaged(synthetic.course(synthetic.lesson("a", "A", unknown)), synthetic.build(), "xapi"))
    assert others(odd["statements"]["statements"]["answered:urgence"]) == ["D2.C1.O1"]


@pytest.mark.parametrize(
    ("tag", "display"),
    [
        ("fr-FR", {"fr-FR": "a réussi", "en": "passed"}),
        ("fr", {"fr": "a réussi", "en": "passed"}),
        ("en", {"en": "passed"}),
        ("en-GB", {"en-GB": "passed"}),
        ("de", {"en": "passed"}),
    ],
)
def test_verbs_are_shown_in_the_language_of_the_course_and_in_english(tag: str, display: dict[str, str]) -> None:
    assert vocabulary.in_languages("verb_passed", tag) == display


# --- all three documents ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", COURSES, ids=lambda root: root.name)
def test_the_same_course_gives_the_same_bytes(root: Path) -> None:
    """In ASCII, which no server's charset garbles, keys sorted, without spaces."""
    told = of(root)
    backwards = replace(told, interactions=dict(reversed(told.interactions.items())))
    assert xapi.members(told) == xapi.members(backwards)
    for one in xapi.members(told):
        text = one.content.decode("ascii")
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) + "\n"


@pytest.mark.parametrize("name", features("targets"))
def test_every_target_carries_them(name: str) -> None:
    """And the manifest of one that lists its files lists them."""
    target, course = pipeline.target_of(name), synthetic.course()
    package = target.package(course, synthetic.site(course), synthetic.build())
    members = {one.name: one.content for one in package.members}
    assert set(COMMON) <= set(members)
    for one in xapi.members(packaged(course, synthetic.build(), name)):
        assert members[one.name] == one.content
    if manifest := members.get("imsmanifest.xml"):
        assert all(f'href="{one}"'.encode() in manifest for one in COMMON)


# --- the profile and the table ---------------------------------------------------------------------------------------

OPERATORS = {"alternates", "optional", "oneOrMore", "sequence", "zeroOrMore"}


@pytest.mark.parametrize(("root", "target", "sco"), EVERY)
def test_the_profile(root: Path, target: str, sco: str) -> None:
    """Standards e.5; xAPI Profiles 1.0, part two."""
    told = of(root, target, sco)
    settings = told.course.settings
    found = documents(told)["profile"]
    assert found["@context"] == "https://w3id.org/xapi/profiles/context"
    assert (found["id"], found["type"]) == (f"{settings.iri}/_profile", "Profile")
    assert found["conformsTo"] == "https://w3id.org/xapi/profiles#1.0"
    (version,) = found["versions"]
    assert version["id"] == f"{settings.iri}/_profile/{settings.version}"
    parts = [*found["concepts"], *found["templates"], *found["patterns"]]
    ids = [one["id"] for one in (found, version, *parts)]
    assert len(set(ids)) == len(ids)
    assert {one["inScheme"] for one in parts} == {version["id"]}
    assert is_language_map(found["prefLabel"])
    assert is_language_map(found["definition"])
    for concept in found["concepts"]:
        if concept["type"] == "ActivityProfileResource":
            assert concept["contentType"] == "application/json"
            continue
        definition = dict(concept["activityDefinition"])
        assert definition.pop("@context") == "https://w3id.org/xapi/profiles/activity-context"
        check_definition(definition)
    assert len({one["verb"] for one in found["templates"]}) == len(found["templates"]) == len(vocabulary.TOLD)
    for template in found["templates"]:
        assert is_language_map(template["prefLabel"])
        assert is_language_map(template["definition"])
        for rule in template["rules"]:
            assert rule["location"].startswith("$.")
            assert "?" not in rule["location"], "no filters"
            assert rule.get("presence", "included") in ("included", "excluded", "recommended")
            assert rule.keys() & {"presence", "any", "all", "none"}


def test_the_patterns_of_the_profile() -> None:
    found = documents(of(ROOT / "tests/courses/everything"))["profile"]
    patterns = {one["id"]: one for one in found["patterns"]}
    templates = {one["id"] for one in found["templates"]}
    (primary,) = [one for one in patterns.values() if one.get("primary")]
    assert is_language_map(primary["prefLabel"])
    reached = {primary["id"]}
    waiting = [primary]
    while waiting:
        pattern = waiting.pop()
        (operator,) = pattern.keys() & OPERATORS
        named = pattern[operator] if isinstance(pattern[operator], list) else [pattern[operator]]
        assert len(named) > 1 or operator in ("optional", "oneOrMore", "zeroOrMore")
        assert set(named) <= templates | patterns.keys()
        if operator == "alternates":
            assert not any(patterns[one].keys() & {"optional", "zeroOrMore"} for one in named if one in patterns)
        waiting += [patterns[one] for one in named if one in patterns and one not in reached]
        reached.update(named)
    assert reached == templates | patterns.keys(), "everything is used"
    keys = [told.key for told in vocabulary.TOLD]
    assert (keys[0], keys[-1]) == ("initialized", "terminated")
    assert set(keys[1:-1]) == set(profile.DOING)


LETTER_OF = {told.key: letter for told, letter in zip(vocabulary.TOLD, "ixapcPft", strict=True)}


def as_expression(name: str, found: Mapping[str, Any]) -> str:
    """Return a pattern or template of a profile as a regular expression over `LETTER_OF`."""
    for template in found["templates"]:
        if template["id"] == name:
            return LETTER_OF[name.rpartition("/")[2]]
    (pattern,) = [one for one in found["patterns"] if one["id"] == name]
    (operator,) = pattern.keys() & OPERATORS
    inner = pattern[operator]
    if isinstance(inner, list):
        return f"({('|' if operator == 'alternates' else '').join(as_expression(one, found) for one in inner)})"
    return f"({as_expression(inner, found)})" + {"optional": "?", "oneOrMore": "+", "zeroOrMore": "*"}[operator]


@pytest.mark.parametrize(
    ("said", "follows"),
    [
        ("it", True),
        ("ixapxapcPt", True),
        ("ixapcPaxt", True),  # a learner may go on after passing
        ("ixapcfaPt", True),
        ("ixaixat", True),  # the first page was killed
        ("iatit", True),  # two sessions
        ("", False),
        ("xat", False),
        ("itx", False),
        ("iatt", False),
    ],
)
def test_what_learners_do_follows_the_pattern(said: str, follows: bool) -> None:
    found = documents(of(ROOT / "tests/courses/everything"))["profile"]
    (primary,) = [one["id"] for one in found["patterns"] if one.get("primary")]
    assert bool(re.fullmatch(as_expression(primary, found), said)) == follows


def test_the_table_is_what_the_player_can_tell() -> None:
    """Every verb of the table is named in the player's teller, whose other words are none of ADL's verbs."""
    text = (ROOT / "builder" / "runtime" / "xapi" / "teller.js").read_text("utf-8")
    keys = {told.key for told in vocabulary.TOLD}
    assert keys <= set(re.findall(r"[\"`](\w+)[\"`]", text))
    others = {
        "attempted",
        "interacted",
        "launched",
        "mastered",
        "resumed",
        "suspended",
        "exited",
        "voided",
        "abandoned",
    }
    assert not re.search(rf"[\"`]({'|'.join(others)})[\"`]", text)


def test_what_is_known_beforehand_is_in_the_table() -> None:
    for key, known in statements.KNOWN.items():
        told = next(one for one in vocabulary.TOLD if one.key == key)
        assert {f"result.{name}" for name in known} <= {field.location for field in told.fields}


def test_there_are_words_for_the_table() -> None:
    for language in languages():
        for told in vocabulary.TOLD:
            for key in (f"verb_{told.key}", f"when_{told.key}", f"about_{told.about}"):
                assert vocabulary.in_languages(key, language)[language]


# --- the twin --------------------------------------------------------------------------------------------------------

ABC = tuple(Component(letter, letter.upper()) for letter in "abc")
DE = tuple(Component(letter, letter.upper()) for letter in "de")
TWINS: tuple[tuple[Interaction, tuple[Response, ...]], ...] = (
    (
        Interaction("q", "true-false", components=(Component("t", ""), Component("f", "")), right=("t",)),
        (("t",), ("f",), None),
    ),
    (Interaction("q", "choice", components=ABC, right=("a", "c")), (("a",), ("b",), ("c",), (), None)),
    (
        Interaction("q", "choice", components=ABC, multiple=True, right=("a", "c")),
        (("a", "c"), ("a",), ("a", "b", "c"), ("b",)),
    ),
    (Interaction("q", "choice", components=ABC, multiple=True), (("a", "b"), ())),
    (Interaction("q", "sequencing", components=ABC, right=("b", "a", "c")), (("b", "a", "c"), ("b", "c", "a"))),
    (Interaction("q", "likert", components=ABC), (("b",), None)),
    (
        Interaction("q", "matching", components=ABC, targets=DE, right=("ad", "ae", "bd")),
        (("ad", "bd"), ("ae", "bd"), ("ad", "be", "cd"), (), None),
    ),
    (Interaction("q", "matching", components=ABC, targets=DE), (("ad", "be"),)),
    (
        Interaction("q", "performance", steps=(("aa", 2.0), ("bb", 1.0), ("bc", -1.0)), best=3, right=("aa", "bb")),
        (("aa", "bb"), ("aa", "bc"), ("bc",), None),
    ),
    (
        Interaction("q", "fill-in", accept=("messagerie", "MSSanté"), typos=1),
        (Text("Messagerie."), Text("mesagerie"), Text("poste"), Text("", right=True), Text("po", cut=True), Text("")),
    ),
    (Interaction("q", "fill-in", accept=("pH",), strict_case=True), (Text("ph"), Text("pH"))),
    (
        Interaction("q", "numeric", ranges=((-1, 4), (7.25, 7.25))),
        (
            *(Text(one) for one in ("−0,5", "7.25", "1 234,5", "un", "-0", "-0.00000000001", "0.00048828125", "4.")),
            Text("", right=True),
            None,
        ),
    ),
    (
        Interaction("q", "long-fill-in", limit=900),
        (Text("À moi. [,] {lang=fr}\n«\u00a0Oui\u00a0»"), Text("", cut=True)),
    ),
    (
        Interaction(
            "q",
            "matching",
            components=tuple(Component(letter, "") for letter in "abcdefghijklmnopqrstuvwxyz012345"),
            targets=DE,
            right=tuple(f"{letter}d" for letter in "abcdefghijklmnopqrstuvwxyz012345"),
        ),
        (("ad",), ("ad", "bd", "cd")),
    ),
)
"""Of each type: right, wrong, partly right, blank, lost words. The last one: half a ten-thousandth of the score."""


def template(says_response: bool) -> dict[str, Any]:
    """Return as much of a template as makes a result."""
    return {"verb": {}, "object": {}, **({"result": dict(statements.SAYS_RESPONSE)} if says_response else {})}


def vectors() -> str:
    cases = []
    for asked, responses in TWINS:
        for one in responses:
            for partial in ("each", "none"):
                for says_response in (True, False) if asked.type == "long-fill-in" else (True,):
                    kept = result(asked, one, partial, says_response=says_response)
                    cases.append(
                        {
                            "question": question_data(Asked(1, 1, (asked,)), partial),
                            "given": response_data(one),
                            "template": template(says_response),
                            "response": response(asked, one),
                            "result": kept,
                        }
                    )
    return "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n"


def test_the_vectors_are_what_python_does(update: bool) -> None:
    path = VECTORS / "xapi.json"
    if update:
        path.write_text(vectors(), "utf-8")
    assert path.read_text("utf-8") == vectors()
    assert {one.type for one, _ in TWINS} == {*PATTERNS, "long-fill-in"}


@pytest.mark.needs("node")
def test_the_player_agrees_with_the_vectors(player: Player) -> None:
    for case in json.loads((VECTORS / "xapi.json").read_text("utf-8")):
        told = player.ask("answered", question=case["question"], given=case["given"], template=case["template"])
        assert told.get("result", {}) == case["result"], case


NUMERIC = Interaction("q", "numeric", ranges=((-3, 3.5),))


@pytest.mark.needs("node")
@given(st.decimals(-(10**6), 10**6, places=12).map(str) | st.text("0123456789.,− +-", max_size=8))
def test_the_player_tells_numbers_alike(player: Player, text: str) -> None:
    question = question_data(Asked(1, 1, (NUMERIC,)))
    told = player.ask("answered", question=question, given={"text": text}, template=template(True))
    assert told.get("result", {}) == result(NUMERIC, Text(text))


@pytest.mark.needs("node")
@pytest.mark.parametrize("root", COURSES, ids=lambda root: root.name)
def test_the_player_tells_each_interaction_of_a_course_alike(root: Path, player: Player) -> None:
    """With the templates of its package: the response only where the template says so."""
    told = of(root)
    found = documents(told)["statements"]["statements"]
    for lesson in told.course.lessons:
        for question in lesson.questions:
            for one in told.interactions[question.id]:
                for is_right in (True, False):
                    given, template = (
                        possible(one, is_right) if one.type != "other" else None,
                        found.get(f"answered:{one.id}"),
                    )
                    if template is None:
                        continue
                    asked = question_data(Asked(1, 1, (one,)), question.partial)
                    statement = player.ask("answered", question=asked, given=response_data(given), template=template)
                    says = "result" in template
                    assert statement.get("result", {}) == result(one, given, question.partial, says_response=says)
                    assert statement["object"] == template["object"]


def test_a_text_that_reads_like_a_parameter_is_no_pattern() -> None:
    odd = Interaction("q", "fill-in", accept=("{lang=fr}oui", "a[:]b", "{oui}"))
    assert xapi.interaction_definition(odd, "fr")["correctResponsesPattern"] == ["{oui}"]


def test_questions_without_id_raise_nothing(tmp_path: Path) -> None:
    """Only the target `web` takes them; the makeshift ids of two lessons differ."""
    course = (ROOT / "tests" / "courses" / "quiz" / "course.yml").read_text("utf-8")
    (tmp_path / "course.yml").write_text(course, "utf-8")
    for name, text in (
        ("one", "::: choice\n\nWho?\n\n- [x] Me\n- [ ] You\n\n:::\n"),
        ("two", "::: choice\n\nWho?\n\n- [x] Me\n- [ ] You\n\n:::\n"),
    ):
        front = f"---\nid: {name}\ntitle: {name}\nduration: 5 min\n---\n\n"
        (tmp_path / f"{name}.md").write_text(front + text, "utf-8")
    checked = pipeline.check(load.load(tmp_path), pipeline.Options(targets=("web",)))
    assert checked.course is not None
    assert len({one.id for lesson in checked.course.lessons for one in lesson.questions}) == 2
    found = documents(pipeline.told(checked, "web"))
    ids = [one["id"] for one in found["activities"]["activities"]]
    assert len(set(ids)) == len(ids)


def test_the_page_on_privacy_says_what_the_player_keeps() -> None:
    """Names and limits of what lies in the browser."""
    page = (ROOT / "docs" / "explanation" / "privacy.md").read_text("utf-8")
    runtime = "".join(path.read_text("utf-8") for path in sorted((ROOT / "builder" / "runtime").rglob("*.js")))
    kept = re.search(r"const KEPT = \{ count: ([\d_]+), bytes: ([\d_]+) \}", runtime)
    assert kept
    count, size = (int(one.replace("_", "")) for one in kept.groups())
    assert f"{count:,} of them or {size // 1_000_000} MB" in page
    for name in ("lrs:", "refused:", "text:", "unreadable"):
        assert f":{name}" in page
        assert re.search(rf"[:}}]{name}", runtime), name

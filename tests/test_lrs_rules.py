"""The LRS: what it refuses in a statement (standards e.1), rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrs_client import (
    ADA,
    BOB,
    COURSE,
    FULL,
    GONE,
    JSON_VALUES,
    NESTED,
    PLAIN,
    REFERENCE,
    VERBS,
    changed,
    interaction,
)

from builder.lrs.validate import batch_problems, instant, is_iri, statement_problems

# --- what it refuses -------------------------------------------------------------------------------------------------

LISTED = [{"id": "a"}, {"id": "b"}]
VALUES: list[tuple[str, list[Any], list[Any]]] = [
    # pointer into FULL, what is refused there, what is not
    ("/id", ["x", "", 5, "3f1c2a445a534a3c8f4e1d2b3c4d5e6f", "{3f1c2a44-5a53-4a3c-8f4e-1d2b3c4d5e6f}"], [str(uuid4())]),
    ("/actor", ["ada", [], 5, {}, {"name": "ada"}], [BOB, {"openid": "https://ada.example"}]),
    ("/actor/objectType", ["agent", "Person", "", 5], ["Agent"]),
    ("/actor/name", [5, {}, ["ada"]], ["Ada", ""]),
    ("/actor/mbox", ["mailto:ada@example.org"], [GONE]),
    ("/actor/account", [GONE, "ada", {"name": "ada"}, {"homePage": "https://lms.example"}], []),
    ("/actor/account/homePage", ["lms.example", "", 5, "//lms.example"], ["https://lms.example/é"]),
    ("/actor/account/name", [5, {}], ["ada"]),
    ("/actor/account/Name", ["ada"], []),
    ("/verb", ["experienced", {}, {"display": {"en": "saw"}}], [{"id": f"{VERBS}/answered"}]),
    ("/verb/id", ["answered", "", 5, "http:", "a b:c"], ["urn:carabin:saw"]),
    (
        "/verb/display",
        ["saw", ["saw"], {"en_GB": "saw"}, {"en": 5}, {"": "saw"}, {"english!": "saw"}],
        [{"zh-Hant": "看"}],
    ),
    (
        "/object/id",
        ["q", "", 5, "/q", "https://", "https://x.example/a b", "https://x.example/%zz"],
        ["https://x.example/%C3%A9"],
    ),
    ("/object/objectType", ["activity", "Thing", 5], ["Activity", GONE]),
    ("/object/definition", ["x", [], 5], [{}]),
    ("/object/definition/type", ["course", 5], ["http://adlnet.gov/expapi/activities/course"]),
    ("/object/definition/moreInfo", ["more", 5], ["https://x.example"]),
    ("/object/definition/name", ["Doors", {"e": "Doors"}, {"en": ["Doors"]}], [{"fr": "Portes"}, {}]),
    ("/object/definition/interactionType", ["Choice", "multiple", 5, GONE], ["sequencing"]),
    ("/object/definition/title", [{"en": "Doors"}], []),
    ("/object/definition/extensions", [{"progress": 5}, "x", []], [{f"{COURSE}/x": None}]),
    (
        "/object/definition/choices",
        ["a", [{"description": {"en": "x"}}], [{"id": ""}], [{"id": 5}], LISTED * 2],
        [LISTED],
    ),
    ("/object/definition/choices/0/description", ["x", {"en": 5}], [{"fr": "x"}]),
    ("/object/definition/choices/0/title", ["x"], []),
    ("/object/definition/scale", [LISTED], []),
    ("/object/definition/steps", [LISTED], []),
    ("/object/definition/correctResponsesPattern", ["a", [5], ["c"], ["a[,]c"], [None]], [["a", "b"], []]),
    ("/result", ["x", [], {"scores": {}}], [{}]),
    ("/result/score", [5, "5", [], {"min": 1, "max": 1}], [{}, {"min": 0, "max": 1}, {"min": 0}, {"max": 0}]),
    ("/result/score/scaled", [1.01, -1.5, "0.5", True], [1, -1, 0]),
    ("/result/score/raw", [11, -1, "5"], [0, 10, 5.5]),
    ("/result/score/min", [10, 11, 6, "0"], [5, -3]),
    ("/result/score/max", [0, -1, 4, True], [5]),
    ("/result/score/Scaled", [0.5], []),
    ("/result/success", ["true", 1, []], [False]),
    ("/result/completion", ["false", 0], [True]),
    ("/result/response", [5, ["a"], True], ["", "a"]),
    (
        "/result/duration",
        ["12", "PT", "P", "PT1.5M3S", "P1W2D", 12, "", "00:00:12", "-PT1S"],
        ["P3Y1M29DT4H35M59.14S", "P4W", "PT0S"],
    ),
    ("/result/extensions", [{"progress": 5}, []], [{f"{COURSE}/x": [None]}]),
    ("/context", ["x", {"session": "x"}], [{}]),
    ("/context/registration", ["x", 5, ""], [str(uuid4())]),
    ("/context/instructor", [{}, {"objectType": "Group"}], [{"objectType": "Group", **BOB}]),
    ("/context/team", [BOB, ADA], [{"objectType": "Group", **BOB}]),
    ("/context/team/member", [[], ADA, [{"objectType": "Group", "member": [ADA]}], [{}]], [[ADA, BOB]]),
    ("/context/contextActivities", [[], {"Parent": []}, {"parents": [{"id": COURSE}]}], [{"other": {"id": COURSE}}]),
    ("/context/contextActivities/parent", [COURSE, [COURSE], [{"id": "x"}], [REFERENCE]], [[], [{"id": COURSE}]]),
    ("/context/language", ["french language", "fr_FR", 5, ""], ["fr", "x-carabin", "de-CH-1996", "i-klingon"]),
    ("/context/revision", [5, {}], ["2"]),
    ("/context/platform", [5], ["Moodle"]),
    ("/context/statement", [{"id": REFERENCE["id"]}, {"objectType": "Activity", "id": COURSE}], [REFERENCE]),
    ("/context/extensions", [{"session": "x"}], [{}]),
    ("/context/contextAgents", [[{"objectType": "contextAgent", "agent": BOB}]], []),
    ("/timestamp", ["2027-01-31T08:00:00-00:00", "2027-01-31T08:00:00-0000", "2027-01-31T08:00:00-00"], []),
    (
        "/timestamp",
        ["31/01/2027", "2027-02-30T08:00:00Z", "2027-01-31", "", 5, "2027-01-31T25:00:00Z"],
        ["2027-01-31T08:00:00+05:30"],
    ),
    (
        "/timestamp",
        ["2027-01-31T08:00:00+24:00", "0001-01-01T00:00:00+01:00"],
        ["2027-01-31T08:00:00", "2027-01-31T23:59:60Z"],
    ),
    ("/stored", ["now"], ["2027-01-31T08:00:00Z"]),
    ("/version", ["1.1.0", "0.95", "1.0.", 1.0, "2.0.0"], ["1.0", "1.0.3", "1.0.12"]),
    (
        "/authority",
        ["x", {}, {"objectType": "Group", "member": [ADA]}],
        [{"objectType": "Group", "member": [ADA, BOB]}],
    ),
    ("/attachments", [{}, ["x"]], [[]]),
    ("/attachments/0/usageType", [GONE, "certificate"], [f"{COURSE}/x"]),
    ("/attachments/0/display", [GONE, "Certificate"], [{"fr": "Attestation"}]),
    ("/attachments/0/contentType", [GONE, "text", 5], ["image/svg+xml"]),
    ("/attachments/0/length", [GONE, "4", -1, 4.5, True], [0]),
    ("/attachments/0/sha2", [GONE, "x", sha1(b"data").hexdigest()], [sha256(b"other").hexdigest()]),
    ("/attachments/0/fileUrl", ["certificate.txt"], [GONE]),
    ("/Actor", [ADA], []),
    ("/foo", [1], []),
]


@pytest.mark.parametrize(
    ("pointer", "bad", "good"), VALUES, ids=[f"{number}{one[0]}" for number, one in enumerate(VALUES)]
)
def test_a_statement_is_refused_where_it_breaks_a_rule_and_nowhere_else(
    pointer: str, bad: list[Any], good: list[Any]
) -> None:
    """standards e.1: types, formats, bounds, unknown keys, case."""
    assert statement_problems(FULL) == ()
    for value in good:
        assert (
            statement_problems(changed(FULL, pointer, value) if value != GONE or pointer != "/actor/mbox" else FULL)
            == ()
        )
    for value in bad:
        found = statement_problems(changed(FULL, pointer, value))
        assert found, value
        near = pointer.rpartition("/")[0].removesuffix("/account") or "/"
        assert all(f"{one.pointer}/".startswith(near) for one in found), found


def members(value: object, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of all members of a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        where = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield where
        yield from members(inner, where)


@pytest.mark.parametrize("pointer", sorted(members(FULL)))
def test_null_is_refused_anywhere_but_inside_extensions(pointer: str) -> None:
    """standards e.1: `null` anywhere but inside `extensions`."""
    found = [one.pointer for one in statement_problems(changed(FULL, pointer, None))]
    assert pointer in found if "/extensions/" not in pointer else not found


@pytest.mark.parametrize("key", ["actor", "verb", "object"])
def test_a_statement_has_actor_verb_and_object(key: str) -> None:
    assert [one.message for one in statement_problems(changed(PLAIN, f"/{key}", GONE))] == [f'has no "{key}"']


@pytest.mark.parametrize("value", [None, 5, "x", [], True])
def test_a_statement_is_an_object(value: object) -> None:
    assert [one.pointer for one in statement_problems(value)] == [""]


def test_a_wrong_letter_case_is_answered_with_the_right_one() -> None:
    found = statement_problems(changed(PLAIN, "/verb/Display", {}))
    assert [(one.pointer, one.message) for one in found] == [
        ("/verb/Display", 'is no property that belongs here: is "display" meant?')
    ]


@pytest.mark.parametrize(
    ("what", "is_good"),
    [
        ({"objectType": "Agent", **BOB}, True),
        (BOB, False),
        ({"objectType": "Agent", **BOB, "openid": "https://x.example"}, False),
        ({"objectType": "Group", "member": [ADA]}, True),
        ({"objectType": "Group"}, False),
        ({"objectType": "Group", **BOB}, True),
        (REFERENCE, True),
        ({"objectType": "StatementRef", "id": "x"}, False),
        ({"objectType": "StatementRef"}, False),
        ({**REFERENCE, "definition": {}}, False),
        (NESTED["object"], True),
        (changed(NESTED, "/object/id", str(uuid4()))["object"], False),
        (changed(NESTED, "/object/stored", "2027-01-31T08:00:00Z")["object"], False),
        (changed(NESTED, "/object/version", "1.0.0")["object"], False),
        (changed(NESTED, "/object/authority", BOB)["object"], False),
        (changed(NESTED, "/object/object", NESTED["object"])["object"], False),
        (changed(NESTED, "/object/timestamp", "soon")["object"], False),
        (changed(NESTED, "/object/verb", GONE)["object"], False),
    ],
)
def test_an_object_is_one_of_five_kinds(what: object, is_good: bool) -> None:
    """standards e.1: agents, groups, references, SubStatements without id, stored, version, authority, nesting."""
    assert (statement_problems({**PLAIN, "object": what}) == ()) is is_good


@pytest.mark.parametrize("key", ["revision", "platform"])
@pytest.mark.parametrize("what", [{"objectType": "Agent", **BOB}, REFERENCE, NESTED["object"]])
def test_revision_and_platform_are_for_activities(key: str, what: object) -> None:
    found = statement_problems({**PLAIN, "object": what, "context": {key: "1"}})
    assert [one.pointer for one in found] == [f"/context/{key}"]
    assert statement_problems({**PLAIN, "context": {key: "1"}}) == ()


def test_what_voids_is_about_a_statement() -> None:
    voiding = {**PLAIN, "verb": {"id": f"{VERBS}/voided"}}
    assert [one.pointer for one in statement_problems(voiding)] == ["/object"]
    assert statement_problems({**voiding, "object": REFERENCE}) == ()


@pytest.mark.parametrize(
    ("kind", "lists", "good", "bad"),
    [
        ("true-false", {}, ["true", "false"], ["t", "True", ""]),
        ("choice", {"choices": LISTED}, ["a", "a[,]b"], ["c", "a,b", "a[,]"]),
        ("sequencing", {"choices": LISTED}, ["b[,]a"], ["b[,]c"]),
        ("likert", {"scale": LISTED}, ["a"], ["a[,]b", "c"]),
        ("matching", {"source": LISTED, "target": [{"id": "1"}]}, ["a[.]1[,]b[.]1"], ["a", "1[.]a", "a[.]2"]),
        ("performance", {"steps": LISTED}, ["a[.]1:[,]b[.]", "{order_matters=false}a[.]x"], ["c[.]1", "a"]),
        ("numeric", {}, ["4", "4[:]", "[:]4", "-1.5[:]1e3"], ["four", "[:]", "1[:]2[:]3", ""]),
        ("fill-in", {}, ["Bob", "{case_matters=true}Bob[,]Ada"], []),
        ("long-fill-in", {}, ["{lang=en}Anything"], []),
        ("other", {}, ["(35.937432,-86.868896)"], []),
    ],
)
def test_patterns_have_the_form_of_their_interaction(
    kind: str, lists: dict[str, object], good: list[str], bad: list[str]
) -> None:
    """standards e.3. A list that is not given is not asked for ids; lists of other types are refused (e.1)."""
    assert statement_problems(interaction(kind, **lists, correctResponsesPattern=good)) == ()
    for pattern in bad:
        found = statement_problems(interaction(kind, **lists, correctResponsesPattern=[pattern]))
        assert [one.pointer for one in found] == ["/object/definition/correctResponsesPattern/0"], pattern
    if lists and kind not in ("matching", "performance"):
        assert statement_problems(interaction(kind, correctResponsesPattern=["z"])) == ()
    for name in {"choices", "scale", "source", "target", "steps"} - set(lists):
        found = statement_problems(interaction(kind, **{name: LISTED}))
        assert [one.pointer for one in found] == [f"/object/definition/{name}"]


def test_lists_and_patterns_want_a_type_of_interaction() -> None:
    made = changed(PLAIN, "/object/definition", {"choices": LISTED, "correctResponsesPattern": ["a"]})
    assert len(statement_problems(made)) == 2


def test_a_batch_has_no_id_twice() -> None:
    """Comm. §2.1.2; letter case does not matter."""
    one, two = str(uuid4()), str(uuid4())
    assert batch_problems([{**PLAIN, "id": one}, {**PLAIN, "id": two}, PLAIN, PLAIN]) == ()
    found = batch_problems([{**PLAIN, "id": one}, PLAIN, {**PLAIN, "id": one.upper()}])
    assert [problem.pointer for problem in found] == ["/2/id"]


def test_version_two_knows_more_and_asks_for_more() -> None:
    """standards e.2: contextAgents, contextGroups; timestamps of RFC 3339."""
    agents = {"contextAgents": [{"objectType": "contextAgent", "agent": BOB, "relevantTypes": [COURSE]}]}
    groups = {"contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", **BOB}}]}
    assert statement_problems({**PLAIN, "context": {**agents, **groups}}, "2.0.0") == ()
    assert len(statement_problems({**PLAIN, "context": {**agents, **groups}}, "1.0.3")) == 2
    for wrong in (
        {"agent": BOB},
        {"objectType": "contextAgent"},
        {"objectType": "contextAgent", "agent": BOB, "relevantTypes": []},
    ):
        assert statement_problems({**PLAIN, "context": {"contextAgents": [wrong]}}, "2.0.0")
    assert statement_problems({**PLAIN, "version": "2.0.0"}, "2.0.0") == ()
    for loose in ("2027-01-31T08:00:00", "2027-01-31T08:00:00+01", "2027-01-31T08:00:00+0100"):
        assert statement_problems({**PLAIN, "timestamp": loose}, "1.0.3") == ()
        assert statement_problems({**PLAIN, "timestamp": loose}, "2.0.0")


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-23 * 60, 23 * 60))
def test_a_timestamp_names_the_same_moment_in_any_zone(when: datetime, minutes: int) -> None:
    local = when + timedelta(minutes=minutes)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    text = f"{local.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert instant(text) == when.replace(tzinfo=UTC)
    assert instant(text, is_strict=True) == when.replace(tzinfo=UTC)


@given(st.text())
def test_no_text_upsets_the_formats(text: str) -> None:
    instant(text)
    is_iri(text)
    for pointer in ("/result/duration", "/context/language", "/object/definition/correctResponsesPattern/0"):
        statement_problems(changed(FULL, pointer, text))


@given(st.sampled_from(sorted(members(FULL))), JSON_VALUES)
def test_any_json_anywhere_is_judged_not_raised(pointer: str, value: Any) -> None:
    for version in ("1.0.3", "2.0.0"):
        for problem in statement_problems(changed(FULL, pointer, value), version):
            assert problem.message

"""The LRS: what it keeps and what it answers, without a network; what a stranger may send."""

from __future__ import annotations

import json
import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lrs_client import (
    ADA,
    BASIC,
    BOB,
    COURSE,
    CREDENTIALS,
    FULL,
    GONE,
    JSON_VALUES,
    NESTED,
    NEW,
    PLAIN,
    STATE,
    VERBS,
    Client,
    changed,
    interaction,
)

from builder.lrs.api import Request, answer, languages
from builder.lrs.attachments import BadParts, Part, joined, split
from builder.lrs.statements import chosen, is_same
from builder.lrs.store import Conflict, Key, NotOurs, Query, Store
from builder.lrs.validate import instant

# --- requests --------------------------------------------------------------------------------------------------------


@pytest.fixture
def lrs() -> Iterator[Client]:
    made = Client()
    yield made
    made.store.close()


def test_what_is_stored_comes_back_with_what_the_lrs_adds(lrs: Client) -> None:
    (name,) = lrs.post(PLAIN)
    made = json.loads(lrs("GET", "statements", statementId=name).body)
    assert {key: made[key] for key in PLAIN} == PLAIN
    assert made["id"] == name
    assert made["version"] == "1.0.0"
    assert made["timestamp"] == made["stored"]
    assert made["authority"]["account"]["name"] == "key"
    assert set(made) == {*PLAIN, "id", "version", "timestamp", "stored", "authority"}


def test_a_full_statement_comes_back_as_it_was_but_for_authority_stored_and_lists(lrs: Client) -> None:
    lrs.post(FULL)
    made = json.loads(lrs("GET", "statements", statementId=FULL["id"].upper()).body)
    wanted = changed(FULL, "/context/contextActivities/category", [{"id": f"{COURSE}/_profile/1"}])
    for key in ("authority", "stored"):
        assert made.pop(key) != wanted.pop(key)
    assert made == wanted


def test_ids_are_answered_in_order_and_made_where_they_are_missing(lrs: Client) -> None:
    name = str(uuid4())
    ids = lrs.post(PLAIN, {**PLAIN, "id": name}, PLAIN)
    assert ids[1] == name
    assert len(set(ids)) == 3
    assert lrs.found() == ids[::-1]


def test_a_batch_is_stored_whole_or_not_at_all(lrs: Client) -> None:
    made = lrs("POST", "statements", [PLAIN, {**PLAIN, "verb": {"id": "nonsense"}}])
    assert made.status == 400
    assert json.loads(made.body)["problems"] == [
        {"pointer": "/1/verb/id", "message": '"nonsense" is not an IRI with a scheme'}
    ]
    assert lrs.store.count() == 0


def test_what_is_sent_again_is_absorbed_and_what_is_changed_conflicts(lrs: Client) -> None:
    """standards e.2, ids: the retry mechanism."""
    lrs.post(FULL)
    assert lrs.post(FULL) == [FULL["id"]]
    assert lrs("PUT", "statements", FULL, statementId=FULL["id"]).status == 204
    fresh = {**PLAIN, "id": str(uuid4())}
    assert lrs("POST", "statements", [fresh, changed(FULL, "/result/success", False)]).status == 409
    assert lrs("PUT", "statements", changed(FULL, "/verb/id", f"{VERBS}/passed"), statementId=FULL["id"]).status == 409
    assert lrs.found() == [FULL["id"]]
    kept = json.loads(lrs("GET", "statements", statementId=FULL["id"]).body)
    assert kept["result"]["success"] is True
    assert lrs.post(fresh, FULL) == [fresh["id"], FULL["id"]]


@pytest.mark.parametrize(
    ("pointer", "value", "is_equal"),
    [
        ("/timestamp", "2027-01-31T09:00:00.123+01:00", True),
        ("/timestamp", GONE, True),
        ("/timestamp", "2027-01-31T08:00:00.124Z", False),
        ("/authority", ADA, True),
        ("/stored", GONE, True),
        ("/version", "1.0.3", True),
        ("/verb/display", {"en": "looked at"}, True),
        ("/verb/id", f"{VERBS}/passed", False),
        ("/object/definition/name", {"en": "Windows"}, True),
        ("/object/objectType", GONE, True),
        ("/object/id", f"{COURSE}/p", False),
        ("/context/contextActivities/category", [{"id": f"{COURSE}/_profile/1"}], True),
        ("/context/contextActivities/category", [], False),
        ("/context/registration", "8C3F3F4C-6F0E-4D43-9A0A-6D5C6F3B2A10", True),
        ("/context/registration", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", False),
        ("/context/language", "en", False),
        ("/actor/objectType", GONE, True),
        ("/actor/name", "Ada", False),
        ("/context/team/member", [ADA, BOB], False),
        ("/result/duration", "PT12.501S", True),
        ("/result/duration", "PT12.51S", False),
        ("/result/score/raw", 5.0, True),
        ("/result/score/raw", 5.5, False),
        ("/result/completion", True, False),
        ("/result/extensions", {f"{COURSE}/progress": 51}, False),
        ("/attachments/0/display", {"fr": "Attestation"}, True),
        ("/attachments/0/sha2", sha256(b"other").hexdigest(), False),
    ],
)
def test_the_same_statement_may_be_written_differently(pointer: str, value: object, is_equal: bool) -> None:
    """Data §2.3.1, "Statement Comparision Requirements"."""
    assert is_same(FULL, changed(FULL, pointer, value)) is is_equal


def test_members_have_no_order() -> None:
    group = {"objectType": "Group", "member": [ADA, BOB]}
    turned = {"objectType": "Group", "member": [BOB, ADA]}
    assert is_same({**FULL, "actor": group}, {**FULL, "actor": turned})
    one, two = ({**NESTED, "object": {**NESTED["object"], "actor": actor}} for actor in (group, turned))
    assert is_same(one, two)
    assert not is_same(one, NESTED)


def test_put_takes_the_id_of_the_parameter(lrs: Client) -> None:
    name = str(uuid4())
    assert lrs("PUT", "statements", PLAIN, statementId=name).status == 204
    assert lrs.found() == [name]
    assert lrs("PUT", "statements", {**PLAIN, "id": str(uuid4())}, statementId=name).status == 400
    assert lrs("PUT", "statements", [PLAIN], statementId=name).status == 400
    assert lrs("PUT", "statements", PLAIN).status == 400
    assert lrs("PUT", "statements", PLAIN, statementId="x").status == 400


def voiding(name: str) -> dict[str, Any]:
    return {"actor": BOB, "verb": {"id": f"{VERBS}/voided"}, "object": {"objectType": "StatementRef", "id": name}}


@pytest.mark.parametrize("is_late", [False, True])
def test_a_voided_statement_is_found_by_voided_statement_id_alone(lrs: Client, is_late: bool) -> None:
    """Data §2.3.2; the one that voids may come first."""
    name = str(uuid4())
    order = [{**PLAIN, "id": name}, voiding(name.upper())]
    ids = [lrs.post(one)[0] for one in (order[::-1] if is_late else order)]
    other = ids[0] if is_late else ids[1]
    assert lrs.found() == [other]
    assert lrs.found(activity=COURSE) == [other]
    assert lrs("GET", "statements", statementId=name).status == 404
    assert lrs("GET", "statements", voidedStatementId=name).status == 200
    assert lrs("GET", "statements", voidedStatementId=other).status == 404


def test_what_voids_cannot_be_voided(lrs: Client) -> None:
    (name,) = lrs.post(PLAIN)
    (first,) = lrs.post(voiding(name))
    (second,) = lrs.post(voiding(first))
    assert lrs.found() == [second, first]
    assert lrs("GET", "statements", voidedStatementId=first).status == 404


@pytest.fixture
def library() -> Iterator[tuple[Client, dict[str, str]]]:
    """Statements of many kinds, by the name of their id."""
    lrs = Client()
    registration = FULL["context"]["registration"]
    told = {
        "plain": PLAIN,
        "full": FULL,
        "bob": {**PLAIN, "actor": {**BOB, "name": "Bob"}, "verb": {"id": f"{VERBS}/passed"}},
        "group": {**PLAIN, "actor": {"objectType": "Group", "member": [BOB, ADA]}},
        "team": {**PLAIN, "actor": {"objectType": "Group", "openid": "https://team.example", "member": [BOB]}},
        "about bob": {**PLAIN, "object": {"objectType": "Agent", **BOB}},
        "nested": changed(NESTED, "/object/actor", BOB),
        "context": {
            **PLAIN,
            "object": {"id": f"{COURSE}/x"},
            "context": {"contextActivities": {"other": {"id": COURSE}}},
        },
        "registered": {**PLAIN, "context": {"registration": registration.upper()}},
    }
    ids = {name: lrs.post(one)[0] for name, one in told.items()}
    ids["comment"] = lrs.post({**PLAIN, "actor": ADA, "object": {"objectType": "StatementRef", "id": ids["bob"]}})[0]
    ids["second comment"] = lrs.post({**PLAIN, "object": {"objectType": "StatementRef", "id": ids["comment"]}})[0]
    yield lrs, ids
    lrs.store.close()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"agent": BOB}, "bob group team,about bob,comment,second comment"),
        (
            {"agent": {"mbox": "mailto:bob@EXAMPLE.org", "name": "Robert"}},
            "bob group team,about bob,comment,second comment",
        ),
        ({"agent": {"objectType": "Group", "openid": "https://team.example"}}, "team"),
        ({"agent": BOB, "related_agents": "true"}, "full bob group team nested,about bob,comment,second comment"),
        ({"agent": {"account": {"homePage": "http://localhost/carabin-lrs", "name": "key"}}}, ""),
        ({"verb": f"{VERBS}/passed"}, "bob comment,second comment"),
        ({"activity": f"{COURSE}/x"}, "context"),
        ({"activity": f"{COURSE}/q"}, "full"),
        ({"activity": f"{COURSE}/q", "verb": f"{VERBS}/passed"}, ""),
        ({"registration": FULL["context"]["registration"]}, "full registered"),
        ({"agent": BOB, "verb": f"{VERBS}/passed", "activity": COURSE}, "bob comment,second comment"),
    ],
)
def test_statements_are_found_by_what_they_mention(
    library: tuple[Client, dict[str, str]], query: dict[str, object], wanted: str
) -> None:
    """Comm. §2.1.3; statements about a statement are found with it."""
    lrs, ids = library
    names = {one for part in wanted.split(",") for one in ([part] if part in ids else part.split())}
    expected = [name for name in reversed(ids) if name in names]
    if query == {"agent": BOB}:
        assert len(expected) == 6
    assert [{v: k for k, v in ids.items()}[one] for one in lrs.found(**query)] == expected


def test_context_activities_are_found_when_asked_broadly(library: tuple[Client, dict[str, str]]) -> None:
    lrs, ids = library
    narrow = set(lrs.found(activity=COURSE))
    assert {ids["context"], ids["nested"], ids["full"]} & narrow == set()
    assert {ids["context"], ids["nested"], ids["full"]} < set(lrs.found(activity=COURSE, related_activities="true"))
    assert set(lrs.found(activity=f"{COURSE}/_profile/1", related_activities="true")) == {ids["full"]}


def test_pages_hold_each_statement_once_while_more_arrive(lrs: Client) -> None:
    """Data §2.5: `more` is relative, and works whatever came since."""
    ids = lrs.post(*({**PLAIN, "id": str(uuid5(NAMESPACE_URL, str(one)))} for one in range(10)))
    for ascending in ("true", "false"):
        seen: list[str] = []
        made = lrs("GET", "statements", limit="3", ascending=ascending, activity=COURSE)
        for _ in range(4):
            told = json.loads(made.body)
            seen += [one["id"] for one in told["statements"]]
            if not told["more"]:
                break
            lrs.post(changed(PLAIN, "/object/id", f"{COURSE}/elsewhere"))
            url = urlsplit(told["more"])
            headers = {"authorization": BASIC, "x-experience-api-version": "1.0.3"}
            made = answer(lrs.store, CREDENTIALS, Request("GET", url.path, url.query, headers))
        assert seen == (ids if ascending == "true" else ids[::-1])
    assert json.loads(lrs("GET", "statements", limit="10", activity=COURSE).body)["more"] == ""
    assert len(lrs.found(limit="0")) == 16


def test_since_and_until_count_from_when_a_statement_was_stored() -> None:
    """Also where the clock stands still, or goes back."""
    times = iter([datetime(2027, 1, 1, 8, tzinfo=UTC)] * 2 + [datetime(2026, 1, 1, tzinfo=UTC)] * 50)
    lrs = Client(Store(clock=lambda: next(times)))
    authority = {"objectType": "Agent", **BOB}
    for name in ("first", "second", "third"):
        lrs.store.add([changed(PLAIN, "/object/id", f"{COURSE}/{name}")], authority)
    rows = [(one["stored"], one["object"]["id"].rpartition("/")[2]) for one in lrs.store.find(Query()).statements]
    assert rows == [
        ("2027-01-01T08:00:00.000002Z", "third"),
        ("2027-01-01T08:00:00.000001Z", "second"),
        ("2027-01-01T08:00:00.000000Z", "first"),
    ]
    assert len(lrs.found(since="2027-01-01T08:00:00Z")) == 2
    assert len(lrs.found(since="2027-01-01T09:00:00.000001+01:00")) == 1
    assert len(lrs.found(until="2027-01-01T08:00:00.000001Z")) == 2
    assert len(lrs.found(since="2027-01-01T08:00:00Z", until="2027-01-01T08:00:00.000001Z")) == 1
    lrs.store.close()


def test_formats(lrs: Client) -> None:
    """Comm. §2.1.3: ids, exact, canonical in the language of the reader."""
    lrs.post({**FULL, "actor": {**ADA, "name": "Ada"}, "verb": {**PLAIN["verb"], "display": {"en": "viewed"}}})
    lrs.post(changed(NESTED, "/object/object", {"id": f"{COURSE}/q", "definition": {"name": {"de": "Türen"}}}))
    lrs.post({**PLAIN, "actor": {"objectType": "Group", "member": [{**BOB, "name": "Bob"}]}})
    group, nested, full = json.loads(lrs("GET", "statements", format="ids").body)["statements"]
    assert full["actor"] == ADA
    assert full["verb"] == {"id": f"{VERBS}/experienced"}
    assert full["object"] == {"id": f"{COURSE}/q"}
    assert full["context"]["contextActivities"]["parent"] == [{"id": COURSE}]
    assert full["result"] == FULL["result"]
    assert nested["object"]["object"] == {"id": f"{COURSE}/q"}
    assert group["actor"] == {"objectType": "Group", "member": [BOB]}
    for header, name, verb in (
        ("fr-CA, fr;q=0.9, en;q=0.5", {"fr": "Portes"}, {"fr": "a vu"}),
        ("de", {"de": "Türen"}, {"en": "experienced"}),
        ("ja", {"en": "Doors"}, {"en": "experienced"}),
        ("", {"en": "Doors"}, {"en": "experienced"}),
    ):
        made = lrs("GET", "statements", headers={"Accept-Language": header}, format="canonical")
        _, nested, full = json.loads(made.body)["statements"]
        for one in (full["object"], nested["object"]["object"]):
            assert one["definition"]["name"] == name
            assert one["definition"]["choices"][0]["description"] == {"en": "The open one"}
        assert full["verb"]["display"] == nested["object"]["verb"]["display"] == verb
    assert lrs("GET", "statements", format="Ids").status == 400


def test_languages_are_chosen_by_preference() -> None:
    assert languages("fr;q=0.2, en-GB;q=0.8,*;q=0.1, de;q=0, , x y") == ["x y", "en-GB", "fr", "*"]
    assert chosen({"en": "a", "fr-FR": "b"}, ["fr"]) == {"fr-FR": "b"}
    assert chosen({"frr": "a", "fr": "b"}, ["fr"]) == {"fr": "b"}
    assert chosen({"de": "a", "fr": "b"}, ["ja", "*"]) == {"de": "a"}
    assert chosen({}, ["fr"]) == {}


def test_an_activity_gathers_what_statements_say_of_it(lrs: Client) -> None:
    lrs.post(FULL, changed(PLAIN, "/object", {"id": f"{COURSE}/q", "definition": {"name": {"fr": "Les portes"}}}))
    made = json.loads(lrs("GET", "activities", activityId=f"{COURSE}/q").body)
    assert made["definition"]["name"] == {"en": "Doors", "fr": "Les portes"}
    assert made["definition"]["choices"] == FULL["object"]["definition"]["choices"]
    lrs.post(changed(interaction("numeric", correctResponsesPattern=["4"]), "/object/id", f"{COURSE}/q"))
    made = json.loads(lrs("GET", "activities", activityId=f"{COURSE}/q").body)
    assert "choices" not in made["definition"]
    assert made["definition"]["correctResponsesPattern"] == ["4"]
    assert json.loads(lrs("GET", "activities", activityId="https://x.example").body) == {
        "objectType": "Activity",
        "id": "https://x.example",
    }
    assert lrs("GET", "activities").status == 400


def test_a_person_has_all_names_that_were_seen(lrs: Client) -> None:
    lrs.post(
        {**PLAIN, "actor": {**BOB, "name": "Bob"}}, {**PLAIN, "object": {"objectType": "Agent", **BOB, "name": "R."}}
    )
    made = json.loads(lrs("GET", "agents", agent={**BOB, "name": "Robert"}).body)
    assert made == {"objectType": "Person", "name": ["Robert", "Bob", "R."], "mbox": [BOB["mbox"]]}
    assert json.loads(lrs("GET", "agents", agent=ADA).body) == {"objectType": "Person", "account": [ADA["account"]]}
    for wrong in ({}, {"objectType": "Group", **BOB}, "ada", [BOB]):
        assert lrs("GET", "agents", agent=wrong).status == 400


def test_about_is_for_everybody(lrs: Client) -> None:
    for headers in ({}, {"Authorization": "", "X-Experience-API-Version": ""}, {"X-Experience-API-Version": "9"}):
        made = lrs("GET", "about", headers=headers)
        assert json.loads(made.body) == {"version": ["1.0.3", "2.0.0"]}
    assert lrs("POST", "about", {}).status == 405


@pytest.mark.parametrize(
    ("version", "status"), [("1.0", 200), ("1.0.0", 200), ("1.0.9", 200), ("2.0.0", 200), ("2.0", 200)]
)
def test_these_versions_are_spoken(lrs: Client, version: str, status: int) -> None:
    made = lrs("GET", "statements", headers={"X-Experience-API-Version": version})
    assert made.status == status
    assert made.headers["X-Experience-API-Version"] == ("1.0.3" if version[0] == "1" else "2.0.0")
    assert instant(made.headers["X-Experience-API-Consistent-Through"])


@pytest.mark.parametrize("version", ["", "0.95", "1.1.0", "2.1", "1", "1.0.x", "1.0.3\u0663", "01.0"])
def test_other_versions_are_refused(lrs: Client, version: str) -> None:
    assert lrs("GET", "statements", headers={"X-Experience-API-Version": version}).status == 400


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic x", "Bearer abc", BASIC[:-2], f"Basic {b64encode(b'key:wrong').decode()}"]
    + [
        f"Basic {b64encode(text).decode()}"
        for text in (b":", b"key", b"key:", b"other:secret", b"key:secret:", b"\xff:\xff")
    ],
)
def test_without_right_credentials_nothing_is_answered(lrs: Client, header: str) -> None:
    for path in ("statements", "activities/state", "agents", "agents/profile", "activities", "activities/profile"):
        made = lrs("GET", path, headers={"Authorization": header})
        assert made.status == 401
        assert made.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "statements", "foo=1"),
        ("GET", "statements", "StatementId=00000000-0000-4000-8000-000000000000"),
        ("GET", "statements", f"statementId={FULL['id']}&voidedStatementId={FULL['id']}"),
        ("GET", "statements", f"statementId={FULL['id']}&limit=1"),
        ("GET", "statements", "statementId=x"),
        ("GET", "statements", "statementId="),
        ("GET", "statements", "limit=-1"),
        ("GET", "statements", "limit=1&limit=2"),
        ("GET", "statements", "limit=%D9%A1"),
        ("GET", "statements", "since=yesterday"),
        ("GET", "statements", "ascending=yes"),
        ("GET", "statements", "agent=ada"),
        (
            "GET",
            "statements",
            "agent=%7B%22objectType%22:%22Group%22,%22member%22:[%7B%22mbox%22:%22mailto:a@b.c%22%7D]%7D",
        ),
        ("GET", "statements", "verb=saw"),
        ("GET", "statements", "registration=1"),
        ("GET", "statements", "verb=%FF"),
        ("GET", "statements", "&".join(f"p{one}=1" for one in range(99))),
        ("POST", "statements", "statementId=00000000-0000-4000-8000-000000000000"),
        ("POST", "statements", "method=PUT"),
        ("GET", "activities/state", "agent=%7B%22mbox%22:%22mailto:a@b.c%22%7D&stateId=x"),
        ("GET", "activities/state", f"activityId={COURSE}&stateId=x"),
        ("GET", "activities/state", f"activityId=x&agent={quote(json.dumps(BOB))}"),
        ("GET", "activities/state", f"activityId={COURSE}&agent={quote(json.dumps(BOB))}&stateId="),
        ("GET", "activities/state", f"activityId={COURSE}&agent={quote(json.dumps(BOB))}&registration=x"),
        (
            "GET",
            "activities/state",
            f"activityId={COURSE}&agent={quote(json.dumps(BOB))}&stateId=x&since=2027-01-01T00:00:00Z",
        ),
        ("PUT", "activities/state", f"activityId={COURSE}&agent={quote(json.dumps(BOB))}"),
        ("GET", "agents/profile", f"agent={quote(json.dumps(BOB))}&activityId={COURSE}"),
        ("DELETE", "agents/profile", f"agent={quote(json.dumps(BOB))}"),
    ],
)
def test_parameters_are_checked(lrs: Client, method: str, path: str, query: str) -> None:
    """standards e.1: unknown or in the wrong case; Data §2.2: the same formats as in statements."""
    headers = {"authorization": BASIC, "x-experience-api-version": "1.0.3", "content-type": "application/json"}
    made = answer(lrs.store, CREDENTIALS, Request(method, f"/xAPI/{path}", query, headers, json.dumps(PLAIN).encode()))
    assert made.status == 400, made.body
    assert json.loads(made.body)["error"]


def test_unknown_resources_and_methods(lrs: Client) -> None:
    for path in ("", "statement", "statements/", "Statements", "statements/more", "../xAPI/statements", "about/"):
        assert lrs("GET", path).status == 404, path
    made = lrs("PATCH", "statements", {})
    assert (made.status, made.headers["Allow"]) == (405, "GET, POST, PUT, HEAD")
    assert lrs("DELETE", "agents").status == 405


# --- attachments -----------------------------------------------------------------------------------------------------


def with_data(statement: Mapping[str, Any], *parts: Part) -> tuple[bytes, dict[str, str]]:
    kind, body = joined(json.dumps(statement).encode(), parts)
    return body, {"Content-Type": kind}


DATA = Part(sha256(b"data").hexdigest(), "text/plain", b"data")


def test_data_of_attachments_are_kept_and_given_back(lrs: Client) -> None:
    """Comm. §1.5.2."""
    statement = changed(FULL, "/attachments/0/fileUrl", GONE)
    assert lrs("POST", "statements", statement).status == 400
    body, headers = with_data(statement, DATA)
    assert lrs("POST", "statements", body, headers).status == 200
    made = lrs("GET", "statements", statementId=FULL["id"], attachments="true")
    told, parts = split(made.headers["Content-Type"], made.body)
    assert json.loads(told)["id"] == FULL["id"]
    assert list(parts.values()) == [DATA]
    made = lrs("GET", "statements", attachments="true")
    assert split(made.headers["Content-Type"], made.body)[1] == parts
    assert lrs("GET", "statements", attachments="false").headers["Content-Type"] == "application/json"


def test_data_that_nobody_asked_for_and_signatures_are_refused(lrs: Client) -> None:
    body, headers = with_data(PLAIN, DATA)
    assert lrs("POST", "statements", body, headers).status == 400
    signed = changed(FULL, "/attachments/0/usageType", "http://adlnet.gov/expapi/attachments/signature")
    body, headers = with_data(signed, DATA)
    made = lrs("POST", "statements", body, headers)
    assert (made.status, b"signed" in made.body) == (400, True)
    assert lrs.store.count() == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"application/json", b"text/plain"),
        (b"Content-Transfer-Encoding: binary\r\n", b""),
        (b"Transfer-Encoding: binary", b"Transfer-Encoding: base64"),
        (b"X-Experience-API-Hash: ", b"X-Other: "),
        (b"\r\n\r\ndata", b"\r\n\r\nDATA"),
        (b"\r\n\r\ndata", b"data"),
        (b"--carabin-0--", b""),
        (b"carabin-0", b"other"),
        (b"X-Experience-API-Hash: ", b"X-Experience-API-Hash: 0"),
    ],
)
def test_parts_of_another_form_are_refused(lrs: Client, old: bytes, new: bytes) -> None:
    body, headers = with_data(changed(FULL, "/attachments/0/fileUrl", GONE), DATA)
    assert old in body
    made = lrs("POST", "statements", body.replace(old, new), headers)
    assert made.status == 400, made.body
    with pytest.raises(BadParts):
        split(headers["Content-Type"], body.replace(old, new))


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_parts_come_apart_as_they_were_joined(text: bytes, data: bytes) -> None:
    part = Part(sha256(data).hexdigest(), "application/octet-stream", data)
    text += b"--carabin-0"
    kind, body = joined(text, [part])
    assert split(kind, body) == (text, {part.sha2: part})


# --- documents -------------------------------------------------------------------------------------------------------

PLACES: list[tuple[str, dict[str, object], str]] = [
    ("activities/state", STATE, "stateId"),
    ("activities/state", {**STATE, "registration": "8c3f3f4c-6f0e-4d43-9a0a-6d5c6f3b2a10"}, "stateId"),
    ("activities/profile", {"activityId": COURSE, "profileId": "carabin"}, "profileId"),
    ("agents/profile", {"agent": ADA, "profileId": "carabin"}, "profileId"),
]


@pytest.mark.parametrize(("path", "query", "name"), PLACES)
def test_a_document_is_put_read_listed_changed_and_deleted(
    lrs: Client, path: str, query: dict[str, object], name: str
) -> None:
    place = {key: value for key, value in query.items() if key != name}
    assert lrs("GET", path, **query).status == 404
    assert json.loads(lrs("GET", path, **place).body) == []
    body = b"\x00\xff any bytes"
    made = lrs("PUT", path, body, {**NEW, "Content-Type": "image/x-thing"}, **query)
    assert made.status == 204
    read = lrs("GET", path, **query)
    assert (read.status, read.body, read.headers["Content-Type"]) == (200, body, "image/x-thing")
    assert read.headers["ETag"] == made.headers["ETag"] == f'"{sha1(body).hexdigest()}"'
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", read.headers["Last-Modified"])
    assert json.loads(lrs("GET", path, **place).body) == ["carabin"]
    assert json.loads(lrs("GET", path, **place, since="2200-01-01T00:00:00Z").body) == []
    assert json.loads(lrs("GET", path, **place, since="2020-01-01T00:00:00Z").body) == ["carabin"]
    assert lrs("PUT", path, b"2", {"If-Match": read.headers["ETag"]}, **query).status == 204
    assert lrs("GET", path, **query).body == b"2"
    assert lrs("DELETE", path, **query).status == 204
    assert lrs("GET", path, **query).status == 404
    assert lrs("DELETE", path, **query).status == 204


@pytest.mark.parametrize(("path", "query", "name"), PLACES)
def test_a_condition_that_does_not_hold_changes_nothing(
    lrs: Client, path: str, query: dict[str, object], name: str
) -> None:
    """Comm. §3.1: 412."""
    assert lrs("PUT", path, {"a": 1}, {"If-Match": '"0"'}, **query).status == 412
    assert lrs("PUT", path, {"a": 1}, {"If-Match": "*"}, **query).status == 412
    tag = lrs("PUT", path, {"a": 1}, NEW, **query).headers["ETag"]
    wrong = [NEW, {"If-Match": '"0"'}, {"If-Match": f"W/{tag}"}, {"If-Match": tag.strip('"')}, {"If-None-Match": tag}]
    for headers in wrong:
        assert lrs("PUT", path, {"a": 2}, headers, **query).status == 412
        assert lrs("POST", path, {"a": 2}, headers, **query).status == 412
        assert lrs("DELETE", path, None, headers, **query).status == 412
    assert json.loads(lrs("GET", path, **query).body) == {"a": 1}
    for headers in ({"If-Match": f'"0", {tag}'}, {"If-Match": "*"}, {"If-None-Match": '"0"'}):
        assert lrs("PUT", path, {"a": 1}, headers, **query).status == 204


def test_profiles_want_a_condition_and_states_do_not(lrs: Client) -> None:
    """Comm. §3.1: 409 where something is there; in version 2 for states, too."""
    for path, query, _ in PLACES[2:]:
        assert lrs("PUT", path, {"a": 1}, **query).status == 400
        lrs("PUT", path, {"a": 1}, NEW, **query)
        made = lrs("PUT", path, {"a": 2}, **query)
        assert (made.status, b"If-Match" in made.body) == (409, True)
        assert lrs("GET", path, **query).body == b'{"a": 1}'
        assert lrs("POST", path, {"b": 2}, **query).status == 204
    second = {"X-Experience-API-Version": "2.0.0"}
    for _ in range(2):
        assert lrs("PUT", "activities/state", {"a": 1}, **STATE).status == 204
    assert lrs("PUT", "activities/state", {"a": 2}, second, **STATE).status == 409


def test_what_is_posted_is_merged_key_by_key(lrs: Client) -> None:
    """Comm. §2.2, "JSON Procedure": top-level keys alone."""
    assert lrs("POST", "activities/state", {"a": {"x": 1}, "b": 1}, **STATE).status == 204
    assert lrs("POST", "activities/state", {"a": {"y": 2}, "c": None}, **STATE).status == 204
    assert json.loads(lrs("GET", "activities/state", **STATE).body) == {"a": {"y": 2}, "b": 1, "c": None}
    for body, kind in (
        (b"[1]", "application/json"),
        (b'{"a": 1}', "text/plain"),
        (b"{", "application/json"),
        (b"{}", ""),
    ):
        assert lrs("POST", "activities/state", body, {"Content-Type": kind}, **STATE).status == 400
    for body, kind in ((b"{}", "text/plain"), (b"[]", "application/json"), (b"", "application/octet-stream")):
        assert lrs("PUT", "activities/state", body, {"Content-Type": kind}, **STATE).status == 204
        assert lrs("POST", "activities/state", {"a": 1}, **STATE).status == 400
        assert lrs("GET", "activities/state", **STATE).body == body
    assert lrs("PUT", "activities/state", b"{", {"Content-Type": "application/json"}, **STATE).status == 400


def test_states_of_registrations_people_and_activities_are_apart(lrs: Client) -> None:
    registration = str(uuid4())
    kinds: list[dict[str, object]] = [
        STATE,
        {**STATE, "registration": registration},
        {**STATE, "registration": str(uuid4())},
        {**STATE, "agent": BOB},
        {**STATE, "activityId": f"{COURSE}/x"},
        {**STATE, "stateId": "Carabin"},
    ]
    for number, one in enumerate(kinds):
        lrs("PUT", "activities/state", {"number": number}, **one)
    for number, one in enumerate(kinds):
        assert json.loads(lrs("GET", "activities/state", **one).body) == {"number": number}
    assert lrs("GET", "activities/state", **{**STATE, "registration": registration.upper()}).status == 200
    place: dict[str, object] = {"activityId": COURSE, "agent": ADA}
    assert json.loads(lrs("GET", "activities/state", **place).body) == ["Carabin", "carabin"]
    assert json.loads(lrs("GET", "activities/state", **place, registration=registration).body) == ["carabin"]
    assert lrs("DELETE", "activities/state", **place, registration=registration).status == 204
    assert [lrs("GET", "activities/state", **one).status for one in kinds] == [200, 404, 200, 200, 200, 200]
    assert lrs("DELETE", "activities/state", **place).status == 204
    assert [lrs("GET", "activities/state", **one).status for one in kinds] == [404, 404, 404, 200, 200, 404]


# --- properties ------------------------------------------------------------------------------------------------------

BROKEN = st.sampled_from(
    [
        changed(PLAIN, "/actor", GONE),
        changed(PLAIN, "/verb/id", "saw"),
        changed(PLAIN, "/result", {"score": {"scaled": 2}}),
        changed(PLAIN, "/foo", 1),
        None,
        "x",
        changed(FULL, "/result/success", False),
    ]
)


@given(st.integers(0, 6), st.integers(0, 6), BROKEN)
def test_one_bad_statement_anywhere_keeps_the_whole_batch_out(before: int, after: int, broken: Any) -> None:
    lrs = Client()
    lrs.post(FULL)
    assert lrs("POST", "statements", [*[PLAIN] * before, broken, *[PLAIN] * after]).status in (400, 409)
    assert lrs.found() == [FULL["id"]]
    assert len(lrs.post(*[PLAIN] * before, FULL, *[PLAIN] * after)) == before + 1 + after
    assert lrs.store.count() == before + 1 + after
    lrs.store.close()


OBJECTS = st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=4)


@given(st.lists(OBJECTS, min_size=1, max_size=5))
def test_merging_is_what_a_dictionary_does(objects: list[dict[str, Any]]) -> None:
    lrs, wanted = Client(), {}
    for one in objects:
        assert lrs("POST", "activities/state", one, **STATE).status == 204
        wanted = {**wanted, **one}
    assert json.loads(lrs("GET", "activities/state", **STATE).body) == wanted
    lrs.store.close()


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12))
def test_any_order_of_sending_and_sending_again_keeps_each_statement_once(order: list[tuple[int, bool]]) -> None:
    lrs = Client()
    told = [{**PLAIN, "id": str(uuid5(NAMESPACE_URL, str(one)))} for one in range(5)]
    for number, is_twice in order:
        lrs.post(told[number])
        if is_twice:
            lrs.post(*told[: number + 1])
    wanted = {told[one]["id"] for number, is_twice in order for one in (range(number + 1) if is_twice else [number])}
    found = lrs.found()
    assert len(found) == len(set(found))
    assert set(found) == wanted
    lrs.store.close()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), JSON_VALUES)
def test_any_text_and_any_extension_survive(text: str, value: Any) -> None:
    lrs = Client()
    extended = {**PLAIN, "result": {"response": text, "extensions": {f"{COURSE}/x": value}}}
    (name,) = lrs.post(extended)
    assert json.loads(lrs("GET", "statements", statementId=name).body)["result"] == extended["result"]
    assert lrs.post({**extended, "id": name}) == [name]
    lrs.store.close()


# --- hostile requests ------------------------------------------------------------------------------------------------

BODIES = {
    "nothing": b"",
    "half": b"{",
    "no JSON": b"statement",
    "no UTF-8": b'{"actor": "\xff\xfe"}',
    "UTF-16": json.dumps(PLAIN).encode("utf-16"),
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep extension": json.dumps(PLAIN)[:-1].encode()
    + b', "result": {"extensions": {"http://x.example/x": '
    + b"[" * 500
    + b"]" * 500
    + b"}}}",
    "not a number": b'{"result": {"score": {"raw": NaN}}}',
    "infinite": b'{"result": {"score": {"raw": -Infinity}}}',
    "too large a number": b'{"result": {"score": {"raw": 1e999}}}',
    "too many digits": b'{"result": {"score": {"raw": ' + b"9" * 10_000 + b"}}}",
    "half a character": json.dumps({**PLAIN, "result": {"response": "\ud800"}}).encode(),
    "half a character as a key": json.dumps(
        {**PLAIN, "result": {"extensions": {"http://x.example/\udfff": 1}}}
    ).encode(),
    "a key twice": b'{"actor": {}, "actor": {}}',
    "null": b"null",
    "a list of lists": b"[[[]]]",
    "zero byte": b'{"actor"\x00: 1}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["statements", "activities/state"])
def test_no_body_upsets_it(lrs: Client, name: str, path: str) -> None:
    query = STATE if path == "activities/state" else {}
    made = lrs("POST", path, BODIES[name], {"Content-Type": "application/json"}, **query)
    assert made.status == 400, made.body
    assert json.loads(made.body)["error"]
    assert lrs.store.count() == 0


def test_an_empty_batch_stores_nothing(lrs: Client) -> None:
    made = lrs("POST", "statements", [])
    assert (made.status, made.body) == (200, b"[]")


def test_numbers_of_any_size_come_back_as_they_were(lrs: Client) -> None:
    big = 10**40
    (name,) = lrs.post({**PLAIN, "result": {"score": {"raw": big, "max": 1e300, "min": -0.1}}})
    assert json.loads(lrs("GET", "statements", statementId=name).body)["result"]["score"]["raw"] == big
    assert lrs.post({**PLAIN, "id": name, "result": {"score": {"raw": big, "max": 1e300, "min": -0.1}}}) == [name]


@given(st.binary(max_size=200), st.sampled_from(["application/json", "multipart/mixed; boundary=x", "text/plain", ""]))
def test_no_bytes_upset_it(body: bytes, kind: str) -> None:
    lrs = Client()
    for method, path, query in (("POST", "statements", {}), ("PUT", "activities/state", STATE)):
        made = lrs(method, path, body, {"Content-Type": kind}, **query)
        assert made.status in (200, 204, 400)
    lrs.store.close()


@given(
    st.text(max_size=40), st.sampled_from(["statements", "activities/state", "agents", "activities", "agents/profile"])
)
def test_no_query_upsets_it(text: str, path: str) -> None:
    lrs = Client()
    headers = {"authorization": BASIC, "x-experience-api-version": "1.0.3"}
    for query in (
        text,
        f"agent={quote(text)}",
        f"activityId={quote(text)}",
        f"since={quote(text)}",
        f"verb={quote(text)}",
    ):
        assert answer(lrs.store, CREDENTIALS, Request("GET", f"/xAPI/{path}", query, headers)).status in (200, 400)
    lrs.store.close()


def test_names_that_look_like_sql_are_names(lrs: Client) -> None:
    evil = "x'); DROP TABLE statement; --\x00%_"
    query = {**STATE, "stateId": evil}
    assert lrs("PUT", "activities/state", {"a": 1}, **query).status == 204
    assert json.loads(lrs("GET", "activities/state", activityId=COURSE, agent=ADA).body) == [evil]
    assert lrs("GET", "activities/state", **{**STATE, "stateId": evil[:-3]}).status == 404
    assert lrs.store.count() == 0


# --- the store -------------------------------------------------------------------------------------------------------


def test_it_is_usable_without_requests(tmp_path: Path) -> None:
    store = Store(tmp_path / "lrs.sqlite")
    (name,) = store.add([PLAIN], {"objectType": "Agent", **BOB})
    with pytest.raises(Conflict, match=name):
        store.add([{**PLAIN, "id": name, "result": {"success": True}}], BOB)
    key = Key("state", activity=COURSE, agent="ada", id="x")
    assert store.change(key, lambda old: (b"1", "text/plain")) == store.document(key)
    store.close()
    again = Store(tmp_path / "lrs.sqlite")
    assert [one["id"] for one in again.find(Query()).statements] == [name]
    assert again.change(key, lambda old: None) is None
    assert again.document(key) is None
    again.close()


def test_what_a_change_raises_leaves_all_as_it_was() -> None:
    store = Store()
    key = Key("state", activity=COURSE, agent="ada", id="x")
    store.change(key, lambda old: (b"1", "text/plain"))

    def fail(old: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        store.change(key, fail)
    document = store.document(key)
    assert document is not None
    assert document.body == b"1"
    store.close()


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    other, text, newer = tmp_path / "other.sqlite", tmp_path / "text", tmp_path / "newer.sqlite"
    with sqlite3.connect(other) as base:
        base.execute("CREATE TABLE learner (name TEXT)")
    base.close()
    text.write_text("not a database, and long enough to have a header" * 9, "utf-8")
    Store(newer).close()
    with sqlite3.connect(newer) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    for file in (other, text, newer):
        before = file.read_bytes()
        with pytest.raises(NotOurs):
            Store(file)
        assert file.read_bytes() == before

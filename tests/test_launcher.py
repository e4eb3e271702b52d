"""The LMS side of cmi5, asked over HTTP as a unit asks; the rules about units are in `test_inspect_cmi5.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from packages import zipped
from packages_others import AU_PAGE, OTHERS, STRUCTURE, TEXTS

from builder.inspect.archive import Limits, from_bytes
from builder.inspect.cmi5_rules import ADL, CMI5, COMPLETED, INITIALIZED, MOVE_ON, PASSED, SESSION, TERMINATED, judge
from builder.inspect.exchange import LAUNCH_DATA, PREFERENCES
from builder.inspect.launcher import GRACE, Launcher, structure_of

MOVE_ONS = {
    "NotApplicable": ("", "c", "p", "cp"),
    "Completed": ("c", "cp"),
    "Passed": ("p", "cp"),
    "CompletedAndPassed": ("cp",),
    "CompletedOrPassed": ("c", "p", "cp"),
}
"""What of completed and passed each moveOn takes for satisfied."""


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


class Unit:
    """A unit that has been launched: asks what it is told to ask."""

    def __init__(self, lms: Launcher, url: str) -> None:
        self.lms, self.url = lms, url
        self.given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.token, self.data, self.made = "", {}, 0

    def ask(self, method: str, target: str, body: object = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Send a request; return status, JSON or text, headers in lower case."""
        sent = body if isinstance(body, str) or body is None else json.dumps(body)
        connection = HTTPConnection(urlsplit(self.lms.address).netloc, timeout=10)
        version = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
        try:
            connection.request(method, target, sent, {**version, "Authorization": self.token, **headers})
            answer = connection.getresponse()
            text = answer.read().decode()
            found = {name.lower(): value for name, value in answer.headers.items()}
        finally:
            connection.close()
        return answer.status, json.loads(text) if "json" in found.get("content-type", "") else text, found

    def lrs(
        self, method: str, resource: str, query: dict[str, str] | None = None, body: object = None, **more: str
    ) -> Any:
        """Ask the LRS."""
        return self.ask(method, f"/lrs/{resource}?{urlencode(query or {})}", body, **more)

    def place(self, name: str) -> dict[str, str]:
        """Return the query of a document of state."""
        keys = ("activityId", "registration")
        return {"stateId": name, "agent": self.given["actor"], **{key: self.given[key] for key in keys}}

    def begin(self) -> None:
        """Do what a unit does before its first statement, and tell it."""
        status, said, _ = self.ask("POST", urlsplit(self.given["fetch"]).path)
        assert status == 200
        self.token = f"Basic {said['auth-token']}"
        status, self.data, _ = self.lrs("GET", "activities/state", self.place(LAUNCH_DATA))
        assert status == 200
        self.lrs("GET", "agents/profile", {"agent": self.given["actor"], "profileId": PREFERENCES})
        assert self.tell(INITIALIZED) == 200

    def statement(self, verb: str, **result: Any) -> dict[str, Any]:
        """Return a statement defined by cmi5."""
        self.made += 1
        context = json.loads(json.dumps(self.data["contextTemplate"])) | {"registration": self.given["registration"]}
        categories = [CMI5, MOVE_ON] if {"completion", "success"} & result.keys() else [CMI5]
        context["contextActivities"]["category"] = [{"id": one} for one in categories]
        number = len(self.lms.log.launches)
        return {
            "id": f"00000000-0000-4000-8000-{number:06}{self.made:06}",
            "timestamp": self.lms._now().isoformat().replace("+00:00", "Z"),
            "actor": json.loads(self.given["actor"]),
            "verb": {"id": verb},
            "object": {"objectType": "Activity", "id": self.given["activityId"]},
            "result": {"duration": "PT1S", **result},
            "context": context,
        }

    def tell(self, verb: str, **result: Any) -> int:
        """Send a statement; return the status."""
        return self.send(self.statement(verb, **result))

    def send(self, *statements: dict[str, Any]) -> int:
        """Send statements as they are; return the status."""
        status: int = self.lrs("POST", "statements", body=list(statements))[0]
        return status


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lms(clock: Clock) -> Iterator[Launcher]:
    """A course of two units, the second in a block in a block."""
    second = STRUCTURE[STRUCTURE.index("<au ") : STRUCTURE.index("</au>") + 5].replace("/c/1", "/c/2")
    inner = f'<block id="https://carabin.dev/c/inner">{TEXTS.format("Inner")}{second}</block>'
    block = f'<block id="https://carabin.dev/c/outer">{TEXTS.format("Outer")}{inner}</block>'
    structure = STRUCTURE.replace("</au>", f"</au>{block}")
    package = from_bytes("course.zip", zipped({"cmi5.xml": structure, "index.html": AU_PAGE}))
    with Launcher(package, now=clock) as launcher:
        yield launcher


def begun(lms: Launcher, *arguments: Any, **more: Any) -> Unit:
    """Return a unit that has been launched and has begun."""
    unit = Unit(lms, lms.launch(*arguments, **more))
    unit.begin()
    return unit


def verbs(lms: Launcher) -> list[str]:
    """Return the verbs of all statements in short."""
    return [one["verb"]["id"].rpartition("/")[2] for one in lms.statements()]


# --- launch ----------------------------------------------------------------------------------------------------------


def test_the_structure_is_read(lms: Launcher) -> None:
    first, second = lms.structure.units
    assert (first.id, first.move_on, first.mastery, first.blocks) == ("https://carabin.dev/c/1", "Completed", 0.8, ())
    assert second.blocks == ("https://carabin.dev/c/outer", "https://carabin.dev/c/inner")
    assert (first.title, first.url) == ("Unit", "index.html")
    assert structure_of(from_bytes("x.zip", OTHERS["tincan-good"].make())).units[0].url == "index.html"
    assert structure_of(from_bytes("x.zip", zipped({"cmi5.xml": "<"}))).units == ()
    assert structure_of(from_bytes("x.zip", zipped({"index.html": ""}))).units == ()


def test_a_launch_url_names_what_a_unit_needs(lms: Launcher) -> None:
    url = lms.launch(1)
    assert url.startswith(f"{lms.address}/package/index.html?")
    unit = Unit(lms, url)
    assert set(unit.given) == {"endpoint", "fetch", "actor", "registration", "activityId"}
    assert unit.given["activityId"] not in {one.id for one in lms.structure.units}  # §8.1.5
    assert json.loads(unit.given["actor"])["account"]["name"] == "jmartin"
    assert unit.ask("GET", "/package/index.html")[1] == AU_PAGE


def test_the_token_is_given_once(lms: Launcher) -> None:
    unit = Unit(lms, lms.launch())
    path = urlsplit(unit.given["fetch"]).path
    assert unit.ask("GET", path)[1]["error-code"] == "3"
    assert unit.ask("POST", path)[1].keys() == {"auth-token"}
    status, said, _ = unit.ask("POST", path)
    assert (status, said["error-code"]) == (200, "1")


def test_nothing_is_taken_without_the_token(lms: Launcher) -> None:
    unit = Unit(lms, lms.launch())
    assert unit.lrs("GET", "activities/state", unit.place(LAUNCH_DATA))[0] == 401
    unit.token = "Basic Y2FyYWJpbjow"
    assert unit.lrs("GET", "activities/state", unit.place(LAUNCH_DATA))[0] == 401  # right, and not given yet
    assert unit.lrs("GET", "about")[0] == 200


def test_the_launch_data_say_how(lms: Launcher) -> None:
    data = begun(lms, "https://carabin.dev/c/1", "Review", mastery=0.5, move_on="Passed", parameters="a=b").data
    assert data.pop("contextTemplate").keys() == {"contextActivities", "extensions"}
    assert data == {
        "launchMode": "Review",
        "launchMethod": "AnyWindow",
        "moveOn": "Passed",
        "masteryScore": 0.5,
        "launchParameters": "a=b",
        "returnURL": f"{lms.address}/return/0",
    }
    assert "returnURL" not in begun(lms, return_url="").data


def test_launched_says_what_was_launched(lms: Launcher) -> None:
    unit = begun(lms, mastery=0.6)
    (launched,) = (one for one in lms.statements() if one["verb"]["id"] == f"{ADL}launched")
    extensions = {key.rpartition("/")[2]: value for key, value in launched["context"]["extensions"].items()}
    session = unit.data["contextTemplate"]["extensions"][SESSION]
    assert extensions == {
        "sessionid": session,
        "launchmode": "Normal",
        "launchurl": f"{lms.address}/package/index.html",
        "moveon": "Completed",
        "masteryscore": 0.6,
    }
    assert launched["context"]["contextActivities"]["grouping"][0]["id"] == "https://carabin.dev/c/1"


def test_launch_data_cannot_be_changed(lms: Launcher) -> None:
    unit = begun(lms)
    for method in ("PUT", "POST", "DELETE"):
        assert unit.lrs(method, "activities/state", unit.place(LAUNCH_DATA), {})[0] == 403
    assert unit.lrs("PUT", "activities/state", unit.place("mine"), {"seen": 3})[0] == 204
    assert json.loads(lms.state("mine") or "") == {"seen": 3}
    assert lms.state("other") is None


def test_preferences_of_the_learner(clock: Clock) -> None:
    package = from_bytes("course.zip", OTHERS["cmi5-good"].make())
    given = {"languagePreference": "fr", "audioPreference": "off"}
    with Launcher(package, preferences=given, now=clock) as lms:
        for _ in range(2):
            unit = begun(lms)
            query = {"agent": unit.given["actor"], "profileId": PREFERENCES}
            assert unit.lrs("GET", "agents/profile", query)[1] == given


def test_a_package_is_read_once(clock: Clock) -> None:
    """However often its pages are asked for, by however many at once."""
    content = zipped({"cmi5.xml": STRUCTURE, "index.html": AU_PAGE * 50})
    with Launcher(from_bytes("x.zip", content, Limits(read_total=5 * len(AU_PAGE * 50))), now=clock) as lms:
        unit = Unit(lms, lms.launch())
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: unit.ask("GET", "/package/index.html")[0], range(40))
            assert set(answers) == {200}
        assert unit.ask("GET", "/package/none.html")[0] == 404
        assert (lms.package.name, set(lms.package.entries)) == ("x.zip", {"cmi5.xml", "index.html"})


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_ends_with_terminated(lms: Launcher, clock: Clock) -> None:
    unit = begun(lms)
    assert unit.tell(TERMINATED) == 200
    assert unit.lrs("PUT", "activities/state", unit.place("mine"), {})[0] == 204  # was under way
    clock.time += timedelta(milliseconds=GRACE)
    assert unit.tell(f"{ADL}experienced") == 401
    assert unit.ask("POST", urlsplit(unit.given["fetch"]).path)[1]["error-code"] == "1"
    begun(lms)
    assert verbs(lms) == ["launched", "initialized", "terminated", "launched", "initialized"]


def test_a_new_session_abandons_the_one_that_is_open(lms: Launcher) -> None:
    first = begun(lms)
    kept = first.statement(f"{ADL}experienced")
    second = begun(lms)
    assert verbs(lms) == ["launched", "initialized", "abandoned", "launched", "initialized"]
    (abandoned,) = (one for one in lms.statements() if one["verb"]["id"].endswith("/abandoned"))
    assert abandoned["context"]["extensions"][SESSION] == first.data["contextTemplate"]["extensions"][SESSION]
    assert abandoned["result"]["duration"].startswith("PT0.")
    assert first.send(kept) == 401
    assert second.send(kept) == 403  # its session is over, whoever brings it
    kept["context"]["extensions"] = second.data["contextTemplate"]["extensions"]
    assert second.send(kept) == 200


def test_what_the_lrs_refuses_is_refused(lms: Launcher) -> None:
    unit = begun(lms)
    wrong = unit.statement(COMPLETED, completion=True)
    wrong["verb"]["display"] = "completed"
    assert unit.send(wrong, unit.statement(PASSED, success=True)) == 400
    assert verbs(lms) == ["launched", "initialized"]
    assert {finding.code for finding in judge(lms.log)} == {"P854"}


# --- satisfied -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", ["", "c", "p", "cp"])
@pytest.mark.parametrize("move_on", MOVE_ONS)
def test_a_unit_is_satisfied_as_move_on_says(lms: Launcher, move_on: str, told: str) -> None:
    unit = begun(lms, move_on=move_on)
    if "c" in told:
        unit.tell(COMPLETED, completion=True)
    if "p" in told:
        unit.tell(PASSED, success=True)
    assert ("https://carabin.dev/c/1" in lms.satisfied()) is (told in MOVE_ONS[move_on])


def test_blocks_and_course_are_satisfied_with_all_their_units(lms: Launcher) -> None:
    second = begun(lms, 1)
    second.tell(COMPLETED, completion=True)
    second.tell(TERMINATED)
    outer = {"https://carabin.dev/c/2", "https://carabin.dev/c/inner", "https://carabin.dev/c/outer"}
    assert lms.satisfied() == outer
    first = begun(lms)
    first.tell(COMPLETED, completion=True)
    assert lms.satisfied() == outer | {"https://carabin.dev/c/1", "https://carabin.dev/c"}
    satisfied = [one for one in lms.statements() if one["verb"]["id"].endswith("/satisfied")]
    kinds = [one["object"]["definition"]["type"].rpartition("/")[2] for one in satisfied]
    groups = [one["context"]["contextActivities"]["grouping"][0]["id"].rpartition("/")[2] for one in satisfied]
    assert list(zip(kinds, groups, strict=True)) == [("block", "outer"), ("block", "inner"), ("course", "c")]
    sessions = {one["context"]["extensions"][SESSION] for one in satisfied[:2]}
    assert sessions == {second.data["contextTemplate"]["extensions"][SESSION]}


@pytest.mark.parametrize("change", ["review", "allowed", "other activity"])
def test_what_does_not_count_satisfies_nothing(lms: Launcher, change: str) -> None:
    unit = begun(lms, 0, "Review" if change == "review" else "Normal")
    statement = unit.statement(COMPLETED, completion=True)
    if change == "allowed":
        del statement["context"]["contextActivities"]["category"]
    if change == "other activity":
        statement["object"]["id"] += "/page"
    assert unit.send(statement) == 200
    assert lms.satisfied() == set()


def test_a_course_that_asks_for_nothing_is_satisfied_at_once() -> None:
    with Launcher(from_bytes("x.zip", OTHERS["cmi5-good-satisfied-at-once"].make())) as lms:
        lms.launch()
        assert verbs(lms) == ["satisfied", "launched"]
        (first, launched) = lms.statements()
        assert first["context"]["extensions"][SESSION] != launched["context"]["extensions"][SESSION]  # §9.3.9


# --- network ---------------------------------------------------------------------------------------------------------


def test_faults(lms: Launcher) -> None:
    unit = begun(lms)
    statement = unit.statement(f"{ADL}experienced")
    lms.offline = True
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        unit.send(statement)
    lms.offline = False
    lms.status, lms.retry_after = 503, 7
    status, _, headers = unit.lrs("POST", "statements", body=[statement])
    assert (status, headers["retry-after"]) == (503, "7")
    lms.status = 0
    assert "experienced" not in verbs(lms)
    lms.unanswered = True
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        unit.send(statement)
    lms.unanswered = False
    assert unit.send(statement) == 200
    assert verbs(lms).count("experienced") == 1
    assert [one.status for one in lms.log.requests if one.resource == "statements"] == [200, 0, 503, 200, 200]
    assert lms.until(lambda: len(lms.statements(by_content=True)) == 2)
    assert not lms.until(lambda: False, 0.01)


def test_content_of_another_origin_may_ask(lms: Launcher) -> None:
    unit = begun(lms)
    status, _, headers = unit.ask("OPTIONS", "/lrs/statements")
    assert (status, headers["access-control-allow-origin"]) == (204, "*")
    assert {"Authorization", "If-Match", "X-Experience-API-Version"} <= set(
        headers["access-control-allow-headers"].split(", ")
    )
    unit.lrs("PUT", "activities/state", unit.place("mine"), {})
    headers = unit.lrs("GET", "activities/state", unit.place("mine"))[2]
    assert headers["etag"]
    assert "ETag" in headers["access-control-expose-headers"]


def test_a_request_in_the_alternate_syntax(lms: Launcher) -> None:
    """xAPI 1.0.3 Communication §1.3, which old content uses."""
    unit = begun(lms)
    form = urlencode({"Authorization": unit.token, "content": '{"a": 1}', **unit.place("mine")})
    unit.token = ""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert unit.ask("POST", "/lrs/activities/state?method=PUT", form, **kind)[0] == 204
    assert lms.state("mine") == '{"a": 1}'


@pytest.mark.parametrize(
    "target", ["/fetch/7", "/fetch/x", "/package/none.html", "/package/../cmi5.xml", "/", "/other"]
)
def test_what_is_not_there(lms: Launcher, target: str) -> None:
    assert Unit(lms, lms.launch()).ask("GET", target)[0] == 404


def test_the_return_page_is_remembered(lms: Launcher) -> None:
    unit = begun(lms)
    assert "Elsewhere" in unit.ask("GET", urlsplit(unit.data["returnURL"]).path)[1]
    assert lms.log.requests[-1].resource == "return"


def test_a_launcher_without_a_launch_answers(lms: Launcher) -> None:
    assert Unit(lms, f"{lms.address}/?actor=x").ask("GET", "/lrs/statements")[0] == 404
    lms.left()
    assert lms.log.ends == {}


# --- Tin Can ---------------------------------------------------------------------------------------------------------


def test_a_launch_of_tin_can() -> None:
    with Launcher(from_bytes("x.zip", OTHERS["tincan-good"].make())) as lms:
        unit = Unit(lms, lms.launch())
        assert set(unit.given) == {"endpoint", "auth", "actor", "registration", "activity_id"}
        assert unit.given["activity_id"] == lms.structure.units[0].id == lms.activity()
        unit.token = unit.given["auth"]
        statement = {"actor": json.loads(unit.given["actor"]), "verb": {"id": COMPLETED}, "object": {"id": "urn:x"}}
        statement["context"] = {"registration": unit.given["registration"]}
        assert unit.send(statement) == 200
        assert verbs(lms) == ["completed"]
        lms.launch()
        assert unit.send(statement) == 200  # nothing ends a session

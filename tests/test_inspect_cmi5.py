"""What cmi5 asks of a unit, rule by rule: a record that breaks it, and one that comes near and does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from builder.inspect import Verdict
from builder.inspect.cmi5_rules import (
    ADL,
    CMI5,
    COMPLETED,
    FAILED,
    INITIALIZED,
    MASTERY,
    MOVE_ON,
    PASSED,
    PROGRESS,
    RULES,
    SESSION,
    TERMINATED,
    judge,
    wanting,
)
from builder.inspect.exchange import End, Launch, Log, Request, statements_of
from builder.inspect.launcher import Mode

ACTOR = {"objectType": "Agent", "account": {"homePage": "https://lms.carabin.dev/", "name": "jmartin"}}
OTHER = {"account": {"homePage": "https://lms.carabin.dev/", "name": "someone"}}
REGISTRATION = "8a2d2b1e-5f3e-4a0c-9b0a-0d7e3c1f2a4b"
ACTIVITY = "https://lms.carabin.dev/activities/1"
Statement = dict[str, Any]


class Visit:
    """One launch of a unit, written down as it goes: a second passes with each request."""

    def __init__(
        self, number: int = 0, mode: Mode = "Normal", mastery: float | None = 0.8, at: int = 1_000_000
    ) -> None:
        session = f"session-{number}"
        template = {
            "contextActivities": {"grouping": [{"id": "https://carabin.dev/c/1"}]},
            "extensions": {SESSION: session},
        }
        self.launch = Launch(
            number,
            ACTIVITY,
            REGISTRATION,
            ACTOR,
            f"Basic {number}",
            session,
            mode,
            mastery,
            "https://lms/",
            template,
            at,
        )
        self.requests: list[Request] = []
        self.end: End | None = None
        self.now = at
        self.made = 0

    def ask(self, method: str, resource: str, body: object = "", **more: Any) -> None:
        """Write down a request; `headers` and `query` as given, else those of a unit that does well."""
        self.now += 1000
        headers = {"authorization": self.launch.token}
        text = body if isinstance(body, str) else json.dumps(body)
        given = {"status": 200, "headers": headers, **more}
        self.requests.append(Request(self.now, self.launch.number, method, resource, body=text, **given))

    def place(self, name: str, **more: str) -> Mapping[str, str]:
        """Return the query of a document of the learner's state."""
        known = {"stateId": name, "activityId": ACTIVITY, "agent": json.dumps(ACTOR), "registration": REGISTRATION}
        return {**known, **more}

    def begin(self) -> None:
        """Do what comes before the first statement."""
        self.ask("POST", "fetch", headers={}, answer='{"auth-token": "x"}')
        self.ask("GET", "activities/state", query=self.place("LMS.LaunchData"))
        self.preferences()

    def preferences(self, method: str = "GET", body: object = "", status: int = 404) -> None:
        """Ask for the preferences of the learner."""
        query = {"profileId": "cmi5LearnerPreferences", "agent": json.dumps(ACTOR)}
        self.ask(method, "agents/profile", body, query=query, status=status)

    def statement(self, verb: str, result: Statement | None = None, **more: Any) -> Statement:
        """Return a statement of cmi5 as it should be; allowed ones too."""
        self.made += 1
        is_defined = verb in (INITIALIZED, COMPLETED, PASSED, FAILED, TERMINATED)
        categories = [CMI5] if is_defined else []
        result = result if result is not None else DUE.get(verb)
        if is_defined and result and {"success", "completion"} & result.keys():
            categories.append(MOVE_ON)
        context = json.loads(json.dumps(self.launch.template)) | {"registration": REGISTRATION}
        context["contextActivities"]["category"] = [{"id": one} for one in categories]
        if verb in (PASSED, FAILED) and self.launch.mastery is not None:
            context["extensions"][MASTERY] = self.launch.mastery
        stamp = datetime.fromtimestamp((self.now + 1000) / 1000, UTC).isoformat(timespec="milliseconds")
        made = {
            "id": f"00000000-0000-4000-8000-{self.launch.number:06}{self.made:06}",
            "timestamp": stamp.replace("+00:00", "Z"),
            "actor": ACTOR,
            "verb": {"id": verb},
            "object": {"id": ACTIVITY},
            "context": context,
        }
        whole = made | ({"result": result} if result else {}) | more
        return deepcopy(whole)

    def tell(self, *what: str | Statement, status: int = 200) -> None:
        """Send statements in one request, made from verbs where no more is given."""
        made = [self.statement(one) if isinstance(one, str) else one for one in what]
        self.ask("POST", "statements", made, status=status)

    def close(self, how: str = "closed") -> None:
        """Take the page away; what is said of it comes after."""
        self.now += 1000
        self.end = End(self.now, how)


DUE: Mapping[str, Statement] = {
    COMPLETED: {"completion": True, "duration": "PT9S"},
    PASSED: {"success": True, "duration": "PT9S", "score": {"scaled": 0.8, "raw": 8, "min": 0, "max": 10}},
    FAILED: {"success": False, "duration": "PT9S", "score": {"scaled": 0.79}},
    TERMINATED: {"duration": "PT9S"},
}
EXPERIENCED = f"{ADL}experienced"


def log(*visits: Visit) -> Log:
    """Return the record of visits."""
    requests = tuple(request for visit in visits for request in visit.requests)
    ends = {visit.launch.number: visit.end for visit in visits if visit.end is not None}
    return Log(tuple(visit.launch for visit in visits), requests, ends)


def codes(*visits: Visit) -> set[str]:
    """Return what is found in the record of visits."""
    return {finding.code for finding in judge(log(*visits))}


def opened(number: int = 0, mode: Mode = "Normal", mastery: float | None = 0.8) -> Visit:
    """Return a visit that has begun well."""
    visit = Visit(number, mode, mastery, at=1_000_000 * (number + 1))
    visit.begin()
    visit.tell(INITIALIZED)
    return visit


def closed(visit: Visit, last: bool = True) -> Visit:
    """Let the learner close the page, which says so last."""
    visit.close()
    if last:
        visit.tell(TERMINATED)
    return visit


def told(*what: str | Statement, mode: Mode = "Normal", mastery: float | None = 0.8) -> Visit:
    """Return a visit in which this was told, opened and closed well."""
    visit = opened(mode=mode, mastery=mastery)
    visit.tell(*what)
    return closed(visit)


def changed(verb: str, change: Callable[[Statement], None], **more: Any) -> Visit:
    """Return a visit in which one statement was made otherwise."""
    visit = opened(**more)
    statement = visit.statement(verb)
    change(statement)
    visit.tell(statement)
    return closed(visit)


def without(*path: str) -> Callable[[Statement], None]:
    """Return what takes a value away."""

    def change(statement: Statement) -> None:
        for key in path[:-1]:
            statement = statement[key]
        del statement[path[-1]]

    return change


def with_value(value: Any, *path: str) -> Callable[[Statement], None]:
    """Return what sets a value."""

    def change(statement: Statement) -> None:
        for key in path[:-1]:
            statement = statement.setdefault(key, {})
        statement[path[-1]] = value

    return change


# --- a visit as it should be -----------------------------------------------------------------------------------------


def whole() -> tuple[Visit, ...]:
    """Return two visits that do well: one passes, one looks again."""
    first = opened()
    first.ask("GET", "activities/state", query=first.place("mine"), status=404)
    first.tell(EXPERIENCED, first.statement(f"{ADL}progressed", {"extensions": {PROGRESS: 50}}))
    first.tell(COMPLETED, PASSED)
    first.ask("PUT", "activities/state", '{"seen": 3}', query=first.place("mine"), status=204)
    second = opened(1, "Review")
    second.tell(EXPERIENCED)
    return closed(first), closed(second)


def test_two_visits_as_they_should_be() -> None:
    assert codes(*whole()) == set()


def test_all_rules_are_tried_both_ways() -> None:
    assert set(RULES) == {code for code, _ in FIRING} == {code for code, _ in SILENT}


# --- what breaks a rule ----------------------------------------------------------------------------------------------


def unfetched() -> Visit:
    visit = Visit()
    visit.ask("GET", "fetch", headers={}, status=405)
    return visit


def fetched_twice() -> Visit:
    visit = told()
    visit.ask("POST", "fetch", headers={}, answer='{"error-code": "1"}')
    return visit


def spoke_before_it_could() -> Visit:
    visit = Visit()
    visit.ask("GET", "activities/state", query=visit.place("LMS.LaunchData"), status=401)
    visit.begin()
    visit.tell(INITIALIZED)
    return closed(visit)


def read_no_launch_data() -> Visit:
    visit = told()
    visit.requests = [one for one in visit.requests if one.query.get("stateId") != "LMS.LaunchData"]
    return visit


def wrote_launch_data(method: str = "PUT", **query: str) -> Visit:
    visit = told()
    where = {key: value for key, value in visit.place("LMS.LaunchData", **query).items() if value}
    visit.ask(method, "activities/state", "{}", query=where, status=403)
    return visit


def read_preferences_late() -> Visit:
    visit = told()
    visit.requests = [one for one in visit.requests if one.resource != "agents/profile"]
    visit.preferences()
    return visit


def wrote(preferences: object) -> Visit:
    visit = told()
    visit.preferences("PUT", preferences, 403)
    return visit


def asked(method: str = "GET", **query: str) -> Visit:
    visit = told()
    visit.ask(method, "activities/state", query=visit.place("mine", **query))
    return visit


def silent_from_the_start() -> Visit:
    visit = Visit()
    visit.begin()
    visit.close()
    return visit


def began_late() -> Visit:
    visit = Visit()
    visit.begin()
    visit.tell(EXPERIENCED, INITIALIZED)
    visit.requests[-1] = replace(visit.requests[-1], body=visit.requests[-1].body.replace("00:16:44", "00:16:43", 1))
    return closed(visit)


def refused(status: int) -> Visit:
    visit = told()
    visit.ask("PUT", "activities/state", query=visit.place("mine"), status=status, answer="why")
    return visit


def ended_and_stayed() -> Visit:
    visit = opened()
    visit.tell(TERMINATED)
    visit.close()
    return visit


def ended_and_returned() -> Visit:
    visit = opened()
    visit.tell(TERMINATED)
    visit.ask("GET", "return", headers={})
    visit.close()
    return visit


def killed() -> Visit:
    visit = opened()
    visit.close("killed")
    return visit


def talked_on() -> Visit:
    visit = opened()
    visit.close()
    visit.tell(TERMINATED)
    visit.tell(EXPERIENCED)
    return visit


def again(verb: str, mode: Mode = "Normal") -> tuple[Visit, ...]:
    second = opened(1, mode)
    second.tell(verb)
    return told(PASSED), closed(second)


def one_of_each_session() -> tuple[Visit, ...]:
    second = opened(1)
    second.tell(PASSED, COMPLETED)
    return told(FAILED), closed(second)


def completed_a_page() -> Visit:
    """A verb of cmi5 about something else is a statement like any other."""
    visit = opened()
    statement = visit.statement(COMPLETED)
    statement["object"]["id"] = "https://carabin.dev/c/1/page"
    statement["context"]["contextActivities"]["category"] = []
    visit.tell(statement)
    return closed(visit)


def sent_again() -> Visit:
    """An answer was lost: the same statement comes once more."""
    visit = opened()
    completed = visit.statement(COMPLETED)
    visit.tell(completed, status=0)
    visit.tell(completed)
    visit.tell(completed)
    return closed(visit)


def left_over() -> tuple[Visit, ...]:
    """What a killed page had not sent comes with the next launch, and is refused: its session is over."""
    first = opened()
    kept = first.statement(EXPERIENCED)
    first.close("killed")
    second = opened(1)
    second.tell(kept, status=403)
    return first, closed(second)


def unknowing() -> tuple[Visit, ...]:
    """A second window has taken the session away: the first one cannot know."""
    first, second = opened(), opened(1)
    first.now = second.now + 1000
    first.tell(EXPERIENCED, status=401)
    return first, closed(second)


Case = Callable[[], "Visit | tuple[Visit, ...]"]
FIRING: list[tuple[str, Case]] = [
    ("P827", unfetched),
    ("P828", fetched_twice),
    ("P829", spoke_before_it_could),
    ("P830", read_no_launch_data),
    ("P831", wrote_launch_data),
    ("P831", lambda: wrote_launch_data("DELETE", stateId="")),
    ("P832", read_preferences_late),
    ("P833", lambda: changed(EXPERIENCED, with_value(OTHER, "actor"))),
    ("P833", lambda: changed(EXPERIENCED, with_value("Group", "actor", "objectType"))),
    ("P833", lambda: asked(agent=json.dumps(OTHER))),
    ("P833", lambda: asked(agent="no JSON")),
    ("P834", lambda: changed(EXPERIENCED, without("context", "registration"))),
    ("P834", lambda: asked(registration=REGISTRATION.replace("8", "9"))),
    ("P835", lambda: changed(COMPLETED, with_value("https://carabin.dev/c/1", "object", "id"))),
    ("P835", lambda: asked(activityId="https://carabin.dev/c/1")),
    ("P836", lambda: changed(EXPERIENCED, without("id"))),
    ("P836", lambda: changed(EXPERIENCED, with_value("one", "id"))),
    ("P837", lambda: changed(EXPERIENCED, without("timestamp"))),
    ("P837", lambda: changed(EXPERIENCED, with_value("1970-01-01T01:16:46+01:00", "timestamp"))),
    ("P838", silent_from_the_start),
    ("P838", began_late),
    ("P839", lambda: told(COMPLETED, COMPLETED)),
    ("P839", lambda: told(FAILED, PASSED)),
    ("P839", lambda: told(INITIALIZED)),
    ("P839", lambda: again(PASSED)),
    ("P839", lambda: again(FAILED)),
    ("P840", lambda: changed(PASSED, with_value(0.79, "result", "score", "scaled"))),
    ("P840", lambda: changed(FAILED, with_value(0.8, "result", "score", "scaled"))),
    ("P841", lambda: changed(PASSED, with_value(False, "result", "success"))),
    ("P841", lambda: changed(FAILED, with_value(True, "result", "success"))),
    ("P841", lambda: changed(COMPLETED, with_value(False, "result", "completion"))),
    ("P841", lambda: changed(PASSED, with_value(True, "result", "completion"))),
    ("P842", lambda: changed(COMPLETED, without("result", "duration"))),
    ("P843", lambda: changed(COMPLETED, with_value({"scaled": 1}, "result", "score"))),
    ("P843", lambda: changed(PASSED, without("result", "score", "max"))),
    ("P843", lambda: changed(PASSED, with_value(8.5, "result", "score", "raw"))),
    ("P843", lambda: changed(PASSED, with_value(1.5, "result", "score", "scaled"))),
    ("P844", lambda: changed(EXPERIENCED, with_value([{"id": CMI5}], "context", "contextActivities", "category"))),
    ("P844", lambda: changed(EXPERIENCED, with_value([{"id": MOVE_ON}], "context", "contextActivities", "category"))),
    ("P844", lambda: changed(COMPLETED, with_value([{"id": CMI5}], "context", "contextActivities", "category"))),
    ("P844", lambda: changed(COMPLETED, without("context", "contextActivities", "category"))),
    ("P845", lambda: changed(EXPERIENCED, without("context", "contextActivities", "grouping"))),
    ("P845", lambda: changed(EXPERIENCED, with_value([{"id": "urn:x"}], "context", "contextActivities", "grouping"))),
    ("P846", lambda: changed(EXPERIENCED, with_value("session-7", "context", "extensions", SESSION))),
    ("P846", lambda: changed(EXPERIENCED, without("context", "extensions", SESSION))),
    ("P847", lambda: told(COMPLETED, mode="Browse")),
    ("P847", lambda: again(PASSED, "Review")),
    ("P848", talked_on),
    ("P849", lambda: closed(opened(), last=False)),
    ("P850", ended_and_stayed),
    ("P851", lambda: told("https://w3id.org/xapi/adl/verbs/waived")),
    ("P852", lambda: changed(PASSED, without("context", "extensions", MASTERY))),
    ("P852", lambda: changed(PASSED, with_value(0.5, "context", "extensions", MASTERY))),
    ("P853", lambda: changed(EXPERIENCED, with_value({PROGRESS: 33.3}, "result", "extensions"))),
    ("P853", lambda: changed(EXPERIENCED, with_value({PROGRESS: 101}, "result", "extensions"))),
    ("P854", lambda: refused(400)),
    ("P854", lambda: refused(409)),
    ("P858", lambda: wrote({"languagePreference": "fr"})),
    ("P858", lambda: wrote({"languagePreference": "fr, en", "audioPreference": "on"})),
    ("P858", lambda: wrote("no JSON")),
]
SILENT: list[tuple[str, Case]] = [
    ("P827", told),
    ("P828", sent_again),
    ("P829", unknowing),
    ("P830", told),
    ("P831", lambda: wrote_launch_data("GET")),
    ("P831", lambda: asked("DELETE")),
    ("P832", told),
    ("P833", lambda: changed(EXPERIENCED, without("actor", "objectType"))),
    ("P834", lambda: told(EXPERIENCED)),
    ("P835", lambda: changed(EXPERIENCED, with_value("https://carabin.dev/c/1/page", "object", "id"))),
    ("P836", lambda: changed(EXPERIENCED, with_value("ABCDEF00-0000-4000-8000-000000000000", "id"))),
    ("P837", lambda: changed(EXPERIENCED, with_value("1970-01-01T00:16:46+00:00", "timestamp"))),
    ("P838", killed),
    ("P839", one_of_each_session),
    ("P839", sent_again),
    ("P840", lambda: told(PASSED)),
    ("P840", lambda: told(FAILED)),
    ("P840", lambda: changed(PASSED, with_value(0.1, "result", "score", "scaled"), mastery=None)),
    ("P841", lambda: changed(EXPERIENCED, with_value({"success": True, "completion": True}, "result"))),
    ("P842", lambda: changed(EXPERIENCED, with_value({}, "result"))),
    ("P843", lambda: changed(EXPERIENCED, with_value({"score": {"raw": 3.5}}, "result"))),
    ("P844", completed_a_page),
    ("P845", lambda: changed(EXPERIENCED, with_value("kept", "context", "platform"))),
    (
        "P845",
        lambda: changed(
            EXPERIENCED,
            with_value(
                [{"id": "https://carabin.dev/c"}, {"id": "https://carabin.dev/c/1", "objectType": "Activity"}],
                "context",
                "contextActivities",
                "grouping",
            ),
        ),
    ),
    ("P846", left_over),
    ("P847", lambda: told(EXPERIENCED, mode="Review")),
    ("P848", told),
    ("P849", killed),
    ("P850", ended_and_returned),
    ("P850", told),
    ("P851", lambda: told(f"{ADL}interacted")),
    ("P852", lambda: told(PASSED, mastery=None)),
    ("P853", lambda: changed(EXPERIENCED, with_value({PROGRESS: 100.0}, "result", "extensions"))),
    ("P854", lambda: refused(412)),
    ("P858", lambda: wrote({"languagePreference": "fr-FR,en", "audioPreference": "off"})),
]


def visits_of(case: Case) -> tuple[Visit, ...]:
    made = case()
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize(("code", "case"), FIRING, ids=[f"{code}-{number}" for number, (code, _) in enumerate(FIRING)])
def test_a_rule_that_is_broken_is_named_alone(code: str, case: Case) -> None:
    assert codes(*visits_of(case)) == {code}


@pytest.mark.parametrize(("code", "case"), SILENT, ids=[f"{code}-{number}" for number, (code, _) in enumerate(SILENT)])
def test_what_comes_near_is_let_pass(code: str, case: Case) -> None:
    assert codes(*visits_of(case)) == set()


def test_what_no_lms_may_record_breaks_a_package() -> None:
    (found,) = judge(log(changed(PASSED, with_value(0.2, "result", "score", "scaled"))))
    assert (found.verdict, dict(found.arguments)) == (
        Verdict.BROKEN,
        {"verb": "passed", "scaled": "0.2", "mastery": "0.8"},
    )
    (found,) = judge(log(closed(opened(), last=False)))
    assert found.verdict is Verdict.RISKY


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "[1]", '"text"', "null", "[" * 5000])
def test_a_body_that_is_no_statement_is_no_statement(body: str) -> None:
    visit = opened()
    visit.ask("POST", "statements", body, status=400, answer="why")
    assert codes(closed(visit)) == {"P854"}


@pytest.mark.parametrize("odd", [{}, {"verb": 1}, {"verb": {"id": 2}, "context": [], "result": 3, "object": "x"}])
def test_a_statement_of_any_form_can_be_judged(odd: Statement) -> None:
    visit = opened()
    visit.tell(odd, status=400)
    assert {"P836", "P854"} <= codes(closed(visit))


def test_a_statement_with_an_attachment_is_read() -> None:
    """xAPI 1.0.3 Communication §1.5.2: the first part is JSON."""
    visit = opened()
    parts = ["", "Content-Type: application/json", "", json.dumps([visit.statement(f"{ADL}voided")]), "--x", "", "a"]
    body = "--x" + "\r\n".join(parts) + "\r\n--x--"
    headers = {"authorization": visit.launch.token, "content-type": "multipart/mixed; boundary=x"}
    visit.ask("POST", "statements", body, headers=headers)
    assert codes(closed(visit)) == {"P851"}


def test_the_url_may_tell_the_id() -> None:
    visit = opened()
    statement = visit.statement(EXPERIENCED)
    name = statement.pop("id")
    visit.ask("PUT", "statements", statement, query={"statementId": name}, status=204)
    assert codes(closed(visit)) == set()


def test_a_statement_that_was_refused_and_then_taken_is_judged_as_taken() -> None:
    visit = opened()
    wrong, right = visit.statement(COMPLETED), visit.statement(COMPLETED)
    right["id"] = wrong["id"]
    del wrong["result"]["duration"]
    visit.tell(wrong, status=400)
    visit.tell(right)
    statements = [one for one in statements_of(log(visit)) if one.verb == COMPLETED]
    assert [(one.status, "duration" in one.result) for one in statements] == [(200, True)]


@pytest.mark.parametrize(
    ("template", "actual", "where"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [".a.b"]),
        ({"a": {"b": 1}}, {"a": 3}, [".a.b"]),
        ({"a": [{"id": "x"}]}, {"a": {"id": "x"}}, []),
        ({"a": [{"id": "x"}, {"id": "y"}]}, {"a": [{"id": "y"}]}, [".a"]),
        ({"a": []}, {}, [".a"]),
    ],
)
def test_what_a_template_holds_is_looked_for(template: object, actual: object, where: list[str]) -> None:
    assert list(wanting(template, actual)) == where

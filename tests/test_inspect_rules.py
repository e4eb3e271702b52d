"""What play says of records: SCORM 2004, Tin Can, and what cmi5 and Tin Can share. Rules of cmi5 alone are in
`test_inspect_cmi5.py`; packages that run, in `browser/`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from builder.inspect import Verdict, scorm2004_rules, tincan_rules
from builder.inspect.calls import Played, Visit, values
from builder.inspect.exchange import End, Launch, Log, Request
from builder.inspect.play import judge as judge_scorm
from builder.inspect.play import summary as scorm_summary
from builder.inspect.play_xapi import Spoken, lost, summary
from builder.inspect.play_xapi import judge as judge_xapi
from builder.inspect.visit import Heard

QUIET = Heard()

# --- SCORM 2004 ------------------------------------------------------------------------------------------------------

Line = tuple[str, ...]
"""What was set (element, value), was read (element, answer, error), or was called."""


def visit(*lines: Line, answer: str = "true") -> Visit:
    """Return a visit between Initialize and Terminate."""
    calls = [{"name": "Initialize", "arguments": [""], "result": "true", "error": "0"}]
    for line in lines:
        if len(line) == 3:
            calls.append({"name": "GetValue", "arguments": [line[0]], "result": line[1], "error": line[2]})
        else:
            calls.append({"name": "SetValue", "arguments": list(line), "result": answer, "error": "0"})
    calls.append({"name": "Terminate", "arguments": [""], "result": "true", "error": "0"})
    return Visit(tuple(calls), QUIET)


BEGINS: Line = ("cmi.completion_status", "incomplete")
STATE: Line = ("cmi.suspend_data", "seen")
SUSPENDS: Line = ("cmi.exit", "suspend")
DONE: Sequence[Line] = (("cmi.completion_status", "completed"), ("cmi.exit", "normal"))
PASSING: Line = ("cmi.scaled_passing_score", "0.8", "0")
THRESHOLD: Line = ("cmi.completion_threshold", "0.5", "0")


def score(scaled: str, raw: str, least: str = "0", most: str = "100") -> tuple[Line, ...]:
    """Return what sets a score; what is empty is not set."""
    said = {"scaled": scaled, "raw": raw, "min": least, "max": most}
    return tuple((f"cmi.score.{name}", value) for name, value in said.items() if value)


def found_2004(*lines: Line, opening: Visit | None = None) -> set[str]:
    """Return what is found when these lines are said in a walk, after an opening that says what it must."""
    visits = {"opening": opening or visit(BEGINS, SUSPENDS), "walk": visit(*lines)}
    return {one.code for one in scorm2004_rules.judge(Played("strict", "x.html", visits, {}, "scorm2004"))}


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ((BEGINS, STATE, SUSPENDS), set()),
        ((STATE, *DONE), set()),
        ((STATE, ("adl.nav.request", "suspendAll")), set()),
        (score("0.8", "80"), set()),
        (score("0.8", "8", "0", "10"), set()),
        (score("0.667", "66.67"), set()),
        (score("0.5", "", "", ""), set()),
        (score("0.8", "80", "", ""), set()),
        (score("", "80"), {"P822"}),
        (score("0.5", "80"), {"P822"}),
        (score("0.5", "80", "100", "100"), {"P822"}),
        ((PASSING, *score("0.8", "80"), ("cmi.success_status", "passed")), set()),
        ((PASSING, *score("0.7", "70"), ("cmi.success_status", "passed")), {"P823"}),
        ((PASSING, *score("0.8", "80"), ("cmi.success_status", "failed")), {"P823"}),
        ((PASSING, ("cmi.success_status", "passed")), {"P823"}),
        ((PASSING, ("cmi.success_status", "unknown")), set()),
        ((THRESHOLD, ("cmi.progress_measure", "0.5"), ("cmi.completion_status", "completed")), set()),
        ((THRESHOLD, ("cmi.progress_measure", "0.4"), ("cmi.completion_status", "completed")), {"P823"}),
        ((STATE,), {"P824"}),
        ((("cmi.location", "3"), ("cmi.exit", "normal")), {"P824"}),
        ((BEGINS,), set()),
        ((STATE, ("cmi.completion_status", "completed"), ("cmi.exit", "logout")), {"P825"}),
        ((("cmi.exit", "time-out"),), {"P825"}),
        ((("cmi.core.lesson_status", "", "401"),), {"P826"}),
        ((("cmi.location", "", "403"), ("cmi.suspend_data", "", "122")), set()),
    ],
)
def test_what_a_sco_of_2004_breaks(lines: Sequence[Line], codes: set[str]) -> None:
    assert found_2004(*lines) == codes


def test_a_sco_that_says_nothing_of_completion() -> None:
    assert found_2004(opening=visit()) == {"P821"}


def test_what_the_lms_refused_was_not_said() -> None:
    refused = visit(*score("0.5", "80"), answer="false")
    assert list(scorm2004_rules.scores(refused, "x.html", "strict")) == []
    assert values(refused, "cmi.score.raw") == ["80"]


def test_a_sco_of_2004_is_judged_like_one_of_1_2() -> None:
    """Names of functions and elements are those of its standard."""
    none = Visit((), QUIET)
    (found,) = judge_scorm(Played("strict", "x.html", {"opening": none}, {"opening": {}}, "scorm2004"))
    assert (found.code, found.verdict, found.arguments["call"]) == ("P801", Verdict.BROKEN, "Initialize")
    good = visit(BEGINS, STATE, SUSPENDS)
    record = {"cmi.completion_status": "incomplete", "cmi.suspend_data": "seen"}
    names = ("opening", "walk", "offline", "again")
    visits = {**dict.fromkeys(names, good), "review": visit(SUSPENDS)}
    played = Played("strict", "x.html", visits, dict.fromkeys(visits, record), "scorm2004")
    assert list(judge_scorm(played)) == []
    assert scorm_summary(played).arguments["opened"] == "incomplete"
    bad = visit(*score("0.5", "50"))
    refused = [
        dict(call, result="false", error="406") if call["arguments"][0] == "cmi.score.raw" else dict(call)
        for call in bad.calls
    ]
    played = replace(played, visits={**visits, "walk": Visit(tuple(refused), QUIET), "review": bad})
    assert [(one.code, dict(one.arguments)) for one in judge_scorm(played)] == [
        ("P806", {"profile": "strict", "element": "cmi.score.raw", "error": "406", "value": "50"}),
        ("P809", {"profile": "strict", "element": "cmi.score.scaled"}),
    ]
    vain = tuple(
        dict(call, result="false", error="351") if call["arguments"][0] == STATE[0] else dict(call)
        for call in good.calls
    )
    played = replace(played, visits={**visits, "offline": Visit(vain, QUIET)})
    assert list(judge_scorm(played)) == []  # a general failure, while the network is away
    played = replace(played, visits={**visits, "walk": Visit(vain, QUIET)})
    assert [(one.code, one.arguments["error"]) for one in judge_scorm(played)] == [("P806", "351")]
    done = {"cmi.completion_status": "completed", "cmi.success_status": "passed"}
    played = replace(played, visits=visits, records={**dict.fromkeys(visits, record), "opening": done})
    assert [one.code for one in judge_scorm(played)] == ["P805"]
    assert scorm_summary(played).arguments["opened"] == "completed, passed"


# --- Tin Can ---------------------------------------------------------------------------------------------------------

ACTOR = {"mbox": "mailto:jmartin@carabin.dev"}
REGISTRATION = "8a2d2b1e-5f3e-4a0c-9b0a-0d7e3c1f2a4b"
ACTIVITY = "https://carabin.dev/a"
LAUNCH = Launch(0, ACTIVITY, REGISTRATION, ACTOR, "Basic x")
CLOSED = {0: End(9000)}


def statement(verb: str = "completed", number: int = 1, **more: Any) -> dict[str, Any]:
    """Return a statement about the activity that was launched."""
    known = {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "actor": ACTOR,
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
        "object": {"id": ACTIVITY},
        "context": {"registration": REGISTRATION},
    }
    return {key: value for key, value in {**known, **more}.items() if value is not None}


def sent(*statements: Mapping[str, Any], status: int = 200, launch: int = 0, **more: Any) -> Request:
    """Return a request that brings statements."""
    body = json.dumps(statements)
    given = {"headers": {"authorization": "Basic x"}, **more}
    return Request(1000, launch, "POST", "statements", body=body, status=status, **given)


def state(method: str = "GET", status: int = 200, agent: object = ACTOR, launch: int = 0) -> Request:
    """Return a request for a document of state."""
    query = {"stateId": "bookmark", "activityId": ACTIVITY, "agent": json.dumps(agent)}
    headers = {"authorization": "Basic x"}
    return Request(1000, launch, method, "activities/state", query, headers, "kept", status)


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ([sent(statement())], []),
        ([sent(statement("attempted"))], [("P856", Verdict.GOOD)]),
        ([sent(statement(object={"id": ACTIVITY + "/quiz"}))], [("P856", Verdict.RISKY)]),
        ([sent(statement("passed"), statement("experienced", 2, object={"id": ACTIVITY + "/page"}))], []),
        ([], [("P855", Verdict.BROKEN)]),
        ([sent(statement(), status=0)], [("P855", Verdict.BROKEN)]),
        ([sent(statement(), headers={})], [("P829", Verdict.BROKEN)]),
        ([sent(statement(actor={"mbox": "mailto:x@carabin.dev"}))], [("P833", Verdict.BROKEN)]),
        ([sent(statement(actor={**ACTOR, "name": "Jeanne"}))], []),
        ([sent(statement()), state(agent={"mbox": "mailto:x@carabin.dev"})], [("P833", Verdict.BROKEN)]),
        ([sent(statement(context=None))], [("P834", Verdict.RISKY)]),
        ([sent(statement(id=None))], [("P836", Verdict.BROKEN)]),
        ([sent(statement(), status=400, answer="why")], [("P854", Verdict.BROKEN)]),
        ([state(status=404)], []),
    ],
)
def test_what_tin_can_content_breaks(requests: list[Request], found: list[tuple[str, Verdict]]) -> None:
    log = Log((LAUNCH,), tuple(requests), CLOSED)
    assert [(one.code, one.verdict) for one in tincan_rules.judge(log)] == found


def test_content_that_was_killed_may_have_said_nothing() -> None:
    assert list(tincan_rules.judge(Log((LAUNCH,), (), {0: End(9000, "killed")}))) == []


# --- what cmi5 and Tin Can share -------------------------------------------------------------------------------------

NAMES = ("opening", "walk", "offline", "again")


def spoken(**requests: list[Request]) -> Spoken:
    """Return a play of Tin Can content with these requests by visit."""
    numbers = {name: number for number, name in enumerate(NAMES)}
    launches = tuple(replace(LAUNCH, number=number) for number in numbers.values())
    every = tuple(
        replace(request, launch=numbers[name]) for name in NAMES for request in requests.get(name, [state(status=404)])
    )
    ends = {number: End(9000) for number in numbers.values()}
    visits = dict.fromkeys(NAMES, QUIET)
    return Spoken("tincan", "x.html", Log(launches, every, ends), visits, numbers, False)


WALKED = [sent(statement()), state("PUT", 204)]


def codes(play: Spoken) -> list[str]:
    return [finding.code for finding in judge_xapi(play)]


def test_a_play_without_fault() -> None:
    play = spoken(walk=WALKED)
    assert codes(play) == []
    assert dict(summary(play).arguments) == {
        "profile": "tincan",
        "visits": 4,
        "calls": 5,
        "refused": 0,
        "opened": "-",
        "left": "completed",
        "state": 4,
    }


def test_what_the_browser_heard_is_told() -> None:
    heard = Heard(("Error: no", "Error: no"), ("https://cdn.example/a",), 2)
    play = replace(spoken(walk=WALKED), visits={**dict.fromkeys(NAMES, QUIET), "opening": heard})
    assert codes(play) == ["P802", "P808", "P812"]


def test_an_outcome_at_once() -> None:
    assert codes(spoken(opening=[sent(statement())], walk=WALKED)) == ["P805"]


def test_state_that_is_not_kept_or_not_read() -> None:
    assert codes(spoken(walk=[sent(statement())])) == ["P857"]
    assert codes(spoken(walk=WALKED, again=[sent(statement("attempted", 3))])) == ["P859"]


def test_what_was_sent_in_vain_arrives_or_is_lost() -> None:
    """P811: a statement by its id, a document by its name, whenever they come."""
    lonely = sent(statement("experienced", 7), status=0)
    assert codes(spoken(walk=WALKED, offline=[lonely, state()])) == ["P811"]
    assert not lost(spoken(offline=[lonely, sent(statement("experienced", 7))]))
    assert not lost(spoken(offline=[lonely], again=[sent(statement("experienced", 7), statement("x", 8))]))
    assert not lost(spoken(offline=[sent(statement("experienced", 7)), lonely]))  # it has it already
    assert not lost(spoken(offline=[lonely, sent(statement("experienced", 7), status=400)]))  # told as P854
    assert lost(spoken(offline=[lonely, sent(statement("experienced", 7), status=503)]))
    assert lost(spoken(walk=WALKED, offline=[state("PUT", 0)]))  # what was kept before is older
    assert not lost(spoken(offline=[state("PUT", 0), state("PUT", 204)]))
    assert not lost(spoken(offline=[state("GET", 0)]))

"""What packages tell an LRS, judged by others: the course that uses everything, from start to end in each standard.

Statements go to a running Ralph while the course is played; documents (state, agent profile), which it does not know,
to the embedded LRS behind the same address. Afterwards Ralph's models and a validator in JavaScript read each of them,
and our own rules look at what those let pass (scores out of range, clocks without zone).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browser.answers import Key
from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from playwright.sync_api import Browser, expect

from builder.inspect.cmi5_rules import judge
from builder.inspect.launcher import Answer, Launcher, Lrs, embedded
from builder.lrs.validate import statement_problems
from foreign.statements import (
    Ralph,
    complaints_of_models,
    complaints_of_validator,
    running_ralph,
)

COURSE = ROOT / "tests" / "courses" / "everything"
ADDED = ("stored", "authority", "version")
"""What an LRS adds to a statement."""

pytestmark = pytest.mark.needs("ralph", "node")


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(COURSE)


@pytest.fixture
def ralph(tools: dict[str, str], tmp_path: Path) -> Iterator[Ralph]:
    with running_ralph(tools["ralph"], tmp_path) as server:
        yield server


@pytest.fixture
def learner(chromium: Browser, loopback: Loopback) -> Iterator[Learner]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    someone = Learner(context, loopback, inside="/package/")
    yield someone
    context.close()


def shared(ralph: Ralph, documents: Lrs) -> Lrs:
    """Return an LRS whose statements are Ralph's, and whose documents are ours."""

    def ask(method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        if resource != "statements" or method == "GET":
            return documents(method, resource, query, headers, body)
        sent = json.loads(body)
        status = ralph.post(sent if isinstance(sent, list) else [sent])
        if status == 200:
            return documents(method, resource, query, headers, body)
        return Answer(status)

    return ask


def told(ralph: Ralph, by: str) -> list[dict[str, Any]]:
    """What Ralph took of this learner, as it was sent."""
    stored = [one for one in ralph.stored() if one["actor"].get("account", {}).get("name") == by]
    return [{name: value for name, value in one.items() if name not in ADDED} for one in stored]


def is_accepted(tools: dict[str, str], statements: list[dict[str, Any]]) -> None:
    """Nobody has anything to say against the statements."""
    assert complaints_of_models(tools["ralph"], statements) == []
    assert complaints_of_validator(tools["node"], statements) == []
    assert [problem for one in statements for problem in statement_problems(one)] == []


def verbs(statements: list[dict[str, Any]]) -> Counter[str]:
    return Counter(one["verb"]["id"].rpartition("/")[2] for one in statements)


def answers(key: Key) -> set[str]:
    """Ids of the interactions of which an LRS is told, quizzes drawn from aside."""
    return {
        one.id
        for name, found in key.numbers.interactions.items()
        if key.questions[name].type != "quiz"
        for one in found
    }


@pytest.mark.parametrize("target", ["cmi5", "xapi"])
def test_everything_in_a_standard_of_statements(
    target: str, shelf: Shelf, learner: Learner, ralph: Ralph, key: Key, tools: dict[str, str]
) -> None:
    package = shelf.build(COURSE, f"everything-{target}", target)
    with embedded(lambda: datetime.now(UTC)) as documents, Launcher(package.zip, shared(ralph, documents)) as lms:
        learner.page.goto(lms.launch(return_url=""))
        learner.ready()
        for lesson in key.course.lessons:
            key.play_lesson(learner, lesson.id)
        lms.left()
        learner.content.locator("[data-action=leave]").first.click()
        expect(learner.content.locator("main h1")).to_have_text("Vous avez quitté le cours")
        statements = told(ralph, "jmartin")
        is_accepted(tools, statements)
        found = verbs(statements)
        assert found["initialized"] == found["completed"] == found["passed"] == found["terminated"] == 1
        assert found["experienced"] == len(key.course.lessons)
        given = {one["object"]["id"].rpartition("/")[2] for one in statements if one["verb"]["id"].endswith("answered")}
        assert given <= answers(key)
        assert len(given) > 30
        if target == "cmi5":
            assert list(judge(lms.log)) == []
            assert key.course.settings.iri in lms.satisfied()


@pytest.mark.parametrize("target", ["scorm12", "scorm2004"])
def test_everything_beside_scorm(
    target: str, shelf: Shelf, learner: Learner, loopback: Loopback, ralph: Ralph, key: Key, tools: dict[str, str]
) -> None:
    name = f"everything-{target}-lrs"
    package = shelf.build(COURSE, name, target, "--lrs")
    settings = {"endpoint": loopback.url("/xAPI/"), "auth": ralph.authorization, "homePage": "https://lms.example"}
    (package.folder / "lrs.json").write_text(json.dumps(settings), "utf-8")
    loopback.forwards["/xAPI/"] = f"{ralph.address}/xAPI/"
    learner.inside = "/packages/"
    try:
        more = {"standard": "scorm2004"} if target == "scorm2004" else {}
        learner.launch(name, **more)
        for lesson in key.course.lessons:
            key.play_lesson(learner, lesson.id)
        learner.leave()
        learner.page.wait_for_timeout(500)
    finally:
        del loopback.forwards["/xAPI/"]
    (account,) = {json.dumps(one["actor"]["account"], sort_keys=True) for one in ralph.stored()}
    assert json.loads(account)["homePage"] == "https://lms.example"
    statements = told(ralph, json.loads(account)["name"])
    is_accepted(tools, statements)
    found = verbs(statements)
    assert found["initialized"] == found["completed"] == found["passed"] == found["terminated"] == 1
    assert found["experienced"] == len(key.course.lessons)


def test_the_judges_refuse_what_is_wrong(tools: dict[str, str]) -> None:
    """A judge that accepts everything would be none."""
    good = {
        "id": "0b9e4a4c-7f0f-4b4e-9a57-4b7f6c1f3d01",
        "timestamp": "2026-01-02T03:04:05Z",
        "actor": {"account": {"homePage": "https://lms.example", "name": "jeanne"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": "https://carabin.example/essai/q"},
    }
    is_accepted(tools, [good])
    for wrong in (
        {"actor": {"mbox": "jeanne@lms.example"}},
        {"verb": {"id": "answered"}},
        {"result": {"score": {"scaled": 1.5}}},
        {"result": {"success": "true"}},
        {"object": {"id": "https://carabin.example/q", "definition": {"interactionType": "choices"}}},
    ):
        bad = {**good, **wrong}
        assert complaints_of_models(tools["ralph"], [bad]), wrong
        assert complaints_of_validator(tools["node"], [bad]), wrong
        assert statement_problems(bad), wrong

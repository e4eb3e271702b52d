"""The network is away for five minutes in the middle, the tab is killed meanwhile: in the end the LRS has what it has
after an undisturbed run, each statement once; and so it has when answers of the LRS get lost, or it asks for patience.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from browser.answers import Key
from browser.conftest import COURSES, Package, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from builder.inspect.cmi5_rules import judge
from builder.inspect.launcher import Launcher

COURSE = COURSES / "essai"
LESSONS = ("hameconnage", "messagerie", "revision")
SESSION = ("initialized", "terminated")
"""What a second session says once more."""


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(COURSE)


@pytest.fixture(params=["cmi5", "xapi"])
def package(request: pytest.FixtureRequest, shelf: Shelf) -> Package:
    return shelf.build(COURSE, f"essai-{request.param}", request.param)


class Student(Learner):
    """A learner whom the launcher sends to the package, with a clock that can be put forward."""

    def __init__(self, browser: Browser, loopback: Loopback, lms: Launcher) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
        context.set_default_timeout(20_000)
        context.clock.install()
        super().__init__(context, loopback, inside="/package/")
        self.launcher = lms

    def enter(self) -> None:
        self.page.goto(self.launcher.launch(return_url=""))
        self.page.locator("[data-saved]:visible, [data-notice]:visible").first.wait_for()

    def depart(self) -> None:
        self.launcher.left()
        self.content.locator("[data-action=leave]").first.click()
        expect(self.content.locator("main h1")).to_have_text("Vous avez quitté le cours")

    def kill(self) -> None:
        dead = self.page
        super().kill()
        dead.close()

    def wait(self, minutes: float) -> None:
        """Let minutes go by, half a minute at a time, with a moment of real time for what is answered."""
        for _ in range(int(minutes * 2)):
            self.context.clock.fast_forward(30_000)
            self.page.wait_for_timeout(20)


@contextmanager
def learning(browser: Browser, loopback: Loopback, archive: Path) -> Iterator[tuple[Student, Launcher]]:
    with Launcher(archive) as lms:
        student = Student(browser, loopback, lms)
        yield student, lms
        student.context.close()


def said(lms: Launcher) -> list[str]:
    """What content told, without ids, times and the session; sorted. No id stands there twice."""
    statements = lms.statements(by_content=True)
    assert len({one["id"] for one in statements}) == len(statements)
    return sorted(json.dumps(_bare(one), sort_keys=True) for one in statements if _verb(one) not in SESSION)


def _verb(statement: Mapping[str, Any]) -> str:
    return str(statement["verb"]["id"]).rpartition("/")[2]


def _bare(statement: Mapping[str, Any]) -> dict[str, Any]:
    result = {name: value for name, value in statement.get("result", {}).items() if name != "duration"}
    own = {name: value for name, value in statement["context"].get("extensions", {}).items() if "session" not in name}
    return {"verb": _verb(statement), "object": statement["object"]["id"], "result": result, "extensions": own}


def arrives(student: Student, lms: Launcher, wanted: list[str]) -> None:
    """Wait until the LRS has what is wanted; time goes by."""
    for _ in range(40):
        if len(said(lms)) >= len(wanted):
            break
        student.wait(0.5)
    assert said(lms) == wanted


@pytest.fixture
def undisturbed(chromium: Browser, loopback: Loopback, package: Package, key: Key) -> list[str]:
    with learning(chromium, loopback, package.zip) as (student, lms):
        student.enter()
        for lesson in LESSONS:
            key.play_lesson(student, lesson)
        student.depart()
        lms.until(lambda: any(_verb(one) == "terminated" for one in lms.statements(by_content=True)))
        found = said(lms)
        verbs = [json.loads(one)["verb"] for one in found]
        assert {verb: verbs.count(verb) for verb in ("answered", "completed", "passed", "experienced")} == {
            "answered": 6,
            "completed": 1,
            "passed": 1,
            "experienced": 3,
        }
        return found


def away(student: Student, lms: Launcher, key: Key) -> None:
    """The network goes; two lessons later the tab is killed, and the network comes back when the learner does."""
    key.play_lesson(student, LESSONS[0])
    lms.offline = True
    key.play_lesson(student, LESSONS[1])
    student.wait(2.5)
    expect(student.content.locator("[data-saved]")).not_to_have_attribute("data-state", "saved")
    expect(student.content.locator("[data-notice]")).to_be_visible()
    student.go(LESSONS[2])
    key.play(student, "q-mot")
    student.wait(2.5)
    lms.left("killed")
    student.kill()
    lms.offline = False
    student.enter()
    key.play_lesson(student, LESSONS[2], done=["q-mot"])


def unanswered(student: Student, lms: Launcher, key: Key) -> None:
    """Everything is stored, and no answer comes."""
    key.play_lesson(student, LESSONS[0])
    lms.unanswered = True
    key.play_lesson(student, LESSONS[1])
    student.wait(5)
    lms.unanswered = False
    key.play_lesson(student, LESSONS[2])


def patience(student: Student, lms: Launcher, key: Key) -> None:
    """The LRS is busy, and says when to come back; the page is loaded anew where it can be."""
    lms.status, lms.retry_after = 429, 60
    key.play_lesson(student, LESSONS[0])
    student.wait(1.5)
    lms.status = 503
    key.play_lesson(student, LESSONS[1])
    student.wait(1.5)
    lms.status = 0
    key.play_lesson(student, LESSONS[2])


@pytest.mark.parametrize("trouble", [away, unanswered, patience])
def test_ends_with_the_same_statements(
    chromium: Browser,
    loopback: Loopback,
    package: Package,
    key: Key,
    undisturbed: list[str],
    trouble: Callable[[Student, Launcher, Key], None],
) -> None:
    with learning(chromium, loopback, package.zip) as (student, lms):
        student.enter()
        trouble(student, lms, key)
        arrives(student, lms, undisturbed)
        student.depart()
        lms.until(lambda: _verb(lms.statements(by_content=True)[-1]) == "terminated")
        assert said(lms) == undisturbed
        kept = student.stored("Object.keys(localStorage)")
        assert [one for one in kept if ":lrs:" in one] == []
        if lms.is_cmi5:
            assert list(judge(lms.log)) == []


def test_a_grade_in_between(chromium: Browser, loopback: Loopback, shelf: Shelf, key: Key) -> None:
    """In cmi5, with a mastery score of the LMS's: failed is held back, and passed is told of who answers again."""
    package = shelf.build(COURSE, "essai-cmi5", "cmi5")
    with learning(chromium, loopback, package.zip) as (student, lms):
        student.page.goto(lms.launch(return_url="", mastery=0.3))
        student.page.locator("[data-saved]:visible, [data-notice]:visible").first.wait_for()
        for lesson in LESSONS:
            key.play_lesson(student, lesson, right=False)
        student.go("_results")
        student.content.locator("[data-action=answer-again]").click()
        key.play_lesson(student, LESSONS[0])
        student.go("_results")
        expect(student.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")
        student.depart()
        lms.until(lambda: _verb(lms.statements(by_content=True)[-1]) == "terminated")
        assert list(judge(lms.log)) == []
        verdicts = [one for one in lms.statements(by_content=True) if _verb(one) in ("passed", "failed")]
        assert [_verb(one) for one in verdicts] == ["passed"]
        assert 0.3 <= verdicts[0]["result"]["score"]["scaled"] < 1

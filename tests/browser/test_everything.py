"""The course that uses everything, from start to attestation: in the strict LMS, killed once, and in scorm-again.

`tests/foreign/test_scormhost.py` plays it in scormhost.
"""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from browser.answers import Key
from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from builder.score import has_key

COURSE = ROOT / "tests" / "courses" / "everything"


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(COURSE)


def play(learner: Learner, key: Key, lessons: slice, right: bool = True) -> None:
    for lesson in key.course.lessons[lessons]:
        key.play_lesson(learner, lesson.id, right)


def answered(learner: Learner, key: Key) -> list[str]:
    """The questions that the saved state on record holds answers to; a quiz is none."""
    state = learner.field("suspend_data") or ""
    assert 0 < len(state) <= key.worst_state
    return [name for name in key.answered(state) if key.questions[name].type != "quiz"]


def results(learner: Learner) -> dict[str, str]:
    """The result on record of each interaction, by its id; no id stands there twice."""
    fields = learner.record()["fields"]
    indexes = [name.split(".")[2] for name in fields if re.fullmatch(r"cmi\.interactions\.\d+\.id", name)]
    found = {fields[f"cmi.interactions.{n}.id"]: fields[f"cmi.interactions.{n}.result"] for n in indexes}
    assert len(found) == len(indexes)
    return found


def attest(learner: Learner) -> None:
    """Go from the results to the attestation, which says all points."""
    learner.go("_results")
    learner.content.locator("[data-results-attestation] a").click()
    page = learner.content.locator("[data-attestation]")
    expect(page).to_be_visible()
    expect(page).to_contain_text("Le cours qui contient tout")
    expect(page.locator("[data-attestation-grade]")).to_have_text(re.compile("^100"))


def test_all_right_in_the_strict_lms_killed_once(learner: Learner, shelf: Shelf, key: Key) -> None:
    """Every element is legal (`learner` sees to it), every answer is there once, and all scored ones are right."""
    shelf.build(COURSE)
    learner.launch("everything")
    play(learner, key, slice(4))
    learner.go("juger")
    key.play(learner, "j-gestes")
    learner.kill()
    learner.launch("everything")
    key.play_lesson(learner, "juger", done=["j-gestes"])
    play(learner, key, slice(5, None))
    attest(learner)
    learner.leave()
    assert learner.field("core.lesson_status") == "passed"
    assert float(learner.field("core.score.raw") or "") == 100
    told = [one for question in answered(learner, key) for one in key.numbers.interactions[question]]
    assert results(learner) == {one.id: "correct" if has_key(one) else "neutral" for one in told}


def test_all_wrong_fails(learner: Learner, shelf: Shelf, key: Key) -> None:
    shelf.build(COURSE)
    learner.launch("everything")
    play(learner, key, slice(None), right=False)
    learner.go("_results")
    expect(learner.content.locator("[data-results-attestation]")).to_be_hidden()
    learner.go("_attestation")
    expect(learner.content.locator("[data-attestation]")).to_be_hidden()
    learner.leave()
    assert learner.field("core.lesson_status") == "failed"
    assert float(learner.field("core.score.raw") or "") == 0
    assert set(results(learner).values()) == {"wrong", "neutral"}


def test_all_right_in_scorm_again(learner: Learner, shelf: Shelf, loopback: Loopback, key: Key) -> None:
    shelf.build(COURSE)
    loopback.stored.pop("everything", None)
    learner.page.goto(loopback.url("/pages/scorm-again.html?store=everything&package=/packages/everything/index.html"))
    learner.ready()
    play(learner, key, slice(None))
    attest(learner)
    complaints = learner.evaluate("complaints")
    learner.leave()
    assert complaints == []
    stored = json.loads(json.dumps(learner.stored("async () => (await fetch('/store/everything')).json()")))
    core = stored["cmi"]["core"]
    assert (core["lesson_status"], float(core["score"]["raw"])) == ("passed", 100)

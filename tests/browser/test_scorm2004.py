"""SCORM 2004 in Chromium: in the simulated LMS, and in scorm-again with its sequencing, one SCO and several."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.answers import Key
from browser.conftest import COURSES, ROOT, Golden, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from builder.frameworks import named_objectives
from builder.score import has_key

EVERYTHING = ROOT / "tests" / "courses" / "everything"
SIGNS, READ, ALERT = "I-lecons-1", "I-lecons-4", "I-lecons-5"


@pytest.fixture(scope="module")
def packages(shelf: Shelf) -> None:
    for course in (COURSES / "essai", COURSES / "lecons", EVERYTHING):
        shelf.build(course, f"{course.name}-2004", "scorm2004")


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(EVERYTHING)


def launch(learner: Learner, package: str, profile: str = "strict", **parameters: Any) -> None:
    learner.launch(package, profile, standard="scorm2004", **parameters)


def fields(learner: Learner, *elements: str, course: str = "course") -> list[str | None]:
    stored = learner.record(course)["fields"]
    return [stored.get(f"cmi.{element}") for element in elements]


def verdict(learner: Learner, course: str = "course") -> tuple[str | None, str | None, float | None]:
    completion, success, scaled = fields(learner, "completion_status", "success_status", "score.scaled", course=course)
    return completion, success, None if scaled is None else float(scaled)


def objectives(stored: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What is on record of each objective, by its id."""
    found: dict[str, dict[str, str]] = {}
    for name, value in stored.items():
        if match := re.fullmatch(r"cmi\.objectives\.(\d+)\.(.+)", name):
            found.setdefault(match[1], {})[match[2]] = value
    return {one["id"]: one for one in found.values()}


def last_request(learner: Learner) -> object:
    """What the content last asked the LMS to do next."""
    asked = [call["arguments"] for call in learner.calls() if call["arguments"][:1] == ["adl.nav.request"]]
    return asked[-1][1] if asked else None


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("profile", ["strict", "moodle", "knowbe4"])
def test_answers_leaves_comes_back_and_passes(learner: Learner, profile: str) -> None:
    launch(learner, "essai-2004", profile, passing="0.8", objectives="p-essai")
    learner.start()
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "a")
    learner.leave()
    assert fields(learner, "completion_status", "success_status", "score.raw") == ["incomplete", None, None]
    assert fields(learner, "exit", "interactions.0.learner_response") == ["suspend", "b"]
    assert last_request(learner) == "suspendAll"

    launch(learner, "essai-2004", profile, passing="0.8", objectives="p-essai")
    learner.go("hameconnage")
    expect(learner.result("q-urgence")).to_contain_text("2 points")
    learner.next()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("[data-results-grade]")).to_be_visible()
    learner.leave()
    status = fields(learner, "completion_status", "success_status", "progress_measure")
    assert status in (["completed", "failed", "1"], ["completed", "passed", "1"])
    scaled, raw, least, most = fields(learner, "score.scaled", "score.raw", "score.min", "score.max")
    assert float(scaled or "") * 100 == pytest.approx(float(raw or ""))
    assert (least, most) == ("0", "100")
    assert (float(scaled or "") >= 0.8) == (status[1] == "passed")
    assert fields(learner, "interactions.1.result", "interactions.1.correct_responses.0.pattern") == ["0.5", "a[,]b"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", fields(learner, "interactions.0.timestamp")[0] or "")


@pytest.mark.usefixtures("packages")
def test_the_transcript_of_one_visit(learner: Learner, golden: Golden) -> None:
    launch(learner, "essai-2004", "strict", passing="0.8", objectives="p-essai")
    learner.start()
    learner.answer_all()
    learner.content.locator("[data-action=leave]").first.click()
    expect(learner.content.locator("main h1")).to_contain_text("quitté")
    learner.leave()
    assert verdict(learner) == ("completed", "passed", 1)
    assert last_request(learner) == "exitAll"
    text = re.sub(r'(cmi\.location"\)? ?[,→] "[^"/]*)/[^"]*', r"\1", learner.transcript())
    golden.expect("scorm2004-transcript", text)

    launch(learner, "essai-2004", "strict", passing="0.8", objectives="p-essai")
    learner.go("_results")
    expect(learner.content.locator("[data-results-grade]")).to_contain_text("100")
    expect(learner.content.locator("[data-results-status]")).to_contain_text("réussi")
    learner.leave()
    assert verdict(learner) == ("completed", "passed", 1)


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("profile", ["strict", "moodle"])
def test_everything_right_with_its_objectives(learner: Learner, key: Key, profile: str) -> None:
    """Every call is legal (`learner` sees to it), every answer is there once, every objective is reached."""
    named = [one.id for one in named_objectives(key.course, key.course.lessons)]
    assert len(named) > 1
    launch(learner, "everything-2004", profile, objectives=",".join(["p-tout", *reversed(named)]))
    for lesson in key.lessons:
        key.play_lesson(learner, lesson)
    learner.go("_attestation")
    expect(learner.content.locator("[data-attestation]")).to_be_visible()
    learner.leave()
    stored = learner.record()["fields"]
    assert verdict(learner) == ("completed", "passed", 1)
    assert fields(learner, "progress_measure") == ["1"]
    given = [name for name in key.answered(stored["cmi.suspend_data"]) if key.questions[name].type != "quiz"]
    told = [one for name in given for one in key.numbers.interactions[name]]
    indexes = [name.split(".")[2] for name in stored if re.fullmatch(r"cmi\.interactions\.\d+\.id", name)]
    found = {stored[f"cmi.interactions.{n}.id"]: stored[f"cmi.interactions.{n}.result"] for n in indexes}
    assert len(found) == len(indexes)
    assert found == {one.id: "correct" if has_key(one) else "neutral" for one in told}
    reached = objectives(stored)
    assert set(reached) == {"p-tout", *named}
    assert set(reached["p-tout"]) == {"id"}
    for name in named:
        assert (reached[name]["completion_status"], reached[name]["progress_measure"]) == ("completed", "1"), name
        assert reached[name]["description"], name
        if "score.scaled" in reached[name]:
            assert (float(reached[name]["score.scaled"]), reached[name]["success_status"]) == (1, "passed"), name
    assert any("score.scaled" in reached[name] for name in named)


@pytest.mark.usefixtures("packages")
def test_each_lesson_is_judged_alone(learner: Learner) -> None:
    """What comes next is the learner's choice in the table of contents: no navigation is asked for."""
    launch(learner, "lecons-2004", sco="1", passing="0.8")
    learner.pick("s-urgence", "b")
    learner.pick("s-signes", "ab")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    learner.choose("lecons-2004", "4")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est terminée.")
    learner.leave()
    assert verdict(learner, "course/1") == ("completed", "passed", 1)
    assert verdict(learner, "course/4") == ("completed", None, None)
    assert last_request(learner) is None


# --- scorm-again -----------------------------------------------------------------------------------------------------


class Again:
    """A package in scorm-again with sequencing."""

    def __init__(self, learner: Learner, loopback: Loopback, package: str) -> None:
        self.learner = learner
        self.loopback = loopback
        self.package = package
        for name in [name for name in loopback.stored if name.partition(":")[0] == package]:
            del loopback.stored[name]

    def launch(self) -> None:
        query = f"package=/packages/{self.package}/&store={self.package}"
        self.learner.page.goto(self.loopback.url(f"/pages/scorm-again-2004.html?{query}"))
        self.learner.ready()

    def choose(self, item: str) -> None:
        name = f"_sco-{item.rpartition('-')[2]}.html"
        self.learner.page.evaluate("item => page.choose(item)", item)
        self.learner.page.wait_for_function("name => window.frames[0]?.location.pathname.endsWith(name)", arg=name)
        self.learner.ready()

    def leave(self) -> None:
        self.learner.page.evaluate("page.leave()")

    def rolled_up(self, item: str) -> tuple[str, str, float | None]:
        """Completion, success and measure of an activity."""
        found = self.learner.evaluate(f"page.tracking({json.dumps(item)})")
        score = found["score"]
        return found["completionStatus"], found["successStatus"], None if score is None else round(score, 6)

    def stored(self, item: str) -> dict[str, Any]:
        cmi: dict[str, Any] = json.loads(self.loopback.stored[f"{self.package}:{item}"])["cmi"]
        return cmi

    @property
    def complaints(self) -> Any:
        return self.learner.evaluate("page.complaints")


def listed(part: Any) -> list[dict[str, Any]]:
    """The entries of a list of scorm-again's, which is an object with numbers for keys."""
    values = part.values() if isinstance(part, dict) else part
    return [one for one in values if isinstance(one, dict) and one.get("id")]


@pytest.mark.usefixtures("packages")
def test_one_sco_in_scorm_again(learner: Learner, loopback: Loopback) -> None:
    again = Again(learner, loopback, "essai-2004")
    again.launch()
    learner.start()
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "ab")
    learner.next()
    assert again.complaints == []
    again.leave()
    assert again.stored("I-essai")["completion_status"] == "incomplete"

    again.launch()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("[data-results-grade]")).to_contain_text("100")
    learner.content.locator("[data-action=leave]").first.click()
    expect(learner.content.locator("main h1")).to_contain_text("quitté")
    for item in ("I-essai", "O-essai"):
        assert again.rolled_up(item) == ("completed", "passed", 1)
    assert learner.evaluate("page.over") != ""
    assert again.complaints == []
    again.leave()
    cmi = again.stored("I-essai")
    assert (cmi["completion_status"], cmi["success_status"]) == ("completed", "passed")
    assert (float(cmi["score"]["scaled"]), float(cmi["score"]["raw"])) == (1, 100)
    assert [one["id"] for one in listed(cmi["interactions"])][:2] == ["q-urgence", "q-signes"]

    again.launch()
    learner.go("_results")
    expect(learner.content.locator("[data-results-grade]")).to_contain_text("100")
    assert again.complaints == []
    again.leave()


@pytest.mark.usefixtures("packages")
def test_lessons_roll_up_in_scorm_again(learner: Learner, loopback: Loopback) -> None:
    """Five points and four: the course's measure is the mean by points, it is passed when all scored lessons are, and
    completed when all lessons are."""
    again = Again(learner, loopback, "lecons-2004")
    again.launch()
    learner.pick("s-urgence", "b")
    learner.pick("s-signes", "ab")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    again.choose(ALERT)
    assert again.rolled_up(SIGNS) == ("completed", "passed", 1)
    assert again.rolled_up("O-lecons")[:2] == ("incomplete", "unknown")
    learner.content.locator(".pager [data-action=next]").click()
    learner.fill("a-poste", a="éteindre")
    expect(learner.content.locator("[data-results-status]")).to_contain_text("insuffisante")
    assert again.complaints == []
    again.leave()

    again.launch()
    again.choose(READ)
    # It gives a module that is not completed less weight, which the standard does not know.
    assert again.rolled_up("O-lecons")[:2] == ("incomplete", "failed")
    assert again.rolled_up("G-lecons-1")[0] != "completed"
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est terminée.")
    again.choose(ALERT)
    assert again.rolled_up("G-lecons-1") == ("completed", "passed", 1)
    assert again.rolled_up("O-lecons") == ("completed", "failed", round(5 / 9, 6))
    learner.content.locator("[data-outcome] [data-action=answer-again]").click()
    learner.go("alerter/a-poste")
    learner.fill("a-poste", a="isoler")
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    again.choose(SIGNS)
    expect(learner.result("s-signes")).to_contain_text("3 points sur 3")
    assert again.rolled_up("O-lecons") == ("completed", "passed", 1)
    assert again.complaints == []
    again.leave()
    assert (again.stored(READ)["success_status"], again.stored(ALERT)["success_status"]) == ("unknown", "passed")


@pytest.mark.usefixtures("packages")
def test_everything_right_in_scorm_again(learner: Learner, loopback: Loopback, key: Key) -> None:
    again = Again(learner, loopback, "everything-2004")
    again.launch()
    for lesson in key.lessons:
        key.play_lesson(learner, lesson)
    assert again.complaints == []
    item = f"I-{key.course.settings.id}"
    again.leave()
    assert again.rolled_up(f"O-{key.course.settings.id}") == ("completed", "passed", 1)
    cmi = again.stored(item)
    assert (cmi["completion_status"], cmi["success_status"], float(cmi["score"]["scaled"])) == (
        "completed",
        "passed",
        1,
    )
    named = {one.id for one in named_objectives(key.course, key.course.lessons)}
    reached = {one["id"]: one for one in listed(cmi["objectives"])}
    assert named < set(reached)
    assert {reached[name]["completion_status"] for name in named} == {"completed"}
    told = {one.id for name in key.questions for one in key.numbers.interactions[name] if one.type != "other"}
    assert {one["id"] for one in listed(cmi["interactions"])} <= told

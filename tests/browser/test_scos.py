"""One SCO a lesson: what learners see of each, and what becomes of their answers when they go from one to another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import COURSES, Package, Shelf
from browser.learner import Learner
from browser.loopback import Loopback

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIGNS, READ, ALERT = "1", "4", "5"


@pytest.fixture(scope="module")
def lessons(shelf: Shelf) -> Package:
    """A course of three SCOs: two questions, none, and one in a lesson in parts."""
    return shelf.build(COURSES / "lecons")


def field(learner: Learner, sco: str, element: str) -> object:
    return learner.record(f"course/{sco}")["fields"].get(f"cmi.{element}")


def outcome(learner: Learner) -> str:
    return learner.content.locator("[data-outcome]").inner_text()


@pytest.mark.parametrize("profile", ["strict", "moodle"])
def test_each_lesson_is_judged_alone(learner: Learner, lessons: Package, profile: str) -> None:
    """The lesson opens at once; its end says what is missing, then the grade, then where to go."""
    learner.launch("lecons", profile, sco=SIGNS)
    content = learner.content
    expect(content.locator("main[data-lesson=signes] h1")).to_have_text("Les signes qui alertent")
    expect(content.locator(".toc, [data-results], .shell-progress")).to_have_count(0)
    expect(content.locator(".pager")).to_be_hidden()
    learner.pick("s-urgence", "b")
    content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(content.locator("[data-results-missing]")).to_contain_text("Une question attend votre réponse")
    expect(content.locator("[data-results-next]")).to_be_hidden()
    content.locator("[data-results-missing] a").click()
    learner.pick("s-signes", "a")
    expect(content.locator("[data-results-status]")).to_have_text(
        "La leçon est terminée, mais la note est insuffisante."
    )
    assert field(learner, SIGNS, "core.lesson_status") == "failed"
    content.locator("[data-outcome] [data-action=answer-again]").click()
    learner.pick("s-signes", "ab")
    expect(content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    expect(content.locator("[data-results-grade]")).to_contain_text("100")
    expect(content.locator("[data-results-next]")).to_be_visible()

    learner.choose("lecons", READ)
    expect(learner.content.locator("main[data-lesson=lire] h1")).to_be_visible()
    assert field(learner, READ, "core.lesson_status") == "incomplete"
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est terminée.")
    learner.choose("lecons", ALERT)
    assert field(learner, READ, "core.lesson_status") == "completed"
    assert field(learner, READ, "core.score.raw") in (None, "")
    assert field(learner, SIGNS, "core.lesson_status") == "passed"
    assert float(str(field(learner, SIGNS, "core.score.raw"))) == 100
    assert field(learner, ALERT, "core.lesson_status") == "incomplete"

    expect(learner.content.locator("[data-outcome]")).to_be_hidden()
    learner.content.locator(".pager [data-action=next]").click()
    expect(learner.content.locator(".pager [data-action=next]")).to_be_hidden()
    learner.fill("a-poste", a="isoler")
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    learner.content.locator("[data-outcome] [data-action=leave]").click()
    expect(learner.content.locator("main h1")).to_have_text("Vous avez quitté la leçon")
    expect(learner.content.locator("main")).to_contain_text("table des matières")
    expect(learner.content.locator("[data-outcome]")).to_be_hidden()
    assert field(learner, ALERT, "core.lesson_status") == "passed"
    learner.leave()


def test_the_second_initialise_of_moodle_loses_nothing(learner: Learner, lessons: Package) -> None:
    """Back in a SCO that recorded interactions, Moodle throws: it is said, and the next opening brings everything."""
    learner.launch("lecons", "moodle", sco=SIGNS)
    learner.pick("s-urgence", "b")
    learner.choose("lecons", ALERT)
    learner.choose("lecons", SIGNS)
    notice = learner.content.locator("[data-notice]")
    expect(notice).to_contain_text("quittez l’activité et ouvrez-la à nouveau")
    expect(learner.content.locator("[data-saved]")).to_have_text("Gardé dans ce navigateur")
    expect(learner.result("s-urgence")).to_contain_text("2 points sur 2")
    learner.pick("s-signes", "ab")
    expect(learner.result("s-signes")).to_contain_text("3 points sur 3")
    assert [call["threw"] for call in learner.calls() if call["name"] == "LMSInitialize"] == [False, False, True]
    assert field(learner, SIGNS, "interactions.1.id") is None
    learner.leave()

    learner.launch("lecons", "moodle", sco=SIGNS)
    expect(learner.content.locator("[data-notice]")).to_be_hidden()
    expect(learner.content.locator("[data-saved]")).to_have_text("Enregistré")
    expect(learner.result("s-signes")).to_contain_text("3 points sur 3")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    assert field(learner, SIGNS, "interactions.1.student_response") == "a,b"
    assert field(learner, SIGNS, "core.lesson_status") == "passed"
    learner.leave()
    script = "Object.keys(localStorage).filter(key => key.startsWith('carabin:'))"
    assert learner.stored(script) == []


def test_another_lesson_opens_to_be_read_and_leads_back(learner: Learner, lessons: Package) -> None:
    learner.launch("lecons", "moodle", sco=SIGNS)
    content = learner.content
    learner.question("s-urgence").locator("input[value=a]").check()
    content.locator("main a", has_text="la leçon suivante").click()
    expect(content.locator("main h1")).to_have_text("Alerter et isoler")
    expect(content.locator("[data-notice]")).to_contain_text("autre leçon")
    expect(content.locator("#a-poste [data-action=submit]")).to_be_hidden()
    expect(content.locator("#isoler")).to_be_visible()
    expect(content.locator("[data-outcome]")).to_be_hidden()
    content.locator(".toc-links a", has_text="Glossaire").click()
    expect(content.locator("main h1")).to_have_text("Glossaire")
    expect(content.locator("[data-notice]")).to_be_hidden()
    content.locator(".term-places a", has_text="Les signes").click()
    expect(content.locator("main[data-lesson=signes] h1")).to_be_visible()
    expect(learner.question("s-urgence").locator("input[value=a]")).to_be_checked()
    content.locator(".toc-links a", has_text="Accessibilité").click()
    expect(content.locator("main h1")).to_contain_text("accessibilité")
    content.locator(".pager [data-action=previous]").click()
    expect(content.locator("main[data-lesson=signes] h1")).to_be_visible()
    assert learner.page.url == learner.lms.url
    learner.leave()


def test_pages_are_readable_alone(learner: Learner, lessons: Package) -> None:
    """Outside of an LMS the index says that nothing is recorded, and no page leads nowhere."""
    learner.page.goto(learner.loopback.url("/packages/lecons/index.html"))
    expect(learner.page.locator("[data-notice]")).to_contain_text("rien n’est enregistré")
    assert learner.page.locator("[data-carabin], script").count() == 0
    for link in learner.page.locator("a[href$='.html']").all():
        assert (lessons.folder / str(link.get_attribute("href"))).is_file()
    learner.page.locator(".toc a", has_text="Lire une adresse").click()
    expect(learner.page.locator(".standalone-note a")).to_have_attribute("href", "_sco-4.html")


@pytest.mark.parametrize("width", [320, 1000])
def test_the_pages_of_a_sco_are_accessible(learner: Learner, lessons: Package, width: int) -> None:
    learner.page.set_viewport_size({"width": width, "height": 900})
    learner.launch("lecons", "moodle", sco=SIGNS)

    def look() -> None:
        learner.content.evaluate(AXE.read_text("utf-8"))
        script = "async () => (await axe.run()).violations.map(one => `${one.id}: ${one.nodes[0].html}`)"
        assert learner.content.evaluate(script) == []
        assert learner.content.evaluate("document.documentElement.scrollWidth <= innerWidth")

    look()
    learner.pick("s-urgence", "b")
    learner.pick("s-signes", "c")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_contain_text("insuffisante")
    look()
    learner.go("_glossary")
    expect(learner.content.locator("main h1")).to_have_text("Glossaire")
    look()
    learner.content.evaluate("location.hash = '#/alerter'")
    expect(learner.content.locator("[data-notice]")).to_be_visible()
    look()
    learner.leave()


def test_scorm_again_records_two_scos(learner: Learner, lessons: Package, loopback: Loopback) -> None:
    """A run-time that others wrote, one for each SCO; it complains of nothing."""
    complaints = []
    for sco in (SIGNS, ALERT):
        loopback.stored.pop(f"sco-{sco}", None)
        address = f"/pages/scorm-again.html?store=sco-{sco}&package=/packages/lecons/_sco-{sco}.html"
        learner.page.goto(loopback.url(address))
        learner.ready()
        if sco == SIGNS:
            learner.pick("s-urgence", "b")
            learner.pick("s-signes", "ab")
            learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
        else:
            learner.content.locator(".pager [data-action=next]").click()
            learner.fill("a-poste", a="éteindre")
        expect(learner.content.locator("[data-results-status]")).not_to_contain_text("n’est pas")
        complaints += learner.evaluate("complaints")
        learner.leave()
    stored = {sco: json.loads(loopback.stored[f"sco-{sco}"])["cmi"]["core"] for sco in (SIGNS, ALERT)}
    assert [stored[sco]["lesson_status"] for sco in stored] == ["passed", "failed"]
    assert [float(stored[sco]["score"]["raw"]) for sco in stored] == [100, 0]
    assert complaints == []

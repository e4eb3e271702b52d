"""`open`: written, compared, judged, changed; kept by the LMS or by this device alone. And how sure the learner is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "open"


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("open")
    learner.go("ecrire")
    return learner


def test_a_text_is_compared_judged_and_told_to_the_lms(player: Learner) -> None:
    question = player.question("o-mot")
    player.submit("o-mot")
    expect(player.result("o-mot")).not_to_be_empty()
    question.locator("textarea").fill("verrouillé")
    assert "Encore 9 signes." in question.locator(".open-left").inner_text()
    player.submit("o-mot")
    expect(question.locator(".open-answer")).to_be_visible()
    expect(question.locator(".explanation")).to_be_visible()
    expect(question.locator("textarea")).not_to_be_editable()
    question.get_by_label("proche").check()
    responses = [call["arguments"] for call in player.calls() if "student_response" in str(call["arguments"][:1])]
    assert responses[0] == ["cmi.interactions.0.student_response", "verrouillé"]
    assert ["cmi.interactions.1.student_response", "c"] in responses
    assert player.field("interactions.0.type") == "fill-in"
    assert player.field("interactions.0.result") == "neutral"
    player.retry("o-mot")
    question.locator("textarea").fill("fermer")
    player.submit("o-mot")
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("o-mot").locator("textarea")).to_have_value("fermer")
    expect(player.question("o-mot").get_by_label("proche")).to_be_checked()


def test_nothing_beyond_the_limit_is_taken(player: Learner) -> None:
    field = player.question("o-mot").locator("textarea")
    field.focus()
    player.page.keyboard.insert_text("éééééééééé!")
    expect(field).to_have_value("éééééééééé")
    field.press("Home")
    player.page.keyboard.insert_text("a")
    expect(field).to_have_value("éééééééééé")
    player.submit("o-mot")
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("o-mot").locator("textarea")).to_have_value("éééééééééé")


def test_a_text_of_this_device_never_leaves_it(player: Learner) -> None:
    secret = "Lundi : installer le gestionnaire, mardi : trier mes mots de passe, mercredi : en parler à l’équipe. " * 4
    question = player.question("o-plan")
    question.locator("textarea").fill(secret)
    player.submit("o-plan")
    expect(question.locator(".open-answer")).to_be_visible()
    assert "gestionnaire" not in str([call["arguments"] for call in player.calls()])
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("o-plan").locator("textarea")).to_have_value(secret)
    expect(player.question("o-plan").locator(".open-answer")).to_be_visible()


def test_what_is_not_submitted_survives_a_crash(player: Learner) -> None:
    player.question("o-mot").locator("textarea").fill("fermer 😀 مرح")
    player.page.keyboard.press("Tab")
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("o-mot").locator("textarea")).to_have_value("fermer 😀 مرح")
    assert player.field("interactions.0.id") is None, "nothing is told before it is submitted"
    player.question("o-mot").locator("textarea").fill("")
    player.page.keyboard.press("Tab")
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("o-mot").locator("textarea")).to_have_value("")


def test_how_sure_the_learner_is(player: Learner) -> None:
    question = player.question("c-sur")
    question.get_by_label("Personne.").check()
    player.submit("c-sur")
    assert question.get_attribute("data-state") == "", "not complete without it"
    expect(player.result("c-sur")).to_have_text("Dites aussi avec quelle certitude vous répondez.")
    question.get_by_label("Très forte").check()
    player.submit("c-sur")
    assert "ce point mérite d’être revu" in player.result("c-sur").inner_text()
    assert player.field("interactions.0.result") == "wrong"
    assert player.field("interactions.1.id") == "c-sur.confidence"
    assert (player.field("interactions.1.type"), player.field("interactions.1.student_response")) == ("likert", "d")
    assert player.field("interactions.1.weighting") == "0"
    player.kill()
    player.launch("open")
    player.go("ecrire")
    expect(player.question("c-sur").get_by_label("Très forte")).to_be_checked()
    expect(player.question("c-sur").get_by_label("Très forte")).to_be_disabled()


def test_by_keyboard_alone(player: Learner) -> None:
    keyboard, question = player.page.keyboard, player.question("o-mot")
    question.locator("textarea").focus()
    keyboard.type("fermer")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(question.locator("[data-action=retry]")).to_be_focused()
    keyboard.press("Shift+Tab")
    keyboard.press("Space")
    expect(question.locator(".open-input:checked")).to_have_count(1)
    question.locator("[data-action=retry]").focus()
    keyboard.press("Enter")
    expect(question.locator("textarea")).to_be_editable()


def test_nothing_stands_in_the_way(player: Learner) -> None:
    found = {"before": violations(player.page, player.content)}
    player.question("o-mot").locator("textarea").fill("fermer")
    player.submit("o-mot")
    player.question("c-sur").get_by_label("Personne.").check()
    player.question("c-sur").get_by_label("Faible", exact=True).check()
    player.submit("c-sur")
    found["after"] = violations(player.page, player.content)
    assert {state: each for state, each in found.items() if each} == {}
    assert too_wide(player.page, player.content) == []

"""`quiz`: drawn, answered, changed, finished, taken again; killed in the middle; what the LMS hears of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "quiz"


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the first lesson of the course."""
    shelf.build(COURSE)
    learner.launch("quiz")
    learner.go("tirage")
    return learner


def drawn(learner: Learner) -> list[str]:
    """The questions on the page, in their order."""
    sections = learner.content.locator(".quiz .question:not([hidden])")
    names: list[str] = sections.evaluate_all("all => all.map((one) => one.id)")
    return names


def begin(learner: Learner) -> list[str]:
    learner.content.locator("[data-action=quiz-start]").click()
    expect(learner.content.locator(".quiz-questions")).to_be_visible()
    return drawn(learner)


def finish(learner: Learner) -> None:
    learner.content.locator("[data-action=quiz-finish]").click()


def text(learner: Learner, name: str) -> str:
    return learner.content.locator(f"[data-quiz-{name}]").inner_text().replace("\u00a0", " ").replace("\u202f", " ")


def test_what_is_drawn_counts_and_nothing_else(player: Learner) -> None:
    assert drawn(player) == []
    names = begin(player)
    assert len(set(names)) == 3
    assert set(names) < {f"q{n}" for n in range(1, 7)}
    titles = player.content.locator(".quiz .question:not([hidden]) .question-title")
    assert titles.all_inner_texts() == ["Question 1", "Question 2", "Question 3"]
    expect(titles.first).to_be_focused()
    for name in names:
        player.pick(name, "a")
        assert player.result(name).inner_text() == "C’est noté."
        assert player.question(name).get_attribute("data-state") == ""
        expect(player.question(name).locator(".explanation")).to_be_hidden()
    assert text(player, "count") == "3 réponses sur 3."
    finish(player)
    assert text(player, "result").startswith("Test terminé. Points : 3 sur 3. Vous atteignez le seuil de 80 %.")
    expect(player.content.locator("[data-quiz-panel]")).to_be_focused()
    for name in names:
        expect(player.question(name).locator(".explanation")).to_be_visible()
        assert player.question(name).get_attribute("data-state") == "right"
    player.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    player.go("direct")
    begin(player)
    player.pick("d1", "a")
    assert player.question("d1").get_attribute("data-state") == "right"
    player.pick("d2", "b")
    player.retry("d2")
    player.pick("d2", "a")
    finish(player)
    player.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    player.go("chrono")
    player.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    player.next()
    assert (player.field("core.lesson_status"), player.field("core.score.raw")) == ("passed", "100")
    ids = [name for call in player.calls() if (name := str(call["arguments"][1:2])) and ".id" in str(call["arguments"])]
    assert not any("test" in name for name in ids), "the quiz itself is no interaction"


def test_an_answer_may_be_changed_until_the_end(player: Learner) -> None:
    first, second, third = begin(player)
    player.pick(first, "b")
    player.retry(first)
    player.pick(first, "a")
    player.pick(second, "b")
    finish(player)
    assert text(player, "count") == "1 question est sans réponse : elle compterait zéro."
    expect(player.content.locator("[data-action=quiz-finish]")).to_have_text("Terminer quand même")
    player.pick(third, "b")
    assert text(player, "count") == "3 réponses sur 3."
    finish(player)
    assert text(player, "result").startswith("Test terminé. Points : 1 sur 3. Le seuil est de 80 %.")
    states = [player.question(name).get_attribute("data-state") for name in (first, second, third)]
    assert states == ["right", "wrong", "wrong"]
    expect(player.question(second).locator("[data-action=retry]")).to_be_hidden()


def test_a_retake_prefers_what_was_not_seen(player: Learner) -> None:
    names = begin(player)
    player.pick(names[0], "b")
    finish(player)
    finish(player)
    assert player.result(names[1]).inner_text() == "Sans réponse."
    assert "Encore 1 reprise" in text(player, "result")
    again = begin(player)
    assert set(again).isdisjoint({names[0]}), "what was answered comes again only when nothing else is left"
    for name in again:
        player.pick(name, "a")
    finish(player)
    assert text(player, "result").startswith("Test terminé. Points : 3 sur 3.")
    expect(player.content.locator("[data-action=quiz-start]")).to_be_hidden()


def test_a_killed_tab_finds_the_same_questions_and_answers(player: Learner) -> None:
    names = begin(player)
    player.pick(names[0], "a")
    player.kill()
    player.launch("quiz")
    player.go("tirage")
    assert drawn(player) == names
    assert text(player, "count") == "1 réponse sur 3."
    expect(player.question(names[0]).locator("input:checked")).to_have_value("a")
    for name in names[1:]:
        player.pick(name, "a")
    finish(player)
    player.kill()
    player.launch("quiz")
    player.go("tirage")
    assert drawn(player) == names
    assert text(player, "result").startswith("Test terminé. Points : 3 sur 3.")


def test_the_lesson_waits_for_the_quiz(player: Learner) -> None:
    player.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    player.go("_results")
    row = player.content.locator("[data-results-rows] tr").first
    expect(row.locator("li")).to_have_count(1)
    expect(row.locator("li").first).to_have_text("Test des fiches")
    expect(row.locator(".number")).to_have_text("0 sur 3")


def test_a_forced_time_ends_the_quiz(player: Learner) -> None:
    player.page.clock.install()
    player.launch("quiz")
    player.go("chrono")
    names = begin(player)
    assert names == ["c1", "c2"]
    player.pick("c1", "a")
    assert text(player, "time") == "Encore 1 minute."
    player.page.clock.run_for(70_000)
    assert text(player, "result") == "Le temps est écoulé. Test terminé. Vos réponses sont enregistrées."
    assert player.result("c1").inner_text() == "C’est noté."
    expect(player.question("c1").locator("[data-action=retry]")).to_be_hidden()
    expect(player.question("c2").locator("[data-action=submit]")).to_be_hidden()


def test_the_questions_of_a_test_are_not_found_by_searching(player: Learner) -> None:
    player.go("_search/fiches")
    expect(player.content.locator("[data-search-results] li")).to_have_count(1)
    player.content.locator("[data-search-field]").fill("dit la fiche")
    expect(player.content.locator("[data-search-status]")).to_have_text("Aucun passage ne contient tous ces mots.")


def test_by_keyboard_alone(player: Learner) -> None:
    keyboard = player.page.keyboard
    player.content.locator("[data-action=quiz-start]").focus()
    keyboard.press("Enter")
    for _ in range(3):
        keyboard.press("Tab")
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.press("Enter")
        expect(player.content.locator("[data-action=retry]:focus")).to_have_count(1)
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(player.content.locator("[data-quiz-panel]")).to_be_focused()


def test_nothing_stands_in_the_way(player: Learner) -> None:
    """axe-core and the width of the page: before, during and after."""
    found = {"before": violations(player.page, player.content)}
    names = begin(player)
    player.pick(names[0], "a")
    found["during"] = violations(player.page, player.content)
    finish(player)
    finish(player)
    found["after"] = violations(player.page, player.content)
    assert {state: each for state, each in found.items() if each} == {}
    assert too_wide(player.page, player.content) == []

"""`scenario`: a path by mouse and by keyboard alone; what comes back; what the LMS hears; what is shown by state."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "scenario"
BEST = ("débranche", "arrête", "classeur", "identité", "numéro", "relisant")
"""Words of the choices of q-lundi's best path, each with a consequence."""


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("scenario", api="opener")
    learner.go("lundi")
    return learner


def choices(learner: Learner, question: str = "q-lundi") -> Locator:
    return learner.question(question).locator(".scene-button:visible")


def choose(learner: Learner, words: str, question: str = "q-lundi") -> None:
    """Take the choice with these words."""
    choices(learner, question).filter(has_text=words).click()


def on(learner: Learner, question: str = "q-lundi") -> None:
    learner.question(question).locator("[data-do=on]").click()


def title(learner: Learner, question: str = "q-lundi") -> Locator:
    return learner.question(question).locator(".scene:visible .scene-title")


def play(learner: Learner, *words: str) -> None:
    """Take choices that all have a consequence."""
    for one in words:
        choose(learner, one)
        on(learner)


def lose(learner: Learner) -> None:
    """Reach a bad end."""
    play(learner, "éteins", "attends")
    choose(learner, "laisse les autres")


def path(learner: Learner) -> Locator:
    return learner.question("q-lundi").locator(".scenario-steps > li")


def again(learner: Learner) -> None:
    """Leave, and come back."""
    learner.leave()
    learner.launch("scenario", api="opener")
    learner.go("lundi")


def test_the_best_path(player: Learner) -> None:
    """SCORM 1.2 RTE §3.4.7: a performance; steps are `scene.choice` as they were taken."""
    expect(choices(player)).to_have_count(3)
    expect(player.question("q-lundi").locator("[data-action=submit], [data-do]:visible")).to_have_count(0)
    play(player, *BEST)
    question = player.question("q-lundi")
    expect(title(player)).to_have_text("Une équipe qui a tenu")
    expect(title(player)).to_be_focused()
    expect(question.locator(".scene-outcome:visible")).to_have_text("Bonne issue")
    expect(question.locator(".scenario-debrief")).to_contain_text("isoler sans éteindre")
    expect(question.locator(".scenario-debrief [data-if]")).to_be_hidden()
    expect(path(player)).to_have_count(6)
    expect(path(player).first).to_contain_text(
        "l’écran noir – Je débranche le câble du réseau, sans éteindre. + 2 points"
    )
    expect(path(player).first.locator(".feedback")).to_contain_text("Le voyant du réseau s’éteint.")
    expect(player.result("q-lundi")).to_contain_text("Vous êtes au bout de ce parcours. 12 points sur 12.")
    expect(question.locator("[data-action=retry]")).to_be_hidden()
    player.leave()
    expected = player.field("interactions.0.correct_responses.0.pattern")
    assert player.field("interactions.0.type") == "performance"
    assert expected is not None
    assert len(expected.split(",")) == 6
    assert player.field("interactions.0.student_response") == expected
    assert player.field("interactions.0.result") == "correct"


def test_a_consequence_comes_before_the_next_scene(player: Learner) -> None:
    choose(player, "débranche")
    question = player.question("q-lundi")
    expect(choices(player)).to_have_count(1)
    expect(choices(player)).to_be_disabled()
    expect(question.locator(".feedback:visible")).to_be_focused()
    expect(title(player)).to_have_text("7 h 12, l’écran noir")
    on(player)
    expect(title(player)).to_have_text("7 h 16, vous êtes seul")
    expect(title(player)).to_be_focused()


def test_by_keyboard(player: Learner) -> None:
    """From choice to choice by Tab and Enter alone: the focus is always just before what comes next."""
    keyboard = player.page.keyboard
    choices(player).first.focus()
    keyboard.press("Enter")
    for _ in range(2):  # from the consequence to what goes on, then from the heading to the first choice
        keyboard.press("Tab")
        keyboard.press("Enter")
    expect(title(player)).to_have_text("7 h 16, vous êtes seul")
    expect(player.question("q-lundi").locator(".feedback:visible")).to_contain_text("On décroche")
    for _ in range(9):
        keyboard.press("Tab")
        keyboard.press("Enter")
    expect(title(player)).to_have_text("Une équipe qui a tenu")
    expect(title(player)).to_be_focused()
    expect(player.result("q-lundi")).to_contain_text("12 points sur 12.")


def test_choices_and_words_by_state(player: Learner) -> None:
    choose(player, "redémarre pour voir")
    for _ in range(2):
        play(player, "redémarre encore")
    expect(choices(player)).to_have_text(["Je débranche le câble du réseau."])
    choose(player, "débranche")
    expect(player.question("q-lundi").locator(".scene:visible [data-if]")).to_have_text(
        "Votre cœur bat vite. Vous respirez une fois, lentement.", use_inner_text=True
    )
    assert path(player).count() == 4
    play(player, "arrête")
    choose(player, "écris sur ce que")
    on(player)
    expect(choices(player).first).to_have_text("Je cherche d’abord les formulaires.")


def test_a_path_in_progress_survives(player: Learner) -> None:
    """A crash costs nothing; where a consequence was being read, the next scene comes."""
    play(player, "débranche")
    choose(player, "arrête")
    player.kill()
    player.launch("scenario", api="opener")
    player.go("lundi")
    expect(title(player)).to_have_text("7 h 45, la procédure dégradée")
    expect(path(player)).to_have_count(2)
    expect(player.question("q-lundi").locator(".scenario-steps")).to_be_hidden()
    player.question("q-lundi").locator("summary").click()
    expect(path(player).nth(1).locator(".feedback")).to_be_visible()
    expect(player.question("q-lundi").locator(".scenario-steps small")).to_have_count(0)
    again(player)
    expect(title(player)).to_have_text("7 h 45, la procédure dégradée")
    play(player, *BEST[2:])
    again(player)
    expect(title(player)).to_have_text("Une équipe qui a tenu")
    expect(path(player)).to_have_count(6)
    expect(player.result("q-lundi")).to_contain_text("12 points sur 12.")


def test_an_end_that_was_reached_but_not_read(player: Learner) -> None:
    """Who goes away at the last consequence finds it again; only then the path counts."""
    play(player, *BEST[:5])
    choose(player, BEST[5])
    again(player)
    question = player.question("q-lundi")
    expect(title(player)).to_have_text("J+5, la reprise")
    expect(question.locator(".feedback:visible")).to_contain_text("Deux erreurs")
    expect(player.result("q-lundi")).to_be_empty()
    on(player)
    expect(player.result("q-lundi")).to_contain_text("12 points sur 12.")


def test_tries(player: Learner) -> None:
    """After an end one may begin again as long as tries are left, and never before."""
    lose(player)
    question = player.question("q-lundi")
    expect(question.locator(".scene-outcome:visible")).to_have_text("Mauvaise issue")
    expect(question.locator(".scenario-debrief [data-if]")).to_be_visible()
    expect(question.locator(".scenario-debrief .scene-when-title")).to_be_hidden()
    expect(player.result("q-lundi")).to_contain_text("0 point sur 12. Il vous reste un essai.")
    player.retry("q-lundi")
    expect(title(player)).to_be_focused()
    expect(title(player)).to_have_text("7 h 12, l’écran noir")
    expect(question.locator(".scenario-debrief")).to_be_hidden()
    play(player, "débranche")
    expect(question.locator("[data-do=again]")).to_be_hidden()
    play(player, *BEST[1:])
    expect(player.result("q-lundi")).to_contain_text("12 points sur 12.")
    expect(question.locator("[data-action=retry]")).to_be_hidden()
    again(player)
    expect(title(player)).to_have_text("Une équipe qui a tenu")


def test_without_points_one_may_always_begin_again(player: Learner) -> None:
    question = player.question("q-pause")
    expect(question.locator("[data-do]:visible")).to_have_count(0)
    choose(player, "effacer", "q-pause")
    on(player, "q-pause")
    expect(question.locator(".scene-outcome:visible")).to_have_text("Bonne issue")
    again(player)
    expect(title(player, "q-pause")).to_have_text("Scène 2")
    player.retry("q-pause")
    expect(title(player, "q-pause")).to_have_text("Scène 1")
    choose(player, "ailleurs", "q-pause")
    expect(title(player, "q-pause")).to_have_text("Scène 3")
    expect(player.question("q-pause").locator(".scene:visible .scene-text li")).to_have_count(2)
    player.leave()
    assert player.field("interactions.0.result") == "neutral"
    assert player.field("interactions.0.student_response") == "a.b"


def test_who_goes_round_too_long_is_asked_to_begin_again(player: Learner) -> None:
    """What is saved of a path has its limit: four steps for each of the fifteen scenes."""
    play(player, "éteins")
    question = player.question("q-lundi")
    question.evaluate("""(root) => {
        const pick = (words) => [...root.querySelectorAll(".scene:not([hidden]) .scene-button")]
            .find((one) => one.textContent.includes(words)).click();
        for (let n = 0; n < 29; n++) { pick("ma cadre"); pick("reviens"); }
    }""")
    expect(question.locator(".scenario-said")).to_be_empty()
    choose(player, "ma cadre")
    expect(path(player)).to_have_count(60)
    expect(question.locator(".scenario-said")).to_contain_text("Recommencez")
    expect(question.locator(".scene-button:enabled:visible")).to_have_count(0)
    question.locator("[data-do=again]").click()
    expect(title(player)).to_have_text("7 h 12, l’écran noir")
    expect(title(player)).to_be_focused()
    again(player)
    expect(title(player)).to_have_text("7 h 12, l’écran noir")
    expect(choices(player).first).to_be_enabled()


def test_reviewed(player: Learner) -> None:
    lose(player)
    play_pause(player)
    player.leave()
    player.launch("scenario", mode="review")
    player.go("lundi")
    expect(title(player)).to_have_text("9 h 30, tout le service")
    expect(path(player)).to_have_count(3)
    for name in ("q-lundi", "q-pause"):
        expect(player.question(name).locator(".scene-button:enabled:visible")).to_have_count(0)
        expect(player.question(name).locator("[data-do]:visible, [data-action]:visible")).to_have_count(0)


def play_pause(learner: Learner) -> None:
    choose(learner, "ailleurs", "q-pause")


def test_a_path_looked_at_halfway(player: Learner) -> None:
    play(player, "débranche")
    player.leave()
    player.launch("scenario", mode="review")
    player.go("lundi")
    expect(title(player)).to_have_text("7 h 16, vous êtes seul")
    expect(choices(player)).to_have_count(3)
    expect(choices(player).first).to_be_disabled()
    expect(player.question("q-lundi").locator(".scenario-debrief")).to_be_hidden()
    expect(path(player)).to_have_count(1)


def test_without_script(chromium: Browser, loopback: Loopback, shelf: Shelf) -> None:
    """Every scene can be read, its choices lead to the next; what comes of them is not told."""
    shelf.build(COURSE)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(loopback.url("/packages/scenario/lundi.html"))
    question = page.locator("#q-lundi")
    assert question.locator(".scene-title:visible").count() == 15
    for unseen in (".feedback", ".scene-outcome", ".scenario-debrief", ".scenario-path", "[data-do]", "[data-action]"):
        expect(question.locator(f"{unseen}:visible")).to_have_count(0)
    for link in question.locator(".scene-choice > a").all():
        expect(page.locator(str(link.get_attribute("href")))).to_be_visible()
    context.close()


def untouched(learner: Learner) -> None:
    expect(choices(learner)).to_have_count(3)


def consequence(learner: Learner) -> None:
    choose(learner, "débranche")


def halfway(learner: Learner) -> None:
    play(learner, "débranche", "arrête")
    learner.question("q-lundi").locator("summary").click()


def right(learner: Learner) -> None:
    play(learner, *BEST)


def wrong(learner: Learner) -> None:
    lose(learner)


def revealed(learner: Learner) -> None:
    lose(learner)
    learner.retry("q-lundi")
    lose(learner)
    play_pause(learner)


@pytest.mark.parametrize(
    "reach", [untouched, consequence, halfway, right, wrong, revealed], ids=lambda reach: reach.__name__
)
def test_page(player: Learner, reach: Callable[[Learner], None]) -> None:
    reach(player)
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []


def test_mounted_and_taken_off(player: Learner) -> None:
    for _ in range(3):
        player.go("")
        expect(player.content.locator("[data-action=start]")).to_be_visible()
        player.go("lundi")
    choose(player, "redémarre pour voir")
    expect(path(player)).to_have_count(1)

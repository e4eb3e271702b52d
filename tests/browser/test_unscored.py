"""`scale`, `flashcards` and `checklist`: never scored, changed at any time; what the LMS hears; what comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "unscored"
NOTED = "C’est noté."
REPORTED = "type student_response correct_responses.0.pattern result weighting".split()


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("unscored", api="opener")
    learner.go("agir")
    return learner


def again(learner: Learner, **parameters: str) -> None:
    """Leave, and come back to the lesson."""
    learner.leave()
    learner.launch("unscored", api="opener", **parameters)
    learner.go("agir")


def rate(learner: Learner, question: str, letter: str) -> None:
    learner.question(question).locator(f"input[value={letter}]").check()
    learner.submit(question)


def point(learner: Learner, question: str) -> Locator:
    return learner.question(question).locator("input:checked")


def card(learner: Learner) -> Locator:
    """The one card in sight."""
    found = learner.question("q-mots").locator(".flashcard:visible")
    expect(found).to_have_count(1)
    return found


def judge(learner: Learner, *verdicts: str) -> None:
    """Turn the card in sight and say `known` or `again`, for one card after the other."""
    for verdict in verdicts:
        card(learner).locator("[data-card=turn]").click()
        card(learner).locator(f"[data-card={verdict}]").click()


def count(learner: Learner) -> Locator:
    return learner.question("q-mots").locator(".flashcards-count")


def tick(learner: Learner, letters: str) -> None:
    """Tick exactly these."""
    for box in learner.question("q-plan").locator(".plan-box").all():
        box.set_checked((box.get_attribute("value") or "?") in letters)


def ticked(learner: Learner) -> str:
    letters: list[str] = (
        learner.question("q-plan").locator(".plan-box:checked").evaluate_all("all => all.map((one) => one.value)")
    )
    return "".join(letters)


def reported(learner: Learner, index: int) -> list[str | None]:
    """What is on record of an interaction: see `REPORTED`."""
    return [learner.field(f"interactions.{index}.{name}") for name in REPORTED]


def result(learner: Learner, question: str) -> Locator:
    return learner.result(question)


def test_a_scale_may_always_be_changed(player: Learner) -> None:
    """SCORM 1.2 RTE §3.4.7: `likert` has no pattern; the last answer stands at the same index, and nothing counts."""
    player.submit("q-pret")
    expect(result(player, "q-pret")).to_contain_text("Répondez")
    for letter in "beab":
        rate(player, "q-pret", letter)
        expect(result(player, "q-pret")).to_have_text(NOTED)
        expect(player.question("q-pret").locator("input:enabled")).to_have_count(0)
        expect(player.question("q-pret").locator(".explanation")).to_be_visible()
        change = player.question("q-pret").locator("[data-action=retry]")
        expect(change).to_be_focused()
        expect(change).to_have_text("Modifier")
        change.click()
        expect(player.question("q-pret").locator(f"input[value={letter}]")).to_be_focused()
    rate(player, "q-pret", "d")
    player.leave()
    assert player.field("interactions.0.id") == "q-pret"
    assert reported(player, 0) == ["likert", "d", None, "neutral", "0"]
    assert player.field("interactions.1.id") is None
    player.launch("unscored", api="opener")
    player.go("agir")
    expect(point(player, "q-pret")).to_have_value("d")
    expect(result(player, "q-pret")).to_have_text(NOTED)


def test_a_scale_by_keyboard(player: Learner) -> None:
    first = player.question("q-pret").locator("input").first
    first.focus()
    for _ in range(3):
        player.page.keyboard.press("ArrowRight")
    expect(point(player, "q-pret")).to_have_value("d")
    player.page.keyboard.press("Tab")
    expect(player.question("q-pret").locator("[data-action=submit]")).to_be_focused()
    player.page.keyboard.press("Enter")
    expect(result(player, "q-pret")).to_have_text(NOTED)
    player.page.keyboard.press("Enter")
    expect(point(player, "q-pret")).to_be_focused()


def test_a_scale_lies_where_there_is_room(player: Learner) -> None:
    """Short labels stand in a row on a wide page; long ones never do, nor any on a narrow page."""

    def rows(question: str) -> int:
        script = "all => new Set(all.map((one) => Math.round(one.getBoundingClientRect().top))).size"
        found: int = player.question(question).locator(".scale-label").evaluate_all(script)
        return found

    player.page.set_viewport_size({"width": 1000, "height": 800})
    assert (rows("q-pret"), rows("q-phrase")) == (1, 3)
    player.page.set_viewport_size({"width": 320, "height": 800})
    assert (rows("q-pret"), rows("q-phrase")) == (5, 3)


def test_cards_come_again_until_they_are_known(player: Learner) -> None:
    expect(count(player)).to_have_text("0 carte sue sur 3.")
    judge(player, "known", "again", "again")
    expect(count(player)).to_have_text("1 carte sue sur 3.")
    expect(result(player, "q-mots")).to_have_text(NOTED)
    expect(card(player).locator(".flashcard-front")).to_contain_text("Rançongiciel")
    judge(player, "again")
    expect(card(player).locator(".flashcard-front")).to_contain_text("Contre-appel")
    judge(player, "known", "again", "known")
    expect(count(player)).to_have_text("3 cartes sues sur 3.")
    expect(player.question("q-mots").locator(".flashcard:visible")).to_have_count(0)
    expect(player.question("q-mots").locator("[data-card=restart]")).to_be_focused()
    player.leave()
    assert reported(player, 0) == ["choice", "a,b,c", None, "neutral", "0"]
    assert player.field("interactions.1.id") is None
    player.launch("unscored", api="opener")
    player.go("agir")
    expect(count(player)).to_have_text("3 cartes sues sur 3.")
    player.question("q-mots").locator("[data-card=restart]").click()
    expect(count(player)).to_have_text("0 carte sue sur 3.")
    judge(player, "again", "known", "again")
    again(player)
    expect(count(player)).to_have_text("1 carte sue sur 3.")
    expect(card(player).locator(".flashcard-front")).to_contain_text("Hameçonnage")
    assert reported(player, 0)[1] == "b"


def test_cards_by_keyboard(player: Learner) -> None:
    """Enter turns, Tab reaches the verdicts, which are described by the answer; the next card takes the focus."""
    turn = card(player).locator("[data-card=turn]")
    expect(turn).to_have_accessible_description("Hameçonnage")
    expect(turn).to_have_attribute("aria-expanded", "false")
    expect(card(player).locator(".flashcard-back")).to_be_hidden()
    turn.focus()
    player.page.keyboard.press("Enter")
    expect(turn).to_have_attribute("aria-expanded", "true")
    expect(card(player).locator(".flashcard-back")).to_be_visible()
    expect(card(player).locator(".feedback")).to_be_visible()
    player.page.keyboard.press("Tab")
    knew = card(player).locator("[data-card=known]")
    expect(knew).to_be_focused()
    expect(knew).to_have_accessible_description("Message qui imite un expéditeur de confiance.")
    player.page.keyboard.press("Enter")
    expect(card(player).locator(".flashcard-front")).to_contain_text("Rançongiciel")
    expect(card(player).locator("[data-card=turn]")).to_be_focused()
    expect(card(player).locator(".flashcard-back")).to_be_hidden()
    player.page.keyboard.press("Enter")
    player.page.keyboard.press("Enter")
    expect(card(player).locator(".flashcard-back")).to_be_hidden()


def test_a_pile_left_halfway_is_not_answered(player: Learner) -> None:
    """Cards known so far are kept, the LMS hears nothing, and a required question still waits."""
    judge(player, "known", "again")
    player.go("_results")
    player.go("agir")
    expect(count(player)).to_have_text("1 carte sue sur 3.")
    expect(result(player, "q-mots")).to_be_empty()
    player.kill()
    player.launch("unscored", api="opener")
    player.go("agir")
    expect(count(player)).to_have_text("1 carte sue sur 3.")
    assert player.field("interactions.0.id") is None
    judge(player, "again")
    assert player.field("interactions.0.id") is None
    judge(player, "again")
    expect(result(player, "q-mots")).to_have_text(NOTED)


def test_a_plan_is_saved_as_it_is_ticked(player: Learner) -> None:
    tick(player, "ac")
    expect(result(player, "q-plan")).to_have_text(NOTED)
    assert reported(player, 0) == ["choice", "a,c", None, "neutral", "0"]
    again(player)
    assert ticked(player) == "ac"
    tick(player, "b")
    assert reported(player, 0)[1] == "b"
    again(player)
    assert ticked(player) == "b"
    expect(player.question("q-plan").locator("input:enabled")).to_have_count(3)


def test_a_plan_may_be_emptied(player: Learner) -> None:
    """Nothing ticked any more is an answer too; SCORM 1.2 has no word for it, so that the LMS keeps the last one."""
    tick(player, "a")
    tick(player, "")
    again(player)
    assert ticked(player) == ""
    expect(result(player, "q-plan")).to_have_text(NOTED)
    assert reported(player, 0)[1] == "a"
    player.next()
    expect(player.content.locator("main .results")).not_to_contain_text("Que ferez-vous")


def test_a_plan_by_keyboard(player: Learner) -> None:
    box = player.question("q-plan").locator(".plan-box").first
    box.focus()
    player.page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    player.page.keyboard.press("Tab")
    player.page.keyboard.press("Space")
    assert ticked(player) == "ab"
    again(player)
    assert ticked(player) == "ab"


def test_a_plan_is_printed_alone(player: Learner) -> None:
    """The plan, what it is for, where it comes from and the date; the LMS hears nothing of it."""
    tick(player, "b")
    before = len(player.calls())
    printed = player.content.evaluate_handle("""() => {
        const seen = [];
        window.print = () => seen.push(document.querySelectorAll("[data-printed]").length);
        return seen;
    }""")
    player.question("q-plan").locator(".plan-print").click()
    assert printed.json_value() == [1]
    player.page.emulate_media(media="print")
    for shown in (".plan-paper", ".question-prompt", ".plan-label >> nth=2", ".plan-rest"):
        expect(player.question("q-plan").locator(shown)).to_be_visible()
    expect(player.question("q-plan").locator(".plan-date")).to_contain_text("Plan d’action, imprimé le ")
    expect(player.question("q-plan").locator(".plan-title")).to_contain_text("Ce que personne ne note")
    for unseen in (
        "h1",
        "h2",
        "#q-pret",
        "#q-appel",
        ".toc",
        ".pager",
        ".plan-print",
        ".question-header",
        "p.lesson-end",
    ):
        expect(player.content.locator(f"{unseen} >> visible=true")).to_have_count(0)
    player.content.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(player.content.locator("h1")).to_be_visible()
    expect(player.question("q-plan").locator(".plan-paper")).to_be_hidden()
    player.page.emulate_media(media="screen")
    assert len(player.calls()) == before


def test_nothing_of_it_counts(player: Learner) -> None:
    """Required ones are waited for; the grade is that of the other question alone."""
    player.pick("q-appel", "a")
    player.next()
    rows = player.content.locator("main .results")
    for words in ("À quel point", "Savez-vous", "Que ferez-vous"):
        expect(rows).to_contain_text(words)
    expect(rows).not_to_contain_text("Laquelle de ces phrases")
    assert player.field("core.lesson_status") == "incomplete"
    player.go("agir")
    rate(player, "q-pret", "a")
    judge(player, "again", "again", "again")
    tick(player, "a")
    player.next()
    expect(player.content.locator("main .results")).to_contain_text("1 sur 1")
    assert player.field("core.lesson_status") == "passed"
    assert player.field("core.score.raw") == "100"


def test_reviewed(player: Learner) -> None:
    """In review mode all is shown, and nothing can be changed."""
    rate(player, "q-pret", "c")
    judge(player, "known", "again", "again")
    tick(player, "c")
    player.leave()
    player.launch("unscored", mode="review")
    player.go("agir")
    for question in ("q-pret", "q-mots", "q-plan"):
        expect(result(player, question)).to_have_text(NOTED)
        section = player.question(question)
        expect(section.locator("input:enabled, [data-card]:visible, .question-actions button:visible")).to_have_count(0)
    expect(point(player, "q-pret")).to_have_value("c")
    assert ticked(player) == "c"
    expect(player.question("q-mots").locator(".flashcard-back:visible")).to_have_count(3)
    expect(player.question("q-mots").locator(".flashcard-state")).to_have_text(
        ["(sue)", "(pas encore)", "(pas encore)"]
    )


def test_without_script(chromium: Browser, loopback: Loopback, shelf: Shelf) -> None:
    """Cards are a list of terms and definitions; nothing offers what only the player does."""
    shelf.build(COURSE)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(loopback.url("/packages/unscored/agir.html"))
    expect(page.locator("#q-mots dl dd:visible")).to_have_count(3)
    expect(page.locator("#q-pret input:visible")).to_have_count(5)
    expect(page.locator("#q-plan input:visible")).to_have_count(3)
    expect(page.locator(".question button:visible, .flashcards-count:visible, .plan-paper:visible")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator("#q-mots dd:visible")).to_have_count(3)
    context.close()


def test_cards_on_paper(player: Learner) -> None:
    """Printing the lesson shows each card with its back, wherever the learner is in the pile."""
    judge(player, "known")
    player.page.emulate_media(media="print")
    expect(player.question("q-mots").locator("dd:visible")).to_have_count(3)
    expect(player.question("q-mots").locator("button:visible")).to_have_count(0)


def untouched(learner: Learner) -> None:
    expect(card(learner)).to_be_visible()


def turned(learner: Learner) -> None:
    judge(learner, "known")
    card(learner).locator("[data-card=turn]").click()


def noted(learner: Learner) -> None:
    rate(learner, "q-pret", "d")
    rate(learner, "q-phrase", "a")
    judge(learner, "known", "known", "known")
    tick(learner, "ab")


def changing(learner: Learner) -> None:
    noted(learner)
    learner.retry("q-pret")
    learner.question("q-mots").locator("[data-card=restart]").click()


def looked_at(learner: Learner) -> None:
    noted(learner)
    learner.leave()
    learner.launch("unscored", mode="review")
    learner.go("agir")


@pytest.mark.parametrize("reach", [untouched, turned, noted, changing, looked_at], ids=lambda reach: reach.__name__)
def test_page(player: Learner, reach: Callable[[Learner], None]) -> None:
    reach(player)
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []

"""`match`, `classify` and `order`: by mouse, by finger, by keyboard alone; what the LMS hears; what comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "types"
TERMS = {"a": "d", "b": "e", "c": "f"}
"""Letters of the terms of q-termes and of their definitions."""
ITEMS = {"a": "e", "b": "e", "c": "f", "d": "-"}
"""Letters of the items of q-donnees and of their categories."""
STEPS = "abcd"
"""The right order of q-alerte."""


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("types", api="opener")
    learner.go("repondre")
    return learner


def select(learner: Learner, question: str, **targets: str) -> None:
    """Choose in lists, by the letter of the term or item."""
    for letter, target in targets.items():
        learner.question(question).locator(f"[data-letter={letter}] select").select_option(target)


def by_keys(learner: Learner, question: str, **targets: str) -> None:
    """The same by arrow keys alone, which reach each option in turn."""
    for letter, target in targets.items():
        field = learner.question(question).locator(f"li[data-letter={letter}] select")
        field.focus()
        for _ in range(field.locator("option").count()):
            if field.input_value() == target:
                break
            learner.page.keyboard.press("ArrowDown")
        expect(field).to_have_value(target)
        expect(field).to_be_focused()


def order(learner: Learner, question: str) -> str:
    letters: list[str] = (
        learner.question(question).locator(".order-step").evaluate_all("all => all.map((one) => one.dataset.letter)")
    )
    return "".join(letters)


def arrange(learner: Learner, question: str, wanted: str) -> None:
    """Move steps up by keyboard: the button keeps the focus all the way."""
    for place, letter in enumerate(wanted):
        up = learner.question(question).locator(f"[data-letter={letter}] [data-move='-1']")
        up.focus()
        for _ in range(order(learner, question).index(letter) - place):
            learner.page.keyboard.press("Enter")
            expect(up).to_be_focused()
    assert order(learner, question) == wanted


def center(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(learner: Learner, source: Locator, target: Locator) -> None:
    target.scroll_into_view_if_needed()
    source.scroll_into_view_if_needed()
    mouse = learner.page.mouse
    mouse.move(*center(source))
    mouse.down()
    x, y = center(target)
    mouse.move(x, y - 12, steps=4)
    mouse.move(x, y, steps=4)
    mouse.up()


def touch(learner: Learner, source: Locator, target: Locator) -> None:
    """Drag with a finger."""
    target.scroll_into_view_if_needed()
    source.scroll_into_view_if_needed()
    session = learner.context.new_cdp_session(learner.page)
    (left, top), (right, middle) = center(source), center(target)
    bottom = middle - 12
    for step in range(9):
        point = {"x": left + (right - left) * step / 8, "y": top + (bottom - top) * step / 8}
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def said(learner: Learner, index: int) -> tuple[str | None, str | None, str | None]:
    """Type, response and first pattern of an interaction on record."""
    return tuple(learner.field(f"interactions.{index}.{name}") for name in SAID)  # type: ignore[return-value]


SAID = ("type", "student_response", "correct_responses.0.pattern")


def state(learner: Learner) -> list[str]:
    """All that a learner sees of the answers of the lesson: values, marks, order, results."""
    script = """() => [...document.querySelectorAll(
        "select, .pair-mark, .card-mark, .chip, .order-step, .order-mark, .feedback, .question-result, .explanation")]
        .map((one) => [one.className, one.dataset.letter, one.dataset.state, one.hidden, one.disabled,
            one.value ?? one.textContent].join("|"))"""
    found: list[str] = learner.content.evaluate(script)
    return found


def answer_right(learner: Learner) -> None:
    select(learner, "q-termes", **TERMS)
    learner.submit("q-termes")
    select(learner, "q-sigles", a="c", b="d")
    learner.submit("q-sigles")
    select(learner, "q-donnees", **ITEMS)
    learner.submit("q-donnees")
    select(learner, "q-gestes", a="f", b="f", c="g", d="h", e="h")
    learner.submit("q-gestes")
    arrange(learner, "q-alerte", STEPS)
    learner.submit("q-alerte")
    arrange(learner, "q-etapes", "ab")
    learner.submit("q-etapes")


def test_everything_right_passes(player: Learner) -> None:
    """SCORM 1.2 RTE §3.4.7: pairs are `source.target`, an order is its letters."""
    answer_right(player)
    for question in ("q-termes", "q-sigles", "q-donnees", "q-gestes", "q-alerte", "q-etapes"):
        expect(player.result(question)).to_contain_text("Juste.")
        expect(player.question(question).locator("[data-state=wrong]")).to_have_count(0)
    expect(player.question("q-termes").locator(".explanation")).to_be_visible()
    player.next()
    player.leave()
    assert said(player, 0) == ("matching", "a.d,b.e,c.f", "a.d,b.e,c.f")
    assert said(player, 2) == ("matching", "a.e,b.e,c.f", "a.e,b.e,c.f")
    assert player.field("interactions.3.correct_responses.1.pattern") == "a.f,b.f,c.g,d.h,e.h"
    assert said(player, 4) == ("sequencing", "a,b,c,d", "a,b,c,d")
    assert player.field("core.score.raw") == "100"
    assert player.field("core.lesson_status") == "passed"


def test_by_keyboard(player: Learner) -> None:
    by_keys(player, "q-termes", **TERMS)
    by_keys(player, "q-donnees", **ITEMS)
    arrange(player, "q-alerte", STEPS)
    for question in ("q-termes", "q-donnees", "q-alerte"):
        player.question(question).locator("[data-action=submit]").focus()
        player.page.keyboard.press("Enter")
        expect(player.result(question)).to_contain_text("Juste.")
        expect(player.result(question)).to_be_focused()


def test_moved_steps_are_announced(player: Learner) -> None:
    question = player.question("q-alerte")
    first, last = question.locator(".order-step").first, question.locator(".order-step").last
    letter = first.get_attribute("data-letter")
    up, down = first.locator("[data-move='-1']"), first.locator("[data-move='1']")
    expect(up).to_have_attribute("aria-disabled", "true")
    expect(last.locator("[data-move='1']")).to_have_attribute("aria-disabled", "true")
    before = order(player, "q-alerte")
    up.press("Enter")
    assert order(player, "q-alerte") == before
    moved = question.locator(f"[data-letter={letter}]")
    down.click()
    expect(question.locator(".order [role=status]")).to_contain_text("position 2 sur 4")
    expect(moved.locator("[data-move='1']")).to_be_focused()
    expect(moved.locator("[data-move='-1']")).to_have_attribute("aria-disabled", "false")


@pytest.mark.parametrize("move", [drag, touch])
def test_dragging(player: Learner, move: Callable[[Learner, Locator, Locator], None]) -> None:
    classify = player.question("q-donnees")
    for letter, target in ITEMS.items():
        if target != "-":
            grip = classify.locator(f".card[data-letter={letter}] .drag-grip")
            move(player, grip, classify.locator(f".bin[data-letter={target}]"))
            expect(classify.locator(f".bin[data-letter={target}] .chip[data-letter={letter}]")).to_be_visible()
            expect(classify.locator(f".card[data-letter={letter}] select")).to_have_value(target)
    expect(classify.locator(".classify [role=status]")).to_have_text(
        "Le numéro de poste d’une collègue : Donnée personnelle ordinaire"
    )
    select(player, "q-donnees", d="-")
    player.submit("q-donnees")
    expect(player.result("q-donnees")).to_contain_text("Juste.")

    steps = player.question("q-alerte")
    for place, letter in enumerate(STEPS):
        for _ in range(order(player, "q-alerte").index(letter) - place):
            at = order(player, "q-alerte").index(letter)
            above = steps.locator(".order-step").nth(at - 1)
            move(player, steps.locator(f"[data-letter={letter}] .drag-grip"), above.locator(".drag-grip"))
            assert order(player, "q-alerte").index(letter) == at - 1
    assert order(player, "q-alerte") == STEPS
    player.submit("q-alerte")
    expect(player.result("q-alerte")).to_contain_text("Juste.")


def test_dragging_back_and_not_at_all(player: Learner) -> None:
    """A chip goes to another category or back to the list; Escape undoes; what is answered stays."""
    question = player.question("q-gestes")
    chip = question.locator(".chip[data-letter=a]")
    field = question.locator(".card[data-letter=a] select")
    drag(player, question.locator(".card[data-letter=a] .card-text"), question.locator(".bin[data-letter=f]"))
    drag(player, chip, question.locator(".bin[data-letter=g]"))
    expect(field).to_have_value("g")
    drag(player, chip, question.locator(".card .card-text").first)
    expect(field).to_have_value("")
    expect(chip).to_have_count(0)

    before = order(player, "q-alerte")
    steps = player.question("q-alerte").locator(".order-step")
    steps.first.scroll_into_view_if_needed()
    player.page.mouse.move(*center(steps.first.locator(".drag-grip")))
    player.page.mouse.down()
    player.page.mouse.move(*center(steps.nth(2)), steps=5)
    assert order(player, "q-alerte") != before
    player.page.keyboard.press("Escape")
    player.page.mouse.up()
    assert order(player, "q-alerte") == before

    player.submit("q-alerte")
    drag(player, steps.first.locator(".order-text"), steps.nth(2).locator(".order-text"))
    assert order(player, "q-alerte") == before


def test_right_answers_come_last(player: Learner) -> None:
    """Wrong with a try left: marks, but neither right answers nor what would tell them; then all of it."""
    select(player, "q-donnees", a="f", b="e", c="f", d="e")
    player.submit("q-donnees")
    question = player.question("q-donnees")
    expect(player.result("q-donnees")).to_contain_text("2 points sur 4")
    first = question.locator(".card[data-letter=a]")
    expect(first.locator(".card-mark")).to_have_text("Faux")
    expect(first.locator(".feedback")).to_be_hidden()
    expect(question.locator(".card[data-letter=b] .card-mark")).to_have_text("Juste")
    player.retry("q-donnees")
    expect(first.locator("select")).to_have_value("f")
    expect(first.locator(".card-mark")).to_be_hidden()
    player.submit("q-donnees")
    expect(first.locator(".card-mark")).to_have_text("Faux. Réponse attendue : Donnée de santé")
    expect(first.locator(".feedback")).to_be_visible()
    expect(question.locator(".card[data-letter=d] .card-mark")).to_have_text("Faux. Réponse attendue : Nulle part")

    select(player, "q-sigles", a="d", b="d")
    player.submit("q-sigles")
    expect(player.result("q-sigles")).to_contain_text("0 point sur 1")
    wrong = player.question("q-sigles").locator(".pair[data-letter=a] .pair-mark")
    expect(wrong).to_contain_text("Responsable de la sécurité des systèmes d’information")
    select(player, "q-gestes", a="f", b="f", c="g", d="f", e="h")
    player.submit("q-gestes")
    either = player.question("q-gestes").locator(".card[data-letter=d] .card-mark")
    expect(either).to_have_text("Faux. Réponse attendue : Pendant l’incident ou Après l’incident")
    player.submit("q-etapes")
    expect(player.question("q-etapes").locator(".order-mark").first).to_have_text("Faux. Bonne position : 2")


def test_incomplete(player: Learner) -> None:
    select(player, "q-termes", a="d")
    player.submit("q-termes")
    select(player, "q-donnees", a="e", b="e", c="f")
    player.submit("q-donnees")
    for question in ("q-termes", "q-donnees"):
        expect(player.result(question)).to_contain_text("toute la question")
        expect(player.question(question).locator("select").first).to_be_enabled()


def test_resumed_and_reviewed(player: Learner) -> None:
    """What was answered comes back as it was, order and marks and all; in review mode nothing can be changed."""
    select(player, "q-termes", a="e", b="e", c="f")
    player.submit("q-termes")
    select(player, "q-donnees", **(ITEMS | {"a": "-"}))
    player.submit("q-donnees")
    arrange(player, "q-alerte", "bacd")
    player.submit("q-alerte")
    before = state(player)
    player.leave()

    player.launch("types", api="opener")
    player.go("repondre")
    assert state(player) == before
    player.retry("q-termes")
    select(player, "q-termes", **TERMS)
    player.submit("q-termes")
    expect(player.result("q-termes")).to_contain_text("Juste.")
    player.leave()

    player.launch("types", mode="review")
    player.go("repondre")
    for question in ("q-termes", "q-donnees", "q-alerte"):
        section = player.question(question)
        expect(section.locator("[data-action=submit]")).to_be_hidden()
        expect(section.locator("select:enabled")).to_have_count(0)
        expect(section.locator(".order-buttons:visible, .drag-grip:visible")).to_have_count(0)
    expect(player.question("q-donnees").locator(".card[data-letter=a] select")).to_have_value("-")
    assert order(player, "q-alerte") == "bacd"


def test_the_order_is_the_learners_own(player: Learner) -> None:
    """It stays from launch to launch, and never is the right one."""
    before = state(player)
    assert order(player, "q-alerte") != STEPS
    assert order(player, "q-etapes") == "ba"
    player.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    player.leave()
    player.launch("types", api="opener")
    player.go("repondre")
    assert state(player) == before


def test_without_script(chromium: Browser, loopback: Loopback, shelf: Shelf) -> None:
    """Everything can be read, and no order tells what is right."""
    shelf.build(COURSE)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(loopback.url("/packages/types/repondre.html"))
    assert page.locator("#q-termes .definition").all_inner_texts()[0].startswith(("Messagerie", "Programme"))
    for question, items, right in (
        ("q-termes", ".definition", "def"),
        ("q-donnees", ".card", "abcd"),
        ("q-alerte", ".order-step", STEPS),
        ("q-etapes", ".order-step", "ab"),
    ):
        shown = page.locator(f"#{question} {items}").all()
        for one in shown:
            expect(one).to_be_visible()
        assert "".join(one.get_attribute("data-letter") or "?" for one in shown) != right
    expect(page.locator(".bin-title:visible")).to_have_count(5)
    for unseen in (".order-buttons", ".drag-grip", ".classify-how", ".order-how", ".feedback", ".question-actions"):
        expect(page.locator(f"{unseen}:visible")).to_have_count(0)
    context.close()


def untouched(learner: Learner) -> None:
    expect(learner.question("q-alerte").locator(".order-buttons").first).to_be_visible()


def right(learner: Learner) -> None:
    answer_right(learner)


def wrong(learner: Learner) -> None:
    select(learner, "q-termes", a="e", b="d", c="f")
    learner.submit("q-termes")
    select(learner, "q-donnees", a="f", b="e", c="e", d="-")
    learner.submit("q-donnees")
    arrange(learner, "q-alerte", "bacd")
    learner.submit("q-alerte")


def revealed(learner: Learner) -> None:
    wrong(learner)
    for question in ("q-termes", "q-donnees", "q-alerte"):
        learner.retry(question)
        learner.submit(question)


@pytest.mark.parametrize("reach", [untouched, right, wrong, revealed], ids=lambda reach: reach.__name__)
def test_page(player: Learner, reach: Callable[[Learner], None]) -> None:
    reach(player)
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []


def test_mounted_and_taken_off(player: Learner) -> None:
    """Listeners on the document go with the question: dragging works once, however often the lesson was shown."""
    for _ in range(5):
        player.go("")
        expect(player.content.locator("[data-action=start]")).to_be_visible()
        player.go("repondre")
    classify = player.question("q-donnees")
    drag(player, classify.locator(".card[data-letter=a] .drag-grip"), classify.locator(".bin[data-letter=e]"))
    expect(classify.locator(".chip")).to_have_count(1)

"""`matrix` and `hotspot`: by mouse, by finger, by keyboard alone; what the LMS hears; what comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "types2"
GESTURES = {"a": "a", "b": "b", "c": "c"}
"""The rows of q-gestes and the letters of their right columns."""
READERS = {"a": "ab", "b": "abc", "c": "b"}
"""The same for q-donnees, which takes several."""
CLUES = "ac"
"""The right zones of q-message."""
QUESTIONS = ("q-gestes", "q-donnees", "q-message", "q-bouton")


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("types2", api="opener")
    learner.go("juger")
    return learner


def box(learner: Learner, question: str, row: str, column: str) -> Locator:
    return learner.question(question).locator(f".matrix-row[data-letter={row}] input[value={column}]")


def area(learner: Learner, question: str, letter: str) -> Locator:
    return learner.question(question).locator(f".hotspot-area[data-letter={letter}]")


def zone(learner: Learner, question: str, letter: str) -> Locator:
    return learner.question(question).locator(f".zone[data-letter={letter}]")


def tick(learner: Learner, question: str, **rows: str) -> None:
    """Pick exactly these columns of rows."""
    for row, columns in rows.items():
        for field in learner.question(question).locator(f".matrix-row[data-letter={row}] input").all():
            if (field.get_attribute("value") or "?") in columns:
                field.check()
            elif field.get_attribute("type") == "checkbox":
                field.uncheck()


def find(learner: Learner, question: str, letters: str) -> None:
    """Pick exactly these zones in the list."""
    for each in learner.question(question).locator(".zone").all():
        wanted = (each.get_attribute("data-letter") or "?") in letters
        field = each.locator("input")
        if wanted or field.get_attribute("type") == "checkbox":
            field.set_checked(wanted)


def answer_right(learner: Learner) -> None:
    tick(learner, "q-gestes", **GESTURES)
    tick(learner, "q-donnees", **READERS)
    find(learner, "q-message", CLUES)
    find(learner, "q-bouton", "b")
    for question in QUESTIONS:
        learner.submit(question)


def said(learner: Learner, index: int) -> tuple[str | None, ...]:
    """Id, type, response, first pattern and result of an interaction on record."""
    names = ("id", "type", "student_response", "correct_responses.0.pattern", "result")
    return tuple(learner.field(f"interactions.{index}.{name}") for name in names)


def state(learner: Learner) -> list[str]:
    """All that a learner sees of the answers of the lesson: boxes, marks, feedback, results, order."""
    script = """() => [...document.querySelectorAll(
        ".matrix-row, .matrix-cell, .matrix-mark, .matrix-outcome, .hotspot-area, .zone, .zone-mark, " +
        ".question input, .feedback, .question-result, .explanation")]
        .map((one) => [one.className, one.dataset.letter, one.dataset.state, one.hidden, one.disabled, one.checked,
            one.hasAttribute("data-picked"), one.children.length ? "" : one.textContent].join("|"))"""
    found: list[str] = learner.content.evaluate(script)
    return found


def test_everything_right_passes(player: Learner) -> None:
    """A row is an interaction; SCORM 1.2 RTE §3.4.7: several letters are separated by commas."""
    answer_right(player)
    for question in QUESTIONS:
        expect(player.result(question)).to_contain_text("Juste.")
        expect(player.question(question).locator("[data-state=wrong], [data-state=missed]")).to_have_count(0)
    expect(player.question("q-gestes").locator(".explanation")).to_be_visible()
    player.next()
    player.leave()
    assert said(player, 0) == ("q-gestes.a", "choice", "a", "a", "correct")
    assert said(player, 2) == ("q-gestes.c", "choice", "c", "c", "correct")
    assert said(player, 3) == ("q-donnees.a", "choice", "a,b", "a,b", "correct")
    assert said(player, 6) == ("q-message", "choice", "a,c", "a,c", "correct")
    assert said(player, 7) == ("q-bouton", "choice", "b", "b", "correct")
    assert float(player.field("core.score.raw") or "") == 100
    assert player.field("core.lesson_status") == "passed"


def test_a_matrix_by_keyboard(player: Learner) -> None:
    """One stop a row, arrows inside a row, Space in rows that take several."""
    keyboard = player.page.keyboard
    box(player, "q-gestes", "a", "a").focus()
    keyboard.press("Space")
    keyboard.press("Tab")
    expect(box(player, "q-gestes", "b", "a")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(box(player, "q-gestes", "b", "b")).to_be_checked()
    keyboard.press("Tab")
    keyboard.press("ArrowLeft")
    expect(box(player, "q-gestes", "c", "c")).to_be_checked()
    expect(box(player, "q-gestes", "a", "a")).to_be_checked()
    keyboard.press("Tab")
    expect(player.question("q-gestes").locator("[data-action=submit]")).to_be_focused()
    keyboard.press("Enter")
    expect(player.result("q-gestes")).to_be_focused()
    expect(player.result("q-gestes")).to_contain_text("Juste.")
    box(player, "q-donnees", "b", "c").focus()
    keyboard.press("Space")
    expect(box(player, "q-donnees", "b", "c")).to_be_checked()
    expect(box(player, "q-donnees", "b", "a")).not_to_be_checked()


def test_boxes_are_named_by_row_and_column(player: Learner) -> None:
    question = player.question("q-gestes")
    name = "Il demande votre mot de passe, signé de la DSI. Je signale"
    expect(question.get_by_role("radio", name=name, exact=True)).to_have_count(1)
    expect(question.get_by_role("rowheader")).to_have_count(3)
    expect(player.question("q-donnees").get_by_role("checkbox", name="Le dossier médical Un voisin")).to_have_count(1)
    player.page.set_viewport_size({"width": 320, "height": 700})
    expect(question.get_by_role("radio", name=name, exact=True)).to_be_visible()
    expect(question.locator(".matrix-choice:visible", has_text="Je réponds")).to_have_count(3)
    question.locator(".matrix-choice").nth(1).click()
    expect(box(player, "q-gestes", "a", "b")).to_be_checked()


def test_a_hotspot_on_the_image_and_in_its_list(player: Learner) -> None:
    """One answer, two ways: what is picked here is picked there; beside the zones nothing happens."""
    area(player, "q-message", "a").click()
    expect(zone(player, "q-message", "a").locator("input")).to_be_checked()
    expect(area(player, "q-message", "a")).to_have_attribute("data-picked", "")
    zone(player, "q-message", "c").locator(".zone-text").click()
    expect(area(player, "q-message", "c")).to_have_attribute("data-picked", "")
    area(player, "q-message", "a").click()
    expect(zone(player, "q-message", "a").locator("input")).not_to_be_checked()
    before = state(player)
    player.question("q-message").locator("img").click(position={"x": 3, "y": 3})
    assert state(player) == before
    area(player, "q-bouton", "a").click()
    area(player, "q-bouton", "b").click()
    expect(player.question("q-bouton").locator("input:checked")).to_have_count(1)
    expect(area(player, "q-bouton", "a")).not_to_have_attribute("data-picked", "")
    player.submit("q-bouton")
    expect(player.result("q-bouton")).to_contain_text("Juste.")
    area(player, "q-bouton", "a").click(force=True)
    expect(zone(player, "q-bouton", "b").locator("input")).to_be_checked()


def test_a_hotspot_by_keyboard(player: Learner) -> None:
    """The list is enough; the zone that has the focus in it shows on the image."""
    keyboard = player.page.keyboard
    zone(player, "q-message", "a").locator("input").focus()
    keyboard.press("Space")
    keyboard.press("Tab")
    expect(area(player, "q-message", "a")).not_to_have_attribute("data-focus", "")
    expect(area(player, "q-message", "b")).to_have_attribute("data-focus", "")
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(player.result("q-message")).to_be_focused()
    expect(player.result("q-message")).to_contain_text("Juste.")


def test_zones_lie_where_the_author_put_them(player: Learner) -> None:
    """Also on a phone, where a finger finds all of them, and the page stays where it is."""
    for width in (1000, 320):
        player.page.set_viewport_size({"width": width, "height": 400})
        image = player.question("q-message").locator("img")
        image.scroll_into_view_if_needed()
        frame = image.bounding_box()
        assert frame is not None
        for each in player.question("q-message").locator(".hotspot-area").all():
            box_of = each.bounding_box()
            assert box_of is not None
            at = [float(one) for one in (each.get_attribute("data-at") or "").split()]
            found = [box_of["x"] - frame["x"], box_of["y"] - frame["y"], box_of["width"], box_of["height"]]
            sides = (frame["width"], frame["height"]) * 2
            assert found == pytest.approx([one * side / 100 for one, side in zip(at, sides, strict=True)], abs=0.6)
    small = area(player, "q-message", "b")
    size = small.evaluate("one => [getComputedStyle(one, '::before').width, getComputedStyle(one, '::before').height]")
    assert all(float(side.removesuffix("px")) >= 24 for side in size)
    top = player.content.evaluate("scrollY")
    session = player.context.new_cdp_session(player.page)
    place = small.bounding_box()
    assert place is not None
    point = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(zone(player, "q-message", "b").locator("input")).to_be_checked()
    assert player.content.evaluate("scrollY") == top
    session.detach()


def test_a_drawing_without_a_size_is_shown(player: Learner) -> None:
    """What drawing programs export often has proportions only; its box takes all the width there is."""
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path d="M0 0h16v9"/></svg>'
    player.context.route("**/*.svg", lambda route: route.fulfill(body=drawing, content_type="image/svg+xml"))
    player.launch("types2", api="opener")
    player.go("juger")
    image = player.question("q-message").locator("img")
    image.scroll_into_view_if_needed()
    room = player.question("q-message").locator(".zones").bounding_box()
    frame = image.bounding_box()
    assert room is not None
    assert frame is not None
    assert (frame["width"], frame["height"]) == pytest.approx((room["width"], room["width"] * 9 / 16), abs=1)


def test_right_answers_come_last(player: Learner) -> None:
    """Wrong with a try left: marks, but neither right answers nor what would tell them; then all of it."""
    tick(player, "q-gestes", a="a", b="a", c="c")
    player.submit("q-gestes")
    question = player.question("q-gestes")
    expect(player.result("q-gestes")).to_contain_text("2 points sur 3")
    row = question.locator(".matrix-row[data-letter=b]")
    expect(row.locator(".matrix-mark")).to_have_text("Faux")
    expect(row.locator(".feedback")).to_be_hidden()
    expect(question.locator("[data-state=missed]")).to_have_count(0)
    expect(question.locator(".matrix-row[data-letter=a] .feedback")).to_be_visible()
    player.retry("q-gestes")
    expect(row.locator(".matrix-outcome")).to_be_hidden()
    expect(box(player, "q-gestes", "b", "a")).to_be_checked()
    player.submit("q-gestes")
    expect(row.locator(".matrix-mark")).to_have_text("Faux. Réponse attendue : Je réponds")
    expect(row.locator(".feedback")).to_be_visible()
    expect(question.locator("[data-state=missed]")).to_have_count(1)

    tick(player, "q-donnees", a="ab", b="a", c="bc")
    player.submit("q-donnees")
    marks = player.question("q-donnees")
    partly = marks.locator(".matrix-row[data-letter=b] .matrix-mark")
    expect(partly).to_have_text("En partie juste. Réponse attendue : Le patient, Son médecin, Un voisin")
    expect(marks.locator(".matrix-row[data-letter=c] .matrix-mark")).to_have_text(
        "Faux. Réponse attendue : Son médecin"
    )
    expect(player.result("q-donnees")).to_contain_text("0,44")

    find(player, "q-message", "ab")
    player.submit("q-message")
    expect(zone(player, "q-message", "b").locator(".zone-mark")).to_have_text("Faux")
    expect(zone(player, "q-message", "b").locator(".feedback")).to_be_visible()
    expect(player.question("q-message").locator("[data-state=missed]")).to_have_count(0)
    player.retry("q-message")
    player.submit("q-message")
    expect(zone(player, "q-message", "c").locator(".zone-mark")).to_have_text("Bonne réponse, non choisie")
    expect(zone(player, "q-message", "c").locator(".feedback")).to_be_visible()
    expect(area(player, "q-message", "c")).to_have_attribute("data-state", "missed")
    expect(area(player, "q-message", "a")).to_have_attribute("data-state", "right")


def test_incomplete(player: Learner) -> None:
    tick(player, "q-gestes", a="a", b="b")
    tick(player, "q-donnees", a="ab", c="b")
    for question in QUESTIONS:
        player.submit(question)
        expect(player.result(question)).to_contain_text("toute la question")
        expect(player.question(question).locator("input:disabled")).to_have_count(0)


def test_resumed_and_reviewed(player: Learner) -> None:
    """What was answered comes back as it was, order and marks and all; in review mode nothing can be changed."""
    tick(player, "q-gestes", a="b", b="b", c="c")
    tick(player, "q-donnees", a="a", b="abc", c="ac")
    find(player, "q-message", "acd")
    for question in QUESTIONS[:3]:
        player.submit(question)
    before = state(player)
    player.leave()

    player.launch("types2", api="opener")
    player.go("juger")
    assert state(player) == before
    player.retry("q-gestes")
    tick(player, "q-gestes", **GESTURES)
    player.submit("q-gestes")
    expect(player.result("q-gestes")).to_contain_text("Juste.")
    player.leave()

    player.launch("types2", mode="review")
    player.go("juger")
    for question in QUESTIONS[:3]:
        section = player.question(question)
        expect(section.locator("[data-action=submit]")).to_be_hidden()
        expect(section.locator("input:enabled")).to_have_count(0)
    expect(player.question("q-message").locator("input:checked")).to_have_count(3)


def test_mounted_and_taken_off(player: Learner) -> None:
    """What is picked and not submitted is there again; the image still follows the list."""
    find(player, "q-message", "ad")
    tick(player, "q-gestes", **GESTURES)
    for _ in range(3):
        player.go("")
        expect(player.content.locator("[data-action=start]")).to_be_visible()
        player.go("juger")
    expect(area(player, "q-message", "d")).to_have_attribute("data-picked", "")
    expect(player.question("q-gestes").locator("input:checked")).to_have_count(3)
    area(player, "q-message", "d").click()
    expect(area(player, "q-message", "d")).not_to_have_attribute("data-picked", "")


def test_without_script(chromium: Browser, loopback: Loopback, shelf: Shelf) -> None:
    """Everything can be read: table, image, names of zones; nothing tells what is right."""
    shelf.build(COURSE)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(loopback.url("/packages/types2/juger.html"))
    expect(page.locator(".matrix-name:visible")).to_have_count(6)
    expect(page.locator(".matrix-input:visible")).to_have_count(18)
    expect(page.locator(".hotspot img:visible")).to_have_count(2)
    expect(page.locator(".zone-text:visible")).to_have_count(6)
    for unseen in (".hotspot-area", ".hotspot-how", ".matrix-outcome", ".feedback", ".question-actions"):
        expect(page.locator(f"{unseen}:visible")).to_have_count(0)
    expect(page.locator("input:checked, .question [data-state]")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.locator(".matrix-input:visible")).to_have_count(18)
    expect(page.locator(".zone-input:visible")).to_have_count(6)
    context.close()


def untouched(learner: Learner) -> None:
    expect(area(learner, "q-message", "a")).to_be_visible()


def wrong(learner: Learner) -> None:
    tick(learner, "q-gestes", a="b", b="b", c="c")
    tick(learner, "q-donnees", a="c", b="a", c="ac")
    find(learner, "q-message", "ab")
    find(learner, "q-bouton", "a")
    for question in QUESTIONS:
        learner.submit(question)


def revealed(learner: Learner) -> None:
    wrong(learner)
    for question in ("q-gestes", "q-message"):
        learner.retry(question)
        learner.submit(question)


@pytest.mark.parametrize("reach", [untouched, answer_right, wrong, revealed], ids=lambda reach: reach.__name__)
def test_page(player: Learner, reach: Callable[[Learner], None]) -> None:
    reach(player)
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []

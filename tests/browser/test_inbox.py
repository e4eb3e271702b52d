"""`inbox`: by mouse, by finger and by keyboard alone; links that open nothing; what is kept, what the LMS hears."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "inbox"
RIGHT = {"a": "d", "b": "a", "c": "e", "d": "c", "e": "b"}
"""Letters of the messages of q-boite and of an action that is right for each."""


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the one lesson of the course."""
    shelf.build(COURSE)
    learner.launch("inbox", api="opener")
    learner.go("trier")
    return learner


def again(learner: Learner) -> None:
    learner.launch("inbox", api="opener")
    learner.go("trier")


def row(learner: Learner, letter: str, question: str = "q-boite") -> Locator:
    return learner.question(question).locator(f".inbox-row[data-open={letter}]")


def mail(learner: Learner, letter: str, question: str = "q-boite") -> Locator:
    return learner.question(question).locator(f".mail[data-letter={letter}]")


def sort(learner: Learner, actions: dict[str, str], question: str = "q-boite") -> None:
    """Open messages from the list and pick an action for each, by mouse."""
    for letter, action in actions.items():
        row(learner, letter, question).click()
        mail(learner, letter, question).locator(f"input[value={action}]").check()


def tap(learner: Learner, target: Locator) -> None:
    """Touch with a finger, without moving it."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    session = learner.context.new_cdp_session(learner.page)
    point = {"x": box["x"] + 8, "y": box["y"] + 8}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def state(learner: Learner) -> list[str]:
    """What a learner sees of both mailboxes: order, what was decided, marks, feedback."""
    script = """() => [...document.querySelectorAll(".inbox-row, .mail-input, .mail-mark, .mail-expected, .feedback")]
        .map((one) => [one.className, one.dataset.open, one.dataset.state, one.hidden, one.disabled, one.checked,
            one.value || one.textContent].join("|"))"""
    found: list[str] = learner.content.evaluate(script)
    return found


def said(learner: Learner, index: int, *names: str) -> tuple[str | None, ...]:
    return tuple(learner.field(f"interactions.{index}.{name}") for name in names)


def test_everything_right_passes(player: Learner) -> None:
    """SCORM 1.2 RTE §3.4.7: one interaction a message, each right action a pattern of its own."""
    sort(player, RIGHT)
    expect(row(player, "a").locator(".inbox-state")).to_have_text("Trié : Signaler")
    player.submit("q-boite")
    expect(player.result("q-boite")).to_contain_text("Juste.")
    expect(player.question("q-boite").locator("[data-state=wrong]")).to_have_count(0)
    sort(player, {"b": "a", "a": "d"}, "q-melange")
    player.submit("q-melange")
    expect(player.result("q-melange")).to_have_text("Dites aussi avec quelle certitude vous répondez.")
    player.question("q-melange").locator(".confidence-input").last.check()
    player.submit("q-melange")
    expect(player.result("q-melange")).to_contain_text("Juste.")
    player.next()
    player.leave()
    assert said(player, 0, "id", "type", "student_response", "result") == ("q-boite.a", "choice", "d", "correct")
    assert said(player, 0, "correct_responses.0.pattern", "correct_responses.1.pattern") == ("d", "e")
    assert said(player, 3, "id", "student_response", "correct_responses.0.pattern") == ("q-boite.d", "c", "c")
    assert said(player, 6, "id", "student_response") == ("q-melange.b", "a")
    assert player.field("core.score.raw") == "100"
    assert player.field("core.lesson_status") == "passed"


@pytest.mark.parametrize("width", [320, 1280])
def test_by_keyboard(player: Learner, width: int) -> None:
    """Tab, Enter and the arrow keys that every group of radio buttons has; focus goes where the learner looks."""
    player.page.set_viewport_size({"width": width, "height": 800})
    keys = player.page.keyboard
    row(player, "a").focus()
    keys.press("Enter")
    for letter, action in RIGHT.items():
        shown = mail(player, letter)
        expect(shown).to_be_visible()
        expect(shown.locator(".mail-subject")).to_be_focused()
        wanted = shown.locator(f"input[value={action}]")
        while shown.locator("input:focus").count() == 0:
            keys.press("Tab")
        keys.press("Space")
        for _ in range(5):
            if wanted.is_checked():
                break
            keys.press("ArrowRight")
        expect(wanted).to_be_focused()
        if letter != "e":
            keys.press("Tab")
            expect(shown.locator(".mail-next")).to_be_focused()
            keys.press("Enter")
    keys.press("Tab")
    expect(player.question("q-boite").locator("[data-action=submit]")).to_be_focused()
    keys.press("Enter")
    expect(player.result("q-boite")).to_contain_text("Juste.")
    expect(player.result("q-boite")).to_be_focused()


def test_list_then_message_then_back(player: Learner) -> None:
    """Where both do not fit beside each other, one is shown; where they do, both."""
    question = player.question("q-boite")
    listed, first = question.locator(".inbox-list"), mail(player, "b")
    player.page.set_viewport_size({"width": 320, "height": 640})
    expect(listed).to_be_visible()
    expect(question.locator(".mail:visible")).to_have_count(0)
    row(player, "b").click()
    expect(listed).to_be_hidden()
    expect(question.locator(".mail:visible")).to_have_count(1)
    expect(first.locator(".mail-subject")).to_be_focused()
    first.locator(".mail-back").click()
    expect(first).to_be_hidden()
    expect(row(player, "b")).to_be_focused()
    expect(row(player, "b")).to_have_attribute("aria-current", "true")
    player.page.set_viewport_size({"width": 1280, "height": 900})
    expect(listed).to_be_visible()
    expect(question.locator(".mail:visible")).to_have_count(1)
    expect(first).to_be_visible()
    expect(first.locator(".mail-back")).to_be_hidden()


def test_links_show_where_they_lead_and_open_nothing(player: Learner) -> None:
    row(player, "a").click()
    shown = mail(player, "a")
    link, other = shown.locator(".shown-link").all()
    leads = shown.locator(".mail-leads")
    expect(leads).to_have_text("")
    expect(shown.locator(".shown-address").first).to_be_hidden()
    before, pages = player.content.url, len(player.context.pages)
    planning = "Ce lien mènerait à https://ch-valdaure.planning-agents.example/connexion"
    writing = "Ce lien mènerait à mailto:planning@agenda-soins.example"
    link.hover()
    expect(leads).to_have_text(planning)
    other.focus()
    expect(leads).to_have_text(writing)
    link.click()
    expect(leads).to_have_text(planning)
    other.hover()
    link.press("Enter")
    expect(leads).to_have_text(planning)
    shown.get_by_role("link", name="planning@ch-valdaure.example").click()
    expect(leads).to_have_text(writing)
    tap(player, link)
    expect(leads).to_have_text(planning)
    leads.select_text()
    assert player.content.evaluate("getSelection().toString()").strip() == planning
    assert (player.content.url, len(player.context.pages)) == (before, pages)
    assert shown.locator("a").count() == 0


def test_the_sender_behind_the_name(player: Learner) -> None:
    row(player, "a").click()
    details = mail(player, "a").locator(".mail-details")
    expect(details.locator("dl")).to_be_hidden()
    details.locator("summary").press("Enter")
    expect(details).to_contain_text("Gestion des plannings <planning@chvaldaure-rh.example>")
    expect(details).to_contain_text("planning@agenda-soins.example")
    expect(mail(player, "a").locator(".mail-files li").nth(1)).to_have_text("notice.pdf.exe 1,2 Mo")


def test_kept_before_it_is_submitted(player: Learner) -> None:
    """What was sorted survives a crash, and counts for nothing."""
    sort(player, {"a": "d", "c": "a"})
    player.submit("q-boite")
    expect(player.result("q-boite")).to_contain_text("toute la question")
    player.kill()
    again(player)
    expect(row(player, "a").locator(".inbox-state")).to_have_text("Trié : Signaler")
    expect(row(player, "b").locator(".inbox-state")).to_have_text("Pas trié")
    expect(mail(player, "c").locator("input[value=a]")).to_be_checked()
    expect(player.question("q-boite").locator("[data-action=submit]")).to_be_visible()
    assert player.field("interactions.0.id") is None
    sort(player, RIGHT)
    player.submit("q-boite")
    expect(player.result("q-boite")).to_contain_text("Juste.")


def test_right_answers_come_last(player: Learner) -> None:
    """Wrong with a try left: a mark, but neither the right action nor what would tell it; then all of it."""
    sort(player, RIGHT | {"a": "b", "d": "a"})
    player.submit("q-boite")
    expect(player.result("q-boite")).to_contain_text("3 points sur 5")
    expect(row(player, "a").locator(".inbox-state")).to_have_text("Faux. Trié : Répondre")
    wrong = mail(player, "a")
    row(player, "a").click()
    expect(wrong.locator(".mail-mark")).to_have_text("Faux. Trié : Répondre")
    expect(wrong.locator(".mail-expected")).to_be_hidden()
    expect(wrong.locator(".feedback")).to_be_hidden()
    row(player, "b").click()
    expect(mail(player, "b").locator(".feedback")).to_be_visible()
    player.retry("q-boite")
    expect(row(player, "a")).to_be_focused()
    row(player, "a").click()
    expect(wrong.locator(".mail-mark")).to_be_hidden()
    player.submit("q-boite")
    row(player, "a").click()
    expect(wrong.locator(".mail-expected")).to_have_text("Réponse attendue : Signaler ou Supprimer")
    expect(wrong.locator(".feedback")).to_be_visible()
    expect(wrong.locator("input:enabled")).to_have_count(0)
    expect(player.question("q-boite").locator(".explanation")).to_be_visible()


def test_resumed_and_reviewed(player: Learner) -> None:
    """What was answered comes back as it was; in review mode messages can be read, and nothing changed."""
    sort(player, RIGHT | {"b": "e"})
    player.submit("q-boite")
    before = state(player)
    player.leave()
    again(player)
    assert state(player) == before
    player.leave()

    player.launch("inbox", mode="review")
    player.go("trier")
    question = player.question("q-boite")
    row(player, "b").click()
    expect(mail(player, "b").locator(".mail-expected")).to_be_visible()
    expect(question.locator("input:enabled")).to_have_count(0)
    expect(question.locator("[data-action=submit]")).to_be_hidden()


def test_the_order_is_the_learners_own(player: Learner) -> None:
    """Shuffled for each learner, the same at each launch, in the list as from message to message."""

    def order() -> str:
        script = "all => all.map((one) => one.dataset.open ?? one.dataset.letter).join('')"
        rows: str = player.question("q-melange").locator(".inbox-row").evaluate_all(script)
        assert rows == player.question("q-melange").locator(".mail").evaluate_all(script)
        return rows

    before = order()
    assert sorted(before) == ["a", "b"]
    row(player, before[0], "q-melange").click()
    mail(player, before[0], "q-melange").locator(".mail-next").click()
    expect(mail(player, before[1], "q-melange")).to_be_visible()
    expect(mail(player, before[1], "q-melange").locator(".mail-next")).to_be_hidden()
    mail(player, before[1], "q-melange").locator("input[value=a]").check()
    player.leave()
    again(player)
    assert order() == before


def test_without_script_and_on_paper(chromium: Browser, loopback: Loopback, shelf: Shelf, player: Learner) -> None:
    """Every message can be read, one after another, with the addresses of its links and its five actions."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(loopback.url("/packages/inbox/trier.html"))
    player.page.emulate_media(media="print")
    for shown in (page.locator("#q-boite"), player.question("q-boite")):
        expect(shown.locator(".mail:visible")).to_have_count(5)
        expect(shown.locator(".mail-action:visible")).to_have_count(25)
        expect(shown.locator(".shown-address").first).to_be_visible()
        expect(shown.locator(".shown-address").first).to_have_text(
            "[https://ch-valdaure.planning-agents.example/connexion]"
        )
        expect(shown.locator("button:visible:not(.question-actions button)")).to_have_count(0)
        expect(shown.locator(".feedback:visible, .mail-expected:visible, .inbox-list:visible")).to_have_count(0)
    expect(page.locator("[role=link]")).to_have_count(0)
    context.close()


def untouched(learner: Learner) -> None:
    row(learner, "a").click()
    mail(learner, "a").locator("summary").click()
    mail(learner, "a").locator(".shown-link").first.click()


def listed(learner: Learner) -> None:
    expect(row(learner, "a")).to_be_visible()


def right(learner: Learner) -> None:
    sort(learner, RIGHT)
    learner.submit("q-boite")
    row(learner, "a").click()


def wrong(learner: Learner) -> None:
    sort(learner, RIGHT | {"a": "a", "e": "d"})
    learner.submit("q-boite")
    row(learner, "a").click()


def revealed(learner: Learner) -> None:
    wrong(learner)
    learner.retry("q-boite")
    learner.submit("q-boite")
    row(learner, "a").click()


@pytest.mark.parametrize("reach", [listed, untouched, right, wrong, revealed], ids=lambda reach: reach.__name__)
def test_page(player: Learner, reach: Callable[[Learner], None]) -> None:
    reach(player)
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []

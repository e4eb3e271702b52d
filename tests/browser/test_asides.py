"""Asides in the player: axe-core finds nothing, no page scrolls sideways, disclosures open by keyboard and address."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "asides"
OPEN = "() => [...document.querySelectorAll('.tab')].map((one) => one.open)"


@pytest.fixture
def asides(learner: Learner, shelf: Shelf) -> Learner:
    """A learner at the lesson that holds every aside."""
    shelf.build(COURSE)
    learner.launch("asides", api="opener")
    learner.go("encarts")
    return learner


def test_pages_with_asides(asides: Learner) -> None:
    """As they open, then with each tab and all transcripts open."""
    for tab in range(3):
        asides.content.evaluate("tab => { document.querySelectorAll('.tab')[tab].open = true; }", tab)
        assert violations(asides.page, asides.content) == []
        assert too_wide(asides.page, asides.content) == []
        asides.content.evaluate("() => document.querySelectorAll('.transcript').forEach((one) => { one.open = true; })")


def test_tabs_by_keyboard(asides: Learner) -> None:
    """Enter opens a tab and closes the one that was open; Tab then goes into what it holds."""
    assert asides.content.evaluate(OPEN) == [True, False, False]
    asides.content.locator(".tab > summary").nth(1).focus()
    asides.page.keyboard.press("Enter")
    assert asides.content.evaluate(OPEN) == [False, True, False]
    asides.page.keyboard.press("Tab")
    assert asides.content.evaluate("() => document.activeElement.name") == "q-mac"


def test_an_address_in_a_closed_tab_opens_it(asides: Learner) -> None:
    asides.go("encarts/q-mac")
    expect(asides.question("q-mac")).to_be_visible()
    assert asides.content.evaluate(OPEN) == [False, True, False]
    asides.pick("q-mac", "a")
    expect(asides.question("q-mac").locator(".question-result")).to_contain_text("Juste")


def test_without_script_everything_can_be_read(asides: Learner, shelf: Shelf) -> None:
    """And nothing is fetched of a recording but how long it lasts, nor does any start by itself."""
    browser = asides.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, viewport={"width": 650, "height": 900})
    page: Page = context.new_page()
    page.goto((shelf.build(COURSE).folder / "encarts.html").as_uri())
    page.locator(".tab > summary").nth(2).click()
    expect(page.get_by_text("Super")).to_be_visible()
    for kind in ("video", "audio"):
        recording = page.locator(kind)
        assert recording.get_attribute("preload") == "metadata"
        assert recording.get_attribute("autoplay") is None
    page.locator(".transcript > summary").nth(1).click()
    expect(page.get_by_text("Silence au bout du fil.")).to_be_visible()
    context.close()

"""Formulas, the glossary, facts, and lessons in parts, as learners meet them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import COURSES, Package, Shelf
from browser.learner import Learner
from browser.test_pages import too_wide, violations


@pytest.fixture(autouse=True)
def savoirs(shelf: Shelf) -> Package:
    """A course of two lessons: one with formulas, words and a fact; one of four parts."""
    return shelf.build(COURSES / "savoirs")


def formulas(learner: Learner) -> None:
    learner.launch("savoirs", api="opener")
    learner.go("formules")
    learner.pick("q-gestes", "a")


def glossary(learner: Learner) -> None:
    learner.launch("savoirs", api="opener")
    learner.go("_glossary")
    expect(learner.content.locator("main dfn")).to_have_count(3)


def glossary_alone(learner: Learner) -> None:
    learner.page.goto(learner.loopback.url("/packages/savoirs/_glossary.html"))


def first_part(learner: Learner) -> None:
    learner.launch("savoirs", api="opener")
    learner.go("parties")


def second_part(learner: Learner) -> None:
    first_part(learner)
    learner.go("parties/voir")


def parts_alone(learner: Learner) -> None:
    learner.page.goto(learner.loopback.url("/packages/savoirs/parties.html"))


@pytest.mark.parametrize(
    "state",
    [formulas, glossary, glossary_alone, first_part, second_part, parts_alone],
    ids=lambda state: state.__name__,
)
def test_page(learner: Learner, state: Callable[[Learner], None]) -> None:
    state(learner)
    assert violations(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


def place(learner: Learner) -> list[str]:
    """The address, and the id of what has the focus."""
    found = learner.content.evaluate("[location.hash, document.activeElement.id]")
    assert isinstance(found, list)
    return found


def test_a_wide_formula_scrolls_by_keyboard(learner: Learner) -> None:
    formulas(learner)
    learner.page.set_viewport_size({"width": 320, "height": 900})
    wide = learner.content.locator(".formula").last
    wide.focus()
    assert wide.evaluate("one => one.scrollWidth > one.clientWidth")
    wide.press("ArrowRight")
    learner.page.wait_for_function("one => one.scrollLeft > 0", arg=wide.element_handle())


def test_a_term_leads_to_the_glossary_and_back_within_the_session(learner: Learner) -> None:
    learner.launch("savoirs")
    learner.go("formules")
    term = learner.content.locator("a.term", has_text="hameçonnage").first
    term.click()
    expect(learner.content.locator("#t-hameconnage")).to_be_focused()
    assert place(learner)[0] == "#/_glossary/t-hameconnage"
    expect(learner.content.locator(".toc-links [aria-current=page]")).to_have_text("Glossaire")
    expect(learner.content.locator(".pager")).to_be_hidden()
    assert not any("Finish" in str(call) for call in learner.evaluate("calls"))
    learner.content.locator("#t-hameconnage .term-places a").click()
    expect(learner.content.locator("a.term#use\\.t-hameconnage")).to_be_focused()
    # The bookmark is the lesson's, not the glossary's.
    learner.content.locator("a.term", has_text="hameçonnage").first.click()
    expect(learner.content.locator("main dfn").first).to_be_visible()
    learner.leave()
    learner.launch("savoirs")
    expect(learner.content.locator("main")).to_have_attribute("data-lesson", "formules")


def test_the_accessibility_statement_opens_within_the_session(learner: Learner) -> None:
    learner.launch("savoirs")
    learner.content.locator(".toc-links [href='_accessibility.html']").click()
    expect(learner.content.locator("main h1")).to_be_focused()
    assert place(learner)[0] == "#/_accessibility"
    assert not any("Finish" in str(call) for call in learner.evaluate("calls"))


def shown(learner: Learner) -> Locator:
    return learner.content.locator(".part:visible")


def test_parts_are_shown_one_at_a_time(learner: Learner) -> None:
    first_part(learner)
    lesson = learner.content.locator(".toc [data-lesson=parties]")
    following = learner.content.locator(".pager [data-action=next]")
    expect(shown(learner)).to_have_attribute("data-part", "")
    expect(following).to_contain_text("Partie suivante")
    expect(following).to_contain_text("Voir")
    for anchor in ("voir", "choisir"):
        following.focus()
        learner.page.keyboard.press("Enter")
        expect(learner.content.locator(f"#{anchor}")).to_be_focused()
        expect(shown(learner)).to_have_count(1)
        expect(shown(learner)).to_have_attribute("data-part", anchor)
        expect(lesson.locator("[aria-current=location]")).to_have_count(1)
        expect(learner.content.locator("[data-lesson-end]")).to_be_hidden()
    learner.pick("q-partie", "b")
    expect(lesson).to_have_attribute("data-state", "started")
    following.click()
    expect(shown(learner)).to_have_attribute("data-part", "retenir")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(lesson).to_have_attribute("data-state", "done")
    expect(following).to_contain_text("Leçon suivante")
    learner.content.locator(".pager [data-action=previous]").click()
    expect(shown(learner)).to_have_attribute("data-part", "choisir")
    # A footnote stays with the part that calls it; the way back leads to the part of the call.
    learner.content.locator("#note-1 .footnote-back").first.click()
    expect(shown(learner)).to_have_attribute("data-part", "")
    lesson.locator(".toc-parts a", has_text="Retenir").click()
    expect(shown(learner)).to_have_attribute("data-part", "retenir")


def test_one_comes_back_to_the_part_that_one_left(learner: Learner) -> None:
    learner.launch("savoirs")
    learner.go("parties/choisir")
    expect(shown(learner)).to_have_attribute("data-part", "choisir")
    learner.leave()
    learner.launch("savoirs")
    expect(shown(learner)).to_have_attribute("data-part", "choisir")


def test_all_parts_are_printed_and_read_without_script(learner: Learner, chromium: Browser) -> None:
    second_part(learner)
    learner.page.emulate_media(media="print")
    expect(shown(learner)).to_have_count(4)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(learner.loopback.url("/packages/savoirs/parties.html"))
    expect(page.locator(".part:visible")).to_have_count(4)
    context.close()

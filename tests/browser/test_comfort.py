"""Reading comfort: text spacing, large text, strong zoom, reduced motion, paper."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from browser.conftest import COURSES, FLAGS, ROOT, Shelf
from browser.learner import Learner
from browser.test_pages import contents, cover, gaps_revealed, notice, results_failed, too_wide, wrong
from browser.test_web import unzipped

SPACING = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}
"""
"""WCAG 1.4.12."""
LOST = """
() => {
  scrollTo(0, 0);
  const lost = [];
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className}`;
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) &&
    !one.closest(".visually-hidden, .skip-link") && getComputedStyle(one).clipPath === "none";
  // The bar's title ends in … when it is long; the cover, where it leads, has it in full.
  const all = [...document.body.querySelectorAll("*")].filter((one) => isShown(one) && !one.closest(".shell-title"));
  const runs = [];
  for (const one of all) {
    const { overflowX, overflowY } = getComputedStyle(one);
    const isCut = (overflow) => overflow === "hidden" || overflow === "clip";
    if (isCut(overflowX) && one.scrollWidth > one.clientWidth + 1) lost.push(`cut: ${name(one)}`);
    if (isCut(overflowY) && one.scrollHeight > one.clientHeight + 1) lost.push(`cut: ${name(one)}`);
    if (one.matches("math, math *, select *, mark")) continue;
    for (const text of one.childNodes) {
      if (!(text instanceof Text) || !text.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) if (box.width > 2 && box.height > 2) runs.push([one, box]);
    }
  }
  runs.forEach(([one, a], n) => {
    for (const [other, b] of runs.slice(n + 1)) {
      if (other === one) continue;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Boxes of lines reach beyond their letters.
      if (across > 2 && down > 0.5 * Math.min(a.height, b.height)) lost.push(`overlap: ${name(one)} ${name(other)}`);
    }
  });
  return lost;
}
"""
"""What is cut off, and texts that lie on each other."""


def searching(learner: Learner) -> None:
    cover(learner)
    learner.go("_search/mot")
    expect(learner.content.locator("[data-search-results] > li").first).to_be_visible()


STATES: tuple[Callable[[Learner], None], ...] = (
    cover,
    wrong,
    gaps_revealed,
    results_failed,
    contents,
    notice,
    searching,
)


def lost(page: Page, frame: Frame) -> list[str]:
    found: list[str] = []
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {one}" for one in frame.evaluate(LOST)]
    return found


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_text_spacing(learner: Learner, state: Callable[[Learner], None]) -> None:
    """WCAG 1.4.12: nothing is cut, nothing overlaps, no page scrolls sideways."""
    state(learner)
    assert lost(learner.page, learner.content) == []
    learner.content.evaluate(SPACING)
    assert lost(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


@pytest.mark.parametrize("course", ["types", "asides"])
def test_text_spacing_of_questions_and_asides(learner: Learner, shelf: Shelf, course: str) -> None:
    shelf.build(ROOT / "tests" / "courses" / course)
    learner.launch(course, api="opener")
    learner.start()
    learner.content.evaluate(SPACING)
    assert lost(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


def test_the_contents_open_below_a_tall_bar(learner: Learner) -> None:
    """Where spacing makes the bar taller, the table of contents begins below it."""
    contents(learner)
    learner.content.evaluate(SPACING)
    below = """() => {
        const bar = document.querySelector(".shell-header").getBoundingClientRect();
        return bar.height > 60 && document.querySelector(".toc").getBoundingClientRect().top >= bar.bottom - 1;
    }"""
    learner.content.wait_for_function(below)


@pytest.fixture
def large(chromium: Browser, tools: dict[str, str], tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser whose owner has chosen text of 32 px, twice the usual."""
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(json.dumps({"webkit": {"webprefs": {"default_font_size": 32}}}), "utf-8")
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=tools["chromium"], args=list(FLAGS), locale="fr-FR", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.mark.parametrize("course", [COURSES / "savoirs", ROOT / "tests" / "courses" / "types"])
def test_large_text(large: BrowserContext, shelf: Shelf, course: Path) -> None:
    """The size chosen in the browser is taken over, and every page reads, wide and narrow (WCAG 1.4.4)."""
    folder = unzipped(shelf, course, f"web-large-{course.name}")
    page = large.new_page()
    for place in ("", "_results", "_search", Path(next(folder.glob("lessons/[a-z]*.js"))).stem):
        page.goto("about:blank")
        page.goto(f"{(folder / 'index.html').as_uri()}#/{place}")
        expect(page.locator("[data-saved]")).to_be_visible()
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)") >= 32
        assert too_wide(page, page.main_frame) == [], place
        assert lost(page, page.main_frame) == [], place


def test_strong_zoom(learner: Learner) -> None:
    """400 % on a screen of 1280 × 1024 (WCAG 1.4.10): the bar scrolls away, and nothing covers what has the focus."""
    learner.launch("essai", api="opener")
    learner.page.set_viewport_size({"width": 320, "height": 256})
    learner.start()
    fields = learner.content.locator("main input:visible, main button:visible, main a:visible")
    assert fields.count() > 5
    for field in fields.all():
        field.focus()
        box = field.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + min(box["height"], 100) <= 256


def test_nothing_moves_for_who_wants_no_motion(learner: Learner) -> None:
    wrong(learner)
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(one);
        return animationName !== "none" || transitionDuration !== "0s" || scrollBehavior === "smooth";
    }).map((one) => one.className)"""
    assert learner.content.evaluate(moving) == []
    learner.page.emulate_media(reduced_motion="no-preference")
    assert learner.content.evaluate(moving) != []


def test_on_paper(learner: Learner) -> None:
    """What works only on a screen is not printed; text, questions and what is folded away are."""
    wrong(learner)
    learner.page.emulate_media(media="print", color_scheme="dark")
    for away in (".shell-header", ".toc", ".pager", ".question-actions", ".lesson-end"):
        expect(learner.content.locator(away).first).to_be_hidden()
    expect(learner.question("q-urgence").locator(".answer")).to_have_count(3)
    expect(learner.question("q-urgence").locator(".answer").first).to_be_visible()
    dark = """() => [...document.querySelectorAll("main, main *")].filter((one) => {
        const numbers = getComputedStyle(one).color.match(/[\\d.]+/g).map(Number);
        return one.checkVisibility() && numbers[0] + numbers[1] + numbers[2] > 480;
    }).map((one) => one.className)"""
    assert learner.content.evaluate(dark) == [], "text too pale for paper"

"""Each kind of page and state, in all schemes, narrow and wide: axe-core finds nothing, no page scrolls sideways."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Frame, Page, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """
async (contrast) => {
  scrollTo(0, 0);  // nothing lies half under the bar
  const rules = { "target-size": { enabled: true }, "color-contrast": { enabled: contrast } };
  const found = await axe.run(document, { rules });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
}
"""
Scheme = tuple[Literal["light", "dark"], Literal["active", "none"]]
SCHEMES: tuple[Scheme, ...] = (("light", "none"), ("dark", "none"), ("dark", "active"))
"""Colour scheme, and forced colours, in which axe reads `-webkit-text-fill-color`, which is not what is painted."""
AXE_WIDTHS = (320, 1280)
WIDTHS = (320, 367, 650, 867)
"""CSS pixels: WCAG 1.4.10, and what Moodle's frame leaves on a phone, in a window, and without its menu."""


def cover(learner: Learner) -> None:
    learner.launch("essai", api="opener")


def lesson(learner: Learner) -> None:
    cover(learner)
    learner.go("hameconnage")


def right(learner: Learner) -> None:
    lesson(learner)
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "ab")


def wrong(learner: Learner) -> None:
    """Wrong with a try left, a hint shown; and partly right, out of tries, the right answers revealed."""
    lesson(learner)
    learner.question("q-urgence").locator("[data-action=hint]").click()
    learner.pick("q-urgence", "a")
    learner.pick("q-signes", "ac")


def incomplete(learner: Learner) -> None:
    """Submitted with nothing picked: the message."""
    lesson(learner)
    learner.submit("q-urgence")
    learner.submit("q-signes")


def gaps(learner: Learner) -> None:
    cover(learner)
    learner.go("messagerie")


def gaps_wrong(learner: Learner) -> None:
    gaps(learner)
    learner.fill("q-canal", a="courriel", b="35", c="a")


def gaps_revealed(learner: Learner) -> None:
    gaps_wrong(learner)
    learner.retry("q-canal")
    learner.fill("q-canal", a="fax", b="3,5", c="c")


def results(learner: Learner) -> None:
    cover(learner)
    learner.go("_results")


def results_failed(learner: Learner) -> None:
    wrong(learner)
    learner.retry("q-urgence")
    learner.pick("q-urgence", "c")
    learner.next()
    learner.fill("q-canal", a="fax", b="1", c="c")
    learner.next()
    learner.pick("q-mot", "a")
    learner.next()
    expect(learner.content.locator("[data-action=answer-again]")).to_be_visible()


def results_passed(learner: Learner) -> None:
    right(learner)
    learner.next()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("[data-receipt]")).to_be_visible()


def contents(learner: Learner) -> None:
    """The table of contents, opened where it is folded away."""
    lesson(learner)
    learner.page.set_viewport_size({"width": 320, "height": 900})
    learner.content.locator("[data-action=toc]").click()
    expect(learner.content.locator("#toc a").first).to_be_visible()


def notice(learner: Learner) -> None:
    lesson(learner)
    learner.evaluate("lms.faults.server = true")
    learner.pick("q-urgence", "b")
    expect(learner.content.locator("[data-notice]")).to_be_visible()


def offer(learner: Learner) -> None:
    """Answers of an earlier browser session are offered."""
    learner.launch("essai")
    learner.go("hameconnage")
    learner.evaluate("lms.faults.server = true")
    learner.pick("q-urgence", "b")
    expect(learner.content.locator("[data-notice]")).to_be_visible()
    learner.kill()
    learner.stored("localStorage.removeItem('lms:course')")
    cover(learner)
    expect(learner.content.locator("main button").first).to_be_visible()


def untracked(learner: Learner) -> None:
    learner.launch("essai", api="none")
    learner.page.goto(learner.loopback.url("/packages/essai/index.html"))
    expect(learner.page.locator("[data-notice]")).to_be_visible()


def statement(learner: Learner) -> None:
    learner.page.goto(learner.loopback.url("/packages/essai/_accessibility.html"))


def alone(learner: Learner) -> None:
    learner.page.goto(learner.loopback.url("/packages/essai/hameconnage.html"))


STATES: tuple[Callable[[Learner], None], ...] = (
    cover,
    lesson,
    right,
    wrong,
    incomplete,
    gaps,
    gaps_wrong,
    gaps_revealed,
    results,
    results_failed,
    results_passed,
    contents,
    notice,
    offer,
    untracked,
    statement,
    alone,
)


def violations(page: Page, frame: Frame) -> list[str]:
    """What axe finds in all schemes and widths."""
    frame.evaluate(AXE)
    found: list[str] = []
    for scheme, forced in SCHEMES:
        page.emulate_media(color_scheme=scheme, forced_colors=forced, reduced_motion="reduce")
        for width in AXE_WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme} {forced} {width}: {one}" for one in frame.evaluate(RUN, forced == "none")]
    return found


def too_wide(page: Page, frame: Frame) -> list[str]:
    """Widths at which the page scrolls sideways, with what sticks out."""
    script = """() => {
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return "";
        const end = (one) => one.getBoundingClientRect().left + Math.max(one.offsetWidth, one.scrollWidth);
        const out = [...document.body.querySelectorAll("*")].filter(
            (one) => end(one) > root.clientWidth && !one.closest("pre, .table-scroll"));
        return out.map((one) => one.tagName + "." + one.className).join(" ") || "?";
    }"""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 666})
        out = frame.evaluate(script)
        if out:
            found.append(f"{width}: {out}")
    return found


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_page(learner: Learner, state: Callable[[Learner], None]) -> None:
    state(learner)
    assert violations(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


@pytest.mark.parametrize("name", ["sheet", "catalog"])
def test_page_of_the_administrator(learner: Learner, shelf: Shelf, name: str) -> None:
    """What lies beside a package, from disk; closed and with all disclosures open."""
    package = shelf.build(ROOT / "tests" / "courses" / "everything")
    page = package.sheet if name == "sheet" else package.zip.with_name("index.html")
    learner.page.goto(page.as_uri())
    assert violations(learner.page, learner.page.main_frame) == []
    assert learner.page.locator("summary").count() == (1 if name == "catalog" else 0)
    for summary in learner.page.locator("summary").all():
        summary.press("Enter")
    expect(learner.page.locator("details:not([open])")).to_have_count(0)
    assert violations(learner.page, learner.page.main_frame) == []
    assert too_wide(learner.page, learner.page.main_frame) == []


@pytest.mark.parametrize("course", sorted(file.parent.name for file in ROOT.glob("course_src/*/course.yml")))
def test_lessons_of_a_real_course(learner: Learner, shelf: Shelf, course: str) -> None:
    """The first lesson; all of them with CARABIN_FULL=1."""
    shelf.build(ROOT / "course_src" / course)
    learner.launch(course, api="opener")
    lessons = learner.content.locator(".toc [data-lesson]").evaluate_all("all => all.map((one) => one.dataset.lesson)")
    for lesson in lessons if os.environ.get("CARABIN_FULL") == "1" else lessons[:1]:
        learner.page.set_viewport_size({"width": 1280, "height": 900})
        learner.go(lesson)
        assert violations(learner.page, learner.content) == [], lesson
        assert too_wide(learner.page, learner.content) == [], lesson


def test_in_a_frame_of_moodle(learner: Learner) -> None:
    """In a low and narrow frame nothing of the player's own bars covers a question."""
    learner.launch("essai", "moodle", width="367", height="666")
    learner.start()
    for name in ("q-urgence", "q-signes"):
        field = learner.question(name).locator("input").first
        field.focus()
        box = field.bounding_box()
        assert box is not None
        hit = learner.content.evaluate(
            """id => {
                const field = document.querySelector(`#${id} input`);
                const box = field.getBoundingClientRect();
                const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                return hit === field || field.closest("label").contains(hit);
            }""",
            name,
        )
        assert hit, f"{name} is covered"

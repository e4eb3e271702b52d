"""Searching the course: by mouse and by keyboard, in an LMS and from disk; never anything of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from browser.conftest import COURSES, ROOT, Shelf
from browser.learner import Learner
from browser.test_pages import too_wide, violations
from browser.test_web import unzipped

ANSWERED = (
    *(COURSES / name for name in ("essai", "savoirs")),
    *(file.parent for file in sorted(ROOT.glob("tests/courses/*/course.yml")) if file.parent.name != "asides"),
)
"""Courses with every type of question."""
SECRETS = """
async (files) => {
  const open = new Set(), secret = new Set();
  const words = (one, all) => {
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    while (texts.nextNode())
      for (const word of texts.currentNode.data.match(/[\\p{L}\\p{N}]+/gu) ?? []) all.add(word);
  };
  for (const file of files) {
    const page = new DOMParser().parseFromString(await (await fetch(file)).text(), "text/html").querySelector("main");
    page.querySelectorAll(".lesson-data").forEach((one) => one.remove());
    for (const one of page.querySelectorAll(".question > :not(.question-prompt), .gap")) {
      words(one, secret);
      one.remove();
    }
    words(page, open);
  }
  const plain = (word) => word.normalize("NFD").replace(/[^\\p{L}\\p{N}]/gu, "").toLowerCase();
  const shown = [...open].map(plain);
  const isShown = (word) => shown.some((one) => one.startsWith(plain(word).slice(0, -1)));
  return [...secret].filter((word) => word.length > 4 && !isShown(word));
}
"""
"""Words that stand only in answers, feedback, hints, explanations and gaps of these pages."""


@pytest.fixture
def savoirs(learner: Learner, shelf: Shelf) -> Learner:
    """A learner on the cover of a course with a glossary, and a lesson in parts."""
    shelf.build(COURSES / "savoirs")
    learner.launch("savoirs", api="opener")
    return learner


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def search(learner: Learner, words: str) -> Locator:
    """Type words into the search page, and return the results when the address has followed."""
    field = learner.content.locator("[data-search-field]")
    if not field.count():
        learner.content.locator(".toc-search").click()
    field.fill(words)
    learner.content.wait_for_function("words => location.hash === `#/_search/${encodeURIComponent(words)}`", arg=words)
    return learner.content.locator("[data-search-results] > li")


def status(learner: Learner) -> Locator:
    return learner.content.locator("[data-search-status]")


def test_finding_and_coming_back(savoirs: Learner) -> None:
    """Accents and capitals do not matter; a result leads to its heading; Back finds the results again."""
    savoirs.content.locator(".toc-search").click()
    field = savoirs.content.locator("[data-search-field]")
    expect(field).to_be_focused()
    expect(savoirs.content.locator(".toc-search")).to_have_attribute("aria-current", "page")
    expect(status(savoirs)).to_have_text("")
    results = search(savoirs, "RESEAU touche")
    expect(status(savoirs)).to_have_text("1 passage trouvé.")
    expect(results.locator("a")).to_have_text("Les mots")
    expect(results.locator("p").first).to_have_text("Formules et mots")
    expect(results.locator("mark")).to_have_text(["touché", "réseau"])
    results.locator("a").click()
    expect(savoirs.content.locator("main[data-lesson=formules] #les-mots")).to_be_focused()
    savoirs.page.go_back()
    expect(field).to_have_value("RESEAU touche")
    expect(results).to_have_count(1)
    field.fill("rien de tel")
    expect(status(savoirs)).to_have_text("Aucun passage ne contient tous ces mots.")
    expect(results).to_have_count(0)


def test_by_keyboard(savoirs: Learner) -> None:
    """From the first Tab to the place; Enter goes to the results, Escape clears."""
    keyboard = savoirs.page.keyboard
    savoirs.content.locator("[data-action=leave]").focus()
    keyboard.press("Tab")
    expect(savoirs.content.locator(".toc-search")).to_be_focused()
    keyboard.press("Enter")
    field = savoirs.content.locator("[data-search-field]")
    expect(field).to_be_focused()
    keyboard.type("mots")
    expect(status(savoirs)).to_have_text("4 passages trouvés.")
    keyboard.press("Escape")
    expect(status(savoirs)).to_have_text("")
    expect(field).to_have_value("")
    expect(savoirs.content.locator("[data-search-results] > li")).to_have_count(0)
    keyboard.type("expediteur")
    expect(status(savoirs)).to_contain_text("passage")
    keyboard.press("Enter")
    expect(savoirs.content.locator("[data-search-results] a").first).to_be_focused()
    keyboard.press("Enter")
    expect(savoirs.content.locator("main[data-lesson=parties]")).to_be_visible()


def test_a_part_opens(savoirs: Learner) -> None:
    results = search(savoirs, "signale")
    results.locator("a").first.click()
    expect(savoirs.content.locator("#retenir")).to_be_visible()
    expect(savoirs.content.locator("#voir")).to_be_hidden()
    results = search(savoirs, "lettre par lettre")
    expect(results.locator("a")).to_have_text("De près")
    results.locator("a").click()
    expect(savoirs.content.locator("#de-pres")).to_be_visible()
    expect(savoirs.content.locator("#retenir")).to_be_hidden()


def test_terms_and_prompts(savoirs: Learner) -> None:
    results = search(savoirs, "phishing")
    expect(results.locator("p").first).to_have_text("Glossaire")
    results.locator("a", has_text="hameçonnage").click()
    expect(savoirs.content.locator(".glossary-term").first).to_be_visible()
    results = search(savoirs, "vient d’être touché")
    results.locator("a", has_text="Question 1").click()
    expect(savoirs.question("q-gestes")).to_be_focused()


def test_text_in_a_closed_tab(learner: Learner, shelf: Shelf) -> None:
    shelf.build(ROOT / "tests" / "courses" / "asides")
    learner.launch("asides", api="opener")
    results = search(learner, "super")
    results.locator("a", has_text="Linux").click()
    expect(learner.content.locator("kbd", has_text="Super")).to_be_visible()


@pytest.mark.parametrize("course", ANSWERED, ids=lambda course: course.name)
def test_nothing_of_an_answer(learner: Learner, shelf: Shelf, course: Path) -> None:
    """Words of answers, feedback, hints and explanations, where they stand nowhere else, are never found."""
    shelf.build(course)
    learner.launch(course.name, api="opener")
    links = learner.content.locator(".toc-lesson > a, .toc-links [href='_glossary.html']")
    files = links.evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    secrets = sorted(learner.content.evaluate(SECRETS, files), key=len)[-20:]
    assert secrets
    title = links.locator(".toc-title").first.inner_text()
    expect(search(learner, title).first).to_contain_text(title)
    for secret in secrets:
        learner.go(f"_search/{secret}")
        expect(learner.content.locator("[data-search-field]")).to_have_value(secret)
        expect(status(learner)).to_have_text("Aucun passage ne contient tous ces mots.")


def test_without_network_what_was_read_is_found(savoirs: Learner) -> None:
    held: list[Route] = []
    savoirs.context.route("**/parties.html", lambda route: held.append(route))
    search(savoirs, "adresse")
    expect(status(savoirs)).to_have_text("Lecture des leçons en cours…")
    results = search(savoirs, "reseau")
    expect(status(savoirs)).to_have_text("2 passages trouvés. Lecture des leçons en cours…")
    for route in held:
        route.abort()
    expect(status(savoirs)).to_have_text(
        "2 passages trouvés. Une page n’a pas pu être lue\u202f; vérifiez votre connexion."
    )
    expect(results).to_have_count(2)
    savoirs.context.unroute("**/parties.html")
    assert all("parties.html" in trouble for trouble in savoirs.troubles)
    savoirs.troubles.clear()
    search(savoirs, "adresse")
    expect(status(savoirs)).to_have_text("1 passage trouvé.")


def test_from_disk(context: BrowserContext, shelf: Shelf) -> None:
    folder = unzipped(shelf, COURSES / "savoirs", "web-recherche")
    page: Page = context.new_page()
    page.goto(f"{(folder / 'index.html').as_uri()}#/_search/hameconnage")
    expect(page.locator("[data-search-status]")).to_have_text("2 passages trouvés.")
    page.locator("[data-search-results] a", has_text="Les mots").click()
    expect(page.locator("main[data-lesson=formules] #les-mots")).to_be_focused()


def test_without_script(chromium: Browser, shelf: Shelf, savoirs: Learner) -> None:
    """Where nothing can be searched, nothing is offered."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(savoirs.loopback.url("/packages/savoirs/index.html"))
    expect(page.locator(".toc-search")).to_be_hidden()
    expect(page.locator(".toc-lesson").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("words", ["", "mots", "rien de tel"])
def test_page(savoirs: Learner, words: str) -> None:
    """axe in all schemes and widths; no width at which the page scrolls sideways."""
    savoirs.content.locator(".toc-search").click()
    if words:
        search(savoirs, words)
        expect(status(savoirs)).to_contain_text("passage")
    assert violations(savoirs.page, savoirs.content) == []
    assert too_wide(savoirs.page, savoirs.content) == []


def test_in_one_sco_of_several(learner: Learner, shelf: Shelf) -> None:
    """Where each lesson is a SCO, what the others say is found too, and opens for reading."""
    shelf.build(COURSES / "lecons")
    learner.launch("lecons", sco="1")
    results = search(learner, "alertent")
    expect(results.locator("a").first).to_contain_text("Les signes qui alertent")
    others = learner.content.evaluate("JSON.parse(document.getElementById('course-data').textContent).pages")
    assert "lire" in others
    title = learner.content.evaluate(
        """async () => new DOMParser().parseFromString(await (await fetch("lire.html")).text(), "text/html")
            .querySelector("h1").textContent"""
    )
    results = search(learner, title)
    results.locator("a", has_text=title).first.click()
    expect(learner.content.locator("main h1")).to_have_text(title)
    expect(learner.content.locator("[data-notice]")).to_contain_text("leçon")
    assert too_wide(learner.page, learner.content) == []

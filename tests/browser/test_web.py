"""The target `web` as visitors meet it: on a host, from disk, in two windows, without storage, without network."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import COURSES, ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback, serving
from browser.test_pages import too_wide, violations

INSIDE = "/unzipped-"
BLOCKED = """
    for (const kind of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, kind, { get() { throw new DOMException("blocked", "SecurityError"); } });
"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
RIGHT = "2 points sur 2"


@pytest.fixture(scope="module")
def folder(shelf: Shelf) -> Path:
    """The course that most tests play, unzipped."""
    return unzipped(shelf, COURSES / "essai", "web-essai")


def unzipped(shelf: Shelf, course: Path, name: str) -> Path:
    """Build a course for the web and return the folder that its package holds."""
    out, folder = shelf.folder / f"{name}-dist", shelf.folder / f"unzipped-{name}"
    shelf.command("build", str(course), "-t", "web", "--out", str(out))
    (archive,) = out.glob("*-web.zip")
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def learner(context: BrowserContext, loopback: Loopback, folder: Path) -> Iterator[Learner]:
    """Someone with an empty browser; the folder is on the host at `/unzipped-essai/`."""
    loopback.folders[f"{INSIDE}essai/"] = folder
    someone = Learner(context, loopback, INSIDE)
    yield someone
    assert someone.troubles == []


def on_host(learner: Learner, folder: Path) -> str:
    return learner.loopback.url(f"{INSIDE}essai/")


def from_disk(learner: Learner, folder: Path) -> str:
    return (folder / "index.html").as_uri()


PLACES: tuple[Callable[[Learner, Path], str], ...] = (on_host, from_disk)


def visit(learner: Learner, url: str) -> None:
    """Open the course, as from a bookmark: in a window that showed something else."""
    learner.page.goto("about:blank")
    learner.page.goto(url)
    learner.ready()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_whole_path(learner: Learner, folder: Path, place: Callable[[Learner, Path], str]) -> None:
    """First visit, an answer, closing, taking up again, moving between lessons, finishing."""
    visit(learner, place(learner, folder))
    expect(learner.content.locator("main h1")).to_contain_text("protéger")
    expect(learner.content.locator("[data-action=leave]")).to_have_count(0)
    learner.start()
    learner.pick("q-urgence", "b")
    expect(learner.result("q-urgence")).to_contain_text(RIGHT)
    expect(learner.content.locator("[data-saved]")).to_have_text("Gardé dans ce navigateur")
    learner.content.locator("main a", has_text="la messagerie").click()
    expect(learner.content.locator("main[data-lesson=messagerie] #partager")).to_be_visible()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")

    learner.page.close()
    learner.page = learner.context.new_page()
    visit(learner, place(learner, folder))
    expect(learner.content.locator("main[data-lesson=messagerie] h1")).to_be_visible()
    expect(learner.result("q-canal")).to_contain_text("3 points sur 3")
    learner.page.go_back()
    learner.page.go_forward()
    expect(learner.result("q-canal")).to_contain_text("3 points sur 3")
    learner.go("hameconnage")
    expect(learner.result("q-urgence")).to_contain_text(RIGHT)
    learner.pick("q-signes", "ab")
    learner.next()
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")
    expect(learner.content.locator("[data-receipt]")).to_contain_text("CARABIN1/essai/1.0.0/passed/100/")
    expect(learner.content.locator("[data-notice]")).to_be_hidden()
    learner.content.locator(".toc a", has_text="Accessibilité").click()
    expect(learner.content.locator("main h1")).to_have_text("Déclaration d’accessibilité")
    expect(learner.content.locator(".toc")).to_be_visible()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_starting_again_asks_first(learner: Learner, folder: Path, place: Callable[[Learner, Path], str]) -> None:
    visit(learner, place(learner, folder))
    learner.answer_all()
    heading = learner.content.locator("main h1")
    learner.content.locator("[data-action=restart]").click()
    expect(heading).to_have_text("Recommencer à zéro\u00a0?")
    expect(heading).to_be_focused()
    learner.content.get_by_role("button", name="Garder ma progression").click()
    expect(learner.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")
    learner.content.locator("[data-action=restart]").click()
    learner.content.get_by_role("button", name="Effacer et recommencer").click()
    expect(learner.content.locator("[data-action=start]")).to_have_text("Commencer le cours")
    learner.ready()
    kept = learner.content.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('carabin:essai'))")
    assert kept == []
    learner.start()
    expect(learner.question("q-urgence").locator("[data-action=submit]")).to_be_visible()


def test_two_windows_lose_no_answer(learner: Learner, folder: Path) -> None:
    visit(learner, on_host(learner, folder))
    learner.start()
    first = learner.page
    learner.page = second = learner.context.new_page()
    visit(learner, on_host(learner, folder))
    learner.go("messagerie")
    for page, question in ((first, "q-urgence"), (second, "q-canal"), (first, "q-signes")):
        learner.page = page
        if question == "q-canal":
            learner.fill("q-canal", a="mssante", b="3,5", c="b")
        else:
            learner.pick(question, "b")
        expect(learner.result(question)).not_to_be_empty()
    expect(learner.content.locator("[data-notice]")).to_contain_text("autre fenêtre")
    first.close()
    learner.page = second
    learner.page.reload()
    learner.ready()
    expect(learner.result("q-canal")).to_contain_text("3 points sur 3")
    learner.go("hameconnage")
    expect(learner.result("q-urgence")).to_contain_text(RIGHT)
    expect(learner.result("q-signes")).not_to_be_empty()


@pytest.mark.parametrize("trouble", [BLOCKED, FULL], ids=["blocked", "full"])
def test_without_storage_the_course_says_so_and_goes_on(learner: Learner, folder: Path, trouble: str) -> None:
    learner.page.add_init_script(trouble)
    visit(learner, on_host(learner, folder))
    learner.answer_all()
    expect(learner.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")
    expect(learner.content.locator("[data-notice]")).to_contain_text("Ce navigateur ne garde rien")
    expect(learner.content.locator("[data-saved]")).to_have_text("Non enregistré")


def test_an_update_keeps_answers(learner: Learner, shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    """The new package lies at the address of the old one; the key of one question has changed."""
    visit(learner, on_host(learner, folder))
    learner.start()
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "ab")
    learner.go("messagerie")
    learner.fill("q-canal", a="mssante", b="3,5", c="b")

    course = tmp_path / "essai"
    shutil.copytree(COURSES / "essai", course)
    settings = course / "course.yml"
    settings.write_text(settings.read_text("utf-8").replace("version: 1.0.0", "version: 1.1.0"), "utf-8")
    lesson = course / "01-proteger" / "01-hameconnage.md"
    text = lesson.read_text("utf-8").replace("- [ ] Une signature complète", "- [x] Une signature complète")
    lesson.write_text(text.replace("qui promet doit", "qui flatte doit"), "utf-8")
    shelf.command("lock", str(course), "--release")
    learner.loopback.folders[f"{INSIDE}essai/"] = unzipped(shelf, course, "web-essai-2")

    visit(learner, on_host(learner, folder))
    expect(learner.result("q-canal")).to_contain_text("3 points sur 3")
    learner.go("hameconnage")
    expect(learner.content.locator("main")).to_contain_text("qui flatte")
    expect(learner.result("q-urgence")).to_contain_text(RIGHT)
    expect(learner.question("q-signes").locator("[data-action=submit]")).to_be_visible()
    expect(learner.content.locator("[data-notice]")).to_be_hidden()


def test_the_network_dies_after_load(context: BrowserContext, folder: Path) -> None:
    with serving() as server:
        server.folders[f"{INSIDE}essai/"] = folder
        learner = Learner(context, server, INSIDE)
        visit(learner, server.url(f"{INSIDE}essai/index.html"))
        learner.start()
        learner.content.wait_for_function("""() =>
            ["messagerie", "revision"].every((lesson) =>
                performance.getEntriesByType("resource").some(({ name }) => name.endsWith(`/${lesson}.html`)))""")
    learner.answer_all()
    expect(learner.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")
    assert learner.troubles == []


# --- pages -----------------------------------------------------------------------------------------------------------


def cover(learner: Learner) -> None:
    """The cover, with the link to the page to print."""
    expect(learner.content.locator(".toc-links")).to_contain_text("Imprimer tout le cours")


def lesson(learner: Learner) -> None:
    learner.go("hameconnage")
    learner.pick("q-urgence", "b")


def restart(learner: Learner) -> None:
    learner.answer_all()
    learner.content.locator("[data-action=restart]").click()


def paper(learner: Learner) -> None:
    learner.content.locator(".toc-links a", has_text="Imprimer").click()
    expect(learner.page).to_have_url(re.compile("_print.html$"))


@pytest.mark.parametrize("state", [cover, lesson, Learner.answer_all, restart, paper], ids=lambda state: state.__name__)
def test_page(learner: Learner, folder: Path, state: Callable[[Learner], None]) -> None:
    visit(learner, on_host(learner, folder))
    state(learner)
    assert violations(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


@pytest.mark.parametrize("course", sorted(file.parent.name for file in ROOT.glob("course_src/*/course.yml")))
def test_paper_of_a_real_course(learner: Learner, shelf: Shelf, course: str) -> None:
    folder = unzipped(shelf, ROOT / "course_src" / course, f"web-{course}")
    learner.loopback.folders[f"{INSIDE}{course}/"] = folder
    learner.page.goto(learner.loopback.url(f"{INSIDE}{course}/_print.html"))
    assert violations(learner.page, learner.content) == []
    assert too_wide(learner.page, learner.content) == []


def visible(page: Page, selector: str) -> int:
    return page.locator(f"{selector}:visible").count()


def test_paper(learner: Learner, folder: Path) -> None:
    """The whole course on paper: every question with its answers, none marked, nothing to press."""
    learner.page.goto((folder / "_print.html").as_uri())
    learner.page.emulate_media(media="print")
    page = learner.page
    assert visible(page, "article > .lesson-header h2") == 3
    assert visible(page, ".question") == 4
    expect(page.locator("main")).to_contain_text("(éteindre / isoler / redémarrer)")
    for selector in (
        "button",
        "select",
        ".hint",
        ".feedback",
        ".explanation",
        "input:not(:disabled)",
        ".standalone-note",
    ):
        assert visible(page, selector) == 0, selector
    assert page.pdf().startswith(b"%PDF")


def test_a_lesson_on_paper(learner: Learner, folder: Path) -> None:
    """A lesson printed from the course: the text and the questions, none of the player's bars."""
    visit(learner, on_host(learner, folder))
    learner.go("hameconnage")
    learner.page.emulate_media(media="print")
    for selector in (".shell-header", ".toc", ".pager", ".question-actions", ".lesson-end"):
        assert visible(learner.page, selector) == 0, selector
    assert visible(learner.page, ".question .answer") == 7

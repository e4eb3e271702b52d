"""`carabin serve` as its author uses it: what is saved is seen in place, and what the learner did is still there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

ROOT = Path(__file__).parent.parent.parent
COURSE = Path(__file__).parent / "courses" / "essai"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LESSON = "01-proteger/01-hameconnage.md"


@dataclass(slots=True)
class Author:
    """Somebody who edits the course at `folder` and looks at it in `page`."""

    folder: Path
    page: Page

    @property
    def content(self) -> FrameLocator:
        return self.page.frame_locator("#frame")

    def ready(self) -> None:
        expect(self.page.locator("#frame[data-number]")).to_be_attached()
        expect(self.content.locator("[data-saved]")).to_be_visible()

    def go(self, lesson: str) -> None:
        self.content.locator("body").evaluate("(body, lesson) => { location.hash = `#/${lesson}` }", lesson)
        expect(self.content.locator(f"main[data-lesson={lesson}]")).to_be_visible()

    def text(self, file: str = LESSON) -> str:
        return (self.folder / file).read_text("utf-8")

    def write(self, text: str, file: str = LESSON) -> float:
        """Save a file; return when, in seconds."""
        (self.folder / file).write_text(text, encoding="utf-8")
        return time.perf_counter()

    def replace(self, old: str, new: str, file: str = LESSON) -> float:
        text = self.text(file)
        assert old in text
        return self.write(text.replace(old, new, 1), file)

    def pick(self, question: str, letter: str) -> None:
        self.content.locator(f"#{question} .answer[data-letter={letter}] input").check()
        self.content.locator(f"#{question} [data-action=submit]").click()
        expect(self.content.locator(f"#{question} .question-result")).to_be_visible()


@pytest.fixture
def author(chromium: Browser, tmp_path: Path) -> Iterator[Author]:
    folder = tmp_path / "essai"
    shutil.copytree(COURSE, folder)
    run = (sys.executable, "-m", "builder", "serve", str(folder), "--port", "0", "--no-open", "--lang", "en")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    troubles: list[str] = []
    with ExitStack() as ending:
        ending.callback(process.kill)
        assert process.stdout is not None
        ending.enter_context(process.stdout)
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        ending.callback(context.close)
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page = context.new_page()
        page.goto(address)
        someone = Author(folder, page)
        someone.ready()
        yield someone
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert troubles == []


def test_an_edit_is_seen_in_place_and_nothing_is_lost(author: Author) -> None:
    """Answered, half answered, scrolled: all is as it was, and the words are the new ones, in less than 300 ms."""
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    author.content.locator("#q-signes .answer[data-letter=a] input").check()
    place = author.content.locator("#q-signes")
    place.evaluate("element => window.scrollTo(0, element.offsetTop - 100)")
    before = place.evaluate("element => element.getBoundingClientRect().top")
    seconds = []
    for number in range(5):
        text = f"Mot neuf {number}."
        began = author.write(author.text().rstrip() + f"\n\n{text}\n")
        expect(author.content.get_by_text(text)).to_be_visible()
        seconds.append(time.perf_counter() - began)
    print(f"save to screen: {', '.join(f'{1000 * one:.0f}' for one in seconds)} ms")
    assert sorted(seconds)[2] < 0.3
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    expect(author.content.locator("#q-signes .answer[data-letter=a] input")).to_be_checked()
    assert abs(place.evaluate("element => element.getBoundingClientRect().top") - before) < 2


def test_a_broken_lesson_stays_as_it_was_says_why_and_heals(author: Author) -> None:
    """Other lessons go on; a click on a finding copies its place."""
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    good = author.text()
    author.write(good.replace("Un courriel qui", "Un appel qui") + "\n::: choice {#q-neuve}\n\nRien ?\n\n:::\n")
    over = author.page.locator("#over")
    expect(over).to_be_visible()
    expect(over).to_contain_text("01-hameconnage.md:")
    expect(over.locator("a").first).to_have_attribute(
        "href", re.compile(r"^vscode://file/.*01-hameconnage\.md:\d+:\d+$")
    )
    expect(author.content.get_by_text("Un courriel qui")).to_be_visible()
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()

    author.replace("duration:", "# plus rien\nduration:", "02-revision.md")
    author.replace("---\n\n", "---\n\nUne phrase neuve ici.\n\n", "02-revision.md")
    author.go("revision")
    expect(author.content.get_by_text("Une phrase neuve ici.")).to_be_visible()
    expect(over).to_be_visible()

    author.write(good.replace("Un courriel qui", "Un message qui"))
    expect(over).to_be_hidden()
    author.go("hameconnage")
    expect(author.content.get_by_text("Un message qui")).to_be_visible()
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()


def test_a_burst_of_saves_ends_with_the_last_one(author: Author) -> None:
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    text = author.text()
    for number in range(20):
        author.write(f"{text}\n\nSauvegarde numéro {number}.\n")
    expect(author.content.get_by_text("Sauvegarde numéro 19.")).to_be_visible()
    expect(author.content.get_by_text("Sauvegarde numéro")).to_have_count(1)
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()


def test_a_file_written_in_two_steps_is_shown_whole(author: Author) -> None:
    author.go("hameconnage")
    text = author.text() + "\n\nLa fin du fichier.\n"
    place, half = author.folder / LESSON, text.index("- [x] Je ne")
    with place.open("w", encoding="utf-8") as file:
        file.write(text[:half])
        file.flush()
        expect(author.page.locator("#over")).to_be_visible()
        file.write(text[half:])
    expect(author.content.get_by_text("La fin du fichier.")).to_be_visible()
    expect(author.page.locator("#over")).to_be_hidden()


def test_new_questions_move_no_answer(author: Author) -> None:
    """Those that were answered keep what was said, whatever stands before them now."""
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    new = "::: choice {#q-avant}\n\nAvant ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n\n"
    author.replace("::: choice {#q-urgence", f"{new}::: choice {{#q-urgence")
    expect(author.content.locator("#q-avant")).to_be_visible()
    expect(author.content.locator("#q-avant .question-result")).to_be_hidden()
    expect(author.content.locator("#q-urgence .answer[data-letter=b] input")).to_be_checked()
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    author.pick("q-avant", "a")
    author.replace(new, "")
    expect(author.content.locator("#q-avant")).to_have_count(0)
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()


def test_a_renamed_lesson_and_a_new_one_come_into_the_contents(author: Author) -> None:
    """The course is launched anew, at the same lesson, with what the LMS has."""
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    (author.folder / LESSON).rename(author.folder / "01-proteger" / "03-dernier.md")
    expect(author.content.locator(".toc-lesson").nth(1)).to_have_attribute("data-lesson", "hameconnage")
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    author.write("---\ntitle: Toute neuve\nid: toute-neuve\nduration: 5 min\n---\n\nUn texte.\n", "03-neuve.md")
    expect(author.content.locator(".toc-lesson[data-lesson=toute-neuve]")).to_be_attached()
    author.go("toute-neuve")
    (author.folder / "03-neuve.md").unlink()
    expect(author.content.locator(".toc-lesson[data-lesson=toute-neuve]")).to_have_count(0)
    author.go("hameconnage")
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()


def test_course_yml_may_be_broken_for_a_while(author: Author) -> None:
    author.go("hameconnage")
    text = author.text("course.yml")
    author.write("id: [", "course.yml")
    expect(author.page.locator("#over")).to_contain_text("course.yml:1:")
    expect(author.content.locator("main[data-lesson=hameconnage]")).to_be_visible()
    author.write(text.replace("Essai : protéger", "Essai : défendre"), "course.yml")
    expect(author.page.locator("#over")).to_be_hidden()
    expect(author.page).to_have_title(re.compile("défendre"))
    expect(author.content.locator("main[data-lesson=hameconnage]")).to_be_visible()


def test_the_controls(author: Author) -> None:
    """Calls, record, saved state; faults; a new attempt; the other standard; a narrow frame."""
    page = author.page
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    expect(page.locator("#calls")).to_contain_text('LMSSetValue("cmi.interactions.0.id", "q-urgence")')
    expect(page.locator("#state")).to_contain_text("Question q-urgence", use_inner_text=False)
    expect(page.locator("#state-size")).to_contain_text("of 4096")

    page.get_by_label("session lost").check()
    author.content.locator("#q-signes .answer[data-letter=a] input").check()
    author.content.locator("#q-signes [data-action=submit]").click()
    expect(author.content.locator("[data-saved]")).to_have_attribute("data-state", "browser")

    page.get_by_label("Width").select_option("320")
    assert page.locator("#frame").evaluate("frame => frame.clientWidth") == 320

    page.get_by_role("button", name="Relaunch").click()
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    page.get_by_role("button", name="New attempt").click()
    expect(author.content.locator("main[data-lesson]")).to_have_count(0)

    page.get_by_label("Standard").select_option("scorm2004")
    expect(page.locator("#calls").get_by_text('Initialize("")', exact=True)).to_be_attached()
    author.ready()
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    expect(page.locator("#calls")).to_contain_text('SetValue("cmi.interactions.0.id", "q-urgence")')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible(author: Author, scheme: str) -> None:
    """axe-core, with findings open, at 1280 and 320 px; nothing scrolls sideways."""
    author.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    author.write(author.text() + "\n::: choice {#q-neuve}\n\nRien ?\n\n:::\n")
    expect(author.page.locator("#over")).to_be_visible()
    for details in author.page.locator(".desk-details").all():
        details.evaluate("details => { details.open = true }")
    for width in (1280, 320):
        author.page.set_viewport_size({"width": width, "height": 800})
        found = author.page.evaluate(
            f"async () => {{ {AXE.read_text('utf-8')}; const found = await axe.run(document, {{ iframes: false }});"
            " return found.violations.map(one => `${one.id}: ${one.nodes[0].html}`) }"
        )
        assert found == []
        assert author.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if where := os.environ.get("CARABIN_PICTURES"):
            author.page.screenshot(path=f"{where}/serve-{scheme}-{width}.png")

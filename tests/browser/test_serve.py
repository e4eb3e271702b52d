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
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect

ROOT = Path(__file__).parent.parent.parent
COURSE = Path(__file__).parent / "courses" / "essai"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LESSON = "01-proteger/01-hameconnage.md"


@dataclass(slots=True)
class Author:
    """Somebody who edits the course at `folder` and looks at it in `page`."""

    folder: Path
    page: Page
    process: subprocess.Popen[str]

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


def is_trouble(said: ConsoleMessage) -> bool:
    """An LRS says by 404 that a document is not there, and faults are wanted: what cmi5 is answered is no trouble.
    Nor is it that a preview which has ended tells nothing."""
    expected = any(part in said.location["url"] for part in ("/cmi5/", "/events"))
    return said.type == "error" and not expected and "about:blank" not in said.text


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
        context.on("console", lambda said: troubles.append(said.text) if is_trouble(said) else None)
        page = context.new_page()
        page.goto(address)
        someone = Author(folder, page, process)
        someone.ready()
        yield someone
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert troubles == []


def test_an_edit_is_seen_in_place_and_nothing_is_lost(author: Author) -> None:
    """Answered, half answered, scrolled: all is as it was, and the words are the new ones; `make bench` times it."""
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
    expect(page.locator("#calls .desk-clause").first).to_have_text("SCORM 1.2 RTE §3.3")

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


def test_a_finished_course_and_an_ended_preview_are_told(author: Author) -> None:
    """Moodle opens a finished course in review: the desk says how to answer again, and when the server is gone."""
    page = author.page
    page.evaluate("() => window.lms.API.LMSSetValue('cmi.core.lesson_status', 'completed')")
    page.get_by_role("button", name="Relaunch").click()
    expect(page.locator("#reviewed")).to_contain_text("New attempt")
    page.get_by_role("button", name="New attempt").click()
    expect(page.locator("#reviewed")).to_be_hidden()
    author.ready()
    expect(page.locator("#lost")).to_be_hidden()
    author.process.send_signal(signal.SIGINT)
    expect(page.locator("#lost")).to_contain_text("carabin serve")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible(author: Author, scheme: str) -> None:
    """axe-core, with findings, statements and refused calls, at three widths; nothing scrolls sideways."""
    author.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    author.write(author.text() + "\n::: choice {#q-neuve}\n\nRien ?\n\n:::\n")
    expect(author.page.locator("#over")).to_be_visible()
    author.page.get_by_label("Standard").select_option("cmi5")
    expect(author.page.locator("#statements")).to_contain_text("initialized")
    author.page.get_by_label("LMS stops answering").check()
    author.go("revision")
    expect(author.page.locator("#calls .desk-clause").first).to_be_visible()
    for details in author.page.locator(".desk-details, .desk-told details").all():
        details.evaluate("details => { details.open = true }")
    for width in (1440, 390, 320):
        author.page.set_viewport_size({"width": width, "height": 800})
        found = author.page.evaluate(
            f"async () => {{ {AXE.read_text('utf-8')}; const found = await axe.run(document, {{ iframes: false }});"
            " return found.violations.map(one => `${one.id}: ${one.nodes[0].html}`) }"
        )
        assert found == []
        assert author.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if where := os.environ.get("CARABIN_PICTURES"):
            author.page.screenshot(path=f"{where}/serve-{scheme}-{width}.png")


def test_cmi5(author: Author) -> None:
    """Statements and calls are listed, an edit is seen in place, faults pass, and a relaunch finds what was done."""
    page, saved = author.page, author.content.locator("[data-saved]")
    page.get_by_label("Standard").select_option("cmi5")
    expect(page.locator("#calls")).to_contain_text("POST fetch")
    author.ready()
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    author.content.locator("#q-signes .answer[data-letter=a] input").check()
    answered = page.locator("#statements li", has_text="answered")
    expect(answered).to_contain_text("success true")
    answered.locator("summary").click()
    expect(answered.locator("pre")).to_contain_text('"success": true')
    expect(page.locator("#record")).to_contain_text("Satisfied")
    expect(page.locator("#state")).to_contain_text("Question q-urgence", use_inner_text=False)

    author.replace("Un courriel qui", "Un message qui")
    expect(author.content.get_by_text("Un message qui")).to_be_visible()
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    expect(author.content.locator("#q-signes .answer[data-letter=a] input")).to_be_checked()
    expect(page.locator("#calls tr", has_text="POST fetch")).to_have_count(1)

    # The first question beyond the release is shown by a launch, others in place; statements know them all.
    new = "\n::: choice {{#{0}}}\n\n{1} ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n"
    for name, text in (("q-avant", "Et avant"), ("q-apres", "Et après")):
        author.write(author.text() + new.format(name, text))
        expect(author.content.locator(f"#{name}")).to_be_visible()
    author.pick("q-apres", "a")
    expect(page.locator("#statements li", has_text="Et après")).to_contain_text("answered")

    for number, fault in enumerate(("LMS stops answering", "offline")):
        page.get_by_label(fault).check()
        author.go(("revision", "messagerie")[number])
        expect(saved).to_have_attribute("data-state", "browser")
        expect(page.locator("#calls .desk-failed").first).to_be_visible()
        page.get_by_label(fault).uncheck()
        expect(saved).to_have_attribute("data-state", "saved")
    page.get_by_label("session lost").check()
    author.go("hameconnage")
    expect(page.locator("#calls .desk-failed .desk-clause").first).to_have_text("xAPI Communication §4")

    page.get_by_role("button", name="Relaunch").click()
    expect(page.get_by_label("session lost")).not_to_be_checked()
    expect(page.locator("#statements li", has_text="launched")).to_have_count(3)
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    page.get_by_role("button", name="New attempt").click()
    expect(page.locator("#statements li", has_text="launched")).to_have_count(1)
    author.ready()
    author.go("hameconnage")
    expect(author.content.locator("#q-urgence .answer[data-letter=b] input")).not_to_be_checked()
    page.once("dialog", lambda dialog: dialog.accept())
    author.content.get_by_role("button", name="Quitter").click()
    expect(author.content.get_by_role("heading", name="The course is closed.")).to_be_visible()


def test_choices(author: Author) -> None:
    """Theme, audience and language are chosen in the page; what cannot be shown says why, and the rest stays."""
    page = author.page
    author.go("hameconnage")
    author.pick("q-urgence", "b")
    leave = author.content.get_by_role("button", name="Quitter")
    before = leave.evaluate("element => getComputedStyle(element).color")
    page.locator("select[name=theme]").select_option("encre")
    expect(leave).not_to_have_css("color", before)
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()

    expect(page.get_by_label("Audience")).to_be_hidden()
    author.replace("duration: 1 h", "duration: 1 h\naudiences: [infirmier, medecin]", "course.yml")
    author.write(author.text() + "\n::: only {audience=medecin}\n\nPour les médecins.\n\n:::\n")
    expect(author.content.get_by_text("Pour les médecins.")).to_be_visible()
    page.get_by_label("Audience").select_option("infirmier")
    expect(author.content.get_by_text("Pour les médecins.")).to_have_count(0)
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()

    (author.folder / "themes" / "casse").mkdir(parents=True)
    author.write("extends: rien\n", "themes/casse/theme.yml")
    expect(page.locator("select[name=theme]").locator("option[value=casse]")).to_be_attached()
    page.locator("select[name=theme]").select_option("casse")
    expect(page.locator("#over")).to_contain_text("S080")
    expect(author.content.locator("#q-urgence .question-result")).to_be_visible()
    page.locator("select[name=theme]").select_option("")
    expect(page.locator("#over")).to_be_hidden()

    author.write(author.text() + "\n::: choice\n\nSans nom ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n")
    expect(author.content.get_by_text("Sans nom ?")).to_be_visible()
    expect(page.get_by_text("Questions without id have a temporary one here")).to_be_visible()
    expect(page.locator("#problems")).to_contain_text("Q101")

    page.get_by_label("Language").select_option("fr")
    expect(page.get_by_role("button", name="Relancer")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_by_keyboard_alone(author: Author) -> None:
    """Standard, LMS, fault, relaunch, a finding, into the course and back: no mouse."""
    page, keys = author.page, author.page.keyboard

    def reach(wanted: Locator, key: str = "Tab") -> None:
        for _ in range(80):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            keys.press(key)
        raise AssertionError("not reached")

    skip = page.get_by_role("link", name="Go to the course")
    reach(skip)
    expect(skip).to_be_in_viewport()
    reach(page.get_by_label("Standard"))
    keys.press("ArrowDown")
    expect(page.locator("#calls").get_by_text('Initialize("")', exact=True)).to_be_attached()
    author.ready()
    profile = page.locator("select[name=profile]")
    reach(profile)
    known = profile.input_value()
    keys.press("ArrowDown")
    expect(profile).not_to_have_value(known)
    author.ready()
    fault = page.get_by_label("offline")
    reach(fault)
    keys.press("Space")
    expect(fault).to_be_checked()
    keys.press("Space")
    expect(fault).not_to_be_checked()
    reach(page.get_by_role("button", name="Relaunch"))
    keys.press("Enter")
    author.ready()
    expect(page.get_by_role("button", name="Relaunch")).to_be_focused()

    author.write(author.text() + "\n::: choice {#q-neuve}\n\nRien ?\n\n:::\n")
    link = page.locator("#over a").first
    expect(link).to_be_visible()
    reach(link)
    reach(page.locator("#frame"))
    keys.press("Tab")
    inside = author.content.locator(":focus")
    expect(inside).to_have_count(1)
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    reach(page.locator("#over").get_by_role("button", name="Hide"), "Shift+Tab")
    keys.press("Enter")
    expect(page.locator("#over")).to_be_hidden()


def test_open_disclosures_and_tabs_stay_open(author: Author) -> None:
    """Also where the edit adds another one before them."""
    tabs = "\n::: tabs\n\n### Papier\n\nSur papier.\n\n### Écran\n\nSur écran.\n\n:::\n"
    more = '\n::: details {title="Pour aller plus loin"}\n\nUn détail.\n\n:::\n'
    author.write(author.text() + tabs + more)
    author.go("hameconnage")
    author.content.get_by_text("Écran", exact=True).click()
    author.content.get_by_text("Pour aller plus loin").click()
    for edit, seen in (
        ("Un mot neuf.", "Un mot neuf."),
        ('::: details {title="Encore"}\n\nUn autre.\n\n:::', "Encore"),
    ):
        author.replace("## Les signes\n", f"## Les signes\n\n{edit}\n")
        expect(author.content.get_by_text(seen)).to_be_visible()
        expect(author.content.get_by_text("Sur écran.")).to_be_visible()
        expect(author.content.get_by_text("Sur papier.")).to_be_hidden()
        expect(author.content.get_by_text("Un détail.")).to_be_visible()


def test_lessons_by_themselves(author: Author) -> None:
    """Where each is a SCO, or a unit, another one is launched at its own beginning, and has a record of its own."""
    page = author.page
    author.go("hameconnage")
    author.replace("[la messagerie](02-messagerie.md#partager)", "la messagerie")
    author.replace("mastery: 80", "packaging: {sco: lesson}\nmastery: 80", "course.yml")
    for target in ("scorm12", "cmi5"):
        page.get_by_label("Standard").select_option(target)
        expect(page.locator("#calls")).to_contain_text("POST fetch" if target == "cmi5" else "LMSInitialize")
        page.locator("select[name=sco]").select_option(label="Reconnaître un hameçonnage")
        expect(author.content.locator("main[data-lesson=hameconnage]")).to_be_visible()
        author.pick("q-urgence", "b")
        expect(page.locator("#record")).to_contain_text("hameconnage")
        page.locator("select[name=sco]").select_option(label="S'entraîner")
        expect(author.content.locator("main[data-lesson=revision]")).to_be_visible()
        expect(author.content.locator("#q-urgence")).to_have_count(0)
        expect(page.locator("#record")).not_to_contain_text("hameconnage")

"""`python -m tools.pictures`: the pictures of README.md and docs/, taken in Chromium.

A lesson is the real thing; the forms of LMSs are drawings of ours, filled from the words of the administrator's sheet.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tools.manual import DOCS, fences, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking", "--disable-sync")
COURSE = """\
id: exemple
title: Un premier cours
version: 1.0.0
language: fr-FR
iri: https://carabin.example/exemple
licence: CC-BY-4.0
duration: 5 min
mastery: 50
"""


def readme_lesson() -> str:
    """Return the lesson that README.md shows."""
    match = re.search(r"```markdown\n(.*?)```\n", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert match, "README.md shows no lesson"
    return match[1]


def main() -> int:
    """Build the lesson of the README, answer its question, take its picture; then the others."""
    from playwright.sync_api import sync_playwright

    from builder import load, pipeline, write

    chromium = json.loads((ROOT / ".tools.json").read_text("utf-8"))["chromium"]
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "exemple"
        course.mkdir()
        (course / "course.yml").write_text(COURSE, "utf-8")
        (course / "01-message.md").write_text(readme_lesson(), "utf-8")
        (built,) = pipeline.build(load.load(course), pipeline.Options())
        assert built.package, built.diagnostics
        written = write.write_package(built.package, Path(folder))
        with zipfile.ZipFile(written.path) as archive:
            archive.extractall(course / "package")
        with sync_playwright() as playwright, serve(course / "package") as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
            page = browser.new_page(viewport={"width": 867, "height": 1000}, locale="fr-FR")
            # A silent LMS: the picture shows a lesson as learners see it, saved.
            page.add_init_script(SILENT_LMS)
            page.goto(f"{address}/index.html#/message")
            question = page.locator(".question")
            question.locator("label", has_text="alerte l").click()
            question.locator("[data-action=submit]").click()
            page.wait_for_timeout(600)
            page.mouse.wheel(0, -5000)
            page.wait_for_timeout(400)
            page.screenshot(path=IMAGES / "lesson.png", full_page=True)
            with zipfile.ZipFile(written.path) as archive:
                draw(browser, "package", package(written.path.name, archive.namelist()))
            for name, title, rows in forms(written.path.name):
                draw(browser, name, form(title, rows))
            take_frame(browser, course)
            take_coverage(browser, Path(folder) / "coverage")
            for language, name in TUTORIALS.items():
                take_preview(browser, Path(folder) / "preview", language, name)
            browser.close()
    return 0


def take_frame(browser: Browser, folder: Path) -> None:
    """Take the lesson in the simulated LMS, in a frame as large as Moodle's default settings leave it."""
    shutil.copytree(ROOT / "builder" / "lms", folder / "lms")
    width, height = FRAME
    context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
    with serve(folder) as address:
        page = context.new_page()
        launch = f"profile=moodle&package=/package/index.html&width={width}&height={height}"
        page.goto(f"{address}/lms/harness.html?{launch}")
        frame = page.frame_locator("iframe")
        frame.locator("[data-action=start]").click()
        frame.locator("[data-lesson-end]").wait_for(state="attached")
        page.wait_for_timeout(600)
        page.screenshot(path=IMAGES / "import-frame.png")
    context.close()


DOORS = """\
id: doors
title: Doors and gates
version: 1.0.0
language: en
iri: https://carabin.example/doors
licence: CC-BY-4.0
duration: 30 min
framework: fire
domain: D1
"""
"""The course of the manual's page on coverage, which shows its programme and its framework."""


def take_coverage(browser: Browser, folder: Path) -> None:
    """Take the objectives of that course, on the page of `carabin coverage`."""
    asked = (("inner", 1), ("outer", 1), ("gate", 2))
    questions = "".join(
        f"\n::: choice {{#q-{name} objective=D1.C1.O{number}}}\n\nClose it?\n\n- [x] Yes.\n- [ ] No.\n\n:::\n"
        for name, number in asked
    )
    front = "---\ntitle: Which door comes first\nduration: 30 min\nobjectives: [D1.C1.O1, D1.C1.O2]\n---\n"
    files = {fence.options["file"]: fence.text for fence in fences(DOCS / "how-to" / "coverage.md") if fence.options}
    for name, text in {**files, "doors/course.yml": DOORS, "doors/which.md": front + questions}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    report = folder / "coverage.html"
    command = [sys.executable, "-m", "builder", "coverage", str(folder), "--lang", "en", "--out", str(report)]
    subprocess.run(command, check=True, capture_output=True)
    page = browser.new_page(viewport={"width": 800, "height": 800})
    page.goto(report.as_uri())
    page.get_by_role("region", name="D1.C1").screenshot(path=IMAGES / "how-to" / "coverage.png")
    page.close()


TUTORIALS = {"en": "hand-hygiene", "fr": "hygiene-des-mains"}
"""The course of each tutorial, by language."""


def take_preview(browser: Browser, folder: Path, language: str, name: str) -> None:
    """Take `carabin serve` with the lesson of the tutorial, once its first question has been answered wrong."""
    end = "" if language == "en" else f".{language}"
    command = (sys.executable, "-m", "builder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    def carabin(*words: str) -> None:
        subprocess.run((*command, *words, "--lang", language), cwd=folder, check=True)

    carabin("new", "course", name)
    (lesson,) = folder.glob(f"course_src/{name}/*.md")
    lesson.write_text(written(DOCS / "tutorial" / f"first-lesson{end}.md"), "utf-8")
    carabin("check", "--fix")
    carabin("lock")
    (lesson.parent / "media").mkdir(exist_ok=True)
    (lesson.parent / "media" / "room.svg").write_text(ROOM, "utf-8")
    serving = (*command, "serve", "--no-open", "--port", "0", "--lang", language)
    with subprocess.Popen(serving, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            (address,) = next(found for line in server.stdout if (found := re.findall(r"http://\S+", line)))
            context = browser.new_context(viewport={"width": 900, "height": 600}, locale=language)
            page = context.new_page()
            page.goto(address)
            frame = page.frame_locator("iframe")
            frame.locator("[data-action=start]").click()
            question = frame.locator(".question").first
            question.locator("label").first.click()
            question.locator("[data-action=submit]").click()
            page.wait_for_timeout(600)
            question.evaluate("question => scrollTo(0, question.getBoundingClientRect().top + scrollY - 80)")
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(600)
            page.screenshot(path=IMAGES / f"tutorial-preview{end}.jpg", type="jpeg", quality=45)
            if language == "en":
                take_desk(page, lesson)
                take_pages(page)
            context.close()
        finally:
            server.terminate()


ROOM = """\
<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300" viewBox="0 0 600 300">
<path fill="#e8eef4" d="M0 0h600v300H0z"/><path fill="#c9b79c" d="M0 220h600v80H0z"/>
<path fill="#fff" stroke="#445" stroke-width="3" d="M50 150h240v60H50z"/>
<path fill="none" stroke="#445" stroke-width="6" d="M50 110v130M290 130v110"/>
<path fill="#7a5c3a" d="M400 140h120v10H400zM410 150h8v80h-8zM502 150h8v80h-8z"/>
<path fill="#9cd" stroke="#445" stroke-width="2" d="M440 104h26l-4 36h-18z"/>
<path fill="none" stroke="#222" stroke-width="5" d="M300 270c60-50 120 40 190-10"/></svg>
"""
"""A room with a bed, a table with a glass, a cable across the floor."""


def take_desk(page: Page, lesson: Path) -> None:
    """Take the desk in cmi5, with an error above the course and the statements beside it."""
    page.set_viewport_size({"width": 1120, "height": 640})
    page.locator("select[name=target]").select_option("cmi5")
    frame = page.frame_locator("iframe")
    page.locator("#statements li", has_text="initialized").wait_for()
    frame.locator("[data-action=start]").click()
    question = frame.locator(".question").first
    question.locator("label").nth(1).click()
    question.locator("[data-action=submit]").click()
    page.locator("#statements li", has_text="answered").wait_for()
    whole = lesson.read_text("utf-8")
    lesson.write_text(f"{whole}\n::: choice {{#q-new}}\n\nAnd now?\n\n:::\n", "utf-8")
    page.locator("#over").wait_for()
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / "how-to" / "preview.jpg", type="jpeg", quality=30)
    lesson.write_text(whole, "utf-8")
    page.locator("#over").wait_for(state="hidden")


def take_pages(page: Page) -> None:
    """Take two of the pages beside the desk: a question to be proof-read, and zones drawn on a picture."""
    page.set_viewport_size({"width": 800, "height": 560})
    page.locator(".page-nav a[href='/pages/questions']").click()
    page.screenshot(path=IMAGES / "how-to" / "pages-questions.jpg", type="jpeg", quality=50)
    page.locator(".page-nav a[href='/pages/zones']").click()
    place = page.locator("#picture").bounding_box()
    assert place
    for x, y, right, bottom in ((0.05, 0.33, 0.52, 0.84), (0.49, 0.78, 0.85, 0.96)):
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        page.mouse.down()
        page.mouse.move(place["x"] + right * place["width"], place["y"] + bottom * place["height"])
        page.mouse.up()
    main = page.locator("main")
    main.screenshot(path=IMAGES / "how-to" / "pages-zones.jpg", type="jpeg", quality=50)


FRAME = (650, 666)
"""Width and height that Moodle 4.3 leaves a package beside its table of contents, in a window of 1280 × 900."""


def forms(archive: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield for each LMS the name of its picture, a title, and the settings with their values."""
    from builder.sheet import MOODLE
    from builder.strings import strings

    words = strings("en", "sheet")

    def rows(*keys: str) -> list[tuple[str, str]]:
        return [(words[f"moodle_{key}_name"], words[f"moodle_{key}_value"]) for key in keys]

    file = ("Package file", archive)
    all_of_them = [key for key in MOODLE if key != "size"]
    yield "moodle", "Moodle: SCORM package", [file, *rows(*all_of_them, "grade", "completion_passed")]
    most = ("window", "structure", "attempts", "lock", "force_new", "grade", "completion_passed")
    yield "totara", "Totara: SCORM package (names about like this)", [file, *rows(*most)]
    scored = ("Scored", "Yes, if the course has points")
    weight = ("Weight", "as much as the unit counts")
    popup = ("In a window of its own", "No")
    yield "openedx", "Open edX: SCORM component (names about like this)", [file, scored, weight, popup]


def form(title: str, rows: Sequence[tuple[str, str]]) -> str:
    """Return a drawing of a form: a line for each setting, with the value to choose."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return f"<h1>{escape(title)}</h1><dl>{lines}</dl><p class=save>Save</p>"


def package(name: str, members: Sequence[str]) -> str:
    """Return a drawing of a zip that can be imported, and of one that cannot."""
    first = ["imsmanifest.xml", "index.html"]
    others = [member for member in members if member not in first and "xsd" not in member]
    shown = [*first, *others[:4], "…"]

    def files(names: Sequence[str]) -> str:
        lines = (f"<li{' class=key' if one == first[0] else ''}>{escape(one)}</li>" for one in names)
        return f"<ul>{''.join(lines)}</ul>"

    folder = name.removesuffix(".zip")
    return (
        f"<div class=pair><section><h1>✓ As it was built</h1><p>{escape(name)}</p>{files(shown)}</section>"
        f"<section><h1>✗ Packed again</h1><p>{escape(name)}</p><ul><li>{escape(folder)}/{files(shown)}</ul></section>"
        "</div>"
    )


def draw(browser: Browser, name: str, body: str) -> None:
    """Draw a page as `docs/images/import-NAME.png`. It brings its own ground, so it can be read on a dark page too."""
    page = browser.new_page(viewport={"width": 760, "height": 200})
    page.set_content(f"<!doctype html><html lang=en><style>{DRAWING}</style><body>{body}")
    page.screenshot(path=IMAGES / f"import-{name}.png", full_page=True)
    page.close()


DRAWING = """
  body { margin: 0; padding: 20px 24px; font: 16px/1.4 sans-serif; color: #1b1b1b; background: #fff;
    border: 3px solid #5b6470; border-radius: 4px; }
  h1 { margin: 0 0 12px; font-size: 19px; }
  p { margin: 0 0 8px; }
  dl { display: grid; grid-template-columns: 310px 1fr; gap: 7px 14px; margin: 0; }
  dt { padding: 5px 0; }
  dd { margin: 0; padding: 4px 10px; font-weight: 600; background: #f2f4f7; border: 1px solid #5b6470;
    border-radius: 3px; }
  ul { margin: 0; padding-left: 26px; list-style: "– "; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; }
  .key { font-weight: 700; background: #ffe9a8; }
  .save { display: inline-block; margin: 14px 0 0; padding: 6px 18px; color: #fff; background: #1b1b1b;
    border-radius: 3px; }
"""

SILENT_LMS = """
  const values = {};
  window.API = {
    LMSInitialize: () => "true", LMSFinish: () => "true", LMSCommit: () => "true", LMSGetLastError: () => "0",
    LMSGetErrorString: () => "", LMSGetDiagnostic: () => "",
    LMSGetValue: (name) => values[name] ?? {"cmi.core.lesson_mode": "normal", "cmi.core.credit": "credit",
      "cmi.core.student_id": "exemple", "cmi.core.lesson_status": "not attempted"}[name] ?? "",
    LMSSetValue: (name, value) => { values[name] = value; return "true"; },
  };
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, on a free port, while the block runs; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())

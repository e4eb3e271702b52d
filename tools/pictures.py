"""`python -m tools.pictures`: the pictures of README.md and docs/, taken from the real thing in Chromium."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent
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
    """Build the lesson of the README, answer its question, take its picture."""
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
            page.screenshot(path=ROOT / "docs" / "images" / "lesson.png", full_page=True)
            browser.close()
    return 0


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

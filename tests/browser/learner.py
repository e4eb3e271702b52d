"""What a learner does in the player, and what the simulated LMS saw of it."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Frame, Locator, Page, expect

from browser.loopback import Loopback


class Learner:
    """One learner at one browser: launches packages, answers, goes away.

    `page` is the window that holds the content: the LMS's, or for `api="opener"` and `"popup"` one that it opened.
    `inside` is a part of the path of every page of a package, by which its frame is known.
    """

    def __init__(self, context: BrowserContext, loopback: Loopback, inside: str = "/packages/") -> None:
        self.context = context
        self.loopback = loopback
        self.inside = inside
        self.troubles: list[str] = []
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("console", self._hear)
        self.page: Page = context.new_page()
        self.lms: Page = self.page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            self.troubles.append(f"{message.text} {message.location['url']}")

    def launch(self, package: str, profile: str = "strict", *, page: Page | None = None, **parameters: str) -> None:
        """Launch a package in the simulated LMS. `parameters`: see `builder/lms/harness.js`; `sco`: a lesson's slot."""
        self.lms = self.page = page or self.page
        source = self.source(package, parameters.get("sco", ""))
        query = urlencode({"profile": profile, "package": source, **parameters})
        self.lms.goto(self.loopback.url(f"/lms/harness.html?{query}"))
        if parameters.get("api") in ("opener", "popup"):
            with self.lms.expect_popup() as opened:
                self.lms.click("#launch")
            self.page = opened.value
        self.ready()

    def source(self, package: str, sco: str = "") -> str:
        """Where the launch document of a package is, or that of one of its SCOs."""
        return f"/packages/{package}/{f'_sco-{sco}' if sco else 'index'}.html"

    def choose(self, package: str, sco: str) -> None:
        """Choose a SCO in the LMS's table of contents."""
        self.lms.evaluate("([sco, source]) => choose(sco, source)", [sco, self.source(package, sco)])
        self.lms.wait_for_function("name => window.frames[0]?.location.pathname.endsWith(name)", arg=f"_sco-{sco}.html")
        self.ready()

    def ready(self) -> None:
        """Wait until the player runs."""
        expect(self.content.locator("[data-saved]:visible, [data-notice]:visible").first).to_be_visible()

    @property
    def content(self) -> Frame:
        """What the LMS launched."""
        deadline = time.monotonic() + 10
        while True:
            frames = [frame for frame in self.page.frames if self.inside in frame.url.split("?")[0]]
            if len(frames) == 1:
                return frames[0]
            assert time.monotonic() < deadline, [frame.url for frame in self.page.frames]
            self.page.wait_for_timeout(50)

    def start(self) -> None:
        """Leave the cover for the first lesson, or for where one left."""
        self.content.locator("[data-action=start]").click()
        expect(self.content.locator("main[data-lesson]")).to_be_visible()

    def go(self, address: str) -> None:
        """Go to an address of the shell: `messagerie`, `_results`, or empty for the cover."""
        self.content.evaluate("address => { location.hash = `#/${address}` }", address)
        if address and not address.startswith("_"):
            expect(self.content.locator("main [data-lesson-end]")).to_be_attached()

    def next(self) -> None:
        """Go on to the next lesson or the results: the end of this one is reached."""
        title = self.content.locator("main h1")
        before = title.inner_text()
        self.content.locator(".pager [data-action=next]").click()
        expect(title).not_to_have_text(before)

    def read(self, lesson: str) -> None:
        """Go to a lesson and read it to its end, without leaving it."""
        self.go(lesson)
        self.content.locator("[data-lesson-end]").scroll_into_view_if_needed()

    def question(self, question: str) -> Locator:
        return self.content.locator(f"#{question}")

    def pick(self, question: str, letters: str) -> None:
        """Pick exactly these letters, and submit."""
        answers = self.question(question).locator(".answer")
        expect(answers.first).to_be_visible()
        for answer in answers.all():
            wanted = (answer.get_attribute("data-letter") or "?") in letters
            field = answer.locator("input")
            if wanted:
                field.check()
            elif field.get_attribute("type") == "checkbox":
                field.uncheck()
        self.submit(question)

    def fill(self, question: str, **texts: str) -> None:
        """Type into gaps, or choose the option of that letter, by the gap's letter; and submit."""
        for letter, text in texts.items():
            gap = self.question(question).locator(f".gap[data-letter={letter}]")
            if gap.locator("select").count():
                gap.locator("select").select_option(text)
            else:
                gap.locator("input").fill(text)
        self.submit(question)

    def submit(self, question: str) -> None:
        self.question(question).locator("[data-action=submit]").click()

    def retry(self, question: str) -> None:
        self.question(question).locator("[data-action=retry]").click()

    def result(self, question: str) -> Locator:
        return self.question(question).locator(".question-result")

    def leave(self) -> None:
        """Go elsewhere, as by a link of the LMS."""
        self.lms.goto(self.loopback.url("/blank"))

    def kill(self) -> None:
        """Make an end of the page's process: nothing runs any more. Go on with a new page."""
        with suppress(Error):  # a navigation that never arrives
            self.page.goto("chrome://crash")
        self.lms = self.page = self.context.new_page()

    def evaluate(self, script: str) -> Any:
        """Evaluate in the LMS's page: `lms` and `calls` are there while it is loaded."""
        return self.lms.evaluate(script)

    def stored(self, script: str, argument: Any = None) -> Any:
        """Evaluate in a page of this origin that is none of the LMS's."""
        page = self.context.new_page()
        page.goto(self.loopback.url("/blank"))
        value = page.evaluate(script, argument)
        page.close()
        return value

    def answer_all(self) -> None:
        """Answer everything right, lesson after lesson, and arrive at the results."""
        self.go("hameconnage")
        self.pick("q-urgence", "b")
        self.pick("q-signes", "ab")
        self.next()
        self.fill("q-canal", a="mssante", b="3,5", c="b")
        self.next()
        self.pick("q-mot", "b")
        self.next()
        expect(self.content.locator("main .results")).to_be_visible()

    def record(self, course: str = "course") -> dict[str, Any]:
        """What the server has on record: `fields`, `completion`, `launches`."""
        attempts = json.loads(self.stored(f"localStorage.getItem('lms:{course}') ?? '[]'"))
        return attempts[-1] if attempts else {"fields": {}, "completion": False, "launches": 0}

    def field(self, element: str) -> str | None:
        """One element on record: `core.lesson_status`."""
        value = self.record()["fields"].get(f"cmi.{element}")
        return None if value is None else str(value)

    def calls(self) -> list[dict[str, Any]]:
        """Every call of every page so far, as `Call` in `builder/lms/lms.js`."""
        script = """() => {
            const count = Number(localStorage.getItem("calls") ?? 0);
            return Array.from({ length: count }, (_, n) => JSON.parse(localStorage.getItem(`call:${n + 1}`)));
        }"""
        return list(self.stored(script))

    def violations(self) -> list[str]:
        """What the player did that content must never do."""
        return [violation for call in self.calls() for violation in call["violations"]]

    def transcript(self) -> str:
        """Every call of every page so far: one line each. Masked: times, states, and where in a lesson one was."""
        script = "async (calls) => (await import('/lms/lms.js')).transcriptText(calls)"
        return re.sub(r'(lesson_location"\)? ?[,→] "[^"/]*)/[^"]*', r"\1", str(self.stored(script, self.calls())))

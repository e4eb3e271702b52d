"""Our package in an LMS that others wrote: scormhost stores what it is sent, asynchronously, and reads it back.

It cannot replace a package: what is uploaded again gets an id and a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.conftest import COURSES, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from playwright.sync_api import APIRequestContext, Browser, FilePayload, expect


class Host:
    """The administrator's and the learner's side of a running scormhost, in one account."""

    def __init__(self, address: str, request: APIRequestContext) -> None:
        self.address = address
        self.request = request
        self.package = ""

    def register(self) -> None:
        account = {"username": "jmartin", "email": "jmartin@example.com", "display_name": "Jeanne Martin"}
        answer = self.request.post(f"{self.address}/api/auth/register", data={**account, "password": "un mot long"})
        assert answer.ok, answer.text()

    def upload(self, name: str, archive: bytes) -> None:
        file = FilePayload(name=name, mimeType="application/zip", buffer=archive)
        answer = self.request.post(f"{self.address}/api/packages", multipart={"file": file})
        assert answer.status == 201, answer.text()
        self.package = answer.json()["id"]
        assert answer.json()["manifest"]["schema_version"] == "1.2"

    def stored(self) -> dict[str, str]:
        answer = self.request.get(f"{self.address}/api/scorm/{self.package}/cmi?launch=index.html")
        elements: dict[str, str] = answer.json()["elements"]
        return {element.removeprefix("cmi."): value for element, value in elements.items()}


@pytest.fixture
def learner(chromium: Browser, loopback: Loopback) -> Iterator[Learner]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    learner = Learner(context, loopback, inside="/content/")
    yield learner
    assert learner.troubles == []
    context.close()


def test_plays_resumes_and_passes(scormhost: str, shelf: Shelf, learner: Learner) -> None:
    host = Host(scormhost, learner.context.request)
    host.register()
    package = shelf.build(COURSES / "essai")
    host.upload(package.zip.name, package.zip.read_bytes())

    def launch() -> None:
        learner.page.goto(f"{scormhost}/launch/{host.package}")
        learner.ready()

    launch()
    learner.start()
    learner.pick("q-urgence", "b")
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    assert host.stored()["core.lesson_status"] == "incomplete"
    assert host.stored()["interactions.0.id"] == "q-urgence"

    launch()
    learner.go("hameconnage")
    expect(learner.result("q-urgence")).to_contain_text("2 points")
    learner.pick("q-signes", "ab")
    learner.next()
    learner.fill("q-canal", a="mssante", b="3,5", c="b")
    learner.next()
    learner.pick("q-mot", "b")
    learner.next()
    expect(learner.content.locator("[data-results-grade]")).to_contain_text("100")
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    stored = host.stored()
    assert stored["core.lesson_status"] == "passed"
    assert float(stored["core.score.raw"]) == 100
    assert stored["interactions.1.result"] == "correct"

    launch()
    learner.go("_results")
    expect(learner.content.locator("main")).to_contain_text("100")

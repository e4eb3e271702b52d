"""Our package in an LMS that others wrote: scormhost stores what it is sent, asynchronously, and reads it back.

It cannot replace a package: what is uploaded again gets an id and a record of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.answers import Key
from browser.conftest import COURSES, ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from playwright.sync_api import APIRequestContext, Browser, FilePayload, expect

from foreign.conftest import revised

EVERYTHING = ROOT / "tests" / "courses" / "everything"
UNHURRIED = """
    const send = window.fetch;
    let isLeaving = false;
    addEventListener("beforeunload", () => { isLeaving = true; });
    window.fetch = (address, options = {}) => send(address, { ...options, keepalive: isLeaving });
"""
"""Its page asks to keep each message alive beyond the page. A browser takes 64 kB of those at a time, which only who
answers faster than people do can fill; then its page sends nothing any more."""


class Host:
    """The administrator's and the learner's side of a running scormhost, in one account."""

    def __init__(self, address: str, request: APIRequestContext) -> None:
        self.address = address
        self.request = request
        self.package = ""

    def enter(self) -> None:
        """Log in, or register first: whoever does so before all others may upload."""
        account = {"email": "jmartin@example.com", "password": "un mot long"}
        if self.request.post(f"{self.address}/api/auth/login", data=account).ok:
            return
        names = {"username": "jmartin", "display_name": "Jeanne Martin"}
        answer = self.request.post(f"{self.address}/api/auth/register", data={**account, **names})
        assert answer.ok, answer.text()

    def upload(self, name: str, archive: bytes, schema_version: str = "1.2") -> dict[str, Any]:
        file = FilePayload(name=name, mimeType="application/zip", buffer=archive)
        answer = self.request.post(f"{self.address}/api/packages", multipart={"file": file})
        assert answer.status == 201, answer.text()
        self.package = answer.json()["id"]
        manifest: dict[str, Any] = answer.json()["manifest"]
        assert manifest["schema_version"] == schema_version
        return manifest

    def stored(self, launch: str = "index.html") -> dict[str, str]:
        answer = self.request.get(f"{self.address}/api/scorm/{self.package}/cmi?launch={launch}")
        elements: dict[str, str] = answer.json()["elements"]
        return {element.removeprefix("cmi."): value for element, value in elements.items()}

    def wait(self, learner: Learner) -> None:
        """Wait until the server has what the page was given: it falls behind whoever answers faster than people do."""
        given = learner.page.evaluate("API.LMSGetValue('cmi.suspend_data')")
        deadline = time.monotonic() + 40
        while self.stored().get("suspend_data") != given:
            assert time.monotonic() < deadline
            learner.page.wait_for_timeout(20)


@pytest.fixture
def learner(chromium: Browser, loopback: Loopback) -> Iterator[Learner]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    learner = Learner(context, loopback, inside="/content/")
    yield learner
    assert learner.troubles == []
    context.close()


def test_plays_resumes_and_passes(scormhost: str, shelf: Shelf, learner: Learner) -> None:
    host = Host(scormhost, learner.context.request)
    host.enter()
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


def test_a_new_version_beside_the_old_one(scormhost: str, shelf: Shelf, learner: Learner, tmp_path: Path) -> None:
    """Uploaded while somebody is half-way, it changes nothing of the old one; it begins anew, and claims nothing."""
    key, package, newer = (
        Key(COURSES / "essai"),
        shelf.build(COURSES / "essai"),
        shelf.build(revised(tmp_path), "essai-2"),
    )
    host = Host(scormhost, learner.context.request)
    host.enter()
    host.upload(package.zip.name, package.zip.read_bytes())
    old = host.package

    def launch() -> None:
        learner.page.goto(f"{scormhost}/launch/{host.package}")
        learner.ready()

    launch()
    learner.start()
    learner.pick("q-urgence", "b")
    host.upload(newer.zip.name, newer.zip.read_bytes())
    assert host.package != old
    learner.pick("q-signes", "ab")
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")

    launch()
    learner.go("hameconnage")
    expect(learner.content.locator("main h1")).to_contain_text("autrement")
    expect(learner.result("q-urgence")).to_be_empty()
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    assert host.stored()["core.lesson_status"] == "incomplete"
    assert key.answered(host.stored()["suspend_data"]) == {}

    host.package = old
    launch()
    learner.go("hameconnage")
    expect(learner.result("q-signes")).to_contain_text("2 points")
    assert key.answered(host.stored()["suspend_data"]) == {"q-urgence": True, "q-signes": True}


def test_records_each_of_several_scos(scormhost: str, shelf: Shelf, learner: Learner) -> None:
    """It reads the table of contents from the manifest; what each lesson reports is kept apart, and comes back."""
    host = Host(scormhost, learner.context.request)
    host.enter()
    package = shelf.build(COURSES / "lecons")
    manifest = host.upload(package.zip.name, package.zip.read_bytes())
    launches = ["_sco-1.html", "_sco-4.html", "_sco-5.html"]
    assert [one["href"] for one in manifest["launches"]] == launches
    assert manifest["launches"][0]["title"] == "Les signes qui alertent"

    def launch(sco: str) -> None:
        learner.page.goto(f"{scormhost}/launch/{host.package}?launch={sco}")
        learner.ready()

    launch("_sco-1.html")
    learner.pick("s-urgence", "b")
    learner.pick("s-signes", "ab")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est réussie.")
    launch("_sco-4.html")
    learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
    expect(learner.content.locator("[data-results-status]")).to_have_text("La leçon est terminée.")
    launch("_sco-1.html")
    expect(learner.result("s-signes")).to_contain_text("3 points sur 3")
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    stored = [host.stored(one) for one in launches]
    assert [one.get("core.lesson_status") for one in stored[:2]] == ["passed", "completed"]
    assert float(stored[0]["core.score.raw"]) == 100
    assert stored[0]["interactions.1.student_response"] == "a,b"
    assert "interactions.0.id" not in stored[1]
    assert stored[2].get("core.lesson_status") in (None, "not attempted")


def test_plays_resumes_and_passes_in_scorm_2004(scormhost: str, shelf: Shelf, learner: Learner) -> None:
    host = Host(scormhost, learner.context.request)
    host.enter()
    package = shelf.build(COURSES / "essai", "essai-2004", "scorm2004")
    host.upload(package.zip.name, package.zip.read_bytes(), "2004 4th Edition")

    def launch() -> None:
        learner.page.goto(f"{scormhost}/launch/{host.package}")
        learner.ready()

    launch()
    learner.start()
    learner.pick("q-urgence", "b")
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    assert host.stored()["completion_status"] == "incomplete"
    assert host.stored()["interactions.0.learner_response"] == "b"

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
    assert (stored["completion_status"], stored["success_status"]) == ("completed", "passed")
    assert (float(stored["score.scaled"]), float(stored["score.raw"])) == (1, 100)
    assert stored["interactions.1.result"] == "correct"

    launch()
    learner.go("_results")
    expect(learner.content.locator("[data-results-status]")).to_contain_text("réussi")


def test_everything_right_from_start_to_attestation(scormhost: str, shelf: Shelf, learner: Learner) -> None:
    key, package = Key(EVERYTHING), shelf.build(EVERYTHING)
    host = Host(scormhost, learner.context.request)
    host.enter()
    host.upload(package.zip.name, package.zip.read_bytes())
    learner.context.add_init_script(UNHURRIED)
    learner.page.goto(f"{scormhost}/launch/{host.package}")
    learner.ready()
    for lesson in key.lessons:
        key.play_lesson(learner, lesson)
    learner.go("_attestation")
    expect(learner.content.locator("[data-attestation]")).to_be_visible()
    host.wait(learner)
    learner.leave()
    expect(learner.page.locator("body")).to_contain_text("Elsewhere")
    stored = host.stored()
    assert (stored["core.lesson_status"], float(stored["core.score.raw"])) == ("passed", 100)
    given = key.answered(stored["suspend_data"])
    told = [one for name in given for one in key.numbers.interactions[name] if one.type != "other"]
    assert {stored[f"interactions.{n}.id"] for n in range(len(told))} == {one.id for one in told}

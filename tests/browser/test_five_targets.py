"""The cybersecurity course: one command makes its packages for every standard, and each is played to `passed`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.answers import Key
from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from builder.inspect.cmi5_rules import judge
from builder.inspect.launcher import Launcher

COURSE = ROOT / "course_src" / "cybersecurite"
TARGETS = ("scorm12", "scorm2004", "cmi5", "xapi", "web")


@pytest.fixture(scope="module")
def key() -> Key:
    return Key(COURSE)


@pytest.fixture(scope="module")
def packages(shelf: Shelf) -> dict[str, Path]:
    """What `carabin build` makes of the course as it stands, by target."""
    out = shelf.folder / "five"
    made = json.loads(shelf.command("build", str(COURSE), "--out", str(out), "--json"))["packages"]
    assert {one["target"] for one in made} == set(TARGETS)
    return {one["target"]: out / Path(one["path"]).name for one in made}


def play(learner: Learner, key: Key) -> None:
    """Answer everything right, and see at the end that the course is passed."""
    for lesson in key.course.lessons:
        key.play_lesson(learner, lesson.id)
    learner.go("_results")
    expect(learner.content.locator("[data-results-status]")).to_have_text("Le cours est réussi.")


@pytest.mark.parametrize("target", ["scorm12", "scorm2004"])
def test_in_an_lms(target: str, packages: dict[str, Path], shelf: Shelf, learner: Learner, key: Key) -> None:
    name = f"cyber-{target}"
    shutil.unpack_archive(packages[target], shelf.folder / name)
    shelf.loopback.folders[f"/packages/{name}/"] = shelf.folder / name
    learner.launch(name, "strict", standard=target)
    play(learner, key)
    learner.leave()
    if target == "scorm12":
        assert learner.field("core.lesson_status") == "passed"
    else:
        assert [learner.field("completion_status"), learner.field("success_status")] == ["completed", "passed"]
        assert float(learner.field("score.scaled") or 0) == 1


@pytest.mark.parametrize("target", ["cmi5", "xapi"])
def test_before_an_lrs(target: str, packages: dict[str, Path], chromium: Browser, loopback: Loopback, key: Key) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    learner = Learner(context, loopback, inside="/package/")
    with Launcher(packages[target]) as lms:
        learner.page.goto(lms.launch(return_url=""))
        learner.ready()
        play(learner, key)
        lms.left()
        learner.content.locator("[data-action=leave]").first.click()
        expect(learner.content.locator("main h1")).to_have_text("Vous avez quitté le cours")
        verbs = [one["verb"]["id"].rpartition("/")[2] for one in lms.statements(by_content=True)]
        assert [verbs[0], *verbs[-3:]] == ["initialized", "completed", "passed", "terminated"]
        if target == "cmi5":
            assert list(judge(lms.log)) == []
            assert lms.satisfied() == {key.course.settings.iri, f"{key.course.settings.iri}/_au"}
    context.close()


def test_without_an_lms(packages: dict[str, Path], shelf: Shelf, learner: Learner, key: Key) -> None:
    shutil.unpack_archive(packages["web"], shelf.folder / "cyber-web")
    shelf.loopback.folders["/packages/cyber-web/"] = shelf.folder / "cyber-web"
    learner.page.goto(shelf.loopback.url("/packages/cyber-web/index.html"))
    learner.ready()
    play(learner, key)
    learner.content.locator("[data-results-attestation] a").click()
    expect(learner.content.locator("[data-attestation]")).to_be_visible()

"""Every course of `course_src`, played from start to end: all right is passed, all wrong is failed, in each standard.

Courses and standards are found, not named: a new course is played without an edit here. With `CARABIN_FULL=1` each
course is played both ways for every target that it builds; else right for one of them and wrong for another, which
change from course to course so that all are met.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.answers import Key
from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from builder.inspect.cmi5_rules import judge
from builder.inspect.launcher import Launcher
from builder.strings import strings

COURSES = sorted(file.parent for file in ROOT.glob("course_src/*/course.yml"))
TARGETS = ("scorm12", "cmi5", "scorm2004", "web", "xapi")
Played = tuple[Path, str, bool]
"""A course, a target, and whether all is answered right."""


def plays(is_full: bool) -> Iterator[Played]:
    """Yield what is played."""
    for number, course in enumerate(COURSES):
        if is_full:
            yield from ((course, target, right) for target in TARGETS for right in (True, False))
        else:
            yield course, TARGETS[2 * number % len(TARGETS)], True
            yield course, TARGETS[(2 * number + 1) % len(TARGETS)], False


def name_of(played: Played) -> str:
    course, target, right = played
    return f"{course.name}-{target}-{'right' if right else 'wrong'}"


@cache
def key_of(course: Path) -> Key:
    return Key(course)


def verdict(key: Key, right: bool) -> str:
    """Return how the course ends: without mastery nobody passes or fails."""
    if key.course.settings.mastery is None:
        return "completed"
    return "passed" if right else "failed"


def play(learner: Learner, key: Key, right: bool) -> None:
    """Answer everything, and see on the page of results how the course ended."""
    for lesson in key.course.lessons:
        key.play_lesson(learner, lesson.id, right)
    words = strings(key.course.settings.language, "player")
    learner.go("_results")
    status = learner.content.locator("[data-results-status]")
    expect(status).to_have_text(words[f"status_{verdict(key, right)}"])
    attestation = learner.content.locator("[data-results-attestation]")
    if verdict(key, right) == "failed":
        expect(attestation).to_be_hidden()
    else:
        attestation.locator("a").click()
        expect(learner.content.locator("[data-attestation]")).to_be_visible()


PLAYS = tuple(plays(os.environ.get("CARABIN_FULL") == "1"))


def for_targets(*targets: str) -> pytest.MarkDecorator:
    chosen = [one for one in PLAYS if one[1] in targets]
    return pytest.mark.parametrize("played", chosen, ids=map(name_of, chosen))


@for_targets("scorm12", "scorm2004")
def test_in_an_lms(played: Played, shelf: Shelf, learner: Learner) -> None:
    """What the LMS has on record at the end; `learner` sees to it that no call was wrong."""
    course, target, right = played
    key, name = key_of(course), f"{course.name}-{target}"
    shelf.build(course, name, target)
    learner.launch(name, "strict", standard=target)
    play(learner, key, right)
    learner.leave()
    mastery, ended = key.course.settings.mastery or 0, verdict(key, right)
    if target == "scorm12":
        assert learner.field("core.lesson_status") == ended
        grade = float(learner.field("core.score.raw") or 0) / 100
    else:
        success = "unknown" if ended == "completed" else ended
        assert [learner.field("completion_status"), learner.field("success_status") or "unknown"] == [
            "completed",
            success,
        ]
        grade = float(learner.field("score.scaled") or 0)
    assert grade == 1 if right else grade < (mastery or 1)


@for_targets("cmi5", "xapi")
def test_before_an_lrs(played: Played, shelf: Shelf, chromium: Browser, loopback: Loopback) -> None:
    """What the LRS was told, in order; a cmi5 LMS holds the course satisfied when it was passed, and not before."""
    course, target, right = played
    key = key_of(course)
    ended = verdict(key, right)
    package = shelf.build(course, f"{course.name}-{target}", target)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    learner = Learner(context, loopback, inside="/package/")
    with Launcher(package.zip) as lms:
        learner.page.goto(lms.launch(return_url=""))
        learner.ready()
        play(learner, key, right)
        lms.left()
        learner.content.locator("[data-action=leave]").first.click()
        left = strings(key.course.settings.language, "player")["left_title"]
        expect(learner.content.locator("main h1")).to_have_text(left)
        verbs = [one["verb"]["id"].rpartition("/")[2] for one in lms.statements(by_content=True)]
        assert [verbs[0], verbs[-1]] == ["initialized", "terminated"]
        told = [verb for verb in verbs if verb in ("completed", "passed", "failed")]
        assert told == (["completed"] if ended == "completed" else ["completed", ended])
        if target == "cmi5":
            assert list(judge(lms.log)) == []
            whole = {key.course.settings.iri, f"{key.course.settings.iri}/_au"}
            assert lms.satisfied() == (set() if ended == "failed" else whole)
    context.close()


@for_targets("web")
def test_without_an_lms(played: Played, shelf: Shelf, learner: Learner) -> None:
    course, target, right = played
    name = f"{course.name}-{target}"
    shelf.build(course, name, target)
    learner.page.goto(shelf.loopback.url(f"/packages/{name}/index.html"))
    learner.ready()
    play(learner, key_of(course), right)


def test_every_target_is_met_both_ways() -> None:
    """In the full matrix each target is played right and wrong; in the short one each course is, for two targets."""
    whole = set(plays(True))
    assert {(target, right) for _, target, right in whole} == {
        (one, right) for one in TARGETS for right in (True, False)
    }
    short = list(plays(False))
    assert {course for course, _, _ in short} == set(COURSES)
    assert set(short) <= whole
    assert len({target for _, target, _ in short}) == min(len(TARGETS), 2 * len(COURSES))


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
def test_one_command_builds_every_target_without_a_warning(course: Path, tmp_path: Path, shelf: Shelf) -> None:
    """`carabin build` makes of a course, as it stands, a package for each of its targets."""
    told = json.loads(shelf.command("build", str(course), "--out", str(tmp_path), "--json"))
    targets = key_of(course).course.settings.targets
    assert {one["target"] for one in told["packages"]} == set(targets)
    assert [one for one in told["diagnostics"] if one["severity"] != "note"] == []
    for one in told["packages"]:
        with zipfile.ZipFile(tmp_path / Path(one["path"]).name) as archive:
            assert archive.testzip() is None

"""`inspect --play` of SCORM 2004, cmi5 and Tin Can: content that runs, right or with one fault; our own packages."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from packages_others import OTHERS
from packages_played import PLAYED, Played
from playwright.sync_api import Browser

from browser.conftest import COURSES, Shelf
from builder.cli import carabin
from builder.inspect import Finding, Standard, Verdict, play, play_xapi, scorm2004, visit
from builder.inspect.archive import from_bytes, open_package
from builder.inspect.detect import detect

FULL = os.environ.get("CARABIN_FULL") == "1"
QUICK: dict[Standard, tuple[str, ...]] = {
    "cmi5": (
        "reads no preferences",
        "passes below mastery",
        "drops the session",
        "ends and stays",
        "gives up",
        "passes in review",
        "never looks back",
    ),
    "tincan": (
        "sends other credentials",
        "names no registration",
        "completes another activity",
        "never looks back",
        "says what no LRS takes",
        "gives up",
    ),
    "scorm2004": (
        "sets no completion",
        "scores twice",
        "does not suspend",
        "logs out",
        "tells time as 1.2 does",
        "writes in review",
    ),
}
"""Faults that are tried each time; the others in `make test-all`. Each rule has a test of its own without browser."""
TRIED = [one for one in PLAYED if FULL or one.fault in ("plays well", *QUICK[one.standard])]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These packages say at once what they have to say."""
    for name, value in (("SETTLE", 250), ("PATIENCE", 4000), ("STEPS", 4)):
        monkeypatch.setattr(visit, name, value)


def found(content: bytes, standard: Standard, browser: Browser) -> list[Finding]:
    """Return what playing a package finds, played once; without the summary."""
    package = from_bytes("course.zip", content)
    if standard == "scorm2004":
        played = play.play(package, scorm2004.launches(package), ["strict"], browser, standard)
        return [finding for one in played for finding in play.judge(one)]
    return [finding for one in play_xapi.play(package, standard, browser) for finding in play_xapi.judge(one)]


def visits_for(made: Played) -> tuple[str, ...]:
    """Return the visits that can show a fault: all of them where there is none."""
    wanted = {"opening", "walk", "again"}
    wanted |= {"offline"} if not made.codes or made.codes & {"P811", "P839"} else set()
    wanted |= {"review"} if not made.codes or made.codes & {"P809", "P847"} else set()
    return tuple(name for name in visit.VISITS if name in wanted)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("made", TRIED, ids=lambda made: made.name)
def test_each_fault_is_named_and_nothing_else(made: Played, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "VISITS", visits_for(made))
    assert {finding.code for finding in found(made.content, made.standard, chromium)} == made.codes


def test_enough_is_tried_each_time() -> None:
    for standard, faults in QUICK.items():
        mine = {one.fault: one.codes for one in PLAYED if one.standard == standard}
        assert mine["plays well"] == frozenset()
        assert len({code for fault in faults for code in mine[fault]}) >= 6


def test_a_unit_that_speaks_to_nobody(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without script is looked at once, and not again."""
    monkeypatch.setattr(visit, "SETTLE", 100)
    monkeypatch.setattr(visit, "PATIENCE", 300)
    for name, code in (("cmi5-good", "P827"), ("tincan-good", "P855")):
        standard = OTHERS[name].standard
        package = from_bytes("course.zip", OTHERS[name].make())
        (spoken,) = play_xapi.play(package, standard, chromium)
        assert list(spoken.visits) == ["opening"]
        assert [one.code for one in play_xapi.judge(spoken)] == [code]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("target", ["scorm2004", "cmi5", "xapi"])
def test_our_own_packages_are_good(
    target: str, chromium: Browser, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All six visits, the killed one too; through the command, as its user reads it."""
    monkeypatch.setattr(visit, "STEPS", 12)
    monkeypatch.setattr(visit, "browser", lambda given, path: nullcontext(chromium))
    shelf.command("build", str(COURSES / "essai"), "-t", target, "--out", str(tmp_path))
    (package,) = tmp_path.glob("*.zip")
    ran = CliRunner().invoke(carabin, ["inspect", str(package), "--play", "--format", "json"])
    (told,) = json.loads(ran.output)["packages"]
    notes = [finding for finding in told["findings"] if finding["severity"] == "note"]
    assert told["findings"] == notes
    assert told["verdict"] == Verdict.GOOD.value
    played = [finding["message"] for finding in notes if finding["code"] == "P820"]
    with open_package(package) as opened:
        standard = detect(opened).standard
    names = ["strict", "moodle"] if target == "scorm2004" else [standard]
    assert [text.split(":")[0] for text in played] == [f"played as {name}" for name in names]

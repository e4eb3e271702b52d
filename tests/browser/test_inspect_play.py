"""`inspect --play`: what a package does when it is opened, left, walked through, cut off, killed, looked at again.

SCORM 1.2 and the command; the other standards are in `test_inspect_play_others.py`.
"""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import nullcontext
from typing import NoReturn

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from browser.conftest import Package
from builder.cli import carabin
from builder.inspect import Inspected, Standard, Verdict, play, visit
from builder.inspect.archive import from_bytes

API = """
var api = parent.API, over = false;
function set(element, value) { api.LMSSetValue("cmi." + element, value); }
function finish() { if (!over) { over = true; api.LMSCommit(""); api.LMSFinish(""); } }
"""
GOOD = """
api.LMSInitialize("");
if (api.LMSGetValue("cmi.core.lesson_mode") === "normal") {
    set("core.lesson_status", "incomplete");
    set("suspend_data", "seen");
}
addEventListener("pagehide", finish);
"""
FAULTS: dict[str, tuple[str, dict[str, Verdict]]] = {
    "good": (GOOD, {}),
    "calls nothing": ("", {"P801": Verdict.BROKEN}),
    "throws": (GOOD + "setTimeout(function () { missing(); }, 20);", {"P802": Verdict.RISKY}),
    "never finishes": (
        GOOD.replace('addEventListener("pagehide", finish);', 'api.LMSCommit("");'),
        {"P803": Verdict.RISKY},
    ),
    "sets no status": (
        GOOD.replace('set("core.lesson_status", "incomplete");', ""),
        {"P804": Verdict.RISKY, "P805": Verdict.RISKY},
    ),
    "is done when opened": (GOOD.replace("incomplete", "passed"), {"P805": Verdict.RISKY}),
    "says what is refused": (
        GOOD.replace('set("suspend', 'set("core.lesson_status", "done"); set("suspend'),
        {"P806": Verdict.RISKY},
    ),
    "saves too much": (
        GOOD.replace('"seen"', 'Array(5000).join("x")'),
        {"P806": Verdict.BROKEN, "P810": Verdict.GOOD, "P811": Verdict.RISKY},
    ),
    "opens once": (
        'if (localStorage.getItem("once")) throw new Error("no"); localStorage.setItem("once", "1");' + GOOD,
        {"P807": Verdict.BROKEN, "P802": Verdict.RISKY},
    ),
    "asks elsewhere": (GOOD + 'new Image().src = "https://cdn.example/pixel.gif";', {"P808": Verdict.RISKY}),
    "writes in review": (
        GOOD + 'if (api.LMSGetValue("cmi.core.lesson_mode") !== "normal") set("core.score.raw", "1");',
        {"P809": Verdict.RISKY},
    ),
    "stores nothing to resume": (GOOD.replace('set("suspend_data", "seen");', ""), {"P810": Verdict.GOOD}),
    "opens a window": (GOOD + 'open("about:blank");', {"P812": Verdict.GOOD}),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These packages say at once what they have to say."""
    monkeypatch.setattr(visit, "SETTLE", 250)
    monkeypatch.setattr(visit, "PATIENCE", 1500)
    monkeypatch.setattr(visit, "STEPS", 4)


def zipped(page: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("index.html", f"<!doctype html><title>A SCO</title><script>{API}{page}</script>")
    return stream.getvalue()


@pytest.mark.usefixtures("quick")
def test_each_fault_is_named_and_nothing_else(chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (page, _) in enumerate(FAULTS.values()):
            archive.writestr(f"{number}.html", f"<!doctype html><title>A SCO</title><script>{API}{page}</script>")
    monkeypatch.setattr(visit, "VISITS", ("opening", "walk", "offline", "again", "review"))
    launches = [(f"{number}.html", name) for number, name in enumerate(FAULTS)]
    everything = play.play(from_bytes("faults.zip", stream.getvalue()), launches, ["strict"], chromium)
    for played, (name, (_, expected)) in zip(everything, FAULTS.items(), strict=True):
        found = {finding.code: finding.verdict for finding in play.judge(played)}
        assert found == expected, name


@pytest.mark.usefixtures("quick")
def test_what_is_given_without_network_arrives_or_is_missed(chromium: Browser) -> None:
    """One package commits once and never again; in Moodle what was set offline counts as sent."""
    page = (
        GOOD
        + """
        var n = 0;
        document.addEventListener("click", function () { set("suspend_data", "step" + ++n); api.LMSCommit(""); });
        document.write("<button>1</button><button>2</button><button>3</button><button>4</button>");
    """
    )
    package = from_bytes("offline.zip", zipped(page.replace('addEventListener("pagehide", finish);', "")))
    (played,) = play.play(package, [("index.html", "A SCO")], ["moodle"], chromium)
    assert "P811" in {finding.code for finding in play.judge(played)}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("profile", ["strict", "moodle"])
def test_our_own_packages_are_good(
    chromium: Browser, essai: Package, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "STEPS", 12)
    package = from_bytes("essai.zip", essai.zip.read_bytes())
    (played,) = play.play(package, [("index.html", "Essai")], [profile], chromium)
    assert [finding.code for finding in play.judge(played)] == []
    assert played.records["killed"]["cmi.suspend_data"]


def test_the_command_plays_and_says_so(essai: Package, monkeypatch: pytest.MonkeyPatch, chromium: Browser) -> None:
    monkeypatch.setattr(visit, "SETTLE", 250)
    monkeypatch.setattr(visit, "STEPS", 6)
    monkeypatch.setattr(visit, "browser", lambda given, path: nullcontext(chromium))
    ran = CliRunner().invoke(carabin, ["inspect", str(essai.zip), "--play", "--profile", "canvas", "--format", "json"])
    assert ran.exit_code == 0, ran.output
    (package,) = json.loads(ran.output)["packages"]
    assert package["verdict"] == "good"
    (note,) = (finding for finding in package["findings"] if finding["code"] == "P820")
    assert "played as canvas" in note["message"]
    assert "recorded as incomplete" in note["consequence"]


@pytest.mark.parametrize(("profile", "said"), [("modle", "Did you mean 'moodle'?"), ("zzz", "Known: 360learning")])
def test_a_profile_that_nobody_knows(essai: Package, profile: str, said: str) -> None:
    ran = CliRunner().invoke(carabin, ["inspect", str(essai.zip), "--play", "--profile", profile])
    assert ran.exit_code == 2
    assert said in ran.output


@pytest.mark.parametrize("standard", ["", "scorm12", "cmi5"])
def test_where_nothing_can_be_launched_nothing_is_played(standard: Standard) -> None:
    """P800."""
    inspected = Inspected("x.zip", standard, (), (("elsewhere.html", "Unit"),))
    (found,) = play.judged(from_bytes("x.zip", zipped("")), inspected, ["strict"], "")
    assert found.code == "P800"


def test_without_chromium_the_command_says_what_to_install(essai: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> NoReturn:
        raise visit.PlayError("no Chromium: run `playwright install chromium`")

    monkeypatch.setattr(visit, "browser", none)
    ran = CliRunner().invoke(carabin, ["inspect", str(essai.zip), "--play"])
    assert ran.exit_code == 2
    assert "playwright install chromium" in ran.output

"""SCORM plus LRS in a browser: the LMS is told as ever, an LRS of another origin too, and nobody learns what they must
not."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Request as Asked
from playwright.sync_api import expect

from browser.conftest import COURSES, Package, Shelf
from browser.learner import Learner
from builder.lrs.app import application, running
from builder.lrs.store import Store
from builder.strings import strings

KEY, SECRET = "course", "2f1c5c1e0a"
AUTH = "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()
HOME, SALT = "https://lms.example.org", "b1946ac92492d2347c6235b4d2611184"
ID, NAME = "jmartin", "Jeanne Martin"
NOTICES = strings("fr", "player")
VERBS = "http://adlnet.gov/expapi/verbs/"


class Lrs:
    """An LRS that can be away. `endpoint` stays the same."""

    def __init__(self, file: Path) -> None:
        self.app = application(Store(file), {KEY: SECRET})
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}/xAPI/"

    @contextmanager
    def there(self) -> Iterator[None]:
        with running(self.app, port=self.port):
            yield

    def statements(self) -> list[dict[str, Any]]:
        """All that it has, in the order in which it was stored."""
        headers = {"Authorization": AUTH, "X-Experience-API-Version": "1.0.3"}
        with urlopen(Request(f"{self.endpoint}statements?ascending=true&limit=500", headers=headers)) as answer:
            found: list[dict[str, Any]] = json.load(answer)["statements"]
        return found

    def verbs(self) -> list[str]:
        return [one["verb"]["id"].removeprefix(VERBS) for one in self.statements()]


@pytest.fixture
def lrs(tmp_path: Path) -> Lrs:
    return Lrs(tmp_path / "lrs.sqlite")


@pytest.fixture(scope="module")
def recorded(shelf: Shelf) -> Package:
    return package(shelf, "recorded")


@pytest.fixture(scope="module")
def recorded2004(shelf: Shelf) -> Package:
    return package(shelf, "recorded2004", target="scorm2004")


@pytest.fixture(scope="module")
def pseudonymous(shelf: Shelf) -> Package:
    return package(shelf, "pseudonymous", "--pseudonymous")


def package(shelf: Shelf, name: str, *options: str, target: str = "scorm12") -> Package:
    """Build the course with a recorder that knows no LRS."""
    out, folder = shelf.folder / f"{name}-dist", shelf.folder / name
    shelf.command("build", str(COURSES / "essai"), "-t", target, "--lrs", *options, "--out", str(out))
    (archive,) = out.glob("*.zip")
    shutil.unpack_archive(archive, folder)
    shelf.loopback.folders[f"/packages/{name}/"] = folder
    return Package(archive, archive.with_suffix(".html"), folder)


def configure(package: Package, **values: str) -> None:
    """Write `lrs.json` as an administrator does."""
    (package.folder / "lrs.json").write_text(json.dumps(values), "utf-8")


class Traffic:
    """Everything that a browser asks for: address, headers and body of each request, as one text."""

    def __init__(self, learner: Learner) -> None:
        self.texts: list[str] = []
        learner.context.on("request", self._note)

    def _note(self, asked: Asked) -> None:
        self.texts += [asked.url, unquote(asked.url), json.dumps(asked.headers), asked.post_data or ""]


def wait_for(learner: Learner, lrs: Lrs, verb: str) -> None:
    """Wait until the LRS has a statement with this verb."""
    for _ in range(100):
        if verb in lrs.verbs():
            return
        learner.page.wait_for_timeout(50)
    raise AssertionError(lrs.verbs())


def kept(learner: Learner) -> list[str]:
    """Every key and value that the browser keeps for this origin; what is the simulated LMS's own excepted."""
    script = """() => [localStorage, sessionStorage].flatMap((storage) =>
        Object.entries(storage).filter(([key]) => key.startsWith("carabin:")).flat())"""
    return list(learner.content.evaluate(script))


def test_the_lms_and_the_lrs_are_told(learner: Learner, recorded: Package, lrs: Lrs) -> None:
    configure(recorded, endpoint=lrs.endpoint, auth=AUTH, homePage=HOME)
    with lrs.there():
        learner.launch("recorded")
        learner.answer_all()
        assert learner.field("core.lesson_status") == "passed"
        wait_for(learner, lrs, "passed")
        learner.leave()
        wait_for(learner, lrs, "terminated")
        verbs = lrs.verbs()
        assert verbs[0] == "initialized"
        assert verbs[-1] == "terminated"
        interactions = json.loads((recorded.folder / "xapi" / "statements.json").read_text("utf-8"))["statements"]
        answered = {one["object"]["id"] for one in lrs.statements() if one["verb"]["id"].endswith("answered")}
        assert answered == {one["object"]["id"] for key, one in interactions.items() if key.startswith("answered:")}
        assert {name: verbs.count(name) for name in ("completed", "passed", "failed")} == {
            "completed": 1,
            "passed": 1,
            "failed": 0,
        }
        assert all(one["actor"]["account"] == {"homePage": HOME, "name": ID} for one in lrs.statements())
        assert len({one["context"]["registration"] for one in lrs.statements()}) == 1


def test_an_lrs_that_is_away_holds_nobody_up_and_misses_nothing(learner: Learner, recorded: Package, lrs: Lrs) -> None:
    configure(recorded, endpoint=lrs.endpoint, auth=AUTH, homePage=HOME)
    learner.launch("recorded")
    learner.answer_all()
    assert learner.field("core.lesson_status") == "passed"
    expect(learner.content.locator("[data-notice]")).to_contain_text(NOTICES["statements_waiting"], timeout=30_000)
    learner.leave()
    assert learner.field("core.lesson_status") == "passed"
    assert all("ERR_CONNECTION_REFUSED" in trouble for trouble in learner.troubles)
    assert learner.troubles
    learner.troubles.clear()
    with lrs.there():
        learner.launch("recorded")
        wait_for(learner, lrs, "passed")
        learner.page.wait_for_timeout(300)
        verbs = lrs.verbs()
        assert [verbs.count(name) for name in ("completed", "passed", "initialized")] == [1, 1, 2]
        assert len({one["id"] for one in lrs.statements()}) == len(verbs)
        assert verbs.index("terminated") < len(verbs) - 1, "what waited comes before what is new"
        assert not [one for one in kept(learner) if ":lrs:" in one]


def test_a_pseudonym_is_all_that_leaves_the_page(learner: Learner, pseudonymous: Package, lrs: Lrs) -> None:
    traffic = Traffic(learner)
    configure(pseudonymous, endpoint=lrs.endpoint, auth=AUTH, homePage=HOME, salt=SALT)
    learner.launch("pseudonymous")
    learner.read("hameconnage")
    found = kept(learner)
    assert any(":lrs:" in one for one in found)
    with lrs.there():
        learner.launch("pseudonymous")
        learner.answer_all()
        wait_for(learner, lrs, "passed")
        learner.troubles.clear()
        found += kept(learner)
        name = hmac.new(SALT.encode(), ID.encode(), hashlib.sha256).hexdigest()
        assert {json.dumps(one["actor"]["account"]) for one in lrs.statements()} == {
            json.dumps({"homePage": HOME, "name": name})
        }
    assert any(lrs.endpoint in text for text in traffic.texts)
    for text in (*found, *traffic.texts):
        assert not any(secret in text for secret in (ID, NAME, "Jeanne", "Martin", SALT)), text


def test_without_a_salt_nothing_is_sent_and_the_learner_is_told(
    learner: Learner, pseudonymous: Package, lrs: Lrs
) -> None:
    configure(pseudonymous, endpoint=lrs.endpoint, auth=AUTH, homePage=HOME, salt="")
    with lrs.there():
        learner.launch("pseudonymous")
        expect(learner.content.locator("[data-notice]")).to_contain_text(NOTICES["statements_nameless"])
        learner.answer_all()
        learner.leave()
        assert lrs.statements() == []
    assert learner.field("core.lesson_status") == "passed"


def test_as_it_was_built_the_package_speaks_to_the_lms_alone(learner: Learner, recorded: Package) -> None:
    configure(recorded, endpoint="", auth="", homePage="", salt="")
    traffic = Traffic(learner)
    learner.launch("recorded")
    learner.answer_all()
    learner.leave()
    assert learner.field("core.lesson_status") == "passed"
    addresses = [text for text in traffic.texts if text.startswith("http")]
    assert addresses
    assert all(one.startswith(learner.loopback.url("/")) for one in addresses)


def test_the_launch_data_of_the_lms_may_give_it_all(learner: Learner, recorded2004: Package, lrs: Lrs) -> None:
    configure(recorded2004, endpoint="https://elsewhere.example/", auth="Basic YTpi", homePage="https://a.example")
    data = json.dumps({"endpoint": lrs.endpoint, "auth": AUTH, "homePage": HOME})
    with lrs.there():
        learner.launch("recorded2004", standard="scorm2004", data=data)
        learner.answer_all()
        wait_for(learner, lrs, "passed")
        learner.leave()
        wait_for(learner, lrs, "terminated")
        assert {json.dumps(one["actor"]["account"]) for one in lrs.statements()} == {
            json.dumps({"homePage": HOME, "name": ID})
        }
    assert learner.field("success_status") == "passed"


def test_the_address_of_the_launch_may_give_it_all(
    learner: Learner, recorded: Package, lrs: Lrs, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(recorded)
    values = {"endpoint": lrs.endpoint, "auth": AUTH, "home_page": HOME}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in values.items())
    source = learner.source
    monkeypatch.setattr(learner, "source", lambda package, sco="": f"{source(package, sco)}?lang=fr&{query}")
    with lrs.there():
        learner.launch("recorded")
        wait_for(learner, lrs, "initialized")
        assert learner.content.evaluate("location.search") == "?lang=fr"
        learner.go("hameconnage")
        learner.pick("q-urgence", "b")
        wait_for(learner, lrs, "answered")

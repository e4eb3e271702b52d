"""The preview: who is let in, what is served, what a build after an edit makes, and what is kept of the one before."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request

from builder.cli.serve import freshen
from builder.load import load
from builder.memory import Memory
from builder.pipeline import Options, build
from builder.serve.app import ALWAYS, LARGEST, POLICY, Preview, application, cookie
from builder.serve.clauses import SCORM
from builder.serve.cmi5 import SLOW
from builder.serve.desk import TARGETS, Desk, Report, saved
from builder.serve.watch import is_of_interest

COURSE = Path(__file__).parent / "browser" / "courses" / "essai"
LESSON = "01-proteger/01-hameconnage.md"
OTHER = "02-revision.md"
PORT, TOKEN = 8123, "a-token"
BROKEN = "\n::: choice {#q-neuve}\n\nRien ?\n\n:::\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "essai"
    shutil.copytree(COURSE, folder)
    return folder


def edit(place: Path, change: Callable[[str], str]) -> None:
    place.write_text(change(place.read_text("utf-8")), encoding="utf-8")


# --- requests --------------------------------------------------------------------------------------------------------


class Client:
    """Asks the application as a server would, without one. `sent`: headers as they are, so that lies are possible."""

    def __init__(self, course: Path) -> None:
        self.desk = Desk(course)
        self.desk.build()
        self.preview = Preview(self.desk, TOKEN, PORT, "en", nothing)
        self.app = application(self.preview)

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        query: str = "",
    ) -> tuple[int, Mapping[str, str], bytes]:
        given = {"host": f"127.0.0.1:{PORT}", "cookie": f"{cookie(PORT)}={TOKEN}", **(headers or {})}
        if body:
            given.setdefault("content-length", str(len(body)))
        answer: dict[str, Any] = {"body": b""}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", PORT),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                answer["headers"] = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer["body"] += message.get("body", b"")

        asyncio.run(self.app(scope, receive, send))
        return answer["status"], answer["headers"], answer["body"]

    def post(self, path: str, value: object, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        return self.ask(path, "POST", {"content-type": "application/json", **headers}, json.dumps(value).encode())


async def nothing() -> AsyncIterator[object]:
    for one in ():
        yield one


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """For tests that change nothing."""
    folder = tmp_path_factory.mktemp("served") / "essai"
    shutil.copytree(COURSE, folder)
    return Client(folder)


PLACES = (
    "/",
    "/pages/contents",
    "/picture/media/x.png",
    "/events",
    "/package/index.html",
    "/own/serve/static/desk.js",
    "/target",
    "/state",
    "/nowhere",
    "/choice",
    "/launch",
    "/fault",
    "/record",
    "/cmi5/fetch/0",
    "/cmi5/lrs/statements",
    "/cmi5/return/0",
)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": f"evil.example:{PORT}"}, 421),
        ({"host": "127.0.0.1:9"}, 421),
        ({"host": f"127.0.0.1:{PORT}.evil.example"}, 421),
        ({"host": ""}, 421),
        ({"cookie": ""}, 403),
        ({"cookie": f"{cookie(PORT)}=another"}, 403),
        ({"cookie": f"{cookie(PORT + 1)}={TOKEN}"}, 403),
        ({"cookie": f"{cookie(PORT)}=\u00e9"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_strangers_are_refused(client: Client, path: str, headers: Mapping[str, str], status: int) -> None:
    for method in ("GET", "POST", "HEAD", "OPTIONS"):
        got, sent, body = client.ask(path, method, headers)
        assert got == status
        assert TOKEN.encode() not in body
        assert "set-cookie" not in sent
        assert {name.lower(): value for name, value in ALWAYS.items()}.items() <= sent.items()


def test_the_start_address_becomes_a_cookie(client: Client) -> None:
    """Neither scripts nor other sites see it, and the address in the bar loses it."""
    status, headers, _ = client.ask("/", headers={"cookie": ""}, query=f"token={TOKEN}")
    assert (status, headers["location"]) == (303, "/")
    assert re.fullmatch(rf"{cookie(PORT)}={TOKEN}; HttpOnly; Path=/; SameSite=strict", headers["set-cookie"])
    assert client.ask("/", headers={"cookie": ""}, query="token=another")[0] == 403
    assert client.ask("/package/index.html", headers={"cookie": ""}, query=f"token={TOKEN}")[0] == 403
    assert client.ask("/", "POST", {"cookie": ""}, query=f"token={TOKEN}")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/package/../course.yml",
        "/package/%2e%2e/course.yml",
        "/package/..%2fcourse.yml",
        "/package//etc/passwd",
        "/package/course.yml",
        "/package/01-proteger/01-hameconnage.md",
        "/package/",
        "/package",
        "/own/serve/app.py",
        "/own/serve/static/types.d.ts",
        "/own/serve/static/../app.py",
        "/own/../pyproject.toml",
        "/own/lms/harness.html",
        "/course.yml",
        "/package/index.html\0",
    ],
)
def test_nothing_but_the_package_and_our_own_files_is_served(client: Client, path: str) -> None:
    assert client.ask(path)[0] == 404


def test_methods_types_and_sizes(client: Client) -> None:
    assert client.ask("/", "PUT")[0] == 405
    assert client.ask("/target", "GET")[0] == 405
    assert client.ask("/package/index.html", "DELETE")[0] == 405
    assert client.ask("/target", "POST", {"content-type": "text/plain"}, b'{"target": "scorm2004"}')[0] == 415
    json_ = {"content-type": "application/json"}
    assert client.ask("/state", "POST", {**json_, "content-length": str(LARGEST + 1)})[0] == 413
    assert client.ask("/state", "POST", {**json_, "content-length": "-1"})[0] == 413
    assert client.ask("/state", "POST", {**json_, "transfer-encoding": "chunked"})[0] == 413
    for body in (b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"state": 1}', b'{"target": "../x"}'):
        assert client.ask("/state", "POST", json_, body)[0] == 422
        assert client.ask("/target", "POST", json_, body)[0] == 422


def test_policies(client: Client) -> None:
    """Ours allows our scripts alone; a page of the package has its own; an image is no page."""
    _, desk, page = client.ask("/")
    assert desk["content-security-policy"] == POLICY
    assert b"<script>" not in page
    assert b"style=" not in page
    assert client.ask("/package/index.html")[1]["content-security-policy"] == "frame-ancestors 'self'"
    assert "sandbox" in client.ask("/package/imsmanifest.xml")[1]["content-security-policy"]
    for path, kind in (("/package/player.js", "text/javascript"), ("/package/index.html", "text/html; charset=utf-8")):
        _, headers, _ = client.ask(path)
        assert headers["content-type"].startswith(kind.partition(";")[0])
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_another_standard(course: Path) -> None:
    client = Client(course)
    status, _, body = client.post("/target", {"target": "scorm2004"})
    assert status == 200
    assert json.loads(body)["shown"]["target"] == "scorm2004"
    assert (
        b"adlnav" in client.ask("/package/imsmanifest.xml")[2] or b"adlseq" in client.ask("/package/imsmanifest.xml")[2]
    )


def test_each_burst_of_changes_is_built_once(course: Path) -> None:
    """With changes that the test makes up: pages are told of each build, in order."""
    desk, built = Desk(course), []
    desk.build()

    async def changes() -> AsyncIterator[object]:
        for number in range(3):
            edit(course / LESSON, lambda text, number=number: f"{text}\n\nAjout {number}.\n")
            yield number

    async def run() -> list[str]:
        preview = Preview(desk, TOKEN, PORT, "en", changes, told=lambda report: built.append(report.number))
        page: asyncio.Queue[str] = asyncio.Queue()
        preview._pages.add(page)
        await preview.follow()
        return [page.get_nowait() for _ in range(page.qsize())]

    told = [json.loads(one) for one in asyncio.run(run()) if "event: advice" not in one]
    assert built == [2, 3, 4]
    assert [one["number"] for one in told] == built
    assert all("hameconnage.html" in one["changed"] for one in told)
    assert len({one["shown"]["launch"] for one in told}) == 1


# --- what is watched -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_wanted"),
    [
        ("/t/cours/01.md", True),
        ("/t/_shared/facts.yml", True),
        ("/t/themes/x/tokens.css", True),
        ("/t/cours/.01.md.swp", False),
        ("/t/cours/01.md~", False),
        ("/t/.git/index", False),
        ("/t/cours/.carabin/x", False),
        ("/t/dist/a.zip", False),
        ("/t/node_modules/a/b.js", False),
    ],
)
def test_what_is_of_interest(path: str, is_wanted: bool) -> None:
    assert is_of_interest(Path("/t"), Path(path)) is is_wanted


# --- builds ----------------------------------------------------------------------------------------------------------


def members(desk: Desk) -> dict[str, bytes]:
    assert desk.shown is not None
    return dict(desk.shown.members)


def clean(desk: Desk) -> tuple[dict[str, bytes], list[str]]:
    """What a build without memory makes of the sources as they are, with the same slots."""
    from builder.player import live

    built = next(build(load(desk.root), Options(targets=(desk.target,)), Memory(numbering=desk.memory.numbering)))
    assert built.package is not None
    made = {member.name: member.content for member in built.package.members}
    return made | {"player.js": live(made["player.js"])}, [one.code for one in built.diagnostics]


def test_only_what_was_edited_is_made_anew(course: Path) -> None:
    desk = Desk(course)
    desk.build()
    parsed, made = desk.memory.parsed, desk.memory.made
    edit(course / LESSON, lambda text: text.replace("Un courriel qui", "Un message qui"))
    report = desk.build()
    assert desk.memory.parsed == parsed + 1
    assert desk.memory.made == made + 1
    assert "hameconnage.html" in report.changed
    assert "revision.html" not in report.changed
    assert report.behind == ()
    desk.build()
    assert (desk.memory.parsed, desk.memory.made) == (parsed + 1, made + 1)


def test_a_launch_is_wanted_only_for_what_the_player_cannot_show(course: Path) -> None:
    """Words, questions and the cover are shown in place; titles, order, settings and types of questions are not."""
    desk = Desk(course)
    desk.build()

    def after(file: str, old: str, new: str) -> bool:
        assert desk.shown is not None
        before = desk.shown.launch
        text = (course / file).read_text("utf-8")
        assert old in text
        edit(course / file, lambda text: text.replace(old, new, 1))
        assert desk.build().behind == ()
        changed = desk.shown.launch != before
        return changed

    more = "::: choice {{#{0}}}\n\nX ?\n\n- [x] A\n- [ ] B\n\n:::\n\n::: choice {{#q-signes"
    assert not after(LESSON, "Un courriel qui", "Un message qui")
    assert not after(LESSON, "- [ ] Une signature complète", "- [ ] Une signature entière")
    assert after(LESSON, "::: choice {#q-signes", more.format("q-x")), "the first question beyond the release"
    assert not after(LESSON, "::: choice {#q-signes", more.format("q-y"))
    assert after(LESSON, "title: Reconnaître", "title: Voir")
    assert after("course.yml", "mastery: 80", "mastery: 70")
    order = "::: order {#q-o}\n\nX ?\n\n1. A\n2. B\n3. C\n\n:::\n\n::: choice {#q-y}"
    assert after(LESSON, "::: choice {#q-y}", order), "a type that the player did not have"


def test_a_broken_lesson_is_shown_as_it_was(course: Path) -> None:
    desk = Desk(course)
    desk.build()
    good = members(desk)
    edit(course / LESSON, lambda text: text + BROKEN)
    edit(course / OTHER, lambda text: f"{text}\n\nUne phrase neuve.\n")
    report = desk.build()
    assert [Path(one).name for one in report.behind] == ["01-hameconnage.md"]
    assert any(one.diagnostic.severity.value == "error" for one in report.found)
    assert members(desk)["hameconnage.html"] == good["hameconnage.html"]
    assert "Une phrase neuve." in members(desk)["revision.html"].decode()
    edit(course / LESSON, lambda text: text.replace(BROKEN, ""))
    report = desk.build()
    assert report.behind == ()
    assert members(desk)["hameconnage.html"] == good["hameconnage.html"]


def test_what_cannot_be_shown_at_all(course: Path) -> None:
    """Broken from the start; then good; then gone; then back."""
    good = (course / LESSON).read_text("utf-8")
    edit(course / LESSON, lambda text: text + BROKEN)
    desk = Desk(course)
    assert desk.build().behind == ("*",)
    assert desk.shown is None
    (course / LESSON).write_text(good, encoding="utf-8")
    assert desk.build().behind == ()
    before = members(desk)
    for text in ("id: [", "", "\0", "id: essai\n"):
        kept = (course / "course.yml").read_text("utf-8")
        (course / "course.yml").write_text(text, encoding="utf-8")
        assert desk.build().behind == ("*",)
        assert members(desk) == before
        (course / "course.yml").write_text(kept, encoding="utf-8")
    elsewhere = course.rename(course.with_name("ailleurs"))
    report = desk.build()
    assert report.behind == ("*",)
    assert report.trouble or report.found
    assert members(desk) == before
    elsewhere.rename(course)
    assert desk.build().behind == ()
    (course / LESSON).write_bytes(b"\xff\xfe")
    assert [Path(one).name for one in desk.build().behind] == ["01-hameconnage.md"]


def test_slots_once_given_stay(course: Path) -> None:
    """Without a lock, slots follow the text: a question put before another must not take its answers."""
    (course / "course.lock").unlink()
    desk = Desk(course)
    first = [one.diagnostic.code for one in desk.build().found]
    assert desk.shown is not None
    slot = {name: number for number, name in desk.shown.names.items()}
    new = "::: choice {#q-avant}\n\nAvant ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n\n"
    edit(course / LESSON, lambda text: text.replace("::: choice {#q-urgence", f"{new}::: choice {{#q-urgence"))
    assert "S215" in first
    assert "S215" in [one.diagnostic.code for one in desk.build().found]
    later = {name: number for number, name in desk.shown.names.items()}
    assert {**later, **slot} == later
    edit(course / LESSON, lambda text: text.replace(new, ""))
    desk.build()
    edit(course / LESSON, lambda text: text + new)
    desk.build()
    assert {name: number for number, name in desk.shown.names.items()} == later
    assert not (course / "course.lock").exists()


def test_an_include_that_changes_is_noticed(course: Path) -> None:
    (course / "_commun.md").write_text("Une phrase commune.\n", encoding="utf-8")
    edit(course / OTHER, lambda text: f'{text}\n\n::: include {{src="_commun.md"}}\n:::\n')
    desk = Desk(course)
    assert desk.build().behind == ()
    (course / "_commun.md").write_text("Une autre phrase.\n", encoding="utf-8")
    assert "revision.html" in desk.build().changed
    assert "Une autre phrase." in members(desk)["revision.html"].decode()


EDITS: Mapping[str, tuple[str, str, str]] = {
    "words": (LESSON, "Un courriel qui", "Un message qui"),
    "title": (LESSON, "title: Reconnaître", "title: Voir"),
    "id": (OTHER, "id: revision", "id: bilan\nwas: [revision]"),
    "answer": (LESSON, "- [ ] Une signature complète", "- [ ] Une signature"),
    "key": (LESSON, "- [x] Une demande", "- [ ] Une demande"),
    "points": (LESSON, "points=2 tries=2", "points=3"),
    "variable": ("course.yml", "votre responsable", "le responsable"),
    "version": ("course.yml", "version: 1.0.0", "version: 1.1.0"),
    "mastery": ("course.yml", "mastery: 80", "mastery: 60"),
    "theme": ("course.yml", "mastery:", "theme: encre\nmastery:"),
    "module": ("01-proteger/_module.yml", "title: ", "title: Neuf "),
    "question": (LESSON, "## Les signes", "## Les signes\n\n::: open {#q-o}\n\nDites.\n\n> [!ANSWER]\n> Dit.\n\n:::\n"),
    "glossary": ("glossary.yml", "", "- term: courriel\n  definition: Un message électronique.\n"),
    "characters": ("characters.yml", "", "lea: {name: Léa}\n"),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=6))
def test_what_memory_gives_is_what_a_clean_build_makes(
    tmp_path_factory: pytest.TempPathFactory, edits: list[str]
) -> None:
    """Over any edits, each made or taken back: the same members, the same findings."""
    folder = tmp_path_factory.mktemp("edits") / "essai"
    shutil.copytree(COURSE, folder)
    desk = Desk(folder)
    desk.build()
    done: set[str] = set()
    for name in edits:
        file, old, new = EDITS[name]
        place = folder / file
        if not old:
            place.unlink() if name in done else place.write_text(new, encoding="utf-8")
        elif name in done:
            edit(place, lambda text, old=old, new=new: text.replace(new, old, 1))
        else:
            edit(place, lambda text, old=old, new=new: text.replace(old, new, 1))
        done ^= {name}
        report = desk.build()
        assert report.behind == (), [one.diagnostic for one in report.found]
        made, codes = clean(desk)
        assert members(desk) == made
        assert [one.diagnostic.code for one in report.found] == codes


@pytest.mark.parametrize("target", TARGETS)
def test_a_saved_state_in_words(course: Path, target: str) -> None:
    from builder.codec import Record, State, Visit, encode

    desk = Desk(course, target)
    desk.build()
    shown = desk.shown
    assert shown is not None
    slot = {name: number for number, name in shown.names.items()}
    state = State(
        shown.revision,
        7,
        99,
        place=slot["hameconnage"],
        lessons={slot["hameconnage"]: Visit(True, False)},
        questions={slot["q-urgence"]: Record(1, 0, 0, (frozenset("b"),), shown.revision)},
    )
    text = encode(state, shown.slots)
    read = saved(shown, text)
    assert (read["readable"], read["characters"], read["limit"]) == (True, len(text), shown.limit)
    assert read["place"] == "hameconnage"
    assert [(one["id"], one["tries"], one["response"]) for one in read["questions"]] == [("q-urgence", 1, "b")]
    assert saved(shown, "?")["readable"] is False


@pytest.mark.parametrize(("path", "choice"), [("choose", {"target": "cmi5"}), ("vary", {"theme": "sobre"})])
def test_a_choice_is_for_the_next_build(
    path: str, choice: dict[str, str], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is under way ends as it began."""
    preview = Client(course).preview
    has_begun, may_end, built = Event(), Event(), []

    def build(desk: Desk) -> Report:
        before = (desk.target, desk.theme)
        has_begun.set()
        may_end.wait()
        built.append((before, (desk.target, desk.theme)))
        return desk.report

    async def asked() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(choice).encode(), "more_body": False}

    async def run() -> None:
        first = asyncio.create_task(preview.rebuild())
        await asyncio.to_thread(has_begun.wait)
        second = asyncio.create_task(getattr(preview, path)(Request({"type": "http", "headers": []}, asked)))
        for _ in range(20):  # it comes as far as it can
            await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(first, second)
        await preview.advised.end()

    monkeypatch.setattr(Desk, "build", build)
    asyncio.run(run())
    now = (choice.get("target", "scorm12"), choice.get("theme", ""))
    assert built == [(("scorm12", ""), ("scorm12", "")), (now, now)]


# --- cmi5 ------------------------------------------------------------------------------------------------------------


class Unit:
    """The course as cmi5 launched it: asks the desk what a unit asks."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.told: asyncio.Queue[str] = asyncio.Queue()
        client.preview._pages.add(self.told)
        self.token = ""

    def launch(self, **more: object) -> dict[str, str]:
        status, _, body = self.client.post("/launch", {"href": "index.html", "mode": "", "new": False, **more})
        assert status == 200, body
        address = urlsplit(json.loads(body)["address"])
        assert address.path == "/package/index.html"
        self.given = {name: values[0] for name, values in parse_qs(address.query).items()}
        _, _, said = self.client.ask(urlsplit(self.given["fetch"]).path, "POST")
        self.token = json.loads(said)["auth-token"]
        return self.given

    def ask(self, method: str, resource: str, body: object = None, **query: str) -> tuple[int, Any]:
        headers = {
            "authorization": f"Basic {self.token}",
            "x-experience-api-version": "1.0.3",
            "content-type": "application/json",
        }
        sent = b"" if body is None else json.dumps(body).encode()
        status, _, answer = self.client.ask(f"/cmi5/lrs/{resource}", method, headers, sent, urlencode(query))
        return status, json.loads(answer) if answer.startswith((b"{", b"[")) else answer

    def document(self, method: str, name: str, body: object = None) -> tuple[int, Any]:
        keys = {"activityId": self.given["activityId"], "registration": self.given["registration"]}
        return self.ask(method, "activities/state", body, stateId=name, agent=self.given["actor"], **keys)

    def say(self, verb: str, **result: object) -> int:
        _, data = self.document("GET", "LMS.LaunchData")
        context = {
            **data["contextTemplate"],
            "registration": self.given["registration"],
            "contextActivities": {"category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]},
        }
        statement = {
            "id": str(uuid4()),
            "actor": json.loads(self.given["actor"]),
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": self.given["activityId"], "definition": {"name": {"fr": "Essai"}}},
            "timestamp": "2026-01-31T10:00:00Z",
            "context": context,
            **({"result": result} if result else {}),
        }
        return self.ask("POST", "statements", [statement])[0]

    def heard(self) -> list[dict[str, Any]]:
        """What the page was told since it was asked last."""
        news = [json.loads(self.told.get_nowait().partition("\n")[0]) for _ in range(self.told.qsize())]
        return [one["asked"] for one in news if "asked" in one]

    def record(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.client.ask("/record")[2]))


@pytest.fixture
def unit(course: Path) -> Unit:
    client = Client(course)
    assert client.post("/target", {"target": "cmi5"})[0] == 200
    return Unit(client)


def test_cmi5_is_launched_heard_and_resumed(unit: Unit) -> None:
    """The page is told of each request and statement; a relaunch finds the state, a new attempt none."""
    given = unit.launch()
    assert given["endpoint"] == f"http://127.0.0.1:{PORT}/cmi5/lrs/"
    assert unit.document("GET", "carabin")[0] == 404
    assert unit.document("PUT", "carabin", {"schema": 1, "state": "abc", "location": "hameconnage"})[0] == 204
    assert unit.say("initialized") == unit.say("passed", success=True, score={"scaled": 0.9}) == 200
    heard = unit.heard()
    calls = [one["call"] for one in heard if one["call"] != "GET activities/state LMS.LaunchData"]
    assert calls == [
        "POST fetch",
        "GET activities/state carabin",
        "PUT activities/state carabin",
        "POST statements",
        "POST statements",
    ]
    assert [one["failed"] for one in heard] == [False] * len(heard)
    assert heard[0]["clause"] == "cmi5 §8.2"
    told = [one for entry in heard for one in entry["statements"] if not one["is_own"]]
    assert [(one["verb"], one["object"], one["result"], one["stored"]) for one in told] == [
        ("initialized", "Essai", "", True),
        ("passed", "Essai", "success true, scaled 0.9", True),
    ]
    assert json.loads(told[1]["json"])["result"]["score"]["scaled"] == 0.9
    record = unit.record()
    assert (record["success"], record["score"], record["state"], record["location"]) == (
        "passed",
        "0.9",
        "abc",
        "hameconnage",
    )
    assert record["fields"]["LMS.LaunchData launchMode"] == "Normal"
    assert record["completion"] is False, "moveOn wants more than a pass"
    unit.say("completed", completion=True)
    assert unit.record()["completion"] is True
    unit.say("terminated")

    again = unit.launch(mode="review")
    assert again["registration"] == given["registration"]
    assert unit.document("GET", "carabin") == (200, {"schema": 1, "state": "abc", "location": "hameconnage"})
    assert unit.record()["fields"]["LMS.LaunchData launchMode"] == "Review"
    unit.say("terminated")

    fresh = unit.launch(new=True)
    assert fresh["registration"] != given["registration"]
    assert unit.document("GET", "carabin")[0] == 404
    assert (unit.record()["success"], unit.record()["completion"]) == ("", False)


def test_the_state_outlives_a_save(unit: Unit, course: Path) -> None:
    unit.launch()
    unit.document("PUT", "carabin", {"state": "abc"})
    edit(course / LESSON, lambda text: f"{text}\n\nUne phrase neuve.\n")
    asyncio.run(unit.client.preview.rebuild())
    assert unit.document("GET", "carabin") == (200, {"state": "abc"}), "the session goes on"
    unit.launch()
    assert unit.document("GET", "carabin") == (200, {"state": "abc"})


def test_faults_of_cmi5(unit: Unit) -> None:
    """Each makes requests fail in its own way, with the clause, until it ends; the next launch begins without."""
    unit.launch()
    for fault, status, clause in (
        ("silent", 504, "xAPI Communication §3.2"),
        ("offline", 307, ""),
        ("session", 401, "xAPI Communication §4"),
    ):
        unit.heard()
        assert unit.client.post("/fault", {fault: True})[0] == 200
        assert unit.document("PUT", "carabin", {"state": fault})[0] == status
        (asked,) = unit.heard()
        assert (asked["failed"], asked["status"], asked["error_clause"]) == (
            True,
            0 if status == 307 else status,
            clause,
        )
        assert unit.client.post("/fault", {})[0] == 200
        assert unit.document("GET", "carabin")[0] == 404, "nothing was stored"
    assert unit.client.post("/fault", {"slow": True})[0] == 200
    began = time.perf_counter()
    assert unit.document("GET", "carabin")[0] == 404
    assert time.perf_counter() - began >= SLOW
    unit.say("terminated")
    unit.launch()
    assert not unit.client.preview.cmi5.slow


def test_a_page_that_goes_away_while_it_asks(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised, nothing is told."""

    async def gone(request: Request) -> bytes:
        raise ClientDisconnect

    unit.launch()
    unit.heard()
    monkeypatch.setattr(Request, "body", gone)
    assert unit.document("PUT", "carabin", {"state": "abc"})[0] == 400
    assert unit.heard() == []


def test_offline_is_a_network_error(unit: Unit) -> None:
    """Fetch §4.4: a redirection to what is not HTTP."""
    unit.launch()
    unit.client.post("/fault", {"offline": True})
    status, headers, _ = unit.client.ask("/cmi5/lrs/about", headers={"authorization": f"Basic {unit.token}"})
    assert (status, headers["location"]) == (307, "about:blank")


def test_what_cmi5_refuses_has_a_clause(unit: Unit) -> None:
    unit.launch()
    unit.heard()
    assert unit.document("PUT", "LMS.LaunchData", {})[0] == 403
    _, _, said = unit.client.ask(urlsplit(unit.given["fetch"]).path, "POST")
    assert json.loads(said)["error-code"] == "1"
    refused, spent = unit.heard()
    assert (refused["clause"], refused["error_clause"]) == ("cmi5 §10", "xAPI Communication §4")
    assert (spent["failed"], spent["error_clause"]) == (True, "cmi5 §8.2")
    assert "already" in spent["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/launch", {"href": "../course.yml", "mode": ""}),
        ("/launch", {"href": "index.html", "mode": "Normal"}),
        ("/launch", {"href": ["index.html"], "mode": ""}),
        ("/launch", []),
        ("/fault", {"full": True}),
        ("/fault", {"slow": 1}),
        ("/choice", {"language": "xx"}),
        ("/choice", {"language": ["fr"]}),
        ("/choice", {"theme": "../sobre"}),
        ("/choice", {"theme": 1}),
        ("/choice", {"overlay": "course.yml"}),
        ("/choice", {"audience": "infirmier"}),
        ("/choice", {"target": "web"}),
    ],
)
def test_nothing_else_can_be_asked_for(unit: Unit, path: str, body: object) -> None:
    assert unit.client.post(path, body)[0] == 422
    assert unit.client.desk.chosen() == dict.fromkeys(("audience", "region", "overlay", "theme"), "")


def test_nothing_is_launched_by_cmi5_but_cmi5(client: Client) -> None:
    assert client.post("/launch", {"href": "index.html", "mode": ""})[0] == 422
    assert json.loads(client.ask("/record")[2]) == {}
    assert client.ask("/cmi5/lrs/statements")[0] == 404


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "1.0", ""])
def test_numbers_that_are_none_are_no_launches(unit: Unit, number: str) -> None:
    unit.launch()
    assert unit.client.ask(f"/cmi5/fetch/{number}", "POST")[0] == 404


def test_the_course_may_return_to_the_desk(unit: Unit) -> None:
    unit.launch()
    _, data = unit.document("GET", "LMS.LaunchData")
    status, headers, page = unit.client.ask(urlsplit(data["returnURL"]).path)
    assert (status, headers["content-security-policy"]) == (200, "default-src 'none'; frame-ancestors 'self'")
    assert b"Relaunch" in page


@pytest.mark.parametrize("target", TARGETS[:2])
def test_every_error_of_scorm_has_a_clause(target: str) -> None:
    """Those of the simulated LMS; elements have the clause of their group."""
    known = SCORM[target]
    assert set(known) == {"elements", "errors"}
    for table in known.values():
        assert "" in table
        assert all(re.fullmatch(r"SCORM (1\.2|2004) RTE §\d(\.\d+)*", clause) for clause in table.values())
        assert all(("1.2" in clause) == (target == "scorm12") for clause in table.values())


# --- choices ---------------------------------------------------------------------------------------------------------

FOR_SOME = (
    "\n::: only {audience=infirmier}\n\nPour les infirmiers.\n\n:::\n\n::: only {region=QC}\n\nAu Québec.\n\n:::\n"
)


@pytest.fixture
def varied(course: Path) -> Path:
    """With audiences, regions by text and by foreign words, overlays good and bad, a theme that cannot be used."""
    edit(course / "course.yml", lambda text: f"audiences: [infirmier, medecin]\n{text}")
    edit(course / LESSON, lambda text: text + FOR_SOME)
    (course / "regions.yml").write_text("BE: {foreign: [{term: CNIL}]}\n", encoding="utf-8")
    (course / "overlays").mkdir()
    (course / "overlays" / "chu.yml").write_text("institution: CHU\n", encoding="utf-8")
    (course / "overlays" / "faux.yml").write_text("region: [\n", encoding="utf-8")
    (course.parent / "dehors.yml").write_text("institution: Ailleurs\n", encoding="utf-8")
    (course / "overlays" / "dehors.yml").symlink_to(course.parent / "dehors.yml")
    (course / "themes" / "casse").mkdir(parents=True)
    (course / "themes" / "casse" / "theme.yml").write_text("extends: rien\n", encoding="utf-8")
    return course


def test_variants_and_themes_are_chosen_in_the_page(varied: Path) -> None:
    client = Client(varied)
    news = client.preview.news()
    assert news["choices"] == {
        "audience": ["infirmier", "medecin"],
        "region": ["BE", "FR", "QC"],
        "overlay": ["overlays/chu.yml", "overlays/faux.yml"],
        "theme": ["base", "casse", "encre", "sobre"],
    }
    assert (news["theme"], set(news["chosen"].values())) == ("sobre", {""})
    launch = news["shown"]["launch"]

    def page() -> str:
        return client.ask("/package/hameconnage.html")[2].decode()

    assert "Pour les infirmiers." in page()
    assert "Au Québec." not in page()
    status, _, body = client.post("/choice", {"audience": "medecin", "region": "QC"})
    assert (status, json.loads(body)["chosen"]["audience"]) == (200, "medecin")
    assert json.loads(body)["shown"]["launch"] != launch
    assert "Pour les infirmiers." not in page()
    assert "Au Québec." in page()
    style = client.preview.news()["shown"]["style"]
    news = json.loads(client.post("/choice", {"theme": "encre", "overlay": "overlays/chu.yml"})[2])
    assert news["shown"]["style"] != style
    assert news["chosen"] == {
        "audience": "medecin",
        "region": "QC",
        "overlay": "overlays/chu.yml",
        "theme": "encre",
    }
    assert set(json.loads(client.post("/choice", dict.fromkeys(news["chosen"], ""))[2])["chosen"].values()) == {""}
    assert "Pour les infirmiers." in page()


@pytest.mark.parametrize(
    ("name", "value", "code"), [("theme", "casse", "S080"), ("overlay", "overlays/faux.yml", "S010")]
)
def test_a_bad_choice_shows_why_and_the_last_good_one_stays(varied: Path, name: str, value: str, code: str) -> None:
    client = Client(varied)
    good = members(client.desk)
    news = json.loads(client.post("/choice", {name: value})[2])
    assert code in [one["code"] for one in news["diagnostics"]]
    assert news["behind"] == ["*"]
    assert members(client.desk) == good
    news = json.loads(client.post("/choice", {name: ""})[2])
    assert (news["behind"], news["changed"]) == ([], [])


def test_another_language_is_that_of_the_desk(course: Path) -> None:
    client = Client(course)
    number = client.desk.report.number
    assert b'<html lang="en">' in client.ask("/")[2]
    assert client.post("/choice", {"language": "fr"})[0] == 200
    assert b'<html lang="fr">' in client.ask("/")[2]
    assert client.desk.report.number == number, "nothing is built for it"


# --- questions without id --------------------------------------------------------------------------------------------

UNNAMED = "\n::: choice\n\n{0} ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n"


@pytest.mark.parametrize("target", TARGETS)
def test_a_question_without_id_is_shown_with_a_warning(course: Path, target: str) -> None:
    """It keeps its slot while the desk lives, whatever is written before it; nothing is written; `build` refuses it."""
    desk = Desk(course, target)
    desk.build()
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    for name in (LESSON, OTHER):
        edit(course / name, lambda text: text + UNNAMED.format("Rien"))
    report = desk.build()
    assert report.behind == ()
    assert [one.diagnostic.severity.value for one in report.found if one.diagnostic.code == "Q101"] == ["warning"] * 2
    assert desk.shown is not None
    names = {slot: name for slot, name in desk.shown.names.items() if "unnamed" in name}
    assert len(set(names.values())) == 2
    edit(
        course / LESSON,
        lambda text: text.replace("::: choice {#q-urgence", f"{UNNAMED.format('Avant')}\n::: choice {{#q-urgence"),
    )
    desk.build()
    assert names.items() <= desk.shown.names.items()
    assert {path for path in course.rglob("*") if path.is_file()} == set(before)
    (made,) = build(load(course), Options(targets=(target,)))
    assert made.package is None
    assert any(one.code == "Q101" and one.severity.value == "error" for one in made.diagnostics)


# --- a player that is older than its sources -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_stale", "node", "status", "runs", "said"),
    [
        (False, "/bin/node", 0, 0, ""),
        (True, "/bin/node", 0, 1, "makes it anew"),
        (True, "/bin/node", 1, 1, "run `make player` to see why"),
        (True, None, 0, 0, "install node, then run `make player`"),
    ],
)
def test_a_stale_player_is_made_anew_or_said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_stale: bool,
    node: str | None,
    status: int,
    runs: int,
    said: str,
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **more: object) -> subprocess.CompletedProcess[bytes]:
        ran.append(command)
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setattr("builder.player.is_stale", lambda: is_stale)
    monkeypatch.setattr("builder.cli.serve.which", lambda name: node)
    monkeypatch.setattr("builder.cli.serve.subprocess.run", run)
    freshen("en")
    assert [command[1:] for command in ran] == [("-m", "tools.player")] * runs
    out = capsys.readouterr()
    assert said in out.out + out.err
    assert bool(out.out + out.err) is bool(said)

"""`carabin xapi`: what it prints, and how it gives definitions to an LRS (xAPI Communication 1.0.3 §2.7, §3.1)."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from builder import xapi
from builder.cli import carabin
from builder.cli import xapi as command

ROOT = Path(__file__).parent.parent
COURSE = ROOT / "tests" / "courses" / "quiz"
IRI = "https://carabin.example/quiz"
KEYS = {"CARABIN_LRS_KEY": "publisher", "CARABIN_LRS_SECRET": "a secret: yes"}
BASIC = "Basic " + b64encode(b"publisher:a secret: yes").decode()


@dataclass
class Lrs:
    """A strict Activity Profile Resource in memory. `faults`: answers to the next requests of a method, in order, each
    a status and a header; `asks`: method, activity and status of each request."""

    address: str = ""
    auth: str = BASIC
    tags: bool = True
    documents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    faults: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    asks: list[tuple[str, str, int]] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        if headers.get("authorization") != self.auth:
            return 401, {}, b"who are you?"
        if self.faults.get(method):
            status, location = self.faults[method].pop(0)
            return status, {"Location": location} if location else {}, b"no\x1b[31m\n way"
        if parts.path != "/xapi/activities/profile" or set(query) != {"activityId", "profileId"}:
            return 404, {}, b""
        if headers.get("x-experience-api-version") != "1.0.3":
            return 400, {}, b"version"
        key = (query["activityId"], query["profileId"])
        old = self.documents.get(key)
        tag = f'"{sha1(old).hexdigest()}"' if old is not None else ""
        if method == "GET":
            return (404, {}, b"") if old is None else (200, {"ETag": tag} if self.tags else {}, old)
        if headers.get("content-type") != "application/json":
            return 400, {}, b"content type"
        condition = (headers.get("if-match"), headers.get("if-none-match"))
        if old is not None and condition == (None, None):
            return 409, {}, b""
        if condition != ((tag, None) if old is not None else (None, "*")):
            return 412, {}, b""
        self.documents[key] = body
        return 204, {}, b""


@pytest.fixture
def lrs() -> Iterator[Lrs]:
    """An LRS on this machine, which forgets everything afterwards."""
    kept = Lrs()

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, content = kept.answer(self.command, self.path, headers, body)
            activity = parse_qs(urlsplit(self.path).query).get("activityId", [""])[0]
            kept.asks.append((self.command, activity, status))
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        kept.address = f"http://127.0.0.1:{server.server_address[1]}/xapi/"
        yield kept
        server.shutdown()
        thread.join()


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    given = dict.fromkeys(("CARABIN_LRS_KEY", "CARABIN_LRS_SECRET", "CARABIN_LRS_AUTH", "LANG", "LC_ALL"), "")
    runner = CliRunner(env={**given, **(KEYS if env is None else env)})
    return runner.invoke(carabin, ["xapi", *map(str, arguments)])


def push(lrs: Lrs, *arguments: str | Path, env: dict[str, str] | None = None) -> Result:
    return run("push", "--lrs", lrs.address, *(arguments or (COURSE,)), env=env)


# --- printing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "member"),
    [("templates", "statements.json"), ("activities", "activities.json"), ("profile", "profile.jsonld")],
)
@pytest.mark.parametrize("target", ["scorm12", "cmi5"])
def test_what_is_printed_is_what_a_package_holds(name: str, member: str, target: str) -> None:
    from builder import load, pipeline

    found = run(name, COURSE, "--target", target)
    assert (found.exit_code, found.stderr) == (0, "")
    checked = pipeline.check(load.load(COURSE), pipeline.Options(targets=(target,)))
    members = {one.name: one.content for one in xapi.members(pipeline.told(checked, target))}
    assert json.loads(found.stdout) == json.loads(members[f"xapi/{member}"])


def test_one_course_is_printed_at_a_time() -> None:
    found = run("profile", ROOT / "tests" / "courses" / "quiz", ROOT / "tests" / "courses" / "open")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "there are 2 here" in found.stderr


@pytest.mark.parametrize("arguments", [("templates",), ("push", "--dry-run", "--lrs", "https://lrs.example/")])
def test_a_course_with_errors_says_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "course.yml").write_text("id: x\n", "utf-8")
    found = run(*arguments, tmp_path)
    assert (found.exit_code, found.stdout) == (1, "")
    assert "error[S" in found.stderr


def test_an_unknown_target_is_wrong_usage() -> None:
    found = run("profile", COURSE, "-t", "scorm13")
    assert found.exit_code == 2
    assert "Did you mean 'scorm12'?" in found.stderr


# --- pushing ---------------------------------------------------------------------------------------------------------


def test_an_lrs_learns_every_activity_and_the_profile(lrs: Lrs) -> None:
    found = push(lrs)
    assert (found.exit_code, found.stderr) == (0, "")
    activities = {one["id"]: one for one in json.loads(run("activities", COURSE).stdout)["activities"]}
    count = len(activities) + 1
    assert found.stdout == f"quiz 1.0.0: {count} created, 0 changed, 0 unchanged\n"
    for name, entry in activities.items():
        assert json.loads(lrs.documents.pop((name, f"{IRI}/_resource/definition"))) == entry
    profile = json.loads(run("profile", COURSE).stdout)
    assert {key: json.loads(one) for key, one in lrs.documents.items()} == {
        (f"{IRI}/_profile", f"{IRI}/_profile/1.0.0"): profile
    }


def test_it_finds_what_it_pushed_and_replaces_what_is_old(lrs: Lrs) -> None:
    push(lrs)
    definition = f"{IRI}/_resource/definition"
    lrs.documents[IRI, definition] = json.dumps(json.loads(lrs.documents[IRI, definition]), indent=3).encode()
    lrs.documents[f"{IRI}/q1", definition] = b"{}"
    del lrs.documents[f"{IRI}/q2", definition]
    lrs.asks.clear()
    found = push(lrs)
    assert ": 1 created, 1 changed, " in found.stdout
    assert [ask[:2] for ask in lrs.asks if ask[0] == "PUT"] == [("PUT", f"{IRI}/q1"), ("PUT", f"{IRI}/q2")]
    assert " 0 created, 0 changed, " in push(lrs).stdout


def test_an_lrs_that_hides_its_tags(lrs: Lrs) -> None:
    """xAPI Communication 1.0.3 §3.1: the tag is the SHA-1 of the content."""
    push(lrs)
    lrs.tags = False
    lrs.documents[f"{IRI}/q1", f"{IRI}/_resource/definition"] = b"not JSON"
    assert " 0 created, 1 changed, " in push(lrs).stdout


def test_somebody_else_writes_at_that_moment(lrs: Lrs) -> None:
    lrs.faults = {"PUT": [(412, "")]}
    assert push(lrs).exit_code == 0
    lrs.documents.clear()
    lrs.faults = {"PUT": [(412, ""), (409, "")]}
    found = push(lrs)
    assert found.exit_code == 2
    assert f"{IRI}: somebody else" in found.stderr


def test_all_targets_of_a_course_are_pushed(lrs: Lrs, tmp_path: Path) -> None:
    """cmi5 has activities of its own."""
    for path in COURSE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / "course.yml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("targets:")]
    (tmp_path / "course.yml").write_text("\n".join([*lines, "targets: [scorm12, cmi5]\n"]), "utf-8")
    assert push(lrs, tmp_path).exit_code == 0
    assert (f"{IRI}/_au", f"{IRI}/_resource/definition") in lrs.documents
    lrs.documents.clear()
    push(lrs, tmp_path, "-t", "scorm12")
    assert (f"{IRI}/_au", f"{IRI}/_resource/definition") not in lrs.documents


def test_a_dry_run_sends_nothing_and_needs_no_key(lrs: Lrs) -> None:
    found = push(lrs, COURSE, "--dry-run", env={})
    assert found.exit_code == 0
    assert lrs.asks == []
    lines = found.stdout.splitlines()
    assert len(lines) == len(json.loads(run("activities", COURSE).stdout)["activities"]) + 1
    assert all(line.startswith(f"PUT {lrs.address}activities/profile?activityId=https%3A%2F%2F") for line in lines)


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "set CARABIN_LRS_KEY and CARABIN_LRS_SECRET, or CARABIN_LRS_AUTH"),
        ({"CARABIN_LRS_KEY": "publisher"}, "set CARABIN_LRS_KEY and CARABIN_LRS_SECRET"),
        ({"CARABIN_LRS_KEY": "a:b", "CARABIN_LRS_SECRET": "hush"}, "CARABIN_LRS_KEY holds a colon"),
        ({"CARABIN_LRS_AUTH": "hush"}, "CARABIN_LRS_AUTH is no value"),
        ({"CARABIN_LRS_AUTH": "Basic hush\r\nX: y"}, "CARABIN_LRS_AUTH is no value"),
        ({"CARABIN_LRS_KEY": "publisher", "CARABIN_LRS_SECRET": "hush"}, "does not know the key (401)"),
    ],
)
def test_credentials(lrs: Lrs, env: dict[str, str], said: str) -> None:
    """They are never shown."""
    found = push(lrs, env=env)
    assert found.exit_code == 2
    assert said in found.stderr
    assert "hush" not in found.output
    assert lrs.documents == {}


def test_the_whole_header_may_be_given(lrs: Lrs) -> None:
    lrs.auth = "Bearer abc.def"
    assert push(lrs, env={"CARABIN_LRS_AUTH": "Bearer abc.def"}).exit_code == 0
    assert push(lrs, env={**KEYS, "CARABIN_LRS_AUTH": "Bearer abc.def"}).exit_code == 0, "it comes first"


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"GET": [(403, "")]}, "lets it write no activity profiles (403)"),
        ({"PUT": [(403, "")]}, "lets it write no activity profiles (403)"),
        ({"PUT": [(404, "")]}, "nothing there takes activity profiles (404)"),
        ({"GET": [(405, "")]}, "nothing there takes activity profiles (405)"),
        ({"GET": [(429, "")]}, "too much to do (429)"),
        ({"PUT": [(503, "")]}, "too much to do (503)"),
        ({"GET": [(500, "")]}, "refuses (500): no\N{REPLACEMENT CHARACTER}[31m way"),
        ({"PUT": [(400, "")]}, "refuses (400): no"),
        ({"GET": [(302, "http://127.0.0.1:1/elsewhere")]}, "sends us elsewhere (302)"),
        ({"PUT": [(307, "http://127.0.0.1:1/elsewhere")]}, "sends us elsewhere (307)"),
    ],
)
def test_an_lrs_that_refuses(lrs: Lrs, faults: dict[str, list[tuple[int, str]]], said: str) -> None:
    lrs.faults = faults
    found = push(lrs)
    assert found.exit_code == 2
    assert said in found.stderr
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    "address",
    [
        "http://lrs.example/xapi",
        "https://key:secret@lrs.example/xapi",
        "https://lrs.example/xapi?key=secret",
        "ftp://lrs.example/",
        "lrs.example",
        "https://",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    found = run("push", "--lrs", address, COURSE)
    assert found.exit_code == 2
    assert "no address of an LRS" in found.stderr
    assert "secret" not in found.stderr


def test_nobody_is_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = run("push", "--lrs", f"http://127.0.0.1:{port}/", COURSE)
    assert found.exit_code == 2
    assert f"http://127.0.0.1:{port}/activities/profile: no answer: Connection refused" in found.stderr


@pytest.mark.parametrize(("bytes_", "said"), [(b"hello\r\n\r\n", "no answer"), (b"", "no answer")])
def test_something_else_is_there(bytes_: bytes, said: str) -> None:
    """It speaks no HTTP, or hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(bytes_)

        thread = threading.Thread(target=once)
        thread.start()
        found = run("push", "--lrs", f"http://127.0.0.1:{server.getsockname()[1]}/", COURSE)
        thread.join()
    assert found.exit_code == 2
    assert said in found.stderr


def test_an_lrs_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = run("push", "--lrs", f"http://127.0.0.1:{server.getsockname()[1]}/", COURSE)
    assert found.exit_code == 2
    assert "no answer within 0.05 seconds" in found.stderr


def test_a_certificate_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS itself is Python's; here what is said of it."""

    def refuse(*_: object, **__: object) -> None:
        problem = ssl.SSLCertVerificationError(1, "certificate verify failed")
        problem.verify_message = "self-signed certificate"
        raise problem

    monkeypatch.setattr(socket, "create_connection", refuse)
    found = run("push", "--lrs", "https://127.0.0.1/", COURSE)
    assert found.exit_code == 2
    assert "no secure connection: self-signed certificate." in found.stderr


def test_a_proxy_is_not_asked_for_this_machine(lrs: Lrs) -> None:
    assert push(lrs, env={**KEYS, "http_proxy": "http://127.0.0.1:1/"}).exit_code == 0

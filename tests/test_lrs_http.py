"""The LRS with several clients at once, on HTTP, after a crash; its page and its command."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from urllib.parse import parse_qsl, urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from click.testing import CliRunner
from lrs_client import (
    ADA,
    BASIC,
    BOB,
    CREDENTIALS,
    FULL,
    NESTED,
    NEW,
    PLAIN,
    REFERENCE,
    STATE,
    Client,
    changed,
)

from builder.cli import carabin
from builder.cli.lrs import check, greeting, is_loopback
from builder.lrs.app import Hosts, application, running
from builder.lrs.page import page
from builder.lrs.store import Query, Store
from builder.strings import strings

ROOT = Path(__file__).parent.parent


# --- several clients -------------------------------------------------------------------------------------------------


def at_once(number: int, work: Callable[[int], None]) -> None:
    """Run a function in many threads, which begin together."""
    barrier = Barrier(number)

    def run(one: int) -> None:
        barrier.wait()
        work(one)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(run, range(number)))


@pytest.fixture(params=["memory", "file", "two on one file"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Store]]:
    """One store, or two that share a file as two processes would."""
    file = ":memory:" if request.param == "memory" else tmp_path / "lrs.sqlite"
    made = [Store(file) for _ in range(2 if "two" in request.param else 1)]
    yield made
    for one in made:
        one.close()


def test_overlapping_batches_of_many_clients_keep_each_statement_once(stores: list[Store]) -> None:
    told = [{**PLAIN, "id": str(uuid5(NAMESPACE_URL, str(one)))} for one in range(40)]

    def send(client: int) -> None:
        lrs = Client(stores[client % len(stores)])
        for start in range(client, client + 20, 4):
            lrs.post(*told[start : start + 8])

    at_once(20, send)
    found = Client(stores[0]).found()
    assert sorted(found) == sorted(one["id"] for one in told)


def test_of_statements_with_one_id_the_first_is_kept_and_the_others_conflict(stores: list[Store]) -> None:
    name, answered = str(uuid4()), []

    def send(client: int) -> None:
        lrs = Client(stores[client % len(stores)])
        answered.append(
            lrs("POST", "statements", [PLAIN, {**PLAIN, "id": name, "result": {"response": str(client)}}]).status
        )

    at_once(10, send)
    assert sorted(answered) == [200] + [409] * 9
    assert stores[0].count() == 2


def test_no_update_of_a_document_is_lost(stores: list[Store]) -> None:
    """A counter that many raise, each with the ETag of what it read."""

    def raise_it(client: int) -> None:
        lrs = Client(stores[client % len(stores)])
        done = 0
        while done < 5:
            read = lrs("GET", "activities/state", **STATE)
            count = json.loads(read.body)["count"] if read.status == 200 else 0
            headers = {"If-Match": read.headers["ETag"]} if read.status == 200 else NEW
            status = lrs("PUT", "activities/state", {"count": count + 1, "by": client}, headers, **STATE).status
            assert status in (204, 412)
            done += status == 204

    at_once(8, raise_it)
    assert json.loads(Client(stores[0])("GET", "activities/state", **STATE).body)["count"] == 40


# --- HTTP ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def served() -> Iterator[tuple[Store, str]]:
    """A store and the host and port of its server."""
    store = Store()
    app = application(store, CREDENTIALS, origins=["https://lms.example", "null"], largest=20_000)
    with running(app) as endpoint:
        yield store, urlsplit(endpoint).netloc
    store.close()


def ask(
    netloc: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Ask over HTTP; names of headers come back in lower case."""
    connection = HTTPConnection(netloc, timeout=10)
    connection.request(
        method, path, body, {"Authorization": BASIC, "X-Experience-API-Version": "1.0.3", **(headers or {})}
    )
    made = connection.getresponse()
    told = made.status, {name.lower(): value for name, value in made.getheaders()}, made.read()
    connection.close()
    return told


JSON = {"Content-Type": "application/json"}
POSTED = json.dumps([PLAIN]).encode()


def test_over_http_it_answers_the_same(served: tuple[Store, str]) -> None:
    store, netloc = served
    status, headers, body = ask(netloc, "POST", "/xAPI/statements", POSTED, JSON)
    assert status == 200
    assert headers["x-experience-api-version"] == "1.0.3"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    (name,) = json.loads(body)
    get = ask(netloc, "GET", f"/xAPI/statements?statementId={name}")
    head = ask(netloc, "HEAD", f"/xAPI/statements?statementId={name}")
    assert (head[0], head[2]) == (200, b"")
    same = {"content-type", "content-length", "last-modified"}
    assert {key: head[1][key] for key in same} == {key: get[1][key] for key in same}
    assert ask(netloc, "HEAD", f"/xAPI/statements?statementId={uuid4()}")[0] == 404
    assert ask(netloc, "DELETE", "/xAPI/statements")[0] == 405
    assert store.count() == 1


def test_what_is_too_large_is_refused(served: tuple[Store, str]) -> None:
    store, netloc = served
    large = json.dumps({**PLAIN, "result": {"response": "x" * 20_000}}).encode()
    assert ask(netloc, "POST", "/xAPI/statements", large, JSON)[0] == 413
    connection = HTTPConnection(netloc, timeout=10)
    pieces = iter([large[:10_000], large[10_000:]])
    headers = {**JSON, "Authorization": BASIC, "X-Experience-API-Version": "1.0.3"}
    connection.request("POST", "/xAPI/statements", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    assert store.count() == 0


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1:1", "https://lms.example", "null"])
def test_pages_of_allowed_origins_may_call(served: tuple[Store, str], origin: str) -> None:
    """standards e.2, CORS."""
    _, netloc = served
    wanted = "authorization,content-type,if-match,if-none-match,x-experience-api-version"
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": wanted}
    private = {"Access-Control-Request-Private-Network": "true"}
    status, headers, _ = ask(netloc, "OPTIONS", "/xAPI/activities/state", None, {**asked, **private})
    assert status == 200
    assert headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-private-network"] == "true"
    assert set(wanted.split(",")) <= {one.strip().lower() for one in headers["access-control-allow-headers"].split(",")}
    assert {"PUT", "POST", "GET", "DELETE"} <= {
        one.strip() for one in headers["access-control-allow-methods"].split(",")
    }
    for path in ("/xAPI/statements", "/xAPI/about", "/xAPI/nothing"):
        _, headers, _ = ask(netloc, "GET", path, None, {"Origin": origin})
        assert headers["access-control-allow-origin"] == origin
        exposed = {one.strip() for one in headers["access-control-expose-headers"].split(",")}
        assert {"ETag", "Last-Modified", "X-Experience-API-Version", "X-Experience-API-Consistent-Through"} <= exposed
        assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://lms.example.evil.example", "http://lms.example", "http://localhost.evil.example"],
)
def test_pages_of_other_origins_may_not(served: tuple[Store, str], origin: str) -> None:
    _, netloc = served
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    status, headers, _ = ask(netloc, "OPTIONS", "/xAPI/statements", None, asked)
    assert (status, "access-control-allow-origin" in headers) == (400, False)
    assert "access-control-allow-origin" not in ask(netloc, "GET", "/xAPI/statements", None, {"Origin": origin})[1]


OURS = ("localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST")
OTHERS = ("evil.example", "", "localhost.evil.example", "127.0.0.1.evil.example", "[evil]", "localhost:x")


@pytest.mark.parametrize(("host", "status"), [*((one, 200) for one in OURS), *((one, 421) for one in OTHERS)])
def test_it_answers_only_where_it_is_called_by_its_name(served: tuple[Store, str], host: str, status: int) -> None:
    """A name of somebody else's that points here is DNS rebinding."""
    assert ask(served[1], "GET", "/xAPI/about", None, {"Host": host})[0] == status


def test_a_host_may_have_a_name_of_its_own() -> None:
    hosts = Hosts(lambda *_: None, "LRS.example")
    assert hosts.is_known("lrs.example:8090")
    assert not hosts.is_known("other.example")


LINES = """\
GET /xAPI/../xAPI/statements
GET /xAPI/%2e%2e/statements
GET //xAPI/statements
GET /xAPI/statements/../about
GET /%00
GET /xAPI/%ff%fe
GET /../../etc/passwd
GET /xAPI/statements%3FstatementId=1
GET /xAPI/statements;x=1
GET /favicon.ico
POST /
TRACE /xAPI/statements
BREW /xAPI/statements
"""


@pytest.mark.parametrize(
    "line", [*LINES.splitlines(), f"GET /xAPI/statements?{'a' * 9000}"], ids=lambda line: line[:40]
)
def test_no_path_upsets_it(served: tuple[Store, str], line: str) -> None:
    host, _, port = served[1].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        head = f"{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\nX-Experience-API-Version: 1.0.3\r\n"
        wire.sendall(f"{head}Connection: close\r\n\r\n".encode())
        told = b""
        while chunk := wire.recv(65536):
            told += chunk
    assert re.match(rb"HTTP/1.1 4\d\d ", told), told[:80]


def test_who_hangs_up_in_the_middle_leaves_nothing(served: tuple[Store, str]) -> None:
    store, netloc = served
    host, _, port = netloc.partition(":")
    head = f"POST /xAPI/statements HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BASIC}\r\nContent-Length: 9999\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(
            f"{head}Content-Type: application/json\r\nX-Experience-API-Version: 1.0.3\r\n\r\n".encode() + POSTED
        )
    assert ask(netloc, "GET", "/xAPI/about")[0] == 200
    assert store.count() == 0


def test_a_file_that_cannot_be_used_now_is_told_and_tried_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "lrs.sqlite", patience=0.05)
    other = sqlite3.connect(tmp_path / "lrs.sqlite", isolation_level=None)
    with running(application(store, CREDENTIALS)) as endpoint:
        netloc = urlsplit(endpoint).netloc
        other.execute("BEGIN IMMEDIATE")
        status, headers, _ = ask(netloc, "POST", "/xAPI/statements", POSTED, JSON)
        assert (status, headers["retry-after"]) == (503, "5")
        assert ask(netloc, "GET", "/xAPI/statements")[0] == 200
        other.execute("COMMIT")
        assert ask(netloc, "POST", "/xAPI/statements", POSTED, JSON)[0] == 200
    other.close()
    store.close()


def test_the_page_tells_in_words_what_has_arrived(served: tuple[Store, str]) -> None:
    store, netloc = served
    evil = "<script>alert(1)</script>"
    told = {**FULL, "actor": {**BOB, "name": evil}, "result": {**FULL["result"], "response": evil}}
    store.add(
        [told, {**PLAIN, "object": REFERENCE}, NESTED, {**PLAIN, "actor": {"objectType": "Group", "member": []}}], ADA
    )
    Client(store)("PUT", "activities/state", {"a": 1}, **STATE)
    status, headers, body = ask(netloc, "GET", "/")
    assert status == 200
    text = body.decode()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    for words in (
        "experienced",
        "Doors",
        "success",
        "50%",
        "statement 00000000",
        "several persons",
        "State",
        "8 octets",
    ):
        assert words in text, words
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert ask(netloc, "GET", "/", None, {"Authorization": ""})[0] == 401
    assert ask(netloc, "HEAD", "/")[2] == b""


def test_the_page_speaks_french() -> None:
    store = Store()
    assert "Aucune déclaration n’est encore arrivée." in page(store, "fr")[0]
    store.add([changed(FULL, "/timestamp", "2027-01-31T01:00:00+02:00")], ADA)
    for agent in (ADA, BOB):
        Client(store)("PUT", "activities/state", {"a": 1}, **{**STATE, "agent": agent})
    text, style = page(store, "fr")
    for words in ("2027-01-30 23:00:00", ">ada<", ">bob@example.org<"):
        assert words in text, words
    assert "a vu" in text
    assert "Portes" in text
    assert re.fullmatch(r"sha256-[\w+/]{43}=", style)
    store.close()


# --- the command -----------------------------------------------------------------------------------------------------


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start `carabin lrs` at a free port."""
    return subprocess.Popen(
        [sys.executable, "-m", "builder", "lrs", "--port", "0", "--lang", "en", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )


def lines(process: subprocess.Popen[str], last: str) -> dict[str, str]:
    """Return what a server says at its start, by the first word."""
    told: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        word, _, rest = line.partition(" ")
        told[word] = rest.strip()
        if last in line:
            return told
    raise AssertionError(told)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_command_makes_credentials_and_stops_cleanly(how: signal.Signals) -> None:
    process = start()
    told = lines(process, "Ctrl-C")
    netloc = urlsplit(told["endpoint"]).netloc
    assert netloc.startswith("127.0.0.1:")
    header = told["header"].removeprefix("Authorization: ")
    assert header == f"Basic {b64encode(':'.join((told['key'], told['secret'])).encode()).decode()}"
    assert len(told["secret"]) >= 32
    given = dict(parse_qsl(told["launch"].partition("?")[2]))
    assert (given["endpoint"], given["auth"], set(json.loads(given["actor"]))) == (
        told["endpoint"],
        header,
        {"name", "account"},
    )
    assert ask(netloc, "GET", "/xAPI/statements", None, {"Authorization": header})[0] == 200
    assert ask(netloc, "GET", "/xAPI/statements")[0] == 401
    process.send_signal(how)
    rest, _ = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "stopped\n")


def test_credentials_of_the_environment_are_not_printed(tmp_path: Path) -> None:
    file = tmp_path / "lrs.sqlite"
    process = start("--db", str(file), CARABIN_LRS_KEY="key", CARABIN_LRS_SECRET="secret")
    told = lines(process, "Ctrl-C")
    assert not {"key", "secret", "header", "launch"} & set(told)
    netloc = urlsplit(told["endpoint"]).netloc
    assert ask(netloc, "POST", "/xAPI/statements", POSTED, JSON)[0] == 200
    process.send_signal(signal.SIGINT)
    assert "secret" not in process.communicate(timeout=20)[0]
    assert file.stat().st_mode & 0o777 == 0o600
    store = Store(file)
    assert store.count() == 1
    store.close()


def test_what_was_answered_is_there_after_a_crash(tmp_path: Path) -> None:
    """The server is killed in the middle of a stream of batches: each of them is there whole, or not at all."""
    file = tmp_path / "lrs.sqlite"
    process = start("--db", str(file), CARABIN_LRS_KEY="key", CARABIN_LRS_SECRET="secret")
    netloc = urlsplit(lines(process, "Ctrl-C")["endpoint"]).netloc
    confirmed: list[str] = []
    sent: list[list[str]] = []

    def stream(client: int) -> None:
        for number in range(200):
            ids = [str(uuid5(NAMESPACE_URL, f"{client}/{number}/{one}")) for one in range(5)]
            sent.append(ids)
            try:
                status, _, _ = ask(
                    netloc, "POST", "/xAPI/statements", json.dumps([{**PLAIN, "id": one} for one in ids]).encode(), JSON
                )
            except OSError:
                return
            assert status == 200
            confirmed.extend(ids)
            if len(confirmed) > 100:
                process.kill()

    at_once(4, stream)
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL
    store = Store(file)
    there = {one["id"] for one in store.find(Query(limit=9999)).statements}
    assert len(confirmed) > 100
    assert set(confirmed) <= there
    for ids in sent:
        assert len(there & set(ids)) in (0, 5)
    store.close()
    base = sqlite3.connect(file)
    assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    base.close()


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ((), {"CARABIN_LRS_KEY": "key"}, "set both CARABIN_LRS_KEY and CARABIN_LRS_SECRET"),
        ((), {"CARABIN_LRS_KEY": "a:b", "CARABIN_LRS_SECRET": "x"}, "holds a colon"),
        (("--origin", "lms.example"), {}, "is no origin"),
        (("--port", "70000"), {}, "70000"),
        (("--host", "nowhere.invalid"), {}, "nowhere.invalid"),
        (("--db", "no/such/folder/x.sqlite"), {}, "no/such/folder"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_sentence(
    arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    told = CliRunner().invoke(carabin, ["lrs", *arguments], env=environment)
    assert told.exit_code == 2
    assert words in told.output


def test_a_port_that_is_taken_and_a_file_of_others_are_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = CliRunner().invoke(carabin, ["lrs", "--port", str(taken.getsockname()[1])])
    assert (told.exit_code, "in use" in told.output) == (2, True)
    (tmp_path / "text").write_text("text" * 99, "utf-8")
    told = CliRunner().invoke(carabin, ["lrs", "--db", str(tmp_path / "text")])
    assert (told.exit_code, "no SQLite file" in told.output) == (2, True)


@pytest.mark.parametrize("origin", ["https://lms.example.org", "http://localhost:8000", "http://[::1]:8000", "null"])
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    check(origin)


@pytest.mark.parametrize(
    "origin", ["lms.example.org", "https://lms.example.org/", "*", "https://", "ftp://x.example", "https://a@b.example"]
)
def test_anything_else_is_no_origin(origin: str) -> None:
    told = CliRunner().invoke(carabin, ["lrs", "--origin", origin])
    assert (told.exit_code, "is no origin" in told.output) == (2, True)


def test_who_opens_it_to_others_is_warned() -> None:
    words = strings("en", "cli")
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "lrs.example")] == [
        *[True] * 3,
        *[False] * 2,
    ]
    told = list(greeting(words, "http://192.0.2.1:8090/xAPI/", None, None, is_private=False))
    assert any("without TLS" in line for line in told)


def test_other_commands_do_not_load_a_web_server() -> None:
    code = "import sys, runpy; sys.argv = ['carabin', '--version']\n"
    code += "try: runpy.run_module('builder', run_name='__main__')\nexcept SystemExit: pass\n"
    code += "print(sorted({'starlette', 'uvicorn', 'sqlite3', 'asyncio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"

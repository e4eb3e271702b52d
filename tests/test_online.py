"""`carabin check --online`, against a server on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from builder.cli import carabin, online
from builder.cli.online import Answer, Web, ask, findings, is_public, read_cache, write_cache
from builder.diagnostics import Span

HERE = Span("lesson.md", 3, 5)


class Site(BaseHTTPRequestHandler):
    """Answers as the path says: `/404`, `/301/200` (redirects to `/200`), `/get/405` (405 to HEAD, 200 to GET)."""

    asked: list[str]

    def answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[0] == "get":
            self.send_response(200 if self.command == "GET" else int(parts[1]))
        elif parts[0] == "away":
            self.send_response(301)
            self.send_header("Location", "http://192.168.0.1/")
        elif parts[0] == "file":
            self.send_response(302)
            self.send_header("Location", "file:///secret")
        elif parts[0] == "loop":
            self.send_response(302)
            self.send_header("Location", self.path)
        elif parts[0] == "garbage":
            self.wfile.write(b"nothing of HTTP\r\n\r\n")
            return
        else:
            self.send_response(int(parts[0]))
            if len(parts) > 1:
                self.send_header("Location", "/" + "/".join(parts[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A server: its address, and what it was asked."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Site,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def loopback(host: str, port: int) -> bool:
    return host == "127.0.0.1"


def answered(address: str) -> Answer:
    return ask([address], Web(loopback, 5), {})[address]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/200", Answer(200)),
        ("/204", Answer(204)),
        ("/404", Answer(404)),
        ("/410", Answer(410)),
        ("/get/405", Answer(200)),
        ("/get/403", Answer(200)),
        ("/503", Answer(503)),
        ("/302/200", Answer(200)),
        ("/302/404", Answer(404)),
        ("/loop", Answer(reason="redirects")),
        ("/away", Answer(reason="private")),
        ("/file", Answer(reason="address")),
        ("/garbage", Answer(reason="connection")),
    ],
)
def test_what_becomes_of_an_address(path: str, answer: Answer, site: tuple[str, list[str]]) -> None:
    assert answered(site[0] + path) == answer


def test_where_a_page_went_for_good(site: tuple[str, list[str]]) -> None:
    address = site[0]
    assert answered(f"{address}/301/308/200") == Answer(200, f"{address}/200")
    assert answered(f"{address}/301/302/200") == Answer(200, f"{address}/302/200")
    assert answered(f"{address}/302/301/200") == Answer(200)


def test_who_wants_fewer_questions_is_not_asked_again(site: tuple[str, list[str]]) -> None:
    assert answered(f"{site[0]}/429") == Answer(429)
    assert site[1] == ["HEAD /429"]


def test_an_address_is_asked_once_and_one_that_is_known_never(site: tuple[str, list[str]]) -> None:
    address = site[0]
    known = {f"{address}/404": Answer(404)}
    answers = ask([f"{address}/200", f"{address}/404", f"{address}/200"], Web(loopback, 5), known)
    assert answers == {f"{address}/200": Answer(200), **known}
    assert site[1] == ["HEAD /200"]


def test_nobody_answers_at_a_closed_port() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        assert answered(address) == Answer(reason="connection")


@pytest.mark.parametrize(
    "address", ["https://[x/", "http://", "http://a b.example/", "http://x:99999/", "http://" + "é" * 70]
)
def test_what_cannot_be_an_address(address: str) -> None:
    assert answered(address) in (Answer(reason="address"), Answer(reason="private"))


@pytest.mark.parametrize(
    "host",
    (
        "127.0.0.1 10.1.2.3 192.168.0.1 169.254.169.254 0.0.0.0 ::1 fd00::1 ::ffff:10.0.0.1"
        " localhost a.localhost intranet nas.local db.internal"
    ).split(),
)
def test_private_hosts_are_not_asked(host: str) -> None:
    assert not is_public(host, 80)


def test_public_hosts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "getproxies", dict)
    found = {"a.example": ["93.184.216.34"], "b.example": ["93.184.216.34", "10.0.0.1"]}
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: [(0, 0, 0, "", (one, 80)) for one in found[host]])
    assert is_public("93.184.216.34", 80)
    assert is_public("a.example", 80)
    assert not is_public("b.example", 80)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(200), ""),
        (Answer(404), "A363"),
        (Answer(410), "A363"),
        (Answer(reason="address"), "A363"),
        (Answer(reason="name"), "A363"),
        (Answer(200, "https://b.example/"), "A364"),
        (Answer(404, "https://b.example/"), "A363"),
        (Answer(403), "A365"),
        (Answer(429), "A365"),
        (Answer(503), "A365"),
        (Answer(reason="timeout"), "A365"),
        (Answer(reason="private"), "A366"),
    ],
)
def test_what_is_said_of_an_answer(answer: Answer, code: str) -> None:
    answers = {"https://a.example/": answer, "https://c.example/": Answer(200)}
    found = tuple(findings([("https://a.example/#door", HERE)], answers))
    assert [(one.code, one.span) for one in found] == ([(code, HERE)] if code else [])


def test_off_the_web_no_link_is_called_dead() -> None:
    found = tuple(findings([("https://a.example/", HERE)], {"https://a.example/": Answer(reason="name")}))
    assert [one.code for one in found] == ["A365"]


def test_answers_are_kept_for_a_day(tmp_path: Path) -> None:
    answers = {
        "https://a.example/": Answer(200, "https://b.example/"),
        "https://b.example/": Answer(503),
        "https://c.example/": Answer(reason="timeout"),
        "https://d.example/": Answer(404),
    }
    write_cache(tmp_path, "2027-03-02", answers)
    kept = read_cache(tmp_path, "2027-03-02")
    assert kept == {url: answers[url] for url in ("https://a.example/", "https://d.example/")}
    assert read_cache(tmp_path, "2027-03-03") == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema": 2}', '{"schema": 1, "day": "d", "answers": {"a": {"x": 1}}}']
)
def test_a_cache_that_is_not_ours_is_no_cache(text: str, tmp_path: Path) -> None:
    (tmp_path / ".carabin").mkdir()
    (tmp_path / online.CACHE).write_text(text, "utf-8")
    assert read_cache(tmp_path, "d") == {}


def test_a_cache_is_not_written_through_a_link(tmp_path: Path) -> None:
    course, outside = tmp_path / "course", tmp_path / "outside"
    course.mkdir()
    outside.mkdir()
    (course / ".carabin").symlink_to(outside)
    write_cache(course, "d", {"https://a.example/": Answer(200)})
    assert list(outside.iterdir()) == []


def test_the_command(site: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address, asked = site
    monkeypatch.setattr(online, "is_public", loopback)
    monkeypatch.chdir(tmp_path)
    course = tmp_path / "course"
    course.mkdir()
    (course / "course.yml").write_text(
        "id: course\ntitle: Course\nversion: 1.0.0\nlanguage: en\niri: https://carabin.example/course\n"
        "licence: CC-BY-4.0\nduration: 5 min\n"
    )
    (course / "lesson.md").write_text(
        f"---\ntitle: Lesson\nduration: 5 min\n---\nThe [plan]({address}/404#a), the [map]({address}/200).\n\n"
        f"<!-- carabin: allow A363 it comes back -->\n\nThe [list]({address}/410), "
        "the [example](https://carabin.example/), [Ann](mailto:ann@carabin.example).\n"
    )

    def run(*options: str) -> list[dict[str, object]]:
        output = CliRunner().invoke(carabin, ["check", "course", "--format", "json", *options]).output
        found: list[dict[str, object]] = json.loads(output)["diagnostics"]
        return [one for one in found if str(one["code"]).startswith("A36")]

    assert run() == []
    assert asked == []
    for _ in range(2):
        assert [(one["code"], one["line"], one["column"]) for one in run("--online")] == [("A363", 5, 5)]
    assert sorted(asked) == ["GET /404", "GET /410", "HEAD /200", "HEAD /404", "HEAD /410"]
    assert (course / online.CACHE).is_file()

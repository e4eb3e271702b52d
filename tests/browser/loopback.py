"""A web server on loopback that serves folders under prefixes, which may be exchanged while it runs."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

_FORWARDED = frozenset("authorization content-type if-match if-none-match x-experience-api-version".split())

BLANK = b'<!doctype html><html lang="en"><title>Elsewhere</title><p>Elsewhere.</p></html>'


class Loopback(ThreadingHTTPServer):
    """`folders` maps a prefix such as `/lms/` to a folder. `/blank` is an empty page of the same origin.

    `stored` holds, by name, the JSON last posted to `/store/NAME`, where it can be read again. `forwards` maps a prefix
    to the address of another server, which then seems to be of the same origin; the longest prefix counts. While
    `is_cut` nothing that would be forwarded is answered; `exchanges` lists what was, as (method, path, status).
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folders: dict[str, Path] = {}
        self.stored: dict[str, bytes] = {}
        self.forwards: dict[str, str] = {}
        self.is_cut = False
        self.exchanges: list[tuple[str, str, int]] = []

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def file(self, path: str) -> Path | None:
        """Return the file behind a path of a URL, a folder's `index.html`; None outside or when there is none."""
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                found = (folder / path.removeprefix(prefix)).resolve()
                found = found / "index.html" if found.is_dir() else found
                return found if found.is_relative_to(folder.resolve()) and found.is_file() else None
        return None


class _Handler(BaseHTTPRequestHandler):
    server: Loopback

    def do_GET(self) -> None:
        if self._forward():
            return
        path = unquote(urlsplit(self.path).path)
        file = self.server.file(path)
        if path == "/favicon.ico":
            self._answer(204, "image/x-icon", b"")
        elif path == "/blank":
            self._answer(200, "text/html", BLANK)
        elif path.startswith("/store/"):
            self._answer(200, "application/json", self.server.stored.get(path.removeprefix("/store/"), b"{}"))
        elif file is None:
            self._answer(404, "text/plain", b"not found")
        else:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self._answer(200, kind, file.read_bytes())

    def do_POST(self) -> None:
        if self._forward():
            return
        name = urlsplit(self.path).path.removeprefix("/store/")
        self.server.stored[name] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, "application/json", b'{"result": "true", "errorCode": 0}')

    def do_PUT(self) -> None:
        if not self._forward():
            self._answer(405, "text/plain", b"nothing to write to")

    do_DELETE = do_PUT

    def _forward(self) -> bool:
        """Hand a request to the server that stands behind its prefix; tell whether there is one."""
        prefix = max((one for one in self.server.forwards if self.path.startswith(one)), key=len, default="")
        if not prefix:
            return False
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.is_cut:
            self.close_connection = True
            return True
        address = self.server.forwards[prefix] + self.path.removeprefix(prefix)
        kept = {name: value for name, value in self.headers.items() if name.lower() in _FORWARDED}
        request = Request(address, data=body or None, headers=kept, method=self.command)
        try:
            with urlopen(request, timeout=20) as answer:
                status, headers, content = answer.status, answer.headers, answer.read()
        except HTTPError as refusal:
            status, headers, content = refusal.code, refusal.headers, refusal.read()
        self.server.exchanges.append((self.command, self.path, status))
        self.send_response(status)
        for name in ("Content-Type", "ETag", "Retry-After"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return True

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: what a page asked for in vain, the browser says."""


@contextmanager
def serving() -> Iterator[Loopback]:
    """Serve on a free port until the block ends."""
    server = Loopback()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The LRS on HTTP: `application(…)` for any ASGI server, `running(…)` for a server in a thread of this process.

Beside `api` it adds what only a network needs: names of hosts, origins, a limit of size, and a page for people at `/`.
"""

from __future__ import annotations

import re
import socket
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from builder.lrs.api import CONSISTENT, ROOT, VERSION, Answer, Request, answer, authorized, told
from builder.lrs.page import page
from builder.lrs.store import Store

LARGEST = 16 * 1024 * 1024
"""Octets of one request's body, at most."""
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
ALLOWED = ("Authorization", "Content-Type", "If-Match", "If-None-Match", VERSION)
EXPOSED = ("ETag", "Last-Modified", "Retry-After", VERSION, CONSISTENT)
"""Headers that a page of another origin may send and read (xAPI Communication 1.0.3 §1.2, Fetch §3.2)."""
LOOPBACK = r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?"
"""Origins on this machine."""
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer: documents are those of strangers, and never a page of this host."""

PAGE_POLICY = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What the page for people may do beside its style: nothing."""


def application(
    store: Store,
    credentials: Mapping[str, str],
    *,
    origins: Sequence[str] = (),
    host: str = "127.0.0.1",
    language: str = "en",
    largest: int = LARGEST,
) -> Starlette:
    """Return the ASGI application. `credentials`: secrets by key; `origins`: further ones whose pages may call, such as
    `https://lms.example.org`; `host`: a name by which it is called, beside addresses and localhost."""

    async def serve(asked: Asked) -> Response:
        try:
            body = await _body(asked, largest)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _response(asked, told(413, f"the body has more than {largest} octets"))
        request = _request(asked, body)
        try:
            if request.path == "/" and request.method in ("GET", "HEAD"):
                return await run_in_threadpool(_page, store, credentials, request, language)
            return _response(asked, await run_in_threadpool(answer, store, credentials, request))
        except sqlite3.OperationalError as problem:
            return _response(asked, told(503, f"the file cannot be used now: {problem}", headers={"Retry-After": "5"}))

    pattern = "|".join((LOOPBACK, *(re.escape(one) for one in origins)))
    cors = Middleware(
        CORSMiddleware,
        allow_origin_regex=pattern,
        allow_methods=METHODS,
        allow_headers=ALLOWED,
        expose_headers=EXPOSED,
        allow_private_network=True,
    )
    routes = [Route("/{path:path}", serve, methods=METHODS)]
    return Starlette(routes=routes, middleware=[Middleware(Hosts, name=host), cors])


class Hosts:
    """Answers only where it is called by an address, as localhost or by its own name: a web site whose name is made to
    point here (DNS rebinding) is refused."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        """`name` is allowed beside addresses and localhost."""
        self.app = app
        self.names = {"localhost", name.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or refuse it with 421 (RFC 9110 §15.5.20)."""
        if scope["type"] == "http":
            given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
            if len(given) != 1 or not self.is_known(given[0]):
                refused = told(421, "this host is not called so: use its address, or localhost")
                await Response(refused.body, 421, {**ALWAYS, **refused.headers})(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def is_known(self, header: str) -> bool:
        """Return whether a Host header names us."""
        match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]]+))(?::\d+)?", header)
        if match is None:
            return False
        name = (match[1] or match[2]).lower()
        try:
            return name in self.names or bool(ip_address(name))
        except ValueError:
            return False


async def _body(asked: Asked, largest: int) -> bytes | None:
    """Read a body; None when it is too large."""
    if asked.headers.get("content-length", "").isdecimal() and int(asked.headers["content-length"]) > largest:
        return None
    chunks: list[bytes] = []
    size = 0
    async for chunk in asked.stream():
        size += len(chunk)
        if size > largest:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _request(asked: Asked, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    query = asked.scope["query_string"].decode("latin-1")
    return Request(asked.method, asked.scope["path"], query, headers, body)


def _response(asked: Asked, made: Answer) -> Response:
    """Return an answer as it travels: without body to HEAD, which keeps its length (RFC 9110 §9.3.2)."""
    headers = {**ALWAYS, **made.headers}
    if asked.method == "HEAD":
        return Response(status_code=made.status, headers={**headers, "Content-Length": str(len(made.body))})
    return Response(made.body, made.status, headers)


def _page(store: Store, credentials: Mapping[str, str], request: Request, language: str) -> Response:
    """Return the page for people; it wants the credentials, too."""
    refused = authorized(credentials, request)
    if refused is not None:
        return Response(refused.body, refused.status, {**ALWAYS, **refused.headers})
    text, style = page(store, language)
    policy = f"{PAGE_POLICY}; style-src '{style}'"
    headers = {**ALWAYS, "Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
    body = text.encode("utf-8", "backslashreplace")
    return Response(b"" if request.method == "HEAD" else body, 200, headers)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. `port` 0: any that is free. Raises `OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def server(app: ASGIApp) -> uvicorn.Server:
    """Return the server of an application: it logs errors alone, and waits three seconds at most for requests."""
    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=3
    )
    return uvicorn.Server(config)


def endpoint(listener: socket.socket) -> str:
    """Return the URL at which a socket's xAPI is found."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{ROOT}/"


@contextmanager
def running(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Run an application in a thread; yields its endpoint, which ends with a slash."""
    listener = listening(host, port)
    made = server(app)
    thread = Thread(target=made.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield endpoint(listener)
    finally:
        made.should_exit = True
        thread.join()
        listener.close()

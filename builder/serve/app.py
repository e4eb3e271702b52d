"""The web application of the preview, for any ASGI server: it serves the desk's page, the package in memory, what was
found, and nothing else.

Only this machine reaches it, under its own names; only who knows its token is answered, so that no other page, program
or user drives it: the start address carries the token, which becomes a cookie of this origin.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import compare_digest
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from jinja2 import Environment, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from builder.serve.clauses import SCORM
from builder.serve.cmi5 import MODES, SLOW, Cmi5
from builder.serve.desk import TARGETS, Desk, Report, saved
from builder.serve.pages import NAMES, Adviser, Pages, entries
from builder.strings import language_of, languages, strings

HERE = Path(__file__).parent
LARGEST = 256 * 1024
"""Octets of one request's body, at most: a saved state has 64,000 characters."""
HEARTBEAT = 15.0
"""Seconds after which a stream without news sends a comment, so that a page that is gone is noticed."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the desk's page may do."""
FRAMED = "frame-ancestors 'self'"
"""Beside the policy that pages of the package carry themselves."""
INERT = "default-src 'none'; frame-ancestors 'self'"
"""A page of ours in the frame: words alone."""
SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
"""Files that are no pages are never run as one."""
ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".yml": "text/plain", ".vtt": "text/vtt", ".webp": "image/webp"}


@dataclass(slots=True)
class Preview:
    """A desk that is served. `changes` yields whenever something that it reads may have changed; `stops` tells whether
    the server is about to end."""

    desk: Desk
    token: str
    port: int
    language: str
    changes: Callable[[], AsyncIterator[object]]
    stops: Callable[[], bool] = lambda: False
    told: Callable[[Report], None] = lambda report: None
    cmi5: Cmi5 = field(default_factory=Cmi5)
    today: Callable[[], str] = lambda: ""
    advised: Pages = field(init=False)
    _pages: set[asyncio.Queue[str]] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by what builds, and by what changes what the next build is of."""

    def __post_init__(self) -> None:
        """Make the pages that advise, of the same desk."""
        self.advised = Pages(Adviser(self.desk, lambda: self.today()), lambda: self.language, self._advise)

    async def rebuild(self) -> None:
        """Build, and tell every page."""
        async with self._lock:
            found = await run_in_threadpool(self.desk.build)
        self.told(found)
        self._tell(self.news())
        self.advised.due()

    def _advise(self, news: str) -> None:
        for page in self._pages:
            page.put_nowait(f"{news}\nevent: advice")

    def _tell(self, news: Mapping[str, Any]) -> None:
        text = json.dumps(news)
        for page in self._pages:
            page.put_nowait(text)

    async def follow(self) -> None:
        """Build again whenever something has changed."""
        async for _ in self.changes():
            await self.rebuild()

    def news(self) -> dict[str, Any]:
        """Return what a page must know of the last build."""
        desk, found, shown = self.desk, self.desk.report, self.desk.shown
        return {
            "number": found.number,
            "target": desk.target,
            "trouble": found.trouble,
            "behind": list(found.behind),
            "changed": list(found.changed),
            "diagnostics": entries(found.found, self.language),
            "choices": {
                "audience": list(desk.choices.audiences),
                "region": list(desk.choices.regions),
                "overlay": list(desk.choices.overlays),
                "theme": list(desk.choices.themes),
            },
            "chosen": dict(desk.chosen()),
            "theme": desk.choices.theme,
            "shown": shown
            and {
                "target": shown.target,
                "course": shown.course,
                "title": shown.title,
                "mastery": shown.mastery,
                "limit": shown.limit,
                "launch": shown.launch,
                "style": shown.style,
                "lessons": [name for slot, name in shown.names.items() if shown.slots[slot] is None],
                "launches": [{"sco": one.sco, "title": one.title, "href": one.href} for one in shown.launches],
            },
        }

    # - routes -

    async def page(self, request: Request) -> Response:
        """The desk; with the token of the start address, the cookie first."""
        if "token" in request.query_params:
            answer = RedirectResponse("/", 303)
            answer.set_cookie(cookie(self.port), self.token, httponly=True, samesite="strict", path="/")
            return answer
        return Response(_desk(self.language, json.dumps(self.news())), 200, {"Content-Security-Policy": POLICY}, HTML)

    async def static(self, request: Request) -> Response:
        """A file of ours: all names are known beforehand."""
        return _file(_ours(), request.path_params["name"], POLICY)

    async def package(self, request: Request) -> Response:
        """A file of the package that can be shown."""
        name = request.path_params["name"]
        policy = FRAMED if name.endswith(".html") else SEALED
        return _file(self.desk.shown.members if self.desk.shown else {}, name, policy)

    async def events(self, request: Request) -> Response:
        """Tell a page of every build, as server-sent events (HTML Standard §9.2)."""

        async def stream() -> AsyncIterator[str]:
            queue: asyncio.Queue[str] = asyncio.Queue()
            self._pages.add(queue)
            quiet = 0.0
            try:
                yield f"data: {json.dumps(self.news())}\n\n"
                if self.advised.adviser.advice is not None:
                    yield f"event: advice\ndata: {self.advised.news()}\n\n"
                while not self.stops():
                    try:
                        yield f"data: {await asyncio.wait_for(queue.get(), 0.25)}\n\n"
                        quiet = 0.0
                    except TimeoutError:
                        quiet += 0.25
                        if quiet >= HEARTBEAT:
                            quiet = 0.0
                            yield ": \n\n"
            finally:
                self._pages.discard(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def choose(self, request: Request) -> Response:
        """Build for another standard."""
        given = await _json(request)
        target = given.get("target")
        if target not in TARGETS:
            return PlainTextResponse("no such target", 422)
        if target != self.desk.target:
            async with self._lock:
                self.desk.target = target
            await self.rebuild()
        return _as_json(self.news())

    async def vary(self, request: Request) -> Response:
        """Build another variant, or with another theme; speak another language."""
        given = dict(await _json(request))
        language = given.pop("language", self.language)
        if language not in languages() or not all(isinstance(one, str) for one in given.values()):
            return PlainTextResponse("no such choice", 422)
        async with self._lock:
            is_offered = self.desk.choose(given)
        if not is_offered:
            return PlainTextResponse("no such choice", 422)
        self.language = language
        if given:
            await self.rebuild()
        return _as_json(self.news())

    async def launch(self, request: Request) -> Response:
        """Launch a document of the package as the LMS side of cmi5 does; return the address to open."""
        given, shown = await _json(request), self.desk.shown
        mode, href = str(given.get("mode")), str(given.get("href"))
        hrefs = [one.href for one in shown.launches] if shown and shown.target == "cmi5" else []
        if shown is None or mode not in MODES or href not in hrefs:
            return PlainTextResponse("nothing to launch", 422)
        registration = str(uuid4()) if given.get("new") is True or not self.cmi5.is_open else ""
        origin = f"http://{request.headers['host']}"
        address = await run_in_threadpool(self.cmi5.launch, shown, origin, href, mode, registration)
        return _as_json({"address": address, "statements": self.cmi5.own()})

    async def fault(self, request: Request) -> Response:
        """Let the LMS side of cmi5 fail."""
        given = await _json(request)
        if given.keys() - FAULTS or not all(isinstance(one, bool) for one in given.values()):
            return PlainTextResponse("no such fault", 422)
        self.cmi5.fault(**given)
        return _as_json({})

    async def record(self, request: Request) -> Response:
        """What the LMS side of cmi5 has on record."""
        return _as_json(await run_in_threadpool(self.cmi5.record))

    async def ask(self, request: Request) -> Response:
        """Answer what a unit of cmi5 asks, and tell pages of it."""
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        if self.cmi5.slow:
            await asyncio.sleep(SLOW)
        query = request.scope["query_string"].decode("latin-1")
        target = f"/{quote(request.path_params['name'])}?{query}"
        asked = (request.method, target, dict(request.headers), body)
        answer, told = await run_in_threadpool(self.cmi5.ask, *asked)
        if told is not None:
            self._tell({"asked": told})
        if answer is None:
            return RedirectResponse("about:blank", 307)
        if request.path_params["name"].startswith("return/"):
            page = _template("returned.html.j2", self.language)
            return Response(page, 200, {"Content-Security-Policy": INERT}, HTML)
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        return Response(answer.body, answer.status, kept)

    async def state(self, request: Request) -> Response:
        """Read a saved state."""
        text = (await _json(request)).get("state")
        if not isinstance(text, str) or self.desk.shown is None:
            return PlainTextResponse("no saved state", 422)
        return _as_json(saved(self.desk.shown, text))


HTML = "text/html; charset=utf-8"
FAULTS = frozenset("silent offline session slow".split())


def application(preview: Preview) -> Starlette:
    """Return the ASGI application of a preview."""

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(preview.follow())
        preview.advised.due()
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await preview.advised.end()
            preview.cmi5.close()

    routes = [
        Route("/", preview.page),
        Route("/own/{name:path}", preview.static),
        Route("/package/{name:path}", preview.package),
        Route("/events", preview.events),
        Route("/target", preview.choose, methods=["POST"]),
        Route("/state", preview.state, methods=["POST"]),
        Route("/choice", preview.vary, methods=["POST"]),
        Route("/launch", preview.launch, methods=["POST"]),
        Route("/fault", preview.fault, methods=["POST"]),
        Route("/record", preview.record),
        *preview.advised.routes(),
        Route("/cmi5/{name:path}", preview.ask, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    made = Starlette(routes=routes, middleware=[Middleware(Guard, preview=preview)], lifespan=living)
    made.router.redirect_slashes = False
    return made


class Guard:
    """Lets nobody in but the desk's own pages and who was given the start address; and no large bodies."""

    def __init__(self, app: ASGIApp, preview: Preview) -> None:
        """`preview` knows the token and the port."""
        self.app = app
        self.token = preview.token
        self.cookie = cookie(preview.port)
        self.hosts = {f"127.0.0.1:{preview.port}", f"localhost:{preview.port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    *((name.lower().encode(), value.encode()) for name, value in ALWAYS.items()),
                ]
            await send(message)

        refused = self.refuses(Request(scope)) or await _too_large(Request(scope))
        await (refused or self.app)(scope, receive, sealed)

    def refuses(self, request: Request) -> Response | None:
        """Return the answer to who is not let in (RFC 9110 §15.5.20 for names that are not ours); None to who is."""
        headers = request.headers
        if len(headers.getlist("host")) != 1 or headers["host"].lower() not in self.hosts:
            return PlainTextResponse("this host is not called so", 421)
        origin = headers.get("origin")
        # Pages of another port of this machine are of the same site, but not of the same origin.
        if origin is not None and origin != f"http://{headers['host'].lower()}":
            return PlainTextResponse("not from another origin", 403)
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("not from another site", 403)
        is_start = request.url.path == "/" and "token" in request.query_params and request.method in ("GET", "HEAD")
        given = request.query_params["token"] if is_start else request.cookies.get(self.cookie, "")
        if not compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            return PlainTextResponse("open the address that `carabin serve` has printed", 403)
        # A unit of cmi5 asks for its token with an empty body (cmi5 §8.2).
        is_bare = request.url.path.startswith("/cmi5/")
        if request.method == "POST" and not is_bare and headers.get("content-type") != "application/json":
            return PlainTextResponse("JSON only", 415)
        return None


def cookie(port: int) -> str:
    """Return the name of the cookie: cookies know hosts, not ports, and several desks may be open."""
    return f"carabin_{port}"


async def _too_large(request: Request) -> Response | None:
    length = request.headers.get("content-length", "0")
    is_open = "transfer-encoding" in request.headers
    if is_open or not length.isdecimal() or int(length) > LARGEST:
        return PlainTextResponse("the body is too large", 413)
    return None


async def _json(request: Request) -> Mapping[str, Any]:
    """Return the JSON object of a body; an empty one for anything else."""
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _as_json(value: object) -> Response:
    return Response(json.dumps(value), media_type="application/json")


def _file(files: Mapping[str, bytes], name: str, policy: str) -> Response:
    """Return a file of a closed list: a path is a name to look up, nothing else."""
    if name not in files:
        return PlainTextResponse("not found", 404)
    ending = re.search(r"\.\w+$", name)
    kind = _TYPES.get(ending[0] if ending else "") or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(files[name], 200, {"Content-Security-Policy": policy}, kind)


@cache
def _ours() -> Mapping[str, bytes]:
    """Return our own files by name: the desk's, and the simulated LMS with its profiles."""
    root = HERE.parent
    desk, lms = ("serve/static/*.js", "serve/static/*.css"), ("lms/lms*.js", "lms/profiles*/*.yml")
    found = (path for pattern in (*desk, *lms) for path in sorted(root.glob(pattern)))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def _desk(language: str, news: str) -> str:
    """Return the desk's page in a language."""
    profiles = {
        kind: sorted(Path(name).stem for name in _ours() if name.startswith(f"lms/{kind}/"))
        for kind in ("profiles", "profiles2004")
    }
    return _template(
        "desk.html.j2",
        language,
        words=json.dumps(dict(strings(language, "serve"))),
        news=news,
        profiles=json.dumps(profiles),
        clauses=json.dumps(SCORM),
        targets=TARGETS,
        languages=languages(),
        bar=[(name, strings(language, "pages")[name]) for name in NAMES],
        pages=strings(language, "pages")["pages"],
    )


def _template(name: str, language: str, **values: object) -> str:
    """Return a page of ours in a language."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((HERE / name).read_text("utf-8"))
    return template.render(language=language_of(language), strings=strings(language, "serve"), **values)

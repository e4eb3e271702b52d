"""`inspect --play`: a package in a real browser, launched by the simulated LMS as each product would launch it.

The package is served from memory on loopback, every other address is refused, and what it did is judged by the calls
that the LMS saw. Content of others cannot be answered as a learner would: a walker presses what can be pressed, a
bounded number of times, which makes most packages report something. Needs the extra `carabin[play]`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from builder.inspect import Finding, Inspected, Package
from builder.inspect.archive import broken, note, risky

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page

LMS = Path(__file__).parent.parent / "lms"
PROFILES = tuple(sorted(path.stem for path in (LMS / "profiles").glob("*.yml")))
"""Names of the products that the simulated LMS can be."""
DEFAULT = ("strict", "moodle")

SETTLE = 1500
"""Milliseconds that a page gets to say what it says by itself."""
PATIENCE = 8000
"""Milliseconds until LMSInitialize must have come."""
VISITS = ("opening", "walk", "offline", "killed", "again", "review")
"""What is done, in order: open and leave; press what can be pressed; lose the network in the middle; be killed in the
middle; come back; look in review mode."""
STEPS = 25
"""Controls that the walker presses in one visit, at most."""
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".vtt": "text/vtt",
    ".xml": "text/xml",
    ".yml": "text/plain",
}
_FINAL = ("passed", "completed", "failed")
_PRESS = """() => {
    const kinds = "input:not([type=hidden]), select, textarea, button, [role=button], a[href^='#'], a[href$='.html']";
    const isLeaving = (one) => /leave|exit|quit|close|restart|print/i.test(one.dataset.action ?? one.id ?? "");
    const free = [...document.querySelectorAll(kinds)].filter(
        (each) => each.getClientRects().length && !each.disabled && !each.dataset.walked && !isLeaving(each));
    const one = free.find((each) => !each.matches("button, a")) ?? free.find((each) => !each.matches("a")) ?? free[0];
    if (!one) return "";
    one.dataset.walked = "1";
    const tell = (name) => one.dispatchEvent(new Event(name, { bubbles: true }));
    if (one.matches("select")) {
        one.selectedIndex = Math.min(1, one.options.length - 1);
        tell("change");
    } else if (one.matches("textarea, input:not([type=radio], [type=checkbox], [type=button], [type=submit])")) {
        one.value = "1";
        tell("input");
        tell("change");
    } else one.click();
    return one.tagName;
}"""


class PlayError(Exception):
    """The browser cannot be had; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One launch: the calls that the LMS saw (as `Call` in `lms/lms.js`), uncaught errors, addresses refused."""

    calls: tuple[Mapping[str, Any], ...]
    errors: tuple[str, ...]
    refused: tuple[str, ...]
    windows: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """One launch file with one profile: visits by name, what the server had on record after each."""

    profile: str
    href: str
    visits: Mapping[str, Visit]
    records: Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class _Ears:
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    windows: int = 0


def play(
    package: Package,
    launches: Sequence[tuple[str, str]],
    profiles: Sequence[str],
    browser: Browser | None = None,
    chromium: str = "",
) -> Iterator[Played]:
    """Play each launch file with each profile, in `browser` or in a Chromium of its own; raises `PlayError` without.

    `chromium` is the path of one, empty to look for Playwright's own, then for one of the system.
    """
    with _served(package) as address, _browser(browser, chromium) as started:
        for profile in profiles:
            for href, _ in launches:
                yield _played(started, address, profile, href)


def judged(package: Package, inspected: Inspected, profiles: Sequence[str], chromium: str) -> Iterator[Finding]:
    """Yield what playing a package finds, whatever could be launched of it; raises `PlayError` without browser."""
    if inspected.standard != "scorm12":
        yield note("P800")
        return
    files = [(href, title) for href, title in inspected.launches if package.read(href.partition("?")[0]) is not None]
    for played in play(package, files, profiles, chromium=chromium):
        yield from judge(played)
        yield summary(played)


def summary(played: Played) -> Finding:
    """Return what was seen, as a note: it is what a report that goes with a release says of each LMS."""
    every = [call for visit in played.visits.values() for call in visit.calls]
    last = played.records[tuple(played.records)[-1]]
    return note(
        "P820",
        played.href,
        profile=played.profile,
        visits=len(played.visits),
        calls=len(every),
        refused=sum(call["result"] == "false" for call in every),
        opened=played.records["opening"].get("cmi.core.lesson_status", "not attempted"),
        left=last.get("cmi.core.lesson_status", "not attempted"),
        state=len(last.get("cmi.suspend_data", "")),
    )


def judge(played: Played) -> Iterator[Finding]:
    """Yield what a play says of the package. Source: SCORM 1.2 RTE §3.1–3.4; moodle.md's facts through the profiles."""
    opening, href, profile = played.visits["opening"], played.href, played.profile
    if not any(call["name"] == "LMSInitialize" for call in opening.calls):
        yield broken("P801", href, profile=profile)
        return
    for name, visit in played.visits.items():
        if visit.errors:
            error = visit.errors[0][:120]
            yield risky("P802", href, profile=profile, visit=name, count=len(visit.errors), error=error)
    every = [call for visit in played.visits.values() for call in visit.calls]
    if not any(call["name"] == "LMSFinish" and call["result"] == "true" for call in every):
        yield risky("P803", href, profile=profile)
    if not _values(opening, "cmi.core.lesson_status"):
        yield risky("P804", href, profile=profile)
    status = played.records["opening"].get("cmi.core.lesson_status", "")
    if status in _FINAL:
        yield risky("P805", href, profile=profile, status=status)
    for (element, error), value in _refused(every):
        said = broken if element == "cmi.suspend_data" else risky
        yield said("P806", href, profile=profile, element=element, error=error, value=value)
    if not _begins(played.visits["again"]):
        yield broken("P807", href, profile=profile)
    hosts = sorted({urlsplit(one).netloc for visit in played.visits.values() for one in visit.refused})
    if hosts:
        yield risky("P808", href, profile=profile, hosts=", ".join(hosts[:5]))
    for element in ("cmi.core.lesson_status", "cmi.core.score.raw"):
        if _values(played.visits["review"], element):
            yield risky("P809", href, profile=profile, element=element)
            break
    walked = played.records["walk"]
    if not (walked.get("cmi.suspend_data") or walked.get("cmi.core.lesson_location")):
        yield note("P810", href, profile=profile)
    wanted = _values(played.visits["offline"], "cmi.suspend_data")
    if wanted and wanted[-1] != played.records["offline"].get("cmi.suspend_data"):
        yield risky("P811", href, profile=profile)
    if opening.windows:
        yield note("P812", href, profile=profile, count=opening.windows)


def _refused(calls: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, str], str]]:
    """Return elements and errors of values that were refused, each with one of the values, the first five."""
    found: dict[tuple[str, str], str] = {}
    for call in calls:
        if call["name"] == "LMSSetValue" and call["result"] == "false" and call["error"] not in ("0", "101", "301"):
            element, value = (str(one) for one in (*call["arguments"], "", "")[:2])
            found.setdefault((element, str(call["error"])), value[:40])
    return list(found.items())[:5]


def _begins(visit: Visit) -> bool:
    return any(call["name"] == "LMSInitialize" and call["result"] == "true" for call in visit.calls)


def _values(visit: Visit, element: str) -> list[str]:
    return [
        str(call["arguments"][1])
        for call in visit.calls
        if call["name"] == "LMSSetValue" and call["arguments"][:1] == [element] and len(call["arguments"]) > 1
    ]


# --- the visits ------------------------------------------------------------------------------------------------------


def _played(browser: Browser, address: str, profile: str, href: str) -> Played:
    """Open and leave; walk; lose the network in the middle; open a killed tab again; look in review mode."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    visits: dict[str, Visit] = {}
    records: dict[str, Mapping[str, str]] = {}
    try:
        ears = _listen(context, address)
        reader = context.new_page()
        reader.goto(f"{address}/blank")
        for name in VISITS:
            page = context.new_page()
            count = len(_calls(reader))
            query = {"profile": profile, "package": f"/package/{quote(href, safe='/?=&#')}"}
            if name == "review":
                query["mode"] = "review"
            page.goto(f"{address}/lms/harness.html?{urlencode(query)}")
            _settle(page)
            if name in ("walk", "killed"):
                _walk(page, STEPS)
            if name == "offline":
                _walk(page, STEPS // 2)
                page.evaluate("lms.faults.offline = true")
                _walk(page, STEPS // 2)
                page.evaluate("lms.faults.offline = false")
                _call_online(page)
                page.wait_for_timeout(SETTLE)
            if name == "killed":
                with suppress(Exception):
                    page.goto("chrome://crash", timeout=2000)
            else:
                with suppress(Exception):
                    page.goto(f"{address}/blank")
            page.close()
            calls = tuple(_calls(reader)[count:])
            visits[name] = Visit(calls, tuple(ears.errors), tuple(ears.refused), ears.windows)
            records[name] = _record(reader)
            ears.errors.clear()
            ears.refused.clear()
            ears.windows = 0
            if name == "opening" and not any(call["name"] == "LMSInitialize" for call in visits[name].calls):
                break
    finally:
        context.close()
    return Played(profile, href, visits, records)


def _listen(context: BrowserContext, address: str) -> _Ears:
    ears = _Ears()
    context.on("weberror", lambda error: ears.errors.append(str(error.error)))
    context.on("page", lambda page: page.on("popup", lambda _: setattr(ears, "windows", ears.windows + 1)))

    def decide(route: Any) -> None:
        url = route.request.url
        if url.startswith((address, "data:", "blob:", "about:")):
            route.continue_()
        else:
            ears.refused.append(url)
            route.abort()

    context.route("**/*", decide)
    return ears


def _settle(page: Page) -> None:
    """Wait until the content has found the API, and has said what it says by itself."""
    with suppress(Exception):
        page.wait_for_function("Number(localStorage.getItem('calls') ?? 0) > 0", timeout=PATIENCE)
    page.wait_for_timeout(SETTLE)


def _walk(page: Page, steps: int) -> None:
    for _ in range(steps):
        frame = _content(page)
        if frame is None:
            return
        with suppress(Exception):
            if not frame.evaluate(_PRESS):
                return
        page.wait_for_timeout(40)


def _content(page: Page) -> Frame | None:
    frames = [frame for frame in page.frames if "/package/" in urlsplit(frame.url).path]
    return frames[-1] if frames else None


def _call_online(page: Page) -> None:
    for frame in page.frames:
        with suppress(Exception):
            frame.evaluate("window.dispatchEvent(new Event('online'))")


def _calls(page: Page) -> list[Mapping[str, Any]]:
    script = """() => {
        const count = Number(localStorage.getItem("calls") ?? 0);
        return Array.from({ length: count }, (_, n) => JSON.parse(localStorage.getItem(`call:${n + 1}`)));
    }"""
    return list(page.evaluate(script))


def _record(page: Page) -> Mapping[str, str]:
    attempts = json.loads(page.evaluate("localStorage.getItem('lms:course') ?? '[]'"))
    fields: Mapping[str, str] = attempts[-1]["fields"] if attempts else {}
    return fields


# --- the browser and the server --------------------------------------------------------------------------------------


@contextmanager
def _browser(given: Browser | None, chromium: str) -> Iterator[Browser]:
    """Yield the browser given, else a Chromium that ends with the block."""
    if given is not None:
        yield given
        return
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise PlayError("install the extra: pip install 'carabin[play]'") from None
    with sync_playwright() as playwright:
        candidates = [chromium] if chromium else [playwright.chromium.executable_path]
        candidates += [shutil.which(name) or "" for name in ("chromium", "chromium-browser", "google-chrome")]
        path = next((one for one in candidates if one and Path(one).is_file()), "")
        if not path:
            raise PlayError("no Chromium: run `playwright install chromium`, or name one in CARABIN_CHROMIUM")
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _served(package: Package) -> Iterator[str]:
    """Serve the package under `/package/` and the simulated LMS under `/lms/`, on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            body = _body(package, path)
            suffix = "." + path.rsplit(".", 1)[-1].lower()
            self.send_response(404 if body is None else 200)
            kind = "text/html" if path == "/blank" else _TYPES.get(suffix, "application/octet-stream")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            with suppress(ConnectionError):  # the page went away meanwhile
                self.wfile.write(body or b"")

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _body(package: Package, path: str) -> bytes | None:
    if path == "/blank":
        return b"<!doctype html><title>Elsewhere</title>"
    if path == "/favicon.ico":
        return b""
    if path.startswith("/package/"):
        return package.read(path.removeprefix("/package/"))
    if path.startswith("/lms/"):
        file = (LMS / path.removeprefix("/lms/")).resolve()
        if file.is_relative_to(LMS) and file.is_file():
            return file.read_bytes()
    return None

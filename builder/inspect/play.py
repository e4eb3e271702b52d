"""`inspect --play`: a package in a real browser, launched as an LMS would.

The package is served from memory on loopback, every other address is refused, and what it did is judged by what the
LMS saw. SCORM is played with the simulated LMS of `lms/`, as each product would launch it; cmi5 and Tin Can once, with
the launcher beside (`play_xapi.py`). Needs the extra `carabin[play]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from builder.inspect import Finding, Inspected, Package, Standard, play_xapi, scorm2004, scorm2004_rules, visit
from builder.inspect.archive import broken, note, risky
from builder.inspect.calls import DIALECTS, Played, Visit
from builder.inspect.launcher import BLANK, TYPES, Kept

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LMS = Path(__file__).parent.parent / "lms"
PROFILES = tuple(sorted(path.stem for path in (LMS / "profiles").glob("*.yml")))
"""Names of the products that the simulated LMS can be."""
PROFILES_2004 = tuple(sorted(path.stem for path in (LMS / "profiles2004").glob("*.yml")))
"""Those of them that are known to speak SCORM 2004."""
DEFAULT = ("strict", "moodle")
_FINAL = ("passed", "completed", "failed")


def judged(package: Package, inspected: Inspected, profiles: Sequence[str], chromium: str) -> Iterator[Finding]:
    """Yield what playing a package finds, whatever could be launched of it; raises `PlayError` without browser.

    Products are profiles of SCORM; where none of them speaks 2004, it is played by the letter. cmi5 and Tin Can are
    played once.
    """
    standard = inspected.standard
    files = [(href, title) for href, title in inspected.launches if package.read(href.partition("?")[0]) is not None]
    if not standard or not files:
        yield note("P800")
        return
    package = Kept(package)
    with visit.browser(None, chromium) as browser:
        if standard in ("cmi5", "tincan"):
            yield from play_xapi.findings(package, standard, browser)
            return
        if standard == "scorm2004":
            profiles = [name for name in profiles if name in PROFILES_2004] or ["strict"]
        for played in play(package, files, profiles, browser, standard):
            yield from judge(played)
            yield summary(played)


def play(
    package: Package,
    launches: Sequence[tuple[str, str]],
    profiles: Sequence[str],
    browser: Browser,
    standard: Standard = "scorm12",
) -> Iterator[Played]:
    """Play each launch file of a SCORM package with each profile."""
    settled = scorm2004.settings(package) if standard == "scorm2004" else {}
    with _served(package if isinstance(package, Kept) else Kept(package)) as address:
        for profile in profiles:
            for href, _ in launches:
                yield _played(browser, address, profile, href, standard, settled.get(href, {}))


def summary(played: Played) -> Finding:
    """Return what was seen, as a note: it is what a report that goes with a release says of each LMS."""
    last = played.records[tuple(played.records)[-1]]
    return note(
        "P820",
        played.href,
        profile=played.profile,
        visits=len(played.visits),
        calls=len(played.calls),
        refused=sum(call["result"] == "false" for call in played.calls),
        opened=_status(played, played.records["opening"]),
        left=_status(played, last),
        state=len(last.get("cmi.suspend_data", "")),
    )


def _status(played: Played, record: Mapping[str, str]) -> str:
    """Return the statuses on record, in words of the standard."""
    first, *others = (record.get(element, "") for element in played.dialect.statuses)
    return ", ".join(one for one in (first or "not attempted", *others) if one)


def judge(played: Played) -> Iterator[Finding]:
    """Yield what a play says of the package. Source: SCORM 1.2 RTE §3.1–3.4, SCORM 2004 RTE §3 and §4; moodle.md's
    facts through the profiles."""
    opening, href, profile, words = played.visits["opening"], played.href, played.profile, played.dialect
    if not any(call["name"] == words.begin for call in opening.calls):
        yield broken("P801", href, profile=profile, call=words.begin)
        return
    for name, seen in played.visits.items():
        if seen.heard.errors:
            count, error = len(seen.heard.errors), seen.heard.errors[0][:120]
            yield risky("P802", href, profile=profile, visit=name, count=count, error=error)
    if not any(call["name"] == words.end and call["result"] == "true" for call in played.calls):
        yield risky("P803", href, profile=profile, call=words.end)
    if played.standard == "scorm2004":
        yield from scorm2004_rules.judge(played)
    elif not played.set_in("opening", "cmi.core.lesson_status"):
        yield risky("P804", href, profile=profile)
    done = [played.records["opening"].get(element, "") for element in words.statuses]
    if any(status in _FINAL for status in done):
        yield risky("P805", href, profile=profile, status=next(status for status in done if status in _FINAL))
    for (element, error), value in _refused(played):
        said = broken if element == "cmi.suspend_data" else risky
        yield said("P806", href, profile=profile, element=element, error=error, value=value)
    again = played.visits["again"].calls if "again" in played.visits else opening.calls
    if not any(call["name"] == words.begin and call["result"] == "true" for call in again):
        yield broken("P807", href, profile=profile)
    hosts = sorted({urlsplit(one).netloc for seen in played.visits.values() for one in seen.heard.refused})
    if hosts:
        yield risky("P808", href, profile=profile, hosts=", ".join(hosts[:5]))
    for element in (*words.statuses, words.score):
        if played.set_in("review", element):
            yield risky("P809", href, profile=profile, element=element)
            break
    walked = played.records.get("walk", {"cmi.suspend_data": "-"})
    if not (walked.get("cmi.suspend_data") or walked.get(words.location)):
        yield note("P810", href, profile=profile)
    wanted = played.set_in("offline", "cmi.suspend_data")
    if wanted and wanted[-1] != played.records["offline"].get("cmi.suspend_data"):
        yield risky("P811", href, profile=profile)
    if opening.heard.windows:
        yield note("P812", href, profile=profile, count=opening.heard.windows)


def _refused(played: Played) -> list[tuple[tuple[str, str], str]]:
    """Return elements and errors of values that were refused, each with one of the values, the first five."""
    found: dict[tuple[str, str], str] = {}
    for name, seen in played.visits.items():
        harmless = played.dialect.harmless + (played.dialect.when_offline if name == "offline" else ())
        for call in seen.calls:
            if call["name"] == played.dialect.set and call["result"] == "false" and call["error"] not in harmless:
                element, value = (str(one) for one in (*call["arguments"], "", "")[:2])
                found.setdefault((element, str(call["error"])), value[:40])
    return list(found.items())[:5]


# --- the visits ------------------------------------------------------------------------------------------------------


def _played(
    browser: Browser, address: str, profile: str, href: str, standard: Standard, settled: Mapping[str, str]
) -> Played:
    """Open and leave; walk; lose the network in the middle; open a killed tab again; look in review mode."""
    visits: dict[str, Visit] = {}
    records: dict[str, Mapping[str, str]] = {}
    with visit.learner(browser, address) as (context, ears):
        reader = context.new_page()
        reader.goto(f"{address}/blank")
        for name in visit.VISITS:
            count = len(_calls(reader))
            _visit(context, address, {**settled, **_query(profile, href, standard, name)}, name)
            visits[name] = Visit(tuple(_calls(reader)[count:]), ears.told())
            records[name] = _record(reader)
            begun = any(call["name"] == DIALECTS[standard].begin for call in visits[name].calls)
            if name == "opening" and not begun:
                break
    return Played(profile, href, visits, records, standard)


def _query(profile: str, href: str, standard: Standard, name: str) -> Mapping[str, str]:
    """Return what the page of the simulated LMS is asked for."""
    query = {"profile": profile, "package": f"/package/{quote(href, safe='/?=&#')}"}
    if standard != "scorm12":
        query["standard"] = standard
    return query | ({"mode": "review"} if name == "review" else {})


def _visit(context: BrowserContext, address: str, query: Mapping[str, str], name: str) -> None:
    page = context.new_page()
    with suppress(Exception):  # its frame may load for ever
        page.goto(f"{address}/lms/harness.html?{urlencode(query)}")
    _settle(page)
    if name in ("walk", "killed"):
        visit.press(page, visit.STEPS)
    if name == "offline":
        visit.press(page, visit.STEPS // 2)
        page.evaluate("lms.faults.offline = true")
        visit.press(page, visit.STEPS // 2)
        page.evaluate("lms.faults.offline = false")
        visit.call_online(page)
        page.wait_for_timeout(visit.SETTLE)
    visit.go_away(page, address, name == "killed")


def _settle(page: Page) -> None:
    """Wait until the content has found the API, and has said what it says by itself."""
    with suppress(Exception):
        page.wait_for_function("Number(localStorage.getItem('calls') ?? 0) > 0", timeout=visit.PATIENCE)
    page.wait_for_timeout(visit.SETTLE)


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


# --- the server ------------------------------------------------------------------------------------------------------


@contextmanager
def _served(package: Package) -> Iterator[str]:
    """Serve the package under `/package/` and the simulated LMS under `/lms/`, on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            body = _body(package, path)
            suffix = "." + path.rsplit(".", 1)[-1].lower()
            self.send_response(404 if body is None else 200)
            kind = "text/html" if path == "/blank" else TYPES.get(suffix, "application/octet-stream")
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
        return BLANK
    if path == "/favicon.ico":
        return b""
    if path.startswith("/package/"):
        return package.read(path.removeprefix("/package/"))
    if path.startswith("/lms/"):
        file = (LMS / path.removeprefix("/lms/")).resolve()
        if file.is_relative_to(LMS) and file.is_file():
            return file.read_bytes()
    return None

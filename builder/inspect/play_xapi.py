"""`inspect --play` of cmi5 and Tin Can: each unit launched by `launcher.py`, judged by the rules of its standard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from builder.inspect import Finding, Package, cmi5_rules, tincan_rules, visit
from builder.inspect.archive import note, risky
from builder.inspect.exchange import LAUNCH_DATA, Log, Request, sent_statements, statements_of, text_at
from builder.inspect.launcher import Launcher, Mode, structure_of
from builder.inspect.references import Files, Kind, is_absolute
from builder.inspect.visit import Heard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

STATE = "state "
"""Begins the key of a document; statements have their ids. A document of before does not stand for a later one."""
QUIET = 250
"""Milliseconds without a request after which what was said while a page went away has arrived."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One unit played. `visits`: what the browser heard, by name, and `numbers` the launch that each was; `satisfied`:
    its moveOn criterion is met at the end."""

    standard: str
    href: str
    log: Log
    visits: Mapping[str, Heard]
    numbers: Mapping[str, int]
    satisfied: bool

    def told(self, name: str) -> list[str]:
        """Return the verbs of a visit's statements that were taken, in short, in order."""
        number = self.numbers.get(name)
        return [one.name for one in statements_of(self.log) if one.launch.number == number and 200 <= one.status < 300]

    def requests(self, name: str) -> list[Request]:
        """Return what was asked in a visit."""
        number = self.numbers.get(name)
        return [request for request in self.log.requests if request.launch == number]


def play(package: Package, standard: str, browser: Browser) -> Iterator[Spoken]:
    """Play each unit whose page is in the package."""
    files = Files(package.entries)
    for number, unit in enumerate(structure_of(package).units):
        if not is_absolute(unit.url) and files.find(unit.url).kind is Kind.FILE:
            yield played(browser, package, standard, number)


def played(browser: Browser, package: Package, standard: str, number: int) -> Spoken:
    """Open and leave; walk; lose the network in the middle; be killed; come back; look in review mode (cmi5)."""
    visits: dict[str, Heard] = {}
    numbers: dict[str, int] = {}
    with Launcher(package) as lms, visit.learner(browser, lms.address) as (context, ears):
        for name in visit.VISITS:
            if name == "review" and standard != "cmi5":
                continue
            numbers[name] = len(lms.log.launches)
            _visit(lms, context, number, name)
            visits[name] = ears.told()
            if name == "opening" and not _speaks(lms.log):
                break
        unit = lms.structure.units[number]
        href = unit.url.partition("?")[0]
        return Spoken(standard, href, lms.log, visits, numbers, unit.id in lms.satisfied())


def _speaks(log: Log) -> bool:
    """Tell whether content asked anything that the LMS could take."""
    return any(request.is_taken and "error-code" not in request.answer for request in log.requests)


def _visit(lms: Launcher, context: BrowserContext, number: int, name: str) -> None:
    mode: Mode = "Review" if name == "review" else "Normal"
    page = context.new_page()
    with suppress(Exception):  # it may load for ever
        page.goto(lms.launch(number, mode), wait_until="commit")
    launch = lms.log.launches[-1].number
    for _ in range(visit.PATIENCE // 50):
        if any(request.launch == launch and request.resource == "statements" for request in lms.log.requests):
            break
        page.wait_for_timeout(50)
    _wait_until_quiet(lms, page, visit.SETTLE)
    if name in ("walk", "killed", "review"):
        visit.press(page, visit.STEPS)
        _wait_until_quiet(lms, page, QUIET)
    if name == "offline":
        visit.press(page, visit.STEPS // 2)
        lms.offline = True
        visit.press(page, visit.STEPS // 2)
        page.wait_for_timeout(QUIET)
        lms.offline = False
        visit.call_online(page)
        _wait_until_quiet(lms, page, visit.SETTLE)
    if name == "again" and visit.leave(page):
        _wait_until_quiet(lms, page, visit.SETTLE)
    lms.left("killed" if name == "killed" else "closed")
    visit.go_away(page, lms.address, name == "killed")
    elsewhere = context.new_page()
    elsewhere.goto(f"{lms.address}/blank")
    _wait_until_quiet(lms, elsewhere, QUIET)
    elsewhere.close()


def _wait_until_quiet(lms: Launcher, page: Page, pause: int) -> None:
    """Wait until a pause, in milliseconds, has passed without a request; not for ever."""
    count = -1
    for _ in range(visit.PATIENCE // pause + 1):
        if count == (count := len(lms.log.requests)):
            return
        page.wait_for_timeout(pause)


# --- judgement -------------------------------------------------------------------------------------------------------


def judge(spoken: Spoken) -> Iterator[Finding]:
    """Yield what a play says of a unit: rules of its standard, then what holds for any."""
    href, profile = spoken.href, spoken.standard
    rules = cmi5_rules.judge if spoken.standard == "cmi5" else tincan_rules.judge
    yield from rules(spoken.log)
    for name, heard in spoken.visits.items():
        if heard.errors:
            count, error = len(heard.errors), heard.errors[0][:120]
            yield risky("P802", href, profile=profile, visit=name, count=count, error=error)
    outcomes = [verb for verb in spoken.told("opening") if verb in ("passed", "completed", "failed")]
    if outcomes:
        yield risky("P805", href, profile=profile, status=outcomes[-1])
    hosts = sorted({urlsplit(one).netloc for heard in spoken.visits.values() for one in heard.refused})
    if hosts:
        yield risky("P808", href, profile=profile, hosts=", ".join(hosts[:5]))
    if spoken.visits["opening"].windows:
        yield note("P812", href, profile=profile, count=spoken.visits["opening"].windows)
    if lost(spoken):
        yield risky("P811", href, profile=profile)
    yield from resumes(spoken)


def lost(spoken: Spoken) -> bool:
    """Tell whether something was sent without network and never arrived after."""
    offline = spoken.numbers.get("offline")
    waiting, taken = set[str](), set[str]()
    for request in spoken.log.requests:
        if request.launch == offline and request.status == 0 and request.is_write:
            waiting.update(_keys(request))
        elif 200 <= request.status < 500 and request.status not in (401, 429):
            waiting.difference_update(_keys(request))
            taken.update(_keys(request))
    return any(key.startswith(STATE) or key not in taken for key in waiting)


def _keys(request: Request) -> Iterator[str]:
    """Yield what identifies the things that a request brings: statements by id, documents by name."""
    for statement in sent_statements(request):
        yield text_at(statement, "id") or json.dumps(statement, sort_keys=True)
    if _is_own_state(request) and request.is_write:
        yield f"{STATE}{request.query.get('stateId', '')}"


def _is_own_state(request: Request) -> bool:
    return request.resource == "activities/state" and request.query.get("stateId") != LAUNCH_DATA


def resumes(spoken: Spoken) -> Iterator[Finding]:
    """State is kept while the unit is walked through, and read when it is opened again."""
    if "again" not in spoken.visits or not any(request.is_taken for request in spoken.requests("walk")):
        return
    href, profile = spoken.href, spoken.standard
    kept = [one for one in spoken.requests("walk") if _is_own_state(one) and one.is_write and one.is_taken]
    if not kept:
        yield note("P857", href, profile=profile)
    elif not any(_is_own_state(one) and one.method == "GET" for one in spoken.requests("again")):
        yield risky("P859", href, profile=profile)


def summary(spoken: Spoken) -> Finding:
    """Return what was seen, as a note."""
    every = spoken.log.requests
    outcomes = [verb for verb in spoken.told("opening") if verb in ("passed", "completed", "failed")]
    told = [verb for name in spoken.visits for verb in spoken.told(name)]
    reached = dict.fromkeys(verb for verb in told if verb in ("passed", "completed", "failed"))
    states = [len(one.body) for one in every if _is_own_state(one) and one.method in ("PUT", "POST") and one.is_taken]
    return note(
        "P820",
        spoken.href,
        profile=spoken.standard,
        visits=len(spoken.visits),
        calls=len(every),
        refused=sum(400 <= request.status < 500 and request.status != 404 for request in every),
        opened=", ".join(outcomes) or "-",
        left=", ".join(reached) or "-",
        state=states[-1] if states else 0,
    )


def findings(package: Package, standard: str, browser: Browser) -> Iterator[Finding]:
    """Yield what playing each unit finds."""
    has_played = False
    for spoken in play(package, standard, browser):
        has_played = True
        yield from judge(spoken)
        yield summary(spoken)
    if not has_played:
        yield note("P800")

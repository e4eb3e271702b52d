"""What cmi5 asks of an assignable unit while it runs, judged by the record of what it asked of the LMS.

Clauses are those of cmi5 (Quartz, 1st edition); the LMS side is `launcher.py`. A rule looks at one launch and at what
earlier launches of the same registration told, and knows nothing of how the record came to be.

`BROKEN` is what ADL's test player refuses, or what keeps an LMS from recording; `RISKY` breaks a clause that LMSs let
pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from builder.inspect import Finding
from builder.inspect.archive import broken, risky
from builder.inspect.exchange import (
    LAUNCH_DATA,
    PREFERENCES,
    End,
    Json,
    Launch,
    Log,
    Request,
    Told,
    agent_of,
    identity,
    mapping,
    names_agent,
    read_json,
    sent_statements,
    statements_of,
    text_at,
)
from builder.inspect.references import shown

ADL = "http://adlnet.gov/expapi/verbs/"
W3ID = "https://w3id.org/xapi/adl/verbs/"
CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVE_ON = "https://w3id.org/xapi/cmi5/context/categories/moveon"
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
MASTERY = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore"
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"

INITIALIZED, TERMINATED = f"{ADL}initialized", f"{ADL}terminated"
COMPLETED, PASSED, FAILED = f"{ADL}completed", f"{ADL}passed", f"{ADL}failed"
DEFINED = frozenset((INITIALIZED, COMPLETED, PASSED, FAILED, TERMINATED))
"""Verbs of cmi5 that a unit may use (§9.3)."""
OF_THE_LMS = frozenset((f"{ADL}launched", f"{W3ID}abandoned", f"{W3ID}waived", f"{W3ID}satisfied", f"{ADL}voided"))
"""Verbs that are the LMS's alone (§6.3, §9.3)."""

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|\+00(?::?00)?)", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
AWAY = 150
"""Milliseconds by which a session must have ended before its page for the unit, not the page, to have ended it."""


@dataclass(frozen=True)
class Visit:
    """One launch as rules see it. `before`: what earlier launches of the same registration told of the same unit."""

    launch: Launch
    requests: tuple[Request, ...]
    told: tuple[Told, ...]
    before: tuple[Told, ...]
    end: End | None
    abandoned: int | None = None
    """When the next launch of the registration took its place."""

    @cached_property
    def defined(self) -> tuple[Told, ...]:
        """Statements that say that they are defined by cmi5."""
        return tuple(told for told in self.told if CMI5 in told.categories)

    def of(self, resource: str, *methods: str) -> Iterator[Request]:
        """Yield the requests of a resource that were answered."""
        for request in self.requests:
            if request.resource == resource and request.status and (not methods or request.method in methods):
                yield request


def judge(log: Log) -> Iterator[Finding]:
    """Yield what each launch breaks, by launch and rule; the file that was launched is named."""
    for visit in visits(log):
        for rule in RULES.values():
            yield from rule(visit)


def visits(log: Log) -> Iterator[Visit]:
    """Yield the launches of a log with what belongs to each."""
    told = tuple(statements_of(log))
    for launch in log.launches:
        yield Visit(
            launch,
            tuple(request for request in log.requests if request.launch == launch.number),
            tuple(one for one in told if one.launch == launch),
            tuple(one for one in told if one.launch.number < launch.number and is_same(one.launch, launch)),
            log.ends.get(launch.number),
            next((one.at for one in log.launches[launch.number + 1 :] if is_same(one, launch)), None),
        )


def is_same(one: Launch, other: Launch) -> bool:
    """Tell whether two launches are of one unit in one registration."""
    return (one.registration, one.activity) == (other.registration, other.activity)


# --- launch: §8, §10, §11 --------------------------------------------------------------------------------------------


def fetches(visit: Visit) -> Iterator[Finding]:
    """§8.2.1: a POST gets the token."""
    if not any(request.is_taken for request in visit.of("fetch", "POST")):
        yield broken("P827", visit.launch.href)


def fetches_once(visit: Visit) -> Iterator[Finding]:
    """§8.2.1: the URL is for one use."""
    count = sum(1 for _ in visit.of("fetch"))
    if count > 1:
        yield risky("P828", visit.launch.href, count=count)


def uses_the_token(visit: Visit) -> Iterator[Finding]:
    """§8.1.2, §8.2.2: every request carries the token, from the time it was given until the session has ended."""
    given = min((request.at for request in visit.of("fetch", "POST") if request.is_taken), default=None)
    wrong = [
        request
        for request in visit.requests
        if request.status
        and request.resource not in ("fetch", "return", "about")
        and (visit.abandoned is None or request.at < visit.abandoned)
        and (
            request.headers.get("authorization") != visit.launch.token
            or given is None
            or request.at < given
            or request.status == 401
        )
    ]
    if wrong:
        yield broken("P829", visit.launch.href, count=len(wrong), method=wrong[0].method, resource=wrong[0].resource)


def reads_launch_data(visit: Visit) -> Iterator[Finding]:
    """§10.2.1, §10.2.2: the document says template, mode and where to return to."""
    if _works(visit) and not any(
        request.is_taken and request.query.get("stateId") == LAUNCH_DATA
        for request in visit.of("activities/state", "GET")
    ):
        yield broken("P830", visit.launch.href)


def leaves_launch_data(visit: Visit) -> Iterator[Finding]:
    """§10.2.1: the document is the LMS's. A DELETE without `stateId` deletes it too."""
    for request in visit.of("activities/state", "PUT", "POST", "DELETE"):
        if request.query.get("stateId", LAUNCH_DATA if request.method == "DELETE" else "") == LAUNCH_DATA:
            yield risky("P831", visit.launch.href, method=request.method)


def reads_preferences(visit: Visit) -> Iterator[Finding]:
    """§11: on startup, which ADL's player takes for: before the first statement."""
    asked = min((one.at for one in visit.of("agents/profile", "GET") if _is_preferences(one)), default=None)
    first = min((one.at for one in visit.of("statements", "POST", "PUT")), default=None)
    if first is not None and (asked is None or asked > first):
        yield broken("P832", visit.launch.href)


def writes_preferences(visit: Visit) -> Iterator[Finding]:
    """§11: both properties, languages as a list with commas."""
    for request in visit.of("agents/profile", "PUT", "POST"):
        if not _is_preferences(request):
            continue
        body = mapping(read_json(request.body))
        languages, audio = body.get("languagePreference"), body.get("audioPreference")
        is_list = isinstance(languages, str) and re.fullmatch(r"[-A-Za-z0-9]+(?:,[-A-Za-z0-9]+)*", languages)
        if not is_list or audio not in ("on", "off"):
            yield risky("P858", visit.launch.href)


def _is_preferences(request: Request) -> bool:
    return request.query.get("profileId") == PREFERENCES


def _works(visit: Visit) -> bool:
    """Tell whether the unit was launched in earnest: it has its token, and the network was there."""
    return any(request.is_taken for request in visit.of("fetch", "POST"))


# --- who, where: §8.1, §9.1, §9.2, §9.4, §9.6, §9.7 ------------------------------------------------------------------


def names_the_actor(visit: Visit) -> Iterator[Finding]:
    """§8.1.3, §9.2: the agent of the launch, by its account."""
    mine = identity(visit.launch.actor)
    for told in visit.told:
        actor = mapping(told.statement.get("actor"))
        if identity(actor) != mine or actor.get("objectType", "Agent") != "Agent":
            yield broken("P833", visit.launch.href, what=told.name)
    for request in visit.requests:
        if names_agent(request) and identity(agent_of(request)) != mine:
            yield broken("P833", visit.launch.href, what=request.resource)


def names_the_registration(visit: Visit) -> Iterator[Finding]:
    """§8.1.4, §9.6.1."""
    for told in visit.told:
        if told.context.get("registration") != visit.launch.registration:
            yield broken("P834", visit.launch.href, what=told.name)
    for request in visit.of("activities/state"):
        if request.query.get("registration", visit.launch.registration) != visit.launch.registration:
            yield broken("P834", visit.launch.href, what=request.resource)


def names_the_activity(visit: Visit) -> Iterator[Finding]:
    """§8.1.5, §9.4: the id of the launch, not that of the course structure."""
    for told in visit.defined:
        if told.activity != visit.launch.activity:
            yield broken("P835", visit.launch.href, what=told.name, value=shown(told.activity))
    for request in visit.of("activities/state"):
        value = request.query.get("activityId", "")
        if value != visit.launch.activity:
            yield broken("P835", visit.launch.href, what=request.resource, value=shown(value))


def has_ids(visit: Visit) -> Iterator[Finding]:
    """§9.1: a UUID that the unit has made."""
    for told in visit.told:
        if not is_uuid(told.statement.get("id")):
            yield broken("P836", visit.launch.href, verb=told.name)


def has_times(visit: Visit) -> Iterator[Finding]:
    """§9.7: in UTC."""
    for told in visit.told:
        stamp = told.statement.get("timestamp")
        if not isinstance(stamp, str) or not UTC_TIME.fullmatch(stamp):
            yield broken("P837", visit.launch.href, verb=told.name, value=shown(stamp if stamp else None))


def follows_the_template(visit: Visit) -> Iterator[Finding]:
    """§10.2.1: nothing of it is left out or overwritten; the session id has a rule of its own."""
    for told in visit.told:
        for where in wanting(visit.launch.template, told.context):
            if not where.endswith(SESSION):
                yield broken("P845", visit.launch.href, verb=told.name, where=where.lstrip("."))
                break


def names_the_session(visit: Visit) -> Iterator[Finding]:
    """§9.6.3.1: in each statement."""
    for told in visit.told:
        if mapping(told.context.get("extensions")).get(SESSION) != visit.launch.session:
            yield broken("P846", visit.launch.href, verb=told.name)


# --- what is told, and in which order: §7.1, §9.3 --------------------------------------------------------------------


def begins(visit: Visit) -> Iterator[Finding]:
    """§7.1.1, §9.3.2: `initialized` first, by its time or as it arrived: what an outage held back in an earlier session
    keeps the time at which it happened."""
    first = visit.told[0] if visit.told else None
    arrived = min(visit.told, key=lambda told: told.at, default=None)
    if first is None:
        if _works(visit) and visit.end is not None and visit.end.how == "closed":
            yield broken("P838", visit.launch.href, verb="-")
    elif first.verb != INITIALIZED and arrived is not None and arrived.verb != INITIALIZED:
        yield broken("P838", visit.launch.href, verb=first.name)


def ends_last(visit: Visit) -> Iterator[Finding]:
    """§7.1.2, §9.3.8: nothing comes after `terminated`."""
    verbs = [told.verb for told in visit.told]
    if TERMINATED in verbs:
        for told in visit.told[verbs.index(TERMINATED) + 1 :]:
            yield risky("P848", visit.launch.href, verb=told.name)


def ends(visit: Visit) -> Iterator[Finding]:
    """§7.1.2: `terminated`, when the learner leaves."""
    is_over = visit.end is not None and visit.end.how == "closed"
    if is_over and visit.told and TERMINATED not in {told.verb for told in visit.told}:
        yield risky("P849", visit.launch.href)


def returns(visit: Visit) -> Iterator[Finding]:
    """§10.2.6: a unit that has ended its session goes to the return URL."""
    ended = next((told.at for told in visit.told if told.verb == TERMINATED), None)
    if ended is None or not visit.launch.return_url or visit.end is None:
        return
    if visit.end.at - ended > AWAY and not any(True for _ in visit.of("return")):
        yield risky("P850", visit.launch.href)


def tells_once(visit: Visit) -> Iterator[Finding]:
    """§9.3: in a session each verb once, and one of passed and failed; in a registration completed and passed once,
    and no failed after passed."""
    if visit.launch.mode != "Normal":
        return
    earlier = [told.verb for told in visit.before if told.launch.mode == "Normal" and CMI5 in told.categories]
    here: list[str] = []
    for told in visit.defined:
        excluded_by = {
            COMPLETED: [*filter(COMPLETED.__eq__, earlier)],
            PASSED: [*filter(PASSED.__eq__, earlier), *filter(FAILED.__eq__, here)],
            FAILED: [*filter(PASSED.__eq__, earlier), *filter(PASSED.__eq__, here)],
        }.get(told.verb, [])
        excluded_by += filter(told.verb.__eq__, here)
        if excluded_by:
            yield broken("P839", visit.launch.href, verb=told.name, earlier=excluded_by[0].rpartition("/")[2])
        here.append(told.verb)


def keeps_to_its_verbs(visit: Visit) -> Iterator[Finding]:
    """§6.3, §9.3."""
    for told in visit.told:
        if told.verb in OF_THE_LMS:
            yield broken("P851", visit.launch.href, verb=told.name)


def keeps_to_the_mode(visit: Visit) -> Iterator[Finding]:
    """§10.2.2: in Browse and Review nothing that could satisfy."""
    if visit.launch.mode not in ("Browse", "Review"):
        return
    for told in visit.defined:
        if told.verb not in (INITIALIZED, TERMINATED):
            yield broken("P847", visit.launch.href, verb=told.name, mode=visit.launch.mode)


# --- results: §9.5, §9.6 ---------------------------------------------------------------------------------------------


def agrees_with_mastery(visit: Visit) -> Iterator[Finding]:
    """§9.3.4, §9.3.5, §9.5.1."""
    mastery = visit.launch.mastery
    for told in visit.defined:
        scaled = _scaled(told)
        if mastery is None or scaled is None:
            continue
        if (told.verb == PASSED and scaled < mastery) or (told.verb == FAILED and scaled >= mastery):
            yield broken("P840", visit.launch.href, verb=told.name, scaled=str(scaled), mastery=str(mastery))


def names_the_mastery(visit: Visit) -> Iterator[Finding]:
    """§9.6.3.2: as an extension of what rests on it."""
    mastery = visit.launch.mastery
    for told in visit.defined:
        if mastery is None or told.verb not in (PASSED, FAILED) or _scaled(told) is None:
            continue
        if mapping(told.context.get("extensions")).get(MASTERY) != mastery:
            yield broken("P852", visit.launch.href, verb=told.name, mastery=str(mastery))


def says_success_and_completion(visit: Visit) -> Iterator[Finding]:
    """§9.5.2, §9.5.3: there where the verb says it, absent elsewhere."""
    for told in visit.defined:
        due = {PASSED: {"success": True}, FAILED: {"success": False}, COMPLETED: {"completion": True}}.get(
            told.verb, {}
        )
        for name in ("success", "completion"):
            if told.result.get(name) is not due.get(name):
                yield broken("P841", visit.launch.href, verb=told.name, property=name)


def says_how_long(visit: Visit) -> Iterator[Finding]:
    """§9.5.4.1."""
    for told in visit.defined:
        if told.verb in (COMPLETED, PASSED, FAILED, TERMINATED) and not text_at(told.result, "duration"):
            yield broken("P842", visit.launch.href, verb=told.name)


def scores_well(visit: Visit) -> Iterator[Finding]:
    """§9.5.1: on passed and failed; scaled from 0 to 1, raw with its bounds, these whole numbers."""
    for told in visit.defined:
        if "score" not in told.result:
            continue
        score = mapping(told.result["score"])
        if told.verb not in (PASSED, FAILED) or ("raw" in score and not {"min", "max"} <= score.keys()):
            yield broken("P843", visit.launch.href, verb=told.name)
        elif any(not _is_whole(score[name]) for name in ("raw", "min", "max") if name in score):
            yield risky("P843", visit.launch.href, verb=told.name)
        elif not 0 <= (_scaled(told) or 0) <= 1:
            yield broken("P843", visit.launch.href, verb=told.name)


def is_in_its_category(visit: Visit) -> Iterator[Finding]:
    """§7.1.3, §9.6.2.1, §9.6.2.2: `cmi5` with verbs of cmi5 about the unit and with no other; `moveon` just where
    success or completion is said."""
    for told in visit.told:
        is_defined = CMI5 in told.categories
        moves = is_defined and ("success" in told.result or "completion" in told.result)
        is_meant = told.verb in DEFINED and told.activity == visit.launch.activity
        if is_defined != is_meant and told.verb not in OF_THE_LMS and (is_meant or told.verb not in DEFINED):
            yield broken("P844", visit.launch.href, verb=told.name, category="cmi5")
        elif (MOVE_ON in told.categories) != moves:
            yield broken("P844", visit.launch.href, verb=told.name, category="moveon")


def says_how_far(visit: Visit) -> Iterator[Finding]:
    """§9.5.5.1: a whole number from 0 to 100."""
    for told in visit.told:
        extensions = mapping(told.result.get("extensions"))
        if PROGRESS in extensions:
            value = extensions[PROGRESS]
            if not _is_whole(value) or not 0 <= value <= 100:
                yield risky("P853", visit.launch.href, verb=told.name, value=shown(str(value)))


def is_taken(visit: Visit) -> Iterator[Finding]:
    """xAPI 1.0.3: what the LRS refuses for what it says."""
    yield from refused(visit.requests, visit.launch.href)


def refused(requests: tuple[Request, ...], href: str) -> Iterator[Finding]:
    """Yield the requests that an LRS refused for what they say; of one resource and reason, one."""
    for request in requests:
        if request.status not in (400, 409, 413):
            continue
        statements = sent_statements(request)
        place, reason = _reason(request)
        if statements:
            found = text_at(statements[place if place < len(statements) else 0], "verb", "id")
            yield broken("P854", href, what=found.rpartition("/")[2] or "-", status=request.status, reason=reason)
        else:
            yield broken("P854", href, what=request.resource, status=request.status, reason=reason)


def _reason(request: Request) -> tuple[int, str]:
    """Return which statement of a batch is meant, from 0, and why: the first problem that our LRS names."""
    answer = mapping(read_json(request.answer))
    problem = mapping(next(iter(answer.get("problems") or [None])))
    pointer, message = text_at(problem, "pointer"), text_at(problem, "message")
    index, _, rest = pointer.removeprefix("/").partition("/")
    if not message:
        return 0, shown(text_at(answer, "error") or request.answer)
    return (int(index), shown(f"{rest}: {message}")) if index.isdigit() else (0, shown(f"{pointer}: {message}"))


def _scaled(told: Told) -> float | None:
    value = mapping(told.result.get("score")).get("scaled")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_whole(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()


def is_uuid(value: Json) -> bool:
    """Tell whether a value is a UUID in its standard form."""
    return isinstance(value, str) and bool(UUID.fullmatch(value))


def wanting(template: Json, actual: Json, where: str = "") -> Iterator[str]:
    """Yield where a value lacks or changes something of a template: keys with dots, lists as sets of what they hold."""
    if isinstance(template, Mapping):
        for key, value in template.items():
            if not isinstance(actual, Mapping) or key not in actual:
                yield f"{where}.{key}"
            else:
                yield from wanting(value, actual[key], f"{where}.{key}")
    elif isinstance(template, list):
        held = actual if isinstance(actual, list) else [actual]
        if any(all(any(True for _ in wanting(value, one)) for one in held) for value in template):
            yield where
    elif template != actual:
        yield where


Rule = Callable[[Visit], Iterator[Finding]]
RULES: Mapping[str, Rule] = {
    "P827": fetches,
    "P828": fetches_once,
    "P829": uses_the_token,
    "P830": reads_launch_data,
    "P831": leaves_launch_data,
    "P832": reads_preferences,
    "P833": names_the_actor,
    "P834": names_the_registration,
    "P835": names_the_activity,
    "P836": has_ids,
    "P837": has_times,
    "P838": begins,
    "P839": tells_once,
    "P840": agrees_with_mastery,
    "P841": says_success_and_completion,
    "P842": says_how_long,
    "P843": scores_well,
    "P844": is_in_its_category,
    "P845": follows_the_template,
    "P846": names_the_session,
    "P847": keeps_to_the_mode,
    "P848": ends_last,
    "P849": ends,
    "P850": returns,
    "P851": keeps_to_its_verbs,
    "P852": names_the_mastery,
    "P853": says_how_far,
    "P854": is_taken,
    "P858": writes_preferences,
}
"""What is asked, by the code of the finding that says it is not done."""

"""What an LMS asks of Tin Can content while it runs, judged by the record of what it asked of the LRS.

There is no profile that says which statements must come; what LMSs share is the launch and where they look for an
outcome. Source: standards d.5; xAPI 1.0.3, Communication §2.2 (State), §4.1 (credentials).
"""

from __future__ import annotations

from collections.abc import Iterator

from builder.inspect import Finding
from builder.inspect.archive import broken, note, risky
from builder.inspect.cmi5_rules import COMPLETED, FAILED, PASSED, Visit, has_ids, refused, visits
from builder.inspect.exchange import Log, agent_of, identity, mapping, names_agent

OUTCOMES = frozenset((COMPLETED, PASSED, FAILED))
"""Verbs from which LMSs read an outcome."""


def judge(log: Log) -> Iterator[Finding]:
    """Yield what launches break, and whether an outcome was told in any of them."""
    every = tuple(visits(log))
    for visit in every:
        yield from speaks(visit)
        yield from uses_the_credentials(visit)
        yield from names_the_learner(visit)
        yield from names_the_registration(visit)
        yield from has_ids(visit)
        yield from refused(visit.requests, visit.launch.href)
    if any(visit.told for visit in every):
        yield from tells_an_outcome(every)


def speaks(visit: Visit) -> Iterator[Finding]:
    """Something comes at the endpoint of the launch."""
    is_over = visit.end is not None and visit.end.how == "closed"
    if is_over and not any(request.status for request in visit.requests):
        yield broken("P855", visit.launch.href)


def uses_the_credentials(visit: Visit) -> Iterator[Finding]:
    """The header Authorization is what `auth` says, letter by letter."""
    wrong = [
        request
        for request in visit.requests
        if request.status and request.resource != "about" and request.headers.get("authorization") != visit.launch.token
    ]
    if wrong:
        yield broken("P829", visit.launch.href, count=len(wrong), method=wrong[0].method, resource=wrong[0].resource)


def names_the_learner(visit: Visit) -> Iterator[Finding]:
    """Statements and documents are about the agent of the launch."""
    mine = identity(visit.launch.actor)
    for told in visit.told:
        if identity(mapping(told.statement.get("actor"))) != mine:
            yield broken("P833", visit.launch.href, what=told.name)
    for request in visit.requests:
        if names_agent(request) and identity(agent_of(request)) != mine:
            yield broken("P833", visit.launch.href, what=request.resource)


def names_the_registration(visit: Visit) -> Iterator[Finding]:
    """Without it an LMS with several attempts cannot tell whose statement it is."""
    for told in visit.told:
        if told.context.get("registration") != visit.launch.registration:
            yield risky("P834", visit.launch.href, what=told.name)


def tells_an_outcome(every: tuple[Visit, ...]) -> Iterator[Finding]:
    """An outcome about the activity that was launched; about others LMSs do not look."""
    outcomes = [told for visit in every for told in visit.told if told.verb in OUTCOMES]
    if any(told.activity == told.launch.activity for told in outcomes):
        return
    launch = every[0].launch
    yield (risky if outcomes else note)("P856", launch.href, activity=launch.activity)

"""What SCORM 2004 asks of a SCO while it runs, beyond what holds for both SCORMs (`play.py`), judged by its calls.

Clauses are those of the 4th edition's RTE book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from builder.inspect import Finding, Verdict
from builder.inspect.archive import risky
from builder.inspect.calls import Played, Visit, values
from builder.inspect.references import shown

COMPLETION, SUCCESS = "cmi.completion_status", "cmi.success_status"
EXIT, REQUEST = "cmi.exit", "adl.nav.request"
FAULTY = frozenset(("301", "401", "402", "405"))
"""Errors of GetValue that content brings about; 403, a value that was never set, is none (§3.1.7)."""
NEAR = 0.005
"""Difference of two scores that rounding explains."""


def judge(played: Played) -> Iterator[Finding]:
    """Yield what the calls of a SCO break."""
    href, profile = played.href, played.profile
    opening = played.visits["opening"]
    if not values(opening, COMPLETION):
        yield risky("P821", href, profile=profile)
    for visit in played.visits.values():
        yield from scores(visit, href, profile)
        yield from statuses(visit, href, profile)
    yield from leaves(played)
    for element, error in asked_in_vain(played)[:5]:
        yield risky("P826", href, profile=profile, element=shown(element), error=error)


def last_set(visit: Visit) -> Mapping[str, str]:
    """Return what each element was set to last, in a visit, of what the LMS took."""
    return {
        str(call["arguments"][0]): str(call["arguments"][1])
        for call in visit.calls
        if call["name"] == "SetValue" and call["result"] == "true" and len(call["arguments"]) > 1
    }


def read(visit: Visit, element: str) -> float | None:
    """Return the number that an element gave in a visit; None where it was not read, or is none."""
    found = None
    for call in visit.calls:
        if call["name"] == "GetValue" and call["arguments"][:1] == [element]:
            found = number(str(call["result"]))
    return found


def number(text: str | None) -> float | None:
    """Return a text as a number; None where it is none."""
    try:
        return float(text or "-")
    except ValueError:
        return None


def scores(visit: Visit, href: str, profile: str) -> Iterator[Finding]:
    """§4.2.20: the four fields of the score say one thing."""
    said = last_set(visit)
    texts = {name: said.get(f"cmi.score.{name}", "") for name in ("scaled", "raw", "min", "max")}
    scaled, raw, least, most = (number(texts[name]) for name in ("scaled", "raw", "min", "max"))
    if raw is None:
        return
    agrees = scaled is not None
    if scaled is not None and least is not None and most is not None:
        agrees = most > least and abs((raw - least) / (most - least) - scaled) <= NEAR
    if not agrees:
        shown_as = {name: text or "-" for name, text in texts.items()}
        yield Finding("P822", Verdict.RISKY, href, arguments={"profile": profile, **shown_as})


def statuses(visit: Visit, href: str, profile: str) -> Iterator[Finding]:
    """§4.2.4.1, §4.2.21.1: the status that content writes is the one that an LMS makes of its measures."""
    said = last_set(visit)
    for element, measure, limit, above, below in (
        (SUCCESS, "cmi.score.scaled", "cmi.scaled_passing_score", "passed", "failed"),
        (COMPLETION, "cmi.progress_measure", "cmi.completion_threshold", "completed", "incomplete"),
    ):
        value, line = number(said.get(measure)), read(visit, limit)
        status = said.get(element, "")
        if line is None or status not in (above, below):
            continue
        if (status == above) != (value is not None and value >= line):
            yield risky("P823", href, profile=profile, element=element, value=status, measure=measure)


def leaves(played: Played) -> Iterator[Finding]:
    """§4.2.8: what is not finished is suspended, and nobody is logged out."""
    exits: list[str] = []
    is_lost = False
    for name, visit in played.visits.items():
        said = last_set(visit)
        exits += values(visit, EXIT)
        is_over = any(call["name"] == "Terminate" and call["result"] == "true" for call in visit.calls)
        is_done = said.get(COMPLETION) == "completed" or said.get(SUCCESS) == "passed"
        is_kept = said.get(EXIT) == "suspend" or said.get(REQUEST) == "suspendAll"
        has_state = bool(said.get("cmi.suspend_data") or said.get("cmi.location"))
        is_lost |= is_over and has_state and not is_done and not is_kept and name != "review"
    if is_lost:
        yield risky("P824", played.href, profile=played.profile)
    for value in dict.fromkeys(exits):
        if value in ("logout", "time-out"):
            yield risky("P825", played.href, profile=played.profile, value=value)


def asked_in_vain(played: Played) -> list[tuple[str, str]]:
    """Return elements that were asked for and errors, where content is to blame, each once."""
    return list(
        dict.fromkeys(
            (_element(call), str(call["error"]))
            for call in played.calls
            if call["name"] == "GetValue" and str(call["error"]) in FAULTY
        )
    )


def _element(call: Mapping[str, Any]) -> str:
    return str(call["arguments"][0]) if call["arguments"] else ""

"""What content of SCORM said to the LMS: the calls of each visit and what was on record after, whatever played it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder.inspect import Standard
from builder.inspect.visit import Heard


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one SCORM names what the judge looks for. `harmless`: errors that say nothing of a value; `when_offline`:
    others that say nothing of it where the network fails."""

    begin: str
    end: str
    set: str
    statuses: tuple[str, ...]
    score: str
    location: str
    harmless: tuple[str, ...]
    when_offline: tuple[str, ...] = ()


DIALECTS: Mapping[Standard, Dialect] = {
    "scorm12": Dialect(
        "LMSInitialize",
        "LMSFinish",
        "LMSSetValue",
        ("cmi.core.lesson_status",),
        "cmi.core.score.raw",
        "cmi.core.lesson_location",
        ("0", "101", "301"),
    ),
    "scorm2004": Dialect(
        "Initialize",
        "Terminate",
        "SetValue",
        ("cmi.completion_status", "cmi.success_status"),
        "cmi.score.scaled",
        "cmi.location",
        ("0", "101", "132", "133", "391"),
        ("351",),
    ),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One launch: the calls that the LMS saw (as `Call` in `lms/lms.js`), and what the browser heard."""

    calls: tuple[Mapping[str, Any], ...]
    heard: Heard


@dataclass(frozen=True, slots=True)
class Played:
    """One launch file with one profile: visits by name, what the server had on record after each."""

    profile: str
    href: str
    visits: Mapping[str, Visit]
    records: Mapping[str, Mapping[str, str]]
    standard: Standard = "scorm12"

    @property
    def dialect(self) -> Dialect:
        """How its standard names things."""
        return DIALECTS[self.standard]

    def set_in(self, name: str, element: str) -> list[str]:
        """Return the values that an element was set to in a visit, in order; none where there was no such visit."""
        return values(self.visits[name], element) if name in self.visits else []

    @property
    def calls(self) -> list[Mapping[str, Any]]:
        """The calls of all visits."""
        return [call for visit in self.visits.values() for call in visit.calls]


def values(visit: Visit, element: str) -> list[str]:
    """Return the values that an element was set to in a visit, in order."""
    return [
        str(call["arguments"][1])
        for call in visit.calls
        if call["name"].endswith("SetValue") and call["arguments"][:1] == [element] and len(call["arguments"]) > 1
    ]

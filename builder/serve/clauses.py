"""Which clause of its standard a call is about, and which one names its error: what the inspector shows beside both."""

from __future__ import annotations

from collections.abc import Mapping

from builder.inspect.exchange import LAUNCH_DATA, PREFERENCES, Request

SCORM: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "scorm12": {
        "elements": {
            "": "SCORM 1.2 RTE §3.2",
            "cmi.": "SCORM 1.2 RTE §3.4",
            "cmi.core.": "SCORM 1.2 RTE §3.4.4",
            "cmi.suspend_data": "SCORM 1.2 RTE §3.4.5",
            "cmi.interactions.": "SCORM 1.2 RTE §3.4.7",
        },
        "errors": {"": "SCORM 1.2 RTE §3.3"},
    },
    "scorm2004": {
        "elements": {
            "": "SCORM 2004 RTE §3.1.3",
            "cmi.": "SCORM 2004 RTE §4.2",
            "adl.": "SCORM 2004 RTE §4",
            "cmi.completion_status": "SCORM 2004 RTE §4.2.4",
            "cmi.exit": "SCORM 2004 RTE §4.2.8",
            "cmi.interactions.": "SCORM 2004 RTE §4.2.9",
            "cmi.score.": "SCORM 2004 RTE §4.2.20",
        },
        "errors": {"": "SCORM 2004 RTE §3.1.7"},
    },
}
"""By target: the clause of calls, by the longest beginning of the element that they name (none: of the functions), and
of errors, by code (none: of the others)."""

LAUNCH = "cmi5 §8"
RESOURCES: Mapping[str, str] = {
    "fetch": "cmi5 §8.2",
    "return": "cmi5 §10.2",
    "statements": "xAPI Communication §2.1",
    "activities/state": "xAPI Communication §2.3",
    "activities": "xAPI Communication §2.4",
    "agents": "xAPI Communication §2.5",
    "agents/profile": "xAPI Communication §2.6",
    "activities/profile": "xAPI Communication §2.7",
    "about": "xAPI Communication §2.8",
}
DOCUMENTS: Mapping[str, str] = {LAUNCH_DATA: "cmi5 §10", PREFERENCES: "cmi5 §11"}
STATUSES: Mapping[int, str] = {
    401: "xAPI Communication §4",
    403: "xAPI Communication §4",
    409: "xAPI Communication §3.1",
    412: "xAPI Communication §3.1",
}


def of_request(request: Request) -> str:
    """Return the clause that a request of content is about; empty where there is none."""
    document = request.query.get("stateId") or request.query.get("profileId") or ""
    return DOCUMENTS.get(document) or RESOURCES.get(request.resource, "")


def of_refusal(request: Request) -> str:
    """Return the clause that says what a request which was not taken has met."""
    if request.resource == "fetch":
        return RESOURCES["fetch"]
    return STATUSES.get(request.status, "xAPI Communication §3.2")

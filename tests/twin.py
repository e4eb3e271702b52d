"""The two languages side by side: values as JSON, and the player's own code behind a pipe (`runtime/twin.mjs`)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from builder.codec import Asked, Record, Slots, State, Visit, encode, receive
from builder.model import Partial
from builder.render import interaction_data
from builder.score import Response, Text

SCRIPT = Path(__file__).parent / "runtime" / "twin.mjs"
VECTORS = Path(__file__).parent / "vectors"


class Player:
    """A running copy of the player's pure modules; `ask` sends one request and waits for its answer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, what: str, **values: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": what, **values}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def player(tools: Mapping[str, str]) -> Iterator[Player]:
    """The player's codec, scoring and completion in one process of Node."""
    with subprocess.Popen([tools["node"], str(SCRIPT)], stdin=-1, stdout=-1, encoding="utf-8") as process:
        yield Player(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def lessons_data(slots: Slots, partial: Partial = "each") -> list[dict[str, Any]]:
    """Return the lessons of `course-data`; questions that stand before any lesson belong to one of slot 0."""
    lessons: list[dict[str, Any]] = []
    for slot, asked in slots.items():
        if asked is None or not lessons:
            lessons.append(lesson_data(slot if asked is None else 10**6))
        if asked is not None:
            lessons[-1]["questions"].append(question_data(asked, partial))
    return lessons


def lesson_data(slot: int) -> dict[str, Any]:
    kind = {"kind": "lesson", "module": "", "graded": True, "minutes": 1, "optional": False}
    return {"id": f"l{slot}", "slot": slot, "title": "", "file": f"l{slot}.html", **kind, "questions": []}


def question_data(asked: Asked, partial: Partial = "each") -> dict[str, Any]:
    count = len(asked.interactions)
    return {
        "id": f"q{asked.slot}",
        "slot": asked.slot,
        "type": "choice",
        "title": "",
        "points": 1,
        "tries": asked.tries,
        "partial": partial,
        "scored": True,
        "required": True,
        "shuffle": False,
        "keyedAt": asked.keyed_at,
        "interactions": [interaction_data(one, count) for one in asked.interactions],
    }


def response_data(response: Response) -> Any:
    if not isinstance(response, Text):
        return None if response is None else list(response)
    return {
        "text": response.text,
        **({"cut": True} if response.cut else {}),
        **({"right": True} if response.right else {}),
    }


def responses_data(responses: Sequence[Response] | None) -> Any:
    return None if responses is None else [response_data(response) for response in responses]


def state_data(state: State) -> dict[str, Any]:
    """Return a state as `types.d.ts` has it, maps as objects, bytes as hexadecimal digits."""
    return {
        "revision": state.revision,
        "counter": state.counter,
        "attempt": state.attempt,
        "status": state.status,
        "next": state.next,
        "place": state.place,
        "rest": state.rest.hex(),
        "lessons": {str(slot): _visit_data(visit) for slot, visit in state.lessons.items()},
        "questions": {str(slot): _record_data(record) for slot, record in state.questions.items()},
        "opaque": {str(slot): payload.hex() for slot, payload in state.opaque.items()},
    }


def received_data(text: str, slots: Slots, revision: int, limit: int | None) -> dict[str, Any] | None:
    """Return what Python answers to the request `receive`."""
    found = receive(text, slots, revision)
    if found is None:
        return None
    again = encode(found.state, slots, limit)
    return {**state_data(found.state), "aside": list(found.aside), "again": again}


def _visit_data(visit: Visit) -> dict[str, Any]:
    return {"visited": visit.visited, "end": visit.end, "rest": visit.rest.hex()}


def _record_data(record: Record) -> dict[str, Any]:
    return {
        "tries": record.tries,
        "hints": record.hints,
        "index": record.index,
        "response": responses_data(record.response),
        "revision": record.revision,
        "rest": record.rest.hex(),
    }

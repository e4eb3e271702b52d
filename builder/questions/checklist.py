"""`checklist`: keeps an action plan, printable; never scored: a task list, for learners (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builder.attributes import unknown_keys
from builder.model import Component, Interaction, Part, Question
from builder.questions import UNGRADED, Draft, Letters, Pieces, Reading, is_quote
from builder.questions._lists import (
    BULLETS,
    NUMBERS,
    Codes,
    Entry,
    bracket,
    check_parts,
    check_texts,
    is_tasks,
    read_list,
)
from builder.strings import counted

NAME = "checklist"
ATTRIBUTES = frozenset[str]()
UNUSED = UNGRADED | {"shuffle"}
_CODES = Codes(none="Q750", twice="Q756")


def read(reading: Reading) -> Draft | None:
    """Read the task list at the end as actions."""
    found = read_list(reading, BULLETS, is_tasks, _CODES)
    if found is None:
        return None
    writer = reading.writer
    prompt, entries = found
    if not any(entry.inline.meta.keys() & {"task", "task_error"} for entry in entries):
        reading.report("Q750", writer.document.line_span(entries[0].line))
        return None
    parts, actions = list[Part](), list[dict[str, Any]]()
    for entry in entries:
        for block in entry.blocks:
            if is_quote(block) or block[0].type in (BULLETS, NUMBERS):
                reading.report("Q754", reading.place(block))
        part = _part(reading, entry)
        if part is not None:
            parts.append(part)
            rest = [token for block in entry.blocks if not is_quote(block) for token in block]
            actions.append({"html": writer.inline(entry.inline), "rest": {"html": writer.html(rest)}})
    check_texts(reading, parts, twice="Q755")
    check_parts(reading, parts)
    return Draft(writer.html(prompt), tuple(parts), {"actions": actions}, is_scored=False)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` without key: the actions that are ticked."""
    components = tuple(Component(letter, part.text) for part, letter in zip(question.parts, letters.parts, strict=True))
    return (Interaction(question.id, "choice", components=components, multiple=True),)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many actions there are."""
    return counted(words, "checklist", len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the actions with their letters."""
    actions = zip(letters.parts, pieces.data["actions"], strict=True)
    return {"actions": [{"letter": letter, **one} for letter, one in actions]}


def _part(reading: Reading, entry: Entry) -> Part | None:
    """Return an action as the lock sees it, without key; None after reporting what is wrong with it."""
    document, meta = reading.writer.document, entry.inline.meta
    line, attributes, name = document.line_span(entry.line), meta.get("attributes"), ""
    if attributes is not None:
        name = attributes.id
        document.found += unknown_keys(attributes, frozenset(), "action")
    if meta.get("task") == "x":
        reading.report("Q751", bracket(line, document.lines[entry.line]))
    elif "task_error" in meta:
        reading.report("Q752", bracket(line, document.lines[entry.line]))
    elif "task" not in meta or not entry.inline.content.strip():
        reading.report("Q753", line)
    else:
        return Part(name, entry.inline.content, "", line)
    return None

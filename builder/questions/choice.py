"""`choice`: picks one answer, or several when several are right or `multiple` is given (language, "Questions")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from builder.attributes import unknown_keys
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Draft, Item, Letters, Pieces, Reading, feedback_html, gather, is_list, is_quote
from builder.questions._lists import bracket, is_tasks

NAME = "choice"
ATTRIBUTES = frozenset({"multiple"})
_ANSWER_ATTRIBUTES = frozenset({"fixed"})


def read(reading: Reading) -> Draft | None:
    """Read the task list at the end as answers; everything before it is the prompt."""
    body, writer = reading.body, reading.writer
    tasks = [is_tasks(block) for block in body]
    last = max((index for index, has_tasks in enumerate(tasks) if has_tasks), default=None)
    if last is None:
        lists = [block for block in body if is_list(block)]
        reading.report("Q201", reading.place(lists[-1]) if lists else reading.span)
        return None
    end = last + 1
    while end < len(body) and (is_quote(body[end]) or is_list(body[end])):
        end += 1
    if end < len(body):
        reading.after_answers(body[end])
    first, answers = gather(body, end, is_tasks)
    for position, has_tasks in enumerate(tasks[:first]):
        if has_tasks:
            reading.twice(position, "Q202")
    prompt = [token for block in body[:first] for token in block]
    if not prompt:
        reading.report("Q113", reading.span)
    right = sum(answer.inline.meta.get("task") == "x" for answer in answers)
    parts, shown = [], []
    for answer in answers:
        part = _part(reading, answer)
        if part is None:
            continue
        parts.append(part)
        attributes = answer.inline.meta.get("attributes")
        shown.append(
            {
                "html": writer.inline(answer.inline),
                "rest": {"html": writer.html([token for block in answer.rest for token in block])},
                "feedback": feedback_html(writer, answer.feedback),
                "fixed": bool(attributes and attributes.flag("fixed")),
            }
        )
    if not any(tasks[:first]):
        _check(reading, answers, parts, right)
    multiple = right > 1 or reading.attributes.flag("multiple")
    return Draft(
        writer.html(prompt),
        tuple(parts),
        {"answers": shown, "multiple": multiple},
        {
            "multiple": multiple,
            "fixed": tuple(index for index, answer in enumerate(shown) if answer["fixed"]),
            "without_feedback": sum(not answer["feedback"] for answer in shown),
        },
        "each" if multiple else "none",
    )


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` interaction."""
    pairs = tuple(zip(question.parts, letters.parts, strict=True))
    return (
        Interaction(
            id=question.id,
            type="choice",
            components=tuple(Component(letter, part.text) for part, letter in pairs),
            multiple=bool(question.settings["multiple"]),
            right=tuple(sorted((letter for part, letter in pairs if part.key), key=LETTERS.index)),
            fixed=tuple(letters.parts[index] for index in question.settings["fixed"]),
        ),
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return whether one or several answers are to be picked."""
    return words["choice_multiple" if question.settings["multiple"] else "choice_single"]


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the answers with their letters."""
    return {
        "is_multiple": pieces.data["multiple"],
        "answers": [
            {"letter": letter, **answer} for letter, answer in zip(letters.parts, pieces.data["answers"], strict=True)
        ],
    }


def _part(reading: Reading, answer: Item) -> Part | None:
    """Return an answer as the lock sees it, or None after reporting what is wrong with it."""
    document = reading.writer.document
    line = document.line_span(answer.line)
    name = ""
    attributes = answer.inline.meta.get("attributes")
    if attributes is not None:
        name = attributes.id
        document.found += unknown_keys(attributes, _ANSWER_ATTRIBUTES, "answer")
    problem = answer.inline.meta.get("task_error")
    if problem == "empty":
        reading.report("Q204", bracket(line, document.lines[answer.line]))
        return None
    if problem == "space":
        reading.report("Q205", bracket(line, document.lines[answer.line]))
        return None
    if "task" not in answer.inline.meta:
        reading.report("Q203", line)
        return None
    if not answer.inline.content.strip():
        reading.report("Q206", line)
        return None
    return Part(name, answer.inline.content, "x" if answer.inline.meta["task"] == "x" else "", line)


def _check(reading: Reading, answers: Sequence[Item], parts: Sequence[Part], right: int) -> None:
    if len(parts) < len(answers):
        return
    if not right:
        reading.report("Q207", parts[0].span if parts else reading.span)
    if len(parts) < 2:
        reading.report("Q208", parts[0].span if parts else reading.span)
    if len(parts) > len(LETTERS):
        reading.report("Q114", parts[len(LETTERS)].span, count=len(parts), most=len(LETTERS))
    names, texts = set[str](), set[str]()
    for part in parts:
        if part.name in names:
            reading.report("S139", part.span, id=part.name)
        if part.text.strip() in texts:
            reading.report("Q209", part.span, text=part.text.strip()[:60])
        names |= {part.name} - {""}
        texts.add(part.text.strip())

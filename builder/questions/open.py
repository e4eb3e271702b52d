"""`open`: writes, compares with a model answer, judges themselves; never scored (language, "Questions").

The text is saved whole, up to `max` bytes; with `keep=browser` it may be longer, stays on the device, and no LMS is
told more than that something was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builder.attributes import number
from builder.model import LETTERS, Component, Interaction, Question
from builder.questions import UNGRADED, Draft, Letters, Pieces, Reading, is_quote

NAME = "open"
ATTRIBUTES = frozenset({"max", "keep"})
UNUSED = UNGRADED | {"shuffle"}
TAKES_ANSWER = True

MOST = {"": (10, 3000), "browser": (10, 20_000)}
"""Least and most bytes that `max` may say: saved by the LMS, kept on the device."""
SAVED = 150
"""Bytes of a text that is saved where the author says nothing else (language, "Questions")."""
ON_DEVICE = 5000
"""Bytes of a text kept on the device where the author says nothing else."""
JUDGEMENTS = ("open_far", "open_partly", "open_close")
_LINE = 70


def read(reading: Reading) -> Draft | None:
    """Read the prompt, which is everything but the model answer."""
    writer, attributes = reading.writer, reading.attributes
    keep = attributes.text("keep")
    if keep not in MOST:
        reading.report("Q761", attributes.values["keep"].span, value=keep)
        keep = ""
    least, most = MOST[keep]
    limit = ON_DEVICE if keep else SAVED
    if value := attributes.values.get("max"):
        asked = number(value.text)
        if asked is None or asked != int(asked) or not least <= asked <= most:
            reading.report("Q762", value.span, value=value.text, least=least, most=most)
        else:
            limit = int(asked)
    if not reading.body:
        reading.report("Q763", reading.span)
    before = len(writer.document.found)
    prompt = writer.html([token for block in reading.body for token in block])
    # A marker that is not understood has been told by its own name.
    if not reading.answer and not {one.code for one in writer.document.found[before:]} & {"S147", "S162"}:
        last = reading.body[-1] if reading.body else None
        reading.report("Q760", reading.place(last) if last and is_quote(last) else reading.span)
    settings = {
        "max": limit,
        "keep": keep,
        "judgements": [writer.words[key] for key in JUDGEMENTS],
    }
    return Draft(prompt, (), {"answer": reading.answer}, settings, is_scored=False)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return the text, and how the learner judges it."""
    rules = question.settings
    scale = tuple(Component(letter, text) for letter, text in zip(LETTERS, rules["judgements"], strict=False))
    return (
        Interaction(question.id, "long-fill-in", limit=0 if rules["keep"] else rules["max"]),
        Interaction(f"{question.id}.judgement", "likert", "judgement", components=scale),
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return where the text stays."""
    return words["open_on_device" if question.settings["keep"] else "open_how"]


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the field's size, the model answer, the judgements with their letters."""
    rules = question.settings
    scale = zip(LETTERS, rules["judgements"], strict=False)
    return {
        "rows": min(12, max(3, rules["max"] // _LINE)),
        "max": rules["max"],
        "keep": rules["keep"],
        "is_on_device": bool(rules["keep"]),
        "answer": {"html": pieces.data["answer"]},
        "judgements": [{"letter": letter, "text": text} for letter, text in scale],
    }

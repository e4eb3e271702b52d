"""The plain words of a lesson, with their places: what rules about wording read.

Made of the same tokens as the body, and only where somebody asks: no build needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, cast

from markdown_it.token import Token

from builder.attributes import parse_attributes
from builder.diagnostics import Span
from builder.facts import FACT
from builder.markdown import Document, plain
from builder.model import Condition, Part, Passage, Question, Role, Run
from builder.seams import feature, features

_ALERTS: Mapping[str, Role] = {
    "hint": "hint",
    "explanation": "explanation",
    "debrief": "explanation",
    "answer": "explanation",
}
_TEXTS: Mapping[str, Literal["text", "value", "code", "formula", "gap", "image"]] = {
    "text": "text",
    "text_special": "value",
    "code_inline": "code",
    "math": "formula",
    "gap": "gap",
    "image": "image",
}

Place = tuple[Role, Span | None]
"""What a block is, and the opening line of the question around it."""

INSERT = "only"
"""The directive whose words are for some."""


def prose(document: Document, tokens: Sequence[Token], questions: Sequence[Question]) -> tuple[Passage, ...]:
    """Return the words of a lesson in reading order; `questions` are those that were read from the same tokens."""
    answers = {question.span: frozenset(_lines(question.parts)) for question in questions}
    stack: list[Place] = [("text", None)]
    inserts: list[tuple[int, Condition]] = []
    result: list[Passage] = []
    for token in tokens:
        if token.nesting == 1:
            stack.append(_inside(document, token, stack[-1], answers))
            if token.type == "directive_open" and token.info == INSERT:
                inserts.append((len(stack), _condition(document, token)))
        elif token.nesting == -1:
            if inserts and inserts[-1][0] == len(stack):
                inserts.pop()
            stack.pop()
        elif token.type == "inline" and token.children:
            runs = tuple(_runs(document, token))
            if any(run.text.strip() for run in runs):
                role, question = stack[-1]
                where = tuple(condition for _, condition in inserts)
                cited = (str(one.meta.get("label", "")) for one in token.children if one.type == "footnote_ref")
                facts = tuple(label for label in cited if FACT.fullmatch(label))
                result.append(Passage(role, runs, document.span(token), question, where, facts))
    return tuple(result)


def _condition(document: Document, token: Token) -> Condition:
    """Return for whom an insert is; what is wrong with it is told where the body is read."""
    span = document.line_span((token.map or [0])[0])
    attributes, _ = parse_attributes((token.meta["attributes"] or "{}").strip()[1:-1], span)
    return Condition(span, attributes.words("audience"), attributes.words("region"))


def _lines(parts: Sequence[Part]) -> Iterator[tuple[str, int]]:
    for part in parts:
        yield part.span.file, part.span.line


def _inside(
    document: Document, token: Token, outer: Place, answers: Mapping[Span, frozenset[tuple[str, int]]]
) -> Place:
    """Return what stands inside of a block that opens."""
    role, question = outer
    kind = token.type
    if kind == "directive_open":
        if token.info in features("questions") and question is None:
            contains = getattr(feature("questions", token.info), "CONTAINS", False)
            return outer if contains else ("prompt", document.line_span((token.map or [0])[0]))
        return ("trainer" if token.info == "trainer" else role), question
    if kind == "alert_open":
        return _ALERTS.get(token.info, role), question
    if role == "prompt" and question is not None:
        if kind == "blockquote_open":
            return "feedback", question
        if kind in ("list_item_open", "tr_open") and token.map:
            origin = document.origin(token.map[0])
            return ("answer" if (origin.file, origin.line) in answers.get(question, ()) else role), question
    elif role == "answer" and kind == "blockquote_open":
        return "feedback", question
    elif role == "text":
        return cast(Role, _BLOCKS.get(kind, role)), question
    return outer


_BLOCKS = {
    "heading_open": "heading",
    "list_item_open": "item",
    "td_open": "cell",
    "th_open": "cell",
    "footnote_open": "note",
}


def _runs(document: Document, token: Token) -> Iterator[Run]:
    """Yield the runs of an inline token; each is found in the source after the one before it."""
    position = strong = emphasis = 0
    tongues: list[str] = []
    is_link = 0
    for child in token.children or ():
        kind = child.type
        if "offset" in child.meta:
            position = int(child.meta["offset"])
        if kind in ("strong_open", "strong_close"):
            strong += child.nesting
        elif kind in ("em_open", "em_close"):
            emphasis += child.nesting
        elif kind in ("link_open", "link_close"):
            is_link += child.nesting
        elif kind == "span_open":
            tongues.append(child.meta["attributes"].text("lang"))
        elif kind == "span_close":
            tongues.pop()
        elif kind in ("softbreak", "hardbreak"):
            yield Run(" " if kind == "softbreak" else "\n", document.span(token, position, 1))
        elif kind == "html_inline" and child.content.startswith("<br"):
            yield Run("\n", document.span(token, position, 1))
        elif kind in _TEXTS:
            text = plain(child.children) if kind == "image" else child.content
            source = child.markup if kind == "text_special" and child.markup else child.content
            if "offset" not in child.meta:
                position = max(position, token.content.find(source, position))
            length = int(child.meta.get("length", 0)) or len(source)
            # In a table `\|` is two characters of the source: what follows has a place of its own.
            pieces = re.split(r"(\|)", text) if kind == "text" and "cell" in token.meta else [text]
            for piece in filter(None, pieces):
                size = length if len(pieces) == 1 else len(piece)
                yield Run(
                    piece,
                    document.span(token, position, size),
                    "text" if kind == "text_special" and len(text) == 1 else _TEXTS[kind],
                    tongues[-1] if tongues else "",
                    is_stressed=strong > 0 or emphasis > 0,
                    is_link=is_link > 0,
                )
                position += size


# --- sentences and words ---------------------------------------------------------------------------------------------

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?:[’'ʼ](?:t|s|re|ve|ll|d|m)\b)?")
"""A word: letters, with the hyphens between them and the endings that English writes behind an apostrophe."""

_END = re.compile(r"(?:[.!?…]+[\s\u00a0\u202f]*[»”\"’)\]]*(?=\s|$)|\n)")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|MM|Mr|Mrs|Ms|Dr|Pr|Prof|St|pp?|p\. ex|ex|cf|art|etc|env|al|vs|no|fig|vol|e\.g|i\.e|approx)\.$"
)
"""What ends with a point and ends no sentence."""


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence of a passage and where it starts in it."""
    start = 0
    for match in _END.finditer(text):
        after = text[match.end() :].lstrip()
        if after and match[0] != "\n":
            if _SHORT.search(text[start : match.start() + 1]):
                continue
            if after[0].islower() or after[0] in "…,;:":
                continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    sentence = text[start:end]
    if any(sign.isalnum() for sign in sentence):
        yield start + len(sentence) - len(sentence.lstrip()), sentence.strip()


def words(text: str) -> list[str]:
    """Return the words of a text: `don’t` is one, `l’hôpital` two."""
    return WORD.findall(text)

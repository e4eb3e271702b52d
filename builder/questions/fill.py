"""`fill`: types or selects inside a text; the gaps are `[[…]]` (language, "Gaps")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from builder.attributes import VARIABLE
from builder.diagnostics import Span
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Draft, Gap, Item, Letters, Pieces, Reading, feedback_html, gather, is_list, is_quote
from builder.score import normalise
from builder.strings import counted

NAME = "fill"
ATTRIBUTES = frozenset({"case", "accents", "typos"})

_NUMBER = r"[+\-−]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?"
_NUMERIC = re.compile(
    rf"=\s*(?P<low>{_NUMBER})\s*(?:\.\.\s*(?P<high>{_NUMBER}))?\s*(?:(?:±|\+-|\+/-)\s*(?P<slack>{_NUMBER}))?"
    r"\s*(?P<unit>(?:[^\W\d_]|[%‰°/$€£])(?:(?!\.\.).)*)?"
)
_SPLIT = re.compile(r"(?<!\\)(?:\\\\)*\|")
_UNESCAPE = re.compile(r"\\([\\|\]*=])")
_ADDRESSED = re.compile(r"(\d+)\s*:\s*(.*)", re.DOTALL)
_OPEN_GAPS = ("S156", "Q309")
_WIDEST = 40


def read(reading: Reading) -> Draft | None:
    """Read the gaps of the text, then the list of expected errors when there is one."""
    body, writer = reading.body, reading.writer
    followed = [is_quote(block) for block in body[1:]] + [False]
    last = max((n for n, block in enumerate(body) if _is_errors(block, followed[n])), default=None)
    first, expected = len(body), list[Item]()
    if last is not None:
        end = last + 1
        while end < len(body) and is_quote(body[end]):
            end += 1
        if end < len(body):
            reading.after_answers(body[end])
        first, expected = gather(body, end, lambda block: _is_errors(block, True))
    before = len(writer.document.found)
    prompt = writer.html([token for block in body[:first] for token in block], takes_gaps=True)
    gaps = writer.read_gaps()
    if not gaps:
        if not any(found.code in _OPEN_GAPS for found in writer.document.found[before:]):
            reading.report("Q301", reading.span)
        return None
    typos = _typos(reading)
    parts, specs = [], []
    for token, holder in gaps:
        span = writer.document.span(holder, token.meta["offset"], token.meta["length"])
        read_gap = _gap(reading, token.content, span)
        if read_gap is not None:
            parts.append(read_gap[0])
            specs.append(read_gap[1])
    if len(parts) < len(gaps):
        return None
    if len(parts) > len(LETTERS):
        reading.report("Q114", parts[len(LETTERS)].span, count=len(parts), most=len(LETTERS))
        return None
    errors = [found for item in expected if (found := _expected(reading, item, specs)) is not None]
    data = {"gaps": specs, "errors": errors}
    settings = {
        "gaps": tuple(specs),
        "case": reading.attributes.flag("case"),
        "accents": reading.attributes.flag("accents"),
        "typos": typos,
    }
    return Draft(prompt, tuple(parts), data, settings)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one interaction a gap: `fill-in`, `numeric` or `choice`."""
    result = []
    alone = len(question.parts) == 1
    for index, (part, gap) in enumerate(zip(question.parts, question.settings["gaps"], strict=True)):
        letter = letters.parts[index]
        identity = question.id if alone else f"{question.id}.{letter}"
        if gap["kind"] == "select":
            options = tuple(zip(part.children, letters.children[index], strict=True))
            result.append(
                Interaction(
                    identity,
                    "choice",
                    letter,
                    components=tuple(Component(own, option.text) for option, own in options),
                    right=tuple(sorted((own for option, own in options if option.key), key=LETTERS.index)),
                )
            )
        elif gap["kind"] == "number":
            result.append(Interaction(identity, "numeric", letter, ranges=((gap["low"], gap["high"]),)))
        else:
            result.append(
                Interaction(
                    identity,
                    "fill-in",
                    letter,
                    accept=tuple(gap["accept"]),
                    strict_case=question.settings["case"],
                    strict_accents=question.settings["accents"],
                    typos=question.settings["typos"],
                )
            )
    return tuple(result)


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many gaps there are."""
    return counted(words, "fill", len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the gaps with their letters, and the expected errors with the letters of the gaps they are about."""
    gaps = []
    for index, gap in enumerate(pieces.data["gaps"]):
        options = tuple(zip(letters.children[index], gap["options"], strict=True))
        label = words["gap_label"].format(number=index + 1, count=len(pieces.data["gaps"]))
        if len(pieces.data["gaps"]) == 1:
            label = words["gap_label_alone"]
        if gap["unit"]:
            label = words["gap_label_unit"].format(label=label, unit=gap["unit"])
        gaps.append(Gap(letters.parts[index], gap["kind"], gap["unit"], gap["width"], options, label))
    errors = [
        {
            "gap": letters.parts[expected["gap"]] if expected["gap"] is not None else "",
            "accept": json.dumps([expected["accept"]], ensure_ascii=False),
            "letters": " ".join(
                sorted(
                    {
                        own
                        for index, gap in enumerate(pieces.data["gaps"])
                        if expected["gap"] in (None, index)
                        for own, option in zip(letters.children[index], gap["options"], strict=True)
                        if normalise(option) == normalise(expected["accept"])
                    },
                    key=LETTERS.index,
                )
            ),
            "html": expected["html"],
        }
        for expected in pieces.data["errors"]
    ]
    return {"gaps": gaps, "errors": errors}


def _typos(reading: Reading) -> int:
    value = reading.attributes.values.get("typos")
    if value is None:
        return 0
    if value.text not in ("0", "1"):
        reading.report("Q302", value.span, value=value.text)
        return 0
    return int(value.text)


def _gap(reading: Reading, content: str, span: Span) -> tuple[Part, dict[str, Any]] | None:
    """Return one gap as the lock sees it and as the page needs it."""
    text = content.strip()
    if variable := VARIABLE.search(text):
        reading.report("S153", span, name=variable[1])
        return None
    if text.startswith("="):
        return _number(reading, text, span)
    pieces = _pieces(content)
    stars = [piece.startswith("*") for piece in pieces]
    options = [
        _UNESCAPE.sub(r"\1", piece[1:].strip() if star else piece) for piece, star in zip(pieces, stars, strict=True)
    ]
    kind = "select" if any(stars) else "text"
    normal = [normalise(option, case=True, accents=True) for option in options]
    if not all(options if kind == "select" else normal):
        reading.report("Q303", span)
        return None
    if kind == "select" and len(set(normal)) < len(normal):
        reading.report("Q304", span, text=next(o for n, o in enumerate(options) if normal.index(normal[n]) < n))
        return None
    if kind == "select" and (len(options) < 2 or all(stars)):
        reading.report("Q305", span)
        return None
    if kind == "select" and len(options) > len(LETTERS):
        reading.report("Q114", span, count=len(options), most=len(LETTERS))
        return None
    width = min(_WIDEST, max(len(option) for option in options) + 1)
    if kind == "select":
        children = tuple(
            Part("", option, "x" if star else "", span) for option, star in zip(options, stars, strict=True)
        )
        right = [option for option, star in zip(options, stars, strict=True) if star]
        return Part("", content, "select", span, children), _spec(kind, width, options=options, accept=right)
    return Part("", content, "text", span), _spec(kind, width, accept=options)


def _number(reading: Reading, text: str, span: Span) -> tuple[Part, dict[str, Any]] | None:
    """Read `=3,5 ±0,1 mg` or `=70..74 mmHg`: a closed interval and its unit."""
    match = _NUMERIC.fullmatch(text)
    if not match or "|" in text:
        reading.report("Q306", span, text=text)
        return None
    unit = (match["unit"] or "").strip()
    if "±" in unit or "+-" in unit or "+/-" in unit:
        reading.report("Q307", span)
        return None
    low = high = _value(match["low"])
    if match["high"]:
        high = _value(match["high"])
    if match["slack"]:
        slack = _value(match["slack"])
        low, high = round(low - slack, 12), round(high + slack, 12)
    if high < low:
        reading.report("Q308", span, low=f"{low:.12g}", high=f"{high:.12g}")
        return None
    shown = match["low"].strip() if not match["high"] else f"{match['low'].strip()}–{match['high'].strip()}"
    return Part("", text, f"{low:.12g}..{high:.12g}", span), _spec(
        "number", 8, unit=unit, low=low, high=high, shown=shown
    )


def _spec(kind: str, width: int, **given: Any) -> dict[str, Any]:
    empty = {
        "kind": kind,
        "width": width,
        "unit": "",
        "options": [],
        "accept": [],
        "low": 0.0,
        "high": 0.0,
        "shown": "",
    }
    return {**empty, **given}


def _value(text: str) -> float:
    return float("".join(text.split()).replace(",", ".").replace("−", "-"))


def _pieces(content: str) -> list[str]:
    pieces, start = [], 0
    for match in _SPLIT.finditer(content):
        pieces.append(content[start : match.end() - 1].strip())
        start = match.end()
    return [*pieces, content[start:].strip()]


def _is_errors(block: Sequence[Token], is_followed: bool) -> bool:
    """Return whether a list holds expected errors: every item is one gap alone, and one has a quote."""
    if not is_list(block):
        return False
    level = block[0].level + 3
    lines = [token for token in block if token.type == "inline" and token.level == level]
    alone = all([child.type for child in line.children or ()] == ["gap"] for line in lines)
    return bool(lines) and alone and (is_followed or any(token.type == "blockquote_open" for token in block))


def _expected(reading: Reading, item: Item, gaps: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return one expected error: the gap it is about (None for all), the text, its feedback."""
    writer = reading.writer
    token = (item.inline.children or [])[0]
    span = writer.document.span(item.inline, token.meta["offset"], token.meta["length"])
    match = _ADDRESSED.fullmatch(token.content)
    gap = int(match[1]) - 1 if match else None
    text = _UNESCAPE.sub(r"\1", (match[2] if match else token.content).strip())
    if gap is not None and not 0 <= gap < len(gaps):
        reading.report("Q310", span, number=gap + 1, count=len(gaps))
        return None
    if not item.feedback:
        reading.report("Q311", span)
        return None
    asked = [gaps[gap]] if gap is not None else gaps
    if all(spec["kind"] == "select" for spec in asked) and not any(
        normalise(option) == normalise(text) for spec in asked for option in spec["options"]
    ):
        reading.report("Q312", span, text=text)
        return None
    if all(_is_right(spec, text, reading) for spec in asked):
        reading.report("Q313", span, text=text)
        return None
    return {"gap": gap, "accept": text, "html": feedback_html(writer, item.feedback)}


def _is_right(gap: Mapping[str, Any], text: str, reading: Reading) -> bool:
    """Return whether a text that is announced as an error is a right answer of a gap."""
    if gap["kind"] == "number":
        return False
    typed = gap["kind"] == "text"
    case, accents = typed and reading.attributes.flag("case"), typed and reading.attributes.flag("accents")
    return normalise(text, case, accents) in {normalise(option, case, accents) for option in gap["accept"]}

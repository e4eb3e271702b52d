"""`inbox`: triages a simulated mailbox: directives `message`, one a mail (language, "Questions")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from markdown_it.token import Token

from builder.attributes import Attributes, Value, unknown_keys
from builder.diagnostics import Span, has_errors, warning
from builder.model import LETTERS, Component, Interaction, Part, Question
from builder.questions import Draft, Inner, Letters, Pieces, Reading, feedback_html, is_quote
from builder.strings import counted

NAME = "inbox"
ATTRIBUTES = frozenset[str]()
INNER = frozenset({"message"})
ACTIONS = {"keep": "a", "answer": "b", "flag": "c", "report": "d", "delete": "e"}
"""What can be done with a message, and its letter in responses. All messages offer the same five, so their letters are
fixed here and stand in no lock; a new action takes the next letter, none is ever given twice."""

_MARK = re.compile(r"[!-/:-@\[-`{-~]")
"""What Markdown may read as marks: a subject is plain text."""
_MESSAGE_ATTRIBUTES = frozenset("from to reply-to subject date right attachment".split())
_IDS = re.compile(r"#([a-z][a-z0-9-]*)")
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(rf"[^\s@<>()\[\],;:\"\\]+@({_LABEL}(?:\.{_LABEL})+)")
_NAMED = re.compile(r"([^<>]*)<([^<>]*)>")
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_RESERVED = re.compile(r"(?:.*\.)?(?:test|example|invalid|localhost|example\.(?:com|net|org))")
"""Domains that nobody can own. Source: RFC 2606 §2, §3."""


def read(reading: Reading) -> Draft | None:
    """Read the messages; everything before the first one is the prompt, and nothing may stand between them."""
    body, writer = reading.body, reading.writer
    places = [index for index, block in enumerate(body) if block[0].type == "directive_open" and block[0].info in INNER]
    if not places:
        # What stands there instead may be told by its own name.
        before = len(writer.document.found)
        writer.html([token for block in body for token in block])
        if not has_errors(writer.document.found[before:]):
            reading.report("Q770", reading.span, count=0)
        return None
    prompt = [token for block in body[: places[0]] for token in block]
    if not prompt:
        reading.report("Q113", reading.span)
    parts, shown, names = list[Part](), list[Mapping[str, Any]](), set[str]()
    offered = {name for place in places for name in _IDS.findall(str(body[place][0].meta["attributes"]))}
    begun = len(writer.document.found)
    for index, block in enumerate(body[places[0] :], places[0]):
        before = len(writer.document.found)
        inner = reading.inner(block, "message")
        if inner is None:
            # All that follows an inbox that is not closed is one slip.
            if index <= places[-1] + 1 or block[0].type == "alert_open":
                _stray(reading, block)
            continue
        # An id that is there and cannot be one has been told already.
        has_bad_id = any(found.code == "S143" for found in writer.document.found[before:])
        found = _message(reading, inner, names, offered, has_bad_id)
        if found is not None:
            parts.append(found[0])
            shown.append(found[1])
    # Messages that are missing may be those that were told of.
    if len(places) < 2 and not has_errors(writer.document.found[begun:]):
        reading.report("Q770", reading.place(body[places[0]]), count=1)
    if len(parts) > len(LETTERS):
        reading.report("Q114", parts[len(LETTERS)].span, count=len(parts), most=len(LETTERS))
    if not parts:
        return None
    without = sum(not message["feedback"] for message in shown)
    settings = {"without_feedback": without, "actions": [writer.words[f"inbox_{action}"] for action in ACTIONS]}
    return Draft(writer.html(prompt), tuple(parts), {"messages": shown}, settings)


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `choice` interaction a message: any of its right actions is right."""
    names = zip(ACTIONS.values(), question.settings["actions"], strict=True)
    actions = tuple(Component(letter, name) for letter, name in names)
    return tuple(
        Interaction(
            id=f"{question.id}.{letter}",
            type="choice",
            letter=letter,
            components=actions,
            right=tuple(ACTIONS[action] for action in part.key.split()),
            about=_MARK.sub(r"\\\g<0>", part.text),
        )
        for part, letter in zip(question.parts, letters.parts, strict=True)
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return how many messages there are."""
    return counted(words, "inbox", len(question.parts), language)


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the messages with their letters, dates in words, and the actions."""
    names = {action: words[f"inbox_{action}"] for action in ACTIONS}
    messages = []
    for part, letter, message in zip(question.parts, letters.parts, pieces.data["messages"], strict=True):
        headers = [{"name": words[f"inbox_{key}"], **value} for key, value in message["headers"].items()]
        expected, *others = (names[action] for action in part.key.split())
        for other in others:
            expected = words["inbox_or"].format(answers=expected, answer=other)
        shown = {"letter": letter, **message, "headers": headers, "expected": expected, "dates": None}
        if message["date"]:
            shown["dates"] = {kind: _in_words(message["date"], words, kind) for kind in ("date", "date_short")}
        messages.append(shown)
    return {
        "messages": messages,
        "actions": [{"letter": letter, "name": names[action]} for action, letter in ACTIONS.items()],
    }


def _stray(reading: Reading, block: Sequence[Token]) -> None:
    """Report what stands between or after messages; an alert or directive that nobody knows, by its own name."""
    found = reading.writer.document.found
    before = len(found)
    if block[0].type in ("alert_open", "directive_open"):
        reading.writer.html(block)
    if len(found) == before:
        reading.report("Q771", reading.place(block))


def _message(
    reading: Reading, inner: Inner, names: set[str], offered: set[str], has_bad_id: bool
) -> tuple[Part, Mapping[str, Any]] | None:
    """Return a message as the lock sees it and as the page shows it; None after reporting what is wrong with it.

    `names` are the ids of the messages before it, `offered` those of messages after it and those proposed.
    """
    attributes, opening = inner.attributes, inner.span
    unknown = unknown_keys(attributes, _MESSAGE_ATTRIBUTES, "message")
    reading.writer.document.found += unknown
    if attributes.id in names:
        reading.report("S139", attributes.id_span or opening, id=attributes.id)
    elif not attributes.id and not has_bad_id:
        reading.report("Q772", opening, suggestion=(free := _free(names | offered)))
        offered.add(free)
    names |= {attributes.id} - {""}
    headers = {key: _person(reading, attributes, key) for key in ("from", "reply-to", "to")}
    subject, date = _given(attributes, "subject"), _date(reading, attributes)
    for code, is_given in (("Q773", _given(attributes, "from")), ("Q775", subject)):
        if not is_given and not unknown:  # else it most likely is the one that is misspelt
            reading.report(code, opening)
    right = _right(reading, attributes, opening)
    files = _files(reading, attributes)
    html, feedback = _content(reading, inner)
    sender = headers["from"]
    if not (attributes.id and subject and right and sender and html.strip()):
        return None
    text = reading.writer.text
    data = {
        "sender": {"html": text(sender[0] or sender[1])},
        "subject": {"html": text(subject)},
        "date": date,
        "headers": {
            key.replace("-", "_"): {"html": text(f"{person[0]} <{person[1]}>" if person[0] else person[1])}
            for key, person in headers.items()
            if person
        },
        "files": [{"html": text(name)} for name in files],
        "content": {"html": html},
        "feedback": feedback,
    }
    return Part(attributes.id, subject, " ".join(right), opening), data


def _free(names: set[str]) -> str:
    """Return an id that no message before has."""
    return next(name for number in range(1, len(names) + 2) if (name := f"m{number}") not in names)


def _given(attributes: Attributes, key: str) -> str:
    """Return the text of an attribute, empty when it is absent or a key alone."""
    value = attributes.values.get(key)
    return "" if value is None or value.is_flag else value.text.strip()


def _person(reading: Reading, attributes: Attributes, key: str) -> tuple[str, str] | None:
    """Return the name, which may be empty, and the address of `from`, `to` or `reply-to`; None without a sound one."""
    value, text = attributes.values.get(key), _given(attributes, key)
    if value is None or (key == "from" and not text):
        return None
    named = _NAMED.fullmatch(text)
    name, address = (named[1].strip(), named[2].strip()) if named else ("", text)
    found = _ADDRESS.fullmatch(address)
    if found is None:
        reading.report("Q774", value.span, key=key, value=text[:60])
        return None
    _check_domain(reading, found[1], value.span)
    return name, address


def _check_domain(reading: Reading, domain: str, span: Span) -> None:
    """Warn of a domain that somebody may own, now or later."""
    if not _RESERVED.fullmatch(domain.lower().rstrip(".")):
        reading.writer.document.found.append(warning("Q781", span, domain=domain[:60]))


def _date(reading: Reading, attributes: Attributes) -> str:
    """Return the date as ISO 8601 to the minute, empty when there is none."""
    value = attributes.values.get("date")
    if value is None:
        return ""
    text = value.text.strip()
    if _DATE.fullmatch(text):
        try:
            return datetime.fromisoformat(text).isoformat(timespec="minutes")
        except ValueError:
            pass
    reading.report("Q776", value.span, value=text[:40])
    return ""


def _right(reading: Reading, attributes: Attributes, opening: Span) -> tuple[str, ...]:
    """Return the right actions, in the order of `ACTIONS`."""
    value, given = attributes.values.get("right"), _given(attributes, "right").split()
    if value is None or not given:
        reading.report("Q777", value.span if value else opening, known=" ".join(ACTIONS))
        return ()
    for word in given:
        if word not in ACTIONS:
            near = get_close_matches(word.lower(), ACTIONS, 1, 0.6)
            suggestion = near[0] if near else " ".join(ACTIONS)
            reading.report("Q778", value.span, action=word[:40], suggestion=suggestion)
    return tuple(action for action in ACTIONS if action in given)


def _files(reading: Reading, attributes: Attributes) -> list[str]:
    """Return the names of the attachments, with their sizes as written: they are shown, and are no files."""
    value: Value | None = attributes.values.get("attachment")
    names = [name.strip() for name in _given(attributes, "attachment").split(";")]
    if value is not None and not all(names):
        reading.report("Q782", value.span)
    return [name for name in names if name]


def _content(reading: Reading, inner: Inner) -> tuple[str, str]:
    """Return a message's text and its feedback as HTML: the quote at the end is the feedback, others are the mail's."""
    writer, inside = reading.writer, inner.body
    last = max((index for index, one in enumerate(inside) if is_quote(one)), default=len(inside))
    nested = [one for one in inside if one[0].type == "directive_open" and one[0].info in INNER]
    if nested:
        reading.report("Q784", reading.place(nested[0]))
        return "", ""
    if last + 1 < len(inside):
        reading.report("Q780", reading.place(inside[last + 1]))
    html = writer.html([token for one in inside[:last] for token in one], shows_links=True)
    for destination, span in writer.read_links():
        _check_link(reading, destination, span)
    if not html.strip():
        reading.report("Q779", inner.span)
    return html, feedback_html(writer, inside[last : last + 1])


def _check_link(reading: Reading, destination: str, span: Span) -> None:
    """Report a link that a mail cannot have, and warn of one that would lead to a domain of somebody's."""
    scheme, colon, rest = destination.partition(":")
    if not colon or "/" in scheme or not rest:
        reading.report("Q783", span, destination=destination[:60])
        return
    if scheme.lower() == "mailto":
        host = rest.partition("?")[0].rpartition("@")[2]
    else:
        try:
            host = urlsplit(destination).hostname or ""
        except ValueError:
            host = ""
        if not host and scheme.lower() != "tel":
            reading.report("Q783", span, destination=destination[:60])
    try:
        is_reserved = not ip_address(host).is_global
    except ValueError:
        is_reserved = not host
    if not is_reserved:
        _check_domain(reading, host, span)


def _in_words(date: str, words: Mapping[str, str], kind: str) -> Mapping[str, str]:
    """Return a date for people and for machines."""
    moment = datetime.fromisoformat(date)
    text = words[f"inbox_{kind}"].format(
        weekday=words["inbox_weekdays"].split()[moment.weekday()],
        day=words["inbox_first"] if moment.day == 1 else moment.day,
        month=words["inbox_months"].split()[moment.month - 1],
        year=moment.year,
        hour=moment.hour,
        minute=f"{moment.minute:02}",
    )
    return {"iso": date, "text": text}

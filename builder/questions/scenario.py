"""`scenario`: lives a branching case: scenes, choices that lead from one to another, and what they change (language).

All paths are explored when the course is built (`_scenes.py`): what no learner could see, and where one would be stuck,
is told at its place. The response is the path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from markdown_it.token import Token

from builder.attributes import Attributes, Value, number, unknown_keys
from builder.diagnostics import Severity, Span, note, warning
from builder.markdown import closing
from builder.model import Component, Interaction, Part, Question
from builder.questions import (
    Draft,
    Inner,
    Item,
    Letters,
    Pieces,
    Reading,
    feedback_html,
    gather,
    is_list,
    is_quote,
    items,
)
from builder.questions._lists import check_parts, same, shown
from builder.questions._scenes import Option, Path, Plot, Proof, Stuck, prove
from builder.questions._state import Change, Misread, Test, names_of, read_changes, read_test

NAME = "scenario"
ATTRIBUTES = frozenset[str]()
INNER = frozenset({"scene"})
UNUSED = frozenset({"shuffle"})

OUTCOMES = ("good", "poor", "bad")
MOST_STEPS = 100
"""Most steps of a path that are saved."""
_CHOICE = frozenset({"points", "set", "if"})
_SCENE = frozenset({"outcome"})


@dataclass(slots=True)
class _Choice:
    """A choice while it is being read; `to` is the name of a scene, `when_span` the place of its condition."""

    part: Part
    to: str
    html: str
    feedback: str
    changes: tuple[Change, ...] = ()
    when: Test | None = None
    when_span: Span | None = None
    points: float = 0


@dataclass(slots=True)
class _Scene:
    """A scene while it is being read. `title` and `html` are HTML, `words` its first line as written."""

    name: str
    span: Span
    title: str
    words: str
    html: str
    outcome: str
    choices: list[_Choice]


@dataclass(slots=True)
class _Words:
    """Words that a condition shows: its place, what it says, the scenes in which it stands."""

    span: Span
    test: Test
    scenes: list[int]


@dataclass(slots=True)
class _Book:
    """What is known of the state while a scenario is being read: where names are set, where they are read."""

    reading: Reading
    set: dict[str, Span] = field(default_factory=dict)
    read: dict[str, Span] = field(default_factory=dict)
    words: list[_Words] = field(default_factory=list)

    def test(self, value: Value) -> Test | None:
        """Read a condition; None after reporting."""
        test = Misread(0, 0) if value.is_flag else read_test(value.text)
        if isinstance(test, Misread):
            self.reading.report("Q813", _within(value, "if", test), text=_misread(value, test))
            return None
        for name in names_of(test):
            self.read.setdefault(name, value.span)
        return test

    def changes(self, value: Value) -> tuple[Change, ...]:
        """Read what a choice sets; nothing after reporting."""
        changes = Misread(0, 0) if value.is_flag else read_changes(value.text)
        if isinstance(changes, Misread):
            self.reading.report("Q812", _within(value, "set", changes), text=_misread(value, changes))
            return ()
        for name, _, _ in changes:
            self.set.setdefault(name, value.span)
        return changes

    def condition(self, value: Value, scenes: list[int]) -> str:
        """Read the condition of words that stand in scenes."""
        test = self.test(value)
        if test is None:
            return ""
        self.words.append(_Words(value.span, test, scenes))
        return json.dumps(test, separators=(",", ":"))


# --- reading ---------------------------------------------------------------------------------------------------------


def read(reading: Reading) -> Draft | None:
    """Read scenes and debriefing, and prove what can be said of every path."""
    writer, book = reading.writer, _Book(reading)
    before = len(writer.document.found)
    prompt, inners, debriefs = _split(reading)
    if not inners:
        reading.report("Q801", reading.span)
        return None
    if not prompt:
        reading.report("Q113", reading.span)
    names = [one.attributes.id for one in inners]
    scenes = [_scene(inner, index, names, book) for index, inner in enumerate(inners)]
    _check_scenes(reading, scenes)
    ends = [index for index, scene in enumerate(scenes) if not scene.choices]
    debrief = writer.html(debriefs, is_feedback=True, conditions=lambda value: book.condition(value, ends))
    parts = tuple(_part(scene, index, scenes) for index, scene in enumerate(scenes))
    check_parts(reading, [replace(part, name="") for part in parts])
    for part in parts:
        check_parts(reading, part.children)
    is_sound = all(one.severity is not Severity.ERROR for one in writer.document.found[before:])
    proof = _proved(reading, scenes, book) if is_sound else None
    worth, best = (proof.worth, proof.best) if proof else (0.0, ())
    if not worth and is_sound and number(reading.attributes.text("points")):
        reading.report("Q825", reading.attributes.values["points"].span)
    settings = {
        "best": [list(step) for step in best] if worth else [],
        "worth": worth,
        "limit": _limit(proof, len(scenes)),
        "points": [[choice.points for choice in scene.choices] for scene in scenes],
        "to": [[names.index(choice.to) for choice in scene.choices] for scene in scenes] if is_sound else [],
    }
    data = {"level": min(reading.level + 1, 6), "scenes": [_data(scene, names) for scene in scenes], "debrief": debrief}
    return Draft(writer.html(prompt), parts, data, settings, is_scored=worth > 0, points=worth)


def _split(reading: Reading) -> tuple[list[Token], list[Inner], list[Token]]:
    """Return the prompt, the scenes, and what the debriefing says; report what stands elsewhere."""
    prompt, inners, debriefs = list[Token](), list[Inner](), list[list[Token]]()
    for block in reading.body:
        scene = reading.inner(block, "scene")
        if scene is not None:
            inners += _nested(reading, scene)
        elif _is_debrief(block):
            debriefs.append(list(block[1:-1]))
            if len(block) < 3:
                reading.report("Q110", reading.place(block), kind="DEBRIEF")
            elif len(debriefs) > 1:
                reading.report("Q111", reading.place(block), kind="DEBRIEF")
        elif inners:
            _stray(reading, block)
        else:
            prompt += block
    return prompt, inners, debriefs[0] if debriefs else []


def _stray(reading: Reading, block: Sequence[Token]) -> None:
    """Report a block after a scene: an alert or directive that nobody knows by its own name, all else as text."""
    found = reading.writer.document.found
    before = len(found)
    if block[0].type in ("alert_open", "directive_open"):
        reading.writer.html(block)
    if len(found) == before:
        reading.report("Q823", reading.place(block))


def _nested(reading: Reading, scene: Inner) -> list[Inner]:
    """Return a scene and those inside it, which are reported: most often a `:::` is missing."""
    inside = [inner for block in scene.body if (inner := reading.inner(block, "scene")) is not None]
    if not inside:
        return [scene]
    reading.report("Q828", inside[0].span, id=inside[0].attributes.id, outer=scene.attributes.id)
    own = tuple(block for block in scene.body if block[0].type != "directive_open" or block[0].info != "scene")
    return [replace(scene, body=own), *(one for inner in inside for one in _nested(reading, inner))]


def _is_debrief(block: Sequence[Token]) -> bool:
    return block[0].type == "alert_open" and block[0].info == "debrief"


def _scene(inner: Inner, index: int, names: list[str], book: _Book) -> _Scene:
    """Read a scene: its heading, its text, the choices at its end."""
    reading, writer, body = book.reading, book.reading.writer, list(inner.body)
    writer.document.found += unknown_keys(inner.attributes, _SCENE, inner.name)
    words = next((one.content for block in body for one in block if one.type == "inline" and one.content.strip()), "")
    title = ""
    if body and body[0][0].type == "heading_open":
        inline, attributes = body[0][1], body[0][1].meta.get("attributes")
        if attributes is not None:
            writer.document.found += unknown_keys(attributes, frozenset(), "heading", takes_id=False)
        title = writer.inline(inline)
        body = body[1:]
    for block in body:
        if _is_debrief(block):
            reading.report("Q824", reading.place(block))
    body = [block for block in body if not _is_debrief(block)]
    text, listed = _choices(reading, body, names, "outcome" in inner.attributes.values)
    choices = [choice for item in listed if (choice := _choice(item, names, book)) is not None]
    html = writer.html(text, conditions=lambda value: book.condition(value, [index]))
    if not html and not title:
        reading.report("Q826", inner.span, id=inner.attributes.id)
    outcome = inner.attributes.values.get("outcome")
    if outcome is not None and outcome.text not in OUTCOMES:
        near = get_close_matches(outcome.text, OUTCOMES, 1)
        suggestion = near[0] if near else " ".join(OUTCOMES)
        reading.report("Q810", outcome.span, value=outcome.text[:20], suggestion=suggestion)
    elif outcome is not None and listed:
        reading.report("Q809", outcome.span, id=inner.attributes.id)
    elif outcome is None and not listed:
        reading.report("Q808", inner.span, id=inner.attributes.id)
    return _Scene(
        inner.attributes.id, inner.span, title, words, html, outcome.text if outcome and not listed else "", choices
    )


def _choices(
    reading: Reading, body: Sequence[Sequence[Token]], names: list[str], is_end: bool
) -> tuple[list[Token], list[Item]]:
    """Return the text of a scene and the items of its last list, if they are choices.

    They are when one of them leads to a scene, or when all look as if, in a scene that says nothing of an end.
    """
    last = max((index for index, block in enumerate(body) if is_list(block)), default=None)
    if last is not None:
        end = last + 1
        while end < len(body) and is_quote(body[end]):
            end += 1
        first, found = gather(body, end, lambda block: is_list(block) and any(map(_target, items(block))))
        targets = [_target(item) for item in found]
        leading = [target for target in targets if target and target[1:] in names]
        if leading or (all(targets) and not is_end):
            if end < len(body):
                reading.after_answers(body[end])
            for item, target in zip(found, targets, strict=True):
                if not target:
                    reading.report("Q806", reading.writer.document.line_span(item.line))
            return [token for block in body[:first] for token in block], found
    return [token for block in body for token in block], []


def _target(item: Item) -> str:
    """Return the destination of the link with which an item starts, `#scene`; empty when it starts otherwise."""
    link = _link(item)
    target = str(link.attrGet("href")) if link is not None else ""
    return target if target.startswith("#") and target != "#" else ""


def _link(item: Item) -> Token | None:
    children = item.inline.children or []
    return children[0] if children and children[0].type == "link_open" else None


def _choice(item: Item, names: list[str], book: _Book) -> _Choice | None:
    """Read an item as a choice; None after reporting that it leads nowhere."""
    reading, document = book.reading, book.reading.writer.document
    link, target = _link(item), _target(item)[1:]
    if link is None or not target:
        return None
    inline, children = item.inline, item.inline.children or []
    end = closing(children, 0)
    attributes = _attributes(reading, item, children[end + 1 :])
    known = [name for name in names if name]
    if target not in names:
        near = get_close_matches(target, known, 1, 0.5)
        span = document.span(inline, link.meta["offset"], link.meta["length"])
        reading.report("Q805", span, id=target, suggestion=near[0] if near else ", ".join(known) or "-")
    words = inline.copy(children=children[1:end])
    html = reading.writer.inline(words)
    source = inline.content.partition("](")[0].removeprefix("[").strip()
    part = Part(attributes.id, source, ">", document.line_span(item.line))
    choice = _Choice(part, target, html, feedback_html(reading.writer, item.feedback))
    document.found += unknown_keys(attributes, _CHOICE, "scenario")
    if (value := attributes.values.get("points")) is not None:
        points = number(value.text)
        if points is None or points > 1000:
            reading.report("Q811", value.span, value=value.text[:20])
        choice.points = points or 0
    if (value := attributes.values.get("set")) is not None:
        choice.changes = book.changes(value)
    if (value := attributes.values.get("if")) is not None:
        choice.when, choice.when_span = book.test(value), value.span
    return choice


def _attributes(reading: Reading, item: Item, after: Sequence[Token]) -> Attributes:
    """Return the attributes of a choice, which stand after its link; report all else that stands there, or below."""
    document, link = reading.writer.document, _link(item)
    own, trailing = link.meta["attributes"] if link else None, item.inline.meta.get("attributes")
    if any(token.content.strip() or token.type not in ("text", "softbreak") for token in after):
        reading.report("Q807", document.line_span(item.line))
    elif own is not None and trailing is not None:
        reading.report("Q807", trailing.span)
    elif "task" in item.inline.meta:
        reading.report("Q807", document.line_span(item.line))
    for block in item.rest:
        reading.report("Q807", reading.place(block))
    return own or trailing or Attributes(document.line_span(item.line))


def _within(value: Value, key: str, misread: Misread) -> Span:
    """Return the place inside an attribute's value where it could not be read."""
    width = value.span.end()[1] - value.span.column
    if value.is_flag:
        return value.span
    quote = (width - len(key) - 1 - len(value.text)) // 2
    column = value.span.column + width - quote - len(value.text) + misread.offset
    return Span(value.span.file, value.span.line, column, value.span.line, column + max(1, misread.length))


def _misread(value: Value, misread: Misread) -> str:
    return value.text[misread.offset : misread.offset + misread.length][:40] or "…"


# --- checking --------------------------------------------------------------------------------------------------------


def _check_scenes(reading: Reading, scenes: Sequence[_Scene]) -> None:
    """Report a scene alone, scenes without id or with that of another, choices that read the same."""
    if len(scenes) == 1:
        reading.report("Q802", scenes[0].span)
    seen = set[str]()
    for scene in scenes:
        if not scene.name:
            reading.report("Q803", scene.span)
        elif scene.name in seen:
            reading.report("Q804", scene.span, id=scene.name)
        seen.add(scene.name)
        texts = set[tuple[str, Test | None]]()
        for choice in scene.choices:
            mark = (same(choice.part), choice.when)
            if mark in texts:
                reading.report("Q822", choice.part.span, text=shown(choice.part))
            texts.add(mark)


def _proved(reading: Reading, scenes: Sequence[_Scene], book: _Book) -> Proof | None:
    """Return what is so on every path, and report what is wrong with one; None when there is too much to explore."""
    found = reading.writer.document.found
    before = len(found)
    for name in sorted(book.read.keys() - book.set.keys()):
        near = get_close_matches(name, sorted(book.set), 1, 0.5)
        reading.report(
            "Q814", book.read[name], name=name, suggestion=near[0] if near else ", ".join(sorted(book.set)) or "-"
        )
    found += [warning("Q815", book.set[name], name=name) for name in sorted(book.set.keys() - book.read.keys())]
    names = [scene.name for scene in scenes]
    options = tuple(
        tuple(Option(names.index(one.to), one.changes, one.when, one.points) for one in scene.choices)
        for scene in scenes
    )
    here = {index: [one for one in book.words if index in one.scenes] for index in range(len(scenes))}
    proof = prove(Plot(options, {index: tuple(one.test for one in texts) for index, texts in here.items()}))
    if not proof.is_whole or len(proof.best) > MOST_STEPS or proof.shortest > MOST_STEPS:
        reading.report("Q821", reading.span)
        return None
    linked = _linked(options)
    for index, scene in enumerate(scenes):
        if index not in linked:
            reading.report("Q818", scene.span, id=scene.name)
        elif index not in proof.reached and not proof.dead:
            reading.report("Q819", scene.span, id=scene.name)
    for stuck in proof.dead:
        reading.report("Q816", scenes[stuck.scene].span, id=names[stuck.scene], **_said(stuck, names))
    if proof.endless:
        stuck = proof.endless
        reading.report("Q817", scenes[stuck.scene].span, id=names[stuck.scene], **_said(stuck, names))
    if any(one.severity is Severity.ERROR for one in found[before:]):
        return proof
    seen = {id(here[scene][index]) for scene, index in proof.shown}
    found += [warning("Q820", one.span) for one in book.words if id(one) not in seen]
    for index, scene in enumerate(scenes):
        for n, choice in enumerate(scene.choices):
            if choice.when_span is not None and (index, n) not in proof.offered:
                found.append(warning("Q820", choice.when_span))
    _tell(reading, scenes, options, proof)
    return proof


def _tell(reading: Reading, scenes: Sequence[_Scene], options: Sequence[Sequence[Option]], proof: Proof) -> None:
    """Say of a scenario with points which path is the best one, and whether it ends well."""
    if not proof.worth:
        return
    at, choice = proof.best[-1]
    end = scenes[options[at][choice].to]
    reached = [scenes[index].outcome for index in sorted(proof.reached) if scenes[index].outcome]
    if end.outcome != OUTCOMES[0] and OUTCOMES[0] in reached:
        reading.writer.document.found.append(warning("Q827", end.span, id=end.name, outcome=end.outcome))
    reading.writer.document.found.append(
        note(
            "Q829",
            reading.span,
            points=f"{proof.worth:g}",
            path=_path(proof.best, [scene.name for scene in scenes], end.name),
            ends=", ".join(f"{outcome} {reached.count(outcome)}" for outcome in OUTCOMES if outcome in reached),
            shortest=proof.shortest,
            longest="∞" if proof.longest is None else proof.longest,
            paths="∞" if proof.paths is None else proof.paths,
        )
    )


def _linked(options: Sequence[Sequence[Option]]) -> set[int]:
    """Return the scenes to which links lead from the first one, whatever their conditions."""
    found, waiting = {0}, [0]
    while waiting:
        for option in options[waiting.pop()]:
            if option.to not in found:
                found.add(option.to)
                waiting.append(option.to)
    return found


def _said(stuck: Stuck, names: Sequence[str]) -> dict[str, str]:
    """Return the state and the path of a place where one is stuck, as a diagnostic quotes them."""
    values = (name if value == 1 else f"{name}={value}" for name, value in sorted(stuck.state.items()))
    return {"state": ", ".join(values) or "-", "path": _path(stuck.path, names, names[stuck.scene])}


def _path(path: Path, names: Sequence[str], last: str) -> str:
    return " → ".join([*(names[scene] for scene, _ in path), last])


def _limit(proof: Proof | None, count: int) -> int:
    """Return most steps that are saved: those of the longest path; where paths go round, a multiple of the scenes."""
    if proof is None:
        return MOST_STEPS
    steps = max(40, 4 * count) if proof.longest is None else proof.longest
    return min(MOST_STEPS, max(steps, len(proof.best)))


def _part(scene: _Scene, index: int, scenes: Sequence[_Scene]) -> Part:
    """Return a scene as the lock sees it; where it all starts and where each choice leads belongs to the key."""
    places = {one.name: place for place, one in reversed(list(enumerate(scenes)))}
    children = tuple(
        replace(choice.part, pairs=(places[choice.to],) if choice.to in places else ()) for choice in scene.choices
    )
    return Part(scene.name, scene.words or scene.name, ("" if index else "first ") + "scene", scene.span, children)


def _data(scene: _Scene, names: list[str]) -> dict[str, Any]:
    return {
        "name": scene.name,
        "title": scene.title,
        "text": {"html": scene.html},
        "outcome": scene.outcome,
        "choices": [
            {
                "html": choice.html,
                "feedback": choice.feedback,
                "to": names.index(choice.to) if choice.to in names else 0,
                "set": [list(change) for change in choice.changes],
                "if": choice.when,
            }
            for choice in scene.choices
        ],
    }


# --- showing ---------------------------------------------------------------------------------------------------------


def interactions(question: Question, letters: Letters) -> tuple[Interaction, ...]:
    """Return one `performance` interaction: the path. Scenes are its components, choices its targets."""

    def step(scene: int, choice: int) -> str:
        return letters.parts[scene] + letters.children[scene][choice]

    settings = question.settings
    points = ((step(n, k), worth) for n, scene in enumerate(settings["points"]) for k, worth in enumerate(scene))
    ends = (
        step(n, k) for n, scene in enumerate(settings["to"]) for k, to in enumerate(scene) if not settings["to"][to]
    )
    choices = (
        Component(step(n, k), choice.text)
        for n, scene in enumerate(question.parts)
        for k, choice in enumerate(scene.children)
    )
    return (
        Interaction(
            question.id,
            "performance",
            components=tuple(map(Component, letters.parts, (scene.text for scene in question.parts))),
            targets=tuple(choices),
            steps=tuple((letter, worth) for letter, worth in points if worth),
            best=settings["worth"],
            right=tuple(step(scene, choice) for scene, choice in settings["best"]),
            ends=tuple(ends),
            limit=settings["limit"],
        ),
    )


def instruction(question: Question, words: Mapping[str, str], language: str) -> str:
    """Return what awaits the learner; how many scenes there are would tell too much."""
    return words["scenario_instruction"]


def view(question: Question, pieces: Pieces, letters: Letters, words: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the scenes with their letters, and the graph by letters as the player reads it."""
    scenes, graph = [], []
    data = pieces.data["scenes"]
    places = [f"{question.id}_{one['name']}" for one in data]
    for index, (scene, letter, own) in enumerate(zip(data, letters.parts, letters.children, strict=True)):
        choices = [
            {"letter": child, "href": places[one["to"]], "html": one["html"], "feedback": one["feedback"]}
            for child, one in zip(own, scene["choices"], strict=True)
        ]
        title = scene["title"] or words["scenario_scene"].format(number=index + 1)
        outcome = scene["outcome"]
        scenes.append(
            {
                "id": places[index],
                "letter": letter,
                "html": title,
                "text": scene["text"],
                "outcome": outcome,
                "word": words[f"scenario_{outcome}"] if outcome in OUTCOMES else "",
                "choices": choices,
            }
        )
        steps = zip(own, scene["choices"], strict=True)
        graph.append([letter, [[child, letters.parts[one["to"]], one["set"], one["if"]] for child, one in steps]])
    return {
        "graph": json.dumps(graph, ensure_ascii=False, separators=(",", ":")),
        "level": pieces.data["level"],
        "scenes": scenes,
        "debrief": {"html": pieces.data["debrief"]},
    }

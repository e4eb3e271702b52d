"""The page `docs/reference/interactions.md`: what is sent for each type of question, by the code that sends it.

The example of each page of `docs/questions/` is compiled and answered right and wrong; the player's SCORM drivers run
in Node (`interactions.mjs`), `builder.xapi` says the same in xAPI.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder import load, pipeline
from builder.diagnostics import has_errors
from builder.model import Interaction, Question
from builder.questions import Letters
from builder.render import question_data
from builder.score import Response, Text, has_key
from builder.xapi import interaction_definition, result
from tools.responses import response
from tools.setup import RECORD

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "docs" / "questions"
FRAMEWORK = "frameworks/fr-numsante-socle-2022.yml"
SETTINGS = """\
id: example
title: Example
version: 1.0.0
language: en
iri: https://carabin.example/example
licence: CC-BY-4.0
duration: 5 min
framework: fr-numsante-socle-2022
domain: D2
"""
FRONT = "---\ntitle: Example\nid: example\nduration: 5 min\n---\n\n"
IMAGE = '<svg xmlns="http://www.w3.org/2000/svg"/>'
INTRODUCTION = """\
# Interactions

What an LMS is told of each type of question. This page is generated: the example of each type's
[page](../questions/README.md) is compiled, answered right and wrong, and written down as it is sent. Of a question that
becomes several interactions of the same kind (rows, messages), one is shown.

- Letters stand for answers, items, zones …: `course.lock` keeps them for life, the administrator's sheet of a package
  says what each stands for.
- An interaction is sent when a question is submitted, and again at the same place when it is answered anew.
- `quiz` is none itself: the questions inside are sent as those here. The points of a question with parts are shared.
- `judgement` and `confidence` stand beside a question: how near learners find their text, how sure they are.
"""
FIELDS = ("type", "student_response", "correct_responses", "result", "weighting", "latency")
SCORM = """\
## SCORM 1.2

`cmi.interactions.n`, where each answer took 12.34 seconds. `time` is that of the answer on the learner's clock.
"""
FIELDS_2004 = ("type", "learner_response", "correct_responses", "result", "weighting", "latency")
SCORM_2004 = """\
## SCORM 2004

The same in `cmi.interactions.n` of SCORM 2004, 4th edition (RTE 4.2.9). `timestamp` is that of the answer on the
learner's clock, without zone; `description` is the title of the question; `objectives` are those that it assesses.
"""
XAPI = """\
## xAPI

How the same interactions read in xAPI (Data 1.0.3, 2.4.4.1 and 2.4.5): the definition of the activity and the result
of a [statement](statements.md). Descriptions of components, the words behind the letters, are left out.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an example: `data` is what the player has of it."""

    question: Question
    letters: Letters
    interactions: tuple[Interaction, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One interaction of an example with an answer, `right`, `wrong` or `any`; `told` is what SCORM says of it, by
    target."""

    type: str
    answer: str
    interaction: Interaction
    given: Response
    question: Question
    told: Mapping[str, Mapping[str, str]]


def page() -> str:
    """Return the page; runs Node."""
    rows = sent()
    start = ("question", "id", "answer")
    xapi = (
        *("question", "answer", "interactionType", "correctResponsesPattern", "components"),
        *("response", "score.scaled", "success"),
    )
    return "\n".join(
        (
            INTRODUCTION,
            SCORM,
            *_table((*start, *FIELDS), (_scorm(row, "scorm12", FIELDS) for row in rows)),
            "",
            SCORM_2004,
            *_table((*start, *FIELDS_2004), (_scorm(row, "scorm2004", FIELDS_2004) for row in rows)),
            "",
            XAPI,
            *_table(xapi, map(_xapi, rows)),
            "",
        )
    )


def sent() -> tuple[Sent, ...]:
    """Return what is sent of the examples of all pages, each kind of interaction of a type once; runs Node."""
    paths = sorted(QUESTIONS.glob("*.md"), key=lambda path: (path.stem == "README", path.stem))
    asked = [question for path in paths for question in _example(path)]
    answers = [[_answer(one, is_right) for is_right in (True, False)] for one in asked]
    told = {target: _driven(target, asked, answers) for target in ("scorm12", "scorm2004")}
    known: set[tuple[str, str]] = set()
    rows: list[Sent] = []
    for place, (one, given) in enumerate(zip(asked, answers, strict=True)):
        for n, interaction in enumerate(one.interactions):
            kind = (interaction.letter if interaction.is_extra else one.question.type, interaction.type)
            if kind in known:
                continue
            known.add(kind)
            for way, answer in enumerate(("right", "wrong") if has_key(interaction) else ("any",)):
                fields = {target: found[place][way][n] for target, found in told.items()}
                rows.append(Sent(kind[0], answer, interaction, given[way][n], one.question, fields))
    return tuple(rows)


def _example(path: Path) -> Iterator[Asked]:
    """Yield the questions of a page's first example."""
    fences = re.findall(r"^```markdown([^\n]*)\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lesson = next(text for options, text in fences if not options)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        files = {name.partition("=")[2]: text for name, text in fences if "file=" in name}
        files |= {f"course/{name}": IMAGE for name in re.findall(r"\((media/[^)]+)\)", lesson)}
        files |= {"course/course.yml": SETTINGS, "course/01-example.md": FRONT + lesson}
        files[FRAMEWORK] = (ROOT / "course_src" / FRAMEWORK).read_text("utf-8")
        for name, text in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text, "utf-8")
        checked = pipeline.check(load.load(tree / "course"), pipeline.Options())
    assert not has_errors(checked.diagnostics), (path, checked.diagnostics)
    assert checked.course is not None
    assert checked.numbers is not None
    questions = checked.course.lessons[0].questions
    numbers = checked.numbers
    for question in questions:
        if question.type != "quiz":
            data = question_data(question, questions, numbers)
            yield Asked(question, numbers.letters[question.id], numbers.interactions[question.id], data)


def _answer(asked: Asked, is_right: bool) -> tuple[Response, ...]:
    given = (response(one, is_right) for one in asked.interactions)
    paths = (_last_choices(asked) if one.type == "performance" else None for one in asked.interactions)
    return tuple(one or path for one, path in zip(given, paths, strict=True))


def _last_choices(asked: Asked) -> Response:
    """Return the path of a scenario that takes the last choice of every scene."""
    scene, path = 0, []
    while choices := asked.question.settings["to"][scene]:
        path.append(asked.letters.parts[scene] + asked.letters.children[scene][-1])
        scene = choices[-1]
    return tuple(path)


def _driven(target: str, asked: Sequence[Asked], answers: Sequence[Sequence[Sequence[Response]]]) -> Any:
    """Return what a target's driver sets: by question, answer and interaction, a mapping of fields."""
    questions = [
        {"question": one.data, "responses": [[_plain(response) for response in given] for given in ways]}
        for one, ways in zip(asked, answers, strict=True)
    ]
    node = json.loads(RECORD.read_text("utf-8"))["node"]
    run = (node, str(Path(__file__).with_suffix(".mjs")), target)
    done = subprocess.run(run, input=json.dumps(questions), capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)


def _plain(given: Response) -> Any:
    return {"text": given.text} if isinstance(given, Text) else given


def _scorm(row: Sent, target: str, columns: Sequence[str]) -> tuple[str, ...]:
    told = dict(row.told[target])
    patterns = [told.pop(name) for name in sorted(told) if name.startswith("correct_responses.")]
    fields = [_code(*patterns) if name == "correct_responses" else _code(told.get(name)) for name in columns]
    return (row.type, _code(told["id"]), row.answer, *fields)


def _xapi(row: Sent) -> tuple[str, ...]:
    definition = interaction_definition(row.interaction, "en")
    said = result(row.interaction, row.given, row.question.partial)
    lists = [
        f"{name}: {', '.join(component['id'] for component in value)}"
        for name, value in definition.items()
        if isinstance(value, list) and name != "correctResponsesPattern"
    ]
    return (
        row.type,
        row.answer,
        _code(definition["interactionType"]),
        _code(*definition.get("correctResponsesPattern", ())),
        "; ".join(lists) or "–",
        _code(said.get("response")),
        f"{said['score']['scaled']:g}" if "score" in said else "–",
        str(said["success"]).lower() if "success" in said else "–",
    )


def _code(*texts: str | None) -> str:
    return ", ".join(f"`{text}`" for text in texts if text) or "–"


def _table(columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> list[str]:
    lines = [tuple(columns), tuple("---" for _ in columns), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]

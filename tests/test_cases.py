"""Literate cases: `cases/**/*.md`, one input, what is said about it, what it becomes, and prose saying why (style §8).

A section `## …` of a case file holds an input and what is expected of it, between lines of four or more tildes:

- `lesson`: one lesson of a course of its own. Without front matter it gets one, which does not count in line numbers.
- `file NAME`: another file of the same course; `course.yml` and, without `lesson`, the lessons may be among them. A
  NAME that ends with `/course.yml` makes a tree of courses.
- `diagnostics`: what `check` says, in English; without it, nothing may be said.
- `html`: the body of the lesson as the package holds it (of `lesson.md`, or of the first lesson).
- `interactions`: its questions as the standards see them, one line each, `*` before what is right, `→` before what a
  source goes with.

In all of them `⍽` stands for U+00A0, `⎵` for U+202F, `↦` for a tab. Slots (S2xx) and targets (T) have tests of their
own. Advice about feedback (A202) is shown where the case writes `course.yml`, all other advice about teaching and
wording in the folder `advice` alone: cases about syntax need not teach.
`pytest --update` rewrites what is expected; then read the diff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from compiled import COURSE, FRONT, body_of, checked, lesson_page

from builder.diagnostics import Diagnostic
from builder.load import find_courses, load
from builder.model import Interaction, Question
from builder.pipeline import Checked
from builder.report import hint_of, message_of

CASES = Path(__file__).parent / "cases"
ADVICE = "advice"
EXPECTATIONS = ("diagnostics", "html", "interactions")
SEEN = {ord("⍽"): "\u00a0", ord("⎵"): "\u202f", ord("↦"): "\t"}
"""What stands for spaces that nobody would see, in inputs and in what is expected."""

_UNSEEN = {ord(space): chr(sign) for sign, space in SEEN.items()}
_FENCE = re.compile(r"(~{4,})([a-z]+)(?: (.+))?$")


@dataclass(frozen=True)
class Block:
    """What stands between two fences; `first` and `last` are the 0-based lines of its content."""

    kind: str
    name: str
    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Case:
    """One section of a case file."""

    path: Path
    title: str
    blocks: tuple[Block, ...]

    def of(self, kind: str) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == kind)


def cases_of(path: Path) -> Iterator[Case]:
    """Yield the sections of a case file that have an input."""
    title, blocks, fence = "", list[Block](), None
    lines = path.read_text("utf-8").split("\n")
    for number, line in enumerate([*lines, "## "]):
        if fence:
            opening, start = fence
            if line == opening[1]:
                text = "".join(f"{inner}\n" for inner in lines[start:number])
                blocks.append(Block(opening[2], opening[3] or "", text, start, number))
                fence = None
        elif opening := _FENCE.match(line):
            assert opening[2] in {"lesson", "file", *EXPECTATIONS}, f"{path}:{number + 1}: {opening[2]}"
            fence = opening, number + 1
        elif line.startswith("## "):
            if blocks:
                assert title, f"{path}: a block stands before the first heading"
                yield Case(path, title, tuple(blocks))
            title, blocks = line[3:], []
    assert fence is None, f"{path}: a fence is not closed"


ALL = [case for path in sorted(CASES.rglob("*.md")) for case in cases_of(path)]


def name_of(case: Case) -> str:
    return f"{case.path.relative_to(CASES).with_suffix('').as_posix()}: {case.title}"


@pytest.mark.parametrize("case", ALL, ids=name_of)
def test_case(case: Case, update: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = files_of(case)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.translate(SEEN).encode())
    roots, problems = find_courses([tmp_path])
    assert not problems
    sources = [load(root) for root in roots]
    found = [checked(one, advises=case.path.parent.name == ADVICE) for one in sources]
    got = {"diagnostics": said(case, found)}
    if case.of("html"):
        assert found[0].course is not None
        lesson = found[0].course.lessons[0].id
        got["html"] = normalised(body_of(lesson_page(sources[0], found[0], lesson)))
    if case.of("interactions"):
        got["interactions"] = asked(found[0])
    got = {kind: text.translate(_UNSEEN) for kind, text in got.items()}
    if update:
        rewrite(case, got)
        return
    expected = {kind: "".join(block.text for block in case.of(kind)) for kind in got}
    assert as_text(got) == as_text(expected)


def test_every_heading_names_one_case() -> None:
    names = [name_of(case) for case in ALL]
    assert len(names) > 100
    assert len(set(names)) == len(names)
    for case in ALL:
        assert all(len(case.of(kind)) < 2 for kind in ("lesson", *EXPECTATIONS)), name_of(case)
        assert case.of("lesson") or case.of("file"), name_of(case)


def files_of(case: Case) -> Mapping[str, str]:
    """Return the files of the case's tree, with the course and the front matter that go without saying."""
    files = {block.name: block.text for block in case.of("file")}
    for block in case.of("lesson"):
        files["lesson.md"] = block.text if block.text.startswith("---") else FRONT + block.text
    if not any(name.rpartition("/")[2] == "course.yml" for name in files):
        files["course.yml"] = COURSE
    return files


def as_text(parts: Mapping[str, str]) -> str:
    return "".join(f"~~~~{kind}\n{text}~~~~\n" for kind, text in parts.items())


def said(case: Case, found: list[Checked]) -> str:
    """Return the diagnostics that a case shows."""
    is_course = any(block.name.endswith("course.yml") for block in case.of("file"))
    hidden = re.compile("S2..|T..." if is_course else "S2..|T...|A202")
    shift = {}
    if case.of("lesson") and not case.of("lesson")[0].text.startswith("---"):
        shift["lesson.md"] = FRONT.count("\n")
    return "".join(
        written(one, shift.get(one.span.file, 0))
        for each in found
        for one in each.diagnostics
        if not hidden.fullmatch(one.code)
    )


def written(one: Diagnostic, shift: int) -> str:
    """Return a diagnostic in two lines, its place with the end of what it is about."""
    span = one.span
    line = max(1, span.line - shift)
    place = f"{span.file}:{line}:{span.column}"
    return f"{place}: {one.severity.value}[{one.code}]: {message_of(one, 'en')}\n  hint: {hint_of(one, 'en')}\n"


def normalised(html: str) -> str:
    """Return HTML without what every question has alike, and without empty lines."""
    html = re.sub(r'<div class="question-actions".*?</div>\n', "", html, flags=re.DOTALL)
    html = html.replace('<div class="question-result" role="status"></div>\n', "")
    return re.sub(r"\n\s*\n+", "\n", html)


def asked(found: Checked) -> str:
    """Return every question of the course: what it is worth, then its interactions."""
    assert found.course is not None
    assert found.numbers is not None
    lines = []
    for lesson in found.course.lessons:
        for question in lesson.questions:
            lines.append(_question(question))
            lines += [f"  {_interaction(one)}" for one in found.numbers.interactions[question.id]]
    return "".join(f"{line}\n" for line in lines)


def _question(question: Question) -> str:
    words = [f"{question.id}: {question.type}, “{question.title}”, {question.points:g} points, {question.partial}"]
    words += [f"{question.tries} tries"] if question.tries > 1 else []
    words += ["not scored"] if not question.is_scored else []
    words += ["optional"] if not question.is_required else []
    words += ["shuffle"] if question.shuffle else []
    words += [f"objectives {' '.join(question.objectives)}"] if question.objectives else []
    words += [f"was {' '.join(question.was)}"] if question.was else []
    return ", ".join(words)


def _interaction(one: Interaction) -> str:
    words = [f"{one.id}: {'several of' if one.multiple else one.type}"]
    for component in one.components:
        mark = "*" if component.letter in one.right else ""
        fixed = " (fixed)" if component.letter in one.fixed else ""
        paired = "".join(f" → {pair[1]}" for pair in one.right if one.targets and pair[0] == component.letter)
        words.append(f"{mark}{component.letter} “{component.text}”{fixed}{paired}")
    words += [f"{target.letter} “{target.text}”" for target in one.targets]
    words += [f"“{text}”" for text in one.accept]
    words += [f"{low:.12g}..{high:.12g}" for low, high in one.ranges]
    words += [f"{step} {points:g}" for step, points in one.steps]
    words += [f"best {one.best:g}: {' '.join(one.right)}"] if one.best else []
    words += [f"ends {' '.join(one.ends)}, at most {one.limit} steps"] if one.ends else []
    flags = (("case", one.strict_case), ("accents", one.strict_accents), (f"typos={one.typos}", one.typos))
    words += [word for word, is_on in flags if is_on]
    return words[0] + " " + " | ".join(words[1:])


def rewrite(case: Case, got: Mapping[str, str]) -> None:
    """Write what was got into the case's file, below the case's heading."""
    lines = case.path.read_text("utf-8").split("\n")
    current = next(one for one in cases_of(case.path) if one.title == case.title)
    for kind, text in got.items():
        blocks = current.of(kind)
        if blocks:
            lines[blocks[0].first : blocks[0].last] = text.split("\n")[:-1]
        elif text:
            end = max(block.last for block in current.blocks) + 1
            lines[end:end] = ["", f"~~~~{kind}", *text.split("\n")[:-1], "~~~~"]
        else:
            continue
        case.path.write_text("\n".join(lines), "utf-8")
        current = next(one for one in cases_of(case.path) if one.title == case.title)

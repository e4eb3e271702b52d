"""Pages beside the desk, for who writes the course: its contents and what is wrong with it, its questions to be
proof-read, what of the framework is covered, its glossary, its facts, and a tool that names zones of a picture.

All are made of what `carabin check` knows. That is looked up after each build, when nothing has been saved for a
moment, so that it keeps no one waiting who looks at the lesson.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from builder import report
from builder.coverage import Row, of_course
from builder.diagnostics import Severity, Span, in_order
from builder.facts import read_facts
from builder.frameworks import objectives
from builder.glossary import read_glossary, sort_key
from builder.load import Sources
from builder.markdown import plain_text
from builder.memory import Memory
from builder.model import Course, Fact, Interaction, Lesson, Passage, Question, Run, Term
from builder.overlay import Overlay
from builder.pipeline import Checked, Options, check
from builder.report import Located, locate
from builder.serve.desk import Desk
from builder.strings import counted, language_of, strings

NAMES = ("contents", "questions", "coverage", "glossary", "facts", "zones")
"""The pages, in the order of the bar."""
MOMENT = 0.4
"""Seconds without a build after which advice is looked up: by then the lesson is on the screen."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What a page may do."""
SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""A picture that is opened by itself is not run as a page."""
_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
_MARK = re.compile(r"\[[ xX]?\]|>")
"""Cells of a matrix that are marks, not words."""
_CITED = re.compile(r"\[\^(F(?:-[A-Z0-9]+)+)\]")


# --- what is shown ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; `href` empty: nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic in words."""

    severity: str
    word: str
    code: str
    message: str
    hint: str
    place: Link


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson in the table of contents; `counts` are its findings by severity, those that there are."""

    lesson: Link
    id: str
    place: Link
    is_ready: bool
    counts: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    found: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows below a title, which may be empty."""

    title: str
    rows: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in a question: `role` as in `Passage`, `label` in words, `runs` pairs of a kind and a text.

    `right`: `yes`, `no`, or nothing where that is not what the answer is about; `mark` says it in words.
    """

    role: str
    label: str
    runs: tuple[tuple[str, str], ...]
    right: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question as it is proof-read. `right` says what is right, where no answer is marked so."""

    id: str
    kind: str
    place: Link
    desk: Link
    facts: tuple[str, ...]
    objectives: tuple[str, ...]
    words: tuple[Words, ...]
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """An objective: where it is taught, where it is assessed; `state` is one of `covered`, `gap`, `waits`."""

    id: str
    text: str
    state: str
    said: str
    taught: tuple[Link, ...]
    assessed: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class TermCard:
    """A word of the glossary. `uses`: the lessons that link it; `note`: why there are none."""

    term: str
    definition: str
    facts: tuple[tuple[str, str], ...]
    place: Link
    uses: tuple[Link, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FactCard:
    """A fact; `note` says that it is overdue or cited nowhere."""

    id: str
    text: str
    facts: tuple[tuple[str, str], ...]
    source: Link
    place: Link
    uses: tuple[Link, ...]
    questions: tuple[Link, ...]
    is_overdue: bool
    note: str


# --- what is known ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Advice:
    """What `carabin check` knows of the course as it was at build `number`; `course` as it was when it could last be
    read, None before."""

    number: int
    today: str
    sources: Sources
    checked: Checked
    found: tuple[Located, ...]
    course: Course | None
    overlay: Overlay | None


@dataclass(slots=True)
class Adviser:
    """Looks at a desk's course as `carabin check` does. `date` gives today's as ISO 8601, or nothing. For several
    threads: one looks, the others wait for what it finds."""

    desk: Desk
    date: Callable[[], str] = lambda: ""
    advice: Advice | None = None
    _memory: Memory = field(default_factory=Memory)
    _lock: Lock = field(default_factory=Lock)

    def look(self) -> Advice | None:
        """Return what is known of the last build: looked up where that has not been done; None where the disk refuses.

        Never raises on what an author or a disk can do.
        """
        with self._lock:
            number = self.desk.report.number
            if self.advice is None or self.advice.number != number:
                try:
                    self.advice = self._looked(number)
                except OSError:
                    return self.advice
            return self.advice

    def _looked(self, number: int) -> Advice:
        sources, variant, unread = self.desk.read()
        today = self.date()
        checked = check(sources, Options(variant=variant, today=today, advises=True, is_draft=True), self._memory)
        found = locate(in_order((*unread, *checked.diagnostics)), sources.excerpt)
        course = checked.course or (self.advice.course if self.advice else None)
        return Advice(number, today, sources, checked, found, course, variant.overlay)


def entries(found: Iterable[Located], language: str) -> list[dict[str, object]]:
    """Return diagnostics as JSON has them, each with its source line and the address that opens an editor there."""
    told = tuple(found)
    result = report.json_entries(told, language)
    for entry, one in zip(result, told, strict=True):
        entry["source"] = one.source
        entry["editor"] = editor(one.diagnostic.span)
    return result


def editor(span: Span) -> str:
    """Return the address that opens a place in an editor."""
    return f"vscode://file{quote((Path.cwd() / span.file).as_posix())}:{span.line}:{span.column}"


def pictures(advice: Advice) -> tuple[str, ...]:
    """Return the pictures of a course as paths of the tree: those that lessons show, and those in its media folders."""
    paths = {path for path, _ in advice.sources.media()}
    paths |= {asset.path for asset in advice.course.assets} if advice.course else set()
    return tuple(sorted(path for path in paths if PurePosixPath(path).suffix.lower() in _TYPES))


def picture(advice: Advice, path: str) -> bytes | None:
    """Return a picture of the course; None for every other path."""
    try:
        asset = advice.sources.asset(path) if path in pictures(advice) else None
        return advice.sources.read_asset(asset) if asset else None
    except OSError:
        return None


def page(name: str, advice: Advice, language: str, chosen: str = "") -> str:
    """Return a page; `name` is one of `NAMES`, `chosen` the picture of the page of zones."""
    return _environment().get_template(f"{name}.html.j2").render(view(name, advice, language, chosen))


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


# --- requests --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pages:
    """The pages of a preview. `language` gives that of the desk; `tell` lets every page know that the course has been
    looked at, with the JSON of what was found."""

    adviser: Adviser
    language: Callable[[], str]
    tell: Callable[[str], None] = lambda news: None
    _turn: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> list[Route]:
        """Return where the pages are."""
        return [Route("/pages/{name}", self.page), Route("/picture/{path:path}", self.picture)]

    def due(self) -> None:
        """Look at the course once nothing has been built for a moment, then tell pages."""
        self._turn += 1
        task = asyncio.create_task(self._advise(self._turn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Forget what is due."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _advise(self, turn: int) -> None:
        await asyncio.sleep(MOMENT)
        if turn == self._turn and await run_in_threadpool(self.adviser.look) is not None:
            self.tell(self.news())

    def news(self) -> str:
        """Return as JSON what was found beyond what the desk tells already; without advice, of build 0, nothing."""
        advice = self.adviser.advice
        known = {(one.diagnostic.code, one.diagnostic.span) for one in self.adviser.desk.report.found}
        found = (
            [one for one in advice.found if (one.diagnostic.code, one.diagnostic.span) not in known] if advice else []
        )
        return json.dumps({"number": advice.number if advice else 0, "diagnostics": entries(found, self.language())})

    async def page(self, request: Request) -> Response:
        """A page, as the course is now."""
        name, chosen = request.path_params["name"], request.query_params.get("picture", "")
        advice = await run_in_threadpool(self.adviser.look) if name in NAMES else None
        if advice is None:
            return PlainTextResponse("not found", 404)
        text = await run_in_threadpool(page, name, advice, self.language(), chosen)
        return Response(text, 200, {"Content-Security-Policy": POLICY}, "text/html; charset=utf-8")

    async def picture(self, request: Request) -> Response:
        """A picture of the course."""
        path, advice = request.path_params["path"], self.adviser.advice
        content = await run_in_threadpool(picture, advice, path) if advice else None
        if content is None:
            return PlainTextResponse("not found", 404)
        kind = _TYPES.get(PurePosixPath(path).suffix.lower()) or "application/octet-stream"
        return Response(content, 200, {"Content-Security-Policy": SEALED}, kind)


# --- pages -----------------------------------------------------------------------------------------------------------


def view(name: str, advice: Advice, language: str, chosen: str = "") -> Mapping[str, Any]:
    """Return what the template of a page wants; `chosen` is the picture of the page of zones."""
    words = strings(language, "pages")
    common = {
        "name": name,
        "number": advice.number,
        "language": language_of(language),
        "strings": words,
        "bar": [(one, words[one]) for one in NAMES],
        "course": advice.course.settings.title if advice.course else "",
        "is_old": advice.checked.course is None,
    }
    maker = _Maker(advice, words, language)
    made: Mapping[str, Callable[[], Mapping[str, Any]]] = {
        "contents": maker.contents,
        "questions": maker.questions,
        "coverage": maker.coverage,
        "glossary": maker.glossary,
        "facts": maker.facts,
        "zones": lambda: maker.zones(chosen),
    }
    return {**common, **made[name]()}


@dataclass(frozen=True, slots=True)
class _Maker:
    """Turns what is known into what is shown."""

    advice: Advice
    words: Mapping[str, str]
    language: str

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        return self.advice.course.lessons if self.advice.course else ()

    def place(self, span: Span) -> Link:
        return Link(f"{span.file}:{span.line}", editor(span))

    def address(self, lesson: Lesson, anchor: str = "") -> str:
        """Return the address of a place in the desk."""
        return f"/#/{quote(lesson.id)}" + (f"/{quote(anchor)}" if anchor else "")

    def count(self, key: str, number: float) -> str:
        return counted(self.words, key, number, self.language)

    # - contents -

    def contents(self) -> Mapping[str, Any]:
        found = [self._finding(one, entry) for one, entry in zip(self.advice.found, self._entries(), strict=True)]
        by_file: dict[str, list[Finding]] = {}
        for one, finding in zip(self.advice.found, found, strict=True):
            by_file.setdefault(one.diagnostic.span.file, []).append(finding)
        course = self.advice.course
        rows = {}
        for lesson in self.lessons:
            files = dict.fromkeys((lesson.span.file, *self._included(lesson)))
            rows[lesson.id] = self._row(lesson, [one for file in files for one in by_file.get(file, ())])
        known = {lesson.span.file for lesson in self.lessons}
        known |= {file for lesson in self.lessons for file in self._included(lesson)}
        groups = [
            Group(module.title if module.id else "", tuple(rows[one] for one in module.lessons if one in rows))
            for module in (course.modules if course else ())
        ]
        ready = sum(row.is_ready for row in rows.values())
        minutes = sum(lesson.minutes for lesson in self.lessons)
        declared = course.settings.minutes if course else 0
        return {
            "groups": groups,
            "others": tuple(one for file, some in by_file.items() if file not in known for one in some),
            "totals": (
                self.count("lessons", len(rows)),
                self.words["ready_of"].format(count=ready, total=len(rows)),
                self.words["minutes_of"].format(count=self._number(minutes), total=self._number(declared)),
                self.count("words", sum(lesson.words for lesson in self.lessons)),
                self.count("questions_count", sum(len(lesson.questions) for lesson in self.lessons)),
            ),
        }

    def _entries(self) -> list[dict[str, object]]:
        return entries(self.advice.found, self.language)

    def _finding(self, one: Located, entry: Mapping[str, object]) -> Finding:
        severity = one.diagnostic.severity.value
        return Finding(
            severity,
            self.words[severity],
            one.diagnostic.code,
            str(entry["message"]),
            str(entry["hint"]),
            self.place(one.diagnostic.span),
        )

    def _included(self, lesson: Lesson) -> Iterator[str]:
        for one in lesson.includes:
            text = self.advice.sources.text(one.path)
            if text is not None:
                yield text.file

    def _row(self, lesson: Lesson, found: list[Finding]) -> LessonRow:
        severities = [one.severity for one in found]
        counts = tuple(
            (one.value, self.count(one.value, severities.count(one.value)))
            for one in Severity
            if severities.count(one.value)
        )
        scored = sum(question.is_scored for question in lesson.questions)
        facts = (
            self.count("minutes", lesson.minutes),
            self.count("words", lesson.words),
            self.count("questions_count", len(lesson.questions)),
            *((self.count("scored", scored),) if scored else ()),
        )
        is_ready = not {"error", "warning"} & set(severities)
        title = Link(lesson.title or lesson.id, self.address(lesson))
        return LessonRow(title, lesson.id, self.place(lesson.span), is_ready, counts, facts, tuple(found))

    def _number(self, value: float) -> str:
        return f"{value:g}".replace(".", "," if language_of(self.language) == "fr" else ".")

    # - questions -

    def questions(self) -> Mapping[str, Any]:
        course = self.advice.course
        known = {one.id: one.text for one in objectives(course.framework)} if course and course.framework else {}
        groups = []
        for lesson in self.lessons:
            said: dict[Span, list[Passage]] = {}
            for passage in self.advice.checked.prose.get(lesson.path, ()):
                if passage.question is not None:
                    said.setdefault(passage.question, []).append(passage)
            cards = tuple(self._card(lesson, one, said.get(one.span, []), known) for one in lesson.questions)
            if cards:
                groups.append(Group(lesson.title or lesson.id, cards))
        return {"groups": groups, "total": self.count("questions_count", sum(len(one.rows) for one in groups))}

    def _card(self, lesson: Lesson, question: Question, said: list[Passage], known: Mapping[str, str]) -> QuestionCard:
        marks = self._marks(question)
        words = tuple(self._words(said, marks))
        facts = (
            self.words["unscored"] if not question.is_scored else self.count("points", question.points),
            *((self.count("tries", question.tries),) if question.is_scored else ()),
            *((self.words["required"],) if question.is_required else ()),
            *((self.words["in_quiz"].format(id=question.quiz),) if question.quiz else ()),
        )
        return QuestionCard(
            id=question.id,
            kind=question.type,
            place=self.place(question.span),
            desk=Link(self.words["open"], self.address(lesson, question.id)),
            facts=facts,
            objectives=tuple(f"{one} {known.get(one, '')}".strip() for one in question.objectives),
            words=words,
            right=() if any(one.right for one in words) else tuple(self._right(question)),
        )

    def _marks(self, question: Question) -> Mapping[tuple[str, int], bool]:
        """Return which answers are right, by file and line, of a question that is one choice; nothing for others."""
        asked = [one for one in self._interactions(question) if not one.is_extra]
        if [(one.type, one.letter) for one in asked] != [("choice", "")] or not asked[0].right:
            return {}
        return {(part.span.file, part.span.line): bool(part.key) for part in question.parts}

    def _interactions(self, question: Question) -> tuple[Interaction, ...]:
        numbers = self.advice.checked.numbers
        return numbers.interactions.get(question.id, ()) if numbers else ()

    def _words(self, said: list[Passage], marks: Mapping[tuple[str, int], bool]) -> Iterator[Words]:
        answered = set[int]()
        for passage in said:
            if _MARK.fullmatch(passage.text.strip()):
                continue
            is_right = marks.get((passage.span.file, passage.span.line))
            if passage.role != "answer" or is_right is None or passage.span.line in answered:
                yield Words(passage.role, self.words[f"role_{passage.role}"], _runs(passage))
                continue
            answered.add(passage.span.line)
            right = "yes" if is_right else "no"
            yield Words("answer", self.words["role_answer"], _runs(passage), right, self.words[f"right_{right}"])

    def _right(self, question: Question) -> Iterator[str]:
        """Yield what is right, a line for each thing that is asked; nothing where nothing is right or wrong."""
        for one in self._interactions(question):
            if one.is_extra:
                continue
            names = {component.letter: self._plain(component.text) for component in (*one.components, *one.targets)}
            if one.type == "choice":
                lines = [", ".join(names[letter] for letter in one.right)] if one.right else []
            elif one.type == "fill-in":
                lines = [self.words["or"].join(one.accept)]
            elif one.type == "numeric":
                pairs = ((self._number(low), self._number(high)) for low, high in one.ranges)
                lines = [self.words["or"].join(low if low == high else f"{low} – {high}" for low, high in pairs)]
            elif one.type == "sequencing":
                lines = [f"{number}. {names[letter]}" for number, letter in enumerate(one.right, 1)]
            elif one.type == "matching" and one.right:
                lines = self._pairs(one, names)
            elif one.type == "performance":
                steps = self.words["then"].join(names.get(step, step) for step in one.right)
                lines = [self.words["best_path"].format(steps=steps)] if one.right else []
            else:
                lines = []
            about = self._plain(one.about) if one.about else ""
            yield from (f"{about} → {line}" if about else line for line in lines)

    def _pairs(self, asked: Interaction, names: Mapping[str, str]) -> list[str]:
        """Return each source of a matching with what it goes with."""
        by_source: dict[str, list[str]] = {one.letter: [] for one in asked.components}
        for source, target in (tuple(pair) for pair in asked.right if len(pair) == 2):  # fewer: letters ran out
            by_source[source].append(names[target])
        return [
            f"{names[source]} → {self.words['or'].join(targets) or self.words['nowhere']}"
            for source, targets in by_source.items()
        ]

    def _plain(self, source: str) -> str:
        variables = self.advice.course.settings.variables if self.advice.course else {}
        return plain_text(source, variables)

    # - coverage -

    def coverage(self) -> Mapping[str, Any]:
        course = self.advice.course
        known = of_course(course) if course else None
        by_lesson = {lesson.id: lesson for lesson in self.lessons}
        holder = {question.id: lesson for lesson in self.lessons for question in lesson.questions}
        groups = []
        for part in known.parts if known else ():
            for group in part.groups:
                rows = tuple(self._objective(row, by_lesson, holder) for row in group.rows)
                groups.append(Group(f"{group.competency.id} {group.competency.label}", rows))
        states = [row.state for one in groups for row in one.rows]
        totals = (
            self.count("objectives", len(states)),
            self.count("covered", states.count("covered")),
            self.count("gaps", states.count("gap")),
        )
        return {"groups": groups, "totals": totals if states else ()}

    def _objective(self, row: Row, lessons: Mapping[str, Lesson], holder: Mapping[str, Lesson]) -> ObjectiveRow:
        state = "covered" if row.is_covered else "gap" if row.is_gap else "waits"
        return ObjectiveRow(
            row.objective.id,
            row.objective.text,
            state,
            self.words[f"state_{state}"],
            tuple(Link(one.title or one.lesson, self.address(lessons[one.lesson])) for one in row.taught),
            tuple(Link(one.question, self.address(holder[one.question], one.question)) for one in row.assessed),
        )

    # - glossary -

    def glossary(self) -> Mapping[str, Any]:
        overlay = self.advice.overlay
        known, _ = read_glossary(*self.advice.sources.glossaries, overlay.terms if overlay else ())
        uses: dict[str, list[Link]] = {}
        for lesson in self.lessons:
            for anchor, place in lesson.terms:
                uses.setdefault(anchor, []).append(Link(lesson.title or lesson.id, self.address(lesson, place)))
        terms = sorted(known.terms, key=sort_key) if known else []
        page = {term.anchor for term in self.advice.course.glossary} if self.advice.course else set()
        cards = [(term.anchor in page, self._term(term, uses.get(term.anchor, []))) for term in terms]
        shown = tuple(card for is_shown, card in cards if is_shown)
        others = tuple(card for is_shown, card in cards if not is_shown)
        groups = [Group("", shown)] + ([Group(self.words["terms_elsewhere"], others)] if others else [])
        unused = sum(not card.uses for card in shown)
        return {
            "groups": groups,
            "totals": (self.count("terms", len(shown)), self.count("unlinked", unused)) if shown else (),
        }

    def _term(self, term: Term, uses: list[Link]) -> TermCard:
        facts = (
            ("forms", ", ".join(term.forms)),
            ("english", term.english),
            ("term_source", term.source),
        )
        said = tuple((self.words[key], value) for key, value in facts if value)
        note = "" if uses else self.words["shared_unused" if term.is_shared else "unused"]
        return TermCard(term.term, term.definition, said, self.place(term.span), tuple(uses), note)

    # - facts -

    def facts(self) -> Mapping[str, Any]:
        overlay = self.advice.overlay
        known, _ = read_facts(*self.advice.sources.facts, overlay.facts if overlay else None)
        cited = {fact.id: fact for fact in self.advice.course.facts} if self.advice.course else {}
        today = self.advice.today
        asked = self._questions_of_facts()
        cards = [
            (
                self._is_overdue(fact),
                (fact.review_by or "9999", _natural(fact.id)),
                self._fact(fact, asked.get(fact.id, ())),
            )
            for fact in {**known, **cited}.values()
        ]
        overdue = [one for one in cards if one[0]]
        others = [one for one in cards if not one[0]]
        titles = (self.words["overdue"], self.words["other_facts"]) if overdue else ("", "")
        groups = [
            Group(title, tuple(card for _, _, card in sorted(some, key=lambda one: one[1])))
            for title, some in zip(titles, (overdue, others), strict=True)
            if some
        ]
        totals = (self.count("facts_count", len(cards)), self.count("overdue_count", len(overdue))) if cards else ()
        return {"groups": groups, "totals": totals, "today": today}

    def _is_overdue(self, fact: Fact) -> bool:
        return bool(self.advice.today and fact.review_by and fact.review_by < self.advice.today)

    def _fact(self, fact: Fact, asked: Iterable[Link]) -> FactCard:
        uses = tuple(Link(one.title or one.id, self.address(one)) for one in self.lessons if fact.id in one.facts)
        is_overdue = self._is_overdue(fact)
        facts = (
            ("certainty", self.words[f"certainty_{fact.certainty}"]),
            ("validity", self.words[f"validity_{fact.validity}"]),
            ("review_by", fact.review_by or self.words["never"]),
        )
        return FactCard(
            fact.id,
            fact.note,
            tuple((self.words[key], value) for key, value in facts),
            Link(fact.source, fact.url),
            self.place(fact.review_span if is_overdue else fact.span),
            uses,
            tuple(asked),
            is_overdue,
            "" if uses else self.words["uncited"],
        )

    def _questions_of_facts(self) -> Mapping[str, tuple[Link, ...]]:
        """Return the questions in whose words a fact is cited, by its id."""
        found: dict[str, dict[str, Link]] = {}
        included = (self.advice.sources.text(one.path) for lesson in self.lessons for one in lesson.includes)
        sources = (*self.advice.sources.lessons, *included)
        texts = {one.file: one.text.split("\n") for one in sources if one is not None}
        for lesson in self.lessons:
            ids = {question.span: question.id for question in lesson.questions}
            for passage in self.advice.checked.prose.get(lesson.path, ()):
                name = ids.get(passage.question) if passage.question else None
                lines = texts.get(passage.span.file, [])
                for line in lines[passage.span.line - 1 : passage.span.end()[0]] if name else ():
                    for match in _CITED.finditer(line):
                        found.setdefault(match[1], {})[name or ""] = Link(name or "", self.address(lesson, name or ""))
        return {fact: tuple(links.values()) for fact, links in found.items()}

    # - zones -

    def zones(self, chosen: str) -> Mapping[str, Any]:
        known = pictures(self.advice)
        path = chosen if chosen in known else next(iter(known), "")
        return {"pictures": known, "chosen": path, "address": f"/picture/{quote(path)}" if path else ""}


def _runs(passage: Passage) -> tuple[tuple[str, str], ...]:
    return tuple((_kind(run), "…" if run.kind == "gap" else run.text) for run in passage.runs)


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return what puts `F-CYB-9` before `F-CYB-10`."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in name.split("-"))


def _kind(run: Run) -> str:
    if run.kind in ("code", "formula", "image"):
        return run.kind
    return "strong" if run.is_stressed else "text"

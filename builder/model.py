"""What crosses a boundary between phases: frozen values, each with its place in the source.

The interaction is the pivot (architecture, decision 1): a question of any type turns itself into a tuple of
`Interaction`s, and targets, the saved state and the player's scoring know nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from builder.diagnostics import Span

InteractionType = Literal[
    "true-false",
    "choice",
    "fill-in",
    "long-fill-in",
    "matching",
    "performance",
    "sequencing",
    "likert",
    "numeric",
    "other",
]
LessonKind = Literal["lesson", "practice", "positioning", "assessment"]
MoveOn = Literal["NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed"]
"""What has to happen in an assignable unit of cmi5 before the LMS holds it satisfied (cmi5 §13.1.4)."""
Partial = Literal["none", "each"]

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
"""The letters of parts, in the order in which they are given out: SCORM 1.2 wants single characters `0-9 a-z`."""


EXTRAS = ("confidence", "judgement")
"""Letters of interactions that stand beside what is asked: how sure the learner is, how they judge their own text. They
are worth nothing, and saved after all others, so that they may come and go between versions."""


# --- competency frameworks -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Objective:
    """One learning objective of a framework. `certainty`: of its text, one of V1 V2 M P."""

    id: str
    text: str
    verb: str
    span: Span
    certainty: str = "P"


@dataclass(frozen=True, slots=True)
class Competency:
    """A competency and its objectives. `certainty` is one of V1 V2 M P (frameworks/README)."""

    id: str
    label: str
    certainty: str
    objectives: tuple[Objective, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of a framework. `minutes` is what the programme gives it, or None."""

    id: str
    label: str
    certainty: str
    minutes: int | None
    competencies: tuple[Competency, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Ects:
    """What a whole framework is worth in ECTS, and for whom, in its own words; `certainty` is one of V1 V2 M P."""

    value: float
    basis: str
    certainty: str


@dataclass(frozen=True, slots=True)
class LessonSize:
    """What a framework wants of each lesson, from – to: words outside of questions, and activities; None: nothing."""

    words: tuple[int, int] | None
    activities: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """How a framework maps to another one: `areas` are the labels of that one by code, `domains` the codes of areas by
    domain of ours. `certainty`: of the mapping, one of V1 V2 M P."""

    title: str
    source: str
    certainty: str
    areas: Mapping[str, str]
    domains: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Framework:
    """A competency framework as data; `minutes` and `ects` are those of the whole, or None.

    `legal_url`, `retrieved` (an ISO date): where and when the text of law was read; both may be empty.
    `activities`: minutes of an activity by its kind, a type of question; empty when the framework counts otherwise.
    """

    id: str
    title: str
    language: str
    version: str
    legal_basis: str
    domains: tuple[Domain, ...]
    span: Span
    minutes: int | None = None
    ects: Ects | None = None
    activities: Mapping[str, float] = field(default_factory=dict)
    lessons: LessonSize | None = None
    legal_url: str = ""
    retrieved: str = ""
    crosswalks: tuple[Crosswalk, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeCourse:
    """A course as a programme names it: the domain that it teaches, may be empty, and its `minutes` there, 0: unsaid.

    `is_written` is false as long as its author says that there is none yet; `spans`: the places of its keys.
    """

    id: str
    domain: str
    minutes: float
    is_written: bool
    span: Span
    spans: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class Programme:
    """An ordered set of courses, and the `minutes` they must add up to."""

    id: str
    title: str
    language: str
    minutes: float
    courses: tuple[ProgrammeCourse, ...]
    span: Span
    spans: Mapping[str, Span]
    description: str = ""
    framework: str = ""

    def alone_in(self, domain: str) -> ProgrammeCourse | None:
        """Return the course that has a domain for itself; None when there is none, or several share it."""
        found = [one for one in self.courses if one.domain == domain]
        return found[0] if domain and len(found) == 1 else None


# --- words and facts -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the glossary. `anchor` is its id on the glossary's page; `english` and `source` may be empty.

    `is_shared`: it comes from `_shared/`, and stands on the page only when a lesson uses it.
    """

    anchor: str
    term: str
    definition: str
    forms: tuple[str, ...]
    english: str
    source: str
    is_shared: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Fact:
    """A dated statement. `certainty`: V1 V2 M P as in frameworks; `validity`: S stable, A yearly, X volatile.

    `url` may be empty, `review_by` too, else an ISO date; `review_span` is its place.
    """

    id: str
    note: str
    source: str
    url: str
    certainty: str
    validity: str
    review_by: str
    span: Span
    review_span: Span


# --- questions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """An answer, gap, item… of a question, as the lock sees it.

    `name` is the author's `{#id}` if given; `text` the source text before variables; `key` what the part adds to the
    key, empty when it adds nothing (a wrong answer); `children` the options of a selection gap; `pairs` the indexes,
    in the question's `parts`, of the parts that it goes with (the targets of a source, the scene that a choice leads
    to): they belong to the key too.
    """

    name: str
    text: str
    key: str
    span: Span = field(compare=False)
    children: tuple[Part, ...] = ()
    pairs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """One choice, step, source, target or scale point. `letter` comes from the lock and is stable for life."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """A question, or one part of it, as the standards see it.

    `letter` names the part it stands for, empty when the question is a single interaction. What counts as right:
    `choice`: `right` holds letters, all of them together when `multiple`, any of them otherwise; `fill-in`: `accept`
    holds texts, any of them; `numeric`: `ranges` holds closed intervals, any of them; `sequencing`: `right` holds all
    letters in the right order; `matching`: `right` holds pairs of letters (`ab`: source, target), any of those of a
    source, and a source without pair is right when left out. `performance`: a response is a path of steps, pairs of
    letters in the order in which they were taken; `steps` says what each is worth when taken at least once, `best` what
    the best path is worth (0: nothing), `right` is that path, `ends` holds the steps that end a path; `components` name
    the first letters of steps, `targets` the steps. Otherwise `targets` serve `matching` only. `other`: a list of whole
    numbers, for the player alone; no LMS is told.

    `limit`: most bytes that are saved of a `long-fill-in`, most steps of a `performance`, most numbers of an `other`.
    `about`: what this part asks beside the question's own words (the row of a matrix), in Markdown, as are then the
    texts of its components.

    Source: xAPI Data §2.4.4.1 (interaction types); SCORM 1.2 RTE §3.4.7 (the eight of SCORM).
    """

    id: str
    type: InteractionType
    letter: str = ""
    components: tuple[Component, ...] = ()
    targets: tuple[Component, ...] = ()
    multiple: bool = False
    fixed: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    strict_case: bool = False
    strict_accents: bool = False
    typos: int = 0
    steps: tuple[tuple[str, float], ...] = ()
    best: float = 0
    ends: tuple[str, ...] = ()
    limit: int | None = None
    about: str = ""

    @property
    def is_extra(self) -> bool:
        """Return whether it stands beside what is asked, and is worth nothing."""
        return self.letter in EXTRAS


@dataclass(frozen=True, slots=True)
class Question:
    """What the whole course knows of a question: a summary; its words live in the lesson's body.

    `interactions` carry letters once the lock has been applied; before that they are empty strings in `parts` order.
    `key_order` says that the order of `parts` belongs to the key (questions that ask for an order). `is_named` is false
    when the author gave no id: then `id` is a makeshift that only the page may use, and the lock never sees it. `quiz`
    is the id of the quiz around it, if any.
    """

    id: str
    was: tuple[str, ...]
    type: str
    span: Span = field(compare=False)
    parts: tuple[Part, ...]
    points: float
    tries: int
    partial: Partial
    is_scored: bool
    is_required: bool
    shuffle: bool
    objectives: tuple[str, ...]
    title: str
    key_order: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_named: bool = True
    quiz: str = ""
    asks_confidence: bool = False


# --- plain words ----------------------------------------------------------------------------------------------------

Role = Literal[
    "text", "item", "cell", "heading", "note", "trainer", "prompt", "answer", "hint", "feedback", "explanation"
]
"""What a passage is: outside of questions, then inside of them."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one kind that follow each other. `value` comes from a variable or an entity; `language` is that of
    words in another language than the course, else empty; `is_stressed`: strong or emphasised."""

    text: str
    span: Span
    kind: Literal["text", "value", "code", "formula", "gap", "image"] = "text"
    language: str = ""
    is_stressed: bool = False
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, item, cell or heading as plain words; `question` is the opening line of the question around it,
    `where` the inserts around it, the outermost first, `facts` the ids of the facts that it cites."""

    role: Role
    runs: tuple[Run, ...]
    span: Span
    question: Span | None = None
    where: tuple[Condition, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the words as a learner reads them; a gap is an ellipsis."""
        return "".join("…" if run.kind == "gap" else run.text for run in self.runs)

    @property
    def plain(self) -> str:
        """Return the same number of characters, with spaces in the place of what is no word of the course's language:
        code, formulas, gaps, words of another language."""
        return "".join(
            run.text
            if run.kind in ("text", "value") and not run.language
            else " " * (1 if run.kind == "gap" else len(run.text))
            for run in self.runs
        )

    def place(self, start: int, length: int = 0) -> Span:
        """Return the place of `length` characters of the text, those of the first run alone (0: to its end)."""
        for run in self.runs:
            size = 1 if run.kind == "gap" else len(run.text)
            if start < size:
                span = run.span
                if run.kind != "text":
                    return span
                end = span.end()[1]
                first = min(span.column + start, end - 1)
                last = min(first + min(length or size, size - start), end)
                return Span(span.file, span.line, first, span.line, last)
            start -= size
        return self.span


# --- lessons and courses ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """For whom an insert is: one of the audiences and one of the regions, empty = all of them; or for trainers."""

    span: Span
    audience: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    is_for_trainer: bool = False


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of whom stories tell; all but the name may be empty."""

    name: str
    age: str = ""
    role: str = ""
    dates: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image of a lesson.

    `destination` is as written; `path` is the file of the tree that it names (kinds `lesson` and `asset`), empty when
    it leaves the tree; `anchor` is the fragment without `#`; `where` the inserts around it, the outermost first.
    """

    destination: str
    kind: Literal["lesson", "anchor", "asset", "external"]
    path: str
    anchor: str
    span: Span
    is_image: bool = False
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that enters the table of contents of its lesson. `level` is 2–6."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Include:
    """A file that a lesson includes: its place in the tree, the whole prefix of its ids, where it is included."""

    path: str
    prefix: str
    span: Span


@dataclass(frozen=True, slots=True)
class Silence:
    """A comment `<!-- carabin: allow A201 reason -->`: `code` is not reported from `first_line` to `last_line`.
    `is_whole`: it stands in `course.yml`, and reaches media files too."""

    code: str
    file: str
    first_line: int
    last_line: int
    span: Span
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """Summary of one lesson: everything that whole-course rules and targets may read, and no body.

    `path` is the file in the tree; `has_id` whether the front matter names the id; `digest` the hash of everything the
    body was made of; `terms` are the anchors of the words of the glossary that it links, each with the id of that link
    or nothing, `facts` the ids of those that it cites, `parts` the anchors of its screens; `inserts` what stands in the
    text for some only, in order; `places` maps the anchors and questions inside of inserts to those around them, the
    outermost first. `away`: minutes of `minutes` that are spent away from the screen.
    """

    id: str
    was: tuple[str, ...]
    has_id: bool
    path: str
    title: str
    kind: LessonKind
    minutes: float
    objectives: tuple[str, ...]
    audience: tuple[str, ...]
    module: str
    is_graded: bool
    words: int
    headings: tuple[Heading, ...]
    anchors: tuple[str, ...]
    links: tuple[Link, ...]
    questions: tuple[Question, ...]
    includes: tuple[Include, ...]
    silences: tuple[Silence, ...]
    span: Span
    spans: Mapping[str, Span]
    terms: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    inserts: tuple[Condition, ...] = ()
    places: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    away: float = 0

    @property
    def is_scored(self) -> bool:
        """Return whether it has a grade of its own: it counts, and asks something that is scored."""
        return self.is_graded and any(question.is_scored for question in self.questions)


def outline(lessons: Iterable[Lesson]) -> tuple[object, ...]:
    """Return what numbers and statements make of lessons: equal as long as no more than their words differ, or the
    places of their questions."""
    return tuple((one.id, one.was, one.kind, one.title, one.objectives, one.questions) for one in lessons)


@dataclass(frozen=True, slots=True)
class Module:
    """A folder that groups lessons; `id` is empty for lessons that lie at the course's root."""

    id: str
    title: str
    lessons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote the course."""

    name: str


@dataclass(frozen=True, slots=True)
class CompleteWhen:
    """What completes a course: `lessons` None means all, else the ids; `mastery` whether the grade counts."""

    lessons: tuple[str, ...] | None
    mastery: bool
    minutes: float | None


@dataclass(frozen=True, slots=True)
class CourseSettings:
    """`course.yml`, typed. `mastery` is scaled, 0–1, or None; `move_on` None leaves it to the completion rule.
    `institution` comes from an overlay."""

    id: str
    title: str
    version: str
    language: str
    region: str
    iri: str
    licence: str
    minutes: float
    span: Span
    spans: Mapping[str, Span]
    description: str = ""
    framework: str = ""
    domain: str = ""
    audiences: tuple[str, ...] = ()
    mastery: float | None = None
    graded: tuple[LessonKind, ...] = ("lesson", "assessment")
    complete_when: CompleteWhen = CompleteWhen(None, False, None)
    theme: str = "sobre"
    targets: tuple[str, ...] = ("scorm12",)
    open_text: bool = False
    sco: Literal["course", "lesson"] = "course"
    schemas: bool = True
    move_on: MoveOn | None = None
    authors: tuple[Author, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    institution: str = ""
    audience_labels: Mapping[str, str] = field(default_factory=dict)

    def audience_label(self, audience: str) -> str:
        """Return what learners read of an audience: its label, else its id."""
        return self.audience_labels.get(audience) or audience


@dataclass(frozen=True, slots=True)
class Course:
    """A course as summaries, in reading order; `glossary`: the terms of its page, `facts`: those that it cites."""

    settings: CourseSettings
    modules: tuple[Module, ...]
    lessons: tuple[Lesson, ...]
    framework: Framework | None
    assets: tuple[Asset, ...]
    glossary: tuple[Term, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """A media file that lessons use. `name` is its place in the package (`media/x.svg`), `path` its place on disk."""

    name: str
    path: str
    bytes: int
    sha256: str


# --- what is built ---------------------------------------------------------------------------------------------------


Keep = Callable[[str, object, Callable[[], bytes]], bytes]
"""Returns the member of a name that is made of something: what is known of it, else what the function makes."""


def anew(name: str, made_of: object, make: Callable[[], bytes]) -> bytes:
    """Keep nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package. `media_type` as in `text/html`; already compressed media are stored, not deflated."""

    name: str
    content: bytes

    @property
    def is_compressed(self) -> bool:
        """Return whether the content is compressed by its own format, so that deflating it gains nothing."""
        return self.name.rsplit(".", 1)[-1].lower() in COMPRESSED


COMPRESSED = frozenset("png jpg jpeg gif webp avif mp3 m4a mp4 webm ogg oga zip woff woff2 docx xlsx pptx odt".split())


@dataclass(frozen=True, slots=True)
class Launchable:
    """What an LMS launches: one SCO or AU. `id` never changes for the life of the course (progress, standards j.1)."""

    id: str
    title: str
    href: str
    lessons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """The rendered course: launchables, the names of all pages and files, and a stream of members made on demand."""

    launchables: tuple[Launchable, ...]
    names: tuple[str, ...]
    members: Iterator[Member]


@dataclass(frozen=True, slots=True)
class Package:
    """A file in the making: `name` without folder, members in the order in which they are written."""

    name: str
    members: Iterator[Member]
    sheet: str

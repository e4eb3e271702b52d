"""What the templates of a theme get (public: renaming a field is a breaking change for themes).

`strings` in a template is the section `page` of the locale, as attributes. Every `Markup` is made by `render.py`; every
`str` is escaped by the template. A question template gets `question: QuestionView`, and `view`: what its type returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to a lesson document. `href` is relative: `hameconnage.html`."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class TocLesson:
    """A line of the table of contents. `meta` is small print: "60 min", "60 min · optional"; it may be empty.

    `parts`: the screens of a lesson in parts.
    """

    id: str
    href: str
    title: str
    meta: str
    parts: tuple[PageLink, ...] = ()


@dataclass(frozen=True, slots=True)
class TocGroup:
    """The lessons of one module. `title` is empty for lessons outside of modules; `element_id` is unique: `toc-2`."""

    element_id: str
    title: str
    lessons: tuple[TocLesson, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the few figures on the cover: "Duration" and "5 h"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The launch document with the course's cover.

    `language`: BCP 47; `direction`: "ltr" or "rtl"; `policy`: the value of Content-Security-Policy. `eyebrow`: the line
    above the title (the domain's label), may be empty; `description`: plain text, may be empty; `facts`: two to four;
    `objectives`: sentences, may be empty; `scoring`: how the course is completed and scored, one to four sentences;
    `start`: href of the first lesson; `colophon`: authors, licence and version in one line; `data`: CourseData as JSON.
    `has_glossary`: `_glossary.html` is there.
    `is_alone`: no LMS stands behind: nothing to leave, the learner may start again, and `_print.html` is there.
    `programme`: of which whole the course is a part, a sentence, may be empty; `duration`, `version`: as in the
    attestation.
    `is_plain`: nothing launches this page, it is for reading (an LMS launches each lesson by itself); `data` is empty.
    """

    language: str
    direction: str
    policy: str
    title: str
    eyebrow: str
    description: str
    facts: tuple[Fact, ...]
    objectives: tuple[str, ...]
    scoring: tuple[str, ...]
    groups: tuple[TocGroup, ...]
    start: str
    colophon: str
    data: Markup
    is_alone: bool = False
    has_glossary: bool = False
    is_plain: bool = False
    programme: str = ""
    duration: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ScoPage:
    """The launch document of one lesson, where each lesson is a SCO: `title` is the lesson's, `href` its document.

    `data`: the CourseData of a course that is this lesson alone; the rest as in `IndexPage`.
    """

    language: str
    direction: str
    policy: str
    title: str
    course_title: str
    href: str
    data: Markup
    has_glossary: bool = False


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A competency of a positioning lesson: `slots` of its questions, "3 4"; `lessons` that teach it."""

    label: str
    slots: str
    lessons: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson document.

    `meta`: "60 min · 4 questions"; `module` and `objectives` may be empty; `open`: this lesson in the shell,
    `index.html#/hameconnage`, or the launch document of its SCO; `previous`, `next`: None at the ends; `body`: the
    lesson with its questions, headings from h2; `data`: the lesson's JSON; `profile`: of a positioning lesson.
    """

    language: str
    direction: str
    policy: str
    title: str
    course_title: str
    id: str
    slot: int
    contract: int
    version: str
    module: str
    meta: str
    objectives: tuple[str, ...]
    open: str
    body: Markup
    data: Markup
    previous: PageLink | None
    next: PageLink | None
    profile: tuple[ProfileRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Degree:
    """How sure a learner may be."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What the frame of every question needs. `meta`: "One answer · 2 points · 2 tries"; `hints`, `explanation` may be
    empty; `confidence`: the degrees to choose from, or nothing."""

    element_id: str
    type: str
    title: str
    meta: str
    prompt: Markup
    hints: tuple[Markup, ...]
    explanation: Markup
    confidence: tuple[Degree, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintLesson:
    """A lesson on the page to print. `element_id` is that of its title; `body` has headings from h3, and unique ids."""

    element_id: str
    title: str
    module: str
    meta: str
    body: Markup


@dataclass(frozen=True, slots=True)
class PrintPage:
    """The whole course on one page. `description` may be empty; `colophon` as on the cover."""

    language: str
    direction: str
    policy: str
    title: str
    description: str
    colophon: str
    lessons: tuple[PrintLesson, ...]


@dataclass(frozen=True, slots=True)
class TermView:
    """A word of the glossary. `english` and `source` may be empty; `places`: where lessons first use it."""

    element_id: str
    term: str
    definition: str
    english: str
    source: str
    places: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class GlossaryPage:
    """The words that the course explains, in the order of a dictionary."""

    language: str
    direction: str
    policy: str
    course_title: str
    terms: tuple[TermView, ...]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The draft of an accessibility statement.

    `has_french_duties`: region FR, where law 2005-102 art. 47 applies; `institution` may be empty.
    """

    language: str
    direction: str
    policy: str
    course_title: str
    has_french_duties: bool
    institution: str
    commitment: str
    scope: str
    state: str
    built_in: tuple[str, ...]

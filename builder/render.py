"""Course + bodies + theme → Site: the pages and files of a package, made one by one; no other place makes Markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from jinja2 import Environment, Template
from markupsafe import Markup

from builder import CONTRACT, player
from builder.body import Body
from builder.completion import alone
from builder.frameworks import UNVERIFIED, competencies, named_objectives, objectives
from builder.glossary import PAGE as GLOSSARY
from builder.model import (
    LETTERS,
    Asset,
    Course,
    Interaction,
    Keep,
    Launchable,
    Lesson,
    Member,
    Module,
    Question,
    Site,
    anew,
)
from builder.pages import (
    Degree,
    Fact,
    GlossaryPage,
    IndexPage,
    LessonPage,
    PageLink,
    PrintLesson,
    PrintPage,
    ProfileRow,
    QuestionView,
    ScoPage,
    StatementPage,
    TermView,
    TocGroup,
    TocLesson,
)
from builder.paper import on_paper, paper_id
from builder.questions import CONFIDENCE, Gap, Letters, Pieces, QuestionType, mark_gap, quiz
from builder.score import has_key
from builder.seams import feature, features
from builder.strings import counted
from builder.theme import Theme, environment, stylesheet
from builder.typography import direction, typeset

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of every page (product, "The outputs")."""
CONNECTING = f"{POLICY}; connect-src 'self' https: http://localhost:* http://127.0.0.1:*"
"""The same where the player speaks to an LRS: over TLS, or on this machine."""

INDEX, STATEMENT, SCRIPT, STYLE = "index.html", "_accessibility.html", "player.js", "style.css"
PRINT = "_print.html"
_LOCAL = "local"
_TELL_OBJECTIVES = frozenset({"scorm2004"})
_INSIDE = "\0inside\0"
"""Where in the frame of a quiz its questions stand; U+0000 never occurs in a source."""
_PLACE = re.compile(r'"carabin-(lesson|asset):([^"#]*)(#[^"]*)?"')


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the lock gives: slots of lessons and questions, letters, the revision of keys, by id."""

    revision: int
    lessons: Mapping[str, int]
    questions: Mapping[str, int]
    keyed_at: Mapping[str, int]
    letters: Mapping[str, Letters]
    interactions: Mapping[str, tuple[Interaction, ...]]


@dataclass(frozen=True, slots=True)
class Look:
    """What pages look like and say: theme, and the words of page and player in the course's language."""

    theme: Theme
    words: Mapping[str, str]
    player_words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Play:
    """What the player needs to know of the target: its name, drivers, state limit, and the completion table.

    `scos`: where the target packages each lesson by itself, the table of each lesson by its id; else empty. `recorders`
    tell an LRS what happens, beside the LMS; `is_pseudonymous`: without the LMS's id of the learner. `connects`: the
    player speaks to an LRS. `files`: further members of the package, by name.
    """

    target: str
    drivers: tuple[str, ...]
    limit: int | None
    completion: Mapping[str, Any]
    scos: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    recorders: tuple[str, ...] = ()
    is_pseudonymous: bool = False
    connects: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def is_alone(self) -> bool:
        """Return whether no LMS stands behind: the browser's own driver is the first one."""
        return self.drivers[0] == _LOCAL

    @property
    def reports_objectives(self) -> bool:
        """Return whether the driver tells an LMS of each objective of the framework."""
        return self.drivers[0] in _TELL_OBJECTIVES

    @property
    def policy(self) -> str:
        """Return the Content-Security-Policy of the pages."""
        return CONNECTING if self.connects else POLICY


@dataclass(frozen=True, slots=True)
class _Press:
    """Everything that making one page needs."""

    course: Course
    numbers: Numbers
    look: Look
    play: Play
    template: Callable[[str], Template]
    strings: SimpleNamespace
    asset_name: Callable[[str], str]
    files: Mapping[str, str]
    texts: Mapping[str, str]

    def shown(self, text: str) -> str:
        """Return a text of the author's as a page shows it."""
        return typeset(text, self.course.settings.language)


def render(
    course: Course,
    bodies: Mapping[str, Body],
    numbers: Numbers,
    look: Look,
    play: Play,
    read_asset: Callable[[Asset], bytes],
    asset_name: Callable[[str], str],
    keep: Keep = anew,
) -> Site:
    """Return the pages and files of a package, in an order that depends on nothing but their names. `keep`: who builds
    again and again need not make what is still the same."""
    types = sorted({question.type for lesson in course.lessons for question in lesson.questions})
    framework, language = course.framework, course.settings.language
    press = _Press(
        course,
        numbers,
        look,
        play,
        cache(templates(look.theme).get_template),
        SimpleNamespace(**_words(look.words, play)),
        asset_name,
        {lesson.path: page_name(lesson.id) for lesson in course.lessons},
        {one.id: _label(one.text, one.certainty, look.words, language) for one in objectives(framework)}
        if framework
        else {},
    )
    assets = {asset.name: asset for asset in course.assets}
    pages = {page_name(lesson.id): lesson for lesson in course.lessons}
    extra = (*((PRINT,) if play.is_alone else ()), *((GLOSSARY,) if course.glossary else ()))
    launched = {launch_name(numbers.lessons[lesson.id]): lesson for lesson in course.lessons if play.scos}
    names = tuple(sorted((INDEX, STATEMENT, SCRIPT, STYLE, *extra, *pages, *launched, *assets, *play.files)))

    def members() -> Iterator[Member]:
        for name in names:
            if name in assets:
                yield Member(name, keep(name, assets[name], partial(read_asset, assets[name])))
            elif name in pages:
                lesson = pages[name]
                body = bodies[lesson.id]
                yield Member(name, keep(name, _made_of(press, lesson, body), partial(_lesson, press, lesson, body)))
            elif name in launched:
                yield Member(name, _sco(press, launched[name]).encode())
            elif name == INDEX:
                yield Member(name, _index(press).encode())
            elif name == STATEMENT:
                yield Member(name, _statement(press).encode())
            elif name == GLOSSARY:
                yield Member(name, _glossary(press).encode())
            elif name == PRINT:
                yield Member(name, _print(press, bodies).encode())
            elif name == SCRIPT:
                yield Member(name, player.pieces(types, play.drivers, play.recorders))
            elif name in play.files:
                yield Member(name, play.files[name])
            else:
                yield Member(name, _stylesheet(look.theme, tuple(types)))

    lessons = tuple(lesson.id for lesson in course.lessons)
    launchables = tuple(
        Launchable(f"{course.settings.id}-{numbers.lessons[lesson.id]}", lesson.title, name, (lesson.id,))
        for name, lesson in launched.items()
    )
    whole = Launchable(course.settings.id, course.settings.title, INDEX, lessons)
    return Site(launchables or (whole,), names, members())


def page_name(lesson: str) -> str:
    """Return the file name of a lesson's document."""
    return f"{lesson}.html"


def launch_name(slot: int) -> str:
    """Return the file name of the document that opens the SCO of one lesson: the same when the lesson is renamed."""
    return f"_sco-{slot}.html"


def interaction_data(interaction: Interaction, count: int) -> dict[str, Any]:
    """Return an interaction as the player reads it (`runtime/types.d.ts`); what is empty is left out.

    `count`: how many interactions of the question are worth something.
    """
    data: dict[str, Any] = {"id": interaction.id, "type": interaction.type, "letter": interaction.letter}
    is_path = interaction.type == "performance"
    optional: dict[str, Any] = {
        "choices": [component.letter for component in interaction.components if not is_path],
        "targets": [component.letter for component in interaction.targets if not is_path],
        "fixed": list(interaction.fixed),
        "multiple": interaction.multiple,
        "right": list(interaction.right),
        "accept": list(interaction.accept),
        "ranges": [list(pair) for pair in interaction.ranges],
        "case": interaction.strict_case,
        "accents": interaction.strict_accents,
        "typos": interaction.typos,
        "steps": dict(interaction.steps),
        "best": interaction.best,
        "ends": list(interaction.ends),
    }
    data |= {key: value for key, value in optional.items() if value}
    if interaction.limit is not None:
        data["limit"] = interaction.limit
    data["weight"] = 0 if interaction.is_extra else 1 / count
    return data


def question_data(question: Question, questions: Sequence[Question], numbers: Numbers) -> dict[str, Any]:
    """Return a question as the player reads it; `questions` are those of its lesson."""
    interactions = numbers.interactions[question.id]
    count = sum(not one.is_extra for one in interactions)
    return {
        "id": question.id,
        "slot": numbers.questions[question.id],
        "type": question.type,
        "title": question.title,
        "points": question.points,
        "tries": question.tries,
        "partial": question.partial,
        "scored": question.is_scored,
        "required": question.is_required,
        "shuffle": question.shuffle,
        "keyedAt": numbers.keyed_at[question.id],
        "interactions": [interaction_data(one, count) for one in interactions],
    } | _quiz_data(question, questions, numbers)


def _quiz_data(question: Question, questions: Sequence[Question], numbers: Numbers) -> dict[str, Any]:
    """Return what only a quiz has, or only a question inside one."""
    if question.quiz:
        return {"quiz": question.quiz}
    if question.type != quiz.NAME:
        return {}
    rules = {key: question.settings[key] for key in ("retakes", "feedback", "pass", "minutes", "timed")}
    groups: list[dict[str, Any]] = [
        {"count": count, "slots": [numbers.questions[one.id] for one in pool]}
        for count, pool in quiz.groups(question, questions)
    ]
    known = {slot for group in groups for slot in group["slots"]}
    never = [numbers.questions[one.id] for one in questions if one.quiz == question.id]
    groups.append({"count": 0, "slots": [slot for slot in never if slot not in known]})
    return {"rules": {**rules, "groups": [group for group in groups if group["slots"]]}}


# --- pages -----------------------------------------------------------------------------------------------------------


def _index(press: _Press) -> str:
    course, words = press.course, press.look.words
    settings = course.settings
    questions = sum(quiz.asked(lesson.questions) for lesson in course.lessons)
    language = settings.language
    facts = [Fact(words["fact_duration"], _duration(settings.minutes, words))]
    facts.append(Fact(counted(words, "fact_lessons", len(course.lessons), language), str(len(course.lessons))))
    if questions:
        facts.append(Fact(counted(words, "fact_questions", questions, language), str(questions)))
    if settings.mastery is not None:
        facts.append(Fact(words["fact_mastery"], _percent(settings.mastery, language)))
    framework = course.framework
    domains = [domain for domain in framework.domains if domain.id == settings.domain] if framework else []
    eyebrow = [one for one in domains if one.label != settings.title]
    used = dict.fromkeys(name for lesson in course.lessons for name in lesson.objectives)
    page = IndexPage(
        language=language,
        direction=direction(language),
        policy=press.play.policy,
        title=press.shown(settings.title),
        eyebrow=_label(eyebrow[0].label, eyebrow[0].certainty, words, language) if eyebrow else "",
        description=press.shown(settings.description),
        facts=tuple(facts),
        objectives=tuple(press.texts[name] for name in used if name in press.texts),
        scoring=tuple(_scoring(course, _words(words, press.play))),
        groups=tuple(_groups(press)),
        start=page_name(course.lessons[0].id),
        colophon=_colophon(course, words),
        data=Markup() if press.play.scos else _json(_course_data(press)),
        is_alone=press.play.is_alone,
        has_glossary=bool(course.glossary),
        is_plain=bool(press.play.scos),
        programme=_programme(course, words),
        duration=_duration(settings.minutes, words),
        version=settings.version,
    )
    return press.template("index.html.j2").render(page=page, strings=press.strings)


def _sco(press: _Press, lesson: Lesson) -> str:
    course = press.course
    settings = course.settings
    play = replace(press.play, completion=press.play.scos[lesson.id])
    data = _course_data(replace(press, course=alone(course, lesson), play=play))
    # What an LMS keeps is kept by SCO; the browser's copies go by this id. Other lessons open to be read.
    data["course"]["id"] = f"{settings.id}/{press.numbers.lessons[lesson.id]}"
    data["pages"] += [other.id for other in course.lessons if other is not lesson]
    data["sco"] = True
    page = ScoPage(
        language=settings.language,
        direction=direction(settings.language),
        policy=press.play.policy,
        title=press.shown(lesson.title),
        course_title=press.shown(settings.title),
        href=page_name(lesson.id),
        data=_json(data),
        has_glossary=bool(course.glossary),
    )
    return press.template("sco.html.j2").render(page=page, strings=press.strings)


def _made_of(press: _Press, lesson: Lesson, body: Body) -> object:
    """Return all that a lesson's page is made of: equal things make equal pages."""
    course, numbers, play = press.course, press.numbers, press.play
    names = [question.id for question in lesson.questions]
    parts = (numbers.questions, numbers.keyed_at, numbers.letters, numbers.interactions)
    place = next(n for n, one in enumerate(course.lessons) if one is lesson)
    return (
        (lesson, body, numbers.lessons[lesson.id], [[part[name] for part in parts] for name in names]),
        [(one.path, one.id, one.title) for one in course.lessons],
        (place, _module(course, lesson).title, course.settings, course.framework, press.look),
        (play.policy, play.is_alone, play.connects, bool(play.scos)),
        course.lessons if lesson.kind == "positioning" else None,
    )


def _lesson(press: _Press, lesson: Lesson, body: Body) -> bytes:
    course, words = press.course, press.look.words
    settings = course.settings
    position = next(n for n, one in enumerate(course.lessons) if one is lesson)
    data = {
        "contract": CONTRACT,
        "version": settings.version,
        "lesson": lesson.id,
        "slot": press.numbers.lessons[lesson.id],
        "questions": [question_data(question, lesson.questions, press.numbers) for question in lesson.questions],
    }
    page = LessonPage(
        language=settings.language,
        direction=direction(settings.language),
        policy=press.play.policy,
        title=press.shown(lesson.title),
        course_title=press.shown(settings.title),
        id=lesson.id,
        slot=press.numbers.lessons[lesson.id],
        contract=CONTRACT,
        version=settings.version,
        module=press.shown(_module(course, lesson).title),
        meta=words["separator"].join(_lesson_meta(lesson, words, settings.language)),
        objectives=tuple(press.texts[name] for name in lesson.objectives if name in press.texts),
        open=launch_name(press.numbers.lessons[lesson.id]) if press.play.scos else f"{INDEX}#/{lesson.id}",
        body=_body(press, lesson, body),
        data=_json(data),
        previous=_link(press, position - 1),
        next=_link(press, position + 1),
        profile=tuple(_profile(press, lesson)) if lesson.kind == "positioning" else (),
    )
    return press.template("lesson.html.j2").render(page=page, strings=press.strings).encode()


def _profile(press: _Press, lesson: Lesson) -> Iterator[ProfileRow]:
    """Yield the competencies that a positioning lesson asks about; only questions that have a key count."""
    course, words = press.course, press.look.words
    teaching = [one for one in course.lessons if one.kind in ("lesson", "practice")]
    for competency in competencies(course.framework) if course.framework else ():
        mine = {objective.id for objective in competency.objectives}
        slots = [
            press.numbers.questions[question.id]
            for question in lesson.questions
            if mine & set(question.objectives) and any(map(has_key, press.numbers.interactions[question.id]))
        ]
        lessons = tuple(
            PageLink(page_name(one.id), press.shown(one.title)) for one in teaching if mine & set(one.objectives)
        )
        if slots:
            label = _label(competency.label, competency.certainty, words, course.settings.language)
            yield ProfileRow(label, " ".join(map(str, slots)), lessons)


def _print(press: _Press, bodies: Mapping[str, Body]) -> str:
    course, words = press.course, press.look.words
    settings = course.settings
    pages = {page_name(lesson.id): lesson.id for lesson in course.lessons}
    lessons = []
    for lesson in course.lessons:
        title = press.shown(lesson.title)
        lessons.append(
            PrintLesson(
                element_id=paper_id(lesson.id, ""),
                title=title,
                module=press.shown(_module(course, lesson).title),
                meta=words["separator"].join(_lesson_meta(lesson, words, settings.language)),
                body=Markup(on_paper(_body(press, lesson, bodies[lesson.id]), lesson.id, title, pages)),
            )
        )
    page = PrintPage(
        language=settings.language,
        direction=direction(settings.language),
        policy=press.play.policy,
        title=press.shown(settings.title),
        description=press.shown(settings.description),
        colophon=_colophon(course, words),
        lessons=tuple(lessons),
    )
    return press.template("print.html.j2").render(page=page, strings=press.strings)


def _glossary(press: _Press) -> str:
    settings, words = press.course.settings, press.look.words
    places: dict[str, list[PageLink]] = {}
    for lesson in press.course.lessons:
        for term, place in lesson.terms:
            href = page_name(lesson.id) + (f"#{place}" if place else "")
            places.setdefault(term, []).append(PageLink(href, press.shown(lesson.title)))
    page = GlossaryPage(
        language=settings.language,
        direction=direction(settings.language),
        policy=press.play.policy,
        course_title=press.shown(settings.title),
        terms=tuple(
            TermView(
                element_id=term.anchor,
                term=press.shown(term.term),
                definition=press.shown(term.definition),
                english=term.english,
                source=press.shown(words["term_source"].format(source=term.source)) if term.source else "",
                places=tuple(places.get(term.anchor, ())),
            )
            for term in press.course.glossary
        ),
    )
    return press.template("glossary.html.j2").render(page=page, strings=press.strings)


def _statement(press: _Press) -> str:
    settings, words = press.course.settings, press.look.words
    is_french = settings.region == "FR"
    page = StatementPage(
        language=settings.language,
        direction=direction(settings.language),
        policy=press.play.policy,
        course_title=press.shown(settings.title),
        has_french_duties=is_french,
        institution=press.shown(settings.institution),
        commitment=words["statement_commitment_fr" if is_french else "statement_commitment"],
        scope=words["statement_scope"].format(course=settings.title, version=settings.version),
        state=words["statement_state_rgaa" if is_french else "statement_state_wcag"],
        built_in=tuple(text for key, text in words.items() if key.startswith("statement_feature_")),
    )
    return press.template("accessibility.html.j2").render(page=page, strings=press.strings)


def _body(press: _Press, lesson: Lesson, body: Body) -> Markup:
    questions = {question.id: question for question in lesson.questions}
    parts, number = [], 0
    ends: list[str] = []
    for chunk in body.chunks:
        if isinstance(chunk, str):
            parts.append(_resolved(press, chunk))
            continue
        assert isinstance(chunk, Pieces)
        if "end" in chunk.data:
            parts.append(ends.pop())
        elif getattr(feature("questions", chunk.type), "CONTAINS", False):
            frame = _resolved(press, _question(press, questions[chunk.id], chunk, 0))
            start, _, end = frame.partition(_INSIDE)
            parts.append(start)
            ends.append(end)
        else:
            number += 1
            around = questions.get(questions[chunk.id].quiz)
            is_silent = around is not None and around.settings["feedback"] != "now"
            parts.append(_resolved(press, _question(press, questions[chunk.id], chunk, number, is_silent)))
    return Markup("".join(parts))


def _question(press: _Press, question: Question, pieces: Pieces, number: int, is_silent: bool = False) -> str:
    """Return a question's section; `is_silent`: its quiz tells nothing before it is finished, so tries mean nothing."""
    words, language = press.look.words, press.course.settings.language
    kind = cast(QuestionType, feature("questions", question.type))
    letters = press.numbers.letters[question.id]
    view = kind.view(question, pieces, letters, words)
    prompt = pieces.prompt
    for index, gap in enumerate(view.get("gaps", ())):
        prompt = prompt.replace(mark_gap(index), _gap(press, question.type, gap))
    meta = [kind.instruction(question, words, language)]
    contains = getattr(kind, "CONTAINS", False)
    if contains:
        view = {**view, "inside": {"html": _INSIDE}}
    elif not question.is_scored:
        meta.append(words["not_scored"])
    else:
        meta.append(counted(words, "points", question.points, language))
    if question.tries > 1 and not contains and not is_silent:
        meta.append(counted(words, "tries", question.tries, language))
    if not question.is_required:
        meta.append(words["question_optional"])
    shown = QuestionView(
        element_id=question.id,
        type=question.type,
        title=words["question_title"].format(number=number),
        meta=words["separator"].join(meta),
        prompt=Markup(prompt),
        hints=tuple(Markup(hint) for hint in pieces.hints),
        explanation=Markup(pieces.explanation),
        confidence=tuple(Degree(letter, words[key]) for letter, key in zip(LETTERS, CONFIDENCE, strict=False))
        if question.asks_confidence
        else (),
    )
    template = press.template(f"{question.type}.html.j2")
    return template.render(question=shown, view=_marked(view), strings=press.strings)


def _gap(press: _Press, kind: str, gap: Gap) -> str:
    return press.template(f"{kind}-gap.html.j2").render(gap=gap, label=gap.label, strings=press.strings).strip("\n")


def _marked(value: Any) -> Any:
    """Return a view with its HTML, by convention the keys `html` and `feedback`, as Markup."""
    if isinstance(value, Mapping):
        return {
            key: Markup(inner) if key in ("html", "feedback") and isinstance(inner, str) else _marked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    return value


def _resolved(press: _Press, html: str) -> str:
    """Put the addresses of lessons and files where the body names their sources."""
    if '"carabin-' not in html:
        return html

    def address(match: re.Match[str]) -> str:
        from html import escape, unescape

        kind, path, anchor = match[1], unescape(match[2]), match[3] or ""
        name = press.files.get(path, "") if kind == "lesson" else press.asset_name(path)
        return f'"{escape(name)}{anchor}"'

    return _PLACE.sub(address, html)


# --- data and words --------------------------------------------------------------------------------------------------


def _course_data(press: _Press) -> dict[str, Any]:
    course, numbers, play = press.course, press.numbers, press.play
    settings = course.settings
    return {
        "contract": CONTRACT,
        "course": {
            "id": settings.id,
            "title": press.shown(settings.title),
            "version": settings.version,
            "language": settings.language,
        },
        "revision": numbers.revision,
        "mastery": settings.mastery,
        "completion": play.completion,
        "state": {"limit": play.limit},
        "target": play.target,
        "driver": play.drivers[0],
        **({"pseudonymous": True} if play.is_pseudonymous else {}),
        "pages": [name.removesuffix(".html") for name in (STATEMENT, *((GLOSSARY,) if course.glossary else ()))],
        **({"objectives": _objectives(press)} if play.reports_objectives else {}),
        "lessons": [
            {
                "id": lesson.id,
                "slot": numbers.lessons[lesson.id],
                "title": press.shown(lesson.title),
                "file": page_name(lesson.id),
                "kind": lesson.kind,
                "module": press.shown(_module(course, lesson).title),
                "graded": lesson.is_graded,
                "minutes": lesson.minutes,
                "optional": bool(lesson.audience),
                "questions": [question_data(question, lesson.questions, numbers) for question in lesson.questions],
            }
            for lesson in course.lessons
        ],
        "strings": _words(press.look.player_words, play),
    }


def _objectives(press: _Press) -> list[dict[str, Any]]:
    """Return the objectives that the course names, with the slots of the lessons and questions that do."""
    course, numbers = press.course, press.numbers
    questions = [question for lesson in course.lessons for question in lesson.questions]
    return [
        {
            "id": one.id,
            "text": press.texts[one.id],
            "lessons": [numbers.lessons[lesson.id] for lesson in course.lessons if one.id in lesson.objectives],
            "questions": [numbers.questions[question.id] for question in questions if one.id in question.objectives],
        }
        for one in named_objectives(course, course.lessons)
    ]


def _words(words: Mapping[str, str], play: Play) -> dict[str, str]:
    """Return the words of a package: `local_x` instead of `x` where no LMS stands behind, `sco_x` where a SCO is one
    lesson; those of statements only where an LRS is told."""
    own = f"{_LOCAL}_" if play.is_alone else "sco_" if play.scos else None
    kept = {key: text for key, text in words.items() if play.connects or not key.startswith("statements_")}
    special = {key: text for key, text in kept.items() if key.startswith((f"{_LOCAL}_", "sco_"))}
    shared = {key: text for key, text in kept.items() if key not in special}
    return shared | {key.removeprefix(own): text for key, text in special.items() if own and key.startswith(own)}


def _json(data: Mapping[str, Any]) -> Markup:
    """Return JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def objectives_in_words(course: Course, words: Mapping[str, str]) -> Iterator[str]:
    """Yield the objectives that the lessons of a course name, as its pages show them; `words` of the section `page`."""
    for one in named_objectives(course, course.lessons):
        yield _label(one.text, one.certainty, words, course.settings.language)


def _label(text: str, certainty: str, words: Mapping[str, str], language: str) -> str:
    """Return a framework's label as a page shows it; one that was written from memory says so."""
    shown = typeset(text, language)
    return f"{shown} ({words['label_unverified']})" if certainty == UNVERIFIED else shown


def _groups(press: _Press) -> Iterator[TocGroup]:
    course, words = press.course, press.look.words
    lessons = {lesson.id: lesson for lesson in course.lessons}
    for number, module in enumerate(course.modules, 1):
        yield TocGroup(
            f"toc-{number}",
            press.shown(module.title),
            tuple(
                TocLesson(
                    name,
                    page_name(name),
                    press.shown(lessons[name].title),
                    _toc_meta(lessons[name], words),
                    tuple(_toc_parts(lessons[name])),
                )
                for name in module.lessons
            ),
        )


def _toc_parts(lesson: Lesson) -> Iterator[PageLink]:
    for heading in lesson.headings:
        if heading.anchor in lesson.parts:
            yield PageLink(f"{page_name(lesson.id)}#{heading.anchor}", heading.text)


def _toc_meta(lesson: Lesson, words: Mapping[str, str]) -> str:
    meta = [_duration(lesson.minutes, words)] if lesson.minutes else []
    if lesson.audience:
        meta.append(words["optional"])
    return words["separator"].join(meta)


def _lesson_meta(lesson: Lesson, words: Mapping[str, str], language: str) -> Iterator[str]:
    if lesson.minutes:
        yield _duration(lesson.minutes, words)
    if count := quiz.asked(lesson.questions):
        yield counted(words, "questions", count, language)
    if lesson.kind != "lesson":
        yield words[f"kind_{lesson.kind}"]
    if lesson.audience:
        yield words["optional"]


def _scoring(course: Course, words: Mapping[str, str]) -> Iterator[str]:
    settings = course.settings
    when = settings.complete_when
    if when.lessons is None:
        yield words["scoring_lessons_all"]
    else:
        titles = [lesson.title for lesson in course.lessons if lesson.id in when.lessons]
        yield words["scoring_lessons_some"].format(titles=", ".join(titles))
    if settings.mastery is not None:
        yield words["scoring_mastery"].format(percent=f"{settings.mastery * 100:g}")
    if when.minutes:
        yield words["scoring_minutes"].format(duration=_duration(when.minutes, words))
    if settings.mastery is not None and not any(lesson.kind == "assessment" for lesson in course.lessons):
        yield words["scoring_retry"]
    if not any(question.is_scored for lesson in course.lessons for question in lesson.questions):
        yield words["scoring_none"]


def _programme(course: Course, words: Mapping[str, str]) -> str:
    """Return of which whole a course is a part, with hours and ECTS as the framework states them; may be empty."""
    framework, language = course.framework, course.settings.language
    if framework is None or not framework.minutes:
        return ""
    hours = _duration(framework.minutes, words)
    text = words["attestation_programme"].format(title=framework.title, hours=hours)
    if framework.ects is None:
        return text
    key = "attestation_ects_unverified" if framework.ects.certainty == UNVERIFIED else "attestation_ects"
    value = f"{framework.ects.value:g}".replace(".", "," if language.startswith("fr") else ".")
    return f"{text} {words[key].format(value=value, basis=framework.ects.basis)}"


def _colophon(course: Course, words: Mapping[str, str]) -> str:
    settings = course.settings
    authors = ", ".join(author.name for author in settings.authors)
    version = words["colophon_version"].format(version=settings.version)
    licence = words["colophon_licence"].format(licence=settings.licence)
    return words["separator"].join(part for part in (authors, version, licence) if part)


def _duration(minutes: float, words: Mapping[str, str]) -> str:
    whole = round(minutes)
    hours, rest = divmod(whole, 60)
    if not hours:
        return words["minutes"].format(count=whole)
    if not rest:
        return words["hours"].format(count=hours)
    return words["hours_minutes"].format(hours=hours, minutes=f"{rest:02d}")


def _percent(scaled: float, language: str) -> str:
    text = f"{scaled * 100:g}"
    return f"{text.replace('.', ',')}\u00a0%" if language.startswith("fr") else f"{text}%"


def _module(course: Course, lesson: Lesson) -> Module:
    return next(module for module in course.modules if lesson.id in module.lessons)


def _link(press: _Press, position: int) -> PageLink | None:
    lessons = press.course.lessons
    if not 0 <= position < len(lessons):
        return None
    return PageLink(page_name(lessons[position].id), press.shown(lessons[position].title))


_ENVIRONMENTS: dict[str, Environment] = {}
_STYLESHEETS: dict[tuple[str, tuple[str, ...]], bytes] = {}


def page_beside(theme: Theme, template: str, **values: object) -> str:
    """Return a page that stands beside packages, one file with its style inside: the sheet, the catalogue."""
    return templates(theme).get_template(template).render(**values, style=Markup(theme.sheet))


def templates(theme: Theme) -> Environment:
    """Return the compiled templates of a theme and of all question types; made once for the courses of one run."""
    if theme.digest not in _ENVIRONMENTS:
        _ENVIRONMENTS[theme.digest] = environment(theme, _templates())
    return _ENVIRONMENTS[theme.digest]


def _stylesheet(theme: Theme, types: tuple[str, ...]) -> bytes:
    key = (theme.digest, types)
    if key not in _STYLESHEETS:
        _STYLESHEETS[key] = stylesheet(theme, _styles(types))
    return _STYLESHEETS[key]


@cache
def _templates() -> Mapping[str, str]:
    """Return the templates of question types, by name."""
    folder = Path(__file__).parent / "questions"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.html.j2"))}


def _styles(types: Sequence[str]) -> list[str]:
    """Return the styles of the question types of a course, and of all asides: those are few."""
    folder = Path(__file__).parent
    files = [folder / "questions" / f"{name}.css" for name in types if name in features("questions")]
    return [path.read_text("utf-8") for path in (*sorted((folder / "asides").glob("*.css")), *files)]

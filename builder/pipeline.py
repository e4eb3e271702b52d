"""The compiler on one screen: load → parse → check → render → package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from builder import codec, completion, limits, recorder, slots
from builder.body import Body
from builder.check import check as run_rules
from builder.diagnostics import Diagnostic, Diagnostics, Severity, Span, has_errors, in_order
from builder.facts import overdue, read_facts
from builder.frameworks import read_framework
from builder.glossary import read_glossary, sort_key
from builder.lint import Subject
from builder.lint.assessment import quizzes, unreachable_mastery
from builder.lint.region import foreign_words
from builder.load import Sources
from builder.lock import Lock, parse_lock, write_lock
from builder.memory import Memory
from builder.model import Asset, Character, Course, CourseSettings, Lesson, Package, Passage, Silence
from builder.overlay import Overlay, repainted
from builder.parse import LessonContext, modules_of, parse_lesson
from builder.programmes import read_programmes, with_course
from builder.questions import interactions_of, quiz
from builder.render import Look, Numbers, Play, page_beside, render
from builder.seams import feature, features
from builder.settings import read_characters
from builder.sheet import SheetSection
from builder.sheet import sheet as sheet_page
from builder.silences import heard, of_yaml, unused
from builder.strings import strings
from builder.targets import Build, Sco, Target
from builder.theme import Theme, find_theme, our_themes
from builder.variants import Variant, choose, markup, overlaid
from builder.write import Written
from builder.xapi import Packaged

_UNTOLD = re.compile(r"A36[3-6]|Q4[79]\d")
"""Codes of what only the web, a variant or an overlay tells."""
_FRONT = re.compile(r"---[ \t]*\n.*?\n---", re.DOTALL)
"""The front matter of a lesson, which is YAML."""
_SPELLING = re.compile(r"A28\d")
"""Codes of what is told only where spelling is looked at."""
UNNAMED = "Q101"
UNREACHABLE = "A201"
"""Said only where every question could be read: else the one that could not may be the one that is missed."""
"""A question without id: saved progress cannot follow it, so only the target `web` takes it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for. `targets` empty: those of `course.yml`.

    `today`, an ISO date, is given by `check` alone, which notes the facts to be reviewed: no build depends on the day.
    `advises`: whether rules get the plain words of lessons, and advise about them; `check` asks for it, no build does.
    `spells`: whether they look at the spelling too. `is_draft`: questions without id are taken by any target, each with
    a makeshift, and what is foreign in a region is a warning, as in the preview; nothing of it is a package.
    """

    targets: tuple[str, ...] = ()
    locked: bool = False
    variant: Variant = field(default_factory=Variant)
    today: str = ""
    advises: bool = False
    spells: bool = False
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A course that has been read: None when not even its settings can be used.

    `course` and `bodies` are those of the variant; `lessons` are all those of the source, as the lock numbers them.
    `worst_by_lesson`: `worst_state` of each lesson alone, where a target packages lesson by lesson. `prose`: the plain
    words of lessons by path, where they were wanted; `silences`: what comments do not want to be told.
    """

    course: Course | None
    bodies: Mapping[str, Body]
    numbers: Numbers | None
    lock: Lock
    theme: Theme | None
    targets: tuple[str, ...]
    worst_state: int
    diagnostics: Diagnostics
    lessons: tuple[Lesson, ...] = ()
    worst_by_lesson: Mapping[str, int] = field(default_factory=dict)
    prose: Mapping[str, tuple[Passage, ...]] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """One target of a course: a package to be written, or None after an error."""

    course: Course | None
    target: Target | None
    package: Package | None
    build: Build | None
    theme: Theme | None
    diagnostics: Diagnostics


def targets() -> tuple[str, ...]:
    """Return the names of all targets."""
    return features("targets")


def target_of(name: str) -> Target:
    """Return the target of a name."""
    return cast(Target, feature("targets", name))


def check(sources: Sources, options: Options, memory: Memory | None = None) -> Checked:
    """Read a course and say what is wrong with it. Writes nothing. `memory` spares who reads it again and again what
    has not changed."""
    settings = sources.settings
    if settings is None:
        return Checked(None, {}, None, Lock(), None, (), 0, in_order(sources.found))
    settings, problems = overlaid(settings, options.variant)
    overlay = options.variant.overlay
    assert sources.settings is not None
    is_abroad = settings.region != sources.settings.region
    source, whole, words, found = _parse(sources, settings, overlay, options.advises or is_abroad, memory)
    prose = words if options.advises else {}
    found += problems
    course, bodies, problems = choose(source, whole, options.variant, strings(settings.language, "page"))
    found += problems
    wanted = tuple(dict.fromkeys(options.targets or settings.targets))
    theme, problems = _theme(settings.theme, sources.tree, settings.spans.get("theme", settings.span))
    found += problems
    if theme is not None:
        theme, problems = repainted(theme, overlay)
        found += problems
    found += run_rules(_subject(source, sources, prose, options))
    found += tuple(overdue(source, options.today))
    if course != source:
        subject = Subject(course, sources.asset, sources.read_asset)
        found += tuple(one for rule in (unreachable_mastery, quizzes) for one in rule(subject) if one not in found)
    if is_abroad:
        shown = {lesson.path: markup(bodies[lesson.id]) for lesson in course.lessons if lesson.id in bodies}
        subject = replace(_subject(course, sources, words, options), built=shown)
        foreign = (
            replace(one, severity=Severity.WARNING) if options.is_draft else one for one in foreign_words(subject)
        )
        found += tuple(one for one in foreign if one not in found)
    for name in wanted:
        if name in targets():
            # What several targets refuse alike is said once.
            found += tuple(one for one in target_of(name).check(course) if one not in found)
    splitting = [name for name in wanted if settings.sco == "lesson" and name in targets() and target_of(name).SPLITS]
    place = settings.spans.get("complete_when", settings.span)
    if course.lessons and splitting != list(wanted):
        found += completion.check_completion(course, completion.completion_table(course), place)
    for lesson in course.lessons if splitting else ():
        by_itself = completion.alone(course, lesson)
        found += completion.check_completion(by_itself, completion.completion_table(by_itself), lesson.span)
    lock, problems = parse_lock(sources.lock.text if sources.lock else "", sources.lock_file, settings.id)
    found += (*problems, *lock.unreadable)
    text, unique = sources.lock.text if sources.lock else "", _unique(source.lessons)
    assigned, problems = memory.assign(text, lock, unique) if memory else slots.assign(lock, unique)
    unnamed = {question.id for lesson in source.lessons for question in lesson.questions if not question.is_named}
    assigned = replace(assigned, provisional=tuple(name for name in assigned.provisional if name not in unnamed))
    found += problems + slots.not_locked(
        assigned, settings.spans.get("id", settings.span), options.locked, is_first=sources.lock is None
    )
    if memory and (assigned.provisional or unnamed):
        assigned = memory.number(text, lock, unique)
    numbers = _numbers(source, assigned)
    worst = codec.worst_case(*_state(source, numbers), assigned.lock.entries, tuple(_pools(source, numbers)))
    by_lesson = _worst_by_lesson(source, numbers, assigned) if splitting else {}
    if options.advises:
        found += tuple(_nearly_full(source, numbers, wanted, by_lesson, worst))
    for name in wanted:
        if name in splitting:
            for lesson in _unique(source.lessons):
                found += codec.sco_fits(by_lesson[lesson.id], lesson.id, name, target_of(name).STATE_LIMIT, lesson.span)
        elif name in targets():
            found += codec.state_fits(worst, name, target_of(name).STATE_LIMIT, settings.spans.get("id", settings.span))
    if wanted != ("web",) and not options.is_draft:
        found = tuple(replace(one, severity=Severity.ERROR) if one.code == UNNAMED else one for one in found)
    if any(one.code == "S003" or _loses_questions(one, settings.span.file) for one in found):
        found = tuple(one for one in found if one.code != UNREACHABLE)
    silences, problems = _silences(source, sources)
    found += problems
    if options.advises:
        found += tuple(unused(found, _judged(silences, sources, options)))
    heard_ = heard(in_order(found), silences)
    sizes = {name: one.characters for name, one in by_lesson.items()}
    return Checked(
        course,
        bodies,
        numbers,
        assigned.lock,
        theme,
        wanted,
        worst.characters,
        heard_,
        source.lessons,
        sizes,
        prose,
        silences,
    )


def _silences(course: Course, sources: Sources) -> tuple[tuple[Silence, ...], Diagnostics]:
    """Return what comments of lessons and of YAML files silence, and what is wrong with the latter."""
    silences = [silence for lesson in course.lessons for silence in lesson.silences]
    found: list[Diagnostic] = []
    base = f"{sources.base}/" if sources.base else ""
    paths = ("course.yml", "characters.yml", *(f"{folder}/_module.yml" for folder in sources.modules))
    named = [sources.text(f"{base}{path}") for path in paths]
    shared = sources.text("_shared/characters.yml") if base else None
    for source in (*named, shared, *sources.glossaries, *sources.facts):
        if source is not None and "carabin" in source.text:
            more, problems = of_yaml(source, is_course=source is named[0])
            silences += more
            found += problems
    for lesson in sources.lessons:
        front = _FRONT.match(lesson.text)
        if front and "carabin" in front[0]:
            more, problems = of_yaml(replace(lesson, text=front[0]))
            silences += more
            found += problems
    return tuple(silences), tuple(found)


def _judged(silences: Sequence[Silence], sources: Sources, options: Options) -> Iterator[Silence]:
    """Yield the silences of which a run without findings tells that they are not needed: those of the course's own
    files, for what is found in every variant, without asking the web."""
    assert sources.settings is not None
    folder = sources.settings.span.file.removesuffix("course.yml")
    for silence in silences:
        file = silence.span.file
        is_own = file.startswith(folder) if folder else not file.startswith("/")
        if is_own and not _UNTOLD.match(silence.code) and (options.spells or not _SPELLING.match(silence.code)):
            yield silence


def _loses_questions(found: Diagnostic, settings: str) -> bool:
    """Return whether an error may have kept a question from being read: one of a lesson's source."""
    return found.severity is Severity.ERROR and found.code[0] in "QS" and found.span.file != settings


def build(sources: Sources, options: Options, memory: Memory | None = None) -> Iterator[Built]:
    """Compile a course for each target. Reads the disk, writes nothing; members are made while they are written.

    The first result carries what was found; after an error it is the only one, without a package.
    """
    checked = check(sources, options, memory)
    course, numbers, theme = checked.course, checked.numbers, checked.theme
    if course is None or numbers is None or theme is None or has_errors(checked.diagnostics):
        yield Built(course, None, None, None, theme, checked.diagnostics)
        return
    diagnostics: Diagnostics = checked.diagnostics
    if not any(found.code == slots.NOT_LOCKED for found in diagnostics):
        diagnostics += slots.not_released(checked.lock, course.settings.spans["version"])
    language = course.settings.language
    look = Look(theme, strings(language, "page"), strings(language, "player"))
    table = completion.as_data(completion.completion_table(course))
    for name in checked.targets:
        target = target_of(name)
        scos = tuple(_scos(course, checked)) if target.SPLITS and course.settings.sco == "lesson" else ()
        tables = {sco.lesson: sco.completion for sco in scos}
        lrs = _lrs(target, options.variant)
        play = Play(
            name,
            target.DRIVERS,
            target.STATE_LIMIT,
            table,
            tables,
            recorders=(recorder.PIECE,) if lrs else (),
            is_pseudonymous=bool(lrs) and options.variant.is_pseudonymous,
            connects=bool(lrs) or target.LRS == "driver",
            files={recorder.FILE: recorder.configuration(lrs)} if lrs else {},
        )
        keep = {"keep": memory.keep} if memory else {}
        site = render(course, checked.bodies, numbers, look, play, sources.read_asset, sources.asset_name, **keep)
        made = Build(
            variant=options.variant.name,
            revision=numbers.revision,
            lock=write_lock(checked.lock),
            slots=numbers.questions,
            interactions=numbers.interactions,
            completion=table,
            worst_state=max((sco.worst_state for sco in scos), default=checked.worst_state),
            is_for_trainer=options.variant.is_for_trainer,
            lrs=lrs,
            is_pseudonymous=play.is_pseudonymous,
            scos=scos,
            **keep,
        )
        yield Built(course, target, target.package(course, site, made), made, theme, diagnostics)
        diagnostics = ()


def _lrs(target: Target, variant: Variant) -> recorder.Lrs | None:
    """Return what a package says of the LRS that its recorder tells; None where it has no recorder."""
    if target.LRS != "recorder" or not variant.has_lrs:
        return None
    return recorder.packaged(variant.overlay.lrs if variant.overlay else None, variant.is_pseudonymous)


def told(checked: Checked, name: str) -> Packaged:
    """Return what a package for a target says in xAPI; the course has no errors."""
    assert checked.course is not None
    assert checked.numbers is not None
    course, numbers = checked.course, checked.numbers
    lessons = course.lessons if course.settings.sco == "lesson" and target_of(name).SPLITS else ()
    return Packaged(course, numbers.interactions, name, tuple((one.id, numbers.lessons[one.id]) for one in lessons))


def sheet(built: Built, written: Written, since: SheetSection | None = None) -> str:
    """Return the administrator's sheet of a package that has been written, in the course's language; `since`: what the
    update from an earlier version does."""
    from types import SimpleNamespace

    assert built.course is not None
    assert built.target is not None
    assert built.build is not None
    assert built.theme is not None
    language = built.course.settings.language
    page = sheet_page(built.course, built.build, built.target, written, language, strings(language, "sheet"), since)
    words = SimpleNamespace(**strings(language, "page"))
    return page_beside(built.theme, "sheet.html.j2", page=page, strings=words, direction="ltr")


def _parse(
    sources: Sources,
    settings: CourseSettings,
    overlay: Overlay | None,
    wants_prose: bool,
    memory: Memory | None = None,
) -> tuple[Course, Mapping[str, Body], Mapping[str, tuple[Passage, ...]], Diagnostics]:
    """Return the course as summaries, the bodies by lesson id, the plain words by lesson path where they are wanted,
    and all that reading found."""
    found: list[Diagnostic] = []
    words = strings(settings.language, "page")
    lessons: list[Lesson] = []
    bodies: dict[str, Body] = {}
    prose: dict[str, tuple[Passage, ...]] = {}
    glossary, problems = read_glossary(*sources.glossaries, overlay.terms if overlay else ())
    found += problems
    facts, problems = read_facts(*sources.facts, overlay.facts if overlay else None)
    found += problems
    base = f"{sources.base}/" if sources.base else ""
    characters: dict[str, Character] = {}
    for path in dict.fromkeys(("_shared/characters.yml", f"{base}characters.yml")):
        text = sources.text(path)
        if text is not None:
            more, problems = read_characters(text.text, text.file)
            characters |= more
            found += problems
    if overlay:
        characters |= overlay.characters
    for source in sources.lessons:
        folder = source.path.removeprefix(base).rpartition("/")[0]
        context = LessonContext(
            settings.variables,
            words,
            settings.language,
            settings.graded,
            folder,
            sources.text,
            characters,
            glossary,
            facts,
            wants_prose,
        )
        parsed = memory.parse(source, context) if memory else parse_lesson(source, context)
        found += parsed.found
        lessons.append(parsed.lesson)
        bodies.setdefault(parsed.lesson.id, parsed.body)
        if wants_prose:
            prose[parsed.lesson.path] = parsed.prose
    framework = None
    if sources.framework is not None:
        framework, problems = read_framework(sources.framework)
        found += problems
    paths = dict.fromkeys(link.path for lesson in lessons for link in lesson.links if link.kind == "asset")
    assets: dict[str, Asset] = {}
    for path in paths:
        asset = sources.asset(path)
        if asset is not None:
            assets[asset.name] = asset
    used = {anchor for lesson in lessons for anchor, _ in lesson.terms}
    terms = (term for term in glossary.terms if term.anchor in used or not term.is_shared) if glossary else ()
    cited = dict.fromkeys(name for lesson in lessons for name in lesson.facts)
    course = Course(
        settings,
        modules_of(lessons, sources.modules),
        tuple(lessons),
        framework,
        tuple(assets.values()),
        tuple(sorted(terms, key=sort_key)),
        tuple(facts[name] for name in cited),
    )
    return course, bodies, prose, (*sources.found, *found)  # what is included was read on the way


def _nearly_full(
    course: Course, numbers: Numbers, wanted: Sequence[str], by_lesson: Mapping[str, codec.Worst], worst: codec.Worst
) -> Iterator[Diagnostic]:
    """Yield what comes near the limits of each target, which packages lesson by lesson where `by_lesson` says so."""
    place = course.settings.spans.get("id", course.settings.span)
    lessons = _unique(course.lessons)
    everything = [question for lesson in lessons for question in lesson.questions]
    for name in (name for name in wanted if name in targets()):
        limit = target_of(name).STATE_LIMIT
        if by_lesson and target_of(name).SPLITS:
            for lesson in lessons:
                yield from limits.nearly_full(by_lesson[lesson.id], name, limit, lesson.span)
                yield from limits.many_interactions(lesson.questions, numbers.interactions, name, lesson.span)
        else:
            yield from limits.nearly_full(worst, name, limit, place)
            yield from limits.many_interactions(everything, numbers.interactions, name, place)


def _subject(course: Course, sources: Sources, prose: Mapping[str, tuple[Passage, ...]], options: Options) -> Subject:
    """Return what rules look at; folders of media are listed only where rules advise."""
    return Subject(
        course,
        sources.asset,
        sources.read_asset,
        sources.leaves,
        prose,
        options.advises,
        options.spells,
        sources.media() if options.advises else (),
        sources.text,
        f"{sources.base}/" if sources.base else "",
        with_course(read_programmes(sources.tree)[0], course.settings.id) if options.advises else None,
    )


def _numbers(course: Course, assigned: slots.Assigned) -> Numbers:
    """Return what the lock gives, and each question as the standards see it."""
    placed = assigned.questions
    words = strings(course.settings.language, "page")
    interactions = {
        question.id: interactions_of(question, placed[question.id].letters, words)
        for lesson in _unique(course.lessons)
        for question in lesson.questions
    }
    return Numbers(
        assigned.revision,
        assigned.lessons,
        {name: one.slot for name, one in placed.items()},
        {name: one.keyed_at for name, one in placed.items()},
        {name: one.letters for name, one in placed.items()},
        interactions,
    )


def _state(course: Course, numbers: Numbers) -> tuple[dict[int, codec.Asked | None], dict[int, str], int]:
    """Return the slots of a course as the saved state sees them, their names, and the revision."""
    asked: dict[int, codec.Asked | None] = {}
    names: dict[int, str] = {}
    for lesson in _unique(course.lessons):
        asked[numbers.lessons[lesson.id]] = None
        names[numbers.lessons[lesson.id]] = lesson.id
        for question in lesson.questions:
            slot = numbers.questions[question.id]
            interactions = numbers.interactions[question.id]
            asked[slot] = codec.Asked(slot, numbers.keyed_at[question.id], interactions, tries=question.tries)
            names[slot] = question.id
    return asked, names, numbers.revision


def _pools(course: Course, numbers: Numbers) -> Iterator[codec.Pool]:
    """Yield what quizzes draw from."""
    for lesson in _unique(course.lessons):
        for question in lesson.questions:
            if question.type == quiz.NAME:
                for count, pool in quiz.groups(question, lesson.questions):
                    slots = tuple(numbers.questions[one.id] for one in pool)
                    yield codec.Pool(slots, count, 1 + question.settings["retakes"])


def _worst_by_lesson(course: Course, numbers: Numbers, assigned: slots.Assigned) -> Mapping[str, codec.Worst]:
    """Return the largest saved state of each lesson by itself; any retired question may have been one of its own."""
    retired = [entry for entry in assigned.lock.entries if entry.is_retired]
    alone = {lesson.id: replace(course, lessons=(lesson,)) for lesson in _unique(course.lessons)}
    return {
        name: codec.worst_case(*_state(one, numbers), retired, tuple(_pools(one, numbers)))
        for name, one in alone.items()
    }


def _scos(course: Course, checked: Checked) -> Iterator[Sco]:
    """Yield what a target learns of each lesson that it packages by itself."""
    assert checked.numbers is not None
    for lesson in course.lessons:
        table = completion.as_data(completion.completion_table(completion.alone(course, lesson)))
        yield Sco(lesson.id, checked.numbers.lessons[lesson.id], table, checked.worst_by_lesson[lesson.id])


def _unique(lessons: tuple[Lesson, ...]) -> tuple[Lesson, ...]:
    """Return the lessons with each lesson and question id once: the rules report the others."""
    seen: set[str] = set()
    result = []
    for lesson in lessons:
        if lesson.id in seen:
            continue
        seen.add(lesson.id)
        questions = []
        for question in lesson.questions:
            if question.id not in seen:
                seen.add(question.id)
                questions.append(question)
        result.append(replace(lesson, questions=tuple(questions)))
    return tuple(result)


_THEMES: dict[tuple[object, ...], Theme] = {}


def _theme(name: str, project: Path, span: Span) -> tuple[Theme | None, Diagnostics]:
    """Return a theme; one that was found without a word is not read again as long as no file of a theme changes."""
    own = project / "themes"
    files = sorted(path for root in (our_themes(), own) for path in root.rglob("*"))
    key = (
        name,
        project if own.is_dir() else None,
        *((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.is_file()),
    )
    if key not in _THEMES:
        theme, problems = find_theme(name, project, span)
        if theme is None or problems:
            return theme, problems
        _THEMES[key] = theme
    return _THEMES[key], ()

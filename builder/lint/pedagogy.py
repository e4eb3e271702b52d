"""Advice about teaching: objectives that are assessed, feedback that explains, questions that do not give themselves
away, minutes that can be true.

All of it speaks in `check` alone, where the words of lessons are known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil, sqrt

from builder.diagnostics import Diagnostic, note, warning
from builder.frameworks import owed
from builder.lint import Rule, Subject
from builder.lint._wording import Asked, asked, choices, compared, flat, language, read, title
from builder.model import Passage, Question
from builder.prose import sentences, words
from builder.questions import quiz

FEWEST = 10
"""Fewest single choices of a course from which a habit can be told from chance."""

SIGMAS = 3
"""How many standard deviations above chance make a habit."""

ABSOLUTES = 6
"""Fewest answers with an absolute word from which a habit can be told."""

CHANCE = 0.05
"""Probability below which all absolute words stand in wrong answers by no accident."""

FASTEST, SLOWEST = 300, 80
"""Words a minute: of who reads fast and skips the feedback; of who studies, takes notes and reads everything."""

ANSWERING = (0.25, 5)
"""Minutes for a question, at least and at most."""

WATCHING = 15
"""Most minutes for a video or a recording, whose length the source does not say."""

MARGIN = 15
"""Minutes that anything may take: a pause, something to try where one works."""

STUB = 100
"""Words below which a lesson is not finished, or takes place elsewhere: nothing is said of its length."""


def assessed_objectives(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson names an objective that no scored question of the course assesses.

    Objectives that a programme gives to the course are the matter of A221.
    Why: nobody can tell whether it was reached, and reports of coverage show a gap.
    Instead: ask a question about it, with `objective=`, or do not name it.
    Source: Biggs, "Enhancing teaching through constructive alignment", Higher Education 32, 1996.
    """
    lessons = subject.course.lessons
    known = {
        name for one in lessons for question in one.questions if question.is_scored for name in question.objectives
    }
    if not any(question.is_scored for one in lessons for question in one.questions):
        return
    told = {one.id for one in owed(subject.course, subject.programme)}
    for lesson in read(subject):
        missing = [name for name in lesson.objectives if name not in known | told]
        if missing:
            place = lesson.spans.get("objectives", lesson.span)
            yield warning("A203", place, ids=", ".join(missing), count=len(missing))


def named_objectives(subject: Subject) -> Iterator[Diagnostic]:
    """A question assesses an objective that its lesson does not name; in an assessment, one that no lesson names.

    Why: what is not taught is asked.
    Instead: name it in the lesson's `objectives`, or correct the question's.
    Source: Biggs, "Enhancing teaching through constructive alignment", Higher Education 32, 1996.
    """
    everywhere = {name for lesson in subject.course.lessons for name in lesson.objectives}
    for lesson in read(subject):
        known = {*lesson.objectives} if lesson.kind in ("lesson", "practice") else everywhere
        for question in lesson.questions:
            for name in question.objectives:
                if question.is_scored and name not in known:
                    yield warning("A204", question.span, id=name)


def taught_objectives(subject: Subject) -> Iterator[Diagnostic]:
    """No lesson names an objective of the course's domain, though the course is as long as the domain.

    A domain that a programme gives to the course is the matter of A220.
    Why: the course looks whole and is not. As long as it is shorter than its domain, it is on the way.
    Instead: name the objective where it is taught, or teach it.
    """
    course = subject.course
    is_told = bool(owed(course, subject.programme))
    domains = course.framework.domains if course.framework and subject.prose and not is_told else ()
    named = {name for lesson in course.lessons for name in lesson.objectives}
    for domain in domains:
        if domain.id != course.settings.domain or course.settings.minutes < 0.9 * (domain.minutes or 0):
            continue
        missing = [one.id for each in domain.competencies for one in each.objectives if one.id not in named]
        if missing:
            place = course.settings.spans.get("domain", course.settings.span)
            yield note("A205", place, domain=domain.id, count=len(missing), ids=_some(missing))


def teaching_feedback(subject: Subject) -> Iterator[Diagnostic]:
    """Feedback says right or wrong and nothing else, and the question has no explanation.

    What is asked before anything was taught (`kind: positioning`) is left alone.
    Why: the mark beside the answer says so already; what helps is the reason.
    Instead: say why, or what to do instead.
    Source: Hattie and Timperley, "The power of feedback", Review of Educational Research 77, 2007.
    """
    verdicts = _VERDICTS.get(language(subject), frozenset())
    for one in asked(subject):
        if one.lesson.kind == "positioning" or one.of("explanation"):
            continue
        for passages in _feedbacks(one):
            said = compared(" ".join(passage.text for passage in passages)).split()
            if said and verdicts.issuperset(said):
                yield warning("A206", passages[0].span, text=_shown(passages[0]))


def explained_questions(subject: Subject) -> Iterator[Diagnostic]:
    """A scored question has neither feedback nor explanation. Choices are the matter of A202.

    Why: who was wrong does not learn why.
    Instead: write `> [!EXPLANATION]` at the end of the question, or feedback under its answers.
    Source: Hattie and Timperley, "The power of feedback", Review of Educational Research 77, 2007.
    """
    for one in asked(subject):
        question = one.question
        if not question.is_scored or question.type == "choice" or _is_silent(one):
            continue
        has_column = question.type == "matrix" and any(passage.text.strip() == ">" for passage in one.passages)
        if not has_column and not one.of("feedback", "explanation"):
            yield warning("A207", question.span)


def likely_minutes(subject: Subject) -> Iterator[Diagnostic]:
    """A lesson's duration is out of reach: too short even for who reads fast, or too long for who studies slowly.

    The least: the words without feedback at 300 a minute, and 15 seconds a question. The most: all words at 80 a
    minute, 5 minutes a question, 15 a video or recording, and 15 more. Of a quiz, the questions that are drawn count.
    Lessons below 100 words are left alone; so is a course whose framework says what activities take (A216).
    Why: durations add up to what a programme promises and an institution grants.
    Source: Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019.
    """
    framework = subject.course.framework
    for lesson in () if framework and framework.activities else read(subject):
        passages = [passage for passage in subject.prose[lesson.path] if passage.role != "trainer"]
        everything = sum(len(words(passage.text)) for passage in passages)
        drawn = {one.span for one in lesson.questions if one.quiz}
        own = sum(
            len(words(one.text))
            for one in passages
            if one.question not in drawn and one.role not in ("hint", "feedback", "explanation")
        )
        if not lesson.minutes or everything < STUB:
            continue
        films = sum(link.path.lower().endswith(_FILMS) for link in lesson.links)
        questions = quiz.asked(lesson.questions)
        least = own / FASTEST + ANSWERING[0] * questions
        most = everything / SLOWEST + ANSWERING[1] * questions + WATCHING * films + MARGIN
        place, minutes = lesson.spans.get("duration", lesson.span), f"{lesson.minutes:g}"
        if lesson.minutes < least:
            yield note("A208", place, minutes=minutes, words=own, questions=questions, least=ceil(least))
        elif lesson.minutes > most:
            yield note("A209", place, minutes=minutes, words=everything, questions=questions, most=int(most))


def longest_answers(subject: Subject) -> Iterator[Diagnostic]:
    """Over the course, the right answer is the longest one far more often than chance would have it.

    Counted over scored single choices, from ten on; far more often: three standard deviations.
    Why: authors take care of the right answer and hurry the others; learners know.
    Instead: make the wrong answers as precise as the right one.
    Source: Haladyna, Downing and Rodriguez, "A review of multiple-choice item-writing guidelines", Applied Measurement
    in Education 15, 2002.
    """
    singles = list(choices(subject))
    hits = []
    for question in singles:
        sizes = [len(compared(part.text)) for part in question.parts]
        right = _right(question)
        if all(sizes[right] > size for index, size in enumerate(sizes) if index != right):
            hits.append(question)
    if _is_habit(len(hits), [1 / len(question.parts) for question in singles]):
        yield note("A210", title(subject), count=len(hits), total=len(singles), ids=_some([one.id for one in hits]))


def places_of_answers(subject: Subject) -> Iterator[Diagnostic]:
    """Over the course, the right answer stands at the same place far more often than chance would have it.

    Counted over scored single choices whose answers are not shuffled, from ten on; three standard deviations.
    Why: learners who do not know pick that place.
    Instead: vary the place, or write `shuffle`.
    Source: Haladyna, Downing and Rodriguez, "A review of multiple-choice item-writing guidelines", Applied Measurement
    in Education 15, 2002.
    """
    singles = [question for question in choices(subject) if not question.shuffle]
    places = Counter(map(_right, singles))
    for place, count in sorted(places.items()):
        chances = [1 / len(question.parts) if place < len(question.parts) else 0 for question in singles]
        if _is_habit(count, chances):
            ids = _some([question.id for question in singles if _right(question) == place])
            yield note("A211", title(subject), place=place + 1, count=count, total=len(singles), ids=ids)


def catch_all_answers(subject: Subject) -> Iterator[Diagnostic]:
    """An answer stands for all the others, or for none of them: "all of the above".

    Why: who knows that one other answer is right, or wrong, needs to know no more; shuffled, it makes no sense.
    Instead: let several answers be right, or write an answer of its own.
    Source: Haladyna, Downing and Rodriguez, "A review of multiple-choice item-writing guidelines", Applied Measurement
    in Education 15, 2002.
    """
    pattern = _CATCH_ALL.get(language(subject))
    for one in asked(subject) if pattern else ():
        for passage in one.of("answer") if one.question.type == "choice" else ():
            if pattern and pattern.fullmatch(compared(passage.text)):
                yield warning("A212", passage.span, text=_shown(passage))


def stressed_negations(subject: Subject) -> Iterator[Diagnostic]:
    """A question asks for what is not so, and the negation does not catch the eye.

    Why: who reads over a "not" is wrong without being wrong.
    Instead: ask for what is so; else write the negation in bold: `which is **not** …`.
    Source: Haladyna, Downing and Rodriguez, "A review of multiple-choice item-writing guidelines", Applied Measurement
    in Education 15, 2002.
    """
    patterns = _NEGATIONS.get(language(subject), ())
    for one in asked(subject):
        if one.question.type not in ("choice", "hotspot", "matrix"):
            continue
        for passage in one.of("prompt"):
            for start, sentence in sentences(passage.text):
                match = next((found for pattern in patterns if (found := pattern.search(flat(sentence)))), None)
                if match is None or not (sentence.rstrip(_CLOSING).endswith(("?", ":")) or _ORDERS.match(sentence)):
                    continue
                first, last = start + match.start("not"), start + match.end("not")
                is_loud = any(len(word) > 1 and word.isupper() for word in match["not"].split())
                if not is_loud and not _is_stressed(passage, first, last):
                    yield warning("A213", passage.place(first, last - first), text=match["not"])


def repeated_stems(subject: Subject) -> Iterator[Diagnostic]:
    """Two choices ask the same thing in the same words, and share an answer.

    A stem like "Which of these are true?" may come again with other answers.
    Why: the second one assesses nothing new, and in a quiz that draws, one learner gets both.
    Instead: ask about another case, or say what makes this one different.
    """
    seen: dict[str, list[Question]] = {}
    for one in asked(subject):
        if one.question.type != "choice":
            continue
        stem = compared(" ".join(_exact(passage) for passage in one.of("prompt")))
        answers = {compared(part.text) for part in one.question.parts}
        for other in seen.get(stem, ()) if stem else ():
            if other.span != one.question.span and answers & {compared(part.text) for part in other.parts}:
                yield note("A214", one.question.span, id=other.id, other=f"{other.span.file}:{other.span.line}")
                break
        seen.setdefault(stem, []).append(one.question)


def absolute_words(subject: Subject) -> Iterator[Diagnostic]:
    """Over the course, words like "always" and "never" stand in wrong answers only.

    Told from six answers on, when chance would do so less than once in twenty.
    Why: learners strike out such answers without reading them.
    Instead: use them where they are true, and make wrong answers wrong by their matter.
    Source: Haladyna, Downing and Rodriguez, "A review of multiple-choice item-writing guidelines", Applied Measurement
    in Education 15, 2002.
    """
    absolutes = _ABSOLUTES.get(language(subject), frozenset())
    wrong, right, chance, found = 0, 0, 1.0, list[str]()
    for question in choices(subject):
        for part in question.parts:
            said = absolutes & set(compared(part.text).split())
            if said and part.key:
                right += 1
            elif said:
                wrong += 1
                chance *= 1 - 1 / len(question.parts)
                found.append(question.id)
    if wrong >= ABSOLUTES and not right and chance < CHANCE:
        yield note("A215", title(subject), count=wrong, words=", ".join(sorted(absolutes)), ids=_some(found))


def answers_all_right(subject: Subject) -> Iterator[Diagnostic]:
    """All answers of a choice are right.

    Why: who ticks everything wins without reading; and most often an `x` was meant for one answer.
    Instead: leave the `x` to the right ones, or ask with `checklist`, where nothing is right or wrong.
    """
    for one in asked(subject):
        question = one.question
        if question.type == "choice" and len(question.parts) > 1 and all(part.key for part in question.parts):
            yield note("A245", question.span, count=len(question.parts))


def _shown(passage: Passage) -> str:
    """Return the words of a passage as a diagnostic quotes them."""
    return passage.text.strip().replace("\n", " ")[:60]


def _some(names: Sequence[str]) -> str:
    """Return up to eight names."""
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:8]) + (", …" if len(unique) > 8 else "")


def _right(question: Question) -> int:
    return next(index for index, part in enumerate(question.parts) if part.key)


def _is_habit(count: int, chances: Sequence[float]) -> bool:
    """Return whether that many hits among independent trials are far above chance."""
    if len(chances) < FEWEST:
        return False
    return count >= sum(chances) + SIGMAS * sqrt(sum(chance * (1 - chance) for chance in chances))


def _feedbacks(one: Asked) -> Iterator[list[Passage]]:
    """Yield each feedback as its passages."""
    current: list[Passage] = []
    for passage in one.passages:
        if passage.role == "feedback":
            current.append(passage)
        elif current:
            yield current
            current = []
    if current:
        yield current


def _is_silent(one: Asked) -> bool:
    """Return whether the question stands in a quiz that never shows feedback."""
    around = next((each for each in one.lesson.questions if each.id == one.question.quiz), None)
    return around is not None and around.settings.get("feedback") == "never"


def _exact(passage: Passage) -> str:
    """Return all that tells one question from another: gaps as they are written, places of images."""
    return " ".join(f"{run.text} {run.span.line}" if run.kind == "image" else run.text for run in passage.runs)


def _is_stressed(passage: Passage, first: int, last: int) -> bool:
    position = 0
    for run in passage.runs:
        size = 1 if run.kind == "gap" else len(run.text)
        if run.is_stressed and position < last and first < position + size:
            return True
        position += size
    return False


def _set(text: str) -> frozenset[str]:
    return frozenset(compared(text).split())


_CLOSING = ' \u00a0\u202f»”")'
_FILMS = tuple(".mp4 .webm .ogg .oga .mp3 .m4a".split())
_VERDICTS: Mapping[str, frozenset[str]] = {
    "fr": _set(
        "oui non si bravo exact exactement exacte juste faux vrai correct correcte incorrect incorrecte bonne mauvaise"
        " réponse bien très vu joué raison perdu raté dommage c'est ce n'est pas la le une essayez essaye encore"
        " réessayez presque tout à fait parfait excellent erreur félicitations vous avez tort hélas désolé absolument"
    ),
    "en": _set(
        "yes no right wrong correct incorrect true false good well done bad answer exactly perfect great excellent"
        " sorry unfortunately try again almost nice this that is it's the a not quite congratulations indeed you are"
        " absolutely oops"
    ),
}
_CATCH_ALL: Mapping[str, re.Pattern[str]] = {
    "fr": re.compile(
        r"(?:toutes (?:ces |les )?(?:reponses|propositions|affirmations)|aucune (?:de ces |des )(?:autres )?"
        r"(?:reponses|propositions|affirmations)|aucune (?:reponse|proposition|affirmation)|tout ce qui precede|"
        r"rien de (?:tout cela|ce qui precede)|les (?:deux|trois|quatre|cinq) (?:reponses|propositions))"
        r"(?: (?:ci dessus|qui precedent|precedentes|proposees|(?:ne )?(?:n )?(?:est|sont) "
        r"(?:justes?|correctes?|vraies?|exactes?|bonnes?|fausses?)))*"
    ),
    "en": re.compile(
        r"(?:(?:all|none|both|any) of (?:the above|these|them|those)(?: (?:answers|options|statements))?|"
        r"(?:all|none of) (?:the |these )?(?:other )?(?:answers|options|statements)(?: above)?)"
        r"(?: (?:is|are) (?:right|correct|true|wrong|false))?"
    ),
}
_BETWEEN = r"(?:(?!\b(?:si|quand|lorsque|qui|que|dont|où|pour|parce|puisque)\b|\bqu'|[.;:?!,]).)*?"
_NEGATIONS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "fr": (
        re.compile(
            r"(?:\b(?:quel(?:le)?s?|lequel|laquelle|lesquel(?:le)?s|qu'est-ce qui)|(?:^|[,:«] ?)(?:que|qui))\b"
            rf"{_BETWEEN}\b(?P<not>(?:ne\s|n')(?!pas\b|jamais\b|\w+ant\b)(?:(?![.;:?!,]).)*?\b(?:pas|jamais|aucune?)\b)",
            re.IGNORECASE,
        ),
        re.compile(r"\b(?:celles?|celui|ceux) qui (?P<not>(?:ne\s|n')(?:(?![.;:?!,]).)*?\b(?:pas|jamais|aucune?)\b)"),
        re.compile(r"(?P<not>\b(?:sauf|excepté|à l'exception)\b)", re.IGNORECASE),
    ),
    "en": (
        re.compile(
            r"(?<!, )\b(?:which|what|who)\b(?:(?!\b(?:if|when|because|that|who|which|so)\b|[.;:?!,]).)*?"
            r"(?P<not>\b(?:not|cannot|never)\b(?! \w+ing\b)|\w+n't\b)",
            re.IGNORECASE,
        ),
        re.compile(r"\b(?:ones?|those|answers?) (?:that|which) [^.;:?!,]*?(?P<not>\b(?:not|cannot|never)\b|\w+n't\b)"),
        re.compile(r"(?P<not>\bexcept\b)", re.IGNORECASE),
    ),
}
_ORDERS = re.compile(
    r"(?:parmi [^.?!]*, ?)?(?:indiquez|cochez|trouvez|choisissez|désignez|repérez|sélectionnez|identifiez|"
    r"tick|check|select|choose|find|pick|mark|identify)\b",
    re.IGNORECASE,
)
"""How a question begins that has no question mark."""

_ABSOLUTES: Mapping[str, frozenset[str]] = {
    "fr": _set("toujours jamais systématiquement forcément absolument"),
    "en": _set("always never invariably absolutely"),
}

RULES: tuple[Rule, ...] = (
    assessed_objectives,
    named_objectives,
    taught_objectives,
    teaching_feedback,
    explained_questions,
    likely_minutes,
    longest_answers,
    places_of_answers,
    catch_all_answers,
    stressed_negations,
    repeated_stems,
    absolute_words,
    answers_all_right,
)

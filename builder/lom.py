"""Metadata of a course as IMS Learning Resource Meta-data 1.2.1, the LOM record that SCORM 1.2 knows.

All groups that ADL makes mandatory once there is metadata are always there (standards a.5, g.1). What a course does not
say is derived from what it does say: never a date, nothing random, nothing about the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from builder.model import Author, Competency, Course, CourseSettings, Domain, Framework, Objective

IMSMD = "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NO_LANGUAGE = "x-none"
"""The language of words that belong to no language: vocabularies, catalogue entries, versions."""

Path = tuple[Domain] | tuple[Domain, Competency] | tuple[Domain, Competency, Objective]


def lom(course: Course, location: str, formats: Iterable[str]) -> etree._Element:
    """Return `imsmd:lom` for a course launched at `location`, holding files of the media types `formats`.

    Source: IMS MD 1.2.1 schema (order of elements); SCORM 1.2 CAM (what is mandatory).
    """
    settings = course.settings
    return _element(
        "lom",
        _general(course),
        _lifecycle(settings),
        _element("metametadata", _word("metadatascheme", "ADL SCORM 1.2"), _word("language", settings.language)),
        _technical(location, formats),
        _educational(course),
        _rights(settings),
        _classification(course),
    )


def iso_duration(minutes: float) -> str:
    """Return minutes as an ISO 8601 duration in hours, minutes and seconds: 90 → `PT1H30M`, 0 → `PT0S`."""
    seconds = round(minutes * 60)
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")


def keywords(course: Course) -> tuple[str, ...]:
    """Return the course's keywords, else the names of the competencies it works on, else its title: never none."""
    if course.settings.keywords:
        return course.settings.keywords
    nodes = (node for path in _paths(course) for node in path if not isinstance(node, Objective))
    return tuple(dict.fromkeys(node.label for node in nodes)) or (course.settings.title,)


def _general(course: Course) -> etree._Element:
    settings = course.settings
    entry = _element("entry", _text(settings.iri, NO_LANGUAGE))
    return _element(
        "general",
        _element("title", _text(settings.title, settings.language)),
        _element("catalogentry", _word("catalog", "URI"), entry),
        _word("language", settings.language),
        _element("description", _text(settings.description or settings.title, settings.language)),
        *(_element("keyword", _text(keyword, settings.language)) for keyword in keywords(course)),
    )


def _lifecycle(settings: CourseSettings) -> etree._Element:
    is_draft = settings.version.startswith("0.") or "-" in settings.version
    return _element(
        "lifecycle",
        _element("version", _text(settings.version, NO_LANGUAGE)),
        _vocabulary("status", "Draft" if is_draft else "Final"),
        *(_contribution(author) for author in settings.authors),
    )


def _contribution(author: Author) -> etree._Element:
    card = _element("centity", _word("vcard", _vcard(author.name)))
    return _element("contribute", _vocabulary("role", "Author"), card)


def _technical(location: str, formats: Iterable[str]) -> etree._Element:
    place = _word("location", location)
    place.set("type", "URI")
    requirement = _element("requirement", _vocabulary("type", "Browser"), _vocabulary("name", "Any"))
    return _element("technical", *(_word("format", name) for name in sorted(set(formats))), place, requirement)


def _educational(course: Course) -> etree._Element:
    has_questions = any(lesson.questions for lesson in course.lessons)
    has_assessment = any(lesson.kind == "assessment" for lesson in course.lessons)
    kinds = ["Narrative Text"] + ["Exercise"] * has_questions + ["Exam"] * has_assessment
    return _element(
        "educational",
        _vocabulary("interactivitytype", "Mixed" if has_questions else "Expositive"),
        *(_vocabulary("learningresourcetype", kind) for kind in kinds),
        _vocabulary("intendedenduserrole", "Learner"),
        _vocabulary("context", "Vocational Training"),
        _element("typicallearningtime", _word("datetime", iso_duration(course.settings.minutes))),
        _word("language", course.settings.language),
    )


def _rights(settings: CourseSettings) -> etree._Element:
    is_free = settings.licence.upper().startswith(("CC0", "PDDL", "UNLICENSE"))
    return _element(
        "rights",
        _vocabulary("cost", "no"),
        _vocabulary("copyrightandotherrestrictions", "no" if is_free else "yes"),
        _element("description", _text(settings.licence, settings.language)),
    )


def _classification(course: Course) -> etree._Element:
    """Return what the course teaches: one path of the framework for each of its objectives."""
    settings, framework = course.settings, course.framework
    about = framework.title if framework is not None else settings.description or settings.title
    language = framework.language if framework is not None else settings.language
    paths = (_taxonpath(framework, path) for path in _paths(course)) if framework is not None else ()
    return _element(
        "classification",
        _vocabulary("purpose", "Educational Objective"),
        *paths,
        _element("description", _text(about, language)),
        *(_element("keyword", _text(keyword, settings.language)) for keyword in keywords(course)),
    )


def _taxonpath(framework: Framework, path: Path) -> etree._Element:
    """Return a path whose taxa hold each other, the widest one outside."""
    inner: tuple[etree._Element, ...] = ()
    for node in reversed(path):
        label = node.text if isinstance(node, Objective) else node.label
        entry = _element("entry", _text(label, framework.language))
        inner = (_element("taxon", _word("id", node.id), entry, *inner),)
    return _element("taxonpath", _element("source", _text(framework.title, framework.language)), *inner)


def _paths(course: Course) -> Iterator[Path]:
    """Yield the framework's path of each objective that a lesson or question names, else of the course's domain."""
    questions = (question for lesson in course.lessons for question in lesson.questions)
    used = {name for lesson in course.lessons for name in lesson.objectives}
    used.update(name for question in questions for name in question.objectives)
    domains = course.framework.domains if course.framework is not None else ()
    paths = [
        (domain, competency, objective)
        for domain in domains
        for competency in domain.competencies
        for objective in competency.objectives
        if objective.id in used
    ]
    yield from paths or ((domain,) for domain in domains if domain.id == course.settings.domain)


def _vcard(name: str) -> str:
    """Return a person's card. A name is kept whole: its first and last part are not ours to guess.

    Source: RFC 2426 §2.5 (escapes), §3.1 (FN and N are required).
    """
    escaped = _plain(name).replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{escaped}\nN:{escaped};;;;\nEND:VCARD"


def _vocabulary(tag: str, value: str) -> etree._Element:
    source = _element("source", _text("LOMv1.0", NO_LANGUAGE))
    return _element(tag, source, _element("value", _text(value, NO_LANGUAGE)))


def _text(text: str, language: str) -> etree._Element:
    element = _word("langstring", _plain(text))
    element.set(XML_LANG, language)
    return element


def _word(tag: str, text: str) -> etree._Element:
    element = _element(tag)
    element.text = text
    return element


def _element(tag: str, *children: etree._Element) -> etree._Element:
    element = etree.Element(f"{{{IMSMD}}}{tag}", nsmap={"imsmd": IMSMD})
    element.extend(children)
    return element


def _plain(text: str) -> str:
    """Return text on one line."""
    return " ".join(text.split())

"""Metadata of a course: IMS Learning Resource Meta-data 1.2.1, which SCORM 1.2 knows, and IEEE LOM 1.0, which SCORM
2004 knows. The two say the same in other words: a `_Dialect` holds what differs.

All groups that ADL makes mandatory once there is metadata are always there (standards a.5, g.1, g.2). What a course
does not say is derived from what it does say: never a date, nothing random, nothing about the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from builder.model import Author, Competency, Course, CourseSettings, Domain, Framework, Objective

IMSMD = "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NO_LANGUAGE = "x-none"
"""The language of words that belong to no language: vocabularies, catalogue entries, versions."""

Path = tuple[Domain] | tuple[Domain, Competency] | tuple[Domain, Competency, Objective]


def lom(course: Course, location: str, formats: Iterable[str]) -> etree._Element:
    """Return `imsmd:lom` for a course launched at `location`, holding files of the media types `formats`.

    Source: IMS MD 1.2.1 schema (order of elements); SCORM 1.2 CAM (what is mandatory).
    """
    return _lom(_IMS, course, location, formats)


def lom2004(course: Course, location: str, formats: Iterable[str]) -> etree._Element:
    """Return `lom:lom`, the same in IEEE LOM 1.0.

    Source: IEEE 1484.12.3 schema, strict; SCORM 2004 4th edition CAM §4.
    """
    return _lom(_IEEE, course, location, formats)


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


def _lom(dialect: _Dialect, course: Course, location: str, formats: Iterable[str]) -> etree._Element:
    settings = course.settings
    return dialect.element(
        "lom",
        _general(dialect, course),
        _lifecycle(dialect, settings),
        _metametadata(dialect, settings),
        _technical(dialect, location, formats),
        _educational(dialect, course),
        _rights(dialect, settings),
        _classification(dialect, course),
    )


def _general(dialect: _Dialect, course: Course) -> etree._Element:
    settings = course.settings
    title = dialect.element("title", dialect.text(settings.title, settings.language))
    catalogued = dialect.identifier("URI", settings.iri)
    return dialect.element(
        "general",
        *((catalogued, title) if dialect is _IEEE else (title, catalogued)),
        dialect.word("language", settings.language),
        dialect.element("description", dialect.text(settings.description or settings.title, settings.language)),
        *(dialect.element("keyword", dialect.text(keyword, settings.language)) for keyword in keywords(course)),
    )


def _lifecycle(dialect: _Dialect, settings: CourseSettings) -> etree._Element:
    is_draft = settings.version.startswith("0.") or "-" in settings.version
    return dialect.element(
        "lifecycle",
        dialect.element("version", dialect.text(settings.version, NO_LANGUAGE)),
        dialect.vocabulary("status", "Draft" if is_draft else "Final"),
        *(_contribution(dialect, author) for author in settings.authors),
    )


def _contribution(dialect: _Dialect, author: Author) -> etree._Element:
    return dialect.element("contribute", dialect.vocabulary("role", "Author"), dialect.card(_vcard(author.name)))


def _metametadata(dialect: _Dialect, settings: CourseSettings) -> etree._Element:
    schemes = (dialect.word("metadatascheme", scheme) for scheme in dialect.schemes)
    return dialect.element("metametadata", *schemes, dialect.word("language", settings.language))


def _technical(dialect: _Dialect, location: str, formats: Iterable[str]) -> etree._Element:
    names = (dialect.word("format", name) for name in sorted(set(formats)))
    return dialect.element("technical", *names, dialect.location(location), dialect.requirement("Browser", "Any"))


def _educational(dialect: _Dialect, course: Course) -> etree._Element:
    has_questions = any(lesson.questions for lesson in course.lessons)
    has_assessment = any(lesson.kind == "assessment" for lesson in course.lessons)
    kinds = ["Narrative Text"] + ["Exercise"] * has_questions + ["Exam"] * has_assessment
    return dialect.element(
        "educational",
        dialect.vocabulary("interactivitytype", "Mixed" if has_questions else "Expositive"),
        *(dialect.vocabulary("learningresourcetype", kind) for kind in kinds),
        dialect.vocabulary("intendedenduserrole", "Learner"),
        dialect.vocabulary("context", "Vocational Training"),
        dialect.element("typicallearningtime", dialect.word("datetime", iso_duration(course.settings.minutes))),
        dialect.word("language", course.settings.language),
    )


def _rights(dialect: _Dialect, settings: CourseSettings) -> etree._Element:
    is_free = settings.licence.upper().startswith(("CC0", "PDDL", "UNLICENSE"))
    return dialect.element(
        "rights",
        dialect.vocabulary("cost", "no"),
        dialect.vocabulary("copyrightandotherrestrictions", "no" if is_free else "yes"),
        dialect.element("description", dialect.text(settings.licence, settings.language)),
    )


def _classification(dialect: _Dialect, course: Course) -> etree._Element:
    """Return what the course teaches: one path of the framework for each of its objectives."""
    settings, framework = course.settings, course.framework
    about = framework.title if framework is not None else settings.description or settings.title
    language = framework.language if framework is not None else settings.language
    paths = (_taxonpath(dialect, framework, path) for path in _paths(course)) if framework is not None else ()
    return dialect.element(
        "classification",
        dialect.vocabulary("purpose", "Educational Objective"),
        *paths,
        dialect.element("description", dialect.text(about, language)),
        *(dialect.element("keyword", dialect.text(keyword, settings.language)) for keyword in keywords(course)),
    )


def _taxonpath(dialect: _Dialect, framework: Framework, path: Path) -> etree._Element:
    """Return a path of taxa, the widest one first: each holds the next one (IMS), or stands before it (IEEE)."""
    inner: tuple[etree._Element, ...] = ()
    for node in reversed(path):
        label = node.text if isinstance(node, Objective) else node.label
        own = (dialect.word("id", node.id), dialect.element("entry", dialect.text(label, framework.language)))
        if dialect is _IEEE:
            inner = (dialect.element("taxon", *own), *inner)
        else:
            inner = (dialect.element("taxon", *own, *inner),)
    source = dialect.element("source", dialect.text(framework.title, framework.language))
    return dialect.element("taxonpath", source, *inner)


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


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How one of the two writes a record. `names`: elements and words of vocabularies that it calls otherwise."""

    namespace: str
    prefix: str
    schemes: tuple[str, ...]
    names: Mapping[str, str]

    def element(self, tag: str, *children: etree._Element) -> etree._Element:
        name = self.names.get(tag, tag)
        element = etree.Element(f"{{{self.namespace}}}{name}", nsmap={self.prefix: self.namespace})
        element.extend(children)
        return element

    def word(self, tag: str, text: str) -> etree._Element:
        element = self.element(tag)
        element.text = text
        return element

    def text(self, text: str, language: str) -> etree._Element:
        element = self.word("langstring", _plain(text))
        if self is not _IEEE:
            element.set(XML_LANG, language)
        elif language != NO_LANGUAGE:
            element.set("language", language)
        return element

    def vocabulary(self, tag: str, value: str) -> etree._Element:
        if self is _IEEE:
            word = self.names.get(value, value).lower()
            return self.element(tag, self.word("source", "LOMv1.0"), self.word("value", word))
        source = self.element("source", self.text("LOMv1.0", NO_LANGUAGE))
        return self.element(tag, source, self.element("value", self.text(value, NO_LANGUAGE)))

    def identifier(self, catalog: str, entry: str) -> etree._Element:
        if self is _IEEE:
            return self.element("identifier", self.word("catalog", catalog), self.word("entry", entry))
        shown = self.element("entry", self.text(entry, NO_LANGUAGE))
        return self.element("catalogentry", self.word("catalog", catalog), shown)

    def card(self, vcard: str) -> etree._Element:
        return self.word("entity", vcard) if self is _IEEE else self.element("centity", self.word("vcard", vcard))

    def location(self, location: str) -> etree._Element:
        element = self.word("location", location)
        if self is not _IEEE:
            element.set("type", "URI")
        return element

    def requirement(self, kind: str, name: str) -> etree._Element:
        wanted = (self.vocabulary("type", kind), self.vocabulary("name", name))
        return self.element("requirement", *((self.element("orComposite", *wanted),) if self is _IEEE else wanted))


_IMS = _Dialect(IMSMD, "imsmd", ("ADL SCORM 1.2",), {})
_IEEE = _Dialect(
    LOM,
    "lom",
    ("LOMv1.0", "ADLv1.0"),
    {
        "langstring": "string",
        "lifecycle": "lifeCycle",
        "metametadata": "metaMetadata",
        "metadatascheme": "metadataSchema",
        "interactivitytype": "interactivityType",
        "learningresourcetype": "learningResourceType",
        "intendedenduserrole": "intendedEndUserRole",
        "typicallearningtime": "typicalLearningTime",
        "datetime": "duration",
        "copyrightandotherrestrictions": "copyrightAndOtherRestrictions",
        "taxonpath": "taxonPath",
        "Vocational Training": "training",
    },
)


def _plain(text: str) -> str:
    """Return text on one line."""
    return " ".join(text.split())

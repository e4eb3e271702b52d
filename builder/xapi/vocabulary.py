"""What statements are made of: the IRIs that we use, the ids of activities, and the one table of what is told, when.

Templates of statements, the profile and `docs/reference/statements.md` are derived from `TOLD`; the words of the table
stand in the section `xapi` of `locales/`.

Source: xAPI Data 1.0.3 §2.4; cmi5 (Quartz) §9; vocabularies of ADL and of cmi5 (standards d.3, e.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from builder.strings import FALLBACK, language_of, strings

VERBS = "http://adlnet.gov/expapi/verbs/"
TYPES = "http://adlnet.gov/expapi/activities/"
CMI5 = "https://w3id.org/xapi/cmi5/"
PROGRESS = f"{CMI5}result/extensions/progress"
"""Whole percent, 0–100 (cmi5 §9.5.5)."""
ATTEMPT = "http://id.tincanapi.com/extension/attempt-id"
"""The number of a try, as a text: an extension of the context."""

COURSE, MODULE, LESSON, ASSESSMENT = (TYPES + name for name in ("course", "module", "lesson", "assessment"))
QUESTION, OBJECTIVE, PROFILE = (TYPES + name for name in ("question", "objective", "profile"))
INTERACTION = f"{TYPES}cmi.interaction"

Standard = Literal["cmi5", "xapi", "lrs"]
"""Who speaks in statements: targets `cmi5` and `xapi`, and SCORM packages that are built with `--lrs`."""
STANDARDS: tuple[Standard, ...] = ("cmi5", "xapi", "lrs")
Presence = Literal["included", "recommended"]
"""Always there; or only where there is something to say."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a statement says beside verb and object. `location`: JSONPath in the statement, below `$`."""

    location: str
    presence: Presence = "included"


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of statement.

    `key` names verb and words (`verb_KEY`, `when_KEY`); `about` is what the object is: what the LMS launched, a lesson,
    or one interaction; `once`: at most one in a session, a registration; `fields` what else it says; `standards` who
    sends it in normal launches, `reviewing` also while the learner only looks.
    """

    key: str
    about: Literal["launch", "lesson", "interaction"]
    fields: tuple[Field, ...] = ()
    once: Literal["", "session", "registration"] = ""
    standards: tuple[Standard, ...] = STANDARDS
    reviewing: tuple[Standard, ...] = ()

    @property
    def verb(self) -> str:
        """Return the IRI of the verb."""
        return VERBS + self.key


DURATION = Field("result.duration")
SCORE = tuple(Field(f"result.score.{name}") for name in ("scaled", "raw", "min", "max"))
TOLD: tuple[Told, ...] = (
    Told("initialized", "launch", once="session", reviewing=("cmi5",)),
    Told("experienced", "lesson"),
    Told(
        "answered",
        "interaction",
        (
            Field("result.response", "recommended"),
            Field("result.success", "recommended"),
            Field("result.score.scaled", "recommended"),
            Field("result.duration", "recommended"),
            Field(f"context.extensions['{ATTEMPT}']"),
        ),
    ),
    Told("progressed", "launch", (Field(f"result.extensions['{PROGRESS}']"),)),
    Told("completed", "launch", (Field("result.completion"), DURATION), once="registration"),
    Told("passed", "launch", (Field("result.success"), *SCORE, DURATION), once="registration"),
    Told("failed", "launch", (Field("result.success"), *SCORE, DURATION), once="session"),
    Told("terminated", "launch", (DURATION,), once="session", reviewing=("cmi5",)),
)
"""Everything that is ever told, in the order of a session."""


def launched(iri: str, target: str, lesson: str = "", slot: int | str = 0) -> str:
    """Return the id of the activity that an LMS launches: the course, or one lesson of that id and slot.

    cmi5 wants AUs of their own, whose ids never change: slots, not titles or files, name them (cmi5 §13.1.4).
    """
    if target == "cmi5":
        return f"{iri}/_au-{slot}" if lesson else f"{iri}/_au"
    return f"{iri}/{lesson}" if lesson else iri


def module_id(iri: str, position: int | str) -> str:
    """Return the id of the n-th module, counted from 1."""
    return f"{iri}/_module-{position}"


def objective_id(iri: str, objective: str) -> str:
    """Return the id of an objective of the framework."""
    return f"{iri}/_objective/{objective}"


def competency_id(iri: str, competency: str) -> str:
    """Return the id of a competency of the framework."""
    return f"{iri}/_competency/{competency}"


def profile_id(iri: str, version: str = "") -> str:
    """Return the id of the course's profile, or of one version, which statements name as a category."""
    return f"{iri}/_profile/{version}" if version else f"{iri}/_profile"


def resource_id(iri: str) -> str:
    """Return the id (`profileId`) of the document in which an LRS keeps the definition of an activity."""
    return f"{iri}/_resource/definition"


def in_languages(key: str, tag: str) -> Mapping[str, str]:
    """Return a word of ours as a language map: in the language of a tag where there is a locale, and in English.

    Source: xAPI Data 1.0.3 §4.2 (language maps; RFC 5646).
    """
    language = language_of(tag)
    is_known = tag.replace("_", "-").split("-")[0].lower() == language
    tags = {tag if is_known else language: language, **({} if language == FALLBACK else {FALLBACK: FALLBACK})}
    return {name: strings(one, "xapi")[key] for name, one in tags.items()}

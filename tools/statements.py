"""The tables of `docs/reference/statements.md`: what packages tell an LRS, derived from what makes them tell it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from builder import load, pipeline
from builder.strings import strings
from builder.xapi import statements, vocabulary
from builder.xapi.activities import activities
from tools.interactions import FRONT, SETTINGS

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "statements.md"
"""Between `<!-- generated: NAME -->` and `<!-- end -->` stand its tables."""

WHERE_JUDGED = "Of an answer only where something is right or wrong"
FIELDS = {
    "result.response": "what was answered: letters of answers, a number, or the words that were typed"
    " ([Interactions](interactions.md#xapi)). Of an open text (`long-fill-in`) only with `xapi: {open_text: true}`",
    "result.success": f"whether it is right; whether the mastery score is reached. {WHERE_JUDGED}",
    "result.completion": "`true`",
    "result.score.scaled": f"0 to 1, at most four decimals. {WHERE_JUDGED}",
    "result.score.raw": "0 to 100, at most two decimals; by `cmi5` whole, rounded down (cmi5 §9.5.1)",
    "result.score.min": "0",
    "result.score.max": "100",
    "result.duration": "ISO 8601. Of an answer how long it took, where that is known; of `terminated` this session;"
    " else all sessions",
    f"result.extensions['{vocabulary.PROGRESS}']": f"`{vocabulary.PROGRESS}`: the share of lessons done, 0 to 100,"
    " whole",
    f"context.extensions['{vocabulary.ATTEMPT}']": f"`{vocabulary.ATTEMPT}`: which try it was, as a text",
}
"""What each field of the table says."""

EXAMPLE = """\
::: choice {#q-door objective=D2.C1.O1}

A stranger asks you to hold the door. What do you do?

- [ ] I hold it.
- [x] I ask who they visit.

:::
"""
FRAMEWORK = """\
id: fr-numsante-socle-2022
title: Example
language: en
domains:
  - id: D2
    label: Safety
    competencies:
      - {id: D2.C1, label: At the door, objectives: [{id: D2.C1.O1, text: Let nobody in unknown}]}
"""


def page() -> str:
    """Return the page with its tables made anew."""
    tables = {"told": _told(), "fields": _fields(), "ids": _ids(), "template": _template()}

    def made(match: re.Match[str]) -> str:
        return f"{match[1]}\n\n{tables[match[2]]}\n\n<!-- end -->"

    return re.sub(r"(<!-- generated: (\w+) -->)\n.*?<!-- end -->", made, PAGE.read_text("utf-8"), flags=re.DOTALL)


def _told() -> str:
    words = strings("en", "xapi")
    rows = (
        (
            f"[`{told.key}`]({told.verb})",
            words[f"when_{told.key}"],
            words[f"about_{told.about}"],
            ", ".join(f"`{_short(one.location)}`{'?' * (one.presence != 'included')}" for one in told.fields) or "–",
            _names(told.standards),
            _names(told.reviewing) or "nobody",
        )
        for told in vocabulary.TOLD
    )
    return _table(("verb", "when", "object", "says besides", "sent by", "in review and browse by"), rows)


def _fields() -> str:
    told = {field.location for told in vocabulary.TOLD for field in told.fields}
    assert told == FIELDS.keys()
    return _table(("says", "is"), ((f"`{_short(location)}`", text) for location, text in FIELDS.items()))


def _short(location: str) -> str:
    """Return where a field stands; of the address of an extension only its end."""
    path, _, address = location.partition("['")
    return f"{path} {address.removesuffix(QUOTED).rsplit('/', 1)[1]}" if address else path


QUOTED = "']"


def _names(standards: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in standards)


def _ids() -> str:
    iri, v = "IRI", vocabulary
    rows = (
        ("the course", iri, v.COURSE),
        ("what cmi5 launches: the course", v.launched(iri, "cmi5"), v.COURSE),
        ("what cmi5 launches: one lesson", v.launched(iri, "cmi5", "LESSON", "SLOT"), v.LESSON),
        ("a module, by its place", v.module_id(iri, "N"), v.MODULE),
        ("a lesson", f"{iri}/LESSON", v.LESSON),
        ("a lesson of the kind `assessment`", f"{iri}/LESSON", v.ASSESSMENT),
        ("a quiz", f"{iri}/QUIZ", v.ASSESSMENT),
        ("a question that is one interaction", f"{iri}/QUESTION", v.INTERACTION),
        ("a question of several interactions", f"{iri}/QUESTION", v.QUESTION),
        ("one of several interactions", f"{iri}/QUESTION.PART", v.INTERACTION),
        ("an objective of the framework", v.objective_id(iri, "OBJECTIVE"), v.OBJECTIVE),
        ("a competency", v.competency_id(iri, "COMPETENCY"), v.OBJECTIVE),
        ("the profile", v.profile_id(iri), v.PROFILE),
        ("one version of it", v.profile_id(iri, "VERSION"), v.PROFILE),
    )
    return _table(("activity", "id", "type"), ((name, f"`{one}`", f"`{kind}`") for name, one, kind in rows))


def _template() -> str:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        (tree / "course").mkdir()
        (tree / "frameworks").mkdir()
        (tree / "course" / "course.yml").write_text(SETTINGS, "utf-8")
        (tree / "course" / "01-example.md").write_text(f"{FRONT}{EXAMPLE}", "utf-8")
        (tree / "frameworks" / "fr-numsante-socle-2022.yml").write_text(FRAMEWORK, "utf-8")
        told = pipeline.told(pipeline.check(load.load(tree / "course"), pipeline.Options()), "xapi")
    template = statements.document(told, activities(told))["statements"]["answered:q-door"]
    return f"```markdown\n{EXAMPLE}```\n\n```json\n{json.dumps(template, ensure_ascii=False, indent=2)}\n```"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (columns, tuple("---" for _ in columns), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

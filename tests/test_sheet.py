"""The administrator's sheet: what it says follows from the course's own data, and no right answer is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import synthetic
import yaml

from builder.diagnostics import Span
from builder.model import EXTRAS, CompleteWhen, Component, Course, Interaction, Part
from builder.products import FOLDERS
from builder.recorder import Lrs
from builder.sheet import SheetPage, sheet
from builder.strings import strings
from builder.targets import Sco, Target, cmi5, scorm12, scorm2004, web, xapi
from builder.write import Written
from builder.xapi import vocabulary

WRITTEN = Written(Path("dist/cyber-1.2.0-scorm12.zip"), "a" * 64, "b" * 64, 1_234_567)
COMPLETED = {"initial": "incomplete", "states": {"incomplete": [{"when": ["lessons"], "to": "completed"}]}}


def page(course: Course, words: Mapping[str, str] | None = None, **build: object) -> SheetPage:
    words = words or strings("en", "sheet")
    return sheet(course, synthetic.build(**build), scorm12, WRITTEN, "en", words)


def rows(page: SheetPage, section: str, table: int = 0) -> list[list[str]]:
    """Return a table of a section, each cell as text."""
    (found,) = (one for one in page.sections if one.id == section)
    return [["\n".join(cell.lines) for cell in row] for row in found.tables[table].rows]


def texts(page: SheetPage) -> Iterator[str]:
    """Yield every text of a sheet."""
    yield from (page.title, page.lead, page.contents)
    for fact in page.facts:
        yield from (fact.term, *fact.value.lines)
    for section in page.sections:
        yield from (section.heading, *section.paragraphs, *section.bullets)
        for table in section.tables:
            yield from (table.caption, *table.columns)
            for row in table.rows:
                assert len(row) == len(table.columns)
                yield from (line for cell in row for line in cell.lines)


def test_statuses_are_those_of_the_completion_table() -> None:
    assert rows(page(synthetic.course()), "contract") == [
        ["incomplete", "when the course is first opened, before anything else, and as long as nothing below is true"],
        [
            "passed",
            "when all lessons that are not optional are done and the grade is 80% or more\n"
            "after failed, when all lessons that are not optional are done and the grade is 80% or more",
        ],
        ["failed", "when all lessons that are not optional are done and the grade is below 80%"],
    ]


def test_a_course_without_mastery_completes() -> None:
    when = CompleteWhen(("alerter",), False, 12.5)
    table = {"initial": "incomplete", "states": {"incomplete": [{"when": ["lessons", "minutes"], "to": "completed"}]}}
    made = page(synthetic.course(mastery=None, complete_when=when), completion=table)
    (_, completed) = rows(made, "contract")
    assert completed == [
        "completed",
        "when these lessons are done: “Alerter” and at least 12.5\u00a0min were spent in the course",
    ]
    assert rows(made, "settings")[-1][:2] == ["Activity completion", "Require status: Completed"]
    assert rows(page(synthetic.course()), "settings")[-1][:2] == ["Activity completion", "Require status: Passed"]


def test_what_learners_write_is_named_as_personal_data() -> None:
    course = synthetic.course(synthetic.lesson("a", "A", synthetic.QUESTION))
    said = [
        Interaction("plan", "long-fill-in", limit=limit) if limit is not None else synthetic.CHOICE
        for limit in (150, 0, None)
    ]
    sections = [{one.id: one for one in page(course, interactions={"urgence": (each,)}).sections} for each in said]
    written, kept, closed = (one["privacy"].paragraphs for one in sections)
    assert (len(written), len(kept), len(closed)) == (3, 3, 2)
    for line, where in ((written[-1], "recorded in the LMS"), (kept[-1], "Kept in the browser")):
        assert where in line
        assert "plan" in line
    assert not any("12 bytes" in bullet for one in sections for bullet in one["limits"].bullets)
    gaps = page(course, interactions={"urgence": (Interaction("urgence.a", "fill-in"),)})
    assert any("12 bytes" in bullet for one in gaps.sections for bullet in one.bullets)


def test_a_course_without_score_says_so() -> None:
    silent = synthetic.course(synthetic.lesson("lire", "Lire"), mastery=None)
    words = strings("en", "sheet")
    found = set(texts(page(silent, completion=COMPLETED)))
    assert {words["score_none"], words["moodle_no_grade_value"], words["items_none"]} <= found
    assert not {words["score_when"], words["moodle_grade_value"], words["failed_again"]} & found


def test_the_item_dictionary() -> None:
    made = page(synthetic.course())
    assert rows(made, "items") == [
        [
            "urgence",
            "Que faites-vous en premier ?",
            "2",
            "choice",
            "2",
            "choice",
            "one letter\na = Je réponds.\nb = J'alerte.",
        ],
        [
            "doses.a",
            "Complétez",
            "3",
            "fill",
            "1.5 for 2 responses",
            "fill-in",
            "the text typed, 255 characters at most",
        ],
        ["doses.b", "Complétez", "3", "fill", "1.5 for 2 responses", "numeric", "a number, with a decimal point"],
    ]
    (items,) = (section for section in made.sections if section.id == "items")
    assert [table.caption for table in items.tables] == ["Reconnaître (lesson, counts for the grade)"]


def test_without_lms_the_sheet_says_how_to_publish_and_what_is_kept() -> None:
    target: Target = web
    words = strings("en", "sheet")
    made = sheet(synthetic.course(), synthetic.build(), target, WRITTEN, "en", words)
    ids = [section.id for section in made.sections]
    assert ids == ["publish", "contract", "kept", "update", "limits", "privacy", "keys", "verify"]
    found = list(texts(made))
    assert any("carabin:cyber::0" in text for text in found)
    assert not [text for text in found if "cmi." in text or "Moodle" in text or "SCORM" in text]
    assert rows(made, "contract") == rows(page(synthetic.course()), "contract")
    facts = {fact.term: fact.value.lines for fact in made.facts}
    assert facts["Standard"] == ("Web (a folder, without LMS)",)
    assert facts["Saved progress"] == ("1,234 characters at most, in the learner's browser",)


def test_of_several_scos_each_has_its_item_statuses_and_dictionary() -> None:
    course = synthetic.course(sco="lesson")
    scos = (Sco("reconnaitre", 1, synthetic.TABLE, 900), Sco("alerter", 4, COMPLETED, 20))
    made = page(course, scos=scos)
    ids = [section.id for section in made.sections]
    assert ids[:4] == ["contract", "adds-up", "settings", "update"]
    assert rows(made, "contract") == [
        ["I-cyber-1", "Reconnaître", "incomplete, passed, failed", "0 to 100", "900 characters at most"],
        ["I-cyber-4", "Alerter", "incomplete, completed", "none", "20 characters at most"],
    ]
    assert rows(made, "contract", 1)[1][1].startswith("when the lesson is done and the grade is 80% or more")
    assert rows(made, "contract", 2)[1] == ["completed", "when the lesson is done"]
    settings = {row[0]: row[1] for row in rows(made, "settings")}
    assert settings["Display course structure in player"] == "To the side, or in a drop-down menu"
    assert settings["Grading method"] == "Average grade, maximum grade 100"
    assert settings["Activity completion"] == "Require status: Passed and Completed, both ticked"
    assert settings["Require all SCOs to return completion status"] == "Yes"
    (items,) = (section for section in made.sections if section.id == "items")
    assert [table.caption for table in items.tables] == ["I-cyber-1: Reconnaître (lesson, graded)"]
    facts = {fact.term: fact.value.lines for fact in made.facts}
    assert facts["Standard"] == ("SCORM 1.2 (one SCO a lesson)",)
    alike = page(course, scos=(scos[0], replace(scos[0], lesson="alerter", slot=4)))
    assert {row[0]: row[1] for row in rows(alike, "settings")}["Activity completion"] == "Require status: Passed"
    (contract,) = (section for section in alike.sections if section.id == "contract")
    assert len(contract.tables) == 2


def told(course: Course, target: Target, **build: object) -> SheetPage:
    """Return the sheet of a package that speaks in statements."""
    return sheet(course, synthetic.build(**build), target, WRITTEN, "en", strings("en", "sheet"))


def test_in_scorm_2004_the_sheet_tells_completion_apart_from_success() -> None:
    made = told(synthetic.course(), scorm2004)
    assert [row[0] for row in rows(made, "contract")] == [
        "incomplete, unknown",
        "completed, passed",
        "completed, failed",
    ]
    found = list(texts(made))
    assert not [text for text in found if "cmi.core" in text or "lesson_status" in text or "student_response" in text]
    assert any("passing score" in text for text in found)
    assert any("cmi.objectives" in text for text in found)
    assert any("exitAll" in text for text in found)
    facts = {fact.term: fact.value.lines for fact in made.facts}
    assert facts["Standard"] == ("SCORM 2004, 4th edition (one SCO)",)
    assert "of 64,000" in facts["Saved progress"][0]
    assert [row[-2:] for row in rows(made, "items")][1:] == [
        ["fill-in", "the text typed, 250 characters at most"],
        ["numeric", "a number, with a decimal point"],
    ]
    bare = replace(synthetic.course(mastery=None, complete_when=CompleteWhen(None, False, None)), framework=None)
    read = told(bare, scorm2004, completion=COMPLETED)
    assert [row[0] for row in rows(read, "contract")] == ["incomplete, unknown", "completed, unknown"]
    found = list(texts(read))
    assert any("names no passing score" in text for text in found)
    assert not [text for text in found if "cmi.objectives" in text]


def test_in_scorm_2004_the_sheet_says_how_lessons_roll_up() -> None:
    scos = (Sco("reconnaitre", 1, synthetic.TABLE, 900), Sco("alerter", 4, COMPLETED, 20))
    made = told(synthetic.course(sco="lesson"), scorm2004, scos=scos)
    (adds,) = (section for section in made.sections if section.id == "adds-up")
    assert "weighted by points" in adds.paragraphs[0]
    found = list(texts(made))
    assert any("A lesson asks for no navigation" in text for text in found)
    assert not [text for text in found if "SCORM 1.2 does not say" in text or "exitAll" in text]
    assert {fact.term: fact.value.lines for fact in made.facts}["Standard"] == (
        "SCORM 2004, 4th edition (one SCO a lesson)",
    )


def test_in_cmi5_the_sheet_says_what_satisfies_the_unit_and_when_each_statement_is_sent() -> None:
    made = told(synthetic.course(), cmi5)
    ids = [section.id for section in made.sections]
    assert ids == ["contract", "settings", "update", "items", "limits", "privacy", "keys", "verify"]
    unit = ["https://carabin.example/cyber/_au", synthetic.SETTINGS.title, "CompletedAndPassed", "0.8"]
    assert rows(made, "contract") == [unit]
    done = "when all lessons that are not optional are done"
    assert rows(made, "contract", 1) == [
        ["completed", done],
        ["passed", f"{done} and the grade is 80% or more\nafter failed, {done} and the grade is 80% or more"],
        ["failed", f"{done} and the grade is below 80%"],
    ]
    verbs = [verb for verb, *_ in rows(made, "contract", 2)]
    assert sorted(verbs) == sorted(one.key for one in vocabulary.TOLD)
    assert (verbs[0], verbs[-1]) == ("initialized", "terminated")
    found = list(texts(made))
    assert not [text for text in found if "cmi.interactions" in text or "lesson_status" in text]
    assert any("https://carabin.example/cyber/_au, is the same in every version" in text for text in found)
    facts = {fact.term: fact.value.lines for fact in made.facts}
    assert facts["Standard"] == ("cmi5 (one assignable unit)",)
    assert facts["Saved progress"][0].endswith("of 32,000 that the package allows itself in a state document")
    assert "Moodle" in [name for name, _ in rows(made, "settings")]
    assert [row[-2:] for row in rows(made, "items")][1:] == [
        ["fill-in", "the text typed"],
        ["numeric", "a number, with a decimal point"],
    ]


def test_units_of_lessons_have_their_own_conditions_in_the_sheet() -> None:
    scos = (Sco("reconnaitre", 1, synthetic.TABLE, 900), Sco("alerter", 4, COMPLETED, 20))
    made = told(synthetic.course(sco="lesson"), cmi5, scos=scos)
    assert rows(made, "contract") == [
        ["https://carabin.example/cyber/_au-1", "Reconnaître", "CompletedAndPassed", "0.8"],
        ["https://carabin.example/cyber/_au-4", "Alerter", "Completed", "–"],
    ]
    assert [row[0] for row in rows(made, "contract", 1)] == ["completed", "passed", "failed"]
    assert rows(made, "contract", 2) == [["completed", "when the lesson is done"]]
    (items,) = (section for section in made.sections if section.id == "items")
    assert items.tables[0].caption == "https://carabin.example/cyber/_au-1: Reconnaître (lesson, graded)"


def test_without_a_pass_the_sheet_of_tin_can_names_completed() -> None:
    silent = synthetic.course(
        synthetic.lesson("lire", "Lire"), mastery=None, complete_when=CompleteWhen(None, False, None)
    )
    passed, completed = told(synthetic.course(), xapi), told(silent, xapi, completion=COMPLETED)
    for made, verb in ((passed, "passed"), (completed, "completed")):
        settings = dict(rows(made, "settings"))
        assert f"http://adlnet.gov/expapi/verbs/{verb}, without expiry" in settings["Moodle"]
        assert "auth" in settings["A link, without LMS"]
    assert [row[0] for row in rows(completed, "contract")] == ["completed"]


@pytest.mark.parametrize("target", [cmi5, xapi], ids=["cmi5", "xapi"])
def test_where_open_texts_go_is_said(target: Target) -> None:
    """In statements only when the course says so; in saved progress always."""
    written = {"urgence": (Interaction("urgence", "long-fill-in", limit=150),)}
    course = synthetic.course(synthetic.lesson("a", "A", synthetic.QUESTION))
    for open_text, form, where in ((False, "left out", "in no statement"), (True, "the text written", "in statements")):
        made = told(
            replace(course, settings=replace(course.settings, open_text=open_text)), target, interactions=written
        )
        assert rows(made, "items")[0][-1].startswith(form)
        (privacy,) = (section for section in made.sections if section.id == "privacy")
        assert where in privacy.paragraphs[-1]
        assert privacy.paragraphs[-1].endswith("urgence.")
    kept = told(course, target, interactions={"urgence": (Interaction("urgence", "long-fill-in", limit=0),)})
    assert any("sent nowhere" in text for text in texts(kept))


def test_lessons_that_do_not_count_are_named() -> None:
    practice = synthetic.lesson("essai", "Essai", synthetic.QUESTION, kind="practice", is_graded=False)
    made = page(synthetic.course(practice))
    assert rows(made, "items")[0][4] == "not scored"
    assert any("“Essai”" in text and "do not count" in text for text in texts(made))


@pytest.mark.parametrize(("target", "count", "some"), [(scorm12, 14, "Chamilo"), (scorm2004, 9, "Open edX")])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_product_that_cannot_keep_all_has_its_line(language: str, target: Target, count: int, some: str) -> None:
    """The lines are those of the profiles that the player is tested against; without SCORM there is none."""
    profiles = [yaml.safe_load(path.read_text("utf-8")) for path in FOLDERS[target.NAME].glob("*.yml")]
    assert len(profiles) == count
    told = {profile["name"]: profile[f"cannot_{language}"] for profile in profiles if profile.get(f"cannot_{language}")}
    words = strings(language, "sheet")
    lines = rows(sheet(synthetic.course(), synthetic.build(), target, WRITTEN, language, words), "limits")
    assert [name for name, _ in lines] == sorted(told, key=str.casefold)
    assert dict(lines) == told
    assert {"Canvas", some} <= set(told)
    assert not {"SCORM 1.2", "SCORM 2004"} & set(told)
    other = SimpleNamespace(NAME=scorm12.NAME, DRIVERS=("other",), STATE_LIMIT=64_000, LRS="", reports=scorm12.reports)
    page = sheet(synthetic.course(), synthetic.build(), other, WRITTEN, language, words)  # type: ignore[arg-type]
    (limits,) = (section for section in page.sections if section.id == "limits")
    assert limits.tables == ()


def test_no_right_answer_is_told() -> None:
    secret = Interaction("urgence", "fill-in", accept=("Sésame",))
    numbers = Interaction("doses.a", "numeric", ranges=((41.5, 42.5),))
    made = page(synthetic.course(), interactions={"urgence": (secret,), "doses": (numbers,)})
    assert not any("Sésame" in text or "41" in text for text in texts(made))
    swapped = replace(synthetic.CHOICE, right=("a",))
    before = page(synthetic.course())
    assert page(synthetic.course(), interactions={"urgence": (swapped,), "doses": synthetic.GAPS}) == before


def test_figures_of_the_file() -> None:
    facts = {fact.term: fact.value for fact in page(synthetic.course()).facts}
    assert facts["File"].lines == ("cyber-1.2.0-scorm12.zip",)
    assert facts["Size"].lines == ("1.2\u00a0MB (1,234,567 bytes)",)
    assert facts["Duration"].lines == ("1\u00a0h 30\u00a0min",)
    assert facts["Saved progress"].lines == ("1,234 characters at most, of 4,096 that the standard allows",)
    assert facts["SHA-256 of the file"].is_code
    french = sheet(synthetic.course(), synthetic.build(), scorm12, WRITTEN, "fr", strings("fr", "sheet"))
    assert {fact.term: fact.value for fact in french.facts}["Taille"].lines == (
        "1,2\u00a0Mo (1\u202f234\u202f567 octets)",
    )


class Read(dict[str, str]):
    """Words that remember which of them were read."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(words)
        self.keys_read: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.keys_read.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_has_its_use_and_every_blank_is_filled(language: str) -> None:
    words = Read(strings(language, "sheet"))
    kinds = ("true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric")
    all_kinds = tuple(Interaction(f"urgence.{kind}", kind) for kind in kinds)  # type: ignore[arg-type]
    several = Interaction("urgence.z", "choice", multiple=True, components=(Component("a", "A"),))
    beside = tuple(Interaction(f"urgence.{letter}", "likert", letter) for letter in EXTRAS)
    kept = Interaction("urgence.y", "long-fill-in", limit=0)
    sent = Interaction("urgence.x", "long-fill-in", limit=150)
    drawing = replace(synthetic.QUESTION, id="tirage", type="quiz", settings={"draw": [["", 1]], "size": 1, "pool": 2})
    drawn = synthetic.lesson("tirage", "Tirage", drawing, replace(synthetic.QUESTION, quiz="tirage"))
    lessons = [
        synthetic.lesson(kind, kind, synthetic.QUESTION, kind=kind, is_graded=kind in ("lesson", "assessment"))
        for kind in ("lesson", "practice", "positioning", "assessment")
    ]
    facts = ["lessons", "everything", "mastery", "minutes"]
    table = {
        "initial": "incomplete",
        "states": {
            "incomplete": [{"when": facts, "to": "failed"}, {"when": [f"!{fact}" for fact in facts], "to": "passed"}],
            "failed": [{"when": ["mastery"], "to": "passed"}],
        },
    }
    named = CompleteWhen(("lesson",), True, 30)
    found = [
        *texts(page(synthetic.course(*lessons, complete_when=named), words, completion=table)),
        *texts(
            page(
                synthetic.course(*lessons, minutes=120),
                words,
                completion=table,
                interactions={"urgence": (*all_kinds, several, *beside, kept, sent)},
            )
        ),
        *texts(
            page(
                synthetic.course(drawn),
                words,
                completion=table,
                slots={"tirage": 1, "urgence": 2},
                interactions={"tirage": (Interaction("tirage", "other"),), "urgence": (synthetic.CHOICE,)},
            )
        ),
        *(
            line
            for kind in ("flashcards", "checklist")
            for line in texts(
                page(synthetic.course(synthetic.lesson("a", "A", replace(synthetic.QUESTION, type=kind))), words)
            )
        ),
        *texts(page(synthetic.course(synthetic.lesson("a", "A"), minutes=9), words, completion=COMPLETED)),
    ]
    small = replace(WRITTEN, bytes=999)
    found += texts(sheet(synthetic.course(), synthetic.build(), scorm12, small, language, words))
    for course, table_ in ((synthetic.course(), table), (synthetic.course(synthetic.lesson("a", "A")), COMPLETED)):
        found += texts(sheet(course, synthetic.build(completion=table_), web, WRITTEN, language, words))
    found += texts(sheet(synthetic.course(), synthetic.build(variant="QC"), scorm12, WRITTEN, language, words))
    filled = Lrs(Span("hospital.yml"), "https://lrs.example", "Basic YTpi", "https://lms.example", "a" * 16)
    written = synthetic.lesson("open", "Open", replace(synthetic.QUESTION, id="open"))
    said = {"open": (Interaction("open", "long-fill-in", limit=150),)}
    for lrs, is_pseudonymous, open_text in ((filled, True, True), (Lrs(Span("")), False, False)):
        made = synthetic.build(
            variant="lrs", lrs=lrs, is_pseudonymous=is_pseudonymous, interactions=said, slots={"open": 4}
        )
        course = synthetic.course(written, open_text=open_text)
        found += texts(sheet(course, made, scorm12, WRITTEN, language, words))
    notes = synthetic.build(variant="QC-trainer", is_for_trainer=True)
    found += texts(sheet(synthetic.course(), notes, web, WRITTEN, language, words))
    scos = (Sco("lesson", 1, table, 900), Sco("practice", 4, COMPLETED, 20))
    mixed = synthetic.course(*lessons[:2], sco="lesson")
    found += texts(sheet(mixed, synthetic.build(scos=scos), scorm12, WRITTEN, language, words))
    typed = {"open": (Interaction("open", "fill-in"), sent)}
    for course, made in (
        (synthetic.course(), synthetic.build(completion=table)),
        (synthetic.course(written), synthetic.build(completion=COMPLETED, interactions=typed, slots={"open": 4})),
        (mixed, synthetic.build(scos=scos)),
    ):
        found += texts(sheet(course, made, scorm2004, WRITTEN, language, words))
    for speaking in (cmi5, xapi):
        for course, table_ in ((mixed, table), (synthetic.course(synthetic.lesson("a", "A")), COMPLETED)):
            for open_text in (True, False):
                settings = replace(course.settings, open_text=open_text, sco="course", move_on="NotApplicable")
                asked = {"urgence": (*all_kinds, several, kept, sent)}
                made = synthetic.build(completion=table_, interactions=asked)
                found += texts(sheet(replace(course, settings=settings), made, speaking, WRITTEN, language, words))
    split = synthetic.build(scos=scos, interactions={"urgence": (synthetic.CHOICE,)})
    found += texts(sheet(mixed, split, cmi5, WRITTEN, language, words))
    endless = SimpleNamespace(
        NAME=scorm12.NAME, DRIVERS=("scorm12",), STATE_LIMIT=None, LRS="", reports=scorm12.reports
    )
    found += texts(sheet(synthetic.course(), synthetic.build(), endless, WRITTEN, language, words))  # type: ignore[arg-type]
    assert not [text for text in found if not text or "{" in text or "}" in text]
    assert set(words) == words.keys_read


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Type `dir` in **no** window", "Type dir in no window"),
        ("[phishing]{lang=en} and [more](https://a.example)", "phishing and more"),
        ("Call {{ rssi }}", "Call Ada"),
        ("![A door](media/door.png)", "A door"),
        ("Two\nlines", "Two lines"),
        ("1. first", "first"),
    ],
)
def test_the_item_dictionary_shows_words_without_marks(text: str, shown: str) -> None:
    asked = replace(synthetic.CHOICE, components=(Component("a", text), Component("b", "plain *as is*")))
    lesson = synthetic.lesson("l", "L", replace(synthetic.QUESTION, parts=(Part("", text, "x", Span("l.md")),)))
    course = synthetic.course(lesson, variables={"rssi": "Ada"})
    row = rows(page(course, interactions={"urgence": (asked,)}), "items")[0]
    assert row[-1].split("\n")[1:] == [f"a = {shown}", "b = plain *as is*"]


def test_the_sheet_names_the_variant_and_says_what_trainers_have() -> None:
    def fact(variant: str, *, is_for_trainer: bool = False) -> list[str]:
        made = page(synthetic.course(), variant=variant, is_for_trainer=is_for_trainer)
        return [one.value.lines[0] for one in made.facts if one.term == "Variant"]

    assert fact("") == []
    assert fact("nurse-QC") == ["nurse-QC"]
    assert fact("QC-trainer", is_for_trainer=True) == [
        "QC-trainer: it holds the notes for trainers and is not for learners"
    ]

"""`carabin diff`: what it foretells is what the readers do, said in words, for courses, packages and revisions."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from twin import Player, player

from builder.cli import carabin
from builder.codec import STATUSES, Record, State, Visit, encode, receive
from builder.completion import Row, Table
from builder.editions import MANIFEST, Edition, read_edition
from builder.lock import Entry, Lock, Release
from builder.model import LETTERS, Component, Interaction
from builder.progress import PlayedLesson, PlayedQuestion, Unit, facts, fraction, is_done, present, status, won
from builder.render import INDEX
from builder.score import grade, raw
from builder.strings import strings
from builder.targets import INFORMATION
from builder.update import Change, Update, Verdict, compare, next_version

__all__ = ["player"]

COURSE = """\
id: fire
title: Fire safety
version: 1.0.0
language: en
iri: https://carabin.example/fire
licence: CC-BY-4.0
duration: 10 min
mastery: 80
"""
DOORS = """\
---
title: Doors
id: doors
duration: 5 min
---

Close the doors.

::: choice {#q-door}

Which door is wrong?

- [x] The open one.
  > It lets the fire through.
- [ ] The closed one.
  > It holds the fire back.

:::

::: fill {#q-time points=2}

A fire door holds for [[=30 min]], and it is made of [[steel|metal]].

:::
"""
ALARM = """\
---
title: The alarm
id: alarm
duration: 5 min
---

Give the alarm first.

::: order {#q-order}

What comes first?

1. Give the alarm.
2. Leave.
3. Wait outside.

:::
"""
FILES = {"course.yml": COURSE, "01-doors.md": DOORS, "02-alarm.md": ALARM}
NEW_KEY = ("- [x] The open one.", "- [ ] The open one."), ("- [ ] The closed one.", "- [x] The closed one.")

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test stands in an empty folder; the locale is C."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str | Path) -> Result:
    """Run a command in this process; an exception that nobody expected is the test's failure."""
    result = CliRunner().invoke(carabin, [str(one) for one in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def put(folder: str | Path, files: Mapping[str, str]) -> Path:
    """Write the files of a course."""
    root = Path(folder)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def edited(files: Mapping[str, str], **changes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return files with texts replaced: `doors=(("a", "b"),)` in the one whose name holds `doors`; `""` ends a file."""
    result = dict(files)
    for part, pairs in changes.items():
        (name,) = (name for name in files if part in name)
        for old, new in pairs:
            assert old in result[name], old
            result[name] = result[name].replace(old, new) if old else result[name] + new
    return result


def released(folder: str, files: Mapping[str, str], before: Path | None = None) -> Path:
    """Write a course, with the lock of an earlier version where there is one, and release it."""
    root = put(folder, files)
    if before:
        (root / "course.lock").write_bytes((before / "course.lock").read_bytes())
    result = run("lock", root, "--release")
    assert result.exit_code == 0, result.output
    return root


def versions(files: Mapping[str, str], version: str = "1.1.0") -> tuple[Path, Path]:
    """Return the course as `FILES` has it, released, and as `files` have it, released after it as `version`."""
    old = released("old", FILES)
    return old, released("new", edited(files, course=(("version: 1.0.0", f"version: {version}"),)), old)


def report(*arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
    result = run("diff", *arguments, "--format", "json")
    assert result.exit_code == exit_code, result.output
    document = json.loads(result.stdout)
    assert set(document) == {"schema", "verdict", "items", "next_version"}
    assert document["schema"] == 1
    assert all(set(item) == {"kind", "id", "change", "effect"} for item in document["items"])
    return dict(document)


def items(document: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return what is said of lessons, questions, items and the course."""
    return [
        (item["kind"], item["id"], item["change"], item["effect"])
        for item in document["items"]
        if item["kind"] != "learner"
    ]


# --- what it says of changes -----------------------------------------------------------------------------------------


def test_a_course_and_itself_are_safe_and_there_is_nothing_to_say() -> None:
    old = released("old", FILES)
    assert report(old, old) == {"schema": 1, "verdict": "safe", "items": [], "next_version": "1.0.1"}


def test_words_order_files_and_modules_change_nothing() -> None:
    words = edited(
        FILES, doors=(("Which door is wrong?", "Which of the doors is wrong?"),), alarm=(("first.", "now."),)
    )
    old, new = versions(
        {
            "course.yml": COURSE,
            "01-first/01-signal.md": words["02-alarm.md"],
            "02-second/_module.yml": "title: Doors\n",
            "02-second/07-gates.md": words["01-doors.md"],
        }
    )
    assert report(old, new) == {"schema": 1, "verdict": "safe", "items": [], "next_version": "1.0.1"}


CHANGES: dict[str, tuple[dict[str, str], Verdict, list[tuple[str, str, str, str]]]] = {
    "another key": (edited(FILES, doors=NEW_KEY), "notes", [("question", "q-door", "key", "asked-again")]),
    "a renamed id with was": (
        edited(FILES, doors=(("{#q-door}", "{#q-gate was=q-door}"),)),
        "safe",
        [("question", "q-gate", "renamed q-door → q-gate", "kept")],
    ),
    "a renamed id without was": (
        edited(FILES, doors=(("{#q-door}", "{#q-gate}"),)),
        "breaks",
        [("question", "q-door", "unlinked q-door → q-gate", "lost")],
    ),
    "a renamed lesson without was": (
        edited(FILES, doors=(("id: doors", "id: gates"),)),
        "breaks",
        [("lesson", "doors", "unlinked doors → gates", "lost")],
    ),
    "a renamed lesson with was": (
        edited(FILES, doors=(("id: doors", "id: gates\nwas: [doors]"),)),
        "safe",
        [("lesson", "gates", "renamed doors → gates", "kept")],
    ),
    "a question removed": (
        {**FILES, "01-doors.md": DOORS.partition("::: fill")[0]},
        "notes",
        [("question", "q-time", "removed", "put-aside")],
    ),
    "a question added": (
        edited(
            FILES,
            alarm=(
                ("", DOORS.partition("\n\nClose the doors.\n")[2].partition("::: fill")[0].replace("q-door", "q-2")),
            ),
        ),
        "notes",
        [("question", "q-2", "added", "new")],
    ),
    "a lesson removed": (
        {name: text for name, text in FILES.items() if "alarm" not in name},
        "notes",
        [("lesson", "alarm", "removed", "put-aside"), ("question", "q-order", "removed", "put-aside")],
    ),
    "a lesson added": (
        {**FILES, "03-leave.md": "---\ntitle: Leave\nid: leave\nduration: 5 min\n---\n\nLeave.\n"},
        "notes",
        [("lesson", "leave", "added", "new")],
    ),
    "another type": (
        edited(FILES, alarm=(("::: order {#q-order}", "::: scale {#q-order}"),)),
        "breaks",
        [("question", "q-order", "type order → scale", "lost")],
    ),
    "more points": (
        edited(FILES, doors=(("points=2", "points=5"),)),
        "notes",
        [("question", "q-time", "points 2 → 5", "regraded")],
    ),
    "other tries": (
        edited(FILES, doors=(("{#q-door}", "{#q-door tries=2}"),)),
        "notes",
        [("question", "q-door", "tries 1 → 2", "changed")],
    ),
    "no partial credit": (
        edited(FILES, doors=(("points=2", "points=2 partial=none"),)),
        "notes",
        [("question", "q-time", "partial each → none", "regraded")],
    ),
    "an optional question": (
        edited(FILES, doors=(("{#q-door}", "{#q-door optional}"),)),
        "notes",
        [("question", "q-door", "optional", "changed")],
    ),
    "a kind that does not count": (
        edited(FILES, doors=(("id: doors", "id: doors\nkind: practice"),)),
        "notes",
        [
            ("lesson", "doors", "ungraded", "regraded"),
            ("question", "q-door", "optional", "changed"),
            ("question", "q-door", "unscored", "regraded"),
            ("question", "q-time", "optional", "changed"),
            ("question", "q-time", "unscored", "regraded"),
        ],
    ),
    "another threshold": (
        edited(FILES, course=(("mastery: 80", "mastery: 60"),)),
        "notes",
        [("course", "fire", "mastery 80 → 60", "regraded")],
    ),
    "another rule of completion": (
        edited(FILES, course=(("mastery: 80", "mastery: 80\ncomplete_when: {lessons: [doors], mastery: true}"),)),
        "notes",
        [("course", "fire", "completion", "changed")],
    ),
    "one SCO a lesson": (
        edited(FILES, course=(("mastery: 80", "mastery: 80\npackaging: {sco: lesson}"),)),
        "breaks",
        [
            ("course", "fire", "sco course → lesson", "lost"),
            ("item", "I-fire", "removed fire → -", "lost"),
            ("item", "I-fire-1", "added - → doors", "new"),
            ("item", "I-fire-4", "added - → alarm", "new"),
        ],
    ),
    "alternatives in another order": (
        edited(FILES, doors=(("[[steel|metal]]", "[[metal|steel]]"),)),
        "notes",
        [("question", "q-time", "words", "kept")],
    ),
    "an alternative more": (
        edited(FILES, doors=(("[[steel|metal]]", "[[steel|metal|iron]]"),)),
        "notes",
        [("question", "q-time", "scoring", "regraded")],
    ),
    "typing errors that are forgiven": (
        edited(FILES, doors=(("points=2", "points=2 typos=1"),)),
        "notes",
        [("question", "q-time", "scoring", "regraded")],
    ),
    "a wrong answer more": (
        edited(FILES, doors=(("- [ ] The closed one.", "- [ ] The small one.\n- [ ] The closed one."),)),
        "safe",
        [],
    ),
    "a gap more": (
        edited(FILES, doors=(("[[steel|metal]]", "[[steel|metal]] or [[oak]]"),)),
        "notes",
        [("question", "q-time", "key", "asked-again")],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_reported_as_the_contract_says(name: str) -> None:
    """Progress, "Slots and `course.lock`", "Old state"."""
    files, verdict, expected = CHANGES[name]
    old, new = versions(files)
    document = report(old, new, exit_code=verdict == "breaks")
    assert document["verdict"] == verdict
    assert sorted(items(document)) == sorted(expected)
    assert document["next_version"] == {"safe": "1.0.1", "notes": "1.1.0", "breaks": "2.0.0"}[verdict]


def test_another_id_of_the_course_loses_everything() -> None:
    old = released("old", FILES)
    new = released("new", edited(FILES, course=(("id: fire", "id: blaze"),)))
    document = report(old, new, exit_code=1)
    assert items(document) == [
        ("course", "blaze", "id fire → blaze", "lost"),
        ("item", "I-fire", "removed fire → -", "lost"),
        ("item", "I-blaze", "added - → blaze", "new"),
    ]
    said = run("diff", old, new).stdout
    assert "3 questions can have a saved answer: 3 lost." in said
    assert "Records of the LMS are lost, with the status and score" in said


def test_a_lesson_that_is_a_sco_takes_its_record_with_it() -> None:
    split = edited(FILES, course=(("mastery: 80", "mastery: 80\npackaging: {sco: lesson}"),))
    old = released("old", split)
    new = released(
        "new",
        {name: text for name, text in split.items() if "alarm" not in name}
        | {"course.yml": split["course.yml"].replace("1.0.0", "2.0.0")},
        old,
    )
    document = report(old, new, exit_code=1)
    assert items(document) == [("item", "I-fire-4", "removed alarm → -", "lost")]
    assert "Some records of the LMS are lost" in run("diff", old, new).stdout


def test_a_question_that_leaves_its_sco_is_asked_again() -> None:
    split = edited(FILES, course=(("mastery: 80", "mastery: 80\npackaging: {sco: lesson}"),))
    fill = "::: fill" + DOORS.partition("::: fill")[2]
    old = released("old", split)
    moved = {**split, "01-doors.md": DOORS.replace(fill, ""), "02-alarm.md": f"{ALARM}\n{fill}"}
    new = released("new", edited(moved, course=(("version: 1.0.0", "version: 1.1.0"),)), old)
    assert items(report(old, new)) == [("question", "q-time", "parted doors → -", "asked-again")]
    as_one = {name: text.replace("packaging: {sco: lesson}\n", "") for name, text in split.items()}
    old = released("old1", as_one)
    moved = {**as_one, "01-doors.md": moved["01-doors.md"], "02-alarm.md": moved["02-alarm.md"]}
    new = released("new1", edited(moved, course=(("version: 1.0.0", "version: 1.1.0"),)), old)
    document = report(old, new)
    assert document["verdict"] == "safe"
    assert items(document) == [("question", "q-time", "moved doors → alarm", "moved")]


def test_numbers_that_were_given_anew_are_told() -> None:
    """Two packages of locks that know nothing of each other: answers land in the wrong questions."""
    old = released("old", FILES)
    one = DOORS.replace("id: doors", "id: gates").replace("q-door", "q-other")
    new = released("new", {**FILES, "00-gates.md": one.partition("::: fill")[0]})
    document = report(old, new, exit_code=1)
    assert ("question", "q-door", "taken q-door → q-other", "misread") in items(document)
    assert ("question", "q-order", "taken q-order → q-time", "misread") in items(document)
    assert not [item for item in items(document) if item[3] == "new"]
    other = released("other", {"course.yml": COURSE, "01-alarm.md": ALARM, "02-doors.md": DOORS})
    retired = (other / "course.lock").read_text("utf-8").replace("2 order q-order", "9 order q-order")
    (other / "course.lock").write_text(retired, "utf-8")
    short = released("short", {"course.yml": COURSE, "01-alarm.md": ALARM})
    assert ("question", "q-order", "renumbered 2 → 9", "lost") in items(report(short, other, exit_code=1))


def test_a_number_that_another_question_has_may_lose_its_answers() -> None:
    """Where the other question is keyed later than the answers, they are not taken for its own."""
    files = {"course.yml": COURSE, "01-doors.md": DOORS}
    old = released("old", files)
    renamed = {**files, "01-doors.md": DOORS.replace("#q-door", "#q-other").replace("Which door", "What")}
    first = released("first", renamed)
    later = edited(renamed, course=(("1.0.0", "2.0.0"),), doors=NEW_KEY)
    document = report(old, released("new", later, first), exit_code=1)
    assert ("question", "q-door", "displaced q-door → q-other", "lost") in items(document)


def test_what_cannot_be_told_apart_is_said() -> None:
    """Two builds of one unreleased lock: an answer to the one is judged by the key of the other."""
    old = put("old", FILES)
    assert run("lock", old).exit_code == 0
    new = put("new", {**edited(FILES, doors=NEW_KEY), "course.lock": (old / "course.lock").read_text("utf-8")})
    document = report(old, new)
    assert items(document) == [("question", "q-door", "judged", "regraded")]
    assert document["verdict"] == "notes"
    assert "Version 1.0.0 (old) was built from a lock that is not released" in run("diff", old, new).stdout


def test_the_way_back_is_told() -> None:
    old, new = versions({**edited(FILES, doors=NEW_KEY), "02-alarm.md": ALARM.partition("::: order")[0]})
    said = run("diff", old, new).stdout
    assert "Putting 1.0.0 back over 1.1.0 loses nothing for good, but learners will notice it." in said
    assert "Answers that were put aside are there again." in said
    document = report(new, old)
    assert items(document) == [
        ("course", "fire", "revision 2 → 1", "kept"),
        ("question", "q-door", "judged", "regraded"),
        ("question", "q-order", "added", "new"),
    ]
    assert "Version 1.0.0 is an earlier release: this is a roll-back." in run("diff", new, old).stdout


def test_a_variant_puts_answers_aside_and_removes_nothing() -> None:
    files = edited(
        FILES,
        course=(("mastery: 80", "mastery: 80\naudiences: [nurse, doctor]"),),
        alarm=(("id: alarm", "id: alarm\naudience: [nurse]"),),
    )
    old = released("old", files)
    assert run("build", old, "--out", "dist", "--audience", "nurse").exit_code == 0
    package = Path("dist/fire-1.0.0-scorm12-nurse.zip")
    assert report(package, old, "--audience", "nurse")["items"] == []
    assert ("question", "q-order", "variant", "put-aside") in items(report(package, old, "--audience", "doctor"))
    result = run("diff", package, old, "--audience", "nurs")
    assert (result.exit_code, "Did you mean 'nurse'?" in result.output) == (2, True)


def test_progress_that_finds_no_room_breaks() -> None:
    """Progress, "Saved state": what can pass 4,096 characters is refused, for learners of earlier versions too."""

    def writing(name: str, count: int) -> str:
        front = f"---\ntitle: {name}\nid: {name}\nduration: 5 min\n---\n"
        question = "\n::: open {#%s max=150}\n\nWrite.\n\n> [!ANSWER]\n> Words.\n\n:::\n"
        return front + "".join(question % f"q-{name}{n}" for n in range(count))

    course = COURSE.replace("mastery: 80\n", "")
    old = released("old", {"course.yml": course, "01.md": writing("a", 14)})
    new = released("new", {"course.yml": course.replace("1.0.0", "2.0.0"), "01.md": writing("b", 14)}, old)
    document = report(old, new, exit_code=1)
    (state,) = (one for one in items(document) if one[0] == "course")
    assert state[1:] == ("fire", state[2], "no-room")
    most, arrow, limit = state[2].removeprefix("state ").partition(" → ")
    assert (arrow, limit) == (" → ", "4096")
    assert int(most) > 4096
    assert "there is room for 4096" in run("diff", old, new).stdout


def test_a_quiz_that_draws_otherwise_is_told() -> None:
    def course(pool: int, draw: int, version: str) -> dict[str, str]:
        question = "\n::: choice {#q-%d}\n\nWhich?\n\n- [x] One %d.\n- [ ] Two.\n\n:::\n"
        inside = "".join(question % (n, n) for n in range(pool))
        text = f"{ALARM.partition('::: order')[0]}::: quiz {{#test draw={draw}}}\n{inside}\n:::\n"
        return {"course.yml": COURSE.replace("1.0.0", version), "01.md": text}

    old = released("old", course(4, 2, "1.0.0"))
    document = report(old, released("new", course(5, 3, "1.1.0"), old))
    assert items(document) == [
        ("question", "test", "draw 2 → 3", "changed"),
        ("question", "q-4", "added", "new"),
    ]
    assert report(old, released("same", course(4, 2, "1.0.1"), old))["items"] == []


@pytest.mark.parametrize(
    ("version", "verdict", "expected"),
    [
        ("1.4.2", "safe", "1.4.3"),
        ("1.4.2", "notes", "1.5.0"),
        ("1.4.2", "breaks", "2.0.0"),
        ("1.4.2-beta.1", "safe", "1.4.2"),
        ("2", "notes", "2.1.0"),
        ("spring", "breaks", ""),
    ],
)
def test_the_version_that_an_update_deserves(version: str, verdict: Verdict, expected: str) -> None:
    """Semantic Versioning 2.0.0, §6–§9."""
    assert next_version(version, verdict) == expected


def test_a_version_that_is_too_low_is_told() -> None:
    old, new = versions(edited(FILES, doors=NEW_KEY), "1.0.1")
    assert "deserves version 1.1.0 or later, and is called 1.0.1" in run("diff", old, new).stdout
    old, new = (
        released("a", FILES),
        released("b", edited(FILES, course=(("1.0.0", "1.2.0"),), doors=NEW_KEY), Path("old")),
    )
    assert "deserves version 1.1.0 or later; 1.2.0 is." in run("diff", old, new).stdout
    new = released("c", edited(FILES, course=(("1.0.0", "0.9.0"),)), Path("old"))
    assert "deserves version 1.0.1 or later, and is called 0.9.0" in run("diff", old, new).stdout


# --- in words --------------------------------------------------------------------------------------------------------

SAID = """\
fire, 1.0.0 → 1.1.0: breaks progress

3 questions can have a saved answer: 1 kept, 1 asked again, 1 lost.
Whoever has passed or completed stays so.
Computed by reading saved progress of the one as the other does; target scorm12, release revisions 1 and 2.

Breaks progress
  - Answers to q-time are lost: it is called q-hold, and nothing says that it is the same. Write `was=q-time` \
beside its id and run `carabin lock`.

Learners will notice
  - Asked again, because the right answer has changed: q-door.

Nobody loses anything by this
  - The lesson alarm is called signal: saved progress follows it.

Typical learners
  Learner                            Answers kept  Lessons done  Grade       Status
  half-way, all right                0 of 2        0             75% → 0%    incomplete
  half-way, all wrong                0 of 2        0             0%          incomplete
  everything, all right              1 of 3        2 → 1         100% → 25%  passed
  everything, every other one wrong  1 of 3        2 → 1         50% → 25%   failed
  everything, all wrong              1 of 3        2 → 1         8.33%       failed

The way back
Putting 1.0.0 back over 1.1.0 breaks progress made in 1.1.0.
`carabin diff NEW OLD` tells more.

Version
The update deserves version 2.0.0 or later, and is called 1.1.0: raise `version` in course.yml.
"""
MIXED = edited(FILES, doors=(*NEW_KEY, ("{#q-time", "{#q-hold")), alarm=(("id: alarm", "id: signal\nwas: [alarm]"),))
"""Another key, a lost id, and a renamed lesson."""


def test_a_report_in_words() -> None:
    old, new = versions(MIXED)
    result = run("diff", old, new)
    assert result.stdout == SAID
    assert result.exit_code == 1


def test_the_same_in_french() -> None:
    old, new = versions(MIXED)
    said = run("diff", old, new, "--lang", "fr").stdout
    assert said.startswith("fire, 1.0.0 → 1.1.0\u00a0: casse la progression\n\n3 questions peuvent avoir une réponse")
    assert "Les réponses à q-time sont perdues\u00a0: elle s’appelle q-hold" in said
    assert "8,33\u00a0%" in said


def test_a_report_as_a_page() -> None:
    old, new = versions(MIXED)
    page = run("diff", old, new, "--format", "html", "--lang", "en").stdout
    assert page.startswith('<!doctype html>\n<html lang="en"')
    assert "<h1>fire, 1.0.0 → 1.1.0: breaks progress</h1>" in page
    assert '<section id="breaks"' in page
    assert "half-way, all right" in page


@pytest.mark.parametrize(("arguments", "exit_code"), [((), 0), (("--strict",), 1)])
def test_notes_fail_only_when_that_is_asked_for(arguments: tuple[str, ...], exit_code: int) -> None:
    old, new = versions(edited(FILES, doors=NEW_KEY))
    assert run("diff", old, new, *arguments).exit_code == exit_code
    assert run("diff", old, old, *arguments).exit_code == 0


def test_every_change_has_words() -> None:
    """The codes that `update.py` writes, and the words that tell of them."""
    text = (Path(__file__).parent.parent / "builder" / "update.py").read_text("utf-8")
    codes = set(re.findall(r'(?:Change\(\s*(?:"\w+"|kind), \S+, |changed\()"([a-z-]+)"', text))
    assert len(codes) > 20
    words = strings("en", "cli")
    kinds = ("course", "item", "lesson", "question", "learner")
    for code in codes - {"status", "lessons", "grade"}:
        assert any(f"diff_{kind}_{code.replace('-', '_')}" in words for kind in kinds), code


def test_many_ids_are_cut_in_words_and_whole_in_json() -> None:
    question = "\n::: choice {#q-%d}\n\nWhich, %d?\n\n- [x] One.\n- [ ] Two.\n\n:::\n"
    text = ALARM.partition("::: order")[0] + "".join(question % (n, n) for n in range(20))
    old = released("old", {"course.yml": COURSE, "01.md": text})
    flipped = text.replace("- [x] One.\n- [ ] Two.", "- [ ] One.\n- [x] Two.")
    new = released("new", {"course.yml": COURSE.replace("1.0.0", "1.1.0"), "01.md": flipped}, old)
    assert "q-10, q-11… (20)." in run("diff", old, new).stdout
    assert len(items(report(old, new))) == 20


# --- packages --------------------------------------------------------------------------------------------------------


def packages(target: str = "scorm12", **changes: Any) -> tuple[Path, Path]:
    """Return two packages: of `FILES`, and of the next version with another key."""
    old, new = versions(edited(FILES, doors=NEW_KEY, **changes))
    for root in (old, new):
        assert run("build", root, "-t", target, "--out", "dist").exit_code == 0
    return Path(f"dist/fire-1.0.0-{target}.zip"), Path(f"dist/fire-1.1.0-{target}.zip")


@pytest.mark.parametrize("target", ["scorm12", "scorm2004", "web"])
def test_packages_unpacked_ones_and_folders_tell_the_same(target: str) -> None:
    old, new = packages(target)
    expected = [("question", "q-door", "key", "asked-again")]
    for n, package in enumerate((old, new)):
        with zipfile.ZipFile(package) as archive:
            archive.extractall(f"unpacked{n}")
    for before in (old, "unpacked0"):
        for after in (new, "unpacked1", "new"):
            assert items(report(before, after)) == expected, (before, after)


def test_packages_of_two_targets_share_no_progress() -> None:
    old, _ = packages()
    assert run("build", "old", "-t", "web", "--out", "dist").exit_code == 0
    document = report(old, "dist/fire-1.0.0-web.zip", exit_code=1)
    assert ("course", "fire", "target scorm12 → web", "lost") in items(document)


@pytest.mark.parametrize("target", ["scorm12", "scorm2004"])
def test_packages_of_one_sco_a_lesson_are_read(target: str) -> None:
    split = ("mastery: 80", "mastery: 80\npackaging: {sco: lesson}")
    released("old", edited(FILES, course=(split,)))
    assert run("build", "old", "-t", target, "--out", "dist").exit_code == 0
    assert report(f"dist/fire-1.0.0-{target}.zip", "old")["items"] == []


def rewritten(package: Path, **members: bytes | None) -> Path:
    """Return a copy of a package with members replaced (`name__ending` for `name.ending`), or left out."""
    changed = {name.replace("__", "."): content for name, content in members.items()}
    path = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = changed.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


def test_what_is_no_package_of_ours_is_said_in_words() -> None:
    old, _ = packages()
    Path("text.zip").write_text("not a zip", "utf-8")
    Path("cut.zip").write_bytes(old.read_bytes()[:-200])
    foreign = rewritten(old, carabin__json=None).rename("foreign.zip")
    other = rewritten(old, carabin__json=b'{"schema": 1}').rename("other.zip")
    later = rewritten(old, carabin__json=read(old, INFORMATION).replace(b'"schema": 1', b'"schema": 2')).rename(
        "later.zip"
    )
    for path, said in (
        ("text.zip", "not a zip that can be read"),
        ("cut.zip", "not a zip that can be read"),
        (foreign, "not a package of Carabin"),
        (other, "not a package of Carabin"),
        (later, "made by a later Carabin"),
    ):
        for sides in ((path, old), (old, path)):
            result = run("diff", *sides)
            assert result.exit_code == 2, path
            assert said in result.output, path


def read(package: Path, name: str) -> bytes:
    with zipfile.ZipFile(package) as archive:
        return archive.read(name)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (INDEX, b'id="course-data"', b'id="other-data"'),
        (INDEX, b'"keyedAt":1', b'"keyedAt":-1'),
        (INDEX, b'"type":"numeric"', b'"type":"magic"'),
        (INDEX, b'"slot":2', b'"slot":1'),
        (INDEX, b'"points":2.0', b'"points":NaN'),
        (INDEX, b'"to":"passed"', b'"to":"perfect"'),
        (INFORMATION, b'"contract": 1', b'"contract": "one"'),
        (INFORMATION, b"1 lesson doors", b"0 lesson doors"),
        (MANIFEST, b"<item ", b"<part "),
        (MANIFEST, b"</manifest>", b""),
    ],
)
def test_a_damaged_package_is_said_with_the_place(name: str, old: bytes, new: bytes) -> None:
    package, _ = packages()
    content = read(package, name)
    assert old in content, old
    damaged = rewritten(package, **{name.replace(".", "__"): content.replace(old, new)})
    result = run("diff", damaged, package)
    assert result.exit_code == 2
    assert f"{name} cannot be understood" in result.output


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((None, True, [], {}, "", "choice", "other", "a", "web", "\0")),
    st.integers(0, 9),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
)


@settings(max_examples=300)
@given(data=st.data())
def test_no_package_makes_the_reader_fail(package_members: Mapping[str, bytes], data: st.DataObject) -> None:
    """Any value of the JSON may be anything; whatever is still an edition can be compared."""
    members = dict(package_members)
    name = data.draw(st.sampled_from((INDEX, INFORMATION)))
    before, document, after = split(members[name])
    path: Any = document
    while True:
        keys = sorted(path) if isinstance(path, dict) else range(len(path))
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(path[key], dict | list) and path[key] and data.draw(st.integers(0, 5)):
            path = path[key]
            continue
        path[key] = data.draw(ANYTHING)
        break
    members[name] = before + json.dumps(document).encode() + after
    found = read_edition(members.get)
    good = read_edition(package_members.get)
    assert isinstance(good, Edition)
    if isinstance(found, Edition):
        assert compare(good, found).verdict in ("safe", "notes", "breaks")
        assert compare(found, good).verdict in ("safe", "notes", "breaks")


@pytest.fixture(scope="module")
def package_members(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The members that tell of a package with a quiz, a scenario and most other types."""
    out = tmp_path_factory.mktemp("everything")
    everything = Path(__file__).parent / "courses" / "everything"
    assert run("build", everything, "-t", "scorm12", "--out", out).exit_code == 0
    (package,) = out.glob("*.zip")
    return {name: read(package, name) for name in (INDEX, INFORMATION, MANIFEST)}


def split(content: bytes) -> tuple[bytes, Any, bytes]:
    """Return the JSON of a member, and what stands around it."""
    if content.startswith(b"{"):
        return b"", json.loads(content), b""
    start = content.index(b">", content.index(b'id="course-data"')) + 1
    end = content.index(b"</script>", start)
    return content[:start], json.loads(content[start:end]), content[end:]


# --- git revisions ---------------------------------------------------------------------------------------------------


def git(*arguments: str) -> str:
    who = (
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.example",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "core.autocrlf=false",
    )
    return subprocess.run(("git", *who, *arguments), capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository() -> Path:
    """A repository with `course_src/fire`, whose version 1.0.0 is tagged, and 1.1.0 has another key."""
    git("init", "-q", ".")
    root = released("course_src/fire", FILES)
    git("add", "-A")
    git("commit", "-qm", "One")
    git("tag", "v1.0.0")
    put(root, edited(FILES, course=(("1.0.0", "1.1.0"),), doors=NEW_KEY))
    assert run("lock", root, "--release").exit_code == 0
    git("commit", "-qam", "Two")
    git("tag", "v1.1.0")
    return root


@pytest.mark.parametrize(
    "arguments",
    [
        ("v1.0.0", "v1.1.0"),
        ("v1.0.0", "HEAD", "course_src/fire"),
        ("v1.0.0", "course_src/fire"),
        ("HEAD~1", "course_src"),
    ],
)
def test_revisions_are_compared_without_touching_the_work_tree(repository: Path, arguments: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and ".git" not in path.parts}
    assert items(report(*arguments)) == [("question", "q-door", "key", "asked-again")]
    assert git("status", "--porcelain") == ""
    after = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and ".git" not in path.parts}
    assert after == before


def test_a_revision_and_a_package_are_compared(repository: Path) -> None:
    assert run("build", repository, "--out", "dist").exit_code == 0
    expected = [("question", "q-door", "key", "asked-again")]
    assert items(report("v1.0.0", "dist/fire-1.1.0-scorm12.zip")) == expected
    git("mv", "course_src", "courses")
    git("commit", "-qm", "Three")
    assert items(report("v1.0.0", "dist/fire-1.1.0-scorm12.zip")) == expected
    assert items(report("v1.0.0", "courses/fire")) == expected


def test_a_course_uses_what_it_shares_at_that_revision(repository: Path) -> None:
    put("course_src/_shared", {"more.md": "::: choice {#q-more}\n\nWhich?\n\n- [x] One.\n- [ ] Two.\n\n:::\n"})
    lesson = (repository / "02-alarm.md").read_text("utf-8")
    put(repository, {"02-alarm.md": f"{lesson}\n::: include {{src=../_shared/more.md}}\n:::\n"})
    assert run("lock", repository).exit_code == 0
    (repository / "03-linked.md").symlink_to("../_shared/lesson.md")
    (repository / "04-nowhere.md").symlink_to("../../../outside.md")
    put("course_src/_shared", {"lesson.md": "---\ntitle: Linked\nid: linked\nduration: 5 min\n---\n\nA lesson.\n"})
    git("add", "-A")
    git("commit", "-qm", "Three")
    (Path("course_src") / "_shared" / "more.md").unlink()
    document = report("v1.1.0", "HEAD", "course_src/fire")
    assert items(document) == [("lesson", "linked", "added", "new"), ("question", "q-more", "added", "new")]


def test_what_is_no_revision_is_said_in_words(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("v9", "--", "HEAD:course_src", "-x", "", "no/such/folder", "x" * 5000):
        result = run("diff", "--", name, "course_src/fire")
        assert result.exit_code == 2, name
        assert "neither a file, nor a folder, nor a git revision" in result.output, name
    assert "no course at elsewhere" in run("diff", "v1.0.0", "v1.1.0", "elsewhere").output
    result = run("diff", "course_src/fire", "course_src/fire", "course_src/fire")
    assert (result.exit_code, "neither OLD nor NEW is one" in result.output) == (2, True)
    put("course_src/other", {**FILES, "course.yml": COURSE.replace("id: fire", "id: other")})
    assert "holds several courses" in run("diff", "v1.0.0", "course_src").output
    outside = put(tmp_path_factory.mktemp("outside"), FILES)
    assert "not in a git repository" in run("diff", "v1.0.0", outside).output
    assert "neither a course nor an unpacked package" in run("diff", ".git", "course_src/fire").output


def test_without_git_there_are_no_revisions(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path("empty").absolute()))
    result = run("diff", "v1.0.0", repository)
    assert (result.exit_code, "git is not installed" in result.output) == (2, True)
    assert run("diff", repository, repository).exit_code == 0


def test_a_course_with_errors_cannot_be_compared(repository: Path) -> None:
    put(repository, edited(FILES, doors=(("- [x] The open one.", "- [ ] The open one."),)))
    result = run("diff", "v1.1.0", "course_src/fire")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "course_src/fire/01-doors.md:13:1: error[Q207]" in result.stderr
    assert "course_src/fire has errors and cannot be compared." in result.stderr
    git("commit", "-qam", "Broken")
    result = run("diff", "HEAD", "v1.0.0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("HEAD has errors and cannot be compared. (Q207)")


# --- carabin check --against -----------------------------------------------------------------------------------------


def against(revision: str, *arguments: str, exit_code: int = 0) -> list[tuple[str, str, int, dict[str, Any]]]:
    """Return what `check --against` says of the update: code, severity, line, arguments."""
    result = run("check", "--against", revision, "--format", "json", *arguments)
    assert result.exit_code == exit_code, result.output
    found = json.loads(result.stdout)["diagnostics"]
    mine = [one for one in found if one["code"] in ("S086", "S087", "S088", "S089")]
    assert {one["file"] for one in mine} <= {"course_src/fire/course.yml"}
    return [(one["code"], one["severity"], one["line"], one["arguments"]) for one in mine]


def test_check_tells_what_an_update_does(repository: Path) -> None:
    """In CI each at its line of `course.yml`; an announced break is a warning."""
    assert against("HEAD") == []
    told = {"revision": "v1.0.0", "old": "1.0.0", "ids": "q-door"}
    assert against("v1.0.0") == [("S087", "note", 1, told)]
    put(repository, edited(FILES, course=(("1.0.0", "1.0.1"),), doors=(*NEW_KEY, ("{#q-time", "{#q-hold"))))
    lost = {"revision": "v1.0.0", "old": "1.0.0", "ids": "q-time"}
    low = {"version": "1.0.1", "next": "2.0.0", "revision": "v1.0.0"}
    expected = [("S086", "error", 1, lost), ("S087", "note", 1, told), ("S088", "warning", 3, low)]
    assert against("v1.0.0", exit_code=1) == expected
    put(repository, edited(FILES, course=(("1.0.0", "2.0.0"),), doors=(*NEW_KEY, ("{#q-time", "{#q-hold"))))
    assert against("v1.0.0") == [("S086", "warning", 1, lost), ("S087", "note", 1, told)]
    said = run("check", "--against", "v1.0.0", "--format", "github").stdout
    assert "::warning file=course_src/fire/course.yml,line=1,endLine=1,col=5,endColumn=9,title=S086::learners" in said


def test_check_says_when_it_cannot_compare(repository: Path) -> None:
    put(repository, edited(FILES, doors=(("- [x] The open one.", "- [ ] The open one."),)))
    git("commit", "-qam", "Broken")
    git("tag", "broken")
    assert against("v1.0.0", exit_code=1) == []
    put(repository, FILES)
    assert against("broken") == [("S089", "warning", 1, {"count": 1, "revision": "broken"})]
    result = run("check", "--against", "v9")
    assert (result.exit_code, "nor a git revision" in result.output) == (2, True)
    git("commit", "-qm", "Empty", "--allow-empty", "--", ".")
    git("rm", "-rq", "--cached", "course_src")
    git("commit", "-qm", "Gone")
    assert against("HEAD") == []


# --- carabin build --since -------------------------------------------------------------------------------------------


def test_the_sheet_tells_of_the_update(repository: Path) -> None:
    sheet = Path("dist/fire-1.1.0-scorm12.html")
    assert run("build", "--out", "dist").exit_code == 0
    plain = sheet.read_text("utf-8")
    assert 'id="since"' not in plain
    assert run("build", "--out", "dist", "--since", "v1.0.0").exit_code == 0
    told = sheet.read_text("utf-8")
    assert '<h2 id="since-title">Updating from version 1.0.0</h2>' in told
    assert "Asked again, because the right answer has changed: q-door." in told
    assert told.index('<section id="update"') < told.index('<section id="since"') < told.index('<section id="items"')
    git("stash", "-q", "--include-untracked")
    git("checkout", "-q", "v1.0.0")
    assert run("build", "--out", "dist", "-t", "scorm12", "-t", "web").exit_code == 0
    git("checkout", "-q", "main")
    options = ("build", "--out", "dist", "-t", "scorm12", "-t", "web", "--since")
    assert run(*options, "dist/fire-1.0.0-scorm12.zip").exit_code == 0
    assert sheet.read_text("utf-8") == told
    assert 'id="since"' not in Path("dist/fire-1.1.0-web.html").read_text("utf-8")
    assert run(*options, "v1.0.0").exit_code == 0
    assert 'id="since"' in Path("dist/fire-1.1.0-web.html").read_text("utf-8")


def test_an_earlier_version_that_does_not_exist_stops_the_build(repository: Path) -> None:
    released("elsewhere", {**FILES, "course.yml": COURSE.replace("id: fire", "id: other")})
    assert run("build", "elsewhere", "--out", "other").exit_code == 0
    for since, said in (("v9", "nor a git revision"), ("other/other-1.0.0-scorm12.zip", "a package of “other”")):
        result = run("build", "--out", "dist", "--since", since)
        assert result.exit_code == 2
        assert said in result.output
        assert not Path("dist").exists()
    put(repository, edited(FILES, doors=(("- [x] The open one.", "- [ ] The open one."),)))
    git("commit", "-qam", "Broken")
    put(repository, FILES)
    result = run("build", "--out", "dist", "--since", "HEAD")
    assert result.exit_code == 0
    assert "warning[S089]: cannot be compared with HEAD" in result.stderr


# --- properties ------------------------------------------------------------------------------------------------------

PASS, FAIL = Row(("lessons", "mastery"), "passed"), Row(("everything", "!mastery"), "failed")
TABLE = Table("incomplete", {"incomplete": (PASS, FAIL), "failed": (PASS,), "completed": (), "passed": ()})


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """An edition of revision 1: up to four lessons with up to four questions of several kinds."""
    slot = 0
    lessons = []
    entries = []
    for _ in range(draw(st.integers(1, 4))):
        slot += 1
        place, questions = slot, []
        entries.append(Entry(place, "lesson", f"l{place}", f"{place:06x}", since="1.0.0"))
        for _ in range(draw(st.integers(0, 4))):
            slot += 1
            made = draw(interactions(f"q{slot}"))
            questions.append(
                PlayedQuestion(
                    id=f"q{slot}",
                    slot=slot,
                    type="choice",
                    points=draw(st.sampled_from((0.5, 1, 2))),
                    tries=draw(st.integers(1, 3)),
                    partial=draw(st.sampled_from(("none", "each"))),
                    is_scored=draw(st.booleans()),
                    is_required=draw(st.booleans()),
                    keyed_at=1,
                    interactions=made,
                    weights=(1 / len(made),) * len(made),
                )
            )
            entries.append(Entry(slot, "choice", f"q{slot}", f"{slot:06x}", since="1.0.0", keyed=1, key=f"{slot:06x}"))
        kinds = (f"l{place}", place, "lesson", draw(st.booleans()), draw(st.booleans()), tuple(questions))
        lessons.append(PlayedLesson(*kinds))
    unit = Unit("I-c", tuple(lessons), draw(st.sampled_from((0.5, 0.8))), TABLE, 4096)
    lock = Lock("c", (Release(1, "1.0.0", "000000"),), tuple(entries))
    return Edition("c", "C", "1.0.0", "en", "scorm12", 1, 1, lock, (unit,), is_split=False)


@st.composite
def interactions(draw: st.DrawFn, name: str) -> tuple[Interaction, ...]:
    """One to three interactions with a key."""
    count = draw(st.integers(1, 3))
    found = []
    for n in range(count):
        own = f"{name}.{LETTERS[n]}" if count > 1 else name
        letter = LETTERS[n] if count > 1 else ""
        letters = LETTERS[: draw(st.integers(2, 5))]
        components = tuple(Component(one, "") for one in letters)
        kind = draw(st.sampled_from(("choice", "multiple", "sequencing", "matching", "fill-in", "numeric")))
        if kind == "choice":
            found.append(Interaction(own, "choice", letter, components=components, right=(letters[0],)))
        elif kind == "multiple":
            found.append(
                Interaction(own, "choice", letter, components=components, multiple=True, right=tuple(letters[:2]))
            )
        elif kind == "sequencing":
            found.append(Interaction(own, "sequencing", letter, components=components, right=tuple(letters)))
        elif kind == "matching":
            right = tuple(one + one for one in letters)
            found.append(Interaction(own, "matching", letter, components=components, targets=components, right=right))
        elif kind == "fill-in":
            found.append(Interaction(own, "fill-in", letter, accept=("steel", "metal")))
        else:
            found.append(Interaction(own, "numeric", letter, ranges=((20, 30),)))
    return tuple(found)


def with_lessons(edition: Edition, change: Callable[[PlayedLesson], PlayedLesson]) -> Edition:
    (unit,) = edition.units
    return replace(edition, units=(replace(unit, lessons=tuple(map(change, unit.lessons))),))


def with_entry(edition: Edition, slot: int, **values: Any) -> Edition:
    entries = tuple(replace(one, **values) if one.slot == slot else one for one in edition.lock.entries)
    return replace(edition, lock=replace(edition.lock, entries=entries))


def next_release(edition: Edition) -> Edition:
    lock = replace(edition.lock, releases=(Release(2, "1.1.0", "000001"),))
    return replace(edition, version="1.1.0", revision=2, lock=lock)


def questions_of(edition: Edition) -> list[PlayedQuestion]:
    return [question for unit in edition.units for question in unit.questions]


def about(update: Update, name: str) -> list[Change]:
    return [one for one in update.changes if one.id == name and one.kind != "learner"]


@given(editions())
def test_an_edition_and_itself_are_safe(edition: Edition) -> None:
    update = compare(edition, edition)
    assert (update.verdict, update.changes) == ("safe", ())
    assert update.fates["kept"] == update.answers == len(questions_of(edition))
    assert all(one.kept == one.answers for one in update.learners)


@given(editions(), st.randoms(use_true_random=False))
def test_a_permuted_course_is_safe(edition: Edition, random: Any) -> None:
    """Lessons, questions of a lesson and the answers of a question stand in another order."""

    def shuffled(things: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(things, len(things)))

    def moved(interaction: Interaction) -> Interaction:
        return replace(interaction, components=shuffled(interaction.components), targets=shuffled(interaction.targets))

    def permuted(lesson: PlayedLesson) -> PlayedLesson:
        mixed = (replace(one, interactions=tuple(map(moved, one.interactions))) for one in shuffled(lesson.questions))
        return replace(lesson, questions=tuple(mixed))

    new = with_lessons(next_release(edition), permuted)
    new = replace(new, units=(replace(new.units[0], lessons=shuffled(new.units[0].lessons)),))
    update = compare(edition, new)
    assert (update.verdict, update.changes) == ("safe", ())
    assert compare(new, edition).fates["kept"] == update.answers


@given(editions().filter(questions_of), st.data())
def test_one_edit_is_reported_and_nothing_else(edition: Edition, data: st.DataObject) -> None:
    """Progress, "Rename", "Parts", "Old state"."""
    question = data.draw(st.sampled_from(questions_of(edition)))
    slot, fresh = question.slot, 1 + max(entry.slot for entry in edition.lock.entries)

    def changed(**values: Any) -> Edition:
        def lesson(one: PlayedLesson) -> PlayedLesson:
            inside = (replace(each, **values) if each.slot == slot else each for each in one.questions)
            return replace(one, questions=tuple(inside))

        return with_lessons(next_release(edition), lesson)

    def removed() -> Edition:
        def lesson(one: PlayedLesson) -> PlayedLesson:
            return replace(one, questions=tuple(each for each in one.questions if each.slot != slot))

        return with_entry(with_lessons(next_release(edition), lesson), slot, is_retired=True)

    entry = next(one for one in edition.lock.entries if one.slot == slot)
    unlinked = with_entry(changed(id="renamed", slot=fresh), slot, is_retired=True)
    lock = unlinked.lock
    unlinked = replace(unlinked, lock=replace(lock, entries=(*lock.entries, replace(entry, slot=fresh, id="renamed"))))
    edits: dict[str, tuple[Edition, Verdict, str, str, str]] = {
        "removed": (removed(), "notes", question.id, "removed", "put-aside"),
        "key": (
            with_entry(changed(keyed_at=2), slot, key="abcdef", keyed=2),
            "notes",
            question.id,
            "key",
            "asked-again",
        ),
        "was": (
            with_entry(changed(id="renamed"), slot, id="renamed", was=(question.id,)),
            "safe",
            "renamed",
            "renamed",
            "kept",
        ),
        "no was": (unlinked, "breaks", question.id, "unlinked", "lost"),
    }
    new, verdict, name, change, effect = edits[data.draw(st.sampled_from(sorted(edits)))]
    update = compare(edition, new)
    assert update.verdict == verdict
    assert [(one.change, one.effect) for one in about(update, name)] == [(change, effect)]
    assert {one.id for one in update.changes if one.kind != "learner"} == {name}
    assert update.fates["kept"] == update.answers - (effect != "kept")
    assert update.fates[effect] >= 1  # type: ignore[index]


@given(editions().filter(questions_of), st.data())
def test_what_is_foretold_is_what_the_reader_does(edition: Edition, data: st.DataObject) -> None:
    """Any state of the old version, any edits: an answer is there exactly where it was said to be."""
    new = next_release(edition)
    for question in questions_of(edition):
        edit = data.draw(st.sampled_from(("nothing", "key", "removed", "renamed")))
        if edit == "nothing":
            continue

        def lesson(one: PlayedLesson, slot: int = question.slot, edit: str = edit) -> PlayedLesson:
            values = {"keyed_at": 2} if edit == "key" else {"id": f"new{slot}"} if edit == "renamed" else {}
            inside = (replace(each, **values) if each.slot == slot else each for each in one.questions)
            return replace(one, questions=tuple(each for each in inside if edit != "removed" or each.slot != slot))

        new = with_lessons(new, lesson)
        if edit == "key":
            new = with_entry(new, question.slot, key="abcdef", keyed=2)
        elif edit == "removed":
            new = with_entry(new, question.slot, is_retired=True)
        else:
            new = with_entry(new, question.slot, id=f"new{question.slot}", was=(question.id,))
    update = compare(edition, new)
    (old_unit,), (new_unit,) = edition.units, new.units
    records = {}
    for question in questions_of(edition):
        response = tuple(data.draw(responses(one)) for one in question.interactions)
        records[question.slot] = Record(1, 0, -1, response, 1)
    visits = {lesson.slot: Visit(True, True) for lesson in old_unit.lessons}
    text = encode(State(1, 1, 1, lessons=visits, questions=records), old_unit.slots)
    found = receive(text, new_unit.slots, new.revision)
    assert found is not None
    assert not found.aside
    there = {question.slot: question for question in new_unit.questions}
    for question in questions_of(edition):
        name = there[question.slot].id if question.slot in there else question.id
        effects = {one.effect for one in about(update, name)} or {"kept"}
        record = found.state.questions.get(question.slot)
        if record is not None and record.response is not None:
            assert effects == {"kept"}
            worth = fraction(State(1, 1, 1, questions=records), question)
            assert fraction(found.state, there[question.slot]) == pytest.approx(worth)
        else:
            assert effects == ({"asked-again"} if question.slot in there else {"put-aside"})
            assert (question.slot in found.state.opaque) == (question.slot not in there)


@st.composite
def responses(draw: st.DrawFn, interaction: Interaction) -> Any:
    """A response to an interaction."""
    from builder.score import Text

    letters = [one.letter for one in interaction.components]
    if interaction.type == "choice":
        size = len(letters) if interaction.multiple else 1
        return tuple(sorted(draw(st.sets(st.sampled_from(letters), min_size=1, max_size=size))))
    if interaction.type == "sequencing":
        return tuple(draw(st.permutations(letters)))
    if interaction.type == "matching":
        return tuple(one + draw(st.sampled_from(letters)) for one in letters)
    return Text(draw(st.sampled_from(("steel", "metal", "wood", "25", "31"))))


# --- the twin of the player's progress -------------------------------------------------------------------------------


@pytest.mark.needs("node")
@settings(max_examples=50)
@given(data=st.data())
def test_progress_means_the_same_in_both_languages(player: Player, data: st.DataObject) -> None:
    """`progress.py` and `runtime/state.js`: what is present and done, the facts, the grade, the status."""
    edition = data.draw(editions())
    (unit,) = edition.units
    lesson = unit.lessons[0]
    pool = [question for question in lesson.questions if data.draw(st.booleans())]
    if pool:  # a quiz around some of the questions, of which some are drawn
        inside = tuple(replace(one, quiz="quiz") if one in pool else one for one in lesson.questions)
        count = data.draw(st.integers(0, len(pool)))
        own = (Interaction("quiz", "other", limit=9),)
        quiz = replace(
            pool[0],
            id="quiz",
            slot=999,
            interactions=own,
            weights=(1.0,),
            is_scored=False,
            groups=((count, tuple(one.slot for one in pool)),),
        )
        unit = replace(unit, lessons=(replace(lesson, questions=(quiz, *inside)), *unit.lessons[1:]))
    records = {}
    for question in unit.questions:
        if question.is_quiz:
            drawn = data.draw(st.lists(st.sampled_from(question.groups[0][1]), unique=True))
            begun, finished = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))
            records[question.slot] = Record(finished, 0, -1, (tuple(map(str, (begun, 5, *drawn))),), 1)
        elif data.draw(st.booleans()):
            given_ = tuple(data.draw(responses(one)) for one in question.interactions)
            records[question.slot] = Record(data.draw(st.integers(0, 1)), 0, data.draw(st.integers(-1, 3)), given_, 1)
    visits = {one.slot: Visit(True, data.draw(st.booleans())) for one in unit.lessons}
    before = data.draw(st.sampled_from(STATUSES))
    text = encode(State(1, 1, 1, before, lessons=visits, questions=records), unit.slots)
    found = receive(text, unit.slots, 1)
    assert found is not None
    state = found.state
    value = grade(won(state, unit))
    assert player.ask("progress", text=text, course=course_data(unit), minutes=5) == {
        "present": [[question.slot for question in present(state, one)] for one in unit.lessons],
        "done": [is_done(state, one) for one in unit.lessons],
        "facts": facts(state, unit, 5),
        "percent": None if value is None else float(raw(value)),
        "status": status(state, unit, 5),
    }


def course_data(unit: Unit) -> dict[str, Any]:
    """Return a unit as `types.d.ts` has a course."""
    from builder.completion import as_data
    from builder.render import interaction_data

    def question(one: PlayedQuestion) -> dict[str, Any]:
        rules = {"rules": {"groups": [{"count": n, "slots": list(slots)} for n, slots in one.groups]}}
        made = [interaction_data(each, len(one.interactions)) for each in one.interactions]
        data = {"id": one.id, "slot": one.slot, "points": one.points, "partial": one.partial, "scored": one.is_scored}
        more = {"required": one.is_required, "keyedAt": one.keyed_at, "interactions": made, "quiz": one.quiz}
        return data | more | (rules if one.is_quiz else {})

    lessons = [
        {"id": one.id, "slot": one.slot, "kind": one.kind, "graded": one.is_graded, "optional": one.is_optional}
        | {"questions": [question(each) for each in one.questions]}
        for one in unit.lessons
    ]
    return {"lessons": lessons, "mastery": unit.mastery, "completion": as_data(unit.table)}

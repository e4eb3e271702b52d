"""`course.lock`: numbers that are never reused, whatever authors and branches do (progress, "Slots")."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import synthetic
from hypothesis import given, note
from hypothesis import strategies as st

from builder.diagnostics import Diagnostic, Span
from builder.lock import Lock, parse_lock, write_lock
from builder.model import LETTERS, Lesson, Part, Question
from builder.slots import Assigned, assign, not_locked, not_released, release, update

FILE = "course.lock"
PLACE = Span("course.yml", 3, 10)


def answer(text: str, key: str = "", name: str = "", children: tuple[Part, ...] = ()) -> Part:
    return Part(name, text, key, Span("l.md"), children)


def choice(identity: str, *parts: Part, was: tuple[str, ...] = (), title: str = "", type: str = "choice") -> Question:
    return replace(
        synthetic.QUESTION,
        id=identity,
        was=was,
        type=type,
        span=Span("l.md", 7),
        parts=parts or (answer("yes", "x"), answer("no")),
        title=title or f"about {identity}",
    )


def lesson(identity: str, *questions: Question, was: tuple[str, ...] = (), title: str = "") -> Lesson:
    title = title or f"Lesson {identity}"
    return synthetic.lesson(identity, title, *questions, was=was, span=Span(f"{identity}.md"))


def locked(*lessons: Lesson, before: Lock | None = None) -> Lock:
    """The lock after `carabin lock`, through its text."""
    lock, _, found = update(before or Lock("c"), lessons)
    assert not [one for one in found if one.severity.value == "error"]
    return read(write_lock(lock))


def released(*lessons: Lesson, before: Lock | None = None, version: str = "1.0.0") -> Lock:
    lock, found = release(locked(*lessons, before=before), version, PLACE)
    assert not found
    return read(write_lock(lock))


def read(text: str) -> Lock:
    lock, found = parse_lock(text, FILE, "c")
    assert not found
    assert write_lock(lock) == text
    return lock


def assigned(lock: Lock, *lessons: Lesson) -> Assigned:
    return assign(lock, lessons)[0]


def letters(lock: Lock, question: Question) -> str:
    return "".join(assigned(lock, lesson("l", question)).questions[question.id].letters.parts)


def codes(found: Iterable[Diagnostic]) -> list[str]:
    return [one.code for one in found]


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_file_reads_like_this() -> None:
    gaps = (answer("[[oui]]", "text", "nom"), answer("[[a|*b]]", "select", "", (answer("a"), answer("b", "x"))))
    first = released(lesson("hameconnage", choice("q-vite"), choice("q-gestes", *gaps, type="fill")))
    renamed = choice("q-urgence", answer("yes"), answer("no", "x"), answer("maybe"), was=("q-vite",))
    text = write_lock(locked(lesson("hameconnage", renamed), before=first))
    assert text == (
        "carabin-lock 1\n"
        "course c\n"
        "revision 1 version 1.0.0 digest 9f081f\n"
        "1 lesson hameconnage since 1.0.0 text 2c47ae\n"
        "2 choice q-urgence was q-vite since 1.0.0 text 21606e keyed unreleased key 7c84d6 after 1 789b09 "
        "parts a:8a7988 b:939029 +c:dcfff5\n"
        "3 fill q-gestes retired since 1.0.0 text 60da22 keyed 1 key ae2af2 "
        "parts a=nom:83ad02 b:621a22(a:ca9781 b:3e23e8)\n"
    )


def test_an_empty_file_is_an_empty_lock() -> None:
    assert parse_lock("", FILE, "c") == (Lock("c"), ())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("9 choice q", "S202"),
        ("9 choice q since 1.0.0 text 0cad44", "S202"),
        ("9 lesson q since 1.0.0 text 0cad44 keyed 1 key 0cad44", "S202"),
        ("0 lesson q since 1.0.0 text 0cad44", "S202"),
        ("9 choice q since 1.0.0 text 0cad44 keyed 1 key 0cad44 parts a:0cad44(", "S202"),
        ("9 choice q since 1.0.0 text 0cad44 keyed 1 key 0cad44 parts a:0cad44(b:0cad44", "S202"),
        ("9 choice q since 1.0.0 text 0cad44 keyed 1 key 0cad44 parts a:0cad44 a:0cad45", "S202"),
        ("hello", "S202"),
        ("<<<<<<< ours", "S203"),
        ("=======", "S203"),
        (">>>>>>> theirs", "S203"),
        ("1 lesson other since unreleased text 0cad44", "S204"),
        ("9 lesson l since unreleased text 0cad44", "S205"),
        ("revision 0", "S206"),
        ("course d", "S208"),
    ],
)
def test_what_is_wrong_in_a_lock_is_said_at_its_line(line: str, code: str) -> None:
    text = write_lock(released(lesson("l", choice("q"))))
    _, found = parse_lock(text + line + "\n", FILE, "c")
    assert codes(found) == [code]
    assert (found[0].span.line, found[0].span.end_column) == (6, len(line) + 1)


def test_a_lock_of_another_format_is_refused() -> None:
    lock, found = parse_lock("carabin-lock 2\ncourse c\n", FILE, "c")
    assert codes(found) == ["S201"]
    assert codes(update(lock, ())[2]) == ["S201"]


def test_a_line_that_cannot_be_read_keeps_the_lock_from_being_written() -> None:
    text = write_lock(released(lesson("l"))) + "hello\n"
    lock, _ = parse_lock(text, FILE, "c")
    assert codes(update(lock, (lesson("l"),))[2]) == ["S202"]


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_what_the_lock_lacks_gets_the_number_that_carabin_lock_would_give() -> None:
    source = (lesson("one", choice("q1")), lesson("two", choice("q2")))
    found = assigned(released(source[0]), *source)
    assert found.lessons == {"one": 1, "two": 3}
    assert {name: placed.slot for name, placed in found.questions.items()} == {"q1": 2, "q2": 4}
    assert found.provisional == ("two", "q2")
    after = assigned(locked(*source, before=released(source[0])), *source)
    assert (after.lessons, after.questions) == (found.lessons, found.questions)
    assert after.provisional == ()


def test_the_summary_is_a_warning_or_with_locked_an_error() -> None:
    found = assigned(Lock("c"), lesson("one", *(choice(f"q{n}") for n in range(7))))
    (warned,) = not_locked(found, PLACE)
    assert (warned.code, warned.severity.value, warned.arguments["count"]) == ("S215", "warning", 8)
    assert warned.arguments["ids"] == "one, q0, q1, q2, q3…"
    assert not_locked(found, PLACE, is_locked=True)[0].severity.value == "error"
    assert not_locked(assigned(locked(lesson("one")), lesson("one")), PLACE) == ()


def test_a_number_is_never_given_again() -> None:
    lock = locked(lesson("l"), before=released(lesson("l", choice("q1"))))
    assert "2 choice q1 retired " in write_lock(lock)
    assert assigned(lock, lesson("l", choice("q2"))).questions["q2"].slot == 3


def test_what_comes_back_takes_its_number_up() -> None:
    lock = locked(lesson("l"), before=released(lesson("l", choice("q1"))))
    found = assigned(lock, lesson("l", choice("q1")))
    assert (found.questions["q1"].slot, found.revision, found.provisional) == (2, 1, ("q1",))


def test_another_type_is_another_number() -> None:
    """A response of one type cannot be read as one of another, not even after a roll-back."""
    lock = locked(lesson("l", choice("q", type="fill")), before=released(lesson("l", choice("q"))))
    assert [(entry.slot, entry.kind, entry.is_retired) for entry in lock.entries] == [
        (1, "lesson", False),
        (2, "choice", True),
        (3, "fill", False),
    ]
    assert assigned(lock, lesson("l", choice("q"))).questions["q"].slot == 2


def test_a_lesson_and_a_question_may_share_an_id() -> None:
    lock = released(lesson("intro", choice("intro")))
    found = assigned(lock, lesson("intro", choice("intro")))
    assert (found.lessons["intro"], found.questions["intro"].slot) == (1, 2)


# --- renaming --------------------------------------------------------------------------------------------------------


def test_was_keeps_the_number_and_the_lock_remembers() -> None:
    lock = locked(lesson("new", choice("q2", was=("q1",)), was=("old",)), before=released(lesson("old", choice("q1"))))
    assert [(entry.slot, entry.id, entry.was) for entry in lock.entries] == [(1, "new", ("old",)), (2, "q2", ("q1",))]
    again = assigned(lock, lesson("new", choice("q2")))
    assert (again.lessons["new"], again.questions["q2"].slot, again.provisional) == (1, 2, ())
    back = assigned(lock, lesson("old", choice("q1")))
    assert (back.lessons["old"], back.questions["q1"].slot) == (1, 2)


def test_was_written_too_late_still_counts_before_the_release() -> None:
    first = released(lesson("l", choice("q1")))
    forgotten = locked(lesson("l", choice("q2")), before=first)
    lock = locked(lesson("l", choice("q2", was=("q1",))), before=forgotten)
    assert [(entry.slot, entry.id) for entry in lock.entries] == [(1, "l"), (2, "q2")]


def test_a_vanished_id_with_the_same_text_elsewhere_is_proposed() -> None:
    first = released(lesson("l", choice("q1", title="same"), choice("q3", title="other")))
    _, _, found = update(first, (lesson("l", choice("q2", title="same"), choice("q4", title="new")),))
    assert [(one.code, dict(one.arguments), one.span) for one in found] == [
        ("S211", {"id": "q2", "old": "q1", "slot": 2}, Span("l.md", 7))
    ]
    _, _, found = update(released(lesson("a", title="Same")), (lesson("b", title="Same"),))
    assert [(one.code, one.span.file) for one in found] == [("S211", "b.md")]


def test_a_former_id_that_the_lock_never_knew_is_told() -> None:
    """A slip in `was` would start the question anew, and its answers would not be found."""
    first = released(lesson("l", choice("q1")))
    _, _, found = update(first, (lesson("l", choice("q2", was=("q9",), title="reworded")),))
    assert [(one.code, dict(one.arguments)) for one in found] == [("S218", {"id": "q2", "was": "q9"})]
    _, _, found = update(first, (lesson("l", choice("q2", was=("q1",), title="reworded")),))
    assert found == ()


def test_a_lock_that_is_not_released_is_noted() -> None:
    """Packages of one unreleased lock cannot be told apart (progress, "Slots and `course.lock`")."""
    lock = locked(lesson("l", choice("q1")))
    assert [(one.code, one.arguments["count"]) for one in not_released(lock, Span("course.yml"))] == [("S217", 2)]
    assert not_released(released(lesson("l", choice("q1"))), Span("course.yml")) == ()


def test_nothing_is_proposed_that_would_change_nothing() -> None:
    """A rename before any release: the new number is as good as the old one."""
    forgotten = locked(lesson("l", choice("q2", title="same")), before=locked(lesson("l", choice("q1", title="same"))))
    assert update(forgotten, (lesson("l", choice("q2", title="same")),))[2] == ()


def test_of_two_that_became_one_the_living_one_counts() -> None:
    first = released(lesson("l", choice("q0"), choice("q1")))
    lock = locked(lesson("l", choice("q1")), before=first)
    joined = choice("q", was=("q0", "q1"))
    assert assigned(lock, lesson("l", joined)).questions["q"].slot == 3
    assert assigned(first, lesson("l", joined)).questions["q"].slot == 2


def test_two_twins_are_not_guessed_at() -> None:
    first = released(lesson("l", choice("q1", title="same"), choice("q2", title="same")))
    assert update(first, (lesson("l", choice("q3", title="same"), choice("q4", title="same")),))[2] == ()


def test_was_of_an_id_that_still_exists() -> None:
    first = released(lesson("l", choice("q1")))
    lock, _, found = update(first, (lesson("l", choice("q2", was=("q1",)), choice("q1")),))
    assert codes(found) == ["S212"]
    assert {entry.id: entry.slot for entry in lock.entries} == {"l": 1, "q1": 2, "q2": 3}


def test_two_that_were_one() -> None:
    first = released(lesson("l", choice("q1")))
    _, _, found = update(first, (lesson("l", choice("q2", was=("q1",)), choice("q3", was=("q1",))),))
    assert codes(found) == ["S213"]


# --- parts and keys --------------------------------------------------------------------------------------------------

A, B, C = answer("first"), answer("second", "x"), answer("third")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param((C, A, B), "cab", id="moving changes nothing"),
        pytest.param((A, answer("deuxième", "x"), C), "abc", id="a rewording keeps its letter"),
        pytest.param((answer("Second ", "x"), A, C), "dac", id="reworded and moved is new"),
        pytest.param((answer("new"), A, B, C), "dabc", id="a new one takes a new letter"),
        pytest.param((answer("new"), A, answer("deux", "x"), C), "dabc", id="new here, reworded there"),
        pytest.param((A, C, answer("new")), "acd", id="a letter is not given again"),
        pytest.param((answer("un"), answer("deux"), answer("trois")), "abc", id="all reworded"),
        pytest.param((answer("deux", "x"), C, A), "bca", id="its neighbour says where it is"),
    ],
)
def test_letters(parts: tuple[Part, ...], expected: str) -> None:
    assert letters(released(lesson("l", choice("q", A, B, C))), choice("q", *parts)) == expected


def test_a_named_part_is_found_by_its_name() -> None:
    lock = released(lesson("l", choice("q", answer("first", name="one"), answer("second", name="two"))))
    moved = choice("q", answer("zwei", name="two"), answer("eins", name="one"), answer("first"))
    assert letters(lock, moved) == "bac"


def test_a_removed_part_that_comes_back_takes_its_letter_up() -> None:
    lock = locked(lesson("l", choice("q", A, C)), before=released(lesson("l", choice("q", A, B, C))))
    assert letters(lock, choice("q", A, C, B)) == "acb"
    assert letters(lock, choice("q", A, C, answer("new"))) == "acd"


def test_another_name_is_another_part() -> None:
    lock = released(lesson("l", choice("q", answer("first", name="one"), answer("second", name="two"))))
    assert letters(lock, choice("q", answer("premier", name="uno"), answer("deuxième", name="two"))) == "cb"
    assert letters(lock, choice("q", answer("premier"), answer("deuxième", name="two"))) == "ab"


def test_options_of_a_gap_have_letters_of_their_own() -> None:
    def gap(*options: str) -> Question:
        return choice("q", answer("gap", "select", "", tuple(answer(one) for one in options)), type="fill")

    lock = released(lesson("l", gap("x", "y")))
    placed = assigned(lock, lesson("l", gap("z", "y", "x"))).questions["q"]
    assert (placed.letters.parts, placed.letters.children) == (("a",), (("c", "b", "a"),))


def test_no_letter_is_left() -> None:
    first = tuple(answer(f"text {n}", "x") for n in range(len(LETTERS)))
    lock = released(lesson("l", choice("q", *first)))
    moved = choice("q", *first[1:], answer("one more", "x"))
    assert codes(update(lock, (lesson("l", moved),))[2]) == ["S216"]


X = replace(A, key="x")


@pytest.mark.parametrize(
    ("parts", "is_changed"),
    [
        ((C, B, A), False),
        ((A, answer("deuxième", "x"), C), False),
        ((A, B, C, answer("wrong too")), False),
        ((A, B), False),
        ((X, B, C), True),
        ((A, replace(B, key=""), replace(C, key="x")), True),
        ((A, B, C, answer("right too", "x")), True),
        ((A, C, answer("another right one", "x")), True),
    ],
)
def test_what_changes_the_key(parts: tuple[Part, ...], is_changed: bool) -> None:
    found = assigned(released(lesson("l", choice("q", A, B, C))), lesson("l", choice("q", *parts)))
    assert found.questions["q"].keyed_at == 1 + is_changed


def test_the_order_is_a_key_only_where_it_is_asked_for() -> None:
    steps = replace(choice("q", X, B), key_order=True)
    found = assigned(released(lesson("l", steps)), lesson("l", replace(steps, parts=(B, X))))
    assert found.questions["q"].keyed_at == 2


def test_a_key_that_is_changed_back_costs_no_answer() -> None:
    right = lesson("l", choice("q", A, B))
    lock = locked(lesson("l", choice("q", X, B)), before=released(right))
    assert assigned(lock, right).questions["q"].keyed_at == 1
    assert locked(right, before=lock) == released(right)


def test_a_key_that_changed_counts_from_the_next_release() -> None:
    old, new = lesson("l", choice("q", A, B)), lesson("l", choice("q", X, B))
    changed = locked(new, before=released(old))
    assert (assigned(changed, new).revision, assigned(changed, new).questions["q"].keyed_at) == (2, 2)
    second = released(new, before=changed, version="1.1.0")
    assert (assigned(second, new).revision, assigned(second, new).questions["q"].keyed_at) == (2, 2)
    third = released(new, before=second, version="1.2.0")
    assert (assigned(third, new).revision, assigned(third, new).questions["q"].keyed_at) == (3, 2)


def test_the_revision_of_a_package_is_the_next_one_while_something_is_unreleased() -> None:
    source = lesson("l", choice("q", A, B))
    assert assigned(Lock("c"), source).revision == 1
    assert assigned(locked(source), source).revision == 1
    lock = released(source)
    assert assigned(lock, source).revision == 1
    assert assigned(lock, lesson("l", choice("q", A, B, C))).revision == 2


def test_a_version_is_released_once() -> None:
    source = lesson("l")
    lock = released(source)
    assert release(lock, "1.0.0", PLACE) == (lock, ())
    _, found = release(locked(source, lesson("m"), before=lock), "1.0.0", PLACE)
    assert [(one.code, one.span) for one in found] == [("S214", PLACE)]


# --- merging ---------------------------------------------------------------------------------------------------------


def union(tmp_path: Path, base: str, ours: str, theirs: str) -> str:
    """What `merge=union` makes of three versions."""
    files = [tmp_path / name for name in ("ours", "base", "theirs")]
    for file, text in zip(files, (ours, base, theirs), strict=True):
        file.write_bytes(text.encode())
    command = ["git", "merge-file", "--union", "-p", *map(str, files)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def settle(text: str, *lessons: Lesson) -> tuple[str, list[str]]:
    lock, _ = parse_lock(text, FILE, "c")
    settled, _, found = update(lock, lessons)
    return write_lock(settled), codes(found)


def both_ways(tmp_path: Path, base: Lock, ours: Lock, theirs: Lock, *lessons: Lesson) -> tuple[Lock, list[str]]:
    texts = [write_lock(lock) for lock in (base, ours, theirs)]
    one, found = settle(union(tmp_path, texts[0], texts[1], texts[2]), *lessons)
    other, also = settle(union(tmp_path, texts[0], texts[2], texts[1]), *lessons)
    assert (one, found) == (other, also)
    return read(one), found


def test_two_branches_that_add(tmp_path: Path) -> None:
    base = released(lesson("l", choice("q1")))
    ours = locked(lesson("l", choice("q1"), choice("q3")), before=base)
    theirs = locked(lesson("l", choice("q1"), choice("q2")), before=base)
    merged, found = both_ways(tmp_path, base, ours, theirs, lesson("l", choice("q1"), choice("q2"), choice("q3")))
    assert {entry.id: entry.slot for entry in merged.entries} == {"l": 1, "q1": 2, "q2": 3, "q3": 4}
    assert found == []


def test_the_released_one_keeps_its_number(tmp_path: Path) -> None:
    base = released(lesson("l", choice("q1")))
    ours = released(lesson("l", choice("q1"), choice("q3")), before=base, version="1.1.0")
    theirs = locked(lesson("l", choice("q1"), choice("q2")), before=base)
    merged, found = both_ways(tmp_path, base, ours, theirs, lesson("l", choice("q1"), choice("q2"), choice("q3")))
    assert {entry.id: entry.slot for entry in merged.entries} == {"l": 1, "q1": 2, "q3": 3, "q2": 4}
    assert (found, merged.revision) == ([], 2)


def test_two_releases_need_a_person(tmp_path: Path) -> None:
    base = released(lesson("l", choice("q1")))
    ours = released(lesson("l", choice("q1"), choice("q3")), before=base, version="1.1.0")
    theirs = released(lesson("l", choice("q1"), choice("q2")), before=base, version="1.0.1")
    source = lesson("l", choice("q1"), choice("q2"), choice("q3"))
    text = union(tmp_path, *(write_lock(lock) for lock in (base, ours, theirs)))
    assert sorted(settle(text, source)[1]) == ["S207", "S210"]
    lines = [line for line in text.splitlines() if " q2 " not in line and "version 1.0.1" not in line]
    settled, found = settle("\n".join(lines), source)
    assert found == []
    assert assigned(read(settled), source).questions["q2"].slot == 4


def test_one_id_that_two_releases_shipped(tmp_path: Path) -> None:
    base = released(lesson("l"))
    ours = released(lesson("l", choice("q1"), choice("q2")), before=base, version="1.1.0")
    theirs = released(lesson("l", choice("q2")), before=base, version="1.1.1")
    text = union(tmp_path, *(write_lock(lock) for lock in (base, ours, theirs)))
    source = lesson("l", choice("q1"), choice("q2"))
    assert sorted(settle(text, source)[1]) == ["S207", "S209", "S210"]
    lines = [line for line in text.splitlines() if "version 1.1.1" not in line]
    decided = "\n".join(line.replace("q2 since 1.1.1", "q2 retired since 1.1.1") for line in lines)
    assert settle(decided, source)[1] == ["S207"]


@pytest.mark.parametrize("names", [("x1", "x2", "y1", "y2"), ("y1", "y2", "x1", "x2")])
@pytest.mark.parametrize("we_release", [False, True])
def test_answers_that_two_branches_added(tmp_path: Path, we_release: bool, names: tuple[str, ...]) -> None:
    """Both branches gave the letters c and d. What was released keeps its own, and no two answers share one."""
    first, second, third, fourth = (answer(name) for name in names)
    base = released(lesson("l", choice("q", A, B)))
    source = lesson("l", choice("q", A, B, first, second))
    ours = released(source, before=base, version="1.1.0") if we_release else locked(source, before=base)
    theirs = locked(lesson("l", choice("q", A, B, third, fourth)), before=base)
    text = union(tmp_path, *(write_lock(lock) for lock in (base, ours, theirs)))
    found = []
    for parts in ((A, B, first, second, third, fourth), (A, B, fourth, third, second, first)):
        question = choice("q", *parts)
        lock = read(settle(text, lesson("l", question))[0])
        found.append({part.text: letter for part, letter in zip(parts, letters(lock, question), strict=True)})
    assert found[0] == found[1]
    assert sorted(found[0].values()) == list("abcdef")
    assert not we_release or (found[0][names[0]], found[0][names[1]]) == ("c", "d")


def test_an_answer_that_both_branches_added_keeps_the_released_letter(tmp_path: Path) -> None:
    """Ours released Z and X as c and d; theirs calls X c. Z goes: X stays d, the letter that learners' answers have."""
    first, second = answer("Z"), answer("X")
    base = released(lesson("l", choice("q", A, B)))
    ours = released(lesson("l", choice("q", A, B, first, second)), before=base, version="1.1.0")
    theirs = locked(lesson("l", choice("q", A, B, second)), before=base)
    question = choice("q", A, B, second)
    merged, _ = both_ways(tmp_path, base, ours, theirs, lesson("l", question))
    assert letters(merged, question) == "abd"


def test_a_key_that_one_branch_released(tmp_path: Path) -> None:
    """The other branch's line is older; answers given under the release stay."""
    old, new = choice("q", A, B), choice("q", X, B)
    base = released(lesson("l", old, choice("r")))
    ours = released(lesson("l", new, choice("r")), before=base, version="1.1.0")
    theirs = locked(lesson("l", replace(old, title="reworded"), choice("r")), before=base)
    merged, found = both_ways(tmp_path, base, ours, theirs, lesson("l", new, choice("r")))
    assert (found, assigned(merged, lesson("l", new)).questions["q"].keyed_at) == ([], 2)


def test_a_rename_that_one_branch_did_not_know_of(tmp_path: Path) -> None:
    """Theirs reworded the question that ours renamed; then it was deleted: the line has the new name."""
    base = released(lesson("l", choice("q1")))
    ours = locked(lesson("l", choice("q2", was=("q1",))), before=base)
    theirs = locked(lesson("l", choice("q1", title="reworded")), before=base)
    merged, _ = both_ways(tmp_path, base, ours, theirs, lesson("l"))
    assert [(entry.id, entry.was, entry.is_retired) for entry in merged.entries[1:]] == [("q2", ("q1",), True)]


def test_an_entry_that_both_branches_released(tmp_path: Path) -> None:
    base = locked(lesson("l", choice("q")))
    ours, theirs = (released(lesson("l", choice("q")), before=base, version=one) for one in ("1.10.0", "1.9.0"))
    text = union(tmp_path, *(write_lock(lock) for lock in (base, ours, theirs)))
    decided = "\n".join(line for line in text.splitlines() if not line.startswith("revision 1 version 1.9.0"))
    settled, found = settle(decided, lesson("l", choice("q")))
    assert (found, {entry.since for entry in read(settled).entries}) == ([], {"1.9.0"})


def test_a_key_that_one_branch_changed(tmp_path: Path) -> None:
    """The untouched line of the other branch stands beside the changed one; the source says which is right."""
    old, new = choice("q", A, B), choice("q", X, B)
    base = released(lesson("l", old, choice("r")))
    ours = locked(lesson("l", new, choice("r")), before=base)
    theirs = locked(lesson("l", old, choice("s", was=("r",))), before=base)
    merged, found = both_ways(tmp_path, base, ours, theirs, lesson("l", new, choice("s", was=("r",))))
    assert found == []
    assert assigned(merged, lesson("l", new, choice("s"))).questions["q"].keyed_at == 2
    assert assigned(merged, lesson("l", old, choice("s"))).questions["q"].keyed_at == 1


def test_conflict_markers_are_read_over() -> None:
    text = write_lock(released(lesson("l", choice("q"))))
    head, entries = text.splitlines()[:3], text.splitlines()[3:]
    marked = "\n".join([*head, "<<<<<<< ours", *entries, "=======", *entries, ">>>>>>> theirs"])
    assert settle(marked, lesson("l", choice("q"))) == (text, [])


@dataclass(frozen=True)
class Edit:
    """One thing that a branch does to the question number `target` (modulo how many there are)."""

    kind: str
    target: int


EDITS = st.lists(
    st.builds(Edit, st.sampled_from(("add", "rename", "move", "remove", "key", "answer")), st.integers(0, 7))
)


def apply(questions: Sequence[Question], edits: Iterable[Edit], branch: str) -> dict[str, Question | None]:
    """Return what a branch makes of each question, by its original id; new ones under their own id."""
    result: dict[str, Question | None] = {question.id: question for question in questions}
    for n, edit in enumerate(edits):
        name = sorted(result)[edit.target % len(result)]
        question = result[name]
        if edit.kind == "add":
            # Both branches may add the same question.
            result.setdefault(f"new-{edit.target}", choice(f"new-{edit.target}"))
        elif question is None:
            continue
        elif edit.kind == "rename":
            was = tuple(dict.fromkeys((*question.was, question.id)))
            result[name] = replace(question, id=f"re-{branch}-{n}", was=was)
        elif edit.kind == "remove":
            result[name] = None
        elif edit.kind == "key":
            parts = tuple(replace(part, key="" if part.key else "x") for part in question.parts)
            result[name] = replace(question, parts=parts)
        elif edit.kind == "answer":
            result[name] = replace(question, parts=(*question.parts, answer(f"{branch} {n}")))
    return result


def as_lessons(questions: Iterable[Question | None], shuffle: Callable[[list[Question]], None]) -> tuple[Lesson, ...]:
    present = [question for question in questions if question is not None]
    shuffle(present)
    half = len(present) // 2
    return lesson("one", *present[:half]), lesson("two", *present[half:])


@given(EDITS, EDITS, st.booleans(), st.randoms(use_true_random=False))
def test_any_two_branches_merge(
    tmp_path_factory: pytest.TempPathFactory,
    our_edits: list[Edit],
    their_edits: list[Edit],
    we_release: bool,
    order: random.Random,
) -> None:
    """No slot is shared, and what learners have answered keeps its slot, whoever merges whom."""
    questions = tuple(choice(f"q{n}", A, B) for n in range(5))
    base = released(*as_lessons(questions, order.shuffle))
    slots = {entry.id: entry.slot for entry in base.entries}
    ours, theirs = apply(questions, our_edits, "ours"), apply(questions, their_edits, "theirs")
    our_source = as_lessons(ours.values(), order.shuffle)
    our_lock = released(*our_source, before=base, version="1.1.0") if we_release else locked(*our_source, before=base)
    their_lock = locked(*as_lessons(theirs.values(), order.shuffle), before=base)
    untouched = {question.id: question for question in questions}
    merged = {
        name: ours.get(name) if name not in theirs or theirs[name] == untouched.get(name) else theirs[name]
        for name in sorted({*ours, *theirs})
    }
    source = as_lessons(merged.values(), order.shuffle)
    folder = tmp_path_factory.getbasetemp()
    note(write_lock(our_lock))
    note(write_lock(their_lock))
    lock, found = both_ways(folder, base, our_lock, their_lock, *source)
    assert found == []
    assert len({entry.slot for entry in lock.entries}) == len(lock.entries)
    placed = assigned(lock, *source)
    assert placed.provisional == ()
    for name, question in merged.items():
        if name in slots and question is not None:
            assert placed.questions[question.id].slot == slots[name]
    our_slots = {entry.id: entry.slot for entry in our_lock.entries if entry.since}
    for name, question in merged.items():
        if question is not None and question == ours.get(name) and question.id in our_slots:
            assert placed.questions[question.id].slot == our_slots[question.id]
    assert settle(write_lock(lock), *source) == (write_lock(lock), [])

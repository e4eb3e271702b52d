"""What `carabin diff` foretells, confirmed by playing: half-way through the old package, then the new one over it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import COURSES, ROOT, Package, Shelf
from browser.learner import Learner
from builder.codec import receive
from builder.editions import Edition, read_edition
from builder.progress import is_answered
from builder.update import Update, compare

ESSAI = COURSES / "essai"
SIGNS, READ, REVISION = "01-proteger/01-hameconnage.md", "01-proteger/02-messagerie.md", "02-revision.md"
FLIPPED = (REVISION, "- [ ] Oui\n- [x] Non", "- [x] Oui\n- [ ] Non")
ADDED = "---\ntitle: Signaler\nid: signaler\nduration: 5 min\n---\n\nOn signale tout de suite.\n"
KEPT = frozenset({"kept", "moved", "regraded", "changed"})
"""Effects under which an answer is still there."""


def moved(course: Path) -> None:
    """Lessons and answers stand elsewhere, words differ."""
    (course / REVISION).rename(course / "00-revision.md")
    text = (course / SIGNS).read_text("utf-8")
    answers = [line for line in text.split("\n") if line.startswith("- [x] Une ")]
    assert len(answers) == 2
    (course / SIGNS).write_text(text.replace("\n".join(answers), "\n".join(reversed(answers))), "utf-8")


def replaced(file: str, *pairs: tuple[str, str]) -> Callable[[Path], None]:
    """Return an edit that puts other words into a file."""

    def edit(course: Path) -> None:
        text = (course / file).read_text("utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        (course / file).write_text(text, "utf-8")

    return edit


def cut(file: Path, question: str) -> str:
    """Take a question out of a lesson, and return it."""
    text = file.read_text("utf-8")
    before, opening, rest = text.partition(f"::: choice {{#{question}")
    inside, closing, after = rest.partition("\n:::\n")
    assert closing, question
    file.write_text(before + after, "utf-8")
    return opening + inside + closing


def removed(course: Path) -> None:
    """The first question of the first lesson goes, the one after it stays."""
    cut(course / SIGNS, "q-urgence")


def retyped(course: Path) -> None:
    text = (course / REVISION).read_text("utf-8")
    before, _, _ = text.partition("::: choice {#q-mot")
    (course / REVISION).write_text(f"{before}::: fill {{#q-mot}}\n\nIl faut dire [[non]].\n\n:::\n", "utf-8")


def added(course: Path) -> None:
    (course / "00-signaler.md").write_text(ADDED, "utf-8")


EDITS: Mapping[str, tuple[Callable[[Path], None], str, frozenset[str]]] = {
    "moved": (moved, "safe", frozenset()),
    "key": (replaced(*FLIPPED[:1], FLIPPED[1:]), "notes", frozenset({"q-mot"})),
    "removed": (removed, "notes", frozenset({"q-urgence"})),
    "was": (replaced(SIGNS, ("#q-urgence", "#q-vite was=q-urgence")), "safe", frozenset()),
    "unlinked": (replaced(SIGNS, ("#q-urgence", "#q-vite")), "breaks", frozenset({"q-urgence"})),
    "type": (retyped, "breaks", frozenset({"q-mot"})),
    "points": (replaced(SIGNS, ("points=2", "points=5")), "notes", frozenset()),
    "added": (added, "notes", frozenset()),
}
"""Each edit, the verdict, and the questions whose answers are not there any more."""


def version_two(
    shelf: Shelf, folder: Path, name: str, edit: Callable[[Path], None] | None = None, old: Path = ESSAI
) -> Package:
    """Build a course after an edit, that of `EDITS` when none is given, released as version 2."""
    course = folder / old.name
    for source in sorted(old.rglob("*")):
        if source.is_file():
            target = course / source.relative_to(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    replaced("course.yml", ("version: 1.0.0", "version: 2.0.0"))(course)
    (edit or EDITS[name][0])(course)
    shelf.command("lock", str(course), "--release")
    return shelf.build(course, f"foretold-{name}")


def edition(package: Package) -> Edition:
    with zipfile.ZipFile(package.zip) as archive:
        found = read_edition(lambda name: archive.read(name) if name in archive.namelist() else None)
    assert isinstance(found, Edition)
    return found


def half_way(learner: Learner) -> None:
    """Answer three questions of four in the old package: right, half right, right."""
    learner.launch("essai")
    learner.go("hameconnage")
    learner.pick("q-urgence", "b")
    learner.pick("q-signes", "a")
    learner.go("revision")
    learner.pick("q-mot", "b")
    learner.leave()


ANSWERED = ("q-urgence", "q-signes", "q-mot")


def effects(update: Update) -> dict[str, tuple[str, str]]:
    """Return what was foretold of each question that was answered: its id in the new version, the effect."""
    told = {name: (name, "kept") for name in ANSWERED}
    for one in update.changes:
        if one.kind == "question" and one.change == "renamed":
            told[one.old] = (one.id, "kept")
        elif one.kind == "question" and one.id in told:
            told[one.id] = (one.id, one.effect)
    return told


@pytest.mark.parametrize("name", EDITS)
def test_what_is_foretold_happens(
    learner: Learner, shelf: Shelf, essai: Package, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    _, verdict, missing = EDITS[name]
    new = version_two(shelf, tmp_path_factory.mktemp(name), name)
    update = compare(edition(essai), edition(new))
    foretold = effects(update)
    assert update.verdict == verdict
    assert {one for one, (_, effect) in foretold.items() if effect not in KEPT} == missing

    half_way(learner)
    learner.launch(f"foretold-{name}")
    (unit,) = update.new.units
    there = {question.id: lesson.id for lesson in unit.lessons for question in lesson.questions}
    for old, (now, effect) in foretold.items():
        if now not in there:
            assert effect in ("put-aside", "lost"), old
            continue
        learner.go(there[now])
        expect(learner.question(now).locator("input").first).to_be_attached()
        if effect in KEPT:
            expect(learner.result(now)).not_to_be_empty()
        else:
            expect(learner.question(now).locator("[data-action=submit]")).to_be_visible()
            expect(learner.result(now)).to_be_empty()
    learner.leave()
    found = receive(learner.field("suspend_data") or "", unit.slots, update.new.revision)
    assert found is not None
    answered = {question.id for question in unit.questions if is_answered(found.state, question)}
    assert answered == {now for now, effect in foretold.values() if effect in KEPT}
    aside = {slot for slot in found.state.opaque if slot}
    gone = {question.slot for question in update.old.units[0].questions} - set(unit.slots)
    assert aside == gone

    learner.launch("essai")
    learner.go("hameconnage")
    for question in ("q-urgence", "q-signes"):  # put back over the new one: what was put aside is there again
        expect(learner.result(question)).not_to_be_empty()


@pytest.mark.parametrize("name", ["added", "key", "points"])
def test_nobody_loses_a_pass(
    learner: Learner, shelf: Shelf, essai: Package, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """The learner who did everything right: status, grade and lessons done are those of the report."""
    new = version_two(shelf, tmp_path_factory.mktemp(name), name)
    update = compare(edition(essai), edition(new))
    (foretold,) = (one for one in update.learners if one.id == "right")
    assert update.keeps_passes
    assert (foretold.status_old, foretold.status_new) == ("passed", "passed")
    learner.launch("essai")
    learner.answer_all()
    learner.leave()
    learner.launch(f"foretold-{name}")
    learner.go("_results")
    grade = f"{foretold.grade_new.replace('.', ',')}\u00a0%"
    expect(learner.content.locator("[data-results-grade]")).to_contain_text(grade)
    learner.go("")
    learner.leave()
    assert learner.field("core.lesson_status") == "passed"
    (unit,) = update.new.units
    found = receive(learner.field("suspend_data") or "", unit.slots, update.new.revision)
    assert found is not None
    assert found.state.status == "passed"


def test_a_question_that_leaves_its_sco_is_asked_again(
    learner: Learner, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One SCO a lesson: what a lesson keeps stays there; its other answers are not touched."""
    signs, alert = "1", "5"

    def edit(course: Path) -> None:
        question = cut(course / "01-reperer" / "01-signes.md", "s-signes")
        last = course / "02-reagir" / "01-alerter.md"
        last.write_text(f"{last.read_text('utf-8')}\n{question}", "utf-8")

    old = shelf.build(COURSES / "lecons")
    new = version_two(shelf, tmp_path_factory.mktemp("lecons"), "lecons", edit, COURSES / "lecons")
    update = compare(edition(old), edition(new))
    assert [(one.id, one.change, one.effect) for one in update.changes if one.kind != "learner"] == [
        ("s-signes", "parted", "asked-again")
    ]
    learner.launch("lecons", sco=signs)
    learner.pick("s-urgence", "b")
    learner.pick("s-signes", "ab")
    learner.leave()
    learner.launch("foretold-lecons", sco=signs)
    expect(learner.result("s-urgence")).not_to_be_empty()
    expect(learner.question("s-signes")).to_have_count(0)
    learner.choose("foretold-lecons", alert)
    learner.go("alerter")
    expect(learner.question("s-signes").locator("[data-action=submit]")).to_be_attached()
    expect(learner.result("s-signes")).to_be_empty()


def drawn(learner: Learner) -> list[str]:
    """Return the three questions that the quiz on the page asks."""
    shown = learner.content.locator(".quiz .question:not([hidden])")
    expect(shown).to_have_count(3)
    names: list[str] = shown.evaluate_all("all => all.map((one) => one.id)")
    return names


def test_an_open_quiz_is_filled_up(learner: Learner, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One of the questions drawn has gone: the answers to the others are kept, another one takes its place."""
    quiz = ROOT / "tests" / "courses" / "quiz"
    old = shelf.build(quiz)
    learner.launch("quiz")
    learner.go("tirage")
    learner.content.locator("[data-action=quiz-start]").click()
    first, second, third = drawn(learner)
    learner.pick(first, "a")
    learner.pick(second, "a")
    learner.leave()

    def edit(course: Path) -> None:
        cut(course / "01-tirage.md", first)

    new = version_two(shelf, tmp_path_factory.mktemp("quiz"), "quiz", edit, quiz)
    update = compare(edition(old), edition(new))
    assert {(one.id, one.change, one.effect) for one in update.changes if one.kind == "question"} == {
        (first, "removed", "put-aside"),
        ("tirage-test", "draw", "changed"),
    }
    learner.launch("foretold-quiz")
    learner.go("tirage")
    names = drawn(learner)
    assert {second, third} < set(names)
    assert first not in names
    expect(learner.content.locator("[data-quiz-count]")).to_contain_text("1")
    learner.leave()
    (unit,) = update.new.units
    found = receive(learner.field("suspend_data") or "", unit.slots, update.new.revision)
    assert found is not None
    assert {one.id for one in unit.questions if one.is_reported and is_answered(found.state, one)} == {second}

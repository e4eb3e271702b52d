"""A course as the compiler knows it: to play it in the page, right or wrong, and to judge what an LMS has stored."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from browser.learner import Learner
from builder import load, pipeline
from builder.codec import Asked, Decoded, Slots, decode
from builder.model import Interaction
from builder.render import interaction_data
from builder.score import Text, interaction_fraction
from tools.responses import response

ANSWER = Path(__file__).with_suffix(".js").read_text("utf-8").rstrip().rstrip(";")
EXTRAS = ("confidence", "judgement")


class Key:
    """The questions of a course with their right answers, and the numbers under which they are saved."""

    def __init__(self, course: Path) -> None:
        checked = pipeline.check(load.load(course), pipeline.Options())
        assert checked.course is not None
        assert checked.numbers is not None
        self.course = checked.course
        self.numbers = checked.numbers
        self.worst_state = checked.worst_state
        self.questions = {question.id: question for lesson in self.course.lessons for question in lesson.questions}
        self.lessons = {
            lesson.id: {question.id: question.type for question in lesson.questions} for lesson in self.course.lessons
        }
        slots: dict[int, Asked | None] = {self.numbers.lessons[lesson.id]: None for lesson in self.course.lessons}
        for name in self.questions:
            slot = self.numbers.questions[name]
            slots[slot] = Asked(slot, self.numbers.keyed_at[name], self.numbers.interactions[name])
        self.slots: Slots = slots

    def play(self, learner: Learner, question: str, right: bool = True) -> None:
        """Answer a question of the page, right or as wrong as can be, and submit; a quiz from its start to its end."""
        section = learner.question(question)
        if self.questions[question].type == "quiz":
            self._take(learner, section, right)
            return
        interactions = self.numbers.interactions[question]
        given = {one.letter: _as_typed(one, right) for one in interactions}
        asked = [one for one in interactions if not one.is_extra]
        section.locator(".question-actions:not([hidden])").wait_for(state="attached")
        section.evaluate(
            ANSWER,
            {
                "asked": [interaction_data(one, len(asked)) for one in asked],
                "given": [given[one.letter] for one in asked],
                **{name: (given.get(name) or [None])[0] for name in EXTRAS},
            },
        )

    def _take(self, learner: Learner, quiz: Locator, right: bool) -> None:
        """Begin a take, or go on with the open one."""
        start = quiz.locator("[data-action=quiz-start]")
        expect(quiz.locator("[data-quiz-panel]:visible, [data-quiz-end]:visible").first).to_be_visible()
        if start.is_visible():
            start.click()
        for question in quiz.locator(".question:visible").evaluate_all("all => all.map((one) => one.id)"):
            if not learner.result(question).inner_text():
                self.play(learner, question, right)
        quiz.locator("[data-action=quiz-finish]").click()
        expect(quiz.locator("[data-quiz-end]")).to_be_hidden()

    def play_lesson(self, learner: Learner, lesson: str, right: bool = True, done: Collection[str] = ()) -> None:
        """Answer everything in a lesson but what is `done`, screen after screen, and reach its end."""
        (found,) = (one for one in self.course.lessons if one.id == lesson)
        learner.go(lesson)
        expect(learner.content.locator(f"main[data-lesson={lesson}]")).to_be_attached()
        for question in found.questions:
            if not question.quiz and question.id not in done:
                if found.parts:
                    learner.go(f"{lesson}/{question.id}")
                    expect(learner.question(question.id)).to_be_visible()
                self.play(learner, question.id, right)
        if found.parts:
            learner.go(f"{lesson}/{found.parts[-1]}")
        self._reach_end(learner, lesson)

    def _reach_end(self, learner: Learner, lesson: str) -> None:
        """Scroll to the end of a lesson; what still grows above it may push it away, as it does from a reader."""
        state = learner.content.locator(f".toc [data-lesson={lesson}]")
        for _ in range(5):
            learner.content.locator("[data-lesson-end]").scroll_into_view_if_needed()
            with suppress(AssertionError):
                expect(state).to_have_attribute("data-state", "done", timeout=2000)
                return
        texts = {one: learner.result(one).all_inner_texts() for one in self.lessons[lesson]}
        silent = [one for one, said in texts.items() if not "".join(said).strip()]
        raise AssertionError(f"{lesson} is {state.get_attribute('data-state')}; without result: {silent}")

    def decode(self, text: str) -> Decoded:
        """Read a saved state, all of which must be readable."""
        found = decode(text, self.slots)
        assert found is not None
        assert not found.aside
        return found

    def answered(self, text: str) -> dict[str, bool]:
        """Return of each question in a saved state whether its answer is right, part by part."""
        names = {slot: question for question, slot in self.numbers.questions.items()}
        return {
            names[slot]: all(
                interaction_fraction(interaction, given) == 1
                for interaction, given in zip(self.numbers.interactions[names[slot]], record.response, strict=True)
            )
            for slot, record in self.decode(text).state.questions.items()
            if record.response is not None
        }


def _as_typed(interaction: Interaction, is_right: bool) -> Any:
    """Return a response as the page takes it: letters, or a text with a French decimal mark."""
    given = response(interaction, is_right)
    if isinstance(given, Text):
        text = given.text.replace(".", ",") if interaction.type == "numeric" else given.text
        return {"text": text}
    return None if given is None else list(given)

"""`inbox`: what a mailbox is worth, what its letters and key hang on, and that its links are none of the lesson's."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from compiled import FRONT, checked, lesson_alone
from hypothesis import given
from hypothesis import strategies as st

from builder.lock import Lock
from builder.model import Interaction, Lesson, Partial
from builder.pipeline import Checked
from builder.questions.inbox import ACTIONS
from builder.score import question_fraction
from builder.slots import assign, update

MESSAGES = st.lists(st.sets(st.sampled_from(sorted(ACTIONS)), min_size=1), min_size=2, max_size=6)
"""For each message the actions that are right."""
GIVEN = st.lists(st.none() | st.sampled_from(sorted(ACTIONS)), min_size=6, max_size=6)


def compiled(messages: Sequence[tuple[str, str]], text: str = "Text.") -> Checked:
    """Return a course with one mailbox; each message has an id and its right actions."""
    mails = "".join(
        f'::: message {{#{name} from=a@ward.example subject="About {name}" right="{right}"}}\n\n{text}\n\n:::\n\n'
        for name, right in messages
    )
    lesson = f"{FRONT}\n::: inbox {{#q1}}\n\nSort.\n\n{mails}:::\n"
    with tempfile.TemporaryDirectory() as folder:
        return checked(lesson_alone(lesson, Path(folder)))


def interactions(found: Checked) -> tuple[Interaction, ...]:
    assert found.numbers is not None
    return found.numbers.interactions["q1"]


def lessons(found: Checked) -> tuple[Lesson, ...]:
    assert found.course is not None
    return found.course.lessons


@given(MESSAGES, GIVEN, st.randoms())
def test_the_share_of_messages_that_are_rightly_sorted(
    messages: list[set[str]], actions: list[str | None], chance: random.Random
) -> None:
    """In any order; one more that is right is worth more; with `partial=none` all or nothing."""
    pairs = [(f"m{n}", " ".join(sorted(right))) for n, right in enumerate(messages)]
    chance.shuffle(pairs)
    asked = interactions(compiled(pairs))
    given_ = {f"m{n}": action for n, action in enumerate(actions)}
    is_right = [given_[name] in right.split() for name, right in pairs]

    def worth(partial: Partial) -> float:
        chosen = (given_[name] for name, _ in pairs)
        return question_fraction(asked, [(ACTIONS[action],) if action else None for action in chosen], partial)

    before = worth("each")
    assert abs(before - sum(is_right) / len(is_right)) < 1e-9
    assert worth("none") == float(all(is_right))
    for (name, right), was_right in zip(pairs, is_right, strict=True):
        given_[name] = right.split()[0]
        assert abs(worth("each") - before - (not was_right) / len(pairs)) < 1e-9
        before = worth("each")
    assert abs(before - 1) < 1e-9


def test_letters_follow_the_ids_and_the_key_the_right_actions() -> None:
    first = compiled([("m1", "keep"), ("m2", "report delete")])
    moved = compiled([("m2", "delete report"), ("new", "flag"), ("m1", "keep")], "Other words.")
    rekeyed = compiled([("m1", "keep"), ("m2", "report")])
    lock, _, _ = update(Lock("course"), lessons(first))
    before = assign(lock, lessons(first))[0].questions["q1"]
    after, _, _ = update(lock, lessons(moved))
    assert before.letters.parts == ("a", "b")
    assert assign(after, lessons(moved))[0].questions["q1"].letters.parts == ("b", "c", "a")
    keys = [update(lock, lessons(one))[0].entries[-1].key for one in (first, rekeyed)]
    assert keys[0] != keys[1]
    assert all(not letters for letters in before.letters.children)


def test_links_of_a_message_are_none_of_the_lesson() -> None:
    found = compiled(
        [("m1", "keep"), ("m2", "keep")], "[a](https://x.example), [b](mailto:a@x.example), <https://y.test>."
    )
    (lesson,) = lessons(found)
    assert lesson.links == ()
    assert not [one for one in found.diagnostics if one.code[0] in "LQA" and one.code != "A202"]

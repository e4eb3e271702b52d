"""`scenario`: what the build says of all paths holds for any path; the player goes the same way; what keys keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from compiled import FRONT, checked, lesson_alone
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twin import Player, player

from builder.diagnostics import Span
from builder.lock import Lock
from builder.model import LETTERS, Lesson
from builder.questions._scenes import Option, Plot, Step, follow, is_offered, prove
from builder.questions._state import LEAST, MOST, Misread, Test, changed, read_changes, read_test
from builder.slots import assign, release, update

__all__ = ["player"]

NAMES = st.sampled_from(["a", "b", "été"])
NUMBERS = st.integers(-3, 3)
OPERANDS = NAMES | NUMBERS
COMPARED = st.tuples(st.sampled_from("=<>"), OPERANDS, OPERANDS) | OPERANDS
NEGATED = COMPARED | COMPARED.map(lambda one: ("not", one)) | COMPARED.map(lambda one: ("not", ("not", one)))


def joined(word: str, parts: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
    return parts | st.lists(parts, min_size=2, max_size=3).map(lambda some: (word, *some))


TESTS: st.SearchStrategy[Test] = joined("or", joined("and", NEGATED))
CHANGES = st.lists(
    st.tuples(NAMES, st.just("="), NUMBERS) | st.tuples(NAMES, st.just("+"), NUMBERS.filter(bool)), max_size=2
).map(tuple)


@st.composite
def plots(draw: st.DrawFn, forward: bool = False) -> Plot:
    """Draw scenes; `forward`: choices lead only to later ones, so that no path can go round."""
    count = draw(st.integers(2, 5))
    scenes = []
    for index in range(count):
        targets = st.integers(index + 1 if forward else 0, count - 1)
        options = st.builds(Option, targets, CHANGES, st.none() | TESTS, st.sampled_from([0, 0, 1, 2, 0.5]))
        scenes.append(tuple(draw(st.lists(options, max_size=3))) if index < count - 1 else ())
    texts = draw(st.dictionaries(st.integers(0, count - 1), st.lists(TESTS, max_size=2).map(tuple), max_size=2))
    return Plot(tuple(scenes), texts)


def worth(plot: Plot, path: Sequence[Step]) -> float:
    return sum(plot.scenes[scene][choice].points for scene, choice in set(path))


def offers(plot: Plot, path: Sequence[Step]) -> list[Step]:
    """Return the steps with which a path may go on."""
    scene, state, taken = follow(plot, path)
    assert taken == len(path)
    return [(scene, n) for n, option in enumerate(plot.scenes[scene]) if is_offered(option, state)]


def walk(plot: Plot, choices: Sequence[int]) -> list[Step]:
    """Return the path of somebody who chooses like that, until nothing is left to choose."""
    path: list[Step] = []
    for choice in choices:
        offered = offers(plot, path)
        if not offered:
            break
        path.append(offered[choice % len(offered)])
    return path


def every(plot: Plot, path: list[Step], longest: int) -> Iterator[list[Step]]:
    """Yield every path that begins with this one, up to so many steps."""
    yield path
    for step in offers(plot, path) if len(path) < longest else ():
        yield from every(plot, [*path, step], longest)


# --- what is proved --------------------------------------------------------------------------------------------------


@given(plots(), st.lists(st.integers(0, 5), max_size=25))
def test_whoever_walks_meets_nothing_that_was_not_proved(plot: Plot, choices: list[int]) -> None:
    proof = prove(plot)
    assume(proof.is_whole)
    path = walk(plot, choices)
    assert set(path) <= proof.offered
    scene, state, _ = follow(plot, path)
    assert scene in proof.reached
    for index, test in enumerate(plot.texts.get(scene, ())):
        if is_offered(Option(0, (), test), state):
            assert (scene, index) in proof.shown
    if not plot.scenes[scene]:
        assert worth(plot, path) <= proof.worth + 1e-9
        assert proof.shortest <= len(path)
        assert proof.longest is None or len(path) <= proof.longest
    elif not offers(plot, path):
        assert scene in {stuck.scene for stuck in proof.dead}


@given(plots())
def test_what_is_proved_can_be_walked(plot: Plot) -> None:
    proof = prove(plot)
    assume(proof.is_whole)
    scene, _, taken = follow(plot, proof.best)
    assert taken == len(proof.best)
    if proof.best:
        assert plot.scenes[scene] == ()
    assert worth(plot, proof.best) == pytest.approx(proof.worth)
    for stuck in (*proof.dead, *([proof.endless] if proof.endless else [])):
        scene, _, taken = follow(plot, stuck.path)
        assert (scene, taken) == (stuck.scene, len(stuck.path))
        assert plot.scenes[scene] != ()
    for stuck in proof.dead:
        assert offers(plot, stuck.path) == []


@given(plots(forward=True))
def test_without_circles_the_proof_is_that_of_all_paths(plot: Plot) -> None:
    proof = prove(plot)
    paths = list(every(plot, [], 5))
    ended = [path for path in paths if plot.scenes[follow(plot, path)[0]] == ()]
    stuck = [path for path in paths if not offers(plot, path) and path not in ended]
    assert proof.is_whole
    assert proof.reached == {follow(plot, path)[0] for path in paths}
    assert proof.offered == {step for path in paths for step in path}
    assert {one.scene for one in proof.dead} == {follow(plot, path)[0] for path in stuck}
    assert proof.endless is None
    assert proof.worth == pytest.approx(max((worth(plot, path) for path in ended), default=0))
    assert proof.shortest == min(map(len, ended), default=0)
    assert proof.longest == max(map(len, paths))
    assert proof.paths == len(ended)


@given(plots())
def test_a_circle_is_endless_when_nothing_leads_out(plot: Plot) -> None:
    """Where no end can be reached from a path, the proof says so: of a place without choices, or of a circle."""
    proof = prove(plot)
    assume(proof.is_whole)
    paths = list(every(plot, [], 4))
    lost = [
        path for path in paths if all(plot.scenes[follow(plot, one)[0]] for one in every(plot, path, len(path) + 5))
    ]
    if not proof.dead and proof.endless is None and proof.longest is not None and proof.longest < 5:
        assert lost == []
    if proof.endless is not None:
        beyond = every(plot, list(proof.endless.path), len(proof.endless.path) + 5)
        assert all(plot.scenes[follow(plot, one)[0]] != () and offers(plot, one) for one in beyond)


def test_too_much_to_explore_is_said() -> None:
    names = "abcdef"
    turns = tuple(Option(0, ((name, "=", number),)) for name in names for number in (0, 1))
    plot = Plot(((*turns, Option(1, (), ("and", *names))), ()))
    assert not prove(plot, 2**6).is_whole
    assert prove(plot, 2**6 + 1).is_whole


def test_points_of_a_choice_count_once() -> None:
    plot = Plot(((Option(0, (), None, 2), Option(0, (), None, 1), Option(1)), ()))
    proof = prove(plot)
    assert (proof.worth, len(proof.best), proof.paths) == (3, 3, None)


# --- the grammar -----------------------------------------------------------------------------------------------------


def written(test: Test) -> str:
    """Return a condition as an author writes it."""
    if not isinstance(test, tuple):
        return str(test)
    if test[0] == "not":
        return f"not {written(test[1])}"
    return f" {test[0]} ".join(written(one) for one in test[1:])


@given(TESTS)
def test_a_condition_is_read_as_it_is_written(test: Test) -> None:
    assert read_test(written(test)) == test
    assert read_test(written(test).replace(" > ", ">").replace(" < ", "<").replace(" = ", "=")) == test


@given(st.text("ab1-+=<>! ()andort²é_", max_size=30) | st.text(max_size=30))
def test_any_text_is_read_or_its_fault_has_a_place(text: str) -> None:
    for misread in (read_test(text), read_changes(text)):
        if isinstance(misread, Misread):
            assert 0 <= misread.offset <= len(text)
            assert misread.offset + misread.length <= len(text)


@given(st.lists(CHANGES, max_size=300))
def test_numbers_stop_at_their_bounds(steps: list[tuple[tuple[str, str, int], ...]]) -> None:
    state: dict[str, int] = {}
    for changes in steps:
        state = changed(state, changes)
    assert all(LEAST <= number <= MOST for number in state.values())


# --- the player ------------------------------------------------------------------------------------------------------


def graph(plot: Plot) -> list[object]:
    """Return a plot as the page carries it: the letters of scenes and choices are those of their numbers."""
    return [
        [
            LETTERS[index],
            [
                [LETTERS[n], LETTERS[one.to], [list(change) for change in one.changes], one.when]
                for n, one in enumerate(options)
            ],
        ]
        for index, options in enumerate(plot.scenes)
    ]


@pytest.mark.needs("node")
@settings(max_examples=2 * settings().max_examples)
@given(plots(), st.lists(st.integers(0, 5), max_size=150), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3))))
def test_the_player_follows_the_same_path(player: Player, plot: Plot, choices: list[int], more: list[Step]) -> None:
    """Also one that a newer version does not know any more: as far as it goes."""
    path = [*walk(plot, choices), *more]
    scene, state, taken = follow(plot, path)
    offered = [LETTERS[n] for _, n in offers(plot, path[:taken])]
    steps = [LETTERS[at] + LETTERS[choice] for at, choice in path]
    assert player.ask("replay", graph=graph(plot), path=steps) == {
        "scene": LETTERS[scene],
        "state": state,
        "taken": taken,
        "offered": offered,
        "isEnd": not plot.scenes[scene],
    }


# --- the lock --------------------------------------------------------------------------------------------------------

WHOLE = """\
::: scene {#a}

### Dark

It is dark.

- [On](#b){points=2 set=x}
  > Well.
- [Off](#c)

:::

::: scene {#b}

Light.

- [On](#c){if=x}
- [Again](#d)

:::

::: scene {#c outcome=good}

End.

:::

::: scene {#d outcome=bad}

Bad.

:::
"""


def lessons(scenes: str, root: Path) -> tuple[Lesson, ...]:
    text = f"{FRONT}::: scenario {{#q}}\n\nBegin.\n\n{scenes}\n:::\n"
    found = checked(lesson_alone(text, root))
    assert found.course is not None
    assert [one for one in found.diagnostics if one.severity.value == "error"] == []
    return found.course.lessons


FIRST, SECOND, THIRD, FOURTH = (f"::: scene{one}" for one in WHOLE.split("::: scene")[1:])


@pytest.mark.parametrize(
    ("after", "letters", "children", "is_changed"),
    [
        pytest.param(WHOLE, "abcd", ["ab", "ab"], False, id="nothing"),
        pytest.param(WHOLE.replace("dark.", "very dark."), "abcd", ["ab", "ab"], False, id="text"),
        pytest.param(WHOLE.replace("Dark", "Night"), "abcd", ["ab", "ab"], False, id="heading"),
        pytest.param(WHOLE.replace("[Off]", "[Away]"), "abcd", ["ab", "ab"], False, id="choice reworded"),
        pytest.param(WHOLE.replace("points=2", "points=3"), "abcd", ["ab", "ab"], False, id="points"),
        pytest.param(WHOLE.replace("=x}", "=y}"), "abcd", ["ab", "ab"], False, id="state"),
        pytest.param(WHOLE.replace("> Well.", "> Fine."), "abcd", ["ab", "ab"], False, id="consequence"),
        pytest.param(WHOLE.replace("=good", "=poor"), "abcd", ["ab", "ab"], False, id="outcome"),
        pytest.param(FIRST + FOURTH + "\n" + THIRD + SECOND, "adcb", ["ab", "ab"], False, id="scenes moved"),
        pytest.param(
            WHOLE.replace("{#c ", "{#z ").replace("(#c)", "(#z)"), "abcd", ["ab", "ab"], False, id="scene renamed"
        ),
        pytest.param(
            SECOND.replace("{if=x}", "").replace("#d", "#a")
            + FIRST.replace("#c", "#d").replace(" set=x", "")
            + THIRD
            + FOURTH,
            "bacd",
            ["ab", "ab"],
            True,
            id="another beginning",
        ),
        pytest.param(WHOLE.replace("[Off](#c)", "[Off](#d)"), "abcd", ["ab", "ab"], True, id="led elsewhere"),
        pytest.param(WHOLE.replace("- [Off](#c)\n", ""), "abcd", ["a", "ab"], True, id="choice gone"),
        pytest.param(
            WHOLE.replace("- [Off](#c)\n", "- [Out](#d)\n- [Off](#c)\n"), "abcd", ["acb", "ab"], True, id="choice new"
        ),
        pytest.param(FIRST + SECOND.replace("- [Again](#d)", "") + THIRD, "abc", ["ab", "a"], True, id="scene gone"),
    ],
)
def test_letters_and_keys(after: str, letters: str, children: list[str], is_changed: bool, tmp_path: Path) -> None:
    lock, _, found = update(Lock("course"), lessons(WHOLE, tmp_path))
    assert found == ()
    lock, found = release(lock, "1.0.0", Span("course.yml"))
    assert found == ()
    assigned, found = assign(lock, lessons(after, tmp_path))
    assert found == ()
    placed = assigned.questions["q"]
    assert "".join(placed.letters.parts) == letters
    assert ["".join(one) for one in placed.letters.children if one] == children
    assert placed.keyed_at == 1 + is_changed

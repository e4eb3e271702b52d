"""What `set` and `if` of a scenario mean: flags and whole numbers, 0 until they are set. Twin of `runtime/replay.js`.

A flag is a number, 0 or 1. Numbers stop at `LEAST` and `MOST`, so that what the build explores is finite and the same
as what is played. Both texts are compiled to nested tuples, which go to the player as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LEAST, MOST = -99, 99

Test = int | str | tuple["Test", ...]
"""A number, a name, or an operator of `_OPERATORS` and what it is about: `("and", "alert", ("<", "stress", 2))`."""
Change = tuple[str, str, int]
"""A name, `=` or `+`, a number."""

_WORD = re.compile(r"[ \t]+|(?P<number>-?[0-9]+)|(?P<name>[^\W\d_]\w*)|(?P<sign>[=<>])|(?P<other>\S)")
_CHANGE = re.compile(r"(?P<off>!)?(?P<name>[^\W\d_]\w*)(?:(?P<how>[=+-])(?P<number>-?[0-9]{1,9}))?")
_WORDS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class Misread:
    """Where a text could not be read; `length` 0: it ends too early."""

    offset: int
    length: int


def read_changes(text: str) -> tuple[Change, ...] | Misread:
    """Read what `set` holds: `name !name name=2 name+1 name-1`."""
    changes: list[Change] = []
    for word in re.finditer(r"[^ \t]+", text):
        match = _CHANGE.fullmatch(word[0])
        if match is None or match["name"] in _WORDS or (match["off"] and match["how"]):
            return Misread(word.start(), len(word[0]))
        number, is_step = int(match["number"] or not match["off"]), match["how"] in ("+", "-")
        if (is_step and number < 0) or not LEAST <= number <= MOST:
            return Misread(word.start(), len(word[0]))
        changes.append((match["name"], "+" if is_step else "=", -number if match["how"] == "-" else number))
    return tuple(changes) or Misread(len(text), 0)


def read_test(text: str) -> Test | Misread:
    """Read what `if` holds: names and numbers, compared by `=`, `<`, `>`; then `not`, then `and`, then `or`."""
    reader = _Reader(text)
    test = reader.any_of("or")
    if isinstance(test, Misread):
        return test
    return Misread(*reader.here) if reader.kind else test


class _Reader:
    """A place in the words of a condition; `kind` is that of the next one, empty at the end."""

    def __init__(self, text: str) -> None:
        self._words = [match for match in _WORD.finditer(text) if match.lastgroup]
        self._at, self._end = 0, len(text)

    @property
    def kind(self) -> str:
        return str(self._words[self._at].lastgroup) if self._at < len(self._words) else ""

    @property
    def word(self) -> str:
        return self._words[self._at][0] if self.kind else ""

    @property
    def here(self) -> tuple[int, int]:
        return (self._words[self._at].start(), len(self.word)) if self.kind else (self._end, 0)

    def any_of(self, operator: str) -> Test | Misread:
        """Read what `or` joins, or what `and` joins."""
        tests: list[Test] = []
        while True:
            test = self.any_of("and") if operator == "or" else self._negated()
            if isinstance(test, Misread):
                return test
            tests.append(test)
            if self.word != operator:
                return (operator, *tests) if len(tests) > 1 else test
            self._at += 1

    def _negated(self) -> Test | Misread:
        count = 0
        while self.word == "not":
            count, self._at = count + 1, self._at + 1
        test = self._compared()
        if isinstance(test, Misread) or not count:
            return test
        return ("not", test) if count % 2 else ("not", ("not", test))

    def _compared(self) -> Test | Misread:
        left = self._operand()
        if isinstance(left, Misread) or self.kind != "sign":
            return left
        sign = self.word
        self._at += 1
        right = self._operand()
        return right if isinstance(right, Misread) else (sign, left, right)

    def _operand(self) -> int | str | Misread:
        word, kind = self.word, self.kind
        if (kind == "number" and len(word) < 10) or (kind == "name" and word not in _WORDS):
            self._at += 1
            return int(word) if kind == "number" else word
        return Misread(*self.here)


def names_of(test: Test) -> Iterator[str]:
    """Yield the names that a condition reads."""
    if isinstance(test, str):
        yield test
    elif isinstance(test, tuple):
        for one in test[1:]:
            yield from names_of(one)


def holds(test: Test, state: Mapping[str, int]) -> bool:
    """Return whether a condition holds."""
    return value_of(test, state) != 0


def value_of(test: Test, state: Mapping[str, int]) -> int:
    """Return the number that a condition stands for: what holds is 1."""
    if isinstance(test, int):
        return test
    if isinstance(test, str):
        return state.get(test, 0)
    values = [value_of(one, state) for one in test[1:]]
    match test[0]:
        case "and":
            return int(all(values))
        case "or":
            return int(any(values))
        case "not":
            return int(not values[0])
        case "=":
            return int(values[0] == values[1])
        case "<":
            return int(values[0] < values[1])
    return int(values[0] > values[1])


def changed(state: Mapping[str, int], changes: tuple[Change, ...]) -> dict[str, int]:
    """Return the state after changes, one after the other."""
    after = dict(state)
    for name, how, number in changes:
        after[name] = min(MOST, max(LEAST, number + (after.get(name, 0) if how == "+" else 0)))
    return after

"""Contracts of `locales/`: the same keys and placeholders in every language, and a text for every code that is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter, Template

import pytest
import yaml

from builder.strings import (
    SECTIONS,
    FindingText,
    Text,
    chosen_language,
    diagnostic_texts,
    finding_texts,
    language_of,
    languages,
    strings,
)

BUILDER = Path(__file__).parent.parent / "builder"
FEATURES = sorted((*BUILDER.glob("questions/*.yml"), *BUILDER.glob("asides/*.yml")))
CODE = re.compile(r"[A-Z]\d{3}")
RETIRED: frozenset[str] = frozenset()
"""Codes that nothing reports any more: they keep their text and are never given anew (style §5)."""


def texts_of(language: str) -> dict[str, Text | FindingText]:
    """Return the texts of all codes: diagnostics of courses, findings about packages."""
    return {**diagnostic_texts(language), **finding_texts(language)}


def templates(text: Text | FindingText) -> tuple[str, ...]:
    """Return the texts that take arguments."""
    return (text.message, text.hint, *((text.consequence,) if isinstance(text, FindingText) else ()))


def fields(text: str) -> set[str]:
    """Return the names of the placeholders `{name}`."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def calls() -> Iterator[tuple[str, Path, set[str] | None]]:
    """Yield each code that the compiler names, where, and its arguments, None when they are not all written there."""
    for path in sorted(BUILDER.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        adding = {inner.name for outer in functions(tree) for inner in functions(outer) if inner is not outer}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                names = {keyword.arg for keyword in node.keywords}
                is_open = None in names or "arguments" in names or getattr(node.func, "id", "") in adding
                for argument in node.args:
                    for code in codes(argument):
                        yield code, path, None if is_open else {name for name in names if name}
            elif isinstance(node, ast.Constant):
                for code in codes(node):
                    yield code, path, None


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yield the functions in a tree, itself included; one within another may add arguments that it knows."""
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def codes(node: ast.expr) -> Iterator[str]:
    """Yield the codes of an argument: `"S133"` or `"S133" if bare else "S134"`."""
    if isinstance(node, ast.IfExp):
        yield from codes(node.body)
        yield from codes(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        yield node.value


def test_every_code_has_a_text_and_every_text_a_code() -> None:
    used = {code for code, _, _ in calls()}
    assert sorted(used - set(texts_of("en"))) == []
    assert sorted(set(texts_of("en")) - used - RETIRED) == []
    assert not RETIRED & used


def test_a_text_uses_only_arguments_that_its_code_gives() -> None:
    wanting = []
    for code, path, names in calls():
        text = texts_of("en").get(code)
        if text and names is not None and (lacking := fields("".join(templates(text))) - names):
            wanting.append(f"{path.name}: {code} lacks {', '.join(sorted(lacking))}")
    assert wanting == []


@pytest.mark.parametrize("language", languages())
def test_diagnostics_are_the_same_in_every_language(language: str) -> None:
    english, other = texts_of("en"), texts_of(language)
    assert list(other) == list(english)
    for code, text in other.items():
        assert text.name == english[code].name, code
        assert [*map(fields, templates(text))] == [*map(fields, templates(english[code]))], code


@pytest.mark.parametrize("language", languages())
def test_texts_keep_to_the_style(language: str) -> None:
    """Style §5: lower case, no full stop; one thing to do; a name that reads well after "allow"."""
    texts = texts_of(language)
    names = [text.name for text in texts.values()]
    assert sorted(names) == sorted(set(names))
    for code, text in texts.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|[a-z]{4,}", text.name), code
        for words in (text.message, text.hint):
            assert not re.match(r"[A-ZÀ-Ý][a-zà-ÿ’' ]", words), f"{code}: {words}"
        for words in templates(text):
            assert words, code
            assert not re.search(r"\n|[^.]\.$", words), f"{code}: {words}"
        assert len(text.explain) > 20, code
        assert fields(text.explain) == set(), code


@pytest.mark.parametrize("kind", [section for section in SECTIONS if section != "diagnostics"])
@pytest.mark.parametrize("language", languages())
def test_words_are_the_same_in_every_language(language: str, kind: str) -> None:
    english, other = strings("en", kind), strings(language, kind)
    assert list(other) == list(english)
    for key, words in other.items():
        assert isinstance(words, str), key
        assert words, key
        if key.startswith("new_"):
            assert Template(words).get_identifiers() == Template(english[key]).get_identifiers(), key
        else:
            assert fields(words) == fields(english[key]), key


@pytest.mark.parametrize("language", languages())
def test_a_locale_has_these_sections_and_no_word_of_a_feature(language: str) -> None:
    """Architecture, decision 10: the words of a question type or aside lie beside it, and nowhere else."""
    whole = read(BUILDER / "locales" / f"{language}.yml")
    assert set(whole) == set(SECTIONS)
    for path in FEATURES:
        for section, words in read(path)[language].items():
            assert sorted(words.keys() & whole[section].keys()) == [], path.name


def read(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Return a YAML file."""
    content: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(path.read_text("utf-8"))
    return content


def test_no_section_or_code_stands_twice_in_a_file() -> None:
    for path in (*BUILDER.glob("locales/*.yml"), *FEATURES, BUILDER / "inspect" / "findings.yml"):
        assert twice(yaml.compose(path.read_text("utf-8"))) == [], path


def twice(node: yaml.Node | None) -> list[str]:
    """Return the keys that occur twice in a mapping, at any depth."""
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in node.value]
    return [key for key in keys if keys.count(key) > 1] + [key for _, value in node.value for key in twice(value)]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "fr"),
        ("fr_CA.UTF-8", "fr"),
        ("FR", "fr"),
        ("en", "en"),
        ("de-AT", "en"),
        ("C.UTF-8", "en"),
        ("", "en"),
    ],
)
def test_a_language_without_locale_reads_english(tag: str, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("option", "environment", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "fr_FR.UTF-8"}, "fr"),
        (None, {"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "fr", "LANG": "en"}, "fr"),
        ("en", {"LC_ALL": "fr_FR"}, "en"),
        ("fr", {}, "fr"),
    ],
)
def test_the_option_comes_before_the_locale(option: str | None, environment: dict[str, str], language: str) -> None:
    """POSIX.1-2017 XBD §8.2: LC_ALL, LC_MESSAGES, LANG."""
    assert chosen_language(option, environment) == language

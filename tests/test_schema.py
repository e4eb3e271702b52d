"""JSON Schemas say what the readers say: over the files of the project, wrong inputs, and inputs made up."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from builder.cli import carabin
from builder.schema import FORMATS, Format, Probe, format_named, places_of, schema_of, text_of
from builder.seams import features
from builder.settings import DURATION, ID, IRI, LANGUAGE, VERSION, Table, read_tables, read_yaml
from builder.strings import languages

ROOT = Path(__file__).parent.parent
NAMES = [one.name for one in FORMATS]
FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


class Editor(yaml.SafeLoader):
    """YAML 1.2, core schema, as editors read it: `no` and dates are text (YAML 1.2.2 §10.3)."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+0123456789."),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), list(first))


def named(name: str) -> Format:
    found = format_named(name)
    assert found is not None
    return found


@cache
def validator(name: str) -> Draft202012Validator:
    schema = schema_of(named(name))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def refused(name: str, text: str) -> list[str]:
    """Return what an editor with the schema says about a text."""
    return [one.message for one in validator(name).iter_errors(yaml.load(text, Editor))]


def reported(name: str, text: str) -> list[str]:
    """Return the codes of what the reader says about a text."""
    one = named(name)
    if one.is_list:
        tables, found = read_tables(text, "file.yml")
        for each in tables:
            one.read(each)
            found += [wrong for wrong in each.found if wrong not in found]
        return [wrong.code for wrong in found]
    table, problems = read_yaml(text, "file.yml")
    if table is None:
        return [wrong.code for wrong in problems]
    one.read(table)
    return [wrong.code for wrong in table.found]


# --- what is there ---------------------------------------------------------------------------------------------------


def files() -> Iterator[tuple[str, Path, str]]:
    """Yield every file of settings of the project's own courses: its format, its place, its text."""
    formats = {"course.yml": "course", "_module.yml": "module"} | {
        f"{name}.yml": name for name in (*NAMES[3:6], "regions")
    }
    formats["quebec.yml"] = "overlay"
    for tree in (ROOT / "course_src", ROOT / "tests" / "courses"):
        for path in sorted(tree.rglob("*.yml")):
            name = {"frameworks": "framework", "programmes": "programme"}.get(path.parent.name)
            yield name or formats[path.name], path, path.read_text("utf-8")
        for path in sorted(tree.rglob("*.md")):
            if front := FRONT.match(path.read_text("utf-8")):
                yield "lesson", path, front[1]
    overlays = re.findall(r"```yaml file=\S+\n(.*?)```", (ROOT / "docs/reference/language.md").read_text("utf-8"), re.S)
    for text in overlays:
        if "institution:" in text:
            yield "overlay", ROOT / "docs/reference/language.md", text


ALL = list(files())


@pytest.mark.parametrize(
    ("name", "text"), [one[::2] for one in ALL], ids=[f"{name}:{path.relative_to(ROOT)}" for name, path, _ in ALL]
)
def test_the_projects_own_files_are_what_the_schemas_say(name: str, text: str) -> None:
    assert refused(name, text) == []
    assert reported(name, text) == []


def test_files_of_every_kind_were_found() -> None:
    assert {name for name, _, _ in ALL} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_key_has_a_description_and_none_is_left_over(name: str) -> None:
    texts = yaml.safe_load((ROOT / "builder" / "schema.yml").read_text("utf-8"))
    whole = schema_of(named(name))
    described = {one["description"] for one in parts(whole) if "description" in one}
    assert set(texts) == {*NAMES}
    assert set(texts[name]["keys"].values()) <= described
    assert set(texts[name].get("examples", {})) <= set(texts[name]["keys"])
    keys = [inner for one in parts(whole) if "if" not in one for inner in one.get("properties", {}).values()]
    assert all(len(inner["description"]) > 3 for inner in keys if set(inner) != {"const"})
    assert len(set(places_of(named(name)))) == len(list(places_of(named(name))))


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_right(name: str) -> None:
    root = schema_of(named(name))
    count = 0
    for one in parts(root):
        for example in one.get("examples", ()):
            count += 1
            found = Draft202012Validator({**one, "$defs": root.get("$defs", {})}).iter_errors(example)
            assert [wrong.message for wrong in found] == [], example
        if "default" in one:
            assert Draft202012Validator(one).is_valid(one["default"])
    assert count


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and every schema inside it."""
    if isinstance(schema, dict):
        yield schema
        for word in ("properties", "$defs"):
            for inner in schema.get(word, {}).values():
                yield from parts(inner)
        for word in ("items", "additionalProperties", "not", "if", "then"):
            yield from parts(schema.get(word))
        for word in ("anyOf", "allOf"):
            for inner in schema.get(word, ()):
                yield from parts(inner)


@pytest.mark.needs("node")
def test_patterns_are_those_of_editors(tools: dict[str, str]) -> None:
    """JSON Schema Core §6.4: patterns are of ECMA-262, and taken as Unicode."""
    patterns = sorted({one["pattern"] for name in NAMES for one in parts(schema_of(named(name))) if "pattern" in one})
    samples = [
        "fire-safety",
        "1 h 30",
        "0 min",
        "fr-FR",
        "https://x.example/a",
        "D1.C1.O1",
        "F-A-1",
        "2027-06-30",
        " x ",
    ]
    script = (
        "const [patterns, samples] = JSON.parse(process.argv[1]);"
        'console.log(JSON.stringify(patterns.map((one) => samples.map((text) => new RegExp(one, "u").test(text)))));'
    )
    command = [tools["node"], "-e", script, json.dumps([patterns, samples])]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said == [[re.search(one, text) is not None for text in samples] for one in patterns]
    assert len(patterns) > 8


def test_a_probe_knows_all_that_a_table_offers() -> None:
    """What a reader may ask of a table, a probe answers itself, or by what it answers itself."""
    through = {"texts", "place", "key_place", "places", "ignore_rest"}
    offered = {name for name in vars(Table) if not name.startswith("_") and callable(getattr(Table, name))}
    assert offered - through <= set(vars(Probe))


# --- what is wrong ---------------------------------------------------------------------------------------------------

GOOD = {
    "course": "id: fire\ntitle: Fire\nversion: 1.0.0\nlanguage: en\niri: https://a.example/fire\nlicence: X\n"
    "duration: 5 min\n",
    "lesson": "title: Doors\nduration: 5 min\n",
    "module": "title: Act\n",
    "characters": "jeanne: {name: Jeanne}\n",
    "facts": "- id: F-A-1\n  text: Smoke rises.\n  source: Fire code\n  certainty: V1\n",
    "glossary": "- term: door\n  definition: It opens.\n",
    "framework": "id: f\ntitle: F\nlanguage: en\ndomains: [{id: D1, label: One}]\n",
    "programme": "id: basics\ntitle: Basics\nlanguage: en\nduration: 5 h\ncourses: [{id: fire, duration: 5 h}]\n",
    "overlay": "variables: {desk: the desk}\n",
    "regions": "QC: {foreign: [{term: CNIL}]}\n",
}


@pytest.mark.parametrize("name", NAMES)
def test_good_files_are_good(name: str) -> None:
    assert refused(name, GOOD[name]) == []
    assert reported(name, GOOD[name]) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        *((name, "", "pionts: 2\n", "S020") for name in ("course", "lesson", "module", "programme", "overlay")),
        ("facts", "  text", "  pionts: 2\n  text", "S020"),
        ("glossary", "  definition", "  pionts: 2\n  definition", "S020"),
        ("characters", "{name", "{pionts: 2, name", "S020"),
        ("course", "id: fire\n", "", "S026"),
        ("course", "title: Fire", "title: ''", "S026"),
        ("course", "title: Fire", "title:", "S026"),
        ("course", "title: Fire", "title: [Fire]", "S021"),
        ("course", "id: fire", "id: Fire", "S022"),
        ("course", "1.0.0", "1.0", "S022"),
        ("course", "language: en", "language: English", "S022"),
        ("course", "https://a", "ftp://a", "S022"),
        ("course", "5 min", "5", "S024"),
        ("course", "5 min", "0 min", "S024"),
        ("course", "5 min", "a while", "S024"),
        ("course", "", "mastery: 101\n", "S025"),
        ("course", "", "mastery: -1\n", "S025"),
        ("course", "", "mastery: much\n", "S025"),
        ("course", "", "graded: [lesson, exam]\n", "S023"),
        ("course", "", "audiences: [Nurse]\n", "S022"),
        ("course", "", "region: France\n", "S022"),
        ("course", "", "complete_when: all\n", "S021"),
        ("course", "", "complete_when: {lesson: all}\n", "S020"),
        ("course", "", "complete_when: {minutes: long}\n", "S025"),
        ("course", "", "packaging: {sco: module}\n", "S023"),
        ("course", "", "packaging: {schemas: no}\n", "S023"),
        ("course", "", "xapi: {open_text: maybe}\n", "S023"),
        ("course", "", "authors: [Jo]\n", "S021"),
        ("course", "", "authors: [{}]\n", "S026"),
        ("course", "", "authors: [{name: Jo, mail: x}]\n", "S020"),
        ("course", "", "variables: [desk]\n", "S021"),
        ("course", "", "variables: {Desk: x}\n", "S022"),
        ("course", "", "variables: {desk: [x]}\n", "S021"),
        ("lesson", "duration: 5 min\n", "", "S026"),
        ("lesson", "duration: 5 min", "duration:", "S026"),
        ("lesson", "", "kind: exam\n", "S023"),
        ("lesson", "", "parts: yes\n", "S023"),
        ("lesson", "", "id: index\n", "S028"),
        ("lesson", "", "was: [{}]\n", "S021"),
        ("module", "title: Act", "id: act", "S026"),
        ("characters", "jeanne", "Jeanne", "S022"),
        ("characters", "{name: Jeanne}", "Jeanne", "S021"),
        ("characters", "{name: Jeanne}", "{age: 74}", "S026"),
        ("facts", "F-A-1", "A-1", "S022"),
        ("facts", "  text: Smoke rises.\n", "", "S026"),
        ("facts", "V1", "V9", "S023"),
        ("facts", "  certainty: V1\n", "", "S026"),
        ("facts", "certainty: V1", "certainty: V1\n  validity: A", "S026"),
        ("facts", "certainty: V1", "certainty: V1\n  review_by: june", "S022"),
        ("facts", "certainty: V1", "certainty: V1\n  review_by: 2027-13-01", "S022"),
        ("facts", "certainty: V1", "certainty: V1\n  url: rules.example", "S022"),
        ("facts", "- id: F-A-1\n  text: Smoke rises.\n  source: Fire code\n  certainty: V1", "id: F-A-1", "S174"),
        ("glossary", "  definition: It opens.\n", "", "S026"),
        ("framework", ", label: One", "", "S026"),
        ("framework", "D1", "one", "S022"),
        ("framework", "label: One", "label: One, competencies: [{id: D1.C1}]", "S026"),
        ("framework", "", "ects: {value: 301, basis: x}\n", "S025"),
        ("framework", "", "minutes: long\n", "S025"),
        ("framework", "", "activities: {choice: long}\n", "S025"),
        ("framework", "", "lessons: {pages: 3}\n", "S020"),
        ("lesson", "", "away: a walk\n", "S024"),
        ("framework", "", "legal_url: rules.example\n", "S022"),
        ("framework", "", "retrieved: june\n", "S022"),
        ("framework", "", "crosswalks: [{title: X, certainty: P, domains: {D1: '1'}}]\n", "S026"),
        ("framework", "", "crosswalks: [{title: X, certainty: V9, areas: {'1': x}, domains: {D1: '1'}}]\n", "S023"),
        ("framework", "", "crosswalks: [{title: X, certainty: P, areas: {one: x}, domains: {D1: '1'}}]\n", "S022"),
        ("programme", "id: fire", "id: Fire", "S022"),
        ("programme", "[{id: fire, duration: 5 h}]", "[fire]", "S021"),
        ("programme", ", duration: 5 h", "", "S026"),
        ("programme", "duration: 5 h}", "duration: 5}", "S024"),
        ("programme", "duration: 5 h}", "duration: 5 h, written: later}", "S023"),
        ("programme", "duration: 5 h}", "duration: 5 h, minutes: 5}", "S020"),
        ("overlay", "", "region: fr\n", "S022"),
        ("regions", "QC", "quebec", "S022"),
        ("regions", "term", "word", "S020"),
        ("regions", "{foreign: [{term: CNIL}]}", "{words: []}", "S026"),
        ("overlay", "", "theme: {colours: {}}\n", "S020"),
        ("overlay", "", "theme: {tokens: {color-accent: {lihgt: x}}}\n", "S020"),
        ("overlay", "", "theme: {tokens: {color-accent: [x]}}\n", "S021"),
        ("overlay", "", "lrs: {endpoint: https://a.example, key: x}\n", "S020"),
        ("overlay", "", "facts: [{id: F-A-1, text: x, source: x}]\n", "S026"),
        ("overlay", "", "glossary: [{definition: x}]\n", "S026"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(name: str, old: str, new: str, code: str) -> None:
    text = GOOD[name].replace(old, new, 1) if old else GOOD[name] + new
    assert text != GOOD[name]
    assert code in reported(name, text)
    assert refused(name, text)


def test_the_schema_knows_what_a_rule_knows() -> None:
    """Targets are a seam: a rule of `check` knows them (S107), and the schema."""
    assert refused("course", GOOD["course"] + "targets: [scorm12, scorm13]\n")
    assert not refused("course", GOOD["course"] + f"targets: [{', '.join(features('targets'))}]\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lesson", "kind:\n"),
        ("lesson", "parts: 'true'\n"),
        ("lesson", "id: ' doors '\n"),
        ("lesson", "id: true\n"),
        ("course", "mastery: ''\n"),
        ("course", "region: ~\n"),
    ],
)
def test_what_the_schema_is_stricter_about(name: str, text: str) -> None:
    """The first two exceptions of `builder/schema.py`: keys without value, and values that YAML gives a type."""
    assert refused(name, GOOD[name] + text)
    assert reported(name, GOOD[name] + text) in ([], ["S022"])


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("course", "mastery: 101 %\n", "S025"),
        ("course", "complete_when: {mastery: true}\n", "S027"),
        ("course", "audiences: [trainer]\n", "Q495"),
        ("facts", "- id: F-A-1\n  text: x\n  source: x\n  certainty: V1\n  review_by: 2027-02-30\n", "S022"),
        ("glossary", "- term: hatch\n  definition: x\n  forms: [hatch]\n", "S175"),
        ("programme", "courses: [{id: fire, duration: 2 h}, {id: fire, duration: 3 h}]\n", "S043"),
        ("programme", "courses: [{id: fire, duration: 4 h}]\n", "S044"),
        ("framework", "minutes: 60\ndomains: [{id: D1, label: One, minutes: 30}]\n", "S050"),
        (
            "framework",
            "domains: [{id: D1, label: One}]\n"
            "crosswalks: [{title: X, certainty: P, areas: {'1': x}, domains: {D1: '2'}}]\n",
            "S051",
        ),
        ("overlay", "lrs: {endpoint: http://a.example}\n", "T233"),
        ("overlay", "theme: {tokens: {color-accent: ''}}\n", "Q498"),
    ],
)
def test_what_the_reader_is_stricter_about(name: str, text: str, code: str) -> None:
    """The last two exceptions of `builder/schema.py`: bounds of numbers in words, and what is said in two places."""
    kept = [line for line in GOOD[name].splitlines(keepends=True) if not line.startswith(("courses:", "domains:"))]
    text = "".join(kept) + text
    assert code in reported(name, text)
    assert not refused(name, text)


# --- what is made up -------------------------------------------------------------------------------------------------

WORD = st.from_regex(re.compile(r"[a-zA-Z][a-zA-Z0-9 ._-]{0,11}[a-zA-Z0-9]", re.ASCII), fullmatch=True).filter(
    lambda text: text.lower() not in ("true", "false", "null")
)
FORMS = [
    st.from_regex(re.compile(one.pattern, re.ASCII), fullmatch=True) for one in (ID, IRI, LANGUAGE, VERSION, DURATION)
]
LEAF = st.one_of(
    WORD,
    *(one.filter(lambda text: text.strip() == text != "" and text.isprintable()) for one in FORMS),
    st.integers(0, 200),
    st.booleans(),
    st.sampled_from(
        ["all", "lesson", "assessment", "course", "scorm12", "V1", "A", "S", "F-A-1", "FR", "D1.C1", "agir"]
    ),
    st.sampled_from(["2027-06-30", "5 h", "1 h 30", "2,5", "80 %", "fr-FR", "1.0.0", "Passed", "index"]),
)


def keys_of(name: str) -> list[str]:
    return sorted({path[-1] for path in places_of(named(name)) if path[-1] != "*"} | {"desk", "pionts"})


def value_of(name: str) -> st.SearchStrategy[Any]:
    """Return values as authors might write them: the format's keys, in any place, with values of any kind."""
    keys = st.sampled_from(keys_of(name))
    inner = st.recursive(
        LEAF, lambda one: st.lists(one, min_size=1, max_size=3) | st.dictionaries(keys, one, max_size=3), max_leaves=5
    )
    return inner


UNSAID = {
    "S027",
    "Q495",
    "S175",
    "S176",
    "S043",
    "S044",
    "S050",
    "S051",
    "T233",
    "T234",
    "T235",
    "T239",
    "Q498",
    "S042",
}
"""What only the reader says: the last exception of `builder/schema.py`."""


@given(st.data())
@pytest.mark.parametrize("name", NAMES)
def test_reader_and_schema_agree_about_one_change(name: str, data: st.DataObject) -> None:
    """A good file in which one key has another value: both accept it, or both refuse it, exceptions aside."""
    base = yaml.load(GOOD[name], Editor)
    table = base[0] if isinstance(base, list) else base
    key = data.draw(st.sampled_from(keys_of(name)))
    value = data.draw(value_of(name))
    table[key] = value
    text = yaml.safe_dump(base, allow_unicode=True, sort_keys=False)
    codes, wrong = set(reported(name, text)), refused(name, text)
    if codes - UNSAID:
        if not is_number_in_words(value):
            assert wrong, (text, codes)
    elif wrong:
        assert is_typed(value) or (key == "targets" and name == "course"), (text, wrong)


def is_number_in_words(value: Any) -> bool:
    """Whether a number in words is somewhere in a value: its bounds are not checked by the schema."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value in ("2,5", "80 %") or any(map(is_number_in_words, inner))


def is_typed(value: Any) -> bool:
    """Whether YAML gives something in a value a type of its own."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, bool) or value in ([], {}) or any(map(is_typed, inner))


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_a_schema(name: str) -> None:
    result = CliRunner().invoke(carabin, ["schema", name])
    assert result.exit_code == 0
    assert result.stdout == text_of(named(name))
    assert json.loads(result.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_command_lists_and_writes_them(tmp_path: Path) -> None:
    said = CliRunner().invoke(carabin, ["schema"]).stdout
    assert [line.split()[0] for line in said.splitlines()] == NAMES
    result = CliRunner().invoke(carabin, ["schema", "--out", str(tmp_path / "schemas"), "--lang", "en"])
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "schemas").iterdir()) == sorted(
        f"{one}.schema.json" for one in NAMES
    )
    assert len(result.stdout.splitlines()) == len(NAMES)
    one = CliRunner().invoke(carabin, ["schema", "course", "--out", str(tmp_path / "one")])
    assert one.exit_code == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["course.schema.json"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("name", "near"), [("cuorse", "course"), ("Overlays", "overlay"), ("zzz", ", programme, ")])
def test_an_unknown_name_is_answered_with_the_nearest(name: str, near: str, language: str) -> None:
    result = CliRunner().invoke(carabin, ["schema", name, "--lang", language])
    assert result.exit_code == 2
    assert name in result.stderr
    assert near in result.stderr

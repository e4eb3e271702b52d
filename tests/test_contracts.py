"""Contracts: every feature of a seam is whole, imports point one way, and who may read, write, print or tell the time.

A new feature is new files, no edit here. A new module of `builder/` says in `LAYERS` where it stands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from test_cases import ALL, CASES

from builder.diagnostics import Severity
from builder.seams import feature, features
from builder.strings import diagnostic_texts, languages, strings

ROOT = Path(__file__).parent.parent
BUILDER = ROOT / "builder"
MODULES = sorted(BUILDER.rglob("*.py"))

LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "builder diagnostics mathml pages paper player seams strings typography wording",
        "lock model products theme",
        "attributes lom score write",
        "markdown settings",
        "facts frameworks glossary load programmes prose recorder regions xapi",
        "asides lint questions targets",
        "body catalog check codec completion coverage editions fix forecast inspect limits lrs overlay parse"
        " progress render report schema sheet silences slots update variants",
        "memory",
        "pipeline",
        "serve",
        "cli __main__",
    )
)
"""Modules, a folder counts as one; each imports its own layer and those before it, never a later one."""

UNSTYLED = frozenset("gap-unit lesson-data results statement".split())
"""Classes by which the player or a theme may find an element that looks like its surroundings."""


def name_of(path: Path) -> str:
    """Return the module that a file belongs to: `body`, `questions.fill`, `questions`."""
    parts = path.relative_to(BUILDER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts) or "builder"


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of ours that a file imports, wherever the import stands."""
    names = {name_of(one) for one in MODULES}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "builder":
            inner = (node.module or "").removeprefix("builder").lstrip(".")
            for alias in node.names:
                full = f"{inner}.{alias.name}".lstrip(".")
                yield full if full in names else inner or "builder"
        elif isinstance(node, ast.Import):
            yield from (one.name.removeprefix("builder.") for one in node.names if one.name.startswith("builder"))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Yield what a file calls, by its last name, and the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                yield function.attr, node.lineno
            elif isinstance(function, ast.Name):
                yield function.id, node.lineno


# --- seams -----------------------------------------------------------------------------------------------------------


def words_are_whole(path: Path) -> None:
    """The words of a feature: the same sections and keys in every language."""
    words = yaml.safe_load(path.read_text("utf-8"))
    assert set(words) == set(languages()), path
    shapes = {language: {name: set(section) for name, section in words[language].items()} for language in words}
    assert all(shape == shapes["en"] for shape in shapes.values()), path


def interface(module: ModuleType, **wanted: type) -> None:
    for name, kind in wanted.items():
        assert isinstance(getattr(module, name, None), kind), f"{module.__name__} has no {name}"


def function() -> type:
    return type(function)


@pytest.mark.parametrize("name", features("questions"))
def test_a_question_type_is_whole(name: str) -> None:
    module, folder = feature("questions", name), BUILDER / "questions"
    kinds = dict.fromkeys(("read", "interactions", "instruction", "view"), function())
    interface(module, NAME=str, ATTRIBUTES=frozenset, **kinds)
    assert name == module.NAME
    for ending in ("html.j2", "css", "yml"):
        assert (folder / f"{name}.{ending}").is_file(), ending
    words_are_whole(folder / f"{name}.yml")
    assert f"new_{name}" in strings("en", "cli"), "no skeleton for `carabin new question`"
    assert (BUILDER / "runtime" / "questions" / f"{name}.js").is_file()
    cases = [case for case in ALL if case.path == CASES / "questions" / f"{name}.md"]
    for kind in ("html", "interactions", "diagnostics"):
        assert any(case.of(kind) for case in cases), kind


@pytest.mark.parametrize("name", features("asides"))
def test_an_aside_is_whole(name: str) -> None:
    module, folder = feature("asides", name), BUILDER / "asides"
    interface(module, NAME=str, ATTRIBUTES=frozenset, write=function())
    assert name == module.NAME
    if (folder / f"{name}.yml").is_file():
        words_are_whole(folder / f"{name}.yml")
    text = "\n".join(block.text for case in ALL for block in (*case.of("lesson"), *case.of("file")))
    assert re.search(rf"^[> ]*:::+ *{name}\b", text, re.MULTILINE), "no case shows it"


@pytest.mark.parametrize("name", features("lint"))
def test_a_module_of_rules_lists_them_all(name: str) -> None:
    module = feature("lint", name)
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    found = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(one.annotation) for one in node.args.args if one.annotation] == ["Subject"]
    ]
    assert [rule.__name__ for rule in module.RULES] == found
    assert all(rule.__doc__ for rule in module.RULES)


@pytest.mark.parametrize("name", features("targets"))
def test_a_target_is_whole(name: str) -> None:
    module = feature("targets", name)
    interface(module, NAME=str, DRIVERS=tuple, check=function(), package=function(), reports=function())
    assert name == module.NAME
    assert module.STATE_LIMIT is None or module.STATE_LIMIT > 0
    assert module.LRS in ("", "driver", "recorder")
    assert module.DRIVERS
    for driver in module.DRIVERS:
        assert (BUILDER / "runtime" / "drivers" / f"{driver}.js").is_file(), driver


def test_names_of_directives_are_unique() -> None:
    inner = (getattr(feature("questions", name), "INNER", ()) for name in features("questions"))
    names = [*features("questions"), *features("asides"), "include", *(one for names in inner for one in names)]
    assert len(names) == len(set(names))


def test_nothing_of_a_seam_lies_beside_a_feature_that_is_gone() -> None:
    for seam in ("questions", "asides"):
        for path in (BUILDER / seam).iterdir():
            stem = path.name.split(".")[0].removesuffix("-gap")
            assert path.name.startswith("_") or stem in features(seam), path
    for path in (BUILDER / "runtime" / "questions").glob("*.js"):
        assert path.stem in features("questions"), path


# --- who imports what ------------------------------------------------------------------------------------------------


def layer(module: str) -> int:
    top = module.partition(".")[0]
    found = [number for number, names in enumerate(LAYERS) if top in names]
    assert len(found) == 1, f"{module}: say in LAYERS where it stands"
    return found[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    module = name_of(path)
    wrong = [other for other in imports(path) if layer(other) > layer(module)]
    assert wrong == [], f"{module} imports what stands above it"


def test_imports_have_no_circles() -> None:
    graph = {name_of(path): set(imports(path)) - {name_of(path)} for path in MODULES}
    tuple(TopologicalSorter(graph).static_order())


def test_features_do_not_know_each_other() -> None:
    """What two features share lies in their folder's `__init__.py` or in a module that begins with `_`."""
    for seam in ("questions", "asides", "lint", "targets"):
        for name in features(seam):
            others = {f"{seam}.{other}" for other in features(seam)} - {f"{seam}.{name}"}
            assert not others & set(imports(BUILDER / seam / f"{name}.py")), name


def test_every_layer_names_modules_that_exist() -> None:
    there = {name_of(path).partition(".")[0] for path in MODULES}
    assert set().union(*LAYERS) == there


# --- who may do what -------------------------------------------------------------------------------------------------

READING = frozenset("open read_text read_bytes scandir listdir walk iterdir glob rglob".split())
READERS = {
    "load": "the author's files",
    "player": "the player's pieces and the standards' schemas",
    "render": "the templates and styles of our features",
    "seams": "the names of our features",
    "serve.app": "the desk's own files, and the simulated LMS",
    "strings": "our words",
    "theme": "themes",
    "write": "what it has written",
    "inspect.archive": "packages",
    "inspect.play": "the simulated LMS",
    "inspect.xml": "the schemas of standards that we do not carry",
    "pipeline": "whether a theme has changed",
    "products": "the profiles of LMSs",
}
WRITING = frozenset("write_text write_bytes mkdir makedirs unlink rename replace rmdir symlink_to touch chmod".split())


@pytest.mark.parametrize("path", [one for one in MODULES if name_of(one).partition(".")[0] != "cli"], ids=name_of)
def test_only_some_modules_read_and_one_writes(path: Path) -> None:
    called = {name for name, _ in calls(path)}
    module = name_of(path)
    if module not in READERS:
        assert not called & READING
    if module != "write":
        text = path.read_text("utf-8")
        assert not called & (WRITING - {"replace"})
        assert "os.replace" not in text


def test_every_reader_reads() -> None:
    for module in READERS:
        assert {name for name, _ in calls(BUILDER / f"{module.replace('.', '/')}.py")} & READING, module


@pytest.mark.parametrize("path", [one for one in MODULES if name_of(one).partition(".")[0] != "cli"], ids=name_of)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    called = {name for name, _ in calls(path)}
    assert not called & {"print", "echo", "exit", "_exit", "input", "secho", "breakpoint"}
    assert not re.search(r"sys\.(stdout|stderr|stdin|argv|exit)|os\.environ", path.read_text("utf-8"))


KEEPS_TIME = frozenset(("lrs.store", "cli.lrs", "cli.serve", "serve.app"))
"""A running LRS says when a statement came, and makes ids and a secret, as the preview does: nothing of it goes into a
package."""


def test_what_makes_packages_does_not_know_the_lrs() -> None:
    known = {name_of(path) for path in MODULES if {one.partition(".")[0] for one in imports(path)} & {"lrs"}}
    assert {name.partition(".")[0] for name in known} <= {"cli", "inspect", "lrs", "serve"}


@pytest.mark.parametrize("path", [one for one in MODULES if name_of(one) not in KEEPS_TIME], ids=name_of)
def test_bytes_depend_on_no_clock_no_chance_and_no_place(path: Path) -> None:
    """Architecture, decision 8. Hashes of the built-in kind differ from run to run."""
    tree = ast.parse(path.read_text("utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in modules} & set("random secrets time uuid locale".split())
    called = {name for name, _ in calls(path)}
    assert not called & set("hash urandom gethostname getuser getmtime getcwd now utcnow".split())
    if name_of(path) != "cli.check":  # tells which facts should have been reviewed by now
        assert "today" not in called
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match(r"/(usr|tmp|home|root|work|opt|var|etc|Users)\b|[A-Z]:\\", node.value), node.value


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_markup_is_made_in_one_place(path: Path) -> None:
    """Style §10: `Markup(…)` says that HTML is safe; only `render.py` may."""
    if name_of(path) != "render":
        assert "Markup" not in {name for name, _ in calls(path)}


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("themes/**/*.j2")) + sorted(BUILDER.rglob("*.j2")), ids=lambda p: p.name
)
def test_templates_place_values_and_compute_nothing(path: Path) -> None:
    """Style §10: no `safe`, no `set`, no `if` with an `and`; attributes between double quotes."""
    text = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe|\{%-?\s*set\b|\{%-?\s*if\b[^%]*\b(and|or)\b", text)
    assert not re.search(r"=\s*\{\{|='", text)


# --- styles ----------------------------------------------------------------------------------------------------------


def classes_of(text: str) -> Iterator[str]:
    """Yield the classes of HTML in templates or Python; of `alert-{kind}` only what stands before the brace."""
    for value in re.findall(r'class="([^"]*)"', text):
        for name in re.sub(r"\{[{%].*?[%}]\}|\{[^}]*\}", "\ufffc", value).split():
            if "\ufffc" not in name:
                yield name


def test_every_class_is_styled() -> None:
    sheets = [*ROOT.glob("themes/**/*.css"), *BUILDER.rglob("*.css")]
    styled = {name for sheet in sheets for name in re.findall(r"\.([a-z][\w-]*)", sheet.read_text("utf-8"))}
    sources = [*ROOT.glob("themes/**/*.j2"), *BUILDER.rglob("*.j2"), BUILDER / "body.py", *BUILDER.glob("asides/*.py")]
    used = {name for source in sources for name in classes_of(source.read_text("utf-8"))}
    assert sorted(used - styled) == sorted(UNSTYLED)


@pytest.mark.parametrize(
    "sheet", sorted([*BUILDER.glob("questions/*.css"), *BUILDER.glob("asides/*.css")]), ids=lambda path: path.name
)
def test_a_feature_styles_in_its_layer(sheet: Path) -> None:
    """Style §11: layers are declared once; no ids, no `!important`, no physical sides."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"@layer ([\w, ]+) \{", text) == ["questions" if sheet.parent.name == "questions" else "base"]
    assert "!important" not in text
    assert not re.search(r"(?<![\w-])(margin|padding|border)-(left|right|top|bottom)\b|(?<![\w-])(left|right):", text)


# --- diagnostics -----------------------------------------------------------------------------------------------------

ELSEWHERE = re.compile(r"T...|S2..")
"""Codes of targets and slots, which have tests of their own."""


def test_every_finding_of_the_compiler_is_seen_in_a_test() -> None:
    """In a literate case; where that is impossible (a big file, a symbolic link, a theme) in a test that names it."""
    shown = {
        code for case in ALL for block in case.of("diagnostics") for code in re.findall(r"\[(\w\d{3})\]", block.text)
    }
    named: set[str] = set()
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        if path.stem not in ("test_cases", "test_locales", "test_contracts", "test_docs"):
            named |= set(re.findall(r"\b[ALSQ]\d{3}\b", path.read_text("utf-8")))
    wanting = [code for code in diagnostic_texts("en") if code not in shown | named and not ELSEWHERE.fullmatch(code)]
    assert wanting == []
    assert len(shown) > 100


def test_severities_of_cases_are_ours() -> None:
    known = {severity.value for severity in Severity}
    text = "\n".join(block.text for case in ALL for block in case.of("diagnostics"))
    assert set(re.findall(r"^\S+:\d+:\d+: (\w+)\[", text, re.MULTILINE)) == known


def test_our_modules_can_be_imported_alone() -> None:
    for path in MODULES:
        if path.stem != "__main__":
            import_module(f"builder.{name_of(path)}".removesuffix(".builder"))

"""A package for another region says nothing that is foreign there, and `check` tells where it would."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from builder.cli import carabin
from builder.diagnostics import Severity, Span
from builder.load import load
from builder.overlay import load_overlay
from builder.pipeline import Options, check
from builder.regions import Foreign, pattern, regions_of
from builder.settings import read_yaml
from builder.variants import Variant

COURSE = """\
id: feu
title: "{title}"
version: 1.0.0
language: fr-FR
region: FR
iri: https://carabin.example/feu
licence: CC-BY-4.0
duration: 10 min
framework: feu-2027
domain: D1
variables: {{appel: "{number}"}}
"""
FRAMEWORK = """\
id: feu-2027
title: Feu
language: fr
domains:
  - id: D1
    label: Portes
    competencies:
      - {{id: D1.C1, label: Fermer, objectives: [{{id: D1.C1.O1, text: "{objective}"}}]}}
"""
REGIONS = """\
QC:
  foreign:
    - {term: CNIL, forms: ["Commission nationale de l'informatique"], instead: la CAI}
    - {term: le 15, instead: le 911}
    - {term: carte Vitale}
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n<title>Plan</title>\n<text>La '
    "<tspan>{word}</tspan></text></svg>"
)
PLACES = (
    "text",
    "list",
    "table",
    "code",
    "alt",
    "note",
    "prompt",
    "answer",
    "feedback",
    "hint",
    "explanation",
    "gap",
    "details",
)
"""Where a lesson may say a word."""


def lesson(**said: str) -> str:
    """Return a lesson that says each word at its place, and something harmless at the others."""
    word = {name: said.get(name, "porte") for name in PLACES}
    return f"""---
title: {said.get("heading", "Portes")}
id: portes
duration: 5 min
objectives: [D1.C1.O1]
---

Fermer la {word["text"]} : {{{{ appel }}}}.[^F-FEU-1] Au voisin[^1]. Une sortie.

- {word["list"]}

| {word["table"]} | un |
| --- | --- |
| deux | trois |

```text
{word["code"]}
```

![{word["alt"]}](media/plan.svg)

::: details {{title="{word["details"]}"}}

Rien.

:::

::: only {{region=FR}}

{said.get("french", "Ici.")}

:::

::: only {{region=QC}}

{said.get("quebec", "Là-bas.")}

:::

::: trainer

Dire que la CNIL existe, et le 15.

:::

::: choice {{#q-un}}

Quelle {word["prompt"]} ?

- [x] {word["answer"]}
  > {word["feedback"]}
- [ ] Aucune
  > Dommage, elle est là.

> [!HINT]
> {word["hint"]}

> [!EXPLANATION]
> {word["explanation"]}

:::

::: fill {{#q-deux}}

Fermer la [[porte|{word["gap"]}]].

:::

[^1]: {word["note"]}
"""


def tree(folder: Path, body: str, **said: str) -> Path:
    """Write a course in a tree, and return its folder."""
    fact = f'- {{id: F-FEU-1, note: "{said.get("fact", "Elle ferme.")}", source: Code, certainty: V1}}\n'
    files = {
        "_shared/regions.yml": said.get("regions", REGIONS),
        "_shared/facts.yml": fact,
        "_shared/glossary.yml": "- {term: guet, definition: CNIL}\n- {term: sortie, definition: "
        + said.get("definition", "issue")
        + "}\n",
        "frameworks/feu-2027.yml": FRAMEWORK.format(objective=said.get("objective", "Fermer")),
        "feu/course.yml": COURSE.format(title=said.get("title", "Feu"), number=said.get("number", "le 18")),
        "feu/01-portes.md": body,
        "feu/media/plan.svg": PICTURE.format(word=said.get("picture", "porte")),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder / "feu"


def found(root: Path, region: str = "QC", overlay: str = "", *, advises: bool = False) -> list[tuple[str, int, str]]:
    """Return what is foreign: file, line, the words. A build for packages finds the same as a check."""
    ours = None
    if overlay:
        (root.parent / "overlay.yml").write_text(overlay, "utf-8")
        ours, problems = load_overlay(root.parent / "overlay.yml")
        assert not problems
    variant = Variant(region=region, overlay=ours)
    diagnostics = check(load(root), Options(variant=variant, advises=advises)).diagnostics
    return [
        (Path(one.span.file).name, one.span.line, str(one.arguments["text"]))
        for one in diagnostics
        if one.code in ("A240", "A241")
    ]


def line_of(body: str, words: str) -> int:
    return next(number for number, line in enumerate(body.split("\n"), 1) if words in line)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("place", [*PLACES, "heading", "quebec"])
def test_a_foreign_word_is_found_where_it_stands(tmp_path: Path, place: str) -> None:
    body = lesson(**{place: "carte Vitale"})
    root = tree(tmp_path, body)
    assert found(root) == [("01-portes.md", line_of(body, "carte Vitale"), "carte Vitale")]
    assert found(root, advises=True) == found(root)
    assert found(root, "FR") == []
    assert found(root, "BE") == []


@pytest.mark.parametrize(
    ("place", "file", "line"),
    [
        ("fact", "facts.yml", 1),
        ("definition", "glossary.yml", 2),
        ("objective", "feu-2027.yml", 8),
        ("title", "course.yml", 2),
        ("picture", "plan.svg", 3),
    ],
)
def test_a_foreign_word_is_found_in_the_other_files(tmp_path: Path, place: str, file: str, line: int) -> None:
    root = tree(tmp_path, lesson(), **{place: "la CNIL"})
    assert found(root) == [(file, line, "CNIL")]
    assert found(root, "FR") == []


def test_what_the_variant_does_not_show_is_left_alone(tmp_path: Path) -> None:
    """Text for France, notes for trainers, words of the shared glossary that nothing links; a glossary's word too that
    is linked for France only."""
    assert found(tree(tmp_path, lesson(french="La CNIL, et le 15."))) == []
    body = lesson(french="Le guet. Un fait.[^F-FEU-1]").replace("{{ appel }}.[^F-FEU-1]", "{{ appel }}.")
    root = tree(tmp_path, body, fact="La CNIL le dit.")
    assert found(root) == []
    assert "CNIL" in package(root, "FR")
    assert "CNIL" not in package(root, "QC")


def test_an_overlay_says_it_otherwise(tmp_path: Path) -> None:
    root = tree(tmp_path, lesson(), number="le 15", fact="La CNIL le dit.", definition="« issue (CNIL) »")
    body = line_of(lesson(), "appel")
    assert found(root) == [("facts.yml", 1, "CNIL"), ("glossary.yml", 2, "CNIL"), ("01-portes.md", body, "le 15")]
    overlay = """\
region: QC
variables: {appel: le 911}
facts: [{id: F-FEU-1, note: La CAI le dit., source: Loi 25, certainty: V1}]
glossary: [{term: sortie, definition: issue (CAI)}]
"""
    assert found(root, "", overlay) == []


def test_a_build_stops(tmp_path: Path) -> None:
    root = tree(tmp_path, lesson(text="CNIL"))
    result = CliRunner().invoke(carabin, ["build", str(root), "--region", "QC", "--out", str(tmp_path / "dist")])
    assert result.exit_code == 1
    assert "error[A240]: “CNIL” is foreign in the region QC" in result.output
    assert not list((tmp_path / "dist").glob("*.zip"))
    assert package(root, "FR")


def test_a_preview_shows_it_all_the_same(tmp_path: Path) -> None:
    """Who localises a course sees what is left to do."""
    root = tree(tmp_path, lesson(text="CNIL"))
    (one,) = check(load(root), Options(variant=Variant(region="QC"), is_draft=True)).diagnostics[:1]
    assert (one.code, one.severity) == ("A240", Severity.WARNING)


def package(root: Path, region: str) -> str:
    """Return all that a package shows, as one text."""
    out = root.parent / "dist"
    arguments = ["build", str(root), "--region", region, "--out", str(out), "-t", "scorm12"]
    result = CliRunner().invoke(carabin, arguments)
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(out / f"feu-1.0.0-scorm12{f'-{region}'}.zip") as archive:
        names = [name for name in archive.namelist() if re.search(r"\.(html|xml|json|svg|js)$", name)]
        return "\n".join(archive.read(name).decode() for name in names)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Faites le 15.", True),
        ("Le 15, puis attendez", True),
        ("le\u202f15 !", True),
        ("le 15 mars", False),
        ("le 15/03", False),
        ("le 15 h", False),
        ("le 150", False),
        ("le 15,5", False),
        ("le 15 %", False),
        ("le 15 minutes", False),
        ("le 15 s’occupe de tout", True),
        ("seule 15", False),
        ("La CNIL répond", True),
        ("l’ancienne CNIL-bis", False),
        ("cnil", False),
        ("Une Carte vitale", True),
        ("cartes vitales", False),
    ],
)
def test_words_are_found_as_they_are_written(text: str, is_found: bool) -> None:
    table, _ = read_yaml(REGIONS, "regions.yml")
    assert table is not None
    words: Mapping[str, tuple[Foreign, ...]] = regions_of(table)
    lower = Foreign(("carte vitale",), "", table.span)
    text = text.replace("\u202f", " ").replace("’", "'")
    assert any(pattern(one).search(text) for one in (*words["QC"], lower)) == is_found


def test_a_picture_is_no_bomb(tmp_path: Path) -> None:
    root = tree(tmp_path, lesson(), picture="CNIL <!-- <" + "a" * 1_000_000 + " -->")
    start = time.process_time()
    assert ("plan.svg", 3, "CNIL") in found(root)
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Call 112.", True),
        ("call 112 to report it", True),
        ("(112)", True),
        ("15/18/112", True),
        ("at 112, then", True),
        ("1 112 people", False),
        ("3.112 mg", False),
        ("3,112", False),
        ("9 h 112", False),
        ("14:112", False),
        ("for 112 years", False),
        ("112 kg", False),
        ("€112", False),
        ("+112", False),
        ("https://a.example/?page=112", False),
    ],
)
def test_a_number_alone_is_one_to_call_unless_it_counts_something(text: str, is_found: bool) -> None:
    assert bool(pattern(Foreign(("112",), "", Span(""))).search(text)) == is_found


def test_a_bad_list_is_told_at_its_place(tmp_path: Path) -> None:
    root = tree(tmp_path, lesson(), regions="QC:\n  foreign:\n    - {instead: la CAI}\n    - {term: CNIL, word: x}\n")
    for region in ("QC", "FR"):
        diagnostics = check(load(root), Options(variant=Variant(region=region), advises=True)).diagnostics
        told = [(one.code, one.span.line) for one in diagnostics if one.span.file.endswith("regions.yml")]
        assert told == [("S026", 3), ("S020", 4)]

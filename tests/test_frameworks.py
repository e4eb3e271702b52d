"""Where pages show a framework's labels: those written from memory (certainty M) say so."""

from __future__ import annotations

from pathlib import Path

from builder.load import load
from builder.pipeline import Options, build

FRAMEWORK = """\
id: doors-2027
title: Doors
language: fr
domains:
  - id: D1
    label: Fermer les portes
    certainty: {domain}
    competencies:
      - id: D1.C1
        label: Fermer
        certainty: V1
        objectives:
          - {{id: D1.C1.O1, text: "Savoir : fermer une porte", certainty: {objective}}}
"""
COURSE = """\
id: portes
title: Les portes
version: 1.0.0
language: fr-FR
iri: https://carabin.example/portes
licence: CC-BY-4.0
duration: 5 min
framework: doors-2027
domain: D1
"""
LESSON = """\
---
title: Leçon
id: lecon
duration: 5 min
objectives: D1.C1.O1
---

Texte.
"""
NOTE = " (libellé à vérifier)"


def pages(root: Path, domain: str, objective: str) -> tuple[str, str]:
    """Return the cover and the lesson of a course whose framework has these certainties."""
    texts = {
        "frameworks/doors-2027.yml": FRAMEWORK.format(domain=domain, objective=objective),
        "portes/course.yml": COURSE,
        "portes/lecon.md": LESSON,
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (built,) = build(load(root / "portes"), Options(targets=("scorm12",)))
    assert built.package is not None, built.diagnostics
    made = {member.name: member.content.decode("utf-8", "replace") for member in built.package.members}
    return made["index.html"], made["lecon.html"]


def test_labels_from_memory_say_that_they_are_to_be_verified(tmp_path: Path) -> None:
    cover, lesson = pages(tmp_path, "M", "M")
    assert f">Fermer les portes{NOTE}<" in cover
    assert f"<li>Savoir\u00a0: fermer une porte{NOTE}</li>" in cover
    assert f"<li>Savoir\u00a0: fermer une porte{NOTE}</li>" in lesson


def test_other_labels_say_nothing(tmp_path: Path) -> None:
    cover, lesson = pages(tmp_path, "V2", "P")
    assert ">Fermer les portes<" in cover
    assert "<li>Savoir\u00a0: fermer une porte</li>" in cover
    assert NOTE not in cover + lesson

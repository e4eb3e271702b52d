"""Write courses to measure with: `python -m benchmarks.corpus FOLDER [--courses N] [--lessons N]`.

The same bytes for the same numbers, on any machine. A lesson has about 600 words of text, a table, a code block, an
image and four questions: two of `choice`, two of `fill`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

COURSES, LESSONS, LESSONS_IN_MODULE = 25, 40, 8

PHRASES = {
    "subjects": """
l'infirmière|le médecin de garde|la pharmacienne|l'équipe de nuit|le cadre du service|la patiente|le kinésithérapeute
le secrétariat|la direction des soins|le responsable de la sécurité|l'interne|la sage-femme|le manipulateur radio
l'aide-soignante|la personne de confiance|le biologiste|l'ambulancier|la diététicienne|le technicien|l'éditeur
""",
    "verbs": """
consulte|vérifie|partage|signale|transmet|relit|classe|protège|complète|retrouve|compare|imprime|chiffre|archive
corrige|confirme|refuse|explique|prépare|enregistre|demande|contrôle|annule|reporte|valide|décrit|choisit|attend
""",
    "objects": """
le dossier du patient|la lettre de liaison|le compte rendu|une ordonnance numérique|le mot de passe du poste
la messagerie sécurisée|le résultat d'analyse|le plan de soins|un consentement écrit|la carte professionnelle
le volet de synthèse|une image médicale|la liste des allergies|le formulaire d'admission|un certificat|la sauvegarde
le journal des accès|une alerte du service|le calendrier vaccinal|la procédure dégradée|un signalement
""",
    "endings": """
avant la transmission du soir|dès l'arrivée dans le service|sans attendre la réponse|depuis un poste partagé
après accord de la personne|avec l'aide d'un collègue|en cas de panne du réseau|selon la procédure affichée
au moment de la sortie|pendant la visite du matin|à la demande de la famille|pour la continuité des soins
devant deux témoins|chaque premier lundi du mois|malgré l'urgence|lorsque l'écran se verrouille
""",
    "links": "Ensuite,|Pourtant,|En pratique,|De son côté,|Par prudence,|Le plus souvent,|Enfin,|Ici,",
    "words": """
alerte|accord|badge|carte|clef|droit|fichier|preuve|réseau|secret|service|session|signature|trace|version
""",
}
SUBJECTS, VERBS, OBJECTS, ENDINGS, LINKS, WORDS = (
    text.strip().replace("\n", "|").split("|") for text in PHRASES.values()
)


def main() -> int:
    """Write the corpus into a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--courses", type=int, default=COURSES)
    parser.add_argument("--lessons", type=int, default=LESSONS, help="lessons in each course")
    options = parser.parse_args()
    write(options.folder, options.courses, options.lessons)
    return 0


def write(root: Path, courses: int = COURSES, lessons: int = LESSONS) -> None:
    """Write `courses` courses of `lessons` lessons below `root`."""
    for number in range(1, courses + 1):
        for name, text in course(number, lessons):
            path = root / f"corpus-{number:02}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


def course(number: int, lessons: int) -> Iterator[tuple[str, str]]:
    """Yield the (relative path, text) pairs of one course."""
    yield "course.yml", COURSE.format(number=f"{number:02}", minutes=lessons * 10)
    for drawing in range(1, 5):
        yield f"media/schema-{drawing}.svg", SVG.format(width=60 * drawing, label=WORDS[drawing])
    for index in range(lessons):
        module = index // LESSONS_IN_MODULE + 1
        if index % LESSONS_IN_MODULE == 0:
            yield f"{module:02}-module/_module.yml", f"title: Module {module}\n"
        chance = random.Random(number * 1000 + index)
        yield f"{module:02}-module/{index + 1:02}-lecon.md", lesson(chance, index + 1)


def lesson(chance: random.Random, number: int) -> str:
    """Return the text of one lesson; `number` counts from 1 in its course."""
    parts = [
        f"---\ntitle: Leçon {number}, {chance.choice(WORDS)} et {chance.choice(WORDS)}\nid: lecon-{number:02}\n"
        "duration: 10 min\n---",
        paragraph(chance, 4),
    ]
    for section in range(1, 5):
        parts += [f"## {section}. {sentence(chance).rstrip('.')}", paragraph(chance, 4), paragraph(chance, 3)]
        parts += [ILLUSTRATIONS[section - 1](chance), QUESTIONS[section - 1](chance, f"q{number:02}-{section}")]
    return "\n\n".join(parts) + "\n"


def sentence(chance: random.Random) -> str:
    """Return about ten words that read like French."""
    words = (chance.choice(SUBJECTS), chance.choice(VERBS), chance.choice(OBJECTS), chance.choice(ENDINGS))
    return " ".join(words).capitalize() + "."


def paragraph(chance: random.Random, sentences: int) -> str:
    """Return sentences, some joined by a link word, with some emphasis."""
    lines = []
    for position in range(sentences):
        text = sentence(chance)
        if position and chance.random() < 0.4:
            text = f"{chance.choice(LINKS)} {text[0].lower()}{text[1:]}"
        if chance.random() < 0.2:
            verb = next(word for word in text.split() if word in VERBS)
            text = text.replace(f" {verb} ", f" **{verb}** ", 1)
        lines.append(text)
    return "\n".join(lines)


def bullets(chance: random.Random) -> str:
    """Return a list of four sentences."""
    return "\n".join(f"- {sentence(chance)}" for _ in range(4))


def table(chance: random.Random) -> str:
    """Return a table of four rows."""
    rows = [f"| {chance.choice(OBJECTS)} | {chance.choice(SUBJECTS)} | {chance.randint(2, 90)} |" for _ in range(4)]
    return "\n".join(("| Document | Qui | Jours |", "| --- | --- | ---: |", *rows))


def code(chance: random.Random) -> str:
    """Return a fenced block of a few lines."""
    name, limit = chance.choice(WORDS), chance.randint(2, 60)
    body = f'def est_valide(dossier: dict[str, int]) -> bool:\n    return dossier.get("{name}", 0) < {limit}  # jours'
    return f"```python\n{body}\n```"


def image(chance: random.Random) -> str:
    """Return one of the course's images."""
    return f"![Schéma : {sentence(chance).rstrip('.')}](../media/schema-{chance.randint(1, 4)}.svg)"


def choice(chance: random.Random, name: str) -> str:
    """Return a question with four different answers, one of them right, each with feedback."""
    right = chance.randrange(4)
    pairs = chance.sample([f"{subject} {verb}" for subject in SUBJECTS for verb in VERBS[:6]], 4)
    answers = "\n".join(
        f"- [{'x' if index == right else ' '}] {pair.capitalize()} {chance.choice(OBJECTS)}.\n  > {sentence(chance)}"
        for index, pair in enumerate(pairs)
    )
    prompt = f"Que se passe-t-il {chance.choice(ENDINGS)} ?"
    explanation = f"> [!EXPLANATION]\n> {sentence(chance)}"
    return f"::: choice {{#{name}}}\n\n{prompt}\n\n{answers}\n\n{explanation}\n\n:::"


def fill(chance: random.Random, name: str) -> str:
    """Return a text with a typed gap, a number and a selection."""
    typed, other = chance.sample(WORDS, 2)
    chosen = chance.sample(WORDS, 3)
    text = (
        f"Quand {chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(OBJECTS)}, le mot juste est "
        f"[[{typed}|{typed} {other}]], le délai est de [[={chance.randint(1, 60)} ±1 jours]] et l'on retient "
        f"[[{chosen[0]}|*{chosen[1]}|{chosen[2]}]]."
    )
    return f"::: fill {{#{name}}}\n\n{text}\n\n> [!EXPLANATION]\n> {sentence(chance)}\n\n:::"


ILLUSTRATIONS = (table, code, image, bullets)
QUESTIONS = (choice, fill, choice, fill)

COURSE = """\
id: corpus-{number}
title: Cours de mesure {number}
version: 1.0.0
language: fr-FR
duration: {minutes} min
iri: https://carabin.example/corpus-{number}
mastery: 80
licence: CC-BY-4.0
"""

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 80" role="img"><title>{label}</title>
<rect x="4" y="20" width="{width}" height="40" fill="#0b5394"/><circle cx="290" cy="40" r="20" fill="#38761d"/></svg>
"""

if __name__ == "__main__":
    sys.exit(main())

"""`carabin check --spelling`: what is a word, in which language, and who knows it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from builder.cli import carabin
from builder.diagnostics import Diagnostics
from builder.load import load
from builder.pipeline import Options, check

COURSE = """\
id: course
title: Course
version: 1.0.0
language: {language}
iri: https://carabin.example/course
licence: CC-BY-4.0
duration: 5 min
"""
FRONT = "---\ntitle: Lesson\nduration: 5 min\n---\n"


def spelt(folder: Path, text: str, language: str, files: Mapping[str, str] | None = None) -> Diagnostics:
    """Return what is said of the spelling of a lesson."""
    course = folder / "course"
    for name, content in {
        "course/course.yml": COURSE.format(language=language),
        "course/lesson.md": FRONT + text,
        **(files or {}),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    found = check(load(course), Options(advises=True, spells=True)).diagnostics
    return tuple(one for one in found if one.code.startswith("A28"))


def words(found: Diagnostics) -> list[str]:
    return [str(one.arguments["word"]) for one in found if one.code == "A280"]


@pytest.mark.parametrize(
    "text",
    [
        "L’hôpital n’est jamais fermé ; aujourd’hui, jusqu'à midi, qu’on l'ouvre.",
        "Est-il là ? Va-t-il venir ? Donnez-le-moi, allez-vous-en, celui-ci et ces jours-là.",
        "Le cœur, la sœur, une œuvre, l’œil et l’œdème, « ex æquo ».",
        "Rendez-vous à l’après-midi, arc-en-ciel, médico-social.",
        "Cliquez sur le courriel, scannez, un clic, un quiz.",
        "L’ARS, la CNIL et les EHPAD appellent Wendelbert et Zyxa.",
        "Voir https://xqzt.example/wzrk, <zrtq@xqzt.example>, xqzt.example et wzrk.pdf ; 12h30, 3e, n°4, wzrk_x.",
        "Le code `wzrkt` et la formule $wzrkt$ ; [the doctor’s phone]{lang=en} sonne.",
        "Un·e soignant·e ; l’infirmier/infirmière.",
        "État, Éteindre, À, Ça, Ô, ÉCRAN.",
        "Un mot ouvert par une entité&nbsp;: &eacute;teint.",
    ],
)
def test_french_that_is_right(text: str, tmp_path: Path) -> None:
    assert words(spelt(tmp_path, text, "fr-FR")) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Il apele le medecin.", ["apele", "medecin"]),
        ("L’hopital est fermmé ; l’hopital dort.", ["L'hopital", "fermmé", "l'hopital"]),
        ("Donnnez-le. Donnnez-le.", ["Donnnez-le"]),
        ("Un **motfaux** et [the docttor]{lang=en}.", ["motfaux", "docttor"]),
        ("Apelez-moi demain.", ["Apelez-moi"]),
    ],
)
def test_french_that_is_wrong(text: str, wrong: list[str], tmp_path: Path) -> None:
    assert words(spelt(tmp_path, text, "fr")) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "Don’t open the doctor's mail; it’s a nurse’s, isn't it? We've read it, they'll know.",
        "A well-known, up-to-date e-mail in colour, or in color: centres organise and analyse programmes.",
        "Haemorrhage, paediatric and anaesthesia; a licence, a defence; cancelled, travelling, catalogue.",
        "Write it in [français, à l’hôpital]{lang=fr}.",
        "CPR and NHS, Wendelbert said: Wendelbert knows.",
    ],
)
def test_english_that_is_right(text: str, tmp_path: Path) -> None:
    assert words(spelt(tmp_path, text, "en")) == []


def test_a_word_is_told_at_its_place_with_what_is_near(tmp_path: Path) -> None:
    (found,) = spelt(tmp_path, "The doors.\n\n- Recieve the *docttor* today.\n", "en")[1:]
    assert (found.span.line, found.span.column, found.span.end_column) == (7, 16, 23)
    assert found.arguments == {"word": "docttor", "suggestions": "doctor"}


def test_accents_alone_are_suggested(tmp_path: Path) -> None:
    (found,) = spelt(tmp_path, "Le telephone sonne.", "fr")
    assert str(found.arguments["suggestions"]).startswith("téléphone")


def test_the_project_knows_words_of_its_own(tmp_path: Path) -> None:
    files = {
        "_shared/words.txt": "# names\nwzrkt  # a device\n",
        "course/words.txt": "\ufeffzrtqk\nZyxa-Bqrd\n",
        "course/characters.yml": "q:\n  name: Qwendl Trpz\n",
        "course/glossary.yml": "- term: plkjh\n  definition: A door.\n  forms: [plkjhs]\n",
    }
    text = "A wzrkt, Wzrkt, wzrkt’s, zrtqk-wzrkt. Zyxa. Qwendl closes the plkjhs, the plkjh. A zyxa."
    assert words(spelt(tmp_path, text, "en", files)) == ["zyxa"]
    (tmp_path / "course" / "words.txt").unlink()
    assert words(spelt(tmp_path, text, "en")) == ["zrtqk-wzrkt", "Zyxa", "zyxa"]


def test_a_line_of_the_list_that_is_no_word(tmp_path: Path) -> None:
    files = {"course/words.txt": "# words\ndoor\n  two words\n12\nwell-known\nl’hôpital\n"}
    found = spelt(tmp_path, "A door.", "en", files)
    assert [(one.code, one.span.line, one.span.column, one.arguments["text"]) for one in found] == [
        ("A281", 3, 3, "two words"),
        ("A281", 4, 1, "12"),
    ]


def test_a_language_without_dictionary_is_said_once(tmp_path: Path) -> None:
    (found, other) = spelt(tmp_path, "Eine Tuer, [a dooor]{lang=en}.", "de")
    assert (found.code, found.span.line, found.arguments["language"]) == ("A282", 4, "de")
    assert other.arguments["word"] == "dooor"


def test_a_comment_silences_mistakes_that_are_meant(tmp_path: Path) -> None:
    text = "<!-- carabin: allow A280 a real message -->\n\nYuor acount.\n\nYuor acount.\n"
    assert [one.span.line for one in spelt(tmp_path, text, "en")] == []


def test_without_being_asked_nothing_is_looked_up(tmp_path: Path) -> None:
    spelt(tmp_path, "Yuor acount.", "en")
    found = check(load(tmp_path / "course"), Options(advises=True)).diagnostics
    assert not [one for one in found if one.code.startswith("A28")]


def test_without_the_dictionaries_the_command_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spelt(tmp_path, "Yuor acount.", "en")
    arguments = ["check", str(tmp_path / "course"), "--spelling"]
    told = CliRunner().invoke(carabin, arguments)
    assert told.exit_code == 0
    assert "note[A280]" in told.output
    monkeypatch.setattr(import_module("builder.cli.check"), "find_spec", lambda name: None)
    told = CliRunner().invoke(carabin, arguments)
    assert told.exit_code == 2
    assert "carabin[spelling]" in told.output

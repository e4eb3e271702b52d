"""The pages beside the desk: what they say of a course, whom they let in, when they are made anew."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from test_serve import COURSE, LESSON, OTHER, PORT, TOKEN, Client, edit

from builder.coverage import of_course
from builder.model import Passage
from builder.serve.app import Preview
from builder.serve.desk import Desk
from builder.serve.pages import NAMES, POLICY, Advice, Adviser, Group, Pages, page, pictures, view

HERE = Path(__file__).parent
EVERYTHING = HERE / "courses" / "everything"
SAVOIRS = HERE / "browser" / "courses" / "savoirs"
TODAY = "2026-11-22"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"/>'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "essai"
    shutil.copytree(COURSE, folder)
    return folder


def advice(folder: Path, today: str = TODAY) -> Advice:
    """What is known of a course."""
    desk = Desk(folder)
    desk.build()
    found = Adviser(desk, lambda: today).look()
    assert found is not None
    return found


def rows(groups: list[Group]) -> list[Any]:
    return [row for group in groups for row in group.rows]


@pytest.fixture(scope="module")
def everything() -> Advice:
    return advice(EVERYTHING)


# --- requests --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = tmp_path_factory.mktemp("pages") / "essai"
    shutil.copytree(COURSE, folder)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "salle.svg").write_text(SVG, encoding="utf-8")
    return Client(folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_served_to_who_may_see_it(client: Client, name: str) -> None:
    status, headers, body = client.ask(f"/pages/{name}")
    assert status == 200
    assert headers["content-security-policy"] == POLICY
    assert b"<script>" not in body
    assert b"style=" not in body
    assert body.count(b'aria-current="page"') == 1
    for stranger in ({"cookie": ""}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.ask(f"/pages/{name}", headers=stranger)[0] == 403
    assert client.ask(f"/pages/{name}", headers={"host": "evil.example"})[0] == 421
    assert client.ask(f"/pages/{name}", "POST", {"content-type": "application/json"}, b"{}")[0] == 405


@pytest.mark.parametrize("path", ["/pages/", "/pages/nowhere", "/pages/../course.yml", "/pages/_page", "/pages"])
def test_there_are_no_other_pages(client: Client, path: str) -> None:
    assert client.ask(path)[0] == 404


def test_only_pictures_of_the_course_are_served(client: Client) -> None:
    client.ask("/pages/zones")
    known = client.preview.advised.adviser.advice
    assert known is not None
    names = pictures(known)
    assert names
    status, headers, body = client.ask(f"/picture/{names[0]}")
    assert (status, body) == (200, (client.desk.root / "media" / Path(names[0]).name).read_bytes())
    assert headers["content-type"].startswith("image/")
    assert "sandbox" in headers["content-security-policy"]
    outside = ("/etc/passwd", "course.yml", f"../essai/{names[0]}", f"{client.desk.root}/{names[0]}", "")
    for path in (*outside, names[0] + "\0", "media/nothing.png", LESSON):
        assert client.ask(f"/picture/{path}")[0] == 404
    assert client.ask(f"/picture/{names[0]}", headers={"cookie": ""})[0] == 403


def test_a_link_out_of_the_course_is_no_picture_of_it(course: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"secret")
    (course / "media").mkdir(exist_ok=True)
    (course / "media" / "lien.png").symlink_to(secret)
    edit(course / OTHER, lambda text: f"{text}\n\n![Un lien](media/lien.png)\n")
    client = Client(course)
    assert client.ask("/pages/zones")[0] == 200
    for path in ("media/lien.png", "essai/media/lien.png"):
        assert client.ask(f"/picture/{path}")[0] == 404


def test_a_picture_that_is_not_there_shows_the_first_one(client: Client) -> None:
    _, _, first = client.ask("/pages/zones")
    assert client.ask("/pages/zones", query="picture=../course.yml")[2] == first


# --- what they say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en", "de"])
@pytest.mark.parametrize("folder", [EVERYTHING, SAVOIRS, COURSE], ids=lambda path: path.name)
def test_every_page_of_every_course_can_be_made(folder: Path, language: str) -> None:
    """Also where there is no framework, no glossary, no fact; in a language without words, English is spoken."""
    known = advice(folder)
    for name in NAMES:
        text = page(name, known, language)
        assert f'<html lang="{"fr" if language == "fr" else "en"}">' in text
        assert "<built-in" not in text
        assert "\0" not in text


def test_contents_count_what_is_found_and_say_what_is_ready(course: Path) -> None:
    before = {one.id: one for one in rows(view("contents", advice(course), "en")["groups"])}
    assert before["hameconnage"].is_ready
    edit(course / LESSON, lambda text: f"{text}\n\nUn ~mot~.\n\n[Là](nulle-part.md)\n")
    edit(course / "course.yml", lambda text: f"{text}# carabin: allow A310 rien\n")
    shown = view("contents", advice(course), "en")
    row = next(one for one in rows(shown["groups"]) if one.id == "hameconnage")
    assert not row.is_ready
    assert ("error", "1 error") in row.counts
    assert ("warning", "1 warning") in row.counts
    assert row.lesson.href == "/#/hameconnage"
    assert {one.code for one in row.found} >= {"S155"}
    assert "S169" in {one.code for one in shown["others"]}, "what stands in no lesson is told apart"
    assert f"{len(before) - 1} of {len(before)} ready" in shown["totals"]


def test_every_question_says_what_is_right(everything: Advice) -> None:
    """Of a choice the answers are marked; of others, a line says it; where nothing is right, nothing does."""
    cards = {one.id: one for one in rows(view("questions", everything, "en")["groups"])}
    assert everything.course is not None
    for lesson in everything.course.lessons:
        for question in lesson.questions:
            card = cards.pop(question.id)
            marks = [one.right for one in card.words if one.right]
            wanted = question.type not in ("quiz", "open", "scale", "checklist", "flashcards")
            wanted &= question.is_scored or question.type != "scenario"
            assert bool(marks or card.right) == wanted, question.id
            assert question.type == "quiz" or card.words, question.id
            assert card.desk.href == f"/#/{lesson.id}/{question.id}"
            assert card.place.text == f"{question.span.file}:{question.span.line}"
    assert not cards


def test_what_is_right_is_said_in_words_of_each_type(everything: Advice) -> None:
    cards = {one.id: one for one in rows(view("questions", everything, "en")["groups"])}
    marks = {"".join(text for _, text in one.runs): one.right for one in cards["p-session"].words if one.right}
    assert marks == {"On la verrouille.": "yes", "On la laisse ouverte.": "no"}
    assert cards["c-gaps"].right[:2] == ("MSSanté or messagerie sécurisée", "3.4 – 3.6")
    assert cards["c-termes"].right[2] == "MSSanté → Messagerie des professionnels de santé."
    assert "Le nombre de lits → nowhere" in cards["c-donnees"].right
    assert cards["c-alerte"].right[1] == "2. Appeler votre responsable de la sécurité"
    assert cards["j-gestes"].right == (
        "Il demande votre mot de passe. → Je signale",
        "Une collègue demande l’heure. → Je réponds",
    )
    assert cards["j-nuit"].right == ("Best path: Je débranche le câble. → Je l’arrête et j’appelle.",)
    roles = [one.role for one in cards["c-donnees"].words]
    assert {"prompt", "answer", "feedback", "hint"} <= set(roles)


def test_coverage_is_that_of_the_command(everything: Advice) -> None:
    assert everything.course is not None
    shown = rows(view("coverage", everything, "en")["groups"])
    for row, known in zip(shown, of_course(everything.course).rows, strict=True):
        assert (row.id, len(row.taught), len(row.assessed)) == (
            known.objective.id,
            len(known.taught),
            len(known.assessed),
        )
        assert row.state == ("covered" if known.is_covered else "gap")
    assert bool(shown) == bool(everything.course.framework)


def test_the_glossary_says_where_words_are_linked(tmp_path: Path) -> None:
    folder = tmp_path / "savoirs"
    shutil.copytree(SAVOIRS, folder)
    edit(folder / "glossary.yml", lambda text: f"{text}- term: zététique\n  definition: L'art du doute.\n")
    groups = view("glossary", advice(folder), "en")["groups"]
    cards = {one.term: one for one in rows(groups)}
    used = cards["hameçonnage"]
    assert used.note == ""
    assert used.uses[0].href.startswith("/#/")
    assert dict(used.facts) == {"Forms": "hameçonnages", "English": "phishing", "From": "ANSSI"}
    assert cards["zététique"].note == "linked in no lesson"
    assert cards["zététique"].uses == ()


FACTS = """
- {id: F-A-10, note: Dix., source: Un livre, certainty: V2, validity: A, review_by: 2027-01-01}
- {id: F-A-9, note: Neuf., source: Un livre, certainty: V2, validity: A, review_by: 2027-01-01}
- {id: F-A-1, note: Un., source: Un livre, certainty: M, validity: A, review_by: 2026-11-21}
- {id: F-A-2, note: Deux., source: Un livre, certainty: P}
"""


def test_facts_that_are_overdue_come_first(course: Path) -> None:
    (course / "facts.yml").write_text(FACTS, encoding="utf-8")
    edit(course / LESSON, lambda text: text.replace("- [x] Une demande", "- [x] Une[^F-A-1] demande", 1))
    groups = view("facts", advice(course), "en")["groups"]
    assert [[one.id for one in group.rows] for group in groups] == [["F-A-1"], ["F-A-9", "F-A-10", "F-A-2"]]
    first = groups[0].rows[0]
    assert first.is_overdue
    assert first.place.text.endswith("facts.yml:4")
    assert [one.text for one in first.questions] == ["q-signes"]
    assert [one.href for one in first.uses] == ["/#/hameconnage"]
    assert dict(first.facts)["Certainty"] == "M, from memory, to be verified"
    assert groups[1].rows[2].note == "cited in no lesson"
    assert [
        [one.id for one in group.rows] for group in view("facts", advice(course, "2026-11-21"), "en")["groups"]
    ] == [["F-A-1", "F-A-9", "F-A-10", "F-A-2"]]


def test_what_authors_write_is_text(course: Path) -> None:
    """A title, an answer, a word, a fact, the name of a file: none of them becomes HTML."""
    evil = "<img src=x onerror=alert(1)>"
    edit(course / LESSON, lambda text: text.replace("title: Reconnaître", f"title: '{evil}'", 1))
    edit(course / LESSON, lambda text: text.replace("- [x] Une demande", f"- [x] `{evil}` demande", 1))
    (course / "glossary.yml").write_text(f"- term: '{evil}'\n  definition: '{evil}'\n", encoding="utf-8")
    (course / "facts.yml").write_text(
        f"- {{id: F-A-1, note: '{evil}', source: '{evil}', certainty: P}}\n", encoding="utf-8"
    )
    (course / "media").mkdir(exist_ok=True)
    (course / "media" / "<img src=x onerror=alert(1)>.svg").write_text("<svg/>", encoding="utf-8")
    known = advice(course)
    seen = 0
    for name in NAMES:
        text = page(name, known, "en")
        assert "<img src=x" not in text
        seen += evil in unescape(text)
    assert seen >= 5


# --- when they are made ----------------------------------------------------------------------------------------------


def test_what_is_known_is_that_of_the_last_build(course: Path) -> None:
    desk = Desk(course)
    desk.build()
    adviser = Adviser(desk)
    first = adviser.look()
    assert adviser.look() is first
    edit(course / LESSON, lambda text: f"{text}\n\nUn ~mot~.\n")
    assert adviser.look() is first, "nothing was built since"
    desk.build()
    second = adviser.look()
    assert second is not None
    assert second.number == 2
    assert "S155" in {one.diagnostic.code for one in second.found}
    assert adviser._memory.parsed == len(second.checked.lessons) + 1, "only what was edited is read anew"


def test_a_course_that_cannot_be_read_is_shown_as_it_was(course: Path) -> None:
    desk = Desk(course)
    desk.build()
    adviser = Adviser(desk)
    adviser.look()
    (course / "course.yml").write_text("id: [", encoding="utf-8")
    desk.build()
    known = adviser.look()
    assert known is not None
    for name in NAMES:
        assert "course.yml cannot be read" in page(name, known, "en")
    assert rows(view("contents", known, "en")["groups"])
    elsewhere = course.rename(course.with_name("ailleurs"))
    desk.build()
    assert adviser.look() is not None
    elsewhere.rename(course)


def test_a_course_that_was_never_read_has_pages_too(course: Path) -> None:
    (course / "course.yml").write_text("id: [", encoding="utf-8")
    known = advice(course)
    for name in NAMES:
        assert "course.yml cannot be read" in page(name, known, "en")


def test_advice_comes_once_after_a_burst_and_tells_what_the_build_does_not(course: Path) -> None:
    """Each build is told at once; one advice follows, without what was told already."""
    edit(course / LESSON, lambda text: text.replace("Un courriel qui", "Un ~courriel~ de la HQX qui", 1))
    desk = Desk(course)
    desk.build()

    async def changes() -> AsyncIterator[object]:
        for number in range(3):
            edit(course / LESSON, lambda text: f"{text}\n\nAjout.\n")
            yield number

    async def run() -> list[str]:
        preview = Preview(desk, TOKEN, PORT, "en", changes)
        queue: asyncio.Queue[str] = asyncio.Queue()
        preview._pages.add(queue)
        await preview.follow()
        told: list[str] = []
        while not told or "event: advice" not in told[-1]:
            told.append(await asyncio.wait_for(queue.get(), 30))
        await preview.advised.end()
        assert queue.empty()
        return told

    *builds, last = asyncio.run(run())
    assert [json.loads(one)["number"] for one in builds] == [2, 3, 4]
    said = json.loads(last.removesuffix("\nevent: advice"))
    assert said["number"] == 4
    codes = {one["code"] for one in said["diagnostics"]}
    assert "A250" in codes
    assert "S155" in {one["code"] for one in json.loads(builds[-1])["diagnostics"]}
    assert "S155" not in codes
    assert all(re.match(r"vscode://file/.*:\d+:\d+$", one["editor"]) for one in said["diagnostics"])


def test_what_was_due_at_the_end_is_forgotten(course: Path) -> None:
    desk = Desk(course)
    desk.build()
    told: list[str] = []

    async def run() -> None:
        pages = Pages(Adviser(desk), lambda: "en", told.append)
        pages.due()
        await pages.end()

    asyncio.run(run())
    assert told == []


@pytest.mark.parametrize(
    "question",
    [
        "::: match {#q-neuve}\n\nLesquels ?\n\n" + "".join(f"- Mot {n}\n  - Sens {n}\n" for n in range(30)) + "\n:::\n",
        "::: choice {#q-urgence}\n\nDeux fois ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n",
        "::: choice\n\nSans nom ?\n\n- [x] Oui\n- [ ] Non\n\n:::\n",
        "::: choice {#q-neuve}\n\nSans réponse ?\n\n:::\n",
    ],
    ids=["more parts than letters", "an id twice", "no id", "no answers"],
)
def test_questions_with_errors_are_shown_as_far_as_they_can_be(course: Path, question: str) -> None:
    edit(course / OTHER, lambda text: f"{text}\n\n{question}")
    known = advice(course)
    found = {one.diagnostic.severity.value for one in known.found if one.diagnostic.span.file.endswith(OTHER)}
    assert found & {"error", "warning"}, "a question without id is a draft here, and an error in `check`"
    assert "q-urgence" in page("questions", known, "en")


def test_passages_that_are_no_words_are_left_out(everything: Advice) -> None:
    """The marks of a matrix are not read out as if they were answers."""
    cards = {one.id: one for one in rows(view("questions", everything, "en")["groups"])}
    said = ["".join(text for _, text in one.runs).strip() for one in cards["j-gestes"].words]
    assert not {"[x]", "[ ]", ">"} & set(said)
    assert "Le signaler protège." in said


def test_pieces_of_other_files_do_not_raise(everything: Advice) -> None:
    """A question of an included file has its place there, and so do its words."""
    assert everything.course is not None
    included = [
        question
        for lesson in everything.course.lessons
        for question in lesson.questions
        if question.span.file != lesson.span.file
    ]
    assert included
    cards = {one.id: one for one in rows(view("questions", everything, "en")["groups"])}
    assert all(cards[one.id].place.text.startswith(one.span.file) for one in included)
    bare: dict[str, tuple[Passage, ...]] = {}
    without = replace(everything, checked=replace(everything.checked, prose=bare))
    assert all(one.words == () for one in rows(view("questions", without, "en")["groups"]))

"""Kinds of lessons: a profile that is no grade, practice that counts for nothing, an assessment; the attestation."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import ROOT, Shelf
from browser.learner import Learner
from browser.loopback import Loopback
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "kinds"


@pytest.fixture
def player(learner: Learner, shelf: Shelf) -> Learner:
    """A learner in the positioning lesson of the course."""
    shelf.build(COURSE)
    learner.launch("kinds")
    learner.go("reperage")
    return learner


def rows(learner: Learner) -> list[str]:
    texts = learner.content.locator(".profile-row:not([hidden])").all_inner_texts()
    return [" ".join(text.replace("\u00a0", " ").split()) for text in texts]


def test_a_profile_tells_where_to_begin_and_is_no_grade(player: Learner) -> None:
    expect(player.content.locator("[data-profile]")).to_be_hidden()
    player.pick("r1", "a")
    assert rows(player) == ["Fermer sa session Acquis (1 sur 1)"]
    player.pick("r2", "b")
    player.pick("r3", "b")
    player.content.locator("#r4 input").first.check()
    player.submit("r4")
    assert rows(player) == [
        "Fermer sa session À consolider (1 sur 2). À lire : La session",
        "Signaler À découvrir (0 sur 1). À lire : S’entraîner",
    ]
    assert violations(player.page, player.content) == []
    player.content.get_by_role("link", name="S’entraîner").last.click()
    expect(player.content.locator("main h1")).to_have_text("S’entraîner")
    player.pick("e1", "b")
    player.go("_results")
    grades = player.content.locator("[data-results-rows] .number")
    expect(grades).to_have_text(["–", "0 sur 1", "–", "0 sur 2"])
    assert player.field("core.score.raw") is None


def test_the_attestation_says_what_was_followed_and_what_it_is_not(player: Learner) -> None:
    player.go("_attestation")
    expect(player.content.locator("[data-attestation-not-yet]")).to_be_visible()
    expect(player.content.locator("[data-attestation]")).to_be_hidden()
    player.go("session")
    player.pick("s1", "a")
    player.read("examen")
    player.pick("x1", "a")
    player.pick("x2", "b")
    player.next()
    assert player.field("core.lesson_status") == "passed"
    player.content.get_by_role("link", name="Voir l’attestation").click()
    page = player.content.locator("main article:has([data-attestation]:not([hidden]))")
    expect(page).to_be_visible()
    text = page.inner_text().replace("\u00a0", " ")
    assert page.locator("[data-attestation-name]").inner_text() == "Martin, Jeanne"
    for words in ("Quatre sortes de leçons", "2.1.0", "2 h", "66,67 %", "Verrouiller son poste", "28 h en tout"):
        assert words in text
    assert "L’ensemble vaut 2 ECTS (formations d’essai) ; ce cours seul n’en donne pas." in text
    assert "Ce n’est ni un diplôme, ni une certification" in text
    assert page.locator("[data-attestation-receipt]").inner_text().startswith("CARABIN1/kinds/2.1.0/passed/66.67/")
    expect(page.locator("[data-attestation-ask]")).to_be_hidden()
    assert violations(player.page, player.content) == []
    assert too_wide(player.page, player.content) == []
    player.page.emulate_media(media="print")
    expect(page.locator("[data-action=print]")).to_be_hidden()


def test_where_nobody_is_known_the_learner_gives_a_name(
    chromium: Browser, loopback: Loopback, shelf: Shelf, tmp_path: Path
) -> None:
    """Without LMS nobody is named; what is typed is printed, and kept nowhere."""
    shelf.command("build", str(COURSE), "-t", "web", "--out", str(tmp_path))
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as archive:
        archive.extractall(tmp_path / "kinds")
    loopback.folders["/attestation/"] = tmp_path / "kinds"
    context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
    learner = Learner(context, loopback, inside="/attestation/")
    learner.page.goto(loopback.url("/attestation/index.html#/session"))
    learner.pick("s1", "a")
    learner.next()
    learner.go("examen")
    for question in ("x1", "x2"):
        learner.pick(question, "a")
    learner.next()
    learner.go("_attestation")
    page = learner.content.locator("main article:has([data-attestation]:not([hidden]))")
    expect(page).to_be_visible()
    expect(page.locator("[data-attestation-name]")).to_be_hidden()
    page.locator("[data-attestation-field]").fill("Inès Martin")
    learner.page.emulate_media(media="print")
    expect(page.locator("[data-attestation-name]")).to_have_text("Inès Martin")
    expect(page.locator("[data-attestation-name]")).to_be_visible()
    expect(page.locator("[data-attestation-ask]")).to_be_hidden()
    assert "Inès" not in str(learner.page.evaluate("({ ...localStorage })"))
    context.close()


def test_an_assessment_is_not_answered_again(player: Learner) -> None:
    """After `failed` a learner may answer again what was missed, outside of assessments."""
    for lesson, questions in (("session", ["s1"]), ("entrainement", []), ("reperage", []), ("examen", ["x1", "x2"])):
        player.go(lesson)
        for question in questions:
            player.pick(question, "b")
        player.next()
    assert player.field("core.lesson_status") == "failed"
    expect(player.content.locator("[data-results-attestation]")).to_be_hidden()
    player.content.locator("[data-action=answer-again]").click()
    expect(player.question("s1").locator("[data-action=submit]")).to_be_visible()
    player.go("examen")
    expect(player.question("x1").locator("[data-action=submit]")).to_be_hidden()

"""No-break spaces and apostrophes in French, and nowhere else."""

from __future__ import annotations

import pytest

from builder.typography import NARROW, NO_BREAK, typeset

CASES = {
    "Que faire ?": "Que faire_?",
    "Attendez ; non !": "Attendez_; non_!",
    "Oui : alerter": "Oui~: alerter",
    "« oui »": "«~oui~»",
    " : après un mot en gras": "~: après un mot en gras",
    "une dose de 5 mg, puis 80 %": "une dose de 5~mg, puis 80~%",
    "à 14 h 12, le 3 mars": "à 14~h~12, le 3 mars",
    "en 2022 300 agents": "en 2022 300 agents",
    "https://ch.example/a:b?c": "https://ch.example/a:b?c",
    "15:30": "15:30",
    "les 3 messages": "les 3 messages",
    "déjà\u00a0: posé": "déjà~: posé",
    "L'écran d'à côté, aujourd'hui": "L’écran d’à côté, aujourd’hui",
    "l'« astreinte » de l'11e étage": "l’«~astreinte~» de l’11e étage",
    "l'": "l’",
    "parce qu'": "parce qu’",
    "'mot": "'mot",
    "un 'mot' et 3' de pause": "un 'mot' et 3' de pause",
}


@pytest.mark.parametrize(("typed", "shown"), CASES.items())
def test_french(typed: str, shown: str) -> None:
    assert typeset(typed, "fr-FR") == shown.replace("~", NO_BREAK).replace("_", NARROW)


@pytest.mark.parametrize("typed", CASES)
def test_twice_is_once_and_no_other_character_changes(typed: str) -> None:
    once = typeset(typed, "fr-CA")
    assert typeset(once, "fr-CA") == once
    plain = once.replace(NO_BREAK, " ").replace(NARROW, " ").replace("’", "'")
    assert plain == typed.replace(NO_BREAK, " ")


@pytest.mark.parametrize("typed", CASES)
def test_other_languages_are_left_alone(typed: str) -> None:
    assert typeset(typed, "en-GB") == typed

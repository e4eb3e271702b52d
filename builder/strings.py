"""The words of every locale: `locales/<language>.yml`, and beside each feature its `x.yml` (architecture, decision 10).

A locale has the sections of `SECTIONS`. A feature's `x.yml` holds the same sections below each language:

    en: {page: {…}, player: {…}, diagnostics: {Q101: {name: …, message: …, hint: …, explain: …}}}
    fr: {…}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECTIONS = ("cli", "diagnostics", "page", "pages", "player", "serve", "sheet", "xapi")
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """What a diagnostic says: `name` is the same in every language; `message` and `hint` take arguments.

    A brace that is text is doubled in all of them, as in `str.format`.
    """

    name: str
    message: str
    hint: str
    explain: str


@dataclass(frozen=True, slots=True)
class FindingText:
    """What a finding about a package says: `name` is the same in every language; `message`, `consequence` (what becomes
    of the package, in which LMSs) and `hint` take arguments, as `str.format` does."""

    name: str
    message: str
    consequence: str
    hint: str
    explain: str


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a locale, sorted."""
    return tuple(sorted(path.stem for path in (HERE / "locales").glob("*.yml")))


def language_of(tag: str) -> str:
    """Return the language whose words serve a tag (`fr-FR`, `fr_CA.UTF-8`): its own, else English."""
    primary = tag.replace("_", "-").split("-")[0].split(".")[0].lower()
    return primary if primary in languages() else FALLBACK


def chosen_language(option: str | None, environment: Mapping[str, str]) -> str:
    """Return the language of messages: the option, else the locale of the environment, else English.

    Source: POSIX.1-2017 XBD §8.2 (LC_ALL, LC_MESSAGES, LANG; the first that is set and not empty rules).
    """
    variables = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return language_of(option or next((value for value in variables if value), FALLBACK))


def strings(language: str, kind: str) -> Mapping[str, str]:
    """Return the words of one section, `diagnostics` excepted, for a language tag; a missing language reads English."""
    assert kind in {*SECTIONS} - {"diagnostics"}, kind
    return _locale(language_of(language))[kind]


def counted(words: Mapping[str, str], key: str, count: float, language: str) -> str:
    """Return `key_one` or `key_other` with its `{count}`; in French, all that is below two is singular.

    Source: CLDR, plural rules of en and fr.
    """
    is_french = language_of(language) == "fr"
    is_single = count < 2 if is_french else count == 1
    number = f"{count:.12g}".replace(".", "," if is_french else ".")
    return words[f"{key}_{'one' if is_single else 'other'}"].format(count=number)


@cache
def diagnostic_texts(language: str) -> Mapping[str, Text]:
    """Return what each code says, by code."""
    found = _locale(language_of(language))["diagnostics"]
    return {code: Text(**{key: str(value).strip() for key, value in found[code].items()}) for code in sorted(found)}


@cache
def finding_texts(language: str) -> Mapping[str, FindingText]:
    """Return what each code of `carabin inspect` says, by code: `inspect/findings.yml`, in a language that has a locale
    or in English."""
    found = _read(HERE / "inspect" / "findings.yml")
    language = language_of(language)
    return {
        code: FindingText(one["name"], **{key: str(value).strip() for key, value in one[language].items()})
        for code, one in sorted(found.items())
    }


@cache
def settings_texts() -> Mapping[str, Any]:
    """Return what people read about files of settings and their keys, in English, by format: `schema.yml`."""
    return _read(HERE / "schema.yml")


@cache
def _locale(language: str) -> Mapping[str, dict[str, Any]]:
    """Return all sections of a language, its features' words included."""
    sections: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    features = (path for seam in ("asides", "questions") for path in sorted((HERE / seam).glob("*.yml")))
    for part in (_read(HERE / "locales" / f"{language}.yml"), *(_read(path).get(language) or {} for path in features)):
        for name, words in part.items():
            sections[name].update(words or {})
    return sections


def _read(path: Path) -> dict[str, Any]:
    import yaml

    content = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert isinstance(content, dict), path
    return content

"""SARIF of every diagnostic against the rules of SARIF 2.1.0 that concern what we write."""

from __future__ import annotations

import json
from string import Formatter
from typing import Any

import pytest
from jsonschema import Draft7Validator

from builder.diagnostics import Diagnostic, Severity, Span
from builder.report import as_github, as_sarif, locate
from builder.strings import diagnostic_texts, languages

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
POSITIVE = {"type": "integer", "minimum": 1}
RULE = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z][0-9]{3}$"},
        "name": {"type": "string", "minLength": 1},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
    },
}
REGION = {
    "type": "object",
    "required": ["startLine"],
    "additionalProperties": False,
    "properties": dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), POSITIVE),
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~!$&'()*+,;=@/%-]+$"}},
                },
                "region": REGION,
            },
        }
    },
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
    },
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string", "minLength": 1},
                                    "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+([-+.].*)?$"},
                                    "rules": {"type": "array", "uniqueItems": True, "items": RULE},
                                },
                            }
                        },
                    },
                    "language": {"type": "string", "pattern": "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}
"""§3.13 (log), §3.14 (run), §3.19 (component), §3.27 (result), §3.29 (location), §3.30 (region), §3.49 (rule): what
each requires, and the names that it gives to what we write; another would be a slip."""


def one_of_each() -> list[Diagnostic]:
    """Return a finding of every code, at places of every shape."""
    found = []
    for number, (code, text) in enumerate(diagnostic_texts("en").items()):
        names = {name for part in (text.message, text.hint) for _, name, _, _ in Formatter().parse(part) if name}
        severity = (*Severity,)[number % 3]
        place = Span(f"mod {number}/é:#{number % 7}.md", number + 1, 2, number + 1 + number % 2, 9)
        found.append(
            Diagnostic(code, severity, place if number % 3 else Span(place.file), dict.fromkeys(names, "a\nb"))
        )
    return found


@pytest.mark.parametrize("language", languages())
def test_sarif_of_every_diagnostic(language: str) -> None:
    found = one_of_each()
    log: dict[str, Any] = json.loads(as_sarif(locate(found, lambda file: None), language))
    Draft7Validator(LOG).validate(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(found) == len(rules)
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])


def test_sarif_without_findings_says_that_all_was_looked_at() -> None:
    """§3.14.23: `results` is an empty array, not absent, when the check ran and found nothing."""
    log = json.loads(as_sarif((), "en"))
    Draft7Validator(LOG).validate(log)
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("language", languages())
def test_github_takes_every_diagnostic_on_a_line_of_its_own(language: str) -> None:
    found = one_of_each()
    lines = as_github(locate(found, lambda file: None), language).splitlines()
    assert len(lines) == len(found)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)

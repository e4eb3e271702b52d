"""What was found about packages, for readers: text, JSON schema 1, SARIF 2.1.0, and a page as data.

Everything here is a function from values to text or data; `cli/` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import click

from builder import __version__
from builder.diagnostics import Severity
from builder.inspect import Finding, Inspected, Verdict
from builder.inspect.receipt import Receipt
from builder.report import COLOURS, SARIF_SCHEMA, dump, plain
from builder.sheet import SheetCell, SheetFact, SheetPage, SheetSection, SheetTable
from builder.strings import FindingText, finding_texts, strings

SEVERITIES = {Verdict.BROKEN: Severity.ERROR, Verdict.RISKY: Severity.WARNING, Verdict.GOOD: Severity.NOTE}
VERDICT_COLOURS = {Verdict.BROKEN: "red", Verdict.RISKY: "yellow", Verdict.GOOD: "green"}

LONGEST = 200
"""Characters of a name or value of a package that are shown."""


def filled(template: str, finding: Finding, language: str) -> str:
    """Fill in a text of a finding, on one line; what a package says must not steer a terminal."""
    words = strings(language, "cli")
    arguments: dict[str, str] = {}
    for key, value in finding.arguments.items():
        text = str(value)
        if key == "looks":
            text = words[f"inspect_looks_{text}"]
        elif text in ("", "-"):
            text = words["none_known"]
        arguments[key] = short(text)
    return plain(template.format_map(arguments))


def short(text: str) -> str:
    """Return a name or a value of a package, cut where it is very long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def message_of(finding: Finding, language: str) -> str:
    """Return what was found, in words, on one line."""
    return filled(finding_texts(language)[finding.code].message, finding, language)


def consequence_of(finding: Finding, language: str) -> str:
    """Return what becomes of the package, and in which LMSs, on one line."""
    return filled(finding_texts(language)[finding.code].consequence, finding, language)


def hint_of(finding: Finding, language: str) -> str:
    """Return the one thing to do, on one line."""
    return filled(finding_texts(language)[finding.code].hint, finding, language)


def place_of(finding: Finding) -> str:
    """Return the member that a finding is about, with the line where it is known; empty for the whole package."""
    path = plain(short(finding.path))
    return f"{path}:{finding.line}" if finding.line else path


def standard_of(inspected: Inspected, language: str) -> str:
    """Return the name of a package's standard."""
    return strings(language, "cli")[f"inspect_standard_{inspected.standard or 'none'}"]


def verdict_of(inspected: Inspected, language: str) -> str:
    """Return the verdict about a package as sentences: what it is, what that means, what it opens."""
    words = strings(language, "cli")
    said = words[f"inspect_verdict_{inspected.verdict.value}"].format(standard=standard_of(inspected, language))
    if not inspected.launches:
        return said
    file, title = (plain(short(part)) for part in inspected.launches[0])
    key = "inspect_opens_one" if len(inspected.launches) == 1 else "inspect_opens_other"
    return f"{said} {words[key].format(file=file, title=title or '…', count=len(inspected.launches))}"


# --- text ------------------------------------------------------------------------------------------------------------


def as_text(found: Iterable[Inspected], language: str, colour: bool) -> str:
    """Return one block a finding, worst first, and a sentence for each package."""
    return "\n".join(_text(one, language, colour) for one in found)


def _text(inspected: Inspected, language: str, colour: bool) -> str:
    words = strings(language, "cli")
    path = plain(inspected.path)
    blocks = []
    for finding in inspected.findings:
        severity = SEVERITIES[finding.verdict]
        label = paint(f"{severity.value}[{finding.code}]", colour, COLOURS[severity])
        place = ": ".join(part for part in (path, place_of(finding)) if part)
        blocks.append(
            f"{place}: {label}: {paint(message_of(finding, language), colour)}\n"
            f"  = {words['inspect_consequence']} {consequence_of(finding, language)}\n"
            f"  = {words['hint']} {hint_of(finding, language)}\n"
            f"  = {words['more']} carabin explain {finding.code}\n"
        )
    label = words[f"inspect_{inspected.verdict.value}"]
    said = f"{path}: {paint(label, colour, VERDICT_COLOURS[inspected.verdict])}. {verdict_of(inspected, language)}\n"
    return "\n".join((*blocks, said))


def paint(text: str, colour: bool, foreground: str | None = None) -> str:
    """Return a text in bold, in a colour where one is given, for a terminal that shows them."""
    return click.style(text, fg=foreground, bold=True) if colour else text


# --- machines --------------------------------------------------------------------------------------------------------


def as_json(found: Iterable[Inspected], language: str) -> str:
    """Return `inspect --format json`, schema 1 (product, "Machine-readable output")."""
    packages = [
        {
            "path": one.path,
            "standard": one.standard,
            "verdict": one.verdict.value,
            "findings": [
                {
                    "code": finding.code,
                    "severity": SEVERITIES[finding.verdict].value,
                    "path": short(finding.path),
                    "message": message_of(finding, language),
                    "consequence": consequence_of(finding, language),
                }
                for finding in one.findings
            ],
        }
        for one in found
    ]
    return dump({"schema": 1, "packages": packages})


def as_sarif(found: Sequence[Inspected], language: str) -> str:
    """Return a SARIF log with one run: a result a finding, placed at its package, with the member as logical location.

    Source: SARIF 2.1.0 §3.19 (toolComponent), §3.27 (result), §3.28 (location), §3.33 (logicalLocation).
    """
    texts = finding_texts(language)
    codes = sorted({finding.code for one in found for finding in one.findings})
    rules = [_rule(code, texts[code]) for code in codes]
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": SEVERITIES[finding.verdict].value,
            "message": {
                "text": "\n".join(say(finding, language) for say in (message_of, consequence_of, hint_of)),
            },
            "locations": [_location(one, finding)],
        }
        for one in found
        for finding in one.findings
    ]
    driver = {"name": "carabin", "semanticVersion": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "language": language, "results": results}
    return dump({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, text: FindingText) -> dict[str, object]:
    return {
        "id": code,
        "name": text.name,
        "shortDescription": {"text": plain(text.message)},
        "fullDescription": {"text": text.explain},
        "help": {"text": plain(text.hint)},
    }


def _location(inspected: Inspected, finding: Finding) -> dict[str, object]:
    physical = {"artifactLocation": {"uri": quote(inspected.path, errors="surrogateescape")}}
    member = place_of(finding)
    logical = {"logicalLocations": [{"fullyQualifiedName": member}]} if member else {}
    return {"physicalLocation": physical, **logical}


# --- page ------------------------------------------------------------------------------------------------------------


def page_of(found: Sequence[Inspected], language: str) -> SheetPage:
    """Return the report as a page in the form of the administrator's sheet: a section a package."""
    words = strings(language, "cli")
    facts = [
        SheetFact(words[f"inspect_{verdict.value}"].capitalize(), SheetCell((str(count),)))
        for verdict in (Verdict.BROKEN, Verdict.RISKY, Verdict.GOOD)
        if (count := sum(one.verdict is verdict for one in found))
    ]
    sections = [_section(number, one, language, words) for number, one in enumerate(found, 1)]
    return SheetPage(
        language,
        words["inspect_title"],
        words["inspect_lead"],
        words["inspect_contents"],
        tuple(facts),
        tuple(sections),
    )


def _section(number: int, inspected: Inspected, language: str, words: Mapping[str, str]) -> SheetSection:
    label = words[f"inspect_{inspected.verdict.value}"]
    rows = tuple(
        (
            SheetCell(tuple(line for line in (_label(one, words), place_of(one)) if line)),
            *(SheetCell((unmarked(say(one, language)),)) for say in (message_of, consequence_of, hint_of)),
        )
        for one in inspected.findings
    )
    columns = tuple(words[f"inspect_{key}_heading"] for key in ("code", "finding", "consequence", "hint"))
    table = SheetTable(words["inspect_findings"].format(path=plain(inspected.path)), columns, rows)
    return SheetSection(
        f"package-{number}",
        words["inspect_heading"].format(path=plain(inspected.path), verdict=label),
        (verdict_of(inspected, language),),
        (),
        (table,) if rows else (),
    )


def _label(finding: Finding, words: Mapping[str, str]) -> str:
    severity = SEVERITIES[finding.verdict].value
    return words[f"inspect_severity_{severity}"].format(code=finding.code)


def unmarked(text: str) -> str:
    """Return a text for a page, without the marks of code that a terminal shows."""
    return text.replace("`", "")


# --- receipts --------------------------------------------------------------------------------------------------------


def receipt_text(receipt: Receipt | None, language: str) -> str:
    """Return what a receipt claims, one line a fact, and how far it can be trusted."""
    words = strings(language, "cli")
    if receipt is None:
        return words["receipt_unreadable"] + "\n"
    score = words["receipt_percent"].format(score=receipt.score.replace(".", words["decimal_mark"]))
    facts = {
        "course": receipt.course,
        "version": receipt.version,
        "status": words[f"receipt_status_{receipt.status}"],
        "score": score if receipt.score else words["receipt_unscored"],
        "date": receipt.date,
    }
    lines = [f"{words[f'receipt_{key}']} {value}" for key, value in facts.items()]
    lines += [words["receipt_holds" if receipt.holds else "receipt_differs"], words["receipt_claim"]]
    return "\n".join(lines) + "\n"


def receipt_json(receipt: Receipt | None) -> str:
    """Return `inspect --receipt CODE --format json`, schema 1; `receipt` is null where the code is none."""
    if receipt is None:
        return dump({"schema": 1, "receipt": None})
    keys = ("course", "version", "status", "score", "date", "holds")
    return dump({"schema": 1, "receipt": {key: getattr(receipt, key) for key in keys}})

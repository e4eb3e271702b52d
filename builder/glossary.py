"""The glossary: words explained once, linked at their first use in each lesson (language, "Variables, links, facts").

`Glossary.pattern` is one expression for the whole course, so that a text costs one search however many words there are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from builder.diagnostics import Diagnostics, error
from builder.load import Source
from builder.model import Term
from builder.settings import Table, read_tables

PAGE = "_glossary.html"
"""The page of the glossary in a package."""

_SPACES = re.compile("[ \t\n\u00a0\u202f]+")
_APOSTROPHES = "'’ʼ"


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms of a course; `pattern` finds any of their forms, and `by_form` says whose it is."""

    terms: tuple[Term, ...]
    pattern: re.Pattern[str]
    by_form: Mapping[str, Term]

    def term(self, found: str) -> Term | None:
        """Return the term of which a text that `pattern` has found is a form.

        None where only Unicode's normal forms make it look like one: capitals of rare letters fall apart.
        """
        return self.by_form.get(_key(found))


def read_glossary(own: Source | None, shared: Source | None) -> tuple[Glossary | None, Diagnostics]:
    """Return the words of the course and of `_shared/`, of which the course's win; None without any.

    Reports a form that stands twice in one file (S175).
    """
    by_form: dict[str, Term] = {}
    terms: list[Term] = []
    found: Diagnostics = ()
    for source in (own, shared):
        if source is None:
            continue
        tables, problems = read_tables(source.text, source.file)
        here: dict[str, Term] = {}
        for table in tables:
            term = _term(table, is_shared=source is shared)
            if not term.term:
                continue
            for form in (term.term, *term.forms):
                if _key(form) in here:
                    problems.append(error("S175", term.span, text=form, line=here[_key(form)].span.line))
                here.setdefault(_key(form), term)
            if _key(term.term) not in by_form:
                terms.append(term)
        for form, term in here.items():
            by_form.setdefault(form, term)
        found += tuple(problems)
    if not terms:
        return None, found
    anchored = {id(term): replace(term, anchor=anchor) for term, anchor in zip(terms, _anchors(terms), strict=True)}
    forms = {form: anchored[id(term)] for form, term in by_form.items() if id(term) in anchored}
    return Glossary(tuple(anchored.values()), _pattern(forms), forms), found


def sort_key(term: Term) -> tuple[str, str]:
    """Return what puts terms in the order of a dictionary: accents and capitals count last."""
    return _plain(term.term), term.term


def _term(table: Table, *, is_shared: bool) -> Term:
    table.require("term", "definition")
    term = Term(
        anchor="",
        term=table.text("term"),
        definition=table.text("definition"),
        forms=table.texts("forms"),
        english=table.text("en"),
        source=table.text("source"),
        is_shared=is_shared,
        span=table.place("term"),
    )
    table.finish()
    return term


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    """Return an expression that finds whole words, the longest first, their first letter in either case.

    Forms are grouped by their first letter: where none begins, nothing else is tried.
    """
    groups: dict[str, list[str]] = {}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        groups.setdefault(form[0], []).append(_expression(form[1:]))
    letters = (f"[{re.escape(first)}{re.escape(first.upper())}](?:{'|'.join(rest)})" for first, rest in groups.items())
    return re.compile(rf"(?<![\w-])(?:{'|'.join(letters)})(?![\w-])")


def _expression(form: str) -> str:
    """Return what matches a form, however its spaces and apostrophes are typed."""
    words = (re.escape(word) for word in form.split(" "))
    return "[ \t\n\u00a0\u202f]+".join(words).replace("'", f"[{_APOSTROPHES}]")


def _key(form: str) -> str:
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", form)).strip()
    for apostrophe in _APOSTROPHES[1:]:
        text = text.replace(apostrophe, "'")
    return text[:1].lower() + text[1:]


def _anchors(terms: Iterable[Term]) -> list[str]:
    """Return an id for each term: `t-hameconnage`; a number where two would be the same."""
    result: list[str] = []
    for term in terms:
        base = "t-" + (re.sub(r"[^a-z0-9]+", "-", _plain(term.term)).strip("-")[:60] or "term")
        number = 2
        anchor = base
        while anchor in result:
            anchor, number = f"{base}-{number}", number + 1
        result.append(anchor)
    return result


def _plain(text: str) -> str:
    return unicodedata.normalize("NFD", text.casefold()).encode("ascii", "ignore").decode()

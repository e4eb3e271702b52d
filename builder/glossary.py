"""The glossary: words explained once, linked at their first use in each lesson (language, "Variables, links, facts").

`Glossary.pattern` is one expression for the whole course, so that a text costs one search however many words there are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from builder.diagnostics import Diagnostic, Diagnostics, error, warning
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


def read_glossary(
    own: Source | None, shared: Source | None, ours: Iterable[Term] = ()
) -> tuple[Glossary | None, Diagnostics]:
    """Return the words of the course and of `_shared/`, of which the course's win; None without any.

    `ours`, of an overlay, win over both; one without definition changes the term that is there (Q496: there is none).
    """
    groups: list[tuple[Term, ...]] = []
    found: list[Diagnostic] = []
    for source in (own, shared):
        if source is not None:
            tables, problems = read_tables(source.text, source.file)
            groups.append(terms_of(tables, problems, is_shared=source is shared))
            found += problems
    groups.insert(0, tuple(_changed(ours, groups, found)))
    by_form: dict[str, Term] = {}
    terms: list[Term] = []
    for group in groups:
        terms += [term for term in group if _key(term.term) not in by_form]
        by_form = {_key(form): term for term in reversed(group) for form in (term.term, *term.forms)} | by_form
    if not terms:
        return None, tuple(found)
    anchored = {id(term): replace(term, anchor=anchor) for term, anchor in zip(terms, _anchors(terms), strict=True)}
    forms = {form: anchored[id(term)] for form, term in by_form.items() if id(term) in anchored}
    return Glossary(tuple(anchored.values()), _pattern(forms), forms), tuple(found)


def terms_of(
    tables: Iterable[Table], found: list[Diagnostic], *, is_shared: bool, is_whole: bool = True
) -> tuple[Term, ...]:
    """Return the terms of one file; a form that stands twice is added to `found` (S175).

    Unless `is_whole`, a term may come without definition.
    """
    terms: list[Term] = []
    here: dict[str, Term] = {}
    for table in tables:
        term = _term(table, is_shared=is_shared, is_whole=is_whole)
        if not term.term:
            continue
        for form in (term.term, *term.forms):
            if _key(form) in here:
                found.append(error("S175", term.span, text=form, line=here[_key(form)].span.line))
            here.setdefault(_key(form), term)
        terms.append(term)
    return tuple(terms)


def _changed(ours: Iterable[Term], groups: Iterable[Iterable[Term]], found: list[Diagnostic]) -> Iterator[Term]:
    """Yield the terms of an overlay, whole: what they leave open is as the course says.

    A definition of its own does not keep the source of the other one.
    """
    known: dict[str, Term] = {}
    for group in groups:
        for term in group:
            known.setdefault(_key(term.term), term)
    for term in ours:
        base = known.get(_key(term.term))
        if base is not None:
            yield replace(
                term,
                definition=term.definition or base.definition,
                forms=term.forms or base.forms,
                english=term.english or base.english,
                source=term.source or ("" if term.definition else base.source),
                is_shared=base.is_shared,
            )
        elif term.definition:
            yield term
        else:
            found.append(warning("Q496", term.span, term=term.term))


def sort_key(term: Term) -> tuple[str, str]:
    """Return what puts terms in the order of a dictionary: accents and capitals count last."""
    return _plain(term.term), term.term


def _term(table: Table, *, is_shared: bool, is_whole: bool) -> Term:
    table.require("term", *(("definition",) if is_whole else ()))
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

"""Findings about the source: what is wrong, where, and one thing to do about it.

A diagnostic carries a code and arguments; its words live in `locales/` (architecture, decision 10), so that the same
finding reads in French or English and machines never depend on the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    """How much a finding weighs: an error stops the course, a warning can be silenced, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one source file.

    `file` is relative to the folder given on the command line's tree (POSIX slashes); `line` and `column` are 1-based,
    columns count characters; `end_column` is exclusive. A finding about a whole file has line 1, column 1.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def end(self) -> tuple[int, int]:
        """Return the exclusive end; one character when none was given."""
        if self.end_line:
            return self.end_line, self.end_column
        return self.line, self.column + 1


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `arguments` fill the message and hint of `code` in every locale."""

    code: str
    severity: Severity
    span: Span
    arguments: Mapping[str, str | int] = field(default_factory=dict)


Diagnostics = tuple[Diagnostic, ...]


def error(code: str, span: Span, **arguments: str | int) -> Diagnostic:
    """Return a finding that stops the course."""
    return Diagnostic(code, Severity.ERROR, span, arguments)


def warning(code: str, span: Span, **arguments: str | int) -> Diagnostic:
    """Return a finding that can be silenced next to the block it is about."""
    return Diagnostic(code, Severity.WARNING, span, arguments)


def note(code: str, span: Span, **arguments: str | int) -> Diagnostic:
    """Return a finding that only informs."""
    return Diagnostic(code, Severity.NOTE, span, arguments)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any finding stops the course."""
    return any(found.severity is Severity.ERROR for found in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> Diagnostics:
    """Return the findings by place, each once."""
    unique = {(found.span, found.code, tuple(sorted(found.arguments.items()))): found for found in diagnostics}
    return tuple(unique[key] for key in sorted(unique, key=lambda key: (key[0], key[1], str(key[2]))))

"""Runs the rules of `lint/` over a course."""

from __future__ import annotations

from importlib import import_module

from builder.diagnostics import Diagnostics
from builder.lint import Rule, Subject
from builder.seams import features


def check(subject: Subject) -> Diagnostics:
    """Return what the rules find."""
    return tuple(found for rule in rules() for found in rule(subject))


def rules() -> tuple[Rule, ...]:
    """Return every rule of the seam, in the order of files and of their lists."""
    return tuple(rule for name in features("lint") for rule in import_module(f"builder.lint.{name}").RULES)

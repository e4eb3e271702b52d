"""Seams: folders in which a file is a feature (architecture, decision 3)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType


@cache
def features(seam: str) -> tuple[str, ...]:
    """Return the names of a seam's modules, sorted: `features("questions")`."""
    folder = Path(__file__).parent / seam
    return tuple(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")))


@cache
def feature(seam: str, name: str) -> ModuleType:
    """Import one module of a seam."""
    return import_module(f"builder.{seam}.{name.replace('-', '_')}")

"""What LMS products cannot keep, whatever a package does: a line of the administrator's sheet for each.

The facts are data beside those that the simulated LMS plays (`lms/profiles/<product>.yml`, for SCORM 2004
`lms/profiles2004/`: `name`, `cannot_en`, `cannot_fr`); the tests of the player prove that nothing else is lost, and
that these things are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from builder.strings import language_of

PROFILES = Path(__file__).parent / "lms" / "profiles"
FOLDERS = {"scorm12": PROFILES, "scorm2004": PROFILES.with_name("profiles2004")}
"""Profiles by the driver that they were made for."""


@dataclass(frozen=True, slots=True)
class Product:
    """An LMS, and what it cannot keep: a clause without full stop."""

    name: str
    cannot: str


@cache
def products(language: str, driver: str = "scorm12") -> tuple[Product, ...]:
    """Return the products that lose something of what a driver tells, sorted by name, in the language of a tag."""
    import yaml

    key = f"cannot_{language_of(language)}"
    profiles = (yaml.safe_load(path.read_text("utf-8")) for path in FOLDERS[driver].glob("*.yml"))
    found = (Product(str(profile["name"]), str(profile[key])) for profile in profiles if profile.get(key))
    return tuple(sorted(found, key=lambda product: product.name.casefold()))

"""The package for trainers, in the colours of an institution: notes are named groups, axe-core finds nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import ROOT, Shelf
from browser.test_pages import too_wide, violations

COURSE = ROOT / "tests" / "courses" / "asides"
OVERLAY = """\
theme:
  tokens:
    color-accent: {light: '#7a1f4b', dark: '#f0a8c8'}
    color-accent-strong: {light: '#5a1236', dark: '#f7c9dd'}
    color-accent-soft: {light: '#f9ecf2', dark: '#33202a'}
"""
ACCENT = "() => getComputedStyle(document.documentElement).getPropertyValue('--color-accent')"


@pytest.fixture(scope="module")
def folder(shelf: Shelf) -> Path:
    """What the package holds."""
    out, folder, overlay = shelf.folder / "trainer-dist", shelf.folder / "trainer", shelf.folder / "overlay.yml"
    overlay.write_text(OVERLAY, "utf-8")
    shelf.command("build", str(COURSE), "-t", "web", "--trainer", "--overlay", str(overlay), "--out", str(out))
    with zipfile.ZipFile(out / "asides-1.0.0-web-trainer.zip") as file:
        file.extractall(folder)
    return folder


@pytest.mark.parametrize("name", ["encarts.html", "_print.html"])
def test_notes_for_trainers_on_the_page_and_on_paper(chromium: Browser, folder: Path, name: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto((folder / name).as_uri())
    notes = page.get_by_role("group", name="Pour le formateur")
    expect(notes).to_contain_text("Laissez cinq minutes de discussion.")
    assert violations(page, page.main_frame) == []
    assert too_wide(page, page.main_frame) == []
    for scheme, accent in (("light", "#7a1f4b"), ("dark", "#f0a8c8")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate(ACCENT) == accent
    context.close()

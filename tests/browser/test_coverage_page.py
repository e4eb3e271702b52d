"""The page of `carabin coverage --format html`: accessible, no wider than the screen, stacked where it is narrow."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import expect
from test_coverage import FILES

from browser.learner import Learner
from browser.test_pages import too_wide, violations
from builder.cli import carabin


def test_page_of_the_coverage(learner: Learner, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    file = tmp_path / "coverage.html"
    result = CliRunner().invoke(carabin, ["coverage", str(tmp_path), "--lang", "fr", "--out", str(file)])
    assert result.exit_code == 0
    page = learner.page
    page.goto(file.as_uri())
    assert violations(page, page.main_frame) == []
    assert too_wide(page, page.main_frame) == []
    page.set_viewport_size({"width": 320, "height": 900})
    row = page.get_by_role("row", name="D1.C1.O1")
    expect(row.get_by_role("cell").nth(1)).to_contain_text("q-inner")
    places = [box["y"] for box in (cell.bounding_box() for cell in row.get_by_role("cell").all()) if box]
    assert len(places) == 3
    assert places == sorted(set(places))
    page.get_by_role("link", name="D2 Hoses").click()
    expect(page.get_by_role("heading", name="D2 Hoses")).to_be_in_viewport()

"""The page of `carabin inspect --format html`: accessible and no wider than the screen, from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from packages import PACKAGES

from browser.learner import Learner
from browser.test_pages import too_wide, violations
from builder.cli import carabin

NAMES = ("scorm12-good", "scorm12-good-mastery-score", "script-waits-for-unload", "manifest-in-a-folder")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_of_the_report(learner: Learner, tmp_path: Path, language: str) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.zip").write_bytes(PACKAGES[name].make())
    packages = [str(tmp_path / f"{name}.zip") for name in NAMES]
    result = CliRunner().invoke(carabin, ["inspect", "--lang", language, "--format", "html", *packages])
    assert result.exit_code == 1
    page = tmp_path / "report.html"
    page.write_text(result.stdout, "utf-8")
    learner.page.goto(page.as_uri())
    assert violations(learner.page, learner.page.main_frame) == []
    assert too_wide(learner.page, learner.page.main_frame) == []

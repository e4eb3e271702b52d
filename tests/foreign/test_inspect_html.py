"""The page of `carabin inspect --format html` is valid HTML: the Nu checker."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from browser.conftest import ROOT
from click.testing import CliRunner
from packages import PACKAGES

from builder.cli import carabin


@pytest.mark.needs("java")
def test_the_page_of_the_report_is_valid(tools: dict[str, str], tmp_path: Path) -> None:
    names = ("scorm12-good", "script-waits-for-unload", "archive-climbs-out", "manifest-in-a-folder")
    for name in names:
        (tmp_path / f"{name}.zip").write_bytes(PACKAGES[name].make())
    packages = [str(tmp_path / f"{name}.zip") for name in names]
    page = tmp_path / "report.html"
    page.write_text(CliRunner().invoke(carabin, ["inspect", "--format", "html", *packages]).stdout, "utf-8")
    assert "P216" in page.read_text("utf-8")
    jar = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = (tools["java"], "-Xss2m", "-jar", str(jar), "--errors-only", "--format", "json", str(page))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [one["message"] for one in json.loads(done.stderr)["messages"]] == []

"""Every page of a package, every administrator's sheet, the coverage of our programme: valid HTML (the Nu checker)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from browser.conftest import COURSES, ROOT, Shelf
from browser.test_web import unzipped
from click.testing import CliRunner

from builder.cli import carabin
from builder.strings import languages


@pytest.mark.needs("java")
def test_every_page_is_valid(tools: dict[str, str], shelf: Shelf, tmp_path: Path) -> None:
    courses = [
        COURSES / "essai",
        COURSES / "savoirs",
        COURSES / "lecons",
        *(file.parent for file in sorted((ROOT / "course_src").glob("*/course.yml"))),
    ]
    packages = [shelf.build(course) for course in courses]
    pages = [page for package in packages for page in (package.sheet, *sorted(package.folder.rglob("*.html")))]
    pages += [
        page for course in courses for page in sorted(unzipped(shelf, course, f"web-{course.name}").rglob("*.html"))
    ]
    pages += [package.zip.with_name("index.html") for package in packages]
    for language in languages():
        pages.append(tmp_path / f"coverage-{language}.html")
        socle = str(ROOT / "course_src" / "programmes" / "socle.yml")
        CliRunner().invoke(carabin, ["coverage", socle, "--lang", language, "--out", str(pages[-1])])
    assert len(pages) > 9 * len(courses)
    jar = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = (tools["java"], "-Xss2m", "-jar", str(jar), "--errors-only", "--format", "json", *map(str, pages))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = json.loads(done.stderr)["messages"]
    assert [f"{one.get('url')}:{one.get('lastLine')}: {one['message']}" for one in found] == []

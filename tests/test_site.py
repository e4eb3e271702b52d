"""The manual's site is built without a warning: every link and anchor leads somewhere, every page is in the navigation.

It fetches nothing from outside, and marks French as French.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from tools.manual import DOCS, ROOT

FETCHING = ("link/@href", "script/@src", "img/@src", "iframe/@src", "source/@src", "use/@href", "form/@action")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    options = ("-q", "-W", "--keep-going", "-n", "-d", str(folder / "doctrees"))
    command = (sys.executable, "-m", "sphinx", *options, str(DOCS), str(folder / "site"))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


def test_every_page_of_the_manual_is_in_the_site_and_in_its_navigation(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")} - {"README.html"}
    assert pages == {path.relative_to(site).as_posix() for path in read(site)}
    start = html.parse(site / "index.html")
    named = {str(target) for target in start.xpath('//*[contains(@class, "sidebar-tree")]//a/@href')}
    assert pages - {"index.html"} == named


def test_the_site_fetches_nothing_from_outside(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        tree = html.parse(page)
        for path in FETCHING:
            outside = [target for target in tree.xpath(f"//{path}") if re.match(r"(?i)\s*(?:[a-z]+:)?//", target)]
            assert not outside, page
    for style in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8")), style


def test_a_page_in_french_says_so(site: Path) -> None:
    french = sorted(site.rglob("*.fr.html"))
    assert french
    for page in french:
        (heading,) = html.parse(page).xpath("//h1")
        assert heading.xpath("ancestor::*[@lang][1]/@lang") == ["fr"]


def test_the_search_covers_every_page(site: Path) -> None:
    text = (site / "searchindex.js").read_text("utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    assert set(index["docnames"]) == {path.relative_to(site).with_suffix("").as_posix() for path in read(site)}
    assert "scorm" in index["terms"]
    assert "wcag" in index["terms"]


def read(site: Path) -> set[Path]:
    """Return the pages of the site that are pages of the manual."""
    return set(site.rglob("*.html")) - {site / "search.html"}

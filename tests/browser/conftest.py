"""One Chromium, one web server on loopback, packages built by the command, and a learner for each test."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.learner import Learner
from browser.loopback import Loopback, serving

ROOT = Path(__file__).parent.parent.parent
COURSES = Path(__file__).parent / "courses"
GOLDEN = ROOT / "tests" / "golden"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Package:
    """A built package: the zip, the administrator's sheet beside it, and the folder it was unzipped into."""

    zip: Path
    sheet: Path
    folder: Path


class Shelf:
    """Builds courses into packages and puts them on the server, each once: `/packages/NAME/`."""

    def __init__(self, folder: Path, loopback: Loopback) -> None:
        self.folder = folder
        self.loopback = loopback
        self.packages: dict[str, Package] = {}

    def build(self, course: Path, name: str = "", target: str = "scorm12", *options: str) -> Package:
        """Build the course in this folder, unless a package of that name is there already."""
        name = name or course.name
        if name not in self.packages:
            out, folder = self.folder / f"{name}-dist", self.folder / name
            self.command("build", str(course), "-t", target, *options, "--out", str(out))
            (archive,) = out.glob("*.zip")
            with zipfile.ZipFile(archive) as file:
                file.extractall(folder)
            self.packages[name] = Package(archive, archive.with_suffix(".html"), folder)
            self.loopback.folders[f"/packages/{name}/"] = folder
        return self.packages[name]

    def command(self, *arguments: str) -> str:
        """Run `carabin`, which must succeed, and return what it printed."""
        run = (sys.executable, "-m", "builder", *arguments)
        environment = {**os.environ, "CARABIN_CACHE": str(self.folder / "cache")}
        done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="package")
def chromium(tools: dict[str, str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tools["chromium"], args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def loopback() -> Iterator[Loopback]:
    with serving() as server:
        server.folders["/lms/"] = ROOT / "builder" / "lms"
        server.folders["/node_modules/"] = ROOT / "node_modules"
        server.folders["/pages/"] = Path(__file__).parent / "pages"
        yield server


@pytest.fixture(scope="package")
def shelf(tmp_path_factory: pytest.TempPathFactory, loopback: Loopback) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("packages"), loopback)


@pytest.fixture(scope="package")
def essai(shelf: Shelf) -> Package:
    """The course that most tests play: three lessons, four questions, mastery 80."""
    return shelf.build(COURSES / "essai")


@pytest.fixture
def learner(chromium: Browser, loopback: Loopback, essai: Package) -> Iterator[Learner]:
    """A learner with an empty browser. At the end nothing may have gone wrong that the test did not expect."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    someone = Learner(context, loopback)
    yield someone
    assert someone.troubles == []
    assert someone.violations() == []
    context.close()


@dataclass(frozen=True, slots=True)
class Golden:
    """Compares with files of `tests/golden/`, or rewrites them."""

    update: bool

    def expect(self, name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if self.update:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == (file.read_text(encoding="utf-8") if file.is_file() else ""), f"pytest --update, {file}"


@pytest.fixture
def golden(update: bool) -> Golden:
    return Golden(update)

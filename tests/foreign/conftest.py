"""The LMSs scormhost and wagtail-lms, started on loopback; Chromium and packages as in the browser tests."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import COURSES
from browser.conftest import chromium as chromium
from browser.conftest import loopback as loopback
from browser.conftest import shelf as shelf

SERVE = """
import sys, uvicorn
from scormhost import create_scorm_app
app = create_scorm_app(data_dir=sys.argv[1], secret_key="only for this run, on loopback")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
"""


WAGTAIL = Path(__file__).parent / "wagtail_site.py"


@pytest.fixture(scope="session")
def scormhost(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start scormhost with an empty folder; yield its address."""
    folder = tmp_path_factory.mktemp("scormhost")
    with serving((tools["foreign"], "-c", SERVE, str(folder / "data")), folder / "log.txt", "/health") as address:
        yield address


@pytest.fixture(scope="session")
def wagtail_lms(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[WagtailSite]:
    """Start a Wagtail site with wagtail-lms and a database of its own, made in some seconds."""
    folder = tmp_path_factory.mktemp("wagtail")
    command = (tools["foreign"], str(WAGTAIL), str(folder))
    with serving(command, folder / "log.txt", "/admin/login/") as address:
        yield WagtailSite(address, folder / "db.sqlite3")


@dataclass
class WagtailSite:
    """A running site: its address, and its database, which is read beside it."""

    address: str
    database: Path
    known: list[str] = field(default_factory=list)

    def newcomer(self) -> str:
        """Return the user name of a learner who has done nothing so far."""
        names = (name for (name,) in self.rows("select username from auth_user where username like 'learner%'"))
        name = next(name for name in sorted(names) if name not in self.known)
        self.known.append(name)
        return str(name)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    def records(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Return rows with the names of their columns."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]


@contextmanager
def serving(
    command: tuple[str, ...], log: Path, health: str, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a server, which is given a free port as its last argument, while the block runs; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as output:
        known = {**os.environ, **(environment or {})}
        process = subprocess.Popen((*command, str(port)), stdout=output, stderr=output, env=known)
    try:
        wait(f"http://127.0.0.1:{port}{health}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the address answers; two minutes at most."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def revised(folder: Path) -> Path:
    """Return the course `essai` as a new version: a lesson has another title."""
    course = folder / "essai"
    shutil.copytree(COURSES / "essai", course)
    settings, lesson = course / "course.yml", next(course.rglob("01-*.md"))
    settings.write_text(settings.read_text("utf-8").replace("version: 1.0.0", "version: 1.1.0"), "utf-8")
    text = lesson.read_text("utf-8")
    lesson.write_text(text.replace("title: Reconnaître un hameçonnage", "title: Reconnaître autrement"), "utf-8")
    return course

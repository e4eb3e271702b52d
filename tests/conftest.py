"""What all tests share: the tools that `make test` sets up, property-test profiles, and the list of what was not run.

A test that wants a tool says `@pytest.mark.needs("node")`; tests below `browser/` need chromium and those below
`foreign/` need foreign without saying so. A tool that `CARABIN_SKIP` names leaves its tests out; one that is merely
absent fails the run. Standards' schemas that no package carries are optional; without them their tests are left out.
Whatever was left out is listed at the end, by name.

`make test` runs them in several processes (pytest-xdist): a test shares neither files nor ports with another. What
plays in a browser or against a foreign server is given a second chance, and named at the end when it took it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parent.parent
LAYERS = {"browser": "chromium", "foreign": "foreign"}
OUTSIDE_PYTEST = {"node": "checks of JavaScript and the tests of the player without a browser"}
SKIPPED = frozenset(os.environ.get("CARABIN_SKIP", "").replace(",", " ").split())
LEFT_OUT = pytest.StashKey[dict[str, list[str]]]()
SECOND_CHANCE = frozenset(LAYERS)
FIRST = {"foreign": 0, "browser": 1}
"""What takes longest begins, so that no process waits for another at the end."""

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
    items.sort(key=lambda item: FIRST.get(layer(item), len(FIRST)))
    kept: list[pytest.Item] = []
    removed: list[pytest.Item] = []
    left_out = config.stash.setdefault(LEFT_OUT, {})
    for item in items:
        if layer(item) in SECOND_CHANCE:
            item.add_marker(pytest.mark.flaky(reruns=1))
        absent = [name for name in needs(item) if name not in present]
        (removed if absent else kept).append(item)
        for name in absent:
            left_out.setdefault(name, []).append(item.nodeid)
            if name not in SKIPPED and name != "schemas":
                missing.add(name)
    if missing and not hasattr(config, "workerinput"):
        names = ",".join(sorted(missing))
        raise pytest.UsageError(f"tests need {names}: run `make setup`, or leave them out with CARABIN_SKIP={names}")
    if removed:
        config.hook.pytest_deselected(items=removed)
        items[:] = kept


def needs(item: pytest.Item) -> Iterator[str]:
    """Yield the names of the tools that a test wants."""
    for mark in item.iter_markers("needs"):
        yield from mark.args
    if layer(item) in LAYERS:
        yield LAYERS[layer(item)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Among several processes, the test that lacks a tool says so; one process alone stops before it begins."""
    for name in needs(item):
        if name not in found_tools():
            pytest.fail(f"needs {name}: run `make setup`, or leave it out with CARABIN_SKIP={name}", pytrace=False)


def layer(item: pytest.Item) -> str:
    """Return the folder of `tests/` that a test lies in, or the name of its file."""
    return item.path.relative_to(ROOT / "tests").parts[0]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What one process among several has left out is told by the one that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every process finds the same tests, so that one list stands for all."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(LEFT_OUT, {})
    for name in sorted(SKIPPED | (left_out.keys() & {"schemas"})):
        why = "CARABIN_SKIP names it" if name in SKIPPED else "absent; CARABIN_SCHEMAS may say where they are"
        terminalreporter.section(f"not run: {name} ({why})", sep="-")
        for line in (*left_out.get(name, ()), *([OUTSIDE_PYTEST[name]] if name in OUTSIDE_PYTEST else ())):
            terminalreporter.line(line)

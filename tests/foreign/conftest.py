"""The LMS scormhost, started on loopback; Chromium and packages as in the browser tests."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import chromium as chromium
from browser.conftest import loopback as loopback
from browser.conftest import shelf as shelf

SERVE = """
import sys, uvicorn
from scormhost import create_scorm_app
app = create_scorm_app(data_dir=sys.argv[1], secret_key="only for this run, on loopback")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture(scope="session")
def scormhost(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start scormhost with an empty folder; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("scormhost")
    with (folder / "log.txt").open("w") as log:
        command = (tools["foreign"], "-c", SERVE, str(folder / "data"), str(port))
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait(f"http://127.0.0.1:{port}/health", process, folder / "log.txt")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the address answers; 60 seconds at most."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

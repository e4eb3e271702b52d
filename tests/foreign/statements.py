"""What others say of statements: an LRS (Ralph), its models, and a validator in JavaScript. All runs on loopback."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreign.conftest import serving

HERE = Path(__file__).parent
SECRET = "only for this run, on loopback"
SERVE = """
import sys, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend

# As released, the file is created at the first request, and each later one fails because it is there.
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
from ralph.api import app

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ralph:
    """A running Ralph: its address, and the file in which it keeps what it took, one statement a line, by arrival."""

    address: str
    file: Path
    authorization: str = "Basic " + base64.b64encode(f"carabin:{SECRET}".encode()).decode()

    def stored(self) -> list[dict[str, Any]]:
        if not self.file.is_file():
            return []
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()]

    def post(self, statements: Sequence[Statement]) -> int:
        """Send statements as one batch; return the status."""
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        headers["X-Experience-API-Version"] = "1.0.3"
        body = json.dumps(list(statements)).encode()
        request = urllib.request.Request(f"{self.address}/xAPI/statements", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code


@contextmanager
def running_ralph(python: str, folder: Path) -> Iterator[Ralph]:
    """Start Ralph with an empty store in `folder`, while the block runs."""
    data = folder / "data"
    data.mkdir(parents=True)
    environment = {
        "RALPH_APP_DIR": str(folder),
        "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_HISTORY_FILE": str(folder / "history.json"),
        "RALPH_RUNSERVER_BACKEND": "fs",
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(data),
        "RALPH_RUNSERVER_MAX_SEARCH_HITS_COUNT": "10000",
    }
    ralph = str(Path(python).with_name("ralph"))
    scopes = ("-s", "statements/write", "-s", "statements/read")
    agent = ("-A", "carabin", "https://carabin.example")
    run = (ralph, "auth", "-u", "carabin", "-p", SECRET, *scopes, *agent, "-w")
    subprocess.run(run, env={**os.environ, **environment}, cwd=folder, check=True, capture_output=True)
    with serving((python, "-c", SERVE), folder / "log.txt", "/__heartbeat__", environment) as address:
        yield Ralph(address, data / "fs_lrs.jsonl")


def complaints_of_models(python: str, statements: Sequence[Statement]) -> list[str]:
    """Return what Ralph's models refuse, each complaint with the statement's verb and object."""
    return _complaints((python, str(HERE / "judge_statements.py")), statements)


def complaints_of_validator(node: str, statements: Sequence[Statement]) -> list[str]:
    """Return what `@learninglocker/xapi-validation` refuses."""
    return _complaints((node, str(HERE / "judge_statements.mjs")), statements)


def _complaints(command: tuple[str, ...], statements: Sequence[Statement]) -> list[str]:
    lines = "".join(f"{json.dumps(one)}\n" for one in statements)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == len(statements)
    named = [f"{one['verb']['id']} {one['object'].get('id')}" for one in statements]
    return [f"{name}: {one}" for name, found in zip(named, verdicts, strict=True) for one in found]

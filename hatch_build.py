"""Hatchling's hook: wheels, source archives and editable installs all carry a player built from their sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from tools import player


class PlayerHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the pieces where they are missing or stale; a source archive carries them and needs no Node."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See `tools/player.py`; raises `BuildError`, which pip shows."""
        player.build()

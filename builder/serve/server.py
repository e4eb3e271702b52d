"""The server of the preview's application."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp


def server(app: ASGIApp) -> uvicorn.Server:
    """Return a server that logs errors alone, watches nothing itself, and ends soon: open streams are cut."""
    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="on", server_header=False, timeout_graceful_shutdown=1
    )
    return uvicorn.Server(config)

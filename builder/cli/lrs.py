"""`carabin lrs`: a Learning Record Store on this machine, for trying packages out."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from builder.cli import COMMANDS, Problem, language_option

if TYPE_CHECKING:
    from builder.lrs.store import Store

KEY, SECRET = "CARABIN_LRS_KEY", "CARABIN_LRS_SECRET"
ORIGIN = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?|null")


@click.command(short_help=COMMANDS["lrs"])
@click.option(
    "--db",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep what arrives in this SQLite file; without it, all is gone at the end.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    help="Let pages of this origin call, too, such as https://lms.example.org; those of this machine may.",
)
@language_option
def lrs(file: Path | None, port: int, host: str, origins: tuple[str, ...], language: str) -> None:
    """Run a Learning Record Store (xAPI 1.0.3 and 2.0) on this machine until Ctrl-C.

    Its key and secret are read from the environment, CARABIN_LRS_KEY and CARABIN_LRS_SECRET; without them they are made
    at start and printed. What has arrived is shown at the same address, without /xAPI/. It is made to try packages out:
    no TLS, one key that may do everything.
    """
    for origin in origins:
        check(origin)
    key, secret, is_made = credentials()
    from builder.lrs.app import application, endpoint, listening, server
    from builder.strings import strings

    words = strings(language, "cli")
    try:
        listener = listening(host, port)
    except OSError as problem:
        raise Problem(f"{host}, port {port}: {problem.strerror or problem}") from None
    with listener, closing(opened(file)) as store:
        shown = (key, secret) if is_made else None
        click.echo("\n".join(greeting(words, endpoint(listener), shown, file, is_loopback(host))))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server(application(store, {key: secret}, origins=origins, host=host, language=language)).run([listener])
        click.echo(words["lrs_stopped"])


def greeting(
    words: Mapping[str, str], url: str, made: tuple[str, str] | None, file: Path | None, is_private: bool
) -> Iterator[str]:
    """Yield what is said at the start; `made`: key and secret, where they were made now."""
    from base64 import b64encode

    yield words["lrs_endpoint"].format(url=url)
    if made:
        header = b64encode(":".join(made).encode()).decode()
        yield words["lrs_key"].format(key=made[0])
        yield words["lrs_secret"].format(secret=made[1])
        yield words["lrs_header"].format(header=header)
        yield words["lrs_launch"].format(query=launch(url, header))
    yield words["lrs_page"].format(url=url.removesuffix("xAPI/"))
    yield words["lrs_kept"].format(file=file) if file else words["lrs_forgotten"]
    if not is_private:
        yield words["lrs_exposed"]
    yield words["lrs_stop"]


def launch(url: str, header: str) -> str:
    """Return what stands behind `?` when a package of target `xapi` is opened by hand."""
    import json
    from urllib.parse import quote, urlencode

    actor = {"name": "Test", "account": {"homePage": "http://localhost", "name": "test"}}
    given = {"endpoint": url, "auth": f"Basic {header}", "actor": json.dumps(actor, separators=(",", ":"))}
    return urlencode(given, quote_via=quote)


def check(origin: str) -> None:
    """Refuse an origin that a browser would never send (RFC 6454 §6.1). Raises `UsageError`."""
    if not ORIGIN.fullmatch(origin):
        raise click.UsageError(
            f"{origin!r} is no origin: scheme, host and port alone, such as https://lms.example.org."
        )


def credentials() -> tuple[str, str, bool]:
    """Return key and secret, and whether they were made now. Raises `UsageError` for half of them, or bad ones."""
    from secrets import token_urlsafe

    key, secret = os.environ.get(KEY, ""), os.environ.get(SECRET, "")
    if bool(key) != bool(secret):
        raise click.UsageError(f"set both {KEY} and {SECRET}, or none of them.")
    if ":" in key:
        raise click.UsageError(f"{KEY} holds a colon, which Basic credentials cannot.")
    return (key, secret, False) if key else (token_urlsafe(9), token_urlsafe(24), True)


def opened(file: Path | None) -> Store:
    """Return the store; a new file is for its owner alone. Raises `Problem` where it cannot be used."""
    import sqlite3

    from builder.lrs.store import NotOurs, Store

    try:
        if file is not None:
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        return Store(file or ":memory:")
    except OSError as problem:
        raise Problem(f"{file}: {problem.strerror or problem}.") from None
    except NotOurs as problem:
        raise Problem(f"{file}: {problem}.") from None
    except sqlite3.Error as problem:
        raise Problem(f"{file}: {problem}.") from None


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

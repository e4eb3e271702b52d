"""`carabin check --online`: asks the web whether the addresses that a course leads to are still there.

Each address is asked once, hosts side by side, the addresses of one host one after the other. No address of a private
network is asked: a course that somebody sent must not look around where it is checked. What was answered for good is
kept for the day in `.carabin/links.json` beside course.yml.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urldefrag, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, getproxies, proxy_bypass

from builder import __version__
from builder.diagnostics import Diagnostic, Span, note, warning

TIMEOUT = 10.0
"""Seconds that a server has for each answer."""

HOSTS = 8
"""Hosts that are asked at the same time."""

REDIRECTS = 8
CACHE = Path(".carabin") / "links.json"
GONE = frozenset({404, 410})
"""What says that a page is not there; other refusals may be meant for programs alone."""

_PERMANENT = frozenset({301, 308})
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": f"Carabin/{__version__} (checks links)", "Accept": "*/*"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an address: the last `status`, 0 when nobody answered; `moved` where it went for good, or empty;
    `reason` why nobody answered: `name`, `private`, `timeout`, `TLS`, `redirects`, `address`, `connection`."""

    status: int = 0
    moved: str = ""
    reason: str = ""

    @property
    def is_lasting(self) -> bool:
        """Return whether it need not be asked again on the same day."""
        return bool(self.status) and self.status != 429 and self.status < 500


@dataclass(frozen=True, slots=True)
class Web:
    """How addresses are asked: which hosts may be, and for how many seconds; tests ask a server of their own."""

    is_allowed: Callable[[str, int], bool]
    timeout: float = TIMEOUT
    opener: Any = field(default_factory=lambda: build_opener(_Stay()))


class _Stay(HTTPRedirectHandler):
    """Follows nothing: each step of a redirection is looked at before it is taken."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        return None


class _Unanswered(Exception):
    """Nobody answered; `args[0]` is the reason, as in `Answer`."""


def is_public(host: str, port: int) -> bool:
    """Return whether all addresses of a host are public. Behind a proxy, which looks names up itself, names are.

    Raises `socket.gaierror` when the name is not known.
    """
    try:
        return ip_address(host).is_global
    except ValueError:
        pass
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host:
        return False
    scheme = "https" if port == 443 else "http"
    if scheme in getproxies() and not proxy_bypass(host):
        return True
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return all(ip_address(str(one[4][0]).partition("%")[0]).is_global for one in found)


def ask(addresses: Iterable[str], web: Web, known: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return what became of each address; those that are `known` are not asked."""
    answers = {url: known[url] for url in addresses if url in known}
    by_host: dict[str, list[str]] = {}
    for url in dict.fromkeys(url for url in addresses if url not in known):
        by_host.setdefault(_host(url), []).append(url)
    with ThreadPoolExecutor(HOSTS) as pool:
        for found in pool.map(lambda urls: [(url, _answer(url, web)) for url in urls], by_host.values()):
            answers.update(found)
    return answers


def findings(wanted: Iterable[tuple[str, Span]], answers: Mapping[str, Answer]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the addresses, at their places. Names are only wrong when somebody has answered at all:
    else this machine is not on the web."""
    is_online = any(answer.status for answer in answers.values())
    for address, span in wanted:
        answer = answers[page(address)]
        if answer.status in GONE:
            yield warning("A363", span, url=address[:100], answer=answer.status)
        elif answer.reason == "address" or (answer.reason == "name" and is_online):
            yield warning("A363", span, url=address[:100], answer=answer.reason)
        elif answer.reason == "private":
            yield note("A366", span, url=address[:100])
        elif not answer.status or answer.status >= 400:
            yield note("A365", span, url=address[:100], answer=answer.status or answer.reason)
        elif answer.moved:
            yield note("A364", span, url=address[:100], target=answer.moved[:200])


def page(address: str) -> str:
    """Return an address without its fragment, as it is asked."""
    return urldefrag(address)[0]


def read_cache(root: Path, today: str) -> dict[str, Answer]:
    """Return what was answered today; nothing when the file is of another day, or is not ours."""
    try:
        kept = json.loads((root / CACHE).read_text("utf-8"))
        if kept["schema"] == 1 and kept["day"] == today:
            return {url: Answer(**one) for url, one in kept["answers"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return {}


def write_cache(root: Path, today: str, answers: Mapping[str, Answer]) -> None:
    """Keep the lasting answers for the day; where nothing can be written, nothing is kept."""
    kept = {url: asdict(one) for url, one in sorted(answers.items()) if one.is_lasting}
    try:
        if (root / CACHE).parent.is_symlink() or (root / CACHE).is_symlink():
            return
        (root / CACHE).parent.mkdir(exist_ok=True)
        (root / CACHE).write_text(json.dumps({"schema": 1, "day": today, "answers": kept}, indent=1) + "\n", "utf-8")
    except OSError:
        pass


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _answer(url: str, web: Web) -> Answer:
    """Follow an address to its end; HEAD first, GET where a server does not like that."""
    place, moved, is_permanent = url, "", True
    try:
        for _ in range(REDIRECTS):
            status, target = _status(place, "HEAD", web)
            if status >= 400 and status != 429:
                status, target = _status(place, "GET", web)
            if status not in _MOVED or not target:
                return Answer(status, moved)
            is_permanent = is_permanent and status in _PERMANENT
            place = page(urljoin(place, target))
            moved = place if is_permanent else moved
    except _Unanswered as problem:
        return Answer(reason=str(problem.args[0]))
    return Answer(reason="redirects")


def _status(url: str, method: str, web: Web) -> tuple[int, str]:
    """Return the status of an answer and where it sends; nothing of the content is read."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _Unanswered("address")
        host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
        if not web.is_allowed(host, port):
            raise _Unanswered("private")
        place = parts._replace(netloc=host if parts.port is None else f"{host}:{port}")
        if ":" in host:
            place = parts
        asked = Request(quote(place.geturl(), safe="%/:=&?~#+!$,;'@()*[]"), method=method, headers=_HEADERS)
        with web.opener.open(asked, timeout=web.timeout) as answer:
            return int(answer.status), ""
    except HTTPError as problem:
        with problem:
            return problem.code, str(problem.headers.get("Location") or "")
    except (TimeoutError, URLError, OSError, HTTPException, ValueError) as problem:
        raise _Unanswered(_reason(problem)) from None


def _reason(problem: Exception) -> str:
    """Return why nobody answered, in one word."""
    cause = problem.reason if isinstance(problem, URLError) else problem
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (socket.gaierror, "name"),
        (ssl.SSLError, "TLS"),
        (TimeoutError, "timeout"),
        (OSError, "connection"),
        (HTTPException, "connection"),
        (ValueError, "address"),
    )
    return next((name for kind, name in kinds if isinstance(cause, kind)), "connection")

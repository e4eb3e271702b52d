"""`carabin xapi`: print what packages say in xAPI, and give an LRS the definitions of their activities.

No request of xAPI stores a definition: an LRS learns one from the statements that carry it, as ours do. Beforehand,
`push` puts each as a document beside its activity (Activity Profile Resource), where reports can look it up.

Source: xAPI Communication 1.0.3 §2.7 (Activity Profile Resource), §3.1 (concurrency).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builder import __version__
from builder.cli import COMMANDS, Problem, language_option, wants_colour
from builder.cli.source import find, paths_argument

if TYPE_CHECKING:
    from email.message import Message
    from urllib.request import OpenerDirector

    from builder.diagnostics import Diagnostics
    from builder.load import Sources
    from builder.xapi import Packaged

KEY, SECRET, AUTH = "CARABIN_LRS_KEY", "CARABIN_LRS_SECRET", "CARABIN_LRS_AUTH"
VERSION = "1.0.3"
TIMEOUT = 30
"""Seconds that an LRS has for each answer."""
MOST = 4_000_000
"""Bytes that are read of an answer."""

target_option = click.option("-t", "--target", default="", help="A standard; the first of `targets:` when not given.")


@click.group(short_help=COMMANDS["xapi"])
def xapi() -> None:
    """Show what the packages of a course say in xAPI, and give it to an LRS.

    The same documents lie in every package, below `xapi/`. See docs/reference/statements.md.
    """


def printing(name: str, member: str, said: str) -> None:
    """Add a command that prints one of the documents, a member of every package."""

    @xapi.command(name, short_help=said, help=f"{said.removesuffix('.')} ({member}), for the course at PATH.")
    @paths_argument
    @target_option
    @language_option
    @click.pass_context
    def command(context: click.Context, paths: tuple[Path, ...], target: str, language: str) -> None:
        told = read(paths, target, language)
        if told is None:
            context.exit(1)
        if len(told) != 1:
            raise Problem(words(language)["xapi_one_course"].format(count=len(told)))
        from builder.report import dump
        from builder.xapi import DOCUMENTS
        from builder.xapi.activities import activities

        packaged = told[0][0]
        click.echo(dump(DOCUMENTS[member](packaged, activities(packaged))), nl=False)


printing("templates", "xapi/statements.json", "Print a template of each statement.")
printing("activities", "xapi/activities.json", "Print every activity with its definition.")
printing("profile", "xapi/profile.jsonld", "Print the xAPI profile.")


@xapi.command(short_help="Give definitions and profile to an LRS.")
@paths_argument
@click.option("--lrs", "endpoint", metavar="URL", required=True, help="The LRS; `activities/profile` is added to it.")
@click.option("-t", "--target", default="", help="A standard; all of `targets:` when not given.")
@click.option("--dry-run", is_flag=True, help="Send nothing, say what would be sent.")
@language_option
@click.pass_context
def push(
    context: click.Context, paths: tuple[Path, ...], endpoint: str, target: str, dry_run: bool, language: str
) -> None:
    """Give an LRS the definition of every activity of the courses at PATH, and their profiles.

    Each becomes a document beside its activity (Activity Profile Resource). What is there already, unchanged, is left
    alone; what another version wrote is replaced. Credentials come from the environment alone: CARABIN_LRS_KEY and
    CARABIN_LRS_SECRET, or CARABIN_LRS_AUTH, the whole value of the header Authorization.
    """
    texts = words(language)
    lrs = Lrs(endpoint, "" if dry_run else authorization(os.environ, texts), texts)
    told = read(paths, target, language)
    if told is None:
        context.exit(1)
    for course in told:
        wanted = tuple(documents(course))
        if dry_run:
            for one in wanted:
                click.echo(f"PUT {lrs.address(one)}  {len(one.content)}")
            continue
        count = dict.fromkeys(("created", "changed", "unchanged"), 0)
        with click.progressbar(wanted, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for one in bar:
                count[lrs.put(one)] += 1
        settings = course[0].course.settings
        click.echo(texts["xapi_pushed"].format(id=settings.id, version=settings.version, **count))


def words(language: str) -> Mapping[str, str]:
    """Return the words of the command line."""
    from builder.strings import strings

    return strings(language, "cli")


# --- courses ---------------------------------------------------------------------------------------------------------


def read(paths: Sequence[Path], target: str, language: str) -> list[tuple[Packaged, ...]] | None:
    """Return what the courses at `paths` say, each for every target that is wanted, the first one first; None after
    errors, which are reported."""
    from builder import load, report
    from builder.cli.build import check_targets
    from builder.diagnostics import has_errors

    if target:
        check_targets((target,))
    roots, problems = find(paths)
    found = list(report.locate(problems, load.excerpt))
    told = []
    for root in roots:
        sources = load.load(root)
        packaged, diagnostics = of_course(sources, target)
        if has_errors(diagnostics):
            found += report.locate(diagnostics, sources.excerpt)
        elif packaged:
            told.append(packaged)
    if has_errors(one.diagnostic for one in found):
        summary = report.summary([one.diagnostic for one in found], language)
        click.echo(report.as_text(found, language, wants_colour(err=True)) + summary, err=True)
        return None
    return told


def of_course(sources: Sources, target: str) -> tuple[tuple[Packaged, ...], Diagnostics]:
    """Return what one course says for a target, or for all of its own, and what was found."""
    from builder import pipeline
    from builder.diagnostics import has_errors

    checked = pipeline.check(sources, pipeline.Options(targets=(target,) if target else ()))
    if has_errors(checked.diagnostics):
        return (), checked.diagnostics
    return tuple(pipeline.told(checked, name) for name in checked.targets), checked.diagnostics


@dataclass(frozen=True, slots=True)
class Document:
    """What is to be kept beside an activity: `name` is its `profileId`."""

    activity: str
    name: str
    content: bytes


def documents(course: Sequence[Packaged]) -> Iterator[Document]:
    """Yield the definition of every activity of a course, whatever the target, then its profile."""
    from builder.xapi import activities, profile, vocabulary

    settings = course[0].course.settings
    name = vocabulary.resource_id(settings.iri)
    entries: dict[str, Any] = {}
    for packaged in course:
        made = activities.document(packaged, activities.activities(packaged))
        entries |= {entry["id"]: entry for entry in made["activities"]}
    for identity, entry in entries.items():
        yield Document(identity, name, as_json(entry))
    whole = profile.document(course[0], activities.activities(course[0]))
    version = vocabulary.profile_id(settings.iri, settings.version)
    yield Document(vocabulary.profile_id(settings.iri), version, as_json(whole))


def as_json(document: Mapping[str, Any]) -> bytes:
    """Return a document in ASCII, its keys sorted: the same bytes for the same document."""
    import json

    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


# --- the LRS ---------------------------------------------------------------------------------------------------------


def authorization(environment: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """Return the value of `Authorization` that the environment gives. Raises `Problem`, which never shows a secret."""
    from base64 import b64encode

    from builder.recorder import is_auth

    if whole := environment.get(AUTH, ""):
        if not is_auth(whole):
            raise Problem(texts["xapi_bad_auth"].format(name=AUTH))
        return whole
    key, secret = environment.get(KEY, ""), environment.get(SECRET, "")
    if not key or not secret:
        raise Problem(texts["xapi_no_key"].format(key=KEY, secret=SECRET, auth=AUTH))
    if ":" in key:
        raise Problem(texts["xapi_colon"].format(name=KEY))
    return "Basic " + b64encode(f"{key}:{secret}".encode()).decode()


class Lrs:
    """An LRS at an address. Raises `Problem` for one that is none, and for whatever keeps a document out of it."""

    def __init__(self, endpoint: str, auth: str, texts: Mapping[str, str]) -> None:
        from builder.recorder import is_endpoint

        if not is_endpoint(endpoint):
            # Somebody's key may stand in it: it stays out of logs.
            address = re.sub(r"(?<=//).*(?=@)|(?<=[?#]).*", "…", endpoint)
            raise Problem(texts["xapi_bad_address"].format(address=shown(address)))
        self._resource = endpoint.rstrip("/") + "/activities/profile"
        self._auth = auth
        self._texts = texts
        self._opener = opener(endpoint)

    def address(self, document: Document) -> str:
        """Return where a document is kept."""
        from urllib.parse import urlencode

        return f"{self._resource}?{urlencode({'activityId': document.activity, 'profileId': document.name})}"

    def put(self, document: Document) -> str:
        """Keep a document, unless it is there; return `created`, `changed` or `unchanged`.

        Somebody who writes the same document at that moment is heeded once.
        """
        for _ in range(2):
            status, headers, content = self._ask("GET", document)
            if status not in (200, 404):
                self._refused(status, content)
            if status == 200 and is_same(content, document.content):
                return "unchanged"
            condition = {"If-None-Match": "*"} if status == 404 else {"If-Match": etag(headers, content)}
            written, _, answer = self._ask("PUT", document, condition)
            if written in (200, 204):
                return "created" if status == 404 else "changed"
            if written not in (409, 412):
                self._refused(written, answer)
        raise Problem(self._texts["xapi_conflict"].format(id=document.activity))

    def _ask(
        self, method: str, document: Document, condition: Mapping[str, str] | None = None
    ) -> tuple[int, Message, bytes]:
        """Send one request; return status, headers and body of the answer."""
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError
        from urllib.request import Request

        headers = {
            "Authorization": self._auth,
            "X-Experience-API-Version": VERSION,
            "User-Agent": f"carabin/{__version__}",
            **({"Content-Type": "application/json", **condition} if condition else {}),
        }
        body = document.content if condition else None
        request = Request(self.address(document), body, headers, method=method)
        try:
            try:
                answer = self._opener.open(request, timeout=TIMEOUT)
            except HTTPError as refused:
                answer = refused
            with answer:
                return answer.status, answer.headers, answer.read(MOST)
        except URLError as problem:
            raise self._unreachable(problem.reason) from None
        except (OSError, HTTPException) as problem:
            raise self._unreachable(problem) from None

    def _unreachable(self, reason: object) -> Problem:
        """Return what to say of a connection that failed."""
        from ssl import SSLError

        key = "xapi_tls" if isinstance(reason, SSLError) else "xapi_unreachable"
        if isinstance(reason, TimeoutError):
            key = "xapi_timeout"
        text = getattr(reason, "verify_message", "") or getattr(reason, "strerror", "") or str(reason)
        return Problem(self._texts[key].format(address=self._resource, reason=shown(text), seconds=TIMEOUT))

    def _refused(self, status: int, content: bytes) -> None:
        """Raise what an answer means that is neither yes nor a document."""
        by_status = {401: "key", 403: "forbidden", 404: "nowhere", 405: "nowhere", 501: "nowhere"}
        by_status |= {429: "busy", 503: "busy"} | dict.fromkeys(range(300, 400), "elsewhere")
        key = by_status.get(status, "refused")
        reason = shown(content.decode("utf-8", "replace"))
        raise Problem(self._texts[f"xapi_{key}"].format(address=self._resource, status=status, reason=reason))


def opener(endpoint: str) -> OpenerDirector:
    """Return what sends requests: never to where an answer points, since the key would travel with them, and to this
    machine without a proxy."""
    from urllib.parse import urlsplit
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    from builder.recorder import LOOPBACK

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            """Follow nothing: the answer is told as it is."""

    direct = (ProxyHandler({}),) if urlsplit(endpoint).hostname in LOOPBACK else ()
    return build_opener(Stay(), *direct)


def etag(headers: Message, content: bytes) -> str:
    """Return the entity tag of a document; one that an LRS leaves out is the SHA-1 of the content.

    Source: xAPI Communication 1.0.3 §3.1.
    """
    from hashlib import sha1

    return headers.get("ETag") or f'"{sha1(content, usedforsecurity=False).hexdigest()}"'


def is_same(one: bytes, other: bytes) -> bool:
    """Return whether two documents say the same: an LRS may write JSON in its own way."""
    import json

    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def shown(text: str) -> str:
    """Return a text from elsewhere on one line, fit for a terminal, in at most 200 characters."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)[:200]

"""`course.lock`: the numbers under which progress is saved, never reused (progress, "Slots and `course.lock`").

    carabin-lock 1
    course cybersecurite
    revision 2 version 1.1.0 digest 77b0e1
    1 lesson hameconnage since 1.0.0 text 90ab12
    2 choice q-urgence was q-vite since 1.0.0 text 8f12ab keyed 1 key 5d1f20 parts a:1f3c9a b:77e0d2 ~c:0be3f1
    3 fill q-gestes since unreleased text 11c0aa keyed unreleased key 9e107d parts a=nom:1f3c9a(a:6b2d10 +b:e0a1b2)
    4 choice q-old retired since 1.0.0 text 5a5a5a keyed unreleased key 0c1d2e after 1 99f0aa parts a:1f3c9a

One line a lesson or question, so that branches merge line by line (`merge=union`). Parts stand in the order of the
source: `+` was added since the last release, `~` was removed, `=` is followed by the author's name of the part.
`after` keeps the key of the last release, so that a key which is changed and changed back costs no answer. What a union
leaves behind (several versions of a line, two entries with one number) is read here and settled by `update`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from builder.diagnostics import Diagnostic, Diagnostics, Span, error

FORMAT = "carabin-lock 1"
LESSON = "lesson"
"""The kind of a lesson's entry; the kind of a question's entry is its type."""


@dataclass(frozen=True, slots=True)
class LockedPart:
    """A part as the lock knows it. `texts` are hashes: one; several, the surest first, after a merge."""

    letter: str
    texts: tuple[str, ...]
    name: str = ""
    is_released: bool = False
    is_removed: bool = False
    children: tuple[LockedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson or question. `since` None: unreleased; `keyed` None: the key changed after the last release.

    `before` is the revision and key that the last release had, when the key has changed since.
    """

    slot: int
    kind: str
    id: str
    text: str
    was: tuple[str, ...] = ()
    since: str | None = None
    is_retired: bool = False
    keyed: int | None = None
    key: str = ""
    before: tuple[int, str] | None = None
    parts: tuple[LockedPart, ...] = ()
    span: Span = field(default=Span(""), compare=False)

    @property
    def is_lesson(self) -> bool:
        """Return whether this is a lesson; ids of lessons and of questions are two families."""
        return self.kind == LESSON

    @property
    def is_released(self) -> bool:
        """Return whether nothing in this entry is newer than the last release."""
        is_keyed = self.is_lesson or self.keyed is not None
        return self.since is not None and is_keyed and all(part.is_released for part in flat(self.parts))


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A release: its number, the course's version, and a hash of the lock, which tells two releases apart."""

    revision: int
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as read: more than one release, or entries that share a slot or id, mean a merge that is not settled."""

    course: str = ""
    releases: tuple[Release, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreadable: Diagnostics = ()

    @property
    def revision(self) -> int:
        """Return how many releases there were."""
        return max((release.revision for release in self.releases), default=0)

    @property
    def span(self) -> Span:
        """Return a place in the file, for findings about the whole."""
        return Span(self.entries[0].span.file if self.entries else "")


@dataclass(frozen=True, slots=True)
class Change:
    """What `carabin lock` did to one entry: a code of the locales' `cli` words (`lock_` + code) and its arguments."""

    code: str
    arguments: Mapping[str, str | int]


# --- reading and writing ---------------------------------------------------------------------------------------------

_HASH = "[0-9a-f]{6}"
_LINE = re.compile(
    rf"([1-9]\d{{0,8}}) ([a-z][a-z0-9-]*) (\S+)(?P<retired> retired)?(?: was (\S+))? since (\S+) text ({_HASH})"
    rf"(?: keyed (\d{{1,9}}|unreleased) key ({_HASH})(?: after (\d{{1,9}}) ({_HASH}))?(?: parts (\S.*))?)?"
)
_PART = re.compile(rf"(~?)(\+?)([a-z0-9])(?:=([^\s:()=]+))?:({_HASH}(?:\|{_HASH})*)(\()?")
_REVISION = re.compile(rf"revision (\d{{1,9}})(?: version (\S+) digest ({_HASH}))?")
_COURSE = re.compile(r"course (\S+)")
_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})( .*)?")


def parse_lock(text: str, file: str, course: str = "") -> tuple[Lock, Diagnostics]:
    """Read a lock; the empty text is the empty lock. `course` is the id that `course.yml` gives.

    Lines that cannot be read stay in `unreadable`, so that nobody writes a lock without them. What a merge left is
    reported (S203–S206) and kept, for `update` to settle.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    entries: list[Entry] = []
    releases: list[Release] = []
    unreadable: list[Diagnostic] = []
    found: list[Diagnostic] = []
    revisions: list[str] = []
    known = course
    if lines and FORMAT not in (line.strip() for line in lines):
        unreadable.append(error("S201", Span(file), format=FORMAT))
    for index, raw in enumerate(lines, 1):
        line = raw.rstrip()
        span = Span(file, index, 1, index, len(raw) + 1)
        if not line or line.startswith("carabin-lock "):
            continue
        if _MARKER.fullmatch(line):
            found.append(error("S203", span))
        elif named := _COURSE.fullmatch(line):
            known = known or named[1]
            if named[1] != known:
                unreadable.append(error("S208", span, id=named[1], course=known))
        elif release := _REVISION.fullmatch(line):
            if revisions and line not in revisions:
                found.append(error("S206", span, revision=release[1]))
            revisions.append(line)
            if release[2]:
                releases.append(Release(int(release[1]), release[2], release[3]))
        elif entry := _entry(line, span):
            entries.append(entry)
        else:
            unreadable.append(error("S202", span))
    lock = Lock(known, tuple(sorted(set(releases))), tuple(entries), tuple(unreadable))
    return lock, (*unreadable, *found, *_twice(entries))


def write_lock(lock: Lock) -> str:
    """Return the canonical text of a lock, entries sorted by slot; it ends with a newline."""
    last = lock.releases[-1] if lock.releases else None
    revision = f"revision {last.revision} version {last.version} digest {last.digest}" if last else "revision 0"
    lines = [FORMAT, f"course {lock.course}", revision, *entry_lines(lock.entries)]
    return "".join(f"{line}\n" for line in lines)


def entry_lines(entries: Iterable[Entry]) -> list[str]:
    return [_line(entry) for entry in sorted(entries, key=lambda entry: entry.slot)]


def _line(entry: Entry) -> str:
    words = [str(entry.slot), entry.kind, entry.id]
    words += ["retired"] if entry.is_retired else []
    words += ["was", ",".join(entry.was)] if entry.was else []
    words += ["since", entry.since or "unreleased", "text", entry.text]
    if not entry.is_lesson:
        words += ["keyed", "unreleased" if entry.keyed is None else str(entry.keyed), "key", entry.key]
        words += ["after", str(entry.before[0]), entry.before[1]] if entry.before else []
        words += ["parts", _tokens(entry.parts)] if entry.parts else []
    return " ".join(words)


def _tokens(parts: tuple[LockedPart, ...]) -> str:
    return " ".join(
        f"{'~' if part.is_removed else ''}{'' if part.is_released else '+'}{part.letter}"
        f"{'=' + part.name if part.name else ''}:{'|'.join(part.texts)}"
        f"{'(' + _tokens(part.children) + ')' if part.children else ''}"
        for part in parts
    )


def _entry(line: str, span: Span) -> Entry | None:
    match = _LINE.fullmatch(line)
    if not match or (match[2] == LESSON) != (match[8] is None):
        return None
    slot, kind, name, _, was, since, text, keyed, key, revision, before, tokens = match.groups()
    parts = _parts(tokens or "")
    if parts is None:
        return None
    return Entry(
        slot=int(slot),
        kind=kind,
        id=name,
        text=text,
        was=tuple(was.split(",")) if was else (),
        since=None if since == "unreleased" else since,
        is_retired=bool(match["retired"]),
        keyed=int(keyed) if keyed and keyed.isdigit() else None,
        key=key or "",
        before=(int(revision), before) if revision else None,
        parts=parts,
        span=span,
    )


def _parts(tokens: str) -> tuple[LockedPart, ...] | None:
    """Read the tokens after `parts`; None when they are not well formed."""
    levels: list[list[LockedPart]] = [[]]
    position = 0
    while position < len(tokens):
        match = _PART.match(tokens, position)
        if not match:
            return None
        position = match.end()
        removed, added, letter, name, texts, opens = match.groups()
        levels[-1].append(LockedPart(letter, tuple(texts.split("|")), name or "", not added, bool(removed)))
        if opens:
            levels.append([])
            continue
        while tokens[position : position + 1] == ")" and len(levels) > 1:
            children = tuple(levels.pop())
            levels[-1][-1] = replace(levels[-1][-1], children=children)
            position += 1
        if position < len(tokens):
            if tokens[position] != " ":
                return None
            position += 1
    if len(levels) > 1 or tokens.endswith((" ", "(")):
        return None
    letters = [[part.letter for part in level] for level in _levels(tuple(levels[0]))]
    return tuple(levels[0]) if all(len(set(level)) == len(level) for level in letters) else None


def _levels(parts: tuple[LockedPart, ...]) -> list[tuple[LockedPart, ...]]:
    return [parts, *(level for part in parts if part.children for level in _levels(part.children))]


def flat(parts: tuple[LockedPart, ...]) -> Iterable[LockedPart]:
    return (part for level in _levels(parts) for part in level)


def _twice(entries: Iterable[Entry]) -> Diagnostics:
    """Report slots, and ids of living entries, that stand on two lines."""
    found: list[Diagnostic] = []
    slots: dict[int, Entry] = {}
    ids: dict[tuple[bool, str], Entry] = {}
    for entry in entries:
        first = slots.setdefault(entry.slot, entry)
        if first is not entry:
            found.append(error("S204", entry.span, slot=entry.slot, line=first.span.line))
        elif not entry.is_retired:
            first = ids.setdefault((entry.is_lesson, entry.id), entry)
            if first is not entry:
                found.append(error("S205", entry.span, id=entry.id, line=first.span.line))
    return tuple(found)


# --- settling a merge ------------------------------------------------------------------------------------------------


def settle(lock: Lock) -> tuple[Lock, tuple[Change, ...], Diagnostics]:
    """Undo what a line union does, as a function of the set of lines: who merged and in which order is not seen.

    Versions of one entry become one; of two entries with one slot, or one id in two slots, the released one keeps it.
    Where both were released only a person knows what learners have (S207, S209, S210).
    """
    changes: list[Change] = []
    found: list[Diagnostic] = []
    joined: list[Entry] = []
    ordered = sorted(lock.entries, key=lambda entry: (entry.slot, _line(entry)))
    for slot, versions in groupby(ordered, key=lambda entry: entry.slot):
        entries = [_join(group) for group in _groups(tuple(versions))]
        shipped = [entry for entry in entries if entry.since is not None]
        if len(shipped) > 1:
            first, second = shipped[:2]
            found.append(error("S207", second.span, slot=slot, first=first.id, second=second.id))
        joined += entries
    kept: list[Entry] = []
    homes: dict[tuple[str, str], Entry] = {}
    for entry in sorted(joined, key=lambda entry: (entry.since is None, entry.slot)):
        home = None if entry.is_retired else homes.setdefault((entry.kind, entry.id), entry)
        if home is None or home is entry:
            kept.append(entry)
        elif entry.since is None:
            changes.append(Change("dropped", {"id": entry.id, "slot": entry.slot, "kept": home.slot}))
        else:
            found.append(error("S209", entry.span, id=entry.id, first=home.slot, second=entry.slot))
            kept.append(entry)
    next_slot = max((entry.slot for entry in joined), default=0) + 1
    taken: set[int] = set()
    entries = []
    for entry in sorted(kept, key=lambda entry: entry.slot):  # of one slot, the released one stands first
        if entry.slot in taken:
            changes.append(Change("renumbered", {"id": entry.id, "old": entry.slot, "slot": next_slot}))
            entry = replace(entry, slot=next_slot)
            next_slot += 1
        taken.add(entry.slot)
        entries.append(entry)
    latest = tuple(release for release in lock.releases if release.revision == lock.revision)
    if len(latest) > 1:
        versions_shipped = " / ".join(f"{release.version} ({release.digest})" for release in latest)
        found.append(error("S210", lock.span, revision=lock.revision, versions=versions_shipped))
    if len(lock.entries) > len(entries) or len(lock.releases) > 1:
        changes.insert(0, Change("merged", {"count": len(lock.entries) - len(entries)}))
    settled = tuple(sorted(entries, key=lambda entry: entry.slot))
    return replace(lock, releases=latest[-1:], entries=settled), tuple(changes), tuple(found)


def _groups(versions: tuple[Entry, ...]) -> list[tuple[Entry, ...]]:
    """Sort the lines of one slot into entries: lines of one kind that share an id, present or past, are one entry."""
    groups: list[tuple[Entry, ...]] = []
    for version in versions:
        names = {version.id, *version.was}
        near = [group for group in groups if any(_is_akin(version, names, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append((*(other for group in near for other in group), version))
    return groups


def _is_akin(version: Entry, names: set[str], other: Entry) -> bool:
    return version.kind == other.kind and not names.isdisjoint({other.id, *other.was})


def _join(versions: tuple[Entry, ...]) -> Entry:
    """Make one entry of several versions of it: nothing released is lost, and the source decides the rest."""
    if len(versions) == 1:
        return versions[0]
    names = {version.id for version in versions}
    past = {old for version in versions for old in version.was}
    identity = min(names - past or names)
    since = min((version.since for version in versions if version.since), key=_age, default=None)
    keys = [(version.keyed, version.key) if version.keyed is not None else version.before for version in versions]
    baseline = max((key for key in keys if key is not None), default=None)
    keyed, key = baseline or (None, min(version.key for version in versions))
    return replace(
        min(versions, key=_line),
        id=identity,
        text=min(version.text for version in versions),
        was=tuple(sorted((names | past) - {identity})),
        since=since,
        is_retired=any(version.is_retired for version in versions),
        keyed=keyed,
        key=key,
        before=None,
        parts=_join_parts([version.parts for version in versions]),
        span=max(version.span for version in versions),
    )


def _join_parts(versions: Sequence[tuple[LockedPart, ...]]) -> tuple[LockedPart, ...]:
    by_letter: dict[str, list[LockedPart]] = {}
    for version in versions:
        for part in version:
            by_letter.setdefault(part.letter, []).append(part)
    return tuple(_join_part(parts) for parts in by_letter.values())


def _join_part(parts: list[LockedPart]) -> LockedPart:
    ranked = sorted({(not part.is_released, text) for part in parts for text in part.texts})
    return LockedPart(
        parts[0].letter,
        tuple(dict.fromkeys(text for _, text in ranked)),
        max(part.name for part in parts),
        any(part.is_released for part in parts),
        all(part.is_removed for part in parts),
        _join_parts([part.children for part in parts]),
    )


def _age(version: str) -> tuple[tuple[int, ...], str]:
    """Return what versions are compared by: their numbers, then a pre-release before its release."""
    numbers, _, label = version.partition("-")
    return tuple(int(number) for number in numbers.split(".") if number.isdigit()), label or "~"


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]

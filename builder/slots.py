"""Which number and letters each lesson and question of a source has, according to `course.lock`.

`assign` only reads and gives provisional numbers to what is new; `update` and `release` are `carabin lock` (progress,
"Slots and `course.lock`"). Text, order and points never change a number; `lock.py` knows the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from builder.diagnostics import Diagnostic, Diagnostics, Span, error, note, warning
from builder.lock import LESSON, Change, Entry, Lock, LockedPart, Release, entry_lines, flat, settle, short_hash
from builder.model import LETTERS, Lesson, Part, Question
from builder.questions import Letters
from builder.score import normalise

NOT_LOCKED = "S215"
"""Something in the source is not yet in the lock."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What the lock says of one question: an answer given before revision `keyed_at` is asked again."""

    slot: int
    keyed_at: int
    letters: Letters


@dataclass(frozen=True, slots=True)
class Assigned:
    """Slots of lessons, places of questions, by id. `lock` is what the package carries; `provisional` names what
    `carabin lock` has not written yet: entries that are new, were renamed, have new letters or another key."""

    revision: int
    lessons: Mapping[str, int]
    questions: Mapping[str, Placed]
    provisional: tuple[str, ...]
    lock: Lock


# --- what check, build and lock do -----------------------------------------------------------------------------------


def assign(lock: Lock, lessons: Sequence[Lesson]) -> tuple[Assigned, Diagnostics]:
    """Give every lesson and question its numbers without writing: what the lock lacks is what `carabin lock` would
    give. Lessons and questions without id are left out (another finding asks for their ids)."""
    settled, _, _ = settle(lock)
    placed, _, found = _place(settled, lessons)
    revision = lock.revision + (not all(entry.is_released for entry in placed.entries))
    old = {entry.slot: entry for entry in lock.entries}
    alive = {(entry.is_lesson, entry.id): entry for entry in placed.entries if not entry.is_retired}
    in_source = {(True, lesson.id): lesson for lesson in lessons if lesson.id}
    questions = {
        question.id: Placed(entry.slot, revision if entry.keyed is None else entry.keyed, _letters(question, entry))
        for lesson in lessons
        for question in lesson.questions
        if question.id and (entry := alive[False, question.id])
    }
    provisional = tuple(entry.id for entry in alive.values() if _is_provisional(old.get(entry.slot), entry))
    slots = {name: alive[True, name].slot for _, name in in_source}
    return Assigned(revision, slots, questions, provisional, placed), found


def update(lock: Lock, lessons: Sequence[Lesson]) -> tuple[Lock, tuple[Change, ...], Diagnostics]:
    """Bring a lock up to date with the source: settle what a merge left, then add, rename, retire, revive.

    With an error among the findings the lock must not be written.
    """
    settled, merged, unsettled = settle(lock)
    placed, changes, found = _place(settled, lessons)
    return replace(placed, unreadable=()), (*merged, *changes), (*lock.unreadable, *unsettled, *found)


def release(lock: Lock, version: str, span: Span) -> tuple[Lock, Diagnostics]:
    """Close a release: all that is unreleased gets `version`, and the revision rises by one.

    `lock` is settled and up to date, `span` the place of the version. Releasing a version again changes nothing, or is
    an error when something is new.
    """
    last = lock.releases[-1] if lock.releases else None
    if last and last.version == version:
        if all(entry.is_released for entry in lock.entries):
            return lock, ()
        return lock, (error("S214", span, version=version, revision=last.revision),)
    revision = lock.revision + 1
    entries = tuple(_released(entry, version, revision) for entry in lock.entries)
    digest = short_hash("\n".join(entry_lines(entries)))
    return replace(lock, releases=(Release(revision, version, digest),), entries=entries), ()


def not_locked(assigned: Assigned, span: Span, is_locked: bool = False, is_first: bool = False) -> Diagnostics:
    """Return the one finding about all that has a provisional number.

    An error when the lock must be complete, a note where this is the first one (`is_first`).
    """
    names = assigned.provisional
    if not names:
        return ()
    shown = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
    say = error if is_locked else note if is_first else warning
    return (say("S215", span, count=len(names), ids=shown),)


def not_released(lock: Lock, span: Span) -> Diagnostics:
    """Return a note about a lock that is up to date but not released: its packages are for trying out."""
    count = sum(not entry.is_released for entry in lock.entries)
    return (note("S217", span, count=count),) if count else ()


def _is_provisional(old: Entry | None, new: Entry) -> bool:
    if old is None or (old.kind, old.id, old.key, old.is_retired) != (new.kind, new.id, new.key, new.is_retired):
        return True
    return _alphabet(old.parts) != _alphabet(new.parts)


def _alphabet(parts: tuple[LockedPart, ...]) -> list[list[str]]:
    ordered = sorted(parts, key=lambda part: part.letter)
    return [[part.letter, *(child.letter for child in part.children)] for part in ordered]


def _released(entry: Entry, version: str, revision: int) -> Entry:
    keyed = revision if entry.keyed is None and not entry.is_lesson else entry.keyed
    parts = tuple(_shipped(part) for part in entry.parts)
    return replace(entry, since=entry.since or version, keyed=keyed, before=None, parts=parts)


def _shipped(part: LockedPart) -> LockedPart:
    return replace(part, is_released=True, children=tuple(_shipped(child) for child in part.children))


# --- bringing a lock and a source together ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    """A lesson or question of the source, as far as the lock cares."""

    kind: str
    id: str
    was: tuple[str, ...]
    text: str
    span: Span
    question: Question | None = None

    @property
    def key(self) -> tuple[bool, str]:
        """Return what is unique in a course."""
        return self.question is None, self.id


def _items(lessons: Iterable[Lesson]) -> tuple[_Item, ...]:
    """Return what wants a slot, in reading order; without id there is none, and an id counts once."""
    found: dict[tuple[bool, str], _Item] = {}
    for lesson in lessons:
        items = [_Item(LESSON, lesson.id, lesson.was, short_hash(_plain(lesson.title)), lesson.span)]
        for question in lesson.questions:
            text = short_hash("\n".join(_plain(words) for words in (question.title, *_words(question.parts))))
            items.append(_Item(question.type, question.id, question.was, text, question.span, question))
        for item in items:
            if item.id:
                found.setdefault(item.key, item)
    return tuple(found.values())


def _place(lock: Lock, lessons: Sequence[Lesson]) -> tuple[Lock, tuple[Change, ...], Diagnostics]:
    """Return the lock as the source wants it; `lock` is settled."""
    items = _items(lessons)
    homes, replaced, problems = _match(lock.entries, items)
    found = [*problems, *_renames(lock.entries, items, homes)]
    changes: list[Change] = []
    entries: list[Entry] = []
    next_slot = max((entry.slot for entry in lock.entries), default=0) + 1
    known = {name for entry in lock.entries for name in (entry.id, *entry.was)}
    for item in items:
        home = homes.get(item.key)
        if home is None:
            if lock.entries:
                strange = (name for name in item.was if name not in known)
                found += [warning("S218", item.span, id=item.id, was=name) for name in strange]
            home = Entry(next_slot, item.kind, item.id, item.text, span=lock.span)
            next_slot += 1
            changes.append(Change("added", {"id": item.id, "slot": home.slot}))
        entry, problems = _with_source(home, item)
        found += problems
        changes += _changes(home, entry)
        entries.append(entry)
    claimed = {entry.slot for entry in entries}
    for entry in lock.entries:
        if entry.slot in replaced:
            changes.append(Change("dropped", {"id": entry.id, "slot": entry.slot, "kept": replaced[entry.slot]}))
        elif entry.slot not in claimed:
            retired = replace(entry, is_retired=True)
            changes += _changes(entry, retired)
            entries.append(retired)
    ordered = tuple(sorted(entries, key=lambda entry: entry.slot))
    return replace(lock, entries=ordered), tuple(changes), tuple(found)


def _match(
    entries: Sequence[Entry], items: Sequence[_Item]
) -> tuple[dict[tuple[bool, str], Entry], dict[int, int], Diagnostics]:
    """Find the entry of each item: by its id, by the ids it says it had, by an old id that the lock remembers.

    Also returns the unreleased entries (slot → slot of the right one) that a `was`, written late, makes superfluous. An
    entry of another type is never taken: saved responses of one type cannot be read as another.
    """
    sources = {item.key: item for item in items}
    by_id: dict[tuple[str, str], Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.is_retired, entry.since is None, entry.slot)):
        by_id.setdefault((entry.kind, entry.id), entry)
    free = [entry for entry in entries if (entry.is_lesson, entry.id) not in sources]
    homes: dict[tuple[bool, str], Entry] = {}
    replaced: dict[int, int] = {}
    claims: dict[int, str] = {}
    found: list[Diagnostic] = []
    for item in items:
        own = by_id.get((item.kind, item.id))
        named = [entry for entry in free if entry.kind == item.kind and _carried(entry, item.was)]
        remembered = [entry for entry in free if entry.kind == item.kind and item.id in entry.was]
        for old in item.was:
            if (item.question is None, old) in sources:
                found.append(warning("S212", item.span, id=item.id, old=old))
        claimed = [entry for entry in named if entry.slot in claims]
        if claimed:
            found.append(error("S213", item.span, id=item.id, other=claims[claimed[0].slot], old=claimed[0].id))
        candidates = [entry for entry in (*named, *remembered) if entry.slot not in claims]
        candidates.sort(key=lambda entry: (entry.is_retired, entry.slot))
        home = own
        if candidates and (own is None or (own.since is None and candidates[0].since is not None)):
            home = candidates[0]
            if own is not None:
                replaced[own.slot] = home.slot
        if home is not None:
            homes[item.key] = home
            claims[home.slot] = item.id
    return homes, replaced, tuple(found)


def _carried(entry: Entry, names: tuple[str, ...]) -> bool:
    return entry.id in names or not set(names).isdisjoint(entry.was)


def _renames(
    entries: Iterable[Entry], items: Iterable[_Item], homes: Mapping[tuple[bool, str], Entry]
) -> Iterable[Diagnostic]:
    """Propose `was` where an id has gone and one new lesson or question, and only one, has the same text."""
    taken = {home.slot for home in homes.values()}
    gone: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.slot not in taken:
            gone.setdefault((entry.kind, entry.text), []).append(entry)
    new: dict[tuple[str, str], list[_Item]] = {}
    for item in items:
        home = homes.get(item.key)
        if home is None or home.since is None:
            new.setdefault((item.kind, item.text), []).append(item)
    for shared in sorted(gone.keys() & new.keys()):
        if len(gone[shared]) == 1 and len(new[shared]) == 1:
            entry, item = gone[shared][0], new[shared][0]
            if item.key not in homes or entry.since is not None:
                yield warning("S211", item.span, id=item.id, old=entry.id, slot=entry.slot)


def _changes(before: Entry, after: Entry) -> Iterable[Change]:
    """Say in codes what became of an entry that has a slot."""
    named: dict[str, str | int] = {"id": after.id, "slot": after.slot}
    if before.id != after.id:
        yield Change("renamed", {**named, "old": before.id})
    if before.is_retired != after.is_retired:
        yield Change("retired" if after.is_retired else "revived", named)
    if before.key and before.key != after.key:
        yield Change("rekeyed", named)
    if before.key and _alphabet(before.parts) != _alphabet(after.parts):
        letters = "".join(part.letter for part in after.parts if not part.is_removed)
        yield Change("lettered", {**named, "letters": letters})


def _with_source(entry: Entry, item: _Item) -> tuple[Entry, Diagnostics]:
    """Return an entry with the id, text, parts and key that the source gives it."""
    was = tuple(sorted({*entry.was, entry.id} - {item.id}))
    entry = replace(entry, id=item.id, was=was, text=item.text, is_retired=False)
    question = item.question
    if question is None:
        return entry, ()
    parts = _with_parts(entry.parts, question.parts)
    key = _key(question, parts)
    shipped = (entry.keyed, entry.key) if entry.keyed is not None else entry.before
    if shipped and shipped[1] == key:
        entry = replace(entry, keyed=shipped[0], key=key, before=None, parts=parts)
    else:
        entry = replace(entry, keyed=None, key=key, before=shipped, parts=parts)
    if any(not part.letter for part in flat(parts)):
        return entry, (error("S216", item.span, id=item.id, count=len(LETTERS)),)
    return entry, ()


# --- parts and their letters -----------------------------------------------------------------------------------------


def _with_parts(locked: tuple[LockedPart, ...], parts: tuple[Part, ...]) -> tuple[LockedPart, ...]:
    """Return the parts of the source, in its order, each with its letter for life; then what was removed.

    A part is found by its name, else by its text, else at its place: between the neighbours that were found. Letters
    are never given twice; a part without letter is one too many (S216).
    """
    if not locked and not parts:
        return ()
    homes = _homes(locked, parts)
    given = {part.letter for part in locked}
    letters = {index: home.letter for index, home in homes.items()}
    unused = iter([letter for letter in LETTERS if letter not in given])
    contested = {text for part in locked if len(part.texts) > 1 for text in part.texts}
    new = [(index, _text(part)) for index, part in enumerate(parts) if index not in homes]
    for index, _ in sorted(new, key=lambda one: (0, one[1], one[0]) if one[1] in contested else (1, "", one[0])):
        letters[index] = next(unused, "")
    placed = []
    for index, part in enumerate(parts):
        home = homes.get(index)
        before = home.children if home else ()
        children = _with_parts(before, part.children) if before or part.children else ()
        placed.append(
            LockedPart(letters[index], (_text(part),), part.name, bool(home and home.is_released), False, children)
        )
    kept = {part.letter for part in placed}
    removed = [replace(part, is_removed=True) for part in locked if part.letter not in kept]
    return (*placed, *sorted(removed, key=lambda part: LETTERS.index(part.letter)))


def _homes(locked: tuple[LockedPart, ...], parts: tuple[Part, ...]) -> dict[int, LockedPart]:
    """Pair the parts of the source (by index) with those of the lock."""
    homes: dict[int, LockedPart] = {}

    def pair(index: int, home: LockedPart) -> None:
        if index not in homes and home not in homes.values():
            homes[index] = home

    by_name = {part.name: part for part in locked if part.name}
    for index, part in enumerate(parts):
        if part.name in by_name:
            pair(index, by_name[part.name])
    texts = [_text(part) for part in parts]
    same = [
        (home.texts.index(text), home.is_removed, place, index)
        for place, home in enumerate(locked)
        for index, text in enumerate(texts)
        if text in home.texts
    ]
    for _, _, place, index in sorted(same):
        pair(index, locked[place])
    for step in (1, -1):
        old = _runs([(part.letter, part in homes.values()) for part in locked if not part.is_removed], step)
        now = _runs([(homes[i].letter if i in homes else str(i), i in homes) for i in range(len(parts))], step)
        by_letter = {part.letter: part for part in locked}
        for anchor, letters in old.items():
            for letter, mark in zip(letters, now.get(anchor, ()), strict=False):
                home = by_letter[letter]
                if not (home.name and parts[int(mark)].name):
                    pair(int(mark), home)
    return homes


def _runs(marks: Sequence[tuple[str, bool]], step: int) -> dict[str, list[str]]:
    """Return, for each mark that is an anchor (True; `""`: the edge), the marks that follow it up to the next one."""
    runs: dict[str, list[str]] = {}
    anchor = ""
    for mark, is_anchor in marks[::step]:
        if is_anchor:
            anchor = mark
        else:
            runs.setdefault(anchor, []).append(mark)
    return runs


def _letters(question: Question, entry: Entry) -> Letters:
    parts = entry.parts[: len(question.parts)]
    pairs = zip(question.parts, parts, strict=True)
    children = tuple(tuple(child.letter for child in home.children[: len(part.children)]) for part, home in pairs)
    return Letters(tuple(part.letter for part in parts), children)


def _key(question: Question, parts: tuple[LockedPart, ...]) -> str:
    """Return the hash of what makes responses right: letters and keys, in the order of the source if that counts."""
    marks: list[str] = []
    for part, home in zip(question.parts, parts, strict=False):
        paired = "".join(sorted(parts[index].letter for index in part.pairs))
        marks += [f"{home.letter}={part.key}{paired}"] if part.key else []
        for child, locked in zip(part.children, home.children, strict=False):
            paired = "".join(sorted(parts[index].letter for index in child.pairs))
            marks += [f"{home.letter}.{locked.letter}={child.key}{paired}"] if child.key else []
    return short_hash("\n".join(marks if question.key_order else sorted(marks)))


def _text(part: Part) -> str:
    return _mark(part.text)


@lru_cache(maxsize=4096)
def _mark(text: str) -> str:
    """Return the short hash of a part's text; the same few texts are asked for again and again."""
    return short_hash(_plain(text))


def _words(parts: Iterable[Part]) -> Iterable[str]:
    for part in parts:
        yield part.text
        yield from _words(part.children)


def _plain(text: str) -> str:
    """Return a text without what typography changes: kinds of spaces and apostrophes, final punctuation."""
    return normalise(text, case=True, accents=True)

"""Packages as files: a zip, or a folder as unpacked; what in them harms an importer, and bounded reading of the rest.

Nothing is extracted and no link is followed. A zip is read from its central directory, as careful unpackers do, by code
of our own: the standard library's reader refuses a whole archive for one bad name, hides what is asked here (raw names,
duplicates, overlaps) and judges differently from one Python to the next.

Bounds: the tail and the directory of a zip are read whole (`Limits.directory`), contents in pieces; what is unpacked in
all is counted (`checked`, `read_total`), so that time and memory hang on the limits and not on what a package claims.

Source: PKWARE APPNOTE 6.3.10 §4.3 (structure), §4.4 (fields), appendix D (names); SCORM 1.2 CAM, PIF (standards a.4).
"""

from __future__ import annotations

import os
import re
import stat
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from builder.inspect import Entry, Finding, Verdict

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Most that is taken from one package: `files` in number; `directory`, `file` (one that is read), `read_total`,
    `checked` (contents compared with their check sums) in bytes; `depth` in folders."""

    files: int = 100_000
    directory: int = 32 * MIB
    file: int = 16 * MIB
    read_total: int = 128 * MIB
    checked: int = 512 * MIB
    depth: int = 32


LIMITS = Limits()

RATIO = 100
RATIO_FROM = 32 * MIB
"""A file, or all together, from this size on that shrank to less than a hundredth is no course: text shrinks to a
tenth, images and films hardly."""

PLAIN_ZIP = 4_000_000_000
"""Bytes, packed or unpacked, that importers without Zip64 can take."""

NAME_LIMIT = 255
"""Bytes of a whole path: the columns of Moodle's tables."""

PIECE = 64 * 1024

KINDS: tuple[tuple[bytes, str], ...] = (
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "Microsoft Office 97"),
    (b"<?xml", "XML"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
)
"""First bytes by which a file that is no zip is named."""

DEVICE = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?(?:/|$)", re.IGNORECASE)
REFUSED = re.compile(r'[<>:"|?*\x00-\x1f\x7f]|[ .]$')
"""What Windows cannot unpack: names of devices, signs, a final dot or space."""

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
RECORD = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")


class Unreadable(Exception):
    """The directory of a zip cannot be read; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of the central directory. `raw`: its name as written; `start`: the place of its local header; `mode`:
    Unix mode, 0 where none is told; sizes and places in bytes."""

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    mode: int
    is_zip64: bool

    @property
    def is_encrypted(self) -> bool:
        """Tell whether a password, or a strong method, hides the content."""
        return bool(self.flags & 0x2041)

    @property
    def is_named_in_utf8(self) -> bool:
        """Tell whether the name says that it is UTF-8."""
        return bool(self.flags & 0x800)

    @property
    def shown(self) -> str:
        """Return the name as unpackers decode it: UTF-8 where it can be, else the old code page of DOS."""
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return self.raw.decode("cp437")

    @property
    def is_folder(self) -> bool:
        """Tell whether it stands for a folder."""
        return self.raw.endswith((b"/", b"\\")) or stat.S_ISDIR(self.mode)

    @property
    def cost(self) -> int:
        """Return the bytes that unpacking it reads or makes, whichever are more."""
        return max(self.size, self.packed)

    @property
    def is_special(self) -> bool:
        """Tell whether it is a link or a device."""
        return bool(stat.S_IFMT(self.mode)) and not stat.S_ISREG(self.mode) and not stat.S_ISDIR(self.mode)


class Zip:
    """A zip as a `Package`. `check` yields its hazards; `entries` are the files that a careful unpacker writes."""

    def __init__(self, name: str, file: BinaryIO, limits: Limits = LIMITS) -> None:
        self._file, self._limits, self._left = file, limits, limits.read_total
        self._name = name
        self._refusal: Finding | None = None
        self._general: list[Finding] = []
        self._shift = 0
        self._records = self._directory()
        self._files: dict[str, Record] = {}
        for record in self._records:
            safe = safe_name(record.shown, limits.depth)
            if safe and not record.is_folder and not record.is_special:
                self._files[safe] = record
        self._entries = {key: Entry(key, one.size, one.packed) for key, one in self._files.items()}

    @property
    def name(self) -> str:
        """Name of the file, without its path."""
        return self._name

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Files by name with forward slashes; of two with the same name, the last."""
        return self._entries

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None when there is none of this exact name, it is damaged or beyond limits."""
        record = self._files.get(name)
        if record is None or record.cost > self._limits.file or record.cost > self._left:
            return None
        self._left -= record.cost
        try:
            pieces = list(self._content(record))
        except (ValueError, zlib.error, OSError):
            return None
        return b"".join(pieces)

    def check(self) -> Iterator[Finding]:
        """Yield what harms an importer: P1xx, first what concerns the whole, then file by file."""
        if self._refusal is not None:
            yield self._refusal
            return
        yield from self._general
        yield from self._check_sizes()
        yield from self._check_overlaps()
        for record in self._records:
            yield from self._check_record(record)
        yield from check_names(
            [one.shown for one in self._records if not one.is_folder],
            [one.shown for one in self._records if one.is_folder],
        )
        yield from self._check_contents()

    # --- directory ---------------------------------------------------------------------------------------------------

    def _directory(self) -> tuple[Record, ...]:
        """Return the records; none where they cannot be read, which `_refusal` tells."""
        try:
            return self._read_directory()
        except Unreadable as problem:
            self._refusal = problem.finding
            return ()

    def _read_directory(self) -> tuple[Record, ...]:
        """Return the records. Raises `Unreadable`."""
        size = self._file.seek(0, os.SEEK_END)
        tail_size = min(size, END.size + 0xFFFF + LOCATOR.size)
        tail = self._at(size - tail_size, tail_size)
        place = self._find_end(tail)
        _, disk, first_disk, here, count, length, offset, _ = END.unpack_from(tail, place)
        end = size - tail_size + place
        is_zip64 = place >= LOCATOR.size and tail[place - LOCATOR.size :].startswith(b"PK\x06\x07")
        if is_zip64:
            _, _, where, disks = LOCATOR.unpack_from(tail, place - LOCATOR.size)
            block = self._at(where, END64.size) if where + END64.size <= size else b""
            if not block.startswith(b"PK\x06\x06"):
                raise Unreadable(broken("P102"))
            _, _, _, _, disk, first_disk, here, count, length, offset = END64.unpack(block)
            end = where
            disk = max(disk, disks - 1)
        if disk or first_disk or here != count:
            raise Unreadable(broken("P111"))
        if count > self._limits.files or length > self._limits.directory:
            files = max(count, length // RECORD.size)
            raise Unreadable(broken("P103", files=files, limit=self._limits.files))
        shift = end - length - offset
        if shift < 0 or offset < 0:
            raise Unreadable(broken("P102"))
        self._shift = shift
        records = tuple(self._read_records(self._at(end - length, length)))
        if len(records) != count:
            raise Unreadable(broken("P102"))
        if is_zip64 or any(record.is_zip64 for record in records):
            self._general.append(risky("P122"))
        if shift:
            self._general.append(risky("P125", bytes=shift))
        if all(record.is_folder for record in records):
            self._general.append(broken("P130"))
        return records

    def _find_end(self, tail: bytes) -> int:
        """Return the place of the end record in the last bytes of the file. Raises `Unreadable`."""
        place = len(tail)
        while (place := tail.rfind(b"PK\x05\x06", 0, place)) >= 0:
            if place + END.size <= len(tail):
                comment = END.unpack_from(tail, place)[-1]
                if place + END.size + comment <= len(tail):
                    return place
        first = self._at(0, 512)
        if first.startswith((b"PK\x03\x04", b"PK\x07\x08")):
            raise Unreadable(broken("P102"))
        raise Unreadable(broken("P101", kind=kind_of(first)))

    def _read_records(self, block: bytes) -> Iterator[Record]:
        place = 0
        while place + RECORD.size <= len(block):
            fields = RECORD.unpack_from(block, place)
            signature, made, _, flags, method, _, _, crc, packed, size = fields[:10]
            name_size, extra_size, comment_size, _, _, outer, start = fields[10:]
            end = place + RECORD.size + name_size + extra_size + comment_size
            if signature != b"PK\x01\x02" or end > len(block):
                return
            middle = place + RECORD.size + name_size
            raw, extra = block[place + RECORD.size : middle], block[middle : middle + extra_size]
            wide = zip64_fields(extra)
            is_wide = wide is not None
            numbers = []
            for value in (size, packed, start):
                numbers.append(wide.pop(0) if wide and value == 0xFFFFFFFF else value)
            mode = outer >> 16 if made >> 8 in (3, 19) else 0
            yield Record(raw, flags, method, crc, numbers[1], numbers[0], numbers[2], mode, is_wide)
            place = end

    # --- hazards -----------------------------------------------------------------------------------------------------

    def _check_sizes(self) -> Iterator[Finding]:
        size, packed = sum(one.size for one in self._records), sum(one.packed for one in self._records)
        if size > RATIO_FROM and size > RATIO * packed:
            yield broken("P104", megabytes=size // 1_000_000, packed=packed // 1000)
        elif max(size, packed) > PLAIN_ZIP:
            yield risky("P131", megabytes=size // 1_000_000, limit=PLAIN_ZIP // 1_000_000)
        for one in self._records:
            if is_bomb(one) and size <= RATIO * packed:
                yield broken("P104", one.shown, megabytes=one.size // 1_000_000, packed=one.packed // 1000)

    def _check_overlaps(self) -> Iterator[Finding]:
        """Two entries that share bytes are the densest of bombs, and no program writes them."""
        reached, before = 0, ""
        for one in sorted(self._records, key=lambda one: (one.start, one.raw)):
            if one.start < reached:
                yield broken("P105", one.shown, other=before)
            reached = max(reached, one.start + LOCAL.size + len(one.raw) + one.packed)
            before = one.shown

    def _check_record(self, record: Record) -> Iterator[Finding]:
        name = record.shown
        if record.is_special:
            yield broken("P109", name)
        if record.is_encrypted:
            yield broken("P110", name)
        elif record.method not in (0, 8):
            yield broken("P112", name, method=record.method)
        if not record.raw.isascii():
            if not record.is_named_in_utf8:
                yield risky("P116", name)
            elif not is_utf8(record.raw):
                yield risky("P118", name)
            elif not unicodedata.is_normalized("NFC", name):
                yield risky("P117", name)

    def _check_contents(self) -> Iterator[Finding]:
        """Unpack everything, in pieces and into nothing, until the limit; compare with sizes and check sums."""
        left = self._limits.checked
        unchecked = 0
        for record in self._records:
            if record.is_encrypted or record.method not in (0, 8) or is_bomb(record):
                continue
            if record.cost > left:
                unchecked += 1
                continue
            left -= record.cost
            try:
                other = self._local_name(record)
                for _ in self._content(record):
                    pass
            except (ValueError, zlib.error, OSError):
                yield broken("P113", record.shown)
            else:
                if other != record.raw:
                    yield risky("P126", record.shown, other=other.decode("utf-8", "replace"))
        if unchecked:
            yield note("P127", files=unchecked, megabytes=self._limits.checked // 1_000_000)

    # --- contents ----------------------------------------------------------------------------------------------------

    def _at(self, place: int, size: int) -> bytes:
        self._file.seek(place)
        return self._file.read(size)

    def _local(self, record: Record) -> tuple[int, int]:
        """Return where the local name starts, and its size. Raises `ValueError` where there is no local header."""
        place = self._shift + record.start
        header = self._at(place, LOCAL.size)
        if len(header) < LOCAL.size or not header.startswith(b"PK\x03\x04"):
            raise ValueError("no local header")
        return place + LOCAL.size, LOCAL.unpack(header)[-2]

    def _local_name(self, record: Record) -> bytes:
        place, size = self._local(record)
        return self._at(place, size)

    def _content(self, record: Record) -> Iterator[bytes]:
        """Yield the content in pieces, never more than the entry declares.

        Raises `ValueError` or `zlib.error` for what is damaged, encrypted or packed by a method of which nothing is
        known here.
        """
        if record.is_encrypted or record.method not in (0, 8):
            raise ValueError("encrypted, or an unknown method")
        place, _ = self._local(record)
        name_size, extra_size = LOCAL.unpack(self._at(place - LOCAL.size, LOCAL.size))[-2:]
        place += name_size + extra_size
        unpacker = zlib.decompressobj(-15) if record.method == 8 else None
        crc = made = taken = 0
        while taken < record.packed:
            block = self._at(place + taken, min(PIECE, record.packed - taken))
            if not block:
                raise ValueError("the file ends too soon")
            taken += len(block)
            for piece in inflated(unpacker, block) if unpacker else (block,):
                made += len(piece)
                if made > record.size:
                    raise ValueError("more than declared")
                crc = zlib.crc32(piece, crc)
                yield piece
        if made != record.size or crc != record.crc or (unpacker and not unpacker.eof):
            raise ValueError("less than declared, or another check sum")


class Folder:
    """A folder as a `Package`: a package as unpacked. Links and devices are reported and never followed."""

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        self._path, self._limits, self._left = path, limits, limits.read_total
        self._entries: dict[str, Entry] = {}
        self._special: list[str] = []
        self._deep: list[str] = []
        self._is_cut = False
        for folder, folders, files in os.walk(path, followlinks=False):
            inner = Path(folder).relative_to(path)
            special = [name for name in folders if Path(folder, name).is_symlink()]
            folders[:] = sorted(name for name in folders if name not in special)
            if len(inner.parts) >= limits.depth and folders:
                self._deep.append(os.fsencode(inner.as_posix()).decode("utf-8", "replace"))
                folders.clear()
            for name in sorted((*special, *files)):
                self._add((inner / name).as_posix(), Path(folder, name))
            if len(self._entries) + len(self._special) > limits.files:
                self._is_cut = True
                break

    def _add(self, name: str, path: Path) -> None:
        try:
            status = path.lstat()
        except OSError:
            return
        shown = os.fsencode(name).decode("utf-8", "replace")
        if stat.S_ISREG(status.st_mode):
            self._entries[shown] = Entry(shown, status.st_size, status.st_size)
        else:
            self._special.append(shown)

    @property
    def name(self) -> str:
        """Name of the folder, without its path."""
        return self._path.absolute().name

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Files by name with forward slashes."""
        return self._entries

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; None when there is none of this exact name, or it is beyond the limits."""
        entry = self._entries.get(name)
        if entry is None or entry.size > self._limits.file or entry.size > self._left:
            return None
        self._left -= entry.size
        try:
            with (self._path / name).open("rb") as file:
                return file.read(entry.size)
        except OSError:
            return None

    def check(self) -> Iterator[Finding]:
        """Yield what harms an importer once the folder is packed."""
        if self._is_cut:
            yield broken("P103", files=len(self._entries), limit=self._limits.files)
        elif not self._entries:
            yield broken("P130")
        for name in self._special:
            yield broken("P109", name)
        for name in self._deep:
            yield risky("P121", name, depth=self._limits.depth + 1, limit=self._limits.depth)
        yield from check_names(list(self._entries), [])


class Single:
    """A description without a zip, as a `Package` of one file, called as it would be in a zip (cmi5 §14.2)."""

    def __init__(self, name: str, entry: str, content: bytes) -> None:
        self._name, self._content = name, content
        self._entry = Entry(entry, len(content), len(content))

    @property
    def name(self) -> str:
        """Name of the file, without its path."""
        return self._name

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The one file."""
        return {self._entry.name: self._entry}

    def read(self, name: str) -> bytes | None:
        """Return its content; None for any other name."""
        return self._content if name == self._entry.name else None

    def check(self) -> Iterator[Finding]:
        """Yield nothing: a file alone has no archive."""
        return iter(())


def single(name: str, content: bytes, limits: Limits = LIMITS) -> Single | None:
    """Return a course structure of cmi5, or a `tincan.xml`, that comes without a zip; None for anything else."""
    head = content[: 64 * 1024].replace(b"\0", b"")
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") or len(content) > limits.file:
        return None
    roots = ((b"courseStructure", "cmi5.xml"), (b"tincan", "tincan.xml"))
    entry = next((entry for root, entry in roots if re.search(rb"<(?:[\w.-]+:)?" + root + rb"[\s>]", head)), None)
    return Single(name, entry, content) if entry else None


Opened = Zip | Folder | Single


@contextmanager
def open_package(path: Path, limits: Limits = LIMITS) -> Iterator[Opened]:
    """Open a zip, a folder, or a description without a zip. Raises `OSError` where there is none, or it may not be
    read."""
    if path.is_dir():
        yield Folder(path, limits)
    else:
        with path.open("rb") as file:
            is_text = path.suffix.lower() == ".xml"
            alone = single(path.name, file.read(limits.file + 1), limits) if is_text else None
            yield alone or Zip(path.name, file, limits)


def from_bytes(name: str, content: bytes, limits: Limits = LIMITS) -> Zip:
    """Return a zip that lies in memory."""
    return Zip(name, BytesIO(content), limits)


def broken(code: str, path: str = "", line: int = 0, **arguments: str | int) -> Finding:
    """Return a finding that makes a package broken."""
    return Finding(code, Verdict.BROKEN, path, line, arguments)


def risky(code: str, path: str = "", line: int = 0, **arguments: str | int) -> Finding:
    """Return a finding that makes a package risky."""
    return Finding(code, Verdict.RISKY, path, line, arguments)


def note(code: str, path: str = "", line: int = 0, **arguments: str | int) -> Finding:
    """Return a finding that informs."""
    return Finding(code, Verdict.GOOD, path, line, arguments)


def safe_name(name: str, depth: int = LIMITS.depth) -> str:
    """Return the path that a careful unpacker writes, with forward slashes; empty where it writes none."""
    forward = name.replace("\\", "/")
    parts = [part for part in forward.split("/") if part not in ("", ".")]
    if escapes(forward) or is_absolute(forward) or "\0" in name or len(parts) > depth:
        return ""
    return "/".join(parts)


def escapes(name: str) -> bool:
    """Tell whether a name climbs out of its folder, wherever it comes back to."""
    return ".." in name.replace("\\", "/").split("/")


def is_absolute(name: str) -> bool:
    """Tell whether a name begins at the root, at a drive or at a server."""
    return name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name))


def check_names(files: list[str], folders: list[str]) -> Iterator[Finding]:
    """Yield what is wrong with the names of a package's files: alone, and beside each other."""
    for name in (*files, *folders):
        yield from _check_name(name)
    shown = [safe_name(name) for name in files]
    names = [name for name in shown if name]
    for name, count in Counter(names).items():
        if count > 1:
            yield risky("P115", name, count=count)
    first: dict[str, str] = {}
    for name in dict.fromkeys(names):
        other = first.setdefault(name.casefold(), name)
        if other != name:
            yield risky("P114", name, other=other)
    parents: set[str] = set()
    for name in dict.fromkeys(names):
        while (name := name.rpartition("/")[0]) and name not in parents:
            parents.add(name)
    for name in sorted(parents & set(names)):
        yield broken("P128", name)
    for name in dict.fromkeys(names):
        if re.search(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", name, re.IGNORECASE):
            yield note("P124", name)
            break


def _check_name(name: str) -> Iterator[Finding]:
    forward = name.replace("\\", "/")
    parts = [part for part in forward.split("/") if part not in ("", ".")]
    if escapes(name):
        yield broken("P106", name)
    elif is_absolute(name):
        yield broken("P107", name)
    elif "\\" in name:
        yield risky("P108", name)
    elif DEVICE.search(name) or any(REFUSED.search(part) for part in parts):
        yield risky("P119", name)
    if len(name.encode("utf-8", "replace")) > NAME_LIMIT:
        yield risky("P120", name, bytes=len(name.encode("utf-8", "replace")), limit=NAME_LIMIT)
    if len(parts) > LIMITS.depth:
        yield risky("P121", name, depth=len(parts), limit=LIMITS.depth)


def is_bomb(record: Record) -> bool:
    """Tell whether one file unpacks to far more than a course would."""
    return record.size > RATIO_FROM and record.size > RATIO * max(1, record.packed)


def is_utf8(raw: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def kind_of(first: bytes) -> str:
    """Return what a file that is no zip looks like, by its first bytes; `-` where nothing is known."""
    if not first.strip(b"\0"):
        return "-"
    start = first.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    tar = "tar" if first[257:262] == b"ustar" else "-"
    return next((kind for sign, kind in KINDS if start.startswith(sign.lower()) or first.startswith(sign)), tar)


def zip64_fields(extra: bytes) -> list[int] | None:
    """Return the numbers of the Zip64 extra field (size, packed, place: those that are there); None without one."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, place)
        if kind == 1:
            block = extra[place + 4 : place + 4 + size]
            return [number for (number,) in struct.iter_unpack("<Q", block[: len(block) // 8 * 8])]
        place += 4 + size
    return None


def inflated(unpacker: zlib._Decompress, block: bytes) -> Iterator[bytes]:
    """Yield what a piece of packed data unpacks to, at most `PIECE` bytes at a time. Raises `zlib.error`."""
    while not unpacker.eof:
        piece = unpacker.decompress(block, PIECE)
        block = unpacker.unconsumed_tail
        if piece:
            yield piece
        if not block and len(piece) < PIECE:
            return

"""The only place that writes files: reproducible packages, and texts replaced atomically.

A package is a plain zip whose bytes are a function of its members (architecture, decision 8): the order the package
gives, one time stamp, one mode, deflated by one pinned library. Members are taken one at a time; nothing but the
central directory (about 100 bytes a member) is kept in memory. Whatever fails, the previous file stays in place.

Members are always compressed anew, never copied from the previous zip: a CRC that agrees does not prove equal
contents, the old bytes may come from another compressor, and 1,000 lessons (12 MB) take 0.1 s.

Source: PKWARE APPNOTE 6.3 §4.3 (records), §4.4.4 (flags), §4.4.15 (external attributes).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import deflate

from builder.model import Member, Package

LEVEL = 6
"""libdeflate's level 9 takes half as much time again for one percent of the size, 10 ten times for three (measured)."""

MOST_MEMBERS = 0xFFFF - 1
MOST_BYTES = 0xFFFF_FFFF - 1
"""What a zip holds without Zip64, which some importers lack; `targets` report a course that would not fit."""

STORED, DEFLATED = 0, 8
UTF8 = 0x0800
VERSION_NEEDED = 20
MADE_BY_UNIX = 3 << 8 | VERSION_NEEDED
DATE, TIME = 1 << 5 | 1, 0
"""1980-01-01 00:00:00, the first moment a zip can hold."""
MODE = 0o100644 << 16

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")

UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\\:]|^/|/$|//|(?:^|/)\.{1,2}(?:/|$)|^$")


@dataclass(frozen=True, slots=True)
class Written:
    """A package on disk. `sha256` is that of the file; `digest` depends on names and contents only, not on compression.

    `digest` is the SHA-256 of the listing that `sha256sum` prints for the unpacked files in order of name (as bytes):
    a line `<sha256 of the content>  <name>` for each, so that anybody can check it with the usual tools
    (`find * -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum`). `was_there`: an earlier build had left
    the same bytes.
    """

    path: Path
    sha256: str
    digest: str
    bytes: int
    was_there: bool = False


def write_package(package: Package, folder: Path) -> Written:
    """Write `package` as `folder/<package.name>`, replacing an earlier one only when the new one is whole.

    `folder` is made when missing. Raises ValueError for a name that could leave the folder it is unpacked in, a name
    that occurs twice, or a package beyond 65,534 members or 4 GiB.
    """
    if "/" in package.name or UNSAFE_NAME.search(package.name):
        raise ValueError(f"not a file name: {package.name!r}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / package.name
    with _replacing(path) as file:
        hashed = _Hashed(file)
        contents = _write_zip(hashed, package.members)
        was_there = path.is_file() and path.stat().st_size == hashed.bytes and _sha256(path) == hashed.sha256.digest()
    listing = hashlib.sha256()
    for name, sha256 in sorted(contents.items()):
        listing.update(sha256.encode() + b"  " + name + b"\n")
    return Written(path, hashed.sha256.hexdigest(), listing.hexdigest(), hashed.bytes, was_there)


def write_text(path: Path, text: str, tree: Path) -> bool:
    """Replace the text of `path` by `text` (UTF-8, line ends as given) at once; return whether it changed.

    A file with this text already is left untouched. The mode of an earlier file is kept; missing folders are made. A
    link to a file of the tree stays a link. Raises PermissionError when links lead out of `tree`.
    """
    return write_bytes(path, text.encode(), tree)


def write_bytes(path: Path, content: bytes, tree: Path) -> bool:
    """As `write_text`, for bytes."""
    target, root = path.resolve(), tree.resolve()
    if not target.is_relative_to(root) or target == root:
        raise PermissionError(errno.EPERM, "refusing to write outside of the tree", str(path))
    if target.is_file() and target.read_bytes() == content:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with _replacing(target) as file:
        if target.exists():
            os.chmod(file.name, target.stat().st_mode & 0o7777)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return True


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class _Hashed:
    """Counts and hashes what is written to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()
        self.bytes = 0

    def write(self, *chunks: bytes | bytearray) -> None:
        for chunk in chunks:
            self.file.write(chunk)
            self.sha256.update(chunk)
            self.bytes += len(chunk)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a new file beside `path` that takes its place when the block ends well, and vanishes when it does not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with open(part, "xb") as file:
            yield file
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write_zip(out: _Hashed, members: Iterator[Member]) -> dict[bytes, str]:
    """Write all records of a zip; return the SHA-256 of each member's content by name."""
    directory: list[bytes] = []
    contents: dict[bytes, str] = {}
    for member in members:
        name = member.name.encode()
        if name in contents or UNSAFE_NAME.search(member.name):
            raise ValueError(f"unsafe name in a package, or twice the same: {member.name!r}")
        contents[name] = hashlib.sha256(member.content).hexdigest()
        method, body = _body(member)
        flags = 0 if name.isascii() else UTF8
        offset = out.bytes
        crc, size = deflate.crc32(member.content), len(member.content)
        shared = (flags, method, TIME, DATE, crc, len(body), size, len(name), 0)
        if max(size, offset) > MOST_BYTES:
            raise ValueError("a package cannot pass 4 GiB")
        out.write(LOCAL.pack(b"PK\x03\x04", VERSION_NEEDED, *shared), name, body)
        directory += CENTRAL.pack(b"PK\x01\x02", MADE_BY_UNIX, VERSION_NEEDED, *shared, 0, 0, 0, MODE, offset), name
    start = out.bytes
    out.write(*directory)
    if start > MOST_BYTES or out.bytes - start > MOST_BYTES or len(contents) > MOST_MEMBERS:
        raise ValueError("a package cannot pass 65,534 files or 4 GiB")
    out.write(END.pack(b"PK\x05\x06", 0, 0, len(contents), len(contents), out.bytes - start, start, 0))
    return contents


def _body(member: Member) -> tuple[int, bytes | bytearray]:
    """Return the method and the bytes to store; deflated only where this makes them fewer."""
    if not member.is_compressed:
        packed = deflate.deflate_compress(member.content, LEVEL)
        if len(packed) < len(member.content):
            return DEFLATED, packed
    return STORED, member.content

"""write.py: reproducible zips, nothing half-written, nothing outside of the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder import write
from builder.model import Member, Package
from builder.write import write_bytes, write_package, write_text

ROOT = Path(__file__).parent.parent
MEMBERS = (
    Member("imsmanifest.xml", b"<manifest/>" * 50),
    Member("leçon.html", "é".encode() * 500),
    Member("empty.txt", b""),
    Member("media/photo.png", b"\x89PNG" * 500),
    Member("short.js", b"x"),
)


def package(*members: Member, name: str = "cyber-1.0.0-scorm12.zip") -> Package:
    return Package(name, iter(members), "")


def unpacked(data: bytes) -> list[tuple[str, bytes]]:
    """Read a zip front to back by its local headers alone, as streaming importers do, and check its crc and flags."""
    found, position = [], 0
    while data[position : position + 4] == b"PK\x03\x04":
        needed, flags, method, time, date, crc, packed, size, name_size, extra_size = struct.unpack_from(
            "<5H3I2H", data, position + 4
        )
        start = position + 30
        name, body = data[start : start + name_size], data[start + name_size : start + name_size + packed]
        content = zlib.decompress(body, -15) if method == 8 else body
        assert (needed, time, date, extra_size) == (20, 0, 0x21, 0)
        assert flags == (0 if name.isascii() else 0x800)
        assert (zlib.crc32(content), len(content)) == (crc, size)
        found.append((name.decode(), content))
        position = start + name_size + packed
    assert data[position : position + 4] == b"PK\x01\x02"
    return found


def test_three_readers_find_what_was_written(tmp_path: Path) -> None:
    written = write_package(package(*MEMBERS), tmp_path / "dist")
    assert written.path == tmp_path / "dist" / "cyber-1.0.0-scorm12.zip"
    data = written.path.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (written.bytes, written.sha256)
    assert unpacked(data) == [(member.name, member.content) for member in MEMBERS]
    with zipfile.ZipFile(written.path) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == unpacked(data)
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.external_attr >> 16) == (3, 0o100644)
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    assert [name for name, method in methods.items() if method == zipfile.ZIP_STORED] == [
        "empty.txt",
        "media/photo.png",
        "short.js",
    ]
    if unzip := shutil.which("unzip"):
        subprocess.run([unzip, "-tqq", written.path], check=True)


def test_the_digest_is_what_sha256sum_says_of_the_unpacked_files(tmp_path: Path) -> None:
    """The formula that the administrator's sheet tells; it depends on neither order nor compression."""
    first = write_package(package(*MEMBERS), tmp_path / "a")
    other = write_package(package(*reversed(MEMBERS)), tmp_path / "b")
    assert first.digest == other.digest
    assert first.sha256 != other.sha256
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(first.path) as archive:
        archive.extractall(folder)
    listing = "find * -type f | LC_ALL=C sort | xargs -d '\\n' sha256sum | sha256sum"
    said = subprocess.run(["sh", "-c", listing], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert said.split()[0] == first.digest
    changed = (*MEMBERS[:-1], Member("short.js", b"y"))
    assert write_package(package(*changed), tmp_path / "c").digest != first.digest
    renamed = (*MEMBERS[:-1], Member("shorter.js", b"x"))
    assert write_package(package(*renamed), tmp_path / "d").digest != first.digest


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../x", "/x", "a//x", "./x", "a/.", "a\\x", "C:x", "a/", "", "a\0x", "a\nx"],
)
def test_no_name_leads_out_of_the_folder_it_is_unpacked_in(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="unsafe name"):
        write_package(package(Member(name, b"x")), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x.zip", "a/x.zip", ".", "..", ""])
def test_the_package_itself_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a file name"):
        write_package(package(*MEMBERS, name=name), tmp_path / "dist")
    assert list(tmp_path.iterdir()) == []


def test_no_name_comes_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="twice"):
        write_package(package(Member("a", b"1"), Member("b", b"2"), Member("a", b"1")), tmp_path)


def test_a_failed_build_leaves_the_previous_package_in_place(tmp_path: Path) -> None:
    before = write_package(package(*MEMBERS), tmp_path).path.read_bytes()

    def broken() -> Iterator[Member]:
        yield Member("index.html", b"new" * 100_000)
        raise RuntimeError("render")

    with pytest.raises(RuntimeError, match="render"):
        write_package(Package("cyber-1.0.0-scorm12.zip", broken(), ""), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["cyber-1.0.0-scorm12.zip"]
    assert (tmp_path / "cyber-1.0.0-scorm12.zip").read_bytes() == before


def test_members_are_taken_one_at_a_time(tmp_path: Path) -> None:
    """Memory does not grow with the package: when a member is asked for, those before it are on their way to disk."""
    size = 1 << 20

    def members() -> Iterator[Member]:
        for number in range(8):
            (part,) = tmp_path.glob(".*.part")
            assert part.stat().st_size >= (number - 1) * size
            yield Member(f"{number}.png", os.urandom(size))

    assert write_package(Package("x.zip", members(), ""), tmp_path).bytes > 8 * size


def test_a_package_without_zip64_has_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets report such a course (T205, T206); a zip that lies about itself is never written."""
    monkeypatch.setattr(write, "MOST_MEMBERS", 2)
    assert write_package(package(*MEMBERS[:2]), tmp_path).bytes
    with pytest.raises(ValueError, match="files"):
        write_package(package(*MEMBERS[:3]), tmp_path)
    monkeypatch.setattr(write, "MOST_BYTES", 1500)
    with pytest.raises(ValueError, match="4 GiB"):
        write_package(package(MEMBERS[3]), tmp_path)


REPRODUCE = """
import sys
from pathlib import Path
import synthetic
from builder.targets import scorm12
from builder.write import write_package
course = synthetic.course(assets=("media/plan.svg", "media/été.png"))
print(write_package(scorm12.package(course, synthetic.site(course), synthetic.build()), Path(sys.argv[1])).sha256)
"""


def test_the_same_bytes_from_any_process(tmp_path: Path) -> None:
    """Hash seed, folder, umask, time zone and language decide nothing."""
    found = {}
    for number, (seed, mask, zone, language) in enumerate(
        [
            ("0", 0o022, "UTC", "C"),
            ("1", 0o077, "America/Montreal", "fr_FR.UTF-8"),
            ("random", 0, "Asia/Tokyo", "C.UTF-8"),
        ]
    ):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LANG": language,
            "LC_ALL": language,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", ""))),
        }
        command = [sys.executable, "-W", "error", "-c", REPRODUCE, str(folder / "dist")]
        subprocess.run(command, cwd=folder, env=environment, check=True, umask=mask, capture_output=True)
        (path,) = (folder / "dist").iterdir()
        found[path.read_bytes()] = stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert list(found.values()) == [True]


@given(st.dictionaries(st.from_regex(r"[a-zé]{1,8}(/[a-z]{1,8}\.(html|png|js))?", fullmatch=True), st.binary()))
def test_whatever_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("zip")
    members = [Member(name, content) for name, content in contents.items()]
    path = write_package(package(*members), folder).path
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == contents


def test_text_is_replaced_at_once_and_keeps_its_mode(tmp_path: Path) -> None:
    lock = tmp_path / "a" / "course.lock"
    assert write_text(lock, "é\r\n", tmp_path) is True
    assert lock.read_bytes() == "é\r\n".encode()
    lock.chmod(0o640)
    assert write_text(lock, "ê\n", tmp_path) is True
    assert stat.S_IMODE(lock.stat().st_mode) == 0o640
    assert [path.name for path in lock.parent.iterdir()] == ["course.lock"]


def test_text_that_has_not_changed_is_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "course.lock"
    write_text(lock, "é\n", tmp_path)
    before = lock.stat()
    assert write_text(lock, "é\n", tmp_path) is False
    assert (lock.stat().st_ino, lock.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_full_disk_leaves_the_text_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "course.lock"
    write_text(lock, "before\n", tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "os", SimpleNamespace(**(vars(os) | {"fsync": full})))
    with pytest.raises(OSError, match="No space"):
        write_text(lock, "after\n", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["course.lock"]
    assert lock.read_text("utf-8") == "before\n"


def test_no_link_leads_a_write_out_of_the_tree(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    tree.mkdir()
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("kept", "utf-8")
    (tree / "course.lock").symlink_to(secret)
    (tree / "folder").symlink_to(outside)
    (tree / "dangling").symlink_to(outside / "new")
    for path in ("course.lock", "folder/secret", "folder/new", "dangling", "../outside/new", "."):
        with pytest.raises(PermissionError):
            write_bytes(tree / path, b"overwritten", tree)
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert secret.read_text("utf-8") == "kept"


def test_a_link_inside_the_tree_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("before", "utf-8")
    (tmp_path / "link.md").symlink_to("real.md")
    assert write_text(tmp_path / "link.md", "after", tmp_path) is True
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_text("utf-8") == "after"

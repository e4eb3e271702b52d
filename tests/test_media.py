"""Pictures by their first bytes: what they are, how large, whether they move; files that literate cases cannot hold."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from compiled import COURSE, FRONT, checked

from builder.lint import media
from builder.lint._pictures import kind_of, moves, size_of
from builder.load import load


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = b"\x00\x00\x00\x0dIHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00" + bytes(4)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + b"\x00\x00\x00\x00IDAT"


def jpeg(width: int, height: int, marker: int = 0xC0) -> bytes:
    frame = b"\xff" + bytes([marker]) + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + b"\xff\xe0\x00\x10JFIF" + bytes(10) + b"\xff\xff\xdb\x00\x04\xff\xc0" + frame


def gif(width: int, height: int, frames: int) -> bytes:
    control = b"!\xf9\x04\x00\x0a\x00\x00\x00"
    image = control + b"," + bytes(8) + b"\x80" + bytes(6) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\x00\x00" + bytes(6) + image * frames + b";"


def webp(width: int, height: int, form: bytes, *, is_animated: bool = False) -> bytes:
    sizes = (width - 1).to_bytes(3, "little"), (height - 1).to_bytes(3, "little")
    body = {
        b"VP8X": bytes([2 * is_animated, 0, 0, 0]) + sizes[0] + sizes[1],
        b"VP8L": b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little"),
        b"VP8 ": b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height),
    }[form]
    return b"RIFF\x00\x00\x00\x00WEBP" + form + len(body).to_bytes(4, "little") + body + bytes(10)


ANIMATION = b"\x00\x00\x00\x08acTL" + bytes(12)
PICTURES = {
    "png": png(640, 480),
    "jpeg": jpeg(640, 480),
    "jpeg, progressive": jpeg(640, 480, 0xC2),
    "gif": gif(640, 480, 1),
    "webp": webp(640, 480, b"VP8X"),
    "webp, lossless": webp(640, 480, b"VP8L"),
    "webp, lossy": webp(640, 480, b"VP8 "),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_known_by_its_first_bytes(name: str) -> None:
    assert kind_of(PICTURES[name]) == name.partition(",")[0]
    assert size_of(PICTURES[name]) == (640, 480)
    assert not moves(PICTURES[name])


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_was_cut_off_is_read_as_far_as_it_goes(name: str) -> None:
    content = PICTURES[name]
    for end in range(len(content)):
        assert size_of(content[:end]) in ((640, 480), None)
        assert not moves(content[:end])


@pytest.mark.parametrize(
    "content",
    [gif(9, 9, 2), gif(9, 9, 30), webp(9, 9, b"VP8X", is_animated=True), png(9, 9, ANIMATION)],
    ids=["gif", "long gif", "webp", "png"],
)
def test_pictures_that_move_are_told_from_those_that_do_not(content: bytes) -> None:
    assert moves(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom", "mp4"),
        (b"\x00\x00\x00\x20ftypavif", "avif"),
        (b"\x1aE\xdf\xa3", "webm"),
        (b"OggS", "ogg"),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90", "mp3"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"\xef\xbb\xbf<!doctype HTML>", "html"),
        (b"<?xml version='1.0'?><a/>", ""),
        (b"", ""),
        (b"\xff", ""),
    ],
)
def test_other_kinds(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind
    assert size_of(content) is None


def found(folder: Path, text: str, files: dict[str, bytes], *, advises: bool = True) -> list[str]:
    """Return the codes, with their first argument, of what is said of a lesson with media."""
    (folder / "media").mkdir()
    (folder / "course.yml").write_text(COURSE, "utf-8")
    (folder / "lesson.md").write_text(FRONT + text, "utf-8")
    for name, content in files.items():
        (folder / "media" / name).write_bytes(content)
    diagnostics = checked(load(folder), advises=advises).diagnostics
    return [f"{one.code} {one.arguments['path']}" for one in diagnostics if one.code.startswith("A3")]


def test_pictures_of_a_lesson(tmp_path: Path) -> None:
    text = "".join(f"![A door]({name})\n\n" for name in ("media/a.png", "media/b.jpg", "media/c.gif", "media/d.webp"))
    files = {
        "a.png": png(2561, 10),
        "b.jpg": jpeg(2560, 2560),
        "c.gif": gif(10, 10, 2),
        "d.webp": webp(10, 9999, b"VP8L"),
    }
    assert found(tmp_path, text, files) == ["A313 media/a.png", "A316 media/c.gif", "A313 media/d.webp"]


def test_a_recording_that_is_too_heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "HEAVIEST", 1000)
    text = "[One](media/a.mp3)\n\n[Two](media/b.mp3)\n"
    assert found(tmp_path, text, {"a.mp3": b"ID3" + bytes(998), "b.mp3": b"ID3" + bytes(997)}) == ["A314 media/a.mp3"]


def test_a_build_looks_into_no_file_of_media(tmp_path: Path) -> None:
    text = "![A door](media/a.png)\n"
    assert found(tmp_path, text, {"a.png": gif(9999, 9999, 2), "b.png": b""}, advises=False) == []


def test_a_folder_of_media_that_leads_elsewhere_is_not_listed(tmp_path: Path) -> None:
    course, outside = tmp_path / "course", tmp_path / "outside"
    course.mkdir()
    outside.mkdir()
    (outside / "secret.png").write_bytes(png(1, 1))
    (course / "module").mkdir()
    (course / "module" / "media").symlink_to(outside)
    assert found(course, "![A door](media/a.png)\n", {"a.png": png(2, 1), "b.png": png(3, 1)}) == ["A310 media/b.png"]

"""What the first bytes of a media file say: its kind, its size in pixels, whether it moves. Nothing is decoded."""

from __future__ import annotations

KINDS = {
    "png": "png",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
    "mp3": "mp3",
    "m4a": "mp4",
    "mp4": "mp4",
    "ogg": "ogg",
    "oga": "ogg",
    "webm": "webm",
    "pdf": "pdf",
    "docx": "zip",
    "xlsx": "zip",
    "pptx": "zip",
    "odt": "zip",
    "ods": "zip",
}
"""What a file of an ending holds. SVG and captions are read by rules of their own, other texts have no mark."""

_MARKS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1aE\xdf\xa3", "webm"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"PK\x03\x04", "zip"),
)
_FRAME = 0xE0
"""The bits that are set in the second byte of a frame of MPEG audio."""

# JPEG markers of a frame's header, all but DHT (C4), JPG (C8) and DAC (CC): ITU-T T.81, table B.1.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def kind_of(content: bytes) -> str:
    """Return what a file holds, one of the values of `KINDS`, `svg` or `html`; empty when nothing is recognised."""
    for mark, kind in _MARKS:
        if content.startswith(mark):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return "avif" if content[8:12] in (b"avif", b"avis") else "mp4"
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content[:1] == b"\xff" and len(content) > 1 and content[1] & _FRAME == _FRAME:
        return "mp3"
    text = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "svg" if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text else ""


def size_of(content: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG, JPEG, GIF or WebP; None when they are not found.

    Source: PNG (3rd edition) §11.2.1; GIF89a §18; ITU-T T.81 §B.2.2; RFC 9649 §2.5–2.7 (WebP).
    """
    kind = kind_of(content)
    if kind == "png" and content[12:16] == b"IHDR" and len(content) >= 24:
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    if kind == "gif" and len(content) >= 10:
        return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    if kind == "webp" and len(content) >= 30:
        return _webp_size(content)
    return _jpeg_size(content) if kind == "jpeg" else None


def moves(content: bytes) -> bool:
    """Return whether a GIF, WebP or PNG holds several frames.

    Source: GIF89a §20 (image descriptor); RFC 9649 §2.7 (flag A); PNG (3rd edition) §11.3.6.1 (acTL).
    """
    kind = kind_of(content)
    if kind == "webp":
        return content[12:16] == b"VP8X" and len(content) > 20 and bool(content[20] & 0x02)
    if kind == "png":
        start = content.find(b"acTL")
        return 0 < start < content.find(b"IDAT")
    return kind == "gif" and _gif_frames(content) > 1


def _webp_size(content: bytes) -> tuple[int, int] | None:
    form = content[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        width, height = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return width, height
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _FRAMES:
            height, width = (int.from_bytes(content[at : at + 2], "big") for at in (position + 5, position + 7))
            return width, height
        if marker == 0xFF or 0xD0 <= marker <= 0xD9:
            position += 1 if marker == 0xFF else 2
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None


def _gif_frames(content: bytes) -> int:
    """Return how many frames a GIF has, two when there are more."""
    position, frames = 13 + _table(content[10:11]), 0
    while position < len(content) and frames < 2:
        mark = content[position]
        if mark == 0x2C:
            frames += 1
            position = _after_blocks(content, position + 11 + _table(content[position + 9 : position + 10]))
        elif mark == 0x21:
            position = _after_blocks(content, position + 2)
        else:
            break
    return frames


def _table(flags: bytes) -> int:
    """Return how many bytes the colour table of some flags takes."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _after_blocks(content: bytes, position: int) -> int:
    while position < len(content) and content[position]:
        position += 1 + content[position]
    return position + 1

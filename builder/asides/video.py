"""`video {captions=media/x.vtt}`: a film with captions and transcript."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive, _recording

NAME = "video"
ATTRIBUTES = _recording.ATTRIBUTES


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a native player; captions and transcript are required."""
    _recording.write_recording(directive, writer, ("mp4", "webm"), wants_captions=True)

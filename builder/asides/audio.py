"""`audio`: a sound recording with its transcript."""

from __future__ import annotations

from builder.asides import BlockWriter, Directive, _recording

NAME = "audio"
ATTRIBUTES = _recording.ATTRIBUTES


def write(directive: Directive, writer: BlockWriter) -> None:
    """Write a native player; the transcript is required, captions may be given."""
    _recording.write_recording(directive, writer, ("mp3", "m4a", "ogg", "oga"), wants_captions=False)

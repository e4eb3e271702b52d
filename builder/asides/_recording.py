"""What `video` and `audio` share: a file named like an image, its captions, its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markdown_it.token import Token

from builder.asides import BlockWriter, Directive
from builder.markdown import blocks, closing, plain

ATTRIBUTES = frozenset({"captions"})
TRANSCRIPT = "transcript"


def write_recording(directive: Directive, writer: BlockWriter, endings: Sequence[str], *, wants_captions: bool) -> None:
    """Write the player of a recording and its transcript (WCAG 2.2 §1.2.1–1.2.3; RGAA 4.1–4.4).

    Nothing starts by itself and nothing is fetched before it is asked for, but how long it lasts. Reports a missing
    file (Q440), one of another type (Q441), a missing title (Q442), missing captions (Q443), a missing transcript
    (Q444), captions of another type (Q445), text that is neither (Q446).
    """
    name, words = directive.name, None
    transcript: Sequence[Token] = ()
    for block in blocks(directive.tokens):
        first = block[0]
        if first.type == "alert_open" and first.info == TRANSCRIPT and not transcript:
            transcript = block[1 : closing(block, 0)]
        elif words is None and first.type == "paragraph_open" and _is_image(block[1]):
            words = block[1]
        elif first.type != "html_block":
            directive.report(writer, "Q446", writer.document.line_span((first.map or [0])[0]), name=name)
    if not transcript:
        directive.report(writer, "Q444", directive.span, name=name)
    if words is None:
        directive.report(writer, "Q440", directive.span, name=name)
        return
    image, line = (words.children or [])[0], (words.map or [0])[0]
    span = writer.document.span(words, image.meta["offset"], image.meta["length"])
    title, path = plain(image.children).strip(), str(image.attrGet("src") or "")
    if not title:
        directive.report(writer, "Q442", span, name=name)
    address = writer.file(path, span, line) if _ends_with(path, endings) else ""
    if not address:
        directive.report(writer, "Q441", span, path=path[:60], accepted=", ".join(endings))
    label = escape(title)
    writer.write(f'<figure class="recording"><{name} controls preload="metadata" aria-label="{label}"')
    writer.write(f' src="{address}">{_track(directive, writer, line, wants_captions)}</{name}>')
    writer.write(f"<figcaption>{writer.text(title)}</figcaption></figure>\n")
    summary = escape(writer.words["transcript"])
    hidden = f'<span class="visually-hidden"> – {label}</span>'
    writer.write(f'<details class="details transcript"><summary>{summary}{hidden}</summary>\n')
    writer.blocks(transcript)
    writer.write("</details>\n")


def _is_image(words: Token) -> bool:
    children = words.children or []
    return len(children) == 1 and children[0].type == "image"


def _ends_with(path: str, endings: Sequence[str]) -> bool:
    return path.rpartition(".")[2].lower() in endings


def _track(directive: Directive, writer: BlockWriter, line: int, is_wanted: bool) -> str:
    captions = directive.attributes.values.get("captions")
    if captions is None or captions.is_flag:
        if is_wanted or captions is not None:
            directive.report(writer, "Q443", captions.span if captions else directive.span)
        return ""
    if not _ends_with(captions.text, ("vtt",)):
        directive.report(writer, "Q445", captions.span, path=captions.text[:60], accepted="vtt")
        return ""
    address, label = writer.file(captions.text, captions.span, line), escape(writer.words["captions"])
    language = escape(writer.language)
    return f'<track kind="captions" src="{address}" srclang="{language}" label="{label}" default>'

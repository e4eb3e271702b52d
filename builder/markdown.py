"""Our configured markdown-it, and the way back from its tokens to places in the source.

CommonMark with GFM tables, strikethrough and footnotes; our own rules for directives, attributes, gaps, variables and
alerts (language). markdown-it knows lines only: `Document.span` finds the column of any offset inside an inline token,
because every line of its content is a suffix of the source line, except in table cells and where attributes were cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import blockquote as quote_rule
from markdown_it.rules_block import code as code_rule
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import autolink as autolink_rule
from markdown_it.rules_inline import html_inline as tag_rule
from markdown_it.rules_inline import image as image_rule
from markdown_it.rules_inline import link as link_rule
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from builder.attributes import TRAILING, VARIABLE, Attributes, parse_attributes
from builder.diagnostics import Diagnostic, Span, error, warning

NESTING = 96
"""Deepest nesting of blocks that is read; beyond it a diagnostic says so (S138)."""

SPACE = "[ \t\u00a0\u202f]"
_SPACES = " \t\u00a0\u202f"
OPEN = re.compile(rf":{{3,}}{SPACE}*([a-z][a-z-]*){SPACE}*(\{{.*\}})?{SPACE}*$")
CLOSE = re.compile(rf":{{3,}}{SPACE}*$")
FENCE = re.compile(r"(`{3,}|~{3,})")
MATH = re.compile(r"\$\$((?:\\.|[^\\$])+)\$\$|\$(?![\s$])((?:\\.|[^\\$\n])+)(?<!\s)\$(?!\d)", re.DOTALL)
"""A formula in a line; one that stands apart may hold line ends."""
GAP = re.compile(r"\[\[((?:\\.|\[(?!\[)|[^\\\n\[])*?)\]\](?!\])")
MARKER = re.compile(r"\[!([A-Za-zÀ-ÿ]+)\][ \t\u00a0\u202f]*$")
TASK = re.compile(r"\[([ xX\u00a0\u202f]?)\]")
_BLOCK_MARKS = frozenset("#>-+*_=<[|`~:$0123456789")
"""Characters with which a line may begin something else than a paragraph, or end one."""
_TASKS = ("[ ] ", "[x] ")
_INLINE_MARK = re.compile(r"[\n\\`*_~\[<&{$]")
_LEAD = re.compile(rf"({SPACE}*)(>|(?:[-*+]|\d{{1,9}}[.)]|#{{1,6}})(?={SPACE})|(?=:::))")
_CALL = re.compile(r"\[\^[^\s\[\]]+\]")
_BRACKETS = re.compile(r"\](?:\([^()]*\))?$")
_ATTRIBUTES_HERE = re.compile(rf"{SPACE}?(\{{(?:[^{{}}\"'\n]|\"[^\"\n]*\"|'[^'\n]*')*\}})")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of the assembled text comes from: a file, its 1-based line, the prefix of its question ids."""

    file: str
    path: str
    line: int
    prefix: str


@dataclass(slots=True)
class Document:
    """A lesson's text while it is being read, and what was noticed on the way.

    `lines` is the assembled text after includes; `origins` is parallel to it, or None when nothing was included.
    `file` is how the author sees it, `path` where it lies in the tree (links are relative to it). `facts` are the
    footnotes that need no definition.
    """

    file: str
    path: str
    lines: Sequence[str]
    origins: Sequence[Origin] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    footnotes: set[str] = field(default_factory=set)
    facts: Collection[str] = ()

    def origin(self, line: int) -> Origin:
        """Return where the 0-based line of the assembled text was written."""
        if self.origins is None:
            return Origin(self.file, self.path, line + 1, "")
        return self.origins[min(line, len(self.origins) - 1)]

    def line_span(self, line: int) -> Span:
        """Return the text of a whole 0-based line, without its indentation."""
        origin = self.origin(line)
        text = self.lines[line] if line < len(self.lines) else ""
        start = len(text) - len(text.lstrip(" \t\u00a0\u202f>"))
        return Span(origin.file, origin.line, start + 1, origin.line, max(len(text), start + 1) + 1)

    def span(self, token: Token, offset: int = 0, length: int = 0) -> Span:
        """Return the place of `length` characters at `offset` of an inline token's content (0: to the line's end)."""
        before = token.content[:offset]
        row = before.count("\n")
        column = offset - (before.rfind("\n") + 1)
        line = (token.map or [0, 0])[0] + row
        origin = self.origin(line)
        text = token.content.split("\n")[row]
        source = self.lines[line] if line < len(self.lines) else ""
        start = self._start(token, source, text, row)
        width = max(1, min(length, len(text) - column) if length else len(text) - column)
        first, last = start + column, start + column + width
        if "cell" in token.meta and "|" in text:
            first, last = (start + _escaped_bars(source, start, offset) for offset in (column, column + width))
        first = min(first, len(source))
        last = max(first + 1, min(last, len(source)))
        return Span(origin.file, origin.line, first + 1, origin.line, last + 1)

    def _start(self, token: Token, source: str, text: str, row: int) -> int:
        if "cell" in token.meta:
            return _cell_start(source, token.meta["cell"], text)
        cut = token.meta.get("cut", 0) if row == 0 else 0
        bare = source.rstrip()
        start = len(bare) - cut - len(text.rstrip())
        if bare[start : start + len(text.rstrip())] == text.rstrip():
            return start
        return max(0, source.rfind(text.rstrip()))


def parse_markdown(document: Document) -> list[Token]:
    """Return the tokens of the whole document. Never raises; findings are added to `document.found`."""
    text = "\n".join(document.lines)
    if "\u00a0" in text or "\u202f" in text:
        text = _soften_marks(text)
    environment: dict[str, Any] = {"document": document}
    tokens = _markdown().parse(text, environment)
    for token in tokens:
        if token.level >= NESTING:
            document.found.append(error("S138", document.line_span((token.map or [0])[0]), limit=NESTING))
            break
    for one in environment.get("duplicate_refs", ()):
        document.found.append(error("S163", document.line_span(one["map"][0]), label=one["label"].lower()))
    return tokens


def _soften_marks(text: str) -> str:
    """Put plain spaces where no-break spaces stand before or after a Markdown mark; columns stay as they are."""
    lines, code = text.split("\n"), ""
    for number, line in enumerate(lines):
        bare = line.lstrip(" \t>")
        if code:
            if bare.startswith(code) and not bare.strip(code[0]).strip():
                code = ""
        elif fence := FENCE.match(bare):
            code = fence[1]
        elif "\u00a0" in line or "\u202f" in line:
            lines[number] = _softened(line)
    return "\n".join(lines)


def _softened(line: str) -> str:
    position = 0
    while match := _LEAD.match(line, position):
        end = match.end()
        if match[2] and line[end : end + 1] in ("\u00a0", "\u202f"):
            end += 1
        line = line[:position] + re.sub("[\u00a0\u202f]", " ", line[position:end]) + line[end:]
        if not match[2]:
            break
        position = end
    return line


class _Blocks(ParserBlock):
    """markdown-it's block parser with a short way for ordinary paragraphs, half of a lesson's blocks.

    A paragraph all of whose lines begin with a character that starts no other block needs none of the other rules.
    """

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        rules = self.ruler.getRules("")
        line, had_blank = startLine, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            if state.level >= NESTING + 4:
                state.line = endLine
                break
            if not _plain_paragraph(state, line):
                for rule in rules:
                    if rule(state, line, endLine, False):
                        break
            state.tight = not had_blank
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                had_blank = True
            if line < endLine and state.isEmpty(line):
                had_blank = True
                line += 1
                state.line = line


class _Inlines(ParserInline):
    """markdown-it's inline parser with a short way for text without any mark."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        if _INLINE_MARK.search(src):
            return super().parse(src, md, env, tokens)
        if src:
            tokens.append(Token("text", "", 0, content=src))
        return tokens


def _plain_paragraph(state: StateBlock, first: int) -> bool:
    """Write a paragraph when every line of it is ordinary text; return whether it was one."""
    src, starts, shifts, ends = state.src, state.bMarks, state.tShift, state.eMarks
    line, last, indent = first, state.lineMax, state.blkIndent
    while line < last:
        start = starts[line] + shifts[line]
        if start >= ends[line]:
            break
        if not 0 <= state.sCount[line] - indent <= 3:
            return False
        if src[start] in _BLOCK_MARKS:
            if src[start] == ">" and line > first:
                break
            if line > first or not src.startswith(_TASKS, start):
                return False
        line += 1
    _write_paragraph(state, first, line)
    return True


def _write_paragraph(state: StateBlock, first: int, end: int) -> None:
    token = state.push("paragraph_open", "p", 1)
    token.map = [first, end]
    token = state.push("inline", "", 0)
    token.content = state.getLines(first, end, state.blkIndent, False).strip()
    token.map = [first, end]
    token.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": NESTING + 4, "xhtmlOut": False})
    blocks_, inlines = _Blocks(), _Inlines()
    blocks_.ruler, inlines.ruler, inlines.ruler2 = markdown.block.ruler, markdown.inline.ruler, markdown.inline.ruler2
    markdown.block, markdown.inline = blocks_, inlines
    markdown.enable(["table", "strikethrough"])
    footnote_plugin(markdown, inline=False, move_to_end=False, always_match_refs=True)
    markdown.block.ruler.at("footnote_def", _footnote, {"alt": ["paragraph", "reference"]})
    markdown.inline.ruler.at("footnote_ref", _footnote_ref)
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]
    markdown.block.ruler.before(
        "fence", "directive", _directive, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.block.ruler.before(
        "fence", "math_block", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.block.ruler.at("html_block", _comment, {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    markdown.block.ruler.at("code", _code)
    markdown.block.ruler.at("paragraph", _paragraph_block)
    markdown.core.ruler.before("inline", "marks", _marks)
    markdown.core.ruler.at("inline", _inline)
    markdown.core.ruler.after("inline", "footnotes", _footnotes)
    markdown.core.ruler.disable("text_join")  # what a backslash made text stays apart from what is suspect
    markdown.inline.ruler.at("autolink", _autolink)
    markdown.inline.ruler.at("html_inline", _tag)
    markdown.inline.ruler.at("link", _link)
    markdown.inline.ruler.at("image", _image)
    markdown.inline.ruler.before("link", "gap", _gap)
    markdown.inline.ruler.after("image", "span", _words)
    markdown.inline.ruler.before("escape", "variable", _variable)
    markdown.inline.ruler.before("escape", "math", _math)
    return markdown


# --- blocks ----------------------------------------------------------------------------------------------------------


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `::: name {attributes}` up to the line of colons that closes it; equal fences nest."""

    def text(line: int) -> str:
        return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]

    first = text(start)
    if not first.startswith(":::") or state.is_code_block(start):
        return False
    opening = OPEN.match(first)
    if not opening:
        return False
    if silent:
        return True
    depth, code, line = 1, "", start + 1
    while line < end:
        here = text(line)
        if here and state.sCount[line] < state.blkIndent:
            break  # the list item that holds us ends here
        if code:
            if here.startswith(code) and not here.strip(code[0]).strip():
                code = ""
        elif here.startswith(":::"):
            if OPEN.match(here):
                depth += 1
            elif CLOSE.match(here):
                depth -= 1
                if not depth:
                    break
        elif here[:3] in ("```", "~~~") and (fence := FENCE.match(here)):
            code = fence[1]
        line += 1
    token = state.push("directive_open", "div", 1)
    token.info, token.map = opening[1], [start, line]
    token.meta = {"attributes": opening[2], "closed": not depth, "column": opening.start(2)}
    parent, line_max = state.parentType, state.lineMax
    state.parentType, state.lineMax = "directive", line
    state.md.block.tokenize(state, start + 1, line)
    state.parentType, state.lineMax = parent, line_max
    state.push("directive_close", "div", -1)
    state.line = line if depth else line + 1
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `$$ … $$` on lines of its own; without its end, or with a blank line before it, it is text."""
    if not state.src.startswith("$$", state.bMarks[start] + state.tShift[start]) or state.is_code_block(start):
        return False
    line, first = start, state.bMarks[start] + state.tShift[start] + 2
    while True:
        text = state.src[first if line == start else state.bMarks[line] : state.eMarks[line]].rstrip(_SPACES)
        at = text.find("$$")
        if at >= 0:
            break
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
    if at != len(text) - 2 or (line == start and not text[:at].strip(_SPACES)):
        return False
    if silent:
        return True
    lines = [state.src[first : state.eMarks[start]]]
    if line > start:
        lines.append(state.getLines(start + 1, line + 1, state.blkIndent, False))
    token = state.push("math_block", "math", 0)
    token.content, token.map = "\n".join(lines).rstrip(_SPACES + "\n")[:-2], [start, line + 1]
    state.line = line + 1
    return True


def _comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a comment with nothing beside it. Any other tag is left to the inline rules, which know its place."""
    if not state.src.startswith("<!--", state.bMarks[start] + state.tShift[start]) or state.is_code_block(start):
        return False
    if "-->" not in state.src[state.bMarks[start] : state.eMarks[end - 1]]:
        return False
    line = start
    while (closing := state.src.find("-->", state.bMarks[line], state.eMarks[line])) < 0:
        line += 1
        if line >= end or (state.sCount[line] < state.blkIndent and not state.isEmpty(line)):
            return False
    if state.src[closing + 3 : state.eMarks[line]].strip(" \t\u00a0\u202f"):
        return False
    if not silent:
        token = state.push("html_block", "", 0)
        token.content, token.map = state.getLines(start, line + 1, state.blkIndent, True), [start, line + 1]
        state.line = line + 1
    return True


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a quote, however far it is indented: feedback is found at any indentation (language, "Questions")."""
    if _is_far_quote(state, start):
        state.sCount[start] = state.blkIndent
    return quote_rule(state, start, end, silent)


def _code(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    return not _is_far_quote(state, start) and code_rule(state, start, end, silent)


def _paragraph_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a paragraph as CommonMark does, but end it before a quote, however far that one is indented."""
    rules = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line, last = start + 1, state.lineMax
    while line < last and not state.isEmpty(line):
        if _is_far_quote(state, line):
            break
        is_lazy = state.sCount[line] - state.blkIndent > 3 or state.sCount[line] < 0
        if not is_lazy and any(rule(state, line, last, True) for rule in rules):
            break
        line += 1
    state.parentType = parent
    _write_paragraph(state, start, line)
    return True


def _is_far_quote(state: StateBlock, line: int) -> bool:
    return state.is_code_block(line) and state.src.startswith(">", state.bMarks[line] + state.tShift[line])


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read the definition of a footnote; one inside another is text."""
    if silent:
        return footnote_def(state, start, end, silent)
    if state.env.get("in_footnote"):
        return False
    state.env["in_footnote"] = True
    result = footnote_def(state, start, end, silent)
    state.env["in_footnote"] = False
    return result


def _footnotes(state: StateCore) -> None:
    """Move the footnotes that are called to the end, in the order of their calls, and report the others (S160)."""
    document: Document = state.env["document"]
    notes: dict[str, tuple[Token, list[Token]]] = {}
    numbers: dict[str, int] = {}
    counts: dict[str, int] = {}
    tokens: list[Token] = []
    position = 0
    while position < len(state.tokens):
        token = state.tokens[position]
        if token.type == "footnote_reference_open":
            end = closing(state.tokens, position)
            notes.setdefault(token.meta["label"], (token, state.tokens[position + 1 : end]))
            position = end
        else:
            tokens.append(token)
        position += 1

    def number_calls(inside: Sequence[Token]) -> None:
        for token in inside:
            for child in token.children or ():
                label = str(child.meta.get("label", "")) if child.type == "footnote_ref" else ""
                if label in notes or label in document.facts:
                    child.meta["id"] = numbers.setdefault(label, len(numbers))
                    child.meta["subId"] = counts.get(label, 0)
                    counts[label] = child.meta["subId"] + 1

    number_calls(tokens)
    done = 0
    while done < len(numbers):  # a footnote may call others, which come after it
        label = list(numbers)[done]
        number_calls(notes[label][1] if label in notes else ())
        done += 1
    for label, (opening, _) in notes.items():
        if label not in numbers:
            document.found.append(warning("S160", document.line_span((opening.map or [0])[0]), label=label))
    if numbers:
        tokens.append(Token("footnote_block_open", "section", 1))
        for label, number in numbers.items():
            inside = notes[label][1] if label in notes else []
            last = len(inside) - (bool(inside) and inside[-1].type == "paragraph_close")
            back = [Token("footnote_anchor", "", 0, meta={"id": number, "subId": n}) for n in range(counts[label])]
            tokens.append(Token("footnote_open", "li", 1, meta={"id": number, "label": label}))
            tokens += [*inside[:last], *back, *inside[last:], Token("footnote_close", "li", -1)]
        tokens.append(Token("footnote_block_close", "section", -1))
    state.tokens = tokens


def _marks(state: StateCore) -> None:
    """Before inline parsing: split alerts out of quotes, take tasks and trailing attributes off their lines."""
    document: Document = state.env["document"]
    tokens = state.tokens
    if any(token.type == "blockquote_open" for token in tokens):
        state.tokens = tokens = _alerts(tokens)
    previous, earlier, cell = "", "", 0
    for token in tokens:
        kind = token.type
        if kind == "inline":
            if previous == "heading_open" or (previous == "paragraph_open" and earlier == "list_item_open"):
                _trim(document, token, is_item=previous != "heading_open")
            elif previous in ("td_open", "th_open"):
                token.meta["cell"] = cell
                cell += 1
        elif kind == "tr_open":
            cell = 0
        elif kind == "footnote_reference_open":
            label = token.meta["label"]
            if label in document.footnotes:
                document.found.append(error("S163", document.line_span((token.map or [0])[0]), label="^" + label))
            document.footnotes.add(label)
        earlier, previous = previous, kind


def _trim(document: Document, token: Token, is_item: bool) -> None:
    content, rest = token.content, ""
    first, newline, rest = content.partition("\n")
    if first.endswith("}") or first.rstrip(" \t\u00a0\u202f").endswith("}"):
        match = TRAILING.search(first)
        if match and not _escaped(first, match.start()) and not _BRACKETS.search(first, 0, match.start()):
            place = document.span(token, match.start(), match.end() - match.start())
            inside = match[0].rstrip(" \t\u00a0\u202f")[1:-1]
            attributes, found = parse_attributes(inside, place)
            document.found += found
            kept = first[: match.start()].rstrip(" \t\u00a0\u202f")
            token.meta["attributes"] = attributes
            # The end of the source line is stripped before measuring, so what was cut is counted without it.
            token.meta["cut"] = len(first.rstrip()) - len(kept)
            first = kept
            token.content = first + newline + rest
    if is_item and first.startswith("["):
        match = TASK.match(first)
        if match:
            after = first[match.end() : match.end() + 1]
            if not match[1]:
                if after not in ("(", "[", "{"):
                    token.meta["task_error"] = "empty"
            elif not after or after in " \t\u00a0\u202f":
                token.meta["task"] = "x" if match[1] in "xX" else " "
                first = first[match.end() :].lstrip(" \t\u00a0\u202f")
                token.content = first + newline + rest
            elif after not in ("(", "[", "{", "]"):
                token.meta["task_error"] = "space"


def _escaped(text: str, position: int) -> bool:
    backslashes = 0
    while position > 0 and text[position - 1] == "\\":
        backslashes += 1
        position -= 1
    return backslashes % 2 == 1


def _alerts(tokens: Sequence[Token]) -> list[Token]:
    """Turn quotes with `[!KIND]` lines into alerts: each marker starts a new one, alone on its line."""
    result: list[Token] = []
    position = 0
    for index, token in enumerate(tokens):
        if token.type == "blockquote_open" and index >= position:
            result += tokens[position:index]
            end = closing(tokens, index)
            result += _split_quote(token, tokens[index + 1 : end], tokens[end])
            position = end + 1
    return [*result, *tokens[position:]] if position else list(tokens)


def _split_quote(opening: Token, inside: Sequence[Token], close: Token) -> Iterator[Token]:
    parts: list[tuple[str, int, list[Token]]] = [("", (opening.map or [0])[0], [])]
    position = 0
    while position < len(inside):
        token = inside[position]
        is_direct = token.type == "paragraph_open" and token.level == opening.level + 1
        if is_direct and "[!" in inside[position + 1].content:
            paragraph, inline = inside[position : position + 2]
            start = (inline.map or [0, 0])[0]
            lines: list[str] = []
            first = start
            for number, line in enumerate(inline.content.split("\n")):
                marker = MARKER.match(line.strip())
                if marker:
                    if lines:
                        parts[-1][2].extend(_paragraph(paragraph, inline, lines, first))
                    parts.append((marker[1].lower(), start + number, []))
                    lines, first = [], start + number + 1
                else:
                    lines.append(line)
            if lines:
                parts[-1][2].extend(_paragraph(paragraph, inline, lines, first))
            position += 3
        else:
            parts[-1][2].append(token)
            position += 1
    for kind, first_line, content in parts:
        if not kind:
            if content or len(parts) == 1:
                yield opening
                yield from _alerts(content)
                yield close
            continue
        alert = Token("alert_open", "aside", 1, level=opening.level, map=[first_line, (opening.map or [0, 1])[1]])
        alert.block, alert.info = True, kind
        yield alert
        yield from _alerts(content)
        yield Token("alert_close", "aside", -1, level=opening.level, block=True)


def _paragraph(opening: Token, inline: Token, lines: list[str], first: int) -> list[Token]:
    last, level = first + len(lines), opening.level
    content, hidden = "\n".join(lines), opening.hidden
    return [
        Token("paragraph_open", "p", 1, map=[first, last], level=level, block=True, hidden=hidden),
        Token("inline", "", 0, map=[first, last], level=inline.level, children=[], content=content, block=True),
        Token("paragraph_close", "p", -1, level=level, block=True, hidden=hidden),
    ]


# --- inline ----------------------------------------------------------------------------------------------------------


def _inline(state: StateCore) -> None:
    """Parse inline text; rules find the token that holds it, and where they are in it, in the environment."""
    for token in state.tokens:
        if token.type == "inline":
            state.env["holder"], state.env["shift"], state.env["label"] = token, 0, 0
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _place(state: StateInline, start: int, end: int) -> dict[str, Any]:
    """Return where a stretch of the text lies in the token that holds it; the words of an image are parsed apart."""
    return {"offset": state.env["shift"] + start, "length": end - start}


def _attributes_here(state: StateInline, position: int, silent: bool) -> tuple[Attributes | None, int]:
    """Read `{…}` at a position of the inline text; a variable `{{ name }}` is none."""
    match = _ATTRIBUTES_HERE.match(state.src, position)
    if not match or state.src.startswith("{{", match.start(1)):
        return None, position
    document: Document = state.env["document"]
    if silent:
        return Attributes(Span(document.file)), match.end()
    place = document.span(state.env["holder"], state.env["shift"] + match.start(1), len(match[1]))
    attributes, found = parse_attributes(match[1][1:-1], place)
    document.found += found
    return attributes, match.end()


def _link(state: StateInline, silent: bool) -> bool:
    start, count = state.pos, len(state.tokens)
    if not _without_gaps(link_rule, state, silent):
        return False
    line = _definition(state, start)
    attributes, state.pos = _attributes_here(state, state.pos, silent)
    if not silent:
        for token in state.tokens[count:]:
            if token.type == "link_open":
                token.meta = {**_place(state, start, state.pos), "attributes": attributes, "line": line}
                break
    return True


def _image(state: StateInline, silent: bool) -> bool:
    start, shift = state.pos, state.env["shift"]
    state.env["shift"] = shift + start + 2
    is_image = _without_gaps(image_rule, state, silent)
    state.env["shift"] = shift
    if not is_image:
        return False
    line = _definition(state, start + 1)
    attributes, state.pos = _attributes_here(state, state.pos, silent)
    if not silent:
        state.tokens[-1].meta = {**_place(state, start, state.pos), "attributes": attributes, "line": line}
    return True


def _definition(state: StateInline, start: int) -> int | None:
    """Return the line that defines the destination of the link `[words][label]` that ends here, None for `[words](…)`.

    What is relative in a destination starts from the file that defines it.
    """
    text = state.src[start : state.pos]
    if not text.endswith("]"):
        return None
    label = text[text.rindex("[") + 1 : -1] or text[1 : text.rindex("]", 0, -1)]
    reference = state.env.get("references", {}).get(normalizeReference(label))
    return None if reference is None else int(reference["map"][0])


def _without_gaps(rule: Callable[[StateInline, bool], bool], state: StateInline, silent: bool) -> bool:
    """Run the rule of a link or image, in whose words a gap is text (language, "Gaps")."""
    if state.src.find("]", state.pos, state.posMax) < 0:
        return False  # says so at once; the rule would look for the end of the words through all that follows
    state.env["label"] += 1
    result = rule(state, silent)
    state.env["label"] -= 1
    return result


def _autolink(state: StateInline, silent: bool) -> bool:
    start, count = state.pos, len(state.tokens)
    if not autolink_rule(state, silent):
        return False
    for token in state.tokens[count:]:
        token.meta = _place(state, start, state.pos) if token.nesting == 1 else token.meta
    return True


def _tag(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if not tag_rule(state, silent):
        return False
    if not silent:
        state.tokens[-1].meta = _place(state, start, state.pos)
    return True


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    start = state.pos
    if not _CALL.match(state.src, start, state.posMax) or not footnote_ref(state, silent, always_match=True):
        return False
    if not silent:
        state.tokens[-1].meta |= _place(state, start, state.pos)
    return True


def _words(state: StateInline, silent: bool) -> bool:
    """Read `[words]{lang=en}`."""
    if state.src[state.pos] != "[" or state.src.find("]", state.pos, state.posMax) < 0:
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    if end < 0:
        return False
    attributes, after = _attributes_here(state, end + 1, silent)
    if attributes is None:
        return False
    if not silent:
        start, maximum = state.pos, state.posMax
        token = state.push("span_open", "span", 1)
        token.meta = {**_place(state, start, after), "attributes": attributes}
        state.pos, state.posMax = start + 1, end
        state.md.inline.tokenize(state)
        state.posMax = maximum
        state.push("span_close", "span", -1)
    state.pos = after
    return True


def _gap(state: StateInline, silent: bool) -> bool:
    """Read `[[…]]`. In a link it is text (language, "Gaps")."""
    if state.src[state.pos : state.pos + 2] != "[[" or state.env["label"]:
        return False
    match = GAP.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("gap", "", 0)
        token.content = match[1]
        token.meta = _place(state, state.pos, match.end())
    state.pos = match.end()
    return True


def _variable(state: StateInline, silent: bool) -> bool:
    """Read `{{ name }}`; its value is plain text."""
    if state.src[state.pos : state.pos + 2] != "{{":
        return False
    match = VARIABLE.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        document: Document = state.env["document"]
        if match[1] in document.variables:
            token = state.push("text_special", "", 0)
            token.content = document.variables[match[1]]
        else:
            token = state.push("unknown_variable", "", 0)
            token.content = match[1]
        token.meta = _place(state, state.pos, match.end())
    state.pos = match.end()
    return True


def _math(state: StateInline, silent: bool) -> bool:
    """Read `$…$` and `$$…$$`; nothing inside is Markdown but a backslash, which keeps what follows it.

    A space after the opening or before the closing mark, or a digit that touches one from outside, makes it a price.
    """
    start = state.pos
    if state.src[start] != "$":
        return False
    match = MATH.match(state.src, start, state.posMax)
    if not match or (match[2] and start and (state.src[start - 1].isdigit() or state.src[start - 1] == "$")):
        return False
    if not silent:
        token = state.push("math", "math", 0)
        token.content, token.markup = match[1] or match[2], "$$" if match[1] else "$"
        token.meta = _place(state, start, match.end())
    state.pos = match.end()
    return True


# --- reading tokens --------------------------------------------------------------------------------------------------


def closing(tokens: Sequence[Token], position: int) -> int:
    """Return the index of the token that closes the one at `position`."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if not depth:
            return index
    return len(tokens) - 1


def blocks(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the outermost blocks, each as its run of tokens."""
    result: list[Sequence[Token]] = []
    position = 0
    while position < len(tokens):
        end = closing(tokens, position) if tokens[position].nesting == 1 else position
        result.append(tokens[position : end + 1])
        position = end + 1
    return result


def plain(children: Sequence[Token] | None) -> str:
    """Return the words of inline tokens, without marks."""
    words: list[str] = []
    for token in children or ():
        if token.type in ("text", "text_special", "code_inline", "math"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "image":
            words.append(plain(token.children))
        elif token.type == "gap":
            words.append("…")
    return "".join(words)


def plain_text(source: str, variables: Mapping[str, str]) -> str:
    """Return the words of a Markdown text as a learner sees them, without marks, on one line."""
    tokens = parse_markdown(Document("", "", source.split("\n"), variables=variables))
    words = " ".join(plain(token.children) for token in tokens if token.type == "inline")
    return " ".join(words.split()) or source


def directive_attributes(document: Document, token: Token) -> Attributes:
    """Return the attributes of a directive's opening line."""
    line = (token.map or [0])[0]
    span = document.line_span(line)
    raw: Any = token.meta["attributes"]
    if not raw:
        return Attributes(span)
    source = document.lines[line] if line < len(document.lines) else ""
    place = Span(span.file, span.line, source.find(raw) + 1, span.line, source.find(raw) + 1 + len(raw))
    attributes, found = parse_attributes(raw.rstrip(" \t\u00a0\u202f")[1:-1], place)
    document.found += found
    return attributes


def cell_count(source: str) -> int:
    """Return how many cells a line of a table has; a backslash hides a bar."""
    line = source.strip(" \t>")
    cells = escapedSplit(line)
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _escaped_bars(source: str, start: int, offset: int) -> int:
    """Return how far into a cell's source an offset of its text lies: the backslash of `\\|` is not in the text."""
    position = start
    for _ in range(offset):
        position += 2 if source.startswith("\\|", position) else 1
    return position - start


def _cell_start(source: str, cell: int, text: str) -> int:
    """Return where the text of the n-th cell of a table's line starts; a backslash hides a bar."""
    borders = [match.start() for match in re.finditer(r"(?<!\\)\|", source)]
    if source.lstrip(" \t>").startswith("|"):
        cell += 1
    start = borders[cell - 1] + 1 if 0 < cell <= len(borders) else 0
    bare = source[start:]
    return start + len(bare) - len(bare.lstrip(" \t>" if not cell else " \t"))

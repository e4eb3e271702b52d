"""Tokens → the HTML of a lesson's body: pure functions of the text and the settings used.

A body is a list of HTML strings and of questions' `Pieces`, which wait for the letters of the lock. Links to lessons
and files are written as `carabin-lesson:PATH` and `carabin-asset:PATH` in an attribute and resolved by `render.py`:
no author can write such an attribute, since quotes in text are escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from html import escape
from html import unescape as _unescaped
from typing import TYPE_CHECKING, Literal, TypeAlias, cast
from urllib.parse import quote, unquote
from zlib import crc32

from markdown_it.token import Token

from builder.asides import Aside, Directive
from builder.attributes import VARIABLE, Attributes, Value, is_id, number, unknown_keys
from builder.diagnostics import Span, error, note, warning
from builder.facts import FACT, VOLATILE
from builder.frameworks import UNVERIFIED
from builder.glossary import PAGE as GLOSSARY
from builder.glossary import Glossary
from builder.load import joined
from builder.markdown import Document, cell_count, closing, directive_attributes, plain
from builder.model import Character, Condition, Fact, Heading, Link, Partial, Question, Silence
from builder.questions import (
    COMMON_ATTRIBUTES,
    FLAGS,
    GROUP_ATTRIBUTES,
    Conditions,
    Draft,
    Pieces,
    QuestionType,
    Reading,
    mark_gap,
    read_common,
)
from builder.seams import feature, features
from builder.strings import diagnostic_texts
from builder.typography import direction, typeset
from builder.wording import claims

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

ALERTS = ("note", "tip", "important", "warning", "caution", "definition", "example", "key", "law")
_INSIDE = {
    "hint": "question",
    "explanation": "question",
    "answer": "open",
    "debrief": "scenario",
    "transcript": "video",
}
_PAIRED_TAG = re.compile(r"<(/?)(sub|sup|kbd)>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_SILENCE = re.compile(r"\s*carabin\b(:\s*allow\s+([A-Z]\d{3})\b)?(.*)", re.DOTALL)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_TILDE = re.compile(r"(?<!~)~(?![~\s])[^~]*(?<![~\s])~(?!~)")
_SHORT_FENCE = re.compile(r"::[ \u00a0\u202f]*(?:[a-z][a-z-]*[ \u00a0\u202f]*(?:\{.*\})?)?")
_STRAY_ATTRIBUTES = re.compile(r"\{(?:[#.][\w-]+|[a-z][a-z-]*=[\w\"'])[^{}]*\}")
_STRAY_VARIABLE = re.compile(r"\{\{[^{}]*(?:\}\})?")
_STRAY_MARKER = re.compile(r"\[![A-Za-zÀ-ÿ ]*\]")
_NEAR_MARKER = re.compile(r"\[([A-Za-zÀ-ÿ]+)\]")
_NEAR_ANSWER = re.compile(r"([-*+])(\[[ xX]\])")
_STRAY_MATH = re.compile(r"\$\$.*")
_STRAY_LINK = re.compile(r"[^\[\]\s]{0,40}\][(\[][^\s()\[\]]*[)\]]?")
_SPLIT_GAP = re.compile(r"\[\[[^\]]*(?<!\\)\|[^\]]*\]\]")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_BAR = re.compile(r"(?<!\\)\|")
_EXTERNAL = frozenset({"http", "https", "mailto", "tel"})
_TITLE_LENGTH = 80
_LANGUAGE_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*", re.IGNORECASE
)
"""A language, its script, its region, its variants (BCP 47 §2.1)."""

Chunk: TypeAlias = "str | Pieces | Insert"


@dataclass(frozen=True, slots=True)
class Insert:
    """What is shown under a condition; `variants.py` takes it out, or puts its chunks in its place."""

    condition: Condition
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A lesson's words, ready but for letters and links."""

    chunks: tuple[Chunk, ...]


@dataclass(slots=True)
class BodyWriter:
    """State of one lesson while its body is written; lives as long as `parse_lesson`."""

    document: Document
    words: Mapping[str, str]
    language: str
    objectives: tuple[str, ...]
    is_scored_kind: bool
    characters: Mapping[str, Character] = field(default_factory=dict)
    glossary: Glossary | None = None
    has_parts: bool = False
    facts: Mapping[str, Fact] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    anchors: dict[str, Span] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    inserts: list[Condition] = field(default_factory=list)
    places: dict[str, tuple[Condition, ...]] = field(default_factory=dict)
    terms: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    cited: dict[str, None] = field(default_factory=dict)
    word_count: int = 0
    _out: list[str] = field(default_factory=list)
    _gaps: list[tuple[Token, Token]] = field(default_factory=list)
    _inside: str = ""
    _quiz: str = ""
    _shared: tuple[str, ...] = ()
    _takes_gaps: bool = False
    _repeated: dict[str, int] = field(default_factory=dict)
    _level: int = 1
    _tables: int = 0
    _codes: int = 0
    _unopened: int = 0
    _formulas: int = 0
    _web_links: list[bool | str | None] = field(default_factory=list)
    _shows_links: bool = False
    _shown_links: list[tuple[str, Span]] = field(default_factory=list)
    _linked: set[str] = field(default_factory=set)
    _tongues: list[str] = field(default_factory=list)
    _is_feedback: bool = False
    _is_label: bool = False
    _is_in_part: bool = False
    _is_insert: bool = False
    _conditions: Conditions | None = None
    _asked: list[tuple[Fact, Span]] = field(default_factory=list)

    # --- what seams see ---

    def html(
        self,
        tokens: Sequence[Token],
        *,
        takes_gaps: bool = False,
        is_feedback: bool = False,
        conditions: Conditions | None = None,
        shows_links: bool = False,
    ) -> str:
        """Return blocks as HTML; a question inside is an error, a gap too unless `takes_gaps`.

        In a question only feedback links to the glossary: elsewhere a definition could give the answer away.
        """
        saved, self._out, self._takes_gaps, self._is_feedback = self._out, [], takes_gaps, is_feedback
        self._conditions, self._shows_links = conditions, shows_links
        self._blocks(tokens)
        result, self._out, self._takes_gaps, self._is_feedback = "".join(self._out), saved, False, False
        self._conditions, self._shows_links = None, False
        return result

    def inline(self, token: Token) -> str:
        """Return an inline token as HTML, without links to the glossary."""
        saved, self._out = self._out, []
        self._labelled(token)
        result, self._out = "".join(self._out), saved
        return result

    def _labelled(self, token: Token) -> None:
        """Write a heading or another label, in which no word of the glossary is linked."""
        was, self._is_label = self._is_label, True
        self._inline(token)
        self._is_label = was

    def read_gaps(self) -> list[tuple[Token, Token]]:
        """Return the gaps met since the last call."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def read_links(self) -> list[tuple[str, Span]]:
        """Return the links that were only shown since the last call."""
        links, self._shown_links = self._shown_links, []
        return links

    def opening(self, token: Token) -> tuple[Attributes, Span]:
        """Return the attributes and the line of a directive; report what is wrong with its fences."""
        span = self.document.line_span((token.map or [0])[0])
        attributes = directive_attributes(self.document, token)
        if not token.meta["closed"]:
            self._report("S130", span, name=token.info)
        else:
            self._blank_lines(token, span)
        return attributes, span

    def condition(self, value: Value) -> str | None:
        """Return a condition on what the learner did as JSON, empty after reporting; None where nothing is known."""
        return self._conditions(value) if self._conditions else None

    def write(self, html: str) -> None:
        """Write HTML as it is."""
        self._out.append(html)

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Write blocks, questions included."""
        self._blocks(tokens)

    def text(self, words: str) -> str:
        """Return plain words as HTML, with the typography of the course's language."""
        return escape(typeset(words, self.language), quote=False)

    def unlisted_heading(self, heading: Token, words: Token) -> None:
        """Write a heading that stays out of the table of contents."""
        count = len(self.headings)
        self._heading(heading, words)
        del self.headings[count:]

    def file(self, destination: str, span: Span, line: int) -> str:
        """Return what stands in an attribute for a file in `media/`, which enters the package."""
        count = len(self.links)
        address = self._destination(destination, span, True, self.document.origin(line).path)
        self.links[count:] = [replace(link, is_image=False) for link in self.links[count:]]
        return address

    def insert(self, condition: Condition, tokens: Sequence[Token]) -> None:
        """Write blocks that are shown under a condition, and remember what lies inside."""
        if self._inside:
            self._report("Q474", condition.span)
            return
        self._flush()
        self.inserts.append(condition)
        outer, self.chunks = self.chunks, []
        links, known, linked = len(self.links), set(self.anchors), set(self._linked)
        was_insert, self._is_insert = self._is_insert, True
        self._blocks(tokens)
        self._is_insert = was_insert
        self._linked = linked  # a word that only some see linked is linked again for the others
        self._flush()
        outer.append(Insert(condition, tuple(self.chunks)))
        self.chunks = outer
        self.links[links:] = [replace(link, where=(condition, *link.where)) for link in self.links[links:]]
        for name in self.anchors.keys() - known:
            self.places[name] = (condition, *self.places.get(name, ()))

    def finish(self, tokens: Sequence[Token]) -> Body:
        """Write the whole lesson and return its body."""
        self._read_silences(tokens)
        first = next((token for token in tokens if token.type != "html_block"), None)
        if self.has_parts and first is not None and (first.type, first.tag) != ("heading_open", "h2"):
            self._open_part("")
        self._blocks(tokens)
        self._close_part()
        self._flush()
        return Body(tuple(self.chunks))

    def _open_part(self, anchor: str) -> None:
        """Begin a screen of a lesson in parts; what stands before the first heading has no anchor."""
        self._close_part()
        self._out.append(f'<section class="part" data-part="{anchor}">\n')
        self._is_in_part = True

    def _close_part(self) -> None:
        if self._is_in_part:
            self._out.append("</section>\n")
        self._is_in_part = False

    # --- blocks ---

    def _flush(self) -> None:
        if self._out:
            self.chunks.append("".join(self._out))
            self._out = []

    def _report(self, code: str, span: Span, **arguments: str | int) -> None:
        self.document.found.append(error(code, span, **arguments))

    def _blocks(self, tokens: Sequence[Token]) -> None:
        out, position, count = self._out, 0, len(tokens)
        while position < count:
            token = tokens[position]
            kind = token.type
            if kind == "inline":
                self._inline(token)
            elif kind in _PLAIN:
                if not token.hidden:
                    out.append(_PLAIN[kind])
            elif kind == "heading_open":
                self._heading(token, tokens[position + 1])
                position += 2
            elif kind == "directive_open":
                end = closing(tokens, position)
                self._directive(token, tokens[position + 1 : end])
                out = self._out
                position = end
            else:
                handler = _HANDLERS.get(kind)
                if handler is not None:
                    position = handler(self, tokens, position)
            position += 1

    def _paragraph_open(self, tokens: Sequence[Token], position: int) -> int:
        token, inline = tokens[position], tokens[position + 1]
        if not token.hidden:
            self._out.append("<p>")
        if "::" in inline.content:
            self._stray_fences(inline)
        if "[" in inline.content:
            self._near_marks(inline)
        return position

    def _near_marks(self, inline: Token) -> None:
        """Report what is nearly an answer (S188) or nearly the marker of an alert (S189)."""
        for row, line in enumerate(inline.content.split("\n")):
            span = self.document.line_span((inline.map or [0])[0] + row)
            if answer := _NEAR_ANSWER.match(line):
                self._report("S188", span, mark=answer[1], text=f"{answer[1]} {answer[2]}")
            elif row == 0 and (marker := _NEAR_MARKER.fullmatch(line)) and marker[1].isupper():
                kinds = self._kinds()
                if kind := kinds.get(marker[1].lower()):
                    self._report("S189", span, text=marker[0], suggestion=kind.upper())

    def _kinds(self) -> dict[str, str]:
        """Return the kinds of alerts, by their names and by the words that learners of this course read for them."""
        kinds = {kind: kind for kind in (*ALERTS, *_INSIDE)}
        kinds |= {self.words[f"alert_{kind}"].lower(): kind for kind in ALERTS}
        return kinds | {self.words[kind].lower(): kind for kind in ("hint", "explanation")}

    def _stray_fences(self, inline: Token) -> None:
        for row, line in enumerate(inline.content.split("\n")):
            text = line.strip()
            if text.startswith(":::") or _SHORT_FENCE.fullmatch(text):
                span = self.document.line_span((inline.map or [0])[0] + row)
                opens = bool(text.strip(": "))
                if opens or text == "::":
                    self._unopened += opens
                    self._report("S133", span, text=text[:60])
                elif self._unopened:
                    # It closes what S133 has told.
                    self._unopened -= 1
                else:
                    self._report("S134", span)

    def _paragraph_close(self, tokens: Sequence[Token], position: int) -> int:
        if not tokens[position].hidden:
            self._out.append("</p>\n")
        elif position + 1 < len(tokens) and tokens[position + 1].nesting == 1:
            self._out.append("\n")
        return position

    def _heading(self, token: Token, inline: Token) -> None:
        level = int(token.tag[1])
        attributes: Attributes | None = inline.meta.get("attributes")
        text = plain(inline.children).strip()
        span = self.document.line_span((token.map or [0])[0])
        anchor = ""
        if attributes is not None:
            anchor = attributes.id
            self.document.found += unknown_keys(attributes, frozenset(), "heading")
        if level == 1:
            self._report("S136", span)
            level = 2
        if not text:
            self._report("S137", span)
        if not self._inside and level > self._level + 1:
            self.document.found.append(warning("A101", span, level=level, expected=self._level + 1))
        if not self._inside:
            self._level = level
        anchor = self._anchor(anchor, text, attributes.id_span if attributes else span)
        if not self._inside:
            self.headings.append(Heading(level, anchor, typeset(text, self.language)))
        if self.has_parts and level == 2 and token.level == 0:
            self._open_part(anchor)
            self.parts.append(anchor)
        self._out.append(f'<h{level} id="{anchor}">')
        self._labelled(inline)
        self._out.append(f"</h{level}>\n")

    def _anchor(self, given: str, text: str, span: Span | None) -> str:
        place = span or Span(self.document.file)
        if given:
            if given in self.anchors:
                self._report("S139", place, id=given)
            self.anchors.setdefault(given, place)
            return given
        anchor = base = _slug(text)
        while anchor in self.anchors:
            self._repeated[base] = self._repeated.get(base, 1) + 1
            anchor = f"{base}-{self._repeated[base]}"
        self.anchors[anchor] = place
        return anchor

    def _fence(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        language = token.info.strip().split(maxsplit=1)[0] if token.info.strip() else ""
        code = _highlight(token.content, language) if language else escape(token.content, quote=False)
        name = f" language-{_slug(language)}" if language else ""
        self._codes += 1
        label = escape(f"{self.words['code']} {self._codes}")
        self._out.append(
            f'<pre tabindex="0" role="region" aria-label="{label}"><code class="highlight{name}">{code}</code></pre>\n'
        )
        return position

    def _code_block(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        first, end = (token.map or [0, 1])[:2]
        source, code = self.document.lines[first], token.content.partition("\n")[0]
        indent = max(0, len(source) - len(code) - 4)
        span = self.document.line_span(first)
        if code.startswith(":::"):
            self._report("S187", span)
        else:
            self.document.found.append(warning("S140", span, lines=end - first, indent=indent))
        return self._fence(tokens, position)

    def _read_silences(self, tokens: Sequence[Token]) -> None:
        """Remember the comments that silence a warning.

        One reaches over the block that follows it or that it stands in, and over the whole lesson, its front matter
        included, before the first block.
        """
        if not any("<!--" in line for line in self.document.lines):
            return
        is_first, waiting = True, list[Token]()
        for token in tokens:
            if token.type == "html_block":
                waiting.append(token)
                continue
            line, last = token.map or (0, 0)
            if token.map:
                end = len(self.document.lines) if is_first else last
                for comment in waiting:
                    self._silence(comment.content, (comment.map or [0])[0], end, 0 if is_first else None)
                waiting.clear()
            is_first = False
            for child in token.children or () if "<!--" in token.content else ():
                if child.type == "html_inline":
                    row = line + token.content.count("\n", 0, child.meta["offset"])
                    self._silence(child.content, row, last, line)
        for comment in waiting:
            self._silence(comment.content, *(comment.map or (0, 0)))

    def _silence(self, comment: str, row: int, end: int, start: int | None = None) -> None:
        match = _COMMENT.match(comment)
        words = _SILENCE.match(match[1]) if match else None
        if words is None:
            return
        span = self.document.line_span(row)
        code, reason = words[2] or "", words[3].strip()
        if code not in diagnostic_texts("en"):
            self.document.found.append(warning("S165", span, text=(code or " ".join(words[0].split()))[:40]))
            return
        if not reason:
            self.document.found.append(warning("S152", span, silenced=code))
        files: dict[str, list[int]] = {}
        for line in range(row if start is None else start, end):
            origin = self.document.origin(line)
            files.setdefault(origin.file, []).append(origin.line)
        for file, lines in files.items():
            self.silences.append(Silence(code, file, min(lines), max(lines), span))

    def _list_open(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        start = token.attrGet("start")
        is_tasks = any(
            inner.type == "inline" and inner.level == token.level + 3 and "task" in inner.meta
            for inner in tokens[position : closing(tokens, position)]
        )
        name = ' class="tasks"' if is_tasks else ""
        self._out.append(f"<{token.tag}{name}" + (f' start="{start}"' if start is not None else "") + ">\n")
        return position

    def _item_open(self, tokens: Sequence[Token], position: int) -> int:
        self._out.append("<li>")
        inline = tokens[position + 2] if position + 2 < len(tokens) else None
        if inline is not None and inline.type == "inline" and inline.map == tokens[position + 1].map:
            attributes: Attributes | None = inline.meta.get("attributes")
            if attributes is not None and not self._inside:
                self._report("S146", attributes.span)
            if "task" in inline.meta:
                is_done = inline.meta["task"] == "x"
                word = self.words["task_done" if is_done else "task_open"]
                self._out.append(f'<span class="task" role="img" aria-label="{escape(word)}">')
                self._out.append("☑" if is_done else "☐")
                self._out.append("</span> ")
        return position

    def _alert_open(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        span = self.document.line_span((token.map or [0])[0])
        if token.info in _INSIDE:
            self._report("S135", span, kind=token.info.upper(), where=_INSIDE[token.info])
        elif token.info not in ALERTS:
            # Authors of a course in another language try the word that its learners read.
            kinds = self._kinds()
            near = get_close_matches(token.info, kinds, 1, 0.5)
            suggestion = (kinds[near[0]] if near else "note").upper()
            self._report("S147", span, kind=token.info.upper(), suggestion=suggestion)
        elif tokens[position + 1].type == "alert_close":
            self._report("Q110", span, kind=token.info.upper())
        title = escape(self.words.get("alert_" + token.info, token.info))
        self._out.append(f'<aside class="alert alert-{_slug(token.info)}"><p class="alert-title">{title}</p>\n')
        return position

    def _table_open(self, tokens: Sequence[Token], position: int) -> int:
        self._tables += 1
        head = tokens[position : next(n for n in range(position, len(tokens)) if tokens[n].type == "thead_close")]
        if not any(token.content.strip() for token in head):
            self.document.found.append(warning("A336", self.document.line_span((head[0].map or [0])[0])))
        label = escape(f"{self.words['table']} {self._tables}")
        self._out.append(f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}"><table>\n')
        return position

    def _row_open(self, tokens: Sequence[Token], position: int) -> int:
        """Write a row; cells beyond those of the head would be dropped, most often because of a bare bar."""
        line, columns = (tokens[position].map or [0])[0], 0
        for token in tokens[position + 1 : closing(tokens, position)]:
            columns += token.type in ("td_open", "th_open")
        source = self.document.lines[line]
        cells = cell_count(source)
        if cells > columns and not _SPLIT_GAP.search(source):
            self._report("S166", self.document.line_span(line), count=cells, columns=columns)
        self._out.append("<tr>")
        return position

    def _cell_open(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        style = str(token.attrGet("style") or "")
        side = style.rpartition(":")[2]
        scope = ' scope="col"' if token.tag == "th" else ""
        self._out.append(f"<{token.tag}{scope}" + (f' class="align-{side}"' if side in _SIDES else "") + ">")
        return position

    def _directive(self, token: Token, inside: Sequence[Token]) -> None:
        name = token.info
        line = (token.map or [0])[0]
        attributes, span = self.opening(token)
        if name in features("questions"):
            contains = getattr(feature("questions", name), "CONTAINS", False)
            if self._inside or (contains and self._quiz):
                self._report("S148", span, name=name, outer=self._inside or name)
                return
            if contains:
                self._quiz_of(name, attributes, span, inside, self.document.origin(line).prefix)
                return
            self._question(name, attributes, span, inside, self.document.origin(line).prefix)
        elif name in features("asides"):
            aside = cast(Aside, feature("asides", name))
            self.document.found += unknown_keys(attributes, aside.ATTRIBUTES, name, takes_id=False)
            aside.write(Directive(name, attributes, span, inside), self)
        elif name in (inner := _inner_directives()):
            self._report("Q118", span, name=name, outer=inner[name])
        else:
            known = (*features("questions"), *features("asides"), "include")
            near = get_close_matches(name, (*known, *inner), 1, 0.5)
            if near:
                self._report("S151", span, name=name, suggestion=near[0])
            else:
                self._report("S181", span, name=name, known=", ".join(features("questions")))
            if near and near[0] in features("questions") and not self._inside:
                # What is wrong inside is told in the same run.
                self._question(near[0], attributes, span, inside, self.document.origin(line).prefix)

    def _blank_lines(self, token: Token, span: Span) -> None:
        """Note the blank lines that keep other viewers right (language, "Directives")."""
        first, last = (token.map or [0, 0])[0], (token.map or [0, 0])[1]
        lines = self.document.lines
        if last > first + 1 and last < len(lines):
            if lines[first + 1].strip(" \t>"):
                self.document.found.append(note("S131", self.document.line_span(first)))
            if lines[last - 1].strip(" \t>"):
                self.document.found.append(note("S132", self.document.line_span(last)))

    # --- questions ---

    def _question(self, name: str, attributes: Attributes, span: Span, inside: Sequence[Token], prefix: str) -> None:
        kind = cast(QuestionType, feature("questions", name))
        known = COMMON_ATTRIBUTES | kind.ATTRIBUTES
        self.document.found += unknown_keys(attributes, known, name)
        for key in sorted(attributes.values.keys() & FLAGS):
            if attributes.text(key) not in ("true", "false"):
                self._report("Q119", attributes.values[key].span, key=key, value=attributes.text(key)[:40])
        for key in sorted(attributes.values.keys() & known & getattr(kind, "UNUSED", frozenset())):
            self._report("Q115", attributes.values[key].span, key=key, name=name)
        self._inside = name
        inner = getattr(kind, "INNER", frozenset[str]())
        common = read_common(inside, self, takes_answer=getattr(kind, "TAKES_ANSWER", False), inner=inner)
        reading = Reading(name, attributes, span, common.body, self, self._level, common.answer)
        draft = kind.read(reading)
        self._inside = ""
        self._gaps = []
        asked, self._asked = self._asked, []
        if draft is None:
            return
        identity = self._identity(name, attributes, span, prefix, _suggested_id(draft))
        self.questions.append(self._typed(name, identity, attributes, span, draft))
        if self.questions[-1].is_scored:
            volatile = ((fact, place) for fact, place in asked if fact.validity == VOLATILE)
            self.document.found += [warning("S178", place, id=fact.id) for fact, place in volatile]
            unsure = ((fact, place) for fact, place in asked if fact.certainty == UNVERIFIED)
            self.document.found += [warning("S186", place, id=fact.id) for fact, place in unsure]
        self._flush()
        self.chunks.append(Pieces(identity, name, draft.prompt, common.hints, common.explanation, draft.data))

    def _quiz_of(self, name: str, attributes: Attributes, span: Span, inside: Sequence[Token], prefix: str) -> None:
        """Write a directive that holds questions: a piece opens it, a piece with `end` closes it."""
        kind = cast(QuestionType, feature("questions", name))
        self.document.found += unknown_keys(attributes, kind.ATTRIBUTES | GROUP_ATTRIBUTES, name)
        draft = kind.read(Reading(name, attributes, span, (), self))
        assert draft is not None, "attributes alone are always read"
        identity = self._identity(name, attributes, span, prefix, name)
        place = len(self.questions)
        self.questions.append(self._typed(name, identity, attributes, span, draft))
        self._flush()
        self.chunks.append(Pieces(identity, name, "", (), "", draft.data))
        outer, self._shared = self._shared, attributes.words("objective")
        self._quiz = identity
        self._blocks(inside)
        self._quiz, self._shared = "", outer
        self._flush()
        self.chunks.append(Pieces(identity, name, "", (), "", {"end": True}))
        self.questions[place + 1 :] = [replace(one, quiz=identity) for one in self.questions[place + 1 :]]
        is_scored = any(one.is_scored for one in self.questions[place + 1 :])
        self.questions[place] = replace(
            self.questions[place],
            is_required=attributes.flag("required") or (is_scored and not attributes.flag("optional")),
            title=typeset(_shortened(draft.data["title"]) or self.words[f"{name}_title"], self.language),
        )

    def _identity(self, name: str, attributes: Attributes, span: Span, prefix: str, suggestion: str) -> str:
        """Return the id of a question, or a makeshift after saying that there is none."""
        identity = prefix + attributes.id if attributes.id else ""
        if not identity:
            identity = self._makeshift(suggestion)
            # An id that is there and cannot be one has been told already.
            if not any(one.code == "S143" and one.span.line == span.line for one in self.document.found):
                self.document.found.append(warning("Q101", span, name=name, suggestion=suggestion))
        elif not is_id(identity):
            self._report("S143", attributes.id_span or span, id=identity)
        elif identity in self.anchors:
            self._report("S139", attributes.id_span or span, id=identity)
        if attributes.id:
            self.anchors.setdefault(identity, attributes.id_span or span)
        return identity

    def _makeshift(self, suggestion: str) -> str:
        """Return an id that no other question of the course has: by its words and its lesson, so that it stays as long
        as these do, whatever is written before it."""
        name = f"{suggestion}-unnamed-{crc32(self.document.path.encode()):08x}"
        count = sum(question.id.startswith(name) for question in self.questions)
        return f"{name}-{count + 1}" if count else name

    def _typed(self, name: str, identity: str, attributes: Attributes, span: Span, draft: Draft) -> Question:
        points = self._number(attributes, "points", draft.points, 0, 1000)
        tries = self._number(attributes, "tries", 1.0, 1, 100)
        if tries != int(tries):
            self._report("Q103", attributes.values["tries"].span, key="tries", value=attributes.text("tries"))
        partial = attributes.text("partial", draft.partial)
        if partial not in ("none", "each"):
            self._report("Q104", attributes.values["partial"].span, value=partial)
            partial = draft.partial
        if "optional" in attributes.values and "required" in attributes.values:
            self._report("Q105", attributes.values["required"].span)
        is_scored = draft.is_scored and self.is_scored_kind and points > 0
        is_required = attributes.flag("required") or (is_scored and not attributes.flag("optional"))
        inherited = self._shared or (self.objectives if len(self.objectives) == 1 else ())
        objectives = attributes.words("objective") or inherited
        return Question(
            id=identity,
            was=attributes.words("was"),
            type=name,
            span=span,
            parts=draft.parts,
            points=points if draft.is_scored else 0,
            tries=int(tries),
            partial=cast(Partial, partial),
            is_scored=is_scored,
            is_required=is_required,
            shuffle=attributes.flag("shuffle") or draft.is_shuffled,
            objectives=objectives,
            title=typeset(_shortened(_first_words(draft.prompt)), self.language),
            key_order=draft.key_order,
            settings=draft.settings,
            is_named=bool(attributes.id),
            asks_confidence=attributes.flag("confidence"),
        )

    def _number(self, attributes: Attributes, key: str, default: float, lowest: float, highest: float) -> float:
        value = attributes.values.get(key)
        if value is None:
            return default
        read = number(value.text)
        if read is None or not lowest <= read <= highest:
            self._report("Q103", value.span, key=key, value=value.text)
            return default
        return read

    # --- inline ---

    def _inline(self, token: Token) -> None:
        out, children = self._out, token.children or []
        for offset, word in claims(token.content):
            self.document.found.append(warning("A401", self.document.span(token, offset, len(word)), word=word))
        if "<" in token.content:
            children = self._paired(token)
        run, texts = "", _LINES if self.glossary is not None else _TEXTS
        for index, child in enumerate(children):
            kind = child.type
            if kind == "softbreak":
                after = children[index + 1].content if index + 1 < len(children) else ""
                tongue = self._tongues[-1] if self._tongues else self.language
                space = typeset(f" {after[:1]}", tongue)[:1] if after[:1] in _HIGH else "\n"
                if run:
                    run += space
                else:
                    out.append(space)
            elif kind in _TEXTS:
                run += child.content
                if kind == "text":
                    self._look(token, child)
            elif kind in _PLAIN:
                out.append(_PLAIN[kind])
            else:
                handler = _INLINE.get(kind)
                if handler is not None:
                    handler(self, token, child)
            if run and (index + 1 == len(children) or children[index + 1].type not in texts):
                self._text(run)
                run = ""

    def _paired(self, token: Token) -> list[Token]:
        """Return the inline tokens without tags whose counterpart is missing, which are reported."""
        children = token.children or []
        stack: list[tuple[str, int]] = []
        alone: set[int] = set()
        for index, child in enumerate(children):
            tag = _PAIRED_TAG.fullmatch(child.content) if child.type == "html_inline" else None
            if child.nesting == 1 or (tag and not tag[1]):
                stack.append((tag[2].lower() if tag else "", index))
            elif child.nesting == -1:
                while stack and stack[-1][0]:
                    alone.add(stack.pop()[1])
                stack = stack[:-1]
            elif tag and stack and stack[-1][0] == tag[2].lower():
                stack.pop()
            elif tag:
                alone.add(index)
        alone |= {index for name, index in stack if name}
        for index in sorted(alone):
            self._report("S154", self._span(token, children[index]), tag=children[index].content)
        return [child for index, child in enumerate(children) if index not in alone]

    def _span(self, token: Token, child: Token) -> Span:
        """Return the place of an inline token that knows it."""
        return self.document.span(token, child.meta["offset"], child.meta["length"])

    def _look(self, token: Token, child: Token) -> None:
        """Look for marks in a text; what a backslash, an entity or a variable gave is never suspect."""
        content = child.content
        for character in _SUSPECT:
            if character in content:
                self._suspect(token, child)
                break

    def _links_terms(self) -> bool:
        """Return whether words of the glossary are linked here (language, "Variables, links, facts")."""
        if self.glossary is None or self._is_label or self._web_links:
            return False
        return (not self._inside or self._is_feedback) and len(self._linked) < len(self.glossary.terms)

    def _terms(self, text: str) -> None:
        """Write a text in which each term that the lesson has not linked yet leads to the glossary."""
        assert self.glossary is not None
        position = 0
        for match in self.glossary.pattern.finditer(text):
            term = self.glossary.term(match[0])
            if term is None or term.anchor in self._linked:
                continue
            anchor = term.anchor
            self._linked.add(anchor)
            # What may not be shown is no place to come back to. No id of another kind holds a dot.
            place = "" if self._inside or self._is_insert else f"use.{anchor}"
            identity = f' id="{place}"' if place else ""
            self.terms[anchor] = self.terms.get(anchor) or place
            self._out.append(escape(text[position : match.start()], quote=False))
            self._out.append(
                f'<a class="term"{identity} href="{GLOSSARY}#{anchor}">{escape(match[0], quote=False)}</a>'
            )
            position = match.end()
        self._out.append(escape(text[position:], quote=False))

    def _text(self, content: str) -> None:
        self.word_count += content.count(" ") + 1 if content and not content.isspace() else 0
        content = typeset(content, self._tongues[-1] if self._tongues else self.language)
        if self.glossary is not None and self._links_terms():
            self._terms(content)
            return
        if "&" in content or "<" in content or ">" in content:
            content = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._out.append(content)

    def _suspect(self, token: Token, child: Token) -> None:
        """Report marks that Markdown left as text: nothing that is not understood is shown to a learner."""
        content, is_in_link = child.content, bool(self._web_links)

        def at(match: re.Match[str]) -> Span:
            return self.document.span(token, _offset(token, child) + match.start(), len(match[0]))

        for match in _TILDE.finditer(content):
            self.document.found.append(warning("S155", at(match), text=match[0]))
        for match in _STRAY_ATTRIBUTES.finditer(content):
            if not token.content.startswith("::"):  # told as a malformed fence
                self._report("S146", at(match))
        for match in _STRAY_VARIABLE.finditer(content):
            if not VARIABLE.fullmatch(match[0]):
                self._unknown(match[0].strip("{} \u00a0\u202f"), at(match))
        for match in _STRAY_MARKER.finditer(content):
            self._report("S162", at(match), marker=match[0])
        if not is_in_link and (gap := re.search(r"\[\[.*", content)):
            self._open_gap(token, at(gap), gap[0])
        elif not is_in_link:
            for match in _STRAY_LINK.finditer(content):
                self._report("S161", at(match), text=match[0][:40])
        if formula := _STRAY_MATH.search(content):
            self._report("S173", at(formula), text=formula[0][:40])
        for match in re.finditer("<!--", content):
            self._report("S150", at(match), tag=match[0])

    def _open_gap(self, token: Token, span: Span, text: str) -> None:
        """Report a gap that is not closed, in a cell most often because of a bar that ends the cell."""
        source = self.document.lines[(token.map or [0])[0]] if "cell" in token.meta else ""
        end = source.find("]]", span.column)
        bars = list(_BAR.finditer(source, span.column, end)) if end >= 0 else []
        for bar in bars:
            self._report("Q309", Span(span.file, span.line, bar.start() + 1, span.line, bar.end() + 1))
        if not bars:
            self._report("S156", span, text=text[:40])

    def _math_block(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        self._out.append(self._display(token.content.strip(), self.document.line_span((token.map or [0])[0]), "div"))
        self._out.append("\n")
        return position

    def _math(self, token: Token, child: Token) -> None:
        span = self._span(token, child)
        if child.markup == "$$":
            self._out.append(self._display(child.content.strip(), span, "span"))
        else:
            self._out.append(self._formula(child.content, span, is_display=False))

    def _display(self, latex: str, span: Span, tag: str) -> str:
        """Return a formula that stands apart, and scrolls when it is wider than the page."""
        self._formulas += 1
        label = escape(f"{self.words['formula']} {self._formulas}")
        formula = self._formula(latex, span, is_display=True)
        return f'<{tag} class="formula" tabindex="0" role="group" aria-label="{label}">{formula}</{tag}>'

    def _formula(self, latex: str, span: Span, *, is_display: bool) -> str:
        from builder.mathml import mathml

        formula = mathml(latex, is_display, self.language)
        if formula.command:
            self._report("S171", span, command=formula.command)
        elif not formula.html:
            self._report("S172", span, text=" ".join(latex.split())[:60])
        return formula.html

    def _code_inline(self, token: Token, child: Token) -> None:
        self._out.append(f"<code>{escape(child.content, quote=False)}</code>")

    def _gap(self, token: Token, child: Token) -> None:
        if not self._takes_gaps:
            self._report("S157", self._span(token, child), text=f"[[{child.content}]]"[:40])
            return
        self._out.append(mark_gap(len(self._gaps)))
        self._gaps.append((child, token))

    def _html_inline(self, token: Token, child: Token) -> None:
        html = child.content
        if html.startswith("<!--"):
            return
        if _LINE_BREAK.fullmatch(html):
            self._out.append("<br>")
        elif _PAIRED_TAG.fullmatch(html):
            self._out.append(html.lower())
        else:
            self._report("S150", self._span(token, child), tag=html[:40])

    def _unknown_variable(self, token: Token, child: Token) -> None:
        self._unknown(child.content, self._span(token, child))

    def _unknown(self, name: str, span: Span) -> None:
        if self.document.variables:
            self._report("S158", span, name=name[:40], known=", ".join(sorted(self.document.variables)))
        else:
            self._report("S182", span, name=name[:40])

    def _span_open(self, token: Token, child: Token) -> None:
        attributes: Attributes = child.meta["attributes"]
        strange = unknown_keys(attributes, frozenset({"lang"}), "[…]", takes_id=False)
        self.document.found += strange
        language = attributes.text("lang")
        is_tag = bool(_LANGUAGE_TAG.fullmatch(language))
        if not strange and not is_tag:
            self._report("S149", attributes.span, value=language)
        outer = self._tongues[-1] if self._tongues else self.language
        self._tongues.append(language if is_tag else outer)
        turned = f' dir="{direction(language)}"' if is_tag and direction(language) != direction(outer) else ""
        self._out.append(f'<span lang="{escape(language)}"{turned}>')

    def _span_close(self, token: Token, child: Token) -> None:
        self._tongues.pop()
        self._out.append("</span>")

    def _link_open(self, token: Token, child: Token) -> None:
        destination, title, span = str(child.attrGet("href") or ""), child.attrGet("title"), self._span(token, child)
        if self._web_links:
            self._report("S168", span, text=token.content[child.meta["offset"] :][: child.meta["length"]][:40])
            self._web_links.append(None)
            return
        self._no_attributes(child)
        extra = f' title="{escape(self._plain_title(str(title), span))}"' if title else ""
        if self._shows_links:
            self._shown_link(destination, extra, span)
            return
        address = self._destination(destination, span, False, self._base(token, child))
        self._out.append(f'<a href="{address}"{extra}')
        scheme = _SCHEME.match(destination)
        is_web = bool(scheme) and scheme is not None and scheme[1].lower() in ("http", "https")
        self._out.append(' class="external" target="_blank" rel="noopener noreferrer">' if is_web else ">")
        self._web_links.append(is_web)

    def _shown_link(self, destination: str, extra: str, span: Span) -> None:
        """Write a link that opens nothing: its address stands behind it, and is no link of the lesson's."""
        scheme = _SCHEME.match(destination)
        if variable := VARIABLE.search(destination):
            self._report("S153", span, name=variable[1])
        elif scheme and scheme[1].lower() not in _EXTERNAL:
            self._report("L102", span, scheme=scheme[1].lower())
        else:
            self._shown_links.append((destination, span))
        self._out.append(f'<span class="shown-link" data-address="{escape(destination)}"{extra}>')
        self._web_links.append(destination)

    def _link_close(self, token: Token, child: Token) -> None:
        is_web = self._web_links.pop()
        if is_web is None:
            return
        if isinstance(is_web, str):
            self._out.append(f'</span><span class="shown-address"> [{escape(is_web, quote=False)}]</span>')
            return
        if is_web:
            self._out.append(f'<span class="visually-hidden"> {escape(self.words["new_window"])}</span>')
        self._out.append("</a>")

    def _image(self, token: Token, child: Token) -> None:
        source, title, span = str(child.attrGet("src") or ""), child.attrGet("title"), self._span(token, child)
        self._no_attributes(child)
        for inner in child.children or ():
            if inner.type == "unknown_variable":
                self._unknown_variable(token, inner)
            elif inner.type == "html_inline" and not inner.content.startswith("<!--"):
                self._report("S150", self._span(token, inner), tag=inner.content[:40])
            elif inner.type == "footnote_ref":
                self._report("S168", span, text=f"[^{inner.meta.get('label', '')}]"[:40])
        text = typeset(plain(child.children).strip(), self.language)
        if not text:
            self.document.found.append(warning("A102", span))
        extra = f' title="{escape(self._plain_title(str(title), span))}"' if title else ""
        address = self._destination(source, span, True, self._base(token, child))
        self._out.append(f'<img src="{address}" alt="{escape(text)}" loading="lazy"{extra}>')

    def _no_attributes(self, child: Token) -> None:
        """Report attributes of a link or image, which take none yet."""
        attributes: Attributes | None = child.meta.get("attributes")
        if attributes is not None:
            self._report("S146", attributes.span)

    def _plain_title(self, title: str, span: Span) -> str:
        if variable := VARIABLE.search(title):
            self._report("S153", span, name=variable[1])
        return title

    def _base(self, token: Token, child: Token) -> str:
        """Return the file from which a destination starts: that which writes it."""
        line = child.meta.get("line")
        return self.document.origin((token.map or [0])[0] if line is None else line).path

    def _destination(self, destination: str, span: Span, is_image: bool, base: str) -> str:
        """Return what stands in the attribute, and remember the link for the checks of the whole course.

        `base` is the file from which a relative destination starts.
        """
        if variable := VARIABLE.search(destination):
            self._report("S153", span, name=variable[1])
            return "#"
        scheme = _SCHEME.match(destination)
        if scheme:
            name = scheme[1].lower()
            if is_image:
                self._report("L101", span, destination=destination[:60])
                return "#"
            if name not in _EXTERNAL:
                self._report("L102", span, scheme=name)
                return "#"
            self.links.append(Link(destination, "external", "", "", span, is_image))
            return escape(_encoded(destination))
        if destination.startswith("//"):
            self._report("L101", span, destination=destination[:60])
            return "#"
        path, _, anchor = destination.partition("#")
        if not path:
            if not anchor or is_image:
                self._report("L103", span)
                return "#"
            self.links.append(Link(destination, "anchor", "", anchor, span))
            return f"#{escape(anchor)}"
        path = _decoded(path)
        resolved = joined(base, path)
        kind: Literal["lesson", "asset"] = "lesson" if path.endswith(".md") and not is_image else "asset"
        if resolved is None:
            self._report("L104", span, destination=destination[:60])
            return "#"
        self.links.append(Link(destination, kind, resolved, anchor, span, is_image))
        return f"carabin-{kind}:{escape(resolved)}" + (f"#{escape(anchor)}" if anchor and kind == "lesson" else "")

    def _footnote_ref(self, token: Token, child: Token) -> None:
        label, number_ = str(child.meta.get("label", "")), int(child.meta["id"]) + 1
        again = int(child.meta.get("subId", 0))
        if label and label not in self.document.footnotes and not self._cite(label, self._span(token, child)):
            return
        if self._web_links:
            self._report("S168", self._span(token, child), text=f"[^{label}]"[:40])
            return
        mark = f"{number_}-{again + 1}" if again else str(number_)
        word = escape(self.words["footnote"].format(number=number_))
        self._out.append(
            f'<sup class="footnote-ref"><a href="#note-{number_}" id="noteref-{mark}" role="doc-noteref"'
            f' aria-label="{word}">{number_}</a></sup>'
        )

    def _cite(self, label: str, span: Span) -> bool:
        """Note a footnote that the lesson does not define: it cites a fact, or is reported."""
        fact = self.facts.get(label)
        if fact is not None:
            self.cited[label] = None
            if self._inside:
                self._asked.append((fact, span))
        elif FACT.fullmatch(label):
            near = get_close_matches(label, self.facts, 1, 0.5)
            if near:
                self._report("S177", span, id=label, suggestion=near[0])
            else:
                self._report("S183", span, id=label)
        else:
            self._report("S159", span, label=label)
        return fact is not None

    def _fact(self, fact: Fact) -> str:
        """Return what the footnote of a fact says."""
        note_, source = (escape(typeset(text, self.language), quote=False) for text in (fact.note, fact.source))
        if fact.url:
            new_window = f'<span class="visually-hidden"> {escape(self.words["new_window"])}</span>'
            target = 'class="external" target="_blank" rel="noopener noreferrer"'
            source = f'<a href="{escape(_encoded(fact.url))}" {target}>{source}{new_window}</a>'
        parts = [note_, escape(self.words["fact_source"], quote=False).format(source=source)]
        if fact.certainty == UNVERIFIED:
            parts.append(f'<strong class="fact-unverified">{escape(self.words["fact_unverified"])}</strong>')
        return " ".join(parts)

    def _footnotes_open(self, tokens: Sequence[Token], position: int) -> int:
        self._close_part()
        label = escape(self.words["footnotes"])
        self._out.append(
            f'<section class="footnotes" role="doc-endnotes" aria-label="{label}"><h2>{label}</h2>\n<ol>\n'
        )
        return position

    def _footnote_open(self, tokens: Sequence[Token], position: int) -> int:
        meta = tokens[position].meta
        self._out.append(f'<li id="note-{int(meta["id"]) + 1}">')
        if meta["label"] in self.facts and meta["label"] not in self.document.footnotes:
            self._out.append(self._fact(self.facts[meta["label"]]))
        return position

    def _footnote_anchor(self, tokens: Sequence[Token], position: int) -> int:
        meta = tokens[position].meta
        number_, again = int(meta["id"]) + 1, int(meta.get("subId", 0))
        mark = f"{number_}-{again + 1}" if again else str(number_)
        word = escape(self.words["footnote_back"])
        self._out.append(
            f' <a href="#noteref-{mark}" class="footnote-back" role="doc-backlink" aria-label="{word}">↩</a>'
        )
        return position


BlockHandler = Callable[[BodyWriter, Sequence[Token], int], int]
InlineHandler = Callable[[BodyWriter, Token, Token], None]

_SIDES = frozenset({"left", "right", "center"})
_TEXTS = ("text", "text_special")
_LINES = (*_TEXTS, "softbreak")
"""What is read as one text where words of the glossary may stand on two lines."""
_SUSPECT = "~[{]<$"
_HIGH = (";", ":", "!", "?", "»")
"""Marks that French keeps on the line of the word before them, even where the source breaks the line."""
_PLAIN = {
    "list_item_close": "</li>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "blockquote_open": "<blockquote>\n",
    "blockquote_close": "</blockquote>\n",
    "alert_close": "</aside>\n",
    "table_close": "</table></div>\n",
    "thead_open": "<thead>\n",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>\n",
    "tr_close": "</tr>\n",
    "th_close": "</th>",
    "td_close": "</td>",
    "hr": "<hr>\n",
    "footnote_block_close": "</ol></section>\n",
    "footnote_close": "</li>\n",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "em_open": "<em>",
    "em_close": "</em>",
    "s_open": "<s>",
    "s_close": "</s>",
    "hardbreak": "<br>\n",
}
_HANDLERS: dict[str, BlockHandler] = {
    "paragraph_open": BodyWriter._paragraph_open,
    "paragraph_close": BodyWriter._paragraph_close,
    "fence": BodyWriter._fence,
    "math_block": BodyWriter._math_block,
    "code_block": BodyWriter._code_block,
    "bullet_list_open": BodyWriter._list_open,
    "ordered_list_open": BodyWriter._list_open,
    "list_item_open": BodyWriter._item_open,
    "alert_open": BodyWriter._alert_open,
    "table_open": BodyWriter._table_open,
    "tr_open": BodyWriter._row_open,
    "th_open": BodyWriter._cell_open,
    "td_open": BodyWriter._cell_open,
    "footnote_block_open": BodyWriter._footnotes_open,
    "footnote_open": BodyWriter._footnote_open,
    "footnote_anchor": BodyWriter._footnote_anchor,
}
_INLINE: dict[str, InlineHandler] = {
    "code_inline": BodyWriter._code_inline,
    "math": BodyWriter._math,
    "gap": BodyWriter._gap,
    "html_inline": BodyWriter._html_inline,
    "unknown_variable": BodyWriter._unknown_variable,
    "span_open": BodyWriter._span_open,
    "span_close": BodyWriter._span_close,
    "link_open": BodyWriter._link_open,
    "link_close": BodyWriter._link_close,
    "image": BodyWriter._image,
    "footnote_ref": BodyWriter._footnote_ref,
}


@cache
def _inner_directives() -> Mapping[str, str]:
    """Return the directives that one question type alone knows, and that type."""
    kinds = {name: getattr(feature("questions", name), "INNER", ()) for name in features("questions")}
    return {inner: name for name, names in kinds.items() for inner in sorted(names)}


def _suggested_id(draft: Draft) -> str:
    """Return an id made of the first words of the prompt, for `check --fix`."""
    words = [word for word in _slug(_first_words(draft.prompt)).split("-") if len(word) > 2] or ["question"]
    return "q-" + "-".join(words[:4])[:40].strip("-")


def _offset(token: Token, child: Token) -> int:
    """Return where the text of an inline token lies in its holder; few know it, the others are looked for in order."""
    position = 0
    for one in token.children or ():
        if one is child:
            break
        if "offset" in one.meta:
            position = int(one.meta["offset"]) + (1 if one.nesting else int(one.meta["length"]))
        elif one.content and (found := token.content.find(one.content, position)) >= 0:
            position = found + len(one.content)
    return max(position, token.content.find(child.content, position))


def _first_words(html: str) -> str:
    """Return the words of the first block that has any, else of the first image; gaps show as an ellipsis."""
    first = html[3 : html.find("</p>")] if html.startswith("<p>") else "<"
    if "<" not in first and "\0" not in first and first.strip():
        return _unescaped(" ".join(first.split()))
    html = re.sub(r'<sup class="footnote-ref">.*?</sup>|<span class="visually-hidden">.*?</span>', "", html)
    html = re.sub(r'<math[^>]* alttext="([^"]*)">.*?</math>', r"\1", html)
    for block in re.split(r"</?(?:p|h\d|li|ul|ol|table|tr|td|th|blockquote|pre|aside|figure|div)\b[^>]*>", html):
        text = re.sub(r"\s+", " ", re.sub(r"\0gap \d+\0", "…", re.sub(r"<[^>]+>", "", block))).strip()
        if text:
            return _unescaped(text)
    image = re.search(r'<img src="[^"]*" alt="([^"]*)"', html)
    return _unescaped(image[1]) if image else ""


def _shortened(text: str) -> str:
    if len(text) <= _TITLE_LENGTH:
        return text
    return text[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _slug(text: str) -> str:
    plain_text = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    words = _NOT_SLUG.sub("-", plain_text).strip("-")
    if words[:1].isdigit():
        words = "s-" + words
    return words[:60].strip("-") or "section"


def _encoded(url: str) -> str:
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _decoded(path: str) -> str:
    return unquote(path)


@cache
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None


def _highlight(code: str, language: str) -> str:
    """Return code with pygments' short classes; as it is when the language is unknown."""
    lexer = _lexer(language.lower())
    if lexer is None:
        return escape(code, quote=False)
    parts = []
    for kind, text in lexer.get_tokens(code):
        name = _CLASSES.get(kind)
        if name is None:
            name = _CLASSES[kind] = _class_of(kind)
        text = escape(text, quote=False)
        parts.append(f'<span class="{name}">{text}</span>' if name and not text.isspace() else text)
    return "".join(parts)


_CLASSES: dict[object, str] = {}


def _class_of(kind: _TokenType) -> str:
    """Return pygments' short class of a kind of token, or of the nearest kind above it that has one."""
    from pygments.token import STANDARD_TYPES

    return next(STANDARD_TYPES[one] for one in reversed(kind.split()) if one in STANDARD_TYPES)

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
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import quote, unquote

from markdown_it.token import Token

from builder.asides import Aside, Directive
from builder.attributes import Attributes, number, unknown_keys
from builder.diagnostics import Span, error, note, warning
from builder.load import joined
from builder.markdown import Document, closing, directive_attributes, plain
from builder.model import Heading, Link, Partial, Question, Silence
from builder.questions import COMMON_ATTRIBUTES, Draft, Pieces, QuestionType, Reading, mark_gap, read_common
from builder.seams import feature, features
from builder.typography import typeset

if TYPE_CHECKING:
    from pygments.lexer import Lexer

ALERTS = ("note", "tip", "important", "warning", "caution", "definition", "example", "key", "law")
_INSIDE = {"hint": "question", "explanation": "question", "answer": "question", "debrief": "scenario"}
_ACCEPTED_TAG = re.compile(r"</?(sub|sup|kbd)>|<br ?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_ALLOW = re.compile(r"\s*carabin:\s*allow\s+([A-Z]\d{3})\b(.*)", re.DOTALL)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_TILDE = re.compile(r"(?<!~)~(?!~)\S[^~]*(?<!~)~(?!~)")
_STRAY_ATTRIBUTES = re.compile(r"\{[#.][\w-]+[^{}]*\}")
_EXTERNAL = frozenset({"http", "https", "mailto", "tel"})
_TITLE_LENGTH = 80

Chunk = str | Pieces


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
    chunks: list[Chunk] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    anchors: dict[str, Span] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    word_count: int = 0
    _out: list[str] = field(default_factory=list)
    _gaps: list[tuple[Token, Token]] = field(default_factory=list)
    _inside: str = ""
    _holder: Token | None = None
    _level: int = 1
    _tables: int = 0
    _codes: int = 0
    _web_links: list[bool] = field(default_factory=list)

    # --- what seams see ---

    def html(self, tokens: Sequence[Token]) -> str:
        """Return blocks as HTML; a question inside is an error."""
        saved, self._out = self._out, []
        self._blocks(tokens)
        result, self._out = "".join(self._out), saved
        return result

    def inline(self, token: Token) -> str:
        """Return an inline token as HTML."""
        saved, self._out = self._out, []
        self._inline(token)
        result, self._out = "".join(self._out), saved
        return result

    def read_gaps(self) -> list[tuple[Token, Token]]:
        """Return the gaps met since the last call."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def write(self, html: str) -> None:
        """Write HTML as it is."""
        self._out.append(html)

    def blocks(self, tokens: Sequence[Token]) -> None:
        """Write blocks, questions included."""
        self._blocks(tokens)

    def finish(self, tokens: Sequence[Token]) -> Body:
        """Write the whole lesson and return its body."""
        self._blocks(tokens)
        self._flush()
        return Body(tuple(self.chunks))

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
        if ":::" in inline.content:
            self._stray_fences(inline)
        return position

    def _stray_fences(self, inline: Token) -> None:
        for row, line in enumerate(inline.content.split("\n")):
            if line.lstrip().startswith(":::"):
                span = self.document.line_span((inline.map or [0])[0] + row)
                bare = line.strip().strip(":").strip()
                self._report("S133" if bare else "S134", span, text=line.strip()[:60])

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
        self._out.append(f'<h{level} id="{anchor}">')
        self._inline(inline)
        self._out.append(f"</h{level}>\n")

    def _anchor(self, given: str, text: str, span: Span | None) -> str:
        place = span or Span(self.document.file)
        if given:
            if given in self.anchors:
                self._report("S139", place, id=given)
            self.anchors.setdefault(given, place)
            return given
        base = _slug(text)
        anchor, number_ = base, 2
        while anchor in self.anchors:
            anchor, number_ = f"{base}-{number_}", number_ + 1
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
        self.document.found.append(warning("S140", self.document.line_span((token.map or [0])[0])))
        return self._fence(tokens, position)

    def _html_block(self, tokens: Sequence[Token], position: int) -> int:
        token = tokens[position]
        line = (token.map or [0])[0]
        following = next((one for one in tokens[position + 1 :] if one.map), None)
        rest = self._comments(token.content, line, following)
        if rest.strip():
            tag = re.search(r"<[^>\s]+", rest)
            row = rest[: tag.start()].count("\n") if tag else 0
            self._report("S150", self.document.line_span(line + row), tag=(tag[0] + ">") if tag else rest.strip()[:40])
        return position

    def _comments(self, html: str, line: int, following: Token | None) -> str:
        """Drop comments, remember the silencing ones, and return what is left.

        A silencing comment reaches over the block that follows it, over the whole lesson before the first block.
        """
        for match in _COMMENT.finditer(html):
            allow = _ALLOW.match(match[1])
            if allow:
                row = line + html[: match.start()].count("\n")
                span = self.document.line_span(row)
                if not allow[2].strip():
                    self.document.found.append(warning("S152", span, silenced=allow[1]))
                is_first = not self.chunks and not any(text.strip() for text in self._out)
                last = (following.map or [0, 0])[1] if following is not None else row + 1
                end = len(self.document.lines) if is_first else last
                reach = self.document.origin(max(row, end - 1)).line
                self.silences.append(Silence(allow[1], span.file, 1 if is_first else span.line, reach, span))
        return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), html)

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
            near = get_close_matches(token.info, (*ALERTS, *_INSIDE), 1, 0.5)
            suggestion = (near[0] if near else "note").upper()
            self._report("S147", span, kind=token.info.upper(), suggestion=suggestion)
        title = escape(self.words.get("alert_" + token.info, token.info))
        self._out.append(f'<aside class="alert alert-{_slug(token.info)}"><p class="alert-title">{title}</p>\n')
        return position

    def _table_open(self, tokens: Sequence[Token], position: int) -> int:
        self._tables += 1
        label = escape(f"{self.words['table']} {self._tables}")
        self._out.append(f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}"><table>\n')
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
        span = self.document.line_span(line)
        attributes = directive_attributes(self.document, token)
        if not token.meta["closed"]:
            self._report("S130", span, name=name)
        else:
            self._blank_lines(token, span)
        if name in features("questions"):
            if self._inside:
                self._report("S148", span, name=name, outer=self._inside)
                return
            self._question(name, attributes, span, inside, self.document.origin(line).prefix)
        elif name in features("asides"):
            aside = cast(Aside, feature("asides", name))
            self.document.found += unknown_keys(attributes, aside.ATTRIBUTES, name)
            aside.write(Directive(name, attributes, span, inside), self)
        else:
            known = (*features("questions"), *features("asides"), "include")
            near = get_close_matches(name, known, 1, 0.5)
            self._report("S151", span, name=name, suggestion=near[0] if near else ", ".join(known))

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
        self.document.found += unknown_keys(attributes, COMMON_ATTRIBUTES | kind.ATTRIBUTES, name)
        self._inside = name
        common = read_common(inside, self)
        reading = Reading(name, attributes, span, common.body, self)
        draft = kind.read(reading)
        self._inside = ""
        self._gaps = []
        if draft is None:
            return
        identity = prefix + attributes.id if attributes.id else ""
        if not identity:
            identity = f"q-{len(self.questions) + 1}-unnamed"
            self.document.found.append(warning("Q101", span, name=name, suggestion=_suggested_id(draft)))
        elif identity in self.anchors:
            self._report("S139", attributes.id_span or span, id=identity)
        self.anchors.setdefault(identity, attributes.id_span or span)
        self.questions.append(self._typed(name, identity, attributes, span, draft))
        self._flush()
        self.chunks.append(Pieces(identity, name, draft.prompt, common.hints, common.explanation, draft.data))

    def _typed(self, name: str, identity: str, attributes: Attributes, span: Span, draft: Draft) -> Question:
        points = self._number(attributes, "points", 1.0, 0, 1000)
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
        objectives = attributes.words("objective") or (self.objectives if len(self.objectives) == 1 else ())
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
            shuffle=attributes.flag("shuffle"),
            objectives=objectives,
            minutes=self._number(attributes, "minutes", 0, 0, 600),
            title=typeset(_shortened(_first_words(draft.prompt)), self.language),
            key_order=draft.key_order,
            settings=draft.settings,
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
        holder, self._holder = self._holder, token
        out, children = self._out, token.children or []
        for index, child in enumerate(children):
            kind = child.type
            if kind == "softbreak":
                after = children[index + 1].content if index + 1 < len(children) else ""
                out.append(typeset(f" {after[:1]}", self.language)[:1] if after[:1] in _HIGH else "\n")
            elif kind == "text":
                content = child.content
                if content:
                    self._text(token, content)
            elif kind in _PLAIN:
                out.append(_PLAIN[kind])
            else:
                handler = _INLINE.get(kind)
                if handler is not None:
                    handler(self, token, child)
        self._holder = holder

    def _text(self, token: Token, content: str) -> None:
        self.word_count += content.count(" ") + 1 if not content.isspace() else 0
        for character in _SUSPECT:
            if character in content:
                self._suspect(token, content)
                break
        content = typeset(content, self.language)
        if "&" in content or "<" in content or ">" in content:
            content = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._out.append(content)

    def _suspect(self, token: Token, content: str) -> None:
        """Report marks that Markdown left as text: nothing that is not understood is shown to a learner."""

        def at(match: re.Match[str]) -> Span:
            return self.document.span(token, max(0, token.content.find(match[0])), len(match[0]))

        if match := _TILDE.search(content):
            self.document.found.append(warning("S155", at(match), text=match[0]))
        if "[[" in content and (match := re.search(r"\[\[.*", content)):
            self._report("S156", at(match), text=match[0][:40])
        if "{" in content and (match := _STRAY_ATTRIBUTES.search(content)):
            self._report("S146", at(match))

    def _code_inline(self, token: Token, child: Token) -> None:
        self._out.append(f"<code>{escape(child.content, quote=False)}</code>")

    def _gap(self, token: Token, child: Token) -> None:
        if self._inside != "fill":
            span = self.document.span(token, child.meta["offset"], child.meta["length"])
            self._report("S157", span, text=f"[[{child.content}]]"[:40])
            return
        self._out.append(mark_gap(len(self._gaps)))
        self._gaps.append((child, token))

    def _html_inline(self, token: Token, child: Token) -> None:
        html = child.content
        if html.startswith("<!--"):
            self._comments(html, (token.map or [0])[0], None)
        elif _ACCEPTED_TAG.fullmatch(html):
            self._out.append("<br>" if html.lower().startswith("<br") else html.lower())
        else:
            span = self.document.span(token, max(0, token.content.find(html)), len(html))
            self._report("S150", span, tag=html[:40])

    def _unknown_variable(self, token: Token, child: Token) -> None:
        span = self.document.span(token, child.meta["offset"], child.meta["length"])
        known = ", ".join(sorted(self.document.variables)) or "-"
        self._report("S158", span, name=child.content, known=known)

    def _span_open(self, token: Token, child: Token) -> None:
        attributes = self._placed(token, child)
        self.document.found += unknown_keys(attributes, frozenset({"lang"}), "[…]")
        language = attributes.text("lang")
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", language):
            self._report("S149", attributes.span, value=language)
        self._out.append(f'<span lang="{escape(language)}">')

    def _placed(self, token: Token, child: Token) -> Attributes:
        """Return inline attributes with their places in the file."""
        attributes: Attributes = child.meta["attributes"]

        def place(span: Span) -> Span:
            return self.document.span(token, span.column - 1, max(1, span.end_column - span.column))

        values = {key: replace(value, span=place(value.span)) for key, value in attributes.values.items()}
        id_span = place(attributes.id_span) if attributes.id_span else None
        return replace(attributes, span=place(attributes.span), id_span=id_span, values=values)

    def _link_open(self, token: Token, child: Token) -> None:
        destination = str(child.attrGet("href") or "")
        if child.markup == "autolink":
            span = self.document.span(token, max(0, token.content.find(destination.removeprefix("mailto:"))), 1)
        else:
            span = self.document.span(token, child.meta.get("offset", 0), child.meta.get("length", 0))
            if child.meta.get("attributes") is not None:
                self.document.found += unknown_keys(self._placed(token, child), frozenset(), "link")
        title = child.attrGet("title")
        extra = f' title="{escape(str(title))}"' if title else ""
        self._out.append(f'<a href="{self._destination(destination, span, False)}"{extra}')
        scheme = _SCHEME.match(destination)
        is_web = bool(scheme) and scheme is not None and scheme[1].lower() in ("http", "https")
        self._out.append(' class="external" target="_blank" rel="noopener noreferrer">' if is_web else ">")
        self._web_links.append(is_web)

    def _link_close(self, token: Token, child: Token) -> None:
        if self._web_links.pop():
            self._out.append(f'<span class="visually-hidden"> {escape(self.words["new_window"])}</span>')
        self._out.append("</a>")

    def _image(self, token: Token, child: Token) -> None:
        source = str(child.attrGet("src") or "")
        span = self.document.span(token, child.meta.get("offset", 0), child.meta.get("length", 0))
        if child.meta.get("attributes") is not None:
            self.document.found += unknown_keys(self._placed(token, child), frozenset(), "image")
        text = typeset(plain(child.children).strip(), self.language)
        if not text:
            self.document.found.append(warning("A102", span))
        title = child.attrGet("title")
        extra = f' title="{escape(str(title))}"' if title else ""
        self._out.append(
            f'<img src="{self._destination(source, span, True)}" alt="{escape(text)}" loading="lazy"{extra}>'
        )

    def _destination(self, destination: str, span: Span, is_image: bool) -> str:
        """Return what stands in the attribute, and remember the link for the checks of the whole course."""
        scheme = _SCHEME.match(destination)
        if scheme:
            name = scheme[1].lower()
            if is_image or destination.startswith("//"):
                self._report("L101", span, destination=destination[:60])
            elif name not in _EXTERNAL:
                self._report("L102", span, scheme=name)
                return "#"
            self.links.append(Link(destination, "external", "", "", span, is_image))
            return escape(_encoded(destination))
        if destination.startswith("//"):
            self._report("L101", span, destination=destination[:60])
            return "#"
        path, _, anchor = destination.partition("#")
        if not path:
            if not anchor:
                self._report("L103", span)
            self.links.append(Link(destination, "anchor", "", anchor, span))
            return f"#{escape(anchor)}"
        path = _decoded(path)
        base = self.document.origin((self._holder.map or [0])[0]).path if self._holder else self.document.path
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
        if label and label not in self.document.footnotes:
            offset = max(0, token.content.find(f"[^{label}]"))
            self._report("S159", self.document.span(token, offset, len(label) + 3), label=label)
            return
        mark = f"{number_}-{again + 1}" if again else str(number_)
        word = escape(self.words["footnote"].format(number=number_))
        self._out.append(
            f'<sup class="footnote-ref"><a href="#note-{number_}" id="noteref-{mark}" role="doc-noteref"'
            f' aria-label="{word}">{number_}</a></sup>'
        )

    def _footnotes_open(self, tokens: Sequence[Token], position: int) -> int:
        label = escape(self.words["footnotes"])
        self._out.append(
            f'<section class="footnotes" role="doc-endnotes" aria-label="{label}"><h2>{label}</h2>\n<ol>\n'
        )
        return position

    def _footnote_open(self, tokens: Sequence[Token], position: int) -> int:
        self._out.append(f'<li id="note-{int(tokens[position].meta["id"]) + 1}">')
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
_SUSPECT = "~[{"
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
    "tr_open": "<tr>",
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
    "span_close": "</span>",
}
_HANDLERS: dict[str, BlockHandler] = {
    "paragraph_open": BodyWriter._paragraph_open,
    "paragraph_close": BodyWriter._paragraph_close,
    "fence": BodyWriter._fence,
    "code_block": BodyWriter._code_block,
    "html_block": BodyWriter._html_block,
    "bullet_list_open": BodyWriter._list_open,
    "ordered_list_open": BodyWriter._list_open,
    "list_item_open": BodyWriter._item_open,
    "alert_open": BodyWriter._alert_open,
    "table_open": BodyWriter._table_open,
    "th_open": BodyWriter._cell_open,
    "td_open": BodyWriter._cell_open,
    "footnote_block_open": BodyWriter._footnotes_open,
    "footnote_open": BodyWriter._footnote_open,
    "footnote_anchor": BodyWriter._footnote_anchor,
}
_INLINE: dict[str, InlineHandler] = {
    "code_inline": BodyWriter._code_inline,
    "gap": BodyWriter._gap,
    "html_inline": BodyWriter._html_inline,
    "unknown_variable": BodyWriter._unknown_variable,
    "span_open": BodyWriter._span_open,
    "link_open": BodyWriter._link_open,
    "link_close": BodyWriter._link_close,
    "image": BodyWriter._image,
    "footnote_ref": BodyWriter._footnote_ref,
}


def _suggested_id(draft: Draft) -> str:
    """Return an id made of the first words of the prompt, for `check --fix`."""
    words = [word for word in _slug(_first_words(draft.prompt)).split("-") if len(word) > 2] or ["question"]
    return "q-" + "-".join(words[:4])[:40].strip("-")


def _first_words(html: str) -> str:
    """Return the words of the first block that has any; gaps show as an ellipsis."""
    for block in re.split(r"</?(?:p|h\d|li|ul|ol|table|tr|td|th|blockquote|pre|aside|figure|div)\b[^>]*>", html):
        text = re.sub(r"\s+", " ", re.sub(r"\0gap \d+\0", "…", re.sub(r"<[^>]+>", "", block))).strip()
        if text:
            return _unescaped(text)
    return ""


def _shortened(text: str) -> str:
    if len(text) <= _TITLE_LENGTH:
        return text
    return text[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _slug(text: str) -> str:
    plain_text = unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain_text).strip("-")
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
    from pygments.token import STANDARD_TYPES

    parts = []
    for kind, text in lexer.get_tokens(code):
        name = next(STANDARD_TYPES[one] for one in reversed(kind.split()) if one in STANDARD_TYPES)
        text = escape(text, quote=False)
        parts.append(f'<span class="{name}">{text}</span>' if name and not text.isspace() else text)
    return "".join(parts)

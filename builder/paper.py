"""A lesson's body as one part of the page that holds the whole course, to be read or printed.

The page is for reading: fields are disabled, what a select offers stands as text, and what the player alone would show
(hints, feedback, explanations, buttons) is left out. Every id begins with its lesson's, so that none occurs twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
FIELDS = frozenset({"input", "textarea"})
DROPPED = frozenset({"button", "script", "template"})
DEEPER = {f"h{level}": f"h{level + 1}" for level in range(1, 6)}
REFERENCES = frozenset(
    "id for list headers aria-labelledby aria-describedby aria-details aria-controls aria-owns".split()
)
"""Attributes that hold one id or several."""


def paper_id(lesson: str, anchor: str) -> str:
    """Return the id of an anchor of a lesson on this page; an empty anchor is the lesson itself.

    The ids of lessons hold no underscore: the result is unique.
    """
    return f"{lesson}_{anchor}"


def on_paper(body: str, lesson: str, title: str, pages: Mapping[str, str]) -> str:
    """Return a lesson's body, HTML of our own making, as it stands on the page; headings go one level down.

    `title` is the lesson's, as text; `pages` gives the lesson of each lesson document, by the document's name.
    """
    writer = _Writer(lesson, title, pages)
    writer.feed(str(body))  # parts of Markup would escape what is added to them
    writer.close()
    return "".join(writer.out)


class _Writer(HTMLParser):
    """Writes to `out` what it is fed; text passes as it is, references to characters included."""

    def __init__(self, lesson: str, title: str, pages: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=False)
        self.lesson, self.title, self.pages = lesson, title, pages
        self.out: list[str] = []
        self.dropped: list[str] = []
        """Open elements of the part that is left out."""
        self.options: list[str] | None = None
        """The texts that an open select offers."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self.dropped or tag in DROPPED or "hidden" in attributes:
            if tag not in VOID:
                self.dropped.append(tag)
        elif tag == "select":
            self.options = []
        elif tag == "option":
            if attributes.get("value") == "":
                self.dropped.append(tag)
            elif self.options is not None:
                self.options.append("")
        else:
            self.out.append(f"<{DEEPER.get(tag, tag)}{self._attributes(tag, attributes)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.dropped:
            self.dropped.pop()
        elif tag == "select" and self.options is not None:
            options, self.options = self.options, None
            self._write(f'<span class="paper-options">({" / ".join(options)})</span>')
        elif tag != "option":
            self.out.append(f"</{DEEPER.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._write(f"&#{name};")

    def _write(self, text: str) -> None:
        if self.dropped:
            return
        if self.options:
            self.options[-1] += text
        elif self.options is None:
            self.out.append(text)

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> str:
        changed = {name: self._value(name, value) for name, value in attributes.items() if name != "loading"}
        if tag in FIELDS:
            changed["disabled"] = None
        if tag == "details":
            # Those of one name are open one at a time: tabs.
            changed.pop("name", None)
            changed["open"] = None
        if tag == "section" or attributes.get("role") == "region":
            # Landmarks of one page want names of their own: "Question 1" is in every lesson.
            if label := changed.get("aria-label"):
                changed["aria-label"] = f"{label} – {self.title}"
            elif labels := changed.get("aria-labelledby"):
                changed["aria-labelledby"] = f"{labels} {paper_id(self.lesson, '')}"
        return "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in changed.items())

    def _value(self, name: str, value: str | None) -> str | None:
        if value is None:
            return None
        if name in REFERENCES:
            return " ".join(paper_id(self.lesson, one) for one in value.split())
        if name == "href":
            page, sharp, anchor = value.partition("#")
            if page in self.pages:
                return f"#{paper_id(self.pages[page], anchor)}"
            if sharp and not page:
                return f"#{paper_id(self.lesson, anchor)}"
        return value

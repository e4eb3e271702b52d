"""What a page of ours must be: balanced, without anything that runs, each id once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
BLOCKS = frozenset(
    "address article aside blockquote details dialog div dl fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header"
    " hr main nav ol p pre section table ul video audio".split()
)
PHRASING_ONLY = frozenset("p h1 h2 h3 h4 h5 h6 span label em strong s a sup sub kbd code button summary".split())
"""Elements whose content is phrasing: a block inside would end them in a browser, or be invalid."""

PARENTS = {
    "li": frozenset({"ul", "ol"}),
    "tr": frozenset({"thead", "tbody"}),
    "td": frozenset({"tr"}),
    "th": frozenset({"tr"}),
    "thead": frozenset({"table"}),
    "tbody": frozenset({"table"}),
    "option": frozenset({"select"}),
    "summary": frozenset({"details"}),
}
FORBIDDEN = frozenset("script style iframe object embed link meta base form svg template noscript".split())
SCHEMES = ("http://", "https://", "mailto:", "tel:")


@dataclass
class Reader(HTMLParser):
    """Reads a body and collects what is wrong with it."""

    problems: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.stack[-1] if self.stack else ""
        if tag in FORBIDDEN:
            self.problems.append(f"<{tag}>")
        holder = next((one for one in self.stack if one in PHRASING_ONLY), "")
        if tag in BLOCKS and holder and not (holder == "summary" and re.fullmatch("h[2-6]", tag)):
            self.problems.append(f"<{tag}> in <{holder}>")
        if tag == "a" and "a" in self.stack:
            self.problems.append("<a> in <a>")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.problems.append(f"<{tag}> in <{parent}>")
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.problems.append(f"<{tag}/>")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
            self.problems.append(f"{name}=")
        if value.startswith(("carabin-lesson:", "carabin-asset:")):
            self.problems.append(f"{name}={value}")
        if name == "href" and not value.startswith(("#", *SCHEMES)) and ":" in value.partition("/")[0]:
            self.problems.append(f"href={value}")
        if name in ("src", "href") and value in ("", "#"):
            self.empty.append(tag)  # an error was reported, so that the page is never built
        elif name == "src" and not value.startswith("media/"):
            self.problems.append(f"src={value}")
        if name == "id":
            self.ids.append(value)
        if name == "href" and value.startswith("#"):
            self.references.append(value[1:])
        if name in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
            self.references += value.split()

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self.stack[-1] if self.stack else ''}>")
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.problems.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"<![{data}]>")


def read(html: str) -> Reader:
    """Read the inside of an element, as templates and the compiler wrote it."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    reader.problems += [f"<{tag}> is not closed" for tag in reader.stack]
    if "\0" in html:
        reader.problems.append("U+0000")
    return reader

"""The manual's site, which `make docs` puts in `site/`: nothing comes from outside, when it is made or when it is read.

`index.md` holds the navigation; a page that it does not name, a link or an anchor that leads nowhere stop the build.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "Carabin"
html_title = "Carabin"
language = "en"
root_doc = "index"
exclude_patterns = ["README.md"]
extensions = ["myst_parser"]

# Anchors are those that other viewers of Markdown give to headings.
myst_heading_anchors = 4
smartquotes = False
highlight_language = "text"

html_theme = "furo"
html_static_path = ["manual.css"]
html_css_files = ["manual.css"]
html_copy_source = False
html_show_copyright = False
html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Mark the text of `NAME.fr` as French, what stands around it being English; give headings in the menu a level."""
    if page.endswith(".fr"):
        for part in ("body", "toc"):
            context[part] = f'<div lang="fr">{context[part]}</div>'
    menu = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = menu.replace('role="heading"', 'role="heading" aria-level="2"')


def name_menu(app: Sphinx, failure: Exception | None) -> None:
    """Tell the menu of the site from that of the page, which is an `aside` too."""
    for page in Path(app.outdir).rglob("*.html"):
        before, menu, after = page.read_text("utf-8").partition('<aside class="sidebar-drawer"')
        if menu and not after.startswith(" aria-label"):
            page.write_text(f'{before}{menu} aria-label="Site"{after}', "utf-8")


def setup(app: Sphinx) -> None:
    """Name what the pages quote that no highlighter knows, and mend pages once the theme has said what is on them."""
    for word in ("lock", "state"):
        app.add_lexer(word, TextLexer)
    app.connect("html-page-context", mend, priority=900)
    app.connect("build-finished", name_menu)

"""The pages beside the desk as an author uses them: they follow what is saved, and name zones of a picture."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from .test_serve import AXE, LESSON, Author, author

__all__ = ["author"]

PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">
<rect width="400" height="300" fill="#cde"/></svg>"""
HOTSPOT = """
::: hotspot {#q-salle}

Que faut-il ranger ?

![Une salle avec un lit et un câble.](../media/salle.svg)

- [x] Le lit AT1
- [ ] Le câble AT2

:::
"""


def test_pages_follow_what_is_saved_and_keep_their_place(author: Author) -> None:
    """Contents with a finding; the focus and what is open stay; a link leads to the lesson in the desk; advice stands
    in the desk apart from what the build finds."""
    page = author.page
    page.get_by_role("link", name="Contents").click()
    card = page.locator(".page-card", has=page.locator("a[href='/#/hameconnage']"))
    expect(card.locator(".page-state")).to_have_text("ready")
    link = card.locator("a[href='/#/hameconnage']")
    link.focus()
    author.write(author.text() + "\n\nUn ~mot~ de la HQX.\n")
    expect(card.locator(".page-state")).to_have_text("draft")
    expect(link).to_be_focused()
    expect(page.locator("#status")).to_have_text("Updated")

    # A page that cannot be had is asked for once, and again after the next build.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/contents") else None)
    page.route("**/pages/contents", lambda route: route.fulfill(body="", content_type="text/plain"))
    with page.expect_response("**/pages/contents"):
        author.write(author.text() + "\n\nUne phrase.\n")
    for _ in range(20):
        page.evaluate("fetch('/record').then((response) => response.text())")
    assert len(asked) == 1
    page.unroute("**/pages/contents")
    summary = card.locator("summary")
    summary.press("Enter")
    expect(card.get_by_text("a single `~`")).to_be_visible()
    author.write(author.text() + "\n\nUne phrase et ~un autre~ mot.\n")
    expect(summary).to_contain_text("2 warnings")
    expect(card.get_by_text("a single `~`").first).to_be_visible()

    page.get_by_role("link", name="Questions").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_text("L'urgence est le premier levier")).to_be_visible()
    page.emulate_media(media="screen")
    page.locator("#question-q-urgence a[href='/#/hameconnage/q-urgence']").press("Enter")
    author.ready()
    expect(author.content.locator("main[data-lesson=hameconnage]")).to_be_visible()
    expect(page.locator("#problems")).to_contain_text("S155")
    advice = page.locator("#advice")
    advice.locator("summary").click()
    expect(advice).to_contain_text("HQX is not explained")
    expect(advice).not_to_contain_text("S155")
    author.replace(" de la HQX", "")
    expect(advice).not_to_contain_text("HQX")


def test_zones_are_drawn_typed_and_copied(author: Author) -> None:
    """With the mouse, then with keys alone; what is copied is what `hotspot` reads."""
    page = author.page
    (author.folder / "media").mkdir(exist_ok=True)
    (author.folder / "media" / "salle.svg").write_text(PICTURE, encoding="utf-8")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="Zones").click()
    stage = page.locator("#stage")
    expect(stage).to_be_visible()
    place = stage.bounding_box()
    assert place

    def drag(x: float, y: float, right: float, bottom: float) -> None:
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        page.mouse.down()
        page.mouse.move(place["x"] + right * place["width"], place["y"] + bottom * place["height"], steps=3)
        page.mouse.up()

    drag(0.9, 0.8, 0.5, 0.2)
    expect(page.locator("output")).to_have_text('{at="50 20 40 60"}')
    drag(0.5, 0.5, 0.502, 0.502)
    expect(page.locator("output")).to_have_count(1)
    drag(0.5, 0.5, 3, 0.9)
    expect(page.locator("output").last).to_have_text('{at="50 50 50 40"}')
    page.locator("[data-action=remove]").last.press("Enter")

    page.get_by_role("button", name="Add a zone").press("Enter")
    expect(page.get_by_label("From left, %").last).to_be_focused()
    for keys in ("ArrowDown", "Tab", "ArrowUp", "ArrowUp", "Tab", "1", "5", "Tab", "9", "9", "Tab", "Enter"):
        page.keyboard.press(keys)
    expect(page.locator("output").last).to_have_text('{at="39.5 41 15 59"}')
    expect(page.locator("#status")).to_have_text('Copied: {at="39.5 41 15 59"}')
    second = page.evaluate("navigator.clipboard.readText()")
    assert second == '{at="39.5 41 15 59"}'
    page.get_by_role("button", name="Copy all as answers").press("Enter")
    expect(page.locator("#status")).to_contain_text("- [ ] Zone 1")
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == [
        '- [ ] Zone 1 {at="50 20 40 60"}',
        f"- [ ] Zone 2 {second}",
    ]

    page.get_by_role("link", name="Preview").click()
    author.ready()
    author.go("hameconnage")
    author.write(author.text() + HOTSPOT.replace("AT1", '{at="50 20 40 60"}').replace("AT2", second))
    expect(author.content.locator("#q-salle")).to_be_visible()
    expect(page.locator("#problems")).not_to_contain_text(re.compile("error"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(author: Author, scheme: str) -> None:
    """axe-core on each page, with what can be open open, at 1000 and 320 px; nothing scrolls sideways."""
    page = author.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    (author.folder / "media").mkdir(exist_ok=True)
    (author.folder / "media" / "salle.svg").write_text(PICTURE, encoding="utf-8")
    (author.folder / "glossary.yml").write_text(
        "- term: courriel\n  definition: Un message.\n  en: e-mail\n", encoding="utf-8"
    )
    (author.folder / "facts.yml").write_text(
        "- {id: F-A-1, note: Un., source: Un livre, certainty: M, validity: A, review_by: 2020-01-01}\n",
        encoding="utf-8",
    )
    author.write(author.text() + "\n\nUn ~mot~.[^F-A-1]\n", LESSON)
    expect(page.locator("#problems")).to_contain_text("S155")
    base = page.url
    for name in ("contents", "questions", "coverage", "glossary", "facts", "zones"):
        page.goto(f"{base}pages/{name}")
        if name == "zones":
            page.get_by_role("button", name="Add a zone").click()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        for width in (1000, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate(
                f"async () => {{ {AXE.read_text('utf-8')}; const found = await axe.run();"
                " return found.violations.map(one => `${one.id}: ${one.nodes[0].html}`) }"
            )
            assert found == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
            if where := os.environ.get("CARABIN_PICTURES"):
                page.screenshot(path=f"{where}/{name}-{scheme}-{width}.png")

"""`python -m tools.screenshots FOLDER [KIND…]`: every kind of page, four widths, light, dark, forced colours, printed.

For people to look at, after a change of theme or template: `FOLDER/index.html` shows all pictures, one row for each
kind of page and scheme. With KIND (`cover`, `glossary`…) only those kinds are taken again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools.pictures import FLAGS, ROOT, SILENT_LMS, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (320, 650, 1000, 1440)
"""CSS pixels."""
Scheme = tuple[str, Literal["light", "dark"], Literal["active", "none"]]
SCHEMES: tuple[Scheme, ...] = (("light", "light", "none"), ("dark", "dark", "none"), ("forced", "dark", "active"))
PAPER = 720
"""Width of a printed page, A4 without its margins."""
COURSES = {
    "real": "course_src/cybersecurite",
    "types": "tests/courses/types",
    "asides": "tests/courses/asides",
    "terms": "tests/browser/courses/savoirs",
    **{name: f"tests/courses/{name}" for name in ("types2", "unscored", "inbox", "open", "quiz", "scenario")},
}
ANSWER = """
async (isRight) => {
  const data = JSON.parse(document.querySelector("main .lesson-data").textContent);
  const change = (field) =>
    field.dispatchEvent(new Event(field.matches("select") ? "change" : "input", { bubbles: true }));
  for (const question of data.questions) {
    const root = document.getElementById(question.id);
    if (!root) continue;
    for (const { type, letter, choices = [], right = [], accept = [], ranges = [] } of question.interactions) {
      if (type === "choice" || type === "true-false") {
        const wanted = isRight ? right : choices.filter((one) => !right.includes(one)).slice(0, 1);
        for (const field of root.querySelectorAll("[type=radio], [type=checkbox]"))
          if (field.checked !== wanted.includes(field.value)) field.click();
      } else if (type === "matching") {
        for (const field of root.querySelectorAll("[data-letter] select")) {
          const source = field.closest("[data-letter]").dataset.letter;
          const target = right.find((pair) => pair[0] === source)?.[1] ?? "-";
          const others = [...field.options].map((one) => one.value).filter((one) => one && one !== target);
          field.value = isRight ? target : others[0];
          change(field);
        }
      } else if (type === "sequencing" && isRight) {
        for (const [place, one] of right.entries())
          for (let turn = 0; turn < right.length; turn++) {
            const steps = [...root.querySelectorAll("li[data-letter]")].map((step) => step.dataset.letter);
            if (steps.indexOf(one) > place) root.querySelector(`[data-letter=${one}] [data-move="-1"]`).click();
          }
      } else {
        const field = root.querySelector(`.gap[data-letter="${letter}"] :is(input, select)`);
        if (!field) continue;
        const known = field.matches("select") ? right[0] : (accept[0] ?? String(ranges[0]?.[0] ?? ""));
        const other = field.matches("select") ? [...field.options].at(-1).value : "tout autre chose";
        field.value = isRight ? known : other;
        change(field);
      }
    }
    for (const one of root.querySelectorAll("[type=radio]:enabled"))
      if (!root.querySelector(`[name="${CSS.escape(one.name)}"]:checked`)) one.click();
    root.querySelector("[data-action=submit]:not([hidden])")?.click();
  }
}
"""
"""Answers every question of the lesson shown and submits it."""


class Visitor:
    """A browser's page, and where the packages are."""

    def __init__(self, page: Page, address: str, folder: Path) -> None:
        self.page, self.address, self.folder = page, address, folder

    def open(self, course: str, place: str = "", target: str = "scorm12") -> None:
        """Go to a place of a course, from nowhere: what was answered before is forgotten."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/{course}-{target}/index.html#/{place}")
        self.page.wait_for_selector("[data-saved]:visible, [data-notice]:visible")
        self.page.wait_for_timeout(300)

    def answer(self, is_right: bool) -> None:
        """Answer all questions of the lesson."""
        self.page.evaluate(ANSWER, is_right)

    def read(self, file: str) -> None:
        """Open a page by itself."""
        self.page.goto(f"{self.address}/{file}")

    def press(self, action: str) -> None:
        """Press every button for this action that is there: `hint`, `retry`."""
        buttons = self.page.locator(f"main [data-action={action}]:visible")
        buttons.evaluate_all("all => all.forEach((one) => one.click())")


def lesson(course: str, place: str) -> Callable[[Visitor], None]:
    """Return what opens a lesson, untouched."""
    return lambda visitor: visitor.open(course, place)


def right(course: str, place: str) -> Callable[[Visitor], None]:
    """Return what answers a lesson right."""

    def prepare(visitor: Visitor) -> None:
        visitor.open(course, place)
        visitor.answer(True)

    return prepare


def wrong(course: str, place: str, tries: int = 1) -> Callable[[Visitor], None]:
    """Return what answers a lesson wrong, with its hints; with enough tries right answers are revealed."""

    def prepare(visitor: Visitor) -> None:
        visitor.open(course, place)
        visitor.press("hint")
        for _ in range(tries):
            visitor.press("retry")
            visitor.answer(False)

    return prepare


def results(visitor: Visitor) -> None:
    """Show the results of a course that was passed."""
    visitor.open("types", "repondre")
    visitor.answer(True)
    visitor.page.locator(".pager [data-action=next]").click()
    visitor.page.wait_for_selector("main .results")


def search(visitor: Visitor) -> None:
    """Search for something that is often said."""
    visitor.open("real", "_search/mot de passe")
    visitor.page.wait_for_selector("[data-search-results] > li")


def contents(visitor: Visitor) -> None:
    """Open the table of contents where it is folded away."""
    visitor.open("terms", "parties")
    visitor.page.evaluate("document.querySelector('[data-action=toc]').click()")


def notice(visitor: Visitor) -> None:
    """Read a package that no LMS has launched."""
    visitor.page.goto("about:blank")
    visitor.page.goto(f"{visitor.address}/terms-scorm12/index.html?alone#/formules")
    visitor.page.wait_for_selector("[data-notice]:visible")


def left(visitor: Visitor) -> None:
    """Leave the course: the window may be closed."""
    visitor.open("types", "repondre")
    visitor.page.locator(".shell-header [data-action=leave]").click()


def restart(visitor: Visitor) -> None:
    """Ask whether to start again, where that can be done."""
    visitor.open("terms", "_results", "web")
    visitor.page.locator("[data-action=restart]").click()


def alone(file: str) -> Callable[[Visitor], None]:
    """Return what opens one file."""
    return lambda visitor: visitor.read(file)


PLACES = {
    "types2": "juger",
    "unscored": "agir",
    "inbox": "trier",
    "open": "ecrire",
    "quiz": "direct",
    "scenario": "lundi",
}
"""Courses of one lesson with the other question types, and that lesson."""
KINDS: dict[str, Callable[[Visitor], None]] = {
    "cover": lesson("real", ""),
    "cover-web": lambda visitor: visitor.open("terms", "", "web"),
    "lesson": lesson("real", "poste-session"),
    "lesson-right": right("real", "poste-session"),
    "lesson-wrong": wrong("real", "poste-session"),
    "lesson-revealed": wrong("real", "poste-session", 3),
    "types": lesson("types", "repondre"),
    "types-right": right("types", "repondre"),
    "types-wrong": wrong("types", "repondre"),
    "types-revealed": wrong("types", "repondre", 3),
    **{
        f"{course}{state}": prepare(course, place)
        for course, place in PLACES.items()
        for state, prepare in (("", lesson), ("-right", right), ("-wrong", wrong))
    },
    "asides": lesson("asides", "encarts"),
    "formulas": lesson("terms", "formules"),
    "parts": lesson("terms", "parties"),
    "contents": contents,
    "glossary": lesson("terms", "_glossary"),
    "results": results,
    "results-empty": lesson("real", "_results"),
    "search": search,
    "search-empty": lesson("real", "_search"),
    "accessibility": lesson("real", "_accessibility"),
    "notice": notice,
    "left": left,
    "restart": restart,
    "alone": alone("terms-scorm12/formules.html"),
    "print": alone("terms-web/_print.html"),
    "print-types": alone("types-web/_print.html"),
    "sheet": alone("types-scorm12.html"),
    "catalogue": alone("index.html"),
}


def build(folder: Path) -> None:
    """Build the courses for an LMS and for the web, and unpack them side by side: `real-web/`."""
    for name, course in COURSES.items():
        run = (
            sys.executable,
            "-m",
            "builder",
            "build",
            course,
            "-t",
            "scorm12",
            "-t",
            "web",
            "--out",
            str(folder / name),
        )
        subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for target in ("scorm12", "web"):
            (archive,) = (folder / name).glob(f"*-{target}.zip")
            with zipfile.ZipFile(archive) as package:
                package.extractall(folder / f"{name}-{target}")
            sheet = archive.with_suffix(".html")
            (folder / f"{name}-{target}.html").write_bytes(sheet.read_bytes())
        (folder / "index.html").write_bytes((folder / name / "index.html").read_bytes())


def take(visitor: Visitor, kind: str, out: Path) -> Iterator[str]:
    """Take a kind of page in every scheme and width, and printed; yield the names of the pictures."""
    page = visitor.page
    page.set_viewport_size({"width": 1000, "height": 800})
    page.emulate_media(media="screen", color_scheme="light", forced_colors="none", reduced_motion="reduce")
    KINDS[kind](visitor)
    page.wait_for_timeout(400)
    for scheme, colours, forced in SCHEMES:
        page.emulate_media(media="screen", color_scheme=colours, forced_colors=forced, reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("scrollTo(0, 0)")
            yield _shoot(page, out, f"{kind}-{scheme}-{width}.png")
    page.emulate_media(media="print", color_scheme="dark", forced_colors="none", reduced_motion="reduce")
    page.set_viewport_size({"width": PAPER, "height": 1018})
    yield _shoot(page, out, f"{kind}-paper-{PAPER}.png")


def _shoot(page: Page, out: Path, name: str) -> str:
    page.screenshot(path=out / name, full_page=True)
    return name


def index(out: Path) -> None:
    """Write a page that shows all pictures of the folder, one row for each kind and scheme."""
    rows: dict[str, list[str]] = {}
    for picture in sorted(out.glob("*-*-*.png"), key=lambda one: int(one.stem.rpartition("-")[2])):
        rows.setdefault(picture.stem.rpartition("-")[0], []).append(picture.name)
    parts = [
        f"<h2>{escape(name)}</h2><p>"
        + " ".join(f'<a href="{one}"><img src="{one}" alt="{one}" height="700" loading="lazy"></a>' for one in names)
        for name, names in sorted(rows.items())
    ]
    html = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Screenshots</title>{"".join(parts)}</html>\n'
    (out / "index.html").write_text(html, "utf-8")


def main(arguments: list[str]) -> int:
    """Build the courses, take the pictures, write the page that shows them."""
    from playwright.sync_api import sync_playwright

    if not arguments or not set(arguments[1:]) <= set(KINDS):
        print(f"usage: python -m tools.screenshots FOLDER [{' | '.join(KINDS)}]…", file=sys.stderr)
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    chromium = json.loads((ROOT / ".tools.json").read_text("utf-8"))["chromium"]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        build(folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        with serve(folder) as address:
            for kind in arguments[1:] or KINDS:
                page = browser.new_page(locale="fr-FR")
                page.add_init_script(
                    f"if (location.pathname.includes('-scorm12') && !location.search) {{ {SILENT_LMS} }}"
                )
                taken = len(list(take(Visitor(page, address, folder), kind, out)))
                print(f"{kind}: {taken}")
                page.close()
        browser.close()
    index(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A browser that visits a package as a learner might: what any standard's play is made of.

Content of others cannot be answered as a learner would: a walker presses what can be pressed, a bounded number of
times, which makes most packages report something. Every address but the package's own is refused and told.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page

SETTLE = 1500
"""Milliseconds that a page gets to say what it says by itself."""
PATIENCE = 8000
"""Milliseconds until the page must have begun a session."""
VISITS = ("opening", "walk", "offline", "killed", "again", "review")
"""What is done, in order: open and leave; press what can be pressed; lose the network in the middle; be killed in the
middle; come back; look in review mode."""
STEPS = 25
"""Controls that the walker presses in one visit, at most."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CONTROLS = """
    const marks = (one) =>
        `${one.dataset.action ?? ""} ${one.id} ${one.className} ${one.getAttribute("onclick") ?? ""}`;
    const words = (one) => `${one.ariaLabel ?? ""} ${one.title} ${one.textContent.trim().slice(0, 30)}`;
    const isShown = (one) => one.getClientRects().length > 0 && !one.disabled;
    const isLeaving = (one) =>
        /leave|exit|quit|close/i.test(marks(one))
        || /\\b(leave|exit|quit|close|quitter|sortir|fermer)\\b/i.test(words(one));
"""
"""What tells controls that end a session from others: they are pressed last, if at all."""
_PRESS = (
    "() => {"
    + _CONTROLS
    + """
    const kinds = "input:not([type=hidden]), select, textarea, button, [role=button], a[href^='#'], a[href$='.html']";
    const isSetBack = (one) => /restart|print/i.test(marks(one)) || /\\b(restart|print)\\b/i.test(words(one));
    const isNext = (one) => /next|continue|forward/i.test(marks(one)) || /\\b(next|continue|suivant)/i.test(words(one));
    const all = [...document.querySelectorAll(kinds)].filter(
        (each) => isShown(each) && !isLeaving(each) && !isSetBack(each));
    const free = all.filter((each) => !each.dataset.walked);
    const one = free.find((each) => !each.matches("button, a")) ?? free.find((each) => !each.matches("a")) ?? free[0]
        ?? all.find(isNext);
    if (!one) return "";
    one.dataset.walked = "1";
    const tell = (name) => one.dispatchEvent(new Event(name, { bubbles: true }));
    if (one.matches("select")) {
        one.selectedIndex = Math.min(1, one.options.length - 1);
        tell("change");
    } else if (one.matches("textarea, input:not([type=radio], [type=checkbox], [type=button], [type=submit])")) {
        one.value = "1";
        tell("input");
        tell("change");
    } else one.click();
    return one.tagName;
}"""
)
"""Press what has not been pressed yet, else what goes on; tells what it was."""
_LEAVE = (
    "() => {"
    + _CONTROLS
    + """
    const kinds = "button, [role=button], a[href^='#'], a[onclick]";
    const one = [...document.querySelectorAll(kinds)].find((each) => isShown(each) && isLeaving(each));
    one?.click();
    return Boolean(one);
}"""
)
"""Press what ends the session; tells whether there is such a control."""


class PlayError(Exception):
    """The browser cannot be had; the message says what to install."""


@dataclass(slots=True)
class Ears:
    """What a browser hears beside what content says to the LMS: uncaught errors, addresses refused, windows opened."""

    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    windows: int = 0

    def told(self) -> Heard:
        """Return what was heard since the last time, and forget it."""
        heard = Heard(tuple(self.errors), tuple(self.refused), self.windows)
        self.errors.clear()
        self.refused.clear()
        self.windows = 0
        return heard


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in one visit."""

    errors: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    windows: int = 0


@contextmanager
def learner(browser: Browser, address: str) -> Iterator[tuple[BrowserContext, Ears]]:
    """Yield an empty browser that reaches one origin alone, and what it hears."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    try:
        yield context, listen(context, address)
    finally:
        context.close()


def listen(context: BrowserContext, address: str) -> Ears:
    """Refuse every address but those of one origin, and note what goes wrong."""
    ears = Ears()
    context.on("weberror", lambda error: ears.errors.append(str(error.error)))
    context.on("page", lambda page: page.on("popup", lambda _: setattr(ears, "windows", ears.windows + 1)))

    def decide(route: Any) -> None:
        url = route.request.url
        if url.startswith((address, "data:", "blob:", "about:")):
            route.continue_()
        else:
            ears.refused.append(url)
            route.abort()

    context.route("**/*", decide)
    return ears


def press(page: Page, steps: int) -> None:
    """Press what can be pressed, so many times at most."""
    for _ in range(steps):
        frame = content_of(page)
        if frame is None:
            return
        with suppress(Exception):
            if not frame.evaluate(_PRESS):
                return
        page.wait_for_timeout(40)


def leave(page: Page) -> bool:
    """Press what ends the session, where there is such a control; tell whether there is."""
    frame = content_of(page)
    with suppress(Exception):
        return frame is not None and bool(frame.evaluate(_LEAVE))
    return False


def content_of(page: Page) -> Frame | None:
    """Return the frame that holds the content."""
    frames = [frame for frame in page.frames if "/package/" in urlsplit(frame.url).path]
    return frames[-1] if frames else None


def call_online(page: Page) -> None:
    """Tell all frames that the network is back, as a browser does."""
    for frame in page.frames:
        with suppress(Exception):
            frame.evaluate("window.dispatchEvent(new Event('online'))")


def go_away(page: Page, address: str, kill: bool) -> None:
    """Leave the page as learners do, or as a crash does."""
    with suppress(Exception):
        if kill:
            page.goto("chrome://crash", timeout=2000)
        else:
            page.goto(f"{address}/blank")
    page.close()


@contextmanager
def browser(given: Browser | None, chromium: str) -> Iterator[Browser]:
    """Yield the browser given, else a Chromium that ends with the block.

    `chromium` is the path of one, empty to look for Playwright's own, then for one of the system.
    """
    if given is not None:
        yield given
        return
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise PlayError("install the extra: pip install 'carabin[play]'") from None
    with sync_playwright() as playwright:
        candidates = [chromium] if chromium else [playwright.chromium.executable_path]
        candidates += [shutil.which(name) or "" for name in ("chromium", "chromium-browser", "google-chrome")]
        path = next((one for one in candidates if one and Path(one).is_file()), "")
        if not path:
            raise PlayError("no Chromium: run `playwright install chromium`, or name one in CARABIN_CHROMIUM")
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()

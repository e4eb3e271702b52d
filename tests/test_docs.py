"""The manual says what is so: its lessons compile, its commands answer what stands there, its links lead somewhere.

In `docs/reference/language.md` and `docs/questions/` a fence `markdown` holds a lesson, or the body of one when it
does not begin with front matter; `error=CODE` after the word says that it is wrong in this one way. A fence with
`file=PATH` is a file of the course in which every example is compiled.

In the pages that readers follow, a fence with `file=PATH` is written by the reader, `append=PATH` adds to a file,
`end=PATH` takes the place of its end, from the line that reads like the first of the fence, `line=PATH` that of the
line with the same key; `console` shows commands (`$ …`) and their output, which `pytest --update` rewrites.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from builder import load, pipeline
from builder.cli import carabin
from builder.codec import Asked, Record, Visit, decode
from builder.diagnostics import Severity
from builder.lock import parse_lock, write_lock
from builder.model import Component, Interaction
from builder.overlay import load_overlay
from builder.score import Text
from builder.variants import Variant
from tools.manual import DOCS, FENCE, Fence, edited, fences

ROOT = Path(__file__).parent.parent
LANGUAGE = DOCS / "reference" / "language.md"
PROGRESS = DOCS / "reference" / "saved-progress.md"
FOLLOWED = {
    "C.UTF-8": (DOCS / "tutorial" / "first-lesson.md", DOCS / "how-to" / "update-a-course.md"),
    "fr_FR.UTF-8": (DOCS / "tutorial" / "first-lesson.fr.md",),
}
"""Pages that readers follow command by command, each in the folder where the one before it ends, by their locale."""

FRONT = "---\ntitle: Example\nduration: 5 min\n---\n\n"
FIRST = """\
---
title: First
duration: 65 min
---

## Why

::: choice {#q-why}

Why?

- [x] Because.
- [ ] No reason.

:::
"""
"""Another lesson of the course, which examples may link."""

EXAMPLE = "course/02-example.md"
MEDIA = {
    "ward.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "rounds.vtt": "WEBVTT\n\n00:00.000 --> 00:04.000\nShe knocks.\n",
}
MEDIA |= dict.fromkeys(("plan.pdf", "rounds.mp4", "call.mp3"), "")
"""Files of `media/` that examples name."""

FINE = frozenset({"S215", "A104", "A202", "Q829"})
"""What may be said of an example: it has no slot yet, its minutes do not add up, its answers teach nothing; and which
path is the best."""

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE = re.compile(r"`[^`\n]+`")
_SIZE = re.compile(r"\d+ k[Bo]")


COMPILED = (LANGUAGE, *sorted((DOCS / "questions").glob("*.md")))
"""Pages whose examples are compiled."""

EXAMPLES = [
    (page.stem, fence)
    for page in COMPILED
    for fence in fences(page)
    if fence.word == "markdown" and "file" not in fence.options
]


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the course in which the examples of the language stand; it lacks the example itself."""
    tree = tmp_path_factory.mktemp("language")
    framework = "frameworks/fr-numsante-socle-2022.yml"
    put(tree / framework, (ROOT / "course_src" / framework).read_text("utf-8"))
    put(tree / "course/01-first.md", FIRST)
    for name, text in MEDIA.items():
        put(tree / "course/media" / name, text)
    for fence in (fence for page in COMPILED for fence in fences(page)):
        if "file" in fence.options:
            put(tree / fence.options["file"], fence.text)
    return tree


def put(path: Path, text: str) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("example", [one for _, one in EXAMPLES], ids=[f"{page}:{one.line}" for page, one in EXAMPLES])
def test_an_example_of_the_language_does_what_the_page_says(example: Fence, course: Path) -> None:
    text = example.text if example.text.startswith("---") else FRONT + example.text
    put(course / EXAMPLE, text)
    sources = load.load(course / "course")
    wrong = [found for found in pipeline.check(sources, pipeline.Options()).diagnostics if found.code not in FINE]
    if "error" in example.options:
        assert [found.code for found in wrong] == [example.options["error"]]
        assert wrong[0].severity is Severity.ERROR
        return
    assert not wrong
    for built in pipeline.build(sources, pipeline.Options(targets=("scorm12",))):
        assert built.package is not None


def test_the_overlay_of_the_manual_changes_words_and_looks(course: Path, tmp_path: Path) -> None:
    text = FRONT + "Ask {{ helpdesk }} for hand rubs in the stores.[^F-HYG-1]\n"
    put(course / EXAMPLE, text)
    overlay, problems = load_overlay(course / "hospital.yml")
    assert overlay is not None
    assert not problems
    variant = Variant(audience="nurse", overlay=overlay)
    sources = load.load(course / "course")
    (built,) = pipeline.build(sources, pipeline.Options(targets=("web",), variant=variant))
    assert [found for found in built.diagnostics if found.code not in {*FINE, "S217"}] == []
    assert built.package is not None
    made = {member.name: member.content.decode("utf-8", "replace") for member in built.package.members}
    lesson = next(text for name, text in made.items() if name.startswith("example"))
    for words in ("the IT desk (extension 4000)", "Our hand rub takes thirty seconds."):
        assert words in lesson
    assert "The blue bottles" in made["_glossary.html"]
    assert "basement, door C" in made["_glossary.html"]
    assert "World Health Organization" not in made["_glossary.html"] + lesson
    assert "County Hospital" in made["_accessibility.html"]
    assert "--color-accent:#7a1f4b" in made["style.css"]


def test_every_directive_has_an_example() -> None:
    """What is in a seam is in the manual."""
    shown = {
        name
        for page, example in EXAMPLES
        if page == LANGUAGE.stem
        for name in re.findall(r"^:::+ *([a-z-]+)", example.text, re.MULTILINE)
    }
    seams = {
        path.stem
        for seam in ("questions", "asides")
        for path in (ROOT / "builder" / seam).glob("*.py")
        if not path.stem.startswith("_")
    }
    assert len(seams) > 2
    assert seams - shown == set()


@pytest.mark.parametrize("locale", FOLLOWED)
def test_what_tells_what_to_do_can_be_followed(
    locale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "git"))
    put(tmp_path / "git", "[user]\n\tname = Ada Okoye\n")
    tmp_path /= "lessons"
    tmp_path.mkdir()
    monkeypatch.chdir(tmp_path)
    for path in FOLLOWED[locale]:
        page, followed, at = path.read_text("utf-8"), "", 0
        for fence in fences(path):
            if fence.word == "console":
                typed = re.findall(r"^\$ (.*)$", fence.text, re.MULTILINE)
                said = "".join(f"$ {line}\n{answer(line)}" for line in typed)
                if not update:
                    assert _SIZE.sub("N kB", said) == _SIZE.sub("N kB", fence.text), f"{path}:{fence.line}"
                start = page.index(f"```console\n{fence.text}", at)
                followed += page[at:start] + f"```console\n{said}"
                at = start + len(f"```console\n{fence.text}")
            for how, name in fence.options.items():
                put(tmp_path / name, edited(text_of(tmp_path / name), how, fence.text))
        assert at, f"{path} has no commands"
        if update:
            path.write_text(followed + page[at:], "utf-8")


def text_of(path: Path) -> str:
    """Return what a file holds, nothing when there is none."""
    return path.read_text("utf-8") if path.is_file() else ""


def answer(line: str) -> str:
    """Return what a command of the tutorial says."""
    words = shlex.split(line)
    if words[0] == "carabin":
        return CliRunner().invoke(carabin, words[1:], prog_name="carabin").output
    assert words[0] in ("cat", "ls", "mv"), line
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_the_lock_of_the_manual_is_one() -> None:
    (fence,) = (fence for fence in fences(PROGRESS) if fence.word == "lock")
    lock, found = parse_lock(fence.text, "course.lock")
    assert not found
    assert write_lock(lock) == fence.text


def test_the_state_of_the_manual_is_one() -> None:
    (fence,) = (fence for fence in fences(PROGRESS) if fence.word == "state")
    components = tuple(Component(letter, letter) for letter in "abc")
    choice = Interaction("q", "choice", components=components, right=("c",))
    gaps = (
        Interaction("q.a", "fill-in", "a", accept=("hands", "hands and wrists")),
        Interaction("q.b", "numeric", "b", ranges=((20, 30),)),
        Interaction("q.c", "choice", "c", components=components[:2], right=("b",)),
    )
    found = decode(fence.text.strip(), {1: None, 2: Asked(2, 1, (choice,)), 3: Asked(3, 1, gaps)})
    assert found is not None
    state = found.state
    assert (state.revision, state.counter, state.attempt) == (1, 7, 0x5EED1234)
    assert (state.status, state.next, state.place, found.aside) == ("incomplete", 4, 1, ())
    assert state.lessons == {1: Visit(True, True)}
    assert state.questions == {
        2: Record(1, 0, 0, (("c",),), 1),
        3: Record(2, 1, 1, (Text("fingers"), Text("25"), ("b",)), 1),
    }


PAGES = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_of_the_manual_lead_somewhere(page: Path) -> None:
    for target, anchor in _LINK.findall(_CODE.sub("", FENCE.sub("", page.read_text("utf-8")))):
        place = (page.parent / target).resolve() if target else page
        assert place.is_file(), f"{page}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", place.read_text("utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{page}: {target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_pictures_of_the_manual_are_small_and_said_in_words(page: Path) -> None:
    text = _CODE.sub("", FENCE.sub("", page.read_text("utf-8")))
    for words, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", text):
        assert len(words) > 20, f"{page}: {target} has no alternative text"
        if not target.startswith("https:"):
            assert (page.parent / target).stat().st_size <= 60_000, f"{page}: {target}"


SHELL = [(page, fence) for page in PAGES for fence in fences(page) if fence.word == "sh"]


@pytest.mark.parametrize(("page", "fence"), SHELL, ids=[f"{page.stem}:{fence.line}" for page, fence in SHELL])
def test_commands_that_are_not_run_exist_with_their_options(page: Path, fence: Fence) -> None:
    for line in fence.text.splitlines():
        words = [word for word in shlex.split(line, comments=True) if not re.fullmatch(r"[A-Z_]+=.*", word)]
        if words[:1] != ["carabin"]:
            continue
        command: click.Command = carabin
        while isinstance(command, click.Group):
            words.pop(0)
            found = command.get_command(click.Context(command), words[0])
            assert found, f"{page}:{fence.line}: {line}"
            command = found
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        asked = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert asked - known - {"--help"} == set(), f"{page}:{fence.line}: {line}"


def slug(heading: str) -> str:
    """Return the anchor that viewers of Markdown give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_index_names_every_page_once() -> None:
    index = DOCS / "README.md"
    linked = [(index.parent / target).resolve() for target, _ in _LINK.findall(index.read_text("utf-8")) if target]
    pages = [page.resolve() for page in PAGES if page not in (index, DOCS / "index.md")]
    assert len(pages) > 5
    assert sorted(set(linked) & set(pages)) == sorted(pages)

"""Reading the author's disk: which files are lessons, which are refused, and what the text is that later phases get."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from compiled import COURSE, FRONT, checked

from builder.diagnostics import Diagnostic
from builder.load import TEXT_LIMIT, Source, Sources, find_courses, joined, load, portable, slug

LESSON = FRONT + "Text.\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which becomes the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)


def course(files: Mapping[str, str | bytes]) -> Sources:
    write({"course.yml": COURSE, **files})
    return load(Path())


def said(found: tuple[Diagnostic, ...]) -> list[str]:
    return [f"{one.span.file}:{one.span.line}:{one.span.column} {one.code}" for one in found]


def only(sources: Sources) -> Source:
    assert sources.found == ()
    assert len(sources.lessons) == 1
    return sources.lessons[0]


# --- which files -----------------------------------------------------------------------------------------------------


def test_lessons_come_in_the_order_of_names_modules_among_them(here: Path) -> None:
    names = ["10-z.md", "02-b/a.md", "02-b/_module.yml", "01-a.md", "03.md", "02-b/02.md", "02-a/x.md", "B.md", "é.md"]
    files = {name: LESSON if name.endswith(".md") else "title: B\n" for name in names}
    sources = course(files)
    found = [source.path for source in sources.lessons]
    assert found == ["01-a.md", "02-a/x.md", "02-b/02.md", "02-b/a.md", "03.md", "10-z.md", "B.md", "é.md"]
    assert {folder: one.title for folder, one in sources.modules.items()} == {"02-b": "B"}


def test_what_is_no_lesson_is_left_alone(here: Path) -> None:
    left = ["README.md", "readme.md", "LICENSE.md", "_draft.md", ".hidden.md", "notes.txt", "x.markdown"]
    left += ["_shared/a.md", ".git/a.md", "media/a.md", "m/_draft.md", "m/README.md", "m/media/a.md", "m/_notes/x/a.md"]
    sources = course({"a.md": LESSON, **dict.fromkeys(left, "Not a lesson.\n")})
    assert only(sources).path == "a.md"


def test_a_lesson_two_folders_deep_is_an_error(here: Path) -> None:
    sources = course({"a.md": LESSON, "m/n/b.md": LESSON, "m/n/o/c.md": LESSON})
    assert said(sources.found) == ["m/n/b.md:1:1 S009", "m/n/o/c.md:1:1 S009"]
    assert [source.path for source in sources.lessons] == ["a.md"]


def test_courses_are_found_above_a_lesson_and_below_a_tree(here: Path) -> None:
    tree = [
        *("src/a/course.yml", "src/b/course.yml", "src/b/m/x.md"),
        "src/_shared/course.txt",
        "src/dist/c/course.yml",
    ]
    write(dict.fromkeys(tree, COURSE))
    write({"src/b/course.yml": COURSE.replace("id: ", "id: other-", 1).replace("example/course", "example/other")})
    a, b = (here / "src" / name for name in "ab")
    assert find_courses([Path("src")]) == ((a, b), ())
    assert find_courses([Path("src/b/m/x.md"), Path("src/b"), Path("src/b/m")]) == ((b,), ())
    assert find_courses([Path("src/a"), Path("src")])[0] == (a, b)


def test_of_two_courses_with_one_id_the_second_is_left_out(here: Path) -> None:
    """Their packages would have the same name, and an LMS would take one for an update of the other."""
    write({"src/a/course.yml": COURSE, "src/b/course.yml": COURSE})
    roots, found = find_courses([Path("src")])
    assert roots == (here / "src" / "a",)
    assert said(found) == ["src/b/course.yml:1:1 S108"]


def test_a_report_does_not_show_what_a_link_leads_to(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("TOKEN=1234\n", "utf-8")
    write({"src/a/course.yml": COURSE, "src/a/x.md": LESSON})
    (here / "src/a/y.md").symlink_to(secret)
    sources = load(Path("src/a"))
    assert "src/a/y.md:1:1 S006" in said(sources.found)
    assert sources.excerpt("src/a/y.md") is None
    assert sources.excerpt("src/a/x.md") is not None


def test_a_path_without_a_course_is_an_error(here: Path) -> None:
    write({"empty/x.txt": ""})
    roots, found = find_courses([Path("nowhere"), Path("empty")])
    assert (roots, said(found)) == ((), ["nowhere:1:1 S001", "empty:1:1 S002"])


def test_a_course_of_a_tree_reads_the_shared_folder_and_names_files_from_where_the_author_stands(here: Path) -> None:
    write({"src/a/course.yml": COURSE, "src/a/x.md": LESSON, "src/_shared/part.md": "Part.\n"})
    sources = load(Path("src/a"))
    assert (sources.tree, sources.base) == (here / "src", "a")
    part = sources.text("_shared/part.md")
    assert part is not None
    assert (part.path, part.file) == ("_shared/part.md", "src/_shared/part.md")
    assert [(source.path, source.file) for source in sources.lessons] == [("a/x.md", "src/a/x.md")]


# --- their text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nText.\r\n", "---\ntitle: A\n---\nText.\n"),
        (b"a\rb\r\nc\nd", "a\nb\nc\nd"),
        (b"a\x00b", "a\ufffdb"),
        (b"", ""),
        ("\ufeff\ufeffa\u2028b\x85c\u00a0".encode(), "\ufeffa\u2028b\x85c\u00a0"),
    ],
)
def test_byte_order_marks_and_line_ends(here: Path, content: bytes, text: str) -> None:
    assert only(course({"a.md": content})).text == text


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"\xff\xfea\x00", "1:1"),
        (b"Une le\xe7on", "1:7"),
        ("é\né".encode() + b"\xe9", "2:2"),
        (b"a\r\nb\xed\xa0\x80", "2:2"),
        (b"\xc3", "1:1"),
    ],
)
def test_what_is_not_utf_8_is_an_error_at_its_byte(here: Path, content: bytes, place: str) -> None:
    sources = course({"a.md": content, "b.md": LESSON})
    assert said(sources.found) == [f"a.md:{place} S008"]
    assert [source.path for source in sources.lessons] == ["b.md"], "one bad lesson never stops the others"


def test_an_included_file_that_is_not_utf_8_is_an_error_at_its_byte_and_at_the_include(here: Path) -> None:
    include = FRONT + "Text.\n\n::: include {src=_shared/part.md}\n\n:::\n"
    sources = course({"a.md": include, "_shared/part.md": b"Une le\xe7on"})
    found = [one for one in checked(sources).diagnostics if one.code != "S215"]
    assert said(tuple(found)) == ["_shared/part.md:1:7 S008", "a.md:7:1 S128"]


def test_course_settings_that_are_not_utf_8_are_an_error(here: Path) -> None:
    sources = course({"course.yml": COURSE.encode() + b"description: \xe9\n", "a.md": LESSON})
    assert said(sources.found) == ["course.yml:9:14 S008"]
    assert sources.settings is None


def test_a_text_file_has_a_limit(here: Path) -> None:
    sources = course({"a.md": b"x" * (TEXT_LIMIT + 1)})
    assert said(sources.found) == ["a.md:1:1 S007"]


def test_a_folder_that_is_called_like_a_lesson_is_a_module(here: Path) -> None:
    sources = course({"a.md/b.md": LESSON})
    assert only(sources).path == "a.md/b.md"


def test_a_course_without_settings_is_an_error(here: Path) -> None:
    write({"a.md": LESSON})
    assert said(load(Path()).found) == ["course.yml:1:1 S005"]


# --- nothing outside the tree ----------------------------------------------------------------------------------------


def test_symbolic_links_count_by_where_they_lead(here: Path) -> None:
    write(
        {
            "outside/secret.md": LESSON,
            "src/_shared/shared.md": LESSON,
            "src/a/real.md": LESSON,
            "src/a/course.yml": COURSE,
        }
    )
    for link, target in {
        "src/a/in-tree.md": "../_shared/shared.md",
        "src/a/out.md": "../../outside/secret.md",
        "src/a/gone.md": "nothing.md",
        "src/a/loop.md": "loop.md",
        "src/a/module": "../../outside",
        "src/a/media": "../../outside",
    }.items():
        os.symlink(target, link)
    sources = load(Path("src/a"))
    assert said(sources.found) == [
        "src/a/gone.md:1:1 S005",
        "src/a/loop.md:1:1 S005",
        "src/a/module/secret.md:1:1 S006",
        "src/a/out.md:1:1 S006",
    ]
    assert [source.path for source in sources.lessons] == ["a/in-tree.md", "a/real.md"]
    assert sources.text("a/out.md") is None
    assert sources.text("../outside/secret.md") is None
    assert sources.asset("a/media/secret.md") is None


def test_a_course_that_links_to_itself_ends(here: Path) -> None:
    write({"course.yml": COURSE, "m/a.md": LESSON})
    os.symlink("..", "m/up")
    os.symlink(".", "here")
    assert said(load(Path()).found) == ["here/m/a.md:1:1 S009"]


@pytest.mark.parametrize(
    ("base", "destination", "path"),
    [
        ("a/b/c.md", "d.md", "a/b/d.md"),
        ("a/b/c.md", "../d.md", "a/d.md"),
        ("a/b/c.md", "./../../d.md", "d.md"),
        ("a/b/c.md", "../../../d.md", None),
        ("a/b/c.md", "/etc/passwd", None),
        ("a.md", "../a.md", None),
        ("a.md", "b/../../a.md", None),
        ("a.md", "b//c", "b/c"),
    ],
)
def test_destinations_start_from_their_file_and_stay_in_the_tree(base: str, destination: str, path: str | None) -> None:
    assert joined(base, destination) == path


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("01-Réagir.md", "reagir"),
        ("m/2 Les œufs & l'eau.md", "les-ufs-l-eau"),
        ("index.md", "index"),
        ("2024.md", "l-2024"),
        ("中.md", "lesson"),
        ("-.md", "lesson"),
        ("a" * 70 + ".md", "a" * 64),
    ],
)
def test_a_lesson_without_id_is_called_like_its_file(name: str, identity: str) -> None:
    assert slug(name) == identity


def test_media_have_portable_names_that_no_two_share(here: Path) -> None:
    names = ["media/x.svg", "media/é.svg", "media/e.svg", "media/a b.svg", "media/a-b.svg", "media/01/media/x.svg"]
    names += ["01/media/x.svg", "_shared/media/x.svg", "media/media/x.svg", "media/01/x.svg", "media/x"]
    sources = course({**dict.fromkeys(names, b"x"), "a.md": LESSON})
    found = {name: sources.asset_name(name) for name in names}
    assert len({name.lower() for name in found.values()}) == len(names)
    assert found["media/x.svg"] == "media/x.svg"
    assert found["media/01/x.svg"] == "media/01/x.svg"
    for name in found.values():
        assert portable(name) == name
        assert name.startswith("media/")


def test_media_exist_with_exactly_this_spelling(here: Path) -> None:
    sources = course({"a.md": LESSON, "media/x.svg": b"x"})
    assert [sources.exists(name) for name in ("media/x.svg", "media/X.svg", "media", "media/", "", "../x")] == [
        *(True, False, False, False, False, False)
    ]
    asset = sources.asset("media/x.svg")
    assert asset is not None
    assert (asset.name, asset.bytes, sources.read_asset(asset)) == ("media/x.svg", 1, b"x")
    assert asset.sha256.startswith("2d711642b726b044")

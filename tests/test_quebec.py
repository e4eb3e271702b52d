"""The courses of the project in Québec: nothing French is left, and in France nothing has changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest
import yaml

from builder.diagnostics import Severity
from builder.lint._wording import flat
from builder.load import load
from builder.overlay import load_overlay
from builder.pipeline import Checked, Options, build, check
from builder.regions import pattern, read_regions
from builder.variants import Variant, markup

TREE = Path(__file__).parent.parent / "course_src"
OVERLAY = TREE / "_shared" / "quebec.yml"
REGIONS = TREE / "_shared" / "regions.yml"
COURSES = ("cybersecurite", "telesante")
"""The courses that have a variant for Québec."""

FENCE = re.compile(r":::+[ \t]*(?P<name>\S.*)?")


@cache
def checked(course: str, region: str = "") -> Checked:
    """Return a course as it is in a region; empty: in its own."""
    overlay, problems = load_overlay(OVERLAY)
    assert (overlay is not None, problems) == (True, ())
    return check(load(TREE / course), Options(variant=Variant(region="QC", overlay=overlay) if region else Variant()))


def said(one: Checked) -> Iterator[tuple[str, str]]:
    """Yield all that a variant shows, with the place: pages, glossary, the words of pictures."""
    assert one.course is not None
    for name, body in one.bodies.items():
        yield name, plain(markup(body))
    for term in one.course.glossary:
        yield term.term, flat("\n".join((term.term, term.definition, term.source)))
    for asset in one.course.assets:
        if asset.path.endswith(".svg"):
            yield asset.path, plain((TREE / asset.path).read_text("utf-8"))


def plain(text: str) -> str:
    """Return what people read of HTML or SVG."""
    return flat(unescape(re.sub(r"<[^>]*>", " ", text)))


def letters(text: str) -> str:
    """Return what people read without spaces: a word of the glossary may be a link at one place or another."""
    return "".join(plain(text).split())


def here_only(text: str, values: dict[str, str]) -> str:
    """Return a lesson as it would be without a variant: its variables written out, inserts of its own region bare."""
    lines: list[str] = []
    stack: list[str] = []
    for line in text.split("\n"):
        fence = FENCE.fullmatch(line)
        opened = fence["name"] or "" if fence else ""
        if opened:
            stack.append(opened)
        elif fence:
            opened = stack.pop()
        if "only {region=QC}" not in (*stack, opened) and opened != "only {region=FR}":
            lines.append(line)
    return re.sub(r"\{\{ *(\w+) *\}\}", lambda one: values[one[1]], "\n".join(lines))


@pytest.mark.parametrize("course", COURSES)
def test_quebec_has_its_course_and_nothing_foreign_in_it(course: str) -> None:
    """As packages: the build refuses what is foreign, and each package of it carries the region in its name."""
    overlay, _ = load_overlay(OVERLAY)
    variant = Variant(region="QC", overlay=overlay)
    made = list(build(load(TREE / course), Options(targets=("web", "scorm12"), variant=variant)))
    errors = [at for one in made for at in one.diagnostics if at.severity is Severity.ERROR]
    assert [f"{at.span.file}:{at.span.line}: {at.code}" for at in errors] == []
    assert [one.build.variant for one in made if one.build and one.package] == ["QC", "QC"]


@pytest.mark.parametrize(("course", "region"), [(course, region) for course in COURSES for region in ("FR", "QC")])
def test_no_region_says_a_word_of_the_other(course: str, region: str) -> None:
    """Looked for apart from the rule that does: in pages, in the glossary, in the words of pictures."""
    regions, problems = read_regions(REGIONS.read_text("utf-8"), "regions.yml")
    assert problems == ()
    foreign = [pattern(one) for one in regions[region]]
    shown = list(said(checked(course, region.replace("FR", ""))))
    assert len(shown) > 20
    assert [(place, found[0]) for place, text in shown for one in foreign if (found := one.search(text))] == []


@pytest.mark.parametrize("course", COURSES)
def test_the_variant_is_no_other_course(course: str) -> None:
    """Same lessons, same questions; other words."""
    here, there = checked(course), checked(course, "QC")
    assert here.course is not None
    assert there.course is not None
    names, others = (
        [(lesson.id, [one.id for one in lesson.questions]) for lesson in one.lessons]
        for one in (here.course, there.course)
    )
    assert names == others
    assert dict(said(here)) != dict(said(there))


@pytest.mark.parametrize("course", COURSES)
def test_in_france_the_text_is_as_if_there_were_no_variant(course: str, tmp_path: Path) -> None:
    """Word for word, with the numbers of its footnotes."""
    for folder in (course, "_shared", "frameworks", "programmes"):
        shutil.copytree(TREE / folder, tmp_path / folder)
    values = yaml.safe_load((TREE / course / "course.yml").read_text("utf-8"))["variables"]
    changed = 0
    for file in (tmp_path / course).rglob("*.md"):
        before = file.read_text("utf-8")
        after = here_only(before, values)
        changed += before != after
        file.write_text(after, "utf-8")
    bare = check(load(tmp_path / course), Options())
    assert changed > 3
    for name, body in checked(course).bodies.items():
        assert letters(markup(bare.bodies[name])) == letters(markup(body))


@pytest.mark.parametrize("course", sorted(file.parent.name for file in TREE.glob("*/course.yml")))
def test_each_course_has_all_variables_of_the_overlay(course: str) -> None:
    """In the same order, since it serves all of them, and warns of a variable that a course does not have."""
    overlay, _ = load_overlay(OVERLAY)
    assert overlay is not None
    values = yaml.safe_load((TREE / course / "course.yml").read_text("utf-8"))["variables"]
    assert list(overlay.variables) == list(values)


def test_an_overlay_introduces_characters_otherwise(tmp_path: Path) -> None:
    course = tmp_path / "cours"
    course.mkdir()
    settings = "id: c\ntitle: C\nversion: 1.0.0\nlanguage: fr-FR\niri: https://x.example\nlicence: CC-BY-4.0\n"
    (course / "course.yml").write_text(f"{settings}duration: 5 min\n", "utf-8")
    people = "leo: {name: Léo, age: 20, role: étudiant}\nmaud: {name: Maud, role: pharmacienne}\n"
    (course / "characters.yml").write_text(people, "utf-8")
    stories = "".join(f"::: story {{character={name}}}\n\nBonjour.\n\n:::\n\n" for name in ("leo", "maud"))
    (course / "01-un.md").write_text(f"---\ntitle: Un\nid: un\nduration: 5 min\n---\n\n{stories}", "utf-8")
    (tmp_path / "q.yml").write_text("characters:\n  leo: {name: Léo, role: résident}\n", "utf-8")
    overlay, problems = load_overlay(tmp_path / "q.yml")
    assert problems == ()
    variants = [Options(variant=Variant(overlay=one)) for one in (None, overlay)]
    before, after = (plain(markup(check(load(course), one).bodies["un"])) for one in variants)
    assert "étudiant" in before
    assert "étudiant" not in after
    assert "résident" in after
    assert "pharmacienne" in after

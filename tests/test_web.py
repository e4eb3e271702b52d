"""Target web: what lies in the folder, that every link in it leads somewhere, and the page of the whole course."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import synthetic
from markupsafe import Markup

from builder import player
from builder.load import load
from builder.paper import on_paper
from builder.pipeline import Options, build
from builder.targets import COMMON, Target, web
from builder.write import write_package

ROOT = Path(__file__).parent.parent
COURSE = ROOT / "tests" / "browser" / "courses" / "essai"
COURSES = sorted(file.parent for base in (COURSE.parent, ROOT / "course_src") for file in base.glob("*/course.yml"))
CALL = re.compile(rb'carabinLesson\("([a-z0-9_-]+)", (".*")\);\n')
MOST_SCRIPT, MOST_STYLE = 28_000, 13_000
"""Bytes when compressed (product, "The outputs")."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The package of the course that the browser tests play."""
    return packed(COURSE, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def members(archive: bytes) -> Mapping[str, bytes]:
    return unpacked(archive)


@pytest.fixture(scope="module", params=COURSES, ids=lambda course: course.name)
def any_members(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The members of the package of any course."""
    return unpacked(packed(request.param, tmp_path_factory.mktemp("dist")))


def unpacked(archive: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(course: Path, out: Path) -> bytes:
    (built,) = build(load(course), Options(targets=("web",)))
    assert built.package is not None, built.diagnostics
    return write_package(built.package, out).path.read_bytes()


class Page(HTMLParser):
    """What a document links to and loads, its ids, and its text without what is hidden."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[str] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                self.ids.append(value)
            elif name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
                self.references += value.split()
            elif name == "href" and tag == "a":
                self.links.append(value)
            elif name in ("src", "href", "poster", "data"):
                self.loads.append(value)


def pages(members: Mapping[str, bytes]) -> Iterator[tuple[str, Page]]:
    for name, content in members.items():
        if name.endswith(".html"):
            yield name, Page(content)


def test_the_module_is_a_target() -> None:
    target: Target = web
    assert (target.NAME, target.DRIVERS, target.STATE_LIMIT) == ("web", ("local",), None)
    assert web.check(synthetic.course()) == ()


def test_what_cannot_be_unpacked_everywhere_is_an_error() -> None:
    found = web.check(synthetic.course(assets=("media/Plan.svg", "media/plan.svg", "media/aux.png")))
    assert sorted(one.code for one in found) == ["T202", "T204"]


def test_what_several_targets_refuse_is_said_once(tmp_path: Path) -> None:
    course = tmp_path / "essai"
    shutil.copytree(COURSE, course)
    (course / "media").mkdir(exist_ok=True)
    (course / "media" / "aux.csv").write_text("a,b\n", "utf-8")
    lesson = course / "02-revision.md"
    lesson.write_text(lesson.read_text("utf-8") + "\n[Un tableau](media/aux.csv)\n", "utf-8")
    (built,) = build(load(course), Options(targets=("scorm12", "web")))
    assert [one.code for one in built.diagnostics if one.code[0] == "T"] == ["T202"]


def test_the_name_of_package_and_sheet() -> None:
    course = synthetic.course()
    package = web.package(course, synthetic.site(course), synthetic.build(variant="infirmier"))
    assert (package.name, package.sheet) == ("cyber-1.2.0-web-infirmier.zip", "cyber-1.2.0-web-infirmier.html")


def test_what_lies_in_the_folder(members: Mapping[str, bytes]) -> None:
    names = list(members)
    pages = {Path(name).stem for name in names if name.endswith(".html")}
    assert {"index", "_print", "_accessibility", "hameconnage", "messagerie", "revision"} <= pages
    scripts = {Path(name).stem for name in names if name.startswith("lessons/")}
    assert scripts == pages - {"index", "_print"}
    others = {name for name in names if not name.endswith(".html") and not name.startswith(("lessons/", "media/"))}
    assert others == {*COMMON, "player.js", "style.css"}
    assert [name for name in names if not name.startswith("lessons/")] == [
        *COMMON,
        *sorted(name for name in names if name not in COMMON and not name.startswith("lessons/")),
    ]
    information = json.loads(members["carabin.json"])
    assert (information["target"], information["state"]["limit"]) == ("web", None)
    assert members["player.js"].endswith(player.pieces((), ()))
    assert b"LMSInitialize" not in members["player.js"]


def test_the_script_of_a_page_says_the_same_as_the_page(any_members: Mapping[str, bytes]) -> None:
    for name, content in any_members.items():
        if name.startswith("lessons/"):
            call = CALL.fullmatch(content)
            assert call is not None, name
            assert call[1].decode() == Path(name).stem
            assert content.isascii()
            assert json.loads(call[2]).encode() == any_members[f"{Path(name).stem}.html"]


def test_every_link_leads_somewhere_inside(any_members: Mapping[str, bytes]) -> None:
    """Links resolve in the folder; nothing is loaded from outside of it."""
    ids = {name: page.ids for name, page in pages(any_members)}
    for name, page in pages(any_members):
        for link in (*page.links, *page.loads):
            url = urlsplit(link)
            if url.scheme == "data" and link in page.loads:
                continue
            if url.scheme in ("http", "https"):
                assert link in page.links, f"{name} loads {link}"
                continue
            assert not url.scheme, link
            target = unquote(url.path) or name
            assert target in any_members, f"{name}: {link}"
            if url.fragment and not url.fragment.startswith("/"):
                assert unquote(url.fragment) in ids[target], f"{name}: {link}"
    for file in ("style.css", "player.js"):
        for address in re.findall(rb"https?://[a-z0-9.-]+", any_members[file]):
            assert address == b"http://www.w3.org", address


def test_ids_are_unique_and_references_lead_to_them(any_members: Mapping[str, bytes]) -> None:
    for name, page in pages(any_members):
        assert sorted(page.ids) == sorted(set(page.ids)), name
        assert set(page.references) <= set(page.ids), name


def test_every_page_has_the_policy_and_no_script_of_its_own(any_members: Mapping[str, bytes]) -> None:
    for name, content in any_members.items():
        if name.endswith(".html"):
            assert b'content="default-src &#39;self&#39;; img-src &#39;self&#39; data:;' in content, name
            assert not re.search(rb"\sstyle=|\son[a-z]+=|<style", content), name


def test_the_same_bytes_twice(archive: bytes, tmp_path: Path) -> None:
    assert packed(COURSE, tmp_path) == archive


def test_the_player_is_small(any_members: Mapping[str, bytes]) -> None:
    import gzip

    assert len(gzip.compress(any_members["player.js"])) <= MOST_SCRIPT
    assert len(gzip.compress(any_members["style.css"])) <= MOST_STYLE


def test_only_here_may_one_start_again_and_print_it_all(members: Mapping[str, bytes], tmp_path: Path) -> None:
    (built,) = build(load(COURSE), Options(targets=("scorm12",)))
    assert built.package is not None
    scorm12 = {member.name: member.content for member in built.package.members}
    data = re.compile(rb'<script type="application/json" id="course-data">(.*?)</script>')
    for content, here in ((members["index.html"], True), (scorm12["index.html"], False)):
        assert (b'data-action="restart"' in content) is here
        assert (b'href="_print.html"' in content) is here
        assert (b'data-action="leave"' in content) is not here
        found = data.search(content)
        assert found is not None
        words = json.loads(found[1])["strings"]
        assert ("restart_erase" in words) is here
        assert not [key for key in words if key.startswith("local_")]
    assert not [name for name in scorm12 if name.startswith(("lessons/", "_print"))]


def test_the_whole_course_on_one_page(members: Mapping[str, bytes]) -> None:
    html = members["_print.html"].decode()
    page = Page(members["_print.html"])
    lessons = [link for link in page.links if re.fullmatch(r"#[a-z0-9-]+_", link)]
    assert lessons[:3] == ["#hameconnage_", "#messagerie_", "#revision_"]
    assert 'href="#messagerie_partager"' in html
    assert 'href="#hameconnage_les-signes"' in html
    assert [name for name in page.ids if name.endswith("_q-canal")] == ["messagerie_q-canal"]
    assert (page.tags.count("h1"), page.tags.count("article")) == (1, 1 + len(lessons))
    assert not {"button", "select", "script", "template"} & set(page.tags)
    assert "Que faites-vous en premier" in html
    assert "(éteindre / isoler / redémarrer)" in html
    for secret in ("L’urgence est le premier levier", "Qui gagne à vous presser", "Isoler garde", "La virgule manque"):
        assert secret in members["hameconnage.html"].decode() + members["messagerie.html"].decode()
        assert secret not in html


PAGES = {"un.html": "un", "deux.html": "deux"}


@pytest.mark.parametrize(
    ("body", "paper"),
    [
        ('<h2 id="a">A &amp; b&nbsp;&#39;</h2>', '<h3 id="un_a">A &amp; b&nbsp;&#39;</h3>'),
        ("<h6>six</h6><br>", "<h6>six</h6><br>"),
        ('<a href="#a">x</a>', '<a href="#un_a">x</a>'),
        ('<a href="deux.html#b">x</a>', '<a href="#deux_b">x</a>'),
        ('<a href="deux.html">x</a>', '<a href="#deux_">x</a>'),
        ('<a href="https://x.example/?a&amp;b#c">x</a>', '<a href="https://x.example/?a&amp;b#c">x</a>'),
        ('<a href="media/x.pdf" download>x</a>', '<a href="media/x.pdf" download>x</a>'),
        ('<img src="media/x.svg" alt="" loading="lazy">', '<img src="media/x.svg" alt="">'),
        ('<p aria-describedby="a b">x</p>', '<p aria-describedby="un_a un_b">x</p>'),
        ('<input type="radio" name="q">', '<input type="radio" name="q" disabled>'),
        ("<div hidden><p>no<br><input></p></div><p>yes</p>", "<p>yes</p>"),
        ("<button>no</button>yes", "yes"),
        ('<details name="t"><summary>x</summary></details>', "<details open><summary>x</summary></details>"),
        (
            '<select id="s"><option value="">Pick</option><option value="a">A&lt;</option><option>B</option></select>',
            '<span class="paper-options">(A&lt; / B)</span>',
        ),
        (
            '<div role="region" aria-label="Table">x</div>',
            '<div role="region" aria-label="Table – L &quot;1&quot;">x</div>',
        ),
        ('<section aria-labelledby="t">x</section>', '<section aria-labelledby="un_t un_">x</section>'),
        ("<p data-accept='[\" id=\"]'>x</p>", '<p data-accept="[&quot; id=&quot;]">x</p>'),
        ("<math><mi>x</mi><mspace/></math>", "<math><mi>x</mi><mspace></mspace></math>"),
        ('<math><mo form="prefix">(</mo></math>', '<math><mo form="prefix">(</mo></math>'),
        ("<p>1 &lt; 2 <code>&lt;b id=x&gt;</code></p>", "<p>1 &lt; 2 <code>&lt;b id=x&gt;</code></p>"),
    ],
)
def test_a_body_on_paper(body: str, paper: str) -> None:
    assert on_paper(body, "un", 'L "1"', PAGES) == paper
    assert on_paper(Markup(body), "un", 'L "1"', PAGES) == paper

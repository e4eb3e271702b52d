"""Themes: how they are found and resolved, what is said of bad ones, what every style file and template keeps to."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import compiled
import pytest
from jinja2 import Environment, meta
from jinja2.exceptions import SecurityError
from lxml import html
from markupsafe import Markup

from builder.diagnostics import Diagnostics, Span
from builder.pages import (
    Fact,
    IndexPage,
    LessonPage,
    PageLink,
    PrintLesson,
    PrintPage,
    QuestionView,
    ScoPage,
    StatementPage,
    TocGroup,
    TocLesson,
)
from builder.settings import read_course
from builder.sheet import SheetCell, SheetFact, SheetPage, SheetSection, SheetTable
from builder.strings import strings
from builder.theme import LAYERS, Theme, environment, find_theme, our_themes, stylesheet

BUILDER = Path(__file__).parent.parent / "builder"
QUESTIONS = BUILDER / "questions"
ASIDES = BUILDER / "asides"
OURS = sorted(path.parent.name for path in our_themes().glob("*/theme.yml"))
STYLES = sorted((*our_themes().rglob("*.css"), *QUESTIONS.glob("*.css"), *ASIDES.glob("*.css")))
TEMPLATES = sorted((*our_themes().rglob("*.html.j2"), *QUESTIONS.glob("*.html.j2")))
PLACE = Span("course.yml", 7, 8)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def ours(name: str = "sobre") -> Theme:
    theme, found = find_theme(name, Path("nowhere"), PLACE)
    assert theme is not None, found
    return theme


def project(folder: Path, files: Mapping[str, str], name: str = "mine") -> tuple[Theme | None, Diagnostics]:
    """Find a theme among files written below `folder`/themes."""
    for file, text in files.items():
        path = folder / "themes" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return find_theme(name, folder, PLACE)


def said(found: Diagnostics) -> list[str]:
    """Return findings as `code file:line`."""
    return [f"{one.code} {one.span.file}:{one.span.line}" for one in found]


def templates(theme: Theme) -> Environment:
    return environment(theme, {path.name: path.read_text("utf-8") for path in QUESTIONS.glob("*.html.j2")})


def words(language: str) -> SimpleNamespace:
    return SimpleNamespace(**strings(language, "page"))


def at(element: html.HtmlElement, path: str) -> list[Any]:
    found = element.xpath(path)
    assert isinstance(found, list)
    return found


# --- finding and resolving -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_our_themes_are_whole_and_readable(name: str) -> None:
    """WCAG 2.2 §1.4.3, §1.4.11: contrasts of 4.5 for text and 3 for controls, in light and in dark."""
    theme, found = find_theme(name, Path("nowhere"), PLACE)
    assert said(found) == []
    assert theme is not None
    assert theme.is_ours
    assert {"index", "lesson", "accessibility", "sheet", "question"} <= {key.split(".")[0] for key in theme.templates}
    assert set(theme.light) == set(theme.dark)


def test_a_theme_inherits_and_replaces_the_smallest_block(tmp_path: Path) -> None:
    block = '{% extends "base/lesson.html.j2" %}{% block lesson_header %}<h1>{{ page.title }}!</h1>{% endblock %}'
    files = {
        "mine/theme.yml": "extends: sobre",
        "mine/tokens.css": "@layer tokens { :root { --radius: 0; } }",
        "mine/templates/lesson.html.j2": block,
    }
    theme, found = project(tmp_path, files)
    assert found == ()
    assert theme is not None
    assert theme.light["radius"].value == theme.dark["radius"].value == "0"
    assert theme.light["color-accent"].value == ours().light["color-accent"].value
    assert theme.digest != ours().digest
    page = templates(theme).get_template("lesson.html.j2").render(page=lesson("fr"), strings=words("fr"))
    assert "<h1>Les &lt;domaines&gt;!</h1>" in page
    assert "lesson-meta" not in page


def test_encre_is_tokens_and_one_block_of_one_template(tmp_path: Path) -> None:
    """What a theme must write to be another one: the rest of it is inherited, rules, templates and icons."""
    own, parent = ours("encre"), ours("sobre")
    folder = our_themes() / "encre"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {"theme.yml", "tokens.css", "templates/lesson.html.j2"}
    assert own.styles[:-1] == parent.styles
    assert COMMENT.sub("", own.styles[-1]).strip().startswith("@layer tokens")
    nearest = {name for name in own.templates if "/" not in name}
    assert {name for name in nearest if own.templates[name] != parent.templates[name]} == {"lesson.html.j2"}
    for name in ("icon-check", "font-body", "color-right"):
        assert (own.light[name], own.dark[name]) == (parent.light[name], parent.dark[name])
    for name in ("color-page", "color-accent", "color-focus"):
        assert own.light[name].value != parent.light[name].value
        assert own.dark[name].value not in (parent.dark[name].value, own.light[name].value)

    settings, problems = read_course(compiled.COURSE + "theme: encre\n", "course.yml")
    assert not problems
    sources = replace(compiled.lesson_alone(f"{compiled.FRONT}\nRead.\n", tmp_path), settings=settings)
    found = compiled.checked(sources)
    assert found.theme is not None
    assert found.theme.digest == own.digest
    header = at(html.document_fromstring(compiled.lesson_page(sources, found)), "//header[@class='lesson-header']")[0]
    assert [(part.tag, part.text_content()) for part in header][:2] == [("p", "5 min"), ("h1", "Lesson")]
    page = templates(own).get_template("lesson.html.j2").render(page=lesson("fr"), strings=words("fr"))
    line = at(html.document_fromstring(page), "//p[@class='lesson-module']")[0]
    assert line.text_content() == "Reconnaître · 10 min"


def test_what_is_wrong_with_a_theme_is_said_at_its_place(tmp_path: Path) -> None:
    assert said(project(tmp_path, {}, "none")[1]) == ["S080 course.yml:7"]
    assert said(find_theme("../themes/sobre", our_themes(), PLACE)[1]) == ["S080 course.yml:7"]
    assert said(project(tmp_path, {"a/theme.yml": "extends: gone"}, "a")[1]) == ["S080 themes/a/theme.yml:1"]
    assert said(project(tmp_path, {"b/theme.yml": "extend: base"}, "b")[1]) == ["S081 themes/b/theme.yml:1"]
    assert said(project(tmp_path, {"c/theme.yml": "{["}, "c")[1]) == ["S081 themes/c/theme.yml:1"]
    loop = {"d/theme.yml": "extends: e", "e/theme.yml": "extends: d"}
    assert said(project(tmp_path, loop, "d")[1]) == ["S082 themes/e/theme.yml:1"]
    broken = {"f/theme.yml": "extends: base", "f/templates/index.html.j2": "<p>\n{% if %}"}
    theme, found = project(tmp_path, broken, "f")
    assert theme is None
    assert said(found) == ["S084 themes/f/templates/index.html.j2:2"]


@pytest.mark.parametrize(
    "style",
    ['@import "x.css";', "a { background: url(https://x.example/a.png); }", 'a { background: url( "//x.example" ); }'],
)
def test_a_theme_that_fetches_from_elsewhere_is_refused(tmp_path: Path, style: str) -> None:
    theme, found = project(tmp_path, {"mine/theme.yml": "extends: base", "mine/look.css": f"\n{style}"})
    assert theme is None
    assert said(found) == ["S083 themes/mine/look.css:2"]


def test_a_theme_that_reads_outside_of_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a { color: red; }", "utf-8")
    project(tmp_path, {"mine/theme.yml": "extends: base"})
    (tmp_path / "themes" / "mine" / "look.css").symlink_to(tmp_path / "secret")
    assert said(find_theme("mine", tmp_path, PLACE)[1]) == ["S083 themes/mine/look.css:1"]


def test_faint_colours_are_said_where_they_are_written(tmp_path: Path) -> None:
    """#777 on white is the known near miss: 4.47."""
    style = "@layer tokens {\n :root { --color-page: white;\n --color-surface: #fff;\n --color-muted: #777; }\n}"
    theme, found = project(tmp_path, {"mine/theme.yml": "extends: sobre", "mine/tokens.css": style})
    assert theme is not None, "faint colours are advice"
    muted = {one.arguments["ground"]: one for one in found if one.arguments["front"] == "color-muted"}
    assert muted["color-surface"].arguments["ratio"] == "4.47"
    assert muted["color-surface"].span.line == 4
    assert muted["color-page"].arguments["ratio"] == "0.00", "a colour that cannot be computed is not passed over"
    assert {one.code for one in found} == {"A301"}


def test_templates_of_a_project_run_in_a_sandbox(tmp_path: Path) -> None:
    files = {"mine/theme.yml": "extends: base", "mine/templates/index.html.j2": "{{ page.__class__.__mro__ }}"}
    theme, _ = project(tmp_path, files)
    assert theme is not None
    assert not theme.is_ours
    with pytest.raises(SecurityError):
        templates(theme).get_template("index.html.j2").render(page=index("fr"), strings=words("fr"))


# --- style -----------------------------------------------------------------------------------------------------------


def declarations(text: str) -> Iterator[tuple[str, str]]:
    """Yield property and value of each declaration; strings are emptied first."""
    plain = QUOTED.sub('""', COMMENT.sub("", text))
    for match in re.finditer(r"(?<=[{;])\s*([a-z-]+)\s*:\s*([^;{}]*)(?=[;}])", plain):
        yield match[1], match[2].strip()


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_files_keep_the_rules(path: Path) -> None:
    """Style §11: layers, logical properties, no ids, no `!important`, nothing from another host."""
    text = COMMENT.sub("", path.read_text("utf-8"))
    assert "!important" not in text
    assert not re.search(r"@import|url\((?![\"']?data:)", text)
    physical = re.compile(
        r"(?:margin|padding|border)-(?:left|right|top|bottom).*|left|right|top|bottom|(?:min-|max-)?(?:width|height)|float"
    )
    assert [name for name, _ in declarations(text) if physical.fullmatch(name)] == []
    sides = [(name, value) for name, value in declarations(text) if name in ("text-align", "justify-content", "clear")]
    assert [pair for pair in sides if pair[1] in ("left", "right")] == []
    selectors = re.findall(r"(?<=[{};])([^{};@]+)\{", QUOTED.sub('""', text))
    assert [one.strip() for one in selectors if "#" in one] == []
    if path.name != "sheet.css":
        layers = set(re.findall(r"@layer ([a-z]+) \{", text))
        assert re.sub(r"@layer [a-z]+ \{", "{", text).startswith("{")
        assert layers <= set(LAYERS[7:-1].split(", "))
        if path.parent == QUESTIONS:
            assert layers == {"questions"}
        elif path.parent == ASIDES:
            assert layers == {"base"}
        elif "base" not in path.parts:
            assert layers <= {"tokens", "theme"}


def test_every_class_has_a_style_and_every_style_a_class() -> None:
    styled = {
        name
        for path in STYLES
        for name in re.findall(r"\.([a-z][a-z-]+)", QUOTED.sub('""', COMMENT.sub("", path.read_text("utf-8"))))
    }
    placed = {
        name
        for path in TEMPLATES
        for value in re.findall(r'class="([^"]*)"', path.read_text("utf-8"))
        for name in re.sub(r"\{%.*?%\}", " ", value).split()
    }
    hooks = {"lesson-data", "gap-unit", "results", "statement"}  # for the player, and for themes
    assert sorted(placed - styled - hooks) == []
    written = "\n".join(path.read_text("utf-8") for end in ("py", "js", "j2") for path in BUILDER.rglob(f"*.{end}"))
    known = placed | {f"alert-{kind}" for kind in ("tip", "key", "important", "law", "warning", "caution")}
    known |= {"alert-definition", "alert-example", "align-left", "align-right", "align-center"}
    pygments = set(re.findall(r"\.([a-z]{2})\b", (our_themes() / "base/css/prose.css").read_text("utf-8")))
    assert sorted(name for name in styled - known - pygments if name not in written) == []


def test_a_stylesheet_is_small_and_says_the_same() -> None:
    """Product, "The outputs": 13 kB gzipped at most; minified text differs from its source in white space alone."""
    parts = [path.read_text("utf-8") for seam in (ASIDES, QUESTIONS) for path in sorted(seam.glob("*.css"))]
    sheet = stylesheet(ours(), parts).decode()
    assert len(gzip.compress(sheet.encode(), 9)) < 13_000
    assert sheet.startswith(LAYERS.replace(", ", ","))

    def bare(text: str) -> str:
        return re.sub(r"\s+", "", COMMENT.sub("", text)).replace(";}", "}")

    assert bare(sheet) == bare("".join((LAYERS, *ours().styles, *parts)))
    assert sheet.count("data:image/svg+xml") == "".join(ours().styles).count("data:image/svg+xml")
    assert "calc(100% - .5em)" in sheet
    assert " { " not in sheet


def test_a_theme_of_a_project_cannot_close_the_style_of_the_sheet(tmp_path: Path) -> None:
    files = {"mine/theme.yml": "extends: base", "mine/sheet.css": 'p::after { content: "</style><script>"; }'}
    theme, _ = project(tmp_path, files)
    assert theme is not None
    assert "</style" not in theme.sheet
    assert "--color-accent:" in theme.sheet


# --- templates -------------------------------------------------------------------------------------------------------


def lesson(language: str) -> LessonPage:
    return LessonPage(
        language=language,
        direction="ltr",
        policy="default-src 'self'",
        title="Les <domaines>",
        course_title="Cours & pratique",
        id="domaines",
        slot=3,
        contract=1,
        version="1.0.0",
        module="Reconnaître",
        meta="10 min",
        objectives=("Lire une adresse.",),
        open="index.html#/domaines",
        body=Markup("<h2>Lire</h2>"),
        data=Markup("{}"),
        previous=PageLink("a.html", "A"),
        next=None,
    )


def index(language: str, is_alone: bool = False) -> IndexPage:
    lessons = (TocLesson("a", "a.html", "A", "5 min"), TocLesson("domaines", "domaines.html", "Les <domaines>", ""))
    return IndexPage(
        language=language,
        direction="ltr",
        policy="default-src 'self'",
        title="Cours & pratique",
        eyebrow="",
        description="Une description.",
        facts=(Fact("Durée", "1 h"),),
        objectives=("Lire une adresse.",),
        scoring=("Tout lire.",),
        groups=(TocGroup("toc-1", "", lessons[:1]), TocGroup("toc-2", "Module", lessons[1:])),
        start="a.html",
        colophon="Version 1.0.0",
        data=Markup("{}"),
        is_alone=is_alone,
    )


def alone(language: str) -> IndexPage:
    return index(language, is_alone=True)


def plain(language: str) -> IndexPage:
    return replace(index(language), is_plain=True)


def sco(language: str) -> ScoPage:
    policy = "default-src 'self'"
    return ScoPage(language, "ltr", policy, "Les <domaines>", "Cours", "domaines.html", Markup("{}"), True)


def whole(language: str) -> PrintPage:
    lessons = (PrintLesson("a_", "A", "", "5 min", Markup("<h3>Lire</h3>")), PrintLesson("b_", "B", "M", "", Markup()))
    return PrintPage(language, "ltr", "default-src 'self'", "Cours & pratique", "", "Version 1.0.0", lessons)


def statement(language: str) -> StatementPage:
    return StatementPage(
        language, "ltr", "default-src 'self'", "Cours", True, "", "s'engage", "Portée", "État :", ("a",)
    )


def sheet_page(language: str) -> SheetPage:
    row = (SheetCell(("passed",), is_code=True), SheetCell(("une ligne", "<deux>")))
    table = SheetTable("Statuts", ("Statut", "Quand"), (row,))
    section = SheetSection("contract", "Achèvement", ("Un.",), ("Deux.",), (table,))
    return SheetPage(language, "Fiche", "Ceci", "Sommaire", (SheetFact("Fichier", row[0]),), (section,))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("index", index),
        ("index", alone),
        ("index", plain),
        ("sco", sco),
        ("lesson", lesson),
        ("print", whole),
        ("accessibility", statement),
        ("sheet", sheet_page),
    ],
)
def test_pages_are_whole(name: str, make: Callable[[str], Any], language: str) -> None:
    extra = {"direction": "ltr", "style": Markup(ours().sheet)} if name == "sheet" else {}
    template = templates(ours()).get_template(f"{name}.html.j2")
    text = template.render(page=make(language), strings=words(language), **extra)
    root = html.document_fromstring(text)
    assert root.get("lang") == language
    ids = at(root, "//@id")
    assert len(ids) == len(set(ids))
    assert len(at(root, "//main")) == 1
    assert len(at(root, "//h1[not(ancestor::template)]")) == 1
    assert at(root, "//@style") == []
    assert at(root, "//@*[starts-with(name(), 'on')]") == []
    assert at(root, "//meta[@http-equiv='Content-Security-Policy']")
    for reference in at(root, "//@aria-controls | //@aria-labelledby | //a[starts-with(@href, '#')]/@href"):
        assert reference.startswith("#/") or set(reference.removeprefix("#").split()) <= set(ids), reference
    assert at(root, "//*[@data-action]/@data-action") == at(root, "//a/@data-action | //button/@data-action")
    if name != "sheet":
        assert at(root, "//style") == []
        assert at(root, "//a[1]/@href")[0] == "#main"
        scripts = at(root, "//script[not(@type='application/json')]/@src")
        assert scripts == (["player.js"] if name == "sco" or make in (index, alone) else [])


def test_only_the_launch_document_says_so() -> None:
    rendered = [
        templates(ours()).get_template(f"{name}.html.j2").render(page=page, strings=words("fr"))
        for name, page in (
            ("index", index("fr")),
            ("sco", sco("fr")),
            ("index", plain("fr")),
            ("lesson", lesson("fr")),
            ("accessibility", statement("fr")),
        )
    ]
    assert ['data-carabin="launch"' in text for text in rendered] == [True, True, False, False, False]


def question(kind: str, view: Mapping[str, Any], hints: tuple[str, ...] = ()) -> html.HtmlElement:
    shown = QuestionView(
        element_id="q-one",
        type=kind,
        title="Question 1",
        meta="2 points",
        prompt=Markup("<p>Prompt</p>"),
        hints=tuple(Markup(hint) for hint in hints),
        explanation=Markup("<p>Why</p>"),
    )
    template = templates(ours()).get_template(f"{kind}.html.j2")
    return html.fragment_fromstring(template.render(question=shown, view=view, strings=words("en")).strip())


def test_a_choice_is_a_group_of_native_controls_that_says_nothing_of_the_key() -> None:
    answers = [
        {
            "letter": "a",
            "html": Markup("<em>A</em>"),
            "feedback": Markup("<p>No</p>"),
            "fixed": False,
            "rest": {"html": ""},
        },
        {"letter": "c", "html": Markup("C"), "feedback": Markup(""), "fixed": True, "rest": {"html": ""}},
    ]
    section = question("choice", {"is_multiple": False, "answers": answers})
    assert (section.get("id"), section.get("data-question")) == ("q-one", "choice")
    group = at(section, ".//fieldset")[0]
    assert all(at(section, f".//*[@id='{name}']") for name in group.get("aria-labelledby").split())
    assert [(one.get("type"), one.get("name"), one.get("value")) for one in at(group, ".//label/input")] == [
        ("radio", "q-one", "a"),
        ("radio", "q-one", "c"),
    ]
    assert [one.get("data-fixed") is not None for one in at(group, "div")] == [False, True]
    assert len(at(group, ".//div[contains(@class, 'feedback')][@hidden]")) == 1
    assert at(section, ".//@data-state | .//@checked") == []
    many = question("choice", {"is_multiple": True, "answers": answers})
    assert set(at(many, ".//input/@type")) == {"checkbox"}


def test_help_is_hidden_until_the_player_shows_it() -> None:
    section = question("choice", {"is_multiple": False, "answers": []}, ("<p>One</p>", "<p>Two</p>"))
    assert len(at(section, ".//*[@class='hint'][@hidden]")) == 2
    assert at(section, ".//*[@class='explanation']")[0].get("hidden") is not None
    assert at(section, ".//*[@class='question-actions']")[0].get("hidden") is not None
    assert at(section, ".//*[@class='question-result'][@role='status']")
    hint = "//button[@data-action='hint']"
    assert at(section, hint)[0].get("hidden") is None
    assert at(question("choice", {"is_multiple": False, "answers": []}), hint)[0].get("hidden") is not None


def test_gaps_are_named_and_expected_errors_carry_what_they_answer_to() -> None:
    accept = json.dumps(['l\'"été"'], ensure_ascii=False)
    error = {"gap": "b", "accept": accept, "letters": "a", "html": Markup("<p>No</p>")}
    section = question("fill", {"errors": [error]})
    feedback = at(section, ".//*[contains(@class, 'gap-feedback')]")[0]
    assert json.loads(feedback.get("data-accept")) == ['l\'"été"']
    assert (feedback.get("data-gap"), feedback.get("data-letters")) == ("b", "a")
    template = templates(ours()).get_template("fill-gap.html.j2")
    typed = SimpleNamespace(letter="a", unit="mg", width=5, options=())
    text = template.render(gap=typed, label="Answer 1 of 2", strings=words("en"))
    assert "\n" not in text
    assert at(html.fragment_fromstring(text), ".//input/@aria-label") == ["Answer 1 of 2"]
    picked = SimpleNamespace(letter="b", unit="", width=0, options=(("a", "<i>"), ("b", "two")))
    text = template.render(gap=picked, label="Answer 2 of 2", strings=words("en"))
    assert at(html.fragment_fromstring(text), ".//option/@value") == ["", "a", "b"]
    assert "&lt;i&gt;" in text


def test_templates_compute_nothing_and_use_only_words_that_exist() -> None:
    """Style §10: no `set`, no filters, no `|safe`; every `strings.key` is in every locale."""
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r"\{%-?\s*(set|include|import|filter)\b|\{[{%][^}]*\|", text), path.name
        assert not re.search(r"\{%-? (el)?if [^%]*\b(and|or|in|==|>|<)\b", text), path.name
        meta.find_undeclared_variables(Environment().parse(text))
        for key in set(re.findall(r"strings\.(\w+)", text)):
            assert all(key in strings(language, "page") for language in ("fr", "en")), f"{path.name}: {key}"

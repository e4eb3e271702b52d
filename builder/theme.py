"""Themes: found by name, resolved along `extends`, checked, and made into one stylesheet and one set of templates.

A theme is a folder of data: `theme.yml` (`extends`, `title`), `templates/*.html.j2`, style files (`*.css`, `css/*.css`)
and `sheet.css` for the administrator's sheet. Its style files write in the layers `tokens` and `theme`; only `base`,
which extends nothing, fills the others. Everything is read once, here: a `Theme` holds texts and no path.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from builder.diagnostics import Diagnostic, Diagnostics, Span, error, in_order, warning

if TYPE_CHECKING:
    from jinja2 import Environment

LAYERS = "@layer reset, tokens, base, layout, questions, theme, author;"
SETTINGS = ("extends", "title")

TEXT, PART = 4.5, 3.0
"""Least contrast of text, and of the parts of an interface: WCAG 2.2 §1.4.3 and §1.4.11 (RGAA 3.2, 3.3)."""

HUES = ("accent", "right", "wrong", "partial", "note", "law")
GROUNDS = ("color-page", "color-surface", "color-sunken")
SOFT = tuple(f"color-{hue}-soft" for hue in HUES)
CONTRASTS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("color-text", GROUNDS + SOFT, TEXT),
    ("color-muted", (*GROUNDS, "color-accent-soft"), TEXT),
    ("color-accent", GROUNDS + SOFT, TEXT),
    ("color-accent-strong", GROUNDS + SOFT, TEXT),
    ("color-on-accent", ("color-accent", "color-accent-strong"), TEXT),
    *((f"color-{hue}", (*GROUNDS, f"color-{hue}-soft"), TEXT) for hue in HUES[1:]),
    *((f"code-{part}", ("color-sunken",), TEXT) for part in ("comment", "keyword", "string", "number", "name")),
    ("color-border", GROUNDS, PART),
    ("color-focus", GROUNDS + SOFT, PART),
)
"""Which token is seen on which others, and the least contrast there. All of them are opaque `#rgb` or `#rrggbb`."""

NAME = re.compile(r"[a-z][a-z0-9-]*")
PIECE = re.compile(r"""/\*.*?\*/|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\s+""", re.DOTALL)
TIGHT = re.compile(r"\s*([{};,>])\s*|(?<=[:(])\s+|\s+(?=\))")
TOKEN = re.compile(r"--([a-z0-9-]+)\s*:\s*([^;{}]+)")
REFERENCE = re.compile(r"var\(\s*--([a-z0-9-]+)\s*\)")
HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
DARK = re.compile(r"@media\s*(?:screen\s+and\s*)?\(prefers-color-scheme:\s*dark\)")
ELSEWHERE = re.compile(r"""@import|url\(\s*["']?\s*(?!data:|#)(?:[a-z][a-z0-9+.-]*:|//|\\)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """One custom property: its value as written, and where."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme with all that it extends.

    `templates` maps names to texts, each twice: `lesson.html.j2` is the nearest one, `base/lesson.html.j2` the one of a
    given theme, so that a template may extend the one it replaces. `styles` go from the farthest theme to the nearest;
    `sheet` is the whole style of the administrator's sheet, minified, without any `</`. `light` and `dark` are the
    tokens by name without dashes, both complete. `is_ours` is false as soon as one file came from a project; `digest`
    (hexadecimal SHA-256) changes with any file.
    """

    name: str
    templates: Mapping[str, str]
    styles: tuple[str, ...]
    sheet: str
    light: Mapping[str, Token]
    dark: Mapping[str, Token]
    is_ours: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Faint:
    """Two tokens that are too close in `scheme` (light, dark): their contrast, and the least that is wanted."""

    front: str
    ground: str
    scheme: str
    ratio: str
    least: str


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one theme lies."""

    name: str
    path: Path
    is_ours: bool


def find_theme(name: str, project: Path, span: Span) -> tuple[Theme | None, Diagnostics]:
    """Return the theme called `name`: from `themes/` in the folder `project` if it is there, else one of ours.

    `span` is the place where the author names it. Reported: a theme that is not there or extends itself, settings that
    do not exist, files that lead elsewhere, colours that cannot be told apart.
    """
    folders, problems = _lineage(name, project, span)
    files: dict[str, str] = {}
    for folder in folders:
        found, more = _read_files(folder)
        files |= found
        problems += more
    if problems:
        return None, in_order(problems)
    styles = {file: text for file, text in files.items() if file.endswith(".css")}
    parts = [file for folder in reversed(folders) for file in styles if file.startswith(f"{folder.name}/")]
    plain = [file for file in parts if not file.endswith("/sheet.css")]
    light, dark = _tokens({file: styles[file] for file in plain})
    sheet = [
        *(_layer(styles[file], "tokens") for file in plain),
        *(styles[file] for file in parts if file not in plain),
    ]
    templates: dict[str, str] = {}
    for file, text in files.items():
        if file.endswith(".html.j2"):
            owner, template = file.split("/templates/")
            templates[f"{owner}/{template}"] = text
            templates.setdefault(template, text)
    theme = Theme(
        name=name,
        templates=templates,
        styles=tuple(styles[file] for file in plain),
        sheet=_minify("".join(sheet)).replace("</", "<\\/"),
        light=light,
        dark=dark,
        is_ours=all(folder.is_ours for folder in folders),
        digest=hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest(),
    )
    broken = () if theme.is_ours else tuple(_broken(theme))
    return None if broken else theme, in_order((*broken, *_faint(theme)))


def stylesheet(theme: Theme, questions: Iterable[str]) -> bytes:
    """Return the one stylesheet of a package: the theme's, with the style files of the question types it uses."""
    return _minify("".join((LAYERS, *theme.styles, *questions))).encode()


def repaint(theme: Theme, light: Mapping[str, Token], dark: Mapping[str, Token]) -> Theme:
    """Return a theme with other values of its tokens, which must be safe as they are.

    A token that is given for light alone keeps the dark value that the theme has of its own.
    """
    night = {name: token for name, token in theme.dark.items() if name in light and token is not theme.light[name]}
    night |= dark
    blocks = [f":root {{{_declared(light)}}}"] if light else []
    blocks += [f"@media screen and (prefers-color-scheme: dark) {{:root {{{_declared(night)}}}}}"] if night else []
    text = "".join(blocks)
    return replace(
        theme,
        styles=(*theme.styles, f"@layer tokens {{{text}}}"),
        sheet=theme.sheet + _minify(text).replace("</", "<\\/"),
        light={**theme.light, **light},
        dark={**theme.dark, **light, **night},
        digest=hashlib.sha256(f"{theme.digest}{text}".encode()).hexdigest(),
    )


def environment(theme: Theme, questions: Mapping[str, str]) -> Environment:
    """Return what renders the theme's templates and those of the question types, which a theme may replace by name.

    The templates of a project are a stranger's (CI builds pull requests): they run in a sandbox.
    """
    from jinja2 import DictLoader, Environment, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    own = {f"questions/{name}": text for name, text in questions.items()}
    return (Environment if theme.is_ours else ImmutableSandboxedEnvironment)(
        loader=DictLoader({**questions, **own, **theme.templates}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )


def our_themes() -> Path:
    """Return the folder of the themes we ship: inside the package in a wheel, beside it in a working copy."""
    here = Path(__file__).parent
    return here / "themes" if (here / "themes").is_dir() else here.parent / "themes"


def known_themes(project: Path) -> tuple[str, ...]:
    """Return the names of all themes that a course in the folder `project` may name, sorted."""
    return tuple(sorted(name for name in _themes(project) if NAME.fullmatch(name)))


def _themes(project: Path) -> Mapping[str, Path]:
    """Return the folders of themes by name: those of the folder `project` come before ours."""
    places = (our_themes(), project / "themes")
    return {path.name: path for place in places if place.is_dir() for path in place.iterdir() if _is_theme(path)}


def _lineage(name: str, project: Path, span: Span) -> tuple[list[Folder], list[Diagnostic]]:
    """Return the folders of a theme and of those it extends, nearest first."""
    folders: list[Folder] = []
    while name:
        if any(folder.name == name for folder in folders):
            return folders, [error("S082", span, name=name)]
        known = _themes(project)
        if name not in known or not NAME.fullmatch(name):
            return folders, [error("S080", span, name=name, known=", ".join(sorted(known)))]
        path = known[name]
        folders.append(Folder(name, path, path.resolve().parent == our_themes().resolve()))
        file = f"themes/{name}/theme.yml"
        try:
            settings = yaml.load((path / "theme.yml").read_text("utf-8"), yaml.CBaseLoader) or {}
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            return folders, [error("S081", Span(file), key="theme.yml")]
        if not isinstance(settings, dict) or set(settings) - set(SETTINGS):
            return folders, [error("S081", Span(file), key=", ".join(map(str, settings)))]
        span, name = Span(file), str(settings.get("extends", ""))
    return folders, []


def _is_theme(path: Path) -> bool:
    """Return whether a folder is a theme."""
    return (path / "theme.yml").is_file()


def _read_files(folder: Folder) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the style files and templates of one theme by `<theme>/<path>`."""
    files: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for path in sorted((*folder.path.rglob("*.css"), *folder.path.glob("templates/*.html.j2"))):
        file = f"{folder.name}/{path.relative_to(folder.path).as_posix()}"
        if not path.resolve().is_relative_to(folder.path.resolve()):
            problems.append(error("S083", Span(f"themes/{file}"), found=path.name))
        elif path.is_file():
            files[file] = path.read_text("utf-8", "replace")
            for hit in ELSEWHERE.finditer(files[file]) if path.suffix == ".css" else ():
                problems.append(error("S083", _place(file, files[file], hit), found=hit[0]))
    return files, problems


def _place(file: str, text: str, hit: re.Match[str]) -> Span:
    """Return where in a file of a theme something stands."""
    start = text.rfind("\n", 0, hit.start()) + 1
    return Span(f"themes/{file}", text.count("\n", 0, start) + 1, hit.start() - start + 1)


def _tokens(styles: Mapping[str, str]) -> tuple[dict[str, Token], dict[str, Token]]:
    """Return the custom properties of light and of dark, later files over earlier ones; dark starts as light is."""
    light: dict[str, Token] = {}
    dark: dict[str, Token] = {}
    for file, text in styles.items():
        for start, end in _blocks(text, "@layer tokens"):
            night = [span for span in _blocks(text, DARK.pattern) if start <= span[0] < end]
            for hit in TOKEN.finditer(text, start, end):
                is_dark = any(first <= hit.start() < last for first, last in night)
                (dark if is_dark else light)[hit[1]] = Token(hit[2].strip(), _place(file, text, hit))
    return light, {**light, **dark}


def _layer(text: str, name: str) -> str:
    """Return what a style file says in one layer, without the layer."""
    return "".join(text[start:end] for start, end in _blocks(text, f"@layer {name}"))


def _blocks(text: str, opening: str) -> Iterator[tuple[int, int]]:
    """Yield where the inside of each block `opening {…}` starts and ends."""
    for hit in re.finditer(opening + r"\s*\{", text):
        depth, end = 1, hit.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield hit.end(), end - 1


def _minify(text: str) -> str:
    """Return a style text without comments and needless white space; strings are left as they are."""
    strings: list[str] = []

    def piece(found: re.Match[str]) -> str:
        if not found["text"]:
            return " "
        strings.append(found["text"])
        return f'"{len(strings) - 1}"'

    tight = TIGHT.sub(r"\1", PIECE.sub(piece, text)).replace(";}", "}").strip()
    return re.sub(r'"(\d+)"', lambda found: strings[int(found[1])], tight)


def _broken(theme: Theme) -> Iterator[Diagnostic]:
    """Yield the templates that cannot be read."""
    from jinja2 import TemplateSyntaxError

    parse = environment(theme, {}).parse
    for name, text in theme.templates.items():
        if "/" in name:
            try:
                parse(text)
            except TemplateSyntaxError as problem:
                file = f"themes/{name.replace('/', '/templates/', 1)}"
                yield error("S084", Span(file, problem.lineno), reason=problem.message or "")


def _declared(tokens: Mapping[str, Token]) -> str:
    return "".join(f"--{name}:{token.value};" for name, token in tokens.items())


def _faint(theme: Theme) -> Iterator[Diagnostic]:
    """Yield the pairs of colours of a theme that are too close as warnings, each where it was written."""
    for one in faint(theme):
        values = theme.light if one.scheme == "light" else theme.dark
        token = values.get(one.front) or values.get(one.ground)
        span = token.span if token else Span(f"themes/{theme.name}/theme.yml")
        yield warning(
            "A301", span, front=one.front, ground=one.ground, scheme=one.scheme, ratio=one.ratio, least=one.least
        )


def faint(theme: Theme) -> Iterator[Faint]:
    """Yield the pairs of colours of a theme that are too close, in light and in dark."""
    for scheme, values in (("light", theme.light), ("dark", theme.dark)):
        for front, grounds, least in CONTRASTS:
            for ground in grounds:
                ratio = _contrast(_colour(front, values), _colour(ground, values))
                if ratio < least:
                    yield Faint(front, ground, scheme, f"{int(ratio * 100) / 100:.2f}", f"{least:g}")


def resolved(name: str, values: Mapping[str, Token]) -> str:
    """Return the value of a token, or of the one that it refers to; empty when there is none."""
    value, seen = values[name].value if name in values else "", 0
    while (reference := REFERENCE.fullmatch(value)) and seen < len(values):
        value, seen = values[reference[1]].value if reference[1] in values else "", seen + 1
    return value


def _colour(name: str, values: Mapping[str, Token]) -> tuple[float, float, float] | None:
    """Return a token as red, green and blue from 0 to 1; None when it is no hexadecimal colour."""
    value = resolved(name, values)
    if not HEX.fullmatch(value):
        return None
    digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
    return int(digits[:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:], 16) / 255


def _contrast(one: tuple[float, float, float] | None, other: tuple[float, float, float] | None) -> float:
    """Return the contrast ratio of two colours, 1 to 21; 0 when one is unknown.

    Source: WCAG 2.2, definitions of contrast ratio and relative luminance.
    """
    if one is None or other is None:
        return 0.0
    lights = []
    for channels in (one, other):
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
        lights.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(lights) + 0.05) / (min(lights) + 0.05)

"""`carabin new`: a course, a lesson, a question or a theme that builds and passes check as it stands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from builder.cli import COMMANDS, Problem, language_option
from builder.cli.schema import write_schemas
from builder.cli.source import DEFAULT, save
from builder.seams import features

if TYPE_CHECKING:
    from builder.model import Course, CourseSettings, Framework

LANGUAGES = {"fr": "fr-FR"}
"""The tag that a new course gets where it is not the language itself."""

IRI = "https://carabin.example"
"""Where the address of a course begins that nobody has given one: it belongs to nobody, and must be replaced."""

SCHEMAS = ".schemas"
"""The folder beside the courses from which editors take the settings; the first line of `course.yml` names it."""

MINUTES = 10
"""How long a new lesson says that it takes."""

PICTURE = re.compile(r"\]\((media/[a-z0-9-]+\.svg)\)")
BLANK = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900">
  <rect width="1600" height="900" fill="#dfe3e6"/>
  <path d="M0 0 1600 900M1600 0 0 900" stroke="#8b949b" stroke-width="4"/>
  <text x="800" y="840" text-anchor="middle" font-family="sans-serif" font-size="48" fill="#3b444b">$name</text>
</svg>
"""
"""What stands for a picture that the author has still to draw; it shows its name."""

THEME = "extends: sobre\ntitle: $title\n"
TOKENS = """@layer tokens {
  :root {
    --color-accent: #7a1f4b;
    --color-accent-strong: #591536;
  }

  @media screen and (prefers-color-scheme: dark) {
    :root {
      --color-accent: #f0a3c6;
      --color-accent-strong: #f7c6dc;
    }
  }
}
"""


class Started(click.Group):
    """What can be started; something else is answered with the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find what is to be started."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f"No such command {args[0]!r}." + near(args[0], self.commands), ctx)
        return super().resolve_command(ctx, args)


def near(word: str, known: Iterable[str]) -> str:
    """Return the question whether the nearest of some words was meant, else all of them."""
    from difflib import get_close_matches

    names = tuple(known)
    found = get_close_matches(word.lower(), names, 1, 0.5)
    return f" Did you mean {found[0]!r}?" if found else f" There is {', '.join(names)}."


@click.group(cls=Started, short_help=COMMANDS["new"])
def new() -> None:
    """Start a course, a lesson, a question or a theme. Nothing that exists is overwritten."""


@new.command(short_help="A folder with course.yml and a first lesson.")
@click.argument("name")
@click.option(
    "--iri", metavar="ADDRESS", help="Where the addresses of your courses begin, such as https://training.example."
)
@language_option
@click.pass_context
def course(context: click.Context, name: str, iri: str | None, language: str) -> None:
    """Start a course called NAME in course_src, or in another folder: `carabin new course training/NAME`.

    Language, address and framework are those of the courses that are there; the author is the one that git knows.
    """
    from builder.load import slug
    from builder.settings import IRI as FORM

    place, title = split(name)
    identity = slug(title)
    folder = place or DEFAULT
    root = folder / identity
    if root.exists():
        raise Problem(f"{root} exists already.")
    if iri is not None and not FORM.fullmatch(iri):
        raise click.BadParameter(f"{iri!r} is no address: write https://… and a host of yours.", param_hint="--iri")
    others = settings_in(folder)
    if taken := next((one for one in others if one.id == identity), None):
        raise Problem(f"{taken.span.file} is a course called {identity} already.")
    words = texts(language)
    tags = {one.language for one in others}
    tag = LANGUAGES.get(language, language)
    if len(tags) == 1 and context.get_parameter_source("language") is not ParameterSource.COMMANDLINE:
        tag = tags.pop()
    own = texts(tag)
    base = (iri or base_of(others) or IRI).rstrip("/")
    framework = only_framework(folder)
    domain = framework.domains[0].id if framework and len(framework.domains) == 1 else ""
    facts = {"framework": framework.id if framework else "", "domain": domain, "authors": author()}
    values = {
        "id": identity,
        "title": quoted(title),
        "language": tag,
        "iri": (own["new_course_iri"] if base == IRI else "") + f"iri: {base}/{identity}",
        "more": "".join(f"{key}: {value}\n" for key, value in facts.items() if value),
    }
    first = own["new_lesson_title"]
    objectives = untaught(framework, domain, ())
    modeline = f"# yaml-language-server: $schema=../{SCHEMAS}/course.schema.json\n"
    text = modeline + Template(own["new_course"]).substitute(values).strip("\n") + "\n"
    write(root / "course.yml", text, root, words)
    write(root / ".gitattributes", "course.lock merge=union\n", root, words)
    lesson_text = lesson_of(first, slug(first), f"q-{slug(first)}", own, objectives)
    write(root / f"01-{slug(first)}.md", lesson_text, root, words)
    if not (folder / SCHEMAS).exists():
        write_schemas(folder / SCHEMAS)
        click.echo(words["schemas_created"].format(folder=folder / SCHEMAS))
    click.echo(words["next_step"].format(path=root))


@new.command(short_help="A lesson with a first question.")
@click.argument("name")
@click.option("--in", "place", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Course or module.")
@language_option
def lesson(name: str, place: Path | None, language: str) -> None:
    """Start a lesson called NAME, the last one of its folder.

    In a course with a framework it teaches the next objective that no lesson names.
    """
    from builder.load import slug

    folder, title = split(name)
    place = place or folder or lesson_folder()
    course = course_around(place)
    identity, question = slug(title), f"q-{slug(title)}"
    taken = {lesson.id for lesson in course.lessons} | ids_of(course)
    if identity in taken or question in taken:
        raise Problem(f"This course has a lesson or question called {identity} already.")
    numbers = [int(match[0]) for path in place.glob("*.md") if (match := re.match(r"\d+", path.name))]
    words = texts(language)
    path = place / f"{max(numbers, default=0) + 1:02}-{identity}.md"
    named = [objective for lesson in course.lessons for objective in lesson.objectives]
    objectives = untaught(course.framework, course.settings.domain, named)
    text = lesson_of(title, identity, question, texts(course.settings.language), objectives)
    write(path, text, place, words)
    add_up(course, words)
    click.echo(words["next_step"].format(path=path))


@new.command(short_help="A question at the end of a lesson.")
@click.argument("name")
@click.option("--type", "kind", metavar="TYPE", help=f"{', '.join(features('questions'))} (default: choice).")
@click.option("--in", "path", type=click.Path(exists=True, path_type=Path), help="The lesson, or a course with one.")
@language_option
def question(name: str, kind: str | None, path: Path | None, language: str) -> None:
    """Add a question called NAME at the end of a lesson. NAME may be a type: `carabin new question fill`."""
    from builder.load import slug

    kinds = features("questions")
    if kind is not None and kind not in kinds:
        raise click.BadParameter(f"there is no question type {kind!r}." + near(kind, kinds), param_hint="--type")
    _, title = split(name)
    path = path if path and path.is_file() else only_lesson(path)
    course = course_around(path.parent)
    here = [lesson for lesson in course.lessons if Path(lesson.span.file).resolve() == path.resolve()]
    if not here:
        raise Problem(f"{path} is no lesson of its course.")
    identity = f"q-{slug(name).removeprefix('q-')}"
    if identity in ids_of(course):
        raise Problem(f"This course has a question called {identity} already.")
    words = texts(language)
    content = path.read_bytes()
    end = b"\r\n" if b"\r\n" in content else b"\n"
    title = f"{here[0].title} ({len(here[0].questions) + 1})" if name in kinds else title
    kind = kind or (name if name in kinds else "choice")
    objectives = here[0].objectives
    block = question_of(
        kind, identity, title, texts(course.settings.language), objectives[0] if len(objectives) > 1 else ""
    )
    for picture in dict.fromkeys(PICTURE.findall(block)):
        if not (path.parent / picture).exists():
            name = picture.rpartition("/")[2]
            write(path.parent / picture, Template(BLANK).substitute(name=name), path.parent, words)
    save(path, content.rstrip() + end * 2 + block.encode().replace(b"\n", end), path.parent)
    click.echo(words["completed"].format(file=path, id=identity))
    click.echo(words["next_step"].format(path=path))


@new.command(short_help="A folder of themes/ with two colours of your own.")
@click.argument("name")
@click.option(
    "--in", "place", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A course that wears it."
)
@language_option
def theme(name: str, place: Path | None, language: str) -> None:
    """Start a theme called NAME, for the courses that share a folder: the theme `sobre` with another accent."""
    from builder import load
    from builder.load import slug
    from builder.theme import our_themes

    _, title = split(name)
    identity = slug(title)
    if (our_themes() / identity).exists():
        raise Problem(f"Carabin comes with a theme called {identity}: choose another name.")
    root = root_around(place or only_course())
    folder = load.load(root).tree / "themes" / identity
    folder = Path(load.shown(folder))
    if folder.exists():
        raise Problem(f"{folder} exists already.")
    words = texts(language)
    write(folder / "theme.yml", Template(THEME).substitute(title=quoted(title)), folder, words)
    write(folder / "tokens.css", TOKENS, folder, words)
    click.echo(words["next_theme"].format(name=identity, file=load.shown(root / "course.yml")))


def split(name: str) -> tuple[Path | None, str]:
    """Return the folder of `training/NAME`, None when there is none, and the title; `fire-safety` is "Fire safety"."""
    folder, _, title = " ".join(name.split()).rpartition("/")
    if not any(character.isalnum() for character in title):
        raise Problem("A name needs at least one letter or digit.")
    if "{{" in title or not title.isprintable():
        raise Problem("A name is plain text: no braces {{ }}, no control characters.")
    if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", title):
        title = title.replace("-", " ").capitalize()
    return Path(os.path.normpath(folder)) if folder else None, title


def texts(language: str) -> dict[str, str]:
    """Return the words of the command line, skeletons of new files among them."""
    from builder.strings import strings

    return dict(strings(language, "cli"))


def quoted(text: str) -> str:
    """Return a YAML scalar, in quotes only where it needs them."""
    return text if re.fullmatch(r"\w[^:#]*", text) else "'" + text.replace("'", "''") + "'"


def literal(text: str) -> str:
    """Return a text in which Markdown reads no mark."""
    return re.sub(r"[\\\\`*_\[\]<>{}$~|&]", r"\\\g<0>", text)


def lesson_of(title: str, identity: str, question: str, words: dict[str, str], objectives: tuple[str, ...]) -> str:
    """Return the text of a new lesson with one question."""
    block = question_of("choice", question, title, words)
    taught = f"objectives: [{', '.join(objectives)}]\n" if objectives else ""
    text = Template(words["new_lesson"]).substitute(title=quoted(title), id=identity, question=block)
    return text.replace("\n---\n", f"\n{taught}---\n", 1)


def question_of(kind: str, identity: str, title: str, words: dict[str, str], objective: str = "") -> str:
    """Return the text of a new question, about an objective of its own where there is one."""
    text = Template(words[f"new_{kind}"]).safe_substitute(id=identity, title=literal(title))
    return text.replace(f"{{#{identity}", f"{{#{identity} objective={objective}", 1) if objective else text


def untaught(framework: Framework | None, domain: str, named: Iterable[str]) -> tuple[str, ...]:
    """Return the first objective of a domain, else of the framework, that is not among those `named`; none when all
    are, or when there is no framework."""
    names = set(named)
    for one in framework.domains if framework else ():
        if domain in ("", one.id):
            for competency in one.competencies:
                for objective in competency.objectives:
                    if objective.id not in names:
                        return (objective.id,)
    return ()


def settings_in(folder: Path) -> tuple[CourseSettings, ...]:
    """Return the settings of the courses in a folder, of those that can be read."""
    from builder import load
    from builder.settings import read_course

    found = []
    for root in load.find_courses((folder,))[0] if folder.is_dir() else ():
        source, _ = load.source_at(root / "course.yml")
        settings = read_course(source.text, source.file)[0] if source else None
        if settings is not None:
            found.append(settings)
    return tuple(found)


def base_of(others: tuple[CourseSettings, ...]) -> str:
    """Return where the addresses of all courses begin, empty when they do not begin alike."""
    bases = {one.iri.removesuffix(f"/{one.id}") if one.iri.endswith(f"/{one.id}") else "" for one in others}
    return bases.pop() if len(bases) == 1 else ""


def only_framework(folder: Path) -> Framework | None:
    """Return the framework of a tree of courses, where there is one and only one that can be read."""
    from builder.frameworks import read_framework
    from builder.load import source_at

    paths = sorted((folder / "frameworks").glob("*.yml"))
    source = source_at(paths[0])[0] if len(paths) == 1 else None
    framework = read_framework(source)[0] if source else None
    return framework if framework is not None and framework.id == paths[0].stem else None


def author() -> str:
    """Return the author that git knows, as a list in YAML; empty without git or without a name."""
    from subprocess import SubprocessError, run

    try:
        said = run(("git", "config", "user.name"), capture_output=True, timeout=5, check=True).stdout
    except (OSError, SubprocessError):
        return ""
    name = " ".join(said.decode("utf-8", "replace").split())
    return "[{name: '" + name.replace("'", "''") + "'}]" if name and "{{" not in name else ""


def write(path: Path, text: str, tree: Path, words: dict[str, str]) -> None:
    """Write a file that must not exist yet, and say so."""
    if path.exists():
        raise Problem(f"{path} exists already.")
    save(path, text.encode(), tree)
    click.echo(words["created"].format(file=path))


def course_around(folder: Path) -> Course:
    """Return the course that a folder belongs to."""
    from builder import load, pipeline

    checked = pipeline.check(load.load(root_around(folder)), pipeline.Options())
    if checked.course is None:
        raise Problem(f"The course has errors: mend them first (carabin check {folder}).")
    return replace(checked.course, lessons=checked.lessons)


def add_up(course: Course, words: dict[str, str]) -> None:
    """Let a course last as long as its lessons with a new one, if that was so before."""
    settings = course.settings
    if sum(lesson.minutes for lesson in course.lessons) != settings.minutes:
        return
    path, span, total = Path(settings.span.file), settings.spans["duration"], settings.minutes + MINUTES
    duration = f"{total:g} min" if total < 60 else f"{total // 60:g} h {total % 60:02g}".removesuffix(" 00")
    lines = path.read_bytes().split(b"\n")
    before = lines[span.line - 1]
    lines[span.line - 1] = re.sub(rb"^(duration:\s*)[^#\r]*?(?=\s*(?:#|$))", rb"\g<1>" + duration.encode(), before)
    if lines[span.line - 1] != before:
        save(path, b"\n".join(lines), path.parent)
        click.echo(words["lasts"].format(file=path, duration=duration))


def root_around(folder: Path) -> Path:
    """Return the course that a folder belongs to."""
    for parent in (folder.resolve(), *folder.resolve().parents):
        if (parent / "course.yml").is_file():
            return parent
    raise Problem(f"{folder} lies in no course: a course is a folder with course.yml.")


def ids_of(course: Course) -> set[str]:
    """Return the ids of all questions."""
    return {question.id for lesson in course.lessons for question in lesson.questions}


def only_course() -> Path:
    """Return the course that the current folder belongs to, else the only one below."""
    from builder.load import find_courses, shown

    here = Path.cwd()
    if any((parent / "course.yml").is_file() for parent in (here, *here.parents)):
        return here
    roots, _ = find_courses((DEFAULT if DEFAULT.is_dir() else here,))
    if not roots:
        raise Problem("There is no course here: start one with `carabin new course NAME`.")
    if len(roots) != 1:
        known = ", ".join(shown(root) for root in roots)
        raise Problem(f"Which course? Name it with --in ({known}).")
    return roots[0]


def lesson_folder() -> Path:
    """Return the folder of the last lesson: a new one goes beside it."""
    from builder import load

    folder = only_course()
    if not (folder / "course.yml").is_file():
        return folder
    lessons = load.load(folder).lessons
    return Path(lessons[-1].file).parent if lessons else folder


def only_lesson(folder: Path | None) -> Path:
    """Return the only lesson of a course, without a folder that of the only course."""
    from builder import load

    roots, _ = load.find_courses((folder or only_course(),))
    lessons = [lesson.file for root in roots for lesson in load.load(root).lessons]
    if len(lessons) != 1:
        raise Problem(f"Which lesson? Name it with --in ({', '.join(lessons) or 'none here'}).")
    return Path(lessons[0])

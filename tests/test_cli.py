"""The command line, run as people and machines run it."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from builder import __version__
from builder.cli import COMMANDS, carabin, main
from builder.seams import features
from builder.strings import diagnostic_texts, finding_texts, languages, strings

ROOT = Path(__file__).parent.parent

ESSAI = ROOT / "tests" / "browser" / "courses" / "essai"
COURSE = """\
id: fire
title: Fire safety
version: 1.0.0
language: en
iri: https://carabin.example/fire
licence: CC-BY-4.0
duration: 5 min
mastery: 80
"""
FRAMEWORK = """\
id: essai
title: Formation d’essai
language: fr
domains:
  - id: E1
    label: Un domaine
    competencies:
      - id: E1.C1
        label: Fermer sa session
        objectives:
          - {id: E1.C1.O1, text: Verrouiller son poste}
          - {id: E1.C1.O2, text: Fermer la porte}
      - id: E1.C2
        label: Signaler
        objectives:
          - {id: E1.C2.O1, text: Prévenir le support}
"""
LESSON = """\
---
title: Doors
duration: 5 min
---

Close the doors.

::: choice {#q-door}

Which door is wrong?

- [x] The open one.
  > It lets the fire through.
- [ ] The closed one.
  > It holds the fire back.

:::
"""
BAD = LESSON.replace("{#q-door}", "{#q-door pionts=2}")
BAD_PLACE = (8, 21)
"""Line and column of the unknown attribute of `BAD` (S144)."""

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return a function that writes files into an empty folder, which becomes the current one; the locale is C.

    Git knows no author there.
    """
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def write_files(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode())
        return tmp_path

    return write_files


def course(lesson: str = LESSON, folder: str = "course_src/fire", **changes: str) -> dict[str, str]:
    """Return the files of a course with one lesson; `changes` replace values of `course.yml`."""
    settings = COURSE
    for key, value in changes.items():
        settings = re.sub(rf"^{key}: .*$", f"{key}: {value}", settings, flags=re.MULTILINE)
    return {f"{folder}/course.yml": settings, f"{folder}/01-doors.md": lesson}


def run(*arguments: str) -> Result:
    """Run a command in this process; an exception that nobody expected is the test's failure."""
    result = CliRunner().invoke(carabin, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "builder", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


# --- the group -------------------------------------------------------------------------------------------------------


def test_version() -> None:
    assert run("--version").stdout == f"carabin {__version__}\n"


def test_version_verbose_names_what_shapes_bytes() -> None:
    """Architecture, decision 8: these wheels are pinned."""
    project = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project]")[2]
    pinned = re.findall(r'"([\w-]+)==([\d.]+)"', project.partition("[project.optional-dependencies]")[0])
    assert sorted(run("--version", "--verbose").stdout.splitlines()[1:]) == sorted(f"{name} {v}" for name, v in pinned)


@pytest.mark.parametrize("argument", ["--version", "--help", *([command, "--help"] for command in COMMANDS)])
def test_starting_imports_click_and_nothing_heavy(argument: str | list[str]) -> None:
    arguments = [argument] if isinstance(argument, str) else argument
    code = (
        "import sys, click; before = set(sys.modules)\n"
        "from builder.cli import carabin\n"
        f"carabin.main({arguments!r}, standalone_mode=False)\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(done.stderr.split())
    ours = {name for name in imported if name.startswith("builder.")}
    assert ours <= {
        "builder.cli",
        "builder.cli.source",
        "builder.cli.variant",
        "builder.seams",
        *(f"builder.cli.{command}" for command in COMMANDS),
    }
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names <= {"builder", "click"}
    assert not imported & {"importlib.metadata", "email", "json", "asyncio", "multiprocessing", "xml"}


def test_help_lists_every_command_in_one_line_each() -> None:
    shown = run("--help").stdout
    for name, words in COMMANDS.items():
        assert f"  {name} " in shown
        assert words in " ".join(shown.split())
    for path in (ROOT / "builder" / "cli").glob("*.py"):
        assert path.stem in {*COMMANDS, "__init__", "edition", "online", "source", "variant"}


def test_without_command_the_help_is_shown_and_nothing_succeeds() -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "No such command 'chekc'. Did you mean 'check'?"),
        (["qqqq"], "No such command 'qqqq'."),
        (["--verison"], "(Did you mean one of: '--verbose', '--version'?)"),
        (["check", "--fromat", "json"], "Did you mean '--format'?"),
        (["check", "--format", "jsn"], "'jsn' is not one of"),
        (["check", "--lang", "de"], "'de' is not one of en, fr."),
        (["check", "no/such/folder"], "'no/such/folder' does not exist"),
        (["check", f"{ESSAI}/02-revision"], "02-revision' does not exist. Did you mean '"),
        (["check", "no/such", "--lang", "fr"], "« no/such » n’existe pas."),
        (["check"], "There is no course_src here"),
        (["check", "--lang", "fr"], "Il n’y a pas de course_src ici"),
        (["build"], "There is no course_src here"),
        (["lock"], "There is no course_src here"),
        (["build", "-t", "scorm"], "no target is called 'scorm'. Did you mean 'scorm12'?"),
        (["build", "--jobs", "0"], "0 is not in the range"),
        (["explain"], "Missing argument 'CODE'"),
        (["new"], "Usage: carabin new"),
        (["new", "cuorse", "x"], "No such command 'cuorse'"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(write: Write, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_course_named_without_its_folder_is_pointed_at(write: Write) -> None:
    write({"course_src/fire/course.yml": "id: fire\n"})
    for command in ("check", "serve"):
        result = run(command, "fires")
        assert result.exit_code == 2
        assert "'fires' does not exist. Did you mean 'course_src/fire'?" in " ".join(result.stderr.split())


def test_an_error_of_our_own_shows_its_traceback_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Style §6: Python would exit with 1, which means that the course has errors."""

    def fail(**arguments: object) -> None:
        raise RuntimeError("lost")

    command = carabin.get_command(click.Context(carabin), "explain")
    assert command is not None
    monkeypatch.setattr(command, "callback", fail)
    monkeypatch.setattr(sys, "argv", ["carabin", "explain", "S001"])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    assert "RuntimeError: lost" in capsys.readouterr().err


def test_wrong_usage_exits_with_2_as_a_process_too(write: Write) -> None:
    process = start("explain", "Z999", stdout=subprocess.PIPE)
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.decode().startswith("Error: No diagnostic is called Z999.")


# --- check -----------------------------------------------------------------------------------------------------------


def test_a_good_course_passes(write: Write) -> None:
    write(course())
    assert run("lock").exit_code == 0
    result = run("check", "--locked")
    assert (result.exit_code, result.stdout) == (0, "nothing to report\n")


def test_an_error_fails_and_is_shown_in_its_place(write: Write) -> None:
    write(course(BAD))
    result = run("check")
    line, column = BAD_PLACE
    assert result.exit_code == 1
    assert f"course_src/fire/01-doors.md:{line}:{column}: error[S144]: " in result.stdout
    assert "8 | ::: choice {#q-door pionts=2}\n  |                     ^^^^^^^^" in result.stdout
    assert result.stdout.endswith("1 error, 1 note\n")


def test_one_bad_course_does_not_hide_the_others(write: Write) -> None:
    write({**course(BAD), **course(BAD, "course_src/water", id="water")})
    result = run("check", "--format", "json")
    files = {found["file"] for found in json.loads(result.stdout)["diagnostics"] if found["severity"] == "error"}
    assert files == {"course_src/fire/01-doors.md", "course_src/water/01-doors.md"}


def test_a_lesson_as_path_reports_that_lesson_and_its_course_only(write: Write) -> None:
    other = LESSON.replace("q-door", "q-other").replace("Close", "# Close").replace("Which door", "Which hatch")
    write({**course(BAD), "course_src/fire/02-other.md": other})
    result = run("check", "course_src/fire/02-other.md")
    assert "02-other.md:" in result.stdout
    assert "01-doors.md:" not in result.stdout


PROGRAMME = """\
id: safety
title: Safety
language: en
duration: 30 min
courses:
  - {id: water, duration: 5 min}
  - {id: gas, duration: 25 min, written: false}
"""


def test_a_programme_as_path_stands_for_its_written_courses(write: Write) -> None:
    files = {**course(), **course(folder="course_src/water", id="water")}
    write({**files, "course_src/programmes/safety.yml": PROGRAMME})
    result = run("build", "course_src/programmes/safety.yml", "--json")
    assert result.exit_code == 0, result.stdout
    assert [one["course"] for one in json.loads(result.stdout)["packages"]] == ["water"]
    assert run("check", "course_src/programmes/safety.yml").exit_code == 0
    write({"course_src/programmes/safety.yml": PROGRAMME.replace("title:", "titel:")})
    for command in ("build", "check"):
        result = run(command, "course_src/programmes/safety.yml")
        assert result.exit_code == 1
        assert "course_src/programmes/safety.yml:2:1: error[S020]" in result.stdout + result.stderr


@pytest.mark.parametrize("there", ["water", "fire"])
def test_a_course_of_a_programme_that_is_not_there_is_said_once(write: Write, there: str) -> None:
    """Whether or not there are others."""
    names = PROGRAMME.replace("id: gas", "id: fire").replace(", written: false", "")
    write({**course(folder="course_src/any", id="any"), **course(folder=f"course_src/{there}", id=there)})
    write({"course_src/programmes/safety.yml": names, "course_src/programmes/gas.yml": PROGRAMME})
    for command in ("build", "check", "lock"):
        result = run(command, "course_src/programmes/safety.yml")
        assert result.exit_code == 1
        line = {"water": 7, "fire": 6}[there]
        assert (result.stdout + result.stderr).count("error[S045]") == 1
        assert f"course_src/programmes/safety.yml:{line}:10: error[S045]" in result.stdout + result.stderr
    missing = PROGRAMME.replace("id: water", "id: air")
    write({"course_src/programmes/safety.yml": missing})
    for command in ("build", "check", "lock"):
        result = run(command, "course_src/programmes/safety.yml")
        assert result.exit_code == 1
        assert "course_src/programmes/safety.yml:6:10: error[S045]" in result.stdout + result.stderr


def test_a_folder_without_course_is_said(write: Write) -> None:
    write({"notes/readme.txt": "nothing"})
    result = run("check", "notes")
    assert result.exit_code == 1
    assert "notes:1:1: error[S002]" in result.stdout


def test_paths_are_relative_to_where_the_author_stands(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(course(BAD))
    for arguments in (["check"], ["check", str(root / "course_src")], ["check", "--format", "sarif", "course_src"]):
        assert str(root) not in run(*arguments).stdout
    monkeypatch.chdir(root / "course_src" / "fire")
    for arguments in (["check", "."], ["check"]):
        assert run(*arguments).stdout.startswith("01-doors.md:8:21: error")


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machines_get_json_and_nothing_else(write: Write, form: str) -> None:
    write(course(BAD))
    result = run("check", "--format", form)
    assert result.exit_code == 1
    assert json.loads(result.stdout)
    assert result.stderr == ""


def test_github_gets_workflow_commands_and_nothing_else(write: Write) -> None:
    write(course(BAD))
    lines = run("check", "--format", "github").stdout.splitlines()
    assert {line.split(" ")[0] for line in lines} == {"::error", "::notice"}


def test_locked_turns_a_missing_slot_into_an_error(write: Write) -> None:
    write(course())
    assert run("check").exit_code == 0
    assert run("check", "--locked").exit_code == 1


def test_messages_follow_the_option_and_the_locale(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(course(BAD))
    assert "1 erreur, 1 remarque" in run("check", "--lang", "fr").stdout
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "1 erreur, 1 remarque" in run("check").stdout
    assert "1 error, 1 note" in run("check", "--lang", "en").stdout


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_terminal_without_accents_gets_every_finding(
    write: Write, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    write(course(BAD))
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    process = start("check", "--lang", "fr", "--format", form, stdout=subprocess.PIPE)
    out, err = process.communicate()
    assert (process.returncode, err) == (1, b"")
    assert b"S144" in out
    assert form == "text" or "’" in json.loads(out)["diagnostics"][0]["message"]


@pytest.mark.parametrize(("no_color", "is_coloured"), [("", True), ("1", False)])
def test_colours_on_a_terminal_unless_no_color(
    write: Write, monkeypatch: pytest.MonkeyPatch, no_color: str, is_coloured: bool
) -> None:
    write(course(BAD))
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    process = start("check", stdout=theirs)
    os.close(theirs)
    shown = b""
    while chunk := read_terminal(ours):
        shown += chunk
    os.close(ours)
    process.communicate()
    assert b"error[S144]" in shown
    assert (b"\x1b[" in shown) == is_coloured


def read_terminal(terminal: int) -> bytes:
    """Return what a terminal shows next, nothing when the program has ended."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux ends a terminal with EIO
        return b""


def test_no_colours_in_a_pipe(write: Write) -> None:
    write(course(BAD))
    out, _ = start("check", stdout=subprocess.PIPE).communicate()
    assert b"error[S144]" in out
    assert b"\x1b" not in out


def test_a_reader_that_goes_away_ends_it_quietly(write: Write) -> None:
    """`carabin check | head -1`, with more to say than a pipe holds."""
    questions = BAD.partition("::: choice")[2]
    many = "".join(f"\n::: choice {questions.replace('q-door', f'q-{n}')}" for n in range(400))
    write(course(LESSON + many))
    process = start("check", stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


# --- check --fix -----------------------------------------------------------------------------------------------------

UNTIDY = """\
---
title: Doors
duration: 5 min
---

::: choice
Which door is wrong?

- [x] The open one.
- [ ] The closed one.
:::

::: choice {points=2}

Which door is wrong?

- [x] The open one.
- [ ] The closed one.

:::
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fix_mends_shows_a_diff_and_keeps_line_ends(write: Write, end: str, mark: str) -> None:
    root = write(course(mark + UNTIDY.replace("\n", end)))
    result = run("check", "--fix")
    text = (root / "course_src/fire/01-doors.md").read_bytes().decode()
    first, second = re.findall(r"\{#(q-[a-z0-9-]+)", text)
    assert first != second
    tidy = UNTIDY.replace("::: choice\nWhich", f"::: choice {{#{first}}}\n\nWhich").replace(
        "one.\n:::\n\n::: choice {points=2}", f"one.\n\n:::\n\n::: choice {{#{second} points=2}}"
    )
    assert text == mark + tidy.replace("\n", end)
    assert result.exit_code == 0
    assert result.stdout.startswith("--- course_src/fire/01-doors.md\n+++ course_src/fire/01-doors.md\n@@ ")
    assert f"\n+::: choice {{#{first}}}\n" in result.stdout
    assert "Q101" not in result.stdout


def test_a_second_fix_changes_nothing(write: Write) -> None:
    root = write(course(UNTIDY))
    run("check", "--fix")
    place = root / "course_src/fire/01-doors.md"
    before = (place.read_bytes(), place.stat().st_mtime_ns)
    assert not run("check", "--fix").stdout.startswith("---")
    assert (place.read_bytes(), place.stat().st_mtime_ns) == before


def test_fix_for_machines_keeps_the_diff_off_standard_output(write: Write) -> None:
    write(course(UNTIDY))
    result = run("check", "--fix", "--format", "json")
    assert json.loads(result.stdout)["schema"] == 1
    assert result.stderr.startswith("--- ")


def test_fix_of_one_lesson_leaves_the_others_alone(write: Write) -> None:
    root = write({**course(UNTIDY), "course_src/fire/02-stairs.md": UNTIDY.replace("Doors", "Stairs")})
    run("check", "--fix", "course_src/fire/02-stairs.md")
    assert (root / "course_src/fire/01-doors.md").read_text("utf-8") == UNTIDY
    assert "{#q-" in (root / "course_src/fire/02-stairs.md").read_text("utf-8")


PIECES = """\
::: choice
::: choice {#q-a}
::: choice {points=2 }
::: choice{}
::: fill {tries=2}
::: details {title="T"}
:::
::::
>
> ::: choice
> :::
- ::: choice
  :::
\t::: choice
Why?
a [[gap]]
- [x] yes
- [ ] no
> no
  > because
> [!HINT]
```
~~~ text
## Words
\u00a0

""".split("\n")
PIECES += [
    "::: choice\nWhy?\n\n- [x] yes\n- [ ] no\n:::",
    "> ::: choice {tries=2}\n> Why?\n> - [x] a\n> - [ ] b\n> :::",
]


@settings(max_examples=settings().max_examples // 2)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=25), end=st.sampled_from(["\n", "\r\n"]))
def test_fix_settles_whatever_stands_in_a_lesson(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], end: str
) -> None:
    """A second run changes nothing; a run adds ids and blank lines, and takes nothing away."""
    root = tmp_path_factory.mktemp("course")
    text = "\n".join(["---", "title: Doors", "duration: 5 min", "---", *pieces]).replace("\n", end)
    for name, content in course(text, ".").items():
        (root / name).write_bytes(content.encode())
    run("check", "--fix", str(root))
    mended = (root / "01-doors.md").read_bytes().decode()
    run("check", "--fix", str(root))
    assert (root / "01-doors.md").read_bytes().decode() == mended
    assert without_ids_and_blank_lines(mended) == without_ids_and_blank_lines(text)


def without_ids_and_blank_lines(text: str) -> list[str]:
    """Return what `--fix` must leave as it is."""
    bare = re.sub(r"#q-[a-z0-9-]+ ?", "", text)
    return [line.replace(" {}", "").replace("{}", "") for line in bare.splitlines() if line.strip(" >\u00a0")]


def test_a_diff_does_not_steer_the_terminal(write: Write) -> None:
    write(course(UNTIDY.replace("Which", "\x1b[2JWhich")))
    assert "\x1b" not in run("check", "--fix").stdout


def test_fix_leaves_what_it_cannot_mend(write: Write) -> None:
    root = write(course(BAD))
    assert run("check", "--fix").exit_code == 1
    assert (root / "course_src/fire/01-doors.md").read_text("utf-8") == BAD


def test_fix_writes_was_for_a_question_that_was_renamed(write: Write) -> None:
    root = write(course())
    run("lock", "--release")
    place = root / "course_src/fire/01-doors.md"
    place.write_text(place.read_text("utf-8").replace("q-door", "q-wrong-door"), "utf-8")
    run("check", "--fix")
    assert "::: choice {#q-wrong-door was=q-door}\n" in place.read_text("utf-8")
    assert "keeps slot 2 of q-door" in run("lock").stdout


def test_fix_writes_was_for_a_lesson_that_was_renamed(write: Write) -> None:
    root = write(course())
    run("lock", "--release")
    place = root / "course_src/fire/01-doors.md"
    place.write_text(place.read_text("utf-8").replace("id: doors", "id: exits"), "utf-8")
    run("check", "--fix")
    assert "\nid: exits\nwas: [doors]\n" in place.read_text("utf-8")
    assert "keeps slot 1 of doors" in run("lock").stdout


# --- lock ------------------------------------------------------------------------------------------------------------


def test_lock_says_what_it_did_and_writes_the_ids_of_lessons(write: Write) -> None:
    root = write(course())
    result = run("lock")
    assert result.stdout == (
        "~ course_src/fire/01-doors.md: id doors written\n"
        "+ doors: slot 1\n"
        "+ q-door: slot 2\n"
        "course_src/fire/course.lock written, revision 0\n"
    )
    text = (root / "course_src/fire/01-doors.md").read_text("utf-8")
    assert text == LESSON.replace("title: Doors\n", "title: Doors\nid: doors\n")
    assert run("lock").stdout == "course_src/fire/course.lock is up to date, revision 0\n"


def test_lock_release_raises_the_revision_once(write: Write) -> None:
    write(course())
    assert run("lock", "--release").stdout.endswith("course.lock written, revision 1\n")
    assert run("lock", "--release").stdout.endswith("course.lock is up to date, revision 1\n")


def test_lock_writes_nothing_while_the_course_has_errors(write: Write) -> None:
    root = write(course(BAD))
    result = run("lock")
    assert result.exit_code == 1
    assert "error[S144]" in result.stderr
    assert not (root / "course_src/fire/course.lock").exists()
    assert (root / "course_src/fire/01-doors.md").read_text("utf-8") == BAD


def test_lock_settles_what_a_merge_left(write: Write) -> None:
    root = write(course())
    run("lock")
    lock = root / "course_src/fire/course.lock"
    lines = lock.read_text("utf-8").splitlines(keepends=True)
    lock.write_text("".join([*lines, lines[-1].replace("q-door", "q-gone")]), "utf-8")
    assert run("check").exit_code == 1
    assert run("lock").exit_code == 0
    assert run("check", "--locked").exit_code == 0


@pytest.mark.parametrize("language", languages())
def test_every_change_of_the_lock_has_its_words(language: str) -> None:
    codes = {
        code
        for name in ("lock.py", "slots.py")
        for call in re.findall(r"Change\((.*)", (ROOT / "builder" / name).read_text("utf-8"))
        for code in re.findall(r'"([a-z]{5,})"(?!:)', call)
    }
    assert {f"lock_{code}" for code in codes} <= set(strings(language, "cli"))
    assert {"added", "renamed", "retired", "revived"} <= codes


# --- build -----------------------------------------------------------------------------------------------------------


def test_build_writes_package_sheet_catalogue_and_sums(write: Write) -> None:
    root = write(course())
    result = run("build")
    assert result.exit_code == 0
    assert re.fullmatch(r"dist/fire-1\.0\.0-scorm12\.zip  \d+ kB\n", result.stdout)
    dist = {path.name for path in (root / "dist").iterdir()}
    assert dist == {
        "fire-1.0.0-scorm12.zip",
        "fire-1.0.0-scorm12.html",
        "catalog.json",
        "index.html",
        "SHA256SUMS",
    }
    package = (root / "dist/fire-1.0.0-scorm12.zip").read_bytes()
    sums = (root / "dist/SHA256SUMS").read_text("utf-8")
    assert sums == f"{hashlib.sha256(package).hexdigest()}  fire-1.0.0-scorm12.zip\n"
    page = (root / "dist/index.html").read_text("utf-8")
    assert '<a href="fire-1.0.0-scorm12.zip">' in page
    assert 'href="fire-1.0.0-scorm12.html"' in page


def test_check_counts_the_minutes_of_lessons_where_the_framework_does(write: Write) -> None:
    files = course(LESSON.replace("duration: 5 min", "duration: 5 min\naway: 1 min"))
    root = write({**files, "course_src/frameworks/essai.yml": FRAMEWORK})
    assert "lessons" not in json.loads(run("check", "--format", "json").stdout)
    with (root / "course_src/fire/course.yml").open("a") as settings:
        settings.write("framework: essai\n")
    write({"course_src/frameworks/essai.yml": FRAMEWORK + "activities: {choice: 2}\n"})
    (lesson,) = json.loads(run("check", "--format", "json").stdout)["lessons"]
    words = lesson.pop("words")
    assert words > 0
    assert lesson == {
        "course": "fire",
        "lesson": "doors",
        "duration": 5,
        "activities": 1,
        "minutes": {"reading": round(words / 180, 1), "activities": 2, "away": 1, "sum": round(words / 180 + 3, 1)},
    }


def test_the_catalogue_shows_each_course_at_a_glance(write: Write) -> None:
    """Of the latest version, in its own language; packages stay in it that an earlier Carabin listed."""
    files = {**course(), **course(folder="course_src/eau", id="eau")}
    files["course_src/fire/course.yml"] += (
        "framework: essai\naudiences: [nurse, doctor]\naudience_labels: {nurse: nurses}\n"
    )
    files["course_src/eau/course.yml"] = files["course_src/eau/course.yml"].replace("language: en", "language: fr")
    files["course_src/fire/01-doors.md"] = LESSON.replace("duration:", "objectives: [E1.C1.O1]\nduration:")
    root = write({**files, "course_src/frameworks/essai.yml": FRAMEWORK})
    assert run("build").exit_code == 0
    page = (root / "dist/index.html").read_text("utf-8")
    packages = json.loads((root / "dist/catalog.json").read_bytes())["packages"]
    told = {one["course"]: (one["licence"], one["minutes"], one["audiences"], one["objectives"]) for one in packages}
    assert told["fire"][0]
    assert told["fire"][1] > 0
    assert told["fire"][2] == ["nurses", "doctor"]
    assert len(told["fire"][3]) == 1
    assert told["eau"][2:] == ([], [])
    assert f"<li>{told['fire'][3][0]}</li>" in page
    assert "<summary>1 objective</summary>" in page
    assert "nurses, doctor" in page
    assert "everybody" in page
    assert page.count("<details") == 1
    assert all(one["sha256"] in page and f'href="{one["path"]}"' in page for one in packages)
    assert re.search(r'<h2 id="eau-title" lang="fr', page)
    for one in packages:
        for name in ("licence", "minutes", "audiences", "objectives"):
            del one[name]
        one["title"] = f"Old {one['title']}"
    (root / "dist/catalog.json").write_text(json.dumps({"schema": 1, "packages": packages}), "utf-8")
    run("build", "course_src/fire")
    page = (root / "dist/index.html").read_text("utf-8")
    assert "1 objective" in page
    assert page.count("Old ") == 2  # the list of courses and the course that was not built again
    assert "everybody" not in page


@pytest.mark.parametrize("wrong", ['"minutes": "5"', '"objectives": [1]', '"audiences": "nurse"', '"bytes": 1.5'])
def test_a_catalogue_with_another_kind_of_value_is_not_ours(write: Write, wrong: str) -> None:
    root = write(course())
    run("build")
    text = (root / "dist/catalog.json").read_text("utf-8")
    name = wrong.partition(":")[0]
    changed = re.sub(rf"{name}: (?:\[[^\]]*\]|[^,\n]*)", wrong, text)
    assert changed != text
    (root / "dist/fire-0.9.0-scorm12.zip").write_bytes(b"x")
    (root / "dist/catalog.json").write_text(
        changed.replace("fire-1.0.0-scorm12.zip", "fire-0.9.0-scorm12.zip"), "utf-8"
    )
    run("build")
    assert "0.9.0" not in (root / "dist/catalog.json").read_text("utf-8")


def test_build_json_is_schema_1(write: Write) -> None:
    """Product, "Machine-readable output"."""
    root = write(course())
    answer = json.loads(run("build", "--json", "--out", "out").stdout)
    [package] = answer["packages"]
    content = (root / "out/fire-1.0.0-scorm12.zip").read_bytes()
    assert answer["schema"] == 1
    assert re.fullmatch("[0-9a-f]{64}", package.pop("digest"))
    assert package == {
        "course": "fire",
        "version": "1.0.0",
        "target": "scorm12",
        "variant": "",
        "path": "out/fire-1.0.0-scorm12.zip",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "cached": False,
    }
    assert [found["severity"] for found in answer["diagnostics"]] == ["note"]
    again = json.loads(run("build", "--json", "--out", "out").stdout)["packages"][0]
    assert (again["sha256"], again["cached"]) == (package["sha256"], True)


def test_a_bad_course_stops_no_other_and_leaves_its_last_package(write: Write) -> None:
    root = write({**course(), **course(folder="course_src/water", id="water", title="Water")})
    run("build")
    before = (root / "dist/fire-1.0.0-scorm12.zip").read_bytes()
    write({**course(BAD), **course(folder="course_src/water", id="water", title="Water", version="1.1.0")})
    result = run("build")
    assert result.exit_code == 1
    assert "error[S144]" in result.stderr
    assert result.stdout.startswith("dist/water-1.1.0-scorm12.zip ")
    assert (root / "dist/fire-1.0.0-scorm12.zip").read_bytes() == before
    listed = [package["path"] for package in json.loads((root / "dist/catalog.json").read_bytes())["packages"]]
    assert listed == ["fire-1.0.0-scorm12.zip", "water-1.0.0-scorm12.zip", "water-1.1.0-scorm12.zip"]


@pytest.mark.parametrize("minutes", ["Infinity", "NaN", "1e999", "-1", "true"])
def test_a_catalogue_with_minutes_that_are_none_is_made_anew(write: Write, minutes: str) -> None:
    catalog = write(course()) / "dist/catalog.json"
    run("build")
    (line,) = re.findall(r'"minutes": .*', catalog.read_text("utf-8"))
    old = catalog.read_text("utf-8").replace(line, f'"minutes": {minutes},').replace("fire-1.0.0", "fire-0.9.0")
    catalog.write_text(old, "utf-8")
    for name in ("fire-0.9.0-scorm12.zip", "fire-0.9.0-scorm12.html"):
        (catalog.parent / name).write_bytes(b"")
    assert run("build").exit_code == 0
    assert "0.9.0" not in catalog.read_text("utf-8")


def test_the_catalogue_forgets_packages_that_are_gone(write: Write) -> None:
    root = write(course())
    run("build")
    (root / "dist/fire-1.0.0-scorm12.zip").unlink()
    write(course(version="2.0.0"))
    run("build")
    assert "fire-1.0.0" not in (root / "dist/catalog.json").read_text("utf-8")
    assert "fire-1.0.0" not in (root / "dist/SHA256SUMS").read_text("utf-8")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"packages": [{}]}', '{"packages": 1}', '{"packages": [1]}', "\xff", "null"]
)
def test_a_catalogue_that_is_not_ours_is_replaced(write: Write, content: str) -> None:
    root = write({**course(), "dist/catalog.json": content})
    assert run("build").exit_code == 0
    assert len(json.loads((root / "dist/catalog.json").read_bytes())["packages"]) == 1


def test_two_builds_give_the_same_bytes_whatever_the_jobs_and_the_language(write: Write) -> None:
    root = write({**course(), **course(folder="course_src/water", id="water", title="Water")})
    run("build", "--out", "one")
    run("build", "--out", "two", "--jobs", "2", "--lang", "fr")
    names = sorted(path.name for path in (root / "one").iterdir())
    assert names == sorted(path.name for path in (root / "two").iterdir())
    for name in names:
        assert (root / "one" / name).read_bytes() == (root / "two" / name).read_bytes(), name


@pytest.mark.parametrize("out", ["taken", "taken/deeper"])
def test_a_folder_that_cannot_be_written_is_said_without_a_traceback(write: Write, out: str) -> None:
    write({**course(), "taken": "a file"})
    result = run("build", "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: taken")


# --- explain ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
def test_explain_shows_the_manual_page_of_every_code(language: str) -> None:
    for code, text in (*diagnostic_texts(language).items(), *finding_texts(language).items()):
        result = run("explain", code, "--lang", language)
        assert result.stdout.startswith(f"{code} ({text.name})\n")
        assert text.explain.format() in result.stdout


def test_explain_takes_lower_case_and_names() -> None:
    text = diagnostic_texts("en")["S144"]
    assert run("explain", "s144").stdout == run("explain", "S144").stdout == run("explain", text.name).stdout


@pytest.mark.parametrize("code", ["S1444", "Z144", "144"])
def test_an_unknown_code_is_answered_with_near_ones(code: str) -> None:
    result = run("explain", code, "--lang", "en")
    assert result.exit_code == 2
    assert f"No diagnostic is called {code}. Did you mean" in result.stderr
    assert "S144" in result.stderr


# --- new -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", languages())
def test_a_new_course_passes_check_and_builds_as_it_stands(write: Write, language: str) -> None:
    root = write({})
    made = run("new", "course", "Hygiène des mains", "--lang", language)
    assert made.exit_code == 0
    assert {path.name for path in (root / "course_src/hygiene-des-mains").iterdir()} >= {"course.yml"}
    assert noted() == ["S215"]
    assert run("build").exit_code == 0
    assert run("lock").exit_code == 0
    assert run("check", "--locked").stdout == "nothing to report\n"
    assert run("build", "--locked").exit_code == 0


def noted() -> list[str]:
    """Return the codes of what `check` says of a tree of courses, which must be notes."""
    found = json.loads(run("check", "--format", "json").stdout)["diagnostics"]
    assert [one["severity"] for one in found] == ["note"] * len(found), found
    return [one["code"] for one in found]


def test_editors_find_the_schema_that_a_new_course_names(write: Write) -> None:
    root = write({})
    assert "course_src/.schemas created" in run("new", "course", "Fire").stdout
    first = (root / "course_src/fire/course.yml").read_text("utf-8").split("\n")[0]
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((root / "course_src/fire" / place).read_text("utf-8"))["title"].endswith("(course.yml)")
    assert ".schemas" not in run("new", "course", "Water").stdout


def test_a_new_course_takes_after_those_that_are_there(write: Write) -> None:
    """Language, address, framework and its only domain; the author is the one that git knows."""
    files = course(language="fr-CA", iri="https://training.example.org/fire")
    root = write({**files, "course_src/frameworks/essai.yml": FRAMEWORK})
    subprocess.run(("git", "init", "--quiet"), check=True)
    subprocess.run(("git", "config", "user.name", "Ada O'Hara"), check=True)
    assert run("new", "course", "Eau potable").exit_code == 0
    text = (root / "course_src/eau-potable/course.yml").read_text("utf-8")
    for line in (
        "language: fr-CA",
        "iri: https://training.example.org/eau-potable",
        "framework: essai",
        "domain: E1",
        "authors: [{name: 'Ada O''Hara'}]",
    ):
        assert f"\n{line}\n" in text
    assert text.count("#") == 1
    assert "objectives: [E1.C1.O1]\n" in (root / "course_src/eau-potable/01-premiere-lecon.md").read_text("utf-8")
    assert run("check", "course_src/eau-potable").exit_code == 0


def test_an_option_says_more_than_what_is_there(write: Write) -> None:
    root = write(course(language="fr-FR", iri="https://training.example.org/fire"))
    assert run("new", "course", "Water", "--lang", "en", "--iri", "https://a.example/x/").exit_code == 0
    text = (root / "course_src/water/course.yml").read_text("utf-8")
    assert "language: en\niri: https://a.example/x/water\n" in text


def test_two_languages_addresses_or_frameworks_are_no_guess(write: Write) -> None:
    files = {
        **course(iri="https://a.example/fire"),
        **course(folder="course_src/water", id="water", language="fr-FR", iri="https://b.example/water"),
        **{f"course_src/frameworks/{name}.yml": FRAMEWORK.replace("essai", name) for name in ("essai", "other")},
    }
    root = write(files)
    assert run("new", "course", "Gas").exit_code == 0
    text = (root / "course_src/gas/course.yml").read_text("utf-8")
    assert "language: en\n" in text
    assert "iri: https://carabin.example/gas\n" in text
    assert "framework" not in text


@pytest.mark.parametrize("language", languages())
def test_lessons_and_questions_pass_check_in_a_course_with_a_framework(write: Write, language: str) -> None:
    root = write({"course_src/frameworks/essai.yml": FRAMEWORK})
    run("new", "course", "Gestes", "--lang", language)
    for title in ("Deux", "Trois", "Quatre"):
        assert run("new", "lesson", title).exit_code == 0
    lessons = sorted((root / "course_src/gestes").glob("*.md"))
    named = [re.findall(r"^objectives: \[(.*)\]$", path.read_text("utf-8"), re.MULTILINE) for path in lessons]
    assert named == [["E1.C1.O1"], ["E1.C1.O2"], ["E1.C2.O1"], []]
    assert "duration: 40 min\n" in (root / "course_src/gestes/course.yml").read_text("utf-8")
    for kind in features("questions"):
        assert run("new", "question", kind, "--in", str(lessons[1])).exit_code == 0
        assert run("new", "question", f"again {kind}", "--type", kind, "--in", str(lessons[2])).exit_code == 0
    assert noted() == ["S215"]
    assert run("build").exit_code == 0


def test_a_question_of_a_lesson_with_two_objectives_names_one(write: Write) -> None:
    files = course(LESSON.replace("title: Doors\n", "title: Doors\nobjectives: [E1.C1.O1, E1.C1.O2]\n"))
    files["course_src/fire/course.yml"] += "framework: essai\n"
    root = write({**files, "course_src/frameworks/essai.yml": FRAMEWORK})
    assert run("new", "question", "order").exit_code == 0
    assert "::: order {#q-order objective=E1.C1.O1" in (root / "course_src/fire/01-doors.md").read_text("utf-8")
    assert "Q" not in "".join(noted_or_warned())


def noted_or_warned() -> list[str]:
    """Return the codes of what `check` says, none of them an error."""
    found = json.loads(run("check", "--format", "json").stdout)["diagnostics"]
    assert all(one["severity"] != "error" for one in found), found
    return [one["code"] for one in found]


def test_a_course_that_lasts_otherwise_keeps_its_duration(write: Write) -> None:
    root = write(course(duration="3 h # planned"))
    assert "now takes" not in run("new", "lesson", "Run").stdout
    assert "duration: 3 h # planned\n" in (root / "course_src/fire/course.yml").read_text("utf-8")
    write(course(duration="5 min # all of it"))
    (root / "course_src/fire/02-run.md").unlink()
    assert "course_src/fire/course.yml: the course now takes 15 min\n" in run("new", "lesson", "Run").stdout
    assert "duration: 15 min # all of it\n" in (root / "course_src/fire/course.yml").read_text("utf-8")


@pytest.mark.parametrize("place", [(), ("--in", "course_src/fire")])
def test_a_new_theme_builds_and_passes_check(write: Write, place: tuple[str, ...]) -> None:
    root = write({**course(), "course_src/_shared/facts.yml": ""})
    made = run("new", "theme", "Our colours", *place)
    assert made.stdout == (
        "course_src/themes/our-colours/theme.yml created\n"
        "course_src/themes/our-colours/tokens.css created\n"
        "next: write `theme: our-colours` in course_src/fire/course.yml, then carabin build\n"
    )
    text = (root / "course_src/fire/course.yml").read_text("utf-8")
    write({"course_src/fire/course.yml": text + "theme: our-colours\n"})
    assert noted() == ["S215"]
    assert run("build", "-t", "web").exit_code == 0
    [package] = (root / "dist").glob("*.zip")
    assert b"--color-accent:#7a1f4b" in zipfile.ZipFile(package).read("style.css")


@pytest.mark.parametrize("arguments", [["lesson", "Run"], ["question", "fill"], ["theme", "Mine"]])
def test_without_a_course_there_is_nothing_to_add_to(write: Write, arguments: list[str]) -> None:
    write({})
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert "There is no course here: start one with `carabin new course NAME`." in result.stderr


def test_a_theme_of_a_course_alone_lies_in_it(write: Write) -> None:
    root = write(course())
    assert run("new", "theme", "mine", "--lang", "fr").exit_code == 0
    assert (root / "course_src/fire/themes/mine/theme.yml").read_text("utf-8") == "extends: sobre\ntitle: Mine\n"


def test_a_new_course_speaks_the_language_of_the_locale(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write({})
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    run("new", "course", "Incendie")
    assert "language: fr-FR\n" in (root / "course_src/incendie/course.yml").read_text("utf-8")
    assert "Quelle est" in (root / "course_src/incendie/01-premiere-lecon.md").read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["Fire: doors", "# 1", "'quoted'", "yes", "[list]", "a: b", "-- x", "fire-doors", "12"]
)
def test_any_name_makes_a_course_lesson_and_question_that_pass(write: Write, name: str) -> None:
    write({})
    assert run("new", "course", "--", name).exit_code == 0
    assert run("new", "lesson", "--", name + " two").exit_code == 0
    [lesson] = Path("course_src").glob("*/02-*.md")
    assert run("new", "question", "--in", str(lesson), "--", name + " three").exit_code == 0
    result = run("check", "--format", "json")
    assert [found for found in json.loads(result.stdout)["diagnostics"] if found["severity"] == "error"] == []


def test_a_new_course_goes_where_it_is_told(write: Write) -> None:
    root = write({})
    assert run("new", "course", "training/fire-safety").exit_code == 0
    assert "title: Fire safety\n" in (root / "training/fire-safety/course.yml").read_text("utf-8")


def test_new_never_overwrites(write: Write) -> None:
    root = write(course())
    run("new", "theme", "Mine")
    for arguments in (
        ["course", "Fire"],
        ["course", "elsewhere/../course_src/fire"],
        ["lesson", "Doors"],
        ["question", "Door"],
        ["theme", "Mine"],
        ["theme", "sobre"],
    ):
        before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        result = run("new", *arguments)
        assert result.exit_code == 2, arguments
        assert "already" in result.stderr or "choose another name" in result.stderr
        assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_new_lesson_is_the_last_of_the_last_module(write: Write) -> None:
    files = course(folder="course_src/fire")
    files["course_src/fire/02-act/_module.yml"] = "title: Act\n"
    files["course_src/fire/02-act/07-alarm.md"] = LESSON.replace("q-door", "q-alarm")
    root = write(files)
    assert run("new", "lesson", "Run").exit_code == 0
    assert "id: run\n" in (root / "course_src/fire/02-act/08-run.md").read_text("utf-8")


def test_a_new_question_is_added_at_the_end_in_the_lessons_line_ends(write: Write) -> None:
    root = write(course(LESSON.replace("\n", "\r\n")))
    result = run("new", "question", "fill")
    assert result.stdout.startswith("course_src/fire/01-doors.md: question q-fill added at the end\n")
    text = (root / "course_src/fire/01-doors.md").read_bytes()
    assert text.startswith(LESSON.replace("\n", "\r\n").encode())
    assert b"\r\n\r\n::: fill {#q-fill}\r\n" in text
    assert text.count(b"\n") == text.count(b"\r\n")
    assert run("check").exit_code == 0


def test_a_new_question_goes_into_the_only_lesson_of_a_course(write: Write) -> None:
    write({**course(), **course(folder="course_src/water", id="water")})
    result = run("new", "question", "fill", "--in", "course_src/water")
    assert result.stdout.startswith("course_src/water/01-doors.md: question q-fill added at the end\n")
    write({"course_src/water/02-more.md": LESSON.replace("q-door", "q-more")})
    result = run("new", "question", "order", "--in", "course_src/water")
    assert result.exit_code != 0
    assert "Name it with --in (course_src/water/01-doors.md, course_src/water/02-more.md)." in result.stderr


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", features("questions"))
def test_a_new_question_of_any_type_passes_check_as_it_stands(write: Write, kind: str, language: str) -> None:
    write({})
    run("new", "course", "Gestes", "--lang", language)
    [lesson] = Path("course_src/gestes").glob("01-*.md")
    assert run("new", "question", "Un pas", "--type", kind, "--in", str(lesson)).exit_code == 0
    assert f"::: {kind} {{#q-un-pas" in lesson.read_text("utf-8")
    assert run("lock").exit_code == 0
    assert run("check", "--locked").stdout == "nothing to report\n"


def test_a_new_question_gets_the_picture_that_it_shows(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(course())
    words = dict(strings("en", "cli"))
    words["new_choice"] = words["new_choice"].replace("What is", "![Plan](media/$id.svg)\n\nWhat is")
    monkeypatch.setattr("builder.cli.new.texts", lambda language: words)
    drawing = root / "course_src/fire/media/q-plan.svg"
    assert "course_src/fire/media/q-plan.svg created\n" in run("new", "question", "plan").stdout
    assert drawing.read_text("utf-8").startswith("<svg ")
    assert run("check").exit_code == 0
    (drawing.parent / "q-map.svg").write_text("<svg/>", "utf-8")
    assert run("new", "question", "map").exit_code == 0
    assert (drawing.parent / "q-map.svg").read_text("utf-8") == "<svg/>"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lesson", "Run"], "Which course? Name it with --in (course_src/fire, course_src/water)."),
        (["question", "Run"], "Which course? Name it with --in (course_src/fire, course_src/water)."),
        (["lesson", "Run", "--in", "elsewhere"], "elsewhere lies in no course"),
        (["course", "!?"], "A name needs at least one letter or digit."),
        (["theme", "Run"], "Which course? Name it with --in (course_src/fire, course_src/water)."),
        (["theme", "Run", "--in", "elsewhere"], "elsewhere lies in no course"),
        (["course", "a {{ b }}"], "A name is plain text"),
        (["lesson", "a\x07b"], "A name is plain text"),
        (["course", "Gas", "--iri", "a.example"], "'a.example' is no address: write https://"),
        (["cuorse", "Gas"], "No such command 'cuorse'. Did you mean 'course'?"),
        (["zzz", "Gas"], "There is course, lesson, question, theme."),
        (
            ["question", "Run", "--type", "chioce", "--in", "course_src/fire/01-doors.md"],
            "there is no question type 'chioce'. Did you mean 'choice'?",
        ),
        (["question", "Run", "--type", "zzz", "--in", "course_src/fire/01-doors.md"], "There is checklist, choice,"),
        (["question", "Run", "--in", "course_src/fire/_notes/x.md"], "x.md is no lesson of its course."),
    ],
)
def test_new_asks_for_what_it_cannot_guess(write: Write, arguments: list[str], words: str) -> None:
    write({**course(), **course(folder="course_src/water", id="water"), "elsewhere/x.txt": ""})
    write({"course_src/fire/_notes/x.md": "x"})
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())

"""Variants and overlays: what is built for whom, in whose words, and that all variants share one numbering."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from builder.cli import carabin
from builder.diagnostics import Span
from builder.theme import find_theme, our_themes

COURSE = """\
id: fire
title: Fire
version: 1.0.0
language: en
region: FR
iri: https://carabin.example/fire
licence: CC-BY-4.0
duration: 15 min
mastery: 50
audiences: [nurse, doctor]
variables: {chief: "the chief", number: "18"}
"""


def question(name: str, extra: str = "") -> str:
    return f"""
::: choice {{#{name}{extra}}}

Which door is {name}?

- [x] A
  > Yes.
- [ ] B
  > No.

:::
"""


def lesson(title: str, body: str, extra: str = "") -> str:
    return f"---\ntitle: {title}\nid: {title.lower()}\nduration: 5 min\n{extra}---\n\n{body}"


FILES = {
    "course.yml": COURSE,
    "01-all.md": lesson(
        "All",
        f"""Call {{{{ chief }}}}.
{question("q-all")}
::: only {{audience=nurse}}

## Nurses {{#nurses}}

![Bed](media/bed.png)
{question("q-nurse")}
:::

::: only {{audience=doctor}}

Doctors.[^1]
{question("q-doctor")}
:::

::: only {{region=QC}}

Call 911.[^2]
{question("q-quebec")}
:::

::: trainer

Notes.

:::

[^1]: About doctors.
[^2]: About Québec.
""",
    ),
    "02-nurse.md": lesson("Nurse", "Text." + question("q-ward"), "audience: nurse\n"),
    "03-both.md": lesson("Both", "Text.", "audience: [nurse, doctor]\n"),
    "media/bed.png": "not really",
}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course of this file is the current folder, and has its lock."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FILES)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(carabin, [*arguments, "--lang", "en"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def built(*arguments: str) -> zipfile.ZipFile:
    """Build one package, which must succeed."""
    result = run("build", ".", "-t", "scorm12", "--json", *arguments)
    assert result.exit_code == 0, result.stdout
    (package,) = json.loads(result.stdout)["packages"]
    return zipfile.ZipFile(package["path"])


def codes(result: Result) -> list[str]:
    """Codes found, but for those of the lock, of curt feedback, and of the picture that is none and not always used."""
    found = [one["code"] for one in json.loads(result.stdout)["diagnostics"]]
    return [code for code in found if not code.startswith(("S2", "A206", "A31"))]


def page(package: zipfile.ZipFile, name: str = "all.html") -> str:
    return package.read(name).decode()


def data(package: zipfile.ZipFile) -> dict[str, Any]:
    """Return what the player is told of the course."""
    found = re.search(r'id="course-data">(.*?)</script>', page(package, "index.html"))
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def slots(package: zipfile.ZipFile) -> dict[str, int]:
    told = data(package)["lessons"]
    return {one["id"]: one["slot"] for lesson in told for one in (lesson, *lesson["questions"])}


# --- audiences and regions -------------------------------------------------------------------------------------------


def test_an_audience_gets_its_lessons_and_inserts_without_a_box() -> None:
    package = built("--audience", "nurse")
    assert [one["id"] for one in data(package)["lessons"]] == ["all", "nurse", "both"]
    text = page(package)
    assert 'id="q-nurse"' in text
    assert "insert" not in text
    assert "Doctors" not in text
    assert "Notes." not in text
    assert "media/bed.png" in package.namelist()


def test_lessons_of_the_audience_are_not_optional() -> None:
    assert not any(one["optional"] for one in data(built("--audience", "nurse"))["lessons"])


def test_lessons_and_media_of_other_audiences_are_left_out() -> None:
    package = built("--audience", "doctor")
    assert [one["id"] for one in data(package)["lessons"]] == ["all", "both"]
    assert "nurse.html" not in package.namelist()
    assert "nurse.html" not in package.read("imsmanifest.xml").decode()
    assert "media/bed.png" not in package.namelist()
    assert "#nurses" not in page(package)


def test_questions_left_out_exist_neither_for_the_grade_nor_for_the_player() -> None:
    package = built("--audience", "doctor")
    assert set(slots(package)) == {"all", "both", "q-all", "q-doctor"}
    assert "q-nurse" not in page(package)
    sheet = Path("dist/fire-1.0.0-scorm12-doctor.html").read_text("utf-8")
    assert "q-doctor" in sheet
    assert "q-nurse" not in sheet


def test_all_variants_share_one_numbering() -> None:
    assert run("lock").exit_code == 0
    locked = Path("course.lock").read_text("utf-8")
    nurse, doctor = built("--audience", "nurse"), built("--audience", "doctor", "--region", "QC")
    shared = slots(nurse).keys() & slots(doctor).keys()
    assert shared == {"all", "both", "q-all"}
    assert {name: slots(nurse)[name] for name in shared} == {name: slots(doctor)[name] for name in shared}
    other = {**slots(nurse), **slots(doctor)}
    assert len(other) == 8
    assert len(set(other.values())) == len(other)
    for package in (nurse, doctor):
        assert json.loads(package.read("carabin.json"))["lock"] == locked
    assert run("lock").stdout == "course.lock is up to date, revision 0\n"


def test_a_variant_that_has_its_lock_lacks_nothing() -> None:
    run("lock")
    assert run("build", ".", "--audience", "doctor", "--locked").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("--audience", "nurse"), "nurse"),
        (("--audience", "nurse", "--region", "QC"), "nurse-QC"),
        (("--audience", "doctor", "--region", "FR"), "doctor-FR"),
    ],
)
def test_the_variant_enters_names_and_catalogue(arguments: tuple[str, ...], name: str) -> None:
    package = built(*arguments)
    assert package.filename == f"dist/fire-1.0.0-scorm12-{name}.zip"
    assert Path(f"dist/fire-1.0.0-scorm12-{name}.html").is_file()
    (entry,) = json.loads(Path("dist/catalog.json").read_text("utf-8"))["packages"]
    assert entry["variant"] == name


def test_a_region_chooses_inserts() -> None:
    assert "Call 911" not in page(built("--audience", "nurse"))
    assert "Call 911" in page(built("--audience", "nurse", "--region", "QC"))


def test_footnotes_of_what_is_left_out_go_and_the_others_keep_their_numbers() -> None:
    text = page(built("--audience", "nurse", "--region", "QC"))
    assert "About doctors" not in text
    assert re.search(r'<li id="note-2" value="2">.*About Québec', text)
    assert 'class="footnotes"' not in page(built("--audience", "nurse"))


def test_a_named_lesson_of_another_audience_is_not_waited_for() -> None:
    write(Path(), {"course.yml": COURSE + "complete_when: {lessons: [all, nurse], mastery: true}\n"})
    assert data(built("--audience", "doctor"))["completion"]["lessons"] == ["all"]
    assert data(built("--audience", "nurse"))["completion"]["lessons"] == ["all", "nurse"]


def test_for_all_audiences_a_graded_question_for_some_is_refused() -> None:
    result = run("build", ".", "--json")
    assert result.exit_code == 1
    assert codes(result) == ["Q471", "Q471"]
    assert codes(run("check", ".", "--format", "json")) == ["Q471", "Q471"]
    assert codes(run("check", ".", "--format", "json", "--audience", "nurse")) == []


def test_for_all_audiences_inserts_stand_in_boxes_and_their_lessons_are_optional() -> None:
    free = {name: text.replace("#q-nurse", "#q-nurse points=0").replace("#q-doctor", "#q-doctor points=0")
            for name, text in FILES.items() if name.endswith(".md")}  # fmt: skip
    write(Path(), free)
    package = built()
    assert package.filename == "dist/fire-1.0.0-scorm12.zip"
    text = page(package)
    assert re.findall(r'<p class="insert-title">(.*?)</p>', text) == ["For: nurse", "For: doctor"]
    assert "Notes." not in text
    assert [one["optional"] for one in data(package)["lessons"]] == [False, True, True]
    write(Path(), {"course.yml": COURSE + "audience_labels: {nurse: Nurses & students}\n"})
    titles = re.findall(r'<p class="insert-title">(.*?)</p>', page(built()))
    assert titles == ["For: Nurses &amp; students", "For: doctor"]


def test_a_label_is_for_an_audience_of_the_course() -> None:
    write(Path(), {"course.yml": COURSE + "audience_labels:\n  nurse: Nurses\n  cook: Cooks\n"})
    found = json.loads(run("check", ".", "--format", "json").stdout)["diagnostics"]
    assert [(one["line"], one["column"]) for one in found if one["code"] == "S105"] == [(COURSE.count("\n") + 3, 3)]


def test_a_link_out_of_the_variant_is_an_error_there_only() -> None:
    write(Path(), {"03-both.md": lesson("Both", "[Ward](02-nurse.md), [bed](01-all.md#nurses).")})
    result = run("build", ".", "--json", "--audience", "doctor")
    assert codes(result) == ["Q475", "Q475"]
    assert built("--audience", "nurse")


def test_mastery_must_be_reachable_in_every_variant() -> None:
    write(Path(), {"01-all.md": lesson("All", "Text."), "03-both.md": lesson("Both", "Text.")})
    assert codes(run("check", ".", "--format", "json", "--audience", "nurse")) == []
    assert codes(run("check", ".", "--format", "json", "--audience", "doctor")) == ["A201"]


def test_an_audience_without_lessons() -> None:
    for name in ("01-all.md", "03-both.md"):
        Path(name).unlink()
    write(Path(), {"course.yml": COURSE.replace("mastery: 50\n", "").replace("15 min", "5 min")})
    assert codes(run("check", ".", "--format", "json", "--audience", "doctor")) == ["Q476"]


# --- notes for trainers ----------------------------------------------------------------------------------------------

NOTES = """
::: trainer

## Ask aloud {#aloud}

Who is the *quorble*?[^own] ![Answer](media/answer.png) [the bed](media/bed.png)

::: only {region=QC}

The zorglub of Québec.

:::

:::

Said to all.[^both] Again.[^both]

[^own]: Snarkle.[^deep]
[^deep]: Boojum.
[^both]: For everybody.
"""
SECRETS = (b"Ask aloud", b"aloud", b"quorble", b"zorglub", b"Snarkle", b"Boojum", b"answer.png", b"the solution")
"""What stands in the notes, in footnotes that only they call and in files that only they show."""


def with_notes() -> None:
    files = {name: FILES[name] for name in ("02-nurse.md", "03-both.md")}
    text = FILES["01-all.md"].replace("::: only {region=QC}", NOTES + "\n::: only {region=QC}", 1)
    write(Path(), {**files, "01-all.md": text, "media/answer.png": "the solution"})


def everything(package: zipfile.ZipFile) -> bytes:
    return b"\n".join(name.encode() + b"\n" + package.read(name) for name in package.namelist())


def for_trainers(*arguments: str) -> zipfile.ZipFile:
    result = run("build", ".", "-t", "web", "--trainer", "--json", *arguments)
    assert result.exit_code == 0, result.stdout
    (package,) = json.loads(result.stdout)["packages"]
    assert package["variant"].endswith("trainer")
    return zipfile.ZipFile(package["path"])


@pytest.mark.parametrize("target", ["scorm12", "web"])
def test_not_a_byte_of_the_notes_is_in_a_package_for_learners(target: str) -> None:
    with_notes()
    package = built("-t", target, "--audience", "nurse", "--region", "QC") if target == "scorm12" else None
    if package is None:
        result = run("build", ".", "-t", "web", "--json", "--audience", "nurse", "--region", "QC")
        package = zipfile.ZipFile(json.loads(result.stdout)["packages"][0]["path"])
    content = everything(package)
    assert [secret for secret in (*SECRETS, b'trainer-notes"') if secret in content] == []
    assert b"For everybody." in content


def test_trainers_get_the_notes_in_a_box_on_the_page_and_on_paper() -> None:
    with_notes()
    package = for_trainers("--audience", "nurse", "--region", "QC")
    assert package.filename == "dist/fire-1.0.0-web-nurse-QC-trainer.zip"
    content = everything(package)
    assert [secret for secret in SECRETS if secret not in content] == []
    for name in ("all.html", "_print.html"):
        text = page(package, name)
        assert text.count('<p class="trainer-notes-title">For the trainer</p>') == 2
        assert "quorble" in text
    (entry,) = json.loads(Path("dist/catalog.json").read_text("utf-8"))["packages"]
    assert entry["variant"] == "nurse-QC-trainer"
    assert "it holds the notes for trainers" in Path("dist/fire-1.0.0-web-nurse-QC-trainer.html").read_text("utf-8")


def test_trainers_and_learners_share_the_lock_and_the_questions() -> None:
    with_notes()
    run("lock")
    learners = run("build", ".", "-t", "web", "--json", "--audience", "nurse")
    plain = zipfile.ZipFile(json.loads(learners.stdout)["packages"][0]["path"])
    notes = for_trainers("--audience", "nurse")
    assert json.loads(notes.read("carabin.json"))["lock"] == json.loads(plain.read("carabin.json"))["lock"]
    assert data(notes)["completion"] == data(plain)["completion"]


def test_a_footnote_leads_back_only_to_what_is_there() -> None:
    with_notes()
    write(Path(), {"01-all.md": FILES["01-all.md"].replace("Notes.\n", "Notes.[^2]\n")})
    text = page(built("--audience", "nurse", "--region", "QC"))
    back = re.findall(r'href="#(noteref-[\d-]+)"', text)
    assert back
    assert [one for one in back if f'id="{one}"' not in text] == []


@pytest.mark.parametrize("targets", [(), ("-t", "scorm12"), ("-t", "web", "-t", "scorm12")])
def test_no_lms_gets_the_notes(targets: tuple[str, ...]) -> None:
    with_notes()
    result = CliRunner().invoke(carabin, ["build", ".", "--audience", "nurse", "--trainer", *targets])
    assert result.exit_code == 2
    words = " ".join(result.stderr.replace("│", "").split())
    assert "the trainer's notes are for the target web alone: write `-t web --trainer`. No LMS gets them." in words
    assert not Path("dist").exists()


@pytest.mark.parametrize("name", ["trainer", "night-trainer"])
def test_no_audience_has_the_name_of_the_packages_for_trainers(name: str) -> None:
    write(Path(), {"course.yml": COURSE.replace("audiences: [nurse, doctor]", f"audiences: [nurse, doctor, {name}]")})
    result = run("check", ".", "--format", "json", "--audience", "nurse")
    (found,) = [one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == "Q495"]
    assert (found["file"], found["line"], found["column"]) == ("course.yml", 10, 28)


# --- words -----------------------------------------------------------------------------------------------------------


def test_set_changes_a_variable_and_no_name() -> None:
    package = built("--audience", "nurse", "--set", "chief=Ada = & Bob", "--set", "number=")
    assert "Call Ada = &amp; Bob." in page(package)
    assert package.filename == "dist/fire-1.0.0-scorm12-nurse.zip"


def test_an_overlay_changes_words() -> None:
    overlay = "variables: {chief: 'Dr. No', number: '112'}\ninstitution: St. Mary's Hospital\nregion: QC\n"
    write(Path(), {"hospital.yml": overlay})
    package = built("--audience", "nurse", "--overlay", "hospital.yml")
    assert "Call Dr. No." in page(package)
    assert "Call 911" in page(package)
    assert "St. Mary&#39;s Hospital is committed" in page(package, "_accessibility.html")
    assert package.filename == "dist/fire-1.0.0-scorm12-nurse.zip"


def test_options_come_before_the_overlay() -> None:
    write(Path(), {"hospital.yml": "variables: {chief: Dr. No}\nregion: QC\n"})
    words = ("--overlay", "hospital.yml", "--set", "chief=Ada", "--region", "FR")
    text = page(built("--audience", "nurse", *words))
    assert "Call Ada." in text
    assert "Call 911" not in text


def test_words_never_change_the_lock() -> None:
    run("lock")
    plain = json.loads(built("--audience", "nurse").read("carabin.json"))["lock"]
    assert json.loads(built("--audience", "nurse", "--set", "chief=Ada").read("carabin.json"))["lock"] == plain


def test_an_unknown_variable_is_a_warning_at_its_place() -> None:
    write(Path(), {"hospital.yml": "institution: X\nvariables:\n  cheif: Ada\n"})
    result = run("check", ".", "--format", "json", "--audience", "nurse", "--overlay", "hospital.yml", "--set", "nr=1")
    found = {one["arguments"]["name"]: one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == "Q491"}
    assert {name: (one["file"], one["line"], one["severity"]) for name, one in found.items()} == {
        "cheif": ("hospital.yml", 3, "warning"),
        "nr": ("course.yml", 11, "warning"),
    }


@pytest.mark.parametrize(
    ("overlay", "code", "line", "column"),
    [
        ("tokens: {}\n", "S020", 1, 1),
        ("variable: {}\n", "S020", 1, 1),
        ("region: Québec\n", "S022", 1, 9),
        ("- list\n", "S011", 1, 1),
        ("a: &x 1\nb: *x\n", "S012", 2, 4),
        ("institution: X\ninstitution: Y\n", "S013", 2, 1),
        ("institution: {{ chief }}\n", "S153", 1, 14),
        ("institution: [a\n", "S010", 2, 1),
        ("a: " + "[" * 200 + "\n", "S014", 1, 103),
        ("glossary: text\n", "S021", 1, 11),
        ("glossary: {}\n", "S026", 1, 11),
        ("glossary:\n  - {term: Fire, definition: x, meaning: y}\n", "S020", 2, 33),
        ("glossary:\n  - {term: Fire, definition: a}\n  - {term: Smoke, definition: b, forms: fire}\n", "S175", 3, 12),
        ("facts: text\n", "S021", 1, 8),
        ("facts:\n  - {id: F-1, source: S, certainty: V1, note: n, valid: A}\n", "S020", 2, 50),
        ("facts:\n  - {id: F-1, source: S, note: n}\n", "S026", 2, 5),
        ("facts:\n  - {id: F-1, source: S, certainty: maybe, note: n}\n", "S023", 2, 37),
        ("facts:\n" + "  - {id: F-1, source: S, certainty: V1, note: n}\n" * 2, "S176", 3, 10),
        ("theme: encre\n", "S021", 1, 8),
        ("theme: {colours: {}}\n", "S020", 1, 9),
        ("theme: {tokens: [color-accent]}\n", "S021", 1, 17),
        ("theme: {tokens: {color-accent: [a]}}\n", "S021", 1, 32),
        ("theme: {tokens: {color-accent: {night: '#000'}}}\n", "S020", 1, 33),
        ("theme: {tokens: {color-accent: {}}}\n", "Q498", 1, 32),
        ("theme:\n  tokens:\n    color-accent: #fff\n", "Q498", 3, 18),
        ("theme: {tokens: {color-acent: '#103a5c'}}\n", "Q492", 1, 31),
        ("theme: {tokens: {size-xxl: 2rem}}\n", "Q497", 1, 28),
        ("theme: {tokens: {icon-check: 'url(x)'}}\n", "Q497", 1, 30),
        ("theme: {tokens: {color-accent: {light: '#103a5c', dark: '#103a5c'}}}\n", "Q494", 1, 57),
        ("theme: {tokens: {color-page: '#1a4fa3'}}\n", "Q494", 1, 30),
    ],
)
def test_a_bad_overlay_stops_the_build_at_its_place(overlay: str, code: str, line: int, column: int) -> None:
    write(Path(), {"hospital.yml": overlay})
    for command in (("build", ".", "--json"), ("check", ".", "--format", "json")):
        result = run(*command, "--audience", "nurse", "--overlay", "hospital.yml")
        assert result.exit_code == 1
        assert set(codes(result)) == {code}
        found = [one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == code]
        assert {one["file"] for one in found} == {"hospital.yml"}
        assert (found[0]["line"], found[0]["column"]) == (line, column)
    assert not Path("dist").exists()


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("color-accent", value)
        for value in (
            "red", "#12345", "#12345678", "url(https://a.example/x)", "#000;} body{display:none", "var(--color-page)",
            "#fff}", "rgb(0 0 0)", "</style>", "#ｆｆｆ", "#000 ", "expression(1)",
        ) if value.strip() == value
    ]
    + [("radius", value) for value in ("4", "calc(1px)", "-1rem", "1rem;x:y", "1e3rem", "٣rem", "1 rem", "9999px")]
    + [("size-m", value) for value in ("16px", ".5rem", "0", "100%")]
    + [
        ("font-body", value)
        for value in (
            "Marianne", "Marianne; x, serif", 'Mari"anne, serif', "Mari\\anne, serif", "url(x), serif", "a{}, serif",
            "<b>, serif", ", serif", "x" * 70 + ", serif", "", "inherit",
        ) if value
    ],
)  # fmt: skip
def test_no_style_enters_but_a_value_of_the_tokens_kind(token: str, value: str) -> None:
    write(Path(), {"hospital.yml": f"theme: {{tokens: {{{token}: {json.dumps(value)}}}}}\n"})
    result = run("build", ".", "--json", "--audience", "nurse", "--overlay", "hospital.yml")
    assert result.exit_code == 1
    assert codes(result) == ["Q493"]


def test_an_overlay_changes_colours_fonts_and_lengths() -> None:
    tokens = """
theme:
  tokens:
    color-accent: '#103A5C'
    color-right: {dark: '#9be0b4'}
    radius: 0
    font-body: Marianne, "Source Sans 3", -apple-system, sans-serif
    size-m: 1.05rem
"""
    write(Path(), {"hospital.yml": tokens})
    package = built("--audience", "nurse", "--overlay", "hospital.yml")
    (name,) = [name for name in package.namelist() if name.endswith(".css")]
    style = package.read(name).decode()
    sheet = Path("dist/fire-1.0.0-scorm12-nurse.html").read_text("utf-8")
    assert "--color-accent:#103a5c" in sheet
    plain = built("--audience", "nurse")
    before = plain.read(next(name for name in plain.namelist() if name.endswith(".css"))).decode()
    theme, _ = find_theme("sobre", our_themes().parent, Span("course.yml"))
    assert theme is not None
    added = (
        "@layer tokens{:root{--color-accent:#103a5c;--radius:0;"
        '--font-body:"Marianne","Source Sans 3",-apple-system,sans-serif;--size-m:1.05rem}'
        "@media screen and (prefers-color-scheme:dark){:root{--color-accent:"
        + theme.dark["color-accent"].value
        + ";--color-right:#9be0b4}}}"
    )
    assert added in style
    assert style.replace(added, "") == before


def test_a_course_without_variables_has_none_to_set() -> None:
    bare = re.sub(r"variables: .*\n", "", COURSE)
    write(Path(), {"course.yml": bare, "01-all.md": lesson("All", "Text." + question("q"))})
    result = run("check", ".", "--format", "json", "--audience", "nurse", "--set", "chief=Ada")
    (found,) = [one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == "Q499"]
    assert (found["severity"], found["file"], found["line"]) == ("warning", "course.yml", 1)


def test_an_overlay_changes_what_the_glossary_and_the_facts_say() -> None:
    glossary = """
- term: CISO
  definition: The person in charge of security.
  forms: [security officer]
  source: A standard.
- {term: VPN, definition: A tunnel.}
"""
    facts = "- {id: F-1, note: Old note., source: Ministry, certainty: V1}\n"
    text = lesson("Words", "Ask the CISO, or the security officer; use the VPN, or the tunnel box.[^F-1]\n")
    overlay = """
glossary:
  - {term: CISO, definition: "Ada Byron, extension 4000."}
  - {term: VPN, forms: tunnel box}
  - {term: Unheard-of, forms: [nothing]}
  - {term: Box, definition: Where things lie., forms: [tunnel]}
facts:
  - {id: F-1, note: New note., source: County, certainty: V2}
"""
    write(Path(), {"glossary.yml": glossary, "facts.yml": facts, "04-words.md": text, "hospital.yml": overlay})
    result = run("check", ".", "--format", "json", "--audience", "nurse", "--overlay", "hospital.yml")
    (found,) = [one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == "Q496"]
    assert (found["severity"], found["file"], found["line"], found["column"]) == ("warning", "hospital.yml", 5, 12)
    package = built("--audience", "nurse", "--overlay", "hospital.yml")
    page_ = page(package, "_glossary.html")
    assert "Ada Byron, extension 4000." in page_
    assert "A standard." not in page_
    assert "A tunnel." in page_
    assert "Where things lie." not in page_
    words = page(package, "words.html")
    assert "New note." in words
    assert "Old note." not in words
    assert re.findall(r'class="term".*?>(.*?)</a>', words) == ["CISO", "VPN"]
    plain = page(built("--audience", "nurse"), "_glossary.html")
    assert "The person in charge of security." in plain


def test_an_overlay_may_bring_the_only_glossary() -> None:
    write(Path(), {"hospital.yml": "glossary: [{term: chief, definition: Ada Byron.}]\n"})
    package = built("--audience", "nurse", "--overlay", "hospital.yml")
    assert "Ada Byron." in page(package, "_glossary.html")


def test_an_overlay_never_changes_which_lessons_and_questions_exist() -> None:
    write(Path(), {"hospital.yml": """
institution: County Hospital
variables: {chief: Ada}
glossary: [{term: door, definition: What one closes.}]
facts: [{id: F-9, note: n, source: s, certainty: V1}]
theme: {tokens: {color-accent: '#103a5c'}}
"""})  # fmt: skip
    run("lock")
    plain, dressed = built("--audience", "nurse"), built("--audience", "nurse", "--overlay", "hospital.yml")
    before, after = (json.loads(one.read("carabin.json")) for one in (plain, dressed))
    assert {key: before[key] for key in before} == after
    slots = [(one["id"], one["slot"]) for one in data(plain)["lessons"]]
    assert slots == [(one["id"], one["slot"]) for one in data(dressed)["lessons"]]
    assert re.findall(r'data-slot="\d+"', page(plain)) == re.findall(r'data-slot="\d+"', page(dressed)) != []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--audience", "nurs"), "course 'fire' has no audience 'nurs'. Did you mean 'nurse'?"),
        (("--audience", "x"), "There are nurse, doctor."),
        (("--region", "Québec"), "write two capitals"),
        (("--region", "QCA"), "write two capitals"),
        (("--set", "chief"), "not of the form name=value"),
        (("--set", "Chief=x"), "not of the form name=value"),
        (("--set", "=x"), "not of the form name=value"),
        (("--overlay", "gone.yml"), "does not exist"),
    ],
)
@pytest.mark.parametrize("command", ["build", "check"])
def test_wrong_usage(command: str, arguments: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(carabin, [command, ".", *arguments])
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", "").split())


def test_an_audience_of_a_tree_must_be_known_where_there_are_any(tmp_path: Path) -> None:
    Path("course.yml").unlink()
    write(tmp_path, {f"tree/{folder}/{name}": text for folder in ("a", "b") for name, text in FILES.items()})
    settings = COURSE.replace("id: fire", "id: other").replace("audiences: [nurse, doctor]\n", "")
    write(tmp_path, {"tree/b/course.yml": settings, "tree/b/01-all.md": lesson("All", "Text." + question("q"))})
    for name in ("02-nurse.md", "03-both.md"):
        (tmp_path / "tree" / "b" / name).unlink()
    write(tmp_path, {"hospital.yml": "variables: {chief: Ada}\n"})
    result = run("build", "tree", "--audience", "nurse", "--json", "--jobs", "2", "--overlay", "hospital.yml")
    assert result.exit_code == 0
    names = [Path(one["path"]).name for one in json.loads(result.stdout)["packages"]]
    assert names == ["fire-1.0.0-scorm12-nurse.zip", "other-1.0.0-scorm12-nurse.zip"]
    lonely = CliRunner().invoke(carabin, ["build", "tree/b", "--audience", "nurse"])
    assert lonely.exit_code == 2
    assert "course 'other' lists no audiences." in lonely.stderr


def test_audiences_are_ids() -> None:
    write(Path(), {"course.yml": COURSE.replace("[nurse, doctor]", "[../nurse]")})
    assert "S022" in codes(run("check", ".", "--format", "json"))

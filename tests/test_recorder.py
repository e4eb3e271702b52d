"""SCORM plus LRS: what `--lrs`, `--pseudonymous` and an overlay put into a package, and what they never do."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import parse_qsl

import pytest
import synthetic
from click.testing import CliRunner, Result
from test_docs import DOCS
from test_sheet import page as sheet_of
from test_sheet import rows, texts
from test_variants import COURSE, FILES

from builder.cli import carabin
from builder.diagnostics import Span
from builder.recorder import Lrs, is_auth, is_endpoint
from builder.strings import strings

ENDPOINT, AUTH, HOME = "https://lrs.example.org/xapi", "Basic bmFtZTpzZWNyZXQ=", "https://lms.example.org"
SALT = "b1946ac92492d2347c6235b4d2611184"
OVERLAY = f"""\
institution: CHU
lrs:
  endpoint: {ENDPOINT}
  auth: {AUTH}
  home_page: {HOME}
  salt: {SALT}
"""
EMPTY = {"endpoint": "", "auth": "", "homePage": "", "salt": ""}
CONNECTS = "connect-src &#39;self&#39; https: http://localhost:* http://127.0.0.1:*"
EVERYBODY = ("--audience", "nurse")


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {**FILES, "hospital.yml": OVERLAY}.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")
    Path("media").mkdir(exist_ok=True)
    Path("media/bed.png").write_bytes(b"\x89PNG")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(carabin, arguments)


def built(*options: str, target: str = "scorm12") -> zipfile.ZipFile:
    """Build one package; return it."""
    result = run("build", ".", "--json", "-t", target, *EVERYBODY, *options)
    assert result.exit_code == 0, result.output
    (package,) = json.loads(result.stdout)["packages"]
    return zipfile.ZipFile(package["path"])


def found(*options: str) -> list[tuple[str, int, int]]:
    """Return code, line and column of what a build says about the overlay."""
    result = run("build", ".", "--json", *EVERYBODY, "--overlay", "hospital.yml", *options)
    said = json.loads(result.stdout)["diagnostics"]
    return [(one["code"], one["line"], one["column"]) for one in said if one["file"].endswith("hospital.yml")]


def refusal(*arguments: str) -> str:
    """Return what the command says of wrong usage."""
    result = run("build", ".", *EVERYBODY, *arguments)
    assert result.exit_code == 2, result.output
    assert not Path("dist").exists()
    return " ".join(result.stderr.replace("│", "").split())


def data(package: zipfile.ZipFile) -> dict[str, Any]:
    (text,) = re.findall(r'id="course-data"[^>]*>(.*?)</script>', package.read("index.html").decode(), re.DOTALL)
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def pages(package: zipfile.ZipFile) -> Iterator[str]:
    yield from (package.read(name).decode() for name in package.namelist() if name.endswith(".html"))


# --- packages --------------------------------------------------------------------------------------------------------


def test_a_package_without_the_option_is_what_it_was() -> None:
    package = built()
    assert package.filename == "dist/fire-1.0.0-scorm12-nurse.zip"
    assert "lrs.json" not in package.namelist()
    assert b"Experience-API" not in package.read("player.js")
    assert not any("connect-src" in page for page in pages(package))
    assert "pseudonymous" not in data(package)


def test_the_recorder_stays_small() -> None:
    plain, recorded = (len(gzip.compress(built(*options).read("player.js"))) for options in ((), ("--lrs",)))
    assert recorded - plain < 5_000


@pytest.mark.parametrize("target", ["scorm12", "scorm2004"])
def test_a_package_with_a_recorder_knows_no_lrs_by_default(target: str) -> None:
    package = built("--lrs", target=target)
    assert package.filename == f"dist/fire-1.0.0-{target}-nurse-lrs.zip"
    assert json.loads(package.read("lrs.json")) == EMPTY
    assert b"Experience-API" in package.read("player.js")
    assert all(CONNECTS in page for page in pages(package))
    assert b'href="lrs.json"' in package.read("imsmanifest.xml")
    assert "xapi/statements.json" in package.namelist()
    assert "pseudonymous" not in data(package)


def test_no_address_of_an_lrs_is_anywhere_in_a_package_by_default() -> None:
    package = built("--lrs", "--pseudonymous")
    known = {"https://carabin.example", "http://adlnet.gov", "https://w3id.org", "http://id.tincanapi.com"}
    for name in package.namelist():
        if name.endswith((".json", ".js", ".html")):
            text = re.sub(r'<a [^>]*href="[^"]*"', "", package.read(name).decode())
            hosts = set(re.findall(r"https?://[a-z][\w.-]*", text.replace(CONNECTS, "")))
            assert hosts <= known | {"http://www.w3.org"}, (name, hosts - known)


def test_packages_with_and_without_a_recorder_stand_beside_each_other() -> None:
    for options in ((), ("--lrs",), ("--lrs", "--pseudonymous")):
        built(*options)
    names = [f"fire-1.0.0-scorm12-nurse{end}.zip" for end in ("", "-lrs", "-lrs-pseudonymous")]
    assert sorted(path.name for path in Path("dist").glob("*.zip")) == sorted(names)
    entries = json.loads(Path("dist/catalog.json").read_text("utf-8"))["packages"]
    assert {one["variant"] for one in entries} == {"nurse", "nurse-lrs", "nurse-lrs-pseudonymous"}


def test_the_player_knows_whether_learners_are_pseudonymous() -> None:
    assert data(built("--lrs", "--pseudonymous"))["pseudonymous"] is True


def test_every_sco_has_the_recorder() -> None:
    Path("course.yml").write_text(COURSE + "packaging: {sco: lesson}\n", "utf-8")
    package = built("--lrs", "--pseudonymous")
    launched = [name for name in package.namelist() if name.startswith("_sco-")]
    assert launched
    for name in launched:
        page = package.read(name).decode()
        assert CONNECTS in page
        assert '"pseudonymous":true' in page


# --- overlays --------------------------------------------------------------------------------------------------------


def test_an_overlay_fills_the_file_and_says_who_can_read_it() -> None:
    package = built("--lrs", "--pseudonymous", "--overlay", "hospital.yml")
    assert json.loads(package.read("lrs.json")) == {
        "endpoint": ENDPOINT,
        "auth": AUTH,
        "homePage": HOME,
        "salt": SALT,
    }
    assert found("--lrs", "--pseudonymous") == [("T236", 4, 9), ("T237", 6, 9)]


def test_a_salt_that_nothing_uses_stays_out_of_the_package() -> None:
    package = built("--lrs", "--overlay", "hospital.yml")
    assert json.loads(package.read("lrs.json"))["salt"] == ""
    assert found("--lrs") == [("T236", 4, 9)]


def test_without_recorder_nothing_of_the_overlay_enters_the_package() -> None:
    package = built("--overlay", "hospital.yml")
    everything = b"".join(package.read(name) for name in package.namelist())
    assert not any(secret.encode() in everything for secret in (ENDPOINT, AUTH, HOME, SALT))
    assert found() == [("T238", 2, 1)]


def test_an_overlay_may_say_a_part_of_it() -> None:
    Path("hospital.yml").write_text(f"lrs: {{endpoint: {ENDPOINT}}}\n", "utf-8")
    package = built("--lrs", "--overlay", "hospital.yml")
    assert json.loads(package.read("lrs.json")) == {**EMPTY, "endpoint": ENDPOINT}
    assert found("--lrs") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lrs: https://lrs.example.org\n", [("S021", 1, 6)]),
        ("lrs:\n  endpoint: lrs.example.org/xapi\n", [("T233", 2, 13)]),
        ("lrs:\n  endpoint: http://lrs.example.org/xapi\n", [("T233", 2, 13)]),
        ("lrs:\n  endpoint: [a, b]\n", [("S021", 2, 13)]),
        ("lrs:\n  auth: name:secret\n", [("T234", 2, 9)]),
        ("lrs:\n  home_page: lms.example.org\n", [("T235", 2, 14)]),
        ("lrs:\n  salt: short\n", [("T239", 2, 9)]),
        ("lrs:\n  end_point: https://lrs.example.org\n", [("S020", 2, 3)]),
        ("lrs:\n", []),
        ("lrs: {}\n", []),
    ],
)
def test_what_an_overlay_says_wrongly_is_told_at_its_place(text: str, expected: list[tuple[str, int, int]]) -> None:
    Path("hospital.yml").write_text(text, "utf-8")
    assert found("--lrs") == expected


@pytest.mark.parametrize("overlay", [OVERLAY, OVERLAY.replace(AUTH, "name:secret"), OVERLAY.replace(SALT, "short")])
def test_no_log_keeps_the_key_or_the_salt(overlay: str) -> None:
    Path("hospital.yml").write_text(overlay, "utf-8")
    for options in (("--lrs", "--pseudonymous"), ()):
        for form in ((), ("--json",)):
            result = run("build", ".", *EVERYBODY, "--overlay", "hospital.yml", *options, *form)
            assert re.search(r"T23\d", result.output)
            assert not any(secret in result.output for secret in (AUTH, "name:secret", SALT, "short\n"))
    checked = run("check", ".", *EVERYBODY, "--overlay", "hospital.yml")
    assert not any(secret in checked.output for secret in (AUTH, "name:secret", SALT, "short\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://lrs.example.org", True),
        ("https://lrs.example.org:8443/data/xAPI/", True),
        ("https://élan.example/xapi", True),
        ("http://localhost:8080/xapi", True),
        ("http://127.0.0.1/", True),
        ("http://localhost.example.org/", False),
        ("http://10.0.0.1/", False),
        ("https://name:secret@lrs.example.org/", False),
        ("https://lrs.example.org/xapi?key=1", False),
        ("https://lrs.example.org/xapi#a", False),
        ("https://", False),
        ("https:///xapi", False),
        ("https://lrs.example.org:99999/", False),
        ("https://[::1/", False),
        ("javascript:alert(1)", False),
        ("//lrs.example.org", False),
        ("", False),
    ],
)
def test_an_endpoint_is_absolute_and_safe(text: str, expected: bool) -> None:
    assert is_endpoint(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (AUTH, True),
        ("basic bmFtZTpzZWNyZXQ=", True),
        ("Bearer abc.def-ghi", True),
        ('Digest username="a", realm="b"', True),
        ("Basic", False),
        ("Basic name:secret", False),
        ("Basic bmFtZQ==", False),
        ("Basic bmFtZTpzZWNyZXQ", False),
        ("Bearer é", False),
        ("Bearer a\nX-Header: b", False),
        ("bmFtZTpzZWNyZXQ=", False),
        ("", False),
    ],
)
def test_a_key_is_a_value_of_the_header(text: str, expected: bool) -> None:
    assert is_auth(text) is expected


# --- usage -----------------------------------------------------------------------------------------------------------


def test_pseudonymous_needs_a_recorder() -> None:
    assert "write `--lrs --pseudonymous`" in refusal("--pseudonymous")
    assert "write `--lrs --pseudonymous`" in refusal("--pseudonymous", "-t", "web")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("web", "it knows no learner"),
        ("cmi5", "it speaks to the LRS of its launch, and names the learner as that does"),
        ("xapi", "it speaks to the LRS of its launch, and names the learner as that does"),
    ],
)
def test_other_targets_take_no_recorder_and_say_why(target: str, why: str) -> None:
    said = f"the target {target!r} takes no recorder: {why}. Write `-t scorm12 --lrs`."
    assert said in refusal("--lrs", "-t", target)
    assert said in refusal("--lrs", "--pseudonymous", "-t", "scorm12", "-t", target)


def test_the_course_may_name_the_targets() -> None:
    built("--lrs")
    result = run("build", ".", "--json", *EVERYBODY, "--lrs", "--out", "named")
    assert [one["target"] for one in json.loads(result.stdout)["packages"]] == ["scorm12"]
    Path("course.yml").write_text(COURSE + "targets: [scorm12, web]\n", "utf-8")
    result = run("build", ".", *EVERYBODY, "--lrs", "--out", "other")
    assert result.exit_code == 2
    assert "'web' of course 'fire'" in " ".join(result.stderr.replace("│", "").split())
    assert not Path("other").exists()


@pytest.mark.parametrize("name", ["lrs", "night-lrs", "pseudonymous", "night-pseudonymous"])
def test_no_audience_has_the_name_of_a_package_with_a_recorder(name: str) -> None:
    Path("course.yml").write_text(COURSE.replace("doctor]", f"doctor, {name}]"), "utf-8")
    result = run("check", ".", "--format", "json", *EVERYBODY)
    (one,) = [one for one in json.loads(result.stdout)["diagnostics"] if one["code"] == "Q495"]
    assert (one["line"], one["column"]) == (10, 28)


def test_an_audience_may_end_as_a_word_that_holds_one() -> None:
    Path("course.yml").write_text(COURSE.replace("doctor]", "doctor, hlrs]"), "utf-8")
    assert "Q495" not in run("check", ".", *EVERYBODY).output


# --- the sheet -------------------------------------------------------------------------------------------------------


FILLED = Lrs(Span("hospital.yml"), ENDPOINT, "Bearer bm90LWFuLWV4YW1wbGU", HOME, SALT)


def sections(lrs: Lrs | None = None) -> list[str]:
    return [one.id for one in sheet_of(synthetic.course(), lrs=lrs).sections]


def test_the_sheet_has_the_section_only_where_there_is_a_recorder() -> None:
    assert "lrs" not in sections()
    assert sections(lrs=Lrs(Span(""))).count("lrs") == 1


def test_the_sheet_says_what_the_package_holds_and_shows_no_secret() -> None:
    said = "\n".join(texts(sheet_of(synthetic.course(), lrs=FILLED, is_pseudonymous=True, variant="lrs-pseudonymous")))
    assert f"the endpoint {ENDPOINT}, a key, the home page {HOME}, the salt" in said
    assert FILLED.auth not in said
    assert FILLED.salt not in said
    assert "lrs-pseudonymous: it tells an LRS, beside the LMS" in said
    empty = "\n".join(texts(sheet_of(synthetic.course(), lrs=Lrs(Span("")))))
    assert strings("en", "sheet")["lrs_empty"] in empty


def test_the_sheet_says_who_is_named_and_sends_no_one_to_words_that_are_false() -> None:
    words = strings("en", "sheet")
    for is_pseudonymous in (False, True):
        made = sheet_of(synthetic.course(), lrs=FILLED, is_pseudonymous=is_pseudonymous)
        said = list(texts(made))
        assert words["privacy_actor"] not in said
        assert (words["lrs_named"] in said) is not is_pseudonymous
        assert (words["lrs_pseudonymous"] in said) is is_pseudonymous
        signs = [row[0] for row in rows(made, "lrs", 1)]
        assert (words["lrs_sign_nameless_what"] in signs) is is_pseudonymous


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sheet_quotes_what_the_learner_sees(language: str) -> None:
    said, seen = strings(language, "sheet"), strings(language, "player")
    for sign in ("nameless", "waiting", "refused"):
        quoted = said[f"lrs_sign_{sign}_what"].strip("“”«»\u00a0").rstrip("…")
        assert seen[f"statements_{sign}"].startswith(quoted)


# --- the manual ------------------------------------------------------------------------------------------------------


def test_the_examples_of_the_manual_are_right() -> None:
    page = DOCS / "how-to" / "scorm-plus-lrs.md"
    text = page.read_text("utf-8")
    examples = {match[1]: dedent(match[2]) for match in re.finditer(r"^ +```(\w+)\n(.*?)^ +```$", text, re.M | re.S)}
    Path("hospital.yml").write_text(examples["yaml"], "utf-8")
    assert [code for code, _, _ in found("--lrs")] == ["T236"]
    package = built("--lrs", "--overlay", "hospital.yml")
    assert json.loads(package.read("lrs.json")) == json.loads(examples["json"])
    (query,) = re.findall(r"`\?(endpoint=[^`]+)`", text)
    values = json.loads(examples["json"])
    assert dict(parse_qsl(query)) == {
        "endpoint": values["endpoint"],
        "auth": values["auth"],
        "home_page": values["homePage"],
    }
    seen = strings("en", "player")
    for quoted in re.findall(r'^\| "([^"]+)…"', text, re.M):
        assert any(words.startswith(quoted) for key, words in seen.items() if key.startswith("statements_")), quoted

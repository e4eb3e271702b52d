"""`carabin inspect`: the corpus of one-fault packages, hostile ones, bytes of all kinds, reports, receipts.

What the standards but SCORM 1.2 ask of their manifests is in `test_inspect_standards.py`; play in
`browser/test_inspect_play.py`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markup import Reader
from packages import MANIFEST12, Made, entry, files12, scorm12, with_entry, zipped
from packages_others import CORPUS as PACKAGES
from packages_others import OTHERS

from builder import load, pipeline
from builder.cli import carabin
from builder.diagnostics import Severity
from builder.inspect import Inspected, Verdict
from builder.inspect.archive import Limits, from_bytes, safe_name
from builder.inspect.detect import detect
from builder.inspect.receipt import read_receipt
from builder.inspect.report import as_json, as_sarif, as_text, page_of
from builder.inspect.run import SHOWN, inspect_opened
from builder.inspect.xml import Schemas
from builder.strings import finding_texts, languages
from builder.write import write_package

ROOT = Path(__file__).parent.parent
COURSES = sorted(path.parent for path in (ROOT / "tests" / "courses").glob("*/course.yml"))
COURSES += sorted(path.parent for path in (ROOT / "course_src").glob("*/course.yml"))
SCHEMAS = Schemas()
FULL = os.environ.get("CARABIN_FULL") == "1"
FUZZ = settings(max_examples=25_000 if FULL else 300, deadline=None, suppress_health_check=list(HealthCheck))
"""Four tests: 10⁵ inputs in `make test-all`."""


def looked_at(content: bytes, limits: Limits | None = None) -> Inspected:
    """Return what is found about a zip in memory."""
    package = from_bytes("package.zip", content, limits) if limits else from_bytes("package.zip", content)
    return inspect_opened(package, SCHEMAS, "package.zip")


def codes(inspected: Inspected) -> set[str]:
    """Return the codes found, but for the note that a standard's schemas are not at hand."""
    return {finding.code for finding in inspected.findings} - {"P209"}


def run(*arguments: str | Path) -> Result:
    """Run `carabin inspect` in this process, in English."""
    result = CliRunner().invoke(carabin, ["inspect", "--lang", "en", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# --- corpus ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", PACKAGES.values(), ids=PACKAGES)
def test_a_package_of_the_corpus(made: Made) -> None:
    found = looked_at(made.make())
    assert codes(found) == made.codes, made.reason
    assert (found.standard, found.verdict) == (made.standard, made.verdict), made.reason


def test_the_corpus_is_large_and_covers_each_standard_good_and_bad() -> None:
    assert len(PACKAGES) >= 100
    assert OTHERS.keys() < PACKAGES.keys()
    for standard in ("scorm12", "scorm2004", "cmi5", "tincan"):
        verdicts = {made.verdict for made in PACKAGES.values() if made.standard == standard}
        assert verdicts == set(Verdict), standard


def test_every_code_is_shown_by_a_package_or_a_test_that_names_it() -> None:
    shown = {code for made in PACKAGES.values() for code in made.codes}
    for path in ROOT.glob("tests/**/test_inspect*.py"):
        shown |= set(re.findall(r"\bP\d{3}\b", path.read_text("utf-8")))
    assert sorted(set(finding_texts("en")) - shown) == []


def test_a_manifest_of_2004_with_an_unknown_version() -> None:
    """P211: Moodle takes it for 1.2, and the content finds no API."""
    text = """<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="M">
<metadata><schema>ADL SCORM</schema><schemaversion>2004</schemaversion></metadata></manifest>"""
    package = from_bytes("package.zip", zipped({"imsmanifest.xml": text}))
    found = detect(package)
    assert [(one.code, one.verdict, one.line) for one in found.findings] == [("P211", Verdict.BROKEN, 1)]
    assert (found.standard, found.edition) == ("scorm2004", "4")


@pytest.mark.parametrize("course", COURSES, ids=lambda path: path.name)
def test_packages_of_ours_are_good_and_need_no_word(course: Path, tmp_path: Path) -> None:
    built = [one for one in pipeline.build(load.load(course), pipeline.Options(targets=("scorm12",))) if one.package]
    assert built
    for one in built:
        assert one.package is not None
        written = write_package(one.package, tmp_path)
        found = looked_at(Path(written.path).read_bytes())
        assert [(finding.code, finding.path) for finding in found.findings if finding.code != "P335"] == []
        assert (found.standard, found.verdict) == ("scorm12", Verdict.GOOD)
        assert found.launches


def test_a_folder_is_inspected_like_the_zip(tmp_path: Path) -> None:
    for name in ("scorm12-good", "scorm12-launch-file-is-missing", "manifest-in-a-folder", "page-links-to-nothing"):
        made = PACKAGES[name]
        folder = tmp_path / name
        with zipfile.ZipFile(BytesIO(made.make())) as archive:
            archive.extractall(folder)
        result = run(folder, "--format", "json")
        (package,) = json.loads(result.stdout)["packages"]
        assert {one["code"] for one in package["findings"]} == made.codes
        assert package["verdict"] == made.verdict.value


def test_links_in_a_folder_are_told_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<p>secret</p>", "utf-8")
    folder = tmp_path / "package"
    folder.mkdir()
    for name, content in files12().items():
        (folder / name).write_text(str(content), "utf-8")
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    result = run(folder, "--format", "json")
    (package,) = json.loads(result.stdout)["packages"]
    assert [(one["code"], one["path"]) for one in package["findings"]][:2] == [("P109", "index.html"), ("P109", "up")]
    assert "secret" not in result.stdout
    assert result.exit_code == 1


# --- another's tool --------------------------------------------------------------------------------------------------

PACKAGER = """
const packager = require(process.argv[1]);
const version = process.argv[2];
packager({version, organization: "Test", title: "Test Course", language: "fr-FR", masteryScore: 80,
  startingPage: "index.html", source: "source", package: {version: "0.0.1", zip: true, outputFolder: "out"}}, () => {});
"""


@pytest.mark.needs("node")
@pytest.mark.parametrize("version", ["1.2", "2004 4th Edition"])
def test_a_package_of_another_tool(version: str, tools: dict[str, str], tmp_path: Path) -> None:
    """simple-scorm-packager writes `metadata` where the schema has none, sets a mastery score unasked for, and makes
    new identifiers at each export; the content, for SCORM 1.2, is ours and without fault."""
    (tmp_path / "source").mkdir()
    for name, content in files12().items():
        if not name.endswith(".xml"):
            (tmp_path / "source" / name).write_text(str(content), "utf-8")
    module = ROOT / "node_modules" / "simple-scorm-packager"
    subprocess.run([tools["node"], "-e", PACKAGER, str(module), version], cwd=tmp_path, check=True, capture_output=True)
    (package,) = (tmp_path / "out").glob("*.zip")
    found = looked_at(package.read_bytes())
    if version == "1.2":
        assert codes(found) == {"P208", "P318", "P348"}
        assert (found.standard, found.verdict) == ("scorm12", Verdict.RISKY)
        first = next(finding for finding in found.findings if finding.code == "P208")
        assert "'metadata': This element is not expected" in str(first.arguments["reason"])
        assert found.launches == (("index.html", "Test Course"),)
    else:
        assert (found.standard, found.verdict) == ("scorm2004", Verdict.BROKEN)
        assert "P715" in codes(found)  # its scripts look for the API of SCORM 1.2


# --- what is hostile -------------------------------------------------------------------------------------------------


def deflated(content: bytes, repeat: int) -> bytes:
    """Return a deflate stream of a content many times over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(packer.compress(content) for _ in range(repeat)) + packer.flush()


def record(name: bytes, method: int, size: int, packed: int, start: int) -> bytes:
    """Return an entry of a central directory that claims what it likes."""
    head = struct.pack("<4s6H3L", b"PK\x01\x02", 20, 20, 0, method, 0, 0, 0, packed, size)
    return head + struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, start) + name


def local(name: bytes, method: int, body: bytes) -> bytes:
    """Return a file of a zip with its local header."""
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, method, 0, 0, 0, len(body), 0, len(name), 0) + name + body


def zip_of(bodies: bytes, records: list[bytes]) -> bytes:
    """Return a zip of bodies and a central directory."""
    directory, count = b"".join(records), len(records)
    return (
        bodies + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(bodies), 0)
    )


def with_manifest(text: str | bytes) -> bytes:
    """Return a package whose manifest is this."""
    return zipped({**files12(), "imsmanifest.xml": text})


def with_page(text: str | bytes) -> bytes:
    """Return a package whose page is this."""
    return scorm12(page=text)


def bomb_that_tells() -> bytes:
    """A quarter of a gigabyte of zeros."""
    body = deflated(bytes(1 << 20), 256)
    return zip_of(local(b"a", 8, body), [record(b"a", 8, 1 << 28, len(body), 0)])


def bomb_that_lies() -> bytes:
    """The same, as a manifest that claims to have 100 bytes."""
    body = deflated(bytes(1 << 20), 256)
    name = b"imsmanifest.xml"
    return zip_of(local(name, 8, body), [record(name, 8, 100, len(body), 0)])


def bomb_of_overlaps() -> bytes:
    """Thirty thousand files with one content of 20 MB."""
    body = deflated(bytes(1 << 20), 20)
    return zip_of(local(b"00000", 8, body), [record(b"%05d" % one, 8, 20 << 20, len(body), 0) for one in range(30_000)])


def bomb_of_nothing() -> bytes:
    """Blocks that unpack to nothing, 10 MB of them, claimed by ten thousand files of 1 byte."""
    body = b"\x00\x00\x00\xff\xff" * (2 << 20)
    return zip_of(local(b"00000", 8, body), [record(b"%05d" % one, 8, 1, len(body), 0) for one in range(10_000)])


def endless_names() -> bytes:
    """Sixty thousand long names in one folder, with nothing in them."""
    names = [b"%05d" % one + b"x" * 400 for one in range(60_000)]
    return zip_of(b"", [record(name, 0, 0, 0, 0) for name in names])


def billion_laughs() -> bytes:
    """Entities in entities, in an attribute, behind a comment longer than what is looked at first."""
    entities = "".join(f'<!ENTITY a{one} "{f"&a{one - 1};" * 10}">' for one in range(1, 12))
    padding = f"<!-- {'x' * 70_000} -->"
    return with_manifest(
        f'{padding}<!DOCTYPE m [<!ENTITY a0 "lol">{entities}]><manifest identifier="&a11;">&a11;</manifest>'
    )


def external_entity() -> bytes:
    """An entity that reads a file of the machine."""
    return with_manifest(
        '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><manifest identifier="M">&a;</manifest>'
    )


def endless_items() -> bytes:
    """Sixty thousand items that refer to nothing."""
    items = "".join(f'<item identifier="i{one}" identifierref="n{one}"/>' for one in range(60_000))
    head, tail = MANIFEST12.split("<item ", 1)
    return with_manifest(f"{head}{items}<item {tail}")


def endless_resources() -> bytes:
    """Resources below a long base, each in other capitals than a file."""
    resources = "".join(f'<resource identifier="r{one}" href="INDEX{one}.html"/>' for one in range(48_000))
    text = MANIFEST12.replace("<resources>", f'<resources xml:base="{"a/" * 100_000}">{resources}')
    return with_manifest(text)


def deep_manifest() -> bytes:
    """Items in items, a hundred thousand deep."""
    return with_manifest(MANIFEST12.replace("<item ", "<item>" * 190_000 + "<item ", 1))


def endless_comments() -> bytes:
    """Comments that never end."""
    return with_manifest("<!--" * 1_000_000)


def endless_reference() -> bytes:
    """A character reference of a million digits."""
    return with_manifest(MANIFEST12.replace("Lesson", "&#" + "1" * 1_000_000))


def deep_page() -> bytes:
    """A page of nested tables."""
    return with_page("<table><tr><td>" * 60_000)


def page_of_attributes() -> bytes:
    """A page of links, each to nothing."""
    return with_page("".join(f'<img src="{one}.png">' for one in range(60_000)))


def script_of_words() -> bytes:
    """Everything that is searched for, half-written."""
    return scorm12(script=("onunload" + " " * 1000 + "window.open" + " " * 1000 + "try" + " " * 1000) * 4000)


def noise_before() -> bytes:
    """Ends of zips, one after another, and no zip."""
    return b"PK\x05\x06" * 20_000


HOSTILE: tuple[Callable[[], bytes], ...] = (
    bomb_that_tells,
    bomb_that_lies,
    bomb_of_overlaps,
    bomb_of_nothing,
    endless_names,
    billion_laughs,
    external_entity,
    endless_items,
    endless_resources,
    deep_manifest,
    endless_comments,
    endless_reference,
    deep_page,
    page_of_attributes,
    script_of_words,
    noise_before,
)
SECONDS, BYTES = 30, 1 << 30
"""What one package may take: time of the processor, and memory (the address space, that of Python included)."""


def limited() -> None:
    """Take from a process what it may not have."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_a_hostile_package_takes_little_time_and_memory_and_writes_nothing(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "in" / "there"
    folder.mkdir(parents=True)
    (folder / "package.zip").write_bytes(make())
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "CARABIN_SCHEMAS": ""}
    done = subprocess.run(
        [sys.executable, "-m", "builder", "inspect", "package.zip", "--format", "json"],
        cwd=folder,
        env=environment,
        preexec_fn=limited,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    (package,) = json.loads(done.stdout)["packages"]
    assert len(package["findings"]) < 120
    assert "root:" not in done.stdout
    if make not in (deep_page, page_of_attributes, script_of_words):
        assert package["verdict"] == "broken"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["package.zip"]


def test_names_that_climb_out_are_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    for name in ("archive-climbs-out", "archive-has-an-absolute-path", "archive-has-a-link"):
        (folder / "package.zip").write_bytes(PACKAGES[name].make())
        assert run("package.zip").exit_code == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["package.zip"]


def test_a_folder_too_deep_is_told_and_left(tmp_path: Path) -> None:
    for name, content in files12().items():
        (tmp_path / name).write_text(str(content), "utf-8")
    deep = tmp_path.joinpath(*("x" * 33))
    deep.mkdir(parents=True)
    (deep / "file.txt").write_text("x", "utf-8")
    (package,) = json.loads(run(tmp_path, "--format", "json").stdout)["packages"]
    assert [(one["code"], one["path"]) for one in package["findings"]] == [("P121", "/".join("x" * 32))]


def test_a_pipe_in_a_folder_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "imsmanifest.xml")
    (tmp_path / "index.html").write_text("<p>", "utf-8")
    (package,) = json.loads(run(tmp_path, "--format", "json").stdout)["packages"]
    assert [one["code"] for one in package["findings"]] == ["P109", "P219"]


def test_what_is_beyond_a_limit_is_not_read() -> None:
    content = zipped({**files12(), "large.js": b"x" * 5000})
    small = from_bytes("x.zip", content, Limits(file=4000, read_total=6000))
    assert small.read("large.js") is None
    assert small.read("imsmanifest.xml")
    assert from_bytes("x.zip", content, Limits(read_total=10)).read("imsmanifest.xml") is None
    assert "P103" in {one.code for one in looked_at(content, Limits(files=3)).findings}
    assert "P127" in {one.code for one in looked_at(content, Limits(checked=4500)).findings}


def test_findings_of_one_code_are_told_a_few_times_then_counted() -> None:
    files = "".join(f'<file href="{one}.png"/>' for one in range(40))
    found = looked_at(scorm12(('<file href="sco.js"/>', f'<file href="sco.js"/>{files}')))
    assert sum(one.code == "P319" for one in found.findings) == SHOWN
    (more,) = (one for one in found.findings if one.code == "P199")
    assert more.arguments == {"which": "P319", "count": 40 - SHOWN}


@given(st.text())
def test_a_safe_name_stays_inside(name: str) -> None:
    safe = safe_name(name)
    assert not safe.startswith("/")
    assert ".." not in safe.split("/")
    assert safe_name(safe) in (safe, "")


# --- bytes of all kinds ----------------------------------------------------------------------------------------------

BASES = tuple(made.make() for made in PACKAGES.values() if made.name != "archive-is-a-bomb")
MANIFESTS = tuple(
    (name, content)
    for package in (from_bytes("package.zip", base) for base in BASES)
    for name in ("imsmanifest.xml", "cmi5.xml", "tincan.xml")
    if (content := package.read(name)) and len(content) < 20_000
)
edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(("cut", "put", "set", "twice")), st.binary(max_size=12)), max_size=6
)


def edited(content: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    """Return bytes with parts taken out, put in, overwritten or written twice."""
    for place, kind, new in changes:
        at = int(place * len(content))
        if kind == "cut":
            content = content[:at] + content[at + len(new) :]
        elif kind == "put":
            content = content[:at] + new + content[at:]
        elif kind == "set":
            content = content[:at] + new + content[at + len(new) :]
        else:
            content = content[:at] + content[at : at + 40] + content[at:]
    return content


def is_told(content: bytes) -> None:
    """Check that a package, whatever it is, is judged and told in every form and language."""
    found = looked_at(content)
    assert isinstance(found.verdict, Verdict)
    for language in languages():
        as_text([found], language, False)
        page_of([found], language)
    json.loads(as_json([found], "en"))
    json.loads(as_sarif([found], "fr"))


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes_are_judged(content: bytes) -> None:
    is_told(content)


@FUZZ
@given(st.sampled_from(BASES), edits)
def test_any_damaged_package_is_judged(base: bytes, changes: list[tuple[float, str, bytes]]) -> None:
    is_told(edited(base, changes))


@FUZZ
@given(st.sampled_from(MANIFESTS), edits, st.sampled_from(("", "utf-8", "utf-16", "latin-1")))
def test_any_damaged_manifest_is_judged(
    manifest: tuple[str, bytes], changes: list[tuple[float, str, bytes]], encoding: str
) -> None:
    name, content = manifest
    content = edited(content, changes)
    if encoding:
        content = content.decode("utf-8", "replace").encode(encoding, "replace")
    is_told(zipped({**files12(), name: content}))


@FUZZ
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
            st.binary(max_size=60),
            st.integers(0, 0xFFFF),
            st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)),
        ),
        max_size=6,
    )
)
def test_any_names_and_modes_are_judged(entries: list[tuple[str, bytes, int, int]]) -> None:
    stream = BytesIO(scorm12())
    with zipfile.ZipFile(stream, "a") as archive:
        for name, content, mode, method in entries:
            made = entry(name, external_attr=mode << 16, compress_type=method)
            if made.filename not in archive.namelist():
                archive.writestr(made, content)
    is_told(stream.getvalue())


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good, a risky and a broken package, which is the current one."""
    for name in ("scorm12-good", "script-waits-for-unload", "manifest-in-a-folder"):
        (tmp_path / f"{name}.zip").write_bytes(PACKAGES[name].make())
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CARABIN_SCHEMAS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


GOOD, RISKY, BROKEN = "scorm12-good.zip", "script-waits-for-unload.zip", "manifest-in-a-folder.zip"


@pytest.mark.usefixtures("corpus")
def test_text_reads_like_diagnostics_and_ends_with_the_verdict() -> None:
    result = run(BROKEN)
    assert result.stdout == (
        "manifest-in-a-folder.zip: course/imsmanifest.xml: error[P216]: the manifest lies in the folder `course`, not"
        " at the root of the package\n"
        "  = consequence: Moodle refuses it (“found but not in the root”), and so does the standard; Open edX searches"
        " for it\n"
        "  = hint: pack what is inside the folder, not the folder\n"
        "  = more: carabin explain P216\n"
        "\n"
        "manifest-in-a-folder.zip: broken. A package of no known standard. At least one LMS refuses it, does not launch"
        " it or does not record what learners do.\n"
    )


@pytest.mark.usefixtures("corpus")
def test_a_good_package_is_one_sentence_in_either_language() -> None:
    assert run(GOOD).stdout == (
        "scorm12-good.zip: good. A package of SCORM 1.2. Nothing was found that keeps an LMS from importing, playing"
        " and recording it. It opens index.html (“Lesson”).\n"
    )
    french = CliRunner().invoke(carabin, ["inspect", "--lang", "fr", GOOD]).stdout
    assert french == (
        "scorm12-good.zip: bon. Un paquet SCORM 1.2. Rien n’a été trouvé qui empêche un LMS de l’importer, de le jouer"
        " et d’enregistrer. Il ouvre index.html («\u00a0Lesson\u00a0»).\n"
    )


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((GOOD,), 0),
        ((GOOD, "--strict"), 0),
        ((RISKY,), 0),
        ((RISKY, "--strict"), 1),
        ((BROKEN,), 1),
        ((GOOD, RISKY, BROKEN), 1),
        ((), 2),
        (("missing.zip",), 2),
        ((GOOD, "--format", "yaml"), 2),
        ((GOOD, "--receipt", "CARABIN1"), 2),
        (("--receipt", "CARABIN1", "--format", "sarif"), 2),
    ],
)
def test_exit_status(arguments: tuple[str, ...], status: int) -> None:
    assert run(*arguments).exit_code == status


@pytest.mark.usefixtures("corpus")
def test_json_is_schema_1() -> None:
    content = json.loads(run(GOOD, RISKY, BROKEN, "--format", "json").stdout)
    assert content["schema"] == 1
    assert [(one["path"], one["standard"], one["verdict"]) for one in content["packages"]] == [
        (GOOD, "scorm12", "good"),
        (RISKY, "scorm12", "risky"),
        (BROKEN, "", "broken"),
    ]
    for package in content["packages"]:
        assert set(package) == {"path", "standard", "verdict", "findings"}
        for finding in package["findings"]:
            assert set(finding) == {"code", "severity", "path", "message", "consequence"}
    (finding,) = content["packages"][1]["findings"]
    assert (finding["code"], finding["severity"], finding["path"]) == ("P707", "warning", "sco.js")


@pytest.mark.usefixtures("corpus")
def test_sarif_places_each_finding_at_its_package() -> None:
    log = json.loads(run(RISKY, BROKEN, "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["P216", "P707"]
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {severity.value for severity in Severity}
    place = one["results"][1]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == BROKEN
    assert place["logicalLocations"] == [{"fullyQualifiedName": "course/imsmanifest.xml"}]


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("language", languages())
def test_the_page_is_whole_and_loads_nothing(language: str) -> None:
    page = CliRunner().invoke(carabin, ["inspect", "--lang", language, "--format", "html", GOOD, RISKY, BROKEN]).stdout
    assert page.startswith("<!doctype html>")
    assert f'<html lang="{language}"' in page
    assert not re.search(r"\b(?:src|href)=\"(?!#)", page)
    reader = Reader()
    reader.feed(page[page.index("<header") : page.index("</body>")])
    assert [problem for problem in reader.problems if problem] == []
    for name in (GOOD, RISKY, BROKEN):
        assert name in page
    assert page.count("<table>") == 2


def test_a_package_cannot_steer_the_terminal_or_the_page(tmp_path: Path) -> None:
    evil = "\x1b[2J<script>alert(1)</script>\u202e.txt"
    package = tmp_path / "package.zip"
    package.write_bytes(with_entry(entry(f"../{evil}")))
    text = run(package).stdout
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>alert" not in run(package, "--format", "html").stdout


def test_long_names_are_cut() -> None:
    found = looked_at(with_entry(entry("../" + "x" * 60_000)))
    assert len(as_text([found], "en", False)) < 4000


# --- receipts --------------------------------------------------------------------------------------------------------

RECEIPT = "CARABIN1/cybersecurite/1.0.0/passed/86.67/2026-11-22/"


def signed(text: str) -> str:
    """Return a receipt with its check sum, computed by other means than the program's: FNV-1a by its definition."""
    value = 2166136261
    for byte in text[:-1].encode():
        value = ((value ^ byte) * 16777619) % 2**32
    return f"{text}{value:08x}"


def test_a_receipt_is_told_as_a_claim() -> None:
    result = run("--receipt", signed(RECEIPT))
    assert result.exit_code == 0
    assert result.stdout == (
        "course: cybersecurite\nversion: 1.0.0\nstatus: passed\nscore: 86.67%\n"
        "date, by the learner’s clock: 2026-11-22\n"
        "The check sum holds: the code was copied without a slip.\n"
        "A receipt is a claim that helps to find a missing record, not a proof: anyone can make one. Compare it with"
        " the LMS’s own records.\n"
    )


@pytest.mark.needs("node")
def test_the_player_writes_the_receipts_that_are_read(tools: dict[str, str]) -> None:
    script = """
import {receipt} from "./builder/runtime/receipt.js";
const day = new Date(2026, 10, 22);
const course = {id: "cybersecurite", version: "1.0.0-rc.1"};
const ends = [["passed", 86.67], ["failed", 0], ["completed", null]];
console.log(ends.map(([status, score]) => receipt(course, status, score, day)).join("\\n"));
"""
    command = [tools["node"], "--input-type=module", "-e", script]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    read = [read_receipt(line) for line in lines]
    assert [(one.status, one.score, one.date, one.holds) for one in read if one] == [
        ("passed", "86.67", "2026-11-22", True),
        ("failed", "0", "2026-11-22", True),
        ("completed", "", "2026-11-22", True),
    ]


def test_a_receipt_may_be_broken_over_lines() -> None:
    code = signed(RECEIPT)
    spread = f"  {code[:20]}\n {code[20:40]}\t{code[40:]} \n"
    assert run("--receipt", spread).stdout == run("--receipt", code).stdout


def test_a_slip_is_found_and_nonsense_refused() -> None:
    slip = signed(RECEIPT).replace("86.67", "96.67")
    assert "does not hold" in run("--receipt", slip).stdout
    assert run("--receipt", slip).exit_code == 1
    for code in ("", "CARABIN1", RECEIPT, signed(RECEIPT).upper(), signed(RECEIPT.replace("1/c", "2/c")), "/" * 6):
        result = run("--receipt", code)
        assert result.stdout == (
            "This is no completion receipt: it would begin with CARABIN1/ and have seven fields between slashes.\n"
        )
        assert result.exit_code == 1


def test_a_receipt_as_json() -> None:
    content = json.loads(run("--receipt", signed(RECEIPT), "--format", "json").stdout)
    claim = {"course": "cybersecurite", "version": "1.0.0", "status": "passed", "score": "86.67", "date": "2026-11-22"}
    assert content == {"schema": 1, "receipt": {**claim, "holds": True}}
    assert json.loads(run("--receipt", "x", "--format", "json").stdout) == {"schema": 1, "receipt": None}


@given(st.text(max_size=300))
def test_any_receipt_is_read_or_refused(code: str) -> None:
    read = read_receipt(code)
    assert read is None or read.status in ("completed", "failed", "passed")

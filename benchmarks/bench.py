"""One command, one table: `make bench`, or `python -m benchmarks.bench [--courses N] [--lessons N] [--runs N]`.

Speed is measured on a generated corpus (`corpus.py`), as whole processes: time on the clock, which other work on the
machine lengthens, and processor time, which ratios compare because other work hardly touches it. What is compared runs
in turns, so that a slow minute slows both. The floor (`floor.py`) is the cost of Markdown alone; the peer
(`peer.py`) is what other people use for the same texts. Sizes are those of the package of `course_src/cybersecurite`;
script and style also those of `tests/courses/everything`, the course that uses everything.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import posixpath
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from benchmarks import corpus, peer
from builder.serve.desk import Desk

ROOT = Path(__file__).parent.parent
PEER_HOME = ROOT / ".venv-peer"
MEASURED_COURSE = ROOT / "course_src" / "cybersecurite"
LARGEST_COURSE = ROOT / "tests" / "courses" / "everything"
COMMAND = (sys.executable, "-m", "builder")
STARTS = 15
LESSONS_OF_A_LARGE_COURSE = 300
RUNS_OF_REBUILD = 9


@dataclass(frozen=True, slots=True)
class Run:
    """One process: time on the clock and processor time in seconds, largest resident memory in megabytes."""

    seconds: float
    processor: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `against` is empty when the value stands for itself."""

    measure: str
    value: str
    against: str = ""


def main() -> int:
    """Measure everything; print Markdown. Exit status 1 when a measured command failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--courses", type=int, default=corpus.COURSES)
    parser.add_argument("--lessons", type=int, default=corpus.LESSONS, help="lessons in each course")
    parser.add_argument("--runs", type=int, default=3, help="runs of each build; the median counts")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="carabin-bench-") as folder:
            rows = [
                *speed(Path(folder), options.courses, options.lessons, options.runs),
                *by_lesson(Path(folder), options.lessons, options.runs),
                *rebuild(Path(folder), options.lessons),
                *start_up(),
                *sizes(Path(folder)),
            ]
    except subprocess.CalledProcessError as failed:
        print(f"{' '.join(failed.cmd)}: exit status {failed.returncode}\n{failed.stderr}", file=sys.stderr)
        return 1
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors\n"
    )
    print("\n".join(table(rows)))
    return 0


def speed(folder: Path, courses: int, lessons: int, runs: int) -> tuple[Row, ...]:
    """Time clean builds of the corpus with one process, the floor and the peer, in turns."""
    sources = folder / "corpus"
    corpus.write(sources, courses, lessons)
    peer_python = peer_environment()
    builds, floors, peers = [], [], []
    for number in range(runs):
        out = folder / f"run-{number}"
        (out / "peer").mkdir(parents=True)
        build = (*COMMAND, "build", str(sources), "-t", "scorm12", "--jobs", "1", "--out", str(out / "dist"))
        builds.append(timed(build, cache=out / "cache"))
        floors.append(timed((sys.executable, "-m", "benchmarks.floor", str(sources))))
        peers.append(timed((str(peer_python), "-m", "benchmarks.peer", str(sources), str(out / "peer"))))
        packages = len(list((out / "dist").glob("*.zip")))
        assert packages == courses, f"{packages} packages of {courses} courses"
        if number + 1 < runs:
            shutil.rmtree(out)
    again = timed(build, cache=out / "cache")
    count = courses * lessons
    memory = max(run.megabytes for run in builds)

    def timing(runs: list[Run]) -> str:
        seconds = statistics.median(run.seconds for run in runs)
        return f"{seconds:.2f} s, {processor(runs):.2f} s processor, {count / processor(runs):.0f} lessons/s"

    return (
        Row(f"Clean build, {courses} courses of {lessons} lessons, one process", timing(builds)),
        Row("· against the floor: the same lessons, markdown-it-py alone", ratio(builds, floors), timing(floors)),
        Row(f"· against the peer: {peer.REQUIREMENT.replace('==', ' ')}", ratio(builds, peers), timing(peers)),
        Row("· largest memory", f"{memory:.0f} MB", f"{max(run.megabytes for run in floors):.0f} MB: the floor"),
        Row("Build again, nothing changed", timing([again]), f"{ratio([again], builds)} of the clean build"),
    )


def by_lesson(folder: Path, lessons: int, runs: int) -> tuple[Row, ...]:
    """Build one course of the corpus as one SCO and as one SCO a lesson, in turns; compare time and package."""
    ways = {"one SCO": "", "one SCO a lesson": "packaging: {sco: lesson}\n"}
    timings: dict[str, list[Run]] = {way: [] for way in ways}
    packages: dict[str, tuple[int, int]] = {}
    for way, setting in ways.items():
        source = folder / "ways" / way.replace(" ", "-")
        corpus.write(source, 1, lessons)
        settings = source / "corpus-01" / "course.yml"
        settings.write_text(settings.read_text(encoding="utf-8") + setting, encoding="utf-8")
    for _ in range(runs):
        for way in ways:
            source = folder / "ways" / way.replace(" ", "-")
            out = Path(tempfile.mkdtemp(dir=folder))
            build = (*COMMAND, "build", str(source / "corpus-01"), "-t", "scorm12", "--out", str(out / "dist"))
            timings[way].append(timed(build, cache=out / "cache"))
            (package,) = (out / "dist").glob("*.zip")
            with zipfile.ZipFile(package) as archive:
                packages[way] = package.stat().st_size, len(archive.namelist())
    (one, one_files), (several, several_files) = packages.values()
    whole, apart = timings.values()
    return (
        Row(
            f"One SCO a lesson, a course of {lessons} lessons",
            f"{statistics.median(run.seconds for run in apart):.2f} s, {processor(apart):.2f} s processor",
            f"{ratio(apart, whole)} of one SCO",
        ),
        Row("· its package", f"{several:,} bytes, {several_files} files", f"{one:,} bytes, {one_files} files: one SCO"),
    )


def processor(runs: list[Run]) -> float:
    """Return the median processor time in seconds."""
    return statistics.median(run.processor for run in runs)


def ratio(ours: list[Run], theirs: list[Run]) -> str:
    """Return how many times more processor time ours take."""
    return f"× {processor(ours) / processor(theirs):.2f}"


def rebuild(folder: Path, lessons: int) -> tuple[Row, ...]:
    """Time what `carabin serve` does between a save and the page's update, in this process; the median counts."""
    shutil.copytree(MEASURED_COURSE.parent, folder / "own")
    courses = [(folder / "own" / MEASURED_COURSE.name, MEASURED_COURSE.name, "scorm12")]
    # What learners do in so many lessons does not fit into the saved state of SCORM 1.2.
    for count, target in ((LESSONS_OF_A_LARGE_COURSE, "scorm2004"), (lessons, "scorm12")):
        corpus.write(folder / target, 1, count)
        root = next((folder / target).rglob("course.yml")).parent
        courses.insert(0, (root, f"one course of {count} lessons", target))
    rows = []
    for course, name, target in courses:
        desk = Desk(course, target)
        began = time.perf_counter()
        desk.build()
        first = time.perf_counter() - began
        place = next(path for path in sorted(course.rglob("*.md")) if path.name[0].isdigit())
        times = []
        for number in range(RUNS_OF_REBUILD):
            place.write_text(f"{place.read_text('utf-8')}\n\nAn edit, number {number}.\n", encoding="utf-8")
            began = time.perf_counter()
            report = desk.build()
            times.append(time.perf_counter() - began)
            assert report.changed, report
        value = f"{1000 * statistics.median(times):.0f} ms"
        rows.append(Row(f"Preview: a lesson saved, {name}", value, f"{1000 * first:.0f} ms: the first build"))
    return tuple(rows)


def start_up() -> tuple[Row, ...]:
    """Time how long the command takes to say its version and its help, against importing click."""
    commands = {
        "carabin --version": (*COMMAND, "--version"),
        "carabin --help": (*COMMAND, "--help"),
        "python -c 'import click'": (sys.executable, "-c", "import click"),
    }
    runs: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            runs[name].append(timed(command).seconds * 1000)
    *ours, (name, floor) = ((name, statistics.median(milliseconds)) for name, milliseconds in runs.items())
    return tuple(Row(f"`{own}`", f"{value:.0f} ms", f"{floor:.0f} ms: `{name}`") for own, value in ours)


def sizes(folder: Path) -> tuple[Row, ...]:
    """Build the measured course; weigh its script, its style, and what a learner waits for at first; then what the
    course that uses everything loads."""
    package, members = built(MEASURED_COURSE, folder)
    _, largest = built(LARGEST_COURSE, folder)
    page = Page("index.html", members)
    start = page.start or "index.html"
    first = {"index.html", *page.wants, start, *Page(start, members).wants}
    plain, squeezed = (sum(size(members[name]) for name in first) for size in (len, gzipped))
    return (
        Row("Script, gzipped", f"{gzipped(members['player.js']):,} bytes", "25 kB allowed"),
        Row("Style, gzipped", f"{gzipped(members['style.css']):,} bytes", "12 kB allowed"),
        Row("First lesson on screen", f"{len(first)} requests, {squeezed:,} bytes gzipped", f"{plain:,} bytes plain"),
        Row(f"Package of {MEASURED_COURSE.name}", f"{package.stat().st_size:,} bytes", f"{len(members)} files"),
        Row("The course that uses everything: script", f"{gzipped(largest['player.js']):,} bytes", "25 kB allowed"),
        Row("· its style", f"{gzipped(largest['style.css']):,} bytes", "12 kB allowed"),
    )


def built(course: Path, folder: Path) -> tuple[Path, dict[str, bytes]]:
    """Build a course for SCORM 1.2; return the package and its members."""
    out = folder / "measured" / course.name
    timed((*COMMAND, "build", str(course), "-t", "scorm12", "--out", str(out)), cache=folder / "cache")
    (package,) = out.glob("*.zip")
    with zipfile.ZipFile(package) as archive:
        return package, {name: archive.read(name) for name in archive.namelist()}


class Page(HTMLParser):
    """What a browser asks for to show a page of a package: `wants`, and `start`, where its first button leads."""

    def __init__(self, name: str, members: dict[str, bytes]) -> None:
        super().__init__()
        self.name, self.wants, self.start = name, set[str](), ""
        self.feed(members[name].decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect scripts, styles, images and media, but for what is inline or loaded when it comes into view."""
        values = dict(attrs)
        if tag == "a" and values.get("data-action") == "start":
            self.start = (values.get("href") or "").split("#")[0]
        address = values.get("href" if tag == "link" else "src")
        is_later = (address or "").startswith("data:") or values.get("loading") == "lazy"
        if tag in {"audio", "img", "link", "script", "source", "track", "video"} and address and not is_later:
            self.wants.add(posixpath.normpath(posixpath.join(posixpath.dirname(self.name), address)))


def timed(command: Sequence[str], cache: Path | None = None) -> Run:
    """Run a process to its end, silent; raises `CalledProcessError` with its messages when it fails."""
    environment = {**os.environ, **({} if cache is None else {"CARABIN_CACHE": str(cache)})}
    with tempfile.TemporaryFile() as messages:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=messages)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            messages.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=messages.read().decode()[-4000:])
    # Linux counts kibibytes, macOS bytes.
    memory = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Run(seconds, usage.ru_utime + usage.ru_stime, memory)


def gzipped(content: bytes) -> int:
    """Return the size that a server sends, in bytes."""
    return len(gzip.compress(content, compresslevel=9, mtime=0))


def peer_environment() -> Path:
    """Return the Python that has the peer; made at first use."""
    python = PEER_HOME / "bin" / "python"
    if not python.exists():
        subprocess.run((sys.executable, "-m", "venv", PEER_HOME), check=True)
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer.REQUIREMENT)
    subprocess.run(install, check=True)
    return python


def table(rows: Sequence[Row]) -> list[str]:
    """Lay rows out as a Markdown table that also reads well as text."""
    cells = [("Measure", "Value", "Against"), *((row.measure, row.value, row.against) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    lines = [" | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
    rule = " | ".join("-" * width for width in widths)
    return [f"| {line} |" for line in (lines[0], rule, *lines[1:])]


if __name__ == "__main__":
    sys.exit(main())

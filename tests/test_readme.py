"""The README shows a lesson that compiles as it stands, and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from builder import load, pipeline
from builder.cli import carabin
from tools.pictures import COURSE, readme_lesson

README = Path(__file__).parent.parent / "README.md"


def test_the_lesson_of_the_readme_compiles_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "course.yml").write_text(COURSE, "utf-8")
    (tmp_path / "01-message.md").write_text(readme_lesson(), "utf-8")
    checked = pipeline.check(load.load(tmp_path), pipeline.Options())
    assert [found.code for found in checked.diagnostics] == ["S215"]
    assert checked.course is not None
    assert [question.id for lesson in checked.course.lessons for question in lesson.questions] == ["q-urgence"]


def test_the_commands_of_the_readme_run_in_their_order(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    lines = re.findall(r"^\.venv/bin/carabin (.*?)(?: +#.*)?$", README.read_text("utf-8"), re.MULTILINE)
    assert len(lines) >= 5
    for line in lines:
        result = CliRunner().invoke(carabin, line.split(), prog_name="carabin")
        assert result.exit_code == 0, f"carabin {line}\n{result.output}"
    assert list(tmp_path.glob("dist/secourisme-*-scorm12.zip"))


def test_the_files_that_the_readme_links_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8")):
        assert (README.parent / target).is_file(), target

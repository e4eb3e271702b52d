"""Formulas: whatever an author writes gives MathML that a browser can show, or one of three diagnostics (S171–S173)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from compiled import FRONT, checked, lesson_alone
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from builder.mathml import LONGEST, mathml

COMMANDS = (
    r"\frac \sqrt \left( \right) \begin{matrix} \end{matrix} \begin{align} \\ & { } ^ _ ' \text{a<b} \href{x}{y}"
    r" \hspace{1em} \mathrm \sum \limits \overset \substack \color{red} \tag{1} \operatorname \not \binom 3,5 x"
    r" \alpha \prescript \dfrac"
).split()
LATEX = st.one_of(
    st.lists(st.sampled_from(COMMANDS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(COMMANDS), max_size=12).map("".join),
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30),
)
ELEMENTS = frozenset(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd"
    " mstyle mpadded mphantom".split()
)
"""Elements of MathML Core, which browsers draw."""


@given(LATEX, st.booleans(), st.sampled_from(["en", "fr-FR"]))
def test_any_formula_is_shown_or_refused(latex: str, is_display: bool, language: str) -> None:
    formula = mathml(latex, is_display, language)
    assert not (formula.html and formula.command)
    if formula.html and all(character.isprintable() or character.isspace() for character in latex):
        tree = etree.fromstring(formula.html)
        assert {element.tag for element in tree.iter()} <= ELEMENTS
        names = {name for element in tree.iter() for name in element.attrib}
        assert names.isdisjoint({"href", "style", "class", "id", "mathcolor", "mathbackground"})
        assert not any(name.startswith("on") for name in names)


@given(LATEX, st.sampled_from(["${}$", "$${}$$", "$$\n{}\n$$", "- [x] ${}$", "| a |\n| - |\n| ${}$ |"]))
def test_no_formula_stops_the_compiler(latex: str, frame: str) -> None:
    text = FRONT + "\nText.\n\n" + frame.replace("{}", latex) + "\n"
    found = checked(lesson_alone(text, Path.cwd()))
    assert found.course is not None
    lines = text.split("\n")
    for one in found.diagnostics:
        if one.code in ("S171", "S172", "S173"):
            assert 1 <= one.span.line <= len(lines)


def test_long_and_deep_formulas_are_refused() -> None:
    for latex in ("x" * (LONGEST + 1), "{" * 1500 + "}" * 1500, r"\sqrt{" * 600 + "}" * 600, r"\frac" * 700):
        assert mathml(latex, True, "en").html == ""


def test_courses_without_formulas_do_not_load_the_converter() -> None:
    code = (
        "import sys; import builder.pipeline, builder.parse, builder.markdown, builder.cli.check;"
        " print([name for name in sys.modules if 'latex2mathml' in name])"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

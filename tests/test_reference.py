"""The pages of `docs/reference/` that come from the code are current."""

from __future__ import annotations

import pytest

from tools.generate_docs import INTERACTIONS, REFERENCE, pages


@pytest.mark.parametrize("name", sorted(pages().keys() - {INTERACTIONS}))
def test_a_generated_page_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == pages()[name](), "run `make docs`"


@pytest.mark.needs("node")
def test_the_page_of_interactions_is_current() -> None:
    assert (REFERENCE / INTERACTIONS).read_text("utf-8") == pages()[INTERACTIONS](), "run `make docs`"

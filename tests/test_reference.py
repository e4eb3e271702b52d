"""The pages of `docs/reference/` that come from the code are current."""

from __future__ import annotations

import pytest

from tools.generate_docs import REFERENCE, pages


@pytest.mark.parametrize("name", pages())
def test_a_generated_page_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == pages()[name], "run `make docs`"

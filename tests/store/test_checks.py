"""Checks are kept for the paper and the page."""

from pathlib import Path

import pytest

from benchmark.declare.errors import UserError
from benchmark.store.checks import read_checks, store_checks
from helpers.made_up import CHECKED


def test_checks_are_kept(tmp_path: Path) -> None:
    assert read_checks(tmp_path) is None
    path = store_checks(tmp_path, CHECKED.scale, CHECKED.comparisons)
    assert read_checks(tmp_path) == CHECKED
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="check --save"):
        read_checks(tmp_path)

"""A small scenario and its results, for the commands that look at them."""

from pathlib import Path

import pytest

from helpers.scenarios import SMALL, computed, written


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of scenario files."""
    return written(tmp_path_factory.mktemp("cli"), SMALL, "small").parent


@pytest.fixture(scope="session")
def results(folder: Path) -> Path:
    """A results folder in which the small scenario is stored."""
    return computed(folder / "small.py", folder / "results").folder.parent


@pytest.fixture
def places(folder: Path, results: Path) -> list[str]:
    return ["--scenarios", str(folder), "--results", str(results)]

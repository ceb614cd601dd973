"""Scenario files that processes of their own run, and what an undisturbed run makes of one."""

from pathlib import Path

import pytest

from helpers.processes import BLOCKS, FAULTY, OWN, STEADY, complete, digests
from helpers.scenarios import written


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scenario files; compiled programs are shared below it."""
    folder = tmp_path_factory.mktemp("execution")
    for name, text in {
        "steady": STEADY,
        "faulty": FAULTY,
        "learning": OWN.format(gain=1.0),
        "still": OWN.format(gain=0.0),
    }.items():
        written(folder / "scenarios", text, name)
    return folder


@pytest.fixture(scope="session")
def reference(place: Path) -> dict[str, str]:
    """The digests of an uninterrupted run by two workers."""
    out = complete(place, place / "reference")
    assert f"Computed {BLOCKS} blocks" in out
    found = digests(place / "reference")
    assert len(found) == BLOCKS
    return found

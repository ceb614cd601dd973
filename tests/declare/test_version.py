"""Which version this is."""

import importlib.metadata
from pathlib import Path

import pytest

from benchmark.declare.version import DISTRIBUTION, find_version


def test_a_source_tree_knows_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    declared = f'[project]\nname = "{DISTRIBUTION}"\nversion = "9.1"\n'
    (tmp_path / "pyproject.toml").write_text(declared)
    assert find_version(tmp_path / "benchmark") == "9.1"

    monkeypatch.setattr(
        "benchmark.declare.version.version", lambda name: f"{name} as installed"
    )
    for other in (declared.replace(DISTRIBUTION, "another"), "[tool]", "no toml"):
        (tmp_path / "pyproject.toml").write_text(other)
        assert find_version(tmp_path / "benchmark") == f"{DISTRIBUTION} as installed"


def test_a_package_that_nobody_installed_has_an_unknown_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("benchmark.declare.version.version", missing)
    assert find_version(tmp_path / "benchmark") == "0+unknown"

"""The wheel: built from a copy, installed outside of the clone, and used in an empty folder."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import benchmark
from benchmark.declare.places import SHARE, scenario_files
from benchmark.declare.version import DISTRIBUTION
from helpers import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

VERSION: str = PROJECT["project"]["version"]

BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


# --- what is said of it -------------------------------------------------------------------


def test_all_agree_on_what_this_is():
    project = PROJECT["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == project["version"] == benchmark.__version__
    assert cited["license"] == project["license"]
    assert cited["keywords"] == project["keywords"]
    assert cited["authors"] == project["authors"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith(f"{project['license']} License")
    assert all(author["name"] in licence for author in cited["authors"])
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {cited['title']}\n")
    assert {"cff-version", "message", "type"} <= cited.keys()


def test_the_changelog_has_a_part_for_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.findall(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)
    assert parts[0] == "Unreleased" and VERSION in parts


def test_tests_build_with_what_the_project_builds_with():
    (needed,) = PROJECT["build-system"]["requires"]
    assert needed in PROJECT["project"]["optional-dependencies"]["test"]


# --- the wheel ----------------------------------------------------------------------------


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A program that knows nothing of this clone."""
    hidden = ("PYTHONPATH", "PYTHONHOME")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        list(map(str, words)), cwd=cwd, env=env, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves folders where it works."""
    pytest.importorskip("setuptools", "77", "the wheel is built with setuptools 77 or later")
    source = tmp_path_factory.mktemp("source")
    for name in ("benchmark", "scenarios", "paper", "results/reference"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    made = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-c", BUILD, made, cwd=source)
    assert built.returncode == 0, built.stderr
    (found,) = made.glob("*.whl")
    return found


def test_the_wheel_holds_what_is_used(wheel: Path):
    """All modules with their data; scenarios, reference and paper; nothing else."""
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder, pattern in (
            ("benchmark", "**/*.py"),
            ("benchmark", "report/templates/*"),
            ("benchmark", "py.typed"),
        )
        for path in (ROOT / folder).glob(pattern)
    }
    data = f"{DISTRIBUTION.replace('-', '_')}-{VERSION}.data/data/{SHARE.as_posix()}"
    wanted |= {
        f"{data}/{path.relative_to(ROOT).as_posix()}"
        for folder, pattern in (
            ("scenarios", "**/*.py"),
            ("scenarios", "**/*.toml"),
            ("results/reference", "*.nc"),
            ("results/reference", "checks.json"),
            ("paper", "*.typ"),
            ("paper", "*.bib"),
        )
        for path in (ROOT / folder).glob(pattern)
    }
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == wanted
    assert len(names) > 250


class Installed:
    """An environment with the wheel, and an empty folder to work in.

    Attributes:
        folder: where commands run.
        programs: where the environment has its commands.
    """

    def __init__(self, environment: Path, folder: Path):
        self.folder = folder
        self.programs = environment / ("Scripts" if os.name == "nt" else "bin")
        self._environment = environment
        self._before = self._files()

    def __call__(self, *words: str | Path) -> str:
        """What a command prints; it must end well and leave the environment as it was."""
        ended = run(self.programs / words[0], *words[1:], cwd=self.folder)
        assert ended.returncode == 0, ended.stderr
        assert self._files() == self._before
        return ended.stdout

    def _files(self) -> dict[Path, tuple[int, int]]:
        seen = {path: path.lstat() for path in self._environment.rglob("*")}
        return {path: (at.st_mtime_ns, at.st_size) for path, at in seen.items()}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment that borrows what it depends on from this one."""
    place = tmp_path_factory.mktemp("installed")
    environment, folder = place / "environment", place / "folder"
    folder.mkdir()
    made = run(sys.executable, "-m", "venv", environment, cwd=folder)
    assert made.returncode == 0, made.stderr
    empty = Installed(environment, folder)
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index")
    got = run(empty.programs / "python", *pip, wheel, cwd=folder)
    assert got.returncode == 0, got.stderr
    # Only now, or pip would find this project installed. Of folders that such a file names no
    # further such files are read, so that nothing that is installed there editable is seen.
    borrowed = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    (packages,) = environment.glob("**/site-packages")
    (packages / "borrowed.pth").write_text("\n".join(borrowed))
    return Installed(environment, folder)


def test_what_is_imported_is_the_wheel(installed: Installed):
    told = installed("python", "-c", "import benchmark as b; print(b.__file__, b.__version__)")
    file, version = told.split()
    assert Path(file).is_relative_to(installed.programs.parent) and version == VERSION
    assert installed("fluctuations", "--version") == f"fluctuations {VERSION}\n"
    assert installed("python", "-m", "benchmark", "--version") == f"fluctuations {VERSION}\n"


def test_scenarios_are_the_user_s_code(installed: Installed):
    """What counts as installed is neither sent to workers nor part of what makes results."""
    told = installed(
        "python",
        "-c",
        "from benchmark.declare.places import scenario_files\n"
        "from benchmark.declare.source import is_installed\n"
        "print(*{is_installed(path) for path in scenario_files().values()})",
    )
    assert told == "False\n"


def test_scenarios_are_listed(installed: Installed):
    told = installed("fluctuations", "list")
    rows = {line.partition(" ")[0] for line in told.splitlines()}
    assert set(scenario_files()) <= rows
    assert "broken" not in told


def test_the_reference_answers(installed: Installed):
    before = set(installed.folder.rglob("*"))
    told = installed("fluctuations", "summary", "batch_size")
    assert "supported" in told and "Batch size" in told
    assert set(installed.folder.rglob("*")) == before


def test_figures_go_to_the_current_folder(installed: Installed):
    told = installed("fluctuations", "figures", "logging_cadence")
    paths = list(map(Path, told.splitlines()))
    assert paths and all(path.stat().st_size > 1000 for path in paths)
    assert all(path.is_relative_to(installed.folder / "results") for path in paths)


def test_a_run_is_stored_in_the_current_folder(installed: Installed):
    few = ("--seeds=4", "--set=training.epochs=2")
    told = installed("fluctuations", "run", "logging_cadence", *few, "--no-figures")
    assert told.startswith("Computed 8 blocks") and "hides-most" in told
    assert len(list((installed.folder / "results" / "logging_cadence").glob("*.nc"))) == 8
    # At once, from what is stored.
    assert told.endswith(installed("fluctuations", "summary", "logging_cadence", *few))


def test_a_new_scenario_goes_to_the_current_folder_and_is_found(installed: Installed):
    installed("fluctuations", "new", "mine", "--from", "quadratic")
    assert (installed.folder / "scenarios" / "mine.py").is_file()
    assert "mine" in installed("fluctuations", "show", "mine", "--json")

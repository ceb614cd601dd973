"""What came with the package and what is one's own: in a clone, and installed from a wheel."""

from pathlib import Path

import pytest

import benchmark
from benchmark.declare import places
from benchmark.declare.errors import UserError
from benchmark.declare.places import SHARE, project_root, scenario_files, shipped_root
from benchmark.posts import posts, symptoms
from helpers import ROOT
from helpers.shell import Shell

LAYOUTS = {
    "environment": "lib/python3.11/site-packages",
    "of the system": "lib/python3/dist-packages",
    "Windows": "Lib/site-packages",
    "user, macOS": "lib/python/site-packages",
    "--target": ".",
}
SMALL = """
from benchmark import SGD, Condition, Point, Quadratic, Scenario, Training
base = Condition(Quadratic(), Point(), SGD(0.1), Training(2, 1, steps=2))
scenario = Scenario("{}?", ".", base)
"""


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with a scenario; an empty folder, ``here``, is the current one."""
    scenarios = tmp_path / "prefix" / SHARE / "scenarios"
    scenarios.mkdir(parents=True)
    (scenarios / "shipped.py").write_text(SMALL.format("Did it come along"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    install(tmp_path / "prefix", "lib/python3.11/site-packages", monkeypatch)
    return tmp_path / "prefix"


def install(prefix: Path, packages: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = prefix / packages / "benchmark"
    package.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(places, "_PACKAGE", package)
    return package


def test_in_a_clone_both_are_the_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mine.py").write_text(SMALL.format("Is it found"))
    assert project_root() == shipped_root() == ROOT
    assert "mine" not in scenario_files()


@pytest.mark.parametrize("packages", LAYOUTS.values(), ids=LAYOUTS)
def test_a_wheel_s_data_are_found(prefix: Path, packages: str, monkeypatch: pytest.MonkeyPatch):
    package = install(prefix, packages, monkeypatch)
    assert shipped_root() == prefix / SHARE
    assert project_root() == Path.cwd()
    # A package called `scenarios` beside this one makes no clone.
    (package.parent / "scenarios").mkdir()
    assert shipped_root() == prefix / SHARE


def test_a_linked_package_has_its_data_beside_the_link(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
):
    """As installers make it that link from environments to a store."""
    linked = prefix / "lib" / "python3.12" / "site-packages"
    linked.mkdir(parents=True)
    (prefix.parent / "store" / "benchmark").mkdir(parents=True)
    (linked / "benchmark").symlink_to(prefix.parent / "store" / "benchmark")
    monkeypatch.setattr(places, "_PACKAGE", linked / "benchmark")
    assert shipped_root() == prefix / SHARE


def test_own_scenarios_come_after_those_that_came_along_and_win(prefix: Path):
    shipped = prefix / SHARE / "scenarios" / "shipped.py"
    assert scenario_files() == {"shipped": shipped}
    own = Path.cwd() / "scenarios"
    own.mkdir()
    (own / "mine.py").touch()
    assert scenario_files() == {"shipped": shipped, "mine": own / "mine.py"}
    (own / "shipped.py").touch()
    assert scenario_files()["shipped"] == own / "shipped.py"
    given = prefix.parent / "given"
    given.mkdir()
    (given / "mine.py").touch()
    assert scenario_files([given])["mine"] == given / "mine.py"


def test_without_any_data_there_is_a_sentence(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    install(tmp_path, "lib/python3.11/site-packages", monkeypatch)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="scenario folder .* does not exist"):
        scenario_files()
    assert "does not exist" in shell.refuses("list")
    assert posts() == () and symptoms() == ()


def test_what_is_made_goes_to_the_current_folder(shell: Shell, prefix: Path):
    before = {path: path.stat().st_mtime_ns for path in prefix.rglob("*")}
    assert shell("new", "mine", "--from", "shipped").status == 0
    assert shell("show", "mine", "--json").json["question"] == "Did it come along?"
    assert shell("run", "mine", "--seeds=2", "--device=inline", "--no-figures").status == 0
    assert shell("reference", "mine", "--seeds=2").status == 0
    here = Path.cwd()
    assert {path.name for path in here.iterdir()} == {"scenarios", "results"}
    assert {path.name for path in (here / "results").iterdir()} == {"mine", "reference"}
    assert {path: path.stat().st_mtime_ns for path in prefix.rglob("*")} == before
    assert benchmark.load("mine", seeds=2).sizes["run"] == 2

"""What code made a run, and draws a figure."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from benchmark import (
    Condition,
    EarlyStopping,
    Momentum,
    Plateau,
    Point,
    Quadratic,
    Training,
)
from benchmark.declare.identity import (
    code_digest,
    figure_digest,
    making_files,
)
from benchmark.declare.scenario import Resolved
from benchmark.declare.source import PACKAGE, package_files
from benchmark.parts import Model
from benchmark.probes import UpdateNorm
from benchmark.training.lanes import Run, train


def code_of(resolved: Resolved) -> str:
    return code_digest(*resolved.conditions)


# --- code ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('v["params"]["w"][None] +', '2 * v["params"]["w"][None] +'),
        ("GAIN = 1.0", "GAIN = 0.5"),
        ("return GAIN * x", "return GAIN + x"),
        ("jnp.full(", "-jnp.full("),
        ('SHIFTS["shift"] = 0.0', 'SHIFTS["shift"] = 1.0'),
    ],
    ids=["class", "constant", "function", "base", "mutation"],
)
def test_results_depend_on_own_code(write_own, old: str, new: str):
    assert code_of(write_own(old, new)) != code_of(write_own())


def test_results_depend_on_own_modules(write_own):
    assert code_of(write_own(helper="ONE = 2.0\n")) != code_of(write_own())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"It falls."', '"It does fall."'),
        ("figure.suptitle(TITLE)", "figure.suptitle(TITLE + '!')"),
        ("curve.max(-1)", "curve.min(-1)"),
        ("'''One weight.'''", "'''A single weight.'''"),
        ("GAIN = 1.0", "# Of the only weight.\nGAIN = 1.0"),
        ("import Scenario, Training", "import Level, Scenario, Training"),
    ],
    ids=["claim", "figure", "measure", "docstring", "comment", "import"],
)
def test_results_do_not_depend_on_what_is_said_of_them(write_own, old: str, new: str):
    assert code_of(write_own(old, new)) == code_of(write_own())


def test_code_without_a_file_is_known_by_the_object():
    names: dict[str, Any] = {"__name__": "__main__", "Model": Model}
    exec("class Other(Model):\n    def network(self, outputs):\n        return 1", names)
    own = code_digest(names["Other"]())
    assert own == code_digest(names["Other"]()) != code_digest()


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A copy of the package."""
    folder = tmp_path_factory.mktemp("copy") / "benchmark"
    return Path(shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def edited(package: Path) -> Iterator[Callable[[str, str, str], None]]:
    """Edits a file of the copy, and mends it again."""
    kept: dict[Path, str] = {}

    def edit(name: str, old: str, new: str) -> None:
        text = (package / name).read_text()
        kept.setdefault(package / name, text)
        assert old in text
        (package / name).write_text(text.replace(old, new, 1))

    yield edit
    for path, text in kept.items():
        path.write_text(text)


def test_the_code_digest_is_of_every_file_that_makes_results(package: Path, edited):
    before = code_digest(package=package)
    assert before == code_digest() and len(before) == 12
    changed = set()
    for path in making_files(package):
        path.write_text(path.read_text() + "\n\nADDED = 1\n")
        changed.add(code_digest(package=package))
        path.write_text(path.read_text().removesuffix("\n\nADDED = 1\n"))
    assert len(changed - {before}) == len(making_files(package))
    assert code_digest(package=package) == before
    edited("declare/schedules.py", "jnp.cos(jnp.pi * done)", "jnp.cos(3 * done)")
    assert code_digest(package=package) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("declare/schedules.py", '"""Schedules of', '"""Schedules for'),
        ("training/lanes.py", "# Not XLA's defaults.", "# Other than XLA's defaults."),
        (
            "statistics/measures/fluctuation.py",
            "import numpy as np",
            "import numpy as np\nA = 1",
        ),
    ],
    ids=["docstring", "comment", "statistics"],
)
def test_the_code_digest_is_of_nothing_else(package: Path, edited, name, old, new):
    edited(name, old, new)
    assert code_digest(package=package) == code_digest()


def test_what_is_imported_on_first_use_counts_too():
    files = {path.relative_to(PACKAGE).as_posix() for path in package_files(["curves.py"])}
    assert {
        "statistics/measures/fluctuation.py",
        "statistics/selection.py",
        "declare/lazy.py",
    } <= files


def test_whatever_runs_in_a_training_is_covered():
    """Nothing is listed here: the files are those whose functions were called."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code.co_filename)

    how = Training(
        1, 4, schedule=Plateau(warm_up=0.5), early_stopping=EarlyStopping(), clip_norm=1.0
    )
    condition = Condition(Quadratic(n_train=6), Point(), Momentum(), how, (UpdateNorm(1),))
    sys.setprofile(note)
    try:
        train([Run(condition, 0)])
    finally:
        sys.setprofile(None)
    own = {Path(name) for name in called if Path(name).is_relative_to(PACKAGE)}
    names = {path.relative_to(PACKAGE).as_posix() for path in own}
    assert {"declare/schedules.py", "declare/condition.py", "training/epoch.py"} <= names
    assert own <= set(making_files())


# --- figures ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["statistics/measures/fluctuation.py", "figures/theme.py"])
def test_figures_follow_the_code_that_draws_them(package: Path, edited, write_own, name: str):
    resolved, stored = write_own(), {"a": 1}
    before = figure_digest(resolved, stored, package)
    assert before == figure_digest(resolved, stored)
    assert before != figure_digest(resolved, {"a": 2}, package)
    edited(name, "\nfrom ", "\nADDED = 1\nfrom ")
    assert before != figure_digest(resolved, stored, package)

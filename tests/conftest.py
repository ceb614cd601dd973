"""Strict numerics and checked shapes for every test."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from jaxtyping import install_import_hook

import typecheck

if TYPE_CHECKING:
    from benchmark.declare.scenario import Resolved
    from helpers.shell import Shell

# Tests share compiled programs with nobody: a stale cache must not hide a change.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("BENCHMARK_CACHE", "")
os.environ.setdefault("MPLBACKEND", "agg")

if "PYTEST_XDIST_WORKER" in os.environ:
    # One thread each, as in the workers of a run: thread pools of several processes on the
    # same cores are in each other's way.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

# Where arrays are computed on. Not where claims are judged: thousands of small calls, which
# checking makes five times as slow, on numbers that these rooms have checked.
_ROOMS = ("declare.curves", "tasks", "models", "probes", "training")
_STATISTICS = ("measures", "inference", "attribution", "recognition")
install_import_hook(
    [f"benchmark.{room}" for room in (*_ROOMS, *(f"statistics.{x}" for x in _STATISTICS))],
    "typecheck.checked",
)
pytest.register_assert_rewrite("helpers")
# How long an example takes says more of what else the machine is doing.
hypothesis.settings.register_profile("patient", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("patient")

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--scenarios",
        action="append",
        default=[],
        type=Path,
        help="further folder of scenario files that the conformance tests cover",
    )


LONG = (
    "execution/test_run.py",
    "test_package.py",
    "checks/test_ground_truths.py",
    "execution/test_cluster.py",
    "report/test_page.py",
    "test_examples.py",
)
"""Files that begin first, so that none is waited for at the end."""


@pytest.hookimpl(tryfirst=True)  # before the marks are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file share a process, and so what the file compiles; scenarios their own.

    Scenarios come last: there are many of them, and none takes long.
    """

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(HERE).as_posix()
        return LONG.index(file) if file in LONG else len(LONG) + (file == "test_catalogue.py")

    items.sort(key=place)
    for item in items:
        scenario = getattr(item, "callspec", None) and item.callspec.params.get("name")  # pyright: ignore[reportAttributeAccessIssue]
        whole = item.path != HERE / "test_catalogue.py" or not isinstance(scenario, str)
        file = item.path.relative_to(HERE).as_posix()
        item.add_marker(pytest.mark.xdist_group(file if whole else str(scenario)))


@pytest.fixture(scope="session", autouse=True)
def quick_compilation() -> None:
    """Without XLA's dearer optimisations, as JAX's own tests: most of the time is compilation.

    Ground truths and what runs in a process of its own compile as users do.
    """
    import jax

    jax.config.update("jax_disable_most_optimizations", True)


@pytest.fixture(scope="module")
def compiled_as_by_users(quick_compilation: None) -> Iterator[None]:
    """With all of XLA's optimisations, for tests of the last bit."""
    import jax

    from benchmark.training import lanes

    jax.config.update("jax_disable_most_optimizations", False)
    lanes._compiler.cache_clear()
    yield
    jax.config.update("jax_disable_most_optimizations", True)
    lanes._compiler.cache_clear()


@pytest.fixture(autouse=True)
def strict_numerics():
    """No silent change of precision or rank: both have hidden real mistakes."""
    import jax

    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Without checks of types and shapes: for thousands of calls like those of other tests."""
    with typecheck.unchecked():
        yield


@pytest.fixture
def double_precision() -> Iterator[None]:
    import jax

    with jax.enable_x64(True):
        yield


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> "Shell":
    """The command line, called in this process."""
    from helpers.shell import Shell

    return Shell(capsys, monkeypatch)


@pytest.fixture
def write_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., "Resolved"]]:
    """Writes a scenario with a model of its own and its helper, with an edit, and loads it."""
    from benchmark.declare.load import load_file
    from helpers.scenarios import OWN

    monkeypatch.syspath_prepend(tmp_path)

    def written(old: str = "", new: str = "", helper: str = "ONE = 1.0\n") -> "Resolved":
        assert old in OWN
        (tmp_path / "helper.py").write_text(helper)
        (tmp_path / "own.py").write_text(OWN.replace(old, new, 1))
        sys.modules.pop("helper", None)
        return load_file(tmp_path / "own.py").resolve()

    yield written
    sys.modules.pop("helper", None)

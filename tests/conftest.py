"""Strict numerics and checked shapes for every test."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Tests share compiled programs with nobody: a stale cache must not hide a change.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("BENCHMARK_CACHE", "")

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--scenarios",
        action="append",
        default=[],
        type=Path,
        help="further folder of scenario files that the conformance tests cover",
    )


@pytest.hookimpl(tryfirst=True)  # before the marks are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file share a process, and so what the file compiles; scenarios their own."""
    for item in items:
        scenario = getattr(item, "callspec", None) and item.callspec.params.get("name")  # pyright: ignore[reportAttributeAccessIssue]
        whole = item.path.name != "test_catalogue.py" or not isinstance(scenario, str)
        item.add_marker(pytest.mark.xdist_group(item.path.stem if whole else str(scenario)))


@pytest.fixture(autouse=True)
def strict_numerics():
    """No silent change of precision or rank: both have hidden real mistakes."""
    import jax

    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield

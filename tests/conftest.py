"""Strict numerics and checked shapes for every test."""

import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Tests share compiled programs with nobody: a stale cache must not hide a change.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("BENCHMARK_CACHE", "")

_ROOMS = ("tasks", "models", "probes", "training", "statistics")
install_import_hook([f"benchmark.{room}" for room in _ROOMS], "typecheck.checked")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--scenarios",
        action="append",
        default=[],
        type=Path,
        help="further folder of scenario files that the conformance tests cover",
    )


@pytest.fixture(autouse=True)
def strict_numerics():
    """No silent change of precision or rank: both have hidden real mistakes."""
    import jax

    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield

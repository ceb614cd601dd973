"""Numbers that agree."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

# Sums of some hundred float64 roundings of 1e-16 each, on numbers of order ten.
EXACT = 1e-11


def drawn(*shape: int, seed: int = 0, dtype: str = "float64") -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape), dtype)


def agree(actual: Any, expected: Any, tolerance: float = EXACT) -> None:
    actual, expected = jax.tree.leaves(actual), jax.tree.leaves(expected)
    for a, b in zip(actual, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        assert np.allclose(a, b, rtol=tolerance, atol=tolerance)


def assert_mean(
    samples: np.ndarray, expected: float, bias: float = 0.0, tolerance: float = 0.0
) -> None:
    """The mean of independent samples is within 4 standard errors of what is expected.

    Args:
        bias: relative, that is known.
        tolerance: absolute, that is known.
    """
    error = samples.std(ddof=1) / math.sqrt(len(samples))
    assert abs(samples.mean() - expected) < 4 * error + bias * abs(expected) + tolerance


def assert_variance(samples: np.ndarray, expected: float, bias: float = 0.0) -> None:
    """The variance of independent samples is `expected` (within a relative bias), z < 4."""
    spread = (samples - samples.mean()) ** 2
    error = spread.std() / math.sqrt(len(samples))
    assert abs(spread.mean() - expected) < 4 * error + bias * expected

"""Estimates over independent runs, with standard errors from the spread between runs."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Estimate(NamedTuple):
    """A number and its standard error."""

    value: float
    standard_error: float


def mean(per_run: Float[np.ndarray, " run"]) -> Estimate:
    """Mean over runs. For a squared weight w² of known mean this estimates its variance."""
    values = np.asarray(per_run, np.float64)
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)))


def ratio(
    numerator: Float[np.ndarray, " run"], denominator: Float[np.ndarray, " run"]
) -> Estimate:
    """Mean of one number per run ÷ mean of another of the same run, by the delta method.

    Biased by O(1/runs), far below its standard error of O(1/√runs).
    """
    above, below = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    value = above.mean() / below.mean()
    residual = mean((above - value * below) / below.mean())
    return Estimate(float(value), residual.standard_error)

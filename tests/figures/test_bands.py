"""Quantiles over runs."""

import numpy as np

from benchmark.figures import bands
from benchmark.figures.bands import limits


def test_quantiles_count_infinite_runs_as_high():
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0], [4.0, np.inf], [5.0, np.inf]])
    held = bands(values, np.arange(2))
    np.testing.assert_allclose(held.quantiles[:, 0], [1.2, 2.0, 3.0, 4.0, 4.8])
    assert held.quantiles[2, 1] == np.inf
    low, high, logarithmic = limits([held], loss=True)
    assert (low < 1, high > 5, logarithmic) == (True, True, False)


def test_probes_are_joined_over_the_epochs_between():
    values = np.array([[1.0, np.nan, 2.0, np.nan], [3.0, np.nan, 4.0, np.nan]])
    held = bands(values, np.arange(4))
    assert held.times.tolist() == [0, 2]
    assert np.isfinite(held.quantiles).all()

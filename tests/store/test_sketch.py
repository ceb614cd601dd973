"""Curves, made small."""

import numpy as np
import pytest

from benchmark.store.sketch import (
    FIRST,
    POINTS,
    RUNS,
    STEPS,
    pack,
    restored,
    rounded,
    sketch,
    unpack,
)


def test_rounding_keeps_ten_binary_digits_and_compresses():
    values = np.random.default_rng(0).lognormal(0, 9, 10_000).astype(np.float32)
    values[:4] = 0.0, np.inf, -np.inf, np.nan
    cut = rounded(values)
    np.testing.assert_allclose(cut, values, rtol=2.0**-11, atol=0)
    assert not (cut.view(np.uint32)[np.isfinite(values)] & 0x1FFF).any()
    whole = np.arange(-2048, 2049, dtype=np.float32)
    np.testing.assert_array_equal(rounded(whole), whole)


def back(series: np.ndarray) -> np.ndarray:
    """A series through its sketch, joined with another of another shape."""
    other, shape = sketch(np.ones((len(series), 5), np.float32)), series.shape[1:]
    packed = pack("x", [other, None, sketch(series)])
    return restored(unpack("x", packed, 2, shape), shape)


def test_short_curves_come_back_rounded():
    series = np.random.default_rng(1).lognormal(size=(RUNS + 3, POINTS)).astype(np.float32)
    series[:, 3::7] = np.nan  # not recorded
    series[5, 100:] = np.nan  # diverged
    np.testing.assert_array_equal(back(series), rounded(series[:RUNS]))


def test_long_curves_come_back_thinned_but_the_first_runs_whole():
    series = np.random.default_rng(2).lognormal(size=(8, 5 * POINTS + 3)).astype(np.float32)
    found = back(series)
    np.testing.assert_array_equal(found[:FIRST], rounded(series[:FIRST]))
    np.testing.assert_array_equal(found[:, [0, -1]], rounded(series[:, [0, -1]]))
    same = (found[FIRST:] == rounded(series[FIRST:])).all(axis=0)
    assert POINTS / 2 < same.sum() <= POINTS + 1
    # In between stands what was recorded at most six epochs before.
    late = np.stack([np.roll(rounded(series[-1]), shift) for shift in range(6)])
    assert (found[-1] == late).any(axis=0).all()


@pytest.mark.parametrize("length", [0, 1, 2])
def test_curves_of_hardly_any_epoch(length: int):
    series = np.ones((3, length), np.float32)
    assert back(series).shape == (3, length)
    silent = np.full((3, length), np.nan, np.float32)
    np.testing.assert_array_equal(back(silent), silent)


def test_of_steps_the_last_are_kept_and_counts_all():
    steps = np.random.default_rng(3).normal(size=(4, 50, 20)).astype(np.float32)
    steps[:, 1::2] = np.nan
    kept = -(-STEPS // 20)
    found = back(steps)
    filled = np.flatnonzero(~np.isnan(found).all(axis=(0, 2)))
    np.testing.assert_array_equal(filled, np.arange(0, 50, 2)[-kept:])
    np.testing.assert_array_equal(found[:, filled], rounded(steps[:, filled]))
    counts = np.where(np.isnan(steps), np.nan, steps > 0).astype(np.float32)
    np.testing.assert_array_equal(back(counts), counts)

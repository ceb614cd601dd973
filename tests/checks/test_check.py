"""What a comparison holds, and which checks there are."""

import math

import pytest

from benchmark.checks import Comparison, all_checks
from benchmark.declare.errors import UserError


def test_unknown_scale_is_refused():
    with pytest.raises(UserError, match="quick"):
        all_checks("quik")  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        (Comparison("", 1.0, 1.39, 0.1), True),
        (Comparison("", 1.0, 1.41, 0.1), False),
        (Comparison("", 1.0, 1.50, 0.1, allowance=0.1), True),
        (Comparison("", 1.0, 1.51, 0.1, allowance=0.1), False),
        (Comparison("", 1.0, 9.0, 0.0, at_least=True), True),
        (Comparison("", 1.0, 0.5, 0.1, at_least=True), False),
        (Comparison("", 1.0, 0.1, 0.0, at_most=True), True),
        (Comparison("", 1.0, 1.5, 0.1, at_most=True), False),
        (Comparison("", 0.0, 0.0, 0.0), True),
        (Comparison("", 0.0, 1e-9, 0.0), False),
        (Comparison("", 1.0, math.nan, 0.1), False),
        (Comparison("", 1.0, 1.0, math.nan), False),
    ],
)
def test_the_gate(comparison, holds):
    assert comparison.holds is holds


def test_ratio_and_z():
    comparison = Comparison("", 2.0, 3.0, 0.5)
    assert (comparison.ratio, comparison.z) == (1.5, 2.0)
    assert math.isnan(Comparison("", 0.0, 1.0, 0.0).ratio)

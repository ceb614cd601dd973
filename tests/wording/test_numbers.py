"""Numbers as readers see them."""

import math

import pytest

from benchmark.wording.numbers import number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (math.nan, "–"), (math.inf, "–"), (0.0, "0"), (-0.0, "0"),
        (-0.25, "−0.25"),
        (12.345, "12.3"), (999.6, "1000"), (1234.567, "1235"), (99999.4, "99999"),
        (99999.6, "1\u00a0×\u00a010⁵"), (1.234567e-5, "1.23\u00a0×\u00a010⁻⁵"),
        (2e-6, "2\u00a0×\u00a010⁻⁶"), (1e-4, "0.0001"), (9.9999e-5, "0.0001"),
        (0.00012345, "0.000123"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, text: str):
    assert number(value) == text


def test_whole_parts_stay_whatever_the_digits():
    assert [number(1234.567, digits) for digits in (2, 3, 4, 5)] == ["1235"] * 3 + ["1234.6"]

"""Fields of declarations: what they take, and what is said of what they do not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import UserError
from benchmark.declare.identity import digest
from helpers.declared import Part


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("number", "much", "Part.number is 'much', but must be a number."),
        ("number", True, "Part.number is True, but must be a number."),
        ("number", None, "Part.number is None, but must be a number."),
        ("number", 1, "Part.number is 1.0, but must be below 1."),
        ("number", -0.5, "Part.number is -0.5, but must be at least 0."),
        ("number", math.nan, "Part.number is nan, but must be at least 0."),
        ("positive", 0, "Part.positive is 0.0, but must be above 0."),
        ("positive", 2.1, "Part.positive is 2.1, but must be at most 2."),
        ("free", math.nan, "Part.free is nan, but must be finite."),
        ("free", -math.inf, "Part.free is -inf, but must be finite."),
        ("count", 2.0, "Part.count is 2.0, but must be a whole number."),
        ("count", True, "Part.count is True, but must be a whole number."),
        ("count", 0, "Part.count is 0, but must be at least 1."),
        ("maybe", "none", "Part.maybe is 'none', but must be a number or none."),
        ("maybe", -1, "Part.maybe is -1.0, but must be at least 0."),
        ("flag", 1, "Part.flag is 1, but must be true or false."),
        (
            "word",
            "gren",
            "Part.word is 'gren', but must be one of 'red', 'green', 'blue'. "
            "Did you mean 'green'?",
        ),
        ("word", "xyz", "Part.word is 'xyz', but must be one of 'red', 'green', 'blue'."),
        ("widths", 4, "Part.widths is 4, but must be a tuple."),
        ("widths", (4, 4.5), "Part.widths[1] is 4.5, but must be a whole number."),
        ("pair", (1,), "Part.pair is (1,), but must have 2 items."),
        ("rule", 3, "Part.rule is 3, but must be a Callable."),
    ],
)
def test_a_wrong_value_is_named_with_its_field_and_what_is_allowed(field, wrong, sentence):
    with pytest.raises(UserError) as raised:
        Part(**{field: wrong})
    assert str(raised.value) == sentence


@given(st.integers(-(10**6), 10**6))
def test_whole_numbers_are_welcome_where_numbers_are(number: int):
    part = Part(free=number)
    assert type(part.free) is float and part.free == number
    assert digest(part) == digest(Part(free=float(number)))


@given(st.floats())
def test_limits_are_kept_for_every_float(number: float):
    fits = 0 <= number < 1
    if fits:
        assert Part(number=number).number == number
    else:
        with pytest.raises(UserError, match=r"^Part\.number is .*, but must be"):
            Part(number=number)

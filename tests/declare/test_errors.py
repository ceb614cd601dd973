"""What is said of mistakes."""

import pytest

from benchmark import UserError
from benchmark.declare.errors import one_of, own_call

# --- fields -------------------------------------------------------------------------------


def test_the_closest_of_many_is_named_and_nothing_far_off():
    assert one_of("x", 3, (1, 2, 3)) == 3
    with pytest.raises(UserError, match=r"^scale is 'papre', but must .* Did you mean 'paper'"):
        one_of("scale", "papre", ("quick", "paper"))
    with pytest.raises(UserError) as raised:
        one_of("scale", "zzz", ("quick", "paper"))
    assert "Did you mean" not in str(raised.value)


# --- functions of a scenario --------------------------------------------------------------


def test_an_error_that_cannot_speak_is_named():
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fails() -> None:
        raise Mute

    with pytest.raises(UserError, match=r"It fails \(test_errors.py, line \d+\): Mute"):
        own_call("It", fails)

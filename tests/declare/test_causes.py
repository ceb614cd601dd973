"""Causes and cures as they are declared."""

import pytest

from benchmark import Cause, Cure, UserError
from benchmark.declare.causes import CAUSES
from helpers.switched import OFF, ON


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Cause("small batches", OFF, ON), "Did you mean 'small batch'"),
        (lambda: Cause("small batch", OFF, OFF), "compares .* with itself"),
        (lambda: Cause("small batch", {}, {}, curves=("train", "nothing")), "curves are"),
        (lambda: Cause("small batch", 64, 4), "must map settings paths"),  # pyright: ignore[reportArgumentType]
        (lambda: Cure("", "small batch", ON, OFF), "must be words"),
        (lambda: Cure("larger batch", "drop-out", ON, OFF), "Did you mean 'dropout'"),
    ],
)
def test_wrong_declarations_say_what_is_wrong(make, said):
    with pytest.raises(UserError, match=said):
        make()


def test_the_vocabulary_has_no_doubles():
    assert len(set(CAUSES)) == len(CAUSES)
    assert all(name == name.strip() and name[0].islower() for name in CAUSES)

"""Claims as they are declared."""

import re

import pytest

from benchmark import Claim, Decreases, Jitter, UserError
from helpers.declared import BATCH, RATE, untyped


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (dict(name="No Slug"), "must be lower-case words joined by hyphens"),
        (dict(says="  "), "must be one sentence"),
        (dict(measure="jitter"), "must be a Measure such as"),
        (dict(expect="falls"), "must be one of Decreases, Difference"),
        (dict(where={"batch size": 2}), "must be a dotted settings path"),
        (dict(tune={RATE: "loss"}), "must be a Measure to minimise"),
    ],
)
def test_claims_are_checked(claim, sentence):
    right = dict(name="a", says="b", measure=Jitter("train_loss"), expect=Decreases(BATCH))
    Claim(**untyped(right))
    with pytest.raises(UserError, match=re.escape(sentence)):
        Claim(**untyped(right | claim))

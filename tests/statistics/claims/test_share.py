"""Verdicts on shares of sources."""

import numpy as np
import pytest

from benchmark import Claim, Share, UserError
from benchmark.checks.components import draw
from benchmark.claims import Claim as AnyClaim
from benchmark.statistics.claims.verdicts import judge
from helpers.crossed import LAST, additive, results

# --- declaration --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "needs low, high or both"),
        ({"kind": "all", "low": 0.5}, "Share kind is 'all'"),
        ({"source": "data", "kind": "interactions", "low": 0.5}, "of no single source"),
        ({"low": 1.5}, "must be between 0 and 1"),
        ({"source": "", "low": 0.5}, "name of a source"),
    ],
)
def test_shares_that_mean_nothing(fields, said):
    with pytest.raises(UserError, match=said):
        Share(**fields)


# --- results ------------------------------------------------------------------------------


def claim(expect: Share, **where) -> AnyClaim:
    return Claim("share", "It has a share.", LAST, expect, where)


def test_verdicts_on_shares():
    chaos = draw(np.random.default_rng(7), {(0, 1, 2): 1.0}, 64, 3)
    both = [*results(additive(), "calm"), *results(chaos, "chaotic")]

    def verdict(expect: Share, arm: str = "calm") -> str:
        return judge([claim(expect, arm=arm)], both)[0].verdict

    assert verdict(Share("initialisation", "main", low=0.5)) == "supported"
    assert verdict(Share("initialisation", "main", high=0.5)) == "refuted"
    assert verdict(Share("initialisation", low=0.6, high=0.99)) == "supported"
    assert verdict(Share(kind="interactions", high=0.1)) == "supported"
    assert verdict(Share(low=0.5)) == "refuted"
    assert verdict(Share(low=0.7), "chaotic") == "supported"
    assert verdict(Share(kind="main", high=0.3), "chaotic") == "supported"
    assert verdict(Share("data", "shapley", low=0.2, high=0.5), "chaotic") == "supported"
    (unknown,) = judge([claim(Share(low=0.5))], both)
    assert unknown.verdict == "undecided" and "one design" in unknown.note
    (absent,) = judge([claim(Share(low=0.5), arm="calm")], both[1:])
    assert "not complete" in absent.note
    with pytest.raises(UserError, match="'dropout', but must be one of 'initialisation'"):
        judge([claim(Share("dropout", low=0.5), arm="calm")], both)

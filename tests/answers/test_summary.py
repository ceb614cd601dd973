"""The table of measures."""

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.answers.summary import summarise
from benchmark.claims import Claim, Within
from benchmark.statistics.claims.verdicts import judge
from benchmark.statistics.measures import Diverged, Jitter, Level, RiseFraction
from benchmark.statistics.selection import ConditionResult

RUNS = 40


def test_the_table_has_the_intervals_that_claims_are_judged_by():
    curves = np.ones((RUNS, 20))
    curves[:4, 10:] = np.nan
    jumps = 1 + 0.1 * (np.arange(20) % 2) * (np.arange(RUNS) < 2)[:, None]
    series = {"train_loss": curves, "validation_loss": jumps}
    measures = [Diverged("train_loss"), RiseFraction("validation_loss")]
    held = [ConditionResult("one", None, {}, series)]
    cells = summarise(held, measures)[0].measures
    exact = binomtest(4, RUNS).proportion_ci()
    cell = cells[measures[0].name]
    assert tuple(cell.number) == pytest.approx((0.1, *exact))
    for measure in measures:
        claim = Claim("a-claim", "Folk says so.", measure, Within(high=0.5))
        judged = judge([claim], held)[0]
        cell = cells[measure.name]
        assert cell.number.ends == pytest.approx(judged.number.ends)


def test_the_summary_is_plain_and_complete():
    noise = np.random.default_rng(6).standard_normal((RUNS, 20))
    curves = np.exp(0.1 * noise).astype(np.float32)
    curves[3, 12:] = np.nan
    results = [
        ConditionResult("one", None, {"dose": 1}, {"train_loss": curves, "sharpness": curves}),
        ConditionResult("two", None, {"dose": 2}, {"train_loss": curves[:1]}),
    ]
    measures = [Jitter("train_loss"), Level("sharpness", over_runs="sd")]
    table = [row.as_json() for row in summarise(results, measures)]
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    one, two = table
    assert (one["id"], one["runs"], one["diverged"]) == ("one", RUNS, 1)
    cell = one["measures"]["jitter(train_loss)"]
    assert cell["low"] < cell["mean"] < cell["high"] and cell["runs"] == RUNS - 1
    assert list(two["measures"]) == ["jitter(train_loss)"]
    assert two["measures"]["jitter(train_loss)"]["low"] is None

"""Causes and cures: known effects are recovered."""

import dataclasses
import json

import numpy as np
import pytest

from benchmark import Cause, Cure, Scenario, find
from benchmark.statistics.attribution.causes import change, observe, table
from benchmark.statistics.attribution.effects import (
    ACCURACY,
    JITTER,
    LOSS,
    OUTCOMES,
    TRAINING_JITTER,
    looked_at,
    pairs,
    simultaneous,
)
from benchmark.statistics.selection import Unanswerable
from helpers.switched import BATCH, OFF, ON, ORDER, SEEDS, curves, declared, result

# --- declarations -------------------------------------------------------------------------


def test_changes_are_said_in_words():
    assert change(Cause("small batch", OFF, ON)) == "batch size 64 → 4"
    cure = Cure("evaluation at the end", "dropout", {}, {}, curves=("running_train", "train"))
    assert change(cure) == "running train → train"


# --- paired effects -----------------------------------------------------------------------


def test_a_known_factor_is_recovered():
    """Jitter is doubled exactly, run by run; the level stays."""
    calm = curves(0.02)
    wild = {name: held + (held - held.mean(1, keepdims=True)) for name, held in calm.items()}
    results = [result(OFF, calm), result(ON, wild)]
    switches = Cause("small batch", OFF, ON), Cure("larger batch", "small batch", ON, OFF)
    (cause,), (cure,) = map(table, observe(declared(*switches), results))
    assert (cause.cause, cause.cure, cause.strata) == ("small batch", None, 1)
    assert [effect.outcome for effect in cause.effects] == [o.name for o in OUTCOMES]
    jitter, back = cause.on(JITTER), cure.on(JITTER)
    assert jitter.runs == SEEDS
    assert jitter.number.estimate == pytest.approx(
        2.0
    ) and back.number.estimate == pytest.approx(0.5)
    level, accuracy = cause.on(LOSS), cause.on(ACCURACY)
    assert level.log and level.number.low is not None and level.number.high is not None
    assert level.number.low <= 1.0 <= level.number.high
    assert not accuracy.log and accuracy.number.estimate == pytest.approx(0.0, abs=0.01)


def test_rows_are_sorted_by_their_factor():
    series = [curves(size, seed=1) for size in (0.01, 0.02, 0.08)]
    results = [
        result({BATCH: batch}, held) for batch, held in zip((64, 8, 4), series, strict=True)
    ]
    small, smallest = (Cause("small batch", OFF, {BATCH: batch}) for batch in (8, 4))
    causes, _ = observe(declared(small, smallest), results)
    rows = table(causes)
    assert [row.change for row in rows] == ["batch size 64 → 4", "batch size 64 → 8"]
    found = [row.on(JITTER).number.estimate for row in rows]
    assert found == pytest.approx([8.0, 2.0], rel=1e-6)


def test_pairs_agree_in_all_other_settings():
    results = [
        result({BATCH: batch, ORDER: order}, curves(0.01))
        for order in ("reshuffle", "sorted")
        for batch in (64, 4)
    ]
    found = pairs(results, Cause("small batch", OFF, ON))
    assert [(off[0].id, on[0].id) for off, on in found] == [
        (results[0].id, results[1].id),
        (results[2].id, results[3].id),
    ]
    (only,) = pairs(results, Cause("small batch", OFF, ON, where={ORDER: "sorted"}))
    assert only[1] == [results[3]]
    with pytest.raises(Unanswerable, match="no condition has"):
        pairs(results, Cause("small batch", OFF, {BATCH: 7}))


def test_strata_are_averaged_per_seed():
    sizes = {("a", 64): 0.01, ("a", 4): 0.02, ("b", 64): 0.01, ("b", 4): 0.08}
    results = [
        result({ORDER: order, BATCH: batch}, curves(size, seed=2))
        for (order, batch), size in sizes.items()
    ]
    causes, _ = observe(declared(Cause("small batch", OFF, ON)), results)
    (row,) = table(causes)
    assert row.strata == 2
    assert row.on(JITTER).number.estimate == pytest.approx(4.0, rel=1e-6), (
        "geometric mean of 2 and 8"
    )


def test_a_diverged_side_has_no_value():
    broken = {name: np.full_like(held, np.nan) for name, held in curves(0.1).items()}
    results = [result(OFF, curves(0.01)), result(ON, broken)]
    causes, _ = observe(declared(Cause("small batch", OFF, ON)), results)
    (row,) = table(causes)
    assert all(effect.number.estimate is None and effect.runs == 0 for effect in row.effects)
    assert json.dumps(row.as_json())


def test_the_curves_looked_at_follow_the_settings():
    assert looked_at({"evaluation.steps": 4}) == "seen_"
    assert looked_at({"evaluation.steps": None, "training.average": 0.9}) == "average_"
    assert looked_at({"training.early_stopping": "EarlyStopping"}) == "selected_"
    assert looked_at({}) == ""
    calm, wild = curves(0.01, seed=3), curves(0.04, seed=3)
    results = [
        result({"evaluation.steps": None}, calm),
        result(
            {"evaluation.steps": 4},
            calm | {f"seen_{n}": v for n, v in wild.items() if n.startswith("validation")},
        ),
    ]
    partial = Cause("small validation set", {"evaluation.steps": None}, {"evaluation.steps": 4})
    causes, _ = observe(declared(partial), results)
    (row,) = table(causes)
    assert row.on(JITTER).number.estimate == pytest.approx(4.0, rel=1e-6)


def test_a_cure_can_be_to_look_at_another_curve():
    series = curves(0.04, seed=4)
    series["train_loss"] = curves(0.01, seed=4)["running_train_loss"]
    cure = Cure("evaluation at the end", "dropout", {}, {}, curves=("running_train", "train"))
    _, cures = observe(declared(cure), [result({BATCH: 4}, series)])
    (row,) = table(cures)
    assert row.on(TRAINING_JITTER).number.estimate == pytest.approx(0.25, rel=1e-6)
    assert row.on(JITTER).number.estimate is None, "validation is the same curve"


def test_intervals_hold_together():
    """Of 400 tables of 20 null effects, about 5 % have any interval that misses 0."""
    draw = np.random.default_rng(5)
    missed = 0
    for _ in range(400):
        cells = simultaneous(list(draw.standard_normal((20, 12))))
        missed += any(number.excludes(0.0) for number, _ in cells)
    assert 6 <= missed <= 36, "3 SDs of a binomial about 20"


def test_undefined_rows_cost_nothing():
    row = np.random.default_rng(6).standard_normal(10)
    nothing = np.full(10, np.nan)
    alone, among = simultaneous([row])[0], simultaneous([nothing, row, nothing])[1]
    assert alone == among
    assert all(map(np.isnan, simultaneous([nothing])[0][0]))


# --- the command --------------------------------------------------------------------------


def test_scenarios_without_causes_have_empty_tables():
    scenario = dataclasses.replace(find("batch_size"), causes=(), cures=())
    assert isinstance(scenario, Scenario)
    assert observe(scenario, [result(OFF, curves(0.01))]) == ([], [])

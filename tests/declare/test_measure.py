"""What every measure keeps to: its names, windows and settings."""

import re

import numpy as np
import pytest

from benchmark.declare.curves import recorded, windowed
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.measures import (
    Autocorrelation,
    Custom,
    Diverged,
    EvaluationGap,
    Final,
    GeneralisationGap,
    Jitter,
    Level,
    RunSpread,
    StepsTo,
    VonNeumann,
    Wander,
    standard_measures,
)


def test_sparse_series_are_measured_where_they_were_recorded():
    dense = np.random.default_rng(8).lognormal(size=(4, 10))
    sparse = np.full((4, 40), np.nan)
    sparse[:, 3::4] = dense
    for measure in (Jitter("x"), Final("x"), VonNeumann("x")):
        np.testing.assert_allclose(
            measure.evaluate({"x": sparse}), measure.evaluate({"x": dense})
        )
    # Recorded at the start of every stretch, the end stays silent.
    sparse = np.roll(sparse, -3, axis=1)
    np.testing.assert_allclose(recorded(sparse), dense)


def test_windows():
    curves = np.arange(10.0)[None]
    assert windowed(curves, (0.5, 1.0))[0].tolist() == [5, 6, 7, 8, 9]
    assert windowed(curves, (0.0, 0.3))[0].tolist() == [0, 1, 2]
    assert windowed(curves, (0.99, 1.0))[0].tolist() == [9]
    assert windowed(curves[:, :5], (0.5, 1.0))[0].tolist() == [2, 3, 4]
    assert windowed(curves[:, :1], (0.5, 1.0))[0].tolist() == [0]


def test_steps_are_flattened_in_time():
    steps = np.random.default_rng(9).standard_normal((3, 4, 5))
    np.testing.assert_array_equal(
        Jitter("step_loss").evaluate({"step_loss": steps}),
        Jitter("x").evaluate({"x": steps.reshape(3, 20)}),
    )


class Mean(Measure):
    def values(self, curves):
        return curves.mean(axis=1)


def test_mistakes_are_named():
    series = {"train_loss": np.ones((2, 5)), "validation_loss": np.ones((2, 4))}
    with pytest.raises(UserError, match="'train_los'.*Did you mean 'train_loss'"):
        Level("train_los").evaluate(series)
    with pytest.raises(UserError, match="different shapes"):
        GeneralisationGap().evaluate(series)
    with pytest.raises(UserError, match="one value per run"):
        Custom("mine", "train_loss", lambda curves: curves).evaluate(series)
    for wrong, said in (
        (lambda: Jitter("x", window=(0.5, 0.5)), "must satisfy 0 <= start < end <= 1"),
        (lambda: Mean("x", window=(0.5,)), "Mean.window is (0.5,)"),  # type: ignore[arg-type]
        (lambda: Final("x", window=(0.0, 1.0)), "looks at the whole run"),
        (lambda: Jitter(("x", "y")), "Jitter needs 1 series"),
        (lambda: GeneralisationGap(("x",)), "GeneralisationGap needs 2 series"),
        (lambda: Jitter(""), "must name one or more series"),
        (lambda: Jitter(()), "must name one or more series"),
        (lambda: Mean(3), "Mean.of is 3"),  # type: ignore[arg-type]
        (lambda: Mean("x", over_runs="median"), "Mean.over_runs"),  # type: ignore[arg-type]
        (lambda: RunSpread("x", over_runs="mean"), "an SD over runs"),
        (lambda: Autocorrelation("x", lag=0), "not 1, 2, 3"),
        (lambda: Custom("", "x", len), "must name the measure"),
        (lambda: Custom("level", "x", len), "called 'level' already"),
        (lambda: type("Jitter", (Mean,), {"__module__": "mine"}), "called Jitter already"),
        (lambda: Custom("m", "x", len, bounds=(1, 0)), "lowest must be below"),
    ):
        with pytest.raises(UserError, match=re.escape(said)):
            wrong()


def test_one_name_stands_for_one_measure():
    from benchmark import Condition, Point, Quadratic, Scenario

    Custom("noise_share", ("x", "y"), lambda x, y: x[:, 0])
    how = {
        "question": "Is it so?",
        "says": "It is.",
        "base": Condition(Quadratic(n_train=32), Point()),
    }
    mine = Custom("mine", "train_loss", lambda x: x[:, 0])
    Scenario(**how, show=(mine, mine))
    with pytest.raises(UserError, match=r"Two different .* 'mine\(train_loss\)'"):
        Scenario(**how, show=(mine, Custom("mine", "train_loss", lambda x: x[:, 1])))


def test_names_are_unique_and_stable():
    names = ["train_loss", "validation_loss", "train_accuracy", "running_train_loss",
             "sharpness", "step_loss", "initial_train_loss"]  # fmt: skip
    measures = standard_measures(names)
    assert len({measure.name for measure in measures}) == len(measures)
    assert Jitter("train_loss").name == "jitter(train_loss)"
    assert RunSpread("x").name == "run_spread(x)"
    assert Jitter("x", window=(0.25, 1)).name == "jitter(x, window=0.25-1)"
    assert Level("x", over_runs="sd").name == "level(x, over_runs=sd)"
    assert StepsTo("x", below=0.1).name == "steps_to(x, below=0.1)"
    kinds = {type(measure) for measure in measures}
    assert kinds >= {EvaluationGap, GeneralisationGap, Diverged, Wander}
    assert not any("initial" in measure.name for measure in measures)
    series = {name: np.ones((3, 8)) for name in names}
    assert all(measure.evaluate(series).shape == (3,) for measure in measures)

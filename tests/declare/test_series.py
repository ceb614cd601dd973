"""The grammar of series names, and what conditions record."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import (
    MLP,
    SGD,
    Adam,
    Condition,
    Cosine,
    Digits,
    EarlyStopping,
    Evaluation,
    Momentum,
    Point,
    Quadratic,
    Training,
)
from benchmark.declare.series import SeriesName, halves, parse, recorded
from benchmark.probes import GradientNoise, Sharpness, StepRise, UpdateNorm
from helpers.training import traced

WORDS = st.sampled_from(
    ["step", "running", "seen", "average", "train", "validation", "a", "b", "loss", "", "x"]
)


@given(st.lists(WORDS, min_size=1).map("_".join) | st.text())
def test_a_name_that_is_taken_apart_is_put_together_again(name: str):
    assert str(parse(name)) == name
    assert parse(str(parse(name))) == parse(name)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("train_loss", ("loss", "train", "", "")),
        ("running_train_accuracy", ("accuracy", "train", "running", "")),
        ("average_validation_b_loss", ("loss", "validation", "average", "b")),
        ("initial_test_recall_0", ("recall_0", "test", "initial", "")),
        ("step_loss", ("loss", "", "step", "")),
        ("step_full_loss", ("full_loss", "", "step", "")),
        ("gradient_noise", ("gradient_noise", "", "", "")),
        ("batch_gradient_noise", ("batch_gradient_noise", "", "", "")),
        ("train", ("train", "", "", "")),
        ("validation_a", ("a", "validation", "", "")),
        ("a_loss", ("a_loss", "", "", "")),
    ],
)
def test_parts(name: str, parts: tuple[str, ...]):
    named = parse(name)
    assert (named.metric, named.split, named.look, named.half) == parts


@pytest.mark.parametrize(
    ("name", "more_is_better", "unit", "words"),
    [
        ("train_loss", False, "nats", "training loss"),
        ("average_train_loss", False, "nats", "average training loss"),
        ("step_loss", False, "nats", "minibatch loss"),
        ("seen_validation_accuracy", True, "share correct", "seen validation accuracy"),
        ("test_balanced_accuracy", True, "share correct", "test balanced accuracy"),
        ("validation_recall_1", True, "share correct", "validation recall 1"),
        ("sharpness", None, "", "sharpness"),
        ("step_rise", None, "", "step rise"),
    ],
)
def test_what_follows_from_a_name(name: str, more_is_better, unit: str, words: str):
    named = parse(name)
    assert named.more_is_better is more_is_better
    assert (named.unit("cross_entropy"), named.words) == (unit, words)
    assert named.per_step == name.startswith("step_")


def test_names_of_all_that_is_recorded_are_understood():
    condition = Condition(
        Digits(n_train=64, n_validation=32, n_test=32),
        MLP((4,)),
        training=Training(2, 16, average=0.9, early_stopping=EarlyStopping()),
        evaluation=Evaluation(steps=1, halves=True, per_class=True),
    )
    names = recorded(condition).known
    assert {*halves("loss"), *halves("accuracy")} <= set(names)
    metric = re.compile(r"loss|(balanced_)?accuracy|recall_\d")
    for name in set(names) - {"stopped"}:
        named = parse(name)
        assert metric.fullmatch(named.metric) and (named.split or named.per_step), name
        assert named.more_is_better is not None
    assert SeriesName("loss", "test", "selected") in map(parse, names)


SMALL = Digits(n_train=24, n_validation=16)

EVERY_PROBE = (GradientNoise(1), Sharpness(1, iterations=2), StepRise(1), UpdateNorm(1))

CONDITIONS = {
    "plain classes": Condition(SMALL, MLP((4,)), SGD(0.1), Training(2, batch_size=8)),
    "plain numbers": Condition(Quadratic(), Point(), SGD(0.1), Training(2, batch_size=4)),
    "all of it": Condition(
        SMALL, MLP((4,)), Adam(0.01),
        Training(2, batch_size=8, log_steps=False, schedule=Cosine(), average=0.9,
                 early_stopping=EarlyStopping(patience=1)),
        EVERY_PROBE,
        evaluation=Evaluation(steps=1, batch_size=8, per_class=True, halves=True),
    ),
    "all of it in numbers": Condition(
        Quadratic(), Point(), Momentum(0.01),
        Training(2, batch_size=4, schedule=Cosine(), average=0.9,
                 early_stopping=EarlyStopping(patience=1)),
        EVERY_PROBE,
        evaluation=Evaluation(steps=1, batch_size=4),
    ),
    "with a test set": Condition(
        Digits(n_train=12, n_validation=8, n_test=8), MLP((4,)), SGD(0.1),
        Training(2, batch_size=4, average=0.9, early_stopping=EarlyStopping(patience=1)),
        evaluation=Evaluation(halves=True, per_class=True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_declared_series_are_those_of_the_training_program(name: str):
    """Traced and not trained: names and shapes are known then."""
    known, all_known = recorded(CONDITIONS[name])
    assert all_known
    assert known == traced(CONDITIONS[name])

"""The test set: drawn apart, evaluated beside validation, and chosen by nothing."""

import dataclasses as dc
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    MLP,
    SGD,
    Condition,
    Digits,
    EarlyStopping,
    Evaluation,
    Final,
    Jitter,
    Linear,
    Surfaces,
    Training,
    UserError,
)
from benchmark.declare.data import Split
from benchmark.declare.identity import canonical
from benchmark.statistics.measures import standard_measures
from benchmark.tasks import Sides, TeacherRegression
from benchmark.tasks.keys import source_keys
from benchmark.training import train
from benchmark.training.lanes import Run
from benchmark.training.program import SPLIT
from benchmark.wording import words
from helpers.samples import SOURCES, sample_of

SEED = 5
TEST = 45
DIGITS = Digits(n_train=80, n_validation=60)
SURFACES = Surfaces(n_train=80, n_validation=60)
TEACHER = TeacherRegression(n_train=80, n_validation=60, noise=0.5)
SIDES = Sides(n_train=80, n_validation=60)

from_a_pool = pytest.mark.parametrize(
    "task", [DIGITS, SURFACES, TEACHER], ids=lambda task: type(task).__name__
)


def with_test(task, size: int = TEST, **how: Any):
    return dc.replace(task, n_test=size, **how)


@cache
def drawn(task, seed=SEED) -> Any:
    return sample_of(task, seed)


def rows(*subsets) -> list[int]:
    return np.concatenate([np.asarray(subset.index) for subset in subsets]).tolist()


def same(first, second) -> None:
    jax.tree.map(np.testing.assert_array_equal, first.all(), second.all())
    np.testing.assert_array_equal(first.corrupted, second.corrupted)


# --- what is drawn ------------------------------------------------------------------------


@from_a_pool
def test_it_is_apart_and_changes_no_other_set(task):
    with_it, without = drawn(with_test(task)), drawn(task)
    assert without.test is None
    assert with_it.test.size == TEST
    assert len(set(rows(*with_it.sets.values()))) == 80 + 60 + TEST
    same(with_it.train, without.train)
    same(with_it.validation, without.validation)
    # Nor does it depend on how much there is to train on.
    same(with_it.test, drawn(with_test(task, n_train=60)).test)
    # Seeds draw their own.
    assert set(rows(drawn(with_test(task), SEED + 1).test)) != set(rows(with_it.test))


def test_none_is_what_always_was():
    assert canonical(DIGITS) == {"kind": "Digits", "n_train": 80, "n_validation": 60}
    assert canonical(TEACHER).keys() == {"kind", "n_train", "n_validation", "noise"}
    assert Condition(Digits(), MLP((4,)), SGD(0.1)).id == "1593705fe33a"
    assert Condition(Digits(n_test=0), MLP((4,)), SGD(0.1)).group == (
        Condition(Digits(), MLP((4,)), SGD(0.1)).group
    )
    tested, untested = Condition(with_test(DIGITS), MLP((4,))), Condition(DIGITS, MLP((4,)))
    assert tested.group == untested.group and tested.template != untested.template


def test_generated_samples_are_as_many_as_are_wanted():
    split = drawn(with_test(SIDES, 5000))
    assert len(set(rows(*split.sets.values()))) == 80 + 60 + 5000
    assert np.mean(split.test.y) == pytest.approx(0.5, abs=0.01)
    many = drawn(with_test(TEACHER, 9000))
    assert len(set(rows(*many.sets.values()))) == 80 + 60 + 9000
    # Free of the noise that training targets have.
    np.testing.assert_array_equal(
        many.test.y, with_test(TEACHER, 9000).pool().y[many.test.index]
    )


def test_it_has_the_populations_share_of_the_rare_class(task=DIGITS):
    for share in (0.05, 0.2):
        split, without = (drawn(dc.replace(t, minority=share)) for t in (with_test(task), task))
        assert len(set(rows(*split.sets.values()))) == 80 + 60 + TEST
        held = np.asarray(split.test.y)
        assert np.sum(held == task.outputs - 1) == round(share * TEST)
        np.testing.assert_array_equal(held, task.pool().y[split.test.index])
        same(split.train, without.train)
        same(split.validation, without.validation)


def test_it_has_the_populations_noise(task=DIGITS):
    noisy, without = (drawn(dc.replace(t, feature_noise=0.5)) for t in (with_test(task), task))
    plain = drawn(with_test(task)).test
    noise = np.asarray(noisy.test.all()[0] - plain.all()[0])
    assert noise.std() == pytest.approx(0.5 * task.pool().x.std(), rel=0.05)
    np.testing.assert_array_equal(noisy.test.y, plain.y)
    same(noisy.train, without.train)
    same(noisy.validation, without.validation)
    before = np.asarray(drawn(task).validation.all()[0])
    other = np.asarray(noisy.validation.all()[0]) - before
    assert abs(np.corrcoef(noise.ravel(), other.ravel()[: noise.size])[0, 1]) < 0.1


@pytest.mark.parametrize("flaw", ["mislabelled", "validation_mislabelled", "leak", "variety"])
def test_what_befalls_prepared_data_leaves_it_alone(flaw, task=DIGITS):
    split = drawn(dc.replace(with_test(task), **{flaw: 0.5}))
    same(split.test, drawn(with_test(task)).test)
    assert not np.asarray(split.test.corrupted).any()
    assert not set(rows(split.test)) & set(rows(split.train, split.validation))


@pytest.mark.parametrize("over", ["train", "all"])
def test_it_is_scaled_and_has_no_say_in_the_scaling(over, task=DIGITS):
    split, without = (drawn(dc.replace(t, scaling=over)) for t in (with_test(task), task))
    same(split.train, without.train)
    same(split.validation, without.validation)
    raw = np.asarray(drawn(with_test(task)).test.all()[0])
    center, scale = (np.asarray(part)[None] for part in (split.train.center, split.train.scale))
    np.testing.assert_allclose(split.test.all()[0], (raw - center) / scale, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Digits(n_train=1024, n_validation=512, n_test=262),
            r"Digits.n_train \+ Digits.n_validation \+ Digits.n_test is 1798, .* only 1797",
        ),
        (lambda: with_test(DIGITS, 400, minority=0.4), "the last class.*only 180"),
        (lambda: with_test(DIGITS, -1), "n_test is -1, but must be at least 0"),
        (lambda: with_test(TEACHER, -1), "n_test is -1, but must be at least 0"),
    ],
)
def test_a_pool_that_is_too_small_is_refused(make, words):
    with pytest.raises(UserError, match=words):
        make()


# --- what is recorded ---------------------------------------------------------------------

HOW = Training(6, 16, early_stopping=EarlyStopping(2), log_steps=False)
EVERYTHING = dc.replace(HOW, average=0.9), Evaluation(per_class=True, halves=True)
SMALL = Digits(n_train=32, n_validation=30)


@dataclass(frozen=True)
class Twice(Digits):
    """Tests on the very samples that validate."""

    def sample(self, pool, keys):
        drawn = super().sample(pool, keys)
        return drawn._replace(test=drawn.validation)


@dataclass(frozen=True)
class Unaware(Digits):
    """An own task from before there were test sets."""

    def sample(self, pool, keys):
        drawn = super().sample(pool, keys)
        return Split(drawn.train, drawn.validation)


@cache
def made(task, width=1, how=HOW, look=None):
    condition = Condition(task, Linear(), SGD(2.0), how, evaluation=look or Evaluation())
    return train([Run(condition, seed) for seed in range(width)], width)[0]


def test_it_is_evaluated_as_validation_is_also_in_lanes_side_by_side():
    series = made(Twice(n_train=32, n_validation=30), 2, *EVERYTHING)
    halves = ("validation_a_", "validation_b_")
    names = {name for name in series if "test" in name}
    assert names == {
        name.replace("validation", "test")
        for name in series
        if "validation" in name and not name.removeprefix("average_").startswith(halves)
    }
    assert {"test_loss", "test_recall_9", "selected_test_accuracy", "average_test_loss"} < names
    for name in names:
        beside = series[name.replace("test", "validation")]
        np.testing.assert_allclose(series[name], beside, rtol=1e-6, err_msg=name)


def test_it_is_judged_at_the_epoch_that_validation_chose():
    series, free = made(with_test(SMALL)), made(SMALL)
    for name, held in free.items():
        np.testing.assert_array_equal(held, series[name])
    assert not any("test" in name for name in free)
    end = 1 + int(series["stopped"].argmax() or 5)
    seen = series["validation_loss"]
    best = [1 + int(np.argmin(seen[1 : epoch + 1])) for epoch in range(1, end)]
    assert len(set(best)) > 1
    for metric in ("test_loss", "test_accuracy"):
        kept = series[f"selected_{metric}"][1:end]
        np.testing.assert_array_equal(kept, series[metric][best])
    assert not np.array_equal(series["test_loss"], series["validation_loss"])


def test_own_tasks_need_not_know_of_it():
    def sample(task):
        return jax.eval_shape(
            SPLIT.build(SPLIT.template(Condition(task, Linear(), SGD(), HOW))),
            {},
            jax.tree.map(jnp.asarray, task.pool()),
            source_keys(jnp.zeros(len(SOURCES), jnp.int32)),
        )

    assert jax.tree.map(jnp.shape, sample(Unaware(32, 30))) == jax.tree.map(
        jnp.shape, sample(SMALL)
    )
    with pytest.raises(UserError, match="Unaware.n_test is 45, but .* draws no test set"):
        sample(with_test(Unaware(32, 30)))


def test_its_series_are_measured_and_named():
    series = {name: held[None] for name, held in made(with_test(SMALL)).items()}
    named = {measure.name for measure in standard_measures(series)}
    assert {"jitter(test_loss)", "drawup(test_accuracy)", "final(selected_test_loss)"} <= named
    last = made(with_test(SMALL))["selected_test_loss"][-1]
    assert Final("selected_test_loss").evaluate(series)[0] == pytest.approx(last)
    assert Jitter("test_loss").words == "jitter of the test loss"
    assert Final("average_test_accuracy").axis(None, False).endswith("share correct)")
    assert words.setting("task.n_test") == "test samples"
    assert SMALL.looked_at + TEST == with_test(SMALL).looked_at

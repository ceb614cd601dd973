"""Views: one training, looked at in many ways."""

from dataclasses import dataclass, replace

import jax
import numpy as np
import pytest

from benchmark import CNN, MLP, Adam, Condition, Digits, Evaluation, Images, Training
from benchmark.declare.early_stopping import EarlyStopping
from benchmark.declare.errors import UserError
from benchmark.declare.paths import with_settings
from benchmark.declare.schedules import Cosine, Plateau
from benchmark.models.batch_norm import pooled
from benchmark.probes import UpdateNorm
from benchmark.tasks import Sides, Surfaces, TeacherRegression
from benchmark.training import TRACES, train
from benchmark.training.lanes import Run

BASE = Condition(
    Digits(n_train=40, n_validation=30, mislabelled=0.1),
    MLP((6,), batch_norm=0.9),
    Adam(0.01),
    Training(epochs=5, batch_size=16, average=0.9, schedule=Cosine()),
)

VIEWS = {
    "one's own": {},
    "part of the set": {"evaluation": Evaluation(steps=1, batch_size=8)},
    "the next part": {"evaluation": Evaluation(steps=1, batch_size=8, passes="continue")},
    "ordered": {"evaluation": Evaluation(steps=2, batch_size=8, order="sorted")},
    "shuffled": {"evaluation": Evaluation(steps=2, batch_size=8, order="reshuffle")},
    "own statistics": {"evaluation": Evaluation(batch_statistics=True, batch_size=15)},
    "each class": {"evaluation": Evaluation(per_class=True)},
    "halves": {"evaluation": Evaluation(halves=True)},
    "every other epoch": {"training.evaluate_every": 2},
    "fewer samples": {"task.n_validation": 8},
    "a test set": {"task.n_test": 12},
    "wrong labels": {"task.validation_mislabelled": 0.3},
    "leaked samples": {"task.leak": 0.5},
    "slow statistics": {"model.batch_norm": 0.99},
    "unbiased statistics": {"model.running_variance": "unbiased"},
    "debiased statistics": {"model.running_start": "debiased"},
    "recomputed statistics": {"evaluation": Evaluation(statistics="recomputed")},
    "a sample of the training set": {"evaluation": Evaluation(train_samples=9)},
    "two passes an epoch": {"evaluation": Evaluation(passes_per_epoch=2)},
    "two digits": {"evaluation": Evaluation(digits=2)},
    "many at once": {
        "model.batch_norm": 0.5, "task.n_validation": 12, "training.evaluate_every": 3,
        "evaluation": Evaluation(steps=2, batch_size=4, order="reshuffle", halves=True),
    },
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("compiled_as_by_users")


def same(one, other):
    assert one.keys() == other.keys()
    for name, series in one.items():
        np.testing.assert_array_equal(series, other[name], err_msg=name)


@pytest.fixture(scope="module")
def together(compiled_as_by_users):
    """All views of two seeds, trained once."""
    conditions = [with_settings(BASE, changes) for changes in VIEWS.values()]
    before = TRACES[BASE.group]
    series = train([Run(condition, seed) for seed in (0, 1) for condition in conditions])
    assert TRACES[BASE.group] == before + 1
    return {
        (name, seed): series[seed * len(VIEWS) + place]
        for seed in (0, 1)
        for place, name in enumerate(VIEWS)
    }


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_what_training_for_it_alone_gives(name: str, together):
    condition = with_settings(BASE, VIEWS[name])
    assert condition.in_training == BASE.in_training and condition.group == BASE.group
    for seed in (0, 1):
        same(train([Run(condition, seed)])[0], together[name, seed])


def test_views_of_one_run_see_different_things(together):
    whole = together["one's own", 0]
    for name in VIEWS:
        seen = together[name, 0]
        np.testing.assert_array_equal(seen["step_loss"], whole["step_loss"])
        extra = seen.keys() - whole.keys()
        changed = any(
            not np.array_equal(seen[series], whole[series], equal_nan=True)
            for series in seen.keys() & whole.keys()
        )
        assert name == "one's own" or extra or changed, name


def test_lanes_side_by_side_see_what_single_ones_see(together):
    names = ("one's own", "fewer samples", "slow statistics")
    conditions = [with_settings(BASE, VIEWS[name]) for name in names]
    runs = [Run(condition, seed) for seed in (0, 1) for condition in conditions]
    for run, name, made in zip(runs, 2 * names, train(runs, width=2), strict=True):
        for series, numbers in together[name, run.seed].items():
            np.testing.assert_allclose(made[series], numbers, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    "task",
    [
        Sides(40, 20),
        Surfaces(40, 20),
        TeacherRegression(n_train=40, n_validation=20, noise=0.5),
        Images(n_train=32, n_validation=16, size=16, pool_size=128),
    ],
    ids=lambda task: type(task).__name__,
)
def test_the_size_of_validation_is_a_view_of_every_task_that_says_so(task):
    from benchmark.tasks.keys import by_source, source_keys

    assert task.in_training == replace(task, n_validation=7, n_test=3).in_training != task
    drawn = []
    for each in (task, replace(task, n_validation=7, n_test=3)):
        by = by_source(source_keys(jax.numpy.asarray(BASE.sources.seeds(3), "int32")))
        pool = jax.tree.map(jax.numpy.asarray, each.pool())
        drawn.append(each.sample(pool, by).train)
    for one, other in zip(*map(jax.tree.leaves, drawn), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "changes",
    [
        {"training.early_stopping": EarlyStopping()},
        {"training.schedule": Plateau()},
        {"probes": (UpdateNorm(1),)},
    ],
    ids=["early stopping", "plateau", "probe"],
)
def test_a_run_that_is_looked_at_while_it_trains_has_one_view(changes):
    condition = with_settings(BASE, changes)
    assert condition.in_training == condition
    assert with_settings(condition, {"task.n_validation": 8}).in_training != condition


@pytest.mark.parametrize(
    "changes",
    [{"task.minority": 0.2}, {"task.feature_noise": 0.1}, {"task.scaling": "all"}],
    ids=lambda changes: next(iter(changes)),
)
def test_sets_that_belong_together_are_no_views(changes):
    condition = with_settings(BASE, changes)
    assert condition.in_training.task == condition.task
    other = with_settings(condition, {"task.n_validation": 8})
    assert other.in_training != condition.in_training


@dataclass(frozen=True)
class Hasty(Digits):
    """Says that the training set does not depend on a setting on which it does."""

    shift: int = 0

    @property
    def in_training(self):
        return replace(self, shift=0)

    def sample(self, pool, keys):
        split = super().sample(pool, keys)
        return split._replace(train=split.train._replace(y=(split.train.y + self.shift) % 10))


def test_printed_epochs_of_several_passes(together):
    whole, printed = together["one's own", 0], together["two passes an epoch", 0]
    np.testing.assert_array_equal(
        printed["validation_loss"][::2], whole["validation_loss"][::2]
    )
    mean = (whole["running_train_loss"][1:-1:2] + whole["running_train_loss"][2::2]) / 2
    np.testing.assert_allclose(printed["running_train_loss"][2::2], mean, rtol=1e-6)
    for name in ("validation_loss", "running_train_loss", "average_train_accuracy"):
        assert np.isnan(printed[name][1::2]).all()


def test_printed_digits_are_those_of_a_printed_line(together):
    whole, printed = together["one's own", 0], together["two digits", 0]
    for name in ("validation_loss", "running_train_accuracy"):
        for exact, shown in zip(whole[name][1:], printed[name][1:], strict=True):
            assert shown == np.float32(f"{exact:.2f}")


def test_recomputed_statistics_are_those_of_the_training_set():
    """Where the training set is one batch, evaluation with its statistics is training's."""
    how = Training(4, batch_size=40, order="fixed")
    condition = replace(BASE, training=how, evaluation=Evaluation(statistics="recomputed"))
    (made,) = train([Run(condition, 0)])
    np.testing.assert_allclose(made["train_loss"][:-1], made["step_loss"][1:, 0], rtol=1e-5)
    (recorded,) = train([Run(replace(condition, evaluation=Evaluation()), 0)])
    assert (abs(recorded["train_loss"] - made["train_loss"])[1:] > 1e-3).all()


def test_recomputed_statistics_need_normalisation():
    condition = with_settings(BASE, {"model.batch_norm": None})
    condition = replace(condition, evaluation=Evaluation(statistics="recomputed"))
    with pytest.raises(UserError, match="the model has no batch normalisation"):
        train([Run(condition, 0)])


def test_a_sample_of_the_training_set_cannot_be_larger():
    with pytest.raises(UserError, match="train_samples is 41, but the task has only 40"):
        replace(BASE, evaluation=Evaluation(train_samples=41))


def test_statistics_of_batches_together_are_those_of_all_values():
    x = np.random.default_rng(0).normal(3.0, 2.0, (10, 4)).astype(np.float32)
    parts = [x[:6], x[6:]]
    of = {
        "mean": np.stack([part.mean(0) for part in parts]),
        "var": np.stack([part.var(0) for part in parts]),
        "count": np.array([6, 4], np.float32),
    }
    both = pooled(jax.tree.map(jax.numpy.asarray, {"layer": of}))["layer"]
    np.testing.assert_allclose(both["mean"], x.mean(0), rtol=1e-6)
    np.testing.assert_allclose(both["var"], x.var(0), rtol=1e-6)


def test_a_task_that_says_too_much_is_caught():
    runs = [Run(replace(BASE, task=Hasty(40, 30, shift=shift)), 0) for shift in (0, 1)]
    with pytest.raises(UserError, match="Hasty.in_training leaves out a setting"):
        train(runs)


def test_convolutions_have_views_of_their_statistics():
    condition = Condition(
        Images(n_train=24, n_validation=16, size=16, pool_size=64),
        CNN((4,), batch_norm=0.9),
        Adam(0.01),
        Training(2, 8),
    )
    slow = with_settings(condition, {"model.batch_norm": 0.99})
    one, other = train([Run(condition, 0), Run(slow, 0)])
    assert (one["train_loss"][1:] != other["train_loss"][1:]).all()
    same(train([Run(slow, 0)])[0], other)

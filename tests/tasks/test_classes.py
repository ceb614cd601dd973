"""What can be done to the data of classes."""

import dataclasses as dc

import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    MLP,
    SGD,
    Condition,
    Images,
    MedicalImages,
    Surfaces,
    Training,
    UserError,
)
from benchmark.tasks import CosineArccosine
from benchmark.tasks.scaling import spread
from benchmark.training import train
from benchmark.training.lanes import Run
from helpers.samples import (
    ALL,
    COSINES,
    MEDICAL,
    SMALL,
    SURFACES,
    arrays,
    same,
    sample_of,
    tasks,
)

each_kind = tasks(SMALL, SURFACES, MEDICAL)
"""One of each way to draw, of real and of simulated data, of many and of two classes."""


# --- one operation at a time --------------------------------------------------------------


@each_kind
def test_minority_shares_are_exact_disjoint_and_swap_few(task):
    last, shares = task.outputs - 1, (0.05, 0.1, 0.25)
    before = None
    for share in shares:
        split = sample_of(dc.replace(task, minority=share))
        rows = [np.asarray(subset.index) for subset in split.sets.values()]
        assert len(set(np.concatenate(rows).tolist())) == task.n_train + task.n_validation
        for subset in split.sets.values():
            held = np.asarray(subset.y) == last
            assert held.sum() == round(share * subset.size)
            np.testing.assert_array_equal(subset.y, task.pool().y[np.asarray(subset.index)])
        if before is not None:
            for now, then, subset in zip(rows, before[0], split[:2], strict=True):
                moved = round(share * subset.size) - round(before[1] * subset.size)
                assert (now != then).sum() == moved
        before = rows, share
    # The rare samples lie anywhere, and other seeds put them elsewhere.
    places = np.flatnonzero(np.asarray(split.train.y) == last)
    assert places.min() < task.n_train / 2 < places.max()
    other = sample_of(dc.replace(task, minority=shares[-1]), 1)
    assert not np.array_equal(other.train.y == last, split.train.y == last)


def test_minority_takes_no_more_than_there_is():
    with pytest.raises(UserError, match="takes 96 samples of the last class, but .* only 80"):
        Images(100, 60, pool_size=400, minority=0.6)
    with pytest.raises(UserError, match="takes 360 samples of the other classes, .* only 200"):
        MedicalImages(300, 100, size=16, pool_size=400, minority=0.1)


@each_kind
def test_feature_noise_has_its_size_and_stays_with_its_sample(task):
    plain, noisy = sample_of(task), sample_of(dc.replace(task, feature_noise=0.5))
    for before, after in zip(plain[:2], noisy[:2], strict=True):
        added = arrays(after)[0] - arrays(before)[0]
        unit = spread(np.asarray(task.pool().x))
        assert added.std() == pytest.approx(0.5 * unit, rel=0.05)
        np.testing.assert_array_equal(before.y, after.y)
    both = sample_of(dc.replace(task, feature_noise=0.5, variety=0.1, leak=1.0))
    seen = {tuple(row.reshape(-1)) for row in arrays(both.train)[0]}
    assert len(seen) == round(0.1 * task.n_train)
    assert {tuple(row.reshape(-1)) for row in arrays(both.validation)[0]} <= seen
    none = sample_of(dc.replace(task, feature_noise=0.0))
    same(arrays(none.train), arrays(plain.train))


@each_kind
def test_variety_counts_distinct_samples(task):
    seen = []
    for share in (0.01, 0.1, 0.5, 1.0):
        subset = sample_of(dc.replace(task, variety=share)).train
        index = np.asarray(subset.index)
        assert len(set(index.tolist())) == max(1, round(share * task.n_train))
        np.testing.assert_array_equal(subset.y, task.pool().y[index])
        seen.append(set(index.tolist()))
    assert seen[0] <= seen[1] <= seen[2] <= seen[3]
    same(arrays(subset), arrays(sample_of(task).train))
    rare = sample_of(dc.replace(task, variety=0.5, minority=0.1)).train
    held = np.asarray(rare.y) == task.outputs - 1
    few = round(0.1 * task.n_train)
    assert held.sum() == few
    distinct = len(set(np.asarray(rare.index)[held].tolist()))
    assert distinct == round(0.5 * few)


@each_kind
@pytest.mark.parametrize("field", ["mislabelled", "validation_mislabelled"])
def test_wrong_labels_are_exact_nested_and_on_one_side(task, field):
    marks = []
    for share in (0.0, 0.1, 0.4, 1.0):
        split = sample_of(dc.replace(task, **{field: share}))
        changed, kept = split[:2] if field == "mislabelled" else split[1::-1]
        wrong = np.asarray(changed.y) != task.pool().y[np.asarray(changed.index)]
        np.testing.assert_array_equal(changed.corrupted, wrong)
        assert wrong.sum() == round(share * changed.size) and not np.any(kept.corrupted)
        np.testing.assert_array_equal(kept.y, task.pool().y[np.asarray(kept.index)])
        marks.append(wrong)
    assert all((a <= b).all() for a, b in zip(marks, marks[1:], strict=False))


@each_kind
def test_leaked_samples_are_training_samples_with_their_labels(task):
    before = None
    for share in (0.0, 0.25, 1.0):
        train_subset, held, _ = sample_of(dc.replace(task, leak=share, mislabelled=0.3))
        labels = dict(zip(train_subset.index.tolist(), train_subset.y.tolist(), strict=True))
        inside = np.array([row in labels for row in held.index.tolist()])
        assert inside.sum() == round(share * task.n_validation)
        for row, label, leaks in zip(
            held.index.tolist(), held.y.tolist(), inside.tolist(), strict=True
        ):
            assert label == (labels[row] if leaks else task.pool().y[row])
        if before is not None:
            assert (before <= inside).all()
        before = inside


@each_kind
def test_scaling_standardises_what_it_has_seen(task):
    for over in ("train", "all"):
        split = sample_of(dc.replace(task, scaling=over))
        assert split.train.x.shape[0] == len(task.pool().x)
        subsets = split[:2] if over == "all" else split[:1]
        x = np.concatenate([arrays(subset)[0] for subset in subsets]).astype(np.float64)
        np.testing.assert_allclose(x.mean(0), 0, atol=2e-5)
        # Pixels that are always empty stay as they are.
        spreads = x.std(0)
        np.testing.assert_allclose(spreads[spreads > 0], 1, rtol=1e-4)
        position = jnp.arange(5, dtype=jnp.int32)
        same(split.validation.take(position), [part[:5] for part in split.validation.all()])
        np.testing.assert_array_equal(split.train.y, sample_of(task).train.y)


@each_kind
def test_an_operation_draws_nothing_that_another_one_uses(task):
    plain = sample_of(task)
    changed = sample_of(
        dc.replace(task, mislabelled=0.2, validation_mislabelled=0.2, scaling="all")
    )
    for a, b in zip(plain[:2], changed[:2], strict=True):
        np.testing.assert_array_equal(a.index, b.index)
    one = sample_of(dc.replace(task, mislabelled=0.2)).train.y
    np.testing.assert_array_equal(one, changed.train.y)
    small = dc.replace(task, n_train=task.n_train // 2, feature_noise=0.3)
    large = dc.replace(task, feature_noise=0.3)
    if not isinstance(task, Surfaces | CosineArccosine):
        same(arrays(sample_of(small).validation), arrays(sample_of(large).validation))
        whole = arrays(sample_of(large).train)
        same(arrays(sample_of(small).train), [part[: small.n_train] for part in whole])


# --- through the engine -------------------------------------------------------------------


def test_everything_at_once_trains_in_lanes_and_sweeps_in_one_group():
    task = dc.replace(SMALL, scaling="train", **ALL)
    condition = Condition(task, MLP((4,)), SGD(0.05), Training(1, 50))
    runs = [Run(condition, seed) for seed in range(2)]
    for one, other in zip(train(runs, 1), train(runs, 2), strict=True):
        assert np.isfinite(one["train_loss"]).all()
        for name in ("train_loss", "validation_loss"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-4)
    other = dc.replace(condition, task=dc.replace(task, leak=0.7, variety=0.9))
    assert other.group == condition.group and other.id != condition.id


def test_flipped_validation_labels_mix_the_accuracy():
    # Of two classes the accuracy seen is (1 − 2ρ)A + ρ when the flips do not know the model.
    base = Condition(COSINES, MLP((4,)), SGD(0.1), Training(3, 20))

    def accuracy(wrong):
        task = dc.replace(COSINES, n_validation=300, validation_mislabelled=wrong)
        condition = dc.replace(base, task=task)
        made = train([Run(condition, seed) for seed in range(4)], 1)
        return np.mean([run["validation_accuracy"][-1] for run in made])

    clean = accuracy(0.0)
    assert accuracy(0.2) == pytest.approx(0.6 * clean + 0.2, abs=0.05)
    assert accuracy(1.0) == pytest.approx(1 - clean, abs=1e-6)


# --- the user's own data ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leak": 1.5}, "Digits.leak is 1.5, but must be at most 1"),
        ({"variety": 0.0}, "Digits.variety is 0.0, but must be above 0"),
        ({"feature_noise": -1}, "Digits.feature_noise is -1.0, but must be at least 0"),
        ({"n_train": 1750}, "n_validation is 1810, but its pool has only 1797 samples"),
    ],
)
def test_mistakes(settings, message):
    with pytest.raises(UserError, match=message):
        dc.replace(SMALL, **settings)

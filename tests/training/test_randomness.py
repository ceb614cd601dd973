"""One seed means one start, one data set and one order under every condition."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    FULL,
    MLP,
    SGD,
    Adam,
    Condition,
    Digits,
    Linear,
    Sources,
    Training,
)
from benchmark.probes import Sharpness
from benchmark.tasks.keys import source_keys
from benchmark.training.program import START
from helpers.training import BASE, curves, data_of, keys_of, rows_of


def test_one_seed_means_one_start_one_data_set_one_order_under_every_condition():
    import dataclasses as dc

    others = [
        dc.replace(BASE, optimizer=Adam(0.01)),
        dc.replace(BASE, training=Training(3, 4)),
        dc.replace(BASE, optimizer=SGD(3.0), training=Training(2, FULL)),
        dc.replace(BASE, probes=(Sharpness(every=1),)),
        dc.replace(BASE, task=Digits(n_train=64, n_validation=64, mislabelled=0.0)),
    ]
    (first,) = curves(BASE, 7)
    for other in others:
        (second,) = curves(other, 7)
        # Equal losses before training: the same start on the same data, to rounding.
        for name in ("train_loss", "validation_loss", "train_accuracy"):
            np.testing.assert_allclose(first[name][0], second[name][0], rtol=1e-6)
        np.testing.assert_array_equal(data_of(BASE, 7)[0], data_of(other, 7)[0])
    # The order is one permutation however it is cut into batches.
    coarse = rows_of(BASE, 7, 2).reshape(-1)
    fine = rows_of(others[1], 7, 2).reshape(-1)
    np.testing.assert_array_equal(coarse, fine)


def test_a_smaller_training_set_is_part_of_a_larger_one():
    small = Condition(Digits(n_train=32, n_validation=64), MLP((8,)), SGD(), Training(2, 16))
    small_x, _, small_v, _ = data_of(small, 3)
    large_x, _, large_v, _ = data_of(BASE, 3)
    np.testing.assert_array_equal(small_x, large_x[:32])
    np.testing.assert_array_equal(small_v, large_v)


def test_different_seeds_differ_in_every_source():
    first, second = curves(BASE, 0, 1)
    for name in ("train_loss", "validation_loss", "step_loss"):
        assert not np.array_equal(first[name], second[name], equal_nan=True)
    assert not np.array_equal(data_of(BASE, 0)[0], data_of(BASE, 1)[0])
    assert not np.array_equal(rows_of(BASE, 0, 1), rows_of(BASE, 1, 1))


def test_a_pinned_source_is_the_same_for_all_seeds():
    import dataclasses as dc

    pinned = dc.replace(BASE, sources=Sources(data=3, initialisation=3, order=3))
    first, second = curves(pinned, 0, 1)
    for name, held in first.items():
        np.testing.assert_array_equal(held, second[name])
    only_order = dc.replace(BASE, sources=Sources(data=3, initialisation=3))
    first, second = curves(only_order, 0, 1)
    assert first["train_loss"][0] == second["train_loss"][0]
    assert first["train_loss"][-1] != second["train_loss"][-1]
    assert pinned.group == BASE.group and pinned.id != BASE.id


@pytest.mark.parametrize("model", [MLP((8,)), Linear()])
def test_one_bit_is_the_last_of_one_weight(model):
    def begun(one_bit, seed):
        pinned = Sources(initialisation=3, data=3, one_bit=one_bit)
        condition = Condition(Digits(64, 64), model, sources=pinned)
        keys = source_keys(jnp.array(pinned.seeds(seed), jnp.int32))
        start = START.build(START.template(condition))
        values = {path: jnp.float32(number) for path, number in condition.values.items()}
        params = start(values, keys, jnp.zeros((1, 64)), {}).variables["params"]
        return [np.asarray(leaf) for leaf in jax.tree.leaves(params)]

    start, chosen = begun(False, 0), set()
    for seed in range(8):
        pairs = list(zip(start, begun(True, seed), strict=True))
        changed = [(place, a, b) for place, (a, b) in enumerate(pairs) if (a != b).any()]
        ((place, before, after),) = changed
        (where,) = np.argwhere(before != after)
        where = tuple(where)
        assert abs(after[where] - before[where]) == np.spacing(np.abs(before[where]))
        chosen.add((place, *where))
    assert len({place for place, *_ in chosen}) == 1 and len(chosen) > 4


def test_mislabelled_shares_are_exact_and_nested():
    import dataclasses as dc

    def wrong(share):
        condition = dc.replace(BASE, task=dc.replace(BASE.task, mislabelled=share))
        pool = jax.tree.map(jnp.asarray, condition.task.pool())
        train_subset = condition.task.sample(pool, keys_of(condition, 2)).train
        clean_label = pool.y[train_subset.index]
        np.testing.assert_array_equal(train_subset.corrupted, train_subset.y != clean_label)
        return np.asarray(train_subset.corrupted)

    low, high = wrong(0.125), wrong(0.5)
    assert low.sum() == 8 and high.sum() == 32
    assert (low <= high).all()

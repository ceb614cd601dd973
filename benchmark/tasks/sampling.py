"""One run's samples of a class task: drawn, then put through the task's operations."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmark.tasks.classes import ClassTask
from benchmark.tasks.composition import composed, repeated, repeated_by_class
from benchmark.tasks.corruption import clean, leaked, mislabel, noisy, noisy_copy, own, parts
from benchmark.tasks.data import Keys, Pool, Split
from benchmark.tasks.scaling import scaled, spread

# Folded into the run's keys, far from the small numbers that tasks and `split` fold in.
_RANKS, _NOISE, _LEAK, _VALIDATION, _TEST_NOISE = 1001, 1002, 1003, 1004, 1005


def sampled(task: ClassTask, pool: Pool, keys: Keys) -> Split:
    """The run's data after every operation that is switched on."""
    key, order = keys("data"), task.drawn(keys("data"))
    n, v, t = task.n_train, task.n_validation, task.n_test
    ranks = common = None
    if task.minority is None:
        front, back, beside = parts(order, n, v, t)
    else:
        last = pool.y[order] == task.outputs - 1
        key_of_ranks = jax.random.fold_in(key, _RANKS)
        (front, back, beside), ranks, common = composed(
            order, last, task.class_sizes[-1], task.minority, (n, v, t), key_of_ranks
        )
    train, validation = (clean(pool.x, index, pool.y[index]) for index in (front, back))
    test = clean(pool.x, beside, pool.y[beside]) if t else None

    if task.feature_noise is not None:
        sd = task.feature_noise * jnp.float32(spread(np.asarray(task.pool().x)))
        train, validation = noisy(train, validation, jax.random.fold_in(key, _NOISE), sd)
        test = test and noisy_copy(test, jax.random.fold_in(key, _TEST_NOISE), sd)
    if task.variety is not None:
        source = (
            repeated(n, task.variety)
            if ranks is None or common is None
            else repeated_by_class(ranks, common, task.variety)
        )
        train = clean(train.x, train.index[source], train.y[source])

    if task.mislabelled is not None:
        wrong = keys("mislabelling")
        train = mislabel(train, wrong, task.mislabelled, task.outputs)
    if task.validation_mislabelled is not None:
        wrong = jax.random.fold_in(keys("mislabelling"), _VALIDATION)
        validation = mislabel(validation, wrong, task.validation_mislabelled, task.outputs)
    if task.leak is not None:
        validation = leaked(train, validation, jax.random.fold_in(key, _LEAK), task.leak)
    if task.feature_noise is not None:
        train, validation = own(train), own(validation)
    split = Split(train, validation, test)
    return split if task.scaling is None else scaled(split, task.scaling)

"""Runs of a condition, and what they draw."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmark import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Condition,
    Digits,
    Momentum,
    Nesterov,
    RMSprop,
    Training,
)
from benchmark.tasks.keys import by_source, source_keys
from benchmark.training import train
from benchmark.training.batching import training_batches
from benchmark.training.lanes import Run
from benchmark.training.program import ORDER, SPLIT, START, TRAIN, Program


def curves(condition, *seeds, width=1):
    return train([Run(condition, seed) for seed in seeds], width)


def traced(condition: Condition) -> dict[str, tuple[int, ...]]:
    """Shapes of the series that the training programs would record: traced, and not trained."""

    def form(program: Program, *arguments: Any) -> Any:
        return jax.eval_shape(program.build(program.template(condition)), *arguments)

    pool = condition.task.pool()
    values = {path: jnp.float32(held) for path, held in condition.values.items()}
    keys = source_keys(jnp.asarray(condition.sources.seeds(0), jnp.int32))
    epochs = jnp.arange(condition.training.epochs + 1, dtype=jnp.int32)
    split = form(SPLIT, values, pool, keys)
    state = form(START, values, pool, keys, split)
    order = form(ORDER, keys, (split.train.y, split.validation.y), epochs)
    _, logs = form(TRAIN, values, pool, keys, split, state, order, epochs)
    assert all(jnp.issubdtype(held.dtype, jnp.floating) for held in logs.values())
    return {series: held.shape for series, held in logs.items()}


def keys_of(condition, seed):
    return by_source(source_keys(jnp.array(condition.sources.seeds(seed), jnp.int32)))


def data_of(condition, seed):
    """The training and validation arrays of one run, as numpy."""
    pool = jax.tree.map(jnp.asarray, condition.task.pool())
    split = condition.task.sample(pool, keys_of(condition, seed))
    return [
        np.asarray(part, np.float64) for subset in split.sets.values() for part in subset.all()
    ]


def rows_of(condition, seed, epoch):
    keys, pool = keys_of(condition, seed), jax.tree.map(jnp.asarray, condition.task.pool())
    labels = condition.task.sample(pool, keys).train.y
    return np.asarray(training_batches(condition, keys("order"), jnp.int32(epoch), labels))


OPTIMIZERS = [
    SGD(0.05),
    Momentum(0.02, 0.8),
    Nesterov(0.02, 0.8),
    RMSprop(0.01, 0.9),
    Adam(0.02),
    AdamW(0.02, weight_decay=0.1),
]


BASE = Condition(Digits(n_train=64, n_validation=64), MLP((8,)), SGD(0.1), Training(2, 16))

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
from benchmark.training.program import (
    LOOK,
    ORDER,
    ORDER_SEEN,
    SPLIT,
    START,
    TRAIN,
    WATCH,
    Program,
    probe_program,
)


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
    like = jnp.zeros((1, *pool.x.shape[1:]))
    state = form(START, values, keys, like, dict.fromkeys(split.sets))
    order = form(ORDER, values, keys, split.train.y, epochs)
    state, after = form(TRAIN, values, pool, keys, split, state, order, epochs)
    logs, due = dict(after.logs), epochs >= 0
    for kind, variables in after.snapshot.items():
        for each, subset in split.sets.items():
            seen = form(LOOK[each], values, pool, keys, subset, variables, due, None)
            logs |= {f"{kind}_{name}" if kind else name: held for name, held in seen.items()}
    shown = after.snapshot[""], after.optimizer_state
    if condition.evaluation.special:
        batches = form(ORDER_SEEN, values, keys, split.validation.y, epochs)
        looked_at = split.validation, shown[0], due, batches
        logs |= form(LOOK["seen"], values, pool, keys, *looked_at)
    for place, probe in enumerate(condition.probes):
        if probe.looks_at_epochs:
            program = probe_program(place)
            numbers = {p: jnp.float32(n) for p, n in program.numbers(condition).items()}
            logs |= form(program, numbers, pool, keys, split, *shown, epochs, due)
    if condition.watches:
        _, learned = form(WATCH, values, state, logs, epochs)
        every = (len(epochs),)
        logs |= {n: jax.ShapeDtypeStruct(every, held.dtype) for n, held in learned.items()}
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

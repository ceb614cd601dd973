"""The training data of stored runs, drawn again from their seeds."""

import dataclasses
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from benchmark.declare.condition import Sources
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

Inputs = Float[np.ndarray, "run sample feature"]
Targets = Float[np.ndarray, "run sample"]


def training_data(runs: Runs) -> tuple[Inputs, Targets]:
    """Inputs and targets of every run of a Gaussian regression, in double precision."""
    task = runs.condition.task
    assert isinstance(task, GaussianRegression)
    # The features that a model sees are the first of all, which are drawn once for all.
    every = dataclasses.replace(task, features=None)
    x, y = _draw(every, runs.condition.sources, tuple(map(int, runs.seeds)))
    return x[:, :, : task.seen], y


@lru_cache(maxsize=1)
def _draw(
    task: GaussianRegression, sources: Sources, seeds: tuple[int, ...]
) -> tuple[Inputs, Targets]:
    import jax
    import jax.numpy as jnp

    from benchmark.tasks.data import by_source, source_keys

    pool = jax.tree.map(jnp.asarray, task.pool())

    def draw(seeds: jax.Array) -> tuple[jax.Array, jax.Array]:
        return task.sample(pool, by_source(source_keys(seeds))).train.all()

    by_run = np.array([sources.seeds(seed) for seed in seeds], np.int32)
    x, y = jax.jit(jax.vmap(draw))(by_run)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)[:, :, 0]

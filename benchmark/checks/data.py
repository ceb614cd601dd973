"""The data of stored runs, drawn again from their seeds."""

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from benchmark.declare.data import Split
from benchmark.declare.parts import Task
from benchmark.declare.sources import Sources
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


def validation_labels(runs: Runs) -> Int[np.ndarray, "run sample"]:
    """The classes of every run's validation set."""
    task, sources = runs.condition.task, runs.condition.sources
    seeds = tuple(map(int, runs.seeds))
    return _drawn(task, sources, seeds, lambda split: split.validation.y)


@lru_cache(maxsize=1)
def _draw(
    task: GaussianRegression, sources: Sources, seeds: tuple[int, ...]
) -> tuple[Inputs, Targets]:
    x, y = _drawn(task, sources, seeds, lambda split: split.train.all())
    return x.astype(float), y.astype(float)[:, :, 0]


def _drawn(
    task: Task, sources: Sources, seeds: tuple[int, ...], part: "Callable[[Split], Any]"
) -> Any:
    """A part of the data of every run, arrays [run, …]."""
    import jax
    import jax.numpy as jnp

    from benchmark.tasks.keys import by_source, source_keys

    pool = jax.tree.map(jnp.asarray, task.pool())

    def draw(seeds: jax.Array) -> Any:
        return part(task.sample(pool, by_source(source_keys(seeds))))

    by_run = np.array([sources.seeds(seed) for seed in seeds], np.int32)
    return jax.tree.map(np.asarray, jax.jit(jax.vmap(draw))(by_run))

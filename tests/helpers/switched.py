"""Made-up curves of conditions that differ in a cause."""

import dataclasses

import numpy as np

from benchmark import Cause, Cure, find
from benchmark.statistics.selection import ConditionResult

BATCH, ORDER = "training.batch_size", "training.order"


SEEDS, EPOCHS = 24, 40


OFF, ON = {BATCH: 64}, {BATCH: 4}


def curves(jitter, level=0.5, seeds=SEEDS, seed=0):
    """Series of runs whose losses jitter by `jitter` about `level`, [run, epoch]."""
    draw = np.random.default_rng(seed)
    loss = level + jitter * draw.standard_normal((2, seeds, EPOCHS))
    accuracy = 0.8 + jitter * draw.standard_normal((2, seeds, EPOCHS))
    names = ("validation", "running_train")
    return {f"{name}_loss": loss[i] for i, name in enumerate(names)} | {
        f"{name}_accuracy": accuracy[i] for i, name in enumerate(names)
    }


def result(settings, series):
    return ConditionResult(str(settings), None, settings, series)


def declared(*switches):
    """A stored scenario with other causes and cures."""
    causes = tuple(s for s in switches if isinstance(s, Cause))
    cures = tuple(s for s in switches if isinstance(s, Cure))
    return dataclasses.replace(find("batch_size"), causes=causes, cures=cures)

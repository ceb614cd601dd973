"""Batch order: which samples each step of an epoch takes."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from benchmark.declare.condition import Condition
from benchmark.tasks.corruption import shuffled
from benchmark.tasks.data import Keys

Rows = Int[Array, "step batch"]


def batch_weights(condition: Condition) -> Float[np.ndarray, "step batch"] | None:
    """1 for a sample, 0 for the padding of a smaller last batch; None if all are full."""
    places = condition.steps_per_epoch * condition.batch_size
    if condition.training.order == "fresh" or places <= condition.task.samples:
        return None
    inside = np.arange(places) < condition.task.samples
    return inside.astype(np.float32).reshape(condition.steps_per_epoch, condition.batch_size)


def epoch_rows(condition: Condition, keys: Keys, epoch: Int[Array, ""]) -> Rows:
    """Positions in the training set of every sample of every step of one epoch.

    A smaller last batch is padded with position 0, which `batch_weights` takes out again.
    """
    samples, steps, size = (
        condition.task.samples,
        condition.steps_per_epoch,
        condition.batch_size,
    )
    order, key = condition.training.order, keys("order")
    if order == "fresh":
        return jnp.zeros((steps, 0), jnp.int32)
    if order == "reshuffle":
        positions = shuffled(jax.random.fold_in(key, epoch), samples)
    elif order == "once":
        positions = shuffled(key, samples)
    elif order == "replacement":
        drawn = jax.random.fold_in(key, epoch)
        positions = jax.random.randint(drawn, (samples,), 0, samples, jnp.int32)
    else:
        positions = jnp.arange(samples, dtype=jnp.int32)
    missing = max(0, steps * size - samples)
    padded = jnp.concatenate([positions, jnp.zeros((missing,), positions.dtype)])
    return padded[: steps * size].reshape(steps, size)

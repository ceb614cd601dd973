"""Batch order: which samples each step of an epoch takes.

A *pass* lists every sample once (or draws as many); an epoch is one pass, or so many steps
of the passes as `Training.steps` says. Batches are rows of indices of samples in the set;
−1 pads a smaller last batch.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.declare.identity import Selected
from benchmark.declare.training import Evaluation, Training
from benchmark.tasks.random import permutation

Batches = Int[Array, "step batch"]
"""Indices of the samples of each batch; −1 is padding."""

Labels = Num[Array, "sample ..."]


def has_padding(condition: Condition | Selected) -> bool:
    """Whether some batch of a pass is smaller than the others."""
    training, size = condition.training, condition.batch_size
    whole_passes = training.order != "fresh" and training.last_batch != "drop"
    return whole_passes and condition.task.samples % size > 0


def sample_weight(indices: Int[Array, " batch"]) -> Float[Array, " batch"]:
    """1 for a sample, 0 for padding."""
    return (indices >= 0).astype(jnp.float32)


def training_batches(
    condition: Condition | Selected, key: Key[Array, ""], epoch: Int[Array, ""], labels: Labels
) -> Batches:
    """The training batches of one epoch, [step, batch]."""
    training, steps = condition.training, condition.steps_per_epoch
    if training.order == "fresh":
        return jnp.zeros((steps, 0), jnp.int32)

    def batches(number: Int[Array, ""]) -> Batches:
        positions = _positions(condition, key, number, labels)
        rows = _batches(positions, condition.batch_size, training.last_batch != "drop")
        return _alternated(rows, labels) if training.order == "alternating" else rows

    return _steps_of_passes(batches, condition.batches_per_pass, steps, training, epoch)


def validation_batches(
    condition: Condition | Selected, key: Key[Array, ""], epoch: Int[Array, ""], labels: Labels
) -> Batches:
    """The batches that a special validation looks at after one epoch, [step, batch]."""
    evaluation, samples = condition.evaluation, labels.shape[0]
    per_pass = -(-samples // evaluation.batch_size)

    def batches(number: Int[Array, ""]) -> Batches:
        if evaluation.order == "reshuffle":
            positions = permutation(jax.random.fold_in(key, number), samples)
        elif evaluation.order == "sorted":
            positions = by_class(labels)
        else:
            positions = jnp.arange(samples, dtype=jnp.int32)
        return _batches(positions, evaluation.batch_size, keep=True)

    steps = evaluation.steps or per_pass
    # Validation after epoch 0, before training, is the first.
    return _steps_of_passes(batches, per_pass, steps, evaluation, epoch + 1)


def by_class(labels: Labels) -> Int[Array, " sample"]:
    """Positions of the samples, class after class (real targets: by the first of them)."""
    return jnp.argsort(_flat(labels), stable=True).astype(jnp.int32)


def _flat(labels: Labels) -> Num[Array, " sample"]:
    return labels if labels.ndim == 1 else labels.reshape(labels.shape[0], -1)[:, 0]


def _positions(
    condition: Condition | Selected, key: Key[Array, ""], number: Int[Array, ""], labels: Labels
) -> Int[Array, " sample"]:
    """Positions in the order in which pass `number` takes them."""
    samples, order = labels.shape[0], condition.training.order
    if condition.training.balance == "oversample":
        return _oversampled(
            jax.random.fold_in(key, number), labels.astype(jnp.int32), condition.task.outputs
        )
    if order == "reshuffle":
        return permutation(jax.random.fold_in(key, number), samples)
    if order == "once":
        return permutation(key, samples)
    if order == "replacement":
        drawn = jax.random.fold_in(key, number)
        return jax.random.randint(drawn, (samples,), 0, samples, jnp.int32)
    if order in ("sorted", "alternating"):
        return by_class(labels)
    return jnp.arange(samples, dtype=jnp.int32)


def _oversampled(
    key: Key[Array, ""], labels: Int[Array, " sample"], classes: int
) -> Int[Array, " sample"]:
    """As many positions as there are samples, every class that occurs equally often."""
    samples = labels.shape[0]
    u = jax.random.uniform(key, (2 * samples,))
    kinds = jnp.arange(classes, dtype=jnp.int32)
    counts = jnp.sum((labels[:, None] == kinds[None]).astype(jnp.int32), axis=0)
    first = jnp.cumsum(counts) - counts
    # Classes without a sample come last and are never drawn.
    there = jnp.argsort(counts == 0, stable=True)
    number = jnp.sum((counts > 0).astype(jnp.int32))
    drawn = (u[:samples] * number.astype(jnp.float32)).astype(jnp.int32)
    kind = there[jnp.minimum(drawn, number - 1)]
    within = (u[samples:] * counts[kind].astype(jnp.float32)).astype(jnp.int32)
    return by_class(labels)[first[kind] + jnp.minimum(within, counts[kind] - 1)]


def _batches(positions: Int[Array, " sample"], size: int, keep: bool) -> Batches:
    """`positions` cut into batches; a smaller last one is padded with −1, or dropped."""
    samples = positions.shape[0]
    steps = -(-samples // size) if keep else samples // size
    missing = max(0, steps * size - samples)
    padded = jnp.concatenate([positions, jnp.full((missing,), -1, positions.dtype)])
    return padded[: steps * size].reshape(steps, size)


def _alternated(rows: Batches, labels: Labels) -> Batches:
    """Sorted batches dealt out so that batches of one class lie far apart.

    A batch's class is that of its middle sample. The k-th of n batches of a class comes at
    the share (k + ½)/n of the pass, in one place the highest class first: classes that have
    the same number of batches, give or take one, never follow themselves. A smaller batch
    stays the last one, and is of the highest class.
    """
    whole = labels.shape[0] // rows.shape[1]
    kind = _flat(labels)[rows[:whole, rows.shape[1] // 2]]
    first, end = (jnp.searchsorted(kind, kind, side=side) for side in ("left", "right"))
    rank = (jnp.arange(whole, dtype=first.dtype) - first).astype(jnp.float32)
    place = (rank + 0.5) / (end - first).astype(jnp.float32)
    turn = jnp.lexsort((-kind, place))
    return jnp.concatenate([rows[turn], rows[whole:]])


def _steps_of_passes(
    batches: Callable[[Int[Array, ""]], Batches],
    per_pass: int,
    steps: int,
    how: Training | Evaluation | Selected,
    epoch: Int[Array, ""],
) -> Batches:
    """The `steps` batches of one epoch, counted from 1, out of passes counted from 1."""
    if how.steps is None:
        return batches(epoch)
    if how.passes == "restart":
        touched = -(-steps // per_pass)
        start, first = jnp.zeros_like(epoch), (epoch - 1) * touched
    else:
        touched = -(-(steps + per_pass - 1) // per_pass)
        start, first = ((epoch - 1) * steps) % per_pass, ((epoch - 1) * steps) // per_pass
    numbers = first + 1 + jnp.arange(touched, dtype=epoch.dtype)
    rows = jax.vmap(batches)(numbers).reshape(touched * per_pass, -1)
    return jax.lax.dynamic_slice_in_dim(rows, start, steps)

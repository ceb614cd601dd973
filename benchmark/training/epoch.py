"""One epoch of one run, as functions to be traced."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Num

from benchmark.declare.condition import Batch, Condition, Probing
from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.network import EVALUATION, Mode, Variables
from benchmark.training.augment import augment
from benchmark.training.batching import Batches, has_padding, sample_weight
from benchmark.training.evaluating import Evaluator, first_half
from benchmark.training.objective import sample_hits, sample_losses
from benchmark.training.state import (
    Logs,
    State,
    average_of,
    averaged,
    rate_factor,
    transformation,
    watch,
)

Epoch = Int[Array, ""]
ValidationBatches = Int[Array, "validation_step validation_batch"]
"""Like `Batches`, but of another number and size."""


class Trainer:
    """Trains and evaluates one run, epoch by epoch."""

    def __init__(self, condition: Condition, pool: Pool, split: Split, keys: Keys):
        self.condition, self.pool, self.split, self.keys = condition, pool, split, keys
        self.network = condition.model.network(condition.task.outputs)
        self.optimizer = transformation(condition)
        half = first_half(keys("evaluation"), split) if condition.evaluation.halves else None
        self.evaluator = Evaluator(condition, self.network, split, half)
        self.class_weights = _class_weights(condition, split)

    def epoch(
        self, state: State, inputs: tuple[Epoch, Batches, ValidationBatches | None]
    ) -> tuple[State, Logs]:
        """One epoch and what is logged of it; NaN for one that is not to be."""
        return jax.lax.cond(inputs[0] >= 0, self._epoch, self._idle, state, *inputs)

    def _idle(
        self, state: State, epoch: Epoch, batches: Batches, validation: ValidationBatches | None
    ) -> tuple[State, Logs]:
        return state, _like(self._epoch, state, epoch, batches, validation)[1]

    def _epoch(
        self, state: State, epoch: Epoch, batches: Batches, validation: ValidationBatches | None
    ) -> tuple[State, Logs]:
        trains, stopping = epoch > 0, state.extras.stopping
        if stopping is not None:
            trains = trains & ~stopping.stopped
        state, steps = jax.lax.cond(trains, self._train, self._skip, state, batches, epoch)
        logs = self._summarise(steps) | self._evaluate_in_turn(state, validation, epoch)
        state, seen = self._remember(state, logs, epoch)
        logs |= seen
        for place, probe in enumerate(self.condition.probes):
            logs |= self._probe_epoch(place, probe, state, epoch)
        return state, logs

    def _skip(self, state: State, batches: Batches, epoch: Epoch) -> tuple[State, Logs]:
        return state, _like(self._train, state, batches, epoch)[1]

    def _train(self, state: State, batches: Batches, epoch: Epoch) -> tuple[State, Logs]:
        probing = self._probing(state)
        memories = tuple(
            jax.lax.cond(
                epoch % probe.every == 0,
                lambda probe=probe: probe.begin(probing),
                lambda probe=probe: _like(probe.begin, probing),
            )
            for probe in self.condition.probes
        )
        keys = {
            name: jax.random.fold_in(self.keys(name), epoch)
            for name in ("dropout", "order", "augmentation")
        }

        def step(carry: Any, inputs: Any) -> Any:
            state, memories = carry
            number, indices = inputs
            batch = self._batch(keys, number, indices)
            key = jax.random.fold_in(keys["dropout"], number)
            state, logs = self.step(state, batch, key, epoch, number)
            kept = []
            for probe, memory in zip(self.condition.probes, memories, strict=True):
                memory, seen = self._probe_step(probe, memory, state, batch, epoch)
                kept.append(memory)
                logs |= seen
            return (state, tuple(kept)), logs

        numbers = jnp.arange(batches.shape[0], dtype=jnp.int32)
        (state, _), logs = jax.lax.scan(step, (state, memories), (numbers, batches))
        return state, logs

    def _batch(self, keys: Any, number: Any, indices: Any) -> Batch:
        condition, weight = self.condition, None
        if condition.training.order == "fresh":
            drawn = jax.random.fold_in(keys["order"], number)
            x, y = condition.task.fresh(self.pool, drawn, condition.batch_size)
        else:
            if has_padding(condition):
                weight, indices = sample_weight(indices), jnp.maximum(indices, 0)
            x, y = self.split.train.take(indices)
        if condition.training.augmentation is not None:
            drawn = jax.random.fold_in(keys["augmentation"], number)
            x = augment(drawn, x, condition.training.augmentation)
        return Batch(x, y, weight, indices)

    def step(
        self, state: State, batch: Batch, key: Any, epoch: Epoch, number: Int[Array, ""]
    ) -> tuple[State, Logs]:
        """Step `number` of an epoch: the state after it, and the batch's loss and accuracy."""
        training, weight = self.condition.training, batch.weight
        size = jnp.asarray(batch.x.shape[0], jnp.float32)
        count = size if weight is None else jnp.sum(weight)

        def total(of_samples: Array) -> Array:
            return jnp.sum(of_samples if weight is None else of_samples * weight)

        def mean(of_samples: Array) -> Array:
            return total(of_samples) / count

        def objective(params: Any) -> Any:
            variables = {**state.variables, "params": params}
            mode = Mode(True, weight)
            outputs, variables = self.network.apply(variables, batch.x, mode, key)
            losses = sample_losses(self._loss, outputs, batch.y)
            loss = aimed = mean(losses)
            if self.class_weights is not None:
                weights = self.class_weights[batch.y]
                over = total(weights) if training.weighted_mean == "weights" else count
                aimed = total(losses * weights) / over
            printed = loss if training.printed_loss == "unweighted" else aimed
            if training.printed_loss == "objective" and training.weight_decay is not None:
                printed += 0.5 * training.weight_decay * optax.tree.norm(params, squared=True)
            if training.last_batch == "weight" and weight is not None:
                aimed = aimed * (count / size)
            return aimed, (printed, outputs, variables)

        params = state.variables["params"]
        gradient, (loss, outputs, variables) = jax.grad(objective, has_aux=True)(params)
        extras, scheduled = state.extras, {}
        if training.schedule is not None:
            scheduled["factor"] = rate_factor(self.condition, extras.schedule, epoch, number)
        # optax raises floats to integer powers (Adam's bias correction).
        with jax.numpy_dtype_promotion("standard"):
            update, optimizer_state = self.optimizer.update(
                gradient, state.optimizer_state, params, **scheduled
            )
        params = optax.apply_updates(params, update)
        if extras.average is not None and training.average is not None:
            how = training.average, training.average_start
            extras = extras._replace(average=averaged(extras.average, params, *how))
        logs = {"step_loss": loss, "_count": count}
        if self._loss == "cross_entropy":
            logs["_accuracy"] = mean(sample_hits(outputs, batch.y))
        return State({**variables, "params": params}, optimizer_state, extras), logs

    def _summarise(self, steps: Logs) -> Logs:
        """Running means as Keras prints them, and the per-step logs that are kept."""
        share = steps["_count"] / jnp.sum(steps["_count"])
        logs = {name: series for name, series in steps.items() if not name.startswith("_")}
        logs["running_train_loss"] = jnp.sum(share * steps["step_loss"])
        if "_accuracy" in steps:
            logs["running_train_accuracy"] = jnp.sum(share * steps["_accuracy"])
        if not self.condition.training.log_steps:
            del logs["step_loss"]
        return logs

    def _evaluate_in_turn(
        self, state: State, validation: ValidationBatches | None, epoch: Epoch
    ) -> Logs:
        """`_evaluate` at the epochs whose turn it is, NaN at the others."""
        rhythm = self.condition.training.evaluate_every
        if rhythm == 1:
            return self._evaluate(state, validation)
        return jax.lax.cond(
            epoch % rhythm == 0,
            lambda: self._evaluate(state, validation),
            lambda: _like(self._evaluate, state, validation),
        )

    def _evaluate(self, state: State, validation: ValidationBatches | None) -> Logs:
        logs = self.evaluator.whole_sets(state.variables)
        if validation is not None:
            logs |= self.evaluator.seen_validation(state.variables, validation)
        average = state.extras.average
        if average is not None:
            params = average_of(average, state.variables["params"])
            smooth = self.evaluator.whole_sets({**state.variables, "params": params})
            logs |= {f"average_{name}": metric for name, metric in smooth.items()}
        return logs

    def _remember(self, state: State, logs: Logs, epoch: Epoch) -> tuple[State, Logs]:
        """What schedule and early stopping make of the epoch's metrics."""
        training, extras, seen = self.condition.training, state.extras, {}
        variables = state.variables
        if training.schedule is not None:
            last = jnp.int32(self.condition.steps_per_epoch - 1)
            seen["rate_factor"] = rate_factor(self.condition, extras.schedule, epoch, last)
            loss = logs.get("seen_validation_loss", logs["validation_loss"])
            after = training.schedule.after_epoch(extras.schedule, loss)
            extras = extras._replace(schedule=_where(epoch > 0, after, extras.schedule))
        if training.early_stopping is not None and extras.stopping is not None:
            memory, kept = watch(training.early_stopping, extras.stopping, variables, logs)
            memory = _where(epoch > 0, memory, extras.stopping)
            variables = _where(epoch > 0, kept, variables)
            seen["stopped"] = memory.stopped.astype(jnp.float32)
            for name, metric in memory.metrics.items():
                # Before training there is nothing to select from.
                seen[f"selected_{name}"] = jnp.where(epoch > 0, metric, logs[name])
            extras = extras._replace(stopping=memory)
        return State(variables, state.optimizer_state, extras), seen

    def _probe_epoch(self, place: int, probe: Any, state: State, epoch: Epoch) -> Logs:
        probing = self._probing(state)
        key = jax.random.fold_in(jax.random.fold_in(self.keys("evaluation"), epoch), place)
        return jax.lax.cond(
            epoch % probe.every == 0,
            lambda: probe.at_epoch(probing, key),
            lambda: _like(probe.at_epoch, probing, key),
        )

    def _probe_step(
        self, probe: Any, memory: Any, state: State, batch: Batch, epoch: Epoch
    ) -> Any:
        probing = self._probing(state)
        return jax.lax.cond(
            epoch % probe.every == 0,
            lambda: probe.at_step(probing, memory, batch),
            lambda: (memory, _like(probe.at_step, probing, memory, batch)[1]),
        )

    def _probing(self, state: State) -> Probing:
        return Probing(
            self.condition,
            self.network,
            self.pool,
            self.split,
            state.variables,
            state.optimizer_state,
            partial(self._evaluation_loss, state.variables),
        )

    def _evaluation_loss(
        self,
        variables: Variables,
        params: Any,
        x: Num[Array, "batch ..."],
        y: Num[Array, "batch ..."],
    ) -> Float[Array, ""]:
        # Evaluation draws nothing, so the key's value is without meaning.
        unused = jax.random.key(0, impl="threefry2x32")
        held = {**variables, "params": params}
        outputs, _ = self.network.apply(held, x, EVALUATION, unused)
        return jnp.mean(sample_losses(self._loss, outputs, y))

    @property
    def _loss(self) -> Any:
        return self.condition.task.loss


def _class_weights(condition: Condition, split: Split) -> Float[Array, " class"] | None:
    """N/(K·n_c) for each of K classes with n_c of N training samples."""
    if condition.training.balance != "weights":
        return None
    y, classes = split.train.y, condition.task.outputs
    member = y[:, None] == jnp.arange(classes, dtype=y.dtype)[None]
    counts = jnp.sum(member.astype(jnp.float32), axis=0)
    return y.shape[0] / (classes * jnp.maximum(counts, 1.0))


def _where(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(lambda n, o: jnp.where(condition, n, o), new, old)


def _like(function: Callable[..., Any], *args: Any) -> Any:
    """NaN (0 for whole numbers) in the shape of what `function` would return."""

    def absent(leaf: jax.ShapeDtypeStruct) -> Array:
        number = jnp.issubdtype(leaf.dtype, jnp.inexact)
        return jnp.full(leaf.shape, jnp.nan if number else 0, leaf.dtype)

    return jax.tree.map(absent, jax.eval_shape(lambda: function(*args)))

"""One epoch of one run, as functions to be traced."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Num

from benchmark.declare.condition import Batch, Condition, Probing
from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.identity import Selected
from benchmark.declare.network import EVALUATION, STATISTICS, Mode, Network, Variables
from benchmark.training.augment import augment
from benchmark.training.batching import Batches, has_padding, sample_weight
from benchmark.training.objective import sample_hits, sample_losses
from benchmark.training.state import (
    Logs,
    State,
    average_of,
    averaged,
    like,
    rate_factor,
    transformation,
)

Epoch = Int[Array, ""]


class Trained(NamedTuple):
    """What an epoch leaves behind.

    Attributes:
        logs: series by name.
        snapshot: the variables after it; those that are looked at as averages, too, by
            "average".
        optimizer_state: after it.
        statistics: of the batches, [step, …], if normalisations report them.
        made: whether there was any training.
    """

    logs: Logs
    snapshot: dict[str, Variables]
    optimizer_state: Any
    statistics: Any
    made: Bool[Array, ""]


def reports(condition: Condition | Selected, network: Network) -> bool:
    """Whether training reports the statistics of batches instead of recording them.

    Whoever looks at a run while it trains needs to have them recorded.
    """
    return network.follow is not None and not (condition.probes or condition.watches)


class Trainer:
    """Trains one run, epoch by epoch."""

    def __init__(self, condition: Condition | Selected, pool: Pool, split: Split, keys: Keys):
        self.condition, self.pool, self.split, self.keys = condition, pool, split, keys
        self.network = condition.model.network(condition.task.outputs)
        self.optimizer = transformation(condition)
        self.class_weights = _class_weights(condition, split)
        self.reports = reports(condition, self.network)
        # Traced once, for its shapes and for its program.
        self._passed = jax.jit(self._pass)

    def epoch(self, state: State, inputs: tuple[Epoch, Batches]) -> tuple[State, Trained]:
        """One epoch; nothing is trained in one that is 0 or negative."""
        (epoch, batches), condition = inputs, self.condition
        trains, stopping = epoch > 0, state.extras.stopping
        if stopping is not None:
            trains = trains & ~stopping.stopped
        nothing = like(self._passed, state, batches, epoch)[1]
        state, (steps, statistics) = jax.lax.cond(
            trains, self._passed, lambda state, *_: (state, nothing), state, batches, epoch
        )
        logs = self._summarise(steps)
        if condition.training.schedule is not None:
            last = jnp.int32(condition.steps_per_epoch - 1)
            logs["rate_factor"] = rate_factor(condition, state.extras.schedule, epoch, last)
        snapshot = {"": state.variables}
        if state.extras.average is not None:
            params = average_of(state.extras.average, state.variables["params"])
            snapshot["average"] = {**state.variables, "params": params}
        return state, Trained(logs, snapshot, state.optimizer_state, statistics, trains)

    def _pass(
        self, state: State, batches: Batches, epoch: Epoch
    ) -> tuple[State, tuple[Logs, Any]]:
        """Training over the batches: logs by step, and what normalisations report."""
        probing = self._probing(state)
        memories = tuple(
            jax.lax.cond(
                epoch % probe.every == 0,
                lambda probe=probe: probe.begin(probing),
                lambda probe=probe: like(probe.begin, probing),
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
            state, logs, statistics = self.step(state, batch, key, epoch, number)
            kept = []
            for probe, memory in zip(self.condition.probes, memories, strict=True):
                memory, seen = self._probe_step(probe, memory, state, batch, epoch)
                kept.append(memory)
                logs |= seen
            return (state, tuple(kept)), (logs, statistics)

        numbers = jnp.arange(batches.shape[0], dtype=jnp.int32)
        (state, _), kept = jax.lax.scan(step, (state, memories), (numbers, batches))
        return state, kept

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
    ) -> tuple[State, Logs, Any]:
        """Step `number` of an epoch.

        Returns:
            The state after it, the batch's loss and accuracy, and what normalisations report.
        """
        training, weight = self.condition.training, batch.weight
        size = jnp.asarray(batch.x.shape[0], jnp.float32)
        count = size if weight is None else jnp.sum(weight)

        def total(of_samples: Array) -> Array:
            return jnp.sum(of_samples if weight is None else of_samples * weight)

        def mean(of_samples: Array) -> Array:
            return total(of_samples) / count

        def objective(params: Any) -> Any:
            variables = {**state.variables, "params": params}
            mode = Mode(True, weight, reports=self.reports)
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
        variables, statistics = {**variables, "params": params}, None
        if self.reports:
            statistics = variables[STATISTICS]
            variables[STATISTICS] = state.variables[STATISTICS]
        return State(variables, optimizer_state, extras), logs, statistics

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

    def _probe_step(
        self, probe: Any, memory: Any, state: State, batch: Batch, epoch: Epoch
    ) -> Any:
        probing = self._probing(state)
        return jax.lax.cond(
            epoch % probe.every == 0,
            lambda: probe.at_step(probing, memory, batch),
            lambda: (memory, like(probe.at_step, probing, memory, batch)[1]),
        )

    def _probing(self, state: State) -> Probing:
        return probing_of(
            self.condition,
            self.network,
            self.pool,
            self.split,
            state.variables,
            state.optimizer_state,
        )

    @property
    def _loss(self) -> Any:
        return self.condition.task.loss


def probing_of(
    condition: Any,
    network: Network,
    pool: Pool,
    split: Split,
    variables: Variables,
    optimizer_state: Any,
) -> Probing:
    """What a probe is shown of a run."""

    def loss(params: Any, x: Num[Array, "batch ..."], y: Num[Array, "batch ..."]) -> Array:
        # Evaluation draws nothing, so the key's value is without meaning.
        unused = jax.random.key(0, impl="threefry2x32")
        outputs, _ = network.apply({**variables, "params": params}, x, EVALUATION, unused)
        return jnp.mean(sample_losses(condition.task.loss, outputs, y))

    return Probing(condition, network, pool, split, variables, optimizer_state, loss)


def _class_weights(
    condition: Condition | Selected, split: Split
) -> Float[Array, " class"] | None:
    """N/(K·n_c) for each of K classes with n_c of N training samples."""
    if condition.training.balance != "weights":
        return None
    y, classes = split.train.y, condition.task.outputs
    member = y[:, None] == jnp.arange(classes, dtype=y.dtype)[None]
    counts = jnp.sum(member.astype(jnp.float32), axis=0)
    return y.shape[0] / (classes * jnp.maximum(counts, 1.0))

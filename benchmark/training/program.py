"""The programs of a group: draw the data, start a run, order its batches, train epochs.

They are compiled apart: inlined into the training program, initialisation alone took more
than half of the compile time. Each is a pure function of one run; `lanes` decides how
many runs go through it.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, Key

from benchmark.declare.condition import Condition
from benchmark.models.network import EVALUATION, Mode, Network, Variables
from benchmark.tasks.data import Pool, Sample, View, by_source
from benchmark.training.feed import Rows, batch_weights, epoch_rows
from benchmark.training.objective import sample_hits, sample_losses
from benchmark.training.probing import Batch, Probing, probe_key

Values = dict[str, Float[Array, ""]]
SourceKeys = Key[Array, " source"]
Logs = dict[str, Array]

TRACES: Counter[str] = Counter()
"""How often the training program of each group was traced; a sweep over values adds one."""


class State(NamedTuple):
    """What a run carries from epoch to epoch."""

    variables: Variables
    optimizer_state: Any


class Programs(NamedTuple):
    """Pure functions of one run.

    Attributes:
        start: (values, pool, keys) → the initial state and the run's data.
        order: (keys, epochs) → rows of the batches of each epoch.
        train: (values, pool, keys, sample, state, rows, epochs) → state and logs. Epoch 0
            only evaluates: its logs are those of the untrained network. A negative epoch
            does nothing, so that runs of any length go through calls of one length.
    """

    sample: Callable[[Values, Pool, SourceKeys], Sample]
    start: Callable[[Values, Pool, SourceKeys, Sample], State]
    order: Callable[[SourceKeys, Int[Array, " epoch"]], Int[Array, "epoch step batch"]]
    train: Callable[..., tuple[State, Logs]]


def build(template: Condition) -> Programs:
    """The programs of the template's group: every value field is an argument."""

    def sample(values: Values, pool: Pool, keys: SourceKeys) -> Sample:
        drawn = template.bind(values).task.sample(pool, by_source(keys))
        return Sample(*(_without_pool(view, pool) for view in drawn))

    def start(values: Values, pool: Pool, keys: SourceKeys, sample: Sample) -> State:
        condition = template.bind(values)
        network = condition.model.network(condition.task.outputs)
        # Fresh samples have no training set to look at, but always something to validate on.
        first, _ = _with_pool(sample.validation, pool).take(jnp.zeros((1,), jnp.int32))
        variables = network.init(by_source(keys)("initialisation"), first)
        return State(variables, condition.optimizer.transformation().init(variables["params"]))

    def order(keys: SourceKeys, epochs: Int[Array, " epoch"]) -> Int[Array, "epoch step batch"]:
        def rows(epoch: Int[Array, ""]) -> Rows:
            return epoch_rows(template, by_source(keys), epoch)

        # Sorting is dear: none for epochs in which nothing is trained.
        shape = jax.eval_shape(rows, epochs[0])
        return jax.lax.map(
            lambda epoch: jax.lax.cond(
                epoch > 0, rows, lambda _: jnp.zeros(shape.shape, shape.dtype), epoch
            ),
            epochs,
        )

    def train(
        values: Values,
        pool: Pool,
        keys: SourceKeys,
        sample: Sample,
        state: State,
        rows: Int[Array, "epoch step batch"],
        epochs: Int[Array, " epoch"],
    ) -> tuple[State, Logs]:
        TRACES[template.group] += 1
        whole = Sample(*(_with_pool(view, pool) for view in sample))
        run = _Run(template.bind(values), pool, whole, keys)
        return jax.lax.scan(run.epoch, state, (epochs, rows))

    return Programs(sample, start, order, train)


def _without_pool(view: View, pool: Pool) -> View:
    """`view` without the pool's samples, which lanes must share and not copy."""
    return view._replace(x=None) if view.x is pool.x else view


def _with_pool(view: View, pool: Pool) -> View:
    return view._replace(x=pool.x) if view.x is None else view


class _Run:
    """One run's training, as functions to be traced."""

    def __init__(self, condition: Condition, pool: Pool, sample: Sample, keys: SourceKeys):
        self.condition, self.pool, self.sample = condition, pool, sample
        self.keys = by_source(keys)
        self.network: Network = condition.model.network(condition.task.outputs)
        self.optimizer = condition.optimizer.transformation()
        self.weights = batch_weights(condition)

    def epoch(self, state: State, inputs: tuple[Int[Array, ""], Rows]) -> tuple[State, Logs]:
        """One epoch and what is logged of it; NaN for one that is not to be."""
        epoch, rows = inputs
        return jax.lax.cond(epoch >= 0, self._epoch, self._idle, state, rows, epoch)

    def _idle(self, state: State, rows: Rows, epoch: Int[Array, ""]) -> tuple[State, Logs]:
        return state, _like(self._epoch, state, rows, epoch)[1]

    def _epoch(self, state: State, rows: Rows, epoch: Int[Array, ""]) -> tuple[State, Logs]:
        after, steps = jax.lax.cond(epoch > 0, self._train, self._skip, state, rows, epoch)
        logs = self._summarise(steps) | self._evaluate_in_turn(after, epoch)
        for place, probe in enumerate(self.condition.probes):
            logs |= self._probe_epoch(place, probe, after, epoch)
        return after, logs

    def _skip(self, state: State, rows: Rows, epoch: Int[Array, ""]) -> tuple[State, Logs]:
        return state, _like(self._train, state, rows, epoch)[1]

    def _train(self, state: State, rows: Rows, epoch: Int[Array, ""]) -> tuple[State, Logs]:
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
            name: jax.random.fold_in(self.keys(name), epoch) for name in ("dropout", "order")
        }

        def step(carry: Any, inputs: Any) -> Any:
            state, memories = carry
            number, rows, weight = inputs
            batch = self._batch(keys["order"], number, rows, weight)
            state, logs = self._step(state, batch, jax.random.fold_in(keys["dropout"], number))
            kept = []
            for probe, memory in zip(self.condition.probes, memories, strict=True):
                memory, seen = self._probe_step(probe, memory, state, batch, epoch)
                kept.append(memory)
                logs |= seen
            return (state, tuple(kept)), logs

        numbers = jnp.arange(rows.shape[0], dtype=jnp.int32)
        (state, _), logs = jax.lax.scan(step, (state, memories), (numbers, rows, self.weights))
        return state, logs

    def _batch(self, key: Any, number: Any, rows: Any, weight: Any) -> Batch:
        if self.condition.training.order == "fresh":
            drawn = jax.random.fold_in(key, number)
            x, y = self.condition.task.fresh(self.pool, drawn, self.condition.batch_size)
        else:
            x, y = self.sample.train.take(rows)
        return Batch(x, y, weight, rows)

    def _step(self, state: State, batch: Batch, key: Any) -> tuple[State, Logs]:
        size = jnp.asarray(batch.x.shape[0], jnp.float32)
        weight = batch.weight
        count = size if weight is None else jnp.sum(weight)

        def mean(of_samples: Array) -> Array:
            return jnp.sum(of_samples if weight is None else of_samples * weight) / count

        def objective(params: Any) -> Any:
            variables = {**state.variables, "params": params}
            outputs, variables = self.network.apply(
                variables, batch.x, Mode(True, batch.weight), key
            )
            return mean(sample_losses(self._loss, outputs, batch.y)), (outputs, variables)

        params = state.variables["params"]
        (loss, (outputs, variables)), gradient = jax.value_and_grad(objective, has_aux=True)(
            params
        )
        # optax raises floats to integer powers (Adam's bias correction).
        with jax.numpy_dtype_promotion("standard"):
            update, optimizer_state = self.optimizer.update(
                gradient, state.optimizer_state, params
            )
        variables = {**variables, "params": optax.apply_updates(params, update)}
        logs = {"step_loss": loss, "_count": count}
        if self._loss == "cross_entropy":
            logs["_accuracy"] = mean(sample_hits(outputs, batch.y))
        return State(variables, optimizer_state), logs

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

    def _evaluate_in_turn(self, state: State, epoch: Int[Array, ""]) -> Logs:
        """`_evaluate` at the epochs whose turn it is, NaN at the others."""
        rhythm = self.condition.training.evaluate_every
        if rhythm == 1:
            return self._evaluate(state)
        return jax.lax.cond(
            epoch % rhythm == 0,
            lambda: self._evaluate(state),
            lambda: _like(self._evaluate, state),
        )

    def _evaluate(self, state: State) -> Logs:
        """Loss and accuracy on both sets, in evaluation mode."""
        logs: Logs = {}
        unused = jax.random.key(0, impl="threefry2x32")
        for name, view in zip(("train", "validation"), self.sample, strict=True):
            x, y = view.all()
            outputs, _ = self.network.apply(state.variables, x, EVALUATION, unused)
            logs[f"{name}_loss"] = jnp.mean(sample_losses(self._loss, outputs, y))
            if self._loss == "cross_entropy":
                logs[f"{name}_accuracy"] = jnp.mean(sample_hits(outputs, y))
        return logs

    def _probe_epoch(self, place: int, probe: Any, state: State, epoch: Any) -> Logs:
        probing = self._probing(state)
        key = probe_key(self.keys("evaluation"), epoch, place)
        return jax.lax.cond(
            epoch % probe.every == 0,
            lambda: probe.at_epoch(probing, key),
            lambda: _like(probe.at_epoch, probing, key),
        )

    def _probe_step(
        self, probe: Any, memory: Any, state: State, batch: Batch, epoch: Any
    ) -> Any:
        probing = self._probing(state)
        return jax.lax.cond(
            epoch % probe.every == 0,
            lambda: probe.at_step(probing, memory, batch),
            lambda: (memory, _like(probe.at_step, probing, memory, batch)[1]),
        )

    def _probing(self, state: State) -> Probing:
        return Probing(self.condition, self.network, self.pool, self.sample, *state)

    @property
    def _loss(self) -> Any:
        return self.condition.task.loss


def _like(function: Callable[..., Any], *args: Any) -> Any:
    """NaN (0 for whole numbers) in the shape of what `function` would return."""

    def absent(leaf: jax.ShapeDtypeStruct) -> Array:
        number = jnp.issubdtype(leaf.dtype, jnp.inexact)
        return jnp.full(leaf.shape, jnp.nan if number else 0, leaf.dtype)

    return jax.tree.map(absent, jax.eval_shape(lambda: function(*args)))

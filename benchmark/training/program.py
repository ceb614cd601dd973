"""The programs of a group: draw the data, start a run, order its batches, train epochs.

They are compiled apart: inlined into the training program, initialisation alone took more
than half of the compile time. Each is a pure function of one run; `lanes` decides how
many runs go through it.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.declare.errors import require
from benchmark.tasks.data import Pool, Sample, View, by_source
from benchmark.training.epoch import Epochs
from benchmark.training.feed import epoch_rows, validation_rows
from benchmark.training.one_bit import one_bit_off
from benchmark.training.state import Logs, State, begin

Values = dict[str, Float[Array, ""]]
SourceKeys = Key[Array, " source"]
Labels = tuple[Num[Array, "train ..."], Num[Array, "validation ..."]]
Order = tuple[Int[Array, "epoch step batch"], Int[Array, "epoch look sample"] | None]

TRACES: Counter[str] = Counter()
"""How often the training program of each group was traced; a sweep over values adds one."""


class Programs(NamedTuple):
    """Pure functions of one run.

    Attributes:
        sample: (values, pool, keys) → the run's data.
        start: (values, pool, keys, sample) → the initial state.
        order: (keys, labels, epochs) → rows of the training batches of each epoch, and of
            the validation batches if validation is special. Labels are those of both sets.
        train: (values, pool, keys, sample, state, order, epochs) → state and logs. Epoch 0
            only evaluates: its logs are those of the untrained network. A negative epoch
            does nothing, so that runs of any length go through calls of one length.
    """

    sample: Callable[[Values, Pool, SourceKeys], Sample]
    start: Callable[[Values, Pool, SourceKeys, Sample], State]
    order: Callable[[SourceKeys, Labels, Int[Array, " epoch"]], Order]
    train: Callable[..., tuple[State, Logs]]


def build(template: Condition) -> Programs:
    """The programs of the template's group: every value field is an argument."""

    def sample(values: Values, pool: Pool, keys: SourceKeys) -> Sample:
        drawn = template.bind(values).task.sample(pool, by_source(keys))
        wanted, name = getattr(template.task, "n_test", 0), type(template.task).__name__
        require(
            drawn.test is not None or not wanted,
            f"{name}.n_test is {wanted}, but {name}.sample draws no test set.",
        )
        return drawn.each(lambda view: _without_pool(view, pool))

    def start(values: Values, pool: Pool, keys: SourceKeys, sample: Sample) -> State:
        condition = template.bind(values)
        network = condition.model.network(condition.task.outputs)
        # Fresh samples have no training set to look at, but always something to validate on.
        first, _ = _with_pool(sample.validation, pool).take(jnp.zeros((1,), jnp.int32))
        by = by_source(keys)
        variables = network.init(by("initialisation"), first)
        if condition.sources.one_bit:
            variables["params"] = one_bit_off(by("one_bit"), variables["params"])
        return begin(condition, variables, tuple(sample.sets))

    def order(keys: SourceKeys, labels: Labels, epochs: Int[Array, " epoch"]) -> Order:
        by = by_source(keys)

        def rows(epoch: Int[Array, ""]) -> Int[Array, "step batch"]:
            return epoch_rows(template, by("order"), epoch, labels[0])

        def looks(epoch: Int[Array, ""]) -> Int[Array, "step batch"]:
            return validation_rows(template, by("evaluation"), epoch, labels[1])

        # Sorting is dear: none for epochs in which nothing is trained.
        shape = jax.eval_shape(rows, epochs[0])
        batches = jax.lax.map(
            lambda epoch: jax.lax.cond(
                epoch > 0, rows, lambda _: jnp.zeros(shape.shape, shape.dtype), epoch
            ),
            epochs,
        )
        special = template.evaluation.special
        return batches, jax.lax.map(looks, epochs) if special else None

    def train(
        values: Values,
        pool: Pool,
        keys: SourceKeys,
        sample: Sample,
        state: State,
        order: Order,
        epochs: Int[Array, " epoch"],
    ) -> tuple[State, Logs]:
        TRACES[template.group] += 1
        whole = sample.each(lambda view: _with_pool(view, pool))
        run = Epochs(template.bind(values), pool, whole, by_source(keys))
        return jax.lax.scan(run.epoch, state, (epochs, *order))

    return Programs(sample, start, order, train)


def _without_pool(view: View, pool: Pool) -> View:
    """`view` without the pool's samples, which lanes must share and not copy."""
    return view._replace(x=None) if view.x is pool.x else view


def _with_pool(view: View, pool: Pool) -> View:
    return view._replace(x=pool.x) if view.x is None else view

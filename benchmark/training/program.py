"""The programs of a group: draw the data, start a run, order its batches, train epochs.

They are compiled apart: inlined into the training program, initialisation alone took more
than half of the compile time. Each is a pure function of one run; `lanes` decides how
many runs go through it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.declare.data import Pool, Split, Subset
from benchmark.declare.errors import require
from benchmark.declare.identity import Template, select, template_of
from benchmark.tasks.keys import by_source
from benchmark.training.batching import training_batches, validation_batches
from benchmark.training.epoch import Trainer
from benchmark.training.state import Logs, State, begin

Values = dict[str, Float[Array, ""]]
SourceKeys = Key[Array, " source"]
Labels = tuple[Num[Array, "train ..."], Num[Array, "validation ..."]]
Order = tuple[
    Int[Array, "epoch step batch"], Int[Array, "epoch validation_step validation_batch"] | None
]

TRACES: Counter[Template] = Counter()
"""How often the training program of each group was traced; a sweep over values adds one."""


@dataclass(frozen=True)
class Program:
    """A pure function of one run, and how it is called.

    Attributes:
        build: the function, from a template; it must take nothing else into account.
        paths: gives the dotted paths of the settings of a condition that it takes; it can
            read no others, so that what is built from equal settings is one program.
        in_lane: which arguments differ from lane to lane.
        donated: which arguments may be overwritten, as they are not used again.
        kept: how many compiled ones a process keeps.
    """

    build: Callable[[Template], Callable[..., Any]]
    paths: Callable[[Condition], tuple[str, ...]] | None
    in_lane: tuple[bool, ...]
    donated: tuple[int, ...] = ()
    kept: int = 64

    def template(self, condition: Condition) -> Template:
        """What the program of a condition is built from, and the key of what is compiled."""
        if self.paths is None:
            return condition.group
        return template_of(select(condition, self.paths(condition), condition.values))


def _split(template: Template) -> Callable[[Values, Pool, SourceKeys], Split]:
    def split(values: Values, pool: Pool, keys: SourceKeys) -> Split:
        drawn = template.settings.bind(values).task.sample(pool, by_source(keys))
        wanted, name = (
            getattr(template.settings.task, "n_test", 0),
            type(template.settings.task).__name__,
        )
        require(
            drawn.test is not None or not wanted,
            f"{name}.n_test is {wanted}, but {name}.sample draws no test set.",
        )
        return drawn.each(lambda subset: _without_pool(subset, pool))

    return split


def _start(template: Template) -> Callable[[Values, Pool, SourceKeys, Split], State]:
    def start(values: Values, pool: Pool, keys: SourceKeys, split: Split) -> State:
        condition = template.settings.bind(values)
        network = condition.model.network(condition.task.outputs)
        # Fresh samples have no training set to look at, but always something to validate on.
        first, _ = _with_pool(split.validation, pool).take(jnp.zeros((1,), jnp.int32))
        by = by_source(keys)
        variables = network.init(by("initialisation"), first)
        if condition.sources.one_bit:
            variables["params"] = one_bit_off(by("one_bit"), variables["params"])
        return begin(condition, variables, tuple(split.sets))

    return start


def _order(template: Template) -> Callable[[SourceKeys, Labels, Int[Array, " epoch"]], Order]:
    condition = template.settings

    def order(keys: SourceKeys, labels: Labels, epochs: Int[Array, " epoch"]) -> Order:
        by = by_source(keys)

        def training(epoch: Int[Array, ""]) -> Int[Array, "step batch"]:
            return training_batches(condition, by("order"), epoch, labels[0])

        def validation(epoch: Int[Array, ""]) -> Int[Array, "step batch"]:
            return validation_batches(condition, by("evaluation"), epoch, labels[1])

        # Sorting is dear: none for epochs in which nothing is trained.
        shape = jax.eval_shape(training, epochs[0])
        batches = jax.lax.map(
            lambda epoch: jax.lax.cond(
                epoch > 0, training, lambda _: jnp.zeros(shape.shape, shape.dtype), epoch
            ),
            epochs,
        )
        special = condition.evaluation.special
        return batches, jax.lax.map(validation, epochs) if special else None

    return order


def _train(template: Template) -> Callable[..., tuple[State, Logs]]:
    def train(
        values: Values,
        pool: Pool,
        keys: SourceKeys,
        split: Split,
        state: State,
        order: Order,
        epochs: Int[Array, " epoch"],
    ) -> tuple[State, Logs]:
        TRACES[template] += 1
        whole = split.each(lambda subset: _with_pool(subset, pool))
        trainer = Trainer(template.settings.bind(values), pool, whole, by_source(keys))
        return jax.lax.scan(trainer.epoch, state, (epochs, *order))

    return train


def _of_data(condition: Condition) -> tuple[str, ...]:
    return ("task",)


def _of_start(condition: Condition) -> tuple[str, ...]:
    """Of the training, what the run remembers from step to step; of the task, no contents."""
    remembered = ("schedule", "average", "average_start", "early_stopping")
    update = ("weight_decay", "decay_order", "clip_norm", "clip_by", "late_batches")
    parts = ("model", "optimizer", "task.outputs", "task.loss", "sources.one_bit")
    return (*parts, *(f"training.{name}" for name in (*remembered, *update)))


def _of_order(condition: Condition) -> tuple[str, ...]:
    """Numbers of samples and batches; of the evaluation all, if it looks at batches at all."""
    counts = ("batch_size", "batches_per_pass", "steps_per_epoch", "task.outputs")
    names = ("order", "last_batch", "steps", "passes", "balance")
    validation = "evaluation" if condition.evaluation.special else "evaluation.special"
    return (*counts, *(f"training.{name}" for name in names), validation)


SPLIT = Program(_split, _of_data, (True, False, True))
"""(values, pool, keys) → the run's data."""

START = Program(_start, _of_start, (True, False, True, True))
"""(values, pool, keys, split) → the initial state."""

ORDER = Program(_order, _of_order, (True, True, False))
"""(keys, labels, epochs) → indices of the training batches of each epoch, and of the validation
batches if validation is special. Labels are those of both sets."""

TRAIN = Program(
    _train, None, (True, False, True, True, True, True, False), donated=(4,), kept=16
)
"""(values, pool, keys, split, state, order, epochs) → state and logs. Epoch 0 only evaluates:
its logs are those of the untrained network. A negative epoch does nothing, so that runs of any
length go through calls of one length. The state is donated, as every call replaces it."""


def _without_pool(subset: Subset, pool: Pool) -> Subset:
    """`subset` without the pool's samples, which lanes must share and not copy."""
    return subset._replace(x=None) if subset.x is pool.x else subset


def _with_pool(subset: Subset, pool: Pool) -> Subset:
    return subset._replace(x=pool.x) if subset.x is None else subset


def one_bit_off(key: Key[Array, ""], params: Any) -> Any:
    """`params` with the last bit of one weight of the last kernel flipped.

    The first kernel would not do: a pixel that is always black hides what it is multiplied
    with. Nor would a bias, which starts as zero, next to which there are only numbers that
    processors take for zero.
    """
    leaves, tree = jax.tree.flatten(params)
    last = max(range(len(leaves)), key=lambda place: (leaves[place].ndim > 1, place))
    flat = leaves[last].reshape(-1)
    chosen = jax.random.randint(key, (), 0, flat.size, jnp.int32)
    bits = jax.lax.bitcast_convert_type(flat[chosen], jnp.uint32) ^ jnp.uint32(1)
    flipped = flat.at[chosen].set(jax.lax.bitcast_convert_type(bits, flat.dtype))
    leaves[last] = flipped.reshape(leaves[last].shape)
    return jax.tree.unflatten(tree, leaves)

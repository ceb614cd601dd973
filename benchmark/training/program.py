"""The programs of a run: draw the data, start, order the batches, train, look, watch.

Each is a pure function of one run, known by the few settings that it can read, so that
conditions which differ in others share it; `lanes` decides how many runs go through it.
Training is apart from looking: what it computes cannot depend, to the last bit, on how or
how often it is looked at, and many views share one training. They are also compiled
sooner than one large program.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.declare.data import Pool, Split, Subset
from benchmark.declare.errors import require
from benchmark.declare.identity import Template, select, template_of
from benchmark.declare.network import STATISTICS, Variables
from benchmark.tasks.keys import by_source
from benchmark.training.batching import Batches, training_batches, validation_batches
from benchmark.training.epoch import Trained, Trainer, probing_of
from benchmark.training.evaluating import Evaluator, first_half, some
from benchmark.training.state import Logs, State, begin, like, remembered

Values = dict[str, Float[Array, ""]]
SourceKeys = Key[Array, " source"]
Labels = Num[Array, "sample ..."]
Order = Int[Array, "epoch step batch"]

TRACES: Counter[Template] = Counter()
"""How often the training program of each group was traced; a sweep over values adds one."""


@dataclass(frozen=True)
class Program:
    """A pure function of one run, and how it is called.

    Attributes:
        build: the function, from a template; it must take nothing else into account. Its
            first argument are the numbers that the template leaves out.
        paths: gives the dotted paths of the settings of a condition that it takes; it can
            read no others, so that what is built from equal settings is one program. None
            takes all, and where there is no such function, all that training can see.
        in_lane: which arguments differ from lane to lane.
        donated: which arguments may be overwritten, as they are not used again.
        kept: how many compiled ones a process keeps.
        once: it is called once a run, and better compiled quickly than well.
        counts: gives the paths of whole numbers that it takes as numbers, too.
    """

    build: Callable[[Template], Callable[..., Any]]
    paths: Callable[[Condition], tuple[str, ...] | None] | None
    in_lane: tuple[bool, ...]
    donated: tuple[int, ...] = ()
    kept: int = 64
    once: bool = False
    counts: Callable[[Condition], tuple[str, ...]] = lambda condition: ()

    def template(self, condition: Condition) -> Template:
        """What the program of a condition is built from, and the key of what is compiled."""
        if self.paths is None:
            return condition.group
        paths = self.paths(condition)
        if paths is None:
            return condition.template
        return template_of(select(condition, paths, self.numbers(condition)))

    def numbers(self, condition: Condition) -> dict[str, float]:
        """Dotted path → number of all that it takes as data."""
        counts = {path: attrgetter(path)(condition) for path in self.counts(condition)}
        return condition.values | counts


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


def _start(template: Template) -> Callable[..., State]:
    def start(
        values: Values, keys: SourceKeys, like: Num[Array, "one ..."], sets: dict[str, None]
    ) -> State:
        condition = template.settings.bind(values)
        network = condition.model.network(condition.task.outputs)
        by = by_source(keys)
        variables = network.init(by("initialisation"), like)
        if condition.sources.one_bit:
            variables["params"] = one_bit_off(by("one_bit"), variables["params"])
        return begin(condition, variables, tuple(sets))

    return start


def _record(template: Template) -> Callable[..., Any]:
    def record(values: Values, keys: SourceKeys, like: Num[Array, "one ..."]) -> Any:
        condition = template.settings.bind(values)
        network = condition.model.network(condition.task.outputs)
        return network.init(by_source(keys)("initialisation"), like)[STATISTICS]

    return record


def _order(template: Template) -> Callable[..., Order]:
    condition = template.settings

    def order(
        values: Values, keys: SourceKeys, labels: Labels, epochs: Int[Array, " epoch"]
    ) -> Order:
        del values
        key = by_source(keys)("order")

        def batches(epoch: Int[Array, ""]) -> Batches:
            return training_batches(condition, key, epoch, labels)

        # Sorting is dear: none for epochs in which nothing is trained.
        shape = jax.eval_shape(batches, epochs[0])
        return jax.lax.map(
            lambda epoch: jax.lax.cond(
                epoch > 0, batches, lambda _: jnp.zeros(shape.shape, shape.dtype), epoch
            ),
            epochs,
        )

    return order


def _order_seen(template: Template) -> Callable[..., Order]:
    condition = template.settings

    def order(
        values: Values, keys: SourceKeys, labels: Labels, epochs: Int[Array, " epoch"]
    ) -> Order:
        del values
        key = by_source(keys)("evaluation")
        return jax.lax.map(
            lambda epoch: validation_batches(condition, key, epoch, labels), epochs
        )

    return order


def _train(template: Template) -> Callable[..., tuple[State, Trained]]:
    def train(
        values: Values,
        pool: Pool,
        keys: SourceKeys,
        split: Split,
        state: State,
        order: Order,
        epochs: Int[Array, " epoch"],
    ) -> tuple[State, Trained]:
        TRACES[template] += 1
        whole = split.each(lambda subset: _with_pool(subset, pool))
        trainer = Trainer(template.settings.bind(values), pool, whole, by_source(keys))
        return jax.lax.scan(trainer.epoch, state, (epochs, order))

    return train


def _follow(template: Template) -> Callable[..., Any]:
    def follow(
        values: Values, recorded: Any, statistics: Any, made: Bool[Array, " epoch"]
    ) -> tuple[Any, Any]:
        condition = template.settings.bind(values)
        network = condition.model.network(condition.task.outputs)

        def step(recorded: Any, of_batch: Any) -> tuple[Any, None]:
            return network.follow(recorded, of_batch), None

        def epoch(recorded: Any, of_epoch: Any) -> tuple[Any, Any]:
            statistics, made = of_epoch
            recorded = jax.lax.cond(
                made,
                lambda: jax.lax.scan(step, recorded, statistics)[0],
                lambda: recorded,
            )
            return recorded, recorded

        return jax.lax.scan(epoch, recorded, (statistics, made))

    return follow


def _recompute(template: Template) -> Callable[..., Any]:
    def recompute(
        values: Values,
        pool: Pool,
        subset: Subset,
        variables: Variables,
        due: Bool[Array, " epoch"],
    ) -> Any:
        condition = template.settings.bind(values)
        network = condition.model.network(condition.task.outputs)
        require(
            network.follow is not None,
            "Evaluation.statistics is 'recomputed', but the model has no batch normalisation "
            "that could report what it sees.",
        )
        evaluator = Evaluator(condition, network, "train", _with_pool(subset, pool))

        def in_turn(each: Any) -> Any:
            variables, due = each
            nothing = like(evaluator.statistics, variables)
            return jax.lax.cond(due, evaluator.statistics, lambda _: nothing, variables)

        return jax.lax.map(in_turn, (variables, due))

    return recompute


def _look(name: str, special: bool = False) -> Callable[[Template], Callable[..., Logs]]:
    """What looks at a set: at all of it, or as a special validation does."""

    def build(template: Template) -> Callable[..., Logs]:
        def look(
            values: Values,
            pool: Pool,
            keys: SourceKeys,
            subset: Subset,
            variables: Variables,
            due: Bool[Array, " epoch"],
            batches: Order | None,
        ) -> Logs:
            condition = template.settings.bind(values)
            network = condition.model.network(condition.task.outputs)
            key = by_source(keys)("evaluation")
            if name == "train" and condition.evaluation.train_samples is not None:
                subset = some(key, subset, condition.evaluation.train_samples)
            evaluator = Evaluator(condition, network, name, _with_pool(subset, pool))
            halved = name == "validation" and not special and condition.evaluation.halves
            half = first_half(key, subset.size) if halved else None

            def at(variables: Variables, batches: Batches | None) -> Logs:
                if batches is not None:
                    return evaluator.seen(variables, batches)
                return evaluator.whole(variables, half)

            at = jax.jit(at)

            def in_turn(each: Any) -> Logs:
                variables, due, batches = each
                nothing = like(at, variables, batches)
                return jax.lax.cond(due, at, lambda *_: nothing, variables, batches)

            return jax.lax.map(in_turn, (variables, due, batches))

        return look

    return build


def _probe(place: int) -> Callable[[Template], Callable[..., Logs]]:
    """What the probe at this place of a condition's probes sees at the ends of epochs."""

    def build(template: Template) -> Callable[..., Logs]:
        def look(
            values: Values,
            pool: Pool,
            keys: SourceKeys,
            split: Split,
            variables: Variables,
            optimizer_state: Any,
            epochs: Int[Array, " epoch"],
            due: Bool[Array, " epoch"],
        ) -> Logs:
            condition = template.settings.bind(values)
            network = condition.model.network(condition.task.outputs)
            whole = split.each(lambda subset: _with_pool(subset, pool))
            key = by_source(keys)("evaluation")

            def at(variables: Variables, optimizer_state: Any, epoch: Int[Array, ""]) -> Logs:
                shown = probing_of(condition, network, pool, whole, variables, optimizer_state)
                drawn = jax.random.fold_in(jax.random.fold_in(key, epoch), place)
                return condition.probes[place].at_epoch(shown, drawn)

            at = jax.jit(at)

            def in_turn(each: Any) -> Logs:
                *state, due = each
                nothing = like(at, *state)
                return jax.lax.cond(due, at, lambda *_: nothing, *state)

            return jax.lax.map(in_turn, (variables, optimizer_state, epochs, due))

        return look

    return build


def _watch(template: Template) -> Callable[..., tuple[State, Logs]]:
    def watch(
        values: Values, state: State, seen: Logs, epochs: Int[Array, " one"]
    ) -> tuple[State, Logs]:
        now = {name: metric[0] for name, metric in seen.items()}
        state, logs = remembered(template.settings.bind(values), state, now, epochs[0])
        return state, {name: metric[None] for name, metric in logs.items()}

    return watch


def _of_data(condition: Condition) -> tuple[str, ...]:
    return ("task",)


def _of_start(condition: Condition) -> tuple[str, ...]:
    """Of the training, what the run remembers from step to step; of the task, no contents."""
    remembered = ("schedule", "average", "average_start", "early_stopping")
    update = ("weight_decay", "decay_order", "clip_norm", "clip_by", "late_batches")
    parts = ("model", "optimizer", "task.outputs", "task.loss", "sources.one_bit")
    return (*parts, *(f"training.{name}" for name in (*remembered, *update)))


def _of_order(condition: Condition) -> tuple[str, ...]:
    """Numbers of samples and batches."""
    counts = ("batch_size", "batches_per_pass", "steps_per_epoch", "task.outputs")
    names = ("order", "last_batch", "steps", "passes", "balance")
    return (*counts, *(f"training.{name}" for name in names))


def _of_order_seen(condition: Condition) -> tuple[str, ...]:
    return tuple(f"evaluation.{name}" for name in ("steps", "batch_size", "order", "passes"))


def _of_look(*more: str) -> Callable[[Condition], tuple[str, ...]]:
    names = ("model", "task.outputs", "task.loss", *more)
    return lambda condition: names


def _of_following(condition: Condition) -> tuple[str, ...]:
    return ("model", "task.outputs")


def _of_watching(condition: Condition) -> tuple[str, ...]:
    return ("training.schedule", "training.early_stopping")


SPLIT = Program(_split, _of_data, (True, False, True))
"""(values, pool, keys) → the run's data."""

START = Program(_start, _of_start, (True, True, True, True), once=True)
"""(values, keys, samples of the shape of the task's, names of sets) → the initial state."""

RECORD = Program(_record, _of_following, (True, True, True))
"""(values, keys, samples of the shape of the task's) → what normalisations have recorded
before training."""

ORDER = Program(_order, _of_order, (True, True, True, False))
"""(values, keys, labels, epochs) → indices of the training batches of each epoch."""

ORDER_SEEN = Program(_order_seen, _of_order_seen, (True, True, True, False))
"""(values, keys, labels, epochs) → indices of the batches that a special validation sees."""

TRAIN = Program(
    _train, None, (True, False, True, True, True, True, False), donated=(4,), kept=16
)
"""(values, pool, keys, split, state, order, epochs) → state, and what the epochs leave behind.
Nothing is trained in epoch 0, and in negative ones, which fill up, so that runs of any length
go through calls of one length. The state is donated, as every call replaces it."""

FOLLOW = Program(_follow, _of_following, (True, True, True, True))
"""(values, recorded, statistics, made) → what normalisations have recorded, at last and after
each epoch."""

RECOMPUTE = Program(_recompute, _of_look(), (True, False, True, True, False))
"""(values, pool, training set, variables, due) → what normalisations see of the whole training
set with the variables after each epoch."""

_LOOK_LANES = (True, False, True, True, True, False, True)

LOOK = {
    "train": Program(_look("train"), _of_look("evaluation.train_samples"), _LOOK_LANES),
    "validation": Program(
        _look("validation"), _of_look("evaluation.per_class", "evaluation.halves"), _LOOK_LANES
    ),
    "test": Program(_look("test"), _of_look("evaluation.per_class"), _LOOK_LANES),
    "seen": Program(
        _look("validation", special=True), _of_look("evaluation.batch_statistics"), _LOOK_LANES
    ),
}
"""(values, pool, keys, subset, variables, due, batches) → metrics at the epochs that are due,
NaN at the others; batches are those that a special validation sees ("seen"), else None."""


@lru_cache
def probe_program(place: int) -> Program:
    """(values, pool, keys, split, variables, optimizer state, epochs, due) → what the probe at
    this place sees at the epochs that are due, NaN at the others."""

    def paths(condition: Condition) -> tuple[str, ...] | None:
        probe = condition.probes[place]
        reads = probe.reads(condition)
        if reads is None:
            return None
        return ("probes", "model", "task.outputs", "task.loss", *reads, *counts(condition))

    def counts(condition: Condition) -> tuple[str, ...]:
        return condition.probes[place].takes(condition)

    in_lane = (True, False, True, True, True, True, False, False)
    return Program(_probe(place), paths, in_lane, counts=counts)


WATCH = Program(_watch, _of_watching, (True, True, True, False), donated=(1,))
"""(values, state, metrics, epoch) → state and logs after schedule and early stopping have seen
the metrics of an epoch."""


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

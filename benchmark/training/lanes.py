"""Lanes: many runs through one compiled program on one device.

On a CPU core runs go one after the other through the single-run program: there it beat
every form of `vmap`, it cannot deadlock, and memory does not grow with the number of
runs. Only models of a handful of parameters, whose steps are all overhead, gain from
lanes side by side. On a GPU the lanes are side by side as many as memory allows.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.data import Pool, Split
from benchmark.declare.errors import require
from benchmark.declare.identity import Template, definitions
from benchmark.declare.network import STATISTICS, Variables
from benchmark.tasks.keys import source_keys
from benchmark.training.epoch import reports
from benchmark.training.printing import as_printed
from benchmark.training.program import (
    FOLLOW,
    LOOK,
    ORDER,
    ORDER_SEEN,
    RECOMPUTE,
    RECORD,
    SPLIT,
    START,
    TRAIN,
    WATCH,
    Program,
    probe_program,
)
from benchmark.training.state import Logs, State

_STEPS_PER_CHUNK = 65_536
_EPOCHS_PER_CHUNK = 64
_EFFORT_PER_CHUNK = 2_000_000
"""Bounds of the work between two signs of life; enough to make a call's overhead vanish."""
_SNAPSHOT_BYTES = (2**26, 2**32)
"""Room for the variables after each epoch of a call, on a CPU and on a GPU."""


# Not XLA's defaults. Vectors as wide as the core has make parameter updates a quarter faster;
# the analysis spares copies of parameters that a loop carries.
_CPU_OPTIONS = {
    "xla_cpu_prefer_vector_width": 512,
    "xla_cpu_copy_insertion_use_region_analysis": True,
}

# Half of the compile time, and a few milliseconds a call.
_QUICK = {"xla_backend_optimization_level": 0}


class Run(NamedTuple):
    """One training of one condition with one seed."""

    condition: Condition
    seed: int


def train(
    runs: Sequence[Run], width: int = 1, alive: Callable[[int], None] | None = None
) -> list[dict[str, np.ndarray]]:
    """Train runs of one group; the result of a run depends on nothing but the run.

    Runs of conditions that are equal in training are trained once, and looked at in the ways
    of each.

    Args:
        runs: conditions that share a group and number of epochs, with their seeds.
        width: lanes side by side. Fewer runs than lanes are filled up with copies, so
            that one program serves all; when memory runs out the width is halved.
        alive: called after every chunk with the number of run-steps just made.

    Returns:
        For each run its series by name, [epoch] or [epoch, step]; epoch 0 is before
        training.

    Raises:
        ValueError: the runs do not share group and number of epochs.
    """
    _check_alike([run.condition.in_training for run in runs])
    trainings: dict[tuple[str, int], list[int]] = {}
    for place, run in enumerate(runs):
        trainings.setdefault((run.condition.in_training.id, run.seed), []).append(place)
    # Side by side go trainings that are looked at in the same ways.
    alike: dict[tuple[Template, ...], list[list[int]]] = {}
    for places in trainings.values():
        ways = tuple(runs[place].condition.template for place in places)
        alike.setdefault(ways, []).append(places)
    done: dict[int, dict[str, np.ndarray]] = {}
    for waiting in alike.values():
        conditions = [runs[place].condition for place in waiting[0]]
        programs = _programs(conditions, width)
        while waiting:
            now = waiting[:width]
            views = [[runs[place] for place in places] for places in now]
            try:
                made = _train_lanes(views, programs, width, alive)
            except jax.errors.JaxRuntimeError as error:
                if "RESOURCE_EXHAUSTED" not in str(error) or width == 1:
                    raise
                width = math.ceil(width / 2)
                programs = _programs(conditions, width)
                continue
            for places, series in zip(now, made, strict=True):
                done |= zip(places, series, strict=True)
            del waiting[: len(now)]
    return [done[place] for place in range(len(runs))]


def epochs_per_call(condition: Condition) -> int:
    """Epochs that one call of the training program goes through.

    It depends on the work of an epoch alone and not on how many epochs there are, so that
    short and long trainings share a program; and hardly on the batch size, so that what looks
    at them is shared, too. A power of two.
    """
    if condition.watches:
        return 1
    steps = condition.steps_per_epoch
    effort = steps * condition.model.effort(condition.task.side) * condition.batch_size
    heavy = int(_EFFORT_PER_CHUNK / max(effort, 1.0))
    return _power_of_two(min(_EPOCHS_PER_CHUNK, _STEPS_PER_CHUNK // steps, heavy))


def _power_of_two(most: int) -> int:
    """The largest that is no larger, but at least 1."""
    return 1 << (max(1, most).bit_length() - 1)


def _check_alike(conditions: Sequence[Condition]) -> None:
    first = conditions[0]
    for other in conditions:
        if other is first:
            continue
        for one, another in zip(definitions(first), definitions(other), strict=False):
            if one is not another and isinstance(one, type):
                raise ValueError(
                    "Runs of one call must be made of the same classes, but one has "
                    f"{_name(one)} where another has {_name(another)}."
                )
        if first.group != other.group or first.training.epochs != other.training.epochs:
            raise ValueError(
                "Runs of one call must share group and number of epochs, but those of the "
                f"conditions {first.id} and {other.id} do not."
            )


def _name(definition: Any) -> str:
    return f"{definition.__module__}.{definition.__qualname__} (object {id(definition):#x})"


@lru_cache(maxsize=64)
def _pool(template: Template) -> Pool:
    """The task's pool on the device."""
    return jax.tree.map(jnp.asarray, template.settings.task.pool())


@lru_cache(maxsize=1)
def _keys() -> Callable[..., Any]:
    return jax.jit(jax.vmap(source_keys))


@lru_cache
def _compiler(program: Program) -> Callable[[Template, int], Callable[..., Any]]:
    """Template, width → compiled program; conditions whose templates are equal share it."""

    @lru_cache(maxsize=program.kept)
    def compiled(template: Template, width: int) -> Callable[..., Any]:
        wrap = _one_lane if width == 1 else _side_by_side
        return jax.jit(
            wrap(program.build(template), program.in_lane),
            donate_argnums=program.donated,
            compiler_options=_compiler_options(program.once),
        )

    return compiled


def _one_lane(program: Callable[..., Any], in_lane: tuple[bool, ...]) -> Callable[..., Any]:
    """The single-run program, taking and giving a leading lane axis of length 1."""

    def call(*args: Any) -> Any:
        single = [
            jax.tree.map(lambda leaf: leaf[0], arg) if lane else arg
            for arg, lane in zip(args, in_lane, strict=True)
        ]
        return jax.tree.map(lambda leaf: leaf[None], program(*single))

    return call


def _side_by_side(program: Callable[..., Any], in_lane: tuple[bool, ...]) -> Callable[..., Any]:
    """The program for all lanes at once; every lane argument leads with a lane axis."""
    return jax.vmap(program, in_axes=tuple(0 if lane else None for lane in in_lane))


@lru_cache(maxsize=2)
def _compiler_options(once: bool) -> dict[str, Any] | None:
    """`_CPU_OPTIONS` on a CPU whose XLA knows them; names of options come and go."""
    if jax.default_backend() != "cpu":
        return None
    options = _CPU_OPTIONS | (_QUICK if once else {})
    try:
        jax.jit(jnp.negative, compiler_options=options).lower(1.0).compile()
    except jax.errors.JaxRuntimeError:
        return None
    return options


class _Programs:
    """The compiled programs of conditions that share them all, so many lanes wide."""

    def __init__(self, condition: Condition, width: int):
        self._condition, self._width = condition, width
        self._made: dict[Program, tuple[Template, Callable[..., Any]]] = {}

    def __getitem__(self, program: Program) -> tuple[Template, Callable[..., Any]]:
        """What it is built from, and the function."""
        if program not in self._made:
            template = program.template(self._condition)
            self._made[program] = template, _compiler(program)(template, self._width)
        return self._made[program]


def _programs(views: Sequence[Condition], width: int) -> list[_Programs]:
    """Those of the training, and of each of its views."""
    return [_Programs(each, width) for each in (views[0].in_training, *views)]


class _Lanes:
    """Runs side by side: one condition for each lane, and the programs of all."""

    def __init__(self, runs: Sequence[Run], programs: _Programs):
        self.condition, self._programs = runs[0].condition, programs
        self._conditions = [run.condition for run in runs]
        self.seeds = np.array([r.condition.sources.seeds(r.seed) for r in runs], np.int32)
        self._numbers: dict[Program, dict[str, np.ndarray]] = {}

    def call(self, program: Program, *arguments: Any) -> Any:
        """What a program makes of the lanes' numbers and the arguments."""
        _, compiled = self._programs[program]
        return compiled(self._values(program), *arguments)

    def key(self, program: Program) -> Hashable:
        """Equal where a program makes the same of the same arguments."""
        template, _ = self._programs[program]
        values = self._values(program)
        return template, tuple((path, held.tobytes()) for path, held in values.items())

    def _values(self, program: Program) -> dict[str, np.ndarray]:
        if program not in self._numbers:
            template, _ = self._programs[program]
            numbers = [program.numbers(condition) for condition in self._conditions]
            self._numbers[program] = {
                path: np.array([each[path] for each in numbers], np.float32)
                for path in template.numbers
            }
        return self._numbers[program]


class _Memory:
    """What views of one training have in common is computed once."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Any] = {}
        # What is known by its identity must live as long as this does.
        self._alive: list[Any] = []

    def call(self, lanes: _Lanes, program: Program, *arguments: Any) -> Any:
        """`lanes.call`, or what it gave before."""
        known = tuple(
            leaf.tobytes() if isinstance(leaf, np.ndarray) else id(leaf)
            for leaf in jax.tree.leaves(arguments)
        )
        key = program, lanes.key(program), known, jax.tree.structure(arguments)
        if key not in self._made:
            self._made[key] = lanes.call(program, *arguments)
            self._alive.append(arguments)
        return self._made[key]


def _train_lanes(
    trainings: Sequence[Sequence[Run]],
    programs: Sequence[_Programs],
    width: int,
    alive: Callable[[int], None] | None,
) -> list[list[dict[str, np.ndarray]]]:
    """Train each of the lanes once, and look at it in all of its views.

    Args:
        trainings: for each lane its views: runs that are equal in training.
        programs: of the training, and of each view.
        width: number of lanes; what is missing is filled up with the last one.
        alive: see `train`.

    Returns:
        For each lane the series of each view.
    """
    filled = [*trainings, *([trainings[-1]] * (width - len(trainings)))]
    of_training, *of_views = programs
    known = [Run(first.condition.in_training, first.seed) for first, *_ in filled]
    trained = _Lanes(known, of_training)
    views = [
        _Lanes(runs, each)
        for runs, each in zip(zip(*filled, strict=True), of_views, strict=True)
    ]
    condition, once = trained.condition, _Memory()
    pool, keys = _pool(of_training[SPLIT][0]), _keys()(trained.seeds)
    splits = [once.call(view, SPLIT, pool, keys) for view in views]
    _check_same_training_sets(views, splits)
    split = splits[0]
    sample = np.zeros((width, 1, *_shape_of_samples(split, pool)), pool.x.dtype)
    state = trained.call(START, keys, sample, dict.fromkeys(split.sets))
    follows = reports(condition, condition.model.network(condition.task.outputs))
    recorded = [once.call(view, RECORD, keys, sample) if follows else None for view in views]
    # A program that trains sees no other set, so that views cannot differ in it; probes may.
    seen_in_training = (
        split if condition.probes else split._replace(validation=split.train, test=None)
    )
    looks = [_Look(view, pool, keys, each) for view, each in zip(views, splits, strict=True)]
    logs: list[list[dict[str, np.ndarray]]] = [[] for _ in views]
    for epochs in _epoch_calls(condition, _length(condition, state, follows)):
        order = trained.call(ORDER, keys, split.train.y, epochs)
        state, after = trained.call(TRAIN, pool, keys, seen_in_training, state, order, epochs)
        once = _Memory()
        for number, look in enumerate(looks):
            snapshot = after.snapshot
            if follows:
                recorded[number], statistics = once.call(
                    look.lanes, FOLLOW, recorded[number], after.statistics, after.made
                )
                snapshot = {
                    kind: {**variables, STATISTICS: statistics}
                    for kind, variables in snapshot.items()
                }
            if look.lanes.condition.evaluation.statistics == "recomputed":
                snapshot = look.recomputed(snapshot, epochs, once)
            seen = look(snapshot, epochs, once)
            seen |= look.probed(snapshot[""], after.optimizer_state, epochs)
            if condition.watches:
                state, learned = trained.call(WATCH, state, seen, epochs)
                seen |= learned
            logs[number].append(jax.device_get(after.logs | seen))
        if alive is not None:
            alive(len(trainings) * int((epochs > 0).sum()) * condition.steps_per_epoch)
    end = condition.training.epochs + 1
    joined = [
        {name: np.concatenate([log[name] for log in each], 1)[:, :end] for name in each[0]}
        for each in logs
    ]
    shown = [
        as_printed(view.condition.evaluation, series)
        for view, series in zip(views, joined, strict=True)
    ]
    return [
        [{name: series[lane] for name, series in each.items()} for each in shown]
        for lane in range(len(trainings))
    ]


class _Look:
    """One view of the lanes' runs: which sets are looked at, and how."""

    def __init__(self, lanes: _Lanes, pool: Pool, keys: Any, split: Split):
        self.lanes, self._pool, self._keys, self._split = lanes, pool, keys, split

    def __call__(
        self, snapshot: dict[str, Variables], epochs: np.ndarray, once: _Memory
    ) -> Logs:
        """Series over the epochs.

        Args:
            snapshot: variables after each epoch, by the prefix of their series.
            epochs: their numbers.
            once: what other views may have asked for, too.
        """
        condition, logs, due = self.lanes.condition, {}, self._due(epochs)
        for kind, variables in snapshot.items():
            for name, subset in self._split.sets.items():
                looked_at = self._pool, self._keys, subset, variables, due, None
                seen = once.call(self.lanes, LOOK[name], *looked_at)
                logs |= {f"{kind}_{each}" if kind else each: s for each, s in seen.items()}
        if condition.evaluation.special:
            subset = self._split.validation
            order = self.lanes.call(ORDER_SEEN, self._keys, subset.y, epochs)
            looked_at = self._pool, self._keys, subset, snapshot[""], due, order
            logs |= self.lanes.call(LOOK["seen"], *looked_at)
        return logs

    def recomputed(
        self, snapshot: dict[str, Variables], epochs: np.ndarray, once: _Memory
    ) -> dict[str, Variables]:
        """The same variables with statistics that are recomputed over the training set."""
        due = self._due(epochs)

        def statistics(variables: Variables) -> Any:
            seen = self._pool, self._split.train, variables, due
            return once.call(self.lanes, RECOMPUTE, *seen)

        return {
            kind: {**variables, STATISTICS: statistics(variables)}
            for kind, variables in snapshot.items()
        }

    def probed(self, variables: Variables, optimizer_state: Any, epochs: np.ndarray) -> Logs:
        """What the condition's probes see at the ends of epochs."""
        logs: Logs = {}
        for place, probe in enumerate(self.lanes.condition.probes):
            if probe.looks_at_epochs:
                shown = self._pool, self._keys, self._split, variables, optimizer_state
                due = _due(epochs, probe.every)
                logs |= self.lanes.call(probe_program(place), *shown, epochs, due)
        return logs

    def _due(self, epochs: np.ndarray) -> np.ndarray:
        """At which of the epochs one looks."""
        return _due(epochs, self.lanes.condition.training.evaluate_every)


def _due(epochs: np.ndarray, every: int) -> np.ndarray:
    return (epochs >= 0) & (epochs % every == 0)


def _check_same_training_sets(views: Sequence[_Lanes], splits: Sequence[Split]) -> None:
    """Refuse a task that leaves out of `in_training` what its training set depends on.

    Raises:
        UserError: it does.
    """
    first = splits[0].train
    for view, split in zip(views[1:], splits[1:], strict=True):
        if split.train is first:
            continue
        both = (jax.tree.leaves(jax.device_get(each)) for each in (first, split.train))
        task = type(view.condition.task).__name__
        require(
            all(np.array_equal(one, other) for one, other in zip(*both, strict=True)),
            f"{task}.in_training leaves out a setting on which the training set depends.",
        )


def _shape_of_samples(split: Split, pool: Pool) -> tuple[int, ...]:
    """Shape of one sample."""
    x = split.train.x
    return pool.x.shape[1:] if x is None else x.shape[2:]


def _length(condition: Condition, state: State, follows: bool) -> int:
    """Epochs that one call goes through: no more than there is room for snapshots of."""
    room = _SNAPSHOT_BYTES[jax.default_backend() == "gpu"]
    kinds, variables = 1 if state.extras.average is None else 2, state.variables
    of_steps = variables.get(STATISTICS, ()) if follows else ()
    size = kinds * _bytes(variables) + _bytes(state.optimizer_state)
    size += condition.steps_per_epoch * _bytes(of_steps)
    return _power_of_two(min(epochs_per_call(condition), room // max(size, 1)))


def _bytes(tree: Any) -> int:
    return sum(leaf.nbytes for leaf in jax.tree.leaves(tree))


def _epoch_calls(condition: Condition, length: int) -> Iterator[np.ndarray]:
    """Epochs 0 … `epochs` for each call; −1, which does nothing, fills the last one up."""
    end = condition.training.epochs + 1
    for first in range(0, end, length):
        epochs = np.arange(first, first + length, dtype=np.int32)
        yield np.where(epochs < end, epochs, -1)

"""Lanes: many runs through one compiled program on one device.

On a CPU core runs go one after the other through the single-run program: there it beat
every form of `vmap`, it cannot deadlock, and memory does not grow with the number of
runs. Only models of a handful of parameters, whose steps are all overhead, gain from
lanes side by side. On a GPU the lanes are side by side as many as memory allows.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmark.declare.condition import Condition
from benchmark.declare.data import Pool
from benchmark.declare.identity import Template, definitions
from benchmark.tasks.keys import source_keys
from benchmark.training.program import ORDER, SPLIT, START, TRAIN, Program

_STEPS_PER_CHUNK = 4096
_EPOCHS_PER_CHUNK = 64
_EFFORT_PER_CHUNK = 2_000_000
"""Bounds of the work between two signs of life; enough to make a call's overhead vanish."""


# Not XLA's defaults. Vectors as wide as the core has make parameter updates a quarter faster;
# the analysis spares copies of parameters that a loop carries.
_CPU_OPTIONS = {
    "xla_cpu_prefer_vector_width": 512,
    "xla_cpu_copy_insertion_use_region_analysis": True,
}


class Run(NamedTuple):
    """One training of one condition with one seed."""

    condition: Condition
    seed: int


def train(
    runs: Sequence[Run], width: int = 1, alive: Callable[[int], None] | None = None
) -> list[dict[str, np.ndarray]]:
    """Train runs of one group; the result of a run depends on nothing but the run.

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
    _check_alike([run.condition for run in runs])
    done: list[dict[str, np.ndarray]] = []
    while len(done) < len(runs):
        lanes = runs[len(done) : len(done) + width]
        try:
            done += _train_lanes(lanes, width, alive)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or width == 1:
                raise
            width = math.ceil(width / 2)
    return done


def epochs_per_call(condition: Condition) -> int:
    """Epochs that one call of the training program goes through.

    It depends on the work of an epoch alone and not on how many epochs there are, so that
    short and long trainings share a program.
    """
    steps = condition.steps_per_epoch
    effort = steps * condition.model.effort(condition.task.side) * condition.batch_size
    heavy = int(_EFFORT_PER_CHUNK / max(effort, 1.0))
    return max(1, min(_EPOCHS_PER_CHUNK, _STEPS_PER_CHUNK // steps, heavy))


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
        return _wrap(program.build(template), width, program.in_lane, program.donated)

    return compiled


def _wrap(
    program: Callable[..., Any], width: int, in_lane: tuple[bool, ...], donated: tuple[int, ...]
) -> Callable[..., Any]:
    """`program` for `width` lanes, compiled; every lane argument leads with a lane axis."""
    return (_one_lane if width == 1 else _side_by_side)(program, in_lane, donated)


def _one_lane(
    program: Callable[..., Any], in_lane: tuple[bool, ...], donated: tuple[int, ...]
) -> Callable[..., Any]:
    """The single-run program, taking and giving a leading lane axis of length 1."""

    def call(*args: Any) -> Any:
        single = [
            jax.tree.map(lambda leaf: leaf[0], arg) if lane else arg
            for arg, lane in zip(args, in_lane, strict=True)
        ]
        return jax.tree.map(lambda leaf: leaf[None], program(*single))

    return _compiled(call, donated)


def _side_by_side(
    program: Callable[..., Any], in_lane: tuple[bool, ...], donated: tuple[int, ...]
) -> Callable[..., Any]:
    axes = tuple(0 if lane else None for lane in in_lane)
    return _compiled(jax.vmap(program, in_axes=axes), donated)


def _compiled(call: Callable[..., Any], donated: tuple[int, ...]) -> Callable[..., Any]:
    return jax.jit(call, donate_argnums=donated, compiler_options=_compiler_options())


@lru_cache(maxsize=1)
def _compiler_options() -> dict[str, Any] | None:
    """`_CPU_OPTIONS` on a CPU whose XLA knows them; names of options come and go."""
    if jax.default_backend() != "cpu":
        return None
    try:
        jax.jit(jnp.negative, compiler_options=_CPU_OPTIONS).lower(1.0).compile()
    except jax.errors.JaxRuntimeError:
        return None
    return _CPU_OPTIONS


def _train_lanes(
    runs: Sequence[Run], width: int, alive: Callable[[int], None] | None
) -> list[dict[str, np.ndarray]]:
    condition = runs[0].condition
    draw, start, order, train = (
        _compiler(program)(program.template(condition), width)
        for program in (SPLIT, START, ORDER, TRAIN)
    )
    pool = _pool(SPLIT.template(condition))
    filled = [*runs, *([runs[-1]] * (width - len(runs)))]
    values = [run.condition.values for run in filled]

    def of(program: Program) -> dict[str, np.ndarray]:
        return {
            path: np.array([each[path] for each in values], np.float32)
            for path in program.template(condition).numbers
        }

    seeds = np.array([run.condition.sources.seeds(run.seed) for run in filled], np.int32)
    keys = _keys()(seeds)
    split = draw(of(SPLIT), pool, keys)
    state = start(of(START), pool, keys, split)
    whole = of(TRAIN)
    labels = (split.train.y, split.validation.y)
    logs = []
    for epochs in _epoch_calls(condition):
        batches = order(keys, labels, epochs)
        state, log = train(whole, pool, keys, split, state, batches, epochs)
        logs.append(jax.device_get(log))
        if alive is not None:
            alive(len(runs) * int((epochs > 0).sum()) * condition.steps_per_epoch)
    end = condition.training.epochs + 1
    series = {name: np.concatenate([log[name] for log in logs], 1)[:, :end] for name in logs[0]}
    return [{name: held[lane] for name, held in series.items()} for lane in range(len(runs))]


def _epoch_calls(condition: Condition) -> Iterator[np.ndarray]:
    """Epochs 0 … `epochs` for each call; −1, which does nothing, fills the last one up."""
    length, end = epochs_per_call(condition), condition.training.epochs + 1
    for first in range(0, end, length):
        epochs = np.arange(first, first + length, dtype=np.int32)
        yield np.where(epochs < end, epochs, -1)

"""What a run carries from epoch to epoch, and what goes on beside its optimizer."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int

from benchmark.declare.condition import Condition
from benchmark.declare.early_stopping import EarlyStopping
from benchmark.declare.identity import Selected
from benchmark.declare.network import Variables
from benchmark.declare.series import parse

Logs = dict[str, Array]


class Average(NamedTuple):
    """Exponential average of the parameters, before division by what it adds up to."""

    sums: Any
    mass: Float[Array, ""]


class Stopping(NamedTuple):
    """Memory of early stopping: the best so far, and whether training has ended."""

    best: Float[Array, ""]
    variables: Variables
    metrics: Logs
    waited: Int[Array, ""]
    stopped: Bool[Array, ""]


class Extras(NamedTuple):
    """Memory of schedule, weight average and early stopping; None where there is none."""

    schedule: Any = None
    average: Average | None = None
    stopping: Stopping | None = None


class State(NamedTuple):
    """What a run carries from epoch to epoch."""

    variables: Variables
    optimizer_state: Any
    extras: Extras


def begin(
    condition: Condition | Selected,
    variables: Variables,
    sets: tuple[str, ...] = ("train", "validation"),
) -> State:
    """The state before training.

    Args:
        condition: of the run.
        variables: of its network.
        sets: names of the sets whose metrics at the kept epoch early stopping remembers.
    """
    training, params = condition.training, variables["params"]
    extras = Extras()
    if training.schedule is not None:
        extras = extras._replace(schedule=training.schedule.begin())
    if training.average is not None:
        zero = jax.tree.map(jnp.zeros_like, params)
        extras = extras._replace(average=Average(zero, jnp.zeros((), jnp.float32)))
    if training.early_stopping is not None:
        kinds = ("loss", "accuracy") if condition.task.loss == "cross_entropy" else ("loss",)
        unknown = {
            f"{each}_{kind}": jnp.full((), jnp.nan, jnp.float32)
            for each in sets
            for kind in kinds
        }
        extras = extras._replace(
            stopping=Stopping(
                best=jnp.full((), jnp.inf, jnp.float32),
                variables=variables,
                metrics=unknown,
                waited=jnp.zeros((), jnp.int32),
                stopped=jnp.zeros((), bool),
            )
        )
    return State(variables, transformation(condition).init(params), extras)


def transformation(condition: Condition | Selected) -> optax.GradientTransformationExtraArgs:
    """The optimizer with what is done to gradients before, after and between its steps.

    Its `update` takes the factor of the schedule, if there is one, as `factor`.
    """
    training, optimizer = condition.training, condition.optimizer
    parts: list[optax.GradientTransformation] = []
    if training.weight_decay is not None:
        parts.append(optax.add_decayed_weights(training.weight_decay))
    if training.clip_norm is not None:
        clip = _clip(training.clip_norm, training.clip_by)
        parts.insert(0 if training.decay_order == "after_clipping" else len(parts), clip)
    parts.append(optimizer.transformation())
    if training.schedule is not None:
        place = len(parts) - (optimizer.scheduled == "gradient")
        parts.insert(place, _times_factor())
    whole = optax.with_extra_args_support(parts[0] if len(parts) == 1 else optax.chain(*parts))
    if training.late_batches is None:
        return whole
    count = training.late_batches

    def batches(updates: Any) -> Array:
        half = training.epochs * condition.steps_per_epoch / 2
        return jnp.where(updates < half, 1, count)

    steps: Any = optax.MultiSteps(whole, batches)
    # Not `steps.gradient_transformation()`, which takes no factor.
    return optax.GradientTransformationExtraArgs(steps.init, steps.update)


def _clip(norm: Any, by: str) -> optax.GradientTransformation:
    """Shortens gradients of a larger norm, that of all of them or of each variable's."""
    whole = optax.clip_by_global_norm(norm)
    if by == "global":
        return whole

    def each(gradients: Any, params: Any) -> Any:
        del params
        return jax.tree.map(lambda g: whole.update(g, whole.init(g))[0], gradients)

    return optax.stateless(each)


def _times_factor() -> optax.GradientTransformationExtraArgs:
    def update(updates: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        del params
        return jax.tree.map(lambda leaf: extra["factor"] * leaf, updates), state

    return optax.GradientTransformationExtraArgs(lambda params: optax.EmptyState(), update)


def rate_factor(
    condition: Condition | Selected, memory: Any, epoch: Int[Array, ""], step: Int[Array, ""]
) -> Float[Array, ""]:
    """What the schedule multiplies the learning rate with in a step.

    Before training (epoch 0) it is the factor with which training would begin.
    """
    training, schedule = condition.training, condition.training.schedule
    assert schedule is not None
    steps = condition.steps_per_epoch
    within = jnp.zeros_like(step) if schedule.reads == "epoch" else step
    middle = 0.5 if schedule.reads == "middle" else 0.0
    made = jnp.maximum(((epoch - 1) * steps + within).astype(jnp.float32) + middle, 0.0)
    done = made / (jnp.asarray(training.epochs, jnp.float32) * steps)
    factor = schedule.factor(done, memory)
    if schedule.warm_up is not None:
        factor = factor * jnp.minimum(1.0, done / schedule.warm_up)
    return factor


def averaged(
    average: Average, params: Any, decay: float | Array, start: str = "debiased"
) -> Average:
    """The average after one more step."""
    keep = jnp.asarray(decay, jnp.float32)
    if start == "first_step":
        keep = jnp.where(average.mass > 0, keep, 0.0)
    sums = jax.tree.map(lambda s, p: keep * s + (1 - keep) * p, average.sums, params)
    return Average(sums, keep * average.mass + (1 - keep))


def average_of(average: Average, params: Any) -> Any:
    """The averaged parameters; before the first step the parameters themselves."""
    mass = jnp.where(average.mass > 0, average.mass, 1.0)
    return jax.tree.map(
        lambda s, p: jnp.where(average.mass > 0, s / mass, p), average.sums, params
    )


def remembered(
    condition: Condition | Selected, state: State, seen: Logs, epoch: Int[Array, ""]
) -> tuple[State, Logs]:
    """What schedule and early stopping make of an epoch's metrics, and what is logged of it.

    Args:
        condition: of the run.
        state: after the epoch.
        seen: what was seen after it, by name of the series.
        epoch: its number; before training there is nothing to learn or to select from.
    """
    training, extras, logs = condition.training, state.extras, {}
    variables = state.variables
    if training.schedule is not None:
        loss = seen.get("seen_validation_loss", seen["validation_loss"])
        after = training.schedule.after_epoch(extras.schedule, loss)
        extras = extras._replace(schedule=_where(epoch > 0, after, extras.schedule))
    if training.early_stopping is not None and extras.stopping is not None:
        memory, kept = watch(training.early_stopping, extras.stopping, variables, seen)
        memory = _where(epoch > 0, memory, extras.stopping)
        variables = _where(epoch > 0, kept, variables)
        logs["stopped"] = memory.stopped.astype(jnp.float32)
        for name, metric in memory.metrics.items():
            logs[f"selected_{name}"] = jnp.where(epoch > 0, metric, seen[name])
        extras = extras._replace(stopping=memory)
    return State(variables, state.optimizer_state, extras), logs


def _where(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(lambda n, o: jnp.where(condition, n, o), new, old)


def watch(
    how: EarlyStopping, memory: Stopping, variables: Variables, logs: Logs
) -> tuple[Stopping, Variables]:
    """Early stopping after an epoch with these metrics: new memory, and the weights kept."""
    seen = logs.get(f"seen_{how.monitor}", logs[how.monitor])
    score = -seen if parse(how.monitor).more_is_better else seen
    running = ~memory.stopped
    improved = running & (score < memory.best)
    keep = improved if how.best_weights else running

    def chosen(new: Any, old: Any) -> Any:
        return jax.tree.map(lambda n, o: jnp.where(keep, n, o), new, old)

    waited = jnp.where(improved, 0, memory.waited + running.astype(jnp.int32))
    patience = jnp.asarray(how.patience, jnp.float32)
    after = Stopping(
        best=jnp.where(improved, score, memory.best),
        variables=chosen(variables, memory.variables),
        metrics=chosen({name: logs[name] for name in memory.metrics}, memory.metrics),
        waited=waited,
        stopped=memory.stopped | (waited.astype(jnp.float32) >= patience),
    )
    kept = jax.tree.map(
        lambda best, last: jnp.where(after.stopped, best, last), after.variables, variables
    )
    return after, kept


def like(function: Callable[..., Any], *args: Any) -> Any:
    """NaN (0 for whole numbers) in the shape of what `function` would return."""

    def absent(leaf: jax.ShapeDtypeStruct) -> Array:
        number = jnp.issubdtype(leaf.dtype, jnp.inexact)
        return jnp.full(leaf.shape, jnp.nan if number else 0, leaf.dtype)

    return jax.tree.map(absent, jax.eval_shape(lambda: function(*args)))

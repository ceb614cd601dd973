"""Schedules of the learning rate: declared, and computed where they are traced."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from benchmark.declare.fields import Declared, static, traced

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, kw_only=True)
class Schedule(Declared):
    """A constant learning rate, after an optional warm-up; the base of other schedules.

    A schedule multiplies the optimizer's learning rate by a factor of the share of the run
    that is over. The engine multiplies the optimizer's step (or its gradient, as
    `Optimizer.scheduled` says) itself and leaves optax the constant rate: the number of
    epochs is a traced value, and optax' schedules compare theirs with 0 in Python
    (`optax.cosine_decay_schedule`, as of 0.2.8), which a traced number cannot answer.

    Attributes:
        warm_up: share of the run over which the rate rises linearly from 0. The factor of
            the warm-up multiplies that of the schedule, which has begun by then; Keras'
            `CosineDecay` begins after its warm-up.
        reads: where the share of the run is read for step t = 0, 1, … of T: at the
            "middle" of the step, (t + ½)/T, which is symmetric in time and where no step
            has rate 0; at the "beginning" of it, t/T, as Keras' schedules do, and
            PyTorch's where `scheduler.step()` is called after every batch; or at the
            beginning of its "epoch", as where it is called after every epoch, and in
            Keras' `LearningRateScheduler`.
    """

    warm_up: float | None = traced(None, above=0, at_most=1)
    reads: Literal["middle", "beginning", "epoch"] = "middle"

    def factor(self, done: Any, memory: Any) -> Any:
        """Factor when the share `done` of all steps is over (traced)."""
        import jax.numpy as jnp

        return jnp.ones_like(done)

    def begin(self) -> Any:
        """Memory before the first epoch."""
        return ()

    def after_epoch(self, memory: Any, loss: "Array") -> Any:
        """Memory after an epoch that ended with this validation loss."""
        return memory


@dataclass(frozen=True)
class StepDecay(Schedule):
    """The rate falls by `factor_each` at each of the shares `at` of the run."""

    factor_each: float = traced(0.1, above=0, at_most=1)
    at: tuple[float, ...] = static((0.5, 0.75))

    def factor(self, done: Any, memory: Any) -> Any:
        import jax.numpy as jnp

        passed = sum((done >= place).astype(jnp.float32) for place in self.at)
        return self.factor_each**passed


@dataclass(frozen=True)
class Cosine(Schedule):
    """The rate falls to the share `final` along half a cosine (Loshchilov & Hutter 2017)."""

    final: float = traced(0.0, at_least=0, at_most=1)

    def factor(self, done: Any, memory: Any) -> Any:
        import jax.numpy as jnp

        return self.final + (1 - self.final) * 0.5 * (1 + jnp.cos(jnp.pi * done))


class _Waiting(NamedTuple):
    """Memory of `Plateau`: factor, lowest loss, epochs waited, and epochs left to cool."""

    scale: Any
    best: Any
    waited: Any
    cooling: Any


@dataclass(frozen=True)
class Plateau(Schedule):
    """The rate falls when the validation loss has stopped falling, as Keras does it.

    `optax.contrib.reduce_on_plateau` and PyTorch's `ReduceLROnPlateau` wait one epoch longer
    after a cooldown; PyTorch's also falls one epoch later, and its threshold is relative.

    Attributes:
        factor_each: what the rate is multiplied with.
        patience: epochs without a new lowest loss before it falls.
        threshold: how much lower a loss must be to count, absolute.
        cooldown: epochs to wait afterwards; as in Keras, the last of them counts again.
        minimum: smallest factor.
    """

    factor_each: float = static(0.1, above=0, below=1)
    patience: int = static(10, at_least=1)
    threshold: float = static(1e-4, at_least=0)
    cooldown: int = static(0, at_least=0)
    minimum: float = static(0.0, at_least=0, below=1)

    def factor(self, done: Any, memory: Any) -> Any:
        return memory.scale

    def begin(self) -> Any:
        import jax.numpy as jnp

        return _Waiting(jnp.float32(1), jnp.float32(jnp.inf), jnp.int32(0), jnp.int32(0))

    def after_epoch(self, memory: Any, loss: "Array") -> Any:
        import jax.numpy as jnp

        waited = jnp.where(memory.cooling > 0, 0, memory.waited)
        cooling = jnp.maximum(memory.cooling - 1, 0)
        improved = loss < memory.best - self.threshold
        counts = ~improved & (cooling == 0)
        waited = jnp.where(improved, 0, waited + counts.astype(waited.dtype))
        falls = counts & (waited >= self.patience)
        lower = jnp.maximum(memory.scale * self.factor_each, self.minimum)
        return _Waiting(
            jnp.where(falls, lower, memory.scale),
            jnp.where(improved, loss, memory.best),
            jnp.where(falls, 0, waited),
            jnp.where(falls, self.cooldown, cooling),
        )

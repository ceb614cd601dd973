"""Does a step raise the loss on the whole training set?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.condition import Batch, Condition, Probe, Probing, SeriesKind
from benchmark.declare.fields import static

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class StepRise(Probe):
    """Full training loss after every step of the probed epochs.

    Series (per step): `step_rise` 1 where the full training loss is higher after the step
    than before it; `step_full_loss` that loss; `step_corrupted` mislabelled samples in
    the batch.
    """

    every: int = static(10, at_least=1)

    def effort(self, condition: Condition) -> float:
        return condition.steps_per_epoch * condition.task.samples / 3

    def series(self, condition: Condition) -> Mapping[str, SeriesKind]:
        return {
            "step_rise": "step",
            "step_full_loss": "step",
            "step_corrupted": "step",
        }

    def begin(self, probing: Probing) -> Any:
        return probing.full_loss(probing.params)

    def at_step(
        self, probing: Probing, memory: Any, batch: "Batch"
    ) -> "tuple[Any, dict[str, Array]]":
        import jax.numpy as jnp

        loss = probing.full_loss(probing.params)
        # A diverged loss is no evidence either way; NaN keeps it out of shares.
        rise = jnp.where(jnp.isfinite(loss), (loss > memory).astype(jnp.float32), jnp.nan)
        wrong = probing.split.train.corrupted[batch.position].astype(jnp.float32)
        held = wrong if batch.weight is None else wrong * batch.weight
        series = {
            "step_rise": rise,
            "step_full_loss": loss,
            "step_corrupted": jnp.sum(held),
        }
        return loss, series

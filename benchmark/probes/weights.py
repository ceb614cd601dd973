"""The parameters themselves, for networks of a few numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.condition import Batch, Probe, Probing
from benchmark.declare.fields import static

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class Weights(Probe):
    """Every parameter after every step: series (per step) `step_weight_0`, `_1`, …"""

    every: int = static(1, at_least=1)

    def at_step(
        self, probing: Probing, memory: Any, batch: "Batch"
    ) -> "tuple[Any, dict[str, Array]]":
        from jax.flatten_util import ravel_pytree

        flat = ravel_pytree(probing.params)[0]
        return memory, {f"step_weight_{i}": flat[i] for i in range(flat.size)}

"""How far does a step go?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.condition import Batch, Condition, Probe, Probing, SeriesKind
from benchmark.declare.fields import static

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class UpdateNorm(Probe):
    """Length ‖Δw‖ of every step of the probed epochs: series (per step) `step_update_norm`."""

    every: int = static(10, at_least=1)

    def series(self, condition: Condition) -> Mapping[str, SeriesKind]:
        return {"step_update_norm": "step"}

    def begin(self, probing: Probing) -> Any:
        return probing.params

    def at_step(
        self, probing: Probing, memory: Any, batch: "Batch"
    ) -> "tuple[Any, dict[str, Array]]":
        import jax
        import optax

        change = jax.tree.map(lambda new, old: new - old, probing.params, memory)
        return probing.params, {"step_update_norm": optax.tree.norm(change)}

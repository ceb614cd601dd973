"""What a probe may look at, at one moment of one run."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num

from benchmark.declare.condition import Condition
from benchmark.models.network import EVALUATION, Network, Variables
from benchmark.tasks.data import Pool, Split
from benchmark.training.objective import sample_losses


class Batch(NamedTuple):
    """The samples of one step; `position` is empty for fresh samples."""

    x: Num[Array, "batch ..."]
    y: Num[Array, "batch ..."]
    weight: Float[Array, " batch"] | None
    position: Int[Array, " ..."]


class Probing(NamedTuple):
    """State and data of a run. Losses are in evaluation mode (no dropout)."""

    condition: Condition
    network: Network
    pool: Pool
    split: Split
    variables: Variables
    optimizer_state: Any

    def loss(
        self, params: Any, x: Num[Array, "batch ..."], y: Num[Array, "batch ..."]
    ) -> Float[Array, ""]:
        """Mean loss of `params` on the given samples."""
        variables = {**self.variables, "params": params}
        # Evaluation draws nothing, so the key's value is without meaning.
        unused = jax.random.key(0, impl="threefry2x32")
        outputs, _ = self.network.apply(variables, x, EVALUATION, unused)
        return jnp.mean(sample_losses(self.condition.task.loss, outputs, y))

    def full_loss(self, params: Any) -> Float[Array, ""]:
        """Mean loss of `params` on the whole training set."""
        return self.loss(params, *self.split.train.all())

    @property
    def params(self) -> Any:
        """The trainable parameters."""
        return self.variables["params"]


def probe_key(key: Key[Array, ""], epoch: Int[Array, ""], place: int) -> Key[Array, ""]:
    """A key for the probe at `place` in the condition's list, at one epoch."""
    return jax.random.fold_in(jax.random.fold_in(key, epoch), place)

"""Linear regression on Gaussian inputs, whose training and risk have closed forms."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmark.declare.data import Keys, Pool, Split, Subset
from benchmark.declare.errors import require
from benchmark.declare.fields import static, traced
from benchmark.declare.parts import Loss, Task

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class GaussianRegression(Task):
    """y = ±x·w + τξ with x standard normal in D dimensions and w = ‖w‖·(1, …, 1)/√D.

    The validation set is D orthogonal noise-free points √D·eⱼ, on which the mean loss is
    exactly the population's ½‖w_min − w‖²: excess risk without sampling error.

    Attributes:
        dimension: D.
        features: how many of the D inputs the model sees (None: all).
        n_train: training samples of a run (unused for fresh samples).
        signal: ‖w‖.
        noise: τ.
        flipped: share ρ of targets whose signal has the wrong sign (wrong labels).
    """

    dimension: int = static(10, at_least=1)
    features: int | None = static(None, at_least=1)
    n_train: int = static(100, at_least=1)
    signal: float = traced(1.0, at_least=0)
    noise: float = traced(0.5, at_least=0)
    flipped: float = traced(0.0, at_least=0, at_most=0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.seen <= self.dimension,
            f"GaussianRegression.features is {self.features}, but must be at most the "
            f"dimension, {self.dimension}.",
        )

    @property
    def loss(self) -> Loss:
        return "squared_error"

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return 1

    @property
    def seen(self) -> int:
        """Number of inputs the model sees."""
        return self.dimension if self.features is None else self.features

    def pool(self) -> Pool:
        corners = np.sqrt(self.dimension) * np.eye(self.dimension, dtype=np.float32)
        return Pool(corners[:, : self.seen].astype(np.float32), np.ones((1, 1), np.float32))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        import jax.numpy as jnp

        from benchmark.tasks.corruption import clean

        x, y, wrong = self._draw(keys("data"), keys("mislabelling"), self.n_train)
        train = Subset(x, jnp.arange(self.n_train), y, wrong)
        # √D·eⱼ·w = ‖w‖, shrunk to what wrong labels leave of it.
        target = jnp.full((self.dimension, 1), 1.0) * self.signal * (1 - 2 * self.flipped)
        return Split(train, clean(pool.x, jnp.arange(self.dimension), target))

    def fresh(self, pool: Pool, key: "Array", count: int) -> "tuple[Array, Array]":
        import jax

        # Not `fold_in(key, 1)`: that is the second key of `split(key)`, which draws the noise.
        for_data, for_flips = jax.random.split(key)
        x, y, _ = self._draw(for_data, for_flips, count)
        return x, y

    def _draw(
        self, key: "Array", flip_key: "Array", count: int
    ) -> "tuple[Array, Array, Array]":
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.random import normal

        for_x, for_noise = jax.random.split(key)
        x = normal(for_x, count, self.dimension)
        signal = self.signal * jnp.sum(x, 1, keepdims=True) / np.float32(self.dimension**0.5)
        wrong = jax.random.uniform(flip_key, (count,)) < self.flipped
        noise = self.noise * normal(for_noise, count, 1)
        y = jnp.where(wrong[:, None], -signal, signal) + noise
        return x[:, : self.seen], y, wrong

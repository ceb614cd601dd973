"""The noisy quadratic ½a(w − w*)², on which training has closed forms."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.fields import static, traced
from benchmark.declare.parts import Loss, Task

if TYPE_CHECKING:
    from jaxtyping import Array


@dataclass(frozen=True)
class Quadratic(Task):
    """One-dimensional quadratic with additive gradient noise of variance σ² per sample.

    A sample has the input √a and the target −σξ/√a with ξ standard normal, so the model
    f = √a·w has the per-sample gradient a·w + σξ. The validation set is the noise-free
    point: validation loss is the excess loss ½a(w − w*)².

    Attributes:
        curvature: a.
        noise: σ.
        n_train: size of the finite training set (unused for fresh samples).
        targets: "normal" ξ, or "signs": ξ = −1 in the first half and +1 in the second, the
            two-class set whose order can be sorted.
        minimum: w* is 0, that of the "population", or the minimiser of the run's "sample".
    """

    curvature: float = traced(1.0, above=0)
    noise: float = traced(1.0, at_least=0)
    n_train: int = static(16, at_least=1)
    targets: Literal["normal", "signs"] = "normal"
    minimum: Literal["population", "sample"] = "population"

    @property
    def loss(self) -> Loss:
        return "squared_error"

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return 1

    def pool(self) -> Pool:
        return Pool(np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        import jax.numpy as jnp

        from benchmark.tasks.corruption import clean

        x, y = self._draw(pool, keys("data"), self.n_train)
        mean = jnp.mean(y, 0, keepdims=True)
        middle = mean if self.minimum == "sample" else jnp.zeros_like(mean)
        train = clean(x, jnp.arange(self.n_train), y)
        return Split(train, clean(x[:1], jnp.arange(1), middle))

    def fresh(self, pool: Pool, key: "Array", count: int) -> "tuple[Array, Array]":
        return self._draw(pool, key, count)

    def _draw(self, pool: Pool, key: "Array", count: int) -> "tuple[Array, Array]":
        import jax
        import jax.numpy as jnp

        root = jnp.sqrt(jnp.asarray(self.curvature, jnp.float32))
        if self.targets == "signs":
            normal = jnp.where(jnp.arange(count)[:, None] < count // 2, -1.0, 1.0)
        else:
            normal = jax.random.normal(key, (count, 1))
        return root * jnp.ones((count, 1)), -self.noise * normal / root

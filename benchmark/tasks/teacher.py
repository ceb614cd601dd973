"""Teacher-student regression: targets from a fixed random network, or from nothing at all."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.fields import static, traced
from benchmark.declare.parts import Loss, Task

if TYPE_CHECKING:
    from jaxtyping import Array

_POOL = 8192
"""Inputs that runs draw their samples from, unless they need more."""


@dataclass(frozen=True)
class TeacherRegression(Task):
    """y = S·teacher(x) + τξ with x standard normal and a tanh teacher that never changes.

    The teacher is V·tanh(√2·Ux), entries of U of variance 1/inputs and of V of variance
    2/hidden, which gives targets of about unit variance. The validation targets are
    noise-free: validation loss is excess loss. With signal 0 the targets are random, and
    a network can only memorise them.

    Attributes:
        inputs: dimension of x.
        targets: dimension of y.
        hidden: hidden units of the teacher.
        n_train: training samples of a run (unused for fresh samples).
        n_validation: validation samples, disjoint from them.
        signal: S, scale of the teacher's targets.
        noise: τ, SD of the noise on each training target.
        n_test: test samples, disjoint from both and noise-free, too; 0 for none.
    """

    inputs: int = static(10, at_least=1)
    targets: int = static(3, at_least=1)
    hidden: int = static(32, at_least=1)
    n_train: int = static(200, at_least=1)
    n_validation: int = static(200, at_least=1)
    signal: float = traced(1.0, at_least=0)
    noise: float = traced(0.0, at_least=0)
    n_test: int = static(0, at_least=0)

    @property
    def loss(self) -> Loss:
        return "squared_error"

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return self.targets

    @property
    def in_training(self) -> "TeacherRegression":
        """One validation sample and no test set, unless these make the pool larger."""
        alike = replace(self, n_validation=1, n_test=0)
        return alike if alike._pooled == self._pooled else self

    @property
    def _pooled(self) -> int:
        return max(_POOL, self.n_train + self.n_validation + self.n_test)

    def pool(self) -> Pool:
        shape = (self._pooled, self.inputs)
        x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
        return Pool(x, self._teach(np, x))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        import jax

        from benchmark.tasks.corruption import split
        from benchmark.tasks.random import normal

        for_split, for_noise = jax.random.split(keys("data"))
        sizes = self.n_train, self.n_validation, self.n_test
        drawn = split(for_split, pool.x, self.signal * pool.y, *sizes)
        noise = self.noise * normal(for_noise, self.n_train, self.targets)
        return drawn._replace(train=drawn.train._replace(y=drawn.train.y + noise))

    def fresh(self, pool: Pool, key: "Array", count: int) -> "tuple[Array, Array]":
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.random import normal

        for_x, for_noise = jax.random.split(key)
        x = normal(for_x, count, self.inputs)
        noise = self.noise * normal(for_noise, count, self.targets)
        return x, self.signal * self._teach(jnp, x) + noise

    def _teach(self, numpy: Any, x: Any) -> Any:
        """The teacher's outputs, with NumPy or its like in JAX."""
        draw = np.random.default_rng(0)
        first = draw.normal(size=(self.inputs, self.hidden)) * np.sqrt(2 / self.inputs)
        last = draw.normal(size=(self.hidden, self.targets)) * np.sqrt(2 / self.hidden)
        hidden = numpy.tanh(x @ first.astype(np.float32))
        return hidden @ last.astype(np.float32)

"""How noisy is the gradient of a batch, at fixed parameters?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.condition import Condition, Probe, Probing, SeriesKind
from benchmark.declare.fields import static

if TYPE_CHECKING:
    from jaxtyping import Array

_CHUNK = 64


@dataclass(frozen=True)
class GradientNoise(Probe):
    """Noise of per-sample gradients, and of the gradients of batches as they are fed.

    Series: `gradient_noise` tr Σ, the total variance of per-sample gradients over the
    training set; `gradient_norm2` squared norm of its mean gradient G;
    `batch_gradient_noise` mean ‖g_B − G‖² over the full batches of one reshuffled epoch
    (or, for fresh samples, of one epoch's fresh batches, to which the sampling error of G
    adds tr Σ/n_train); `batch_gradient_norm2` mean ‖g_B‖², from which McCandlish et al.
    (2018, appendix A) estimate ‖G‖² and tr Σ.
    """

    every: int = static(10, at_least=1)

    def effort(self, condition: Condition) -> float:
        return 4.0 * condition.task.samples

    def series(self, condition: Condition) -> Mapping[str, SeriesKind]:
        return {
            "gradient_noise": "epoch",
            "gradient_norm2": "epoch",
            "batch_gradient_noise": "epoch",
            "batch_gradient_norm2": "epoch",
        }

    def at_epoch(self, probing: Probing, key: "Array") -> "dict[str, Array]":
        import jax
        import jax.numpy as jnp
        from jax.flatten_util import ravel_pytree

        def gradient(x: Any, y: Any) -> Any:
            return ravel_pytree(jax.grad(probing.loss)(probing.params, x, y))[0]

        def sample_norm2(pair: Any) -> Any:
            g = gradient(pair[0][None], pair[1][None])
            return jnp.sum(g * g)

        x, y = probing.split.train.all()
        mean = gradient(x, y)
        norm2 = jnp.sum(mean * mean)
        per_sample = jax.lax.map(sample_norm2, (x, y), batch_size=min(_CHUNK, y.shape[0]))

        def batch(inputs: Any) -> Any:
            g = gradient(*self._take(probing, *inputs))
            return jnp.sum((g - mean) ** 2), jnp.sum(g * g)

        noise, batch_norm2 = jax.lax.map(batch, self._batches(probing, key))
        return {
            "gradient_noise": jnp.mean(per_sample) - norm2,
            "gradient_norm2": norm2,
            "batch_gradient_noise": jnp.mean(noise),
            "batch_gradient_norm2": jnp.mean(batch_norm2),
        }

    def _batches(self, probing: Probing, key: "Array") -> Any:
        """A key and the positions of each full batch."""
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.random import permutation

        condition = probing.condition
        size = condition.batch_size
        if condition.training.order == "fresh":
            steps = condition.steps_per_epoch
            return jax.random.split(key, steps), jnp.zeros((steps, 0), jnp.int32)
        steps = condition.task.samples // size
        rows = permutation(key, condition.task.samples)[: steps * size].reshape(steps, size)
        return jax.random.split(key, steps), rows

    def _take(self, probing: Probing, key: "Array", rows: "Array") -> Any:
        condition = probing.condition
        if condition.training.order == "fresh":
            return condition.task.fresh(probing.pool, key, condition.batch_size)
        return probing.split.train.take(rows)

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

    def reads(self, condition: Condition) -> tuple[str, ...] | None:
        return None if condition.training.order == "fresh" else ("training.order",)

    def takes(self, condition: Condition) -> tuple[str, ...]:
        return () if condition.training.order == "fresh" else ("batch_size",)

    def at_epoch(self, probing: Probing, key: "Array") -> "dict[str, Array]":
        import jax.numpy as jnp

        mean = self._gradient(probing, *probing.split.train.all())
        norm2 = jnp.sum(mean * mean)
        fresh = probing.condition.training.order == "fresh"
        of_batches = self._of_fresh_batches if fresh else self._of_batches
        per_sample, noise, batch_norm2 = of_batches(probing, key, mean)
        return {
            "gradient_noise": per_sample - norm2,
            "gradient_norm2": norm2,
            "batch_gradient_noise": noise,
            "batch_gradient_norm2": batch_norm2,
        }

    def _gradient(self, probing: Probing, x: Any, y: Any) -> Any:
        import jax
        from jax.flatten_util import ravel_pytree

        return ravel_pytree(jax.grad(probing.loss)(probing.params, x, y))[0]

    def _of_batches(self, probing: Probing, key: "Array", mean: Any) -> Any:
        """Means of ‖g‖² over samples, of ‖g_B − G‖² and ‖g_B‖² over reshuffled full batches.

        Sample by sample, so that one program serves all batch sizes.
        """
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.random import permutation

        train = probing.split.train
        size = jnp.asarray(probing.condition.batch_size).astype(jnp.int32)

        def sample(carry: Any, inputs: Any) -> Any:
            batch, sums = carry
            number, position = inputs
            g = self._gradient(probing, *train.take(position[None]))
            batch = batch + g
            full = (number + 1) % size == 0

            def ended() -> Any:
                of_batch = batch / size.astype(batch.dtype)
                off = of_batch - mean
                return jnp.zeros_like(batch), jnp.sum(off * off), jnp.sum(of_batch * of_batch)

            nothing = jnp.zeros((), batch.dtype)
            batch, *of_batch = jax.lax.cond(full, ended, lambda: (batch, nothing, nothing))
            return (batch, sums + jnp.stack([jnp.sum(g * g), *of_batch])), None

        numbers = jnp.arange(train.size, dtype=jnp.int32)
        start = jnp.zeros_like(mean), jnp.zeros((3,), mean.dtype)
        (_, sums), _ = jax.lax.scan(sample, start, (numbers, permutation(key, train.size)))
        batches = (train.size // size).astype(sums.dtype)
        return sums[0] / train.size, sums[1] / batches, sums[2] / batches

    def _of_fresh_batches(self, probing: Probing, key: "Array", mean: Any) -> Any:
        """The same of the batches of one epoch of fresh samples."""
        import jax
        import jax.numpy as jnp

        condition = probing.condition

        def sample_norm2(pair: Any) -> Any:
            g = self._gradient(probing, pair[0][None], pair[1][None])
            return jnp.sum(g * g)

        def batch(key: Any) -> Any:
            drawn = condition.task.fresh(probing.pool, key, condition.batch_size)
            g = self._gradient(probing, *drawn)
            return jnp.sum((g - mean) ** 2), jnp.sum(g * g)

        x, y = probing.split.train.all()
        per_sample = jax.lax.map(sample_norm2, (x, y), batch_size=min(_CHUNK, y.shape[0]))
        noise, norm2 = jax.lax.map(batch, jax.random.split(key, condition.steps_per_epoch))
        return jnp.mean(per_sample), jnp.mean(noise), jnp.mean(norm2)

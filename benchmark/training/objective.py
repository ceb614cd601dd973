"""Loss and accuracy of outputs against targets, sample by sample."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from benchmark.declare.parts import Loss


def sample_losses(
    loss: Loss, outputs: Float[Array, "batch output"], y: Num[Array, "batch ..."]
) -> Float[Array, " batch"]:
    """Loss of each sample: cross-entropy in nats, or ½‖output − target‖²."""
    if loss == "squared_error":
        return 0.5 * jnp.sum((outputs - y) ** 2, axis=-1)
    log_probability = jax.nn.log_softmax(outputs)
    return -jnp.take_along_axis(log_probability, y[:, None], axis=1)[:, 0]


def sample_hits(
    outputs: Float[Array, "batch output"], y: Num[Array, " batch"]
) -> Float[Array, " batch"]:
    """1 where the largest output is the class, else 0."""
    return (jnp.argmax(outputs, axis=-1).astype(y.dtype) == y).astype(jnp.float32)

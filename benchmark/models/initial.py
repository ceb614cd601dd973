"""Initial values of kernels, drawn in a way that compiles fast."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key


def glorot_uniform(
    key: Key[Array, ""], shape: tuple[int, ...], dtype: Any = jnp.float32
) -> Float[Array, "*shape"]:
    """Uniform on ±√(6/(fan in + fan out)) (Glorot & Bengio 2010, equation 16).

    The numbers of Flax's initialiser, but drawn flat: a draw whose last axis is no power of
    two compiles several times as long.
    """
    receptive = 1
    for side in shape[:-2]:
        receptive *= side
    bound = (6 / (receptive * (shape[-2] + shape[-1]))) ** 0.5
    count = receptive * shape[-2] * shape[-1]
    return jax.random.uniform(key, (count,), dtype, -bound, bound).reshape(shape)

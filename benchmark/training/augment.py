"""Random changes of a batch, compiled into the training step."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from benchmark.declare.augmentation import Augmentation
from benchmark.declare.errors import require

Images = Float[Array, "batch height width channel"]


def augment(
    key: Key[Array, ""], x: Float[Array, "batch ..."], how: Augmentation
) -> Float[Array, "batch ..."]:
    """`x` changed at random, each sample in its own way.

    Shift, zoom, shear and flip are one affine map a sample, done as two passes of linear
    interpolation, along the columns and then along the rows: products with small matrices,
    where indexing pixel by pixel is slow on a CPU and under `vmap`.

    Raises:
        UserError: a change of images is asked for, but the samples are none.
    """
    for_map, for_noise = jax.random.split(key)
    moves = (how.shift, how.zoom, how.shear)
    if how.flip or any(move is not None for move in moves):
        require(
            x.ndim == 4,
            "Augmentation by shift, zoom, shear or flip needs images [height, width, "
            f"channel], but samples have the shape {x.shape[1:]}.",
        )
        x = _moved(for_map, x, how)
    if how.noise is not None:
        drawn = jax.random.normal(for_noise, (x.size,)).reshape(x.shape)
        x = x + drawn * jnp.asarray(how.noise, x.dtype)
    return x


def _moved(key: Key[Array, ""], x: Images, how: Augmentation) -> Images:
    """One random affine map of each image, edges repeated outside."""
    batch, height, width, _ = x.shape
    u = jax.random.uniform(key, (6 * batch,), minval=-1.0, maxval=1.0).reshape(6, batch)
    down, across = (_times(u[i], how.shift) for i in (0, 1))
    tall, wide = (1 + _times(u[i], how.zoom) for i in (2, 3))
    slant = _times(u[4], how.shear)
    mirrored = jnp.where(u[5] < 0, -1.0, 1.0) if how.flip else jnp.ones_like(u[5])

    rows, columns = _centred(height), _centred(width)
    # Where each row and column of the result comes from, in pixels from the centre.
    from_row = rows[None] / tall[:, None] + height * down[:, None]
    sheared = columns[None, None] + slant[:, None, None] * rows[None, :, None]
    from_column = mirrored[:, None, None] * sheared / wide[:, None, None]
    from_column = from_column + width * across[:, None, None]
    x = jnp.einsum("bij,bjwc->biwc", _interpolation(from_row, height), x)
    return jnp.einsum("bivw,biwc->bivc", _interpolation(from_column, width), x)


def _times(u: Float[Array, " batch"], size: float | Array | None) -> Float[Array, " batch"]:
    return jnp.zeros_like(u) if size is None else u * jnp.asarray(size, u.dtype)


def _centred(side: int) -> Float[Array, " side"]:
    return jnp.arange(side, dtype=jnp.float32) - (side - 1) / 2


def _interpolation(place: Float[Array, "*shape"], side: int) -> Float[Array, "*shape side"]:
    """Weights of `side` pixels for values at `place` (pixels from the centre)."""
    inside = jnp.clip(place + (side - 1) / 2, 0.0, side - 1.0)
    distance = inside[..., None] - jnp.arange(side, dtype=inside.dtype).reshape(
        (1,) * inside.ndim + (side,)
    )
    return jnp.maximum(0.0, 1.0 - jnp.abs(distance))

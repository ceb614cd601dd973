"""Pooling against JAX's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from benchmark.models.pooling import average_pool, max_pool, max_pool_overlapping
from helpers.numbers import agree, drawn


def windows(x, side, strides, padding):
    sides = (1, side, side, 1), (1, strides, strides, 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, *sides, padding)


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("shape", [(2, 6, 8, 3), (2, 7, 5, 3)])
def test_pooling(shape):
    x = drawn(*shape)
    pairs = (
        (max_pool, lambda x: windows(x, 2, 2, "VALID")),
        (max_pool_overlapping, lambda x: windows(x, 3, 2, ((0, 0), (1, 1), (1, 1), (0, 0)))),
    )
    for own, expected in pairs:
        agree(own(x), expected(x))
        agree(*(jax.grad(lambda x, f=f: jnp.sum(jnp.sin(f(x))))(x) for f in (own, expected)))
    cropped = np.asarray(x)[:, : shape[1] // 2 * 2, : shape[2] // 2 * 2]
    corners = [cropped[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    agree(average_pool(x), jnp.asarray(sum(corners) / 4))


def test_of_equal_values_the_first_gets_the_gradient():
    gradient = jax.grad(lambda x: jnp.sum(max_pool(x)))(jnp.ones((1, 4, 4, 1)))
    first = jnp.zeros((1, 4, 4, 1)).at[:, ::2, ::2].set(1.0)
    agree(gradient, first)

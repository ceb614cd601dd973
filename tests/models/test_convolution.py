"""The convolution against JAX's own."""

import jax
import jax.numpy as jnp
import pytest
from jax import lax

from benchmark.models.convolution import conv
from helpers.numbers import agree, drawn

# Image side(s), kernel side, strides, padding, input and output channels.
CASES = (
    (8, 8, 3, 1, "SAME", 1, 4),
    (7, 9, 3, 1, "SAME", 3, 17),
    (8, 8, 3, 2, "SAME", 3, 4),
    (7, 8, 3, 2, "VALID", 4, 4),
    (9, 8, 7, 2, "SAME", 3, 4),
    (8, 7, 5, 1, "VALID", 2, 18),
    (7, 6, 1, 2, "SAME", 3, 4),
    (8, 7, 2, 3, "VALID", 5, 4),
    (9, 8, 7, 1, "SAME", 5, 4),
)


def automatic(x, kernel, strides, padding):
    layout = ("NHWC", "HWIO", "NHWC")
    both = (strides, strides)
    return lax.conv_general_dilated(x, kernel, both, padding, dimension_numbers=layout)


def second_order(function):
    """Gradients in both arguments of a curved loss, and their derivative along the squares."""

    def loss(x, kernel):
        return jnp.sum(jnp.sin(function(x, kernel)))

    def everything(x, kernel):
        gradients = jax.grad(loss, (0, 1))
        return jax.jvp(gradients, (x, kernel), (x * x, kernel * kernel))

    return everything


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_and_hessian_vector_products_are_those_of_jax(case):
    height, width, side, strides, padding, inputs, outputs = case
    x, kernel = drawn(2, height, width, inputs), drawn(side, side, inputs, outputs, seed=1)

    def own(x, kernel):
        return conv(x, kernel, strides, padding)

    def naive(x, kernel):
        return automatic(x, kernel, strides, padding)

    agree(own(x, kernel), naive(x, kernel))
    agree(jax.jit(second_order(own))(x, kernel), jax.jit(second_order(naive))(x, kernel))


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)], ids=str)
@pytest.mark.parametrize("strides", [1, 2])
def test_side_by_side_is_one_after_the_other(axes, strides):
    x, kernel = drawn(3, 2, 6, 5, 2), drawn(3, 3, 3, 2, 4, seed=1)
    x, kernel = x if axes[0] == 0 else x[0], kernel if axes[1] == 0 else kernel[0]
    everything = second_order(lambda x, kernel: conv(x, kernel, strides))
    beside = jax.jit(jax.vmap(everything, axes))(x, kernel)
    one = jax.jit(everything)
    for lane in range(3):
        alone = one(x[lane] if axes[0] == 0 else x, kernel[lane] if axes[1] == 0 else kernel)
        agree(jax.tree.map(lambda part, lane=lane: part[lane], beside), alone)

"""Matrix products of dense layers for small batches."""

from functools import reduce
from operator import add
from typing import Any

import jax
from jaxtyping import Array, Float

_SMALL = 16


def dense_product(
    x: Float[Array, "*batch input"],
    kernel: Float[Array, "input output"],
    dimension_numbers: Any,
    precision: Any = None,
) -> Float[Array, "*batch output"]:
    """A `dot_general` for `nn.Dense` whose weight gradient suits small batches.

    The gradient xᵀδ of a few samples is written as a sum of outer products, which XLA fuses
    with what the optimizer makes of it: as a matrix product it is packed, computed and
    stored first, at a cost beyond that of the update itself.
    """
    if x.ndim == 2 and x.shape[0] <= _SMALL:
        return _few_samples(x, kernel)
    return jax.lax.dot_general(x, kernel, dimension_numbers, precision)


@jax.custom_vjp
def _few_samples(
    x: Float[Array, "batch input"], kernel: Float[Array, "input output"]
) -> Float[Array, "batch output"]:
    return x @ kernel


def _forward(x: Array, kernel: Array) -> tuple[Array, tuple[Array, Array]]:
    return x @ kernel, (x, kernel)


def _backward(saved: tuple[Array, Array], delta: Array) -> tuple[Array, Array]:
    x, kernel = saved
    # Not `delta @ kernel.T`, for which XLA copies the kernel into its transpose.
    to_x = jax.lax.dot_general(delta, kernel, (((1,), (1,)), ((), ())))
    outer = (a[:, None] * b[None, :] for a, b in zip(x, delta, strict=True))
    return to_x, reduce(add, outer)


_few_samples.defvjp(_forward, _backward)

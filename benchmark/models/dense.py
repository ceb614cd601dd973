"""Flax modules of the fully connected networks."""

from collections.abc import Callable
from functools import partial, reduce
from operator import add
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from benchmark.declare.network import Mode
from benchmark.models.initial import glorot_uniform

_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"relu": nn.relu, "tanh": jnp.tanh}


def dropout(
    key: Key[Array, ""], x: Float[Array, "*shape"], rate: float | Float[Array, ""]
) -> Float[Array, "*shape"]:
    """Inverted dropout (Srivastava et al. 2014, section 10) with a rate that may be traced."""
    keep = 1 - jnp.asarray(rate, x.dtype)
    # Drawn flat, which compiles faster when the last side is no power of two.
    kept = jax.random.uniform(key, (x.size,), x.dtype).reshape(x.shape) < keep
    return jnp.where(kept, x / keep, jnp.zeros_like(x))


class DenseNetwork(nn.Module):
    """Hidden layers with optional normalisation, an activation and optional dropout, then a
    linear layer.

    `batch_norm` makes a normalisation (`batch_norm.factory`), or is None.
    """

    widths: tuple[int, ...]
    outputs: int
    activation: str = "relu"
    dropout: Any = None
    batch_norm: Any = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ..."], mode: Mode
    ) -> Float[Array, "batch output"]:
        x = x.reshape(x.shape[0], -1)
        dense = partial(nn.Dense, kernel_init=glorot_uniform, dot_general=dense_product)
        plain = self.batch_norm is None
        for width in self.widths:
            # Normalisation would take a bias away again, and adds its own.
            x = dense(width, use_bias=plain)(x)
            x = x if plain else self.batch_norm()(x, mode)
            x = _ACTIVATIONS[self.activation](x)
            if mode.train and self.dropout is not None:
                x = dropout(self.make_rng("dropout"), x, self.dropout)
        return dense(self.outputs)(x)


class LinearNetwork(nn.Module):
    """One dense layer on the flattened input, with optional dropout of inputs."""

    outputs: int
    bias: bool = True
    start: str = "glorot"
    dropout: Any = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ..."], mode: Mode
    ) -> Float[Array, "batch output"]:
        zeros = self.start == "zeros"
        init = nn.initializers.zeros_init() if zeros else glorot_uniform
        x = x.reshape(x.shape[0], -1)
        if mode.train and self.dropout is not None:
            x = dropout(self.make_rng("dropout"), x, self.dropout)
        return nn.Dense(self.outputs, use_bias=self.bias, kernel_init=init)(x)


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

"""The products of images and kernels that convolutions and their gradients are made of.

Under `vmap`, where kernels of several runs would make grouped convolutions, which are slow
everywhere, shifted copies and one batched matrix product take their place.
"""

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from benchmark.models.bilinear import Product, bilinear

# Output channels that leave most registers of Eigen's matrix product (AVX-512) unused.
_THIN = 16


class Window(NamedTuple):
    """How a kernel moves over the image.

    Attributes:
        rows, columns: zeros before and after each axis.
        strides: from one place of the kernel to the next.
        apart: from one pixel of the image to the next; zeros lie in between.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    strides: int = 1
    apart: int = 1


class Products(NamedTuple):
    """The two products that a convolution and its gradients are made of."""

    forwards: Product  # (x, kernel) → y
    of_kernel: Product  # (x, ∂y) → ∂kernel


@cache
def products(window: Window, taps: tuple[int, int]) -> Products:
    """The products for kernels of so many rows and columns, each with its rule for `vmap`."""
    on_cpu = jax.default_backend() == "cpu"

    def forwards(x: Array, kernel: Array) -> Array:
        if on_cpu and _thin(x, kernel, window):
            return _in_pairs(x, kernel, window)
        return _canonical(x, kernel, window)

    def by_patches(x: Array, kernel: Array) -> Array:
        return _patches(x, taps, window) @ kernel.reshape(-1, kernel.shape[-1])

    def stacked(product: Product, x: Array, kernel: Array) -> Array:
        y = product(x.reshape(-1, *x.shape[2:]), kernel)
        return y.reshape(*x.shape[:2], *y.shape[1:])

    def of_kernel(x: Array, dy: Array) -> Array:
        if not on_cpu:
            kernel = jax.ShapeDtypeStruct((*taps, x.shape[-1], dy.shape[-1]), x.dtype)
            return jax.linear_transpose(lambda k: _canonical(x, k, window), kernel)(dy)[0]
        if window.strides > 1:
            return of_kernel_by_patches(x, dy)
        x, dy = x.transpose(3, 1, 2, 0), dy.transpose(1, 2, 0, 3)
        return _canonical(x, dy, window).transpose(1, 2, 0, 3)

    def of_kernel_by_patches(x: Array, dy: Array) -> Array:
        patches = _patches(x, taps, window)
        gradient = patches.reshape(-1, patches.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])
        return gradient.reshape(*taps, x.shape[-1], dy.shape[-1])

    return Products(
        bilinear(forwards, by_patches, stacked), bilinear(of_kernel, of_kernel_by_patches, None)
    )


def _canonical(x: Array, kernel: Array, window: Window) -> Array:
    return lax.conv_general_dilated(
        x,
        kernel,
        (window.strides, window.strides),
        (window.rows, window.columns),
        (window.apart, window.apart),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


def _thin(x: Array, kernel: Array, window: Window) -> bool:
    """Whether the convolution is done in pairs of columns, for speed alone."""
    even = (x.shape[2] + sum(window.columns)) % 2 == 0 and kernel.shape[1] % 2 == 1
    return kernel.shape[-1] <= _THIN and window.strides == window.apart == 1 and even


def _in_pairs(x: Array, kernel: Array, window: Window) -> Array:
    """`_canonical` with each two neighbouring columns as the channels of one.

    Two columns of the output see columns + 1 of the input, which are whole pairs.
    """
    rows, columns, inputs, outputs = kernel.shape
    x = jnp.pad(x, ((0, 0), (0, 0), window.columns, (0, 0)))
    batch, height, wide = x.shape[:3]
    none, zero = (0, 0, 0), jnp.zeros((), kernel.dtype)
    left, right = (
        lax.pad(kernel, zero, (none, fill, none, none)) for fill in ((0, 1, 0), (1, 0, 0))
    )
    both = jnp.concatenate([left, right], axis=-1)
    both = both.reshape(rows, (columns + 1) // 2, 2 * inputs, 2 * outputs)
    x = x.reshape(batch, height, wide // 2, 2 * inputs)
    y = _canonical(x, both, Window(window.rows, (0, 0)))
    return y.reshape(batch, y.shape[1], wide - columns + 1, outputs)


def _patches(x: Array, taps: tuple[int, int], window: Window) -> Array:
    """What the kernel sees at every place, as channels: shifted copies side by side."""
    none, between = (0, 0, 0), window.apart - 1
    edges = (none, (*window.rows, between), (*window.columns, between), none)
    # The barrier keeps XLA from computing x anew for every copy.
    x = lax.optimization_barrier(lax.pad(x, jnp.zeros((), x.dtype), edges))
    ends = [side - tap + 1 for side, tap in zip(x.shape[1:3], taps, strict=True)]
    shifted = [
        x[:, i : i + ends[0] : window.strides, j : j + ends[1] : window.strides]
        for i in range(taps[0])
        for j in range(taps[1])
    ]
    return jnp.concatenate(shifted, axis=-1)

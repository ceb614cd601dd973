"""The products of images and kernels that convolutions and their gradients are made of.

Under `vmap`, where kernels of several runs would make grouped convolutions, which are slow
everywhere, shifted copies and one batched matrix product take their place.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_batching import custom_vmap
from jaxtyping import Array

Product: TypeAlias = Callable[[Array, Array], Array]


def bilinear(
    product: Product, many: Product, stacked: Callable[[Product, Array, Array], Array] | None
) -> Product:
    """`product`, linear in both arguments, with an own rule for `vmap`.

    Args:
        product: how to compute it once.
        many: another way to the same numbers, better where it is mapped.
        stacked: (product, a with a leading axis, b) → the products for every a: a way that
            calls `product` once; None if there is none.

    The forward derivative is product(da, b) + product(a, db), by the same means; `vmap`
    never meets a derivative, nor the derivative a mapped call, whichever comes first.
    """
    mapped = custom_vmap(product)

    @mapped.def_vmap
    def rule(size: int, over: list[bool], a: Array, b: Array) -> tuple[Array, bool]:
        del size
        if stacked is not None and over == [True, False]:
            return stacked(mapped, a, b), True
        axes = tuple(0 if batched else None for batched in over)
        return jax.vmap(many, in_axes=axes)(a, b), True

    differentiable = jax.custom_jvp(mapped)

    @differentiable.defjvp
    def forward(primals: tuple[Array, Array], tangents: tuple[Array, Array]):
        (a, b), (da, db) = primals, tangents
        return differentiable(a, b), differentiable(da, b) + differentiable(a, db)

    return differentiable


# Output channels that fill the registers of Eigen's matrix product (AVX-512).
_WIDE = 32


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
        group = _columns_at_once(kernel, window) if on_cpu else 1
        if group > 1:
            return _in_groups(x, kernel, window, group)
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


def _columns_at_once(kernel: Array, window: Window) -> int:
    """How many neighbouring columns of the output are best computed as one, for speed alone."""
    columns, inputs, outputs = kernel.shape[1:]
    if window.strides != 1 or window.apart != 1 or columns == 1:
        return 1
    # Beyond these, more zeros are multiplied than registers filled.
    return max(1, min(8, _WIDE // outputs, max(2, _WIDE // inputs)))


def _in_groups(x: Array, kernel: Array, window: Window, group: int) -> Array:
    """`_canonical` with each few neighbouring columns as the channels of one.

    A group of columns of the output sees columns + group − 1 of the input, rounded up to
    whole groups by zeros in the kernel and behind the image.
    """
    rows, columns, inputs, outputs = kernel.shape
    wide = x.shape[2] + sum(window.columns) - columns + 1
    seen, groups = -(-(columns + group - 1) // group), -(-wide // group)
    before, length = window.columns[0], (groups - 1 + seen) * group
    x = jnp.pad(x, ((0, 0), (0, 0), (before, length - before - x.shape[2]), (0, 0)))
    none, zero = (0, 0, 0), jnp.zeros((), kernel.dtype)
    moved = [
        lax.pad(kernel, zero, (none, (shift, seen * group - columns - shift, 0), none, none))
        for shift in range(group)
    ]
    kernels = jnp.concatenate(moved, axis=-1)
    kernels = kernels.reshape(rows, seen, group * inputs, group * outputs)
    x = x.reshape(*x.shape[:2], length // group, group * inputs)
    y = _canonical(x, kernels, Window(window.rows, (0, 0)))
    return y.reshape(*y.shape[:2], groups * group, outputs)[:, :, :wide]


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

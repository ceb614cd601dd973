"""Convolutions that are fast inside a loop on a CPU, backwards too.

XLA computes a convolution in canonical form (NHWC input, HWIO kernel, no dilation) near the
peak of a core. Those that automatic differentiation makes are not canonical, XLA does not
turn them round inside a loop body, and they take up to a hundred times as long. Here the
convolutions that XLA sees are in that form: with x the input, K the kernel and ∂ the
gradient of the loss,

    y  = x ⋆ K
    ∂x = ∂y ⋆ K turned by 180° with its channel axes swapped; for a strided one with zeros
         between the pixels of ∂y, which XLA does well in this layout
    ∂K = x ⋆ ∂y with samples in the place of channels: x as [C, H, W, N], ∂y as the kernel
         [H, W, N, O]; for a strided one a product with shifted copies of x

Under `vmap`, where kernels of several runs would make grouped convolutions, which are slow
everywhere, shifted copies and one batched matrix product take their place.
"""

from functools import cache
from typing import Any, Literal, NamedTuple, TypeAlias

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from benchmark.models.bilinear import Product, bilinear
from benchmark.models.initial import glorot_uniform

Padding: TypeAlias = Literal["SAME", "VALID"]

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


def conv(
    x: Float[Array, "batch height width inputs"],
    kernel: Float[Array, "rows columns inputs outputs"],
    strides: int = 1,
    padding: Padding = "SAME",
) -> Float[Array, "batch high wide outputs"]:
    """Convolution (cross-correlation, as everywhere in deep learning), padded with zeros.

    "SAME" gives ⌈height/strides⌉ rows as TensorFlow pads; "VALID" uses no padding.
    Differentiable in reverse mode in both arguments, and that gradient in forward mode
    (Hessian-vector products), both under `vmap`; not in forward mode alone, nor twice in
    reverse mode.
    """
    rows, columns, inputs = kernel.shape[:3]
    if rows == columns == 1:
        return x[:, ::strides, ::strides] @ kernel[0, 0]
    if 1 < inputs < 4:
        # Colours: up to four times as fast with a fourth one of zeros.
        none, more = (0, 0), (0, 4 - inputs)
        x, kernel = jnp.pad(x, (none,) * 3 + (more,)), jnp.pad(kernel, (none, none, more, none))
    height, width = x.shape[1:3]
    window = Window(
        _zeros(height, rows, strides, padding),
        _zeros(width, columns, strides, padding),
        strides,
    )
    return _conv(x, kernel, window)


def _zeros(length: int, taps: int, strides: int, padding: Padding) -> tuple[int, int]:
    """Zeros before and after."""
    if padding == "VALID":
        return 0, 0
    lacking = max((-(-length // strides) - 1) * strides + taps - length, 0)
    return lacking // 2, lacking - lacking // 2


def _plain(x: Array, kernel: Array, window: Window) -> Array:
    return _products(window, kernel.shape[:2]).forwards(x, kernel)


def _saving(x: Array, kernel: Array, window: Window) -> tuple[Array, tuple[Array, Array]]:
    return _plain(x, kernel, window), (x, kernel)


def _backward(window: Window, saved: tuple[Array, Array], dy: Array) -> tuple[Array, Array]:
    x, kernel = saved
    taps = kernel.shape[:2]
    d_kernel = _products(window, taps).of_kernel(x, dy)
    turned = kernel[::-1, ::-1].swapaxes(2, 3)
    rest = []
    for tap, (before, _), length, size in zip(
        taps, window[:2], x.shape[1:3], dy.shape[1:3], strict=True
    ):
        last = (size - 1) * window.strides
        rest.append((tap - 1 - before, length - 1 - last + before))
    over_output = Window(*rest, apart=window.strides)
    return _products(over_output, taps).forwards(dy, turned), d_kernel


_conv: Any = jax.custom_vjp(_plain, nondiff_argnums=(2,))
_conv.defvjp(_saving, _backward)


class _Products(NamedTuple):
    """The two products that a convolution and its gradients are made of."""

    forwards: Product  # (x, kernel) → y
    of_kernel: Product  # (x, ∂y) → ∂kernel


@cache
def _products(window: Window, taps: tuple[int, int]) -> _Products:
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

    return _Products(
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


class Conv(nn.Module):
    """A convolutional layer: kernel Glorot-uniform, bias zero, as Keras starts them."""

    features: int
    kernel: int
    strides: int = 1
    padding: Padding = "SAME"
    bias: bool = True

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width inputs"]
    ) -> Float[Array, "batch high wide features"]:
        shape = (self.kernel, self.kernel, x.shape[-1], self.features)
        y = conv(x, self.param("kernel", glorot_uniform, shape), self.strides, self.padding)
        if not self.bias:
            return y
        bias = self.param("bias", nn.initializers.zeros_init(), (self.features,))
        return y + bias[None, None, None]

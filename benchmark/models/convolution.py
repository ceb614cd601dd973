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
"""

from typing import Any, Literal, TypeAlias

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from benchmark.models.convolution_products import Window, products
from benchmark.models.initial import glorot_uniform

Padding: TypeAlias = Literal["SAME", "VALID"]


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
    return products(window, kernel.shape[:2]).forwards(x, kernel)


def _saving(x: Array, kernel: Array, window: Window) -> tuple[Array, tuple[Array, Array]]:
    return _plain(x, kernel, window), (x, kernel)


def _backward(window: Window, saved: tuple[Array, Array], dy: Array) -> tuple[Array, Array]:
    x, kernel = saved
    taps = kernel.shape[:2]
    d_kernel = products(window, taps).of_kernel(x, dy)
    turned = kernel[::-1, ::-1].swapaxes(2, 3)
    rest = []
    for tap, (before, _), length, size in zip(
        taps, window[:2], x.shape[1:3], dy.shape[1:3], strict=True
    ):
        last = (size - 1) * window.strides
        rest.append((tap - 1 - before, length - 1 - last + before))
    over_output = Window(*rest, apart=window.strides)
    return products(over_output, taps).forwards(dy, turned), d_kernel


_conv: Any = jax.custom_vjp(_plain, nondiff_argnums=(2,))
_conv.defvjp(_saving, _backward)


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

"""Flax modules of the convolutional networks."""

from typing import Any

import flax.linen as nn
from jaxtyping import Array, Float

from benchmark.declare.errors import UserError
from benchmark.declare.network import Mode
from benchmark.models.convolution import Conv
from benchmark.models.dense import dropout
from benchmark.models.initial import glorot_uniform
from benchmark.models.pooling import (
    average_pool,
    global_average,
    max_pool,
    max_pool_overlapping,
)

_POOLING = {"max": max_pool, "average": average_pool, "none": lambda x: x}


class ConvolutionalNetwork(nn.Module):
    """Blocks of convolutions, each block pooled; then dense layers.

    `batch_norm` makes a normalisation (`batch_norm.factory`), or is None.
    """

    blocks: tuple[int, ...]
    convolutions: int
    kernel: int
    pool: str
    head: str
    dense: tuple[int, ...]
    outputs: int
    dropout: Any = None
    block_dropout: Any = None
    batch_norm: Any = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], mode: Mode
    ) -> Float[Array, "batch output"]:
        for channels in self.blocks:
            for _ in range(self.convolutions):
                x = self._activated(Conv(channels, self.kernel, bias=self._bias)(x), mode)
            x = self._dropped(self._pooled(x), self.block_dropout, mode)
        x = global_average(x) if self.head == "average" else x.reshape(x.shape[0], -1)
        for width in self.dense:
            dense = nn.Dense(width, use_bias=self._bias, kernel_init=glorot_uniform)
            x = self._dropped(self._activated(dense(x), mode), self.dropout, mode)
        return nn.Dense(self.outputs, kernel_init=glorot_uniform)(x)

    @property
    def _bias(self) -> bool:
        # Normalisation takes a constant away again, and adds its own.
        return self.batch_norm is None

    def _activated(self, x: Array, mode: Mode) -> Array:
        return nn.relu(x if self.batch_norm is None else self.batch_norm()(x, mode))

    def _pooled(self, x: Array) -> Array:
        if self.pool != "none" and min(x.shape[1:3]) < 2:
            raise UserError(
                f"CNN.blocks has {len(self.blocks)} blocks, each of which halves the image, "
                "but nothing is left of the task's images before the last; use fewer blocks, "
                "larger images or pool='none'."
            )
        return _POOLING[self.pool](x)

    def _dropped(self, x: Array, rate: Any, mode: Mode) -> Array:
        if rate is None or not mode.train:
            return x
        return dropout(self.make_rng("dropout"), x, rate)


class ResidualBlock(nn.Module):
    """x + F(x), with F two 3×3 convolutions, or 1×1, 3×3 and 1×1 to four times the width.

    Source: He et al. (2016), figure 5. Where the shape changes, x goes through a 1×1
    convolution; the stride is that of the 3×3 one (Goyal et al. 2017, as PyTorch has it).
    """

    width: int
    strides: int
    bottleneck: bool
    batch_norm: Any

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width inputs"], mode: Mode
    ) -> Float[Array, "batch high wide outputs"]:
        if self.bottleneck:
            layers = ((self.width, 1, 1), (self.width, 3, self.strides), (4 * self.width, 1, 1))
        else:
            layers = ((self.width, 3, self.strides), (self.width, 3, 1))
        y = x
        for depth, (channels, kernel, strides) in enumerate(layers):
            y = nn.relu(y) if depth else y
            y = self._normalised(Conv(channels, kernel, strides, bias=False)(y), mode)
        if x.shape != y.shape:
            shortcut = Conv(y.shape[-1], 1, self.strides, bias=False)
            x = self._normalised(shortcut(x), mode)
        return nn.relu(x + y)

    def _normalised(self, x: Array, mode: Mode) -> Array:
        return self.batch_norm()(x, mode)


class ResidualNetwork(nn.Module):
    """A stem, stages of residual blocks that halve the image and double the width, a mean."""

    stages: tuple[int, ...]
    width: int
    bottleneck: bool
    stem: str
    outputs: int
    batch_norm: Any

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], mode: Mode
    ) -> Float[Array, "batch output"]:
        imagenet = self.stem == "imagenet"
        x = Conv(self.width, 7 if imagenet else 3, 2 if imagenet else 1, bias=False)(x)
        x = nn.relu(self.batch_norm()(x, mode))
        x = max_pool_overlapping(x) if imagenet else x
        for stage, blocks in enumerate(self.stages):
            for block in range(blocks):
                strides = 2 if stage > 0 and block == 0 else 1
                width = self.width * 2**stage
                x = ResidualBlock(width, strides, self.bottleneck, self.batch_norm)(x, mode)
        x = global_average(x)
        return nn.Dense(self.outputs, kernel_init=glorot_uniform)(x)

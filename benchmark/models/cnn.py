"""Convolutional networks without shortcuts."""

from dataclasses import dataclass
from typing import Literal

from benchmark.declare.fields import static, traced
from benchmark.declare.network import Network
from benchmark.models.normalised import Normalised


@dataclass(frozen=True)
class CNN(Normalised):
    """Blocks of convolutions with pooling, then dense layers; Keras' initialisation.

    Every convolution and hidden dense layer is followed by a ReLU.

    Attributes:
        blocks: channels of each block.
        convolutions: convolutions per block.
        kernel: side of their kernels.
        pool: after each block, over 2 × 2 pixels.
        head: what makes the last image flat: all of it, or its mean over pixels.
        dense: units of each hidden dense layer.
        dropout: rate after each hidden dense layer, or None.
        block_dropout: rate after each block, or None.
        batch_norm: momentum of batch normalisation before each ReLU, or None for a network
            without it. Layers before a normalisation have no bias.
    """

    blocks: tuple[int, ...] = (16, 32, 64)
    convolutions: int = static(1, at_least=1)
    kernel: int = static(3, at_least=1)
    pool: Literal["max", "average", "none"] = "max"
    head: Literal["flatten", "average"] = "flatten"
    dense: tuple[int, ...] = ()
    dropout: float | None = traced(None, at_least=0, below=1)
    block_dropout: float | None = traced(None, at_least=0, below=1)
    batch_norm: float | None = traced(None, at_least=0, below=1)

    def network(self, outputs: int) -> Network:
        from benchmark.models.convnets import ConvolutionalNetwork
        from benchmark.models.flax_network import from_flax

        module = ConvolutionalNetwork(
            self.blocks,
            self.convolutions,
            self.kernel,
            self.pool,
            self.head,
            self.dense,
            outputs,
            self.dropout,
            self.block_dropout,
            self.normalisation(),
        )
        stochastic = self.dropout is not None or self.block_dropout is not None
        return from_flax(module, stochastic, self.follow())

    def effort(self, side: int = 8) -> float:
        # Small networks are bound by memory: by the outputs of the first block.
        outputs = self.convolutions * side**2 * self.blocks[0]
        normalised = 1 if self.batch_norm is None else 2
        return 1 + normalised * outputs / 125 + self.products(side, 1) / 100_000

    @property
    def evaluation_batch(self) -> int:
        return 128

    def products(self, side: int, channels: int) -> int:
        """Multiplications per sample and forward pass in the convolutions."""
        count = 0
        for width in self.blocks:
            for _ in range(self.convolutions):
                count += side**2 * self.kernel**2 * channels * width
                channels = width
            side = side if self.pool == "none" else max(side // 2, 1)
        return count

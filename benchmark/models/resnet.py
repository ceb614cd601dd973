"""Residual networks."""

from dataclasses import dataclass
from typing import Literal

from benchmark.declare.fields import static, traced
from benchmark.declare.network import Network
from benchmark.models.normalised import Normalised


@dataclass(frozen=True)
class ResNet(Normalised):
    """A residual network (He et al. 2016); kernels Glorot-uniform.

    ResNet-18 and -34 are stages (2, 2, 2, 2) and (3, 4, 6, 3); ResNet-50 is the latter with
    `bottleneck`. No convolution has a bias, as batch normalisation follows each.

    Attributes:
        stages: residual blocks of each stage; every stage after the first halves the image
            and doubles the width.
        width: channels of the first stage (four times as many leave it with `bottleneck`).
        bottleneck: blocks of 1×1, 3×3 and 1×1 convolutions instead of two 3×3 ones.
        stem: "imagenet", a 7×7 convolution and max-pooling, which make the image four times
            smaller; or "small", a 3×3 convolution.
        batch_norm: momentum of the moving statistics.
    """

    stages: tuple[int, ...] = (2, 2, 2, 2)
    width: int = static(64, at_least=1)
    bottleneck: bool = False
    stem: Literal["imagenet", "small"] = "imagenet"
    batch_norm: float = traced(0.99, at_least=0, below=1)

    def network(self, outputs: int) -> Network:
        from benchmark.models.convnets import ResidualNetwork
        from benchmark.models.flax_network import from_flax

        return from_flax(
            ResidualNetwork(
                self.stages,
                self.width,
                self.bottleneck,
                self.stem,
                outputs,
                self.normalisation(),
            ),
            follow=self.follow(),
        )

    def effort(self, side: int = 8) -> float:
        return 1 + self.products(side, 1) / 6_000

    @property
    def evaluation_batch(self) -> int:
        return 128

    def products(self, side: int, channels: int) -> int:
        """Multiplications per sample and forward pass in the convolutions."""
        imagenet = self.stem == "imagenet"
        inputs, grown = self.width, 4 if self.bottleneck else 1
        side = -(-side // 2) if imagenet else side
        count = side**2 * (49 if imagenet else 9) * channels * inputs
        side = -(-side // 2) if imagenet else side
        for stage, blocks in enumerate(self.stages):
            width, before = self.width * 2**stage, side
            side = -(-side // 2) if stage else side
            outputs = grown * width
            for block in range(blocks):
                if self.bottleneck:
                    entry = before if block == 0 else side
                    count += entry**2 * inputs * width + side**2 * width * (9 * width + outputs)
                else:
                    count += side**2 * 9 * (inputs + width) * width
                if inputs != outputs or before != side and block == 0:
                    count += side**2 * inputs * outputs
                inputs = outputs
        return count

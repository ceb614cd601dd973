"""PyTorch's convolutional networks for the comparison, in both layouts of memory."""

# PyTorch is optional, so the type checker may not find it.
# pyright: reportMissingImports=false

from collections.abc import Callable
from typing import Any

from benchmark.speed.pytorch import OPTIMIZERS, batches, training_step


def forms(network: str, batch_size: int) -> list[Callable[[], None]]:
    """Training steps of every layout with every form of the optimizer.

    Args:
        network: "cnn": three 3×3 convolutions with 16, 32 and 64 channels, each with ReLU and
            2×2 max-pooling, and a dense layer, on 1024 images of 16×16, Adam; or "resnet": a
            3×3 convolution and three basic blocks of widths 16, 32 and 64 with batch
            normalisation, on 256 images of 32×32, SGD with momentum 0.9.
        batch_size: samples per step.
    """
    return [
        _form(network, batch_size, last, options)
        for last in (True, False)
        for options in OPTIMIZERS
    ]


def _form(
    network: str, batch_size: int, channels_last: bool, options: dict[str, Any]
) -> Callable[[], None]:
    import torch

    count, side = (1024, 16) if network == "cnn" else (256, 32)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    # How fast a step is does not depend on what the images show.
    x = torch.randn(count, 1, side, side).contiguous(memory_format=layout)
    y = torch.randint(0, 5, (count,))
    if network == "cnn":
        model = _cnn().to(memory_format=layout)
        optimizer: Any = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
    else:
        model = _resnet().to(memory_format=layout)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, **options)
    return training_step(model, optimizer, batches(x, y, batch_size))


def _cnn() -> Any:
    from torch import nn

    layers: list[Any] = []
    for inputs, outputs in ((1, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 5))


def _resnet() -> Any:
    import torch
    from torch import nn

    def normalised(inputs: int, outputs: int, side: int, stride: int) -> Any:
        convolution = nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(outputs))

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = normalised(inputs, outputs, 3, stride)
            self.second = normalised(outputs, outputs, 3, 1)
            same = inputs == outputs
            self.shortcut = nn.Identity() if same else normalised(inputs, outputs, 1, stride)

        def forward(self, x: Any) -> Any:
            y = self.second(torch.relu_(self.first(x)))
            return torch.relu_(y + self.shortcut(x))

    return nn.Sequential(
        normalised(1, 16, 3, 1),
        nn.ReLU(True),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 5),
    )

"""Networks behind `init` and `apply`; what own models are made of loads on first use."""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use
from benchmark.models.cnn import CNN
from benchmark.models.lstm import LSTM
from benchmark.models.mlp import MLP, Linear, Point
from benchmark.models.resnet import ResNet

if TYPE_CHECKING:
    from benchmark.declare.network import Mode, Network
    from benchmark.models.dense import dropout
    from benchmark.models.flax_network import from_flax

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.models.dense": "dropout",
        "benchmark.declare.network": "Mode Network",
        "benchmark.models.flax_network": "from_flax",
    },
)

__all__ = [
    "CNN",
    "LSTM",
    "MLP",
    "Linear",
    "Mode",
    "Network",
    "Point",
    "ResNet",
    "dropout",
    "from_flax",
]

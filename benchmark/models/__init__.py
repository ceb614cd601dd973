"""Networks behind `init` and `apply`."""

from benchmark.models.cnn import CNN
from benchmark.models.mlp import LSTM, MLP, Linear, Point
from benchmark.models.resnet import ResNet

__all__ = ["CNN", "LSTM", "MLP", "Linear", "Point", "ResNet"]

"""Networks behind `init` and `apply`."""

from benchmark.models.mlp import LSTM, MLP, Linear, Point

__all__ = ["LSTM", "MLP", "Linear", "Point"]

"""Recurrent networks over sequences."""

from dataclasses import dataclass

from benchmark.declare.fields import static, traced
from benchmark.declare.network import Network
from benchmark.models.normalised import Normalised


@dataclass(frozen=True)
class LSTM(Normalised):
    """Stacked LSTM layers and a dense layer on the last step; Keras' initialisation.

    Attributes:
        widths: units of each layer.
        dropout: rate after each layer, or None for a network without it.
        batch_norm: momentum of batch normalisation of each layer's outputs, or None for a
            network without it.
    """

    widths: tuple[int, ...] = static((64, 64))
    dropout: float | None = traced(None, at_least=0, below=1)
    batch_norm: float | None = traced(None, at_least=0, below=1)

    def network(self, outputs: int) -> Network:
        from benchmark.models.flax_network import from_flax
        from benchmark.models.lstm_network import LSTMNetwork

        module = LSTMNetwork(self.widths, outputs, self.dropout, self.normalisation())
        return from_flax(module, self.dropout is not None, self.follow())

    def effort(self, side: int = 8) -> float:
        # A hundred steps in time, each about as dear as a perceptron of that size.
        return 20 + self.parameters(1, 6) / 100

    def parameters(self, inputs: int, outputs: int) -> int:
        """Number of parameters for inputs of that many features per step."""
        sizes = (inputs, *self.widths)
        cells = sum(4 * b * (a + b + 1) for a, b in zip(sizes, sizes[1:], strict=False))
        normalised = 0 if self.batch_norm is None else 2 * sum(self.widths)
        return cells + normalised + (sizes[-1] + 1) * outputs

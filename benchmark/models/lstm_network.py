"""Stacked LSTM layers with a linear read-out of the last hidden state."""

from typing import Any

import flax.linen as nn
from jax import Array
from jaxtyping import Float

from benchmark.declare.network import Mode
from benchmark.models.dense import dropout
from benchmark.models.initial import glorot_uniform
from benchmark.models.recurrent import LSTMLayer


class LSTMNetwork(nn.Module):
    """LSTM layers of the given `widths`, dropout after each, and a dense layer.

    `dropout` is the probability of zeroing a unit at one time step, in [0, 1). It may be a
    traced value, so that a sweep over it compiles once; None leaves dropout out of the
    program. Random numbers come from the stream named "dropout".

    `batch_norm` makes a normalisation (`batch_norm.factory`) of each layer's outputs over
    samples and time steps (of the last layer: of its last hidden state), before dropout; or
    is None.
    """

    widths: tuple[int, ...]
    outputs: int
    dropout: float | Array | None = None
    batch_norm: Any = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch time features"], mode: Mode
    ) -> Float[Array, "batch outputs"]:
        for layer, width in enumerate(self.widths):
            x = LSTMLayer(width, return_sequences=layer < len(self.widths) - 1)(x)
            x = x if self.batch_norm is None else self.batch_norm()(x, mode)
            if mode.train and self.dropout is not None:
                x = dropout(self.make_rng("dropout"), x, self.dropout)
        return nn.Dense(self.outputs, kernel_init=glorot_uniform)(x)

"""Fully connected networks: linear maps, multilayer perceptrons, and a bare point."""

from dataclasses import dataclass
from typing import Literal

from benchmark.declare.fields import traced
from benchmark.declare.network import Network
from benchmark.declare.parts import Model
from benchmark.models.normalised import Normalised


@dataclass(frozen=True)
class MLP(Normalised):
    """A multilayer perceptron; kernels Glorot-uniform, biases zero.

    Attributes:
        widths: units of each hidden layer.
        activation: after each hidden layer.
        dropout: rate after each hidden layer, or None for a network without it.
        batch_norm: momentum of batch normalisation before each activation, or None for a
            network without it. Layers before a normalisation have no bias.
    """

    widths: tuple[int, ...] = (64, 64)
    activation: Literal["relu", "tanh"] = "relu"
    dropout: float | None = traced(None, at_least=0, below=1)
    batch_norm: float | None = traced(None, at_least=0, below=1)

    def network(self, outputs: int) -> Network:
        from benchmark.models.dense import DenseNetwork
        from benchmark.models.flax_network import from_flax

        module = DenseNetwork(
            self.widths, outputs, self.activation, self.dropout, self.normalisation()
        )
        return from_flax(module, self.dropout is not None, self.follow())

    def effort(self, side: int = 8) -> float:
        return 0.3 + self.parameters(64, 10) / 13_000

    def parameters(self, inputs: int, outputs: int) -> int:
        """Number of parameters for flat inputs of that size."""
        sizes = (inputs, *self.widths, outputs)
        plain = sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))
        # Scale and shift in the place of the bias.
        return plain if self.batch_norm is None else plain + sum(self.widths)


@dataclass(frozen=True)
class Linear(Model):
    """A linear map.

    Attributes:
        bias: add a constant to each output.
        start: "glorot" uniform or "zeros".
        dropout: rate of the inputs, or None for a map without it.
    """

    bias: bool = True
    start: Literal["glorot", "zeros"] = "glorot"
    dropout: float | None = traced(None, at_least=0, below=1)

    def network(self, outputs: int) -> Network:
        from benchmark.models.dense import LinearNetwork
        from benchmark.models.flax_network import from_flax

        module = LinearNetwork(outputs, self.bias, self.start, self.dropout)
        return from_flax(module, stochastic=self.dropout is not None)


@dataclass(frozen=True)
class Point(Model):
    """The parameter itself, times the input: f(x) = w·x, one weight per output.

    Attributes:
        start: initial value of every weight.
    """

    start: float = traced(0.0)

    def network(self, outputs: int) -> Network:
        import jax.numpy as jnp

        return Network(
            init=lambda key, x: {
                "params": {"w": jnp.full((outputs,), self.start, jnp.float32)}
            },
            apply=lambda variables, x, mode, key: (
                x * variables["params"]["w"][None],
                variables,
            ),
        )

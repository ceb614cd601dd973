"""Optimizers: optax transformations in which every hyperparameter is a traced value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.declare.fields import value
from benchmark.declare.parts import Optimizer

if TYPE_CHECKING:
    import optax


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − ηg."""

    learning_rate: float = value(0.05, at_least=0)

    @property
    def threshold(self) -> float:
        """2/η."""
        return 2 / self.learning_rate

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Heavy-ball momentum: m ← βm + g, w ← w − ηm (Polyak 1964)."""

    learning_rate: float = value(0.05, at_least=0)
    momentum: float = value(0.9, at_least=0, below=1)

    @property
    def threshold(self) -> float:
        """2(1 + β)/η (Cohen et al. 2021, appendix B)."""
        return 2 * (1 + self.momentum) / self.learning_rate

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate, momentum=self.momentum)


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Nesterov's accelerated gradient, in the form of Sutskever et al. (2013)."""

    @property
    def threshold(self) -> float:
        """2(1 + β)/(η(1 + 2β)) (Cohen et al. 2021, appendix B)."""
        return 2 * (1 + self.momentum) / (self.learning_rate * (1 + 2 * self.momentum))

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate, momentum=self.momentum, nesterov=True)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop with Keras' defaults: w ← w − ηg/√(v + ε), v an average of g²."""

    learning_rate: float = value(0.001, at_least=0)
    decay: float = value(0.9, at_least=0, below=1)
    epsilon: float = value(1e-7, above=0)

    @property
    def threshold(self) -> float:
        """2/η, of the Hessian preconditioned by √(v + ε)."""
        return 2 / self.learning_rate

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.rmsprop(self.learning_rate, decay=self.decay, eps=self.epsilon)

    def preconditioner(self, state: Any) -> Any:
        import jax
        import jax.numpy as jnp
        import optax

        second = optax.tree.get(state, "nu")
        return jax.tree.map(lambda v: jnp.sqrt(v + self.epsilon), second)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma & Ba 2015) with Keras' defaults."""

    learning_rate: float = value(0.001, at_least=0)
    beta1: float = value(0.9, at_least=0, below=1)
    beta2: float = value(0.999, at_least=0, below=1)
    epsilon: float = value(1e-7, above=0)

    @property
    def threshold(self) -> float:
        """(2 + 2β₁)/((1 − β₁)η) of the preconditioned Hessian (Cohen et al. 2022)."""
        return (2 + 2 * self.beta1) / ((1 - self.beta1) * self.learning_rate)

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.adam(self.learning_rate, b1=self.beta1, b2=self.beta2, eps=self.epsilon)

    def preconditioner(self, state: Any) -> Any:
        import jax
        import jax.numpy as jnp
        import optax

        second, count = optax.tree.get(state, "nu"), optax.tree.get(state, "count")
        # Before the first step there is no second moment; 1 keeps the division defined.
        steps = jnp.maximum(count, 1).astype(jnp.float32)
        first_correction, second_correction = 1 - self.beta1**steps, 1 - self.beta2**steps
        return jax.tree.map(
            lambda v: first_correction * (jnp.sqrt(v / second_correction) + self.epsilon),
            second,
        )


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""

    weight_decay: float = value(0.004, at_least=0)

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.adamw(
            self.learning_rate,
            b1=self.beta1,
            b2=self.beta2,
            eps=self.epsilon,
            weight_decay=self.weight_decay,
        )

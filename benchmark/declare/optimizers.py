"""Optimizers: optax transformations in which every hyperparameter is a traced value.

Where frameworks compute differently, a field says which way; `benchmark.declare.frameworks`
knows which framework does what.
"""

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Literal

from benchmark.declare.fields import traced
from benchmark.declare.parts import Optimizer

if TYPE_CHECKING:
    import optax


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent: w ← w − ηg."""

    learning_rate: float = traced(0.05, at_least=0)

    @property
    def threshold(self) -> float:
        """2/η."""
        return 2 / self.learning_rate

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Heavy-ball momentum (Polyak 1964).

    Attributes:
        rate_in: where the rate η stands, which matters under a schedule: in the "step",
            m ← βm + g, w ← w − ηm, as in PyTorch; or in the "velocity", m ← βm − ηg,
            w ← w + m, as in Keras, so that a step goes on with the rates of the past.
    """

    learning_rate: float = traced(0.05, at_least=0)
    momentum: float = traced(0.9, at_least=0, below=1)
    _: KW_ONLY
    rate_in: Literal["step", "velocity"] = "step"

    @property
    def scheduled(self) -> Literal["step", "gradient"]:
        # A constant rate may stand in either place, so only the schedule's factor moves.
        return "gradient" if self.rate_in == "velocity" else "step"

    @property
    def threshold(self) -> float:
        """2(1 + β)/η (Cohen et al. 2021, appendix B)."""
        return 2 * (1 + self.momentum) / self.learning_rate

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate, momentum=self.momentum)


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Nesterov's accelerated gradient, in the form of Sutskever et al. (2013).

    m ← βm + g, w ← w − η(g + βm), with the rate where `rate_in` says.
    """

    @property
    def threshold(self) -> float:
        """2(1 + β)/(η(1 + 2β)) (Cohen et al. 2021, appendix B)."""
        return 2 * (1 + self.momentum) / (self.learning_rate * (1 + 2 * self.momentum))

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.sgd(self.learning_rate, momentum=self.momentum, nesterov=True)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop (Tieleman & Hinton 2012): w ← w − ηg/√(v + ε), v an average of g².

    All defaults, and the place of ε, are those of Keras 3.

    Attributes:
        epsilon_beside: the mean "square" v, √(v + ε), as in Keras 3; or its "root",
            √v + ε, as in Keras 2 and PyTorch.
    """

    learning_rate: float = traced(0.001, at_least=0)
    decay: float = traced(0.9, at_least=0, below=1)
    epsilon: float = traced(1e-7, above=0)
    _: KW_ONLY
    epsilon_beside: Literal["square", "root"] = "square"

    @property
    def threshold(self) -> float:
        """2/η, of the Hessian preconditioned by √(v + ε) (or √v + ε)."""
        return 2 / self.learning_rate

    @property
    def _inside(self) -> bool:
        return self.epsilon_beside == "square"

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.rmsprop(
            self.learning_rate, self.decay, self.epsilon, eps_in_sqrt=self._inside
        )

    def preconditioner(self, state: Any) -> Any:
        import jax
        import jax.numpy as jnp
        import optax

        def root(v: Any) -> Any:
            return jnp.sqrt(v + self.epsilon) if self._inside else jnp.sqrt(v) + self.epsilon

        return jax.tree.map(root, optax.tree.get(state, "nu"))


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam (Kingma & Ba 2015): w ← w − ηm̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

    The default numbers are Keras' (ε = 10⁻⁷; PyTorch has 10⁻⁸), but the default place of ε is
    that of the paper's algorithm 1 and of PyTorch. Keras, all versions, has ε beside √v.

    Attributes:
        epsilon_beside: the "corrected_root" √v̂; or the "root" √v before its correction,
            w ← w − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√v + ε), the paper's ε̂. As √v̂ is √v divided
            by √(1 − β₂ᵗ), the same ε then weighs 1/√(1 − β₂) = 32 times as much at the
            first step, and as much after 1/(1 − β₂) steps or more.
    """

    learning_rate: float = traced(0.001, at_least=0)
    beta1: float = traced(0.9, at_least=0, below=1)
    beta2: float = traced(0.999, at_least=0, below=1)
    epsilon: float = traced(1e-7, above=0)
    _: KW_ONLY
    epsilon_beside: Literal["corrected_root", "root"] = "corrected_root"

    @property
    def threshold(self) -> float:
        """(2 + 2β₁)/((1 − β₁)η) of the preconditioned Hessian (Cohen et al. 2022)."""
        return (2 + 2 * self.beta1) / ((1 - self.beta1) * self.learning_rate)

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.chain(self._direction(), optax.scale_by_learning_rate(self.learning_rate))

    def _direction(self) -> "optax.GradientTransformation":
        """m̂/(√v̂ + ε), with ε where it belongs."""
        import optax

        def adam(steps: Any = None) -> optax.GradientTransformation:
            epsilon = self.epsilon if steps is None else self._beside_corrected(steps)
            return optax.scale_by_adam(self.beta1, self.beta2, epsilon)

        if self.epsilon_beside == "corrected_root":
            return adam()

        def update(updates: Any, state: Any, params: Any = None) -> Any:
            return adam(state.count + 1).update(updates, state, params)

        return optax.GradientTransformation(adam().init, update)

    def _beside_corrected(self, steps: Any) -> Any:
        """The ε that beside √v̂ does after so many steps what ours does where it stands."""
        import jax.numpy as jnp

        if self.epsilon_beside == "corrected_root":
            return self.epsilon
        return self.epsilon / jnp.sqrt(1 - self.beta2 ** steps.astype(jnp.float32))

    def preconditioner(self, state: Any) -> Any:
        import jax
        import jax.numpy as jnp
        import optax

        second, count = optax.tree.get(state, "nu"), optax.tree.get(state, "count")
        # Before the first step there is no second moment; 1 keeps the division defined.
        steps = jnp.maximum(count, 1).astype(jnp.float32)
        first_correction, second_correction = 1 - self.beta1**steps, 1 - self.beta2**steps
        epsilon = self._beside_corrected(steps)
        return jax.tree.map(
            lambda v: first_correction * (jnp.sqrt(v / second_correction) + epsilon), second
        )


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay, w ← w − ηλw beside Adam's step, after clipping.

    The default λ is that of Keras (PyTorch has 0.01). As in both, λ is multiplied by the rate
    and its schedule; in Loshchilov & Hutter (2019) by the schedule alone.
    """

    weight_decay: float = traced(0.004, at_least=0)

    def transformation(self) -> "optax.GradientTransformation":
        import optax

        return optax.chain(
            self._direction(),
            optax.add_decayed_weights(self.weight_decay),
            optax.scale_by_learning_rate(self.learning_rate),
        )

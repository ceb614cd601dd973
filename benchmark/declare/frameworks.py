"""What frameworks do where they differ, as presets: ``KERAS_3.adam(0.001)``.

The engine's own defaults are those of no framework: Keras' numbers, PyTorch's places of ε and
of the rate, a schedule that is read amid the step. ``tests/data/conventions.json`` holds what
Keras 3 and PyTorch computed on a small problem; of Keras 2, which cannot be installed beside
them, its source is what counts.
"""

from dataclasses import dataclass
from typing import Any, Literal

from benchmark.declare.fields import Declared
from benchmark.declare.optimizers import Adam, AdamW, Momentum, Nesterov, RMSprop
from benchmark.declare.schedules import Schedule
from benchmark.declare.training import Training


@dataclass(frozen=True, kw_only=True)
class Framework(Declared):
    """The choices and default numbers of one framework.

    Attributes:
        adam_epsilon, adam_epsilon_beside: of Adam and AdamW.
        adamw_decay: weight decay of AdamW.
        rmsprop_decay, rmsprop_epsilon, rmsprop_epsilon_beside: of RMSprop.
        rate_in: of momentum.
        running_variance, running_start: of batch normalisation.
        weighted_mean, printed_loss, clip_by, decay_order, average_start: of `Training`.
        reads: of schedules over steps.
    """

    adam_epsilon: float = 1e-7
    adam_epsilon_beside: Literal["corrected_root", "root"] = "root"
    adamw_decay: float = 0.004
    rmsprop_decay: float = 0.9
    rmsprop_epsilon: float = 1e-7
    rmsprop_epsilon_beside: Literal["square", "root"] = "square"
    rate_in: Literal["step", "velocity"] = "velocity"
    running_variance: Literal["biased", "unbiased"] = "biased"
    running_start: Literal["initial", "debiased"] = "initial"
    weighted_mean: Literal["samples", "weights"] = "samples"
    printed_loss: Literal["unweighted", "weighted", "objective"] = "objective"
    clip_by: Literal["global", "variable"] = "variable"
    decay_order: Literal["before_clipping", "after_clipping"] = "before_clipping"
    average_start: Literal["debiased", "first_step"] = "first_step"
    reads: Literal["middle", "beginning"] = "beginning"

    def momentum(self, learning_rate: float, momentum: float = 0.9) -> Momentum:
        """Stochastic gradient descent with heavy-ball momentum."""
        return Momentum(learning_rate, momentum, rate_in=self.rate_in)

    def nesterov(self, learning_rate: float, momentum: float = 0.9) -> Nesterov:
        """Stochastic gradient descent with Nesterov's momentum."""
        return Nesterov(learning_rate, momentum, rate_in=self.rate_in)

    def rmsprop(self, learning_rate: float) -> RMSprop:
        """RMSprop without momentum."""
        return RMSprop(
            learning_rate,
            self.rmsprop_decay,
            self.rmsprop_epsilon,
            epsilon_beside=self.rmsprop_epsilon_beside,
        )

    def adam(self, learning_rate: float) -> Adam:
        """Adam."""
        return Adam(
            learning_rate, epsilon=self.adam_epsilon, epsilon_beside=self.adam_epsilon_beside
        )

    def adamw(self, learning_rate: float) -> AdamW:
        """Adam with decoupled weight decay."""
        return AdamW(
            learning_rate,
            epsilon=self.adam_epsilon,
            weight_decay=self.adamw_decay,
            epsilon_beside=self.adam_epsilon_beside,
        )

    @property
    def running(self) -> dict[str, Any]:
        """Fields of a model with batch normalisation."""
        return {"running_variance": self.running_variance, "running_start": self.running_start}

    def training(self, **how: Any) -> Training:
        """``Training(**how)``, with the framework's choices unless `how` has others.

        A schedule is read where the framework reads one over steps unless it says itself.
        """
        names = ("weighted_mean", "printed_loss", "clip_by", "decay_order", "average_start")
        return Training(**{name: getattr(self, name) for name in names} | how)

    def schedule(self, kind: type[Schedule], **how: Any) -> Schedule:
        """A schedule of that kind over steps, such as ``KERAS_3.schedule(Cosine)``."""
        settings: dict[str, Any] = {"reads": self.reads} | how
        return kind(**settings)


KERAS_3 = Framework()
"""Keras 3 (2023 on). `clip_by` is of `clipnorm`; `global_clipnorm` is the other."""

KERAS_2_2 = Framework(
    rmsprop_epsilon_beside="root",
    running_variance="unbiased",
    running_start="debiased",
    clip_by="global",
)
"""Keras 2.1.3 to 2.2.5 on TensorFlow (January 2018 to August 2019), before it was tf.keras.

From 2.1.4 on for the variance; n/(n − 1.001) instead of n/(n − 1), and for images, where
TensorFlow corrects as well, twice: nothing to be seen with the thousands of pixels of a batch.
AdamW and averages of weights were not part of it.
"""

KERAS_2_1 = Framework(
    adam_epsilon=1e-8,
    rmsprop_epsilon=1e-8,
    rmsprop_epsilon_beside="root",
    clip_by="global",
)
"""Keras 2.0.0 to 2.1.2 on TensorFlow (March 2017 to December 2017)."""

PYTORCH = Framework(
    adam_epsilon=1e-8,
    adam_epsilon_beside="corrected_root",
    adamw_decay=0.01,
    rmsprop_decay=0.99,
    rmsprop_epsilon=1e-8,
    rmsprop_epsilon_beside="root",
    rate_in="step",
    running_variance="unbiased",
    weighted_mean="weights",
    printed_loss="weighted",
    clip_by="global",
    decay_order="after_clipping",
)
"""PyTorch, with a scheduler that is stepped after every batch, and `AveragedModel`."""

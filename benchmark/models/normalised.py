"""What models with batch normalisation have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from benchmark.declare.parts import Model


@dataclass(frozen=True, kw_only=True)
class Normalised(Model):
    """A model whose field `batch_norm` is the momentum of its moving statistics.

    The constant beside the variance is 10⁻³, as in Keras (PyTorch has 10⁻⁵).

    Attributes:
        running_variance: the variance of a batch that moves the stored one: "biased", as in
            Keras 3 and in Keras up to 2.1.2, or "unbiased", as in PyTorch, in Keras 2.1.4
            to 2.3.1, and for images in the tf.keras of TensorFlow 1 and 2.
        running_start: the stored statistics forget their "initial" mean 0 and variance 1
            like any batch; or they are "debiased", so that they know of batches only, as in
            Keras 2.1.3 to 2.2.5 on TensorFlow (`zero_debias`).
    """

    running_variance: Literal["biased", "unbiased"] = "biased"
    running_start: Literal["initial", "debiased"] = "initial"

    @property
    def in_training(self) -> "Normalised":
        """With any momentum: training does not read what normalisations have recorded."""
        if getattr(self, "batch_norm", None) is None:
            return self
        return replace(
            self, batch_norm=0.99, running_variance="biased", running_start="initial"
        )

    def follow(self) -> Callable[[Any, Any], Any] | None:
        """How its network's recorded statistics follow those of the batches, or None."""
        from benchmark.models.batch_norm import followed

        momentum = getattr(self, "batch_norm", None)
        if momentum is None:
            return None
        unbiased = self.running_variance == "unbiased"
        return lambda recorded, of_batch: followed(recorded, of_batch, momentum, unbiased)

    def normalisation(self) -> Any:
        """What makes the normalisation layers, or None."""
        from benchmark.models.batch_norm import factory

        momentum = getattr(self, "batch_norm", None)
        return factory(momentum, self.running_variance, self.running_start)

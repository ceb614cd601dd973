"""When training ends, and which weights are kept."""

from dataclasses import dataclass
from typing import Literal

from benchmark.declare.fields import Declared, traced


@dataclass(frozen=True)
class EarlyStopping(Declared):
    """Training ends when validation has stopped improving (Prechelt 1998).

    Epochs after the end repeat the kept weights. The series `selected_…` hold, at each
    epoch, the metrics of the weights that would be kept if training ended there. As these
    were chosen by validation, only `selected_test_…` says what they are worth.

    An epoch whose metric is NaN is never the best, as in Keras 2. In Keras 3 the first epoch
    always is: if it is NaN nothing is better than that, so that training ends after
    `patience` epochs, with the weights of the first.

    Attributes:
        patience: epochs without a new best before training ends.
        monitor: what must improve.
        best_weights: keep the weights of the best epoch rather than those of the last.
    """

    patience: int = traced(5, at_least=1)
    monitor: Literal["validation_loss", "validation_accuracy"] = "validation_loss"
    best_weights: bool = True

"""What of the numbers reaches the eye: printed epochs, and printed digits."""

import numpy as np

from benchmark.declare.series import parse
from benchmark.declare.training import Evaluation


def as_printed(evaluation: Evaluation, series: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The series as the practitioner's tool prints them.

    >>> losses = {"running_train_loss": np.float32([[np.nan, 4, 2, 1.26]])}
    >>> as_printed(Evaluation(passes_per_epoch=3, digits=1), losses)["running_train_loss"]
    array([[nan, nan, nan, 2.4]], dtype=float32)

    Args:
        evaluation: how one looks.
        series: name → [lane, epoch] or [lane, epoch, step].
    """
    passes, digits, printed = evaluation.passes_per_epoch, evaluation.digits, dict(series)
    for name, numbers in series.items():
        about = parse(name)
        if about.per_step or about.split == "":
            continue
        if passes > 1:
            numbers = _every(numbers, passes, over_all=about.look == "running")
        if digits is not None and (about.is_loss or about.is_share):
            numbers = np.round(numbers.astype(np.float64), digits).astype(numbers.dtype)
        printed[name] = numbers
    return printed


def _every(numbers: np.ndarray, passes: int, over_all: bool) -> np.ndarray:
    """Numbers at every so many epochs, of the last or means over all of them; else NaN."""
    thinned = np.full_like(numbers, np.nan)
    ends = np.arange(0, numbers.shape[1], passes)
    thinned[:, ends] = numbers[:, ends]
    if over_all:
        ends = ends[1:]
        epochs = ends[:, None] - np.arange(passes)[None, ::-1]
        thinned[:, ends] = numbers[:, epochs].mean(-1, dtype=np.float64)
    return thinned

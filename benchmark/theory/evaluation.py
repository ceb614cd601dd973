"""Closed forms of measurement: what evaluation itself does to a curve."""

import math

import numpy as np
from jaxtyping import Float


def seed_accuracy_variance(error: float, samples: int) -> float:
    """Variance over seeds of the accuracy on a fixed test set: err/(2n).

    Binary task, calibrated ensemble, errors independent between samples. Jordan 2023
    (arXiv:2304.01910).
    """
    return error / (2 * samples)


def population_error(accuracy: float, samples: int) -> float:
    """SD of an accuracy over test sets of n samples: √(p(1-p)/n)."""
    return math.sqrt(accuracy * (1 - accuracy) / samples)


def churn_variance(gained: float, lost: float, samples: int) -> float:
    """Variance of the change of accuracy between epochs on a fixed set: (b+c)/n².

    b samples became right and c wrong, in expectation, independently of each other (the
    variance of McNemar's statistic).
    """
    return (gained + lost) / samples**2


def batch_norm_initial_weight(momentum: float, steps: int) -> float:
    """Weight left on the initial running statistics after k steps: m^k."""
    return momentum**steps


def batch_norm_lag(momentum: float) -> float:
    """Steps by which running statistics lag behind a steady drift: m/(1-m)."""
    return momentum / (1 - momentum)


def batch_norm_noise_factor(momentum: float) -> float:
    """Variance of running statistics over that of the batch statistics: (1-m)/(1+m)."""
    return (1 - momentum) / (1 + momentum)


def running_metric_ratio(batches: int, decay_batches: float) -> float:
    """Running mean of the training loss over an epoch ÷ the loss at its end.

    (1-e^{-M/τ})e^{M/τ}/(M(1-e^{-1/τ})), for a loss e^{-t/τ} recorded before each of the M
    updates, t = 0 … M-1.

    Args:
        batches: M.
        decay_batches: τ, in batches.
    """
    return math.expm1(batches / decay_batches) / (-math.expm1(-1 / decay_batches) * batches)


def dropout_gap(
    keep: float,
    weights: Float[np.ndarray, "feature"],
    mean_square: Float[np.ndarray, "feature"],
) -> float:
    """Training-mode minus evaluation-mode ½·squared error of a linear model.

    (1-k)/(2k)·Σ w_j²⟨x_j²⟩ for inverted dropout on the inputs. Wager, Wang, Liang 2013
    (arXiv:1307.1493).

    Args:
        keep: keep probability k.
        weights: w.
        mean_square: ⟨x_j²⟩ over the samples.
    """
    return float((1 - keep) / (2 * keep) * np.sum(weights**2 * mean_square))


def input_noise_gap(noise_sd: float, weights: Float[np.ndarray, "feature"]) -> float:
    """The same for additive input noise of SD s: ½s²‖w‖². Bishop 1995."""
    return float(noise_sd**2 * np.sum(weights**2) / 2)


def flipped_accuracy(accuracy: float, flipped: float) -> float:
    """Accuracy measured on labels of which a share ρ is flipped: (1-2ρ)A + ρ. Binary."""
    return (1 - 2 * flipped) * accuracy + flipped


def leaked_accuracy(accuracy: float, train_accuracy: float, leak: float) -> float:
    """Accuracy on a set of which a share λ was trained on: λA_train + (1-λ)A."""
    return leak * train_accuracy + (1 - leak) * accuracy


def partial_pass_metric(
    by_class: Float[np.ndarray, "kind"], shares: Float[np.ndarray, "kind"]
) -> float:
    """Metric of a pass over part of an ordered set: the classes' values by their share."""
    return float(np.average(by_class, weights=shares))

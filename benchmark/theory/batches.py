"""Closed forms of batch order: what shuffling, sorting and ragged batches do to noise.

M batches per epoch; ηa is learning rate times curvature of the quadratic.
"""

import math

import numpy as np

from benchmark.declare.errors import require


def finite_population_factor(samples: int, batch_size: int) -> float:
    """Batch-gradient variance without replacement over that with: (N-B)/(N-1).

    σ²/B times this, with σ² the population variance (N in the denominator); 0 for a batch
    of all samples. Textbook (Cochran 1977, Sampling Techniques, theorem 2.2).
    """
    return (samples - batch_size) / (samples - 1)


def noise_scale(
    small_batch: float, large_batch: float, small_square: float, large_square: float
) -> tuple[float, float]:
    """Unbiased |G|² and tr Σ from the mean squared gradient norms at two batch sizes.

    |G|² = (B₂n₂-B₁n₁)/(B₂-B₁), tr Σ = (n₁-n₂)/(1/B₁-1/B₂); samples drawn with replacement.
    McCandlish et al. 2018 (arXiv:1812.06162), appendix A.1.

    Returns:
        Squared norm of the full gradient and trace of the per-sample covariance.
    """
    require(small_batch != large_batch, "noise_scale needs two different batch sizes.")
    signal = (large_batch * large_square - small_batch * small_square) / (
        large_batch - small_batch
    )
    trace = (small_square - large_square) / (1 / small_batch - 1 / large_batch)
    return signal, trace


def reshuffled_floor(
    learning_rate: float, curvature: float, batches: int, target_variance: float
) -> float:
    """Variance of w at epoch ends under random reshuffling of a quadratic's targets.

    (ηa)²s²[Σw_k² - (Σw_k)²/M]/(1-r^{2M}), w_k = r^{M-1-k}, r = 1-ηa, over k = 0 … M-1.

    Args:
        learning_rate: η.
        curvature: a.
        batches: M.
        target_variance: sample variance s² (M-1 in the denominator) of the batch targets.
    """
    strength = learning_rate * curvature
    ratio = 1 - strength
    weights = ratio ** np.arange(batches)
    spread = np.sum(weights**2) - np.sum(weights) ** 2 / batches
    return float(strength**2 * target_variance * spread / (1 - ratio ** (2 * batches)))


def reshuffled_correlation(lag: int, batches: int) -> float:
    """Correlation of the batch noise at a lag under reshuffling: -(1-h/M)/(M-1), 1 ≤ h < M.

    Averaged over places in the epoch; beyond M it is 0. Over an epoch the noise sums to
    zero. Kühn and Rosenow 2023 (arXiv:2306.05300).
    """
    if lag == 0:
        return 1.0
    return -(1 - lag / batches) / (batches - 1) if lag < batches else 0.0


def sorted_position(learning_rate: float, curvature: float, batches: int) -> float:
    """Distance of w from the mean at epoch ends when two classes come one after the other.

    (1-q)/(1+q), q = (1-ηa)^{M/2}: targets -1 for the first half of the epoch, +1 for the
    second (the sign is that of the class seen last); M even.
    """
    q = (1 - learning_rate * curvature) ** (batches / 2)
    return (1 - q) / (1 + q)


def ragged_batch_factor(samples: int, batch_size: int) -> float:
    """How much more each sample of the last batch weighs, and its noise variance: B/b_last.

    1 if the batch size divides the samples.
    """
    return batch_size / (samples % batch_size or batch_size)


def minority_absent(share: float, batch_size: int) -> float:
    """Probability that a batch holds no sample of a class of this share: (1-π)^B."""
    return (1 - share) ** batch_size


def validation_passes(samples: int, batch_size: int, batches_per_pass: int) -> int:
    """Period of a validation pass that goes on where the last one stopped.

    M_v/gcd(M_v, s) passes, M_v = ⌈N/b⌉ batches, s batches per pass, without shuffling.
    """
    batches = math.ceil(samples / batch_size)
    return batches // math.gcd(batches, batches_per_pass)

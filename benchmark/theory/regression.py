"""Closed forms of linear regression: online floors, label flips, double descent."""

import math


def regression_floor(
    learning_rate: float, features: int, noise_trace: float, batch_size: float = 1
) -> float:
    """Stationary E‖w-w*‖² of online least squares: η·S/(B(2-η(1+(d+1)/B))).

    Fresh samples at each step, d Gaussian features of unit covariance, loss ½(w·x-y)².
    S is the trace of the gradient covariance at the minimiser: τ²d for residual variance
    τ² (see `flip_noise_trace` for flipped labels). Diverges at `critical_rate`; near it
    moments are heavy-tailed, so compare means only below half of it.
    """
    stiffness = 2 - learning_rate * (1 + (features + 1) / batch_size)
    return learning_rate * noise_trace / (batch_size * stiffness)


def critical_rate(features: int, batch_size: float = 1) -> float:
    """Learning rate at which that floor becomes infinite: 2B/(B+d+1)."""
    return 2 * batch_size / (batch_size + features + 1)


def flip_noise_trace(
    flipped: float, features: int, weight_norm: float, residual_variance: float
) -> float:
    """Gradient noise of ±1 sign flips of the target: τ²d + 4ρ(1-ρ)(d+2)‖w‖².

    Targets y = ±w·x + noise, the sign wrong with probability ρ; the minimiser is then
    (1-2ρ)w, and the floor of `regression_floor` is about it.

    Args:
        flipped: share of wrong signs ρ.
        features: d.
        weight_norm: ‖w‖ of the teacher.
        residual_variance: τ² of the noise besides.
    """
    flips = 4 * flipped * (1 - flipped) * (features + 2) * weight_norm**2
    return residual_variance * features + flips


def flipped_minimiser(flipped: float) -> float:
    """Factor by which label flips shrink the least-squares solution: 1-2ρ."""
    return 1 - 2 * flipped


def double_descent_risk(
    samples: int, used: int, inside: float, outside: float, noise_variance: float
) -> float:
    """Expected test risk of minimum-norm least squares on `used` of D isotropic features.

    With n samples, p used features, signal b inside and c outside those, noise σ²:
    p ≤ n-2: (c+σ²)(1+p/(n-p-1)); p ≥ n+2: b(1-n/p) + (c+σ²)(1+n/(p-n-1)); infinite for
    |p-n| ≤ 1. The risk includes the noise of the test label. Compare sample means only for
    |p-n| ≥ 10. Belkin, Hsu, Xu 2020 (arXiv:1903.07571), theorem 1.

    Args:
        samples: n.
        used: p.
        inside: squared norm b of the true weights on used features.
        outside: squared norm c on the others.
        noise_variance: σ².
    """
    unexplained = outside + noise_variance
    if abs(used - samples) <= 1:
        return math.inf
    if used < samples:
        return unexplained * (1 + used / (samples - used - 1))
    kept = inside * (1 - samples / used)
    return kept + unexplained * (1 + samples / (used - samples - 1))

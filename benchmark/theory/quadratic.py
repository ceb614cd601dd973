"""Closed forms of optimizers on a noisy quadratic, and of full-batch descent.

The noisy quadratic is ½a(w - w*)² with curvature a; each gradient carries independent
noise of variance σ²/B, for per-sample gradient variance σ² and batch size B. Formulas for
"the floor" are stationary: they hold once the start is forgotten, after several
`relaxation_steps`.
"""

import numpy as np
from jaxtyping import Float


def sgd_floor(
    learning_rate: float, curvature: float, noise_variance: float, batch_size: float = 1
) -> float:
    """Stationary variance of w under SGD: ησ²/(B·a(2-ηa)), for 0 < ηa < 2.

    Exact at finite η. Mandt, Hoffman, Blei 2017 (arXiv:1704.04289) for small η; Ziyin et
    al. 2021 (arXiv:2102.05375) for the discrete time.
    """
    return momentum_floor(learning_rate, curvature, noise_variance, batch_size, momentum=0.0)


def momentum_floor(
    learning_rate: float,
    curvature: float,
    noise_variance: float,
    batch_size: float = 1,
    momentum: float = 0.9,
) -> float:
    """Stationary variance of w under heavy-ball momentum β.

    ησ²(1+β)/(B·a(1-β)(2(1+β)-ηa)), for 0 < ηa < 2(1+β), updates v ← βv - ηg, w ← w + v.
    Exact; from the Lyapunov equation of the two-dimensional linear recursion.
    """
    noise = learning_rate * noise_variance / batch_size
    stiffness = 2 * (1 + momentum) - learning_rate * curvature
    return noise * (1 + momentum) / (curvature * (1 - momentum) * stiffness)


def excess_loss(curvature: float, variance: float) -> float:
    """Mean loss above the minimum: ½a·Var(w)."""
    return curvature * variance / 2


def sgd_autocorrelation(learning_rate: float, curvature: float, lag: int = 1) -> float:
    """Stationary autocorrelation of w under SGD: (1-ηa)^lag; w is an AR(1) process."""
    return (1 - learning_rate * curvature) ** lag


def sgd_von_neumann(learning_rate: float, curvature: float) -> float:
    """Squared successive differences of w over its variance, SGD's floor: 2ηa.

    In expectation over a long stationary run; 2(1-φ) of an AR(1) process with φ = 1-ηa.
    """
    return 2 * learning_rate * curvature


def rate_cut_factor(learning_rate: float, curvature: float, cut: float = 10.0) -> float:
    """By what the floor shrinks when the learning rate is divided by `cut`.

    c(2-ηa/c)/(2-ηa), from `sgd_floor`; about c for small ηa.
    """
    strength = learning_rate * curvature
    return cut * (2 - strength / cut) / (2 - strength)


def relaxation_steps(learning_rate: float, curvature: float) -> float:
    """Steps in which an excess variance falls by e: about 1/(2ηa), for ηa ≪ 1."""
    return 1 / (2 * learning_rate * curvature)


def adam_floor(
    learning_rate: float, curvature: float, noise_variance: float, batch_size: float = 1
) -> float:
    """Stationary variance of w under Adam: about ησ/(2a√B).

    Needs ηa√B ≪ σ and β₂ near 1, so that √v is about the SD σ/√B of the gradient and Adam
    is SGD with learning rate η√B/σ. Hence the √B rule of Malladi et al. 2022
    (arXiv:2205.10287).
    """
    return learning_rate * float(np.sqrt(noise_variance / batch_size)) / (2 * curvature)


def sharpness_threshold(learning_rate: float, momentum: float = 0.0) -> float:
    """Largest Hessian eigenvalue at which full-batch descent is stable: 2(1+β)/η.

    Heavy ball with momentum β; 2/η for plain gradient descent. Cohen et al. 2021
    (arXiv:2103.00065).
    """
    return 2 * (1 + momentum) / learning_rate


def adam_sharpness_threshold(learning_rate: float, beta1: float = 0.9) -> float:
    """The same for the preconditioned Hessian under Adam: (2+2β₁)/((1-β₁)η).

    Cohen et al. 2022 (arXiv:2207.14484).
    """
    return (2 + 2 * beta1) / ((1 - beta1) * learning_rate)


def descent_curve(
    hessian: Float[np.ndarray, "weight weight"],
    learning_rate: float,
    start: Float[np.ndarray, "weight"],
    solution: Float[np.ndarray, "weight"],
    steps: int,
) -> Float[np.ndarray, "time weight"]:
    """Full-batch gradient descent on a quadratic: w_t = ŵ + (I-ηH)^t (w₀-ŵ), t = 0 … steps.

    Args:
        hessian: symmetric Hessian H.
        learning_rate: η.
        start: w₀.
        solution: the minimiser ŵ.
        steps: number of steps; the result has one row more.
    """
    eigenvalues, vectors = np.linalg.eigh(hessian)
    factors = (1 - learning_rate * eigenvalues) ** np.arange(steps + 1)[:, None]
    return solution + (factors * (vectors.T @ (start - solution))) @ vectors.T

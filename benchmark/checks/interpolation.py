"""Ground truth 16: double descent, the exact risk of minimum-norm least squares.

Full-batch heavy ball from zero stays in the span of the samples and so ends in the
solution of minimum norm. With momentum β the error of every eigenvalue λ of the Hessian
above (1−√β)²/η shrinks by √β per step.
"""

import numpy as np

from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.data import training_data
from benchmark.checks.estimate import mean
from benchmark.declare.condition import FULL, Condition, Training
from benchmark.declare.optimizers import Momentum
from benchmark.models import Linear
from benchmark.statistics import theory
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

_ROUNDING = 1e-3
"""Relative error of the risk that single precision may leave: ε times a condition number
of the Hessian of up to 10⁴."""


def double_descent(scale: Scale) -> Check:
    """GT 16: n = 40 samples, p of D = 120 features, |p − n| ≥ 10; the risk holds the noise.

    Twice the validation loss is the exact excess risk of a run's solution.
    """
    base = Condition(
        task=GaussianRegression(dimension=120, features=20, n_train=40, noise=0.5),
        model=Linear(bias=False, start="zeros"),
        optimizer=Momentum(learning_rate=0.3, momentum=0.95),
        training=Training(epochs=800, batch_size=FULL, log_steps=False),
    )
    features = {"quick": (20, 80), "full": (10, 20, 30, 50, 60, 80, 120)}[scale]
    runs = {"quick": 100, "full": 400}[scale]
    vary = {"task.features": features}
    declared = scenario("check_gt16", "double descent", base, vary, runs)
    return Check("GT 16 double descent", declared, lambda found: sum(map(_risk, found), []))


def _risk(runs: Runs) -> list[Comparison]:
    held = runs.condition.settings
    samples, used = held["task.n_train"], held["task.features"]
    dimension = held["task.dimension"]
    signal, noise = held["task.signal"] ** 2, held["task.noise"] ** 2
    inside = signal * used / dimension
    predicted = theory.double_descent_risk(samples, used, inside, signal - inside, noise)
    risk = 2 * runs.series["validation_loss"][:, -1].astype(float) + noise
    exact = _minimum_norm_risk(runs)
    at = f"n={samples}, p={used}"
    worst = float(np.abs(risk / exact - 1).max())
    return [
        Comparison(f"GT 16 risk, {at}", predicted, *mean(risk)),
        Comparison(
            f"GT 16 1 + worst error of a run's risk, {at}", 1.0, 1 + worst, 0.0, _ROUNDING
        ),
    ]


def _minimum_norm_risk(runs: Runs) -> np.ndarray:
    """Risk of the minimum-norm solution on each run's own data, by pseudo-inverse."""
    held = runs.condition.settings
    dimension, signal = held["task.dimension"], held["task.signal"]
    x, y = training_data(runs)
    weights = np.zeros((len(x), dimension))
    weights[:, : x.shape[2]] = np.einsum("rfs,rs->rf", np.linalg.pinv(x), y)
    truth = signal / np.sqrt(dimension)
    return np.sum((weights - truth) ** 2, 1) + held["task.noise"] ** 2

"""Ground truth 15: the whole curve of full-batch gradient descent on least squares.

The data of every run are drawn again from its seed, and the curve w_t = ŵ + (I−ηH)^t·
(w₀−ŵ) is computed from them in double precision.
"""

import numpy as np

from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.data import training_data
from benchmark.declare.condition import FULL, Condition, Training
from benchmark.declare.optimizers import SGD
from benchmark.models import Linear
from benchmark.probes import Weights
from benchmark.statistics import theory
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression


def descent(scale: Scale) -> Check:
    """GT 15: weights and training loss at every step; nothing is random but the data."""
    base = Condition(
        task=GaussianRegression(dimension=10, n_train=40),
        model=Linear(bias=False, start="zeros"),
        optimizer=SGD(learning_rate=0.5),
        training=Training(epochs=100, batch_size=FULL, log_steps=False),
        probes=(Weights(),),
    )
    runs = {"quick": 100, "full": 500}[scale]
    declared = scenario("check_gt15", "the curve of descent", base, None, runs)
    return Check("GT 15 descent", declared, lambda found: _curves(found[0]))


def _curves(runs: Runs) -> list[Comparison]:
    rate = runs.condition.settings["optimizer.learning_rate"]
    losses = runs.series["train_loss"].astype(float)
    worst_loss = worst_weight = bound = 0.0
    for run, (x, y) in enumerate(zip(*training_data(runs), strict=True)):
        samples, features = x.shape
        solution = np.linalg.lstsq(x, y)[0]
        hessian = x.T @ x / samples
        start = np.zeros(features)
        curve = theory.descent_curve(hessian, rate, start, solution, losses.shape[1] - 1)
        loss = np.mean((curve @ x.T - y) ** 2, 1) / 2
        weights = np.stack(
            [runs.series[f"step_weight_{i}"][run, 1:, 0] for i in range(features)], 1
        )
        far = np.linalg.norm(weights - curve[1:], axis=1).max() / np.linalg.norm(solution)
        worst_weight = max(worst_weight, float(far))
        worst_loss = max(worst_loss, float(np.abs(losses[run] / loss - 1).max()))
        # Rounding of a gradient's sums, at most (n + d)ε of their terms, is remembered for
        # 1/(ηλ_min) steps.
        memory = 1 / (rate * np.linalg.eigvalsh(hessian)[0])
        bound = max(bound, float(memory * (samples + features) * np.finfo(np.float32).eps))
    steps = losses.shape[1] - 1
    errors = {"the training loss": worst_loss, "the weights": worst_weight}
    return [
        Comparison(
            f"GT 15 1 + worst error of {name}, {steps} steps", 1.0, 1 + worst, 0.0, bound
        )
        for name, worst in errors.items()
    ]

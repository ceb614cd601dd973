"""Ground truth 15: the whole curve of full-batch gradient descent on least squares.

The data of every run are drawn again from its seed, and the curve w_t = ŵ + (I−ηH)^t·
(w₀−ŵ) is computed from them in double precision.
"""

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.data import training_data
from benchmark.declare.condition import Condition
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import FULL, Training
from benchmark.models import Linear
from benchmark.probes import Weights
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

_STEPS = 100


def descent(scale: Scale) -> Check:
    """GT 15: weights and training loss at every step; nothing is random but the data."""
    base = Condition(
        task=GaussianRegression(dimension=120, features=20, n_train=40),
        model=Linear(bias=False, start="zeros"),
        optimizer=SGD(learning_rate=0.4),
        training=Training(epochs=_STEPS, batch_size=FULL, order="fixed", log_steps=False),
        probes=(Weights(),),
    )
    runs = {"quick": 100, "full": 400}[scale]
    declared = scenario("check_gt15", "the curve of descent", base, None, runs)
    return Check("GT 15 descent", declared, lambda stored: _curves(stored[0]))


def _curves(runs: Runs) -> list[Comparison]:
    rate = runs.condition.settings["optimizer.learning_rate"]
    losses = runs.series["train_loss"].astype(float)
    inputs, targets = training_data(runs)
    features = inputs.shape[2]
    weights = np.stack([runs.series[f"step_weight_{i}"][:, 1:, 0] for i in range(features)], 2)
    loss_ratios, weight_errors, rounding = [], [], []
    for run, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        solution = np.linalg.lstsq(x, y)[0]
        hessian = x.T @ x / len(x)
        curve = theory.descent_curve(hessian, rate, np.zeros(features), solution, _STEPS)
        loss_ratios.append(losses[run] / (np.mean((curve @ x.T - y) ** 2, 1) / 2))
        far = np.linalg.norm(weights[run] - curve[1:], axis=1) / np.linalg.norm(solution)
        weight_errors.append(far)
        # A gradient's sums of n and of p terms round by about √(n+p)·ε, which is remembered
        # for 1/(ηλ_min) steps.
        memory = 1 / (rate * np.linalg.eigvalsh(hessian)[0])
        rounding.append(memory * np.sqrt(len(x) + features) * np.finfo(np.float32).eps)
    ratios, bound = np.ravel(loss_ratios), float(np.max(rounding))
    worst = float(ratios[np.argmax(np.abs(ratios - 1))])
    furthest = float(np.max(weight_errors))
    return [
        Comparison("GT 15 training loss ÷ theory, worst step", 1.0, worst, 0.0, bound),
        Comparison("GT 15 1 + ‖w − theory‖/‖ŵ‖, worst step", 1.0, 1 + furthest, 0.0, bound),
    ]

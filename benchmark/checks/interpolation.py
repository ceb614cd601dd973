"""Ground truth 16: double descent, the exact risk of minimum-norm least squares.

Full-batch heavy ball from zero stays in the span of the samples and so ends in the
solution of minimum norm. With momentum β the error along every eigenvector of the Hessian
with λ > (1−√β)²/η shrinks by √β per step, here to e⁻²⁰; that this was enough is checked
run by run against the pseudo-inverse.
"""

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.data import training_data
from benchmark.checks.estimate import mean
from benchmark.declare.condition import Condition
from benchmark.declare.optimizers import Momentum
from benchmark.declare.training import FULL, Training
from benchmark.models import Linear
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression


def double_descent(scale: Scale) -> Check:
    """GT 16: n = 40 samples, p of D = 120 features, |p − n| ≥ 10; exact.

    Twice the validation loss is the exact excess risk of a run's solution, to which the
    noise of a test label adds.
    """
    base = Condition(
        task=GaussianRegression(dimension=120, features=20, n_train=40),
        model=Linear(bias=False, start="zeros"),
        optimizer=Momentum(learning_rate=0.3, momentum=0.95),
        training=Training(epochs=800, batch_size=FULL, order="fixed", log_steps=False),
    )
    features = {"quick": (20, 80), "full": (10, 20, 30, 50, 60, 80, 120)}[scale]
    runs = {"quick": 100, "full": 400}[scale]
    vary = {"task.features": features}
    declared = scenario("check_gt16", "double descent", base, vary, runs)
    return Check("GT 16 double descent", declared, lambda stored: sum(map(_risk, stored), []))


def _risk(runs: Runs) -> list[Comparison]:
    settings = runs.condition.settings
    samples, used = settings["task.n_train"], settings["task.features"]
    signal, noise = settings["task.signal"] ** 2, settings["task.noise"] ** 2
    inside = signal * used / settings["task.dimension"]
    predicted = theory.double_descent_risk(samples, used, inside, signal - inside, noise)
    risk = 2 * runs.series["validation_loss"][:, -1].astype(float) + noise
    exact, rounding = _minimum_norm(runs)
    ratios = risk / exact
    worst = float(ratios[np.argmax(np.abs(ratios - 1))])
    at = f"n={samples}, p={used}"
    return [
        Comparison(f"GT 16 risk, {at}", predicted, *mean(risk)),
        Comparison(f"GT 16 risk ÷ exact one's, worst run, {at}", 1.0, worst, 0.0, rounding),
    ]


def _minimum_norm(runs: Runs) -> tuple[np.ndarray, float]:
    """Risk of the minimum-norm solution on each run's own data, and a bound on rounding.

    Sums of n and of p terms in single precision have a relative error of about √(n+p)·ε,
    as rounding errors have no common sign (Higham & Mary 2019, doi:10.1137/18M1226312);
    the condition number of the Hessian magnifies it.
    """
    settings = runs.condition.settings
    x, y = training_data(runs)
    weights = np.zeros((len(x), settings["task.dimension"]))
    weights[:, : x.shape[2]] = np.einsum("rfs,rs->rf", np.linalg.pinv(x), y)
    truth = settings["task.signal"] / np.sqrt(settings["task.dimension"])
    scales = np.linalg.svd(x, compute_uv=False)
    condition = float(np.max((scales[:, 0] / scales[:, -1]) ** 2))
    risk = np.sum((weights - truth) ** 2, 1) + settings["task.noise"] ** 2
    return risk, condition * np.sqrt(sum(x.shape[1:])) * float(np.finfo(np.float32).eps)

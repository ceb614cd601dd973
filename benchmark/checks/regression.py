"""Ground truths 4 and 5: the floor of online regression, its critical rate, label flips.

Fresh Gaussian samples of unit covariance at every step; twice the validation loss, here
known after every step, is ‖w − w_min‖² exactly. Floors are compared at rates up to half
the critical one only: the fourth moment must be finite for a standard error to mean
anything.
"""

from collections.abc import Iterable

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.estimate import mean
from benchmark.declare.condition import Condition
from benchmark.declare.designs import Cases
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import Training
from benchmark.models import Linear
from benchmark.probes import Weights
from benchmark.statistics.measures import Diverged
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

_DIMENSION = 10
_STEPS, _SETTLED, _EVERY = 400, 200, 25
_BASE = Condition(
    task=GaussianRegression(dimension=_DIMENSION, signal=1.0, noise=0.5),
    model=Linear(bias=False, start="zeros"),
    optimizer=SGD(learning_rate=0.25),
    training=Training(epochs=_STEPS, batch_size=4, order="fresh", steps=1, log_steps=False),
    probes=(Weights(every=_EVERY),),
)


def floor(scale: Scale) -> Check:
    """GT 4: E‖e‖² = ητ²d/(B(2−η(1+(d+1)/B))), exact; past 2B/(B+d+1) runs diverge.

    At full scale one rate, 0.5, is three times the critical one at B = 1, and 0.42 times
    the critical one at B = 16.
    """
    pairs = {"quick": ((0.25, 4), (2.0, 4)), "full": ((0.08, 1), (0.5, 1), (0.5, 16))}[scale]
    vary = _cases(pairs)
    runs = {"quick": 500, "full": 2000}[scale]
    declared = scenario("check_gt04", "the floor of regression", _BASE, vary, runs)
    return Check("GT 4 regression floor", declared, _floors)


def _floors(stored: list[Runs]) -> list[Comparison]:
    comparisons = []
    for runs in stored:
        rate, batch, at = _numbers(runs)
        loss = runs.series["validation_loss"].astype(float)
        stable = rate < theory.critical_rate(_DIMENSION, batch)
        share = float(np.mean(Diverged("validation_loss").of_curves(loss)))
        name = f"GT 4 share of diverged runs, {at}"
        comparisons.append(Comparison(name, 0.0 if stable else 1.0, share, 0.0))
        if stable:
            comparisons.append(_squared_error(f"GT 4 regression floor, {at}", runs))
    return comparisons


def critical_rate(scale: Scale) -> Check:
    """GT 4: one step multiplies E‖e‖² by 1 + 2c(c−1)η_crit at c times the critical rate.

    From 1−2η+η²(1+(d+1)/B) without noise; exact, below 1 up to the critical rate and
    above 1 past it. One step has light tails, so rates near the critical one are safe.
    """
    pairs = [
        (share * theory.critical_rate(_DIMENSION, batch), batch)
        for batch in {"quick": (4,), "full": (1, 4, 16)}[scale]
        for share in (0.5, 1.0, 1.5)
    ]
    runs = {"quick": 500, "full": 2000}[scale]
    vary = _cases(pairs, {"task.noise": 0.0})
    declared = scenario("check_gt04_critical", "the critical rate", _BASE, vary, runs)
    return Check("GT 4 critical rate", declared, lambda stored: list(map(_growth, stored)))


def _growth(runs: Runs) -> Comparison:
    rate, batch, _ = _numbers(runs)
    critical = theory.critical_rate(_DIMENSION, batch)
    share = rate / critical
    loss = runs.series["validation_loss"].astype(float)
    name = f"GT 4 growth of E‖e‖² in one step at {share:.2g}·η_crit, B={batch}"
    predicted = 1 + 2 * share * (share - 1) * critical
    return Comparison(name, predicted, *mean(loss[:, 1] / loss[:, 0]))


def flips(scale: Scale) -> Check:
    """GT 5: wrong signs add 4ρ(1−ρ)(d+2)‖w‖² to τ²d and shrink the minimiser, exact."""
    runs = {"quick": 500, "full": 2000}[scale]
    vary = {"task.flipped": (0.1, 0.3)}
    declared = scenario("check_gt05", "label flips", _BASE, vary, runs)
    return Check("GT 5 label flips", declared, lambda stored: sum(map(_flips, stored), []))


def _flips(runs: Runs) -> list[Comparison]:
    *_, at = _numbers(runs)
    settings = runs.condition.settings
    weights = [
        runs.series[f"step_weight_{i}"][:, _SETTLED::_EVERY, 0].astype(float)
        for i in range(_DIMENSION)
    ]
    # All true weights are ‖w‖/√d.
    shrunk = np.mean(weights, (0, 2)) * np.sqrt(_DIMENSION) / settings["task.signal"]
    return [
        _squared_error(f"GT 5 regression floor, {at}", runs),
        Comparison(
            f"GT 5 minimiser ÷ true weights, {at}",
            theory.flipped_minimiser(settings["task.flipped"]),
            *mean(shrunk),
        ),
    ]


def _squared_error(name: str, runs: Runs) -> Comparison:
    """Settled ‖w − w_min‖² against theory."""
    settings = runs.condition.settings
    rate, batch, _ = _numbers(runs)
    noise = theory.flip_noise_trace(
        settings["task.flipped"],
        _DIMENSION,
        settings["task.signal"],
        settings["task.noise"] ** 2,
    )
    simulated = mean(2 * runs.series["validation_loss"][:, _SETTLED:].astype(float).mean(1))
    return Comparison(name, theory.regression_floor(rate, _DIMENSION, noise, batch), *simulated)


def _cases(pairs: Iterable[tuple[float, int]], also: dict[str, float] | None = None) -> Cases:
    """Conditions of a learning rate and a batch size each."""
    names = ("optimizer.learning_rate", "training.batch_size")
    return Cases(tuple(dict(zip(names, pair, strict=True)) | (also or {}) for pair in pairs))


def _numbers(runs: Runs) -> tuple[float, int, str]:
    """η and B, and the setting in words."""
    settings = runs.condition.settings
    rate, batch, flipped = (
        settings["optimizer.learning_rate"],
        settings["training.batch_size"],
        settings["task.flipped"],
    )
    return rate, batch, f"η={rate:g}, B={batch}" + (f", ρ={flipped:g}" if flipped else "")

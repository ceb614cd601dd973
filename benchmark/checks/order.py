"""Ground truths 6, 7, 23 and 24: what the order and the size of batches do to the noise.

The finite set of targets of a noisy quadratic is known to the gradient only through the
batch: with w before a step and η, the batch's gradient is (w_before − w_after)/η, of which
a·w_before is signal and the rest is noise.
"""

import numpy as np
from jaxtyping import Float

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.estimate import mean, ratio
from benchmark.declare.condition import Condition
from benchmark.declare.designs import Cases, Union
from benchmark.declare.optimizers import SGD
from benchmark.declare.paths import with_settings
from benchmark.declare.training import Training
from benchmark.models import Point
from benchmark.probes import Weights
from benchmark.store.results import Runs
from benchmark.tasks import Quadratic

_BATCHES = 16
_EPOCHS, _SETTLED = 40, 30
_BASE = Condition(
    task=Quadratic(n_train=_BATCHES, minimum="sample"),
    model=Point(),
    optimizer=SGD(learning_rate=0.1),
    training=Training(epochs=_EPOCHS, batch_size=1, log_steps=False),
    probes=(Weights(),),
)


def reshuffled_floor(scale: Scale) -> Check:
    """GT 6: variance of w at epoch ends under reshuffling, exact, about the run's minimum.

    The sample variance s² of the targets of batches has expectation σ²/(a²B), of batches
    of B out of N samples drawn without replacement too: the finite population's factor
    and the correlation between batches of one epoch cancel.
    """
    rates = {"optimizer.learning_rate": (0.05, 0.5)}
    larger = Cases(({"task.n_train": 4 * _BATCHES, "training.batch_size": 4},))
    vary = {"quick": rates, "full": Union(rates, larger)}[scale]
    runs = {"quick": 500, "full": 4000}[scale]
    declared = scenario("check_gt06", "the reshuffled floor", _BASE, vary, runs)
    return Check("GT 6 reshuffled floor", declared, lambda stored: list(map(_floor, stored)))


def _floor(runs: Runs) -> Comparison:
    settings = runs.condition.settings
    rate, curvature = settings["optimizer.learning_rate"], settings["task.curvature"]
    batch = settings["training.batch_size"]
    targets = (settings["task.noise"] / curvature) ** 2 / batch
    floor = theory.reshuffled_floor(rate, curvature, _BATCHES, targets)
    simulated = mean(runs.series["validation_loss"][:, _SETTLED:].astype(float).mean(1))
    name = f"GT 6 reshuffled floor, η={rate:g}, B={batch}, M={_BATCHES}"
    return Comparison(name, theory.excess_loss(curvature, floor), *simulated)


def reshuffled_noise(scale: Scale) -> Check:
    """GT 7: correlation −(1−h/M)/(M−1) of the batch noise at lag h, and a zero sum, exact.

    Given a run's targets, the mean of ν_t·ν_{t+h} over all places of an epoch has that
    expectation times the targets' variance; beyond one epoch it is 0.
    """
    runs = {"quick": 500, "full": 4000}[scale]
    declared = scenario("check_gt07", "the reshuffled noise", _BASE, None, runs)
    return Check("GT 7 reshuffled noise", declared, lambda stored: _correlations(stored[0]))


def _correlations(runs: Runs) -> list[Comparison]:
    noise = batch_noise(runs)
    epochs = noise.shape[1]
    # What is left of every epoch's mean is the full gradient's, equal in all of them.
    sums = noise.mean(2)
    spread = np.ptp(sums, 1).max() / noise.std()
    noise = (noise - noise.mean((1, 2), keepdims=True)).reshape(len(noise), -1)
    places = (epochs - 2) * _BATCHES
    power = np.mean(noise[:, :places] ** 2, 1)
    comparisons = []
    for lag in (1, _BATCHES // 4, _BATCHES - 1, _BATCHES):
        product = np.mean(noise[:, :places] * noise[:, lag : lag + places], 1)
        predicted = theory.reshuffled_correlation(lag, _BATCHES)
        name = f"GT 7 correlation of batch noise at lag {lag}, M={_BATCHES}"
        comparisons.append(Comparison(name, predicted, *ratio(product, power)))
    # Each gradient is a difference of single-precision weights divided by η.
    rate = runs.condition.settings["optimizer.learning_rate"]
    rounding = 4 * float(np.finfo(np.float32).eps) / rate
    name = "GT 7 noise sums to zero over an epoch (1 + worst mean ÷ SD)"
    return [*comparisons, Comparison(name, 1.0, 1 + float(spread), 0.0, rounding)]


def ragged_batch(scale: Scale) -> Check:
    """GT 24: a smaller last batch has B/b times the noise variance of a full one.

    Exact with replacement. Without it the finite population's factors enter as well: the
    variances are in the ratio B/b·(N−b)/(N−B). Weighted by its size, the last batch has
    (b/B)² of that; dropped, the last of the full ones is as the others.
    """
    base = Condition(
        task=Quadratic(n_train=98, minimum="sample"),
        model=Point(),
        optimizer=SGD(learning_rate=0.1),
        training=Training(epochs=20, batch_size=32, log_steps=False),
        probes=(Weights(),),
    )
    cases = {
        "quick": ({}, {"training.last_batch": "weight"}),
        "full": (
            {"training.order": "replacement"},
            {},
            {"training.last_batch": "weight"},
            {"training.last_batch": "drop"},
        ),
    }
    runs = {"quick": 500, "full": 2000}[scale]
    declared = scenario("check_gt24", "a ragged last batch", base, Cases(cases[scale]), runs)
    return Check("GT 24 ragged batch", declared, lambda stored: list(map(_ragged, stored)))


def _ragged(runs: Runs) -> Comparison:
    condition = runs.condition
    samples, full = condition.task.samples, condition.batch_size
    order, how = condition.training.order, condition.training.last_batch
    last = full if how == "drop" else samples % full
    share = last / full if how == "weight" else 1.0
    noise = batch_noise(runs, share)
    # About the run's full gradient, which the sample's mean target decides: it is estimated
    # from the run's epochs, whose share of the variance the degrees of freedom give back.
    spread = noise.var(1, ddof=1)
    predicted = 1.0
    if how != "drop":
        predicted = share**2 * theory.ragged_batch_factor(samples, full)
    if order == "reshuffle":
        predicted *= theory.finite_population_factor(samples, last)
        predicted /= theory.finite_population_factor(samples, full)
    simulated = ratio(spread[:, -1], spread[:, :-1].mean(1))
    name = f"GT 24 noise variance, last batch of {last} ÷ batch of {full}, {order}, {how}"
    return Comparison(name, predicted, *simulated)


def sorted_data(scale: Scale) -> Check:
    """GT 23: two classes one after the other end at (1−q)/(1+q) on the last one's side, exact.

    "fixed" has the class of the larger minimiser first, "sorted" last. The start is
    forgotten to one part in 10⁹; each step rounds, which is remembered for 1/(ηa) steps.
    """
    base = Condition(
        task=Quadratic(n_train=2 * _BATCHES, targets="signs"),
        model=Point(),
        optimizer=SGD(learning_rate=0.1),
        training=Training(
            epochs=_EPOCHS, batch_size=2, order="sorted", steps=_BATCHES, log_steps=False
        ),
        probes=(Weights(),),
    )
    rates = {"quick": (0.1,), "full": (0.01, 0.1, 0.5)}[scale]
    vary = {"training.order": ("sorted", "fixed"), "optimizer.learning_rate": rates}
    if 0.01 in rates:
        base = with_settings(base, {"training.epochs": 5 * _EPOCHS})
    declared = scenario("check_gt23", "sorted data", base, vary, 2, lanes=1)
    return Check("GT 23 sorted data", declared, lambda stored: list(map(_sorted, stored)))


def _sorted(runs: Runs) -> Comparison:
    settings = runs.condition.settings
    rate, curvature = settings["optimizer.learning_rate"], settings["task.curvature"]
    sign = 1 if settings["training.order"] == "sorted" else -1
    predicted = sign * theory.sorted_position(rate, curvature, _BATCHES)
    position = float(runs.series["step_weight_0"][0, -1, -1])
    memory = 4 * float(np.finfo(np.float32).eps) / (rate * curvature)
    name = f"GT 23 position at the end of an epoch, {settings['training.order']}, η={rate:g}"
    return Comparison(
        name, predicted, position * curvature / settings["task.noise"], 0.0, memory
    )


def batch_noise(runs: Runs, last: float = 1.0) -> Float[np.ndarray, "run epoch step"]:
    """Noise of every batch's gradient, up to a constant of the run (its mean target).

    Args:
        runs: of a quadratic whose weight was recorded.
        last: what the gradient of an epoch's last batch is multiplied with.
    """
    settings = runs.condition.settings
    after = runs.series["step_weight_0"][:, 1:].astype(float)
    path = after.reshape(len(after), -1)
    start = np.full((len(path), 1), settings["model.start"])
    before = np.concatenate([start, path[:, :-1]], 1).reshape(after.shape)
    gradient = (before - after) / settings["optimizer.learning_rate"]
    signal = settings["task.curvature"] * before
    signal[:, :, -1] *= last
    return gradient - signal

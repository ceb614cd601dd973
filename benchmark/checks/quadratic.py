"""Ground truths 1, 3, 10 and 11: the floor of optimizers on a noisy quadratic.

A sample is fresh at every step, so the noise is independent; ½a·w² at the end of an
epoch is the validation loss. Nothing before `_SETTLED` epochs is used for a floor: the
slowest condition has forgotten its start by then to one part in 10⁸.
"""

import math

import numpy as np
from jaxtyping import Float

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.estimate import mean, ratio
from benchmark.declare.condition import Condition
from benchmark.declare.designs import Cases, Union
from benchmark.declare.optimizers import SGD, Adam
from benchmark.declare.training import Training
from benchmark.models import Point
from benchmark.probes import Weights
from benchmark.store.results import Runs
from benchmark.tasks import Quadratic

_STEPS, _EPOCHS, _SETTLED = 50, 8, 4
_BASE = Condition(
    task=Quadratic(),
    model=Point(),
    optimizer=SGD(learning_rate=0.1),
    training=Training(
        epochs=_EPOCHS, batch_size=4, order="fresh", steps=_STEPS, log_steps=False
    ),
    probes=(Weights(),),
)


def sgd_floor(scale: Scale) -> Check:
    """GT 1: excess loss ½a·Var(w) = ησ²/(2B(2−ηa)), exact."""
    other = {"optimizer.learning_rate": 0.2, "task.curvature": 2.0, "task.noise": 0.5}
    vary = Union(
        {"optimizer.learning_rate": (0.1, 1.5)},
        Cases((other,)),
        Cases({"quick": (), "full": ({"training.batch_size": 1},)}[scale]),
    )
    runs = {"quick": 500, "full": 5000}[scale]
    declared = scenario("check_gt01", "the floor of SGD", _BASE, vary, runs)
    return Check("GT 1 SGD floor", declared, lambda stored: list(map(_excess, stored)))


def _excess(runs: Runs) -> Comparison:
    rate, curvature, noise, batch = _numbers(runs)
    floor = theory.sgd_floor(rate, curvature, noise**2, batch)
    simulated = mean(runs.series["validation_loss"][:, _SETTLED:].astype(float).mean(1))
    name = f"GT 1 SGD floor, η={rate:g}, a={curvature:g}, σ={noise:g}, B={batch:g}"
    return Comparison(name, theory.excess_loss(curvature, floor), *simulated)


def texture(scale: Scale) -> Check:
    """GT 3: lag-1 autocorrelation 1−ηa and von Neumann ratio 2ηa, exact.

    Both as ratios of means over runs about the known mean 0, which have no bias of a
    short series.
    """
    vary = {"optimizer.learning_rate": (0.1, 0.5, 1.5)}
    runs = {"quick": 500, "full": 5000}[scale]
    declared = scenario("check_gt03", "the texture of the floor", _BASE, vary, runs)
    return Check("GT 3 texture", declared, lambda stored: sum(map(_texture, stored), []))


def _texture(runs: Runs) -> list[Comparison]:
    rate, curvature, *_ = _numbers(runs)
    path = _path(runs)
    now, following = path[:, :-1], path[:, 1:]
    power = np.mean(now**2, 1)
    lagged = ratio(np.mean(now * following, 1), power)
    jumps = ratio(np.mean((following - now) ** 2, 1), power)
    at = f", ηa={rate * curvature:g}"
    return [
        Comparison(
            f"GT 3 lag-1 autocorrelation{at}",
            theory.sgd_autocorrelation(rate, curvature),
            *lagged,
        ),
        Comparison(f"GT 3 von Neumann{at}", theory.sgd_von_neumann(rate, curvature), *jumps),
    ]


def rate_cut(scale: Scale) -> Check:
    """GT 10: a tenfold lower rate divides the floor by 10·(2−ηa/10)/(2−ηa), exact.

    The variance, which starts at 0 here, relaxes in about 1/(2ηa) steps: 1 − 1/e of the
    floor is reached then, up to the relative order ηa.
    """
    vary = {"optimizer.learning_rate": (0.5, 0.05)}
    runs = {"quick": 500, "full": 5000}[scale]
    declared = scenario("check_gt10", "cutting the rate", _BASE, vary, runs)
    return Check("GT 10 cutting the rate", declared, _cut)


def _cut(stored: list[Runs]) -> list[Comparison]:
    high, low = stored
    rate, curvature, *_ = _numbers(high)
    powers = [np.mean(_path(runs) ** 2, 1) for runs in stored]
    slow, *_ = _numbers(low)
    late = round(theory.relaxation_steps(slow, curvature))
    # step_weight_0 is recorded after each step: place k of epoch 1 is time k + 1.
    early = low.series["step_weight_0"][:, 1, late - 1].astype(float) ** 2
    return [
        Comparison(
            f"GT 10 floor at η={rate:g} ÷ floor at η={slow:g}",
            theory.rate_cut_factor(rate, curvature, rate / slow),
            *ratio(*powers),
        ),
        Comparison(
            f"GT 10 share of the floor after 1/(2ηa)={late} steps",
            1 - math.exp(-1),
            *ratio(early, powers[1]),
            allowance=slow * curvature,
        ),
    ]


def adam_floor(scale: Scale) -> Check:
    """GT 11: Var(w) ≈ ησ/(2a√B) under Adam.

    Neglected are the gradient's own signal in the second moment (and the finite step),
    of order ηa√B/σ, and the noise of the second moment, of order 1−β₂.
    """
    base = Condition(
        task=Quadratic(),
        model=Point(),
        optimizer=Adam(learning_rate=0.01),
        training=Training(
            epochs=_EPOCHS, batch_size=1, order="fresh", steps=500, log_steps=False
        ),
    )
    vary = {"training.batch_size": {"quick": (16,), "full": (1, 4, 16)}[scale]}
    runs = {"quick": 500, "full": 2000}[scale]
    declared = scenario("check_gt11", "the floor of Adam", base, vary, runs)
    return Check("GT 11 Adam floor", declared, lambda stored: list(map(_adam, stored)))


def _adam(runs: Runs) -> Comparison:
    rate, curvature, noise, batch = _numbers(runs)
    floor = theory.adam_floor(rate, curvature, noise**2, batch)
    small = rate * curvature * batch**0.5 / noise
    simulated = mean(runs.series["validation_loss"][:, _SETTLED:].astype(float).mean(1))
    return Comparison(
        f"GT 11 Adam floor, η={rate:g}, B={batch:g}",
        theory.excess_loss(curvature, floor),
        *simulated,
        allowance=small + 1 - runs.condition.settings["optimizer.beta2"],
    )


def _numbers(runs: Runs) -> tuple[float, float, float, float]:
    """η, a, σ and B."""
    settings = runs.condition.settings
    return (
        settings["optimizer.learning_rate"],
        settings["task.curvature"],
        settings["task.noise"],
        settings["training.batch_size"],
    )


def _path(runs: Runs) -> Float[np.ndarray, "run time"]:
    """The weight after every step of the settled epochs."""
    settled = runs.series["step_weight_0"][:, _SETTLED:].astype(float)
    return settled.reshape(len(settled), -1)

"""Ground truths 20 and 21: what the training metric of an epoch is not.

It is the mean over the epoch of losses before each update, and in training mode.
"""

import math

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, paired, scenario
from benchmark.checks.data import training_data
from benchmark.declare.augmentation import Augmentation
from benchmark.declare.condition import Condition
from benchmark.declare.designs import Cases
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import Training
from benchmark.models import Linear, Point
from benchmark.probes import Weights
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression, Quadratic

_BATCHES = 16


def running_loss(scale: Scale) -> Check:
    """GT 20: the running mean ÷ the loss at the end of the epoch, for a loss e^(−t/τ).

    Without noise every step multiplies the loss ½a·w² by (1−ηa)², so τ = −1/(2 ln(1−ηa)).
    Exact; each of M steps rounds the weight and with it, twice, the loss.
    """
    base = Condition(
        task=Quadratic(n_train=_BATCHES, noise=0.0),
        model=Point(start=1.0),
        optimizer=SGD(learning_rate=0.05),
        training=Training(epochs=3, batch_size=1, order="fixed", log_steps=False),
    )
    rates = {"quick": (0.05, 0.3), "full": (0.005, 0.05, 0.3)}[scale]
    vary = {"optimizer.learning_rate": rates}
    declared = scenario("check_gt20", "the running metric", base, vary, 2, lanes=1)
    return Check("GT 20 running metric", declared, lambda stored: list(map(_running, stored)))


def _running(runs: Runs) -> Comparison:
    settings = runs.condition.settings
    strength = settings["optimizer.learning_rate"] * settings["task.curvature"]
    tau = -1 / (2 * math.log1p(-strength))
    predicted = theory.running_metric_ratio(_BATCHES, tau)
    running, end = (
        runs.series[name][0, 1:].astype(float) for name in ("running_train_loss", "train_loss")
    )
    ratios = running / end
    worst = float(ratios[np.argmax(np.abs(ratios - predicted))])
    rounding = 4 * _BATCHES * float(np.finfo(np.float32).eps)
    name = f"GT 20 running ÷ end-of-epoch loss, worst epoch, M={_BATCHES}, τ={tau:.3g}"
    return Comparison(name, predicted, worst, 0.0, rounding)


def training_mode(scale: Scale) -> Check:
    """GT 21: dropout and input noise raise the training-mode loss of a linear map, exact.

    By (1−k)/(2k)·Σw_j²⟨x_j²⟩ and ½s²‖w‖², of each run's own weights and inputs. The
    learning rate is 0, so that nothing but the mode tells the two losses apart.
    """
    base = Condition(
        task=GaussianRegression(dimension=10, n_train=64),
        model=Linear(bias=False),
        optimizer=SGD(learning_rate=0.0),
        training=Training(epochs=20, batch_size=16, log_steps=False),
        probes=(Weights(every=20),),
    )
    noise = "training.augmentation"
    cases = {
        "quick": ({"model.dropout": 0.3}, {noise: Augmentation(noise=0.5)}),
        "full": (
            {"model.dropout": 0.1},
            {"model.dropout": 0.5},
            {noise: Augmentation(noise=0.2)},
            {noise: Augmentation(noise=1.0)},
            {"model.dropout": 0.5, noise: Augmentation(noise=0.2)},
        ),
    }
    runs = {"quick": 100, "full": 2000}[scale]
    declared = scenario("check_gt21", "the training mode", base, Cases(cases[scale]), runs)
    return Check("GT 21 training mode", declared, lambda stored: list(map(_gap, stored)))


def _gap(runs: Runs) -> Comparison:
    condition = runs.condition
    rate = condition.settings["model.dropout"] or 0.0
    noise = getattr(condition.training.augmentation, "noise", None) or 0.0
    inputs, _ = training_data(runs)
    count = inputs.shape[2]
    weights = np.stack([runs.series[f"step_weight_{i}"][:, 20, 0] for i in range(count)], 1)
    squares = np.mean(inputs**2, 1)
    # Noise comes first: dropout acts on what it has made of the inputs.
    predicted = np.array(
        [
            theory.dropout_gap(1 - rate, w, x2 + noise**2) + theory.input_noise_gap(noise, w)
            for w, x2 in zip(weights.astype(float), squares, strict=True)
        ]
    )
    gaps = runs.series["running_train_loss"] - runs.series["train_loss"]
    at = ", ".join(
        f"{what} {size:g}"
        for what, size in (("dropout", rate), ("input noise of SD", noise))
        if size
    )
    name = f"GT 21 training- minus evaluation-mode loss, {at}"
    return paired(name, predicted, gaps[:, 1:].astype(float).mean(1))

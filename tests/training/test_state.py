"""Schedules and early stopping: what a run remembers, by hand."""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmark import (
    SGD,
    Cosine,
    EarlyStopping,
    Momentum,
    Plateau,
    StepDecay,
)
from benchmark.parts import Schedule
from benchmark.training.state import rate_factor
from helpers.by_hand import (
    CLASSES,
    PIXELS,
    by_hand,
    close,
    curve,
    gradient_of,
    tiny,
    weights_of,
)

# --- schedules ----------------------------------------------------------------------------

DONE = (np.arange(18) + 0.5) / 18


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (Schedule(), np.ones(18)),
        (Schedule(warm_up=0.5), np.minimum(1, DONE / 0.5)),
        (StepDecay(0.1, at=(0.25, 0.75)), 0.1 ** ((DONE >= 0.25) * 1 + (DONE >= 0.75) * 1)),
        (Cosine(), (1 + np.cos(np.pi * DONE)) / 2),
        (
            Cosine(0.2, warm_up=0.25),
            (0.2 + 0.4 * (1 + np.cos(np.pi * DONE))) * np.minimum(1, 4 * DONE),
        ),
    ],
)
def test_factors_of_schedules(schedule, factors):
    condition = tiny(schedule=schedule)
    memory = schedule.begin()

    def factor(epoch, step):
        return float(rate_factor(condition, memory, jnp.int32(epoch), jnp.int32(step)))

    found = [factor(epoch, step) for epoch in range(1, 7) for step in range(3)]
    np.testing.assert_allclose(found, factors, rtol=2e-6, atol=1e-7)
    # What is logged before training is the factor with which it begins.
    begun = 0.0 if schedule.warm_up else 1.0
    assert factor(0, 2) == pytest.approx(begun, abs=1e-6)


def test_a_schedule_multiplies_the_update():
    made = curve(tiny(Momentum(0.3, 0.8), schedule=Cosine(0.2, warm_up=0.25)))
    factors = (0.2 + 0.4 * (1 + np.cos(np.pi * DONE))) * np.minimum(1, 4 * DONE)
    velocity = np.zeros((PIXELS, CLASSES))

    def update(w, rows, number):
        nonlocal velocity
        velocity = 0.8 * velocity + gradient_of(w, rows)
        return w - 0.3 * factors[number] * velocity

    close(weights_of(made), by_hand(6, update))
    np.testing.assert_allclose(made["rate_factor"][1:], factors[2::3], rtol=1e-5)


def plateau_by_hand(losses, how: Plateau):
    """Factor during each epoch: the callback of Keras 3, line by line."""
    best, wait, cooldown_counter, scale, factors = np.inf, 0, 0, 1.0, []
    for loss in losses:
        factors.append(scale)
        if cooldown_counter > 0:
            cooldown_counter -= 1
            wait = 0
        if loss < best - how.threshold:
            best, wait = loss, 0
        elif cooldown_counter <= 0:
            wait += 1
            if wait >= how.patience and scale > how.minimum:
                scale = max(scale * how.factor_each, how.minimum)
                cooldown_counter, wait = how.cooldown, 0
    return factors


@pytest.mark.parametrize(
    "how",
    [
        Plateau(0.5, patience=2, threshold=0.01),
        Plateau(0.5, patience=1, threshold=0.01, cooldown=3),
        Plateau(0.1, patience=3, threshold=0.0, minimum=0.05),
    ],
)
def test_plateau_on_a_series(how):
    rng = np.random.default_rng(0)
    losses = np.maximum(1 / np.arange(1, 40), 0.2) + 0.02 * rng.normal(size=39)
    losses[20] = np.nan
    memory, found = how.begin(), []
    step = jax.jit(how.after_epoch)
    for loss in losses.astype(np.float32):
        found.append(float(how.factor(jnp.float32(0), memory)))
        memory = step(memory, jnp.asarray(loss))
    np.testing.assert_allclose(found, plateau_by_hand(losses, how), rtol=1e-6)
    assert found[-1] < 0.5


def test_plateau_in_training():
    how = Plateau(0.5, patience=2, threshold=0.005, cooldown=1)
    made = curve(tiny(SGD(4.0), schedule=how, epochs=25))
    factors = plateau_by_hand(made["validation_loss"][1:], how)
    np.testing.assert_allclose(made["rate_factor"][1:], factors)
    assert len(set(factors)) > 2
    path = by_hand(
        25, lambda w, rows, number: w - 4.0 * factors[number // 3] * gradient_of(w, rows)
    )
    np.testing.assert_allclose(weights_of(made)[-1], path[-1], rtol=3e-3, atol=3e-3)


# --- early stopping -----------------------------------------------------------------------

STOPS = {"optimizer": SGD(0.4), "epochs": 30}


@lru_cache(maxsize=4)
def stopped(patience=None, best_weights=True, monitor: Any = "validation_loss"):
    how = patience and EarlyStopping(patience, monitor, best_weights)
    return curve(tiny(**STOPS, early_stopping=how))


@pytest.mark.parametrize(("patience", "best_weights"), [(3, True), (5, True), (3, False)])
def test_early_stopping(patience, best_weights):
    free, made = stopped(), stopped(patience, best_weights)
    losses = free["validation_loss"]
    best, waited, end = 1, 0, None
    for epoch in range(1, 31):
        if epoch == 1 or losses[epoch] < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
        kept = best if best_weights else epoch
        for name in ("train_loss", "validation_loss", "validation_accuracy"):
            close(made[name][epoch], free[name][epoch])
            close(made[f"selected_{name}"][epoch], free[name][kept])
        if waited == patience:
            end = epoch
            break
    assert end is not None and 1 < best < end < 28
    assert made["stopped"].tolist() == [0.0] * end + [1.0] * (31 - end)
    kept = best if best_weights else end
    for name in ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy"):
        close(made[name][end + 1 :], np.full(30 - end, free[name][kept]))
        close(made[f"selected_{name}"][end:], np.full(31 - end, free[name][kept]))
    # After the end there are no steps.
    assert np.isnan(made["step_loss"][end + 1 :]).all()
    assert np.isnan(made["running_train_loss"][end + 1 :]).all()
    assert np.isfinite(made["step_loss"][1 : end + 1]).all()


def test_early_stopping_on_accuracy():
    made = stopped(4, True, "validation_accuracy")
    accuracy = stopped()["validation_accuracy"]
    bests = [
        epoch for epoch in range(1, 31) if accuracy[epoch] > accuracy[1:epoch].max(initial=0)
    ]
    gaps = [after - before for before, after in pairwise([*bests, 31])]
    best = next(b for b, gap in zip(bests, gaps, strict=True) if gap > 4)
    assert made["stopped"].argmax() == best + 4
    assert made["validation_accuracy"][-1] == accuracy[best]

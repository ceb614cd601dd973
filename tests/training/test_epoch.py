"""Training against plain numpy: every step of a run."""

import numpy as np
import pytest

from benchmark import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Condition,
    Digits,
    Linear,
    Momentum,
    Nesterov,
    RMSprop,
    Training,
)
from benchmark.probes import Weights
from benchmark.tasks import GaussianRegression
from helpers.by_hand import (
    BATCHES,
    CLASSES,
    PIXELS,
    TRAIN,
    by_hand,
    close,
    curve,
    flat_data,
    gradient_of,
    loss_of,
    probabilities,
    tiny,
    weights_of,
)
from helpers.training import OPTIMIZERS, curves, data_of, rows_of

# --- one run, by hand ---------------------------------------------------------------------


class HandSGD:
    """w ← w − ηg and its relatives, written out for one weight vector."""

    def __init__(self, optimizer):
        self.o, self.m, self.v, self.t = optimizer, 0.0, 0.0, 0

    def step(self, w, g):
        o, self.t = self.o, self.t + 1
        eta = o.learning_rate
        if isinstance(o, Nesterov):
            self.m = o.momentum * self.m + g
            return w - eta * (g + o.momentum * self.m)
        if isinstance(o, Momentum):
            self.m = o.momentum * self.m + g
            return w - eta * self.m
        if isinstance(o, RMSprop):
            self.v = o.decay * self.v + (1 - o.decay) * g**2
            return w - eta * g / np.sqrt(self.v + o.epsilon)
        if isinstance(o, Adam):
            self.m = o.beta1 * self.m + (1 - o.beta1) * g
            self.v = o.beta2 * self.v + (1 - o.beta2) * g**2
            m, v = self.m / (1 - o.beta1**self.t), self.v / (1 - o.beta2**self.t)
            decay = o.weight_decay * w if isinstance(o, AdamW) else 0.0
            return w - eta * (m / (np.sqrt(v) + o.epsilon) + decay)
        return w - eta * g


@pytest.mark.parametrize("last_batch", ["keep", "drop"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_run_is_what_plain_numpy_makes_of_it(optimizer, last_batch):
    condition = Condition(
        GaussianRegression(dimension=3, n_train=10, noise=0.3),
        Linear(bias=False, start="zeros"),
        optimizer,
        Training(epochs=3, batch_size=4, last_batch=last_batch),
        probes=(Weights(every=1),),
    )
    (made,) = curves(condition, 5)
    x, y, vx, vy = data_of(condition, 5)
    w, hand = np.zeros((3, 1)), HandSGD(optimizer)
    for epoch in range(1, 4):
        losses, counts = [], []
        for step, rows in enumerate(rows_of(condition, 5, epoch)):
            rows = rows[: 10 - 4 * step] if last_batch == "keep" else rows
            error = x[rows] @ w - y[rows]
            losses.append(0.5 * np.mean(error**2))
            counts.append(len(rows))
            w = hand.step(w, x[rows].T @ error / len(rows))
            seen = [made[f"step_weight_{i}"][epoch, step] for i in range(3)]
            np.testing.assert_allclose(seen, w[:, 0], rtol=2e-4, atol=2e-6)
        np.testing.assert_allclose(made["step_loss"][epoch], losses, rtol=2e-4, atol=1e-6)
        running = np.average(losses, weights=counts)
        np.testing.assert_allclose(made["running_train_loss"][epoch], running, rtol=2e-4)
        for name, inputs, target in (("train", x, y), ("validation", vx, vy)):
            loss = 0.5 * np.mean((inputs @ w - target) ** 2)
            np.testing.assert_allclose(made[f"{name}_loss"][epoch], loss, rtol=3e-4, atol=1e-6)
    assert len(losses) == (3 if last_batch == "keep" else 2)


def test_accuracy_counts_hits():
    task = Digits(n_train=64, n_validation=64)
    condition = Condition(task, MLP((8,)), SGD(0.0), Training(1, 16))
    (made,) = curves(condition, 0)
    # At rate 0 nothing moves: running, end-of-epoch and initial accuracy are one number.
    assert made["train_accuracy"][0] == made["train_accuracy"][1]
    np.testing.assert_allclose(made["running_train_accuracy"][1], made["train_accuracy"][1])
    assert made["train_accuracy"][0] * 64 == round(float(made["train_accuracy"][0]) * 64)


# --- gradients ----------------------------------------------------------------------------


def test_clipping_decay_and_average():
    made = curve(tiny(clip_norm=0.8, weight_decay=0.1, average=0.7))
    norms = []

    def update(w, rows, number):
        g = gradient_of(w, rows) + 0.1 * w
        norms.append(np.linalg.norm(g))
        return w - 0.5 * g * min(1, 0.8 / norms[-1])

    path = by_hand(6, update)
    close(weights_of(made), path)
    assert min(norms) < 0.8 < max(norms)
    sums, mass = np.zeros((PIXELS, CLASSES)), 0.0
    for epoch, after in enumerate(path, 1):
        for w in after:
            sums, mass = 0.7 * sums + 0.3 * w, 0.7 * mass + 0.3
        for part in ("train", "validation"):
            close(made[f"average_{part}_loss"][epoch], loss_of(sums / mass, part))
            close(made[f"{part}_loss"][epoch], loss_of(after[-1], part))
    # Before the first step the average is what it will be an average of.
    np.testing.assert_array_equal(made["average_train_loss"][0], made["train_loss"][0])
    assert "average_validation_accuracy" in made


def test_late_batches_are_averaged_into_one_step():
    made = curve(tiny(late_batches=3, weight_decay=0.1))
    held = []

    def update(w, rows, number):
        if number < 9:
            return w - 0.5 * (gradient_of(w, rows) + 0.1 * w)
        held.append(gradient_of(w, rows))
        if len(held) < 3:
            return w
        g = np.mean(held, 0) + 0.1 * w
        held.clear()
        return w - 0.5 * g

    path = by_hand(6, update)
    close(weights_of(made), path)
    assert (path[4, 0] == path[4, 1]).all() and (path[4, 1] != path[4, 2]).any()


def test_class_weights_and_a_last_batch_whose_samples_count_as_others():
    made = curve(tiny(balance="weights", last_batch="weight"))
    y = flat_data("train")[1]
    of_sample = TRAIN / (CLASSES * np.bincount(y)[y])

    def update(w, rows, number):
        # Each sample's gradient is divided by 4, in the batch of two as well.
        return w - 0.5 * gradient_of(w, rows, of_sample[rows] / 4)

    path = by_hand(6, update)
    close(weights_of(made), path)
    close(made["train_loss"][1:], [loss_of(after[-1], "train") for after in path])
    # What is printed while training stays the plain mean of every batch.
    x = flat_data("train")[0]
    begun = -np.log(probabilities(path[0, 0], x)[np.arange(TRAIN), y])[BATCHES[1]].mean()
    close(made["step_loss"][1, 1], begun)

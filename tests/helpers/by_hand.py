"""A tiny problem that a few lines of numpy train, too."""

from dataclasses import dataclass
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from benchmark import (
    SGD,
    Condition,
    Evaluation,
    Linear,
    Training,
)
from benchmark.declare.data import Pool, Split
from benchmark.parts import Optimizer, Task
from benchmark.probes import Weights
from benchmark.tasks.corruption import clean
from benchmark.training import train
from benchmark.training.lanes import Run

TRAIN, VALIDATION, CLASSES, PIXELS = 10, 23, 3, 4


@lru_cache(maxsize=1)
def data():
    """Ten samples of 2 × 2 pixels of three unequal classes, partly wrong; and 23 right ones."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(TRAIN + VALIDATION, 2, 2, 1)).astype(np.float32)
    y = np.argmax(x.reshape(len(x), -1) @ rng.normal(size=(PIXELS, CLASSES)), 1)
    y[:TRAIN] = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    return x, y.astype(np.int32)


@dataclass(frozen=True)
class Tiny(Task):
    """The same samples in every run."""

    @property
    def samples(self) -> int:
        return TRAIN

    @property
    def outputs(self) -> int:
        return CLASSES

    def pool(self):
        return Pool(*data())

    def sample(self, pool, keys):
        del keys
        rows = jnp.arange(TRAIN + VALIDATION, dtype=jnp.int32)
        front, back = rows[:TRAIN], rows[TRAIN:]
        y = jnp.asarray(pool.y)
        return Split(clean(pool.x, front, y[front]), clean(pool.x, back, y[back]))


RATE, MODEL, WHOLE = SGD(0.5), Linear(bias=False, start="zeros"), Evaluation()


def tiny(optimizer: Optimizer = RATE, model=MODEL, evaluation=WHOLE, probes=True, **training):
    how: dict = {"epochs": 6, "batch_size": 4, "order": "fixed"} | training
    seen = (Weights(every=1),) if probes else ()
    return Condition(
        Tiny(), model, optimizer, Training(**how), probes=seen, evaluation=evaluation
    )


def curve(condition, seed=0):
    return train([Run(condition, seed)], 1)[0]


def weights_of(made):
    """Weights after every step, [epoch, step, pixel, class], from epoch 1."""
    count = PIXELS * CLASSES
    flat = np.stack([made[f"step_weight_{i}"][1:] for i in range(count)], -1)
    return flat.reshape(*flat.shape[:2], PIXELS, CLASSES)


def flat_data(part):
    x, y = data()
    rows = slice(None, TRAIN) if part == "train" else slice(TRAIN, None)
    return x[rows].reshape(-1, PIXELS).astype(float), y[rows]


def probabilities(w, x):
    z = np.exp(x @ w - (x @ w).max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def loss_of(w, part):
    x, y = flat_data(part)
    return -np.log(probabilities(w, x)[np.arange(len(y)), y]).mean()


def gradient_of(w, rows, weight=None):
    """Σ over the rows of weight · gradient; the mean unless there are weights."""
    x, y = (held[rows] for held in flat_data("train"))
    weight = np.full(len(y), 1 / len(y)) if weight is None else weight
    return x.T @ (weight[:, None] * (probabilities(w, x) - np.eye(CLASSES)[y]))


BATCHES = [np.arange(0, 4), np.arange(4, 8), np.arange(8, 10)]


def by_hand(epochs, update):
    """Weights after every step of w ← update(w, rows, number of the step)."""
    w, path = np.zeros((PIXELS, CLASSES)), []
    for number in range(epochs * len(BATCHES)):
        w = update(w, BATCHES[number % len(BATCHES)], number)
        path.append(w)
    return np.array(path).reshape(epochs, len(BATCHES), PIXELS, CLASSES)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=3e-4, atol=3e-6)

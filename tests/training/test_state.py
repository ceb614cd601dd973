"""Schedules, averages, early stopping, balance, augmentation and evaluation, by hand."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score

from benchmark import (
    SGD,
    Augmentation,
    Condition,
    Cosine,
    EarlyStopping,
    Evaluation,
    Linear,
    Momentum,
    Plateau,
    Point,
    Quadratic,
    StepDecay,
    Training,
    UserError,
)
from benchmark.declare.data import Pool, Split
from benchmark.declare.network import EVALUATION
from benchmark.parts import Optimizer, Schedule, Task
from benchmark.probes import Weights
from benchmark.tasks.corruption import clean
from benchmark.tasks.keys import by_source, source_keys
from benchmark.training import train
from benchmark.training.augment import augment
from benchmark.training.batching import training_batches
from benchmark.training.evaluating import Evaluator
from benchmark.training.lanes import Run
from benchmark.training.state import rate_factor

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


@pytest.mark.parametrize(
    ("training", "evaluation", "words"),
    [
        ({"early_stopping": EarlyStopping(monitor="validation_accuracy")}, {}, "no classes"),
        ({"early_stopping": EarlyStopping(), "evaluate_every": 2}, {}, "evaluate_every"),
        ({"schedule": Plateau(), "evaluate_every": 2}, {}, "evaluate_every"),
        ({"balance": "weights"}, {}, "no classes"),
        ({"balance": "oversample", "order": "once"}, {}, "reshuffle"),
        ({}, {"per_class": True}, "no classes"),
    ],
)
def test_what_does_not_fit_is_refused(training, evaluation, words):
    with pytest.raises(UserError, match=words):
        Condition(
            Quadratic(),
            Point(),
            training=Training(**{"batch_size": 4} | training),
            evaluation=Evaluation(**evaluation),
        )


# --- augmentation -------------------------------------------------------------------------

IMAGES = np.random.default_rng(1).normal(size=(5, 6, 8, 2)).astype(np.float32)


def augmented(how, x=IMAGES, seed=0):
    key = jax.random.key(seed, impl="threefry2x32")
    return np.asarray(augment(key, jnp.asarray(x), how))


def chosen_moves(monkeypatch, **moves):
    """Let the six uniform numbers of every image be these."""
    names = ("down", "across", "tall", "wide", "slant", "mirrored")
    drawn = np.repeat([moves.get(name, 0.0) for name in names], len(IMAGES))
    uniform = jnp.asarray(drawn, jnp.float32)
    monkeypatch.setattr(jax.random, "uniform", lambda *args, **kwargs: uniform)


def test_no_strength_is_no_change():
    np.testing.assert_allclose(augmented(Augmentation(0.0, 0.0, 0.0)), IMAGES, atol=1e-6)
    np.testing.assert_array_equal(augmented(Augmentation(noise=0.0)), IMAGES)
    np.testing.assert_array_equal(augmented(Augmentation()), IMAGES)


@pytest.mark.parametrize(("down", "across"), [(2, 0), (0, 3), (-1, -2)])
def test_a_shift_by_whole_pixels_repeats_the_edge(down, across, monkeypatch):
    # Half a side at most: 3 of 6 rows, 4 of 8 columns.
    chosen_moves(monkeypatch, down=down / 3, across=across / 4)
    rows = np.clip(np.arange(6) + down, 0, 5)
    columns = np.clip(np.arange(8) + across, 0, 7)
    expected = IMAGES[:, rows][:, :, columns]
    np.testing.assert_allclose(augmented(Augmentation(shift=0.5)), expected, atol=1e-5)


def test_a_flip_mirrors_half_of_the_images(monkeypatch):
    made = augmented(Augmentation(flip=True), np.repeat(IMAGES[:1], 400, 0))
    mirrored = np.isclose(made, IMAGES[:1, :, ::-1], atol=1e-6).all((1, 2, 3))
    same = np.isclose(made, IMAGES[:1], atol=1e-6).all((1, 2, 3))
    assert (mirrored ^ same).all() and abs(mirrored.mean() - 0.5) < 4 * 0.025
    chosen_moves(monkeypatch, mirrored=-0.5)
    np.testing.assert_allclose(
        augmented(Augmentation(flip=True)), IMAGES[:, :, ::-1], atol=1e-6
    )


def test_zoom_and_shear_move_straight_lines_about_the_centre(monkeypatch):
    rows, columns = np.arange(7) - 3.0, np.arange(9) - 4.0
    ramp = np.stack(np.broadcast_arrays(rows[:, None], columns[None]), -1)
    x = np.repeat(ramp[None], len(IMAGES), 0).astype(np.float32)
    chosen_moves(monkeypatch, tall=1.0, wide=-0.5, slant=0.5)
    zoomed = augmented(Augmentation(zoom=0.4), x)[0]
    np.testing.assert_allclose(zoomed[:, 4, 0], rows / 1.4, atol=1e-5)
    np.testing.assert_allclose(zoomed[3, :, 1], np.clip(columns / 0.8, -4, 4), atol=1e-5)
    sheared = augmented(Augmentation(shear=0.4), x)[0]
    expected = np.clip(columns[None] + 0.2 * rows[:, None], -4, 4)
    np.testing.assert_allclose(sheared[..., 1], expected, atol=1e-5)
    np.testing.assert_allclose(sheared[..., 0], ramp[..., 0], atol=1e-5)
    for made in (zoomed, sheared):
        np.testing.assert_allclose(made[3, 4], 0, atol=1e-6)


def test_noise_has_its_spread_and_every_sample_its_own():
    x = np.zeros((400, 25), np.float32)
    made = augmented(Augmentation(noise=0.3), x)
    # The SD of 10,000 normal numbers has a relative standard error of 1/√20,000.
    assert abs(made.std() / 0.3 - 1) < 4 / np.sqrt(20_000)
    assert abs(made.mean()) < 4 * 0.3 / 100
    everything = Augmentation(0.3, 0.4, 0.5, flip=True, noise=0.1)
    images = augmented(everything, np.repeat(IMAGES[:1], 50, 0))
    assert np.isfinite(images).all() and len(np.unique(images[:, 0, 0, 0])) == 50
    assert not np.array_equal(images, augmented(everything, np.repeat(IMAGES[:1], 50, 0), 1))


@pytest.mark.parametrize("how", [Augmentation(shift=0.1), Augmentation(flip=True)])
def test_only_images_can_be_moved(how):
    with pytest.raises(UserError, match="height, width"):
        augmented(how, np.zeros((3, 5), np.float32))


# --- evaluation ---------------------------------------------------------------------------


def evaluator(evaluation, model=MODEL, seed=0):
    """An evaluator of the tiny task and the variables of an untrained network."""
    condition = tiny(model=model, evaluation=evaluation)
    keys = by_source(source_keys(jnp.zeros(8, jnp.int32)))
    pool = jax.tree.map(jnp.asarray, condition.task.pool())
    split, network = condition.task.sample(pool, keys), condition.model.network(CLASSES)
    key = jax.random.key(seed, impl="threefry2x32")
    return (
        Evaluator(condition, network, split),
        network.init(key, split.train.all()[0]),
    )


def test_the_whole_set_in_batches_is_the_whole_set():
    found, variables = evaluator(Evaluation(batch_size=5, batch_statistics=True), Linear())
    rows = np.append(np.arange(VALIDATION), [-1, -1]).reshape(5, 5)
    seen = found.seen_validation(variables, jnp.asarray(rows, jnp.int32))
    whole = found.whole_sets(variables)
    for name in ("loss", "accuracy"):
        close(seen[f"seen_validation_{name}"], whole[f"validation_{name}"])


def test_a_partial_sorted_look_is_a_mixture_of_classes():
    found, variables = evaluator(Evaluation(steps=2, order="sorted"), Linear())
    _, y = flat_data("validation")
    rows = np.argsort(y, kind="stable")[:12].reshape(2, 6)
    seen = found.seen_validation(variables, jnp.asarray(rows, jnp.int32))
    one_class = [
        found.seen_validation(variables, jnp.asarray(np.flatnonzero(y == c)[None], jnp.int32))
        for c in range(CLASSES)
    ]
    held = np.bincount(y[rows.reshape(-1)], minlength=CLASSES)
    assert held[1] > 0
    # The order within a class is that of the set, so the last class there is cut short.
    last = np.flatnonzero(y == np.flatnonzero(held)[-1])[: held[held > 0][-1]]
    cut = found.seen_validation(variables, jnp.asarray(last[None], jnp.int32))
    for name in ("seen_validation_loss", "seen_validation_accuracy"):
        parts = [float(one[name]) for one in one_class]
        parts[np.flatnonzero(held)[-1]] = float(cut[name])
        close(seen[name], np.average(parts, weights=held))


def test_recalls_are_those_of_scikit_learn():
    found, variables = evaluator(Evaluation(per_class=True), Linear())
    logs = found.whole_sets(variables)
    x, y = found.split.validation.all()
    key = jax.random.key(0, impl="threefry2x32")
    outputs, _ = found.network.apply(variables, x, EVALUATION, key)
    guess, truth = np.argmax(np.asarray(outputs), 1), np.asarray(y)
    recalls = [np.mean(guess[truth == c] == c) for c in range(CLASSES)]
    assert recall_score(truth, guess, average="macro") == pytest.approx(np.mean(recalls))
    close([logs[f"validation_recall_{c}"] for c in range(CLASSES)], recalls)
    close(logs["validation_balanced_accuracy"], balanced_accuracy_score(truth, guess))
    # A class that is not there has no recall, and enters no mean.
    there = found.split.validation._replace(y=jnp.where(y == 2, 0, y))
    lacking = found._replace(split=found.split._replace(validation=there))
    without = lacking.whole_sets(variables)
    assert np.isnan(without["validation_recall_2"])
    close(
        without["validation_balanced_accuracy"],
        np.mean([without["validation_recall_0"], without["validation_recall_1"]]),
    )


@dataclass(frozen=True)
class InChunks(Linear):
    """A linear map that takes few samples at once."""

    @property
    def evaluation_batch(self) -> int:
        return 9


def test_evaluation_in_chunks_is_evaluation():
    whole, variables = evaluator(Evaluation(per_class=True), Linear())
    chunks, _ = evaluator(Evaluation(per_class=True), InChunks())
    once, piecewise = whole.whole_sets(variables), chunks.whole_sets(variables)
    assert once.keys() == piecewise.keys()
    for name in once:
        close(piecewise[name], once[name])


# --- all together -------------------------------------------------------------------------


def test_lanes_agree_when_everything_is_on():
    condition = tiny(
        model=Linear(),
        evaluation=Evaluation(steps=2, batch_size=7, order="sorted", per_class=True),
        probes=False,
        epochs=6,
        order="reshuffle",
        steps=2,
        last_batch="weight",
        balance="weights",
        augmentation=Augmentation(0.2, 0.1, 0.1, flip=True, noise=0.1),
        schedule=Cosine(0.1, warm_up=0.2),
        clip_norm=0.5,
        weight_decay=0.01,
        average=0.9,
        late_batches=2,
        early_stopping=EarlyStopping(2),
    )
    alone = [curve(condition, seed) for seed in range(3)]
    beside = train([Run(condition, seed) for seed in range(3)], 2)
    for one, other in zip(alone, beside, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            # A share may flip by one sample of a class of two.
            tolerance = 0.51 if "accuracy" in name or "recall" in name else 1e-4
            np.testing.assert_allclose(one[name], other[name], rtol=1e-3, atol=tolerance)
    assert not np.array_equal(alone[0]["train_loss"], alone[1]["train_loss"])
    assert {"seen_validation_loss", "average_train_loss", "selected_train_loss"} <= set(one)


def test_a_partial_look_is_what_training_records():
    """Rows and labels reach the evaluation of a run: two of four batches, one class each."""
    condition = tiny(
        SGD(0.0),
        Linear(),
        Evaluation(steps=2, batch_size=6, order="sorted"),
        probes=False,
        epochs=3,
    )
    made = curve(condition)
    assert made["seen_validation_loss"].shape == (4,)
    first, second, third, fourth = made["seen_validation_loss"]
    assert first == third and second == fourth and first != second
    # Batches of 6, 6, 6 and 5 samples.
    close((12 * first + 11 * second) / 23, made["validation_loss"][0])
    rows = training_batches(
        condition, jax.random.key(0, impl="threefry2x32"), jnp.int32(1), jnp.zeros(TRAIN)
    )
    assert rows.shape == (3, 4)

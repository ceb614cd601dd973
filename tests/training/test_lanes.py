"""The engine against plain code: same numbers, same randomness, one compilation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark import (
    FULL,
    LSTM,
    MLP,
    SGD,
    Adam,
    AdamW,
    Condition,
    Digits,
    Linear,
    Momentum,
    Nesterov,
    Point,
    Quadratic,
    RMSprop,
    Sources,
    Surfaces,
    Training,
)
from benchmark.declare.fields import traced_fields
from benchmark.probes import GradientNoise, Sharpness, StepRise, UpdateNorm, Weights
from benchmark.tasks import GaussianRegression
from benchmark.tasks.keys import by_source, source_keys
from benchmark.training import TRACES, train
from benchmark.training.batching import training_batches
from benchmark.training.lanes import Run, epochs_per_call
from benchmark.training.program import SPLIT, START


def curves(condition, *seeds, width=1):
    return train([Run(condition, seed) for seed in seeds], width)


def keys_of(condition, seed):
    return by_source(source_keys(jnp.array(condition.sources.seeds(seed), jnp.int32)))


def data_of(condition, seed):
    """The training and validation arrays of one run, as numpy."""
    pool = jax.tree.map(jnp.asarray, condition.task.pool())
    split = condition.task.sample(pool, keys_of(condition, seed))
    return [
        np.asarray(part, np.float64) for subset in split.sets.values() for part in subset.all()
    ]


def rows_of(condition, seed, epoch):
    keys, pool = keys_of(condition, seed), jax.tree.map(jnp.asarray, condition.task.pool())
    labels = condition.task.sample(pool, keys).train.y
    return np.asarray(training_batches(condition, keys("order"), jnp.int32(epoch), labels))


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


OPTIMIZERS = [
    SGD(0.05),
    Momentum(0.02, 0.8),
    Nesterov(0.02, 0.8),
    RMSprop(0.01, 0.9),
    Adam(0.02),
    AdamW(0.02, weight_decay=0.1),
]


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


# --- batch order --------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    samples=st.integers(2, 40),
    batch=st.integers(1, 40),
    order=st.sampled_from(["reshuffle", "once", "replacement", "fixed"]),
    last=st.sampled_from(["keep", "drop"]),
    epoch=st.integers(1, 5),
)
def test_batch_order(samples, batch, order, last, epoch):
    batch = min(batch, samples)
    training = Training(epochs=5, batch_size=batch, order=order, last_batch=last)
    condition = Condition(Quadratic(n_train=samples), Point(), SGD(), training)
    rows = rows_of(condition, 1, epoch)
    assert rows.shape == (condition.steps_per_epoch, batch)
    used = rows[rows >= 0]
    assert len(used) == (samples if last == "keep" else samples // batch * batch)
    assert used.min() >= 0 and used.max() < samples
    if order != "replacement":
        assert len(set(used.tolist())) == len(used)
    if order == "fixed":
        assert used.tolist() == sorted(used.tolist())
    other = rows_of(condition, 1, epoch + 1)
    if order in ("once", "fixed"):
        np.testing.assert_array_equal(rows, other)
    elif order == "reshuffle" and samples > 12:
        assert not np.array_equal(rows, other)


# --- randomness ---------------------------------------------------------------------------

BASE = Condition(Digits(n_train=64, n_validation=64), MLP((8,)), SGD(0.1), Training(2, 16))


def test_one_seed_means_one_start_one_data_set_one_order_under_every_condition():
    import dataclasses as dc

    others = [
        dc.replace(BASE, optimizer=Adam(0.01)),
        dc.replace(BASE, training=Training(3, 4)),
        dc.replace(BASE, optimizer=SGD(3.0), training=Training(2, FULL)),
        dc.replace(BASE, probes=(Sharpness(every=1),)),
        dc.replace(BASE, task=Digits(n_train=64, n_validation=64, mislabelled=0.0)),
    ]
    (first,) = curves(BASE, 7)
    for other in others:
        (second,) = curves(other, 7)
        # Equal losses before training: the same start on the same data, to rounding.
        for name in ("train_loss", "validation_loss", "train_accuracy"):
            np.testing.assert_allclose(first[name][0], second[name][0], rtol=1e-6)
        np.testing.assert_array_equal(data_of(BASE, 7)[0], data_of(other, 7)[0])
    # The order is one permutation however it is cut into batches.
    coarse = rows_of(BASE, 7, 2).reshape(-1)
    fine = rows_of(others[1], 7, 2).reshape(-1)
    np.testing.assert_array_equal(coarse, fine)


def test_a_smaller_training_set_is_part_of_a_larger_one():
    small = Condition(Digits(n_train=32, n_validation=64), MLP((8,)), SGD(), Training(2, 16))
    small_x, _, small_v, _ = data_of(small, 3)
    large_x, _, large_v, _ = data_of(BASE, 3)
    np.testing.assert_array_equal(small_x, large_x[:32])
    np.testing.assert_array_equal(small_v, large_v)


def test_different_seeds_differ_in_every_source():
    first, second = curves(BASE, 0, 1)
    for name in ("train_loss", "validation_loss", "step_loss"):
        assert not np.array_equal(first[name], second[name], equal_nan=True)
    assert not np.array_equal(data_of(BASE, 0)[0], data_of(BASE, 1)[0])
    assert not np.array_equal(rows_of(BASE, 0, 1), rows_of(BASE, 1, 1))


def test_a_pinned_source_is_the_same_for_all_seeds():
    import dataclasses as dc

    pinned = dc.replace(BASE, sources=Sources(data=3, initialisation=3, order=3))
    first, second = curves(pinned, 0, 1)
    for name, held in first.items():
        np.testing.assert_array_equal(held, second[name])
    only_order = dc.replace(BASE, sources=Sources(data=3, initialisation=3))
    first, second = curves(only_order, 0, 1)
    assert first["train_loss"][0] == second["train_loss"][0]
    assert first["train_loss"][-1] != second["train_loss"][-1]
    assert pinned.group == BASE.group and pinned.id != BASE.id


@pytest.mark.parametrize("model", [MLP((8,)), Linear()])
def test_one_bit_is_the_last_of_one_weight(model):
    def begun(one_bit, seed):
        pinned = Sources(initialisation=3, data=3, one_bit=one_bit)
        condition = Condition(Digits(64, 64), model, sources=pinned)
        keys = source_keys(jnp.array(pinned.seeds(seed), jnp.int32))
        pool = jax.tree.map(jnp.asarray, condition.task.pool())
        draw, start = (p.build(p.template(condition)) for p in (SPLIT, START))
        values = {path: jnp.float32(number) for path, number in condition.values.items()}
        split = draw(values, pool, keys)
        params = start(values, pool, keys, split).variables["params"]
        return [np.asarray(leaf) for leaf in jax.tree.leaves(params)]

    start, chosen = begun(False, 0), set()
    for seed in range(8):
        pairs = list(zip(start, begun(True, seed), strict=True))
        changed = [(place, a, b) for place, (a, b) in enumerate(pairs) if (a != b).any()]
        ((place, before, after),) = changed
        (where,) = np.argwhere(before != after)
        where = tuple(where)
        assert abs(after[where] - before[where]) == np.spacing(np.abs(before[where]))
        chosen.add((place, *where))
    assert len({place for place, *_ in chosen}) == 1 and len(chosen) > 4


def test_mislabelled_shares_are_exact_and_nested():
    import dataclasses as dc

    def wrong(share):
        condition = dc.replace(BASE, task=dc.replace(BASE.task, mislabelled=share))
        pool = jax.tree.map(jnp.asarray, condition.task.pool())
        train_subset = condition.task.sample(pool, keys_of(condition, 2)).train
        clean_label = pool.y[train_subset.index]
        np.testing.assert_array_equal(train_subset.corrupted, train_subset.y != clean_label)
        return np.asarray(train_subset.corrupted)

    low, high = wrong(0.125), wrong(0.5)
    assert low.sum() == 8 and high.sum() == 32
    assert (low <= high).all()


# --- lanes --------------------------------------------------------------------------------


def test_a_run_does_not_depend_on_its_neighbours():
    together = curves(BASE, 0, 1, 2)
    (alone,) = curves(BASE, 1)
    for name, held in alone.items():
        np.testing.assert_array_equal(held, together[1][name])


@pytest.mark.parametrize(
    "condition",
    [
        BASE,
        Condition(
            Surfaces(n_train=12, n_validation=12),
            LSTM((4,)),
            RMSprop(),
            Training(1, 6),
        ),
        Condition(
            GaussianRegression(dimension=4, n_train=20),
            Linear(),
            Momentum(),
            Training(2, 5),
            probes=(StepRise(1), GradientNoise(1), Sharpness(1)),
        ),
        Condition(Quadratic(), Point(), Adam(), Training(2, 2, "fresh", steps=5)),
        Condition(
            Digits(64, 64, mislabelled=0.1), MLP((8,), dropout=0.2), AdamW(), Training(1, 24)
        ),
    ],
    ids=["mlp", "lstm", "linear with probes", "fresh", "dropout"],
)
def test_lanes_side_by_side_agree_with_one_after_the_other(condition):
    # Three runs in lanes of two: the last lane is a copy that must not be seen.
    alone, beside = curves(condition, 0, 1, 2), curves(condition, 0, 1, 2, width=2)
    assert len(beside) == 3
    for one, other in zip(alone, beside, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            # Few steps, so rounding has not grown yet; shares may flip by one sample.
            tolerance = 0.08 if name.endswith(("accuracy", "rise")) else 2e-4
            np.testing.assert_allclose(one[name], other[name], rtol=2e-4, atol=tolerance)


def test_a_sweep_over_values_compiles_one_training_program():
    import dataclasses as dc

    rates = [0.001 * 2**k for k in range(8)]
    task = Digits(n_train=48, n_validation=64)
    sweep = [dc.replace(BASE, task=task, optimizer=SGD(rate)) for rate in rates]
    assert len({c.group for c in sweep}) == 1 and len({c.id for c in sweep}) == 8
    before = TRACES[sweep[0].group]
    ends = [curves(condition, 0)[0]["train_loss"][-1] for condition in sweep]
    assert TRACES[sweep[0].group] == before + 1
    assert len(set(map(float, ends))) == 8
    # More epochs go through the same program, too.
    longer = dc.replace(sweep[0], training=Training(5, 16))
    (made,) = curves(longer, 0)
    assert TRACES[sweep[0].group] == before + 1 and len(made["train_loss"]) == 6


def test_every_hyperparameter_of_every_optimizer_is_a_value():
    for optimizer in OPTIMIZERS:
        fields = type(optimizer).__dataclass_fields__
        choices = {name for name in fields if isinstance(getattr(optimizer, name), str)}
        assert set(traced_fields(optimizer)) == set(fields) - choices


def test_calls_cover_long_runs():
    condition = Condition(Quadratic(n_train=4), Point(), SGD(0.1), Training(150, 2))
    assert epochs_per_call(condition) == 64
    (made,) = curves(condition, 0)
    assert made["train_loss"].shape == (151,) and np.isfinite(made["train_loss"]).all()
    (short,) = curves(Condition(Quadratic(n_train=4), Point(), SGD(0.1), Training(20, 2)), 0)
    np.testing.assert_array_equal(short["train_loss"], made["train_loss"][:21])


def test_a_diverging_run_leaves_its_neighbours_alone():
    import dataclasses as dc

    wild = Condition(Quadratic(n_train=8), Point(1.0), SGD(5.0), Training(60, 2))
    calm = dc.replace(wild, optimizer=SGD(0.1))
    made = train([Run(wild, 0), Run(calm, 0)], 2)
    assert not np.isfinite(made[0]["train_loss"][-1])
    (alone,) = train([Run(calm, 0)], 1)
    np.testing.assert_allclose(made[1]["train_loss"], alone["train_loss"], rtol=1e-4, atol=1e-6)


# --- probes -------------------------------------------------------------------------------


def test_probes_against_dense_linear_algebra():
    condition = Condition(
        GaussianRegression(dimension=6, n_train=24, noise=0.5),
        Linear(bias=False),
        Adam(0.01),
        Training(4, 4),
        probes=(Sharpness(2), GradientNoise(2), StepRise(2), Weights(1), UpdateNorm(2)),
    )
    (made,) = curves(condition, 0)
    x, y, *_ = data_of(condition, 0)
    hessian = x.T @ x / len(x)
    np.testing.assert_allclose(made["sharpness"][2], np.linalg.eigvalsh(hessian)[-1], rtol=1e-4)
    assert np.isnan(made["sharpness"][[1, 3]]).all()
    w = np.array([made[f"step_weight_{i}"][2, -1] for i in range(6)], np.float64)
    gradients = x * (x @ w[:, None] - y)
    mean = gradients.mean(0)
    total = ((gradients - mean) ** 2).sum(1).mean()
    np.testing.assert_allclose(made["gradient_noise"][2], total, rtol=2e-3)
    np.testing.assert_allclose(made["gradient_norm2"][2], mean @ mean, rtol=2e-3)
    # Six batches of four: their mean squares differ by the spread of their mean.
    spread = made["batch_gradient_norm2"][2] - made["batch_gradient_noise"][2]
    np.testing.assert_allclose(spread, mean @ mean, rtol=5e-3)
    full = made["step_full_loss"][2]
    np.testing.assert_allclose(full[-1], made["train_loss"][2], rtol=1e-5)
    before = np.concatenate([[made["train_loss"][1]], full[:-1]])
    np.testing.assert_array_equal(made["step_rise"][2], (full > before).astype(np.float32))
    assert np.isnan(made["step_rise"][[0, 1, 3]]).all()
    path = np.stack([made[f"step_weight_{i}"] for i in range(6)], -1)[1:].reshape(-1, 6)
    lengths = np.linalg.norm(np.diff(path.astype(float), axis=0), axis=1)
    np.testing.assert_allclose(made["step_update_norm"][2], lengths[5:11], rtol=1e-3)
    assert np.isnan(made["step_update_norm"][[0, 1, 3]]).all()


def test_preconditioned_sharpness_of_adam():
    condition = Condition(
        GaussianRegression(dimension=5, n_train=20),
        Linear(bias=False, start="zeros"),
        Adam(0.01, 0.9, 0.99),
        Training(1, FULL),
        probes=(Sharpness(every=1),),
    )
    (made,) = curves(condition, 0)
    x, y, *_ = data_of(condition, 0)
    gradient = (x * (x @ np.zeros((5, 1)) - y)).mean(0)
    # After one step v̂ = g², and the first moment's correction is 1 − β₁.
    scale = 1 / np.sqrt((1 - 0.9) * (np.abs(gradient) + 1e-7))
    dense = scale[:, None] * (x.T @ x / len(x)) * scale[None, :]
    found = made["preconditioned_sharpness"][1]
    np.testing.assert_allclose(found, np.linalg.eigvalsh(dense)[-1], rtol=1e-3)

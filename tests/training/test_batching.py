"""Which samples a step takes: every order, partial epochs, balance, and partial looks."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark import (
    SGD,
    Condition,
    Evaluation,
    Linear,
    Point,
    Quadratic,
    Training,
    theory,
)
from benchmark.declare.fields import static
from benchmark.parts import Task
from benchmark.training.batching import (
    has_padding,
    sample_weight,
    training_batches,
    validation_batches,
)

few = settings(max_examples=10, deadline=None)


@dataclass(frozen=True)
class Classes(Task):
    """Nothing but a number of samples and of classes."""

    n_train: int = static(12)
    classes: int = static(3)

    @property
    def samples(self) -> int:
        return self.n_train

    @property
    def outputs(self) -> int:
        return self.classes


def key_of(seed: int):
    return jax.random.key(seed, impl="threefry2x32")


@cache
def compiled(rows, condition):
    return jax.jit(lambda *arguments: rows(condition, *arguments))


def batches_of(training: Training, labels, epoch: int, seed: int = 0, classes: int = 3):
    condition = Condition(Classes(len(labels), classes), Linear(), SGD(), training)
    rows = compiled(training_batches, condition)
    return np.asarray(rows(key_of(seed), jnp.int32(epoch), jnp.asarray(labels, jnp.int32)))


def validation_of(evaluation: Evaluation, labels, epoch: int):
    condition = Condition(Classes(32), Linear(), SGD(), evaluation=evaluation)
    rows = compiled(validation_batches, condition)
    return np.asarray(rows(key_of(0), jnp.int32(epoch), jnp.asarray(labels, jnp.int32)))


def some_labels(samples: int, classes: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(classes, size=samples)


# --- orders -------------------------------------------------------------------------------

sizes = st.sampled_from([(12, 4), (13, 4), (7, 7), (9, 2), (5, 1)])


@few
@given(
    sizes=sizes,
    order=st.sampled_from(["reshuffle", "once", "replacement", "fixed", "sorted"]),
    last=st.sampled_from(["keep", "drop", "weight"]),
)
def test_padding_is_at_the_end_of_a_pass(sizes, order, last):
    samples, batch = sizes
    training = Training(batch_size=batch, order=order, last_batch=last)
    condition = Condition(Classes(samples), Linear(), SGD(), training)
    rows = batches_of(training, some_labels(samples), 2)
    assert rows.shape == (condition.steps_per_epoch, batch)
    flat, rest = rows.reshape(-1), samples % batch
    if last == "drop" or rest == 0:
        assert not has_padding(condition) and (rows >= 0).all()
    else:
        assert has_padding(condition)
        assert (flat[:samples] >= 0).all() and (flat[samples:] == -1).all()
        np.testing.assert_array_equal(
            np.asarray(sample_weight(jnp.asarray(rows[-1]))), np.arange(batch) < rest
        )
    if order != "replacement":
        kept = flat[flat >= 0]
        assert len(set(kept.tolist())) == len(kept)


@pytest.mark.parametrize("last", ["keep", "drop"])
def test_sorted_goes_class_after_class(last):
    labels = some_labels(22)
    training = Training(batch_size=4, order="sorted", last_batch=last)
    rows = batches_of(training, labels, 1)
    used = rows[rows >= 0]
    np.testing.assert_array_equal(used, np.argsort(labels, kind="stable")[: len(used)])
    np.testing.assert_array_equal(rows, batches_of(training, labels, 5, seed=9))


def test_sorted_and_alternating_real_targets():
    """The two halves of the two-class quadratic are its classes."""

    def targets_of(order):
        training = Training(batch_size=2, order=order)
        condition = Condition(Quadratic(n_train=8, targets="signs"), Point(), SGD(), training)
        y = jnp.asarray([[1.0], [-1.0]] * 4)
        rows = np.asarray(training_batches(condition, key_of(0), jnp.int32(1), y))
        return np.asarray(y)[rows, 0]

    assert targets_of("sorted").tolist() == [[-1, -1]] * 2 + [[1, 1]] * 2
    assert targets_of("alternating").tolist() == [[1, 1], [-1, -1]] * 2


@few
@given(
    counts=st.sampled_from([(8, 8, 8), (8, 12, 8), (9, 7, 8), (8, 8), (4, 8, 4, 8), (10, 13)]),
    last=st.sampled_from(["keep", "drop"]),
)
def test_alternating_batches_differ_from_the_last(counts, last):
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    training = Training(batch_size=4, order="alternating", last_batch=last)
    rows = batches_of(training, labels, 1, classes=len(counts))
    plain = Training(batch_size=4, order="sorted", last_batch=last)
    by_class = batches_of(plain, labels, 1, classes=len(counts))
    assert sorted(map(tuple, rows)) == sorted(map(tuple, by_class))
    whole = rows[(rows >= 0).all(1)]
    assert (rows[: len(whole)] >= 0).all()
    kinds = labels[whole[:, 2]]
    number = Counter(kinds.tolist())
    if max(number.values()) - min(number.values()) <= 1:
        assert all(before != after for before, after in pairwise(kinds))
    if all(count % 4 == 0 for count in counts):
        assert (labels[whole] == kinds[:, None]).all()


def test_a_rare_class_is_spread_over_the_pass():
    labels = np.repeat([0, 1], [36, 8])
    kinds = labels[batches_of(Training(batch_size=4, order="alternating"), labels, 1)[:, 2]]
    assert np.flatnonzero(kinds).tolist() == [2, 8]


@few
@given(order=st.sampled_from(["reshuffle", "once", "replacement"]), epoch=st.integers(1, 3))
def test_the_order_is_one_list_however_it_is_cut(order, epoch):
    labels = some_labels(24)
    cut = [batches_of(Training(batch_size=b, order=order), labels, epoch) for b in (2, 6, 24)]
    for rows in cut[1:]:
        np.testing.assert_array_equal(rows.reshape(-1), cut[0].reshape(-1))
    other = batches_of(Training(batch_size=2, order=order), labels, epoch, seed=1)
    assert not np.array_equal(other, cut[0])


# --- partial epochs -----------------------------------------------------------------------


@few
@given(
    sizes=sizes,
    steps=st.sampled_from([1, 2, 3, 5, 11]),
    order=st.sampled_from(["reshuffle", "once", "fixed", "sorted"]),
    last=st.sampled_from(["keep", "drop"]),
)
def test_continued_epochs_go_through_whole_passes(sizes, steps, order, last):
    samples, batch = sizes
    labels = some_labels(samples)
    whole = Training(batch_size=batch, order=order, last_batch=last)
    part = Training(batch_size=batch, order=order, last_batch=last, steps=steps)
    made = np.concatenate([batches_of(part, labels, epoch) for epoch in range(1, 5)])
    per_pass = len(batches_of(whole, labels, 1))
    passes = range(1, math.ceil(len(made) / per_pass) + 1)
    expected = np.concatenate([batches_of(whole, labels, number) for number in passes])
    np.testing.assert_array_equal(made, expected[: len(made)])


@pytest.mark.parametrize("steps", [2, 3, 5])
def test_restarted_epochs_never_see_the_rest(steps):
    # Three batches a pass: five steps are one pass and the first two of another.
    labels = some_labels(12)

    def epochs(order):
        part = Training(batch_size=4, order=order, steps=steps, passes="restart")
        return [batches_of(part, labels, epoch) for epoch in range(1, 4)]

    whole = batches_of(Training(batch_size=4, order="once"), labels, 1)
    for rows in epochs("once"):
        np.testing.assert_array_equal(rows, np.concatenate([whole, whole])[:steps])
    first, second, third = epochs("reshuffle")
    assert not np.array_equal(first, second) and not np.array_equal(second, third)
    for rows in (first, second, third):
        inside = rows[:3].reshape(-1)
        assert len(set(inside.tolist())) == len(inside)


def test_restarted_epochs_shuffle_no_pass_twice():
    labels = some_labels(12)
    part = Training(batch_size=4, steps=5, passes="restart")
    begun = [tuple(batches_of(part, labels, epoch)[k]) for epoch in range(1, 9) for k in (0, 3)]
    assert len(set(begun)) == len(begun)


# --- oversampling -------------------------------------------------------------------------


def test_oversampling_draws_every_class_equally_often():
    labels = np.repeat([0, 2, 3], [90, 8, 2])
    training = Training(batch_size=20, balance="oversample")
    drawn = [batches_of(training, labels, e, classes=5) for e in range(1, 61)]
    rows = np.concatenate(drawn).reshape(-1)
    assert rows.min() >= 0 and rows.max() < 100
    counts = np.bincount(labels[rows], minlength=5)
    assert counts[1] == counts[4] == 0
    # 6,000 draws from three classes: each has a SD of √(6000·⅓·⅔) = 37.
    assert np.abs(counts[[0, 2, 3]] - 2000).max() < 4 * 37
    of_rare = np.bincount(rows[labels[rows] == 2])[90:98]
    assert np.abs(of_rare - counts[2] / 8).max() < 4 * math.sqrt(counts[2] / 8)


@pytest.mark.parametrize("only", [0, 4])
def test_oversampling_one_class_is_drawing_with_replacement(only):
    training = Training(batch_size=4, balance="oversample")
    rows = batches_of(training, np.full(10, only), 1, classes=5)
    flat = rows.reshape(-1)
    assert (flat[:10] >= 0).all() and flat.max() < 10 and (flat[10:] == -1).all()


# --- validation ---------------------------------------------------------------------------


@few
@given(
    sizes=sizes,
    steps=st.sampled_from([None, 1, 2, 3, 7]),
    order=st.sampled_from(["fixed", "sorted", "reshuffle"]),
)
def test_continued_looks_go_through_whole_passes(sizes, steps, order):
    samples, batch = sizes
    labels = some_labels(samples)
    part = Evaluation(steps=steps, batch_size=batch, order=order)
    made = np.concatenate([validation_of(part, labels, epoch) for epoch in range(5)])
    per_pass = math.ceil(samples / batch)
    for first in range(0, len(made) - per_pass + 1, per_pass):
        flat = made[first : first + per_pass].reshape(-1)
        assert sorted(flat[:samples]) == list(range(samples))
        assert (flat[samples:] == -1).all()
        if order == "fixed":
            assert flat[:samples].tolist() == list(range(samples))
        if order == "sorted":
            assert (np.diff(labels[flat[:samples]]) >= 0).all()


def test_reshuffled_looks_differ_and_restarted_ones_do_not():
    labels = some_labels(40)
    shuffled = Evaluation(steps=2, batch_size=8, order="reshuffle", passes="restart")
    first, second = (validation_of(shuffled, labels, epoch) for epoch in (0, 1))
    assert not np.array_equal(first, second)
    again = Evaluation(steps=2, batch_size=8, order="sorted", passes="restart")
    begun = np.argsort(labels, kind="stable")[:16].reshape(2, 8)
    for epoch in range(3):
        np.testing.assert_array_equal(validation_of(again, labels, epoch), begun)


@few
@given(
    samples=st.sampled_from([24, 30]),
    batch=st.sampled_from([4, 6]),
    steps=st.integers(1, 7),
    order=st.sampled_from(["fixed", "sorted"]),
)
def test_the_period_of_continued_looks(samples, batch, steps, order):
    """GT 22: M_v/gcd(M_v, s), and no shorter one."""
    labels = some_labels(samples)
    part = Evaluation(steps=steps, batch_size=batch, order=order)
    period = theory.validation_passes(samples, batch, steps)
    looks = [validation_of(part, labels, epoch) for epoch in range(2 * period)]
    for epoch in range(period):
        np.testing.assert_array_equal(looks[epoch], looks[epoch + period])
    assert not any(np.array_equal(looks[0], looks[k]) for k in range(1, period))


# --- batch order --------------------------------------------------------------------------


@settings(max_examples=30)
@given(
    sizes=st.sampled_from([(2, 1), (13, 4), (16, 16), (40, 7)]),
    order=st.sampled_from(["reshuffle", "once", "replacement", "fixed"]),
    last=st.sampled_from(["keep", "drop"]),
    epoch=st.integers(1, 5),
)
def test_batch_order(sizes, order, last, epoch):
    samples, batch = sizes
    training = Training(epochs=5, batch_size=batch, order=order, last_batch=last)
    rows = batches_of(training, some_labels(samples), epoch)
    used = rows[rows >= 0]
    assert len(used) == (samples if last == "keep" else samples // batch * batch)
    assert used.min() >= 0 and used.max() < samples
    if order != "replacement":
        assert len(set(used.tolist())) == len(used)
    if order == "fixed":
        assert used.tolist() == sorted(used.tolist())
    other = batches_of(training, some_labels(samples), epoch + 1)
    if order in ("once", "fixed"):
        np.testing.assert_array_equal(rows, other)
    elif order == "reshuffle" and samples > 12:
        assert not np.array_equal(rows, other)

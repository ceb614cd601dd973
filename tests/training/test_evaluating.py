"""Whole sets, partial looks, recalls and halves."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score

from benchmark import (
    MLP,
    SGD,
    Condition,
    Digits,
    Evaluation,
    Linear,
    Training,
    UserError,
)
from benchmark.declare.network import EVALUATION
from benchmark.tasks.keys import by_source, source_keys
from benchmark.training import train
from benchmark.training.batching import training_batches
from benchmark.training.evaluating import Evaluator
from benchmark.training.lanes import Run
from helpers.by_hand import CLASSES, MODEL, TRAIN, VALIDATION, close, curve, flat_data, tiny

# --- evaluation ---------------------------------------------------------------------------


def evaluator(evaluation, model=MODEL, seed=0):
    """An evaluator of the tiny task and the variables of an untrained network."""
    condition = tiny(model=model, evaluation=evaluation)
    keys = by_source(source_keys(jnp.zeros(8, jnp.int32)))
    pool = jax.tree.map(jnp.asarray, condition.task.pool())
    split, network = condition.task.sample(pool, keys), condition.model.network(CLASSES)
    key = jax.random.key(seed, impl="threefry2x32")
    return (
        Evaluator(condition, network, "validation", split.validation),
        network.init(key, split.train.all()[0]),
    )


def test_the_whole_set_in_batches_is_the_whole_set():
    found, variables = evaluator(Evaluation(batch_size=5, batch_statistics=True), Linear())
    rows = np.append(np.arange(VALIDATION), [-1, -1]).reshape(5, 5)
    seen = found.seen(variables, jnp.asarray(rows, jnp.int32))
    whole = found.whole(variables)
    for name in ("loss", "accuracy"):
        close(seen[f"seen_validation_{name}"], whole[f"validation_{name}"])


def test_a_partial_sorted_look_is_a_mixture_of_classes():
    found, variables = evaluator(Evaluation(steps=2, order="sorted"), Linear())
    _, y = flat_data("validation")
    rows = np.argsort(y, kind="stable")[:12].reshape(2, 6)
    seen = found.seen(variables, jnp.asarray(rows, jnp.int32))
    one_class = [
        found.seen(variables, jnp.asarray(np.flatnonzero(y == c)[None], jnp.int32))
        for c in range(CLASSES)
    ]
    held = np.bincount(y[rows.reshape(-1)], minlength=CLASSES)
    assert held[1] > 0
    # The order within a class is that of the set, so the last class there is cut short.
    last = np.flatnonzero(y == np.flatnonzero(held)[-1])[: held[held > 0][-1]]
    cut = found.seen(variables, jnp.asarray(last[None], jnp.int32))
    for name in ("seen_validation_loss", "seen_validation_accuracy"):
        parts = [float(one[name]) for one in one_class]
        parts[np.flatnonzero(held)[-1]] = float(cut[name])
        close(seen[name], np.average(parts, weights=held))


def test_recalls_are_those_of_scikit_learn():
    found, variables = evaluator(Evaluation(per_class=True), Linear())
    logs = found.whole(variables)
    x, y = found.subset.all()
    key = jax.random.key(0, impl="threefry2x32")
    outputs, _ = found.network.apply(variables, x, EVALUATION, key)
    guess, truth = np.argmax(np.asarray(outputs), 1), np.asarray(y)
    recalls = [np.mean(guess[truth == c] == c) for c in range(CLASSES)]
    assert recall_score(truth, guess, average="macro") == pytest.approx(np.mean(recalls))
    close([logs[f"validation_recall_{c}"] for c in range(CLASSES)], recalls)
    close(logs["validation_balanced_accuracy"], balanced_accuracy_score(truth, guess))
    # A class that is not there has no recall, and enters no mean.
    there = found.subset._replace(y=jnp.where(y == 2, 0, y))
    lacking = found._replace(subset=there)
    without = lacking.whole(variables)
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
    once, piecewise = whole.whole(variables), chunks.whole(variables)
    assert once.keys() == piecewise.keys()
    for name in once:
        close(piecewise[name], once[name])


# --- all together -------------------------------------------------------------------------


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


# --- recorded halves ----------------------------------------------------------------------


def condition(n_validation=100, **how):
    return Condition(
        Digits(n_train=64, n_validation=n_validation),
        MLP((8,)),
        training=Training(epochs=3, batch_size=16, log_steps=False),
        evaluation=Evaluation(**how),
    )


def test_halves_average_to_the_whole_set_and_disturb_nothing():
    (plain,) = train([Run(condition(), 0)])
    (held,) = train([Run(condition(halves=True), 0)])
    for metric in ("loss", "accuracy"):
        first, second = (held[f"validation_{part}_{metric}"] for part in "ab")
        np.testing.assert_allclose(
            (first + second) / 2, held[f"validation_{metric}"], rtol=1e-5
        )
        assert (first != second).any()
    assert set(held) - set(plain) == {
        f"validation_{part}_{metric}" for part in "ab" for metric in ("loss", "accuracy")
    }
    for name in plain:
        np.testing.assert_allclose(plain[name], held[name], rtol=1e-5)


def test_halves_are_disjoint_random_and_of_the_run():
    from benchmark.tasks.keys import by_source, source_keys
    from benchmark.training.evaluating import first_half

    drawn = condition(halves=True, n_validation=101)
    (run,) = train([Run(drawn, 0)])
    mean = (50 * run["validation_a_loss"] + 51 * run["validation_b_loss"]) / 101
    np.testing.assert_allclose(mean, run["validation_loss"], rtol=1e-5)
    masks = []
    for seed in range(2):
        by = by_source(source_keys(jnp.array(drawn.sources.seeds(seed), jnp.int32)))
        masks.append(np.asarray(first_half(by("evaluation"), 101)))
    assert [mask.sum() for mask in masks] == [50, 50] and (masks[0] != masks[1]).any()


def test_one_sample_has_no_halves():
    with pytest.raises(UserError, match="needs 2 validation samples, not 1"):
        train([Run(condition(halves=True, n_validation=1), 0)])

"""A condition: parts and settings that go together, and what follows from them."""

import dataclasses
import re

import pytest

from benchmark import (
    FULL,
    MLP,
    Condition,
    EarlyStopping,
    Evaluation,
    Plateau,
    Point,
    Quadratic,
    Sources,
    Training,
    UserError,
)
from benchmark.declare.effort import run_effort
from benchmark.declare.fields import traced_fields
from benchmark.declare.paths import get, with_settings
from benchmark.probes import Weights
from helpers.declared import BASE, BATCH, EPOCHS, RATE, Part, untyped

# --- fields -------------------------------------------------------------------------------


def test_parts_must_be_what_they_stand_for():
    with pytest.raises(UserError, match="Condition.task is .*MLP.*, but must be a Task"):
        Condition(untyped(MLP()), MLP())
    with pytest.raises(UserError, match="must be an Optimizer"):
        dataclasses.replace(BASE, optimizer=untyped(MLP()))
    with pytest.raises(UserError, match=re.escape("Condition.probes[1]")):
        dataclasses.replace(BASE, probes=untyped((Weights(1), "weights")))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({BATCH: 65}, "batch_size is 65, but the task has only 64 training samples"),
        ({"training.order": "fresh"}, "needs a number of steps per epoch"),
        (
            {"training.balance": "oversample", "training.order": "once"},
            "draws samples at random",
        ),
        (
            {"training.early_stopping": EarlyStopping(), "training.evaluate_every": 2},
            "every epoch",
        ),
        ({"training.schedule": Plateau(), "training.evaluate_every": 2}, "set it to 1"),
        ({"training": Training(1, FULL, "fresh", steps=2)}, "give a number"),
        ({"task.n_train": 1797}, "has only 1797 samples"),
    ],
)
def test_settings_that_contradict_each_other(changes, sentence):
    with pytest.raises(UserError, match=re.escape(sentence)):
        with_settings(BASE, changes)


# --- ids ----------------------------------------------------------------------------------


def test_bind_puts_tracers_where_numbers_were_and_checks_nothing():
    tracer = object()
    bound = BASE.bind({RATE: tracer, "training": -1})
    assert get(bound, RATE) is tracer
    assert bound.training == -1
    assert bound.model is not None and bound.task == BASE.task
    assert get(BASE, RATE) == 0.1, "the original is as it was"
    assert traced_fields(BASE) == {RATE: 0.1}
    assert traced_fields(Part(maybe=1)).keys() == {"number", "positive", "free", "maybe"}


def test_steps_and_batches_as_numbers():
    assert (BASE.batch_size, BASE.steps_per_epoch) == (16, 4)
    full = with_settings(BASE, {BATCH: FULL})
    assert (full.batch_size, full.steps_per_epoch) == (64, 1)
    assert full.settings[BATCH] == 64
    rest = with_settings(BASE, {BATCH: 24})
    assert rest.steps_per_epoch == 3
    assert with_settings(rest, {"training.last_batch": "drop"}).steps_per_epoch == 2
    assert Sources(order=5).seeds(2) == (2, 2, 2, 5, 2, 2, 2, 2)
    assert run_effort(with_settings(BASE, {EPOCHS: 4})) == 2 * run_effort(BASE)


# --- early stopping -----------------------------------------------------------------------


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

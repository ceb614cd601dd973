"""Settings by path, and from the keyboard."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import FULL, UserError
from benchmark.declare.paths import flatten, get, parse, with_settings
from benchmark.probes import Weights
from helpers.declared import BASE, BATCH, EPOCHS, RATE


def test_settings_by_path():
    flat = dict(flatten(with_settings(BASE, {"model.widths": (8, 4), "probes": (Weights(2),)})))
    assert flat[RATE] == 0.1 and get(BASE, RATE) == 0.1
    assert flat["model"] == "MLP" and flat["model.widths"] == "8-4"
    assert flat["probes"] == "Weights"
    assert dict(flatten(BASE))["model.widths"] == 8
    with pytest.raises(UserError, match="Did you mean 'learning_rate'"):
        get(BASE, "optimizer.learnig_rate")
    with pytest.raises(UserError, match="There is no setting .* has no parts"):
        get(BASE, RATE + ".more")
    with pytest.raises(UserError, match="There is no setting .* has no parts"):
        with_settings(BASE, {RATE + ".more": 1})
    with pytest.raises(UserError, match="SGD.learning_rate is -1.0, but must be at least 0"):
        with_settings(BASE, {RATE: -1})


@pytest.mark.parametrize(
    ("path", "text", "parsed"),
    [
        (RATE, "1e-3", 0.001),
        (RATE, "2", 2.0),
        (EPOCHS, "40", 40),
        (BATCH, "full", FULL),
        (BATCH, "32", 32),
        ("training.log_steps", "False", False),
        ("training.log_steps", "true", True),
        ("training.order", "once", "once"),
        ("training.steps", "none", None),
        ("training.steps", "7", 7),
        ("model.widths", "32-32", (32, 32)),
        ("model.widths", "(32-16)", (32, 16)),
        ("model.widths", "64", (64,)),
        ("model.dropout", "0.5", 0.5),
        ("model.dropout", "None", None),
        ("sources.data", "3", 3),
    ],
)
def test_text_from_the_keyboard(path: str, text: str, parsed: Any):
    found = parse(BASE, path, text)
    assert found == parsed and type(found) is type(parsed)


@pytest.mark.parametrize(
    ("path", "text", "allowed"),
    [
        (RATE, "fast", "a number"),
        (RATE, "nan", "a number"),
        (RATE, "inf", "a number"),
        (RATE, "__import__('os')", "a number"),
        (EPOCHS, "2.5", "a whole number"),
        (EPOCHS, "9" * 400, "a whole number"),
        (BATCH, "all", "a whole number or 'full'"),
        ("training.log_steps", "1", "true or false"),
        ("training.order", "random", "'reshuffle' or 'once'"),
        ("model.widths", "32-", "a tuple of whole numbers"),
        ("model.widths", "", "a tuple of whole numbers"),
        ("probes", "Weights", "a tuple of"),
        ("optimizer", "SGD", "is a part"),
    ],
)
def test_text_that_does_not_fit(path: str, text: str, allowed: str):
    with pytest.raises(UserError, match=re.escape(f"--set {path}={text}: ")) as raised:
        parse(BASE, path, text)
    assert allowed in str(raised.value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_survives_the_command_line(number: float):
    assert parse(BASE, RATE, repr(number)) == number


@given(st.lists(st.integers(1, 999), min_size=1, max_size=5))
def test_every_tuple_survives_the_command_line(widths: list[int]):
    condition = with_settings(BASE, {"model.widths": tuple(widths)})
    text = str(dict(flatten(condition))["model.widths"])
    assert parse(BASE, "model.widths", text) == tuple(widths)

"""What makes two conditions the same, and two programs."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark import (
    SGD,
    Condition,
    Digits,
    Momentum,
    UserError,
)
from benchmark.declare.identity import (
    canonical,
    digest,
    template_of,
)
from benchmark.declare.load import load_file
from benchmark.declare.paths import parse, with_settings
from benchmark.declare.places import scenario_files
from benchmark.parts import Model
from benchmark.probes import Weights
from benchmark.store.reference import Reference
from benchmark.workbench.stock import reference_root
from helpers.declared import BASE, BATCH, EPOCHS, RATE, Part, untyped

# --- ids ----------------------------------------------------------------------------------


def test_the_id_is_the_hash_of_the_canonical_form():
    """Whoever changes these numbers makes every stored result a stranger."""
    pinned = Part(number=0.25, maybe=3)
    assert canonical(pinned) == {"kind": "Part", "number": 0.25, "maybe": 3.0}
    every = Part(0.25, 0.5, 1.0, 4, 3, False, "green", (5,), (2, 1.0), round, Part())
    assert canonical(every) == {
        "kind": "Part", "number": 0.25, "positive": 0.5, "free": 1.0, "count": 4,
        "maybe": 3.0, "flag": False, "word": "green", "widths": [5], "pair": [2, 1.0],
        "rule": "builtins:round", "inner": {"kind": "Part"},
    }  # fmt: skip
    assert digest(pinned) == "4586d1ce43bd"
    assert BASE.id == "74acea07713d"


def test_the_same_setting_has_the_same_id_however_it_is_spelled():
    assert dataclasses.replace(BASE, optimizer=SGD(1)).id == with_settings(BASE, {RATE: 1.0}).id
    assert digest(Part(widths=untyped([4, 4]))) == digest(Part())
    assert with_settings(BASE, {RATE: parse(BASE, RATE, "1e-1")}).id == BASE.id
    assert json.loads(json.dumps(canonical(BASE))) == canonical(BASE)


DIFFERENT = {
    RATE: 0.2,
    BATCH: 8,
    EPOCHS: 3,
    "model.widths": (8, 8),
    "model.dropout": 0.1,
    "task.mislabelled": 0.0,
    "optimizer": Momentum(0.1, 0.0),
    "sources.order": 7,
    "probes": (Weights(1),),
    "training.last_batch": "drop",
}


def test_different_settings_have_different_ids():
    ids = {BASE.id, *(with_settings(BASE, {path: new}).id for path, new in DIFFERENT.items())}
    assert len(ids) == 1 + len(DIFFERENT)


@pytest.mark.parametrize("path", [RATE, EPOCHS, "sources.order"])
def test_values_epochs_and_pinned_sources_share_a_program(path):
    assert with_settings(BASE, {path: DIFFERENT[path]}).group == BASE.group


def test_levels_of_a_value_that_is_switched_on_share_a_program():
    on = [with_settings(BASE, {"model.dropout": rate}).group for rate in (0.1, 0.5)]
    assert on[0] == on[1] != BASE.group


def test_data_are_no_part_of_what_trains():
    other = with_settings(BASE, {"task.mislabelled": 0.1})
    assert other.group == BASE.group and other.template != BASE.template


ARGUMENTS = {RATE, EPOCHS, "sources.order", "task.mislabelled"}


@pytest.mark.parametrize("path", sorted(set(DIFFERENT) - ARGUMENTS))
def test_shapes_make_a_program_of_their_own(path):
    assert with_settings(BASE, {path: DIFFERENT[path]}).group != BASE.group


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_group_never_depends_on_a_value(first: float, second: float):
    groups = {template_of(SGD(first)), template_of(SGD(second))}
    assert len(groups) == 1


# --- conditions ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(scenario_files()))
def test_every_stored_reference_is_of_todays_conditions(name: str, tmp_path: Path):
    resolved = load_file(scenario_files()[name]).resolve()
    held = Reference.at(resolved, reference_root(None), tmp_path)
    assert held.exists and held.strangers == 0
    assert len(held.about["conditions"]) == len(resolved.conditions)


def test_functions_that_only_differ_in_what_they_do_are_refused():
    @dataclass(frozen=True)
    class Ruled(Model):
        rule: Callable[..., Any] = abs

    named = Condition(Digits(64, 64), Ruled(round))
    assert named.id != Condition(Digits(64, 64), Ruled(abs)).id
    with pytest.raises(UserError, match="'.*<lambda>' of .*, but must hold functions"):
        _ = Condition(Digits(64, 64), Ruled(lambda x: x)).id

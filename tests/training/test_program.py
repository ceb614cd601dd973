"""Programs take what they are known by, and nothing else."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import cloudpickle
import pytest

from benchmark import (
    MLP,
    SGD,
    Augmentation,
    Condition,
    Cosine,
    Digits,
    EarlyStopping,
    Evaluation,
    Momentum,
    Plateau,
    Point,
    Quadratic,
    Sources,
    Training,
)
from benchmark.declare import paths as settings
from benchmark.declare.identity import select, template_of
from benchmark.parts import Model
from benchmark.probes import Sharpness, UpdateNorm
from benchmark.training.lanes import Run, _compiler, train
from benchmark.training.program import LOOK, ORDER, ORDER_SEEN, SPLIT, START, TRAIN, WATCH

BASE = Condition(Digits(64, 64), MLP((4,)), SGD(0.1), Training(2, 16))

PROGRAMS = {
    "data": SPLIT, "start": START, "order": ORDER, "train": TRAIN,
    "look": LOOK["validation"], "seen": ORDER_SEEN, "watch": WATCH,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "other"),
    [
        ({"optimizer.learning_rate": 0.2}, ""),
        ({"training.epochs": 5}, ""),
        ({"sources": Sources(data=3)}, ""),
        ({"optimizer": Momentum(0.1)}, "start train"),
        ({"model.widths": (8,)}, "start train look"),
        ({"model.dropout": 0.1}, "start train look"),
        ({"sources": Sources(one_bit=True)}, "start"),
        ({"training.schedule": Cosine()}, "start train watch"),
        ({"training.schedule": Plateau()}, "start train watch"),
        ({"training.average": 0.9}, "start train"),
        ({"training.clip_norm": 1.0}, "start train"),
        ({"training.weight_decay": 0.1}, "start train"),
        ({"training.late_batches": 2}, "start train"),
        ({"training.early_stopping": EarlyStopping()}, "start train watch"),
        ({"training.batch_size": 8}, "order train"),
        ({"training.order": "sorted"}, "order train"),
        ({"training.last_batch": "drop"}, "order train"),
        ({"training.steps": 3}, "order train"),
        ({"training.passes": "restart"}, "order train"),
        ({"training.balance": "oversample"}, "order train"),
        ({"evaluation": Evaluation(steps=1)}, "seen"),
        ({"evaluation": Evaluation(per_class=True)}, "look"),
        ({"training.log_steps": False}, "train"),
        ({"training.evaluate_every": 2}, ""),
        ({"training.augmentation": Augmentation(shift=0.1)}, "train"),
        ({"probes": (UpdateNorm(1),)}, "train"),
        ({"probes": (Sharpness(1),)}, ""),
        ({"probes": (Sharpness(1),)}, ""),
        ({"task.mislabelled": 0.1}, "data"),
        ({"task.n_validation": 48}, "data"),
        ({"task.n_train": 48}, "data order train"),
    ],
    ids=str,
)
def test_a_setting_is_part_of_just_the_programs_that_depend_on_it(changes, other: str):
    changed = settings.with_settings(BASE, changes)
    differ = {
        name
        for name, program in PROGRAMS.items()
        if program.template(changed) != program.template(BASE)
    }
    assert differ == set(other.split())


def test_a_program_can_read_nothing_that_it_is_not_known_by():
    chosen = select(BASE, ("training.order", "optimizer"), BASE.values)
    assert chosen.training.order == "reshuffle"
    with pytest.raises(AttributeError, match="does not take the setting 'batch_size'"):
        _ = chosen.training.batch_size
    held = template_of(chosen)
    assert held.numbers == ("optimizer.learning_rate",)
    # A number that varies within a program cannot slip into it either.
    with pytest.raises(TypeError):
        _ = held.settings.optimizer.learning_rate * 2
    assert held.settings.bind({"optimizer.learning_rate": 0.5}).optimizer == SGD(0.5)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, 0.0), (0.0, -0.0), (1, "1")])
def test_settings_of_other_types_make_other_programs(one: object, other: object):
    @dataclass(frozen=True)
    class Loose(Model):
        any: Any = None

    assert template_of(Loose(one)) != template_of(Loose(other))
    assert template_of(Loose((one,))) == template_of(Loose((one,)))


def test_groups_with_one_task_draw_their_data_by_one_program():
    small = Condition(Quadratic(n_train=12), Point(), training=Training(1, 4))
    for optimizer in (SGD(0.1), Momentum(0.1)):
        train([Run(replace(small, optimizer=optimizer), 0)])
    compiled: Any = _compiler(SPLIT)(SPLIT.template(small), 1)
    assert compiled._cache_size() == 1


RULED = """
from collections.abc import Callable
from dataclasses import dataclass
from benchmark.parts import Model

FACTOR = 2.0

def inner(x):
    return FACTOR * x

def rule(x):
    return inner(x) if x else rule(1 - x)

@dataclass(frozen=True)
class Ruled(Model):
    rule: Callable = rule

made = Ruled()
"""


def travelled(source: str) -> Model:
    """A model made by some source, after a journey by value such as to a worker."""
    names: dict[str, Any] = {"__name__": "ruled"}
    sys.modules["ruled"] = module = type(sys)("ruled")
    vars(module).update(names)
    exec(source, vars(module))
    cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.loads(cloudpickle.dumps(module.made))
    finally:
        cloudpickle.unregister_pickle_by_value(module)
        del sys.modules["ruled"]


def test_functions_that_have_travelled_are_told_apart_by_what_they_do():
    first, second = travelled(RULED), travelled(RULED)
    rules = {"same": vars(first)["rule"], "other": vars(second)["rule"]}
    assert rules["same"] is not rules["other"]
    assert template_of(replace(first, **{"rule": rules["other"]})) == template_of(first)
    altered = vars(travelled(RULED.replace("2.0", "3.0")))["rule"]
    assert template_of(replace(first, **{"rule": altered})) != template_of(first)
    # Their classes have one name, but each was made anew.
    assert template_of(second) != template_of(first)


def test_runs_of_two_classes_of_one_name_are_refused(write_own):
    first, second = (
        write_own().conditions[0],
        write_own("GAIN = 1.0", "GAIN = 0.5").conditions[0],
    )
    assert first.id == second.id and first.group != second.group
    with pytest.raises(ValueError, match=r"same classes, but one has .*own\.Mine .* where"):
        train([Run(first, 0), Run(second, 0)])
    with pytest.raises(ValueError, match="share group and number of epochs"):
        train([Run(BASE, 0), Run(replace(BASE, training=Training(3, 16)), 0)])

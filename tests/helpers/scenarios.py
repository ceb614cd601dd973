"""Small scenario files, and their results."""

from pathlib import Path
from typing import Any

from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.store.results import Results

NAMES = list(scenario_files())
"""The catalogue's."""

SMALL = """
from benchmark import (
    SGD, Claim, Condition, Decreases, Level, Point, Quadratic, RiseFraction, Scenario, Training,
    Within,
)

scenario = Scenario(
    question="Does a small question have a small answer?",
    says="Post A says so.",
    family="case",
    base=Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(epochs=8, batch_size=4)),
    vary={"training.batch_size": (1, 2, 8)},
    claims=(
        Claim("falls", "It falls with the batch size.", Level("validation_loss"),
              Decreases("training.batch_size")),
        Claim("in-bounds", "It stays in bounds.", RiseFraction("train_loss"),
              Within(low=0, high=1), where={"training.batch_size": (1, 2)}),
    ),
    seeds=4,
    block=2,
    scales={"paper": {"seeds": 6}},
)
"""

# A model of its own, with a base, a constant, a function and a module that it depends on.
OWN = """
from dataclasses import dataclass

import helper
from benchmark import SGD, Claim, Condition, Custom, Decreases, Level, Quadratic
from benchmark.parts import Model
from benchmark import Scenario, Training, models

GAIN = 1.0
TITLE = "first"
SHIFTS = {}
SHIFTS["shift"] = 0.0


def times(x):
    return GAIN * x * helper.ONE


@dataclass(frozen=True)
class Base(Model):
    start: float = 3.0

    def begin(self, outputs):
        import jax.numpy as jnp

        return {"params": {"w": jnp.full((outputs,), self.start, jnp.float32)}}


@dataclass(frozen=True)
class Mine(Base):
    '''One weight.'''

    def network(self, outputs):
        return models.Network(
            init=lambda key, x: self.begin(outputs),
            apply=lambda v, x, mode, key: (
                times(x) * v["params"]["w"][None] + SHIFTS["shift"], v
            ),
        )


def highest(curve):
    return curve.max(-1)


def draw(figure, conditions):
    # A note.
    figure.suptitle(TITLE)


scenario = Scenario(
    question="Is it the same?",
    says="It had better be.",
    base=Condition(Quadratic(n_train=8), Mine(), SGD(0.2), Training(epochs=2, batch_size=4)),
    vary={"training.batch_size": (2, 8)},
    claims=(
        Claim("falls", "It falls.", Level("validation_loss"),
              Decreases("training.batch_size")),
    ),
    show=(Custom("highest", "train_loss", highest),),
    seeds=2,
    block=2,
    figure=draw,
)
"""


def written(folder: Path, text: str, name: str = "mine") -> Path:
    """A scenario file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text)
    return path


def computed(path: Path, folder: Path, **how: Any) -> Results:
    """All results of a scenario file, computed in this process."""
    resolved = load_file(path).resolve(**how)
    assert not execute(resolved, folder, Options("inline")).failures
    return Results.at(resolved, folder)

"""A file may bring its own task, model, probe and measure."""

from pathlib import Path

import pytest

from benchmark.answers.answer import answer
from benchmark.declare.load import load_file
from benchmark.execution.run import Options
from benchmark.execution.run import run as execute
from benchmark.store.results import Results
from helpers.scenarios import written

OWN = '''
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from benchmark import (
    SGD, Claim, Condition, Custom, Scenario, Sources, Training, Within, models, tasks,
)
from benchmark.parts import Model, Probe, Task, static, traced

SCALE = 2.0


@dataclass(frozen=True)
class Ramp(Task):
    """y = slope · x on evenly spaced points."""

    slope: float = traced(1.0)
    points: int = static(8, at_least=2)

    @property
    def loss(self):
        return "squared_error"

    @property
    def samples(self):
        return self.points

    @property
    def outputs(self):
        return 1

    def pool(self):
        x = np.linspace(-1, 1, self.points, dtype=np.float32)[:, None]
        return tasks.Pool(x, SCALE * x)

    def sample(self, pool, keys):
        index = jnp.arange(self.points)
        y = jnp.asarray(pool.y) * self.slope
        subset = tasks.Subset(pool.x, index, y, jnp.zeros(self.points, bool))
        return tasks.Split(subset, subset)


@dataclass(frozen=True)
class Slope(Model):
    start: float = traced(0.0)

    def network(self, outputs):
        return models.Network(
            init=lambda key, x: {"params": {"w": jnp.full((1, outputs), self.start)}},
            apply=lambda variables, x, mode, key: (x @ variables["params"]["w"], variables),
        )


@dataclass(frozen=True)
class Distance(Probe):
    every: int = static(1, at_least=1)

    def at_epoch(self, probing, key):
        wanted = SCALE * probing.condition.task.slope
        return {"distance": jnp.abs(probing.params["w"][0, 0] - wanted)}


def last_over_first(distance):
    return distance[:, -1] / distance[:, 0]


scenario = Scenario(
    question="Can a file bring everything of its own?",
    says="It can.",
    base=Condition(Ramp(), Slope(), SGD(1.0), Training(20, batch_size="full"),
                   probes=(Distance(),),
                   # Nothing is random, which is to be said: one run tells all.
                   sources=Sources(initialisation=0, data=0, mislabelling=0, order=0,
                                   dropout=0, evaluation=0)),
    vary={"task.slope": (1.0, 3.0)},
    claims=(
        Claim("arrives", "It arrives.",
              Custom("left", "distance", last_over_first, window=(0.0, 1.0)),
              Within(high=0.01)),
    ),
    seeds=8,
)
'''


@pytest.mark.parametrize("device", ["inline", "cpu"])
def test_a_file_may_bring_its_own_task_model_probe_and_measure(tmp_path: Path, device: str):
    resolved = load_file(written(tmp_path, OWN, f"own_{device}")).resolve()
    report = execute(resolved, tmp_path, Options(device))
    assert (report.computed, report.failures) == (2, {})
    found = answer(Results.at(resolved, tmp_path))
    for row, slope in zip(found.summaries, (1.0, 3.0), strict=True):
        assert row.settings["task.slope"] == slope
        # Curvature is the mean of x²; each step shrinks the distance by 1 − that.
        factor = (1 - sum((-1 + 2 * i / 7) ** 2 for i in range(8)) / 8) ** 20
        measured = row.measures["left(distance, window=0-1)"].number.estimate
        assert measured == pytest.approx(factor, rel=1e-2, abs=1e-6)
    (verdict,) = found.verdicts
    assert verdict.verdict == "supported"

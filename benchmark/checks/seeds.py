"""Ground truth 17: how far the accuracy on one test set varies between seeds.

The law needs two things that trained networks have only more or less. Its ensemble is
*calibrated*: of the test samples that a share q of the runs puts into class 1, the share
q is of class 1. And the runs err *independently* on different samples. Both hold exactly
where every input is orthogonal to the others and a run has seen one label of each, drawn
with the input's own probability q: the trained linear map repeats that label. An
untrained map on the same inputs, whose runs differ by their start, is the case q = ½.
"""

from dataclasses import dataclass

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.estimate import mean
from benchmark.declare.condition import Condition
from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.fields import static
from benchmark.declare.optimizers import SGD
from benchmark.declare.parts import Task
from benchmark.declare.training import FULL, Training
from benchmark.models import Linear
from benchmark.store.results import Runs

_LEVELS = np.arange(1, 10) / 10
_RATE = 180.0


@dataclass(frozen=True)
class Coins(Task):
    """Orthogonal inputs, each with a probability 0.1, 0.2, … 0.9 of class 1.

    A run trains on one label of each input and is validated on the same inputs, with
    labels that are the same for all runs and have exactly those shares.

    Attributes:
        tens: ten times as many inputs have each probability.
    """

    tens: int = static(1, at_least=1)

    @property
    def samples(self) -> int:
        return len(_LEVELS) * 10 * self.tens

    @property
    def outputs(self) -> int:
        return 2

    @property
    def probabilities(self) -> np.ndarray:
        """Of class 1, for each input."""
        return np.repeat(_LEVELS, 10 * self.tens).astype(np.float32)

    def pool(self) -> Pool:
        place = np.tile(np.arange(10 * self.tens), len(_LEVELS)) / (10 * self.tens)
        labels = place + 1e-3 < self.probabilities
        return Pool(np.eye(self.samples, dtype=np.float32), labels.astype(np.int32))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        import jax
        import jax.numpy as jnp

        from benchmark.tasks.corruption import clean

        inputs = jnp.arange(self.samples, dtype=jnp.int32)
        drawn = jax.random.uniform(keys("data"), (self.samples,)) < self.probabilities
        seen = clean(pool.x, inputs, drawn.astype(jnp.int32))
        return Split(seen, clean(pool.x, inputs, jnp.asarray(pool.y)))


def accuracy_variance(scale: Scale) -> Check:
    """GT 17: Var(accuracy) = err/(2n), exact; err = 2·mean q(1−q).

    At the learning rate 180 every step moves an input's margin by 2 or less towards its
    label, which is well past the start's after five.
    """
    base = Condition(
        task=Coins(),
        model=Linear(bias=False),
        optimizer=SGD(learning_rate=_RATE),
        training=Training(epochs=5, batch_size=FULL, order="fixed", log_steps=False),
    )
    runs = {"quick": 500, "full": 5000}[scale]
    vary = {"optimizer.learning_rate": (_RATE, 0.0)}
    declared = scenario("check_gt17", "variance between seeds", base, vary, runs)
    return Check(
        "GT 17 variance between seeds", declared, lambda stored: sum(map(_variance, stored), [])
    )


def _variance(runs: Runs) -> list[Comparison]:
    task = runs.condition.task
    assert isinstance(task, Coins)
    trained = runs.condition.settings["optimizer.learning_rate"] > 0
    q = task.probabilities.astype(float) if trained else np.full(task.samples, 0.5)
    accuracy = runs.series["validation_accuracy"][:, -1].astype(float)
    error = 2 * float(np.mean(q * (1 - q)))
    deviation = (accuracy - accuracy.mean()) ** 2 * len(accuracy) / (len(accuracy) - 1)
    at = "trained" if trained else "untrained"
    comparisons = [
        Comparison(f"GT 17 error, {at}", error, *mean(1 - accuracy)),
        Comparison(
            f"GT 17 variance of accuracy over seeds, {at}",
            theory.seed_accuracy_variance(error, task.samples),
            *mean(deviation),
        ),
    ]
    if trained:
        repeated = float(runs.series["train_accuracy"][:, -1].min())
        comparisons.append(Comparison("GT 17 labels repeated, worst run", 1.0, repeated, 0.0))
    return comparisons

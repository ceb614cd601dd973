"""Ground truth 19: how the running statistics of batch normalisation follow the batches.

The learning rate is 0, so that what is normalised is a fixed linear map of the inputs:
of fresh Gaussian ones in the first check, of inputs that grow steadily in the second.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, scenario
from benchmark.checks.estimate import ratio
from benchmark.declare.condition import Batch, Condition, Probe, Probing
from benchmark.declare.data import Keys, Pool, Split
from benchmark.declare.fields import static
from benchmark.declare.optimizers import SGD
from benchmark.declare.parts import Loss, Task
from benchmark.declare.training import Training
from benchmark.models import MLP
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

if TYPE_CHECKING:
    from jaxtyping import Array

_STEPS = 1000
_BATCH = 4


@dataclass(frozen=True)
class Statistics(Probe):
    """Running mean and variance of the one unit of a normalised layer, and its kernel."""

    every: int = static(1, at_least=1)

    def at_step(
        self, probing: Probing, memory: Any, batch: "Batch"
    ) -> "tuple[Any, dict[str, Array]]":
        import jax.numpy as jnp

        running = probing.variables["batch_stats"]["BatchNorm_0"]
        kernel = probing.params["Dense_0"]["kernel"]
        series = {
            "step_mean": running["mean"][0],
            "step_variance": running["var"][0],
            "step_kernel_sum": jnp.sum(kernel),
            "step_kernel_norm2": jnp.sum(kernel**2),
        }
        return memory, series


@dataclass(frozen=True)
class Ramp(Task):
    """Inputs 1, 2, 3, …, in that order if the order is "fixed"; nothing to learn.

    Attributes:
        length: number of samples.
    """

    length: int = static(_STEPS, at_least=1)

    @property
    def loss(self) -> Loss:
        return "squared_error"

    @property
    def samples(self) -> int:
        return self.length

    @property
    def outputs(self) -> int:
        return 1

    def pool(self) -> Pool:
        x = np.arange(1, self.length + 1, dtype=np.float32)[:, None]
        return Pool(x, np.zeros_like(x))

    def sample(self, pool: Pool, keys: Keys) -> Split:
        import jax.numpy as jnp

        from benchmark.tasks.corruption import clean

        del keys
        inputs, y = jnp.arange(self.length, dtype=jnp.int32), jnp.asarray(pool.y)
        return Split(clean(pool.x, inputs, y), clean(pool.x, inputs[:1], y[:1]))


def statistics(scale: Scale) -> Check:
    """GT 19: m^k is left of the first statistics after k steps; noise (1−m)/(1+m); exact.

    A batch of B has the mean 0 with variance ‖w‖²/B, and the variance ‖w‖²(B−1)/B in
    expectation, where running statistics begin at 0 and 1. Their noise is taken from the
    second epoch; with m = 0.99 it has come to 1 − m^2000 of its floor by then.
    """
    base = Condition(
        task=GaussianRegression(dimension=2),
        model=MLP(widths=(1,), batch_norm=0.9),
        optimizer=SGD(learning_rate=0.0),
        training=Training(
            epochs=2, batch_size=_BATCH, order="fresh", steps=_STEPS, log_steps=False
        ),
        probes=(Statistics(),),
    )
    runs = {"quick": 100, "full": 1000}[scale]
    vary = {"model.batch_norm": (0.9, 0.99)}
    declared = scenario("check_gt19", "running statistics", base, vary, runs)
    return Check(
        "GT 19 running statistics", declared, lambda stored: sum(map(_statistics, stored), [])
    )


def _statistics(runs: Runs) -> list[Comparison]:
    momentum = runs.condition.settings["model.batch_norm"]
    norm2 = runs.series["step_kernel_norm2"][:, 1, 0].astype(float)
    means = runs.series["step_mean"][:, 2].astype(float)
    noise = ratio(np.mean(means**2, 1), norm2 / _BATCH)
    name = f"GT 19 noise of running ÷ batch means, m={momentum:g}"
    comparisons = [Comparison(name, theory.batch_norm_noise_factor(momentum), *noise)]
    of_batch = norm2 * (_BATCH - 1) / _BATCH
    for steps in {0.9: (3, 31), 0.99: (31, 459)}[momentum]:
        left = theory.batch_norm_initial_weight(momentum, steps)
        variance = runs.series["step_variance"][:, 1, steps - 1].astype(float)
        # The weight w in variance = w·1 + (1 − w)·of_batch, by least squares.
        weight = ratio((variance - of_batch) * (1 - of_batch), (1 - of_batch) ** 2)
        name = f"GT 19 weight of the first variance after {steps} steps, m={momentum:g}"
        comparisons.append(Comparison(name, left, *weight))
    return comparisons


def drift(scale: Scale) -> Check:
    """GT 19: the running mean of steadily growing inputs lags m/(1−m) steps behind.

    Up to m^k after k steps, as it starts at the right place. Each step rounds a number of
    size k, which is remembered for 1/(1−m) steps.
    """
    base = Condition(
        task=Ramp(),
        model=MLP(widths=(1,), batch_norm=0.9),
        optimizer=SGD(learning_rate=0.0),
        training=Training(epochs=1, batch_size=1, order="fixed", log_steps=False),
        probes=(Statistics(),),
    )
    runs = {"quick": 2, "full": 10}[scale]
    vary = {"model.batch_norm": (0.9, 0.99)}
    declared = scenario("check_gt19_drift", "a drifting statistic", base, vary, runs, lanes=1)
    return Check("GT 19 drift", declared, lambda stored: list(map(_drift, stored)))


def _drift(runs: Runs) -> Comparison:
    momentum = runs.condition.settings["model.batch_norm"]
    reached = runs.series["step_mean"][:, 1, -1] / runs.series["step_kernel_sum"][:, 1, -1]
    lags = _STEPS - reached.astype(float)
    predicted = theory.batch_norm_lag(momentum)
    worst = float(lags[np.argmax(np.abs(lags - predicted))])
    rounding = 4 * float(np.finfo(np.float32).eps) * _STEPS / momentum
    name = f"GT 19 steps behind a drift, worst run, m={momentum:g}"
    return Comparison(name, predicted, worst, 0.0, momentum**_STEPS + rounding)

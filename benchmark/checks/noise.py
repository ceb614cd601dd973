"""Ground truth 8: gradient noise of batches without replacement, and the noise scale.

The learning rate is 0, so that the parameters stand still and every epoch draws batches
anew. At w = 0 the gradient of a sample of Gaussian regression has mean −w* and covariance
trace (d+1)‖w*‖² + τ²d.
"""

import numpy as np

from benchmark import theory
from benchmark.checks.check import Check, Comparison, Scale, paired, scenario
from benchmark.checks.estimate import mean, ratio
from benchmark.declare.condition import Condition
from benchmark.declare.optimizers import SGD
from benchmark.declare.training import Training
from benchmark.models import Linear
from benchmark.probes import GradientNoise
from benchmark.store.results import Runs
from benchmark.tasks import GaussianRegression

_BATCHES = (4, 48)


def gradient_noise(scale: Scale) -> Check:
    """GT 8: the factor (N−B)/(N−1), and |G|² and tr Σ from two batch sizes, exact.

    The two estimates take samples for independent. On batches without replacement their
    expectations are, exactly, tr Σ·N/(N−1) and |G|² − tr Σ/(N−1) of the run's training
    set: the unbiased estimates of the population's values.
    """
    base = Condition(
        task=GaussianRegression(dimension=50, n_train=192, noise=0.5),
        model=Linear(bias=False, start="zeros"),
        optimizer=SGD(learning_rate=0.0),
        training=Training(epochs=3, batch_size=4, log_steps=False),
        probes=(GradientNoise(every=1),),
    )
    runs = {"quick": 100, "full": 1000}[scale]
    vary = {"training.batch_size": _BATCHES}
    declared = scenario("check_gt08", "gradient noise of batches", base, vary, runs)
    return Check("GT 8 gradient noise", declared, _compare)


def _compare(stored: list[Runs]) -> list[Comparison]:
    small, large = stored
    settings = small.condition.settings
    samples, dimension = settings["task.n_train"], settings["task.dimension"]
    signal, noise = settings["task.signal"] ** 2, settings["task.noise"] ** 2
    trace = (dimension + 1) * signal + noise * dimension
    estimates = np.array(
        [
            theory.noise_scale(*_BATCHES, *squares)
            for squares in zip(
                _mean(small, "batch_gradient_norm2"),
                _mean(large, "batch_gradient_norm2"),
                strict=True,
            )
        ]
    )
    own_trace = _mean(small, "gradient_noise") * samples / (samples - 1)
    own_signal = _mean(small, "gradient_norm2") - own_trace / samples
    pair = f"from B={_BATCHES[0]} and {_BATCHES[1]}"
    return [
        *(_factor(runs) for runs in stored),
        Comparison(f"GT 8 |G|² {pair}, population", signal, *mean(estimates[:, 0])),
        Comparison(f"GT 8 tr Σ {pair}, population", trace, *mean(estimates[:, 1])),
        paired(f"GT 8 |G|² {pair}, run's own", own_signal, estimates[:, 0]),
        paired(f"GT 8 tr Σ {pair}, run's own", own_trace, estimates[:, 1]),
    ]


def _factor(runs: Runs) -> Comparison:
    samples, batch = runs.condition.task.samples, runs.condition.batch_size
    noise = runs.series["batch_gradient_noise"].astype(float).mean(1)
    simulated = ratio(noise * batch, _mean(runs, "gradient_noise"))
    predicted = theory.finite_population_factor(samples, batch)
    name = f"GT 8 B·noise of batches ÷ tr Σ, N={samples}, B={batch}"
    return Comparison(name, predicted, *simulated)


def _mean(runs: Runs, series: str) -> np.ndarray:
    """Mean over the epochs of each run."""
    return runs.series[series].astype(float).mean(1)

"""Distributions over seeds, here and in Keras, by two-sample tests."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmark.declare.errors import require
from benchmark.declare.measure import Measure
from benchmark.execution.place import cores
from benchmark.parity.systems import SYSTEMS
from benchmark.statistics.measures import EvaluationGap, Final, Jitter

LEVEL = 0.05
"""Chance that anything is said to differ when nothing does, over all tests (Holm 1979)."""

MEASURES: tuple[Measure, ...] = (
    Final("train_loss"),
    Final("validation_loss"),
    Final("validation_accuracy"),
    Jitter("validation_loss"),
    EvaluationGap("loss", window=(0.0, 1.0)),
)


@dataclass(frozen=True)
class Agreement:
    """One measure of one system on both sides.

    Attributes:
        system, measure: names.
        ours, keras: mean over seeds.
        ours_sd, keras_sd: SD over seeds.
        p_location: p-value of the Mann-Whitney test.
        p_shape: p-value of the Kolmogorov-Smirnov test.
        agrees: neither test rejects at the family's level.
    """

    system: str
    measure: str
    ours: float
    ours_sd: float
    keras: float
    keras_sd: float
    p_location: float
    p_shape: float
    agrees: bool


def agreements(
    seeds: int = 20, said: Callable[[str], None] = lambda sentence: None
) -> list[Agreement]:
    """Train every system with `seeds` seeds in Keras and here, and compare.

    Raises:
        UserError: Keras is not installed.
    """
    require(
        find_spec("keras") is not None,
        "Keras is not installed. Install it with: "
        "pip install -c constraints.txt -e '.[parity]'",
    )
    from benchmark.statistics.inference.multiplicity import holm

    values = []
    for name in SYSTEMS:
        said(f"{name}: {seeds} seeds in Keras and here …")
        theirs, ours = _keras(name, seeds), _ours(name, seeds)
        values += [(name, m, _measure(m, ours), _measure(m, theirs)) for m in MEASURES]
    tests = [_tests(ours, theirs) for _, _, ours, theirs in values]
    differ = (holm(np.array(tests).reshape(-1)) <= LEVEL).reshape(-1, 2)
    return [
        Agreement(
            system,
            measure.name,
            float(ours.mean()),
            float(ours.std(ddof=1)),
            float(theirs.mean()),
            float(theirs.std(ddof=1)),
            *test,
            agrees=not differs.any(),
        )
        for (system, measure, ours, theirs), test, differs in zip(
            values, tests, differ, strict=True
        )
    ]


def _measure(measure: Measure, series: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(measure.evaluate(series))


def _tests(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    from scipy.stats import ks_2samp, mannwhitneyu

    # Both give (statistic, p-value).
    return float(mannwhitneyu(ours, theirs)[1]), float(tuple(ks_2samp(ours, theirs))[1])


def _ours(system: str, seeds: int) -> dict[str, np.ndarray]:
    """Series of our runs without epoch 0, which Keras does not have, [run, epoch]."""
    from benchmark.declare.scenario import Scenario
    from benchmark.execution.run import Options, run
    from benchmark.store.results import Results

    scenario = Scenario(
        question="Do the curves agree with Keras'?",
        says="The engine trains as Keras does.",
        base=SYSTEMS[system],
        seeds=seeds,
        block=-(-seeds // 4),
        name=f"parity_{system.lower()}",
    )
    resolved = scenario.resolve()
    with tempfile.TemporaryDirectory() as folder:
        run(resolved, Path(folder), Options())
        (runs,) = Results.at(resolved, Path(folder)).all_runs()
        return {name: np.array(held[:, 1:]) for name, held in runs.series.items()}


def _keras(system: str, seeds: int) -> dict[str, np.ndarray]:
    """Series of Keras' runs, trained in one pinned single-threaded process per core."""
    places = cores()
    shares = np.array_split(np.arange(seeds), len(places))
    with tempfile.TemporaryDirectory() as folder:
        files, started = [], []
        for core, share in zip(places, shares, strict=True):
            if not len(share):
                continue
            file = Path(folder) / f"{core}.npz"
            words = [str(core), system, str(share[0]), str(len(share)), str(file)]
            program = [sys.executable, "-m", "benchmark.parity.keras_side", *words]
            started.append(subprocess.Popen(program))
            files.append(file)
        failed = [process.args for process in started if process.wait() != 0]
        require(not failed, f"Keras failed: {failed}.")
        parts = [dict(np.load(file)) for file in files]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

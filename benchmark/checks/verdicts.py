"""How often a verdict is false, where the truth sits on the border of what is claimed.

On the border either verdict is wrong in its own way, and nowhere else are errors as frequent.
Every expectation is tried on runs that are normal, skewed or shares of runs, each judged
as measures of its kind are: normal ones by their mean, positive ones by their geometric
mean, noughts and ones by exact bounds. For means of unbounded skewed numbers no procedure is
valid (Bahadur & Savage 1956), so none is tried.
"""

import itertools
import json
import math
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmark.checks.check import Comparison, Scale
from benchmark.claims import (
    Claim,
    Decreases,
    Difference,
    Equals,
    Expectation,
    Increases,
    NoEffect,
    Peaks,
    PowerLaw,
    Ratio,
    Share,
    Within,
)
from benchmark.declare.designs import SOURCE
from benchmark.declare.identity import digest
from benchmark.declare.measure import Measure
from benchmark.declare.source import package_code, package_files
from benchmark.execution.place import cores
from benchmark.statistics.claims.trend import slope_weights
from benchmark.statistics.claims.verdicts import judge
from benchmark.statistics.inference.multiplicity import FAMILY_WISE
from benchmark.statistics.measures import Final, RunSpread
from benchmark.statistics.selection import ConditionResult
from benchmark.store.atomic import write

ALLOWED = 0.2
"""A rate may be above the stated level by this share of it, its Monte-Carlo error included."""
SURE = 1.645
"""Standard errors of the one-sided 95 % bound on a simulated rate."""
ENOUGH = 10_000
"""Replicates from which on the bound, and not the rate itself, is held against the level."""
RUNS = (10, 32, 64)

_DOSES = np.array([1.0, 2.0, 4.0, 8.0])


@dataclass(frozen=True)
class Distribution:
    """A distribution of runs, and the measure that such runs are judged as.

    Attributes:
        name: in words.
        measure: of the kind the runs are.
        draw: (generator, height [condition], number of runs) → [condition, run], whose
            summary over runs is the height.
        top: the largest height.
    """

    name: str
    measure: Measure
    draw: Callable[[np.random.Generator, np.ndarray, int], np.ndarray]
    top: float = 8.0


def _normal(rng: np.random.Generator, height: np.ndarray, runs: int) -> np.ndarray:
    return height[:, None] + 0.3 * rng.standard_normal((len(height), runs))


def _exponential(rng: np.random.Generator, height: np.ndarray, runs: int) -> np.ndarray:
    # The geometric mean of an exponential variable of mean 1 is e^−γ.
    return (
        height[:, None] * rng.exponential(size=(len(height), runs)) * math.exp(np.euler_gamma)
    )


def _lognormal(sigma: float) -> Callable[..., np.ndarray]:
    def draw(rng: np.random.Generator, height: np.ndarray, runs: int) -> np.ndarray:
        return height[:, None] * np.exp(sigma * rng.standard_normal((len(height), runs)))

    return draw


def _accuracies(rng: np.random.Generator, height: np.ndarray, runs: int) -> np.ndarray:
    """One less a lognormal error (σ 1), a few per cent of it, about a mean."""
    error = np.exp(rng.standard_normal((len(height), runs))) - math.exp(0.5)
    return height[:, None] - 0.005 * error


def _shares(rng: np.random.Generator, height: np.ndarray, runs: int) -> np.ndarray:
    return (rng.random((len(height), runs)) < height[:, None]).astype(np.float64)


def distributions() -> tuple[Distribution, ...]:
    """What is tried."""
    return (
        Distribution("normal", Final("x"), _normal),
        Distribution("exponential", Final("loss"), _exponential),
        Distribution("lognormal, σ ½", Final("loss"), _lognormal(0.5)),
        Distribution("lognormal, σ 1", Final("loss"), _lognormal(1.0)),
        Distribution("skewed accuracies", Final("accuracy"), _accuracies, 0.8),
        *(
            Distribution(f"shares up to {top:g}", Final("accuracy"), _shares, top)
            for top in (0.01, 0.1, 0.5)
        ),
    )


@dataclass(frozen=True)
class Border:
    """A claim whose truth sits on the border.

    Attributes:
        expect: the claim's expectation.
        doses, heights: of the conditions.
        systems: how many strata hold these conditions, each with runs of its own.
    """

    expect: Expectation
    doses: np.ndarray
    heights: np.ndarray
    systems: int = 1

    @property
    def name(self) -> str:
        """Of the expectation, and of how many strata it is pooled."""
        kind = type(self.expect).__name__
        return kind if self.systems == 1 else f"{kind} in {self.systems} systems"


def borders(runs: Distribution) -> Iterator[Border]:
    """Every expectation on its border, for heights proportional to the dose."""
    rising, flat = runs.top * _DOSES / _DOSES[-1], np.full(4, runs.top)
    log = runs.measure.summary == "geometric_mean"
    slope = float(
        slope_weights(np.log(_DOSES), [range(4)]) @ (np.log(rising) if log else rising)
    )
    yield Border(PowerLaw("dose", 0.8, 0.2), _DOSES, rising)
    ratio = Ratio({"dose": 8.0}, {"dose": 1.0}, low=8.0)
    for systems in (1, 4):
        yield Border(Increases("dose", by=slope), _DOSES, rising, systems)
        yield Border(ratio, _DOSES[[0, 3]], rising[[0, 3]], systems)
    yield Border(Decreases("dose"), _DOSES, flat)
    gap = Difference({"dose": 8.0}, {"dose": 4.0}, high=float(rising[3] - rising[2]))
    yield Border(gap, _DOSES[2:], rising[2:])
    yield Border(Within(high=float(rising[3])), _DOSES[3:], rising[3:])
    equals = Equals(lambda condition: float(rising[3]) / 1.1, within=0.1)
    yield Border(equals, _DOSES[3:], rising[3:])
    yield Border(NoEffect("dose", margin=1.0), _DOSES[2:], rising[2:])
    tied = runs.top * np.array([0.5, 1.0, 1.0, 0.5])
    yield Border(Peaks("dose", at=2.0, within=1.2), _DOSES, tied)


def rate(runs: Distribution, border: Border, count: int, replicates: int, seed: int) -> float:
    """Share of replicates with any verdict on a claim that sits on its border."""
    rng = np.random.default_rng(seed)
    claim = Claim("border", "The truth is on the border.", runs.measure, border.expect)
    wrong = 0
    for _ in range(replicates):
        results = [
            ConditionResult(
                "", None, {"dose": dose, "system": f"s{system}"}, {}, {runs.measure.name: row}
            )
            for system in range(border.systems)
            for dose, row in zip(
                border.doses, runs.draw(rng, border.heights, count), strict=True
            )
        ]
        wrong += judge([claim], results)[0].verdict != "undecided"
    return wrong / replicates


def spread_rate(draw: str, count: int, replicates: int, seed: int) -> float:
    """The same for the ratio of two SDs over runs, which is 2."""
    rng = np.random.default_rng(seed)
    runs = next(each for each in distributions() if each.name == draw)
    measure = RunSpread(runs.measure.series[0])
    expect = Ratio({"dose": 2.0}, {"dose": 1.0}, low=2.0)
    claim = Claim("border", "Twice the spread.", measure, expect)
    wrong = 0
    for _ in range(replicates):
        one, other = runs.draw(rng, np.full(2, min(runs.top, 1.0)), count)
        results = [
            ConditionResult("", None, {"dose": dose}, {}, {measure.name: row})
            for dose, row in ((1.0, one), (2.0, 2 * other))
        ]
        wrong += judge([claim], results)[0].verdict != "undecided"
    return wrong / replicates


def share_rate(draw: str, count: int, replicates: int, seed: int) -> float:
    """The same for a share of variance: two sources of equal variance have one half each."""
    rng = np.random.default_rng(seed)
    runs = next(each for each in distributions() if each.name == draw)
    claim = Claim("border", "Half is the first.", Final("x"), Share("a", "main", low=0.5))
    wrong = 0
    for _ in range(replicates):
        a, b = (runs.draw(rng, np.full(2, min(runs.top, 1.0)), count) for _ in range(2))
        results = [
            ConditionResult(
                "", None, {f"{SOURCE}a": bool(i), f"{SOURCE}b": bool(j)}, {},
                {"final(x)": a[i] + b[j]},
            )
            for i, j in itertools.product(range(2), repeat=2)
        ]  # fmt: skip
        wrong += judge([claim], results)[0].verdict != "undecided"
    return wrong / replicates


def false_verdicts(
    scale: Scale = "full", folder: Path | None = None, tell: Callable[[str], object] = print
) -> list[Comparison]:
    """Upper bounds of the rate of false verdicts, for every expectation and distribution.

    Args:
        scale: "full" takes an hour of two cores.
        folder: where rates are kept that are known, so that an interrupted simulation goes
            on where it was; None to keep nothing.
        tell: is told how far it is.
    """
    replicates = {"quick": 100, "full": ENOUGH}[scale]
    cells = [(i, j, n) for i, j in _cells() for n in RUNS]
    if scale == "quick":
        return [_compared(c, _simulate(*c, replicates), replicates) for c in cells[::11]]
    rates = _kept(cells, replicates, folder)
    missing = [cell for cell in cells if cell not in rates]
    with ProcessPoolExecutor(len(cores()), multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(_simulate, *cell, replicates): cell for cell in missing}
        for count, future in enumerate(as_completed(running), len(cells) - len(missing) + 1):
            cell, rate = running[future], future.result()
            rates[cell] = rate
            if folder is not None:
                write(_place(folder, cell, replicates), json.dumps(rate))
            if count % 20 == 0:
                tell(f"false verdicts: {count} of {len(cells)} kinds of claims and runs")
    return [_compared(cell, rates[cell], replicates) for cell in cells]


Cell = tuple[int, int, int]
"""Places of a distribution and of an expectation, and a number of runs."""


def _kept(cells: Iterable[Cell], replicates: int, folder: Path | None) -> dict[Cell, float]:
    rates: dict[Cell, float] = {}
    if folder is None:
        return rates
    for cell in cells:
        try:
            rates[cell] = float(json.loads(_place(folder, cell, replicates).read_text()))
        except (OSError, ValueError, TypeError):
            # Not there, or not whole: simulated anew.
            continue
    return rates


def _place(folder: Path, cell: Cell, replicates: int) -> Path:
    return folder / f"{'-'.join(map(str, cell))}-of-{replicates}.json"


@cache
def simulating_code() -> str:
    """Digest of the code that false verdicts are simulated with."""
    return digest(package_code(package_files(("checks/verdicts.py",))))


def _cells() -> list[tuple[int, int]]:
    """Places of distributions and of expectations; the last two: shares, ratios of SDs."""
    return [(i, j) for i, runs in enumerate(distributions()) for j in range(_count(runs))]


def _count(runs: Distribution) -> int:
    return len(list(borders(runs))) + 2


def _simulate(i: int, j: int, count: int, replicates: int) -> float:
    runs = distributions()[i]
    seed = 10_000 * i + 1_000 * j + count
    kinds = list(borders(runs))
    if j >= len(kinds):
        of_variance = (share_rate, spread_rate)[j - len(kinds)]
        return of_variance(runs.name, count, replicates, seed)
    return rate(runs, kinds[j], count, replicates, seed)


def _compared(cell: Cell, false_rate: float, replicates: int) -> Comparison:
    i, j, count = cell
    runs = distributions()[i]
    kind = [*(border.name for border in borders(runs)), "Share", "Ratio of SDs"][j]
    error = math.sqrt(max(false_rate * (1 - false_rate), 1 / replicates) / replicates)
    name = f"false verdicts: {kind}, {runs.name}, {count} runs"
    if replicates < ENOUGH:
        return Comparison(name, FAMILY_WISE, false_rate, error, at_most=True)
    bound = false_rate + SURE * error
    return Comparison(f"{name}, upper bound", FAMILY_WISE, bound, 0.0, ALLOWED, at_most=True)

"""The statistics held against distributions whose truth is known.

Ground truths test the simulation; these test what is said about it: that 95 % intervals
cover, and that a scenario whose claims all sit on the border of their region, the worst
case of a true null, gets a verdict in at most 5 % of its repetitions.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from benchmark.checks.check import Comparison, Scale
from benchmark.checks.components import components_coverage
from benchmark.checks.verdicts import false_verdicts, simulating_code
from benchmark.checks.verification import verification
from benchmark.claims import (
    Claim,
    Decreases,
    Difference,
    Equals,
    Expectation,
    Increases,
    NoEffect,
    PowerLaw,
    Ratio,
    Within,
)
from benchmark.declare.measure import OverRuns
from benchmark.statistics.claims.verdicts import judge
from benchmark.statistics.inference.intervals import LEVEL, compare, interval
from benchmark.statistics.inference.multiplicity import FAMILY_WISE
from benchmark.statistics.measures import Final
from benchmark.statistics.selection import ConditionResult

ALLOWANCE = 0.03 / LEVEL
"""Coverage between 92 and 98 % is called 95 %: what a bootstrap of few runs can give."""

_Sampler = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def procedures(scale: Scale = "full", folder: Path | None = None) -> list[Comparison]:
    """Coverage of intervals and rate of false verdicts.

    Args:
        scale: "quick" or "full".
        folder: where what takes long is kept, so that it can be interrupted.
    """
    trials, scenarios = {"quick": (500, 100), "full": (4000, 2000)}[scale]
    return [
        *_single(trials),
        *_paired(trials),
        *components_coverage(scale),
        _false_verdicts(scenarios),
        *false_verdicts(scale, None if folder is None else folder / simulating_code()),
        *verification(scale),
    ]


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.standard_normal(shape)


def _exponential(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.exponential(size=shape)


def _lognormal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.exp(0.5 * rng.standard_normal(shape))


_SINGLE: tuple[tuple[str, _Sampler, OverRuns, int, float], ...] = (
    ("mean of 8 normal runs", _normal, "mean", 8, 0.0),
    ("mean of 32 normal runs", _normal, "mean", 32, 0.0),
    ("mean of 32 exponential runs", _exponential, "mean", 32, 1.0),
    ("mean of 128 exponential runs", _exponential, "mean", 128, 1.0),
    ("geometric mean of 32 lognormal runs", _lognormal, "geometric_mean", 32, 1.0),
    ("SD of 32 normal runs", _normal, "sd", 32, 1.0),
    ("SD of 128 normal runs", _normal, "sd", 128, 1.0),
)


def _single(trials: int) -> Iterator[Comparison]:
    for name, sample, over_runs, runs, truth in _SINGLE:
        values = sample(np.random.default_rng(len(name)), (trials, runs))
        intervals = interval(values, over_runs)
        # Of means it may be wider than need be, but not narrower; of SDs it is resampled.
        exact = over_runs != "sd"
        yield _coverage(f"95 % interval, {name}", intervals.low, intervals.high, truth, exact)


def _paired(trials: int) -> Iterator[Comparison]:
    """Two conditions that share half of their luck, as conditions share seeds."""
    rng = np.random.default_rng(1)
    luck, own = rng.standard_normal((trials, 32)), rng.standard_normal((trials, 32))
    first, second = np.exp(0.4 * luck + 0.2), np.exp(0.3 * luck + 0.3 * own)
    above, below = math.exp(0.2 + 0.4**2 / 2), math.exp((0.3**2 + 0.3**2) / 2)
    truths: dict[Literal["ratio", "difference"], float] = {
        "ratio": above / below,
        "difference": above - below,
    }
    for how, truth in truths.items():
        intervals = compare(first, second, how)
        yield _coverage(
            f"95 % interval, {how} of 32 pairs", intervals.low, intervals.high, truth
        )


def _coverage(
    name: str, low: np.ndarray, high: np.ndarray, truth: float, at_least: bool = False
) -> Comparison:
    covered = float(np.mean((low <= truth) & (truth <= high)))
    error = math.sqrt(LEVEL * (1 - LEVEL) / len(low))
    allowance = 0.0 if at_least else ALLOWANCE
    return Comparison(name, LEVEL, covered, error, allowance, at_least=at_least)


# Four doses with geometric means 1, 2, 4, 8: every expectation sits exactly on its border.
_DOSES = (1, 2, 4, 8)
_BORDERLINE: tuple[Expectation, ...] = (
    PowerLaw("dose", 0.8, 0.2),
    Increases("dose", by=1.0),
    Decreases("dose"),
    Ratio({"dose": 8}, {"dose": 1}, low=8.0),
    Difference({"dose": 2}, {"dose": 1}, high=1.0),
    Within(high=8.0),
    Equals(lambda condition: condition["dose"] / 1.1, within=0.1),
    NoEffect("dose", margin=1.0),
)
# The same doses without an effect, for what is about a trend of zero, and two for a margin.
_WHERE = {2: {"effect": "none"}, 5: {"dose": 8}, 7: {"dose": (1, 2)}}


def _false_verdicts(scenarios: int) -> Comparison:
    claims = [
        Claim(
            f"claim-{i}",
            "The truth sits on the border.",
            Final("loss"),
            expect,
            {"effect": "some"} | _WHERE.get(i, {}),
        )
        for i, expect in enumerate(_BORDERLINE)
    ]
    rng = np.random.default_rng(2)
    wrong = [
        any(judged.verdict != "undecided" for judged in judge(claims, _borderline(rng)))
        for _ in range(scenarios)
    ]
    error = math.sqrt(FAMILY_WISE * (1 - FAMILY_WISE) / scenarios)
    name = f"scenarios of {len(claims)} claims on their border with any verdict"
    return Comparison(name, FAMILY_WISE, float(np.mean(wrong)), error, at_most=True)


def _borderline(rng: np.random.Generator, runs: int = 32) -> list[ConditionResult]:
    """Conditions with skewed runs, of which half of the luck is the seed's."""
    luck = rng.standard_normal(runs)
    results = []
    for effect in ("some", "none"):
        for dose in _DOSES:
            noise = 0.2 * luck + 0.2 * rng.standard_normal(runs)
            level = dose if effect == "some" else 1
            ends = level * np.exp(noise)
            settings = {"effect": effect, "dose": dose}
            results.append(ConditionResult(str(settings), settings, settings, {"loss": ends}))
    return results

"""Shares of crossed sources against designs whose components are known.

Coverage of 95 % intervals at 32 replicates, where effects are normal, over four kinds of
designs: every source adds its own part, one makes nearly all, sources interact in pairs,
and only all of them together matter, as in a chaotic network.
"""

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from benchmark.checks.check import Comparison, Scale
from benchmark.statistics.attribution.components import (
    Term,
    components,
    ratio_interval,
    sd_interval,
    shares,
    terms,
)
from benchmark.statistics.inference.intervals import LEVEL

SOURCES = 4

DESIGNS: dict[str, dict[Term, float]] = {
    "additive": {(0,): 1.0, (1,): 1.0, (2,): 1.0, (3,): 1.0},
    "dominated": {(0,): 0.05, (1,): 1.0, (2,): 0.05, (3,): 0.02},
    "paired": {(0,): 0.5, (1,): 0.5, (2,): 0.5, (0, 1): 0.5, (2, 3): 0.5, (0, 1, 2, 3): 1.0},
    "chaotic": {(0, 1, 2, 3): 1.0},
}
"""Components of variance by set of sources."""

ALLOWANCE = 0.03 / LEVEL
"""Coverage between 92 and 98 % is called 95 %."""

_AT_ONCE = 500


def components_coverage(scale: Scale = "full") -> list[Comparison]:
    """Coverage of the intervals of every kind of share and of the SD."""
    trials = {"quick": 500, "full": 5000}[scale]
    error = math.sqrt(LEVEL * (1 - LEVEL) / trials)
    return [
        Comparison(f"95 % interval, {kind}, {name} sources", LEVEL, covered, error, ALLOWANCE)
        for name, design in DESIGNS.items()
        for kind, covered in coverage(design, trials).items()
    ]


def coverage(
    design: Mapping[Term, float],
    trials: int,
    replicates: int = 32,
    factors: int = SOURCES,
    seed: int = 0,
) -> dict[str, float]:
    """How often the intervals of factor 0's shares, and of the SD, hold the truth.

    Args:
        design: components of variance by set of factors.
        trials: simulated designs.
        replicates: of each.
        factors: of two levels each.
        seed: of the simulation.

    Returns:
        Rates by "main", "total", "shapley" and "sd".
    """
    rng = np.random.default_rng(seed)
    variances = np.array([design.get(term, 0.0) for term in terms(factors)])
    truths = {
        kind: float(part[0] @ variances / variances.sum())
        for kind, part in shares(factors).items()
    }
    truths["sd"] = math.sqrt(variances.sum())
    hits = dict.fromkeys(truths, 0)
    for first in range(0, trials, _AT_ONCE):
        count = min(_AT_ONCE, trials - first)
        estimates = components(draw(rng, design, count * replicates, factors))
        estimates = estimates.reshape(len(estimates), count, replicates)
        whole = estimates.sum(axis=0)
        ends = {
            kind: ratio_interval(np.tensordot(part[0], estimates, 1), whole)
            for kind, part in shares(factors).items()
        }
        ends["sd"] = sd_interval(whole)
        for kind, truth in truths.items():
            hits[kind] += int(((ends[kind].low <= truth) & (truth <= ends[kind].high)).sum())
    return {kind: count / trials for kind, count in hits.items()}


def draw(
    rng: np.random.Generator, design: Mapping[Term, float], replicates: int, factors: int
) -> Float[np.ndarray, "replicate *level"]:
    """Observations of a two-level design with normal effects of the given variances."""
    values = np.zeros((replicates, *[2] * factors))
    for term, variance in design.items():
        levels = [2 if factor in term else 1 for factor in range(factors)]
        values += math.sqrt(variance) * rng.standard_normal((replicates, *levels))
    return values

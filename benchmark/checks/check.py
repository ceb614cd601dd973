"""A check: a declared scenario, and what theory says of its stored runs."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from benchmark.checks.estimate import mean
from benchmark.declare.condition import Condition
from benchmark.declare.scenario import Scenario
from benchmark.store.results import Runs

Scale: TypeAlias = Literal["quick", "full"]

GATE = 4.0
"""Standard errors beyond which a prediction counts as missed."""


@dataclass(frozen=True)
class Comparison:
    """One predicted number beside the simulated one.

    Attributes:
        name: which ground truth, of what, at which settings.
        predicted: the closed form.
        simulated: its estimate from stored runs.
        standard_error: of the estimate; 0 where nothing is random.
        allowance: relative error that the closed form itself admits. 0 for an exact one;
            of the size of the small parameters that an asymptotic one neglects; the bound
            on rounding where single precision is all that stands between both.
        at_least: the prediction is a lower bound.
        at_most: the prediction is an upper bound.
    """

    name: str
    predicted: float
    simulated: float
    standard_error: float
    allowance: float = 0.0
    at_least: bool = False
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """Simulated ÷ predicted; NaN where 0 is predicted."""
        return self.simulated / self.predicted if self.predicted else math.nan

    @property
    def z(self) -> float:
        """Standard errors between both; NaN where nothing is random."""
        gap = self.simulated - self.predicted
        return gap / self.standard_error if self.standard_error else math.nan

    @property
    def holds(self) -> bool:
        """Whether the simulation agrees: within the allowance and 4 standard errors."""
        room = self.allowance * abs(self.predicted) + GATE * self.standard_error
        gap = self.simulated - self.predicted
        # Written so that NaN, for which every comparison is false, does not hold.
        if self.at_least or self.at_most:
            return gap >= -room if self.at_least else gap <= room
        return abs(gap) <= room

    @property
    def bound(self) -> str:
        """≥ or ≤ before a prediction that is a bound."""
        return "≥ " if self.at_least else "≤ " if self.at_most else ""

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``check --json``; numbers that do not exist are None."""
        known = {"ratio": self.ratio, "z": self.z}
        return {
            "name": self.name,
            "bound": self.bound.strip(),
            "predicted": float(self.predicted),
            "simulated": float(self.simulated),
            "standard_error": float(self.standard_error),
            "allowance": float(self.allowance),
            **{name: float(x) if math.isfinite(x) else None for name, x in known.items()},
            "holds": bool(self.holds),
        }


def paired(
    name: str, predicted: Float[np.ndarray, " run"], simulated: Float[np.ndarray, " run"]
) -> Comparison:
    """What theory says of every run against what that run did; the means are shown."""
    gap = mean(simulated - predicted)
    means = (float(np.mean(predicted)), float(np.mean(simulated)))
    return Comparison(name, *means, gap.standard_error)


@dataclass(frozen=True)
class Check:
    """A ground truth that can be run.

    Attributes:
        name: the row of ground truths and its subject.
        scenario: what is simulated; its name is the folder of its results.
        compare: the stored runs of all conditions, in order → comparisons.
    """

    name: str
    scenario: Scenario
    compare: Callable[[list[Runs]], list[Comparison]]


_LANES = 100
"""Runs side by side; the same everywhere, so that common programs compile once."""

_BLOCK = 500


def scenario(
    name: str, says: str, base: Condition, vary: Any, runs: int, lanes: int = _LANES
) -> Scenario:
    """The scenario of a check.

    Args:
        name: of the results' folder.
        says: the closed form in words.
        base: the setting.
        vary: a design, as in any scenario; nothing if None.
        runs: per condition; the seeds are 0 … runs − 1, so the outcome is fixed.
        lanes: runs side by side; 1 for models that are more than a handful of numbers.
    """
    return Scenario(
        question=f"Does the simulation agree with theory: {says}?",
        says=says,
        base=base,
        vary={} if vary is None else vary,
        seeds=runs,
        block=_BLOCK if lanes > 1 else 1,
        lanes=lanes,
        name=name,
    )

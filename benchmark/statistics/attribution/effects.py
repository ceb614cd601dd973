"""What a switch does: conditions without and with it, paired by seed, in one table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from benchmark.declare.causes import Cause, Cure
from benchmark.declare.curves import PerRun
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.multiplicity import bonferroni
from benchmark.statistics.measures import Jitter, Level
from benchmark.statistics.selection import ENOUGH, ConditionResult, Settings, matched

Pair = tuple[list[ConditionResult], list[ConditionResult]]


@dataclass(frozen=True)
class Outcome:
    """What a switch may change.

    Attributes:
        name: short name.
        log: whether changes are factors.
        of: "validation" or "train", the curve that is looked at.
        measure: of a curve, given its name without the metric.
    """

    name: str
    log: bool
    of: Literal["validation", "train"]
    measure: Callable[[str], Measure]

    def measures(self) -> tuple[Measure, ...]:
        """Of every curve that may be looked at."""
        return tuple(self.measure(f"{prefix}{self.of}") for prefix in PREFIXES[self.of])

    def measure_under(self, settings: Settings, curve: str | None) -> Measure:
        """What is looked at under settings; `curve` instead if it is one of this kind."""
        if curve is not None and curve.endswith(self.of):
            return self.measure(curve)
        prefix = looked_at(settings) if self.of == "validation" else "running_"
        return self.measure(f"{prefix}{self.of}")


JITTER, TRAINING_JITTER = "validation jitter", "training jitter"
LOSS, ACCURACY = "validation loss", "validation accuracy"

OUTCOMES = (
    Outcome(JITTER, True, "validation", lambda of: Jitter(f"{of}_loss")),
    Outcome(TRAINING_JITTER, True, "train", lambda of: Jitter(f"{of}_loss")),
    Outcome(LOSS, True, "validation", lambda of: Level(f"{of}_loss")),
    Outcome(ACCURACY, False, "validation", lambda of: Level(f"{of}_accuracy")),
)
"""Jitter and late level (means over the second half) of what a practitioner looks at."""

PREFIXES = {
    "validation": ("", "seen_", "selected_", "average_"),
    "train": ("", "running_"),
}


def looked_at(settings: Settings) -> str:
    """Prefix of the validation series that a practitioner looks at under these settings.

    What a partial validation saw, what the weights kept by early stopping score, or what
    the averaged weights do; "" for the whole set and the weights as they are.
    """
    if settings.get("evaluation.steps") is not None:
        return "seen_"
    if settings.get("training.early_stopping") is not None:
        return "selected_"
    return "average_" if settings.get("training.average") is not None else ""


@dataclass(frozen=True)
class Effect:
    """What a switch does to one outcome.

    Attributes:
        outcome: its name.
        log: whether numbers are factors (geometric means of the seeds' ratios) rather than
            differences.
        number: with its interval; None where there is no value.
        runs: seeds with a value on both sides.
    """

    outcome: str
    log: bool
    number: Interval[float | None]
    runs: int

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        head = {"outcome": self.outcome, "log": self.log}
        return {**head, **self.number.named(), "runs": self.runs}


def pairs(results: Sequence[ConditionResult], switch: Cause | Cure) -> list[Pair]:
    """Conditions without and with the switch that agree in all other settings.

    Raises:
        Unanswerable: a side selects nothing.
    """
    without, with_it = switch.sides
    # What is the same on both sides does not tell them apart, but may make strata.
    along = [p for p in sorted({*without, *with_it}) if without.get(p) != with_it.get(p)]
    both, groups = matched(results, without, with_it, along)
    return [([both[i] for i in off], [both[i] for i in on]) for off, on in groups]


def changes(matched: Sequence[Pair], outcome: Outcome, switch: Cause | Cure) -> PerRun:
    """Change of an outcome in every seed, averaged over the pairs; log-ratio or difference.

    Args:
        matched: from `pairs`.
        outcome: what is compared.
        switch: what the pairs differ in.

    Returns:
        [run]; NaN for a seed without a value on both sides, and for curves that the switch
        has nothing to do with. A factor needs positive values.
    """
    curves = switch.curves or (None, None)
    if switch.curves is not None and not switch.curves[0].endswith(outcome.of):
        return np.full(min(result.runs for pair in matched for result in pair[0]), np.nan)
    rows = []
    for pair in matched:
        off, on = (_side(*side, outcome) for side in zip(pair, curves, strict=True))
        common = min(len(off), len(on))
        rows.append(on[:common] - off[:common])
    common = min(map(len, rows))
    stacked = np.stack([row[:common] for row in rows])
    enough = np.isfinite(stacked).sum(axis=1) >= max(1, ENOUGH * common)
    return stacked[enough].mean(axis=0) if enough.any() else np.full(common, np.nan)


def _side(results: Sequence[ConditionResult], curve: str | None, outcome: Outcome) -> PerRun:
    values = []
    for result in results:
        try:
            measure = outcome.measure_under(result.settings, curve)
            of_runs = result.resolved(measure) if outcome.log else result.measured(measure)
        except UserError:
            # Not recorded: a regression has no accuracy.
            return np.full(result.runs, np.nan)
        if outcome.log:
            of_runs = np.log(of_runs, out=np.full(of_runs.shape, np.nan), where=of_runs > 0)
        values.append(of_runs)
    common = min(map(len, values))
    return np.mean([of_runs[:common] for of_runs in values], axis=0)


def simultaneous(
    rows: Sequence[Float[np.ndarray, " run"]],
) -> list[tuple[Interval[float], int]]:
    """Mean of every row with intervals that hold together in 95 % of tables, and its runs.

    Rows with fewer than two finite runs have no value (NaN); they do not count.
    """
    finite = [row[np.isfinite(row)] for row in rows]
    known = max(1, sum(len(row) >= 2 for row in finite))
    intervals = []
    for row in finite:
        runs = len(row)
        if runs < 2:
            intervals.append((Interval(np.nan, np.nan, np.nan), runs))
            continue
        mean = float(row.mean())
        reach = bonferroni(runs, known) * float(row.std(ddof=1)) / runs**0.5
        intervals.append((Interval(mean, mean - reach, mean + reach), runs))
    return intervals

"""Measures of all conditions, computed once, and the statistics of them that claims need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from benchmark.declare.curves import SINGLE, PerRun
from benchmark.declare.errors import UserError
from benchmark.declare.measure import Measure
from benchmark.statistics.inference.resampling import Draws, logarithms, summarise_runs
from benchmark.statistics.inference.statistic import (
    OPEN,
    Doubted,
    Mean,
    OfShares,
    RatioOfMeans,
    Statistic,
)
from benchmark.statistics.inference.student import moments, tails
from benchmark.statistics.selection import ENOUGH, ConditionResult, Unanswerable, dose

# A ratio whose denominator may be 0 with more than this one-sided p-value has no interval.
NEAR_ZERO = 0.025
Pair = tuple[Sequence[int], Sequence[int]]
"""Places of the conditions on either side of a comparison that agree in all other settings."""
_NO_DENOMINATOR = "the denominator is not clearly different from zero"


class Table:
    """Values of measures by condition."""

    def __init__(self, results: Sequence[ConditionResult]) -> None:
        self.results = results
        self._known: dict[tuple[int, Measure], PerRun] = {}

    def values(self, result: ConditionResult, measure: Measure) -> PerRun:
        """The measure in every run of the condition, [run]; see `ConditionResult.resolved`."""
        key = (id(result), measure)
        if key not in self._known:
            try:
                self._known[key] = judged_values(result, measure)
            except UserError as error:
                # What is recorded can depend on overrides: then one verdict is missing,
                # not the whole table of verdicts.
                raise Unanswerable(str(error)) from error
        return self._known[key]

    def columns(self, conditions: Sequence[ConditionResult], measure: Measure) -> "Columns":
        """The first runs, common to the conditions.

        NaN for a condition in which most runs have no value: what the surviving runs say
        is not what the condition does.

        Raises:
            Unanswerable: a series is missing, or there is only one common run of conditions
                that are not deterministic.
        """
        values = [self.values(result, measure) for result in conditions]
        certain = all(result.deterministic for result in conditions)
        # One run of a deterministic condition stands for any number of them.
        most = max(len(each) for each in values)
        values = [
            np.repeat(each[:1], most) if result.deterministic and len(set(each)) == 1 else each
            for result, each in zip(conditions, values, strict=True)
        ]
        common = min(len(each) for each in values)
        if common < 2 and not certain:
            raise Unanswerable("one run per condition cannot tell noise from effect")
        stacked = np.stack([each[:common] for each in values]).astype(np.float64)
        stacked[np.isfinite(stacked).mean(axis=1) < ENOUGH] = np.nan
        if measure.summary == "geometric_mean" and np.nanmin(stacked, initial=0.0) < 0:
            raise Unanswerable(
                f"{measure.name} is judged by its geometric mean, but is negative in some "
                'runs: ask for over_runs="mean"'
            )
        if certain and np.nanmax(np.ptp(stacked, axis=1), initial=0.0) > 0:
            raise Unanswerable("every source of randomness is pinned, and yet runs differ")
        return Columns(stacked, measure, certain)


@dataclass(frozen=True, eq=False)
class Columns:
    """One measure of several conditions, by run.

    Positive measures are held as logarithms: their summary is the geometric mean, and a
    factor between two conditions is a difference.

    Attributes:
        values: [condition, run]; NaN where there is none.
        measure: what it is.
        certain: every source of randomness is pinned in all of them.
    """

    values: Float[np.ndarray, "condition run"]
    measure: Measure
    certain: bool

    @property
    def log(self) -> bool:
        """Whether summaries are logarithms."""
        return self.measure.summary in ("geometric_mean", "sd")

    def take(self, rows: Sequence[int]) -> "Columns":
        """Some of the conditions."""
        if len(rows) == len(self.values) and all(i == row for i, row in enumerate(rows)):
            # All of them, whose summaries may be known already.
            return self
        return Columns(self.values[list(rows)], self.measure, self.certain)

    @cached_property
    def draws(self) -> Draws:
        """Summaries (logarithms of them, where `log`), estimate and jackknife."""
        values, summary = self.values, self.measure.summary
        if summary == "geometric_mean":
            values, summary = logarithms(values), "mean"
        summarised = summarise_runs(values, summary, resamples=0)
        if self.measure.summary != "sd":
            return summarised
        with np.errstate(divide="ignore", invalid="ignore"):
            return Draws(np.log(summarised.values), summarised.groups, summarised.runs)

    @cached_property
    def _distances(self) -> Draws:
        """Mean logarithms of the runs' distances from the median of their condition.

        Of two conditions whose runs have one shape they differ by the logarithm of the ratio
        of their SDs, and are far less skewed than what single runs do to an SD.
        """
        known = np.isfinite(self.values)
        some = np.where(known, self.values, np.nan)
        # A condition without any value has no median, which must not warn.
        some[~known.any(axis=1)] = 0.0
        centre = np.nanmedian(some, axis=1, keepdims=True)
        return summarise_runs(logarithms(np.abs(self.values - centre)), "mean", resamples=0)

    @cached_property
    def summaries(self) -> Float[np.ndarray, " condition"]:
        """The summary of every condition over its runs, in the unit of the measure."""
        estimates = self.draws.estimate
        return np.exp(estimates) if self.log else estimates

    @cached_property
    def _binary(self) -> bool:
        """Whether every run is at an end of the measure's range, as shares of runs are."""
        if self.measure.range is None or self.measure.summary != "mean":
            return False
        known = np.isfinite(self.values)
        if not known.any(axis=1).all():
            return False
        return bool(np.isin(self.values[known], self.measure.range).all())

    def contrast(
        self,
        function: Callable[[np.ndarray], np.ndarray],
        weights: Sequence[float] | np.ndarray,
        linear: bool = True,
    ) -> Statistic:
        """A function of the summaries.

        Args:
            function: summaries [condition, draw] → [draw], monotone in every summary.
            weights: [condition], with its sign in every summary; where it is linear, the
                weights themselves.
            linear: whether it is a weighted sum.
        """
        signs = np.asarray(weights, dtype=np.float64)
        if self._binary:
            return self._of_shares(lambda y: float(function(y[:, None])[0]), signs)
        whole = _mean(
            self.draws.map(function),
            _bounds(self.measure.range, signs) if linear and not self.log else OPEN,
            self.certain,
            SINGLE * float(np.abs(signs).sum()) * self._size if linear else SINGLE,
            self.log,
            self.measure.rare,
        )
        if self.measure.summary != "sd" or not linear or abs(signs.sum()) > 1e-9:
            return whole
        return Doubted(
            whole, _mean(self._distances.map(function), OPEN, self.certain, SINGLE, True)
        )

    def weighted(self, weights: Float[np.ndarray, " condition"]) -> Statistic:
        """A weighted sum of the summaries; conditions of no weight are left out."""
        used = np.flatnonzero(weights)
        w = weights[used]
        # A sum, not a matrix product: equal draws must give bitwise equal sums.
        return self.take(used.tolist()).contrast(lambda y: np.sum(w[:, None] * y, axis=0), w)

    @cached_property
    def _size(self) -> float:
        """What rounding is measured against: 1 for logarithms."""
        finite = np.isfinite(self.values)
        return 1.0 if self.log else float(np.max(np.abs(self.values), where=finite, initial=0))

    def _of_shares(
        self, function: Callable[[np.ndarray], float], signs: np.ndarray
    ) -> OfShares:
        assert self.measure.range is not None
        low, high = self.measure.range
        finite = np.isfinite(self.values)
        return OfShares(
            np.sum(finite & (self.values == high), axis=1).astype(np.float64),
            np.sum(finite, axis=1).astype(np.float64),
            lambda shares: function(low + (high - low) * shares),
            signs,
            self.certain,
        )

    def denominators(self, pairs: Sequence[Pair]) -> list[float]:
        """What the second conditions of each pair have, [pair]; NaN where there is no value.

        Raises:
            Unanswerable: one of them is not positive.
        """
        levels = [float(np.mean(self.draws.estimate[list(bottom)])) for _, bottom in pairs]
        if not all(level > 0 for level in levels if np.isfinite(level)):
            raise Unanswerable(_NO_DENOMINATOR)
        return levels

    def ratio(self, pairs: Sequence[Pair]) -> Statistic:
        """What the first conditions of each pair have over the second ones; mean of pairs.

        Positive measures: the logarithm of the ratio of geometric means. Others: the ratio
        of means; several pairs count alike.

        Args:
            pairs: places of the conditions on either side.

        Raises:
            Unanswerable: what is divided by is not positive.
        """
        signs = np.zeros(len(self.values))
        for top, bottom in pairs:
            signs[list(top)] += 1 / len(top) / len(pairs)
            signs[list(bottom)] -= 1 / len(bottom) / len(pairs)
        if self.log:
            return self.contrast(lambda y: np.sum(signs[:, None] * y, axis=0), signs)
        self.denominators(pairs)
        if self._binary and self.measure.range is not None and self.measure.range[0] >= 0:
            return self._of_shares(
                lambda y: float(
                    np.mean([np.mean(y[list(t)]) / np.mean(y[list(b)]) for t, b in pairs])
                ),
                signs,
            )
        if len(pairs) > 1:
            return self._mean_ratio(pairs, signs)
        (top, bottom), bounds = pairs[0], self.measure.range or OPEN
        above, below = (
            _parts(self.draws.map(lambda y, s=side: y[list(s)].mean(axis=0)))
            for side in (top, bottom)
        )
        if not self.certain and _may_be_zero(below):
            raise Unanswerable(_NO_DENOMINATOR)
        runs = self._runs([*top, *bottom])
        return RatioOfMeans(above, below, runs, bounds, bounds, self.certain, self.measure.rare)

    def _mean_ratio(self, pairs: Sequence[Pair], signs: np.ndarray) -> Statistic:
        """Mean over several pairs of the ratio of means."""
        for _, bottom in pairs:
            below = self.draws.map(lambda y, s=bottom: y[list(s)].mean(axis=0))
            if not self.certain and _may_be_zero(_parts(below)):
                raise Unanswerable(_NO_DENOMINATOR)

        def ratio(y: np.ndarray) -> np.ndarray:
            each = [y[list(t)].mean(axis=0) / y[list(b)].mean(axis=0) for t, b in pairs]
            return np.mean(each, axis=0)

        return self.contrast(ratio, signs, linear=False)

    def _runs(self, rows: Sequence[int]) -> int:
        return int(np.min(np.sum(np.isfinite(self.values[sorted(set(rows))]), axis=1)))


def _may_be_zero(parts: Float[np.ndarray, " part"]) -> bool:
    if len(parts) < 2 or not np.isfinite(parts).all():
        return False
    of_parts = moments(parts)
    return not of_parts.agree and tails(of_parts, 0.0).at_most > NEAR_ZERO


def judged_values(result: ConditionResult, measure: Measure) -> PerRun:
    """What tables tell and claims are judged by, [run].

    Positive measures, which are summarised by geometric means, are never below what can be
    told from nought.
    """
    if measure.summary != "geometric_mean":
        return result.measured(measure)
    values = result.resolved(measure)
    return np.maximum(values, measure.smallest) if measure.smallest else values


def _mean(
    draws: Draws,
    bounds: tuple[float, float],
    certain: bool,
    grain: float,
    of_logs: bool,
    rare: bool = False,
) -> Mean:
    runs = int(np.min(draws.runs))
    return Mean(
        float(draws.estimate), _parts(draws), runs, bounds, certain, grain, of_logs, rare
    )


def _parts(draws: Draws) -> Float[np.ndarray, " part"]:
    """Jackknife pseudo-values of a single statistic: what each run contributes to it."""
    if draws.groups == 1:
        return np.array([float(draws.estimate)])
    with np.errstate(invalid="ignore"):  # the logarithm of an SD of 0 leaves no number
        return draws.groups * draws.estimate - (draws.groups - 1) * draws.jackknife


def _bounds(of_value: tuple[float, float] | None, weights: np.ndarray) -> tuple[float, float]:
    """Between which a weighted sum of bounded values lies."""
    if of_value is None:
        return OPEN
    ends = np.sort(np.outer(of_value, weights), axis=0).sum(axis=1)
    return float(ends[0]), float(ends[1])


def doses(conditions: Sequence[ConditionResult], axis: str) -> np.ndarray:
    """Positions of the conditions on an axis, [condition].

    Raises:
        Unanswerable: fewer than two doses are there.
        UserError: the axis does not hold numbers.
    """
    if not all(axis in result.settings for result in conditions):
        raise Unanswerable(f"not every condition has the setting {axis}")
    positions = np.array([dose(result, axis) for result in conditions])
    if len(set(positions)) < 2:
        raise Unanswerable(
            f"two doses of {axis} are needed, but there is only {positions[0]:g}"
        )
    return positions

"""One panel of curves: the median run, bands of runs, and a few single runs."""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmark.figures import theme

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SINGLE_RUNS = 3
# A loss is cut off above this multiple of its start: what goes there has spiked, or diverged.
_CEILING = 10.0


@dataclass(frozen=True)
class Bands:
    """Curves of one condition, summarised over runs.

    Attributes:
        times: [time], epochs or steps.
        quantiles: [quantile, time] over runs, at `QUANTILES`; inf where so many runs have
            diverged, NaN where nothing is known.
        singles: [run, time] of the first runs.
    """

    times: np.ndarray
    quantiles: np.ndarray
    singles: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """Every finite number that is drawn."""
        drawn = np.concatenate([self.quantiles.ravel(), self.singles.ravel()])
        return drawn[np.isfinite(drawn)]


def bands(values: np.ndarray, times: np.ndarray) -> Bands:
    """Summarise curves over runs; a run that is not finite counts as infinitely high.

    Args:
        values: [run, time]; times without any number (probes between their epochs) are
            left out, up to the last that has one.
        times: [time].
    """
    some = np.isfinite(values).any(axis=0)
    if some.any():
        # What follows the last number is the silence of diverged runs, not of probes.
        values, times = values[:, some], times[some]
    counted = np.where(np.isnan(values), np.inf, values)
    with np.errstate(invalid="ignore"):
        # Between a finite and an infinite neighbour there is nothing to interpolate.
        quantiles = np.quantile(counted, QUANTILES, axis=0)
    quantiles = np.where(np.isnan(quantiles), np.inf, quantiles)
    return Bands(times, quantiles, np.asarray(values[:SINGLE_RUNS], dtype=np.float64))


def limits(several: list[Bands], loss: bool) -> tuple[float, float, bool]:
    """Common limits of the vertical axis, and whether it should be logarithmic.

    Args:
        several: what is drawn with these limits.
        loss: whether values are losses, which diverge and span orders of magnitude.
    """
    drawn = np.concatenate([each.values for each in several] or [np.zeros(0)])
    if not len(drawn):
        return 0.0, 1.0, False
    low, high = float(drawn.min()), float(drawn.max())
    if loss:
        starts = [each.quantiles[2, 0] for each in several if each.quantiles.size]
        first = max((start for start in starts if np.isfinite(start)), default=0.0)
        # A start at the minimum itself is no yardstick.
        ceiling = _CEILING * first if first > 0 else float(np.quantile(drawn, 0.98))
        high = min(high, ceiling)
        positive = drawn[drawn > 0]
        if len(positive) > 0.9 * len(drawn):
            # A few lucky steps with hardly any loss must not squeeze the rest.
            floor = float(np.quantile(positive, 0.01))
            if high > 8 * floor:
                return floor / 1.25, high * 1.25, True
    pad = 0.06 * (high - low) or 0.05 * abs(high) or 0.5
    return low - pad, high + pad, False


def draw_bands(axes: Axes, held: Bands, colour: str, ends: tuple[float, float]) -> None:
    """Draw one condition's curves.

    Args:
        axes: limits and scale are already set.
        held: the curves.
        colour: of median and bands.
        ends: limits of the vertical axis, beyond which nothing needs to be exact.
    """
    low, high = ends
    top = high * 10 if high > 0 else high + (high - low)
    bottom = low / 10 if low > 0 else low - (high - low)
    q = np.clip(held.quantiles, bottom, top)
    axes.fill_between(held.times, q[0], q[4], color=colour, alpha=0.16, linewidth=0)
    axes.fill_between(held.times, q[1], q[3], color=colour, alpha=0.34, linewidth=0)
    for single in held.singles:
        finite = np.isfinite(single)
        axes.plot(held.times, np.clip(single, bottom, top), color=theme.INK, linewidth=0.45,
                  alpha=0.85)  # fmt: skip
        if not finite.all() and finite.any():
            end = np.flatnonzero(finite)[-1]
            axes.plot(held.times[end], min(single[end], high), "x", color=theme.INK,
                      markersize=3.5, markeredgewidth=0.7, clip_on=False)  # fmt: skip
    axes.plot(held.times, np.where(q[2] < top, q[2], np.nan), color=colour, linewidth=1.5)


def band_keys(single_seeds: str, colour: str = theme.QUIET) -> list[Artist]:
    """The key that explains what `draw_bands` draws."""
    return [
        Line2D([], [], color=colour, linewidth=1.5, label="median of the runs"),
        Patch(color=colour, alpha=0.5, linewidth=0, label="middle 50 % of runs"),
        Patch(color=colour, alpha=0.16, linewidth=0, label="middle 90 %"),
        Line2D([], [], color=theme.INK, linewidth=0.45, label=single_seeds),
    ]

"""Ticks of axes, their labels written as all numbers are."""

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from benchmark.wording.numbers import number, power_of_ten


def plain() -> FuncFormatter:
    """Labels of ticks: exact, so with a digit more than what is measured."""
    return FuncFormatter(lambda value, _: number(value, 4))


def _powers_of_ten() -> FuncFormatter:
    """Labels such as "10⁻³"; matplotlib's own typesetting takes ten times as long."""
    return FuncFormatter(lambda value, _: power_of_ten(round(math.log10(value))))


def logarithmic(axes: Axes) -> None:
    """Make the vertical axis logarithmic, with enough ticks for less than two decades."""
    low, high = axes.get_ylim()
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    decades = math.log10(high / low)
    if decades < 2:
        steps = (1, 2, 5) if decades > 0.7 else (1, 1.5, 2, 3, 4, 5, 6, 8)
        axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=9))
        axes.yaxis.set_major_formatter(plain())
    else:
        axes.yaxis.set_major_locator(LogLocator(numticks=5))
        axes.yaxis.set_major_formatter(_powers_of_ten())
    axes.yaxis.set_minor_locator(NullLocator())


def linear(axes: Axes) -> None:
    """Few, round ticks."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(plain())

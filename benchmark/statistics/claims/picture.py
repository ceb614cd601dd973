"""What a figure of a measure against a dose can show of an expectation, as data.

An expectation returns one of these, or None, from `Expectation.picture`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.statistics.selection import ConditionResult


@dataclass(frozen=True)
class Theory:
    """The predicted value of every condition.

    Attributes:
        value: condition → what theory says of its measure.
    """

    value: Callable[[ConditionResult], float]


@dataclass(frozen=True)
class Law:
    """A power of the dose; only its exponent is claimed.

    Attributes:
        axis: path of the dose.
        exponent: of the law.
    """

    axis: str
    exponent: float


@dataclass(frozen=True)
class Band:
    """Ends between which the measure lies at all doses; a side that is None is open.

    Attributes:
        low, high: in the unit of the measure, or as factors on its value at the first dose.
        first_of: path of that dose; None for ends in the unit of the measure.
    """

    low: float | None
    high: float | None
    first_of: str | None = None


@dataclass(frozen=True)
class Place:
    """A dose at which something happens, up to a factor.

    Attributes:
        axis: path of the dose.
        at: condition → the dose, which may depend on its other settings.
        within: the factor.
    """

    axis: str
    at: Callable[[ConditionResult], float]
    within: float


Picture = Theory | Law | Band | Place

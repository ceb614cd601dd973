"""Numbers as readers see them: one way in the terminal, on the page, in figures, in the paper.

What has to be told apart by machines is in the JSON that every command prints; these texts
are for eyes, with a real minus and powers of ten written out.
"""

import math
from collections.abc import Sequence

NOTHING = "–"
"""Stands where there is no number."""

SMALL, LARGE = 1e-4, 1e5
"""Smaller and larger numbers are told by their power of ten."""

_JOIN = "\N{NO-BREAK SPACE}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float | None, digits: int = 3) -> str:
    r"""A number to so many significant digits; a dash where there is none.

    Whole parts are never rounded away.

    >>> number(0.123456), number(-1234.5), number(1.2345e-5), number(None)
    ('0.123', '−1234', '1.23\xa0×\xa010⁻⁵', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    whole = 10**digits
    # Adding 0 makes a plain 0 of −0.
    rounded = float(f"{value:.0f}" if abs(value) >= whole else f"{value:.{digits}g}") + 0.0
    if rounded and not SMALL <= abs(rounded) < LARGE:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        text = f"{float(mantissa):g}{_JOIN}×{_JOIN}{power_of_ten(int(power))}"
    else:
        text = f"{rounded:.0f}" if abs(rounded) >= whole else f"{rounded:.{digits}g}"
    return text.replace("-", "−")


def power_of_ten(exponent: int) -> str:
    """A power of ten, written out.

    >>> power_of_ten(-3)
    '10⁻³'
    """
    return "10" + str(exponent).translate(_RAISED)


def interval(low: float | None, high: float | None) -> str:
    """The ends in brackets; nothing where there is no interval, or it is a point.

    >>> interval(0.5, 2)
    '[0.5, 2]'
    """
    if low is None or high is None or low == high:
        return ""
    return f"[{number(low)}, {number(high)}]"


def factor(value: float | None) -> str:
    """What something is multiplied by.

    >>> factor(2.5)
    '×2.5'
    """
    return NOTHING if value is None else f"×{number(value)}"


def percent(value: float | None) -> str:
    r"""A share.

    >>> percent(0.254)
    '25\xa0%'
    """
    return NOTHING if value is None else f"{100 * value:.0f}{_JOIN}%".replace("-", "−")


def percents(low: float | None, high: float | None) -> str:
    """The ends of a share's interval."""
    return "" if low is None or high is None else f"[{percent(low)}, {percent(high)}]"


def count(value: int) -> str:
    """A count, thousands apart.

    >>> count(12345)
    '12,345'
    """
    return f"{value:,}"


def span(values: Sequence[int]) -> str:
    """From the least to the most.

    >>> span([32, 16]), span([32])
    ('16 to 32', '32')
    """
    if not values:
        return NOTHING
    low, high = min(values), max(values)
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def word(value: int) -> str:
    """Small counts as words.

    >>> word(3), word(12)
    ('three', '12')
    """
    return _WORDS[value] if value < len(_WORDS) else str(value)

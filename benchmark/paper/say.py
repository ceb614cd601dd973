"""Numbers as they are printed in the paper."""

import math
from collections.abc import Sequence

from benchmark.declare.measures import Measure
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.inference.intervals import Interval
from benchmark.wording import words

NOT_RUN = {
    "says": "", "verdict": "undecided", "kind": "", "estimate": "–", "interval": "",
    "expected": "", "seeds": "", "note": "not run",
}  # fmt: skip
"""What is said of a claim whose scenario is not among the results."""

_JOIN = "\N{NO-BREAK SPACE}"
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float | None) -> str:
    """Three significant digits, 1.2 × 10⁻⁵ for very small or large ones; a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        digits = 3 if abs(value) < 1000 else len(str(int(abs(value))))
        text = f"{value:.{digits}g}"
    else:
        mantissa, _, power = f"{value:.1e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa}{_JOIN}×{_JOIN}10{raised}"
    return text.replace("-", "−")


def interval(of: Interval[float | None] | Interval[float]) -> str:
    """[low, high], or nothing where there is no interval."""
    _, low, high = of
    if low is None or high is None or low == high:
        return ""
    return f"[{number(low)}, {number(high)}]"


def factor(value: float | None) -> str:
    """A factor: "×2.5"."""
    return "–" if value is None else f"×{number(value)}"


def expected(verdict: Verdict, measure: Measure) -> str:
    """What a claim expects of its measure: "jitter of the training loss: ratio at least 2"."""
    if not verdict.regions:
        return ""
    what = words.measure(measure).removesuffix(", whole run")
    return f"{what}: {'; '.join(region.said for region in verdict.regions)}"


def percent(value: float | None) -> str:
    """A share: "25 %"."""
    return "–" if value is None else f"{100 * value:.0f}{_JOIN}%"


def percents(of: Interval[float | None] | Interval[float]) -> str:
    """Ends of a share's interval."""
    _, low, high = of
    return "" if low is None or high is None else f"[{percent(low)}, {percent(high)}]"


def count(value: int) -> str:
    """A count with thousands apart."""
    return f"{value:,}"


def span(values: Sequence[int]) -> str:
    """ "32", "16 to 32", or a dash where there are none."""
    if not values:
        return "–"
    low, high = min(values), max(values)
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def word(value: int) -> str:
    """Small counts as words."""
    return _WORDS[value] if value < len(_WORDS) else str(value)

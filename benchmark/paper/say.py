"""Numbers as they are printed in the paper."""

import math
import re
from collections.abc import Sequence

from benchmark.declare.measure import Measure
from benchmark.wording import words

NOT_RUN = {
    "says": "", "verdict": "undecided", "kind": "", "estimate": "–", "interval": "",
    "expected": "", "seeds": "", "note": "not run",
}  # fmt: skip
"""What is said of a claim whose scenario is not among the results."""

KIND_OF_NUMBER = {
    "Increases": "slope",
    "Decreases": "slope",
    "PowerLaw": "slope",
    "Ratio": "ratio",
    "NoEffect": "ratio",
    "Difference": "difference",
    "Equals": "over theory",
    "Peaks": "peak at",
    "Share": "share",
}
"""Expectation → what its estimate is; a level of the measure where nothing is said."""

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


def interval(low: float | None, high: float | None) -> str:
    """[low, high], or nothing where there is no interval."""
    if low is None or high is None or low == high:
        return ""
    return f"[{number(low)}, {number(high)}]"


def factor(value: float | None) -> str:
    """A factor: "×2.5"."""
    return "–" if value is None else f"×{number(value)}"


def expected(region: str, measure: Measure) -> str:
    """What a claim expects of which measure: "jitter of the validation loss: ratio at least 2".

    Args:
        region: of a verdict.
        measure: of its claim.
    """
    what = words.measure(measure).removesuffix(", whole run")
    of_measure = region.replace(measure.name, "").replace("measure over theory", "over theory")
    trend = re.sub(r"slope of (log\()?measure\)? on (log\()?([\w.]+)\)?", _slope, of_measure)
    plain = re.sub(r"\b[a-z]+\.[a-z_.]+\b", lambda path: words.setting(path[0]), trend)
    return f"{what}: {plain.strip()}"


def _slope(found: re.Match[str]) -> str:
    return f"slope on {words.setting(found[3])}"


def percent(value: float | None) -> str:
    """A share: "25 %"."""
    return "–" if value is None else f"{100 * value:.0f}{_JOIN}%"


def percents(low: float | None, high: float | None) -> str:
    """Ends of a share's interval."""
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

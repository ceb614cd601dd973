"""Claims as they are printed in the paper."""

import re

from benchmark.declare.measures import Measure
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

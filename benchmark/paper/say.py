"""Claims as they are printed in the paper."""

from benchmark.declare.measure import Measure
from benchmark.statistics.claims.verdicts import Verdict

NOT_RUN = {
    "says": "", "verdict": "undecided", "kind": "", "estimate": "–", "interval": "",
    "expected": "", "seeds": "", "note": "not run",
}  # fmt: skip
"""What is said of a claim whose scenario is not among the results."""


def expected(verdict: Verdict, measure: Measure) -> str:
    """What a claim expects of its measure: "jitter of the training loss: ratio at least 2"."""
    if not verdict.regions:
        return ""
    what = measure.words.removesuffix(", whole run")
    return f"{what}: {'; '.join(region.said for region in verdict.regions)}"

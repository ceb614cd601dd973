"""The region a claim expects its statistic in, as numbers."""

import math
from typing import NamedTuple

from benchmark.declare import claims
from benchmark.declare.claims import Claim
from benchmark.figures.study import Study
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.selection import (
    Unanswerable,
    describe,
    distinguishing,
    select,
    strata,
)
from benchmark.wording import words


class Bounds(NamedTuple):
    """A region [low, high] of a statistic, open on a side that is infinite.

    Attributes:
        statistic: what the claim is judged by, in words.
        low, high: the region.
        neutral: the value that says "nothing", None where there is no such value.
    """

    statistic: str
    low: float
    high: float
    neutral: float | None = None


def bounds(study: Study, claim: Claim, verdict: Verdict) -> Bounds | None:
    """The region that the verdict's numbers were held against, None if it is not known."""
    what, expect = words.measure(claim.measure), claim.expect
    match expect:
        case claims.PowerLaw():
            low, high = expect.exponent - expect.within, expect.exponent + expect.within
            return Bounds(_slope(what, expect.axis), low, high, 0.0)
        case claims.Increases():
            return Bounds(_slope(what, expect.axis), expect.by, math.inf, 0.0)
        case claims.Decreases():
            return Bounds(_slope(what, expect.axis), -math.inf, -expect.by, 0.0)
        case claims.Ratio():
            return Bounds(f"ratio: {what}", *_ends(expect.low, expect.high), 1.0)
        case claims.Difference():
            return Bounds(f"difference: {what}", *_ends(expect.low, expect.high), 0.0)
        case claims.Within():
            return Bounds(what, *_ends(expect.low, expect.high))
        case claims.Equals():
            factor = 1 + expect.within
            return Bounds(f"measured over theory: {what}", 1 / factor, factor, 1.0)
        case claims.NoEffect():
            factor = 1 + expect.margin
            first = f"ratio to the first {words.setting(expect.axis)}: {what}"
            return Bounds(first, 1 / factor, factor, 1.0)
        case claims.Peaks():
            at = _peak(study, claim, expect, verdict)
            place = f"{words.setting(expect.axis)} of the largest {what}"
            return None if at is None else Bounds(place, at / expect.within, at * expect.within)
        case claims.Share():
            of = f" of {words.setting(expect.source)}" if expect.source else ""
            kind = "interactions" if expect.kind == "interactions" else f"{expect.kind} share"
            return Bounds(f"{kind}{of}: {what}", *_ends(expect.low, expect.high))


def _slope(what: str, axis: str) -> str:
    return f"slope along {words.setting(axis)}: {what}"


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    return -math.inf if low is None else low, math.inf if high is None else high


def _peak(study: Study, claim: Claim, expect: claims.Peaks, verdict: Verdict) -> float | None:
    """Where the peak is claimed, for the stratum that the verdict's note names."""
    if not callable(expect.at):
        return float(expect.at)
    try:
        chosen = select(study.conditions, claim.where)
    except Unanswerable:
        return None
    paths = distinguishing(chosen, [expect.axis])
    places = []
    for group in strata(chosen, [expect.axis]):
        example = chosen[group[0]]
        rest = {path: value for path, value in example.settings.items() if path != expect.axis}
        about = describe(example, paths) if paths else ""
        places.append((about, float(expect.at(rest))))
    named = [at for about, at in places if not about or about in verdict.note]
    return named[0] if named else places[0][1]

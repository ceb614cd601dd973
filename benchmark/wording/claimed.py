"""Claims and verdicts in words and signs."""

from collections.abc import Mapping
from typing import Any

from benchmark.declare import claims
from benchmark.declare.claims import Claim
from benchmark.declare.designs import ARM
from benchmark.statistics.verdicts import Verdict
from benchmark.wording import words
from benchmark.wording.numbers import number

SIGNS: dict[str, str] = {"supported": "✓", "refuted": "✗", "depends": "±", "undecided": "?"}
"""Verdict → its sign."""


def expectation(claim: Claim) -> str:
    """What a claim says of its measure: "falls with batch size". Its arm is left out."""
    text = _expectation(claim.expect)
    if claim.tune:
        tuned = words.listed([words.setting(path) for path in claim.tune])
        text = f"{text}, at the best {tuned}"
    where = {path: value for path, value in claim.where.items() if path != ARM}
    if not where:
        return text
    axis = getattr(claim.expect, "axis", "")
    if set(where) == {axis}:
        return f"{text} (at {words.levels(where[axis])})"
    return f"{text} (at {_selection(where)})"


def arms(claim: Claim) -> str:
    """The arms a claim speaks of, "" if of all."""
    return words.levels(claim.where.get(ARM, ()))


def verdict(claim: Claim, given: Verdict, name_arms: bool = False) -> str:
    """The claim with its verdict: "falls with batch size — supported"."""
    prefix = f"{arms(claim)}: " if name_arms and arms(claim) else ""
    return f"{prefix}{expectation(claim)} — {decision(given)}"


def decision(given: Verdict) -> str:
    """The verdict, and what would decide it if nothing has."""
    if given.estimate is None:
        return "undecided, no data"
    if given.seeds_to_decide is not None:
        return f"undecided, about {given.seeds_to_decide:,} seeds would decide"
    return given.verdict


def tally(verdicts: list[Verdict]) -> str:
    """ "2 claims supported, 1 refuted"."""
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind in SIGNS}
    parts = [f"{count} {kind}" for kind, count in counts.items() if count]
    if not parts:
        return "No claims"
    number, _, kind = parts[0].partition(" ")
    noun = "claim" if number == "1" else "claims"
    return ", ".join([f"{number} {noun} {kind}", *parts[1:]])


def _expectation(expect: claims.Expectation) -> str:
    match expect:
        case claims.PowerLaw():
            power, within = number(expect.exponent), number(expect.within)
            spread = f" ± {within}" if expect.within else ""
            return f"goes as {words.setting(expect.axis)} to the power {power}{spread}"
        case claims.Increases():
            return f"rises with {words.setting(expect.axis)}{_by(expect.by)}"
        case claims.Decreases():
            return f"falls with {words.setting(expect.axis)}{_by(expect.by)}"
        case claims.NoEffect():
            return f"same at every {words.setting(expect.axis)}, ± {_percent(expect.margin)}"
        case claims.Peaks():
            at = "where predicted" if callable(expect.at) else f"at {number(expect.at)}"
            return f"peaks along {words.setting(expect.axis)} {at}"
        case claims.Equals():
            return f"as theory says, ± {_percent(expect.within)}"
        case claims.Within():
            return _range(expect.low, expect.high)
        case claims.Ratio():
            pair = _against(expect.numerator, expect.denominator)
            return f"{pair}: ratio {_range(expect.low, expect.high)}"
        case claims.Difference():
            pair = _against(expect.minuend, expect.subtrahend)
            return f"{pair}: difference {_range(expect.low, expect.high)}"
        case claims.Share():
            of = "" if expect.source is None else f" of {words.setting(expect.source)}"
            kind = "interactions" if expect.kind == "interactions" else f"{expect.kind} share"
            return f"{kind}{of} {_range(expect.low, expect.high)}"


def _by(slope: float) -> str:
    return f", slope beyond {number(slope)}" if slope else ""


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        bound, word = (high, "at most") if low is None else (low, "at least")
        return f"{word} {number(bound if bound is not None else 0.0)}"
    return f"{number(low)} to {number(high)}"


def _selection(selection: Mapping[str, Any]) -> str:
    said = (f"{words.setting(path)} {words.levels(v)}" for path, v in selection.items())
    return ", ".join(said)


def _against(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    if set(first) == set(second) and len(first) == 1:
        (path,) = first
        pair = f"{words.levels(first[path])} against {words.levels(second[path])}"
        return f"{words.setting(path)} {pair}"
    return f"{_selection(first)} against {_selection(second)}"

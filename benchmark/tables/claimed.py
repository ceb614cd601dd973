"""Claims and verdicts in words and signs."""

from benchmark.declare.claims import Claim
from benchmark.declare.designs import ARM
from benchmark.declare.measure import Measure
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.wording import words

SIGNS: dict[str, str] = {"supported": "✓", "refuted": "✗", "depends": "±", "undecided": "?"}
"""Verdict → its sign."""


def expectation(claim: Claim) -> str:
    """What a claim says of its measure: "falls with batch size". Its arm is left out."""
    text = claim.expect.words
    if claim.tune:
        tuned = words.listed([words.setting(path) for path in claim.tune])
        text = f"{text}, at the best {tuned}"
    where = {path: value for path, value in claim.where.items() if path != ARM}
    if not where:
        return text
    along = claim.expect.along
    if along is not None and set(where) == {along}:
        return f"{text} (at {words.levels(where[along])})"
    return f"{text} (at {words.selection(where)})"


def arms(claim: Claim) -> str:
    """The arms a claim speaks of, "" if of all."""
    return words.levels(claim.where.get(ARM, ()))


def verdict(claim: Claim, judged: Verdict, name_arms: bool = False) -> str:
    """The claim with its verdict: "falls with batch size — supported"."""
    prefix = f"{arms(claim)}: " if name_arms and arms(claim) else ""
    return f"{prefix}{expectation(claim)} — {decision(judged)}"


def decision(judged: Verdict) -> str:
    """The verdict, and what would decide it if nothing has."""
    if judged.number.estimate is None:
        return "undecided, no data"
    if judged.seeds_to_decide is not None:
        return f"undecided, about {judged.seeds_to_decide:,} seeds would decide"
    return judged.verdict


def region(judged: Verdict, measure: Measure | None = None) -> str:
    """Where the number should lie: "ratio at least 2"; with a measure, of what."""
    said = "; ".join(each.said for each in judged.regions)
    if measure is None or not said:
        return said
    return f"{measure.words.removesuffix(', whole run')}: {said}"


def tally(verdicts: list[Verdict]) -> str:
    """ "2 claims supported, 1 refuted"."""
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind in SIGNS}
    parts = [f"{count} {kind}" for kind, count in counts.items() if count]
    if not parts:
        return "No claims"
    number, _, kind = parts[0].partition(" ")
    noun = "claim" if number == "1" else "claims"
    return ", ".join([f"{number} {noun} {kind}", *parts[1:]])

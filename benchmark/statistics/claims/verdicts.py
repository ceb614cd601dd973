"""Verdicts: every claim of a scenario held against its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from benchmark.declare.claims import Claim
from benchmark.statistics.claims.evidence import Evidence, Finding, contrary, seeds_needed
from benchmark.statistics.claims.region import Region
from benchmark.statistics.claims.summaries import Table
from benchmark.statistics.claims.tuning import tuned
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.multiplicity import FAMILY_WISE, holm
from benchmark.statistics.selection import ConditionResult, Unanswerable, select

Kind = Literal["supported", "refuted", "depends", "undecided"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a verdict can be."""


@dataclass(frozen=True)
class Verdict:
    """What the data say on a claim. Numbers are None where there are none.

    Attributes:
        name, says: the claim.
        verdict: "supported" (surely in the region), "refuted" (surely outside it),
            "depends" (surely so in some systems and surely not in others) or "undecided".
        number: the statistic and its 95 % interval; of the weakest or, if the claim fails,
            the worst condition where it speaks of every one.
        region: what the number was held against.
        regions: all that the claim expects: several where that depends on the stratum.
        p: two-sided p-value of the side of the border on which the estimate does not lie.
        adjusted_p: the same after Holm's correction over the claims of the scenario.
        seeds_to_decide: if undecided, runs per condition with which this estimate and
            spread would decide; None if the estimate sits on the border.
        note: which condition the numbers belong to, and what else matters.
    """

    name: str
    says: str
    verdict: Kind
    number: Interval[float | None] = Interval(None, None, None)
    region: Region | None = None
    regions: tuple[Region, ...] = ()
    p: float | None = None
    adjusted_p: float | None = None
    seeds_to_decide: int | None = None
    note: str = ""

    @property
    def expected(self) -> str:
        """What the claim expects of its statistic, as stored results have it."""
        return "; ".join(map(str, self.regions))

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``summary --json``."""
        return {
            "name": self.name,
            "says": self.says,
            "verdict": self.verdict,
            **self.number.named(),
            "region": self.expected,
            "p": self.p,
            "adjusted_p": self.adjusted_p,
            "seeds_to_decide": self.seeds_to_decide,
            "note": self.note,
        }


def judge(claims: Sequence[Claim], results: Sequence[ConditionResult]) -> list[Verdict]:
    """Hold claims against results.

    A claim is decided if its p-value, after Holm's correction over the claims of the
    scenario, is below 5 %: supported if the estimate is in the region, refuted if not. A
    claim on every condition is supported if each one is surely inside (intersection-union,
    the largest p counts) and refuted if any is surely outside (Bonferroni over conditions).
    A comparison or a trend in strata that surely differ is not pooled: it depends if some
    surely meet the claim and others surely do not, or have the contrary effect.

    Args:
        claims: the claims of one scenario.
        results: its conditions; runs aligned by seed, of which the first ones that all
            conditions of a claim share are used.

    Returns:
        One verdict per claim, in order. A claim on conditions that are not there is
        undecided, says why, and takes no part in the correction.

    Raises:
        UserError: the axis of an expectation does not hold numbers.
    """
    table = Table(results)
    outcomes = [_outcome(claim, table) for claim in claims]
    p = np.array([outcome.p for outcome in outcomes if isinstance(outcome, _Outcome)])
    adjusted = iter(holm(p))
    return [
        _verdict(claim, outcome, float(next(adjusted)), int(np.sum(p >= outcome.p)))
        if isinstance(outcome, _Outcome)
        else Verdict(claim.name, claim.says, "undecided", note=outcome)
        for claim, outcome in zip(claims, outcomes, strict=True)
    ]


@dataclass(frozen=True)
class _Outcome:
    """The piece of evidence that decides, what it would make of the claim, and how surely.

    Attributes:
        finding: all pieces.
        kind: the verdict if it is sure.
        decisive: the piece whose numbers are told.
        p: p-value of that verdict.
        against: how many pieces were in the race for it.
    """

    finding: Finding
    kind: Kind
    decisive: Evidence
    p: float
    against: int


def _outcome(claim: Claim, table: Table) -> _Outcome | str:
    try:
        if claim.tune:
            table = Table(tuned(claim, table.results))
        finding = claim.expect.examine(claim, select(table.results, claim.where), table)
    except Unanswerable as reason:
        return str(reason)
    outside = [piece for piece in finding.pieces if piece.defined and not piece.inside]
    if finding.strata:
        return _of_strata(finding, outside)
    if outside:
        worst, count = min(outside, key=lambda piece: piece.p), len(finding.pieces)
        return _Outcome(finding, "refuted", worst, min(1.0, worst.p * count), count)
    unknown = [piece for piece in finding.pieces if not piece.defined]
    if unknown:
        where = f" at {unknown[0].about}" if unknown[0].about else ""
        why = f": {unknown[0].remark}" if unknown[0].remark else ""
        return f"the measure is undefined in too many runs{where}{why}"
    weakest = max(finding.pieces, key=lambda piece: piece.p)
    return _Outcome(finding, "supported", weakest, weakest.p, 1)


def _of_strata(finding: Finding, outside: list[Evidence]) -> _Outcome:
    """Strata that differ: what all of them say, or that it depends."""
    weakest = max(outside or finding.pieces, key=lambda piece: piece.p)
    if len(outside) == len(finding.pieces):
        return _Outcome(finding, "refuted", weakest, weakest.p, 1)
    if not outside:
        return _Outcome(finding, "supported", weakest, weakest.p, 1)
    # Depends if the surest of either side are both sure: the less sure one decides.
    inside = [piece for piece in finding.pieces if piece.inside]
    surest = [min(side, key=lambda piece: piece.p) for side in (inside, outside)]
    less = max(surest, key=lambda piece: piece.p)
    return _Outcome(finding, "depends", less, contrary(finding.pieces), len(finding.pieces))


def _verdict(claim: Claim, outcome: _Outcome, adjusted: float, rivals: int) -> Verdict:
    """`rivals`: how many claims, itself included, Holm still counts when its turn comes."""
    piece, notes = outcome.decisive, list(outcome.finding.notes)
    decided = adjusted < FAMILY_WISE
    if outcome.finding.strata:
        notes.insert(0, _by_stratum(outcome.finding.pieces))
    elif len(outcome.finding.pieces) > 1:
        notes.insert(0, f"worst of {len(outcome.finding.pieces)}: {piece.about}")
    elif piece.about:
        notes.insert(0, piece.about)
    seeds = None
    if not decided:
        # That it depends takes two pieces, whose common p-value counts all others in.
        one, of = (outcome.p, 1) if outcome.kind == "depends" else (piece.p, outcome.against)
        seeds = seeds_needed(one, piece.runs, FAMILY_WISE / (of * rivals))
        if outcome.p < FAMILY_WISE:
            notes.append("decided on its own, but not among the other claims")
    if piece.remark:
        notes.append(piece.remark)
    return Verdict(
        name=claim.name,
        says=claim.says,
        verdict=outcome.kind if decided else "undecided",
        number=piece.number.known(),
        region=piece.region,
        regions=outcome.finding.regions,
        p=outcome.p,
        adjusted_p=adjusted,
        seeds_to_decide=seeds,
        note="; ".join(notes),
    )


def _by_stratum(pieces: list[Evidence]) -> str:
    """ "met at A (3.9); not met at B (0.35)": the surest of either side, if they are sure."""
    parts = []
    for inside, words in ((True, "met"), (False, "not met")):
        side = sorted((p for p in pieces if p.inside is inside), key=lambda p: p.p)
        sure = [p for p in side if p.p * len(pieces) < FAMILY_WISE]
        if side:
            how = words if sure else f"perhaps {words}"
            more = f" and {len(sure) - 1} more" if len(sure) > 1 else ""
            parts.append(f"{how} at {side[0].about} ({side[0].number.estimate:.3g}){more}")
    return "; ".join(parts)

"""Tries the functions of a scenario's claims before hours of training."""

from benchmark.declare.scenario import Resolved
from benchmark.statistics.selection import ConditionResult, Unanswerable, select


def rehearse(resolved: Resolved) -> None:
    """Call every function of an expectation as the verdicts will.

    Measures of one's own need curves, and are not tried. A claim that tunes a setting speaks of
    conditions that are known only afterwards.

    Raises:
        UserError: a function fails, or returns no number.
    """
    every = [
        ConditionResult(m.condition.id, m.condition, resolved.settings(m), {})
        for m in resolved.members
    ]
    for claim in resolved.scenario.claims:
        if claim.tune:
            continue
        try:
            chosen = select(every, claim.where)
        except Unanswerable:
            continue
        claim.expect.rehearse(claim, chosen)

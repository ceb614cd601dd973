"""Tries the functions of a scenario's claims before hours of training."""

from benchmark.declare.claims import Equals, Peaks, peak_place, predicted
from benchmark.declare.scenario import Resolved


def rehearse(resolved: Resolved) -> None:
    """Call every theory and every place of a peak as the verdicts will.

    Measures of one's own need curves, and are not tried. A claim that tunes a setting speaks of
    conditions that are known only afterwards.

    Raises:
        UserError: a function fails, or returns no number.
    """
    claims = [
        claim
        for claim in resolved.scenario.claims
        if not claim.tune
        and (
            isinstance(claim.expect, Equals)
            or (isinstance(claim.expect, Peaks) and callable(claim.expect.at))
        )
    ]
    if not claims:
        return
    # Only now: it takes a second to import.
    from benchmark.statistics.selection import ConditionResult, Unanswerable, select, strata

    every = [
        ConditionResult(m.condition.id, m.condition, resolved.settings(m), {})
        for m in resolved.members
    ]
    for claim in claims:
        try:
            chosen = select(every, claim.where)
        except Unanswerable:
            continue
        if isinstance(claim.expect, Peaks):
            axis = claim.expect.axis
            for first, *_ in strata(chosen, [axis]):
                settings = chosen[first].settings
                peak_place(claim, {path: v for path, v in settings.items() if path != axis})
        else:
            for result in chosen:
                predicted(claim, result.condition)

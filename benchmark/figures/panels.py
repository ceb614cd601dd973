"""Which panels the dose-response figure has: one per claimed measure and axis."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmark.declare.claims import Claim
from benchmark.declare.designs import ARM
from benchmark.declare.measure import Measure
from benchmark.figures.study import Study
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.measures import Jitter, Level
from benchmark.statistics.selection import ConditionResult, Unanswerable, select


@dataclass
class Panel:
    """One measure on one axis, and what is claimed of it.

    Attributes:
        measure: on the vertical axis.
        axis: path of the setting on the horizontal axis.
        conditions: all of the arms that the claims speak of.
        claims: with their verdicts.
    """

    measure: Measure
    axis: str
    conditions: list[ConditionResult]
    claims: list[tuple[Claim, Verdict]] = field(default_factory=list)

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms of its conditions, in order."""
        names = (r.settings[ARM] for r in self.conditions if ARM in r.settings)
        return tuple(dict.fromkeys(names))


def panels(study: Study) -> list[Panel]:
    """The panels in the order of the claims.

    Claims on the same measure along the same axis share a panel. Without claims, the
    measures the scenario shows, or the jitter of the losses.
    """
    by_key: dict[tuple[str, str], Panel] = {}
    for claim, verdict in zip(study.claims, study.verdicts, strict=True):
        if not claim.expect.of_conditions:
            continue
        conditions = _recorded(_in_arms(study.conditions, claim), claim.measure)
        for axis, members in _by_axis(study, claim, conditions).items():
            key = (claim.measure.name, axis)
            panel = by_key.setdefault(key, Panel(claim.measure, axis, []))
            ids = {id(result) for result in (*panel.conditions, *members)}
            panel.conditions = [result for result in study.conditions if id(result) in ids]
            panel.claims.append((claim, verdict))
    if by_key:
        return list(by_key.values())
    return [
        Panel(measure, study.axis_of(conditions), conditions)
        for measure in study.answer.scenario.show or _usual(study)
        if (conditions := _recorded(study.conditions, measure))
    ]


def _usual(study: Study) -> list[Measure]:
    names = dict.fromkeys(name for result in study.conditions for name in result.series)
    losses: list[Measure] = [
        Jitter(name) for name in names if name in ("train_loss", "validation_loss")
    ]
    return losses or [Level(name) for name in list(names)[:2]]


def _in_arms(conditions: Sequence[ConditionResult], claim: Claim) -> list[ConditionResult]:
    """The conditions of the claim's arms, whatever else it selects: the rest is context."""
    if ARM not in claim.where:
        return list(conditions)
    try:
        return select(conditions, {ARM: claim.where[ARM]})
    except Unanswerable:
        return []


def _recorded(conditions: Sequence[ConditionResult], measure: Measure) -> list[ConditionResult]:
    return [result for result in conditions if set(measure.series) <= set(result.series)]


def _by_axis(
    study: Study, claim: Claim, conditions: Sequence[ConditionResult]
) -> dict[str, list[ConditionResult]]:
    """The claim's own axis, or what it compares, if that varies; else each arm's dose."""
    axis = claim.expect.along
    if axis and len({str(result.settings.get(axis)) for result in conditions}) > 1:
        return {axis: list(conditions)}
    by_axis: dict[str, list[ConditionResult]] = {}
    for arm in dict.fromkeys(result.settings.get(ARM) for result in conditions):
        members = [result for result in conditions if result.settings.get(ARM) == arm]
        by_axis.setdefault(study.axis_of(members), []).extend(members)
    return by_axis

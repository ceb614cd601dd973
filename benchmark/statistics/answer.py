"""The answer to a scenario's question: its table of measures and its verdicts."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from benchmark.declare.measures import Jitter, Level, Measure, RelativeJitter, VonNeumann
from benchmark.declare.scenario import Scenario
from benchmark.statistics.factorial import Attribution, attributions
from benchmark.statistics.measures import standard_measures
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.summary import summarise
from benchmark.statistics.verdicts import Verdict, judge
from benchmark.store.results import Results


@dataclass(frozen=True)
class Answer:
    """What the stored runs of a scenario say.

    Attributes:
        results: where the runs come from.
        conditions: one mapping per condition: id, settings, runs, diverged, measures.
        verdicts: one per claim.
        attributions: how much of each measure comes from which suspect, for factorials.
    """

    results: Results
    conditions: list[dict[str, Any]]
    verdicts: list[Verdict]
    attributions: list[Attribution]

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``summary --json``."""
        return {
            "scenario": self.results.resolved.scenario.name,
            "scale": self.results.resolved.scale,
            "conditions": self.conditions,
            "claims": [asdict(verdict) for verdict in self.verdicts],
            "attribution": [asdict(attribution) for attribution in self.attributions],
        }


def condition_results(results: Results) -> list[ConditionResult]:
    """The stored conditions in the form that claims are judged on."""
    held = {runs.condition.id: runs.series for runs in results.all_runs()}
    return [
        ConditionResult(
            id=member.condition.id,
            condition=member.condition,
            settings=results.resolved.settings(member),
            series=held[member.condition.id],
        )
        for member in results.resolved.members
        if member.condition.id in held
    ]


def shown(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of the printed table: declared, else those of the claims."""
    return scenario.show or _unique(claim.measure for claim in scenario.claims)


def attributed(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures whose differences a factorial shares out: declared, else those shown."""
    return scenario.attribute or shown(scenario)


def answer(results: Results) -> Answer:
    """Compute all measures and verdicts anew from the store."""
    found = condition_results(results)
    scenario = results.resolved.scenario
    measures = _unique((*shown(scenario), *(c.measure for c in scenario.claims), *_all(found)))
    return Answer(
        results,
        summarise(found, measures),
        judge(scenario.claims, found),
        attributions(found, attributed(scenario)),
    )


def _all(found: list[ConditionResult]) -> tuple[Measure, ...]:
    names = dict.fromkeys(name for result in found for name in result.series)
    # Spectra and wander of tens of thousands of steps would take minutes and say little.
    steps = [
        kind(name)
        for name in names
        if name.startswith("step_") and name.endswith("loss")
        for kind in (Level, Jitter, RelativeJitter, VonNeumann)
    ]
    shares = [Level(n) for n in names if n.startswith("step_") and not n.endswith("loss")]
    curves = standard_measures([name for name in names if not name.startswith("step_")])
    return (*curves, *steps, *shares)


def _unique(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    return tuple({measure.name: measure for measure in measures}.values())

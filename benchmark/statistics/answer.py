"""The answer to a scenario's question: its table of measures and its verdicts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from benchmark.declare.measure import Measure
from benchmark.declare.scenario import Scenario
from benchmark.declare.series import parse
from benchmark.statistics.causes import Row, attribution_measures, observe, table
from benchmark.statistics.claims.verdicts import Verdict, judge
from benchmark.statistics.confusion import Confusion, confusions, recognised
from benchmark.statistics.crossed import Components, shared_out
from benchmark.statistics.factorial import Attribution, attributions
from benchmark.statistics.fingerprints import Fingerprint, fingerprints, labelled
from benchmark.statistics.measures import (
    Jitter,
    Level,
    RelativeJitter,
    VonNeumann,
    standard_measures,
)
from benchmark.statistics.selection import ConditionResult
from benchmark.statistics.summary import ConditionSummary, summarise
from benchmark.store.results import Stock


@dataclass(frozen=True)
class Answer:
    """What the stored runs of a scenario say.

    Attributes:
        results: where the runs come from.
        conditions: the measures of every condition.
        verdicts: one per claim.
        attributions: how much of each measure comes from which suspect, for factorials.
        components: how much of each measure's variance comes from which source of
            randomness, for crossed sources.
        causes: what each declared cause does, the largest factor first.
        cures: what each declared cure does.
        fingerprints: shape of the curves under each cause, where the scenario asks for it.
        confusions: which causes are told apart by it.
    """

    results: Stock
    conditions: list[ConditionSummary]
    verdicts: list[Verdict]
    attributions: list[Attribution]
    components: list[Components]
    causes: list[Row]
    cures: list[Row]
    fingerprints: list[Fingerprint]
    confusions: list[Confusion]

    @property
    def runs(self) -> dict[str, int]:
        """Number of runs of each condition, by id: one that stands in two arms ran once."""
        return {row.id: row.runs for row in self.conditions}

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``summary --json``."""
        return {
            "scenario": self.results.resolved.scenario.name,
            "scale": self.results.resolved.scale,
            "conditions": [row.as_json() for row in self.conditions],
            "claims": [verdict.as_json() for verdict in self.verdicts],
            "attribution": [attribution.as_json() for attribution in self.attributions],
            "components": [each.as_json() for each in self.components],
            "causes": [row.as_json() for row in self.causes],
            "cures": [row.as_json() for row in self.cures],
            "fingerprints": [fingerprint.as_json() for fingerprint in self.fingerprints],
            "confusion": [confusion.as_json() for confusion in self.confusions],
        }


def condition_results(results: Stock) -> list[ConditionResult]:
    """The stored conditions in the form that claims are judged on."""
    held = {runs.condition.id: runs for runs in results.all_runs()}
    found = [
        ConditionResult(
            id=member.condition.id,
            condition=member.condition,
            settings=results.resolved.settings(member),
            series=runs.series,
            known=runs.known,
            sketched=frozenset(runs.series if runs.known else ()),
            resolutions=runs.resolutions,
        )
        for member in results.resolved.members
        if (runs := held.get(member.condition.id)) is not None
    ]
    scenario = results.resolved.scenario
    return recognised(scenario, found) if scenario.fingerprints else found


def shown(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of the printed table: declared, else those of the claims."""
    return scenario.show or _unique(claim.measure for claim in scenario.claims)


def attributed(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures whose differences a factorial shares out: declared, else those shown."""
    return scenario.attribute or shown(scenario)


def answer(results: Stock) -> Answer:
    """Compute all measures and verdicts anew from the store."""
    found = condition_results(results)
    scenario = results.resolved.scenario
    names = dict.fromkeys(name for result in found for name in result.series)
    measures = [m for m in reported(scenario, names) if any(r.holds(m) for r in found)]
    causes, cures = map(table, observe(scenario, found))
    runs = labelled(scenario, found) if scenario.fingerprints else None
    return Answer(
        results,
        summarise(found, measures),
        judge(scenario.claims, found),
        attributions(found, attributed(scenario)),
        shared_out(found, attributed(scenario)),
        causes,
        cures,
        [] if runs is None else fingerprints(runs),
        [] if runs is None else confusions(runs),
    )


def judged(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of the printed table and of the claims."""
    return _unique((*shown(scenario), *(claim.measure for claim in scenario.claims)))


def decisive(scenario: Scenario) -> tuple[Measure, ...]:
    """Everything that tables, verdicts and attributions are computed from."""
    tuned = (measure for claim in scenario.claims for measure in claim.tune.values())
    switched = scenario.causes or scenario.cures
    others = attribution_measures(scenario.fingerprints) if switched else ()
    return _unique((*judged(scenario), *tuned, *attributed(scenario), *others))


def reported(scenario: Scenario, series_names: Collection[str]) -> tuple[Measure, ...]:
    """The measures of `Answer.conditions`, given the names of all recorded series."""
    return _unique((*judged(scenario), *_all(series_names)))


def _all(names: Collection[str]) -> tuple[Measure, ...]:
    # Spectra and wander of tens of thousands of steps would take minutes and say little.
    steps = [
        kind(name)
        for name in names
        if parse(name).per_step and parse(name).is_loss
        for kind in (Level, Jitter, RelativeJitter, VonNeumann)
    ]
    shares = [Level(n) for n in names if parse(n).per_step and not parse(n).is_loss]
    curves = standard_measures([name for name in names if not parse(name).per_step])
    return (*curves, *steps, *shares)


def _unique(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    return tuple({measure.name: measure for measure in measures}.values())

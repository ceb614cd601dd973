"""The answer to a scenario's question: its table of measures and its verdicts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmark.answers.overview import Part, part_of
from benchmark.answers.summary import ConditionSummary, summarise
from benchmark.declare.measure import Measure
from benchmark.declare.scenario import Resolved, Scenario
from benchmark.declare.series import parse
from benchmark.declare.steps import Steps, silently
from benchmark.statistics.attribution.causes import Row, outcome_measures, table
from benchmark.statistics.attribution.crossed import Components, shared_out
from benchmark.statistics.attribution.factorial import Attribution, attributions
from benchmark.statistics.claims.verdicts import Verdict, judge
from benchmark.statistics.measures import (
    Jitter,
    Level,
    RelativeJitter,
    VonNeumann,
    standard_measures,
)
from benchmark.statistics.recognition.classifier import Confusion, recognised
from benchmark.statistics.recognition.features import feature_measures
from benchmark.statistics.recognition.fingerprints import Fingerprint
from benchmark.statistics.selection import ConditionResult
from benchmark.store.results import Stock


@dataclass(frozen=True)
class Answer:
    """What the stored runs of a scenario say: all that tables, figures, page and paper need.

    Attributes:
        results: where the runs come from.
        conditions: the stored conditions with their runs, in the order of the design.
        summaries: the measures of every condition.
        verdicts: one per claim.
        attributions: how much of each measure comes from which suspect, for factorials.
        components: how much of each measure's variance comes from which source of
            randomness, for crossed sources.
        causes: what each declared cause does, the largest factor first.
        cures: what each declared cure does.
        part: what it adds to the tables over all scenarios, if anything.
    """

    results: Stock
    conditions: list[ConditionResult]
    summaries: list[ConditionSummary]
    verdicts: list[Verdict]
    attributions: list[Attribution]
    components: list[Components]
    causes: list[Row]
    cures: list[Row]
    part: Part | None

    @property
    def resolved(self) -> Resolved:
        """The scenario at the scale of the results."""
        return self.results.resolved

    @property
    def scenario(self) -> Scenario:
        """As declared."""
        return self.results.resolved.scenario

    @property
    def fingerprints(self) -> list[Fingerprint]:
        """Shape of the curves under each cause, where the scenario asks for it."""
        return self.part.fingerprints if self.part else []

    @property
    def confusions(self) -> list[Confusion]:
        """Which causes are told apart by it."""
        return self.part.confusions if self.part else []

    @property
    def is_whole(self) -> bool:
        """Whether every condition has results."""
        return self.runs.keys() >= {condition.id for condition in self.resolved.conditions}

    def without_runs(self) -> "Answer":
        """The same without the runs themselves: small enough to keep those of all scenarios."""
        return replace(self, conditions=[])

    @property
    def runs(self) -> dict[str, int]:
        """Number of runs of each condition, by id: one that stands in two arms ran once."""
        return {row.id: row.runs for row in self.summaries}

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``summary --json``."""
        return {
            "scenario": self.scenario.name,
            "scale": self.resolved.scale,
            "conditions": [row.as_json() for row in self.summaries],
            "claims": [verdict.as_json() for verdict in self.verdicts],
            "attribution": [attribution.as_json() for attribution in self.attributions],
            "components": [each.as_json() for each in self.components],
            "causes": [row.as_json() for row in self.causes],
            "cures": [row.as_json() for row in self.cures],
            "fingerprints": [fingerprint.as_json() for fingerprint in self.fingerprints],
            "confusion": [confusion.as_json() for confusion in self.confusions],
        }


def condition_results(results: Stock) -> list[ConditionResult]:
    """The stored conditions with their runs."""
    by_id = {runs.condition.id: runs for runs in results.all_runs()}
    return [
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
        if (runs := by_id.get(member.condition.id)) is not None
    ]


def judged_conditions(results: Stock) -> list[ConditionResult]:
    """The same in the form that claims are judged on.

    Where a scenario compares systems, a classifier is trained, and each run knows whether it
    names its cause; that takes seconds.
    """
    scenario, conditions = results.resolved.scenario, condition_results(results)
    return recognised(scenario, conditions) if scenario.fingerprints else conditions


def shown(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of the printed table: declared, else those of the claims."""
    return scenario.show or _unique(claim.measure for claim in scenario.claims)


def attributed(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures whose differences a factorial shares out: declared, else those shown."""
    return scenario.attribute or shown(scenario)


def answer(results: Stock) -> Answer:
    """Compute all measures and verdicts anew from the store."""
    conditions = judged_conditions(results)
    scenario = results.resolved.scenario
    names = dict.fromkeys(name for result in conditions for name in result.series)
    measures = [m for m in reported(scenario, names) if any(r.holds(m) for r in conditions)]
    part = part_of(scenario, conditions)
    return Answer(
        results,
        conditions,
        summarise(conditions, measures),
        judge(scenario.claims, conditions),
        attributions(conditions, attributed(scenario)),
        shared_out(conditions, attributed(scenario)),
        table(part.causes) if part else [],
        table(part.cures) if part else [],
        part,
    )


def answers(
    stocks: Mapping[str, Stock], with_runs: Collection[str] = (), steps: Steps = silently
) -> dict[str, Answer]:
    """The answers of all scenarios; one scenario's runs are in memory at a time.

    Args:
        stocks: scenario → its results, which may be empty.
        with_runs: scenarios whose runs are kept all the same, for figures.
        steps: tells how far it is.
    """
    every = {}
    for name in steps(list(stocks), "reading"):
        complete = answer(stocks[name])
        every[name] = complete if name in with_runs else complete.without_runs()
    return every


def judged(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of the printed table and of the claims."""
    return _unique((*shown(scenario), *(claim.measure for claim in scenario.claims)))


def decisive(scenario: Scenario) -> tuple[Measure, ...]:
    """Everything that tables, verdicts and attributions are computed from."""
    tuned = (measure for claim in scenario.claims for measure in claim.tune.values())
    switched = scenario.causes or scenario.cures
    outcomes = outcome_measures() if switched else ()
    features = feature_measures() if switched and scenario.fingerprints else ()
    return _unique((*judged(scenario), *tuned, *attributed(scenario), *outcomes, *features))


def reported(scenario: Scenario, series_names: Collection[str]) -> tuple[Measure, ...]:
    """The measures of `Answer.summaries`, given the names of all recorded series."""
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

"""What all stored scenarios together say on causes, cures and fingerprints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.declare.scenario import Scenario
from benchmark.statistics.attribution.causes import Observed, Row, observe, table
from benchmark.statistics.recognition.classifier import Confusion, confusions
from benchmark.statistics.recognition.fingerprints import Fingerprint, fingerprints, labelled
from benchmark.statistics.selection import ConditionResult


@dataclass(frozen=True)
class Part:
    """What one scenario adds to the tables over all of them.

    Attributes:
        scenario: its name.
        causes, cures: each with the change of every outcome in every run.
        fingerprints, confusions: if the scenario compares systems; else empty.
    """

    scenario: str
    causes: list[Observed]
    cures: list[Observed]
    fingerprints: list[Fingerprint]
    confusions: list[Confusion]


def part_of(scenario: Scenario, conditions: Sequence[ConditionResult]) -> Part | None:
    """What a scenario adds; None if it declares no causes and no cures, or nothing is there."""
    if not conditions or not (scenario.causes or scenario.cures):
        return None
    causes, cures = observe(scenario, conditions)
    runs = labelled(scenario, conditions) if scenario.fingerprints else None
    if runs is None:
        return Part(scenario.name, causes, cures, [], [])
    return Part(scenario.name, causes, cures, fingerprints(runs), confusions(runs))


@dataclass(frozen=True)
class Overview:
    """Tables over scenarios.

    Attributes:
        scenarios: those that have something stored.
        causes: what each cause does, the largest factor on validation jitter first.
        cures: what each cure does, the calming last.
        fingerprints, confusions: of the scenario that compares systems; empty without it.
    """

    scenarios: tuple[str, ...]
    causes: list[Row]
    cures: list[Row]
    fingerprints: list[Fingerprint]
    confusions: list[Confusion]

    def as_json(self) -> dict[str, Any]:
        """Plain data, the form of ``causes --json``."""
        return {
            "scenarios": self.scenarios,
            "causes": [row.as_json() for row in self.causes],
            "cures": [row.as_json() for row in self.cures],
            "fingerprints": [each.as_json() for each in self.fingerprints],
            "confusion": [each.as_json() for each in self.confusions],
        }


def overview(parts: Iterable[Part | None]) -> Overview:
    """Tables over all scenarios.

    Intervals of the table of causes, and of that of cures, are simultaneous over it.
    """
    there = [part for part in parts if part is not None]
    return Overview(
        tuple(part.scenario for part in there),
        table([each for part in there for each in part.causes]),
        table([each for part in there for each in part.cures]),
        [each for part in there for each in part.fingerprints],
        [each for part in there for each in part.confusions],
    )

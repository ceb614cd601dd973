"""What all stored scenarios together say on causes, cures and fingerprints."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmark.statistics.answer import condition_results
from benchmark.statistics.causes import Observed, Row, observe, table
from benchmark.statistics.confusion import Confusion, confusions
from benchmark.statistics.fingerprints import Fingerprint, fingerprints, labelled
from benchmark.store.results import Stock


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


def overview(stocks: Iterable[Stock]) -> Overview:
    """Tables over all scenarios; one scenario's runs are in memory at a time.

    Intervals of the table of causes, and of that of cures, are simultaneous over it.
    """
    names: list[str] = []
    causes: list[Observed] = []
    cures: list[Observed] = []
    matrix: list[Fingerprint] = []
    told: list[Confusion] = []
    for stock in stocks:
        scenario = stock.resolved.scenario
        if not (scenario.causes or scenario.cures):
            continue
        conditions = condition_results(stock)
        if not conditions:
            continue
        names.append(scenario.name)
        for all_of, found in zip((causes, cures), observe(scenario, conditions), strict=True):
            all_of += found
        runs = labelled(scenario, conditions) if scenario.fingerprints else None
        if runs is not None:
            matrix, told = fingerprints(runs), confusions(runs)
    return Overview(tuple(names), table(causes), table(cures), matrix, told)

"""What `verify` says of runs whose truth is known: equal, or shifted by a known amount."""

import math

import numpy as np

from benchmark.answers.agreement import Agreement, agreements, together
from benchmark.checks.check import Comparison, Scale
from benchmark.statistics.inference.multiplicity import FAMILY_WISE
from benchmark.statistics.measures import Final, RunSpread
from benchmark.statistics.selection import ConditionResult

_MEAN, _SPREAD = Final("mean"), RunSpread("spread")
_SCENARIOS, _CONDITIONS, _RUNS, _SHIFT, _FOUND = 2, 10, 32, 1.5, 0.8


def verification(scale: Scale) -> list[Comparison]:
    """Calls with any false difference, and the shifts of 1.5 SD that are found, at 32 + 32."""
    calls = {"quick": 60, "full": 1000}[scale]
    generator = np.random.default_rng(20)
    equal = [_call(generator, 0.0) for _ in range(calls)]
    shifted = [_call(generator, _SHIFT) for _ in range(max(2, calls // 20))]
    false = np.mean([any(row.outcome == "differs" for row in rows) for rows in equal])
    error = math.sqrt(FAMILY_WISE * (1 - FAMILY_WISE) / calls)
    means = [row for rows in shifted for row in rows if row.measure == _MEAN.name]
    power = np.mean([row.outcome == "differs" for row in means])
    room = math.sqrt(_FOUND * (1 - _FOUND) / len(means))
    rows = len(equal[0])
    return [
        Comparison(
            f"calls of verify with {rows} equal rows in which any differs",
            FAMILY_WISE,
            float(false),
            error,
            at_most=True,
        ),
        Comparison(
            f"shifts of {_SHIFT:g} SD, all {len(means) // len(shifted)} means of such a call",
            _FOUND,
            float(power),
            room,
            at_least=True,
        ),
    ]


def _call(generator: np.random.Generator, shift: float) -> list[Agreement]:
    """Rows of scenarios that are compared together; means of normal, SDs of heavy tails."""

    def condition(name: str, by: float) -> ConditionResult:
        known = {
            _MEAN.name: generator.normal(by, 1, _RUNS),
            _SPREAD.name: generator.standard_t(5, _RUNS),
        }
        return ConditionResult(name, None, {}, {}, known)

    tables = []
    for _ in range(_SCENARIOS):
        first, second = (
            [condition(str(i), by) for i in range(_CONDITIONS)] for by in (0.0, shift)
        )
        tables.append(agreements(first, second, [_MEAN, _SPREAD]))
    return [row for rows in together(tables) for row in rows]

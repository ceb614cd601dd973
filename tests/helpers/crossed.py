"""Made-up runs of a crossed design."""

import itertools
from collections.abc import Sequence

import numpy as np

from benchmark import (
    Final,
)
from benchmark.checks.components import draw
from benchmark.declare.designs import ARM, SOURCE
from benchmark.statistics.selection import ConditionResult

LAST = Final("x")


NAMES = ("initialisation", "data", "order")


def results(values: np.ndarray, arm: str = "", names: Sequence[str] = NAMES):
    """Conditions whose runs end at `values` [replicate, *level]."""
    label = {ARM: arm} if arm else {}
    return [
        ConditionResult(
            str(cell),
            None,
            {f"{SOURCE}{name}": on for name, on in zip(names, cell, strict=True)} | label,
            {"x": values[(slice(None), *map(int, cell))]},
        )
        for cell in itertools.product((False, True), repeat=len(names))
    ]


def additive(replicates: int = 64) -> np.ndarray:
    rng = np.random.default_rng(6)
    return draw(rng, {(0,): 0.9, (1,): 0.1}, replicates, 3)

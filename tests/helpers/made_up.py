"""Results of scenarios that nobody has run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.answers.answer import Answer
from benchmark.answers.overview import overview
from benchmark.declare.load import load_file
from benchmark.declare.places import scenario_files
from benchmark.declare.scenario import Resolved
from benchmark.paper import collect
from benchmark.paper.content import Content
from benchmark.store.checks import Checked
from benchmark.store.results import Results, Runs, Stock
from helpers import ROOT

TEXT = ROOT / "paper"


CURVES = ("running_train", "train", "validation", "seen_validation")


@dataclass(frozen=True)
class MadeUp:
    """Runs of white noise under every condition; `louder` scales those of the last one."""

    resolved: Resolved
    folder: Path
    louder: float = 1.0

    def all_runs(self) -> list[Runs]:
        conditions = self.resolved.conditions
        return [
            Runs(condition, np.arange(4), self._series(place, place == len(conditions) - 1))
            for place, condition in enumerate(conditions)
        ]

    def _series(self, place: int, last: bool) -> dict[str, np.ndarray]:
        draws = np.random.default_rng(place)
        size = 0.05 * (self.louder if last else 1.0)
        held = {
            f"{curve}_{metric}": 0.5 + size * draws.random((4, 13))
            for curve in CURVES
            for metric in ("loss", "accuracy")
        }
        steps = {name: draws.integers(0, 2, (4, 13, 6)) * 1.0 for name in STEPS}
        return held | steps


STEPS = ("step_rise", "step_corrupted")


CHECKED = Checked(
    "quick",
    (
        {"name": "floor", "bound": "", "predicted": 2.0, "simulated": 2.1,
         "standard_error": 0.04, "allowance": 0.01, "ratio": 1.05, "z": 2.5, "holds": True},
        {"name": "edge", "bound": "≥", "predicted": 0.1, "simulated": 0.3,
         "standard_error": 0.0, "allowance": 0.0, "ratio": 3.0, "z": None, "holds": True},
    ),
)  # fmt: skip


def stocks(folder: Path, *made_up: str, louder: float = 1.0) -> dict[str, Stock]:
    """All scenarios without results, but for those that are made up."""
    found: dict[str, Stock] = {}
    for name, path in scenario_files().items():
        resolved = load_file(path).resolve()
        made = MadeUp(resolved, folder, louder)
        found[name] = made if name in made_up else Results.at(resolved, folder / "none")
    return found


def told(every: Mapping[str, Answer], checked: Checked | None = None) -> Content:
    """What the paper's text may use."""
    return collect(every, overview(each.part for each in every.values()), checked, {})

"""Which causes can be told apart by the curves of a single run?"""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Int

from benchmark.declare.scenario import Scenario
from benchmark.statistics.inference.intervals import Interval, interval
from benchmark.statistics.recognition.fingerprints import Labelled, labelled
from benchmark.statistics.selection import ConditionResult

HeldOut = Literal["runs", "systems"]

FOLDS, TREES = 4, 200
MIXED_UP = 0.15
"""Two causes are mixed up if so large a share of their runs is taken for the other."""


@dataclass(frozen=True)
class MixedUp:
    """Two causes that are taken for each other.

    Attributes:
        causes: their names.
        rate: share of their runs that is given the other's name.
    """

    causes: tuple[str, str]
    rate: float


@dataclass(frozen=True)
class Confusion:
    """How the runs of each cause are named by a classifier that has not seen them.

    Attributes:
        held_out: "runs" of other seeds of the same systems, or whole "systems".
        names: the causes, "healthy" first.
        shares: share of the runs of cause i that is given the name j, [i][j].
        accuracy: share of runs named rightly; its interval resamples seeds: over these
            systems, not over systems in general, and given how the classifier was fitted.
        by_system: the same share in every system.
        chance: accuracy of a guess.
        mixed_up: pairs of causes above the rate `MIXED_UP`, the worst first.
        runs: number of runs named.
    """

    held_out: HeldOut
    names: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    accuracy: Interval[float]
    by_system: dict[str, float]
    chance: float
    mixed_up: tuple[MixedUp, ...]
    runs: int

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "held_out": self.held_out,
            "names": self.names,
            "shares": self.shares,
            **self.accuracy.named("accuracy"),
            "by_system": self.by_system,
            "chance": self.chance,
            "mixed_up": [asdict(pair) for pair in self.mixed_up],
            "runs": self.runs,
        }


def named(runs: Labelled, held_out: HeldOut) -> Int[np.ndarray, " run"]:
    """The cause that every run is given by a classifier fitted to the others, an index.

    A random forest (Breiman 2001, Machine Learning 45), as systems differ and what speaks
    for a cause in one may speak against it in another; a missing value becomes the median.
    All runs of a seed are held out together, so that no run is named with the help of its
    twin of the same data, start and order; or all runs of a system are. Deterministic.
    """
    groups = runs.systems if held_out == "systems" else runs.seeds % FOLDS
    parts = (runs.features, runs.causes.astype(np.int64), groups.astype(np.int64))
    return _named(*(part.tobytes() for part in parts)).copy()


# Tables, verdicts and figures ask for the same names; a forest takes seconds.
@functools.lru_cache(maxsize=4)
def _named(features: bytes, causes: bytes, groups: bytes) -> Int[np.ndarray, " run"]:
    """Every group named by a forest of the others; arrays as bytes, to be remembered."""
    y, group = np.frombuffer(causes, np.int64), np.frombuffer(groups, np.int64)
    x = np.frombuffer(features, np.float64).reshape(len(y), -1)
    answers = np.empty_like(y)
    for held_out in np.unique(group):
        out = group == held_out
        answers[out] = _classifier().fit(x[~out], y[~out]).predict(x[out])
    return answers


def confusion(runs: Labelled, held_out: HeldOut) -> Confusion:
    """How runs are named, as shares, with the accuracy and the pairs that are mixed up."""
    answers, count = named(runs, held_out), len(runs.names)
    shares = np.zeros((count, count))
    np.add.at(shares, (runs.causes, answers), 1)
    shares /= shares.sum(axis=1, keepdims=True)
    right = answers == runs.causes
    by_seed = np.array([right[runs.seeds == seed].mean() for seed in np.unique(runs.seeds)])
    accuracy = Interval(*map(float, interval(by_seed)))
    return Confusion(
        held_out,
        runs.names,
        tuple(tuple(map(float, row)) for row in shares),
        accuracy,
        {arm: float(right[runs.systems == s].mean()) for s, arm in enumerate(runs.arms)},
        1 / count,
        _mixed_up(runs.names, shares),
        len(right),
    )


def confusions(runs: Labelled) -> list[Confusion]:
    """Held-out runs and, if there are several systems, held-out systems."""
    ways: tuple[HeldOut, ...] = ("runs", "systems") if len(runs.arms) > 1 else ("runs",)
    return [confusion(runs, way) for way in ways]


def recognised(
    scenario: Scenario, conditions: Sequence[ConditionResult]
) -> list[ConditionResult]:
    """The conditions with series that say, of every run, whether its cause is recognised.

    ``named_among_runs`` and ``named_among_systems`` are 1 where the right cause is named;
    the healthy condition also gets ``all_named_among_…``, the share over all conditions of
    its system at the same seed.
    """
    runs = labelled(scenario, conditions)
    if runs is None or len(runs.arms) < 2:
        return list(conditions)
    added: dict[int, dict[str, np.ndarray]] = {id(member): {} for member in runs.members}
    for way in get_args(HeldOut):
        right = (named(runs, way) == runs.causes).reshape(len(runs.members), -1)
        arms = runs.systems.reshape(right.shape)[:, 0]
        causes = runs.causes.reshape(right.shape)[:, 0]
        for row, member in enumerate(runs.members):
            added[id(member)][f"named_among_{way}"] = right[row].astype(np.float64)
            if causes[row] == 0:
                share = right[arms == arms[row]].mean(axis=0)
                added[id(member)][f"all_named_among_{way}"] = share
    common = slice(len(np.unique(runs.seeds)))
    return [
        replace(part := result.part(common), series={**part.series, **added[id(result)]})
        if id(result) in added
        else result
        for result in conditions
    ]


def _mixed_up(names: tuple[str, ...], shares: np.ndarray) -> tuple[MixedUp, ...]:
    both = (shares + shares.T) / 2
    pairs = [
        MixedUp((names[i], names[j]), float(both[i, j]))
        for i in range(len(names))
        for j in range(i)
        if both[i, j] >= MIXED_UP
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.rate))


def _classifier() -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        RandomForestClassifier(TREES, min_samples_leaf=2, random_state=0),
    )

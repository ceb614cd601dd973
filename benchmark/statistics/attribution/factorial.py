"""How much of a fluctuation comes from which suspect: analysis of a 2^k factorial.

With every combination of k suspects off and on, effects are contrasts of the cell means,
and they are orthogonal: the variance between cells is the sum over all subsets of suspects
of (effect/2)². A suspect's share is its own part plus an equal part of every interaction
it takes part in, which is its Shapley value (Owen 2014, Sobol' indices and Shapley value,
SIAM/ASA J. Uncertainty Quantification 2, 245): shares do not depend on an order of
suspects and add up to one.

Squares of effects are estimated without bias, so that one of an effect that is 0 comes out
negative in half of the cases. Nothing is clipped before a share and its interval are
known: with k = 5 there are 31 parts, and their positive halves would add up to more than a
real effect.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from benchmark.declare.designs import SUSPECT
from benchmark.declare.measure import Measure
from benchmark.statistics.attribution.components import Term, ratio_interval, terms
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.inference.multiplicity import bonferroni
from benchmark.statistics.selection import ConditionResult, labelled_arms

STRONG = 0.05
"""Interactions with a smaller share of the variance are not told."""


@dataclass(frozen=True)
class Effect:
    """What switching a suspect on does, or what two do together beyond each alone.

    Attributes:
        suspects: names; one for a main effect, two for an interaction.
        effect: factor on the measure (difference, where `Attribution.log` is False),
            averaged over all settings of the other suspects; its interval is simultaneous
            over all effects of the measure.
        share: part of the variance between conditions; for one suspect its Shapley value,
            for two that of the interaction alone. Its interval is Fieller's, cut to [0, 1]
            like the share; all of [0, 1] where there may be no variance between conditions
            to share.
        own: for one suspect, the share of its effect alone, without interactions.
    """

    suspects: tuple[str, ...]
    effect: Interval[float]
    share: Interval[float]
    own: float

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        share = self.share.named("share", "share_low", "share_high")
        return {
            "suspects": self.suspects,
            **self.effect.named("effect"),
            **share,
            "own": self.own,
        }


@dataclass(frozen=True)
class Attribution:
    """One measure's variance shared out among suspects.

    Attributes:
        measure: its name.
        arm: the arm the factorial stands in, "" where there are none.
        log: whether effects are factors, of the geometric means of runs: of measures that
            are summarised by it.
        runs: runs that have a value under every condition.
        suspects: main effects, the largest share first.
        interactions: of two suspects, the largest share first.
        together: share of all interactions, of two suspects or more.
        explained: share of the whole variance, of runs under all conditions, that is
            between conditions rather than between seeds.
    """

    measure: str
    arm: str
    log: bool
    runs: int
    suspects: tuple[Effect, ...]
    interactions: tuple[Effect, ...]
    together: Interval[float]
    explained: float

    @property
    def strong_interactions(self) -> tuple[Effect, ...]:
        """Those with a share of the variance of at least `STRONG`, the largest first."""
        return tuple(e for e in self.interactions if e.share.estimate >= STRONG)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "measure": self.measure,
            "arm": self.arm,
            "log": self.log,
            "runs": self.runs,
            "suspects": [effect.as_json() for effect in self.suspects],
            "interactions": [effect.as_json() for effect in self.interactions],
            **self.together.named("together", "together_low", "together_high"),
            "explained": self.explained,
        }


def attributions(
    results: Sequence[ConditionResult], measures: Sequence[Measure]
) -> list[Attribution]:
    """Every measure's variance in every complete factorial among the results."""
    candidates = (
        attribute(members, measure, arm)
        for arm, members in labelled_arms(results, SUSPECT).items()
        for measure in measures
    )
    return [attribution for attribution in candidates if attribution is not None]


def attribute(
    results: Sequence[ConditionResult], measure: Measure, arm: str = ""
) -> Attribution | None:
    """The attribution of one measure; None if conditions, runs or values are missing."""
    paths = list(dict.fromkeys(p for r in results for p in r.settings if p.startswith(SUSPECT)))
    cells = {tuple(bool(r.settings.get(path)) for path in paths): r for r in results}
    order = [
        tuple(bool(cell >> k & 1) for k in range(len(paths))) for cell in range(2 ** len(paths))
    ]
    if set(order) != set(cells) or not all(cells[cell].holds(measure) for cell in order):
        return None
    runs = min(cells[cell].runs for cell in order)
    log = measure.summary == "geometric_mean"
    of = ConditionResult.resolved if log else ConditionResult.measured
    values = np.stack([of(cells[cell], measure)[:runs] for cell in order])
    values = values[:, np.isfinite(values).all(axis=0)]
    if values.shape[1] < 3:
        return None
    if log and (values <= 0).any():
        return None
    names = tuple(path.removeprefix(SUSPECT) for path in paths)
    return _attribution(np.log(values) if log else values, names, measure.name, arm, log)


def _attribution(
    values: Float[np.ndarray, "cell run"],
    names: tuple[str, ...],
    measure: str,
    arm: str,
    log: bool,
) -> Attribution:
    every = terms(len(names))
    effects = contrasts(values, every)
    parts = _squares(effects)
    shown = [term for term in every if len(term) <= 2]
    ends = _simultaneous(effects[[every.index(term) for term in shown]])
    scale = np.exp if log else np.asarray
    reported = []
    for i, term in enumerate(shown):
        effect = Interval(*(float(scale(end[i])) for end in ends))
        share = _share(_belonging(every, term), parts)
        own = _share(np.array([float(t == term) for t in every]), parts).estimate
        reported.append(Effect(tuple(names[k] for k in term), effect, share, own))
    by_share = sorted(reported, key=lambda effect: -effect.share.estimate)
    within = values.var(axis=1, ddof=1).mean()
    between = max(0.0, float(parts.sum(axis=0).mean()) / 4)
    together = _share(np.array([float(len(term) > 1) for term in every]), parts)
    return Attribution(
        measure,
        arm,
        log,
        values.shape[1],
        tuple(effect for effect in by_share if len(effect.suspects) == 1),
        tuple(effect for effect in by_share if len(effect.suspects) == 2),
        together,
        float(between / (between + within)) if between + within > 0 else 0.0,
    )


def _simultaneous(effects: Float[np.ndarray, "term run"]) -> Interval[np.ndarray]:
    """Mean effects with intervals that hold together; arrays [term]."""
    count, runs = effects.shape
    mean, error = effects.mean(axis=1), effects.std(axis=1, ddof=1) / runs**0.5
    reach = bonferroni(runs, count) * error
    return Interval(mean, mean - reach, mean + reach)


def contrasts(
    values: Float[np.ndarray, "cell run"], terms: Sequence[Term]
) -> Float[np.ndarray, "term run"]:
    """Effect of every term in every run: mean where its sign is +, minus mean where −.

    Bit k of the number of a cell says whether suspect k is on; a term's sign is the
    product of the signs of its suspects.
    """
    cells = np.arange(len(values))
    signs = np.stack([_sign(cells, term) for term in terms])
    return signs @ values * (2 / len(values))


def _sign(cells: np.ndarray, term: Term) -> np.ndarray:
    return np.prod([2 * (cells >> k & 1) - 1 for k in term], axis=0)


def _belonging(terms: Sequence[Term], term: Term) -> Float[np.ndarray, " term"]:
    """How much of every part belongs to a suspect (Shapley) or to one interaction."""
    if len(term) > 1:
        return np.array([float(t == term) for t in terms])
    return np.array([len({*term} & {*t}) / len(t) for t in terms])


def _squares(effects: Float[np.ndarray, "term run"]) -> Float[np.ndarray, "term run"]:
    """What each run contributes to the unbiased estimates of squared effects.

    Jackknife pseudo-values of mean² − variance/n, whose mean over runs it is.
    """
    runs = effects.shape[1]
    total, squares = (
        effects.sum(axis=1, keepdims=True),
        np.sum(effects**2, axis=1, keepdims=True),
    )
    whole = (total**2 - squares) / (runs * (runs - 1))
    rest, rest_squares = total - effects, squares - effects**2
    without = (rest**2 - rest_squares) / ((runs - 1) * (runs - 2))
    return runs * whole - (runs - 1) * without


def _share(
    weights: Float[np.ndarray, " term"], parts: Float[np.ndarray, "term run"]
) -> Interval[float]:
    """A share of the variance between conditions with its interval, cut to [0, 1]."""
    top, whole = weights @ parts, parts.sum(axis=0)
    # Where the variance may be 0, so may every share of it.
    if not whole.mean() > 0:
        return Interval(np.nan, np.nan, np.nan)
    return Interval(*(float(np.clip(x, 0.0, 1.0)) for x in ratio_interval(top, whole)))

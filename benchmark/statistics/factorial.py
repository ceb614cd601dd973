"""How much of a fluctuation comes from which suspect: analysis of a 2^k factorial.

With every combination of k suspects off and on, effects are contrasts of the cell means,
and they are orthogonal: the variance between cells is the sum over all subsets of suspects
of (effect/2)². A suspect's share is its own part plus an equal part of every interaction
it takes part in, which is its Shapley value (Owen 2014, Sobol' indices and Shapley value,
SIAM/ASA J. Uncertainty Quantification 2, 245): shares do not depend on an order of
suspects and add up to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from benchmark.declare.measures import Measure
from benchmark.declare.vary import ARM, SUSPECT
from benchmark.statistics.intervals import LEVEL, bca_interval
from benchmark.statistics.resampling import JACKKNIFE_GROUPS, Draws, run_weights
from benchmark.statistics.selection import ConditionResult

Term = tuple[int, ...]


@dataclass(frozen=True)
class Effect:
    """What switching a suspect on does, or what two do together beyond each alone.

    Attributes:
        suspects: names; one for a main effect, two for an interaction.
        effect: factor on the measure (difference, where `Attribution.log` is False),
            averaged over all settings of the other suspects.
        low, high: simultaneous 95 % interval over all effects of the measure.
        share: part of the variance between conditions; for one suspect its Shapley value,
            for two that of the interaction alone.
        share_low, share_high: 95 % interval of the share. Too narrow, down to 80 %, where
            effects are not twice their standard error: then shares say little anyway.
    """

    suspects: tuple[str, ...]
    effect: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True)
class Attribution:
    """One measure's variance shared out among suspects.

    Attributes:
        measure: its name.
        arm: the arm the factorial stands in, "" where there are none.
        log: whether effects are factors, of the geometric means of runs.
        runs: runs that have a value under every condition.
        suspects: main effects, the largest share first.
        interactions: of two suspects, the largest share first.
        explained: share of the whole variance, of runs under all conditions, that is
            between conditions rather than between seeds.
    """

    measure: str
    arm: str
    log: bool
    runs: int
    suspects: tuple[Effect, ...]
    interactions: tuple[Effect, ...]
    explained: float


def attributions(
    results: Sequence[ConditionResult], measures: Sequence[Measure]
) -> list[Attribution]:
    """Every measure's variance in every complete factorial among the results."""
    arms: dict[str, list[ConditionResult]] = {}
    for result in results:
        if any(path.startswith(SUSPECT) for path in result.settings):
            arms.setdefault(str(result.settings.get(ARM, "")), []).append(result)
    found = (
        attribute(members, measure, arm)
        for arm, members in arms.items()
        for measure in measures
    )
    return [one for one in found if one is not None]


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
    values = np.stack([cells[cell].measured(measure)[:runs] for cell in order])
    values = values[:, np.isfinite(values).all(axis=0)]
    if values.shape[1] < 2:
        return None
    log = bool((values > 0).all())
    names = tuple(path.removeprefix(SUSPECT) for path in paths)
    return _attribution(np.log(values) if log else values, names, measure.name, arm, log)


def _attribution(
    values: Float[np.ndarray, "cell run"],
    names: tuple[str, ...],
    measure: str,
    arm: str,
    log: bool,
) -> Attribution:
    terms = _terms(len(names))
    effects = contrasts(values, terms)
    parts = _draws(effects)
    shown = [term for term in terms if len(term) <= 2]
    rows = [terms.index(term) for term in shown]
    ends = _simultaneous(effects[rows])
    total = np.maximum(parts.values, 0.0).sum(axis=0)
    held = np.stack([_shares(parts.values, total, terms, term) for term in shown])
    shares = bca_interval(Draws(held, parts.groups, parts.runs[rows]))
    scale = np.exp if log else np.asarray
    found = [
        Effect(
            tuple(names[k] for k in term),
            *(float(scale(end[i])) for end in ends),
            *(float(np.clip(end[i], 0.0, 1.0)) for end in shares),
        )
        for i, term in enumerate(shown)
    ]
    by_share = sorted(found, key=lambda effect: -effect.share)
    within = values.var(axis=1, ddof=1).mean()
    between = total[0] / 4
    return Attribution(
        measure,
        arm,
        log,
        values.shape[1],
        tuple(effect for effect in by_share if len(effect.suspects) == 1),
        tuple(effect for effect in by_share if len(effect.suspects) == 2),
        float(between / (between + within)) if between + within > 0 else 0.0,
    )


def _simultaneous(effects: Float[np.ndarray, "term run"]) -> tuple[np.ndarray, ...]:
    """Mean effects with Student intervals, Bonferroni over all of them; arrays [term].

    So far out in the tails a bootstrap of few runs covers less than it says.
    """
    terms, runs = effects.shape
    mean, error = effects.mean(axis=1), effects.std(axis=1, ddof=1) / runs**0.5
    reach = -float(stdtrit(runs - 1, (1 - LEVEL) / (2 * terms))) * error
    return mean, mean - reach, mean + reach


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


def _terms(count: int) -> list[Term]:
    """Every non-empty subset of the suspects."""
    sizes = range(1, count + 1)
    return list(chain.from_iterable(combinations(range(count), size) for size in sizes))


def _draws(effects: Float[np.ndarray, "term run"]) -> Draws:
    """Squares of mean effects, without what the spread of runs adds to them."""
    runs = effects.shape[1]
    weights = run_weights(runs).T
    count = weights.sum(axis=0)
    mean = effects @ weights / count
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.maximum(effects**2 @ weights / count - mean**2, 0.0) / (count - 1)
    groups, known = min(runs, JACKKNIFE_GROUPS), np.full(len(effects), runs)
    return Draws(mean**2 - spread, groups, known)


def _shares(parts: Any, total: Any, terms: Sequence[Term], term: Term) -> np.ndarray:
    """Share of a suspect (Shapley) or of one interaction in every draw, [draw]."""
    kept = np.maximum(parts, 0.0)
    if len(term) == 2:
        part = kept[list(terms).index(term)]
    else:
        part = sum(kept[i] / len(t) for i, t in enumerate(terms) if term[0] in t)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, part / total, np.nan)

"""Where variance comes from: the random-effects components of fully crossed designs.

Every factor has a few levels, drawn at random, and every combination of levels is observed
once in each of several independent replicates, which draw fresh levels. The variance of an
observation is then a sum of components, one for every set of factors: what these factors
do together beyond what any smaller set of them does. Mean squares are orthogonal, and
their expectations are sums of components (Searle, Casella & McCulloch 1992, Variance
Components, ch. 4), which are solved for the components. With one observation per cell the
component of all factors together holds whatever else varies, too.

A component estimated as 0 comes out negative in half of the cases. Nothing is clipped
before a share and its interval are known, so that these are not pushed upwards.
"""

from functools import lru_cache
from itertools import chain, combinations

import numpy as np
from jaxtyping import Float

from benchmark.statistics.inference.intervals import LEVEL, Interval, interval

Term = tuple[int, ...]
"""A set of factors, by their places."""


@lru_cache(maxsize=32)
def terms(factors: int) -> tuple[Term, ...]:
    """Every non-empty set of factors, small ones first."""
    sizes = range(1, factors + 1)
    return tuple(chain.from_iterable(combinations(range(factors), size) for size in sizes))


def mean_squares(
    values: Float[np.ndarray, "replicate *level"],
) -> Float[np.ndarray, "term replicate"]:
    """Mean square of every set of factors in every replicate, [term, replicate].

    Args:
        values: one axis for every factor after that of the replicates, each of at least
            two levels.
    """
    levels = values.shape[1:]
    by_term = []
    for term in terms(len(levels)):
        part, freedom = values, 1
        for axis, count in enumerate(levels):
            mean = part.mean(axis=axis + 1, keepdims=True)
            part = part - mean if axis in term else mean
            freedom *= count - 1 if axis in term else 1
        unseen = np.prod([count for axis, count in enumerate(levels) if axis not in term])
        squares = np.sum(part**2, axis=tuple(range(1, part.ndim)))
        by_term.append(squares * (unseen / freedom))
    return np.stack(by_term)


def components(
    values: Float[np.ndarray, "replicate *level"],
) -> Float[np.ndarray, "term replicate"]:
    """Unbiased estimates of all components, [term, replicate]; they may be negative.

    E[MS_u] = Σ_{w ⊇ u} σ²_w · Π_{i ∉ w} n_i for a set u of factors, where factor i has n_i
    levels, is solved by σ²_u = Σ_{w ⊇ u} (−1)^(|w|−|u|) MS_w / Π_{i ∉ u} n_i.
    """
    levels = values.shape[1:]
    sets = [set(term) for term in terms(len(levels))]
    solve = np.array([[(-1.0) ** len(w - u) if u <= w else 0.0 for w in sets] for u in sets])
    unseen = [np.prod([n for i, n in enumerate(levels) if i not in u]) for u in sets]
    return (solve / np.array(unseen, dtype=np.float64)[:, None]) @ mean_squares(values)


def shares(factors: int) -> dict[str, Float[np.ndarray, "factor term"]]:
    """Which part of every component belongs to a factor, by kind of share.

    ``main``: its own component, which is what goes, on average, when the factor is held
    fixed. ``total``: all components it takes part in, which is what stays when all others
    are held fixed (Sobol' 1993 and Homma & Saltelli 1996 call them first-order and total
    sensitivity indices). ``shapley``: each component in equal parts to its
    factors (Owen 2014, SIAM/ASA J. Uncertainty Quantification 2, 245); they sum to one.
    """
    sets = terms(factors)
    there = np.array([[float(i in term) for term in sets] for i in range(factors)])
    size = np.array([len(term) for term in sets], dtype=np.float64)
    return {"main": there * (size == 1), "total": there, "shapley": there / size}


def together(factors: int) -> Float[np.ndarray, " term"]:
    """Which components are interactions, of two factors or more: 1, else 0."""
    return np.array([float(len(term) > 1) for term in terms(factors)])


def ratio_interval(
    above: Float[np.ndarray, "*#batch replicate"], below: Float[np.ndarray, "*#batch replicate"]
) -> Interval[np.ndarray]:
    """Ratio of the means of two numbers per replicate, with its 95 % interval; [...].

    All θ which Student's test of mean(above − θ·below) = 0 lets stand (Fieller 1954, Some
    problems in interval estimation, JRSS B 16, 175). They are all numbers where the mean
    of `below` itself might be 0. For shares of variance, which come from squares and can be
    estimated below 0, this covers 94 to 96 % at 32 replicates and 93 to 98 % at 8, a BCa
    bootstrap of the replicates 93 to 95 % and 91 to 94 %; see `benchmark.checks.components`.
    """
    # scipy only here: see `benchmark.statistics.inference`.
    from scipy.special import stdtrit

    runs = above.shape[-1]
    top, bottom = above.mean(axis=-1), below.mean(axis=-1)
    reach = float(stdtrit(runs - 1, (1 - LEVEL) / 2)) ** 2 / (runs * (runs - 1))
    a, b = above - top[..., None], below - bottom[..., None]
    # θ²·square − 2θ·middle + rest ≤ 0
    square = bottom**2 - reach * np.sum(b * b, axis=-1)
    middle = top * bottom - reach * np.sum(a * b, axis=-1)
    rest = top**2 - reach * np.sum(a * a, axis=-1)
    root = np.sqrt(np.maximum(middle**2 - square * rest, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(bottom != 0, top / bottom, np.nan)
        low, high = ((middle + sign * root) / square for sign in (-1, 1))
    open_ended = square <= 0
    low, high = np.where(open_ended, -np.inf, low), np.where(open_ended, np.inf, high)
    some = np.isfinite(estimate)
    return Interval(estimate, np.where(some, low, np.nan), np.where(some, high, np.nan))


def sd_interval(variances: Float[np.ndarray, "*batch replicate"]) -> Interval[np.ndarray]:
    """SD, the root of a mean of unbiased estimates of its square, with its 95 % interval."""
    return Interval(*(np.sqrt(np.maximum(end, 0.0)) for end in interval(variances)))

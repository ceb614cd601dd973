"""What single precision cannot tell apart, measure by measure.

Curves are computed and recorded in float32 (ε = 2⁻²³). How large the rounding in a recorded
number is depends on what it was made of, not only on its size:

- A *loss* L is a mean over samples of numbers computed from outputs. It is known to 4ε·L.
  A cross-entropy is a log-sum-exp less the largest logit, in which 1 + (the rest) is rounded,
  so that it is never known better than to ε, however small. A squared error is the square of
  a residual known to 4ε of the targets, whose size the untrained network's loss L₀ tells:
  4ε(L + √(L·L₀)) + (4ε)²L₀.
- *Gradients*: a mean gradient G is the sum of per-sample gradients that cancel. Every
  component is known to ε of theirs, e = ε√(tr Σ + ‖G‖²), so that a squared length q is known
  to 2e√q + e² (4ε·q at least), and that of a full batch's noise, which is 0, to e². With
  cross-entropy, where softmax less one-hot is known to ε, e is at least ε.
- A *sharpness* λ comes from 24 Hessian products: 16ε·max(λ, 1).
- An *update* w′ − w is known to its own 4ε and to the rounding of w: weights of a norm of ten
  or so round to about ε.
- *Weights* are sums of updates: 4ε of the largest so far.
- *Accuracies* on whole sets, recalls and counts are whole numbers over whole numbers: exact.
  Running means of accuracies are not. Whether a step raised the loss is not known where the
  loss moved by less than its own rounding.
- Anything else: 4ε of its size.

Measured with the same seeds under three instruction sets, over two to three epochs of eight
systems: losses differed by at most 2.4ε of their size, squared gradients by 8ε, sharpness by
8ε, and the noise of full batches was (0.24e)².

From there the rounding of *any* measure, a ratio or a user's own function too, is found by
moving the recorded numbers by so much up and down and looking how far the measure moves
(perturbation, or stochastic arithmetic: Parker 1997, Monte Carlo arithmetic, UCLA; Vignes
1993, Mathematics and Computers in Simulation 35). Moves all up, up and down by series, and
at random by number stand for rounding that is systematic and that is not. A curve that only
falls has a setback of exactly 0, which no such move changes, but its numbers could not tell
a setback as small as their own rounding: that is the least a setback is resolved to.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmark.declare.curves import SINGLE, PerRun, as_curves, detrended, recorded
from benchmark.declare.measure import Measure
from benchmark.declare.series import parse

_RANDOM = 3
_FEW = 4 * SINGLE


def resolution(measure: Measure, series: Mapping[str, Any]) -> PerRun:
    """How far rounding in single precision can move a measure, in each run.

    Values that differ by less are equal, and one that is smaller cannot be told from 0.

    Args:
        measure: what is computed.
        series: recorded series by name, as for `Measure.evaluate`; others than the measure's
            own, where there, tell of how large the numbers were that these are made of.

    Returns:
        [run], a power of two, or 0; unit of the measure. ∞ where rounding decides whether
        there is a value at all, or where a shape (see `Measure`) is asked of a curve that
        does not fluctuate beyond rounding. NaN in runs that have no value.

    Raises:
        UserError: as `Measure.evaluate`.
    """
    values = measure.evaluate(series)
    errors = {name: rounding(name, series) for name in measure.series}
    largest = np.zeros(len(values))
    for moved in _moved(series, errors):
        with np.errstate(invalid="ignore"):
            apart = np.abs(measure.evaluate(moved) - values)
        largest = np.maximum(largest, np.where(np.isnan(apart), math.inf, apart))
    if measure.is_shape:
        largest = np.where(_still(measure, series, errors), math.inf, largest)
    if measure.is_difference:
        largest = np.maximum(largest, _largest(measure, errors))
    return np.where(np.isnan(values), math.nan, _next_power(largest))


def _next_power(values: np.ndarray) -> np.ndarray:
    """Rounded up to a power of two: an order of magnitude is all there is to know."""
    mantissa, exponent = np.frexp(values)
    return np.where(mantissa == 0.5, values, np.ldexp(np.ceil(mantissa), exponent))


def resolved(values: PerRun, resolutions: PerRun) -> PerRun:
    """Values fit for ratios and logarithms: at least their resolution, sign kept, [run].

    NaN where the resolution is infinite.
    """
    with np.errstate(invalid="ignore"):
        clamped = np.where(
            np.abs(values) < resolutions, np.copysign(resolutions, values), values
        )
    return np.where(np.isinf(resolutions), math.nan, clamped)


def rounding(name: str, series: Mapping[str, Any]) -> np.ndarray:
    """How far each number of a recorded series may be off, in its shape and unit.

    0 where nothing finite is recorded. See the head of this file.
    """
    values = np.asarray(series[name], np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        error = _error(name, np.abs(values), series)
    return np.where(np.isfinite(values) & np.isfinite(error), error, 0.0)


def _error(name: str, size: np.ndarray, series: Mapping[str, Any]) -> np.ndarray:
    """`rounding` of numbers of these sizes."""
    if name == "step_rise" and "step_full_loss" in series:
        return _undecided(series)
    if _is_exact(name):
        return np.zeros_like(size)
    if parse(name).is_loss:
        return _of_loss(size, series)
    if name.endswith(("gradient_noise", "gradient_norm2")):
        return _of_square(size, series)
    if name.endswith("sharpness"):
        return 16 * SINGLE * np.maximum(size, 1.0)
    if name == "step_update_norm":
        return _FEW * size + SINGLE
    if name.startswith("step_weight_"):
        largest = np.maximum.accumulate(np.nan_to_num(as_curves(size), posinf=0.0), axis=1)
        return _FEW * largest.reshape(size.shape)
    return _FEW * size


def _is_exact(name: str) -> bool:
    named = parse(name)
    return (
        named.is_share
        and named.look != "running"
        or name in ("step_rise", "step_corrupted", "stopped")
    )


def _is_classification(series: Mapping[str, Any]) -> bool:
    return any(parse(name).is_share for name in series)


def _of_loss(size: np.ndarray, series: Mapping[str, Any]) -> np.ndarray:
    if _is_classification(series):
        return np.maximum(_FEW * size, SINGLE)
    first = as_curves(size)[:, :1].reshape(-1, *(1,) * (size.ndim - 1))
    untrained = np.where(np.isfinite(first), first, 0.0)
    return _FEW * (size + np.sqrt(size * untrained)) + _FEW**2 * untrained


def _of_square(size: np.ndarray, series: Mapping[str, Any]) -> np.ndarray:
    """Of a squared length, or a variance, that gradients of single samples are summed to."""
    parts = [series.get(name) for name in ("gradient_noise", "gradient_norm2")]
    known = [np.abs(np.asarray(part, np.float64)) for part in parts if part is not None]
    of_samples = sum(part for part in known if part.shape == size.shape) if known else size
    if _is_classification(series):
        of_samples = np.maximum(of_samples, 1.0)
    error = SINGLE * np.sqrt(of_samples)
    return np.maximum(2 * error * np.sqrt(size) + error**2, _FEW * size)


def _undecided(series: Mapping[str, Any]) -> np.ndarray:
    """1 at the steps that move the full loss by no more than its rounding, else 0."""
    loss = np.asarray(series["step_full_loss"], np.float64)
    error = rounding("step_full_loss", series)
    undecided = np.zeros_like(loss)
    # The loss before the first step of an epoch is not recorded.
    undecided[..., 1:] = np.abs(np.diff(loss, axis=-1)) <= error[..., 1:] + error[..., :-1]
    return undecided


def _moved(
    series: Mapping[str, Any], errors: Mapping[str, np.ndarray]
) -> Iterator[dict[str, Any]]:
    """The series with errors added: one after the other in several ways."""
    generator = np.random.default_rng(0)
    together = [dict.fromkeys(errors, 1.0)]
    together.append({name: (-1.0) ** place for place, name in enumerate(errors)})
    together.append({name: -sign for name, sign in together[1].items()})
    for signs in together:
        yield {**series} | {n: _plus(series[n], signs[n] * e) for n, e in errors.items()}
    for _ in range(_RANDOM):
        yield {**series} | {
            name: _plus(series[name], generator.choice((-1.0, 1.0), error.shape) * error)
            for name, error in errors.items()
        }


def _plus(values: Any, error: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float64) + error


def _still(
    measure: Measure, series: Mapping[str, Any], errors: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Whether each run's curve stays within rounding of a straight line, bool [run]."""
    curves = recorded(
        np.mean([_part(measure, series[name]) for name in measure.series], axis=0)
    )
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.mean(detrended(curves) ** 2, axis=1)) <= _largest(measure, errors)


def _largest(measure: Measure, errors: Mapping[str, np.ndarray]) -> np.ndarray:
    """The largest rounding of a number the measure looks at, [run]; of the worst series."""
    each = (_part(measure, errors[name]).max(axis=1, initial=0.0) for name in measure.series)
    return max(each, key=np.sum)


def _part(measure: Measure, values: Any) -> np.ndarray:
    """What the measure looks at, [run, time]."""
    return measure.part(as_curves(values))

"""Why do the curves of my network fluctuate? Folk answers, tested by simulation.

Declare a question as a `Scenario`, run it, and read the verdicts. What needs JAX or
xarray is imported on first use, so that ``import benchmark`` stays instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmark.declare import (
    FULL,
    SGD,
    Adam,
    AdamW,
    Arms,
    Cases,
    Claim,
    Condition,
    Decreases,
    Difference,
    Equals,
    Increases,
    Model,
    Momentum,
    Nesterov,
    NoEffect,
    Optimizer,
    Peaks,
    PowerLaw,
    Probe,
    Product,
    Ratio,
    RMSprop,
    Scenario,
    Sources,
    Task,
    Training,
    Union,
    UserError,
    Within,
    Zipped,
    find,
    shape,
    value,
)
from benchmark.declare.measures import (
    Autocorrelation,
    Custom,
    Diverged,
    DominantPeriod,
    Drawup,
    EvaluationGap,
    Final,
    GeneralisationGap,
    Jitter,
    Level,
    Measure,
    PeriodicityP,
    RelativeJitter,
    ReversalFraction,
    RiseFraction,
    RunSpread,
    SpikeRate,
    StepsTo,
    Variance,
    VonNeumann,
    Wander,
)
from benchmark.models import LSTM, MLP, Linear, Point
from benchmark.probes import GradientNoise, Sharpness, StepRise, Weights
from benchmark.tasks import (
    Arrays,
    CosineArccosine,
    Digits,
    GaussianRegression,
    Quadratic,
    Surfaces,
    TeacherRegression,
)

if TYPE_CHECKING:
    from benchmark.execution.run import run
    from benchmark.store.labelled import load, tidy

_ON_FIRST_USE = {
    "load": "benchmark.store.labelled",
    "tidy": "benchmark.store.labelled",
    "run": "benchmark.execution.run",
}


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(import_module(_ON_FIRST_USE[name]), name)
    raise AttributeError(f"module 'benchmark' has no attribute {name!r}")


__all__ = [
    "Adam",
    "AdamW",
    "Arms",
    "Arrays",
    "Autocorrelation",
    "Cases",
    "Claim",
    "Condition",
    "CosineArccosine",
    "Custom",
    "Decreases",
    "Difference",
    "Digits",
    "Diverged",
    "DominantPeriod",
    "Drawup",
    "Equals",
    "EvaluationGap",
    "FULL",
    "Final",
    "GaussianRegression",
    "GeneralisationGap",
    "GradientNoise",
    "Increases",
    "Jitter",
    "LSTM",
    "Level",
    "Linear",
    "MLP",
    "Measure",
    "Model",
    "Momentum",
    "Nesterov",
    "NoEffect",
    "Optimizer",
    "Peaks",
    "PeriodicityP",
    "Point",
    "PowerLaw",
    "Probe",
    "Product",
    "Quadratic",
    "RMSprop",
    "Ratio",
    "RelativeJitter",
    "ReversalFraction",
    "RiseFraction",
    "RunSpread",
    "SGD",
    "Scenario",
    "Sharpness",
    "Sources",
    "SpikeRate",
    "StepRise",
    "StepsTo",
    "Surfaces",
    "Task",
    "TeacherRegression",
    "Training",
    "Union",
    "UserError",
    "Variance",
    "VonNeumann",
    "Wander",
    "Weights",
    "Within",
    "Zipped",
    "find",
    "load",
    "run",
    "shape",
    "tidy",
    "value",
]

"""How questions are declared; imports no JAX."""

from benchmark.declare.catalogue import find, load_file, project_root, scenario_files
from benchmark.declare.claims import (
    Claim,
    Decreases,
    Difference,
    Equals,
    Increases,
    NoEffect,
    Peaks,
    PowerLaw,
    Ratio,
    Within,
)
from benchmark.declare.condition import FULL, Condition, Sources, Training
from benchmark.declare.errors import UserError, one_of, require
from benchmark.declare.fields import Declared, shape, value
from benchmark.declare.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSprop
from benchmark.declare.parts import Model, Optimizer, Probe, Task
from benchmark.declare.scenario import SCALES, Resolved, Scenario
from benchmark.declare.vary import Arms, Cases, Product, Union, Zipped

__all__ = [
    "Adam",
    "AdamW",
    "Arms",
    "Cases",
    "Claim",
    "Condition",
    "Declared",
    "Decreases",
    "Difference",
    "Equals",
    "FULL",
    "Increases",
    "Model",
    "Momentum",
    "Nesterov",
    "NoEffect",
    "Optimizer",
    "Peaks",
    "PowerLaw",
    "Probe",
    "Product",
    "RMSprop",
    "Ratio",
    "Resolved",
    "SCALES",
    "SGD",
    "Scenario",
    "Sources",
    "Task",
    "Training",
    "Union",
    "UserError",
    "Within",
    "Zipped",
    "find",
    "load_file",
    "one_of",
    "project_root",
    "require",
    "scenario_files",
    "shape",
    "value",
]

"""How questions are declared; imports no JAX."""

from benchmark.declare.augmentation import Augmentation
from benchmark.declare.catalogue import find, load_file, project_root, scenario_files
from benchmark.declare.causes import CAUSES, Cause, Cure
from benchmark.declare.claims import Claim, Expectation
from benchmark.declare.condition import Condition, Probe
from benchmark.declare.designs import Arms, Cases, Crossed, Factorial, Product, Union, Zipped
from benchmark.declare.early_stopping import EarlyStopping
from benchmark.declare.errors import UserError, one_of, require
from benchmark.declare.fields import Declared, static, traced
from benchmark.declare.frameworks import KERAS_2_1, KERAS_2_2, KERAS_3, PYTORCH, Framework
from benchmark.declare.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSprop
from benchmark.declare.parts import Model, Optimizer, Task
from benchmark.declare.scenario import SCALES, Resolved, Scenario
from benchmark.declare.schedules import Cosine, Plateau, Schedule, StepDecay
from benchmark.declare.sources import Sources
from benchmark.declare.training import FULL, Evaluation, Training

__all__ = [
    "Adam",
    "AdamW",
    "Arms",
    "Augmentation",
    "CAUSES",
    "Cases",
    "Cause",
    "Claim",
    "Condition",
    "Cosine",
    "Crossed",
    "Cure",
    "Declared",
    "EarlyStopping",
    "Evaluation",
    "Expectation",
    "FULL",
    "Factorial",
    "Framework",
    "KERAS_2_1",
    "KERAS_2_2",
    "KERAS_3",
    "Model",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "PYTORCH",
    "Plateau",
    "Probe",
    "Product",
    "RMSprop",
    "Resolved",
    "SCALES",
    "SGD",
    "Scenario",
    "Schedule",
    "Sources",
    "StepDecay",
    "Task",
    "Training",
    "Union",
    "UserError",
    "Zipped",
    "find",
    "load_file",
    "one_of",
    "project_root",
    "require",
    "scenario_files",
    "static",
    "traced",
]

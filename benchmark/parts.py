"""What own parts are made of: subclass one, declare its fields, and use it in a scenario.

>>> from dataclasses import dataclass
>>> from benchmark.parts import Schedule, traced
>>> @dataclass(frozen=True)
... class Halved(Schedule):
...     floor: float = traced(0.1, at_least=0)
>>> Halved(floor=-1.0)
Traceback (most recent call last):
benchmark.declare.errors.UserError: Halved.floor is -1.0, but must be at least 0.
"""

from benchmark.declare.claims import Expectation
from benchmark.declare.condition import Batch, Probe, Probing
from benchmark.declare.fields import Declared, static, traced
from benchmark.declare.measure import Measure
from benchmark.declare.parts import Model, Optimizer, Task
from benchmark.declare.paths import with_settings
from benchmark.declare.schedules import Schedule

__all__ = [
    "Batch",
    "Declared",
    "Expectation",
    "Measure",
    "Model",
    "Optimizer",
    "Probe",
    "Probing",
    "Schedule",
    "Task",
    "static",
    "traced",
    "with_settings",
]

"""Optimizers, and what the frameworks call their defaults.

>>> from benchmark import optimizers
>>> optimizers.KERAS_3.adam(0.001).epsilon
1e-07
"""

from benchmark.declare.frameworks import KERAS_2_1, KERAS_2_2, KERAS_3, PYTORCH, Framework
from benchmark.declare.optimizers import SGD, Adam, AdamW, Momentum, Nesterov, RMSprop

__all__ = [
    "KERAS_2_1",
    "KERAS_2_2",
    "KERAS_3",
    "PYTORCH",
    "SGD",
    "Adam",
    "AdamW",
    "Framework",
    "Momentum",
    "Nesterov",
    "RMSprop",
]

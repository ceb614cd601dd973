"""Measures of curves: what is computed from the series of a run, by name.

>>> from benchmark import measures
>>> measures.Jitter("validation_loss").words
'jitter of the validation loss'
"""

from benchmark.statistics.measures import *  # noqa: F403
from benchmark.statistics.measures import __all__ as __all__

"""The built-in measures of curves."""

from benchmark.statistics.measures.standard import evaluate, standard_measures

__all__ = ["evaluate", "standard_measures"]

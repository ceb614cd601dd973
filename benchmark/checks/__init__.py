"""Ground truths: the simulation held against closed forms, through the public machinery."""

from benchmark.checks.check import Check, Comparison, Scale
from benchmark.checks.procedures import procedures
from benchmark.checks.run import all_checks, run_checks

__all__ = ["Check", "Comparison", "Scale", "all_checks", "procedures", "run_checks"]

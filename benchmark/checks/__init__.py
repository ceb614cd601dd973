"""Ground truths: the simulation held against closed forms, through the public machinery."""

from benchmark.checks.check import Check, Comparison
from benchmark.checks.run import all_checks, run_checks

__all__ = ["Check", "Comparison", "all_checks", "run_checks"]

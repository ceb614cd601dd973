"""Looks inside a run."""

from benchmark.probes.gradient_noise import GradientNoise
from benchmark.probes.sharpness import Sharpness
from benchmark.probes.step_rise import StepRise
from benchmark.probes.update_norm import UpdateNorm
from benchmark.probes.weights import Weights

__all__ = ["GradientNoise", "Sharpness", "StepRise", "UpdateNorm", "Weights"]

"""Data as a pool of arrays, and what can be done to them."""

from benchmark.tasks.arrays import Arrays
from benchmark.tasks.digits import Digits
from benchmark.tasks.quadratic import Quadratic
from benchmark.tasks.regression import GaussianRegression
from benchmark.tasks.sequences import CosineArccosine, Surfaces
from benchmark.tasks.teacher import TeacherRegression

__all__ = [
    "Arrays",
    "CosineArccosine",
    "Digits",
    "GaussianRegression",
    "Quadratic",
    "Surfaces",
    "TeacherRegression",
]

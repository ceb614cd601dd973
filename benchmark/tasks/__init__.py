"""Data as a pool of arrays, and what can be done to them."""

from benchmark.tasks.arrays import Arrays
from benchmark.tasks.classes import ClassTask
from benchmark.tasks.digits import Digits
from benchmark.tasks.image_folder import ImageFolder
from benchmark.tasks.images import Images
from benchmark.tasks.medical import MedicalImages
from benchmark.tasks.quadratic import Quadratic
from benchmark.tasks.regression import GaussianRegression
from benchmark.tasks.sequences import CosineArccosine, Surfaces
from benchmark.tasks.sides import Sides
from benchmark.tasks.teacher import TeacherRegression

__all__ = [
    "Arrays",
    "ClassTask",
    "CosineArccosine",
    "Digits",
    "GaussianRegression",
    "ImageFolder",
    "Images",
    "MedicalImages",
    "Quadratic",
    "Sides",
    "Surfaces",
    "TeacherRegression",
]

"""Data as a pool of arrays; what own tasks are made of loads on first use."""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use
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

if TYPE_CHECKING:
    from benchmark.declare.data import Keys, Pool, Split, Subset
    from benchmark.tasks.corruption import clean, split
    from benchmark.tasks.random import normal, permutation

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.tasks.corruption": "clean split",
        "benchmark.declare.data": "Keys Pool Split Subset",
        "benchmark.tasks.random": "normal permutation",
    },
)

__all__ = [
    "Arrays",
    "ClassTask",
    "CosineArccosine",
    "Digits",
    "GaussianRegression",
    "ImageFolder",
    "Images",
    "Keys",
    "MedicalImages",
    "Pool",
    "Quadratic",
    "Sides",
    "Split",
    "Subset",
    "Surfaces",
    "TeacherRegression",
    "clean",
    "normal",
    "permutation",
    "split",
]

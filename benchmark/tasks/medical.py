"""Simulated medical images: is there a lesion in the tissue?"""

from dataclasses import dataclass

from benchmark.declare.data import Pool
from benchmark.declare.fields import static
from benchmark.tasks.classes import ClassTask


@dataclass(frozen=True)
class MedicalImages(ClassTask):
    """Tell tissue without (class 0) from tissue with lesions (class 1); [size, size, 1].

    Our simulation: tissue is a slow and a fine smooth random field, whose brightness and
    strength differ from patient to patient (each image is another patient), under grain.
    One to three small blurred spots, brighter or darker than the tissue around them, make
    the second class; the fine field has bumps nearly as small. Images are drawn once a
    process and have mean 0 and SD 1 over the pool.

    Attributes:
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        size: side of an image in pixels.
        noise: SD of the grain, where tissue varies by about 1.
        pool_size: images that runs draw their samples from, half of them with lesions.
    """

    n_train: int = static(1408, at_least=2)
    n_validation: int = static(1024, at_least=1)
    size: int = static(32, at_least=16, at_most=256)
    noise: float = static(0.25, at_least=0)
    pool_size: int = static(5000, at_least=2)

    @property
    def class_sizes(self) -> tuple[int, ...]:
        return self.pool_size - self.pool_size // 2, self.pool_size // 2

    def pool(self) -> Pool:
        from benchmark.tasks.tissue import tissue_images

        return tissue_images(self.pool_size, self.size, self.noise)

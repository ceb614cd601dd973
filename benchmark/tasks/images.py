"""Simulated pictures of drawn objects, for networks that see in two dimensions."""

from dataclasses import dataclass

from benchmark.declare.data import Pool
from benchmark.declare.fields import static
from benchmark.tasks.classes import ClassTask


@dataclass(frozen=True)
class Images(ClassTask):
    """Tell discs, squares, triangles, crosses and rings apart; [size, size, 1] per sample.

    Each object has its own place, size, angle and contrast, on a background that slopes
    from dark to bright, under pixel noise. Images are drawn once a process and have mean 0
    and SD 1 over the pool; for one number of classes the objects of a smaller pool are
    those of a larger one, at every size and noise.

    Attributes:
        n_train: training samples of a run, drawn anew for every seed.
        n_validation: validation samples, disjoint from them.
        size: side of an image in pixels.
        classes: how many of the five objects there are.
        noise: SD of the noise on each pixel, where an object differs by about 1 from its
            background.
        pool_size: images that runs draw their samples from, equally many of each class.
    """

    n_train: int = static(1024, at_least=2)
    n_validation: int = static(1024, at_least=1)
    size: int = static(16, at_least=16, at_most=256)
    classes: int = static(5, at_least=2, at_most=5)
    noise: float = static(0.15, at_least=0)
    pool_size: int = static(4096, at_least=2)

    @property
    def class_sizes(self) -> tuple[int, ...]:
        whole, rest = divmod(self.pool_size, self.classes)
        return tuple(whole + (c < rest) for c in range(self.classes))

    def pool(self) -> Pool:
        from benchmark.tasks.drawing import object_images

        return object_images(self.pool_size, self.size, self.classes, self.noise)

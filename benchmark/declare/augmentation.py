"""Random changes of the training samples."""

from dataclasses import dataclass

from benchmark.declare.fields import Declared, traced


@dataclass(frozen=True)
class Augmentation(Declared):
    """Random changes of every training sample at every step; evaluation sees none.

    Shift, zoom, shear and flip are for images ``[height, width, channel]``, with bilinear
    interpolation and the edge repeated outside, noise is for any input. None switches a
    change off.

    Attributes:
        shift: largest shift up, down and sideways, as a share of the side.
        zoom: sides are scaled by a factor within 1 ± zoom, each on its own.
        shear: largest tangent of the shear angle, in both directions.
        flip: mirror left and right with probability one half.
        noise: SD of Gaussian noise.
    """

    shift: float | None = traced(None, at_least=0, at_most=1)
    zoom: float | None = traced(None, at_least=0, below=1)
    shear: float | None = traced(None, at_least=0)
    flip: bool = False
    noise: float | None = traced(None, at_least=0)

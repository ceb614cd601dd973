"""Scales of doses."""

import pytest

from benchmark.figures.scale import dose_scale


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ((1, 2, 4, 1024), "log"),
        ((0.0, 0.1, 0.2, 0.4), "linear"),
        ((-1.0, 0.0, 1.0), "linear"),
        ((0.9, 0.99, 0.999), "names"),
        ((0.0, 1e-7, 1.0), "names"),
        (("SGD", "Adam"), "names"),
        ((None, 0.5), "names"),
        ((False, True), "names"),
        ((3,), "names"),
    ],
)
def test_the_scale_tells_doses_apart(levels, kind):
    scale = dose_scale("a.b", levels, [str(level) for level in levels])
    assert scale.kind == kind
    ends = scale.reach(levels)
    places = scale.places(levels)
    assert ends[0] < places.min() <= places.max() < ends[1]

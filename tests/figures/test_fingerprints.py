"""Figures of who is taken for whom."""

import numpy as np

from benchmark.figures import styled
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.statistics.inference.intervals import Interval
from benchmark.statistics.recognition.classifier import Confusion, HeldOut, MixedUp
from benchmark.statistics.recognition.fingerprints import Fingerprint, Mark
from helpers.figures import written


def test_confusions_tell_how_many_are_right_and_frame_who_is_mixed_up():
    names = ("healthy", "small batch", "leak")
    shares = ((1.0, 0.0, 0.0), (0.1, 0.5, 0.4), (0.0, 0.42, 0.58))
    pair = MixedUp(("small batch", "leak"), 0.41)

    def matrix(held_out: HeldOut, right: float, mixed_up: tuple[MixedUp, ...]) -> Confusion:
        accuracy = Interval(right, right - 0.1, right + 0.1)
        return Confusion(held_out, names, shares, accuracy, {}, 1 / 3, mixed_up, 96)

    found = [matrix("runs", 0.69, (pair,)), matrix("systems", 0.34, ())]
    with styled():
        figure = draw_confusions(found)
    text = written(figure)
    assert "69 % of new runs of known systems and in 34 % of runs of a new system" in text
    assert "guess is right in 33 %" in text and "2 leak" in text
    frames = [len(axes.lines) for axes in figure.axes]
    assert frames == [2, 0]
    assert {"100", "50", "42", "58"} <= {t.get_text() for t in figure.axes[0].texts}


def test_fingerprints_mark_what_is_sure_and_its_side():
    def mark(feature: str, shift: float, margin: float) -> Mark:
        return Mark(feature, Interval(shift, shift - margin, shift + margin))

    rows = [
        Fingerprint("small batch", system, (mark("jitter", 6.0, 1.0), mark("level", 0.1, 1.0)))
        for system in ("all", "digits")
    ] + [Fingerprint("leak", "all", (mark("jitter", 0.0, 1.0), mark("level", -2.0, 1.0)))]
    with styled():
        figure = draw_fingerprints(rows)
    text = written(figure)
    assert "2 of 2 causes leave a mark" in text and "(mean over digits)" in text
    drawn = ((line.get_marker(), np.array(line.get_data()).T) for line in figure.axes[0].lines)
    places = {marker: [tuple(place) for place in at] for marker, at in drawn if len(at)}
    assert places == {"+": [(0.5, 0.5)], "_": [(1.5, 1.5)], "o": [(1.5, 0.5), (0.5, 1.5)]}

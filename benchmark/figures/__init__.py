"""Figures, drawn from stored results; imports matplotlib and seaborn, so import it late.

Seaborn sets the ground of the theme and its ramps of colours, and draws what it draws best:
matrices (`heatmap`, `fingerprints`) and points told apart by colour and marker (`scatter`).
Means, quantiles and intervals come computed from an answer; seaborn would compute its own.
"""

from benchmark.figures.bands import bands, draw_bands
from benchmark.figures.curves import draw_curves
from benchmark.figures.dose import draw_doses
from benchmark.figures.draw import draw, drawn
from benchmark.figures.heatmap import heatmap
from benchmark.figures.lines import lines
from benchmark.figures.response import estimates
from benchmark.figures.save import save
from benchmark.figures.scatter import scatter
from benchmark.figures.study import Study
from benchmark.figures.theme import styled
from benchmark.figures.verdicts import draw_verdicts

__all__ = [
    "Study",
    "bands",
    "draw",
    "draw_bands",
    "draw_curves",
    "draw_doses",
    "draw_verdicts",
    "drawn",
    "estimates",
    "heatmap",
    "lines",
    "save",
    "scatter",
    "styled",
]

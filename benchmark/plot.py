"""What a scenario's own figure is drawn with, on axes of matplotlib.

Everything is loaded on first use: a scenario file may import it at its top.
"""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use

if TYPE_CHECKING:
    from benchmark.figures.bands import bands, draw_bands
    from benchmark.figures.heatmap import heatmap
    from benchmark.figures.lines import lines
    from benchmark.figures.response import estimates
    from benchmark.figures.scatter import scatter
    from benchmark.figures.theme import BLUE, DASHES, INK, MARKERS, VERMILION
    from benchmark.wording.numbers import number
    from benchmark.wording.words import level, setting

__all__ = [
    "BLUE",
    "DASHES",
    "INK",
    "MARKERS",
    "VERMILION",
    "bands",
    "draw_bands",
    "estimates",
    "heatmap",
    "level",
    "lines",
    "number",
    "scatter",
    "setting",
]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.figures.bands": "bands draw_bands",
        "benchmark.figures.heatmap": "heatmap",
        "benchmark.figures.lines": "lines",
        "benchmark.figures.response": "estimates",
        "benchmark.figures.scatter": "scatter",
        "benchmark.figures.theme": "BLUE DASHES INK MARKERS VERMILION",
        "benchmark.wording.numbers": "number",
        "benchmark.wording.words": "level setting",
    },
)

"""Plain functions on conditions and their curves, for own measures and figures.

Curves are arrays [run, time]. Everything is loaded on first use: a scenario file may import
it at its top.
"""

from typing import TYPE_CHECKING

from benchmark.declare.lazy import on_first_use

if TYPE_CHECKING:
    from benchmark.measures import jitter
    from benchmark.statistics.attribution.effects import looked_at
    from benchmark.statistics.inference.intervals import compare
    from benchmark.statistics.selection import ConditionResult, Unanswerable, select

__all__ = ["ConditionResult", "Unanswerable", "compare", "jitter", "looked_at", "select"]

__getattr__, __dir__ = on_first_use(
    __name__,
    {
        "benchmark.measures": "jitter",
        "benchmark.statistics.inference.intervals": "compare",
        "benchmark.statistics.attribution.effects": "looked_at",
        "benchmark.statistics.selection": "ConditionResult Unanswerable select",
    },
)

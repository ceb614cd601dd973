"""Where the spread between seeds comes from, in three systems."""

from matplotlib.figure import Figure

from benchmark.figures.components import draw_components
from benchmark.figures.study import Study
from benchmark.statistics.crossed import shared_out
from benchmark.store.results import Stock

SCENARIO = "seed_sources"


def draw_sources(stock: Stock) -> Figure | None:
    """Shares of the first measure's variance, a panel per system; None if none is whole."""
    study = Study.read(stock)
    shares = shared_out(study.crossed, study.measures)
    main = [each for each in shares if each.measure == shares[0].measure]
    return draw_components(study, main) if main else None

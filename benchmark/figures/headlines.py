"""The figures over the whole catalogue, in one list."""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmark.figures import theme
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.figures.mislabelled import SCENARIO as MISLABELLED
from benchmark.figures.mislabelled import draw_mislabelled
from benchmark.figures.posts import SCENARIOS as CASES
from benchmark.figures.posts import draw_posts
from benchmark.figures.ranking import draw_causes_ranked, draw_cures_ranked
from benchmark.figures.save import save
from benchmark.figures.sources import SCENARIO as SOURCES
from benchmark.figures.sources import draw_sources
from benchmark.figures.theory import draw_theory
from benchmark.statistics.overview import Overview
from benchmark.store.checks import Checked
from benchmark.store.results import Stock

_SIZES = "dataset_size"


def headlines(
    stocks: Mapping[str, Stock], found: Overview, checked: Checked | None
) -> Iterator[tuple[str, Figure]]:
    """The figures that can be drawn, with their names; to be used within `theme.styled`.

    Args:
        stocks: scenario → its results.
        found: the tables over all of them.
        checked: what the checks found, if they were run.
    """
    whole = {name for name, stock in stocks.items() if _is_whole(stock)}
    if found.causes:
        yield "causes_ranked", draw_causes_ranked(found.causes)
    if found.cures:
        yield "cures_ranked", draw_cures_ranked(found.cures)
    if found.fingerprints:
        yield "fingerprints", draw_fingerprints(found.fingerprints)
    if found.confusions:
        yield "confusion", draw_confusions(found.confusions)
    of_one: tuple[tuple[str, str, Callable[[Stock], Figure | None]], ...] = (
        ("sources", SOURCES, draw_sources),
        ("sizes", _SIZES, _own),
        ("mislabelled", MISLABELLED, draw_mislabelled),
    )
    for name, scenario, draw in of_one:
        figure = draw(stocks[scenario]) if scenario in whole else None
        if figure is not None:
            yield name, figure
    if whole >= set(CASES):
        yield "posts", draw_posts(stocks)
    if checked is not None:
        yield "theory", draw_theory(checked.comparisons, checked.scale)


def draw_headlines(
    stocks: Mapping[str, Stock],
    found: Overview,
    checked: Checked | None,
    folder: Path,
    formats: Collection[str] = ("png", "svg", "pdf"),
) -> dict[str, Path]:
    """Write them as `benchmark.figures.save.save` does.

    Returns:
        Name → the file's path with the suffix ``.png``, whichever formats are written.

    Raises:
        UserError: a file cannot be written.
    """
    with theme.styled():
        return {
            name: save(figure, folder / name, formats)
            for name, figure in headlines(stocks, found, checked)
        }


def _is_whole(stock: Stock) -> bool:
    held = {runs.condition.id for runs in stock.all_runs()}
    return held >= {condition.id for condition in stock.resolved.conditions}


def _own(stock: Stock) -> Figure:
    """The scenario's own figure."""
    figure = Figure(figsize=(theme.WIDTH[2], 2.6), layout="constrained")
    FigureCanvasAgg(figure)
    assert stock.resolved.scenario.figure is not None
    stock.resolved.scenario.figure(figure, stock)
    return figure

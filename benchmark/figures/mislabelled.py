"""Batch size against wrong labels: the harm of one, and the jitter of many."""

from matplotlib.figure import Figure

from benchmark.figures import theme
from benchmark.figures.lines import lines
from benchmark.figures.sheet import sheet
from benchmark.statistics.answer import condition_results
from benchmark.statistics.measures import Jitter
from benchmark.store.results import Stock

SCENARIO = "label_noise"
_BATCH, _SHARE = "training.batch_size", "task.mislabelled"


def draw_mislabelled(stock: Stock) -> Figure:
    """Left: what one wrong label does to its step. Right: what many do to the curve."""
    scenario = stock.resolved.scenario
    risk = next(claim.measure for claim in scenario.claims if claim.name == "wrong-label-harms")
    held = condition_results(stock)
    figure = sheet(
        theme.WIDTH[2],
        2.5,
        "What wrong labels do to a step, by batch size, and to the curve, by their share",
        "Left: P(the step raises the full training loss | its batch holds a wrong label) − P(… "
        "| none), 5 % of labels wrong. Right: jitter of the validation loss. Means over runs "
        "and 95 % intervals.",
    )
    left, right = figure.subplots(1, 2)
    lines(left, [r for r in held if r.settings["arm"] == "batch size"], risk, _BATCH)
    left.axhline(0, color=theme.INK, linewidth=0.7, linestyle=(0, (2, 2)))
    left.set(ylabel="excess risk (difference of shares)", title="one wrong label in the batch")
    right.set_yscale("log")
    of_share = [r for r in held if r.settings["arm"] == "share"]
    lines(right, of_share, Jitter("validation_loss"), _SHARE, by=_BATCH)
    right.set_title("share of wrong labels × batch size")
    right.legend(loc="center right")
    return figure

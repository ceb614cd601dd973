"""All figures of a scenario, drawn from its stored results."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmark.declare.errors import UserError
from benchmark.declare.scenario import Scenario
from benchmark.figures import theme
from benchmark.figures.attribution import draw_attribution
from benchmark.figures.components import draw_components
from benchmark.figures.curves import draw_curves
from benchmark.figures.dose import draw_doses
from benchmark.figures.save import save
from benchmark.figures.study import Study
from benchmark.figures.verdicts import draw_verdicts
from benchmark.statistics.claims.verdicts import Verdict
from benchmark.statistics.crossed import shared_out
from benchmark.statistics.factorial import attributions
from benchmark.statistics.selection import ConditionResult
from benchmark.store.results import Stock


def draw(
    results: Stock, folder: Path | None = None, verdicts: Sequence[Verdict] | None = None
) -> list[Path]:
    """Write curves, doses, verdicts, attribution, components and the scenario's own figure.

    Args:
        results: where the scenario's blocks are stored.
        folder: where figures go (default: ``figures`` beside the blocks).
        verdicts: on the scenario's claims, if they are known already.

    Returns:
        The PNG files; an SVG and a PDF lie beside each.

    Raises:
        UserError: nothing is stored, a file cannot be written, or the scenario's own figure
            fails, after the others are written.
    """
    folder = folder or results.folder / "figures"
    with theme.styled():
        return [save(figure, folder / name) for name, figure in drawn(results, verdicts)]


def drawn(
    results: Stock, verdicts: Sequence[Verdict] | None = None
) -> Iterator[tuple[str, Figure]]:
    """The figures of `draw` with their names, one after the other, to be used within `styled`.

    Raises:
        UserError: nothing is stored, or the scenario's own figure, the last, fails.
    """
    study = Study.read(results, verdicts)
    yield "curves", draw_curves(study)
    yield "dose", draw_doses(study)
    if study.claims:
        yield "verdicts", draw_verdicts(study)
    found = attributions(study.conditions, study.measures)
    if found:
        yield "attribution", draw_attribution(study, found)
    shares = shared_out(study.crossed, study.measures)
    if shares:
        yield "components", draw_components(study, shares)
    # It compares conditions at will, so it waits until all of them are there.
    wanted = {condition.id for condition in results.resolved.conditions}
    whole = {result.id for result in study.stored} >= wanted
    if whole and results.resolved.scenario.figure is not None:
        yield "special", special(results.resolved.scenario, study.stored)


def special(
    scenario: Scenario, conditions: list[ConditionResult], height: float = 3.2
) -> Figure:
    """The figure that only this scenario has, so many inches high.

    Raises:
        UserError: the scenario's function fails.
    """
    figure = Figure(figsize=(theme.WIDTH[2], height), layout="constrained")
    FigureCanvasAgg(figure)
    assert scenario.figure is not None
    try:
        scenario.figure(figure, conditions)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"The special figure of {scenario.name!r} could not be drawn: "
            f"{type(error).__name__}: {error}"
        ) from error
    return figure

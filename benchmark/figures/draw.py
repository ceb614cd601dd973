"""All figures of a scenario, drawn from its stored results."""

from collections.abc import Iterator
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmark.answers.answer import Answer
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
from benchmark.statistics.selection import ConditionResult


def draw(answer: Answer, folder: Path | None = None) -> list[Path]:
    """Write curves, doses, verdicts, attribution, components and the scenario's own figure.

    Args:
        answer: of a scenario.
        folder: where figures go (default: ``figures`` beside the blocks).

    Returns:
        The PNG files; an SVG and a PDF lie beside each.

    Raises:
        UserError: nothing is stored, a file cannot be written, or the scenario's own figure
            fails, after the others are written.
    """
    folder = folder or answer.results.folder / "figures"
    with theme.styled():
        return [save(figure, folder / name) for name, figure in drawn(answer)]


def drawn(answer: Answer) -> Iterator[tuple[str, Figure]]:
    """The figures of `draw` with their names, one after the other, to be used within `styled`.

    Raises:
        UserError: nothing is stored, or the scenario's own figure, the last, fails.
    """
    study = Study.of(answer)
    yield "curves", draw_curves(study)
    yield "dose", draw_doses(study)
    if study.claims:
        yield "verdicts", draw_verdicts(study)
    if answer.attributions:
        yield "attribution", draw_attribution(study, answer.attributions)
    if answer.components:
        yield "components", draw_components(study, answer.components)
    # It compares conditions at will, so it waits until all of them are there.
    if answer.is_whole and answer.scenario.figure is not None:
        yield "special", special(answer.scenario, answer.conditions)


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

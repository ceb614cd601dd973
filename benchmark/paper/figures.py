"""The figures of the paper, over the whole catalogue, in one list."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from benchmark.answers.answer import Answer
from benchmark.answers.overview import Overview
from benchmark.declare.steps import Steps, silently
from benchmark.figures import theme
from benchmark.figures.components import draw_components
from benchmark.figures.draw import special
from benchmark.figures.fingerprints import draw_confusions, draw_fingerprints
from benchmark.figures.ranking import draw_causes_ranked, draw_cures_ranked
from benchmark.figures.save import save
from benchmark.figures.study import Study
from benchmark.figures.theory import draw_theory
from benchmark.paper.posts import draw_posts
from benchmark.posts import posts
from benchmark.store.checks import Checked


def headlines(
    answers: Mapping[str, Answer],
    found: Overview,
    checked: Checked | None,
    steps: Steps = silently,
) -> Iterator[tuple[str, Figure]]:
    """The figures that can be drawn, with their names; to be used within `theme.styled`.

    Args:
        answers: scenario → its answer; those of `drawn_scenarios` with their runs.
        found: the tables over all of them.
        checked: what the checks found, if they were run.
        steps: tells how far it is.
    """
    drawings: dict[str, Callable[[], Figure | None]] = {}
    if found.causes:
        drawings["causes_ranked"] = partial(draw_causes_ranked, found.causes)
    if found.cures:
        drawings["cures_ranked"] = partial(draw_cures_ranked, found.cures)
    if found.fingerprints:
        drawings["fingerprints"] = partial(draw_fingerprints, found.fingerprints)
    if found.confusions:
        drawings["confusion"] = partial(draw_confusions, found.confusions)
    for name, (scenario, draw) in _OF_ONE.items():
        one = answers.get(scenario)
        if one is not None and one.is_whole:
            drawings[name] = partial(draw, one)
    drawings["posts"] = partial(draw_posts, answers)
    if checked is not None:
        drawings["theory"] = partial(draw_theory, checked.comparisons, checked.scale)
    for name in steps(list(drawings), "drawing"):
        figure = drawings[name]()
        if figure is not None:
            yield name, figure


def draw_headlines(
    answers: Mapping[str, Answer],
    found: Overview,
    checked: Checked | None,
    folder: Path,
    formats: Collection[str] = ("png", "svg", "pdf"),
    steps: Steps = silently,
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
            for name, figure in headlines(answers, found, checked, steps)
        }


def drawn_scenarios() -> set[str]:
    """Names of the scenarios whose runs these figures show."""
    return {scenario for scenario, _ in _OF_ONE.values()} | {
        post.rebuilt.scenario for post in posts()
    }


def _own(answer: Answer) -> Figure:
    """The scenario's own figure, lower than beside its others."""
    return special(answer.scenario, answer.conditions, 2.6)


def _sources(answer: Answer) -> Figure | None:
    """Shares of the first measure's variance, a panel per design; None if none is whole."""
    shares = answer.components
    main = [each for each in shares if each.measure == shares[0].measure]
    return draw_components(Study.of(answer), main) if main else None


_OF_ONE: dict[str, tuple[str, Callable[[Answer], Figure | None]]] = {
    "sources": ("seed_sources", _sources),
    "sizes": ("dataset_size", _own),
    "mislabelled": ("label_noise", _own),
}
"""Figure of the paper → the scenario it is of, and how it is drawn."""

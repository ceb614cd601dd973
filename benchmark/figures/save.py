"""Figures on disk: PNG, SVG and PDF, the same bytes every time, whole or not there."""

from collections.abc import Collection
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from benchmark.declare.errors import UserError
from benchmark.store.atomic import replacing

DPI = 200


def _png(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})


def _svg(figure: Figure, path: Path) -> None:
    FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None, "Creator": None})


def _pdf(figure: Figure, path: Path) -> None:
    metadata = {"CreationDate": None, "Creator": None, "Producer": None}
    FigureCanvasPdf(figure).print_pdf(path, metadata=metadata)


# Figure.savefig would draw each figure twice. None in the metadata keeps out the date and
# the version of matplotlib.
_WRITERS = {"png": _png, "svg": _svg, "pdf": _pdf}


def _settle(figure: Figure) -> None:
    """Find the layout for good; each format would find it anew."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        # The solver's last digits vary, and SVG derives names from them.
        box = axes.get_position(original=True)
        axes.set_position(Bbox(box.get_points().round(6)))


def settled(figure: Figure) -> Figure:
    """The same figure with its layout found, to be shown or saved by somebody else.

    Notebooks, and ``savefig(…, bbox_inches="tight")``, cut off what is kept out of the layout,
    as title and key are that have strips of their own.
    """
    FigureCanvasAgg(figure)
    _settle(figure)
    for artist in figure.get_children():
        artist.set_in_layout(True)
    return figure


def save(figure: Figure, path: Path, formats: Collection[str] = tuple(_WRITERS)) -> Path:
    """Write `figure` as ``path.png`` (200 dpi), ``.svg`` and ``.pdf``.

    Args:
        figure: drawn within `benchmark.figures.theme.styled`, and saved within it.
        path: without suffix.
        formats: those of the three to be written.

    Returns:
        The path of the PNG.

    Raises:
        UserError: the folder cannot be written.
    """
    FigureCanvasAgg(figure)
    # Small type is narrower at a low resolution than in SVG and PDF, which have none.
    figure.dpi = DPI
    _settle(figure)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix in formats:
            with replacing(path.with_name(f"{path.name}.{suffix}")) as aside:
                _WRITERS[suffix](figure, aside)
    except OSError as error:
        raise UserError(
            f"{path}.png could not be written: {error.strerror or error}."
        ) from error
    return path.with_name(f"{path.name}.png")

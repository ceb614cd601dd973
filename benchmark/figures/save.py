"""Figures on disk: PNG, SVG and PDF, the same bytes every time, whole or not there."""

import os
import socket
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmark.declare.errors import UserError

DPI = 200
# None keeps out the date and the version of matplotlib.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def save(figure: Figure, path: Path) -> Path:
    """Write `figure` as ``path.png`` (200 dpi), ``.svg`` and ``.pdf``.

    Args:
        figure: drawn within `benchmark.figures.theme.styled`, and saved within it.
        path: without suffix.

    Returns:
        The path of the PNG.

    Raises:
        UserError: the folder cannot be written.
    """
    FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        # The layout is found once; each format would find it anew.
        engine.execute(figure)
        figure.set_layout_engine("none")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix, metadata in _METADATA.items():
            _write(figure, path.with_name(f"{path.name}.{suffix}"), suffix, metadata)
    except OSError as error:
        raise UserError(
            f"{path}.png could not be written: {error.strerror or error}."
        ) from error
    return path.with_name(f"{path.name}.png")


def _write(figure: Figure, path: Path, suffix: str, metadata: dict[str, None]) -> None:
    aside = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}.part")
    try:
        figure.savefig(aside, format=suffix, dpi=DPI, metadata=metadata)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)

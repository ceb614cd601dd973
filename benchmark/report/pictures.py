"""Figures that travel within the page, with words that say what they show."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

_SCALE = 120
"""CSS pixels per inch of a figure: a quarter larger than on paper."""

_DPI = 192
"""Sharp on screens of 1.6 device pixels per CSS pixel; the page has some hundred figures."""

_WHITE = 252
"""Colours as light as this are the paper."""

_ENOUGH = 600
"""Characters after which further panels are not named."""


@dataclass(frozen=True)
class Picture:
    """A figure within the page.

    Attributes:
        kind: what is drawn, in words: "dose-response".
        source: the image as a data URI.
        width, height: in CSS pixels.
        alternative: what it shows, for those who cannot see it.
    """

    kind: str
    source: str
    width: int
    height: int
    alternative: str


def picture(figure: Figure, kind: str) -> Picture:
    """A figure as WebP of 256 colours, the same bytes for the same figure.

    Args:
        figure: drawn, and passed on, within `benchmark.figures.theme.styled`.
        kind: what is drawn, in words.
    """
    figure.dpi = _DPI
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    held = io.BytesIO()
    _few_colours(image.convert("RGB")).save(held, "WEBP", lossless=True, quality=60, method=3)
    source = f"data:image/webp;base64,{base64.b64encode(held.getvalue()).decode()}"
    width, height = (round(_SCALE * inches) for inches in figure.get_size_inches())
    return Picture(kind, source, width, height, alternative(figure, kind))


def _few_colours(image: Image.Image) -> Image.Image:
    """The image in 256 colours, which halves its size; its paper stays white."""
    few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette(), np.uint8).reshape(-1, 3)
    palette[palette.min(axis=1) >= _WHITE] = 255
    few.putpalette(palette.tobytes())
    return few.convert("RGB")


def alternative(figure: Figure, kind: str) -> str:
    """What a figure says of itself: its message, how to read it, the titles of its panels."""
    # The title is one of the texts, the first.
    said = [f"{_line(text.get_text()).rstrip('.')}." for text in figure.texts[:2]]
    titles = dict.fromkeys(
        _line(axes.get_title(loc))
        for axes in figure.axes
        for loc in ("left", "center", "right")
    )
    panels: list[str] = []
    for title in filter(None, titles):
        if sum(map(len, (*said, *panels))) > _ENOUGH:
            panels.append("and more")
            break
        panels.append(title)
    named = [f"Panels: {'; '.join(panels)}."] if panels else []
    return " ".join([f"Figure, {kind}.", *said, *named])


def _line(text: str) -> str:
    return " ".join(text.replace("$", "").split())

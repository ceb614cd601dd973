"""What is written in a figure."""

from matplotlib.figure import Figure
from matplotlib.text import Text


def texts(figure: Figure) -> list[str]:
    """Every text."""
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]


def written(figure: Figure) -> str:
    """All of them, without line breaks."""
    return " ".join(" ".join(texts(figure)).split())

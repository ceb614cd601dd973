"""Whether this is a notebook, and what makes it show figures. Imports nothing of Jupyter's."""

import sys
from typing import Any


def in_notebook() -> bool:
    """Whether what is printed goes below a cell of a notebook."""
    # Services have classes of their own, made from this one.
    return any(each.__name__ == "ZMQInteractiveShell" for each in type(_shell()).__mro__)


def show_figures() -> None:
    """Let a notebook show figures, if it does not yet, and not only say that they are some.

    It does so by itself only after pyplot has drawn one.
    """
    shell = _shell()
    if shell is None:
        return
    from IPython.core.pylabtools import select_figure_formats
    from matplotlib.figure import Figure

    ways = shell.display_formatter.formatters.values()
    if not any(Figure in way.type_printers for way in ways):
        select_figure_formats(shell, {"png"})


def _shell() -> Any:
    """The IPython that this runs in, or None."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()

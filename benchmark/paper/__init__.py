"""The paper: numbers, tables and figures from results, and the PDF from them."""

from benchmark.paper.build import build, typeset
from benchmark.paper.content import Content, collect

__all__ = ["Content", "build", "collect", "typeset"]

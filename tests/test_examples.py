"""The examples in docstrings run, and print what they say."""

import doctest
import pkgutil
from importlib import import_module

import pytest

from benchmark.statistics import measures

MODULES = (
    "benchmark.declare.measure",
    "benchmark.declare.series",
    "benchmark.measures",
    *(f"{measures.__name__}.{each.name}" for each in pkgutil.iter_modules(measures.__path__)),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str):
    result = doctest.testmod(import_module(name))
    assert result.failed == 0
    assert result.attempted > 0 or name.endswith("standard")

"""The examples in docstrings, run as they stand."""

import doctest
from importlib import import_module

import pytest

from benchmark.declare.source import PACKAGE

MODULES = [
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text()
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name: str):
    module = import_module(name.removesuffix(".__init__"))
    # Their classes are a reader's own, and none of the package.
    outcome = doctest.testmod(module, extraglobs={"__name__": "examples"})
    assert outcome.attempted and not outcome.failed

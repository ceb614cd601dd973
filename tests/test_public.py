"""What authors of scenarios may use: public namespaces, which cost nothing until used."""

import ast
from pathlib import Path

import pytest

import benchmark
from benchmark import (
    claims,
    curves,
    measures,
    models,
    optimizers,
    parts,
    plot,
    probes,
    tasks,
    theory,
)  # fmt: skip
from benchmark.declare.places import scenario_files
from helpers.shell import python

PUBLIC = {
    space.__name__.partition(".")[2]: space
    for space in (
        claims, curves, measures, models, optimizers, parts, plot, probes, tasks, theory,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_a_namespace_offers_what_it_lists(name: str):
    namespace = PUBLIC[name]
    assert getattr(benchmark, name) is namespace
    assert set(namespace.__all__) <= set(dir(namespace))
    assert all(getattr(namespace, each) is not None for each in namespace.__all__)
    with pytest.raises(AttributeError, match=f"{name}.* has no attribute 'nothing'"):
        _ = namespace.nothing


def test_all_that_is_offered_is_there():
    assert all(getattr(benchmark, name) is not None for name in benchmark.__all__)
    assert set(benchmark.__all__) <= set(dir(benchmark))


def test_a_file_of_mine_may_import_them_at_its_top():
    code = (
        "import benchmark\n"
        f"from benchmark import {', '.join(PUBLIC)}\n"
        "import sys\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ended = python(code)
    assert "benchmark" in ended.stdout.split(), ended.stderr
    assert not {"jax", "matplotlib", "pandas", "scipy", "xarray"} & set(ended.stdout.split())


@pytest.mark.parametrize("path", scenario_files().values(), ids=lambda path: path.stem)
def test_scenarios_import_from_benchmark_alone(path: Path):
    """Never from a module below it: those may move."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not [a.name for a in node.names if a.name.startswith("benchmark.")]
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("benchmark."), node.lineno
            if node.module == "benchmark":
                assert {alias.name for alias in node.names} <= set(benchmark.__all__)

"""Expectations: what each of them owns and says."""

import ast
from pathlib import Path

import pytest

import benchmark
from benchmark import claims
from benchmark.claims import Expectation, Region
from benchmark.measures import Final, Jitter
from helpers.shell import python

PACKAGE = Path(benchmark.__file__).parent

KINDS = (
    claims.PowerLaw, claims.Increases, claims.Decreases, claims.Ratio, claims.Difference,
    claims.Within, claims.Equals, claims.NoEffect, claims.Peaks, claims.Share,
)  # fmt: skip


@pytest.mark.parametrize("kind", [*KINDS, claims.Claim, Expectation])
def test_everyone_has_an_example(kind: type):
    assert ">>>" in (kind.__doc__ or "")


@pytest.mark.parametrize(
    ("region", "stored", "said"),
    [
        (Region("ratio", low=2), "ratio at least 2", "ratio at least 2"),
        (Region("ratio", high=1e5), "ratio at most 1e+05", "ratio at most 1\u00a0×\u00a010⁵"),
        (Region("difference", -0.5, 0.25), "difference in [-0.5, 0.25]",
         "difference in [−0.5, 0.25]"),
        (Region("slope of y on x", low=0.1234567, words="slope along x", strict=True),
         "slope of y on x above 0.123457", "slope along x above 0.123"),
        (Region("slope of y on x", high=-0.0, words="slope along x", strict=True),
         "slope of y on x below 0", "slope along x below 0"),
        (Region("slope", -1, 1, strict=True), "slope in (-1, 1)", "slope in (−1, 1)"),
        (Region("final(loss)", low=0, words=""), "final(loss) at least 0", "at least 0"),
    ],
)  # fmt: skip
def test_a_region_in_words(region: Region, stored: str, said: str):
    assert (str(region), region.said) == (stored, said)


def test_a_region_knows_what_it_is_of():
    assert Region("ratio", low=2).of(Jitter("train_loss")) == (
        "ratio: jitter of the training loss"
    )
    itself = Region("final(train_loss)", low=2, words="")
    assert itself.of(Final("train_loss")) == "final training loss"
    assert itself.ends == (2, float("inf"))


def test_importing_claims_imports_no_scipy():
    """Scenario files import expectations, and `list` imports scenario files."""
    heavy = "{'scipy', 'pandas', 'jax', 'matplotlib', 'xarray'}"
    code = f"import sys, benchmark.claims; print(*{heavy} & set(sys.modules))"
    done = python(code)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_nobody_asks_which_expectation_it_is():
    """Kinds are named where they are defined, exported, declared or tried, not asked for."""
    names = {kind.__name__ for kind in KINDS}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                asked = node.args[1:]
            elif isinstance(node, ast.MatchClass):
                asked = [node.cls]
            inner = (each for one in asked for each in ast.walk(one))
            found = {getattr(n, "id", getattr(n, "attr", "")) for n in inner}
            assert not found & names, f"{path}, line {getattr(node, 'lineno', '?')}"

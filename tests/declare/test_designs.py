"""Designs: what varies, and how much of it is allowed."""

import re

import pytest

from benchmark import (
    SGD,
    Cases,
    Condition,
    Crossed,
    Factorial,
    Point,
    Product,
    Quadratic,
    Scenario,
    Training,
    Union,
    UserError,
    Zipped,
)
from benchmark.declare.designs import SOURCE, axes_of, is_label, size_of
from helpers.declared import BATCH, RATE, levels, scenario

# --- what varies --------------------------------------------------------------------------


def test_a_mapping_is_a_product():
    resolved = scenario({BATCH: (4, 8), RATE: (0.1, 0.2, 0.3)}).resolve()
    assert levels(resolved, BATCH, RATE) == [(b, r) for b in (4, 8) for r in (0.1, 0.2, 0.3)]
    assert resolved.axes == (RATE, BATCH)
    assert resolved.dose == BATCH
    assert scenario({BATCH: (4,)}, dose=RATE).resolve().dose == RATE


def test_zipped_axes_move_together():
    resolved = scenario(Zipped({BATCH: (4, 8), RATE: (0.1, 0.2)})).resolve()
    assert levels(resolved, BATCH, RATE) == [(4, 0.1), (8, 0.2)]
    with pytest.raises(UserError, match="equally many levels, but have .*2.*3"):
        Zipped({BATCH: (4, 8), RATE: (0.1, 0.2, 0.3)})


def test_cases_and_unions():
    cases = Cases(({BATCH: 4}, {RATE: 0.2}, {}))
    assert levels(scenario(cases).resolve(), BATCH, RATE) == [(4, 0.1), (16, 0.2), (16, 0.1)]
    both = Union({BATCH: (4, 8)}, {BATCH: (8, 16)})
    assert levels(scenario(both).resolve(), BATCH) == [(4,), (8,), (16,)], "each one once"
    assert axes_of(Union({BATCH: (4,)}, cases)) == (BATCH, RATE)


def test_later_designs_of_a_product_win():
    design = Product({BATCH: (4,), RATE: (0.1, 0.2)}, Cases(({BATCH: 8},)))
    assert list(design) == [{BATCH: 8, RATE: 0.1}, {BATCH: 8, RATE: 0.2}]


@pytest.mark.parametrize("wrong", [4, "4", (), None])
def test_an_axis_needs_levels(wrong):
    with pytest.raises(UserError, match=re.escape(f"vary['{BATCH}'] is {wrong!r}, but must")):
        scenario({BATCH: wrong})


# --- declaration --------------------------------------------------------------------------


def test_crossed_conditions():
    cases = list(Crossed("data", "one_bit", "order"))
    assert len(cases) == 8 and all(case["sources.one_bit"] for case in cases)
    assert cases[0]["sources.second"] == () and cases[-1]["sources.second"] == (
        "data",
        "one_bit",
        "order",
    )
    assert all(is_label(path) for path in cases[0] if path.startswith(SOURCE))
    for sources, said in (
        (("data", "ordre"), "Did you mean 'order'"),
        (("data", "data"), "names the source 'data' twice"),
        (("data",), "two sources or more"),
    ):
        with pytest.raises(UserError, match=said):
            Crossed(*sources)


# --- requests beyond any computer ---------------------------------------------------------

GRID = {f"task.a{i}": tuple(range(1000)) for i in range(3)}


@pytest.mark.parametrize(
    ("design", "size"),
    [
        (Product(GRID), 10**9),
        (
            Product(Product(GRID), Factorial({f"s{i}": ({}, {}) for i in range(30)})),
            10**9 * 2**30,
        ),
        (Union(Product(GRID), Cases(({}, {}))), 10**9 + 2),
        (Zipped({"a": (1, 2, 3), "b": (4, 5, 6)}), 3),
        (Factorial({f"s{i}": ({}, {}) for i in range(2000)}), 2**2000),
    ],
)
def test_designs_are_counted_and_not_listed(design, size: int):
    assert size_of(design) == size


class Endless:
    """A design of somebody's own that never ends and does not say so."""

    def __iter__(self):
        while True:
            yield {}


def test_an_endless_design_is_refused():
    base = Condition(Quadratic(n_train=8), Point(), SGD(0.2), Training(6, 4))
    with pytest.raises(UserError, match="10,001 conditions"):
        Scenario("?", ".", base, vary=Endless())

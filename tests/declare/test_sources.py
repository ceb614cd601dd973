"""Sources of randomness: the run's second seed."""

import pytest

from benchmark import Sources, UserError
from benchmark.declare.paths import with_settings
from benchmark.declare.sources import SECOND, SOURCES
from helpers.declared import BASE


def test_a_source_takes_the_runs_second_seed():
    sources = Sources(data=7, second=("order", "initialisation"))
    seeds = dict(zip(SOURCES, sources.seeds(3), strict=True))
    assert seeds.pop("initialisation") == seeds.pop("order") == 3 + SECOND
    assert seeds.pop("data") == 7 and set(seeds.values()) == {3}
    assert max(Sources(second=("data",)).seeds(SECOND - 1)) < 2**31


def test_second_seeds_share_a_program_and_names_have_no_order():
    one, other = (
        with_settings(BASE, {"sources.second": names})
        for names in (("order", "data"), ("data", "order"))
    )
    assert one.id == other.id != BASE.id and one.group == BASE.group
    assert with_settings(BASE, {"sources.second": ()}).id == BASE.id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"second": ("ordre",)}, "Did you mean 'order'"),
        ({"second": ("order",), "order": 1}, "'order', but that source is pinned"),
        ({"second": ("one_bit",)}, "'one_bit', but one_bit is off"),
    ],
)
def test_second_seeds_that_mean_nothing(fields, said):
    with pytest.raises(UserError, match=said):
        Sources(**fields)

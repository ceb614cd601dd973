"""Every statement of the posts is tested by a claim that exists."""

import pytest

from benchmark.declare.catalogue import load_file, scenario_files
from benchmark.declare.statements import POSTS, STATEMENTS

FILES = scenario_files()


@pytest.mark.parametrize("name", sorted({statement.scenario for statement in STATEMENTS}))
def test_scenario_has_the_claims(name: str) -> None:
    claims = {claim.name for claim in load_file(FILES[name]).claims}
    assert {s.claim for s in STATEMENTS if s.scenario == name} <= claims


def test_every_post_says_something_and_nothing_twice() -> None:
    assert {statement.post for statement in STATEMENTS} == set(POSTS)
    said = [(statement.post, statement.says) for statement in STATEMENTS]
    assert len(said) == len(set(said))
    assert len(STATEMENTS) >= 30

"""The figures over the catalogue."""

from pathlib import Path

import pytest

from benchmark.answers.answer import answers
from benchmark.answers.overview import overview
from benchmark.paper.figures import draw_headlines, drawn_scenarios
from benchmark.posts import posts
from helpers.made_up import CHECKED, stocks

# Answers of the whole catalogue are thousands of small calls.
pytestmark = pytest.mark.usefixtures("unchecked")


def test_headlines_are_drawn_where_results_are_whole(tmp_path: Path) -> None:
    cases = [post.rebuilt.scenario for post in posts()]
    held = stocks(tmp_path, "label_noise", "dataset_size", *cases)
    every = answers(held, drawn_scenarios())
    together = overview(each.part for each in every.values())
    drawn = draw_headlines(every, together, CHECKED, tmp_path, ("svg",))
    assert {"causes_ranked", "cures_ranked", "sizes", "mislabelled", "posts", "theory"} == set(
        drawn
    )
    assert all(path.with_suffix(".svg").stat().st_size > 10_000 for path in drawn.values())

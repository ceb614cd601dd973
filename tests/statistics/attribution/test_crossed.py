"""Shares of sources, from a crossed design to the answer."""

import numpy as np
import pytest

from benchmark import Claim, Crossed, Final, Product, Share
from benchmark.declare.paths import with_settings
from benchmark.execution.run import run as execute
from benchmark.statistics.attribution.crossed import shared_out
from helpers.crossed import LAST, NAMES, additive, results
from helpers.declared import BASE

# --- results ------------------------------------------------------------------------------


def test_shares_of_sources():
    (found,) = shared_out(results(additive()), [LAST])
    assert (found.replicates, found.conditions, found.arm) == (64, 8, "")
    assert [source.source for source in found.sources] == list(NAMES)
    first, _, last = found.sources
    assert first.main == first.total == first.shapley
    assert first.main.estimate is not None and 0.8 < first.main.estimate < 0.97
    assert (last.total.estimate, last.total.low, last.total.high) == pytest.approx((0, 0, 0))
    assert found.interactions.estimate == pytest.approx(0)
    assert found.sd.low is not None and found.sd.high is not None
    assert found.sd.low < 1 < found.sd.high
    assert sum(source.shapley.estimate or 0 for source in found.sources) == pytest.approx(1)


def test_what_is_missing():
    values = additive()
    whole = results(values)
    assert shared_out(whole[1:], [LAST]) == []
    assert shared_out([*whole, whole[0]], [LAST]) == []
    assert shared_out(whole, [Final("y")]) == []
    assert shared_out(results(values[:1]), [LAST]) == []
    # A seed without a value under one condition is left out under all.
    values[5, 0, 1, 0] = np.nan
    assert shared_out(results(values), [LAST])[0].replicates == 63
    values[:40, 0, 1, 0] = np.nan
    assert shared_out(results(values), [LAST]) == []
    (still,) = shared_out(results(np.ones((4, 2, 2, 2))), [LAST])
    assert still.sources[0].main.estimate is None and still.sd.estimate == 0


# --- from declaration to shares -----------------------------------------------------------


def test_a_crossed_scenario_is_run_and_shared_out(tmp_path):
    from benchmark.answers.answer import answer
    from benchmark.declare.scenario import Scenario
    from benchmark.execution.run import Options
    from benchmark.figures import draw as draw_all
    from benchmark.store.results import Results

    base = with_settings(BASE, {"training.epochs": 2, "training.batch_size": 16})
    declared = Scenario(
        "Which source?",
        "One.",
        base,
        Product({"sources.data": (0,)}, Crossed("initialisation", "order")),
        claims=(
            Claim("start", "The start spreads runs.", Final("train_loss"), Share(low=0.01)),
        ),
        seeds=4,
        block=4,
        name="crossed",
    )
    resolved = declared.resolve()
    execute(resolved, tmp_path, Options("inline"))
    stored = Results.at(resolved, tmp_path)
    said = answer(stored)
    (found,) = said.components
    assert found.replicates == 4 and found.conditions == 4
    assert {source.source for source in found.sources} == {"initialisation", "order"}
    assert found.sd.estimate is not None and found.sd.estimate > 0
    assert said.as_json()["components"][0]["measure"] == "final(train_loss)"
    drawn = draw_all(said)
    assert "components.png" in {path.name for path in drawn}
